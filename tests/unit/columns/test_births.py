"""Births and ages as files write them: low <= true number of minors <= high, however written."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import privaudit as pa
from privaudit.columns.births import (
    _as_age,
    _as_julian_day,
    _as_month,
    _as_sheet_day,
    _as_year,
    _short,
    _turned_by_a_sheet,
    read_births,
)
from privaudit.core.thresholds import OLDEST_AGE

AS_OF = datetime.date(2016, 11, 8)
EPOCH = datetime.date(1970, 1, 1)
NAMES = [f"Zq{chr(97 + at // 10)}{chr(107 + at % 10)}et" for at in range(60)]


def _people(n: int, minors: int, seed: int) -> list[datetime.date]:
    """Draw births: so many of minors, the others adults, none within a month of the limit."""
    rng = np.random.default_rng(seed)
    days = [AS_OF - datetime.timedelta(days=int(d)) for d in rng.integers(400, 17 * 365, minors)]
    days += [
        AS_OF - datetime.timedelta(days=int(d))
        for d in rng.integers(19 * 366, 90 * 365, n - minors)
    ]
    rng.shuffle(days)
    return days


def _of_day(day: datetime.date) -> int:
    return AS_OF.year - day.year - ((AS_OF.month, AS_OF.day) < (day.month, day.day))


WRITERS = {
    "iso": lambda d: d.isoformat(),
    "french": lambda d: f"{d:%d/%m/%Y}",
    "american": lambda d: f"{d:%m/%d/%Y}",
    "dots": lambda d: f"{d:%d.%m.%Y}",
    "two_digits": lambda d: f"{d:%d/%m/%y}",
    "digits": lambda d: int(f"{d:%Y%m%d}"),
    "digits_as_text": lambda d: f"{d:%Y%m%d}",
    "digits_as_float": lambda d: float(f"{d:%Y%m%d}"),
    "year": lambda d: d.year,
    "year_as_float": lambda d: float(d.year),
    "month": lambda d: f"{d:%Y-%m}",
    "month_as_digits": lambda d: int(f"{d:%Y%m}"),
    "month_first": lambda d: f"{d:%m/%Y}",
    "sheet_1900": lambda d: (d - datetime.date(1899, 12, 30)).days,
    "sheet_1904": lambda d: (d - datetime.date(1904, 1, 1)).days,
    "seconds": lambda d: (d - EPOCH).days * 86_400,
    "milliseconds": lambda d: (d - EPOCH).days * 86_400_000,
    "midnight_elsewhere": lambda d: (d - EPOCH).days * 86_400 - 7_200,
    "zoned": lambda d: f"{d}T00:00:00+02:00",
    "age": _of_day,
    "age_in_words": lambda d: f"{_of_day(d)} ans",
    "band": lambda d: f"{_of_day(d) // 5 * 5}-{_of_day(d) // 5 * 5 + 4}",
    "decade": lambda d: f"{d.year // 10 * 10}-{d.year // 10 * 10 + 9}",
    "datetime": pd.Timestamp,
}


@pytest.mark.parametrize("minors", [0, 180, 540, 600])
@pytest.mark.parametrize("writer", WRITERS)
def test_the_range_holds_the_number_of_minors(writer, minors):
    days = _people(600, minors, seed=minors + len(writer))
    births = read_births(pd.Series([WRITERS[writer](day) for day in days]), AS_OF)
    assert births.minors.sum() <= minors <= births.possible_minors.sum()
    assert births.read.mean() > (0.9 if writer == "sheet_1904" else 0.99)


@pytest.mark.parametrize(
    "writer", sorted(set(WRITERS) - {"band", "decade", "two_digits", "sheet_1904"})
)
def test_most_ways_of_writing_decide_for_nearly_everybody(writer):
    births = read_births(pd.Series([WRITERS[writer](day) for day in _people(600, 180, 7)]), AS_OF)
    # Years of 1998 alone leave the birthday open, and workbooks of 1904 four years.
    assert births.possible_minors.sum() - births.minors.sum() <= 60


@pytest.mark.parametrize(
    "cell", ["inconnu", "00/00/0000", "0000-00-00", "1900-01-01", "N/A", "?", "", "2099-01-01"]
)
def test_one_unread_cell_changes_the_range_by_one(cell):
    cells = [day.isoformat() for day in _people(600, 40, 3)]
    before = read_births(pd.Series(cells), AS_OF)
    births = read_births(pd.Series([cell, *cells[1:]]), AS_OF)
    assert births.read.sum() == 599
    assert births.minors.sum() == 40 - before.minors[0]
    assert births.possible_minors.sum() == 40 + (not before.minors[0])


def test_a_bare_year_among_dates_is_a_year():
    cells = [day.isoformat() for day in _people(600, 0, 4)]
    births = read_births(pd.Series(["1970", *cells[1:]]), AS_OF)
    assert (births.minors.sum(), births.possible_minors.sum()) == (0, 0)


@pytest.mark.parametrize("cell", [17, "17", 5, 12_345, 915_148_800])
def test_a_number_among_dates_is_not_taken_for_an_age_or_a_moment(cell):
    cells = [day.isoformat() for day in _people(600, 0, 4)]
    births = read_births(pd.Series([cell, *cells[1:]], dtype=object), AS_OF)
    assert (births.read.sum(), births.minors.sum(), births.possible_minors.sum()) == (599, 0, 1)


@pytest.mark.parametrize("filler", ["1970-01-01", "1900-01-01"])
def test_a_heaped_date_is_no_birth(filler):
    cells = [day.isoformat() for day in _people(600, 0, 5)]
    births = read_births(pd.Series([filler] * 90 + cells[90:]), AS_OF)
    assert births.possible_minors.sum() == 90
    assert not births.minors.any()


def test_zero_written_for_no_age_is_no_child():
    ages = [0] * 120 + [_of_day(day) for day in _people(480, 0, 6)]
    births = read_births(pd.Series(ages), AS_OF)
    assert (births.minors.sum(), births.possible_minors.sum()) == (0, 120)


def test_the_birthday_itself_ends_minority():
    cells = pd.Series(["1998-11-08", "1998-11-09", "1998-11-07"])
    assert read_births(cells, AS_OF).minors.tolist() == [False, True, False]
    leap = read_births(pd.Series(["2000-02-29"]), datetime.date(2018, 2, 28))
    assert leap.minors.tolist() == [True]
    assert not read_births(pd.Series(["2000-02-29"]), datetime.date(2018, 3, 1)).minors.any()


def test_no_day_of_the_file_reads_no_age():
    births = read_births(pd.Series(["17", "42 ans", "25-34", "1980-05-02", "1980"]), None)
    assert births.read.tolist() == [False, False, False, True, True]
    assert not read_births(pd.Series([17, 42, 35]), None).read.any()


@given(
    st.lists(st.dates(datetime.date(1930, 1, 1), AS_OF), min_size=5, max_size=30),
    st.lists(st.sampled_from([*WRITERS]), min_size=30, max_size=30),
)
def test_cells_written_in_several_ways_never_exclude_the_truth(days, writers):
    """Text cells of mixed forms; numbers are left out, as their unit is the column's."""
    text = [w for w in writers if isinstance(WRITERS[w](AS_OF), str) and w != "american"]
    cells = [
        WRITERS[text[i % len(text)]](day) if text else day.isoformat() for i, day in enumerate(days)
    ]
    births = read_births(pd.Series(cells), AS_OF)
    # As the law counts: of age on the day of the eighteenth birthday.
    minors = sum(_of_day(day) < 18 for day in days)
    assert births.minors.sum() <= minors <= births.possible_minors.sum()


