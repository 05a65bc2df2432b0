"""Written addresses: which public address a text, or a record of a table, names."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from privaudit.columns.headers import kind_of_header
from privaudit.columns.recognise import column_kinds
from privaudit.columns.roles import export_of
from privaudit.core.files import packaged_toml
from privaudit.geo.address_base import AddressBase
from privaudit.text.normalise import canonical, fold, header_words, words

_DATA = packaged_toml("privaudit.geo", "address_words.toml")
_SHORT = {short: word for word, forms in _DATA["short"].items() for short in forms.split()}
_WORDS = {name: frozenset(words.split()) for name, words in _DATA["words"].items()}
_AFTER_NUMBER = frozenset({"bis", "ter", "quater", *"acdefghijklmnopqrsuvwxyz"})
# Why a text is no known address, the most specific reason first.
REASONS = ("elsewhere", "several_addresses", "number_unknown", "no_number", "street_unknown")
_NEAR = 100.0
# A postcode, and one that lost its first zero.
_FIVE_DIGITS = re.compile(r"(?<!\d)\d{5}(?!\d)")
_FOUR_DIGITS = re.compile(r"\s*(\d{4})(?:\.0)?\s*")

Words = tuple[str, ...]


class _Streets:
    """Index of the streets of some addresses by the words of their names."""

    def __init__(self, base: AddressBase) -> None:
        self.xy = base.xy
        # Rows of the addresses, by street and by number with what follows it.
        self.rows: dict[Words, dict[Words, list[int]]] = {}
        frame, written = base.frame, base.written
        also = [""] * len(frame) if written is None else written["also"].tolist()
        streets = zip(frame["street"].tolist(), also, strict=True)
        # The numbers of each street, by its name and its other names.
        numbers: dict[tuple[str, str], list[dict[Words, list[int]]]] = {}
        for row, (number, street) in enumerate(zip(frame["number"].tolist(), streets, strict=True)):
            if street not in numbers:
                names = [street[0], *(street[1].split("|") if street[1] else ())]
                known = filter(None, dict.fromkeys(map(_words, names)))
                numbers[street] = [self.rows.setdefault(name, {}) for name in known]
            key = _words(number)
            for rows in numbers[street]:
                rows.setdefault(key, []).append(row)
        self.longest = max(map(len, self.rows), default=0)
        communes = frame["commune"].unique() if base.real else ()
        self.departments = {_department(code) for code in communes}
        # Of each address, its postcode and the words of its town.
        self.postcode_at = [] if written is None else written["postcode"].tolist()
        towns = [] if written is None else written["town"].tolist()
        self.town_at = [_words(str(town)) for town in towns]
        self.postcodes, self.towns = {*self.postcode_at} - {""}, {*self.town_at} - {()}
        # Exports write the INSEE code of a commune or its name as the town.
        self.names = dict(zip(frame["commune"], towns, strict=False))

    def street_at(self, words: Words, place: int) -> Words:
        """Return the longest street whose name stands in a text from a place on; () for none."""
        for length in range(min(len(words) - place, self.longest), 0, -1):
            if words[place : place + length] in self.rows:
                return words[place : place + length]
        return ()


def match_addresses(
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
        A number and a street, in this order or the other, "" where there is none. What stands
        before (a flat, a building) and after (a postcode, a town) may be there.
    base : AddressBase
    postcodes, towns : sequence of str, optional
        Those of each text where they stand apart, "" unknown.

    Returns
    -------
    row : ndarray of int64
        -1 where there is none.
    why : ndarray of str
        One of `REASONS`; "" where there is a row, or no text.

    Examples
    --------
    >>> import pandas as pd
    >>> place = pd.DataFrame({"id": ["1", "2"], "number": ["4", "12bis"], "x": 0.0, "y": 0.0,
    ...     "street": ["Avenue de l'Église", "Rue Haute"], "commune": "Bourg", "station": ""})
    >>> texts = ["4, av. de l'eglise 99000 BOURG", "Bât. C, rue haute n° 12 b", "rue Haute",
    ...          "9 rue Haute", "1 rue Basse"]
    >>> [part.tolist() for part in match_addresses(texts, AddressBase(place, real=False))]
    [[0, 1, -1, -1, -1], ['', '', 'no_number', 'number_unknown', 'street_unknown']]
    """
    streets, blank = _Streets(base), [""] * len(texts)
    parts = list(zip(texts, postcodes or blank, towns or blank, strict=True))
    known = {part: _find_address(*part, streets) for part in dict.fromkeys(parts)}
    row = np.array([known[part][0] for part in parts], dtype=np.int64)
    return row, np.array([known[part][1] for part in parts], dtype=object)


