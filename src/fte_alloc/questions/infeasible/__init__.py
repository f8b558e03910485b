"""Why no plan is possible: limits in conflict, and the cheapest repairs."""
