"""Questions asked of problems and plans."""
