"""One door for a table, whatever holds it: what is read whole, what is counted, what is said."""

import gzip

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.release.read_table import measurable, read_table
from privaudit.release.release import TableRelease
from privaudit.tables import coded_table
from privaudit.tables.coded_table import take_in
from privaudit.tables.measure import SCORES, measure
from privaudit.words.catalogues import Note

PEOPLE = pd.DataFrame(
    {
        "age": [30, 30, 30, 41, 41, 60],
        "place": ["01000", "01000", "13001", "13001", None, "13001"],
        "party": ["a", "b", "a", "a", "b", "b"],
        "home": [1, 1, 2, 2, 3, 3],
    }
)
ROLES = Roles(key=["age", "place"], sensitive="party")


def only_counts(found):
    """Why only counts were read; nothing where the records were."""
    return [note.key for note in found.notes if note.key.startswith("counted_")]


@pytest.fixture
def sources(tmp_path):
    pl = pytest.importorskip("polars")
    frame = pl.from_pandas(PEOPLE)
    PEOPLE.to_csv(tmp_path / "t.csv", index=False)
    frame.write_parquet(tmp_path / "t.parquet")
    return {
        "release": TableRelease(records=PEOPLE, roles=ROLES),
        "polars": frame,
        "arrow": frame.to_arrow(),
        "csv": tmp_path / "t.csv",
        "parquet": str(tmp_path / "t.parquet"),
        "lazy": frame.lazy(),
    }


def wanted(**options):
    return measure(PEOPLE, ROLES, **options)


@pytest.mark.parametrize("kind", ["release", "polars", "arrow", "csv", "parquet"])
def test_whatever_is_small_is_measured_in_full(sources, kind):
    roles = None if kind == "release" else ROLES
    options = {"household": "home", "sampling_fraction": 0.5, "population": PEOPLE}
    options["missing"] = "wildcard"
    got, want = measure(sources[kind], roles, **options), wanted(**options)
    pd.testing.assert_frame_equal(got.overall, want.overall)
    pd.testing.assert_frame_equal(got.per_record, want.per_record)
    assert got.notes == want.notes
    assert not only_counts(got)
    # By hand: (30, 01000) twice; (30, 13001), (60, 13001) once; (41, 13001) and (41, missing)
    # agree with each other.
    assert got.per_record["class_size"].tolist() == [2, 2, 1, 2, 2, 1]


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("lazy", {}, "counted_lazy"),
        ("csv", {"memory_limit": "500MB"}, "counted_asked_for"),
        ("parquet", {"engine": "duckdb"}, "counted_asked_for"),
        ("polars", {"engine": "duckdb"}, "counted_asked_for"),
        ("release", {"engine": "duckdb"}, "counted_asked_for"),
    ],
)
def test_whatever_is_counted_says_what_it_lacks_and_why(sources, kind, options, why):
    roles = None if kind == "release" else ROLES
    got = measure(sources[kind], roles, population=PEOPLE, household="home", **options)
    want = wanted(population=PEOPLE, household="home")
    assert list(got.overall.index) == list(want.overall.index)
    assert tuple(got.per_record.columns) == SCORES
    assert len(got.per_record) == 0
    assert only_counts(got) == [why]
    frame = got.to_frame()
    lacks = frame["notes"].map(lambda notes: Note("needs_records") in notes)
    assert set(frame["measure"][lacks]) == {
        "household_risk", "household_risk_max", "special_uniques", "minimal_uniques",
        "suda_score", "suda_score_max", "dis_suda", "dis_suda_max", "suda_score_with",
    }  # fmt: skip
    kept = ~lacks.to_numpy()
    np.testing.assert_allclose(got.overall["value"][kept], want.overall["value"][kept], rtol=1e-12)


def test_what_is_large_stays_where_it_is(sources, monkeypatch):
    pl = pytest.importorskip("polars")
    monkeypatch.setattr(coded_table, "MOST_RECORDS", 5)
    for kind in ("polars", "arrow", "parquet"):
        assert only_counts(measure(sources[kind], ROLES)) == ["counted_large"]
    assert not only_counts(measure(PEOPLE, ROLES))
    assert not only_counts(measure(sources["csv"], ROLES))
    monkeypatch.setattr(coded_table, "MOST_RECORDS", 6)
    assert not only_counts(measure(pl.from_pandas(PEOPLE), ROLES))
    monkeypatch.setattr(coded_table, "MOST_BYTES", sources["csv"].stat().st_size - 1)
    assert only_counts(measure(sources["csv"], ROLES)) == ["counted_large"]


def test_a_packed_file_counts_with_its_size_unpacked(sources, tmp_path, monkeypatch):
    text = sources["csv"].read_bytes() * 1
    rows = text + b"".join(text.split(b"\n", 1)[1] for _ in range(200))
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(rows))
    assert packed.stat().st_size < len(rows) / 10
    monkeypatch.setattr(coded_table, "MOST_BYTES", len(rows) - 1)
    got = measure(packed, ROLES)
    assert only_counts(got) == ["counted_large"]
    monkeypatch.setattr(coded_table, "MOST_BYTES", len(rows))
    want = measure(packed, ROLES)
    assert not only_counts(want)
    assert got.value("records") == want.value("records") == 6 * 201


def test_what_the_reader_set_aside_is_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("age,sex\n30,F\n30,F\n41,M,9\n", encoding="utf-8")
    got = measure(path, Roles(key=["age", "sex"]))
    assert Note("rows_set_aside", rows=1, reason=Note("line_with_more_fields")) in got.notes
    assert got.value("records") == 2


