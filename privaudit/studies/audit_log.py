"""Audit a real interaction log, the rounds of canvassers, and a country by sex and birth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from privaudit.core.checks import (
    an_instance,
    columns_present,
    in_range,
    keyword_only,
    listed,
    plain_fields,
    whole,
)
from privaudit.core.progress import Tick, silent
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import FEWEST_EVENTS, SMALL_CELL
from privaudit.errors import ParameterError, SchemaError
from privaudit.io.file_frame import aside_notes
from privaudit.io.public_counts import PACKAGED_PYRAMID, communes_and_others, read_pyramid
from privaudit.maps.masks.mask import Exact
from privaudit.maps.scoring.truth import Homes, Truth
from privaudit.maps.scoring.volunteer_homes import WITHIN, homes_exposure, rounds_exposure
from privaudit.release.read_traces import read_traces
from privaudit.release.release import DotRelease
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study, source_notes
from privaudit.tables.population.uniqueness import population_uniqueness
from privaudit.traces.known_points import KNOWS
from privaudit.traces.periods import cut, match_periods
from privaudit.traces.rounds import Rounds, VisitedInTurn, Visits, homes_at_ends
from privaudit.traces.scoreboard import Memory, scoreboard
from privaudit.traces.unicity import check_points, known_points_risk, unicity, window_word
from privaudit.traces.unicity_curve import log_mitigation
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import BirthplaceWord

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.columns.values import Reading
    from privaudit.maps.masks.mask import Mask
    from privaudit.release.read_traces import Traces
    from privaudit.simulation.world import SimulatedWorld

# Steps of the progress bar: reading, four questions, what to mend, the report.
LOG_PARTS = 7
# Seconds between the first and the last event, for the log to have two periods.
_FOUR_WEEKS = 28 * 86_400
# Default resolution of a known event's time, hours.
_DAY = 24.0
# Comparisons that the search of one kind of worst points may take: some seconds.
_SEARCHED = 1e10
# Where they would not do for everybody who is looked for, for a part of them.
_PARTS = (1, 5, 25)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class InteractionLog:
    """A file of one row an event, and what its columns are.

    Parameters
    ----------
    file : path
        A format that `read_traces` takes.
    person, item : str
        Columns that say who, and with what.
    time, value : str, optional
        Columns of dates or timestamps, and of numbers.
    at : str, optional
        Date at which the second of two periods begins, in which people are found again by what
        they did in the first. Default: half of the events, where they span four weeks.
    items_are_people : bool
        The identifiers of items are those of people (calls, messages).
    reading : Reading, optional
        How its cells are read.
    """

    file: str | Path
    person: str
    item: str
    time: str | None = None
    value: str | None = None
    at: str | None = None
    items_are_people: bool = False
    reading: Reading | None = None


@keyword_only
@dataclass(frozen=True, kw_only=True)
class WorstPoints:
    """The adversary's knowledge of the most identifying points; see `known_points_risk`.

    Parameters
    ----------
    points : int
        How many are known; 0: do not ask.
    tolerance : float, in [0, 1]
        By how much a count or a share that is known may be off.
    """

    points: int = 2
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        whole("log", "worst points", self.points, 0)
        in_range("log", "tolerance", self.tolerance, 0, 1)


def audit_log(
    log: InteractionLog,
    *,
    points: Iterable[int] = (1, 2, 3, 4, 8),
    hours: float | None = None,
    worst: WorstPoints | None = None,
    sample: int = 1_000,
    seed: int = 7,
    tick: Tick = silent,
) -> Study:
    """Measure the unicity of a log by known events, and return the study.

    Parameters
    ----------
    log : InteractionLog
    points : iterable of int
        How many events are known. Numbers that nobody has so many distinct events of are left
        out; the first is always asked.
    hours : float, optional
        Window within which the time of a known event is known. Default: no time,
        and, where the log has times, to the day as well: who saw something remembers the day.
    worst : WorstPoints, optional
        What is known of the worst points of somebody. Default: two of them, exactly.
    sample : int
        How many people are looked for, at most, drawn at random.
    seed : int
    tick : callable
        Called with the name of each part as it starts.

    Returns
    -------
    Study
        Families ``unicity``; ``known_points``, by visits, counts, shares and order;
        ``scoreboard`` (eight events known, or as many as anybody has, two
        of them wrong), where somebody has four; ``match_periods``, where the log has times over
        four weeks or more; ``log_mended``.

    Raises
    ------
    ParameterError, SchemaError, ReadError
        As `read_traces` and `unicity`.
    """
    tick("log")
    given: dict[str, Any] = {field.name: getattr(log, field.name) for field in fields(log)}
    file, reading = given.pop("file"), given.pop("reading")
    columns = {name: value for name, value in given.items() if name != "at"}
    traces = read_traces(file, reading=reading, **columns)
    asked, worst = check_points("log", points), worst or WorstPoints()
    draw: dict[str, Any] = {"sample": sample, "seed": seed}
    tick("known events")
    by_window = _by_window(traces, asked, hours, draw)
    measures = {"unicity": joined("unicity", by_window, name=traces.name)}
    tick("worst points")
    if worst.points:
        measures["known_points"] = _worst(traces, worst, hours, sample, seed)
    tick("inexact memories")
    events = int(np.bincount(traces.person).max())
    if events >= FEWEST_EVENTS:
        memory = Memory(points=min(Memory.points, events))
        measures["scoreboard"] = scoreboard(traces, memory, **draw)
    tick("two periods")
    time = traces.time
    if log.at is not None or (time is not None and np.ptp(time) >= _FOUR_WEEKS):
        measures["match_periods"] = _two_periods(traces, log.at, draw)
    tick("what to mend")
    finest = [*by_window][-1]
    if p := _points_mended(by_window[finest]):
        measures["log_mended"] = log_mitigation(traces, points=p, hours=finest, **draw)
    asked_for: dict[str, Any] = {
        "points": asked, "hours": hours, "worst_points": worst.points,
        "tolerance": worst.tolerance, **draw,
    }  # fmt: skip
    recipe = given | asked_for
    return Study(
        kind="log",
        title=traces.name,
        provenance=traces.provenance,
        real_places=True,
        measures=measures,
        set_aside=dict(traces.set_aside),
        notes=traces.notes,
        command=command_line("traces", [file], log, reading, **asked_for),
        inputs=(Input(path=Path(file), role="log"),),
        recipe=recipe if reading is None else recipe | plain_fields(reading),
    )


def _worst(
    traces: Traces, worst: WorstPoints, hours: float | None, sample: int, seed: int
) -> Measures:
    """Measure the risk of the worst points, for each form in which points may be known."""
    asked: dict[str, Any] = {"points": worst.points, "hours": hours, "tolerance": worst.tolerance}
    by_form = {}
    for knows in KNOWS:
        timeless = knows == "sequence" and traces.time is None
        for fewer in () if timeless else _PARTS:
            some: dict[str, Any] = {"sample": max(sample // fewer, 1), "most": _SEARCHED}
            # All else was checked: what is refused would take too long.
            with suppress(ParameterError):
                by_form[knows] = known_points_risk(traces, knows=knows, seed=seed, **asked, **some)
                break
        else:
            why = "order_needs_times" if timeless else "search_too_long"
            part = {"points": worst.points, "window": window_word(hours), "knows": knows}
            by_form[knows] = _absent("known_points", "singled_out", traces, why, part=part)
    return joined("known_points", by_form, name=traces.name)


def _absent(family: str, measure: str, traces: Traces, why: str, **fields: Any) -> Measures:
    """Return a measure that cannot be had of a log, with the reason."""
    rows = Rows(traces.n_people, traces.counts)
    rows.absent([measure], "share", Note(why), **fields)
    return Measures(family=family, rows=rows, provenance=traces.provenance)


def _points_mended(unicity: Measures) -> int:
    """Return for how many points mitigations are measured: 4, or the most; 0 for none.

    Of a number that fewer than `SMALL_CELL` people have, the answer would say what `unicity`
    withholds.
    """
    points = [int(row.part["points"]) for row in unicity.rows if row.n >= SMALL_CELL]
    return 4 if 4 in points else max(points, default=0)


def _two_periods(traces: Traces, at: str | None, draw: dict[str, Any]) -> Measures:
    _, before = cut("traces", traces, at)
    if np.isin(traces.person[before], traces.person[~before]).any():
        return match_periods(traces, at=at, **draw)
    return _absent("match_periods", "reidentified", traces, "nobody_in_both_periods")


def _by_window(
    traces: Traces, asked: Sequence[int], hours: float | None, draw: dict[str, Any]
) -> dict[float | None, Measures]:
    """Measure unicity for each window of time; the finest comes last.

    Of the numbers of points those that a person of the log has; the first in any case.
    """
    found = {}
    for window in [None, _DAY] if hours is None and traces.time is not None else [hours]:
        point, n_points = traces.points(window)
        person = np.unique(traces.person * np.int64(n_points) + point) // n_points
        most = int(np.bincount(person).max())
        points = [p for p in asked if p <= most] or [asked[0]]
        found[window] = unicity(traces, points=points, hours=window, **draw)
    return found


BY: tuple[BirthplaceWord, ...] = ("commune", "sex", "birth_date")


def audit_country(
    population: str | Path,
    *,
    by: Iterable[BirthplaceWord] = BY,
    pyramid: str | Path | None = None,
    year: int | None = None,
    collectivities: bool = False,
) -> Study:
    """Count the people whom place, sex and birth single out in a country; return the study.

    Parameters
    ----------
    population : path
        How many people live in each commune, as `read_communes` takes it.
    by : iterable of str
        What somebody knows, as for `population_uniqueness`.
    pyramid : path, optional
        Residents by sex and age, as `read_pyramid` takes it; France in 2024 where not given.
    year : int, optional
        Of the pyramid; the last one where not given.
    collectivities : bool
        Keep the communes of the overseas collectivities.

    Returns
    -------
    Study
        Families ``country``, and ``country_mended``: the same with one item less precise.

    Raises
    ------
    ParameterError, SchemaError, ReadError
        As the readers and `population_uniqueness`.
    """
    known = cast("tuple[BirthplaceWord, ...]", (by,) if isinstance(by, str) else tuple(by))
    communes, aside = communes_and_others(population, collectivities=collectivities)
    ages: pd.DataFrame = read_pyramid(pyramid, year=year)
    uniqueness = population_uniqueness(communes, ages, by=known)
    mended = _mended(communes, ages, known, uniqueness.value("unique"))
    file = Path(population)
    asked: dict[str, Any] = {"by": known, "year": year, "collectivities": collectivities}
    residents = Path(PACKAGED_PYRAMID if pyramid is None else pyramid)
    inputs = (
        Input(path=file, role="population", source="insee_communes"),
        Input(path=residents, role="pyramid", source="insee_pyramid"),
    )
    return Study(
        kind="country",
        title=file.name,
        provenance=uniqueness.provenance,
        real_places=True,
        measures={"country": uniqueness, "country_mended": mended},
        notes=(*uniqueness.notes, *aside_notes(aside), *source_notes(inputs)),
        command=command_line("country", [], population=file, pyramid=pyramid, **asked),
        inputs=inputs,
        recipe=asked | {"by": list(known)},
    )


# What each known item could be coarsened to, and the same for a file.
_LESS: dict[BirthplaceWord, tuple[BirthplaceWord, ...]] = {
    "commune": ("departement", "region"), "departement": ("region",),
    "birth_date": ("birth_month", "birth_year"), "birth_month": ("birth_year",),
}  # fmt: skip


def _mended(
    communes: pd.DataFrame, ages: pd.DataFrame, known: tuple[BirthplaceWord, ...], before: float
) -> Measures:
    """Count those alone after each attribute is generalised or left out."""
    less_well: dict[str, tuple[BirthplaceWord, ...]] = {
        less: tuple(less if one == word else one for one in known)
        for word in known
        for less in _LESS.get(word, ())
        if less in communes.columns or less.startswith("birth")
    }
    if "sex" in known:
        less_well["no_sex"] = tuple(word for word in known if word != "sex")
    rows = [
        replace(
            population_uniqueness(communes, ages, by=by).row("unique"),
            part={"mended": word}, baseline=before,
        )
        for word, by in less_well.items()
    ]  # fmt: skip
    return Measures(family="country_mended", rows=rows, provenance="public counts")


def rounds(
    release: DotRelease,
    attack: Rounds,
    *,
    truth: SimulatedWorld | Homes | None = None,
    seed: int = 7,
) -> Measures:
    """Measure how much rounds sharpen blurred dots: dots visited in turn lie on one walk.

    Parameters
    ----------
    release : DotRelease
        A map that says when each dot was visited, and by whom:
        ``DotMap(mask=, popup=("visited_at", "volunteer"))``, or what `read_map` returned.
    attack : Rounds
        The mask, the prior, and the columns of visits.
    truth : SimulatedWorld or Homes, optional
        As for `audit`; without it, what is right is what the posterior of the rounds expects.
    seed : int

    Returns
    -------
    Measures
        Family "rounds", of the dots in a round: ``reidentified(address, attack="apart")``, of each
        dot alone, and ``attack="rounds"`` (control: the visits of each round in a random order),
        shares in [0, 1], 0 = safe; their paired ``difference``, with rounds as clusters;
        ``candidates``: addresses that hold 95 % of a dot's posterior, at the median (baseline:
        apart; large is safe); ``walk``: the probability that dots of a round lie on a walk;
        ``order_as_good``: the share of orders, that of the map among them, that are as likely a
        walk: over .05, dots are guessed apart; ``step``: scale of a step, metres.

    Raises
    ------
    ParameterError
        Another release, or another truth than its own.
    SchemaError
        The map does not say when a dot was visited.

    References
    ----------
    Rabiner (1989).

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=2_000), seed=8)
    >>> campaign = pa.run_campaign(world, pa.CampaignPlan(rounds="walk"), seed=7)
    >>> mask = pa.masks.Gaussian(sigma=50)
    >>> view = pa.DotMap(mask=mask, popup=("visited_at", "volunteer"))
    >>> found = pa.maps.rounds(pa.publish(campaign, view, seed=7), pa.maps.Rounds(mask=mask))
    >>> found.row("reidentified", attack="rounds").gain
    'address'
    """
    an_instance("rounds", "release", release, DotRelease, "Use publish or read_map.")
    an_instance("rounds", "attack", attack, Rounds, "Write Rounds(mask=...).")
    leak, rng = release.as_leaked(), stream(seed, "attack", "rounds")
    apart = attack.apart(leak, rng=rng)
    walked = attack.walked(leak, apart, rng=rng)
    guesses = walked.guesses.with_notes()
    return Measures(
        family="rounds",
        rows=rounds_exposure(apart, walked, _homes_of(release, truth, seed), release.backdrop),
        provenance=release.provenance,
        notes=guesses.notes,
        reliable=guesses.reliable,
        recipe={
            "attack": attack.recipe(), "seed": seed,
            "release": dict(release.recipe),
        },
    )  # fmt: skip


def rounds_of_file(release: DotRelease, mask: Mask | None, *, seed: int) -> dict[str, Measures]:
    """Measure the rounds of a real map that says when, and by whom, its dots were visited.

    Returns
    -------
    dict
        Families "volunteer_homes" and, where a mask is believed that blurs, "rounds"; empty where
        the file has no column of times of visits and one of volunteers (`Visits.of_file`).
    """
    visits = Visits.of_file(release.records)
    if visits is None:
        return {}
    try:
        homes = volunteer_homes(release, visits, seed=seed)
    except SchemaError:
        return {}
    columns = Note("visit_columns", time=visits.time, by=visits.by)
    found = {"volunteer_homes": replace(homes, notes=(columns, *homes.notes))}
    if mask is None or not mask.has_likelihood or isinstance(mask, Exact):
        return found
    try:
        walked = rounds(release, Rounds(mask=mask, visits=visits), seed=seed)
        return {"rounds": replace(walked, notes=(columns, *walked.notes)), **found}
    except ParameterError:
        # All else was checked: what is refused would take too long.
        rows = Rows(len(release), "dots")
        too_long = Note("rounds_too_long")
        rows.absent(["reidentified"], "share", too_long, gain="address", part={"attack": "rounds"})
        none = Measures(family="rounds", rows=rows, provenance=release.provenance)
        return {"rounds": none, **found}


def _homes_of(
    release: DotRelease, truth: SimulatedWorld | Homes | None, seed: int
) -> np.ndarray | None:
    """Return the address where the person of each record lives, -1 where not known."""
    if truth is None:
        return None
    if isinstance(truth, Homes):
        homes, known = truth.of(release)
        address = np.full(len(release), -1, dtype=np.int64)
        address[known] = homes.address
        return address
    return Truth.of(truth, release, rng=stream(seed, "control")).home


def volunteer_homes(
    release: DotRelease,
    visits: Visits | None = None,
    *,
    truth: pd.DataFrame | None = None,
    evenings: Sequence[int] = (1, 2, 4, 8),
    within: Sequence[float] = WITHIN,
    seed: int = 7,
) -> Measures:
    """Measure what a map with the times of visits tells of the volunteers' own homes.

    Counts only: no place of anybody is in the result.

    Parameters
    ----------
    release : DotRelease
        As for `rounds`; any log of visits with places, as `read_map` reads it.
    visits : Visits, optional
        Columns of times and volunteers.
    truth : pandas.DataFrame, optional
        ``volunteer``, as the map names them, and ``home``, a row of the addresses, such as
        ``campaign.volunteers``. Without it, what is found is what the posterior expects.
    evenings : sequence of int
        Numbers of first rounds that are looked at, of the volunteers who made as many.
    within : sequence of float
        Metres.
    seed : int

    Returns
    -------
    Measures
        Family "volunteer_homes": ``home_within(evenings=, within=)``, the share of volunteers
        whose home lies so near to the address guessed, in [0, 1], 0 = safe; baseline: the mean of
        their visits; control: the home of another volunteer. ``first_door_within``: the same for
        the first door of the first round. n counts volunteers. Without a truth, rows are not
        reliable: fewer homes are right than expected.

    Raises
    ------
    SchemaError
        The map does not say when a dot was visited, or the truth lacks a volunteer.

    References
    ----------
    Hassan et al. (2018).

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=2_000), seed=8)
    >>> campaign = pa.run_campaign(world, pa.CampaignPlan(rounds="walk"), seed=7)
    >>> leak = pa.publish(campaign, pa.DotMap(popup=("visited_at", "volunteer")), seed=7)
    >>> found = pa.maps.volunteer_homes(leak, truth=campaign.volunteers, evenings=[1])
    >>> found.row("home_within", evenings=1, within=100).of
    'people'
    """
    who = "volunteer_homes"
    an_instance(who, "release", release, DotRelease, "Use publish or read_map.")
    visits = Visits() if visits is None else an_instance(who, "visits", visits, Visits)
    leak = release.as_leaked()
    turns = visits.in_turn(leak.records, rng=stream(seed, "attack", "ends of rounds"))
    points = leak.records[["x", "y"]].to_numpy(dtype=float)
    homes = None if truth is None else _homes_of_walkers(release, visits, turns, truth)
    rows = Rows(len(np.unique(turns.walker)), "people")
    for many in listed(who, "evenings", evenings):
        found = homes_at_ends(
            points, turns, release.backdrop, evenings=whole(who, "evenings", many, 1)
        )
        own = None if homes is None else homes[found.walker]
        homes_exposure(rows, found, release.backdrop, own, many, within)
    recipe = {"evenings": [*evenings], "within": [*within], "seed": seed}
    return Measures(
        family="volunteer_homes",
        rows=rows,
        provenance=release.provenance,
        notes=() if homes is not None else (Note("expected_not_observed"),),
        recipe=recipe | {"release": dict(release.recipe)},
    )


def _homes_of_walkers(
    release: DotRelease, visits: Visits, turns: VisitedInTurn, truth: pd.DataFrame
) -> np.ndarray:
    """Return where each volunteer lives, by the code of their rounds; metres."""
    who = "volunteer_homes"
    columns_present(who, "column", ["volunteer", "home"], truth.columns, "the truth")
    homes = np.full((int(turns.walker.max(initial=-1)) + 1, 2), np.nan)
    at = truth.drop_duplicates("volunteer").set_index("volunteer")["home"]
    for doors, walker in zip(turns.rounds, turns.walker, strict=True):
        name = None if visits.by is None else release.records[visits.by].iloc[doors[0]]
        row = at.iloc[0] if name is None and len(at) == 1 else at.get(name)
        if row is None:
            do = "Give one row for each volunteer of the map."
            raise SchemaError.of(who, "a home of each volunteer", "a volunteer without", do)
        homes[walker] = release.backdrop.xy[int(row)]
    return homes
