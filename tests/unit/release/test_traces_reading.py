"""Traces are read whatever the order, the frame or the gaps, and hold no identifier."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import privaudit as pa
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.release.read_traces import read_traces
from privaudit.words.catalogues import Note

LOG = pd.DataFrame(
    {
        "account": ["b", "a", "a", None, "c", "a"],
        "page": ["x", "y", "x", "x", "z", None],
        "at": pd.to_datetime(
            [
                "2016-06-02 10:30",
                "2016-06-01",
                "2016-06-01 23:59",
                "2016-06-01",
                "2016-07-01",
                None,
            ],
            format="ISO8601",
        ),
        "stars": [1.0, 2.0, np.nan, 3.0, 4.0, 5.0],
    }
)
ROLES = {"person": "account", "item": "page", "time": "at", "value": "stars"}


def same(left, right):
    assert (left.n_people, left.n_items) == (right.n_people, right.n_items)
    for name in ("person", "item", "time", "value", "item_person"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))


def test_codes_follow_the_sorted_names_and_gaps_are_counted():
    traces = read_traces(LOG, **ROLES)
    assert traces.person.tolist() == [0, 0, 1, 2]
    assert traces.item.tolist() == [0, 1, 0, 2]
    assert traces.time[1] == 1464739200  # 1 June 2016, 0:00 UTC
    np.testing.assert_array_equal(traces.value, [np.nan, 2, 1, 4])
    assert traces.set_aside == {Note("no_person"): 1, Note("no_item"): 1}


def test_a_row_is_set_aside_once():
    log = pd.DataFrame({"who": ["a", "b", None], "what": ["x", "x", None]})
    assert read_traces(log, person="who", item="what").set_aside == {Note("no_person"): 1}


def test_the_frame_is_left_alone_and_row_order_does_not_matter():
    before = LOG.copy(deep=True)
    first = read_traces(LOG, **ROLES)
    pd.testing.assert_frame_equal(LOG, before)
    mixed = LOG.iloc[[4, 2, 0, 5, 3, 1]].set_axis([9, 9, 3, 3, 0, 1])
    same(first, read_traces(mixed, **ROLES))


@pytest.mark.parametrize("lazy", [False, True])
def test_polars_frames_read_the_same(lazy):
    frame = pl.DataFrame(
        {
            "account": [None if pd.isna(a) else a for a in LOG["account"]],
            "page": [None if pd.isna(p) else p for p in LOG["page"]],
            "at": [None if pd.isna(t) else t.to_pydatetime() for t in LOG["at"]],
            "stars": LOG["stars"].tolist(),
        }
    )
    same(read_traces(LOG, **ROLES), read_traces(frame.lazy() if lazy else frame, **ROLES))


def test_iso_text_and_zones_become_utc():
    at = ["2016-06-01T02:00+02:00", "x", "2016-06-01T00:01"]
    log = pd.DataFrame({"who": ["a", "b", "b"], "what": [1, 1, 1], "at": at})
    traces = read_traces(log, person="who", item="what", time="at")
    assert traces.time.tolist() == [1464739200, 1464739260]
    assert traces.set_aside == {Note("no_time"): 1}


def test_no_identifier_remains():
    log = pd.DataFrame({"who": ["Meyer", "Durand"], "what": ["page of X", "page of Y"]})
    traces = read_traces(log, person="who", item="what")
    held = repr(traces) + "".join(repr(value) for value in vars(traces).values())
    assert "Meyer" not in held
    assert "page" not in held


def test_items_that_are_people_are_known_as_such():
    calls = pd.DataFrame({"from": ["a", "b", "b"], "to": ["b", "c", "a"]})
    traces = read_traces(calls, person="from", item="to", items_are_people=True)
    assert traces.item_person.tolist() == [0, 1, -1]
    # Nothing is guessed: page 7 is not account 7.
    assert read_traces(calls, person="from", item="to").item_person.tolist() == [-1, -1, -1]


def test_points_are_items_in_windows():
    traces = read_traces(LOG, **ROLES)
    point, n_points = traces.points()
    assert (point.tolist(), n_points) == ([0, 1, 0, 2], 3)
    by_day, _ = traces.points(hours=24)
    # a was at x on 1 June, b at x on 2 June: one item, two points.
    assert len(set(by_day.tolist())) == 4
    by_year, _ = traces.points(hours=24 * 366)
    assert len(set(by_year.tolist())) == 3


def test_wide_points_are_made_dense():
    days = pd.to_datetime(["1970-01-02", "2020-01-01", "2020-01-02"])
    log = pd.DataFrame({"who": range(3), "what": range(3), "at": days})
    traces = read_traces(log, person="who", item="what", time="at")
    codes, n_points = traces.points(hours=1 / 3600)  # 1.6e9 windows
    assert n_points == 3
    assert sorted(codes.tolist()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"person": "acount", "item": "page"}, "Did you mean 'account'"),
        ({"person": "account", "item": "page", "time": "stars"}, "numbers"),
        ({"person": "account", "item": "page", "value": "page"}, "value column of numbers"),
    ],
)
def test_wrong_columns_are_refused(roles, said):
    with pytest.raises((SchemaError, ParameterError), match=said):
        read_traces(LOG, **roles)


def test_no_usable_row_is_refused():
    with pytest.raises(SchemaError, match="a row with a person"):
        read_traces(LOG.iloc[[3, 5]], person="account", item="page")


def test_windows_need_times():
    traces = read_traces(LOG, person="account", item="page")
    with pytest.raises(ParameterError, match="time="):
        traces.points(hours=1)
    with pytest.raises(ParameterError, match="hours"):
        read_traces(LOG, **ROLES).points(hours=0)


@pytest.mark.parametrize(
    ("frame", "roles", "said"),
    [
        (5, {}, "a data frame, .* but got an int"),
        (None, {}, "a data frame, .* but got None"),
        ({"account": ["a"], "page": ["x"]}, {}, "a data frame, .* but got a dict"),
        (pd.DataFrame({"account": [["a"], ["b"]], "page": [1, 2]}), {}, "person column"),
        (pd.DataFrame({"account": [1, 2], "page": [{}, {}]}), {}, "item column"),
        (
            pd.DataFrame({"account": [1, 2], "page": [1, 2], "at": ["2016-06-01", 3]}),
            {"time": "at"},
            "mixed values",
        ),
        (
            pd.DataFrame({"account": [1, 2], "page": [1, 2], "stars": [1, np.inf]}),
            {"value": "stars"},
            "infinite",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(frame, roles, said):
    with pytest.raises((SchemaError, ParameterError), match=said):
        read_traces(frame, person="account", item="page", **roles)


@pytest.mark.parametrize(
    "measure",
    [
        pa.traces.known_points_risk,
        pa.traces.home_work_risk,
        pa.traces.neighbourhood_risk,
        pa.traces.scoreboard,
        pa.traces.match_periods,
        pa.traces.match_neighbourhoods,
    ],
)
def test_a_frame_is_no_traces(measure):
    with pytest.raises(ParameterError, match="Read a log with read_traces"):
        measure(LOG)


def test_unicity_reads_a_frame_by_its_columns():
    columns = {"person": "account", "item": "page"}
    mine, read = pa.unicity(LOG, points=1, **columns), read_traces(LOG, **columns)
    pd.testing.assert_frame_equal(mine.to_frame(), pa.unicity(read, points=1).to_frame())
    # Without names: the same columns, by their headers.
    pd.testing.assert_frame_equal(mine.to_frame(), pa.unicity(LOG, points=1).to_frame())


def test_no_time_that_can_be_read_names_the_column_the_count_and_the_format():
    log = pd.DataFrame({"p": ["a", "b", None], "i": ["x", "y", "x"], "when": ["Monday"] * 3})
    with pytest.raises(SchemaError) as caught:
        read_traces(log, person="p", item="i", time="when")
    said = str(caught.value)
    assert "a time that can be read in 'when'" in said
    assert "no person: 1, no time: 2" in said
    assert "2016-09-01T14:30" in said
    assert "Monday" not in said


def test_one_column_cannot_be_both_person_and_item():
    with pytest.raises(ParameterError, match="two columns, but got 'account' as both"):
        read_traces(LOG, person="account", item="account")


def test_a_log_of_one_person_is_refused():
    with pytest.raises(SchemaError, match=r"two people or more.*column 'account'"):
        read_traces(LOG[LOG["account"] == "a"], person="account", item="page")


def test_a_log_is_read_from_its_file(tmp_path):
    file = tmp_path / "likes.csv"
    file.write_text("account;page;at\na;x;2016-09-01\nb;x;2016-09-02\n;x;2016-09-02\na;x;1;2\n")
    traces = read_traces(file, person="account", item="page", time="at")
    assert (len(traces), traces.n_people, traces.name) == (2, 2, "likes.csv")
    assert traces.set_aside == {Note("line_with_more_fields"): 1, Note("no_person"): 1}
    assert read_traces(file, person="account", item="page", name="log").name == "log"
    with pytest.raises(ReadError, match="no such file"):
        read_traces(tmp_path / "none.csv", person="account", item="page")


@pytest.mark.parametrize("empty", [None, ""])
def test_a_column_of_times_without_one_is_refused_in_a_line(empty):
    """Found by the fuzz in a file cut after its first name: a traceback."""
    frame = pd.DataFrame({"who": ["a", "b"], "what": ["x", "y"],
                          "when": pd.Series([empty] * 2, dtype="str")})  # fmt: skip
    with pytest.raises(SchemaError, match="no time: 2"):
        read_traces(frame, person="who", item="what", time="when")


def _keys(log):
    notes = read_traces(log, person="account", item="page", time="at").notes
    return {note.key: note.values for note in notes}


def test_lines_that_stand_twice_are_said_where_they_have_an_hour():
    """Two parts of a rotated log overlap in two lines of six: 6 events, 2 of them again."""
    log = pd.DataFrame({"account": list("abcabc"), "page": list("xyzxyy")}).assign(
        at=["2016-06-01 10:30", "2016-06-02 11:00", "2016-06-03 08:15"] * 2
    )
    assert _keys(log)["events_repeated"] == {"n": 2}
    assert "events_repeated" not in _keys(log.assign(at=log["at"].str[:10]))
    assert "events_repeated" not in _keys(log.iloc[:3])


@pytest.mark.parametrize(("day", "said"), [("2000-01-01", True), ("2015-09-01", False)])
def test_a_clock_that_was_not_set_is_said(day, said):
    """One of ten events is dated 16 years, or nine months, before a week of June."""
    days = [f"2016-06-0{i}" for i in range(1, 10)]
    log = pd.DataFrame({"account": list("abcde") * 2, "page": "x", "at": [day, *days]})
    apart = _keys(log).get("times_apart")
    assert apart == ({"n": 1, "years": 16} if said else None)


@pytest.mark.parametrize(("zones", "said"), [
    ({"timezone": ["Europe/Paris", "UTC"] * 5}, {"column": "timezone", "n": 2}),
    ({"fuseau_horaire": ["Paris"] * 9 + ["Cayenne"]}, {"column": "fuseau_horaire", "n": 2}),
    ({"timezone": ["Europe/Paris", "UTC", "", " ", "nan"] * 2}, {"column": "timezone", "n": 2}),
    ({"timezone": ["UTC"] * 10}, None),
    ({"timezone": ["Europe/Paris", ""] * 5}, None),
    ({"timezone": ["Europe/Paris", None] * 5}, None),
    ({"timezone": [" "] * 10}, None),
    ({"zone": ["Nord", "Sud"] * 5}, None),
])  # fmt: skip
def test_a_column_of_time_zones_that_is_not_used_is_named(zones, said):
    days = [f"2016-06-0{i} 08:00" for i in range(1, 10)]
    log = pd.DataFrame({"account": list("abcde") * 2, "page": "x", "at": [*days, days[0]], **zones})
    assert _keys(log).get("zones_beside") == said
