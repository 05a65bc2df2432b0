"""A fictional town, its people, what they like, and the registers that name them."""
