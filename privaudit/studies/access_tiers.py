"""Access tiers of a map under a mask: who is found in what each tier sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.locate import prior_over_addresses
from privaudit.exposure.maps.gains import observed
from privaudit.exposure.maps.tiers import LeakOdds, leak_exposure, tier_exposure
from privaudit.exposure.maps.truth import Truth
from privaudit.release.masks import Exact
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.studies.registers import equipped

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.campaign.campaign import Campaign
    from privaudit.release.masks import Mask
    from privaudit.results.measures import Measures

__all__ = ["audit_accounts", "audit_tiers", "found_by_dot"]

ACCOUNTS = (1, 10, 100, 1000)


def found_by_dot(
    campaign: Campaign, mask: Mask, adversary: Adversary | None = None, *, seed: int = 7
) -> pd.DataFrame:
    """Attack the whole map under a mask, and tell for each dot what the guess finds.

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
    pandas.DataFrame
        One row a dot: address and household, in [0, 1], of the dot's person; control_address
        and control_household, the same guess held against somebody of the same station who has
        no dot. All 0 for a dot left out.
    """
    world = campaign.world
    adversary = equipped(adversary or Adversary.knows_mask(mask), world)
    leak = publish(campaign, DotMap(mask=mask), seed=seed)
    guesses = guess(leak.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    truth = Truth.of(world, leak, rng=stream(seed, "control"))
    gains = observed(guesses, truth, prior_over_addresses(world.addresses, adversary), None)
    # The map is shuffled; an account has one profile, and a profile one dot.
    columns = [
        f"{prefix}{gain}" for gain in ("address", "household") for prefix in ("", "control_")
    ]
    by_account = gains[columns].set_axis(leak.opened("audit")["account"].to_numpy())
    account = campaign.profiles["account"].to_numpy()[campaign.dots["profile"].to_numpy()]
    return by_account.reindex(account, fill_value=0).reset_index(drop=True)


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
        See `tier_exposure`. The tier *whole_file* is the whole masked map.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> seen = audit_tiers(campaign, pa.Donut(low=50, high=200))
    >>> [seen.value("people", moment="after", tier=t) for t in ("no_account", "any_account")]
    [0.0, 0.0]
    """
    shown = Exact() if mask is None else mask
    who = adversary or Adversary.knows_mask(shown)
    by_dot = found_by_dot(campaign, shown, who, seed=seed)
    found = by_dot["address"].to_numpy()
    result = tier_exposure(campaign, odds, found=found, control=_control(by_dot))
    more = {"mask": shown.recipe(), "adversary": who.name, "seed": seed}
    return replace(result, recipe={**result.recipe, **more})


def _control(by_dot: pd.DataFrame) -> dict[str, np.ndarray] | None:
    """Return the chances of comparable people, None where everybody has a dot."""
    control = {gain: by_dot[f"control_{gain}"].to_numpy() for gain in ("address", "household")}
    return control if all(np.isfinite(values).all() for values in control.values()) else None


def audit_accounts(
    campaign: Campaign, accounts: Sequence[int] = ACCOUNTS, *, seed: int = 7
) -> Measures:
    """Follow the odds of a leak, and who is then found, as more accounts see the exact map.

    Returns
    -------
    Measures
        See `leak_exposure`.
    """
    by_dot = found_by_dot(campaign, Exact(), seed=seed)
    found = by_dot["address"].to_numpy()
    return leak_exposure(campaign, accounts, found=found, control=_control(by_dot))
