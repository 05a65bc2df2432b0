"""JSON as databases and interfaces write it: the same people, whatever is written around them."""

import json

import pytest

import privaudit as pa
from privaudit.errors import ReadError
from privaudit.io.features import (
    _leaves_of,
    _nested_point,
    _typed,
    as_float,
    flattened,
    largest_list,
    lists_of,
    parsed,
    point_of,
)
from privaudit.io.legends import with_answers
from privaudit.io.readers import read_frame
from privaudit.studies.exhibits import set_out
from privaudit.studies.inspect import inspect_files

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


def memo(n):
    return {"memo": f"diabétique, {n}", "at": n}


TREES = {
    # A door each, with a visit or two: no door is a list by itself.
    "firebase": {"visits": {f"porte-{d}": {f"-K{d}{v}": memo(d + v) for v in range(1 + d % 2)}
                            for d in range(40)}},
    "lists by day": {"visits": {f"2016-05-{d:02d}": [memo(d + v) for v in range(2)]
                                for d in range(1, 31)}},
    "deep": {"a": {"b": {f"u{x}": {f"d{y}": {f"v{z}": memo(z) for z in range(2)}
                                   for y in range(3)} for x in range(10)}}},
    "lists of lists": [["at", "memo"], *([n, memo(n)["memo"]] for n in range(60))],
    "rows": {"ok": True, "result": [[n, memo(n)["memo"]] for n in range(60)]},
    "chats": {"chats": {"list": [{"id": c, "name": "Groupe", "messages": [memo(m) for m in
              range(20)]} for c in range(3)]}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "n"),
    [("firebase", 60), ("lists by day", 60), ("deep", 60), ("lists of lists", 60), ("rows", 60),
     ("chats", 60)],
)  # fmt: skip
def test_every_record_of_a_tree_is_read(tmp_path, shape, n):
    (tmp_path / "export.json").write_text(json.dumps(TREES[shape]), encoding="utf-8")
    result = pa.inspect(tmp_path / "export.json", as_of="2016-11-08")
    assert result.n == n
    assert max(column.says.get("health", 0) for column in result.columns) == n


def test_lists_that_are_not_read_are_named_with_how_many_they_hold(tmp_path):
    document = {"people": PEOPLE, "visits": {"d1": {"v1": memo(1)}, "d2": {"v2": memo(2)},
                "d3": {"v3": memo(3)}}, "Marie Dupont": [memo(n) for n in range(4)]}  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps(document), encoding="utf-8")
    frame = read_frame(tmp_path / "export.json", gives="table")
    left = next(note for note in frame.notes if note.key == "lists_left")
    assert left.values["lists"] == ("visits (3)", "3 (4)")
    assert frame.left == (2, 3)


def test_each_list_of_a_document_is_an_exhibit(tmp_path):
    document = {"people": PEOPLE, "visits": TREES["firebase"]["visits"]}
    (tmp_path / "export.json").write_text(json.dumps(document), encoding="utf-8")
    with set_out([tmp_path / "export.json"], who="inspect") as contents:
        study = inspect_files(contents.files, as_of="2016-11-08", contents=contents)
    assert [one.n for one in study.inventories] == [12, 60]
    assert study.inventories[1].name == "export.json › visits"


def test_numbers_alone_are_a_shape_and_no_records(tmp_path):
    document = {"outline": [[2.1, 48.1], [2.2, 48.2], [2.3, 48.3]], "v": 1}
    with pytest.raises(ReadError, match="JSON of another kind"):
        read(tmp_path, json.dumps(document))


def test_a_messenger_export_is_read_whole(tmp_path):
    said = ["diabétique", ["elle est ", {"type": "bold", "text": "très"}, " malade, ", "cancer ",
            {"type": "link", "text": "voir"}, " du sein"], "à demain"]  # fmt: skip
    messages = [
        {"id": n, "type": "message", "date": "2016-05-01T10:00:00", "date_unixtime": "1462096800",
         "from": "Anne Roux", "from_id": "user12", "text": said[n % 3],
         "text_entities": [{"type": "plain", "text": "x"}]}
        for n in range(60)
    ]  # fmt: skip
    document = {"name": "Équipe", "type": "private_group", "id": 4, "messages": messages}
    (tmp_path / "result.json").write_text(json.dumps(document), encoding="utf-8")
    result = pa.inspect(tmp_path / "result.json", as_of="2016-11-08")
    text = next(column for column in result.columns if column.name == "text")
    assert (text.filled, text.says["health"]) == (60, 40)
    assert text.role in ("special", "text_special")


