"""Small examples that come with sdcMicro, and the values that its documents and tests state."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.tables.coded_table import encode_table, take_in
from privaudit.tables.context import Options, context_of
from privaudit.tables.disclosure_risk import journalist_risks
from privaudit.tables.population.individual_risk import individual_risks_approximate
from privaudit.tables.population.loglinear_model import loglinear_risk
from privaudit.tables.special_uniques import find_minimal_uniques, score_shares_by_key, suda_scores


def by_record(rows, weights):
    """Class size and risk of rows of keys, a blank being a wildcard; `measure` withholds them."""
    keys = [f"key{j}" for j in range(len(rows[0]))]
    frame = pd.DataFrame(rows, columns=keys).assign(w=weights)
    table = take_in(frame, Roles(key=keys, weight="w"), who="test").table
    facts = context_of(
        encode_table(table, "wildcard", "test"), Options(missing="wildcard"), who="test"
    )
    return pd.DataFrame({"class_size": facts.size, "individual_risk": journalist_risks(facts)})


def test_the_eight_records_of_the_individual_risk():
    # Capobianchi, Polettini and Lucarelli 2001, printed in Templ 2007 ("sdcMicro: a new flexible
    # R-package"), section 5; the sum is the expected number of re-identifications.
    rows = [
        (1, 2, 5, 1), (1, 2, 1, 1), (1, 2, 1, 1), (3, 3, 1, 5),
        (4, 3, 1, 4), (4, 3, 1, 1), (6, 2, 1, 5), (1, 2, 5, 1),
    ]  # fmt: skip
    found = by_record(rows, [18, 45.5, 39, 17, 541, 8, 5, 92])
    assert found["class_size"].tolist() == [2, 2, 2, 1, 1, 1, 1, 2]
    assert found["individual_risk"].sum() == pytest.approx(0.966526, abs=5e-7)
    # The seventh is the most exposed, at 40.23 %.
    assert found["individual_risk"].idxmax() == 6
    assert found["individual_risk"].max() == pytest.approx(0.4023, abs=1e-4)


# tests/testthat/test_indivRisk.R of sdcMicro 5.8: eight rows, whole and with three blanks.
WHOLE = [(2, 3, 1), (3, 3, 3), (2, 3, 1), (2, 3, 2), (3, 3, 1), (3, 3, 1), (1, 4, 1), (2, 3, 1)]
BLANK = [
    (2, 3, 1), (3, 3, 3), (2, 3, None), (2, 3, 2), (3, 3, 1), (3, 3, 1), (1, 4, None), (None, 3, 1),
]  # fmt: skip
WEIGHTS = np.array([18, 45.5, 39, 17, 92, 8, 123.5, 51])
# Rows, exact risk, approximate risk, as stated there.
STATED = {
    "whole": (
        WHOLE,
        [0.01355297, 0.08579129, 0.01355297, 0.17707583,
         0.01877883, 0.01877883, 0.03931625, 0.01355297],
        [0.01369863, 0.08579129, 0.01369863, 0.17707583,
         0.01877883, 0.01877883, 0.03931625, 0.01369863],
    ),
    "blanks": (
        BLANK,
        [0.013552968, 0.085791288, 0.010504889, 0.032466112,
         0.009756889, 0.009756889, 0.039316254, 0.005962551],
        [0.013698630, 0.085791288, 0.010554090, 0.032466112,
         0.009836066, 0.009836066, 0.039316254, 0.005973716],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STATED)
def test_individual_risk_of_eight_rows_whole_and_with_blanks(case):
    rows, exact, approximate = STATED[case]
    found = by_record(rows, WEIGHTS)
    assert found["individual_risk"].to_numpy() == pytest.approx(exact, abs=5e-9)
    alike = [
        [all(None in pair or len(set(pair)) == 1 for pair in zip(a, b, strict=True)) for b in rows]
        for a in rows
    ]
    size, people = np.sum(alike, axis=1), np.array(alike) @ WEIGHTS
    assert found["class_size"].tolist() == size.tolist()
    assert individual_risks_approximate(size, people) == pytest.approx(approximate, abs=5e-9)


def test_special_uniques_of_the_practice_guide():
    # Statistical Disclosure Control: A Practice Guide, table "SUDA"; residence, gender,
    # education and labour of ten people. The scores are those of test_suda2.R.
    rows = ["ufie", "ufie", "ufpn", "umse", "rfsu", "umse", "ufcn", "umtu", "ufin", "ufin"]
    codes = np.array([[ord(letter) for letter in row] for row in rows])
    assert suda_scores(find_minimal_uniques(codes)).tolist() == [0, 0, 6, 0, 12, 0, 6, 10, 0, 0]


def test_special_uniques_of_the_book():
    # Age, gender, income, education of eight people, again from test_suda2.R.
    rows = ["2mhs", "2mhs", "2mls", "2mls", "2flu", "2fls", "2flm", "6mlu"]
    codes = np.array([[ord(letter) for letter in row] for row in rows])
    assert suda_scores(find_minimal_uniques(codes)).tolist()[4:] == [4, 2, 6, 8]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_contributions_of_keys(order):
    # Uniques {a} of the first record, {b} and {c} of the second, {a, b} and {a, c} of the third.
    codes = np.array([[2, 0, 0], [1, 3, 6], [1, 0, 0]])
    share = score_shares_by_key(find_minimal_uniques(codes[:, order]))
    assert share.tolist() == [[0.5, 0.375, 0.375][j] for j in order]


def test_tau_where_the_sample_is_taken_for_the_population():
    # test_modRisks.R, ten rows at a rate of .01, main effects. Its modRisk takes the fitted mean
    # of the sample, mu, for that of the population, mu / pi, and divides by the nine classes:
    # .552916 and .7053842. By the definition (Skinner and Holmes 1998) the population's mean
    # counts, and none of these people is a likely population unique.
    rows = ["225", "314", "224", "325", "314", "124", "213", "313", "212", "222"]
    codes = np.array([[int(digit) for digit in row] for row in rows])
    as_there = loglinear_risk(codes, 1.99)  # mu (1 - pi) / pi = .99 mu
    assert as_there.tau1 / 9 == pytest.approx(0.552916, abs=5e-7)
    assert as_there.tau2 / 9 == pytest.approx(0.7053842, abs=5e-8)
    assert loglinear_risk(codes, 100.0).tau1 < 1e-8
