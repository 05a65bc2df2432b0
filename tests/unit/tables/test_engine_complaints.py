"""A file is refused for what is wrong with it, in words, with a limit as without."""

import gzip

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, PrivauditError, ReadError
from privaudit.tables.counting import class_sizes
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

ROLES = Roles(key=["âge", "lieu"])
LINES = "âge;lieu\n3;Béziers\n3;Béziers\n4;Orléans\n4;\n"


def refused(call):
    with pytest.raises(PrivauditError) as caught:
        call()
    said = str(caught.value)
    for word in ("Exception", "Error", "duckdb", "Traceback"):
        assert word not in said
    return said


@pytest.mark.parametrize("size", ["1KB", "1 KiB", "0MB", "99.9MB"])
def test_a_limit_that_holds_nothing_is_the_limits_fault(tmp_path, size, capsys):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n1,2\n")
    said = refused(lambda: measure(path, Roles(key="a"), memory_limit=size))
    assert 'needs memory_limit of at least "100MB"' in said
    with pytest.raises(ParameterError):
        class_sizes(path, ("a",), memory_limit=size)
    out = tmp_path / "out"
    asked = ["table", str(path), "--key", "a", "--out", str(out), "--memory-limit", size]
    assert main(asked) == 2
    assert "100MB" in capsys.readouterr().err
    assert not out.exists()


def test_the_least_limit_counts(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": np.arange(300_000) // 3}).to_parquet(path)
    found = class_sizes(path, ("a",), memory_limit="100MB")
    assert (found.size.tolist(), found.classes.tolist()) == ([3], [100_000])


def test_memory_that_runs_out_is_no_fault_of_the_file(tmp_path, monkeypatch):
    for name, write in {"t.csv": "to_csv", "t.parquet": "to_parquet"}.items():
        path = tmp_path / name
        getattr(pd.DataFrame({"a": np.arange(400_000)}), write)(path)
        monkeypatch.setattr("privaudit.tables.counting._left_for_duckdb", lambda size, who: "2MB")
        said = refused(lambda path=path: class_sizes(path, ("a",), memory_limit="200MB"))
        assert f"needs more memory to count {name} in" in said
        assert "Raise memory_limit" in said
        assert "Mend" not in said


@pytest.mark.heavy
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16"])
@pytest.mark.parametrize("pack", [False, True])
def test_letters_are_read_the_same_with_a_limit_as_without(tmp_path, encoding, pack):
    text = LINES.replace("Orléans", "“Orléans”") if encoding == "cp1252" else LINES
    data = text.encode(encoding)
    path = tmp_path / ("t.csv.gz" if pack else "t.csv")
    path.write_bytes(gzip.compress(data) if pack else data)
    whole = measure(path, ROLES, missing="value")
    counted = measure(path, ROLES, missing="value", memory_limit="1GB")
    # By hand: Béziers twice, Orléans and the gap once each.
    assert counted.value("classes") == 3
    assert counted.value("sample_uniques") == 2
    assert counted.value("classes") == whole.value("classes")
    notes = [Note("read_as", encoding=encoding)] if not encoding.startswith("utf-8") else []
    for found in (whole, counted):
        assert [note for note in found.notes if note.key == "read_as"] == notes


def test_a_letter_far_down_the_file_is_found(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"lieu\n" + b"Lyon\n" * 300_000 + "Béziers\n".encode("latin-1"))
    found = class_sizes(path, ("lieu",), memory_limit="1GB")
    assert (found.size.tolist(), found.classes.tolist()) == ([1, 300_000], [1, 1])


@pytest.mark.parametrize("data", [b"a;b\n1;\0\n", b"a;b\n1;2\n\xff\0\1\2\n"])
def test_what_is_no_text_is_refused_in_one_sentence_both_ways(tmp_path, data):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    said = [
        refused(lambda more=more: measure(path, Roles(key="a"), **more))
        for more in ({}, {"memory_limit": "1GB"})
    ]
    assert said[0] == said[1]
    assert "binary data" in said[0]


def test_lines_of_unequal_length_are_still_told_of_lines(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(ReadError, match="Correct lines"):
        class_sizes(path, ("a",), memory_limit="1GB")
    assert "where reading stops: " in refused(lambda: class_sizes(path, ("a",)))
