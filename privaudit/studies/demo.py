"""The `demo` study: simulate, campaign, publish, attack, in one town and in many alike.

Slow stages come from the cache.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import masked_word, publish
from privaudit.campaign.views.area_and_heat_maps import HeatMap
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.exports import TableExport
from privaudit.campaign.views.mailings_and_ads import Mailing
from privaudit.core.checks import whole
from privaudit.core.files import code_digest
from privaudit.core.progress import Tick, silent
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import is_national, read_addresses
from privaudit.io.public_counts import cells_notes, cells_within, read_cells
from privaudit.maps.adversary import Adversary, trust_in_doors
from privaudit.maps.guess import AttackRun, attempt_together, prior_over_addresses
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Mask
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.posterior import Guesses
from privaudit.maps.scoring.access import access_exposure
from privaudit.maps.scoring.household import dissent_exposure, household_counts, household_exposure
from privaudit.maps.scoring.score import ladder_steps
from privaudit.maps.scoring.spatial_k import spatial_k_anonymity
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures, joined
from privaudit.results.repeated import mean_over_people, over_towns, wilson_over_towns
from privaudit.results.rows import Row, Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.intervals import difference_of_shares, share_of_groups
from privaudit.studies.audit import attacked, attacked_together, gains_alone
from privaudit.studies.audit_access import (
    audit_accounts,
    audit_copies,
    audit_harms,
    audit_look_up,
    audit_pictures,
    audit_tiers,
    audit_times,
)
from privaudit.studies.audit_views import audit_absence, audit_areas, audit_heat, audit_mailing
from privaudit.studies.chain import chain, chain_so_far, equipped
from privaudit.studies.commands import command_line
from privaudit.studies.frontier import audit_beliefs, audit_masks
from privaudit.studies.likes import likes_needed
from privaudit.studies.repeat import cache_recipe, campaign_in, in_turn
from privaudit.studies.sensitivity import brief_sensitivity, sensitivity
from privaudit.studies.study import Explorer, Input, Study, source_notes
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MeasureWord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from privaudit.core.cache import Store


# Towns simulated alike, and as many draws of each mask in the first of them.
TOWNS = 20
# Counts of a whole town that the page tells as more than chance, or not.
COUNTED: tuple[MeasureWord, ...] = (
    "adults_never_interacted",
    "minors_never_interacted",
    "wrong_labels",
)


def climb(
    campaign: Campaign,
    mask: Mask | None,
    *,
    draw: int,
    seed: int,
    tick: Tick = silent,
) -> Iterator[Exposure]:
    """Publish a map with a mask, and attack it with each adversary of the ladder.

    - `draw`: Seed of the mask; `seed` that of the attacks.
    """
    leak = publish(campaign, DotMap(mask=mask), seed=draw)
    for believers in _ladder(campaign, mask):
        for adversary in believers:
            tick(f"{masked_word(mask)}, {adversary.name}")
        yield from attacked_together(leak, believers, truth=campaign.world, seed=seed)


def _ladder(campaign: Campaign, mask: Mask | None) -> list[list[Adversary]]:
    """Return the adversaries of one view, the least informed first, by the mask they believe in."""
    roll = campaign.world.roll
    if mask is None or not mask.has_likelihood:
        return [[Adversary.nearest(), Adversary.holds_register(roll, mask=None)]]
    informed = [Adversary.knows_mask(mask), Adversary.knows_electors(mask)]
    return [[Adversary.nearest()], [*informed, Adversary.holds_register(roll, mask=mask)]]


def begin_towns(
    town: Town,
    plan: CampaignPlan,
    views: Mapping[str, Mask | None],
    *,
    seed: int,
    towns: int = TOWNS,
    draws: int | None = None,
    workers: int = 1,
    tick: Tick = silent,
) -> Callable[[], Measures]:
    """Begin to simulate, campaign, publish and attack in many towns.

    Processes work on while the caller does something else; with one worker nothing is done before
    it is waited for.

    The town of `seed` has its map published `draws` times with each mask; each of the others, of
    the seeds that follow, once. Means and ranges over towns take the first draw of each. Generic
    likes and the score, on which no map rests, are left out.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan
    views : mapping of str to Mask or None
        What leaks: the word of a mask, and the mask.
    seed : int
        Of the first town.
    towns : int
        2 or more.
    draws : int, optional
        1 or more; as many as towns where not given.
    workers : int
        Processes; the result is the same with any number.
    tick : callable
        Called as each town is done.

    Returns
    -------
    callable
        Waits, and returns a `Measures` of the family "towns".
        ``reidentified(view=, attack=, gain=)``: the share of the people of all towns who are
        found, its 95 % interval between towns (`share_of_groups`, weighted by people, as in
        `repeat`), `between_low` and `between_high` the lowest and the highest town, baseline and
        control likewise over people; n counts towns. ``net``: the same of
        value - control (`difference_of_shares`). ``reidentified_by_draw``: over the draws
        of the first town's mask; n counts draws. ``so_far(link=)``: of the labelled accounts of
        all towns, the chain, link by link (see `chain`). Then counts of a town (`COUNTED`), whose
        baseline is what chance expects. ``per_record``: a row a town, view and looker of the
        explorer (`found_in_town`).

    Raises
    ------
    ParameterError
        Fewer than two towns, or no draw.
    """
    towns = whole("begin_towns", "towns", towns, 2)
    draws = towns if draws is None else whole("begin_towns", "draws", draws, 1)
    tasks = [_Task(town, plan, dict(views), seed + k, draws if k == 0 else 1) for k in range(towns)]
    running = in_turn(tasks, _Task.run, workers)
    counts: dict[str, int] = {"towns": towns, "draws": draws}

    def wait() -> Measures:
        done = []
        for part in running:
            tick("towns simulated alike")
            done.append(part)
        *frames, explored = (pd.concat(p, ignore_index=True) for p in zip(*done, strict=True))
        return Measures(
            family="towns",
            rows=_rows(*frames),
            per_record=explored,
            provenance="simulated",
            notes=(Note("towns_alike", **counts),),
            recipe={"seed": seed, **counts, "views": list(views)},
        )

    return wait


@dataclass(frozen=True, eq=False)
class _Task:
    """One town: what a worker does."""

    town: Town
    plan: CampaignPlan
    views: dict[str, Mask | None]
    seed: int
    draws: int

    def run(self) -> tuple[pd.DataFrame, ...]:
        """Return what each rung finds of each view and draw, counts, the chain, the explorer."""
        seed, campaign = self.seed, campaign_in(self.town, self.plan, self.seed)
        parts, known = [], {}
        for view, mask in self.views.items():
            for draw in range(self.draws if mask is not None else 1):
                leak = publish(campaign, DotMap(mask=mask), seed=seed + draw)
                ladder, world = _ladder(campaign, mask), campaign.world
                for guesses, gains in gains_alone(leak, ladder, world=world, seed=seed):
                    attack = guesses.attack
                    parts.append(gains.assign(town=seed, view=view, attack=attack, draw=draw))
                    if not draw:
                        known[masked_word(mask), attack] = guesses
        households = household_counts(campaign)
        counted = _frame(map(households.__getitem__, COUNTED), "measure", "baseline", "unit")
        so_far = _frame(chain_so_far(campaign, seed=seed), "link", "control", "n")
        explored = found_in_town(campaign, known, seed=seed).assign(town=seed)
        return pd.concat(parts, ignore_index=True), counted, so_far, explored


def _frame(rows: Iterable[Row], *names: str) -> pd.DataFrame:
    """Return the value of each row, and other fields or parameters."""
    columns = ("value", *names)
    return pd.DataFrame(
        [{name: row.part.get(name, getattr(row, name, None)) for name in columns} for row in rows]
    )


def _rows(runs: pd.DataFrame, counts: pd.DataFrame, linked: pd.DataFrame) -> Rows:
    rows = Rows(runs["town"].nunique(), "towns")
    by = ["view", "attack", "gain"]
    # One draw of each town: a mean over draws would lie nearer to the middle than a town does.
    for (view, attack, gain), part in runs[runs["draw"] == 0].groupby(by, sort=False):
        people = part["n"].to_numpy(dtype=float)
        value, control = (
            (mean_over_people(part[name], people), *wilson_over_towns(part, name))
            for name in ("value", "control")
        )
        chance = mean_over_people(part["baseline"], people)
        beside: dict[str, Any] = {"baseline": chance, "control": control[0]}
        fields = _of_rung(view, attack, gain) | {"weights": people}
        shares = part["value"]
        over_towns(rows, "reidentified", shares, "share", ends=value[1:], **fields, **beside)
        ends = difference_of_shares(value, control)
        over_towns(rows, "net", shares - part["control"], "share", ends=ends, **fields)
    first = runs[(runs["town"] == runs["town"].iloc[0]) & (runs["view"] != runs["view"].iloc[0])]
    for (view, attack, gain), part in first.groupby(by, sort=False):
        fields = _of_rung(view, attack, gain) | {"n": len(part), "counts": "draws"}
        over_towns(rows, "reidentified_by_draw", part["value"], "share", **fields)
    for link, part in linked.groupby("link", sort=False):
        part = part[part["value"].notna()]
        if part.empty:  # No town has an account with a label.
            continue
        shares, accounts = part["value"], part["n"].to_numpy(dtype=float)
        ends = share_of_groups(shares, accounts.sum(), accounts)
        chance = mean_over_people(part["control"], accounts)
        fields = {"part": {"link": str(link)}, "of": "accounts", "weights": accounts}
        over_towns(rows, "so_far", shares, "share", ends=ends, control=chance, **fields)
    for word, part in counts.groupby("measure", sort=False):
        unit = str(part["unit"].iloc[0])
        over_towns(rows, str(word), part["value"], unit, baseline=float(part["baseline"].mean()))
        over_towns(rows, f"{word}_beyond_chance", part["value"] - part["baseline"], unit)
    return rows


def _of_rung(view: Any, attack: Any, gain: Any) -> dict[str, Any]:
    return {"part": {"view": view, "attack": attack}, "gain": gain, "of": "people"}


# Raised by hand when a stage's code changes what it makes within one version of the library.
STAGE_VERSION = 14


@dataclass(frozen=True, eq=False)
class Stages:
    """The slow stages of a demo, each computed or taken from the cache."""

    town: Town
    plan: CampaignPlan
    seed: int
    cache: Store | None
    tick: Tick

    def world(self) -> SimulatedWorld:
        made = self._stage(
            "simulate",
            lambda: {"world": simulate(self.town, seed=self.seed, tick=self.tick)},
            (SimulatedWorld, AddressBase, Measures, Row, Note),
        )
        world: SimulatedWorld = made["world"]
        return world

    def campaign(self, world: SimulatedWorld) -> Campaign:
        names = [f.name for f in fields(Campaign) if f.name not in ("world", "plan")]

        def make() -> dict[str, Any]:
            made = run_campaign(world, self.plan, seed=self.seed, tick=self.tick)
            return {name: getattr(made, name) for name in names}

        # The world is stored once, by its own stage.
        recipe = {"plan": dict(self.plan.recipe()), "kept": names}
        parts = self._stage("campaign", make, (), **recipe)
        return Campaign(world=world, plan=self.plan, **parts)

    def towns(
        self, views: Mapping[str, Mask | None], towns: int, workers: int
    ) -> Callable[[], Measures]:
        """Start the other towns; the function returned waits for them."""

        options: dict[str, Any] = {"towns": towns, "workers": workers, "tick": self.tick}
        begin = partial(begin_towns, self.town, self.plan, views, seed=self.seed, **options)
        recipe = {"plan": dict(self.plan.recipe()), "towns": towns, "views": list(views)}
        wait: Callable[[], Measures] = self._begin("towns", begin, (Measures, Row, Note), **recipe)
        return wait

    def results(self, *, towns: int, assumptions: bool, workers: int) -> dict[str, Any]:
        """Return what a study of the town holds: of the same code, all of it may be kept."""
        recipe = {"plan": dict(self.plan.recipe()), "towns": towns, "assumptions": assumptions}
        made: dict[str, Any] = self._stage(
            "results",
            lambda: _attacked(self, towns, assumptions, workers),
            (Exposure, Explorer, Measures, Row, Note),
            **recipe,
            code=code_digest(),
        )
        return made

    def _stage(self, name: str, make: Any, types: tuple[type, ...], **more: object) -> Any:
        return self._begin(name, lambda: make, types, **more)()

    def _begin(self, name: str, begin: Any, types: tuple[type, ...], **more: object) -> Any:
        if self.cache is None:
            return begin()
        recipe = cache_recipe(self.town, self.seed, **more)
        how: dict[str, Any] = {"version": STAGE_VERSION, "recipe": recipe, "types": types}
        return self.cache.begin(name, begin=begin, **how)


# Steps of the progress bar: parts of the simulation and the campaign, attacks, towns, report.
DEMO_PARTS = 30 + TOWNS
# The view on which harms are measured, and its mask.
HARM_MASK = Donut(r_min=50, r_max=200)
HARM_VIEW = str(HARM_MASK)
# What leaks, and by how much its dots were moved.
VIEWS: dict[str, Mask | None] = {
    "exact": None,
    HARM_VIEW: HARM_MASK,
    "gaussian:100": Gaussian(sigma=100),
}
# Those on which what is assumed is varied.
VARIED = {view: VIEWS[view] for view in ("exact", HARM_VIEW)}
# What is assumed of homes where nothing counts them.
HOMES = ("homes_per_building", "homes_per_address")
# How far dots may be moved, as the story lets its reader choose.
BLURS = (Donut(r_min=20, r_max=100), HARM_MASK, Donut(r_min=100, r_max=400))
# Spread in metres and colours of the heat map.
SPREAD, COLOURS = 50.0, 8


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where the demo plays: a fictional town, or the real addresses of a commune.

    Parameters
    ----------
    inhabitants : int, optional
    addresses, commune, cells : optional
        National address file, INSEE code, and households in cells of 200 m.
    """

    inhabitants: int | None = None
    addresses: str | Path | None = None
    commune: str | None = None
    cells: str | Path | None = None

    def town(self) -> Town:
        """Return the town to simulate."""
        given: dict[str, Any] = {}
        if self.inhabitants is not None:
            given["inhabitants"] = self.inhabitants
        if self.addresses is None:
            return Town(**given)
        base = read_addresses(self.addresses, commune=self.commune)
        communes = base.frame["commune"].nunique()
        if self.commune is None and communes > 1 and not self.elsewhere():
            needed, do = "one commune, by --commune CODE, such as 94042", "Add it."
            raise ParameterError.of("demo", needed, f"a file of {communes:,} communes", do)
        if self.cells is not None:
            around = read_addresses(self.addresses, around=base)
            given["cells"] = cells_within(read_cells(self.cells), base, around)
        return Town.from_addresses(base, **given)

    def elsewhere(self) -> bool:
        """Return whether the addresses are of another source than the French bases."""
        return self.addresses is not None and not is_national(self.addresses)

    def notes(self) -> tuple[Note, ...]:
        """Return what is to be known of people at addresses that may be of another country."""
        return (Note("people_of_french_tables"),) if self.elsewhere() else ()

    def inputs(self) -> tuple[Input, ...]:
        """Return the files that were read."""
        sources = {"addresses": "national_addresses", "cells": "insee_cells"}
        files = {role: getattr(self, role) for role in sources}
        if self.elsewhere():
            sources = dict.fromkeys(sources, "")
        return tuple(
            Input(path=Path(file), role=role, source=sources[role])
            for role, file in files.items()
            if file is not None
        )


