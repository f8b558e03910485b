"""Linear programmes and the one door to their solver; nothing here knows of posts."""
