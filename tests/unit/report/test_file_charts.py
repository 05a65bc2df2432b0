"""Figures of reports on real files hold the numbers of the file, counted here by hand."""

import math
import re
from dataclasses import replace

import pandas as pd
import pytest

import privaudit as pa
from privaudit.report.file_charts import classes_chart, named_chart
from privaudit.report.findings import findings_of
from privaudit.report.page import drawings_of, story_page
from privaudit.report.sentences import ResultLookup
from privaudit.report.write import _shown
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.studies.audit_table import audit_table
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words, without_marks

# 30 alone (ages 0 to 29, sex F), 8 in pairs (age 40 to 43), 12 in one class of 12 (age 60).
AGES = [*range(20, 50), *[50, 51, 52, 53] * 2, *[60] * 12]
PEOPLE = pd.DataFrame({"age": AGES, "sex": ["F"] * 50, "opinion": ["left", "right"] * 25})


def plain(text):
    return without_marks(text).replace("\u202f", " ").replace("\u00a0", " ")


def drawn_of(study, lang):
    words = Words(lang, marked=True, quoted=True)
    study, findings, _ = _shown(study, words)
    return drawings_of(study, words, findings), story_page(study, words, findings, {})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "people.csv"
    PEOPLE.assign(zone=[*"ab" * 15, *"a" * 20]).to_csv(path, index=False)
    return audit_table(path, pa.Roles(key=["age", "sex", "zone"], sensitive=["opinion"]))


ALONE = {
    "en": "30 of the 50 records are alone on the key variables, 38 are among fewer than 5",
    "fr": "30 des 50 fiches sont seules, 38 sont dans un groupe de moins de 5",
}


@pytest.mark.parametrize("lang", ALONE)
def test_classes_are_drawn_as_records_to_count(table, lang):
    drawn = drawn_of(table, lang)[0]["classes"]
    assert ALONE[lang] in plain(drawn.title)
    lines = {row["line"]: (row["value"], row["of"]) for row in drawn.rows if "of" in row}
    assert list(lines.values()) == [(30, 50), (38, 50), (38, 50)]
    wide = "".join(drawn.canvases[0].parts)
    # One block of 50: 30 alone, 8 more among fewer than 5, none among 5 to 10, 12 in one class.
    marks = [(look, path.count("M")) for look, path in
             re.findall(r'<path class="([^"]*)" d="((?:M[^"M]*z)+)">', wide)]  # fmt: skip
    assert marks == [("m-red unit", 30), ("m-red flow", 8), ("rest", 12)]


def test_each_key_stands_beside_who_would_be_alone_without_it(table):
    drawn = drawn_of(table, "en")[0]["classes"]
    keys = [row for row in drawn.rows if row.get("panel")]
    by_key = {}
    for row in keys:
        by_key.setdefault(row["line"], []).append(row["value"])
    # Without the age 15 records have zone b, and the others zone a: nobody is alone.
    assert by_key == {"age": [30, 0], "sex": [30], "zone": [30]}


def linked(matched=0.25, chance=0.01):
    part = {"table": "a.csv", "other": "b.csv"}
    back = {"table": "b.csv", "other": "a.csv"}
    about = {"unit": "share", "counts": "records"}
    rows = [
        Row(measure="matched", value=matched, n=400, low=0.2, high=0.3, baseline=chance,
            part=part, **about),
        Row(measure="learnt", value=0.2, n=400, baseline=0.05, part=part | {"what": "religion"},
            **about),
        Row(measure="matched", value=0.5, n=200, baseline=0.02, part=back, **about),
        Row(measure="learnt", value=0.4, n=200, baseline=0.4, part=back | {"what": "phone"},
            **about),
        Row(measure="match_precision", value=0.95, n=100, low=0.9, high=0.98, part=part, **about),
    ]  # fmt: skip
    measures = {"linked_people": Measures(family="linked_people", rows=rows)}
    return Study(
        kind="link", title="a.csv, b.csv", provenance="audited file", real_places=True,
        measures=measures,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "title", "sure"),
    [
        (
            "en",
            "100 of the 400 records are matched; 4 would be by chance",
            "Of the 100 matches, 90.0 % to 98.0 % are believed to be right",
        ),
        (
            "fr",
            "100 des 400 fiches sont rapprochées ; par hasard, 4 le seraient",
            "Sur 100 rapprochements, de 90,0 % à 98,0 % seraient justes",
        ),
    ],
)
def test_who_is_matched_stands_beside_chance_and_what_each_side_learns(lang, title, sure):
    drawings, page = drawn_of(linked(), lang)
    drawn = drawings["people"]
    assert plain(drawn.title) == title
    values = [(row["panel"][:10], row["value"]) for row in drawn.rows]
    # What both files know is no gain: the telephone is not drawn.
    assert [value for _, value in values] == [100, 4, 80, 20, 100, 4]
    assert sure in re.sub("<[^>]*>", "", plain(page))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_first_screen_says_how_sure_and_what_to_do(table, lang):
    page = plain(drawn_of(table, lang)[1])
    hero = page[: page.index("<nav")]
    words = Words(lang)
    for key in ("first_sure", "first_do", "sure_counted"):
        assert plain(words(f"story.{key}")) in hero, key


