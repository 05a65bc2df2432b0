"""Each number of a story names its finding, and the page is refused where they differ.

Every kind of report is made once in each language; what its story and its figures show is held
against ``findings.json``.
"""

import json
import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.cli import RUNS, main
from privaudit.errors import OutputError, ReadError
from privaudit.report.manifest import Page, bears, check_quoted
from privaudit.report.page import error_rates
from privaudit.words.catalogues import Quoted, Words
from tests.conftest import SMALL_DEMO

pytestmark = pytest.mark.heavy

# What names no finding, apart from law, files and error rates, which `_Story` and `RATES` know.
ALLOWED = re.compile(
    "(?i)"
    # Years, dates, hours, distances, ages.
    r"\b\d{1,2}(?:er)? \w+ (?:19|20)\d\d\b|\b(?:19|20)\d\d\b|\b\d{1,2} h \d\d\b"
    r"|\b\d\d?:\d\d\b|\b\d+(?:[,\s]\d{3})?\s?(?:m|km)\b|\b\d+ (?:à|to) \d+ ?m\b"
    r"|\b\d{1,2}(?:er)? (?:septembre|novembre|September|November)"
    r"|\b(?:45|11|18) ans\b|, (?:45|11),|\bunder 18\b|age\d"
    # Rules, articles, the scale of severity, constats, exhibits, digests, the tool.
    r"|\b[RH]\d\d?\b|articles? \d+[a-z0-9()]*(?:, paragraphe \d(?:, point [a-z])?| (?:and|et) \d+)?"
    r"|\bC-\d+/\d+|severity 3 on|de 3 sur|scales? of 1 to 4|de 1 à 4"
    r"|\b(?:Constat|Finding) \d+\.|(?:pièce|exhibit) [\d.]+,|Scellé 12"
    r"|SHA-256 (?:commençant par|beginning) [0-9a-f]+"
    r"|privaudit [\d.]+|SHA-256"
    # Numbers of files; parameters: of 100, points, bins, thresholds, a level of confidence.
    r"|\d+ (?:exhibits?|pièces?)\b|95 ?%|moins de (?:11|10|5|2)\b|fewer than (?:11|10|5|2)\b"
    r"|\b11 (?:or more|ou plus)|(?:sur|of|in|Sur) (?:100|1,000|1 000)\b|1 (?:compte|account)\b"
    r"|\b95 (?:draws of|tirages sur) 100\b"
    r"|100 (?:comptes|accounts)|largest|\b1 being\b|1 étant|\b50 (?:in|sur) 100\b"
    r"|\b(?:Pour|For|At) 50\s?%"
    r"|\b11–24|25–49|50–99|100\+|\b\d+ (?:points? connus?|known points?)|\d+ points qui"
    # Along the axis of a figure, such as known points.
    r"|(?:[:;,] |^)\d+ ?: "
    r"|\bunder 11\b"
    r"|\b\d+(?: (?:to|à) \d+| or more| ou plus)? (?:alike|semblables)"
    r"|10,0 % de fausses|10\.0 % of false"
)


class _Story(HTMLParser):
    """The text of a page and of its figures, marked numbers and quotations of law left out."""

    # What the script of the explorer shows is held to its table in a browser.
    _APART = ("style", "code", "script")
    _TITLES = ("title", "desc")
    _LINES = ("p", "li", "dd", "dt", "h1", "h2", "h3", "figcaption", "div", "td", "th", "svg")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.apart, self.marked, self.lines = 0, [], [""]
        self.skipped, self.ticks = "", False
        self.quoted = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in self._TITLES:
            self.lines.append("")
            marked = values.get("data-quoted")
            ends = [one.split(" ")[3:] for one in marked.split("|")] if marked else []
            self.quoted = [slice(int(first), int(end)) for first, end in ends]
        self.apart += tag in self._APART
        if tag in ("span", "tspan"):
            self.marked.append("data-finding" in values)
        elif tag in self._LINES:
            self.lines.append("")
        elif tag == "text":
            self.lines[-1] += " "  # A sentence may go on in the next line of a figure.
        # Texts of law are cited in the source of a ruling and in what a lawyer must read; of each
        # file its size, time and digest are given.
        law = tag == "p" and values.get("class") == "source"
        listed = tag == "section" and values.get("id") == "to-read"
        if not self.skipped and (law or listed):
            self.skipped = tag
        # An axis is ticked with bare numbers.
        self.ticks = tag == "text" and values.get("class") == "soft"

    def handle_endtag(self, tag):
        self.apart -= tag in self._APART
        if tag in ("span", "tspan"):
            self.marked.pop()
        elif tag == self.skipped:
            self.skipped = ""

    def handle_data(self, data):
        for place in reversed(self.quoted):
            assert re.fullmatch(r"[−\d., \u00a0\u202f%]+", data[place]), (place, data)
            data = data[: place.start] + data[place.stop :]
        self.quoted = []
        text = data.replace("\u00a0", " ").replace("\u202f", " ")
        tick = self.ticks and re.fullmatch(r"[−<> ]*[\d., ]+ ?%?", text)
        if not (self.apart or any(self.marked) or self.skipped or tick):
            self.lines[-1] += text


