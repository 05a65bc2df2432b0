"""The chain of a campaign, link by link: like, presumption, matching, location, message.

Also the registers that adversaries hold of a simulated town, and the people they name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import OPENS_FROM_AGE, behind_entry
from privaudit.campaign.publish import publish
from privaudit.campaign.views.mailings_and_ads import Mailing
from privaudit.columns.roles import export_of
from privaudit.core.checks import (
    Bools,
    Floats,
    Ints,
    an_instance,
    columns_present,
    kind_of,
)
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.written_addresses import addresses_of_records
from privaudit.io.readers import read_frame
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.adversary import Adversary

LINKS = ("interaction", "presumption", "matching", "location", "message")
CHANNELS = ("door", "email")


class _Labelled(NamedTuple):
    """The n labelled accounts: their person, hits and controls.

    `hits` and `control` say of each link after the first, and of each channel of the last one,
    whether it is right of the person, and whether the same claim would be right of somebody else;
    `baseline` is what a campaign without that link would get right, the first one's too.
    """

    person: Ints
    hits: Mapping[str, Bools]
    control: Mapping[str, Bools]
    baseline: Mapping[str, float]


def chain(
    world: SimulatedWorld,
    campaign: Campaign,
    *,
    mailing: Mailing | None = None,
    seed: int = 7,
) -> Measures:
    """Follow the chain from a like to a message, link by link.

    Parameters
    ----------
    world : SimulatedWorld
    campaign : Campaign
        Run on that world.
    mailing : Mailing, optional
        What is sent by e-mail, and who follows its links; the defaults of `Mailing` where None.
    seed : int
        Of whom each labelled account is held against, and of the mailing.

    Returns
    -------
    Measures
        Of the family ``chain``; shares in [0, 1]. ``link`` has a row a link:

        - interaction: accounts of people who lean to the candidate's side and touched the
          candidate's page, of all accounts of that side (control: of all others; baseline: all);
        - presumption: labelled accounts whose person does lean to the side (baseline: all
          accounts);
        - matching: labelled accounts given a register entry of their own person (baseline: an
          entry at random);
        - location: labelled accounts marked where their person lives (baseline: the address where
          most people live);
        - message: labelled accounts whose person got the campaign's message: they opened the door
          to it by `as_of`, or read the e-mail (baseline: as many visits and e-mails, to people at
          random); by ``channel``, door or email, each of them.

        The control of the last four holds the same claim against a person of the same polling
        station who was not labelled. ``whole`` is the share of labelled accounts of which all four
        are right, ``so_far`` the share of which all are right up to a link, ``lost`` the
        share that is right up to the link before and not at this one, ``wrong_label`` the share
        that is found by name, or by name at home, under a label that is not theirs, ``saved`` how
        much smaller ``whole`` becomes when a campaign must do without a link, its baseline
        instead, or without a channel. ``link``, ``whole`` and ``saved`` also stand by `group`:
        minors, people whose political likes do not converge, women who bear another name than at
        birth, people of hamlets; n says how few they may be.

    Raises
    ------
    ParameterError
        Not a world and a campaign on it, or not a mailing.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    >>> links = chain(world, pa.run_campaign(world, seed=7, with_score=False))
    >>> links.value("whole") <= links.value("link", link="presumption")
    True
    """
    if not isinstance(world, SimulatedWorld) or not isinstance(campaign, Campaign):
        came = f"{kind_of(world)} and {kind_of(campaign)}"
        raise ParameterError.of("chain", "a SimulatedWorld and its Campaign", came)
    if campaign.world.identity != world.identity:
        do = "Use the world that the campaign was run on."
        raise ParameterError.of("chain", "a campaign on this world", "one on another", do)
    mailing = Mailing() if mailing is None else mailing
    an_instance("chain", "mailing", mailing, Mailing, "Write mailing=Mailing().")
    labelled = _labelled(world, campaign, mailing, seed)
    rows = Rows(len(labelled.person), "accounts")
    persons = world.accounts["person"].to_numpy()
    _interaction(rows, world, campaign, np.ones(len(persons), dtype=bool))
    _links(rows, labelled, np.ones(len(labelled.person), dtype=bool))
    for link in LINKS[1:]:
        so_far, before = _so_far(rows, labelled, link)
        rows.share("lost", before - so_far, part={"link": link})
    wrong = ~labelled.hits["presumption"]
    for name, link in (("at_home", "location"), ("by_name", "matching")):
        rows.share("wrong_label", wrong & labelled.hits[link], part={"where": name})
    within = _groups(world, labelled.person)
    for group, members in _groups(world, persons).items():
        _interaction(rows, world, campaign, members, group=group)
        _links(rows, labelled, within[group], group=group)
    return Measures(family="chain", rows=rows, provenance="simulated")


def chain_so_far(campaign: Campaign, *, seed: int) -> Rows:
    """Return the rows ``so_far`` of `chain`, and nothing else: for a town among many."""
    labelled = _labelled(campaign.world, campaign, Mailing(), seed)
    rows = Rows(len(labelled.person), "accounts")
    for link in LINKS[1:]:
        _so_far(rows, labelled, link)
    return rows


def _so_far(rows: Rows, labelled: _Labelled, link: str) -> tuple[Floats, Floats]:
    """Add who is right at every link up to this one; return them, and those before it."""
    last = LINKS.index(link) + 1
    so_far, beside = (_all_of(of, LINKS[1:last]) for of in (labelled.hits, labelled.control))
    rows.share("so_far", so_far, control=beside, part={"link": link})
    return so_far, _all_of(labelled.hits, LINKS[1 : last - 1])


def _labelled(world: SimulatedWorld, campaign: Campaign, mailing: Mailing, seed: int) -> _Labelled:
    profiles, people = campaign.profiles, world.people
    at = np.flatnonzero((profiles["presumed_leaning"] != "").to_numpy())
    persons = world.accounts["person"].to_numpy()
    person = persons[at]
    other = _others(world, person, stream(seed, "chain"))
    leans = (people["leaning"] == campaign.plan.side).to_numpy()
    named = behind_entry(world, profiles, "person")[at]
    marked = profiles["address"].to_numpy()[at]
    home = people["address"].to_numpy()
    door = _opener(campaign, len(profiles))[at] == "target"
    read = _mailed(campaign, mailing, seed)
    known = other >= 0
    hits = {
        "presumption": leans[person],
        "matching": named == person,
        "location": marked == home[person],
        "message": door | read[at],
        "door": door,
        "email": read[at],
    }
    # The visitor met the account's own person: the control person was never visited. An e-mail goes
    # to those who were not labelled, too.
    readers = np.isin(np.arange(len(people)), persons[read])
    control = {
        "presumption": leans[other] & known,
        "matching": (named == other) & known,
        "location": (marked == home[other]) & known,
        "message": readers[other] & known,
        "door": np.zeros(len(at), dtype=bool),
        "email": readers[other] & known,
    }
    n, living = max(len(people), 1), np.bincount(home, minlength=len(world.addresses))
    knocked, reading = _opened_at_random(campaign), float(read.sum() / n)
    baseline = {
        "interaction": float((profiles["side_interactions"] > 0).mean()),
        "presumption": float(leans[persons].mean()),
        "matching": 1 / n,
        "location": float(living.max() / n),
        "message": 1 - (1 - knocked) * (1 - reading),
        "door": knocked,
        "email": reading,
    }
    return _Labelled(person, hits, control, baseline)


def _links(rows: Rows, labelled: _Labelled, members: Bools, **part: str) -> None:
    """Add how often each link is right, all of them together, and the same without each link."""
    hits = {name: hit[members] for name, hit in labelled.hits.items()}
    control = {name: hit[members] for name, hit in labelled.control.items()}
    baseline = labelled.baseline
    parts = {link: {"link": link} | part for link in LINKS}
    parts |= {channel: {"link": "message", "channel": channel} | part for channel in CHANNELS}
    for one in (*LINKS[1:], *CHANNELS):
        rows.share("link", hits[one], control=control[one], baseline=baseline[one], part=parts[one])
    whole = _all_of(hits, LINKS[1:])
    blind = float(np.prod([baseline[link] for link in LINKS[1:]]))
    beside = _all_of(control, LINKS[1:])
    rows.share("whole", whole, control=beside, baseline=blind, part=part)
    for link in LINKS:
        others = _all_of(hits, [one for one in LINKS[1:] if one != link])
        rows.difference("saved", others * baseline[link], whole, part=parts[link])
    for one, other in (CHANNELS, CHANNELS[::-1]):
        without = _all_of(hits, [*LINKS[1:-1], other])
        rows.difference("saved", without, whole, part=parts[one])


def _all_of(hits: Mapping[str, Bools], links: Sequence[str]) -> Floats:
    return np.asarray(np.logical_and.reduce([hits[link] for link in links]), dtype=float)


def _interaction(
    rows: Rows, world: SimulatedWorld, campaign: Campaign, members: Bools, **part: str
) -> None:
    person = world.accounts["person"].to_numpy()
    leans = (world.people["leaning"] == campaign.plan.side).to_numpy()[person]
    touched = (campaign.profiles["side_interactions"] > 0).to_numpy()
    others, blind = touched[~leans & members], float(touched.mean())
    part = {"link": "interaction"} | part
    rows.share("link", touched[leans & members], control=others, baseline=blind, part=part)


def _others(world: SimulatedWorld, person: Ints, rng: np.random.Generator) -> Ints:
    """Draw for each person an unlabelled one of the same station; -1 where there is none."""
    station = pd.factorize(world.people["station"], sort=True)[0]
    free = np.ones(len(station), dtype=bool)
    free[person] = False
    others = np.full(len(person), -1, dtype=np.int64)
    for one in np.unique(station[person]):
        pool = np.flatnonzero(free & (station == one))
        at = np.flatnonzero(station[person] == one)
        if len(pool):
            others[at] = rng.choice(pool, len(at))
    return others


def _opener(campaign: Campaign, n: int) -> np.ndarray:
    """Return who opened the door to each profile's visitor; "" where none came."""
    opened = np.full(n, "", dtype=object)
    profile = campaign.dots["profile"].to_numpy()
    log = campaign.contact_log
    opened[profile[log["dot"].to_numpy()]] = log["opened_by"].to_numpy()
    return opened


