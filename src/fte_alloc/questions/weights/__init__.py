"""The interval in which each weight can move before the plan changes."""
