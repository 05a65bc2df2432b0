"""The catalogue of each language, and English for what it lacks."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from privaudit._core.checks import one_of
from privaudit._core.policy import IN_WORDS

__all__ = [
    "ENGLISH", "LANGUAGES", "NARROW", "NBSP", "catalogue", "french_spaces", "languages",
    "own_catalogue",
]  # fmt: skip

_WORDS = resources.files("privaudit.words")


def languages() -> tuple[str, ...]:
    """Return the languages that there is a catalogue of.

    Examples
    --------
    >>> languages()
    ('en', 'fr')
    """
    names = (file.name for file in (_WORDS / "catalogue").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


LANGUAGES = languages()

ENGLISH = "en"
# No-break space, and the narrow one that French puts before ; ! ? and between thousands.
NBSP, NARROW = "\u00a0", "\u202f"


def french_spaces(text: str) -> str:
    """Set the no-break spaces and the apostrophes of French typography.

    Examples
    --------
    >>> french_spaces("l'outil : « oui » ?").replace(chr(160), "_").replace(chr(8239), "-")
    'l’outil_: «_oui_»-?'
    """
    text = re.sub(r" (?=[:%»])", NBSP, text)
    text = re.sub(r"(?<=«) ", NBSP, text)
    text = re.sub(r" (?=[;!?])", NARROW, text)
    return text.replace("'", "’")


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return every sentence in a language, in English where its own catalogue lacks one."""
    return {**own_catalogue(ENGLISH), **own_catalogue(lang)}


@cache
def own_catalogue(lang: str) -> dict[str, str]:
    """Read the catalogue of a language as a flat mapping ``"section.key"`` to a sentence."""
    one_of("report", "lang", lang, languages())
    source = _WORDS / "catalogue" / f"{lang}.toml"
    sections: dict[str, dict[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))
    sections = {s: {k: _with_policy(t) for k, t in keys.items()} for s, keys in sections.items()}
    french = sections.get("format", {}).get("spaces") == "french"
    fix = french_spaces if french else (lambda text: text.replace(" %", f"{NBSP}%"))
    # A number and its unit stay on one line.
    return {
        f"{s}.{k}": fix(text).replace("} m", f"}}{NBSP}m").replace("} km", f"}}{NBSP}km")
        for s, keys in sections.items()
        for k, text in keys.items()
    }


def _with_policy(text: str) -> str:
    """Write the numbers of `policy` into a sentence, for every language alike."""
    return re.sub(r"\{policy\.(\w+)\}", lambda match: str(IN_WORDS[match[1]]), text)
