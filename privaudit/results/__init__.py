"""A number with all that it needs to be read: `Row`, `Rows`, `Measures`, `Exposure`."""
