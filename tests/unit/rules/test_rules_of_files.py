"""The rules are held against every file of a seizure, and each finding says on which it rests."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from privaudit.errors import SchemaError
from privaudit.results.rows import Row
from privaudit.rules.check_rules import RuledFile, check_files
from privaudit.rules.facts import Checked
from privaudit.studies.dossier import Seizure, audit_dossier

PARTY = {"controller": {"type": "party"}, "processing": {"political": True}}
DAY = "2018-05-25"
SILENT = ("identity", "purpose", "rights")


def people(n, consent, **more):
    told = {
        "email": [f"zxq{i}@x.fr" for i in range(n)],
        "support_level": [1 + i % 5 for i in range(n)],
    }
    return pd.DataFrame({**told, "ok": consent, **more})


def ruled(name, records, kind="table"):
    return RuledFile(name=name, kind=kind, records=records)


def test_a_file_that_is_less_grave_is_looked_at_too():
    """Two fields of opinion in one, one in the other: the rules saw the first alone."""
    told = {**PARTY, "people": {"consent": "ok"}}
    files = [ruled("a", people(30, "yes", religion="x")), ruled("b", people(20, ""))]
    one = check_files(files, told, as_of=DAY)["R02"]
    assert (one.verdict, one.checked.value, one.checked.n) == ("breach", 20, 20)
    assert (one.files, one.beside) == (("b",), (("a", "met"),))


def test_of_several_the_one_with_most_cases_leads():
    told = {**PARTY, "people": {"consent": "ok"}}
    files = [ruled("a", people(20, "")), ruled("b", people(30, ""))]
    one = check_files(files, told, as_of=DAY)["R02"]
    assert (one.checked.n, one.files) == (30, ("b", "a"))


def test_what_is_not_known_of_one_file_is_not_met():
    told = {**PARTY, "people": {"consent": "ok"}}
    files = [ruled("a", people(30, "yes")), ruled("b", people(20, "").drop(columns="ok"))]
    one = check_files(files, told, as_of=DAY)["R02"]
    assert (one.verdict, one.files, one.beside) == ("not_assessable", ("b",), (("a", "met"),))


def test_a_log_and_a_list_of_codes_are_not_asked_for_what_people_are():
    told = {**PARTY, "people": {"consent": "ok"}}
    log = pd.DataFrame({"user_id": [1, 1, 2] * 9, "page": ["p", "q", "p"] * 9})
    codes = pd.DataFrame({"code": ["a", "b"], "zone": ["x", "y"]})
    files = [ruled("a", people(30, "yes")), ruled("log", log, "log"), ruled("codes", codes)]
    one = check_files(files, told, as_of=DAY)["R02"]
    assert (one.verdict, one.files, one.beside) == ("met", ("a",), ())


def test_a_verdict_of_the_description_alone_rests_on_no_file():
    told = {**PARTY, "recipients": [{"role": "public"}]}
    files = [ruled("a", people(30, "yes")), ruled("b", people(9, ""))]
    one = check_files(files, told, as_of=DAY)["R11"]
    assert (one.verdict, one.files) == ("breach", ())


def test_a_described_column_that_no_file_has_is_checked():
    files = [ruled("a", people(30, "yes")), ruled("b", people(9, ""))]
    with pytest.raises(SchemaError, match=r"people\.consent a column"):
        check_files(files, {"people": {"consent": "gone"}}, as_of=DAY)
    told = {"columns": {"gone": {"source": "social"}}, "information": dict.fromkeys(SILENT, False)}
    one = check_files(files, told, as_of=DAY)["R12"]
    assert (one.verdict, one.checked.columns, one.files) == ("breach", ("gone",), ())


def test_a_dossier_names_the_exhibit_of_each_ruling(tmp_path):
    people(30, "yes", religion=["x", "y"] * 15).to_csv(tmp_path / "a.csv", index=False)
    people(20, "").to_csv(tmp_path / "b.csv", index=False)
    (tmp_path / "d.toml").write_text(
        '[controller]\ntype = "party"\n[processing]\npolitical = true\n'
        '[people]\nconsent = "ok"\n', encoding="utf-8"
    )  # fmt: skip
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    seizure = Seizure(files=files, description=tmp_path / "d.toml", exhibit="S")
    study = audit_dossier(seizure, as_of=DAY)
    one = study.rulings[0]["R02"]
    assert (one.verdict, one.files) == ("breach", ("b.csv",))
    # Columns of one file that the description does not name are told of that file.
    assert study.rulings[0]["R01"].files == ("a.csv", "b.csv")


def test_a_recipient_without_a_key_who_finds_people_is_a_concern():
    """C-413/23 P: for whom the data are personal rests on the risk that was measured of each."""
    stated = {"recipients": [{"role": "partner", "has_key": False}]}
    row = Row(measure="reidentified", value=0.25, unit="share", n=40, counts="dots")
    held = RuledFile(name="m", kind="map", records=people(40, "yes"),
                     measured={"recipient_risk": row})  # fmt: skip
    one = check_files([held], stated, as_of="2025-09-04")["R37"]
    assert (one.verdict, one.checked.value, one.checked.n) == ("concern", 10, 40)
    assert one.files == ("m",)
    safe = replace(held, measured={"recipient_risk": replace(row, value=0.0)})
    assert check_files([safe], stated, as_of="2025-09-04")["R37"].verdict == "met"
    bare = replace(held, measured={})
    assert check_files([bare], stated, as_of="2025-09-04")["R37"].verdict == "not_assessable"


def test_a_log_of_many_rows_does_not_lead_where_a_column_of_another_file_shows_it():
    """Opinions rested on the log, whose rows were more, and on a file of no column at all."""
    log = pd.DataFrame({"user_id": [1, 1, 2] * 99, "page": ["p", "q", "p"] * 99})
    files = [ruled("log", log, "log"), ruled("a", people(30, "yes"))]
    one = check_files(files, PARTY, as_of=DAY)["R01"]
    assert (one.files, one.checked.n, one.checked.columns) == (("a",), 30, ("support_level",))
    bare = check_files([ruled("log", log, "log")], PARTY, as_of=DAY)["R01"]
    assert (bare.files, bare.checked.columns) == ((), ("processing.political",))
    # Its rows are no evidence of what the description states by itself.
    assert math.isnan(bare.checked.value)
    assert math.isnan(bare.checked.n)


def test_what_is_met_whatever_the_files_hold_rests_on_none():
    told = {**PARTY, "decisions": {"automated": True, "human_step": True}}
    files = [ruled("a", people(30, "yes")), ruled("b", people(20, ""))]
    one = check_files(files, told, as_of=DAY)["R27"]
    assert (one.verdict, one.files, one.beside) == ("met", (), ())


def test_what_was_not_counted_is_no_difference():
    # Each nan by itself: `==` of two of them is another thing from one Python to the next.
    bare, again = Checked("met", float("nan"), float("nan")), Checked("met")
    assert bare.same_as(again)
    assert not bare.same_as(Checked("met", 0.0, 30.0))
    assert not bare.same_as(Checked("fires"))


@pytest.mark.parametrize(("files", "named"), [(5, 5), (6, 6), (7, 7), (8, 7)])
def test_a_page_names_six_files_and_counts_the_others(files, named):
    several = [ruled(f"f{i}", people(20 + i, "")) for i in range(files)]
    one = check_files(several, {"people": {"consent": "ok"}}, as_of=DAY)["R02"]
    assert len(one.main_files) == named
    assert one.main_files[6:] == ((f"+{files - 6}",) if files > 6 else ())
