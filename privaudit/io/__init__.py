"""Reading and writing files: addresses, maps, tables, exports."""

from privaudit.core.lazy_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
