"""Attribute disclosure, against the definitions written out class by class."""

import math
from collections import Counter, defaultdict
from fractions import Fraction
from importlib import import_module
from itertools import combinations_with_replacement
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from privaudit.columns.roles import Roles
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.measures import guarded
from privaudit.tables.bayes_vulnerability import (
    _gain_in_steps,
    _guess_in_steps,
    _ratio_of_steps,
    bayes_vulnerability,
)
from privaudit.tables.l_diversity import (
    _beside_share,
    _entropy_beside,
    _ratio_beside,
    _share_of_level,
    _without_full_classes,
    alpha,
    distinct_l,
    diversity_by_class,
    entropy_l,
    recursive_c,
)
from privaudit.tables.measure import measure
from privaudit.tables.t_closeness import (
    _ancestors,
    _beside_rarest,
    _distance_in_steps,
    basic_beta,
    delta_disclosure,
    enhanced_beta,
    enhanced_beta_present,
    largest_present_log_ratio,
    t_categorical,
    t_hierarchical,
    t_ordered,
)
from privaudit.tables.table_measure import NOTHING, in_steps, sensitive_counts

cases = st.integers(1, 14).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
    )
)


def shares(label, value):
    """Classes as dictionaries of exact shares, and the table's."""
    by_class = defaultdict(Counter)
    for c, s in zip(label, value, strict=True):
        by_class[c][s] += 1
    q = [{s: Fraction(k, sum(c.values())) for s, k in c.items()} for c in by_class.values()]
    p = {s: Fraction(k, len(value)) for s, k in Counter(value).items()}
    return q, p


def dense(values):
    """Codes 0..m-1 in the order of the values, as the measures ask for."""
    return np.unique(values, return_inverse=True)[1]


@given(cases)
def test_l_diversity_and_alpha_follow_their_definitions(case):
    label, value = case
    q, _ = shares(label, value)
    counts = sensitive_counts(label, dense(value))
    assert distinct_l.take(counts) == min(len(c) for c in q)
    assert alpha.take(counts) == pytest.approx(float(max(max(c.values()) for c in q)))
    entropy = min(-sum(float(x) * math.log(x) for x in c.values()) for c in q)
    assert entropy_l.take(counts) == pytest.approx(math.exp(entropy))


@given(cases, st.integers(2, 4))
def test_recursive_c_is_the_least_bound_of_the_definition(case, l):  # noqa: E741
    label, value = case
    q, _ = shares(label, value)
    worst = 0.0
    for c in q:
        r = sorted(c.values(), reverse=True)
        tail = sum(r[l - 1 :])
        worst = max(worst, float(r[0] / tail) if tail else math.inf)
    assert recursive_c.take(sensitive_counts(label, dense(value)), l) == pytest.approx(worst)


def test_recursive_c_is_of_the_worse_class_with_as_many_values_as_l():
    """Of 5, 3, 1, 1 and of 6, 2, 1: over all but the first value, and over all but two."""
    counts = sensitive_counts(
        [0] * 10 + [1] * 9, [0] * 5 + [1] * 3 + [2, 3] + [3] * 6 + [1] * 2 + [0]
    )
    assert [recursive_c.take(counts, l) for l in (2, 3, 4)] == [2, 6, math.inf]  # noqa: E741


def test_a_cell_of_no_record_is_no_value_of_its_class():
    cells = csr_array(([7.0, 0.0, 3.0], ([0, 0, 0], [0, 1, 2])), shape=(1, 3))
    assert diversity_by_class(cells)[0].tolist() == [2]


@given(cases)
def test_both_distances_follow_their_definitions(case):
    label, value = case
    q, p = shares(label, value)
    order = sorted(p)
    counts = sensitive_counts(label, dense(value))
    variation = max(sum(abs(c.get(s, 0) - p[s]) for s in order) / 2 for c in q)
    assert t_categorical(counts) == pytest.approx(float(variation), abs=1e-12)
    worst = Fraction(0)
    for c in q:
        run, cost = Fraction(0), Fraction(0)
        for s in order:
            run += c.get(s, 0) - p[s]
            cost += abs(run)
        worst = max(worst, cost / max(len(order) - 1, 1))
    assert t_ordered(counts) == pytest.approx(float(worst), abs=1e-12)


