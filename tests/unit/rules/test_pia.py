"""The file for the CNIL's tool, against a schema written from the list of what its import reads."""

import json
from importlib import resources
from types import SimpleNamespace

import pytest

from privaudit.cli import main
from privaudit.results.rows import Row
from privaudit.rules.check_rules import check_rules
from privaudit.rules.notices import _data, _gauge, _listed

EXAMPLES = resources.files("privaudit.rules") / "examples"
QUESTIONS = {
    111, 112, 113, 121, 122, 123, 211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 227,
    321, 322, 323, 324, 325, 326, 331, 332, 333, 334, 335, 336, 341, 342, 343, 344, 345, 346,
}  # fmt: skip
GAUGES = {325, 326, 335, 336, 345, 346}
LISTS = {321, 322, 323, 324, 331, 332, 333, 334, 341, 342, 343, 344}
TEXTS = [
    "name", "author_name", "evaluator_name", "validator_name", "category", "created_at",
    "updated_at", "dpos_names", "dpo_opinion", "people_names", "concerned_people_searched_content",
    "concerned_people_opinion", "rejection_reason", "applied_adjustments",
]  # fmt: skip
# In the tool 0 is an unfavourable opinion, which nobody gave; none is no opinion.
NONE = ("dpo_status", "concerned_people_status")
GAP = {"en": "[To be completed]", "fr": "[À compléter]"}


def written(folder, story, lang="fr"):
    description = folder / "d.toml"
    description.write_text((EXAMPLES / f"{story}.toml").read_text("utf-8"), "utf-8")
    file = folder / f"{story}-{lang}.json"
    words = ["rules", str(description), "--as-of", "2016-11-08", "--lang", lang,
             "--out", str(folder / "out"), "--pia", str(file)]  # fmt: skip
    assert main(words) == 0
    return json.loads(file.read_text("utf-8"))


@pytest.fixture(scope="module", params=["story", "lawful"])
def found(request, tmp_path_factory):
    return written(tmp_path_factory.mktemp("pia"), request.param)


def test_the_five_parts_and_the_fields_of_the_import(found):
    assert set(found) == {"pia", "answers", "measures", "evaluations", "comments"}
    pia = found["pia"]
    assert set(pia) == {*TEXTS, *NONE, "status", "concerned_people_searched_opinion"}
    assert all(type(pia[key]) is str for key in TEXTS)
    assert all(pia[key] is None for key in NONE)
    # Shown where no opinion was asked for, which nobody said either: a gap.
    assert pia["concerned_people_searched_content"] == GAP["fr"]
    assert pia["concerned_people_searched_opinion"] is False
    assert pia["status"] == 0


def test_all_36_answers_in_the_kind_of_their_question(found):
    answers = {one["reference_to"]: one for one in found["answers"]}
    assert len(found["answers"]) == 36
    assert set(answers) == QUESTIONS
    for number, one in answers.items():
        assert type(number) is int
        assert set(one) == {"pia_id", "reference_to", "data", "created_at", "updated_at"}
        data = one["data"]
        assert set(data) == {"text", "gauge", "list"}
        assert all(type(text) is str for text in data["list"])
        if number in GAUGES:
            assert type(data["gauge"]) is int
            assert 0 <= data["gauge"] <= 4
            assert data["text"].startswith("<p>")
        else:
            assert data["gauge"] is None
            assert bool(data["list"]) == (number in LISTS)
            assert (data["text"] is None) == (number in LISTS)


def test_measures_carry_a_whole_number_and_the_others_are_lists(found):
    assert found["comments"] == []
    ids = [one["id"] for one in found["measures"]]
    assert ids == list(range(1, len(ids) + 1))
    for one in found["measures"]:
        assert set(one) == {"id", "title", "content", "placeholder", "created_at"}


