"""What an adversary can work out from a release. Nothing here ever sees the truth."""
