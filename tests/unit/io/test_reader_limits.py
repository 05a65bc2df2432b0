"""Limits of readers: a value at each, under it and over it."""

import dataclasses
import gzip
import io
import json
import struct
from pathlib import Path

import pandas as pd
import pytest

from privaudit.core.limits import CELL_BYTES
from privaudit.errors import ParameterError, ReadError
from privaudit.io.csv_dialects import _Bounded, _SwellError
from privaudit.io.file_frame import FileFrame
from privaudit.io.formats.ods import _MOST_REPEATED, _repeated
from privaudit.io.formats.shapefile import _cell, _records, _shapes
from privaudit.io.formats.sqlite_and_geopackage import _point
from privaudit.io.formats.text import is_chat
from privaudit.io.legends import (
    _is_called,
    _legend_of,
    _questions_of,
    decoded_by,
    enumerations,
    with_answers,
    worded,
)
from privaudit.io.readers import (
    Reader,
    ReadRequest,
    choose_part,
    part_name,
    read_frame,
    reader_of,
    upright,
)
from privaudit.tables.counting import column_names_of


@pytest.mark.parametrize(
    ("text", "times"),
    [(None, 1), ("3", 3), ("1", 1), ("0", 1), ("x", 1), ("", 1), ("-2", 1),
     ("99999999", _MOST_REPEATED), ("999999999", _MOST_REPEATED), ("9999999999", 1),
     (str(_MOST_REPEATED), _MOST_REPEATED), (str(_MOST_REPEATED - 1), _MOST_REPEATED - 1)],
)  # fmt: skip
def test_a_cell_is_repeated_as_often_as_nine_digits_say(text, times):
    assert _repeated({} if text is None else {"n": text}, "n") == times


@pytest.mark.parametrize(
    ("line", "chat"),
    [
        ("1/5/2016, 8:01 - L: ok", True), ("2016-05-12 18:01 - Léa: ok", True),
        ("[12.05.16, 6:01:33 PM] Léa: ok", True), ("12/05/2016 à 18h01 - Léa: ok", True),
        ("12/5/6 8:01 - L: ok", True), ("20161/05/12 18:01 - Léa: ok", False),
        ("12/005/2016 18:01 - L: ok", False), ("12/05/20161 18:01 - L: ok", False),
        ("12/05/2016 118:01 - L: ok", False), ("12/05/2016 18:1 - L: ok", False),
        ("12/05/2016;18:01;Léa", False),
    ],
)  # fmt: skip
def test_a_message_begins_with_a_day_and_an_hour(line, chat):
    assert is_chat(f"{line}\n{line}\n") == chat


@pytest.mark.parametrize(("lines", "chat"), [(1, True), (2, False), (3, False)])
def test_a_chat_has_two_messages_among_its_first_lines(lines, chat):
    others = ["il pleut"] * (lines - 1)
    assert is_chat("\n".join(["12/05/2016 à 18:01 - Léa: ok", *others])) == chat
    # The second message stands at line 40, or beyond.
    for between, found in ((38, True), (39, False)):
        text = "\n".join(["12/05/2016 à 18:01 - L: ok", *["a"] * between,
                          "12/05/2016 à 18:02 - L: ok"])  # fmt: skip
        assert is_chat(text) == found


def test_a_packed_file_swells_to_its_bound_and_no_further():
    data = b"0123456789"
    for bound, good in ((11, True), (10, True), (9, False)):
        stream = _Bounded(gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(data))), bound)
        if good:
            assert stream.read() == data
        else:
            with pytest.raises(_SwellError):
                stream.read()


LABELS = ["Favorable", "Hostile", "Indécis"]


