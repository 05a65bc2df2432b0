"""Measures on points and addresses: posteriors, neighbours, patterns."""
