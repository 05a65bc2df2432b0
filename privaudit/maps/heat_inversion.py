"""Invert a heat map: identify its kernel and locate its dots among public addresses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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
    heat_kernel,
    kernel_of,
)
from privaudit.release.release import HeatRelease, Release
from privaudit.screenshots.read_heat import quantise_heat
from privaudit.words.catalogues import Note

# The part of a raster that is looked at, in cells a side, and the margin that is faded out.
_SPECTRUM_SIDE, _FADED = 512, 0.1
_BANDS, _SHIFTS = 48, 2
# Bandwidths tried, first between these deviations (cells, share of the side), then near the best.
_NARROWEST, _WIDEST, _WIDTHS_TRIED, _FINER = 0.4, 0.25, 24, (0.03, 0.01, 0.003)
# Nats under the best: not looked at closer, and not held for possible.
_HOPELESS, _UNLIKELY = 60.0, 6.0
# Bandwidths nearer than this share are one.
_NEAR = 0.008
# Waves of a band that count as independent, at most: towns are no sum of waves.
_WAVES = 30.0
# Waves under this share of the strongest are lost in what edges and cut tails leave.
_LOST = 1e-9


class KernelCandidate(NamedTuple):
    """A candidate kernel, its bandwidth in metres, its posterior weight, and its misfit.

    `misfit` is the mean of ``|log|`` of what the bands hold over what the kernel gives them: .1 or
    less where the kernel is right, on any town.
    """

    kernel: str
    bandwidth: float
    weight: float
    misfit: float


def likely_kernels(
    heat: np.ndarray,
    cell: float,
    people: np.ndarray,
    dots: float,
    *,
    names: Sequence[str] | None = None,
    most: int = 5,
) -> list[KernelCandidate]:
    """Return the kernels that fit the power spectrum of a heat map, the most likely first.

    The Fourier transform of a heat map is that of its kernel times that of its dots. Dots on people
    at random have a known power, ``n + n (n - 1) |p|**2`` with p the transform of where people
    live; what is left is the kernel's, band by band, and a floor that rounding or colours leave.
    The likelihood is Whittle's (1953): the power of a wave is exponential.

    Parameters
    ----------
    heat : float, shape (h, w)
        Of nodes, dots a square metre.
    cell : float
        Metres between nodes.
    people : float, shape (h, w)
        Where people live: weights that sum to 1.
    dots : float
        About how many there are.
    names : sequence of str, optional
        Kernels that are tried, all by default.
    most : int
        Kernels returned, at most; their weights sum to 1.

    Returns
    -------
    list of KernelCandidate

    References
    ----------
    Whittle (1953).
    """
    heat, people = _cut(heat, people)
    fade = _window(heat.shape)
    wave = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in heat.shape), indexing="ij"))
    top = 0.5
    low = 1.5 / min(heat.shape)
    edges = np.geomspace(low, top, _BANDS + 1)
    band = np.searchsorted(edges, wave.ravel(), side="right") - 1
    band[(wave.ravel() < low) | (wave.ravel() >= top)] = -1
    bands = _Bands(band, np.bincount(band[band >= 0], minlength=_BANDS).astype(float))
    power = bands.mean(np.abs(np.fft.fft2(heat * fade)) ** 2)
    share = float((fade**2 * people).sum() / max(people.sum(), 1e-300))
    crowd = np.abs(np.fft.fft2(people * fade)) ** 2
    dotted = dots * share + dots * max(dots - 1, 0) * crowd
    tried = _Tried(heat.shape, cell, dotted, power, bands)
    likelihoods: dict[tuple[str, float], float] = {}

    def score(name: str, deviations: np.ndarray) -> None:
        for deviation in deviations:
            width = float(deviation) / kernel_of(name).deviation
            likelihoods[name, width] = tried.likelihood(name, width)

    wide = np.geomspace(_NARROWEST, _WIDEST * min(heat.shape), _WIDTHS_TRIED)
    score("gaussian", wide)
    middle = max(likelihoods, key=lambda key: likelihoods[key])[1]
    for name in names or KERNELS:
        score(name, middle * np.exp(np.linspace(-0.45, 0.35, 9)))
    top = max(likelihoods.values())
    for name in names or KERNELS:
        for finer in _FINER:
            value, width = max((value, w) for (n, w), value in likelihoods.items() if n == name)
            if value > top - _HOPELESS:
                score(name, width * kernel_of(name).deviation * np.exp(finer * np.arange(-3, 4)))
    if names:
        likelihoods = {key: value for key, value in likelihoods.items() if key[0] in names}
    ranked = sorted(((value, *key) for key, value in likelihoods.items()), reverse=True)
    chosen: list[tuple[float, str, float]] = []
    for candidate in ranked:
        near = any(
            n == candidate[1] and abs(math.log(b / candidate[2])) < _NEAR for _, n, b in chosen
        )
        if candidate[0] > ranked[0][0] - _UNLIKELY and not near:
            chosen.append(candidate)
    weight = np.exp([value - ranked[0][0] for value, _, _ in chosen[:most]])
    return [
        KernelCandidate(name, width * cell, float(w), tried.misfit(name, width))
        for (_, name, width), w in zip(chosen, weight / weight.sum(), strict=False)
    ]


def _cut(heat: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of both around the centre of the heat."""
    where = []
    for axis in (0, 1):
        along = heat.sum(axis=1 - axis)
        middle = int(np.searchsorted(np.cumsum(along), along.sum() / 2))
        start = max(0, min(middle - _SPECTRUM_SIDE // 2, heat.shape[axis] - _SPECTRUM_SIDE))
        where.append(slice(start, start + _SPECTRUM_SIDE))
    return heat[tuple(where)], people[tuple(where)]


def _window(shape: tuple[int, ...]) -> np.ndarray:
    """Return a taper: 1 inside, falling to 0 at the edges."""
    sides = []
    for n in shape:
        away = np.minimum(np.arange(n), np.arange(n)[::-1]) / max(1.0, _FADED * n)
        sides.append(np.sin(0.5 * math.pi * np.minimum(away, 1.0)) ** 2)
    return np.outer(*sides)


class _Bands(NamedTuple):
    """Frequency bands: the band of each wave (-1 outside), and waves a band."""

    band: np.ndarray
    size: np.ndarray

    def mean(self, power: np.ndarray) -> np.ndarray:
        """Return the mean over each band."""
        inside = self.band >= 0
        total = np.bincount(self.band[inside], power.ravel()[inside], minlength=len(self.size))
        return np.asarray(total / np.maximum(self.size, 1))


@dataclass(frozen=True, eq=False)
class _Tried:
    """Expected power of a kernel in each band, compared with the observed power."""

    shape: tuple[int, ...]
    cell: float
    dotted: np.ndarray
    power: np.ndarray
    bands: _Bands

    @cached_property
    def used(self) -> np.ndarray:
        """Return which bands hold a wave."""
        return self.bands.size > 0

    @cached_property
    def many(self) -> np.ndarray:
        """Return how many waves of each used band count as independent."""
        return np.asarray(np.minimum(self.bands.size / 2, _WAVES)[self.used])

    def likelihood(self, name: str, width: float) -> float:
        """Return Whittle's log-likelihood, maximised over amplitude and noise floor."""
        return self._fitted(name, width)[0]

    def misfit(self, name: str, width: float) -> float:
        """Return the mean gap of log powers."""
        fitted = self._fitted(name, width)[1]
        observed = self.power[self.used]
        strong = observed > 10 * _LOST * observed.max()
        gap = np.abs(np.log(observed / fitted))[strong]
        return float(np.average(gap, weights=self.many[strong])) if strong.any() else 0.0

    def _fitted(self, name: str, width: float) -> tuple[float, np.ndarray]:
        """Return the fitted amplitude and noise floor."""
        shape = self._shape(name, width)
        observed = self.power[self.used]
        floor = _LOST * observed.max()
        best = (-np.inf, observed)
        # Amplitude and floor in turn, each the likeliest for the other.
        for start in (floor, max(floor, observed.min())):
            a, c = 1.0, start
            for _ in range(30):
                fitted = a * shape + c
                ratios = []
                for part in (a * shape / fitted, c / fitted):
                    there = (self.many * part * observed / fitted).sum()
                    ratios.append(float(there / max((self.many * part).sum(), 1e-300)))
                a, c = a * ratios[0], max(floor, c * ratios[1])
            fitted = a * shape + c
            value = -float((self.many * (np.log(fitted) + observed / fitted)).sum())
            if value > best[0]:
                best = (value, fitted)
        return best

    def _shape(self, name: str, width: float) -> np.ndarray:
        """Return the power of one dot in each band, averaged over its position in a cell."""
        kernel = kernel_of(name)
        along = [np.fft.fftfreq(n) * n for n in self.shape]
        total = np.zeros(self.shape)
        for k in range(_SHIFTS):
            x, y = along[0] - (k + 0.5) / _SHIFTS, along[1] - (k * 0.618) % 1
            squared = (x[:, None] / width) ** 2 + (y[None] / width) ** 2
            value = kernel.density(squared)
            total += np.abs(np.fft.fft2(value)) ** 2
        power = total / _SHIFTS / (width * self.cell) ** 4
        return np.asarray(self.bands.mean(power * self.dotted)[self.used])


# Nodes are taken this many deviations apart: a Gaussian has less than 3e-9 of its peak in waves
# that they miss (exp(-(2 pi)**2 / 2)). Where colours change between them is not used.
_APART = 1 / 2
# Cells above the lowest colour that identify a kernel; cells with the same curvature, where one is
# certain.
_FEW, _ALIKE, _SIDE = 10, 12, 16
# Changes of a bandwidth that are tried, and steps of the tries.
_SCALES, _QUICK = np.array([-0.04, -0.02, 0.0, 0.02, 0.04]), 40


class HeatRaster(NamedTuple):
    """Heat in dots a square metre, and what to call the function that undoes it in errors.

    - `x`, `y`: Of the columns, and of the rows, metres.
    - `low`, `high`: Between what the heat of each cell lies.
    - `step`: How wide the colour steps are; 0 for an exact map.
    """

    who: str
    x: np.ndarray
    y: np.ndarray
    heat: np.ndarray
    low: np.ndarray
    high: np.ndarray
    step: float

    @property
    def cell(self) -> float:
        """Return the metres between columns."""
        return float(self.x[1] - self.x[0])

    @property
    def dots(self) -> float:
        """Return about how many dots the heat amounts to."""
        shown = self.heat[self.heat > self.step].sum() or self.heat.sum()
        return float(shown) * self.cell**2


class DeclaredHeat(NamedTuple):
    """What is stated of a heat map: bandwidth, kernel and dots, None where it is not."""

    bandwidth: float | None
    kernel: str | None
    total: int | None


def kernels_of(
    raster: HeatRaster, at: np.ndarray, people: np.ndarray, asked: DeclaredHeat
) -> tuple[list[KernelCandidate], list[Note]]:
    """Return the stated kernel, or the likely ones, and the notes on them."""
    if asked.bandwidth is not None:
        width = in_range(raster.who, "bandwidth", asked.bandwidth, 0, open_low=True)
        name = one_of(raster.who, "kernel", asked.kernel or "gaussian", KERNEL_NAMES)
        return [KernelCandidate(name, width, 1.0, 0.0)], []
    drawn = _drawn_by(raster, at, people, asked)
    if drawn[0].misfit:
        drawn = _closer(drawn, raster, at, people)
    recipe = {"kernel": drawn[0].kernel, "bandwidth": drawn[0].bandwidth, "kernels": len(drawn)}
    return drawn, [Note("kernel_estimated", **recipe)]


def _drawn_by(
    raster: HeatRaster, at: np.ndarray, people: np.ndarray, asked: DeclaredHeat
) -> list[KernelCandidate]:
    """Estimate kernel and bandwidth: by how an exact map bends, else by its waves."""
    who, x, y, heat, _, _, step = raster
    cell = raster.cell
    if not step and asked.kernel in (None, "gaussian", "deck.gl"):
        bandwidth, alike = bend_of(heat, cell)
        if alike >= _ALIKE:
            return [KernelCandidate("gaussian", bandwidth, 1.0, 0.0)]
    if step and np.sum(heat > step) < _FEW:
        needed = f"{_FEW} cells above the lowest colour"
        raise ParameterError.of(who, needed, "fewer", "Pass bandwidth=.")
    if min(heat.shape) < _SIDE:
        needed = f"a raster of {_SIDE} cells a side to tell its kernel by"
        raise ParameterError.of(who, needed, f"{heat.shape}", "Pass bandwidth=.")
    lives = np.zeros(heat.shape)
    row, column = (np.round((at[:, k] - axis[0]) / cell).astype(np.int64)
                   for k, axis in ((1, y), (0, x)))  # fmt: skip
    inside = (row >= 0) & (row < len(y)) & (column >= 0) & (column < len(x))
    np.add.at(lives, (row[inside], column[inside]), people[inside] / people.sum())
    dots = float(asked.total or max(1.0, raster.dots))
    names = None if asked.kernel is None else (asked.kernel,)
    return likely_kernels(heat, cell, lives, dots, names=names)


def _closer(
    drawn: list[KernelCandidate], raster: HeatRaster, at: np.ndarray, people: np.ndarray
) -> list[KernelCandidate]:
    """Scale the bandwidths to where dots at addresses leave the least of the heat unexplained.

    Waves do not know where addresses are, and tell a bandwidth to a few percent.
    """
    x, y = raster.x, raster.y
    start = people * max(1.0, float(raster.heat.sum()) * raster.cell**2) / people.sum()
    best: dict[float, float] = {}
    for spread in (_SCALES, _SCALES / 4, _SCALES / 12):
        middle = min(best, key=lambda s: best[s]) if best else 1.0
        for scale in middle * np.exp(spread):
            tried = drawn[0]._replace(bandwidth=drawn[0].bandwidth * scale)
            every = apart(x, tried)
            kernel, reached = observed(x, y, tried, at, every)
            low, high = (nodes_of(v, every) for v in (raster.low, raster.high))
            fit = np.zeros(len(low))
            fit[reached] = kernel @ deconvolve(
                kernel, low[reached], high[reached], start, steps=_QUICK
            )
            best[float(scale)] = left_of(fit, low, high)
    scale = min(best, key=lambda s: best[s])
    return [one._replace(bandwidth=one.bandwidth * scale) for one in drawn]


def left_of(fitted: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Return the share of the heat that is left unexplained."""
    gap = fitted - np.clip(fitted, low, high)
    return float(np.sqrt((gap**2).sum() / max(float((high**2).sum()), 1e-300)))


def observed(
    x: np.ndarray, y: np.ndarray, drawn: KernelCandidate, places: np.ndarray, every: int
) -> tuple[csc_array, np.ndarray]:
    """Return what places do to the nodes that any of them reaches, and which these are."""
    kernel = heat_kernel(*grid_of(x, y, every), places, drawn.bandwidth, drawn.kernel)
    # Nodes that no place reaches tell nothing.
    reached = np.unique(kernel.indices)
    return kernel[reached], reached


def apart(x: np.ndarray, drawn: KernelCandidate) -> int:
    """Return of how many cells one is taken for a node."""
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
    """Return between what the heat lies that was rounded to steps so high."""
    half = np.asarray(step) / 2
    return np.maximum(heat - half, 0.0), heat + half


# Homes at one address, the most of each kind.
_KINDS = (1, 2, 3, 4, 6, 9, 15)
# Misfits beyond which no kernel that is known explains the heat: of its waves, and of the heat
# itself, as a multiple of what is left of maps that the adversary draws, and a share besides.
_MISFIT, _WORSE, _UNEXPLAINED = 0.35, 4.0, 0.03
# Own simulated maps by which the error of the heat is tried, and how often it is corrected.
_TRIED, _CORRECTED = 6, 3


class InversionTask(NamedTuple):
    """What places do to nodes, between what the heat of each lies, and who may have a dot."""

    kernel: csc_array
    low: np.ndarray
    high: np.ndarray
    homes: np.ndarray
    prior: np.ndarray
    total: int
    steps: int


class SimulatedHeat(NamedTuple):
    """Maps of the adversary's own: dots at each place, heat at the nodes, colour steps."""

    came: np.ndarray
    heat: np.ndarray
    levels: int


def simulated_heat(
    grid: tuple[np.ndarray, np.ndarray],
    drawn: list[KernelCandidate],
    at: np.ndarray,
    reached: np.ndarray,
    came: np.ndarray,
    kernel: csc_array,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the heat of dots of the adversary's own, by each kernel as often as it is likely."""
    weight = np.array([one.weight for one in drawn])
    which = rng.choice(np.arange(len(drawn)), size=(came.shape[1],), p=weight / weight.sum())
    heat: np.ndarray = kernel @ came
    for k in np.unique(which[which > 0]):
        other = heat_kernel(*grid, at, drawn[k].bandwidth, drawn[k].kernel)
        heat[:, which == k] = (other @ came[:, which == k])[reached]
    return heat


def invert_together(task: InversionTask, own: SimulatedHeat) -> tuple[np.ndarray, np.ndarray]:
    """Undo the map and the adversary's own.

    Returns what is expected of each place, of the map and then of the own ones, and the share of
    the heat of each that is left unexplained.
    """
    low = high = own.heat
    if own.levels:
        top = own.heat.max(axis=0)
        shown = np.stack([quantise_heat(one, own.levels) for one in own.heat.T], axis=1)
        low, high = bounds_of(shown, top / own.levels)
    low, high = np.column_stack([task.low, low]), np.column_stack([task.high, high])
    start = np.repeat(task.prior[:, None], low.shape[1], axis=1)
    every = deconvolve(task.kernel, low, high, start, total=task.total, steps=task.steps)
    parts = (task.kernel @ every, low, high)
    left = np.array([left_of(*one) for one in zip(*(part.T for part in parts), strict=True)])
    return every, left


def as_rough(
    task: InversionTask, own: SimulatedHeat, left: np.ndarray, rng: np.random.Generator
) -> SimulatedHeat:
    """Return own maps whose heat is off by as much as the map's own seems to be.

    Of a picture more may be left than its steps explain: compression, what a program draws between
    cells, a kernel that is nearly right. Who claims by maps without such errors claims too much.
    Theirs are drawn such that as much is left of them.
    """
    usual = float(np.median(left[1:]))
    if not own.levels or left[0] <= left[1:].max():
        return own
    noise = rng.standard_normal(own.heat.shape)
    few = SimulatedHeat(own.came[:, :_TRIED], own.heat[:, :_TRIED], own.levels)
    wanted = left[0] ** 2 - usual**2
    error = float(np.sqrt(wanted * (task.high**2).mean()))
    for _ in range(_CORRECTED):
        tried = few._replace(heat=np.maximum(few.heat + error * noise[:, :_TRIED], 0.0))
        gone = float(np.median(invert_together(task, tried)[1][1:])) ** 2 - usual**2
        error *= float(np.clip(np.sqrt(wanted / max(gone, 1e-300)), 0.2, 5.0))
    return own._replace(heat=np.maximum(own.heat + error * noise, 0.0))


def claims_of(
    task: InversionTask, own: SimulatedHeat, every: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Claim of each place, and of its homes, what came true on own maps of scores like these."""
    expected, drawn, homes = every[:, 0], every[:, 1:], task.homes
    kind = np.searchsorted(_KINDS, homes)
    kinds = np.repeat(kind, drawn.shape[1])
    each = homes[:, None]
    at_home = 1 - (1 - 1 / np.maximum(each, 1)) ** own.came
    # The number expected at an address says of its homes what matters; that of a home does not.
    one, ones = np.zeros_like(kind), np.zeros_like(kinds)
    claim = calibrated(expected, one, drawn.ravel(), ones, (own.came > 0).ravel().astype(float))
    claim_home = calibrated(expected / homes, kind, (drawn / each).ravel(), kinds, at_home.ravel())
    return claim, claim_home


def doubts_of(drawn: list[KernelCandidate], left: np.ndarray, *, given: bool) -> tuple[Note, ...]:
    """Return a doubt if no kernel explains the heat, by its waves or its residual."""
    usual = float(np.median(left[1:]))
    worse = left[0] > _WORSE * usual + _UNEXPLAINED
    if worse or (not given and drawn[0].misfit > _MISFIT):
        return (Note("heat_misfit", left=float(left[0]), usual=usual),)
    return ()


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
    bandwidth or colour steps hide, it knows that it does not know. Where the kernel is not stated,
    its own maps are drawn with every kernel that the heat's waves leave likely, as often as that
    (`measures.maps.kernel_spectrum`), and undone with the likeliest.

    - `release`: A heat map as leaked: x, y (metres) and intensity (dots a square kilometre) of
      every cell of a whole raster, with the addresses as backdrop. Values that are the middles of
      equal steps are taken for colour steps, and only what the steps prove is used.
    - `rng`: Of the maps drawn to calibrate.
    - `bandwidth`: Of the kernel, metres: standard deviation of a Gaussian, radius of another one.
      Default: estimated, which is noted.
    - `kernel`: One of `measures.maps.kernels.KERNEL_NAMES`. Default: a Gaussian where the bandwidth
      is stated, else estimated.
    - `total`: Dots on the map. Default: what the heat amounts to.
    - returns: `doubts` where no kernel explains the heat.
    """
    who = "invert_heat"
    base = leaked(who, "a heat map", release, HeatRelease).backdrop
    if len(base) == 0:
        raise ParameterError.of(who, "addresses under the heat map", "none")
    x, y, heat = _raster(who, release)
    step = colour_steps(heat)
    raster = HeatRaster(who, x, y, heat, *bounds_of(heat, step), step)
    return _undone(base, raster, DeclaredHeat(bandwidth, kernel, total), rng)


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
    """Undo the heat by the kernel that its waves tell; where the heat refutes it, by another.

    Streets have waves of their own, which may pass for those of a kernel. What is left of the heat
    at the addresses tells then: of the kernels that it does not refute, the one that leaves least.
    """
    result = _undone_by(base, raster, asked, rng)
    if not result.doubts or asked.kernel is not None or asked.bandwidth is not None:
        return result
    others = [
        _undone_by(base, raster, asked._replace(kernel=name), rng)
        for name in KERNELS
        if name != result.kernel
    ]
    # One that explains the heat, or else the one that explains most of it.
    return min((result, *others), key=lambda one: (bool(one.doubts), one.left))


def _undone_by(
    base: AddressBase, raster: HeatRaster, asked: DeclaredHeat, rng: np.random.Generator
) -> InvertedHeat:
    """Undo the heat by one kernel, or by those that are likely together."""
    who, x, y, heat, _, _, step = raster
    place, at, homes, people = _places(base)
    drawn, notes = kernels_of(raster, at, people, asked)
    best = drawn[0]
    every = apart(x, best)
    kernel, reached = observed(x, y, best, at, every)
    low, high = (nodes_of(v, every)[reached] for v in (raster.low, raster.high))
    if asked.total is None:
        start = people * raster.dots / people.sum()
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
    own = SimulatedHeat(
        came, simulated_heat(grid_of(x, y, every), drawn, at, reached, came, kernel, rng), levels
    )
    task = InversionTask(kernel, low, high, homes, prior, total, steps)
    numbers, left = invert_together(task, own)
    rough = as_rough(task, own, left, rng)
    if rough is not own:
        numbers, _ = invert_together(task, rough)
    claims = claims_of(task, own, numbers)
    doubts = doubts_of(drawn, left, given=asked.bandwidth is not None)
    return InvertedHeat(
        place=place,
        homes=homes,
        expected=numbers[:, 0],
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
    at, place = np.unique(base.xy.round(2), axis=0, return_inverse=True)
    homes = np.bincount(place.ravel(), weights=base.homes())
    counted_people = base.people()
    people = homes if counted_people is None else np.bincount(place.ravel(), counted_people)
    # Where nobody is counted as living, a dot may lie all the same, if hardly.
    homes, people = np.maximum(homes, 1e-3), np.maximum(people, 1e-3)
    return place.ravel().astype(np.int64), at, homes, people
