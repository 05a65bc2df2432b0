"""Kinds of columns by their headers and their cells, and which rows show what. No cell is stored.

Some columns reveal a special category only together with others: a birth abroad, a fee, a diet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.free_text import (
    MAY_SHOW_NOTHING,
    answers_none,
    categories_in,
    has_political_side,
    headers_of_sides,
    political_sides_in,
    shows_nothing,
)
from privaudit.columns.headers import (
    ACRONYMS,
    COORDINATES,
    IDENTIFYING_KINDS,
    NAMING_KINDS,
    SHOWN_KINDS,
    UNDECIDED,
    UNDECIDED_SHARE,
    WORDS,
    asks_an_opinion,
    given_names,
    is_campaign_table,
    kind_of_header,
    may_be_sex,
    may_name_a_person,
    object_of,
    partners_in,
    several_of,
    sex_of,
    surname_headers,
)
from privaudit.columns.identifiers import ADDRESS, EMAIL, GROUP_OF_CHAT, HASHED, PROFILE, is_phone
from privaudit.columns.levels import CellTexts, text_levels, values_of
from privaudit.columns.lexicon import listed_words
from privaudit.core.checks import Bools
from privaudit.core.files import once
from privaudit.core.thresholds import FEWEST_AGES
from privaudit.errors import ParameterError
from privaudit.text.cells import answers_of_none, is_missing_mark, is_no_answer, readable
from privaudit.text.normalise import fold, folds, header_words

# Kinds that are no special category (article 9) by themselves.
INDIRECT_KINDS = ("tie", "birthplace", "nationality", "diet", "medical", "profile")
# Of these, what another country may hint at.
ABROAD = ("birthplace", "nationality")
# Categories that a diet may reveal, and the kind of a column by the category of its header.
_BY_DIET = ("religion", "health")
_OF_HEADER = {"union": "union", "religion": "origin", "sex_life": "sex_life", "health": "health"}
# The kinds by which a file is one of people themselves.
_OWNED = ("biometric", "name")
# INSEE numbers countries abroad from 99 on.
_CODE_ABROAD = re.compile(r"99(?:\d{3})?(?:\.0)?")
_HALF, _MOSTLY = 0.5, 0.6


def kinds_named_in_headers(headers: Sequence[str]) -> dict[str, str]:
    """Return the kinds of headers that name a union, a party, a religion.

    Examples
    --------
    >>> kinds_named_in_headers(["Prélèvement CGT", "Don à LFI", "Taille"])
    {'Prélèvement CGT': 'union', 'Don à LFI': 'support'}
    """
    said = {item: {*header_words(item)} for item in headers}
    headers = [item for item, words in said.items()
               if words - WORDS["terms_too"] and not words & WORDS["not_by_header"]]  # fmt: skip
    spoken = categories_in([re.sub(r"[_.]", " ", header) for header in headers])
    result: dict[str, str] = {}
    for what, kind in _OF_HEADER.items():
        for at in np.flatnonzero(spoken[what]).tolist():
            result.setdefault(headers[at], kind)
    for header in headers:
        given = kind_of_header(header)[0] == "tie" or WORDS["givers"] & said[header]
        if given and WORDS["parties"] & said[header]:
            result.setdefault(header, "support")
    return {header: result[header] for header in headers if header in result}


def spatial_sides(cells: Sequence[str]) -> Bools:
    """Return which cells are sides that are places too: of a team, of a floor, of a body.

    Examples
    --------
    >>> spatial_sides(["gauche", "vote Le Pen, porte de droite"]).tolist()
    [True, False]
    """
    said, places = [{*header_words(cell)} for cell in cells], WORDS["places_too"]
    sides = set[str]().union(*said) & WORDS["sides"]
    # A sentence says more than a side.
    short = [len(one) == 1 or (len(one) < 4 and bool(one & places)) for one in said]
    return np.array(short, dtype=bool) & (bool(sides) and sides <= places)


def is_political_column(header: str, cells: Sequence[str]) -> bool:
    """Return whether a column with a header of an opinion holds political sides.

    Examples
    --------
    >>> votes = ["pour", "contre"]
    >>> is_political_column("Opinion", votes), is_political_column("Vote 1", votes)
    (True, False)
    >>> is_political_column("Position", ["left", "right"])
    False
    """
    words, terms = {*header_words(header)}, [WORDS["sides"] & {*header_words(c)} for c in cells]
    if sum(map(bool, terms)) < _MOSTLY * max(1, len(terms)):
        return False
    for_or_against = {side for item in terms for side in item} <= {"pour", "contre"}
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
    """Return which cells name another country than the one at hand, which may hint at an origin.

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
    counts = Counter(filter(None, plain))
    usual, often = counts.most_common(1)[0] if counts else ("", 0)
    home = often > _HALF * counts.total() and WORDS["may_be_home"].issuperset(usual.split())
    abroad = {cell: not (home and cell == usual) and _is_abroad(cell, kind) for cell in counts}
    return np.array([abroad.get(cell, False) for cell in plain], dtype=bool)


