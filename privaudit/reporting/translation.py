"""Notes of the stages in the reader's language: a template for each sentence they write."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from privaudit._core.checks import one_of
from privaudit.reporting.words import LANGUAGES, Words, french_number, french_spaces

__all__ = ["Said", "said"]

_FIELD = re.compile(r"\{(\w+)\}")
_NUMBER = r"-?\d[\d,.]*(?:e[+-]?\d+)?%?"
# Sentences that a stage joins stand after a full stop or a semicolon.
_JOINTS = (re.compile(r"(?<=[.?])\s+"), re.compile(r"\s*;\s+"))


@dataclass(frozen=True)
class Said:
    """A note and the language that it is in.

    Parameters
    ----------
    text : str
    lang : {"en", "fr"}
        English where no template fits: a page marks it as such instead of mixing languages.
    """

    text: str
    lang: str


def said(note: str, lang: str) -> Said:
    """Say a note of a stage in a language.

    Parameters
    ----------
    note : str
        In English, one sentence or several that a stage joined.
    lang : {"en", "fr"}

    Returns
    -------
    Said
        The note itself, in English, where one of its sentences has no French.

    Raises
    ------
    ParameterError
        An unknown language.

    Examples
    --------
    >>> said("Key 'age' has one value only: it tells nobody apart.", "fr").lang
    'fr'
    >>> said("A note that nobody foresaw.", "fr")
    Said(text='A note that nobody foresaw.', lang='en')
    """
    one_of("report", "lang", lang, LANGUAGES)
    if lang == "en" or not note.strip():
        return Said(note, lang)
    french = _french(note.strip())
    return Said(note, "en") if french is None else Said(french, "fr")


def _french(note: str) -> str | None:
    """Translate a note as one sentence, or else sentence by sentence."""
    whole = _sentence(note)
    if whole is not None:
        return whole
    for joint, mark in zip(_JOINTS, (" ", " ; "), strict=True):
        parts = joint.split(note)
        if len(parts) > 1:
            found = [_french(part) for part in parts]
            if all(part is not None for part in found):
                return french_spaces(mark).join(str(part) for part in found)
    return None


def _sentence(note: str) -> str | None:
    for pattern, french in _templates():
        match = pattern.fullmatch(note)
        if match is None:
            continue
        values = {name: _value(name, text) for name, text in match.groupdict().items()}
        if None not in values.values():
            return french.format(**values)
    return None


def _value(name: str, text: str) -> str | None:
    """Put a value in French: a sentence must be known, a term may be, a number is rewritten."""
    if name.startswith("note"):
        return _french(text)
    if name.startswith("measure"):
        if ". " in text:
            return None  # A name is no sentence: this one swallowed the next.
        label = Words("fr").name("measure", text)
        return label[:1].upper() + label[1:]
    if name.startswith("code"):
        return _french(text) or text
    return french_number(text)


@cache
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read the templates, those with most words of their own first."""
    source = resources.files("privaudit.reporting") / "catalogue" / "notes_fr.toml"
    rows = tomllib.loads(source.read_text(encoding="utf-8"))["note"]
    rows.sort(key=lambda row: -len(_FIELD.sub("", row["en"])))
    return tuple((_pattern(row["en"]), french_spaces(row["fr"])) for row in rows)


def _pattern(english: str) -> re.Pattern[str]:
    texts = _FIELD.split(english)
    # Texts and names of fields alternate.
    parts = [_field(t) if i % 2 else re.escape(t) for i, t in enumerate(texts)]
    return re.compile("".join(parts), re.DOTALL)


def _field(name: str) -> str:
    """A field of one letter is a number, which keeps it apart from the words around it."""
    return f"(?P<{name}>{_NUMBER if len(name) == 1 else '.+?'})"
