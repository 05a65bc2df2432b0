"""One count: what a finding counts of a file is what the inventory of that file counted.

A page never shows two counts of one thing. Before anything is written each row that counts what
the inventory counts is held against it; a difference is a fault of the program and stops it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from privaudit.results.row import Row
from privaudit.tables.column_roles import SPECIAL

if TYPE_CHECKING:
    from privaudit.studies.study import Study
    from privaudit.tables.inventory import Column, Inventory

__all__ = ["refuse_other_counts"]

_FAMILIES = ("inspect", "inventory", "properties")
# What notes are counted to hold, by the word of the inventory.
_WORD = {"child": "children"}
_SLIP = 1e-6


def refuse_other_counts(study: Study) -> None:
    """Raise `AssertionError` where a row counts otherwise than the inventory of its file.

    Parameters
    ----------
    study : Study
        Rows of the families inspect, inventory and properties are compared: records, minors, who
        is alone by the proposed keys, what cells speak of, what columns show and notes hold.

    Raises
    ------
    AssertionError
        The message names the file, the measure and both counts, and no cell.
    """
    for family in _FAMILIES:
        found = study.measures.get(family)
        if found is None:
            continue
        for row in found.rows:
            name = str(row.part.get("file") or found.name)
            mine = [one for one in study.inventories if name in (one.name, one.file)]
            # A file of several parts has an inventory a part, and rows of one of them.
            if len(mine) == 1 and not row.withheld and math.isfinite(row.value):
                _compare(row, mine[0])


def _compare(row: Row, one: Inventory) -> None:
    """Hold a row against the inventory: between what, by its columns, the count must lie."""
    count = row.value * row.n if row.unit == "share" else row.value
    least, most = _bounds(row, one)
    if not least - _SLIP <= count <= most + _SLIP:
        raise AssertionError(
            f"{one.name}: '{row.label}' counts {count:g}, its inventory {least:g} to {most:g}"
        )


def _bounds(row: Row, one: Inventory) -> tuple[float, float]:
    """Return the fewest and the most records that the inventory allows; equal where it counts."""
    what = _WORD.get(str(row.part.get("what")), str(row.part.get("what")))
    if row.measure == "minors":
        return _known([one.minors])
    if row.measure == "alone_by_keys":
        return _known([one.alone])
    if row.measure == "says":
        return _known(_said(one.columns, what, column=row.part.get("column")))
    every = float(one.n)
    if row.measure == "note_holds":
        # Words of one thing may stand in several cells of a record, each of them notes.
        notes = [column for column in one.columns if column.kind == "note"]
        return 0.0, min(every, sum(_unknown_as(every, _said(notes, what))))
    if row.measure == "shown":
        counted = [column.filled for column in one.columns if column.kind == what]
        counted += _said([column for column in one.columns if column.kind != what], what)
        # What is no special category an inventory may call by another kind.
        if what in SPECIAL or counted:
            return 0.0, min(every, sum(_unknown_as(every, counted)))
    return -math.inf, math.inf


def _said(columns: Sequence[Column], what: str, column: object | None = None) -> Iterator[float]:
    """Yield how many records of each column speak of something, nan where that is withheld."""
    named = (one for one in columns if column in (None, one.name))
    return (one.says[what] for one in named if what in one.says)


def _known(counts: Iterable[float]) -> tuple[float, float]:
    """Return a count as its own bounds; none of it is unknown where one is withheld."""
    told = list(counts)
    if any(map(math.isnan, told)):
        return -math.inf, math.inf
    return float(sum(told)), float(sum(told))


def _unknown_as(every: float, counts: Iterable[float]) -> list[float]:
    """Return counts, those that are withheld as large as they may be."""
    return [every if math.isnan(count) else count for count in counts]