def _range(cell, *others, as_of=AS_OF):
    """Earliest and latest birth of the first cell of a column, as texts; None where not read."""
    births = read_births(pd.Series([cell, *others], dtype=object), as_of)
    return (str(births.earliest[0]), str(births.latest[0])) if births.read[0] else None


YEARS, MONTHS, DAYS, AGES, SHEET, SECONDS = (
    [first, first + step] * 5 for first, step in (
        (1950, 10), (195_001, 1_000), (19_500_101, 100_000), (40, 10), (30_001, 1_000),
        (946_684_800, 864_000),
    )
)  # fmt: skip


# Each limit of a unit, outside it and at it, in a column of which the others decide the unit. They
# are what the docstring lists; day 1 of a spreadsheet is 31 December 1899, in one of 1904 2 January
# of that year, and nobody is 123.
@pytest.mark.parametrize(
    ("cell", "others", "expected"),
    [
        (1892, YEARS, None), (1893, YEARS, None), (1894, YEARS, ("1894-11-08", "1894-12-31")),
        (2016, YEARS, ("2016-01-01", "2016-11-08")), (2017, YEARS, None), (19_500, YEARS, None),
        (200_000, MONTHS, None), (200_001, MONTHS, ("2000-01-01", "2000-01-31")),
        (200_012, MONTHS, ("2000-12-01", "2000-12-31")), (200_013, MONTHS, None),
        (20_000_101, DAYS, ("2000-01-01", "2000-01-01")), (20_001_301, DAYS, None),
        (2_000_101, DAYS, None), (200_001_011, DAYS, None),
        # Who is so old was born in the year before.
        (-1, AGES, None), (0, AGES, ("2015-11-09", "2016-11-08")),
        (17, AGES, ("1998-11-09", "1999-11-08")), (18, AGES, ("1997-11-09", "1998-11-08")),
        (122, AGES, ("1894-11-08", "1894-11-08")), (123, AGES, None),
        (0, SHEET, None), (1, SHEET, ("1899-12-31", "1904-01-02")), (42_683, SHEET, None),
        (42_682, SHEET, ("2016-11-08", "2016-11-08")),
        (42_681, SHEET, ("2016-11-07", "2016-11-08")), (10**18, SHEET, None),
        (10**30, SHEET, None), ("9" * 400, SHEET, None),
        (946_684_800, SECONDS, ("2000-01-01", "2000-01-01")),
        (946_684_801, SECONDS, ("1999-12-31", "2000-01-02")),
        (10_000_000_000, SECONDS, None),
    ],
)  # fmt: skip
def test_a_number_is_read_in_the_unit_whose_limits_it_keeps(cell, others, expected):
    assert _range(cell, *others) == expected


