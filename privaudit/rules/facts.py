"""What a check may read: the description, what a table's columns hold, and measured rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.recognise import Held, filled, told_by_hints
from privaudit.core.checks import Bools, error_message
from privaudit.errors import SchemaError
from privaudit.results.rows import Row
from privaudit.rules.description import Description
from privaudit.text.normalise import fold

_YES = (
    "true", "yes", "oui", "vrai", "1", "1.0", "t", "y", "o", "x", "ok", "granted", "given",
    "accepted", "accord", "consent", "opt-in",
)  # fmt: skip
_NO = ("false", "no", "non", "faux", "0", "0.0", "f", "n", "none", "nat", "nan")
# Kinds of columns that tell of article 9 by themselves.
SPECIAL_KINDS = ("support", "origin", "health", "union", "sex_life", "biometric")
_CAMPAIGNS = ("candidate", "party", "elected")
OUTCOMES = ("fires", "lesser", "met", "not_assessable", "not_applicable")


@dataclass(frozen=True)
class Checked:
    """What a check found: its outcome, how many of how many, and which columns it rests on.

    Parameters
    ----------
    outcome : {"fires", "lesser", "met", "not_assessable", "not_applicable"}
        "lesser": it fires, but is open to argument, and never more than a point of concern.
    value, n : float
        Cases, and what they are out of; nan where nothing was counted.
    counts : str
        The noun of n.
    columns : tuple of str
        Columns, recipients, segments or fields that show it; of "not_assessable", what is missing.
    withheld : bool
        Numbers were taken away, since too few people are counted.
    """

    outcome: str
    value: float = np.nan
    n: float = np.nan
    counts: str = "records"
    columns: tuple[str, ...] = ()
    withheld: bool = False

    def says(self, other: Checked) -> bool:
        """Whether both found the same: what was not counted is no difference."""
        # nan equals nan here; whether `==` takes it so depends on the version of Python.
        return all(
            one == its or (one != one and its != its)
            for one, its in zip(astuple(self), astuple(other), strict=True)
        )


def fires(value: float = np.nan, n: float = np.nan, columns: Iterable[str] = (),
          counts: str = "records", *, lesser: bool = False) -> Checked:  # fmt: skip
    """Say that a rule fires."""
    return Checked("lesser" if lesser else "fires", value, n, counts, tuple(columns))


def met(n: float = np.nan, counts: str = "records") -> Checked:
    """Say that the criterion that was tested is met: no case among n."""
    return Checked("met", 0.0 if np.isfinite(n) else np.nan, n, counts)


def unknown(*missing: str) -> Checked:
    """Say which parts of the description are missing."""
    return Checked("not_assessable", columns=missing)


def idle() -> Checked:
    """Say that there is nothing that the rule is about."""
    return Checked("not_applicable")


@dataclass(frozen=True, eq=False, kw_only=True)
class RuleFacts:
    """What the checks read of one processing, as of a day.

    Parameters
    ----------
    description : Description
    as_of : numpy.datetime64
        The day, in days.
    records : pandas.DataFrame, optional
        The table's records; no check keeps a cell.
    held : mapping of str to Held
        What each column holds, as `recognise.held` says.
    measured : mapping of str to Row
        Numbers that were measured: people_seen, wrong_doors, severity.
    """

    description: Description
    as_of: np.datetime64
    records: pd.DataFrame | None = None
    held: Mapping[str, Held] = field(default_factory=dict)
    measured: Mapping[str, Row] = field(default_factory=dict)

    def told(self, section: str, key: str) -> Any:
        """Return what the description says, or None."""
        return self.description.get(section, key)

    def day(self, section: str, key: str) -> np.datetime64 | None:
        """Return a date of the description."""
        told = self.told(section, key)
        return None if told is None else np.datetime64(told, "D")

    @cached_property
    def empty(self) -> frozenset[str]:
        """Columns of the table that are wholly blank, as exports have them: no data to judge."""
        records = self.records
        return frozenset(
            str(column)
            for column in (() if records is None else records.columns)
            if not np.asarray(filled(records[column])).any()  # type: ignore[index]
        )

    def kept_in(self, columns: Iterable[str], *, lesser: bool = False) -> Checked:
        """Say that a rule fires by these columns: how many records have something in them."""
        columns = tuple(columns)
        there = [] if self.records is None else [c for c in columns if c in self.records.columns]
        if self.records is None or not there:
            return fires(columns=columns, lesser=lesser)
        kept = np.logical_or.reduce([np.asarray(filled(self.records[c])) for c in there])
        return fires(int(kept.sum()), self.n, columns, lesser=lesser)

    @property
    def n(self) -> float:
        """Records of the table; nan without one."""
        return np.nan if self.records is None else float(len(self.records))

    def cells(self, key: str) -> pd.Series | None:
        """Return the column that the description names for `people.key`; None without one."""
        column = self.told("people", key)
        if column is None or self.records is None:
            return None
        if column not in self.records.columns:
            needed = f"people.{key} a column of the table"
            raise SchemaError(
                error_message(self.description.name, needed, "one that it does not have")
            )
        found: pd.Series = self.records[column]
        return found

    def filled(self, key: str) -> Bools | None:
        """Return who has a value in `people.key`."""
        cells = self.cells(key)
        return None if cells is None else np.asarray(filled(cells))

    def words(self, key: str) -> np.ndarray | None:
        """Return `people.key` as lower case text, "" where blank."""
        cells = self.cells(key)
        if cells is None:
            return None
        text = cells.astype("str").where(filled(cells), "").map(fold)
        return text.to_numpy(dtype=str)

    def yes(self, key: str) -> Bools | None:
        """Return who has a yes in `people.key`: a true word, or a date; what is unclear is none."""
        words, days = self.words(key), self.days(key)
        if words is None or days is None:
            return None
        found: Bools = np.isin(words, _YES) | ~np.isnat(days)
        return found

    def not_no(self, key: str) -> Bools | None:
        """Return who has anything but a blank or a no in `people.key`."""
        words = self.words(key)
        return None if words is None else np.isin(words, ("", *_NO), invert=True)

    def days(self, key: str) -> np.ndarray | None:
        """Return `people.key` as dates, NaT where none can be read."""
        cells = self.cells(key)
        if cells is None:
            return None
        if not pd.api.types.is_datetime64_any_dtype(cells):
            told = cells.astype("str")
            iso = pd.to_datetime(told, format="ISO8601", errors="coerce", utc=True)
            first = pd.to_datetime(told, format="%d/%m/%Y", errors="coerce", utc=True)
            cells = iso.fillna(first).dt.tz_localize(None)
        return cells.to_numpy(dtype="datetime64[D]")

    def number(self, key: str) -> np.ndarray | None:
        """Return `people.key` as numbers, nan where none can be read."""
        cells = self.cells(key)
        return None if cells is None else pd.to_numeric(cells, errors="coerce").to_numpy(float)

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the columns that hold one of these kinds."""
        return [c for c, one in self.held.items() if one.kind in kinds and c not in self.empty]

    @cached_property
    def special(self) -> list[str]:
        """The columns of article 9: those that tell it, and those that do by what cells say.

        A fee or a gift tells an opinion where the processing is said to be political, or is a
        candidate's; a place of birth tells no origin.
        """
        political = self.told("processing", "political")
        if political is None:
            political = self.told("controller", "type") in _CAMPAIGNS
        kinds = (*SPECIAL_KINDS, *(("tie",) if political else ()))
        found = set(self.of_kind(*kinds))
        if self.records is not None:
            found.update(told_by_hints(self.records, self.held))
        return [c for c in self.held if c in found]

    def columns(self, **told: Any) -> list[str]:
        """Return the described columns of which all of these are said, blank ones aside."""
        return [
            name
            for name, one in self.description.columns.items()
            if name not in self.empty
            and all(
                one.get(key) in (v if isinstance(v, tuple) else (v,)) for key, v in told.items()
            )
        ]

    def silent(self, key: str, among: Iterable[str] | None = None) -> list[str]:
        """Return the columns of which the description does not say `key`, as paths.

        Columns of the table that only say how somebody was asked or told (`people`) are no data
        of which it is asked. What nothing is said of is never met.
        """
        described = self.description.columns
        own = {*self.description.told.get("people", {}).values()}
        known = self.records.columns if self.records is not None else described
        asked = known if among is None else among
        silent = [
            f"columns.{c}.{key}"
            for c in map(str, asked)
            if key not in described.get(c, {})
            and (c not in own or c in described)
            and c not in self.empty
        ]
        return silent if described or self.records is None else [f"columns.*.{key}"]

    @property
    def nobody_informed(self) -> bool:
        """Whether the description says that none of the mentions was ever given."""
        told = self.description.told.get("information", {})
        return {"identity", "purpose", "rights"} <= set(told) and not any(told.values())

    def missing(self, *paths: str) -> list[str]:
        """Return which ``section.key`` are not told."""
        return [path for path in paths if self.told(*path.split(".")) is None]


CHECKS: dict[str, Callable[[RuleFacts], Checked]] = {}


def declared(
    name: str,
) -> Callable[[Callable[[RuleFacts], Checked]], Callable[[RuleFacts], Checked]]:
    """Register the check of a rule under its id."""

    def register(function: Callable[[RuleFacts], Checked]) -> Callable[[RuleFacts], Checked]:
        CHECKS[name] = function
        return function

    return register
