"""How many marks a picture shows, those included that nobody can read.

Three kinds are not read: pieces of the colour that no mark explains, marks that lie wholly under
others, and bubbles that stand for several.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

__all__ = ["NONE", "MarkCount", "bubbles_hold", "covered_share", "pieces_hold"]

# A piece is one mark at least where it is so large a share of one, and not a thin line.
_PIECE, _THICK = 0.3, 1
# Points of a mark, to a side, at which it is asked whether another lies above; the share of them
# that must be open for it to be read; ways in which it may be placed, and painted early or late.
_POINTS, _OPEN, _TURNS = 9, 0.15, 4
_EARLY = (0.1, 0.3, 0.5, 0.7, 0.9)
# A sequence that leaves no gap: the golden section.
_GOLDEN = (np.sqrt(5) - 1) / 2
# Digits of a number are as high as this share of a bubble, and stand in its middle.
_DIGIT, _MIDDLE = (0.12, 0.6), 0.45
# A number of digits that fewer of those read have was misread.
_RARE = 0.1
# Digits begin and end in the same row of pixels, to so many.
_ROW = 1.0


class MarkCount(NamedTuple):
    """A number of marks: lower bound, estimate, upper bound."""

    low: float
    value: float
    high: float

    def plus(self, other: MarkCount) -> MarkCount:
        """Return the sum, bound by bound."""
        return MarkCount(*(a + b for a, b in zip(self, other, strict=True)))


NONE = MarkCount(0.0, 0.0, 0.0)


def pieces_hold(core: np.ndarray, centre: np.ndarray, radius: float) -> tuple[int, MarkCount]:
    """Return the estimated marks in the pieces of a colour that no mark explains.

    A piece holds as many as its area has room for, at what a mark that was read shows of itself on
    average; at most twice as many.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour is seen.
    centre : float, shape (n, 2)
        Marks that were read.
    radius : float
        Of a mark, in pixels.

    Returns
    -------
    tuple (int, MarkCount)

    Examples
    --------
    >>> core = np.zeros((30, 60), bool)
    >>> core[5:15, 5:15] = core[5:15, 30:50] = True
    >>> pieces_hold(core, np.array([[10.0, 10.0]]), 5.0)
    (1, MarkCount(low=1, value=2.5464790894703255, high=5.092958178940651))
    """
    rows, columns = core.shape
    taken = np.ones((rows, columns), bool)
    at = np.floor(centre).astype(np.int64)
    inside = (at >= 0).all(axis=1) & (at[:, 0] < columns) & (at[:, 1] < rows)
    taken[at[inside, 1], at[inside, 0]] = False
    explained = np.zeros_like(core)
    if inside.any():
        explained = ndimage.distance_transform_edt(taken) <= radius + 1.5
    whole = np.pi * radius**2
    each = whole
    if inside.any():
        each = float(np.clip((core & explained).sum() / inside.sum(), whole / 3, whole))
    left = core & ~explained
    label, many = ndimage.label(left)
    area = np.bincount(label.reshape(-1), minlength=many + 1)[1:]
    thick = np.zeros(many + 1, bool)
    thick[label[ndimage.binary_erosion(left, iterations=_THICK)]] = True
    area = area[(area >= _PIECE * whole) & thick[1:]]
    about = float(np.maximum(area / each, 1).sum())
    return len(area), MarkCount(len(area), about, 2 * about)


def covered_share(centre: np.ndarray, radius: float) -> float:
    """Return the share of marks too deep under others to be read.

    Of a further mark beside each one that is there, painted early or late, as many are taken to be
    covered as would be.

    Parameters
    ----------
    centre : float, shape (n, 2)
    radius : float
        Pixels.

    Returns
    -------
    float

    Examples
    --------
    >>> covered_share(np.array([[0.0, 0.0], [100.0, 0.0]]), 5.0)
    0.0
    """
    if len(centre) < 2:
        return 0.0
    turn = 2 * np.pi * _GOLDEN * np.arange(len(centre) * _TURNS)
    away = radius * np.sqrt(np.tile((np.arange(_TURNS) + 0.5) / _TURNS, len(centre)))
    place = np.repeat(centre, _TURNS, axis=0)
    place = place + away[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    step = (np.arange(_POINTS) + 0.5) / _POINTS * 2 - 1
    grid = np.array([(x, y) for x in step for y in step if x * x + y * y <= 1]) * radius
    point = (place[:, None] + grid).reshape(-1, 2)
    pairs = cKDTree(centre).sparse_distance_matrix(cKDTree(point), radius, output_type="ndarray")
    # The mark beside which a further one is tried is there in any case, and counts as any other.
    painted = np.mod(np.arange(len(centre)) * _GOLDEN, 1)
    lost = []
    for early in _EARLY:
        above = np.zeros(len(point), bool)
        above[pairs["j"][painted[pairs["i"]] > early]] = True
        lost.append(((~above).reshape(len(place), -1).mean(axis=1) < _OPEN).mean())
    return float(np.mean(lost))


def bubbles_hold(image: np.ndarray, bubbles: np.ndarray) -> MarkCount:
    """Return the estimated number of marks behind cluster markers, from their digits.

    A bubble of two digits stands for 10 to 99 marks, about 32 (the middle of the logarithms). Names
    hide digits: each may have as many as bubbles of its colour have elsewhere, and one without a
    number stands for as many as these; for 2 to 99 where none shows a number.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    bubbles : float, shape (n, 3)
        Column, row and radius of each, all of one colour.

    Returns
    -------
    MarkCount
    """
    read = np.array([_digits(image, *bubble) for bubble in bubbles], np.int64)
    shown = read[read > 0]
    usual = max((k for k in range(1, 6) if (shown >= k).sum() > _RARE * len(shown)), default=2)
    total = NONE
    for digits in read:
        known = min(int(digits), usual)
        low, high = max(10.0 ** (known - 1), 2.0), 10.0**usual - 1
        # What a number hides is taken to be as in the others.
        least = low if known else max(10.0 ** (usual - 1), 2.0)
        most = 10.0 ** (known or usual) - 1
        total = total.plus(MarkCount(low, float(np.sqrt(least * most)), high))
    return total


def _digits(image: np.ndarray, column: float, row: float, radius: float) -> int:
    """Return the number of glyphs in the middle of a cluster marker, 0 to 5."""
    half = int(_MIDDLE * 2 * radius / 2) + 1
    rows, columns = (slice(max(int(at) - half, 0), int(at) + half + 1) for at in (row, column))
    light = image[rows, columns].astype(np.float32).mean(axis=2)
    if light.size == 0:
        return 0
    usual = np.median(light)
    off = np.abs(light - usual)
    glyph = ndimage.label(off > 0.5 * off.max() + 20, np.ones((3, 3)))[0]
    ends = np.array([(box[0].start, box[0].stop) for box in ndimage.find_objects(glyph)])
    tall = np.diff(ends.reshape(-1, 2), axis=1)[:, 0]
    ends = ends[(tall >= _DIGIT[0] * 2 * radius) & (tall <= _DIGIT[1] * 2 * radius)]
    if not len(ends):
        return 0
    # Digits of a number stand in one row; letters of a name above it do not.
    off = np.abs(ends - np.median(ends, axis=0)).max(axis=1)
    return min(int((off <= _ROW).sum()), 5)
