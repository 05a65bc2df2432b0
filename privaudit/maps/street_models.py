"""Displacement models that follow streets: to the centre, along the street, by fixed offsets.

An adversary who holds an address base knows the street of each address, and so the centre of each
street and about where its axis runs. A geocoder that fails on a number shows the centre of the
street; one that interpolates shows a point along it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, pairs_within, z_order
from privaudit.maps.masks.mask import ROUNDING_METRES, OverPlaces, PlacedMask
from privaudit.maps.masks.snapping import distinct
from privaudit.maps.model_averaging import Frame, Image
from privaudit.maps.radial_models import densest_corner
from privaudit.stats.csr import row_of, row_sum

# Addresses around one from which the bearing of its street is taken, itself included; addresses
# that are looked at together.
_AROUND, _AT_ONCE = 17, 50_000
# An address farther than so many metres from the centre of its street is of another one, of the
# same name.
_LONG = 1_000.0
# Spread of a dot across the street, in metres: bearings are off by some degrees, and doors stand
# some metres off the axis. Lengths along it, each so many times the last, by their shape; and how
# many times as wide and as long the likeliest is then made.
_ACROSS, _LENGTHS = (0.01, 0.04, 0.2, 1.0, 2.0, 4.0, 8.0), 5.0 * 1.25 ** np.arange(21)
_SHAPES = ("uniform", "normal")
_FINER, _CLOSER = (0.6, 0.8, 1.0, 1.25, 1.6), 0.78 * 1.035 ** np.arange(15)
_FARTHEST_ALONG = 500.0
# Laws along streets that are kept: so many, no more than so many nats behind the likeliest.
_KEPT, _NEGLIGIBLE = 16, 14.0
# Offsets are looked for out to so many metres, in cells of so many; at most so many offsets, that
# explain so much of the dots, and each so many of them.
_OFFSETS_OUT, _CELL, _MOST, _EXPLAINED, _EACH = 300.0, 2.0, 16, 0.9, 3
# Periods of a lattice that noise blurs, in metres; steps between frequencies, of one over the span;
# and the power of a peak that chance does not reach.
_PERIODS, _OVERSAMPLED, _POWER, _PEAKS = (20.0, 500.0), 0.25, 14.0, 3


class Streets(NamedTuple):
    """Where the street of each address runs.

    - `code` (int, shape (m,)): Which street; an address without a street is one of its own.
    - `mean`, `middle` (float, shape (m, 2)): Mean of the street's addresses, and the middle of the
      box around them, metres.
    - `local`, `whole` (float, shape (m, 2)): Unit vector along the street near the address, and
      along all of the street; nan where one address has no neighbour on it.
    """

    code: np.ndarray
    mean: np.ndarray
    middle: np.ndarray
    local: np.ndarray
    whole: np.ndarray


def streets_of(base: AddressBase) -> Streets:
    """Return the street of each address: its centre and its bearing.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0, 80.0], "y": 5.0}), real=False)
    >>> streets = streets_of(base)
    >>> streets.mean[0].tolist(), abs(streets.local[0]).round(6).tolist()
    ([40.0, 5.0], [1.0, 0.0])
    """
    xy = base.xy
    code = _street_codes(base)
    many = int(code.max(initial=-1)) + 1
    count = np.bincount(code, minlength=many)
    mean = np.column_stack([np.bincount(code, axis, many) / count for axis in xy.T])
    low, high = np.full((many, 2), np.inf), np.full((many, 2), -np.inf)
    np.minimum.at(low, code, xy)
    np.maximum.at(high, code, xy)
    off = xy - mean[code]
    whole = _axis(*(np.bincount(code, part, many) for part in _moments(off)))[code]
    local = _local_axis(xy, code)
    far = np.hypot(*off.T) > _LONG
    mean, middle = (np.where(far[:, None], xy, at[code]) for at in (mean, (low + high) / 2))
    return Streets(code, mean, middle, local, whole)


def _street_codes(base: AddressBase) -> np.ndarray:
    """Number the streets of each commune; an address without a street is one of its own."""
    street = base.frame["street"].astype(str)
    code = pd.factorize(base.frame["commune"].astype(str) + "/" + street)[0].astype(np.int64)
    alone = np.flatnonzero(street == "")
    code[alone] = int(code.max(initial=-1)) + 1 + np.arange(len(alone))
    # A number is given up where all of its addresses are now streets of their own.
    return np.unique(code, return_inverse=True)[1]


def _local_axis(xy: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Return the unit vector along the street near each address, from its neighbours on it."""
    tree, local, order = cKDTree(xy), np.empty_like(xy), z_order(xy)
    for start in range(0, len(xy), _AT_ONCE):
        rows = order[start : start + _AT_ONCE]
        near = tree.query(xy[rows], k=min(_AROUND, len(xy)))[1].reshape(len(rows), -1)
        same = code[near] == code[rows, None]
        weight = same / same.sum(axis=1, keepdims=True)
        gap = xy[near] - (weight[:, :, None] * xy[near]).sum(axis=1)[:, None]
        local[rows] = _axis(*((same * part).sum(axis=1) for part in _moments(gap)))
    return local


