"""Faults that were seen in other tools, and have no test elsewhere: none of them is here.

Those of pycanon are in tests/unit/tables: test_measure_table.py, test_disclosure.py and
test_risk.py; of anonymeter in test_table_attacks.py, of ARX in test_uniqueness.py, of sdcMicro in
test_individual_risk.py and in test_sdcmicro_examples.py beside this file.
"""

import re

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.core.cache import recipe_key
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.snapping import Quadtree
from privaudit.maps.masks.voronoi import Voronoi
from privaudit.maps.posterior import spatial_k
from privaudit.tables.population.individual_risk import individual_risks
from privaudit.tables.special_uniques import find_minimal_uniques, suda_scores


def test_a_set_that_holds_a_smaller_unique_is_not_minimal():
    # suda 0.2.2 counts all eight sets that hold the first key, and a score of 16 where 6 is right.
    rows = ["1000", "0000", "0000", "0111", "0111", "0222", "0222"]
    found = find_minimal_uniques(np.array([[int(digit) for digit in row] for row in rows]))
    assert (found.record.tolist(), found.keys.tolist()) == ([0], [1])
    assert suda_scores(found).tolist() == [6] + [0] * 6


def test_the_exact_risk_of_a_class_of_a_million():
    # sdcMicro takes f squared steps for each record, and sums terms of both signs. The mean of
    # 1 / F is (1 + variance of F / its mean squared) / mean, up to terms in 1 / f squared.
    f, people = np.full(3, 1_000_000), np.array([1_000_001.0, 5e6, 1e9])
    want = (1 + (1 - f / people) / f) / people
    assert individual_risks(f, people) == pytest.approx(want, rel=1e-9)


def test_every_place_inside_the_circle_counts():
    # MaskMyPy 1.1.0 counts on polygons of 64 sides, which leave out what lies near the circle.
    turn = 2 * np.pi * (np.arange(64) + 0.5) / 64
    radius, inside = 100.0, 99.95  # a side's middle is at 100 cos(pi / 64) = 99.88
    places = np.vstack([[[radius, 0.0]], inside * np.column_stack([np.cos(turn), np.sin(turn)])])
    home = places[:1]
    assert spatial_k(np.zeros((1, 2)), home, places).tolist() == [65]
    people = np.arange(65.0)
    assert spatial_k(np.zeros((1, 2)), home, places, people).tolist() == [people.sum()]


@pytest.mark.parametrize("mask", [LocationSwap(r_min=20, r_max=90), Voronoi(), Quadtree(k=3)])
def test_a_mask_does_not_depend_on_the_index_of_the_addresses(mask):
    # MaskMyPy's location swap fails on any index other than 0, 1, 2, ...
    xy = np.random.default_rng(0).random((60, 2)) * 300
    frame = pd.DataFrame(xy, columns=["x", "y"]).assign(
        id=[f"a{i}" for i in range(60)], number="1", street="s", commune="c", station=""
    )[["id", "number", "street", "commune", "station", "x", "y"]]
    kept = frame[frame["x"] > 100].iloc[::-1]
    plain = kept.reset_index(drop=True)
    moved = [
        mask.on(AddressBase(table, real=False))(
            AddressBase(table, real=False).xy, rng=np.random.default_rng(1)
        )
        for table in (kept, plain, kept.set_axis([f"row {i}" for i in kept.index]))
    ]
    assert np.array_equal(moved[0], moved[1], equal_nan=True)
    assert np.array_equal(moved[2], moved[1], equal_nan=True)


def test_a_generator_is_no_part_of_a_recipe():
    # Memoised on a generator's state, a second call would give the first one's draw again.
    with pytest.raises(TypeError):
        recipe_key("stage", 1, {"rng": np.random.default_rng(0)})


def test_a_default_that_is_written_out_is_the_same_recipe():
    # diskcache's memoize keeps f(1) and f(a=1) apart.
    towns = pa.Town(), pa.Town(inhabitants=20_000), pa.Town(inhabitants=20_001)
    plain, written, other = (recipe_key("simulate", 1, dict(town.recipe())) for town in towns)
    assert plain == written != other


def test_no_result_is_an_unnamed_tuple_or_one_score_for_everything():
    people = pd.DataFrame({"age": [30, 30, 41, 60], "sex": list("FFMF"), "vote": list("abab")})
    table = pa.read_table(people, roles=pa.Roles(key=["age", "sex"], sensitive="vote"))
    results = [
        pa.measure(table),
        pa.tables.singling_out(people, people, people),
        pa.tables.linkability(people, people, people, left=["age"], right=["sex"]),
    ]
    for found in results:
        assert isinstance(found, pa.Measures)
        assert found.overall["unit"].str.len().gt(0).all()
        for name in found.overall.index:
            assert not re.search("overall|global|total|grade|privacy|safety", name), name


def test_values_present_are_those_of_pycanon():
    # pycanon 1.3.6 on this table: basic, enhanced beta-likeness, delta-disclosure.
    table = pd.DataFrame(
        {
            "age": [i % 5 for i in range(60)],
            "sex": [i % 2 for i in range(60)],
            "vote": [f"v{(i * i // 7 + i // 11) % 4}" for i in range(60)],
        }
    )
    found = pa.measure(table, pa.Roles(key=["age", "sex"], sensitive="vote"))
    theirs = {
        "basic_beta": 2.333333333333333,
        "enhanced_beta_present": 1.6094379124341003,
        "delta_disclosure_present": 1.203972804325936,
    }
    assert {name: found.value(name) for name in theirs} == pytest.approx(theirs)
    # The definitions, which the peer skips: no beta will do, and a class lacks a value.
    assert found.value("enhanced_beta") == found.value("delta_disclosure") == float("inf")