@pytest.mark.parametrize(
    ("codes", "labels", "legend"),
    [
        (["1", "2"], LABELS[:2], True), (["1"], LABELS[:1], False), (["1", "1"], LABELS[:2], False),
        (["1", "2", ""], LABELS, False), (["1", "2", None], LABELS, False),
        (["1", "2", "2"], LABELS, False), (["1", "2"], ["3", "4"], False),
        (["1", "2"], ["F", "M"], False), (["1", "2"], ["F", "Ho"], True),
        (["a" * 40, "2"], LABELS[:2], True), (["a" * 41, "2"], LABELS[:2], False),
        ([*map(str, range(60))], [f"Motif {'abcdefgh'[i % 8]}{i}" for i in range(60)], True),
        ([*map(str, range(61))], [f"Motif {'abcdefgh'[i % 8]}{i}" for i in range(61)], False),
    ],
)  # fmt: skip
def test_a_legend_has_two_codes_each_once_and_a_word(codes, labels, legend):
    frame = pd.DataFrame({"code": codes, "libelle": labels})
    assert (_legend_of(FileFrame(frame=frame, name="motifs.csv")) is not None) == legend


@pytest.mark.parametrize(
    ("header", "legend"),
    [
        (["code"], False), (["a1", "b1"], True), (["code", "libelle", "z"], True),
        (["code", "x1", "x2", "libelle"], True), (["x0", "x1", "x2", "libelle"], False),
        ([*(f"x{i}" for i in range(10)), "code", "libelle"], True),
        ([*(f"x{i}" for i in range(11)), "code", "libelle"], False),
    ],
)  # fmt: skip
def test_a_legend_has_two_to_twelve_columns(header, legend):
    cells = {c: ["1", "2"] if c in ("code", "a1") else LABELS[:2] for c in header}
    found = _legend_of(FileFrame(frame=pd.DataFrame(cells), name="motifs.csv"))
    assert (found is not None) == legend


@pytest.mark.parametrize(
    ("code", "columns", "general"),
    [("1234", 3, True), ("12345", 3, False), ("1", 2, True), ("1", 4, False)],
)
def test_a_general_legend_is_short_and_called_one(code, columns, general):
    cells = {"code": [code, "2"], "libelle": LABELS[:2], "z1": "u", "z2": "v"}
    frame = pd.DataFrame({c: cells[c] for c in [*cells][:columns]})
    assert _legend_of(FileFrame(frame=frame, name="legende.csv")).general == general
    # By other names for its columns, and its own, it is none.
    other = frame.rename(columns={"code": "u1", "libelle": "u2"})
    assert not _legend_of(FileFrame(frame=other.iloc[:, :2], name="visites.csv")).general


def test_a_feature_without_a_point_is_set_aside_on_a_map_and_noted_in_a_table(tmp_path):
    point = {"type": "Point", "coordinates": [2.5, 48.0]}
    for shapes, without in (([point, None], 1), ([point, point], 0)):
        features = [{"type": "Feature", "geometry": s, "properties": {"a": "b"}} for s in shapes]
        file = tmp_path / "f.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        for gives, noted, aside in (("dots", 0, without), ("table", without, 0)):
            read = read_frame(file, gives=gives, who="t")
            keys = [note.key for note in read.notes]
            assert keys.count("features_without_point") == noted
            assert sum(read.set_aside.values()) == aside


