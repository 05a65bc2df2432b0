"""Who stands in a table: its rows as people, and all that may tell who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.places.address_base import AddressBase
from privaudit.places.join_addresses import address_words, people_at
from privaudit.release.coordinates import coordinate_pairs
from privaudit.release.release import TableRelease
from privaudit.tables.headers import DIRECT
from privaudit.tables.recognise import Held, cells_of, held
from privaudit.tables.written_people import births, contacts, written_names
from privaudit.text.normalise import fold

__all__ = ["REACHED", "PersonIndex"]

REACHED = ("email", "phone", "account")
# Columns of numbers that are tried, and distinct values, as a share, by which one numbers people.
_MOST_NUMBERS, _NUMBERED = 6, 0.9
_LIVES = "lives at"


@dataclass(frozen=True, eq=False, kw_only=True)
class PersonIndex:
    """The people of a table, as far as it tells them apart, and what may tell who they are.

    - `counts`: What one of them is: records, dots or accounts.
    - `records`: Every row of it; `person`: whose it is, from 0; `n`: how many there are.
    - `holds`: What its columns hold.
    - `reached`: By each of `REACHED`, the person and the text of each.
    - `numbers`: By column, the number of each person; `numbered`: the columns that tell people
      apart.
    - `names`: Each person's, in every way to write it.
    - `born`: Birth dates, and years of birth.
    - `lives`: The address of each, with the postcode and without.
    """

    name: str
    counts: str
    records: pd.DataFrame
    person: np.ndarray
    n: int
    holds: Mapping[str, Held]
    reached: Mapping[str, tuple[np.ndarray, list[str]]]
    numbers: Mapping[str, list[str]]
    numbered: frozenset[str]
    names: Sequence[list[str]]
    born: tuple[list[str], list[str]]
    lives: tuple[list[str], list[str]]

    @classmethod
    def of(
        cls, table: TableRelease, name: str, base: AddressBase | None = None,
        counts: str = "records",
    ) -> PersonIndex:  # fmt: skip
        """Read who stands in a table; rows that show the same person are one.

        - `name`: Of the file, which headers of other tables may name.
        - `base`: The public addresses, where there are any.
        """
        frame = table.records.reset_index(drop=True)
        known = held(frame)
        # Who sent all messages is not who got them: what is the same for all tells nobody apart.
        by: dict[str, list[str]] = {kind: [] for kind in (*DIRECT, "number", "age")}
        for column, one in known.items():
            if one.kind in by and (one.kind in ("name", "age") or frame[column].nunique() > 1):
                by[one.kind].append(column)
        numbers = {column: _numbers(frame[column]) for column in by["number"][:_MOST_NUMBERS]}
        numbered = frozenset(column for column, texts in numbers.items() if _tells_apart(texts))
        tells = [c for kind in (*DIRECT, "age") for c in by[kind]]
        tells += [column for column in by["number"] if column not in numbered]
        lives = _lives(frame, base)
        where = _spots(frame, lives[1]) if set(tells) <= set(by["name"]) else lives[1]
        person = _persons(frame, tells, where, list(table.roles.identifier))
        first = np.unique(person, return_index=True)[1]
        once = frame.iloc[first].reset_index(drop=True)
        return cls(
            name=name, counts=counts, records=frame, person=person, n=len(once), holds=known,
            reached={kind: contacts(once, by[kind], kind) for kind in REACHED},
            numbers={column: [texts[at] for at in first] for column, texts in numbers.items()},
            numbered=numbered,
            names=_names(once, by["name"]),
            born=births(once, by["age"]),
            lives=([lives[0][at] for at in first], [lives[1][at] for at in first]),
        )  # fmt: skip

    @property
    def tells_somebody(self) -> bool:
        """Whether anything in it may tell who somebody is."""
        reached = any(len(rows) for rows, _ in self.reached.values())
        return bool(reached or self.numbers or self.names or any(self.lives[1]))


def _names(frame: pd.DataFrame, columns: list[str]) -> list[list[str]]:
    """Return the names of people in every way to write them; none where all bear the same."""
    found = written_names(frame, columns) if columns else []
    return found if len(frame) < 2 or len(set(found[0] if found else ())) > 1 else []


def _numbers(column: pd.Series) -> list[str]:
    return [fold(cell.removesuffix(".0")) for cell in cells_of(column)]


def _tells_apart(texts: Sequence[str]) -> bool:
    told = [text for text in texts if text]
    return len(set(told)) >= _NUMBERED * len(told) and len(set(told)) > 1


def _persons(
    frame: pd.DataFrame, tells: list[str], lives: list[str], identifier: list[str]
) -> np.ndarray:
    """Number the people: of each identifier one, or else of each way to tell who it is.

    Two of one name at two addresses are two people.
    """
    columns = identifier or tells
    if not columns:
        return np.arange(len(frame))
    texts = frame[columns].astype("str").where(frame[columns].notna(), "")
    if not identifier:
        texts = texts.assign(**{_LIVES: lives})
    code = pd.factorize(pd.Series(list(texts.itertuples(index=False, name=None))))[0]
    # Rows that tell nothing of who it is are each somebody's.
    told = (texts != "").any(axis=1).to_numpy()
    code = np.where(told, code, len(frame) + np.arange(len(frame)))
    return np.asarray(pd.factorize(code)[0], dtype=np.int64)


def _spots(frame: pd.DataFrame, lives: list[str]) -> list[str]:
    """Return addresses, or the places of dots: of two dots of one name each is somebody.

    A contact or a birth tells more than a place, which moves from one visit to the next.
    """
    placed = coordinate_pairs([str(column) for column in frame.columns])
    if any(lives) or not placed:
        return lives
    return [" ".join(cells) for cells in zip(*(cells_of(frame[c]) for c in placed), strict=True)]


def _lives(frame: pd.DataFrame, base: AddressBase | None) -> tuple[list[str], list[str]]:
    words, postcodes = address_words(frame)
    whole = [f"{word} {code}" if word and code else "" for word, code in
             zip(words, postcodes, strict=True)]  # fmt: skip
    if base is None:
        return whole, words
    rows = people_at(frame, base)[0].tolist()
    known = [f"#{row}" if row >= 0 else "" for row in rows]
    return tuple(  # type: ignore[return-value]
        [one or other for one, other in zip(known, texts, strict=True)] for texts in (whole, words)
    )
