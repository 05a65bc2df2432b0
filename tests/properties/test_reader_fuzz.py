"""Whatever the file: a release or one line that refuses it, and never a cell in that line."""

import gzip
import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.errors import PrivauditError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import project
from privaudit.io.addresses import read_addresses
from privaudit.io.public_counts import read_cells
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.release.release import Release
from privaudit.words.catalogues import Note

MARKER = "Zxqv"
CORNER = np.array([660_000.0, 6_857_000.0])
ENDINGS = [".csv", ".tsv", ".txt", ".geojson", ".json", ".parquet", ".csv.gz", ".geojson.gz"]


def place() -> AddressBase:
    xy = CORNER + np.random.default_rng(1).uniform(0, 1000, (50, 2))
    frame = pd.DataFrame({"id": [str(i) for i in range(50)]})
    frame = frame.assign(number="1", street="rue", commune="94042", station="")
    return AddressBase(frame.assign(x=xy[:, 0], y=xy[:, 1]), crs="EPSG:2154", real=True)


BASE = place()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def outcome(read, *args, **kwargs) -> Release | str:
    """Return the release or the message; anything else that is raised fails the test."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return read(*args, **kwargs)
    except PrivauditError as error:
        message = str(error)
        assert len(message.splitlines()) == 1
        assert MARKER not in message
        return message


def feature(lon, lat, **properties) -> dict:
    at = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": at, "properties": properties}


def collection(features) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def written(folder, how: str, xy: np.ndarray):
    """Write points in one of the ways that people do; return the file."""
    degrees = project(*xy.T, source="EPSG:2154", target="EPSG:4326")
    file = folder / f"leak.{'csv' if how.startswith('csv') else how}"
    if how == "csv degrees":
        pd.DataFrame(degrees, columns=["lon", "lat"]).round(7).to_csv(file, index=False)
    elif how == "csv metres":
        pd.DataFrame(xy, columns=["x", "y"]).round(2).to_csv(file, index=False)
    elif how == "csv decimal comma":
        frame = pd.DataFrame(degrees[:, ::-1], columns=["Latitude", "Longitude"]).round(7)
        frame.to_csv(file, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    elif how == "geojson":
        file.write_text(collection([feature(*point) for point in degrees.tolist()]))
    else:
        pytest.importorskip("pyarrow")
        pd.DataFrame(degrees, columns=["lng", "lat"]).to_parquet(file)
    return file


@pytest.mark.parametrize(
    "how", ["csv degrees", "csv metres", "csv decimal comma", "geojson", "parquet"]
)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 40))
def test_every_format_gives_the_same_positions(folder, how, seed, n):
    xy = CORNER + np.random.default_rng(seed).uniform(-4000, 4900, (n, 2))
    leak = read_map(written(folder, how, xy), addresses=BASE)
    assert leak.set_aside == {}
    assert np.abs(leak.records[["x", "y"]].to_numpy() - xy).max() < 0.02


@given(data=st.binary(max_size=300), ending=st.sampled_from(ENDINGS), packed=st.booleans())
def test_random_bytes(folder, data, ending, packed):
    file = folder / f"noise{ending}"
    file.write_bytes(gzip.compress(data) if packed and ending.endswith("gz") else data)
    outcome(read_table, file)
    outcome(read_map, file, addresses=BASE)
    outcome(read_addresses, file)
    outcome(read_cells, file)


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["csv degrees", "csv decimal comma", "geojson", "parquet"])
@given(share=st.floats(0, 1), flip=st.integers(0, 10_000))
def test_cut_and_damaged_files(folder, how, share, flip):
    whole = written(folder, how, BASE.xy[:20]).read_bytes()
    file = folder / f"cut.{'csv' if how.startswith('csv') else how}"
    file.write_bytes(whole[: int(share * len(whole))])
    outcome(read_map, file, addresses=BASE)
    damaged = bytearray(whole)
    damaged[flip % len(whole)] ^= 0xFF
    file.write_bytes(bytes(damaged))
    outcome(read_map, file, addresses=BASE)
    outcome(read_table, file)


CELL = st.one_of(
    st.just(MARKER),
    st.sampled_from(["", "0", "2,45", "48.8", "nan", "-inf", "1e999", '"', "'", "1;2", "\n", "\r"]),
    st.floats(-200, 200).map(str),
    st.text(max_size=6).map(lambda text: MARKER + text),
)


@pytest.mark.heavy
@given(
    rows=st.lists(st.lists(CELL, min_size=0, max_size=5), max_size=12),
    header=st.permutations(["lon", "lat", "status", "x", "y"]),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoted=st.booleans(),
)
def test_random_cells_are_never_repeated(folder, rows, header, separator, quoted):
    def line(cells):
        if quoted:
            cells = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        return separator.join(cells)

    file = folder / "cells.csv"
    text = "\n".join(map(line, [header, *rows]))
    file.write_text(text, encoding="utf-8", errors="replace", newline="")
    outcome(read_map, file, addresses=BASE)
    table = outcome(read_table, file)
    if isinstance(table, Release):
        assert MARKER not in repr(table)
        # Each line is a record or is counted: quoting keeps lines apart.
        if quoted:
            kept = sum(table.set_aside.values()) + len(table)
            assert kept == sum(1 for row in rows if row)


@given(
    features=st.lists(
        st.one_of(
            st.builds(feature, st.floats(-200, 200), st.floats(-100, 100), status=st.just(MARKER)),
            st.builds(feature, st.just(MARKER), st.integers(-(10**400), 10**400)),
            st.just({"type": "Feature", "geometry": {"type": MARKER}, "properties": {}}),
            st.sampled_from([None, MARKER, 3, [], {"type": MARKER}, {"geometry": MARKER}]),
        ),
        max_size=12,
    ),
    crs=st.sampled_from(
        [None, MARKER, {"type": "name", "properties": {"name": MARKER}}, {"properties": []}]
    ),
)
def test_random_features(folder, features, crs):
    file = folder / "features.geojson"
    file.write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}),
        encoding="utf-8",
    )
    outcome(read_map, file, addresses=BASE)
    outcome(read_table, file)


@given(seed=st.integers(0, 2**32 - 1), columns=st.permutations(["status", "lat", "note", "lon"]))
def test_order_of_rows_and_columns_does_not_matter(folder, seed, columns):
    rng = np.random.default_rng(seed)
    lon, lat = project(*BASE.xy[:20].T, source="EPSG:2154", target="EPSG:4326").T
    frame = pd.DataFrame({"lon": lon, "lat": lat, "status": "red", "note": range(20)})
    frame.loc[:2, "lat"] = np.nan
    shuffled = frame.iloc[rng.permutation(20)][columns]
    leak = read_map(shuffled, addresses=BASE)
    assert leak.set_aside == {Note("missing_coordinate"): 3}
    order = np.argsort(leak.records["note"].to_numpy())
    assert np.abs(leak.records[["x", "y"]].to_numpy()[order] - BASE.xy[3:20]).max() < 0.001


@pytest.mark.heavy
@given(
    rows=st.lists(st.lists(CELL, min_size=7, max_size=8), min_size=1, max_size=10),
    ending=st.sampled_from([".csv", ".csv.gz"]),
)
def test_random_addresses_and_cells(folder, rows, ending):
    def write(name, header):
        text = "\n".join([header, *(";".join(row) for row in rows)])
        data = text.encode("utf-8", errors="replace")
        file = folder / f"{name}{ending}"
        file.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
        return file

    outcome(read_addresses, write("ban", "code_insee;numero;nom_voie;x;y;lon;lat"))
    outcome(read_addresses, write("ban", "code_insee;numero;nom_voie;x;y"), commune="94042")
    outcome(read_cells, write("cells", "idcar_200m;ind;men;men_1ind;men_5ind;men_coll;men_mais"))
