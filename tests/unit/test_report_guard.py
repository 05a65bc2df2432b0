"""The small-cell guard and the areas: what is withheld cannot be worked out from what is shown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from privaudit.errors import ParameterError, SchemaError
from privaudit.reporting.areas import SMALLEST_SIDE, areas_of
from privaudit.reporting.guard import THRESHOLD, guarded, withheld

COUNTS = st.lists(st.one_of(st.integers(0, 15), st.integers(0, 500)), min_size=1, max_size=12)


def solved(counts, hidden):
    """Withheld cells whose value a reader knows to be under 11, from the total by subtraction.

    Whoever sees the other cells and the total knows only the sum of what is withheld: each such
    cell lies between 0 and that sum, and is the sum itself where it stands alone.
    """
    rest = counts.sum() - counts[~hidden].sum()
    return hidden.sum() if hidden.any() and (hidden.sum() == 1 or rest < THRESHOLD) else 0


@settings(deadline=None, max_examples=60)
@given(COUNTS)
def test_no_withheld_cell_is_solved_from_the_total(counts):
    counts = np.array(counts)
    assume(counts.sum() >= THRESHOLD)
    hidden = withheld(counts)
    assert (counts[~hidden] >= THRESHOLD).all()
    # A single cell is its own total: it is shown, or nothing is.
    assert len(counts) == 1 or solved(counts, hidden) == 0


def test_primary_suppression_alone_is_solved():
    """The property can fail: hiding small cells only gives the single small one away."""
    counts = np.array([400, 30, 5])
    assert solved(counts, counts < THRESHOLD) == 1
    assert solved(counts, withheld(counts)) == 0


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([400, 30, 11], [False, False, False]),
        ([400, 30, 10], [False, True, True]),
        ([400, 30, 0], [False, True, True]),  # a zero is withheld as well
        ([400, 9, 9], [False, True, True]),  # 18 people in two cells
        ([400, 5, 5], [True, True, True]),  # only 10 together: the next goes too
        ([405, 5], [True, True]),  # the complement tells the cell
    ],
)
def test_hand_counted_cells(counts, hidden):
    assert withheld(np.array(counts)).tolist() == hidden


def test_guarded_keeps_no_number_of_a_withheld_row():
    frame = pd.DataFrame({"zone": ["a", "b", "c"], "found": [0.1, 0.2, 0.3], "n": [400, 30, 5]})
    before = frame.copy()
    shown = guarded(frame)
    assert shown["withheld"].tolist() == [False, True, True]
    assert shown.loc[1:, ["found", "n"]].isna().all().all()
    assert shown.loc[0, "n"] == 400
    pd.testing.assert_frame_equal(frame, before)


def test_guarded_needs_its_count():
    with pytest.raises(SchemaError, match="count 'n' is not a column"):
        guarded(pd.DataFrame({"zone": ["a"]}))
    with pytest.raises(ParameterError, match="counts of 0 or more"):
        withheld(np.array([3.0, np.nan]))


def crowd(seed, n):
    rng = np.random.default_rng(seed)
    centres = rng.uniform([652_000, 6_857_000], [656_000, 6_861_000], (6, 2))
    return centres[rng.integers(0, 6, n)] + rng.normal(0, 250, (n, 2))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.integers(11, 900))
def test_areas_hold_eleven_people_or_none_is_told(seed, n):
    points = crowd(seed, n)
    areas = areas_of(points)
    assert areas.total == n
    inside = (
        (points[:, None, :] >= areas.corner)
        & (points[:, None, :] < areas.corner + areas.side[:, None])
    ).all(axis=2)
    # Every point lies in exactly one square, and shown counts are those of a plain count.
    assert (inside.sum(axis=1) == 1).all()
    counts = inside.sum(axis=0)
    hidden = np.isnan(areas.count)
    assert (areas.count[~hidden] == counts[~hidden]).all()
    assert (counts[~hidden] >= THRESHOLD).all()
    assert len(counts) == 1 or solved(counts, hidden) == 0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31))
def test_edges_do_not_betray_a_position(seed):
    """Whoever moves within a 200 m square of the fixed grid changes nothing that is drawn."""
    points = crowd(seed, 300)
    rng = np.random.default_rng(seed + 1)
    low = np.floor(points / SMALLEST_SIDE) * SMALLEST_SIDE
    moved = low + rng.uniform(0, SMALLEST_SIDE * 0.999, points.shape)
    one, other = areas_of(points), areas_of(moved)
    np.testing.assert_array_equal(one.corner, other.corner)
    np.testing.assert_array_equal(one.count, other.count)
    assert (np.mod(one.corner, SMALLEST_SIDE) == 0).all()


def test_a_far_point_does_not_make_a_million_squares():
    points = np.vstack([crowd(3, 200), [[1_200_000.0, 6_000_000.0]]])
    assert len(areas_of(points).count) < 20_000
