"""Counts by area: which homes they give away, alone or crossed with one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import kind_of, say
from privaudit._core.streams import stream
from privaudit.attacks.aggregates import invert_counts
from privaudit.errors import ParameterError
from privaudit.exposure.results import MEASURE_COLUMNS, Measures
from privaudit.exposure.suppression import SMALLEST
from privaudit.measures.interval import bootstrap_mean
from privaudit.release.area_map import AreaMap, areas_of_addresses
from privaudit.release.publish import publish
from privaudit.simulation.world import SimulatedWorld

if TYPE_CHECKING:
    from privaudit.attacks.aggregates import InvertedCounts
    from privaudit.campaign.campaign import Campaign
    from privaudit.places.address_base import AddressBase
    from privaudit.release.release import Release

__all__ = ["area_exposure", "area_release_exposure", "fitting_world"]


def area_exposure(
    campaign: Campaign,
    views: Sequence[AreaMap],
    *,
    total_known: bool = True,
    seed: int = 7,
) -> Measures:
    """Measure what area maps of one campaign, held together, say of each home.

    A home is *in the set* where a dot marks it. The adversary knows the homes of each address,
    the areas, the thresholds and, by default, the number of dots.

    Parameters
    ----------
    campaign : Campaign
    views : sequence of AreaMap
        One map, or several to be crossed.
    total_known : bool
        Whether the number of dots on the whole map is told.
    seed : int
        Of the bootstrap, 0 or more.

    Returns
    -------
    Measures
        0 is safe:

        - home_in_set: mean probability that the maps give to the homes that have a dot;
          home_not_in_set: the control, the same over homes that have none. Interval: bootstrap
          over addresses. Baseline: the probability of any home where only the total is known
          (nan where it is not).
        - homes_likely: homes that have a dot and a probability of .5 or more.
        - homes_cleared: homes that the maps prove to have no dot.
        - groups_told: small groups (under 11 homes, in one area of each map) that are proved to
          hold a dot; homes_in_groups_told: homes in them.
        - hidden_counts_told: totals that a map leaves out and that are yet known exactly;
          baseline: how many were left out.

    Raises
    ------
    ParameterError
        No view, no dot, or what `invert_counts` refuses.
    """
    if not len(views) or len(campaign.dots) == 0:
        came = f"{len(views)} views of {len(campaign.dots)} dots"
        raise ParameterError(say("area_exposure", "a view of a map that holds a dot", came))
    maps = [publish(campaign, view, seed=seed) for view in views]
    recipe = {
        "views": [view.recipe() for view in views],
        "total_known": total_known,
        "seed": seed,
        "campaign": dict(campaign.recipe),
    }
    return _measured(
        maps,
        views,
        campaign.world,
        total=len(campaign.dots) if total_known else None,
        seed=seed,
        recipe=recipe,
    )


def area_release_exposure(
    release: Release, world: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Measure what one published area map says of each home; see `area_exposure`.

    The number of dots on the whole map is taken as told, which is against the map.

    Parameters
    ----------
    release : Release
        What `publish` made of an `AreaMap`, with its recipe.
    world : SimulatedWorld, optional
        The truth. Without it home_in_set, home_not_in_set and homes_likely are nan, n 0: they
        ask which homes have a dot. The others are proved by the counts alone.
    seed : int
        Of the bootstrap, 0 or more.

    Returns
    -------
    Measures
        Rows as in `area_exposure`; 0 is safe.

    Raises
    ------
    ParameterError
        Not the release of an area map, one that holds no dot or has no recipe or sources, or
        another world than its own.
    """
    who = "audit"
    view = release.recipe.get("view", {})
    if release.kind != "areas" or "by" not in view or release.sources is None:
        came = "a release without its recipe or sources, or of another view"
        do = "Give what publish() returned for an AreaMap."
        raise ParameterError(say(who, "a published area map", came, do))
    if len(release.sources) == 0:
        do = "Publish a wider view."
        raise ParameterError(say(who, "a map that holds a dot", "0 dots", do))
    if world is not None:
        fitting_world(release, world)
    cells = {} if view["by"] == "station" else {k: view[k] for k in ("size", "origin")}
    drawn = AreaMap(by=view["by"], suppress_under=view["suppress_under"], **cells)
    recipe = {"release": dict(release.recipe), "seed": seed}
    total = len(release.sources)
    return _measured([release], [drawn], world, total=total, seed=seed, recipe=recipe)


