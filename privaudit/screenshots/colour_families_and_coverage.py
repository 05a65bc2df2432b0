"""Coverage of each pixel by marker colours, from its mixture with the ground.

A pixel on an edge mixes the colours on both sides. Shares are fitted by least squares in lightness
and two differences of colour, as compression keeps these apart.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

# A family of colours, or red, green and blue (0 to 255).
Wanted = str | np.ndarray
_Pair = tuple[np.ndarray, np.ndarray]
# Bits a channel: 32 steps of 8 levels, 32,768 colours in all.
_BITS = 5
STEPS = 1 << (3 * _BITS)
# Rows of a picture that are quantised together, so that they stay in the processor's cache.
_ROWS = 64
# Families in the order of their hues, and the degrees at which each ends; red goes on after 0.
_HUED = ("red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink")
_ENDS = (20, 45, 68, 165, 195, 258, 290, 338, 360)
FAMILIES = (*_HUED, "grey", "black")
# Least difference of channels of a colour with a hue, and largest of one without.
_COLOURED, _NEUTRAL = 60, 24
# Lightness, of 255: upper limits of the black of letters and of the greys of marks.
_BLACK, _PALE = 70, 205
# Largest difference, in steps of any channel, of colours that count as one.
_APART = 2


def colour_index(image: np.ndarray) -> np.ndarray:
    """Return the quantised colour of each pixel, 0 to 32,767, uint16 of shape (h, w).

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
        Red, green and blue.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> colour_index(np.array([[[255, 0, 8]]], np.uint8)).tolist()
    [[31745]]
    """
    index = np.empty(image.shape[:2], np.uint16)
    for start in range(0, len(image), _ROWS):
        part = image[start : start + _ROWS] >> (8 - _BITS)
        rows = index[start : start + _ROWS]
        np.left_shift(part[..., 0], 2 * _BITS, out=rows, dtype=np.uint16)
        rows |= part[..., 1].astype(np.uint16) << _BITS
        rows |= part[..., 2]
    return index


class ColourPicture(NamedTuple):
    """A picture with its quantised colours.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    colours : uint16, shape (h, w)
        Colour of each pixel, from `colour_index`.
    pixels : int, shape (32768,)
        Pixels of each colour.
    """

    image: np.ndarray
    colours: np.ndarray
    pixels: np.ndarray

    @classmethod
    def of(cls, image: np.ndarray) -> ColourPicture:
        """Quantise the colours of a picture."""
        colours = colour_index(image)
        return cls(image, colours, np.bincount(colours.reshape(-1), minlength=STEPS))


def levels(colour: np.ndarray | None = None) -> np.ndarray:
    """Return the middle of each quantised colour (or of some), 0 to 255, shape (n, 3).

    Parameters
    ----------
    colour : int, shape (n,)
        Numbers of colours; all where not given.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> levels(np.array([31745])).tolist()
    [[251.5, 3.5, 11.5]]
    """
    number = np.arange(STEPS) if colour is None else np.asarray(colour, np.int64)
    channel = [(number >> shift) % (1 << _BITS) for shift in (2 * _BITS, _BITS, 0)]
    return np.asarray(np.column_stack(channel) * 2.0 ** (8 - _BITS) + (2 ** (8 - _BITS) - 1) / 2)


def family_of(colour: np.ndarray) -> np.ndarray:
    """Return the name of each colour: one of `FAMILIES`, or "" for pale or hardly coloured ones.

    Parameters
    ----------
    colour : float, shape (n, 3)
        0 to 255.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> family_of(np.array([[214, 39, 40], [128, 128, 128], [242, 239, 233], [31, 119, 180]]))
    array(['red', 'grey', '', 'blue'], dtype='<U9')
    """
    red, green, blue = np.asarray(colour, float).T
    highest, lowest = np.max(colour, axis=1), np.min(colour, axis=1)
    chroma = np.maximum(highest - lowest, 1e-9)
    hue = np.where(
        highest == red,
        (green - blue) / chroma,
        np.where(highest == green, 2 + (blue - red) / chroma, 4 + (red - green) / chroma),
    )
    hued = np.array([*_HUED, "red"])[np.searchsorted(_ENDS, np.mod(60 * hue, 360), "right")]
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    neutral = np.where(light < _BLACK, "black", np.where(light < _PALE, "grey", ""))
    plain = np.where(chroma <= _NEUTRAL, neutral, "")
    return np.where(chroma >= _COLOURED, hued, plain).astype("<U9")


@cache
def colour_families() -> np.ndarray:
    """Return the family of each quantised colour, shape (32768,).

    Returns
    -------
    ndarray

    Examples
    --------
    >>> colour_families()[colour_index(np.array([[[214, 39, 40]]], np.uint8))].tolist()
    [['red']]
    """
    names = family_of(levels())
    names.flags.writeable = False
    return names


def frequent_colours(count: np.ndarray, most: int) -> np.ndarray:
    """Return the most frequent colours, none adjacent to another, most frequent first.

    Parameters
    ----------
    count : int, shape (32768,)
        Pixels of each colour; 0 for colours that are not asked about.
    most : int
        How many at most.

    Returns
    -------
    ndarray of int
        Numbers of colours. The count of each is of the cube of 27 around it.

    Examples
    --------
    >>> count = np.zeros(STEPS, int)
    >>> count[[31745, 31746, 99]] = 5, 9, 7
    >>> frequent_colours(count, 3).tolist()
    [31746, 99]
    """
    side = 1 << _BITS
    cube = count.reshape(side, side, side)
    around = np.where(cube > 0, ndimage.uniform_filter(27.0 * cube, 3, mode="constant"), 0)
    # The most frequent colour of each cube stands for it.
    peak = (cube == ndimage.maximum_filter(cube, 3)) & (cube > 0)
    order = np.flatnonzero(peak)
    order = order[np.argsort(-around.reshape(-1)[order], kind="stable")]
    place = np.column_stack(np.unravel_index(order, cube.shape))
    chosen: list[int] = []
    for k in range(len(order)):
        if len(chosen) < most and (np.abs(place[chosen] - place[k]).max(axis=1) > _APART).all():
            chosen.append(k)
    return order[chosen]


def piece_sizes(mask: np.ndarray, *, corners: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of the piece of each pixel of a mask, from 1, and the sizes of the pieces.

    Parameters
    ----------
    mask : bool, shape (h, w)
    corners : bool
        Pixels that touch at a corner are of one piece.

    Returns
    -------
    label : int, shape (h, w)
    size : int, shape (pieces,)
        Pixels.

    Examples
    --------
    >>> label, size = piece_sizes(np.array([[True, True, False, True]]))
    >>> label.tolist(), size.tolist()
    ([[1, 1, 0, 2]], [2, 1])
    """
    label, many = ndimage.label(mask, np.ones((3, 3)) if corners else None)
    return label, np.bincount(label.reshape(-1), minlength=many + 1)[1:]


