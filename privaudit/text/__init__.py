"""Text as people type it: one normaliser for headers, names, addresses and cells."""
