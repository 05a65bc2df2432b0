"""The pages of the site after Sphinx has made them: figures, tables, and the colours of both.

A figure stands in its page as it does in a report, so that it follows the theme that is chosen; a
table that is wider than its page scrolls in a frame of its own.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.results.painter import LOOKS, variables

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "STARTUP",
    "anchored",
    "figure_sheet",
    "mended",
    "mended_html",
    "taught_terms",
    "with_terms",
]

# What the kernel of a page runs first: a figure is shown in both widths, as in a report.
STARTUP = """
from html import escape

from IPython import get_ipython

from privaudit.words.catalogues import without_marks


def _both(shown):
    title, source = escape(without_marks(shown.title)), escape(shown.source)
    return (
        f'<figure class="drawn"><figcaption>{title}</figcaption>{shown.html}'
        f'<p class="source">{source}</p></figure>'
    )


_html = get_ipython().display_formatter.formatters["text/html"]
_html.for_type_by_name("privaudit.results.painter", "Display", _both)
"""

_IMAGE = re.compile(r'<img [^>]*?src="(?:\.\./)*_images/([^"]+)"[^>]*>')
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL)
_FRAME = re.compile(r'<table border="1" class="dataframe">.*?</table>', re.DOTALL)
_DRAWN = re.compile(r'<figure class="drawn">.*?</figure>', re.DOTALL)
# A span of numbers stays on one line.
_SPAN = re.compile(r"(?<=\d) (?:to|/|±) (?=-?[.\d])|(?<=\d) (?=%)")
# A heading without words, which names nothing.
_EMPTY = re.compile(r"<th\b[^>]*>(?:<p></p>)?\s*</th>")
_WIDE = '<div class="table-wrapper docutils container">'
_IDS = re.compile(r'(\bid="|href="#|url\(#)(?=[^")]+)')
# Cells run in a folder of their own, which has another name in each build.
_FOLDER = re.compile(re.escape(tempfile.gettempdir()) + r"/tmp\w+/")
_LABELS = re.compile(r'aria-labelledby="([^"]+)"')
# What a picture or a table of a notebook is called, where nothing says what it shows.
WORDS = {
    "en": ("What the code above draws", "Table {}"),
    "fr": ("Ce que dessine le code ci-dessus", "Tableau {}"),
}


def figure_sheet() -> str:
    """Return the CSS of figures: colours as variables, for light, dark and print."""
    light, dark = variables(0), variables(1)
    return (
        f"body{{{light}}}@media not print{{body[data-theme=dark]{{{dark}}}"
        f"@media(prefers-color-scheme:dark){{body:not([data-theme=light]){{{dark}}}}}}}{LOOKS}"
        ".drawn .pv{display:block;width:100%;height:auto}.drawn .pv.narrow{display:none}"
        "@media(max-width:767px){.drawn .pv.wide{display:none}.drawn .pv.narrow{display:block}}"
    )


def mended(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Put figures into a page, and make its tables and pictures readable by everybody."""
    if "body" in context:
        pictures = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}
        lang = context["language"] or "en"
        body = mended_html(context["body"], pictures, lang)
        if page == "glossary":
            context["body"] = anchored(body)
        else:
            terms = taught_terms((Path(app.srcdir) / "glossary.md").read_text("utf-8"))
            place = app.builder.get_relative_uri(page, "glossary")
            french = page.startswith("fr/") or lang == "fr"
            context["body"] = with_terms(body, terms["fr" if french else "en"], place)


# French words that are words of every day too.
_OF_EVERY_DAY = ("net", "absents", "sans la fuite", "anneau")
# What is not read for terms: names of pages, code, figures, tables and what links elsewhere.
_SKIPPED = re.compile(r"<(/?)(a|h[1-6]|code|pre|svg|figure|script|style|table|dt|button)\b")
_TAG = re.compile(r"(<[^>]*>)")


def taught_terms(glossary: str) -> dict[str, dict[str, str]]:
    """Return the words whose line in the glossary links a worked example, with their anchors.

    Examples
    --------
    >>> taught_terms("| prior, posterior | a priori, net | belief ([worked](a.ipynb)) |")["en"]
    {'prior': 'term-prior', 'posterior': 'term-prior'}
    """
    result: dict[str, dict[str, str]] = {"en": {}, "fr": {}}
    for line in glossary.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or "](" not in cells[2]:
            continue
        first = cells[0].split(", ")[0]
        for lang, cell in zip(result, cells, strict=False):
            words = [word for word in cell.split(", ") if word not in _OF_EVERY_DAY]
            result[lang] |= dict.fromkeys(words, _anchor(first))
    return result


