"""What traces give away: who is singled out and matched."""