@pytest.mark.parametrize(
    ("alone", "of", "drawn"), [(0.683, 100, [68, 23, 5, 4]), (0.004, 500, [2, 453, 26, 19])]
)
def test_residents_who_are_alone_are_counted_of_a_hundred_or_five(alone, of, drawn):
    about = {"unit": "share", "counts": "residents", "n": 66e6}
    rows = [Row(measure="unique", value=alone, **about)]
    rows += [Row(measure="class_under", value=value, part={"threshold": than}, **about)
             for than, value in ((5, 0.91), (11, 0.962))]  # fmt: skip
    study = Study(
        kind="country", title="c", provenance="audited file", real_places=True,
        measures={"country": Measures(family="country", rows=rows)},
    )  # fmt: skip
    figure = drawings_of(study, Words("en"))["country"]
    for canvas in figure.canvases:
        paths = re.findall(r'<path class="[^"]*" d="((?:M[^"M]*z)+)">', "".join(canvas.parts))
        assert [path.count("M") for path in paths] == drawn
    assert f"{of} residents" in plain(figure.description + figure.html)


@pytest.mark.parametrize("files", [1, 2])
def test_what_dots_show_stands_under_the_map_that_shows_it(files):
    about = {"unit": "share", "counts": "dots", "n": 135}
    rows = [Row(measure="shown", value=1.0, part={"file": f"{k}.csv", "what": "name"}, **about)
            for k in range(files)]  # fmt: skip
    study = Study(
        kind="map", title="c", provenance="audited file", real_places=True,
        measures={"properties": Measures(family="properties", rows=rows)},
    )  # fmt: skip
    drawn = drawings_of(study, Words("en"))["shown"]
    panels = [row.get("panel") or None for row in drawn.rows]
    assert panels == ([None] if files == 1 else ["0.csv", "1.csv"])


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "expected to be in both files is 15 (12 to 19"), ("fr", "15 (de 12 à 19, avec 95 %")],
)
def test_where_nobody_is_matched_it_says_how_many_may_be_in_both(lang, said):
    made = linked(matched=0.0, chance=0.0)
    rows = [row for row in made.measures["linked_people"].rows if row.measure == "matched"]
    rows = [replace(row, value=0.0, low=0.0, high=0.01) for row in rows]
    part = {"table": "a.csv", "other": "b.csv"}
    rows.append(Row(measure="expected_matches", value=15, low=12, high=19, unit="records", n=200,
                    counts="records", part=part))  # fmt: skip
    measures = {"linked_people": Measures(family="linked_people", rows=rows)}
    page = plain(drawn_of(replace(made, measures=measures), lang)[1])
    assert said in re.sub("<[^>]*>", "", page)


@pytest.mark.parametrize("kind", ["link", "dossier"])
def test_what_is_withheld_of_two_files_is_no_number_and_no_fault(kind):
    """A dossier ended with a traceback where a table added fewer than eleven names to a map."""
    about = {"unit": "share", "counts": "dots", "n": 420}
    rows = [
        Row(measure="dot_tells", value=0.2, baseline=float("nan"), part={"what": what}, **about)
        for what in ("identity", "all_three", "support")
    ]
    rows.append(Row(measure="columns_agree", value=float("nan"), baseline=0.1, **about))
    study = Study(
        kind=kind, title="a.csv, b.csv", provenance="audited file", real_places=True,
        measures={"linked": Measures(family="linked", rows=rows)},
    )  # fmt: skip
    assert named_chart(study, Words("en"), ResultLookup(study, ())) is None
    for lang in ("en", "fr"):
        assert "nan" not in plain(re.sub("<[^>]*>", "", drawn_of(study, lang)[1])).split()


