"""A heat map, inverted: at which of the public addresses its dots must lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit._core.checks import say, whole
from privaudit.attacks.heat_claims import (
    Own,
    Undoing,
    as_rough,
    claims_of,
    doubts_of,
    own_heat,
    undone_together,
)
from privaudit.attacks.heat_kernels import (
    DeclaredHeat,
    apart,
    bounds_of,
    grid_of,
    kernels_of,
    nodes_of,
    observed,
)
from privaudit.attacks.known_attack import KnownAttack, leaked
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.deconvolution import colour_steps, deconvolve
from privaudit.measures.maps.kernels import KERNELS
from privaudit.places.address_base import AddressBase
from privaudit.release.release import HeatRelease, Release
from privaudit.words.note import Note

__all__ = ["UNDOES_HEAT", "InvertedHeat", "invert_change", "invert_heat"]

UNDOES_HEAT = KnownAttack(word="undoes_heat", counts="addresses", kinds=(HeatRelease,))
# Simulated places by which claims are calibrated, and the most maps and heats to draw for it.
_PLACES, _MOST_MAPS, _MOST_HEATS = 20_000, 150, 500_000
# An exact map tells more the longer one looks: steps as many as these multiplications allow,
# for the map and those drawn to calibrate. Colour steps hold after few.
_WORK, _STEPS, _MOST_STEPS = 3_000_000_000, 300, 3_000


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
    - `kernel`: Told, or the likeliest.
    - `left`: Share of the heat that is left unexplained.
    - `doubts`: Why the claims may be wrong; empty where the heat fits.
    """

    place: np.ndarray
    homes: np.ndarray
    expected: np.ndarray
    claim: np.ndarray
    claim_home: np.ndarray
    total: int
    bandwidth: float
    step: float
    kernel: str = "gaussian"
    left: float = 0.0
    notes: tuple[Note, ...] = ()
    doubts: tuple[Note, ...] = ()


def invert_heat(
    release: Release,
    *,
    rng: np.random.Generator,
    bandwidth: float | None = None,
    kernel: str | None = None,
    total: int | None = None,
) -> InvertedHeat:
    """Estimate how many dots of a heat map lie at each address, and how sure that is.

    The heat is undone by expectation maximisation over the public addresses (see
    `measures.maps.deconvolution.deconvolve`), from a prior in proportion to
    the people of each address, or homes where they are not counted. The adversary then draws maps
    of its own, with as many dots, on people at random and as dense as the heat, undoes them
    likewise, and claims what came true there of scores alike: whatever a
    bandwidth or colour steps hide, it knows that it does not know. Where the kernel is not told,
    its own maps are drawn with every kernel that the heat's waves leave likely, as often as that
    (`measures.maps.kernel_spectrum`), and undone with the likeliest.

    - `release`: A heat map as leaked: x, y (metres) and intensity (dots a square kilometre) of
      every cell of a whole raster, with the addresses as backdrop. Values that are the middles of
      equal steps are taken for colour steps, and only what the steps prove is used.
    - `rng`: Of the maps drawn to calibrate.
    - `bandwidth`: Of the kernel, metres: standard deviation of a Gaussian, radius of another one.
      Default: estimated, which is noted.
    - `kernel`: One of `measures.maps.kernels.KERNEL_NAMES`. Default: a Gaussian where the bandwidth
      is told, else estimated.
    - `total`: Dots on the map. Default: what the heat amounts to.
    - returns: `doubts` where no kernel explains the heat.
    """
    who = "invert_heat"
    base = leaked(who, "a heat map", release, HeatRelease).backdrop
    if len(base) == 0:
        raise ParameterError(say(who, "addresses under the heat map", "none"))
    x, y, heat = _raster(who, release)
    step = colour_steps(heat)
    low, high = bounds_of(heat, step)
    return _undone(
        who, base, (x, y, heat), (low, high), step, DeclaredHeat(bandwidth, kernel, total), rng
    )