NAMES = {"5": "vote FN", "6": "vote PS", "7": "absent"}
OUTCOMES = ["5", "6", "7"] * 12
VISITS = [{"door": f"d{n}", "outcome": int(code)} for n, code in enumerate(OUTCOMES)]
POINT = {"type": "Point", "coordinates": [2.3, 48.8]}
FEATURES = [{"type": "Feature", "properties": one, "geometry": POINT} for one in VISITS]
ENUMERATIONS = {
    "codes": {"outcomes": NAMES},
    "texts": {"outcomes": {text: int(code) for code, text in NAMES.items()}},
    "deeper": {"config": {"enums": {"outcome": NAMES, "door": {"5": "bleue", "6": "rouge"}}}},
    "a legend": {"legend": NAMES},
    "a list": {"outcomes": [{"id": int(code), "label": text} for code, text in NAMES.items()]},
    "a wide list": {"outcomes": [{"id": int(code), "color": "#f00", "label": text, "order": 1}
                                 for code, text in NAMES.items()]},
    "letters byte by byte": {"outcomes": {**NAMES, "8": "Ã©lu"}},
}  # fmt: skip


@pytest.mark.parametrize("beside", ENUMERATIONS.values(), ids=ENUMERATIONS)
@pytest.mark.parametrize(
    "records", [{"visits": VISITS}, {"type": "FeatureCollection", "features": FEATURES}],
    ids=["list", "map"],
)  # fmt: skip
def test_an_enumeration_decodes_the_codes_of_its_records(tmp_path, beside, records):
    if "features" in records and isinstance(next(iter(beside.values())), list):
        pytest.skip("beside features, a list is not read")
    (tmp_path / "a.json").write_text(json.dumps({**beside, **records}), "utf-8")
    read = read_frame(tmp_path / "a.json", gives="table")
    assert read.frame["outcome"].tolist() == [NAMES[code] for code in OUTCOMES]
    assert "decoded_by" in [note.key for note in read.notes]
    held = {one.name: one for one in pa.inspect(tmp_path / "a.json", as_of="2016-11-08").columns}
    assert held["outcome"].says["party"] == 24
    with set_out([tmp_path / "a.json"], who="inspect") as contents:
        study = inspect_files(contents.files, as_of="2016-11-08", contents=contents)
    parties = [c.says.get("party", 0) for one in study.inventories for c in one.columns]
    assert 24 in parties


@pytest.mark.parametrize(
    ("first", "decoded"),
    [(0, True), (1, True), (2, False)],
    ids=["from 0", "from 1", "neither"],
)
def test_texts_are_decoded_by_their_places(tmp_path, first, decoded):
    visits = [{"door": "d", "outcome": first + n % 3} for n in range(30)]
    document = {"outcomes": [*NAMES.values()], "visits": visits}
    (tmp_path / "a.json").write_text(json.dumps(document), "utf-8")
    cells = read_frame(tmp_path / "a.json", gives="table").frame["outcome"].tolist()
    assert cells == ([*NAMES.values()] * 10 if decoded else [first + n % 3 for n in range(30)])


def test_cards_have_the_names_of_their_lists_and_people_do_not(tmp_path):
    lists = [{"id": f"5f1c{n}", "name": text, "pos": n} for n, text in enumerate(NAMES.values())]
    cards = [{"name": f"porte {n}", "idList": f"5f1c{n % 3}"} for n in range(30)]
    (tmp_path / "board.json").write_text(json.dumps({"lists": lists, "cards": cards}), "utf-8")
    frame = read_frame(tmp_path / "board.json", gives="table").frame
    assert frame["idList"].tolist() == [*NAMES.values()] * 10
    # A list of people is no legend, but one of candidates is.
    for names, decoded in ((["Anne Roux", "Paul Petit"], False),
                           (["Marine Le Pen", "Emmanuel Macron"], True)):  # fmt: skip
        rows = [{"id": n, "name": name} for n, name in enumerate(names)]
        seen = [{"door": f"d{n}", "user_id": n % 2} for n in range(30)]
        (tmp_path / "a.json").write_text(json.dumps({"users": rows, "visits": seen}), "utf-8")
        cells = read_frame(tmp_path / "a.json", gives="table").frame["user_id"].tolist()
        assert cells == (names if decoded else [0, 1]) * 15


