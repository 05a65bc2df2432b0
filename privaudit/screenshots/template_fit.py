"""Template fitting of overlapping markers: the best fit is removed first, and so on.

The marker that was painted last is whole. It is fitted first, and its pixels are no evidence for
the markers below, which are sought in what is left. The evidence of a pixel is the likelihood
ratio of its colour in a part of a template and near markers in general. Letters above a marker
are no evidence for or against it; colours that show through their halos are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.screenshots.colour_families_and_coverage import (
    ColourPicture,
    LabelHalo,
    Wanted,
    block_means,
    learn_label_halo,
    letter_strokes,
    piece_sizes,
    pixels_at,
    shrink_mask,
)
from privaudit.screenshots.dots import DotPair, Dots, DotSize
from privaudit.screenshots.marker_templates import (
    RING,
    Agreement,
    MarkerTemplate,
    Outlines,
    fill_template,
    learn_pins,
    recolour,
    three_corners,
)

# Standard deviation of a colour, in levels; share of a mark's pixels that may have any colour.
_TOLERANCE, _ANYTHING = 9.0, 0.25
# Least log-likelihood ratio of a mark, with and without a rim; lower limit of that of a pixel of
# letters.
_LEAST, _PLAIN, _DOUBT = 6.0, 7.0, -0.12
# The same for a mark that is not round, a pixel of it.
_SHAPED = 0.25
# Lower limit of the log-likelihood ratio of a pixel beside letters, where the halo's opacity is
# known.
_THROUGH_HALO = -0.25
# Positions at which a mark is tried, to a pixel of each axis.
_PHASES = 2
# Least number of pixels with the colour of the fill: in general (a mark under a label shows
# hardly any), beside letters, whose soft edges have every mixed colour, and for a mark whose
# centre lies within this share of its radius of another's.
_FILL_PIXELS, _FILL_BY_LETTERS, _FILL_IN_HEAPS, _CLOSE = 1, 2, 4, 0.5
# Levels of a bin of colour, near marks and beside letters.
_STEP, _FINE = 8, 4
# Width of the halo of letters, in pixels.
_HALO = 2
# Further rounds of fitting where letters lie: each one improves the opacity of halos.
_ROUNDS = 2
# Outermost rings of a fill that may be part of its rim.
_RIM_RINGS = 2
# A rim is wider than this, in pixels; a soft edge is not.
_RIMMED = 1.0
# Pixels of a block.
_BLOCK = (2, 2)
# Standard error of a position between two trial positions.
_ERROR = 1 / np.sqrt(12) / _PHASES


class TemplateFit(NamedTuple):
    """Markers that were fitted.

    Parameters
    ----------
    centre : float, shape (n, 2)
        Column and row.
    kind : int, shape (n,)
        Number of the template of each.
    owner : int, shape (h, w)
        Marker of each pixel, -1 for none.
    rim : bool, shape (h, w)
        Pixels of markers that are not, or barely, of the fill.
    """

    centre: np.ndarray
    kind: np.ndarray
    owner: np.ndarray
    rim: np.ndarray


def fit_templates(
    image: np.ndarray, templates: list[MarkerTemplate], near: np.ndarray
) -> TemplateFit:
    """Fit templates to a picture; again, once letters are known.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    templates : list of MarkerTemplate
        Templates of the markers.
    near : bool, shape (h, w)
        Where middles of marks may be.

    Returns
    -------
    TemplateFit
    """
    reach = int(max(template.outer for template in templates)) + 3
    around = ndimage.binary_dilation(near, np.ones((3, 3)), reach)
    usual = _ColourDensity(image[around])
    worth = [_log_ratios(image[around], template, usual) for template in templates]
    fitted = _fit_greedily(worth, templates, near, around, reach)
    strokes, letters = (part & around for part in _letters(image, fitted))
    for _ in range(_ROUNDS if letters.any() else 0):
        halo = _label_halo(image, fitted, templates, letters)
        # Soft edges of letters have the colours of marks: there the density of colours is that of
        # letters, and only a block of such pixels is the fill of a mark.
        other = image[letters & (fitted.owner < 0)]
        usual = _ColourDensity(other)
        through_halo = halo and (halo, _ColourDensity(other, _FINE, halo.spread))
        for score, template in zip(worth, templates, strict=True):
            ratio = _log_ratios(image[letters], template, usual, through_halo)
            least = _DOUBT if halo is None else np.where(strokes[letters], _DOUBT, _THROUGH_HALO)
            score[:, letters[around]] = np.maximum(ratio, least)
            like = np.zeros_like(near)
            like[around] = score[0] > 0
            soft = (like & ~ndimage.binary_opening(like, np.ones(_BLOCK)) & letters)[around]
            inner = slice(0, template.fill_parts - 1)
            score[inner, soft] = np.minimum(score[inner, soft], 0)
        # Without halos, letters may be the casings of roads, which have the colours of soft edges.
        fitted = _fit_greedily(
            worth, templates, near, around, reach, letters=letters, soft=halo is not None
        )
    return fitted


class _ColourDensity:
    """Density of colours, by steps of each channel and within a tolerance."""

    def __init__(self, pixel: np.ndarray, step: int = _STEP, tolerance: float = _TOLERANCE) -> None:
        self.step, self.side = step, 256 // step
        shape = (self.side,) * 3
        count = np.bincount(self._bins(pixel), minlength=self.side**3).reshape(shape)
        smooth = ndimage.gaussian_filter(count.astype(np.float32), tolerance / step)
        density = (smooth / max(len(pixel), 1) + 1e-3 / self.side**3) / step**3
        self.density = density.reshape(-1)

    def at(self, pixel: np.ndarray) -> np.ndarray:
        """Return the density at some colours."""
        return np.asarray(self.density[self._bins(pixel)])

    def _bins(self, pixel: np.ndarray) -> np.ndarray:
        """Return the bin of each colour."""
        at = (pixel / self.step).astype(np.int64).clip(0, self.side - 1)
        return np.asarray(at @ np.array([self.side**2, self.side, 1]))


def _log_ratios(
    pixel: np.ndarray,
    template: MarkerTemplate,
    usual: _ColourDensity,
    through_halo: tuple[LabelHalo, _ColourDensity] | None = None,
) -> np.ndarray:
    """Return the log-likelihood ratio of each pixel in each part of a marker (parts, pixels).

    `through_halo` is a halo over markers, and the density of colours at its finer steps.
    """
    by_chance = usual.at(pixel)
    score = np.empty((len(template.colour), len(pixel)), np.float32)
    for k, (colour, spread) in enumerate(zip(template.colour, template.spread, strict=True)):
        likelier = _density(pixel, colour, np.hypot(_TOLERANCE, spread)) / by_chance
        if through_halo is not None:
            halo, sharp = through_halo
            wide = np.hypot(halo.spread, (1 - halo.opacity) * spread)
            likelier += _density(pixel, halo.over(colour), wide) / sharp.at(pixel)
            likelier /= 2
        score[k] = np.log((1 - _ANYTHING) * likelier + _ANYTHING)
    return score


def _density(pixel: np.ndarray, colour: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Return the normal density of colours around a mean, with a standard deviation a channel."""
    off = ((pixel - colour.astype(np.float32)) / wide.astype(np.float32)) ** 2
    return np.asarray(np.exp(-0.5 * off.sum(axis=1)) / (np.prod(wide) * (2 * np.pi) ** 1.5))