def local_peaks(score: np.ndarray, least: float, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where a score is highest within a square around, and the middles of these places.

    Parameters
    ----------
    score : float, shape (h, w)
    least : float
        Least score of a peak.
    side : int
        Of the square, in pixels.

    Returns
    -------
    peak : bool, shape (h, w)
    middle : float, shape (n, 2)
        Rows and columns; neighbouring pixels of one score are one peak.
    """
    peak = (score >= least) & (score == ndimage.maximum_filter(score, side))
    label, many = ndimage.label(peak, np.ones((3, 3)))
    middle = ndimage.center_of_mass(peak, label, range(1, many + 1))
    return peak, np.array(middle).reshape(-1, 2)


# Halos of labels are white. Range of opacities that is searched (a thinner halo leaves a mark its
# colour, a thicker one nothing), and width of a peak of opacities.
_WHITE, _FROM, _TO, _WIDE = 255.0, 0.5, 0.97, 0.06
# Largest distance, in levels, of a pixel under a halo from the line between both colours; least
# contrast of a fill with white. Soft edges lie anywhere between: a halo needs this many pixels of
# one opacity, and this many times as many as a uniform distribution has.
_STRAY, _CONTRAST, _FEWEST, _PEAK = 8.0, 60.0, 40, 2.0
# Least standard deviation of a colour seen through a halo, in levels.
_LEAST = 3.0


class LabelHalo(NamedTuple):
    """A white layer over markers, as labels of maps have.

    Parameters
    ----------
    opacity : float
        0 to 1.
    spread : float
        Standard deviation of colours seen through it, in levels.

    Examples
    --------
    >>> LabelHalo(0.8, 3.0).over(np.array([200.0, 0.0, 100.0])).tolist()
    [244.0, 204.0, 224.0]
    """

    opacity: float
    spread: float

    def over(self, colour: np.ndarray) -> np.ndarray:
        """Return a colour as it shows through the halo."""
        return np.asarray(self.opacity * _WHITE + (1 - self.opacity) * colour)


def learn_label_halo(fills: list[tuple[np.ndarray, np.ndarray]]) -> LabelHalo | None:
    """Return the opacity of letter halos, learnt from the fills below them, or None.

    Parameters
    ----------
    fills : list of tuple of ndarray
        For each colour of fill, the colour (3,), and the pixels (n, 3) of such marks where
        letters may lie.

    Returns
    -------
    LabelHalo or None

    Examples
    --------
    >>> red = np.array([214.0, 39.0, 40.0])
    >>> halo = np.repeat([[248.9, 222.6, 222.8]], 60, axis=0)
    >>> round(learn_label_halo([(red, np.vstack([halo, np.full((40, 3), 50.0)]))]).opacity, 2)
    0.85
    >>> learn_label_halo([(red, np.full((90, 3), 50.0))]) is None
    True
    """
    opacity, contrast = [np.empty(0)], [np.empty(0)]
    for colour, pixel in fills:
        gap = _WHITE - colour
        size = float(np.linalg.norm(gap))
        if size < _CONTRAST:
            continue
        share = (pixel - colour) @ gap / size**2
        stray = np.linalg.norm(pixel - colour - share[:, None] * gap, axis=1)
        opacity.append(share[(stray <= _STRAY) & (share >= _FROM) & (share <= _TO)])
        contrast.append(np.full(len(opacity[-1]), size))
    every, sizes = np.concatenate(opacity), np.concatenate(contrast)
    order = np.argsort(every)
    every, sizes = every[order], sizes[order]
    near = np.searchsorted(every, every + _WIDE, "right") - np.arange(len(every))
    evenly = len(every) * _WIDE / (_TO - _FROM)
    if near.max(initial=0) < max(_FEWEST, _PEAK * evenly):
        return None
    first = int(np.argmax(near))
    here = slice(first, first + int(near[first]))
    usual = float(np.median(every[here]))
    stray = np.abs(every[here] - usual) * sizes[here] / np.sqrt(3)
    return LabelHalo(usual, max(_LEAST, 1.5 * float(np.median(stray))))


# Compression blurs colour and keeps lightness: weight of a step of colour beside a step of
# lightness in a compressed picture.
_BLURRED = 0.12
# Distance of a pixel from its colour, in a clean picture and in a compressed one.
_CLEAN, _NOISY = 14.0, 30.0
# A colour is clean where this share of the pixels near it are within this distance of it: three
# quarters and more of uncompressed marks with soft edges, at most about a half in a JPEG file of
# quality 95.
_ITSELF, _SHARE_CLEAN = 5.0, 0.6
# In a compressed picture, neighbours (of eight) in a core that make a pixel part of it.
_AROUND = 6
# Difference of colour below which a colour is grey. Share of the difference that compression
# leaves at least, and cosine of the turn of hue that it causes at most (30 degrees).
_GREY, _FADED, _SAME_HUE = 15.0, 0.5, 0.87
# Reach of a soft edge beyond the core, in pixels; distances outwards at which its ground is
# looked up.
_SOFT, _OUT = 2, (3.0, 2.0, 4.0, 5.0)
# Least difference of ground and marker colour; largest misfit of a mixture; misfit below which no
# other ground is tried.
_MIN_CONTRAST, _MAX_STRAY, _FITS = 30.0, 48.0, 8.0


class MarkerColour(NamedTuple):
    """A marker colour, and the quantised colours that belong to it.

    Parameters
    ----------
    colour : float, shape (3,)
        Mean red, green and blue.
    member : bool, shape (32768,)
        Which quantised colours belong to it, see `levels`.
    trust : float
        Weight of differences of colour: 1 where colour is as sharp as lightness, lower where a
        picture was compressed.
    """

    colour: np.ndarray
    member: np.ndarray
    trust: float


def marker_colour_of(count: np.ndarray, number: int) -> MarkerColour:
    """Learn the marker colour around a frequent colour.

    Parameters
    ----------
    count : int, shape (32768,)
        Pixels of each colour.
    number : int
        Of the frequent colour.

    Returns
    -------
    MarkerColour
    """
    every, middles = _all_levels()
    off = np.linalg.norm((every - every[number]) * np.sqrt([1, _BLURRED, _BLURRED]), axis=1)
    off[~_same_hue(every[:, 1:], every[number, 1:])] = np.inf
    clean = bool(count[off <= _ITSELF].sum() >= _SHARE_CLEAN * count[off <= _NOISY].sum())
    near = off <= (_CLEAN if clean else _NOISY)
    mean = np.average(middles, axis=0, weights=count * (off <= _CLEAN))
    return MarkerColour(mean, near, 1.0 if clean else _BLURRED)


@cache
def _all_levels() -> tuple[np.ndarray, np.ndarray]:
    """Return all quantised colours as `_luma_chroma`, and as red, green and blue."""
    middles = levels()
    return _luma_chroma(middles), middles


def _same_hue(hue: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which differences of colour have the same hue: grey is no pale red."""
    strong = float(np.hypot(*wanted))
    if strong < _GREY:
        return np.asarray(np.hypot(*hue.T) < 2 * _GREY)
    along = hue @ wanted / strong
    return np.asarray((along >= _FADED * strong) & (along >= _SAME_HUE * np.hypot(*hue.T)))


def core_of(
    index: np.ndarray, tint: MarkerColour, *, thin: int = 0, above: np.ndarray | None = None
) -> np.ndarray:
    """Return where the pure colour of a marker is, without lines of up to `2 thin` pixels.

    Parameters
    ----------
    index : uint16, shape (h, w)
        Numbers of colours.
    tint : MarkerColour
        Colour of the marks, from `marker_colour_of`.
    thin : int
        0 keeps everything.
    above : bool, shape (h, w), optional
        Marks that may hide part of these: they count as wide.

    Returns
    -------
    ndarray
    """
    core = tint.member[index]
    if tint.trust < 1:
        # Compression leaves single pixels of another colour, which would part a mark in lines.
        around = ndimage.uniform_filter(core.astype(np.float32), 3, mode="constant")
        core |= 9 * around > _AROUND - 0.5
    if thin == 0:
        return np.asarray(core)
    whole = core if above is None else core | above
    return np.asarray(core & dilate(dilate(whole, thin, shrink=True), thin + 1))


def coverage_of(
    image: np.ndarray,
    core: np.ndarray,
    tint: MarkerColour,
    second: tuple[np.ndarray, MarkerColour] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each pixel that a marker colour covers, alone and with a second one.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    core : bool, shape (h, w)
        Where the colour itself is.
    tint : MarkerColour
        Colour of the marks, from `marker_colour_of`.
    second : tuple of (bool array, MarkerColour), optional
        Core and colour of the second one.

    Returns
    -------
    own, both : float32, shape (h, w)
        0 to 1; equal where there is no second colour.

    Examples
    --------
    >>> row = [[255, 255, 255]] * 4 + [[235, 148, 148]] + [[214, 40, 40]] * 3
    >>> image = np.array([row] * 3, np.uint8)
    >>> _, index, count = ColourPicture.of(image)
    >>> tint = marker_colour_of(count, int(index[0, -1]))
    >>> coverage_of(image, core_of(index, tint), tint)[0].round(1)[1].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    """
    cores, tints = [core], [tint]
    if second is not None:
        cores, tints = [core, second[0] & ~core], [tint, second[1]]
    near = [dilate(colour_core, _SOFT) for colour_core in cores]
    whole = np.logical_or.reduce(cores)
    ring = np.logical_or.reduce(near) & ~whole
    share = _mixture_shares(image, whole, ring, tints, near)
    own, both = core.astype(np.float32), whole.astype(np.float32)
    own[ring], both[ring] = share[:, 0], share.sum(axis=1)
    return own, both


def dilate(mark: np.ndarray, by: int, *, shrink: bool = False) -> np.ndarray:
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
    widest = ndimage.minimum_filter if shrink else ndimage.maximum_filter
    return np.asarray(widest(mark, 2 * by + 1, mode="nearest"))


def _luma_chroma(colour: np.ndarray) -> np.ndarray:
    """Return lightness and two differences of colour, as compression separates them."""
    rgb = np.asarray(colour, np.float32)
    light = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    blue, red = 0.564 * (rgb[..., 2] - light), 0.713 * (rgb[..., 0] - light)
    return np.stack([light, blue, red], axis=-1)


def _mixture_shares(
    image: np.ndarray,
    core: np.ndarray,
    ring: np.ndarray,
    tints: list[MarkerColour],
    near: list[np.ndarray],
) -> np.ndarray:
    """Return the share of each colour in the pixels of soft edges."""
    height, width = core.shape
    row, column = np.nonzero(ring)
    beside = np.column_stack([reach[ring] for reach in near])
    across, down = _inward_direction(core, (row, column))
    pixel = _luma_chroma(image[row, column])
    share = np.zeros((len(row), len(tints)), np.float32)
    stray = np.full(len(row), np.inf, np.float32)
    ground = np.full((len(row), 3), np.nan, np.float32)

    def attempt(where: np.ndarray, beneath: np.ndarray) -> None:
        """Try a ground, and keep it for the pixels that it explains better."""
        for which in ([0], [1], [0, 1])[: 3 if len(tints) > 1 else 1]:
            asked = (beside[where].sum(axis=1) == len(which)) & beside[where][:, which].all(axis=1)
            if not asked.any():
                continue
            part, off = _unmixed(pixel[where[asked]], beneath[asked], [tints[k] for k in which])
            good = off < stray[where[asked]]
            at = where[asked][good]
            share[at] = 0
            share[np.ix_(at, which)] = part[good]
            stray[at], ground[at] = off[good], beneath[asked][good]

    for out in _OUT:
        open_ = np.flatnonzero(stray > _FITS)
        at_row = np.rint(row[open_] - out * down[open_]).astype(np.int64)
        at_column = np.rint(column[open_] - out * across[open_]).astype(np.int64)
        inside = (at_row >= 0) & (at_row < height) & (at_column >= 0) & (at_column < width)
        at_row, at_column = np.clip(at_row, 0, height - 1), np.clip(at_column, 0, width - 1)
        free = inside & ~core[at_row, at_column] & ~ring[at_row, at_column]
        attempt(open_[free], _luma_chroma(image[at_row[free], at_column[free]]))
    lost = np.flatnonzero(np.isinf(stray))
    if len(lost):
        # Between two marks the ground is hidden: the nearest one that is known is taken.
        place = np.column_stack([row, column])
        known = np.flatnonzero(np.isfinite(stray))
        beneath = np.full((len(lost), 3), _luma_chroma(np.full(3, 255.0)), np.float32)
        if len(known):
            beneath = ground[known[cKDTree(place[known]).query(place[lost])[1]]]
        attempt(lost, beneath)
    share[stray > _MAX_STRAY] = 0
    return _monotone(share, core, (row, column), (across, down))


def _inward_direction(core: np.ndarray, at: _Pair) -> _Pair:
    """Return the direction, as steps of column and row, to most of the core."""
    (row, column), (height, width) = at, core.shape
    across, down = np.zeros(len(row), np.float32), np.zeros(len(row), np.float32)
    for i in range(-_SOFT, _SOFT + 1):
        for j in range(-_SOFT, _SOFT + 1):
            here = core[np.clip(row + i, 0, height - 1), np.clip(column + j, 0, width - 1)]
            across += j * here
            down += i * here
    size = np.maximum(np.hypot(across, down), 1e-6)
    return across / size, down / size


def _unmixed(pixel: np.ndarray, ground: np.ndarray, tints: list[MarkerColour]) -> _Pair:
    """Return the shares of colours over a ground, and the unexplained rest."""
    trust = min(tint.trust for tint in tints)
    scale = np.sqrt([1, trust, trust]).astype(np.float32)
    offset = (pixel - ground) * scale
    gaps = [(_luma_chroma(tint.colour) - ground) * scale for tint in tints]
    options = [_share_of_one(offset, gap) for gap in gaps]
    if len(tints) == 1:
        shares = [options[0][:, None]]
    else:
        none = np.zeros(len(pixel), np.float32)
        shares = [np.column_stack([options[0], none]), np.column_stack([none, options[1]])]
        along = _share_of_one(offset - gaps[1], gaps[0] - gaps[1])
        shares += [np.column_stack([along, 1 - along]), _shares_of_two(offset, *gaps)]
    # The nearest point of the triangle of mixtures: on its sides, or inside.
    left = [offset - sum(s[:, k, None] * gap for k, gap in enumerate(gaps)) for s in shares]
    off = np.stack([np.einsum("nk,nk->n", rest, rest) for rest in left])
    best = np.argmin(off, axis=0)
    share = np.stack(shares)[best, np.arange(len(pixel))]
    gaps = [_luma_chroma(tint.colour) - ground for tint in tints]
    mixture = sum(share[:, k, None] * gap for k, gap in enumerate(gaps))
    return share, np.linalg.norm(pixel - ground - mixture, axis=1)


def _share_of_one(offset: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Return the least-squares share of one colour."""
    size = np.einsum("nk,nk->n", gap, gap)
    share = np.einsum("nk,nk->n", offset, gap) / np.maximum(size, 1)
    return np.where(size < _MIN_CONTRAST**2, 0, np.clip(share, 0, 1)).astype(np.float32)


def _shares_of_two(offset: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the least-squares shares of two colours; 0 where they are no mixture."""
    a, b, c = (
        np.einsum("nk,nk->n", *pair) for pair in ((first, first), (first, second), (second, second))
    )
    p, q = (np.einsum("nk,nk->n", offset, gap) for gap in (first, second))
    det = a * c - b * b
    apart = det > 0.02 * a * c
    det = np.where(apart, det, 1)
    share = np.column_stack([(c * p - b * q) / det, (a * q - b * p) / det])
    good = apart & (share >= 0).all(axis=1) & (share.sum(axis=1) <= 1)
    return np.where(good[:, None], share, 0).astype(np.float32)


def _monotone(share: np.ndarray, core: np.ndarray, at: _Pair, inwards: _Pair) -> np.ndarray:
    """Make coverage monotone outwards: no pixel is covered more than the one behind it."""
    (row, column), (across, down), (height, width) = at, inwards, core.shape
    cover = core.astype(np.float32)
    total = share.sum(axis=1)
    cover[at] = total
    behind = (
        np.clip(np.rint(row + down), 0, height - 1).astype(np.int64),
        np.clip(np.rint(column + across), 0, width - 1).astype(np.int64),
    )
    for _ in range(_SOFT):
        cover[at] = np.minimum(cover[at], cover[behind])
    return np.asarray(share * (cover[at] / np.maximum(total, 1e-6))[:, None])


def template_share(mask: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the share of a template that a mask covers, centred at each pixel.

    Parameters
    ----------
    mask : float32, shape (h, w)
        1 where the mask is, 0 elsewhere.
    part : bool, shape (a, b)
        The template, its middle pixel in the middle.

    Returns
    -------
    float, shape (h, w)

    Examples
    --------
    >>> mask = np.array([[0, 1, 1, 0]], np.float32)
    >>> template_share(mask, np.ones((1, 3), bool)).astype(float).round(2).tolist()
    [[0.33, 0.67, 0.67, 0.33]]
    """
    from scipy.signal import fftconvolve

    covered = fftconvolve(mask, part[::-1, ::-1].astype(np.float32), mode="same")
    return np.asarray(covered / max(int(part.sum()), 1))


def block_means(image: np.ndarray, by: int) -> np.ndarray:
    """Reduce an image: the means of squares of pixels.

    Parameters
    ----------
    image : float, shape (h, w, c)
    by : int
        Side of a square, in pixels.

    Returns
    -------
    float, shape (h // by, w // by, c)
    """
    height, width = (side // by * by for side in image.shape[:2])
    squares = image[:height, :width].reshape(height // by, by, width // by, by, -1)
    return np.asarray(squares.mean(axis=(1, 3)))


def shrink_mask(mask: np.ndarray, by: int) -> np.ndarray:
    """Reduce a mask: the squares of pixels of which it covers half or more.

    Parameters
    ----------
    mask : bool, shape (h, w)
    by : int
        Side of a square, in pixels.

    Returns
    -------
    bool, shape (h // by, w // by)
    """
    return mask if by == 1 else block_means(mask[..., None].astype(np.float32), by)[..., 0] >= 0.5


def window_around(
    shape: tuple[int, ...], column: float, row: float, reach: int
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Return the part of a picture around a point, with the offsets of its pixels.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the picture.
    column, row : float
        The point.
    reach : int
        Pixels to each side.

    Returns
    -------
    box : tuple of slice
        Rows and columns.
    right, below : float, shape (1, w), shape (h, 1)
        From the point to the centres of the pixels.
    """
    rows = slice(max(int(row) - reach, 0), min(int(row) + reach + 1, shape[0]))
    columns = slice(max(int(column) - reach, 0), min(int(column) + reach + 1, shape[1]))
    down, across = np.ogrid[rows, columns]
    return (rows, columns), across + 0.5 - column, down + 0.5 - row


def pixels_at(
    shape: tuple[int, ...], points: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the row and column of the pixel of each point, and whether it is in the picture.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the picture.
    points : float, shape (n, 2)
        Columns and rows.

    Returns
    -------
    row, column : int64, shape (n,)
        Of the nearest pixel where a point lies outside.
    inside : bool, shape (n,)
    """
    column, row = np.floor(points).astype(np.int64).T
    near = row.clip(0, shape[0] - 1), column.clip(0, shape[1] - 1)
    return *near, (near[0] == row) & (near[1] == column)


# Largest width of a stroke of a letter, in pixels; least darkness against its ground, in levels.
_STROKE, _DARKER = 5, 50.0


def letter_strokes(image: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Return where thin dark strokes are that belong to no marker: letters of labels.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    marks : bool, shape (h, w)
        Markers and their rims.

    Returns
    -------
    bool, shape (h, w)
    """
    light = image @ np.array([0.299, 0.587, 0.114], np.float32)
    thin = ndimage.grey_closing(light, (_STROKE, _STROKE)) - light > _DARKER
    return np.asarray(thin & ~marks)


# Least difference of lightness across an edge; share of it between neighbouring pixels from which
# an edge is a drawn one; share of the edges that are asked; of the largest difference, a whole one.
_EDGE, _DRAWN_EDGE, _SHARPEST, _WHOLE_EDGE = 40.0, 0.55, 0.75, 0.6


def has_soft_edges(image: np.ndarray, centre: np.ndarray, radius: float) -> bool:
    """Return whether edges of marks are softer than programs draw them, as on a photograph.

    Examples
    --------
    >>> row, column = np.mgrid[:40, :40] + 0.5
    >>> drawn = 255 * np.clip(np.hypot(row - 20, column - 20) - 8, 0, 1)
    >>> [has_soft_edges(np.repeat(one[..., None], 3, axis=2), np.array([[20.0, 20]]), 8.5)
    ...  for one in (drawn, ndimage.gaussian_filter(drawn, 1.0))]
    [False, True]
    """
    reach, ratios = int(radius) + 4, [np.empty(0)]
    for column, row in centre[:: 1 + len(centre) // 60].astype(int):
        part = image[max(row - reach, 0) : row + reach, max(column - reach, 0) : column + reach]
        light = part @ np.array([0.299, 0.587, 0.114])
        for lines in (light, light.T):
            step = np.diff(lines, axis=1, append=np.zeros((len(lines), 4)) + lines[:, -1:])
            # Five pixels across an edge of which all steps go one way.
            five = np.lib.stride_tricks.sliding_window_view(step, 4, axis=1)
            total = np.abs(five.sum(axis=2))
            # Of the whole of an edge: a part of a soft one is as steep as a drawn one.
            least = max(_EDGE, _WHOLE_EDGE * total.max())
            edge = (total >= least) & (np.abs(five).sum(axis=2) <= 1.1 * total)
            ratios.append(np.abs(five[edge]).max(axis=1) / total[edge])
    ratio = np.concatenate(ratios)
    return bool(len(ratio) and np.quantile(ratio, _SHARPEST) < _DRAWN_EDGE)
