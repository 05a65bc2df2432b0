"""Addresses in words: which of the public addresses a text names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np

from privaudit.places.address_base import AddressBase

__all__ = ["address_rows"]

_SHORT = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "bvd": "boulevard",
    "ch": "chemin", "chem": "chemin", "imp": "impasse", "pl": "place", "r": "rue", "rte": "route",
    "sq": "square", "all": "allee", "fg": "faubourg", "st": "saint", "ste": "sainte",
    "b": "bis", "t": "ter", "q": "quater",
}  # fmt: skip
_SMALL = frozenset({"de", "du", "des", "d", "la", "le", "les", "l"})


def address_rows(texts: Iterable[str], base: AddressBase) -> np.ndarray:
    """Return the row of the one address that each text names, -1 where none or several do.

    Case, accents, punctuation, small words and usual abbreviations aside; what follows the street,
    such as a postcode and a town, is not looked at.

    Examples
    --------
    >>> import pandas as pd
    >>> place = pd.DataFrame({"id": ["1", "2"], "number": ["4", "12bis"], "x": 0.0, "y": 0.0,
    ...     "street": ["Avenue de l'Église", "Rue Haute"], "commune": "Bourg", "station": ""})
    >>> texts = ["4, av. de l'eglise 99000 BOURG", "12 bis rue haute", "5 rue Haute", ""]
    >>> address_rows(texts, AddressBase(place)).tolist()
    [0, 1, -1, -1]
    """
    frame = base.frame
    known: dict[tuple[str, ...], int] = {}
    for row, (number, street) in enumerate(zip(frame["number"], frame["street"], strict=True)):
        key = _words(f"{number} {street}")
        known[key] = row if key not in known else -1
    longest = max(map(len, known), default=0)
    found: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        words = _words(text)
        runs = (words[:length] for length in range(min(len(words), longest), 1, -1))
        found[text] = next((known[run] for run in runs if run in known), -1)
    return np.array([found[text] for text in texts], dtype=np.int64)


def _words(text: str) -> tuple[str, ...]:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = [_SHORT.get(word, word) for word in re.findall(r"[a-z]+|\d+", bare)]
    return tuple(word for word in words if word not in _SMALL)