def invert_change(
    before: Release,
    after: Release,
    *,
    rng: np.random.Generator,
    bandwidth: float | None = None,
    kernel: str | None = None,
    total: int | None = None,
) -> InvertedHeat:
    """Subtract two heat maps of one kind, of two moments, and undo what is new.

    - `before`, `after`: As leaked, on one raster, drawn with one kernel. The heat of the new dots
      lies between what the colours of both leave.
    - `bandwidth`, `kernel`, `total`: As for `invert_heat`; `total` of the new dots.
    """
    who = "invert_change"
    base = leaked(who, "a heat map", after, HeatRelease).backdrop
    x, y, heat = _raster(who, after)
    x_before, y_before, earlier = _raster(who, leaked(who, "a heat map", before, HeatRelease))
    if earlier.shape != heat.shape or not (np.allclose(x, x_before) and np.allclose(y, y_before)):
        raise GeometryError(say(who, "two heat maps on one raster", "another one"))
    step, step_before = colour_steps(heat), colour_steps(earlier)
    low, high = bounds_of(heat, step)
    low_before, high_before = bounds_of(earlier, step_before)
    low, high = np.maximum(low - high_before, 0.0), np.maximum(high - low_before, 0.0)
    asked = DeclaredHeat(bandwidth, kernel, total)
    gained = np.maximum(heat - earlier, 0.0)
    if not gained.any():
        raise ParameterError(say(who, "a later map with more heat", "none that is new"))
    return _undone(who, base, (x, y, gained), (low, high), step + step_before, asked, rng)


def _undone(
    who: str,
    base: AddressBase,
    raster: tuple[np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    step: float,
    asked: DeclaredHeat,
    rng: np.random.Generator,
) -> InvertedHeat:
    """Undo the heat by the kernel that its waves tell; where the heat refutes it, by another.

    Streets have waves of their own, which may pass for those of a kernel. What is left of the heat
    at the addresses tells then: of the kernels that it does not refute, the one that leaves least.
    """
    found = _undone_by(who, base, raster, bounds, step, asked, rng)
    if not found.doubts or asked.kernel is not None or asked.bandwidth is not None:
        return found
    others = [
        _undone_by(who, base, raster, bounds, step, asked._replace(kernel=name), rng)
        for name in KERNELS
        if name != found.kernel
    ]
    # One that explains the heat, or else the one that explains most of it.
    return min((found, *others), key=lambda one: (bool(one.doubts), one.left))


def _undone_by(
    who: str,
    base: AddressBase,
    raster: tuple[np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    step: float,
    asked: DeclaredHeat,
    rng: np.random.Generator,
) -> InvertedHeat:
    """Undo the heat by one kernel, or by those that are likely together."""
    x, y, heat = raster
    place, at, homes, people = _places(base)
    drawn, notes = kernels_of(who, raster, bounds, step, at, people, asked)
    best = drawn[0]
    every = apart(x, best)
    kernel, reached = observed(x, y, best, at, every)
    low, high = (nodes_of(v, every)[reached] for v in bounds)
    if asked.total is None:
        guess = (heat[heat > step].sum() or heat.sum()) * (x[1] - x[0]) ** 2
        start = people * guess / people.sum()
        total = max(1, round(float(deconvolve(kernel, low, high, start).sum())))
        notes.append(Note("dots_from_heat", dots=total))
    else:
        total = whole(who, "total", asked.total, 1)
    prior = total * people / people.sum()
    many = min(_PLACES // len(homes) + 1, _MOST_MAPS, _MOST_HEATS // kernel.shape[0] + 1)
    steps = _STEPS
    if not step:
        steps = max(_STEPS, min(_MOST_STEPS, _WORK // (kernel.nnz * (many + 1))))
        notes.append(Note("heat_is_exact", steps=steps))
    levels = max(1, round(float(heat.max()) / step + 0.5)) if step else 0
    # A single step spreads the prior as the heat does, and no finer.
    rate = deconvolve(kernel, low, high, prior, total=total, steps=1)
    came = rng.multinomial(total, rate / rate.sum(), size=many).T.astype(float)
    own = Own(came, own_heat(grid_of(x, y, every), drawn, at, reached, came, kernel, rng), levels)
    task = Undoing(kernel, low, high, homes, prior, total, steps)
    found, left = undone_together(task, own)
    rough = as_rough(task, own, left, rng)
    if rough is not own:
        found, _ = undone_together(task, rough)
    claims = claims_of(task, own, found)
    doubts = doubts_of(drawn, left, told=asked.bandwidth is not None)
    return InvertedHeat(
        place=place,
        homes=homes,
        expected=found[:, 0],
        claim=claims[0],
        claim_home=claims[1],
        total=total,
        bandwidth=float(best.bandwidth),
        step=step * 1e6,
        kernel=best.kernel,
        left=float(left[0]),
        notes=(*notes, *doubts),
        doubts=doubts,
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
