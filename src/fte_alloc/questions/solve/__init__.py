"""The best plan: its figures, its posts, what limits it and what more of each limit would bring."""