def _find_address(text: str, postcode: str, town: str, streets: _Streets) -> tuple[int, str]:
    """Find the address of one text."""
    text, postcode, town = map(canonical, (text, postcode, town))
    words = _words(text)
    if not words:
        return -1, ""
    town = streets.names.get(town.strip()) or town
    values = _postcode(postcode) or _postcode(text)
    if _is_elsewhere(values, town, streets):
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
    return _disambiguated(rows, values, town, words, streets)


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
    result = before or after
    return [*result, *(number[:1] for number in result if len(number) > 1)]


def _disambiguated(
    rows: list[int], postcode: str, town: str, words: Words, streets: _Streets
) -> tuple[int, str]:
    """Choose among addresses of one name: by postcode, by town, or as one place."""
    if len(rows) > 1 and streets.town_at:
        if postcode:
            rows = [r for r in rows if streets.postcode_at[r] == postcode] or rows
        if len(rows) > 1:
            ends = _endings(_words(town) or words)
            rows = [r for r in rows if streets.town_at[r] in ends] or rows
    if len(rows) > 1:
        xy = streets.xy[rows]
        if np.hypot(*(xy - xy[0]).T).max() > _NEAR:
            return -1, "several_addresses"
    return rows[0], ""


@lru_cache(maxsize=100_000)
def _endings(words: Words) -> frozenset[Words]:
    """Return the last words of a text, one or more, a post office's mark such as CEDEX aside."""
    bare = tuple(w for w in words if w != "cedex" and not (w.isdecimal() and len(w) < 3))
    return frozenset(bare[at:] for at in range(len(bare)))


def _is_elsewhere(postcode: str, town: str, streets: _Streets) -> bool:
    """Return whether a postcode or a town is that of no commune of the addresses."""
    if postcode and streets.postcodes:
        return postcode not in streets.postcodes
    if postcode and streets.departments and _department(postcode) not in streets.departments:
        return True
    terms = _words(town)
    return bool(terms and streets.towns) and _endings(terms).isdisjoint(streets.towns)


def _department(code: str) -> str:
    """Return the département of a postcode or of an INSEE code; Corsica's two are 20."""
    start = code[:3] if code.startswith(("97", "98")) else code[:2]
    return "20" if start.upper() in ("2A", "2B") else start


def _postcode(text: str) -> str:
    """Return the postcode in a text, or of a cell that lost its first zero; "" where none is."""
    result = _FIVE_DIGITS.findall(text)
    if result:
        return str(result[-1])
    short = _FOUR_DIGITS.fullmatch(text)
    return f"0{short[1]}" if short else ""


def normalised_address(text: str, postcode: str = "") -> tuple[str, str]:
    """Return the number and street of a text as words that two files write alike, and its postcode.

    "" where it has no number before a street. What follows the postcode is left out.

    Examples
    --------
    >>> normalised_address("Bât. C, 12 bis av. de l'Église 94340 BOURG")
    ('12 bis avenue eglise', '94340')
    >>> normalised_address("rue Haute")
    ('', '')
    """
    text, postcode = canonical(text), canonical(postcode)
    result = _FIVE_DIGITS.search(text)
    words = _words(text[: result.start()] if result else text)
    for at, (word, following) in enumerate(itertools.pairwise(words)):
        if word.isdecimal() and len(word) <= 4 and not following.isdecimal():
            return " ".join(words[at:]), _postcode(postcode) or _postcode(text)
    return "", ""


@lru_cache(maxsize=100_000)
def _words(text: str) -> Words:
    whole = (_SHORT.get(word, word) for word in words(text))
    return tuple(word for item in whole for word in item.split() if word not in _WORDS["small"])


@dataclass(frozen=True, eq=False, kw_only=True)
class AddressJoin:
    """Public addresses of the records of a table.

    Parameters
    ----------
    address : ndarray of int64
        Row of the addresses of each record; -1 for none.
    why : ndarray of str
        Why the address of a record is not among them, one of `REASONS`; "" elsewhere.
    has_address : ndarray of bool
        Records that hold an address.
    columns : tuple of str
        Columns of the table that were read for it.
    """

    address: np.ndarray
    why: np.ndarray
    has_address: np.ndarray
    columns: tuple[str, ...]


def addresses_of_records(frame: pd.DataFrame, base: AddressBase) -> tuple[np.ndarray, np.ndarray]:
    """Return the address of each record of a table, and whether it holds one."""
    result = join_addresses(frame, base)
    return result.address, result.has_address