@pytest.mark.parametrize("writer", ["digits", "year", "month_as_digits", "age", "sheet_1900"])
@pytest.mark.parametrize("slip", [0, 130, 999, 9_999, 19_500, 20_001_301, 99_999_999])
def test_one_number_of_another_unit_changes_the_range_by_one(writer, slip):
    """Codes for "unknown" among ages or years: all other cells keep their unit."""
    cells = [WRITERS[writer](day) for day in _people(600, 200, 8)]
    before = read_births(pd.Series(cells), AS_OF)
    births = read_births(pd.Series([slip, *cells]), AS_OF)
    assert births.minors[1:].tolist() == before.minors.tolist()
    assert births.possible_minors[1:].tolist() == before.possible_minors.tolist()


@pytest.mark.parametrize(("ages", "read"), [(10, True), (9, True), (8, False)])
def test_nine_of_ten_decide_the_unit(ages, read):
    births = read_births(pd.Series([999, *[40] * ages]), AS_OF)
    assert (str(births.earliest[1]) == "1975-11-09") == read
    assert str(births.latest[1]) == "1976-11-08"


def test_milliseconds_have_more_than_ten_digits():
    assert _range(946_684_800_000) == ("2000-01-01", "2000-01-01")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12/2000", ("2000-12-01", "2000-12-31")), ("13/2000", None), ("00/2000", None),
        ("1990s", ("1990-01-01", "1999-12-31")), ("1990-1994", ("1990-01-01", "1994-12-31")),
        ("122 ans", ("1894-11-08", "1894-11-08")), ("123 ans", None),
        # A band has one end or two.
        ("18-24", ("1991-11-09", "1998-11-08")), ("18-24-30", None), ("24-18", None),
        ("moins de 18", ("1998-11-09", "2016-11-08")), ("<= 18", ("1997-11-09", "2016-11-08")),
        ("jusqu'à 18", ("1997-11-09", "2016-11-08")), ("65+", ("1894-11-08", "1951-11-08")),
        ("mai 2000", ("2000-05-01", "2000-05-31")), ("zzz 2000", None),
        # Born today, and tomorrow; 122 years ago, and a year before.
        ("2016-11-08", ("2016-11-08", "2016-11-08")), ("2016-11-09", None),
        ("1894-11-08", ("1894-11-08", "1894-11-08")), ("1894-11-07", None),
    ],
)  # fmt: skip
def test_words_are_read_up_to_their_limits(cell, expected):
    assert _range(cell) == expected


