"""Cost of the measures of a table against its number of records."""

import numpy as np
import pytest

from privaudit.tables.equivalence_classes import classes
from privaudit.tables.k_anonymity import smallest_class
from privaudit.tables.l_diversity import distinct_l
from privaudit.tables.population.individual_risk import individual_risks
from privaudit.tables.population.uniqueness import dankar_uniques
from privaudit.tables.special_uniques import find_minimal_uniques
from privaudit.tables.t_closeness import t_categorical, t_ordered
from privaudit.tables.table_measure import sensitive_counts

LEVELS = (2, 5, 9, 16, 40, 70, 100)


def keys(n, levels=LEVELS):
    """Skewed keys, as profiles have: Dirichlet margins."""
    rng = np.random.default_rng(0)
    columns = [rng.choice(k, n, p=rng.dirichlet(np.full(k, 0.6))) for k in levels]
    return np.asfortranarray(np.stack(columns, axis=1))


def values(n, levels):
    return np.random.default_rng(1).integers(0, levels, n)


sizes = pytest.mark.parametrize("n", [10_000, 100_000, 1_000_000])


@sizes
def test_k_anonymity(benchmark, n):
    codes = keys(n)
    benchmark.pedantic(lambda: smallest_class(classes(codes).size), rounds=3)


@sizes
def test_distinct_l(benchmark, n):
    codes, sensitive = keys(n), values(n, 20)
    benchmark.pedantic(
        lambda: distinct_l.take(sensitive_counts(classes(codes).label, sensitive)),
        rounds=3,
    )


@sizes
@pytest.mark.parametrize("kind", ["t_categorical", "t_ordered"])
def test_t_closeness(benchmark, n, kind):
    codes, sensitive = keys(n), values(n, 1000)
    distance = {"t_categorical": t_categorical, "t_ordered": t_ordered}[kind]
    benchmark.pedantic(
        lambda: distance(sensitive_counts(classes(codes).label, sensitive)), rounds=3
    )


@pytest.mark.parametrize(("n", "width", "depth"), [
    (30_000, 8, None), (50_000, 10, None), (50_000, 10, 3), (300_000, 7, 3),
])  # fmt: skip
def test_minimal_uniques(benchmark, n, width, depth):
    codes = keys(n, ((*LEVELS, 6, 15, 42))[:width])
    benchmark.pedantic(lambda: find_minimal_uniques(codes, max_size=depth), rounds=2)


@pytest.mark.parametrize("n", [3_000, 30_000, 300_000])
def test_individual_risk(benchmark, n):
    rng = np.random.default_rng(2)
    f = rng.geometric(0.05, n)
    people = f * rng.uniform(1, 500, n)
    benchmark.pedantic(lambda: individual_risks(f, people), rounds=3)


@pytest.mark.parametrize("n", [10_000, 100_000])
def test_population_uniques(benchmark, n):
    size = classes(keys(n)).size
    benchmark.pedantic(lambda: dankar_uniques(size, 0.3), rounds=2)