def _label_halo(
    image: np.ndarray, fitted: TemplateFit, templates: list[MarkerTemplate], letters: np.ndarray
) -> LabelHalo | None:
    """Return the opacity of letter halos, learnt from the fills of marks below them."""
    # Beside another mark a pixel may be of its soft edge.
    own = ndimage.minimum_filter(fitted.owner, 3) == ndimage.maximum_filter(fitted.owner, 3)
    fill = letters & own & (fitted.owner >= 0) & ~fitted.rim
    kind, pixel = fitted.kind[fitted.owner[fill]], image[fill]
    return learn_label_halo(
        [(template.colour[0], pixel[kind == k]) for k, template in enumerate(templates)]
    )


def _fit_greedily(
    worth: list[np.ndarray],
    templates: list[MarkerTemplate],
    near: np.ndarray,
    around: np.ndarray,
    reach: int,
    *,
    letters: np.ndarray | None = None,
    soft: bool = True,
) -> TemplateFit:
    """Fit the best marker, remove the pixels it covers, and repeat while scores are positive.

    The best score of each row is kept: to look through the whole picture for every place that is
    tried takes minutes.
    """
    scores = [_score_image(part_score, around, reach) for part_score in worth]
    phases = 1 if all(template.whole for template in templates) else _PHASES
    plans = [_mark_pixels(template, phases, reach) for template in templates]
    height, width = near.shape
    score = np.zeros((len(templates), phases**2, height, width), np.float32)
    open_ = near.copy()
    owner = np.full((height + 2 * reach, width + 2 * reach), -1)
    clear = np.pad(near | True if letters is None else ~letters, reach)
    rim = np.zeros(owner.shape, bool)
    marks = np.empty((0, 3))
    best = np.full((height, width), -np.inf, np.float32)
    best_of_row = best.max(axis=1)

    def rescore(rows: slice, columns: slice) -> None:
        for k, plan in enumerate(plans):
            _sum_scores(score[k, :, rows, columns], scores[k], plan, rows, columns, reach)
            score[k, :, rows, columns] -= _least_score(templates[k])
        part = score[:, :, rows, columns].max(axis=(0, 1))
        best[rows, columns] = np.where(open_[rows, columns], part, -np.inf)
        best_of_row[rows] = best[rows].max(axis=1)

    rescore(slice(0, height), slice(0, width))
    while best_of_row.max() >= 0:
        row = int(np.argmax(best_of_row))
        column = int(np.argmax(best[row]))
        kind, phase = divmod(int(np.argmax(score[:, :, row, column])), phases**2)
        y, x = np.array(divmod(phase, phases)) / phases
        box = (slice(row, row + 2 * reach + 1), slice(column, column + 2 * reach + 1))
        part = templates[kind].parts(reach, x, y)
        free = owner[box] < 0
        inside = (part >= 0) & (part < templates[kind].own)
        ratio = scores[kind][(slice(None), *box)]
        near_by = np.hypot(column + x - marks[:, 0], row + y - marks[:, 1])
        heaped = near_by.min(initial=np.inf) < _CLOSE * templates[kind].outer
        if not _shows_fill(ratio, templates[kind], part, free, clear[box], heaped, soft=soft):
            open_[row, column], best[row, column] = False, -np.inf
            best_of_row[row] = best[row].max()
            continue
        visible = free & inside
        owner[box][visible] = len(marks)
        rim[box][visible] = part[visible] >= templates[kind].fill_parts - _RIM_RINGS
        marks = np.vstack([marks, [column + x, row + y, kind]])
        for part_score, template in zip(scores, templates, strict=True):
            part_score[(slice(None), *box)] *= ~inside
            # The ground beside a mark supports this mark only.
            part_score[(slice(template.own, None), *box)] *= part < 0
        open_[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = False
        rescore(_affected(row, reach, height), _affected(column, reach, width))
    inner = (slice(reach, reach + height), slice(reach, reach + width))
    return TemplateFit(marks[:, :2], marks[:, 2].astype(np.int64), owner[inner], rim[inner])


def _least_score(template: MarkerTemplate) -> float:
    """Return the least score of a mark."""
    if template.shape is not None:
        return _SHAPED * template.area
    return _LEAST if template.outer - template.fill > RING else _PLAIN


def _shows_fill(
    score: np.ndarray,
    template: MarkerTemplate,
    part: np.ndarray,
    free: np.ndarray,
    clear: np.ndarray,
    heaped: bool,
    *,
    soft: bool,
) -> bool:
    """Return whether enough pixels support the fill of a marker that is not wholly covered.

    `clear` is where no letters lie; `heaped` whether the centre is close to another's; `soft`
    whether pixels of the soft edge count for a marker without a rim.
    """
    fill_parts = template.fill_parts
    if not soft and template.shape is None and template.outer - template.fill <= _RIMMED:
        fill_parts = max(1, fill_parts - _RIM_RINGS)
    ratio = np.take_along_axis(score, np.maximum(part, 0)[None], axis=0)[0]
    fill = free & (part >= 0) & (part < fill_parts) & (ratio > 0)
    if heaped:
        return int(fill.sum()) >= _FILL_IN_HEAPS
    return int((fill & clear).sum()) >= _FILL_PIXELS or int(fill.sum()) >= _FILL_BY_LETTERS


def _affected(at: int, reach: int, end: int) -> slice:
    """Return the positions that a mark changes."""
    return slice(max(at - 2 * reach + 3, 0), min(at + 2 * reach - 2, end))


def _score_image(worth: np.ndarray, around: np.ndarray, reach: int) -> np.ndarray:
    """Return pixel scores as an image, with a margin."""
    height, width = around.shape
    score = np.zeros((len(worth), height + 2 * reach, width + 2 * reach), np.float32)
    score[:, reach : reach + height, reach : reach + width][:, around] = worth
    return score


def _mark_pixels(
    template: MarkerTemplate, phases: int, reach: int
) -> list[list[tuple[int, int, int]]]:
    """Return, for each sub-pixel phase, the pixels of a mark: row, column, part."""
    plans = []
    for phase in range(phases**2):
        y, x = np.array(divmod(phase, phases)) / phases
        part = template.parts(reach, x, y)
        down, across = np.nonzero(part >= 0)
        where = (down - reach).tolist(), (across - reach).tolist(), part[down, across].tolist()
        plans.append(list(zip(*where, strict=True)))
    return plans


# Rows of a picture whose scores are summed at once.
_ROWS_AT_ONCE = 64


def _sum_scores(
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
    # As many rows at once as stay near the processor.
    for start in range(0, height, _ROWS_AT_ONCE):
        for total, plan in zip(score[:, start : start + _ROWS_AT_ONCE], plans, strict=True):
            for down, across, part in plan:
                top, left = high + start + down, low + across
                total += pixel_score[part, top : top + len(total), left : left + width]


def _letters(image: np.ndarray, fitted: TemplateFit) -> tuple[np.ndarray, np.ndarray]:
    """Return where letters may lie, and their halos."""
    stroke = ndimage.binary_dilation(letter_strokes(image, fitted.rim), np.ones((3, 3)))
    return stroke, ndimage.binary_dilation(stroke, np.ones((3, 3)), _HALO - 1)


# Radius above which marks are fitted in a reduced picture, in pixels, and the same of pins.
_LARGE, _LARGE_PIN = 9.0, 27.0
# Relative difference of the reach of pins of two colours; standard error of a tip, in pixels.
_SIZES, _TIP = 0.1, 0.5
# Distance of centres from their colour, in pixels; single marks from which a colour has its own
# template.
_NEAR, _FEW_SINGLE = 3, 3
# Share of their colour that pins must explain to be read: where they hide each other, the rest is
# not read. Share of the first colour's pins from which unread ones are reported.
_READ_SHARE, _CROWD = 0.4, 0.1
# Least area of a piece of colour without a mark, in marks.
_PIECE = 0.3


def template_dots(picture: ColourPicture, families: list[Wanted]) -> DotPair:
    """Return the dots of one or two colours of equal shape, by template fitting.

    Parameters
    ----------
    picture : ColourPicture
    families : list of str or float array, shape (3,)
        As `wanted` of `choose_marker_colour`.

    Returns
    -------
    tuple of Dots or None
        None for a colour without marks.
    """

    def learnt(image: np.ndarray) -> list[tuple[MarkerTemplate, np.ndarray] | None]:
        return [fill_template(image, picture.pixels, wanted) for wanted in families]

    return _fit_and_scale(picture.image, learnt, _LARGE)


def template_pins(image: np.ndarray, cores: list[np.ndarray | None], fewest: int) -> DotPair:
    """Return the pin tips of two colours, by template fitting.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    cores : bool, shape (h, w)
        Where the colour of the pins is, None for no such colour.
    fewest : int
        Single pins of both colours that are needed to learn templates.

    Returns
    -------
    tuple of Dots or None
        `centre` holds the tips.
    """

    def learnt(picture: np.ndarray) -> list[tuple[MarkerTemplate, np.ndarray] | None]:
        by = len(image) // len(picture)
        smaller = [None if core is None else shrink_mask(core, by) for core in cores]
        pins = learn_pins(picture, smaller)
        known = [template for template in pins if template is not None]
        if sum(template.single for template in known) < fewest:
            return [None, None]
        usual = max(known, key=lambda template: template.single)
        largest = 1 + _SIZES * usual.outer
        return [
            (template, core)
            if template is not None
            and core is not None
            and abs(template.outer - usual.outer) <= largest
            else None
            for template, core in zip(pins, smaller, strict=True)
        ]

    return _fit_and_scale(image, learnt, _LARGE_PIN)


def dominant_pins(pins: DotPair, *, beside: bool = False) -> DotPair | None:
    """Return the pins that make up most of their colour; None for none of either.

    Pins of a second colour that is too crowded to be read are counted as refused.

    Parameters
    ----------
    pins : tuple of Dots or None
        Pins of both colours, from `template_pins`.
    beside : bool
        Whether those of the second colour are of the first's symbol: the ground may have it too.

    Returns
    -------
    tuple of Dots or None or None
    """
    first, second = (
        it if it is not None and len(it.centre) and (sure or it.room >= _READ_SHARE) else None
        for it, sure in zip(pins, (False, beside), strict=True)
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


def _fit_and_scale(
    image: np.ndarray,
    learn: Callable[[np.ndarray], list[tuple[MarkerTemplate, np.ndarray] | None]],
    largest: float,
) -> DotPair:
    """Fit templates learnt for each colour, in a reduced picture where marks are large."""
    reduced, smaller = image.astype(np.float32), 1
    pairs = learn(reduced)
    outer = max((template[0].outer for template in pairs if template is not None), default=0.0)
    if outer > largest:
        smaller = int(np.ceil(outer / largest))
        reduced = block_means(reduced, smaller)
        pairs = learn(reduced)
    known = [(k, *pair) for k, pair in enumerate(pairs) if pair is not None]
    if not known:
        return None, None
    templates = _shared_templates([template for _, template, _ in known])
    colour = np.logical_or.reduce([core for _, _, core in known])
    near = ndimage.binary_dilation(colour, iterations=_NEAR)
    fitted = fit_templates(reduced, templates, near)
    both: list[Dots | None] = [None, None]
    for kind, (k, _, core) in enumerate(known):
        both[k] = _dots(fitted, kind, templates[kind], core, smaller)
    return both[0], both[1]


def _shared_templates(templates: list[MarkerTemplate]) -> list[MarkerTemplate]:
    """Give a colour with few single marks the template of the other."""
    usual = max(templates, key=lambda template: template.single)
    return [
        template
        if template.single >= _FEW_SINGLE or template.shape is not None
        else recolour(usual, template.colour[0])
        for template in templates
    ]


def _dots(
    fitted: TemplateFit, kind: int, template: MarkerTemplate, core: np.ndarray, scale: int
) -> Dots | None:
    """Return the marks of one template, in pixels of the picture."""
    own = fitted.kind == kind
    if not own.any():
        return None
    free, whole = core & (fitted.owner < 0), template.area
    left = piece_sizes(free)[1]
    left = left[left >= _PIECE * whole]
    # The end of a tip is known to half a pixel: it is drawn rounded.
    error = _ERROR if template.shape is None else float(np.hypot(_ERROR, _TIP))
    return Dots(
        centre=(fitted.centre[own] + template.tip) * scale,
        error=np.full(int(own.sum()), error * scale),
        size=DotSize(template.fill * scale, error * scale, template.single),
        refused=len(left),
        left=float(left.sum() / whole),
        room=float(1 - free.sum() / max(int(core.sum()), 1)),
        rim=(template.outer - template.fill) * scale if template.shape is None else 0.0,
        by_template=True,
    )


# Rays from the middle of a mark, and steps along them, in pixels; reach beyond its radius.
_RAYS, _STEP_OUT, _REACH_OUT = 32, 0.5, 3.5
# An outline is met where a colour is this share of the usual contrast from the fill's, and so many
# levels at least. Largest distance of an outline from the common one, in pixels and in radii; of a
# fill from the common one, in levels. Share of its free rays that a mark that agrees meets; free
# rays that it needs to be tested.
_HALFWAY, _LEAST_CONTRAST, _OUTLINES, _FILLS = 0.35, 20.0, (0.75, 0.15), 30.0
_MEETS, _LONG, _FILLED, _FREE_RAYS = 0.6, 0.2, 0.3, 8
# Steps beside the middle of a mark at which its fill is looked up first; share of rays that are to
# be of the fill there.
_OFF_MIDDLE, _MOST = 2, 0.8
# Width beside a mark in which another's rim may lie, in pixels; radius from which letters are
# sought on marks.
_RIM_BESIDE, _HOLDS_LETTERS = 1.5, 4.0
# Places in the body, from which rays are sent, and head of a pin above its tip, in radii; marks
# that are compared to find the most frequent fill; marks, and pins, from which each direction has
# an outline of its own; share of the visible marks that names leave, unless they are none.
_BODY, _HEAD, _COMPARED, _DIRECTIONS, _FEW_PINS = (1.6, 1.1), 2.3, 400, 12, 4
_BESIDE_NAMES = 2 / 3
# Distance of the top of a head from the lower place in the body, in radii.
_TALL = 2.3


def agreement(
    image: np.ndarray, centre: np.ndarray, radius: float, every: np.ndarray, kind: str = "disc"
) -> Agreement:
    """Compare marks that were read with each other.

    Marks of a map are drawn from one symbol. Roofs, letters and trees of its colour differ in size
    and outline. Along rays from its middle, the outline of each mark is where the colour leaves
    that of the fill; it is compared with the median outline of the marks with the most frequent
    fill. Rays through other marks are not counted.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    centre : float, shape (n, 2)
        Columns and rows of the marks of one colour; one or more.
    radius : float
        Pixels.
    every : float, shape (m, 2)
        Marks of all colours, these included.
    kind : {"disc", "pin"}
        Of pins, whose tips are given, rays are sent from within the body.

    Returns
    -------
    Agreement

    Examples
    --------
    >>> row, column = np.mgrid[:40, :200] + 0.5
    >>> inside = np.min([np.hypot(row - 20, column - x) for x in (20, 60, 100)], axis=0) < 5
    >>> inside |= (np.abs(row - 20) < 3) & (np.abs(column - 160) < 9)
    >>> image = np.where(inside[..., None], [214, 39, 40], 255).astype(np.uint8)
    >>> marks = np.array([[20.0, 20.0], [60.0, 20.0], [100.0, 20.0], [160.0, 20.0]])
    >>> agreement(image, marks, 5.0, marks).alike.tolist()
    [True, True, True, False]
    """
    if kind == "pin":
        # A hole of the head, or a slanted side, may cut rays from one of the places.
        both = (_pins_agreement(image, centre, radius, every, above) for above in _BODY)
        return max(both, key=lambda marks: marks.share)
    number, mine = np.arange(len(every)), cKDTree(every).query(centre)[1]
    marks = _agreement(
        image, centre, radius, _Others(every, number, mine, _names(image, every, radius))
    )
    if marks.tested.all():
        return marks
    # Strokes of a ring, the number on a mark or small dark marks may have been taken for letters.
    bare = _agreement(image, centre, radius, _Others(every, number, mine, None))
    # Names that do stand above marks hide them: most of all marks then disagree.
    few = marks.tested.sum() < _BESIDE_NAMES * bare.tested.sum() and bare.share >= _BESIDE_NAMES
    return bare if few or (bare.tested.any() and bare.share >= marks.share) else marks


def _pins_agreement(
    image: np.ndarray, tip: np.ndarray, radius: float, every: np.ndarray, above: float
) -> Agreement:
    """Compare pins from a place above their tips; the head of another hides as its body does."""
    others = _pin_parts(every, tip, radius, above)
    return _agreement(image, tip - [0, above * radius], radius, others, _FEW_PINS, _TALL)


def _pin_parts(every: np.ndarray, tip: np.ndarray, radius: float, above: float) -> _Others:
    """Return the bodies and heads of pins, which may hide others."""
    parts = np.concatenate([every - [0, up * radius] for up in (above, _HEAD)])
    number, mine = np.tile(np.arange(len(every)), 2), cKDTree(every).query(tip)[1]
    return _Others(parts, number, mine, None)


def outlines(
    image: np.ndarray, centre: np.ndarray, radius: float, every: np.ndarray, kind: str = "disc"
) -> Outlines:
    """Measure the outlines of marks, each against its own fill.

    Parameters
    ----------
    image, centre, radius, every, kind
        As those of `agreement`.

    Returns
    -------
    Outlines
    """
    others = _Others(every, np.arange(len(every)), cKDTree(every).query(centre)[1], None)
    if kind == "pin":
        others = _pin_parts(every, centre, radius, _BODY[0])
        centre = centre - [0, _BODY[0] * radius]
    away = np.arange(0, radius + _REACH_OUT, _STEP_OUT)
    colour, free = _along_rays(image, centre, away, radius, others)
    at, _ = _usual_fill(colour, free, int((away <= max(radius - 0.5, 0.5)).sum()))
    visible = np.where(free[:, at, :, None], colour[:, at], np.nan)
    fill = np.full((len(centre), 3), np.nan)
    some = free[:, at].any(axis=1)
    fill[some] = np.nanmedian(visible[some], axis=1)
    off = np.linalg.norm(colour[:, at:] - np.nan_to_num(fill)[:, None, None], axis=3)
    contrast = _HALFWAY * np.median(off.max(axis=1), axis=1)
    edge, last = _first_beyond(off / np.maximum(_LEAST_CONTRAST, contrast)[:, None, None], 1.0)
    hidden = np.cumsum(~free[:, at:], axis=1)
    open_ = np.take_along_axis(hidden, last[:, None], axis=1)[:, 0] == 0
    known = np.where(open_, away[at] + edge * _STEP_OUT, np.nan)
    return Outlines(known, fill, open_.sum(axis=1) >= _FREE_RAYS)


class _Others(NamedTuple):
    """What may hide marks: places of parts of marks and whose they are; own numbers; names."""

    place: np.ndarray
    number: np.ndarray
    mine: np.ndarray
    names: np.ndarray | None


def _agreement(
    image: np.ndarray,
    centre: np.ndarray,
    radius: float,
    others: _Others,
    fewest: int = _DIRECTIONS,
    long: float = 1.0,
) -> Agreement:
    """Compare marks with each other; from `fewest` marks each direction has its own outline.

    `long` is the largest distance of an outline from the middle, in radii.
    """
    away = np.arange(0, long * radius + _REACH_OUT, _STEP_OUT)
    colour, free = _along_rays(image, centre, away, radius, others)
    fill_at, fill = _usual_fill(colour, free, int((away <= max(radius - 0.5, 0.5)).sum()))
    off = np.linalg.norm(colour[:, fill_at:] - fill, axis=3)
    filled = off[:, 0] <= _FILLS
    own = filled.mean(axis=1) >= _FILLED
    usual = own if own.any() else np.ones_like(own)
    contrast = np.median(off.max(axis=1)[usual])
    edge, last = _first_beyond(off, max(_LEAST_CONTRAST, _HALFWAY * contrast))
    edge = away[fill_at] + edge * _STEP_OUT
    # A ray is free as far as it is looked at.
    hidden = np.cumsum(~free[:, fill_at:], axis=1)
    open_ = np.take_along_axis(hidden, last[:, None], axis=1)[:, 0] == 0
    tested = open_.sum(axis=1) >= _FREE_RAYS
    slack = max(_OUTLINES[0], _OUTLINES[1] * radius)
    alike = own
    for _ in range(2):
        some = alike & tested
        common = _common_outline(edge, open_ & filled, some if some.any() else usual, fewest)
        near, far = (
            (open_ & filled & rays).sum(axis=1) / np.maximum(open_.sum(axis=1), 1)
            for rays in (np.abs(edge - common) <= slack, edge > common + slack)
        )
        alike = own & tested & (near >= _MEETS) & (far <= _LONG)
    middle = np.median(colour[:, fill_at], axis=1)[alike]
    spread = np.median(np.linalg.norm(middle - fill, axis=1)) if len(middle) else np.inf
    rays = (open_ & filled)[usual]
    closed = (rays & (edge[usual] <= away[-1])).sum() / max(int(rays.sum()), 1)
    closed *= (common <= away[-1]).all()
    some = alike & (alike.sum() >= _FEW_PINS)
    corners = three_corners(np.where(open_ & filled, edge, np.nan)[some])
    return Agreement(alike, tested, common, float(spread), float(closed), corners)


def _along_rays(
    image: np.ndarray, centre: np.ndarray, away: np.ndarray, radius: float, others: _Others
) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours along rays (n, steps, rays, 3), and where no other mark or name lies."""
    turn = np.arange(_RAYS) * 2 * np.pi / _RAYS
    to = np.stack([np.outer(away, np.cos(turn)), np.outer(away, np.sin(turn))], axis=-1)
    point = (centre[:, None, None] + to).reshape(-1, 2)
    at = point.T[::-1] - 0.5
    colour = np.stack(
        [
            ndimage.map_coordinates(image[..., k], at, np.float32, order=1, mode="nearest")
            for k in range(3)
        ],
        axis=-1,
    )
    gap, which = cKDTree(others.place).query(point, k=[1, 2, 3])
    # Beyond the last mark, a number of none.
    number = np.append(others.number, -1)[which]
    own = number == others.mine.repeat(len(away) * _RAYS)[:, None]
    free = np.where(own, np.inf, gap).min(axis=1) > radius + _RIM_BESIDE
    if others.names is not None:
        row, column, _ = pixels_at(others.names.shape, point)
        free &= ~others.names[row, column]
    # Beyond the frame nothing is known of a mark that it cuts.
    free &= pixels_at(image.shape[:2], point)[2]
    shape = (len(centre), len(away), _RAYS)
    return colour.reshape(*shape, 3), free.reshape(shape)


def _names(image: np.ndarray, marks: np.ndarray, radius: float) -> np.ndarray:
    """Return where letters and their halos lie; the rim of a mark is no letter."""
    row, column, inside = pixels_at(image.shape[:2], marks)
    away = np.ones(image.shape[:2], bool)
    away[row[inside], column[inside]] = False
    gap = ndimage.distance_transform_edt(away)
    rim = gap <= radius + 2
    if radius >= _HOLDS_LETTERS:
        rim &= gap >= radius - 1
    stroke = letter_strokes(image.astype(np.float32), rim)
    return np.asarray(ndimage.binary_dilation(stroke, np.ones((3, 3)), _HALO + 1))


def _usual_fill(colour: np.ndarray, free: np.ndarray, steps: int) -> tuple[int, np.ndarray]:
    """Return at which step the colours of marks vary the least, and the most frequent there.

    A number in the middle of marks varies, as letters above them do.
    """
    some = slice(None, None, max(1, len(colour) // _COMPARED))
    inner, visible = colour[some, :steps], free[some, :steps]
    best, chosen = np.inf, (0, inner[0, 0, 0])
    for k in range(min(_OFF_MIDDLE, steps - 1), steps):
        middle = np.median(inner[:, k], axis=1)
        near = np.linalg.norm(middle[:, None] - middle, axis=2) <= _FILLS / 2
        usual = np.median(middle[near[int(np.argmax(near.sum(axis=1)))]], axis=0)
        stray = np.linalg.norm(inner[:, k] - usual, axis=2)[visible[:, k]]
        spread = float(np.quantile(stray, _MOST)) if len(stray) else np.inf
        if spread < best:
            best, chosen = spread, (k, usual)
    return chosen


def _first_beyond(off: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps (n, rays) at which a distance first passes a limit, and the last read."""
    beyond = off >= limit
    first, some = beyond.argmax(axis=1), beyond.any(axis=1)
    before = np.take_along_axis(off, np.maximum(first - 1, 0)[:, None], axis=1)[:, 0]
    after = np.take_along_axis(off, first[:, None], axis=1)[:, 0]
    share = np.clip((after - limit) / np.maximum(after - before, 1e-6), 0, 1)
    end = off.shape[1] - 1
    return np.where(some, first + 1 - share, end + 3.0), np.where(
        some, np.minimum(first + 1, end), end
    )


def _common_outline(
    edge: np.ndarray, open_: np.ndarray, marks: np.ndarray, fewest: int
) -> np.ndarray:
    """Return the median distance of the outline in each direction, in all where marks are few."""
    known = np.where(open_, edge, np.nan)[marks]
    every = float(np.nanmedian(known)) if np.isfinite(known).any() else float(np.median(edge))
    if len(known) < fewest:
        return np.full(edge.shape[1], every)
    some = np.isfinite(known).any(axis=0)
    common = np.full(edge.shape[1], every)
    common[some] = np.nanmedian(known[:, some], axis=0)
    return common