@pytest.mark.parametrize(("others", "read"), [(0, True), (1, False), (2, False)])
def test_a_unit_is_that_of_more_than_half_of_the_column(others, read):
    """One age among one or two names: half of a column does not decide."""
    assert (_range(17, *["?"] * others) is not None) == read


@pytest.mark.parametrize(("times", "read"), [(4, True), (5, False), (6, False)])
def test_a_doubtful_day_is_none_from_five_times_the_most_frequent_on(times, read):
    """1 January 1970 is a birth of some and the zero of programs: once it is heaped, a zero."""
    days = ["1980-05-02", "1981-05-02"]
    assert (_range(*["1970-01-01"] * times, *days) is not None) == read
    assert (_range(*["99"] * times, "40", "41") is not None) == read


def test_without_a_day_of_the_file_births_begin_in_1850_and_end_today():
    today = np.datetime64("today")
    for cell, expected in (
        ("1849-12-31", None),
        ("1850-01-01", ("1850-01-01", "1850-01-01")),
        (str(today), (str(today), str(today))),
        (str(today + np.timedelta64(1, "D")), None),
    ):
        assert _range(cell, as_of=None) == expected


@pytest.mark.parametrize("times", [4, 5])
def test_a_day_of_the_last_year_that_is_heaped_is_that_of_a_form(times):
    """As of 8 November 2016, the last year begins on 9 November 2015."""
    for heaped, of_a_form in (("2016-11-08", True), ("2015-11-09", True), ("2015-11-08", False)):
        cells = [*["1980-02-01"], "1990-03-01", *[heaped] * times]
        read = read_births(pd.Series(cells), datetime.date(2016, 11, 8)).read
        assert read[2:].all() == (times < 5 or not of_a_form), heaped


@pytest.mark.parametrize(
    "seconds",
    [
        # From 1904, of 1962 to 2002; YYMMDD of 1961 to 1998.
        [1_830_297_600, 2_524_521_600, 3_100_000_000], [611_217, 900_502, 981_231],
        # Seconds, and milliseconds, of a few weeks about 1970.
        [86_400, 99_999_999], [86_400_000, 99_999_999_999],
    ],
)  # fmt: skip
def test_numbers_that_are_no_seconds_since_1970_are_not_read(seconds):
    births = read_births(pd.Series(seconds * 9), datetime.date(2016, 11, 8))
    assert not births.read.any()


def test_seconds_of_who_was_born_years_from_1970_are_read():
    births = read_births(pd.Series([86_400, 100_000_000] * 9), datetime.date(2016, 11, 8))
    assert births.read.all()
    births = read_births(pd.Series([86_400_000, 100_000_000_000] * 9), datetime.date(2016, 11, 8))
    assert births.read.all()


@pytest.mark.parametrize(("times", "read"), [(1, True), (4, True), (5, False)])
def test_a_doubtful_day_alone_is_heaped_from_five_on(times, read):
    assert (_range(*["1970-01-01"] * times) is not None) == read