def fitting_world(release: Release, world: SimulatedWorld) -> None:
    """Refuse what is not the world that a release came from.

    Raises
    ------
    ParameterError
    """
    who = "audit"
    if not isinstance(world, SimulatedWorld):
        came, do = kind_of(world), "Give what simulate() returned."
        raise ParameterError(say(who, "a SimulatedWorld as truth", came, do))
    origin = release.recipe.get("campaign", {}).get("world")
    if origin is not None and origin != dict(world.recipe):
        do = "Give the world that the campaign ran in."
        raise ParameterError(say(who, "the world of the release as truth", "another one", do))


def _measured(
    releases: list[Release],
    views: Sequence[AreaMap],
    world: SimulatedWorld | None,
    *,
    total: int | None,
    seed: int,
    recipe: dict[str, Any],
) -> Measures:
    """Invert maps as leaked, then hold the odds against the homes that have a dot."""
    base = releases[0].backdrop
    assert base is not None
    maps = [release.as_leaked() for release in releases]
    areas = [areas_of_addresses(base, view) for view in views]
    found = invert_counts(
        maps, areas, suppressed_under=[view.suppress_under for view in views], total=total
    )
    households = _households(base) if world is None else world.households["address"].to_numpy()
    marked = np.zeros(len(households), dtype=bool)
    if world is not None:
        sources = releases[0].sources
        assert sources is not None
        home = sources["marked_household"].to_numpy()
        marked[home[home >= 0]] = True
    group = found.group[households]
    probability = found.probability[group]
    chance = np.nan if total is None else 1 - (1 - 1 / len(households)) ** total
    rng = stream(seed, "area exposure")
    rows = []
    nobody = np.zeros(len(households), dtype=bool)
    unmarked = nobody if world is None else ~marked
    for name, of in (("home_in_set", marked), ("home_not_in_set", unmarked)):
        value = float(probability[of].mean()) if of.any() else np.nan
        low, high = bootstrap_mean(probability[of], rng, clusters=households[of])
        what = "with" if name == "home_in_set" else "without"
        note = f"mean probability given to homes {what} a dot; n: such homes"
        rows.append((name, value, low, high, chance, int(of.sum()), "probability", note))
    likely = np.nan if world is None else (marked & (probability >= 0.5)).sum()
    small = (found.homes < SMALLEST) & (found.low > 0)
    n_homes, n_groups = len(households), len(found.homes)
    hidden, told = _hidden(maps, areas, found)
    for name, count, usual, n, unit, note in (
        ("homes_likely", likely, 0, int(marked.sum()), "homes",
         "with a dot and a probability of .5 or more; n: homes with a dot"),
        ("homes_cleared", (found.high[group] == 0).sum(), 0, n_homes, "homes",
         "proved to have no dot; n: homes"),
        ("groups_told", small.sum(), 0, n_groups, "groups",
         f"under {SMALLEST} homes, proved to hold a dot; n: groups that the maps tell apart"),
        ("homes_in_groups_told", small[group].sum(), 0, n_homes, "homes", "in these; n: homes"),
        ("hidden_counts_told", told, hidden, hidden, "areas",
         "totals left out, yet known exactly; n: totals left out"),
    ):  # fmt: skip
        value = float(count)
        rows.append((name, value, value, value, float(usual), n, unit, note))
    notes = []
    rough = int(found.homes[~found.exact].sum())
    if rough:
        notes.append(
            f"Odds of {rough:,} of {int(found.homes.sum()):,} homes are those of an even spread, "
            "an approximation: too many counts cross there to be counted exactly; bounds hold."
        )
    if world is None:
        notes.append(
            "Without a truth nobody can say which homes have a dot: only what the counts prove "
            "is measured."
        )
    return Measures(
        overall=pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="counts by area",
        provenance=releases[0].provenance,
        notes=tuple(notes),
        recipe=recipe,
    )


def _households(base: AddressBase) -> np.ndarray:
    """Return the address of each home that the addresses count, one each where they do not."""
    each = base.frame["households"].to_numpy() if "households" in base.counts else 1
    return np.repeat(np.arange(len(base)), each)


def _hidden(maps: list, areas: list[np.ndarray], found: InvertedCounts) -> tuple[int, int]:
    """Count the totals that are left out, and those of them that the bounds tell exactly."""
    first = np.unique(found.group, return_index=True)[1]
    hidden = told = 0
    for release, area in zip(maps, areas, strict=True):
        records = release.records
        missing = records.loc[records["total"].isna(), "area"].to_numpy(dtype=str)
        of_group = area[first]
        for name in missing:
            inside = of_group == name
            hidden += 1
            told += int(found.low[inside].sum() == found.high[inside].sum())
    return hidden, told
