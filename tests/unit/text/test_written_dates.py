"""Dates as logs and exports write them; each expected moment is written out beside it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.release.read_traces import read_traces
from privaudit.text.dates import parse_dates, timestamp_unit

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
    "text", ["2016-03-30 13:26 PM", "2016-03-30 00:26 AM", "30 martin 2016", "mar 30", "2016-02-30",
             "Martin 12, 2016", "Wed 30", "30/03/16 18:26"],
)  # fmt: skip
def test_what_is_no_moment_is_none(text):
    assert np.isnat(parse_dates([text]).time[0])


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


def test_what_is_counted_lies_between_2000_and_2100():
    """1 January 2000 is 10,957 days after 1970, and 1 January 2100 is 47,482; of 86,400 s each."""
    first, end = 10_957 * 86_400, 47_482 * 86_400
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