@pytest.mark.parametrize("cell", ["0", "99", "100", "120"])
def test_ages_that_programs_write_for_none_are_doubtful(cell):
    """As often as five times any other age; 98 and 101 are ages, however frequent."""
    for times, read in ((9, True), (10, False)):
        assert (_range(*[cell] * times, "40", "40", "41") is not None) == read
    for other in ("1", "98", "101", "119"):
        assert _range(*[other] * 10, "40", "40", "41") is not None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # Dates are written in 8 to 40 letters, or with a year of two digits.
        ("1/2/1980", ("1980-01-02", "1980-02-01")), ("01/02/80", ("1980-01-02", "1980-02-01")),
        ("1/2/80", ("1980-01-02", "1980-02-01")), ("13/2/1980", ("1980-02-13", "1980-02-13")),
        ("800-01-01", None), ("12-2000", ("2000-12-01", "2000-12-31")),
        ("1-2000", ("2000-01-01", "2000-01-31")), ("2000-12", ("2000-12-01", "2000-12-31")),
        ("2000-13", None), ("2000-00", None), ("1999 à 2001",
         ("1999-01-01", "2001-12-31")), ("7 ans", ("2008-11-09", "2009-11-08")),
        ("1000 ans", None), ("18-", None), ("+18", ("1894-11-08", "1998-11-08")),
    ],
)  # fmt: skip
def test_forms_of_births_have_their_digits(cell, expected):
    assert _range(cell) == expected


@pytest.mark.parametrize(
    "birthdays",
    [
        # Mailchimp's field of a birthday, month first; vCard 4.0; a French list; no zeros.
        ["03/12", "12/25", "07/04"],
        ["--03-12", "--12-25", "--07-04"],
        ["12.03.", "25.12.", "04.07."],
        ["3/12", "12/25", "7/4"],
    ],
)
def test_a_day_and_a_month_without_a_year_say_no_age(birthdays):
    # "03/12" is the third of December, and nobody between 3 and 12 years old.
    births = read_births(pd.Series(birthdays), datetime.date(2016, 11, 8))
    assert not births.read.any()
    assert not births.minors.any()
    assert births.possible_minors.all()


@pytest.mark.parametrize(
    ("bands", "minors", "possible"),
    [
        (["0-17", "18-24", "25-34"], 1, 1),
        (["18/24", "25/34", "65+"], 0, 0),
        (["00-04", "05-09", "10-14", "15-19", "20-24", "25-29"], 3, 4),
        (["3-5", "6-10", "11-17"], 3, 3),
    ],
)
def test_bands_of_ages_are_none(bands, minors, possible):
    births = read_births(pd.Series(bands), datetime.date(2016, 11, 8))
    assert (births.minors.sum(), births.possible_minors.sum()) == (minors, possible)


@pytest.mark.parametrize(
    "form",
    ["%d%m%Y", "%m%d%Y", "%d-%b-%y", "%d-%b-%Y", "%d %B %Y"],
)
def test_days_as_programs_write_them_hold_the_minors(form):
    """DDMMYYYY was read as seconds of 1970, with no minor; Oracle's DD-MON-RR not at all."""
    truth = _people(200, 30, 5)
    months = [
        "janv.",
        "févr.",
        "mars",
        "avril",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ]
    texts = []
    for day in truth:
        name = months[day.month - 1]
        text = day.strftime(form.replace("%b", name).replace("%B", name))
        texts.append(text)
    births = read_births(pd.Series(texts), AS_OF)
    assert births.read.all()
    assert births.minors.sum() <= 30 <= births.possible_minors.sum()
    if "%y" not in form:
        assert births.minors.sum() == 30


def test_a_first_zero_that_a_spreadsheet_dropped_is_put_back():
    births = read_births(pd.Series([5081999, 15081999, 31121960, 1011961]), AS_OF)
    assert births.read.all()
    assert births.minors.tolist() == [True, True, False, False]


@pytest.mark.parametrize("years", [1, 2, 4])
def test_years_of_birth_among_ages_make_them_no_days_of_a_spreadsheet(years):
    """Of ten people one, two or four gave the year they were born in; three of the ages are 9."""
    ages = ["9", "9", "9", "40", "41", "52", "33", "64", "75", "28"]
    cells = [*ages[: 10 - years], *["1971", "1982", "1944", "1965"][:years]]
    births = read_births(pd.Series(cells), datetime.date(2016, 11, 8))
    assert births.read.all()
    assert births.minors.sum() == births.possible_minors.sum() == 3


