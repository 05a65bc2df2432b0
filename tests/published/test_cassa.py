"""Cassa, Wieland and Mandl 2008: averaging copies that were anonymised afresh.

Re-identification of home addresses from spatial locations anonymized by Gaussian skew,
International Journal of Health Geographics 7:45: a mean distance of .7 km from the home falls
to .2 km with 10 copies and .1 km with 50. Their data are not public: the same settings are
played on 4,000 simulated homes.
"""

import numpy as np
import pytest

from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.version_averaging import mean_position, once_each

PUBLISHED = {1: 0.7, 10: 0.2, 50: 0.1}  # copies: mean error in kilometres, one decimal
SIGMA = 700 / np.sqrt(np.pi / 2)  # metres: the deviation whose mean distance is .7 km
HOMES = 4_000


def mean_error_of_averages(sigma, copies):
    """The mean of n moves is one of deviation sigma / sqrt(n); its length is Rayleigh's."""
    return sigma * np.sqrt(np.pi / (2 * copies))


@pytest.mark.parametrize("copies", PUBLISHED)
def test_the_closed_form_agrees_to_the_published_decimal(copies):
    assert round(mean_error_of_averages(SIGMA, copies) / 1000, 1) == PUBLISHED[copies]


@pytest.fixture(scope="module")
def homes():
    return np.random.default_rng(94).random((HOMES, 2)) * 20_000


def mean_error(homes, mask, copies):
    rng = np.random.default_rng(2008)
    positions = np.array([mask(homes, rng=rng) for _ in range(copies)])
    gap = mean_position(once_each(positions, 0.2)) - homes
    return float(np.hypot(gap[:, 0], gap[:, 1]).mean())


@pytest.mark.parametrize("copies", PUBLISHED)
def test_fresh_noise_is_averaged_out(homes, copies):
    error = mean_error(homes, Gaussian(sigma=SIGMA), copies)
    assert round(error / 1000, 1) == PUBLISHED[copies]
    # Rayleigh's deviation is sqrt(4 / pi - 1) = .52 of its mean: three standard errors.
    expected = mean_error_of_averages(SIGMA, copies)
    assert abs(error - expected) < 3 * 0.5227 * expected / np.sqrt(HOMES)


@pytest.mark.parametrize("copies", PUBLISHED)
def test_persistent_noise_is_not(homes, copies):
    error = mean_error(homes, Persistent(mask=Gaussian(sigma=SIGMA), seed=8), copies)
    assert round(error / 1000, 1) == PUBLISHED[1]
