"""Linking files that hold the same people."""

from privaudit.core.lazy_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