def demo(
    scene: Scene | None = None,
    plan: CampaignPlan | None = None,
    *,
    seed: int = 7,
    towns: int = TOWNS,
    assumptions: bool = False,
    workers: int = 1,
    cache: Store | None = None,
    tick: Tick = silent,
) -> Study:
    """Simulate, campaign, publish, attack; return the study.

    Parameters
    ----------
    scene : Scene, optional
        A fictional town of the default size where None.
    plan : CampaignPlan, optional
    seed : int
        One seed for every named stream.
    towns : int
        Towns simulated alike, this one among them; 1 for this one alone.
    assumptions : bool
        Measure how far every headline moves over the range of each assumption; otherwise how far
        those of the maps do over a few (`brief_sensitivity`), none with a single town.
    workers : int
        Processes that simulate the other towns; changes no result.
    cache : Store, optional
        Keeps worlds, campaigns and towns; the study is the same with and without it.
    tick : callable
        Called with the name of each part as it starts.

    Returns
    -------
    Study
        The ladder of adversaries on each view of `VIEWS`, the profile table, households,
        doors, access before and after its restriction, the same headline in other towns, and
        how well the simulation and the campaign met their targets.
    """
    scene, plan = scene or Scene(), plan or CampaignPlan()
    stages = Stages(scene.town(), plan, seed, cache, tick)
    results = stages.results(towns=towns, assumptions=assumptions, workers=workers)
    held = stages.town.cells
    cells = () if held is None else (Note("cells_by_share"), *cells_notes(held))
    of_addresses = () if stages.town.base is None else stages.town.base.notes
    uncounted = _uncounted(stages.town, results["measures"].get("sensitivity"))
    return Study(
        kind="demo",
        provenance="simulated",
        notes=(*source_notes(scene.inputs()), *scene.notes(), *of_addresses, *cells, *uncounted),
        command=command_line("demo", [], scene, seed=seed, towns=towns, assumptions=assumptions),
        inputs=scene.inputs(),
        recipe={"seed": seed, "town": dict(stages.town.recipe()), "plan": dict(plan.recipe())},
        **results,
    )


