"""JSON as databases and interfaces write it: the same people, whatever is written around them."""

import json

import pytest

from privaudit.errors import ReadError
from privaudit.io.files import read_frame

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
        {"columns": ["nom", "nom"], "rows": [["Zq", "Zr"]] * 3},  # one of both would be lost
        # Three addresses of one person, three settings: alike, and called by words.
        {"home": {"zip": 1}, "work": {"zip": 2}, "billing": {"zip": 3}},
    ],
)
def test_settings_are_no_people(tmp_path, document):
    with pytest.raises(ReadError, match="JSON of another kind"):
        read(tmp_path, json.dumps(document))


def test_sections_that_are_alike_are_no_people(tmp_path):
    """Answers of an interface, by what they are about: the people stand in one of them."""

    def told(rows):
        return {"status": "ok", "count": len(rows), "data": rows}

    sections = {"voters": told(PEOPLE), "visits": told([{"at": 1}] * 3), "users": told([{"v": 1}])}
    assert read(tmp_path, json.dumps(sections)).equals(read(tmp_path, json.dumps(PEOPLE)))
    by_commune = {f"9400{n}": {"nom": "Zq", "voters": PEOPLE[: 9 + n]} for n in range(4)}
    found = read(tmp_path, json.dumps(by_commune))
    assert found.equals(read(tmp_path, json.dumps(PEOPLE)))


def test_a_list_of_likes_beside_people_changes_nothing(tmp_path):
    people = {f"-K{n}": one | {"likes": [{"page": "a"}] * 20} for n, one in enumerate(PEOPLE)}
    assert len(read(tmp_path, json.dumps({"users": people}))) == len(PEOPLE)


def test_a_key_beside_a_property_of_that_name_is_lost_no_more_than_it(tmp_path):
    people = {f"p{n}@x.fr": {"key": n, "nom": "Zq"} for n in range(12)}
    (tmp_path / "export.json").write_text(json.dumps(people), encoding="utf-8")
    frame = read_frame(tmp_path / "export.json", gives="table").frame
    assert frame["key"].tolist() == list(range(12))
    assert frame["_key"].tolist() == list(people)
