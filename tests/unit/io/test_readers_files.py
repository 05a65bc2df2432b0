"""Files as people have them: what each should give, or the one line that refuses it."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError, ParameterError, PrivauditError, ReadError, SchemaError
from privaudit.io.readers import read_frame
from privaudit.words.catalogues import Note


@pytest.fixture
def put(tmp_path):
    def put(content: bytes | str, name: str = "leak.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return put


def features(*geometries, properties=None, **members) -> str:
    rows = properties or [{} for _ in geometries]
    found = [
        {"type": "Feature", "geometry": g, "properties": p}
        for g, p in zip(geometries, rows, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": found, **members})


def point(*at):
    return {"type": "Point", "coordinates": list(at)}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(put, separator):
    text = "\n".join(separator.join(row) for row in (["age", "side"], ["34", "left"], ["71", ""]))
    table = read_frame(put(text))
    assert table.frame["age"].tolist() == [34, 71]
    assert table.frame["side"].isna().tolist() == [False, True]
    assert table.name == "leak.csv"


def test_a_semicolon_wins_over_decimal_commas(put):
    frame = read_frame(put("lon;lat\n2,45;48,81\n2,46;48,82\n")).frame
    assert frame.columns.tolist() == ["lon", "lat"]
    assert frame["lon"].tolist() == ["2,45", "2,46"]


def test_one_column(put):
    assert read_frame(put("opinion\nleft, or so\nright\n")).frame["opinion"].tolist() == [
        "left, or so",
        "right",
    ]


def test_types_by_column(put):
    text = "n,code,part,mixed,long,gap\n1,01000,0.5,1,12345678901234567,7\n2,94042,2,x,1,\n"
    frame = read_frame(put(text)).frame
    assert {c: str(t) for c, t in frame.dtypes.items()} == {
        "n": "int64",
        "code": "str",  # a leading zero is part of a code
        "part": "float64",
        "mixed": "str",
        "long": "int64",
        "gap": "float64",
    }
    assert frame["long"].tolist() == [12345678901234567, 1]


def test_two_long_numbers_never_become_one(put):
    frame = read_frame(put("id,a\n9007199254740993,1\n9007199254740992,1\n,1\n")).frame
    assert frame["id"].nunique() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings(put, encoding):
    table = read_frame(put("prénom,n\nÉric,1\nZoë,2\n".encode(encoding)))
    assert table.frame["prénom"].tolist() == ["Éric", "Zoë"]
    said = () if encoding.startswith("utf-8") else (Note("read_as", encoding=encoding),)
    assert table.notes == said


def test_quoted_line_ends_and_separators(put):
    frame = read_frame(put('name,n\n"a\nb, c",1\n"say ""hi""",2\n')).frame
    assert frame["name"].tolist() == ["a\nb, c", 'say "hi"']


def test_lines_set_aside_are_counted(put):
    table = read_frame(put('a,b\n1,2\n3,4\n5,6\n7\n1,2,3\n,\n\n"x"y,1,1\n'))
    assert table.frame["a"].tolist() == [1, 3, 5, 7]
    assert table.set_aside == {
        Note("line_with_more_fields"): 1,
        Note("empty_line"): 1,
        Note("line_with_an_open_quote"): 1,
    }
    assert table.notes == (Note("lines_padded", lines=1),)


def test_an_open_quote_costs_no_line_below_it(put):
    table = read_frame(put("a,b\n" + "1,2\n" * 5 + '1,"open\n1,2\n1,2\n'))
    assert table.frame["b"].tolist() == ["2"] * 5 + ["open", "2", "2"]
    assert table.set_aside == {}
    assert table.notes == (Note("quotes_mended", lines=1), Note("rows_repeated", n=6))
    with pytest.raises(ReadError, match="7 rows of 9"):
        read_frame(put("a,b\n1,2\n" + '1,"one, two\n' * 7 + "1,2\n"))


