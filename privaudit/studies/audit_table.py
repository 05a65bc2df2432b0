"""The study of a real table of profiles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from privaudit._core.by_name import by_name
from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.exposure.inventory import table_inventory
from privaudit.exposure.linked import linked_by_address
from privaudit.places.address_base import AddressBase
from privaudit.places.read_addresses import read_addresses
from privaudit.release.files import reader_of
from privaudit.release.read_map import read_map
from privaudit.release.read_table import measurable, table_release
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.measures import Measures
from privaudit.roles import Roles
from privaudit.studies.release_attacks import release_attacks
from privaudit.studies.study import Input, Study, command_line
from privaudit.tables.contributions import key_contributions
from privaudit.tables.intake import MOST_BYTES, MOST_RECORDS, take_in
from privaudit.tables.key_combinations import key_combinations
from privaudit.tables.level_contributions import level_contributions
from privaudit.tables.measures import measure
from privaudit.tables.reading import Reading
from privaudit.tables.recognise import refuse_names
from privaudit.tables.sources import exceeds
from privaudit.tables.table import Table

__all__ = ["Beside", "audit_table"]

# Levels of each key on the page: those with most of the score, and one row for the others.
_LEVELS = 8
# Records of a table of which each key is left out and coarsened unasked, to say what to mend.
_MENDED = 20_000


@by_name
@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a people table is laid beside.

    Parameters
    ----------
    addresses : path, optional
        National address file: which of the people's addresses are known ones.
    commune : str, optional
        INSEE code of the commune in it.
    dots : path, optional
        Map of dots on addresses, whom the table may name.

    Raises
    ------
    ParameterError
        A map, or a commune, without addresses.
    """

    addresses: str | Path | None = None
    commune: str | None = None
    dots: str | Path | None = None

    def __post_init__(self) -> None:
        if self.addresses is None and (self.commune is not None or self.dots is not None):
            came, do = "--commune or --map alone", "Add --addresses FILE."
            raise ParameterError(say("table", "addresses with --commune or --map", came, do))

    def read(self) -> tuple[AddressBase, DotRelease | None]:
        """Read the addresses, and the map over them."""
        base = read_addresses(self.addresses, commune=self.commune)
        return base, None if self.dots is None else read_map(self.dots, addresses=base)


