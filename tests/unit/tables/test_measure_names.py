"""Every measure that the library promises has its row, under its plain and lasting name."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

import privaudit as pa
from privaudit.results.measures import as_printed
from privaudit.tables.disclosure_risk import household_share
from privaudit.tables.population.sample_ranges import Estimate
from privaudit.words.catalogues import Note

CLASSES = (
    "records", "classes", "k_anonymity", "sample_uniques", "share_under", "classes_of",
    "share_at_risk", "distinction", "separation",
)  # fmt: skip
POPULATION = (
    "journalist_risk_max", "k_map", "delta_presence", "delta_presence_low", "prosecutor_risk_max",
    "prosecutor_risk_mean", "marketer_risk",
)  # fmt: skip
LEARNT = (
    "alpha", "distinct_l", "distinct_l_multi", "entropy_l", "recursive_c", "t_closeness",
    "basic_beta", "enhanced_beta", "enhanced_beta_present", "delta_disclosure",
    "delta_disclosure_present", "vulnerability_prior",
    "vulnerability_posterior", "leakage_additive", "leakage_multiplicative",
)  # fmt: skip
ESTIMATES = (
    "individual_risk", "individual_risk_max", "individual_risk_approximate", "household_risk",
    "household_risk_max", "tau1", "tau2", "population_unique_share", "population_uniques_zayatz",
    "population_uniques_pitman", "population_uniques_snb", "population_uniques_dankar",
    "correctness", "correctness_entropy", "correctness_exponent",
)  # fmt: skip
SPECIAL = (
    "suda_score", "suda_score_max", "dis_suda", "dis_suda_max", "special_uniques",
    "minimal_uniques",
)  # fmt: skip
# Numbers of the file alone: they are their own interval.
COUNTED = {*CLASSES, *LEARNT, *SPECIAL, "prosecutor_risk_max", "prosecutor_risk_mean"} - {
    "share_at_risk"
}


@pytest.fixture(scope="module")
def everybody():
    rng = np.random.default_rng(4)
    n = 3_000
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "sex": rng.choice(list("FM"), n),
            "commune": rng.choice(list("ABCD"), n),
            "party": rng.choice(["left", "right", "green"], n),
            "income": rng.integers(1, 9, n),
            "home": rng.integers(0, 1_200, n),
            "weight": 2.0,
        }
    )


def measured(frame, **options):
    roles = pa.Roles(key=["age", "sex", "commune"], sensitive=["party", "income"])
    weighted = options.pop("weighted", False)
    if weighted:
        roles = pa.Roles(key=roles.key, sensitive=roles.sensitive, weight="weight")
    tree = {"left": ("l", "any"), "green": ("l", "any"), "right": ("r", "any")}
    table = pa.read_table(frame, roles=roles)
    return pa.measure(table, household="home", hierarchy={"party": tree}, subsets=2, **options)


@pytest.fixture(scope="module")
def by_weight(everybody):
    return measured(everybody.sample(frac=0.5, random_state=1), weighted=True)


@pytest.fixture(scope="module")
def by_population(everybody):
    part = everybody.sample(frac=0.5, random_state=1)
    return measured(part, population=everybody, sampling_fraction=0.5)


def test_every_name_has_a_whole_row(by_weight, by_population):
    for result in (by_weight, by_population):
        names = {row.measure for row in result.rows}
        assert {*CLASSES, *POPULATION, *LEARNT, *ESTIMATES, *SPECIAL} <= names
        for row in result.rows:
            assert row.n > 0
            # A number that cannot be had has a note; one that is reliable lies in its interval.
            if math.isnan(row.value) or not row.reliable:
                assert row.notes
            else:
                assert row.low <= row.value <= row.high


def test_sets_of_keys_columns_and_keys_have_rows_of_their_own(by_weight):
    told = {(row.measure, value) for row in by_weight.rows for value in row.part.values()}
    for one in (("age",), ("sex",), ("commune",), ("age", "sex"), ("sex", "commune")):
        assert {("distinction", one), ("separation", one)} <= told
    assert {(name, of) for name in LEARNT for of in ("party", "income")} <= told
    assert {("suda_score_with", key) for key in ("age", "sex", "commune")} <= told


def test_a_count_of_the_file_is_its_own_interval_and_an_estimate_has_one(by_weight):
    for row in by_weight.rows:
        if row.measure in COUNTED and not math.isnan(row.value):
            assert row.low == row.value == row.high
    # The rarest key is that of somebody alone for sure, which leaves no range.
    for name in sorted({*ESTIMATES, "share_at_risk", "marketer_risk"} - {"household_risk_max"}):
        row = by_weight.row(name)
        assert row.low < row.high, name


def test_a_mean_is_the_mean_of_the_scores_of_the_records(by_population):
    scores = by_population.per_record
    for name in ("individual_risk", "household_risk", "suda_score", "dis_suda"):
        assert by_population.value(name) == pytest.approx(scores[name].mean())
        top = by_population.value(f"{name}_max")
        assert top == scores[name].max()


def test_what_rests_on_weights_holds_what_the_population_says(by_weight, by_population):
    # The weights are 2, and one in two was drawn: both tell of the same people.
    true = by_population.value
    for name in ("share_at_risk", "k_map", "marketer_risk", "individual_risk", "household_risk",
                 "household_risk_max", "journalist_risk_max"):  # fmt: skip
        row = by_weight.row(name)
        assert row.low <= true(name) <= row.high, name


def test_a_household_without_a_reliable_member_is_not_told_either(everybody):
    got = measured(everybody.sample(40, random_state=2), sampling_fraction=40 / 3_000)
    for name, why in (
        ("household_risk", "range_too_wide"),
        ("household_risk_max", "rarest_not_known"),
    ):
        row = as_printed(got).row(name)
        assert math.isnan(row.value)
        assert why in [note.key for note in row.notes]
        assert not row.reliable


def test_the_range_of_households_is_that_of_their_members():
    rng = np.random.default_rng(9)
    found = rng.uniform(0, 0.4, 60)
    most = np.minimum(found * rng.uniform(1, 3, 60), 1.0)
    home = rng.integers(0, 25, 60)
    mean = float(found.mean())
    members = Estimate(value=mean, low=0.8 * mean, high=1.1 * mean)

    def at(target):
        # One factor for all, none above its bound, by another root finder.
        factor = brentq(lambda a: np.minimum(a * found, most).mean() - target, 0, 50)
        risks = np.minimum(factor * found, most)
        return np.mean([1 - np.prod(1 - risks[home == h]) for h in home])

    got = household_share(members, found, most, home)
    assert got.value == pytest.approx(at(mean))
    assert (got.low, got.high) == pytest.approx((at(0.8 * mean), at(1.1 * mean)))
    refused = Estimate(value=mean, low=0.0, high=1.0, reliable=False, reason=Note("because"))
    wide = household_share(refused, found, most, home)
    assert (wide.low, wide.reliable, wide.reason) == (0.0, False, Note("because"))
    assert wide.high == pytest.approx(np.mean([1 - np.prod(1 - most[home == h]) for h in home]))


@pytest.mark.parametrize("lazy", [False, True])
def test_a_value_that_only_excluded_records_have_is_no_value(lazy):
    # Incomes 1 and 9 are left: one step apart, and half of the way on average.
    frame = pd.DataFrame({"key": ["x", "y", None], "income": [1, 9, 5], "party": list("abc")})
    table = frame
    if lazy:
        import polars as pl

        table = pl.from_pandas(frame).lazy()
    tree = {"a": ("any",), "b": ("any",)}
    got = pa.measure(
        table, pa.Roles(key="key", sensitive=["income", "party"]), missing="exclude",
        hierarchy={"party": tree},
    )  # fmt: skip
    assert got.value("t_closeness", column="income") == 0.5
    assert got.value("t_closeness", column="party") == 0.5
