"""The waist: what an adversary might see, made by a campaign or read from a real file."""
