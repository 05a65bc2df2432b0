"""Attacks on tables: four rows by hand, brute force over ties, the peers' faults, refusals."""

import itertools
from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from privaudit.errors import ParameterError, SchemaError
from privaudit.tables.inference import inference
from privaudit.tables.linkability import linkability
from privaudit.tables.nearest_records import Neighbours, link_by_chance, link_probability
from privaudit.tables.singling_out import (
    AT_MOST,
    EQUAL,
    MISSING,
    bounded_control,
    combined_predicates,
    count_matches,
    extreme_predicates,
    independent_predicates,
    isolation_rate,
    singling_out,
)
from privaudit.words.catalogues import Note

PEOPLE = pd.DataFrame(
    {
        "age": [30, 41, 52, 63],
        "sex": ["F", "M", "F", "M"],
        "born": pd.to_datetime(["1990-01-01", "1980-01-01", "1970-01-01", "1960-01-01"]),
        "vote": ["left", "right", "left", "none"],
    }
)
OTHERS = pd.DataFrame(
    {
        "age": [35, 47, 58, 69],
        "sex": ["F", "M", "F", "M"],
        "born": pd.to_datetime(["1985-06-01", "1975-06-01", "1965-06-01", "1955-06-01"]),
        "vote": ["none", "left", "right", "left"],
    }
)


def isolation_by_chance(w, n):
    """n w (1 - w)^(n - 1): one of n people by a predicate of weight w (Cohen and Nissim 2020)."""
    return n * w * np.exp((n - 1) * np.log1p(-w)) if n > 1 else w


def town(n, seed):
    rng = np.random.default_rng(seed)
    born = pd.Timestamp("1930-01-01") + pd.to_timedelta(rng.integers(0, 28_000, n), unit="D")
    return pd.DataFrame(
        {
            "age": (2016 - born.year).astype(int),
            "born": born,
            "sex": rng.choice(["F", "M"], n),
            "job": rng.choice(list("abcdefgh"), n),
            "income": np.round(rng.lognormal(10, 0.5, n), 2),
            "vote": rng.choice(["left", "right", "none"], n, p=[0.2, 0.2, 0.6]),
        }
    )


def test_linkability_of_a_copy_by_hand():
    found = linkability(PEOPLE, PEOPLE, OTHERS, left=["age"], right=["born"])
    assert found.row("linkability").value == 1
    assert found.row("linkability").baseline == 1 / 4
    # Sex is shared by two: one of the two, either way.
    found = linkability(PEOPLE, PEOPLE, OTHERS, left=["age"], right=["sex"])
    assert found.row("linkability").value == 0.5
    found = linkability(PEOPLE, PEOPLE, OTHERS, left=["vote"], right=["sex"])
    # left-F: 2 and 2 tied, both shared: 1/2; right-M: 1 and 2: 1/2; none-M the same.
    assert found.row("linkability").value == 0.5


def by_all_ways(sure_a, tied_a, slots_a, sure_b, tied_b, slots_b):
    meets = [
        bool((set(sure_a) | set(a)) & (set(sure_b) | set(b)))
        for a in itertools.combinations(tied_a, slots_a)
        for b in itertools.combinations(tied_b, slots_b)
    ]
    return Fraction(sum(meets), len(meets))


@pytest.mark.parametrize("seed", range(30))
def test_ties_count_as_every_way_to_break_them(seed):
    rng = np.random.default_rng(seed)
    sides, sets = [], []
    for _ in range(2):
        order = rng.permutation(7)
        sure, tied = order[: rng.integers(0, 3)], order[2 : 3 + rng.integers(0, 4)]
        tied = tied[~np.isin(tied, sure)]
        slots = int(rng.integers(1, len(tied) + 1))
        mask = np.zeros((2, 1, 7), bool)
        mask[0, 0, sure], mask[1, 0, tied] = True, True
        sure_ones, tied_ones = (csr_array(part.astype(int)) for part in mask)
        sides.append(Neighbours(sure=sure_ones, tied=tied_ones, slots=np.array([slots])))
        sets += [sure.tolist(), tied.tolist(), slots]
    assert link_probability(*sides)[0] == pytest.approx(float(by_all_ways(*sets)), abs=1e-12)


