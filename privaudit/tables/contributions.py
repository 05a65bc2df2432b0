"""Contributions: what each key, left out or coarser, each level and each set of keys adds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import encode_column
from privaudit.columns.recognise import refuse_names
from privaudit.columns.roles import Roles
from privaudit.columns.values import reading_of
from privaudit.core.checks import an_instance, one_of, whole
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures, most_levels
from privaudit.results.rows import Row, Rows
from privaudit.tables.coded_table import CodedTable, Intake, Table, take_in
from privaudit.tables.context import Options, context_of, read_people
from privaudit.tables.generalisation import Coarsening, as_given, coarsened, coarsening_of
from privaudit.tables.measure import MEASURES, measure
from privaudit.tables.special_uniques import (
    score_shares_by_key,
    score_shares_by_level,
    search_uniques,
)
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MissingWord

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
        As for `privaudit.tables.measure.measure`; its keys are changed as the table's.
    **options
        As for `privaudit.tables.measure.measure`.

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
            raise ParameterError.of(who, "a key variable to coarsen", f"'{key}'")
        an_instance(who, f"coarser['{key}']", wider[key], Mapping)
    everyone = None
    if population is not None:
        keys = Roles(key=taken.roles.key)
        everyone = take_in(population, keys, called="the population", reading=reading, who=who)
    source: Any = taken.source if taken.table is None else taken.table
    people: Any = None if everyone is None else (everyone.table or everyone.source)
    before = measure(source, taken.roles, population=people, **options)
    rows: list[Row] = []

    def change(part: dict[str, str], records: Any, roles: Roles, population: Any) -> None:
        after = measure(records, roles, population=population, **options)
        rows.extend(_beside(before, after, part))

    if len(taken.roles.key) > 1:
        for key in taken.roles.key:
            rest = tuple(k for k in taken.roles.key if k != key)
            change({"without": key}, source, replace(taken.roles, key=rest), people)
    notes, made = _coarser_tables(taken, everyone, wider, who)
    for key, (records, people_after) in made.items():
        change({"coarser": key}, records, taken.roles, people_after)
    return Measures(
        family="contributions",
        rows=rows,
        name=before.name,
        provenance=before.provenance,
        notes=(*taken.notes, *before.notes, *notes),
        recipe={**before.recipe, "stage": "key_contributions", "coarsened": list(made)},
    )


def _beside(before: Measures, after: Measures, part: dict[str, str]) -> list[Row]:
    """Return the rows after a change, each with the value before it as baseline."""
    was = {row.key: row for row in before.rows}
    return [
        replace(
            row,
            baseline=was[row.key].value,
            part={**part, **row.part},
            **_shown_after(row, was[row.key], "coarser" in part),
        )
        for row in after.rows
        if row.value == row.value and row.key in was and not {"key", "keys"} & set(row.part)
    ]


def _shown_after(row: Row, was: Row, coarser: bool) -> dict[str, Any]:
    """Return what a report shows of a row after a change, as fields of it.

    A coarser level is a sum of levels: beside those that are named it tells a rare one. Where the
    number before is withheld, so is that after; a risk is not more than its range before allows.
    """
    if {"value", "row"} & {*row.unprinted}:
        return {"unprinted": ("row",)}
    if not (was.unprinted or was.printed):
        return {"unprinted": ()}
    if not coarser:
        return {"unprinted": ("baseline",)}
    measure = next(one for one in MEASURES if one.word == row.measure)
    least, most = measure.span[0], math.nan if was.printed is None else was.printed[1]
    if measure.laws.get("key_coarsened") == "not_more" and least <= most < measure.span[1]:
        return {"printed": (least, most), "unprinted": ()}
    return {"unprinted": ("row",)}


def _coarser_tables(
    taken: Intake, everyone: Intake | None, wider: Mapping[str, Mapping[Any, Any]], who: str
) -> tuple[list[Note], dict[str, tuple[Table, Table | None]]]:
    """Return notes, and the table and its population with each key coarsened."""
    if taken.table is None or (everyone is not None and everyone.table is None):
        if wider:
            do = "Hand over a pandas frame, or coarsen the column before."
            raise ParameterError.of(who, "the records of a key to coarsen", "their counts", do)
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
        if everyone is not None and everyone.table is not None:
            people = _with(everyone.table, key, by, who)
        before, after = (len(encode_column(one, who)[1]) for one in (column, table.records[key]))
        notes.append(Note("key_coarsened", key=key, how=by.what, before=before, after=after))
        made[key] = table, people
    return notes, made


def _with(table: Table, key: str, by: Coarsening, who: str) -> Table:
    coarser = coarsened(table.records[key], by, who)
    return replace(table, records=table.records.assign(**{key: coarser}))


def level_contributions(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: MissingWord = "likely",
    special: int = 3,
    most: int | None = None,
) -> Measures:
    """Return the share of the SUDA score of each level of each key: which single records out.

    Parameters
    ----------
    table : Release, pandas, Polars or Arrow frame, or path
        Its records are read.
    roles : Roles, optional
        With at least one key variable. Default: those of the release.
    missing : {"likely", "wildcard", "value", "exclude"}
        As for `privaudit.tables.measure.measure`. Under *likely* a set of keys counts among
        the records that know it; under *wildcard* a missing key agrees with any value, under
        *value* it is one.
    special : int
        Special uniques are searched among sets of at most so many keys.
    most : int, optional
        Rows of levels a key: the greatest parts, and one row for all others.

    Returns
    -------
    Measures
        Family "levels". For each ``key`` a row ``suda_score_with``, and a row a ``level``: share
        of the file's SUDA score that comes from minimal uniques that hold that level, in [0, 1],
        0 is safe. Over the levels of a key they add up to the key's own; over keys they overlap.
        Its baseline is the level's share of the records, and `n` the records that have it: a
        level is risky where its part of the score is above its part of the records. A blank is
        ``levels="missing"``, and what `most` leaves out ``levels="other"``. A report names
        no level that few records hold: they share one row, ``levels="rare"``, with the next
        rarest where they could be derived from what is shown; and no level of a key that is like
        an identifier, with as many levels as half of the records. `per_record` is empty.

    Raises
    ------
    SchemaError
        The records of the table are not read (it is lazy, or too large), it has none, no key
        variable, or lacks a column.
    ParameterError
        An argument out of its range, or a key that names people: its values would be printed.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30] * 12 + [50] * 12 + [99], "sex": list("FM") * 12 + ["F"]})
    >>> found = level_contributions(people, Roles(key=["age", "sex"]))
    >>> [(row.label, row.value) for row in found.rows[:2]]
    [('suda_score_with(key=age)', 1.0), ('suda_score_with(key=age, level=99)', 1.0)]
    """
    who = "level_contributions"
    options = Options(missing=missing, special=special)
    if most is not None:
        whole(who, "most", most, 1)
    read, coded, read_notes = read_people(table, roles, missing, who)
    refuse_names(who, read.roles.key, read.records)
    search = search_uniques(coded, special, missing)
    notes = [search] if isinstance(search, Note) else [*search.cut_short, *search.notes[1:]]
    rows = Rows(len(coded), "records")
    if not isinstance(search, Note):
        of_keys = score_shares_by_key(search.uniques)
        of_levels = score_shares_by_level(search.uniques, coded.codes)
        hidden = context_of(coded, options, who=who).unprinted_levels
        for j, key in enumerate(coded.keys):
            _add(rows, of_keys[j], {"key": key}, [*search.notes[:1]], **hidden)
            for part, share, n in _levels(coded, j, of_levels[j]):
                overlap = [Note("shares_of_keys_overlap")]
                fields = {"baseline": n / len(coded), "n": n, **hidden}
                _add(rows, share, {"key": key, **part}, overlap, **fields)
    return Measures(
        family="levels",
        rows=rows if most is None else most_levels(rows, most),
        name=read.name,
        provenance=read.provenance,
        notes=(*read_notes, *notes),
        recipe={**options.recipe(read.roles, "file"), "stage": who},
    )


def _add(rows: Rows, share: float, part: dict[str, str], notes: list[Note], **fields: Any) -> None:
    rows.add("suda_score_with", share, "share", notes, of="combinations", part=part, **fields)


def _levels(
    coded: CodedTable, j: int, part: NDArray[np.float64]
) -> list[tuple[dict[str, str], float, int]]:
    """Return part of the score, and records, of each level of key j, greatest parts first."""
    levels = coded.levels[coded.keys[j]]
    size = np.bincount(coded.codes[:, j] + 1, minlength=len(part))
    there = np.flatnonzero(size)
    names = [
        ("level", str(levels[place - 1])) if place else ("levels", "missing")
        for place in there.tolist()
    ]
    frame = pd.DataFrame({"name": names, "part": part[there], "size": size[there]})
    # Two values that are written alike are one row.
    frame = frame.groupby("name", sort=True, as_index=False).sum()
    frame = frame.sort_values("part", ascending=False, kind="stable")
    return [(dict([name]), float(p), int(n)) for name, p, n in frame.itertuples(index=False)]


def key_combinations(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: MissingWord = "likely",
    size: int = 3,
    most: int | None = None,
    least: int = 1,
) -> Measures:
    """Return which combinations of keys single records out.

    Parameters
    ----------
    table : Release, pandas, Polars or Arrow frame, or path
        Its records are read.
    roles : Roles, optional
        With at least one key variable. Default: those of the release.
    missing : {"likely", "wildcard", "value", "exclude"}
        Under *likely*, a set of keys counts among the records that know it; under *wildcard* a
        blank agrees with any value, under *value* it is one; *exclude* leaves records with one out.
    size : int
        Combinations of at most so many keys, or of as many as can be searched.
    most : int, optional
        Rows of combinations: those that single out most records, and one for all others.
    least : int
        Records that a combination must single out for a row of its own. A report takes no fewer
        than its threshold.

    Returns
    -------
    Measures
        Family "combinations". ``singled_out_by``, a row a combination of ``keys``, the most
        first: share of the records that it singles out while no part of it does (a minimal
        sample unique), 0 = safe. A record may stand in several rows, which therefore overlap.
        Combinations that single out fewer than `least` records, and what `most` leaves out, share
        one row, ``sets="other"``: the records that no combination shown singles out; of fewer than
        `least` it is left out. ``singled_out_by`` without ``keys``: by any of them. n:
        records. `per_record` is empty.

    Raises
    ------
    SchemaError
        The records of the table are not read (it is lazy, or too large), or it has no key
        variable.
    ParameterError
        An argument out of its range.

    Examples
    --------
    >>> people = pd.DataFrame({"age": list(range(12)) * 2, "sex": ["F"] * 12 + ["M"] * 12})
    >>> found = key_combinations(people, Roles(key=["age", "sex"]))
    >>> found.value("singled_out_by", keys=("age", "sex"))
    1.0
    """
    who = "key_combinations"
    whole(who, "size", size, 1)
    if most is not None:
        whole(who, "most", most, 1)
    whole(who, "least", least, 1)
    read, coded, read_notes = read_people(table, roles, missing, who)
    search = search_uniques(coded, size, missing)
    rows = Rows(len(coded), "records")
    notes = [search] if isinstance(search, Note) else [*search.notes, *search.cut_short]
    if isinstance(search, Note):
        rows.absent(["singled_out_by"], "share", search)
    else:
        found, n = search.uniques, len(coded)
        context = context_of(coded, Options(missing=missing), who=who)
        rows.add(
            "singled_out_by", len(np.unique(found.record)) / n, "share", **context.unprinted_levels
        )
        for part, share in _shares(found.record, found.keys, coded.keys, n, most, least):
            # Levels of one record each are a count of the rarest level of a key.
            alone = [coded.keys.index(key) for key in part.get("keys", ())]
            one = len(alone) == 1 and context.has_few_levels(alone[0])
            few = ("row",) if one or round(share * n) < SMALL_CELL else ()
            rows.add("singled_out_by", share, "share", part=part, unprinted=few)
    return Measures(
        family="combinations",
        rows=rows,
        name=read.name,
        provenance=read.provenance,
        notes=(*read_notes, *notes),
        recipe={"stage": who, "key": list(coded.keys), "missing": missing, "size": size},
    )


def _shares(
    record: np.ndarray, keys: np.ndarray, names: Sequence[str], n: int, most: int | None, least: int
) -> list[tuple[dict[str, Any], float]]:
    """Return the share of records of each combination shown, and of all others together."""
    sets, count = np.unique(keys, return_counts=True)
    # The most first.
    order = np.lexsort([sets, -count])
    shown = [k for k in order if count[k] >= least][:most]
    rows: list[tuple[dict[str, Any], float]] = [
        ({"keys": tuple(name for j, name in enumerate(names) if sets[k] >> j & 1)}, count[k] / n)
        for k in shown
    ]
    by_shown = np.isin(keys, sets[shown])
    rest = len(np.setdiff1d(record[~by_shown], record[by_shown]))
    return [*rows, ({"sets": "other"}, rest / n)] if rest >= least else rows
