"""What a text table looks like before it is read: lines above its names, letters, separators."""

import gzip

import pytest

from privaudit.errors import ReadError, SchemaError
from privaudit.io.text_files import inspect_text_file


def look(tmp_path, data, **how):
    (tmp_path / "t.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return inspect_text_file(tmp_path / "t.csv", who="table", **how)


@pytest.mark.parametrize(
    ("text", "comment", "above"),
    [
        ("age;sex\n34;F\n", "", 0), ("\n\nage;sex\n34;F\n", "", 2),
        ("sep=;\nage;sex\n34;F\n", "", 1), ("sep=;\n\n  \nage;sex\n34;F\n", "", 3),
        ("# of May\n# all\nage;sex\n34;F\n", "#", 2),
        ("# of May\n\nsep=;\nage;sex\n34;F\n", "#", 3),
    ],
)  # fmt: skip
def test_lines_above_the_names_are_counted(text, comment, above, tmp_path):
    found = look(tmp_path, text, comment=comment)
    assert (found.above, found.header, found.separator) == (above, ("age", "sex"), ";")
    assert found.named


@pytest.mark.parametrize("above", [0, 3])
def test_a_packed_table_is_one_too(above, tmp_path):
    found = look(tmp_path, gzip.compress(b"\n" * above + b"age,sex\n34,F\n"))
    assert (found.packed, found.above, found.header) == (True, above, ("age", "sex"))
    assert not look(tmp_path, "age,sex\n34,F\n").packed


@pytest.mark.parametrize(
    ("data", "encoding", "mixed"),
    [
        (b"\xef\xbb\xbfage,nom\n3,\xc3\xa9\n", "utf-8-sig", 0),
        ("age,nom\n3,é\n".encode("utf-16"), "utf-16", 0),
        (b"age,nom\n3,\xe9\n4,\x92\n", "cp1252", 0),
        # One line of two is UTF-8, the other is not.
        (b"age,nom\n3,\xc3\xa9\n4,\xe9\n", "mixed", 1),
        (b"age,nom\n3,\xe9\n4,\x81\n", "latin-1", 0),
    ],
)
def test_the_encoding_is_decided_by_the_whole_file(data, encoding, mixed, tmp_path):
    found = look(tmp_path, data)
    assert (found.encoding, found.mixed, found.header) == (encoding, mixed, ("age", "nom"))


def test_what_is_no_table_is_one_line(tmp_path):
    for data, said in ((b"", "empty"), (b"\n\n", "empty"), (b"a\x00b\x00\x01\n", "binary"),
                       (b"PK\x03\x04", "Unpack")):  # fmt: skip
        with pytest.raises(ReadError, match=said):
            look(tmp_path, data)
    with pytest.raises(SchemaError, match="a line without end"):
        look(tmp_path, b"x" * 70_000)
    # A shorter one ends where the file does: the names of a table of nobody.
    assert look(tmp_path, b"x" * 60_000).header == ("x" * 60_000,)
