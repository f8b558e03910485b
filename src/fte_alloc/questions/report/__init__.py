"""The page of ``report``: the best plan of one scenario or several, with its causes and sources."""
