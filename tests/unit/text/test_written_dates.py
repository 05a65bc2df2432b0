"""Dates as logs and exports write them; each expected moment is written out beside it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.release.read_traces import read_traces
from privaudit.text.dates import looks_like_dates, parse_dates, timestamp_unit

# All say 30 March 2016, 18:26 and 51 seconds, UTC, or what of it they can say.
WRITTEN = {
    "30/03/2016 à 18h26": "2016-03-30T18:26",
    "30 mars 2016 à 18 h 26": "2016-03-30T18:26",
    "mercredi 30 mars 2016 à 18h": "2016-03-30T18:00",
    "mer. 30 mars 2016 18:26": "2016-03-30T18:26",
    "mar 30 mars 2016": "2016-03-30T00:00",
    "03/30/2016 06:26 PM": "2016-03-30T18:26",
    "Mar 30, 2016, 06:26:51 PM": "2016-03-30T18:26:51",
    "Wednesday, March 30, 2016 at 7:26pm UTC+01": "2016-03-30T18:26",
    "Wed, 30 Mar 2016 19:26:51 +0100": "2016-03-30T18:26:51",
    "Wed Mar 30 18:26:51 +0000 2016": "2016-03-30T18:26:51",
    "Wed Mar 30 18:26:51 2016": "2016-03-30T18:26:51",
    "2016/03/30 18:26:51 UTC": "2016-03-30T18:26:51",
    "30/03/2016 20:26 GMT+2": "2016-03-30T18:26",
    "2016-03-30 12:26 AM": "2016-03-30T00:26",
    "2016-03-30 12:26 PM": "2016-03-30T12:26",
    "30-Mar-2016 18:26": "2016-03-30T18:26",
}  # fmt: skip


@pytest.mark.parametrize(("text", "moment"), WRITTEN.items(), ids=WRITTEN)
def test_a_moment_is_read_however_it_is_written(text, moment):
    assert parse_dates([text]).time[0] == np.datetime64(moment)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # A day of one digit, a year first, a month of three and of nine letters, two blanks.
        ("Tue 8 Mar 2016", 8), ("mar. 8 mars 2016", 8), ("Tue 8/03/2016", 8),
        ("Wed 2016-03-30", 30), ("Tue Mar  8 18:26:51 2016", 8), ("Tuesday, Mar 8, 2016", 8),
    ],
)  # fmt: skip
def test_a_day_of_the_week_stands_before_any_date(text, day):
    at = parse_dates([text, "30/03/2016"]).time[0]
    assert at.astype("M8[D]") == np.datetime64(f"2016-03-{day:02}")


def test_the_longest_month_follows_a_day_of_the_week():
    at = parse_dates(["Wednesday, September 7, 2016"]).time[0]
    assert at == np.datetime64("2016-09-07")


@pytest.mark.parametrize(
    "text", ["2016-03-30 13:26 PM", "2016-03-30 00:26 AM", "30 martin 2016", "mar 30", "2016-02-30",
             "Martin 12, 2016", "Wed 30", "30/03/16 18:26", "2016", "2016-03", "today", ""],
)  # fmt: skip
def test_what_is_no_moment_is_none(text):
    assert np.isnat(parse_dates([text]).time[0])
    # Nor beside a day, though NumPy reads a year, a month and "today".
    assert np.isnat(parse_dates(["2016-03-30", text]).time).tolist() == [False, True]


@pytest.mark.parametrize(
    ("written", "note"),
    [
        (["30/03/16 18:26", "31/12/16 00:00", "01/04/16 09:05"], "times_of_two_digits"),
        # Days since 30 December 1899: 42,459 is 30 March 2016; .75 of one is six in the evening.
        ([42459 + (18 * 60 + 26) / 1440, 42735.0, 42461 + (9 * 60 + 5) / 1440], "times_of_a_sheet"),
    ],
)
def test_a_log_of_a_spreadsheet_is_read_with_a_note(written, note):
    log = pd.DataFrame({"who": list("aba"), "what": list("xyz"), "at": written})
    traces = read_traces(log, person="who", item="what", time="at")
    moments = pd.to_datetime(["2016-03-30 18:26", "2016-04-01 09:05", "2016-12-31 00:00"])
    assert sorted(traces.time.tolist()) == [m.timestamp() for m in moments]
    assert note in [one.key for one in traces.notes]


def test_what_is_counted_lies_between_2000_and_2050():
    """1 January 2000 is 10,957 days after 1970, and 1 January 2050 is 29,220; of 86,400 s each.

    8 November 2016 in seconds since 1904, as Macintosh counted them, would be one of 2082.
    """
    first, end = 10_957 * 86_400, 29_220 * 86_400
    assert timestamp_unit(np.array([(17_113 + 24_107) * 86_400.0])) == ""
    for many, unit in ((1, "s"), (10**3, "ms"), (10**6, "us")):
        assert timestamp_unit(np.array([first * many, end * many - 1.0])) == unit
        assert timestamp_unit(np.array([first * many - 1.0])) == ""
        assert timestamp_unit(np.array([float(end * many)])) == ""


def test_formats_are_counted():
    assert parse_dates(["2016-11-08", "2016-11-09"]).formats == 1
    assert parse_dates(["2016-11-08", "09/11/2016", "09.11.2016", "9 nov. 2016"]).formats == 4


@given(st.lists(st.dates().map(str) | st.sampled_from(["2021-02-29", "2016-13-01", "0000-01-01"])))
def test_days_are_read_at_once_as_among_others(texts):
    alone = parse_dates(texts)
    among = parse_dates([*texts, "08/11/2016"])
    assert alone.time.astype(str).tolist() == among.time[:-1].astype(str).tolist()
    assert (alone.order, alone.formats) == ("", int(bool(texts)))
    assert not alone.turned.any()
    assert not alone.short.any()


# The twelve-hour clock: noon is 12 PM and midnight 12 AM; no hour is 0 or 13 there.
@pytest.mark.parametrize(
    ("hour", "half", "expected"),
    [(12, "AM", 0), (1, "AM", 1), (2, "AM", 2), (11, "AM", 11), (12, "PM", 12), (1, "PM", 13),
     (11, "PM", 23), (0, "AM", None), (13, "AM", None), (0, "PM", None), (23, "", 23),
     (24, "", None)],
)  # fmt: skip
def test_an_hour_is_of_twelve_with_its_half_and_of_24_without(hour, half, expected):
    found = parse_dates([f"2016-03-30 {hour}:05 {half}".strip(), "8 nov. 2016"]).time[0]
    moment = None if expected is None else np.datetime64(f"2016-03-30T{expected:02d}:05")
    assert (None if np.isnat(found) else found) == moment


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [("Z", 0), ("UTC", 0), ("GMT", 0), ("+1", 60), ("+01", 60), ("-5", -300), ("+0530", 330),
     ("+05:30", 330), ("-03:30", -210), ("UTC+2", 120), ("GMT-11", -660)],
)  # fmt: skip
def test_a_zone_is_so_many_hours_and_minutes_ahead(zone, minutes):
    found = parse_dates([f"30 mars 2016 18:26 {zone}"]).time[0]
    assert found == np.datetime64("2016-03-30T18:26") - np.timedelta64(minutes, "m")


# A part above 12 is a day; where some stand first and others last, what could be either is none.
@pytest.mark.parametrize(
    ("texts", "order", "read"),
    [
        (["12/12/2016", "11/12/2016"], "undecided", [(12, 12), (12, 11)]),
        (["13/12/2016", "11/12/2016"], "day", [(12, 13), (12, 11)]),
        (["12/13/2016", "11/12/2016"], "month", [(12, 13), (11, 12)]),
        (["13/12/2016", "12/13/2016", "11/12/2016", "12/12/2016"], "both",
         [(12, 13), (12, 13), None, (12, 12)]),
        (["13/12/2016", "10/13/2016", "12/13/2016", "12/1/2016"], "both",
         [(12, 13), (10, 13), (12, 13), None]),
        (["2016-12-13"], "", [(12, 13)]),
    ],
)  # fmt: skip
def test_a_part_above_twelve_decides_which_is_the_day(texts, order, read):
    dates = parse_dates(texts)
    assert dates.order == order
    days = [time.astype("M8[D]").item() for time in dates.time]
    assert [day and (day.month, day.day) for day in days] == read
    # What is given goes before what the values say.
    if order in ("undecided", "day", "month"):
        assert parse_dates(texts, True).order == "day"
        assert parse_dates(texts, False).order == "month"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1.1.16", True), ("2016-1-1", True), ("20160-01-01", False), ("8/11/2016", True),
        ("8/11/201", False), ("8/111/2016", False), ("8 nov 2016", True), ("8 no 2016", False),
        ("8th November 2016", True), ("8 novemberrrr 2016", False), ("8-nov.-2016", True),
    ],
)  # fmt: skip
def test_a_date_has_one_or_two_digits_a_part_and_two_or_four_of_a_year(text, date):
    assert np.isnat(parse_dates([text], century="20").time[0]) is np.bool_(not date)


@pytest.mark.parametrize(
    ("texts", "dates"),
    [
        (["8.11.2016", "x", "y"], False), (["8.11.2016", "x"], False),
        (["8.11.2016", "9.11.2016", "x"], True), (["1.1.2016"], True), (["1.1.201"], False),
        (["1.1.16"], False), (["30 septembre 2016 18:26:51.123456 UTC"], True),
        (["mercredi 30 septembre 2016, 18:26:51 GMT"], True),
        (["mercredi 30 septembre 2016, 18:26:51.1 GMT"], False), ([], False),
        # The sample has fifty at least: of 98 all are looked at, of 100 every other one.
        (["8.11.2016", "x"] * 49, False), (["8.11.2016", "x"] * 50, True),
    ],
)  # fmt: skip
def test_most_of_a_sample_are_dates_of_eight_to_forty_letters(texts, dates):
    assert looks_like_dates(texts) is dates


@pytest.mark.parametrize(
    ("numbers", "unit"),
    [
        # Seconds of the first and the last of 2000 to 2049, and one before and after.
        ([946_684_800], "s"), ([946_684_799], ""), ([2_524_607_999], "s"), ([2_524_608_000], ""),
        ([946_684_800e3], "ms"), ([946_684_799_999], ""), ([2_524_607_999_999], "ms"),
        ([2_524_608_000e3], ""), ([946_684_800e6], "us"), ([2_524_608_000e6], ""),
        ([946_684_800e9], "ns"), ([2_524_608_000e9], ""),
        ([946_684_800, 946_684_799], ""), ([2_524_607_999, 2_524_608_000], ""),
        # Days of a spreadsheet, 36,526 to 54,788, of which one at least has an hour.
        ([36_526, 36_526.5], "sheet"), ([36_525.5, 36_526.5], ""), ([36_526, 36_527], ""),
        ([54_788.5], "sheet"), ([54_789, 54_788.5], ""), ([np.nan], ""),
        ([np.nan, 36_526.5], "sheet"),
    ],
)  # fmt: skip
def test_moments_of_2000_to_2049_are_known_by_their_numbers(numbers, unit):
    assert timestamp_unit(np.array(numbers, dtype=np.float64)) == unit