def test_two_enumerations_of_the_same_codes_decode_nothing_of_another_name(tmp_path):
    legends = {"codes": NAMES, "legend": {code: f"x{text}" for code, text in NAMES.items()}}
    (tmp_path / "a.json").write_text(json.dumps({**legends, "visits": VISITS}), "utf-8")
    cells = read_frame(tmp_path / "a.json", gives="table").frame["outcome"].tolist()
    assert cells == [int(code) for code in OUTCOMES]


def cells(row, **how):
    """Cells of one row, by their path."""
    return {name: values.get(0) for name, values in flattened([row], **how)[0].items()}


def test_properties_are_flattened_to_four_levels_and_deeper_ones_are_one_text():
    assert cells({"a": {"b": {"c": {"d": 1}}}}) == {"a.b.c.d": 1}
    assert cells({"a": {"b": {"c": {"d": {"e": 1, "f": 2}}}}}) == {"a.b.c.d": "1; 2"}


@pytest.mark.parametrize("n", [2, 3, 4])
def test_three_objects_of_a_list_are_columns(n):
    row = {"a": [{"b": i} for i in range(n)]}
    shown = {f"a.{i + 1}.b": i for i in range(min(n, 3))}
    assert cells(row) == shown
    assert cells(row, rest=True) == shown | ({"a.more": "3"} if n > 3 else {})
    assert cells({"a": ["x", "y"]}) == {"a": "x, y"}
    assert cells({"a": ["x", "y"]}, indexed=True) == {"a.0": "x", "a.1": "y"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        # 2 ** 53 is the first whole number that a float may confuse with the next.
        ([2**53 - 1, 1], "int64"), ([2**53, 1], "str"), ([-(2**53), 1], "str"),
        ([2**53 - 1, None], "float64"), ([1, 2.5], "float64"), ([True, False], "bool"),
        ([True, None], "str"), ([True, 1], "str"), (["", None], "str"), ([None], "str"),
    ],
)  # fmt: skip
def test_values_have_the_type_of_all_of_them(values, kind):
    assert str(_typed(values).dtype) == kind


@pytest.mark.parametrize(
    ("texts", "point"),
    [(("1", "2"), (1, 2)), (("1", "2", "3"), (1, 2)), (("1", "2", "3", "4"), None),
     (("1",), None), (("1", "inf"), None)],
)  # fmt: skip
def test_a_point_has_two_numbers_or_three(texts, point):
    assert point_of(*texts) == point


@pytest.mark.parametrize(("columns", "kept", "beyond"), [(255, 255, 0), (256, 256, 0),
                                                         (257, 256, 1)])  # fmt: skip
def test_a_table_has_256_columns_of_json(columns, kept, beyond):
    found, notes = flattened([{f"c{i}": i for i in range(columns)}])
    assert len(found) == kept
    assert [note.values["columns"] for note in notes] == ([beyond] if beyond else [])


def keyed(n, ids, alike=None):
    """Objects under so many keys, of which some look like ids and some share a field."""
    alike = n if alike is None else alike
    keys = [f"k{chr(97 + i)}" + ("7" if i < ids else "") for i in range(n)]
    return {key: {"sex" if i < alike else f"s{i}": "F"} for i, key in enumerate(keys)}