def _mailed(campaign: Campaign, mailing: Mailing, seed: int) -> Bools:
    """Return for each account whether its person read the e-mail."""
    sources = publish(campaign, mailing, seed=seed).opened("chain")
    read = np.zeros(len(campaign.profiles), dtype=bool)
    read[sources["account"].to_numpy()] = sources["read"].to_numpy(dtype=bool)
    return read


def _opened_at_random(campaign: Campaign) -> float:
    """Chance that anybody opens the door to one of as many visits, to people at random."""
    world, visits = campaign.world, len(campaign.contact_log)
    household = world.people["household"].to_numpy()
    able = (world.people["age"] >= OPENS_FROM_AGE).to_numpy()
    size = np.bincount(household[able], minlength=len(world.households))
    if not able.any():
        return float("nan")
    # Who opens is any member of ten years and more: the person, one time in so many.
    own = float((1 / size[household[able]]).mean())
    return campaign.plan.door_open_rate * own * min(visits / len(world.people), 1.0)


def _groups(world: SimulatedWorld, person: Ints) -> dict[str, Bools]:
    named = ["last_name", "birth_name", "sex", "age", "address"]
    people, accounts = world.people[named].iloc[person], world.accounts
    renamed = (people["last_name"] != people["birth_name"]) & (people["sex"] == "F")
    return {
        "minors": (people["age"] < 18).to_numpy(),
        "non_aligned": ~np.isin(person, accounts.loc[accounts["aligned"], "person"]),
        "maiden_name": renamed.to_numpy(),
        "hamlet": world.zone[people["address"].to_numpy()] == "hamlet",
    }


