"""What is said is made as sure as it is right, where who likes much is said much of."""

import numpy as np
import pytest
from scipy import stats

from privaudit.stats.calibration import calibrated, chance_error, expected_calibration_error


def heavy_tailed(n, seed):
    """Log odds with the tails of Student's law; right as often as their normal score says."""
    rng = np.random.default_rng(seed)
    said = rng.standard_t(2, n)
    sure = 1 / (1 + np.exp(0.5 - 0.8 * stats.norm.ppf(stats.t.cdf(said, 2))))
    return said, sure, rng.random(n) < sure


def test_long_tails_do_not_flatten_everybody_else():
    """A score of the default town, .06 off: a slope on log odds alone is that of its tails."""
    from sklearn.linear_model import LogisticRegression

    said, _, right = heavy_tailed(1_500, 1)
    of, sure, came = heavy_tailed(20_000, 2)
    found = calibrated(said, right, of)
    # Three weights learnt of 1,500 move p by (p q)^1/2 (3 / 1,500)^1/2 = .022 in the root mean
    # square, three quarters of that as a mean: twice is allowed.
    assert np.abs(found - sure).mean() < 2 * 0.017
    assert expected_calibration_error(found, came) < 2 * 0.017 + chance_error(found)
    alone = LogisticRegression(C=1e6).fit(said[:, None], right).predict_proba(of[:, None])[:, 1]
    assert expected_calibration_error(alone, came) > expected_calibration_error(found, came)


def test_more_is_never_said_to_be_less():
    rng = np.random.default_rng(3)
    said, of = rng.standard_normal(60), np.sort(rng.standard_normal(500))
    # What is said is of the wrong sign.
    found = calibrated(said, rng.random(60) < 1 / (1 + np.exp(2 * said)), of)
    assert (np.diff(found) >= 0).all()
    assert found.min() == pytest.approx(found.max(), abs=0.01)


@pytest.mark.parametrize(("right", "expected"), [(True, 9 / 10), (False, 1 / 10)])
def test_where_all_are_right_or_none_one_more_of_each_is_counted(right, expected):
    found = calibrated(np.arange(8.0), np.full(8, right), np.arange(3.0))
    assert found.tolist() == pytest.approx([expected] * 3)