def test_columns_are_named_for_an_error_by_text_and_by_parquet(tmp_path):
    frame = pd.DataFrame({"nom": ["a"], "age": [3]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        assert [*column_names_of(tmp_path / name, "t")] == ["nom", "age"]
    assert [*column_names_of(frame, "t")] == ["nom", "age"]


def asked(*, inside=False):
    return ReadRequest(path=Path("m.shp"), name="m.shp", who="map", places=False, crs=None,
                       inside=inside)  # fmt: skip


# The main file of a shapefile (ESRI 1998): a header of 100 bytes, then records, each of a number,
# a length in words of two bytes, a kind and its numbers.
HEADER = struct.pack(">i", 9994) + bytes(96)


def shape(kind, *numbers, words=None, form="d"):
    content = struct.pack(f"<i{len(numbers)}{form}", kind, *numbers)
    return struct.pack(">ii", 1, len(content) // 2 if words is None else words) + content


def parts(kind, starts, points):
    """A polygon, or several points, after a box of four numbers."""
    counts = [len(starts), len(points)] if kind == 5 else [len(points)]
    content = struct.pack(f"<i4d{len(counts)}i", kind, 0, 0, 0, 0, *counts)
    content += struct.pack(f"<{len(starts)}i", *starts) if kind == 5 else b""
    content += b"".join(struct.pack("<2d", *point) for point in points)
    return struct.pack(">ii", 1, len(content) // 2) + content


SQUARE = [(0, 0), (0, 2), (2, 2), (2, 0), (0, 0)]
HOLE = [(0.9, 0.9), (1.1, 0.9), (1.1, 1.1), (0.9, 1.1), (0.9, 0.9)]


@pytest.mark.parametrize(
    ("data", "inside", "found"),
    [
        (HEADER, False, []), (HEADER[:-1], False, None),
        (struct.pack(">i", 9993) + bytes(96), False, None),
        (struct.pack(">i", 9995) + bytes(96), False, None),
        (HEADER + shape(0), False, ["feature_without_geometry"]),
        (HEADER + shape(0) + shape(1, 2.5, 48), False, ["feature_without_geometry", (2.5, 48)]),
        (HEADER + shape(1, 2.5, 48)[:-1], False, None),
        (HEADER + shape(1, 2.5, 48) + bytes(7), False, None),
        # The length is of the kind at least, and of two numbers where it is a point.
        (HEADER + shape(0, words=1), False, None), (HEADER + shape(1, 2.5), False, None),
        (HEADER + shape(1, *bytes(14), form="B"), False, None),
        (HEADER + shape(1, 2.5, float("nan")), False, ["point_without_numbers"]),
        # With a height and a measure, or with a measure.
        (HEADER + shape(11, 2.5, 48, 1, 2), False, [(2.5, 48)]),
        (HEADER + shape(21, 2.5, 48, 1), False, [(2.5, 48)]),
        (HEADER + shape(3, 2.5, 48), True, ["not_a_point"]),
        (HEADER + shape(9, 2.5, 48), True, ["not_a_point"]),
        # One point of several is a point; a polygon stands inside of itself where that is asked.
        (HEADER + parts(8, [], [(2.5, 48)]), False, [(2.5, 48)]),
        (HEADER + parts(8, [], [(2.5, 48), (3, 48)]), False, ["not_a_point"]),
        (HEADER + parts(5, [0], SQUARE), False, ["not_a_point"]),
        (HEADER + parts(5, [0], SQUARE), True, ["points_inside"]),
        (HEADER + parts(5, [0, 5], [*SQUARE, *HOLE]), True, ["points_inside"]),
        (HEADER + shape(8, *[0] * 8, form="i"), False, None),
        (HEADER + shape(8, *[0] * 8, -1, form="i"), False, None),
        (HEADER + shape(5, *[0] * 8, -1, 0, form="i"), True, None),
        (HEADER + shape(8, *[0] * 8, 1, form="i"), False, None),
    ],
)  # fmt: skip
def test_shapes_are_as_long_as_they_say(data, inside, found):
    if found is None:
        with pytest.raises(ReadError, match="damaged or cut short"):
            list(_shapes(data, asked(inside=inside)))
        return
    read = [note.key if note else point for point, note in _shapes(data, asked(inside=inside))]
    assert read == found


def test_a_polygon_stands_at_a_point_inside_of_it_and_of_no_hole():
    for rings in ([SQUARE], [SQUARE, HOLE]):
        starts = [0, len(SQUARE)][: len(rings)]
        data = HEADER + parts(5, starts, [point for ring in rings for point in ring])
        (x, y), _ = next(_shapes(data, asked(inside=True)))
        assert 0 < x < 2
        assert 0 < y < 2
        assert len(rings) == 1 or not (0.9 <= x <= 1.1 and 0.9 <= y <= 1.1)


def dbase(fields, rows, *, language=0, end=b"\r", short=0, wide=0):
    """A table of dBase III: 32 bytes, 32 a field, a carriage return, then rows."""
    width = 1 + sum(length for *_, length in fields) + wide
    header = 32 + 32 * len(fields) + len(end)
    head = bytes([3, 16, 11, 8]) + struct.pack("<IHH", len(rows), header, width)
    data = head.ljust(29, b"\0") + bytes([language, 0, 0])
    for name, kind, length in fields:
        data += name.ljust(11, b"\0") + kind + bytes(4) + bytes([length]) + bytes(15)
    data += end + b"".join(rows)
    return data[: len(data) - short]


TEXT, NUMBER = (b"NOM", b"C", 4), (b"AGE", b"N", 3)


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (dbase([TEXT, NUMBER], [b" Jean 41", b"*Paul 33"]), [{"NOM": "Jean", "AGE": "41"}, None]),
        (dbase([TEXT], [b" Jean"], end=b""), [{"NOM": "Jean"}]),
        (dbase([TEXT], [b" Jean"], short=1), None), (dbase([TEXT], [b" Jean"], wide=-1), None),
        (dbase([TEXT], [b" Jean "], wide=1), [{"NOM": "Jean"}]),
        (dbase([], []), None), (dbase([TEXT], [])[:32], None),
        (dbase([(b"ABCDEFGHIJK", b"C", 4)], [b" Jean"]), [{"ABCDEFGHIJK": "Jean"}]),
        # Letters by the language of the header, and otherwise as all that follows it is written.
        (dbase([TEXT], [b" Zo\x82 "], language=1), [{"NOM": "Zo\u00e9"}]),
        (dbase([TEXT], [b" Zo\xe9 "], language=3), [{"NOM": "Zo\u00e9"}]),
        (dbase([TEXT], [b" Zo\xe9 "]), [{"NOM": "Zo\u00e9"}]),
        (dbase([TEXT], [b" Zo\xc3\xa9"]), [{"NOM": "Zo\u00e9"}]),
    ],
)  # fmt: skip
def test_a_table_beside_shapes_has_fields_of_32_bytes(data, rows, tmp_path):
    (tmp_path / "m.dbf").write_bytes(data)
    if rows is None:
        with pytest.raises(ReadError, match="damaged or cut short"):
            _records(tmp_path / "m.dbf", asked(), [])
    else:
        assert _records(tmp_path / "m.dbf", asked(), []) == rows


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("20161108", "D", "2016-11-08"), ("00000000", "D", ""), ("2016110", "D", "2016110"),
        ("201611080", "D", "201611080"), ("2016-1-8", "D", "2016-1-8"),
        ("20161108", "C", "20161108"), ("T", "L", "True"), ("n", "L", "False"), ("?", "L", ""),
        ("***", "N", ""), ("*1", "N", "*1"), ("007", "N", "007"), ("1.50", "N", "1.5"),
        ("1e2", "F", "100"), ("1e2", "C", "1e2"),
    ],
)  # fmt: skip
def test_a_cell_of_dbase_is_written_by_its_kind(text, kind, written):
    assert _cell(text, kind) == written


