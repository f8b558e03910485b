"""Files → ``Problem``, every value with its origin."""
