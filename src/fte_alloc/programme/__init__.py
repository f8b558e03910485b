"""The allocation problem: its data, limits, coverage curves, linear programme and judge."""
