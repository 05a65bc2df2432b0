"""The mathematics: NumPy in, NumPy out. No frames, no random state, no files."""
