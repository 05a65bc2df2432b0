"""How wrong doors, victims and claims move with how many people of a town bear one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, in_range, listed
from privaudit._core.policy import ADULT_AGE
from privaudit._core.progress import along
from privaudit.attacks.adversary import Adversary
from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audits import audit

__all__ = ["audit_homonyms"]

# Households that have their surname from others of the town: none, a country town, a valley of few
# families (scenario).
LEVELS = (0.0, 0.4, 0.8)
_TOLD = (
    "match_claimed", "match_error", "false_claims", "false_doors", "homonym_victims", "unmatched",
)  # fmt: skip
_FOUND = ("address", "household", "person")


def audit_homonyms(
    town: Town | None = None,
    plan: CampaignPlan | None = None,
    *,
    levels: Sequence[float] = LEVELS,
    seed: int = 7,
) -> Measures:
    """Match the accounts of one town whose surnames are more or less of the place.

    Parameters
    ----------
    town : Town, optional
        Of the default size where None. Its `kin_in_town` is replaced by each level.
    plan : CampaignPlan, optional
    levels : sequence of float
        Shares of households, in [0, 1], that have their surname from another one of the town.
    seed : int

    Returns
    -------
    Measures
        Family "campaign", for each ``kin_in_town``: adults_with_namesake (of the town's adults,
        those who share first and last name with another one), and of `campaign.quality`
        match_claimed, match_error, false_claims, false_doors, homonym_victims and unmatched, with
        their intervals; then found_address, found_household and found_person: people on the exact
        map, as whoever holds the electoral roll finds them. 0 is safe, but for unmatched.

    Raises
    ------
    ParameterError
        A level outside 0 to 1, or no level.

    Examples
    --------
    >>> from privaudit.simulation.town import Town
    >>> found = audit_homonyms(Town(inhabitants=500), levels=(0.0, 0.4))
    >>> found.row("false_doors", kin_in_town=0.4).counts
    'accounts'
    """
    town, parts = Town() if town is None else town, {}
    an_instance("audit_homonyms", "town", town, Town, "Use Town(inhabitants=20_000).")
    for level in along("audit_homonyms", listed("audit_homonyms", "levels", levels)):
        share = in_range("audit_homonyms", "kin_in_town", level, 0, 1)
        world = simulate(replace(town, kin_in_town=share), seed=seed, generic_likes=False)
        campaign = run_campaign(world, plan, seed=seed, with_score=False)
        adults = _namesakes(world)
        rows = Rows(len(adults), "adults")
        rows.share("adults_with_namesake", adults)
        rows.extend(row for row in campaign.quality.rows if row.measure in _TOLD)
        leak = publish(campaign, DotMap(), seed=seed)
        if len(leak):
            whom = Adversary.holds_register(world.roll, mask=None)
            found = audit(leak, whom, truth=world, seed=seed).rows
            rows.extend(replace(r, measure=f"found_{r.gain}") for r in found if r.gain in _FOUND)
        parts[share] = Measures(family="campaign", rows=rows, provenance="simulated")
    return joined("campaign", parts, by="kin_in_town", recipe={"seed": seed})


def _namesakes(world: SimulatedWorld) -> np.ndarray:
    """Tell of each adult whether another one bears first and last name alike."""
    adults = world.people.loc[world.people["age"] >= ADULT_AGE, ["first_name", "last_name"]]
    shared: pd.Series = adults.duplicated(keep=False)
    return shared.to_numpy()
