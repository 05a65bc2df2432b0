"""Births and ages as files write them: low <= true number of minors <= high, however written."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.columns.births import read_births

AS_OF = datetime.date(2016, 11, 8)
EPOCH = datetime.date(1970, 1, 1)


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
