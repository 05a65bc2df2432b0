"""Kernel density of heat maps: kernels, density on a grid, and deconvolution."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array

# Shadow of a canvas: blur 15 around a radius of 25 pixels is a Gaussian of 7.5 pixels (simpleheat).
_BLUR, _BLURRED_REACH = 0.3, 1.6


class Kernel(NamedTuple):
    """A radial kernel, in bandwidths.

    `reach`: where it ends; `density`, from squared distances to its value there, such that it
    integrates to 1 over the plane; `deviation`: its standard deviation along one axis.
    """

    reach: float
    density: Callable[[np.ndarray], np.ndarray]
    deviation: float


def _gaussian(squared: np.ndarray) -> np.ndarray:
    """Return the Gaussian kernel."""
    return np.asarray(np.exp(-0.5 * squared) / (2 * math.pi))


def _power(k: int) -> Kernel:
    """Return ``(1 - d**2)**k`` within one bandwidth."""

    def density(squared: np.ndarray) -> np.ndarray:
        inside = np.where(squared <= 1, 1.0, 0.0)
        return np.asarray((k + 1) / math.pi * inside * np.maximum(1 - squared, 0.0) ** k)

    return Kernel(1.0, density, math.sqrt(0.5 / (k + 2)))


def _triangular(squared: np.ndarray) -> np.ndarray:
    """Return the triangular kernel."""
    return np.asarray(3 / math.pi * np.maximum(1 - np.sqrt(squared), 0.0))


@cache
def _blurred_table() -> tuple[np.ndarray, np.ndarray]:
    """Return the profile of a blurred disc of radius 1, from 0 to its reach."""
    from scipy.special import ive

    away = np.linspace(0, _BLURRED_REACH, 400)
    inner = (np.arange(400) + 0.5) / 400
    ring = inner / _BLUR**2 * ive(0, away[:, None] * inner / _BLUR**2)
    value = (ring * np.exp(-0.5 * ((away[:, None] - inner) / _BLUR) ** 2)).mean(axis=1)
    mass = np.trapezoid(2 * math.pi * away * value, away)
    return away, value / mass


def _blurred(squared: np.ndarray) -> np.ndarray:
    """Return the blurred disc of a layer of circles."""
    away, value = _blurred_table()
    return np.asarray(np.interp(np.sqrt(squared), away, value, right=0.0))


# "gaussian" is deck.gl's too, whose radius is six bandwidths; "quartic" is the default of QGIS and
# "blurred_disc" that of Leaflet.heat (simpleheat): a disc of radius 25 with a blur of 15. How it
# puts them together: `layered_heat`.
KERNELS: dict[str, Kernel] = {
    # Cut where under 4e-6 of its peak is left.
    "gaussian": Kernel(5.0, _gaussian, 1.0),
    "quartic": _power(2),
    "epanechnikov": _power(1),
    "triweight": _power(3),
    "disc": _power(0),
    "triangular": Kernel(1.0, _triangular, math.sqrt(0.15)),
    "blurred_disc": Kernel(_BLURRED_REACH, _blurred, 0.577),
}
_DRAWN_BY = {"qgis": "quartic", "leaflet": "blurred_disc", "deck.gl": "gaussian"}
KERNEL_NAMES = (*KERNELS, *_DRAWN_BY)


def kernel_of(name: str) -> Kernel:
    """Return a kernel by its name, or by the program that draws it.

    Parameters
    ----------
    name : str
        Name of a kernel, or of a program that draws it.

    Returns
    -------
    Kernel

    Examples
    --------
    >>> kernel_of("qgis") is kernel_of("quartic")
    True
    >>> float(kernel_of("disc").density(np.array(0.5)) * math.pi)
    1.0
    """
    return KERNELS[_DRAWN_BY.get(name, name)]


# Bandwidths around the dots that the grid covers: .006 % of a dot's mass lies beyond.
MARGIN = 4.0
# The gap between two densities has edges where it changes sign: a grid this fine, in bandwidths,
# leaves the sum over nodes within .002 of the integral, seen on a single dot against 2 Phi - 1.
STEP = 0.2
# Where a kernel is cut, in bandwidths: under 2e-8 of its peak is left.
_CUT = 6.0
_AT_ONCE = 2_000


def kernel_density(
    points: np.ndarray, across: np.ndarray, up: np.ndarray, bandwidth: float
) -> np.ndarray:
    """Return the Gaussian kernel density of dots at the nodes of a grid.

    A Gaussian is a product of one function of x and one of y, so that a band of the grid is one
    matrix product, with no binning; kernels are cut at six bandwidths.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    across, up : float, shape (w,) and (h,)
        Where the nodes stand, metres.
    bandwidth : float
        Standard deviation of the kernel, metres, above 0.

    Returns
    -------
    float, shape (h, w)
        Share of the dots per square metre; all 0 without a dot.

    Examples
    --------
    >>> found = kernel_density(np.zeros((1, 2)), np.array([0.0]), np.array([0.0]), 1.0)
    >>> bool(np.isclose(found[0, 0], 1 / (2 * math.pi)))
    True
    """
    total = np.zeros((len(up), len(across)))
    ordered = points[np.argsort(points[:, 1], kind="stable")]
    for start in range(0, len(points), _AT_ONCE):
        x, y = ordered[start : start + _AT_ONCE].T
        band = (up >= y[0] - _CUT * bandwidth) & (up <= y[-1] + _CUT * bandwidth)
        columns = np.exp(-0.5 * ((across[:, None] - x) / bandwidth) ** 2)
        rows = np.exp(-0.5 * ((up[band, None] - y) / bandwidth) ** 2)
        total[band] += rows @ columns.T
    return total / (2 * math.pi * bandwidth**2 * max(len(points), 1))


def density_moved(before: np.ndarray, after: np.ndarray, bandwidth: float) -> float:
    """Return the share of the smoothed map that a mask carried elsewhere.

    Total variation, ``1/2 integral |f - g|``, between the kernel densities of both patterns, summed
    over a grid of half a bandwidth that covers all dots.

    Parameters
    ----------
    before, after : float, shape (n, 2) and (m, 2)
        Metres, at least one dot each.
    bandwidth : float
        Metres, above 0.

    Returns
    -------
    float
        In [0, 1]: 0 = the same heat map, 1 = nowhere in common.

    Examples
    --------
    A single dot moved by two bandwidths: 2 Phi(1) - 1.

    >>> round(density_moved(np.zeros((1, 2)), np.array([[200.0, 0.0]]), 100.0), 2)
    0.68
    """
    both = np.concatenate([before, after])
    step = STEP * bandwidth
    low, high = both.min(axis=0) - MARGIN * bandwidth, both.max(axis=0) + MARGIN * bandwidth
    across, up = (np.arange(low[k], high[k] + step, step) for k in (0, 1))
    gap = kernel_density(after, across, up, bandwidth)
    gap -= kernel_density(before, across, up, bandwidth)
    return float(min(1.0, 0.5 * np.abs(gap).sum() * step**2))


_STEPS = 300
_PLACES_AT_ONCE = 1_000
# A step that moves nothing by more than this share of the highest number is the last.
_STILL = 1e-7
# Rounding, as a share of what is compared.
_ROUNDING = 1e-6
# Shades that values were rounded to.
_SHADES = (32, 4096)
# A tail below this share of the highest cell may be cut off or rounded away.
_TAIL = 1e-3
# Bends that differ by no more are one.
_ALIKE = 1e-3
# Places of one kind that are calibrated together, at least, and those of a step of the claims.
_ENOUGH, _BLOCK = 200, 40


def heat_kernel(
    across: np.ndarray,
    up: np.ndarray,
    places: np.ndarray,
    bandwidth: float,
    kernel: str = "gaussian",
) -> csc_array:
    """Return the kernel matrix: heat at each grid node from a dot at each place.

    Parameters
    ----------
    across, up : float, shape (w,) and (h,)
        Where the nodes stand, metres, evenly spaced.
    places : float, shape (n, 2)
        Metres.
    bandwidth : float
        Standard deviation of a Gaussian kernel, radius of another one, metres, above 0.
    kernel : str
        One of `KERNELS`.

    Returns
    -------
    csc_array, shape (h * w, n)
        Dots a square metre, nodes row by row; 0 beyond the kernel's
        reach, five bandwidths of a Gaussian, and not stored.

    Examples
    --------
    >>> at = np.array([0.0, 900.0])
    >>> found = heat_kernel(at, at, np.array([[0.0, 0.0]]), 100.0)
    >>> found.nnz, bool(np.isclose(found[0, 0], 1 / (2 * math.pi * 100**2)))
    (1, True)
    """
    shape_of = kernel_of(kernel)
    rows, values, many = [], [], []
    for start in range(0, len(places), _PLACES_AT_ONCE):
        part = places[start : start + _PLACES_AT_ONCE]
        (i, x), (j, y) = (
            _near(v, part[:, k], bandwidth, shape_of.reach) for k, v in enumerate((across, up))
        )
        squared = x[:, None, :] ** 2 + y[:, :, None] ** 2
        inside = squared <= shape_of.reach**2
        inside &= (i >= 0)[:, None, :] & (j >= 0)[:, :, None]
        rows.append((j[:, :, None] * len(across) + i[:, None, :])[inside].astype(np.int32))
        values.append(shape_of.density(squared[inside]) / bandwidth**2)
        many.append(inside.sum(axis=(1, 2)))
    ends = np.concatenate([[0], np.cumsum(np.concatenate(many))])
    shape = (len(across) * len(up), len(places))
    return csc_array((np.concatenate(values), np.concatenate(rows), ends), shape=shape)


def _near(
    nodes: np.ndarray, at: np.ndarray, bandwidth: float, far: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes near each place along one axis, -1 where none, and their distances."""
    apart = nodes[1] - nodes[0] if len(nodes) > 1 else bandwidth
    reach = min(int(far * bandwidth / apart) + 1, len(nodes))
    middle = np.round((at - nodes[0]) / apart).astype(np.int64)
    index = middle[:, None] + np.arange(-reach, reach + 1)
    known = (index >= 0) & (index < len(nodes))
    away = (nodes[np.where(known, index, 0)] - at[:, None]) / bandwidth
    return np.where(known, index, -1), away


