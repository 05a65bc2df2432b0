"""Any data frame, any size: what the measures need to count, counted where the data is."""
