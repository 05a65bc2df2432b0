"""By which kernel a heat map was drawn, and at which of its cells that is looked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array

from privaudit._core.checks import in_range, one_of, say
from privaudit.errors import ParameterError
from privaudit.measures.maps.deconvolution import bend_of, deconvolve, heat_kernel
from privaudit.measures.maps.kernel_spectrum import Drawn, likely_kernels
from privaudit.measures.maps.kernels import KERNEL_NAMES, kernel_of
from privaudit.words.note import Note

__all__ = [
    "DeclaredHeat", "apart", "bounds_of", "grid_of", "kernels_of", "left_of", "nodes_of",
    "observed",
]  # fmt: skip

# Nodes are taken this many deviations apart: a Gaussian has less than 3e-9 of its peak in waves
# that they miss (exp(-(2 pi)**2 / 2)). Where colours change between them is not used.
_APART = 1 / 2
# Cells above the lowest colour by which a kernel can be told; cells that bend alike, where one can
# be told for certain.
_FEW, _ALIKE, _SIDE = 10, 12, 16
# Changes of a bandwidth that are tried, and steps of the tries.
_SCALES, _QUICK = np.array([-0.04, -0.02, 0.0, 0.02, 0.04]), 40


class DeclaredHeat(NamedTuple):
    """What is told of a heat map: bandwidth, kernel and dots, None where it is not."""

    bandwidth: float | None
    kernel: str | None
    total: int | None


def kernels_of(
    who: str,
    raster: tuple[np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    step: float,
    at: np.ndarray,
    people: np.ndarray,
    asked: DeclaredHeat,
) -> tuple[list[Drawn], list[Note]]:
    """Return the kernel that was told, or those that are likely, and what is to be said of them."""
    if asked.bandwidth is not None:
        width = in_range(who, "bandwidth", asked.bandwidth, 0, open_low=True)
        name = one_of(who, "kernel", asked.kernel or "gaussian", KERNEL_NAMES)
        return [Drawn(name, width, 1.0, 0.0)], []
    drawn = _drawn_by(who, raster, step, at, people, asked)
    if drawn[0].misfit:
        drawn = _closer(drawn, raster, bounds, at, people)
    told = {"kernel": drawn[0].kernel, "bandwidth": drawn[0].bandwidth, "kernels": len(drawn)}
    return drawn, [Note("kernel_estimated", **told)]


def _drawn_by(
    who: str,
    raster: tuple[np.ndarray, np.ndarray, np.ndarray],
    step: float,
    at: np.ndarray,
    people: np.ndarray,
    asked: DeclaredHeat,
) -> list[Drawn]:
    """Estimate kernel and bandwidth: by how an exact map bends, else by its waves."""
    x, y, heat = raster
    cell = x[1] - x[0]
    if not step and asked.kernel in (None, "gaussian", "deck.gl"):
        found, alike = bend_of(heat, cell)
        if alike >= _ALIKE:
            return [Drawn("gaussian", found, 1.0, 0.0)]
    if step and np.sum(heat > step) < _FEW:
        needed = f"{_FEW} cells above the lowest colour"
        raise ParameterError(say(who, needed, "fewer", "Pass bandwidth=."))
    if min(heat.shape) < _SIDE:
        needed = f"a raster of {_SIDE} cells a side to tell its kernel by"
        raise ParameterError(say(who, needed, f"{heat.shape}", "Pass bandwidth=."))
    lives = np.zeros(heat.shape)
    row, column = (np.round((at[:, k] - axis[0]) / cell).astype(np.int64)
                   for k, axis in ((1, y), (0, x)))  # fmt: skip
    inside = (row >= 0) & (row < len(y)) & (column >= 0) & (column < len(x))
    np.add.at(lives, (row[inside], column[inside]), people[inside] / people.sum())
    dots = asked.total or max(1.0, float(heat[heat > step].sum() or heat.sum()) * cell**2)
    names = None if asked.kernel is None else (asked.kernel,)
    return likely_kernels(heat, cell, lives, float(dots), names=names)


def _closer(
    drawn: list[Drawn],
    raster: tuple[np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    at: np.ndarray,
    people: np.ndarray,
) -> list[Drawn]:
    """Scale the bandwidths to where dots at addresses leave the least of the heat unexplained.

    Waves do not know where addresses are, and tell a bandwidth to a few percent.
    """
    x, y, heat = raster
    start = people * max(1.0, float(heat.sum()) * (x[1] - x[0]) ** 2) / people.sum()
    found: dict[float, float] = {}
    for spread in (_SCALES, _SCALES / 4, _SCALES / 12):
        middle = min(found, key=lambda s: found[s]) if found else 1.0
        for scale in middle * np.exp(spread):
            tried = drawn[0]._replace(bandwidth=drawn[0].bandwidth * scale)
            every = apart(x, tried)
            kernel, reached = observed(x, y, tried, at, every)
            low, high = (nodes_of(v, every) for v in bounds)
            fit = np.zeros(len(low))
            fit[reached] = kernel @ deconvolve(
                kernel, low[reached], high[reached], start, steps=_QUICK
            )
            found[float(scale)] = left_of(fit, low, high)
    scale = min(found, key=lambda s: found[s])
    return [one._replace(bandwidth=one.bandwidth * scale) for one in drawn]


def left_of(fitted: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Return the share of the heat that is left unexplained."""
    gap = fitted - np.clip(fitted, low, high)
    return float(np.sqrt((gap**2).sum() / max(float((high**2).sum()), 1e-300)))


def observed(
    x: np.ndarray, y: np.ndarray, drawn: Drawn, places: np.ndarray, every: int
) -> tuple[csc_array, np.ndarray]:
    """Return what places do to the nodes that any of them reaches, and which these are."""
    kernel = heat_kernel(*grid_of(x, y, every), places, drawn.bandwidth, drawn.kernel)
    # Nodes that no place reaches tell nothing.
    reached = np.unique(kernel.indices)
    return kernel[reached], reached


def apart(x: np.ndarray, drawn: Drawn) -> int:
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
