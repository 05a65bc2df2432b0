"""Measures on tables of records: classes, disclosure, uniqueness."""