@given(cases)
def test_likeness_and_delta_disclosure_follow_their_definitions(case):
    label, value = case
    q, p = shares(label, value)
    counts = sensitive_counts(label, dense(value))
    gains = [((c[s] - p[s]) / p[s], p[s]) for c in q for s in c]
    basic = max(0.0, max(float(g) for g, _ in gains))
    assert basic_beta.take(counts) == pytest.approx(basic, abs=1e-12)
    infeasible = any(g > 0 and float(g) > -math.log(s) for g, s in gains)
    enhanced = enhanced_beta.take(counts)
    assert math.isinf(enhanced) if infeasible else enhanced == pytest.approx(basic, abs=1e-12)
    if any(s not in c for c in q for s in p):
        assert delta_disclosure.take(counts) == math.inf
    else:
        delta = max(abs(math.log(c[s] / p[s])) for c in q for s in p)
        assert delta_disclosure.take(counts) == pytest.approx(delta, abs=1e-12)


@given(cases)
def test_bayes_vulnerability_follows_its_definition(case):
    label, value = case
    best = Counter(value).most_common(1)[0][1]
    seen = sum(
        Counter(v for c, v in zip(label, value, strict=True) if c == k).most_common(1)[0][1]
        for k in set(label)
    )
    prior, posterior = bayes_vulnerability(sensitive_counts(label, dense(value)))
    assert (prior, posterior) == pytest.approx((best / len(value), seen / len(value)))


def emd(q, p, distance):
    """Earth mover's distance by linear programming: an independent oracle."""
    from scipy.optimize import linprog

    m = len(p)
    rows = np.kron(np.eye(m), np.ones(m)), np.kron(np.ones(m), np.eye(m))
    answer = linprog(
        np.asarray(distance).ravel(), A_eq=np.vstack(rows), b_eq=np.concatenate([q, p])
    )
    return answer.fun


def test_the_tree_distance_is_the_transport_problem_of_the_tree():
    rng = np.random.default_rng(3)
    # Six values, two levels under the root: (0 1 2) and (3 4 5), and a middle level.
    tree = np.array([[0, 0, 9], [0, 0, 9], [1, 0, 9], [2, 1, 9], [2, 1, 9], [3, 1, 9]])
    line = np.column_stack([np.arange(6), tree])
    # Height at which the lines of two values first meet.
    meet = (line[:, None, :] == line[None, :, :]).argmax(axis=2)
    label, value = rng.integers(0, 3, 40), np.append(np.arange(6), rng.integers(0, 6, 34))
    counts = sensitive_counts(label, value)
    p = np.bincount(value, minlength=6) / 40
    want = max(
        emd(np.bincount(value[label == c], minlength=6) / (label == c).sum(), p, meet / 3)
        for c in range(3)
    )
    assert t_hierarchical(counts, tree) == pytest.approx(want, abs=1e-9)


def test_a_flat_tree_is_the_total_variation():
    counts = sensitive_counts([0, 0, 0, 1, 1], [0, 0, 1, 2, 2])
    flat = np.zeros((3, 1), dtype=int)
    want = t_categorical(counts)
    assert t_hierarchical(counts, flat) == pytest.approx(want)


@pytest.mark.parametrize(
    ("tree", "needed"),
    [
        ([[0], [0]], "shape"),
        ([[0], [0], [1]], "one root"),
        ([[0, 0, 9], [0, 1, 9], [1, 1, 9]], "one parent a node"),
    ],
)
def test_what_is_no_tree_is_refused(tree, needed):
    counts = sensitive_counts([0, 0, 1], [0, 1, 2])
    with pytest.raises(ParameterError, match=needed):
        t_hierarchical(counts, tree)


def test_a_missing_value_is_not_diversity():
    counts = sensitive_counts([0, 0, 1, 1], [0, -1, 0, 1])
    assert distinct_l.take(counts) == 1


def test_all_missing_is_refused():
    with pytest.raises(ParameterError, match="known sensitive value"):
        sensitive_counts([0, 1], [-1, -1])


