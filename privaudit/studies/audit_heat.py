"""Heat maps of a campaign, undone and held against the truth.

- The study of a real heat map: a GeoTIFF, or a picture with its scale of colours.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from privaudit.campaign.publish import publish
from privaudit.campaign.views.heat_map import HeatMap
from privaudit.core.checks import error_message, keyword_only, listed
from privaudit.core.progress import Tick, along, in_steps, silent, step, stream
from privaudit.errors import ParameterError
from privaudit.maps.heat_inversion import invert_change, invert_heat
from privaudit.maps.scoring.aggregates import heat_exposure
from privaudit.maps.scoring.truth import fitting_world
from privaudit.results.measures import Measures
from privaudit.screenshots.read_heat import read_heat
from privaudit.studies.audit_views import new_sources
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study, source_notes
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import HeatRelease
    from privaudit.simulation.world import SimulatedWorld

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
        raise ParameterError(error_message("audit", "a map that holds a dot", "0 dots", do))
    if world is not None and sources is None:
        do = "Give what publish() returned for a HeatMap, or no truth."
        raise ParameterError(
            error_message("audit", "a simulated heat map with a truth", "no sources", do)
        )
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
        raise ParameterError(error_message("audit", "two dates of one heat map", "another town's"))
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
        in `heat_exposure`, 0 is safe. ``pa.maps.charts.hit_rate(curve, x="bandwidth",
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
        raise ParameterError(
            error_message("heat_curve", "one bandwidth and one level at least", came)
        )
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


@keyword_only
@dataclass(frozen=True, kw_only=True)
class SeizedHeat:
    """The file of a real heat map, and what is told of its scale.

    Parameters
    ----------
    leak : path
        A GeoTIFF or a picture.
    addresses : path
        The national address base as downloaded.
    commune : str, optional
        INSEE code or codes, with commas.
    bbox : tuple of float, optional
        West, south, east and north edges of a picture, metres.
    legend : sequence of str, optional
        Colours from cold to hot; default: as `read_heat` finds them.
    top : float, optional
        Dots a square kilometre of the hottest colour.
    dots : int, optional
        Dots on the whole map.
    """

    leak: str | Path
    addresses: str | Path
    commune: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    legend: Sequence[str] | None = None
    top: float | None = None
    dots: int | None = None


def audit_heat_map(seized: SeizedHeat, *, seed: int = 7, tick: Tick = silent) -> Study:
    """Undo the heat of a real map; nothing is known of who is on it.

    Parameters
    ----------
    seized : SeizedHeat
    seed : int
    tick : callable

    Returns
    -------
    Study
        Its notes say by which scale colours were read, and what the hottest was taken for.

    Raises
    ------
    PrivauditError
        As `read_heat` and `audit`.
    """
    tick("addresses and map")
    release = read_heat(
        seized.leak,
        addresses=seized.addresses,
        commune=seized.commune,
        bbox=seized.bbox,
        scale=seized.legend,
        top=seized.top,
        dots=seized.dots,
    )
    tick("heat")
    found = audit_heat(release, seed=seed)
    backdrop = release.backdrop
    source = "national_addresses" if backdrop.real else ""
    inputs = (
        Input(path=Path(seized.leak), role="map"),
        Input(path=Path(seized.addresses), role="addresses", source=source),
    )
    return Study(
        kind="map",
        title=release.name,
        provenance=release.provenance,
        real_places=True,
        measures={"heat": found},
        set_aside={Note("of_addresses", reason=why): n for why, n in backdrop.set_aside.items()},
        notes=(
            Note("addresses_of", addresses=len(backdrop), source=backdrop.source),
            *source_notes(inputs),
            *release.notes,
        ),
        command=command_line("map", [seized.leak], seized, seed=seed),
        inputs=inputs,
        recipe={"seed": seed},
    )
