"""Label and score against hand counts and another implementation."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from privaudit.campaign.leaning_and_attributes import (
    _singular,
    labels_checked,
    leaning_quality,
    presume,
    side_contacts,
)
from privaudit.campaign.plan import CampaignPlan
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.calibration import mean_roc_area, roc_area


def measured(judge, *what):
    rows = Rows(0, "accounts")
    judge(rows, *what)
    return Measures(family="campaign", rows=rows, provenance="simulated")


def test_contacts_with_the_candidate_are_counted(street):
    contacts = side_contacts(street, CampaignPlan())
    # Partisan pages, the other candidate and what comes after the day do not count.
    assert contacts["side_interactions"].tolist() == [1, 0, 0, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert contacts["first_seen"][4] == pd.Timestamp("2016-07-01 10:00")
    assert contacts["first_seen"].isna().sum() == 8


@pytest.mark.parametrize(
    ("plan", "labelled"),
    [
        (CampaignPlan(), [0, 3, 4, 5, 6, 13]),
        (CampaignPlan(min_interactions=2), [4]),
        (CampaignPlan(side="left"), [8]),
    ],
)
def test_one_like_makes_a_sympathiser(street, plan, labelled):
    presumed, _ = presume(street, plan, seed=7)
    assert np.flatnonzero(presumed["presumed_leaning"] == plan.side).tolist() == labelled
    assert set(presumed["presumed_leaning"]) <= {"", plan.side}


def test_too_few_declared_accounts_give_no_score(street):
    presumed, trained = presume(street, CampaignPlan(label_share=1.0), seed=7)
    # Right bloc: accounts 0, 2, 5, 6, 7; all fourteen are learnt from. One fewer right is too few.
    assert trained.sum() == 14
    assert presumed["score"].between(0, 1).all()
    people = street.people.assign(leaning=street.people["leaning"].replace("far_right", "none"))
    fewer = dataclasses.replace(street, people=people)
    assert presume(fewer, CampaignPlan(label_share=1.0), seed=7)[0]["score"].isna().all()
    assert presume(street, CampaignPlan(label_share=0.0), seed=7)[0]["score"].isna().all()


def test_label_precision_is_the_hand_count(street):
    plan = CampaignPlan()
    presumed, trained = presume(street, plan, seed=7)
    row = measured(leaning_quality, street, presumed, trained, plan)
    # Labelled: Éric and Luc lean right; Marie, Alexandre, Hugo left; Hélène far right.
    assert row.row("label_precision").value == pytest.approx(2 / 6)
    assert row.row("label_precision").n == 6


def test_auc_agrees_with_scikit_learn():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(3)
    positive = rng.random(400) < 0.4
    score = np.round(rng.normal(positive.astype(float)), 1)  # with ties
    value, low, high = roc_area(score, positive)
    assert value == pytest.approx(roc_auc_score(positive, score))
    assert low < value < high


def test_auc_interval_covers():
    # Unit normals one apart: the AUC is Phi(1 / sqrt(2)) = .7602.
    rng = np.random.default_rng(4)
    positive = np.repeat([True, False], (60, 90))
    inside = 0
    for _ in range(400):
        _, low, high = roc_area(rng.normal(positive.astype(float)), positive)
        inside += low <= 0.76025 <= high
    # 95 % of 400 is 380; four standard deviations are 17.
    assert inside > 380 - 17


def test_auc_of_one_class_is_unknown():
    assert np.isnan(roc_area(np.array([0.1, 0.2]), np.array([True, True]))).all()


def test_the_mean_area_is_that_of_another_implementation():
    """scikit-learn: one value against the rest, each of the same weight."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(4)
    code = rng.integers(0, 4, 300)
    scores = rng.normal(size=(300, 4)) + 0.8 * np.eye(4)[code]
    chance = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    names = np.array(list("abcd"))
    wanted = roc_auc_score(code, chance, multi_class="ovr", average="macro")
    value, low, high = mean_roc_area(chance, names[code], names)
    assert value == pytest.approx(wanted)
    assert low < value < high
    # With two values one area suffices; absent values are left out.
    two = np.where(code < 2, "a", "b")
    both = np.column_stack([chance[:, 0], -chance[:, 0], chance[:, 1]])
    assert mean_roc_area(both, two, np.array(["a", "b", "z"])) == pytest.approx(
        roc_area(chance[:, 0], two == "a")
    )


def test_the_interval_of_a_mean_area_holds_it_as_often_as_it_says():
    """Three normal laws, 300 samples: a mean of 10,000 accounts is the truth; .95 of 300 is 285,
    with a standard deviation of 3.8."""
    rng = np.random.default_rng(8)
    names = np.array(list("abc"))

    def drawn(n):
        code = rng.choice(3, n, p=[0.2, 0.3, 0.5])
        return rng.normal(size=(n, 3)) + np.eye(3)[code], names[code]

    truth = mean_roc_area(*drawn(10_000), names)[0]
    held = sum(low <= truth <= high for _, low, high in (
        mean_roc_area(*drawn(200), names) for _ in range(300)
    ))  # fmt: skip
    assert 272 <= held <= 297


