"""What the columns of a table hold: known by their header, or by their cells. No cell is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit._core.policy import FEWEST_AGES
from privaudit.errors import ParameterError
from privaudit.roles import LATITUDE, LONGITUDE, METRES_X, METRES_Y
from privaudit.tables.answers import of_a_sex, tells_side
from privaudit.tables.contact_shapes import ADDRESS, EMAIL, HASHED, PHONE
from privaudit.tables.free_text import speaks_of
from privaudit.tables.headers import (
    CALLED,
    DIRECT,
    WORDS,
    given_names,
    kind_of_header,
    may_name_somebody,
    surnames_beside,
)
from privaudit.tables.hints import leans, of_campaign, partners_in, said_by_headers, sides_only
from privaudit.text.normalise import canonical, fold, header_words

__all__ = [
    "COORDINATES", "Held", "cells_of", "filled", "held",
    "named_by_headers", "refuse_names",
]  # fmt: skip


# Cells that say nothing.
_BLANK = frozenset({
    "", "-", "--", "?", "*", ".", "/", "na", "n/a", "nan", "null", "none", "nil", "inconnu",
    "inconnue", "unknown", "non renseigne", "nc", "#n/a",
})  # fmt: skip
_YES_NO = frozenset({
    "true", "false", "yes", "no", "oui", "non", "vrai", "faux", "0", "1", "0.0", "1.0", "t", "f",
    "y", "n", "o",
})  # fmt: skip
# What stands under the acronym of an illness: an answer, a tick, or the acronym again.
_ANSWERS = _YES_NO | WORDS["acronyms"] | {"x", "positif", "negatif", "positive", "negative"}
COORDINATES = frozenset((*LONGITUDE, *LATITUDE, *METRES_X, *METRES_Y))
# Cells that are looked at to say what a column holds, and letters of a cell.
_SAMPLE, _LETTERS = 400, 1_000
# A French number that a spreadsheet took for a quantity: without its first 0.
_DIALLED = re.compile(r"(?:33)?[67]\d{8}(?:\.0)?")
_DATE = re.compile(r"(?:(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}))(?!\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
# What a web page is written in, as the windows of a map are.
_MARK = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|&nbsp;")
# Headers of what people are, below which there may be who.
_OF_MANY = ("support", "tie", "visit", "turnout", "occupation")
# Headers whose other words may tell more: "Don à LFI".
_WEAK = ("", "tie")
# What cells tell of a column that is called like a thing's: the colour of a pin is a side.
_NO_THING = ("support", "name", "email", "phone", "address", "credential")
# Letters of a code: "W", "B", "10".
_CODE = 2
_OF_BOOK = re.compile(r"(?i)\b(?:author|auteur|title|titre|ouvrage)s?\b").search
# Shares that speak of a side, at least: of a campaign's notes, and, above a slip, of visits.
_SPEAKS, _SOME_SIDES = 0.1, 0.05
# A flat: its number, or where it is on its floor.
_OF_FLAT = re.compile(
    r"\d|\b(?:gauche|droite|face|fond|milieu|rdc|left|right|back|front|[a-dgA-DG])\b", re.IGNORECASE
)
# "M. MARTIN", "Mme Le Gall": a title, then a name that no list need know.
_TITLED = re.compile(
    r"(?:m|mm|mr|mrs|ms|miss|mme|mlle|dr|monsieur|madame|mademoiselle)\b\.?"
    r"(?: (?:et|and|&|ou) (?:m|mr|mrs|mme|madame|monsieur)\b\.?)?(?: [^\W\d_][^\d,;:]{0,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a column holds, and how that is known.

    - `kind` (one of `KINDS`)
    - `by` ({"header", "cells"})
    """

    kind: str
    by: str


