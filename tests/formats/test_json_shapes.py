"""JSON as databases and interfaces write it: the same people, whatever is written around them."""

import json

import pytest

from privaudit.errors import ReadError
from privaudit.release.files import read_frame

PEOPLE = [
    {"nom": f"Zq{n}", "age": 30 + n, "lieu": {"lat": 48.8, "lng": 2.4 + n / 100}} for n in range(12)
]
SHAPES = {
    "list": PEOPLE,
    "under a key": {"status": "ok", "data": {"voters": PEOPLE, "next": None}},
    "firebase": {"users": {f"-K{n}": one for n, one in enumerate(PEOPLE)}, "meta": {"v": 2}},
    "by e-mail": {f"p{n}@x.fr": one for n, one in enumerate(PEOPLE)},
    "graphql": {"data": {"people": {"edges": [{"cursor": "c", "node": one} for one in PEOPLE]}}},
    "json:api": {"data": [{"type": "voter", "attributes": one} for one in PEOPLE]},
    "couchdb": {"total_rows": 12, "rows": [{"value": {"rev": "1"}, "doc": one} for one in PEOPLE]},
    "columns and rows": {
        "columns": ["nom", "age", "lieu"],
        "rows": [[one["nom"], one["age"], one["lieu"]] for one in PEOPLE],
    },
}
BESIDE = {"key", "cursor", "type", "value.rev", "_index", "_id"}


def read(tmp_path, text, name="export.json"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    frame = read_frame(tmp_path / name, gives="table").frame
    return frame[[column for column in frame if column not in BESIDE]]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_stands_around_people_changes_none_of_them(tmp_path, shape):
    found = read(tmp_path, json.dumps(SHAPES[shape]))
    plain = read(tmp_path, json.dumps(PEOPLE))
    assert found.columns.tolist() == ["nom", "age", "lieu.lat", "lieu.lng"]
    assert found.equals(plain)


def test_lines_of_json_are_read_by_another_ending(tmp_path):
    lines = [json.dumps({"_index": "v", "_id": str(n), "_source": one})
             for n, one in enumerate(PEOPLE)]  # fmt: skip
    assert read(tmp_path, "\n".join(lines)).equals(read(tmp_path, json.dumps(PEOPLE)))
    # One line that is cut short is no list of lines, and its cells are not told.
    with pytest.raises(ReadError, match="no JSON or is cut short"):
        read(tmp_path, lines[0][:-3])


def test_a_wrap_that_would_lose_a_name_stays(tmp_path):
    rows = [{"nom": "dehors", "doc": {"nom": f"Zq{n}"}} for n in range(12)]
    assert read(tmp_path, json.dumps(rows)).columns.tolist() == ["nom", "doc.nom"]


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"x": 1}, "b": {"y": 2}, "c": {"z": 3}},  # nothing that they share
        {"a": {"x": 1}, "b": {"x": 2}},  # two settings, no list
        {"columns": ["nom", "age"], "rows": [["Zq"], ["Zq"]]},  # rows of another width
        {"columns": 3, "rows": [["Zq"]]},
    ],
)
def test_settings_are_no_people(tmp_path, document):
    with pytest.raises(ReadError, match="JSON of another kind"):
        read(tmp_path, json.dumps(document))
