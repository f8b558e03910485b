"""One plan for several scenarios: the least that it can lose against the best plan of each."""