def held(frame: pd.DataFrame) -> dict[str, Held]:
    """Say what each column holds, where its header or its cells tell it.

    Examples
    --------
    >>> people = pd.DataFrame({"prenom": ["Zoé", "Paul"], "c2": ["a@b.fr", "c@d.org"]})
    >>> {column: (one.kind, one.by) for column, one in held(people).items()}
    {'prenom': ('name', 'header'), 'c2': ('email', 'cells')}
    """
    headers = {str(column): kind_of_header(str(column)) for column in frame.columns}
    weak = [column for column, (kind, _) in headers.items() if kind in _WEAK]
    headers |= {column: (kind, False) for column, kind in said_by_headers(weak).items()}
    headers |= {
        column: (kind, True)
        for column, (kind, _) in headers.items()
        if kind == "health" and WORDS["acronyms"] & {*header_words(str(column))}
    }
    beside = surnames_beside({column: kind for column, (kind, _) in headers.items()})
    headers |= {column: (kind, False) for column, kind in beside.items()}
    # A column "nom" beside one of given names holds surnames, which no list knows.
    surnames = any(kind == "name" and not whole for kind, whole in headers.values())
    found = {}
    for place, (column, (kind, whole)) in enumerate(headers.items()):
        cells = _sample(frame.iloc[:, place])
        if not cells:
            continue
        agree = _agrees(kind, cells) and (not whole or _agrees_fully(kind, cells, surnames))
        if kind in _OF_MANY and _names_people(cells):
            # Who is a supporter, or which activist came by: names, whatever the header says.
            found[column] = Held(kind=_whose(cells), by="cells")
        elif kind == "visit" and _share(cells, tells_side) >= _SOME_SIDES:
            # What came of a visit tells where somebody stands, whatever the header says.
            found[column] = Held(kind="support", by="cells")
        elif kind == "thing" and (told := _by_cells(cells)) in _NO_THING:
            found[column] = Held(kind=told, by="cells")
        elif kind and agree:
            found[column] = Held(kind=kind, by="header")
        elif told := _by_cells(cells):
            found[column] = Held(kind=told, by="cells")
    # "first" and "last" of a profile: given names are known by their cells only.
    kinds = {column: found[column].kind if column in found else "" for column in headers}
    found |= {c: Held(kind=kind, by="header") for c, kind in surnames_beside(kinds).items()}
    return _in_its_file(frame, found)


def _in_its_file(frame: pd.DataFrame, found: dict[str, Held]) -> dict[str, Held]:
    """Settle what other columns tell: a fee is an opinion in the file of a campaign."""
    if (pair := partners_in({column: one.kind for column, one in found.items()})) is not None:
        found = found | {pair[1]: Held(kind="couple", by=found[pair[1]].by)}
    if any(WORDS["books"] & {*header_words(str(column))} for column in frame.columns):
        of_books = (c for c in map(str, frame.columns) if _OF_BOOK(c))
        found = found | dict.fromkeys(of_books, Held(kind="thing", by="header"))
    if any(WORDS["animals"] & {*header_words(str(column))} for column in frame.columns):
        of_them = (c for c, one in found.items() if one.kind in ("health", "sex"))
        found = found | dict.fromkeys(of_them, Held(kind="thing", by="header"))
    ties = [column for column, one in found.items() if one.kind == "tie"]
    leaning = (column for column in ties if leans(column, _sample(frame[column])))
    found = found | {column: Held(kind="support", by=found[column].by) for column in leaning}
    if not ties:
        return found
    political = of_campaign(map(str, frame.columns), (one.kind for one in found.values()))
    for column in (c for c, one in found.items() if one.kind == "note" and not political):
        notes = _sample(frame[column])
        political = political or _share(speaks_of(notes)["party"], bool) >= _SPEAKS
    kind = "support" if political else "tie"
    ties = [column for column in ties if found[column].kind == "tie"]
    return found | {column: Held(kind=kind, by=found[column].by) for column in ties}


