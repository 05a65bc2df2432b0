"""The study of a real table of profiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit._core.by_name import plain_fields
from privaudit._core.checks import say
from privaudit._core.policy import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.exposure.inventory import table_inventory
from privaudit.exposure.linked import linked_by_address
from privaudit.places.read_addresses import read_addresses
from privaudit.release.files import reader_of
from privaudit.release.read_table import measurable, table_release
from privaudit.release.release import TableRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.row_guard import most_levels, named_levels
from privaudit.roles import Roles
from privaudit.studies.commands import command_line
from privaudit.studies.link_releases import link_releases
from privaudit.studies.release_attacks import Beside, release_attacks
from privaudit.studies.study import Input, Study
from privaudit.studies.table_on_map import table_on_map
from privaudit.tables.contributions import key_contributions
from privaudit.tables.headers import kind_of_header
from privaudit.tables.intake import MOST_BYTES, MOST_RECORDS, take_in
from privaudit.tables.key_combinations import key_combinations
from privaudit.tables.level_contributions import level_contributions
from privaudit.tables.measures import measure
from privaudit.tables.reading import Reading
from privaudit.tables.recognise import refuse_names
from privaudit.tables.sources import column_names_of, exceeds
from privaudit.tables.table import Table
from privaudit.tables.take_inventory import roles_told_by
from privaudit.words.note import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["audit_table"]

# Levels of each key on the page: those with most of the score, and one row for the others.
_LEVELS = 8
# Records of a table of which each key is left out and coarsened unasked, to say what to mend.
_MENDED = 20_000


def audit_table(
    file: str | Path,
    roles: Roles,
    *,
    beside: Beside | None = None,
    contributions: bool = False,
    reading: Reading | None = None,
    **options: Any,
) -> Study:
    """Measure a real table of profiles and return the study.

    Parameters
    ----------
    file : path
    roles : Roles
        Without a key: those of an export of NationBuilder, VAN or OSDI, where the file is one;
        else those that `privaudit.inspect` proposes, which the notes say.
    beside : Beside, optional
        Files that the table is laid beside.
    contributions : bool
        Measure all again with each key left out and coarsened, and say which levels, and which
        combinations of keys, single out. Otherwise only who would be alone is counted again, of
        a table that is not large.
    reading : Reading, optional
        How cells are read.
    **options
        missing, sampling_fraction, household, memory_limit: as for `measure`.

    Raises
    ------
    ParameterError
        No key variable, and none that could be proposed; or one that names people.
    """
    given, beside = roles, beside or Beside()
    people = _people(file, roles, reading)
    roles = _named_as_in(file, people, roles)
    proposed: tuple[Note, ...] = ()
    if not roles.key and people is not None:
        roles = _filled_up(roles, roles_told_by(people.records, "table"))
        told = {name: getattr(roles, name) for name in ("key", "sensitive", "identifier")}
        proposed = (Note("roles_proposed", **told),)
    if not roles.key:
        do = "Give --key a,b."
        raise ParameterError(say("table", "at least one key variable", "none known by header", do))
    household, limit = options.get("household"), options.get("memory_limit")
    if limit is not None:
        _refuse_uncounted(file)
    # Read once, not once a measure; a large file, or one with a limit, is counted where it is.
    source = measurable(file, roles, reading=reading, who="table")
    if people is not None and not given.key and limit is None:
        source = replace(people, roles=roles)
    limits: dict[str, Any] = {"household": household, "memory_limit": limit}
    taken = take_in(source, roles, reading=reading, who="table", **limits)
    table: Any = taken.source if taken.table is None else taken.table
    seen = people if people is not None else taken.table
    _refuse_identifiers(roles, None if seen is None else seen.records, contributions)
    also: dict[str, Any] = {"population": beside.population, "reading": reading}
    measures, placed = ({}, ()) if people is None else _of_people(people, roles, beside)
    measures |= {"table": measure(table, roles, **also, **options)}
    if contributions:
        measures["contributions"] = key_contributions(table, roles, **also, **options)
    if taken.table is not None:
        measures |= _of_records(taken.table, roles, options.get("missing", "likely"), contributions)
    notes = taken.notes if taken.table is None else taken.table.notes
    if beside.original is not None:
        asked: dict[str, Any] = {"combinations": contributions, "reading": reading}
        attacked, said = release_attacks(file, beside, roles, **asked)
        measures, notes = measures | attacked, (*notes, *said)
    notes, more = (*proposed, *notes), beside.files
    named, asked_for = _named(given, beside, reading), options | {"contributions": contributions}
    return Study(
        kind="table",
        title=Path(file).name,
        provenance=measures["table"].provenance,
        real_places=True,
        exposures=placed,
        measures=measures,
        set_aside={} if taken.table is None else dict(taken.table.set_aside),
        notes=notes,
        command=command_line("table", [file], beside, reading, **asked_for, **_of_roles(given)),
        inputs=tuple(Input(path=p, role=r) for r, p in {"table": Path(file), **more}.items()),
        recipe=named | asked_for,
    )


def _refuse_identifiers(roles: Roles, records: pd.DataFrame | None, contributions: bool) -> None:
    """Refuse keys that name people; a number that comes back, as a station's does, is a key."""
    keys = roles.key
    if not contributions:
        keys = tuple(
            key for key in keys
            if kind_of_header(key)[0] != "number"
            or (records is not None and 2 * records[key].nunique() > len(records))
        )  # fmt: skip
    refuse_names("table", keys, records)


