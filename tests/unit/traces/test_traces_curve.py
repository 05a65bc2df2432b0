"""How many likes single somebody out: the rows, what is left out, the picture, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.release.read_traces import Traces, read_traces
from privaudit.results.painter import Display
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.traces.unicity import unicity
from privaudit.traces.unicity_curve import _mitigated, unicity_curve
from privaudit.words.catalogues import Note


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"who": rng.integers(0, 150, 3_000), "page": rng.integers(0, 60, 3_000)})
    at = pd.Timestamp("2016-03-01") + pd.to_timedelta(rng.integers(0, 4_000, 3_000), unit="h")
    return frame.assign(at=at, topic=frame["page"] % 5)


def read(log, item="page", time="at"):
    return read_traces(log, person="who", item=item, time=time)


def test_each_row_is_that_of_unicity(log):
    found = unicity_curve(read(log), points=(1, 3), hours=(None, 48), seed=3)
    for window, hours in (("no_time", None), ("2_days", 48)):
        alone = unicity(read(log), points=(1, 3), hours=hours, seed=3)
        for p in (1, 3):
            left = found.row("unicity", points=p, window=window)
            right = alone.row("unicity", points=p)
            assert replace(left, part={}) == replace(right, part={})
    assert len(found.rows) == 2 * 2


def test_more_known_and_finer_single_out_more(log):
    logs = {"page": read(log), "topic": read(log, "topic")}
    value = unicity_curve(logs, points=(1, 4), hours=(None, 24))

    def at(points, item="page", window="no_time"):
        return value.value("unicity", points=points, item=item, window=window)

    assert at(4) > at(1)
    assert at(4, window="day") >= at(4)
    assert at(4) > at(4, "topic")


def test_what_nobody_has_is_left_empty_and_said(log):
    found = unicity_curve(read(log, "topic"), points=(2, 9), hours=None)
    assert np.isnan(found.value("unicity", points=9))
    assert found.row("unicity", points=9).notes == (Note("too_few_points", most=5),)
    assert found.row("unicity", points=2).n > 0


def test_a_log_without_time_has_one_resolution(log):
    found = unicity_curve(read(log, time=None), points=2)
    assert [row.part for row in found.rows] == [{"points": 2, "item": "item", "window": "no_time"}]


def test_a_town_is_taken_by_page_and_topic():
    world = simulate(Town(inhabitants=400), seed=7)
    found = unicity_curve(world, points=(1, 2), hours=(None, 168, 6))
    windows = ("no_time", "week", "6_hours")
    labels = [(item, window) for item in ("page", "topic") for window in windows]
    series = dict.fromkeys((row.part["item"], row.part["window"]) for row in found.rows)
    assert list(series) == labels
    assert found.provenance == "simulated"
    assert {row.counts for row in found.rows} == {"accounts"}
    likes = world.interactions[world.interactions["kind"] == "like"]
    by_hand = read_traces(likes, person="account", item="page", time="time")
    alone = unicity(by_hand, points=1, hours=168).value("unicity")
    assert found.value("unicity", points=1, item="page", window="week") == alone


def test_the_picture_shows_every_resolution_and_its_control(log):
    found = unicity_curve(read(log), points=(1, 2, 4), hours=(None, 24))
    shown = found.plot()
    assert isinstance(shown, Display)
    # Curves one after the other, each with a point for 1, 2 and 4 likes known.
    assert shown.data["x"].tolist() == [1, 2, 4] * 4
    lines = shown.data["value"].to_numpy().reshape(4, 3)
    for column, window in (("value", "no_time"), ("control", "no_time"), ("value", "day")):
        rows = [getattr(found.row("unicity", points=p, window=window), column) for p in (1, 2, 4)]
        assert any(np.allclose(line, rows) for line in lines)
    assert list(dict.fromkeys(shown.data["curve"].dropna())) == ["by item", "by item, to the day"]
    for text in ("by item", "by item, to the day", "people not in the log"):
        assert f">{text}</text>" in shown.svg


@pytest.mark.parametrize(
    "bad",
    [
        {"points": 0},
        {"points": []},
        {"points": [2, 2]},
        {"hours": 0},
        {"hours": ()},
        {"hours": [24, 24]},
        {"hours": "day"},
        {"sample": 0},
    ],
)
def test_impossible_questions_are_refused(log, bad):
    with pytest.raises(ParameterError):
        unicity_curve(read(log), **bad)


@pytest.mark.parametrize("source", [None, {}, {"page": 3}, "likes.csv"])
def test_what_is_no_log_is_refused(source):
    with pytest.raises(ParameterError, match="read_traces"):
        unicity_curve(source)


@pytest.mark.parametrize(
    ("holders", "hours", "times", "expected"),
    [
        # A page of 11 people may stay beside one of ten; without either nothing is mended.
        ((11, 10), None, None, ["as_it_is", "rare_items"]), ((11, 11), None, None, ["as_it_is"]),
        ((10, 10), None, None, ["as_it_is"]),
        # Times of under a day can be made coarser; all times can be left out.
        ((11,), 23, None, ["as_it_is", "by_day", "no_time"]), ((11,), 24, None, ["as_it_is",
                                                                             "no_time"]),
        ((11,), 25, None, ["as_it_is", "no_time"]),
        # The recent half is what is as late as the median or later.
        ((11,), None, range(11), ["as_it_is", "recent_half"]),
        ((11,), None, [7] * 11, ["as_it_is"]),
    ],
)  # fmt: skip
def test_a_log_is_mended_where_that_changes_it(holders, hours, times, expected):
    item = np.repeat(np.arange(len(holders)), holders)
    person = np.concatenate([np.arange(n) for n in holders])
    log = Traces(
        person=person, item=item, value=None, n_people=11, n_items=len(holders),
        time=None if times is None else np.array(times, dtype=np.int64),
        item_person=np.full(len(holders), -1),
    )  # fmt: skip
    made = {name: (part, kept) for name, part, kept in _mitigated(log, hours)}
    assert [*made] == expected
    if "rare_items" in made:
        assert made["rare_items"][0].item.tolist() == [0] * 11
    if "by_day" in made:
        assert made["by_day"][1] == 24
    if "recent_half" in made:
        assert made["recent_half"][0].time.tolist() == [5, 6, 7, 8, 9, 10]
