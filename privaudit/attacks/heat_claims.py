"""What an adversary claims who has undone a heat map: what came true on maps of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array

from privaudit.attacks.heat_kernels import bounds_of, left_of
from privaudit.measures.maps.deconvolution import calibrated, deconvolve, heat_kernel
from privaudit.measures.maps.kernel_spectrum import Drawn
from privaudit.measures.pictures.heat_scale import quantise_heat
from privaudit.words.note import Note

__all__ = [
    "Own", "Undoing", "as_rough", "claims_of", "doubts_of", "own_heat", "undone_together",
]  # fmt: skip

# Homes at one address, the most of each kind.
_KINDS = (1, 2, 3, 4, 6, 9, 15)
# Misfits beyond which no kernel that is known explains the heat: of its waves, and of the heat
# itself, as a multiple of what is left of maps that the adversary draws, and a share besides.
_MISFIT, _WORSE, _UNEXPLAINED = 0.35, 4.0, 0.03
# Own maps by which the error of the heat is tried, and how often it is corrected.
_TRIED, _CORRECTED = 6, 3


class Undoing(NamedTuple):
    """What places do to nodes, between what the heat of each lies, and who may have a dot."""

    kernel: csc_array
    low: np.ndarray
    high: np.ndarray
    homes: np.ndarray
    prior: np.ndarray
    total: int
    steps: int


class Own(NamedTuple):
    """Maps of the adversary's own: dots at each place, heat at the nodes, colour steps."""

    came: np.ndarray
    heat: np.ndarray
    levels: int


def own_heat(
    grid: tuple[np.ndarray, np.ndarray],
    drawn: list[Drawn],
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


def undone_together(task: Undoing, own: Own) -> tuple[np.ndarray, np.ndarray]:
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


def as_rough(task: Undoing, own: Own, left: np.ndarray, rng: np.random.Generator) -> Own:
    """Return own maps whose heat is off by as much as the map's own seems to be.

    Of a picture more may be left than its steps explain: compression, what a program draws between
    cells, a kernel that is nearly right. Who claims by maps without such errors claims too much.
    Theirs are drawn such that as much is left of them.
    """
    usual = float(np.median(left[1:]))
    if not own.levels or left[0] <= left[1:].max():
        return own
    noise = rng.standard_normal(own.heat.shape)
    few = Own(own.came[:, :_TRIED], own.heat[:, :_TRIED], own.levels)
    wanted = left[0] ** 2 - usual**2
    error = float(np.sqrt(wanted * (task.high**2).mean()))
    for _ in range(_CORRECTED):
        tried = few._replace(heat=np.maximum(few.heat + error * noise[:, :_TRIED], 0.0))
        gone = float(np.median(undone_together(task, tried)[1][1:])) ** 2 - usual**2
        error *= float(np.clip(np.sqrt(wanted / max(gone, 1e-300)), 0.2, 5.0))
    return own._replace(heat=np.maximum(own.heat + error * noise, 0.0))


def claims_of(task: Undoing, own: Own, every: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Claim of each place, and of its homes, what came true on own maps of scores like these."""
    expected, found, homes = every[:, 0], every[:, 1:], task.homes
    kind = np.searchsorted(_KINDS, homes)
    kinds = np.repeat(kind, found.shape[1])
    each = homes[:, None]
    at_home = 1 - (1 - 1 / np.maximum(each, 1)) ** own.came
    # The number expected at an address says of its homes what matters; that of a home does not.
    one, ones = np.zeros_like(kind), np.zeros_like(kinds)
    claim = calibrated(expected, one, found.ravel(), ones, (own.came > 0).ravel().astype(float))
    claim_home = calibrated(expected / homes, kind, (found / each).ravel(), kinds, at_home.ravel())
    return claim, claim_home


def doubts_of(drawn: list[Drawn], left: np.ndarray, *, told: bool) -> tuple[Note, ...]:
    """Say that no kernel explains the heat, by its waves or by what is left of it."""
    usual = float(np.median(left[1:]))
    worse = left[0] > _WORSE * usual + _UNEXPLAINED
    if worse or (not told and drawn[0].misfit > _MISFIT):
        return (Note("heat_misfit", left=float(left[0]), usual=usual),)
    return ()