def _attacked(stages: Stages, towns: int, assumptions: bool, workers: int) -> dict[str, Any]:
    """Simulate, campaign, publish, attack; return the fields of a study that this gives."""
    town, plan, seed, tick = stages.town, stages.plan, stages.seed, stages.tick
    # Processes simulate the other towns while this one is attacked.
    others = stages.towns(VIEWS, towns, workers) if towns > 1 else None
    world = stages.world()
    campaign = stages.campaign(world)
    ladders = {
        view: list(climb(campaign, mask, draw=seed, seed=seed, tick=tick))
        for view, mask in VIEWS.items()
    }
    tick("table, households, access")
    # The same people as on the map, as rows: what the table adds or hides can be compared.
    table = publish(campaign, TableExport(map_only=True), seed=seed)
    by_name = attacked(table, Adversary.holds_register(world.roll), truth=world, seed=seed)
    blurred, of_blurs = _blurs(campaign, seed, tick)
    measures = {
        "hiding": spatial_k_anonymity(ladders[HARM_VIEW][-1], world.addresses),
        "household": household_exposure(campaign, seed=seed),
        "access": access_exposure(campaign),
        "steps": joined("steps", {view: ladder_steps(rungs) for view, rungs in ladders.items()}),
        "table": measure(table),
        **_further(campaign, seed, tick),
        "campaign": campaign.quality,
        "simulation": world.quality,
    }
    if others is not None:
        measures["towns"] = others()
    if towns > 1:
        shared: dict[str, Any] = {"seed": seed, "workers": workers, "tick": tick}
        vary = sensitivity if assumptions else brief_sensitivity
        measures["sensitivity"] = vary(town, plan, views=VARIED, **shared)
    return {
        "title": world.addresses.source if world.addresses.real else town.name,
        "exposures": (*itertools.chain(*ladders.values()), by_name, *of_blurs),
        "measures": measures,
        "set_aside": dict(world.addresses.set_aside),
        **_places(campaign, blurred, seed),
    }


