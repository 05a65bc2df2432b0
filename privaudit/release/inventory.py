"""Inventory of a file: columns, unique records, special categories, what is absent."""

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

from privaudit.columns.births import Births, read_births
from privaudit.columns.free_text import (
    MAY_BE_NONE,
    MAY_SHOW_NOTHING,
    SEARCHED,
    SPECIAL,
    categories_in,
)
from privaudit.columns.headers import (
    ACRONYMS,
    IDENTIFYING_KINDS,
    SHOWN_KINDS,
    kind_of_header,
    kind_of_record,
    may_name_a_person,
)
from privaudit.columns.levels import number_levels
from privaudit.columns.recognise import (
    INDIRECT,
    INDIRECT_KINDS,
    ColumnKind,
    cells_of,
    cells_showing,
    column_kinds,
    has_filled,
    is_filled,
    named_by_headers,
    own_names,
    rows_showing,
)
from privaudit.columns.roles import KnownExport, Roles, export_of
from privaudit.columns.values import Reading, read_both
from privaudit.core.files import made_once, once, packaged_toml
from privaudit.core.progress import step
from privaudit.core.thresholds import LEAST_READ, NARROWEST_RANGE, SMALL_CELL
from privaudit.release.column_roles import (
    ABSENT,
    OF_TEXTS,
    ROLES,
    KnownColumn,
    TextCounts,
    formats_of,
    known_columns,
    places_of_network,
    proposed_roles,
    role_of,
    searched_columns,
    timestamp_unit_of,
)
from privaudit.release.release import TableRelease
from privaudit.results.measures import Measures, least_of_union, or_suppressed, outward_range
from privaudit.results.rows import Rows, tidy
from privaudit.text.normalise import header_words
from privaudit.words.catalogues import Note