def test_an_absent_value_is_infinite_for_delta_disclosure():
    assert delta_disclosure.take(sensitive_counts([0, 0, 1, 1], [0, 1, 0, 0])) == math.inf


def test_an_infeasible_enhanced_beta_is_said():
    # p = .5 and q = 1: the gain of 1 is above -ln .5 = .69 whatever beta.
    assert enhanced_beta.take(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1])) == math.inf


def test_entropy_l_is_not_rounded_down():
    counts = sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])
    assert entropy_l.take(counts) == pytest.approx(2.2296, abs=5e-5)


@given(cases)
def test_the_worst_class_is_among_one_of_each_profile(case):
    """Classes of one record are looked at once for each value, exactly as all of them."""
    counts = sensitive_counts(case[0], dense(case[1]))
    few = counts.profiles
    lone = Counter(c for c in Counter(case[0]).values() if c == 1)[1]
    assert len(few.start) <= len(counts.start) - lone + len(set(case[1]))
    for take in (
        distinct_l.take, entropy_l.take, recursive_c.take, alpha.take,
        t_categorical, t_ordered, basic_beta.take,
        enhanced_beta.take, enhanced_beta_present.take, delta_disclosure.take,
        largest_present_log_ratio,
    ):  # fmt: skip
        assert take(few) == take(counts), take.__name__


def every_class(records, values):
    """Counts of every class of so many records over at most so many values, the most first."""
    for cuts in combinations_with_replacement(range(records + 1), values - 1):
        counts = np.diff([0, *cuts, records])
        if (np.diff(counts) <= 0).all():
            yield counts[counts > 0]


def column_of(values=3, n=20, l=2, **more):  # noqa: E741
    return SimpleNamespace(
        holders=range(values),
        n=n,
        options=SimpleNamespace(l=l),
        **dict.fromkeys(("few_counts_tell", "few_classes_hold_rare", "has_rare_value"), False)
        | {"names_levels": True, "stepped_class": n}
        | more,
    )


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.4), (1 / 3, 0.5), (0.5, 0.6), (0.9, 1.0)])
def test_a_step_of_the_largest_share_bounds_entropy_and_recursive_c(low, high):
    """Over every class of 20 of three values whose largest share lies in the step."""
    entropies, ratios = [], []
    for counts in every_class(20, 3):
        if low - 1e-9 <= counts[0] / 20 <= high + 1e-9:
            share = counts / 20
            entropies.append(math.exp(-(share * np.log(share)).sum()))
            ratios.append(counts[0] / (20 - counts[0]) if counts[0] < 20 else math.inf)
    least, most = _entropy_beside(column_of(), low, high)
    assert least <= min(entropies) + 1e-9
    assert max(entropies) <= most + 1e-9
    # As near as classes of 20 come: the others even, the largest as small as may be.
    assert most - max(entropies) < 0.15
    least, most = _ratio_beside(column_of(), low, high)
    finite = [one for one in ratios if one < math.inf]
    assert least <= min(finite) + 1e-9
    # All but one of 20 is the most where not all have it.
    assert max(finite) <= most + 1e-9
    assert most == (19 if high == 1 else pytest.approx(high / (1 - high)))
    assert _ratio_beside(column_of(l=3), low, high) == NOTHING


def test_entropy_of_even_shares_is_the_number_of_values():
    assert _entropy_beside(column_of(), 1 / 3, 0.5) == (2, pytest.approx(3))
    assert _entropy_beside(column_of(), 0.2, 0.5) == (2, pytest.approx(3))
    assert _entropy_beside(column_of(), 0.0, 0.5) == (2, pytest.approx(3))


