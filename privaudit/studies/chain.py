"""The story's chain, link by link: a like, a presumption, a name, an address, a knock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from privaudit._core.arrays import Bools, Floats, Ints
from privaudit._core.checks import kind_of, say
from privaudit._core.streams import stream
from privaudit.campaign.campaign import Campaign
from privaudit.campaign.match_quality import named_person
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld

__all__ = ["LINKS", "chain"]

LINKS = ("interaction", "presumption", "matching", "location", "message")
_LEAST = 11  # accounts of a group below which it has no row


class _Labelled(NamedTuple):
    """The n labelled accounts: their person, the person each is held against, and the town's.

    `hits` and `control` say of each link after the first whether it is right of the person, and
    whether the same claim would be right of the other; `baseline` is what a campaign without that
    link would get right.
    """

    person: Ints
    hits: Mapping[str, Bools]
    control: Mapping[str, Bools]
    baseline: Mapping[str, float]


def chain(world: SimulatedWorld, campaign: Campaign, *, seed: int = 7) -> Measures:
    """Follow the chain from a like to a knock, and say which link does the damage.

    Parameters
    ----------
    world : SimulatedWorld
    campaign : Campaign
        Run on that world.
    seed : int
        Of whom each labelled account is held against.

    Returns
    -------
    Measures
        Of the family ``chain``; shares in [0, 1]. ``link`` has a row a link:

        - interaction: accounts of people who lean to the candidate's side and touched the
          candidate's page, of all accounts of that side (control: of all others);
        - presumption: labelled accounts whose person does lean to the side (baseline: all
          accounts);
        - matching: labelled accounts given a register entry of their own person (baseline: an
          entry at random);
        - location: labelled accounts marked where their person lives (baseline: the address where
          most people live);
        - message: labelled accounts whose person opened the door to the campaign's message by
          `as_of` (baseline: as many visits at the doors of random people).

        The control of the last four holds the same claim against a person of the same polling
        station who was not labelled. ``whole`` is the share of labelled accounts of which all four
        are right, ``so_far`` the share of which all are right up to a link, ``wrong_label`` the
        share that is found by name, or by name at home, under a label that is not theirs, ``saved``
        how much smaller ``whole`` becomes when a campaign must do without a link, its baseline
        instead. ``link`` and ``whole`` also stand by `group`: minors, people whose political likes
        do not converge, women who bear another name than at birth, people of hamlets.

    Raises
    ------
    ParameterError
        Not a world and a campaign on it.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    >>> found = chain(world, pa.run_campaign(world, seed=7, with_score=False))
    >>> found.value("whole") <= found.value("link", link="presumption")
    True
    """
    if not isinstance(world, SimulatedWorld) or not isinstance(campaign, Campaign):
        came = f"{kind_of(world)} and {kind_of(campaign)}"
        raise ParameterError(say("chain", "a SimulatedWorld and its Campaign", came))
    if campaign.world.identity != world.identity:
        do = "Use the world that the campaign was run on."
        raise ParameterError(say("chain", "a campaign on this world", "one on another", do))
    labelled = _labelled(world, campaign, stream(seed, "chain"))
    rows = Rows(len(labelled.person), "accounts")
    _interaction(rows, world, campaign)
    everybody = np.ones(len(labelled.person), dtype=bool)
    _links(rows, labelled, everybody)
    whole = np.logical_and.reduce(list(labelled.hits.values())).astype(float)
    so_far, beside = np.ones(len(whole)), np.ones(len(whole))
    for link in LINKS[1:]:
        so_far = so_far * labelled.hits[link]
        beside = beside * labelled.control[link]
        rows.share("so_far", so_far, control=beside, part={"link": link})
    wrong = ~labelled.hits["presumption"]
    for name, hit in (
        ("at_home", labelled.hits["location"]),
        ("by_name", labelled.hits["matching"]),
    ):
        rows.share("wrong_label", (wrong & hit).astype(float), part={"where": name})
    for link in LINKS[1:]:
        others = [hit for name, hit in labelled.hits.items() if name != link]
        without = np.logical_and.reduce(others) * labelled.baseline[link]
        rows.difference("saved", without, whole, part={"link": link})
    for group, members in _groups(world, labelled.person).items():
        if members.sum() >= _LEAST:
            _links(rows, labelled, members, group=group)
    return Measures(family="chain", rows=rows, provenance="simulated")


def _labelled(world: SimulatedWorld, campaign: Campaign, rng: np.random.Generator) -> _Labelled:
    profiles, people = campaign.profiles, world.people
    at = np.flatnonzero((profiles["presumed_leaning"] != "").to_numpy())
    person = world.accounts["person"].to_numpy()[at]
    other = _others(world, person, rng)
    leans = (people["leaning"] == campaign.plan.side).to_numpy()
    named = named_person(world, profiles)[at]
    marked = profiles["address"].to_numpy()[at]
    home = people["address"].to_numpy()
    opener = _opener(campaign, len(profiles))[at]
    known = other >= 0
    hits = {
        "presumption": leans[person],
        "matching": named == person,
        "location": marked == home[person],
        "message": opener == "target",
    }
    # The visitor met the account's own person: whoever it is held against never was.
    control = {
        "presumption": leans[other] & known,
        "matching": (named == other) & known,
        "location": (marked == home[other]) & known,
        "message": np.zeros(len(at), dtype=bool),
    }
    living = np.bincount(home, minlength=len(world.addresses))
    baseline = {
        "presumption": float(leans[world.accounts["person"].to_numpy()].mean()),
        "matching": 1 / max(len(people), 1),
        "location": float(living.max() / max(len(people), 1)),
        "message": _at_random(campaign, len(at)),
    }
    return _Labelled(person, hits, control, baseline)


def _links(rows: Rows, labelled: _Labelled, members: Bools, **part: str) -> None:
    for link in LINKS[1:]:
        rows.share(
            "link",
            labelled.hits[link][members].astype(float),
            control=labelled.control[link][members].astype(float),
            baseline=labelled.baseline[link],
            part={"link": link} | part,
        )
    whole: Floats = np.logical_and.reduce(list(labelled.hits.values()))[members].astype(float)
    blind = float(np.prod(list(labelled.baseline.values())))
    beside = np.logical_and.reduce(list(labelled.control.values()))[members].astype(float)
    rows.share("whole", whole, control=beside, baseline=blind, part=part)


def _interaction(rows: Rows, world: SimulatedWorld, campaign: Campaign) -> None:
    person = world.accounts["person"].to_numpy()
    leans = (world.people["leaning"] == campaign.plan.side).to_numpy()[person]
    touched = (campaign.profiles["side_interactions"] > 0).to_numpy().astype(float)
    rows.share(
        "link", touched[leans], control=touched[~leans], baseline=float(touched.mean()),
        part={"link": "interaction"},
    )  # fmt: skip


def _others(world: SimulatedWorld, person: Ints, rng: np.random.Generator) -> Ints:
    """Draw for each person somebody of the same station who is not among them; -1: nobody."""
    station = world.people["station"].to_numpy(dtype=str)
    free = np.ones(len(station), dtype=bool)
    free[person] = False
    found = np.full(len(person), -1, dtype=np.int64)
    for one in np.unique(station[person]):
        pool = np.flatnonzero(free & (station == one))
        at = np.flatnonzero(station[person] == one)
        if len(pool):
            found[at] = rng.choice(pool, len(at))
    return found


def _opener(campaign: Campaign, n: int) -> np.ndarray:
    """Who opened the door to each profile's visitor; "" where none came."""
    opened = np.full(n, "", dtype=object)
    profile = campaign.dots["profile"].to_numpy()
    log = campaign.contact_log
    opened[profile[log["dot"].to_numpy()]] = log["opened_by"].to_numpy()
    return opened


def _at_random(campaign: Campaign, n: int) -> float:
    """Share of n accounts whose person would open to as many visits at random people's doors."""
    world, visits = campaign.world, len(campaign.contact_log)
    able = (world.people["age"] >= 10).to_numpy()
    size = np.bincount(world.people["household"].to_numpy()[able])
    # Who opens is any member of ten years and more: the person, one time in so many.
    own = float((1 / size[world.people["household"].to_numpy()[able]]).mean())
    return campaign.plan.door_open_rate * own * visits / n if n else float("nan")


def _groups(world: SimulatedWorld, person: Ints) -> dict[str, Bools]:
    people = world.people.iloc[person]
    aligned = np.zeros(len(world.people), dtype=bool)
    aligned[world.accounts["person"].to_numpy()[world.accounts["aligned"].to_numpy()]] = True
    renamed = (people["last_name"] != people["birth_name"]) & (people["sex"] == "F")
    return {
        "minors": (people["age"] < 18).to_numpy(),
        "non_aligned": ~aligned[person],
        "maiden_name": renamed.to_numpy(),
        "hamlet": world.zone[people["address"].to_numpy()] == "hamlet",
    }