def join_addresses(frame: pd.DataFrame, base: AddressBase) -> AddressJoin:
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
    >>> joined = join_addresses(people, place)
    >>> joined.address.tolist(), joined.why.tolist(), joined.has_address.tolist()
    ([1, -1, -1], ['', 'number_unknown', ''], [True, True, False])
    """
    n = len(frame)
    address, filled = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool)
    why = np.full(n, "", dtype=object)
    read: list[str] = []
    system = export_of(frame.columns)
    for columns, text in _address_texts(frame):
        postcodes, towns = _postcode_and_town(frame, columns)
        # Of a known system the first address that a record fills counts.
        asked = (address < 0) & (~filled if system is not None else True) & (text != "").to_numpy()
        if not asked.any():
            continue
        texts, codes, names = (part[asked].tolist() for part in (text, postcodes, towns))
        rows, reason = match_addresses(texts, base, postcodes=codes, towns=names)
        address[asked], why[asked], filled[asked] = rows, reason, True
        read += [c for c in columns if c not in read]
    return AddressJoin(address=address, why=why, has_address=filled, columns=tuple(read))


def normalised_addresses(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the normalised address of each record, and its postcode, without an address base.

    "" where there is no number and no street: two files are compared by them.

    Examples
    --------
    >>> table = pd.DataFrame({"adresse": ["12 bd. de l'Église 94340 Bourg", "Bourg"], "cp": ""})
    >>> normalised_addresses(table)
    (['12 boulevard eglise', ''], ['94340', ''])
    """
    words, codes = [""] * len(frame), [""] * len(frame)
    for columns, text in _address_texts(frame):
        postcodes, _ = _postcode_and_town(frame, columns)
        for at, (item, code) in enumerate(zip(text.tolist(), postcodes.tolist(), strict=True)):
            if item and not words[at]:
                words[at], codes[at] = normalised_address(item, code)
    return words, codes


def _address_texts(frame: pd.DataFrame) -> Iterable[tuple[tuple[str, ...], pd.Series]]:
    """Yield the columns of each address of a table, the best first, and its texts."""
    system = export_of(frame.columns)
    if system is not None:
        named = system.named(frame.columns)
        for columns in system.address:
            if present := tuple(named[c] for c in columns if c in named):
                yield present, _joined_cells(frame[list(present)])
        return
    known = [column for column, kind in column_kinds(frame).items() if kind.kind == "address"]
    for column in known:
        yield (column,), frame[column].fillna("").astype("str").str.strip()
    parts = tuple(c for c in map(str, frame) if c in known or _is_address_part(c))
    if known and len(parts) > 1:
        yield parts, _joined_cells(frame[list(parts)])


def _is_address_part(header: str) -> bool:
    """Return whether a column holds a part of an address, whatever its cells are."""
    words = {*header_words(header)}
    return kind_of_header(header)[0] == "address" or words <= _WORDS["house_number"]


def _joined_cells(parts: pd.DataFrame) -> pd.Series:
    filled = parts.notna()
    cells = [
        parts[c].astype("str").str.removesuffix(".0").where(filled[c], "").str.strip()
        for c in parts
    ]
    texts = [" ".join(filter(None, row)) for row in zip(*cells, strict=True)]
    return pd.Series(texts or "", index=parts.index, dtype="str")


def _postcode_and_town(
    frame: pd.DataFrame, columns: tuple[str, ...]
) -> tuple[pd.Series, pd.Series]:
    """Return the postcode and the town that go with an address, "" where no column holds them."""
    result = []
    for named in (_WORDS["postcode"], _WORDS["town"]):
        able = [c for c in map(str, frame) if c not in columns and _ends_with(c, named)]
        able = [c for c in able if _WORDS["not_home"].isdisjoint(header_words(c))]
        # Of several, the one that is named most like the address, primary_zip of primary_address1,
        # then the one with the fewest words.
        able.sort(key=lambda c: (-_common_prefix(c, columns[0]), len(header_words(c))))
        result.append(_joined_cells(frame[able[:1]]))
    return result[0], result[1]


def _ends_with(header: str, words: frozenset[str]) -> bool:
    terms = [word for word in header_words(header) if not word.isdecimal()]
    return bool(terms) and (
        terms[-1] in words or "_".join(terms[-2:]) in words or terms[0] in words
    )


def _common_prefix(one: str, other: str) -> int:
    """Count the letters that two headers begin with alike."""
    pairs = zip(fold(one), fold(other), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
