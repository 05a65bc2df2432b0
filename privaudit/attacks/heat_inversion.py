"""A heat map, inverted: at which of the public addresses its dots must lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from privaudit._core.checks import in_range, say, whole
from privaudit.attacks.attack import Attack, leaked
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.deconvolution import (
    bandwidth_of,
    calibrated,
    colour_steps,
    deconvolve,
    heat_kernel,
    in_steps,
)
from privaudit.places.address_base import AddressBase
from privaudit.release.release import HeatRelease, Release
from privaudit.words.note import Note

__all__ = ["UNDOES_HEAT", "InvertedHeat", "invert_heat"]

UNDOES_HEAT = Attack(word="undoes_heat", counts="addresses", kinds=(HeatRelease,))
# Nodes are taken this many bandwidths apart: a Gaussian has less than 3e-9 of its peak in waves
# that they miss (exp(-(2 pi)**2 / 2)). Where colours change between them is not used.
_APART = 1 / 2
# Simulated places by which claims are calibrated, and the most maps and heats to draw for it.
_PLACES, _MOST_MAPS, _MOST_HEATS = 20_000, 150, 500_000
# Homes at one address, the most of each kind.
_KINDS = (1, 2, 3, 4, 6, 9, 15)
# Bandwidths tried where the map is in colour steps and does not say its own, in metres.
_TRIED = tuple(float(b) for b in np.geomspace(20, 640, 16))
_QUICK, _FEW = 60, 10
# An exact map tells more the longer one looks: steps as many as these multiplications allow,
# for the map and those drawn to calibrate. Colour steps hold after few.
_WORK, _STEPS, _MOST_STEPS = 10_000_000_000, 300, 3_000


@dataclass(frozen=True, eq=False, kw_only=True)
class InvertedHeat:
    """What a heat map says of each address.

    - `place` (int64, shape (addresses,)): Addresses at one and the same point share a place, which
      no map can tell apart.
    - `homes` (float, shape (places,)): Households where the addresses count them, else addresses.
    - `expected` (float, shape (places,)): Dots to expect there, not calibrated; their sum is the
      map's.
    - `claim` (float, shape (places,)): Probability, calibrated, that the place has a dot.
    - `claim_home` (float, shape (places,)): Probability, calibrated, that a given home there has
      one.
    - `step`: How wide the colour steps are, dots a square kilometre; 0 for an exact map.
    """

    place: np.ndarray
    homes: np.ndarray
    expected: np.ndarray
    claim: np.ndarray
    claim_home: np.ndarray
    total: int
    bandwidth: float
    step: float
    notes: tuple[Note, ...] = ()


def invert_heat(
    release: Release,
    *,
    rng: np.random.Generator,
    bandwidth: float | None = None,
    total: int | None = None,
) -> InvertedHeat:
    """Estimate how many dots of a heat map lie at each address, and how sure that is.

    The heat is undone by expectation maximisation over the public addresses (see
    `measures.maps.deconvolution.deconvolve`), from a prior in proportion to
    the people of each address, or homes where they are not counted. The adversary then draws maps
    of its own, with as many dots, on people at random and as dense as the heat, undoes them
    likewise, and claims what came true there of scores alike: whatever a
    bandwidth or colour steps hide, it knows that it does not know.

    - `release`: A heat map as leaked: x, y (metres) and intensity (dots a square kilometre) of
      every cell of a whole raster, with the addresses as backdrop. Values that are the middles of
      equal steps are taken for colour steps, and only what the steps prove is used.
    - `rng`: Of the maps drawn to calibrate.
    - `bandwidth`: Standard deviation of the kernel, metres. Default: estimated, which is noted.
    - `total`: Dots on the map. Default: what the heat amounts to.
    """
    who = "invert_heat"
    base = leaked(who, "a heat map", release, HeatRelease).backdrop
    if len(base) == 0:
        raise ParameterError(say(who, "addresses under the heat map", "none"))
    x, y, heat = _raster(who, release)
    step = colour_steps(heat)
    place, at, homes, people = _places(base)
    notes = []
    if bandwidth is None:
        bandwidth = _bandwidth(who, x, y, heat, step, at, people)
        notes.append(Note("bandwidth_estimated", bandwidth=bandwidth))
    else:
        in_range(who, "bandwidth", bandwidth, 0, open_low=True)
    kernel, seen = _observed(x, y, heat, bandwidth, at)
    low, high = _bounds(seen, step)
    if total is None:
        guess = (heat[heat > step].sum() or heat.sum()) * (x[1] - x[0]) ** 2
        start = people * guess / people.sum()
        total = max(1, round(float(deconvolve(kernel, low, high, start).sum())))
        notes.append(Note("dots_from_heat", dots=total))
    else:
        total = whole(who, "total", total, 1)
    prior = total * people / people.sum()
    many = min(_PLACES // len(homes) + 1, _MOST_MAPS, _MOST_HEATS // kernel.shape[0] + 1)
    steps = _STEPS
    if not step:
        steps = max(_STEPS, min(_MOST_STEPS, _WORK // (kernel.nnz * (many + 1))))
        notes.append(Note("heat_is_exact", steps=steps))
    expected = deconvolve(kernel, low, high, prior, total=total, steps=steps)
    # A single step spreads the prior as the heat does, and no finer.
    rate = deconvolve(kernel, low, high, prior, total=total, steps=1)
    levels = round(float(heat.max()) / step + 0.5) if step else 0
    claim, claim_home = _claims(
        kernel, expected, homes, prior, rate, total, levels, many, steps, rng
    )
    return InvertedHeat(
        place=place,
        homes=homes,
        expected=expected,
        claim=claim,
        claim_home=claim_home,
        total=total,
        bandwidth=float(bandwidth),
        step=step * 1e6,
        notes=tuple(notes),
    )


def _raster(who: str, release: Release) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the columns' x, the rows' y, and the heat in dots a square metre."""
    records = release.records[["x", "y", "intensity"]].to_numpy(dtype=float)
    if not np.isfinite(records).all() or (records[:, 2] < 0).any():
        needed = "an intensity of 0 or more in each cell"
        raise GeometryError(say(who, needed, "a missing or a negative one"))
    (x, column), (y, row) = (np.unique(records[:, k], return_inverse=True) for k in (0, 1))
    sides = np.concatenate([np.diff(x), np.diff(y)])
    if len(x) * len(y) != len(records) or len(x) < 3 or len(y) < 3 or np.ptp(sides) > 1e-3:
        came = f"{len(records):,} cells in {len(x):,} columns and {len(y):,} rows"
        raise GeometryError(say(who, "a whole raster of square cells, 3 a side or more", came))
    heat = np.full((len(y), len(x)), np.nan)
    heat[row, column] = records[:, 2] * 1e-6
    if np.isnan(heat).any():
        raise GeometryError(say(who, "each cell of the raster once", "a cell twice"))
    if not heat.any():
        raise ParameterError(say(who, "a heat map that shows some heat", "0 in every cell"))
    return x, y, heat