POINT = struct.pack("<BIdd", 1, 1, 2.5, 48)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        # Envelopes of a geometry (GeoPackage 1.3, table 6): none, two, three, three, four ranges.
        *((b"GP\0" + bytes([2 * code + 1]) + bytes(4 + box) + POINT, (2.5, 48))
          for code, box in enumerate((0, 32, 48, 48, 64))),
        (b"GP\0" + bytes([2 * 5 + 1]) + bytes(4) + POINT, "not_a_point"),
        (b"GP\0\x11" + bytes(4) + POINT, "feature_without_geometry"),
        (b"GQ\0\1" + bytes(4) + POINT, "not_a_point"), (None, "feature_without_geometry"),
        ("GP", "feature_without_geometry"),
        (b"GP\0\1" + bytes(4) + struct.pack("<BIdd", 1, 1, 2.5, float("nan")),
         "point_without_numbers"),
        # Eight bytes of a header, of which an empty one says that there is no geometry.
        (b"GP\0\x11" + bytes(4), "feature_without_geometry"),
        (b"GP\0\x11" + bytes(3), "not_a_point"),
    ],
)  # fmt: skip
def test_a_geometry_of_a_geopackage_stands_below_its_envelope(cell, found):
    point, note = _point(cell, False)
    assert (note.key if note else point) == found