@pytest.mark.parametrize(
    ("people", "listed"),
    [
        # Nine of ten keys look like ids, or nine of ten objects share a field.
        (keyed(10, 9), True), (keyed(10, 8), False), (keyed(10, 10, 9), True),
        (keyed(10, 10, 8), False),
        # Sections that hold little but a list are none; a value of their own makes records.
        ({f"k{i}": {"m": [{"a": 1}]} for i in range(5)}, False),
        ({f"k{i}": {"m": [{"a": 1}], "n": 1} for i in range(5)}, False),
        ({f"k{i}": {"m": [{"a": 1}], "n": 1, "o": 2} for i in range(5)}, True),
    ],
)  # fmt: skip
def test_objects_are_a_list_where_nine_of_ten_are_alike(people, listed):
    assert ("users" in lists_of({"users": people})) == listed


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        # Three lists of two values and more, all as long, with a text below the first.
        ([["a", "b"], ["c", 1], ["d", 2]], [{"a": "c", "b": 1}, {"a": "d", "b": 2}]),
        ([["a", "b"], ["c", 1]], []), ([["a"], ["c"], ["d"]], []),
        ([["a", "b"], ["c", 1], ["d"]], []), ([["a", "b"], [1, 1], [2, 2]], []),
        ([[1, "b"], [2, "c"], [3, "d"]],
         [{"column_1": n, "column_2": x} for n, x in ((1, "b"), (2, "c"), (3, "d"))]),
        # A name that stands below, or twice, names no column.
        ([["a", "b"], ["a", 1], ["d", 2]],
         [{"column_1": "a", "column_2": "b"}, {"column_1": "a", "column_2": 1},
          {"column_1": "d", "column_2": 2}]),
    ],
)  # fmt: skip
def test_lists_of_plain_values_are_rows(rows, read):
    assert lists_of(rows).get("", []) == read


@pytest.mark.parametrize(("few", "many", "chosen"), [(10, 12, "a[].b"), (11, 12, "a"),
                                                     (10, 11, "a")])  # fmt: skip
def test_a_nested_list_of_twelve_is_read_within_at_most_ten_records(few, many, chosen):
    lists = {"a": [{}] * few, "a[].b": [{}] * many}
    assert largest_list(lists) == chosen


@pytest.mark.parametrize(("depth", "walked"), [(11, True), (12, True), (13, False)])
def test_a_list_is_looked_for_twelve_levels_deep(depth, walked):
    document = PEOPLE
    for _ in range(depth):
        document = {"d": document}
    assert bool(lists_of(document)) == walked


@pytest.mark.parametrize(("lines", "aside"), [([], 0), (["{no json"], 1)])
def test_features_are_set_aside_only_where_a_line_is_no_json(tmp_path, lines, aside):
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.5, 48.8]},
               "properties": {"a": 1}}  # fmt: skip
    several = [json.dumps(feature)] * 3
    if lines:
        (tmp_path / "f.geojsonl").write_text("\n".join([*several, *lines]), "utf-8")
        read = read_frame(tmp_path / "f.geojsonl", who="read_map")
    else:
        whole = {"type": "FeatureCollection", "features": [feature] * 3}
        (tmp_path / "f.geojson").write_text(json.dumps(whole), "utf-8")
        read = read_frame(tmp_path / "f.geojson", who="read_map")
    assert len(read.frame) == 3
    assert sum(read.set_aside.values()) == aside


@pytest.mark.parametrize(("others", "aside"), [(4, 0), (3, 3), (1, 1)])
def test_objects_that_share_no_name_with_most_are_set_aside(tmp_path, others, aside):
    """Where three of four share names: of twelve, three others."""
    summary = [{"count": n, "exported": "2016"} for n in range(others)]
    text = json.dumps([*PEOPLE[: 12 - others], *summary])
    (tmp_path / "a.json").write_text(text)
    read = read_frame(tmp_path / "a.json", gives="table")
    assert {why.key: n for why, n in read.set_aside.items()} == (
        {"other_object": aside} if aside else {}
    )
    assert len(read.frame) == 12 - aside


def test_where_one_name_is_shared_objects_without_it_stay(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([*({"id": n} for n in range(9)), {"nom": "Zq"}]))
    read = read_frame(tmp_path / "a.json", gives="table")
    assert (len(read.frame), dict(read.set_aside)) == (10, {})


@pytest.mark.parametrize("own", [{}, {"nom": "Centre", "chef": "Zq"}])
def test_keys_of_a_tree_within_few_records_are_no_columns(own):
    """Five districts and their people by id: of each person the id stood in six headers."""
    people = {f"-K{n}z{n}": {"nom": "Zq", "sexe": "F", "memo": "x"} for n in range(60)}
    keys = list(people)
    districts = {
        f"q{d}": {**own, "personnes": {k: people[k] for k in keys[d::5]}} for d in range(5)
    }
    lists = lists_of({"quartiers": districts, "config": {"v": 3}})
    columns = [name for rows in lists.values() for row in rows for name in row]
    assert not any(key in name for key in keys for name in columns)
    (inner,) = (rows for rows in lists.values() if "memo" in rows[0])
    assert sorted(row["key_2"] for row in inner) == sorted(keys)
    assert len(lists) == 1 + bool(own)