# 60 people of different ages; without the age, 8 of the second zone are 5 women and 3 men.
FEW = pd.DataFrame(
    {"age": range(20, 80), "sex": [*"FM" * 26, *"FFFFFMMM"], "zone": [*"a" * 52, *"b" * 8]}
)
WITHOUT_AGE = {
    "en": (r"at most (\d+) without it",
           r"Alone in the table: 60 of 60 today, at most (\d+) without"),
    "fr": (r"(\d+) au plus sans elle",
           r"Seules dans le tableau : 60 sur 60 aujourd.hui, (\d+) au plus sans"),
}  # fmt: skip


@pytest.mark.parametrize("lang", WITHOUT_AGE)
def test_a_key_without_which_few_are_alone_is_drawn_by_its_range(tmp_path, lang):
    """Its number would tell the rare zone: the report has a range, and no key may be missing."""
    FEW.to_csv(tmp_path / "few.csv", index=False)
    study = audit_table(tmp_path / "few.csv", pa.Roles(key=["age", "sex", "zone"]))
    drawn, page = drawn_of(study, lang)
    label, sentence = WITHOUT_AGE[lang]
    assert {"age", "sex", "zone"} <= {row["line"] for row in drawn["classes"].rows}
    wide = plain(re.sub(r"<[^>]*>", "", "".join(drawn["classes"].canvases[0].parts)))
    told = plain(re.sub(r"<[^>]*>", "", str(page)))
    # Nobody is alone without the age; what the report may say is that few are.
    drawn_most, told_most = re.search(label, wide)[1], re.search(sentence, told)[1]
    assert drawn_most == told_most
    assert 0 < int(told_most) < 11


WITHHELD = {
    "en": "without this one; withheld, as it would reveal a small count: “q0”",
    "fr": "sans celle-ci ; masqué, car un petit effectif s’en déduirait : « q0 »",
}


def _keys_drawn(lang, numbers):
    """Draw a table of 100 of whom 90 are alone, and so many without each key."""
    of = {"unit": "records", "n": 100, "counts": "records"}
    alone = Row(measure="share_under", value=0.9, unit="share", n=100, counts="records",
                part={"threshold": 2})  # fmt: skip
    measures = {
        "table": [alone, Row(measure="sample_uniques", value=90, **of)],
        "contributions": [
            Row(measure="sample_uniques", value=value, part={"without": key}, **of)
            for key, value in numbers.items()
        ],
    }
    made = {family: Measures(family=family, rows=rows) for family, rows in measures.items()}
    study = Study(kind="table", title="c", provenance="audited file", real_places=True,
                  measures=made)  # fmt: skip
    drawn = classes_chart(study, Words(lang), ResultLookup(study))
    lines = {one["line"] for one in drawn.rows if one.get("panel")}
    return lines, plain(" ".join(re.findall(">([^<>]+)</text>", "".join(drawn.canvases[0].parts))))


@pytest.mark.parametrize("lang", WITHHELD)
def test_a_key_whose_number_is_withheld_is_named(lang):
    lines, said = _keys_drawn(lang, {"q0": math.nan, "q1": 30.0, "q2": 90.0})
    assert lines == {"q1", "q2"}
    assert WITHHELD[lang] in said


@pytest.mark.parametrize(("keys", "said"), [(8, ""), (9, "1 more key"), (10, "2 more keys")])
def test_keys_that_are_not_drawn_are_counted(keys, said):
    lines, text = _keys_drawn("en", {f"k{place}": 20.0 + place for place in range(keys)})
    # Those that add least are left out.
    assert lines == {f"k{place}" for place in range(8)}
    assert (f"not drawn: {said}" in text) if said else ("not drawn" not in text)


MOST = {
    "en": "At most {n} of the 60 records are alone on the key variables, at most {few} are among",
    "fr": "Par les variables clés, {n} au plus des 60 fiches sont seules, {few} au plus sont dans",
}


