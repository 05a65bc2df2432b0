"""Each measure of a table declares the laws that it keeps; one test tries them all.

A law is a change of the table and what it may do to the measure: leave it, or move it one way.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from dataclasses import dataclass

import numpy as np
import privaudit.measures.tables
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from privaudit.tables import (
    equivalence_classes as sizes,
)
from privaudit.tables import (
    l_diversity,
    quasi_identifiers,
    t_closeness,
)
from privaudit.tables import (
    minimal_sample_uniques as suda,
)
from privaudit.tables.equivalence_classes import class_size_histogram, classes, count_class_sizes
from privaudit.tables.minimal_sample_uniques import level_contributions
from privaudit.tables.missing_bounds import matching_sums
from privaudit.tables.population import estimates, loglinear_model, uniqueness
from privaudit.tables.population.individual_risk import (
    fewest_alone,
    individual_risk,
    individual_risk_approximate,
)
from privaudit.tables.population.sample_ranges import classes_range, people_range, uniques_range


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
        return l_diversity.sensitive_counts(self.groups.label, dense)


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


def half(table):
    """Class sizes for the estimators."""
    return table.groups.size


def score(table):
    return suda.suda_score(suda.minimal_uniques(table.codes))


def people(table):
    """A population three times the file."""
    return 3.0 * table.size


def diversity(table):
    dense = np.unique(table.sensitive, return_inverse=True)[1]
    cells = np.zeros((len(table.groups.size), dense.max() + 1))
    np.add.at(cells, (table.groups.label, dense), 1)
    return l_diversity.diversity_by_class(csr_array(cells))


# Measure: how it is taken from a table, its bounds, its laws -------------------------------

LAWS = {
    "k_anonymity": (
        lambda t: sizes.k_anonymity(t.size), (1, math.inf), SAFETY | {everybody_twice: DOUBLE}),
    "sample_uniques": (
        lambda t: sizes.sample_uniques(t.size), (0, math.inf), RISK | {everybody_twice: NOT_MORE}),
    "share_under": (
        lambda t: sizes.share_under(t.size, 3), (0, 1), RISK | {everybody_twice: NOT_MORE}),
    "prosecutor_risk": (
        lambda t: sizes.prosecutor_risk(t.size).mean(), (0, 1), RISK | {everybody_twice: NOT_MORE}),
    "share_above": (lambda t: sizes.share_above(sizes.prosecutor_risk(t.size), 0.4), (0, 1), RISK),
    "delta_presence": (
        lambda t: sizes.delta_presence(t.groups.size, 3.0 * t.groups.size)[1], (0, 1), NAMELESS),
    "household_risk": (
        lambda t: sizes.household_risk(1 / t.size, t.sensitive).mean(), (0, 1),
        RISK | {values_renamed: SAME}),
    "individual_risk": (
        lambda t: individual_risk(t.size, people(t)).mean(), (0, 1),
        RISK | {everybody_twice: NOT_MORE}),
    "individual_risk_approximate": (
        lambda t: individual_risk_approximate(t.size, people(t)).mean(), (0, 1), NAMELESS),
    "fewest_alone": (lambda t: fewest_alone(t.size, people(t)), (0, 32), NAMELESS),
    "alpha": (lambda t: l_diversity.alpha(t.counts), (0, 1), RISK | SENSITIVE),
    "distinct_l": (lambda t: l_diversity.distinct_l(t.counts), (1, 4), SAFETY | SENSITIVE),
    # Entropy is concave: a joint class is at least as diverse as the less diverse of its parts.
    "entropy_l": (lambda t: l_diversity.entropy_l(t.counts), (1, 4), SAFETY | SENSITIVE),
    # Joining two classes keeps the bound of the worse one (Machanavajjhala et al. 2007).
    "recursive_c": (lambda t: l_diversity.recursive_c(t.counts), (0, math.inf), RISK | SENSITIVE),
    "bayes_vulnerability": (
        lambda t: l_diversity.bayes_vulnerability(t.counts)[1], (0, 1), RISK | SENSITIVE),
    # Distances to the table are convex in the class: a joint class is no farther than the worse.
    "t_categorical": (lambda t: t_closeness.t_categorical(t.counts), (0, 1), RISK | SENSITIVE),
    "t_ordered": (
        lambda t: t_closeness.t_ordered(t.counts), (0, 1),
        RISK | {values_reversed: SAME, everybody_twice: SAME}),
    "t_hierarchical": (
        lambda t: t_closeness.t_hierarchical(
            t.counts, [[v // 2, 0] for v in np.unique(t.sensitive)]),
        (0, 1), RISK | {everybody_twice: SAME}),
    "basic_beta": (lambda t: t_closeness.basic_beta(t.counts), (0, math.inf), RISK | SENSITIVE),
    "enhanced_beta": (
        lambda t: t_closeness.enhanced_beta(t.counts), (0, math.inf), RISK | SENSITIVE),
    "delta_disclosure": (
        lambda t: t_closeness.delta_disclosure(t.counts), (0, math.inf), RISK | SENSITIVE),
    "enhanced_beta_present": (
        lambda t: t_closeness.enhanced_beta_present(t.counts), (0, math.inf), RISK | SENSITIVE),
    # A value that one of two joined classes lacks is rare in both together: it may be more.
    "delta_disclosure_present": (
        lambda t: t_closeness.delta_disclosure_present(t.counts), (0, math.inf),
        NAMELESS | SENSITIVE),
    "diversity_by_class": (
        lambda t: np.nanmin(diversity(t)[0]), (1, 4), SAFETY | SENSITIVE),
    "diversity_of_counts": (
        lambda t: l_diversity.diversity_of_counts(t.counts)[1].min(), (1, 4), SAFETY | SENSITIVE),
    "distinction": (
        lambda t: quasi_identifiers.distinction(t.groups.size), (0, 1),
        RISK | {everybody_twice: NOT_MORE}),
    "separation": (
        lambda t: quasi_identifiers.separation(t.groups.size), (0, 1),
        RISK | {everybody_twice: NOT_MORE}),
    # The factorial of (keys - size) makes scores of different numbers of keys incomparable.
    "suda_score": (
        lambda t: score(t).sum(), (0, math.inf), NAMELESS | {everybody_twice: NOT_MORE}),
    "minimal_uniques": (
        lambda t: (suda.minimal_uniques(t.codes).count > 0).sum(), (0, math.inf), RISK),
    "key_contributions": (
        lambda t: suda.key_contributions(
            suda.minimal_uniques(t.codes)).max(), (0, 1), NAMELESS),
    "level_contributions": (
        lambda t: max(part.max() for part in level_contributions(
            suda.minimal_uniques(t.codes), t.codes)), (0, 1), NAMELESS),
    "unique_match_risk": (
        lambda t: suda.unique_match_risk(
            (t.groups.size == 1).sum(), 1 + (t.groups.size == 2).sum(), 0.5), (0, 1), NAMELESS),
    "dis_suda": (
        lambda t: suda.dis_suda(
            score(t), (t.groups.size == 1).sum(), 1 + (t.groups.size == 2).sum(), 0.5, 3).max(),
        (0, 1), NAMELESS),
    "population_uniques_zayatz": (
        lambda t: uniqueness.population_uniques_zayatz(half(t), 0.5).value, (0, 32), NAMELESS),
    "population_uniques_pitman": (
        lambda t: uniqueness.population_uniques_pitman(half(t), 0.5).value, (0, 32), NAMELESS),
    "population_uniques_snb": (
        lambda t: uniqueness.population_uniques_snb(half(t), 0.5).value, (0, 32), NAMELESS),
    "population_uniques_dankar": (
        lambda t: uniqueness.population_uniques_dankar(half(t), 0.5).value, (0, 32), NAMELESS),
    "people_range": (lambda t: people_range(len(t.codes), 0.5)[0], (0, 64), NAMELESS),
    "uniques_range": (lambda t: uniques_range(half(t), 0.5)[1], (0, 32), NAMELESS),
    "classes_range": (lambda t: classes_range(half(t), 0.5)[1], (1, 32), NAMELESS),
    "correctness": (lambda t: estimates.expected_correctness(half(t), 0.5).high, (0, 1), NAMELESS),
    "scaling_law": (
        lambda t: estimates.scaling_law(half(t))[0].value, (0, math.inf), NAMELESS),
    "held_out_vulnerability": (
        lambda t: l_diversity.held_out_vulnerability(t.counts), (0, 1),
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
    "classes", "pack", "pack_columns", "sensitive_counts", "from_matrix",
    "fit_pitman", "expected_classes", "expected_uniques", "fit_main_effects",
    "poisson_sum_range", "likely_parameters", "entropy_and_exponent", "judge",
    "scan_cost", "matching_cost", "matching_parts", "subsets",
}  # fmt: skip
MODULES = (
    "closeness", "consistent_range", "correctness", "disclosure", "equivalence",
    "estimate", "individual_risk", "loglinear", "pitman",
    "quasi_identifiers", "risk", "special_uniques", "uniqueness", "wildcard",
)  # fmt: skip


def public_functions():
    for name in MODULES:
        module = importlib.import_module(f"privaudit.measures.tables.{name}")
        for word in module.__all__:
            thing = getattr(module, word)
            if callable(thing) and not isinstance(thing, type):
                yield word


def test_every_measure_of_a_table_declares_its_laws():
    functions = set(public_functions())
    assert functions - PARTS == set(LAWS)
    assert all(laws for _, _, laws in LAWS.values())


def test_the_modules_of_tables_are_there():
    there = {module.name for module in pkgutil.iter_modules(privaudit.measures.tables.__path__)}
    assert set(MODULES) <= there


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
    prior, posterior = l_diversity.bayes_vulnerability(table.counts)
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
    basic, enhanced = t_closeness.basic_beta(table.counts), t_closeness.enhanced_beta(table.counts)
    assert enhanced in (basic, math.inf)
