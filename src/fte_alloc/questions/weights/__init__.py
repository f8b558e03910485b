"""How far each weight can move before the plan changes."""
