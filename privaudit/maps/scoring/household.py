"""The dot marks an address, not a person: who else stands behind it, and beside it.

- Each dot beside the truth about it: whose door it marks, and whose it should.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.campaign.canvass import marked_households
from privaudit.campaign.matching import interacted, named_person
from privaudit.core.checks import error_message
from privaudit.core.policy import ADULT_AGE
from privaudit.core.progress import stream
from privaudit.errors import ParameterError
from privaudit.maps.scoring.score import chance_range
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.simulation.world import SimulatedWorld

# Metres: the doors around, from which one sees who is called upon.
NEAR = 50.0


def holds_a_dot(who: str, campaign: Campaign) -> None:
    """Complain of a map without a dot.

    Raises
    ------
    ParameterError
    """
    if len(campaign.dots) == 0:
        do = "Simulate a larger town, or presume a leaning from fewer interactions."
        raise ParameterError(error_message(who, "a map that holds a dot", "0 dots", do))


def marked_doors(campaign: Campaign) -> pd.DataFrame:
    """Put each dot beside the truth.

    Returns
    -------
    pandas.DataFrame
        One row a dot, in order: person (whom it stands for), home_address and home_household
        (theirs), address and household (those that are marked; household -1 where nobody lives
        there), then bool: wrong_address; homonym, stale (the two causes of a wrong address,
        which exclude each other); wrong_household (another household than theirs, wherever it
        lives); wrong_label.
    """
    world = campaign.world
    profiles = campaign.profiles.iloc[campaign.dots["profile"].to_numpy()]
    person = world.accounts["person"].to_numpy()[profiles["account"].to_numpy()]
    home_address = world.people["address"].to_numpy()[person]
    home_household = world.people["household"].to_numpy()[person]
    address = campaign.dots["address"].to_numpy()
    household = marked_households(world, profiles)
    wrong_address = home_address != address
    own_entry = named_person(world, profiles) == person
    leaning = world.people["leaning"].to_numpy(dtype=str)[person]
    return pd.DataFrame(
        {
            "person": person,
            "home_address": home_address,
            "home_household": home_household,
            "address": address,
            "household": household,
            "wrong_address": wrong_address,
            "homonym": wrong_address & ~own_entry,
            "stale": wrong_address & own_entry,
            "wrong_household": wrong_address | (household != home_household),
            "wrong_label": leaning != profiles["presumed_leaning"].to_numpy(dtype=str),
        }
    )


def electors_households(world: SimulatedWorld) -> np.ndarray:
    """Return the households where at least one elector lives."""
    elector = world.people["elector"].to_numpy(dtype=bool)
    return np.unique(world.people["household"].to_numpy()[elector])


def households_at(world: SimulatedWorld) -> np.ndarray:
    """Count the households that live at each address."""
    return np.bincount(world.households["address"].to_numpy(), minlength=len(world.addresses))


# Draws of the neighbours' range: each looks at every pair of addresses in sight.
_DRAWS = 400


def household_exposure(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Count the people whom the map exposes although they never asked for anything.

    A marked *household* is the one that a dot's register entry points at; the people behind it
    are those who live there today. *Interacted* means at least one interaction with the page of
    any candidate, of any side.

    Counts are plain counts of one simulated campaign (low = high = value). For those behind the
    doors the baseline is the exact expectation for a map of as many electors drawn at random, who
    do not count among the people behind their own doors; for the neighbours, for as many
    households drawn among those where an elector lives. Its range holds 95 of 100 such draws.
    Shares are of dots, with a 95 % Wilson interval on their effective number (dots of one
    household are not independent); their baseline is what marking an elector's household, or an
    elector, at random would give.

    Parameters
    ----------
    campaign : Campaign
        Of a simulated world: only there is it known who lives where.
    seed : int
        Of the draws behind the ranges.

    Returns
    -------
    Measures
        Family "household", 0 is safe:

        - marked_households: households that at least one dot marks; n: dots.
        - adults_never_interacted, minors_never_interacted: people behind them; n: all adults,
          all minors there.
        - households_one_interacted: marked households of two people or more, exactly one of
          whom had interacted; households_none_interacted: nobody there had; n: marked
          households.
        - neighbours: people who live at another address within 50 m of a marked one; n: the
          town.
        - wrong_addresses: the marked address is not where whoever interacted lives;
          wrong_addresses_homonym of these, the entry is another person's, and
          wrong_addresses_stale, it is their own, at a former address. A hit is an address.
        - wrong_households: the marked household is not theirs, wherever it lives;
          other_households_there: it lives at their address all the same. A hit is a household.
        - wrong_labels: they interacted, and their leaning is not the presumed one.
        - told_at_wrong_households: visits to another household than theirs where somebody
          opened, and so learnt what is presumed of another; opened_by_minors: visits where a
          minor opened the right door; n: visits where somebody opened.

    Raises
    ------
    ParameterError
        The map has no dot.
    """
    holds_a_dot("household_exposure", campaign)
    doors = marked_doors(campaign)
    marked = np.unique(doors["household"].to_numpy())
    marked = marked[marked >= 0]
    rows = Rows(len(doors), "dots")
    _behind(rows, campaign.world, marked, seed)
    _neighbours(rows, campaign.world, doors["address"].to_numpy(), len(marked), seed)
    _mistakes(rows, campaign, doors)
    _opened(rows, campaign, doors)
    return Measures(
        family="household", rows=rows, provenance="simulated", recipe=dict(campaign.recipe)
    )


