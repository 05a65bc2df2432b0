"""Addresses in words: which of the public addresses a text names, or why none.

- At which public address the people of a table live, by its words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from privaudit.columns.headers import kind_of_header
from privaudit.columns.recognise import held
from privaudit.columns.roles import System, system_of
from privaudit.geo.address_base import AddressBase
from privaudit.text.normalise import canonical, fold, header_words, words
from privaudit.text.word_lists import word_lists

_DATA = word_lists("privaudit.geo", "address_words.toml")
_SHORT = {short: word for word, forms in _DATA["short"].items() for short in forms.split()}
_WORDS = {name: frozenset(words.split()) for name, words in _DATA["words"].items()}
_AFTER_NUMBER = frozenset({"bis", "ter", "quater", *"acdefghijklmnopqrsuvwxyz"})
# Why a text is no known address, the reason that says most first.
WHY = ("elsewhere", "several_addresses", "number_unknown", "no_number", "street_unknown")
_NEAR = 100.0

Words = tuple[str, ...]


@dataclass(eq=False)
class _Streets:
    """The streets of some addresses by the words of each name, under which it is written.

    - `rows`: Rows of the addresses, by street and by number with what follows it.
    - `names`: Of communes, by their INSEE code: exports write either as the town.
    """

    base: AddressBase
    rows: dict[Words, dict[Words, list[int]]] = field(default_factory=dict)
    longest: int = 0
    postcodes: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    towns: frozenset[Words] = frozenset()
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, base: AddressBase) -> _Streets:
        found = cls(base)
        frame, written = base.frame, base.written
        columns = [frame["number"], frame["street"]]
        columns += [] if written is None else [written["also"]]
        split = {street: [_words(street)] for street in frame["street"].unique()}
        for row, (number, street, *also) in enumerate(zip(*columns, strict=True)):
            names = split[street]
            if also and also[0]:
                names = [*names, *(_words(name) for name in also[0].split("|"))]
            key = _words(number)
            for name in dict.fromkeys(names):
                if name:
                    found.rows.setdefault(name, {}).setdefault(key, []).append(row)
        found.longest = max(map(len, found.rows), default=0)
        if base.real:
            found.departments = frozenset(_department(c) for c in frame["commune"].unique())
        if written is not None:
            found.postcodes = frozenset(written["postcode"].unique()) - {""}
            found.names = dict(zip(frame["commune"], written["town"], strict=True))
            found.towns = frozenset(_words(town) for town in written["town"].unique()) - {()}
        return found

    def street_at(self, words: Words, place: int) -> Words:
        """Return the longest street whose name stands in a text from a place on; () for none."""
        for length in range(min(len(words) - place, self.longest), 0, -1):
            if words[place : place + length] in self.rows:
                return words[place : place + length]
        return ()


def written_rows(
    texts: Sequence[str],
    base: AddressBase,
    *,
    postcodes: Sequence[str] | None = None,
    towns: Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row of the address that each text names, and why where there is none.

    Case, accents, punctuation, small words and usual abbreviations aside. A postcode or a town of
    another place, and a text names no address here.

    Parameters
    ----------
    texts : sequence of str
        A number and a street, in this order or the other, "" where nothing is told. What stands
        before (a flat, a building) and after (a postcode, a town) may be there.
    base : AddressBase
    postcodes, towns : sequence of str, optional
        Those of each text where they stand apart, "" unknown.

    Returns
    -------
    row : ndarray of int64
        -1 where there is none.
    why : ndarray of str
        One of `WHY`; "" where there is a row, or no text.

    Examples
    --------
    >>> import pandas as pd
    >>> place = pd.DataFrame({"id": ["1", "2"], "number": ["4", "12bis"], "x": 0.0, "y": 0.0,
    ...     "street": ["Avenue de l'Église", "Rue Haute"], "commune": "Bourg", "station": ""})
    >>> texts = ["4, av. de l'eglise 99000 BOURG", "Bât. C, rue haute n° 12 b", "rue Haute",
    ...          "9 rue Haute", "1 rue Basse"]
    >>> [part.tolist() for part in written_rows(texts, AddressBase(place, real=False))]
    [[0, 1, -1, -1, -1], ['', '', 'no_number', 'number_unknown', 'street_unknown']]
    """
    streets = _Streets.of(base)
    n = len(texts)
    parts = zip(texts, postcodes or [""] * n, towns or [""] * n, strict=True)
    known: dict[tuple[str, str, str], tuple[int, str]] = {}
    found = []
    for part in parts:
        if part not in known:
            known[part] = _one(*part, streets)
        found.append(known[part])
    row = np.array([one for one, _ in found], dtype=np.int64)
    return row, np.array([why for _, why in found], dtype=object)


def _one(text: str, postcode: str, town: str, streets: _Streets) -> tuple[int, str]:
    """Find the address of one text."""
    text, postcode, town = map(canonical, (text, postcode, town))
    words = _words(text)
    if not words:
        return -1, ""
    town = streets.names.get(town.strip()) or town
    told = _postcode(postcode) or _postcode(text)
    if _elsewhere(told, town, streets):
        return -1, "elsewhere"
    street, rows = False, list[int]()
    for place in range(len(words)):
        name = streets.street_at(words, place)
        # A word that is a street too, such as a town's name, counts where a number goes with it.
        if not name or (len(name) == 1 and name[0].isdecimal()):
            continue
        street = True
        for number in _numbers(words, place, place + len(name)):
            rows = streets.rows[name].get(number, [])
            if rows:
                break
        if rows:
            break
    if not rows:
        has_number = any(word.isdecimal() and len(word) < 5 for word in words)
        return -1, ("number_unknown" if has_number else "no_number") if street else "street_unknown"
    return _settled(rows, told, town, words, streets)


