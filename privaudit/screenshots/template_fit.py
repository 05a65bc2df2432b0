"""Marks that overlap, each like its stamp: peeled off a picture, the one that fits best first.

The mark that was painted last is whole. It is taken first, and what it covers says nothing more
of the marks below, which are looked for in what is left. A pixel speaks for a mark by how much
likelier its colour is in that part of a mark than anywhere near marks; letters that lie above
speak neither for a mark nor against it, and what shines through their halos does.

- What a mark looks like that a map paints again and again, from its middle outwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.screenshots.coverage import Veil, frequent, learn_veil, levels
from privaudit.screenshots.marker_colours import members, round_cores, sides

# Width, in pixels, of the rings by which a mark is described.
RING = 0.5
# How far beyond its fill one looks for a rim, and for the ground; rings beyond a mark that still
# tell of it.
_BEYOND, _GROUND, _MORE = 4.0, 6.0, 2
# A ring is of a mark where it differs so much from the ground, and so many times its own spread: a
# white rim on a pale ground differs by little, and is the same around every mark. Colours that
# differ by more than the last are not one.
_RIM, _APART, _CONTRAST = 10.0, 1.5, 30.0
# Frequent colours of a family that are tried, each within so many levels; the narrowest mark.
_TRIED, _WITHIN, _NARROWEST = 3, (12, 28), 4.0
# Marks that are enough to be sure, and to learn from; share of its box that one fills at least.
_ENOUGH, _MOST, _FILLS = 8, 80, 0.62
# Browsers put some marks at whole pixels: so near are middles then, for so large a share.
_EVEN, _MOSTLY = 0.1, 0.5
# A later colour is better by this factor.
_CLEARLY = 1.2


class Stamp(NamedTuple):
    """A radial template of a mark: colour of each ring (n, 3), variation, radii of fill and whole.

    `single` marks told it; `whole` tells whether their middles all lie between pixels. A mark that
    is not round has parts instead of rings: `shape` int (h, w) says which part each of its pixels
    is of, -1 for none, the fill's first; `inner` counts these; `tip` (column, row) is the place
    that it marks, from its middle.
    """

    colour: np.ndarray
    spread: np.ndarray
    fill: float
    outer: float
    single: int
    whole: bool = False
    shape: np.ndarray | None = None
    inner: int = 0
    tip: tuple[float, float] = (0.0, 0.0)

    def parts(self, reach: int, x: float = 0.0, y: float = 0.0) -> np.ndarray:
        """Return the part of a mark that the pixels around its centre show, -1 for none.

        Parameters
        ----------
        reach : int
            Pixels on each side of the middle: (2 reach + 1) squared in all.
        x, y : float
            Of the middle, in the pixel.

        Returns
        -------
        ndarray
        """
        if self.shape is None:
            down, across = np.ogrid[-reach : reach + 1, -reach : reach + 1]
            ring = np.rint(np.hypot(down + 0.5 - y, across + 0.5 - x) / RING).astype(np.int64)
            return np.where(ring < len(self.colour), ring, -1)
        part = np.full((2 * reach + 1, 2 * reach + 1), -1)
        high, wide = self.shape.shape
        top, left = reach - high // 2, reach - wide // 2
        part[top : top + high, left : left + wide] = self.shape
        return part

    @property
    def own(self) -> int:
        """Return the number of parts of the mark itself; later parts are ground."""
        return len(self.colour) if self.shape is not None else int(self.outer / RING + 0.5) + 1

    @property
    def filled(self) -> int:
        """Return the number of parts of the fill."""
        return self.inner if self.shape is not None else int(self.fill / RING) + 1


def fill_of(
    image: np.ndarray, count: np.ndarray, wanted: str | np.ndarray
) -> tuple[Stamp, np.ndarray] | None:
    """Return the template of a family of colours, and where its fill is, or None.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    count : int, shape (32768,)
        Pixels of each colour.
    wanted : str | np.ndarray
        One of `FAMILIES`, or red, green and blue.

    Returns
    -------
    tuple (Stamp, ndarray) or None
    """
    best, most = None, 0.0
    for number in frequent(np.where(members(wanted), count, 0), _TRIED):
        middle = levels(np.array([number]))[0]
        near = np.abs(image - middle).max(axis=2) <= _WITHIN[0]
        middle = np.median(image[near], axis=0) if near.any() else middle
        off = np.abs(image - middle).max(axis=2)
        for within in _WITHIN:
            core = off <= within
            rounds = round_cores(core)
            if not rounds or rounds[0].width < _NARROWEST:
                continue
            worth = rounds[0].pixels * min(rounds[0].number, _ENOUGH)
            if worth <= _CLEARLY * most:
                continue
            stamp = learn_stamp(image, core, rounds[0].width)
            if stamp is not None:
                best, most = (stamp, core), worth
    return best


def learn_stamp(image: np.ndarray, core: np.ndarray, width: float) -> Stamp | None:
    """Return the template learnt from the round pieces of a fill, or None if one alone is round.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    core : bool, shape (h, w)
        Where the colour of the fill is seen.
    width : float
        Of round pieces, in pixels.

    Returns
    -------
    Stamp or None

    Examples
    --------
    >>> row, column = np.mgrid[:40, :80] + 0.5
    >>> away = np.minimum(np.hypot(row - 20, column - 20), np.hypot(row - 20, column - 55))
    >>> image = np.where(away[..., None] < 5, [200, 40, 40], [240, 240, 240])
    >>> image = np.where((away[..., None] >= 5) & (away[..., None] < 7), 50, image)
    >>> stamp = learn_stamp(image.astype(np.float32), away < 5, 10.0)
    >>> round(stamp.fill), stamp.outer, stamp.single
    (5, 6.5, 2)
    """
    label, _ = ndimage.label(core)
    boxes = ndimage.find_objects(label)
    area = np.bincount(label.reshape(-1))[1:]
    fits = (np.abs(sides(boxes) - width) <= 1).all(axis=1) & (area >= _FILLS * width**2)
    alike = np.flatnonzero(fits)[:_MOST]
    if len(alike) < 2:
        return None
    half = int(np.ceil(width / 2 + _GROUND)) + 1
    ring, pixel, radius, middle = [], [], [], []
    for k in alike:
        rows, columns = boxes[k]
        down, across = np.nonzero(ndimage.binary_fill_holes(label[boxes[k]] == k + 1))
        row, column = rows.start + down.mean() + 0.5, columns.start + across.mean() + 0.5
        radius.append(np.sqrt(len(down) / np.pi))
        middle.append((row, column))
        box = tuple(slice(max(int(at) - half, 0), int(at) + half + 1) for at in (row, column))
        window = image[box]
        y, x = np.indices(window.shape[:2]) + 0.5 + [[[part.start]] for part in box]
        ring.append((np.hypot(x - column, y - row) / RING).ravel())
        pixel.append(window.reshape(-1, 3))
    fill = float(np.median(radius))
    off = np.abs(np.array(middle) - np.rint(middle)).max(axis=1)
    stamp = _rings(np.concatenate(ring), np.concatenate(pixel), fill, len(alike))
    return stamp._replace(whole=bool((off < _EVEN).mean() > _MOSTLY))


def _rings(ring: np.ndarray, pixel: np.ndarray, fill: float, single: int) -> Stamp:
    """Describe each ring, and find where the mark ends and the ground begins."""
    many = int((fill + _GROUND) / RING)
    quantile = np.empty((3, many, 3))
    for k in range(many):
        here = np.abs(ring - k) <= RING if k > 2 else ring <= 3
        if not here.any():
            # All of these marks are cut by the edge of the picture.
            quantile[:, k] = quantile[:, k - 1]
            continue
        quantile[:, k] = np.percentile(pixel[here], [16, 50, 84], axis=0)
    colour, spread = quantile[1], (quantile[2] - quantile[0]) / 2
    radius = np.arange(many) * RING
    ground = np.median(colour[radius >= fill + _BEYOND], axis=0)
    off = np.linalg.norm(colour - ground, axis=1)
    own = off > np.maximum(_RIM, _APART * np.linalg.norm(spread, axis=1))
    own &= radius <= fill + _BEYOND
    # The soft edge between a fill and its rim varies as much as the ground does.
    own[:-1] |= own[1:] & (radius[:-1] <= fill + 2 * RING)
    last = int(fill / RING)
    while last + 1 < many and own[last + 1]:
        last += 1
    outer = max(last * RING, fill)
    inner = slice(last + 1 + _MORE)
    return Stamp(colour[inner], spread[inner], fill, outer, single)


def recoloured(stamp: Stamp, colour: np.ndarray) -> Stamp:
    """Return the template with another fill, for marks of equal shape that never stand alone.

    Parameters
    ----------
    stamp : Stamp
        Template of a mark.
    colour : float, shape (3,)
        Colour of the new fill.

    Returns
    -------
    Stamp
    """
    fill = np.linalg.norm(stamp.colour - stamp.colour[0], axis=1) < _CONTRAST
    return stamp._replace(colour=np.where(fill[:, None], colour, stamp.colour), single=0)


# Levels within which a colour is met, and the share of a mark's pixels that may be anything.
_TOLERANCE, _ANYTHING = 9.0, 0.25
# What speaks for a mark, at least, in units of log-likelihood: with a rim, without one. What may
# speak against it where letters lie.
_LEAST, _PLAIN, _DOUBT = 6.0, 7.0, -0.12
# The same for a mark that is not round, a pixel of it.
_SHAPED = 0.25
# What may speak against it beside letters, where it is known what shines through.
_VEILED = -0.25
# Places at which a mark is tried, to a pixel of each axis.
_PHASES = 2
# Pixels that have the colour of the fill, at least: a mark under a name shows hardly any. Beside
# strokes of letters, whose soft edges have every colour between two, and of a mark whose middle
# lies within this share of its radius of another's, so many.
_SEEN, _LETTERED, _HEAPED, _CLOSE = 1, 2, 4, 0.5
# Levels a step of colour, when what is usual near marks is counted, and beside letters.
_STEP, _FINE = 8, 4
# Strokes of letters are up to so many pixels wide, so much darker than what is around, and have a
# halo as wide as this.
_STROKE, _DARKER, _HALO = 5, 50.0, 2
# Times that marks are looked for again where letters lie: each tells more of what shines through.
_LOOKS = 2
# Outermost rings of a fill that may be of its rim.
_HARDLY = 2
# A rim is wider than this, in pixels: a soft edge is not.
_RIMMED = 1.0
# Pixels of a block.
_BLOCK = (2, 2)
# Share of the way from one trial place to the next at which a mark lies, as a standard error.
_ERROR = 1 / np.sqrt(12) / _PHASES


class Peeled(NamedTuple):
    """Fitted marks: column and row (n, 2), standard error, template, visible share.

    `owner` int (h, w) is the mark that each pixel shows, -1 for none; `rim` tells whether it is not
    of its fill, or hardly.
    """

    centre: np.ndarray
    error: float
    kind: np.ndarray
    seen: np.ndarray
    owner: np.ndarray
    rim: np.ndarray


def peel(image: np.ndarray, stamps: list[Stamp], near: np.ndarray) -> Peeled:
    """Fit templates to a picture; again, once letters are known.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    stamps : list of Stamp
        What marks may look like.
    near : bool, shape (h, w)
        Where middles of marks may be.

    Returns
    -------
    Peeled
    """
    reach = int(max(stamp.outer for stamp in stamps)) + 3
    around = ndimage.binary_dilation(near, np.ones((3, 3)), reach)
    usual = _usual(image[around])
    worth = [_worth(image[around], stamp, usual) for stamp in stamps]
    fitted = _taken(worth, stamps, near, around, reach)
    strokes, letters = (part & around for part in _letters(image, fitted))
    for _ in range(_LOOKS if letters.any() else 0):
        veil = _veil(image, fitted, stamps, letters)
        # Soft edges of letters have the colours of marks: there, these are usual, and only a
        # block of such pixels is the fill of a mark.
        other = image[letters & (fitted.owner < 0)]
        usual = _usual(other)
        shines = None if veil is None else (veil, _usual(other, _FINE, veil.spread))
        for score, stamp in zip(worth, stamps, strict=True):
            says = _worth(image[letters], stamp, usual, shines)
            least = _DOUBT if veil is None else np.where(strokes[letters], _DOUBT, _VEILED)
            score[:, letters[around]] = np.maximum(says, least)
            like = np.zeros_like(near)
            like[around] = score[0] > 0
            soft = (like & ~ndimage.binary_opening(like, np.ones(_BLOCK)) & letters)[around]
            inner = slice(0, stamp.filled - 1)
            score[inner, soft] = np.minimum(score[inner, soft], 0)
        # Where nothing shines through them, letters may be the casings of roads, which have the
        # colours of soft edges.
        fitted = _taken(worth, stamps, near, around, reach, letters=letters, soft=veil is not None)
    return fitted


class _Usual(NamedTuple):
    """Density of colours, by steps of each channel."""

    density: np.ndarray
    step: int

    def at(self, pixel: np.ndarray) -> np.ndarray:
        """Return the density at some colours."""
        return np.asarray(self.density[_number(pixel, self.step)])


def _usual(pixel: np.ndarray, step: int = _STEP, tolerance: float = _TOLERANCE) -> _Usual:
    """Return the density of colours, within a tolerance."""
    side = 256 // step
    count = np.bincount(_number(pixel, step), minlength=side**3).reshape(side, side, side)
    smooth = ndimage.gaussian_filter(count.astype(np.float32), tolerance / step)
    density = (smooth / max(len(pixel), 1) + 1e-3 / side**3) / step**3
    return _Usual(density.reshape(-1), step)


def _number(pixel: np.ndarray, step: int) -> np.ndarray:
    """Return the bin of each colour."""
    side = 256 // step
    at = (pixel / step).astype(np.int64).clip(0, side - 1)
    return np.asarray(at @ np.array([side**2, side, 1]))


def _worth(
    pixel: np.ndarray,
    stamp: Stamp,
    usual: _Usual,
    shines: tuple[Veil, _Usual] | None = None,
) -> np.ndarray:
    """Return what each pixel says for lying in each part of a mark, float32 (parts, pixels).

    shines : A veil through which marks may be seen, and how usual colours are, as sharply.
    """
    by_chance = usual.at(pixel)
    score = np.empty((len(stamp.colour), len(pixel)), np.float32)
    for k, (colour, spread) in enumerate(zip(stamp.colour, stamp.spread, strict=True)):
        likelier = _density(pixel, colour, np.hypot(_TOLERANCE, spread)) / by_chance
        if shines is not None:
            veil, sharp = shines
            wide = np.hypot(veil.spread, (1 - veil.opacity) * spread)
            likelier += _density(pixel, veil.over(colour), wide) / sharp.at(pixel)
            likelier /= 2
        score[k] = np.log((1 - _ANYTHING) * likelier + _ANYTHING)
    return score


def _density(pixel: np.ndarray, colour: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Return the normal density of colours around a mean, with a standard deviation a channel."""
    off = ((pixel - colour.astype(np.float32)) / wide.astype(np.float32)) ** 2
    return np.asarray(np.exp(-0.5 * off.sum(axis=1)) / (np.prod(wide) * (2 * np.pi) ** 1.5))


