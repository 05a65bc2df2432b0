"""Masks beside one another: what each costs and still gives away, and what a wrong belief does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.exposure.maps.belief import belief_exposure
from privaudit.exposure.parts import in_parts
from privaudit.release.masks import Donut, Exact, Gaussian
from privaudit.release.publish import publish
from privaudit.release.views import DotMap
from privaudit.studies.audits import attacked, view_label
from privaudit.studies.frontier import frontier

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.exposure.results import Measures
    from privaudit.release.masks import Mask
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_beliefs", "audit_masks", "who_it_could_be"]

MASKS = (
    Exact(),
    Donut(low=20, high=100),
    Donut(low=50, high=200),
    Donut(low=100, high=400),
    Gaussian(sigma=50),
    Gaussian(sigma=100),
)
# What is believed, and what was done: two wrong beliefs and, to compare with, a right one.
BELIEVED = Donut(low=50, high=200)
DONE = (Donut(low=100, high=400), Gaussian(sigma=100), BELIEVED)
# Addresses that are listed of one dot.
LISTED = 8


def audit_masks(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Put what each mask gives away beside what it costs.

    Returns
    -------
    Measures
        See `Frontier.measures`.
    """
    return frontier(campaign, MASKS, Adversary.knows_electors, seed=seed).measures()


def audit_beliefs(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Attack maps that were masked otherwise than the adversary believes.

    Returns
    -------
    Measures
        As `belief_exposure`, one part a mask that was used; who knows it is the baseline.
    """
    parts = {}
    for mask in DONE:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        wrong, right = (
            attacked(leak, Adversary.knows_electors(m), truth=campaign.world, seed=seed)
            for m in (BELIEVED, mask)
        )
        parts[view_label(leak)] = belief_exposure(wrong, right)
    return in_parts("what is believed of the mask", parts)


def who_it_could_be(
    leak: Release, mask: Mask, world: SimulatedWorld, *, seed: int = 7
) -> pd.DataFrame | None:
    """List the likeliest addresses of one dot: Éric Meyer's where it is on the map.

    Returns
    -------
    pandas.DataFrame or None
        Columns address and probability; the last row, with address "", is all others. None
        where the dot has no candidate.
    """
    adversary = Adversary.knows_electors(mask)
    made = guess(leak.as_leaked(), adversary, rng=stream(seed, "attack", "one dot"))
    assert leak.sources is not None
    assert leak.backdrop is not None
    assert made.posterior is not None
    dot = int(np.argmax(leak.sources["person"].to_numpy() == world.meyer["eric"]))
    part = slice(made.posterior.indptr[dot], made.posterior.indptr[dot + 1])
    candidate, probability = made.posterior.candidate[part], made.posterior.probability[part]
    if len(candidate) == 0:
        return None
    best = np.argsort(-probability, kind="stable")[:LISTED]
    places = leak.backdrop.frame.iloc[candidate[best]]
    names = [f"{n} {street}" for n, street in zip(places["number"], places["street"], strict=True)]
    value = probability[best].tolist()
    if len(candidate) > len(best):
        names.append("")
        value.append(max(0.0, 1.0 - sum(value)))
    return pd.DataFrame({"address": pd.Series(names, dtype="str"), "probability": value})
