"""Individual risk: the definition summed term by term, and finite everywhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import nbinom

from privaudit.errors import ParameterError
from privaudit.measures.tables.individual_risk import (
    individual_risk,
    individual_risk_approximate,
    people_at_most,
)


@given(st.integers(1, 30), st.floats(0.02, 0.999))
def test_it_is_the_expected_inverse_of_a_negative_binomial(f, p):
    # F - f given f: failures before the f-th success. Summed until nothing is left.
    extra = np.arange(0, 40_000)
    want = (nbinom.pmf(extra, f, p) / (f + extra)).sum()
    assert individual_risk([f], [f / p])[0] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("f", [1, 2, 3, 7, 8, 9, 40, 1000])
@pytest.mark.parametrize("p", [1e-6, 1e-3, 0.1, 0.49, 0.5, 0.51, 0.9, 0.9999])
def test_it_is_euler_s_integral(f, p):
    # (p / f) 2F1(1, 1; f + 1; 1 - p) = p times the integral of (1-t)**(f-1) / (1 - (1-p) t).
    integral, _ = quad(
        lambda t: (1 - t) ** (f - 1) / (1 - (1 - p) * t), 0, 1, epsabs=0, epsrel=1e-11, limit=500,
        points=[1 / f, 1 - min(p, 0.5)],
    )  # fmt: skip
    assert individual_risk([f], [f / p])[0] == pytest.approx(p * integral, rel=1e-8)


def test_closed_forms_of_one_and_two():
    p = np.array([0.01, 0.3, 0.7])
    one = p / (1 - p) * np.log(1 / p)
    two = p / (1 - p) - (p / (1 - p)) ** 2 * np.log(1 / p)
    assert individual_risk([1, 1, 1], 1 / p) == pytest.approx(one)
    assert individual_risk([2, 2, 2], 2 / p) == pytest.approx(two, rel=1e-9)


def test_it_is_finite_and_a_probability_on_every_row():
    # The usual alternating sum overflows on many of these.
    f, p = np.meshgrid(np.r_[1:200, 500, 2000, 20_000], np.r_[1e-9, 1e-5, 0.01:1:0.05, 1 - 1e-9, 1])
    risk = individual_risk(f.ravel(), (f / p).ravel())
    assert np.isfinite(risk).all()
    assert ((risk > 0) & (risk <= 1 / f.ravel() + 1e-15)).all()


def test_a_class_that_is_the_population_is_one_over_f():
    assert individual_risk([1, 4, 50], [1, 4, 50]).tolist() == [1, 0.25, 0.02]


def test_the_approximation_is_its_formula():
    p = 0.1
    assert individual_risk_approximate([5], [50])[0] == pytest.approx(p / (5 - (1 - p)))
    assert individual_risk_approximate([1], [10])[0] == individual_risk([1], [10])[0]
    assert math.isclose(individual_risk_approximate([900], [9000])[0],
                        individual_risk([900], [9000])[0], rel_tol=1e-3)  # fmt: skip


@pytest.mark.parametrize(("f", "p", "level"), [(1, 0.2, 0.975), (3, 0.1, 0.9), (5, 0.7, 0.5)])
def test_people_behind_a_key_stay_under_the_bound_as_often_as_it_says(f, p, level):
    # F - f failures before the f-th success: (f + j - 1 choose j) p**f (1 - p)**j, summed up.
    reached, extra = 0.0, -1
    while reached < level:
        extra += 1
        reached += math.comb(f + extra - 1, extra) * p**f * (1 - p) ** extra
    assert people_at_most(f, f / p, level=level) == f + extra
    assert people_at_most(f, f) == f


@pytest.mark.parametrize(("f", "people"), [([0], [1]), ([2], [1]), ([1, 1], [2])])
def test_what_cannot_be_is_refused(f, people):
    with pytest.raises(ParameterError, match="individual_risk: needs"):
        individual_risk(f, people)
