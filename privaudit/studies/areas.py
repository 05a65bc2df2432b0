"""Area maps of a campaign, inverted and held against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit._core.policy import SMALL_CELL
from privaudit.attacks.aggregates import invert_change, invert_counts
from privaudit.errors import ParameterError
from privaudit.exposure.maps.areas import area_exposure, fitting_world
from privaudit.release.publish import publish
from privaudit.release.release import AreaRelease, Release
from privaudit.release.views.area_map import AreaMap, areas_of_addresses
from privaudit.results.measures import Measures, joined

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.campaign.campaign import Campaign
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_area_change", "audit_area_maps", "audit_area_release", "audit_areas"]

SIDE = 200.0


def audit_areas(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Turn counts by area back into households: squares, small counts hidden, crossed.

    Returns
    -------
    Measures
        As `area_exposure`, for ``counted`` by squares, squares_hidden (counts under `SMALL_CELL`)
        and
        two_grids (of such squares, shifted by half a square).
    """
    squares = AreaMap(by="grid", size=SIDE)
    hidden = AreaMap(by="grid", size=SIDE, suppress_under=SMALL_CELL)
    half = AreaMap(by="grid", size=SIDE, origin=(SIDE / 2, SIDE / 2), suppress_under=SMALL_CELL)
    views = {"squares": [squares], "squares_hidden": [hidden], "two_grids": [hidden, half]}
    parts = {part: audit_area_maps(campaign, maps, seed=seed) for part, maps in views.items()}
    return joined("areas", parts, by="counted")


def audit_area_maps(
    campaign: Campaign, views: Sequence[AreaMap], *, total_known: bool = True, seed: int = 7
) -> Measures:
    """Measure what area maps of one campaign, held together, say; see `area_exposure`.

    Parameters
    ----------
    campaign : Campaign
    views : sequence of AreaMap
        One map, or several to be crossed.
    total_known : bool
        Whether the number of dots on the whole map is told.
    seed : int

    Raises
    ------
    ParameterError
        No view, no dot, or what `invert_counts` refuses.
    """
    if not len(views) or len(campaign.dots) == 0:
        came = f"{len(views)} views of {len(campaign.dots)} dots"
        raise ParameterError(say("area_exposure", "a view of a map that holds a dot", came))
    maps = [publish(campaign, view, seed=seed) for view in views]
    total = len(campaign.dots) if total_known else None
    return _measured(maps, campaign.world, total, seed)


def audit_area_release(
    release: AreaRelease, world: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Measure what one published area map says of each household; see `area_exposure`.

    The number of dots on the whole map is taken as told, which is against the map.

    Raises
    ------
    ParameterError
        A release without sources, one that holds no dot, or another world than its own.
    """
    if release.sources is None:
        do = "Give what publish() returned for an AreaMap."
        raise ParameterError(say("audit", "a published area map", "one without its sources", do))
    if len(release.sources) == 0:
        do = "Publish a wider view."
        raise ParameterError(say("audit", "a map that holds a dot", "0 dots", do))
    if world is not None:
        fitting_world(release, world)
    return _measured([release], world, len(release.sources), seed)


def audit_area_change(
    before: AreaRelease,
    after: AreaRelease,
    world: SimulatedWorld | None = None,
    *,
    seed: int = 7,
) -> Measures:
    """Measure what two dates of one area map say of who is new; see `area_exposure`.

    Returns
    -------
    Measures
        As `area_exposure`, with ``counted="new_dots"``: a household is marked where a dot stands
        for it on the later map alone; totals of both maps are taken as told.

    Raises
    ------
    ParameterError
        Releases without sources, of other areas or another campaign, or in the wrong order.
    """
    who = "audit"
    both = (before, after)
    if any(one.sources is None for one in both):
        do = "Give what publish() returned for an AreaMap."
        raise ParameterError(say(who, "two published area maps", "one without its sources", do))
    cut = {(one.by, one.size, one.origin, one.world) for one in both}
    if len(cut) > 1:
        raise ParameterError(say(who, "two dates of one area map", "other areas, or another town"))
    if world is not None:
        fitting_world(after, world)
    new = new_sources(before, after)
    area = areas_of_addresses(after.backdrop, after)
    totals = len(before.opened(who)), len(after.opened(who))
    found = invert_change(before.as_leaked(), after.as_leaked(), area, totals=totals)
    records = after.records.set_index("area")
    earlier = before.records.set_index("area").reindex(records.index)
    gained = (records["total"] - earlier["total"]).reset_index(drop=True)
    change = replace(after, records=after.records.assign(total=gained), sources=new)
    measured = area_exposure(found, [change], [area], world, total=len(new), seed=seed)
    return joined("areas", {"new_dots": measured}, by="counted")


def new_sources(before: Release, after: Release) -> pd.DataFrame:
    """Return whom the dots stand for that the later of two maps alone shows.

    Raises
    ------
    ParameterError
        The later map lacks a dot of the earlier one, or shows no new one.
    """
    earlier, later = (one.opened("audit") for one in (before, after))
    if not earlier["account"].isin(later["account"]).all():
        do = "Give the earlier date first."
        raise ParameterError(say("audit", "two dates of one campaign", "a dot that has left", do))
    new = later[~later["account"].isin(earlier["account"])]
    if len(new) == 0:
        raise ParameterError(say("audit", "a later map with a new dot", "none that is new"))
    return new.reset_index(drop=True)


def _measured(
    releases: Sequence[AreaRelease], world: SimulatedWorld | None, total: int | None, seed: int
) -> Measures:
    areas = [areas_of_addresses(one.backdrop, one) for one in releases]
    found = invert_counts(
        [one.as_leaked() for one in releases],
        areas,
        suppressed_under=[one.suppress_under for one in releases],
        total=total,
    )
    return area_exposure(found, releases, areas, world, total=total, seed=seed)