@pytest.mark.parametrize(("n", "k"), [(4, 1), (6, 2), (7, 3), (5, 3)])
def test_chance_links_are_those_of_random_sets(n, k):
    ways = [set(a) & set(b) != set() for a in itertools.combinations(range(n), k)
            for b in itertools.combinations(range(n), k)]  # fmt: skip
    assert link_by_chance(n, k) == pytest.approx(np.mean(ways))


def test_no_attack_depends_on_the_order_of_rows():
    original, control = town(120, 1), town(90, 2)
    release = original.assign(income=original["income"].round(-3))
    calls = (
        lambda o, r, c: singling_out(o, r, c, attacks=60, seed=5),
        lambda o, r, c: singling_out(o, r, c, attributes=3, attacks=40, seed=5),
        lambda o, r, c: linkability(
            o, r, c, left=["sex", "job"], right=["vote", "age"], neighbours=2, attacks=50, seed=5
        ),
        lambda o, r, c: inference(o, r, c, known=["sex", "job"], secret="vote", attacks=50, seed=5),
    )
    rng = np.random.default_rng(0)
    mixed = [table.iloc[rng.permutation(len(table))] for table in (original, release, control)]
    for call in calls:
        first, second = call(original, release, control), call(*mixed)
        pd.testing.assert_frame_equal(first.overall, second.overall)


def test_inference_by_hand():
    # Known: sex. Two of each, tied: the right vote with the share that has it.
    found = inference(PEOPLE, PEOPLE, OTHERS, known=["sex"], secret="vote")
    # F: left left: 1 and 1; M: right, none: 1/2 each. Control: none, left among F: 0 and 0;
    # left, left... among M: 0 and 0, right among F: 0.
    assert found.row("inference").value == 0.75
    assert found.row("inference").control == 0
    assert found.row("inference").baseline == 0.5  # everybody votes left
    assert found.row("inference").residual == 0.75


def test_a_negative_guess_is_not_right():
    # The fault of a peer: |g - s| / (g + 1e-12) is negative for a negative g.
    people = pd.DataFrame({"street": ["a", "b", "c"], "balance": [100.0, 200.0, -50.0]})
    wrong = people.assign(balance=[-100.0, -200.0, 50.0])
    found = inference(people, wrong, people, known=["street"], secret="balance")
    assert found.row("inference").value == 0
    right = inference(people, people, people, known=["street"], secret="balance")
    assert right.row("inference").value == 1  # -50 for -50 is right


@pytest.mark.parametrize(("error", "value"), [(0.049, 1.0), (0.051, 0.0)])
def test_numbers_may_be_off_by_the_tolerance(error, value):
    people = pd.DataFrame({"street": list("abc"), "income": [1000.0, 2000.0, 3000.0]})
    near = people.assign(income=people["income"] * (1 + error))
    found = inference(people, near, people, known=["street"], secret="income")
    assert found.row("inference").value == value


@pytest.mark.parametrize(("days", "value"), [(5, 1.0), (4, 0.0)])
def test_dates_are_attacked_in_days(days, value):
    late = PEOPLE.assign(born=PEOPLE["born"] + pd.Timedelta(days=5))
    found = inference(PEOPLE, late, OTHERS, known=["age"], secret="born", days=days)
    assert found.row("inference").value == value


def test_dates_single_out():
    # The fault of a peer: date columns are never attacked.
    found = singling_out(PEOPLE, PEOPLE, OTHERS, columns=["born"])
    # Four dates that stand once, the first and the last: each describes one person.
    assert found.row("singling_out").n == 6
    assert found.row("singling_out").value == 1


def test_extreme_predicates_by_hand():
    table = np.array([[1.0, 0], [2, 1], [2, 1], [np.nan, 1]])
    made = extreme_predicates(table, np.array([True, False]))
    said = {
        (int(c), int(o), None if np.isnan(v) else float(v))
        for c, o, v in zip(made.column[:, 0], made.operator[:, 0], made.value[:, 0], strict=True)
    }
    assert said == {
        (0, EQUAL, 1.0), (0, AT_MOST, 1.0),
        (0, MISSING, None), (1, EQUAL, 0.0),
    }  # fmt: skip
    # Two have the highest number: it singles nobody out.
    assert count_matches(table, made)[:, 0].tolist() == [1, 1, 1, 1]


