"""What changed between two reports: hand-counted, mirrored, and what cannot be compared."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.errors import OutputError, ParameterError, ReadError
from privaudit.report.against import (
    STATES,
    Change,
    ReportComparison,
    read_report,
    summary_of,
    write_comparison,
)
from privaudit.report.manifest import verify, write_manifest
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.studies.study import Study

EVIL = "<script>alert(1)</script>=1+1 \u202eabc"


def written(folder, rows, provenance="simulated", recipe=None, kind="table"):
    """Write a report of rows of one family."""
    measures = {"table": Measures(family="table", rows=rows, provenance=provenance)}
    study = Study(
        kind=kind, title=EVIL, provenance=provenance, real_places=False, measures=measures,
        recipe=recipe or {},
    )  # fmt: skip
    pa.report(study, folder)
    return folder


def shares(hits, n, measure="marketer_risk", **more):
    rows = Rows(n, "records")
    rows.share(measure, np.arange(n) < hits, **more)
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Forty-four people of as many ages, then of two bands of 22: half women, half men."""
    folder = tmp_path_factory.mktemp("ages")
    table = pd.DataFrame({"age": range(22, 66), "sex": ["F", "M"] * 22})
    roles = pa.Roles(key=["age", "sex"])
    for name, width in (("first", 1), ("second", 22)):
        banded = table.assign(age=table["age"] // width * width)
        pa.report(pa.measure(banded, roles), folder / name)
    return folder


@pytest.fixture
def ages(made, tmp_path):
    """A copy of the two reports, to be written into."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


def test_a_coarsened_column_moves_what_it_must(ages):
    found = pa.compare_reports(ages / "first", ages / "second").to_frame().set_index("id")
    # By hand: 44 classes of 1, then 4 classes of 11: none under 11 is left.
    expected = {
        "table.share_under.threshold_2": ("fell", 1.0, 0.0, -1.0),
        "table.share_under.threshold_11": ("fell", 1.0, 0.0, -1.0),
        "table.sample_uniques": ("fell", 44, 0, -44),
        "table.classes": ("fell", 44, 4, -40),
        "table.k_anonymity": ("rose", 1, 11, 10),
        "table.records": ("same", 44, 44, 0),
    }
    for name, (state, *numbers) in expected.items():
        assert found.loc[name, "state"] == state, name
        assert found.loc[name, ["before", "after", "change"]].tolist() == numbers, name
    # Of all that a file holds the difference is exact.
    moved = found.loc["table.share_under.threshold_2"]
    assert moved[["change_low", "change_high"]].tolist() == [-1.0, -1.0]


def test_what_leads_is_a_share_of_people_not_of_pairs(tmp_path):
    """Of 90 points of pairs and 20 of records the records lead."""
    for name, pairs, records in (("first", 95, 30), ("second", 5, 10)):
        rows = Rows(100, "records")
        for measure, hits, of in (("separation", pairs, "pairs"), ("marketer_risk", records, "")):
            rows.share(measure, np.arange(100) < hits, of=of)
        written(tmp_path / name, rows)
    changes = pa.compare_reports(tmp_path / "first", tmp_path / "second").changes
    fell = [one for one in changes if one.state == "fell"]
    assert min(fell, key=lambda one: one.strength).row.measure == "marketer_risk"


def test_a_report_against_itself_has_no_change(ages):
    compared = pa.compare_reports(ages / "first", ages / "first")
    assert {one.state for one in compared.changes} <= {"same", "unlike"}
    assert compared.counts["same"] > 20
    assert summary_of(compared, "en")[0].startswith("Nothing changed: ")
    assert summary_of(compared, "fr")[0].startswith("Rien n’a changé")


def test_swapped_reports_mirror_each_other(ages):
    there = pa.compare_reports(ages / "first", ages / "second")
    back = pa.compare_reports(ages / "second", ages / "first")
    other = {"rose": "fell", "fell": "rose", "appeared": "gone", "gone": "appeared"}
    states = {one.id: one.state for one in back.changes}
    assert {one.id: other.get(one.state, one.state) for one in there.changes} == states
    rows = {one.id: one.row for one in back.changes}
    for one in there.changes:
        moved, mirrored = one.row, rows[one.id]
        assert np.array_equal(moved.value, -mirrored.value, equal_nan=True)
        assert np.allclose([moved.low, moved.high], [-mirrored.high, -mirrored.low], equal_nan=True)


# Newcombe (1998), table II, method 10: (a) 56 of 70 less 48 of 80, (d) 5 of 56 less 0 of 29.
@pytest.mark.parametrize(
    ("before", "after", "ends", "state"),
    [
        ((48, 80), (56, 70), (0.0524, 0.3339), "rose"),
        ((56, 70), (48, 80), (-0.3339, -0.0524), "fell"),
        ((0, 29), (5, 56), (-0.0381, 0.1926), "within"),
    ],
)
def test_the_interval_of_a_difference_is_that_of_the_paper(tmp_path, before, after, ends, state):
    pair = [written(tmp_path / f"r{k}", shares(*of)) for k, of in enumerate((before, after))]
    (one,) = pa.compare_reports(*pair).changes
    assert one.state == state
    assert [one.row.low, one.row.high] == pytest.approx(ends, abs=5e-5)


def test_intervals_that_overlap_may_still_differ(tmp_path):
    # By hand: 50 and 64 of 100, Wilson: .404 to .596 and .542 to .727; z of the difference is 2.0.
    pair = [written(tmp_path / f"r{k}", shares(hits, 100)) for k, hits in enumerate((50, 64))]
    (one,) = pa.compare_reports(*pair).changes
    assert one.before.high > one.after.low
    assert one.state == "rose"


def _over_blanks(value, low, high):
    rows = Rows(100, "records")
    rows.add("sample_uniques", value, "share", low=low, high=high, worst_case=True)
    return rows


@pytest.mark.parametrize(
    ("after", "ends", "state"),
    [
        # By hand: .1 less .95 and .6 less .5. An interval of these ends would leave zero out.
        ((0.4, 0.1, 0.6), (-0.85, 0.1), "within"),
        ((0.2, 0.1, 0.4), (-0.85, -0.1), "fell"),
        ((0.2, 0.2, 0.2), (-0.75, -0.3), "fell"),
    ],
)
def test_over_blanks_a_change_runs_from_its_least_to_its_most(tmp_path, after, ends, state):
    pair = [written(tmp_path / f"r{k}", _over_blanks(*of))
            for k, of in enumerate(((0.9, 0.5, 0.95), after))]  # fmt: skip
    compared = pa.compare_reports(*pair)
    (one,) = compared.changes
    assert one.state == state
    assert [one.row.low, one.row.high] == pytest.approx(ends)
    for lang, said in (("en", "range"), ("fr", "fourchette")):
        folder = tmp_path / lang
        page = write_comparison(compared, folder, lang=lang).read_text(encoding="utf-8")
        table = page[page.index("<table") : page.rindex("</table>")]
        assert said in table
        assert "95\u00a0% interval" not in table
        assert "à 95" not in table
        assert verify(folder)


def _counted(value, n, **more):
    rows = Rows(n, "records")
    rows.count("of_late", value, "records", **more)
    return rows


@pytest.mark.parametrize(
    ("first", "then", "key"),
    [
        (_counted(40, 100), _counted(40, 200), "against_n"),
        (_counted(40, 100), shares(40, 100, "of_late"), "against_unit"),
        (shares(40, 100), shares(40, 100, counts="people"), "against_counts"),
        (shares(40, 100), shares(40, 100, of="people"), "against_of"),
        (shares(40, 100), shares(40, 100, bound="upper"), "against_bound"),
        (shares(40, 100), shares(40, 100, reliable=False), "against_unreliable"),
        (shares(40, 100), shares(4, 8), "against_withheld"),
        (_counted(40, 100), _counted(float("nan"), 100), "against_unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(tmp_path, first, then, key):
    pair = [written(tmp_path / f"r{k}", rows) for k, rows in enumerate((first, then))]
    for one, other in (pair, pair[::-1]):
        (change,) = pa.compare_reports(one, other).changes
        assert (change.state, change.why.key) == ("unlike", key)
        assert np.isnan(change.row.value)


@pytest.mark.parametrize(
    ("first", "then", "key"),
    [
        ({"recipe": {"key": ["age"]}}, {"recipe": {"key": ["sex"]}}, "against_other_setting"),
        ({"recipe": {"missing": "any"}}, {"recipe": {"missing": "value"}}, "against_other_setting"),
        ({"provenance": "simulated"}, {"provenance": "audited file"}, "against_provenance"),
    ],
)  # fmt: skip
def test_of_other_settings_or_data_nothing_is_compared_and_all_is_listed(
    tmp_path, first, then, key
):
    pair = [
        written(tmp_path / f"r{k}", shares(40, 100), **of) for k, of in enumerate((first, then))
    ]
    compared = pa.compare_reports(*pair)
    assert [(one.state, one.why.key) for one in compared.changes] == [("unlike", key)]
    assert key in {note.key for note in compared.notes}
    assert summary_of(compared, "en")[0].startswith("Nothing can be compared")
    page = write_comparison(compared, tmp_path / "out").read_text(encoding="utf-8")
    assert "40.0" in page


def test_another_seed_is_named_and_compared(tmp_path):
    pair = [
        written(tmp_path / f"r{seed}", shares(40, 100), recipe={"seed": seed}) for seed in (1, 2)
    ]
    compared = pa.compare_reports(*pair)
    assert [note.key for note in compared.notes] == ["against_setting"]
    assert compared.counts["same"] == 1


def test_a_setting_that_was_left_empty_is_a_dash(tmp_path):
    for name, sensitive in (("first", []), ("second", ["vote"])):
        written(tmp_path / name, shares(30, 60), recipe={"sensitive": sensitive})
    (note,) = pa.compare_reports(tmp_path / "first", tmp_path / "second").notes
    assert note.values == {"setting": "sensitive", "before": "–", "after": "vote"}


def test_findings_of_one_report_alone_name_what_stands_in_their_place(tmp_path, exposed):
    def one(name, view, attack):
        found = exposed(attack, view, 190, 0.5, 0.0, provenance="simulated")
        study = Study(kind="map", title="t", provenance="simulated", real_places=False,
                      exposures=(found,))  # fmt: skip
        pa.report(study, tmp_path / name)
        return tmp_path / name

    first = one("first", "exact", "nearest")
    moved = pa.compare_reports(first, one("moved", "donut:50:200", "nearest"))
    assert {one.state for one in moved.changes} == {"appeared", "gone"}
    assert {one.why.key for one in moved.changes if one.why} == {"against_view"}
    assert summary_of(moved, "en")[0].startswith("Addresses that the strongest adversary")
    armed = pa.compare_reports(first, one("armed", "exact", "holds_register"))
    assert {one.why.key for one in armed.changes if one.why} == {"against_adversary"}
    assert summary_of(armed, "en")[0].startswith("No finding is in both reports")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_names_the_source_of_each_number_and_is_verified(ages, lang, capsys):
    words = ["report", str(ages / "second"), "--against", str(ages / "first"), "--lang", lang]
    out = ages / "out"
    assert main([*words, "--out", str(out)]) == 0
    assert main(["report", "--verify", str(out)]) == 0
    page = (out / "index.html").read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert "<script" not in page
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.S)
    assert len(cells) > 90
    for cell in cells:
        bare = re.sub(r"<span data-finding=.*?</span>", "", cell)
        assert not re.search(r"\d", re.sub("95.%", "", unescape(bare))), cell
    # The strongest change is the headline: all forty were alone with their key, and none is now.
    headline = unescape(re.sub("<[^>]+>", "", re.search("<h1[^>]*>(.*?)</h1>", page, re.S)[1]))
    assert "100\u00a0%" in headline
    changed = page.replace(">100\u00a0%</span>", ">99\u00a0%</span>", 1)
    assert changed != page
    (out / "index.html").write_text(changed, encoding="utf-8")
    with pytest.raises(OutputError):
        verify(out)


def test_the_answer_is_json_in_the_form_of_findings(ages, capsys):
    words = ["report", str(ages / "second"), "--against", str(ages / "first"), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    known = {one["id"]: one for one in told["findings"]}
    assert told["kind"] == "against"
    assert known["change.table.sample_uniques"]["value"] == -44
    assert known["change.table.sample_uniques"]["part"] == {"change": "fell"}
    assert known["before.table.sample_uniques"]["value"] == 44
    counts = {state: known[f"changes.findings.state_{state}"]["value"] for state in STATES}
    assert sum(counts.values()) == known["changes.findings.state_same"]["n"]
    assert set(known["change.table.sample_uniques"]["sentence"]) == {"en", "fr"}


def test_a_report_that_does_not_verify_is_compared_and_the_page_says_so(ages):
    (ages / "second" / "tables" / "findings.csv").write_text("changed")
    compared = pa.compare_reports(ages / "first", ages / "second")
    assert [note.key for note in compared.notes] == ["against_unverified"]
    assert compared.counts["fell"] > 0
    page = write_comparison(compared, ages / "out", lang="fr").read_text(encoding="utf-8")
    assert "findings.csv" in page
    assert "ne passe pas la vérification" in page


def test_another_build_of_the_program_is_named(ages):
    write_manifest(ages / "second", command="", provenance="audited file", parameters={})
    path = ages / "second" / "manifest.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole["privaudit"]["version"] = "0.0.9"
    path.write_text(json.dumps(whole), encoding="utf-8")
    notes = {
        note.key: note.values for note in pa.compare_reports(ages / "first", ages / "second").notes
    }
    assert notes["against_version"] == {"before": pa.__version__, "after": "0.0.9"}
    assert "against_unverified" in notes


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole.update(schema=99),
        lambda whole: whole.update(findings="none"),
        lambda whole: whole.update(provenance="rumour"),
        lambda whole: whole.pop("recipe"),
        lambda whole: whole["findings"][0].update(value="1"),
        lambda whole: whole["findings"][0].update(unit="miles"),
        lambda whole: whole["findings"][0].update(id="a b"),
        lambda whole: whole["findings"][0].update(id="a\ufdd2b\ufdd3"),
        lambda whole: whole["findings"][0].pop("n"),
        lambda whole: whole["findings"][0].update(part=7),
    ],
)
def test_a_report_of_another_form_is_refused_in_one_line(ages, capsys, change):
    path = ages / "second" / "findings.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    change(whole)
    path.write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(ReadError):
        read_report(ages / "second")
    capsys.readouterr()
    assert main(["report", str(ages / "second"), "--against", str(ages / "first")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", '{"schema": 3}'])
def test_what_is_no_report_is_refused_in_one_line(ages, capsys, text):
    (ages / "second" / "findings.json").write_text(text)
    assert main(["report", str(ages / "second"), "--against", str(ages / "first")]) == 2
    (ages / "empty").mkdir()
    assert main(["report", str(ages / "empty"), "--against", str(ages / "first")]) == 2
    assert main(["report", str(ages / "absent"), "--against", str(ages / "first")]) == 2
    assert main(["report", "--against", str(ages / "first")]) == 2
    assert main(["report"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 5


def test_neither_report_is_written_over(ages):
    compared = pa.compare_reports(ages / "first", ages / "second")
    for name in ("first", "second"):
        with pytest.raises(ParameterError, match="of its own"):
            write_comparison(compared, ages / name)
    assert verify(ages / "first")


def test_a_comparison_is_no_report_on_data(ages):
    compared = pa.compare_reports(ages / "first", ages / "second")
    write_comparison(compared, ages / "out")
    with pytest.raises(ReadError, match="a comparison of two"):
        pa.compare_reports(ages / "out", ages / "first")


def test_names_from_outside_are_inert(tmp_path):
    rows = Rows(100, "records")
    rows.share("marketer_risk", np.arange(100) < 40, part={"column": EVIL})
    then = Rows(100, "records")
    then.share("marketer_risk", np.arange(100) < 80, part={"column": EVIL})
    pair = [tmp_path / "<b>first", tmp_path / "second&"]
    for place, of in zip(pair, (rows, then), strict=True):
        written(place, of)
    out = write_comparison(pa.compare_reports(*pair), tmp_path / "out")
    page = out.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>first" not in page
    assert "\u202e" not in page
    assert verify(out.parent) == 3


def test_a_comparison_counts_its_findings_by_state():
    def compared(*states):
        changes = tuple(Change(id="", state=state, before=None, after=None, row=None, why=None,
                               record={}) for state in states)  # fmt: skip
        return ReportComparison(before=None, after=None, changes=changes, notes=())

    assert repr(compared()) == "ReportComparison(no finding)"
    assert repr(compared("same", "rose", "same")) == "ReportComparison(1 rose, 2 same)"


@pytest.mark.parametrize(("changes", "named"), [(9, 9), (10, 10), (11, 10)])
def test_a_summary_names_ten_changes_at_most(ages, changes, named):
    compared = pa.compare_reports(ages / "first", ages / "second")
    one = next(change for change in compared.changes if change.state in ("rose", "fell"))
    none = replace(compared, changes=())
    said = summary_of(replace(compared, changes=(one,) * changes), "en")
    assert len(said) - len(summary_of(none, "en")) == named


@pytest.fixture(scope="module")
def blurred_since(tmp_path_factory):
    """Reports on one campaign's exact map and on its blurred one, and who finds most on each."""
    folder = tmp_path_factory.mktemp("blurred")
    world = pa.simulate(pa.Town(inhabitants=1_500), seed=3)
    campaign, most = pa.run_campaign(world, seed=3), {}
    for name, mask in (("exact", pa.masks.Exact()), ("blurred", pa.masks.Gaussian(sigma=60))):
        leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=3)
        asked = pa.Adversary.nearest(), pa.Adversary.knows_mask(mask)
        found = [pa.audit(leak, one, truth=world, seed=3) for one in asked]
        pa.report(found, folder / name)
        rows = [one.overall.loc["address"] for one in found]
        most[name] = max(round(row["value"] * row["n"]) for row in rows), int(rows[0]["n"])
    return folder, most


