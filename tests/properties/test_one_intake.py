"""However a text file is written, every reader gives the same records; and what is hostile."""

import gzip
import itertools
import os
import socket

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import PrivauditError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import read_addresses
from privaudit.io.duckdb import connected, spilling
from privaudit.io.public_counts import read_cells, read_communes, read_pyramid
from privaudit.io.readers import read_frame
from privaudit.release.read_map import read_map
from privaudit.release.read_table import measurable, read_table
from privaudit.release.read_traces import read_traces
from privaudit.tables.coded_table import take_in
from privaudit.tables.counting import class_sizes
from privaudit.words.catalogues import Note

WAYS = list(itertools.product(",;\t|", ["utf-8", "utf-8-sig", "utf-16", "cp1252"], [False, True]))
ROLES = Roles(key=("âge", "lieu"))


def put(folder, rows, separator=",", encoding="utf-8", packed=False, name="t"):
    text = "".join(separator.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    file = folder / f"{name}.csv{'.gz' if packed else ''}"
    data = text.encode(encoding)
    file.write_bytes(gzip.compress(data) if packed else data)
    return file


def base() -> AddressBase:
    frame = pd.DataFrame({"id": ["1", "2"], "number": "1", "street": "rue A", "commune": "94042"})
    return AddressBase(frame.assign(station="", x=[0.0, 40.0], y=[0.0, 30.0]), real=False)


def table(file):
    """Everything that a table is read by: whole, taken in, counted."""
    whole = read_table(file)
    taken = take_in(file, ROLES, who="measure")
    counted = class_sizes(file, ("âge", "lieu"))
    note = [n for n in whole.notes if n.key == "read_as"]
    assert [n for n in taken.notes if n.key == "read_as"] == note
    sizes = (counted.size.tolist(), counted.classes.tolist())
    return whole.records.values.tolist(), taken.table.records.values.tolist(), sizes


READERS = {
    "table": (
        table,
        [["âge", "lieu"], [34, "Évry"], [34, "Évry"], [71, "Bourg; ô, 1|2\tb"]],
    ),
    "map": (
        lambda file: read_map(file, addresses=base()).records.values.tolist(),
        [["x", "y", "état"], ["1,5", "2", "rouge"], ["3", "4", "gris foncé"]],
    ),
    "log": (
        lambda file: [
            a.tolist()
            for t in [read_traces(file, person="à qui", item="quoi", time="quand")]
            for a in (t.person, t.item, t.time)
        ],
        [
            ["à qui", "quoi", "quand"],
            ["Zoë", "p1", "2016-09-01"],
            ["Éric", "p2", "2016-09-02T10:00"],
            ["Zoë", "p2", "2016-09-03"],
        ],
    ),
    "addresses": (
        lambda file: read_addresses(file, commune="94042").frame.values.tolist(),
        [
            ["code_insee", "numero", "nom_voie", "x", "y"],
            ["94042", "1", "Allée des Érables, 2; a|b", "659100", "6858900"],
            ["94068", "1", "Rue", "659100", "6858900"],
        ],
    ),
    "cells": (
        lambda file: read_cells(file).values.tolist(),
        [
            ["idcar_200m", "ind", "men", "men_1ind", "men_5ind", "men_coll", "men_mais", "né"],
            ["CRS3035RES200mN2883400E3768200", "25.5", "10", "3", "1", "6", "4", "é"],
        ],
    ),
    "communes": (
        lambda file: read_communes(file).values.tolist(),
        [["CODGEO", "DEP", "REG", "LIBGEO", "PMUN"], ["01001", "01", "84", "L’Abergement", "832"]],
    ),
    "pyramid": (
        lambda file: read_pyramid(file).values.tolist(),
        [["ANNÉE", "SEXE", "AGE", "POP"], ["2024", "F", "0", "12"], ["2024", "H", "0", "13"]],
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("what", READERS)
def test_the_same_content_gives_the_same_records(tmp_path, what):
    read, rows = READERS[what]
    want = read(put(tmp_path, rows))
    for separator, encoding, packed in WAYS:
        got = read(put(tmp_path, rows, separator, encoding, packed))
        assert got == want, (separator, encoding, packed)


def test_what_a_file_was_read_as_is_said(tmp_path):
    rows = [["prénom", "né"], ["Zoé", "1"]]
    for encoding, said in (("utf-8", ()), ("cp1252", (Note("read_as", encoding="cp1252"),))):
        assert read_table(put(tmp_path, rows, encoding=encoding)).notes == said


EVERY = {
    "table": lambda file: read_table(file),
    "map": lambda file: read_map(file, addresses=base()),
    "log": lambda file: read_traces(file, person="a", item="b"),
    "addresses": lambda file: read_addresses(file),
    "cells": lambda file: read_cells(file),
    "communes": lambda file: read_communes(file),
    "pyramid": lambda file: read_pyramid(file),
    "taken in": lambda file: take_in(file, Roles(key="a"), who="measure"),
    "counted": lambda file: class_sizes(file, ("a",), memory_limit="200MB"),
}


def refused(read, file) -> str:
    with pytest.raises(PrivauditError) as caught:
        read(file)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("what", EVERY)
def test_only_regular_files_are_opened(tmp_path, what):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.csv"))
        assert "a pipe or a device" in refused(EVERY[what], tmp_path / "socket.csv")
    assert "a pipe or a device" in refused(EVERY[what], pipe)
    assert "the folder" in refused(EVERY[what], tmp_path)
    assert "no such file" in refused(EVERY[what], tmp_path / "none.csv")
    linked = tmp_path / "linked.csv"
    linked.symlink_to(pipe)
    assert "a pipe or a device" in refused(EVERY[what], linked)


@pytest.mark.parametrize("what", EVERY)
def test_a_damaged_or_cut_gz_is_said(tmp_path, what):
    good = gzip.compress(b"a,b\n" + os.urandom(200_000).hex().encode() + b",1\n")
    file = tmp_path / "t.csv.gz"
    for data in (good[:-9], good[: len(good) // 2], good[:5000] + b"\0\0\0" + good[5003:]):
        file.write_bytes(data)
        assert "damaged or cut short" in refused(EVERY[what], file)


@pytest.mark.parametrize("what", EVERY)
def test_a_gz_that_swells_is_bounded(tmp_path, what, monkeypatch):
    monkeypatch.setattr("privaudit.core.limits._MAY_SWELL", 1_000_000)
    file = tmp_path / "t.csv.gz"
    file.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 4_000_000))
    assert "unpacks to at most" in refused(EVERY[what], file)


@pytest.mark.heavy
def test_a_large_gz_that_swells_as_tables_do_is_read(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 90, 400_000), "b": rng.integers(0, 9, 400_000)})
    frame.to_csv(tmp_path / "t.csv.gz", index=False)
    assert len(read_table(tmp_path / "t.csv.gz")) == 400_000


def test_a_folders_name_is_never_a_columns_value(tmp_path):
    # Before: 62 classes for 115, since the folder's F stood for the column of each record.
    folder = tmp_path / "sex=F" / "year=2026"
    folder.mkdir(parents=True)
    file = folder / "people.parquet"
    pd.DataFrame({"sex": ["F", "M", "M"], "age": [30, 30, 30]}).to_parquet(file)
    found = class_sizes(file, ("sex", "age"))
    assert (found.size.tolist(), found.classes.tolist()) == ([1, 2], [1, 1])
    for records in (
        read_table(file).records,
        read_frame(file).frame,
        take_in(file, Roles(key=["sex", "age"]), who="measure").table.records,
    ):
        assert records["sex"].tolist() == ["F", "M", "M"]
        assert "year" not in records


def test_a_json_file_is_no_text_table(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text('{"a": "Zxqv"}\n')
    for read in EVERY.values():
        said = refused(read, file)
        assert "which is JSON" in said
        assert "Zxqv" not in said


def test_a_copy_in_utf8_is_nobodys_to_read_and_does_not_stay(tmp_path):
    file = put(tmp_path, [["a"], ["é"]], encoding="utf-16")
    with spilling(tmp_path) as folder:
        assert os.stat(folder).st_mode & 0o777 == 0o700
    found = class_sizes(file, ("a",), spill_directory=tmp_path)
    assert found.records == 1
    assert sorted(os.listdir(tmp_path)) == ["t.csv"]


def test_the_engine_reaches_no_network_and_loads_no_extension():
    with connected(memory_limit="100MB") as connection:
        asked = "SELECT name, value FROM duckdb_settings() WHERE name IN "
        asked += "('autoinstall_known_extensions', 'autoload_known_extensions')"
        assert {value for _, value in connection.execute(asked).fetchall()} == {"false"}
    with pytest.raises(ReadError):
        class_sizes("https://example.org/t.csv", ("a",))


def test_nothing_in_a_name_turns_a_terminal_around(tmp_path):
    file = tmp_path / "gn\u202epj.csv"
    file.write_text("a\u202eb\x1b[2J,c\n" + "1,2\n" * 99)
    frame = read_table(file)
    assert (frame.name, list(frame.records.columns)) == ("gnpj.csv", ["ab[2J", "c"])
    for read in (lambda: class_sizes(file, ("x",)), lambda: read_table(file, roles=Roles(key="x"))):
        assert refused(lambda _, read=read: read(), file).isprintable()


def test_half_a_letter_in_json_is_replaced(tmp_path):
    file = tmp_path / "t.geojson"
    feature = '{"type": "Feature", "geometry": null, "properties": {"a\\ud800": "b\\udc00"}}'
    file.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    records = read_table(file).records
    assert (list(records.columns), records.iloc[0, 0]) == (["a?"], "b?")


def test_what_is_measured_where_it_is(tmp_path):
    table = put(tmp_path, [["a"], ["1"]])
    assert measurable(table, Roles(key="a"), who="table") == table
    points = tmp_path / "t.geojson"
    feature = '{"type": "Feature", "geometry": null, "properties": {"a": 1}}'
    points.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    assert measurable(points, Roles(key="a"), who="table").records["a"].tolist() == [1]
