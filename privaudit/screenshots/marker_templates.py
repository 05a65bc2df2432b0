"""Templates of markers: radial profiles of round marks, and outlines of teardrop pins.

A template is learnt from markers that stand alone or in front of others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.screenshots.colour_families_and_coverage import (
    Wanted,
    frequent_colours,
    levels,
    local_peaks,
    template_share,
    window_around,
)
from privaudit.screenshots.marker_colours import (
    box_sizes,
    equal_pins,
    fill_holes,
    member_colours,
    round_marks,
)

# Width, in pixels, of the rings of a radial template.
RING = 0.5
# Distance beyond the fill within which a rim, and the ground, are sought, in pixels; rings of
# ground that a template includes.
_BEYOND, _GROUND, _MORE = 4.0, 6.0, 2
# A ring belongs to a mark where it differs from the ground by so many levels and by so many times
# its own spread: a white rim on a pale ground differs by little, but is the same around every
# mark. Largest difference of colours that count as one.
_RIM, _APART, _CONTRAST = 10.0, 1.5, 30.0
# Frequent colours of a family that are tried; tolerances in levels; least width of a mark.
_TRIED, _WITHIN, _NARROWEST = 3, (12, 28), 4.0
# Marks from which more do not count; marks that are used to learn; least share of its box that
# one fills.
_ENOUGH, _MOST, _FILLS = 8, 80, 0.62
# Browsers put some marks at whole pixels: distance of a centre from one, and share of such
# centres.
_EVEN, _MOSTLY = 0.1, 0.5
# Ratio of scores by which a later colour wins.
_CLEARLY = 1.2


class MarkerTemplate(NamedTuple):
    """A template of a marker, by rings around its centre or by parts of any shape.

    Parameters
    ----------
    colour, spread : float, shape (parts, 3)
        Median and standard deviation of each channel, for each ring or part.
    fill, outer : float
        Radii of the fill and of the whole marker, in pixels.
    single : int
        Markers that it was learnt from.
    whole : bool
        Whether all their centres lie between pixels.
    shape : int, shape (h, w), optional
        Part of each pixel, -1 for none, those of the fill first; None for a round marker.
    inner : int
        Parts of the fill, with a shape.
    tip : tuple of float
        The place that it marks: columns and rows from its centre.
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
        """Return the part of the marker at the pixels around its centre, -1 for none.

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
    def area(self) -> float:
        """Return the pixels of a mark; of a round one, those of its fill."""
        return np.pi * self.fill**2 if self.shape is None else float((self.shape >= 0).sum())

    @property
    def own(self) -> int:
        """Return the number of parts of the mark itself; later parts are ground."""
        return len(self.colour) if self.shape is not None else int(self.outer / RING + 0.5) + 1

    @property
    def fill_parts(self) -> int:
        """Return the number of parts of the fill."""
        return self.inner if self.shape is not None else int(self.fill / RING) + 1


def fill_template(
    image: np.ndarray, count: np.ndarray, wanted: Wanted
) -> tuple[MarkerTemplate, np.ndarray] | None:
    """Return the template of a family of colours, and where its fill is, or None.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    count : int, shape (32768,)
        Pixels of each colour.
    wanted : str or float array, shape (3,)
        One of `FAMILIES`, or red, green and blue.

    Returns
    -------
    tuple (MarkerTemplate, ndarray) or None
    """
    best, most = None, 0.0
    for number in frequent_colours(np.where(member_colours(wanted), count, 0), _TRIED):
        middle = levels(np.array([number]))[0]
        near = np.abs(image - middle).max(axis=2) <= _WITHIN[0]
        middle = np.median(image[near], axis=0) if near.any() else middle
        off = np.abs(image - middle).max(axis=2)
        for within in _WITHIN:
            core = off <= within
            rounds = round_marks(core)
            if not rounds or rounds[0].width < _NARROWEST:
                continue
            worth = rounds[0].pixels * min(rounds[0].number, _ENOUGH)
            if worth <= _CLEARLY * most:
                continue
            template = learn_template(image, core, rounds[0].width)
            if template is not None:
                best, most = (template, core), worth
    return best


def learn_template(image: np.ndarray, core: np.ndarray, width: float) -> MarkerTemplate | None:
    """Return the template learnt from the round pieces of a fill, or None if one alone is round.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    core : bool, shape (h, w)
        Where the colour of the fill is.
    width : float
        Of round pieces, in pixels.

    Returns
    -------
    MarkerTemplate or None

    Examples
    --------
    >>> row, column = np.mgrid[:40, :80] + 0.5
    >>> away = np.minimum(np.hypot(row - 20, column - 20), np.hypot(row - 20, column - 55))
    >>> image = np.where(away[..., None] < 5, [200, 40, 40], [240, 240, 240])
    >>> image = np.where((away[..., None] >= 5) & (away[..., None] < 7), 50, image)
    >>> template = learn_template(image.astype(np.float32), away < 5, 10.0)
    >>> round(template.fill), template.outer, template.single
    (5, 6.5, 2)
    """
    label, _ = ndimage.label(core)
    boxes = ndimage.find_objects(label)
    area = np.bincount(label.reshape(-1))[1:]
    fits = (np.abs(box_sizes(boxes) - width) <= 1).all(axis=1) & (area >= _FILLS * width**2)
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
        box, right, below = window_around(image.shape, column, row, half)
        ring.append((np.hypot(right, below) / RING).ravel())
        pixel.append(image[box].reshape(-1, 3))
    fill = float(np.median(radius))
    off = np.abs(np.array(middle) - np.rint(middle)).max(axis=1)
    template = _ring_template(np.concatenate(ring), np.concatenate(pixel), fill, len(alike))
    return template._replace(whole=bool((off < _EVEN).mean() > _MOSTLY))


def _ring_template(ring: np.ndarray, pixel: np.ndarray, fill: float, single: int) -> MarkerTemplate:
    """Return the template of round marks: colours of rings, and where the ground begins."""
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
    return MarkerTemplate(colour[inner], spread[inner], fill, outer, single)


def recolour(template: MarkerTemplate, colour: np.ndarray) -> MarkerTemplate:
    """Return a template with another fill, for marks of equal shape that never stand alone.

    Parameters
    ----------
    template : MarkerTemplate
        Template of a mark.
    colour : float, shape (3,)
        Colour of the new fill.

    Returns
    -------
    MarkerTemplate
    """
    fill = np.linalg.norm(template.colour - template.colour[0], axis=1) < _CONTRAST
    return template._replace(colour=np.where(fill[:, None], colour, template.colour), single=0)


# Width and height of the icons of Leaflet, MapLibre and Google, in pixels of a page; pixels of a
# screen to one of a page.
_SIZES, _SCALES = ((25, 41), (27, 35), (27, 43)), (1.0, 2.0)
# Width of the rim of a pin, as a share of its width.
_RIM_WIDTH = 0.06
# Least share of a pin that has the colour; width of the zone beside its lower half, as a share of
# its width, and largest share of the zone that has the colour; least distance of two pins, in
# widths.
_WHOLE, _BESIDE, _CLEAR, _PINS_APART = 0.93, 0.12, 0.25, 0.35


class PinPlaces(NamedTuple):
    """Fills of pins of one size.

    Parameters
    ----------
    corner : list of (int, int)
        Row and column of each upper left corner.
    size : tuple of int
        Height and width, in pixels.
    alone : bool
        Whether they stand alone, not in front of others.
    """

    corner: list[tuple[int, int]]
    size: tuple[int, int]
    alone: bool = False


def front_pins(core: np.ndarray) -> PinPlaces:
    """Return the pins in front of others, for the outline that explains the most.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour of the pins is.

    Returns
    -------
    PinPlaces

    Examples
    --------
    >>> core = np.zeros((90, 90), bool)
    >>> for top, left in ((10, 20), (22, 32), (30, 18)):
    ...     core[top : top + 39, left : left + 23] |= teardrop(23, 39)
    >>> front_pins(core).size
    (38, 22)
    """
    best, most = PinPlaces([], (0, 0)), 0.0
    solid = fill_holes(core.astype(np.float32), _SIZES[0][0] ** 2)
    for wide, high in _SIZES:
        for scale in _SCALES:
            if not core.any() or min(core.shape) < high * scale:
                continue
            pins, worth = _pins_of_outline(solid, wide * scale, high * scale)
            if worth > most:
                best, most = pins, worth
    return best


def teardrop(wide: int, high: int) -> np.ndarray:
    """Return the mask of a round head above a tip, bool (high, wide).

    Parameters
    ----------
    wide : int
        Pixels.
    high : int
        Pixels.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> teardrop(5, 8).sum(axis=1).tolist()
    [3, 5, 5, 5, 3, 3, 1, 1]
    """
    radius = wide / 2
    row, column = np.mgrid[:high, :wide] + 0.5
    away = np.abs(column - radius)
    # Sides touch the head and meet in the tip.
    long = high - radius
    touch = radius * radius / long
    slope = np.sqrt(max(radius**2 - touch**2, 0.0)) / (long - touch)
    cone = (row >= radius + touch) & (away <= slope * (high - row))
    return np.asarray((np.hypot(away, row - radius) <= radius) | cone)


def _pins_of_outline(solid: np.ndarray, wide: float, high: float) -> tuple[PinPlaces, float]:
    """Return the pins of one outline, and their score."""
    rim = _RIM_WIDTH * wide
    inner = (round(high - 2 * rim), round(wide - 2 * rim))
    whole = teardrop(inner[1], inner[0])
    beside = max(2, round(_BESIDE * wide))
    room = np.pad(whole, beside + round(rim))
    around = ndimage.binary_dilation(room, iterations=beside + round(rim))
    around &= ~ndimage.binary_dilation(room, iterations=round(rim) + 1)
    around[: room.shape[0] // 2] = False
    # What is thinner than a pin's own soft edge may be of another shade.
    eroded = ndimage.binary_erosion(room, iterations=1)
    inside = template_share(solid, eroded)
    clear = template_share(solid, around)
    score = np.where((inside >= _WHOLE) & (clear <= _CLEAR), inside - clear, -1.0)
    peak, middle = local_peaks(score, 0.0, 2 * max(3, round(_PINS_APART * wide)) + 1)
    corner = [
        (max(round(y) - inner[0] // 2, 0), max(round(x) - inner[1] // 2, 0)) for y, x in middle
    ]
    return PinPlaces(corner, inner), float(sum(score[peak]))


# Margin around a pin, and reach of its rim, in pixels; pins that are used to learn.
_MARGIN, _RIM_PIXELS, _MOST_PINS = 5, 3, 60
# Pixels by which pins are shifted to align them, and rounds of it.
_SHIFT, _ROUNDS = 2, 4
# A pixel belongs to a pin where it differs from the ground by so many levels and by so many times
# its own spread; step of the levels of each channel that count as one colour.
_PIN_CONTRAST, _SPREADS, _COLOUR_STEP = 40.0, 1.5, 24
# Largest mean spread of aligned pins, in levels; more means that their outlines differ.
_UNLIKE = 15.0
# Single pins that suffice; those from which their outline is used. Least difference of channels
# of a colour. Where no pin of a colour stands in front: least area of the colour, in pins, and
# standard deviation of its shades, in levels.
_ENOUGH_PINS, _TRUSTED, _COLOURED, _LEAST_AREA, _UNSURE = 5, 3, 40.0, 0.3, 12.0
# Largest difference, in levels, of a part of the fill from the most frequent part.
_SHADES = 60.0
# Ratio of height to width from which a body is that of a pin; those of web maps have 1.3 or more.
_TALLER = 1.15


def learn_pins(image: np.ndarray, cores: list[np.ndarray | None]) -> list[MarkerTemplate | None]:
    """Return pin templates learnt from pins that stand alone or in front; None without any.

    Pins of two colours on one map have the same shape: the outline is that of the more colourful
    ones, as a shadow is grey.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    cores : bool, shape (h, w)
        Where the colour of the pins is, None for no such colour.

    Returns
    -------
    list of MarkerTemplate or None
    """
    pins = [
        None if core is None else _median_pin(image, core, _single_pins(core)) for core in cores
    ]
    if not any(pin is not None and pin.single >= _ENOUGH_PINS for pin in pins):
        front = [
            None if core is None else _median_pin(image, core, front_pins(core)) for core in cores
        ]
        pins = [max(pair, key=_support) for pair in zip(pins, front, strict=True)]
    lead = max(pins, key=_leads)
    own = None if lead is None else _pin_pixels(lead)
    if lead is None or own is None or _is_round(lead):
        return [None for _ in cores]
    usual = _pin_template(lead, own)
    result: list[MarkerTemplate | None] = []
    for core, pin in zip(cores, pins, strict=True):
        if pin is lead:
            result.append(usual)
        elif pin is not None and pin.single >= _TRUSTED and pin.alone:
            result.append(_pin_template(*_aligned_with(pin, own)))
        elif core is not None and core.sum() >= _LEAST_AREA * own.sum():
            result.append(_recoloured_pin(usual, np.median(image[core], axis=0)))
        else:
            result.append(None)
    return result


class _Pin(NamedTuple):
    """A median pin: colours (h, w, 3), spread, where its core is, and the number of pins.

    `alone` is whether these stand alone, not in front of others.
    """

    colour: np.ndarray
    spread: np.ndarray
    inside: np.ndarray
    single: int
    alone: bool

    @property
    def coloured(self) -> bool:
        """Return whether the fill has a colour."""
        return bool(np.ptp(np.median(self.colour[self.inside], axis=0)) > _COLOURED)


def _support(pin: _Pin | None) -> int:
    """Return how well a pin is supported."""
    return 0 if pin is None else pin.single


def _leads(pin: _Pin | None) -> tuple[bool, int]:
    """Return how well the outline of a pin serves for those of other colours."""
    return pin is not None and pin.coloured and pin.single >= _TRUSTED, _support(pin)


def _is_round(pin: _Pin) -> bool:
    """Return whether a pin is as wide as high: a cluster marker among others, without a tip."""
    high, wide = (int(pin.inside.any(axis=axis).sum()) for axis in (1, 0))
    return high < _TALLER * wide


def _single_pins(core: np.ndarray) -> PinPlaces:
    """Return the pins that stand alone."""
    boxes, alike, _ = equal_pins(core)
    if not alike:
        return PinPlaces([], (0, 0))
    side = np.median(box_sizes([boxes[k] for k in alike[:_MOST_PINS]]), axis=0).astype(np.int64)
    # The top of the head is whole more often than the tip is.
    corner = [
        (boxes[k][0].start, (boxes[k][1].start + boxes[k][1].stop - int(side[1])) // 2)
        for k in alike
    ]
    return PinPlaces(corner, (int(side[0]), int(side[1])), alone=True)


def _median_pin(image: np.ndarray, core: np.ndarray, places: PinPlaces) -> _Pin | None:
    """Return the median pin at some positions, or None."""
    corner, (high, wide) = places.corner[:_MOST_PINS], places.size
    if not corner:
        return None
    frame = _MARGIN + _ROUNDS * _SHIFT + max(high, wide)
    high, wide = high + 2 * _MARGIN, wide + 2 * _MARGIN
    far = np.pad(image, ((frame, frame), (frame, frame), (0, 0)), mode="edge")
    solid = np.pad(fill_holes(core.astype(np.float32)) >= 0.5, frame)
    corner = [(y + frame - _MARGIN, x + frame - _MARGIN) for y, x in corner]
    for _ in range(_ROUNDS):
        windows = np.stack([far[y : y + high, x : x + wide] for y, x in corner])
        usual = np.median(windows, axis=0)
        corner = [_best_shift(far, usual, at) for at in corner]
    windows = np.stack([far[y : y + high, x : x + wide] for y, x in corner])
    inside = np.mean([solid[y : y + high, x : x + wide] for y, x in corner], axis=0) >= 0.5
    if not places.alone:
        # Behind these, the core goes on.
        shape = np.pad(teardrop(places.size[1], places.size[0]), _MARGIN)
        inside &= ndimage.binary_dilation(shape)
    low, usual, up = np.percentile(windows, [16, 50, 84], axis=0)
    pin = _Pin(usual, (up - low) / 2, inside, len(corner), places.alone)
    if not inside.any() or np.linalg.norm(pin.spread[inside], axis=1).mean() > _UNLIKE:
        return None
    return pin


def _best_shift(far: np.ndarray, usual: np.ndarray, at: tuple[int, int]) -> tuple[int, int]:
    """Return where a pin best matches the median pin, within a pixel or two."""
    high, wide = usual.shape[:2]
    steps = range(-_SHIFT, _SHIFT + 1)
    tried = [(at[0] + i, at[1] + j) for i in steps for j in steps]
    off = [np.abs(far[y : y + high, x : x + wide] - usual).mean() for y, x in tried]
    best = int(np.argmin(off))
    return tried[best] if off[best] < off[len(off) // 2] else at


def _pin_pixels(pin: _Pin) -> np.ndarray | None:
    """Return which pixels belong to a pin: unlike the ground, symmetric, narrowing downwards."""
    usual, inside = pin.colour, pin.inside
    edge = np.concatenate([usual[0], usual[-1], usual[:, 0], usual[:, -1]])
    off = np.linalg.norm(usual - np.median(edge, axis=0), axis=2)
    vary = np.linalg.norm(pin.spread, axis=2)
    own = inside | (off > np.maximum(_PIN_CONTRAST, _SPREADS * vary))
    own &= ndimage.binary_dilation(inside, np.ones((3, 3)), _RIM_PIXELS)
    label, many = ndimage.label(own)
    if not many:
        return None
    own = ndimage.binary_fill_holes(label == np.bincount(label[label > 0]).argmax())
    # A rim is as wide below as above; below that is a shadow.
    top, core = np.flatnonzero(own.any(axis=1))[0], np.flatnonzero(inside.any(axis=1))
    own[core[-1] + 1 + max(core[0] - top, 0) :] = False
    # A shadow lies to one side; a pin is the same left and right, and ends in its tip.
    head = np.nonzero(inside[: (core[0] + core[-1]) // 2])[1]
    turned = head.min() + head.max() - np.arange(own.shape[1])
    there = (turned >= 0) & (turned < own.shape[1])
    # A tip may end half a pixel beside the axis.
    own &= _dilated_sideways(own[:, turned.clip(0, own.shape[1] - 1)] & there)
    narrowest = own[int(own.sum(axis=1).argmax())]
    for row in range(int(own.sum(axis=1).argmax()) + 1, len(own)):
        own[row] &= _dilated_sideways(narrowest[None])[0]
        narrowest = narrowest & own[row]
    return own if own.any() else None


def _dilated_sideways(own: np.ndarray) -> np.ndarray:
    """Return a mask dilated by a pixel on each side."""
    return np.asarray(ndimage.binary_dilation(own, np.ones((1, 3))))


def _aligned_with(pin: _Pin, own: np.ndarray) -> tuple[_Pin, np.ndarray]:
    """Align the outline of other pins with the head of a median pin.

    Below the head, a shadow may have the colour of grey pins.
    """
    rows, columns = (slice(at.min(), at.max() + 1) for at in np.nonzero(own))
    own = own[rows, columns]
    spare = max(own.shape)
    wide = [(spare, spare), (spare, spare)]
    inside = np.pad(pin.inside, wide).astype(np.float32)
    room = np.pad(own, _RIM_PIXELS)
    around = ndimage.binary_dilation(room, np.ones((3, 3)), 2) & ~room
    part = room.astype(np.float32) - around
    part[room.shape[0] // 2 :] = np.maximum(part[room.shape[0] // 2 :], 0)
    overlap = ndimage.correlate(inside, part, mode="constant")
    y, x = np.unravel_index(int(overlap.argmax()), overlap.shape)
    there = np.zeros(inside.shape, bool)
    top = int(y) - room.shape[0] // 2 + _RIM_PIXELS
    left = int(x) - room.shape[1] // 2 + _RIM_PIXELS
    there[top : top + own.shape[0], left : left + own.shape[1]] = own
    colour, spread = (
        np.pad(part, [*wide, (0, 0)], mode="edge") for part in (pin.colour, pin.spread)
    )
    return pin._replace(colour=colour, spread=spread, inside=inside > 0), there


def _recoloured_pin(template: MarkerTemplate, colour: np.ndarray) -> MarkerTemplate:
    """Return a pin template with another fill, for a colour of which no pin stands in front."""
    fill = np.arange(len(template.colour)) < template.inner
    light = template.colour.mean(axis=1, keepdims=True) - template.colour[fill].mean()
    rest = template.colour
    if np.ptp(colour) <= _COLOURED:
        # Of a grey pin the rim is grey as well.
        hued = np.ptp(rest, axis=1, keepdims=True) > _COLOURED
        rest = np.where(hued, rest.mean(axis=1, keepdims=True), rest)
    painted = np.where(fill[:, None], (colour + light).clip(0, 255), rest)
    return template._replace(colour=painted, spread=np.maximum(template.spread, _UNSURE), single=0)


def _pin_template(pin: _Pin, own: np.ndarray) -> MarkerTemplate:
    """Return a template of the median colours of a pin's pixels."""
    usual, spread = pin.colour, pin.spread
    rows, columns = (slice(at.min(), at.max() + 1) for at in np.nonzero(own))
    own, usual, spread = own[rows, columns], usual[rows, columns], spread[rows, columns]
    _, part = np.unique((usual[own] // _COLOUR_STEP).astype(np.int64), axis=0, return_inverse=True)
    part = part.reshape(-1)
    size = np.bincount(part)
    colour = np.stack([np.bincount(part, usual[own][:, k]) / size for k in range(3)], axis=1)
    vary = np.stack([np.bincount(part, spread[own][:, k]) / size for k in range(3)], axis=1)
    unlike = np.linalg.norm(colour - colour[int(size.argmax())], axis=1)
    order = np.argsort(unlike, kind="stable")
    shape = np.full(own.shape, -1)
    shape[own] = np.argsort(order)[part]
    high, wide = own.shape
    axis = np.nonzero(own[: high // 2])[1]
    middle = (axis.min() + axis.max() + 1) / 2
    below = _rows_below(pin, rows.stop, int(columns.start + middle))
    # The last row is covered in part.
    tip = (middle - wide // 2, high - high // 2 + max(below - 0.5, 0.0))
    return MarkerTemplate(
        colour=colour[order],
        spread=vary[order],
        fill=wide / 2,
        outer=float(max(high, wide) // 2 + 1),
        single=pin.single,
        whole=True,
        shape=shape,
        inner=max(1, int((unlike <= _SHADES).sum())),
        tip=tip,
    )


# A thin tip goes on below the rows that are surely of a pin where it differs from what lies so many
# pixels beside it, by so many levels and by so many times the standard error of the median.
_BESIDE_TIP, _TIP_CONTRAST, _ERRORS = (3, 6), 10.0, 3.0


def _rows_below(pin: _Pin, bottom: int, middle: int) -> int:
    """Return how many rows below a pin its thin tip goes on, in the median of aligned pins."""
    wide = pin.colour.shape[1]
    near, far = _BESIDE_TIP
    flanks = (
        slice(max(middle - far, 0), middle - near),
        slice(middle + near, min(middle + far, wide)),
    )
    for row in range(bottom, len(pin.colour)):
        tip = pin.colour[row, max(middle - 1, 0) : middle + 1].mean(axis=0)
        # A shadow begins at the tip, and goes on to one side.
        off = min(
            float(np.linalg.norm(tip - np.median(pin.colour[row, flank], axis=0)))
            for flank in flanks
            if flank.stop > flank.start
        )
        vary = float(np.linalg.norm(pin.spread[row], axis=1).mean()) / np.sqrt(pin.single)
        if off < max(_TIP_CONTRAST, _ERRORS * vary):
            return row - bottom
    return len(pin.colour) - bottom


class Agreement(NamedTuple):
    """Which marks agree with one template in colour, size and outline.

    Parameters
    ----------
    alike : bool, shape (n,)
        Which of those that were tested agree.
    tested : bool, shape (n,)
        Which have an outline that no other mark hides.
    outline : float, shape (rays,)
        Common distance of the outline from the middle, in each direction, in pixels.
    spread : float
        Median distance of the fills of marks that agree from the common one, in levels.
    closed : float
        Share of the directions, of the marks with the common fill, in which an outline is met;
        0 where most meet none in one direction.
    corners : float
        Third harmonic of the outline, see `three_corners`.
    """

    alike: np.ndarray
    tested: np.ndarray
    outline: np.ndarray
    spread: float
    closed: float = 1.0
    corners: float = 0.0

    @property
    def share(self) -> float:
        """Return the share of tested marks that agree, 1 where none was tested."""
        tested = int(self.tested.sum())
        return float(self.alike.sum() / tested) if tested else 1.0

    @property
    def askew(self) -> float:
        """Return by how much the lower outline differs left and right, in median distances."""
        quarter = len(self.outline) // 4
        left, right = self.outline[quarter : 2 * quarter + 1][::-1], self.outline[: quarter + 1]
        return float(np.abs(left - right).mean() / np.median(self.outline))

    @property
    def tall(self) -> float:
        """Return the height of the outline by its width."""
        turn = np.arange(len(self.outline)) * 2 * np.pi / len(self.outline)
        return float(np.ptp(self.outline * np.sin(turn)) / np.ptp(self.outline * np.cos(turn)))


def three_corners(edge: np.ndarray) -> float:
    """Return the third harmonic of the outline of marks, as a share of its distance.

    It is 0 of circles, squares, crosses and pentagons, about their middle or another place. Of a
    triangle, a house or a drop the place that it marks is no middle of its outline.

    Parameters
    ----------
    edge : float, shape (n, rays)
        Distance from the middle in each direction, of each mark; nan where it is hidden.

    Returns
    -------
    float
        0 where most directions are hidden of all.

    Examples
    --------
    >>> turn = np.arange(32) * np.pi / 16
    >>> square = 1 / np.cos(np.mod(turn, np.pi / 2) - np.pi / 4)
    >>> triangle = 0.5 / np.cos(np.mod(turn, 2 * np.pi / 3) - np.pi / 3)
    >>> [round(three_corners(5 * one[None]), 1) for one in (np.ones(32), square, triangle)]
    [0.0, 0.0, 0.3]
    """
    seen = np.isfinite(edge).any(axis=0)
    if 2 * seen.sum() < len(seen):
        return 0.0
    common = np.nanmedian(edge[:, seen], axis=0)
    turn = np.flatnonzero(seen)[:, None] * 2 * np.pi / len(seen) * np.arange(1, 4)
    waves = np.column_stack([np.ones(len(turn)), np.cos(turn), np.sin(turn)])
    size = np.linalg.lstsq(waves, common, rcond=None)[0]
    return float(np.hypot(size[3], size[6]) / size[0])


# Marks are of the symbol of others where their size and outline differ from it by at most so many
# times what this share of the others do, or by so many pixels or radii, as their soft edges towards
# rim and ground do; their shades by so many levels, or as much as those of the others. Share of the
# directions that is compared: names may lie in the rest.
_AS_WELL, _NEARLY, _SHADE, _DIRECT = 1.5, 0.9, 3.0, 0.75
_SHIFTED, _BENT = (0.35, 0.06), (0.3, 0.05)


class Outlines(NamedTuple):
    """Outlines of marks, each against its own fill.

    Parameters
    ----------
    edge : float, shape (n, rays)
        Distance from the middle in each direction, in pixels; nan where another mark hides it.
    fill : float, shape (n, 3)
        Red, green and blue; nan where none of it is visible.
    tested : bool, shape (n,)
        Which are visible.
    """

    edge: np.ndarray
    fill: np.ndarray
    tested: np.ndarray


def of_symbol(marks: Outlines, symbol: Outlines) -> tuple[np.ndarray, np.ndarray]:
    """Return which marks have the outline of a symbol, and which the shade of most of these.

    Marks of two colours on one map are drawn from one symbol. How far outlines stray from it is
    known from the marks of the first colour: compression and scaling blur both alike.

    Parameters
    ----------
    marks, symbol : Outlines
        Marks of another colour, and marks that agree with each other.

    Returns
    -------
    outline, shade : bool, shape (n,)

    Examples
    --------
    >>> fill, seen = np.zeros((3, 3)), np.ones(3, bool)
    >>> symbol = Outlines(np.full((3, 32), 5.0), fill, seen)
    >>> square = 4.5 / np.cos((np.arange(32) * 11.25 + 45) % 90 * np.pi / 180 - np.pi / 4)
    >>> marks = np.array([np.full(32, 5.1), square, np.full(32, 7.0)])
    >>> of_symbol(Outlines(marks, fill, seen), symbol)[0].tolist()
    [True, False, False]
    """
    seen, none = symbol.tested, np.zeros(len(marks.edge), bool)
    if not seen.any():
        return none, none
    edge = symbol.edge[seen]
    shown = np.isfinite(edge).any(axis=0)  # a direction may be hidden in all
    common = np.where(shown, np.nanmedian(np.where(shown, edge, 0.0), axis=0), np.nan)
    same = marks.tested.copy()
    of_marks, of_symbols = (_strays(part.edge - common, part.tested) for part in (marks, symbol))
    for off, usual, least in zip(of_marks, of_symbols, (_SHIFTED, _BENT), strict=True):
        slack = max(least[0], least[1] * float(np.nanmedian(common)))
        same &= off <= max(slack, _AS_WELL * float(np.quantile(usual[seen], _NEARLY)))
    if not same.any():
        return same, none
    uneven = np.linalg.norm(symbol.fill - np.nanmedian(symbol.fill, axis=0), axis=1)
    even = max(_SHADE, _AS_WELL * float(np.nanquantile(uneven, _NEARLY)))
    near = np.linalg.norm(marks.fill[:, None] - marks.fill[same], axis=2) <= even
    return same, np.asarray(near[:, int(near[same].sum(axis=0).argmax())])


def _strays(off: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much outlines differ in size from a common one, and how far they stray then."""
    shift, stray = np.where(seen, np.nan, np.inf), np.where(seen, np.nan, np.inf)
    seen = seen & np.isfinite(off).any(axis=1)  # others stay nan: nothing of them can be compared
    middle = np.nanmedian(off[seen], axis=1)
    shift[seen] = np.abs(middle)
    stray[seen] = np.nanquantile(np.abs(off[seen] - middle[:, None]), _DIRECT, axis=1)
    return shift, stray
