"""The guard of rows: what of a result may leave the process."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.policy import ROOM_OF_LEVELS, SMALL_CELL
from privaudit.results.row import NUMBERS, Row
from privaudit.words.note import Note
from privaudit.words.nouns import GUARDED

if TYPE_CHECKING:
    from privaudit.results.measures import Measures

__all__ = ["apart", "as_printed", "emptied", "guarded", "is_small", "most_levels", "named_levels"]

# Notes that count people who are found and show something: nothing is said of few.
_AGREE = ("names_agree", "births_agree", "addresses_agree")


def guarded(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows, those that count fewer than `SMALL_CELL` people with every number taken away.

    What is counted decides (`Row.counts`), and what a row says of itself (`Row.unprinted`), never
    a family's name or a note. Levels of a key that few records hold share one row.

    Examples
    --------
    >>> few = Row(measure="reidentified", value=0.5, unit="share", n=4, counts="people")
    >>> many = Row(measure="seen", value=3, unit="people", n=4, counts="accounts")
    >>> stations = Row(measure="gap", value=0.1, unit="share", n=4, counts="stations")
    >>> ill = Row(measure="ill", value=0.1, unit="share", n=40, counts="records", cell=True)
    >>> [row.withheld for row in guarded([few, many, stations, ill])]
    [True, True, False, True]
    """
    told = [row for row in named_levels(rows) if "row" not in row.unprinted]
    return tuple(emptied(row) if is_small(row) else _printed(row) for row in told)


def as_printed(found: Measures) -> Measures:
    """Return a result as a report of it has its rows."""
    return replace(found, rows=guarded(found.rows))


def _printed(row: Row) -> Row:
    """Leave out the numbers of a row that only the holder of the file has."""
    notes = tuple(n for n in row.notes if not (n.key in _AGREE and n.values["of"] < SMALL_CELL))
    if len(notes) < len(row.notes):
        row = replace(row, notes=notes)
    if not row.unprinted:
        return row
    gone: dict[str, Any] = dict.fromkeys(row.unprinted, math.nan)
    if "value" in gone and row.low == row.value == row.high:
        gone |= {"low": math.nan, "high": math.nan}
    notes = row.notes if row.why_unprinted is None else (row.why_unprinted,)
    return replace(row, **gone, notes=notes, unprinted=(), why_unprinted=None)


def is_small(row: Row) -> bool:
    """Say whether a row counts fewer than `SMALL_CELL` of what stands for people.

    Of a group by itself (`Row.cell`), those who are in it are such a count too.
    """
    few = row.n < SMALL_CELL or (row.cell and any(0 < hits < SMALL_CELL for hits in _cells(row)))
    return row.counts in GUARDED and few


def _cells(row: Row) -> tuple[float, float]:
    """Return how many have what a row tells of, now and before."""
    share = row.unit in ("share", "probability")
    now, before = (v * row.n if share else v for v in (row.value, row.baseline))
    return round(now, 6), round(before, 6)


def emptied(row: Row) -> Row:
    """Take every number of a row away; its notes go too, which may hold some."""
    gone: dict[str, Any] = dict.fromkeys((*NUMBERS, "n"), math.nan)
    return replace(row, **gone, notes=(), withheld=True, unprinted=())


def named_levels(rows: Iterable[Row]) -> list[Row]:
    """Return rows, levels of a key that few records hold in one row, ``levels="rare"``.

    A key that is like an identifier, with as many levels as half of the records, loses them all.
    """
    told: list[Row] = []
    for key, some in groupby(rows, _key_of_level):
        one = list(some)
        told += one if key is None else _few_together(one, told)
    return told


def _key_of_level(row: Row) -> object:
    """Return the key of which a row tells one or several levels, None where it tells none."""
    return (row.measure, row.part.get("key")) if {"level", "levels"} & set(row.part) else None


def _few_together(levels: list[Row], before: list[Row]) -> list[Row]:
    """Put the rare levels of one key into one row; `before` ends with the row of the key."""
    sizes = np.array([row.n for row in levels], dtype=np.int64)
    of_key = before[-1] if before and before[-1].part == {"key": levels[0].part["key"]} else None
    if of_key is not None and 2 * len(levels) > of_key.n:
        before[-1] = replace(of_key, notes=(*of_key.notes, Note("levels_identify")))
        return []
    kept = apart(sizes) | np.array([row.part.get("levels") in ("rare", "other") for row in levels])
    if kept.all():
        return levels
    rare = [row for row, named in zip(levels, kept, strict=True) if not named]
    shown = [row for row, named in zip(levels, kept, strict=True) if named]
    return sorted([*shown, _together(rare, "rare")], key=lambda row: -row.value)


def most_levels(rows: Iterable[Row], most: int) -> list[Row]:
    """Return rows, of each key the levels with the greatest values, the others in one row."""
    told: list[Row] = []
    for key, some in groupby(rows, _key_of_level):
        levels = list(some)
        if key is not None and len(levels) > most:
            levels = [*levels[:most], _together(levels[most:], "other")]
        told += levels
    return told


def _together(levels: list[Row], word: str) -> Row:
    """Return one row for several levels of a key."""
    value, baseline, n = (
        sum(getattr(row, name) for row in levels) for name in ("value", "baseline", "n")
    )
    part = {"key": levels[0].part["key"], "levels": word}
    return replace(levels[0], value=value, low=value, high=value, n=n, baseline=baseline, part=part)


def apart(size: np.ndarray) -> np.ndarray:
    """Say which levels may be named: enough records, and no rare one to be had by subtraction.

    Who knows how many levels there are knows that each hidden one holds one record at least: of
    h hidden levels that hold s records together, each has between 1 and s - h + 1. The rarest
    others are hidden too until there are two, s is `SMALL_CELL` and that range has room.

    Examples
    --------
    >>> apart(np.array([3, 40, 30])).tolist(), apart(np.array([40, 30])).tolist()
    ([False, True, False], [True, True])
    """
    named = size >= SMALL_CELL
    rare = (size > 0) & ~named
    levels, records = int(rare.sum()), int(size[rare].sum())
    for place in np.argsort(size, kind="stable"):
        if not levels or (
            levels >= 2 and records >= SMALL_CELL and records - levels >= ROOM_OF_LEVELS
        ):
            break
        if named[place]:
            named[place] = False
            levels, records = levels + 1, records + int(size[place])
    return named
