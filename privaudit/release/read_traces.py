"""Read traces: who interacted with what, and when (likes, visits, ratings, calls)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.levels import encode_column
from privaudit.columns.recognise import cell_texts
from privaudit.columns.values import Reading, date_notes, read_values
from privaudit.core.checks import column_names, columns_present, in_range, one_of
from privaudit.errors import ParameterError, SchemaError
from privaudit.io.encodings import read_as
from privaudit.io.file_frame import reasons
from privaudit.io.frames import as_narwhals, held, pandas_of
from privaudit.io.readers import read_frame
from privaudit.text.cells import clean
from privaudit.text.dates import NULL_DAYS, parse_dates, timestamp_unit, to_timestamps
from privaudit.text.normalise import columns_as_named, columns_named, header_words
from privaudit.words.catalogues import Note

# Below this many possible points, codes need not be made dense.
_WIDE = 1 << 26
# A machine counts from 1970: 0 is no time, where all else is much later.
_NULL_TIMES = np.append(NULL_DAYS, np.datetime64("1970-01-01")).astype("datetime64[s]")
_YEAR = np.timedelta64(366, "D")
_DAY_SECONDS, _YEAR_SECONDS = 86_400, 366 * 86_400
# Share of the events up to which those apart are the odd ones.
_FEW = 0.25
# Why a row without one of these is set aside.
_ABSENT = {"person": "no_person", "item": "no_item", "time": "no_time"}

# Words of headers, in French and English: who did something, with what, when.
_READ_AS = {
    "account", "compte", "user", "utilisateur", "person", "personne", "follower", "abonne",
    "profile", "profil", "uid", "signup",
}  # fmt: skip
_WITH = {
    "page", "item", "post", "action", "kind", "event", "evenement", "type", "url", "contenu",
    "object", "objet", "method", "canal", "channel", "publication", "tweet", "video", "photo",
    "article", "lien", "link",
}  # fmt: skip
_WHEN = {"time", "date", "timestamp", "heure", "at", "le", "datetime", "jour", "quand", "when"}
_OF_ZONES = re.compile(r"time[ _]?zone$|fuseau|(?:^|_)tz$", re.IGNORECASE).search
# The number of a place in a list, between the names that JSON has.
_PLACE = re.compile(r"\.\d{1,3}(?=\.|$)")
# Rows a person at least, on average, of a log: one row is an event, not somebody.
_EVENTS = 1.2


@dataclass(frozen=True, eq=False, kw_only=True)
class Traces:
    """Events of people, as codes: names and identifiers are dropped when they are read.

    Parameters
    ----------
    person, item : ndarray of int32, shape (events,)
        Codes from 0, sorted by person, then item, time and value.
    time : ndarray of int64, optional
        Seconds since 1970, one an event.
    value : ndarray of float, optional
        A rating, an amount; nan where it is missing.
    n_people, n_items : int
    item_person : ndarray of int, shape (n_items,)
        The person that an item is, where items are people too (calls, messages); -1 elsewhere.
    provenance : {"simulated", "audited file"}
    counts : str
        What `n_people` counts, one of `NOUNS`: people, accounts, holders.
    name : str
        What was read, in words for a report.
    set_aside : mapping of Note to int
        Rows that could not be used, by reason.
    notes : tuple of Note
        What was assumed to read them.
    ids : ndarray, optional
        Identifier of each person, where it was asked for; no result holds it by itself.
    """

    person: np.ndarray
    item: np.ndarray
    time: np.ndarray | None
    value: np.ndarray | None
    n_people: int
    n_items: int
    item_person: np.ndarray
    provenance: str = "audited file"
    counts: str = "people"
    name: str = "traces"
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    ids: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        one_of("Traces", "provenance", self.provenance, ("simulated", "audited file"))

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        return (
            f"Traces({self.name}, {len(self):,} events of {self.n_people:,} people with "
            f"{self.n_items:,} items, {self.provenance})"
        )

    def points(self, hours: float | None = None) -> tuple[np.ndarray, int]:
        """Return the point of each event: its item, or its item in a window of some hours.

        Parameters
        ----------
        hours : float, optional
            Length of the windows, the first one opening on 1 January 1970 at 0:00. Without
            it, time is not known.

        Returns
        -------
        point : ndarray of int, shape (events,)
            A code from 0.
        n_points : int
            One more than the largest code may be.

        Raises
        ------
        ParameterError
            Hours are asked for, and the events have no time.
        """
        if hours is None:
            return self.item, self.n_items
        seconds = 3600 * in_range("Traces.points", "hours", hours, 0, open_low=True)
        window = np.floor_divide(self.known_time("Traces.points"), seconds).astype(np.int64)
        window -= window.min()
        windows = int(window.max()) + 1
        point = self.item * np.int64(windows) + window
        if self.n_items * windows <= _WIDE:
            return point, self.n_items * windows
        codes, levels = pd.factorize(point)
        return codes.astype(np.int64), len(levels)

    def known_time(self, who: str) -> np.ndarray:
        """Return the times, or raise `ParameterError` where the events have none."""
        if self.time is None:
            came = "traces that were read without time"
            raise ParameterError.of(who, "a time for each event", came, "Read them with time=.")
        return self.time


def read_traces(
    source: Any,
    *,
    person: str | None = None,
    item: str | None = None,
    time: str | None = None,
    value: str | None = None,
    items_are_people: bool = False,
    ids: bool = False,
    reading: Reading | None = None,
    encoding: str | None = None,
    provenance: str = "audited file",
    name: str = "",
) -> Traces:
    """Read traces from a file or a frame with one row an event.

    To measure at a coarser resolution of items, name a coarser column as `item` (the topic of
    a page, the commune of an antenna); the resolution in time is a parameter of the measures.

    Parameters
    ----------
    source : path or DataFrame
        A file of a format that `privaudit.io.readers.formats` names for traces; or a frame as
        `read_table` takes it, which is not changed.
    person, item : str, optional
        Columns of the person and of the item. Where neither is named, those that headers propose,
        with a note, and a time of dates: see `event_columns`. Rows where either is missing are set
        aside, and so are those of blanks and of marks such as ``NULL``; 1 and "1 " are one account.
    time : str, optional
        Column of dates or timestamps, in any usual format, or of what a machine counts
        since 1970; zones become UTC. Rows without a readable time are set aside,
        and those of a date that programs write for none.
    value : str, optional
        Column of numbers. A missing one stays, as nan.
    items_are_people : bool
        The identifiers of items are those of people (calls, messages): 7 called 9, and 9 may
        call too. Never guessed, since page 7 is not account 7.
    ids : bool
        Keep who each person is, in `Traces.ids`. Default: dropped.
    reading : Reading, optional
        How cells are read: marks, dates, decimals, case.
    encoding : str, optional
        Of a file of text, in Python's words: ``"mac_roman"``. Default: as its words show.
    provenance : {"audited file", "simulated"}
    name : str
        What a report calls them. Default: the file's name, or traces.

    Returns
    -------
    Traces
        Whatever the order of the rows, the same.

    Raises
    ------
    ParameterError
        One column is named as person and as item.
    SchemaError
        A column is missing, doubled, or of another type; no row can be used, or the rows that
        can are all of one person.

    Examples
    --------
    >>> likes = pd.DataFrame({"account": ["a", "b", "a"], "page": ["x", "x", None]})
    >>> traces = read_traces(likes, person="account", item="page")
    >>> traces, dict(traces.set_aside)
    (Traces(traces, 2 events of 2 people with 1 items, audited file), {Note('no_item'): 1})
    """
    notes: list[Note] = []
    set_aside: dict[Note, int] = {}
    if isinstance(source, (str, os.PathLike)):
        sheet = None if reading is None else reading.sheet
        with read_as(encoding):
            file = read_frame(source, who="read_traces", gives="traces", sheet=sheet)
        source, name, notes = file.frame, name or file.name, [*file.notes]
        set_aside |= file.set_aside
    if person is None and item is None:
        source = _whole(source)
        person, item, seen = _proposed(source, notes)
        time = time or seen or None
    columns = _columns(
        {"person": person, "item": item, "time": time, "value": value}, source, notes
    )
    rows = _read(_pandas(source, columns), columns, reading or Reading(), items_are_people, notes)
    rows = _usable(rows, columns, set_aside)
    people, who = _coded(rows["person"])
    items, what = _coded(rows["item"])
    if len(who) < 2:
        need = "events of two people or more, to tell one from another"
        do = f"Check that column '{columns['person']}' identifies people."
        raise SchemaError.of("read_traces", need, "those of one person", do)
    seconds = rows["time"].to_numpy() if time is not None else None
    if seconds is not None:
        seconds = seconds.astype("datetime64[s]").astype(np.int64)
    number = rows["value"].to_numpy(float) if value is not None else None
    every = [k for k in (number, seconds, items, people) if k is not None]
    order = np.lexsort(every)
    if seconds is not None:
        notes += _doubtful_events([k[order] for k in every], np.sort(seconds))
    return Traces(
        person=people[order],
        item=items[order],
        time=None if seconds is None else seconds[order],
        value=None if number is None else number[order],
        n_people=len(who),
        n_items=len(what),
        item_person=who.get_indexer(what) if items_are_people else np.full(len(what), -1),
        provenance=provenance,
        name=name or "traces",
        set_aside=set_aside,
        notes=tuple(notes),
        ids=who.to_numpy() if ids else None,
    )


def _columns(asked: Mapping[str, Any], source: Any, notes: list[Note]) -> dict[str, str]:
    """Return the name of the column of each role; notes say what is doubtful of them."""
    columns = {
        role: column_names("read_traces", role, [column])[0]
        for role, column in asked.items()
        if column is not None or role in ("person", "item")
    }
    if columns["person"] == columns["item"]:
        came = f"'{columns['person']}' as both"
        do = "Name the column of items."
        raise ParameterError.of("read_traces", "person and item in two columns", came, do)
    names = source.columns if isinstance(source, pd.DataFrame) else ()
    if is_of_list(columns["item"], names):
        notes.append(Note("item_of_list", item=columns["item"]))
    for name in (c for c in names if "time" in columns and _OF_ZONES(str(c))):
        if (n := len({*cell_texts(source[name]).texts} - {""})) > 1:
            notes.append(Note("zones_beside", column=str(name), n=n))
    return columns


def is_of_list(column: str, columns: Iterable[str]) -> bool:
    """Return whether a column is one place of several of a list that each record has.

    Examples
    --------
    >>> names = ["id", "seen.1.url", "seen.2.url", "tags.1", "stop", "stop.1", "stop.2"]
    >>> [name for name in names if is_of_list(name, names)]
    ['seen.1.url', 'seen.2.url']
    """
    place = _PLACE.search(column)
    if place is None:
        return False
    before, others = column[: place.start()], [str(c) for c in columns]
    places = {
        m[0] for c in others if (m := _PLACE.match(c, place.start())) and c.startswith(before)
    }
    return before not in others and len(places) > 1


def event_columns(frame: pd.DataFrame) -> tuple[str, str, str]:
    """Return the columns of person, item and time by their headers; "" for each that is missing.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row an event: the column of a person has values that come back.

    Returns
    -------
    person, item, time : str

    Examples
    --------
    >>> event_columns(pd.DataFrame({"user_id": [1, 1, 2], "page": list("abb"), "lang": 3}))
    ('user_id', 'page', '')
    """
    columns = [str(column) for column in frame.columns]
    words = {column: set(header_words(column)) for column in columns}
    who = next((c for c in columns if words[c] & _READ_AS and _repeats(frame[c])), "")
    when = next((c for c in columns if words[c] & _WHEN and c != who), "")
    what = next((c for c in columns if words[c] & _WITH and c not in (who, when)), "")
    return who, what, when


def _repeats(column: pd.Series) -> bool:
    return bool(column.notna().sum() >= _EVENTS * max(1, column.nunique()))


def _proposed(frame: pd.DataFrame, notes: list[Note]) -> tuple[str, str, str]:
    """Return the columns that headers propose, or raise `SchemaError`."""
    person, item, time = event_columns(frame)
    if not person or not item:
        need = "columns of a person and of an item that headers tell"
        do = "Name them: person=, item=."
        raise SchemaError.of("read_traces", need, f"{len(frame.columns)} others", do)
    notes.append(Note("log_columns_proposed", person=person, item=item))
    # Numbers are times only where somebody says so.
    dated = time and not pd.api.types.is_numeric_dtype(frame[time])
    return person, item, time if dated else ""


def _whole(source: Any) -> pd.DataFrame:
    """Return every column of a frame of any library."""
    if isinstance(source, pd.DataFrame):
        return source
    native = as_narwhals(source, "read_traces")
    if native is not None:
        return pandas_of(native, "read_traces")[0]
    return held(source, who="read_traces", gives="traces").frame


def _pandas(frame: Any, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the needed columns as a new pandas frame named by their roles."""
    who = "read_traces"
    native = None if isinstance(frame, pd.DataFrame) else as_narwhals(frame, who)
    if native is not None:
        names = native.collect_schema().names()
        asked = columns_named(dict.fromkeys(columns.values()), names)
        frame, _ = pandas_of(native, who, only=[name for name in asked if name in names])
    elif not isinstance(frame, pd.DataFrame):
        frame = held(frame, who=who, gives="traces").frame
    frame = frame.set_axis(columns_as_named(columns.values(), frame.columns), axis=1)
    for role, column in columns.items():
        columns_present("read_traces", f"{role} column", [column], frame.columns, "the frame")
    return pd.DataFrame({role: frame[column].array for role, column in columns.items()})