_NAN = float("nan")
_COUNTS = ("filled", "distinct", "alone", "adds", *OF_TEXTS)
_LISTS: dict[str, str] = packaged_toml("privaudit.release", "column_roles.toml")["lists"]
_IN_NOTES = _LISTS["in_notes"].split()


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file; counts are of records, nan where they are withheld.

    Parameters
    ----------
    role : str
        A key of `ROLES`; `kind`: what it holds; `by`: how that is known, and `share`, of the cells
        that show it, where cells do.
    declared : {"declared", "inferred", ""}
        Whether people declared it, or it was inferred.
    bound : {"few", ""}
        "few" where `filled` is withheld: fewer than `SMALL_CELL` records.
    alone : float, optional
        Records with a value that no other has; `adds`: records that it singles out beyond the
        proposed keys, or, of a key, that would no longer be alone without it.
    says : mapping of str to float, optional
        Records whose cell holds a category, by category.
    shows : float, optional
        Records whose cell shows what `kind` says: of an illness or a union, no answer of none.
    least, again : float, optional
        Records whose cell names a special category without a doubt; those to be read again, as a
        word of theirs may speak of one.
    texts, searched : float, optional
        Cells of text, with a letter; those that were searched for words.
    others : str, optional
        What the cells are that were not searched, such as names of people.
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
    shows: float = _NAN
    least: float = 0.0
    again: float = 0.0
    texts: float = 0.0
    searched: float = 0.0
    others: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Inventory:
    """What a file holds; `printed` leaves out small counts.

    Parameters
    ----------
    columns : tuple of Column
        In the order of the file.
    n : int
        Records. `alone`: those alone with the proposed keys.
    roles : Roles
        Proposed for `privaudit.measure`.
    minors, most_minors : float
        Records of people certainly under 18 as of `as_of`, and of those who may be: also every
        record whose birth is blank or not read. nan where no column holds an age, or where most
        of its cells could not be read.
    births : str
        The column that they are counted by, "" where none holds an age.
    absent : tuple of str
        Those of `ABSENT` that no record has.
    system : str, optional
        Whose export it is, "" where that is not known.
    named : bool, optional
        A line of the file names its columns; they are numbered otherwise.
    left : tuple of int, optional
        Numbers of other sheets, tables or members of the file, which were not read; `sheet`: the
        one that was asked for, "" where none was.
    file : str, optional
        The name of the file; `name` may be that of a member which was taken out of it.
    network : bool, optional
        Its coordinates are those of a network; see `places_of_network`.
    codebooks : tuple of str, optional
        Names of other tables that write out its codes.
    heaps : tuple of Note, optional
        Births that so many records share that a program may have written them for none.
    """

    name: str
    n: int
    columns: tuple[Column, ...]
    roles: Roles
    alone: float
    as_of: datetime.date
    minors: float
    most_minors: float
    births: str
    absent: tuple[str, ...]
    system: str = ""
    notes: tuple[Note, ...] = ()
    named: bool = True
    left: tuple[int, ...] = ()
    sheet: str = ""
    file: str = ""
    network: bool = False
    codebooks: tuple[str, ...] = ()
    heaps: tuple[Note, ...] = ()

    @property
    def is_map(self) -> bool:
        """Return whether its records have a place: two columns of coordinates, or one of points.

        Where a network address is said to be is no place of theirs.
        """
        if self.network:
            return False
        spots = [column for column in self.columns if column.kind == "spot"]
        return len(spots) > 1 or any("point" in column.formats for column in spots)

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row a column: `column, role`, then its counts and formats."""
        rows = [
            {
                "column": item.name,
                "role": ROLES[item.role],
                "holds": item.kind,
                "declared": item.declared,
                "known_by": item.by,
                "type": item.type,
                "formats": " ".join(item.formats),
                "records": self.n,
                "filled": item.filled,
                "filled_bound": item.bound,
                "fill_rate": round(item.filled / self.n, 4),
                "distinct": item.distinct,
                "alone": item.alone,
                "alone_share": round(item.alone / self.n, 4),
                "adds": item.adds,
                "proposed": next(
                    (r for r in ("identifier", "key", "sensitive")
                     if item.name in getattr(self.roles, r)), ""),
                **{name: getattr(item, name) for name in OF_TEXTS},
                "not_searched": item.others,
                **{f"says_{what}": item.says.get(what, 0.0) for what in (*SEARCHED, "abroad")},
            }
            for item in self.columns
        ]  # fmt: skip
        result = pd.DataFrame(rows)
        counts = [c for c in map(str, result) if c in _COUNTS or c.startswith("says_")]
        return result.astype(dict.fromkeys(counts, "Int64"))

    def to_frame(self) -> pd.DataFrame:
        """Return the inventory as a tidy frame: a row a column of the file, n its records."""
        return tidy(self.frame.rename(columns={"records": "n"}))

    def of_role(self, *roles: str) -> tuple[Column, ...]:
        """Return the columns of some roles that some record fills."""
        return tuple(item for item in self.columns if item.role in roles and item.filled != 0)

    def __repr__(self) -> str:
        special = len(self.of_role("special", "inferred", "text_special"))
        return (
            f"Inventory({self.name}, {self.n:,} records, {len(self.columns)} columns, "
            f"{special} of a special category)"
        )

    def _repr_html_(self) -> str:
        # A notebook is passed on: of a file it shows what a report of it would.
        of = suppress_small_counts(self) if self.file else self
        shown = of.frame.loc[:, :"proposed"]
        return f"<p>{self!r}</p>{shown.to_html(index=False, escape=True, na_rep='')}"


def suppress_small_counts(inventory: Inventory) -> Inventory:
    """Return an inventory without numbers of fewer than `SMALL_CELL` records.

    Of its roles, keys go that so few have: measures of all records would tell how many these are.
    """
    n, keys, alone = inventory.n, inventory.roles.key, or_suppressed(inventory.alone)
    columns = tuple(
        suppress_column(item, alone if item.name in keys else _NAN) for item in inventory.columns
    )
    minors, most = outward_range(inventory.minors, inventory.most_minors, n)
    few = {item.name for item in columns if item.bound and n >= SMALL_CELL}
    return replace(
        inventory, columns=columns, alone=alone, minors=minors, most_minors=most,
        roles=replace(inventory.roles, key=tuple(key for key in keys if key not in few)),
    )  # fmt: skip


def suppress_column(column: Column, by_keys: float = _NAN) -> Column:
    """Suppress the counts that would reveal fewer than `SMALL_CELL` records.

    Those that bound another from below or above go with it: there are no more values than filled
    cells, and no more of them alone; of those alone by all keys, those one adds are not without
    it. A blank says nothing of a person, and is counted as in any other report (decision 56).

    Parameters
    ----------
    by_keys : float, optional
        Of a key, the records that are alone by all of them.
    """
    hidden = math.isnan(or_suppressed(column.filled))
    alone = or_suppressed(column.alone)
    adds = _NAN if math.isnan(or_suppressed(abs(column.adds))) else column.adds
    if not math.isnan(by_keys):
        alone = or_suppressed(alone, by_keys)
        adds = or_suppressed(adds, by_keys)
    says = {
        what: _NAN if hidden or math.isnan(or_suppressed(k, column.filled)) else k
        for what, k in column.says.items()
    }
    # Distinct and unique values give a lower bound of the filled cells.
    tells = hidden
    # Filled cells and distinct values bound the unique ones: another value has two cells.
    if math.isnan(alone):
        least = max(1, 2 * column.distinct - column.filled)
        most = column.distinct - (column.filled > column.distinct)
        most = min(most, SMALL_CELL - 1) if column.alone < SMALL_CELL else most
        tells |= most - least < NARROWEST_RANGE
    return replace(
        column, adds=adds, says=says,
        filled=_NAN if hidden else column.filled, bound="few" if hidden else "",
        distinct=_NAN if tells else column.distinct, alone=_NAN if tells else alone,
        shows=_NAN if hidden else _shows_shown(column), **_texts_shown(column, says, hidden=hidden),
    )  # fmt: skip


def _shows_shown(column: Column) -> float:
    """Return the count of what a column shows, withheld where it differs by few from another."""
    if column.shows == column.filled:
        return column.filled
    shows = or_suppressed(column.shows, column.filled)
    near = (abs(shows - other) for other in (*column.says.values(), column.searched, column.least))
    return _NAN if any(0 < apart < SMALL_CELL for apart in near) else shows


def _texts_shown(column: Column, says: Mapping[str, float], *, hidden: bool) -> dict[str, Any]:
    """Return the counts of texts, each withheld that differs by few from one above it.

    Cells of any special category, less those of the kinds in `says` that are shown, are those of
    the kinds that are withheld, unless one cell mentions two kinds.
    """
    if hidden:
        return dict.fromkeys(OF_TEXTS, _NAN)
    texts = or_suppressed(column.texts, column.filled)
    searched = or_suppressed(column.searched, min(texts, column.filled))
    searched = searched if texts == texts or not column.texts else _NAN
    again = or_suppressed(column.again, column.searched)
    least = or_suppressed(column.least, column.again)
    kinds = np.array([k for what, k in says.items() if what in SPECIAL], dtype=float)
    shown, most = np.nansum(kinds), int(np.isnan(kinds).sum()) * (SMALL_CELL - 1)
    tell = (*range(1, SMALL_CELL), *range(most - NARROWEST_RANGE + 2, most + 1)) if most else ()
    least, again = (_NAN if k - shown in tell else k for k in (least, again))
    return dict(zip(OF_TEXTS, (texts, searched, least, again), strict=True))


# Roles of columns that are not expected to speak.
_SILENT_ROLES = tuple(_LISTS["silent_roles"].split())
# Kinds whose cells decide whether they reveal more.
_BY_CELLS = (*INDIRECT, *INDIRECT_KINDS)
# Values of a column that are looked at to say how they are written.
_READ = 2_000


@made_once()
def take_inventory(
    frame: pd.DataFrame,
    *,
    name: str,
    as_of: datetime.date,
    reading: Reading | None = None,
    roles: Roles | None = None,
    who: str = "inspect",
) -> Inventory:
    """Take the inventory of a table that was read.

    - `roles`: Those of its columns, in place of those that would be proposed.

    Examples
    --------
    >>> people = pd.DataFrame({"last_name": ["Petit"] * 20,
    ...                        "dob": ["1980-02-01", "2014-05-07"] * 10,
    ...                        "note": ["Diabétique", None] * 10})
    >>> result = take_inventory(people, name="people", as_of=datetime.date(2024, 6, 1))
    >>> [column.role for column in result.columns], result.minors
    (['identifier', 'key', 'text_special'], 10)
    """
    read = _read(frame, reading, who)
    step("cells")
    n, known, roles = len(frame), read.known, read.roles if roles is None else roles
    if roles.direct is not None:
        known = {c: _as_stated(item, c in roles.direct) for c, item in known.items()}
    codes = {c: np.asarray(item.cat.codes, dtype=np.int64) for c, item in read.tidy.items()}
    says = {
        column: {what: int(rows.sum()) for what, rows in text.items()}
        for column, text in read.spoken.items()
    }
    measured = _uniqueness(codes, roles.key)
    step("alone")
    columns = tuple(
        _column(c, known[c], read.cells[c].rename(read.hidden.get(c, c)), read.there[c],
                says.get(c, {}), measured[c], read.texts.get(c))
        for c in known
    )  # fmt: skip
    minors, most_minors, births, heaps = _minors(read.cells, known, as_of, roles.identifier)
    there = {known[c].kind for c, rows in read.there.items() if rows.any()}
    return Inventory(
        name=name,
        n=n,
        columns=columns,
        roles=roles,
        alone=_unique_records([codes[key] for key in roles.key], n),
        as_of=as_of,
        minors=minors,
        most_minors=most_minors,
        births=births,
        heaps=heaps,
        absent=tuple(kind for kind in ABSENT if kind not in there),
        system="" if read.system is None else read.system.word,
        notes=(Note("headers_withheld", columns=len(read.hidden)),) if read.hidden else (),
        network=places_of_network(read.cells, {c: item.kind for c, item in known.items()}),
    )


def _as_stated(known: KnownColumn, direct: bool) -> KnownColumn:
    """Return the kind of a column of which a person states whether it identifies somebody."""
    identifies = role_of(known) in ("identifier", "contact")
    if direct is identifies or (known.kind == "number" and not direct):
        return known
    return KnownColumn(kind="account", by="stated") if direct else KnownColumn(kind="", by="")


def propose_roles(frame: pd.DataFrame, who: str) -> Roles:
    """Propose roles of a table: those that its inventory proposes.

    Examples
    --------
    >>> people = pd.DataFrame({"sexe": list("FM") * 9, "age": [20, 30, 40] * 6, "x": 1})
    >>> propose_roles(people, "table").key
    ('sexe', 'age')
    """
    return _read(frame, None, who).roles


@dataclass(frozen=True, eq=False, kw_only=True)
class _ReadTable:
    """A table after reading, with the kinds of its columns by their printable names."""

    cells: pd.DataFrame
    hidden: Mapping[str, str]
    tidy: Mapping[str, pd.Series]
    system: KnownExport | None
    spoken: Mapping[str, Mapping[str, NDArray[np.bool_]]]
    texts: Mapping[str, TextCounts]
    known: Mapping[str, KnownColumn]
    there: Mapping[str, NDArray[np.bool_]]
    roles: Roles


@made_once()
def _read(frame: pd.DataFrame, reading: Reading | None, who: str) -> _ReadTable:
    if reading is not None:
        return _read_anew(frame, reading, who)
    return once("read table", lambda: _read_anew(frame, Reading(), who), frame)


def _read_anew(frame: pd.DataFrame, reading: Reading, who: str) -> _ReadTable:
    system = export_of(map(str, frame.columns))
    cells = _with_numbered_headers(frame, system)
    names = zip(map(str, cells.columns), map(str, frame.columns), strict=True)
    hidden = {new: old for new, old in names if new != old}
    both = {str(c): read_both(cells[c], reading, who) for c in cells}
    tidy, plain = ({name: pair[at] for name, pair in both.items()} for at in (0, 1))
    spoken, texts = searched_columns(cells)
    known = known_columns(cells, system, _shares(cells, spoken))
    for new, old in hidden.items():
        kind = kind_of_header(old)[0]
        special = role_of(KnownColumn(kind=kind, by="header")) == "special"
        if special and not known[new].kind:
            # "Votre religion Catholique" may name somebody, and is of a faith.
            known[new] = KnownColumn(kind=kind, by="header")
    there = {c: is_filled(cells[c]) & plain[c].notna().to_numpy() for c in known}
    roles = proposed_roles(
        pd.DataFrame({c: column for c, column in plain.items() if c not in hidden}),
        known, there, system, {c: spoken.get(c, {}) for c in known if known[c].kind in _BY_CELLS},
        spoken,
    )  # fmt: skip
    return _ReadTable(
        cells=cells, hidden=hidden, tidy=tidy, system=system, spoken=spoken, texts=texts,
        known=known, there=there, roles=roles,
    )  # fmt: skip


def _with_numbered_headers(frame: pd.DataFrame, system: KnownExport | None) -> pd.DataFrame:
    """Number the columns whose header may be a person's: nothing is to repeat it.

    One that is not known and that a few records fill may be too, as where people are columns.
    """
    names = [str(c) for c in frame.columns]
    few = frame.notna().sum().between(1, SMALL_CELL - 1).to_numpy() & (len(frame) >= SMALL_CELL)
    own = set() if system is None else set(system.named(names).values())
    for at, (name, rare) in enumerate(zip(tuple(names), few, strict=True)):
        known = kind_of_header(name)[0] or kind_of_record(name) or name.lower() in ACRONYMS
        unknown = rare and not known
        if name not in own and (unknown or may_name_a_person(name)):
            names[at] = f"column {at + 1}"
    return frame.set_axis(names, axis=1)


def _shares(
    frame: pd.DataFrame, spoken: Mapping[str, Mapping[str, NDArray[np.bool_]]]
) -> dict[str, dict[str, float]]:
    """Return the share of the filled cells of each column with each special category."""
    filled = {column: max(1, int(is_filled(frame[column]).sum())) for column in spoken}
    return {
        column: {w: int(hits.sum()) / filled[column] for w, hits in text.items() if w in SPECIAL}
        for column, text in spoken.items()
    }


def _uniqueness(
    codes: Mapping[str, NDArray[np.int64]], keys: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Return of each column who is alone by it, and how many it adds to those alone by the keys.

    A blank is a value beside the keys, and never unique by itself.
    """
    n = len(next(iter(codes.values())))
    whole = _equivalence_classes([codes[key] for key in keys], n)
    shared = np.bincount(whole, minlength=1)[whole] > 1
    before = n - int(shared.sum())
    result = {}
    for column, values in codes.items():
        by_itself = int((np.bincount(values[values >= 0]) == 1).sum())
        if column in keys:
            adds = before - _unique_records([codes[key] for key in keys if key != column], n)
        else:
            adds = _alone(whole[shared], values[shared])
        result[column] = by_itself, adds
    return result


