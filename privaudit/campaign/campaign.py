"""`Campaign`: a simulated campaign's profiles, map, visits and users, and their quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.canvass import draw_dots, knock, turf_of, volunteers_of
from privaudit.campaign.leaning_and_attributes import (
    Evidence,
    Inferred,
    attribute_quality,
    evidence_of,
    labels_checked,
    leaning_quality,
    no_attributes,
    presume,
    presume_attributes,
)
from privaudit.campaign.matching import match_accounts, match_quality
from privaudit.campaign.plan import CampaignPlan, moment
from privaudit.core.cache import fingerprint, kept_in
from privaudit.core.checks import an_instance, one_of
from privaudit.core.progress import Tick, silent, watched
from privaudit.core.reproducible import stream
from privaudit.release.release import LabelsChecked
from privaudit.results.display import facts_html
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import POLITICAL_TOPIC
from privaudit.simulation.world import SimulatedWorld, age_band
from privaudit.text.normalise import letters_of, name_keys

PROFILE_COLUMNS = (
    "profile", "account", "display_name", "first_name", "last_name", "age_band", "sex",
    "profession", "interest", "side_interactions", "first_seen", "score", "presumed_leaning",
    "match", "match_probability", "register", "entry", "candidates", "address", "station",
)  # fmt: skip
_ROWS = 4_000_000


def make_profiles(
    world: SimulatedWorld,
    plan: CampaignPlan,
    presumed: pd.DataFrame,
    matched: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return one profile an account, from what the tool can see.

    Age band and sex come from the roll: the matched entry, or, for a directory match, the one
    elector of that name at that address; without either, sex is that of nine in ten electors with
    the first name, if any. Profession is shown by `plan.profession_shown` of the accounts. Interest
    is the topic of most ordinary pages that the account touched (ties go to the first in the
    alphabet). Unknown values are "".

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    presumed : pandas.DataFrame
    matched : pandas.DataFrame
    seed : int

    Returns
    -------
    pandas.DataFrame
        `PROFILE_COLUMNS`, one row an account, in order.
    """
    accounts = world.accounts
    n = len(accounts)
    roll = _roll_rows(world, plan, matched)
    band = np.full(n, "", dtype=object)
    sex = _sex_of_first_name(world.roll, accounts["display_name"], plan)
    known = roll >= 0
    elector = world.roll[["birth_date", "sex"]].iloc[roll[known]]
    band[known] = age_band(_age(elector["birth_date"].to_numpy(), plan.as_of))
    sex[known] = elector["sex"].to_numpy(dtype=object)
    shown = stream(seed, "profession shown").random(n) < plan.profession_shown
    profession = world.people["profession"].to_numpy(dtype=object)[accounts["person"].to_numpy()]
    ids = np.arange(n, dtype=np.int64)
    profiles = pd.DataFrame(
        {
            "profile": ids,
            "account": ids.copy(),
            "display_name": accounts["display_name"].to_numpy(),
            "age_band": _text(band),
            "sex": _text(sex),
            "profession": _text(np.where(shown, profession, "")),
            "interest": _text(_interests(world, plan)),
        }
    )
    profiles = pd.concat([profiles, presumed, matched], axis=1)
    return profiles[list(PROFILE_COLUMNS)]


def _text(values: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="str")


def _age(birth_date: np.ndarray, day: np.datetime64) -> np.ndarray:
    """Return the age in years on a day."""
    born, today = pd.DatetimeIndex(birth_date), pd.Timestamp(day)
    before = (born.month > today.month) | ((born.month == today.month) & (born.day > today.day))
    return np.asarray(today.year - born.year - before.astype(np.int64), dtype=np.int64)


_COMPARED = ["entry", "address", "first_name", "last_name"]


def _roll_rows(world: SimulatedWorld, plan: CampaignPlan, matched: pd.DataFrame) -> np.ndarray:
    """Return the roll entry of each account: matched, or of the same name and address; or -1."""
    rows = np.full(len(matched), -1, dtype=np.int64)
    if "roll" not in plan.registers:
        return rows
    register, entry = matched["register"].to_numpy(), matched["entry"].to_numpy()
    on_roll = register == "roll"
    rows[on_roll] = entry[on_roll]
    in_directory = np.flatnonzero(register == "directory")
    lines = matched[_COMPARED].iloc[in_directory]
    beside = np.isin(world.roll["address"], lines["address"])
    electors = _keyed(world.roll[_COMPARED][beside])
    electors = electors.drop_duplicates(["address", "key"], keep=False)
    lines = _keyed(lines).assign(account=in_directory)
    pairs = lines.merge(
        electors, on=["address", "key"], validate="many_to_one", suffixes=("_line", "")
    )
    rows[pairs["account"].to_numpy()] = pairs["entry"].to_numpy()
    return rows


