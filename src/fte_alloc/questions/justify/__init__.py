"""Which weights would make a given plan the best one."""
