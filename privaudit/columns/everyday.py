"""What the cells of a column mean together: "Member" beside "Guest" is no party's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from privaudit.columns.headers import WORDS
from privaudit.columns.levels import CellTexts
from privaudit.core.checks import Bools
from privaudit.text.cells import is_no_answer
from privaudit.text.normalise import fold, header_words

# Lists of single words that mean something else beside other values, by category.
_EVERYDAY = {
    "party": WORDS["everyday_parties"] | WORDS["membership"],
    "union": WORDS["everyday_unions"],
    "religion": WORDS["everyday_faiths"],
}
# Other signs of the zodiac, from which on "Cancer" is one of them.
_SIGNS = 2
# Share of cells from which on a column tells who is a member.
_MEMBERS = 0.1
_OF_ANIMALS = WORDS["animals"] | {"espece", "species"}
_OF_NUMBERS = frozenset(("id", "identifiant", "numero", "num", "number", "code", "mrn", "ref"))


def without_everyday(
    spoken: Mapping[str, Bools], cells: CellTexts, *, political: bool
) -> dict[str, Bools]:
    """Leave out a word that says something else than a category among the values of its column.

    One word alone that may be a party's, such as "Member" beside "Guest", is no party's; two that
    may be ("Lab" and "Con") are. Among signs of the zodiac "Cancer" is no illness.

    Parameters
    ----------
    spoken : mapping of str to ndarray of bool, shape (n,)
        Which cells hold which category.
    political : bool
        The table is a campaign's, where a member is the party's.

    Examples
    --------
    >>> cells = CellTexts(["Member", "Guest"], np.array([0, 1, 0]))
    >>> spoken = {"party": np.array([True, False, True])}
    >>> without_everyday(spoken, cells, political=False)["party"].tolist()
    [False, False, False]
    >>> without_everyday(spoken, cells, political=True)["party"].tolist()
    [True, False, True]
    """
    result = dict(spoken)
    if result.keys().isdisjoint((*_EVERYDAY, "health")):
        return result
    values = {fold(text).strip() for text in cells.texts if text and not is_no_answer(text)}
    for what, words in _EVERYDAY.items():
        if what in result and not (political and what == "party"):
            said = _said(result[what], cells)
            beside = len({word.removesuffix("e") for word in said}) == 1 and values - said
            # Who is a member of something is told as a tie, whatever stands beside.
            if said <= WORDS["membership"] or (beside and said <= words):
                result[what] = np.zeros_like(result[what])
    if "health" in result and len(values & WORDS["zodiac"]) >= _SIGNS:
        cancer = np.array([fold(text).strip() == "cancer" for text in cells.texts], dtype=bool)
        result["health"] = result["health"] & ~cells.rows(cancer)
    return result


def _said(hits: Bools, cells: CellTexts) -> set[str]:
    return {fold(cells.texts[at]).strip() for at in np.unique(cells.code[hits]).tolist()}


def tells_members(texts: Sequence[str]) -> bool:
    """Return whether cells tell who is a member of something: a tie, as a fee is.

    Examples
    --------
    >>> tells_members(["Member", "Guest"]), tells_members(["Adhérent", "Adhérente"])
    (True, True)
    >>> tells_members(["Active", "Lapsed"])
    False
    """
    members = sum(fold(text).strip() in WORDS["membership"] for text in texts)
    return members > _MEMBERS * len(texts)


def wards_of_patients(kinds: Mapping[str, str]) -> list[str]:
    """Return the columns that say where patients are treated, which tells of what.

    In a list of a hospital's staff a ward tells of no illness.

    Parameters
    ----------
    kinds : mapping of str to str
        The kind of each column.

    Examples
    --------
    >>> wards_of_patients({"Patient": "name", "Service": "thing"})
    ['Service']
    >>> wards_of_patients({"Nom": "name", "Service": "thing", "Nb patients": ""})
    []
    """
    words = {column: {*header_words(column)} for column in kinds}
    # A count of patients numbers nobody.
    named = any(
        words[column] & WORDS["patients"] and (kind == "name" or words[column] & _OF_NUMBERS)
        for column, kind in kinds.items()
        if kind in ("name", "number")
    )
    if not named or any(_OF_ANIMALS & of for of in words.values()):
        return []
    return [c for c, kind in kinds.items() if kind == "thing" and WORDS["wards"] & words[c]]
