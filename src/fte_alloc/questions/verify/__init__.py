"""Verify a saved plan: every figure recomputed and its bound proved again, without a solver."""
