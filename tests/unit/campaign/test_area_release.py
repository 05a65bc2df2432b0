"""`audit` of counts by area: by hand, with and without a truth, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from privaudit.campaign.publish import publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap
from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary
from privaudit.studies.audit import audit

FOR_TRUTH = ["given_to_marked", "given_to_unmarked", "likely"]


@pytest.fixture
def played(campaign):
    """The campaign with a place for each dot, two of them visited."""
    status = ["visited", "visited", "to_meet", "to_meet", "to_meet"]
    dots = campaign.dots.assign(x=[0.0, 1040.0, 1100.0, 30.0, 1000.0], y=0.0, status=status)
    return replace(campaign, dots=dots)


def test_an_area_map_by_hand(played):
    # Stations S1 (homes 0-4, two dots, of homes 0 and 3) and S2 (homes 5-7, a dot each).
    result = audit(publish(played, AreaMap(by="station")), truth=played.world)
    in_one, in_two = 1 - 0.8**2, 1 - (2 / 3) ** 3
    measured = result.overall["value"]
    assert measured["given_to_marked"] == pytest.approx((2 * in_one + 3 * in_two) / 5)
    assert measured["given_to_unmarked"] == pytest.approx(in_one)
    assert result.overall.loc["given_to_marked", "baseline"] == pytest.approx(1 - (7 / 8) ** 5)
    assert result.overall.loc[FOR_TRUTH, "n"].tolist() == [5, 3, 5]
    assert measured["likely"] == 3.0
    assert measured[["groups_told", "in_groups_told"]].tolist() == [2.0, 8.0]
    assert result.notes == ()


def test_squares_are_drawn_again_as_they_were(played):
    # Squares of 500 m hold addresses 0 and 1; 2, 3, 4: the two stations.
    squares = audit(publish(played, AreaMap(size=500)), truth=played.world)
    stations = audit(publish(played, AreaMap(by="station")), truth=played.world)
    assert squares.overall["value"].tolist() == stations.overall["value"].tolist()


def test_a_hidden_count_is_inferred_from_the_total(played):
    result = audit(publish(played, AreaMap(by="station", suppress_under=3)), truth=played.world)
    assert result.overall.loc["hidden_counts_told", ["value", "n"]].tolist() == [1.0, 1]


def test_the_threshold_of_the_view_bounds_hidden_counts(played):
    # Both totals are hidden, 1 to 3 each, 5 together: at least 2 in each, which determines both.
    result = audit(publish(played, AreaMap(by="station", suppress_under=4)), truth=played.world)
    assert result.overall.loc["hidden_counts_told", ["value", "n"]].tolist() == [0.0, 2]
    assert result.overall.loc["groups_told", "value"] == 2.0


def test_without_a_truth_certain_results_remain(played):
    leak = publish(played, AreaMap(by="station"))
    result = audit(leak)
    assert np.isnan(result.overall.loc[FOR_TRUTH, "value"]).all()
    assert result.overall.loc[FOR_TRUTH, "n"].tolist()[:2] == [0, 0]
    assert result.overall.loc["groups_told", "value"] == 2.0
    assert [note.key for note in result.notes] == ["areas_without_truth"]


def test_invalid_audits_of_areas_are_refused(played):
    leak = publish(played, AreaMap(by="station"))
    with pytest.raises(ParameterError, match="Leave the adversary out"):
        audit(leak, Adversary.nearest(), truth=played.world)
    with pytest.raises(ParameterError, match="Leave the adversary out"):
        audit(publish(played, HeatMap(bandwidth=200, cell=100)), Adversary.nearest())
    with pytest.raises(ParameterError, match="a SimulatedWorld"):
        audit(leak, truth=played)
    other, named = replace(played.world, identity="another"), replace(leak, world="this")
    with pytest.raises(ParameterError, match="another one"):
        audit(named, truth=other)
    with pytest.raises(ParameterError, match="published area map"):
        audit(leak.as_leaked())
    with pytest.raises(ParameterError, match="0 dots"):
        audit(replace(leak, sources=leak.sources.iloc[:0]))
