"""What a polling station's published result adds to a declared opinion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guesses import Posterior
from privaudit.attacks.known_attack import KnownAttack
from privaudit.errors import ParameterError
from privaudit.measures.tables.compressed_rows import row_sum
from privaudit.places.address_base import AddressBase

__all__ = ["KNOWS_RESULTS", "trust_by_station"]

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
        raise ParameterError(say(f"guess ({adversary.name})", needed, "none of them in any", do))
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
        for trust, told in zip(trusts, revised, strict=True):
            told[rows] = _positive_predictive_value(trust[rows], usual, mean[rows])
    return revised


def _positive_predictive_value(trust: np.ndarray, usual: float, rate: np.ndarray) -> np.ndarray:
    """Carry a share of right labels over from one base rate to others."""
    right = trust * (1 - usual) * rate
    wrong = (1 - trust) * usual * (1 - rate)
    total = right + wrong
    # Both 0: the label cannot be, or need not be doubted, at that rate; it stays as it was.
    return np.where(total > 0, right / np.where(total > 0, total, 1.0), trust)
