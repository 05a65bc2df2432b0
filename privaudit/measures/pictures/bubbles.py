"""Cluster markers: discs that stand for several records, found although labels cover them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.measures.pictures.coverage import core_of
from privaudit.measures.pictures.inks import OtherMarks, choose_ink
from privaudit.measures.pictures.pins import filled

__all__ = ["all_bubbles", "bubbles_in"]

# Bubbles are looked for in a picture made smaller, in which they are about so many pixels wide.
_WIDE = 15
# Heads of pins stand so far from their tips, all within so many pixels: no bubbles do.
_HEAD = 2.0

# Of a bubble, so large a share has its colour; of the ring around it so much less. Names with
# their halos hide half of one, and what is beside it may be one of the same colour.
_SHOWN, _CLEARER = 0.4, 0.35
# The ring begins so many pixels from its edge, and is so wide.
_SOFT, _RING = 1.0, 3.0
# Bubbles of which so much of the width lies between their middles are two; holes of a bubble, its
# digits, are up to so large a share of it. Layers of bubbles that are looked under.
_APART, _DIGITS, _LAYERS = 0.6, 0.3, 3


def all_bubbles(
    index: np.ndarray, count: np.ndarray, marks: list[OtherMarks], tips: np.ndarray
) -> list[OtherMarks]:
    """Return every cluster marker of the colours of which some are seen whole, each once.

    Parameters
    ----------
    index, count : ndarray
        The colour of each pixel, the pixels of each colour.
    marks : list of OtherMarks
        Round marks, larger than dots, of which some stand free.
    tips : float, shape (n, 2)
        Of the pins that were read: their heads are round, and no bubbles.

    Returns
    -------
    list of OtherMarks
    """
    made: list[OtherMarks] = []
    taken = np.empty((0, 2))
    for mark in marks:
        chosen = choose_ink(index, count, np.array(mark.colour, float))
        if chosen is None or chosen[1].number == 0:
            continue
        width = chosen[1].width
        at = _at(core_of(index, chosen[0]), width)
        if len(taken) and len(at):
            at = at[cKDTree(taken).query(at)[0] > _APART * width]
        if len(at) == 0 or _are_heads(at, tips):
            continue
        taken = np.concatenate([taken, at])
        where = tuple((float(x), float(y)) for x, y in at)
        made.append(mark._replace(number=len(at), width=width, at=where))
    return made


def _at(core: np.ndarray, width: float) -> np.ndarray:
    """Return the centres of markers found in a reduced picture."""
    by = max(1, int(width / _WIDE))
    high, wide = (side // by * by for side in core.shape)
    small = core[:high, :wide].reshape(high // by, by, wide // by, by).mean(axis=(1, 3)) >= 0.5
    return bubbles_in(small, width / by) * by


def _are_heads(at: np.ndarray, tips: np.ndarray) -> bool:
    """Return whether most centres lie alike above the tips of pins."""
    if len(tips) == 0:
        return False
    off = at - tips[cKDTree(tips).query(at)[1]]
    alike = np.abs(off - np.median(off, axis=0)).max(axis=1) <= _HEAD
    return bool(alike.mean() > 0.5)


def bubbles_in(core: np.ndarray, width: float) -> np.ndarray:
    """Return the discs of a width, whole or partly hidden, in a mask of their colour.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour is seen.
    width : float
        Of every disc, in pixels.

    Returns
    -------
    float, shape (n, 2)
        Columns and rows of their middles.

    Examples
    --------
    A disc with a number, and one that a name parts in two:

    >>> row, column = np.mgrid[:60, :120] + 0.5
    >>> core = np.minimum(np.hypot(row - 30, column - 30), np.hypot(row - 30, column - 85)) < 15
    >>> core[26:34, 27:33] = core[24:35, 60:] = False
    >>> np.sort(bubbles_in(core, 30.0).round(), axis=0).tolist()
    [[30.0, 30.0], [85.0, 30.0]]
    """
    radius = width / 2
    solid = filled(core.astype(np.float32), _DIGITS * np.pi * radius**2) >= 0.5
    reach = int(np.ceil(radius + _SOFT + _RING))
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(down, across)
    inside = away <= radius
    beside = (away > radius + _SOFT) & (away <= radius + _SOFT + _RING)
    free, centres = solid.astype(np.float32), np.empty((0, 2))
    open_ = np.ones(core.shape, np.float32)
    for _ in range(_LAYERS):
        # What bubbles found before cover says nothing of those below.
        shown = _share(free, open_, inside)
        worth = np.where(shown >= _SHOWN, shown - _share(free, open_, beside), -1.0)
        side = 2 * int(_APART * width) + 1
        peak = (worth >= _CLEARER) & (worth == ndimage.maximum_filter(worth, side))
        label, many = ndimage.label(peak, np.ones((3, 3)))
        if not many:
            break
        at = np.array(ndimage.center_of_mass(peak, label, range(1, many + 1)))[:, ::-1] + 0.5
        centres = np.concatenate([centres, at])
        for column, row in at:
            _clear((free, open_), column, row, radius + _SOFT)
    return centres


def _share(free: np.ndarray, open_: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the share of open pixels of a template, at each pixel, that have the colour."""
    from scipy.signal import fftconvolve

    kernel = part.astype(np.float32)
    matched = fftconvolve(free, kernel, mode="same")
    room = fftconvolve(open_, kernel, mode="same")
    return np.asarray(np.where(room >= 0.5 * kernel.sum(), matched / np.maximum(room, 1), 0))


def _clear(maps: tuple[np.ndarray, ...], column: float, row: float, radius: float) -> None:
    """Set a disc to 0 in some maps."""
    reach = int(np.ceil(radius))
    high, wide = maps[0].shape
    rows = slice(max(int(row) - reach, 0), min(int(row) + reach + 1, high))
    columns = slice(max(int(column) - reach, 0), min(int(column) + reach + 1, wide))
    down, across = np.ogrid[rows, columns]
    disc = np.hypot(down + 0.5 - row, across + 0.5 - column) <= radius
    for layer in maps:
        layer[rows, columns][disc] = 0
