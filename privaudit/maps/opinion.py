"""What election results, a dot, or the absence of one say of an opinion, by Bayes' rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.posterior import Posterior
from privaudit.stats.csr import row_sum

KNOWS_RESULTS = KnownAttack(
    word="knows_results", needs=("mask", "electors", "results"), believes=Adversary.knows_results
)


def trust_by_station(
    opinion: np.ndarray,
    trusts: Sequence[np.ndarray],
    posterior: Posterior,
    base: AddressBase,
    adversary: Adversary,
) -> tuple[np.ndarray, ...]:
    """Return how far each declared opinion is trusted, given the results where the dot may live.

    `trust` is the share t of right labels in the whole area, where a share p of electors lean
    that way. Bayes makes a likelihood ratio of it, L = t (1 - p) / ((1 - t) p): how many times
    likelier the label is for those who lean that way (s / f, sensitivity over false alarms).
    Where the dot's addresses have the mean base rate q, over the posterior, the label is right
    with probability ``PPV = s q / (s q + f (1 - q)) = L q / (L q + 1 - q)``. The opinion itself
    stays what the release declares; nothing is predicted.

    - `opinion` (str, shape (n,)): Declared leanings, "" where there is none.
    - `trusts` (each float, shape (n,)): In [0, 1]: what is likely, and the ends of its range.
    - `base`: With stations; an address without one has the area's base rate.
    - `adversary`: With `results`: station, electors (where known), and a share for each leaning.
    - returns: As many as `trusts`, in [0, 1]. Unchanged where nothing is declared or where the
      results do not name the leaning.
    """
    results = adversary.results
    if results is None:
        return tuple(trusts)
    stations = results["station"].to_numpy(dtype=str)
    order = np.argsort(stations)
    which, names = pd.factorize(base.frame["station"], use_na_sentinel=False)
    written = np.asarray(names, dtype=str)
    at = np.searchsorted(stations[order], written)
    at = order[np.minimum(at, len(order) - 1)]
    known = stations[at] == written
    if not known.any():
        needed = "addresses in the stations of the results"
        do = "Name the stations of both alike."
        raise ParameterError.of(f"guess ({adversary.name})", needed, "none of them in any", do)
    weight = results["electors"].to_numpy(dtype=float) if "electors" in results else None
    revised = tuple(trust.copy() for trust in trusts)
    located = np.diff(posterior.indptr) > 0
    for side in np.unique(opinion):
        if side == "" or side not in results.columns:
            continue
        share = results[side].to_numpy(dtype=float)
        usual = float(np.average(share, weights=weight))
        there = np.where(known, share[at], usual)[which]
        mean = row_sum(posterior.indptr, posterior.probability * there[posterior.candidate])
        rows = np.flatnonzero((opinion == side) & located)
        for trust, new in zip(trusts, revised, strict=True):
            new[rows] = _positive_predictive_value(trust[rows], usual, mean[rows])
    return revised


def _positive_predictive_value(trust: np.ndarray, usual: float, rate: np.ndarray) -> np.ndarray:
    """Carry a share of right labels over from one base rate to others."""
    right = trust * (1 - usual) * rate
    wrong = (1 - trust) * usual * (1 - rate)
    total = right + wrong
    # Both 0: the label cannot be, or need not be doubted, at that rate; it stays as it was.
    return np.where(total > 0, right / np.where(total > 0, total, 1.0), trust)


def opinion_given_dot(
    base_rate: ArrayLike, sensitivity: float, false_positive: float
) -> np.ndarray | float:
    """Return the positive predictive value: chance that a person with a dot has the opinion.

    ``s pi / (s pi + f (1 - pi))``: Bayes' rule.

    Parameters
    ----------
    base_rate : array_like of float
        pi, share of the side among those around, in [0, 1]: known without any map.
    sensitivity : float
        S, probability that somebody of the side has a dot.
    false_positive : float
        f, probability that anybody else has one.

    Returns
    -------
    float or ndarray
        In [0, 1]; the base rate where s = f, and where nobody has a dot (0 / 0).

    Examples
    --------
    >>> round(opinion_given_dot(0.2, 0.5, 0.05), 3)
    0.714
    """
    return _updated(base_rate, sensitivity, false_positive)


def opinion_given_no_dot(
    base_rate: ArrayLike, sensitivity: float, false_positive: float
) -> np.ndarray | float:
    """Return the chance that a person without a dot has the opinion.

    ``(1 - s) pi / ((1 - s) pi + (1 - f)(1 - pi))``: Bayes' rule. What a map says of those who are
    not on it: below the base rate where the map is better than chance, and 0 for a map that misses
    nobody.

    Parameters
    ----------
    base_rate, sensitivity, false_positive : array_like
        As for `opinion_given_dot`.

    Returns
    -------
    float or ndarray
        In [0, 1]; the base rate where s = f, and where everybody has a dot (0 / 0).

    Examples
    --------
    >>> round(opinion_given_no_dot(0.2, 0.5, 0.05), 3)
    0.116
    """
    return _updated(base_rate, 1 - sensitivity, 1 - false_positive)


def _updated(base_rate: ArrayLike, if_side: float, if_other: float) -> np.ndarray | float:
    """Return the posterior by Bayes' rule."""
    base = np.asarray(base_rate, dtype=float)
    for name, value in (("base rates", base), ("rates", np.array([if_side, if_other]))):
        if not ((value >= 0) & (value <= 1)).all():
            raise ParameterError.of("opinion_given_dot", f"{name} in [0, 1]", "another number")
    both = if_side * base + if_other * (1 - base)
    posterior = np.where(both > 0, if_side * base / np.where(both > 0, both, 1.0), base)
    return float(posterior) if posterior.ndim == 0 else posterior