def _write_inputs(folder):
    """Write invented people, their doors on invented streets, what they like, and a description."""
    rng = np.random.default_rng(23)
    xy = rng.random((400, 2)) * [1200, 900] + [659_000, 6_857_000]
    street = [f"rue {name}" for name in np.repeat(["Haute", "Basse", "Neuve", "Longue"], 100)]
    places = pd.DataFrame(
        {
            "id": [f"94042_{k:04d}" for k in range(400)], "code_insee": "94042",
            "nom_commune": "Bourg", "numero": np.arange(400) % 100 + 1, "nom_voie": street,
            "x": xy[:, 0], "y": xy[:, 1],
        }
    )  # fmt: skip
    places.to_csv(folder / "addresses.csv", sep=";", index=False)
    home = rng.permutation(400)[:200]
    people = pd.DataFrame(
        {
            "account": [f"c{n:03d}x" for n in range(200)],
            "last_name": [FAMILIES[n % 20] + "aeiouybdfl"[n // 20] for n in range(200)],
            "address": [f"{k % 100 + 1} {street[k]}" for k in home],
            "birth_date": (pd.Timestamp("1940-01-01")
                           + pd.to_timedelta(rng.integers(0, 27_000, 200), "D")),
            "sex": rng.choice(["F", "M"], 200), "age": rng.integers(18, 60, 200),
            "opinion": rng.choice(["left", "right", "centre"], 200),
            "note": rng.choice(["absent", "malade, parle de son diabète", "porte verte"], 200),
        }
    )  # fmt: skip
    people.to_csv(folder / "people.csv", index=False)
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 95, 300), "sex": rng.choice(["F", "M"], 300),
            "opinion": rng.choice(["left", "right"], 300),
        }
    )  # fmt: skip
    table.to_csv(folder / "table.csv", index=False)
    dots = pd.DataFrame({"x": xy[home[:150], 0], "y": xy[home[:150], 1], "status": "to_meet"})
    dots.assign(support=people["opinion"][:150]).to_csv(folder / "dots.csv", index=False)
    moved = dots[["x", "y"]] + rng.normal(0, 60, (150, 2))
    moved.assign(status="to_meet").to_csv(folder / "moved.csv", index=False)
    who = np.repeat(people["account"][:90], 10)
    when = pd.Timestamp("2016-08-01") + pd.to_timedelta(rng.integers(0, 40, 900), "D")
    likes = pd.DataFrame({"account": who, "page": rng.integers(0, 80, 900), "when": when})
    likes.to_csv(folder / "likes.csv", index=False)
    Screenshot(metres_per_pixel=2)(xy[:50], np.arange(50) < 35).save(folder / "shot.png")
    communes = "code,nom,departement,region,population\n48001,A,48,76,131\n48002,B,48,76,55900\n"
    (folder / "communes.csv").write_text(communes, encoding="utf-8")
    example = resources.files("privaudit.rules") / "examples" / "story.toml"
    (folder / "d.toml").write_text(example.read_text("utf-8"), encoding="utf-8")


FAMILIES = (
    "Bergeret", "Castanier", "Dieulafoy", "Esquirol", "Fontvieille", "Grandcoing", "Hauterive",
    "Isambert", "Jolivet", "Kerguelen", "Lantier", "Montarlot", "Noirmont", "Orsival", "Pradines",
    "Quincey", "Rochebrune", "Sauveterre", "Tourmaline", "Valombre",
)  # fmt: skip
_PLACES = "--addresses addresses.csv --commune 94042"
_DAY = "--as-of 2016-11-08"
# Every kind of report, as a reader asks for it.
KINDS = {
    "demo": " ".join(SMALL_DEMO),
    "table": "table table.csv --key age,sex --sensitive opinion",
    "table-one-key": "table people.csv --key sex --sensitive opinion",
    "map": f"map dots.csv {_PLACES} --crs EPSG:2154 --mask none",
    "map-moved": f"map moved.csv {_PLACES} --crs EPSG:2154 --mask gaussian:60",
    "screenshot": f"map shot.png {_PLACES} --mask none",
    "traces": "traces likes.csv --person account --item page --time when",
    "link": f"link people.csv dots.csv {_PLACES} --crs EPSG:2154",
    "inspect": f"inspect people.csv {_DAY}",
    "inspect-two": f"inspect people.csv table.csv {_DAY}",
    "rules": f"rules d.toml --table people.csv {_DAY}",
    "country": "country --population communes.csv --by commune,sex,birth_date",
    "dossier": f"dossier people.csv dots.csv likes.csv --description d.toml {_DAY} {_PLACES}"
    " --exhibit Scellé_12 --also 2018-05-25",
}
# Commands that write no page.
_NO_PAGE = {"mask", "study", "report", "cache", "completion"}