def test_combined_predicates_describe_one_record_each_and_once():
    table = np.random.default_rng(0).integers(0, 6, (80, 4)).astype(float)
    ordered = np.array([True, True, False, False])
    made = combined_predicates(table, ordered, 3, 400, np.random.default_rng(1))
    assert len(made) > 20
    assert (count_matches(table, made)[:, 0] == 1).all()
    rows = np.concatenate([made.column, made.operator, made.value], axis=1)
    assert len(np.unique(rows, axis=0)) == len(rows)
    assert (np.diff(made.column, axis=1) > 0).all()


@pytest.mark.parametrize(("n", "size"), [(7, 7), (7, 3), (9, 1), (30, 12)])
def test_isolation_rate_is_a_count_of_subsets(n, size):
    expected = [
        m * comb(n - m, size - 1) / comb(n, size) if n - m >= size - 1 else 0 for m in range(n + 1)
    ]
    np.testing.assert_allclose(isolation_rate(np.arange(n + 1), n, size), expected)


@pytest.mark.parametrize("w", [0.001, 0.05, 0.4])
def test_isolation_rate_estimates_the_chance_without_bias(w):
    n, size = 60, 25
    law = np.array([comb(n, m) * w**m * (1 - w) ** (n - m) for m in range(n + 1)])
    mean = law @ isolation_rate(np.arange(n + 1), n, size)
    assert mean == pytest.approx(size * w * (1 - w) ** (size - 1), rel=1e-9)
    assert mean == pytest.approx(float(isolation_by_chance(w, size)))


def test_a_copy_leaks_and_a_stranger_does_not():
    original, control, stranger = town(400, 1), town(400, 2), town(400, 3)
    attacks = {
        "singling_out": lambda r: singling_out(original, r, control, attributes=3, seed=1),
        "linkability": lambda r: linkability(
            original, r, control, left=["age", "job"], right=["income", "vote"]
        ),
        "inference": lambda r: inference(
            original, r, control, known=["age", "job", "sex", "income"], secret="vote"
        ),
    }
    for name, attack in attacks.items():
        copy, other = attack(original), attack(stranger)
        assert copy.row(name).residual_low > 0.5
        assert copy.reliable
        row = other.row(name)
        assert row.residual_low <= 0 <= row.residual_high


def test_overlapping_predicates_are_worth_fewer():
    sizes, groups = np.full(20, 20), np.repeat(np.arange(20), 20)
    copies, disjoint = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        one = np.bincount(rng.choice(groups, rng.binomial(400, 0.03)), minlength=20)
        copies.append(independent_predicates(np.tile(one, (200, 1)), sizes, 100))
        cell = rng.integers(0, 400, 400)
        each = np.zeros((400, 20), int)
        np.add.at(each, (cell, groups), 1)
        disjoint.append(independent_predicates(each[:200], sizes, 400))
    # Two hundred times one predicate: by definition, from the rates of many tables.
    rate = isolation_rate(np.random.default_rng(9).binomial(400, 0.03, 100_000), 400, 100)
    alone = rate.mean() * (1 - rate.mean())
    assert np.median(copies) == pytest.approx(200 * alone / (alone + 200 * rate.var()), rel=0.3)
    # Two hundred that share nobody vary as independent ones: half is taken off for their being
    # drawn. The jackknife errs on the safe side (Efron and Stein 1981), and takes more.
    assert 25 < np.mean(disjoint) <= 100


@pytest.mark.heavy
def test_the_interval_covers_no_leak_as_often_as_it_says():
    covered = 0
    for run in range(40):
        original, control, stranger = (town(200, 1000 + 3 * run + k) for k in range(3))
        found = singling_out(original, stranger, control, attributes=3, attacks=150, seed=run)
        row = found.row("singling_out")
        covered += row.residual_low <= 0 <= row.residual_high
    assert covered >= 35  # 38 expected; less than 35 comes once in a hundred


def test_a_larger_control_is_measured_for_as_many_people_as_the_original():
    # Ages 30 to 63 stand in six of eight people outside, some twice: by hand, for 4 of 8.
    outside = pd.DataFrame({"age": [30, 30, 41, 52, 52, 52, 99, 99]})
    found = singling_out(PEOPLE, PEOPLE, outside, columns=["age"])
    # Predicates: = 30 (2 match), = 41 (1), = 52 (3), = 63 (0), <= 30 (2), >= 63 (2).
    rates = [m * comb(8 - m, 3) / comb(8, 4) for m in (2, 1, 3, 0, 2, 2)]
    assert found.row("singling_out").control == pytest.approx(np.mean(rates))
    assert found.row("singling_out").value == 1
    assert found.row("singling_out").residual == 1


