"""Measures on traces: who is singled out by a few known points."""