@pytest.mark.parametrize("kind", ["release", "polars", "lazy", "csv", "parquet", "pandas"])
def test_without_roles_the_columns_are_named(sources, kind):
    source = sources.get(kind, PEOPLE)
    if kind == "release":
        source = TableRelease(records=PEOPLE, roles=Roles())
    with pytest.raises(SchemaError, match=r"at least one key variable.*age, place, party, home"):
        measure(source)
    with pytest.raises(SchemaError, match=r"roles=Roles\(key="):
        measure(source, Roles(sensitive="party"))
    with pytest.raises(ParameterError, match="roles to be a Roles, but got a dict"):
        measure(source, {"key": "age"})


@pytest.mark.parametrize("kind", ["polars", "lazy", "csv", "parquet", "pandas"])
def test_a_typo_is_guided(sources, kind):
    source = sources.get(kind, PEOPLE)
    with pytest.raises(SchemaError, match="Did you mean 'age'"):
        measure(source, Roles(key="agee"))
    with pytest.raises(SchemaError, match="Did you mean 'home'"):
        measure(source, ROLES, household="hime")
    with pytest.raises(SchemaError, match="Did you mean 'age'"):
        measure(PEOPLE.rename(columns={"age": "agee"}), Roles(key="agee"), population=source)


def test_a_column_named_by_a_number_is_named_by_its_text():
    numbered = pd.DataFrame([[30, "F"], [30, "F"], [41, "M"]])
    for roles in (Roles(key=[0, 1]), Roles(key=["0", np.int64(1)])):
        assert roles.key == ("0", "1")
        for options in ({}, {"engine": "duckdb"}):
            got = measure(numbered, roles, **options)
            assert got.value("sample_uniques") == 1
        assert read_table(numbered, roles=roles).records["0"].tolist() == [30, 30, 41]
    both = pd.DataFrame([[30, 41]], columns=[1, "1"])
    with pytest.raises(SchemaError, match="'1' stands 2 times"):
        measure(both, Roles(key=[1]))
    with pytest.raises(SchemaError, match="named by a number"):
        TableRelease(records=numbered, roles=Roles(key=[0]))


@pytest.mark.parametrize("key", [None, 1.5, [None], [["age"]], {"age": 1}, b"age", [True]])
def test_a_key_that_is_no_name_is_refused(key):
    with pytest.raises(ParameterError, match="name columns"):
        Roles(key=key)


def test_a_limit_needs_something_to_hold(sources):
    for kind in ("polars", "lazy", "release", "pandas"):
        with pytest.raises(ParameterError, match='a file or engine="duckdb"'):
            measure(sources.get(kind, PEOPLE), ROLES, memory_limit="1GB")
    with pytest.raises(ParameterError, match="a size such as"):
        measure(sources["csv"], ROLES, memory_limit="much")


def test_geojson_is_read_whole_and_not_counted(tmp_path):
    path = tmp_path / "t.geojson"
    feature = '{"type": "Feature", "geometry": null, "properties": {"age": 30}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', encoding="utf-8")
    roles = Roles(key="age")
    assert measure(measurable(path, roles, who="table")).value("records") == 1
    assert measure(path, roles).value("records") == 1
    with pytest.raises(ReadError, match="Read it with read_table"):
        measure(path, roles, memory_limit="1GB")


def test_a_file_of_another_format_is_measured_as_its_reader_reads_it(tmp_path):
    """A dump was read as text, and its columns were not there."""
    rows = ", ".join(
        f"({a}, {'NULL' if b is None else repr(b)}, '{c}', {d})"
        for a, b, c, d in PEOPLE.itertuples(index=False)
    )
    dump, listed = tmp_path / "t.sql", tmp_path / "t.json"
    dump.write_text(f"CREATE TABLE t (age INT, place TEXT, party TEXT, home INT);\n"
                    f"INSERT INTO t VALUES {rows};\n")  # fmt: skip
    PEOPLE.to_json(listed, orient="records")
    for path in (dump, listed):
        pd.testing.assert_frame_equal(measure(path, ROLES).overall, wanted().overall)


def test_one_unneeded_column_never_stops_a_count():
    mixed = PEOPLE.assign(other=[1, "1", 2, "2", 3, None])
    got = measure(mixed, ROLES, engine="duckdb")
    assert got.value("records") == 6
    with pytest.raises(SchemaError, match="'other' of one kind for DuckDB"):
        measure(mixed, Roles(key="other"), engine="duckdb")


def test_the_release_can_be_measured_by_other_roles():
    leak = TableRelease(records=PEOPLE, roles=ROLES)
    got = measure(leak, Roles(key="age"))
    assert got.value("sample_uniques") == 1
    assert got.recipe["key"] == ["age"]
    assert leak.roles is ROLES


def test_an_identifier_that_repeats_is_said_wherever_it_is(sources):
    roles = Roles(key="age", identifier="home")
    said = Note("people_counted_once", identifiers=("home",), records=6, people=3, again=3)
    for kind in ("pandas", "lazy", "csv"):
        got = measure(sources.get(kind, PEOPLE), roles)
        assert said in got.notes


def test_the_frame_is_left_alone():
    frame = pd.DataFrame([[30, "F"], [41, "M"]], index=["x", "y"])
    before = frame.copy(deep=True)
    pa.measure(frame, Roles(key=[0, 1]), population=frame)
    pd.testing.assert_frame_equal(frame, before)


def test_places_and_times_are_taken_as_they_stand():
    """Only what is measured is read as text, a number or a date, and by its levels."""
    frame = pd.DataFrame(
        {"age": ["30", "30", "41"], "x": [1.5, 2.5, 1.5], "y": [0.5] * 3, "at": list("bab")}
    )
    roles = Roles(key="age", location=("x", "y"), time="at")
    records = take_in(frame, roles, who="test").table.records
    assert records["age"].dtype == "category"
    for column in ("x", "y", "at"):
        pd.testing.assert_series_equal(records[column], frame[column])
