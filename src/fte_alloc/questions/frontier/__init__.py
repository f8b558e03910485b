"""The trade-off between two objectives: the best plans at both, and what one costs the other."""