def _sample(column: pd.Series) -> list[str]:
    at = np.flatnonzero(filled(column))
    step = max(1, len(at) // _SAMPLE)
    return cells_of(column.iloc[at[::step]])


def cells_of(column: pd.Series) -> list[str]:
    """Return the cells of a column as texts of some length, "" where one is blank."""
    blank = ~filled(column)
    return [
        "" if empty else canonical(_bare_of_marks(str(cell))).strip().lstrip("'")[:_LETTERS]
        for cell, empty in zip(column.tolist(), blank.tolist(), strict=True)
    ]


def _bare_of_marks(cell: str) -> str:
    return unescape(_MARK.sub(" ", cell)) if "<" in cell else cell


def filled(column: pd.Series) -> np.ndarray:
    """Say which cells of a column say something."""
    known = column.notna().to_numpy(dtype=bool)
    if column.dtype.kind in "biufcmM" or not known.any():
        return known
    codes, levels = pd.factorize(column.astype("str"))
    says = [fold(str(level)) not in _BLANK for level in levels]
    return np.asarray(known & np.array([*says, False])[codes])


def _share(cells: Iterable[str], fits: object) -> float:
    tried = [bool(fits(cell)) for cell in cells]  # type: ignore[operator]
    return sum(tried) / len(tried) if tried else 0.0


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell) is not None


def _agrees(kind: str, cells: list[str]) -> bool:
    """Say whether cells may be what a header says: a yes or no is nobody's name."""
    if kind in (*DIRECT, "note", "address", "others"):
        if all(cell.lower() in _YES_NO for cell in cells):
            return False
        if kind == "name" and _share(cells, EMAIL.search) >= 0.5:
            return False
        return kind == "phone" or kind == "account" or _share(cells, _is_number) < 0.9
    if kind == "age":
        return _share(cells, lambda cell: re.search(r"\d", cell)) >= 0.5
    if kind == "sex":
        return _share(cells, of_a_sex) >= 0.5
    if kind in ("support", "tie"):
        # "Parti le" is the day on which somebody left.
        return _share(cells, _DATE.match) < 0.5
    if kind == "credential":
        # Whether there is one, or since when, opens no door.
        return _share(cells, lambda c: c.lower() in _YES_NO or _DATE.match(c)) < 0.5
    return bool(kind)


def _agrees_fully(kind: str, cells: list[str], surnames: bool) -> bool:
    """Say whether cells are what a header says that may say something else."""
    if kind == "address":
        return _share(cells, lambda cell: _OF_FLAT.search(cell)) >= 0.5
    if kind == "origin":
        said = speaks_of(cells)
        coded = all(len(cell) <= _CODE for cell in cells)
        return coded or _share(said["origin"] | said["religion"], bool) >= 0.3
    if kind == "support":
        return _share(cells, lambda c: _is_number(c) or _sides(c)) >= 0.5
    if kind == "health":
        answers = _share(cells, lambda c: fold(c).strip() in _ANSWERS)
        return answers >= 0.5 or _share(speaks_of(cells)["health"], bool) >= 0.3
    if kind != "name":
        return kind != "age" or _births(cells)
    plain = _share(cells, lambda c: not re.search(r"\d", c) and len(_WORD.findall(c)) <= 4)
    if plain < 0.8 or _share(cells, lambda c: set(fold(c).split()) & WORDS["things"]) >= 0.1:
        return False
    few_alike = len(set(cells)) > len(cells) / 2 and len(cells) > 1
    return surnames or few_alike or _share(cells, _has_given_name) >= 0.2


def _sides(cell: str) -> frozenset[str]:
    return WORDS["sides"] & set(fold(cell).split())


def _names_people(cells: list[str]) -> bool:
    """Say whether cells are people's names: a given name and another word, mostly."""
    several = [cell for cell in cells if len(cell.split()) > 1]
    if len(several) < 0.6 * len(cells):
        return False
    return _share(several, lambda c: _whole_name(c) or _TITLED.fullmatch(c)) >= 0.6


