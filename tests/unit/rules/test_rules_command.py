"""`privaudit rules`: what the report says, in both languages, and what it refuses."""

import csv
import json
import re
import tomllib
from importlib import resources

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.rules.description import SECTIONS, read_description
from privaudit.rules.packs import rules_on
from privaudit.words.catalogues import LANGUAGES
from tests.conftest import text_in

EXAMPLES = resources.files("privaudit.rules") / "examples"
DAY = "2016-11-08"


def run(folder, *more, lang="en", story="story"):
    file = folder / "story.toml"
    file.write_text((EXAMPLES / f"{story}.toml").read_text("utf-8"), "utf-8")
    out = folder / lang
    code = main(["rules", str(file), "--as-of", DAY, "--lang", lang, "--out", str(out), *more])
    return code, out


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    table = folder / "people.csv"
    pd.DataFrame({"display_name": ["Zoé Secret"] * 40, "presumed_leaning": ["right"] * 40,
                  "address": ["3 rue Cachée"] * 40}).to_csv(table, index=False)  # fmt: skip
    also = ("--also", "2012-06-01,2018-05-25", "--table", str(table))
    return {lang: run(folder, *also, lang=lang)[1] for lang in ("en", "fr")}


def test_the_headline_counts_the_verdicts_and_names_the_day(reports):
    for lang, day, words in (
        ("en", "8 November 2016", "indications of a breach"),
        ("fr", "8 novembre 2016", "indices de manquement"),
    ):
        page = (reports[lang] / "index.html").read_text("utf-8").replace("\u00a0", " ")
        told = re.sub("</?span[^>]*>", "", re.search(r"<h1[^>]*>(.*?)</h1>", page)[1])
        with (reports[lang] / "tables" / "rules.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["as_of"] == DAY]
        n = sum(row["verdict"] == "breach" for row in rows)
        assert day in told
        assert re.search(rf"<em>{n}\s{words}</em>", told)


def test_every_rule_of_the_day_is_a_finding_and_a_card_under_its_own_id(reports):
    ids = {f"rules.{rule.id}" for rule in rules_on(DAY)}
    for folder in reports.values():
        found = json.loads((folder / "findings.json").read_text("utf-8"))["findings"]
        assert {one["id"] for one in found if one["family"] == "rules"} == ids
        annex, page = ((folder / f"{n}.html").read_text("utf-8") for n in ("annex", "index"))
        for name in ids:
            assert f'id="{name}"' in annex
            assert f'href="annex.html#{name}"' in page


def test_a_page_names_the_branch_that_fired_and_cites_the_day_alone(reports):
    """Story: no log, no control of exports; nobody found a password in the file."""
    for lang, log, password in (("en", "no log of accesses", "password"),
                                ("fr", "accès non journalisés", "mots de passe")):  # fmt: skip
        page = (reports[lang] / "index.html").read_text("utf-8")
        card = re.search(r'<li id="R24">.*?</li>', page, re.DOTALL)[0]
        assert log in card
        assert "security.access_log" in card
        assert password not in card
        assert "2004" in card
        assert "2019" not in card
        assert "art. 32" not in card


def test_no_advice_no_verdict_of_a_judge_and_no_cell(reports):
    advice = {"en": "not legal advice", "fr": "n’est pas un avis juridique"}
    for lang, folder in reports.items():
        pages = [text_in(p) for p in folder.rglob("*") if p.is_file()]
        assert advice[lang] in (folder / "index.html").read_text("utf-8")
        for text in pages:
            assert "Zoé" not in text
            assert "Cachée" not in text
            assert not re.search(r"\bill[ée]gal", text)


def test_french_spaces_stand_before_high_signs(reports):
    page = (reports["fr"] / "index.html").read_text("utf-8")
    text = re.sub(r"<(code|style|script)>.*?</\1>|<[^>]+>|&#?\w+;", " ", page, flags=re.S)
    assert "\u202f;" in text
    assert not re.search("[\\w)][;!?»]|«\\w| [;!?]", text)
    assert "GDPR" not in text


def test_few_people_give_no_number(tmp_path):
    table = tmp_path / "few.csv"
    pd.DataFrame({"presumed_leaning": ["right"] * 7}).to_csv(table, index=False)
    _, out = run(tmp_path, "--table", str(table))
    found = json.loads((out / "findings.json").read_text("utf-8"))["findings"]
    one = next(f for f in found if f["id"] == "rules.R02")
    assert (one["withheld"], one["value"], one["n"]) == (True, None, None)
    assert {"key": "ruled", "values": {"verdict": "breach"}} in one["notes"]
    with (out / "tables" / "rules.csv").open(encoding="utf-8") as file:
        assert not [row for row in csv.DictReader(file) if "7.0" in (row["value"], row["n"])]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "soon"], "as_of a day"),
        (["--as-of", "1990-01-01"], "a day from 2004"),
        (["--as-of", DAY, "--table", "absent.csv"], "absent.csv"),
        (["--as-of", DAY, "--also", "2012-06-01,x"], "as_of a day"),
        ([], "--as-of"),
    ],
)
def test_a_wrong_call_gives_one_line(words, said, tmp_path, capsys):
    file = tmp_path / "d.toml"
    file.write_text("[processing]\npolitical = true\n", "utf-8")
    assert main(["rules", str(file), *words, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def uncommented(text):
    """The description with everything said: each commented line that reads as TOML."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    keys = re.compile(r"[a-z_0-9]+ = |\[")
    return "\n".join(line for line in lines if keys.match(line))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blank_description_has_every_field_and_no_value(lang, tmp_path, capsys):
    file = tmp_path / "mine.toml"
    assert main(["rules", "--init", str(file), "--lang", lang]) == 0
    text = file.read_text("utf-8")
    assert not any(read_description(file).sections.values())
    full = uncommented(text)
    told = tomllib.loads(full)
    read_description(told)
    for section, fields in SECTIONS.items():
        part = told[section]
        part = next(iter(part.values())) if section == "columns" else part
        part = part[0] if isinstance(part, list) else part
        assert set(part) == set(fields), section
    words = {word for fields in SECTIONS.values() for kind in fields.values() for word in kind.of}
    assert {"door_knock", "vendor", "rented", "regular_contact", "any_account"} <= words
    assert all(word in text for word in words)
    assert main(["rules", "--init", str(file), "--lang", lang]) == 2
    assert "which is there" in capsys.readouterr().err


def test_evidence_is_named_as_the_file_names_it(reports):
    for folder in reports.values():
        assert "presumed_leaning" in (folder / "annex.html").read_text("utf-8")