def test_ages_among_years_of_birth_make_these_no_ages():
    """Fewer than half are ages: they are left unread, never taken for days of a spreadsheet."""
    cells = ["9", "40", "1971", "1982", "1944", "1965", "2005", "1950"]
    births = read_births(pd.Series(cells), datetime.date(2016, 11, 8))
    assert births.read.tolist() == [False, False, *[True] * 6]
    assert (births.minors.sum(), births.possible_minors.sum()) == (1, 3)


@pytest.mark.parametrize("slips", [0, 1, 2, 4])
def test_ages_are_never_taken_for_the_first_days_of_1900(slips):
    """Beside numbers that are no ages a child of 9 may be one, whatever their share."""
    cells = [9, 9, 9, 40, 41, 52, 33, 64, 75, 28][slips:] + [30_000, 999, 5_000, 812][:slips]
    births = read_births(pd.Series(cells), datetime.date(2016, 11, 8))
    assert births.minors.sum() <= max(0, 3 - slips) <= births.possible_minors.sum()


@pytest.mark.parametrize("write", [repr, str, lambda seconds: f"{seconds:.1f}"])
def test_seconds_since_2001_are_a_range_where_nobody_would_be_born_in_the_future(write):
    """Telephones of Apple count from 2001: read as of 1970, no child of an address book was one."""
    day = datetime.date(2016, 11, 8)
    ages = [*range(4, 17), *range(25, 80)]
    born = [day.replace(year=day.year - age, day=1) for age in ages]
    apple = [write((b - datetime.date(2001, 1, 1)).days * 86_400 + 43_200) for b in born]
    births = read_births(pd.Series(apple), day)
    assert births.minors.sum() <= 13 <= births.possible_minors.sum()
    unix = [write((b - datetime.date(1970, 1, 1)).days * 86_400) for b in born]
    births = read_births(pd.Series(unix), day)
    assert births.minors.sum() == births.possible_minors.sum() == 13


@pytest.mark.parametrize(("noon", "both"), [(4, False), (5, False), (6, True)])
def test_most_seconds_at_noon_may_be_of_2001_where_the_day_of_the_file_is_not_known(noon, both):
    """Of ten births of 1980, as Apple writes them, or counted from 1970 by another program."""
    day = (datetime.date(1980, 5, 2) - datetime.date(1970, 1, 1)).days * 86_400
    cells = [day + 86_400 * n + 43_200 * (n < noon) for n in range(10)]
    births = read_births(pd.Series(cells), None)
    assert str(births.earliest[9]) == "1980-05-11"
    # 11,323 days later, where it may be either.
    assert str(births.latest[9]) == ("2011-05-12" if both else "1980-05-11")


def test_dates_that_a_spreadsheet_turned_are_read_both_ways():
    """Days first, opened by a program of months first: what could be turned is a date there."""
    day = datetime.date(2016, 11, 8)
    born = [day.replace(year=1998) + datetime.timedelta(days=n) for n in range(-200, 200, 5)]
    turned = [
        f"{b.year}-{b.day:02d}-{b.month:02d}" if b.day <= 12 else f"{b:%d/%m/%Y}" for b in born
    ]
    births = read_births(pd.Series(turned), day)
    truth = np.array([b > day.replace(year=1998) for b in born])
    assert not (births.minors & ~truth).any()
    assert (births.possible_minors | ~truth).all()
    assert births.minors.sum() < truth.sum() < births.possible_minors.sum()


def test_dates_beside_texts_of_any_day_are_read_as_they_stand():
    day = datetime.date(2016, 11, 8)
    born = [day.replace(year=1998) + datetime.timedelta(days=n) for n in range(-200, 200, 5)]
    mixed = [str(b) if n % 2 else f"{b:%d/%m/%Y}" for n, b in enumerate(born)]
    births = read_births(pd.Series(mixed), day)
    assert births.minors.tolist() == [b > day.replace(year=1998) for b in born]


