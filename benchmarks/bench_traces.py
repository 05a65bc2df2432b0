"""Traces and attacks on tables, sizes in decades: `make bench`."""

import numpy as np
import pytest

from privaudit.io.public_counts import birth_cells, read_pyramid
from privaudit.release.read_traces import Traces
from privaudit.tables.nearest_records import column_scale, linkability_gain
from privaudit.tables.population.uniqueness import class_share
from privaudit.traces.unicity import known_points_risk, unicity


def made(people, each, items, power):
    """Traces whose items are as uneven as likes are."""
    rng = np.random.default_rng(0)
    weight = 1 / np.arange(1, items + 1) ** power
    chance = np.cumsum(weight / weight.sum())
    item = np.concatenate(
        [
            np.searchsorted(chance, rng.random(each * min(50_000, people - start))).astype(np.int32)
            for start in range(0, people, 50_000)
        ]
    )
    return Traces(
        person=np.repeat(np.arange(people, dtype=np.int32), each),
        item=np.minimum(item, items - 1),
        time=None,
        value=None,
        n_people=people,
        n_items=items,
        item_person=np.full(items, -1),
    )


# Items, and how uneven they are: likes; fewer and less uneven; the same chance for all, that one
# person in 570 has; and that one in 32 has, where as many people as not are singled out and
# nearly every search must go to its end.
ITEMS = {"likes": (55_814, 1.0), "uneven": (10_000, 0.8), "rare": (55_814, 0), "hard": (3_160, 0)}


@pytest.mark.parametrize("people", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("kind", ITEMS)
def test_unicity_of_four_points_in_a_hundred(benchmark, kind, people):
    traces = made(people, 100, *ITEMS[kind])
    benchmark.pedantic(unicity, (traces,), {"points": 4, "sample": None}, rounds=1)


@pytest.mark.parametrize("people", [100, 1_000, 10_000])
def test_worst_two_points_of_fifty(benchmark, people):
    traces = made(people, 50, 100, 1.0)
    benchmark.pedantic(known_points_risk, (traces,), {"points": 2}, rounds=1)


@pytest.mark.parametrize("neighbours", [1, 5])
def test_linkability_of_2000_in_24000(benchmark, neighbours):
    rng = np.random.default_rng(0)
    levels = (73, 8, 16, 7, 14, 6, 5, 2, 98, 40)
    table = np.column_stack([rng.integers(0, level, 24_000) for level in levels]).astype(float)
    ordered = np.isin(np.arange(10), [0, 8])
    halves = np.arange(5), np.arange(5, 10)
    scale = column_scale(table, ordered)
    benchmark.pedantic(
        linkability_gain, (table[:2_000], table, ordered, scale, *halves, neighbours), rounds=3
    )


@pytest.mark.parametrize("places", [350, 3_500, 35_000])
def test_uniqueness_of_a_country(benchmark, places):
    people = np.random.default_rng(0).lognormal(6.2, 1.4, places).astype(int)
    probability, cells = birth_cells(read_pyramid())
    benchmark.pedantic(class_share, (people, probability, cells), rounds=3)