def _equivalence_classes(codes: list[NDArray[np.int64]], n: int) -> NDArray[np.int64]:
    """Number the combinations of some columns, a blank being a value of its own."""
    classes = np.zeros(n, dtype=np.int64)
    for values in codes:
        wide = int(values.max()) + 2
        _, classes = np.unique(classes * wide + values + 1, return_inverse=True)
    return classes


def _unique_records(codes: list[NDArray[np.int64]], n: int) -> int:
    return int((np.bincount(_equivalence_classes(codes, n)) == 1).sum())


def _alone(classes: NDArray[np.int64], values: NDArray[np.int64]) -> int:
    """Count the records that are alone in their class and their value; numbers sort fastest."""
    both = classes * (int(values.max(initial=-1)) + 2) + values
    return int((np.unique(both, return_counts=True)[1] == 1).sum())


def _column(
    name: str, known: KnownColumn, cells: pd.Series, there: NDArray[np.bool_],
    says: Mapping[str, int], measured: tuple[int, int], counts: TextCounts | None,
) -> Column:  # fmt: skip
    codes, levels = number_levels(cells.astype("str"))
    values = pd.Series(levels[pd.unique(codes[there])]).str.strip().unique()
    texts = np.asarray(values[:_READ], dtype=object).tolist()
    formats = formats_of(texts)
    role = role_of(known, says)
    silent = role in _SILENT_ROLES or known.kind == "place"
    if silent and counts is not None and counts.speak(int(there.sum())):
        # Notes in a column of contacts, of dates or of places are notes; an outcome is a code.
        role = "text_special" if "sentence" in formats else "special"
    by_words = role == "special" and (silent or known.by in ("", "cells"))
    if by_words and counts is not None and counts.special and not counts.least:
        role = "doubtful"  # A note that has such a word means it mostly, other cells hardly.
    of_people = role in ("special", "inferred", "key", "third")
    shows = int(there.sum())
    if known.kind in MAY_SHOW_NOTHING:
        shows = int((there & cells_showing(cells, known.kind)).sum())
        if known.kind in MAY_BE_NONE and known.by == "cells" and counts is not None:
            # Beside "sans porc", "standard" shows no faith.
            shows = min(shows, counts.special)
    return Column(
        name=name,
        role=role,
        kind=known.kind,
        by=known.by,
        declared=("inferred" if known.worked_out else "declared") if of_people else "",
        type=_type(cells.dtype.kind, texts, formats, known.kind),
        formats=formats,
        filled=int(there.sum()),
        shows=shows,
        distinct=len(values),
        alone=measured[0],
        adds=measured[1],
        says=says,
        **({} if counts is None else counts.of_column),
    )


