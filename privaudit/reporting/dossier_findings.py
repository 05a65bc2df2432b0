"""Which findings a dossier tells, in which order, and how many of a kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from privaudit.reporting.findings import Finding
from privaudit.results.row import Row
from privaudit.tables.column_roles import KIND_OF
from privaudit.tables.inventory import Column
from privaudit.tables.shown_cells import HINTED

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["CHAPTERS", "FIGURES", "OF_FILES", "OF_PAIRS", "chosen", "of_its_kind", "weighed"]

# What each chapter tells, in order: a family, a measure, the parameter that must be so ("" any),
# its value, and the consequence. Of several findings that fit, so many are told.
_Told = tuple[str, str, str, str, str]
_SPECIAL = ("health", "origin", "religion", "union", "sex_life", "biometric", "support")
CHAPTERS: dict[str, tuple[_Told, ...]] = {
    "in_it": (
        ("exhibits", "unread", "", "", "unread"),
        ("exhibits", "unexamined", "", "", "unexamined"),
        ("exhibits", "left", "", "", "left"),
        ("exhibits", "of_shapes", "", "", "of_shapes"),
        ("inventory", "identified", "", "", "named"),
        *(("inventory", "identified_with", "what", kind, "opinion") for kind in _SPECIAL),
        ("inventory", "shown", "what", "credential", "credential"),
        ("properties", "shown", "what", "credential", "credential"),
        ("inventory", "shown", "what", "abroad", "hint"),
        ("properties", "shown", "what", "abroad", "hint"),
        ("inventory", "note_holds", "what", "others", "third"),
        ("inspect", "says", "what", "health", "health"),
        ("inspect", "says", "what", "religion", "health"),
        ("inspect", "says", "what", "origin", "health"),
        ("inspect", "says", "what", "union", "health"),
        ("inspect", "says", "what", "sex_life", "health"),
        ("inspect", "says", "what", "party", "health"),
        ("inspect", "says", "what", "children", "minors"),
        ("inspect", "minors", "", "", "minors"),
        ("recording", "received", "", "", "sent"),
        ("recording", "fields_unused", "", "", "sent"),
        ("recording", "numbers_left", "", "", "counted"),
        ("inspect", "absent", "", "", "absent"),
        ("properties", "identified", "", "", "named"),
        *(("properties", "identified_with", "what", kind, "opinion") for kind in _SPECIAL),
        *(("properties", "shown", "what", kind, "opinion") for kind in _SPECIAL),
    ),
    "exposed": (
        ("table", "sample_uniques", "", "", "alone"),
        ("map", "reidentified", "", "", "door"),
        ("maps", "address_found_if", "believed", "in_place", "door"),
        ("maps", "address_found_if", "believed", "swapped", "door"),
        ("maps", "address_found", "", "", "door"),
        ("maps", "address_found_between", "", "", "door"),
        ("unicity", "unicity", "points", "4", "log"),
        ("wp216", "singling_out", "", "", "alone"),
        ("wp216", "inference", "", "", "inferred"),
        ("recipients", "reidentified", "recipient", "hostile_campaign", "door"),
        ("recipients", "reached", "recipient", "journalist", "reach"),
    ),
    "joins": (
        ("linked_tables", "found_in", "", "", "joined_tables"),
        *(("linked_tables", "learnt", "what", kind, "learnt") for kind in _SPECIAL),
        ("linked_tables", "same_address", "", "", "same_address"),
        ("linked", "dot_named", "", "", "joined"),
        ("linked", "dot_tells", "what", "all_three", "opinion"),
        ("linked", "record_located", "", "", "door"),
        ("linked", "placed_between", "", "", "door"),
        ("linked", "named_between", "", "", "joined"),
        ("linked", "columns_agree", "", "", "same"),
        ("linked_log", "accounts_named", "", "", "named"),
    ),
}
FIGURES = {
    "in_it": ("shown",), "exposed": ("classes", "gains", "ladder", "unicity"), "joins": (),
}  # fmt: skip
_BESIDE = ("dot_named", "record_located")
OF_PAIRS = (*_BESIDE, "found_in", "same_address")
# Parameters that say of which files a row is.
OF_FILES = ("file", "log", "table", "other")
# Of one kind, over files and ways; of what is told once a pair of files; that nothing is there is
# said of the first file.
_MOST, _MOST_OF = 3, {"found_in": 10, "learnt": 2, "absent": 1}


def of_its_kind(study: Study, row: Row) -> bool:
    """Say whether a column speaks of what it is there for: a religion, in a column of religions.

    What is known by the words of its cells alone no other finding tells.
    """
    return row.measure == "says" and any(
        column.by != "cells"
        and (KIND_OF.get(str(row.part.get("what"))) == column.kind or column.kind in HINTED)
        for column in _columns_of(study, row)
    )


def weighed(study: Study, row: Row, consequence: str) -> str:
    """Return the consequence of a finding: a code in a column of its own is no free text."""
    coded = any(column.role == "special" for column in _columns_of(study, row))
    return "coded" if consequence == "health" and coded else consequence


def _columns_of(study: Study, row: Row) -> list[Column]:
    """Return the columns that a row of an inventory is of."""
    return [
        column
        for one in study.inventories
        if row.part.get("file", one.name) == one.name
        for column in one.columns
        if column.name == row.part.get("column")
    ]


def chosen(
    findings: Sequence[Finding], asked: Sequence[_Told]
) -> Iterator[tuple[Sequence[Finding], str, int]]:
    """Yield the findings that are worth a constat, their consequence, and how many are told."""
    pairs, shown = set[Any](), set[Any]()
    for family, name, part, value, consequence in asked:
        fit = [
            f for f in findings
            if f.family == family and f.row.measure == name and _is_told(f.row)
            and (not part or str(f.row.part.get(part)) == value)
            and (part or not set(f.row.part) - {*OF_FILES, "by", "tested"})
        ]  # fmt: skip
        if family == "map":
            # Of an attack on a map, who knows most tells the address.
            fit = [f for f in fit if f.row.gain == "address" and f.reliable][-1:]
        if name in OF_PAIRS:
            fit = _of_best_way(fit)
        pairs |= {_pair(one.row) for one in fit if name == "found_in"}
        if name == "learnt":
            fit = sorted(fit, key=lambda one: -one.row.value * one.row.n)
        if name in ("identified_with", "shown"):
            # What stands beside a name is not told once more of the same file without it.
            of = [(f.family, f.row.part.get("file"), f.row.part.get("what")) for f in fit]
            fit = [f for f, one in zip(fit, of, strict=True) if one not in shown]
            shown |= set(of)
        if name == "accounts_named":
            # Where a way is told by which both name the same people, not once more.
            fit = [one for one in fit if _pair(one.row) not in pairs]
        yield fit, consequence, _MOST_OF.get(name, _MOST)


def _of_best_way(fit: Sequence[Finding]) -> list[Finding]:
    """Keep, of each pair of files, what the way tells that tells most beyond who is absent.

    A name that many bear tells less than an address at which one person lives. Of two tables a
    name alone is told beside a surer way where it finds more.
    """
    best: dict[Any, Finding] = {}
    for one in fit:
        pair = _pair(one.row), one.row.part.get("by") == "name"
        # Ways of two tables come the surest first, those of a map last.
        more = _beyond(one.row) - _beyond(best[pair].row) if pair in best else math.inf
        if more > 0 or (more == 0 and "other" not in one.row.part):
            best[pair] = one
    sure = {pair: found.row.value for (pair, by_name), found in best.items() if not by_name}
    return [
        found for (pair, by_name), found in best.items()
        if not by_name or found.row.value > sure.get(pair, 0.0)
    ]  # fmt: skip


def _pair(row: Row) -> Any:
    """Return the two files that a row is of."""
    part = row.part
    return part.get("file") or frozenset((part.get("table"), part.get("other", part.get("log"))))


def _beyond(row: Row) -> float:
    beside = row.control if math.isfinite(row.control) else row.baseline
    return row.value - (beside if math.isfinite(beside) else 0.0)


def _is_told(row: Row) -> bool:
    """Leave out what is not known, what nobody is, and what chance alone may give."""
    if row.withheld or not math.isfinite(row.value) or row.value <= 0:
        return False
    # A name is told with what chance would give, never kept back for it: where many of a table
    # live at one address, whoever is not in it is named oftener than who is.
    if row.measure == "dot_named":
        return True
    if row.measure in ("accounts_named", "columns_agree"):
        return row.low > row.baseline
    if row.measure == "found_in":
        beside = max((v for v in (row.baseline, row.control) if math.isfinite(v)), default=0.0)
        return row.reliable and row.low > beside
    beside = row.control if math.isfinite(row.control) else row.baseline
    return not row.value <= beside and (row.measure, row.value) != ("reached", 1.0)
