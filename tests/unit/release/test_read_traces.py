"""Events as codes, at their limits: what is no time, what stands twice, what a header proposes."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.values import Reading
from privaudit.errors import ParameterError, SchemaError
from privaudit.release import read_traces as module
from privaudit.release.read_traces import (
    Traces,
    _columns,
    _doubtful_events,
    _numbers,
    _proposed,
    _times,
    _usable,
    _without_null_times,
    event_columns,
    is_of_list,
    read_traces,
)
from privaudit.words.catalogues import Note

DAY, YEAR = 86_400, 366 * 86_400


def events(item, time=None, n_items=3):
    return Traces(person=np.zeros(len(item), np.int32), item=np.array(item, np.int32), value=None,
                  time=None if time is None else np.array(time), n_people=2, n_items=n_items,
                  item_person=np.full(n_items, -1))  # fmt: skip


def test_a_point_is_an_item_in_a_window():
    # Windows of two hours from 1970: 7,199 s is in the first, 7,200 s in the second.
    found, n = events([0, 0, 2, 1], [7_199, 7_200, 14_399, 21_600]).points(2)
    assert (found.tolist(), n) == ([0, 1, 9, 7], 12)
    assert events([0, 2]).points()[1] == 3
    with pytest.raises(ParameterError, match="hours"):
        events([0], [0]).points(0)
    with pytest.raises(ParameterError, match="a time for each event"):
        events([0]).points(1)


@pytest.mark.parametrize(("most", "points"), [(12, 12), (11, 4)])
def test_beyond_so_many_points_codes_are_dense(most, points, monkeypatch):
    monkeypatch.setattr(module, "_WIDE", most)
    found, n = events([0, 0, 2, 1], [7_199, 7_200, 14_399, 21_600]).points(2)
    assert n == points
    assert len(np.unique(found)) == 4


def said(times, *keys):
    """Notes on events with these keys, one a person unless others are given."""
    times = np.sort(np.array(times))
    keys = keys or (np.arange(len(times)),)
    return {note.key: note.values for note in _doubtful_events([*map(np.array, keys)], times)}


def test_events_that_agree_in_all_are_twice_unless_nobody_has_an_hour():
    days = [DAY, 2 * DAY, 3 * DAY, 3 * DAY + 60]
    assert said(days, [0, 0, 1, 1], [5, 5, 5, 6]) == {"events_repeated": {"n": 1}}
    assert said(days, [0, 0, 0, 0], [5, 5, 5, 5]) == {"events_repeated": {"n": 3}}
    assert said(days, [0, 1, 2, 3], [5, 5, 5, 5]) == {}
    assert said([DAY, 2 * DAY], [0, 0], [5, 5]) == {}


@pytest.mark.parametrize(
    ("times", "apart"),
    [
        # A year before the other three, who lie within a tenth of it.
        ([0, YEAR, YEAR + 1, YEAR + 2], {"n": 1, "years": 1}),
        ([0, YEAR - 1, YEAR, YEAR + 1], None),
        # One of four is few, one of three is not.
        ([0, YEAR, YEAR + 1], None), ([0, 1, YEAR, YEAR + 1, YEAR + 2], None),
        # Of eleven three are not, of twelve they are.
        ([0, 1, 2, *range(2 * YEAR, 2 * YEAR + 8)], None),
        ([0, 1, 2, *range(2 * YEAR, 2 * YEAR + 9)], {"n": 3, "years": 1}),
        # Later as well, and by whole years.
        ([0, 1, 2, 3 * YEAR - 1], {"n": 1, "years": 2}),
        # More than ten times what the others span.
        ([0, YEAR, YEAR, YEAR + YEAR // 10], None),
        ([0, YEAR, YEAR, YEAR + YEAR // 10 - 1], {"n": 1, "years": 1}),
        ([5], None), ([], None),
    ],
)  # fmt: skip
def test_few_events_are_apart_by_a_year_and_ten_times_the_others(times, apart):
    assert said(times).get("times_apart") == apart


@pytest.mark.parametrize(
    ("times", "kept"),
    [
        # 366 days after 1970 the others begin; a day sooner they do not.
        (["1970-01-01", "1971-01-02"], 1), (["1970-01-01", "1971-01-01"], 2),
        (["1970-01-01", None], 1), (["1970-01-01", "1970-01-01"], 2),
        (["1900-01-01", "1970-01-01", "2016-01-01"], 1), (["2016-01-01", "2016-01-02"], 2),
        # Midnight alone is a mark.
        (["1970-01-01 00:00:01", "2016-01-01"], 2),
    ],
)  # fmt: skip
def test_midnight_of_a_day_that_programs_write_for_none_is_no_time(times, kept):
    column = pd.Series(pd.to_datetime(times, format="ISO8601"))
    assert _without_null_times(column).notna().sum() == kept


@pytest.mark.parametrize(
    ("column", "names", "of_list"),
    [
        ("tags.1", ["tags.1", "tags.2"], True), ("tags.1", ["tags.1"], False),
        ("tags.1", ["tags", "tags.1", "tags.2"], False), ("tags", ["tags", "tags.1"], False),
        ("a.1.url", ["a.1.url", "a.1.id"], False), ("a.1.url", ["a.1.url", "a.2.id"], True),
        ("tags.1234", ["tags.1234", "tags.1235"], False), ("a.1", ["a.1", "b.2"], False),
    ],
)  # fmt: skip
def test_one_place_of_several_is_of_a_list(column, names, of_list):
    assert is_of_list(column, names) == of_list


@pytest.mark.parametrize(("people", "who"), [(10, "user"), (11, "")])
def test_a_person_of_a_log_comes_back(people, who):
    # Twelve rows: 1.2 a person of ten.
    frame = pd.DataFrame({"user": [i % people for i in range(12)], "page": "x"})
    assert event_columns(frame)[0] == who
    assert event_columns(frame.assign(user=[0] * 11 + [None]))[0] == "user"
    assert event_columns(frame.assign(user=None))[0] == ""


def test_headers_propose_each_column_once():
    log = pd.DataFrame({"date": [1, 2, 3], "user_page": [*"aab"], "event": [*"xyz"]})
    assert event_columns(log) == ("user_page", "event", "date")
    notes = []
    # A number is no time that a header proposes.
    assert _proposed(log, notes) == ("user_page", "event", "")
    assert notes == [Note("log_columns_proposed", person="user_page", item="event")]
    assert _proposed(log.assign(date=[*"abc"]), []) == ("user_page", "event", "date")
    for lacking in ("user_page", "event"):
        with pytest.raises(SchemaError, match="of a person and of an item"):
            _proposed(log.drop(columns=lacking), [])


def test_a_list_and_zones_are_said_beside_the_columns():
    frame = pd.DataFrame({"who": [*"ab"], "tag.1": [*"xy"], "tag.2": [*"zz"], "tz": ["UTC", "CET"]})
    notes = []
    asked = {"person": "who", "item": "tag.1", "time": None, "value": None}
    assert _columns(asked, frame, notes) == {"person": "who", "item": "tag.1"}
    assert notes == [Note("item_of_list", item="tag.1")]
    notes.clear()
    _columns({**asked, "item": "tz", "time": "tag.2"}, frame, notes)
    assert notes == [Note("zones_beside", column="tz", n=2)]
    with pytest.raises(ParameterError, match="two columns"):
        _columns({**asked, "item": "who"}, frame, notes)


def test_rows_are_set_aside_by_the_first_that_they_lack():
    rows = pd.DataFrame({"person": ["a", None, "b", "c"], "item": [None, None, "x", "y"],
                         "time": [1, 2, None, 4], "value": [None] * 4})  # fmt: skip
    set_aside = {}
    assert _usable(rows, {}, set_aside)["person"].tolist() == ["c"]
    assert set_aside == {Note("no_person"): 1, Note("no_item"): 1, Note("no_time"): 1}
    with pytest.raises(SchemaError, match="a row with a person and an item"):
        _usable(rows.drop(columns="time").head(2), {}, {})
    with pytest.raises(SchemaError, match="a time that can be read in 'at'"):
        _usable(rows.head(3), {"time": "at"}, {})


def read_times(cells, **reading):
    notes = []
    found = _times(pd.Series(cells), "at", Reading(**reading), notes)
    return found.dt.strftime("%Y-%m-%d").tolist(), [note.key for note in notes], notes


def test_times_that_a_machine_counts():
    days, keys, notes = read_times([1_478_563_200, 1_478_649_600])
    assert (days, keys) == (["2016-11-08", "2016-11-09"], ["times_counted"])
    assert notes[0].values == {"column": "at", "unit": "counted_s"}
    # Days of a spreadsheet, as text too.
    days, keys, notes = read_times(["42682.5", "42683.5"])
    assert (days, keys) == (["2016-11-08", "2016-11-09"], ["times_of_a_sheet"])
    assert notes[0].values == {"column": "at"}
    # Where one is no number, none is counted.
    assert "times_counted" not in read_times(["1478563200", "2016-11-09"])[1]
    for cells in ([1, 2], [1.5, 2.5], [1, "2016-11-08", pd.Timestamp("2016-11-08")]):
        with pytest.raises(SchemaError, match="a time column of dates"):
            read_times(cells)


def test_times_of_text_and_of_a_frame():
    assert read_times(["08/11/2016", "23/11/2016"])[0] == ["2016-11-08", "2016-11-23"]
    # Two digits of a year are of this century, and are said.
    days, keys, notes = read_times(["23/11/16", "24/11/16", "24/11/16"])
    assert days[0] == "2016-11-23"
    assert notes[keys.index("times_of_two_digits")].values["records"] == 3
    there = pd.Series(pd.to_datetime(["2016-11-08 23:30+01:00"]))
    assert _times(there, "at", Reading(), []).iloc[0] == pd.Timestamp("2016-11-08 22:30")


def test_values_are_finite_numbers_or_none():
    assert _numbers(pd.Series([1, 2])).tolist() == [1.0, 2.0]
    assert _numbers(pd.Series([None, None], dtype=object)).isna().all()
    for wrong in (pd.Series(["x", None]), pd.Series([1.0, np.inf])):
        with pytest.raises(SchemaError, match="a value column of"):
            _numbers(wrong)


def test_two_people_are_needed_and_ids_only_on_demand():
    log = pd.DataFrame({"who": [*"aab"], "to": [*"bcc"]})
    with pytest.raises(SchemaError, match="two people or more"):
        read_traces(log.head(2), person="who", item="to")
    found = read_traces(log, person="who", item="to", ids=True)
    assert found.ids.tolist() == ["a", "b"]
    assert found.item_person.tolist() == [-1, -1]
    assert read_traces(log, person="who", item="to").ids is None
    # b is called and calls; c is called alone.
    found = read_traces(log, person="who", item="to", items_are_people=True)
    assert (found.item_person.tolist(), found.name) == ([1, -1], "traces")
