"""Scores of attacks on tables: what they guess, held against the truth."""