def _type(dtype: str, texts: list[str], formats: tuple[str, ...], kind: str) -> str:
    """Return the data type of a column."""
    if not texts:
        return "empty"
    if kind == "date" and timestamp_unit_of(texts):
        return "date"
    if dtype == "M" or all(f.startswith("date") for f in formats):
        return "date"
    if dtype == "b" or formats == ("yes_no",):
        return "truth"
    numbers = {"whole_number", "decimal_point", "decimal_comma", "year", "yes_no"}
    return "number" if dtype in "iuf" or set(formats) <= numbers else "text"


def _minors(
    cells: pd.DataFrame, known: Mapping[str, KnownColumn], as_of: datetime.date, by: tuple[str, ...]
) -> tuple[float, float, str, tuple[Note, ...]]:
    """Count the certain and the possible minors by the column that decides for most records."""
    parts = {"month", "mois", "day", "jour"}
    whole = [c for c in known if not parts & {*header_words(c)}]
    asked = [c for c in whole if kind_of_header(c)[0] == "age"]
    # Years and days that only spread as births do are of a marriage, a book, an entry as well.
    guessed = [c for c in whole if known[c].kind == "age" and known[c].by == "cells"]
    # Dates under "né le" are births, however few they are.
    ages = [c for c in whole if known[c].kind == "age" or (known[c].kind == "date" and c in asked)]
    read = {c: read_births(cells[c], as_of) for c in ages if c not in guessed}
    if not read:
        # A header announces births, and most cells give none.
        unread = [c for c in (*asked, *guessed) if is_filled(cells[c]).any()]
        return math.nan, math.nan, unread[0] if unread else "", ()
    column = max(read, key=lambda c: _decided(read[c]))
    if read[column].read.sum() < LEAST_READ * read[column].filled.sum():
        return math.nan, math.nan, column, ()
    # "Âge 1", "Âge 2": each of a household has one, and a minor may stand in any of them; where
    # one is blank beside the first, there may be nobody.
    words = {c: [w for w in header_words(c) if not w.isdecimal()] for c in read}
    alike = [c for c in read if words[c] == words[column]]
    minors, possible = read[column].minors, read[column].possible_minors
    for one in (read[c] for c in alike if c != column):
        minors, possible = minors | one.minors, possible | (one.possible_minors & one.filled)
    named = max(alike, key=lambda c: (int(read[c].minors.sum()), c == column))
    heaps = read[named].notes(named, ~cells[[*by]].duplicated().to_numpy() if by else None)
    return int(minors.sum()), int(possible.sum()), named, heaps


