"""At which public address the people of a table live, by its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.places.address_base import AddressBase
from privaudit.places.written_address import plain_address, written_rows
from privaudit.tables.headers import kind_of_header
from privaudit.tables.recognise import held
from privaudit.tables.systems import System, system_of
from privaudit.text.normalise import fold, header_words

__all__ = ["Joined", "address_words", "join_addresses", "people_at"]

# Headers of a house number that stands in a column of its own, beside a street.
_HOUSE_NUMBER = frozenset({"numero", "num", "no", "n", "number", "housenumber", "bis", "rep"})
# Words of which the last of a header says that a column holds a postcode, or a town.
_POSTCODE = frozenset(
    {"zip", "zip5", "postcode", "cp", "zipcode", "postalcode", "postal_code", "code_postal"}
)
_TOWN = frozenset({"city", "town", "ville", "commune", "locality", "localite"})
# A town of these is not the one where somebody lives.
_NOT_HOME = frozenset({
    "naissance", "birth", "born", "naiss", "travail", "work", "employeur", "employer", "deces",
    "death", "mariage", "origine", "origin", "precedent", "precedente", "previous", "ancienne",
    "inscription", "conjoint", "spouse",
})  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Joined:
    """A table joined with public addresses by its words.

    Parameters
    ----------
    address : ndarray of int64
        Row of the addresses of each record; -1 for none.
    why : ndarray of str
        Why a record that tells an address has none, one of `written_address.WHY`; "" elsewhere.
    told : ndarray of bool
        Records that tell an address.
    columns : tuple of str
        Columns of the table that were read for it.
    """

    address: np.ndarray
    why: np.ndarray
    told: np.ndarray
    columns: tuple[str, ...]


def people_at(frame: pd.DataFrame, base: AddressBase) -> tuple[np.ndarray, np.ndarray]:
    """Return the address of each record of a table, and whether it tells one."""
    found = join_addresses(frame, base)
    return found.address, found.told


def join_addresses(frame: pd.DataFrame, base: AddressBase) -> Joined:
    """Find the public address of each record of a table, by its words.

    The columns are those of a system that is known, else those that hold addresses by their
    header or their cells; a number and a street in columns of their own are read together too, in
    the order of the file. A postcode or a town of another place keeps an address from being taken
    for one here.

    Examples
    --------
    >>> place = AddressBase(pd.DataFrame({"id": "1", "number": "4", "street": ["Rue A", "Rue B"],
    ...     "commune": "Bourg", "station": "", "x": 0.0, "y": 0.0}), real=False)
    >>> people = pd.DataFrame({"numero": [4, 9, None], "rue": ["rue b", "rue A", None]})
    >>> found = join_addresses(people, place)
    >>> found.address.tolist(), found.why.tolist(), found.told.tolist()
    ([1, -1, -1], ['', 'number_unknown', ''], [True, True, False])
    """
    n = len(frame)
    address, told = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool)
    why = np.full(n, "", dtype=object)
    read: list[str] = []
    system = system_of(frame.columns)
    ways = _ways(frame) if system is None else _ways_of(system, frame)
    for columns, text in ways:
        postcodes, towns = _beside(frame, columns)
        # Of a known system the first address that a record fills is the one it tells.
        asked = (address < 0) & (~told if system is not None else True) & (text != "").to_numpy()
        if not asked.any():
            continue
        rows, reason = written_rows(
            text[asked].tolist(),
            base,
            postcodes=None if postcodes is None else postcodes[asked].tolist(),
            towns=None if towns is None else towns[asked].tolist(),
        )
        address[asked], why[asked], told[asked] = rows, reason, True
        read += [c for c in columns if c not in read]
    return Joined(address=address, why=why, told=told, columns=tuple(read))


def address_words(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the words by which each record tells its door, and its postcode, without any base.

    "" where there is no number and no street: two files are compared by them.

    Examples
    --------
    >>> told = pd.DataFrame({"adresse": ["12 bd. de l'Église 94340 Bourg", "Bourg"], "cp": ""})
    >>> address_words(told)
    (['12 boulevard eglise', ''], ['94340', ''])
    """
    words, codes = [""] * len(frame), [""] * len(frame)
    system = system_of(frame.columns)
    for columns, text in _ways(frame) if system is None else _ways_of(system, frame):
        postcodes, _ = _beside(frame, columns)
        beside = [""] * len(frame) if postcodes is None else postcodes.tolist()
        for at, (one, code) in enumerate(zip(text.tolist(), beside, strict=True)):
            if one and not words[at]:
                words[at], codes[at] = plain_address(one, code)
    return words, codes


def _ways_of(system: System, frame: pd.DataFrame) -> Iterable[tuple[tuple[str, ...], pd.Series]]:
    """Yield the columns of each address of a known export, and its texts."""
    named = system.named(frame.columns)
    for columns in system.address:
        found = tuple(named[c] for c in columns if c in named)
        if found:
            yield found, _together(frame[list(found)])


def _ways(frame: pd.DataFrame) -> Iterable[tuple[tuple[str, ...], pd.Series]]:
    """Yield the columns of a table that hold addresses, one by one and then together."""
    known = [column for column, one in held(frame).items() if one.kind == "address"]
    for column in known:
        yield (column,), frame[column].fillna("").astype("str").str.strip()
    parts = tuple(c for c in map(str, frame) if c in known or _part(c))
    if known and len(parts) > 1:
        yield parts, _together(frame[list(parts)])


def _part(header: str) -> bool:
    """Say whether a column holds a part of an address, whatever its cells are."""
    return kind_of_header(header)[0] == "address" or {*header_words(header)} <= _HOUSE_NUMBER


def _together(parts: pd.DataFrame) -> pd.Series:
    filled = parts.notna()
    cells = [
        parts[c].astype("str").str.removesuffix(".0").where(filled[c], "").str.strip()
        for c in parts
    ]
    texts = [" ".join(filter(None, row)) for row in zip(*cells, strict=True)]
    return pd.Series(texts, index=parts.index, dtype="str")


def _beside(
    frame: pd.DataFrame, columns: tuple[str, ...]
) -> tuple[pd.Series | None, pd.Series | None]:
    """Return the postcode and the town that go with an address, where a column holds them."""
    found = []
    for words in (_POSTCODE, _TOWN):
        able = [c for c in map(str, frame) if c not in columns and _ends(c, words)]
        able = [c for c in able if _NOT_HOME.isdisjoint(header_words(c))]
        # Of several, the one that is named most like the address, primary_zip of primary_address1,
        # then the one with the fewest words.
        best = max(able, key=lambda c: (_alike(c, columns[0]), -len(header_words(c))), default=None)
        found.append(None if best is None else _together(frame[[best]]))
    return found[0], found[1]


def _ends(header: str, words: frozenset[str]) -> bool:
    said = [word for word in header_words(header) if not word.isdecimal()]
    return bool(said) and (said[-1] in words or "_".join(said[-2:]) in words or said[0] in words)


def _alike(one: str, other: str) -> int:
    """Count the letters that two headers begin with alike."""
    pairs = zip(fold(one), fold(other), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
