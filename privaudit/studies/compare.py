"""Compare two releases of the same people, and one release in the hands of its recipients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.campaign.publish import parse_view
from privaudit.campaign.views.dot_map import DotMap
from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.columns.recognise import column_kinds, rows_showing
from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance, kind_of, of_kind
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.adversary import RECIPIENTS, Adversary, Recipient
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import Exact
from privaudit.maps.scoring.score import same_people
from privaudit.maps.version_links import link_versions
from privaudit.release.release import DotRelease, Release, TableRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import GAINS, Row, Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audit import audit, audit_versions, held_against
from privaudit.studies.chain import NEIGHBOURS_KNOW, equipped
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.maps.masks.mask import Mask
    from privaudit.maps.posterior import Posterior

_WHO = "compare"


def compare(
    before: Release | Exposure,
    after: Release | Exposure,
    *,
    adversary: Adversary | None = None,
    truth: SimulatedWorld | None = None,
    seed: int = 7,
) -> Measures:
    """Measure what a second release of the same people adds to a first.

    Parameters
    ----------
    before, after : Release or Exposure
        Two maps of dots of one place; two tables with the same identifier and a key each; or two
        exposures of the same people, which are set against each other as they are.
    adversary : Adversary, optional
        Who holds both maps; needed for maps, and for nothing else.
    truth : SimulatedWorld, optional
        As for `audit`; of maps only.
    seed : int

    Returns
    -------
    Measures
        Family "compared"; the people of both. Of maps and exposures, for each gain: ``before``
        (found by the first alone), ``both`` (of exposures: by the second) and ``added``, their
        difference with its paired interval. Of tables: the same of ``alone`` (no other of these
        people has the key) and ``risk`` (one over those who have it), as parameter ``what``; with
        both, the key is that of the first and that of the second; a blank is a value of its own.

    Raises
    ------
    ParameterError
        Unlike things; maps without an adversary, or of other addresses; tables without a key or
        an identifier that both have; nobody in both.

    Examples
    --------
    >>> first = pd.DataFrame({"id": range(6), "age": [30, 30, 30, 41, 41, 41]})
    >>> second = pd.DataFrame({"id": range(6), "sex": list("FMMFFM")})
    >>> from privaudit.release.read_table import read_table
    >>> tables = [read_table(f, roles=Roles(identifier="id", key=f.columns[1]))
    ...           for f in (first, second)]
    >>> compared = compare(*tables)
    >>> [compared.value(m, what="alone") for m in ("before", "both", "added")]
    [0.0, 0.3333333333333333, 0.3333333333333333]
    """
    if isinstance(before, DotRelease) and isinstance(after, DotRelease):
        return _maps(before, after, adversary=adversary, truth=truth, seed=seed)
    kind = next((k for k in _PAIRED if isinstance(before, k) and isinstance(after, k)), None)
    if kind is None:
        came = f"{_named(before)} and {_named(after)}"
        needed = "two maps of dots, two tables or two exposures"
        raise ParameterError.of(_WHO, needed, came, "Compare like with like.")
    if adversary is not None:
        do = "Leave adversary= out."
        raise ParameterError.of(_WHO, "maps for an adversary", _named(before), do)
    paired: Measures = _PAIRED[kind](before, after)
    return paired


def _named(one: Any) -> str:
    return f"a {one.kind}" if isinstance(one, Release) else kind_of(one)


def _measures(rows: Rows, provenance: str, name: str = "") -> Measures:
    return Measures(family="compared", rows=rows, provenance=provenance, name=name,
                    recipe={"stage": "compared"})  # fmt: skip


def _add(
    rows: Rows,
    first: np.ndarray,
    then: np.ndarray,
    clusters: np.ndarray | None = None,
    *,
    baseline: float = math.nan,
    **fields: Any,
) -> None:
    """Add a share for the first release, for both, and their difference."""
    rows.share("before", first, clusters=clusters, baseline=baseline, **fields)
    rows.share("both", then, clusters=clusters, baseline=baseline, **fields)
    rows.difference("added", first, then, clusters=clusters, counts=rows.counts, **fields)


def _exposures(before: Exposure, after: Exposure) -> Measures:
    """Set two exposures of the same people against each other, row by row."""
    first, then = before.per_person, after.per_person
    if not same_people(before, after):
        came = f"{len(first):,} and {len(then):,}, of which the groups or the truth differ"
        raise ParameterError.of(_WHO, "exposures of the same people", came)
    rows = Rows(len(first), "people")
    _add_gains(rows, first, then, before.clusters)
    return _measures(rows, before.provenance)


def _add_gains(
    rows: Rows, first: pd.DataFrame, then: pd.DataFrame, clusters: np.ndarray | None
) -> None:
    for gain in GAINS:
        one, two = (frame[gain].to_numpy(dtype=float) for frame in (first, then))
        if np.isfinite(one).all() and np.isfinite(two).all():
            blind = float(then[f"baseline_{gain}"].mean())
            _add(rows, one, two, clusters, baseline=blind, gain=gain)


def _maps(
    before: DotRelease,
    after: DotRelease,
    *,
    adversary: Adversary | None,
    truth: SimulatedWorld | None,
    seed: int,
) -> Measures:
    """Attack the first map alone, then both, and pair the people of both."""
    an_instance(_WHO, "adversary", adversary, Adversary, "Pass Adversary.nearest().")
    assert adversary is not None
    if len(before.backdrop) != len(after.backdrop) or not np.array_equal(
        before.backdrop.xy, after.backdrop.xy
    ):
        raise ParameterError.of(_WHO, "maps over the same addresses", "maps of two places")
    linked = None
    if truth is None:
        linked = link_versions([before.as_leaked(), after.as_leaked()])
        there = np.flatnonzero(linked.rows[0] >= 0)
        at = linked.rows[0][there]
    else:
        first, then = (np.unique(one.opened(_WHO)["person"].to_numpy()) for one in (before, after))
        _, at, there = np.intersect1d(first, then, return_indices=True)
    if not len(there):
        raise ParameterError.of(_WHO, "people whom both maps show", "none")
    alone = audit(before, adversary, truth=truth, seed=seed)
    both = audit_versions([before, after], adversary, truth=truth, linked=linked, seed=seed)
    assert isinstance(alone, Exposure)
    clusters = None if both.clusters is None else both.clusters[there]
    rows = Rows(len(there), "people")
    _add_gains(rows, alone.per_person.iloc[at], both.per_person.iloc[there], clusters)
    return _measures(rows, both.provenance, after.name)


def _tables(before: TableRelease, after: TableRelease) -> Measures:
    """Count the unique records by the key of the first, then by both, among the people of both."""
    shared = [c for c in before.roles.identifier if c in after.roles.identifier]
    if not shared or not before.roles.key or not after.roles.key:
        came = "no identifier that both have" if not shared else "a table without a key"
        do = "Give roles=Roles(identifier=..., key=...) to read_table."
        raise ParameterError.of(_WHO, "tables with an identifier and a key", came, do)
    left = before.records[[*shared, *before.roles.key]].drop_duplicates(shared)
    right = after.records[[*shared, *after.roles.key]].drop_duplicates(shared)
    more = {c: f"{c} of the second" for c in after.roles.key}
    people = left.merge(right.rename(columns=more), on=shared, validate="one_to_one")
    if not len(people):
        raise ParameterError.of(_WHO, "people in both tables", "none")
    keys = before.roles.key, (*before.roles.key, *more.values())
    first, then = (_risk(people, key) for key in keys)
    rows = Rows(len(people), "records")
    _add(rows, first, then, part={"what": "risk"})
    _add(rows, first >= 1, then >= 1, part={"what": "alone"})
    return _measures(rows, before.provenance, after.name)


# What of two things of one kind is paired without an adversary.
_PAIRED: dict[type, Any] = {Exposure: _exposures, TableRelease: _tables}


def _risk(people: pd.DataFrame, key: tuple[str, ...]) -> np.ndarray:
    """Return 1 / class size of each record; a missing value is a value of its own."""
    scores: Any = measure(people[list(key)], Roles(key=key), missing="value").per_record
    risk: np.ndarray = scores["prosecutor_risk"].to_numpy(dtype=float)
    return risk


# Hours of a working day.
_DAY = 7
# Numbers of what is found that shrink with the time there is.
_SCALED = ("value", "low", "high", "baseline", "control")


def by_recipient(
    release: Release,
    *,
    truth: SimulatedWorld | None = None,
    mask: Mask | None = None,
    registers: Mapping[str, pd.DataFrame] | None = None,
    recipients: Sequence[Recipient] | None = None,
    seed: int = 7,
) -> Measures:
    """Measure what one release discloses to each of its possible recipients.

    Parameters
    ----------
    release : DotRelease or TableRelease
    truth : SimulatedWorld, optional
        The world that a simulated release came from: it scores guesses, and lends the registers.
    mask : Mask, optional
        How the dots of a real map are believed to have been moved (``pa.masks.Exact()``: not at
        all); of a published one its view says it.
    registers : mapping of str to pandas.DataFrame, optional
        Of a real release: "directory", "roll", "residents", each with a column ``address`` (row
        of the addresses); and "results", with a column ``station``.
    recipients : sequence of Recipient, optional
        Default: those of `privaudit.maps.recipients`.
    seed : int

    Returns
    -------
    Measures
        Family "recipients"; 0 is safe. For each ``recipient``, with what is assumed in notes:

        - found, a gain each: as of any `Exposure`, whatever time it takes. Of a table that names
          people, all who can read find them: who, and who with a presumed side.
        - reached: share of the records that their time allows, near their door where they know
          nobody else.
        - reidentified_in_time: that, times found.
        - days, euros: working days of seven hours for every record, and their cost.

        What a recipient would hold and is not there is left out, and a note says so: found is a
        lower bound then.

    Raises
    ------
    ParameterError
        Neither a map of dots nor a table; a real map without `mask`.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> measures = pa.by_recipient(leak, truth=world)
    >>> measures.value("reidentified", "address", recipient="vendor") > 0.5
    True
    """
    if not isinstance(release, (DotRelease, TableRelease)):
        raise ParameterError.of("by_recipient", "a map of dots or a table", _named(release))
    asked = RECIPIENTS if recipients is None else recipients
    chosen = of_kind("by_recipient", "recipients", asked, Recipient)
    if truth is not None:
        an_instance("by_recipient", "truth", truth, SimulatedWorld, "Give campaign.world.")
    registers = {} if registers is None else registers
    an_instance("by_recipient", "registers", registers, Mapping, "A frame by its name, each.")
    known = _known(release, truth, mask, registers)
    rows = Rows(len(release), "dots" if isinstance(release, DotRelease) else "records")
    believed = None
    if isinstance(release, DotRelease) and truth is None:
        # Without a truth, the posterior of one who knows the mask scores guesses.
        who = Adversary.knows_mask(known["mask"])
        rng = stream(seed, "attack", who.name)
        believed = guess(release.as_leaked(), who, rng=rng).posterior
    for one in chosen:
        notes, part = _assumed(one, known), {"recipient": one.word}
        for row in _reidentified(release, one, known, truth, believed, seed):
            rows.put(replace(row, measure="reidentified", part=part, notes=(*notes, *row.notes)))
        _add_time(rows, release, one)
    return Measures(
        family="recipients", rows=rows, name=release.name, provenance=release.provenance,
        recipe={"stage": "recipients", "seed": seed, "release": dict(release.recipe)},
    )  # fmt: skip


def _known(
    release: Release,
    truth: SimulatedWorld | None,
    mask: Mask | None,
    registers: Mapping[str, pd.DataFrame],
) -> dict[str, Any]:
    """Return what there is to be held, by the words of `Recipient.holds`."""
    known: dict[str, Any] = dict(registers)
    if truth is not None:
        residents = truth.people[NEIGHBOURS_KNOW]
        known |= {"directory": truth.directory, "roll": truth.roll, "residents": residents}
    if isinstance(release, DotRelease):
        view = parse_view(release.view) if mask is None and release.view else None
        if isinstance(view, DotMap):
            mask = view.mask or Exact()
        if mask is None:
            do = "Give mask=, such as pa.masks.Exact() where no dot was moved."
            raise ParameterError.of(
                "by_recipient", "how the dots were moved", "nothing that says it", do
            )
        counted = {"electors", "residents"} & set(release.backdrop.counts)
        known |= {"mask": mask, "electors": True if counted else None}
    return known


def _assumed(one: Recipient, known: Mapping[str, Any]) -> tuple[Note, ...]:
    """Note what is assumed of a recipient, and what it lacks here."""
    assumed = Note("recipient_assumes", seconds=one.seconds, hours=one.hours, euros=one.euros,
                   holds=one.holds or ("nothing",))  # fmt: skip
    near = (Note("recipient_near", metres=one.near),) if one.near else ()
    lacks = one.lacks(known)
    return (assumed, *near, *((Note("recipient_lacks", holds=lacks),) if lacks else ()))


def _reidentified(
    release: DotRelease | TableRelease,
    one: Recipient,
    known: Mapping[str, Any],
    truth: SimulatedWorld | None,
    believed: Posterior | None,
    seed: int,
) -> list[Row]:
    """Return a row a gain."""
    if isinstance(release, TableRelease) and (named := _people_named(release)):
        return named
    adversary = equipped(one.adversary(known), truth)
    if isinstance(release, TableRelease) and adversary.register is None:
        return _by_key(release, one)
    guesses = guess(release.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    # The nearest address is claimed with certainty: the mask gives its true probability.
    worth = believed if adversary.mask is None else None
    exposure = held_against(guesses, release, adversary, truth=truth, seed=seed, believed=worth)
    return [row for row in exposure.rows if math.isfinite(row.value)]


def _people_named(table: TableRelease) -> list[Row]:
    """Count the people whom a table names, and those with a presumed side beside the name."""
    shown = rows_showing(table.records, column_kinds(table.records))
    names = [which for (kind, _), which in shown.items() if kind in IDENTIFYING_KINDS]
    sides = [which for (kind, _), which in shown.items() if kind == "support"]
    rows, named = Rows(len(table), "records"), np.logical_or.reduce(names)
    if names:
        rows.share("reidentified", named, gain="person", baseline=0.0)
    if names and sides:
        known = named & np.logical_or.reduce(sides)
        rows.share("reidentified", known, gain="opinion", baseline=0.0)
    return list(rows)


def _by_key(table: TableRelease, one: Recipient) -> list[Row]:
    """Return the risk by the key alone, for an adversary who knows who is in the table."""
    if not table.roles.key or "residents" not in one.holds:
        return []
    row = measure(table).row("prosecutor_risk_mean")
    notes = (Note("recipient_knows_keys"), *row.notes)
    return [replace(row, gain="person", part={}, notes=notes)]


def _add_time(rows: Rows, release: Release, one: Recipient) -> None:
    """Add how many records they get through, what they find in that time, and what all takes."""
    n, part = len(release), {"recipient": one.word}
    near = _near(release, one.near)
    reached = min(1.0, one.most / n, near) if n else math.nan
    rows.add("reached", reached, "share", n=n, part=part)
    for row in [r for r in rows if r.measure == "reidentified" and dict(r.part) == part]:
        if row.gain in ("address", "person"):
            names = ("unit", "n", "counts", "gain", "reliable")
            same = {name: getattr(row, name) for name in names}
            scaled = {name: getattr(row, name) * reached for name in _SCALED}
            rows.put(Row(measure="reidentified_in_time", part=part, **same, **scaled))
    hours = one.hours_for(n * near)
    rows.add("days", hours / _DAY, "days", n=n, part=part)
    rows.add("euros", hours * one.euros, "euros", n=n, part=part)


def _near(release: Release, metres: float) -> float:
    """Return the share of the records within reach of a door, on average over the doors shown."""
    if not metres or not isinstance(release, DotRelease):
        return 1.0
    from scipy.spatial import cKDTree

    tree = cKDTree(release.records[["x", "y"]].to_numpy(dtype=float))
    many = tree.query_ball_point(tree.data, metres, return_length=True)
    return float(np.mean(many)) / len(release)