def _usable(
    rows: pd.DataFrame, columns: Mapping[str, str], set_aside: dict[Note, int]
) -> pd.DataFrame:
    """Return the rows that lack nothing; count the others in `set_aside` by the first reason."""
    for role in [role for role in _ABSENT if role in rows]:
        gone = rows[role].isna()
        if gone.any():
            set_aside[Note(_ABSENT[role])] = int(gone.sum())
        rows = rows[~gone]
    if rows.empty:
        needed, do = "a row with a person and an item", ""
        if Note("no_time") in set_aside:
            time = columns["time"]
            needed = f"a row with a person, an item and a time that can be read in '{time}'"
            do = "Write times as 2016-09-01 or 2016-09-01T14:30, or convert them with to_datetime."
        raise SchemaError.of("read_traces", needed, reasons(set_aside) or "no row", do)
    return rows


def _coded(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    codes, levels = pd.factorize(column, sort=True)
    return codes.astype(np.int32), pd.Index(levels)


def _read(
    rows: pd.DataFrame,
    columns: Mapping[str, str],
    reading: Reading,
    items_are_people: bool,
    notes: list[Note],
) -> pd.DataFrame:
    """Read the cells of every column, those of people who are items too as of one column."""
    result: dict[str, pd.Series] = {}
    if items_are_people:
        both = pd.concat([rows["person"].astype("object"), rows["item"].astype("object")])
        both = both.reset_index(drop=True)
        people = _read_column("person", both, columns["person"], reading, notes)
        result["person"] = people[: len(rows)]
        result["item"] = people[len(rows) :].reset_index(drop=True)
    for role in [str(role) for role in rows if role not in result]:
        name = columns[role]
        if role == "time":
            result[role] = _without_null_times(_times(rows[role], name, reading, notes))
        else:
            result[role] = _read_column(role, rows[role], name, reading, notes)
    if "value" in result:
        result["value"] = _numbers(result["value"])
    return pd.DataFrame(result)


def _read_column(
    role: str, column: pd.Series, name: str, reading: Reading, notes: list[Note]
) -> pd.Series:
    """Read a column under the name that it has in the file: a caller may have named it."""
    try:
        values, new_notes = read_values(column.rename(name), reading, "read_traces")
    except SchemaError:
        need = f"a {role} column of numbers, text or dates"
        raise SchemaError.of("read_traces", need, "lists or other objects") from None
    notes += new_notes
    return values


def _times(column: pd.Series, name: str, reading: Reading, notes: list[Note]) -> pd.Series:
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("integer", "floating", "mixed-integer-float", "string"):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        unit = timestamp_unit(numbers)
        if unit and np.isfinite(numbers).sum() == column.notna().sum():
            key = "times_of_a_sheet" if unit == "sheet" else "times_counted"
            values = {} if unit == "sheet" else {"unit": f"counted_{unit}"}
            notes.append(Note(key, column=name, **values))
            return to_timestamps(numbers, unit)
    if pd.api.types.is_numeric_dtype(column) or "mixed" in kind or kind == "integer":
        came = f"{'mixed values' if 'mixed' in kind else 'numbers'} ({column.dtype})"
        do = "Convert them with to_datetime."
        raise SchemaError.of("read_traces", "a time column of dates", came, do)
    if kind != "string":
        return pd.to_datetime(column, errors="coerce", utc=True).dt.tz_localize(None)
    codes, levels = encode_column(column, "read_traces")
    # What a log holds was done on a network: in this century.
    dates = parse_dates(clean(list(levels)), reading.day_first, century="20")
    count = np.bincount(codes[codes >= 0], minlength=len(levels))
    notes += date_notes(name, dates, count)
    if n := int(count[dates.short].sum()):
        notes.append(Note("times_of_two_digits", column=name, records=n))
    return pd.Series(np.append(dates.time, np.datetime64("NaT", "us"))[codes])


def _without_null_times(times: pd.Series) -> pd.Series:
    """Take out midnight of a day that programs write for none, a year before any other time."""
    seconds = times.to_numpy().astype("datetime64[s]")
    null = np.isin(seconds, _NULL_TIMES)
    others = seconds[~null & ~np.isnat(seconds)]
    if not null.any() or not len(others) or others.min() < seconds[null].max() + _YEAR:
        return times
    return times.mask(null)


def _doubtful_events(sorted_events: Sequence[np.ndarray], times: np.ndarray) -> list[Note]:
    """Note events that stand twice, and a few that are years away from all others.

    Of two on a day without an hour, nothing shows that they are one.
    """
    notes = []
    again = np.logical_and.reduce([k[1:] == k[:-1] for k in sorted_events])
    if again.any() and (times % _DAY_SECONDS).any():
        notes.append(Note("events_repeated", n=int(again.sum())))
    gaps = np.diff(times)
    at = int(gaps.argmax()) + 1 if len(gaps) else 0
    few, many = sorted((times[:at], times[at:]), key=len)
    years = int(gaps[at - 1] // _YEAR_SECONDS) if len(few) else 0
    if years and len(few) <= _FEW * len(times) and gaps[at - 1] > 10 * (many[-1] - many[0]):
        notes.append(Note("times_apart", n=len(few), years=years))
    return notes


def _numbers(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(column) and column.notna().any():
        raise SchemaError.of("read_traces", "a value column of numbers", str(column.dtype))
    number = column.astype(float)
    if np.isinf(number).any():
        raise SchemaError.of("read_traces", "a value column of finite numbers", "infinite ones")
    return number
