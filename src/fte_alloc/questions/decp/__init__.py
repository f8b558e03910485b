"""Contracts counted from the national procurement data (données essentielles)."""
