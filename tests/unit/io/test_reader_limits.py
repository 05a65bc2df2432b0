"""Limits of readers: a value at each, under it and over it."""

import gzip
import io
import json

import pandas as pd
import pytest

from privaudit.io.file_frame import FileFrame
from privaudit.io.files import read_frame
from privaudit.io.formats.ods import _MOST_REPEATED, _repeated
from privaudit.io.formats.text import is_chat
from privaudit.io.legends import _legend_of
from privaudit.io.sources import column_names_of
from privaudit.io.text_files import _Bounded, _SwellError


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
