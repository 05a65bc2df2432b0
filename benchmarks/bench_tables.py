"""Cost of the measures of a table against its number of records."""

import numpy as np
import pytest

from privaudit.tables import l_diversity, t_closeness
from privaudit.tables.equivalence_classes import classes, k_anonymity
from privaudit.tables.minimal_sample_uniques import minimal_uniques
from privaudit.tables.population.individual_risk import individual_risk
from privaudit.tables.population.uniqueness import population_uniques_dankar

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
    benchmark.pedantic(lambda: k_anonymity(classes(codes).size), rounds=3)


@sizes
def test_distinct_l(benchmark, n):
    codes, sensitive = keys(n), values(n, 20)
    benchmark.pedantic(
        lambda: l_diversity.distinct_l(
            l_diversity.sensitive_counts(classes(codes).label, sensitive)
        ),
        rounds=3,
    )


@sizes
@pytest.mark.parametrize("kind", ["t_categorical", "t_ordered"])
def test_t_closeness(benchmark, n, kind):
    codes, sensitive = keys(n), values(n, 1000)
    distance = getattr(t_closeness, kind)
    benchmark.pedantic(
        lambda: distance(l_diversity.sensitive_counts(classes(codes).label, sensitive)), rounds=3
    )


@pytest.mark.parametrize(("n", "width", "depth"), [
    (30_000, 8, None), (50_000, 10, None), (50_000, 10, 3), (300_000, 7, 3),
])  # fmt: skip
def test_minimal_uniques(benchmark, n, width, depth):
    codes = keys(n, ((*LEVELS, 6, 15, 42))[:width])
    benchmark.pedantic(lambda: minimal_uniques(codes, max_size=depth), rounds=2)


@pytest.mark.parametrize("n", [3_000, 30_000, 300_000])
def test_individual_risk(benchmark, n):
    rng = np.random.default_rng(2)
    f = rng.geometric(0.05, n)
    people = f * rng.uniform(1, 500, n)
    benchmark.pedantic(lambda: individual_risk(f, people), rounds=3)


@pytest.mark.parametrize("n", [10_000, 100_000])
def test_population_uniques(benchmark, n):
    size = classes(keys(n)).size
    benchmark.pedantic(lambda: population_uniques_dankar(size, 0.3), rounds=2)