def colour_steps(heat: np.ndarray) -> float:
    """Return the width of the colour steps of a raster, 0 where it has none.

    Values in the middle of equal steps from 0 are odd multiples of half a step; values that were
    rounded, as to 256 shades, are multiples of a whole one. Those of a raster that was not cut into
    steps are neither; a few multiples are the counts of a flat kernel.

    Parameters
    ----------
    heat : float, shape (h, w)
        Heat at each node.

    Returns
    -------
    float

    Examples
    --------
    >>> colour_steps(np.array([1.25, 8.75, 3.75])), colour_steps(np.array([0.0, 2.0, 5.0]))
    (2.5, 0.0)
    >>> colour_steps(np.arange(0.0, 64.0))
    1.0
    """
    if heat.size and heat.min() == 0:
        values = np.unique(heat)
        step = float(np.diff(values).min(initial=math.inf))
        if not step * _SHADES[0] <= values[-1] <= step * _SHADES[1]:
            return 0.0
        times = values / step
        whole = np.abs(times - np.round(times)) <= _ROUNDING * (times + 1)
        return step if whole.all() else 0.0
    half = float(heat.min(initial=math.inf))
    if not 0 < half < math.inf or float(heat.max()) > half * 2**20:
        return 0.0
    odd = (heat / half - 1) / 2
    return 2 * half if (np.abs(odd - np.round(odd)) <= _ROUNDING * (odd + 1)).all() else 0.0


