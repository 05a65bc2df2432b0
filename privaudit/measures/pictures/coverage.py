"""Coverage of each pixel by one marker colour, and by a second one over it.

A pixel on an edge mixes the colours on both sides. Shares are fitted by least squares in
lightness and two differences of colour, as compression keeps these apart.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.measures.pictures.palette import levels

__all__ = ["Ink", "core_of", "coverage_of", "grown", "ink_of"]

# Compression blurs colour and keeps lightness: in a compressed picture a step of colour counts
# so little beside a step of lightness.
_BLURRED = 0.12
# How far a pixel of a core may be from its colour: in a clean picture, in a compressed one.
_CLEAN, _NOISY = 14.0, 30.0
# A colour is clean where so many of the pixels near it are the colour itself, up to the first.
# Marks that were drawn with soft edges and not compressed have three quarters and more, marks in a
# JPEG file of quality 95 at most about a half.
_ITSELF, _SHARE_CLEAN = 5.0, 0.6
# In a compressed picture, a pixel with so many of its eight neighbours in a core is of it.
_AROUND = 6
# A colour is grey below so much difference of colour. Of one that is not, compression leaves at
# least the second share of it, and turns it by less than 30 degrees (the third is a cosine).
_GREY, _FADED, _SAME_HUE = 15.0, 0.5, 0.87
# A soft edge reaches so many pixels beyond the core; its ground is looked up so far outwards.
_SOFT, _OUT = 2, (3.0, 2.0, 4.0, 5.0)
# The ground differs from the colour by at least the first. A mixture strays from what it is made
# of by at most the second; below the third, no other ground is looked for.
_CONTRAST, _STRAY, _FITS = 30.0, 48.0, 8.0


class Ink(NamedTuple):
    """A marker colour: its mean, which quantised colours belong to it, and its blur.

    `member` has one entry a colour of `levels`; `trust` is 1 where colour is as sharp as lightness,
    and lower where a picture was compressed.
    """

    colour: np.ndarray
    member: np.ndarray
    trust: float


def ink_of(count: np.ndarray, number: int) -> Ink:
    """Return the ink around a frequent colour.

    Parameters
    ----------
    count : int, shape (32768,)
        Pixels of each colour.
    number : int
        Of the frequent colour.

    Returns
    -------
    Ink
    """
    every, middles = _every()
    off = np.linalg.norm((every - every[number]) * np.sqrt([1, _BLURRED, _BLURRED]), axis=1)
    off[~_alike(every[:, 1:], every[number, 1:])] = np.inf
    clean = bool(count[off <= _ITSELF].sum() >= _SHARE_CLEAN * count[off <= _NOISY].sum())
    near = off <= (_CLEAN if clean else _NOISY)
    mean = np.average(middles, axis=0, weights=count * (off <= _CLEAN))
    return Ink(mean, near, 1.0 if clean else _BLURRED)


@cache
def _every() -> tuple[np.ndarray, np.ndarray]:
    """Return all quantised colours as `_seen`, and as red, green and blue."""
    middles = levels()
    return _seen(middles), middles


def _alike(hue: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which differences of colour have the same hue: grey is no pale red."""
    strong = float(np.hypot(*wanted))
    if strong < _GREY:
        return np.asarray(np.hypot(*hue.T) < 2 * _GREY)
    along = hue @ wanted / strong
    return np.asarray((along >= _FADED * strong) & (along >= _SAME_HUE * np.hypot(*hue.T)))


def core_of(
    index: np.ndarray, ink: Ink, *, thin: int = 0, above: np.ndarray | None = None
) -> np.ndarray:
    """Return where the pure ink is, without lines of up to `2 thin` pixels.

    Parameters
    ----------
    index : uint16, shape (h, w)
        Numbers of colours.
    ink : Ink
        Colour of the marks, from `ink_of`.
    thin : int
        0 keeps everything.
    above : bool, shape (h, w), optional
        Marks that may hide part of these: they count as wide.

    Returns
    -------
    ndarray
    """
    core = ink.member[index]
    if ink.trust < 1:
        # Compression leaves single pixels of another colour, which would part a mark in lines.
        around = ndimage.uniform_filter(core.astype(np.float32), 3, mode="constant")
        core |= 9 * around > _AROUND - 0.5
    if thin == 0:
        return np.asarray(core)
    whole = core if above is None else core | above
    return np.asarray(core & grown(grown(whole, thin, shrink=True), thin + 1))