def _uncounted(town: Town, moved: Measures | None) -> tuple[Note, ...]:
    """Note the range of the answer where nothing counts the homes of real addresses."""
    if town.base is None or town.counts_homes() or moved is None:
        return ()
    rows = [r for r in moved.rows if r.measure == "net" and r.part["view"] == HARM_VIEW]
    notes = []
    for name in HOMES:
        ends = sorted((row.part["at"], row.value) for row in rows if row.part["parameter"] == name)
        if ends and all(math.isfinite(value) for _, value in ends):
            (fewest, first), (most, last) = ends[0], ends[-1]
            shares = {"least": min(first, last), "largest": max(first, last)}
            notes.append(Note(f"{name}_uncounted", fewest=fewest, most=most, **shares))
    return tuple(notes)


def _places(campaign: Campaign, blurred: Mapping[str, pd.DataFrame], seed: int) -> dict[str, Any]:
    """Return what a study draws: of real places, areas only."""
    base, dots = campaign.world.addresses, campaign.dots[["x", "y", "status"]]
    if base.real:
        points = dots[["x", "y"]].to_numpy(dtype=float)
        return {"real_places": True, "area_points": points}
    drawn = {"dots": dots, "addresses": base.frame, "blurred": blurred}
    return {"real_places": False, "explorer": explorer_of(campaign, seed=seed), **drawn}


