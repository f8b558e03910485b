"""The trade-off of two objectives: the plans best at both, and the price of one in the other."""
