"""Aggregate views of a campaign: area maps, heat maps, absence, mailings, adverts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.campaign.publish import publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap, areas_of_addresses
from privaudit.core.checks import in_range, keyword_only, listed
from privaudit.core.progress import Tick, along, in_steps, silent, step
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.io.readers import read_frame
from privaudit.maps.area_inversion import invert_change, invert_counts
from privaudit.maps.heat_inversion import invert_change as invert_heat_change
from privaudit.maps.heat_inversion import invert_heat
from privaudit.maps.message_attacks import OBSERVERS, guess_from_mail
from privaudit.maps.opinion import passed_by, read_absence
from privaudit.maps.scoring.area_and_heat_exposure import area_exposure, heat_exposure
from privaudit.maps.scoring.household import (
    check_holds_dots,
    negative_exposure,
    rates_of,
    station_rates,
)
from privaudit.maps.scoring.message_exposure import ad_rows, mailing_rows, segment_rows
from privaudit.maps.scoring.truth import fitting_world
from privaudit.release.release import AreaRelease, Release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row, Rows
from privaudit.screenshots.read_heat import read_heat
from privaudit.simulation.world import INTERESTS
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study, address_input, address_notes, addresses_set_aside
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MeasureWord

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.campaign.campaign import Campaign
    from privaudit.release.release import AdRelease, HeatRelease, MailRelease
    from privaudit.simulation.world import SimulatedWorld

SIDE = 200.0
PROTECTED = {"rounded": "random_rounding:5", "keyed": "cell_key:5:2", "noised": "geometric:1"}


def audit_areas(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Turn counts by area back into households: squares, small counts hidden, crossed.

    Returns
    -------
    Measures
        As `area_exposure`, for ``counted`` by squares, squares_hidden (counts under `SMALL_CELL`),
        two_grids (of such squares, shifted by half a square), and squares with each of
        `PROTECTED`: rounded, keyed, noised.
    """
    squares = AreaMap(by="grid", size=SIDE)
    hidden = AreaMap(by="grid", size=SIDE, suppress_under=SMALL_CELL)
    half = AreaMap(by="grid", size=SIDE, origin=(SIDE / 2, SIDE / 2), suppress_under=SMALL_CELL)
    views = {"squares": [squares], "squares_hidden": [hidden], "two_grids": [hidden, half]}
    views |= {part: [AreaMap(size=SIDE, protection=word)] for part, word in PROTECTED.items()}
    parts = {part: audit_area_maps(campaign, maps, seed=seed) for part, maps in views.items()}
    return joined("areas", parts, by="counted")


def audit_area_maps(
    campaign: Campaign, views: Sequence[AreaMap], *, total_known: bool = True, seed: int = 7
) -> Measures:
    """Invert area maps of one campaign together; see `area_exposure`.

    Parameters
    ----------
    campaign : Campaign
    views : sequence of AreaMap
        One map, or several to be crossed.
    total_known : bool
        Whether the number of dots on the whole map is published; no number is beside noise that
        a privacy parameter bounds, for it would be outside the bound.
    seed : int

    Raises
    ------
    ParameterError
        No view, no dot, or what `invert_counts` refuses.
    """
    if not len(views) or len(campaign.dots) == 0:
        came = f"{len(views)} views of {len(campaign.dots)} dots"
        raise ParameterError.of("area_exposure", "a view of a map that holds a dot", came)
    maps = [publish(campaign, view, seed=seed) for view in views]
    total = len(campaign.dots) if total_known else None
    return _inverted(maps, campaign.world, total, seed)