@pytest.mark.parametrize("lang", MOST)
def test_small_classes_that_would_reveal_a_rare_level_are_drawn_at_an_upper_bound(tmp_path, lang):
    """Classes of 26, 26, 5 and 3: nobody is alone, 3 are among fewer than 5, 8 among under 11."""
    FEW.to_csv(tmp_path / "few.csv", index=False)
    study = audit_table(tmp_path / "few.csv", pa.Roles(key=["sex", "zone"]))
    drawn = drawn_of(study, lang)[0]["classes"]
    most = [int(row["value"]) for row in drawn.rows if "of" in row]
    assert all(at_least <= n < 60 for at_least, n in zip((0, 3, 8), most, strict=True))
    assert MOST[lang].format(n=most[0], few=most[1]) in plain(drawn.title)
    report = findings_of(study)
    row = next(f.row for f in report if f.id == "table.share_under.threshold_2")
    assert (math.isnan(row.value), round(row.high * 60)) == (True, most[0])


BETWEEN = {
    "en": "25 to 35 of the 50 records are alone on the key variables, {few} are among fewer than 5",
    "fr": "Par les variables clés, de 25 à 35 des 50 fiches sont seules, {few} sont dans un groupe",
}


@pytest.mark.parametrize("lang", BETWEEN)
def test_a_title_says_the_range_where_blanks_leave_one(tmp_path, lang):
    """Five ages of the class of 12 are blank: 5 more may be alone, or 5 of the 30 no longer."""
    ages = [str(age) for age in AGES[:-5]] + [""] * 5
    PEOPLE.assign(age=ages).to_csv(tmp_path / "blanks.csv", index=False)
    study = audit_table(tmp_path / "blanks.csv", pa.Roles(key=["age", "sex"]))
    few = study.measures["table"].row("share_under", threshold=5)
    ends = [round(50 * end) for end in (few.low, few.high)]
    # What holds whatever blanks hide is no interval; a share of an attack has one.
    table = study.measures["table"]
    ranged = {row.measure for row in table.rows if row.worst_case and row.low < row.high}
    by_chance = {row.measure for row in table.rows if not row.worst_case and row.low < row.high}
    assert {"sample_uniques", "share_under", "prosecutor_risk_mean", "marketer_risk"} <= ranged
    assert by_chance <= {"vulnerability_held_out", "inference"}
    said = {"en": "{} to {}", "fr": "de {} à {}"}[lang].format(*ends)
    assert BETWEEN[lang].format(few=said) in plain(drawn_of(study, lang)[0]["classes"].title)


RANGES = [
    ((1, 1), (3, 8), "1 of the 100 records is alone on the key variables, 3 to 8 are among",
     "1 des 100 fiches est seule, de 3 à 8 sont dans"),
    ((0, 1), (2, 2), "0 to 1 of the 100 records is alone on the key variables, 2 are among",
     "de 0 à 1 des 100 fiches est seule, 2 sont dans"),
    ((0, 0), (0, 2), "None of the 100 records are alone on the key variables, 0 to 2 are among",
     "aucune des 100 fiches n'est seule, de 0 à 2 sont dans"),
    ((0, 2), None, "0 to 2 of the 100 records are alone on the key variables",
     "de 0 à 2 des 100 fiches sont seules"),
    ((0, 1), None, "0 to 1 of the 100 records is alone on the key variables",
     "de 0 à 1 des 100 fiches est seule"),
]  # fmt: skip


@pytest.mark.parametrize(("alone", "few", "en", "fr"), RANGES)
def test_verbs_of_a_title_agree_with_the_most_of_a_range(alone, few, en, fr):
    rows = [
        Row(measure="share_under", value=ends[0] / 100, low=ends[0] / 100, high=ends[1] / 100,
            unit="share", n=100, counts="records", part={"threshold": than})
        for than, ends in ((2, alone), (5, few)) if ends
    ]  # fmt: skip
    study = Study(
        kind="table", title="c", provenance="audited file", real_places=True,
        measures={"table": Measures(family="table", rows=rows)},
    )  # fmt: skip
    for lang, said in (("en", en), ("fr", fr)):
        title = classes_chart(study, Words(lang), ResultLookup(study)).title
        assert said in plain(title).replace("\u2019", "'")
