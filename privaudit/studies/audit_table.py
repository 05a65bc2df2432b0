"""The study of a real table of profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.release.read_table import measurable
from privaudit.roles import Roles
from privaudit.studies.study import Input, Study, command_line
from privaudit.tables.contributions import key_contributions
from privaudit.tables.intake import take_in
from privaudit.tables.level_contributions import level_contributions
from privaudit.tables.measures import measure
from privaudit.tables.recognise import refuse_names

__all__ = ["audit_table"]

# Levels of each key on the page: those with most of the score, and one row for the others.
_LEVELS = 8


def audit_table(
    file: str | Path,
    roles: Roles,
    *,
    population: str | Path | None = None,
    contributions: bool = False,
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
        Measure again with each key left out and coarsened, and say which levels single out.
    **options
        missing, sampling_fraction, household, memory_limit: as for `measure`.

    Raises
    ------
    ParameterError
        No key variable; or, with `contributions`, one that names people.
    """
    if not roles.key:
        raise ParameterError(say("table", "at least one key variable", "none", "Give --key a,b."))
    household, limit = options.get("household"), options.get("memory_limit")
    # Read once, not once a measure; a large file, or one with a limit, is counted where it is.
    source = measurable(file, roles, who="table")
    taken = take_in(source, roles, household=household, memory_limit=limit, who="table")
    table: Any = taken.source if taken.table is None else taken.table
    if contributions:
        refuse_names("table", roles.key, None if taken.table is None else taken.table.records)
    measures = {"table": measure(table, roles, population=population, **options)}
    if contributions:
        measures["contributions"] = key_contributions(
            table, roles, population=population, **options
        )
        if taken.table is not None:
            missing = options.get("missing", "likely")
            measures["levels"] = level_contributions(table, roles, missing=missing, most=_LEVELS)
    inputs = [Input(path=Path(file), role="table")]
    inputs += [] if population is None else [Input(path=Path(population), role="population")]
    named = {
        "key": roles.key,
        "sensitive": roles.sensitive,
        "identifier": roles.identifier,
        "weight": roles.weight,
        **options,
    }
    path = None if population is None else Path(population)
    return Study(
        kind="table",
        title=Path(file).name,
        provenance=measures["table"].provenance,
        real_places=True,
        measures=measures,
        set_aside={} if taken.table is None else dict(taken.table.set_aside),
        notes=taken.notes if taken.table is None else taken.table.notes,
        command=command_line(
            "table", [Path(file)], population=path, contributions=contributions, **named
        ),
        inputs=tuple(inputs),
        recipe={**named, "contributions": contributions},
    )
