"""Pictures of a map: drawn, opened, read back into dots, and laid on the ground."""