def coverage_of(
    image: np.ndarray, core: np.ndarray, ink: Ink, second: tuple[np.ndarray, Ink] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each pixel that an ink covers, alone and together with a second one.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    core : bool, shape (h, w)
        Where the ink itself is seen.
    ink : Ink
        Colour of the marks, from `ink_of`.
    second : tuple (ndarray, Ink), shape (core, ink), optional
        Of the second one.

    Returns
    -------
    own, both : float32, shape (h, w)
        0 to 1; the same array twice where there is no second ink.

    Examples
    --------
    >>> from privaudit.measures.pictures.palette import colour_counts, colour_index
    >>> row = [[255, 255, 255]] * 4 + [[235, 148, 148]] + [[214, 40, 40]] * 3
    >>> image = np.array([row] * 3, np.uint8)
    >>> index = colour_index(image)
    >>> ink = ink_of(colour_counts(index), int(index[0, -1]))
    >>> coverage_of(image, core_of(index, ink), ink)[0].round(1)[1].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    """
    cores, inks = [core], [ink]
    if second is not None:
        cores, inks = [core, second[0] & ~core], [ink, second[1]]
    near = [grown(ink_core, _SOFT) for ink_core in cores]
    whole = cores[0] if second is None else cores[0] | cores[1]
    ring = near[0] & ~whole if second is None else (near[0] | near[1]) & ~whole
    row, column = np.nonzero(ring)
    share = np.zeros((len(row), len(inks)), np.float32)
    if len(row):
        beside = np.column_stack([ink_core[row, column] for ink_core in near])
        share = _mixed(image, whole, ring, row, column, inks, beside)
    made = []
    for k in range(len(inks)):
        cover = cores[k].astype(np.float32) if k == 0 else whole.astype(np.float32)
        cover[row, column] = share[:, : k + 1].sum(axis=1)
        made.append(cover)
    return made[0], made[-1]


def grown(mark: np.ndarray, by: int, *, shrink: bool = False) -> np.ndarray:
    """Dilate (or erode) marks by a square of `2 by + 1` pixels.

    Parameters
    ----------
    mark : bool, shape (h, w)
    by : int
        Pixels, 0 or more.
    shrink : bool
        Shrink in place of growing.

    Returns
    -------
    ndarray
    """
    join = np.logical_and if shrink else np.logical_or
    for axis in (0, 1):
        larger = mark.copy()
        for k in range(1, by + 1):
            ahead = (slice(None),) * axis + (slice(k, None),)
            behind = (slice(None),) * axis + (slice(None, -k),)
            join(larger[behind], mark[ahead], out=larger[behind])
            join(larger[ahead], mark[behind], out=larger[ahead])
        mark = larger
    return mark


def _seen(colour: np.ndarray) -> np.ndarray:
    """Return lightness and two differences of colour, as compression separates them."""
    rgb = np.asarray(colour, np.float32)
    light = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    blue, red = 0.564 * (rgb[..., 2] - light), 0.713 * (rgb[..., 0] - light)
    return np.stack([light, blue, red], axis=-1)


def _mixed(
    image: np.ndarray,
    core: np.ndarray,
    ring: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    inks: list[Ink],
    beside: np.ndarray,
) -> np.ndarray:
    """Return the share of each ink in the pixels of soft edges."""
    height, width = core.shape
    across, down = _inwards(core, row, column)
    pixel = _seen(image[row, column])
    share = np.zeros((len(row), len(inks)), np.float32)
    stray = np.full(len(row), np.inf, np.float32)
    ground = np.full((len(row), 3), np.nan, np.float32)

    def attempt(where: np.ndarray, met: np.ndarray) -> None:
        """Try a ground, and keep it for the pixels that it explains better."""
        for which in ([0], [1], [0, 1])[: 3 if len(inks) > 1 else 1]:
            asked = (beside[where].sum(axis=1) == len(which)) & beside[where][:, which].all(axis=1)
            if not asked.any():
                continue
            part, off = _unmixed(pixel[where[asked]], met[asked], [inks[k] for k in which])
            good = off < stray[where[asked]]
            at = where[asked][good]
            share[at] = 0
            share[np.ix_(at, which)] = part[good]
            stray[at], ground[at] = off[good], met[asked][good]

    for out in _OUT:
        open_ = np.flatnonzero(stray > _FITS)
        at_row = np.rint(row[open_] - out * down[open_]).astype(np.int64)
        at_column = np.rint(column[open_] - out * across[open_]).astype(np.int64)
        inside = (at_row >= 0) & (at_row < height) & (at_column >= 0) & (at_column < width)
        at_row, at_column = np.clip(at_row, 0, height - 1), np.clip(at_column, 0, width - 1)
        free = inside & ~core[at_row, at_column] & ~ring[at_row, at_column]
        attempt(open_[free], _seen(image[at_row[free], at_column[free]]))
    lost = np.flatnonzero(np.isinf(stray))
    if len(lost):
        # Between two marks no ground is seen: it is what is seen nearest.
        place = np.column_stack([row, column])
        known = np.flatnonzero(np.isfinite(stray))
        met = np.full((len(lost), 3), _seen(np.full(3, 255.0)), np.float32)
        if len(known):
            met = ground[known[cKDTree(place[known]).query(place[lost])[1]]]
        attempt(lost, met)
    share[stray > _STRAY] = 0
    return _falling(share, core, row, column, across, down)


def _inwards(
    core: np.ndarray, row: np.ndarray, column: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the direction, as steps of column and row, to most of the core."""
    height, width = core.shape
    across, down = np.zeros(len(row), np.float32), np.zeros(len(row), np.float32)
    for i in range(-_SOFT, _SOFT + 1):
        for j in range(-_SOFT, _SOFT + 1):
            here = core[np.clip(row + i, 0, height - 1), np.clip(column + j, 0, width - 1)]
            across += j * here
            down += i * here
    size = np.maximum(np.hypot(across, down), 1e-6)
    return across / size, down / size


def _unmixed(
    pixel: np.ndarray, ground: np.ndarray, inks: list[Ink]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of inks over a ground, and the unexplained rest."""
    trust = min(ink.trust for ink in inks)
    scale = np.sqrt([1, trust, trust]).astype(np.float32)
    offset = (pixel - ground) * scale
    gaps = [(_seen(ink.colour) - ground) * scale for ink in inks]
    options = [_single(offset, gap) for gap in gaps]
    if len(inks) == 1:
        shares = [options[0][:, None]]
    else:
        none = np.zeros(len(pixel), np.float32)
        shares = [np.column_stack([options[0], none]), np.column_stack([none, options[1]])]
        along = _single(offset - gaps[1], gaps[0] - gaps[1])
        shares += [np.column_stack([along, 1 - along]), _both(offset, *gaps)]
    # Of the sides of the triangle of mixtures, and its inside, what comes nearest.
    left = [offset - sum(s[:, k, None] * gap for k, gap in enumerate(gaps)) for s in shares]
    off = np.stack([np.einsum("nk,nk->n", rest, rest) for rest in left])
    best = np.argmin(off, axis=0)
    share = np.stack(shares)[best, np.arange(len(pixel))]
    whole = pixel - ground
    whole = whole - sum(share[:, k, None] * (_seen(i.colour) - ground) for k, i in enumerate(inks))
    return share, np.linalg.norm(whole, axis=1)


def _single(offset: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Return the least-squares share of one ink."""
    size = np.einsum("nk,nk->n", gap, gap)
    share = np.einsum("nk,nk->n", offset, gap) / np.maximum(size, 1)
    return np.where(size < _CONTRAST**2, 0, np.clip(share, 0, 1)).astype(np.float32)


def _both(offset: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the least-squares shares of two inks; -1 where they are no mixture."""
    a, b, c = (
        np.einsum("nk,nk->n", *pair) for pair in ((first, first), (first, second), (second, second))
    )
    p, q = (np.einsum("nk,nk->n", offset, gap) for gap in (first, second))
    det = a * c - b * b
    apart = det > 0.02 * a * c
    det = np.where(apart, det, 1)
    share = np.column_stack([(c * p - b * q) / det, (a * q - b * p) / det])
    good = apart & (share >= 0).all(axis=1) & (share.sum(axis=1) <= 1)
    return np.where(good[:, None], share, -1).astype(np.float32)


def _falling(
    share: np.ndarray,
    core: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    across: np.ndarray,
    down: np.ndarray,
) -> np.ndarray:
    """Make coverage monotone outwards: no pixel is covered more than the one behind it."""
    height, width = core.shape
    cover = core.astype(np.float32)
    total = share.sum(axis=1)
    cover[row, column] = total
    behind_row = np.clip(np.rint(row + down), 0, height - 1).astype(np.int64)
    behind_column = np.clip(np.rint(column + across), 0, width - 1).astype(np.int64)
    for _ in range(_SOFT):
        cover[row, column] = np.minimum(cover[row, column], cover[behind_row, behind_column])
    return np.asarray(share * (cover[row, column] / np.maximum(total, 1e-6))[:, None])
