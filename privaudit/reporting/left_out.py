"""Rows beside each other: what one withholds, another must not tell.

A share is stated of the hits of another row (`right_when_claimed` of those who are claimed), or
of the same people twice. Where such a row counts fewer than `SMALL_CELL`, a mark that it is
withheld would
be a lie, since its count stands in the other: it is left out. What would give back the count of a
row that is withheld goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from privaudit._core.policy import SMALL_CELL
from privaudit.attacks.join_tables import STRONG
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.words.note import Note
from privaudit.words.nouns import GUARDED

__all__ = ["quiet_notes", "told_elsewhere", "with_them"]

# Notes about searches for people: of few they would say how many they are.
_OF_FEW = ("lead_learnt", "absent_claimed")
_GAPS = ("sensitive_gaps_left_out", "sensitive_gaps_value")

# Measures that are stated of the hits of others of the same family.
_OF_HITS = {
    "right_when_claimed": ("reidentified", "wrong_claim"),
    "alone_at_address": ("address_found",),
    "doors": ("address_found",),
    "people_a_door": ("address_found",),
    "columns_agree": ("dot_named",),
    "named_right": ("dot_named",),
    "in_both_right": ("in_both",),
}
# Those that go where another is withheld: they count the same people twice, or bound how many.
_WITH = {
    "calibration_error": "matched", "alone_at_address": "doors", "record_tells": "address_found",
}  # fmt: skip
# What is counted of two tables in both directions: who is found in one is who is found there, and
# whom several ways find together is no fewer than whom one does.
_BOTH_WAYS = ("found_in", "same_address")


def told_elsewhere(row: Row, family: Iterable[Row]) -> bool:
    """Say whether how many a withheld row counts stands in the hits of other rows.

    Examples
    --------
    >>> few = Row(measure="right_when_claimed", value=0.5, unit="share", n=4, counts="guesses",
    ...           withheld=True)
    >>> found = Row(measure="reidentified", value=0.1, unit="share", n=20, counts="people")
    >>> told_elsewhere(few, [found, few]), told_elsewhere(found, [found, few])
    (True, False)
    """
    others = _OF_HITS.get(row.measure, ())
    return row.withheld and any(
        one.measure in others and not one.withheld and _alike(one, row) for one in family
    )


def with_them(row: Row, family: Iterable[Row]) -> bool:
    """Say whether a row would tell how many another counts that is withheld.

    Examples
    --------
    >>> few = Row(measure="matched", value=0.5, unit="share", n=7, counts="people", withheld=True)
    >>> twice = Row(measure="calibration_error", value=0.1, unit="probability", n=14,
    ...             counts="guesses")
    >>> with_them(twice, [few, twice]), with_them(few, [few, twice])
    (True, False)
    """
    if row.measure in _BOTH_WAYS:
        return any(one.withheld and _same_pair(one, row) for one in family)
    other = _WITH.get(row.measure, "")
    # Of what a record tells, only where it is counts the addresses that were found.
    if row.part.get("what", "location") != "location":
        return False
    return any(one.measure == other and one.withheld and _alike(one, row) for one in family)


def _same_pair(one: Row, row: Row) -> bool:
    """Say whether a row tells of the same two tables, in either direction, by the same or a part.

    Examples
    --------
    >>> told = {"unit": "share", "n": 20, "counts": "records", "measure": "found_in"}
    >>> one, back = ({"table": a, "other": b} for a, b in ("xy", "yx"))
    >>> few = Row(value=0.2, part={**one, "by": "email"}, withheld=True, **told)
    >>> back, whole, other = (
    ...     Row(value=0.6, part={**back, "by": by}, **told) for by in ("email", "any", "phone")
    ... )
    >>> [_same_pair(few, row) for row in (back, whole, other)]
    [True, True, False]
    """
    pair = {one.part.get("table"), one.part.get("other")}
    by = one.part.get("by")
    return (
        one.measure == row.measure
        and pair == {row.part.get("table"), row.part.get("other")}
        and (row.part.get("by") == by or (row.part.get("by") == "any" and by in STRONG))
    )


def quiet_notes(found: Measures) -> tuple[Note, ...]:
    """Return the notes of a family that may be printed.

    How many records lack a value may say how few have it.

    Examples
    --------
    >>> rows = [Row(measure="records", value=300, unit="records", n=300, counts="records")]
    >>> few, many = (Note("sensitive_gaps_left_out", column="x", records=k) for k in (294, 6))
    >>> found = Measures(family="table", rows=rows, notes=(few, many))
    >>> [note.key for note in quiet_notes(found)]
    ['sensitive_gaps_most', 'sensitive_gaps_left_out']
    """
    sizes = [row.n for row in found.rows if row.measure == "records" and row.n >= SMALL_CELL]
    few = any(row.counts in GUARDED and row.n < SMALL_CELL for row in found.rows)
    return tuple(
        Note("sensitive_gaps_most", column=note.values["column"])
        if note.key in _GAPS and any(0 < n - note.values["records"] < SMALL_CELL for n in sizes)
        else note
        for note in found.notes
        if not (few and note.key in _OF_FEW)
    )


def _alike(one: Row, other: Row) -> bool:
    """Say whether two rows are of the same file, or files."""
    return one.part.get("file") == other.part.get("file")