def _further(campaign: Campaign, seed: int, tick: Tick) -> dict[str, Measures]:
    """Measure the chain, tiers, harms, suspicion, absence, copies, areas, mailings and masks."""
    tick("harms by group")
    leak = publish(campaign, DotMap(mask=HARM_MASK), seed=seed)
    informed = Adversary.holds_register(campaign.world.roll, mask=HARM_MASK)
    measures = {
        "chain": chain(campaign.world, campaign, seed=seed),
        "likes": likes_needed(campaign.world, campaign.plan, seed=seed, evidence=campaign.evidence),
        "tiers": audit_tiers(campaign, seed=seed),
        "look_up": audit_look_up(campaign, seed=seed),
        **audit_harms(leak, informed, truth=campaign.world, seed=seed),
        "dissent": dissent_exposure(campaign, seed=seed),
        "negative": audit_absence(campaign),
    }
    tick("pictures, copies, areas, accounts")
    heat = publish(campaign, HeatMap(bandwidth=SPREAD, cell=SPREAD, levels=COLOURS), seed=seed)
    mailing = publish(campaign, Mailing(), seed=seed)
    measures |= {
        "leak": audit_accounts(campaign, seed=seed),
        "screenshots": audit_pictures(campaign, seed=seed),
        "copies": audit_copies(campaign, HARM_MASK, seed=seed),
        **audit_times(campaign, seed=seed),
        "areas": audit_areas(campaign, seed=seed),
        "heat": audit_heat(heat, campaign.world, seed=seed),
        "mailing": audit_mailing(mailing, campaign.world, seed=seed),
    }
    tick("masks compared")
    return measures | {
        "belief": audit_beliefs(campaign, seed=seed),
        "frontier": audit_masks(campaign, seed=seed),
    }


