"""Measures of tables against numbers printed in papers, each with its source."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import digamma

from privaudit.tables.disclosure_risk import prosecutor_risks
from privaudit.tables.l_diversity import recursive_c
from privaudit.tables.population.individual_risk import individual_risks
from privaudit.tables.population.pitman_model import (
    entropy_and_exponent,
    expected_classes,
    expected_uniques,
)
from privaudit.tables.population.uniqueness import class_share
from privaudit.tables.special_uniques import unique_match_risk
from privaudit.tables.t_closeness import t_ordered
from privaudit.tables.table_measure import sensitive_counts

# Li, Li and Venkatasubramanian 2007 ("t-closeness"), tables 3 and 5: salaries of nine patients,
# in thousands, and the classes of table 5.
SALARY = np.array([3, 4, 5, 6, 11, 8, 7, 9, 10])
TABLE_5 = np.array([0, 2, 0, 1, 1, 1, 2, 0, 2])


def salary_counts(label):
    return sensitive_counts(label, np.unique(SALARY, return_inverse=True)[1])


def test_distances_of_two_classes_of_salaries():
    # Section 5.1: D[{3, 4, 5}, Q] = .375 and D[{6, 8, 11}, Q] = .167.
    one = salary_counts([0, 0, 0, 1, 1, 1, 1, 1, 1])
    assert t_ordered(one) == pytest.approx(0.375, abs=5e-4)
    assert t_ordered(salary_counts(TABLE_5)) == pytest.approx(0.167, abs=5e-4)


def test_recursive_diversity_of_counts_7_2_1():
    # By the definition of Machanavajjhala et al. 2007: r_1 = 7, and c > 7 / 3 or c > 7.
    counts = sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])
    assert recursive_c.take(counts, 2) == pytest.approx(7 / 3)
    assert recursive_c.take(counts, 3) == 7


def test_expected_re_identifications_of_the_eight_record_example():
    # The example of Capobianchi, Polettini and Lucarelli that sdcMicro ships as `francdat`, with
    # its sample and weighted frequencies; sdcMicro finds .966526 expected re-identifications.
    f = [2, 2, 2, 1, 1, 1, 1, 2]
    people = [110, 84.5, 84.5, 17, 541, 8, 5, 110]
    assert individual_risks(f, people).sum() == pytest.approx(0.966526, abs=5e-7)


def test_uniques_of_a_zip_code_by_sex_and_date_of_birth():
    # Golle 2006 revisited with one ZIP code: 9,330 people over 2 x 365 x 78 cells; the published
    # simulation gives .843 to .857, the closed form exp(-n / d) = .849.
    cells = 2 * 365 * 78
    got = float(class_share([9330], [1 / cells], [cells])[0])
    assert 0.843 < got < 0.857
    assert got == pytest.approx(np.exp(-9330 / cells), abs=1e-4)
    assert got == pytest.approx(0.849, abs=5e-4)


def test_the_mean_risk_where_a_peer_averages_over_classes():
    # 99 records alike and one alone: pycanon 1.3.6 gives .505, people face .020.
    size = np.repeat([99, 1], [99, 1])
    assert prosecutor_risks(size).mean() == pytest.approx(0.020, abs=5e-4)


def test_unique_matches_where_everybody_is_in_the_file_are_right():
    # Skinner and Elliot 2002, the limit pi = 1.
    assert unique_match_risk(5, 100, 1.0) == 1


# Rocher, Hendrickx and de Montjoye 2025 (Nature Communications 16, 347): the examples that the
# paper's package, pydataless, prints in its own description. Shares at 10 to 500 people, and what
# the two-parameter law fitted to them says of 1,000 to 1,000,000.
SCALING = {
    "correctness": (
        (0.99, 0.97, 0.95, 0.90), (0.87505023, 0.79165748, 0.71371539, 0.64308667),
        expected_classes,
    ),
    "uniqueness": (
        (0.95, 0.90, 0.85, 0.80), (0.77117386, 0.68920739, 0.61585755, 0.55030553),
        expected_uniques,
    ),
}  # fmt: skip


@pytest.mark.parametrize("of", SCALING)
def test_the_scaling_law_is_the_published_one(of):
    seen, predicted, expected = SCALING[of]
    n = np.array([10, 50, 100, 500])

    def inverse_digamma(y):
        return brentq(lambda x: digamma(x) - y, 1e-12, 1e12)

    def law(h, gamma, people):
        theta = inverse_digamma(h * (1 - gamma) + digamma(1)) - 1
        alpha = 1 - inverse_digamma(digamma(1) - h * gamma)
        here = entropy_and_exponent(np.array(theta), np.array(alpha))
        assert np.allclose(here, (h, gamma))
        return np.array([expected(theta, alpha, k) / k for k in people])

    # As the paper fits it: least squares, weighted by ln n, from h = 12 and gamma = .26.
    def loss(x):
        inside = x[0] > 0 and 0 < x[1] < 1
        return (np.log(n) * (law(*x, n) - seen) ** 2).mean() if inside else 1e10

    # It stops at 1e-4 in the parameters, which is worth 1e-6 here.
    found = minimize(loss, (12, 0.26), method="Nelder-Mead").x
    assert law(*found, (1e3, 1e4, 1e5, 1e6)) == pytest.approx(predicted, abs=2e-6)
