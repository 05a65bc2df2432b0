"""The same table, the same map and the same log in every container give the same records."""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import project
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.release.read_traces import read_traces
from privaudit.tables.measure import measure

sys.path.insert(0, str(Path(__file__).parent))
from writers import MAPS, TABLES, Raw, xlsx

CORNER = np.array([660_000.0, 6_857_000.0])
HEADER = ["town", "born", "age", "income", "code", "note"]
ROW = st.tuples(
    st.sampled_from(["Paris", "Évry-Courcouronnes", "L'Haÿ", "A & B <i>", '"x"', ""]),
    st.dates(pd.Timestamp("1950-01-01").date(), pd.Timestamp("1951-03-04").date()).map(str),
    st.integers(18, 99),
    st.sampled_from([10.5, 0.1, 12.25, 1e-7, -3.75]),
    st.sampled_from(["01000", "75001", "2A004"]),
    st.sampled_from(["plain", "two\nlines", "été, x;y\t|", ""]),
).map(list)
TABLE = st.lists(ROW, min_size=3, max_size=9).map(lambda rows: [HEADER, ["B", *rows[0][1:]], *rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("alike")


def as_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def same(found, want, ending):
    """The same columns with the same cells; a column without any is not in every format."""
    gone = [c for c in want.columns if c not in found.columns]
    assert not want[gone].notna().any().any(), ending
    pd.testing.assert_frame_equal(
        found[want.columns.drop(gone)], want.drop(columns=gone), check_dtype=False, obj=ending
    )


@pytest.mark.heavy
@settings(max_examples=4, deadline=None)
@given(rows=TABLE)
def test_tables(folder, rows):
    want = read_table(as_csv(folder / "t.csv", rows)).records
    for ending, write in TABLES.items():
        found = read_table(write(folder / f"t{ending}", rows)).records
        same(found, want, ending)


def test_and_the_same_measures(folder):
    rows = [["sex", "age", "side"], *[[s, a, o] for s in "FM" for a in (30, 41) for o in "lr"]]
    rows += [["F", 77, "l"], ["", 30, "r"]]
    roles = Roles(key=["sex", "age"], sensitive="side")
    want = measure(as_csv(folder / "m.csv", rows), roles).overall
    # By hand: only the woman of 77 has her sex and age alone, whatever the blank hides.
    for ending, write in TABLES.items():
        read = read_table(write(folder / f"m{ending}", rows), roles=roles)
        pd.testing.assert_frame_equal(measure(read).overall[["value", "n"]], want[["value", "n"]])


def place() -> AddressBase:
    xy = CORNER + np.random.default_rng(1).uniform(0, 1000, (50, 2))
    frame = pd.DataFrame({"id": [str(i) for i in range(50)]})
    frame = frame.assign(number="1", street="rue", commune="94042", station="")
    return AddressBase(frame.assign(x=xy[:, 0], y=xy[:, 1]), crs="EPSG:2154", real=True)


BASE = place()


@pytest.mark.heavy
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 20))
def test_maps(folder, seed, n):
    rng = np.random.default_rng(seed)
    xy = CORNER + rng.uniform(-4000, 4900, (n, 2))
    at = [tuple(p) for p in project(*xy.T, source="EPSG:2154", target="EPSG:4326").tolist()]
    visits = rng.integers(9, size=n).tolist()
    rows = [["status", "visits"], *[["rg"[v % 2], v] for v in visits]]
    want = read_map(MAPS[".geojson"](folder / "m.geojson", rows, at), addresses=BASE)
    for ending, write in MAPS.items():
        found = read_map(write(folder / f"m{ending}", rows, at), addresses=BASE)
        pd.testing.assert_frame_equal(found.records[want.records.columns], want.records)
        assert (found.crs, found.set_aside) == (want.crs, want.set_aside), ending


def test_logs(folder):
    rows = [["who", "what", "when"]]
    rows += [[w, p, f"2016-09-0{d}T10:00:00"] for w, p, d in ("ap1", "bp2", "ap2", "bp1")]
    known = {"person": "who", "item": "what", "time": "when"}
    want = read_traces(as_csv(folder / "l.csv", rows), **known)
    for ending, write in TABLES.items():
        found = read_traces(write(folder / f"l{ending}", rows), **known)
        for name in ("person", "item", "time"):
            assert getattr(found, name).tolist() == getattr(want, name).tolist(), ending


def test_a_file_of_no_known_ending_is_known_by_how_it_begins(folder):
    rows = [["sex", "age"], ["F", 30], ["M", 41]]
    for ending, write in (*TABLES.items(), (".csv", as_csv)):
        if ending == ".shp":  # it is several files
            continue
        known = write(folder / f"known{ending}", rows)
        unknown = folder / f"seized-{ending[1:]}"
        unknown.write_bytes(known.read_bytes())
        assert read_table(unknown).records.values.tolist() == [["F", 30], ["M", 41]], ending


def test_cells_in_the_notation_of_a_workbook(folder):
    # Runs of a text, and how to pronounce one of them.
    runs = Raw(
        '<c r="@" t="inlineStr"><is><r><t>9</t></r><rPh><t>z</t></rPh><r><t>4042</t></r></is></c>'
    )
    rows = [
        ["day", "at", "postcode", "sure", "n"],
        [
            Raw('<c r="@" s="1"><v>42682</v></c>'),
            Raw('<c r="@" s="2"><v>42682.520833333336</v></c>'),
            Raw('<c r="@" s="3"><v>1000</v></c>'),
            True,
            3.0,
        ],
        [Raw('<c r="@" t="d" s="1"><v>2016-11-09</v></c>'), None, runs, False, 4],
    ]
    frame = read_table(xlsx(folder / "own.xlsx", rows)).records
    # 42,682 days after 30 December 1899 is 8 November 2016 (Excel's own calendar), half past noon.
    want = [
        [pd.Timestamp("2016-11-08"), pd.Timestamp("2016-11-08T12:30:00"), "01000", "True", 3],
        [pd.Timestamp("2016-11-09"), pd.NaT, "94042", "False", 4],
    ]
    shown = frame.astype({"sure": "str"}).values.tolist()
    assert [[str(c) for c in r] for r in shown] == [[str(c) for c in r] for r in want]
