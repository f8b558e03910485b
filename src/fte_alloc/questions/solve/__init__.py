"""The answer of ``solve``: figures and posts of the best plan, its limits and their prices."""
