"""What a map gives away: guesses beside the truth, and whom it harms."""