FAITHS = ["catholique", "musulman", "juif", "aucune"]
ASKED_OF_FAITH, ASKED_OF_ILLNESS = "Quelle est votre religion ?", "Avez-vous une maladie ?"


def typeform(at, faith, ill):
    return {"token": f"t{at:030x}", "submitted_at": f"2016-02-01T09:{at:02d}:00Z", "answers": [
        {"field": {"id": "f1", "type": "multiple_choice", "ref": "r1"}, "type": "choice",
         "choice": {"id": f"c{FAITHS.index(faith)}", "label": faith}},
        {"field": {"id": "f2", "type": "email", "ref": "r2"}, "type": "email",
         "email": f"zq{at}@exemple.fr"},
        {"field": {"id": "f3", "type": "multiple_choice", "ref": "r3"}, "type": "choices",
         "choices": {"ids": ["a", "b"], "labels": ["école", "impôts"]}},
        {"field": {"id": "f4", "type": "yes_no", "ref": "r4"}, "type": "boolean", "boolean": ill},
    ]}  # fmt: skip


def jotform(at, faith, ill):
    told = {"1": (ASKED_OF_FAITH, faith), "2": ("E-mail", f"zq{at}@exemple.fr"),
            "3": ("Sujets", ["école", "impôts"]), "4": (ASKED_OF_ILLNESS, ill)}  # fmt: skip
    return {"id": str(5000 + at), "answers": {
        number: {"name": f"q{number}", "order": number, "text": text, "answer": answer}
        for number, (text, answer) in told.items()}}  # fmt: skip


def field_data(at, faith, ill):
    told = {"f1": [faith], "f2": [f"zq{at}@exemple.fr"], "f3": ["école", "impôts"], "f4": [ill]}
    pairs = [{"name": name, "values": values} for name, values in told.items()]
    return {"id": str(9000 + at), "field_data": pairs}


def answered_questions(at, faith, ill):
    def answers(*texts):
        return {"textAnswers": {"answers": [{"value": text} for text in texts]}}

    told = {"f1": answers(faith), "f2": answers(f"zq{at}@exemple.fr"),
            "f3": answers("école", "impôts"), "f4": answers("oui" if ill else "non")}  # fmt: skip
    return {"responseId": f"r{at:04d}",
            "answers": {key: {"questionId": key, **told[key]} for key in told}}  # fmt: skip


@pytest.mark.parametrize("form", [typeform, jotform, field_data, answered_questions])
def test_answers_are_columns_of_their_questions(tmp_path, form):
    """Each answer was three columns by its place, and from the fourth on of no record at all."""
    people = [form(at, FAITHS[at % 4], at % 3 == 0) for at in range(40)]
    frame = read(tmp_path, json.dumps({"items": people}))
    faith, mail, subjects, ill = frame.iloc[0, -4:]
    assert (faith, mail, subjects) == ("catholique", "zq0@exemple.fr", "école, impôts")
    assert str(ill).lower() in ("true", "oui")
    assert frame.iloc[:, -4].tolist() == [FAITHS[at % 4] for at in range(40)]
    assert frame.iloc[:, -1].notna().all()


QUESTIONS = {"fields": [
    {"id": "f1", "ref": "r1", "title": ASKED_OF_FAITH, "type": "multiple_choice"},
    {"id": "f2", "ref": "r2", "title": "Votre e-mail", "type": "email"},
    {"id": "f3", "ref": "r3", "title": "Vos sujets", "type": "multiple_choice"},
    {"id": "f4", "ref": "r4", "title": ASKED_OF_ILLNESS, "type": "yes_no"}]}  # fmt: skip