def _of_roles(given: Roles) -> dict[str, Any]:
    """Return the roles that a command takes, those with an order by their names."""
    names = ("key", "sensitive", "identifier", "weight")
    orders = None if given.orders is None else tuple(given.orders)
    return {name: getattr(given, name) for name in names} | {"ordered": orders}


def _named(given: Roles, beside: Beside, reading: Reading | None) -> dict[str, Any]:
    """Return the parameters that were given, for the recipe."""
    named = _of_roles(given) | {"commune": beside.commune}
    named |= {side: names for side in ("left", "right") if (names := getattr(beside, side))}
    return named if reading is None else named | plain_fields(reading)


def _people(file: str | Path, roles: Roles, reading: Reading | None) -> TableRelease | None:
    """Read a people table whole, where it is not too large for that."""
    if reader_of(file, gives="table", who="table").counted and exceeds(
        file, records=MOST_RECORDS, size=MOST_BYTES, who="table"
    ):
        return None
    return table_release(file, Roles() if not roles.key else roles, reading=reading, who="table")


def _refuse_uncounted(file: str | Path) -> None:
    """Raise `ParameterError` where a file is read whole, and no limit can hold its memory."""
    reader = reader_of(file, gives="table", who="table")
    if not reader.counted:
        came = f"{Path(file).name}, which is {reader.word}"
        do = "Save it as CSV, or leave --memory-limit out."
        raise ParameterError(say("table", "a CSV or Parquet file for --memory-limit", came, do))


def _named_as_in(file: str | Path, people: TableRelease | None, roles: Roles) -> Roles:
    """Return roles under the names of the file's columns; without a key, those of its system."""
    have = column_names_of(file, "table") if people is None else people.records.columns
    roles = roles.for_columns(have)
    return roles if people is None or roles.key else _filled_up(roles, people.roles)


def _filled_up(given: Roles, known: Roles) -> Roles:
    """Return what was given, and for the rest the roles that the system's headers tell."""
    told = {name: getattr(given, name) or getattr(known, name) for name in ("identifier", "key")}
    taken = (*given.columns, *told["identifier"])
    told["key"] = tuple(c for c in told["key"] if c not in taken)
    other = tuple(c for c in known.sensitive if c not in (*taken, *told["key"]))
    return replace(given, sensitive=given.sensitive or other, **told)


def _of_people(
    people: TableRelease, roles: Roles, beside: Beside
) -> tuple[dict[str, Measures], tuple[Exposure, ...]]:
    """Say what the columns show, whom a map's dots are by the table, or where its people live."""
    found, placed = {"inventory": table_inventory(people)}, tuple[Exposure, ...]()
    if beside.addresses is not None:
        base = read_addresses(beside.addresses, commune=beside.commune)
        known = replace(people, roles=roles)
        found["linked"] = (
            linked_by_address(known, base) if beside.dots is None
            else link_releases(known, beside.dots, addresses=base)
        )  # fmt: skip
        placed, hidden = table_on_map(people, base)
        found |= hidden
    return found, placed


def _of_records(
    table: Table, roles: Roles, missing: str, contributions: bool
) -> dict[str, Measures]:
    """Measure what is told of records only, not of their counts."""
    if contributions:
        levels = level_contributions(table, roles, missing=missing)
        shown = most_levels(named_levels(levels.rows), _LEVELS)
        return {
            "levels": replace(levels, rows=shown),
            "combinations": key_combinations(
                table, roles, missing=missing, most=_LEVELS, least=SMALL_CELL
            ),
        }
    if len(table.records) > _MENDED:
        return {}
    # Who would be alone without each key, or with it coarsened: what a report ends with.
    keys = replace(roles, sensitive=())
    found = key_contributions(table, keys, missing=missing, special=1)
    alone = [row for row in found.rows if row.measure == "sample_uniques"]
    return {"contributions": replace(found, rows=alone)}
