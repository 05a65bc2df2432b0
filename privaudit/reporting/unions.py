"""Who shows one thing or another: what of a union may stand beside a part that is withheld.

"47 show a telephone or a name, 40 a telephone" says that seven or more show a name. So where a
part of a union is withheld, the union is told as no more than the largest part that is shown: at
least so many. That is so whatever the numbers are, and nobody learns from it that it was done.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit.results.row import Row
from privaudit.tables.headers import DIRECT
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.inventory import Column, Inventory

__all__ = ["with_bounded_unions"]

Rows = tuple[Row, ...]
# Families that count who shows what, and the measure that tells it of their rows beside another.
_TELLS = {"inventory": "record_tells", "properties": "dot_tells"}
# What is compared with the same count before.
_SINCE = ("shown_without", "record_tells", "dot_tells")
_SLIP = 1e-6
# A note says "child" of what an inventory counts as "children".
_WORD = {"child": "children"}


def with_bounded_unions(
    rows: Mapping[str, Rows], inventories: Sequence[Inventory]
) -> dict[str, Rows]:
    """Return guarded rows by family, unions of what is partly withheld told as a bound."""
    found = dict(rows)
    for family, tells in _TELLS.items():
        beside = found.get("linked", ())
        for file in dict.fromkeys(_file(row) for row in found.get(family, ())):
            mine = [row for row in found[family] if _file(row) == file]
            bounded = _of_file(mine, _columns(file, mine, inventories, family == "properties"))
            known = {id(old): new for old, new in zip(mine, bounded, strict=True)}
            found[family] = tuple(known.get(id(row), row) for row in found[family])
            unsaid = {
                str(row.part["what"]) for row in bounded if row.measure == "shown" and _open(row)
            }
            beside = tuple(
                _unsaid(row) if row.measure == tells and _of(row, file) and
                str(row.part["what"]) in unsaid else row
                for row in beside
            )  # fmt: skip
        if beside:
            found["linked"] = tuple(_who_tells(beside, tells))
    return found


def _file(row: Row) -> str:
    return str(row.part.get("file", ""))


def _of(row: Row, file: str) -> bool:
    """Say whether a row of a table beside a map is of that file, one of both."""
    return not file or not _file(row) or file in _file(row).split(", ")


def _open(row: Row) -> bool:
    """Say whether a number is not told as it is."""
    return row.withheld or row.bound == "lower"


def _columns(
    file: str, rows: Sequence[Row], inventories: Sequence[Inventory], is_map: bool
) -> Sequence[Column]:
    """Return the columns of a file, as far as an inventory of it is told beside."""
    fits = [one for one in inventories if one.name == file]
    if not file:
        n = {row.n for row in rows if row.measure == "shown" and not row.withheld}
        fits = [one for one in inventories if one.n in n and one.is_map == is_map]
    return fits[0].columns if fits else ()


def _of_file(rows: Sequence[Row], columns: Sequence[Column]) -> list[Row]:
    """Bound what is shown by what columns hold and say, then who is identified by what is shown."""
    told = []
    for row in rows:
        what = str(row.part.get("what", ""))
        parts = list(_says(columns, _WORD.get(what, what), row.measure == "note_holds"))
        if row.measure == "shown":
            parts += [column.filled for column in columns if column.kind == what]
        told.append(_at_least(row, parts) if row.measure in ("shown", "note_holds") else row)
    shown = {str(row.part["what"]): row for row in told if row.measure == "shown"}
    who = [_hits(shown[kind]) for kind in DIRECT if kind in shown]
    lost = any(_open(shown[kind]) for kind in DIRECT if kind in shown)
    found = []
    for row in told:
        what = str(row.part.get("what", ""))
        if lost and row.measure == "identified":
            row = _at_least(row, [*who, math.nan])
        elif row.measure == "identified_with" and what in shown and (lost or _open(shown[what])):
            both = max([k for k in who if k == k], default=0) + _hits(shown[what]) - row.n
            row = _at_least(row, [both, math.nan])
        elif row.measure == "shown_without":
            gone = lost if what == "identity" else what in shown and _open(shown[what])
            row = _unsaid(row) if gone else row
        found.append(row)
    return found


def _says(columns: Iterable[Column], what: str, notes: bool) -> Iterator[float]:
    """Yield how many cells of each column speak of something."""
    for column in columns:
        if what in column.says and (column.kind == "note" or not notes):
            yield column.says[what]


def _who_tells(rows: Sequence[Row], tells: str) -> Iterator[Row]:
    """Bound who is identified by both files, beside a name or a telephone that is withheld."""
    lost = {}
    for file in {_file(row) for row in rows}:
        mine = {str(r.part["what"]): r for r in rows if r.measure == tells and _file(r) == file}
        untold = {k for k, one in mine.items() if one.withheld or one.baseline != one.baseline}
        if untold & {*DIRECT, "location", "support"}:
            lost[file] = mine
    for row in rows:
        mine = lost.get(_file(row), {})
        what = str(row.part.get("what", ""))
        if row.measure != tells or not mine or what not in ("identity", "all_three"):
            yield row
            continue
        who = max([k for kind in DIRECT if kind in mine for k in (_hits(mine[kind]),) if k == k],
                  default=0)  # fmt: skip
        if what == "all_three":
            others = [mine[kind] for kind in ("location", "support") if kind in mine]
            who += sum(_hits(other) - row.n for other in others)
        yield _unsaid(_at_least(row, [who, math.nan]))


def _hits(row: Row) -> float:
    return row.value * row.n


def _at_least(row: Row, parts: Sequence[float]) -> Row:
    """Return a union as no more than its largest part, where a part is withheld."""
    if row.withheld or not any(math.isnan(part) for part in parts):
        return row
    # A column that says "no" of some is filled by more than show anything.
    least = max((part for part in parts if part <= _hits(row) + _SLIP), default=0.0)
    value = min(least / row.n, row.value) if least > 0 else math.nan
    note = Note("least_beside_withheld")
    return replace(row, value=value, low=value, high=value, bound="lower", notes=(*row.notes, note))


def _unsaid(row: Row) -> Row:
    """Take away what a share was before."""
    return row if row.withheld else replace(row, baseline=math.nan)