def test_a_share_is_shown_in_steps_where_a_class_has_a_name():
    column = column_of(n=40, stepped_class=40)
    assert _share_of_level(column, {"value": 0.6}) == (0.4, 0.7)
    assert _share_of_level(column, {"value": 1}) is None
    assert _share_of_level(column_of(names_levels=False), {"value": 0.6}) is None
    # A tenth at least, 11 of the records where they are more; all of them at most.
    assert in_steps(None, {"value": 0.95}, 110) == (0.9, 1.0)
    assert in_steps(None, {"value": 0.95}, 109) == (0.8, 1.0)
    assert in_steps(None, {"value": 0.5}, 5) == (0.0, 1.0)
    assert in_steps(None, {"value": 0.9}, 300) == (0.8, 0.9)
    # That all classes are as the table is would be known to the record.
    assert in_steps(None, {"value": 0}, 300) == (0.0, 0.1)
    assert in_steps(None, {"value": 0}, 40) == (0.0, 0.1)


def test_the_width_of_the_steps_does_not_tell_the_largest_class():
    """A width for 19 to 21 records, of 28 in two classes, said that the other has 7 to 9."""
    sizes = {}
    for largest in range(1, 200):
        low, high = in_steps(None, {"value": 0.99}, largest)
        sizes.setdefault(round(high - low, 6), []).append(largest)
    assert [*sizes] == [1.0, 0.3, 0.2, 0.1]
    assert min(len(many) for many in sizes.values()) > 10


def test_whether_all_classes_have_every_value_is_left_out_where_that_counts_a_rare_one():
    assert _without_full_classes(column_of(few_classes_hold_rare=True), {}) == (1, 3)
    assert _without_full_classes(column_of(), {}) is None


def test_a_gain_over_the_rarest_value_is_shown_beside_ten_holders():
    """Of 200 records, a value of ten holders in a class of its own: 20 times, of one: 200."""
    shown = _beside_rarest(lambda times: times - 1)
    for rare in ({"has_rare_value": True, "names_levels": False}, {"names_levels": True}):
        column = column_of(n=200, **rare)
        limit = 200 / (SMALL_CELL - 1) - 1
        assert shown(column, {"value": limit - 1e-9}) == (0, limit)
        assert shown(column, {"value": limit}) == (limit, 199)
        assert shown(column, {"value": math.inf}) is None
    assert shown(column_of(names_levels=False), {"value": 3}) is None
    few = column_of(has_rare_value=True, few_classes_hold_rare=True)
    assert shown(few, {"value": math.inf}) == NOTHING


def test_nothing_is_ordered_among_one_value_and_two_are_a_whole_step_apart():
    assert t_ordered(sensitive_counts([0, 1], [0, 0])) == 0
    # Shares (1/3, 2/3) of all, (0, 1) of the worse class.
    assert t_ordered(sensitive_counts([0, 0, 1], [0, 1, 1])) == pytest.approx(1 / 3)


def test_classes_are_as_far_from_the_table_however_many_are_taken_at_once(monkeypatch):
    monkeypatch.setattr(import_module(t_hierarchical.__module__), "_CELLS", 1)
    # Shares of all: 3/8, 3/8, 1/4; the farthest of three classes is neither first nor last.
    counts = sensitive_counts([0, 0, 0, 1, 1, 2, 2, 2], [0, 1, 2, 0, 0, 1, 1, 2])
    assert t_hierarchical(counts, [[0], [0], [0]]) == pytest.approx(5 / 8)


def test_a_column_is_measured_by_the_distance_of_its_values():
    """Shares of all 1/2, 1/4, 1/4; the classes have (1, 0, 0) and (0, 1/2, 1/2)."""
    people = pd.DataFrame({"age": [30, 30, 41, 41], "vote": list("aabc"), "ill": list("aabc"),
                           "grade": [1.5, 1.5, 2.5, 3.5]})  # fmt: skip
    roles = Roles(key="age", sensitive=["vote", "ill", "grade"])
    tree = {"a": ("x", "u", "r"), "b": ("x", "u", "r"), "c": ("y", "v", "r")}
    got = measure(people, roles, hierarchy={"ill": tree})
    # Half of the people change; ranks 1/2 and 1/4 of two steps; 1/4 in x and 1/4 over the root.
    want = {("vote", "equal"): 1 / 2, ("grade", "ordered"): 3 / 8, ("ill", "tree"): 1 / 3}
    rows = [row for row in got.rows if row.measure == "t_closeness"]
    assert {(row.part["column"], row.part["distance"]): row.value for row in rows} == (
        pytest.approx(want)
    )
    # What orders a column is noted where it orders.
    assert {row.part["column"] for row in rows if row.notes} == {"grade"}
    # By their class three of four are guessed, without it two; of others the two of one value.
    for name, rate in {"vulnerability_prior": 1 / 2, "vulnerability_posterior": 3 / 4,
                       "leakage_additive": 1 / 4, "leakage_multiplicative": 3 / 2,
                       "vulnerability_held_out": 1 / 2}.items():  # fmt: skip
        assert got.value(name, column="vote") == rate, name


