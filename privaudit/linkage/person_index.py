"""Identifiers of the people of a table: spellings of names, contacts, births, addresses, numbers.

Also join keys as codes, compared without a matrix of all pairs, and permuted names as a baseline.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.births import read_births
from privaudit.columns.headers import IDENTIFYING_KINDS, WORDS, given_names, sex_of
from privaudit.columns.identifiers import EMAIL, national_number
from privaudit.columns.levels import values_of
from privaudit.columns.recognise import ColumnKind, cells_of, column_kinds
from privaudit.core.checks import Ints
from privaudit.core.files import once, packaged_toml
from privaudit.core.thresholds import MOST_CELLS, SMALL_CELL
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import (
    addresses_of_records,
    normalised_address,
    normalised_addresses,
)
from privaudit.io.coordinates import coordinate_pairs
from privaudit.linkage.name_parsing import split_whole, surname_of, without_title
from privaudit.release.release import TableRelease
from privaudit.text.cells import is_missing_mark_among
from privaudit.text.normalise import (
    TITLES,
    fold,
    header_words,
    letters_of,
    words,
)

_NONE = np.iinfo(np.int64).max
# Numbers that join keys may have, for each row that is compared.
_CODES_A_ROW = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class KeyCodes:
    """Join keys of dots and records, as codes in one space, -1 for a blank.

    The sum of two compares on the keys of both.

    - `dots`, `records` (int, shape (k, n)): One row a key.
    - `needed` (bool, shape (k,)): Whether a blank fits nobody; else it fits everybody.
    - `names`: Name of each key: "place", "identity", or a column of the map.
    """

    dots: np.ndarray
    records: np.ndarray
    needed: np.ndarray
    names: tuple[str, ...]

    def fit(self, dot: np.ndarray, record: np.ndarray) -> np.ndarray:
        """Return whether no key differs, for pairs of a dot and a record."""
        shown, known = self.dots[:, dot], self.records[:, record]
        blank = (shown < 0) | (known < 0)
        same = np.where(blank, ~self.needed[:, None], shown == known)
        return np.asarray(np.logical_and.reduce(same, axis=0))

    def with_codes(self, side: str, /, **codes: np.ndarray) -> KeyCodes:
        """Return the keys with other codes, for some keys of a side: "dots" or "records"."""
        rows = zip(self.names, getattr(self, side), strict=True)
        changed: Any = {side: np.stack([codes.get(name, row) for name, row in rows])}
        return replace(self, **changed)

    def of_records(self, rows: np.ndarray) -> KeyCodes:
        """Return the keys of some records only."""
        return replace(self, records=self.records[:, rows])

    def dot_matches(self) -> Fits:
        """Return the records that each dot fits, labelled by their position."""
        return fitting(self.dots, self.records, self.needed, np.arange(self.records.shape[1]))

    def record_matches(self, label: np.ndarray) -> Fits:
        """Return the dots that each record fits, by a label of each dot."""
        return fitting(self.records, self.dots, self.needed, label)

    def matches(self, label: np.ndarray) -> list[Fits]:
        """Return `dot_matches` and `record_matches`: both sides are numbered once."""
        position = np.arange(self.records.shape[1])
        return _fits(self.dots, self.records, self.needed, (position, label))

    def __add__(self, other: KeyCodes) -> KeyCodes:
        return KeyCodes(
            dots=np.concatenate([self.dots, other.dots]),
            records=np.concatenate([self.records, other.records]),
            needed=np.concatenate([self.needed, other.needed]),
            names=self.names + other.names,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Fits:
    """Matches of each of some rows, shape (n,) each.

    - `many`: Number of matching rows.
    - `one`: Their common label, -1 where none matches or their labels differ.
    """

    many: np.ndarray
    one: np.ndarray


def fitting(asked: np.ndarray, among: np.ndarray, needed: np.ndarray, label: np.ndarray) -> Fits:
    """Count the matches in `among` of each row of `asked`, and return their common label.

    Rows are compared in groups with the same pattern of blanks.

    Parameters
    ----------
    asked, among : ndarray of int, shapes (k, n) and (k, m)
        Codes, -1 for a blank.
    needed : ndarray of bool, shape (k,)
    label : ndarray of int, shape (m,)
        0 or more.

    Examples
    --------
    >>> fits = fitting(np.array([[0, 1, -1]]), np.array([[0, 0, 1]]), np.array([True]),
    ...     np.array([5, 6, 7]))
    >>> fits.many.tolist(), fits.one.tolist()
    ([2, 1, 0], [-1, 7, -1])
    """
    return _fits(asked, among, needed, (label,))[0]


def _fits(
    asked: np.ndarray, among: np.ndarray, needed: np.ndarray, labels: Sequence[np.ndarray]
) -> list[Fits]:
    """Return what `fitting` does for the first label; for the second, the same the other way."""
    sizes = (asked.shape[1], among.shape[1])[: len(labels)]
    many = [np.zeros(n, dtype=np.int64) for n in sizes]
    low = [np.full(n, _NONE) for n in sizes]
    high = [np.full(n, -1, dtype=np.int64) for n in sizes]
    bits = 1 << np.arange(len(needed))
    must = int(bits[needed].sum())
    shown, known = (bits @ (codes >= 0) for codes in (asked, among))
    patterns = [part[part & must == must] for part in (shown, known)]
    for mine in pd.unique(patterns[0]).tolist():
        rows = np.flatnonzero(shown == mine)
        for theirs in pd.unique(patterns[1]).tolist():
            others = np.flatnonzero(known == theirs)
            used = (bits & mine & theirs) > 0
            at, of, size = _together(asked[used][:, rows], among[used][:, others])
            sides = (rows, at, others, of), (others, of, rows, at)
            for side, (to, code, source, there) in zip(range(len(labels)), sides, strict=False):
                label = labels[side][source]
                first, last = extremes(there, label, label, size)
                many[side][to] += np.bincount(there, minlength=size)[code]
                low[side][to] = np.minimum(low[side][to], first[code])
                high[side][to] = np.maximum(high[side][to], last[code])
    return [
        Fits(many=n, one=np.where(least == most, least, -1))
        for n, least, most in zip(many, low, high, strict=True)
    ]


def extremes(
    code: np.ndarray, low: np.ndarray, high: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least `low` and the greatest `high` of each code; the greatest is -1 for none."""
    least, greatest = np.full(size, _NONE), np.full(size, -1, dtype=np.int64)
    np.minimum.at(least, code, low)
    np.maximum.at(greatest, code, high)
    return least, greatest


