"""The site: its pages say what the library says, and its checker sees what is wrong."""

import importlib.util
import re
from html import escape
from inspect import ismodule
from pathlib import Path

import pytest

import privaudit as pa
from privaudit.maps.registry import RUNGS
from privaudit.results.painter import COLOURS, Canvas, Display
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


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("demo 12/20 3.1 it/s", "a bar of progress"),
        ("repeat  45%|####", "a bar of progress"),
        ("CPU times: user 1.2 s", "a time"),
        ("peak 512 MB", "a figure of memory"),
        ("<Town at 0x7f3a2c1b>", "a figure of memory"),
        ("report: /tmp/x/audit/index.html", "a path of a machine"),
        ("low 0.000000", "0.000000"),
        ("baseline NaN", "NaN"),
        ("address 0.0, 0.203, 10 of 175", ""),
        ("nanterre", ""),
    ],
)
def test_the_checker_sees_outputs_that_differ_from_run_to_run(complaints, shown, said, tmp_path):
    page = tmp_path / "index.html"
    page.write_text(f'<div class="cell_output"><div><pre>{escape(shown)}</pre></div></div><p>x')
    assert said in "".join(complaints(tmp_path))
    assert bool(complaints(tmp_path)) == bool(said)
    # The same is no output where it stands in a text.
    page.write_text(f'<div class="cell_output"><div></div></div><p>{escape(shown)}')
    assert complaints(tmp_path) == []


def test_a_carriage_return_in_an_output_is_seen_and_nan_may_be_explained(complaints, tmp_path):
    page = tmp_path / "index.html"
    page.write_bytes(b'<div class="cell_output">1 of 2\r2 of 2</div>')
    assert complaints(tmp_path) == ["index.html shows a bar of progress"]
    page.write_text('<div class="cell_output">NaN</div><p><code>NaN</code>: not estimated')
    assert complaints(tmp_path) == []


# ---- Pages after they are made.


def test_a_figure_stands_in_its_page_with_ids_and_colours_of_the_page(tmp_path):
    drawn = Display("one", "One line", "1 is 2.", "Simulated data", [Canvas(720, 40)])
    path = tmp_path / "ab.svg"
    path.write_text(drawn.svg, "utf-8")
    image = '<p><img alt="../_images/ab.svg" src="../_images/ab.svg" /></p>'
    page = script("site_pages").mended_html(image * 2, {"ab.svg": path})
    assert "<img" not in page
    assert "<style" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4
    for names in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert set(names.split()) <= set(ids)


def test_pictures_and_tables_of_a_page_have_names():
    page = script("site_pages").mended_html(
        '<img alt="_images/a.png" src="_images/a.png" /><img alt="A town" src="_images/b.png" />'
        '<style scoped>x</style><table border="1" class="dataframe"><th></th></table>', {}, "fr",
    )  # fmt: skip
    assert re.findall(r'alt="([^"]*)"', page) == ["Ce que dessine le code ci-dessus", "A town"]
    assert 'role="group" aria-label="Tableau 1"><table' in page
    assert "<th></th>" not in page
    assert "<style" not in page


def test_a_number_and_what_belongs_to_it_stay_on_one_line():
    page = script("site_pages").mended_html(
        "<td>0.9 (0.8 to 0.95), 5 % of 3 / 4, 2 to you</td>", {}
    )
    assert page == "<td>0.9 (0.8\u00a0to\u00a00.95), 5\u00a0% of 3\u00a0/\u00a04, 2 to you</td>"


def test_figures_have_a_colour_for_each_name_in_light_and_in_dark():
    sheet = script("site_pages").figure_sheet()
    for name, pair in COLOURS.items():
        assert sheet.count(f"--{name}:{pair[0]}") == 1
        assert sheet.count(f"--{name}:{pair[1]}") == 2


def test_the_landing_page_is_short_and_has_a_command_a_door():
    text = (DOCS / "index.md").read_text("utf-8")
    prose = re.sub(r"```\{(?:toctree|raw)\}.*?```", "", text, flags=re.DOTALL)
    assert len(re.findall(r"\w[\w'’.-]*", prose)) <= 250
    doors = re.findall(r"```\{container\} door\n(.*?)```", text, re.DOTALL)
    assert len(doors) == 3
    for door in doors:
        assert len(re.findall(r"`privaudit \w+", door)) == 1


@pytest.mark.skipif(not (BUILT / "searchindex.js").is_file(), reason="make docs builds the site")
def test_the_built_site_loads_nothing_and_leads_nowhere_else(complaints):
    assert complaints(BUILT) == []
    gallery = (DOCS / "gallery.md").read_text("utf-8")
    drawn = (BUILT / "gallery.html").read_text("utf-8").count('<figure class="drawn">')
    assert drawn == gallery.count("\n## ") >= 17
    pictures = [
        page for page in BUILT.glob("made/notebooks/*.html")
        if re.search(r'_images/|class="pv"', page.read_text("utf-8"))
    ]  # fmt: skip
    assert len(pictures) >= 5
    for lang in ("en", "fr"):
        assert f'lang="{lang}"' in (BUILT / "example" / lang / "index.html").read_text("utf-8")


TERMS = {
    "en": {"k-anonymity", "prosecutor risk", "journalist risk", "marketer risk", "donut",
           "prior", "posterior", "baseline", "control", "residual"},
    "fr": {"k-anonymat", "risque du procureur", "risque du journaliste",
           "risque du démarcheur", "a priori", "a posteriori"},
}  # fmt: skip


def test_the_words_that_are_taught_lead_to_their_line_of_the_glossary():
    pages = script("site_pages")
    terms = pages.taught_terms((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert {lang: set(words) for lang, words in terms.items()} == TERMS
    body = (
        "<h1>A control</h1><p><code>control</code> is prior to a <a href='x'>donut</a>, "
        "controlled; the Control and the control.</p><p>A donut, a prior.</p>"
    )
    shown = pages.with_terms(body, terms["en"], "../glossary.html")
    link = '<a class="term" href="../glossary.html#term-{0}">{1}</a>'.format
    assert shown == (
        "<h1>A control</h1><p><code>control</code> is prior to a <a href='x'>donut</a>, "
        f"controlled; the {link('control', 'Control')} and the control.</p>"
        f"<p>A {link('donut', 'donut')}, a {link('prior', 'prior')}.</p>"
    )


def test_a_link_of_a_page_itself_leads_to_the_line_and_is_the_only_one():
    pages = script("site_pages")
    body = '<p><a class="r" href="g.html"><span>Donut</span></a> and donut.</p>'
    shown = pages.with_terms(body, {"donut": "term-donut"}, "g.html")
    assert shown == body.replace("g.html", "g.html#term-donut")
    row = pages.anchored("<tr class='x'><td><p>prior, posterior</p></td><td></td></tr>")
    assert row.startswith("<tr class='x' id=\"term-prior\">")