@pytest.mark.parametrize("write", ["{0.day:02d}. {0.month:02d}. {0.year}", "{0:%Y. %m. %d.}"])
def test_dates_of_czech_and_hungarian_forms_are_read(write):
    day = datetime.date(2016, 11, 8)
    born = [day.replace(year=1998) + datetime.timedelta(days=n) for n in range(-200, 200, 5)]
    births = read_births(pd.Series([write.format(b) for b in born]), day)
    assert births.read.all()
    assert births.minors.tolist() == [b > day.replace(year=1998) for b in born]


def test_an_age_below_nought_is_read_as_no_age():
    """Ten ages of 100 have a minus, two of them of minors: 12 of 14 were the most."""
    ages = [str(a) for a in [9] * 12 + [40] * 78] + ["-9"] * 2 + ["-40"] * 8
    births = read_births(pd.Series(ages), AS_OF)
    assert births.minors.sum() <= 14 <= births.possible_minors.sum()
    assert not births.read[90:].any()


@pytest.mark.parametrize(
    ("read", "number", "expected"),
    [
        # Julian days of 1850, 1970, 2000 (J2000) and 2100, and the day before and after them.
        (_as_julian_day, 2_396_758, None), (_as_julian_day, 2_396_759, ["1850-01-01"] * 2),
        (_as_julian_day, 2_440_588, ["1970-01-01"] * 2),
        (_as_julian_day, 2_451_545, ["2000-01-01"] * 2),
        (_as_julian_day, 2_488_069, ["2099-12-31"] * 2), (_as_julian_day, 2_488_070, None),
        (_as_month, 179_912, None), (_as_month, 180_001, ["1800-01-01", "1800-01-31"]),
        (_as_month, 209_912, ["2099-12-01", "2099-12-31"]), (_as_month, 210_001, None),
        (_as_year, 999, None), (_as_year, 1_000, ["1000-01-01", "1000-12-31"]),
        (_as_year, 9_999, ["9999-01-01", "9999-12-31"]), (_as_year, 10_000, None),
        # Of 1900 and of 1904; a spreadsheet shows day 1 as 31 December 1899.
        (_as_sheet_day, 0, None), (_as_sheet_day, 1, ["1899-12-31", "1904-01-02"]),
        (_as_sheet_day, 25_569, ["1970-01-01", "1974-01-02"]),
        # Who is 0 was born within the year before, the birthday of a year ago left out.
        (_as_age, -1, None), (_as_age, 0, ["2015-11-09", "2016-11-08"]),
        (_as_age, OLDEST_AGE, ["1893-11-09", "1894-11-08"]), (_as_age, OLDEST_AGE + 1, None),
    ],
)  # fmt: skip
def test_a_number_of_a_unit_is_read_within_its_limits(read, number, expected):
    found = read(number, np.datetime64("2016-11-08"))
    assert (found and [str(day) for day in found]) == expected


_DAY = datetime.date(2016, 11, 8)
_OTHERS = [str(np.datetime64("1950-03-04") + np.timedelta64(61 * k, "D")) for k in range(20)]


def _noted(cells, **of_people):
    """Return how many records each note of a column counts, and its certain minors."""
    births = read_births(pd.Series(cells), _DAY)
    notes = births.notes("naissance", **of_people)
    assert births.read.all()
    return {note.key: note.values["records"] for note in notes}, int(births.minors.sum())


@pytest.mark.parametrize(
    ("often", "others", "each", "noted"),
    [
        (10, 12, 1, True), (9, 12, 1, False),  # ten records
        (12, 12, 6, True), (11, 12, 6, False),  # twice those of any other day
        (10, 10, 1, True), (10, 9, 1, False),  # among ten other days
    ],
)  # fmt: skip
def test_a_day_that_far_more_records_have_than_any_other_is_kept_and_noted(
    often, others, each, noted
):
    found = _noted(["2000-01-01"] * often + _OTHERS[:others] * each)
    assert found == ({"births_heaped": often} if noted else {}, often)


