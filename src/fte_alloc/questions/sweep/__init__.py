"""Many cases of one scenario: grids of values and samples of what is uncertain."""