# Metres from a visited door within which volunteers are seen to pass: the doors around.
NEAR = 50.0


@dataclass(frozen=True, eq=False, kw_only=True)
class NegativeDisclosure:
    """What a map reveals about people at places with a dot, and without one.

    - `base_rate`, `with_dot`, `without_dot` (float): Probability of being of the side: before the
      map, and after it for a person with a dot and for a person without one.
    """

    base_rate: np.ndarray
    with_dot: np.ndarray
    without_dot: np.ndarray


def read_absence(
    base_rate: np.ndarray, *, sensitivity: float, false_positive: float
) -> NegativeDisclosure:
    """Read the map both ways: what a dot says, and what its absence does.

    - `base_rate` (float): Share of the side among the electors of each place, from public results.
    - `sensitivity`, `false_positive`: Probability, in [0, 1], that somebody of the side, or anybody
      else, has a dot.

    Examples
    --------
    >>> found = read_absence(np.array([0.3]), sensitivity=0.5, false_positive=0.1)
    >>> found.with_dot.round(3).tolist(), found.without_dot.round(3).tolist()
    ([0.682], [0.192])
    """
    in_range("read_absence", "sensitivity", sensitivity, 0, 1)
    in_range("read_absence", "false_positive", false_positive, 0, 1)
    base = np.asarray(base_rate, dtype=float)
    return NegativeDisclosure(
        base_rate=base,
        with_dot=np.asarray(opinion_given_dot(base, sensitivity, false_positive)),
        without_dot=np.asarray(opinion_given_no_dot(base, sensitivity, false_positive)),
    )


def passed_by(
    addresses: np.ndarray, visited: np.ndarray, base: AddressBase, *, within: float = NEAR
) -> np.ndarray:
    """Return the addresses without a dot that volunteers passed by.

    - `addresses` (int): Address guessed for each dot, -1 where there is none.
    - returns (bool, shape (len(base),)): True where no dot is and a visited one is near.
    """
    from scipy.spatial import cKDTree

    in_range("passed_by", "within", within, 0, open_low=True)
    known = addresses >= 0
    holds = np.zeros(len(base), dtype=bool)
    holds[addresses[known]] = True
    grey = np.unique(addresses[known & visited])
    if len(grey) == 0:
        return np.zeros(len(base), dtype=bool)
    nearest = cKDTree(base.xy[grey]).query(base.xy)[0]
    return np.asarray((nearest <= within) & ~holds)
