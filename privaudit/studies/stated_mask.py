"""Whether a real map is what its mask is said to be, as far as its own dots can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from privaudit._core.streams import stream
from privaudit.exposure.maps.belief import belief_exposure, fit_of_belief

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.exposure.results import Exposure, Measures
    from privaudit.release.release import Release

__all__ = ["judge_mask"]


def judge_mask(
    release: Release, rungs: Sequence[tuple[Adversary, Exposure]], *, seed: int
) -> tuple[Measures | None, list[Exposure]]:
    """Hold the mask that was stated against the dots, and doubt what rests on it if they differ.

    Parameters
    ----------
    release : Release
        A real map of dots, or the last of its copies.
    rungs : sequence of (Adversary, Exposure)
        The ladder, in order.
    seed : int

    Returns
    -------
    belief : Measures or None
        Rows of `belief_exposure` and `fit_of_belief`; None where no mask was stated.
    exposures : list of Exposure
        As given; not reliable, with the reason, where the dots fit another mask better.
    """
    exposures = [exposure for _, exposure in rungs]
    stated = next((pair for pair in rungs if pair[0].mask is not None), None)
    if stated is None:
        return None, exposures
    adversary, found = stated
    belief = belief_exposure(found)
    rng = stream(seed, "belief")
    fit, other = fit_of_belief(release.as_leaked(), adversary, rng=rng)
    belief = replace(belief, overall=pd.concat([belief.overall, fit.overall]))
    row = fit.overall.loc["likelier_elsewhere"]
    if other is not None and row["low"] > 1:
        doubt = (
            f"Not reliable: the dots fit {other} better than the mask that was stated; what is "
            "expected under a wrong belief is wrong too."
        )
        exposures = [replace(e, reliable=False, notes=(*e.notes, doubt)) for e in exposures]
    return belief, exposures
