"""What every stage stands on: checks, named random streams, the store, progress, output."""
