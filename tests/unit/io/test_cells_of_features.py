"""Values of a JSON feature as columns: their types, their points, and lists that are tables."""

import json
import math
from types import SimpleNamespace

import pytest

from privaudit.io.features import Features, _alike, _of_plain_rows, _renamed, _typed, point_of
from privaudit.io.readers import read_frame
from privaudit.words.catalogues import Note


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], "bool"), ([True, None], "str"), ([True, 1], "str"), ([1, 2], "int64"),
        ([1, None], "float64"), ([1.5, 2], "float64"), ([1.5, None], "float64"),
        ([None, None], "str"), ([], "str"), ([1, "a"], "str"), ([2**53 - 1, 0], "int64"),
        # A whole number that a float does not hold is text; beside a fraction it is one.
        ([2**53, 0], "str"), ([-(2**53), 0], "str"), ([2**53, 0.5], "float64"), (["a", ""], "str"),
    ],
)  # fmt: skip
def test_a_column_is_of_truths_numbers_or_text(values, kind):
    assert str(_typed(values).dtype) == kind


def test_null_and_empty_text_are_missing():
    assert _typed(["a", "", None]).isna().tolist() == [False, True, True]
    assert _typed([1.5, None]).tolist()[0] == 1.5
    assert _typed(["\ud800a"]).tolist() == ["?a"]


def test_properties_that_are_named_like_a_coordinate_are_renamed():
    names, notes = _renamed(["x", "nom"], ("x", "y"))
    assert names == ["property x", "nom"]
    assert notes == [Note("named_like_a_coordinate", column="x")]


@pytest.mark.parametrize(
    ("texts", "point"),
    [
        (("2.5", "48"), (2.5, 48.0)), (("2.5", "48", "30"), (2.5, 48.0)), (("2.5",), None),
        (("1", "2", "3", "4"), None), (("2.5", "nan"), None), (("inf", "1"), None), ((), None),
        (("1", "2", "inf"), None), (("a", "1"), None),
    ],
)  # fmt: skip
def test_a_point_has_two_or_three_finite_numbers(texts, point):
    assert point_of(*texts) == point


@pytest.mark.parametrize(("places", "rows"), [(True, 2), (False, 4)])
def test_a_feature_without_a_point_is_a_row_of_a_table_alone(places, rows):
    charged = []
    asked = SimpleNamespace(places=places, charge=lambda *given: charged.append(given))
    made = Features(asked)
    none, within = Note("feature_without_geometry"), Note("points_inside")
    made.add((1.0, 2.0), {"a": 1})
    made.add(None, {"a": 2}, none)
    made.add(None, {"a": 3}, none)
    made.add((3.0, 4.0), {"a": 4}, within)
    assert (len(made.rows), made.inside, made.without) == (rows, 1, {none: 2})
    assert charged == [(0, 4)] * rows
    assert [p for p in made.points if math.isfinite(p[0])] == [(1.0, 2.0), (3.0, 4.0)]


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ([["nom", "age"], ["Léa", 3], ["Zoé", 4]], [{"nom": "Léa", "age": 3},
                                                    {"nom": "Zoé", "age": 4}]),
        # A first row that a cell of another repeats, or with a number or twice a name, is none.
        ([["Léa", "x"], ["Léa", "y"], ["Zoé", "z"]], 3), ([["Léa", 1], ["Zoé", 2], ["Max", 3]], 3),
        ([["a", "a"], ["Zoé", 2], ["Max", 3]], 3), ([["a", " "], ["Zoé", 2], ["Max", 3]], 3),
        # Numbers alone are coordinates; rows are as long as each other, and hold no list.
        ([["x", "y"], [1, 2], [3, 4]], 0), ([["a", "b"], ["c"], ["d", "e"]], 0),
        ([["a", "b"], ["c", []], ["d", "e"]], 0), ([["a", "b"], ["c", "d", "e"], ["f", "g"]], 0),
        ([["a"], ["b"], ["c"]], 0), ([], 0), ([["a", "b"], "c", ["d", "e"]], 0),
    ],
)  # fmt: skip
def test_lists_of_plain_values_are_a_table_where_text_is_among_them(value, rows):
    made = [row for _, row in _of_plain_rows(("k",), value)]
    assert made == rows if isinstance(rows, list) else len(made) == rows
    if rows == 3:
        assert [*made[0]] == ["column_1", "column_2"]


@pytest.mark.parametrize(("ids", "noted"), [(18, False), (19, True), (20, True)])
def test_features_stand_again_where_a_column_tells_nineteen_of_twenty_apart(tmp_path, ids, noted):
    """Twenty features, of which so many have a number of their own, and the first once more."""
    rows = [{"n": k % ids, "side": "ab"[k // ids]} for k in [*range(20), 0]]
    spot = {"type": "Point", "coordinates": [2.4, 48.8]}
    features = [{"type": "Feature", "properties": row, "geometry": spot} for row in rows]
    file = tmp_path / "a.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    notes = read_frame(file, gives="dots").notes
    assert [note.values["n"] for note in notes if note.key == "rows_repeated"] == [1] * noted


@pytest.mark.parametrize(("people", "left_out"), [(14, 0), (15, 5), (16, 4)])
def test_names_that_three_of_four_objects_have_are_those_of_a_record(people, left_out):
    rows = [{"id": k, "town": "Brest"} for k in range(people)] + [{"total": 1}] * (20 - people)
    assert _alike(rows) == (rows[:people] if left_out else rows, left_out)
