"""Every kind of report on A4: pages, figures beside their captions, tags, headings and language.

Needs what `test_pages.py` needs, without axe-core.
"""

import functools
import html
import itertools
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from pypdf import PdfReader

from privaudit.cli import main
from tests.fixtures.chromium import needs, node
from tests.pipeline import test_dossier_command as street

pytestmark = needs("playwright-core")
# Pages at most, of the main page and of the annex.
MOST = {"index": 12, "annex": 40}
seized = street.seized


class Printed(NamedTuple):
    """A page, its language, what printed it, its PDF, and the caption and a text of each figure."""

    kind: str
    lang: str
    page: Path
    pdf: Path
    figures: list[dict[str, str]]


@pytest.fixture(scope="module")
def printed(tmp_path_factory, seized, demos):
    """Both pages of each kind in both languages as a PDF."""
    root = tmp_path_factory.mktemp("printed")
    people, dots, likes, doors, rules = (
        str(seized / name) for name in
        ("fiches.csv", "carte.csv", "likes.csv", "adresses.csv", "d.toml")
    )  # fmt: skip
    commands = {
        "table": [people, "--key", "sexe", "--sensitive", "soutien"],
        "map": [dots, "--addresses", doors, "--mask", "none"],
        "traces": [likes, "--person", "compte", "--item", "page"],
        "link": [people, dots, "--addresses", doors],
        "inspect": [people, dots, likes],
        "dossier": [people, dots, likes, "--addresses", doors, "--description", rules,
                    "--exhibit", "Scellé 7", "--as-of", "2016-11-08"],
    }  # fmt: skip
    folders = {("demo", lang): folder for lang, folder in demos.items()}
    for lang in ("en", "fr"):
        for kind, command in commands.items():
            folders[kind, lang] = out = root / f"{kind}-{lang}"
            assert main([kind, *command, "--lang", lang, "--out", str(out)]) == 0, kind
    pages = [
        (kind, lang, folder / f"{name}.html", root / f"{kind}-{lang}-{name}.pdf")
        for (kind, lang), folder in folders.items()
        for name in MOST
    ]
    files = [path for _, _, page, pdf in pages for path in (page, pdf)]
    figures = [one["figures"] for one in node("print.mjs", *files, timeout=600)]
    return [Printed(*page, drawn) for page, drawn in zip(pages, figures, strict=True)]


def plain(text):
    return re.sub(r"\s+", "", text)


@functools.cache
def texts(pdf):
    """Return the text of each page; reading it takes seconds."""
    return [page.extract_text() for page in PdfReader(pdf).pages]


def test_every_kind_prints_on_few_pages(printed):
    pages = {(p.kind, p.lang, p.page.stem): len(PdfReader(p.pdf).pages) for p in printed}
    assert {page: n for page, n in pages.items() if n > MOST[page[2]]} == {}
    assert len(pages) == 28


def test_a_figure_stands_on_the_page_of_its_caption(printed):
    compared = 0
    for kind, lang, page, pdf, figures in printed:
        for one in figures:
            if one["caption"] and one["drawn"]:
                compared += 1
                pages = map(plain, texts(pdf))
                both = [one["caption"] in text and one["drawn"] in text for text in pages]
                assert any(both), (kind, lang, page.name, one)
    assert compared >= 28


def test_the_first_page_of_a_demo_is_full_and_holds_every_blur(printed):
    pdf = next(p.pdf for p in printed if (p.kind, p.lang, p.page.stem) == ("demo", "en", "index"))
    first, second = texts(pdf)[:2]
    for moved in ("As the app showed it", "20 to 100 m", "50 to 200 m", "100 to 400 m"):
        assert moved in " ".join(first.split())
    assert "visited" in first
    assert "visited" not in second


@pytest.mark.parametrize("part", ["mend", "assumed"])
def test_sentences_that_are_folded_on_a_screen_stand_on_paper(part, printed):
    """There they stand beside the figure that draws them, or behind a question."""
    for one in (p for p in printed if (p.kind, p.page.stem) == ("demo", "index")):
        page = one.page.read_text(encoding="utf-8")
        section = re.search(rf'<section id="{part}".*?</section>', page, re.S)[0]
        said = [
            html.unescape(re.sub(r"<[^>]+>", "", dd))
            for dd in re.findall(r"<dd>(.*?)</dd>", section)
        ]
        text = plain("".join(texts(one.pdf)))
        assert said
        assert [dd for dd in said if plain(dd) not in text] == []


def structure(pdf):
    """Return the types of the elements of a tagged PDF, in the order of reading."""
    types, left = [], [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while left:
        element = left.pop().get_object()
        if isinstance(element, list):
            left += reversed(element)
        elif hasattr(element, "get"):
            types += [element["/S"]] if "/S" in element else []
            left += [element["/K"]] if "/K" in element else []
    return types


def test_a_printed_report_is_tagged_with_headings_in_order_and_its_language(printed):
    for kind, lang, page, path, _ in printed:
        pdf, text = PdfReader(path), page.read_text(encoding="utf-8")
        root, where = pdf.trailer["/Root"], (kind, lang, page.name)
        assert bool(root["/MarkInfo"]["/Marked"]), where
        assert str(root["/Lang"])[:2] == lang, where
        title = re.search("<title[^>]*>(.*?)</title>", text)[1]
        assert plain(pdf.metadata.title) == plain(html.unescape(title)), where
        types = structure(pdf)
        levels = [int(one[2:]) for one in types if re.fullmatch(r"/H[1-6]", one)]
        assert (levels[0], levels.count(1)) == (1, 1), where
        assert max((b - a for a, b in itertools.pairwise(levels)), default=0) <= 1, where
        assert "/Figure" in types or "<svg" not in text, where
        assert "/TH" in types or "<th" not in text, where
