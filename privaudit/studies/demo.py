"""The main job: a town, a campaign, what leaks of it, who is found, and the study of it all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit import __version__
from privaudit._core.progress import Tick, silent
from privaudit.attacks.adversary import Adversary
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.exposure.maps.access import access_exposure
from privaudit.exposure.maps.hiding import hiding
from privaudit.exposure.maps.household import household_exposure
from privaudit.exposure.maps.negative import negative_exposure
from privaudit.exposure.maps.neighbours import dissent_exposure
from privaudit.exposure.results import MEASURE_COLUMNS, Exposure, Measures
from privaudit.exposure.tables.measures import measure
from privaudit.places.address_base import AddressBase
from privaudit.places.cells import cells_within, read_cells
from privaudit.places.read_addresses import read_addresses
from privaudit.release.masks import Donut, Gaussian, Mask
from privaudit.release.publish import publish
from privaudit.release.views import DotMap, TableExport
from privaudit.reporting.study import Study
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.access_tiers import audit_tiers
from privaudit.studies.audits import attacked
from privaudit.studies.masks_compared import audit_beliefs, audit_masks, who_it_could_be
from privaudit.studies.ways_it_leaks import (
    audit_accounts,
    audit_areas,
    audit_copies,
    audit_heat,
    audit_pictures,
    audit_times,
)
from privaudit.studies.whom_it_harms import audit_harms, audit_look_up

if TYPE_CHECKING:
    from privaudit._core.cache import Store

__all__ = ["DEMO_PARTS", "VIEWS", "demo", "town_of"]

# Steps of the progress bar: parts of the simulation, of the campaign, then attacks and report.
DEMO_PARTS = 26
# Raised by hand when a stage's code changes what it makes within one version of the library.
STAGE_VERSION = 1

# The view on which harms are told.
HARM_VIEW = "donut:50:200"
# Measures of a simulation that are shares, by their names.
SHARES = "^share|^mean share|^spread|^weighted error"
CELLS_NOTE = (
    "Each 200 m cell counts for the commune by the commune's share of the addresses in it; "
    "cells without one of its addresses are left out."
)

# What leaks, and by how much its dots were moved.
VIEWS: dict[str, Mask | None] = {
    "exact": None,
    "donut:50:200": Donut(low=50, high=200),
    "gaussian:100": Gaussian(sigma=100),
}


def town_of(
    *,
    inhabitants: int | None = None,
    addresses: str | Path | None = None,
    commune: str | None = None,
    cells: str | Path | None = None,
) -> Town:
    """Return the town to simulate: fictional, or at the real addresses of a commune."""
    given: dict[str, Any] = {} if inhabitants is None else {"inhabitants": inhabitants}
    if addresses is None:
        return Town(**given)
    base = read_addresses(addresses, commune=commune)
    if cells is None:
        return Town.from_addresses(base, **given)
    around = read_addresses(addresses, around=base)
    return Town.from_addresses(base, cells=cells_within(read_cells(cells), base, around), **given)


def demo(
    town: Town,
    plan: CampaignPlan | None = None,
    *,
    seed: int = 7,
    cache: Store | None = None,
    tick: Tick = silent,
) -> Study:
    """Simulate, campaign, publish, attack, and gather what a report tells.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan, optional
    seed : int
        One seed for every named stream.
    cache : Store, optional
        Keeps the world and the campaign; the study is the same with and without it.
    tick : callable
        Called with the name of each part as it starts.

    Returns
    -------
    Study
        The ladder of adversaries on each view of `VIEWS`, the profile table, households,
        doors, access before and after its restriction, and how well the simulation and the
        campaign met their targets.
    """
    plan = plan or CampaignPlan()
    world = _world(town, seed, cache, tick)
    campaign = _campaign(world, plan, town, seed, cache, tick)
    exposures = _climb(campaign, seed, tick)
    tick("table, households, access")
    # The same people as on the map, as rows: what the table adds or hides can be compared.
    table = publish(campaign, TableExport(map_only=True), seed=seed)
    exposures.append(attacked(table, Adversary.holds_register(world.roll), truth=world, seed=seed))
    on_view = [e for e in exposures if e.recipe["view"] == HARM_VIEW]
    measures = {
        "hiding": hiding(on_view[-1], world.addresses),
        "household": household_exposure(campaign),
        "access": access_exposure(campaign),
        "table": measure(table),
        **_further(campaign, seed, tick),
        "campaign": _quality(campaign),
        "simulation": _simulation_quality(world),
    }
    real = world.addresses.real
    dots = campaign.dots[["x", "y", "status"]]
    return Study(
        kind="demo",
        title=town.name if not real else world.addresses.source,
        provenance="simulated",
        real_places=real,
        exposures=tuple(exposures),
        measures=measures,
        dots=None if real else dots,
        addresses=None if real else world.addresses.xy,
        moved=None if real else _moves(campaign, seed),
        one_dot=None if real else _one_dot(campaign, seed),
        area_points=dots[["x", "y"]].to_numpy(dtype=float) if real else None,
        set_aside=dict(world.addresses.set_aside),
        notes=() if town.cells is None else (CELLS_NOTE,),
        recipe={
            "command": _command(town, seed),
            "seed": seed,
            "town": dict(town.recipe()),
            "plan": dict(plan.recipe()),
        },
    )


def _further(campaign: Campaign, seed: int, tick: Tick) -> dict[str, Measures]:
    """Who holds the map, whom a guess harms, who is suspected, what an absence tells."""
    tick("whom it harms")
    mask = VIEWS[HARM_VIEW]
    assert mask is not None
    leak = publish(campaign, DotMap(mask=mask), seed=seed)
    informed = Adversary.holds_register(campaign.world.roll, mask=mask)
    found = {
        "tiers": audit_tiers(campaign, seed=seed),
        "look_up_exposure": audit_look_up(campaign, seed=seed),
        **audit_harms(leak, informed, truth=campaign.world, seed=seed),
        "dissent": dissent_exposure(campaign, seed=seed),
        "negative_exposure": negative_exposure(campaign),
    }
    tick("pictures, copies, areas, accounts")
    found |= {
        "leak": audit_accounts(campaign),
        "screenshots": audit_pictures(campaign, seed=seed),
        "copies": audit_copies(campaign, mask, seed=seed),
        **audit_times(campaign, seed=seed),
        "area_exposure": audit_areas(campaign, seed=seed),
        "heat": audit_heat(campaign, seed=seed),
    }
    tick("masks compared")
    return found | {
        "belief": audit_beliefs(campaign, seed=seed),
        "frontier": audit_masks(campaign, seed=seed),
    }


def _one_dot(campaign: Campaign, seed: int) -> pd.DataFrame | None:
    """Who the Meyers' dot could be, on the map of `HARM_VIEW`."""
    mask = VIEWS[HARM_VIEW]
    assert mask is not None
    leak = publish(campaign, DotMap(mask=mask), seed=seed)
    return who_it_could_be(leak, mask, campaign.world, seed=seed)