def audit_area_release(
    release: AreaRelease, world: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Invert one published area map; see `area_exposure`.

    The number of dots on the whole map is taken as published, the worst case, but beside noise
    that a privacy parameter bounds.

    Raises
    ------
    ParameterError
        A release without sources, one that holds no dot, or another world than its own.
    """
    if release.sources is None:
        do = "Give what publish() returned for an AreaMap."
        raise ParameterError.of("audit", "a published area map", "one without its sources", do)
    if len(release.sources) == 0:
        do = "Publish a wider view."
        raise ParameterError.of("audit", "a map that holds a dot", "0 dots", do)
    if world is not None:
        fitting_world(release, world)
    return _inverted([release], world, len(release.sources), seed)


def audit_area_change(
    before: AreaRelease,
    after: AreaRelease,
    world: SimulatedWorld | None = None,
    *,
    seed: int = 7,
) -> Measures:
    """Invert two dates of one area map for the new dots; see `area_exposure`.

    Returns
    -------
    Measures
        As `area_exposure`, with ``counted="new_dots"``: a household is marked where a dot stands
        for it on the later map alone; totals of both maps are taken as published.

    Raises
    ------
    ParameterError
        Releases without sources, of other areas or another campaign, or in the wrong order.
    """
    who = "audit"
    if before.sources is None or after.sources is None:
        do = "Give what publish() returned for an AreaMap."
        raise ParameterError.of(who, "two published area maps", "one without its sources", do)
    if len({(one.by, one.size, one.origin, one.k, one.world) for one in (before, after)}) > 1:
        raise ParameterError.of(who, "two dates of one area map", "other areas, or another town")
    if world is not None:
        fitting_world(after, world)
    new = new_sources(before, after)
    area = areas_of_addresses(after.backdrop, after)
    totals = [None if _is_noisy([one]) else len(one.opened(who)) for one in (before, after)]
    inverted = invert_change(
        before.as_leaked(), after.as_leaked(), area, totals=(totals[0], totals[1])
    )
    earlier = before.records.set_index("area")["total"].reindex(after.records["area"])
    gained = after.records["total"] - earlier.to_numpy()
    change = replace(after, records=after.records.assign(total=gained), sources=new)
    exposure = area_exposure(inverted, [change], [area], world, total=len(new), seed=seed)
    return joined("areas", {"new_dots": exposure}, by="counted")


def new_sources(before: Release, after: Release) -> pd.DataFrame:
    """Return the sources of the dots that only the later of two maps shows.

    Raises
    ------
    ParameterError
        The later map lacks a dot of the earlier one, or shows no new one.
    """
    earlier, later = (one.opened("audit") for one in (before, after))
    if not earlier["account"].isin(later["account"]).all():
        do = "Give the earlier date first."
        raise ParameterError.of("audit", "two dates of one campaign", "a dot that has left", do)
    new = later[~later["account"].isin(earlier["account"])]
    if len(new) == 0:
        raise ParameterError.of("audit", "a later map with a new dot", "none that is new")
    return new.reset_index(drop=True)


def _is_noisy(releases: Sequence[AreaRelease]) -> bool:
    """Whether a privacy parameter bounds what a map tells: no total stands beside it."""
    return any(one.protection is not None and one.protection.additive for one in releases)


def _inverted(
    releases: Sequence[AreaRelease], world: SimulatedWorld | None, total: int | None, seed: int
) -> Measures:
    areas = [areas_of_addresses(one.backdrop, one) for one in releases]
    leaked, hidden = zip(*((one.as_leaked(), one.suppress_under) for one in releases), strict=True)
    known = None if _is_noisy(releases) else total
    inverted = invert_counts(leaked, areas, suppressed_under=hidden, total=known)
    return area_exposure(inverted, releases, areas, world, total=total, seed=seed)


def audit_absence(
    campaign: Campaign,
    *,
    sensitivity: float | None = None,
    false_positive: float | None = None,
) -> Measures:
    """Compare what is learnt about electors with a dot, and without one, with their station.

    Parameters
    ----------
    campaign : Campaign
    sensitivity, false_positive : float, optional
        What the adversary believes: probability, 0 to 1, that an elector of the side, or
        another, has a dot. Default: the true rates of this campaign, as its best-informed
        adversary would have them.

    Returns
    -------
    Measures
        See `negative_exposure`.

    Raises
    ------
    ParameterError
        No dot, or a rate out of range.
    """
    check_holds_dots("audit_absence", campaign)
    given = {"sensitivity": sensitivity, "false_positive": false_positive}
    rates = dict(zip(given, map(float, rates_of(campaign)), strict=True))
    for name, rate in given.items():
        if rate is not None:
            rates[name] = in_range("audit_absence", name, rate, 0, 1)
    sensitivity, others = rates.values()
    notes = (
        Note("absence_exact_positions"),
        Note("absence_rates", sensitivity=sensitivity, others=others),
        *((Note("absence_rates_own"),) if None in given.values() else ()),
    )
    marked = campaign.dots["address"].to_numpy()
    visited = (campaign.dots["status"] == "visited").to_numpy()
    read = read_absence(station_rates(campaign), **rates)
    passed = np.asarray(passed_by(marked, visited, campaign.world.addresses))
    return negative_exposure(campaign, read, passed, notes=notes)


def audit_mailing(
    release: MailRelease, truth: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Measure what a mailing discloses of its recipients.

    Parameters
    ----------
    release : MailRelease
        From ``publish(campaign, Mailing(...))``.
    truth : SimulatedWorld, optional
        The world that it came from. Without it only the segments and the records are counted.
    seed : int
        Of the people without a message who are the control.

    Returns
    -------
    Measures
        Family "mailing": rows of `segment_rows`, and with the truth of `mailing_rows`, whose
        `per_record` has the probability to lean to the campaign's bloc before and after the text
        is seen, a row a person.

    Raises
    ------
    ParameterError
        A truth of another world, or a mailing to nobody.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.Mailing(), seed=7)
    >>> measures = pa.audit(leak, truth=world)
    >>> measures.row("learnt", observer="screen", what="side").counts
    'people'
    """
    if not len(release):
        raise ParameterError.of("audit", "a mailing to somebody", "nobody", release.why_empty())
    rows = Rows(len(release), "people")
    segment_rows(rows, release)
    scores = None
    if truth is not None:
        if release.world != truth.identity:
            do = "Give the world of the campaign that was published."
            raise ParameterError.of("audit", "the truth of this mailing", "another world", do)
        leaked = release.as_leaked()
        guesses = [guess_from_mail(leaked, observer) for observer in OBSERVERS]
        rng = stream(seed, "control", "mailing")
        scores = mailing_rows(rows, release, guesses, truth, rng=rng)
    return Measures(
        family="mailing",
        rows=rows,
        per_record=scores,
        name=release.name,
        provenance=release.provenance,
        recipe={"release": dict(release.recipe), "seed": seed},
    )


def audit_adverts(releases: tuple[AdRelease, ...], truth: SimulatedWorld | None = None) -> Measures:
    """Measure what being served each of some ads discloses; commercial ads are the control.

    Parameters
    ----------
    releases : tuple of AdRelease
        From ``publish(campaign, Audience(...))``, such as one on politics and one of a shop.
    truth : SimulatedWorld
        The world that they came from.

    Returns
    -------
    Measures
        Family "advert": the rows of `ad_rows` by ``ad``, the subject. Of an ad on politics the
        interest is that of the first shop, or the first interest where there is none.

    Raises
    ------
    ParameterError
        No truth, or that of another world; or two ads on one subject.
    """
    if truth is None or any(release.world != truth.identity for release in releases):
        do = "Give truth=world: only a simulation knows who leans where."
        came = "none" if truth is None else "another world"
        raise ParameterError.of("audit", "the truth of an audience", came, do)
    subjects = [release.subject for release in releases]
    if len(set(subjects)) < len(subjects):
        needed, do = "ads on subjects of their own", "Audit two ads on one subject one by one."
        raise ParameterError.of("audit", needed, ", ".join(subjects), do)
    shops = [subject for subject in subjects if subject in INTERESTS]
    parts = {}
    for release in releases:
        rows = Rows(len(release), "people")
        mine = release.subject if release.subject in INTERESTS else (*shops, INTERESTS[0])[0]
        ad_rows(rows, release, truth, mine)
        parts[release.subject] = Measures(
            family="advert", rows=rows, provenance=release.provenance, recipe=dict(release.recipe)
        )
    return joined("advert", parts, by="ad")


# What a curve of heat maps follows.
OF_CURVE: tuple[MeasureWord, ...] = ("reidentified", "named_right", "claimed", "calibration_gap")


@in_steps("audit", parts=2)
def audit_heat(
    release: HeatRelease, world: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Invert one heat map; see `heat_exposure`.

    The bandwidth of the release and, where there are sources, the number of dots are taken as
    published, the worst case. Without them they are estimated, with a note.

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
        raise ParameterError.of("audit", "a map that holds a dot", "0 dots", do)
    if world is not None and sources is None:
        do = "Give what publish() returned for a HeatMap, or no truth."
        raise ParameterError.of("audit", "a simulated heat map with a truth", "no sources", do)
    inverted = invert_heat(
        release.as_leaked(),
        rng=stream(seed, "attack", "heat map"),
        bandwidth=release.bandwidth,
        kernel=release.kernel,
        total=None if sources is None else len(sources),
    )
    step("undone")
    exposure = heat_exposure(inverted, release, world, seed=seed)
    step("scored")
    return exposure


def audit_heat_change(
    before: HeatRelease,
    after: HeatRelease,
    world: SimulatedWorld | None = None,
    *,
    seed: int = 7,
) -> Measures:
    """Invert the difference of two dates of one heat map for the new dots.

    Returns
    -------
    Measures
        As `heat_exposure`, of the dots that are on the later map alone; their number is given.

    Raises
    ------
    ParameterError
        Releases without sources, of another campaign, in the wrong order, or without a new dot.
    """
    if world is not None:
        fitting_world(after, world)
    if before.world != after.world:
        raise ParameterError.of("audit", "two dates of one heat map", "another town's")
    new = new_sources(before, after)
    inverted = invert_heat_change(
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
) -> Measures:
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
    Measures
        Family "heat", each by ``bandwidth`` and ``levels`` (0 where exact): reidentified and
        named_right with interval and baseline, claimed and calibration_gap, as in
        `heat_exposure`; 0 is safe. `plot` draws them.

    Raises
    ------
    ParameterError
        No bandwidth or no levels, or what `HeatMap` refuses.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=400), seed=7), seed=7)
    >>> curve = heat_curve(campaign, [20, 200])
    >>> wide, narrow = (curve.value("reidentified", bandwidth=side) for side in (200, 20))
    >>> wide <= narrow
    True
    """
    bandwidths = listed("heat_curve", "bandwidths", bandwidths)
    levels = listed("heat_curve", "levels", levels)
    if not bandwidths or not levels:
        came = f"{len(bandwidths)} bandwidths and {len(levels)} levels"
        raise ParameterError.of("heat_curve", "one bandwidth and one level at least", came)
    rows: list[Row] = []
    for steps, bandwidth in along("heat_curve", itertools.product(levels, bandwidths)):
        view = HeatMap(bandwidth=bandwidth, cell=cell, levels=steps)
        exposure = audit_heat(publish(campaign, view, seed=seed), campaign.world, seed=seed)
        part = {"bandwidth": float(bandwidth), "levels": steps or 0}
        rows += [replace(exposure.row(measure), part=part) for measure in OF_CURVE]
    return Measures(family="heat", rows=rows, provenance="simulated", recipe={"seed": seed})


@keyword_only
@dataclass(frozen=True, kw_only=True)
class SeizedHeat:
    """The file of a real heat map, and what is known of its scale.

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
    clicks : path, optional
        Table of column, row, x and y: points of a picture, and where they lie.
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
    clicks: str | Path | None = None
    legend: Sequence[str] | None = None
    top: float | None = None
    dots: int | None = None


def audit_heat_map(seized: SeizedHeat, *, seed: int = 7, tick: Tick = silent) -> Study:
    """Invert a real heat map, without a truth, and return the study.

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
    names = ("addresses", "commune", "bbox", "top", "dots")
    given: dict[str, Any] = {name: getattr(seized, name) for name in names}
    clicks = None if seized.clicks is None else read_frame(seized.clicks, who="map").frame
    release = read_heat(seized.leak, scale=seized.legend, clicks=clicks, **given)
    tick("heat")
    exposure = audit_heat(release, seed=seed)
    backdrop = release.backdrop
    inputs = (
        Input(path=Path(seized.leak), role="map"),
        address_input(seized.addresses, backdrop),
        *(Input(path=Path(path), role="clicks") for path in [seized.clicks] if path is not None),
    )
    return Study(
        kind="map",
        title=release.name,
        provenance=release.provenance,
        real_places=True,
        measures={"heat": exposure},
        set_aside=addresses_set_aside(backdrop),
        notes=(*address_notes(backdrop, inputs), *release.notes),
        command=command_line("map", [seized.leak], seized, seed=seed),
        inputs=inputs,
        recipe={"seed": seed},
    )
