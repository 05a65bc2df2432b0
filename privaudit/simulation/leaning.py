"""What people lean to: it varies between neighbourhoods, with age and work, and runs in homes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.world import LEANINGS


class Moments(NamedTuple):
    """Mean and standard deviation of a share between polling stations, in [0, 1]."""

    mean: float
    sd: float


# Results of the first round of 2012 in the 288 polling stations of Lyon: Mélenchon, Hollande,
# Bayrou, Sarkozy, Le Pen. The others make up the rest.
STATION_MOMENTS = {
    "radical_left": Moments(0.119, 0.043),
    "left": Moments(0.304, 0.064),
    "centre": Moments(0.106, 0.024),
    "right": Moments(0.302, 0.109),
    "far_right": Moments(0.100, 0.040),
}
# Where the right is stronger, who is weaker: correlation of each share with that of the right.
_WITH_RIGHT = {"radical_left": -0.75, "left": -0.85, "centre": 0.1, "far_right": -0.5}
_OTHERS_SD = 0.01
_LEAST_SHARE = 0.005

# Log-odds by age (18-24, 25-34, 35-49, 50-64, 65-79, 80+) and by profession: directions of
# the first round of 2017 (Ipsos): the young for the radical left and the far right, the old
# for the right, workers for the far right, executives for the centre.
_BY_AGE = {
    "radical_left": (0.5, 0.3, 0.1, 0.0, -0.5, -0.8),
    "left": (0.0, 0.0, 0.1, 0.2, 0.0, -0.2),
    "centre": (0.0, 0.1, 0.1, 0.0, 0.0, 0.0),
    "right": (-0.7, -0.5, -0.2, 0.0, 0.5, 0.7),
    "far_right": (0.2, 0.2, 0.2, 0.1, -0.3, -0.6),
    "none": (0.5, 0.3, 0.1, 0.0, -0.3, -0.3),
}
_BY_WORK = {
    "farmer": {"right": 0.6, "radical_left": -0.5},
    "artisan": {"right": 0.4, "far_right": 0.3, "left": -0.3},
    "executive": {"centre": 0.5, "right": 0.2, "far_right": -0.6},
    "intermediate": {"centre": 0.2, "left": 0.2, "far_right": -0.2},
    "employee": {"far_right": 0.4, "right": -0.3},
    "worker": {"far_right": 0.7, "radical_left": 0.4, "right": -0.6, "centre": -0.4},
    "retired": {"right": 0.1, "radical_left": -0.2},
    "student": {"radical_left": 0.3, "far_right": -0.3},
    "none": {"far_right": 0.2, "radical_left": 0.2, "right": -0.3},
}
_AGE_STARTS = (25, 35, 50, 65, 80)


def draw_station_shares(
    electors: Ints, *, clustering: float = 1.0, rng: np.random.Generator
) -> Floats:
    """Draw the share of each leaning that each polling station aims at.

    Shares vary as they did between the stations of Lyon in 2012. Counts of a finite station
    add their own chance to that; it is taken off beforehand, so that the counted shares keep
    the published spread.

    - `electors` (int, shape (n stations,))
    - `clustering`: Variance of a station's counted share over that of independent electors, 1 or
      more: homes that agree make it larger.
    - returns (shape (n stations, 6)): Columns as `LEANINGS`; rows sum to 1.
    """
    n = len(electors)
    mean = np.array([m.mean for m in STATION_MOMENTS.values()])
    sd = np.array([m.sd for m in STATION_MOMENTS.values()])
    chance = clustering * (mean * (1 - mean)) / np.maximum(electors, 1)[:, None]
    spread = np.sqrt(np.maximum(sd**2 - chance, 0))
    shares = mean + spread * _standard_shares(n, rng)
    others = 1 - shares.sum(axis=1, keepdims=True)
    shares = np.maximum(np.hstack([shares, others]), _LEAST_SHARE)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _standard_shares(n: int, rng: np.random.Generator) -> Floats:
    """Shares of five leanings in units of their spread: what one gains, the others lose."""
    names = list(STATION_MOMENTS)
    right = names.index("right")
    sd = np.array([m.sd for m in STATION_MOMENTS.values()])
    with_right = np.array([_WITH_RIGHT.get(name, 1.0) for name in names])
    # What the right does not explain, with the other candidates, must sum to nearly zero:
    # `free` is the spread of independent draws that have the wanted one on that condition.
    rest = np.delete(sd * np.sqrt(1 - with_right**2), right)
    wanted = np.append(rest, _OTHERS_SD) ** 2
    free = wanted.copy()
    for _ in range(200):
        free = wanted / (1 - free / free.sum())
    drawn = _settled(rng.standard_normal((n, len(free) + 1)))
    axis, draw = drawn[:, 0], drawn[:, 1:] * np.sqrt(free)
    draw -= draw.sum(axis=1, keepdims=True) * free / free.sum()
    own = np.insert(draw[:, :-1], right, 0.0, axis=1)
    return np.asarray(axis[:, None] * with_right + own / sd)


def _settled(drawn: Floats) -> Floats:
    """Turn draws into the nearest with mean 0, variance 1 and no correlation, where they can.

    A town of fifteen stations would else miss the published spread by a fifth, by chance.
    """
    n, columns = drawn.shape
    if n <= columns + 1:
        return drawn
    left, _, right = np.linalg.svd(drawn - drawn.mean(axis=0), full_matrices=False)
    return np.asarray(np.sqrt(n) * left @ right)


def draw_leanings(
    *,
    age: Ints,
    profession: Strs,
    station: Ints,
    elector: Bools,
    head: Ints,
    shares: Floats,
    kin_correlation: float,
    rng: np.random.Generator,
) -> Strs:
    """Draw what each person leans to.

    A relative takes the leaning of the first adult of the home with probability
    `kin_correlation`, which is then the correlation of each leaning between the two; else
    their own from age, profession and polling station. The electors of a station meet its
    shares in expectation.

    - `age`, `profession`, `station`, `elector` (shape (n people,)): `station` counts rows of
      `shares`.
    - `head` (int, shape (n people,)): Person whose leaning they may take: the first adult of their
      home, or themselves.
    - `shares` (shape (n stations, 6))
    - returns (str, shape (n people,)): One of `LEANINGS`; ``"none"`` for minors.
    """
    logits = np.log(shares)[station] + _individual(age, profession)
    follows = (head != np.arange(len(age))) * kin_correlation
    weight = np.bincount(station, elector, len(shares))
    known = weight > 0
    # Raking: shift each station's intercepts until its electors meet its shares.
    shift = np.zeros_like(shares)
    for _ in range(12):
        p = softmax(logits + shift[station], axis=1)
        met = (1 - follows)[:, None] * p + follows[:, None] * p[head]
        found = np.column_stack(
            [np.bincount(station, elector * met[:, k], len(shares)) for k in range(len(LEANINGS))]
        )
        shift[known] += np.log(shares[known] * weight[known, None] / found[known])
    p = softmax(logits + shift[station], axis=1)
    own = (np.cumsum(p, axis=1) < rng.random(len(age))[:, None]).sum(axis=1)
    own = np.minimum(own, len(LEANINGS) - 1)
    leaning = np.where(rng.random(len(age)) < follows, own[head], own)
    return np.where(age < 18, "none", np.array(LEANINGS)[leaning])


def _individual(age: Ints, profession: Strs) -> Floats:
    band = np.searchsorted(_AGE_STARTS, age, side="right")
    by_age = np.array([_BY_AGE[name] for name in LEANINGS]).T[band]
    works, which = np.unique(profession, return_inverse=True)
    by_work = np.array([[_BY_WORK[w].get(name, 0.0) for name in LEANINGS] for w in works])
    return np.asarray(by_age + by_work[which])
