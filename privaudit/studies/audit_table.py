"""The study of a real table of profiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.release.read_table import measurable
from privaudit.results.measures import Measures
from privaudit.roles import Roles
from privaudit.studies.release_attacks import Beside, release_attacks
from privaudit.studies.study import Input, Study, command_line
from privaudit.tables.contributions import key_contributions
from privaudit.tables.intake import take_in
from privaudit.tables.key_combinations import key_combinations
from privaudit.tables.level_contributions import level_contributions
from privaudit.tables.measures import measure
from privaudit.tables.reading import Reading
from privaudit.tables.recognise import refuse_names
from privaudit.tables.table import Table

__all__ = ["audit_table"]

# Levels of each key on the page: those with most of the score, and one row for the others.
_LEVELS = 8
# Records of a table of which each key is left out and coarsened unasked, to say what to mend.
_MENDED = 20_000


def audit_table(
    file: str | Path,
    roles: Roles,
    *,
    population: str | Path | None = None,
    contributions: bool = False,
    reading: Reading | None = None,
    beside: Beside | None = None,
    **options: Any,
) -> Study:
    """Measure a real table of profiles and return the study.

    Parameters
    ----------
    file : path
    roles : Roles
    population : path, optional
        Everybody whom the people of the file come from.
    contributions : bool
        Measure all again with each key left out and coarsened, and say which levels, and which
        combinations of keys, single out. Otherwise only who would be alone is counted again, of
        a table that is not large.
    beside : Beside, optional
        The people suspected to be in the file, and others of whom it is known that they are not:
        the file is then attacked as a release; see `release_attacks`.
    reading : Reading, optional
        How cells are read.
    **options
        missing, sampling_fraction, household, memory_limit: as for `measure`.

    Raises
    ------
    ParameterError
        No key variable; or, with `contributions`, one that names people.
    """
    if not roles.key:
        raise ParameterError(say("table", "at least one key variable", "none", "Give --key a,b."))
    beside = beside or Beside()
    household, limit = options.get("household"), options.get("memory_limit")
    # Read once, not once a measure; a large file, or one with a limit, is counted where it is.
    source = measurable(file, roles, reading=reading, who="table")
    limits: dict[str, Any] = {"household": household, "memory_limit": limit}
    taken = take_in(source, roles, reading=reading, who="table", **limits)
    table: Any = taken.source if taken.table is None else taken.table
    if contributions:
        refuse_names("table", roles.key, None if taken.table is None else taken.table.records)
    also: dict[str, Any] = {"population": population, "reading": reading}
    measures = {"table": measure(table, roles, **also, **options)}
    if contributions:
        measures["contributions"] = key_contributions(table, roles, **also, **options)
    if taken.table is not None:
        measures |= _of_records(taken.table, roles, options.get("missing", "likely"), contributions)
    notes = taken.notes if taken.table is None else taken.table.notes
    if beside:
        asked: dict[str, Any] = {"combinations": contributions, "reading": reading}
        attacked, said = release_attacks(file, beside, roles, **asked)
        measures, notes = measures | attacked, (*notes, *said)
    more = {} if population is None else {"population": Path(population)}
    more |= beside.files
    inputs = [Input(path=Path(file), role="table")]
    inputs += [Input(path=path, role=role) for role, path in more.items()]
    named = {
        "key": roles.key,
        "sensitive": roles.sensitive,
        "identifier": roles.identifier,
        "weight": roles.weight,
        "ordered": None if roles.orders is None else ",".join(roles.orders),
        **{side: names for side in ("left", "right") if (names := getattr(beside, side))},
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
        notes=notes,
        command=command_line("table", [Path(file)], contributions=contributions, **more, **named),
        inputs=tuple(inputs),
        recipe={**named, "contributions": contributions},
    )


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