def _blurs(
    campaign: Campaign, seed: int, tick: Tick
) -> tuple[dict[str, pd.DataFrame], list[Exposure]]:
    """Return the dots under each mask of the story, and the exposures of masks not climbed."""
    shown: dict[str, pd.DataFrame] = {}
    exposures: list[Exposure] = []
    for mask in BLURS:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        shown[str(mask)] = leak.records[["x", "y", "status"]]
        if str(mask) not in VIEWS:
            tick("how far dots are moved")
            informed = Adversary.holds_register(campaign.world.roll, mask=mask)
            exposures.append(attacked(leak, informed, truth=campaign.world, seed=seed))
    return shown, exposures


# How far dots are moved: not at all, then in rings about twice as wide.
MOVES: tuple[Donut | None, ...] = (
    None, Donut(r_min=10, r_max=40), Donut(r_min=20, r_max=100), Donut(r_min=50, r_max=200),
    Donut(r_min=100, r_max=400), Donut(r_min=200, r_max=600), Donut(r_min=400, r_max=900),
)  # fmt: skip
# Who looks, the least informed first.
LOOKERS = ("addresses", "roll", "neighbour")
# What is counted: an address, and a home in it.
GAINS = ("address", "household")


def looker(name: str, campaign: Campaign, mask: Donut | None) -> Adversary:
    """Return who looks: with a file of addresses, with the electoral roll, or next door."""
    if name == "roll":
        return Adversary.holds_register(campaign.world.roll, mask=mask)
    if name == "neighbour":
        return equipped(Adversary.neighbour(mask=mask), campaign.world)
    return Adversary.nearest() if mask is None else Adversary.knows_mask(mask)


