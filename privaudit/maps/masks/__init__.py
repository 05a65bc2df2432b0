"""Geomasks: how the dots of a map are moved, and how likely each move is."""

from typing import Any

from privaudit.core.lazy_names import attach

_listed, __dir__, __all__ = attach(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Return a listed name, or a mask that declares itself in a file of this folder."""
    if name in __all__ or name.startswith("_"):
        return _listed(name)
    from privaudit.maps.masks.mask import declared_masks

    for mask in declared_masks().values():
        if mask.__name__ == name and mask.__module__.startswith(f"{__name__}."):
            return mask
    return _listed(name)
