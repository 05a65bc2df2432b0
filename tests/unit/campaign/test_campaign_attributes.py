"""Attribute inference: sources, probabilities and training accounts of each cell."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign import leaning_and_attributes
from privaudit.campaign.leaning_and_attributes import (
    ATTRIBUTES,
    Evidence,
    evidence_of,
    infer,
    presume_attributes,
    truth_of,
)
from privaudit.campaign.plan import CampaignPlan
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import of_candidate


def planted(n=1_500, strength=2.0, seed=0):
    """Accounts of two sorts, a page that the second sort likes more, in everything else alike."""
    from scipy.sparse import csr_matrix

    rng = np.random.default_rng(seed)
    sort = rng.random(n) < 0.4
    likes = np.column_stack([strength * sort + rng.standard_normal(n), rng.standard_normal(n)])
    label = np.full(n, "none", dtype="<U5")
    evidence = Evidence(csr_matrix((n, 2)), np.eye(2), likes, np.zeros(n), label)
    return evidence, np.where(sort, "b", "a")


def test_probabilities_are_those_of_bayes_for_a_known_law():
    """Two normal laws of spread 1, 2 apart: log odds are 2 x - 2 + log(.4 / .6)."""
    evidence, sort = planted(n=6_000)
    result = infer(evidence, np.arange(3_000), sort[:3_000], way="likes", seed=1)
    claimed = (result.log_p[:, 1] - result.log_p[:, 0])[3_000:]
    exact = 2 * evidence.likes[3_000:, 0] - 2 + np.log(0.4 / 0.6)
    assert np.corrcoef(claimed, exact)[0, 1] > 0.999
    assert np.abs(np.exp(result.log_p[3_000:, 1]) - 1 / (1 + np.exp(-exact))).mean() < 0.02


def test_uninformative_likes_give_the_shares():
    """A slope learnt of nothing has a standard error of (n p q)^-1/2, each of two, and moves p by
    p q times that: .026 in the root mean square over accounts; twice that is allowed."""
    evidence, sort = planted(strength=0.0)
    result = infer(evidence, np.arange(700), sort[:700], way="likes", seed=1)
    gap = np.exp(result.log_p[:, 1]) - np.mean(sort[:700] == "b")
    assert np.sqrt((gap**2).mean()) < 2 * 0.026


def test_the_rule_counts_labelled_accounts():
    """400 with the label, of whom 300 are of the sort; 600 without, of whom 100 are."""
    sort = np.repeat(["b", "a", "b", "a"], [300, 100, 100, 500])
    label = np.repeat(["right", "none"], [400, 600])
    empty = planted(n=1_000)[0]
    result = infer(empty._replace(label=label), np.arange(1_000), sort, way="rule", seed=1)
    chance = np.exp(result.log_p[:, 1])
    assert chance[0] == pytest.approx(0.75, abs=0.01)
    assert chance[-1] == pytest.approx(1 / 6, abs=0.01)


@pytest.mark.filterwarnings("error")
def test_an_outlying_account_does_not_affect_others():
    """Past odds of e^37 a share of 1 - p is 0 in floating point, and its logarithm none."""
    evidence, sort = planted()
    loud = np.flatnonzero(sort == "b")[:3]
    evidence.likes[loud, 0] = 500.0
    result = infer(evidence, np.arange(700), sort[:700], way="likes", seed=1)
    assert np.isfinite(result.log_p).all()
    assert np.isfinite(result.top).all()
    assert (result.values[result.log_p[loud].argmax(axis=1)] == "b").all()


def test_rare_values_are_not_learnt():
    evidence, _ = planted()
    assert infer(evidence, np.arange(8), np.array(list("aaaaabbb")), seed=1) is None
    result = infer(evidence, np.arange(14), np.array(list("aaaaabbbbbbccc")), seed=1)
    assert result.values.tolist() == ["a", "b"]


@pytest.fixture(scope="module")
def world():
    return pa.simulate(pa.Town(inhabitants=1_200), seed=11)


@pytest.fixture(scope="module")
def campaign(world):
    return pa.run_campaign(world, seed=11)


@pytest.mark.heavy
def test_every_cell_has_a_source(campaign):
    cells = campaign.attributes
    assert cells["attribute"].unique().tolist() == list(ATTRIBUTES)
    assert (cells.groupby("attribute").size() == len(campaign.profiles)).all()
    assert set(cells["source"]) == {"declared", "register", "inferred"}
    assert (cells.loc[cells["source"] == "declared", "probability"] == 1).all()
    assert cells["probability"].between(0, 1).all()
    register = cells[(cells["source"] == "register") & (cells["attribute"] == "age_band")]
    held = campaign.profiles["age_band"].to_numpy()[register["profile"]]
    assert (register["value"].to_numpy() == held).all()


@pytest.mark.heavy
def test_only_declared_values_are_learnt_from(world, campaign):
    """The truth of everybody else may be anything: not one inferred cell moves."""
    cells = campaign.attributes
    shown = cells[(cells["attribute"] == "interest") & (cells["source"] == "declared")]["profile"]
    people = world.people.copy()
    hidden = np.setdiff1d(
        world.accounts["person"], world.accounts["person"].to_numpy()[shown.to_numpy()]
    )
    people.loc[hidden, "interest"] = "chess"
    object.__setattr__(changed := _copy(world), "people", people)
    given = changed, campaign.plan, campaign.profiles, campaign.evidence
    again, _ = presume_attributes(*given, seed=11)
    item = again[again["attribute"] == "interest"].reset_index(drop=True)
    other = cells[cells["attribute"] == "interest"].reset_index(drop=True)
    pd.testing.assert_frame_equal(item, other)


def _copy(world):
    from dataclasses import replace

    return replace(world)


@pytest.mark.heavy
def test_quality_is_counted_by_hand(world, campaign):
    cells = campaign.attributes[campaign.attributes["attribute"] == "family"]
    kind = world.households["kind"].to_numpy()
    true = kind[world.people["household"].to_numpy()[world.accounts["person"]]]
    inferred = (cells["source"] == "inferred").to_numpy()
    hit = cells["value"].to_numpy() == true
    row = campaign.quality.row("right", attribute="family", source="inferred")
    assert row.value == pytest.approx(hit[inferred].mean())
    assert row.n == inferred.sum()
    women = world.people["sex"].to_numpy()[world.accounts["person"]] == "F"
    group = campaign.quality.row("right", attribute="family", group="F")
    # Every account has a kind of household, declared or inferred.
    assert (group.value, group.n) == (pytest.approx(hit[women].mean()), women.sum())
    everybody = campaign.quality.row("right", attribute="family")
    assert (everybody.value, everybody.n) == (pytest.approx(hit.mean()), len(hit))
    assert campaign.quality.row("filled", attribute="family", source="inferred").value == (
        pytest.approx(inferred.mean())
    )


@pytest.mark.heavy
def test_every_attribute_is_judged_in_every_group(world, campaign):
    """Filled, right, told apart and claimed: of all, by age and by sex, each with an interval."""
    people = world.people.iloc[world.accounts["person"]]
    bands, sexes = (np.unique(people[name], return_counts=True) for name in ("age_band", "sex"))
    for attribute in ATTRIBUTES:
        groups = [{}]
        for name, (values, n) in (("age_band", bands), ("sex", sexes)):
            groups += [{"group": v} for v in values[n >= 11].tolist() if attribute != name]
        for group in groups:
            for measure in ("filled", "right", "told_apart", "claim_error"):
                row = campaign.quality.row(measure, attribute=attribute, **group)
                assert np.isnan(row.value) or row.low <= row.value <= row.high


@pytest.mark.parametrize(("women", "judged"), [(10, False), (11, True), (12, True)])
def test_a_group_is_judged_from_eleven_accounts_on(monkeypatch, women, judged):
    n = women + 15
    sex = np.array(["F"] * women + ["M"] * 15)
    truth = {"family": np.full(n, "couple"), "sex": sex, "age_band": np.full(n, "30-44")}
    monkeypatch.setattr(leaning_and_attributes, "truth_of", lambda _: truth)
    cells = pd.DataFrame({"attribute": ["family"] * n, "value": "couple", "source": "declared",
                          "probability": 1.0})  # fmt: skip
    rows = Rows(n, "accounts")
    leaning_and_attributes.attribute_quality(rows, SimpleNamespace(accounts=range(n)), cells, {})
    groups = {row.part.get("group") for row in rows if row.measure == "filled"}
    assert groups - {None} == {"M", "30-44"} | ({"F"} if judged else set())


def test_one_area_is_the_mean_of_those_of_each_value(campaign):
    areas = [r for r in campaign.quality.rows if r.measure == "told_apart" and "answer" in r.part]
    for attribute in ATTRIBUTES:
        each = [r.value for r in areas if r.part["attribute"] == attribute]
        mean = campaign.quality.row("told_apart", attribute=attribute).value
        assert mean == pytest.approx(np.nanmean(each))


def test_interactions_after_the_day_are_not_used(world):
    early = CampaignPlan(as_of="2016-09-03")
    evidence = evidence_of(world, early, np.random.default_rng(0))
    visible = world.interactions[world.interactions["time"] <= early.as_of]
    ordinary = ~of_candidate(world.pages)[visible["page"]]
    assert evidence.touched.nnz == len(visible[ordinary].drop_duplicates(["account", "page"]))


def test_blocs_follow_from_leanings(world):
    truth = truth_of(world)
    pairs = set(zip(truth["leaning"].tolist(), truth["bloc"].tolist(), strict=True))
    assert pairs <= {
        ("left", "left_bloc"), ("radical_left", "left_bloc"), ("right", "right_bloc"),
        ("far_right", "right_bloc"),
        ("centre", "neither"), ("none", "neither"),
    }  # fmt: skip


def test_without_the_score_nothing_is_inferred(world):
    bare = pa.run_campaign(world, seed=11, with_score=False)
    assert len(bare.attributes) == 0
    assert list(bare.attributes) == ["profile", "attribute", "value", "probability", "source"]


def test_a_sex_of_the_roll_is_as_sure_as_the_roll_is_right_of_those_who_declare_one(monkeypatch):
    """Of three who declare it the roll has two, and is right of one: (1 + 1) / (2 + 2)."""
    shown = np.array([True, True, True, False, False])
    monkeypatch.setattr(leaning_and_attributes, "truth_of", lambda _: {"sex": np.array([*"FFMFF"])})
    monkeypatch.setattr(leaning_and_attributes, "_declared", lambda *_: shown)
    monkeypatch.setattr(leaning_and_attributes, "infer", lambda *_, **__: None)
    profiles = pd.DataFrame({"profile": range(5), "sex": ["F", "M", "", "M", ""]})
    cells, _ = presume_attributes(None, None, profiles, None, seed=1)
    assert cells["value"].tolist() == ["F", "F", "M", "M", ""]
    assert cells["source"].tolist() == [*["declared"] * 3, "register", ""]
    assert cells["probability"].tolist()[:4] == [1, 1, 1, 0.5]
