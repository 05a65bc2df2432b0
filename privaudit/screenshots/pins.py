"""Templates of pins, learnt from pins that stand alone or in front.

- Pins that stand before others: whole, though their colour runs on into those behind them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.screenshots.marker_colours import alike_pins, filled, sides
from privaudit.screenshots.template_fit import Stamp

# Width and height, in pixels of a page, of Leaflet's own icon, of MapLibre's marker and of
# Google's, and pixels of a screen for one of a page.
_SIZES, _SCALES = ((25, 41), (27, 35), (27, 43)), (1.0, 2.0)
# The colour of the fill ends so far, as a share of the width, within the outline.
_RIM = 0.06
# Of a pin, so large a share has the colour; of what lies beside its lower half, as wide as this
# share of its width, at most the second; pins are so many of their widths apart.
_WHOLE, _BESIDE, _CLEAR, _APART = 0.93, 0.12, 0.25, 0.35


class FrontPins(NamedTuple):
    """Upper left corners of pin fills, as row and column, with height and width."""

    corner: list[tuple[int, int]]
    size: tuple[int, int]


def front_pins(core: np.ndarray) -> FrontPins:
    """Return the pins in front of others, for the outline that explains the most.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour of the pins is seen.

    Returns
    -------
    FrontPins

    Examples
    --------
    >>> core = np.zeros((90, 90), bool)
    >>> for top, left in ((10, 20), (22, 32), (30, 18)):
    ...     core[top : top + 39, left : left + 23] |= teardrop(23, 39)
    >>> front_pins(core).size
    (38, 22)
    """
    best, most = FrontPins([], (0, 0)), 0.0
    solid = (filled(core.astype(np.float32), _SIZES[0][0] ** 2) >= 0.5).astype(np.float32)
    for wide, high in _SIZES:
        for scale in _SCALES:
            if not core.any() or min(core.shape) < high * scale:
                continue
            pins, worth = _front(solid, wide * scale, high * scale)
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


def _front(solid: np.ndarray, wide: float, high: float) -> tuple[FrontPins, float]:
    """Return the pins of one outline, and their score."""
    rim = _RIM * wide
    inner = (round(high - 2 * rim), round(wide - 2 * rim))
    whole = teardrop(inner[1], inner[0])
    beside = max(2, round(_BESIDE * wide))
    room = np.pad(whole, beside + round(rim))
    around = ndimage.binary_dilation(room, iterations=beside + round(rim))
    around &= ~ndimage.binary_dilation(room, iterations=round(rim) + 1)
    around[: room.shape[0] // 2] = False
    # What is thinner than a pin's own soft edge may be of another shade.
    eroded = ndimage.binary_erosion(room, iterations=1)
    inside = _met(solid, eroded)
    clear = _met(solid, around)
    score = np.where((inside >= _WHOLE) & (clear <= _CLEAR), inside - clear, -1.0)
    apart = max(3, round(_APART * wide))
    peak = (score > 0) & (score == ndimage.maximum_filter(score, 2 * apart + 1))
    label, many = ndimage.label(peak, np.ones((3, 3)))
    middle = ndimage.center_of_mass(peak, label, range(1, many + 1))
    corner = [(round(y) - inner[0] // 2, round(x) - inner[1] // 2) for y, x in middle]
    corner = [(max(y, 0), max(x, 0)) for y, x in corner]
    return FrontPins(corner, inner), float(sum(score[peak]))


def _met(solid: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the share of a template that is solid, centred at each pixel."""
    from scipy.signal import fftconvolve

    met = fftconvolve(solid, part[::-1, ::-1].astype(np.float32), mode="same")
    return np.asarray(met / max(int(part.sum()), 1))


# Pixels around a pin that are looked at, and within which its rim lies; pins that are enough.
_MARGIN, _RIM_pin_stamps, _MOST = 5, 3, 60
# Pixels by which pins are moved to lie on each other, and how often.
_SHIFT, _ROUNDS = 2, 4
# A pixel is of a pin where it differs so much from the ground and so many times its own spread;
# colours of a pin that differ by less than the last, in levels of each channel, are one.
_CONTRAST, _APART_pin_stamps, _STEP = 40.0, 1.5, 24
# Pins that lie on each other differ by so many levels at most, on average: what differs more was
# laid on another outline than its own.
_UNLIKE = 15.0
# Pins that stand alone are enough from the first; from the second they are trusted to tell an
# outline. A colour is one where its channels differ by so much. Of a colour of which none stands in
# front, so many pins' pixels are seen, and its shades are known to so many levels.
_ENOUGH, _TRUSTED, _COLOURED, _SHOWN, _UNSURE = 5, 3, 40.0, 0.3, 12.0
# A part is of the fill where it differs by no more than so much from the most frequent one.
_SHADES = 60.0


