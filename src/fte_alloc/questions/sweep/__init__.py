"""Many cases of one scenario: grids of values and samples of uncertain inputs."""
