"""Dates of birth and ages of a column: between which two days each person was born."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.core.thresholds import ADULT_AGE, MOSTLY_DATES, OLDEST_AGE
from privaudit.text.cells import as_text
from privaudit.text.dates import LAST_DAY, MONTHS, NULL_DAYS, parse_dates
from privaudit.words.catalogues import Note

_Days = NDArray[np.datetime64]
# Earliest and latest possible day of birth; None where a cell gives none.
_Range = tuple[np.datetime64, np.datetime64] | None
_NUMBER = re.compile(r"-?\d+(?:[.,]0+)?|-?\d(?:\.\d+)?[eE]\+?\d{1,2}")
_YEAR = r"(?:18|19|20)\d\d"
_YEAR_MONTH = re.compile(
    rf"(?P<y>{_YEAR})[-/. ]?(?P<m>0[1-9]|1[0-2])|(?P<m2>\d\d?)[-/. ](?P<y2>{_YEAR})"
)
_NAMED_MONTH = re.compile(rf"(?P<name>[^\W\d_]{{3,9}})\.?[ -](?P<y>{_YEAR})")
_YEARS = re.compile(rf"({_YEAR})(?: ?(?:-|/|–|à|to) ?({_YEAR})|(s))?")
_SHORT_YEAR = re.compile(r"\d\d?([-/.])\d\d?\1\d\d|\d\d?(?:er)?[ -][^\W\d_]{3,9}\.?[ ,-]{1,2}\d\d")
_AGE = re.compile(
    r"(\d{1,3})(?:[.,]\d+)?(?: ?(?:ans?|years?(?: old)?|yrs?|y\.?o?\.?))?", re.IGNORECASE
)
# Two numbers, as of a band of ages, or of a birthday without a year: "03/12", "--03-12".
_TWO_NUMBERS = re.compile(r"(?:--)?(\d\d?)[-/.](\d\d?)\.?")
_OPEN_ABOVE = re.compile(r"\+|plus|over|>|≥|older|et au-del", re.IGNORECASE)
_OPEN_BELOW = re.compile(r"<|≤|moins|under|below|jusqu", re.IGNORECASE)
# Written for none, but also a birth or an age: taken for none where it is so many times as
# frequent as any other value.
_DOUBTFUL_DAY, _DOUBTFUL_AGES, _HEAPED = np.datetime64("1970-01-01"), ("0", "99", "100", "120"), 5
# Heaped days: at most so many, each of so many records, and of so many times those of any of the
# others, which are so many at least; how many times those of the ages beside an age.
_HEAPS, _RECORDS, _MORE, _OTHER_DAYS, _MORE_OF_AGE = 3, 10, 2, 10, 3
# Days from a spreadsheet's 0 to 1 January 1970; a workbook of 1904 counts from 1,462 days later.
_SHEET_DAY_0, _SHEET_1904 = np.datetime64("1899-12-30"), 1_462
_SECONDS_A_DAY = 86_400
# The days of Julian of 1850 to 2100, and that of 1 January 1970.
_JULIAN, _JULIAN_1970 = (2_396_759, 2_488_070), 2_440_588
# Telephones of Apple count seconds from 1 January 2001.
_TO_2001 = np.datetime64("2001-01-01") - np.datetime64("1970-01-01")
_DAY, _MONTH = np.timedelta64(1, "D"), np.timedelta64(1, "M")
_NO_DAY = np.datetime64("NaT", "D")
# Births of a file whose day is not known.
_FIRST_BIRTH, _ANY_DAY = np.datetime64("1850-01-01"), LAST_DAY
# Seconds of which none is years away from 1970 count something else.
_SECONDS_APART = 1e8


@dataclass(frozen=True, eq=False, kw_only=True)
class Births:
    """Between which days the people of a column were born.

    Parameters
    ----------
    earliest, latest : ndarray of datetime64[D], shape (n,)
        Both bounds included; NaT where the cell is blank or is not read.
    filled : ndarray of bool, shape (n,)
        The cell is not blank.
    as_of : datetime64[D]
        The day on which ages are counted, and after which nobody is born.
    heaped_ages : int, optional
        Records of an age such as 0 or 99 that far more of them have than the ages beside it.
    """

    earliest: _Days
    latest: _Days
    filled: NDArray[np.bool_]
    as_of: np.datetime64
    heaped_ages: int = 0

    @property
    def read(self) -> NDArray[np.bool_]:
        """Records whose cell gives a day, a year or an age."""
        return ~np.isnat(self.earliest)

    @property
    def minors(self) -> NDArray[np.bool_]:
        """Records of people who are certainly under 18."""
        return self.read & (self.earliest > _years_before(self.as_of, ADULT_AGE))

    @property
    def possible_minors(self) -> NDArray[np.bool_]:
        """Records of people who may be under 18: also those whose cell is blank or not read."""
        return ~self.read | (self.latest > _years_before(self.as_of, ADULT_AGE))

    def notes(self, column: str, people: NDArray[np.bool_] | None = None) -> tuple[Note, ...]:
        """Note births that so many records share that a program may have written them for none.

        - `people`: The first record of each person; visits of one of them are no heap.
        """
        whole = self.read & (self.earliest == self.latest)
        of_people = whole if people is None else whole & people
        share = bool(_heaped_among(self.earliest[of_people]))
        heaps = {
            "births_heaped": _heaped_among(self.earliest[whole]) if share else 0,
            "ages_heaped": self.heaped_ages,
        }
        return tuple(Note(key, column=column, records=n) for key, n in heaps.items() if n)


def read_births(column: pd.Series, as_of: datetime.date | None) -> Births:
    """Read the dates of birth, or ages, of a column whose header or cells announce them.

    Dates in any order, years, months, decades, ages and bands of ages; numbers are
    ``YYYYMMDD``, ``DDMMYYYY``, years, ages, days of a spreadsheet or of Julian, seconds or
    milliseconds since 1970, whichever most of the column can be. A cell that can be read in two
    ways gets both: the third of April or the fourth of March, of 1916 or of 2016, from a workbook
    of 1900 or of 1904, seconds since 1970 or 2001 where nobody would be born in the future.

    Parameters
    ----------
    column : pandas.Series, shape (n,)
        Cells as they stand in the file.
    as_of : datetime.date, or None
        Later births, those of more than 122 years before, and dates that programs write for
        none (1 January 1900) are not read. None where the day of the file is not known: then
        ages are not read either, and births end today.

    Examples
    --------
    >>> cells = pd.Series(["2001-05-02", "03/2001", "1950", "unknown", "01/01/1900", None])
    >>> births = read_births(cells, datetime.date(2019, 5, 1))
    >>> births.read.tolist()
    [True, True, True, False, False, False]
    >>> births.minors.tolist(), births.possible_minors.tolist()
    ([True, False, False, False, False, False], [True, False, False, True, True, True])
    >>> bands = read_births(pd.Series(["0-17", "18-24", "15-19"]), datetime.date(2019, 5, 2))
    >>> bands.minors.tolist(), bands.possible_minors.tolist()
    ([True, False, False], [True, False, True])
    """
    codes, levels = pd.factorize(column)
    texts = [as_text(level).strip() for level in levels]
    day = _ANY_DAY if as_of is None else np.datetime64(as_of, "D")
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    ranges = _ranges(texts, counts, day)
    oldest = _oldest_birth(day)
    last = min(day, np.datetime64("today", "D"))
    first, end = np.array([one or (_NO_DAY, _NO_DAY) for one in (*ranges, None)], "M8[D]").T
    # A year that has begun, and an age that has just been reached, end with the day.
    known = (first <= last) & (end >= oldest)
    bounds = np.where(known, [np.maximum(first, oldest), np.minimum(end, day)], _NO_DAY)
    _drop_null_dates(texts, bounds, counts, day)
    blank = np.array([not text for text in (*texts, "")])
    return Births(
        earliest=bounds[0][codes], latest=bounds[1][codes], filled=~blank[codes], as_of=day,
        heaped_ages=0 if as_of is None else _heaped_ages(texts, counts),
    )  # fmt: skip


def _oldest_birth(day: np.datetime64) -> np.datetime64:
    return _FIRST_BIRTH if day == _ANY_DAY else _years_before(day, OLDEST_AGE)


def _years_before(day: np.datetime64, years: int) -> np.datetime64:
    """Return the last day of birth of people who have turned so many years on a day."""
    date = day.astype("datetime64[D]").item()
    try:
        return np.datetime64(date.replace(year=date.year - years))
    except ValueError:  # 29 February
        return np.datetime64(date.replace(year=date.year - years, day=28))


def _ranges(texts: Sequence[str], counts: NDArray[np.int64], as_of: np.datetime64) -> list[_Range]:
    """Return the range of days of birth of each text."""
    is_number = [_NUMBER.fullmatch(text) is not None for text in texts]
    numbers = [float(t.replace(",", ".")) for t, n in zip(texts, is_number, strict=True) if n]
    dates = iter(_of_dates([t for t, n in zip(texts, is_number, strict=True) if not n], as_of))
    of_numbers = iter(_of_numbers(numbers, counts[is_number], int(counts.sum()), as_of))
    birthdays = _birthdays(texts)
    return [
        next(of_numbers)
        if number
        else next(dates) or (None if text in birthdays else _of_words(text, as_of))
        for text, number in zip(texts, is_number, strict=True)
    ]


def _birthdays(texts: Sequence[str]) -> frozenset[str]:
    """Return the texts that are a day and a month without a year, which say no age.

    Most of a column's pairs of numbers must be days of some month; and one of them no band of
    ages, as its first number is above the second, or as a zero, a slash or a dot is written in it.
    """
    pairs = {text: match for text in texts if (match := _TWO_NUMBERS.fullmatch(text))}
    numbers = [(int(match[1]), int(match[2])) for match in pairs.values()]
    days = sum(1 <= min(pair) <= 12 and 1 <= max(pair) <= 31 for pair in numbers)
    no_band = any(
        int(match[1]) > int(match[2]) or "-" not in text or "0" in (match[1][0], match[2][0])
        for text, match in pairs.items()
    )
    return frozenset(pairs) if no_band and 2 * days > len(pairs) else frozenset()


def _of_dates(texts: Sequence[str], as_of: np.datetime64) -> list[_Range]:
    """Read whole dates: in both orders where the column does not decide, of both centuries."""
    likely = [text if 8 <= len(text) <= 40 or _short(text) else "" for text in texts]
    order = parse_dates(likely, century="19").order
    orders = {"day": (True,), "month": (False,)}.get(order, (True, False))
    times = [
        parse_dates(likely, first, century=century).time
        for first in orders
        for century in (("19", "20") if any(map(_short, likely)) else ("19",))
    ]
    if any(turned := _turned_by_a_sheet(likely)):
        times.append(parse_dates(turned).time)
    each = np.stack(times).astype("datetime64[D]")
    # A time of day may be of another zone, whose date is the day before or after.
    clock = np.stack(times)[0] != each[0]
    days, slack = np.where(each <= as_of, each, _NO_DAY), clock.astype(np.int64) * _DAY
    ends = zip(np.fmin.reduce(days) - slack, np.fmax.reduce(days) + slack, strict=True)
    return [None if np.isnat(first) else (first, last) for first, last in ends]


# A date as a spreadsheet stores it, and one that it left as a text; of fewer it says nothing.
_STORED = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00:00(?:\.0+)?)?")
_LEFT = re.compile(r"(\d\d?)([-/.])(\d\d?)\2\d{4}")
_OF_EACH = 8


def _turned_by_a_sheet(texts: Sequence[str]) -> list[str]:
    """Return dates with day and month exchanged, "" for the others, where a sheet has turned them.

    It does where it expects the month first: what it could read is a date, never after the twelfth,
    and what is left as a text has a day after it.
    """
    stored = [_STORED.fullmatch(text) for text in texts]
    left = [match for text in texts if (match := _LEFT.fullmatch(text))]
    dates = [match for match in stored if match]
    may_be = min(len(dates), len(left)) >= _OF_EACH
    if not may_be or any(int(match[3]) > 12 for match in dates):
        return []
    if any(max(int(match[1]), int(match[3])) <= 12 for match in left):
        return []
    return [f"{match[1]}-{match[3]}-{match[2]}" if match else "" for match in stored]


def _short(text: str) -> bool:
    return _SHORT_YEAR.fullmatch(text) is not None


def _of_numbers(
    numbers: Sequence[float], counts: NDArray[np.int64], n: int, as_of: np.datetime64
) -> list[_Range]:
    """Read numbers in the unit that most records can be in, or in one before it but for slips.

    Every number is seconds since 1970: one 999 among ages makes them no seconds, and no year of
    birth among them does. A number that is not in the unit, or any where the unit is not that of
    half the column, is read only if it names a year.
    """
    oldest = _oldest_birth(as_of)

    def read(unit: _Unit, number: float) -> _Range:
        one = unit(number, as_of)
        return one if one is not None and one[0] <= as_of and one[1] >= oldest else None

    def fit(*units: _Unit) -> int:
        within = zip(numbers, counts, strict=True)
        return sum(int(n) for number, n in within if any(read(unit, number) for unit in units))

    most = max(map(abs, numbers), default=0)
    near_1970: dict[_Unit, int] = {_as_seconds: 1, _as_milliseconds: 1_000}
    possible = [u for u in _UNITS if most >= near_1970.get(u, 0) * _SECONDS_APART]
    fits = [fit(unit, *_NAMES_A_YEAR) for unit in possible]
    main = possible[next(at for at, n in enumerate(fits) if n >= MOSTLY_DATES * max(fits))]
    usable = 2 * fit(main) > n and not (main is _as_age and as_of == _ANY_DAY)
    units = (main, *_NAMES_A_YEAR) if usable else _NAMES_A_YEAR
    found = [
        next((one for one in (read(unit, number) for unit in units) if one), None)
        for number in numbers
    ]
    if main in _COUNTS_DAYS and as_of != _ANY_DAY and 2 * fit(_as_age) > n:
        # Where most may be ages, 9 is no day of January 1900 for certain, and -9 is nothing.
        ages = [read(_as_age, number) for number in numbers]
        found = [
            None if -OLDEST_AGE <= number < 0 else one
            for number, one in zip(numbers, found, strict=True)
        ]
        return [
            (min(one[0], age[0]), max(one[1], age[1])) if one and age else one
            for one, age in zip(found, ages, strict=True)
        ]
    may_be_2001 = main is _as_seconds and (as_of != _ANY_DAY or _at_noon(numbers))
    if may_be_2001 and not any(one and one[1] + _TO_2001 > as_of for one in found):
        return [(one[0], one[1] + _TO_2001) if one else None for one in found]
    return found


def _at_noon(seconds: Sequence[float]) -> bool:
    """Return whether most are at noon in UTC, as telephones of Apple write a birth."""
    return 2 * sum(one % _SECONDS_A_DAY == _SECONDS_A_DAY // 2 for one in seconds) > len(seconds)


def _as_digits(number: float, as_of: np.datetime64) -> _Range:
    """Read YYYYMMDD."""
    text = f"{number:.0f}"
    try:
        day = np.datetime64(f"{text[:4]}-{text[4:6]}-{text[6:]}", "D")
    except ValueError:
        return None
    return (day, day) if len(text) == 8 else None


def _as_day_first(number: float, as_of: np.datetime64) -> _Range:
    """Read DDMMYYYY and MMDDYYYY, whose first zero a spreadsheet drops; of both the range."""
    text = f"{number:.0f}".zfill(8)
    one, two, year = text[:2], text[2:4], text[4:]
    days = [
        np.datetime64(f"{year}-{month}-{day}", "D")
        for day, month in ((one, two), (two, one))
        if len(text) == 8 and _is_day(year, month, day)
    ]
    return (min(days), max(days)) if days else None


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        datetime.date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _as_month(number: float, as_of: np.datetime64) -> _Range:
    """Read YYYYMM."""
    year, month = divmod(int(number), 100) if 180_000 <= number < 210_000 else (0, 0)
    return _whole_month(str(year), month)


def _as_year(number: float, as_of: np.datetime64) -> _Range:
    # Of four digits; nobody is as old as most of them.
    return _whole_years(int(number), int(number)) if 1_000 <= number < 10_000 else None


def _as_age(number: float, as_of: np.datetime64) -> _Range:
    return _aged(int(number), int(number), as_of) if 0 <= number <= OLDEST_AGE else None


def _as_julian_day(number: float, as_of: np.datetime64) -> _Range:
    """Read days as astronomers and SQLite count them, of the years 1850 to 2100."""
    if not _JULIAN[0] <= number < _JULIAN[1]:
        return None
    day = np.datetime64("1970-01-01") + np.timedelta64(int(number) - _JULIAN_1970, "D")
    return day, day


def _as_sheet_day(number: float, as_of: np.datetime64) -> _Range:
    """Read days of a spreadsheet, of both epochs; the later only where it is no birth to come."""
    try:
        day = _SHEET_DAY_0 + np.timedelta64(int(number), "D")
    except OverflowError:
        return None
    return (day, day + np.timedelta64(_SHEET_1904, "D")) if number >= 1 else None


def _as_seconds(number: float, as_of: np.datetime64) -> _Range:
    if abs(number) >= 1e10:
        return None
    day = np.datetime64(int(number // _SECONDS_A_DAY), "D")
    # Midnight in another zone is another day in UTC.
    slack = np.timedelta64(int(number % _SECONDS_A_DAY != 0), "D")
    return day - slack, day + slack


def _as_milliseconds(number: float, as_of: np.datetime64) -> _Range:
    return _as_seconds(number / 1000, as_of)


_Unit = Callable[[float, np.datetime64], _Range]
_NAMES_A_YEAR: tuple[_Unit, ...] = (_as_digits, _as_day_first, _as_month, _as_year)
_COUNTS_DAYS = (_as_sheet_day, _as_seconds, _as_milliseconds)
_UNITS = (*_NAMES_A_YEAR, _as_age, _as_julian_day, *_COUNTS_DAYS)


def _of_words(text: str, as_of: np.datetime64) -> _Range:
    """Read a month of a year, a year, years, an age or a band of ages."""
    if match := _YEAR_MONTH.fullmatch(text):
        return _whole_month(match["y"] or match["y2"], int(match["m"] or match["m2"]))
    if match := _NAMED_MONTH.fullmatch(text):
        return _whole_month(match["y"], MONTHS.get(match["name"].casefold(), 0))
    if match := _YEARS.fullmatch(text):
        first = int(match[1])
        return _whole_years(first, int(match[2] or first + 9 * bool(match[3])))
    if as_of == _ANY_DAY:
        return None
    if match := _AGE.fullmatch(text):
        return _aged(int(match[1]), int(match[1]), as_of)
    return _of_band(text, as_of)


def _whole_month(year: str, month: int) -> _Range:
    if not 1 <= month <= 12:
        return None
    first = np.datetime64(f"{year}-{month:02d}", "M")
    return first.astype("datetime64[D]"), (first + _MONTH).astype("datetime64[D]") - _DAY


def _whole_years(first: int, last: int) -> _Range:
    return np.datetime64(f"{first}-01-01", "D"), np.datetime64(f"{last}-12-31", "D")


def _aged(youngest: int, oldest: int, as_of: np.datetime64) -> _Range:
    if not 0 <= youngest <= oldest <= OLDEST_AGE:
        return None
    return _years_before(as_of, oldest + 1) + _DAY, _years_before(as_of, youngest)


def _of_band(text: str, as_of: np.datetime64) -> _Range:
    ages = [int(number) for number in re.findall(r"\d{1,3}", text)]
    if not 1 <= len(ages) <= 2 or re.search(r"\d{4}", text):
        return None
    if _OPEN_ABOVE.search(text):
        return _aged(ages[0], OLDEST_AGE, as_of)
    if _OPEN_BELOW.search(text):
        strict = re.search(r"<(?!=)|moins de|under|below", text, re.IGNORECASE) is not None
        return _aged(0, ages[-1] - strict, as_of)
    return _aged(ages[0], ages[1], as_of) if len(ages) == 2 else None


def _drop_null_dates(
    texts: Sequence[str],
    bounds: NDArray[np.datetime64],
    counts: NDArray[np.int64],
    as_of: np.datetime64,
) -> None:
    """Take out values that programs write for none; doubtful ones where they are heaped.

    So is a day of the last year: that on which a form was filled in or exported.
    """
    earliest = bounds[0][:-1]
    day = earliest == bounds[1][:-1]
    null = day & np.isin(earliest, NULL_DAYS)
    doubtful = np.array([text.removesuffix(".0") in _DOUBTFUL_AGES for text in texts], dtype=bool)
    doubtful |= day & ((earliest == _DOUBTFUL_DAY) | (earliest > _years_before(as_of, 1)))
    others = counts[~np.isnat(earliest) & ~null & ~doubtful]
    null |= doubtful & (counts >= _HEAPED * others.max(initial=1))
    bounds[:, :-1][:, null] = np.datetime64("NaT", "D")


def heaped(days: _Days, counts: NDArray[np.int64]) -> int:
    """Count the records whose day of birth far more records have than any other.

    A program may have written it for none, or many may be born on it: nobody can say which. Days
    of births that are kept to the year, most of them on 1 January, are no heaps.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n,)
        None is NaT; `counts` has the records of each.

    Examples
    --------
    >>> days = np.arange("1980-03-01", "1980-03-13", dtype="datetime64[D]")
    >>> heaped(days, np.array([2, 1, 30, 1, 28, 3, 1, 1, 1, 2, 2, 1]))
    58
    >>> heaped(days, np.array([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]))
    0
    """
    days, place = np.unique(days, return_inverse=True)
    records = np.bincount(place, weights=counts, minlength=len(days)).astype(np.int64)
    falling = np.argsort(-records, kind="stable")
    most = records[falling]
    for k in range(1, _HEAPS + 1):
        if len(most) >= k + _OTHER_DAYS and most[k - 1] >= max(_RECORDS, _MORE * most[k]):
            others = days[falling[k:]]
            of_years = most[k:][others == others.astype("datetime64[Y]")].sum()
            return 0 if 2 * of_years > most[k:].sum() else int(most[:k].sum())
    return 0


def _heaped_among(days: _Days) -> int:
    return heaped(days, np.ones(len(days), dtype=np.int64))


def _heaped_ages(texts: Sequence[str], counts: NDArray[np.int64]) -> int:
    """Count the records of doubtful ages that far more have than the ages beside them."""
    records = dict(zip((text.removesuffix(".0") for text in texts), counts.tolist(), strict=True))
    result = 0
    for age in _DOUBTFUL_AGES:
        beside = max(records.get(str(int(age) + k), 0) for k in (-3, -2, -1, 1, 2, 3))
        n = records.get(age, 0)
        result += n if beside and n >= max(_RECORDS, _MORE_OF_AGE * beside) else 0
    return result