def _whose(cells: list[str]) -> str:
    """Say whose names they are: those of a few come back, and are of whoever did something."""
    return "others" if 3 * len(set(cells)) <= len(cells) else "name"


def _has_given_name(cell: str) -> bool:
    return any(fold(word) in given_names() for word in re.split(r"[\s-]+", cell))


def _whole_name(cell: str) -> bool:
    words = cell.split()
    return 1 <= len(words) <= 4 and not re.search(r"\d", cell) and _has_given_name(cell)


def _births(cells: list[str]) -> bool:
    """Say whether cells are dates or years that spread as births do."""
    years = []
    for cell in cells:
        date = _DATE.match(cell)
        told = (date[1] or date[2]) if date else cell.removesuffix(".0")
        if not re.fullmatch(r"(?:19|20)\d\d", told):
            return False
        years.append(int(told))
    low, high = np.percentile(years, [5, 95])
    return bool(high - low >= 15 and low <= 1985 and min(years) >= 1900)


def _by_cells(cells: list[str]) -> str:
    """Return the kind that most cells are of; "" where none."""
    if _share(cells, HASHED.match) >= 0.5:
        return "credential"
    if _share(cells, PHONE.fullmatch) >= 0.5 or all(map(_DIALLED.fullmatch, cells)):
        return "phone"
    if all(map(_is_number, cells)):
        return "age" if len(cells) >= FEWEST_AGES and _births(cells) else ""
    if _share(cells, EMAIL.search) >= 0.5:
        return "email"
    if _births(cells):
        return "age"
    if _share(cells, lambda cell: ADDRESS.search(fold(cell))) >= 0.5:
        return "address"
    several = len(set(cells)) > 1
    if several and _share(cells, _sides) >= 0.6:
        return "tie" if sides_only(cells) else "support"
    if several and _share(cells, lambda c: _whole_name(c) or _TITLED.fullmatch(c)) >= 0.6:
        return "name"
    words = np.mean([len(_WORD.findall(cell)) for cell in cells])
    return "note" if words >= 4 and len(set(cells)) >= 5 else ""


def named_by_headers(frame: pd.DataFrame, *, least: int) -> list[str]:
    """Return the headers that may themselves be a person's: not to be repeated.

    - `least`: One that is not known, and stands for fewer rows and not for all, may be too.

    Examples
    --------
    >>> odd = pd.DataFrame({"zone": ["a", "b"], "Marie Dupont": ["for", None]})
    >>> named_by_headers(odd, least=2)
    ['Marie Dupont']
    """
    found = []
    for place, column in enumerate(map(str, frame.columns)):
        if fold(column) in COORDINATES:
            continue
        n = int(frame.iloc[:, place].notna().sum())
        few = n < min(least, len(frame)) and not kind_of_header(column)[0]
        if few or may_name_somebody(column):
            found.append(column)
    return found


def refuse_names(who: str, keys: Iterable[str], records: pd.DataFrame | None = None) -> None:
    """Raise `ParameterError` where a key names people: it is no key, and values are printed.

    - `records`: Where they are read, their cells tell it too.

    Examples
    --------
    >>> refuse_names("table", ["age", "full_name"])
    Traceback (most recent call last):
    privaudit.errors.ParameterError: table: needs keys that name nobody, as each names \
somebody by itself and is printed, but got 'full_name', of the kind name by its header. \
Leave it out of the keys, or give it as identifier.
    """
    keys, known = list(keys), {}
    for key in keys:
        kind, whole = kind_of_header(key)
        if kind and not whole:
            known[key] = Held(kind=kind, by="header")
    if records is not None:
        known |= {key: one for key, one in held(records).items() if key in keys}
    for key, one in known.items():
        if one.kind in CALLED:
            needed = "keys that name nobody, as each names somebody by itself and is printed"
            came = f"'{key}', of the kind {one.kind} by its {one.by}"
            raise ParameterError(
                say(who, needed, came, "Leave it out of the keys, or give it as identifier.")
            )