def test_nationbuilder_apostrophes(put):
    table = read_frame(put("nationbuilder_id,first_name,note\n'1,'Éric,ok\n'2,'Ann,\n"))
    assert table.frame["nationbuilder_id"].tolist() == [1, 2]
    assert table.frame["first_name"].tolist() == ["Éric", "Ann"]
    # In another file a name may begin with one.
    other = read_frame(put("zip,name\n'01000,'t Hooft\n'94340,Meyer\n")).frame
    assert other["zip"].tolist() == ["01000", "94340"]
    assert other["name"].tolist() == ["'t Hooft", "Meyer"]


def test_a_separator_at_each_line_end_is_no_column(put):
    assert read_frame(put("a;b;\n1;2;\n3;4;\n")).frame.columns.tolist() == ["a", "b"]


def test_gzip(put):
    assert len(read_frame(put(gzip.compress(b"a,b\n1,2\n"), "leak.csv.gz")).frame) == 1
    file = put(gzip.compress(features(point(2.4, 48.8)).encode()), "leak.geojson.gz")
    assert read_frame(file).frame.shape == (1, 2)


def test_parquet(put, tmp_path):
    wrote = pd.DataFrame(
        {
            "id": pd.array([1, None, 2**60], dtype="Int64"),
            "name": ["Éric", None, "Zoë"],
            "when": pd.to_datetime(["2016-11-01"] * 3),
            "yes": [True, False, True],
            "tags": [["a"], ["b"], []],
        }
    )
    pytest.importorskip("pyarrow")
    file = tmp_path / "[leak].parquet"
    wrote.to_parquet(file)
    table = read_frame(file)
    assert table.frame["id"].fillna("").tolist() == ["1", "", str(2**60)]
    assert table.frame["name"].isna().tolist() == [False, True, False]
    assert str(table.frame.dtypes["name"]) == "str"
    assert table.frame["yes"].tolist() == [True, False, True]
    assert table.frame["when"].dt.year.tolist() == [2016] * 3
    # A list in a cell is a column, as one of JSON is.
    assert table.frame["tags"].fillna("").tolist() == ["a", "b", ""]
    assert table.notes == ()


def test_geojson(put):
    rows = [{"status": "red", "n": 1}, {"status": None, "n": 2}, {}]
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    text = features(point(2.4, 48.8), point(2.5, 48.9, 3), line, properties=rows)
    table = read_frame(put(text, "leak.geojson"))
    assert table.location == ("longitude", "latitude")
    assert table.frame.columns.tolist() == ["longitude", "latitude", "status", "n"]
    assert table.frame["latitude"].tolist() == [48.8, 48.9]
    assert table.frame["status"].isna().tolist() == [False, True]
    assert table.set_aside == {Note("not_a_point", geometry="LineString"): 1}
    assert table.crs == "EPSG:4326"  # RFC 7946, 4


def test_metres_of_a_geojson_that_declares_none_are_of_no_projection(put):
    assert read_frame(put(features(point(654_000.0, 6_862_000.0)), "a.geojson")).crs is None


@pytest.mark.parametrize(
    ("declared", "crs"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:EPSG::2154", "EPSG:2154"),
        ("EPSG:2154", "EPSG:2154"),
    ],
)
def test_geojson_projection(put, declared, crs):
    member = {"type": "name", "properties": {"name": declared}}
    assert read_frame(put(features(point(1, 2), crs=member), "a.geojson")).crs == crs


@pytest.mark.parametrize("code", [2154, "2154"])
def test_geojson_projection_by_its_number_alone(put, code):
    """GeoServer wrote it so before GeoJSON 2008 had names."""
    member = {"type": "EPSG", "properties": {"code": code}}
    assert read_frame(put(features(point(1, 2), crs=member), "a.geojson")).crs == "EPSG:2154"


@pytest.mark.parametrize("code", [None, {"code": 2154}, "0", [2154]])
def test_geojson_projection_by_a_number_that_is_none(put, code):
    member = {"type": "EPSG", "properties": {"code": code}}
    with pytest.raises(GeometryError):
        read_frame(put(features(point(1, 2), crs=member), "a.geojson"))


