"""Dots of two colours that were peeled off a picture, and what was left of their colours."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.dots import Dots, DotSize
from privaudit.measures.pictures.peeling import Peeled, peel
from privaudit.measures.pictures.stamps import Stamp, fill_of, recoloured

__all__ = ["peeled"]

# A mark of larger radius, in pixels, is looked for in a picture made smaller.
_LARGE = 9.0
# Middles of marks lie within so many pixels of their colour; a stamp of fewer marks than the
# second is drawn like the other's.
_NEAR, _FEW = 3, 3
# A piece of colour that no mark explains is one where it is so large a share of a mark.
_PIECE = 0.3


def peeled(
    image: np.ndarray, count: np.ndarray, wanted: str | np.ndarray, under: str | None
) -> tuple[Dots | None, Dots | None]:
    """Find the dots of a colour, and those of another, that are all alike but for the colour.

    image : uint8 (h, w, 3).
    count : int (32768,). Pixels of each colour.
    wanted, under : One of `FAMILIES`, or red, green and blue; None for no second one.
    Returns: None for a colour of which no mark was found.
    """
    seen, smaller = image.astype(np.float32), 1
    families = [wanted] if under is None else [wanted, under]
    made = [fill_of(seen, count, family) for family in families]
    largest = max((one[0].outer for one in made if one is not None), default=0.0)
    if largest > _LARGE:
        smaller = int(np.ceil(largest / _LARGE))
        seen = _smaller(seen, smaller)
        made = [fill_of(seen, count, family) for family in families]
    known = [k for k, one in enumerate(made) if one is not None]
    if not known:
        return None, None
    stamps = _alike([one[0] for one in made if one is not None])
    cores = [one[1] for one in made if one is not None]
    near = ndimage.binary_dilation(np.logical_or.reduce(cores), iterations=_NEAR)
    found = peel(seen, stamps, near)
    both: list[Dots | None] = [None, None]
    for at, (k, stamp, core) in enumerate(zip(known, stamps, cores, strict=True)):
        both[k] = _dots(found, at, stamp, core, smaller)
    return both[0], both[1]


def _smaller(image: np.ndarray, by: int) -> np.ndarray:
    """Return the means of squares of pixels."""
    height, width = (side // by * by for side in image.shape[:2])
    squares = image[:height, :width].reshape(height // by, by, width // by, by, 3)
    return np.asarray(squares.mean(axis=(1, 3)))


def _alike(stamps: list[Stamp]) -> list[Stamp]:
    """Give a colour of which few marks stand apart the look of the other's."""
    usual = max(stamps, key=lambda stamp: stamp.single)
    return [
        stamp if stamp.single >= _FEW else recoloured(usual, stamp.colour[0]) for stamp in stamps
    ]


def _dots(found: Peeled, kind: int, stamp: Stamp, core: np.ndarray, scale: int) -> Dots | None:
    """Return the marks of one stamp, in pixels of the picture."""
    own = found.kind == kind
    if not own.any():
        return None
    label, pieces = ndimage.label(core & (found.owner < 0))
    left = np.bincount(label.reshape(-1), minlength=pieces + 1)[1:]
    return Dots(
        centre=found.centre[own] * scale,
        error=np.full(int(own.sum()), found.error * scale),
        size=DotSize(stamp.fill * scale, found.error * scale, stamp.single),
        refused=int((left >= _PIECE * np.pi * stamp.fill**2).sum()),
        room=float(1 - left.sum() / max(int(core.sum()), 1)),
        rim=(stamp.outer - stamp.fill) * scale,
    )
