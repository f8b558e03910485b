"""The search for plans and their proofs: rounds of tangents, prices, tables, warm starts."""
