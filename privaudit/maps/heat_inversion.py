"""Invert a heat map: identify its kernel and locate its dots among public addresses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array

from privaudit.core.checks import in_range, one_of, whole
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import KnownAttack, leaked
from privaudit.maps.heat import (
    KERNEL_NAMES,
    KERNELS,
    bend_of,
    calibrated,
    colour_steps,
    deconvolve,
    disc_radius,
    heat_kernel,
    kernel_of,
)
from privaudit.release.release import HeatRelease, Release
from privaudit.screenshots.read_heat import quantise_heat
from privaudit.words.catalogues import Note

# Bandwidths tried: between these deviations (cells, share of the side), and how many.
_NARROWEST, _WIDEST, _WIDTHS_TRIED = 0.7, 0.25, 16
# A kernel's best deviation is sought within this share of the quartic's; tries of all kernels, and
# more of those that leave at most so many times what the best leaves.
_AROUND, _TRIES, _FINER, _FINER_TRIES, _CLOSE = 0.15, 6, 0.1, 8, 1.6
# A kernel that leaves up to this many times what the best one leaves, and this share of a colour
# step besides, may be the true one.
_RIVAL, _RIVAL_STEP = 1.3, 0.02
# By how much a raster is widened, and lowered, to see whether its kernels are round.
_STRETCH = 1.1
# By how much a colour may miss a whole number of discs, in discs; share of the heat that is seen.
_OFF_DISC, _SEEN = 0.1, 0.01
# Share of the error of a place that is left where the heat was laid on the addresses.
_LEFT_OFF = 0.2
# Steps of deconvolution of a try, and of one that is looked at closer.
_QUICK, _STEPS = 60, 300


class KernelCandidate(NamedTuple):
    """A kernel, its bandwidth in metres, its weight, and the share of the heat that it leaves."""

    kernel: str
    bandwidth: float
    weight: float
    left: float


# Nodes are taken this many deviations apart: a Gaussian has less than 3e-9 of its peak in waves
# that they miss (exp(-(2 pi)**2 / 2)). Where colours change between them is not used.
_APART = 1 / 2
# Cells above the lowest colour that identify a kernel; cells with the same curvature, where one is
# certain.
_FEW, _ALIKE, _SIDE = 10, 12, 16


class HeatRaster(NamedTuple):
    """Heat in dots a square metre, and what to call the function that undoes it in errors.

    - `x`, `y`: Of the columns, and of the rows, metres.
    - `low`, `high`: Bounds of the heat of each cell.
    - `step`: How wide the colour steps are; 0 for an exact map.
    - `off`: Deviation of where the raster lies, metres on each axis.
    - `ceiling`: Heat from which all is the hottest colour.
    """

    who: str
    x: np.ndarray
    y: np.ndarray
    heat: np.ndarray
    low: np.ndarray
    high: np.ndarray
    step: float
    off: float = 0.0
    ceiling: float = math.inf

    def times(self, factor: float) -> HeatRaster:
        """Return the raster with another unit of heat."""
        return self._replace(
            heat=self.heat * factor,
            low=self.low * factor,
            high=self.high * factor,
            step=self.step * factor,
            ceiling=self.ceiling * factor,
        )

    @property
    def cell(self) -> float:
        """Return the metres between columns."""
        return float(self.x[1] - self.x[0])

    @property
    def steep(self) -> float:
        """Return the width of a colour step as a share of the highest heat."""
        return float(self.step / self.heat.max())

    @property
    def dots(self) -> float:
        """Return about how many dots the heat amounts to."""
        shown = self.heat[self.heat > self.step].sum() or self.heat.sum()
        return float(shown) * self.cell * float(self.y[1] - self.y[0])

    def stretched(self, factor: float) -> HeatRaster:
        """Return the raster as much wider as it is lower: areas, and so densities, stay."""
        return self._replace(x=self.x * factor, y=self.y / factor)


class DeclaredHeat(NamedTuple):
    """What is stated of a heat map: bandwidth, kernel and dots, None where it is not.

    `scaled`: nothing but the number of dots gives the unit of the heat.
    """

    bandwidth: float | None
    kernel: str | None
    total: int | None
    scaled: bool = False


def kernels_of(
    raster: HeatRaster, at: np.ndarray, people: np.ndarray, asked: DeclaredHeat
) -> tuple[list[KernelCandidate], list[Note]]:
    """Return the stated kernel, or the likely ones, and the notes on them."""
    if asked.bandwidth is not None:
        width = in_range(raster.who, "bandwidth", asked.bandwidth, 0, open_low=True)
        name = one_of(raster.who, "kernel", asked.kernel or "gaussian", KERNEL_NAMES)
        return [KernelCandidate(name, width, 1.0, 0.0)], []
    drawn = _drawn_by(raster, at, people, asked)
    recipe = {"kernel": drawn[0].kernel, "bandwidth": drawn[0].bandwidth, "kernels": len(drawn)}
    return drawn, [Note("kernel_estimated", **recipe)]


def _drawn_by(
    raster: HeatRaster, at: np.ndarray, people: np.ndarray, asked: DeclaredHeat
) -> list[KernelCandidate]:
    """Estimate kernel and bandwidth: by how an exact map bends, else by what dots leave of it."""
    who, heat, step = raster.who, raster.heat, raster.step
    if not step and asked.kernel in (None, "gaussian", "deck.gl"):
        bandwidth, alike = bend_of(heat, raster.cell)
        if alike >= _ALIKE:
            return [KernelCandidate("gaussian", bandwidth, 1.0, 0.0)]
    if step and np.sum(heat > step) < _FEW:
        needed = f"{_FEW} cells above the lowest colour"
        raise ParameterError.of(who, needed, "fewer", "Pass bandwidth=.")
    if min(heat.shape) < _SIDE:
        needed = f"a raster of {_SIDE} cells a side to tell its kernel by"
        raise ParameterError.of(who, needed, f"{heat.shape}", "Pass bandwidth=.")
    names = list(KERNELS) if asked.kernel is None else [asked.kernel]
    if not step and "disc" in names:
        # A width a little off gives whole cells to another dot: no search comes near enough.
        radius = disc_radius(heat)
        start = people * max(1.0, raster.dots) / people.sum()
        if math.isfinite(radius):
            deviation = radius * kernel_of("disc").deviation
            left = _Tries(raster, at, start).left("disc", deviation, _STEPS)
            if left <= _OF_EXACT:
                return [KernelCandidate("disc", radius, 1.0, left)]
    return likely_kernels(raster, at, people, names)


def likely_kernels(
    raster: HeatRaster, at: np.ndarray, people: np.ndarray, names: Sequence[str]
) -> list[KernelCandidate]:
    """Return the kernels by which dots at addresses explain the heat, the best first.

    Of each kernel the bandwidth is sought that leaves the least of the heat unexplained (see
    `left_of`). Too narrow a kernel cannot fill the gaps between addresses, too wide a one cannot
    fall as fast as the heat does. Kernels that leave nearly as little as the best are its rivals.
    """
    start = people * max(1.0, raster.dots) / people.sum()
    grid = _Tries(raster, at, start)
    side = min(raster.heat.shape) * raster.cell
    ladder = np.geomspace(_NARROWEST * raster.cell, _WIDEST * side, _WIDTHS_TRIED)
    first = names[0] if len(names) == 1 else "quartic"
    middle = min(ladder, key=lambda deviation: grid.left(first, deviation))
    apart = math.log(ladder[1] / ladder[0])
    middle = grid.best(first, middle, apart, _TRIES).bandwidth * kernel_of(first).deviation
    found = [grid.best(name, middle, _AROUND, _TRIES) for name in names]
    least = min(one.left for one in found)
    found = [
        grid.best(one.kernel, one.bandwidth * kernel_of(one.kernel).deviation,
                  _FINER, _FINER_TRIES, _STEPS)
        for one in found if one.left <= _CLOSE * least + 2 * _RIVAL_STEP * raster.steep
    ]  # fmt: skip
    found.sort(key=lambda one: one.left)
    near = (_RIVAL - 1) * found[0].left + _RIVAL_STEP * raster.steep
    weight = [max(0.0, 1 - (one.left - found[0].left) / max(near, 1e-300)) for one in found]
    return [
        one._replace(weight=share / sum(weight))
        for one, share in zip(found, weight, strict=True)
        if share
    ]


# Share of a bracket that a step of a golden section leaves.
_GOLDEN = (math.sqrt(5) - 1) / 2


class _Tries(NamedTuple):
    """Kernels tried on a raster: addresses, and what to expect there before the heat is seen."""

    raster: HeatRaster
    at: np.ndarray
    start: np.ndarray

    def place(self, drawn: KernelCandidate) -> np.ndarray:
        """Return by how many metres the addresses are moved where dots leave the least heat."""
        deviation, moved = drawn.bandwidth * kernel_of(drawn.kernel).deviation, np.zeros(2)
        step = 2 * self.raster.off
        while step > _LEFT_OFF * self.raster.off:
            for axis in np.eye(2):
                tried = [moved + k * step * axis for k in (-1, 0, 1)]
                left = [self._replace(at=self.at + t).left(drawn.kernel, deviation) for t in tried]
                moved = tried[int(np.argmin(left))]
            step /= 2
        return moved

    def left(self, name: str, deviation: float, steps: int = _QUICK) -> float:
        """Return the share of the heat that dots at addresses leave by a kernel."""
        raster = self.raster
        tried = KernelCandidate(name, deviation / kernel_of(name).deviation, 1.0, 0.0)
        every = apart(raster.x, tried)
        kernel, reached = observed(raster.x, raster.y, tried, self.at, every)
        low, high = (nodes_of(v, every) for v in (raster.low, raster.high))
        fit = np.zeros(len(low))
        fit[reached] = kernel @ deconvolve(
            kernel, low[reached], high[reached], self.start, steps=steps
        )
        return left_of(fit, low, high)

    def best(
        self, name: str, middle: float, around: float, tries: int, steps: int = _QUICK
    ) -> KernelCandidate:
        """Return a kernel at its best deviation near another, by a golden section."""
        low, high = math.log(middle) - around, math.log(middle) + around
        ends = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
        left = [self.left(name, math.exp(end), steps) for end in ends]
        for _ in range(tries):
            if left[0] <= left[1]:
                high, ends[1], left[1] = ends[1], ends[0], left[0]
                ends[0] = high - _GOLDEN * (high - low)
                left[0] = self.left(name, math.exp(ends[0]), steps)
            else:
                low, ends[0], left[0] = ends[0], ends[1], left[1]
                ends[1] = low + _GOLDEN * (high - low)
                left[1] = self.left(name, math.exp(ends[1]), steps)
        best = int(np.argmin(left))
        width = math.exp(ends[best]) / kernel_of(name).deviation
        return KernelCandidate(name, width, 1.0, left[best])


def is_stretched(
    raster: HeatRaster, at: np.ndarray, start: np.ndarray, best: KernelCandidate
) -> bool:
    """Return whether kernels wider on one axis than on the other leave clearly less of the heat.

    A kernel density estimate has a bandwidth an axis in R and SciPy, and a map in degrees is flat;
    few colours hold nearly all of what a round kernel makes then, and dots at other addresses.
    """
    deviation = best.bandwidth * kernel_of(best.kernel).deviation
    left, *stretched = (
        _Tries(raster.stretched(k), at * [k, 1 / k], start).left(best.kernel, deviation)
        for k in (1.0, _STRETCH, 1 / _STRETCH)
    )
    return left > _RIVAL * min(stretched) + _RIVAL_STEP * raster.steep


def misses_whole_discs(raster: HeatRaster, radius: float) -> bool:
    """Return whether a colour that is seen holds the heat of no whole number of flat discs.

    Discs add up to whole numbers; where bands miss these, the heat has another unit, or other steps
    than equal ones from 0. Cells at the edges of discs, which hold a part of one, refuse right maps
    too.

    Examples
    --------
    Of discs of one dot on pi square metres: in steps of one disc, and of .59 of one.

    >>> heat = np.arange(4.0)[:, None] + 0.5
    >>> one = HeatRaster("", heat, heat, heat, heat - 0.5, heat + 0.5, 1.0)
    >>> [misses_whole_discs(one.times(k / np.pi), 1.0) for k in (1.0, 0.59)]
    [False, True]
    """
    disc = 1 / (math.pi * radius**2)
    low, high = raster.low / disc - _OFF_DISC, raster.high / disc + _OFF_DISC
    missed = np.unique(raster.heat[np.ceil(low) > high], return_counts=True)[1]
    return bool((missed >= _SEEN * np.sum(raster.heat > raster.step)).any())


def left_of(fitted: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Return the share of the heat that is left unexplained."""
    gap = fitted - np.clip(fitted, low, high)
    heat = np.where(np.isfinite(high), high, low)
    return float(np.sqrt((gap**2).sum() / max(float((heat**2).sum()), 1e-300)))


