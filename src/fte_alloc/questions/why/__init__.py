"""Causes of the difference between two plans: the effect of each change of an input."""
