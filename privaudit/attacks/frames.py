"""The planes in which moves may be alike: stretched along a line, or shifted, as dots tell."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from scipy.special import logsumexp

from privaudit.attacks.averaged_mask import STILL, STRAY, Frame
from privaudit.measures.maps.distance_profile import NEAREST, density_table, profile, ring_edges
from privaudit.measures.maps.neighbours import pairs_within
from privaudit.measures.tables.compressed_rows import row_of
from privaudit.release.masks import Disk, Gaussian

__all__ = ["SHIFTED", "SHIFT_REACH", "exact_shift", "frames_of"]

# Out to so many metres a common shift is looked for.
SHIFT_REACH = 1_000.0
# What a shift of all dots weighs beside one kind of mask.
SHIFTED = 0.1
# How many times longer moves are along a line than across it; lines tried; what each weighs.
_RATIOS = ((2.0, 6, 0.04), (4.0, 8, 0.03), (12.0, 8, 0.002))
# Planes are first looked at by so few dots and sizes; so many that may still win are kept.
_FEW, _REACH, _KEPT, _BEHIND = 60, 1_000.0, 3, 8.0
_FIRST = (20, 30, 45, 70, 100, 150, 220, 330)
# Metres of a cell of the raster, and deviations of the moves around a shift.
_CELL, _AROUND = 10.0, (20.0, 60.0)


def frames_of(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, even: float
) -> list[tuple[Frame, tuple[str, float]]]:
    """Return planes that may explain dots, each with its kind and what it weighs beforehand."""
    return _stretched(points, places, prior, even) + _shifted(points, places, prior, even)


def _stretched(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, even: float
) -> list[tuple[Frame, tuple[str, float]]]:
    some = points[:: -(-len(points) // _FEW)]
    edges = ring_edges(_REACH)
    masks = [Gaussian(sigma=s) for s in _FIRST] + [Disk(radius=2 * s) for s in _FIRST]
    table = density_table([mask.density for mask in masks], edges)
    # The plane as it is stands first, to be outdone.
    frames = [(STILL, ("", 0.0))] + [
        (Frame(ratio=ratio, angle=math.pi * line / lines), ("stretched", share))
        for ratio, lines, share in _RATIOS
        for line in range(lines)
    ]
    each = np.zeros((len(frames), len(masks)))
    for rows, pairs in pairs_within(some, cKDTree(places), _REACH):
        gap = some[rows][row_of(pairs.indptr)] - places[pairs.place]
        for k, (frame, _) in enumerate(frames):
            at = pairs._replace(distance=np.hypot(*frame.places(gap).T))
            rings = profile(at, prior[pairs.place], edges)[0]
            each[k] += np.log((1 - STRAY) * (rings @ table) + even).sum(axis=0)
    # What all dots can be expected to say, by those that were looked at.
    ahead = (logsumexp(each, axis=1) - logsumexp(each[0])) * len(points) / len(some)
    best = 1 + np.argsort(-ahead[1:], kind="stable")[:_KEPT]
    return [frames[k] for k in best if ahead[k] > -_BEHIND]


def _shifted(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, even: float
) -> list[tuple[Frame, tuple[str, float]]]:
    """Find the shift by which dots would best lie around addresses, all shifts by one product."""
    every = np.vstack([points, places])
    margin = SHIFT_REACH + 3 * max(_AROUND)
    low = every.min(axis=0) - margin
    cell = max(_CELL, float(np.ptp(every, axis=0).max() + 2 * margin) / 1_024)
    size = np.ceil((every.max(axis=0) + margin - low) / cell).astype(int)

    # Two seconds of loading, which no map without a shift needs.
    from scipy.signal import fftconvolve

    def raster(at: np.ndarray, weight: np.ndarray) -> np.ndarray:
        column, row = ((at - low) / cell).astype(int).T
        flat = np.bincount(column * size[1] + row, weight, minlength=int(size.prod()))
        return flat.reshape(size)

    dots, homes = raster(points, np.ones(len(points))), raster(places, prior)
    reach = int(SHIFT_REACH / cell)
    steps = np.arange(-reach, reach + 1) * cell
    far = np.hypot(steps[:, None], steps)
    found = []
    for around in _AROUND:
        usual = gaussian_filter(homes, around / cell, mode="constant") / cell**2
        log = np.log((1 - STRAY) * usual + even)
        # Correlated with the dots: the likelihood of them all, moved back by each shift.
        full = fftconvolve(dots, log[::-1, ::-1], mode="same")
        middle = size // 2
        window = full[
            middle[0] - reach : middle[0] + reach + 1, middle[1] - reach : middle[1] + reach + 1
        ]
        window = np.where(far <= SHIFT_REACH, window, -np.inf)
        east, north = np.unravel_index(int(window.argmax()), window.shape)
        shift = float(steps[east]), float(steps[north])
        if math.hypot(*shift) <= around:
            continue
        near = np.hypot(steps[:, None] - shift[0], steps - shift[1]) <= around
        mass = float(np.exp(window[near] - window.max()).sum()) * cell**2
        share = SHIFTED * mass / (math.pi * SHIFT_REACH**2)
        found.append((Frame(shift), ("shifted", share)))
    return found


def exact_shift(points: np.ndarray, tree: cKDTree) -> tuple[float, float] | None:
    """Return the shift by which the most dots would stand on addresses; None for none at all."""
    some = points[:: max(1, len(points) // 100)]
    gaps = [np.empty((0, 2))]
    for rows, pairs in pairs_within(some, tree, SHIFT_REACH):
        gaps.append(some[rows][row_of(pairs.indptr)] - np.asarray(tree.data)[pairs.place])
    gap = np.concatenate(gaps)
    if len(gap) == 0:
        return None
    cells = int(2 * SHIFT_REACH / NEAREST) + 2
    at = ((gap + SHIFT_REACH) / NEAREST).astype(np.int64)
    count = np.bincount(at[:, 0] * cells + at[:, 1], minlength=cells**2).reshape(cells, cells)
    # A peak may fall across four cells.
    four = count[:-1, :-1] + count[1:, :-1] + count[:-1, 1:] + count[1:, 1:]
    east, north = np.unravel_index(int(four.argmax()), four.shape)
    top = np.array([east + 1, north + 1]) * NEAREST - SHIFT_REACH
    east, north = np.median(gap[np.abs(gap - top).max(axis=1) <= NEAREST], axis=0)
    return (float(east), float(north)) if math.hypot(east, north) > NEAREST else None
