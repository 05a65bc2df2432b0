"""Answers that cells give: "no" tells of no illness, "favorable" in every window tells a side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from privaudit._core.policy import MOST_CELLS
from privaudit.text.normalise import header_words

__all__ = ["OF_SOME", "SEXES", "of_a_sex", "sides_in", "tells_none", "tells_side"]

# Kinds that somebody may have none of, and cells that say so.
OF_SOME = ("health", "origin", "union", "sex_life")
_NO = frozenset({"non", "no", "n", "0", "false", "faux", "aucun", "aucune", "neant", "rien", "ras"})
# What a column of sexes or of titles says.
SEXES = frozenset({
    "f", "m", "h", "w", "femme", "homme", "feminin", "masculin", "female", "male",
    "mme", "mlle", "mr", "ms", "mrs",
})  # fmt: skip
_TITLES = SEXES | {"madame", "monsieur", "mademoiselle", "dr", "miss", "woman", "man", "girl",
                   "boy", "garcon", "fille", "x", "autre", "other"}  # fmt: skip
_CODE = 3
# Words of a note that tell a side and nothing else, and the share of notes that makes it a rule.
_SIDES = frozenset({
    "favorable", "favorables", "defavorable", "defavorables", "hostile", "hostiles", "hesitant",
    "hesitante", "indecis", "indecise", "sympathisant", "sympathisante", "opposant", "opposante",
    "supporter", "undecided", "opponent", "opposed",
})  # fmt: skip


def tells_none(cell: str) -> bool:
    """Say whether a cell answers that there is none.

    Examples
    --------
    >>> tells_none("Non"), tells_none("0.0"), tells_none("arachide")
    (True, True, False)
    """
    return " ".join(header_words(cell.removesuffix(".0"))) in _NO


def tells_side(cell: str) -> bool:
    """Say whether a cell has a word that tells a side and nothing else.

    Examples
    --------
    >>> tells_side("Porte ouverte, favorable"), tells_side("left a message")
    (True, False)
    """
    return not _SIDES.isdisjoint(header_words(cell))


def of_a_sex(cell: str) -> bool:
    """Say whether a cell may be a sex, a title, or a code of one: no genus of a tree is.

    Examples
    --------
    >>> of_a_sex("Féminin"), of_a_sex("2"), of_a_sex("Platanus")
    (True, True, False)
    """
    return len(cell) <= _CODE or not _TITLES.isdisjoint(header_words(cell))


def sides_in(cells: Sequence[str]) -> np.ndarray:
    """Say which notes tell a side, where most of them do: the windows of a map.

    Examples
    --------
    >>> sides_in(["06 12 34 56 78 favorable", "hostile", ""]).tolist()
    [True, True, False]
    >>> sides_in(["pas favorable à ce projet", "absent", "absent"]).tolist()
    [False, False, False]
    """
    told = np.array([tells_side(cell) for cell in cells], dtype=bool)
    some = sum(map(bool, cells))
    return told if some and told.sum() >= MOST_CELLS * some else np.zeros(len(cells), dtype=bool)
