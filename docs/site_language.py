"""Two languages in one site: an index that both are searched in, and the frame of French pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

from privaudit.words.catalogues import french_spaces

__all__ = ["FRENCH", "BothLanguages", "folded", "in_french", "spaced"]

# Words that stand on every French page, and in no question in English.
_FRENCH_STOPWORDS = {
    "aux", "avec", "ces", "cette", "comme", "dans", "des", "elle", "est", "les", "leur", "leurs",
    "mais", "que", "qui", "sans", "ses", "sont", "une",
}  # fmt: skip
# Blocks of code but not those that hold text, code within a line, and tags.
_CODE = re.compile(r"((?<=\n\n)```\n.*?\n```|(?<!`)`[^`\n]+`(?!`)|<[^>]+>)", re.DOTALL)
# What the theme writes around a page.
FRENCH = {
    "Back to top": "Haut de page",
    "Hide navigation sidebar": "Masquer le menu",
    "Home": "Accueil",
    "Made with": "Fait avec",
    "Next": "Suivant",
    "On this page": "Sur cette page",
    "Pages": "Pages",
    "Previous": "Précédent",
    "Search": "Rechercher",
    "Skip to content": "Aller au contenu",
    "Toggle Light / Dark / Auto color theme": "Thème clair, sombre ou automatique",
    "Toggle navigation of": "Ouvrir le menu de",
    "Toggle site navigation sidebar": "Ouvrir le menu",
    "Toggle table of contents sidebar": "Ouvrir le sommaire",
}


def folded(text: str) -> str:
    """Return a text without accents and ligatures, as somebody in a hurry types it."""
    plain = unicodedata.normalize("NFKD", text).replace("œ", "oe").replace("Œ", "OE")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class BothLanguages(SearchEnglish):
    """Index words of English and French: without accents, ends cut as in English.

    The English stemmer cuts the French plural and mute e alike in the index and in a question,
    which is all that is needed to find a word again; a French stemmer cuts English words short.
    """

    lang = "both"
    stopwords = SearchEnglish.stopwords | _FRENCH_STOPWORDS
    js_splitter_code = r"""
var splitQuery = (query) =>
  query
    .normalize("NFKD")
    .replace(/\p{Mark}+/gu, "")
    .replace(/œ/g, "oe")
    .replace(/Œ/g, "OE")
    .split(/[^\p{Letter}\p{Number}_]+/gu)
    .filter((term) => term);
"""

    def split(self, input: str) -> list[str]:
        """Cut a text into words without accents."""
        return re.findall(r"\w+", folded(input))


def spaced(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the spaces of French print into a page below ``fr/``, but not into what is code."""
    if page.startswith("fr/"):
        parts = _CODE.split(source[0])
        parts[::2] = [french_spaces(part) for part in parts[::2]]
        source[0] = "".join(parts)


def in_french(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Write the frame of a page: named parts, and below ``fr/`` in French."""
    french = page.startswith("fr/")

    def translated(message: str, **values: object) -> str:
        plain = message.strip()
        said = message.replace(plain, FRENCH.get(plain, plain)) if french else message
        return said % values if values else said

    context["framed"] = lambda frame: _framed(frame, translated)
    if french:
        context["language"] = "fr"
        context["_"] = context["gettext"] = translated
    # The theme calls these headings, and says of no level.
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', "")


def _framed(frame: str, translated: Callable[[str], str]) -> str:
    """Give each part at the side of a page a name of its own, and each button its language."""
    for part, name in (("sidebar-drawer", "Pages"), ("toc-drawer", "On this page")):
        label = f'<aside aria-label="{translated(name)}" class="{part}'
        frame = frame.replace(f'<aside class="{part}', label)
    for name in FRENCH:
        frame = frame.replace(f'aria-label="{name}', f'aria-label="{translated(name)}')
    return frame