def bend_of(heat: np.ndarray, cell: float) -> tuple[float, int]:
    """Return the bandwidth of an exact Gaussian heat map from the curvature of its logarithm.

    The logarithm of a sum of Gaussian kernels nowhere bends down more than that of a single one,
    ``-1 / bandwidth**2``, and bends as much where one dot dominates: on a lone dot, and in the
    tails. Second differences of a Gaussian's logarithm are exact.

    Parameters
    ----------
    heat : float, shape (h, w)
    cell : float
        Metres between nodes.

    Returns
    -------
    tuple (float, int)
        Metres, the true bandwidth or more; nan where no three cells in a row hold any heat. And
        how many cells bend as much, within .1 %: few where the kernel is no Gaussian.

    Examples
    --------
    >>> at = np.arange(-300.0, 301.0, 50.0)
    >>> lone = np.exp(-(at**2 + at[:, None] ** 2) / 2 / 80.0**2)
    >>> round(bend_of(lone, 50.0)[0], 6)
    80.0
    """
    known = heat > _TAIL * heat.max(initial=0.0)
    log = np.log(np.where(known, heat, 1.0))
    bends = [np.zeros(1)]
    for turned, is_known in ((log, known), (log.T, known.T)):
        whole = is_known[2:] & is_known[1:-1] & is_known[:-2]
        bends.append((2 * turned[1:-1] - turned[2:] - turned[:-2])[whole])
    bend = np.concatenate(bends)
    most = float(bend.max())
    if most <= 0:
        return math.nan, 0
    return cell / math.sqrt(most), int(np.sum(bend >= most * (1 - _ALIKE)))


