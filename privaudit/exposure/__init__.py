"""Guesses beside the truth: who was found, at which door, and what was learnt."""
