"""The facts that a check of a rule may read: the description, the columns, measured rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.recognise import (
    ColumnKind,
    cells_showing,
    is_filled,
    revealing_columns,
)
from privaudit.core.checks import Bools
from privaudit.core.files import packaged_toml
from privaudit.errors import SchemaError
from privaudit.results.rows import Row
from privaudit.rules.description import Description
from privaudit.text.cells import NO, YES
from privaudit.text.dates import LAST_DAY, NULL_DAYS, parse_dates
from privaudit.text.normalise import fold

_CONSENT = packaged_toml("privaudit.text", "yes_and_no.toml")["consent"]
_YES, _NO = [*YES, *_CONSENT["yes"]], [*NO, *_CONSENT["no"]]
# No to what was asked; of an objection, a yes.
_REFUSED = _CONSENT["refused"]
# Kinds of columns that reveal data of article 9 by themselves.
SPECIAL_KINDS = ("support", "origin", "health", "union", "sex_life", "biometric")
# Controllers that run for office, or for which somebody does.
CAMPAIGNS = ("candidate", "party", "elected")


@dataclass(frozen=True)
class Checked:
    """Outcome of a check: how many cases of how many, and the columns that it rests on.

    Parameters
    ----------
    outcome : {"fires", "lesser", "met", "not_assessable", "not_applicable"}
        "lesser": the rule fires, but is open to argument, and never more than a concern.
    value, n : float
        Cases, and what they are out of; nan where nothing was counted.
    counts : str
        Unit of `n`.
    columns : tuple of str
        Columns, recipients, segments or fields that show it; of "not_assessable", what is missing.
    withheld : bool
        Whether numbers were removed because too few people are counted.
    unread : int
        Further cases that there may be, as their cells are blank or not read.
    """

    outcome: str
    value: float = np.nan
    n: float = np.nan
    counts: str = "records"
    columns: tuple[str, ...] = ()
    withheld: bool = False
    unread: int = 0

    def same_as(self, other: Checked) -> bool:
        """Return whether two outcomes are equal; nan equals nan.

        Parameters
        ----------
        other : Checked

        Returns
        -------
        bool
        """
        # Whether `==` of two tuples takes nan so depends on the version of Python.
        return all(
            own == its or (own != own and its != its)
            for own, its in zip(astuple(self), astuple(other), strict=True)
        )


def fires(value: float = np.nan, n: float = np.nan, columns: Iterable[str] = (),
          counts: str = "records", *, lesser: bool = False) -> Checked:  # fmt: skip
    """Return that a rule fires, by some cases of `n` or by some columns."""
    return Checked("lesser" if lesser else "fires", value, n, counts, tuple(columns))


def cases(sure: Bools, may: Bools, n: float, *missing: str, columns: Iterable[str] = (),
          lesser: bool = False) -> Checked:  # fmt: skip
    """Return that a rule fires by the records that are a case for sure, and by how many more.

    Parameters
    ----------
    sure, may : ndarray of bool
        Which records are a case for sure, and which may be one.
    n : float
    missing : str
        Parts of the description whose cells do not tell where none is a case for sure.
    columns, lesser
        As of `fires`.

    Examples
    --------
    >>> cases(np.array([True, False, False]), np.array([False, True, False]), 3).unread
    1
    """
    if sure.any():
        fired = fires(int(sure.sum()), n, columns, lesser=lesser)
        return replace(fired, unread=int((may & ~sure).sum()))
    return not_assessable(*missing) if may.any() else met(n)


def met(n: float = np.nan, counts: str = "records") -> Checked:
    """Return that the criterion that was tested is met: no case among `n`."""
    return Checked("met", 0.0 if np.isfinite(n) else np.nan, n, counts)


def not_assessable(*missing: str) -> Checked:
    """Return which parts of the description are missing."""
    return Checked("not_assessable", columns=missing)


def met_unless(missing: Iterable[str], n: float = np.nan, counts: str = "records") -> Checked:
    """Return that a rule is met, or not assessable where something is missing."""
    return not_assessable(*missing) if missing else met(n, counts)


def not_applicable() -> Checked:
    """Return that nothing is there to which the rule applies."""
    return Checked("not_applicable")


def idle_unless(missing: Iterable[str]) -> Checked:
    """Return that a rule does not apply, or is not assessable where something is missing."""
    return not_assessable(*missing) if missing else not_applicable()


def fires_by(names: Collection[str], n: float, counts: str, otherwise: Checked) -> Checked:
    """Return that a rule fires by what is named, of `n`; `otherwise` where nothing is."""
    return fires(len(names), n, names, counts) if names else otherwise


# As databases write the date of none; zero seconds are the first day.
_FIRST_DAY = np.datetime64("1970-01-01", "D")
_ZEROS = r"0{1,4}([-/.])00?\1(?:00)?00?(?: 00:00:00(?:\.0+)?)?$"


_EIGHT_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")


def _days_of(texts: Iterable[str]) -> np.ndarray:
    """Return the days that texts name, NaT where they name none, or a month or year alone."""
    codes, levels = pd.factorize(np.asarray(texts, dtype=object))
    apart = [_EIGHT_DIGITS.sub(r"\1-\2-\3", t) if len(t) == 8 else t for t in levels]
    return parse_dates(apart).time.astype("datetime64[D]")[codes]


def limit(rule: str, name: str) -> Any:
    """Return a number, or a day, that the check of a rule compares with, from ``rules.toml``.

    Examples
    --------
    >>> limit("R26", "hours")
    72
    """
    value = packaged_toml("privaudit.rules", "packs/rules.toml")[rule]["limits"][name]
    return np.datetime64(value, "D") if isinstance(value, datetime.date) else value


def in_force_from(text: str) -> Any:
    """Return the day from which a text of ``texts.toml`` may be cited.

    Examples
    --------
    >>> str(in_force_from("gdpr"))
    '2018-05-25'
    """
    known = packaged_toml("privaudit.rules", "packs/texts.toml")["text"]
    return np.datetime64(known[text]["from"], "D")


def months_after(day: Any, months: int) -> Any:
    """Return the same day some calendar months later, the last of the month where it has no such.

    Examples
    --------
    >>> str(months_after(np.datetime64("2016-07-01"), 2))
    '2016-09-01'
    >>> str(months_after(np.datetime64("2015-12-31"), 2))
    '2016-02-29'
    """
    month = day.astype("datetime64[M]")
    into = day - month.astype("datetime64[D]")
    first = month + np.timedelta64(months, "M")
    next_month = (first + np.timedelta64(1, "M")).astype("datetime64[D]")
    return np.minimum(first.astype("datetime64[D]") + into, next_month - np.timedelta64(1, "D"))


@dataclass(frozen=True, eq=False, kw_only=True)
class RuleFacts:
    """Facts of one processing, as of a day.

    Parameters
    ----------
    description : Description
    as_of : numpy.datetime64
        The day, in days.
    records : pandas.DataFrame, optional
        The table's records; no check keeps a cell.
    held : mapping of str to ColumnKind
        Content of each column, from `recognise.column_kinds`.
    measured : mapping of str to Row
        Measured numbers: people_seen, wrong_doors, severity.
    """

    description: Description
    as_of: np.datetime64
    records: pd.DataFrame | None = None
    held: Mapping[str, ColumnKind] = field(default_factory=dict)
    measured: Mapping[str, Row] = field(default_factory=dict)

    def stated(self, section: str, key: str) -> Any:
        """Return what the description states, or None."""
        return self.description.get(section, key)

    def without_entries(self, section: str) -> Checked:
        """Return that nothing is in a section that is stated to be empty, or that it is missing."""
        return idle_unless([] if section in self.description.sections else [section])

    def fires_by_measured(self, name: str, columns: Iterable[str] = ()) -> Checked:
        """Return that a rule fires by the cases of a measured row, where there are any."""
        row = self.measured.get(name)
        if row is None or not np.isfinite(row.value):
            return not_assessable(f"measured.{name}")
        found = round(row.value * row.n) if row.unit == "share" else row.value
        return fires(found, row.n, columns, row.counts) if found else met(row.n, row.counts)

    def missing(self, *paths: str) -> list[str]:
        """Return which ``section.key`` are not stated."""
        return [path for path in paths if self.stated(*path.split(".")) is None]

    def criteria(self, section: str, keys: Iterable[str]) -> Checked:
        """Return whether all the yes-or-no criteria of a section are met.

        Parameters
        ----------
        section : str
        keys : iterable of str
            Criteria.

        Returns
        -------
        Checked
        """
        stated = {f"{section}.{key}": self.stated(section, key) for key in keys}
        lacking = [path for path, value in stated.items() if value is False]
        if lacking:
            return fires(len(lacking), len(stated), lacking, "criteria")
        return met_unless(self.missing(*stated), len(stated), "criteria")

    def requires(self, path: str) -> Checked:
        """Return that a ``section.key`` must be stated as true."""
        return self._is_stated(path, wrong=False)

    def forbids(self, path: str) -> Checked:
        """Return that a ``section.key`` must be stated as false."""
        return self._is_stated(path, wrong=True)

    def _is_stated(self, path: str, *, wrong: bool) -> Checked:
        value = self.stated(*path.split("."))
        if value is None:
            return not_assessable(path)
        return fires(columns=(path,)) if value is wrong else met()

    def day(self, section: str, key: str) -> np.datetime64 | None:
        """Return a date of the description."""
        date = self.stated(section, key)
        return None if date is None else np.datetime64(date, "D")

    @cached_property
    def empty(self) -> frozenset[str]:
        """Columns of the table that are wholly blank, or hold no answer: no data to judge."""
        columns = () if self.records is None else map(str, self.records.columns)
        return frozenset(column for column in columns if not self._has(column).any())

    def _has(self, column: str) -> Bools:
        """Return which records have a value in a column; "no answer" is not one."""
        assert self.records is not None
        held = self.held.get(column)
        return cells_showing(self.records[column], held.kind if held else "")

    def fires_in(self, columns: Iterable[str], *, lesser: bool = False) -> Checked:
        """Return that a rule fires by some columns: how many records have a value in them."""
        columns = tuple(columns)
        there = [] if self.records is None else [c for c in columns if c in self.records.columns]
        if self.records is None or not there:
            return fires(columns=columns, lesser=lesser)
        has = np.logical_or.reduce([self._has(c) for c in there])
        return fires(int(has.sum()), self.n, columns, lesser=lesser)

    @property
    def n(self) -> float:
        """Records of the table; nan without one."""
        return np.nan if self.records is None else float(len(self.records))

    def cells(self, key: str) -> pd.Series | None:
        """Return the column that the description names for `people.key`; None without one.

        Raises
        ------
        SchemaError
            The table does not have that column.
        """
        column = self.stated("people", key)
        if column is None or self.records is None:
            return None
        if column not in self.records.columns:
            who, needed = self.description.name, f"people.{key} a column of the table"
            raise SchemaError.of(who, needed, "one that it does not have")
        cells: pd.Series = self.records[column]
        return cells

    def _texts(self, key: str) -> pd.Series | None:
        """Return `people.key` as text, "" where blank or the date of none."""
        cells = self.cells(key)
        if cells is None:
            return None
        text = cells.astype("str").where(is_filled(cells), "").str.strip().str.rstrip(".!")
        # Where a word begins a date, it is no date of none: names are not read as dates.
        days = _days_of(text.where(text.str.match(r"\d"), ""))
        none = np.isin(days, NULL_DAYS) | (days <= _FIRST_DAY)
        return text.mask(none | text.str.match(_ZEROS), "")

    def words(self, key: str) -> np.ndarray | None:
        """Return `people.key` as lower case text, "" where blank or the date of none."""
        texts = self._texts(key)
        return None if texts is None else texts.map(fold).to_numpy(dtype=str)

    @property
    def classes(self) -> np.ndarray | None:
        """Classes of contacts in lower case, "" where blank: "none" is one."""
        cells = self.cells("contact_class")
        if cells is None:
            return None
        texts = cells.astype("str").where(cells.notna(), "").str.strip().str.rstrip(".!")
        return texts.map(fold).to_numpy(dtype=str)

    def filled(self, key: str) -> Bools | None:
        """Return which people have a value in `people.key`."""
        words = self.words(key)
        return None if words is None else words != ""

    def yes(self, key: str) -> Bools | None:
        """Return which people have a yes in `people.key`: a true word, or a date."""
        words, days = self.words(key), self.days(key)
        if words is None or days is None:
            return None
        yes: Bools = np.isin(words, _YES) | ~np.isnat(days)
        return yes

    def not_no(self, key: str) -> Bools | None:
        """Return which people have anything but a blank or a no in `people.key`."""
        words = self.words(key)
        no = ("", *_NO, *(() if key == "objected_at" else _REFUSED))
        return None if words is None else np.isin(words, no, invert=True)

    def lacking(self, key: str) -> tuple[Bools, Bools] | None:
        """Return which people have no yes in `people.key`: for sure, and all who may have none."""
        yes, answered = self.yes(key), self.not_no(key)
        return None if yes is None or answered is None else (~yes & ~answered, ~yes)

    def unread(self, key: str) -> Bools:
        """Return which people have a value in `people.key` that is not read as a day."""
        days, answered = self.days(key), self.not_no(key)
        if days is None or answered is None:
            return np.zeros(0, dtype=bool)
        return np.asarray(answered & np.isnat(days))

    def days(self, key: str) -> np.ndarray | None:
        """Return `people.key` as dates, NaT where none can be read, or one of 2050 or later."""
        texts = self._texts(key)
        if texts is None:
            return None
        days = _days_of(texts)
        return np.where(days > LAST_DAY, np.datetime64("NaT", "D"), days)

    def number(self, key: str) -> np.ndarray | None:
        """Return `people.key` as numbers, nan where none can be read."""
        cells = self.cells(key)
        return None if cells is None else pd.to_numeric(cells, errors="coerce").to_numpy(float)

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the columns that hold one of some kinds."""
        return [c for c, held in self.held.items() if held.kind in kinds and c not in self.empty]

    @cached_property
    def special(self) -> list[str]:
        """Columns of article 9, by their kind or by what their cells hint at.

        A fee or a gift reveals an opinion where the processing is stated to be political, or is a
        candidate's; a place of birth reveals no origin.
        """
        political = self.stated("processing", "political")
        if political is None:
            political = self.stated("controller", "type") in CAMPAIGNS
        special = set(self.of_kind(*SPECIAL_KINDS, *(("tie",) if political else ())))
        if self.records is not None:
            special.update(revealing_columns(self.records, self.held))
        return [c for c in self.held if c in special]

    def columns(self, **stated: Any) -> list[str]:
        """Return the described columns of which all of these are stated, blank ones aside."""
        wanted = {key: v if isinstance(v, tuple) else (v,) for key, v in stated.items()}
        return [
            name
            for name, column in self.description.columns.items()
            if name not in self.empty and all(column.get(k) in v for k, v in wanted.items())
        ]

    def unstated(self, key: str, among: Iterable[str] | None = None) -> list[str]:
        """Return the columns of which the description does not state `key`, as paths.

        Columns that only record how a person was asked or informed (`people`) are no data of
        which it is asked. A file without any description is never met.

        Parameters
        ----------
        key : str
            Field of a column.
        among : iterable of str, optional
            Columns that are looked at. Default: those of the table, else those described.

        Returns
        -------
        list of str
        """
        described = self.description.columns
        if not described and (among is None or self.records is not None):
            return [f"columns.*.{key}"]
        own = {*self.description.sections.get("people", {}).values()}
        known = self.records.columns if self.records is not None else described
        return [
            f"columns.{c}.{key}"
            for c in map(str, known if among is None else among)
            if key not in described.get(c, {})
            and (c not in own or c in described)
            and c not in self.empty
        ]

    @property
    def nobody_informed(self) -> bool:
        """Whether the description states that none of the mentions was ever given."""
        stated = self.description.sections.get("information", {})
        return {"identity", "purpose", "rights"} <= set(stated) and not any(stated.values())
