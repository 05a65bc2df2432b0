"""Attacks on maps of dots, areas and heat, and what they give away."""

from privaudit.core.lazy_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