def explored(campaign: Campaign, *, seed: int) -> pd.DataFrame:
    """Return how many people are found, by how far dots are moved and who looks.

    Returns
    -------
    DataFrame
        A row a view, looker and gain: columns view, looker, gain, value (share found), control
        (share found of people who are not on the map) and n (people on the map).
    """
    rows = []
    for mask in MOVES:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        adversaries = [looker(name, campaign, mask) for name in LOOKERS]
        several = gains_alone(leak, [adversaries], world=campaign.world, seed=seed)
        for name, (_, found) in zip(LOOKERS, several, strict=True):
            found = found[found["gain"].isin(GAINS)]
            rows.append(found.assign(view=masked_word(mask), looker=name))
    columns = ["view", "looker", "gain", "value", "control", "n"]
    return pd.concat(rows, ignore_index=True)[columns]


def found_in_town(
    campaign: Campaign, known: Mapping[tuple[str, str], Guesses], *, seed: int
) -> pd.DataFrame:
    """Return the share found at their address, as `explored` does, and nothing else.

    - `known`: What was guessed already of these maps, by view and attack.

    Returns
    -------
    DataFrame
        A row a view and looker: columns view, looker, value and n.
    """
    home, rows = campaign.world.people["address"].to_numpy(), []
    for mask in MOVES:
        leak, view = publish(campaign, DotMap(mask=mask), seed=seed), masked_word(mask)
        person = leak.opened("found_in_town")["person"].to_numpy()
        lookers = [looker(name, campaign, mask) for name in LOOKERS]
        runs = [
            AttackRun(adversary, stream(seed, "attack", adversary.name), sizes=False)
            for adversary in lookers if (view, adversary.name) not in known
        ]  # fmt: skip
        together = attempt_together(leak.as_leaked(), runs) if runs else []
        guessed = {**known, **{(view, guesses.attack): guesses for guesses in together}}
        for name, adversary in zip(LOOKERS, lookers, strict=True):
            right = (person >= 0) & (guessed[view, adversary.name].address == home[person])
            row = {"view": view, "looker": name, "value": right.mean(), "n": len(person)}
            rows.append(row)
    return pd.DataFrame(rows)


def explorer_of(campaign: Campaign, *, seed: int) -> Explorer:
    """Return what the explorer shows of a simulated town."""
    world, moved = campaign.world, {}
    for mask in MOVES:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        moved[masked_word(mask)] = leak.records[["x", "y"]].to_numpy(dtype=float)
    # One order of all views: it depends on the number of dots and the seed.
    person = leak.opened("explorer")["person"].to_numpy()
    weight = {
        name: prior_over_addresses(world.addresses, looker(name, campaign, MOVES[1]))
        for name in LOOKERS
    }
    return Explorer(
        counts=explored(campaign, seed=seed),
        moved=moved,
        home=np.where(person >= 0, world.people["address"].to_numpy()[person], -1),
        visited=(leak.records["status"] == "visited").to_numpy(),
        doors=float(trust_in_doors(leak, looker("addresses", campaign, MOVES[-1])).value),
        weight=weight,
    )
