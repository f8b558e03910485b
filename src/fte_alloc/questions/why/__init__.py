"""Which inputs make the difference between two plans."""
