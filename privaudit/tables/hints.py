"""Columns that tell a special category only with more: a birth abroad, a fee, a diet.

A place of birth tells no origin: ethnic origin rests on several criteria together, of which the
country of birth alone is none (CJEU, 6 April 2017, C-668/15, Jyske Finans). A birth or a
nationality abroad is a hint at one, by which the CNIL forbids to sort. A gift, a fee or help tells
an opinion where a party or a candidate holds the file, and nothing where a football club does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from privaudit.tables.answers import tells_none
from privaudit.tables.free_text import speaks_of
from privaudit.tables.headers import WORDS, kind_of_header
from privaudit.tables.lexicon import listed_words
from privaudit.text.normalise import fold, header_words

__all__ = ["ABROAD", "HINTS", "abroad_in", "diets_in", "leans", "of_campaign",
           "of_one_sex", "partners_in", "said_by_headers", "sides_only"]  # fmt: skip

# Kinds of columns that tell nothing of article 9 by themselves.
HINTS = ("tie", "birthplace", "nationality", "diet", "medical", "profile")
# Of these, what another country may hint at.
ABROAD = ("birthplace", "nationality")
# What a diet may tell, and the kind of a column whose header speaks of something.
_BY_DIET = ("religion", "health")
_OF_HEADER = {
    "union": "union", "religion": "origin", "sex_life": "sex_life", "health": "health",
}  # fmt: skip
# The kinds by which a file is one of a campaign.
_OF_CAMPAIGN = ("support", "turnout")
# INSEE numbers countries abroad from 99 on.
_CODE_ABROAD = re.compile(r"99(?:\d{3})?(?:\.0)?")
_HALF, _MOSTLY = 0.5, 0.6


def of_campaign(headers: Iterable[str], kinds: Iterable[str]) -> bool:
    """Say whether a table is one of a campaign, by what its columns hold or are called.

    Examples
    --------
    >>> of_campaign(["nom", "don"], ["name", "tie"]), of_campaign(["parti"], ["support"])
    (False, True)
    """
    words = {word for header in headers for word in header_words(header)}
    return bool({*_OF_CAMPAIGN} & {*kinds} or WORDS["political"] & words)


def said_by_headers(headers: Sequence[str]) -> dict[str, str]:
    """Return the kinds that the words of headers tell: a union's name, a party's.

    Examples
    --------
    >>> said_by_headers(["Prélèvement CGT", "Don à LFI", "Taille"])
    {'Prélèvement CGT': 'union', 'Don à LFI': 'support'}
    """
    headers = [one for one in headers if not WORDS["not_by_header"] & {*header_words(one)}]
    said = speaks_of([re.sub(r"[_.]", " ", header) for header in headers])
    found: dict[str, str] = {}
    for what, kind in _OF_HEADER.items():
        for at in np.flatnonzero(said[what]).tolist():
            found.setdefault(headers[at], kind)
    for header in headers:
        words = {*header_words(header)}
        given = kind_of_header(header)[0] == "tie" or WORDS["givers"] & words
        if given and WORDS["parties"] & words:
            found.setdefault(header, "support")
    return {header: found[header] for header in headers if header in found}


def sides_only(cells: Iterable[str]) -> bool:
    """Say whether cells are sides that are places too: of a team, of a floor, of a body.

    Examples
    --------
    >>> sides_only(["left", "Right"]), sides_only(["gauche", "hostile"])
    (True, False)
    """
    told = {word for cell in cells for word in header_words(cell)} & WORDS["sides"]
    return bool(told) and told <= WORDS["places_too"]


def leans(header: str, cells: Sequence[str]) -> bool:
    """Say whether a header of an opinion stands over sides: no field of play has a "tendance".

    Examples
    --------
    >>> leans("Tendance", ["gauche", "droite"]), leans("Opinion", ["pour", "contre"])
    (True, True)
    >>> leans("Position", ["left", "right"]), leans("Vote 1", ["pour", "contre"])
    (False, False)
    """
    words, told = {*header_words(header)}, [WORDS["sides"] & {*header_words(c)} for c in cells]
    if sum(map(bool, told)) < _MOSTLY * max(1, len(told)):
        return False
    for_or_against = {side for one in told for side in one} <= {"pour", "contre"}
    return bool(WORDS["leanings"] & words) or (bool(WORDS["votes"] & words) and not for_or_against)


@cache
def _places_abroad() -> tuple[frozenset[str], tuple[str, ...]]:
    words = {*listed_words("country"), *listed_words("town")} - WORDS["at_home"]
    nations = {*listed_words("nation_fr"), *listed_words("nation_en")}
    return (
        frozenset(word for word in words | nations if not word.endswith("*")) - WORDS["at_home"],
        tuple(word[:-1] for word in nations if word.endswith("*")),
    )


def abroad_in(cells: Sequence[str], kind: str) -> np.ndarray:
    """Say which cells name another country than the one at hand, which may hint at an origin.

    The country at hand is France, or another one that speaks French or English, where more than
    half of the cells say so. Towns abroad are those of the lexicon, so that a place of birth is
    counted as abroad *at least* so often.

    Parameters
    ----------
    cells : sequence of str
        "" where blank.
    kind : {"birthplace", "nationality"}
        Of nationalities and papers every other one counts, of places those that are known.

    Examples
    --------
    >>> abroad_in(["Paris", "Oran", "", "99352", "Fort-de-France"], "birthplace").tolist()
    [False, True, False, True, False]
    >>> abroad_in(["FRA", "FRA", "PRT", "Française"], "nationality").tolist()
    [False, False, True, False]
    >>> abroad_in(["British", "British", "Irish"], "nationality").tolist()
    [False, False, True]
    """
    plain = [" ".join(header_words(cell)) for cell in cells]
    met = Counter(filter(None, plain))
    usual, often = met.most_common(1)[0] if met else ("", 0)
    home = often > _HALF * sum(met.values()) and {*usual.split()} <= WORDS["may_be_home"]
    usual = usual if home else ""
    told = {cell: cell != usual and _is_abroad(cell, kind) for cell in met}
    return np.array([told.get(cell, False) for cell in plain], dtype=bool)


def _is_abroad(cell: str, kind: str) -> bool:
    words = cell.split()
    if "france" in words or tells_none(cell) or {*words} <= WORDS["at_home"]:
        return False
    if kind == "nationality":
        return True
    exact, stems = _places_abroad()
    return _CODE_ABROAD.fullmatch(cell) is not None or any(
        word in exact or word.startswith(stems) for word in words
    )


def diets_in(cells: Sequence[str], header: str) -> dict[str, np.ndarray]:
    """Say which cells tell a diet by which a faith or an illness may be known.

    Examples
    --------
    >>> {what: rows.tolist() for what, rows in diets_in(["standard", "sans porc"], "Menu").items()}
    {'religion': [False, True]}
    >>> {what: rows.tolist() for what, rows in diets_in(["oui", "non"], "Repas halal").items()}
    {'religion': [True, False]}
    """
    answers = np.array([bool(cell) and not tells_none(cell) for cell in cells], dtype=bool)
    asked, said = speaks_of([re.sub("_", " ", header)]), speaks_of(cells)
    found = {what: answers if asked[what][0] else said[what] for what in _BY_DIET}
    return {what: rows for what, rows in found.items() if rows.any()}


def partners_in(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the two columns that tell the sexes of a couple, where a file has them.

    - `headers`: The kind of each.

    Examples
    --------
    >>> partners_in({"Partenaire 1": "name", "Sexe 1": "sex", "Sexe 2": "sex"})
    ('Sexe 1', 'Sexe 2')
    >>> partners_in({"Sexe enfant 1": "sex", "Sexe enfant 2": "sex"}) is None
    True
    """
    of_sex = [header for header, kind in headers.items() if kind in ("sex", "couple")]
    if len(of_sex) != 2:
        return None
    words = {header: {*header_words(header)} for header in headers}
    apart = words[of_sex[0]] ^ words[of_sex[1]]
    paired = all(not word.isalpha() or len(word) == 1 for word in apart)
    couples = any(WORDS["couple"] & told for told in words.values())
    if headers[of_sex[1]] == "couple" or (paired and couples):
        return of_sex[0], of_sex[1]
    return None


def of_one_sex(first: Sequence[str], second: Sequence[str]) -> np.ndarray:
    """Say which couples are of one sex, which tells an orientation (CJEU, C-184/20).

    Examples
    --------
    >>> of_one_sex(["M", "F", "Mme", ""], ["M", "H", "femme", "M"]).tolist()
    [True, False, True, False]
    """
    pairs = zip(map(_sex, first), map(_sex, second), strict=True)
    return np.array([bool(one) and one == other for one, other in pairs], dtype=bool)


def _sex(cell: str) -> str:
    word = fold(cell).rstrip(".")
    if word in WORDS["women"]:
        return "f"
    return "m" if word in WORDS["men"] else ""
