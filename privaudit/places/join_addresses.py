"""At which public address the people of a table live, by its words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.places.address_base import AddressBase
from privaudit.places.written_address import address_rows
from privaudit.tables.headers import kind_of_header, plain_words
from privaudit.tables.recognise import held
from privaudit.tables.systems import system_of

__all__ = ["people_at"]

# Headers of a house number that stands in a column of its own, beside a street.
_HOUSE_NUMBER = frozenset({"numero", "num", "no", "n", "number", "housenumber", "bis", "rep"})


def people_at(frame: pd.DataFrame, base: AddressBase) -> tuple[np.ndarray, np.ndarray]:
    """Return the address of each record of a table, by its words.

    Where the number and the street stand in columns of their own, they are read together too, in
    the order of the file.

    Returns
    -------
    address : ndarray of int64
        Row of `base`; -1 where the record tells none, or none that is known, or several.
    told : ndarray of bool
        Records that tell an address.

    Examples
    --------
    >>> place = AddressBase(pd.DataFrame({"id": "1", "number": "4", "street": ["Rue A", "Rue B"],
    ...     "commune": "Bourg", "station": "", "x": 0.0, "y": 0.0}))
    >>> people = pd.DataFrame({"numero": [4, 9, None], "rue": ["rue b", "rue A", None]})
    >>> [part.tolist() for part in people_at(people, place)]
    [[1, -1, -1], [True, True, False]]
    """
    system = system_of(frame.columns)
    if system is not None:
        texts = [system.addresses(frame)]
    else:
        known = [column for column, one in held(frame).items() if one.kind == "address"]
        texts = [frame[column].fillna("").astype("str").str.strip() for column in known]
        if known and len(parts := [c for c in map(str, frame) if c in known or _part(c)]) > 1:
            texts.append(_together(frame[parts]))
    address, told = np.full(len(frame), -1, dtype=np.int64), np.zeros(len(frame), dtype=bool)
    for text in texts:
        found = address_rows(text, base)
        address = np.where(address < 0, found, address)
        told |= (text != "").to_numpy()
    return address, told


def _part(header: str) -> bool:
    """Say whether a column holds a part of an address, whatever its cells are."""
    return kind_of_header(header)[0] == "address" or {*plain_words(header)} <= _HOUSE_NUMBER


def _together(parts: pd.DataFrame) -> pd.Series:
    filled = parts.notna()
    cells = [parts[c].astype("str").str.removesuffix(".0").where(filled[c], "") for c in parts]
    told: pd.Series = cells[0].str.cat(cells[1:], sep=" ").str.strip()
    return told
