"""Likes and pages that the caller gives: checks, and that people stay fictional."""

import json

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, PrivauditError, SchemaError
from privaudit.simulation.interactions import of_candidate
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town

TOWN = Town(inhabitants=300, pages=100, mean_likes=4, median_likes=2)


def likes(n=60, **columns):
    frame = pd.DataFrame(
        {
            "account": [f"u{i % 40}" for i in range(n)],
            "page": np.arange(n) % 15 + 1_000,
            "time": pd.Timestamp("2016-04-01 12:00") + pd.to_timedelta(np.arange(n), unit="h"),
        }
    )
    return frame.assign(**columns)


def pages(**columns):
    frame = pd.DataFrame(
        {
            "page": np.arange(1_000, 1_020),
            "kind": ["generic"] * 18 + ["partisan", "candidate"],
            "side": [""] * 18 + ["left", "right"],
            "topic": ["music"] * 18 + ["politics"] * 2,
        }
    )
    return frame.assign(**columns)


def test_given_likes_are_complete_and_the_only_ones():
    own = likes()
    before = own.copy()
    world = simulate(TOWN, seed=1, interactions=own)
    pd.testing.assert_frame_equal(own, before)
    ordinary = ~of_candidate(world.pages)
    assert ordinary.sum() == 15
    visible = world.interactions[ordinary[world.interactions["page"]]]
    assert len(visible) == 60
    assert (visible["kind"] == "like").all()
    # The same likes a page, and the same numbers of likes an account, under other names.
    assert visible["page"].value_counts().sort_index().tolist() == [4] * 15
    wanted = sorted(own["account"].value_counts())
    assert sorted(visible["account"].value_counts()) == wanted
    assert sorted(visible["time"].astype("int64")) == sorted(
        own["time"].astype("datetime64[s]").astype("int64")
    )
    other = simulate(TOWN, seed=1)
    pd.testing.assert_frame_equal(world.people, other.people)
    pd.testing.assert_frame_equal(world.accounts, other.accounts)
    assert len(world.interactions) > 60  # candidates' are drawn


def test_given_accounts_are_assigned_by_seed_and_not_recorded():
    first, second = (simulate(TOWN, seed=s, interactions=likes(), pages=pages()) for s in (1, 2))
    dealt = [set(w.interactions["account"]) for w in (first, second)]
    assert dealt[0] != dealt[1]
    text = json.dumps(first.recipe)
    assert "u1" not in text
    assert first.recipe["interactions"]["rows"] == 60
    assert first.recipe["pages"]["rows"] == 20


def test_the_fingerprint_is_of_the_columns_read():
    def print_of(frame):
        return simulate(TOWN, seed=1, interactions=frame).recipe["interactions"]["fingerprint"]

    first = print_of(likes())
    assert print_of(likes(note="not read")) == first
    assert print_of(likes(kind="share")) != first
    assert print_of(likes(n=59)) != first


@pytest.mark.filterwarnings("error")
def test_a_column_of_blanks_and_pages_of_candidates_alone_are_frames_too():
    """An export keeps the column of what it did not record; a campaign may know its pages only."""
    plain = simulate(TOWN, seed=1, interactions=likes())
    world = simulate(TOWN, seed=1, interactions=likes(kind=None))
    pd.testing.assert_frame_equal(world.interactions, plain.interactions)
    own = pd.DataFrame({"page": ["ours"], "kind": ["candidate"], "side": ["right"]})
    world = simulate(TOWN, seed=1, pages=own)
    assert of_candidate(world.pages).all()
    assert len(world.interactions)


def test_given_candidates_replace_drawn_ones():
    world = simulate(TOWN, seed=1, interactions=likes(), pages=pages())
    right = np.flatnonzero(of_candidate(world.pages, "right"))
    assert right.tolist() == [19]
    political = world.interactions[of_candidate(world.pages)[world.interactions["page"]]]
    # Nobody of the file touched it.
    assert political.empty
    assert of_candidate(world.pages, "left").any()


def test_likes_are_drawn_on_given_pages():
    n = 400
    own = pd.DataFrame({"page": [f"p{i}" for i in range(n)], "topic": ["cinema", "knitting"] * 200})
    world = simulate(TOWN, seed=1, pages=own)
    assert world.pages["topic"].tolist()[:4] == ["cinema", "knitting"] * 2
    visible = world.interactions[world.interactions["page"] < n]
    mean = world.quality.value("likes_mean")
    assert 2 < mean < 8
    likers = np.bincount(visible["page"], minlength=n)
    assert likers[:40].mean() > likers[-200:].mean()


def test_times_with_a_zone_are_read_in_universal_time():
    own = likes(n=2, time=["2016-08-30T20:10:00+02:00", "2016-08-30 18:10"])
    world = simulate(TOWN, seed=1, interactions=own)
    visible = world.interactions[world.interactions["page"] < 2]
    assert set(visible["time"]) == {pd.Timestamp("2016-08-30 18:10")}


SECRET = "Zoé Vèton"
SHORT, LONG = likes(), likes(n=900, account=[f"{i}" for i in range(900)])
BAD = [
    (([1], None), "a pandas DataFrame, but got a list"),
    ((likes().drop(columns="time"), None), "'time' is not a column"),
    ((likes(n=0), None), "at least one row"),
    ((likes(account=None), None), "60 of 60 rows that are blank"),
    ((likes(account=[SECRET] * 59 + [" "]), None), "1 of 60 rows that are blank"),
    ((likes(account=[SECRET, 2] * 30), None), "30 of 60 rows"),
    ((likes(account=1.5), None), "whole numbers or as text"),
    ((likes(time=5), None), "numbers. Use pandas.to_datetime"),
    ((likes(time=[SECRET] * 60), None), "60 of 60 rows that are blank or cannot"),
    ((likes(time=pd.Timestamp("1970-01-01")), None), "times from 1990 to 2080"),
    ((likes(kind=SECRET), None), "'kind' one of 'like'"),
    ((LONG, None), "a larger town"),
    ((SHORT, pages(page=range(20))), "60 of 60 rows that name another"),
    ((SHORT, pages(page=[SECRET] * 20)), "each page once, but got 19"),
    ((None, pages(kind=SECRET)), "'kind' one of 'generic'"),
    ((None, pages(side=SECRET)), "'side' one of ''"),
    ((None, pages(side="")), "a side for each partisan and candidate"),
    ((None, pages(side="left")), "generic pages without a side"),
]


@pytest.mark.parametrize(("given", "words"), BAD)
def test_unreadable_frames_raise_one_line_without_a_cell(given, words):
    own, its_pages = given
    with pytest.raises(PrivauditError) as result:
        simulate(TOWN, seed=1, interactions=own, pages=its_pages)
    assert isinstance(result.value, (ParameterError, SchemaError))
    message = str(result.value)
    assert words in message
    assert SECRET not in message
    assert "\n" not in message
