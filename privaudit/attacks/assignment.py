"""Dots that cannot share an address: what each then says of the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from privaudit._core.checks import say
from privaudit.attacks.guesses import Posterior
from privaudit.attacks.locate import Located, draws_by_position
from privaudit.errors import ParameterError
from privaudit.measures.maps.one_to_one import matching_marginals
from privaudit.measures.tables.compressed_rows import credible_size, pick_best

__all__ = ["assign"]

# More dots expected at an address than this above one: they do share addresses.
CROWDED = 0.01


def assign(located: Located, points: np.ndarray, *, rng: np.random.Generator) -> Located:
    """Revise a posterior by the belief that no address has two dots.

    Each dot's posterior is taken for its weight at each address, and replaced by the marginals
    of the one-to-one assignments (`measures.maps.one_to_one`: counted in small groups, by belief
    propagation, an approximation, where many dots compete). Where the belief is true they are as
    calibrated as the posterior was; where couples have a dot each, they are not, and a note says
    so if it shows.

    Parameters
    ----------
    located : Located
        With its posterior.
    points : ndarray of float, shape (n, 2)
        Positions that order the draws.
    rng : numpy.random.Generator
        Breaks ties, uniformly.

    Returns
    -------
    Located
        k stays what the distances alone say.

    Raises
    ------
    ParameterError
        The posterior was not kept.
    """
    before = located.posterior
    if before is None:
        raise ParameterError(say("assign", "the whole posterior", "none", "Take fewer dots."))
    found = matching_marginals(before.indptr, before.candidate, before.probability)
    after = Posterior(before.indptr, before.candidate, found.probability)
    best = pick_best(after.indptr, after.probability, draws_by_position(points, rng))
    some = best >= 0
    address, confidence = np.full(len(points), -1, np.int64), np.zeros(len(points))
    address[some] = after.candidate[best[some]]
    confidence[some] = after.probability[best[some]]
    notes = []
    if found.load > 1 + CROWDED:
        notes.append(
            f"Dots seem to share an address: {found.load:.2f} are expected at one, where the "
            "adversary believes in at most one; confidences rest on that belief."
        )
    if found.change > 0:
        notes.append(
            "One-to-one assignment did not settle: probabilities still moved by "
            f"{found.change:.2g}."
        )
    return replace(
        located,
        posterior=after,
        address=address,
        confidence=confidence,
        credible=credible_size(after.indptr, after.probability),
        notes=located.notes + tuple(notes),
    )