def _keyed(people: pd.DataFrame) -> pd.DataFrame:
    """Return entry, address and name key of people in a register."""
    names = zip(people["first_name"].tolist(), people["last_name"].tolist(), strict=True)
    keys = pd.Series(name_keys([f"{a} {b}" for a, b in names]), dtype="str")
    return people[["entry", "address"]].reset_index(drop=True).assign(key=keys)


def _sex_of_first_name(roll: pd.DataFrame, names: pd.Series, plan: CampaignPlan) -> np.ndarray:
    """Return the sex of nine in ten electors with the same first name, or ""."""
    sex = np.full(len(names), "", dtype=object)
    if "roll" not in plan.registers or roll.empty:
        return sex
    share = (roll["sex"] == "F").groupby(_first_words(roll["first_name"])).mean()
    of_name = share.reindex(_first_words(names)).to_numpy()
    sex[of_name >= 0.9] = "F"
    sex[of_name <= 0.1] = "M"
    return sex


def _first_words(names: pd.Series) -> np.ndarray:
    words = [text.partition(" ")[0] for text in letters_of(names.tolist())]
    return np.array(words, dtype=object)


def _interests(world: SimulatedWorld, plan: CampaignPlan) -> np.ndarray:
    """Return the topic of most pages that each account touched, politics apart."""
    pages = world.pages
    code, known = pd.factorize(pages["topic"], sort=True)
    topics = known.to_numpy(dtype=str)
    clicks = world.interactions
    generic = ~np.isin(topics[code], ["", POLITICAL_TOPIC])
    flat = np.zeros(len(world.accounts) * len(topics), dtype=np.int64)
    # In chunks, as there may be millions of interactions.
    for start in range(0, len(clicks), _ROWS):
        chunk = clicks.iloc[start : start + _ROWS]
        page = chunk["page"].to_numpy()
        counted = generic[page] & (chunk["time"].to_numpy() <= plan.as_of)
        cell = chunk["account"].to_numpy()[counted] * len(topics) + code[page[counted]]
        flat += np.bincount(cell, minlength=len(flat))
    count = flat.reshape(len(world.accounts), len(topics))
    return np.where(count.any(axis=1), topics[count.argmax(axis=1)], "")


ROLES = ("public", "volunteer", "team")
USER_COLUMNS = ("user", "registered_at", "role", "station")


