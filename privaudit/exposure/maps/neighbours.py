"""Those next door: suspected of another's dot, or watching which way a door leans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, say
from privaudit._core.streams import stream
from privaudit.attacks.locate import prior_over_addresses
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import marked_doors
from privaudit.exposure.maps.household import NEAR
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import bootstrap_mean, effective_n, wilson
from privaudit.measures.order_statistics import percentile
from privaudit.measures.tables.compressed_rows import row_of

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.attacks.guesses import Guesses
    from privaudit.campaign.campaign import Campaign
    from privaudit.exposure.maps.truth import Truth
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["OPPOSED", "dissent_exposure", "neighbour_exposure"]

# Who leans the other way, for the sides that a campaign may have.
OPPOSED = {"right": ("radical_left", "left"), "left": ("right", "far_right")}


def neighbour_exposure(
    guesses: Guesses,
    truth: Truth,
    release: Release,
    world: SimulatedWorld,
    *,
    adversary: Adversary,
) -> Measures:
    """Say how much suspicion falls on people for dots that are not theirs.

    For each address, the *mass from elsewhere* is the sum of the probabilities that the
    adversary gives it for dots of people who live at another address: the expected number of
    dots that are wrongly laid at this door. *Bystanders* are the people of the town who have
    no dot.

    Parameters
    ----------
    guesses : Guesses
        On a map, with its posterior over addresses.
    truth : Truth
    release : Release
    world : SimulatedWorld
    adversary : Adversary
        Its prior gives the baselines: as many dots, laid at doors by the prior alone; as many
        guesses, each the most probable address of the prior, ties at random.

    Returns
    -------
    Measures
        0 is safe:

        - mass_from_elsewhere: mean over bystanders; mass_p50, mass_p90, mass_p99, mass_max.
        - suspects: share of bystanders whose address is the first guess for somebody else's
          dot (95 % Wilson interval on the effective number, people of one address going
          together).
        - false_doors: share of people of the release whose guess is an address where others
          live, and they do not; people_behind_false_doors: who lives there.
        - mass_on_wrong_doors: mean probability that a dot lays at doors that are not its own.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, lengths that differ, or everybody has a dot.
    """
    posterior = guesses.posterior
    if posterior is None or release.kind != "dots":
        needed = "guesses on a map, with their posterior"
        raise ParameterError(say("neighbour_exposure", needed, "others"))
    if not len(guesses) == len(truth) == len(release):
        came = f"{len(guesses):,} guesses, {len(truth):,} truths, {len(release):,} records"
        raise ParameterError(say("neighbour_exposure", "one guess and one truth a record", came))
    n_addresses = len(truth.addresses)
    address = world.people["address"].to_numpy()
    bystander = np.ones(len(world.people), dtype=bool)
    bystander[truth.person] = False
    if not bystander.any():
        raise ParameterError(say("neighbour_exposure", "somebody without a dot", "nobody"))
    doors = address[bystander]

    dot = row_of(posterior.indptr)
    elsewhere = posterior.candidate != truth.home[dot]
    stray = posterior.probability * elsewhere
    mass = np.bincount(posterior.candidate, stray, minlength=n_addresses)[doors]
    prior = prior_over_addresses(truth.addresses, adversary)
    own = np.bincount(truth.home, minlength=n_addresses)
    others = len(truth) - own
    blind = (prior * others)[doors]
    modal = prior == prior.max()
    chance = 1 / modal.sum()
    # Of a dot that has no better, each of the prior's best addresses is the guess as often.
    hit = np.where(modal, 1 - (1 - chance) ** others, 0.0)

    rows = Rows(int(bystander.sum()))
    rows.add(
        "mass_from_elsewhere", mass.mean(), "dots",
        "laid at a bystander's door though their person lives elsewhere; n: bystanders",
        baseline=blind.mean(),
    )  # fmt: skip
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        rows.add(
            f"mass_{name}", percentile(mass, share).value, "dots",
            "percentile over bystanders; n: bystanders",
            baseline=percentile(blind, share).value,
        )  # fmt: skip
    rows.add("mass_max", mass.max(), "dots", "n: bystanders", baseline=blind.max())
    guessed = guesses.address >= 0
    wrong = guessed & (guesses.address != truth.home)
    lived_in = np.bincount(address, minlength=n_addresses)
    false = wrong & (lived_in[np.maximum(guesses.address, 0)] > 0)
    suspected = np.zeros(n_addresses, dtype=bool)
    suspected[guesses.address[wrong]] = True
    _share(
        rows, "suspects", suspected[doors], doors,
        "first guess for somebody else's dot; n: bystanders", float(hit[doors].mean()),
    )  # fmt: skip
    _, first, of = np.unique(truth.person, return_index=True, return_inverse=True)
    home = truth.home[first]
    _share(
        rows, "false_doors", np.bincount(of, false) / np.bincount(of), home,
        "the guess is a home where they do not live; n: people of the release",
        1 - float((modal[home] * chance).mean()),
    )  # fmt: skip
    behind = int(lived_in[np.unique(guesses.address[false])].sum())
    rows.add(
        "people_behind_false_doors", behind, "people",
        "live at an address guessed for somebody else; n: people of the town",
        baseline=float((lived_in * hit).sum()), n=len(address),
    )  # fmt: skip
    per_dot = np.bincount(dot, stray, minlength=len(truth))
    _share(
        rows, "mass_on_wrong_doors", np.bincount(of, per_dot) / np.bincount(of), home,
        "probability laid at doors that are not the person's; n: people of the release",
        float((1 - prior[home]).mean()),
    )  # fmt: skip
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title=f"neighbours: {guesses.attack}",
        provenance=release.provenance,
        notes=guesses.notes,
        reliable=guesses.reliable,
        recipe={
            "attack": guesses.attack,
            "adversary": adversary.recipe(),
            "release": dict(release.recipe),
        },
    )


def dissent_exposure(
    campaign: Campaign, *, sight: float = NEAR, under: float = 0.2, seed: int = 7
) -> Measures:
    """Count the dots that lean against their surroundings: the next neighbours' party.

    Around each marked address, *neighbours* are the electors within sight of it who do not
    live in the marked household; *opposed* are those of the other side: left and radical left
    around a dot of the right, right and far right around one of the left.

    Parameters
    ----------
    campaign : Campaign
    sight : float
        Metres from which one sees who is called upon.
    under : float
        Share of a station's electors, 0 to 1, under which a side is a small minority there.
    seed : int
        Of the bootstrap of the two means.

    Returns
    -------
    Measures
        n: dots. Baselines are the same for an elector's home drawn at random:

        - neighbours_in_sight, opposed_in_sight: mean number around a dot, 95 % bootstrap
          interval over marked homes.
        - mostly_opposed: share of dots around which more neighbours are opposed than are of
          the campaign's side.
        - dissent_dots: share of dots in stations where that side has less than `under` of the
          electors.

    Raises
    ------
    ParameterError
        The map has no dot, or a number is out of range.
    """
    in_range("dissent_exposure", "sight", sight, 0)
    in_range("dissent_exposure", "under", under, 0, 1)
    if len(campaign.dots) == 0:
        raise ParameterError(say("dissent_exposure", "a map that holds a dot", "0 dots"))
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

    doors = marked_doors(campaign)
    home = doors["household"].to_numpy()
    # A marked address may hold nobody today: then all who are in sight are neighbours.
    at_dot = around[doors["address"].to_numpy()] - np.where(home[:, None] >= 0, own[home], 0)
    anywhere = around[address] - own[household]
    rows = Rows(len(doors))
    for k, name in enumerate(("neighbours_in_sight", "opposed_in_sight")):
        values = at_dot[:, k]
        low, high = bootstrap_mean(
            values, stream(seed, "dissent", name), clusters=doors["address"].to_numpy()
        )
        rows.add(
            name, values.mean(), "people", f"electors within {sight:g} m of a dot, mean; n: dots",
            low=low, high=high, baseline=anywhere[:, k].mean(),
        )  # fmt: skip
    _share(
        rows, "mostly_opposed", at_dot[:, 1] > at_dot[:, 2], doors["address"].to_numpy(),
        "more electors in sight are opposed than are of the campaign's side; n: dots",
        float((anywhere[:, 1] > anywhere[:, 2]).mean()),
    )  # fmt: skip
    weak = world.stations.loc[world.stations[side].to_numpy() < under, "station"]
    station = world.addresses.frame["station"].to_numpy()
    _share(
        rows, "dissent_dots", np.isin(station[doors["address"].to_numpy()], weak),
        doors["address"].to_numpy(),
        f"in a station where the side has under {under:.0%} of the electors; n: dots",
        float(np.isin(people["station"].to_numpy(), weak).mean()),
    )  # fmt: skip
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="neighbours who lean the other way",
        provenance="simulated",
        recipe={**campaign.recipe, "sight": sight, "under": under, "seed": seed},
    )


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
    return here + near


def _share(
    rows: Rows, name: str, hits: np.ndarray, clusters: np.ndarray, note: str, baseline: float
) -> None:
    values = np.asarray(hits, dtype=float)
    value = float(values.mean())
    low, high = wilson(value, effective_n(values, clusters))
    rows.add(
        name, value, "share", note,
        low=float(low), high=float(high), baseline=baseline, n=len(values),
    )  # fmt: skip
