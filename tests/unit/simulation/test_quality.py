"""What a simulated town is compared with, counted by hand on a few people."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.results.rows import Rows
from privaudit.simulation import quality
from privaudit.simulation.population import _ages, surname
from privaudit.simulation.town import Town

TOWN = Town()


def values(fit, *given):
    """The rows of a fit, by their label."""
    rows = Rows(1, "people")
    fit(rows, *given)
    return {row.label: row for row in rows}


def test_adults_of_two_homes_share_a_name_and_those_of_one_do_not():
    common = str(surname(np.arange(1))[0])
    people = pd.DataFrame(
        {"age": [40, 38, 50, 17, 18, 30], "household": [0, 0, 1, 1, 2, 3],
         "last_name": ["A", "A", "B", "A", "B", common],
         "first_name": ["x", "y", "z", "x", "z", "q"]}
    )  # fmt: skip
    found = values(quality.name_fit, people)
    # The child of 17 counts for nothing, so that nobody else is called A.
    assert found["same_last_name"].value == pytest.approx(2 / 5)
    assert found["same_full_name"].value == pytest.approx(2 / 5)
    assert found["twelve_surnames"].value == pytest.approx(1 / 5)
    assert found["twelve_surnames"].baseline == 0.019
    assert found["same_last_name"].n == 5


def test_stations_by_hand():
    people = pd.DataFrame(
        {"elector": [True, True, True, False], "leaning": ["left", "right", "left", "left"]}
    )
    xy = np.array([[0.0, 0], [10, 0], [50, 8], [70, 8]])
    station, address = np.array(["1", "1", "2", "2"]), np.array([0, 1, 1, 2])
    frame = quality.station_frame(station, xy, people, address)
    assert frame["electors"].tolist() == [3, 0]
    assert frame["left"].tolist() == pytest.approx([2 / 3, 0])
    # Where nobody may vote, the middle of the doors.
    assert frame[["x", "y"]].to_numpy().tolist() == [[pytest.approx(20 / 3), 0], [60, 8]]


def test_leanings_of_stations_are_weighed_by_electors():
    stations = pd.DataFrame({"electors": [30, 10], **dict.fromkeys(quality.STATION_MOMENTS, 0.0)})
    stations["right"] = [0.2, 0.6]
    found = values(quality.station_fit, stations)
    # Mean .3; (.1^2 x 3 + .3^2) / 4 = .03.
    assert found["leaning_mean(leaning=right)"].value == pytest.approx(0.3)
    assert found["leaning_spread(leaning=right)"].value == pytest.approx(0.03**0.5)
    assert found["leaning_spread(leaning=right)"].baseline == quality.STATION_MOMENTS["right"].sd


def test_accounts_by_hand():
    people = pd.DataFrame({"age": [12, 13, 30, 40, 50]})
    members = SimpleNamespace(
        accounts=pd.DataFrame({"person": [1, 2, 2, 3, 4]}), also=np.array([-1, -1, -1, 0, -1])
    )
    found = values(quality.account_fit, TOWN, people, members)
    # Four of 13 and over, each with an account; one of five is a second, one is a couple's.
    assert found["with_account"].value == 1
    assert found["with_account"].n == 4
    assert found["second_accounts"].value == pytest.approx(1 / 5)
    assert found["shared_accounts"].value == pytest.approx(1 / 5)


@pytest.mark.parametrize(("pages", "rows"), [(100, 6), (99, 0)])
def test_likes_by_hand(pages, rows):
    """Each of ten accounts likes the first page, the first account the second one too."""
    frame = pd.DataFrame({"kind": "page", "side": "", "name": "p"}, index=range(pages))
    known = SimpleNamespace(frame=frame, popularity=1 / np.arange(1, pages + 1))
    acts = SimpleNamespace(
        account=np.append(np.arange(10), 0), page=np.append(np.zeros(10, int), 1)
    )
    found = values(quality.likes_fit, TOWN, known, acts, True)
    assert len(found) == rows
    if rows:
        assert found["likes_mean"].value == pytest.approx(1.1)
        assert found["likes_median"].value == 1
        assert found["top_reach"].value == 1
        assert found["top_reach"].baseline == pytest.approx(1.1)
        # Ten likers, of the first page, are few; all pages but two have none.
        assert found["liked_by_ten_or_fewer"].value == 1
        assert found["liked_by_nobody"].value == pytest.approx(0.98)
        assert np.isnan(found["popularity_slope"].value)
        assert [note.key for note in found["popularity_slope"].notes] == ["no_slope_of_nobody"]


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.4])
def test_the_slope_of_zipf_s_law_is_its_exponent(slope):
    likers = np.arange(1, 401) ** -slope
    assert quality._slope(likers) == pytest.approx(slope)
    # From the first twentieth to the half: what stands before and after counts for nothing.
    likers[:20], likers[200:] = 9.0, 0.0
    assert quality._slope(likers) == pytest.approx(slope)
    likers[199] = 0.0
    assert np.isnan(quality._slope(likers))


def test_registers_by_hand():
    def register(stale):
        return SimpleNamespace(
            frame=pd.DataFrame({"x": stale}), truth=pd.DataFrame({"stale": stale})
        )

    homes = pd.DataFrame(index=range(8))
    found = values(
        quality.register_fit, TOWN, homes, register([True, False]), register([False] * 4)
    )
    assert found["directory_coverage"].value == pytest.approx(0.25)
    assert found["stale_entries(register=directory)"].value == pytest.approx(0.5)
    assert found["stale_entries(register=roll)"].value == 0
    assert found["stale_entries(register=roll)"].baseline == TOWN.roll_staleness


def test_parents_of_nobody_are_18_to_100_years_old():
    """Of so many couples some reach both ends: the ages of men are drawn beyond, and clipped."""
    homes = 60_000
    household, position = np.repeat(np.arange(homes), 2), np.tile([0, 1], homes)
    age, _ = _ages(
        household, position, np.zeros(2 * homes, dtype=bool), np.full(homes, 2),
        np.full(homes, "couple"), np.random.default_rng(1),
    )  # fmt: skip
    assert (age.min(), age.max()) == (18, 100)
