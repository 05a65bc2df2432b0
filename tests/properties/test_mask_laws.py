"""Laws of masks: densities integrate to 1, moves follow them, in no preferred direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import kstest

from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Exact
from privaudit.maps.masks.noise import Gaussian
from privaudit.stats.intervals import wilson

radii = st.floats(0, 500, allow_nan=False)
widths = st.floats(1, 500, allow_nan=False)
masks = st.one_of(
    st.builds(
        lambda low, width, uniform: Donut(r_min=low, r_max=low + width, uniform=uniform),
        radii,
        widths,
        st.sampled_from(["area", "radius"]),
    ),
    st.builds(lambda sigma: Gaussian(sigma=sigma), st.floats(0.5, 500)),
    st.builds(lambda rounding: Exact(rounding=rounding), st.floats(0.01, 10)),
)


def mass(mask, low, high):
    """Probability of a move between two distances, by quadrature of the density."""
    return quad(lambda d: 2 * np.pi * d * float(mask.density(d)), low, high, limit=200)[0]


@given(masks)
def test_density_integrates_to_one_within_reach_and_is_nothing_beyond(mask):
    start = mask.r_min if isinstance(mask, Donut) else 0.0
    # A Gaussian's reach leaves one move in 10**9 out; a uniform radius from 0 a millimetre.
    assert mass(mask, start, mask.reach) == pytest.approx(1, abs=2e-3 if start == 0 else 1e-6)
    beyond = mask.density(np.array([mask.reach * 1.01]))[0] * mask.reach**2
    assert beyond < 1e-8


@pytest.mark.parametrize(
    ("mask", "distribution"),
    [
        (Donut(r_min=50, r_max=200), lambda d: (d**2 - 2500) / (40_000 - 2500)),
        (Donut(r_min=50, r_max=200, uniform="radius"), lambda d: (d - 50) / 150),
        (Gaussian(sigma=100), lambda d: 1 - np.exp(-(d**2) / 20_000)),
    ],
)
def test_moves_have_the_distribution_of_the_definition_and_of_the_density(mask, distribution):
    moved = mask(np.full((40_000, 2), 7.0), rng=np.random.default_rng(5)) - 7.0
    distance = np.hypot(*moved.T)
    assert kstest(distance, distribution).pvalue > 0.001
    start = getattr(mask, "r_min", 0.0)
    for d in np.linspace(start, mask.reach, 7)[1:-1]:
        assert mass(mask, start, d) == pytest.approx(float(distribution(d)), abs=1e-6)


@pytest.mark.parametrize(
    "mask",
    [Donut(r_min=50, r_max=200), Donut(r_min=50, r_max=200, uniform="radius"), Gaussian(sigma=100)],
)
def test_no_direction_is_preferred(mask):
    # MaskMyPy 1.1.0 sends 3.2 % of moves within 15 degrees of east-west and 26 % within 15
    # degrees of north-south; each sixth of the circle must have one sixth of them.
    n = 60_000
    moved = mask(np.zeros((n, 2)), rng=np.random.default_rng(11))
    angle = np.degrees(np.arctan2(moved[:, 1], moved[:, 0])) % 360
    assert kstest(angle / 360, "uniform").pvalue > 0.001
    for axis in (0, 90):
        near = np.abs((angle - axis + 90) % 180 - 90) <= 15
        low, high = wilson(near.mean(), n, 0.999)
        assert low <= 1 / 6 <= high


@given(masks, st.integers(0, 2**32))
def test_moves_stay_within_the_support_and_leave_the_input_alone(mask, seed):
    points = np.random.default_rng(seed).normal(size=(200, 2)) * 1000
    before = points.copy()
    moved = mask(points, rng=np.random.default_rng(seed))
    assert np.array_equal(points, before)
    distance = np.hypot(*(moved - points).T)
    assert distance.max() <= mask.reach + 1e-6
    if isinstance(mask, Donut):
        assert distance.min() >= mask.r_min - 1e-6
