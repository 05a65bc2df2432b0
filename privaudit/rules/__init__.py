"""What the rules of a date say of a description and of what was found: never a legal opinion."""
