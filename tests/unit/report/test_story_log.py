"""The page of a log counts among those who were asked about, and says who was not."""

import datetime as dt
import json
import re

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.studies.audit_log import InteractionLog, audit_log
from privaudit.studies.dossier import Seizure, audit_dossier

# 30 people with four pages each, the last of which is theirs alone; 25 with one page.
LOG = pd.DataFrame(
    [(f"a{i}", page) for i in range(30) for page in ("one", "two", "three", f"own{i}")]
    + [(f"b{i}", "one") for i in range(25)],
    columns=["who", "page"],
)
SAID = {
    "en": (
        "4 known points single out 30 of the 30 people of this log who have at least that many",
        "25 of the 55 people of the log have fewer points, and are not counted.",
        "These 12 people were drawn at random.",
    ),
    "fr": (
        "Avec 4 points connus, 30 des 30 personnes de ce journal qui en ont au moins autant sont "
        "isolées",
        "25 des 55 personnes du journal ont moins de points, et ne sont pas comptées.",
        "Ces 12 personnes ont été tirées au sort.",
    ),
}


def _page(folder, lang, *asked):
    LOG.to_csv(folder / "log.csv", index=False)
    command = ["traces", str(folder / "log.csv"), "--person", "who", "--item", "page"]
    assert main([*command, *asked, "--lang", lang, "--out", str(folder / "r")]) == 0
    text = re.sub(r"<[^>]+>", "", (folder / "r" / "index.html").read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_denominator_is_who_has_as_many_points(tmp_path, lang):
    page = _page(tmp_path, lang, "--points", "4")
    assert SAID[lang][0] in page
    assert SAID[lang][1] in page
    assert SAID[lang][2] not in page


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_who_is_drawn_is_said_to_be(tmp_path, lang):
    assert SAID[lang][2] in _page(tmp_path, lang, "--points", "4", "--sample", "12")


@pytest.mark.parametrize(
    ("lang", "drawn"),
    [
        ("en", "single out 12 of 12 people drawn at random from those of the log who have at least "
               "that many;"),
        ("fr", "on isole 12 des 12 personnes tirées au sort parmi celles du journal qui en ont au "
               "moins autant ;"),
    ],
)  # fmt: skip
def test_a_finding_on_people_drawn_is_not_one_on_all_who_have_as_many_points(tmp_path, lang, drawn):
    _page(tmp_path, lang, "--points", "4", "--sample", "12")
    text = (tmp_path / "r" / "findings.json").read_text(encoding="utf-8")
    rows = [r for r in json.loads(text)["findings"] if r["measure"] == "unicity"]
    assert len(rows) == 1
    assert drawn in rows[0]["sentence"][lang].replace("\u202f", " ").replace("\u00a0", " ")
    assert {"key": "people_drawn", "values": {"of": 30}} in rows[0]["notes"]


def test_a_dossier_and_a_log_report_the_same_people(tmp_path):
    # 500 people of four pages, of whom 450 can be asked about with four points.
    day = "2016-06-01 12:00:00"
    rows = [(f"a{i}", f"p{i * step % 97}", day) for i in range(450) for step in (1, 5, 7, 11)]
    rows += [(f"b{i}", "p1", day) for i in range(50)]
    file = tmp_path / "likes.csv"
    pd.DataFrame(rows, columns=["account", "page", "when"]).drop_duplicates().to_csv(file)
    log = audit_log(InteractionLog(file=file, person="account", item="page", time="when"))
    description = tmp_path / "description.toml"
    description.write_text("[processing]\npolitical = true\n", encoding="utf-8")
    seizure = Seizure(files=[file], description=description, exhibit="x")
    case = audit_dossier(seizure, as_of=dt.date(2016, 11, 8))
    [of_case] = [m for m in case.measures.values() if m.family == "unicity"]
    for points in (1, 2, 4):
        asked = {"points": points, "window": "no_time"}
        mine = of_case.row("unicity", **asked)
        theirs = log.measures["unicity"].row("unicity", **asked)
        assert (mine.n, mine.value) == (theirs.n, theirs.value)


def test_of_two_precisions_that_single_out_everybody_the_one_by_fewer_points_leads(tmp_path):
    # Two pages tell the 30 apart, and no page alone; each has a day of their own, too.
    rows = [(f"a{i}", page, f"2016-01-{i + 1:02d}")
            for i in range(30) for page in (f"p{i % 5}", f"q{i // 5}")]  # fmt: skip
    pd.DataFrame(rows, columns=["who", "page", "when"]).to_csv(tmp_path / "log.csv", index=False)
    command = ["traces", str(tmp_path / "log.csv"), "--person", "who", "--item", "page"]
    options = ["--time", "when", "--points", "1,2", "--out", str(tmp_path / "r")]
    assert main([*command, *options]) == 0
    page = (tmp_path / "r" / "index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    headline = re.sub(r"<[^>]+>", "", re.search(r"<h1.*?</h1>", page, re.S)[0])
    assert "1 known point, to the day, singles out 30 of the 30 people" in headline