# What the import reads of an evaluation, and the places that the action plan lists.
OF_EVALUATION = {
    "reference_to", "status", "global_status", "gauges", "evaluation_comment",
    "action_plan_comment", "estimated_implementation_date", "person_in_charge", "created_at",
}  # fmt: skip
PLANNED = {f"2.{str(n)[1]}.{n}" for n in QUESTIONS if 211 <= n <= 227}


def test_evaluations_have_the_fields_of_the_import_and_places_of_the_plan(found):
    places = [one["reference_to"] for one in found["evaluations"]]
    assert len(set(places)) == len(places)
    measures = {f"3.1.{one['id']}" for one in found["measures"]}
    assert set(places) <= PLANNED | measures
    for one in found["evaluations"]:
        assert set(one) == OF_EVALUATION
        # The plan lists a status above 0 whose comment is not empty; 1: answers stay open.
        assert (one["status"], one["global_status"]) == (1, 1)
        assert one["action_plan_comment"].startswith("<p>")
        assert one["gauges"] == {"x": 0, "y": 0}


def test_the_action_plan_has_the_remedy_of_each_rule_that_fires(tmp_path):
    evaluations = {
        one["reference_to"]: one for one in written(tmp_path, "story", "en")["evaluations"]
    }
    rulings = check_rules(None, EXAMPLES / "story.toml", as_of="2016-11-08")
    branches = [
        one
        for ruling in rulings
        if ruling.is_firing and ruling.rule.id != "H1"
        for one in ruling.branches
    ]
    assert len(branches) > 3
    plan = " ".join(one["action_plan_comment"] for one in evaluations.values())
    for one in branches:
        remedy = f"<p>{one.rule.remedy['en']}</p>"
        assert remedy in plan, one.rule.id
    # By hand, from the description: no log of accesses, and no control of exports.
    (logged,) = [one for one in evaluations.values() if "R24: " in one["evaluation_comment"]]
    assert logged["action_plan_comment"] == (
        "<p>Log who reads and exports.</p><p>Restrict bulk export.</p>"
    )
    assert "Shown by: security.access_log." in logged["evaluation_comment"]
    assert "Shown by: security.export_control." in logged["evaluation_comment"]
    assert "Inform people." in evaluations["2.2.221"]["action_plan_comment"]


def test_where_no_rule_fires_the_action_plan_is_empty(tmp_path):
    file, pia = tmp_path / "d.toml", tmp_path / "p.json"
    file.write_text("[processing]\n", "utf-8")
    words = ["rules", str(file), "--as-of", "2018-05-25", "--out", str(tmp_path / "out")]
    assert main([*words, "--pia", str(pia)]) == 0
    assert json.loads(pia.read_text("utf-8"))["evaluations"] == []


def test_standards_are_texts_of_the_day_once_each(tmp_path):
    data = {one["reference_to"]: one["data"] for one in written(tmp_path, "story")["answers"]}
    named = data[113]["text"]
    assert named.count("loi 78-17 modifiée en 2004, art. 34<") == 1
    assert "NS-34" in named
    assert not any(later in named for later in ("RGPD", "2018", "2019", "2023"))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_known_answers_are_filled_in_and_others_are_gaps(lang, tmp_path):
    found = written(tmp_path, "story", lang)
    data = {one["reference_to"]: one["data"] for one in found["answers"]}
    assert data[325]["gauge"] == 3  # an opinion beside a home: never 4 by itself
    assert data[326]["gauge"] == 4  # anybody may register
    assert [data[n]["gauge"] for n in (335, 336, 345, 346)] == [0] * 4
    assert "canvassing" in data[211]["text"]
    assert GAP[lang] in data[223]["text"] + data[123]["text"]
    assert GAP[lang] in found["pia"]["author_name"]
    assert any("R10" in data[n]["text"] for n in (112, 226))
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    for name in ("record", "information", "authority", "people"):
        draft = (tmp_path / "out" / "drafts" / f"{name}.html").read_text("utf-8")
        plain = (tmp_path / "out" / "drafts" / f"{name}.txt").read_text("utf-8")
        assert f"drafts/{name}.html" in page
        assert f"<mark>{GAP[lang]}</mark>" in draft
        assert GAP[lang] in plain
        assert f'<html lang="{lang}">' in draft
        assert "src=" not in draft
        assert not plain.endswith(" ")