# How the systems call the two names of a person.
_NAMES = {
    "LastName": "last_name", "FirstName": "first_name",
    "family_name": "last_name", "given_name": "first_name",
}  # fmt: skip
# Who lives where, and nothing of opinions.
NEIGHBOURS_KNOW = ["last_name", "first_name", "sex", "age_band", "address", "station"]


def equipped(adversary: Adversary, world: SimulatedWorld | None) -> Adversary:
    """Give a neighbour without a register that of all residents of the town."""
    if world is None or not adversary.needs_register or adversary.register is not None:
        return adversary
    return replace(adversary, register=world.people[NEIGHBOURS_KNOW])


def persons_named(adversary: Adversary, world: SimulatedWorld | None) -> np.ndarray | None:
    """Which person each entry of the adversary's register names; only scoring sees it."""
    register: Any = adversary.register
    if world is None or register is None:
        return None
    persons = {
        id(world.roll): world.roll_truth["person"],
        id(world.directory): world.directory_truth["person"],
    }
    if id(register) in persons:
        return persons[id(register)].to_numpy(dtype=np.int64)
    if adversary.needs_register and len(register) == len(world.people):
        return np.arange(len(world.people), dtype=np.int64)
    raise ParameterError.of(
        "audit",
        "a register of this world (its roll or its directory)",
        f"another of {len(register):,} entries",
        "Pass world.roll or world.directory itself.",
    )


def read_register(file: str | Path, backdrop: AddressBase) -> pd.DataFrame:
    """Read the residents of addresses, by the identifiers of the address file.

    A people table that has none tells addresses in words; the names of a known system (see
    `privaudit.columns.roles`) are then taken for what they are.
    """
    table = read_frame(file, who="map", gives="table")
    system, names = export_of(table.frame.columns), {}
    address, written = addresses_of_records(table.frame, backdrop)
    if "address_id" not in table.frame and (system is not None or written.any()):
        needed = "people's addresses as in the address file"
        columns = {} if system is None else system.named(table.frame.columns)
        names = {columns[c]: n for c, n in _NAMES.items() if c in columns}
    else:
        needed = "address_id as in the address file"
        columns_present("map", "column", ["address_id"], table.frame.columns, table.name)
        ids = pd.Index(backdrop.frame["id"])
        if not ids.is_unique:
            ids = pd.Index(ids.where(~ids.duplicated(), None))
        address = ids.get_indexer(table.frame["address_id"].astype("str")).astype(np.int64)
    if not (address >= 0).any():
        came = f"none of its {len(backdrop):,} addresses in {table.name}"
        raise ParameterError.of("map", needed, came)
    return table.frame.rename(columns=names).assign(address=address)