def _places(base: AddressBase) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the place of each address, where it is, and its homes and people, or homes again."""
    at, place = np.unique(base.xy.round(2), axis=0, return_inverse=True)
    homes = np.bincount(place.ravel(), weights=base.homes())
    counted_people = base.people()
    people = homes if counted_people is None else np.bincount(place.ravel(), counted_people)
    # Where nobody is counted as living, a dot may lie all the same, if hardly.
    homes, people = np.maximum(homes, 1e-3), np.maximum(people, 1e-3)
    return place.ravel().astype(np.int64), at, homes, people


def _observed(
    x: np.ndarray, y: np.ndarray, heat: np.ndarray, bandwidth: float, places: np.ndarray
) -> tuple[csc_array, np.ndarray]:
    """Take as many nodes of the raster as the bandwidth calls for, and what places do to them."""
    every = max(1, int(_APART * bandwidth / (x[1] - x[0])))
    rows, columns = (np.arange(len(v) % every // 2, len(v), every) for v in (y, x))
    kernel = heat_kernel(x[columns], y[rows], places, bandwidth)
    # Nodes that no place reaches tell nothing.
    reached = np.unique(kernel.indices)
    return kernel[reached], heat[np.ix_(rows, columns)].ravel()[reached]


def _bounds(heat: np.ndarray, step: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    half = np.asarray(step) / 2
    return np.maximum(heat - half, 0.0), heat + half


def _bandwidth(
    who: str,
    x: np.ndarray,
    y: np.ndarray,
    heat: np.ndarray,
    step: float,
    at: np.ndarray,
    people: np.ndarray,
) -> float:
    """Estimate the bandwidth: by how an exact map bends, by the best fit to one in steps."""
    cell = x[1] - x[0]
    if not step:
        found = bandwidth_of(heat, cell)
        if not np.isfinite(found):
            do = "Pass bandwidth=."
            raise ParameterError(say(who, "heat in three cells in a row", "lone cells", do))
        return found
    misfit = {}
    for tried in _TRIED:
        if tried < cell / 2:
            continue
        kernel, seen = _observed(x, y, heat, tried, at)
        low, high = _bounds(seen, step)
        start = people * heat.sum() * cell**2 / people.sum()
        fitted = kernel @ deconvolve(kernel, low, high, start, steps=_QUICK)
        hot = np.sum(seen > step)
        if hot < _FEW:
            continue
        gap = (fitted - np.clip(fitted, low, high)) / step
        misfit[tried] = float(np.sum(gap**2) / hot)
    if not misfit:
        needed = f"{_FEW} cells above the lowest colour"
        raise ParameterError(say(who, needed, "fewer", "Pass bandwidth=."))
    return min(misfit, key=misfit.__getitem__)


def _claims(
    kernel: csc_array,
    expected: np.ndarray,
    homes: np.ndarray,
    prior: np.ndarray,
    rate: np.ndarray,
    total: int,
    levels: int,
    many: int,
    steps: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Undo maps drawn at random, and claim what came true of scores like these."""
    came = rng.multinomial(total, rate / rate.sum(), size=many).T.astype(float)
    heat = kernel @ came
    low = high = heat
    if levels:
        top = heat.max(axis=0)
        shown = np.stack([in_steps(one, levels) for one in heat.T], axis=1)
        low, high = _bounds(shown, top / levels)
    start = np.repeat(prior[:, None], many, axis=1)
    found = deconvolve(kernel, low, high, start, total=total, steps=steps)
    kind = np.searchsorted(_KINDS, homes)
    kinds = np.repeat(kind, many)
    each = homes[:, None]
    at_home = 1 - (1 - 1 / np.maximum(each, 1)) ** came
    # The number expected at an address says of its homes what matters; that of a home does not.
    one, ones = np.zeros_like(kind), np.zeros_like(kinds)
    claim = calibrated(expected, one, found.ravel(), ones, (came > 0).ravel().astype(float))
    claim_home = calibrated(expected / homes, kind, (found / each).ravel(), kinds, at_home.ravel())
    return claim, claim_home