def test_a_tag_in_a_description_stays_text(tmp_path):
    file = tmp_path / "d.toml"
    file.write_text('[processing]\nname = "<b>x</b>"\npurpose = ["<script>y</script>"]\n', "utf-8")
    out, pia = tmp_path / "out", tmp_path / "p.json"
    words = ["rules", str(file), "--as-of", "2018-05-25", "--out", str(out), "--pia", str(pia)]
    assert main(words) == 0
    for path in [*out.rglob("*.html")]:
        text = path.read_text("utf-8")
        assert "<script>y" not in text
        assert "<b>x" not in text
    answers = json.loads(pia.read_text("utf-8"))["answers"]
    assert not any("<script>" in (one["data"]["text"] or "") for one in answers)


def test_another_file_is_not_written_over(tmp_path, capsys):
    file, other = tmp_path / "d.toml", tmp_path / "mine.json"
    file.write_text("[processing]\n", "utf-8")
    other.write_text('{"my": "work"}', "utf-8")
    words = ["rules", str(file), "--as-of", "2018-05-25", "--out", str(tmp_path / "out")]
    assert main([*words, "--pia", str(other)]) == 2
    assert main([*words, "--pia", str(tmp_path / "no" / "p.json")]) == 2
    assert "something else" in capsys.readouterr().err
    assert other.read_text("utf-8") == '{"my": "work"}'
    assert not (tmp_path / "out").exists()


def level(value):
    return Row(measure="m", value=value, unit="index", n=4, counts="levels")


SAID = SimpleNamespace(safeguards=["locked"], recipients=["staff"], say=lambda key, **_: key)


@pytest.mark.parametrize(
    ("number", "graded", "lines"),
    [
        # 32 access, 33 change, 34 loss; 1 impacts from severity 3 on, 2 threats of an access,
        # 3 sources of risk, 4 measures.
        (321, {"severity": level(2)}, []), (321, {"severity": level(3)}, ["pia.impact_access"]),
        (331, {"severity": level(3)}, ["pia.impact_change"]), (321, {}, []),
        (322, {"likelihood": level(4)}, ["pia.threat_4"]), (322, {}, []),
        (332, {"likelihood": level(4)}, []), (323, {}, ["staff"]), (324, {}, ["locked"]),
        (344, {}, ["locked"]),
    ],
)  # fmt: skip
def test_each_question_of_a_feared_event_has_its_own_list(number, graded, lines):
    assert _listed(SAID, graded, number) == lines


@pytest.mark.parametrize(
    ("number", "graded", "gauge"),
    [
        # The gravest severity is for a person to choose; nothing is known of the other events.
        (325, {"severity": level(2)}, 2), (325, {"severity": level(3)}, 3),
        (325, {"severity": level(4)}, 3), (326, {"likelihood": level(4)}, 4), (325, {}, 0),
        (335, {"severity": level(3)}, 0), (346, {"likelihood": level(3)}, 0),
    ],
)  # fmt: skip
def test_a_gauge_is_the_level_that_was_measured(number, graded, gauge):
    assert _gauge(SAID, graded, number)["gauge"] == gauge


@pytest.mark.parametrize(("number", "shown"), [(212, False), (213, True), (214, False)])
def test_the_tests_of_tables_answer_the_question_of_data_minimisation_alone(number, shown):
    tested = Row(measure="singling_out", value=0.2, unit="share", n=10, counts="records",
                 part={"tested": "k.csv"})  # fmt: skip
    said = SimpleNamespace(say=SAID.say, lines=lambda _: [], verdicts=lambda _: [])
    text = _data(said, {"singling_out": tested}, number)["text"]
    assert ("<p>pia.singling_out</p>" in text) == shown
