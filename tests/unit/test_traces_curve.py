"""How many likes single somebody out: the rows, what is left out, the picture, refusals."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from privaudit.errors import ParameterError
from privaudit.exposure.traces.curve import unicity_curve
from privaudit.exposure.traces.uniqueness import unicity
from privaudit.release.traces import read_traces
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"who": rng.integers(0, 150, 3_000), "page": rng.integers(0, 60, 3_000)})
    at = pd.Timestamp("2016-03-01") + pd.to_timedelta(rng.integers(0, 4_000, 3_000), unit="h")
    return frame.assign(at=at, topic=frame["page"] % 5)


def read(log, item="page", time="at"):
    return read_traces(log, person="who", item=item, time=time)


def test_each_row_is_that_of_unicity(log):
    found = unicity_curve(read(log), points=(1, 3), hours=(None, 48), seed=3).overall
    for label, hours in (("item", None), ("item, 2 days", 48)):
        alone = unicity(read(log), points=(1, 3), hours=hours, seed=3).overall
        for p in (1, 3):
            for part in ("", "_control", "_residual"):
                left = found.loc[f"unicity_{p}{part}[{label}]"]
                right = alone.loc[f"unicity_{p}{part}"]
                pd.testing.assert_series_equal(left, right, check_names=False)
    assert len(found) == 2 * 2 * 3


def test_more_known_and_finer_single_out_more(log):
    logs = {"page": read(log), "topic": read(log, "topic")}
    value = unicity_curve(logs, points=(1, 4), hours=(None, 24)).overall["value"]
    assert value["unicity_4[page]"] > value["unicity_1[page]"]
    assert value["unicity_4[page, day]"] >= value["unicity_4[page]"]
    assert value["unicity_4[page]"] > value["unicity_4[topic]"]


def test_what_nobody_has_is_left_empty_and_said(log):
    found = unicity_curve(read(log, "topic"), points=(2, 9), hours=None).overall
    assert np.isnan(found.loc["unicity_9[item]", "value"])
    assert "5 at most" in found.loc["unicity_9[item]", "note"]
    assert found.loc["unicity_2[item]", "n"] > 0


def test_a_log_without_time_has_one_resolution(log):
    found = unicity_curve(read(log, time=None), points=2)
    assert found.recipe["series"] == ["item"]


def test_a_town_is_taken_by_page_and_topic():
    world = simulate(Town(inhabitants=400), seed=7)
    found = unicity_curve(world, points=(1, 2), hours=(None, 168, 6))
    labels = ["page", "page, week", "page, 6 hours", "topic", "topic, week", "topic, 6 hours"]
    assert found.recipe["series"] == labels
    assert found.provenance == "simulated"
    likes = world.interactions[world.interactions["kind"] == "like"]
    by_hand = read_traces(likes, person="account", item="page", time="time")
    alone = unicity(by_hand, points=1, hours=168).overall.loc["unicity_1"]
    pd.testing.assert_series_equal(
        found.overall.loc["unicity_1[page, week]"], alone, check_names=False
    )


def test_the_picture_shows_every_resolution_and_its_control(log):
    found = unicity_curve(read(log), points=(1, 2, 4), hours=(None, 24))
    figure = found.plot()
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    lines = [line.get_ydata() for line in axes.lines if len(line.get_ydata())]
    value = found.overall["value"]
    for part, label in (("", "item"), ("_control", "item"), ("", "item, day")):
        rows = [value[f"unicity_{p}{part}[{label}]"] for p in (1, 2, 4)]
        assert any(np.allclose(line, rows) for line in lines)
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["item", "item, day", "not there: another is taken"]


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
