"""What columns of a table or of a map show of people, before any attack; and what notes hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.policy import SMALL_CELL
from privaudit.release.release import TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.free_text import speaks_of
from privaudit.tables.headers import DIRECT, SHOWN
from privaudit.tables.recognise import Held, cells_of, filled, held, named_by_headers
from privaudit.tables.shown_cells import shown_by
from privaudit.words.note import Note

__all__ = ["shown_rows", "table_inventory"]

# What is worth withholding: who it is, and what is nobody's business.
_WITHHELD = ("support", "origin", "abroad", "note", "others", "age", "address", "family",
             "occupation")  # fmt: skip
_GRAVE = ("age", "support", "origin", "health", "union", "sex_life", "biometric", "religion",
          "note")  # fmt: skip
# What a note may hold of somebody else, of a child or of a special category, by its word here.
_WITHIN = {"child": "children"} | {
    what: what
    for what in ("others", "phone", "email", "address", "health", "religion", "origin", "union",
                 "party", "sex_life")
}  # fmt: skip
# Headers of what somebody worked out, and did not ask.
_INFERRED = re.compile(r"inferred|probability|presum|predict|score|model", re.IGNORECASE)
_Shown = Mapping[tuple[str, str], np.ndarray]


def table_inventory(table: TableRelease) -> Measures:
    """Count the records that show a name, an age, a support level or a note, and what notes hold.

    Parameters
    ----------
    table : TableRelease
        Columns are known by their headers, in French and English, or by their cells.

    Returns
    -------
    Measures
        Family "inventory"; n counts records, 0 is safe.

        - shown, identified, identified_with, shown_without, unknown_columns: as for a map, see
          `privaudit.exposure.maps.properties.dot_properties`.
        - empty_columns: columns that no record fills.
        - inferred: share of the records with a value that was worked out, by the header.
        - note_holds: of the records with a note, share whose note holds ``what``: somebody else
          (others), a telephone, an e-mail, an address, a child, or one of the special categories.
          Tags are no note.

    Examples
    --------
    >>> from privaudit.roles import Roles
    >>> people = pd.DataFrame({"first_name": ["Anne", "Paul"], "note": ["Vu son fils Zoé", None]})
    >>> found = table_inventory(TableRelease(records=people, roles=Roles()))
    >>> found.value("shown", what="name"), found.value("note_holds", what="others")
    (1.0, 1.0)
    """
    frame, known = _quiet(table.records)
    rows = _shown_rows(frame, known, "records")
    empty = sum(not filled(frame[column]).any() for column in frame)
    rows.add("empty_columns", empty, "columns", n=len(frame.columns), counts="columns")
    worked = [column for column in frame if _INFERRED.search(str(column))]
    if worked:
        hits = np.logical_or.reduce([filled(frame[column]) for column in worked])
        rows.add("inferred", hits.mean(), "share", Note("columns_inferred", columns=tuple(worked)))
    _add_notes(rows, frame, known)
    return Measures(
        family="inventory",
        rows=rows,
        name=table.name,
        provenance=table.provenance,
        recipe={"stage": "inventory"},
    )


def _quiet(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Held]]:
    """Return a frame whose headers are nobody's name, and what each column holds.

    Of a table whose columns are people, as where each row is a page that they like, the headers
    are cells: they are numbered.
    """
    odd = set(named_by_headers(frame, least=SMALL_CELL))
    names = [f"column {k}" if c in odd else c for k, c in enumerate(map(str, frame.columns), 1)]
    called = dict(zip(map(str, frame.columns), names, strict=True))
    known = {called[column]: one for column, one in held(frame).items()}
    return frame.set_axis(names, axis=1), known


def _add_notes(rows: Rows, frame: pd.DataFrame, known: Mapping[str, Held]) -> None:
    """Add what notes hold of somebody else."""
    notes = [c for c, one in known.items() if one.kind == "note" and "tag" not in c.lower()]
    if not notes:
        return
    named = [cells_of(frame[c]) for c, one in known.items() if one.kind == "name"]
    own = [" ".join(row) for row in zip(*named, strict=True)] if named else [""] * len(frame)
    parts = [frame[c] for c in notes]
    told = [" ".join(filter(None, row)) for row in zip(*map(cells_of, parts), strict=True)]
    written = [(text, who) for text, who in zip(told, own, strict=True) if text]
    if not written:
        return
    found = speaks_of([text for text, _ in written], [who for _, who in written])
    hits = {what: found[word] for what, word in _WITHIN.items()}
    said = Note("notes_in", columns=tuple(notes))
    for what, which in hits.items():
        if which.any():
            part = {"what": what}
            _add(rows, "note_holds", int(which.sum()), said, n=len(written), part=part)


def shown_rows(frame: pd.DataFrame, counts: str) -> Rows:
    """Return a row a kind that is shown, then who is identified, then what withholding would do.

    - `counts` ({"dots", "records"}): What a row of the frame is.
    """
    return _shown_rows(*_quiet(frame), counts)


def _shown_rows(frame: pd.DataFrame, known: Mapping[str, Held], counts: str) -> Rows:
    shown = shown_by(frame, known)
    rows = Rows(len(frame), counts)
    for kind in _kinds(shown):
        hits = int(_any(shown, [kind]).sum())
        _add(rows, "shown", hits, *_how(known, shown, kind), part={"what": kind})
    who = _any(shown, DIRECT)
    if who.any():
        _add(rows, "identified", int(who.sum()))
    for kind in _kinds(shown) if who.any() else ():
        if kind in _GRAVE:
            both = int((who & _any(shown, [kind])).sum())
            _add(rows, "identified_with", both, part={"what": kind})
    _add_withheld(rows, shown)
    unknown = [c for c in map(str, frame.columns) if c not in known and filled(frame[c]).any()]
    if unknown:
        n = len(frame.columns)
        note = Note("columns_unknown", columns=tuple(unknown[:12]), more=max(0, len(unknown) - 12))
        rows.add("unknown_columns", len(unknown), "columns", note, n=n, counts="columns")
    return rows


def _add(rows: Rows, measure: str, hits: int, *notes: Note, **told: Any) -> None:
    """Add the share of those that show something, who are a group by themselves."""
    rows.add(measure, hits / told.get("n", rows.n), "share", notes, cell=True, **told)


def _kinds(shown: _Shown) -> list[str]:
    found = {kind for kind, _ in shown}
    return [kind for kind in SHOWN if kind in found]


def _any(shown: _Shown, kinds: Any, without: tuple[str, ...] = ()) -> np.ndarray:
    """Say which dots show one of some kinds, in columns that are not withheld."""
    n = len(next(iter(shown.values()), ()))
    hits = [rows for (kind, c), rows in shown.items() if kind in kinds and c not in without]
    found: np.ndarray = np.logical_or.reduce([np.zeros(n, dtype=bool), *hits])
    return found


def _how(known: Mapping[str, Held], shown: _Shown, kind: str) -> list[Note]:
    """Say by which columns a kind is shown, and how these were recognised."""
    columns = [column for one, column in shown if one == kind]
    notes = []
    for by in ("header", "cells"):
        mine = tuple(c for c in columns if known[c] == Held(kind=kind, by=by))
        if mine:
            notes.append(Note(f"known_by_{by}", columns=mine))
    within = tuple(c for c in columns if known[c].kind != kind)
    if within:
        notes.append(Note("found_within", columns=within))
    return [*notes, Note("names_from_a_list")] if within and kind == "others" else notes


def _add_withheld(rows: Rows, shown: _Shown) -> None:
    """Add what would still be shown without the columns of a kind, or those that say who."""
    for what, kinds in (("identity", DIRECT), *((kind, (kind,)) for kind in _WITHHELD)):
        # A note that holds a telephone number goes too.
        without = tuple(dict.fromkeys(column for kind, column in shown if kind in kinds))
        if without and (before := _any(shown, kinds)).any():
            part = {"what": what, "without": without}
            after = int(_any(shown, kinds, without).sum())
            _add(rows, "shown_without", after, baseline=before.mean(), part=part)
