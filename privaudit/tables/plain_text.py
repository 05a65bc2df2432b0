"""Free text as it is searched: a line each, of letters without accents."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

__all__ = ["one_a_line", "rows_of"]

_LONGEST = 4_000


def one_a_line(texts: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return texts that are a line each and not endless, and all of them together."""
    joined = "\n".join(texts)
    if "\r" in joined or joined.count("\n") >= len(texts) or max(map(len, texts)) > _LONGEST:
        texts = [text[:_LONGEST].replace("\n", " ").replace("\r", " ") for text in texts]
        joined = "\n".join(texts)
    return texts, joined


def rows_of(pattern: re.Pattern[str], joined: str, begins: np.ndarray) -> list[int]:
    """Return in which texts something stands that is within one line.

    - `begins`: Where each text begins among all.
    """
    places = [match.start() for match in pattern.finditer(joined)]
    rows: list[int] = np.unique(np.searchsorted(begins, places, side="right") - 1).tolist()
    return rows