def _together(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return common codes of the columns of two arrays, and the number of codes."""
    both = np.concatenate([left, right], axis=1)
    n, code = both.shape[1], np.zeros(both.shape[1], dtype=np.int64)
    for key in both:
        code = code * (int(key.max(initial=0)) + 1) + key
        # Numbered anew where most numbers would stand for nothing.
        if int(code.max(initial=0)) >= _CODES_A_ROW * n:
            code = pd.factorize(code)[0].astype(np.int64)
    return code[: left.shape[1]], code[left.shape[1] :], int(code.max(initial=-1)) + 1


# Marks of a missing value that are also surnames.
_ALSO_NAMES = frozenset(("null", "nan", "none"))
# Words of the header of a name that do not say whose it is.
_OF_NAMES = frozenset(
    {"noms", "name", "names", "middle", "full", "de", "du", "d", "l", "le", "la", "naissance",
     "jeune", "fille", "marital", "maiden", "patronymique", "complet", "legal", "preferred",
     "suffix", "2", "1", *WORDS["given"], *WORDS["family"]}
)  # fmt: skip
_DIALLED = re.compile(r"\+?\d(?:[\s().\u00a0-]*\d){5,}")


def shared_codes(*texts: Sequence[str]) -> list[np.ndarray]:
    """Return the texts of several columns as codes in one space, "" as -1."""
    texts_in_one = pd.Series([text for part in texts for text in part], dtype="str")
    code = pd.factorize(texts_in_one.where(texts_in_one != ""))[0].astype(np.int64)
    ends = np.cumsum([len(part) for part in texts])
    return np.split(code, ends[:-1])


def count_shared(asked: Sequence[str], among: Sequence[str]) -> int:
    """Count the rows whose name, or contact, occurs in another file."""
    known = set(among) - {""}
    return sum(one in known for one in asked)


def written_names(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    """Return the spellings of each row's name, as sorted words without titles.

    With every word first; then with the first given name only, with one of two surnames, and of
    each of several people of the row.

    Examples
    --------
    >>> roll = pd.DataFrame({"nom": ["Zxq"], "prenoms": ["Jean, Paul"]})
    >>> written_names(roll, ["nom", "prenoms"])[-1]
    ['jean zxq']
    """
    some = frame[list(columns)]
    named = tuple(map(str, some.columns))
    return once("names", lambda: _written_names(some), *values_of(some), of=named)


def _written_names(frame: pd.DataFrame) -> list[list[str]]:
    groups: dict[frozenset[str], list[str]] = {}
    columns = [str(column) for column in frame.columns]
    for column in columns:
        groups.setdefault(frozenset(header_words(column)) - _OF_NAMES, []).append(column)
    # A child and a parent in one row are two people.
    several = list(groups.values()) if len(groups) > 1 else []
    return [way for some in (list(columns), *several) for way in _ways(frame, some)]


def _ways(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    """Return the spellings of the names in some columns."""
    cells = {column: name_cells(frame[column]) for column in columns}
    given = [column for column in columns if _of_given_names(cells[column])]
    surnames = [column for column in columns if column not in given]
    ways = [list(cells.values())]
    if given and surnames:
        first_of = {cell: _first(cell) for cell in {*cells[given[0]]}}
        firsts = [[first_of[cell] for cell in cells[given[0]]]]
        for first in surnames:
            order = [cells[first], *(cells[c] for c in surnames if c != first)]
            one = [next(filter(None, row), "") for row in zip(*order, strict=True)]
            ways += [[one, *(cells[column] for column in given)], [one, *firsts]]
    rows = [[*zip(*way, strict=True)] if way else [("",)] * len(frame) for way in ways]
    # Most people are written alike in every way.
    sorted_words = {row: _words_of(row) for row in {row for way in rows for row in way}}
    return [[sorted_words[row] for row in way] for way in rows]


def name_cells(column: pd.Series) -> list[str]:
    """Return the cells of a column of names; Null and None are names among names."""
    cells = cells_of(column)
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in column.tolist()]
    odd = {text for text in {*texts} if text.istitle() and fold(text) in _ALSO_NAMES}
    if not odd:
        return cells
    names = list(dict.fromkeys(filter(None, cells)))
    odd = {text for text in odd if not is_missing_mark_among(text, names)}
    return [text if text in odd else cell for text, cell in zip(texts, cells, strict=True)]


def _words_of(row: Sequence[str]) -> str:
    parts = {word for cell in row for word in words(cell.replace('"', ""))}
    return " ".join(sorted(parts - TITLES or parts))


def _first(cell: str) -> str:
    """Return the first of several given names; Jean-Paul is one."""
    return next(iter(cell.replace(",", " ").replace(";", " ").split()), "")


def _of_given_names(cells: Sequence[str]) -> bool:
    filled, names = Counter(filter(None, cells)), given_names()
    known = sum(n for cell, n in filled.items() if not names.isdisjoint(words(_first(cell))))
    return bool(filled) and known >= MOST_CELLS * filled.total()


def first_contact(frame: pd.DataFrame, columns: Sequence[str], kind: str) -> list[str]:
    """Return the first e-mail, telephone or account of each row, "" where it has none."""
    row, text = contacts(frame, columns, kind)
    first = [""] * len(frame)
    for at, one in zip(row[::-1].tolist(), text[::-1], strict=True):
        first[at] = one
    return first


def contacts(
    frame: pd.DataFrame, columns: Sequence[str], kind: str
) -> tuple[np.ndarray, list[str]]:
    """Return every e-mail, telephone or account of each row, and the row of each.

    Examples
    --------
    >>> people = pd.DataFrame({"tel": ["06 12 34 56 78 / +33 1 40 00 00 01", None, "612345678"]})
    >>> row, text = contacts(people, ["tel"], "phone")
    >>> row.tolist(), text
    ([0, 0, 2], ['612345678', '140000001', '612345678'])
    """
    rows, texts = [], []
    for column in columns:
        for at, cell in enumerate(cells_of(frame[column])):
            for text in _ways_to_reach(cell, kind) if cell else ():
                rows.append(at)
                texts.append(text)
    order = np.argsort(np.array(rows, dtype=np.int64), kind="stable")
    return np.array(rows, dtype=np.int64)[order], [texts[at] for at in order]


def _ways_to_reach(cell: str, kind: str) -> list[str]:
    if kind == "email":
        return [mail.casefold() for mail in EMAIL.findall(cell)]
    if kind == "phone":
        numbers = map(national_number, _DIALLED.findall(cell.removesuffix(".0")))
        # Numbers such as 00 00 00 00 00 and 06 66 66 66 66 are fillers.
        return [number for number in numbers if len(set(number)) > 2]
    name = "".join(words(cell))
    return [name] if name else []


def births(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the birth date and the year of birth of each row, "" where it has none.

    Examples
    --------
    >>> people = pd.DataFrame({"ne_le": pd.to_datetime(["1980-05-02", None]), "age": [37, 40]})
    >>> births(people, ["ne_le", "age"])
    (['1980-05-02', ''], ['1980', ''])
    """
    dates, years = [""] * len(frame), [""] * len(frame)
    for column in columns:
        born = read_births(frame[column], None)
        for result, unit in ((dates, "D"), (years, "Y")):
            first, last = born.earliest.astype(f"M8[{unit}]"), born.latest.astype(f"M8[{unit}]")
            texts = np.datetime_as_string(first)
            for row in np.flatnonzero(first == last):
                result[row] = result[row] or str(texts[row])
    return dates, years


REACHED = ("email", "phone", "account")
# Largest number of columns of numbers; least share of distinct values of a number of people.
_MOST_NUMBERS, _NUMBERED = 6, 0.9
_LIVES = "lives at"


@dataclass(frozen=True, eq=False, kw_only=True)
class PersonIndex:
    """The distinct people of a table, and their identifiers.

    - `counts`: What one of them is: records, dots or accounts.
    - `records`: All rows; `person`: person of each, from 0; `n`: number of people.
    - `holds`: Recognised columns.
    - `reached`: For each of `REACHED`, the person and the text of each contact.
    - `numbers`: By column, the number of each person; `numbered`: the columns that identify them.
    - `names`: Spellings of each person's name.
    - `born`: Birth dates, and years of birth.
    - `lives`: The address of each, with the postcode and without.
    """

    name: str
    counts: str
    records: pd.DataFrame
    person: np.ndarray
    n: int
    holds: Mapping[str, ColumnKind]
    reached: Mapping[str, tuple[np.ndarray, list[str]]]
    numbers: Mapping[str, list[str]]
    numbered: frozenset[str]
    names: Sequence[list[str]]
    born: tuple[list[str], list[str]]
    lives: tuple[list[str], list[str]]

    @classmethod
    def of(
        cls, table: TableRelease, name: str, base: AddressBase | None = None,
        counts: str = "records",
    ) -> PersonIndex:  # fmt: skip
        """Index the people of a table; rows with the same identifiers are one person.

        - `name`: Of the file, to which headers of other tables may refer.
        - `base`: The public addresses, where there are any.
        """
        frame = numbered_rows(table.records)
        known = column_kinds(frame)
        # A constant column, such as the sender of all messages, identifies nobody.
        by: dict[str, list[str]] = {kind: [] for kind in (*IDENTIFYING_KINDS, "number", "age")}
        for column, one in known.items():
            if one.kind in by and (one.kind in ("name", "age") or frame[column].nunique() > 1):
                by[one.kind].append(column)
        numbers = {column: _numbers(frame[column]) for column in by["number"][:_MOST_NUMBERS]}
        numbered = frozenset(column for column, texts in numbers.items() if _tells_apart(texts))
        tells = [c for kind in (*IDENTIFYING_KINDS, "age") for c in by[kind]]
        tells += [column for column in by["number"] if column not in numbered]
        lives = _lives(frame, base)
        where = _spots(frame, lives[1]) if set(tells) <= set(by["name"]) else lives[1]
        person = _persons(frame, tells, where, list(table.roles.identifier))
        first = np.unique(person, return_index=True)[1]
        each = frame if len(first) == len(frame) else frame.iloc[first].reset_index(drop=True)
        return cls(
            name=name, counts=counts, records=frame, person=person, n=len(each), holds=known,
            reached={kind: contacts(each, by[kind], kind) for kind in REACHED},
            numbers={column: [texts[at] for at in first] for column, texts in numbers.items()},
            numbered=numbered,
            names=_names(each, by["name"]),
            born=births(each, by["age"]),
            lives=([lives[0][at] for at in first], [lives[1][at] for at in first]),
        )  # fmt: skip

    @property
    def tells_somebody(self) -> bool:
        """Whether it has any identifier."""
        reached = any(len(rows) for rows, _ in self.reached.values())
        return bool(reached or self.numbers or self.names or any(self.lives[1]))


def numbered_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose rows are numbered from 0; one that is so already, not copied."""
    return frame if frame.index.equals(pd.RangeIndex(len(frame))) else frame.reset_index(drop=True)


def one_row_each(frame: pd.DataFrame, identifier: list[str]) -> pd.DataFrame:
    """Return the first row of each identifier; of no two alike, the same values, not copied."""
    again = frame.duplicated(identifier) if identifier else np.zeros(1, dtype=bool)
    return frame[~again] if again.any() else frame


def _names(frame: pd.DataFrame, columns: list[str]) -> list[list[str]]:
    """Return the spellings of people's names; none where all are equal."""
    ways = written_names(frame, columns) if columns else []
    return ways if len(frame) < 2 or len(set(ways[0] if ways else ())) > 1 else []


def _numbers(column: pd.Series) -> list[str]:
    return [fold(cell.removesuffix(".0")) for cell in cells_of(column)]


def _tells_apart(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    return len(set(filled)) >= _NUMBERED * len(filled) and len(set(filled)) > 1


def _persons(
    frame: pd.DataFrame, tells: list[str], lives: list[str], identifier: list[str]
) -> np.ndarray:
    """Number the people by identifier, or else by their names, contacts and addresses.

    One name at two addresses is two people.
    """
    columns = identifier or tells
    if not columns:
        return np.arange(len(frame))
    texts = frame[columns].astype("str").where(frame[columns].notna(), "")
    if not identifier:
        texts = texts.assign(**{_LIVES: lives})
    code = pd.factorize(pd.Series(list(texts.itertuples(index=False, name=None))))[0]
    # Rows without any identifier are distinct people.
    named = (texts != "").any(axis=1).to_numpy()
    code = np.where(named, code, len(frame) + np.arange(len(frame)))
    return np.asarray(pd.factorize(code)[0], dtype=np.int64)


def _spots(frame: pd.DataFrame, lives: list[str]) -> list[str]:
    """Return addresses, or the positions of dots, by which homonyms are distinguished.

    Not used beside a contact or a birth, since positions change between visits.
    """
    placed = coordinate_pairs([str(column) for column in frame.columns])
    if any(lives) or not placed:
        return lives
    return [" ".join(cells) for cells in zip(*(cells_of(frame[c]) for c in placed), strict=True)]


def _lives(frame: pd.DataFrame, base: AddressBase | None) -> tuple[list[str], list[str]]:
    words, postcodes = normalised_addresses(frame)
    whole = [f"{word} {code}" if word and code else "" for word, code in
             zip(words, postcodes, strict=True)]  # fmt: skip
    if base is None:
        return whole, words
    rows = addresses_of_records(frame, base)[0].tolist()
    known = [f"#{row}" if row >= 0 else "" for row in rows]
    return tuple(  # type: ignore[return-value]
        [one or other for one, other in zip(known, texts, strict=True)] for texts in (whole, words)
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class PermutedNames:
    """Names in two parts, to permute given names over dots: the homonym baseline.

    - `given`, `rest`: Codes of the given names and of the other words of each dot, -1 where its
      name lacks one.
    - `pairs`, `codes`: Pairs of parts of the records, sorted, and the record's code.
    - `wide`: Number of codes of `rest`.
    """

    given: np.ndarray
    rest: np.ndarray
    pairs: np.ndarray
    codes: np.ndarray
    wide: int

    def permuted(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Permute the given names over the dots.

        Returns
        -------
        codes, other : ndarray of shape (dots,)
            The code of a record with the new name, -1 where none has it; and which dots are no
            fixed points of the permutation.
        """
        known = np.flatnonzero(self.given >= 0)
        given = self.given.copy()
        given[known] = given[rng.permutation(known)]
        asked = given * self.wide + self.rest
        at = np.minimum(np.searchsorted(self.pairs, asked), len(self.pairs) - 1)
        met = (given >= 0) & (self.pairs[at] == asked)
        return np.where(met, self.codes[at], -1), (given >= 0) & (given != self.given)


def split_names(
    dots: Sequence[str], records: Sequence[str], codes: np.ndarray
) -> PermutedNames | None:
    """Split names into given names and other words; None where too few dots have both.

    - `codes`: Join codes of `records`.

    Examples
    --------
    >>> mine = [f"anne z{i}" for i in range(12)]
    >>> split_names(mine, mine, np.arange(12)).permuted(np.random.default_rng(1))[1].any()
    np.False_
    """
    parts = [_parts(name) for name in (*dots, *records)]
    given, rest = (
        pd.factorize(pd.Series([part[at] for part in parts], dtype="str"))[0].astype(np.int64)
        for at in (0, 1)
    )
    both = np.array([bool(first and last) for first, last in parts])
    n, wide = len(dots), int(rest.max(initial=0)) + 1
    there = both[n:] & (codes >= 0)
    if both[:n].sum() < SMALL_CELL or not there.any():
        return None
    pairs = (given * wide + rest)[n:][there]
    order = np.argsort(pairs, kind="stable")
    return PermutedNames(
        given=np.where(both[:n], given[:n], -1), rest=rest[:n], pairs=pairs[order],
        codes=codes[there][order], wide=wide,
    )  # fmt: skip


def _parts(name: str) -> tuple[str, str]:
    words, known = name.split(), given_names()
    given, rest = (" ".join(w for w in words if (w in known) is side) for side in (True, False))
    return given, rest


_BORN = frozenset({"naissance", "fille", "maiden", "birth", "patronymique"})
_NOT_THE_NAME = frozenset({"middle", "second", "suffix", "nickname", "surnom", "sobriquet"})
_ADDRESS_WORDS = packaged_toml("privaudit.geo", "address_words.toml")["words"]
_POSTCODE, _TOWN, _NUMBER, _SUFFIX = (
    frozenset(_ADDRESS_WORDS[name].split())
    for name in ("postcode", "town", "house_number", "after_number")
)
_TOWNS = _TOWN | {"suburb", "municipality"}
_FIVE_DIGITS = re.compile(r"(?<!\d)(\d{5})(?!\d)")
_HOUSE = re.compile(
    rf"^\W*(\d+ ?(?:{'|'.join(sorted(_SUFFIX))}|[a-d])?)\b[ ,]*(.*)$", re.IGNORECASE
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Records:
    """What the records of a table give to compare, "" or nothing where they give none.

    - `n`: Number of records; `columns`: the columns of each field.
    - `first`, `last`: Spellings of the names of each; `email`, `phone`: every one of each.
    - `birth`: YYYYMMDD, month and day 0 where only a year is known, 0 for none.
    - `street`, `number`, `place` ("postcode|town"), `sex`: Of each.
    - `numbers`: By column, the number of each.
    """

    n: int
    columns: Mapping[str, tuple[str, ...]]
    first: list[list[str]]
    last: list[list[str]]
    email: list[list[str]]
    phone: list[list[str]]
    birth: list[int]
    street: list[str]
    number: list[str]
    place: list[str]
    sex: list[str]
    numbers: Mapping[str, list[str]]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Records:
        """Read the fields of a table by what its columns are recognised as."""
        frame = frame.reset_index(drop=True)
        by: dict[str, list[str]] = {}
        for column, known in column_kinds(frame).items():
            by.setdefault(known.kind, []).append(column)
        columns: dict[str, tuple[str, ...]] = {}
        first, last, columns["name"] = _name_parts(frame, by.get("name", []))
        reached = {}
        for kind in ("email", "phone"):
            columns[kind] = tuple(by.get(kind, []))
            reached[kind] = _several(len(frame), *contacts(frame, columns[kind], kind))
        columns["birth"] = tuple(by.get("age", []))
        street, number, place, columns["address"] = _addresses(frame, by)
        columns["sex"] = tuple(by.get("sex", [])[:1])
        sex = (
            [sex_of(cell) for cell in cells_of(frame[columns["sex"][0]])] if columns["sex"] else []
        )
        numbers = {c: [fold(cell.removesuffix(".0")) for cell in cells_of(frame[c])]
                   for c in by.get("number", [])[:_MOST_NUMBERS]}  # fmt: skip
        return cls(
            n=len(frame), columns=columns, first=first, last=last, email=reached["email"],
            phone=reached["phone"], birth=_births(frame, columns["birth"]), street=street,
            number=number, place=place, sex=sex or [""] * len(frame), numbers=numbers,
        )  # fmt: skip


def _several(n: int, rows: Ints, texts: Sequence[str]) -> list[list[str]]:
    result: list[list[str]] = [[] for _ in range(n)]
    for row, text in zip(rows.tolist(), texts, strict=True):
        result[row].append(text)
    return result


def _births(frame: pd.DataFrame, columns: Sequence[str]) -> list[int]:
    dates, years = births(frame, columns)
    return [int(day.replace("-", "")) if day else int(year or 0) * 10_000
            for day, year in zip(dates, years, strict=True)]  # fmt: skip


def _name_parts(
    frame: pd.DataFrame, columns: Sequence[str]
) -> tuple[list[list[str]], list[list[str]], tuple[str, ...]]:
    """Return the spellings of the first and last names of each record, and their columns."""
    nobody: list[list[str]] = [[] for _ in range(len(frame))]
    parts: dict[str, list[str]] = {"first": [], "last": [], "birth": [], "whole": []}
    for column in columns:
        terms = {*header_words(column)}
        if terms & _NOT_THE_NAME:
            continue
        given, family = terms & WORDS["given"], terms & WORDS["family"]
        if terms & _BORN:
            parts["birth"].append(column)
        elif given and not family:
            parts["first"].append(column)
        else:
            parts["last" if family and not given else "whole"].append(column)
    if not parts["first"] and (alone := _given_alone(frame, parts["whole"])):
        parts["first"], parts["whole"] = alone, [c for c in parts["whole"] if c not in alone]
    if parts["first"] and not parts["last"]:
        parts["last"], parts["whole"] = parts["whole"], []
    cells = {column: letters_of(name_cells(frame[column])) for column in columns}
    if parts["first"] or (parts["last"] and not _of_several_words(cells[parts["last"][0]])):
        firsts = cells[parts["first"][0]] if parts["first"] else [""] * len(frame)
        lasts = [cells[column] for column in (*parts["last"][:1], *parts["birth"][:1])]
        used = (*parts["first"][:1], *parts["last"][:1], *parts["birth"][:1])
        return (
            [[one] if one else [] for one in map(without_title, firsts)],
            [[surname_of(one) for one in row if one] for row in zip(*lasts, strict=True)] or nobody,
            used,
        )
    whole = (*parts["whole"], *parts["last"])[:1]
    if not whole:
        return nobody, nobody, ()
    readings = [split_whole(cell) for cell in name_cells(frame[whole[0]])]
    births_ = [cells[c] for c in parts["birth"][:1]]
    firsts_ = [[first] if first else [] for first, _ in readings]
    lasts_ = [[last] if last else [] for _, last in readings]
    for own in births_:
        for row, cell in zip(lasts_, own, strict=True):
            row += [surname_of(cell)] if cell else []
    return firsts_, lasts_, (*whole, *parts["birth"][:1])


def _given_alone(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return the column of given names alone under a header that does not say so, such as Nome."""
    cells = {column: name_cells(frame[column]) for column in columns}
    single = (c for c in columns if not _of_several_words(letters_of(cells[c])))
    return [column for column in single if _of_given_names(cells[column])][:1]


def _of_several_words(cells: Sequence[str]) -> bool:
    """Return whether most cells have a first name in front: two words of which one is given."""
    filled = [cell.split() for cell in cells if cell]
    named = sum(len(one) > 1 and not given_names().isdisjoint(one) for one in filled)
    return 2 * named > len(filled)


def _addresses(
    frame: pd.DataFrame, by: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str], list[str], tuple[str, ...]]:
    """Return street, number and place of each record, and the columns of them."""
    headers = {str(c): {*header_words(str(c))} for c in frame.columns}
    kinds = {column for kind, columns in by.items() if kind not in ("address", "place", "thing")
             for column in columns}  # fmt: skip
    free = {c: words for c, words in headers.items() if c not in kinds}
    numbered = [c for c, words in free.items() if words & _NUMBER and
                words <= _NUMBER | {"street", "rue", "voie", "house", "de"}]  # fmt: skip
    streets = [c for c in by.get("address", ()) if c not in numbered and _has_words(frame[c])]
    codes = [c for c, words in free.items() if words & _POSTCODE or {"code", "postal"} <= words]
    towns = [c for c, words in free.items() if words & _TOWNS and c not in codes
             and not words & {"code", "insee", "naissance", "birth"}]  # fmt: skip
    used = tuple(one[0] for one in (streets, numbered, codes, towns) if one)
    blank = [""] * len(frame)
    columns = [
        cells_of(frame[one[0]]) if one else blank for one in (streets, numbered, codes, towns)
    ]
    rows = [_address(*row) for row in zip(*columns, strict=True)]
    street, number, place = ([row[k] for row in rows] for k in range(3))
    return street, number, place, used


def _has_words(column: pd.Series) -> bool:
    filled = [cell for cell in cells_of(column) if cell]
    return 2 * sum(any(map(str.isalpha, cell)) for cell in filled) > len(filled)


@lru_cache(maxsize=1 << 17)
def _address(street: str, number: str, code: str, town: str) -> tuple[str, str, str]:
    """Return street, number and place of the cells of an address."""
    code = code.removesuffix(".0").strip()
    if match := _FIVE_DIGITS.search(street):
        code, town = code or match[1], town or street[match.end() :]
        street = street[: match.start()]
    number = number.removesuffix(".0").strip()
    if not number and (match := _HOUSE.match(street)):
        number, street = match[1], match[2]
    street = normalised_address(f"1 {street}")[0].removeprefix("1").strip()
    code = "".join(words(code))
    place = f"{code}|{' '.join(words(town))}"
    return street, "".join(words(number)), "" if place == "|" else place
