"""Comparison of plans: results and posts, causes of differences, each plan in each scenario."""