def _is_abroad(cell: str, kind: str) -> bool:
    words = cell.split()
    if "france" in words or answers_none(cell) or WORDS["at_home"].issuperset(words):
        return False
    if kind == "nationality":
        return True
    exact, stems = _places_abroad()
    return _CODE_ABROAD.fullmatch(cell) is not None or any(
        word in exact or word.startswith(stems) for word in words
    )


def diets_in(cells: Sequence[str], header: str) -> dict[str, np.ndarray]:
    """Return which cells hold a diet that may reveal a religion or an illness.

    Examples
    --------
    >>> {what: rows.tolist() for what, rows in diets_in(["standard", "sans porc"], "Menu").items()}
    {'religion': [False, True]}
    >>> {what: rows.tolist() for what, rows in diets_in(["oui", "non"], "Repas halal").items()}
    {'religion': [True, False]}
    """
    answers = np.array([bool(cell) and not answers_none(cell) for cell in cells], dtype=bool)
    asked, spoken = categories_in([re.sub("_", " ", header)]), categories_in(cells)
    result = {what: answers if asked[what][0] else spoken[what] for what in _BY_DIET}
    return {what: rows for what, rows in result.items() if rows.any()}


def couples_of_one_sex(first: Sequence[str], second: Sequence[str]) -> np.ndarray:
    """Return which couples are of one sex, which reveals an orientation (CJEU, C-184/20).

    Examples
    --------
    >>> couples_of_one_sex(["M", "F", "Mme", ""], ["M", "H", "femme", "M"]).tolist()
    [True, False, True, False]
    """
    pairs = zip(map(sex_of, first), map(sex_of, second), strict=True)
    return np.array([bool(item) and item == other for item, other in pairs], dtype=bool)