def _moves(campaign: Campaign, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Where dots belong and where the map of `HARM_VIEW` shows them."""
    leak = publish(campaign, DotMap(mask=VIEWS[HARM_VIEW]), seed=seed)
    assert leak.sources is not None
    door = campaign.world.addresses.xy[leak.sources["marked_address"].to_numpy()]
    return door, leak.records[["x", "y"]].to_numpy(dtype=float)


def _world(town: Town, seed: int, cache: Store | None, tick: Tick) -> SimulatedWorld:
    def make() -> SimulatedWorld:
        return simulate(town, seed=seed, tick=tick)

    if cache is None:
        return make()
    return cache.stage(
        "simulate",
        version=STAGE_VERSION,
        recipe=_stage_recipe(town, seed),
        make=make,
        types=(SimulatedWorld, AddressBase),
    )


def _campaign(
    world: SimulatedWorld,
    plan: CampaignPlan,
    town: Town,
    seed: int,
    cache: Store | None,
    tick: Tick,
) -> Campaign:
    def make() -> Campaign:
        return run_campaign(world, plan, seed=seed, tick=tick)

    if cache is None:
        return make()
    frames = ("profiles", "dots", "contact_log", "users", "quality", "recipe")
    kept = cache.stage(
        "campaign",
        version=STAGE_VERSION,
        recipe={**_stage_recipe(town, seed), "plan": dict(plan.recipe())},
        # The world is stored once, by its own stage.
        make=lambda: {name: getattr(made, name) for made in [make()] for name in frames},
        types=(),
    )
    return Campaign(world=world, plan=plan, **kept)


def _stage_recipe(town: Town, seed: int) -> dict[str, object]:
    from privaudit._core.cache import fingerprint

    frames = (None if town.base is None else town.base.frame, town.cells)
    prints = [None if frame is None else fingerprint(frame) for frame in frames]
    return {"town": dict(town.recipe()), "inputs": prints, "seed": seed, "library": __version__}


def _climb(campaign: Campaign, seed: int, tick: Tick) -> list[Exposure]:
    """Every rung on every view: the same map, and what more knowledge is worth."""
    world, found = campaign.world, []
    for view, mask in VIEWS.items():
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        rungs = [Adversary.nearest(), Adversary.holds_register(world.roll, mask=mask)]
        if mask is not None:
            rungs[1:1] = [Adversary.knows_mask(mask), Adversary.knows_electors(mask)]
        for adversary in rungs:
            tick(f"{view}, {adversary.name}")
            found.append(attacked(leak, adversary, truth=world, seed=seed))
    return found


def _command(town: Town, seed: int) -> str:
    real = "--addresses FILE --commune CODE" if town.base is not None else ""
    cells = "--cells FILE" if town.cells is not None else f"--inhabitants {town.inhabitants}"
    return " ".join(f"privaudit demo {real} {cells} --seed {seed} --out DIR".split())


def _quality(campaign: Campaign) -> Measures:
    """How well the campaign guessed, as measures."""
    rows = campaign.quality.set_index("measure")
    is_score = rows.index == "score: AUC"
    rows = rows.assign(
        # A score that knows nothing has an area under the curve of one half.
        baseline=np.where(is_score, 0.5, np.nan),
        unit=np.where(is_score, "area under the curve", "share"),
    )
    return Measures(
        overall=rows[list(MEASURE_COLUMNS)],
        per_record=pd.DataFrame(),
        title="campaign",
        provenance="simulated",
    )


def _simulation_quality(world: SimulatedWorld) -> Measures:
    """How near the simulated town came to its targets, as measures; the target is the baseline."""
    frame = world.quality
    rows = pd.DataFrame(
        {
            "value": frame["value"],
            "low": frame["value"],
            "high": frame["value"],
            "baseline": frame["target"],
            "n": frame["n"],
            "unit": np.where(frame["measure"].str.contains(SHARES), "share", ""),
            "note": frame["note"],
        }
    ).set_axis(pd.Index(frame["measure"], name="measure"), axis=0)
    return Measures(
        overall=rows[list(MEASURE_COLUMNS)],
        per_record=pd.DataFrame(),
        title="simulation",
        provenance="simulated",
    )