def audit_table(
    file: str | Path,
    roles: Roles,
    *,
    population: str | Path | None = None,
    contributions: bool = False,
    reading: Reading | None = None,
    original: str | Path | None = None,
    holdout: str | Path | None = None,
    beside: Beside | None = None,
    **options: Any,
) -> Study:
    """Measure a real table of profiles and return the study.

    Parameters
    ----------
    file : path
    roles : Roles
        Without a key: those of an export of NationBuilder, VAN or OSDI, where the file is one.
    population : path, optional
        Everybody whom the people of the file come from.
    contributions : bool
        Measure all again with each key left out and coarsened, and say which levels, and which
        combinations of keys, single out. Otherwise only who would be alone is counted again, of
        a table that is not large.
    original, holdout : path, optional
        The people suspected to be in the file, and others of whom it is known that they are not:
        the file is then attacked as a release; see `release_attacks`.
    reading : Reading, optional
        How cells are read.
    beside : Beside, optional
        Addresses, and a map of dots, that the people are linked with.
    **options
        missing, sampling_fraction, household, memory_limit: as for `measure`.

    Raises
    ------
    ParameterError
        No key variable; or, with `contributions`, one that names people.
    """
    given = roles
    people = _people(file, roles, reading)
    roles = roles if people is None or roles.key else _filled_up(roles, people.roles)
    if not roles.key:
        do = "Give --key a,b."
        raise ParameterError(say("table", "at least one key variable", "none", do))
    if (original is None) != (holdout is None):
        came = "one of them"
        raise ParameterError(say("table", "an original and a holdout, or neither", came))
    household, limit = options.get("household"), options.get("memory_limit")
    # Read once, not once a measure; a large file, or one with a limit, is counted where it is.
    source = measurable(file, roles, reading=reading, who="table")
    if people is not None and not given.key and limit is None:
        source = replace(people, roles=roles)
    limits: dict[str, Any] = {"household": household, "memory_limit": limit}
    taken = take_in(source, roles, reading=reading, who="table", **limits)
    table: Any = taken.source if taken.table is None else taken.table
    if contributions:
        refuse_names("table", roles.key, None if taken.table is None else taken.table.records)
    also: dict[str, Any] = {"population": population, "reading": reading}
    measures = {} if people is None else _of_people(people, roles, beside)
    measures |= {"table": measure(table, roles, **also, **options)}
    if contributions:
        measures["contributions"] = key_contributions(table, roles, **also, **options)
    if taken.table is not None:
        measures |= _of_records(taken.table, roles, options.get("missing", "likely"), contributions)
    if original is not None and holdout is not None:
        measures |= release_attacks(file, original, holdout, roles, combinations=contributions)
    others = {"population": population, "original": original, "holdout": holdout}
    if beside is not None:
        others |= {"addresses": beside.addresses, "map": beside.dots}
    more = {role: Path(path) for role, path in others.items() if path is not None}
    inputs = [Input(path=Path(file), role="table")]
    inputs += [Input(path=path, role=role) for role, path in more.items()]
    named = {
        "key": given.key,
        "sensitive": given.sensitive,
        "identifier": given.identifier,
        "weight": given.weight,
        "ordered": None if given.orders is None else ",".join(given.orders),
        "commune": None if beside is None else beside.commune,
        **options,
        **({} if reading is None else reading.asked()),
    }
    return Study(
        kind="table",
        title=Path(file).name,
        provenance=measures["table"].provenance,
        real_places=True,
        measures=measures,
        set_aside={} if taken.table is None else dict(taken.table.set_aside),
        notes=taken.notes if taken.table is None else taken.table.notes,
        command=command_line("table", [Path(file)], contributions=contributions, **more, **named),
        inputs=tuple(inputs),
        recipe={**named, "contributions": contributions},
    )


def _people(file: str | Path, roles: Roles, reading: Reading | None) -> TableRelease | None:
    """Read a people table whole, where it is not too large for that."""
    if reader_of(file, gives="table", who="table").counted and exceeds(
        file, records=MOST_RECORDS, size=MOST_BYTES, who="table"
    ):
        return None
    return table_release(file, Roles() if not roles.key else roles, reading=reading, who="table")


def _filled_up(given: Roles, known: Roles) -> Roles:
    """Return what was given, and for the rest the roles that the system's headers tell."""
    told = {name: getattr(given, name) or getattr(known, name) for name in ("identifier", "key")}
    taken = (*given.columns, *told["identifier"])
    told["key"] = tuple(c for c in told["key"] if c not in taken)
    other = tuple(c for c in known.sensitive if c not in (*taken, *told["key"]))
    return replace(given, sensitive=given.sensitive or other, **told)


def _of_people(people: TableRelease, roles: Roles, beside: Beside | None) -> dict[str, Measures]:
    """Say what the columns show, and whom a map's dots are by the table."""
    found = {"inventory": table_inventory(people)}
    if beside is not None and beside.addresses is not None:
        base, dots = beside.read()
        found["linked"] = linked_by_address(replace(people, roles=roles), base, dots)
    return found


def _of_records(
    table: Table, roles: Roles, missing: str, contributions: bool
) -> dict[str, Measures]:
    """Measure what is told of records only, not of their counts."""
    if contributions:
        of: dict[str, Any] = {"missing": missing, "most": _LEVELS}
        return {
            "levels": level_contributions(table, roles, **of),
            "combinations": key_combinations(table, roles, **of),
        }
    if len(table.records) > _MENDED:
        return {}
    # Who would be alone without each key, or with it coarsened: what a report ends with.
    keys = replace(roles, sensitive=())
    found = key_contributions(table, keys, missing=missing, special=1)
    alone = [row for row in found.rows if row.measure == "sample_uniques"]
    return {"contributions": replace(found, rows=alone)}