def learn_pins(image: np.ndarray, cores: list[np.ndarray | None]) -> list[Stamp | None]:
    """Return pin templates learnt from pins that stand alone or in front; None without any.

    Pins of two colours on one map are drawn alike: the more colourful ones tell their outline, for
    a shadow is grey.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    cores : bool, shape (h, w)
        Where the colour of the pins is seen, None for no such colour.

    Returns
    -------
    list of Stamp or None
    """
    pins = [None if core is None else _usual_pin(image, core, _alone(core)) for core in cores]
    if not any(pin is not None and pin.single >= _ENOUGH for pin in pins):
        front = [None if core is None else _usual_pin(image, core, _before(core)) for core in cores]
        pins = [max(pair, key=_told) for pair in zip(pins, front, strict=True)]
    known = [pin for pin in pins if pin is not None]
    if not known:
        return [None for _ in cores]
    lead = max(known, key=lambda pin: (pin.coloured and pin.single >= _TRUSTED, pin.single))
    own = _own(lead)
    if own is None:
        return [None for _ in cores]
    usual = _stamp(lead, own)
    made: list[Stamp | None] = []
    for core, pin in zip(cores, pins, strict=True):
        if pin is lead:
            made.append(usual)
        elif pin is not None and pin.single >= _TRUSTED and pin.alone:
            made.append(_stamp(*_laid(pin, own)))
        elif core is not None and core.sum() >= _SHOWN * own.sum():
            made.append(_painted(usual, np.median(image[core], axis=0)))
        else:
            made.append(None)
    return made


