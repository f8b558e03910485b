"""One plan for several scenarios, with the least regret against the best plan of each scenario."""