def _numbers(words: Words, start: int, end: int) -> list[Words]:
    """Return the house numbers that go with a street in words[start:end], the likeliest first.

    Those right before it, of "12-14" the first; or the one right after it. What follows a number,
    such as "bis", belongs to it; without an address of that name, the number alone will do.
    """
    before: list[Words] = []
    place = start
    while place:
        suffix = words[place - 1] in _AFTER_NUMBER and place > 1
        digit = place - 1 - suffix
        if not words[digit].isdecimal() or len(words[digit]) > 4:
            break
        before.insert(0, words[digit:place])
        place = digit
    after = []
    end += end < len(words) and words[end] in ("n", "no", "numero")
    if end < len(words) and words[end].isdecimal() and len(words[end]) <= 4:
        suffix = end + 1 < len(words) and words[end + 1] in _AFTER_NUMBER
        after.append(words[end : end + 1 + suffix])
    found = before or after
    return [*found, *(number[:1] for number in found if len(number) > 1)]


def _settled(
    rows: list[int], postcode: str, town: str, words: Words, streets: _Streets
) -> tuple[int, str]:
    """Choose among addresses of one name: by postcode, by town, or as one place."""
    written = streets.base.written
    if len(rows) > 1 and written is not None:
        if postcode:
            same = [r for r in rows if written["postcode"].iat[r] == postcode]
            rows = same or rows
        said = _words(town) or words
        if len(rows) > 1:
            names = {r: _words(str(written["town"].iat[r])) for r in rows}
            same = [r for r in rows if names[r] and _ends(said, names[r])]
            rows = same or rows
    if len(rows) > 1:
        xy = streets.base.xy_of(rows)
        if np.hypot(*(xy - xy[0]).T).max() > _NEAR:
            return -1, "several_addresses"
    return rows[0], ""


def _ends(words: Words, name: Words) -> bool:
    """Tell whether a text ends with a name, a post office's mark such as CEDEX aside."""
    bare = tuple(w for w in words if w != "cedex" and not (w.isdecimal() and len(w) < 3))
    return bare[-len(name) :] == name


def _elsewhere(postcode: str, town: str, streets: _Streets) -> bool:
    """Tell whether a postcode or a town is that of no commune of the addresses."""
    if postcode and streets.postcodes:
        return postcode not in streets.postcodes
    if postcode and streets.departments and _department(postcode) not in streets.departments:
        return True
    said = _words(town)
    return bool(said and streets.towns) and not any(_ends(said, name) for name in streets.towns)


def _department(code: str) -> str:
    """Return the département of a postcode or of an INSEE code; Corsica's two are 20."""
    start = code[:3] if code.startswith(("97", "98")) else code[:2]
    return "20" if start.upper() in ("2A", "2B") else start


def _postcode(text: str) -> str:
    """Return the postcode in a text, or of a cell that lost its first zero; "" where none is."""
    found = re.findall(r"(?<!\d)(\d{5})(?!\d)", text)
    if found:
        return str(found[-1])
    short = re.fullmatch(r"\s*(\d{4})(?:\.0)?\s*", text)
    return f"0{short[1]}" if short else ""


def plain_address(text: str, postcode: str = "") -> tuple[str, str]:
    """Return the number and street of a text as words that two files write alike, and its postcode.

    "" where it has no number before a street. What follows the postcode is left out.

    Examples
    --------
    >>> plain_address("Bât. C, 12 bis av. de l'Église 94340 BOURG"), plain_address("rue Haute")
    (('12 bis avenue eglise', '94340'), ('', ''))
    """
    text, postcode = canonical(text), canonical(postcode)
    found = re.search(r"(?<!\d)\d{5}(?!\d)", text)
    words = _words(text[: found.start()] if found else text)
    for at, (word, following) in enumerate(itertools.pairwise(words)):
        if word.isdecimal() and len(word) <= 4 and not following.isdecimal():
            return " ".join(words[at:]), _postcode(postcode) or _postcode(text)
    return "", ""


@lru_cache(maxsize=100_000)
def _words(text: str) -> Words:
    whole = (_SHORT.get(word, word) for word in words(text))
    return tuple(word for one in whole for word in one.split() if word not in _WORDS["small"])


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
    return (
        kind_of_header(header)[0] == "address" or {*header_words(header)} <= _WORDS["house_number"]
    )


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
    for named in (_WORDS["postcode"], _WORDS["town"]):
        able = [c for c in map(str, frame) if c not in columns and _ends_join_addresses(c, named)]
        able = [c for c in able if _WORDS["not_home"].isdisjoint(header_words(c))]
        # Of several, the one that is named most like the address, primary_zip of primary_address1,
        # then the one with the fewest words.
        best = max(able, key=lambda c: (_alike(c, columns[0]), -len(header_words(c))), default=None)
        found.append(None if best is None else _together(frame[[best]]))
    return found[0], found[1]


def _ends_join_addresses(header: str, words: frozenset[str]) -> bool:
    said = [word for word in header_words(header) if not word.isdecimal()]
    return bool(said) and (said[-1] in words or "_".join(said[-2:]) in words or said[0] in words)


def _alike(one: str, other: str) -> int:
    """Count the letters that two headers begin with alike."""
    pairs = zip(fold(one), fold(other), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
