"""Dots of two colours from template fitting, at the scale that suits their size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.dots import Dots, DotSize
from privaudit.measures.pictures.peeling import Peeled, peel
from privaudit.measures.pictures.pin_stamps import learn_pins
from privaudit.measures.pictures.stamps import Stamp, fill_of, recoloured

__all__ = ["kept_pins", "peeled", "peeled_pins"]

# A mark of larger radius, in pixels, is looked for in a picture made smaller; so is a pin that
# reaches farther from its middle.
_LARGE, _LARGE_PIN = 9.0, 27.0
# Pins of two colours are drawn alike: they reach as far, but for this share. Standard error of
# where a tip ends, in pixels.
_SIZES, _TIP = 0.1, 0.5
# Middles of marks lie within so many pixels of their colour; a stamp of fewer marks than the
# second is drawn like the other's.
_NEAR, _FEW = 3, 3
# Pins that are read make up so large a share of their colour: where they hide each other, what is
# left is not read. Those are said to be there from the second share of the others.
_ROOM, _CROWD = 0.4, 0.1
# A piece of colour that no mark explains is one where it is so large a share of a mark.
_PIECE = 0.3


def peeled(
    image: np.ndarray, count: np.ndarray, wanted: str | np.ndarray, under: str | None
) -> tuple[Dots | None, Dots | None]:
    """Return the dots of two colours of equal shape, by template fitting.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    count : int, shape (32768,)
        Pixels of each colour.
    wanted, under : str | np.ndarray
        One of `FAMILIES`, or red, green and blue; None for no second one.

    Returns
    -------
    tuple of Dots or None
        None for a colour of which no mark was found.
    """
    families = [wanted] if under is None else [wanted, under]
    return _peeled(
        image, lambda picture: [fill_of(picture, count, family) for family in families], _LARGE
    )


def peeled_pins(
    image: np.ndarray, cores: list[np.ndarray | None], fewest: int
) -> tuple[Dots | None, Dots | None]:
    """Return the pin tips of two colours, by template fitting.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    cores : bool, shape (h, w)
        Where the colour of the pins is seen, None for no such colour.
    fewest : int
        Pins of both colours that stand alone, at least: they tell what pins look like.

    Returns
    -------
    tuple of Dots or None
        `centre` holds the tips.
    """

    def learnt(picture: np.ndarray) -> list[tuple[Stamp, np.ndarray] | None]:
        by = len(image) // len(picture)
        made = [None if core is None else _shrunk(core, by) for core in cores]
        pins = learn_pins(picture, made)
        known = [stamp for stamp in pins if stamp is not None]
        if sum(stamp.single for stamp in known) < fewest:
            return [None, None]
        usual = max(known, key=lambda stamp: stamp.single)
        return [
            None if stamp is None or core is None or not _same_size(stamp, usual) else (stamp, core)
            for stamp, core in zip(pins, made, strict=True)
        ]

    return _peeled(image, learnt, _LARGE_PIN)


def kept_pins(
    pins: tuple[Dots | None, Dots | None],
) -> tuple[Dots | None, Dots | None] | None:
    """Return the pins that make up most of their colour; None for none of either.

    Of a second colour that crowds too much to be read, how many were seen is kept as refused.

    Parameters
    ----------
    pins : tuple of Dots or None
        Pins of both colours, from `peeled_pins`.

    Returns
    -------
    tuple of Dots or None or None
    """
    first, second = (
        it if it is not None and len(it.centre) and it.room >= _ROOM else None for it in pins
    )
    if first is None and second is None:
        return None
    crowd = pins[1]
    read = 0 if first is None else len(first.centre)
    if second is None and crowd is not None and len(crowd.centre) >= _CROWD * read:
        many = len(crowd.centre)
        second = crowd._replace(centre=crowd.centre[:0], error=crowd.error[:0])
        second = second._replace(refused=crowd.refused + many, left=crowd.left + many)
    return first, second


def _same_size(stamp: Stamp, usual: Stamp) -> bool:
    """Return whether templates have the same size."""
    return abs(stamp.outer - usual.outer) <= 1 + _SIZES * usual.outer


def _shrunk(core: np.ndarray, by: int) -> np.ndarray:
    """Return where most of each square of pixels is core."""
    return core if by == 1 else _smaller(core[..., None].astype(np.float32), by)[..., 0] >= 0.5


def _peeled(
    image: np.ndarray,
    learn: Callable[[np.ndarray], list[tuple[Stamp, np.ndarray] | None]],
    largest: float,
) -> tuple[Dots | None, Dots | None]:
    """Fit templates learnt for each colour, in a reduced picture where marks are large."""
    reduced, smaller = image.astype(np.float32), 1
    made = learn(reduced)
    outer = max((template[0].outer for template in made if template is not None), default=0.0)
    if outer > largest:
        smaller = int(np.ceil(outer / largest))
        reduced = _smaller(reduced, smaller)
        made = learn(reduced)
    known = [k for k, template in enumerate(made) if template is not None]
    if not known:
        return None, None
    stamps = _alike([template[0] for template in made if template is not None])
    cores = [template[1] for template in made if template is not None]
    near = ndimage.binary_dilation(np.logical_or.reduce(cores), iterations=_NEAR)
    fitted = peel(reduced, stamps, near)
    both: list[Dots | None] = [None, None]
    for at, (k, stamp, core) in enumerate(zip(known, stamps, cores, strict=True)):
        both[k] = _dots(fitted, at, stamp, core, smaller)
    return both[0], both[1]


def _smaller(image: np.ndarray, by: int) -> np.ndarray:
    """Return the means of squares of pixels."""
    height, width = (side // by * by for side in image.shape[:2])
    squares = image[:height, :width].reshape(height // by, by, width // by, by, -1)
    return np.asarray(squares.mean(axis=(1, 3)))


def _alike(stamps: list[Stamp]) -> list[Stamp]:
    """Give a colour with few single marks the template of the other."""
    usual = max(stamps, key=lambda stamp: stamp.single)
    return [
        stamp
        if stamp.single >= _FEW or stamp.shape is not None
        else recoloured(usual, stamp.colour[0])
        for stamp in stamps
    ]


def _dots(fitted: Peeled, kind: int, stamp: Stamp, core: np.ndarray, scale: int) -> Dots | None:
    """Return the marks of one template, in pixels of the picture."""
    own = fitted.kind == kind
    if not own.any():
        return None
    label, pieces = ndimage.label(core & (fitted.owner < 0))
    left = np.bincount(label.reshape(-1), minlength=pieces + 1)[1:]
    whole = np.pi * stamp.fill**2 if stamp.shape is None else float((stamp.shape >= 0).sum())
    left = left[left >= _PIECE * whole]
    # Where a tip ends is known to half a pixel: it is drawn rounded.
    error = fitted.error if stamp.shape is None else float(np.hypot(fitted.error, _TIP))
    return Dots(
        centre=(fitted.centre[own] + stamp.tip) * scale,
        error=np.full(int(own.sum()), error * scale),
        size=DotSize(stamp.fill * scale, error * scale, stamp.single),
        refused=len(left),
        left=float(left.sum() / whole),
        room=float(1 - (core & (fitted.owner < 0)).sum() / max(int(core.sum()), 1)),
        rim=(stamp.outer - stamp.fill) * scale if stamp.shape is None else 0.0,
        peeled=True,
    )
