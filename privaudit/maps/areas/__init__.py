"""Maps of counts by area: their protections, and what is inverted from them."""