def disc_radius(heat: np.ndarray) -> float:
    """Return the radius of the disc of an exact heat map of flat discs, from the heat of one dot.

    Where each dot is a disc of one height, heat is a count of dots over the area of a disc.

    Parameters
    ----------
    heat : float, shape (h, w)
        Dots a square metre.

    Returns
    -------
    float
        Metres; nan where values are no multiples of one.

    Examples
    --------
    >>> one = 1 / (math.pi * 120.0**2)
    >>> round(disc_radius(np.array([0.0, 3 * one, 2 * one, 5 * one])), 9)
    120.0
    >>> disc_radius(np.array([0.0, 2.0, 3.5]))
    nan
    """
    values = np.unique(np.append(heat, 0.0))
    # Sums of one value differ in their last digits.
    gaps = np.diff(values)
    one = float(gaps[gaps > _ROUNDING * values[-1]].min(initial=math.inf))
    times = values / one
    whole = np.abs(times - np.round(times)) <= _ROUNDING * (times + 1)
    return 1 / math.sqrt(math.pi * one) if whole.all() and one < math.inf else math.nan


def deconvolve(
    kernel: csc_array,
    low: np.ndarray,
    high: np.ndarray,
    start: np.ndarray,
    *,
    total: float | None = None,
    steps: int = _STEPS,
) -> np.ndarray:
    """Return the expected number of dots at each place from bounds on the heat at each node.

    Expectation maximisation of a mixture of the places' kernels (Richardson 1972, Lucy 1974),
    accelerated along its own direction (Biggs and Andrews 1997). It starts from the prior and
    leaves it no further than the heat asks: where the bounds hold already, it stays. Numbers are
    never negative, and their sum is the dots'.

    Parameters
    ----------
    kernel : csc_array, shape (nodes, places)
        See `heat_kernel`.
    low, high : float, shape (nodes,) or (nodes, maps)
        Dots a square metre between which the heat of each node lies; equal where exact.
    start : float, shape (places,) or (places, maps)
        What to expect before the map is seen, such as in proportion to homes.
    total : float, optional
        Dots on the map. Default: what the heat amounts to.
    steps : int
        At most so many.

    Returns
    -------
    ndarray of float, of the shape of `start`

    References
    ----------
    Richardson (1972); Lucy (1974).
    Biggs and Andrews (1997).

    Examples
    --------
    A dot on the first of two places, two bandwidths apart.

    >>> places = np.array([[0.0, 0.0], [200.0, 0.0]])
    >>> kernel = heat_kernel(np.array([0.0, 200.0]), np.zeros(1), places, 100.0)
    >>> heat = kernel @ np.array([1.0, 0.0])
    >>> np.round(deconvolve(kernel, heat, heat, np.array([0.5, 0.5]), total=1), 2).tolist()
    [1.0, 0.0]
    """
    back = kernel.T
    share = kernel.sum(axis=0)
    # Of a place that no node sees, the map says nothing.
    unseen = (share <= 0).astype(float)
    share = share + unseen
    if start.ndim == 2:
        share, unseen = share[:, None], unseen[:, None]
    tiny = np.finfo(float).tiny

    def step(x: np.ndarray) -> np.ndarray:
        heat = kernel @ x
        wanted = np.clip(heat, low, high)
        ratio = np.where(heat > tiny, wanted / np.maximum(heat, tiny), 1.0)
        new: np.ndarray = x * (back @ ratio / share + unseen)
        if total is not None:
            new *= total / np.maximum(new.sum(axis=0), tiny)
        return new

    before = at = start.astype(float)
    last: np.ndarray | None = None
    for _ in range(steps):
        after = step(at)
        gain = after - at
        speed: np.ndarray | float = 0.0
        if last is not None:
            along, length = (gain * last).sum(axis=0), (last * last).sum(axis=0)
            speed = np.clip(along / np.maximum(length, tiny), 0.0, 1.0)
        at = np.maximum(after + speed * (after - before), 0.0)
        before, last = after, gain
        if np.abs(gain).max(initial=0.0) <= _STILL * max(float(after.max(initial=0.0)), tiny):
            break
    return before


