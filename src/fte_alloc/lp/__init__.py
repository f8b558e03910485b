"""Linear programmes and their solver; independent of posts and regions."""
