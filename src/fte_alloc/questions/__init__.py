"""The questions of users: most have a folder with its computation and its answer in words."""
