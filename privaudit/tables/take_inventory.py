"""Take the inventory of a table: roles, what cells say, who is alone by what."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.policy import SMALL_CELL
from privaudit._core.progress import step
from privaudit.roles import Roles
from privaudit.tables.answers import sides_in
from privaudit.tables.births import minors_in
from privaudit.tables.column_roles import (
    ABSENT,
    SPECIAL,
    Known,
    formats_of,
    known_columns,
    moments_in,
    role_of,
)
from privaudit.tables.free_text import speaks_of
from privaudit.tables.headers import WORDS, kind_of_header, kind_of_record, may_name_somebody
from privaudit.tables.hints import HINTS, sides_only
from privaudit.tables.inventory import Column, Inventory
from privaudit.tables.proposed import proposed_roles
from privaudit.tables.reading import Reading
from privaudit.tables.recognise import Held, cells_of, filled
from privaudit.tables.shown_cells import HINTED, hinted_in
from privaudit.tables.systems import System, system_of
from privaudit.tables.tidy import plain_column, tidied_column
from privaudit.text.normalise import header_words
from privaudit.words.note import Note

__all__ = ["roles_told_by", "take_inventory"]

# Kinds of columns whose cells are searched for what they say: names and places say nothing.
_SPOKEN = ("", "note", "origin", "support", "health", "union", "sex_life", "occupation", "family",
           "visit", "technical", "source", "tie", "medical", "profile")  # fmt: skip
# Those of which cells tell whether there is more to them.
_BY_CELLS = (*HINTED, *HINTS)
# Values of a column that are looked at to say how they are written.
_READ = 2_000


def take_inventory(
    frame: pd.DataFrame,
    *,
    name: str,
    as_of: datetime.date,
    reading: Reading | None = None,
    who: str = "inspect",
) -> Inventory:
    """Take the inventory of a table that was read.

    Examples
    --------
    >>> people = pd.DataFrame({"last_name": ["Petit"] * 20,
    ...                        "dob": ["1980-02-01", "2014-05-07"] * 10,
    ...                        "note": ["Diabétique", None] * 10})
    >>> found = take_inventory(people, name="people", as_of=datetime.date(2024, 6, 1))
    >>> [column.role for column in found.columns], found.minors
    (['identifier', 'key', 'text_special'], 10)
    """
    read = _read(frame, reading, who)
    step("cells")
    n, known, roles = len(frame), read.known, read.roles
    codes = {c: np.asarray(one.cat.codes, dtype=np.int64) for c, one in read.tidy.items()}
    says = {
        column: {what: int(rows.sum()) for what, rows in said.items()}
        for column, said in read.spoken.items()
    }
    measured = _measured(codes, roles.key)
    step("alone")
    columns = tuple(
        _column(c, known[c], read.cells[c], read.there[c], says.get(c, {}), measured[c])
        for c in known
    )
    alone = int(_alone(_classes([codes[k] for k in roles.key], n)).sum())
    minors, births = _minors(read.plain, known, as_of)
    hidden = len(read.hidden)
    return Inventory(
        name=name,
        n=n,
        columns=columns,
        roles=roles,
        alone=alone,
        as_of=as_of,
        minors=math.nan if minors is None else minors,
        births=births,
        absent=tuple(a for a in ABSENT if not _there(a, known, read.there)),
        system="" if read.system is None else read.system.word,
        notes=(Note("headers_withheld", columns=hidden),) if hidden else (),
    )


def roles_told_by(frame: pd.DataFrame, who: str) -> Roles:
    """Propose roles of a table: those that its inventory proposes.

    Examples
    --------
    >>> people = pd.DataFrame({"sexe": list("FM") * 9, "age": [20, 30, 40] * 6, "x": 1})
    >>> roles_told_by(people, "table").key
    ('sexe', 'age')
    """
    return _read(frame, None, who).roles


@dataclass(frozen=True, eq=False, kw_only=True)
class _Told:
    """A table as it was read, and what is known of each column by its name that may be printed."""

    cells: pd.DataFrame
    hidden: frozenset[str]
    tidy: Mapping[str, pd.Series]
    plain: Mapping[str, pd.Series]
    system: System | None
    spoken: Mapping[str, Mapping[str, NDArray[np.bool_]]]
    known: Mapping[str, Known]
    there: Mapping[str, NDArray[np.bool_]]
    roles: Roles


def _read(frame: pd.DataFrame, reading: Reading | None, who: str) -> _Told:
    system = system_of(map(str, frame.columns))
    cells = _quiet(frame, system)
    hidden = frozenset(
        str(new) for old, new in zip(frame.columns, cells.columns, strict=True) if str(old) != new
    )
    tidy = {str(c): tidied_column(cells[c], reading or Reading(), who)[0] for c in cells}
    plain = {name: plain_column(column) for name, column in tidy.items()}
    spoken = _spoken(cells)
    known = known_columns(cells, system, _shares(cells, spoken))
    there = {c: filled(cells[c]) & plain[c].notna().to_numpy() for c in known}
    roles = proposed_roles(
        pd.DataFrame({c: column for c, column in plain.items() if c not in hidden}),
        known, there, system, {c: spoken.get(c, {}) for c in known if known[c].kind in _BY_CELLS},
    )  # fmt: skip
    return _Told(
        cells=cells, hidden=hidden, tidy=tidy, plain=plain, system=system, spoken=spoken,
        known=known, there=there, roles=roles,
    )  # fmt: skip


def _quiet(frame: pd.DataFrame, system: System | None) -> pd.DataFrame:
    """Number the columns whose header may be a person's: nothing is to repeat it.

    One that is not known and that a few records fill may be too, as where people are columns.
    """
    names = [str(c) for c in frame.columns]
    few = frame.notna().sum().between(1, SMALL_CELL - 1).to_numpy() & (len(frame) >= SMALL_CELL)
    own = set() if system is None else set(system.named(names).values())
    hidden = [
        c not in own
        and (may_name_somebody(c) or (rare and not (kind_of_header(c)[0] or kind_of_record(c))))
        for c, rare in zip(names, few, strict=True)
    ]
    return frame.set_axis(
        [f"column {at}" if hide else c
         for at, (c, hide) in enumerate(zip(names, hidden, strict=True), 1)], axis=1
    )  # fmt: skip


def _spoken(frame: pd.DataFrame) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Say of each column of text which records speak of what."""
    known = known_columns(frame, None, {})
    own = [""] * len(frame)
    for column in (c for c, one in known.items() if one.kind == "name"):
        own = [f"{a} {b}" for a, b in zip(own, cells_of(frame[column]), strict=True)]
    of_hints = {c: Held(kind=one.kind, by=one.by) for c, one in known.items()}
    found = {}
    for column in (c for c, one in known.items() if one.kind in HINTED):
        hinted = hinted_in(frame, column, of_hints)
        found[column] = {what: hits for what, hits in hinted.items() if hits.any()}
    for column, one in known.items():
        silent = frame[column].dtype.kind in "biufcmM" or not frame[column].notna().any()
        if silent or one.kind not in _SPOKEN or WORDS["tongues"] & {*header_words(column)}:
            continue
        cells = cells_of(frame[column])
        if all(map(str.isdecimal, filter(None, cells))):
            # Bare numbers speak of nothing, whatever one of them may mean in a sentence.
            continue
        told = [(cell, who) for cell, who in zip(cells, own, strict=True)]
        distinct = list(dict.fromkeys(told if one.kind == "note" else ((c, "") for c, _ in told)))
        said = speaks_of([cell for cell, _ in distinct], [who for _, who in distinct])
        where = {pair: at for at, pair in enumerate(distinct)}
        rows = np.array([where[p if one.kind == "note" else (p[0], "")] for p in told])
        found[column] = {what: hits[rows] for what, hits in said.items() if hits.any()}
        if one.kind in ("", "tie") and sides_only(cells):
            # "Gauche", "pour": the side of a street, a vote on the roof.
            found[column].pop("party", None)
        if one.kind == "note" and (sides := sides_in(cells)).any():
            found[column]["party"] = found[column].get("party", sides) | sides
    return found


