"""What free text says of somebody: health, religion, a child, a number by law. No word is kept.

All texts are read in one pass: words are looked up once each, and only where one may say something
is what stands around it read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from privaudit.tables.contact_shapes import ADDRESS, EMAIL, PHONE, STREETS
from privaudit.tables.headers import WORDS, given_names
from privaudit.tables.identifiers import IDENTIFIERS, identifiers_in
from privaudit.tables.lexicon import SAID, Element, Entry, lexicon, small_words

__all__ = ["HELD", "speaks_of"]

# What texts are searched for, in the order in which a report tells it.
HELD = (*SAID, "phone", "email", "address", *IDENTIFIERS)
# A hyphen within a word is no mark: "franc-maçon" is two words.
_WORD = re.compile(r"[A-Za-z]+|[0-9]+|\n|-(?![A-Za-z])|(?<![A-Za-z])-|[^\sA-Za-z0-9'’-]")
# As many digits as a telephone has, or more.
_LONG = re.compile(r"(?:\d[^\d\n]{0,3}){8}\d|[A-Za-z]{2}\d\d ?[A-Z0-9]{4} ?[A-Z0-9]{4}")
_LONGEST = 4_000
_OTHERS, _SAINTS = "others", ("saint", "st", "sainte", "ste")
_REACH, _GAP = 5, 4
# Where a clause ends: no word reaches over it.
_ENDS = frozenset(".;!?\n()[]/|")
_PAUSES = _ENDS | {",", ":", "-", "–"}


def speaks_of(texts: Sequence[str], own: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Say for each text what it speaks of.

    Parameters
    ----------
    texts : sequence of str
        Free text, or short cells.
    own : sequence of str, optional
        The name of whom each text is about: it is nobody else's.

    Returns
    -------
    dict of str to ndarray of bool, shape (n,)
        By what is spoken of, `HELD`.

    Examples
    --------
    >>> said = speaks_of(["Sort de chimio, sa femme ouvre", "Pas malade", "Rue de l'Eglise"])
    >>> {what: rows.tolist() for what, rows in said.items() if rows.any()}
    {'health': [True, False, False], 'others': [True, False, False]}
    """
    found = {what: np.zeros(len(texts), dtype=bool) for what in HELD}
    if not len(texts):
        return found
    cut = [text[:_LONGEST].replace("\n", " ").replace("\r", " ") for text in texts]
    whole = _plain("\n".join(cut))
    reader = _Reader(whole, own)
    reader.read(found)
    on_streets = reader.on_streets()
    for at, (text, plain) in enumerate(zip(cut, whole.split("\n"), strict=True)):
        if "@" in text and EMAIL.search(text):
            found["email"][at] = True
        if _LONG.search(text):
            told = identifiers_in(text)
            for what in told or (("phone",) if PHONE.search(text) else ()):
                found[what][at] = True
        if at in on_streets and ADDRESS.search(plain.lower()):
            found["address"][at] = True
    return found


def _letters() -> dict[int, str]:
    """Letters with an accent and what stands for them without, for all that is near Latin."""
    found = {ord("œ"): "oe", ord("Œ"): "OE", ord("æ"): "ae", ord("Æ"): "AE", ord("ß"): "ss"}
    for code in (*range(0xA0, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00)):
        bare = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(c for c in bare if not unicodedata.combining(c))
        if plain != chr(code):
            found.setdefault(code, plain)
    return found


_PLAIN = _letters()


def _plain(text: str) -> str:
    """Return a text without accents."""
    return text if text.isascii() else text.translate(_PLAIN)


# What may be said, and the first and the last word that say it.
_Hit = tuple[Entry, int, int]