@pytest.mark.parametrize(("known", "written"), [(20, True), (16, True), (15, False)])
def test_four_cells_of_five_have_codes_of_the_legend_that_is_called_like_the_column(known, written):
    frame = pd.DataFrame({"code": ["1", "2"], "libelle": LABELS[:2]})
    legend = _legend_of(FileFrame(frame=frame, name="motif.csv"))
    cells = ["1", "2"] * 10
    cells[known:] = ["7"] * (20 - known)
    table = FileFrame(frame=pd.DataFrame({"motif": cells}), name="visites.csv")
    found = decoded_by(table, [legend]).frame["motif"].tolist()
    of = {"1": LABELS[0], "2": LABELS[1]} if written else {}
    assert found == [of.get(cell, cell) for cell in cells]


@pytest.mark.parametrize(("numbers", "unread"), [(1, 0), (5, 0), (6, 1), (8, 3)])
def test_five_numbers_of_a_card_are_columns_and_more_are_counted(tmp_path, numbers, unread):
    lines = [f"TEL:060000000{k}" for k in range(numbers)]
    text = "\n".join(["BEGIN:VCARD", "FN:A B", *lines, "END:VCARD", ""])
    (tmp_path / "c.vcf").write_text(text, encoding="utf-8")
    read = read_frame(tmp_path / "c.vcf", gives="table", who="t")
    assert len(read.frame.columns) == 1 + min(numbers, 5)
    assert sum(n.values["n"] for n in read.notes if n.key == "cards_left_out") == unread


SHEETS = [f"feuille {letter}" for letter in "abcdefghi"]


@pytest.mark.parametrize(
    ("sheet", "of", "chosen"),
    [
        ("1", 3, 0), ("3", 3, 2), ("0", 3, None), ("4", 3, None), ("feuille B", 3, 1),
        ("000000002", 3, 1), ("0000000002", 3, None), ("00000000012", 3, None),
        ("9" * 5_000, 3, None), ("-1", 3, None), ("feuille d", 3, None), (None, 3, 2),
        ("1", 1, 0), (None, 1, 0),
    ],
)  # fmt: skip
def test_a_sheet_is_asked_for_by_its_name_or_a_number_of_nine_digits(sheet, of, chosen):
    request, names = dataclasses.replace(asked(), sheet=sheet), SHEETS[:of]
    if chosen is None:
        with pytest.raises(ParameterError, match="sheet one of feuille a, feuille b, feuille c in"):
            choose_part(request, names, names[-1], note="sheet_chosen")
        return
    found = choose_part(request, names, names[-1], note="sheet_chosen")
    assert found.name == names[chosen]
    assert [(n.values["at"], n.values["others"]) for n in found.notes] == (
        [(chosen + 1, of - 1)] if of > 1 else []
    )
    alone = choose_part(dataclasses.replace(request, alone=True), names, names[-1], note="n")
    assert alone.name == names[chosen]
    assert not alone.notes


def test_eight_sheets_and_sixty_letters_of_another_are_named_in_an_error():
    for of, more in ((7, ""), (8, ""), (9, " and 1 other")):
        request = dataclasses.replace(asked(), sheet="z" * 70)
        with pytest.raises(ParameterError) as caught:
            choose_part(request, SHEETS[:of], SHEETS[0], note="n")
        assert f"{SHEETS[min(of, 8) - 1]}{more} in m.shp, but got {'z' * 60}." in str(caught.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("2016", True), ("16", True), ("20161", False), ("Marie Dupont", False), ("dons", True),
        ("dons/2016", False), ("dons\n2016", False),
        *((f"{'x' * letters}{' 2016-05-12' * 5}", letters == 5) for letters in (5, 6)),
    ],
)  # fmt: skip
def test_the_name_of_a_part_is_a_year_or_sixty_letters_that_name_nobody(name, shown):
    assert part_name(name, 7) == (name if shown else "7")