_BLANK, _YES_NO = WORDS["blank"] | {"", "non renseigne"}, WORDS["yes_no"]
# What stands under an acronym that is a flag: an answer, a tick, or the acronym again.
_ANSWERS = _YES_NO | {*ACRONYMS} | WORDS["results"] | WORDS["faith_codes"]
_OF_FLAG = {"support": "party"}  # categories by which an acronym agrees with its cells too
# Cells that are looked at to say what a column holds, and letters of a cell, and of a code ("W").
_SAMPLE, _LETTERS, _CODE = 400, 1_000, 2
# Columns of an audience for advertisements, each hashed.
_OF_AUDIENCE = {"em": "email", "ph": "phone", "fn": "name", "ln": "name"}
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_DIALLED = re.compile(r"(?:33)?[67]\d{8}(?:\.0)?")  # a quantity to spreadsheets: without its 0
_DATE = re.compile(
    r"(?:(\d{4})[-/.]\d\d?[-/.]\d\d?|\d\d?(?:[-/.]\d\d?[-/.]|\w{0,2}[ -]\w+\.?[ -])(\d{4}))(?!\d)"
)
_SHORT = re.compile(r"^(\d\d?([-/.])\d\d?\2)(?=\d\d$)")  # a year of two digits
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
# Headers of what people are, below which there may be who.
_OF_MANY = ("support", "tie", "visit", "turnout", "occupation")
# Headers whose cells have one form: a long cell without it is a note.
_OF_ONE_FORM = ("phone", "email", "address", "place", "thing", "age", "sex", "account")
_WEAK = ("", "tie")  # headers whose other words may be more specific: "Don à LFI"
# Kinds by cells that outrank a header of an object: the colour of a pin is a side.
_NO_THING = ("support", "name", "email", "phone", "address", "credential")
_OF_BOOK = re.compile(r"(?i)\b(?:author|auteur|title|titre|ouvrage)s?\b").search
# Least share of cells that hold a side: of a campaign's notes, and of visits.
_SPEAKS, _SOME_SIDES = 0.1, 0.05
# A flat: its number, or where it is on its floor.
_OF_FLAT = re.compile(
    r"\d|\b(?:gauche|droite|face|fond|milieu|rdc|left|right|back|front|[a-dgA-DG])\b", re.IGNORECASE
)
# "M. MARTIN", "Mme Le Gall": a title, then any name.
_TITLED = re.compile(
    r"(?:m|mm|mr|mrs|ms|miss|mme|mlle|dr|monsieur|madame|mademoiselle)\b\.?"
    r"(?: (?:et|and|&|ou) (?:m|mr|mrs|mme|madame|monsieur)\b\.?)?(?: [^\W\d_][^\d,;:]{0,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class ColumnKind:
    """Kind of a column, and how it is known.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    by : {"header", "cells"}
    """

    kind: str
    by: str


def column_kinds(frame: pd.DataFrame) -> dict[str, ColumnKind]:
    """Return the kind of each column, by its header or its cells.

    Examples
    --------
    >>> people = pd.DataFrame({"prenom": ["Zoé", "Paul"], "c2": ["a@b.fr", "c@d.org"]})
    >>> {column: (item.kind, item.by) for column, item in column_kinds(people).items()}
    {'prenom': ('name', 'header'), 'c2': ('email', 'cells')}
    """
    names = tuple(map(str, frame.columns))
    return dict(once("kinds", lambda: _column_kinds(frame), *values_of(frame), of=names))


def _column_kinds(frame: pd.DataFrame) -> dict[str, ColumnKind]:
    headers = {str(column): kind_of_header(str(column)) for column in frame.columns}
    weak = [column for column, (kind, _) in headers.items() if kind in _WEAK]
    headers |= {column: (kind, False) for column, kind in kinds_named_in_headers(weak).items()}
    calendar = [c for words in ("months", "of_the_sky") for c in several_of(words, headers)]
    headers |= dict.fromkeys(calendar, ("", False))
    flags = _flags({column: of for column, of in headers.items() if column not in calendar})
    headers |= {column: (kind, True) for column, kind in flags.items()}
    beside = surname_headers({column: kind for column, (kind, _) in headers.items()})
    headers |= {column: (kind, False) for column, kind in beside.items()}
    # A column "nom" beside one of given names, of the same object, holds surnames.
    named = {object_of(c) for c, (kind, whole) in headers.items() if kind == "name" and not whole}
    result = {}
    for place, (column, (kind, whole)) in enumerate(headers.items()):
        cells, surnames = _sample(frame.iloc[:, place]), object_of(column) in named
        if surnames and whole and kind == "name" and not _may_be_surnames(column, cells):
            kind = ""  # A title, or a contact, beside names: what its cells say it is.
        pages = bool(WORDS["pages"] & {*header_words(column)})
        # Of a class all are born in a year or two, and under "Né(e) le" no date is another's.
        born = kind == "age" and header_words(column)[-1:] == ("le",)
        whole = whole and not (born and all(map(_DATE.match, cells)))
        of = {"ambiguous": whole, "surnames": surnames, "pages": pages, "flag": column in flags}
        if cells and (known := _kind_of(kind, cells, **of)):
            result[column] = known
        hashed = max((_OF_AUDIENCE.get(word, "") for word in header_words(column)), default="")
        if hashed and cells and all(map(_SHA256.fullmatch, cells)):
            result[column] = ColumnKind(kind=hashed, by="header")
    # "first" and "last" of a profile: given names are known by their cells only.
    kinds = {column: result[column].kind if column in result else "" for column in headers}
    result |= {c: ColumnKind(kind=kind, by="header") for c, kind in surname_headers(kinds).items()}
    if not {*IDENTIFYING_KINDS}.isdisjoint(found := {item.kind for item in result.values()}):
        # A score by side of somebody is an opinion; a count by side of a street is of nobody.
        sides = [
            c for c in headers_of_sides(c for c in headers if c not in result)
            if (cells := _sample(frame[c]))
            and all(_is_number(x) or fold(x) in _YES_NO for x in cells)
        ]  # fmt: skip
        if len(sides) + ("support" in found) > 1:
            result |= dict.fromkeys(sides, ColumnKind(kind="support", by="header"))
    return _by_other_columns(frame, result)


def _may_be_surnames(header: str, cells: list[str]) -> bool:
    """Return whether a column beside given names holds surnames: by header, or a word each."""
    each = 2 * len(set(cells)) > len(cells) and _share(cells, _WORD.fullmatch) >= _MOSTLY
    return each or not {"nom", "name"}.isdisjoint(header_words(header))


def _flags(headers: Mapping[str, tuple[str, bool]]) -> dict[str, str]:
    """Return the kinds of headers that are an acronym, which their cells must answer.

    An acronym of an illness is one beside other words too.
    """
    result = {}
    for header, (kind, _) in headers.items():
        words = [word for word in header_words(header) if word not in WORDS["small"]]
        if (word := words[0] if len(words) == 1 else header.strip().lower()) in ACRONYMS:
            result[header] = ACRONYMS[word]
        elif kind == "health" and any(ACRONYMS.get(word) == kind for word in words):
            result[header] = kind
    return result


def _kind_of(
    header: str, cells: list[str], *, ambiguous: bool, surnames: bool, pages: bool = False,
    flag: bool = False,
) -> ColumnKind | None:  # fmt: skip
    """Return the kind of a column by the kind of its header and by its cells."""
    if flag and not _answers_flag(header, cells):
        header = ""
    ambiguous = ambiguous and not flag
    # Names of candidates below a question of a vote are answers.
    of_sides = header in ("support", "tie") and _share(categories_in(cells)["party"], bool) >= 0.5
    if header in _OF_MANY and _names_people(cells) and not of_sides:
        # Few names that repeat are canvassers', others supporters', whatever the header.
        few = 3 * len(set(cells)) <= len(cells)
        return ColumnKind(kind="others" if few else "name", by="cells")
    if header == "visit" and _share(cells, has_political_side) >= _SOME_SIDES:
        # The outcome of a visit reveals a side, whatever the header.
        return ColumnKind(kind="support", by="cells")
    if pages and _kind_by_cells(cells) == "name" and 3 * len(set(cells)) <= len(cells):
        # Names of few, over and over: whom people follow, not who they are.
        return ColumnKind(kind="tie", by="header")
    if header in _OF_ONE_FORM and _kind_by_cells(cells) == "note":
        # Notes under a header of telephones or addresses are notes.
        return ColumnKind(kind="note", by="cells")
    if header == "thing" and (kind := _kind_by_cells(cells)) in _NO_THING:
        return ColumnKind(kind=kind, by="cells")
    if _agrees(header, cells) and not (
        ambiguous and not _agrees_if_ambiguous(header, cells, surnames)
    ):
        return ColumnKind(kind=header, by="header")
    kind = _kind_by_cells(cells)
    return ColumnKind(kind=kind, by="cells") if kind else None


def _by_other_columns(frame: pd.DataFrame, known: dict[str, ColumnKind]) -> dict[str, ColumnKind]:
    """Correct kinds by the other columns: a fee is an opinion in the file of a campaign."""
    known = dict(known)

    def correct(columns: Iterable[str], kind: str) -> None:
        for column in columns:
            known[column] = replace(known[column], kind=kind)

    names = list(map(str, frame.columns))
    words = {word for name in names for word in header_words(name)}
    if (pair := partners_in({column: item.kind for column, item in known.items()})) is not None:
        correct(pair[1:], "couple")
    if WORDS["books"] & words:
        known |= {c: ColumnKind(kind="thing", by="header") for c in names if _OF_BOOK(c)}
    if WORDS["animals"] & words:
        correct([c for c, item in known.items() if item.kind in ("health", "sex")], "thing")
    owned = {c: "fingerprint" in c.lower() for c, k in known.items() if k.kind in _OWNED}
    if WORDS["browsers"] & words and WORDS["papers"].isdisjoint(words) and all(owned.values()):
        correct(owned, "account")  # The browser's, where no face, name or papers stand beside.
    ties = [column for column, item in known.items() if item.kind == "tie"]
    leaning = [column for column in ties if is_political_column(column, _sample(frame[column]))]
    correct(leaning, "support")
    if not ties:
        return known
    political = is_campaign_table(names, (item.kind for item in known.values()))
    for column in (c for c, item in known.items() if item.kind == "note" and not political):
        notes = _sample(frame[column])
        political = political or _share(categories_in(notes)["party"], bool) >= _SPEAKS
    correct([c for c in ties if c not in leaning], "support" if political else "tie")
    return known


def _sample(column: pd.Series) -> list[str]:
    at = np.flatnonzero(is_filled(column))
    return some_cells(column, at[:: max(1, len(at) // _SAMPLE)])


def cell_texts(column: pd.Series, letters: int = _LETTERS) -> CellTexts:
    """Return the texts of a column, of at most so many letters: what many rows share is read once.

    Examples
    --------
    >>> texts, code = cell_texts(pd.Series(["oui", " Oui", None, "oui "]))
    >>> texts, code.tolist()
    (['oui', 'Oui', ''], [0, 1, 2, 0])
    """
    filled = is_filled(column)
    if isinstance(column.dtype, pd.StringDtype):
        codes, levels = text_levels(column)
        # A blank cell gets a level of its own, whatever it says.
        codes = np.where(filled, codes, np.int64(len(levels)))
        of_cells = [*readable(levels, letters), ""]
    else:
        codes = np.arange(len(column))
        each = zip(column.tolist(), filled.tolist(), strict=True)
        of_cells = readable([str(cell) if there else "" for cell, there in each], letters)
    alike, texts = pd.factorize(np.array(of_cells, dtype=object))
    number, order = pd.factorize(alike[codes])
    return CellTexts(texts[order].tolist(), number)


def cells_of(column: pd.Series, letters: int = _LETTERS) -> list[str]:
    """Return the cells of a column as texts of at most so many letters, "" where one is blank."""
    texts, code = cell_texts(column, letters)
    return [texts[at] for at in code.tolist()]


def some_cells(column: pd.Series, at: Any) -> list[str]:
    """Return the cells of some rows as `cells_of` does."""
    if not isinstance(column.dtype, pd.StringDtype):
        return cells_of(column.iloc[at])
    codes, levels = text_levels(column)
    there = is_filled(column)[at]
    texts = iter(readable(levels.listed_at(codes[at][there].tolist()), _LETTERS))
    return [next(texts) if filled else "" for filled in there.tolist()]


def is_filled(column: pd.Series) -> Bools:
    """Return which cells of a column say something."""
    if not isinstance(column.dtype, pd.StringDtype):
        return _is_filled(column)
    # The values of a column of text are one object, however often the column is taken out.
    return once("filled", lambda: _is_filled(column), column.array, of=str(column.name)).copy()


def _is_filled(column: pd.Series) -> Bools:
    known = column.notna().to_numpy(dtype=bool)
    if column.dtype.kind in "biufcmM" or not known.any():
        return known
    codes, texts = text_levels(column)
    near = texts.may_begin(_BLANK | {"\0"})
    blank = np.zeros(len(texts) + 1, dtype=bool)
    # Fields of fixed width are filled up with zero bytes.
    blank[near] = [text.strip("\0 ") in _BLANK for text in folds(texts.listed_at(near))]
    filled = np.asarray(known & ~blank[codes])
    if not asks_an_opinion(column.name):
        return filled
    undecided = np.asarray(known & _by_level(column, lambda level: level.strip() == UNDECIDED))
    # Among the answers to a question of opinion, an often given one.
    often = undecided.sum() >= UNDECIDED_SHARE * known.sum() and filled.any()
    return filled | undecided if often else filled


def _by_level(column: pd.Series, fits: Callable[[str], bool]) -> np.ndarray:
    """Return which cells fit, asking of each level once."""
    codes, levels = text_levels(column)
    return np.asarray(np.array([*map(fits, levels), False], dtype=bool)[codes])


def has_filled(column: pd.Series) -> bool:
    """Return whether any cell of a column says something."""
    return bool(is_filled(column.iloc[:_SAMPLE]).any() or is_filled(column).any())


def _share(cells: Iterable[Any], fits: Callable[[Any], object]) -> float:
    tried = list(map(bool, map(fits, cells)))
    return sum(tried) / len(tried) if tried else 0.0


_is_acronym, _is_code = re.compile(r"[A-Z]{2,5}").fullmatch, re.compile(r"[A-Z]{2}").fullmatch
_is_number = re.compile(r"[+-]?\d+(?:[.,]\d+)?").fullmatch
# Under a header of these kinds, what at least half of the cells must be, or less than half.
_MUST: dict[str, Callable[[str], object]] = {"age": re.compile(r"\d").search, "sex": may_be_sex}
# "Parti le" is a date of departure. Whether there is a password, or since when, opens no door.
_MUST_NOT: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("support", "tie"), _DATE.match),
    **dict.fromkeys(("name", "address"), lambda cell: EMAIL.search(cell) or is_phone(cell)),
    "credential": lambda cell: cell.lower() in _YES_NO or _DATE.match(cell),
}


def _agrees(kind: str, cells: list[str]) -> bool:
    """Return whether cells agree with the kind of their header: a yes or no is no name."""
    if kind in _MUST_NOT and _share(cells, _MUST_NOT[kind]) >= 0.5:
        return False
    if kind in (*IDENTIFYING_KINDS, "note", "address", "others"):
        if all(cell.lower() in _YES_NO for cell in cells):
            return False
        return kind in ("phone", "account") or _share(cells, _is_number) < 0.9
    return _share(cells, _MUST[kind]) >= 0.5 if kind in _MUST else bool(kind)


def _agrees_if_ambiguous(kind: str, cells: list[str], surnames: bool) -> bool:
    """Return whether cells agree with the kind of an ambiguous header."""
    if kind == "address":
        return _share(cells, _OF_FLAT.search) >= 0.5
    if kind == "origin":
        spoken = categories_in(cells)
        coded = all(len(cell) <= _CODE for cell in cells)
        return coded or _share(spoken["origin"] | spoken["religion"], bool) >= 0.3
    if kind == "support":
        return _share(cells, lambda c: _is_number(c) or {*fold(c).split()} & WORDS["sides"]) >= 0.5
    if kind == "number":
        return _share(cells, _is_number) >= 0.5
    if kind != "name":
        return kind != "age" or _spread_as_births([_SHORT.sub(r"\g<1>19", c) for c in cells])
    plain = _share(cells, lambda c: not re.search(r"\d", c) and len(_WORD.findall(c)) <= 4)
    if plain < 0.8 or _share(cells, lambda c: set(fold(c).split()) & WORDS["things"]) >= 0.1:
        return False
    few_alike = len(set(cells)) > len(cells) / 2 and len(cells) > 1
    return surnames or few_alike or _share(cells, _has_given_name) >= 0.2


def _answers_flag(kind: str, cells: list[str]) -> bool:
    """Return whether cells answer yes or no, or speak of what an acronym stands for.

    Numbers besides 0 and 1 are measures, or codes of a technique.
    """
    others = [cell for cell in cells if fold(cell).strip() not in _ANSWERS]
    if any(map(_is_number, others)):
        return False
    few = 2 * len(others) <= len(cells)
    return few or _share(categories_in(cells)[_OF_FLAG.get(kind, kind)], bool) >= 0.3


def _names_people(cells: list[str]) -> bool:
    """Return whether cells are people's names: a given name and another word, mostly."""
    several = [cell for cell in cells if len(cell.split()) > 1]
    return len(several) >= _MOSTLY * len(cells) and _share(several, _is_whole_name) >= _MOSTLY


def _has_given_name(cell: str) -> bool:
    return any(fold(word) in given_names() for word in re.split(r"[\s-]+", cell))


def _is_whole_name(cell: str) -> bool:
    few = 1 <= len(cell.split()) <= 4 and not re.search(r"\d", cell)
    return bool(_TITLED.fullmatch(cell)) or (few and _has_given_name(cell))


def _spread_as_births(cells: list[str]) -> bool:
    """Return whether cells are dates or years that spread as births do."""
    years = []
    for cell in cells:
        values = (date[1] or date[2]) if (date := _DATE.match(cell)) else cell.removesuffix(".0")
        if not re.fullmatch(r"(?:19|20)\d\d", values):
            return False
        years.append(int(values))
    low, high = np.percentile(years, [5, 95])
    return bool(high - low >= 15 and low <= 1985)


def _kind_by_cells(cells: list[str]) -> str:
    """Return the kind that most cells are of; "" where none."""
    cells = [cell for cell in cells if not GROUP_OF_CHAT.fullmatch(cell)] or [""]
    several = len(set(cells)) > 1
    if _share(cells, HASHED.match) >= 0.5:
        return "credential"
    if _share(cells, is_phone) >= 0.5 or all(map(_DIALLED.fullmatch, cells)):
        return "phone"
    if all(map(_is_number, cells)):
        return "age" if len(cells) >= FEWEST_AGES and _spread_as_births(cells) else ""
    if _share(cells, EMAIL.search) >= 0.5:
        return "email"
    if 2 * len({*cells}) > len(cells) and _share(cells, PROFILE.fullmatch) >= 0.5:
        return "account"
    if _spread_as_births(cells):
        return "age"
    folded = folds(cells)
    if _share(folded, ADDRESS.search) >= 0.5:
        return "address"
    if several and _share(map(str.split, folded), WORDS["sides"].intersection) >= _MOSTLY:
        return "tie" if spatial_sides(cells).any() else "support"
    if several and _share(cells, _is_whole_name) >= _MOSTLY:
        return "name"
    # Words are apart: a key of a device, or a geometry in hexadecimal digits, is none.
    words = np.mean([sum(bool(_WORD.search(w)) for w in cell.split()) for cell in cells])
    return "note" if words >= 4 and len(set(cells)) >= 5 else ""


def named_by_headers(frame: pd.DataFrame, *, least: int) -> list[str]:
    """Return the headers that may themselves be a person's: not to be repeated.

    Parameters
    ----------
    least : int
        One that is not known, and stands for fewer rows and not for all, may be too.

    Examples
    --------
    >>> odd = pd.DataFrame({"zone": ["a", "b"], "Marie Dupont": ["for", None]})
    >>> named_by_headers(odd, least=2)
    ['Marie Dupont']
    """
    result = []
    for place, column in enumerate(map(str, frame.columns)):
        if fold(column) in COORDINATES:
            continue
        n = int(frame.iloc[:, place].notna().sum())
        few = n < min(least, len(frame)) and not kind_of_header(column)[0]
        if few or may_name_a_person(column):
            result.append(column)
    return result


def refuse_names(who: str, keys: Iterable[str], records: pd.DataFrame | None = None) -> None:
    """Raise `ParameterError` where a key names people: it is no key, and values are printed.

    Parameters
    ----------
    records : pandas.DataFrame, optional
        Whose cells count too, where they are read.

    Examples
    --------
    >>> refuse_names("table", ["age", "full_name"])
    Traceback (most recent call last):
    privaudit.errors.ParameterError: table: needs keys that name nobody, as each names \
somebody by itself and is printed, but got 'full_name', of the kind name by its header. \
Leave it out of the keys, or give it as identifier.
    """
    by_header = {key: kind_of_header(key) for key in keys}
    known = {
        key: ColumnKind(kind=kind, by="header")
        for key, (kind, whole) in by_header.items()
        if kind and not whole
    }
    if records is not None:
        known |= {key: item for key, item in column_kinds(records).items() if key in by_header}
    for key, item in known.items():
        if item.kind in NAMING_KINDS:
            needed = "keys that name nobody, as each names somebody by itself and is printed"
            came = f"'{key}', of the kind {item.kind} by its {item.by}"
            raise ParameterError.of(
                who, needed, came, "Leave it out of the keys, or give it as identifier."
            )


# Words of a header of several options, or of views on one; most ways to answer, end of a scale.
_OF_SEVERAL = WORDS["leanings"] | WORDS["asked_for"]
_NO_AMOUNT = re.compile(r"0(?:[.,]0+)?(?: ?(?:€|£|\$|eur|euros?))?", re.IGNORECASE).fullmatch
_MONEY = re.compile(r"\d+[.,]\d\d|\d.*(?:€|£|\$|eur|euros?)|[€£$].*\d", re.IGNORECASE).fullmatch
_PRACTISED, _FEW_ANSWERS, _SCALE = ("pratiqu", "practi", "croyan", "believ"), 20, 10
# Kinds of columns whose cells are read by what they may hint at.
INDIRECT = (*ABROAD, "couple", "diet")


def rows_showing(
    frame: pd.DataFrame, known: Mapping[str, ColumnKind]
) -> dict[tuple[str, str], np.ndarray]:
    """Return which rows show each kind, by kind and column, of those that some row shows.

    A note may also hold an e-mail, a telephone, an address, or the name of a third party.
    """
    result = {}
    for column, item in known.items():
        if item.kind in SHOWN_KINDS:
            result[item.kind, column] = cells_showing(frame[column], item.kind)
        if item.kind in INDIRECT:
            hinted = revealed_by(frame, column, known)
            result |= {(what, column): hits for what, hits in hinted.items()}
    notes = [column for column, item in known.items() if item.kind == "note"]
    own = own_names(frame, known) if notes else []
    for column in notes:
        cells = cells_of(frame[column])
        within = third_parties_in(cells, own) | {"support": political_sides_in(cells)}
        for kind, rows in within.items():
            result[kind, column] = result.get((kind, column), np.zeros(len(frame), bool)) | rows
    return {key: rows for key, rows in result.items() if rows.any()}


def own_names(frame: pd.DataFrame, known: Mapping[str, ColumnKind]) -> list[str]:
    """Return the name of the data subject of each row, "" where no column holds names.

    Examples
    --------
    >>> people = pd.DataFrame({"nom": ["Roux", "Le Gall"]})
    >>> own_names(people, {"nom": ColumnKind(kind="name", by="header")})
    ['Roux', 'Le Gall']
    """
    named = [cells_of(frame[column]) for column, item in known.items() if item.kind == "name"]
    return [" ".join(row) for row in zip(*named, strict=True)] if named else [""] * len(frame)


def cells_showing(column: pd.Series, kind: str) -> np.ndarray:
    """Return which cells show the kind of their column: no faith is a belief, no tick nothing."""
    there = is_filled(column)
    if kind not in MAY_SHOW_NOTHING or not there.any():
        return there
    codes, texts = text_levels(column)
    words = {*header_words(str(column.name))}
    if option := _is_option(str(column.name), kind, texts):
        there = there & ~_by_level(column, lambda text: fold(text) in WORDS["refused"])
    elif kind in ("support", "tie") and WORDS["gifts"] & words and _are_amounts(words, texts):
        there = there & ~_by_level(column, lambda text: bool(_NO_AMOUNT(text)))
    faith = not (option or WORDS["religion"].isdisjoint(words))
    none = [shows_nothing(text, kind) and not (faith and answers_none(text)) for text in texts]
    nothing = np.array([*none, False], dtype=bool)
    # A mark of two letters among words; among acronyms it may be one of them (Nouveau Centre).
    if kind != "phone" and _share(texts, _is_acronym) <= _HALF:
        nothing[answers_of_none(texts)] = True
    elif kind != "phone":
        there = there | _by_level(column, lambda t: bool(_is_code(t)) and not is_missing_mark(t))
    if faith:
        there = there | _by_level(column, lambda text: text.lower() == "none")
    return np.asarray(there & ~nothing[codes])


def _are_amounts(words: Set[str], texts: Sequence[str]) -> bool:
    """Return whether cells are of money, and not of a scale without a currency, to 10."""
    asked, whole = WORDS["scores"] | WORDS["asked_for"], [t.removesuffix(".0") for t in texts]
    amounts = (_MONEY(text) or (text.isdecimal() and float(text) > _SCALE) for text in whole)
    return words.isdisjoint(asked) and any(amounts)


def _is_option(header: str, kind: str, texts: Sequence[str]) -> bool:
    """Return whether a header names one party or a faith, and all cells answer yes or no."""
    words = header_words(header)
    few = len(texts) <= _FEW_ANSWERS and _OF_SEVERAL.isdisjoint(words)
    answers = {fold(text) for text in texts if not is_no_answer(text)} - _BLANK if few else set()
    if not answers or not answers <= WORDS["agreed"] | WORDS["refused"]:
        return False
    if kind == "origin":
        rest = [w for w in words if w not in WORDS["religion"] and not w.startswith(_PRACTISED)]
        return sum(bool(faith) for faith in categories_in(sorted({*rest}))["religion"]) == 1
    sides = {w for w in words if w in WORDS["parties"] or ACRONYMS.get(w) == "support"}
    sides |= {side for side in WORDS["sure_sides"] if f"_{side}_" in f"_{'_'.join(words)}_"}
    return kind in ("support", "tie") and len(sides) == 1


def revealed_by(
    frame: pd.DataFrame, column: str, known: Mapping[str, ColumnKind]
) -> dict[str, np.ndarray]:
    """Return which rows of an indirect column reveal what: a birth abroad, a religion by a diet.

    Examples
    --------
    >>> born = pd.DataFrame({"lieu_naissance": ["Paris", "Oran"]})
    >>> revealed_by(born, "lieu_naissance", column_kinds(born))["abroad"].tolist()
    [False, True]
    """
    kind, cells = known[column].kind, cells_of(frame[column])
    if kind == "diet":
        return diets_in(cells, column)
    if kind == "couple":
        other = partners_in({c: item.kind for c, item in known.items()})
        if other is None or other[1] != column:
            return {}
        return {"sex_life": couples_of_one_sex(cells_of(frame[other[0]]), cells)}
    return {"abroad": abroad_in(cells, kind)}


def revealing_columns(frame: pd.DataFrame, known: Mapping[str, ColumnKind]) -> list[str]:
    """Return the columns of diets and couples that reveal a religion, an illness, a sex life.

    Examples
    --------
    >>> pupils = pd.DataFrame({"Menu": ["standard", "sans porc"]})
    >>> revealing_columns(pupils, column_kinds(pupils))
    ['Menu']
    """
    columns = [c for c, item in known.items() if item.kind in ("diet", "couple") and c in frame]
    return [c for c in columns if any(hits.any() for hits in revealed_by(frame, c, known).values())]


def third_parties_in(cells: list[str], own: list[str]) -> dict[str, np.ndarray]:
    """Return which notes hold an e-mail, a telephone, an address, or name a third party.

    Parameters
    ----------
    own : list of str
        The name of the data subject of each.

    Examples
    --------
    >>> result = third_parties_in(["Sa femme Sylvie a ouvert, 06 12 34 56 78"], own=["Éric Meyer"])
    >>> [kind for kind, rows in result.items() if rows[0]]
    ['phone', 'others']
    """
    spoken = categories_in(cells, own)
    return {kind: spoken[kind] for kind in ("email", "phone", "address", "others")}
