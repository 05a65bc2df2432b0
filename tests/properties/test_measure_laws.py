"""Each measure of a table declares the laws that it keeps; one test tries them all.

A law is a change of the table and what it may do to the measure: leave it, or move it one way.
"""

from __future__ import annotations

import importlib
import inspect
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from privaudit.tables.bayes_vulnerability import bayes_vulnerability, held_out_vulnerability
from privaudit.tables.disclosure_risk import (
    household_risks,
    presence_range,
    prosecutor_risks,
    share_above,
)
from privaudit.tables.distinction import distinct_ratio, separation_ratio
from privaudit.tables.equivalence_classes import class_size_histogram, classes, count_class_sizes
from privaudit.tables.k_anonymity import count_uniques, share_below, smallest_class
from privaudit.tables.l_diversity import (
    alpha,
    distinct_l,
    distinct_l_multi,
    diversity_by_class,
    entropy_l,
    recursive_c,
)
from privaudit.tables.missing_keys import matching_sums
from privaudit.tables.population import loglinear_model
from privaudit.tables.population.individual_risk import (
    individual_risks,
    individual_risks_approximate,
)
from privaudit.tables.population.pitman_model import expected_correctness, scaling_law
from privaudit.tables.population.sample_ranges import (
    classes_range,
    fewest_alone,
    mixture_shares,
    people_range,
    uniques_range,
)
from privaudit.tables.population.uniqueness import (
    dankar_uniques,
    pitman_uniques,
    snb_uniques,
    zayatz_uniques,
)
from privaudit.tables.special_uniques import (
    dis_suda_scores,
    find_minimal_uniques,
    find_wildcard_uniques,
    score_shares_by_key,
    score_shares_by_level,
    suda_scores,
    unique_match_risk,
)
from privaudit.tables.t_closeness import (
    basic_beta,
    delta_disclosure,
    enhanced_beta,
    enhanced_beta_present,
    largest_present_log_ratio,
    t_categorical,
    t_hierarchical,
    t_ordered,
)
from privaudit.tables.table_measure import TableMeasure, sensitive_counts


@dataclass
class Table:
    """Codes of keys, and of a sensitive column."""

    codes: np.ndarray
    sensitive: np.ndarray

    @property
    def groups(self):
        return classes(self.codes)

    @property
    def size(self):
        return self.groups.per_record

    @property
    def counts(self):
        dense = np.unique(self.sensitive, return_inverse=True)[1]
        return sensitive_counts(self.groups.label, dense)


@st.composite
def tables(draw):
    n, d = draw(st.integers(2, 16)), draw(st.integers(2, 3))
    cell = st.integers(0, 3)
    rows = draw(st.lists(st.lists(cell, min_size=d, max_size=d), min_size=n, max_size=n))
    values = draw(st.lists(cell, min_size=n, max_size=n))
    return Table(np.array(rows), np.array(values))


# What is done to a table ------------------------------------------------------------------


def rows_shuffled(table):
    order = np.random.default_rng(1).permutation(len(table.codes))
    return Table(table.codes[order], table.sensitive[order])


def keys_reordered(table):
    return Table(table.codes[:, ::-1], table.sensitive)


def levels_renamed(table):
    # Another numbering of the levels of each key, with gaps: only equality may matter.
    return Table(np.array([11, 3, 0, 7])[table.codes], table.sensitive)


def values_renamed(table):
    return Table(table.codes, np.array([2, 0, 3, 1])[table.sensitive])


def values_reversed(table):
    return Table(table.codes, 3 - table.sensitive)


def everybody_twice(table):
    return Table(np.tile(table.codes, (2, 1)), np.tile(table.sensitive, 2))


def key_coarsened(table):
    codes = table.codes.copy()
    codes[:, 0] //= 2
    return Table(codes, table.sensitive)


def key_left_out(table):
    return Table(table.codes[:, 1:], table.sensitive)


SAME, NOT_MORE, NOT_LESS, DOUBLE = "same", "not more", "not less", "double"
NAMELESS = {rows_shuffled: SAME, keys_reordered: SAME, levels_renamed: SAME}
# A risk: what is known less of, is not riskier.
RISK = NAMELESS | {key_coarsened: NOT_MORE, key_left_out: NOT_MORE}
SAFETY = NAMELESS | {key_coarsened: NOT_LESS, key_left_out: NOT_LESS}
SENSITIVE = {values_renamed: SAME, everybody_twice: SAME}