def _decided(births: Births) -> int:
    """Count the records of people who are certainly minors, or certainly adults."""
    return int((births.minors | ~births.possible_minors).sum())


# Headers of inferred values.
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
          `privaudit.maps.scoring.shared_points.dot_properties`.
        - empty_columns: columns that no record fills.
        - inferred: share of the records with a value that was worked out, by the header.
        - note_holds: of the records with a note, share whose note holds ``what``: a third party
          (others), a telephone, an e-mail, an address, a child, or one of the special categories.
          Tags are no note.

    Examples
    --------
    >>> from privaudit.columns.roles import Roles
    >>> people = pd.DataFrame({"first_name": ["Anne", "Paul"], "note": ["Vu son fils Zoé", None]})
    >>> result = table_inventory(TableRelease(records=people, roles=Roles()))
    >>> result.value("shown", what="name"), result.value("note_holds", what="others")
    (1.0, 1.0)
    """
    frame, known = _with_known_columns(table.records)
    known = _identifying(known, table.roles, frame)
    rows = _shown_rows(frame, known, "records")
    empty = sum(not has_filled(frame[column]) for column in frame)
    rows.add("empty_columns", empty, "columns", n=len(frame.columns), counts="columns")
    worked = [column for column in frame if _INFERRED.search(str(column))]
    if worked:
        hits = np.logical_or.reduce([is_filled(frame[column]) for column in worked])
        rows.add("inferred", hits.mean(), "share", Note("columns_inferred", columns=tuple(worked)))
    _add_notes(rows, frame, known)
    return Measures(
        family="inventory",
        rows=rows,
        name=table.name,
        provenance=table.provenance,
        recipe={"stage": "inventory"},
    )


def _with_known_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    """Return a frame whose headers name no person, and the kind of each column.

    Of a table whose columns are people, as where each row is a page that they like, the headers
    are cells: they are numbered.
    """
    odd = set(named_by_headers(frame, least=SMALL_CELL))
    names = [f"column {k}" if c in odd else c for k, c in enumerate(map(str, frame.columns), 1)]
    called = dict(zip(map(str, frame.columns), names, strict=True))
    known = {called[column]: item for column, item in column_kinds(frame).items()}
    return frame.set_axis(names, axis=1), known


def _add_notes(rows: Rows, frame: pd.DataFrame, known: Mapping[str, ColumnKind]) -> None:
    """Add what notes hold of third parties."""
    notes = [c for c, item in known.items() if item.kind == "note" and "tag" not in c.lower()]
    if not notes:
        return
    own = own_names(frame, known)
    cells = zip(*(cells_of(frame[c]) for c in notes), strict=True)
    texts = [" ".join(filter(None, row)) for row in cells]
    written = [(text, who) for text, who in zip(texts, own, strict=True) if text]
    result = categories_in([text for text, _ in written], [who for _, who in written])
    note = Note("notes_in", columns=tuple(notes))
    # Where a column has few notes, the count over all columns gives them away.
    filled = [or_suppressed(int(is_filled(frame[c]).sum())) for c in notes]
    withheld: dict[str, Any] = {"unprinted": ("row",)} if np.isnan(filled).any() else {}
    for what in _IN_NOTES:
        if hits := int(result["children" if what == "child" else what].sum()):
            _add(rows, "note_holds", hits, note, n=len(written), part={"what": what}, **withheld)


def _identifying(
    known: Mapping[str, ColumnKind], roles: Roles | None, frame: pd.DataFrame
) -> dict[str, ColumnKind]:
    """Return the kinds of columns, those that identify a person as roles state it."""
    if roles is None or roles.direct is None:
        return dict(known)
    direct = [c for c in roles.direct if c in frame]
    result = {c: item for c, item in known.items()
              if item.kind not in IDENTIFYING_KINDS or c in direct}  # fmt: skip
    more = [c for c in direct if c not in result or result[c].kind not in IDENTIFYING_KINDS]
    return result | dict.fromkeys(more, ColumnKind(kind="account", by="header"))


def shown_rows(frame: pd.DataFrame, counts: str, roles: Roles | None = None) -> Rows:
    """Return a row per kind shown, then rows of identification and of withheld columns.

    Parameters
    ----------
    counts : {"dots", "records"}
        What a row of the frame is.
    roles : Roles, optional
        Whose `direct` are the columns that identify a person.
    """
    frame, known = _with_known_columns(frame)
    return _shown_rows(frame, _identifying(known, roles, frame), counts)


def _shown_rows(frame: pd.DataFrame, known: Mapping[str, ColumnKind], counts: str) -> Rows:
    shown = rows_showing(frame, known)
    kinds = [kind for kind in SHOWN_KINDS if kind in {kind for kind, _ in shown}]
    rows = Rows(len(frame), counts)
    for kind in kinds:
        hits = int(_any(shown, [kind]).sum())
        parts = [int(rows_of.sum()) for (item, _), rows_of in shown.items() if item == kind]
        named = {"part": {"what": kind}, "printed": least_of_union(hits, parts, len(frame))}
        _add(rows, "shown", hits, *_recognition_notes(known, shown, kind), **named)
    who = _any(shown, IDENTIFYING_KINDS)
    if who.any():
        _add(rows, "identified", int(who.sum()))
        for kind in (kind for kind in kinds if kind in _LISTS["grave"].split()):
            both = int((who & _any(shown, [kind])).sum())
            _add(rows, "identified_with", both, part={"what": kind})
    _add_withheld(rows, shown)
    unknown = [c for c in map(str, frame.columns) if c not in known and has_filled(frame[c])]
    if unknown:
        n = len(frame.columns)
        note = Note("columns_unknown", columns=tuple(unknown[:12]), more=max(0, len(unknown) - 12))
        rows.add("unknown_columns", len(unknown), "columns", note, n=n, counts="columns")
    return rows


def _add(rows: Rows, measure: str, hits: int, *notes: Note, **options: Any) -> None:
    """Add the share of those that show something, who are a group by themselves."""
    rows.add(measure, hits / options.get("n", rows.n), "share", notes, cell=True, **options)


def _any(shown: _Shown, kinds: Any, without: tuple[str, ...] = ()) -> np.ndarray:
    """Return which dots show one of some kinds, in columns that are not withheld."""
    n = len(next(iter(shown.values()), ()))
    hits = [rows for (kind, c), rows in shown.items() if kind in kinds and c not in without]
    return np.asarray(np.logical_or.reduce([np.zeros(n, dtype=bool), *hits]))


def _recognition_notes(known: Mapping[str, ColumnKind], shown: _Shown, kind: str) -> list[Note]:
    """Return notes on the columns that show a kind, and how these were recognised."""
    columns = [column for item, column in shown if item == kind]
    notes = []
    for by in ("header", "cells"):
        if mine := tuple(c for c in columns if known[c] == ColumnKind(kind=kind, by=by)):
            notes.append(Note(f"known_by_{by}", columns=mine))
    within = tuple(c for c in columns if known[c].kind != kind)
    if within:
        notes.append(Note("found_within", columns=within))
    return [*notes, Note("names_from_a_list")] if within and kind == "others" else notes


def _add_withheld(rows: Rows, shown: _Shown) -> None:
    """Add what would still be shown without the columns of a kind, or those that say who."""
    withheld = {"identity": IDENTIFYING_KINDS} | {k: (k,) for k in _LISTS["withheld"].split()}
    for what, kinds in withheld.items():
        # A note that holds a telephone number goes too.
        without = tuple(dict.fromkeys(column for kind, column in shown if kind in kinds))
        if without and (before := _any(shown, kinds)).any():
            part = {"what": what, "without": without}
            after = int(_any(shown, kinds, without).sum())
            _add(rows, "shown_without", after, baseline=before.mean(), part=part)
