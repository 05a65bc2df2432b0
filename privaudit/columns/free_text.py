"""What free text says of somebody: health, religion, a child, a number by law. No word is kept.

All texts are read in one pass: words are looked up once each, and only where one may say something
is what stands around it read.

- Answers that cells give: "no" tells of no illness, "favorable" in every window tells a side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

import numpy as np

from privaudit.columns.headers import WORDS, given_names
from privaudit.columns.identifiers import (
    ADDRESS,
    EMAIL,
    IDENTIFIERS,
    PHONE,
    STREETS,
    identifiers_in,
)
from privaudit.columns.lexicon import (
    ENDS,
    NUMBER,
    SAID,
    Entry,
    Hits,
    Runs,
    Silences,
    lexicon,
    misspelt,
    one_a_line,
    rows_of,
    short_forms,
    small_words,
)
from privaudit.core.checks import Ints
from privaudit.core.policy import MOST_CELLS
from privaudit.text.normalise import canonical, header_words, unaccented, words

# Kinds that somebody may have none of, and cells that say so.
OF_SOME = ("health", "origin", "union", "sex_life")
# What a column of sexes or of titles says.
SEXES = WORDS["sexes"]
_TITLES = SEXES | WORDS["titles"]
_CODE = 3
# Words of a note that tell a side and nothing else, and the share of notes that makes it a rule.


def tells_none(cell: str) -> bool:
    """Say whether a cell answers that there is none.

    Examples
    --------
    >>> tells_none("Non"), tells_none("0.0"), tells_none("arachide")
    (True, True, False)
    """
    return " ".join(header_words(cell.removesuffix(".0"))) in WORDS["no"]


def tells_side(cell: str) -> bool:
    """Say whether a cell has a word that tells a side and nothing else.

    Examples
    --------
    >>> tells_side("Porte ouverte, favorable"), tells_side("left a message")
    (True, False)
    """
    return not WORDS["sides_in_notes"].isdisjoint(header_words(cell))


def of_a_sex(cell: str) -> bool:
    """Say whether a cell may be a sex, a title, or a code of one: no genus of a tree is.

    Examples
    --------
    >>> of_a_sex("Féminin"), of_a_sex("2"), of_a_sex("Platanus")
    (True, True, False)
    """
    return len(cell) <= _CODE or not _TITLES.isdisjoint(header_words(cell))


def sides_in(cells: Sequence[str]) -> np.ndarray:
    """Say which notes tell a side, where most of them do: the windows of a map.

    Examples
    --------
    >>> sides_in(["06 12 34 56 78 favorable", "hostile", ""]).tolist()
    [True, True, False]
    >>> sides_in(["pas favorable à ce projet", "absent", "absent"]).tolist()
    [False, False, False]
    """
    told = np.array([tells_side(cell) for cell in cells], dtype=bool)
    some = sum(map(bool, cells))
    return told if some and told.sum() >= MOST_CELLS * some else np.zeros(len(cells), dtype=bool)


# What texts are searched for, in the order in which a report tells it.
HELD = (*SAID, "phone", "email", "address", *IDENTIFIERS)
# A hyphen within a word is no mark: "franc-maçon" is two words.
_WORD = re.compile(r"[A-Za-z]+|[0-9]+|\n|-(?![A-Za-z])|(?<![A-Za-z])-|[^\sA-Za-z0-9'-]")
# As many digits as a telephone has, or more.
_LONG = re.compile(r"(?:\d[^\d\n]{0,3}){8}\d|[A-Za-z]{2}\d\d ?[A-Z0-9]{4} ?[A-Z0-9]{4}")
_AT = re.compile("@")
# What may be said, and the first and the last word that say it.
_Hit = tuple[Entry, int, int]
_OTHERS, _SAINTS = "others", ("saint", "st", "sainte", "ste")
_REACH = 5
_OF_AGE, _LONGEST_NUMBER = 18, 4
# A shop, or a dish, is of a nation or a faith, and says nothing of who lives above it.
_OF_GOODS = ("origin", "religion", "union", "sex_life")
_PAUSES = ENDS | {",", ":", "-", "–"}


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
    cut, joined = one_a_line(list(map(canonical, texts)))
    whole = unaccented(joined)
    reader = _Reader(whole, own)
    reader.read(found)
    begins = np.cumsum([0, *(len(text) + 1 for text in cut)])
    for at in rows_of(_AT, joined, begins):
        found["email"][at] = EMAIL.search(cut[at]) is not None
    for at in rows_of(_LONG, joined, begins):
        told = identifiers_in(cut[at])
        for what in told or (("phone",) if PHONE.search(cut[at]) else ()):
            found[what][at] = True
    lines = whole.split("\n")
    for at in reader.on_streets():
        found["address"][at] = ADDRESS.search(lines[at].lower()) is not None
    return found


class _Reader:
    """All texts as one row of words, with what each may say."""

    def __init__(self, whole: str, own: Sequence[str] | None) -> None:
        # Line ends are words, so that a text is found again by counting them.
        self.cased: list[str] = [*_WORD.findall(whole), "\n"]
        self.own = own
        self.lexicon, self.small = lexicon(), small_words()
        self.entries: dict[str, list[Entry]] = {}
        self.lists: dict[str, int] = {}
        meant = {word: self._meant(word) for word in set(self.cased)}
        self.words = [meant[word] for word in self.cased]
        self.distinct = frozenset(meant.values())
        self.names = self.distinct & (given_names() - WORDS["words_too"])
        self.passed = self.small["called_as"] | self.names
        ends = np.array(self.words, dtype=object) == "\n"
        self.row = (np.cumsum(ends) - ends).tolist()

    def _meant(self, cased: str) -> str:
        """Return the word that is meant, and keep what it may say."""
        word = cased.lower()
        if word.isdigit():
            told = len(word) < _LONGEST_NUMBER and int(word) < _OF_AGE
            word = word if told or word in self.lexicon.numbers else NUMBER
        # Two capitals are initials: "DS" is a delegate where "ds" is "dans".
        if len(word) > 2 or not cased.isupper():
            word = short_forms().get(word, word)
        known = self._look_up(word)
        if not known and word not in self.small["small"]:
            mended = misspelt().mend(word)
            if mended != word and self._look_up(mended):
                return mended
        return word

    def _look_up(self, word: str) -> bool:
        if word not in self.entries and (found := self.lexicon.entries(word)):
            self.entries[word] = found
        if word not in self.lists and (bits := self.lexicon.lists(word)):
            self.lists[word] = bits
        return word in self.entries or word in self.lists

    def read(self, found: dict[str, np.ndarray]) -> None:
        """Mark what each text says."""
        runs = Runs(self.words, self.entries)
        hits = runs.found()
        what = np.array([SAID.index(entry.said) for entry in runs.said], dtype=np.int64)[hits.kind]
        saying, silent = self._by_clause(runs, hits)
        hushed = Silences(what[silent], hits.first[silent], hits.last[silent], len(self.words))
        # Names say nothing where they are hushed.
        nameless = set(hushed.places(SAID.index(_OTHERS)))
        said = {word: bytearray(len(found[word])) for word in SAID}
        saying = saying[~hushed.over(what[saying], hits.first[saying], hits.last[saying])]
        for kind, first, last in zip(*(of[saying].tolist() for of in hits), strict=True):
            entry, row = runs.said[kind], self.row[first]
            if not said[entry.said][row] and self._says((entry, first, last)):
                said[entry.said][row] = 1
        for word, rows in said.items():
            found[word] |= np.frombuffer(rows, dtype=bool)
        self._named(found[_OTHERS], nameless)

    def _by_clause(self, runs: Runs, hits: Hits) -> tuple[Ints, Ints]:
        """Return which hits may say something and which are silent, where a clause lets them."""
        begins, ends, silent = (
            np.array([getattr(entry, name) for entry in runs.said], dtype=bool)[hits.kind]
            for name in ("begins", "ends", "silent")
        )
        pause = runs.among(_PAUSES)
        fits = ~begins | (hits.first == 0) | pause[hits.first - 1]
        quiet = fits & silent & (~ends | pause[hits.last + 1])
        return np.flatnonzero(fits & ~silent), np.flatnonzero(quiet)

    def on_streets(self) -> set[int]:
        """Return which texts have a word of streets."""
        return {self.row[at] for at in self._where(STREETS)}

    def _where(self, looked_for: Set[str]) -> list[int]:
        """Return where words stand of which most are in no text."""
        here = self.distinct & looked_for
        return [at for at, word in enumerate(self.words) if word in here] if here else []

    def _says(self, hit: _Hit) -> bool:
        """Say whether a word that may say something does, by what stands around it."""
        entry, at, _ = hit
        cased = self.cased[at]
        if entry.capitals and not cased.isupper():
            return False
        if entry.ends and self.words[hit[2] + 1] not in _PAUSES:
            return False
        if (entry.near or entry.unless) and not self._beside(entry, hit):
            return False
        if self._denied(hit) and entry.said in self.lexicon.negated:
            return False
        if cased[0].isupper() and self._a_surname(at, titled=bool(entry.rest)):
            return False
        if entry.said != _OTHERS and hit[2] > at and self._titled(hit):
            return False
        return not self._a_place(hit)

    def _beside(self, entry: Entry, hit: _Hit) -> bool:
        bits = 0
        for step in (-1, 1):
            at = hit[1] if step < 0 else hit[2]
            for _ in range(_REACH):
                at += step
                if not 0 <= at < len(self.words) or self.words[at] in ENDS:
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

    def _a_surname(self, at: int, *, titled: bool) -> bool:
        """Say whether a word is a name after a title, or, unless `titled`, after a given name."""
        before = at - 1
        if before >= 1 and self.words[before] == ".":
            before -= 1
        if before < 0 or self.words[before] in _PAUSES:
            return False
        if self.words[before] in self.small["title"] and before < at:
            return not (self.cased[at].isupper() and self.cased[before].isupper())
        named = not titled and self.words[before] in self.names and self.cased[before][0].isupper()
        return named and not self.cased[at].isupper()

    def _titled(self, hit: _Hit) -> bool:
        """Say whether a run is a title and a surname: "Monsieur Juif", "Mr Husband"."""
        _, at, last = hit
        name = self.cased[last]
        near = self.cased[at][0].isupper() and last == at + 1 + (self.words[at + 1] == ".")
        surname = name[0].isupper() and not name.isupper()
        return near and surname and self.words[at] in self.small["title"]

    def _a_place(self, hit: _Hit) -> bool:
        entry, first, last = hit
        words, at = self.words, first - 1
        if entry.said in _OF_GOODS and (
            words[last + 1] in self.small["business"] or words[at] in self.small["business"]
        ):
            return True
        is_place = (entry.said, words[first]) in self.lexicon.places
        street = words[last + 1] in self.small["street_after"]
        named = self.cased[last][0].isupper() and self.cased[last + 1][0].isupper()
        if street and (is_place or named):
            return True
        passed = self.small["of_names"]
        for _ in range(_REACH):
            if at < 0 or words[at] in ENDS:
                return at > 0 and self._short_street(at)
            if words[at] in self.small["street"]:
                return True
            if is_place and words[at] in self.small["landmark"]:
                return True
            if words[at] not in passed:
                return False
            at -= 1
        return False

    def _named(self, others: np.ndarray, nameless: Set[int]) -> None:
        """Mark the texts that name somebody else: a given name, a title or kin with a surname."""
        title = self.small["title"]
        for at in self._where(self.names | title | self.small["household"]):
            word = self.words[at]
            if word in self.names:
                name = at
                if at in nameless or self.words[at - 1] in _SAINTS:
                    continue
                if not self.cased[at][0].isupper() or self._a_street(at) or self._called(at):
                    continue
            elif word in title and self._surname_after(at) and not self._called(at):
                name = at + 1 + (self.words[at + 1] == ".")
            elif word in self.small["household"] and self._household(at):
                name = at
            else:
                continue
            row = self.row[at]
            if not others[row] and (word in ("the", "les") or not self._is_own(name, at, row)):
                others[row] = True

    def _a_street(self, at: int) -> bool:
        """Say whether a name is a street's: "rue Victor Hugo"."""
        before = at - 1
        for _ in range(_REACH):
            if before < 0 or self.words[before] in _PAUSES:
                return before > 0 and self._short_street(before)
            if self.words[before] in self.small["street"]:
                return True
            named = self.cased[before][0].isupper() or self.words[before] in self.small["small"]
            if not named:
                return False
            before -= 1
        return False

    def _short_street(self, at: int) -> bool:
        """Say whether a dot ends a street that is written shortly: "av. Jean Jaures"."""
        return self.words[at] == "." and self.words[at - 1] in self.small["street_short"]

    def _surname_after(self, at: int) -> bool:
        after = at + 1 + (at + 1 < len(self.words) and self.words[at + 1] == ".")
        if after >= len(self.words) or not self.cased[after][0].isupper():
            return False
        return self.cased[at][0].isupper() and len(self.words[after]) > 1

    def _household(self, at: int) -> bool:
        """Say whether a household is named: "la famille Ledoux", "the Johnsons at 12"."""
        if self.words[at] == "family":
            return self._of_a_name(at - 1) and self.words[at - 2] == "the"
        if not self._of_a_name(at + 1):
            return False
        after = self.words[at + 2]
        if self.words[at] == "the":
            return self.words[at + 1].endswith("s") and after in self.small["household_after"]
        chez = self.words[at - 1] == "chez"
        return self.words[at] != "les" or chez or after in self.small["household_after"]

    def _of_a_name(self, at: int) -> bool:
        """Say whether a word is written as a name, and is none that is known."""
        cased, word = self.cased[at], self.words[at]
        if not cased[0].isupper() or cased.isupper() or len(word) < 4 or word in self.lists:
            return False
        return word not in self.entries and word not in self.small["small"]

    def _is_own(self, name: int, at: int, row: int) -> bool:
        """Say whether a name is of whom the text is about; where that is not told, the first is."""
        own = "" if self.own is None else self.own[row].strip()
        if own:
            return self.words[name] in words(own)
        # A given name of two words is one, and a surname or a title may stand before it.
        start = at
        while start and self._part_of_name(start - 1):
            start -= 1
        return start == 0 or self.words[start - 1] == "\n"

    def _part_of_name(self, at: int) -> bool:
        word = self.words[at]
        return word in self.small["title"] or word == "." or (
            self.cased[at][0].isupper() and word not in self.small["small"]
            and (word not in self.entries or self.words[at - 1] in self.small["title"])
        )  # fmt: skip

    def _called(self, at: int) -> bool:
        """Say whether a name is what somebody is called, or a star's: "fan de Johnny"."""
        before, called = at - 1, self.small["called"]
        while before > 0 and self.words[before] not in called and self.words[before] in self.passed:
            before -= 1
        return before >= 0 and self.words[before] in called
