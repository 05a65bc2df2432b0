"""Features of people by hand, and what rounds and unicity take."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.release.read_traces import read_traces
from privaudit.traces.reidentification import Profiles
from privaudit.traces.rounds import Rounds
from privaudit.traces.scoreboard import index_events, scores
from privaudit.traces.unicity import unicity


@pytest.mark.parametrize(("days", "least"), [(2.0, 2.0), (0.5, 1.0)])
def test_features_have_length_one_and_an_amount_a_day(days, least):
    counts = csr_array(np.array([[3.0, 4.0], [0.0, 0.0]]))
    rhythm = np.array([[0.25], [0.0]])
    found = Profiles(counts=counts, rhythm=rhythm, days=days).features(np.eye(2))
    # The amount is log(1 + events) less log(days), of a day at least; hours by their root.
    assert found[0].tolist() == pytest.approx([0.6, 0.8, np.log(8) - np.log(least), 0.5])
    assert found[1].tolist() == pytest.approx([0.0, 0.0, -np.log(least), 0.0])


def test_rounds_need_visits():
    with pytest.raises(ParameterError, match="Visits"):
        Rounds(mask=pa.masks.Gaussian(sigma=50), visits="often")


def test_traces_that_are_read_are_not_read_again():
    frame = pd.DataFrame({"who": [*"aabbcc"], "page": [1, 2, 1, 3, 2, 3]})
    read = read_traces(frame, person="who", item="page")
    assert unicity(read, points=[2]).value("unicity", points=2) == 1.0


@pytest.mark.parametrize(("log_times", "times"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize(("log_values", "values"), [(True, True), (True, False), (False, True)])
def test_what_one_side_alone_has_counts_nothing_and_a_shared_item_one(
    log_times, times, log_values, values
):
    """Two people have the item, a time unit and two value units off: exp(-1) and exp(-2)."""
    both = np.array([0, 0])
    index = index_events(
        np.array([0, 1]), both, np.array([4.0, 4.0]) if log_times else None,
        np.array([7.0, 7.0]) if log_values else None, 2, 1,
    )  # fmt: skip
    _, found = scores(
        index, np.array([0]), np.array([5.0]) if times else None,
        np.array([9.0]) if values else None, time_scale=1.0, value_scale=1.0,
    )  # fmt: skip
    timed, valued = log_times and times, log_values and values
    likeness = timed * np.exp(-1) + valued * np.exp(-2) if timed or valued else 1.0
    assert (found * np.log(2)).tolist() == pytest.approx([likeness] * 2)
