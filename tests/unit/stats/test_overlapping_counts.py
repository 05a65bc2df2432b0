"""Overlapping counts: bounds by every table that fits, laws by their closed forms."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import gamma

from privaudit.core.thresholds import CREDIBLE_MASS
from privaudit.errors import ParameterError
from privaudit.stats.overlapping_counts import (
    MOST_GROUPS,
    _likeliest,
    _others,
    _Programme,
    _rate_law,
    count_bounds,
    crossed_counts,
    shortest_range,
)


@pytest.mark.parametrize("seed", range(8))
def test_the_shortest_range_is_that_of_every_run(seed):
    law = np.random.default_rng(seed).dirichlet(np.full(9, 0.5))
    runs = [
        (last - first, -law[first : last + 1].sum(), first, last)
        for first in range(9) for last in range(first, 9)
        if law[first : last + 1].sum() >= CREDIBLE_MASS - 1e-12
    ]  # fmt: skip
    assert shortest_range(law) == min(runs)[2:]


def test_a_range_of_one_count_and_one_that_reaches_the_mass_exactly():
    assert shortest_range(np.array([1.0])) == (0, 0)
    assert shortest_range(np.array([0.0, 0.0, 2.0])) == (2, 2)
    rest = 1 - CREDIBLE_MASS
    assert shortest_range(np.array([CREDIBLE_MASS, rest])) == (0, 0)
    assert shortest_range(np.array([CREDIBLE_MASS - 1e-6, rest + 1e-6])) == (0, 1)


@pytest.mark.parametrize("seed", range(6))
def test_bounds_are_those_of_every_table_that_fits(seed):
    """Three maps over six groups; some counts between two ends."""
    rng = np.random.default_rng(seed)
    members = [np.array(m) for m in ([0, 1, 2], [3, 4, 5], [0, 3], [1, 4], [2, 5], [0, 4], [1, 5])]
    true = rng.integers(0, 3, 6)
    sums = np.array([true[m].sum() for m in members])
    low, high = np.maximum(sums - rng.integers(0, 2, 7), 0), sums + rng.integers(0, 2, 7)
    fits = np.array([*product(range(int(high.max()) + 1), repeat=6)])
    for groups, least, most in zip(members, low, high, strict=True):
        of = fits[:, groups].sum(axis=1)
        fits = fits[(of >= least) & (of <= most)]
    least, most = count_bounds(members, low.astype(float), high.astype(float), 6)
    assert least.tolist() == fits.min(axis=0).tolist()
    assert most.tolist() == fits.max(axis=0).tolist()
    pair = [np.array([0, 5])]
    least, most = count_bounds(members, low.astype(float), high.astype(float), 6, pair)
    both = fits[:, 0] + fits[:, 5]
    assert (least.tolist(), most.tolist()) == ([both.min()], [both.max()])


def test_what_cannot_be_bounded():
    one = np.ones(1)
    with pytest.raises(ParameterError, match="each group in a count"):
        count_bounds([np.array([0])], one, one, 2)
    assert MOST_GROUPS == 2_000
    with pytest.raises(ParameterError, match="2,000"):
        count_bounds([np.arange(2_001)], one, one, 2_001)


def test_the_weight_of_all_other_pieces_having_the_rest():
    rng = np.random.default_rng(3)
    totals, left = [rng.random(n) for n in (3, 2, 4)], 4
    found = _others(totals, left)
    for k, own in enumerate(totals):
        beside = [one for j, one in enumerate(totals) if j != k]
        every = np.zeros(len(own))
        for first, second in product(*(range(len(one)) for one in beside)):
            rest = left - first - second
            if 0 <= rest < len(own):
                every[rest] += beside[0][first] * beside[1][second]
        assert found[k] / found[k].max() == pytest.approx(every / every.max())


def test_the_likeliest_rate_is_that_of_poisson_counts():
    # Six dots seen on four homes, and a piece that may hold 0 or 1 by its weights: the mean of a
    # Poisson law that is cut there.
    assert _likeliest([], [], 0.5, 6.0, 4.0) == pytest.approx(6 / 4 / 0.5)
    weight = np.array([1.0, 0.5])
    factor = _likeliest([weight], [2], 0.5, 6.0, 4.0)
    dots = 6 + 2 + 0.5 * factor / (1 + 0.5 * factor)
    assert factor == pytest.approx(dots / 4 / 0.5)


@pytest.mark.parametrize("observed", [0.0, 3.0, 40.0])
def test_rates_follow_their_gamma_law(observed):
    """Nothing but observed dots, and a flat prior of the rate."""
    law = np.array(_rate_law([], [], 1.0, observed, 8.0))
    assert law[:, 1].sum() == pytest.approx(1)
    exact = gamma(observed + 1, scale=1 / 8)
    assert law[:, 0] @ law[:, 1] == pytest.approx(exact.mean(), rel=0.01)
    spread = np.sqrt(law[:, 0] ** 2 @ law[:, 1] - (law[:, 0] @ law[:, 1]) ** 2)
    assert spread == pytest.approx(exact.std(), rel=0.01)


@pytest.mark.parametrize(("low", "high"), [(38, 42), (0, 2), (1, 3), (5, 9)])
def test_a_count_with_noise_is_as_likely_anywhere_where_its_noise_is(low, high):
    """A flat prior of the rate makes every number of dots as likely: the middle is expected."""
    weights = [np.ones(high - low + 1)]
    found = crossed_counts(
        [np.arange(1)], np.array([low]), np.array([high]), np.array([10.0]), weights=weights
    )
    assert found.expected.tolist() == pytest.approx([(low + high) / 2], rel=1e-3)


@pytest.mark.parametrize("branches", [True, False])
def test_sums_that_halves_fit_and_no_whole_numbers_are_refused(monkeypatch, branches):
    # Of three groups every two have one dot: a half each. The fourth may have 0 to 3.
    members = [np.array(m) for m in ([0, 1], [1, 2], [0, 2], [3])]
    low, high = np.array([1.0, 1, 1, 0]), np.array([1.0, 1, 1, 3])
    if not branches:
        # What halves prove: 1 or more, and 0 or less.
        monkeypatch.setattr(
            _Programme, "least_whole", lambda self, goal: (self.least(goal)[0], None)
        )
    with pytest.raises(ParameterError, match="counts that fit together"):
        count_bounds(members, low, high, 4)
    # Two dots in every two are one in each.
    low, high = np.array([2.0, 2, 2, 0]), np.array([2.0, 2, 2, 3])
    least, most = count_bounds(members, low, high, 4)
    assert (least.tolist(), most.tolist()) == ([1, 1, 1, 0], [1, 1, 1, 3])
