"""Access tiers of a map under a mask: who is found in what each tier sees.

- What one attack on a simulated map gains, and whom it harms; whom a look-up by name finds.
- How wrong doors, victims and claims move with how many people of a town bear one name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.look_up import LookUp, open_look_up
from privaudit.core.checks import an_instance, error_message, in_range, listed, one_of
from privaudit.core.policy import ADULT_AGE
from privaudit.core.progress import along, stream
from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.locate import prior_over_addresses
from privaudit.maps.masks.radial import Exact
from privaudit.maps.messages import ask_for_everybody
from privaudit.maps.scoring.access import LeakOdds, leak_exposure, tier_exposure
from privaudit.maps.scoring.harms import harms
from privaudit.maps.scoring.messages import look_up_exposure
from privaudit.maps.scoring.neighbours import neighbour_exposure
from privaudit.maps.scoring.score import observed
from privaudit.maps.scoring.truth import Truth
from privaudit.release.release import DotRelease, Release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audit import audit
from privaudit.studies.chain import equipped, persons_named

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.masks.mask import Mask

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
    >>> seen = audit_tiers(campaign, pa.masks.Donut(low=50, high=200))
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


def audit_harms(
    release: Release, adversary: Adversary, *, truth: SimulatedWorld, seed: int = 7
) -> dict[str, Measures]:
    """Attack a simulated map, and say what that gains, whom it harms and who is suspected.

    The guesses are those of `audit` with the same seed.

    Parameters
    ----------
    release : Release
        A map of dots, from `publish`.
    adversary : Adversary
    truth : SimulatedWorld
        The world that the map came from; it never reaches the attack.
    seed : int

    Returns
    -------
    dict of str to Measures
        ``"harms"`` (see `harms`) and ``"neighbours"`` (see `neighbour_exposure`).

    Raises
    ------
    ParameterError
        A table, or a release without its sealed sources.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> found = audit_harms(leak, pa.Adversary.nearest(), truth=world)
    >>> value = found["harms"].overall["value"]
    >>> round(float(value[["label_right", "label_wrong", "label_none"]].sum()), 9)
    1.0
    """
    if not isinstance(release, DotRelease):
        raise ParameterError(error_message("audit_harms", "a map of dots", f"a {release.kind}"))
    adversary = equipped(adversary, truth)
    guesses = guess(release.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    opened = Truth.of(truth, release, rng=stream(seed, "control"))
    entries = persons_named(adversary, truth)
    return {
        "harms": harms(
            guesses, opened, release, truth, adversary=adversary, entries=entries, seed=seed
        ),
        "neighbours": neighbour_exposure(guesses, opened, release, truth, adversary=adversary),
    }


def audit_look_up(
    campaign: Campaign, names: str = "roll", *, view: LookUp | None = None, seed: int = 7
) -> Measures:
    """Ask a campaign's tool for every name of a register of the town.

    Parameters
    ----------
    campaign : Campaign
    names : {"roll", "directory"}
        The list of names that the adversary has.
    view : LookUp, optional
        How the tool answers: the screen's columns, and people who have a dot, by default.
    seed : int
        Of the choice among records of one name.

    Returns
    -------
    Measures
        See `look_up_exposure`.

    Raises
    ------
    ParameterError
        Another list, or a campaign without anybody to look up.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> found = audit_look_up(campaign).overall["value"]
    >>> bool(found["address_found"] <= found["reidentified"] <= found["on_the_list"])
    True
    """
    one_of("audit_look_up", "names", names, ("roll", "directory"))
    tool = open_look_up(campaign, view)
    listed = getattr(campaign.world, names)
    guesses, record = ask_for_everybody(
        tool.as_leaked(), listed, rng=stream(seed, "look-up", names)
    )
    named = getattr(campaign.world, f"{names}_truth")["person"]
    return look_up_exposure(guesses, record, tool, campaign.world, named)


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