def _behind(rows: Rows, world: SimulatedWorld, marked: np.ndarray, seed: int) -> None:
    """Count the people behind the marked households, and these by how many had interacted."""
    n_dots, n_households = int(rows.n), len(world.households)
    people, liked = world.people, interacted(world)
    adult = people["age"].to_numpy() >= ADULT_AGE
    household = people["household"].to_numpy()
    elector = people["elector"].to_numpy(dtype=bool)
    k = min(n_dots, int(elector.sum()))
    electors = np.bincount(household[elector], minlength=n_households)
    missed = _missed(electors, drawn=k, of=int(elector.sum()))
    chosen = 1 - missed[household]
    # Somebody drawn has a dot of their own, and is nobody whom another's dot exposes.
    bystander = np.where(elector, chosen - k / elector.sum(), chosen)

    def living(of: np.ndarray) -> np.ndarray:
        return np.bincount(household[of], minlength=n_households)

    size, having = living(np.ones(len(people), dtype=bool)), living(liked)
    who = {"adults": adult & ~liked, "minors": ~adult & ~liked}
    kinds = {"one": (having == 1) & (size >= 2), "none": having == 0}
    there = [living(of) for of in who.values()]

    def draw(rng: np.random.Generator) -> np.ndarray:
        drawn = rng.choice(np.flatnonzero(elector), k, replace=False)
        drawn_too = np.unique(household[drawn])
        exposed = [
            all_of[drawn_too].sum() - of[drawn].sum()
            for all_of, of in zip(there, who.values(), strict=True)
        ]
        return np.array([*exposed, *(of[drawn_too].sum() for of in kinds.values())])

    low, high = chance_range(draw, stream(seed, "household", "electors drawn"))
    usual = [bystander[of].sum() for of in who.values()]
    usual += [(1 - missed)[of].sum() for of in kinds.values()]
    chance = [
        {"baseline": mean, "baseline_low": least, "baseline_high": most}
        for mean, least, most in zip(usual, low, high, strict=True)
    ]
    rows.count("marked_households", len(marked), "households")
    for noun, all_of, of_age, more in zip(who, there, (adult, ~adult), chance, strict=False):
        told = {"n": living(of_age)[marked].sum(), "counts": noun, **more}
        rows.count(f"{noun}_never_interacted", all_of[marked].sum(), noun, **told)
    for name, more in zip(kinds, chance[len(who) :], strict=True):
        told = {"n": len(marked), "counts": "households", **more}
        rows.count(f"households_{name}_interacted", kinds[name][marked].sum(), "households", **told)


