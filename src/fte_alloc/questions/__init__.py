"""The questions that can be asked, a folder each: what is computed, and what is said of it."""
