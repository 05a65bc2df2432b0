"""Political leaning of people, by polling station, age, profession and household."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import softmax

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.simulation.population import draw_column
from privaudit.simulation.town import Town
from privaudit.simulation.world import LEANINGS, read_figures


class Moments(NamedTuple):
    """Mean and standard deviation of a share between polling stations, in [0, 1]."""

    mean: float
    sd: float


# Moments of each leaning between the stations of Lyon, 2012; the others make up the rest.
STATION_MOMENTS = {
    name: Moments(*moments) for name, moments in read_figures("population")["stations"].items()
}
_OTHERS_SD = 0.01
_LEAST_SHARE = 0.005
_AGE_STARTS = (25, 35, 50, 65, 80)


def draw_station_shares(
    electors: Ints, *, clustering: float = 1.0, rng: np.random.Generator
) -> Floats:
    """Draw the target share of each leaning in each polling station.

    Shares vary as they did between the stations of Lyon in 2012. Counts of a finite station have
    a sampling variance of their own; it is subtracted beforehand, so that the counted shares keep
    the published spread.

    Parameters
    ----------
    electors : ndarray of int, shape (n stations,)
    clustering : float
        Variance of a station's counted share over that of independent electors, 1 or more: homes
        that agree make it larger.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float, shape (n stations, 6)
        Columns as `LEANINGS`; rows sum to 1.
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
    """Draw shares of five leanings in units of their spread; gains and losses cancel."""
    names = list(STATION_MOMENTS)
    right = names.index("right")
    sd = np.array([m.sd for m in STATION_MOMENTS.values()])
    correlation = read_figures("population")["stations_with_right"]
    with_right = np.array([correlation.get(name, 1.0) for name in names])
    # What the right does not explain, with the other candidates, must sum to nearly zero:
    # `free` is the spread of independent draws that have the wanted one on that condition.
    rest = np.delete(sd * np.sqrt(1 - with_right**2), right)
    wanted = np.append(rest, _OTHERS_SD) ** 2
    free = wanted.copy()
    for _ in range(200):
        free = wanted / (1 - free / free.sum())
    drawn = _whitened(rng.standard_normal((n, len(free) + 1)))
    axis, draw = drawn[:, 0], drawn[:, 1:] * np.sqrt(free)
    draw -= draw.sum(axis=1, keepdims=True) * free / free.sum()
    own = np.insert(draw[:, :-1], right, 0.0, axis=1)
    return np.asarray(axis[:, None] * with_right + own / sd)


def _whitened(drawn: Floats) -> Floats:
    """Whiten draws: return the nearest ones with mean 0, variance 1 and no correlation."""
    # Otherwise a town of fifteen stations misses the published spread by a fifth, by chance.
    n, columns = drawn.shape
    if n <= columns + 1:
        return drawn
    left, _, right = np.linalg.svd(drawn - drawn.mean(axis=0), full_matrices=False)
    return np.asarray(np.sqrt(n) * left @ right)


def draw_leanings(
    people: pd.DataFrame,
    station: Ints,
    head: Ints,
    shares: Floats,
    town: Town,
    *,
    rng: np.random.Generator,
) -> Strs:
    """Draw the leaning of each person.

    A relative takes the leaning of the first adult of the home with probability
    `town.kin_correlation`, which is then the correlation of each leaning between the two; otherwise
    it is drawn from age, profession and polling station. The electors of a station meet its
    shares in expectation (raking).

    Parameters
    ----------
    people : pandas.DataFrame
        Columns age, profession, elector.
    station : ndarray of int, shape (n people,)
        Row of `shares` of each.
    head : ndarray of int, shape (n people,)
        Person whose leaning is inherited: the first adult of the home, or the person itself.
    shares : ndarray of float, shape (n stations, 6)
    town : Town
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str, shape (n people,)
        One of `LEANINGS`; ``"none"`` for minors.
    """
    age, elector = people["age"].to_numpy(), people["elector"].to_numpy()
    work, works = pd.factorize(people["profession"])
    band = np.searchsorted(_AGE_STARTS, age, side="right")
    # Whoever has the same station, age band and profession has the same odds.
    code = (station * (len(_AGE_STARTS) + 1) + band) * len(works) + work
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    at = station[first]
    logits = np.log(shares)[at] + _individual(band[first], works.to_numpy(dtype=str)[work[first]])
    follows = (head != np.arange(len(age))) * town.kin_correlation
    weight = np.bincount(station, elector, len(shares))
    known = weight > 0
    # Raking: shift each station's intercepts until its electors meet its shares.
    shift = np.zeros_like(shares)
    for _ in range(12):
        p = softmax(logits + shift[at], axis=1)[which]
        met = (1 - follows)[:, None] * p + follows[:, None] * p[head]
        count = [np.bincount(station, elector * column, len(shares)) for column in met.T]
        shift[known] += np.log(shares[known] * weight[known, None] / np.column_stack(count)[known])
    p = softmax(logits + shift[at], axis=1)[which]
    own = draw_column(p, rng)
    leaning = np.where(rng.random(len(age)) < follows, own[head], own)
    return np.where(age < 18, "none", np.array(LEANINGS)[leaning])


def _individual(band: Ints, profession: Strs) -> Floats:
    """Return the log-odds of each leaning by age band and profession."""
    figures = read_figures("population")
    by_age = np.array([figures["leaning_by_age"][name] for name in LEANINGS]).T[band]
    known, which = np.unique(profession, return_inverse=True)
    odds = [figures["leaning_by_profession"][work] for work in known]
    by_profession = np.array([[each.get(name, 0.0) for name in LEANINGS] for each in odds])
    return np.asarray(by_age + by_profession[which])
