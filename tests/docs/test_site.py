"""The site: its pages say what the library says, and its checker sees what is wrong."""

import importlib.util
import re
from inspect import ismodule
from pathlib import Path

import pytest

import privaudit as pa
from privaudit.maps.registry import RUNGS
from privaudit.studies.commands import commands
from privaudit.words.catalogues import Words

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BUILT = ROOT / "build" / "site"
# A module, and what a mask, a view or an attack of one's own is made of: docs/extending.md has
# each in a worked example.
SHOWN_TOGETHER = {"DotRelease", "TableRelease", "pictures", "PlacedMask", "Posterior", "View"}


def script(name):
    """A script of the site, as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def complaints():
    return script("check_site").complaints


def test_the_page_of_the_command_line_has_every_option_that_is_declared():
    page = script("command_page").command_page()
    sections = dict(re.findall(r"\n## privaudit (\w+)\n(.*?)(?=\n## |\Z)", page, re.DOTALL))
    assert list(sections) == list(commands())
    for name, command in commands().items():
        told = [row[0].strip("`") for row in rows(sections[name])]
        named = [o.name if o.name.startswith("-") else o.metavar or o.name for o in command.options]
        assert sorted(told) == sorted(named)
    assert "| `--towns` | N | similar simulated towns" in sections["demo"]
    assert "donut:" in sections["mask"]
    assert "{" not in page


def rows(page):
    """The rows of the first table of a page, as lists of cells."""
    table = re.search(r"\n\|[-| ]+\|\n((?:\|.*\n)+)", page)[1]
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]


def test_every_adversary_stands_on_its_page():
    told = [row[0].strip("`") for row in rows((DOCS / "adversaries.md").read_text("utf-8"))]
    assert told == list(RUNGS)


def test_the_glossary_says_what_reports_say():
    glossary = {row[0]: row[1] for row in rows((DOCS / "glossary.md").read_text("utf-8"))}
    for lang, column in (("en", 0), ("fr", 1)):
        words = Words(lang)
        for term, key in {
            "address": "addresses",
            "household": "households",
            "person": "people",
            "record": "records",
            "dot": "dots",
            "account": "accounts",
        }.items():
            assert (term, glossary[term])[column] == words.noun(key, 1).split("\xa0")[-1]
    head = (ROOT / "privaudit/words/catalogue/fr.toml").read_text("utf-8").lower()
    for term in ("baseline", "residual"):
        assert f'{term} = "{glossary[term]}"' in head


def test_every_public_name_has_an_example_with_its_output():
    lacking = []
    for place in (pa, *(getattr(pa, name) for name in pa.__all__)):
        for name in place.__all__ if ismodule(place) else ():
            thing = getattr(place, name)
            shown = re.search(r"(?:>>>|\.\.\.) .+\n\s*(?!>>>|\.\.\.)\S", thing.__doc__ or "")
            if not (shown or ismodule(thing) or name in SHOWN_TOGETHER):
                lacking.append(name)
    assert not lacking


def test_every_page_of_the_menu_is_there_and_every_page_is_in_the_menu():
    menu = (DOCS / "index.md").read_text("utf-8")
    blocks = re.findall(r"```\{toctree\}\n(.*?)```", menu, re.DOTALL)
    lines = {line for block in blocks for line in block.splitlines()}
    said = {line for line in lines if line and not line.startswith((":", "made/"))}
    there = {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")}
    there = {p for p in there if not p.startswith(("made/", "how-to/", "decisions/0"))} - {"index"}
    assert said - {"how-to/*"} == there


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<script src="https://x.example/a.js"></script>', "loads https://x.example/a.js"),
        ('<link rel="stylesheet" href="//x.example/a.css">', "loads //x.example/a.css"),
        ('<img src="gone.png">', "lacks gone.png"),
        ('<p style="background:url(https://x.example/b.png)">', "loads https://x.example/b.png"),
        ('<a href="gone.html">', "leads to gone.html"),
        ('<a href="#gone">', "a place that is not there"),
        ('<a href="https://x.example/">', ""),
        ('<a id="here" href="#here">', ""),
    ],
)
def test_the_checker_sees_what_is_wrong(complaints, page, said, tmp_path):
    (tmp_path / "index.html").write_text(page)
    assert ("\n".join(complaints(tmp_path)) + "\n").count("\n") == 1
    assert said in "".join(complaints(tmp_path))
    assert bool(complaints(tmp_path)) == bool(said)


def test_a_style_that_loads_a_font_is_seen(complaints, tmp_path):
    (tmp_path / "index.html").write_text("<p>")
    (tmp_path / "a.css").write_text("@import 'https://x.example/f.css';")
    assert complaints(tmp_path) == ["a.css loads https://x.example/f.css"]


@pytest.mark.skipif(not (BUILT / "searchindex.js").is_file(), reason="make docs builds the site")
def test_the_built_site_loads_nothing_and_leads_nowhere_else(complaints):
    assert complaints(BUILT) == []
    assert len(list((BUILT / "_images").glob("*.png"))) >= 5