def test_a_feasible_gain_is_bounded_by_the_rarest_value():
    # Of halves, .6 and .4: a gain of a fifth, under -ln .5.
    even = sensitive_counts([0] * 5 + [1] * 5, [0, 0, 0, 1, 1, 0, 0, 1, 1, 1])
    assert enhanced_beta.take(even) == enhanced_beta_present.take(even) == pytest.approx(0.2)
    # A quarter alone in a class: a gain of 3, over -ln .25; code 1 is of no record.
    uneven = sensitive_counts([0, 1, 1, 1], [0, 2, 2, 2])
    assert enhanced_beta_present.take(uneven) == pytest.approx(math.log(4))


@pytest.mark.parametrize(
    ("reveals", "names", "value", "step", "ratio"),
    [
        # Eleven of 40 are 28 hundredths: 1, .72, .44, .16.
        (True, False, 0.75, (0.72, 1), (1, 1 / 0.72)),
        (False, True, 0.75, (0.72, 1), (1, 1 / 0.75)),
        # Of three values the commonest has a third or more.
        (True, True, 0.2, (0.16, 0.44), (1, 3 * 0.44)),
    ],
)
def test_guesses_are_shown_in_steps_where_the_prior_or_a_class_reveals(
    reveals, names, value, step, ratio
):
    column = column_of(n=40, prior_reveals=reveals, names_levels=names)
    column.holders_known, column.counts = np.array([30, 10]), None
    column.once = lambda *_: (value, value, value)
    assert _guess_in_steps(column, {"value": value}) == pytest.approx(step)
    assert _ratio_of_steps(column, {}) == pytest.approx(ratio)
    assert _gain_in_steps(column, {"value": 0}) == pytest.approx((0, 0.28))
    column.prior_reveals = column.names_levels = False
    for shown in (_guess_in_steps, _ratio_of_steps, _gain_in_steps):
        assert shown(column, {"value": value}) is None


def test_a_distance_is_shown_in_steps_of_the_class_or_of_all():
    row, column = {"value": 0.5}, column_of(n=40, stepped_class=20, has_rare_value=True)
    # Eleven of 20 are more than half, of 40 three tenths.
    assert _distance_in_steps(column, row) == (0.0, 1.0)
    column.names_levels = False
    assert _distance_in_steps(column, row) == (0.4, 0.7)
    column.has_rare_value = False
    assert _distance_in_steps(column, row) is None


@pytest.mark.parametrize(
    ("classes", "values"), [(2, 2), (2, 3), (3, 2), (2, 4), (3, 5), (2, 10), (4, 4)]
)
def test_ranges_of_few_free_counts_are_not_shown_together(classes, values):
    """Beside known totals two classes of two values have one free count; four of four, nine."""
    few = (classes - 1) * (values - 1) <= 8
    records = [
        (a, s) for a in range(classes) for s in range(values) for _ in range(12 + 9 * (a + s))
    ]
    frame = pd.DataFrame(records, columns=["a", "s"])
    rows = {row.measure: row for row in guarded(measure(frame, Roles(key="a", sensitive="s")).rows)}
    ranges = {word for word, row in rows.items() if row.low == row.low != row.high}
    assert {"alpha", "entropy_l", "recursive_c"} <= ranges
    together = {"t_closeness", "basic_beta", "enhanced_beta", "delta_disclosure",
                "vulnerability_posterior", "vulnerability_held_out", "leakage_additive",
                "leakage_multiplicative"}  # fmt: skip
    assert together & ranges == (set() if few else together)
    assert all(math.isnan(rows[word].value) for word in together)


