"""What a table gives away, measured and attacked."""
