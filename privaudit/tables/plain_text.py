"""Free text as it is searched: a line each, of letters without accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

__all__ = ["one_a_line", "plain", "rows_of"]

_LONGEST, _FEW = 4_000, 64


def one_a_line(texts: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return texts that are a line each and not endless, and all of them together."""
    joined = "\n".join(texts)
    if "\r" in joined or joined.count("\n") >= len(texts) or max(map(len, texts)) > _LONGEST:
        texts = [text[:_LONGEST].replace("\n", " ").replace("\r", " ") for text in texts]
        joined = "\n".join(texts)
    return texts, joined


def _letters() -> dict[int, str]:
    """Letters with an accent and what stands for them without, for all that is near Latin."""
    found = {ord("œ"): "oe", ord("Œ"): "OE", ord("æ"): "ae", ord("Æ"): "AE", ord("ß"): "ss"}
    for code in (*range(0xA0, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00)):
        bare = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(c for c in bare if not unicodedata.combining(c))
        if plain != chr(code):
            found.setdefault(code, plain)
    return found


_PLAIN = _letters()


def plain(text: str) -> str:
    """Return a text without accents."""
    if text.isascii():
        return text
    strange = {letter for letter in set(text) if ord(letter) in _PLAIN}
    if len(strange) > _FEW:
        return text.translate(_PLAIN)
    # A few letters one after the other take a third of the time of a table of all.
    for letter in strange:
        text = text.replace(letter, _PLAIN[ord(letter)])
    return text


def rows_of(pattern: re.Pattern[str], joined: str, begins: np.ndarray) -> list[int]:
    """Return in which texts something stands that is within one line.

    - `begins`: Where each text begins among all.
    """
    places = [match.start() for match in pattern.finditer(joined)]
    rows: list[int] = np.unique(np.searchsorted(begins, places, side="right") - 1).tolist()
    return rows
