"""What leaving out, or coarsening, each key would do to each measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

import pandas as pd

from privaudit._core.checks import an_instance, one_of, say
from privaudit.engines.levels import encode_column
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.coarsening import Coarsening, as_given, coarsened, coarsening_of
from privaudit.exposure.tables.intake import Intake, take_in
from privaudit.exposure.tables.measures import measure
from privaudit.exposure.tables.rows import COLUMNS
from privaudit.roles import Roles

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
        As for `privaudit.exposure.tables.measures.measure`; its keys are changed as the table's.
    **options
        As for `privaudit.exposure.tables.measures.measure`.

    Returns
    -------
    Measures
        One row a measure and change, such as ``k_anonymity[without age]`` or
        ``k_anonymity[coarser age]``: the value after it, and as baseline the value before.
        Measures of one column or of one set of keys are left out, as are those that cannot be
        had. `per_record` is empty.

    Raises
    ------
    ParameterError
        `coarser` names no key, or is for a table that is only counted.
    SchemaError
        A level of a coarsened key has no wider level; or as `measure` has it.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30, 31, 33, 41], "sex": list("FFMM")})
    >>> found = key_contributions(people, Roles(key=["age", "sex"]))
    >>> found.overall.loc["sample_uniques[without age]", ["value", "baseline"]].tolist()
    [0.0, 4.0]
    >>> float(found.overall.loc["sample_uniques[coarser age]", "value"])
    2.0
    >>> found.notes[-2]
    "Key 'age' is coarsened in bands of 5: 4 values become 2."
    """
    who = "key_contributions"
    known = [name for name in signature(measure).parameters if name not in ("table", "roles")]
    for name in options:
        one_of(who, "option", name, known)
    wider = an_instance(who, "coarser", {} if coarser is None else coarser, Mapping)
    engine = {name: options[name] for name in _ENGINE if name in options}
    taken = take_in(table, roles, household=options.get("household"), who=who, **engine)
    for key in wider:
        if key not in taken.roles.key:
            raise ParameterError(say(who, "a key variable to coarsen", f"'{key}'"))
        an_instance(who, f"coarser['{key}']", wider[key], Mapping)
    crowd = None
    if population is not None:
        keys = Roles(key=taken.roles.key)
        crowd = take_in(population, keys, called="the population", who=who)
    source: Any = taken.source if taken.release is None else taken.release
    people: Any = None if crowd is None else (crowd.release or crowd.source)
    before = measure(source, taken.roles, population=people, **options)
    changes: dict[str, tuple[Any, Roles, Any, str]] = {}
    if len(taken.roles.key) > 1:
        for key in taken.roles.key:
            rest = tuple(k for k in taken.roles.key if k != key)
            changes[f"without {key}"] = source, replace(taken.roles, key=rest), people, ""
    notes, made = _coarser_tables(taken, crowd, wider, who)
    for key, (records, crowd_after, what) in made.items():
        changes[f"coarser {key}"] = records, taken.roles, crowd_after, what
    names = [name for name in before.overall.index if "[" not in name]
    rows = {}
    for change, (records, roles_after, crowd_after, what) in changes.items():
        after = measure(records, roles_after, population=crowd_after, **options).overall
        for name in names:
            row = after.loc[name].to_dict() | {"baseline": before.overall.loc[name, "value"]}
            row["note"] = f"{what} {row['note']}".strip()
            if row["value"] == row["value"]:
                rows[f"{name}[{change}]"] = row
    index = pd.Index(list(rows), name="measure")
    return Measures(
        overall=pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS)),
        per_record=pd.DataFrame(),
        title=f"contribution of each key of {before.title.removeprefix('measures of ')}",
        provenance=before.provenance,
        notes=tuple(dict.fromkeys((*taken.notes, *before.notes, *notes))),
        # What cannot be estimated has no row here.
        reliable=True,
        recipe={**before.recipe, "stage": "key_contributions", "coarsened": list(made)},
    )


def _coarser_tables(
    taken: Intake, crowd: Intake | None, wider: Mapping[str, Mapping[Any, Any]], who: str
) -> tuple[list[str], dict[str, tuple[Any, Any, str]]]:
    """Make the table, and its population, with each key coarsened; say what was done to it."""
    if taken.release is None or (crowd is not None and crowd.release is None):
        if wider:
            do = "Hand over a pandas frame, or coarsen the column before."
            raise ParameterError(say(who, "the records of a key to coarsen", "their counts", do))
        return ["No key is coarsened: that needs the records, and only counts were read."], {}
    notes, made = [], {}
    for key in taken.roles.key:
        column = taken.release.records[key]
        by = as_given(key, wider[key], who) if key in wider else coarsening_of(column, who)
        if by is None:
            notes.append(f"Key '{key}' is not coarsened: nothing lies before leaving it out.")
            continue
        records = _with(taken.release.records, key, by, who)
        people = None
        if crowd is not None and crowd.release is not None:
            whole = _with(crowd.release.records, key, by, who)
            people = replace(crowd.release, records=whole)
        before, after = (len(encode_column(one, who)[1]) for one in (column, records[key]))
        said = f"Key '{key}' is coarsened {by.what}: {before:,} values become {after:,}."
        notes.append(said)
        made[key] = replace(taken.release, records=records), people, said
    return notes, made


def _with(records: pd.DataFrame, key: str, by: Coarsening, who: str) -> pd.DataFrame:
    return records.assign(**{key: coarsened(records[key], by, who)})
