"""Households behind the dots: who lives at a marked address, and who lives next to it.

Negative disclosure: what a map says of the people who have no dot. Neighbours: suspicion that
falls on them for another person's dot, and dissent from surroundings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.campaign.canvass import behind_entry
from privaudit.campaign.matching import interacted
from privaudit.core.checks import in_range
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import ADULT_AGE
from privaudit.errors import ParameterError
from privaudit.maps.guess import prior_over_addresses
from privaudit.maps.scoring.score import posterior_of, scored
from privaudit.maps.scoring.truth import People
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.stats.csr import row_of, row_sum
from privaudit.stats.intervals import percentile
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.opinion import NegativeDisclosure
    from privaudit.maps.posterior import Guesses
    from privaudit.maps.scoring.truth import Truth
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld


# Metres within which neighbours see which address is canvassed.
NEAR = 50.0


def check_holds_dots(who: str, campaign: Campaign) -> None:
    """Raise `ParameterError` for a map without a dot."""
    if len(campaign.dots) == 0:
        do = "Simulate a larger town, or presume a leaning from fewer interactions."
        raise ParameterError.of(who, "a map that holds a dot", "0 dots", do)


def marked_addresses(campaign: Campaign) -> pd.DataFrame:
    """Return the truth behind each dot: person, home, marked address and household.

    Returns
    -------
    pandas.DataFrame
        One row a dot, in order: person, home_address and home_household (the person's), address
        and household (the marked ones; household -1 where nobody lives there), then bool:
        wrong_address; homonym, stale (the two exclusive causes of a wrong address);
        wrong_household (another household than theirs, wherever it lives); wrong_label.
    """
    world = campaign.world
    shown = ["account", "register", "entry", "presumed_leaning"]
    profiles = campaign.profiles[shown].iloc[campaign.dots["profile"].to_numpy()]
    person = world.accounts["person"].to_numpy()[profiles["account"].to_numpy()]
    home_address = world.people["address"].to_numpy()[person]
    home_household = world.people["household"].to_numpy()[person]
    address = campaign.dots["address"].to_numpy()
    household = behind_entry(world, profiles, "household")
    wrong_address = home_address != address
    own_entry = behind_entry(world, profiles, "person") == person
    leaning = world.people["leaning"].iloc[person].to_numpy()
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
            "wrong_label": leaning != profiles["presumed_leaning"].to_numpy(),
        }
    )


def of_campaign(
    family: str, rows: Rows, campaign: Campaign, *notes: Note, **settings: Any
) -> Measures:
    """Return rows about a simulated campaign as `Measures`."""
    return Measures(
        family=family, rows=rows, provenance="simulated", notes=notes,
        recipe={**campaign.recipe, **settings},
    )  # fmt: skip


def electors_households(world: SimulatedWorld) -> np.ndarray:
    """Return the households where at least one elector lives."""
    elector = world.people["elector"].to_numpy(dtype=bool)
    return np.unique(world.people["household"].to_numpy()[elector])


def households_at(world: SimulatedWorld) -> np.ndarray:
    """Count the households that live at each address."""
    return np.bincount(world.households["address"].to_numpy(), minlength=len(world.addresses))


# Draws of a range; fewer of the neighbours', each of which looks at every pair in sight.
_DRAWS, _DRAWS_IN_SIGHT = 1_000, 400


def chance_range(
    draw: Callable[[np.random.Generator], np.ndarray],
    rng: np.random.Generator,
    draws: int = _DRAWS,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the central 95 % range of values under a null model, by simulation.

    Parameters
    ----------
    draw : callable
        From a generator to the values of one draw, shape (k,).
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    low, high : ndarray of float, shape (k,)

    Examples
    --------
    Heads among 100 throws: 50 on average, 40 to 60 nearly always.

    >>> low, high = chance_range(lambda rng: rng.integers(2, size=100).sum(keepdims=True),
    ...                          np.random.default_rng(1))
    >>> bool(38 <= low[0] <= 42), bool(58 <= high[0] <= 62)
    (True, True)
    """
    values = np.array([draw(rng) for _ in range(draws)], dtype=float)
    low, high = np.quantile(values, [0.025, 0.975], axis=0, method="inverted_cdf")
    return low, high


def household_exposure(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Count the people exposed by the map who never interacted with a candidate's page.

    A marked *household* is the one that a dot's register entry points at; the people behind it
    are those who live there today. *Interacted* means at least one interaction with the page of
    any candidate, of any side.

    Counts are plain counts of one simulated campaign (low = high = value). The baseline of people
    behind the dots is the exact expectation for a map of as many electors drawn at random, each
    left out of the people behind their own dot; of neighbours, for as many households with an
    elector. Its range holds 95 of 100 such draws. Shares are of dots, with a 95 % Wilson interval
    on their effective number (dots of one household are not independent); their baseline marks
    an elector's household, or an elector, at random.

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
        - households_one_interacted: marked households of two people or more with exactly one who
          interacted; households_none_interacted: with none; n: marked households.
        - neighbours: people who live at another address within 50 m of a marked one; n: the
          town.
        - wrong_addresses: the person who interacted does not live at the marked address;
          wrong_addresses_homonym: of these, the register entry is another person's;
          wrong_addresses_stale: it is their own, at a former address. A hit is an address.
        - wrong_households: the marked household is not theirs, wherever it lives;
          other_households_there: it lives at their address all the same. A hit is a household.
        - wrong_labels: they interacted, and their leaning is not the presumed one.
        - told_at_wrong_households: answered visits to another household than theirs, which so
          learns what is presumed of them; opened_by_minors: visits answered by a minor of the
          right household; n: answered visits.

    Raises
    ------
    ParameterError
        The map has no dot.
    """
    check_holds_dots("household_exposure", campaign)
    doors = marked_addresses(campaign)
    marked = _households(doors)
    rows = Rows(len(doors), "dots")
    _behind(rows, campaign.world, marked, seed)
    _neighbours(rows, campaign.world, doors["address"].to_numpy(), len(marked), seed)
    _mistakes(rows, campaign, doors)
    _opened(rows, campaign, doors)
    return of_campaign("household", rows, campaign)


def household_counts(campaign: Campaign) -> dict[str, Row]:
    """Return rows of `household_exposure` by measure: people behind dots, and mistakes.

    For a town among many: their ranges come from the towns, so that none is drawn here.
    """
    check_holds_dots("household_counts", campaign)
    doors = marked_addresses(campaign)
    rows = Rows(len(doors), "dots")
    _behind(rows, campaign.world, _households(doors), None)
    _mistakes(rows, campaign, doors)
    return {row.measure: row for row in rows}


def _households(doors: pd.DataFrame) -> np.ndarray:
    """Return the households that a dot marks, once each."""
    marked = np.unique(doors["household"].to_numpy())
    return np.asarray(marked[marked >= 0])


def _behind(rows: Rows, world: SimulatedWorld, marked: np.ndarray, seed: int | None) -> None:
    """Count the people behind the marked households, and households by who interacted.

    - `seed`: Of the draws behind the ranges; None for no range.
    """
    n_dots, n_households = int(rows.n), len(world.households)
    people, liked = world.people, interacted(world)
    adult = people["age"].to_numpy() >= ADULT_AGE
    household = people["household"].to_numpy()
    elector = people["elector"].to_numpy(dtype=bool)
    k = min(n_dots, int(elector.sum()))
    electors = np.bincount(household[elector], minlength=n_households)
    missed = _missed(electors, drawn=k, of=int(elector.sum()))
    chosen = 1 - missed[household]
    # An elector who was drawn has a dot, and is not exposed by another's dot.
    bystander = np.where(elector, chosen - k / elector.sum(), chosen)

    def living(of: np.ndarray) -> np.ndarray:
        return np.bincount(household[of], minlength=n_households)

    size, having = living(np.ones(len(people), dtype=bool)), living(liked)
    who = {"adults": adult & ~liked, "minors": ~adult & ~liked}
    kinds = {"one": (having == 1) & (size >= 2), "none": having == 0}
    there = [living(of) for of in who.values()]

    every = np.flatnonzero(elector)
    own, at_home = np.column_stack(list(who.values())), np.column_stack([*there, *kinds.values()])

    def draw(rng: np.random.Generator) -> np.ndarray:
        drawn = rng.choice(every, k, replace=False)
        marked = np.zeros(n_households, dtype=bool)
        marked[household[drawn]] = True
        counts = at_home[marked].sum(axis=0)
        counts[: len(who)] -= own[drawn].sum(axis=0)
        return np.asarray(counts)

    low = high = np.full(len(who) + len(kinds), np.nan)
    if seed is not None:
        low, high = chance_range(draw, stream(seed, "household", "electors drawn"))
    usual = [bystander[of].sum() for of in who.values()]
    usual += [(1 - missed)[of].sum() for of in kinds.values()]
    chance = [
        {"baseline": mean, "baseline_low": least, "baseline_high": most}
        for mean, least, most in zip(usual, low, high, strict=True)
    ]
    rows.count("marked_households", len(marked), "households")
    for noun, all_of, of_age, more in zip(who, there, (adult, ~adult), chance, strict=False):
        fields = {"n": living(of_age)[marked].sum(), "counts": noun, **more}
        rows.count(f"{noun}_never_interacted", all_of[marked].sum(), noun, **fields)
    for name, more in zip(kinds, chance[len(who) :], strict=True):
        fields = {"n": len(marked), "counts": "households", **more}
        rows.count(
            f"households_{name}_interacted", kinds[name][marked].sum(), "households", **fields
        )


def _missed(there: np.ndarray, *, drawn: int, of: int) -> np.ndarray:
    """Return C(of - c, drawn) / C(of, drawn), the probability that none of c is drawn."""
    from scipy.stats import hypergeom

    # The probability mass function is slow, and few counts are distinct.
    counts, at = np.unique(there, return_inverse=True)
    return np.asarray(hypergeom.pmf(0, of, counts, drawn)[at])


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
        _DRAWS_IN_SIGHT,
    )
    usual = (residents * (1 - missed)).sum()
    chance = {"baseline": usual, "baseline_low": low[0], "baseline_high": high[0]}
    fields: dict[str, Any] = {"n": residents.sum(), "counts": "residents", **chance}
    rows.count("neighbours", exposed(marked), "residents", part={"radius": NEAR}, **fields)


def _mistakes(rows: Rows, campaign: Campaign, doors: pd.DataFrame) -> None:
    """Add the shares of dots with a wrong address, household or label."""
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
    """Count the visits that were answered by the wrong household, or by a minor."""
    log = campaign.contact_log
    opened = log[log["opened_by"].to_numpy() != "nobody"]
    wrong_doors = doors["wrong_household"].to_numpy()[opened["dot"].to_numpy()].sum()
    minors = (opened["opened_by"].to_numpy() == "child").sum()
    visits: dict[str, Any] = {"n": len(opened), "counts": "visits"}
    rows.count("told_at_wrong_households", wrong_doors, "visits", gain="household", **visits)
    rows.count("opened_by_minors", minors, "visits", **visits)


def station_rates(campaign: Campaign) -> np.ndarray:
    """Return the side's share in each person's station, from the results; else the town's."""
    stations = campaign.world.stations
    share = stations[campaign.plan.side].to_numpy(dtype=float)
    row = pd.Index(stations["station"]).get_indexer(campaign.world.people["station"])
    return np.asarray(np.where(row >= 0, share[np.maximum(row, 0)], share.mean()))


def rates_of(campaign: Campaign) -> tuple[float, float]:
    """Return the share of electors of the side, and of the others, who have a dot."""
    check_holds_dots("rates_of", campaign)
    people, has_dot = campaign.world.people, _has_dot(campaign)
    elector = people["elector"].to_numpy(dtype=bool)
    ours = (people["leaning"] == campaign.plan.side).to_numpy()
    return float(has_dot[elector & ours].mean()), float(has_dot[elector & ~ours].mean())


def negative_exposure(
    campaign: Campaign,
    read: NegativeDisclosure,
    passed: np.ndarray,
    *,
    notes: tuple[Note, ...] = (),
) -> Measures:
    """Compare electors with and without a dot with the base rate of their polling station.

    The side is the campaign's, a leaning the person's own; the base rate of an elector is the
    share of the side in the polling station.

    Parameters
    ----------
    campaign : Campaign
    read : NegativeDisclosure
        The adversary's belief about each person of the world.
    passed : ndarray of bool, shape (addresses,)
        Addresses without a dot that volunteers passed by.
    notes : tuple of Note
        Assumptions about the adversary.

    Returns
    -------
    Measures
        Family "negative". For each ``group`` of electors: of_the_side, the share that is of
        the side (Wilson interval; those of one household are not independent), and claimed,
        their mean posterior; the baseline of both is their mean base rate. Groups: with_dot;
        without_dot; visited_without_dot, those without a dot at an address that was visited for
        another resident; passed_by_without_dot, those at an address without any dot within 50 m
        of a visited one. shift: mean change of probability over all electors without a dot, 0 is
        safe. n: electors. A hit is an opinion.

    Raises
    ------
    ParameterError
        No dot.
    """
    check_holds_dots("negative_exposure", campaign)
    world = campaign.world
    people = world.people
    elector = people["elector"].to_numpy(dtype=bool)
    ours = (people["leaning"] == campaign.plan.side).to_numpy()
    household, at = people["household"].to_numpy(), people["address"].to_numpy()
    has_dot = _has_dot(campaign)
    claim = np.where(has_dot, read.with_dot, read.without_dot)
    called = np.zeros(len(world.addresses), dtype=bool)
    visited = (campaign.dots["status"] == "visited").to_numpy()
    called[campaign.dots["address"].to_numpy()[visited]] = True
    groups = {
        "with_dot": has_dot,
        "without_dot": ~has_dot,
        "visited_without_dot": ~has_dot & called[at],
        "passed_by_without_dot": ~has_dot & passed[at],
    }
    rows = Rows(int(elector.sum()), "electors")
    for group, members in groups.items():
        of = elector & members
        usual = float(read.base_rate[of].mean()) if of.any() else np.nan
        belief = float(claim[of].mean()) if of.any() else np.nan
        fields: dict[str, Any] = {"part": {"group": group}, "gain": "opinion", "baseline": usual}
        rows.share("of_the_side", ours[of], clusters=household[of], **fields)
        rows.count("claimed", belief, "probability", n=int(of.sum()), **fields)
    off = elector & ~has_dot
    shift = float((read.base_rate - claim)[off].mean()) if off.any() else np.nan
    rows.count("shift", shift, "probability", n=off.sum(), gain="opinion", baseline=0)
    return of_campaign("negative", rows, campaign, *notes)


def _has_dot(campaign: Campaign) -> np.ndarray:
    """Whether each person has a dot."""
    has_dot = np.zeros(len(campaign.world.people), dtype=bool)
    has_dot[marked_addresses(campaign)["person"].to_numpy()] = True
    return has_dot


# Opposed leanings, for the sides that a campaign may have.
OPPOSED = {"right": ("radical_left", "left"), "left": ("right", "far_right")}


def neighbour_exposure(
    guesses: Guesses,
    truth: Truth,
    release: Release,
    world: SimulatedWorld,
    *,
    adversary: Adversary,
) -> Measures:
    """Measure the suspicion that dots of others cast on an address.

    For each address, the *mass from elsewhere* is the sum of its posterior probabilities for dots
    of people who live at another address: the expected number of dots wrongly attributed to it.
    *Bystanders* are the people of the town who have no dot.

    Parameters
    ----------
    guesses : Guesses
        On a map, with its posterior over addresses.
    truth : Truth
    release : Release
    world : SimulatedWorld
    adversary : Adversary
        Its prior gives the baselines: as many dots, attributed by the prior alone; as many
        guesses, each the most probable address of the prior, ties at random.

    Returns
    -------
    Measures
        Family "neighbours", 0 is safe:

        - mass_from_elsewhere: mean over bystanders; mass, its `percentile` 50, 90 and 99;
          mass_max.
        - suspects: share of bystanders whose address is the first guess for another person's
          dot (95 % Wilson interval on the effective number, people of one address going
          together). A hit is an address.
        - wrong_addresses: share of people of the release whose guess is an inhabited address
          where they do not live; wrong_households: the same with one household of the address
          picked at random; people_behind_wrong_addresses: its residents; n: the town.
        - mass_on_wrong_addresses, mass_on_wrong_households: mean posterior probability of
          addresses, and households, that are not the person's.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, lengths that differ, or everybody has a dot.
    """
    posterior = posterior_of("neighbour_exposure", guesses, truth, release)
    address = world.people["address"].to_numpy()
    bystander = np.ones(len(world.people), dtype=bool)
    bystander[truth.person] = False
    if not bystander.any():
        raise ParameterError.of("neighbour_exposure", "somebody without a dot", "nobody")
    prior = prior_over_addresses(truth.addresses, adversary)
    dot = row_of(posterior.indptr)
    stray = posterior.probability * (posterior.candidate != truth.home[dot])
    rows = Rows(int(bystander.sum()), "people")
    _mass(rows, posterior.candidate, stray, truth, prior, address[bystander])
    _suspects(rows, guesses, truth, prior, address, bystander)
    placed = row_sum(posterior.indptr, posterior.probability)
    own_mass = placed - row_sum(posterior.indptr, stray)
    _wrong(rows, truth, placed, own_mass, prior, "mass_on_wrong")
    return scored("neighbours", rows, guesses, release, adversary)


def _mass(
    rows: Rows,
    candidate: np.ndarray,
    stray: np.ndarray,
    truth: Truth,
    prior: np.ndarray,
    doors: np.ndarray,
) -> None:
    """Add the expected number of dots wrongly attributed to the address of each bystander."""
    mass = np.bincount(candidate, stray, minlength=len(prior))[doors]
    blind = (prior * _of_others(truth, len(prior)))[doors]
    fields: dict[str, Any] = {"unit": "dots", "gain": "address"}
    rows.count("mass_from_elsewhere", mass.mean(), baseline=blind.mean(), **fields)
    # No interval: the bystanders are a census, and share their addresses.
    for share in (50, 90, 99):
        value, usual = (percentile(of, share / 100).value for of in (mass, blind))
        rows.count("mass", value, baseline=usual, part={"percentile": share}, **fields)
    rows.count("mass_max", mass.max(), baseline=blind.max(), **fields)


def _of_others(truth: Truth, n_addresses: int) -> np.ndarray:
    """Return the number of dots of people who live elsewhere, for each address."""
    return len(truth) - np.bincount(truth.home, minlength=n_addresses)


def _suspects(
    rows: Rows,
    guesses: Guesses,
    truth: Truth,
    prior: np.ndarray,
    address: np.ndarray,
    bystander: np.ndarray,
) -> None:
    """Add the bystanders at the first guess for another person's dot."""
    n_addresses, doors = len(prior), address[bystander]
    modal = prior == prior.max()
    chance = modal / modal.sum()
    # Each of the prior's best addresses is the guess equally often.
    hit = 1 - (1 - chance) ** _of_others(truth, n_addresses)
    guessed = guesses.address >= 0
    at_address = guessed & (guesses.address == truth.home)
    lived_in = np.bincount(address, minlength=n_addresses)
    there = guessed & (lived_in[np.maximum(guesses.address, 0)] > 0)
    suspected = np.zeros(n_addresses, dtype=bool)
    suspected[guesses.address[guessed & ~at_address]] = True
    fields: dict[str, Any] = {"gain": "address", "baseline": hit[doors].mean()}
    rows.share("suspects", suspected[doors], clusters=doors, **fields)
    _wrong(rows, truth, there, at_address, chance, "wrong")
    behind = lived_in[np.unique(guesses.address[there & ~at_address])].sum()
    fields |= {"baseline": (lived_in * hit).sum(), "n": len(address), "counts": "residents"}
    rows.count("people_behind_wrong_addresses", behind, "residents", **fields)


def _wrong(
    rows: Rows,
    truth: Truth,
    somewhere: np.ndarray,
    at_address: np.ndarray,
    blind: np.ndarray,
    name: str,
) -> None:
    """Add what falls on addresses, and households, that are not the person's.

    `somewhere` and `at_address`, one a dot: mass anywhere, and at the right address; `blind`, one
    an address: mass of a guess without the map.
    """
    people = People(truth)
    for gain, bells in (("address", np.ones(len(truth))), ("household", truth.households)):
        people.share(
            rows,
            f"{name}_{gain}es" if gain == "address" else f"{name}_{gain}s",
            gain,
            np.clip(somewhere - at_address / bells, 0, 1),
            baseline=1 - float(people.mean(blind[truth.home] / bells).mean()),
        )


def dissent_exposure(
    campaign: Campaign, *, sight: float = NEAR, under: float = 0.2, seed: int = 7
) -> Measures:
    """Count the dots whose neighbours are mostly of the other side.

    *Neighbours* of a marked address are the electors within sight who do not live in the marked
    household; *opposed* ones are of the other side: left and radical left around a dot of the
    right, right and far right around one of the left.

    Parameters
    ----------
    campaign : Campaign
    sight : float
        Metres within which neighbours see which address is canvassed.
    under : float
        Share of a station's electors, 0 to 1, under which a side is a small minority there.
    seed : int
        Of the bootstrap of the two means.

    Returns
    -------
    Measures
        Family "dissent"; n: dots. Baselines are the same for an elector's household drawn at
        random:

        - neighbours_in_sight, opposed_in_sight: mean number of electors around a dot, 95 %
          bootstrap interval over marked addresses.
        - mostly_opposed: share of dots with more opposed neighbours than neighbours of the
          campaign's side.
        - dissent_dots: share of dots in stations where that side has less than `under` of the
          electors.

    Raises
    ------
    ParameterError
        The map has no dot, or a number is out of range.
    """
    in_range("dissent_exposure", "sight", sight, 0)
    in_range("dissent_exposure", "under", under, 0, 1)
    check_holds_dots("dissent_exposure", campaign)
    world, side = campaign.world, campaign.plan.side
    people = world.people[world.people["elector"].to_numpy(dtype=bool)]
    leaning = people["leaning"].to_numpy(dtype=str)
    groups = np.stack(
        [np.ones(len(people)), np.isin(leaning, OPPOSED[side]), leaning == side], axis=1
    ).astype(float)
    address, household = people["address"].to_numpy(), people["household"].to_numpy()
    around = _around(world, address, groups, sight)
    own = np.zeros((len(world.households), 3))
    np.add.at(own, household, groups)

    doors = marked_addresses(campaign)
    marked = doors["household"].to_numpy()
    # Where nobody lives at a marked address, everybody in sight is a neighbour.
    at_dot = around[doors["address"].to_numpy()] - np.where(marked[:, None] >= 0, own[marked], 0)
    anywhere = around[address] - own[household]
    at = doors["address"].to_numpy()
    rows = Rows(len(doors), "dots")
    in_sight: dict[str, Any] = {"clusters": at, "part": {"radius": sight}}
    for k, name in enumerate(("neighbours_in_sight", "opposed_in_sight")):
        rng, usual = stream(seed, "dissent", name), anywhere[:, k].mean()
        rows.mean(name, at_dot[:, k], "electors", rng=rng, baseline=usual, **in_sight)
    opposed, usually = (of[:, 1] > of[:, 2] for of in (at_dot, anywhere))
    rows.share("mostly_opposed", opposed, baseline=usually.mean(), **in_sight)
    weak = world.stations.loc[world.stations[side].to_numpy() < under, "station"]
    in_weak = np.isin(world.addresses.frame["station"].to_numpy()[at], weak)
    usual = np.isin(people["station"].to_numpy(), weak).mean()
    rows.share("dissent_dots", in_weak, clusters=at, baseline=usual, part={"under": under})
    return of_campaign("dissent", rows, campaign, sight=sight, under=under, seed=seed)


def _around(
    world: SimulatedWorld, address: np.ndarray, groups: np.ndarray, sight: float
) -> np.ndarray:
    """Sum the groups of the people at each address and at those within sight of it."""
    from scipy.spatial import cKDTree

    n = len(world.addresses)
    here = np.stack([np.bincount(address, g, minlength=n) for g in groups.T], axis=1)
    pairs = cKDTree(world.addresses.xy).query_pairs(sight, output_type="ndarray")
    a, b = np.concatenate([pairs, pairs[:, ::-1]]).T
    near = np.stack([np.bincount(a, g, minlength=n) for g in here[b].T], axis=1)
    return np.asarray(here + near)