@pytest.mark.parametrize("beside", ["form.json", "questions.csv", "the same"])
def test_questions_beside_answers_tell_what_is_answered(tmp_path, beside):
    """Faith and illness were asked in another file: yes and no to an illness was unknown."""
    document = {"items": [typeform(at, FAITHS[at % 4], at % 3 == 0) for at in range(40)]}
    files = [tmp_path / "answers.json"]
    if beside == "the same":
        document |= QUESTIONS
    else:
        files.append(tmp_path / beside)
        lines = "".join(f'{one["id"]},"{one["title"]}"\n' for one in QUESTIONS["fields"])
        told = json.dumps(QUESTIONS) if beside == "form.json" else f"field,question\n{lines}"
        files[1].write_text(told, "utf-8")
    files[0].write_text(json.dumps(document), "utf-8")
    study = inspect_files(files, as_of="2016-11-08")
    found = study.inventories[0]
    faith, mail, _, ill = ((one.kind, one.role) for one in found.columns[-4:])
    assert (faith, ill) == (("origin", "special"), ("health", "special"))
    assert mail == ("email", "contact")
    assert "worded_by" in repr(study.notes)
    # What is proposed is called as the command will find it.
    names = [str(name) for name in read_frame(files[0], gives="table").frame]
    assert [column.name for column in found.columns] == names
    assert {*found.roles.sensitive} <= {*names}


def test_lists_that_hold_more_than_answers_stay():
    visits = [{"id": at, "visits": [{"name": "door", "value": "x", "at": f"{at}:{n}"}
                                    for n in range(1)]} for at in range(9)]  # fmt: skip
    people = [{"id": at, "votes": [{"name": f"Zq{n} Anne", "value": "oui"} for n in range(2)]}
              for at in range(9)]  # fmt: skip
    things = [{"id": at, "bought": [{"id": f"{at}-{n}", "text": "x"} for n in range(2)]}
              for at in range(9)]  # fmt: skip
    for rows in (visits, people, things):
        assert with_answers(rows) == rows


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # As MongoDB extends JSON: one member of a known name and a plain value.
        ('{"$oid": "5f"}', "5f"), ('{"$oid": "5f", "a": 1}', {"$oid": "5f", "a": 1}),
        ('{"$oid": {"a": 1}}', {"$oid": {"a": 1}}), ('{"$zq": "5f"}', {"$zq": "5f"}),
        ('{"$numberInt": "3"}', 3), ('{"$numberInt": "x"}', {"$numberInt": "x"}),
        ('{"$numberDouble": "1.5"}', 1.5), ('{"$date": "2016-05-12"}', "2016-05-12"),
        ('{"$date": 86400000}', "1970-01-02T00:00:00"), ('{"$date": -1}',
                                                         "1969-12-31T23:59:59.999000"),
        ('{"$date": 1e20}', {"$date": 1e20}), ("{}", {}),
    ],
)  # fmt: skip
def test_values_of_mongodb_are_those_that_they_stand_for(text, value):
    assert parsed(text) == value


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"type": "Point", "coordinates": [2.3, 48]}, {"a.longitude": 2.3, "a.latitude": 48}),
        ({"type": "Point", "coordinates": [2, 48.8, 30]}, {"a.longitude": 2, "a.latitude": 48.8}),
        ({"type": "Point", "coordinates": [2.3]}, {"a.type": "Point", "a.coordinates": "2.3"}),
        ({"type": "Point", "coordinates": ["2", "48"]},
         {"a.type": "Point", "a.coordinates": "2, 48"}),
        ({"type": "Spot", "coordinates": [2, 48]}, {"a.type": "Spot", "a.coordinates": "2, 48"}),
        # Pieces of one text, some with a style; objects alone, or texts alone, are none.
        (["x ", {"text": "y"}], {"a": "x y"}), (["x", None, "y"], {"a": "x, y"}), ([], {"a": None}),
        ([{"text": "x"}, {"text": "y"}], {"a.1.text": "x", "a.2.text": "y"}),
        (["x ", {"text": 3}], {"a.1": "x ", "a.2.text": 3}),
    ],
)  # fmt: skip
def test_a_point_and_a_text_in_pieces_are_one_value(value, read):
    assert cells({"a": value}) == read


@pytest.mark.parametrize(("depth", "text", "more"), [(11, "x", 0), (12, "x", 0), (13, "", 1)])
def test_leaves_are_looked_for_twelve_objects_deep(depth, text, more):
    node = "x"
    for _ in range(depth):
        node = {"a": node}
    assert _leaves_of(node) == (text, more)
    assert _leaves_of([1, True, None, {}, "y"]) == ("1; y", 0)


