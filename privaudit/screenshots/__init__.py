"""Reading the dots of a map, or its heat, from a picture."""

from privaudit.core.lazy_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
