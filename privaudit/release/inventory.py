"""An inventory of a file: what each column is, whom it singles out, and what is absent.

- Take the inventory of a table: roles, what cells say, who is alone by what.
- What columns of a table or of a map show of people, before any attack; and what notes hold.
- What an application sent to one account, beside what it showed, and what could be asked for.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.free_text import HELD, sides_in, speaks_of
from privaudit.columns.headers import (
    DIRECT,
    SHOWN,
    WORDS,
    kind_of_header,
    kind_of_record,
    may_name_somebody,
)
from privaudit.columns.identifiers import minors_in
from privaudit.columns.reading import Reading
from privaudit.columns.recognise import (
    HINTED,
    HINTS,
    Held,
    cells_of,
    filled,
    held,
    hinted_in,
    named_by_headers,
    shown_by,
    sides_only,
)
from privaudit.columns.roles import Roles, System, system_of
from privaudit.columns.values import plain_column, tidied_column
from privaudit.core.policy import NARROWEST_RANGE, SMALL_CELL
from privaudit.core.progress import step
from privaudit.io.file_frame import Recorded
from privaudit.release.column_roles import (
    ABSENT,
    ROLES,
    SPECIAL,
    Known,
    formats_of,
    known_columns,
    moments_in,
    proposed_roles,
    role_of,
)
from privaudit.release.release import TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows, tidy
from privaudit.text.normalise import header_words
from privaudit.words.catalogues import Note

_NAN = float("nan")
_COUNTS = ("filled", "distinct", "alone", "adds")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file; counts are of records, nan where they are withheld.

    - `role`: A key of `ROLES`; `kind`: what it holds; `by`: how that is known, and `share`, of the
      cells that show it, where cells do.
    - `declared` ({"declared", "inferred", ""}): Whether people said it, or somebody worked it out.
    - `bound` ({"few", "most", ""}): Which it is where `filled` is withheld: fewer than
    `SMALL_CELL` records,
      or all but as few.
    - `alone`: Records with a value that no other has; `adds`: records that it singles out beyond
      the proposed keys, or, of a key, that would no longer be alone without it.
    - `says`: Records whose cell speaks of something, by what.
    """

    name: str
    role: str
    kind: str
    by: str
    declared: str
    type: str
    formats: tuple[str, ...]
    filled: float
    bound: str = ""
    distinct: float = 0.0
    alone: float = 0.0
    adds: float = 0.0
    says: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Inventory:
    """What a file holds; `printed` leaves out what a report must not tell.

    - `columns`: In the order of the file.
    - `n`: Records. `alone`: those alone with the proposed keys.
    - `roles`: Proposed for `privaudit.measure`.
    - `minors`: Records of people under 18 as of `as_of`; nan where none can be told.
    - `absent`: What no record tells, of `ABSENT`.
    - `system`: Whose export it is, "" where that is not known.
    - `named`: A line of the file names its columns; they are numbered otherwise.
    - `left`: Numbers of other sheets, tables or members of the file, which were not read; `sheet`:
      the one that was asked for, "" where none was.
    - `file`: The name of the file; `name` may be that of a member which was taken out of it.
    """

    name: str
    n: int
    columns: tuple[Column, ...]
    roles: Roles
    alone: float
    as_of: datetime.date
    minors: float
    births: str
    absent: tuple[str, ...]
    system: str = ""
    notes: tuple[Note, ...] = ()
    named: bool = True
    left: tuple[int, ...] = ()
    sheet: str = ""
    file: str = ""

    @property
    def is_map(self) -> bool:
        """Whether its records have a place: two columns of coordinates, or one of points."""
        spots = [column for column in self.columns if column.kind == "spot"]
        return len(spots) > 1 or any("point" in column.formats for column in spots)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a column: `column, role`, then what is known of it."""
        rows = [
            {
                "column": one.name,
                "role": ROLES[one.role],
                "holds": one.kind,
                "declared": one.declared,
                "known_by": one.by,
                "type": one.type,
                "formats": " ".join(one.formats),
                "records": self.n,
                "filled": one.filled,
                "filled_bound": one.bound,
                "fill_rate": round(one.filled / self.n, 4),
                "distinct": one.distinct,
                "alone": one.alone,
                "alone_share": round(one.alone / self.n, 4),
                "adds": one.adds,
                "proposed": next(
                    (r for r in ("identifier", "key", "sensitive")
                     if one.name in getattr(self.roles, r)), ""),
                **{f"says_{what}": one.says.get(what, 0.0) for what in (*HELD, "abroad")},
            }
            for one in self.columns
        ]  # fmt: skip
        found = pd.DataFrame(rows)
        counts = [c for c in map(str, found) if c in _COUNTS or c.startswith("says_")]
        return found.astype(dict.fromkeys(counts, "Int64"))

    def to_frame(self) -> pd.DataFrame:
        """Return the inventory as a tidy frame: a row a column of the file, n its records."""
        return tidy(self.frame.rename(columns={"records": "n"}))

    def of_role(self, *roles: str) -> tuple[Column, ...]:
        """Return the columns of some roles that some record fills."""
        return tuple(one for one in self.columns if one.role in roles and one.filled != 0)

    def __repr__(self) -> str:
        special = len(self.of_role("special", "inferred", "text_special"))
        return (
            f"Inventory({self.name}, {self.n:,} records, {len(self.columns)} columns, "
            f"{special} of a special category)"
        )

    def _repr_html_(self) -> str:
        # A notebook is passed on: of a file it shows what a report of it would.
        of = printed(self) if self.file else self
        shown = of.frame.loc[:, :"proposed"]
        return f"<p>{self!r}</p>{shown.to_html(index=False, escape=True, na_rep='')}"


def kept(count: float, n: float = math.inf) -> float:
    """Return a count, or nan where it, or what is left of n, is of fewer than `SMALL_CELL` records.

    Examples
    --------
    >>> kept(0, 300), kept(10, 300), kept(290, 300), kept(300, 300)
    (0, nan, nan, 300)
    """
    return _NAN if 0 < count < SMALL_CELL or 0 < n - count < SMALL_CELL else count


def printed(found: Inventory, *, gaps_told: bool = False) -> Inventory:
    """Return an inventory without numbers of fewer than `SMALL_CELL` records, or all but as few.

    - `gaps_told`: Blanks are counted elsewhere in the same report; see `withheld`.
    """
    n, alone = found.n, kept(found.alone)
    columns = tuple(
        withheld(one, n, alone if one.name in found.roles.key else _NAN, gaps_told=gaps_told)
        for one in found.columns
    )
    return replace(found, columns=columns, alone=alone, minors=kept(found.minors, n))


def withheld(column: Column, n: int, by_keys: float = _NAN, *, gaps_told: bool = False) -> Column:
    """Take away the counts that would tell of fewer than `SMALL_CELL` records.

    Those that bound another from below or above go with it: there are no more values than filled
    cells, and no more of them alone; of those alone by all keys, whom one adds are not so without
    it.

    - `by_keys`: Of a key, the records that are alone by all of them.
    - `gaps_told`: Blanks are counted elsewhere in the same report: no use in withholding a few.
    """
    hidden = math.isnan(kept(column.filled, math.inf if gaps_told else n))
    alone = kept(column.alone)
    adds = _NAN if math.isnan(kept(abs(column.adds))) else column.adds
    if not math.isnan(by_keys):
        alone = kept(alone, by_keys)
        adds = kept(adds, by_keys)
    says = {
        what: _NAN if hidden or math.isnan(kept(k, column.filled)) else k
        for what, k in column.says.items()
    }
    few = column.filled < SMALL_CELL
    # Whoever knows values and who is alone knows of so many filled cells at least.
    tells = hidden and (few or 2 * column.distinct - column.alone > n - SMALL_CELL)
    # And who knows cells and values, of how many that are alone: of a value that is not, two.
    if math.isnan(alone):
        least = max(1, 2 * column.distinct - column.filled)
        most = column.distinct - (column.filled > column.distinct)
        most = min(most, SMALL_CELL - 1) if column.alone < SMALL_CELL else most
        tells |= most - least < NARROWEST_RANGE
    return replace(
        column,
        filled=_NAN if hidden else column.filled,
        bound="" if not hidden else "few" if few else "most",
        distinct=_NAN if tells else column.distinct,
        alone=_NAN if tells else alone,
        adds=adds,
        says=says,
    )


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
          `privaudit.maps.scoring.properties.dot_properties`.
        - empty_columns: columns that no record fills.
        - inferred: share of the records with a value that was worked out, by the header.
        - note_holds: of the records with a note, share whose note holds ``what``: somebody else
          (others), a telephone, an e-mail, an address, a child, or one of the special categories.
          Tags are no note.

    Examples
    --------
    >>> from privaudit.columns.roles import Roles
    >>> people = pd.DataFrame({"first_name": ["Anne", "Paul"], "note": ["Vu son fils Zoé", None]})
    >>> found = table_inventory(TableRelease(records=people, roles=Roles()))
    >>> found.value("shown", what="name"), found.value("note_holds", what="others")
    (1.0, 1.0)
    """
    frame, known = _quiet_inventory(table.records)
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


