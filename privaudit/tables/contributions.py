"""What leaving out, or coarsening, each key would do to each measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

from privaudit._core.checks import an_instance, one_of, say
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.roles import Roles
from privaudit.tables.coarsening import Coarsening, as_given, coarsened, coarsening_of
from privaudit.tables.intake import Intake, take_in
from privaudit.tables.levels import encode_column
from privaudit.tables.measures import measure
from privaudit.tables.reading import reading_of
from privaudit.tables.table import Table
from privaudit.words.note import Note

__all__ = ["key_contributions"]

_ENGINE = ("engine", "memory_limit", "spill_directory")


def key_contributions(
    table: Any,
    roles: Roles | None = None,
    *,
    coarser: Mapping[str, Mapping[Any, Any]] | None = None,
    population: Any = None,
    **options: Any,
) -> Measures:
    """Measure a table once for each key left out, and once for each key coarsened.

    Parameters
    ----------
    table : Release, frame, lazy frame, relation or path
    roles : Roles, optional
        Default: those of the release. With one key variable there is nothing to leave out.
    coarser : mapping, optional
        For a key, its levels and the wider level that would stand in their place. A key that is
        not named is coarsened by what it holds: numbers in bands, dates by month or year, codes
        by their beginning (those of French communes by département), bands and ordered
        categories with their neighbour, other words by putting the rarest together, so that
        about half of the levels are left. The notes say which; a key of two levels is left as
        it is, and so are all keys of a table of which only counts are read.
    population : Release, frame, lazy frame, relation or path, optional
        As for `privaudit.tables.measures.measure`; its keys are changed as the table's.
    **options
        As for `privaudit.tables.measures.measure`.

    Returns
    -------
    Measures
        Family "contributions". One row a measure and change, with the parameter ``without`` or
        ``coarser``: the value after it, and as baseline the value before. Measures of a key or
        of a set of keys are left out, as are those that cannot be had. `per_record` is empty.

    Raises
    ------
    ParameterError
        `coarser` names no key, or is for a table that is only counted.
    SchemaError
        A level of a coarsened key has no wider level; or as `measure` has it.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 31, 33, 41], "sex": list("FFMM")})
    >>> found = key_contributions(people, Roles(key=["age", "sex"]))
    >>> row = found.row("sample_uniques", without="age")
    >>> row.value, row.baseline
    (0.0, 4.0)
    >>> found.value("sample_uniques", coarser="age")
    2.0
    >>> found.notes[-2]
    Note('key_coarsened', key='age', how=Note('coarser_bands', width=5), before=4, after=2)
    """
    who = "key_contributions"
    known = [name for name in signature(measure).parameters if name not in ("table", "roles")]
    for name in options:
        one_of(who, "option", name, known)
    wider = an_instance(who, "coarser", {} if coarser is None else coarser, Mapping)
    where = {name: options[name] for name in _ENGINE if name in options}
    read = (options.pop(name, None) for name in ("reading", "missing_values"))
    reading = reading_of(who, *read)
    home = options.get("household")
    taken = take_in(table, roles, household=home, reading=reading, who=who, **where)
    options |= {"reading": reading}
    for key in wider:
        if key not in taken.roles.key:
            raise ParameterError(say(who, "a key variable to coarsen", f"'{key}'"))
        an_instance(who, f"coarser['{key}']", wider[key], Mapping)
    crowd = None
    if population is not None:
        keys = Roles(key=taken.roles.key)
        crowd = take_in(population, keys, called="the population", reading=reading, who=who)
    source: Any = taken.source if taken.table is None else taken.table
    people: Any = None if crowd is None else (crowd.table or crowd.source)
    before = measure(source, taken.roles, population=people, **options)
    rows: list[Row] = []

    def change(part: dict[str, str], records: Any, roles: Roles, population: Any) -> None:
        after = measure(records, roles, population=population, **options)
        rows.extend(_beside(before, after, part))

    if len(taken.roles.key) > 1:
        for key in taken.roles.key:
            rest = tuple(k for k in taken.roles.key if k != key)
            change({"without": key}, source, replace(taken.roles, key=rest), people)
    notes, made = _coarser_tables(taken, crowd, wider, who)
    for key, (records, crowd_after) in made.items():
        change({"coarser": key}, records, taken.roles, crowd_after)
    return Measures(
        family="contributions",
        rows=rows,
        name=before.name,
        provenance=before.provenance,
        notes=(*taken.notes, *before.notes, *notes),
        recipe={**before.recipe, "stage": "key_contributions", "coarsened": list(made)},
    )


def _beside(before: Measures, after: Measures, part: dict[str, str]) -> list[Row]:
    """Rows after a change, each beside the value before it."""
    was = {row.key: row for row in before.rows}
    return [
        replace(
            row,
            baseline=was[row.key].value,
            part={**part, **row.part},
            unprinted=("row",) if row.unprinted
            else ("baseline",) if was[row.key].unprinted else (),
        )
        for row in after.rows
        if row.value == row.value and row.key in was and not {"key", "keys"} & set(row.part)
    ]  # fmt: skip


def _coarser_tables(
    taken: Intake, crowd: Intake | None, wider: Mapping[str, Mapping[Any, Any]], who: str
) -> tuple[list[Note], dict[str, tuple[Table, Table | None]]]:
    """Make the table, and its population, with each key coarsened; say what was done to it."""
    if taken.table is None or (crowd is not None and crowd.table is None):
        if wider:
            do = "Hand over a pandas frame, or coarsen the column before."
            raise ParameterError(say(who, "the records of a key to coarsen", "their counts", do))
        return [Note("no_key_is_coarsened")], {}
    notes, made = [], {}
    for key in taken.roles.key:
        column = taken.table.records[key]
        by = as_given(key, wider[key], who) if key in wider else coarsening_of(column, who)
        if by is None:
            notes.append(Note("key_not_coarsened", key=key))
            continue
        table = _with(taken.table, key, by, who)
        people = None
        if crowd is not None and crowd.table is not None:
            people = _with(crowd.table, key, by, who)
        before, after = (len(encode_column(one, who)[1]) for one in (column, table.records[key]))
        notes.append(Note("key_coarsened", key=key, how=by.what, before=before, after=after))
        made[key] = table, people
    return notes, made


def _with(table: Table, key: str, by: Coarsening, who: str) -> Table:
    coarser = coarsened(table.records[key], by, who)
    return replace(table, records=table.records.assign(**{key: coarser}))
