"""Voronoi masking undone by one query."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import nearest
from privaudit.maps.masks.mask import ROUNDING_METRES
from privaudit.maps.masks.voronoi import Voronoi
from privaudit.maps.posterior import posterior_of_pairs
from privaudit.stats.csr import row_of

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
FILE = SHARED / "val-de-marne-addresses.csv.gz"


def addresses(xy):
    frame = pd.DataFrame(np.asarray(xy, dtype=float), columns=["x", "y"])
    frame = frame.assign(
        id=[str(i) for i in range(len(frame))], number="1", street="s", commune="c", station=""
    )
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )


def invert_voronoi(dots, base):
    """Find the homes that dots masked by `Voronoi` can have: one query of the nearest addresses.

    A dot half way between a home and its nearest neighbour has these two as its own nearest
    addresses. Of the two, one is ruled out where it has a nearer neighbour of its own.
    """
    # Reading a dot a rounding off leaves its two homes within twice that of each other.
    closest = cKDTree(base.xy).query(dots)[0]
    pairs = nearest(dots, base.xy, closest + 2 * ROUNDING_METRES)
    likelihood = Voronoi().on(base).likelihood(dots, pairs)
    return posterior_of_pairs(pairs, likelihood, np.ones(len(base)), base.people())


def test_a_chain_is_undone_and_a_couple_of_neighbours_half():
    # 0 and 1 are each other's neighbours; 2's is 1, 3's is 2: their dots are theirs alone.
    base = addresses([[0, 0], [2, 0], [5, 0], [9, 0]])
    dots = Voronoi().on(base)(base.xy, rng=np.random.default_rng(0))
    found = invert_voronoi(dots, base)
    assert np.diff(found.indptr).tolist() == [2, 2, 1, 1]
    assert found.place.tolist() == [0, 1, 0, 1, 2, 3]


def test_a_dot_that_no_address_explains_has_no_home():
    base = addresses([[0, 0], [2, 0], [5, 0]])
    assert invert_voronoi(np.array([[1.7, 0.0]]), base).place.tolist() == []


def test_doors_of_one_position_stay_together():
    base = addresses([[0, 0], [0, 0], [6, 0], [20, 0]])
    dots = Voronoi().on(base)(base.xy[:1], rng=np.random.default_rng(0))
    assert dots.tolist() == [[3.0, 0.0]]
    assert invert_voronoi(dots, base).place.tolist() == [0, 1, 2]


def test_real_homes_are_found_at_least_every_other_time():
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    table = pd.read_csv(FILE, dtype={"code_insee": str})
    base = addresses(table.loc[table["code_insee"] == "94042", ["x", "y"]].to_numpy())
    dots = Voronoi().on(base)(base.xy, rng=np.random.default_rng(0))
    found = invert_voronoi(dots, base)
    row = row_of(found.indptr)
    own = found.probability[found.place == row]
    # Every home is among its dot's candidates, of which there are two positions at most.
    assert len(own) == len(base)
    positions = (
        pd.DataFrame(base.xy[found.place])
        .groupby(row)
        .apply(lambda part: len(part.round(3).drop_duplicates()))
    )
    # A rounding apart, two pairs of neighbours may look like one.
    assert (positions <= 2).mean() > 0.99
    assert own.mean() > 0.5
