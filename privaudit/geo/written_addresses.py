"""Written addresses: which public address a text, or a record of a table, names."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from privaudit.columns.headers import given_names, kind_of_header
from privaudit.columns.levels import values_of
from privaudit.columns.recognise import column_kinds
from privaudit.columns.roles import export_of
from privaudit.core.files import once, packaged_toml
from privaudit.geo.address_base import (
    AFTER_NUMBER,
    MOST_DIGITS,
    AddressBase,
    AddressLanguage,
    WrittenAddress,
    address_language,
    address_tokens,
    address_words,
    compact_postcode,
    cut_address,
    form_of_postcodes,
    language_of_streets,
    street_spellings,
)
from privaudit.text.normalise import canonical, fold, header_words, unaccented
from privaudit.words.catalogues import Note

_DATA = packaged_toml("privaudit.geo", "address_words.toml")
_WORDS = {name: frozenset(words.split()) for name, words in _DATA["words"].items()}
# Why a text is no known address, the most specific reason first.
REASONS = ("elsewhere", "several_addresses", "number_unknown", "no_number", "street_unknown")
# Of an address that is known by a street with a slip.
SLIP = "slip"
_NEAR = 100.0
# A postcode, and one that lost its first zero.
_FIVE_DIGITS = re.compile(r"(?<!\d)\d{5}(?!\d)")
_FOUR_DIGITS = re.compile(r"\s*(\d{4})(?:\.0)?\s*")
_INSEE = re.compile(r"\d[\dAB]\d{3}")
_LETTER = re.compile(r"[^\W\d_]")
_STATE = re.compile("[a-z]{2}|act|nsw|qld|tas|vic")
# What may stand after a postcode at the end of an address.
_COUNTRY = re.compile(r"[ ,.]*(?:usa?|united states.*|australia)?")
_RANGE = re.compile(r"(\d{1,6})\s?-\s?(\d{1,6})")
# Numbers of a range are at most so far apart: "69-15" and "37-125" are one number.
_WIDEST = 40
# Letters of a street with a slip at least; its words and those of a town at most; numbers of a text
# beside which it is looked for.
_LETTERS, _MOST_WORDS, _TOWN, _MOST_NUMBERS = 6, 8, 16, 8
# A word of so many streets, and of such a share of them, is a kind of street.
_SEVERAL, _OFTEN = 3, 0.02

Words = tuple[str, ...]


class _Streets:
    """Index of the streets of some addresses by the words of their names."""

    def __init__(self, base: AddressBase) -> None:
        self.xy = base.xy
        # Rows of the addresses, by street and by number with what follows it; by the numbers within
        # a range too.
        self.rows: dict[Words, dict[Words, list[int]]] = {}
        self.within: dict[Words, dict[Words, list[int]]] = {}
        frame, written = base.frame, base.written
        self.language = address_language(
            base.language or language_of_streets(frame["street"].unique())
        )
        code = self.language.code
        also = [""] * len(frame) if written is None else written["also"].tolist()
        streets = zip(frame["street"].tolist(), also, strict=True)
        # The names of each street, and their rows by number.
        names: dict[tuple[str, str], list[tuple[Words, dict[Words, list[int]]]]] = {}
        # How names are spelt, small words too, for those with a slip.
        self.spelt: dict[str, set[Words]] = {}
        numbers = frame["number"].tolist()
        read = {number: (address_words(number, code), _inside(number)) for number in {*numbers}}
        for row, (number, street) in enumerate(zip(numbers, streets, strict=True)):
            if street not in names:
                texts = [street[0], *(street[1].split("|") if street[1] else ())]
                known = {text: address_words(text, code) for text in texts}
                each = dict.fromkeys(filter(None, known.values()))
                names[street] = [(name, self.rows.setdefault(name, {})) for name in each]
                for text, name in known.items():
                    for spelling in street_spellings(address_tokens(text, code)) if name else ():
                        self.spelt.setdefault(spelling, set()).add(name)
            key, inside = read[number]
            for name, rows in names[street]:
                rows.setdefault(key, []).append(row)
                for one in inside:
                    self.within.setdefault(name, {}).setdefault((one,), []).append(row)
        self.longest = max(map(len, self.rows), default=0)
        communes = frame["commune"].unique() if base.real and code == "fr" else ()
        self.departments = {_department(code) for code in communes if _INSEE.fullmatch(code)}
        # Of each address, its postcode and the words of its town.
        codes = [] if written is None else written["postcode"].tolist()
        # None of France: French is written in Geneva and Brussels too, with four digits.
        form = form_of_postcodes(codes)
        self.form = None if code == "fr" and form and form.search("94340") else form
        compact = {item: compact_postcode(item, self.form) for item in {*codes}}
        self.postcode_at = [compact[item] for item in codes]
        towns = [] if written is None else written["town"].tolist()
        terms = {town: address_words(str(town), code) for town in {*towns}}
        self.town_at = [terms[town] for town in towns]
        self.postcodes, self.towns = {*compact.values()} - {""}, {*terms.values()} - {()}
        # A tuple is hashed anew each time that it is sought.
        self.town_number = {town: at for at, town in enumerate({*terms.values()})}
        self.number_at = [self.town_number[town] for town in self.town_at]
        self.town_starts = {town[:1] for town in self.towns}
        # Exports write the INSEE code of a commune or its name as the town.
        self.names = dict(zip(frame["commune"].tolist(), towns, strict=False))

    def street_at(self, words: Words, place: int) -> Words:
        """Return the longest street whose name stands in a text from a place on; () for none."""
        for length in range(min(len(words) - place, self.longest), 0, -1):
            if words[place : place + length] in self.rows:
                return words[place : place + length]
        return ()

    def lettered(self, name: Words) -> set[str]:
        """Return the numbers of a street that stand with a letter."""
        return {key[0] for key in self.rows[name] if len(key) > 1}

    def rows_at(self, name: Words, number: Words) -> list[int]:
        """Return the addresses of a number of a street, or those whose range it is in."""
        return self.rows[name].get(number) or self.within.get(name, {}).get(number, [])

    def holding(self, rows: list[int], postcode: str, words: Words) -> list[int]:
        """Return the rows of a postcode, or of the town that words end with, where it is known."""
        if postcode in self.postcodes:
            return [r for r in rows if self.postcode_at[r] in (postcode, "")]
        towns = _endings(words, self.language.code) & self.towns
        return self.of_towns(rows, towns) if towns else rows

    def of_towns(self, rows: list[int], towns: Collection[Words]) -> list[int]:
        """Return the rows of some towns."""
        numbers = {self.town_number[town] for town in towns if town in self.town_number}
        at = self.number_at
        return [r for r in rows if at[r] in numbers]

    def postcode_of(self, text: str) -> str:
        """Return the postcode in a text, in the form of these addresses; "" where none is."""
        if self.form is None:
            return _postcode(text) if self.language.code == "fr" else ""
        plain = fold(text)
        if self.form.fullmatch(plain.removesuffix(".0")):
            return compact_postcode(plain.removesuffix(".0"), self.form)
        hits = [hit for hit in self.form.finditer(plain) if self._is_postcode(hit, plain)]
        return compact_postcode(hits[-1][0], self.form) if hits else ""

    def _is_postcode(self, hit: re.Match[str], plain: str) -> bool:
        """Return whether digits in a text are a postcode: at its end, or before a town."""
        if not compact_postcode(hit[0], self.form).replace("-", "").isdecimal():
            return True
        before, after = plain[: hit.start()], plain[hit.end() :]
        if self.language.first and not _LETTER.search(before):
            return False
        town = self.language.code != "en" and after[:1] == " " and after[1:2].isalpha()
        return town or bool(self.language.first and _COUNTRY.fullmatch(after))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Return the words that a slip does not make: those of streets, given names."""
        return frozenset((*itertools.chain(*self.rows), *given_names(), *_WORDS["apart"]))

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Return the words of kinds of streets: those that many streets have."""
        counted = Counter(word for name in self.rows for word in {*name})
        least = max(_SEVERAL, _OFTEN * len(self.rows))
        often = {word for word, n in counted.items() if n >= least}
        return self.language.kinds | {*self.language.short} | (often - _WORDS["apart"])

    @cached_property
    def spellings(self) -> dict[str | Words, dict[int, list[str]]]:
        """Return how the streets of each postcode and town are spelt, by the number of letters.

        Those of all stand under "", where all are of one place.
        """
        result: dict[str | Words, dict[int, list[str]]] = {}
        for spelling, names in self.spelt.items():
            for place in {place for name in names for place in self._places(name)}:
                result.setdefault(place, {}).setdefault(len(spelling), []).append(spelling)
        return result

    @cached_property
    def by_word(self) -> dict[str | Words, dict[str, list[Words]]]:
        """Return the streets of each place, as of `spellings`, by each of their words."""
        result: dict[str | Words, dict[str, list[Words]]] = {}
        for name in self.rows if self.language.may_lack else ():
            for place in self._places(name):
                for word in {*name}:
                    result.setdefault(place, {}).setdefault(word, []).append(name)
        return result

    def _places(self, name: Words) -> set[str | Words]:
        """Return the postcodes and towns of a street; "" where all are of one place."""
        places: set[str | Words] = {""} if len(self.towns) < 2 else set()
        for row in itertools.chain(*self.rows[name].values()) if self.town_at else ():
            places |= {self.postcode_at[row]} | ({self.town_at[row]} - {()})
        return places if len(self.towns) < 2 else places - {""}

    def place(self, postcode: str, words: Words) -> str | Words:
        """Return the postcode or the town that a text ends with, as `spellings` has it."""
        ends = _endings(words, self.language.code) & self.towns
        return postcode or max(ends, key=len, default="")


def _inside(number: str) -> list[str]:
    """Return the numbers of a range, "7-11", on its side of the street; none of another number."""
    match = _RANGE.fullmatch(number.strip())
    if match is None or not 0 < int(match[2]) - int(match[1]) <= _WIDEST:
        return []
    low, high = int(match[1]), int(match[2])
    return [str(n) for n in range(low, high + 1, 2 - (high - low) % 2)]


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
        One of `REASONS`; "" where there is a row, or no text; `SLIP` where there is a row, and the
        street is written with a slip.

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
    code = streets.language.code
    if all(token.small for token in address_tokens(text, code)):
        return -1, ""
    town = streets.names.get(town.strip()) or town
    values = streets.postcode_of(postcode) or streets.postcode_of(text)
    if _is_elsewhere(values, town, streets):
        return -1, "elsewhere"
    if streets.form is not None and values:
        # A postcode in letters and digits, or beside a number, is no word of a street.
        form, plain = streets.form, unaccented(text).casefold()
        text = form.sub(lambda m: " , " if compact_postcode(m[0], form) == values else m[0], plain)
    written, town_words = cut_address(text, code), address_words(town, code)
    words = written.words
    street, least, rows = False, 1, list[int]()
    for start in range(len(words)):
        name = streets.street_at(words, start)
        # A word that is a street too, such as a town's name, counts where a number goes with it.
        if not name or (len(name) == 1 and name[0].isdecimal()):
            continue
        street, end = True, start + len(name)
        if _is_longer(written, start, end, streets):
            continue
        for number in _numbers(written, start, end, streets, name):
            least = len(name) + 1 if _goes_on(written, start, end, streets) else len(words) + 1
            where = town_words or words[end:]
            if rows := streets.holding(streets.rows_at(name, number), values, where):
                break
        if rows:
            break
    # Beside a number stands no street, or the beginning of a longer one.
    slipped = least <= len(words) and _rows_with_a_slip(written, values, town_words, streets, least)
    if slipped:
        row, why = _disambiguated(slipped, values, town, words, streets)
        return row, why or SLIP
    rows = rows or _rows_of_a_short_name(written, values, town_words, streets)
    if not rows:
        known = "number_unknown" if any(_is_number(word, code) for word in words) else "no_number"
        return -1, known if street else "street_unknown"
    return _disambiguated(rows, values, town, words, streets)


def _goes_on(written: WrittenAddress, start: int, end: int, streets: _Streets) -> bool:
    """Return whether words that are no town, number or letter stand at a street without a comma."""
    words, in_english = written.words, streets.language.code == "en"
    after = end < len(words) and len(words[end]) > 1 and not written.parted(end)
    after = after and not (words[end:] == words[-1:] and in_english and _STATE.fullmatch(words[-1]))
    after = after and not words[end].isdecimal() and (words[end],) not in streets.town_starts
    before = start > 0 and len(words[start - 1]) > 1 and not written.parted(start)
    before = before and not words[start - 1].isdecimal() and words[start - 1] not in AFTER_NUMBER
    return after or before


def _is_longer(written: WrittenAddress, start: int, end: int, streets: _Streets) -> bool:
    """Return whether a direction or a kind stands beside a name: "Park Ave" in "Park Ave Ct"."""
    words, language = written.words, streets.language
    if not language.directions:
        return False
    after = end < len(words) and words[end] in language.may_lack and not written.parted(end)
    # A town may be called so: West Haven.
    after = after and (words[end],) not in streets.town_starts
    after = after and bool(streets.towns or end + 1 == len(words))
    before = start > 0 and words[start - 1] in language.directions and not written.parted(start)
    return after or before


def _is_number(word: str, code: str) -> bool:
    return word.isdecimal() and len(word) <= (4 if code == "fr" else MOST_DIGITS)


def _numbers(
    written: WrittenAddress, start: int, end: int, streets: _Streets, name: Words
) -> list[Words]:
    """Return the house numbers that go with a street in words[start:end], the likeliest first."""
    if streets.language.code == "fr":
        return _french_numbers(written.words, start, end, streets, name)
    sides = [written.run_before(start), written.run_after(end)]
    if streets.language.first is False:
        sides.reverse()
    chosen = next((side for side in sides if len(side)), range(0))
    return _readings(written, chosen, streets, name)


def _french_numbers(
    words: Words, start: int, end: int, streets: _Streets, name: Words
) -> list[Words]:
    """Return the numbers right before a street, of "12-14" the first; or the one right after it.

    What follows a number, such as "bis", belongs to it; where no address of the street has it with
    a letter, the number alone will do.
    """
    before: list[Words] = []
    place = start
    while place:
        suffix = words[place - 1] in AFTER_NUMBER and place > 1
        digit = place - 1 - suffix
        if not _is_number(words[digit], "fr"):
            break
        before.insert(0, words[digit:place])
        place = digit
    after = []
    end += end < len(words) and words[end] in ("n", "no", "numero")
    if end < len(words) and _is_number(words[end], "fr"):
        suffix = end + 1 < len(words) and words[end + 1] in AFTER_NUMBER
        after.append(words[end : end + 1 + suffix])
    result = before or after
    # Written as it stands in the file, "12-14" is one number.
    whole = [words[place:start]] if len(before) > 1 else []
    alone = (n[:1] for n in result if len(n) > 1 and n[0] not in streets.lettered(name))
    return [*whole, *result, *alone]


def _readings(written: WrittenAddress, run: range, streets: _Streets, name: Words) -> list[Words]:
    """Return what a number may be: as it is written, then a part of it where that is sure.

    Of a range the first, of "9/10" the house and not the flat; of "12b" 12, where the street has no
    number with a letter; of "69-15", "31.1" and "117 1/2" nothing else.
    """
    if not len(run):
        return []
    words = written.words[run.start : run.stop]
    cuts = [at for at in run[1:] if written.words[at].isdecimal()]
    result = [words]
    if not cuts:
        alone = len(words) > 1 and words[0] not in streets.lettered(name)
        return [*result, words[:1]] if alone else result
    if len(cuts) > 1:
        return result
    one, two = written.words[run.start : cuts[0]], written.words[cuts[0] : run.stop]
    mark, gap = written.glue[cuts[0]].strip(), int(two[0]) - int(one[0])
    if mark == "-" and 0 < gap <= _WIDEST:
        return [*result, one, two]
    if mark == "/" or (mark == "-" and streets.language.first is False):
        # A flat stands after the house where the number does, before it elsewhere.
        return [*result, two if streets.language.first else one]
    return result


def _rows_with_a_slip(
    written: WrittenAddress, postcode: str, town: Words, streets: _Streets, least: int
) -> list[int]:
    """Return the addresses of a street that is written with one slip, within a postcode or a town.

    One letter too many, too few, another one, or two exchanged. The number is as it stands. Two
    streets that are as near are a tie, and a word that stands in other streets is no slip. It is
    written with `least` words or more.
    """
    within = streets.spellings.get(streets.place(postcode, town or written.words))
    if within is None:
        return []
    hits: dict[tuple[int, int], set[Words]] = {}
    spans = [(a, b) for a, b in _spans(written, streets) if b - a >= least]
    for start, end in spans:
        for text in street_spellings(written.tokens[written.at[start] : written.at[end - 1] + 1]):
            for near in _near(text, within):
                if _is_a_slip(text, near, streets):
                    hits.setdefault((start, end), set()).update(streets.spelt[near])
    longest = max((end - start for start, end in hits), default=0)
    chosen = [(span, name) for span, names in hits.items() for name in names
              if span[1] - span[0] == longest]  # fmt: skip
    if len({name for _, name in chosen}) != 1:
        return []
    (start, end), name = chosen[0]
    if streets.towns and _goes_on(written, start, end, streets):
        return []
    for number in _numbers(written, start, end, streets, name):
        if rows := streets.rows_at(name, number):
            return rows
    return []


def _rows_of_a_short_name(
    written: WrittenAddress, postcode: str, town: Words, streets: _Streets
) -> list[int]:
    """Return the addresses of the one street of a postcode or a town that a part of a name fits.

    A given name, a direction or the kind of street may lack, in the text or in the file, and a word
    may end with a dot. A street of just this name is meant itself.
    """
    within = streets.by_word.get(streets.place(postcode, town or written.words), {})
    fits: dict[tuple[int, int], list[Words]] = {}
    for start, end in _spans(written, streets) if within else ():
        words = written.words[start:end]
        core = [word for word in words if word not in streets.language.may_lack]
        if not streets.language.directions:
            core = [words[-1]]
        if core and _stands_alone(written, start, end, streets):
            cut = [glue.startswith(".") for glue in (*written.glue, "")[start + 1 : end + 1]]
            asked = list(zip(words, cut, strict=True))
            names = within.get(core[-1], [])
            same = [name for name in names if sorted(name) == sorted(words)]
            hits = [name for name in names if _is_alike(asked, name, streets.language)]
            if hits:
                fits[start, end] = same or hits
    start, end = max(fits, key=lambda span: span[1] - span[0], default=(0, 0))
    if len(fits.get((start, end), ())) != 1 or fits[start, end] == [written.words[start:end]]:
        return []
    (name,) = fits[start, end]
    for number in _numbers(written, start, end, streets, name):
        if rows := streets.holding(streets.rows_at(name, number), postcode, town or written.words):
            return rows
    return []


def _stands_alone(written: WrittenAddress, start: int, end: int, streets: _Streets) -> bool:
    """Return whether a comma, a number or a town stands on both sides of words, or nothing."""
    words, before = written.words, start
    before -= start > 1 and words[start - 1] in AFTER_NUMBER
    first = start == 0 or written.parted(start) or words[before - 1].isdecimal()
    last = end == len(words) or written.parted(end) or words[end].isdecimal()
    return first and (last or (words[end],) in streets.town_starts)


def _is_alike(asked: list[tuple[str, bool]], name: Words, language: AddressLanguage) -> bool:
    """Return whether words and a street are the same, except for words that one may lack."""
    asked = sorted(asked, key=lambda word: word[0] in language.directions)
    whole = sorted(name, key=language.directions.__contains__)
    texts = [word for word, _ in asked]
    parts = [(word, False) for word in whole]
    fewer = language.directions or language.may_lack
    return _is_part(asked, whole, language.may_lack) or _is_part(parts, texts, fewer)


def _is_part(part: list[tuple[str, bool]], whole: list[str], may_lack: frozenset[str]) -> bool:
    """Return whether a whole has all words of a part, and else only words that may be missing."""
    rest = iter(whole)
    for word, cut in part:
        for other in rest:
            if other == word or ((cut or len(word) == 1) and other.startswith(word)):
                break
            if other not in may_lack:
                return False
        else:
            return False
    return may_lack.issuperset(rest)


def _spans(written: WrittenAddress, streets: _Streets) -> list[tuple[int, int]]:
    """Return the words that may be a street beside a number, as starts and ends."""
    words, n = written.words, len(written.words)
    numbers = [at for at in range(n) if _is_number(words[at], streets.language.code)]
    result: dict[tuple[int, int], None] = {}
    for at in numbers[:_MOST_NUMBERS]:
        start = at + 1
        while start < n and words[start] in AFTER_NUMBER:
            start += 1
        for first in {at + 1, start}:
            for end in range(first + 1, min(n, first + _MOST_WORDS) + 1):
                if end - 1 > first and written.parted(end - 1):
                    break
                result[first, end] = None
        for first in range(at - 1, max(-1, at - 1 - _MOST_WORDS), -1):
            result[first, at] = None
            if written.parted(first):
                break
    return list(result)


def _near(text: str, within: Mapping[int, list[str]]) -> list[str]:
    """Return the spellings that differ from a text by one slip."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(text) < _LETTERS:
        return []
    alike = [one for n in (len(text) - 1, len(text), len(text) + 1) for one in within.get(n, ())]
    matches = process.extract(text, alike, scorer=OSA.distance, score_cutoff=1, limit=None)
    return [spelling for spelling, _, _ in matches]


