"""Neighbours of the dots: suspicion on people without a dot, and dissent from surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.checks import in_range
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.guess import prior_over_addresses
from privaudit.maps.scoring.household import NEAR, check_holds_dots, marked_addresses, of_campaign
from privaudit.maps.scoring.score import posterior_of, scored
from privaudit.maps.scoring.truth import People
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_of, row_sum
from privaudit.stats.intervals import percentile

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.posterior import Guesses
    from privaudit.maps.scoring.truth import Truth
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld

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