def _missed(there: np.ndarray, *, drawn: int, of: int) -> np.ndarray:
    """Return C(of - c, drawn) / C(of, drawn): none of the c that are there is among those drawn."""
    from scipy.stats import hypergeom

    # The law is slow and counts are few: it is asked once for each.
    counts, at = np.unique(there, return_inverse=True)
    missed: np.ndarray = hypergeom.pmf(0, of, counts, drawn)[at]
    return missed


def _neighbours(
    rows: Rows, world: SimulatedWorld, marked: np.ndarray, n_marked: int, seed: int
) -> None:
    """Count the people who live at another address within `NEAR` of a marked one."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    n = len(world.addresses)
    residents = np.bincount(world.people["address"].to_numpy(), minlength=n)
    pairs = cKDTree(world.addresses.xy).query_pairs(NEAR, output_type="ndarray")
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    sight = csr_array((np.ones(len(here)), (here, there)), shape=(n, n))

    def exposed(addresses: np.ndarray) -> float:
        at = np.zeros(n)
        at[addresses] = 1
        return float(residents[sight @ at > 0].sum())

    address = world.households["address"].to_numpy()[electors_households(world)]
    drawn = min(n_marked, len(address))
    around = (sight @ np.bincount(address, minlength=n)).astype(np.int64)
    missed = _missed(around, drawn=drawn, of=len(address))
    low, high = chance_range(
        lambda rng: np.array([exposed(rng.choice(address, drawn, replace=False))]),
        stream(seed, "household", "households drawn"),
        _DRAWS,
    )
    rows.count(
        "neighbours",
        exposed(marked),
        "residents",
        n=residents.sum(),
        counts="residents",
        part={"radius": NEAR},
        baseline=(residents * (1 - missed)).sum(),
        baseline_low=low[0],
        baseline_high=high[0],
    )


def _mistakes(rows: Rows, campaign: Campaign, doors: pd.DataFrame) -> None:
    """Add the shares of dots that mark or presume what is not so."""
    from scipy.stats import hypergeom

    world = campaign.world
    drawn = electors_households(world)
    at_address = np.bincount(
        world.households["address"].to_numpy()[drawn], minlength=len(world.addresses)
    )
    same_address = at_address[doors["home_address"].to_numpy()].mean() / len(drawn)
    same_household = np.isin(doors["home_household"].to_numpy(), drawn).mean() / len(drawn)
    elector = world.people["elector"].to_numpy(dtype=bool)
    others = int((world.people["leaning"].to_numpy()[elector] != campaign.plan.side).sum())
    k = min(len(doors), int(elector.sum()))
    chance = hypergeom(int(elector.sum()), others, k).ppf([0.025, 0.975]) / k
    share = partial(rows.share, clusters=doors["home_household"])
    share("wrong_addresses", doors["wrong_address"], gain="address", baseline=1 - same_address)
    share("wrong_addresses_homonym", doors["homonym"], gain="address")
    share("wrong_addresses_stale", doors["stale"], gain="address")
    elsewhere, other = doors["wrong_address"], doors["wrong_household"]
    share("wrong_households", other, gain="household", baseline=1 - same_household)
    beside = same_address - same_household
    share("other_households_there", other & ~elsewhere, gain="household", baseline=beside)
    low, high = chance
    ranged = {"baseline": others / elector.sum(), "baseline_low": low, "baseline_high": high}
    share("wrong_labels", doors["wrong_label"], gain="opinion", **ranged)


def _opened(rows: Rows, campaign: Campaign, doors: pd.DataFrame) -> None:
    """Count who opened and was told."""
    log = campaign.contact_log
    opened = log[log["opened_by"].to_numpy() != "nobody"]
    told = doors["wrong_household"].to_numpy()[opened["dot"].to_numpy()].sum()
    minors = (opened["opened_by"].to_numpy() == "child").sum()
    seen: dict[str, Any] = {"n": len(opened), "counts": "visits"}
    rows.count("told_at_wrong_households", told, "visits", gain="household", **seen)
    rows.count("opened_by_minors", minors, "visits", **seen)
