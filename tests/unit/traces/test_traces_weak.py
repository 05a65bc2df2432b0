"""An attack on traces that finds nobody says so, counts what it learnt, and prints no cells."""

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.release.read_traces import read_traces
from privaudit.traces.home_work import home_work_risk
from privaudit.traces.periods import match_neighbourhoods, match_periods
from privaudit.traces.scoreboard import Memory, scoreboard
from privaudit.traces.unicity_curve import unicity_curve
from privaudit.words.catalogues import Note


def alike(people, items=4):
    """People who all do the same, on the same days: nothing tells one from another."""
    days = pd.to_datetime(["2016-05-01", "2016-05-11", "2016-06-01", "2016-06-11"])
    log = [(who, item, days[item % 4]) for who in range(people) for item in range(items)]
    frame = pd.DataFrame(log, columns=["who", "page", "at"])
    frame["page"] %= 2
    return read_traces(frame, person="who", item="page", time="at")


@pytest.mark.parametrize(
    "attack",
    [
        lambda traces: scoreboard(traces, Memory(points=2, wrong=0)),
        match_periods,
        match_neighbourhoods,
    ],
    ids=["scoreboard", "match_periods", "match_neighbourhoods"],
)
def test_an_attack_no_better_than_chance_is_not_reliable(attack):
    found = attack(alike(120))
    assert not found.reliable
    assert Note("weak_attack") in found.notes


def test_an_attack_that_finds_people_is_reliable():
    log = pd.DataFrame({"who": np.repeat(np.arange(30), 2), "page": np.arange(60)})
    traces = read_traces(log, person="who", item="page")
    assert scoreboard(traces, Memory(points=2, wrong=0)).reliable


def test_the_learnt_share_is_counted_on_its_searches():
    # Two searches for each of twelve people cannot hold 1 %: none of them may reach the lead.
    found = scoreboard(alike(12), Memory(points=2, wrong=0), false_claims=0.01)
    (note,) = [note for note in found.notes if note.key == "lead_learnt"]
    assert (note.values["reached"], note.values["of"]) == (0, 24)


def test_people_of_one_place_are_counted():
    log = pd.DataFrame({"who": list("aabbc"), "cell": [1, 2, 1, 3, 1]})
    found = home_work_risk(read_traces(log, person="who", item="cell"))
    assert found.row("alone", places=2).notes == (Note("one_place_only", people=1),)
    log = pd.DataFrame({"who": list("aabc"), "cell": [1, 2, 1, 1]})
    found = home_work_risk(read_traces(log, person="who", item="cell"))
    assert found.row("alone", places=2).notes == (Note("one_place_only", people=2),)


def test_a_curve_and_a_picture_are_one_short_line():
    curve = repr(unicity_curve(alike(6), points=[1, 2]))
    assert curve == "Measures(unicity_curve, audited file, unicity)"
    picture = Screenshot(zoom=15)(np.array([[0.0, 0.0], [90.0, 9.0]]), np.array([True, False]))
    height, width, _ = picture.image.shape
    assert repr(picture) == f"Picture({width} x {height} pixels, placed)"
