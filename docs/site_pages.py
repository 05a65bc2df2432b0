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

__all__ = ["STARTUP", "figure_sheet", "mended", "mended_html"]

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
        context["body"] = mended_html(context["body"], pictures, context["language"] or "en")


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
