"""Access tiers of a map under a mask: who is found in what each tier sees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.exposure.maps.tiers import LeakOdds, tier_exposure
from privaudit.release.masks import Exact
from privaudit.release.publish import publish
from privaudit.release.views import DotMap
from privaudit.studies.registers import equipped

if TYPE_CHECKING:
    import numpy as np

    from privaudit.campaign.campaign import Campaign
    from privaudit.exposure.results import Measures
    from privaudit.release.masks import Mask

__all__ = ["audit_tiers", "homes_found"]


def homes_found(
    campaign: Campaign, mask: Mask, adversary: Adversary | None = None, *, seed: int = 7
) -> np.ndarray:
    """Attack the whole map under a mask, and tell for each dot whether the home was found.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask
        `Exact()` for none.
    adversary : Adversary, optional
        Who knows the mask, where not given.
    seed : int

    Returns
    -------
    ndarray of float, shape (dots,)
        1 where the guess is the home of the dot's person, else 0; 0 for a dot left out.
    """
    world = campaign.world
    adversary = equipped(adversary or Adversary.knows_mask(mask), world)
    leak = publish(campaign, DotMap(mask=mask), seed=seed)
    guesses = guess(leak.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    assert leak.sources is not None
    home = world.people["address"].to_numpy()[leak.sources["person"].to_numpy()]
    # The map is shuffled; an account has one profile, and a profile one dot.
    found = pd.Series((guesses.address == home).astype(float), index=leak.sources["account"])
    profile = campaign.dots["profile"].to_numpy()
    return found.reindex(campaign.profiles["account"].to_numpy()[profile], fill_value=0).to_numpy()


def audit_tiers(
    campaign: Campaign,
    mask: Mask | None = None,
    adversary: Adversary | None = None,
    *,
    odds: LeakOdds | None = None,
    seed: int = 7,
) -> Measures:
    """Say who would be found in what each tier sees of a masked map, and how likely a leak is.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask, optional
        Of the map that all accounts see; none where not given.
    adversary : Adversary, optional
        Who gets hold of a view; one who knows the mask, where not given.
    odds : LeakOdds, optional
        Scenarios where not given.
    seed : int

    Returns
    -------
    Measures
        See `exposure.tiers.tier_exposure`. The tier *leak* is the whole masked map.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> seen = audit_tiers(campaign, pa.Donut(low=50, high=200)).overall["value"]
    >>> bool(seen["after_public_people"] == seen["after_any_account_people"] == 0)
    True
    """
    shown = Exact() if mask is None else mask
    result = tier_exposure(campaign, odds, found=homes_found(campaign, shown, adversary, seed=seed))
    who = "knows the mask" if adversary is None else adversary.name
    more = {"mask": shown.recipe(), "adversary": who, "seed": seed}
    return replace(result, recipe={**result.recipe, **more})