def observed(
    x: np.ndarray, y: np.ndarray, drawn: KernelCandidate, places: np.ndarray, every: int
) -> tuple[csc_array, np.ndarray]:
    """Return the kernel weights of places at the nodes that they reach, and these nodes."""
    kernel = heat_kernel(*grid_of(x, y, every), places, drawn.bandwidth, drawn.kernel)
    # Nodes that no place reaches tell nothing.
    reached = np.unique(kernel.indices)
    return kernel[reached], reached


def apart(x: np.ndarray, drawn: KernelCandidate) -> int:
    """Return the spacing of nodes, in cells."""
    deviation = drawn.bandwidth * kernel_of(drawn.kernel).deviation
    return max(1, int(_APART * deviation / (x[1] - x[0])))


def nodes_of(values: np.ndarray, every: int) -> np.ndarray:
    """Return the values at the nodes, row by row."""
    rows, columns = (np.arange(n % every // 2, n, every) for n in values.shape)
    return np.asarray(values[np.ix_(rows, columns)].ravel())


def grid_of(x: np.ndarray, y: np.ndarray, every: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where the nodes stand, across and up."""
    across, up = (axis[np.arange(len(axis) % every // 2, len(axis), every)] for axis in (x, y))
    return across, up


def bounds_of(heat: np.ndarray, step: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of heat that was rounded to steps of this height."""
    half = np.asarray(step) / 2
    return np.maximum(heat - half, 0.0), heat + half


# A top is cut off where at least so many cells, and this many times those of a tone below it, are
# of the hottest tone; of how many tones a scale has then, and how many below are counted.
_CUT_CELLS, _CUT_TIMES, _CUT_TONES, _BELOW = 12, 3.0, 24, 4


def saturation_of(heat: np.ndarray, step: float) -> float:
    """Return the heat from which all is shown as the hottest tone, inf where nothing is cut.

    Around a top of a smooth map each tone has about as many cells as the next one.

    Parameters
    ----------
    heat : float, shape (h, w)
    step : float
        Height of a tone, 0 for an exact map.

    Examples
    --------
    >>> away = np.hypot(*np.mgrid[-20:21, -20:21])
    >>> cone = np.round(40 - np.minimum(away, 40))
    >>> saturation_of(cone, 1.0), saturation_of(np.minimum(cone, 28), 1.0)
    (inf, 27.5)
    """
    top = float(heat.max())
    if not step or top < _CUT_TONES * step:
        return math.inf
    tone = np.round((top - heat) / step)
    count = np.array([np.sum(tone == k) for k in range(_BELOW + 1)])
    cut = count[0] >= max(_CUT_CELLS, _CUT_TIMES * count[1:].mean())
    return top - step / 2 if cut else math.inf


# Homes at one address, the most of each kind.
_KINDS = (1, 2, 3, 4, 6, 9, 15)
# What is left of a heat that is no sum of kernels at addresses: more than this multiple of what is
# left of the adversary's own maps, and a share besides: of an exact map, whose bandwidth is known
# to a few thousandths, or of one in colours, and so many squares of a colour step (coarse steps
# hold nearly all of what the right kernel makes). What is left beyond the last, however noisy the
# heat is, may hide another kernel.
_WORSE, _OF_EXACT, _OF_COLOURS, _OF_A_STEP, _MOST_LEFT = 1.5, 0.003, 0.0004, 2.0, 0.04
# Own maps that are drawn with one dot at most an address: one of so many.
_ONCE = 2
# Deviations of what is found of own maps, about what is claimed of them, that a range holds.
_DEVIATIONS = 2.1
# Cells a side of the part of a raster whose noise is measured; a second difference along both axes
# of a noise of deviation 1 has the deviation 6, and its median is .6745 of that.
_NOISY, _NORMAL = 120, 6 * 0.6745


class InversionTask(NamedTuple):
    """Kernel weights of places at nodes, bounds of each node's heat, and who may have a dot."""

    kernel: csc_array
    low: np.ndarray
    high: np.ndarray
    homes: np.ndarray
    prior: np.ndarray
    total: int
    steps: int


class SimulatedHeat(NamedTuple):
    """Maps of the adversary's own: dots at each place, heat at the nodes, how these are shown.

    - `group`: Maps of one number were drawn alike: by one kernel, with dots that may share an
      address or not.
    - `levels`: Colour steps up to the highest heat; 0 for an exact map.
    - `ceiling`: Heat from which all is the hottest colour.
    """

    came: np.ndarray
    heat: np.ndarray
    group: np.ndarray
    levels: int
    ceiling: float = math.inf

    def shown(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of each node's heat, by the colours of its map."""
        heat = np.minimum(self.heat, self.ceiling)
        if not self.levels:
            return heat, heat
        shown = np.stack([quantise_heat(one, self.levels) for one in heat.T], axis=1)
        low, high = bounds_of(shown, heat.max(axis=0) / self.levels)
        return low, np.where(self.heat >= self.ceiling, np.inf, high)


def simulated_heat(
    raster: HeatRaster,
    drawn: list[KernelCandidate],
    at: np.ndarray,
    task: InversionTask,
    reached: np.ndarray,
    every: int,
    many: int,
    rng: np.random.Generator,
) -> SimulatedHeat:
    """Simulate heat maps, by each kernel in proportion to its probability.

    Dots are as dense as the heat; on every other map no two share an address.
    """
    # A single step spreads the prior as the heat does, and no finer.
    rate = deconvolve(task.kernel, task.low, task.high, task.prior, total=task.total, steps=1)
    rate = rate / rate.sum()
    came = rng.multinomial(task.total, rate, size=many).T.astype(float)
    once = np.zeros(many, dtype=np.int64)
    if task.total < np.count_nonzero(rate) / 2:
        once[_ONCE - 1 :: _ONCE] = 1
    for k in np.flatnonzero(once):
        at_home = rng.choice(len(rate), task.total, replace=False, p=rate)
        came[:, k] = np.bincount(at_home, minlength=len(rate))
    weight = np.array([one.weight for one in drawn])
    which = rng.choice(np.arange(len(drawn)), size=(many,), p=weight / weight.sum())
    heat = task.kernel @ came
    grid = grid_of(raster.x, raster.y, every)
    moved = raster.off > 0
    for number, one in enumerate([drawn[k] for k in which]):
        if which[number] or moved:
            own = came[:, number] > 0
            places = at[own] + raster.off * rng.normal(size=2)
            kernel = heat_kernel(*grid, places, one.bandwidth, one.kernel)
            heat[:, number] = (kernel @ came[own, number])[reached]
    levels = max(1, round(float(raster.heat.max()) / raster.step + 0.5)) if raster.step else 0
    return SimulatedHeat(came, heat, 2 * which + once, levels, raster.ceiling)


def invert_together(task: InversionTask, own: SimulatedHeat) -> tuple[np.ndarray, np.ndarray]:
    """Undo the map and the adversary's own.

    Returns what is expected of each place, of the map and then of the own ones, and the share of
    the heat of each that is left unexplained.
    """
    low, high = own.shown()
    low, high = np.column_stack([task.low, low]), np.column_stack([task.high, high])
    start = np.repeat(task.prior[:, None], low.shape[1], axis=1)
    every = deconvolve(task.kernel, low, high, start, total=task.total, steps=task.steps)
    parts = (task.kernel @ every, low, high)
    left = np.array([left_of(*one) for one in zip(*(part.T for part in parts), strict=True)])
    return every, left


def noise_of(
    raster: HeatRaster, best: KernelCandidate, at: np.ndarray, numbers: np.ndarray
) -> float:
    """Return the standard deviation of the heat's noise between cells, without rounding to steps.

    From second differences of the residual along both axes: a wrong kernel leaves a smooth
    residual, compression and letters do not.
    """
    middle = [int(np.searchsorted(np.cumsum(v), v.sum() / 2))
              for v in (raster.heat.sum(axis=1), raster.heat.sum(axis=0))]  # fmt: skip
    rows, columns = (slice(max(0, m - _NOISY // 2), m + _NOISY // 2) for m in middle)
    x, y, heat = raster.x[columns], raster.y[rows], raster.heat[rows, columns]
    some = numbers > 0
    fitted = heat_kernel(x, y, at[some], best.bandwidth, best.kernel) @ numbers[some]
    gap = np.diff(np.diff(heat - fitted.reshape(heat.shape), 2, axis=0), 2, axis=1)
    hot = ((heat > raster.step) & (heat < raster.ceiling))[1:-1, 1:-1]
    if not hot.any():
        return 0.0
    noise = float(np.median(np.abs(gap[hot]))) / _NORMAL
    return math.sqrt(max(0.0, noise**2 - raster.step**2 / 12))


def claims_of(
    task: InversionTask, own: SimulatedHeat, every: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Claim of each place, and of its homes, what came true on own maps of scores like these.

    And bounds of the share of right names, where as many places are named as there are dots:
    what is claimed of them on average, and by how much own maps of each group miss that.
    """
    expected, drawn, homes = every[:, 0], every[:, 1:], task.homes
    kind = np.searchsorted(_KINDS, homes)
    kinds = np.repeat(kind, drawn.shape[1])
    each = homes[:, None]
    at_home = 1 - (1 - 1 / np.maximum(each, 1)) ** own.came
    # The number expected at an address says of its homes what matters; that of a home does not.
    ones = np.zeros_like(kinds)
    came = (own.came > 0).astype(float)
    scores = every.ravel()
    claims = calibrated(scores, np.zeros(len(scores), int), drawn.ravel(), ones, came.ravel())
    claims = claims.reshape(every.shape)
    claim_home = calibrated(expected / homes, kind, (drawn / each).ravel(), kinds, at_home.ravel())
    named = np.argsort(-every, axis=0, kind="stable")[: task.total]
    claimed = np.take_along_axis(claims, named, axis=0).mean(axis=0)
    missed = np.take_along_axis(came, named[:, 1:], axis=0).mean(axis=0) - claimed[1:]
    groups = [missed, *(missed[own.group == group] for group in np.unique(own.group))]
    ends = [0.0]
    for mine in groups:
        if len(mine) >= _FEW_MAPS:
            ends += [mine.mean() + side * _DEVIATIONS * mine.std() for side in (-1, 1)]
    low, high = np.clip([claimed[0] + min(ends), claimed[0] + max(ends)], 0.0, 1.0)
    return claims[:, 0], claim_home, (float(low), float(high))


def doubts_of(left: np.ndarray, steep: float) -> tuple[Note, ...]:
    """Return why nothing is claimed: no kernel explains the heat as well as it does own maps."""
    usual = float(np.median(left[1:]))
    besides = _OF_COLOURS + _OF_A_STEP * steep**2 if steep else _OF_EXACT
    if left[0] > min(_WORSE * usual + besides, _MOST_LEFT):
        return (Note("heat_misfit", left=float(left[0]), usual=usual),)
    return ()


def _doubts_of_colours(
    raster: HeatRaster, best: KernelCandidate, left: np.ndarray
) -> tuple[Note, ...]:
    """Return why nothing is claimed of flat discs in colours, however little is left."""
    if best.kernel == "disc" and misses_whole_discs(raster, best.bandwidth):
        return (Note("heat_misfit", left=float(left[0]), usual=float(np.median(left[1:]))),)
    return ()


UNDOES_HEAT = KnownAttack(word="undoes_heat", counts="addresses", kinds=(HeatRelease,))
# Simulated places by which claims are calibrated, and the most maps and heats to draw for it.
_PLACES, _MOST_MAPS, _MOST_HEATS = 20_000, 150, 500_000
# The fewest maps to draw, and the fewest of one kind by which a range is known.
_FEWEST_MAPS, _FEW_MAPS = 24, 6
# An exact map tells more the longer one looks: steps as many as these multiplications allow,
# for the map and those drawn to calibrate. Colour steps hold after few.
_WORK, _MOST_STEPS = 3_000_000_000, 3_000


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
    - `claimed_range`: Bounds of the share of places with a dot, of the `total` likeliest.
    - `step`: How wide the colour steps are, dots a square kilometre; 0 for an exact map.
    - `kernel`: As stated, or the likeliest.
    - `left`: Share of the heat that is left unexplained.
    - `doubts`: Why the claims may be wrong; empty where the heat fits.
    """

    place: np.ndarray
    homes: np.ndarray
    expected: np.ndarray
    claim: np.ndarray
    claim_home: np.ndarray
    claimed_range: tuple[float, float]
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
    `maps.heat.deconvolve`), from a prior in proportion to
    the people of each address, or homes where they are not counted. The adversary then draws maps
    of its own, with as many dots, on people at random and as dense as the heat, undoes them
    likewise, and claims what came true there of scores alike: whatever a
    bandwidth or colour steps hide, it knows that it does not know. Where the kernel is not stated,
    its own maps are drawn with every kernel that explains the heat nearly as well as the best one
    (`likely_kernels`), and undone with the best.

    - `release`: A heat map as leaked: x, y (metres) and intensity (dots a square kilometre) of
      every cell of a whole raster, with the addresses as backdrop. Values that are the middles of
      equal steps are taken for colour steps, and only what the steps prove is used.
    - `rng`: Of the maps drawn to calibrate.
    - `bandwidth`: Of the kernel, metres: standard deviation of a Gaussian, radius of another one.
      Default: estimated, which is noted.
    - `kernel`: One of `maps.heat.KERNEL_NAMES`. Default: a Gaussian where the bandwidth
      is stated, else estimated.
    - `total`: Dots on the map. Default: what the heat amounts to.
    - returns: `doubts` where no kernel explains the heat; nothing is to be claimed then.
    """
    who = "invert_heat"
    base = leaked(who, "a heat map", release, HeatRelease).backdrop
    if len(base) == 0:
        raise ParameterError.of(who, "addresses under the heat map", "none")
    x, y, heat = _raster(who, release)
    tone = getattr(release, "tone", None)
    step = colour_steps(heat) if tone is None else tone * 1e-6
    low, high = bounds_of(heat, step)
    ceiling = saturation_of(heat, step)
    high[heat >= ceiling] = math.inf
    off = float(getattr(release, "resolution", 0.0))
    raster = HeatRaster(who, x, y, heat, low, high, step, off, ceiling)
    shown = getattr(release, "dots", None) if total is None else None
    asked = DeclaredHeat(bandwidth, kernel, total if shown is None else shown, shown is not None)
    return _undone(base, raster, asked, rng)


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
        raise GeometryError.of(who, "two heat maps on one raster", "another one")
    step, step_before = colour_steps(heat), colour_steps(earlier)
    low, high = bounds_of(heat, step)
    low_before, high_before = bounds_of(earlier, step_before)
    low, high = np.maximum(low - high_before, 0.0), np.maximum(high - low_before, 0.0)
    asked = DeclaredHeat(bandwidth, kernel, total)
    gained = np.maximum(heat - earlier, 0.0)
    if not gained.any():
        raise ParameterError.of(who, "a later map with more heat", "none that is new")
    raster = HeatRaster(who, x, y, gained, low, high, step + step_before)
    return _undone(base, raster, asked, rng)


def _undone(
    base: AddressBase, raster: HeatRaster, asked: DeclaredHeat, rng: np.random.Generator
) -> InvertedHeat:
    """Undo the heat by the kernel that explains it best."""
    who, x, y = raster.who, raster.x, raster.y
    place, at, homes, people = _places(base)
    drawn, notes = kernels_of(raster, at, people, asked)
    best = drawn[0]
    if raster.off:
        moved = _Tries(raster, at, people * max(1.0, raster.dots) / people.sum()).place(best)
        at, raster = at + moved, raster._replace(off=raster.off * _LEFT_OFF)
        drawn, notes = kernels_of(raster, at, people, asked)
        best = drawn[0]
    every = apart(x, best)
    kernel, reached = observed(x, y, best, at, every)
    low, high = (nodes_of(v, every)[reached] for v in (raster.low, raster.high))
    start = people * max(1.0, raster.dots) / people.sum()
    amount = float(deconvolve(kernel, low, high, start).sum())
    if asked.total is None:
        total = max(1, round(amount))
        notes.append(Note("dots_from_heat", dots=total))
    else:
        total = whole(who, "total", asked.total, 1)
        if asked.scaled:
            # What is cut off, at the top and at the edges, was missing when the heat was scaled.
            raster = raster.times(total / amount)
            low, high = low * total / amount, high * total / amount
    many = min(max(_PLACES // len(homes) + 1, _FEWEST_MAPS), _MOST_MAPS)
    many = max(min(many, _MOST_HEATS // kernel.shape[0] + 1), _FEW_MAPS)
    steps = _STEPS
    if not raster.step:
        steps = max(_STEPS, min(_MOST_STEPS, _WORK // (kernel.nnz * (many + 1))))
        notes.append(Note("heat_is_exact", steps=steps))
    prior = total * people / people.sum()
    task = InversionTask(kernel, low, high, homes, prior, total, steps)
    own = simulated_heat(raster, drawn, at, task, reached, every, many, rng)
    numbers = deconvolve(kernel, low, high, prior, total=total, steps=_STEPS)
    noise = noise_of(raster, best, at, numbers)
    if noise:
        own = own._replace(heat=np.maximum(own.heat + noise * rng.normal(size=own.heat.shape), 0.0))
    numbers, left = invert_together(task, own)
    claim, claim_home, claimed_range = claims_of(task, own, numbers)
    doubts = doubts_of(left, raster.steep)
    if not doubts and raster.step:
        even = asked.bandwidth is not None or not is_stretched(raster, at, start, best)
        doubts = _doubts_of_colours(raster, best, left) if even else (Note("heat_stretched"),)
    return InvertedHeat(
        place=place,
        homes=homes,
        expected=numbers[:, 0],
        claim=claim,
        claim_home=claim_home,
        claimed_range=claimed_range,
        total=total,
        bandwidth=float(best.bandwidth),
        step=raster.step * 1e6,
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
        raise GeometryError.of(who, needed, "a missing or a negative one")
    (x, column), (y, row) = (np.unique(records[:, k], return_inverse=True) for k in (0, 1))
    sides = np.concatenate([np.diff(x), np.diff(y)])
    if len(x) * len(y) != len(records) or len(x) < 3 or len(y) < 3 or np.ptp(sides) > 1e-3:
        came = f"{len(records):,} cells in {len(x):,} columns and {len(y):,} rows"
        raise GeometryError.of(who, "a whole raster of square cells, 3 a side or more", came)
    heat = np.full((len(y), len(x)), np.nan)
    heat[row, column] = records[:, 2] * 1e-6
    if np.isnan(heat).any():
        raise GeometryError.of(who, "each cell of the raster once", "a cell twice")
    if not heat.any():
        raise ParameterError.of(who, "a heat map that shows some heat", "0 in every cell")
    return x, y, heat


def _places(base: AddressBase) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the place of each address, where it is, and its homes and people, or homes again."""
    centimetres = base.xy.round(2)
    _, first, place = np.unique(centimetres, axis=0, return_index=True, return_inverse=True)
    # Not rounded: a disc ends between cells that are closer to its edge than a centimetre.
    at = base.xy[first]
    homes = np.bincount(place.ravel(), weights=base.homes())
    counted_people = base.people()
    people = homes if counted_people is None else np.bincount(place.ravel(), counted_people)
    # Where nobody is counted as living, a dot may lie all the same, if hardly.
    homes, people = np.maximum(homes, 1e-3), np.maximum(people, 1e-3)
    return place.ravel().astype(np.int64), at, homes, people
