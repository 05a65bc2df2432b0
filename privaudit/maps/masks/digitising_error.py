"""Masks of maps that were read from a picture: the mask, then the error of digitising."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree
from scipy.special import ndtr

from privaudit.core.checks import in_range, kind_of
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, pairs_within
from privaudit.maps.masks.donut import (
    PlacedDonut,
    ReachClasses,
    farthest_reach,
    reach_classes,
)
from privaudit.maps.masks.location_swap import PlacedSwap
from privaudit.maps.masks.mask import FARTHEST, ROUNDING_METRES, Exact, Mask, PlacedMask
from privaudit.maps.masks.optimal_mechanism import PlacedChannel
from privaudit.maps.masks.persistent import Persistent, PlacedPersistent
from privaudit.maps.masks.snapping import Snapped
from privaudit.stats.csr import row_of, take_rows

# Reading errors: shares, and standard deviations relative to the resolution. A dot that shows
# a short arc between others is read several times worse than one that stands alone.
KINDS = ((0.95, 1.0), (0.05, 4.0))
# Standard deviations within which a reading stays, but for two in a billion.
_REACH = 6.0
# Steps of the table and nodes of the integral, to a standard deviation.
_STEPS, _BLURRED_NODES = 20, 16
# A blur finer than this share of the mask's reach is taken for one of that share.
_FINEST = 1 / 400


@dataclass(frozen=True, kw_only=True)
class ReadingError(Mask):
    """The error with which an unmasked dot is read from a picture.

    Normal on each axis, of standard deviation `sigma`; for one dot in twenty, four times that.

    - `sigma`: Metres, above 0.
    """

    draws = 2

    sigma: float

    def __post_init__(self) -> None:
        in_range("ReadingError", "sigma", self.sigma, 0, FARTHEST, open_low=True)

    @property
    def reach(self) -> float:
        """Distance, in metres, within which all readings but two in 10**9 stay."""
        return _REACH * self.sigma * max(scale for _, scale in KINDS)

    def distance(self, share: np.ndarray) -> np.ndarray:
        d = np.linspace(0, self.reach, 4_001)
        within = sum(w * -np.expm1(-0.5 * (d / (k * self.sigma)) ** 2) for w, k in KINDS)
        return np.asarray(np.interp(share, within, d))

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.asarray(distance, float)
        density = np.zeros_like(d)
        for weight, scale in KINDS:
            s = scale * self.sigma
            density += weight * np.exp(-0.5 * (d / s) ** 2) / (2 * math.pi * s**2)
        return density

    def recipe(self) -> dict[str, Any]:
        return {"mask": "reading", "sigma": self.sigma}


@dataclass(frozen=True, kw_only=True)
class Blurred(Mask):
    """A mask, and then the error with which its dots were read."""

    mask: Mask
    sigma: float
    _table: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.mask, Mask) or not self.mask.radial:
            needed = "a mask that moves every dot alike"
            raise ParameterError.of("Blurred", needed, kind_of(self.mask))
        in_range("Blurred", "sigma", self.sigma, 0, FARTHEST, open_low=True)
        object.__setattr__(self, "_table", self._tabulated())

    @property
    def reach(self) -> float:
        """Farthest move, in metres, of all but two in 10**9."""
        return float(self._table[0, -1])

    def distance(self, share: np.ndarray) -> np.ndarray:
        from scipy.integrate import cumulative_trapezoid  # takes long to load

        distance, density = self._table
        within = cumulative_trapezoid(2 * math.pi * distance * density, distance, initial=0)
        return np.asarray(np.interp(np.asarray(share) * within[-1], within, distance))

    def density(self, distance: ArrayLike) -> np.ndarray:
        known, density = self._table
        return np.asarray(np.interp(np.asarray(distance, float), known, density, right=0.0))

    def recipe(self) -> dict[str, Any]:
        return {"mask": "blurred", "of": self.mask.recipe(), "sigma": self.sigma}

    def _tabulated(self) -> np.ndarray:
        """Return distances and densities: what each reading error makes of the mask."""
        sigma = max(self.sigma, _FINEST * self.mask.reach)
        end = self.mask.reach + ReadingError(sigma=sigma).reach
        distance = np.linspace(0, end, int(end / sigma * _STEPS) + 2)
        density = np.zeros(len(distance))
        step = sigma / _BLURRED_NODES
        for weight, scale in KINDS:
            density += weight * _convolved(self.mask, distance, scale * sigma, step)
        density /= np.trapezoid(2 * math.pi * distance * density, distance)
        table = np.array([distance, density])
        table.flags.writeable = False
        return table


def _convolved(mask: Mask, distance: np.ndarray, s: float, step: float) -> np.ndarray:
    """Return the density of a mask after a normal error of deviation `s` on each axis.

    The error turns a move of length r into one of length d with the density of Rice,
    exp(-(d - r)^2 / 2 s^2) I(d r / s^2) / (2 pi s^2) per square metre, where I is the Bessel
    function of order 0, scaled by the exponential of its argument.
    """
    from scipy.special import i0e

    node = np.arange(-_REACH * s + step / 2, _REACH * s, step)
    density = np.empty(len(distance))
    for start in range(0, len(distance), 500):
        d = distance[start : start + 500, None]
        r = d + node
        inside = r > 0
        r = np.where(inside, r, 1.0)
        kernel = np.exp(-0.5 * ((d - r) / s) ** 2) * i0e(d * r / s**2) / s**2
        moved = np.where(inside, r * mask.density(r), 0.0)
        density[start : start + 500] = (kernel * moved).sum(axis=1) * step
    return density


# Chords of a half circle at which a normal error is summed: places in [-1, 1], and weights.
_CHORDS = tuple(zip(*np.polynomial.legendre.leggauss(24), strict=True))
# Standard deviations from an edge beyond which an error does not matter.
_FAR = 8.0


def _nodes(step: float, radius: float, turn: float) -> np.ndarray:
    """Nodes of a grid within a radius, turned: no edge along an axis meets a row of them."""
    k = np.arange(-int(radius / step), int(radius / step) + 1) * step
    x, y = (part.ravel() for part in np.meshgrid(k, k))
    inside = x**2 + y**2 <= radius**2
    x, y = x[inside], y[inside]
    across, up = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    return np.column_stack([across, up])


def _shares(nodes: np.ndarray, variance: float) -> np.ndarray:
    """The share of a normal error, of that variance on each axis, that each node stands for."""
    weight = np.exp(-0.5 * (nodes**2).sum(axis=1) / variance)
    return np.asarray(weight / weight.sum())


_NODES = _nodes(step=0.5, radius=4.0, turn=0.5)
# Deviations about a node within which an output counts as read there: a disc of radius r has
# itself a variance of r^2 / 4 on each axis, which the nodes lack.
_DISC = 1.0
_SHARES = {0.0: _shares(_NODES, 1.0), _DISC: _shares(_NODES, 1 - _DISC**2 / 4)}
# Where a dot may have stood that is read here: at the farthest in eight directions, or here.
_AROUND = np.r_[
    [[0.0, 0.0]],
    np.c_[np.cos(np.arange(8) * math.pi / 4), np.sin(np.arange(8) * math.pi / 4)],
]


def as_read(mask: Mask, resolution: float) -> Mask:
    """Return a mask as seen through the error of dots read from a picture.

    - `resolution`: Standard deviation of a coordinate as it was read, in metres; 0 leaves the mask
      as it is.
    - returns: Persistent noise becomes the noise that it was drawn from, as to anybody without the
      key.
    """
    if resolution <= 0 or getattr(mask, "read_already", False):
        return mask
    if isinstance(mask, Persistent):
        return as_read(mask.mask, resolution)
    if isinstance(mask, Exact):
        return mask if resolution <= mask.rounding else ReadingError(sigma=resolution)
    if mask.radial:
        return Blurred(mask=mask, sigma=resolution)
    return Misread(mask=mask, sigma=resolution)


@dataclass(frozen=True, kw_only=True)
class Misread(Mask):
    """A mask that depends on the addresses, and then the error with which its dots are read.

    - `mask`: One that does not move every dot alike; `Blurred` is for those that do.
    """

    mask: Mask
    sigma: float

    def __post_init__(self) -> None:
        in_range("Misread", "sigma", self.sigma, 0, FARTHEST, open_low=True)

    @property
    def draws(self) -> int:
        """Uniform numbers that a move takes: the mask's, and two for the reading."""
        return self.mask.draws + ReadingError.draws

    @property
    def needs_addresses(self) -> bool:
        return self.mask.needs_addresses

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return _moved_and_read(self.mask, self.sigma, points, uniform)

    def on(self, base: AddressBase) -> PlacedMisread:
        return PlacedMisread(placed=self.mask.on(base), sigma=self.sigma, places=base.xy)

    def recipe(self) -> dict[str, Any]:
        return {"mask": "misread", "of": self.mask.recipe(), "sigma": self.sigma}


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedMisread(PlacedMask):
    """A mask over known addresses, and the error with which its dots are read."""

    placed: PlacedMask
    sigma: float
    places: np.ndarray

    @property
    def draws(self) -> int:
        return self.placed.draws + ReadingError.draws

    def among(self, prior: np.ndarray) -> PlacedMisread:
        inner = self.placed.among(prior)
        return self if inner is self.placed else replace(self, placed=inner)

    @cached_property
    def _reading(self) -> ReadingError:
        return ReadingError(sigma=self.sigma)

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return _moved_and_read(self.placed, self.sigma, points, uniform)

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        error = self._reading.reach
        if isinstance(self.placed, (PlacedSwap, PlacedChannel)):
            # One reach for all dots, wherever they are read.
            return self.placed.reach_of(dots) + error
        if not isinstance(self.placed, (Snapped, PlacedDonut)):
            reaches = [self.placed.reach_of(dots + node) for node in error * _AROUND]
            return np.asarray(np.max(reaches, axis=0)) + error
        # A ring starts at its home; a cell's image stands within its reach of all homes.
        inner = isinstance(self.placed, PlacedDonut)
        least = np.full(len(dots), ROUNDING_METRES)
        return farthest_reach(self._by_reach, dots, error, least, inner=inner)

    @cached_property
    def _by_reach(self) -> ReachClasses:
        """Homes of a donut, or images of cells, by reach."""
        if isinstance(self.placed, PlacedDonut):
            return reach_classes(self.placed.places, self.placed.r_max)
        assert isinstance(self.placed, Snapped)
        shown = ~np.isnan(self.placed.image[:, 0])
        image = self.placed.image[shown]
        return reach_classes(image, np.hypot(*(self.placed.places[shown] - image).T))

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return how likely each pair's place is to give the dot of its row, per square metre.

        The error of reading is far above `rounding`, which is left aside.
        """
        return _likelihood(self.placed, self._reading, self.places, dots, pairs)


def _moved_and_read(
    mask: Mask | PlacedMask, sigma: float, points: np.ndarray, uniform: np.ndarray
) -> np.ndarray:
    end = mask.moved(points, uniform[: mask.draws])
    return ReadingError(sigma=sigma).moved(end, uniform[mask.draws :])


def _likelihood(
    placed: PlacedMask, reading: ReadingError, places: np.ndarray, dots: np.ndarray, pairs: Pairs
) -> np.ndarray:
    """Return the density of reading each dot, of each place of its row."""
    row = row_of(pairs.indptr)
    if isinstance(placed, PlacedPersistent):
        return _likelihood(placed.mask, reading, places, dots, pairs)
    if isinstance(placed, Snapped):
        distance = np.hypot(*(placed.image[pairs.place] - dots[row]).T)
        # A suppressed place has no image, and shows no dot.
        return np.asarray(np.nan_to_num(reading.density(distance)))
    if isinstance(placed, PlacedDonut):
        low, high = placed.r_min[pairs.place], placed.r_max[pairs.place]
        inside = sum(
            weight * (_within(pairs.distance, high, s) - _within(pairs.distance, low, s))
            for weight, s in ((w, k * reading.sigma) for w, k in KINDS)
        )
        return np.asarray(inside / (math.pi * (high**2 - low**2)))
    if isinstance(placed, PlacedSwap):
        return _through(placed.places, placed.chance, reading, dots, pairs)
    if isinstance(placed, PlacedChannel):
        channel, cell = placed.channel, placed.cell
        return _through(placed.centres, lambda z, x: channel[cell[x], z], reading, dots, pairs)
    return _summed(placed, reading, places, dots, pairs)


def _summed(
    placed: PlacedMask, reading: ReadingError, places: np.ndarray, dots: np.ndarray, pairs: Pairs
) -> np.ndarray:
    """Sum the likelihood of a caller's mask over where the dot may have been before digitising.

    A mask that moves anywhere has a density there. One of few outputs has none between them: it
    is asked about a disc around each node instead, and the discs cover the plane evenly.
    """
    row = row_of(pairs.indptr)
    home = places[pairs.place]

    def over(width: float) -> np.ndarray:
        total = np.zeros(len(pairs.place))
        for share, scale in KINDS:
            s = scale * reading.sigma
            for node, weight in zip(s * _NODES, _SHARES[width], strict=True):
                shown = dots + node
                near = pairs._replace(distance=np.hypot(*(home - shown[row]).T))
                # As many discs hold an output, and the weights of the wider error are spread.
                unit = share / scale**2 if width else share
                total += unit * weight * placed.likelihood(shown, near, width * s)
        return total

    sharp = over(0.0)
    return sharp if sharp.any() else over(_DISC)


def _through(
    outputs: np.ndarray,
    chance: Callable[[np.ndarray, np.ndarray], np.ndarray],
    reading: ReadingError,
    dots: np.ndarray,
    pairs: Pairs,
) -> np.ndarray:
    """Sum, over the outputs of a mask, the chance of each times the density of reading it so.

    `chance` takes rows of the outputs and rows of the places.
    """
    total = np.zeros(len(pairs.place))
    for part, near in pairs_within(dots, cKDTree(outputs), reading.reach):
        density = reading.density(near.distance)
        # The first output near each dot, then the second: no more is held than the pairs.
        count = np.diff(near.indptr)
        for k in range(int(count.max(initial=0))):
            rows = np.flatnonzero(count > k)
            at = near.indptr[rows] + k
            indptr, entry = take_rows(pairs.indptr, part.start + rows)
            output = np.repeat(at, np.diff(indptr))
            total[entry] += density[output] * chance(near.place[output], pairs.place[entry])
    return total


def _within(distance: np.ndarray, radius: np.ndarray, s: float) -> np.ndarray:
    """Return the chance that a normal error carries a point to within a radius of a home.

    The point is at a distance from the home; the error has deviation `s` on each axis. Summed
    over the part of the error across the line to the home, for the part along it is then the
    normal law between the two ends of a chord. Chords are taken by angle: their length is smooth
    in it up to the end of the circle, so that small circles need no more of them.
    """
    inside = (distance <= radius).astype(float)
    edge = np.flatnonzero((np.abs(distance - radius) < _FAR * s) & (radius > 0))
    d, r = distance[edge], radius[edge]
    result = np.zeros(len(edge))
    last = np.arcsin(np.minimum(1, _REACH * s / r))
    for node, weight in _CHORDS:
        angle = last * (1 + node) / 2
        half, across = r * np.cos(angle), r * np.sin(angle)
        share = weight * last * half / s * np.exp(-0.5 * (across / s) ** 2) / math.sqrt(2 * math.pi)
        result += share * (ndtr((half - d) / s) - ndtr((-half - d) / s))
    inside[edge] = result
    return np.where(radius > 0, inside, 0.0)
