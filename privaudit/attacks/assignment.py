"""Dots that cannot share an address: what each then says of the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from privaudit.attacks.guesses import Located, Posterior
from privaudit.attacks.locate import revised
from privaudit.measures.maps.one_to_one import matching_marginals

__all__ = ["assign"]


def assign(located: Located, points: np.ndarray, *, rng: np.random.Generator) -> Located:
    """Revise a posterior by the belief that no address has two dots.

    Each dot's posterior is taken for its weight at each address, and replaced by the marginals
    of the one-to-one assignments (`measures.maps.one_to_one`: counted in small groups, by belief
    propagation, an approximation, where many dots compete). Where the belief is true they are as
    calibrated as the posterior was; where couples have a dot each, they are not, and a note says
    so if it shows.

    - `points` (float, shape (n, 2)): Positions that order the draws.
    - returns: k stays what the distances alone say.
    """
    before = located.kept("assign")
    found = matching_marginals(before.indptr, before.candidate, before.probability)
    after = Posterior(before.indptr, before.candidate, found.probability)
    located = revised(located, after, points, rng=rng)
    tally = replace(located.tally, crowd=float(found.load), change=float(found.change))
    return replace(located, tally=tally)