def _is_a_slip(text: str, near: str, streets: _Streets) -> bool:
    """Return whether a text is a street with a slip, and no other name: Fort is no slip of Port."""
    mine, theirs = (one.replace("ß", "ss").split() for one in (text, near))
    if [w for w in mine if w.isdecimal()] != [w for w in theirs if w.isdecimal()]:
        return False
    if len(mine) != len(theirs):
        return True
    pairs = [pair for pair in zip(mine, theirs, strict=True) if len({*pair}) > 1]
    if len(pairs) != 1:
        return True
    one, other = pairs[0]
    if len(one) == len(other) == 1:  # initials
        return False
    for known in (streets.kinds, streets.language.small):
        if other in known:
            return one not in known
    forms = {one, one + "s", one.removesuffix("s")} - {other}
    return forms.isdisjoint(streets.vocabulary)


def _disambiguated(
    rows: list[int], postcode: str, town: str, words: Words, streets: _Streets
) -> tuple[int, str]:
    """Choose among addresses of one name: by postcode, by town, or as one place."""
    if len(rows) > 1 and streets.town_at:
        if postcode:
            rows = [r for r in rows if streets.postcode_at[r] == postcode] or rows
        if len(rows) > 1:
            code = streets.language.code
            ends = _endings(address_words(town, code) or words, code)
            rows = streets.of_towns(rows, ends) or rows
    if len(rows) > 1:
        xy = streets.xy[rows]
        if np.hypot(*(xy - xy[0]).T).max() > _NEAR:
            return -1, "several_addresses"
    return rows[0], ""