def test_a_map_that_was_blurred_since_leads_with_the_addresses_found(blurred_since):
    folder, most = blurred_since
    (exact, n), (blurred, of) = most["exact"], most["blurred"]
    assert exact > blurred
    before, after = folder / "exact", folder / "blurred"
    [headline, *_] = summary_of(pa.compare_reports(before, after), "en")
    assert headline.replace("\u00a0", " ") == (
        "Addresses that the strongest adversary of each report would find: "
        f"{exact} of {n} before (exact dots), {blurred or 'none'} of {of} now "
        "(dots moved at random, 60 m)."
    )
    [headline, *_] = summary_of(pa.compare_reports(after, before), "fr")
    plain = headline.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    assert f"{blurred or 'aucune'} sur {of} avant" in plain
    assert f"{exact} sur {n} maintenant (points exacts)" in plain


def test_the_numbers_of_that_lead_verify(blurred_since, tmp_path):
    folder, _ = blurred_since
    compared = pa.compare_reports(folder / "exact", folder / "blurred")
    write_comparison(compared, tmp_path / "c")
    verify(tmp_path / "c")
    page = (tmp_path / "c" / "index.html").read_text(encoding="utf-8")
    headline = page.partition("<h1")[2].partition("</h1>")[0]
    assert re.findall(r'data-field="(\w+)"', headline) == ["hits", "n", "hits", "n"]


def test_a_map_of_the_same_view_leads_with_its_own_change(blurred_since):
    folder, _ = blurred_since
    [headline, *_] = summary_of(pa.compare_reports(folder / "exact", folder / "exact"), "en")
    assert "Nothing changed" in headline