def calibrated(
    score: np.ndarray, kind: np.ndarray, seen: np.ndarray, seen_kind: np.ndarray, came: np.ndarray
) -> np.ndarray:
    """Return scores calibrated on simulated maps: outcome frequency of similar scores.

    A rising step function of the score, kind by kind, by isotonic regression (Zadrozny and Elkan
    2002). Whatever the score, claims are then right on average over maps that arise as the
    simulated ones did.

    Parameters
    ----------
    score, kind : ndarray, shape (n,)
        To be calibrated; kind is a whole number from 0.
    seen, seen_kind, came : ndarray, shape (m,)
        Scores of simulated maps, their kind, and what was true of each, in [0, 1].

    Returns
    -------
    float, shape (n,)
        In [0, 1].

    References
    ----------
    Zadrozny and Elkan (2002).

    Examples
    --------
    >>> none = np.zeros(4, dtype=int)
    >>> seen, came = np.array([0.1, 0.1, 0.9, 0.9]), np.array([0.0, 0.0, 1.0, 0.0])
    >>> calibrated(np.array([0.1, 0.9]), none[:2], seen, none, came).tolist()
    [0.0, 0.5]
    """
    from scipy.optimize import isotonic_regression

    result = np.empty(len(score))
    for code in np.unique(kind):
        mine = seen_kind == code
        if mine.sum() < _ENOUGH:
            mine = np.ones(len(seen), dtype=bool)
        x, block, many = _blocks(seen[mine])
        mean = np.bincount(block, weights=came[mine]) / many
        rising = np.clip(isotonic_regression(mean, weights=many).x, 0.0, 1.0)
        result[kind == code] = np.interp(score[kind == code], x, rising)
    return result


def _blocks(outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pool adjacent scores: mean of each block, members, and size."""
    ascending = np.sort(outcome)
    size = min(_BLOCK, max(1, len(outcome) // _BLOCK))
    # The first score of each block, from the top, so that a short block is the lowest.
    starts = np.unique(ascending[np.arange(len(outcome) - size, -1, -size)])
    starts[0] = ascending[0]
    block = np.searchsorted(starts, outcome, side="right") - 1
    many = np.bincount(block, minlength=len(starts))
    return np.bincount(block, weights=outcome, minlength=len(starts)) / many, block, many


# Dots of a square of this many radii are drawn as one, at a whole pixel: half of a radius of 25
# pixels with its blur of 15.
_SQUARE, _PIXEL = 0.8, 1 / 25
# The highest opacity under 1 that 8 bits hold.
_TOP = 254 / 255


def layered_heat(
    x: np.ndarray, y: np.ndarray, points: np.ndarray, radius: float, opacity: float
) -> np.ndarray:
    """Return the heat behind Leaflet.heat's colours, in dots a square metre.

    It does not add up: dots near each other are merged, and their blurred discs are laid over each
    other as paint is, so that what shows is ``1 - product(1 - opacity)``. The colours say that
    opacity, and its logarithm adds up again: what is returned is the logarithm, such that a faint
    dot alone has the heat of a blurred disc.

    Parameters
    ----------
    x, y : float, shape (w,), (h,)
        Columns and rows of the raster.
    points : float, shape (n, 2)
    radius : float
        Of a disc, in metres: its default of 25 pixels.
    opacity : float
        Of a dot at its middle, in (0, 1]: 1 at the layer's last zoom (18 unless the map has
        another), half of it at each zoom before.

    Returns
    -------
    float, shape (h * w,)
        Rows first.
    """
    merged, many = merged_in_cells(points, np.array([x.min(), y.min()]), radius)
    shape = heat_kernel(x, y, merged, radius, "leaflet").tocoo()
    peak = float(kernel_of("leaflet").density(np.zeros(1))[0]) / radius**2
    laid = np.minimum(opacity * many, 1.0)[shape.col] * shape.data / peak
    heat = -np.log1p(-np.minimum(laid, _TOP)) / opacity * peak
    return np.bincount(shape.row, weights=heat, minlength=shape.shape[0])


def merged_in_cells(
    points: np.ndarray, corner: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean position of the dots of each cell, to a pixel, and their number.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    corner : float, shape (2,)
        Origin of the cells, in metres.
    radius : float
        Radius of a dot of the layer, in metres.

    Returns
    -------
    tuple of ndarray

    Examples
    --------
    >>> merged, many = merged_in_cells(np.array([[1.0, 1.0], [3.0, 1.0], [30.0, 1.0]]),
    ...     np.zeros(2), 25.0)
    >>> merged.tolist(), many.tolist()
    ([[2.0, 1.0], [30.0, 1.0]], [2, 1])
    """
    square = np.floor((points - corner) / (_SQUARE * radius)).astype(np.int64)
    which = np.unique(square, axis=0, return_inverse=True)[1].ravel()
    many = np.bincount(which)
    mean = np.column_stack([np.bincount(which, points[:, k]) / many for k in (0, 1)])
    pixel = radius * _PIXEL
    return corner + np.round((mean - corner) / pixel) * pixel, many
