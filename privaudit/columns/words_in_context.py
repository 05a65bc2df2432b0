"""Words that mean something else beside the other values, or columns, that they stand among."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from privaudit.columns.headers import WORDS, is_campaign_table
from privaudit.columns.levels import CellTexts
from privaudit.core.checks import Bools
from privaudit.text.normalise import fold, header_words

# Single words that mean something else beside some others, by category: both lists.
_EVERYDAY = {
    "party": (WORDS["everyday_parties"], WORDS["beside_parties"]),
    "union": (WORDS["everyday_unions"], WORDS["beside_unions"]),
    "religion": (WORDS["everyday_faiths"], WORDS["beside_faiths"]),
}
# Kinds of other columns beside which such a word is of its category.
_OF_CATEGORY = {"party": "support", "union": "union", "religion": "origin"}
# Letters of a value of a list.
_SHORT_VALUE = 30
# Other signs of the zodiac, from which on "Cancer" is one of them.
_SIGNS = 2
# Share of cells from which on a column tells who is a member.
_MEMBERS = 0.1
_OF_ANIMALS = WORDS["animals"] | {"espece", "species", "owner", "proprietaire"}
_OF_NUMBERS = frozenset(("id", "identifiant", "numero", "num", "number", "code", "mrn", "ref"))


def without_everyday(
    spoken: Mapping[str, Bools], cells: CellTexts, kind: str, beside: Collection[str] = ()
) -> dict[str, Bools]:
    """Leave out a word that says something else than a category among the values of its column.

    One that may be a party's, such as "moderate" beside "low", is no party's; beside another side
    or what is found at a door it is. Among signs of the zodiac "Cancer" is no illness.

    Parameters
    ----------
    spoken : mapping of str to ndarray of bool, shape (n,)
        Which cells hold which category.
    kind : str
        The kind of the column: in a tie, a member is of something.
    beside : collection of str, optional
        The kinds of all columns: "support" where the table is a campaign's.

    Examples
    --------
    >>> cells = CellTexts(["moderate", "low"], np.array([0, 1, 0]))
    >>> spoken = {"party": np.array([True, False, True])}
    >>> without_everyday(spoken, cells, "")["party"].tolist()
    [False, False, False]
    >>> without_everyday(spoken, cells, "", ["support"])["party"].tolist()
    [True, False, True]
    """
    result = dict(spoken)
    for what, (words, others) in _EVERYDAY.items():
        if what in result and _OF_CATEGORY[what] not in beside:
            said = _said(result[what], cells)
            one = said <= words and len({word.removesuffix("e") for word in said}) == 1
            member = kind == "tie" and said <= WORDS["membership"]
            if member or (one and _values(cells) & others):
                result[what] = np.zeros_like(result[what])
    signs = "health" in result and len(_values(cells) & WORDS["zodiac"]) >= _SIGNS
    if signs and all(text.startswith("cancer") for text in _said(result["health"], cells)):
        sign = np.array([fold(text).strip() == "cancer" for text in cells.texts], dtype=bool)
        result["health"] = result["health"] & ~cells.rows(sign)
    return result


def sure_among(sure: Bools, cells: CellTexts, beside: Collection[str] = ()) -> Bools:
    """Return which cells are sure: none where only words that things have too speak of a category.

    "Noir" is a colour where no other value of the column names an origin, "gauche" a side where
    the table is no campaign's and no other value is what is found at a door. "Réformé" is a state
    where no other name of a faith or of a party stands beside it.

    Parameters
    ----------
    sure : ndarray of bool, shape (n,)
        Which cells speak of a category without doubt, by their own words.
    beside : collection of str, optional
        The kinds of all columns: "support" where the table is a campaign's.

    Returns
    -------
    ndarray of bool, shape (n,)
        `sure`, or False throughout.

    Examples
    --------
    >>> cells = CellTexts(["Noir", "Vert"], np.array([0, 1, 0]))
    >>> sure_among(np.array([True, False, True]), cells).any()
    np.False_
    >>> cells = CellTexts(["Noir", "Arabe"], np.array([0, 1, 0]))
    >>> sure_among(np.array([True, True, True]), cells).all()
    np.True_
    """
    said, values = _said(sure, cells), _values(cells)
    words, names = WORDS["everyday_values"], WORDS["everyday_names"]
    if "support" not in beside and values.isdisjoint(WORDS["at_doors"]):
        words, names = words | WORDS["everyday_sides"], names | WORDS["everyday_party_names"]
    if len({word.rstrip("es") for word in said & names}) == 1:
        words = words | names
    of_things = said <= words and values.isdisjoint(WORDS["states_of_people"])
    return np.zeros_like(sure) if of_things else sure


def _said(hits: Bools, cells: CellTexts) -> set[str]:
    return {fold(cells.texts[at]).strip() for at in np.unique(cells.code[hits]).tolist()}


def _values(cells: CellTexts) -> set[str]:
    return {"_".join(header_words(text)) for text in cells.texts if len(text) <= _SHORT_VALUE}


def kinds_beside(kinds: Mapping[str, str]) -> set[str]:
    """Return the kinds of columns, "support" too where they are of a campaign or of a party.

    Parameters
    ----------
    kinds : mapping of str to str
        The kind of each column.

    Examples
    --------
    >>> sorted(kinds_beside({"Nom": "name", "Bureau de vote": "place"}))
    ['name', 'place', 'support']
    >>> sorted(kinds_beside({"Nom": "name", "Formule": ""}))
    ['', 'name']
    """
    words = {word for header in kinds for word in header_words(header)}
    political = is_campaign_table(kinds, kinds.values()) or words & WORDS["of_parties"]
    return {*kinds.values(), *(["support"] if political else ())}


def tells_members(texts: Sequence[str]) -> bool:
    """Return whether cells tell who is a member of something: a tie, as a fee is.

    Examples
    --------
    >>> tells_members(["Member", "Guest"]), tells_members(["Adhérent", "Adhérente"])
    (True, True)
    >>> tells_members(["Active", "Lapsed"]), tells_members(["Member", "Not home"])
    (False, False)
    """
    members = sum(fold(text).strip() in WORDS["membership"] for text in texts)
    if members <= _MEMBERS * len(texts):
        return False
    return WORDS["at_doors"].isdisjoint("_".join(header_words(text)) for text in texts)


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