def _shares(
    frame: pd.DataFrame, spoken: Mapping[str, Mapping[str, NDArray[np.bool_]]]
) -> dict[str, dict[str, float]]:
    """Return the share of the filled cells of each column that speak of each special category."""
    return {
        column: {w: float(hits.sum() / max(1, filled(frame[column]).sum()))
                 for w, hits in said.items() if w in SPECIAL}
        for column, said in spoken.items()
    }  # fmt: skip


def _measured(
    codes: Mapping[str, NDArray[np.int64]], keys: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Return of each column who is alone by it, and how many it adds to those alone by the keys.

    A blank is a value of its own beside the keys, and nobody's alone.
    """
    n = len(next(iter(codes.values())))
    whole = _classes([codes[key] for key in keys], n)
    before = int(_alone(whole).sum())
    found = {}
    for column, values in codes.items():
        told = values[values >= 0]
        by_itself = int((np.bincount(told) == 1).sum()) if len(told) else 0
        if column in keys:
            rest = _classes([codes[key] for key in keys if key != column], n)
            adds = before - int(_alone(rest).sum())
        else:
            adds = int(_alone(_classes([whole, values], n)).sum()) - before
        found[column] = by_itself, adds
    return found


def _classes(codes: list[NDArray[np.int64]], n: int) -> NDArray[np.int64]:
    """Number the combinations of some columns, a blank being a value of its own."""
    classes = np.zeros(n, dtype=np.int64)
    for values in codes:
        wide = int(values.max()) + 2
        _, classes = np.unique(classes * wide + values + 1, return_inverse=True)
    return classes


def _alone(classes: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(np.bincount(classes)[classes] == 1)


def _column(
    name: str,
    known: Known,
    cells: pd.Series,
    there: NDArray[np.bool_],
    says: Mapping[str, int],
    measured: tuple[int, int],
) -> Column:
    told = pd.unique(cells[there].astype("str").str.strip())
    role = role_of(known, says)
    of_people = role in ("special", "inferred", "key", "third")
    return Column(
        name=name,
        role=role,
        kind=known.kind,
        by=known.by,
        declared=("inferred" if known.worked_out else "declared") if of_people else "",
        type=_type(cells, told, known.kind),
        formats=formats_of([str(cell) for cell in told[:_READ]]),
        filled=int(there.sum()),
        distinct=len(told),
        alone=measured[0],
        adds=measured[1],
        says=says,
    )


def _type(cells: pd.Series, told: Any, kind: str) -> str:
    """Return what a computer would keep the column as."""
    if not len(told):
        return "empty"
    if kind == "date" and moments_in([str(cell) for cell in told[:_READ]]):
        return "date"
    formats = formats_of([str(cell) for cell in told[:_READ]])
    if cells.dtype.kind == "M" or all(f.startswith("date") for f in formats):
        return "date"
    if cells.dtype.kind == "b" or formats == ("yes_no",):
        return "truth"
    numbers = {"whole_number", "decimal_point", "decimal_comma", "year", "yes_no"}
    if cells.dtype.kind in "iuf" or set(formats) <= numbers:
        return "number"
    return "text"


def _minors(
    plain: Mapping[str, pd.Series], known: Mapping[str, Known], as_of: datetime.date
) -> tuple[int | None, str]:
    """Count who is under 18, by the column that tells it best: a date before a year or an age."""
    parts = {"month", "mois", "day", "jour"}
    ages = [c for c, one in known.items() if one.kind == "age" and not parts & {*header_words(c)}]
    ages.sort(key=lambda c: plain[c].dtype.kind != "M")
    for column in ages:
        under = minors_in(plain[column], as_of)
        if under is not None:
            return int(under.sum()), column
    return None, ""


def _there(kind: str, known: Mapping[str, Known], there: Mapping[str, NDArray[np.bool_]]) -> bool:
    return any(one.kind == kind and there[c].any() for c, one in known.items())
