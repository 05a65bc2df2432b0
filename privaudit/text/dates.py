"""Dates and numbers as people write them.

Dates: ISO, day or month first, month by name. Numbers: decimal point or comma, thousands apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from privaudit.core.files import packaged_toml

if TYPE_CHECKING:
    import pandas as pd

_ISO_DAY = r"\d{4}-\d\d-\d\d"
_MOMENT = rf"{_ISO_DAY}(?:[T ]\d\d:\d\d[^\0]*)?"
_ISO = re.compile(rf"{_MOMENT}(?:\0{_MOMENT})*")
_DAY = re.compile(_ISO_DAY, re.ASCII).fullmatch
# 14:30, 14:30:05.25, 14h30, 14 h, 2:30 PM, after "T", a space, a comma, "à" or "at".
_TIME = (
    r"(?:(?:T|,? (?:à |at )?)(?P<hour>\d{1,2})(?: ?(?:[:h] ?(?P<minute>\d\d)"
    r"(?:[:m](?P<second>\d\d(?:\.\d{1,6})?)\d*s?)?|h))(?: ?(?P<half>[AaPp])\.?[Mm])?)?"
)
_ZONE = r"(?: ?(?:UTC|GMT)?(?P<zone>Z|[+-]\d\d?(?::?\d\d)?|(?<=UTC)|(?<=GMT)))?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})([-/.]|\. )(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})\.?{_TIME}{_ZONE}",
    re.ASCII,
)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})([-/.]|\. )(?P<two>\d{{1,2}})\2(?P<year>\d{{4}}|\d\d){_TIME}{_ZONE}"
)
_NAMED = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?[ -](?P<word>[^\W\d_]{{3,9}})\.?[ ,-]{{1,2}}"
    r"|(?P<name>[^\W\d_]{3,9})\.? (?P<of>\d{1,2})(?:st|nd|rd|th)?,? )"
    rf"(?P<year>\d{{4}}|\d\d){_TIME}{_ZONE}"
)
# As in C's ctime and in JSON of some networks: Mar 30 18:26:51 +0000 2016.
_YEAR_AT_END = re.compile(
    r"(?P<name>[^\W\d_]{3})(?P<word>) {1,2}(?P<of>\d{1,2})(?P<day>) (?P<hour>\d\d):(?P<minute>\d\d)"
    r":(?P<second>\d\d)(?P<half>)(?: (?P<zone>Z|[+-]\d{4}|UTC|GMT))? (?P<year>\d{4})"
)
_WEEKDAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:lun|mar|mer|jeu|ven|sam|dim)\.?|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche),? "
    r"(?=\d{1,2}\S* [^\W\d_]{3}|\d{1,4}[-/.]|[^\W\d_]{3,9}\.? {1,2}\d)",
    re.IGNORECASE,
)
# What programs write for no date: the first day that they can hold, or the last.
NULL_DAYS = np.array(
    ["0001-01-01", "1601-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01",
     "1901-01-01", "1904-01-01", "9999-12-31"], "M8[D]"
)  # fmt: skip
MONTHS = {
    name: number
    for names in packaged_toml("privaudit.text", "dates.toml")["months"].strip().splitlines()
    for number, name in enumerate(names.split(), 1)
}
_BY_NAME = (_NAMED, _YEAR_AT_END)


@dataclass(frozen=True, eq=False, kw_only=True)
class Dates:
    """Dates parsed from texts.

    Parameters
    ----------
    time : ndarray of datetime64[us], shape (n,)
        In UTC where a zone is written; NaT where a text is no date.
    formats : int
        How many formats are in use.
    order : {"", "day", "month", "undecided", "both"}
        What comes first where the year comes last, by the values or as given; "" where no date is
        written so. *undecided*: read day first. *both*: some day first, others month first, and
        those that could be either are NaT.
    turned : ndarray of bool, shape (n,)
        Written with the year last.
    short : ndarray of bool, shape (n,)
        Written with a year of two digits, and no century given: NaT.
    """

    time: NDArray[np.datetime64]
    formats: int
    order: str
    turned: NDArray[np.bool_]
    short: NDArray[np.bool_]


TimestampUnit = Literal["s", "ms", "us", "ns", "sheet", ""]
# What a machine counts since 1 January 1970, and how many of them a second has.
_UNITS: dict[Literal["s", "ms", "us", "ns"], int]
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# Nothing that a file tells of is later.
LAST_DAY = np.datetime64("2049-12-31")
# 2000 to 2049: a number of one unit is none of another, nor counted from 1904 as Macintosh did.
_FIRST, _LAST = 946_684_800, 2_524_608_000
# A spreadsheet counts days from here; whole numbers alone may be anything.
_SHEET_DAY_0, _SECONDS_A_DAY = -2_209_161_600, 86_400


def timestamp_unit(numbers: NDArray[np.float64]) -> TimestampUnit:
    """Return the unit of timestamps between 2000 and 2049; "" for other numbers.

    Returns
    -------
    {"s", "ms", "us", "ns", "sheet", ""}
        Since 1 January 1970, or days as a spreadsheet counts them, from 30 December 1899.

    Examples
    --------
    >>> columns = ([1.7e9], [1762000000000, np.nan], [42459.75, 42460], [42460], [12.5], [])
    >>> [timestamp_unit(np.array(numbers)) for numbers in columns]
    ['s', 'ms', 'sheet', '', '', '']
    """
    known = numbers[np.isfinite(numbers)]
    for unit, many in _UNITS.items():
        if len(known) and known.min() >= _FIRST * many and known.max() < _LAST * many:
            return unit
    days = known * _SECONDS_A_DAY + _SHEET_DAY_0
    fits = len(known) and days.min() >= _FIRST and days.max() < _LAST
    return "sheet" if fits and (known % 1 > 0).any() else ""


def to_timestamps(
    numbers: NDArray[np.float64], unit: Literal["s", "ms", "us", "ns", "sheet"]
) -> pd.Series:
    """Return numbers in a unit of `timestamp_unit` as moments in UTC, shape (n,)."""
    import pandas as pd

    if unit == "sheet":
        return pd.Series(pd.to_datetime(numbers, unit="D", origin="1899-12-30").round("s"))
    return pd.Series(pd.to_datetime(numbers, unit=unit))


def looks_like_dates(texts: Sequence[str]) -> bool:
    """Return whether most of a sample of texts could be dates."""
    some = texts[:: max(1, len(texts) // 50)]
    result = sum(8 <= len(t) <= 40 and t[-1].isalnum() and _parts(t) is not None for t in some)
    return 2 * result > len(some)


def parse_dates(texts: Sequence[str], day_first: bool | None = None, *, century: str = "") -> Dates:
    """Read texts as dates.

    Whether the day or the month comes first is given, or decided by the values: one part above
    12 is enough. A year of two digits needs its `century`, such as "20".

    Examples
    --------
    >>> dates = parse_dates(["08/11/2016", "31/12/2016", "2016-11-08", "8 nov. 2016"])
    >>> dates.order, dates.formats, dates.time[[0, 2, 3]].astype("datetime64[D]").astype(str)
    ('day', 3, array(['2016-11-08', '2016-11-08', '2016-11-08'], dtype='<U28'))
    """
    import pandas as pd

    n, texts = len(texts), list(texts)
    if n and all(map(_DAY, texts)):
        with suppress(ValueError):
            time = np.array(texts, dtype="M8[D]").astype("M8[us]")
            none = np.zeros(n, dtype=bool)
            return Dates(time=time, formats=1, order="", turned=none, short=none)
    if _ISO.fullmatch("\0".join(texts)):
        moments = pd.to_datetime(pd.Index(texts), format="ISO8601", errors="coerce", utc=True)
        time = moments.tz_localize(None).to_numpy().astype("datetime64[us]")
        none = np.zeros(n, dtype=bool)
        if not np.isnat(time).any():
            return Dates(time=time, formats=1, order="", turned=none, short=none)
    parts = [_parts(text) for text in texts]
    turned = np.array([p is not None and "one" in p.re.groupindex for p in parts], dtype=bool)
    short = np.array([p is not None and len(p["year"]) == 2 for p in parts], dtype=bool)
    order = _order(
        [p for p, t in zip(parts, turned, strict=True) if t and p is not None], day_first
    )
    time = np.full(n, np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for i, part in enumerate(parts):
        if part is not None and (century or not short[i]):
            time[i] = _time(part, order, century if short[i] else "")
    shapes = {(p.re, "" if p.re in _BY_NAME else p[2]) for p in parts if p is not None}
    return Dates(time=time, formats=len(shapes), order=order, turned=turned, short=short)


def _parts(text: str) -> re.Match[str] | None:
    if match := _WEEKDAY.match(text):
        text = text[match.end() :]
    if text[:1].isdigit():
        return _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text) or _NAMED.fullmatch(text)
    return _NAMED.fullmatch(text) or _YEAR_AT_END.fullmatch(text)


def _order(turned: list[re.Match[str]], day_first: bool | None) -> str:
    if not turned:
        return ""
    if day_first is not None:
        return "day" if day_first else "month"
    day = any(int(part["one"]) > 12 for part in turned)
    month = any(int(part["two"]) > 12 for part in turned)
    return {(True, True): "both", (True, False): "day", (False, True): "month"}.get(
        (day, month), "undecided"
    )


def _time(part: re.Match[str], order: str, century: str = "") -> np.datetime64:
    """Return one date, NaT where there is no such day."""
    result = part.groupdict()
    if part.re is _YEAR_LAST:
        item, two = int(result["one"]), int(result["two"])
        if order == "both" and item <= 12 and two <= 12 and item != two:
            return np.datetime64("NaT", "us")
        day, month = (
            (two, item) if order == "month" or (order == "both" and two > 12) else (item, two)
        )
    elif part.re in _BY_NAME:
        day = int(result["day"] or result["of"])
        month = MONTHS.get((result["word"] or result["name"]).casefold(), 0)
    else:
        day, month = int(result["day"]), int(result["month"])
    hour = _hour(int(result["hour"] or 0), result["half"])
    clock = f"{hour:02d}:{result['minute'] or '00'}:{result['second'] or '00'}"
    try:
        time = np.datetime64(f"{century}{result['year']}-{month:02d}-{day:02d}T{clock}", "us")
    except ValueError:
        return np.datetime64("NaT", "us")
    return time - np.timedelta64(_minutes_ahead(result["zone"]), "m")


def _hour(hour: int, half: str | None) -> int:
    """Return an hour of the day; 99, an invalid hour, for 13 PM."""
    if not half:
        return hour
    return hour % 12 + 12 * (half in "Pp") if 1 <= hour <= 12 else 99


def _minutes_ahead(zone: str | None) -> int:
    """Return by how many minutes a zone is ahead of UTC."""
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    return (int(hours) * 60 + int(minutes)) * (1 if zone[0] == "+" else -1)


# A leading zero makes a code of a number: postcode 01000 is no 1000.
WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d*)", re.ASCII)
NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# Above this a float no longer holds every whole number.
EXACT_DIGITS = 15
# Thousands apart by a blank, an apostrophe or the other mark; then, perhaps, decimals.
_WRITTEN = {
    mark: re.compile(
        rf"[+-]?(?:0|[1-9]\d*|[1-9]\d{{0,2}}(?:([ '’{other}])\d{{3}})(?:\1\d{{3}})*)"
        rf"(?:[{mark}]\d*)?(?:[eE][+-]?\d{{1,3}})?",
        re.ASCII,
    )
    for mark, other in ((".", ","), (",", "."))
}
# What only decimals look like, what only thousands do, with M for the mark.
_DECIMALS = r"[+-]?(?:(?:0|[1-9]\d{3,})M\d+|\d+M(?:\d{1,2}|\d{4,})|\d{1,3}(?:[ '’O]\d{3})+M\d+)"
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(?:(?:M\d{3}){2,}|(?:M\d{3})+O\d+)"
_EVIDENCE = {
    mark: (
        re.compile(_DECIMALS.replace("M", f"[{mark}]").replace("O", other), re.ASCII),
        re.compile(_THOUSANDS.replace("M", f"[{mark}]").replace("O", f"[{other}]"), re.ASCII),
    )
    for mark, other in ((".", ","), (",", "."))
}


def decimal_mark(texts: Iterable[str]) -> tuple[str, bool]:
    """Return what stands before the decimals of a column, and whether its cells decide it.

    "" where they contradict each other. Where nothing decides, a comma before three digits sets
    thousands apart.

    Examples
    --------
    >>> decimal_mark(["12,5", "1.234"]), decimal_mark(["1,234.5"]), decimal_mark(["1,234"])
    ((',', True), ('.', True), ('.', False))
    """
    for_comma = for_point = open_ = False
    for text in texts:
        has_comma = "," in text
        if not has_comma and "." not in text:
            continue
        for_comma |= bool(_EVIDENCE[","][0].fullmatch(text) or _EVIDENCE["."][1].fullmatch(text))
        for_point |= bool(_EVIDENCE["."][0].fullmatch(text) or _EVIDENCE[","][1].fullmatch(text))
        open_ |= has_comma
        if for_comma and for_point:
            return "", True
    return ("," if for_comma else "."), for_comma or for_point or not open_


def parse_numbers(texts: Sequence[str], mark: str = ".") -> NDArray[np.float64] | None:
    """Return all texts as numbers, or None where one is not a number.

    Nor where a float would make one number of two: codes of more than fifteen digits.

    Examples
    --------
    >>> parse_numbers(["1 234,5", "-12"], ","), parse_numbers(["01000", "75001"])
    (array([1234.5,  -12. ]), None)
    """
    pattern = _WRITTEN[mark]
    if not texts or not all(map(pattern.fullmatch, texts)):
        return None
    other = "," if mark == "." else "."
    gone = str.maketrans({" ": "", "'": "", "’": "", other: "", mark: "."})
    plain = [text.translate(gone) for text in texts]
    result = np.array(plain, dtype=np.float64)
    # A mark of thousands, or a comma before the decimals, is in no version.
    as_typed = any(a != b for a, b in zip(texts, plain, strict=True))
    return None if merges_numbers(plain, result, versions=not as_typed) else result


def written_twice(plain: Sequence[str], floats: NDArray[np.float64]) -> list[int]:
    """Return which texts are a number that another text is too: 1.1 and 1.10, or 7 and 007.

    Examples
    --------
    >>> texts = ["1.1", "1.10", "1.2", "1", "1.0", "7", "007"]
    >>> written_twice(texts, np.array(texts, dtype=float))
    [0, 1, 5, 6]
    """
    written: dict[tuple[float, str], list[int]] = {}
    zeros = any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in plain)
    either = [zeros and text.isdigit() for text in plain]
    for at in np.flatnonzero((floats % 1 != 0) | either).tolist():
        # A float is one for several long codes.
        digits = plain[at].lstrip("0") if either[at] else ""
        written.setdefault((float(floats[at]), digits), []).append(at)
    several = [ones for ones in written.values() if len({plain[i].lstrip("+") for i in ones}) > 1]
    return sorted(i for ones in several for i in ones)


def merges_numbers(
    plain: Sequence[str], floats: NDArray[np.float64], *, versions: bool = True
) -> bool:
    """Return whether floats would merge some of the numbers, each given once, as it is written.

    Long codes, exact decimals, and `versions`: 1.1 and 1.10 are two, 1 and 1.0 one.

    Examples
    --------
    >>> [merges_numbers(texts, np.array(texts, dtype=float))
    ...  for texts in (["1.1", "1.10"], ["1", "1.0"], ["1.1", "1.2"])]
    [True, False, False]
    """
    distinct = len(set(floats))
    if versions and distinct != len(floats) and written_twice(plain, floats):
        return True
    long = [text for text in plain if len(text) > EXACT_DIGITS]
    if any(map(WHOLE.fullmatch, long)):
        return True
    return bool(long) and len({Decimal(text) for text in plain}) != distinct


# Days since 1900 from 2000 to 2030, as a spreadsheet counts them: many follow each other, and few
# end in 0, as postcodes do.
_FIRST_DAY, _LAST_DAY, _DAYS_APART, _ROUND, _FEWEST_DAYS = 36_526, 47_483, 4_000, 0.4, 5


def are_serial_days(distinct: Sequence[str]) -> bool:
    """Return whether numbers, each given once, are recent days as a spreadsheet counts them.

    Examples
    --------
    >>> are_serial_days(["42681", "42682", "42684", "42685", "42687"])
    True
    >>> are_serial_days(["94000", "94200", "94340", "75011", "75012"])
    False
    """
    if len(distinct) < _FEWEST_DAYS:
        return False
    if not all(re.fullmatch(r"\d{5}(?:[.,]\d+)?", text) for text in distinct):
        return False
    days = [int(day[:5]) for day in distinct]
    of_time = min(days) >= _FIRST_DAY and max(days) <= _LAST_DAY
    close = max(days) - min(days) <= _DAYS_APART
    return of_time and close and sum(day % 10 == 0 for day in days) < _ROUND * len(days)
