"""Membership inference: scores, claims at a false-positive rate, and their power."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from privaudit._core.arrays import Bools, Floats
from privaudit.measures.interval import wilson

__all__ = [
    "area_under_curve",
    "claimed",
    "closeness",
    "difference",
    "least_seen",
    "neighbour_ratio",
]


def closeness(to_release: Floats, to_outside: Floats, usual: float = 0.0) -> Floats:
    """Return how much nearer a person is to the release than to people outside it.

    ``outside / (release + outside)`` of the distances to the nearest record of each: that a person
    is like many others brings both near, and is no sign (the calibration of Watson et al. 2022 and
    the density ratio of van Breugel et al. 2023, with one neighbour). Half of the calibration is
    taken back by adding `usual` to the distance outside, which finds more people in noisy, mixed
    and coarsened releases; a hundredth of it to the other, so that of two who stand in the release
    the rarer is surer.

    Parameters
    ----------
    to_release, to_outside : float array, shape (n,)
        0 and up.
    usual : float
        Distance between people outside, such as its median.

    Returns
    -------
    float array
        In [0, 1]; 1: stands in the release, and nobody outside is the same. .5: as near.

    Examples
    --------
    >>> closeness(np.array([0.0, 1.0, 0.0]), np.array([2.0, 1.0, 0.0])).tolist()
    [1.0, 0.5, 0.5]
    """
    outside, release = to_outside + usual, to_release + usual / 100
    both = release + outside
    return np.where(both > 0, outside / np.where(both > 0, both, 1.0), 0.5)


def claimed(score: Floats, outside: Floats, false_alarms: float) -> Bools:
    """Return who is claimed to be a member at a false-positive rate.

    Whoever scores as the people outside do has rank ``(1 + number of them who score as high) / (1 +
    number of them)`` at or under `false_alarms` that often, however scores are distributed.

    Parameters
    ----------
    score : float array, shape (n,)
    outside : float array, shape (m,)
        Scores of other people, who are not in the release.
    false_alarms : float
        In (0, 1). False-positive rate allowed.

    Returns
    -------
    bool, shape (n,)
        Nobody where m is under ``1 / false_alarms - 1``.

    Examples
    --------
    >>> claimed(np.array([0.9, 0.5]), np.array([0.1, 0.5, 0.6, 0.2]), 0.2).tolist()
    [True, False]
    """
    ordered = np.sort(outside)
    as_high = len(ordered) - np.searchsorted(ordered, score)
    # A rank such as 10 of 100 must not miss .1 by its rounding.
    return np.asarray((1 + as_high) / (1 + len(ordered)) <= false_alarms * (1 + 1e-12))


def area_under_curve(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Return the area under the ROC curve of membership scores, with its interval.

    Ties are half. The variance is that of DeLong et al. (1988); it is given as the number of
    independent answers whose mean would vary as much, which is never more than the fewer people.

    Parameters
    ----------
    inside, outside : float array, shape (n,), shape (m,)
        At least one each.

    Returns
    -------
    area, worth : float
        In [0, 1], .5: the scores tell nothing; in [1, min(n, m)].

    References
    ----------
    DeLong et al. (1988).

    Examples
    --------
    >>> area_under_curve(np.array([3.0, 2.0]), np.array([1.0, 2.0]))[0]
    0.875
    """
    n, m = len(inside), len(outside)
    down, up = np.sort(outside), np.sort(inside)
    above = np.searchsorted(down, inside, "left") + np.searchsorted(down, inside, "right")
    below = 2 * n - np.searchsorted(up, outside, "left") - np.searchsorted(up, outside, "right")
    of_inside, of_outside = above / (2 * m), below / (2 * n)
    area = float(of_inside.mean())
    most = float(min(n, m))
    if most < 2:
        return area, most
    variance = float(of_inside.var(ddof=1) / n + of_outside.var(ddof=1) / m)
    return area, most if variance <= 0 else max(1.0, min(most, area * (1 - area) / variance))


def difference(first: float, second: float, n: float, m: float) -> tuple[float, float, float]:
    """Return the difference of two independent shares with its interval (method 10).

    Parameters
    ----------
    first, second : float
        Shares.
    n, m : float
        What each is worth.

    Returns
    -------
    value, low, high : float
        ``first - second``, in [-1, 1].

    References
    ----------
    Newcombe (1998), method 10.

    Examples
    --------
    >>> [round(end, 4) for end in difference(56 / 70, 48 / 80, 70, 80)]  # his example
    [0.2, 0.0524, 0.3339]
    """
    (a_low, a_high), (b_low, b_high) = wilson(first, n), wilson(second, m)
    value = first - second
    low = value - math.hypot(first - float(a_low), float(b_high) - second)
    high = value + math.hypot(float(a_high) - first, second - float(b_low))
    return value, max(low, -1.0), min(high, 1.0)


def least_seen(false_alarms: float, n: int, m: int, power: float = 0.8) -> float:
    """Return the smallest detectable gain over the false-positive rate at a given power.

    Of a two-sided test at .05 of two independent shares (Fleiss 1981).

    Parameters
    ----------
    false_alarms : float
        In (0, 1). False-positive rate allowed.
    n, m : int
        People who are suspected, people outside.
    power : float
        In (0, 1).

    Returns
    -------
    float
        In [0, 1 - false_alarms]; nan where even everybody found would not show.

    References
    ----------
    Fleiss (1981).

    Examples
    --------
    >>> round(least_seen(0.1, 200, 200), 3), least_seen(0.1, 3, 3)
    (0.1, nan)
    """
    sure, often = NormalDist().inv_cdf(0.975), NormalDist().inv_cdf(power)
    rates = np.linspace(false_alarms, 1, 2_001)[1:]
    pooled = (rates * n + false_alarms * m) / (n + m)
    needed = sure * np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    needed += often * np.sqrt(rates * (1 - rates) / n + false_alarms * (1 - false_alarms) / m)
    detectable = np.flatnonzero(rates - false_alarms >= needed)
    return float(rates[detectable[0]] - false_alarms) if len(detectable) else math.nan


def neighbour_ratio(nearest: Floats, second: Floats) -> Floats:
    """Return the nearest neighbour distance ratio (NNDR): nearest over second nearest.

    Parameters
    ----------
    nearest, second : float array, shape (n,)
        0 and up, the first at most the second.

    Returns
    -------
    float array
        In [0, 1]; 1 where two are as near. Near 0: one record stands out.

    Examples
    --------
    >>> neighbour_ratio(np.array([1.0, 0.0, 0.0]), np.array([4.0, 2.0, 0.0])).tolist()
    [0.25, 0.0, 1.0]
    """
    return np.where(second > 0, nearest / np.where(second > 0, second, 1.0), 1.0)
