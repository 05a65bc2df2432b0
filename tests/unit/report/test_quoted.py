"""Each number of a story names its finding, and the page is refused where they differ."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.errors import OutputError
from privaudit.report.quoted import Page, bears, check_quoted
from privaudit.words.catalogues import Quoted, Words

# A year, a date, a time, a distance, an age, a rule, an article, a policy of the page; "of 100".
ALLOWED = re.compile(
    r"(?i)\b(?:19|20)\d\d\b|\b\d{1,2} h \d\d\b|\b\d\d?:\d\d\b|\b\d+\s?(?:m|km)\b"
    r"|\b\d+ (?:à|to) \d+ ?m\b"
    r"|\b\d{1,2} (?:septembre|novembre|September|November)|\b(?:45|11) ans\b|, (?:45|11),"
    r"|95 ?%|moins de 11|fewer than 11|(?:sur|of|in) (?:100|1,000|1 000)\b|1 (?:compte|account)\b"
    r"|100 (?:comptes|accounts)|Scellé 12|article \d+[a-z0-9()]*|art\. \d+|largest|\b1 being\b"
    r"|\b\d (?:points connus|known points)|1 étant"
    r"|10,0 % de fausses|10\.0 % of false|age\d"
)


class _Story(HTMLParser):
    """The text of a page outside of its figures, with marked numbers left out."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.apart, self.marked, self.lines = 0, [], [""]

    def handle_starttag(self, tag, attrs):
        self.apart += tag in ("svg", "style", "title", "code")
        if tag == "span":
            self.marked.append("data-finding" in dict(attrs))
        elif tag in ("p", "li", "dd", "dt", "h1", "h2", "h3", "figcaption", "div", "td", "th"):
            self.lines.append("")

    def handle_endtag(self, tag):
        self.apart -= tag in ("svg", "style", "title", "code")
        if tag == "span":
            self.marked.pop()

    def handle_data(self, data):
        if not self.apart and not any(self.marked):
            self.lines[-1] += data.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A report of a table and one of a log, in a language each."""
    folder, rng = tmp_path_factory.mktemp("quoted"), np.random.default_rng(23)
    pd.DataFrame(
        {
            "age": rng.integers(18, 60, 400),
            "sex": rng.choice(["F", "M"], 400),
            "opinion": rng.choice(["left", "right", "centre"], 400),
        }
    ).to_csv(folder / "people.csv", index=False)
    moment = pd.Timestamp("2016-08-01") + pd.to_timedelta(rng.integers(0, 40, 900), "D")
    pd.DataFrame(
        {"account": rng.integers(0, 60, 900), "page": rng.integers(0, 80, 900), "when": moment}
    ).to_csv(folder / "likes.csv", index=False)
    asked = {
        "table-en": ["table", "people.csv", "--key", "age,sex", "--sensitive", "opinion"],
        "log-fr": [
            "traces",
            "likes.csv",
            "--person",
            "account",
            "--item",
            "page",
            "--time",
            "when",
        ],
    }
    for name, (command, file, *rest) in asked.items():
        out = ["--lang", name[-2:], "--out", str(folder / name)]
        assert main([command, str(folder / file), *rest, *out]) == 0
    return {name: folder / name for name in asked}


@pytest.fixture(params=["demo-fr", "table-en", "log-fr"])
def folder(request, folders, french_demo):
    return french_demo if request.param == "demo-fr" else folders[request.param]


def test_every_number_of_a_story_names_its_finding(folder):
    story = _Story()
    story.feed((folder / "index.html").read_text(encoding="utf-8"))
    bare = [line for line in story.lines if re.search(r"\d", ALLOWED.sub("", line))]
    assert bare == []


def test_the_numbers_of_a_page_are_what_its_findings_bear(folder):
    assert check_quoted(folder) > 10


def test_any_number_that_is_changed_is_found(folder, tmp_path):
    page = (folder / "index.html").read_text(encoding="utf-8")
    places = list(re.finditer(r'<span data-finding="[^"]*"[^>]*>([^<]*)', page))
    (tmp_path / "findings.json").write_bytes((folder / "findings.json").read_bytes())
    for place in places:
        text = place[1]
        # The first digit decides: nothing rounds to it.
        other = re.sub(r"\d", lambda m: str((int(m[0]) + 5) % 10), text, count=1)
        changed = page[: place.start(1)] + other + page[place.end(1) :]
        (tmp_path / "index.html").write_text(changed, encoding="utf-8")
        with pytest.raises(OutputError, match="1 that differ"):
            check_quoted(tmp_path)


def test_a_number_of_no_finding_is_refused(folder, tmp_path):
    found = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    page = Page()
    page.feed((folder / "index.html").read_text(encoding="utf-8"))
    quoted = page.numbers[0][1]
    found["findings"] = [one for one in found["findings"] if one["id"] != quoted]
    (tmp_path / "findings.json").write_text(json.dumps(found), encoding="utf-8")
    (tmp_path / "index.html").write_bytes((folder / "index.html").read_bytes())
    with pytest.raises(OutputError, match="of no finding"):
        check_quoted(tmp_path)


def test_the_command_verifies_the_numbers_of_a_page(folder, capsys):
    assert main(["report", "--verify", str(folder)]) == 0


# By hand: .92 of 175 is 161; 12.7 % is .127; a difference of .034 is 3.4 points.
@pytest.mark.parametrize(
    ("finding", "field", "times", "text", "lang", "expected"),
    [
        ({"value": 0.92, "n": 175}, "hits", 1, "161", "en", True),
        ({"value": 0.92, "n": 175}, "hits", 1, "162", "en", False),
        ({"control": 0.04, "n": 175}, "control_hits", 1, "7", "en", True),
        ({"value": 0.1274, "n": 9}, "value", 1, "12.7\u00a0%", "en", True),
        ({"value": 0.1274, "n": 9}, "value", 1, "12,7\u00a0%", "fr", True),
        ({"value": 0.1274, "n": 9}, "value", 1, "12,8\u00a0%", "fr", False),
        ({"value": 0.00001, "n": 9}, "value", 1, "0.01\u00a0%", "en", True),
        ({"value": 0.001, "n": 9}, "value", 1, "0.01\u00a0%", "en", False),
        ({"low": -0.034}, "low", 100, "\u22123.4", "en", True),
        ({"n": 14356}, "n", 1, "14\u202f356", "fr", True),
        ({"n": 14356}, "n", 1, "14,356", "en", True),
        ({"n": 14356}, "n", 1, "14,357", "en", False),
        ({"value": None, "n": 5}, "hits", 1, "0", "en", False),
        ({"value": 0.5, "n": 5}, "hits", 1, "", "en", False),
        ({"mean": 0.5, "n": 9}, "mean", 9, "5", "en", True),
        # Ends of a range of people are rounded outward.
        ({"low": 0.21}, "low", 40, "8", "en", True),
        ({"low": 0.21}, "low", 40, "10", "en", False),
    ],
)
def test_what_a_finding_bears(finding, field, times, text, lang, expected):
    assert bears(finding, field, times, text, lang) is expected


def test_a_sentence_marks_the_number_and_no_more():
    marked = Words("fr", marked=True)("figure.area_told", n=Quoted(1_284, "map.a", "n"))
    assert marked == "\ufdd2map.a n 1\ufdd31\u202f284\ufdd4\u00a0personnes"


def test_no_number_of_a_french_page_is_written_as_python_writes_it(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    if '<html lang="fr">' not in page:
        page = ""  # an English number has a point
    bare = re.sub(r"<(style|code)\b.*?</\1>", "", page, flags=re.S)
    # Within figures too; names of files have a point.
    texts = [text for text in re.findall(r">([^<]+)<", bare) if re.search(r"\d\.\d", text)]
    assert texts == []