@lru_cache(maxsize=100_000)
def _endings(words: Words, code: str) -> frozenset[Words]:
    """Return the last words of a text, one or more, a post office's mark such as CEDEX aside.

    Outside France a state of two or three letters may follow.
    """
    bare = tuple(w for w in words if w != "cedex" and not (w.isdecimal() and len(w) < 3))[-_TOWN:]
    state = code != "fr" and bare and len(bare[-1]) in (2, 3)
    ends = [bare, bare[:-1]] if state else [bare]
    return frozenset(end[at:] for end in ends for at in range(len(end)))


def _is_elsewhere(postcode: str, town: str, streets: _Streets) -> bool:
    """Return whether a postcode or a town is that of no commune of the addresses."""
    if postcode and streets.postcodes:
        return postcode not in streets.postcodes
    if postcode and streets.departments and _department(postcode) not in streets.departments:
        return True
    terms = address_words(town, streets.language.code)
    return bool(terms and streets.towns) and _endings(terms, streets.language.code).isdisjoint(
        streets.towns
    )


def _department(code: str) -> str:
    """Return the département of a postcode or of an INSEE code; Corsica's two are 20."""
    start = code[:3] if code.startswith(("97", "98")) else code[:2]
    return "20" if start.upper() in ("2A", "2B") else start


