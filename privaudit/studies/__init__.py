"""Named compositions, end to end. The only layer that sees the truth and the attacks."""