def _moments(gap: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y = gap[..., 0], gap[..., 1]
    return x * x, y * y, x * y


def _axis(xx: np.ndarray, yy: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Return the unit vector of the longest axis of second moments; nan where all are 0."""
    angle = np.where(xx + yy > 0, 0.5 * np.arctan2(2 * xy, xx - yy), np.nan)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def centre_frames(streets: Streets, places: np.ndarray) -> list[Frame]:
    """Return the planes in which moves start at the centre of the street."""
    return [Frame(image=Image(xy=at, places=places)) for at in (streets.mean, streets.middle)]


def lattice_frames(points: np.ndarray, places: np.ndarray) -> list[Frame]:
    """Return planes in which moves start at the middle of a square cell, of a lattice along axes.

    Noise blurs the lattice: its period is a peak of the power of both coordinates together
    (Rayleigh's periodogram), its origin the phase there.
    """
    span = max(float(np.ptp(points, axis=0).max()), 1.0)
    often = np.arange(1 / _PERIODS[1], 1 / _PERIODS[0], _OVERSAMPLED / span)[:20_000]
    middle = points.mean(axis=0)
    wave = np.exp(2j * np.pi * often[:, None, None] * (points - middle)).mean(axis=1)
    power = len(points) * (np.abs(wave) ** 2).sum(axis=1)
    peak = np.flatnonzero(
        (power > _POWER)
        & (power >= np.pad(power, (1, 0))[:-1])
        & (power >= np.pad(power, (0, 1))[1:])
    )
    frames = []
    for k in peak[np.argsort(-power[peak], kind="stable")][:_PEAKS]:
        size = 1 / often[k]
        origin = middle + np.angle(wave[k]) / (2 * np.pi) * size
        image = origin + np.rint((places - origin) / size) * size
        frames.append(Frame(image=Image(xy=image, places=places)))
    return frames


def images_of(frame: Frame, prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different images of a plane, and the prior of the homes shown from each."""
    assert frame.image is not None
    image, code = distinct(frame.image.xy)
    return image, np.bincount(code, prior)


class _AlongLaw(NamedTuple):
    """A law along a street: the farthest move or the deviation along it, the deviation across."""

    shape: str
    length: float
    across: float


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedAlong(OverPlaces):
    """Moves along the street of each address, by a uniform or normal length, and little across it.

    - `direction` (float, shape (m, 2)): Unit vector of the street of each address.
    """

    draws = 2

    places: np.ndarray
    direction: np.ndarray
    law: _AlongLaw

    @property
    def reach(self) -> float:
        """Farthest move that is looked at, in metres."""
        law = self.law
        return law.length * (1.0 if law.shape == "uniform" else 3.5) + 4 * law.across

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        from scipy.special import ndtri

        home = self._tree.query(points)[1]
        at, law = np.clip(uniform, 1e-9, 1 - 1e-9), self.law
        along = 2 * at[0] - 1 if law.shape == "uniform" else ndtri(at[0])
        t = np.nan_to_num(self.direction[home])
        across = np.column_stack([-t[:, 1], t[:, 0]]) * (law.across * ndtri(at[1]))[:, None]
        return np.asarray(points + t * (law.length * along)[:, None] + across)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the density of each pair, per square metre; 0 where no street is known."""
        along, across = _beside(dots, pairs, self.places, self.direction)
        return _along_density(along, across, self.law)


def _beside(
    dots: np.ndarray, pairs: Pairs, places: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each dot lies along and across the street of each place, metres; inf: none."""
    gap = dots[row_of(pairs.indptr)] - places[pairs.place]
    t = direction[pairs.place]
    along = np.abs(gap[:, 0] * t[:, 0] + gap[:, 1] * t[:, 1])
    across = np.abs(gap[:, 1] * t[:, 0] - gap[:, 0] * t[:, 1])
    return np.nan_to_num(along, nan=np.inf), np.nan_to_num(across, nan=np.inf)


def _along_density(along: np.ndarray, across: np.ndarray, law: _AlongLaw) -> np.ndarray:
    spread, length = law.across, law.length
    beside = np.exp(-0.5 * (across / spread) ** 2) / (math.sqrt(2 * math.pi) * spread)
    if law.shape == "uniform":
        return np.asarray((along <= length) / (2 * length) * beside)
    bell = np.exp(-0.5 * (along / length) ** 2) / (math.sqrt(2 * math.pi) * length)
    return np.asarray(bell * beside)


class _AlongPairs(NamedTuple):
    """Dots and the homes on whose street they may stand: row, metres, and prior of the home."""

    row: np.ndarray
    along: np.ndarray
    across: np.ndarray
    weight: np.ndarray


def _pairs_along(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, streets: Streets
) -> list[tuple[np.ndarray, _AlongPairs]]:
    """Return the pairs of dots and homes near one street, by each of its two bearings."""
    parts: list[list[_AlongPairs]] = [[], []]
    for rows, pairs in pairs_within(points, cKDTree(places), _FARTHEST_ALONG):
        row = row_of(pairs.indptr) + rows.start
        for found, direction in zip(parts, (streets.local, streets.whole), strict=True):
            along, across = _beside(points[rows], pairs, places, direction)
            near = np.flatnonzero(across <= 4 * max(_ACROSS))
            weight = prior[pairs.place[near]]
            found.append(_AlongPairs(row[near], along[near], across[near], weight))
    return [
        (direction, _AlongPairs(*(np.concatenate(part) for part in zip(*found, strict=True))))
        for found, direction in zip(parts, (streets.local, streets.whole), strict=True)
        if found
    ]


class PlacedCandidate(NamedTuple):
    """A mask over the addresses, its log prior among its kind, and the density of each dot."""

    mask: PlacedMask
    prior: float
    landing: np.ndarray


def along_streets(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, streets: Streets, even: float
) -> list[PlacedCandidate]:
    """Try moves along streets of each length, shape and spread; return the likeliest.

    - `even`: Density of strays.
    """
    near = _pairs_along(points, places, prior, streets)
    tried: list[tuple[float, PlacedAlong, np.ndarray]] = []
    for direction, pairs in near:

        def landing_of(law: _AlongLaw, pairs: _AlongPairs = pairs) -> np.ndarray:
            some = np.flatnonzero(pairs.along <= 3.5 * law.length)
            density = _along_density(pairs.along[some], pairs.across[some], law)
            weight = density * pairs.weight[some]
            return np.bincount(pairs.row[some], weight, minlength=len(points))

        def scores(laws: list[_AlongLaw]) -> list[tuple[float, _AlongLaw, np.ndarray]]:
            landings = [landing_of(law) for law in laws]
            each = [float(np.log(0.99 * at + even).sum()) for at in landings]
            return list(zip(each, laws, landings, strict=True))

        first = scores(
            [_AlongLaw(s, float(r), a) for a in _ACROSS for s in _SHAPES for r in _LENGTHS]
        )
        for shape in _SHAPES:
            _, best, _ = max((one for one in first if one[1].shape == shape), key=lambda o: o[0])
            finer = [
                _AlongLaw(shape, best.length * r, best.across * a) for a in _FINER for r in _CLOSER
            ]
            tried += [
                (score, PlacedAlong(places=places, direction=direction, law=law), landing)
                for score, law, landing in scores(finer)
            ]
    tried.sort(key=lambda one: -one[0])
    kept = [one for one in tried[:_KEPT] if one[0] > tried[0][0] - 2 * _NEGLIGIBLE]
    # As much for each of the laws that might have been looked at closer.
    many = 2 * len(_SHAPES) * len(_ACROSS) * len(_LENGTHS) * 4
    return [PlacedCandidate(mask, -math.log(many), landing) for _, mask, landing in kept]


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedOffsets(PlacedMask):
    """Each dot moved by one of a few vectors, `within` metres of it (`offset`, shape (k, 2))."""

    draws = 1

    places: np.ndarray
    offset: np.ndarray
    within: float

    @property
    def reach(self) -> float:
        """Farthest move, in metres."""
        return float(np.hypot(*self.offset.T).max()) + self.within

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return np.asarray(points + self.offset[(uniform[0] * len(self.offset)).astype(int)])

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        gap = dots[row_of(pairs.indptr)] - self.places[pairs.place]
        near = cKDTree(self.offset).query(gap)[0] <= self.within
        return np.asarray(near / (len(self.offset) * math.pi * self.within**2))


def fixed_offsets(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray
) -> list[PlacedCandidate]:
    """Find a few vectors by which most dots stand off an address: peaks of all gaps to addresses.

    Each vector costs the logarithm of how many cells it might have been in.
    """
    tree, gaps, dot = cKDTree(places), [np.empty((0, 2))], [np.empty(0, dtype=np.int64)]
    for rows, pairs in pairs_within(points, tree, _OFFSETS_OUT):
        row = row_of(pairs.indptr)
        gaps.append(points[rows][row] - places[pairs.place])
        dot.append(np.arange(rows.start, rows.stop)[row])
    gap, of = np.concatenate(gaps), np.concatenate(dot)
    offsets: list[np.ndarray] = []
    left = np.ones(len(points), dtype=bool)
    least = max(_EACH, math.ceil(len(points) / (4 * _MOST)))
    while len(offsets) < _MOST and left.mean() > 1 - _EXPLAINED:
        open_ = left[of]
        peak = _peak(gap[open_])
        if peak is None:
            break
        hit = np.hypot(*(gap - peak).T) <= _CELL / 2
        mine = np.unique(of[hit & open_])
        if len(mine) < least:
            break
        offsets.append(peak)
        left[mine] = False
    if not offsets or left.mean() > 1 - _EXPLAINED:
        return []
    mask = PlacedOffsets(places=places, offset=np.array(offsets), within=_CELL / 2)
    landing = np.zeros(len(points))
    for rows, pairs in pairs_within(points, tree, mask.reach):
        likely = mask.likelihood(points[rows], pairs) * prior[pairs.place]
        landing[rows] = row_sum(pairs.indptr, likely)
    cells = (2 * _OFFSETS_OUT / _CELL) ** 2
    return [PlacedCandidate(mask, -len(offsets) * math.log(cells), landing)]


def _peak(gap: np.ndarray) -> np.ndarray | None:
    """Return the gap that the most dots have, to a metre."""
    if len(gap) == 0:
        return None
    corner = densest_corner(gap, _OFFSETS_OUT, _CELL)
    near = gap[np.abs(gap - corner).max(axis=1) <= _CELL]
    middle = np.median(near, axis=0)
    close = near[np.hypot(*(near - middle).T) <= _CELL / 2]
    return np.asarray(close.mean(axis=0)) if len(close) else np.asarray(middle)