def _postcode(text: str, zero: str = "0") -> str:
    """Return the postcode in a text, or of a cell that lost its first zero; "" where none is."""
    if result := _FIVE_DIGITS.findall(text):
        return str(result[-1])
    short = _FOUR_DIGITS.fullmatch(text)
    return f"{zero}{short[1]}" if short else ""


def normalised_address(text: str, postcode: str = "", *, zero: str = "0") -> tuple[str, str]:
    """Return the number and street of a text as words that two files write alike, and its postcode.

    "" where it has no number before a street. What follows the postcode is left out. `zero` stands
    before a postcode of four digits, which lost it in France.

    Examples
    --------
    >>> normalised_address("Bât. C, 12 bis av. de l'Église 94340 BOURG")
    ('12 bis avenue eglise', '94340')
    >>> normalised_address("rue Haute")
    ('', '')
    """
    text, postcode = canonical(text), canonical(postcode)
    result = _FIVE_DIGITS.search(text)
    words = address_words(text[: result.start()] if result else text)
    for at, (word, following) in enumerate(itertools.pairwise(words)):
        if word.isdecimal() and len(word) <= 4 and not following.isdecimal():
            return " ".join(words[at:]), _postcode(postcode, zero) or _postcode(text, zero)
    return "", ""


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
    slips : int
        Records whose street is written with a slip.
    """

    address: np.ndarray
    why: np.ndarray
    has_address: np.ndarray
    columns: tuple[str, ...]
    slips: int = 0

    @property
    def notes(self) -> tuple[Note, ...]:
        """Note how many streets are written with a slip."""
        return (Note("streets_with_a_slip", records=self.slips),) if self.slips else ()


def addresses_of_records(frame: pd.DataFrame, base: AddressBase) -> tuple[np.ndarray, np.ndarray]:
    """Return the address of each record of a table, and whether it holds one."""
    columns, values = tuple(map(str, frame.columns)), values_of(frame)
    joined = once("addresses", lambda: join_addresses(frame, base), base, *values, of=columns)
    return joined.address, joined.has_address


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
    n, read, slips = len(frame), list[str](), 0
    address, filled = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool)
    why = np.full(n, "", dtype=object)
    system = export_of(frame.columns)
    for columns, text in _address_texts(frame):
        postcodes, towns = _postcode_and_town(frame, columns)
        # Of a known system the first address that a record fills counts.
        asked = (address < 0) & (~filled if system is not None else True) & (text != "").to_numpy()
        if not asked.any():
            continue
        texts, codes, names = (part[asked].tolist() for part in (text, postcodes, towns))
        rows, reason = match_addresses(texts, base, postcodes=codes, towns=names)
        slips += int((reason == SLIP).sum())
        reason[reason == SLIP] = ""
        address[asked], why[asked], filled[asked] = rows, reason, True
        read += [c for c in columns if c not in read]
    return AddressJoin(
        address=address, why=why, has_address=filled, columns=tuple(read), slips=slips
    )


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
        # Where every postcode has four digits, they are whole.
        short = postcodes[postcodes != ""].str.fullmatch(_FOUR_DIGITS.pattern)
        zero = "" if len(short) and short.all() else "0"
        for at, (item, code) in enumerate(zip(text.tolist(), postcodes.tolist(), strict=True)):
            if item and not words[at]:
                words[at], codes[at] = normalised_address(item, code, zero=zero)
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
        parts[c].astype("str").str.removesuffix(".0").where(filled[c], "").str.strip().tolist()
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