class _Pin(NamedTuple):
    """A usual pin: colours (h, w, 3), their spread, where it is of the core, how many told it.

    `alone` tells whether these stand alone.
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


class _Places(NamedTuple):
    """Upper left corners of pins, height and width; their background, where known."""

    corner: list[tuple[int, int]]
    size: tuple[int, int]
    shape: np.ndarray | None = None


def _told(pin: _Pin | None) -> int:
    """Return how well a pin is supported."""
    return 0 if pin is None else pin.single


def _alone(core: np.ndarray) -> _Places:
    """Return the pins that stand alone."""
    boxes, alike, _ = alike_pins(core)
    if not alike:
        return _Places([], (0, 0))
    alike = alike[:_MOST]
    side = np.median(sides([boxes[k] for k in alike]), axis=0).astype(np.int64)
    # The top of the head is whole more often than the tip is.
    corner = [
        (boxes[k][0].start, (boxes[k][1].start + boxes[k][1].stop - int(side[1])) // 2)
        for k in alike
    ]
    return _Places(corner, (int(side[0]), int(side[1])))


def _before(core: np.ndarray) -> _Places:
    """Return the pins that stand in front."""
    front = front_pins(core)
    if not front.corner:
        return _Places([], (0, 0))
    high, wide = front.size
    return _Places(front.corner[:_MOST], front.size, teardrop(wide, high))


def _usual_pin(image: np.ndarray, core: np.ndarray, places: _Places) -> _Pin | None:
    """Return the median pin at some positions, or None."""
    corner, (high, wide), shape = places
    if not corner:
        return None
    frame = _MARGIN + _ROUNDS * _SHIFT + max(high, wide)
    high, wide = high + 2 * _MARGIN, wide + 2 * _MARGIN
    far = np.pad(image, ((frame, frame), (frame, frame), (0, 0)), mode="edge")
    solid = np.pad(filled(core.astype(np.float32)) >= 0.5, frame)
    corner = [(y + frame - _MARGIN, x + frame - _MARGIN) for y, x in corner]
    for _ in range(_ROUNDS):
        windows = np.stack([far[y : y + high, x : x + wide] for y, x in corner])
        usual = np.median(windows, axis=0)
        corner = [_moved(far, usual, at) for at in corner]
    windows = np.stack([far[y : y + high, x : x + wide] for y, x in corner])
    inside = np.mean([solid[y : y + high, x : x + wide] for y, x in corner], axis=0) >= 0.5
    if shape is not None:
        # Others go on behind these.
        room = np.pad(shape, _MARGIN)
        inside &= ndimage.binary_dilation(room)
    low, usual, up = np.percentile(windows, [16, 50, 84], axis=0)
    pin = _Pin(usual, (up - low) / 2, inside, len(corner), shape is None)
    if not inside.any() or np.linalg.norm(pin.spread[inside], axis=1).mean() > _UNLIKE:
        return None
    return pin


def _moved(far: np.ndarray, usual: np.ndarray, at: tuple[int, int]) -> tuple[int, int]:
    """Return where a pin best matches the median pin, within a pixel or two."""
    high, wide = usual.shape[:2]
    steps = range(-_SHIFT, _SHIFT + 1)
    tried = [(at[0] + i, at[1] + j) for i in steps for j in steps]
    off = [np.abs(far[y : y + high, x : x + wide] - usual).mean() for y, x in tried]
    best = int(np.argmin(off))
    return tried[best] if off[best] < off[len(off) // 2] else at


def _own(pin: _Pin) -> np.ndarray | None:
    """Return which pixels belong to a pin: unlike the ground, symmetric, narrowing downwards."""
    usual, inside = pin.colour, pin.inside
    edge = np.concatenate([usual[0], usual[-1], usual[:, 0], usual[:, -1]])
    off = np.linalg.norm(usual - np.median(edge, axis=0), axis=2)
    vary = np.linalg.norm(pin.spread, axis=2)
    own = inside | (off > np.maximum(_CONTRAST, _APART_pin_stamps * vary))
    own &= ndimage.binary_dilation(inside, np.ones((3, 3)), _RIM_pin_stamps)
    label, many = ndimage.label(own)
    if not many:
        return None
    own = ndimage.binary_fill_holes(label == np.bincount(label[label > 0]).argmax())
    # A rim is as wide below as above; what lies under it is a shadow.
    top, core = np.flatnonzero(own.any(axis=1))[0], np.flatnonzero(inside.any(axis=1))
    own[core[-1] + 1 + max(core[0] - top, 0) :] = False
    # A shadow lies to one side; a pin is the same left and right, and ends in its tip.
    head = np.nonzero(inside[: (core[0] + core[-1]) // 2])[1]
    turned = head.min() + head.max() - np.arange(own.shape[1])
    there = (turned >= 0) & (turned < own.shape[1])
    # A tip may end half a pixel beside the axis.
    own &= _wider(own[:, turned.clip(0, own.shape[1] - 1)] & there)
    narrowest = own[int(own.sum(axis=1).argmax())]
    for row in range(int(own.sum(axis=1).argmax()) + 1, len(own)):
        own[row] &= _wider(narrowest[None])[0]
        narrowest = narrowest & own[row]
    return own if own.any() else None


def _wider(own: np.ndarray) -> np.ndarray:
    """Return a mask dilated by a pixel on each side."""
    return np.asarray(ndimage.binary_dilation(own, np.ones((1, 3))))


def _laid(pin: _Pin, own: np.ndarray) -> tuple[_Pin, np.ndarray]:
    """Lay the outline of other pins on a usual one: it covers its head, and no more of it.

    Below, a shadow may have the colour of grey pins.
    """
    rows, columns = (slice(at.min(), at.max() + 1) for at in np.nonzero(own))
    own = own[rows, columns]
    spare = max(own.shape)
    wide = [(spare, spare), (spare, spare)]
    inside = np.pad(pin.inside, wide).astype(np.float32)
    room = np.pad(own, _RIM_pin_stamps)
    around = ndimage.binary_dilation(room, np.ones((3, 3)), 2) & ~room
    part = room.astype(np.float32) - around
    part[room.shape[0] // 2 :] = np.maximum(part[room.shape[0] // 2 :], 0)
    met = ndimage.correlate(inside, part, mode="constant")
    y, x = np.unravel_index(int(met.argmax()), met.shape)
    there = np.zeros(inside.shape, bool)
    top, left = (
        int(y) - room.shape[0] // 2 + _RIM_pin_stamps,
        int(x) - room.shape[1] // 2 + _RIM_pin_stamps,
    )
    there[top : top + own.shape[0], left : left + own.shape[1]] = own
    colour = np.pad(pin.colour, [*wide, (0, 0)], mode="edge")
    spread = np.pad(pin.spread, [*wide, (0, 0)], mode="edge")
    return pin._replace(colour=colour, spread=spread, inside=inside > 0), there


def _painted(stamp: Stamp, colour: np.ndarray) -> Stamp:
    """Return a pin with another fill, where none of that colour stands in front."""
    fill = np.arange(len(stamp.colour)) < stamp.inner
    light = stamp.colour.mean(axis=1, keepdims=True) - stamp.colour[fill].mean()
    rest = stamp.colour
    if np.ptp(colour) <= _COLOURED:
        # Of a grey pin the rim is grey as well.
        hued = np.ptp(rest, axis=1, keepdims=True) > _COLOURED
        rest = np.where(hued, rest.mean(axis=1, keepdims=True), rest)
    painted = np.where(fill[:, None], (colour + light).clip(0, 255), rest)
    return stamp._replace(colour=painted, spread=np.maximum(stamp.spread, _UNSURE), single=0)


def _stamp(pin: _Pin, own: np.ndarray) -> Stamp:
    """Return a template of the median colours of a pin's pixels."""
    usual, spread = pin.colour, pin.spread
    rows, columns = (slice(at.min(), at.max() + 1) for at in np.nonzero(own))
    own, usual, spread = own[rows, columns], usual[rows, columns], spread[rows, columns]
    _, part = np.unique((usual[own] // _STEP).astype(np.int64), axis=0, return_inverse=True)
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
    tip = ((axis.min() + axis.max() + 1) / 2 - wide // 2, high - high // 2)
    return Stamp(
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