@pytest.mark.parametrize(
    ("fields", "people", "turned"),
    [
        # Two to sixty fields of six people or more, who are more than the fields.
        (1, 6, False), (2, 6, True), (2, 5, False), (5, 6, True), (6, 6, False), (6, 7, True),
        (60, 61, True), (60, 60, False), (61, 62, False),
    ],
)  # fmt: skip
def test_a_table_whose_columns_are_people_is_turned(fields, people, turned):
    names = ["nom", *(f"email{k}" for k in range(fields))]
    frame = pd.DataFrame({f"Zxq {k}": [str(k)] * fields for k in range(people)})
    frame.insert(0, "nom", names[1:])
    read = upright(FileFrame(frame=frame, name="t.csv"), "t")
    assert [*read.frame.columns] == (names if turned else [*frame.columns])
    assert len(read.frame) == (people if turned else fields)
    for other in (
        frame.rename(columns={"Zxq 1": "age"}),
        frame.assign(nom="email1"), frame.assign(nom=[f"zxq{k}" for k in range(fields)]),
    ):  # fmt: skip
        # A field among the people, unknown ones for fields, or one twice.
        if fields > 1 or "nom" not in other or other["nom"][0] == "zxq0":
            assert upright(FileFrame(frame=other, name="t.csv"), "t").frame is other


@pytest.mark.parametrize(("unknown", "turned"), [(0, True), (1, True), (2, False)])
def test_a_table_is_turned_where_three_of_four_of_its_fields_are_known(unknown, turned):
    """One unknown of four fields with the name, or two."""
    fields = [*("email", "sexe", "age")[unknown:], *(f"zxq{k}" for k in range(unknown))]
    frame = pd.DataFrame({"nom": fields} | {f"Zxq {k}": [str(k)] * 3 for k in range(6)})
    read = upright(FileFrame(frame=frame, name="t.csv"), "t")
    assert (read.frame is not frame) == turned


