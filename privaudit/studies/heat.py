"""Heat maps of a campaign, undone and held against the truth."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from privaudit._core.checks import listed, say
from privaudit._core.progress import along, in_steps, step
from privaudit._core.streams import stream
from privaudit.attacks.heat_inversion import invert_change, invert_heat
from privaudit.errors import ParameterError
from privaudit.exposure.maps.areas import fitting_world
from privaudit.exposure.maps.heat import heat_exposure
from privaudit.release.publish import publish
from privaudit.release.views.heat_map import HeatMap
from privaudit.results.measures import Measures
from privaudit.studies.areas import new_sources

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import HeatRelease
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_heat", "audit_heat_change", "heat_curve"]

_ENDS = {"value": "", "low": "_low", "high": "_high", "baseline": "_baseline"}


@in_steps("audit", parts=2)
def audit_heat(
    release: HeatRelease, world: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Undo one heat map, and measure what it says; see `heat_exposure`.

    The bandwidth is taken as told, where the release has it, and so is the number of dots, where
    there are sources; both are against the map. Without them they are estimated, and the notes
    say so.

    Raises
    ------
    ParameterError
        No dot, another world than the release's own, or what `invert_heat` refuses.
    """
    if world is not None:
        fitting_world(release, world)
    sources = release.sources
    if sources is not None and len(sources) == 0:
        do = "Publish a wider view."
        raise ParameterError(say("audit", "a map that holds a dot", "0 dots", do))
    if world is not None and sources is None:
        do = "Give what publish() returned for a HeatMap, or no truth."
        raise ParameterError(say("audit", "a simulated heat map with a truth", "no sources", do))
    inverted = invert_heat(
        release.as_leaked(),
        rng=stream(seed, "attack", "heat map"),
        bandwidth=release.bandwidth,
        kernel=release.kernel,
        total=None if sources is None else len(sources),
    )
    step("undone")
    found = heat_exposure(inverted, release, world, seed=seed)
    step("scored")
    return found


def audit_heat_change(
    before: HeatRelease,
    after: HeatRelease,
    world: SimulatedWorld | None = None,
    *,
    seed: int = 7,
) -> Measures:
    """Undo what two dates of one heat map differ by, and measure what it says of who is new.

    Returns
    -------
    Measures
        As `heat_exposure`, of the dots that are on the later map alone; their number is told.

    Raises
    ------
    ParameterError
        Releases without sources, of another campaign, in the wrong order, or without a new dot.
    """
    if world is not None:
        fitting_world(after, world)
    if before.world != after.world:
        raise ParameterError(say("audit", "two dates of one heat map", "another town's"))
    new = new_sources(before, after)
    inverted = invert_change(
        before.as_leaked(),
        after.as_leaked(),
        rng=stream(seed, "attack", "heat map", "change"),
        bandwidth=after.bandwidth,
        kernel=after.kernel,
        total=len(new),
    )
    return heat_exposure(inverted, replace(after, sources=new), world, seed=seed)


def heat_curve(
    campaign: Campaign,
    bandwidths: Sequence[float] = (25.0, 50.0, 100.0, 200.0),
    *,
    cell: float = 25.0,
    levels: Sequence[int | None] = (None,),
    seed: int = 7,
) -> pd.DataFrame:
    """Follow what heat maps of one campaign give away as their kernel widens.

    Parameters
    ----------
    campaign : Campaign
    bandwidths : sequence of float
        Metres.
    cell : float
        Side of a cell, metres.
    levels : sequence of int or None
        Colour steps, None for exact intensities; all bandwidths with each.
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row a map: bandwidth, levels (0 where exact), found with found_low, found_high and
        found_baseline, named_right likewise, claimed, calibration_gap, and n people; shares as
        in `heat_exposure`, 0 is safe. ``pa.pictures.hit_rate(curve, x="bandwidth",
        label="bandwidth, m", shares=["reidentified"])`` draws it.

    Raises
    ------
    ParameterError
        No bandwidth or no levels, or what `HeatMap` refuses.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=400), seed=7), seed=7)
    >>> curve = heat_curve(campaign, [20, 200])
    >>> bool(curve["reidentified"].is_monotonic_decreasing)
    True
    """
    bandwidths = listed("heat_curve", "bandwidths", bandwidths)
    levels = listed("heat_curve", "levels", levels)
    if not bandwidths or not levels:
        came = f"{len(bandwidths)} bandwidths and {len(levels)} levels"
        raise ParameterError(say("heat_curve", "one bandwidth and one level at least", came))
    found = []
    for steps, bandwidth in along("heat_curve", itertools.product(levels, bandwidths)):
        view = HeatMap(bandwidth=bandwidth, cell=cell, levels=steps)
        rows = audit_heat(publish(campaign, view, seed=seed), campaign.world, seed=seed)
        row: dict[str, object] = {"bandwidth": float(bandwidth), "levels": steps or 0}
        for share in ("reidentified", "named_right"):
            for column, end in _ENDS.items():
                row[share + end] = getattr(rows.row(share), column)
        row |= {name: rows.value(name) for name in ("claimed", "calibration_gap")}
        found.append(row | {"n": rows.row("reidentified").n})
    return pd.DataFrame(found)