def _veil(
    image: np.ndarray, fitted: Peeled, stamps: list[Stamp], letters: np.ndarray
) -> Veil | None:
    """Return the opacity of letter halos, learnt from the fills of marks below them."""
    # Beside another mark a pixel may be of its soft edge.
    own = ndimage.minimum_filter(fitted.owner, 3) == ndimage.maximum_filter(fitted.owner, 3)
    fill = letters & own & (fitted.owner >= 0) & ~fitted.rim
    kind, pixel = fitted.kind[fitted.owner[fill]], image[fill]
    return learn_veil([(stamp.colour[0], pixel[kind == k]) for k, stamp in enumerate(stamps)])


def _taken(
    worth: list[np.ndarray],
    stamps: list[Stamp],
    near: np.ndarray,
    around: np.ndarray,
    reach: int,
    *,
    letters: np.ndarray | None = None,
    soft: bool = True,
) -> Peeled:
    """Take the best mark, remove what it covers, and repeat until no score is positive."""
    scores = [_spread_out(part_score, around, reach) for part_score in worth]
    phases = 1 if all(stamp.whole for stamp in stamps) else _PHASES
    plans = [_plans(stamp, phases, reach) for stamp in stamps]
    height, width = near.shape
    score = np.zeros((len(stamps), phases**2, height, width), np.float32)
    open_ = near.copy()
    owner = np.full((height + 2 * reach, width + 2 * reach), -1)
    clear = np.pad(near | True if letters is None else ~letters, reach)
    rim = np.zeros(owner.shape, bool)
    taken: list[tuple[float, float, int, float]] = []
    best = np.full((height, width), -np.inf, np.float32)

    def rescore(rows: slice, columns: slice) -> None:
        for k, plan in enumerate(plans):
            _add_up(score[k, :, rows, columns], scores[k], plan, rows, columns, reach)
            score[k, :, rows, columns] -= _least(stamps[k])
        part = score[:, :, rows, columns].max(axis=(0, 1))
        best[rows, columns] = np.where(open_[rows, columns], part, -np.inf)

    rescore(slice(0, height), slice(0, width))
    while True:
        row, column = divmod(int(np.argmax(best)), width)
        if best[row, column] < 0:
            break
        kind, phase = divmod(int(np.argmax(score[:, :, row, column])), phases**2)
        y, x = np.array(divmod(phase, phases)) / phases
        box = (slice(row, row + 2 * reach + 1), slice(column, column + 2 * reach + 1))
        part = stamps[kind].parts(reach, x, y)
        free = owner[box] < 0
        inside = (part >= 0) & (part < stamps[kind].own)
        says = scores[kind][(slice(None), *box)]
        near_by = [np.hypot(column + x - mark[0], row + y - mark[1]) for mark in taken]
        heaped = min(near_by, default=np.inf) < _CLOSE * stamps[kind].outer
        if not _shows_fill(says, stamps[kind], part, free, clear[box], heaped, soft=soft):
            open_[row, column], best[row, column] = False, -np.inf
            continue
        share = float((free & inside).sum() / inside.sum())
        owner[box][free & inside] = len(taken)
        rim[box][free & inside] = part[free & inside] >= stamps[kind].filled - _HARDLY
        taken.append((column + x, row + y, kind, share))
        for part_score, stamp in zip(scores, stamps, strict=True):
            part_score[(slice(None), *box)] *= ~inside
            # The ground beside a mark supports this mark only.
            part_score[(slice(stamp.own, None), *box)] *= part < 0
        open_[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = False
        rescore(_window(row, reach, height), _window(column, reach, width))
    table = np.array(taken).reshape(-1, 4)
    inner = (slice(reach, reach + height), slice(reach, reach + width))
    kinds = table[:, 2].astype(np.int64)
    return Peeled(table[:, :2], _ERROR, kinds, table[:, 3], owner[inner], rim[inner])


def _least(stamp: Stamp) -> float:
    """Return the least score of a mark."""
    if stamp.shape is not None:
        return _SHAPED * float((stamp.shape >= 0).sum())
    return _LEAST if stamp.outer - stamp.fill > RING else _PLAIN


def _shows_fill(
    score: np.ndarray,
    stamp: Stamp,
    part: np.ndarray,
    free: np.ndarray,
    clear: np.ndarray,
    heaped: bool,
    *,
    soft: bool,
) -> bool:
    """Tell whether enough pixels speak for the fill of a mark, and for no mark above it.

    clear : Where no letters lie.
    heaped : Whether it lies nearly where another does.
    soft : Whether those of its soft edge do; else, where no rim speaks for a mark, they do not.
    """
    filled = stamp.filled
    if not soft and stamp.shape is None and stamp.outer - stamp.fill <= _RIMMED:
        filled = max(1, filled - _HARDLY)
    says = np.take_along_axis(score, np.maximum(part, 0)[None], axis=0)[0]
    fill = free & (part >= 0) & (part < filled) & (says > 0)
    if heaped:
        return int(fill.sum()) >= _HEAPED
    return int((fill & clear).sum()) >= _SEEN or int(fill.sum()) >= _LETTERED


def _window(at: int, reach: int, end: int) -> slice:
    """Return the positions that a mark changes."""
    return slice(max(at - 2 * reach + 3, 0), min(at + 2 * reach - 2, end))


def _spread_out(worth: np.ndarray, around: np.ndarray, reach: int) -> np.ndarray:
    """Return pixel scores as an image, with a margin."""
    height, width = around.shape
    score = np.zeros((len(worth), height + 2 * reach, width + 2 * reach), np.float32)
    score[:, reach : reach + height, reach : reach + width][:, around] = worth
    return score


def _plans(stamp: Stamp, phases: int, reach: int) -> list[list[tuple[int, int, int]]]:
    """Return, for each sub-pixel phase, the pixels of a mark: row, column, part."""
    plans = []
    for phase in range(phases**2):
        y, x = np.array(divmod(phase, phases)) / phases
        part = stamp.parts(reach, x, y)
        down, across = np.nonzero(part >= 0)
        where = (down - reach).tolist(), (across - reach).tolist(), part[down, across].tolist()
        plans.append(list(zip(*where, strict=True)))
    return plans


def _add_up(
    score: np.ndarray,
    pixel_score: np.ndarray,
    plans: list[list[tuple[int, int, int]]],
    rows: slice,
    columns: slice,
    reach: int,
) -> None:
    """Return the score of a mark at each position of a window, for each phase."""
    score[:] = 0
    high, low = rows.start + reach, columns.start + reach
    height, width = rows.stop - rows.start, columns.stop - columns.start
    for total, plan in zip(score, plans, strict=True):
        for down, across, part in plan:
            top, left = high + down, low + across
            total += pixel_score[part, top : top + height, left : left + width]


def _letters(image: np.ndarray, fitted: Peeled) -> tuple[np.ndarray, np.ndarray]:
    """Return where letters may lie (thin dark strokes that are no rims), and their halos."""
    light = image @ np.array([0.299, 0.587, 0.114], np.float32)
    thin = ndimage.grey_closing(light, (_STROKE, _STROKE)) - light > _DARKER
    stroke = ndimage.binary_dilation(thin & ~fitted.rim, np.ones((3, 3)))
    return stroke, ndimage.binary_dilation(stroke, np.ones((3, 3)), _HALO - 1)
