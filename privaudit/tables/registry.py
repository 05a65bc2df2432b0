"""Every measure of a table, and the rows that follow from them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from privaudit.measures.tables import risk
from privaudit.results.rows import Rows
from privaudit.tables import class_rows, disclosure, estimates, keys, population
from privaudit.tables.declared import TableMeasure, Told, told_of
from privaudit.tables.facts import Facts
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.crowd import Crowd

__all__ = ["MEASURES", "OF_CLASSES", "rows_of", "said_of", "scores_of"]

# In the order in which each file declares them: a measure that is declared there is measured.
MEASURES: tuple[TableMeasure, ...] = tuple(
    thing
    for module in (class_rows, population, estimates, disclosure, keys)
    for thing in vars(module).values()
    if isinstance(thing, TableMeasure)
)
# Measures of a class that `facts_of` takes in one pass.
OF_CLASSES = tuple(measure for measure in MEASURES if measure.per == "class")


def rows_of(facts: Facts, measures: Iterable[TableMeasure] | None = None) -> Rows:
    """Take measures of a table: a row each, or one for each parameter or sensitive column.

    `measures`: all of the library, and those of one's own that were asked for, where left out.
    """
    measures = (*MEASURES, *facts.options.own) if measures is None else measures
    rows = Rows(len(facts), facts.noun)
    for measure in measures:
        if measure.per == "table":
            _add(rows, measure, measure.take(facts), facts.noun)
        elif not facts.columns:
            _add(rows, measure, facts.no_column, facts.noun)
        for column in facts.columns if measure.per != "table" else ():
            told: Told
            if column.why_not is not None:
                told = column.why_not
            else:
                told = column.worst(measure) if measure.per == "class" else measure.take(column)
            fields: dict[str, Any] = {"n": column.n, "part": {"column": column.name}}
            if measure.against_prior and not isinstance(told, Note):
                fields["baseline"] = column.prior
            # Shared out among the classes that a blank may hide, and nothing bounds it.
            expected = {"low": math.nan, "high": math.nan} if facts.sizes.fewer else {}
            _add(rows, measure, told, facts.noun, expected, **fields)
    return rows


def _add(
    rows: Rows,
    measure: TableMeasure,
    told: Told,
    noun: str,
    ends: Mapping[str, float] | None = None,
    **given: Any,
) -> None:
    """Add the rows of what a measure returned; a `rate` is a share of n with its interval.

    `ends`: Those of a value that came without any.
    """
    of = {"unit": measure.unit, "counts": measure.counts, "of": measure.of}
    of = {name: noun if word == "records" else word for name, word in of.items()}
    for one in told_of(told):
        fields = of | given | one
        fields["part"] = {**given.get("part", {}), **one.get("part", {})}
        if "rate" in fields:
            rows.rate(measure.word, fields.pop("rate"), fields["n"], **fields)
        else:
            fields = {**(ends or {}), **fields}
            rows.add(measure.word, fields.pop("value"), fields.pop("unit"), **fields)


def said_of(facts: Facts, crowd: Crowd | None) -> list[Note]:
    """Notes about all that was measured."""
    notes = [*facts.sizes.notes]
    notes += () if crowd is None else crowd.notes
    notes += class_rows.scan_notes(facts)
    if isinstance(facts.uniques, Note):
        notes += () if facts.counted else (facts.uniques,)
    else:
        notes += facts.uniques.notes[1:]
    return notes if facts.behind.doubt is None else [*notes, facts.behind.doubt]


def scores_of(facts: Facts) -> dict[str, NDArray[Any]]:
    """What `per_record` holds of each row."""
    scores: dict[str, NDArray[Any]] = {
        "class_size": facts.sizes.expected,
        "prosecutor_risk": facts.prosecuted,
    }
    scores["journalist_risk"] = facts.found
    if facts.behind.source != "file":
        scores["individual_risk"] = facts.found
        scores["population_size"] = facts.behind.people
        if facts.household is not None:
            scores["household_risk"] = risk.household_risk(facts.found, facts.household)
    if not isinstance(facts.uniques, Note):
        found = facts.uniques.found
        scores["suda_score"] = keys.score_of(facts)
        scores["minimal_uniques"], scores["smallest_unique"] = found.count, found.smallest
        dis_suda = keys.dis_suda_of(facts)
        if dis_suda is not None:
            scores["dis_suda"] = dis_suda
    return scores | disclosure.diversity_of(facts)
