"""The same table gives the same rows in every container, however people wrote its cells."""

import datetime
import decimal
import json
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.columns.roles import Roles
from privaudit.release.read_table import read_table
from privaudit.tables.measure import measure

ROLES = Roles(key=["town", "born", "age"], sensitive=["opinion", "income", "code", "seen"])
SEVERAL = {"min_size": 4, "max_size": 14}
CELLS = {
    "town": st.sampled_from(["Paris", "Évry", "01000", "*", None]),
    "born": st.dates(datetime.date(1950, 1, 1), datetime.date(1950, 1, 4)),
    "age": st.sampled_from([30, 31, None]),
    "opinion": st.sampled_from(["left", "right", "none"]),
    "income": st.sampled_from([10.5, 11.0, 12.25, 14.5]),
    "code": st.integers(1, 4),
    "seen": st.dates(datetime.date(2016, 1, 1), datetime.date(2016, 1, 5)),
}


def as_text(rows):
    cells = {c: ["" if r[c] is None else str(r[c]) for r in rows] for c in CELLS}
    return pd.DataFrame(cells).astype("object")


def as_typed(rows):
    return pd.DataFrame({c: [r[c] for r in rows] for c in CELLS}).astype(
        {"born": "datetime64[s]", "seen": "datetime64[us]"}
    )


def as_categories(rows):
    frame = as_typed(rows)
    return frame.assign(
        opinion=pd.Categorical(frame["opinion"], ["right", "none", "left"], ordered=True),
        code=frame["code"].astype("category"),
        town=frame["town"].astype("category"),
    )


def as_objects(rows):
    frame = as_typed(rows)
    return frame.assign(
        born=[r["born"] for r in rows],
        income=[decimal.Decimal(str(r["income"])) for r in rows],
        code=frame["code"].astype("str"),
    )


def as_arrow(rows):
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist([{c: r[c] for c in CELLS} for r in rows])
    income = table["income"].cast(pa.decimal128(9, 2))
    return table.set_column(table.column_names.index("income"), "income", income)


def as_people_write(rows):
    """Day first, decimal commas, blanks, another case, letters composed otherwise."""
    text = as_text(rows)
    for column in ("born", "seen"):
        text[column] = [r[column].strftime("%d/%m/%Y") for r in rows]
    text["income"] = [str(r["income"]).replace(".", ",") + "0" for r in rows]
    town = [
        t.replace("É", "E\u0301").upper() + "\xa0" if i % 2 else t
        for i, t in enumerate(text["town"])
    ]
    return text.assign(town=town, opinion=[f" {o}" for o in text["opinion"]])


CONTAINERS = {
    "text": as_text,
    "typed": as_typed,
    "categories": as_categories,
    "objects": as_objects,
    "arrow": as_arrow,
    "written": as_people_write,
}


def in_files(frame, folder):
    for name, separator, encoding in (
        ("comma", ",", "utf-8"), ("semicolon", ";", "cp1252"), ("tab", "\t", "utf-16"),
        ("pipe", "|", "utf-8-sig"),
    ):  # fmt: skip
        # cp1252 has no combining accent.
        shown = frame.map(lambda cell: unicodedata.normalize("NFC", cell))
        (shown if encoding == "cp1252" else frame).to_csv(
            folder / f"{name}.csv", sep=separator, encoding=encoding, index=False
        )
        yield folder / f"{name}.csv"
    features = [
        {"type": "Feature", "geometry": None, "properties": row}
        for row in frame.to_dict(orient="records")
    ]
    told = {"type": "FeatureCollection", "features": features}
    (folder / "t.geojson").write_text(json.dumps(told), encoding="utf-8")
    yield read_table(folder / "t.geojson")


def same(found, want):
    """Every number of every row: sums of the same numbers may differ in their last digit."""
    got = found.overall
    assert list(got.index) == list(want.index)
    for column in ("value", "low", "high", "baseline", "n"):
        ours, theirs = (f[column].to_numpy(float) for f in (got, want))
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert got["part"].tolist() == want["part"].tolist() if "part" in got else True


@pytest.mark.heavy
@settings(deadline=None, max_examples=4)
@given(rows=st.lists(st.fixed_dictionaries(CELLS), **SEVERAL))
def test_the_same_rows_in_every_frame(rows):
    # The day is told: the dates of these examples may all be early in the month.
    want = measure(as_text(rows), ROLES).overall
    for name, make in CONTAINERS.items():
        try:
            same(measure(make(rows), ROLES), want)
        except AssertionError as error:
            raise AssertionError(name) from error


ROWS = [
    {"town": t, "born": datetime.date(1950, 1, d), "age": a, "opinion": o, "income": i, "code": c,
     "seen": datetime.date(2016, 1, d + 10)}
    for t, d, a, o, i, c in [
        ("Paris", 1, 30, "left", 10.5, 1), ("Paris", 1, 30, "right", 11.0, 2),
        ("Évry", 2, None, "left", 12.25, 3), ("*", 2, 31, "none", 14.5, 3),
        ("01000", 3, 31, "none", 10.5, 1), ("Évry", 2, 30, "right", 11.0, 2),
    ]
]  # fmt: skip


@pytest.mark.heavy
def test_the_same_rows_in_every_file_and_engine(tmp_path):
    want = measure(as_typed(ROWS), ROLES).overall
    for frame in (as_typed(ROWS), as_people_write(ROWS)):
        for file in in_files(frame.astype("str").fillna("").replace("nan", ""), tmp_path):
            same(measure(file, ROLES), want)
    pl = pytest.importorskip("polars")
    pl.from_arrow(as_arrow(ROWS)).write_parquet(tmp_path / "t.parquet")
    same(measure(tmp_path / "t.parquet", ROLES), want)
    same(measure(read_table(tmp_path / "t.parquet", roles=ROLES)), want)
    same(measure(read_table(as_people_write(ROWS), roles=ROLES)), want)
    # Counted, never read: the same but for what needs the records.
    counted = measure(pl.from_pandas(as_people_write(ROWS)).lazy(), ROLES).overall
    known = counted["value"].notna().to_numpy()
    np.testing.assert_allclose(
        counted["value"].to_numpy(float)[known], want["value"].to_numpy(float)[known], rtol=1e-12
    )
    assert known.sum() > 40


def test_class_sizes_alone_are_counted_by_what_cells_mean():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"town": ["Paris", "PARIS ", "?", "Lyon"], "n": [1, 1, 2, 2]})
    found = measure(frame.lazy(), Roles(key=["town", "n"]), missing="value")
    # By hand: Paris twice, a missing one, Lyon.
    assert found.value("classes") == 3
    assert found.value("sample_uniques") == 2