@pytest.mark.parametrize("ancestors", [[0, 0], [[0]], [[], []]])
def test_ancestors_are_a_row_a_value(ancestors):
    with pytest.raises(ParameterError, match=r"ancestors of shape \(2, height\)"):
        t_hierarchical(sensitive_counts([0, 0], [0, 1]), ancestors)


@pytest.mark.parametrize(
    ("tree", "width", "error", "needed"),
    [
        ({"a": ("x",), "b": ("x", "y")}, 2, ParameterError, "paths of different lengths"),
        ({"a": (), "b": ()}, 2, ParameterError, "empty paths"),
        ({"a": ("x",)}, 2, SchemaError, "1 values without a path"),
        ({"a": ("x",), "b": ("x",)}, 3, ParameterError, "missing values counted as a value"),
    ],
)
def test_paths_that_place_no_value_are_refused(tree, width, error, needed):
    with pytest.raises(error, match=needed):
        _ancestors("vote", pd.Index(["a", "b"]), tree, width)
    good = _ancestors("vote", pd.Index(["a", "b"]), {"a": ("x", "r"), "b": ("y", "r")}, 2)
    assert good.tolist() == [[0, 0], [1, 0]]


def test_each_record_has_the_diversity_of_its_least_diverse_column():
    """Classes of three and of two; of a column of one value nothing is told apart."""
    people = pd.DataFrame({"age": [30, 30, 30, 41, 41], "vote": list("abaaa"), "ill": list("xxyxy"),
                           "same": ["z"] * 5})  # fmt: skip
    roles = Roles(key="age", sensitive=["vote", "ill", "same"])
    found = measure(people, roles)
    rows = found.per_record
    assert rows["distinct_l"].tolist() == [2, 2, 2, 1, 1]
    # By illness too, one vote is left of the three and of the others.
    assert found.value("distinct_l_multi", column="vote") == 1
    pairs = measure(people.assign(age=30, ill=list("xxxyy"), vote=list("abaab")), roles)
    assert pairs.value("distinct_l_multi", column="vote") == 2
    # Of 2/3 and 1/3: 3 / 2^(2/3).
    assert rows["entropy_l"].tolist() == pytest.approx([3 / 2 ** (2 / 3)] * 3 + [1] * 2)
    alone = measure(people, Roles(key="age", sensitive="same")).per_record
    assert alone["distinct_l"].isna().all()
    # Where nobody's vote is known the other column counts.
    half = measure(people.assign(vote=["a", "b", "a", None, None]), roles).per_record
    assert half["distinct_l"].tolist() == [2] * 5


def test_a_blank_agrees_with_every_class_where_it_is_a_wildcard():
    people = pd.DataFrame({"age": ["y", "y", None, "o"], "vote": list("aabc")})
    rows = measure(people, Roles(key="age", sensitive="vote"), missing="wildcard").per_record
    # Two a and a blank's b; all three; the blank's b and c.
    assert rows["distinct_l"].tolist() == [2, 2, 3, 2]
    apart = measure(people, Roles(key="age", sensitive="vote"), missing="value").per_record
    assert apart["distinct_l"].tolist() == [1, 1, 1, 1]


def test_the_counts_of_a_class_with_a_name_are_shown_beside_its_largest_share():
    shown = _beside_share(lambda _, low, high: (low, high))
    column = column_of(n=200, stepped_class=40, table=SimpleNamespace(has_gaps=False))
    column.counts = SimpleNamespace(share=np.array([0.5, 0.3, 0.2]))
    # Eleven of 40 are three tenths.
    assert shown(column, {"value": 2}) == (0.4, 0.7)
    # The ratio of two even counts is 1 too; only where all have one value is it the number.
    assert shown(column, {"value": 1}) == (0.4, 0.7)
    assert shown(column, {"value": math.inf}) is None
    column.table.has_gaps = True
    assert shown(column, {"value": 2}) == NOTHING
    column.counts = SimpleNamespace(share=np.array([1.0, 0.5, 0.5]))
    assert shown(column, {"value": 1}) is None
    column.names_levels = False
    assert shown(column, {"value": 2}) is None