@pytest.fixture
def crowd(street):
    """600 accounts; the two blocs like the pages of their own, and noise."""
    rng = np.random.default_rng(5)
    n, pages = 600, 60
    right = rng.random(n) < 0.5
    chance = np.full((n, pages), 0.1)
    chance[:, :5] = np.where(right, 0.3, 0.1)[:, None]
    account, page = np.nonzero(rng.random((n, pages)) < chance)
    people = pd.DataFrame({"leaning": pd.Series(np.where(right, "right", "left"), dtype="str")})
    return dataclasses.replace(
        street,
        people=people,
        accounts=pd.DataFrame({"account": np.arange(n), "person": rng.permutation(n)}),
        pages=pd.DataFrame({"page": np.arange(pages), "kind": "generic", "side": "", "topic": ""}),
        interactions=pd.DataFrame(
            {"account": account, "page": page, "time": np.datetime64("2016-05-01", "s")}
        ),
    )


def test_the_score_of_noise_is_blind(crowd):
    # Likes belong to accounts and leanings to shuffled persons: nothing can be learnt. A score
    # that had seen its own labels would look good on the declared accounts.
    plan = CampaignPlan(label_share=0.5)
    presumed, trained = presume(crowd, plan, seed=7)
    leaning = crowd.people["leaning"].to_numpy()[crowd.accounts["person"]]
    score = presumed["score"].to_numpy()
    for rows in (trained, ~trained):
        _, low, high = roc_area(score[rows], leaning[rows] == "right")
        # Without a relation between score and truth, all probabilities are equal.
        assert low <= 0.5 <= high


@pytest.mark.parametrize("side", ["right", "left"])
def test_the_score_learns_what_there_is(crowd, side):
    world = dataclasses.replace(crowd, accounts=crowd.accounts.assign(person=np.arange(600)))
    plan = CampaignPlan(label_share=0.5, side=side)
    presumed, trained = presume(world, plan, seed=7)
    row = measured(leaning_quality, world, presumed, trained, plan).row("score_auc")
    # Five pages at .3 against .1: the best possible test on the number of them, Binomial(5, .3)
    # against Binomial(5, .1), has an AUC of .779; the score knows less, and beats a coin.
    assert 0.6 < row.low < row.value < 0.82
    assert row.n == (~trained).sum()


def test_the_score_is_a_probability_over_all_accounts(street):
    """Version 0.1.0 scored one bloc against the other: read over all, it was off by .146."""
    rng = np.random.default_rng(8)
    n, pages = 3_000, 120
    leaning = rng.choice(["right", "left", "centre", "none"], n, p=[0.3, 0.3, 0.2, 0.2])
    # Pages 0 to 19 are liked by the right, 20 to 39 by the left: half as often by the others.
    chance = np.full((n, pages), 0.08)
    chance[leaning == "right", :20] = 0.16
    chance[leaning == "left", 20:40] = 0.16
    account, page = np.nonzero(rng.random((n, pages)) < chance)
    world = dataclasses.replace(
        street,
        people=pd.DataFrame({"leaning": pd.Series(leaning, dtype="str")}),
        accounts=pd.DataFrame({"account": np.arange(n), "person": np.arange(n)}),
        pages=pd.DataFrame({"page": np.arange(pages), "kind": "generic", "side": "", "topic": ""}),
        interactions=pd.DataFrame(
            {"account": account, "page": page, "time": np.datetime64("2016-05-01", "s")}
        ),
    )
    plan = CampaignPlan(label_share=0.3)
    presumed, known = presume(world, plan, seed=7)
    row = measured(leaning_quality, world, presumed, known, plan).row("score_error")
    # Ten bins of 210 accounts: chance alone makes about .025.
    assert row.n == (~known).sum()
    assert 0.01 < row.baseline < 0.03
    assert row.value < 2 * row.baseline
    score = presumed["score"].to_numpy()
    for rows in (known, ~known):
        assert abs(score[rows].mean() - (leaning[rows] == "right").mean()) < 0.03
    some = np.arange(len(known)) % 3 == 0
    right, of, side, declared = labels_checked(world, some, known, plan)
    assert (right, of) == ((leaning[known & some] == "right").sum(), (known & some).sum())
    assert (side, declared) == ((leaning[known] == "right").sum(), known.sum())


@pytest.mark.parametrize("shape", [(14, 40), (40, 14)])
def test_axes_are_singular_vectors(shape):
    """As many random vectors as the matrix has rows or columns find them exactly, up to a sign."""
    matrix = np.random.default_rng(4).normal(size=shape)
    found = _singular(csr_matrix(matrix), 4, 1)
    exact = np.linalg.svd(matrix)[2][:4]
    assert np.allclose(np.abs(found @ exact.T), np.eye(4))
