"""Public geography: address files, statistical cells, projections. No person."""