@pytest.mark.parametrize(
    ("content", "name", "error", "says"),
    [
        ("", "a.csv", ReadError, "empty file"),
        ("\ufeff \n\n", "a.csv", ReadError, "empty file"),
        ("a,b\n", "a.csv", ReadError, "no usable row"),
        ("a,b,a\n1,2,3\n", "a.csv", SchemaError, "'a' 2 times"),
        ("2.4412,48.8123\n2.45,48.81\n", "a.csv", SchemaError, "first line"),
        ("eric@example.org,left\nx@example.org,right\n", "a.csv", SchemaError, "first line"),
        ("12,34\n56,78\n", "a.csv", SchemaError, "first line"),
        ("PAR1....PAR1", "a.csv", ReadError, "which is Parquet"),
        ("PK\x03\x04...", "a.csv", ReadError, "zip archive"),
        ('{"type": "FeatureCollection"}', "a.csv", ReadError, "which is JSON"),
        ("<!DOCTYPE html><p>", "a.csv", ReadError, "web page"),
        (b"a,b\n\0\1\2,3\n", "a.csv", ReadError, "binary"),
        (b"a,b\n\1\2\3\4\5\6,3\n", "a.csv", ReadError, "binary"),
        (b"\x1f\x8b\x08\x00", "a.csv", ReadError, "gzip"),
        ("a,b\n1,2\n", "a.csv.gz", ReadError, "gzip, as the ending"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "a.csv.gz", ReadError, "cut short"),
        ("a,b\n1,2\n", "a.parquet", ReadError, "which is text"),
        ("PAR1 then nothing", "a.parquet", ReadError, "cut short"),
        ("a,b\n1,2\n", "a.geojson", ReadError, "which is text"),
        ('{"type": "Feature', "a.geojson", ReadError, "cut short"),
        ('{"type": "Topology"}', "a.json", ReadError, "another kind"),
        ("[1, 2]", "a.json", ReadError, "another kind"),
        ("[" * 200_000, "a.json", ReadError, "in one another"),
        (features(), "a.geojson", ReadError, "no feature at all"),
        (features({"type": "Secret"}), "a.geojson", ReadError, "not a point .unknown"),
        (features(point("2", "48")), "a.geojson", ReadError, "point without numbers"),
        (features(point(1, 2), None, None), "a.geojson", ReadError, "2 rows of 3"),
        (features(point(1, 2), crs={"type": "link"}), "a.geojson", GeometryError, "EPSG number"),
        ("x", "a.xlsx", ReadError, "which is text"),
        ("x", "noending", ReadError, "ends in .csv"),
    ],
)
def test_refused_in_one_line(put, content, name, error, says):
    with pytest.raises(error, match=says) as caught:
        read_frame(put(content, name), who="read_map")
    message = str(caught.value)
    assert message.startswith("read_map: ")
    assert len(message.splitlines()) == 1
    assert "Secret" not in message
    assert "example.org" not in message


def test_parquet_that_repeats_a_name(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), file)
    with pytest.raises(SchemaError, match="'a' 2 times"):
        read_frame(file)
    # Names that differ by case are two columns, and keep their names.
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "A"]), file)
    assert read_frame(file).frame.columns.tolist() == ["a", "A"]


def test_no_file_and_no_path(tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        read_frame(tmp_path / "absent.csv")
    with pytest.raises(ReadError, match="the folder"):
        read_frame(tmp_path)
    with pytest.raises(ParameterError, match="path as an int"):
        read_frame(3)


def test_a_header_is_printed_on_one_line(put):
    with pytest.raises(PrivauditError) as caught:
        read_frame(put('"a\nb","a\u2028b"\n1,2\n'))
    assert len(str(caught.value).splitlines()) == 1


def test_numbers_survive_as_they_were_written(put):
    values = np.random.default_rng(0).normal(size=50) * 1e5
    text = "v\n" + "\n".join(map(repr, values.tolist()))
    assert read_frame(put(text)).frame["v"].tolist() == values.tolist()