@pytest.mark.parametrize(("first", "indexed"), [(98, True), (99, True), (100, False)])
def test_two_members_of_a_person_among_a_hundred_rows_are_osdi(tmp_path, first, indexed):
    rows = [{"n": n, "tags": ["u", "v"]} for n in range(102)]
    for members, found in (({"given_name": "Zq"}, False),
                           ({"given_name": "Zq", "family_name": "Zr"}, indexed)):  # fmt: skip
        written = [*rows[:first], rows[first] | members, *rows[first + 1 :]]
        (tmp_path / "a.json").write_text(json.dumps(written), "utf-8")
        frame = read_frame(tmp_path / "a.json", gives="table").frame
        assert [c for c in frame if "tags" in c] == (["tags.0", "tags.1"] if found else ["tags"])


@pytest.mark.parametrize(
    ("columns", "pair"),
    [
        (["a", "p.lat", "p.lng"], ("p.lng", "p.lat")), (["lat", "lng"], ("lng", "lat")),
        (["p.lat", "q.lng"], ()), (["p.lat", "p.lng", "q.lat", "q.lng"], ()), (["p.lat"], ()),
    ],
)  # fmt: skip
def test_the_coordinates_of_records_are_one_pair_of_one_property(columns, pair):
    assert _nested_point(columns) == pair


@pytest.mark.parametrize(("held", "apart"), [(3, False), (4, True)])
def test_a_list_within_records_is_one_beyond_three_objects(held, apart):
    rows = [{"id": f"r{n}", "a": n, "m": [{"at": k} for k in range(held)]} for n in range(3)]
    lists = lists_of({"rows": rows})
    assert [*lists] == ["rows", "rows[].m"][: 1 + apart]
    if apart:
        assert lists["rows[].m"][:2] == [{"key": "r0", "at": 0}, {"key": "r0", "at": 1}]
        assert len(lists["rows[].m"]) == 12


def test_a_number_beyond_floats_is_infinite():
    assert (as_float(10**400), as_float(3)) == (float("inf"), 3.0)


def test_records_by_id_within_an_object_of_a_record_are_a_list(tmp_path):
    """Firestore has visits so: each was three columns of its own, and most of them left out."""
    doors = [
        {"nom": f"Zq{n}", "__collections__": {"visites": {f"v{n}a": {"memo": f"m{n}"}}}}
        for n in range(300)
    ]
    lists = lists_of(doors)
    assert [len(rows) for rows in lists.values()] == [300, 300]
    assert lists["[].__collections__.visites"][7] == {"key": "8", "key_2": "v7a", "memo": "m7"}


def test_a_document_that_another_holds_as_a_text_is_read(tmp_path):
    """An answer that a tool saved was one cell, and its people one record."""
    body = json.dumps([{**one, "memo": "x" * 200} for one in PEOPLE])
    saved = {"info": {"name": "a"}, "item": [{"name": "b", "response": [{"body": body}]}]}
    (tmp_path / "a.json").write_text(json.dumps(saved), "utf-8")
    with set_out([tmp_path / "a.json"], who="inspect") as contents:
        tables = [read_frame(file, gives="table").frame for file in contents.files]
    people = next(one for one in tables if len(one) == len(PEOPLE))
    assert people["nom"].tolist() == [one["nom"] for one in PEOPLE]


def test_values_beside_their_names_in_xml_are_columns(tmp_path):
    rows = "".join(
        f'<row no="{n}"><FL val="Nom">{one["nom"]}</FL><FL val="Age">{one["age"]}</FL>'
        '<FL val="Ville">Dijon</FL><FL val="Memo">vu</FL></row>' for n, one in enumerate(PEOPLE)
    )  # fmt: skip
    (tmp_path / "a.xml").write_text(f"<?xml version='1.0'?><r><C>{rows}</C></r>", "utf-8")
    found = read_frame(tmp_path / "a.xml", gives="table").frame
    assert found["Nom"].tolist() == [one["nom"] for one in PEOPLE]
    assert found["Age"].tolist() == [str(one["age"]) for one in PEOPLE]
