"""Two files laid over each other, at the edges of what counts as meeting: by hand."""

import numpy as np
import pandas as pd

import privaudit as pa
from privaudit.geo.address_base import AddressBase
from privaudit.linkage.join_files import _named, _snapped, _spelt, _standing_at, join_keys
from privaudit.linkage.person_index import split_names

DOORS = AddressBase(
    pd.DataFrame({"id": [*"abc"], "number": [*"123"], "street": "s", "commune": "c", "station": "",
                  "x": [0.0, 400, 800], "y": 0.0}), real=False)  # fmt: skip


def test_every_dot_may_be_dealt_the_name_of_another():
    names = [f"{given} zxq" for given in ("anne", "paul", "julie", "marc", "eric", "leo", "nina",
                                          "hugo", "emma", "louis", "remi", "jean")]  # fmt: skip
    dealt = split_names(names, names, np.arange(12))
    other = [dealt.permuted(np.random.default_rng(seed))[1] for seed in range(20)]
    assert np.any(other, axis=0).all()


def test_dots_that_one_record_fits_are_counted():
    # Two dots are of the first record alone; two records are of the third dot; the last is nobody.
    assert _named(np.array([0, 0, 1, -1]), np.array([0, 1, 1])) == 2


def test_a_dot_stands_on_a_door_up_to_five_metres_from_it():
    points = np.array([[3.0, 4.0], [403.0, 4.001], [799.0, 0.0], [np.nan, 0.0]])
    assert _snapped(points, DOORS).tolist() == [0, -1, 2, -1]


def test_one_dot_on_the_first_door_where_none_would_be_by_chance():
    points = np.array([[0.0, 0.0], *([5_000.0 + 300 * k, 9_000.0] for k in range(20))])
    on, (note,) = _standing_at(points, DOORS)
    assert on.tolist() == [0] + [-1] * 20
    assert (note.key, note.values) == ("dots_off_addresses", {"dots": 20, "of": 21})


def test_whoever_lives_at_the_first_address_of_all_is_joined_by_it():
    """One record and one dot, both at address 0 of the base."""
    table = pa.read_table(pd.DataFrame({"adresse": ["1 s c"], "parti": ["LR"]}))
    dots = pa.read_map(pd.DataFrame({"x": [0.0], "y": [0.0]}), addresses=DOORS)
    laid = join_keys(table, dots)
    assert laid.home.tolist() == [0]
    assert laid.door.tolist() == [0]
    assert "address" in laid.ways


def test_surnames_without_a_given_name_are_written_in_one_way():
    # One of two surnames alone would be the family's.
    frame = pd.DataFrame({"nom": ["Zxqa"], "nom_naissance": ["Zxqb"]})
    assert len(_spelt(frame, ["nom", "nom_naissance"], "name")) == 1
    frame["prenom"] = "Anne"
    assert len(_spelt(frame, ["nom", "nom_naissance", "prenom"], "name")) > 1
