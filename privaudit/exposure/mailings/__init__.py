"""What targeted messages tell, and of whom."""
