"""`Campaign`: a simulated campaign's profiles, map, visits and users, and their quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.attributes import attribute_quality, nothing, presume_attributes
from privaudit.campaign.canvass import draw_dots, knock, turf_of, volunteers_of
from privaudit.campaign.leaning import (
    Evidence,
    Inferred,
    evidence_of,
    labels_checked,
    leaning_quality,
    presume,
)
from privaudit.campaign.matching import match_accounts, match_quality
from privaudit.campaign.plan import CampaignPlan, moment
from privaudit.campaign.profiles import make_profiles
from privaudit.core.cache import fingerprint, kept_in
from privaudit.core.checks import an_instance, one_of
from privaudit.core.progress import Tick, silent, stream, watched
from privaudit.release.release import LabelsChecked
from privaudit.results.display import facts_html
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld

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
            return nothing(), {}
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