def alone_by_mixture(sizes):
    """Return the share of uniques of the smooth mixture; nan where there is none."""
    found = mixture_shares(sizes, 0.5)
    return math.nan if found is None else found.uniques.value


def half(table):
    """Class sizes for the estimators."""
    return table.groups.size


def score(table):
    return suda_scores(find_minimal_uniques(table.codes))


def people(table):
    """A population three times the file."""
    return 3.0 * table.size


def diversity(table):
    dense = np.unique(table.sensitive, return_inverse=True)[1]
    cells = np.zeros((len(table.groups.size), dense.max() + 1))
    np.add.at(cells, (table.groups.label, dense), 1)
    return diversity_by_class(csr_array(cells))


# Measure: how it is taken from a table, its bounds, its laws -------------------------------

LAWS = {
    "smallest_class": (
        lambda t: smallest_class(t.size), (1, math.inf), SAFETY | {everybody_twice: DOUBLE}),
    "count_uniques": (
        lambda t: count_uniques(t.size), (0, math.inf), RISK | {everybody_twice: NOT_MORE}),
    "share_below": (
        lambda t: share_below(t.size, 3), (0, 1), RISK | {everybody_twice: NOT_MORE}),
    "prosecutor_risks": (
        lambda t: prosecutor_risks(t.size).mean(), (0, 1), RISK | {everybody_twice: NOT_MORE}),
    "share_above": (lambda t: share_above(prosecutor_risks(t.size), 0.4), (0, 1), RISK),
    "presence_range": (
        lambda t: presence_range(t.groups.size, 3.0 * t.groups.size)[1], (0, 1), NAMELESS),
    "household_risks": (
        lambda t: household_risks(1 / t.size, t.sensitive).mean(), (0, 1),
        RISK | {values_renamed: SAME}),
    "individual_risks": (
        lambda t: individual_risks(t.size, people(t)).mean(), (0, 1),
        RISK | {everybody_twice: NOT_MORE}),
    "individual_risks_approximate": (
        lambda t: individual_risks_approximate(t.size, people(t)).mean(), (0, 1), NAMELESS),
    "fewest_alone": (lambda t: fewest_alone(t.size, people(t)), (0, 32), NAMELESS),
    "alpha": (lambda t: alpha.take(t.counts), (0, 1), RISK | SENSITIVE),
    "distinct_l": (lambda t: distinct_l.take(t.counts), (1, 4), SAFETY | SENSITIVE),
    "distinct_l_multi": (lambda t: distinct_l_multi.take(t.counts), (1, 4), SAFETY | SENSITIVE),
    # Entropy is concave: a joint class is at least as diverse as the less diverse of its parts.
    "entropy_l": (lambda t: entropy_l.take(t.counts), (1, 4), SAFETY | SENSITIVE),
    # Joining two classes keeps the bound of the worse one (Machanavajjhala et al. 2007).
    "recursive_c": (lambda t: recursive_c.take(t.counts), (0, math.inf), RISK | SENSITIVE),
    "bayes_vulnerability": (
        lambda t: bayes_vulnerability(t.counts)[1], (0, 1), RISK | SENSITIVE),
    # Distances to the table are convex in the class: a joint class is no farther than the worse.
    "t_categorical": (lambda t: t_categorical(t.counts), (0, 1), RISK | SENSITIVE),
    "t_ordered": (
        lambda t: t_ordered(t.counts), (0, 1),
        RISK | {values_reversed: SAME, everybody_twice: SAME}),
    "t_hierarchical": (
        lambda t: t_hierarchical(
            t.counts, [[v // 2, 0] for v in np.unique(t.sensitive)]),
        (0, 1), RISK | {everybody_twice: SAME}),
    "basic_beta": (lambda t: basic_beta.take(t.counts), (0, math.inf), RISK | SENSITIVE),
    "enhanced_beta": (
        lambda t: enhanced_beta.take(t.counts), (0, math.inf), RISK | SENSITIVE),
    "delta_disclosure": (
        lambda t: delta_disclosure.take(t.counts), (0, math.inf), RISK | SENSITIVE),
    "enhanced_beta_present": (
        lambda t: enhanced_beta_present.take(t.counts), (0, math.inf), RISK | SENSITIVE),
    # A value that one of two joined classes lacks is rare in both together: it may be more.
    "largest_present_log_ratio": (
        lambda t: largest_present_log_ratio(t.counts), (0, math.inf),
        NAMELESS | SENSITIVE),
    "diversity_by_class": (
        lambda t: np.nanmin(diversity(t)[0]), (1, 4), SAFETY | SENSITIVE),
    "distinct_ratio": (
        lambda t: distinct_ratio(t.groups.size), (0, 1),
        RISK | {everybody_twice: NOT_MORE}),
    "separation_ratio": (
        lambda t: separation_ratio(t.groups.size), (0, 1),
        RISK | {everybody_twice: NOT_MORE}),
    # The factorial of (keys - size) makes scores of different numbers of keys incomparable.
    "suda_scores": (
        lambda t: score(t).sum(), (0, math.inf), NAMELESS | {everybody_twice: NOT_MORE}),
    "find_minimal_uniques": (
        lambda t: (find_minimal_uniques(t.codes).count > 0).sum(), (0, math.inf), RISK),
    "find_wildcard_uniques": (
        lambda t: (find_wildcard_uniques(t.codes, max_size=4).count > 0).sum(), (0, math.inf),
        RISK),
    "score_shares_by_key": (
        lambda t: score_shares_by_key(
            find_minimal_uniques(t.codes)).max(), (0, 1), NAMELESS),
    "score_shares_by_level": (
        lambda t: max(part.max() for part in score_shares_by_level(
            find_minimal_uniques(t.codes), t.codes)), (0, 1), NAMELESS),
    "unique_match_risk": (
        lambda t: unique_match_risk(
            (t.groups.size == 1).sum(), 1 + (t.groups.size == 2).sum(), 0.5), (0, 1), NAMELESS),
    "dis_suda_scores": (
        lambda t: dis_suda_scores(
            score(t), (t.groups.size == 1).sum(), 1 + (t.groups.size == 2).sum(), 0.5, 3).max(),
        (0, 1), NAMELESS),
    "zayatz_uniques": (
        lambda t: zayatz_uniques(half(t), 0.5).value, (0, 32), NAMELESS),
    "pitman_uniques": (
        lambda t: pitman_uniques(half(t), 0.5).value, (0, 32), NAMELESS),
    "snb_uniques": (
        lambda t: snb_uniques(half(t), 0.5).value, (0, 32), NAMELESS),
    "dankar_uniques": (
        lambda t: dankar_uniques(half(t), 0.5).value, (0, 32), NAMELESS),
    "people_range": (lambda t: people_range(len(t.codes), 0.5)[0], (0, 64), NAMELESS),
    "uniques_range": (lambda t: uniques_range(half(t), 0.5)[1], (0, 32), NAMELESS),
    "classes_range": (lambda t: classes_range(half(t), 0.5)[1], (1, 32), NAMELESS),
    # Forty tables in one: a single one has too few records for a mixture.
    "mixture_shares": (lambda t: alone_by_mixture(np.tile(half(t), 40)), (0, 1), NAMELESS),
    "expected_correctness": (lambda t: expected_correctness(half(t), 0.5).high, (0, 1), NAMELESS),
    "scaling_law": (
        lambda t: scaling_law(half(t))[0].value, (0, math.inf), NAMELESS),
    "held_out_vulnerability": (
        lambda t: held_out_vulnerability(t.counts), (0, 1),
        NAMELESS | {values_renamed: SAME}),
    "loglinear_risk": (
        lambda t: loglinear_model.loglinear_risk(t.codes, 2.0).tau2, (0, math.inf), NAMELESS),
    "matching_sums": (
        lambda t: matching_sums(t.codes - 1, np.ones(len(t.codes))).min(), (1, math.inf),
        {rows_shuffled: SAME, keys_reordered: SAME, everybody_twice: DOUBLE}),
    "class_size_histogram": (
        lambda t: class_size_histogram(t.groups.size)[0].max(), (1, math.inf),
        SAFETY | {everybody_twice: DOUBLE}),
    "count_class_sizes": (
        lambda t: count_class_sizes(t.codes.T)[0].min(), (1, math.inf),
        SAFETY | {everybody_twice: DOUBLE}),
}  # fmt: skip

# Parts of measures, which have no meaning of their own for a table.
PARTS = {
    "classes", "pack", "pack_columns", "fit_pitman", "expected_classes", "expected_uniques",
    "fit_main_effects", "poisson_sum_range", "likely_parameters", "entropy_and_exponent", "judge",
    "scan_cost", "subsets", "sets_to_scan", "checked_class_sizes", "sizes_and_share",
    "share_of_records", "known_keys", "records_alone", "labels", "pools", "lent", "tally",
    "matched_share", "at_most", "narrowed",
    "needs_complete", "household_share", "doubtful", "tau_estimates", "search_uniques",
    # Of public counts, not of a table; and a choice between distances that have their own laws.
    "class_share", "population_uniqueness", "t_closeness",
    # Of a log, held in tests/unit/traces/test_traces_unicity.py.
    "unicity_in_population",
    # What a report shows.
    "unless_blanks", "unless_of_population",
}  # fmt: skip
FILES = (
    "bayes_vulnerability", "disclosure_risk", "distinction", "equivalence_classes", "k_anonymity",
    "l_diversity", "population.individual_risk", "population.loglinear_model",
    "population.pitman_model", "population.sample_ranges", "population.uniqueness",
    "special_uniques", "t_closeness",
)  # fmt: skip


def public_functions():
    """Yield the arithmetic of each subject: what takes a `MeasureContext` declares its own laws."""
    for name in FILES:
        module = importlib.import_module(f"privaudit.tables.{name}")
        for word, value in vars(module).items():
            if isinstance(value, TableMeasure) and value.per == "class":
                yield word
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                first = next(iter(inspect.signature(value).parameters))
                if not word.startswith("_") and first not in ("context", "column"):
                    yield word


def test_every_measure_of_a_table_declares_its_laws():
    assert set(public_functions()) - PARTS == set(LAWS) - {"matching_sums"}
    assert all(laws for _, _, laws in LAWS.values())


def breaks(before, after, law):
    """Whether a law is broken, beyond the rounding of a sum of a few numbers."""
    if math.isnan(before) and math.isnan(after):
        return False
    slack = 1e-9 * (1 + abs(before)) if math.isfinite(before) else 0.0
    if law == SAME:
        return not (before == after or abs(after - before) <= slack)
    if law == DOUBLE:
        return abs(after - 2 * before) > slack
    return after > before + slack if law == NOT_MORE else after < before - slack


@pytest.mark.parametrize("name", sorted(LAWS))
@given(table=tables())
def test_the_laws_hold(name, table):
    take, (low, high), laws = LAWS[name]
    before = float(take(table))
    assert math.isnan(before) or low - 1e-9 <= before <= high + 1e-9
    for change, law in laws.items():
        after = float(take(change(table)))
        assert not breaks(before, after, law), f"{name}: {law} under {change.__name__}"


def test_the_law_test_can_fail():
    # An average over classes, as a peer computes it, is not monotone: it must be caught.
    # Classes of 1, 3 and 3 average (1 + 1/3 + 1/3) / 3 = .556; without the first key they are
    # 1 and 6, and average (1 + 1/6) / 2 = .583, though everybody is hidden better.
    def over_classes(table):
        return (1 / table.groups.size).mean()

    rows = np.array([[0, 0], *[[0, 1]] * 3, *[[1, 1]] * 3])
    table = Table(rows, np.zeros(7, dtype=int))
    before = over_classes(table)
    broken = {
        change.__name__
        for change, law in RISK.items()
        if breaks(before, over_classes(change(table)), law)
    }
    assert "key_left_out" in broken


@given(table=tables())
def test_the_posterior_is_at_least_the_prior(table):
    prior, posterior = bayes_vulnerability(table.counts)
    assert posterior >= prior - 1e-12


@given(table=tables())
def test_a_wildcard_matches_at_least_what_a_value_matches(table):
    codes = table.codes - 1
    groups = classes(codes)
    as_value = groups.per_record
    wild = matching_sums(codes[groups.first], groups.size)[groups.label]
    assert (wild >= as_value).all()
    complete = (codes >= 0).all(axis=1)
    if complete.any():
        # Leaving records out never changes the class of a complete one.
        assert (classes(codes[complete]).per_record == as_value[complete]).all()


@given(table=tables())
def test_enhanced_beta_is_the_basic_one_or_infeasible(table):
    basic, enhanced = basic_beta.take(table.counts), enhanced_beta.take(table.counts)
    assert enhanced in (basic, math.inf)
