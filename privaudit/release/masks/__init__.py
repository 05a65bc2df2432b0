"""Masks: how dots are moved before a map is shown, and how likely each move was."""

from privaudit.release.masks.adaptive import AdaptiveDonut
from privaudit.release.masks.mask import ROUNDING_METRES, AddressMask, Mask, PlacedMask
from privaudit.release.masks.optimal import OptimalMechanism
from privaudit.release.masks.parse import declared_masks, mask_words, parse_mask
from privaudit.release.masks.partition import Quadtree, Voronoi
from privaudit.release.masks.persistent import Persistent
from privaudit.release.masks.radial import (
    BimodalGaussian,
    Disk,
    Donut,
    Exact,
    Gaussian,
    PlanarLaplace,
)
from privaudit.release.masks.snapping import GridSnap, HexSnap
from privaudit.release.masks.swap import LocationSwap

__all__ = [
    "ROUNDING_METRES", "AdaptiveDonut", "AddressMask", "BimodalGaussian", "Disk", "Donut", "Exact",
    "Gaussian", "GridSnap", "HexSnap", "LocationSwap", "Mask", "OptimalMechanism", "Persistent",
    "PlacedMask", "PlanarLaplace", "Quadtree", "Voronoi", "declared_masks",
    "mask_words", "parse_mask",
]  # fmt: skip


def __getattr__(name: str) -> type[Mask]:
    """Find a mask that declares itself in a file of this folder."""
    if not name.startswith("_"):
        for mask in declared_masks().values():
            if mask.__name__ == name and mask.__module__.startswith(f"{__name__}."):
                return mask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
