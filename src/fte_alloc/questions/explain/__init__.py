"""Explain a plan: why a territory has so many posts, and what one more or less would bring."""