def _quiet_inventory(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Held]]:
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
    return _shown_rows(*_quiet_inventory(frame), counts)


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


def recording_rows(recorded: Recorded, name: str) -> Measures:
    """Turn the counts of a browser's recording into rows.

    Parameters
    ----------
    recorded : Recorded
    name : str
        The file.

    Returns
    -------
    Measures
        Family "recording"; 0 is safe.

        - received: records that one account received; received_again: share of what came that had
          come before.
        - fields_shown, fields_named, fields_unused: share of the fields of a record whose values
          stand in a page, that a page or a script names, that neither does. What stood on the
          screen is not in a recording.
        - numbers_received: share of the numbers between the least and the greatest id that were
          received; numbers_left: how many were not, and could be asked for by counting up.
        - addresses_by_number: addresses of the application that take a whole number. Whether they
          serve others, a recording does not tell.

    Examples
    --------
    >>> found = recording_rows(Recorded(records=40, requests=2, again=0, fields=10, shown=3,
    ...                                 used=1, ids=40, span=50), "app.har")
    >>> found.value("fields_unused"), found.value("numbers_left")
    (0.6, 10.0)
    """
    rows = Rows(recorded.records, "records")
    rows.count("received", recorded.records, "records")
    sent = recorded.records + recorded.again
    rows.add("received_again", recorded.again / max(1, sent), "share", n=sent, counts="records")
    fields = recorded.fields
    for measure, count in (
        ("fields_shown", recorded.shown),
        ("fields_named", recorded.used),
        ("fields_unused", recorded.unused),
    ):
        rows.add(measure, count / max(1, fields), "share", n=fields, counts="columns")
    span, ids = recorded.span, recorded.ids
    if span:
        rows.add("numbers_received", ids / span, "share", n=span, counts="values")
        rows.add("numbers_left", span - ids, "values", n=span, counts="values")
    if recorded.addresses:
        rows.add("addresses_by_number", recorded.addresses, "pages", n=recorded.addresses,
                 counts="pages")  # fmt: skip
    return Measures(family="recording", rows=rows, name=name)