@pytest.mark.parametrize(
    ("data", "values"),
    [
        # Commas, lines or tags that open, whichever are the most, and each object and list.
        (b"a,b,c\nd", 2), (b"a\nb\nc,d", 2), (b"<a><b>x</b></a>", 2), (b"<a><b>x</b><c/>,", 3),
        (b'{"a": [1, 2], "b": [3]}', 2 + 1 + 2), (b"", 0), (b"abc", 0),
    ],
)  # fmt: skip
def test_a_text_is_charged_by_its_values(data, values):
    request = asked()
    request.charge_text(data)
    assert request.decoded == [len(data) // 2 + CELL_BYTES * values]
    request.charge(5, 2)
    assert request.decoded == [len(data) // 2 + 5 + CELL_BYTES * (values + 2)]


@pytest.mark.parametrize(
    ("start", "word"),
    [
        # A sign counts in the first 4,096 bytes; of text, a separator in its first line.
        (b"<!--" + b"x" * (4_096 - 4 - 3 - 4) + b"--><kml", "KML"),
        (b"<!--" + b"x" * (4_096 - 4 - 3 - 3) + b"--><kml", None),
        (b"a,b\n1,2\n", "CSV"), (b"\n a;b\n", "CSV"), (b"a b\n1,2\n", None), (b"", None),
        (b'{"type": "FeatureCollection"}', "GeoJSON"), (b'{"a": 1}', "JSON"),
    ],
)  # fmt: skip
def test_a_file_of_no_known_ending_is_known_by_how_it_begins(tmp_path, start, word):
    for name in ("f", "f.zxq"):
        (tmp_path / name).write_bytes(start)
        if word is None:
            with pytest.raises(ReadError, match="a file that ends in"):
                reader_of(tmp_path / name, gives="table", who="t")
        else:
            assert reader_of(tmp_path / name, gives="table", who="t").word == word


def test_a_reader_takes_what_begins_as_it_says():
    reader = Reader(word="zx", endings=(".zx",), read=lambda _: None, begins=(b"{",))
    assert (reader.kind, reader.packed, reader.counted) == ("zx", True, False)
    assert [reader.takes(start) for start in (b"{", b" \xef", b"\xef\xbb\xbf \n{", b"<")] == [
        True, False, True, False,
    ]  # fmt: skip
    text = Reader(word="zx", endings=(".zx",), read=lambda _: None)
    assert [text.takes(start) for start in (b"a", b"", b"PK\3\4")] == [True, True, False]
    with pytest.raises(ParameterError, match="gives"):
        Reader(word="zx", endings=(), read=lambda _: None, gives=("x",))


def under(keys, node):
    for key in reversed(keys):
        node = {key: node}
    return node


TWO = {"5": "absent", "6": "hostile"}


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        ({"s": TWO}, TWO), ({"s": {"5": "absent"}}, None),
        # Numbers of six digits, or four letters and as many digits.
        ({"s": {"123456": "absent", "-6": "hostile"}}, {"123456": "absent", "-6": "hostile"}),
        ({"s": {"1234567": "absent", "6": "hostile"}}, None),
        ({"s": {"a": "absent", "abcd-1234": "hostile"}}, {"a": "absent", "abcd-1234": "hostile"}),
        ({"s": {"abcde": "absent", "b": "hostile"}}, None),
        ({"s": {"ab12345": "absent", "b": "hostile"}}, None),
        # The other way round; a word of two letters at least; a number in another place.
        ({"s": {"absent": 5, "hostile": 6}}, TWO), ({"s": {"a": "x", "b": "y"}}, None),
        ({"s": {"a": "x", "b": "yz"}}, {"a": "x", "b": "yz"}), ({"s": {**TWO, "7": 8}}, None),
        ({"s": {"a": "12", "b": "13"}}, None),
        # Texts by their places, each once.
        ({"s": ["absent", "hostile"]}, {"0": "absent", "1": "hostile"}),
        ({"s": ["absent", "absent"]}, None), ({"s": ["absent", 3]}, None),
        # Sixty codes, in at most eight objects of at most sixty.
        *(({"s": {str(n): f"motif {n}" for n in range(many)}},
           {str(n): f"motif {n}" for n in range(many)} if many == 60 else None)
          for many in (60, 61)),
        (under("abcdefgh", TWO), TWO), (under("abcdefghi", TWO), None),
        *(({**{f"k{n}": 1 for n in range(more)}, "s": TWO}, TWO if more == 59 else None)
          for more in (59, 60)),
        # Half of them have a given name: people, unless half are candidates.
        ({"s": {"1": "Marie xq", "2": "absent"}}, None),
        ({"s": {"1": "Marie xq", "2": "absent", "3": "hostile"}},
         {"1": "Marie xq", "2": "absent", "3": "hostile"}),
        ({"s": {"1": "Marine Le Pen", "2": "Paul xq"}}, {"1": "Marine Le Pen", "2": "Paul xq"}),
    ],
)  # fmt: skip
def test_an_object_of_codes_and_texts_is_an_enumeration(document, codes):
    assert [one.codes for one in enumerations(document, {})] == ([codes] if codes else [])


@pytest.mark.parametrize(
    ("cells", "texts", "read"),
    [
        # From 0 where a 0 stands in the column, from 1 where the last does, else not at all.
        (["0", "1"], 2, ["t0", "t1"]), (["1", "2"], 2, ["t0", "t1"]),
        (["1", "2"], 3, ["1", "2"]), (["1", "3"], 3, ["t0", "t2"]), (["0", "2"], 3, ["t0", "t2"]),
        (["1", "1"], 2, ["1", "1"]), (["0, 1", "1"], 2, ["t0, t1", "t1"]),
    ],
)  # fmt: skip
def test_places_of_texts_are_counted_as_the_column_counts(cells, texts, read):
    (legend,) = enumerations({"motif": [f"t{n}" for n in range(texts)]}, {})
    table = FileFrame(frame=pd.DataFrame({"motif": cells}), name="visites.csv")
    assert decoded_by(table, [legend]).frame["motif"].tolist() == read


