"""Any frame, file or engine to counts, and counts to rows: one intake, one measure."""