class _Reader:
    """All texts as one row of words, with what each may say."""

    def __init__(self, whole: str, own: Sequence[str] | None) -> None:
        # Line ends are words, so that a text is found again by counting them.
        self.cased: list[str] = [*_WORD.findall(whole), "\n"]
        self.words = [word.lower() for word in self.cased]
        self.own = own
        self.lexicon, self.small = lexicon(), small_words()
        distinct = set(self.words)
        self.entries = {w: found for w in distinct if (found := self.lexicon.entries(w))}
        self.lists = {w: bits for w in distinct if (bits := self.lexicon.lists(w))}
        self.names = distinct & (given_names() - WORDS["words_too"])
        ends = np.array([word == "\n" for word in self.words])
        self.row = (np.cumsum(ends) - ends).tolist()

    def read(self, found: dict[str, np.ndarray]) -> None:
        """Mark what each text says."""
        words, entries = self.words, self.entries
        hits: list[_Hit] = []
        silent: set[tuple[str, int]] = set()
        pairs: dict[str, dict[str, list[Entry]]] = {word: {} for word in entries}
        for at in [at for at, word in enumerate(words) if word in entries]:
            word, after = words[at], words[at + 1]
            known = pairs[word]
            if after not in known:
                known[after] = [e for e in entries[word] if self._may_begin(e, after)]
            for entry in known[after]:
                last = self._last(entry.rest, at) if entry.rest else at
                if last < 0:
                    continue
                if entry.silent:
                    silent.update([(entry.said, place) for place in range(at, last + 1)])
                else:
                    hits.append((entry, at, last))
        for hit in hits:
            entry, first, last = hit
            row, said = self.row[first], entry.said
            if found[said][row] or (said, first) in silent or (said, last) in silent:
                continue
            if self._says(hit):
                found[said][row] = True
        self._named(found[_OTHERS], silent)

    def on_streets(self) -> set[int]:
        """Return which texts have a word of streets."""
        return {self.row[at] for at, word in enumerate(self.words) if word in STREETS}

    def _may_begin(self, entry: Entry, after: str) -> bool:
        """Say whether a run may begin where this word follows: most cannot."""
        if not entry.rest or entry.rest[0].fits(after):
            return True
        gap = entry.rest[0].gap
        return gap == ".." or (gap == "_" and after in self.small["small"])

    def _last(self, rest: tuple[Element, ...], at: int) -> int:
        """Return where a run that begins here ends; -1 where it does not stand here."""
        words, small = self.words, self.small["small"]
        for element in rest:
            at += 1
            if element.gap:
                for _ in range(_GAP):
                    if element.fits(words[at]) or words[at] in _ENDS:
                        break
                    if element.gap == "_" and words[at] not in small:
                        break
                    at += 1
            if at >= len(words) or not element.fits(words[at]):
                return -1
        return at

    def _says(self, hit: _Hit) -> bool:
        """Say whether a word that may say something does, by what stands around it."""
        entry, at, _ = hit
        cased = self.cased[at]
        if entry.capitals and not cased.isupper():
            return False
        if entry.begins and at and self.words[at - 1] not in _PAUSES:
            return False
        if (entry.near or entry.unless) and not self._beside(entry, hit):
            return False
        if self._denied(hit) and entry.said in self.lexicon.negated:
            return False
        if not entry.rest and cased[0].isupper() and self._a_surname(at):
            return False
        return not self._a_place(hit)

    def _beside(self, entry: Entry, hit: _Hit) -> bool:
        bits = 0
        for step in (-1, 1):
            at = hit[1] if step < 0 else hit[2]
            for _ in range(_REACH):
                at += step
                if not 0 <= at < len(self.words) or self.words[at] in _ENDS:
                    break
                bits |= self.lists.get(self.words[at], 0)
        return (not entry.near or bool(bits & entry.near)) and not bits & entry.unless

    def _denied(self, hit: _Hit) -> bool:
        words, at = self.words, hit[1] - 1
        after = words[hit[2] + 1 : hit[2] + 3]
        if len(after) == 2 and after[0] in (":", "?") and after[1] in ("non", "no", "aucun"):
            return True
        for _ in range(_REACH):
            if at < 0 or words[at] in self.small["stop"]:
                return False
            if words[at] in self.small["no"]:
                return True
            if words[at] not in self.small["small"]:
                return False
            at -= 1
        return False

    def _a_surname(self, at: int) -> bool:
        before = at - 1
        if before >= 1 and self.words[before] == ".":
            before -= 1
        if before < 0 or self.words[before] in _PAUSES:
            return False
        if self.words[before] in self.small["title"] and before < at:
            return not (self.cased[at].isupper() and self.cased[before].isupper())
        named = self.words[before] in self.names and self.cased[before][0].isupper()
        return named and not self.cased[at].isupper()

    def _a_place(self, hit: _Hit) -> bool:
        entry, first, last = hit
        words, at = self.words, first - 1
        is_place = (entry.said, words[first]) in self.lexicon.places
        street = words[last + 1] in self.small["street_after"]
        named = self.cased[last][0].isupper() and self.cased[last + 1][0].isupper()
        if street and (is_place or named):
            return True
        passed = self.small["of_names"]
        for _ in range(_REACH):
            if at < 0 or words[at] in _ENDS:
                return False
            if words[at] in self.small["street"]:
                return True
            if is_place and words[at] in self.small["landmark"]:
                return True
            if words[at] not in passed:
                return False
            at -= 1
        return False

    def _named(self, others: np.ndarray, silent: set[tuple[str, int]]) -> None:
        """Mark the texts that name somebody else: a given name, or a title with a surname."""
        title = self.small["title"]
        either = self.names | title
        for at in [at for at, word in enumerate(self.words) if word in either]:
            word = self.words[at]
            if word in self.names:
                name = at
                if (_OTHERS, at) in silent or self.words[at - 1] in _SAINTS:
                    continue
                if not self.cased[at][0].isupper() or self._a_street(at):
                    continue
            elif word in title and self._surname_after(at):
                name = at + 1 + (self.words[at + 1] == ".")
            else:
                continue
            row = self.row[at]
            if not others[row] and not self._is_own(name, at, row):
                others[row] = True

    def _a_street(self, at: int) -> bool:
        """Say whether a name is a street's: "rue Victor Hugo"."""
        before = at - 1
        for _ in range(_REACH):
            if before < 0 or self.words[before] in _PAUSES:
                return False
            if self.words[before] in self.small["street"]:
                return True
            named = self.cased[before][0].isupper() or self.words[before] in self.small["small"]
            if not named:
                return False
            before -= 1
        return False

    def _surname_after(self, at: int) -> bool:
        after = at + 1 + (at + 1 < len(self.words) and self.words[at + 1] == ".")
        if after >= len(self.words) or not self.cased[after][0].isupper():
            return False
        return self.cased[at][0].isupper() and len(self.words[after]) > 1

    def _is_own(self, name: int, at: int, row: int) -> bool:
        """Say whether a name is of whom the text is about; where that is not told, the first is."""
        own = "" if self.own is None else self.own[row].strip()
        if own:
            return self.words[name] in re.findall(r"[a-z]+", _plain(own).lower())
        # A given name of two words is one: "Jean-Baptiste".
        start = at - 1 if self.words[at - 1] in self.names else at
        return start == 0 or self.words[start - 1] == "\n"