def test_a_smaller_control_bounds_the_chance_and_says_so():
    outside = pd.DataFrame({"age": [41, 99]})
    found = singling_out(PEOPLE, PEOPLE, outside, columns=["age"])
    # = 41 and >= 63 isolate one of the two; for four people at most twice as often, and at
    # most as often as the best guess, (3 / 4)^3 = 27 / 64.
    assert found.row("singling_out").control == 27 / 64
    assert found.row("singling_out").residual == 1
    assert not found.reliable
    assert found.notes[0] == Note("control_is_smaller", control=2, original=4)
    assert found.row("singling_out").bound == "lower"
    # Somebody else's predicates still come out as no leak.
    original, control, stranger = town(600, 1), town(200, 2), town(600, 3)
    other = singling_out(original, stranger, control, attributes=2, attacks=400, seed=2)
    assert other.row("singling_out").residual_low <= 0


@pytest.mark.parametrize("w", [0.0005, 0.01, 0.2])
def test_the_bound_of_a_smaller_control_holds(w):
    for m, n in ((10, 11), (50, 400), (200, 201)):
        larger = isolation_by_chance(w, n)
        assert larger <= n / m * isolation_by_chance(w, m) + 1e-12
        assert larger <= (1 - 1 / n) ** (n - 1) + 1e-12


def test_a_weak_attack_says_that_it_says_nothing():
    original, stranger, control = town(300, 1), town(300, 3), town(300, 2)
    found = inference(original, stranger, control, known=["sex"], secret="vote")
    assert not found.reliable
    assert found.notes[0].key == "weak_attack"


def test_missing_secrets_are_left_out_and_missing_guesses_are_wrong():
    people = PEOPLE.assign(vote=["left", None, "left", "none"])
    empty = people.assign(vote=[None, "right", "left", "none"])
    found = inference(people, empty, OTHERS, known=["age"], secret="vote")
    assert found.row("inference").n == 3
    assert found.row("inference").value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda p: singling_out(p, p, p, columns=["aeg"]), SchemaError, "Did you mean 'age'"),
        (lambda p: singling_out(p, p, p, attributes=9), ParameterError, "attributes"),
        (lambda p: singling_out(p, p, p.iloc[:0]), SchemaError, "an empty control"),
        (lambda p: linkability(p, p, p, left=["age"], right=["age"]), ParameterError, "both sides"),
        (lambda p: linkability(p, p, p, left=[], right=["age"]), ParameterError, "both sides"),
        (
            lambda p: linkability(p, p, p, left=["age"], right=["sex"], neighbours=5),
            ParameterError,
            "neighbours",
        ),
        (lambda p: inference(p, p, p, known=["age"], secret="age"), ParameterError, "none of them"),
        (
            lambda p: inference(p, p.assign(vote=None), p, known=["age"], secret="vote"),
            ParameterError,
            "empty there",
        ),
        (
            lambda p: inference(p.assign(vote=None), p, p, known=["age"], secret="vote"),
            ParameterError,
            "with a known secret",
        ),
        (
            lambda p: linkability(p, p.assign(born="long ago"), p, left=["age"], right=["born"]),
            SchemaError,
            "date in the original, category in the release",
        ),
    ],
)
def test_wrong_input_is_refused(call, error, said):
    with pytest.raises(error, match=said):
        call(PEOPLE)


def test_a_release_that_describes_nobody_alone_is_said():
    flat = pd.DataFrame({"sex": ["F"] * 3 + ["M"] * 3})
    with pytest.raises(ParameterError, match="nobody alone"):
        singling_out(flat, flat, flat)


def test_a_multiplied_control_is_as_unsure_as_it_is():
    control = np.repeat([1.0, 0.0], [10, 90])
    chance, worth = bounded_control(control, 100.0, smaller_by=3, highest=0.9)
    assert chance == pytest.approx(0.3)
    # A tenth of 100, give or take sqrt(.1 x .9 / 100) = .03: three times that for .3.
    assert np.sqrt(chance * (1 - chance) / worth) == pytest.approx(0.09)
    assert bounded_control(control, 100.0, smaller_by=20, highest=0.9)[0] == 0.9
    assert bounded_control(control, 100.0, smaller_by=1.0, highest=1.0) == (0.1, 100.0)