@pytest.fixture(scope="module")
def reports(english_demo, french_demo, tmp_path_factory):
    """Return a function that makes each report once."""
    folder = tmp_path_factory.mktemp("quoted")
    _write_inputs(folder)
    made = {("demo", "en"): english_demo, ("demo", "fr"): french_demo}

    def report(kind, lang):
        if (kind, lang) not in made:
            out = folder / f"{kind}-{lang}"
            given = [
                str(folder / word) if (folder / word).is_file() else word.replace("_12", " 12")
                for word in KINDS[kind].split(" ")
            ]
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(folder)
                assert main([*given, "--lang", lang, "--out", str(out)]) == 0
            made[kind, lang] = out
        return made[kind, lang]

    return report


@pytest.fixture(params=[(kind, lang) for kind in KINDS for lang in ("en", "fr")], ids="-".join)
def folder(request, reports):
    return reports(*request.param)


def _numbers(folder):
    """Return each quoted number of a page with what its finding has, and the language."""
    page = Page()
    page.feed((folder / "index.html").read_text(encoding="utf-8"))
    content = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    findings = {one["id"]: one for one in content["findings"]}
    findings["study"] = content | {"set_aside": sum(one["rows"] for one in content["set_aside"])}
    return page, findings


def test_every_command_that_writes_a_page_is_held():
    commands = {asked.split(" ")[0] for asked in KINDS.values()}
    assert commands == set(RUNS) - _NO_PAGE


def test_every_number_of_a_story_names_its_finding(folder):
    story, page = _Story(), (folder / "index.html").read_text(encoding="utf-8")
    story.feed(page)
    words = Words("fr" if '<html lang="fr">' in page else "en")
    keys = ("lexicon", "proposed", "masks", "pictures", "joins", "copies")
    rates = [words(f"method_short.{key}", **error_rates()) for key in keys]
    rates = [text.replace("\u00a0", " ").replace("\u202f", " ") for text in rates]
    bare = [line for line in story.lines if line.strip() not in rates]
    bare = [line for line in bare if re.search(r"\d", ALLOWED.sub("", line))]
    assert bare == []


def test_the_numbers_of_a_page_are_what_its_findings_bear(folder):
    assert check_quoted(folder) >= 10
    assert main(["report", "--verify", str(folder)]) == 0


def test_any_digit_of_a_number_that_is_changed_is_found(folder):
    page, findings = _numbers(folder)
    missed = []
    for text, finding, field, times in page.numbers:
        assert bears(findings[finding], field, times, text, page.language)
        for place in (k for k, letter in enumerate(text) if letter.isdecimal()):
            other = f"{text[:place]}{(int(text[place]) + 5) % 10}{text[place + 1 :]}"
            if bears(findings[finding], field, times, other, page.language):
                missed.append((text, other, finding, field))
    assert missed == []


