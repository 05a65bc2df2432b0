"""People, not rows: whoever has several records counts once, by the riskiest of them."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit import cli
from privaudit.tables.nearest_records import people_of, without_repeats
from privaudit.words.catalogues import Note

VISITS = pd.DataFrame(
    {
        "who": ["a", "a", "a", "b", "c", "c", None, None],
        "age": [30, 30, 41, 30, 50, 50, 41, 41],
        "sex": ["F", "F", "F", "F", "M", "M", "F", "F"],
    }
)
ROLES = pa.Roles(identifier="who", key=["age", "sex"])


def test_contacts_of_one_person_are_one_person():
    # People: a, b, c and two without a name. (30, F) is a's and b's, (41, F) is a's and theirs,
    # (50, M) only c's, however often.
    found = pa.measure(VISITS, ROLES)
    assert (found.value("records"), found.value("k_anonymity")) == (5, 1)
    assert (found.value("sample_uniques"), found.row("sample_uniques").n) == (1, 5)
    # a by (30, F), the rarer of the two.
    assert found.value("prosecutor_risk_mean") == pytest.approx((1 / 2 + 1 / 2 + 1 + 2 / 3) / 5)
    sizes = found.per_record["class_size"]
    assert sizes.dropna().tolist() == [2, 2, 1, 3, 3]
    assert {row.counts for row in found.rows if row.measure == "share_under"} == {"people"}
    said = {"records": 8, "people": 5, "again": 3}
    assert Note("people_counted_once", identifiers=("who",), **said) in found.notes
    assert Note("records_without_identifier", records=2) in found.notes


def test_rows_are_counted_where_nothing_says_whose_they_are():
    found = pa.measure(VISITS, pa.Roles(key=["age", "sex"]))
    assert (found.value("records"), found.value("sample_uniques")) == (8, 0)
    assert found.row("sample_uniques").counts == "records"


@pytest.mark.parametrize("door", ["duckdb", "csv"])
def test_the_same_people_wherever_the_table_is(tmp_path, door):
    want = pa.measure(VISITS, ROLES)
    if door == "duckdb":
        got = pa.measure(VISITS, ROLES, engine="duckdb")
    else:
        VISITS.to_csv(tmp_path / "visits.csv", index=False)
        got = pa.measure(tmp_path / "visits.csv", ROLES, memory_limit="300MB")
    pd.testing.assert_frame_equal(got.overall, want.overall)
    assert set(want.notes) <= set(got.notes)


@st.composite
def visits(draw):
    n = draw(st.integers(1, 12))
    rows = [
        (draw(st.integers(0, 4)), draw(st.integers(0, 2)), draw(st.integers(0, 1)))
        for _ in range(n)
    ]
    return rows


@given(visits())
@settings(max_examples=60)
def test_a_person_is_as_exposed_as_by_the_rarest_of_their_records(rows):
    who = sorted({person for person, *_ in rows})
    holders = {}
    for person, *key in rows:
        holders.setdefault(tuple(key), set()).add(person)
    size = {
        person: min(len(holders[tuple(key)]) for other, *key in rows if other == person)
        for person in who
    }
    found = pa.measure(
        pd.DataFrame(rows, columns=["id", "a", "b"]), pa.Roles(identifier="id", key=["a", "b"])
    )
    assert found.value("records") == len(who)
    assert found.value("k_anonymity") == min(size.values())
    alone = sum(f == 1 for f in size.values())
    assert found.value("sample_uniques") == alone
    assert {row.value for row in found.rows if row.measure == "uniques_by_reading"} == {alone}
    risk = sum(1 / f for f in size.values()) / len(who)
    assert found.value("prosecutor_risk_mean") == pytest.approx(risk)
    for than in (2, 3, 5, 11):
        share = sum(f < than for f in size.values()) / len(who)
        assert found.value("share_under", threshold=than) == pytest.approx(share)


def test_doubled_rows_change_nothing_with_an_identifier():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 6, (300, 3)), columns=["a", "b", "c"], dtype="Int64")
    frame = frame.mask(pd.DataFrame(rng.random((300, 3)) < 0.2, columns=frame.columns))
    frame["id"] = np.arange(300)
    frame["s"] = rng.integers(0, 3, 300)
    roles = pa.Roles(identifier="id", key=["a", "b", "c"], sensitive="s")
    want = pa.measure(frame, roles)
    got = pa.measure(pd.concat([frame, frame.iloc[:100], frame.iloc[50:80]]), roles)
    pd.testing.assert_frame_equal(got.overall, want.overall)
    # A record with a blank that another of the same person fills says nothing more.
    less = frame.iloc[:40].copy()
    less["a"] = pd.NA
    pd.testing.assert_frame_equal(pa.measure(pd.concat([frame, less]), roles).overall, want.overall)


def test_several_identifiers_name_a_person_together():
    # Two people of one name, of different addresses; and one without either.
    codes = np.array([[0, 0], [0, 1], [0, 0], [-1, -1], [-1, 1]])
    assert [len({*people_of(codes)[list(rows)]}) for rows in ((0, 2), (0, 1), (3, 4))] == [1, 2, 2]
    assert without_repeats(
        np.zeros(3, dtype=int), np.array([[0, -1], [-1, -1], [1, 0]])
    ).tolist() == [0, 2]


@pytest.mark.parametrize(("lang", "noun"), [("en", "people"), ("fr", "personnes")])
def test_the_page_says_people_or_records(tmp_path, lang, noun):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"id": np.arange(60), "age": rng.integers(20, 90, 60), "town": "x"})
    frame.loc[frame.index % 3 == 0, "town"] = None
    file = tmp_path / "people.csv"
    pd.concat([frame, frame]).to_csv(file, index=False)
    titles = {}
    for told, more in (("people", ["--identifier", "id"]), ("records", [])):
        out = tmp_path / told
        asked = ["table", str(file), "--key", "age,town", "--out", str(out), "--lang", lang, *more]
        assert cli.main(asked) == 0
        page = (out / "index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
        page = re.sub("</?span[^>]*>", "", page)
        titles[told] = page[page.index("<h1") : page.index("</h1>")]
        findings = json.loads((out / "findings.json").read_text(encoding="utf-8"))["findings"]
        counts = {one["counts"] for one in findings if one["measure"] == "sample_uniques"}
        assert counts == {told}
    other = {"en": "records", "fr": "fiches"}[lang]
    assert f"40 {noun}" in titles["people"]
    assert other not in titles["people"]
    assert f"80 {other}" in titles["records"]
    assert noun not in titles["records"]