def register_users(world: SimulatedWorld, plan: CampaignPlan, *, seed: int) -> pd.DataFrame:
    """Draw the accounts of the map.

    The team registers at the launch; volunteers, each with a polling station as turf, between
    launch and `plan.as_of`; the public while registration is open.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    seed : int

    Returns
    -------
    pandas.DataFrame
        `USER_COLUMNS`, in order of registration; station "" stands for the whole map.
    """
    rng = stream(seed, "users")
    role = np.repeat(ROLES, (plan.n_public_users, plan.n_volunteers, plan.n_team))
    closes = {"public": min(plan.restricted_at, plan.as_of), "volunteer": plan.as_of}
    stations = np.unique(world.stations["station"].to_numpy(dtype=str))
    joined = np.full(len(role), plan.launch, dtype="datetime64[s]")
    station = np.full(len(role), "", dtype=object)
    for name, end in closes.items():
        rows = np.flatnonzero(role == name)
        span = int((end - plan.launch).astype(np.int64))
        joined[rows] += rng.integers(0, span, len(rows)).astype("timedelta64[s]")
    turf = np.flatnonzero(role == "volunteer")
    station[turf] = rng.choice(stations, len(turf)) if len(turf) else ""
    order = np.argsort(joined, kind="stable")
    return pd.DataFrame(
        {
            "user": np.arange(len(role), dtype=np.int64),
            "registered_at": joined[order],
            "role": pd.Series(role[order], dtype="str"),
            "station": pd.Series(station[order], dtype="str"),
        }
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Campaign:
    """A campaign on a simulated world. Columns of every frame are listed in docs/flow.md.

    `profiles`, `attributes`, `dots`, `contact_log` and `users` are the data of the tool; a cell of
    `attributes` has its source (declared, register or inferred) and its probability; without the
    score it has no row. `declared` (bool) are the accounts that declared their leaning.
    `doors_checked` counts the doors that opened to the right people, and those that opened.
    `quality` compares all of it with the truth, with 95 % intervals; it and `attributes` take long
    and are computed on first use.
    """

    world: SimulatedWorld
    plan: CampaignPlan
    profiles: pd.DataFrame
    dots: pd.DataFrame
    contact_log: pd.DataFrame
    users: pd.DataFrame
    declared: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    presumes: bool = False
    seed: int = 7
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def evidence(self) -> Evidence:
        """Features of each account from its interactions; see `Evidence`."""
        return evidence_of(self.world, self.plan, stream(self.seed, "evidence"))

    @cached_property
    def _presumed(self) -> tuple[pd.DataFrame, dict[str, Inferred]]:
        if not self.presumes:
            return no_attributes(), {}
        given = self.world, self.plan, self.profiles, self.evidence
        return presume_attributes(*given, seed=self.seed)

    @property
    def attributes(self) -> pd.DataFrame:
        """Presumed attributes of each account, a row a cell; without the score it has no row."""
        return self._presumed[0]

    @cached_property
    def judged(self) -> Measures:
        """Accuracy of score, labels and matches: `quality` without the attributes."""
        rows = Rows(len(self.world.accounts), "accounts")
        leaning_quality(rows, self.world, self.profiles, self.declared, self.plan)
        match_quality(rows, self.world, self.plan, self.profiles)
        return Measures(family="campaign", rows=rows, provenance="simulated")

    @cached_property
    def quality(self) -> Measures:
        """Accuracy of score, labels, matches, and every attribute."""
        rows = Rows(len(self.world.accounts), "accounts")
        rows.extend(self.judged.rows)
        attribute_quality(rows, self.world, *self._presumed)
        return replace(self.judged, rows=rows)

    @cached_property
    def doors_checked(self) -> tuple[int, int]:
        """Doors that were opened by the right household, and doors that were opened."""
        opened_by = self.contact_log["opened_by"].to_numpy()
        opened = opened_by != "nobody"
        return int((opened & (opened_by != "stranger")).sum()), int(opened.sum())

    @property
    def volunteers(self) -> pd.DataFrame:
        """Volunteers with a turf of their own: their name in the tool, station, and home (truth).

        A row a volunteer; `home` is a row of the addresses.
        """
        return volunteers_of(self.world, self.users, seed=self.seed)

    def canvassers(self) -> np.ndarray:
        """Return who canvasses each dot, by the name that the tool shows; "" without volunteers."""
        names = self.volunteers["volunteer"].to_numpy(dtype=str)
        if not len(names):
            return np.full(len(self.dots), "")
        address = self.dots["address"].to_numpy()
        return np.asarray(names[turf_of(self.world, self.volunteers, address)])

    @cached_property
    def labels_checked(self) -> LabelsChecked:
        """Compare the labels of all accounts with declared leanings."""
        if not self.declared.any():
            return LabelsChecked()
        labelled = (self.profiles["presumed_leaning"] == self.plan.side).to_numpy()
        return labels_checked(self.world, labelled, self.declared, self.plan)

    def _repr_html_(self) -> str:
        status, match = self.dots["status"], self.profiles["match"]
        facts = {
            "profiles": len(self.profiles),
            "exact names": int((match == "exact").sum()),
            "near names": int((match == "near").sum()),
            "dots": len(self.dots),
            "to meet": int((status == "to_meet").sum()),
            "visited": int((status == "visited").sum()),
            "users of the map": len(self.users),
        }
        return facts_html(repr(self), facts)

    def __repr__(self) -> str:
        return (
            f"Campaign({len(self.profiles):,} simulated profiles, {len(self.dots):,} dots, "
            f"{len(self.contact_log):,} contacts, {len(self.users):,} users)"
        )


@watched("run_campaign", parts=5)
def run_campaign(
    world: SimulatedWorld,
    plan: CampaignPlan | None = None,
    *,
    seed: int = 7,
    with_score: bool = True,
    tick: Tick = silent,
) -> Campaign:
    """Run a campaign: presume leanings, match names, draw the map, visit doors, register users.

    The campaign uses what a tool could: accounts, pages, interactions and the two registers; of the
    truth only declared leanings and professions. The answers at doors and `quality` come from the
    ground truth.

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan, optional
        The defaults where not given.
    seed : int
        0 or more. The same world, plan and seed make the same campaign.
    with_score : bool
        False leaves out the score (nan) and `attributes`, which take most of the time and do not
        affect the map.
    tick : callable
        Called with the name of each of the five parts as it starts.

    Returns
    -------
    Campaign

    Raises
    ------
    ParameterError
        `world` is no `SimulatedWorld`: real people are not profiled.

    Examples
    --------
    >>> from privaudit.simulation.simulate import simulate
    >>> from privaudit.simulation.town import Town
    >>> campaign = run_campaign(simulate(Town(inhabitants=500), seed=7), seed=7)
    >>> campaign.quality.row("match_precision", match="exact_name").counts
    'accounts'
    """
    an_instance("run_campaign", "world", world, SimulatedWorld, "Use simulate.")
    plan = CampaignPlan() if plan is None else plan
    one_of("run_campaign", "with_score", with_score, (True, False))
    an_instance("run_campaign", "plan", plan, CampaignPlan, 'Write CampaignPlan(side="left").')

    def make() -> dict[str, Any]:
        made = _run(world, plan, seed, with_score, tick)
        return {name: getattr(made, name) for name in cached}

    store = kept_in()
    # Given likes may be real people's: they are never cached.
    if store is None or world.brought:
        return _run(world, plan, seed, with_score, tick)
    cached = [f.name for f in fields(Campaign) if f.name not in ("world", "plan")]
    recipe = {
        "world": world.identity,
        "inputs": [fingerprint(frame) for frame in (world.addresses.frame, world.interactions)],
        "plan": dict(plan.recipe()),
        "seed": seed,
        "with_score": with_score,
    }
    made = store.stage("campaign of a world", version=3, recipe=recipe, make=make, types=())
    return Campaign(world=world, plan=plan, **made)


def _run(
    world: SimulatedWorld, plan: CampaignPlan, seed: int, with_score: bool, tick: Tick
) -> Campaign:
    """Run a campaign; see `run_campaign`."""
    tick("presuming leanings")
    presumed, known = presume(world, plan, seed=seed, with_score=with_score)
    tick("matching names")
    matched = match_accounts(world, plan, seed=seed)
    tick("writing profiles")
    profiles = make_profiles(world, plan, presumed, matched, seed=seed)
    tick("knocking on doors")
    users = register_users(world, plan, seed=seed)
    dots = draw_dots(world, plan, profiles, users, seed=seed)
    contact_log = knock(world, plan, profiles, dots, seed=seed)
    tick("opening the map")
    return Campaign(
        world=world,
        plan=plan,
        profiles=profiles,
        dots=dots,
        contact_log=contact_log,
        users=users,
        declared=known,
        presumes=with_score,
        seed=seed,
        recipe={
            "stage": "campaign",
            "plan": plan.recipe(),
            "seed": seed,
            "with_score": with_score,
            "world": dict(world.recipe),
        },
    )


def seen_by(campaign: Campaign, role: str, station: str, when: str | np.datetime64) -> np.ndarray:
    """Return which dots an account of some role and turf sees at a moment.

    Until `plan.restricted_at` every account sees the whole map. From then on the team sees all,
    a volunteer the dots of the turf, and the public none. Later dots are not seen.

    Parameters
    ----------
    campaign : Campaign
    role : {"public", "volunteer", "team"}
    station : str
        Turf of a volunteer; ignored for other roles.
    when : datetime64, or str in ISO form

    Returns
    -------
    ndarray of bool, shape (dots,)
    """
    one_of("seen_by", "role", role, ROLES)
    now = moment("seen_by", "when", when)
    there = campaign.dots["appeared_at"].to_numpy() <= now
    if now < campaign.plan.restricted_at or role == "team":
        return there
    if role == "public":
        return np.zeros(len(there), dtype=bool)
    turf = campaign.profiles["station"].to_numpy()[campaign.dots["profile"].to_numpy()]
    return np.asarray(there & (turf == station))