def test_a_page_with_a_changed_number_is_refused(folder, tmp_path):
    page = (folder / "index.html").read_text(encoding="utf-8")
    places = list(re.finditer(r'<t?span data-finding="[^"]*"[^>]*>([^<]*)', page))
    (tmp_path / "findings.json").write_bytes((folder / "findings.json").read_bytes())
    for place in (places[0], places[len(places) // 2], places[-1]):
        text = place[1]
        other = re.sub(r"\d", lambda m: str((int(m[0]) + 5) % 10), text, count=1)
        changed = page[: place.start(1)] + other + page[place.end(1) :]
        (tmp_path / "index.html").write_text(changed, encoding="utf-8")
        with pytest.raises(OutputError, match="1 that differ"):
            check_quoted(tmp_path)


def test_a_changed_number_of_a_tooltip_is_refused(folder, tmp_path):
    page = (folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "findings.json").write_bytes((folder / "findings.json").read_bytes())
    places = list(re.finditer(r'<(?:title|desc)[^>]* data-quoted="([^"|]*)[^>]*>([^<]*)', page))
    for place in places[:1] + places[-1:]:
        at = place.start(2) + int(place[1].split(" ")[3])
        at += re.search(r"\d", page[at:]).start()
        changed = f"{page[:at]}{(int(page[at]) + 5) % 10}{page[at + 1 :]}"
        (tmp_path / "index.html").write_text(changed, encoding="utf-8")
        with pytest.raises(OutputError, match="differ"):
            check_quoted(tmp_path)


@pytest.mark.parametrize(
    ("there", "instead"),
    [('data-quoted="', 'data-quoted="x|'), ('data-field="', 'data-times="a" data-field="')],
)
def test_a_source_that_cannot_be_read_is_refused(reports, tmp_path, there, instead):
    folder = reports("table", "en")
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert there in page
    (tmp_path / "index.html").write_text(page.replace(there, instead, 1), encoding="utf-8")
    (tmp_path / "findings.json").write_bytes((folder / "findings.json").read_bytes())
    with pytest.raises(ReadError, match="source of each number"):
        check_quoted(tmp_path)


def test_a_number_of_no_finding_is_refused(reports, tmp_path):
    folder = reports("table", "en")
    found = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    page = Page()
    page.feed((folder / "index.html").read_text(encoding="utf-8"))
    quoted = page.numbers[0][1]
    found["findings"] = [one for one in found["findings"] if one["id"] != quoted]
    (tmp_path / "findings.json").write_text(json.dumps(found), encoding="utf-8")
    (tmp_path / "index.html").write_bytes((folder / "index.html").read_bytes())
    with pytest.raises(OutputError, match="of no finding"):
        check_quoted(tmp_path)


def test_the_first_screen_leads_to_the_row_of_its_evidence(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    hero = page[page.index('<h1 id="answer">') : page.index("<nav")]
    (anchor,) = re.findall(r'<p class="more"><a href="annex\.html#([^"]+)"', hero)
    assert f'id="{anchor}"' in (folder / "annex.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("section", ["notes", "columns", "masks", "pictures"])
def test_error_rates_stand_as_they_were_measured(section):
    import tomllib

    source = resources.files("privaudit.report") / "error_rates.toml"
    rates = tomllib.loads(source.read_text(encoding="utf-8"))[section]
    text = (Path(__file__).parents[3] / rates.pop("source")).read_text(encoding="utf-8")
    line = rates.pop("line")
    if section == "pictures":
        looks = pd.read_csv(Path(__file__).parents[3] / "docs/data/screenshots/browsers.csv")
        n, read, right = (looks[name].sum() for name in ("n", "read", "right"))
        measured = {"pictures": len(looks), "recall": round(right / n, 3),
                    "precision": round(right / read, 3)}  # fmt: skip
        assert rates == measured
        return
    (there,) = [one for one in text.splitlines() if one.startswith(line)]
    for value in rates.values():
        written = f"{value:g}".removeprefix("0")
        # A share of .59 is written .590 beside others of three digits.
        zeros = "0*" if "." in written else ""
        pattern = rf"(?<![\d.]){re.escape(written)}{zeros}(?!\d)"
        assert re.search(pattern, there), (section, value)


@pytest.mark.parametrize(
    ("section", "counted", "of", "key", "names"),
    [
        ("joins", "matches", "people", "by",
         {"email": "email", "name_birth": "birth", "name": "name"}),
        ("copies", "made", "links", "copies", {2: "two", 6: "six"}),
    ],
)  # fmt: skip
def test_error_rates_of_links_are_those_of_their_table(section, counted, of, key, names):
    table = pd.read_csv(Path(__file__).parents[3] / f"docs/data/links/{section}.csv")
    rates = error_rates()
    assert len(table) == len(names)
    for row in table.to_dict("records"):
        found, wrong = row["right"] / row[of], 1 - row["right"] / row[counted]
        name = names[row[key]]
        assert rates[f"{section}_{name}_found"] == pytest.approx(found, abs=5e-4)
        assert rates[f"{section}_{name}_wrong"] == pytest.approx(wrong, abs=5e-4)
    most = table[of].max() if of == "people" else table[of].sum()
    assert rates[f"{section}_{of}"] == most


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
    bare = re.sub(r"<(style|code|script)\b.*?</\1>", "", page, flags=re.S)
    # Within figures too; names of files and versions have a point.
    bare = re.sub(r"privaudit [\d.]+\d", "", bare)
    texts = [text for text in re.findall(r">([^<]+)<", bare) if re.search(r"\d\.\d", text)]
    assert texts == []
