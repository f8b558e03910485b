"""How a plan is found and proved: rounds of tangents, prices, many problems solved hot."""