def test_at_most_three_days_are_heaps():
    defaults = ["2010-01-01", "1990-01-01", "2000-01-01", "2001-01-01"]
    for n, noted, minors in ((3, {"births_heaped": 60}, 40), (4, {}, 60)):
        assert _noted([*defaults[:n] * 20, *_OTHERS[:12]]) == (noted, minors)


def test_a_day_written_in_two_ways_is_one_day():
    cells = ["2000-02-01"] * 6 + ["2000-02-01 00:00:00"] * 6 + _OTHERS[:12]
    assert _noted(cells)[0] == {"births_heaped": 12}


def test_births_that_are_kept_to_the_year_are_no_heaps():
    years = [f"{year}-01-01" for year in range(1950, 1962)]
    assert _noted(["2008-01-01"] * 60 + ["2007-01-01"] * 25 + ["2006-01-01"] * 6 + years)[1] == 91
    # As many on other days as on 1 January, besides the heap.
    for of_years, noted in ((12, {"births_heaped": 60}), (13, {})):
        births = [f"{1950 + k}-01-01" for k in range(of_years)] + _OTHERS[:12]
        assert _noted(["2008-01-01"] * 60 + births) == (noted, 60)


def test_the_visits_of_one_person_are_no_heap():
    cells = ["2008-05-06"] * 40 + _OTHERS[:12]
    for people, noted in ((1, {}), (9, {}), (10, {"births_heaped": 40})):
        first = np.array([*(k < people for k in range(40)), *[True] * 12])
        assert _noted(cells, people=first) == (noted, 40)


@pytest.mark.parametrize(
    ("age", "times", "beside", "noted"),
    [
        ("0", 12, ["2"] * 4, True), ("0", 11, ["2"] * 4, False), ("0", 9, ["2"], False),
        ("0", 12, [], False),  # nobody of a near age: as of people over 20
        ("99", 12, ["97"] * 4, True), ("30", 40, [], False),
    ],
)  # fmt: skip
def test_a_doubtful_age_far_above_those_beside_it_is_kept_and_noted(age, times, beside, noted):
    found, minors = _noted([age] * times + beside + [str(20 + k % 50) for k in range(400)])
    assert found == ({"ages_heaped": times} if noted else {})
    assert minors == (times if age == "0" else 0) + beside.count("2")


def test_the_newborn_and_the_ages_in_tens_stay_minors():
    assert _noted([str(10 * k) for k in range(10) for _ in range(12)]) == ({}, 24)


@pytest.mark.parametrize(("dates", "left", "turned"), [(7, 8, 0), (8, 7, 0), (8, 8, 8), (9, 8, 9)])
def test_eight_dates_and_eight_texts_show_that_a_sheet_has_turned_them(dates, left, turned):
    texts = ["1980-05-12"] * dates + ["25/12/1980"] * left
    assert [text for text in _turned_by_a_sheet(texts) if text] == ["1980-12-05"] * turned


@pytest.mark.parametrize(("text", "short"), [
    ("1/2/80", True), ("01-02-80", True), ("1/2/180", False), ("1/2-80", False),
    ("1er mai 80", True), ("12 mai 80", True), ("12-mai-80", True), ("12 mai, 80", True),
    ("12 ma 80", False), ("12 septembre 80", True), ("12 septembreX 80", False),
    ("12 mai.  80", True), ("12 mai   80", False), ("12 mai 180", False),
])  # fmt: skip
def test_a_short_year_has_two_digits_behind_a_month_of_three_to_nine_letters(text, short):
    assert _short(text) == short


@pytest.mark.parametrize(
    "header",
    ["CODE_COMMUNE_INSEE_NAISS", "INSEE_NAISS", "code_dept_naiss", "naiss_commune", "cp_naiss",
     "Dpt naissance", "Code postal naissance"],
)  # fmt: skip
def test_where_somebody_was_born_is_no_date(header):
    """Codes of communes, as a sheet numbers days, made minors of 40 of 60 pupils."""
    codes = ["38185", "38421", "69381", "42218", "01004"] * 12
    made = pa.inspect(pd.DataFrame({"NOM": NAMES, header: codes}), as_of=AS_OF.isoformat())
    assert (made.births, made.roles.key) == ("", (header,))