@pytest.mark.parametrize(
    ("name", "column", "same"),
    [
        ("opinions", "opinion_id", True), ("opis", "opi", True), ("ops", "op", False),
        ("boxes", "box", True), ("Q1", "Q2", False), ("x b", "x c", False),
        ("Motif", "motif", True), ("code", "code_id", False),
    ],
)  # fmt: skip
def test_a_legend_is_called_like_a_column_by_a_word_of_two_letters(name, column, same):
    assert _is_called(name, column) == same


@pytest.mark.parametrize(
    ("ids", "asks"),
    [
        # Two columns at least, half of what it names, each once.
        (["q1", "q2"], ["q1", "q2"]), (["q1", "z"], []), (["q1", "q2", "y", "z"], ["q1", "q2"]),
        (["q1", "q2", "x", "y", "z"], []), (["q1", "q2", "q2"], []),
        (["q1", "q2", "y", ""], ["q1", "q2"]),
        ([f"q{n}" for n in range(250)], [f"q{n}" for n in range(250)]),
        ([f"q{n}" for n in range(251)], []),
    ],
)  # fmt: skip
def test_a_form_words_two_questions_or_more(ids, asks):
    columns = ["id", *(f"q{n}" for n in range(300))]
    rows = [{"field": one, "question": f"What is {n} ?"} for n, one in enumerate(ids)]
    expected = {one: f"What is {ids.index(one)} ?" for one in asks}
    assert _questions_of(columns, FileFrame(frame=pd.DataFrame(rows), name="f.csv")) == expected
    answers = FileFrame(frame=pd.DataFrame({name: ["x"] for name in columns}), name="a.json")
    read = [*worded(answers, {"fields": rows}).frame.columns]
    assert read == [expected.get(name, name) for name in columns]
    plain = pd.DataFrame(rows).assign(question="What")
    assert _questions_of(columns, FileFrame(frame=plain, name="f.csv")) == {}


def said(*names, **more):
    return [{"field": name, "value": f"v{name}", **more} for name in names]


@pytest.mark.parametrize(
    ("lists", "read"),
    [
        # Half of the records list answers, and what is asked stands twice on average.
        ([said("q"), said("q"), [], []], True), ([said("q"), said("q"), [], [], []], False),
        ([said("q", "r"), said("q", "r")], True), ([said("q", "r"), said("q", "s")], False),
        ([said("q", "r"), said("q")], False), ([said("q", "q"), said("q", "q")], False),
        ([said("q"), said("")], False), ([said("q", at=1), said("q", at=1)], True),
        ([said("q", at=1), said("q", at=2)], False), ([said("Marie"), said("Marie")], False),
        # Half of what was asked is answered.
        ([[*said("q"), {"field": "r"}]] * 2, True),
        ([[*said("q"), {"field": "r"}, {"field": "s"}]] * 2, False),
    ],
)  # fmt: skip
def test_answers_in_a_list_are_columns_where_nothing_is_lost(lists, read):
    rows = [{"n": n, "answers": one} for n, one in enumerate(lists)]
    expected = [
        {"n": n, **{item["field"]: item["value"] for item in one if "value" in item}}
        for n, one in enumerate(lists)
    ]
    assert with_answers(rows) == (expected if read else rows)
    # A name that a record has already is kept apart.
    if read and lists[0] == said("q"):
        taken = with_answers([{"q": 1, "answers": one} for one in lists])
        assert taken[0] == {"q": 1, "answers": {"q": "vq"}}


@pytest.mark.parametrize(("name", "do"), [
    ("a.yml", "JSON"), ("a.msg", "eml"), ("a.pst", "mbox"), ("a.fit", "GPX"), ("a.sav", "CSV"),
    ("a.yml.xz", "Unpack it"),
])  # fmt: skip
def test_a_format_that_is_not_read_says_what_to_make_of_it(name, do, tmp_path):
    (tmp_path / name).write_bytes(b"\x00\x01")
    with pytest.raises(ReadError, match=f"but got {name}. .*{do}"):
        read_frame(tmp_path / name, who="read_table")