def _anchor(term: str) -> str:
    return f"term-{re.sub('[^a-z]+', '-', term.lower())}"


def anchored(body: str) -> str:
    """Return the glossary with an anchor a line."""
    row = re.compile(r"<tr([^>]*)>(\s*<td[^>]*>(?:<p>)?)([^<,]+)")
    return row.sub(lambda m: f'<tr{m[1]} id="{_anchor(m[3].strip())}">{m[2]}{m[3]}', body)


def with_terms(body: str, terms: Mapping[str, str], place: str) -> str:
    """Return a page whose first use of each term in its text links to the glossary.

    Examples
    --------
    >>> with_terms("<h2>Donut</h2><p>A donut.</p>", {"donut": "term-donut"}, "g.html")
    '<h2>Donut</h2><p>A <a class="term" href="g.html#term-donut">donut</a>.</p>'
    """
    for word, anchor in terms.items():
        # A link that a page has itself, as those of the notebooks, leads to the line.
        own = rf'href="{re.escape(place)}"([^>]*>(?:<[^>]*>)*{re.escape(word)})'
        body = re.sub(own, rf'href="{place}#{anchor}"\1', body, flags=re.I)
    left = {word: anchor for word, anchor in terms.items() if not _is_linked(body, word, place)}
    depth, result = 0, list[str]()
    for piece in _TAG.split(body):
        if tag := _SKIPPED.match(piece):
            depth = max(0, depth + (-1 if tag[1] else 1))
        elif not piece.startswith("<") and depth == 0:
            for word in [*left]:
                # A word of two is a word of its own: "prior to" and "export control" are none.
                whole = rf"(?<![\w-])(?<!export ){re.escape(word)}(?![\w-])(?! to\b)"
                piece, times = re.subn(
                    whole, lambda m, a=left[word]: _link(m[0], place, a), piece, count=1, flags=re.I
                )
                if times:
                    del left[word]
        result.append(piece)
    return "".join(result)


def _is_linked(body: str, word: str, place: str) -> bool:
    link = rf'href="{re.escape(place)}#[^>]*>(?:<[^>]*>)*{re.escape(word)}'
    return re.search(link, body, flags=re.I) is not None


def _link(word: str, place: str, anchor: str) -> str:
    return f'<a class="term" href="{place}#{anchor}">{word}</a>'


def mended_html(body: str, pictures: Mapping[str, Path], lang: str = "en") -> str:
    """Return the text of a page with our figures in it, and with names for what has none."""
    picture, table = WORDS[lang]
    figures, tables = count(1), count(1)

    def drawn(found: re.Match[str]) -> str:
        path = pictures.get(found[1])
        text = path.read_text("utf-8") if path is not None and path.suffix == ".svg" else ""
        if 'class="pv"' in text:
            figure = _apart(_STYLE.sub("", text), f"f{next(figures)}")
            return f'<div class="figure-wrapper">{figure}</div>'
        if re.search(r'alt="(?!\S*_images/)', found[0]):
            return found[0]
        return re.sub(r'alt="[^"]*"', f'alt="{picture}"', found[0])

    def framed(found: re.Match[str]) -> str:
        return f"{_WIDE}{found[0]}</div>"

    def named(found: re.Match[str]) -> str:
        return f'{found[0][:-1]} role="group" aria-label="{table.format(next(tables))}">'

    body = _IMAGE.sub(drawn, _FOLDER.sub("", body))
    body = _DRAWN.sub(lambda found: _apart(found[0], f"f{next(figures)}"), body)
    body = _SPAN.sub(
        lambda found: found[0].replace(" ", "\u00a0"), _FRAME.sub(framed, _STYLE.sub("", body))
    )
    return re.sub(re.escape(_WIDE), named, _EMPTY.sub("<td></td>", body))


def _apart(svg: str, prefix: str) -> str:
    """Return a figure with ids that no other figure has."""
    svg = _LABELS.sub(
        lambda m: 'aria-labelledby="' + " ".join(f"{prefix}-{one}" for one in m[1].split()) + '"',
        re.sub(r"<\?xml.*?\?>", "", svg).strip(),
    )
    return _IDS.sub(rf"\1{prefix}-", svg)
