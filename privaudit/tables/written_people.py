"""How two files write the same person: names in each way they are used, contacts, births."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit._core.policy import MOST_CELLS
from privaudit.tables.contact_shapes import EMAIL
from privaudit.tables.headers import given_names
from privaudit.tables.recognise import cells_of
from privaudit.text.normalise import header_words, words

__all__ = ["births", "contacts", "first_contact", "met", "shared_codes", "written_names"]

# What stands before a name, and is none.
_TITLES = frozenset(
    {"m", "mm", "mr", "mrs", "ms", "miss", "mme", "mlle", "dr", "monsieur", "madame",
     "mademoiselle"}
)  # fmt: skip
# Words of a header that say that it holds a name, and not whose.
_OF_NAMES = frozenset(
    {"nom", "noms", "prenom", "prenoms", "name", "names", "first", "last", "given", "family",
     "surname", "forename", "middle", "full", "de", "du", "d", "l", "le", "la", "naissance",
     "usage", "jeune", "fille", "marital", "maiden", "patronymique", "complet", "famille",
     "legal", "preferred", "suffix", "2", "1"}
)  # fmt: skip
_DIALLED = re.compile(r"\+?\d(?:[\s().\u00a0-]*\d){5,}")
# Digits of a number within its country, and codes of countries that stand before it.
_NATIONAL = (("33", 9), ("1", 10), ("44", 10), ("32", 9), ("41", 9), ("352", 9))
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def shared_codes(*texts: Sequence[str]) -> list[np.ndarray]:
    """Return the texts of several columns as codes in one space, "" as -1."""
    told = pd.Series([text for part in texts for text in part], dtype="str")
    code = pd.factorize(told.where(told != ""))[0].astype(np.int64)
    ends = np.cumsum([len(part) for part in texts])
    return np.split(code, ends[:-1])


def met(asked: Sequence[str], among: Sequence[str]) -> int:
    """Count the rows whose name, or contact, some row of another file has."""
    known = set(among) - {""}
    return sum(one in known for one in asked)


def written_names(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    """Return the words of each row's name, in any order and without titles.

    In each way in which it may be written elsewhere: with the first given name only, with one of
    two surnames, and of one of several people of the row; the first way has every word.

    Examples
    --------
    >>> roll = pd.DataFrame({"nom": ["Zxq"], "prenoms": ["Jean, Paul"]})
    >>> written_names(roll, ["nom", "prenoms"])[-1]
    ['jean zxq']
    """
    groups: dict[frozenset[str], list[str]] = {}
    for column in columns:
        groups.setdefault(frozenset(header_words(column)) - _OF_NAMES, []).append(column)
    # A child and a parent in one row are two people, each of whom may stand elsewhere.
    several = list(groups.values()) if len(groups) > 1 else []
    return [way for some in (list(columns), *several) for way in _ways(frame, some)]


def _ways(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    """Return the names in some columns, in each way to write them."""
    cells = {column: cells_of(frame[column]) for column in columns}
    given = [column for column in columns if _of_given_names(cells[column])]
    surnames = [column for column in columns if column not in given]
    ways = [list(cells.values())]
    if given and surnames:
        firsts = [[_first(cell) for cell in cells[column]] for column in given[:1]]
        for first in surnames:
            order = [cells[first], *(cells[c] for c in surnames if c != first)]
            one = [next(filter(None, row), "") for row in zip(*order, strict=True)]
            ways += [[one, *(cells[column] for column in given)], [one, *firsts]]
    return [[_words_of(row) for row in zip(*way, strict=True)] if way else [""] * len(frame)
            for way in ways]  # fmt: skip


def _words_of(row: Sequence[str]) -> str:
    found = {*words(" ".join(row))}
    return " ".join(sorted(found - _TITLES or found))


def _first(cell: str) -> str:
    """Return the first of several given names; Jean-Paul is one."""
    return next(iter(cell.replace(",", " ").replace(";", " ").split()), "")


def _of_given_names(cells: Sequence[str]) -> bool:
    filled = [_first(cell) for cell in cells if cell]
    known = sum(not given_names().isdisjoint(words(cell)) for cell in filled)
    return bool(filled) and known >= MOST_CELLS * len(filled)


def first_contact(frame: pd.DataFrame, columns: Sequence[str], kind: str) -> list[str]:
    """Return the first e-mail, telephone or account of each row, "" where it has none."""
    row, text = contacts(frame, columns, kind)
    found = [""] * len(frame)
    for at, one in zip(row[::-1].tolist(), text[::-1], strict=True):
        found[at] = one
    return found


def contacts(
    frame: pd.DataFrame, columns: Sequence[str], kind: str
) -> tuple[np.ndarray, list[str]]:
    """Return every e-mail, telephone or account of each row, and the row of each.

    Examples
    --------
    >>> told = pd.DataFrame({"tel": ["06 12 34 56 78 / +33 1 40 00 00 01", None, "612345678"]})
    >>> row, text = contacts(told, ["tel"], "phone")
    >>> row.tolist(), text
    ([0, 0, 2], ['612345678', '140000001', '612345678'])
    """
    rows, texts = [], []
    for column in columns:
        for at, cell in enumerate(cells_of(frame[column])):
            for text in _ways_to_reach(cell, kind) if cell else ():
                rows.append(at)
                texts.append(text)
    order = np.argsort(np.array(rows, dtype=np.int64), kind="stable")
    return np.array(rows, dtype=np.int64)[order], [texts[at] for at in order]


def _ways_to_reach(cell: str, kind: str) -> list[str]:
    if kind == "email":
        return [found.casefold() for found in EMAIL.findall(cell)]
    if kind == "phone":
        told = map(_national, _DIALLED.findall(cell.removesuffix(".0")))
        # 00 00 00 00 00 and 06 66 66 66 66 fill a form.
        return [number for number in told if len(set(number)) > 2]
    name = "".join(words(cell))
    return [name] if name else []


def _national(text: str) -> str:
    """Return a number as it is dialled within its country, without the 0 before it."""
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    digits = digits.removeprefix("00")
    for code, length in _NATIONAL:
        within = digits.removeprefix(code).lstrip("0")
        if digits != digits.removeprefix(code) and len(within) == length:
            return within
    return digits.removeprefix("0")


def births(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the birth date and the year of birth of each row, "" where it has none.

    Examples
    --------
    >>> told = pd.DataFrame({"ne_le": pd.to_datetime(["1980-05-02", None]), "age": [37, 40]})
    >>> births(told, ["ne_le", "age"])
    (['1980-05-02', ''], ['1980', ''])
    """
    dates, years = [""] * len(frame), [""] * len(frame)
    for column in columns:
        series = frame[column]
        if series.dtype.kind == "M":
            told = series.dt.strftime("%Y-%m-%d").fillna("").tolist()
            dates = [one or other for one, other in zip(dates, told, strict=True)]
            told = [one[:4] for one in told]
        else:
            found = (_YEAR.fullmatch(cell.removesuffix(".0")) for cell in cells_of(series))
            told = [one[0] if one else "" for one in found]
        years = [one or other for one, other in zip(years, told, strict=True)]
    return dates, years
