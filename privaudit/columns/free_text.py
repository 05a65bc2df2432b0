"""Special categories and identifiers in free text: health, religion, children, numbers by law.

All texts are searched in one pass. No word of a text is returned."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from privaudit.columns.headers import ACRONYMS, WORDS, given_names
from privaudit.columns.identifiers import (
    ADDRESS,
    EMAIL,
    GROUP_OF_CHAT,
    IDENTIFIERS,
    STREETS,
    has_phone,
    identifiers_in,
)
from privaudit.columns.lexicon import (
    CATEGORIES,
    ENDS,
    NUMBER,
    Clauses,
    Entry,
    Hits,
    Runs,
    SilentRuns,
    lexicon,
    misspelt,
    one_a_line,
    rows_of,
    short_forms,
    small_words,
)
from privaudit.core.checks import Bools, Ints
from privaudit.core.files import once
from privaudit.core.thresholds import MOST_CELLS, SMALL_CELL
from privaudit.text.cells import is_no_answer
from privaudit.text.normalise import canonical, fold, header_words, unaccented, words

# Kinds of which a cell may answer that there is none.
MAY_BE_NONE = ("health", "origin", "union", "sex_life")
# Values of a column of sexes; an amount of nothing.
SEXES, _ZERO = WORDS["sexes"], re.compile(r"^0[.,]0+$")


def answers_none(cell: str) -> bool:
    """Return whether a cell answers that there is none.

    Examples
    --------
    >>> answers_none("Non"), answers_none("0.0"), answers_none("Pas d'allergie connue")
    (True, True, True)
    >>> answers_none("arachide"), answers_none("non croyant")
    (False, False)
    """
    first, *others = header_words(cell.removesuffix(".0")) or ("",)
    if not others:
        return first in WORDS["no"]
    return first in WORDS["no_first"] and WORDS["no_rest"].issuperset(others)


def headers_of_sides(headers: Iterable[str]) -> list[str]:
    """Return the headers that are called after parties, or candidates.

    "PS" or "green" is one beside an unmistakable name, a word such as "vote", or more acronyms.

    Examples
    --------
    >>> headers_of_sides(["affinite_melenchon", "proba_fn", "renaissance", "porte gauche", "age"])
    ['affinite_melenchon', 'proba_fn', 'renaissance']
    """
    words = {header: header_words(header) for header in headers}
    hits = categories_in([" ".join(one) for one in words.values()])["party"]
    result, sure, acronyms = [], False, 0
    for (header, one), hit in zip(words.items(), hits, strict=True):
        named, acronym = f"_{'_'.join(one)}_", "support" in map(ACRONYMS.get, one)
        known = any(f"_{name}_" in named for name in WORDS["sure_sides"] | WORDS["scores"])
        alone = sum(word not in _OF_SHARES for word in one) == 1
        if (hit or acronym) and (known or alone) and _OF_A_PLACE.isdisjoint(one):
            result.append(header)
            sure, acronyms = sure or known, acronyms + acronym
    return result if sure or acronyms > _FEW_ACRONYMS else []


# Acronyms that may be something else together; "p_lr" is a share.
_FEW_ACRONYMS, _OF_SHARES = 2, ("p", "pct")
# A side of a street, of a landing or of a body.
_OF_A_PLACE = frozenset(("gauche", "droite", "left", "right"))


def shows_nothing(cell: str, kind: str) -> bool:
    """Return whether a cell of a column of a kind is no answer, or one of none.

    To support nobody is an opinion; not to answer is none.

    Examples
    --------
    >>> shows_nothing("Refus", "support"), shows_nothing("non", "support")
    (True, False)
    >>> shows_nothing("non", "health"), shows_nothing("FN", "support")
    (True, False)
    """
    if kind == "phone":
        return GROUP_OF_CHAT.fullmatch(cell) is not None
    # Fewer letters may be a country or a union, as DK and SR.
    if (len(cell) > _LONGEST_CODE and is_no_answer(cell)) or fold(cell) in _NOT_MET:
        return True
    # Of dues, nothing paid is none; a measure of nothing is of a patient all the same.
    cell = _ZERO.sub("0", cell) if kind == "union" else cell
    return kind in MAY_BE_NONE and answers_none(cell)


# An outcome of a visit beside sides; kinds some of whose cells may show nothing.
_NOT_MET, _LONGEST_CODE = frozenset(("absent", "absente", "absents")), 2
MAY_SHOW_NOTHING = (*MAY_BE_NONE, "support", "tie", "phone")


@lru_cache(maxsize=1 << 16)
def has_political_side(cell: str) -> bool:
    """Return whether a cell has a word that means nothing but a political side.

    Examples
    --------
    >>> has_political_side("Porte ouverte, favorable"), has_political_side("left a message")
    (True, False)
    """
    return not WORDS["sides_in_notes"].isdisjoint(header_words(cell))


def hits_of(cells: Sequence[str], fits: Callable[[str], bool]) -> np.ndarray:
    """Return which cells fit, asking once of those that are the same."""
    answers = {cell: fits(cell) for cell in set(cells)}
    return np.fromiter(map(answers.__getitem__, cells), dtype=bool, count=len(cells))


def political_sides_in(cells: Sequence[str], count: Ints | None = None) -> np.ndarray:
    """Return which notes hold a political side, where most of them do, as in pop-ups of a map.

    - `count`: How many records have each; one where not given.

    Examples
    --------
    >>> political_sides_in(["06 12 34 56 78 favorable", "hostile", ""]).tolist()
    [True, True, False]
    >>> political_sides_in(["pas favorable à ce projet", "absent", "absent"]).tolist()
    [False, False, False]
    """
    sides, filled = hits_of(cells, has_political_side), np.array(list(map(bool, cells)), dtype=bool)
    records = np.ones(len(cells), dtype=np.int64) if count is None else count
    return np.asarray(sides & (records[sides].sum() >= MOST_CELLS * records[filled].sum()))


# Special categories of article 9.
SPECIAL = ("party", "health", "religion", "origin", "union", "sex_life")
# What texts are searched for, in the order of a report.
SEARCHED = (*CATEGORIES, "phone", "email", "address", *IDENTIFIERS)
# A hyphen within a word is no mark: "franc-maçon" is two words.
_WORD = re.compile(r"[A-Za-z]+|[0-9]+|\n|-(?![A-Za-z])|(?<![A-Za-z])-|[^\sA-Za-z0-9'-]")
# As many digits as a telephone has, or more.
_LONG = re.compile(r"(?:\d[^\d\n]{0,3}){8}\d|[A-Za-z]{2}\d\d ?[A-Z0-9]{4} ?[A-Z0-9]{4}")
_AT = re.compile("@|%40")
# An e-mail, a page or a file beside other words: what its letters spell is said of nobody.
_POINTER = (
    r"(?:\w+://|www\.)[^\s,;)]+|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|[^\s,;(]+\.(?:jpe?g|png|gif|heic|pdf|docx?|odt|xlsx?|ods|csv|txt|html?|mp[34]|mov|zip)"
)
_POINTERS = re.compile(rf"(?i)(?<=[^\S\n])(?:{_POINTER})(?!\w)|(?<!\S)(?:{_POINTER})(?=[^\S\n])")
_MOST_KEPT = 100_000  # texts whose findings are kept, about
_DOUBTS = ("no", "business", "called")  # of which a word makes a text doubtful
# An entry of the lexicon, and its first and last word in the texts.
_Hit = tuple[Entry, int, int]
_PARTICLES = ("le", "la", "de", "du")
_OTHERS, _SAINTS = "others", ("saint", "st", "sainte", "ste")
_REACH = 5
_OF_AGE, _LONGEST_NUMBER = 18, 4
# A shop or a dish may be of a nation or a faith; that is not personal data.
_OF_GOODS = ("origin", "religion", "union", "sex_life")
_PAUSES = ENDS | {",", ":", "-", "–"}


def categories_in(texts: Sequence[str], own: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Return which special categories and identifiers each text holds.

    Parameters
    ----------
    texts : sequence of str
        Free text, or short cells.
    own : sequence of str, optional
        The name of the data subject of each text, who is no third party.

    Returns
    -------
    dict of str to ndarray of bool, shape (n,)
        By category, `HELD`.

    Examples
    --------
    >>> result = categories_in(["Sort de chimio, sa femme ouvre", "Pas malade", "Rue de l'Eglise"])
    >>> {what: rows.tolist() for what, rows in result.items() if rows.any()}
    {'health': [True, False, False], 'others': [True, False, False]}
    """
    return search_texts(texts, own).holds


class SearchedTexts(NamedTuple):
    """What texts hold, and how surely a special category is among it.

    Parameters
    ----------
    holds : dict of str to ndarray of bool, shape (n,)
        By category, as `categories_in` gives it.
    least : ndarray of bool, shape (n,)
        A special category is said of a person by a word that is enough (`Clauses`), in a text
        that denies and asks nothing and speaks of no shop: few of these are wrong.
    again : ndarray of bool, shape (n,)
        A word stands in it that may speak of one: few texts that do are left out.
    """

    holds: dict[str, np.ndarray]
    least: np.ndarray
    again: np.ndarray


def search_texts(texts: Sequence[str], own: Sequence[str] | None = None) -> SearchedTexts:
    """Search texts for special categories and identifiers; see `categories_in`.

    Examples
    --------
    >>> result = search_texts(["Sort de chimio", "Pas malade", "revenir jeudi"])
    >>> result.least.tolist(), result.again.tolist()
    ([True, False, False], [True, True, False])
    """
    # Each text is searched once in a command. A text of nobody is its own key: pairs hash slowly.
    known: dict[str | tuple[str, str], int] = once("searched texts", dict)
    if len(known) > _MOST_KEPT:
        known.clear()
    keys: Sequence[Any] = list(zip(texts, own, strict=True)) if own and any(own) else texts
    if new := [key for key in dict.fromkeys(keys) if key not in known]:
        pairs = [key if isinstance(key, tuple) else (key, "") for key in new]
        read = _searched([text for text, _ in pairs], [who for _, who in pairs])
        bits = np.zeros(len(new), dtype=np.int64)
        for bit, hits in enumerate((*read.holds.values(), read.least, read.again)):
            bits |= hits.astype(np.int64) << bit
        known.update(zip(new, bits.tolist(), strict=True))
    bits = np.fromiter(map(known.__getitem__, keys), dtype=np.int64, count=len(keys))
    *holds, least, again = (bits >> bit & 1 > 0 for bit in range(len(SEARCHED) + 2))
    return SearchedTexts(dict(zip(SEARCHED, holds, strict=True)), least, again)


def _searched(texts: Sequence[str], own: Sequence[str]) -> SearchedTexts:
    """Search texts as `search_texts` does, each of them anew."""
    result = {what: np.zeros(len(texts), dtype=bool) for what in SEARCHED}
    least, again = (np.zeros(len(texts), dtype=bool) for _ in range(2))
    searched = SearchedTexts(result, least, again)
    cut, joined = one_a_line(texts)
    if not joined.isascii():
        cut, joined = one_a_line(list(map(canonical, texts)))
    whole = unaccented(joined)
    reader = _Reader(_POINTERS.sub("-", whole), own)
    reader.read(searched)
    begins = np.cumsum([0, *map(len, cut)]) + np.arange(len(cut) + 1)
    for at in rows_of(_AT, joined, begins):
        result["email"][at] = EMAIL.search(cut[at]) is not None
    for at in rows_of(_LONG, joined, begins):
        values = identifiers_in(cut[at])
        for what in values or (("phone",) if has_phone(cut[at]) else ()):
            result[what][at] = True
    lines = whole.split("\n")
    for at in reader.on_streets():
        result["address"][at] = ADDRESS.search(lines[at].lower()) is not None
    return searched


@lru_cache(maxsize=1 << 16)
def _entries_of(word: str) -> tuple[list[Entry], int]:
    """Return what a word may begin, and the lists in which it stands."""
    return lexicon().entries(word), lexicon().lists(word)


@lru_cache(maxsize=1 << 16)
def _corrected(cased: str) -> str:
    """Return the word that is meant: written out, or corrected towards a known one."""
    word = cased.lower()
    if word.isdigit():
        values = len(word) < _LONGEST_NUMBER and int(word) < _OF_AGE
        word = word if values or word in lexicon().numbers else NUMBER
    # Two capitals are initials: "DS" is a delegate where "ds" is "dans".
    if len(word) > 2 or not cased.isupper():
        word = short_forms().get(word, word)
    # "Capucine" is a name, and no slip of "capucin".
    plain = word in small_words()["small"] or word in given_names()
    if not plain and not any(_entries_of(word)):
        mended = misspelt().mend(word)
        if mended != word and any(_entries_of(mended)):
            return mended
    return word


class _Reader:
    """Search of all texts at once, as one sequence of words."""

    def __init__(self, whole: str, own: Sequence[str]) -> None:
        # Line ends are words: counting them gives the number of the text.
        self.cased: list[str] = [*_WORD.findall(whole), "\n"]
        self.own = own
        self.lexicon, self.small = lexicon(), small_words()
        meant = {word: _corrected(word) for word in set(self.cased)}
        self.words = [meant[word] for word in self.cased]
        self.distinct = frozenset(meant.values())
        known = {word: _entries_of(word) for word in self.distinct}
        self.entries = {word: entries for word, (entries, _) in known.items() if entries}
        self.lists = {word: bits for word, (_, bits) in known.items() if bits}
        self.names = self.distinct & (given_names() - WORDS["words_too"])
        self.passed = self.small["called_as"] | self.names
        ends = np.array(self.words, dtype=object) == "\n"
        self.row = (np.cumsum(ends) - ends).tolist()

    def read(self, searched: SearchedTexts) -> None:
        """Mark the categories of each text, and how surely a special one is among them."""
        result = searched.holds
        runs = Runs(self.words, self.entries)
        hits = runs.hits()
        categories = [CATEGORIES.index(entry.category) for entry in runs.hit_entries]
        what = np.array(categories, dtype=np.int64)[hits.kind]
        counted, silent = self._by_clause(runs, hits)
        silenced = SilentRuns(what[silent], hits.first[silent], hits.last[silent])
        # Names inside silent runs do not count.
        nameless = set(silenced.places(CATEGORIES.index(_OTHERS)))
        counted = counted[~silenced.over(what[counted], hits.first[counted], hits.last[counted])]
        special = counted[np.isin(what[counted], [CATEGORIES.index(name) for name in SPECIAL])]
        over = np.zeros(len(self.words) + 1, dtype=np.int64)
        np.add.at(over, hits.first[special], 1)
        np.add.at(over, hits.last[special] + 1, -1)
        covered = np.cumsum(over[:-1]) > 0
        clauses = Clauses(runs, self.cased, self.row, covered, self.names)
        for kind, first, last in zip(*(of[counted].tolist() for of in hits), strict=True):
            entry = runs.hit_entries[kind]
            rows, row = result[entry.category], self.row[first]
            sure = not searched.least[row] and self._is_sure(entry, first, last, clauses)
            if (not rows[row] or sure) and self._counts((entry, first, last)):
                rows[row] = True
                searched.least[row] |= sure
        self._mark_third_parties(result[_OTHERS], nameless)
        self._mark_to_read_again(runs, hits, searched)

    def _is_sure(self, entry: Entry, at: int, last: int, clauses: Clauses) -> bool:
        """Return whether a hit is of a special category, spelt right, and without a doubt."""
        spelt = self.cased[at].lower()
        right = spelt == self.words[at] or spelt in short_forms()
        if entry.category not in SPECIAL or entry.likely or not right:
            return False
        alone = not entry.rest and self.words[at] in self.small["uncertain"]
        side = entry.category == "party"
        if self.row[at] in self.doubted[side] or (alone and not self.cased[at].isupper()):
            return False
        near = self.words[clauses.begin[at] : last + 2]
        return self.small["leaflets"].isdisjoint(near) and clauses.is_of_a_person(entry, at, last)

    @cached_property
    def doubted(self) -> tuple[frozenset[int], ...]:
        """Texts that deny, ask, or speak of a shop or a name; and those but for a vote: a side."""
        lists = [{"?"}.union(*(self.small[name] for name in _DOUBTS))]
        lists.append(lists[0] - self.small["ballots"])
        return tuple(frozenset(self.row[at] for at in self._positions(one)) for one in lists)

    def _mark_to_read_again(self, runs: Runs, hits: Hits, searched: SearchedTexts) -> None:
        """Mark the texts with any word of a special category, whatever stands beside it."""
        entries = runs.hit_entries
        special = np.array([e.category in SPECIAL and not e.silent for e in entries], dtype=bool)
        for at in hits.first[special[hits.kind]].tolist():
            searched.again[self.row[at]] = True
        stems = tuple(cue[:-1] for cue in self.small["cues"] if cue.endswith("*"))
        hinting = self.small["cues"] | {word for word in self.distinct if word.startswith(stems)}
        for at in self._positions(hinting):
            searched.again[self.row[at]] = True

    def _by_clause(self, runs: Runs, hits: Hits) -> tuple[Ints, Ints]:
        """Return which hits may say something and which are silent, where a clause lets them."""
        begins, ends, silent = (
            np.array([getattr(entry, name) for entry in runs.hit_entries], dtype=bool)[hits.kind]
            for name in ("begins", "ends", "silent")
        )
        pause = runs.among(_PAUSES)
        fits = ~begins | (hits.first == 0) | pause[hits.first - 1]
        quiet = fits & silent & (~ends | pause[hits.last + 1])
        return np.flatnonzero(fits & ~silent), np.flatnonzero(quiet)

    def on_streets(self) -> set[int]:
        """Return which texts have a word of streets."""
        return {self.row[at] for at in self._positions(STREETS)}

    def _positions(self, looked_for: Set[str]) -> list[int]:
        """Return where words stand of which most are in no text."""
        here = self.distinct & looked_for
        return [at for at, word in enumerate(self.words) if word in here] if here else []

    def _counts(self, hit: _Hit) -> bool:
        """Return whether a hit counts in its context."""
        entry, at, _ = hit
        cased = self.cased[at]
        if entry.capitals and not cased.isupper():
            return False
        if entry.ends and self.words[hit[2] + 1] not in _PAUSES:
            return False
        if (entry.near or entry.unless) and not self._neighbours_fit(entry, hit):
            return False
        if self._negated(hit) and entry.category in self.lexicon.negated:
            return False
        if cased[0].isupper() and self._is_surname(at, titled=bool(entry.rest)):
            return False
        if cased[0].isupper() and (self._is_namesake(hit) or self._is_name(entry, at)):
            return False
        if entry.category != _OTHERS and hit[2] > at and self._is_titled_surname(hit):
            return False
        return not self._is_place(hit)

    def _before(self, at: int) -> range:
        """Return where the words before one stand, the nearest first."""
        return range(at - 1, max(at - 1 - _REACH, -1), -1)

    def _neighbours_fit(self, entry: Entry, hit: _Hit) -> bool:
        bits, end = 0, min(hit[2] + 1 + _REACH, len(self.words))
        for places in (self._before(hit[1]), range(hit[2] + 1, end)):
            for at in places:
                if self.words[at] in ENDS:
                    break
                bits |= self.lists.get(self.words[at], 0)
        return (not entry.near or bool(bits & entry.near)) and not bits & entry.unless

    def _negated(self, hit: _Hit) -> bool:
        words, small = self.words, self.small
        after = words[hit[2] + 1 : hit[2] + 3]
        if len(after) == 2 and after[0] in (":", "?") and after[1] in ("non", "no", "aucun"):
            return True
        for at in self._before(hit[1]):
            if words[at] in small["stop"]:
                return False
            if words[at] in small["no"]:
                return True
            if words[at] not in small["small"]:
                return False
        return False

    def _is_surname(self, at: int, *, titled: bool) -> bool:
        """Return whether a word is a name after a title or, unless `titled`, a given name."""
        before = at - 1
        if before >= 1 and self.words[before] == ".":
            before -= 1
        if before < 0 or self.words[before] in _PAUSES:
            return False
        if self.words[before] in self.small["title"] and before < at:
            return not (self.cased[at].isupper() and self.cased[before].isupper())
        named = not titled and self.words[before] in self.names and self.cased[before][0].isupper()
        return named and not self.cased[at].isupper()

    def _is_namesake(self, hit: _Hit) -> bool:
        """Return whether a surname of two words stands after a given name: "Anne Le Pen"."""
        _, at, last = hit
        if last == at or not self.cased[last][0].isupper() or self.words[at] not in _PARTICLES:
            return False
        given = {*self.words[max(at - 2, 0) : at]}
        return self.words[at - 1] in self.names and not given & self.small["leaders"]

    def _is_name(self, entry: Entry, at: int) -> bool:
        """Return whether one word is somebody's name: "Clarisse", "Call Walker"."""
        cased, word = self.cased[at], self.words[at]
        if cased.istitle() and word in self.small["abroad"]:
            return True
        name = entry.category in SPECIAL and not entry.rest and not cased.isupper()
        before = self.cased[at - 1][:1].isupper() and self.words[at - 1] not in _PAUSES
        behind = before and word in self.small["surnames"]
        return name and (behind or cased.lower() in self.names)

    def _is_titled_surname(self, hit: _Hit) -> bool:
        """Return whether a run is a title and a surname: "Monsieur Juif", "Mr Husband"."""
        _, at, last = hit
        name = self.cased[last := last - (self.words[last] in _PAUSES)]
        near = self.cased[at][0].isupper() and last == at + 1 + (self.words[at + 1] == ".")
        surname = name[0].isupper() and not name.isupper()
        return near and surname and self.words[at] in self.small["title"]

    def _is_place(self, hit: _Hit) -> bool:
        entry, first, last = hit
        words, around = self.words, {self.words[first - 1], self.words[last + 1]}
        if entry.category in _OF_GOODS and around & self.small["business"]:
            return True
        is_place = (entry.category, words[first]) in self.lexicon.places
        if words[first] in self.small["street_short"] and words[first + 1] == ".":
            # "ul. Lipowa 3" is no union; "UL" is one.
            return self.cased[first].islower() and self.cased[first + 2][:1].isupper()
        street = words[last + 1] in self.small["street_after"]
        named = self.cased[last][0].isupper() and self.cased[last + 1][0].isupper()
        if street and (is_place or named):
            return True
        for at in self._before(first):
            if words[at] in ENDS:
                return at > 0 and self._short_street(at)
            if words[at] in self.small["street"]:
                return True
            if words[at] in self.small["street_capital"] and self.cased[at][0].isupper():
                return self.cased[first][0].isupper()
            if is_place and words[at] in self.small["landmark"]:
                return True
            if words[at] not in self.small["of_names"]:
                return False
        return False

    def _mark_third_parties(self, others: np.ndarray, nameless: Set[int]) -> None:
        """Mark the texts that name a third party by given name, title or kinship."""
        title = self.small["title"]
        for at in self._positions(self.names | title | self.small["household"]):
            word = self.words[at]
            if word in self.names:
                name = at
                if at in nameless or self.words[at - 1] in _SAINTS:
                    continue
                if not self.cased[at][0].isupper() or self._is_street(at) or self._is_alias(at):
                    continue
            elif word in title and self._surname_after(at) and not self._is_alias(at):
                name = at + 1 + (self.words[at + 1] == ".")
            elif word in self.small["household"] and self._is_household(at):
                name = at
            else:
                continue
            row = self.row[at]
            if not others[row] and (word in ("the", "les") or not self._is_own(name, at, row)):
                others[row] = True

    def _is_street(self, at: int) -> bool:
        """Return whether a name is part of a street name: "rue Victor Hugo"."""
        for before in self._before(at):
            if self.words[before] in _PAUSES:
                return before > 0 and self._short_street(before)
            if self.words[before] in self.small["street"]:
                return True
            if (
                not self.cased[before][0].isupper()
                and self.words[before] not in self.small["small"]
            ):
                return False
        return False

    def _short_street(self, at: int) -> bool:
        """Return whether a dot ends a street that is written shortly: "av. Jean Jaures"."""
        return self.words[at] == "." and self.words[at - 1] in self.small["street_short"]

    def _surname_after(self, at: int) -> bool:
        after = at + 1 + (at + 1 < len(self.words) and self.words[at + 1] == ".")
        if after >= len(self.words) or not self.cased[after][0].isupper():
            return False
        return self.cased[at][0].isupper() and len(self.words[after]) > 1

    def _is_household(self, at: int) -> bool:
        """Return whether a household is named: "la famille Ledoux", "the Johnsons at 12"."""
        if self.words[at] == "family":
            return self._looks_like_a_name(at - 1) and self.words[at - 2] == "the"
        if not self._looks_like_a_name(at + 1):
            return False
        after = self.words[at + 2]
        if self.words[at] == "the":
            return self.words[at + 1].endswith("s") and after in self.small["household_after"]
        chez = self.words[at - 1] == "chez"
        return self.words[at] != "les" or chez or after in self.small["household_after"]

    def _looks_like_a_name(self, at: int) -> bool:
        """Return whether a word is written as a name, and is no known word."""
        cased, word = self.cased[at], self.words[at]
        if not cased[0].isupper() or cased.isupper() or len(word) < 4 or word in self.lists:
            return False
        return word not in self.entries and word not in self.small["small"]

    def _is_own(self, name: int, at: int, row: int) -> bool:
        """Return whether a name is the data subject's: `own`, else the first name of a text."""
        own = self.own[row].strip()
        if own:
            return self.words[name] in words(own)
        # A given name of two words is one, and a surname or a title may stand before it.
        start = at
        while start and self._part_of_name(start - 1):
            start -= 1
        # The last word of all is the end of a text too.
        return self.words[start - 1] == "\n"

    def _part_of_name(self, at: int) -> bool:
        word = self.words[at]
        return word in self.small["title"] or word == "." or (
            self.cased[at][0].isupper() and word not in self.small["small"]
            and (word not in self.entries or self.words[at - 1] in self.small["title"])
        )  # fmt: skip

    def _is_alias(self, at: int) -> bool:
        """Return whether a name is an alias or a celebrity's: "fan de Johnny"."""
        before, called = at - 1, self.small["called"]
        while before > 0 and self.words[before] not in called and self.words[before] in self.passed:
            before -= 1
        return before >= 0 and self.words[before] in called


# Of the texts of a column, so many in another language show that the others may be too; and so
# few of the words of sentences are known where none is in French or English: of 1,500 samples of 25
# notes at doors, each knew .74 or more, and 0 to .40 of notes in thirteen other languages.
_FOREIGN, _FEWEST_FOREIGN, _UNKNOWN = 0.1, 3, 0.4
_SENTENCE, _FEWEST_SENTENCES, _ENOUGH = 3, 3, 2_000
_NO_USUAL = ("elsewhere", "short")
_MARKS = str.maketrans(dict.fromkeys(".,;:!?()[]\"/'’", " "))
# Small words of a name, and names that are small words elsewhere: "El Amrani", "Ella Martin".
_OF_NAMES = re.compile(
    r"\b(?i:el|al|del|della|di|da|dos|los|las|van|von|den|ben|mae|ella) +(?=[A-Z])"
)
_CAPITAL = re.compile(" [A-Z]")
# Letters of another script, after the Latin ones; so many are a word of it.
_OTHER_SCRIPT, _SHORTEST_SCRIPT = re.compile("[\u0370-\u1dff\u2e80-\ud7ff]"), 3


def in_other_languages(texts: Sequence[str]) -> Bools:
    """Return which texts of a column are in neither French nor English, as small words show.

    The lexicon knows few words of any other language: such a text is to be read again, whatever it
    says. Where several are, so is each one without a small word of French or English; and where
    sentences have hardly a word that either uses, all are.

    Examples
    --------
    >>> in_other_languages(["lebt mit seinem Mann", "zwaar ziek", "vit avec son mari"]).tolist()
    [True, False, False]
    >>> german = ["geht nicht aus", "kommt nur zum Essen", "zieht mit der Tochter um"]
    >>> in_other_languages([*german, "herzkrank", "il a déménagé"]).tolist()
    [True, True, True, True, False]
    """
    cut, joined = one_a_line(texts) if texts else ([], "")
    other, plain = (np.zeros(len(cut), dtype=bool) for _ in range(2))
    if _OTHER_SCRIPT.search(joined):
        other |= hits_of(cut, lambda text: len(_OTHER_SCRIPT.findall(text)) >= _SHORTEST_SCRIPT)
    bare = unaccented(joined).translate(_MARKS)
    lines = [
        line[:1].lower() + line[1:]
        for line in (_OF_NAMES.sub("", bare) if _CAPITAL.search(bare) else bare).split("\n")
    ]
    here, known = small_words()["elsewhere"], small_words()["small"] - small_words()["shared"]
    here &= {*" ".join(lines).split()}
    for at, line in enumerate(lines if here or other.any() else ()):
        held = {*line.split()}
        foreign, own = len(here & held), len(known & held)
        other[at : at + 1] |= foreign > (own > 0) and foreign >= own
        plain[at : at + 1] = own == 0 and bool(held)
    if other.sum() >= max(_FEWEST_FOREIGN, _FOREIGN * sum(map(bool, cut))):
        other |= plain
    elif _hardly_known(cut):
        other |= np.array(list(map(bool, cut)))
    return other


def _hardly_known(lines: Sequence[str]) -> bool:
    """Return whether sentences have hardly a word that French or English has."""
    filled = list(filter(None, lines[:_ENOUGH]))
    sentences = [line for line in filled if len(line.split()) >= _SENTENCE]
    found = re.findall("[a-z]{2,}", unaccented("\n".join(sentences)).lower())
    usual = _usual_words()
    few = sum(word in usual or any(_entries_of(word)) for word in found) < _UNKNOWN * len(found)
    return few and len(sentences) >= max(_FEWEST_SENTENCES, len(filled) / 4)


@cache
def _usual_words() -> frozenset[str]:
    """Return words of French and English by which a text is read, whatever it speaks of."""
    return frozenset().union(*(v for k, v in small_words().items() if k not in _NO_USUAL))


# Kinds whose cells are names and not words, and what those are; so many words of a cell are more.
# A surname, a town or a street may be a word that means something else.
_NAMES_OF: dict[str, tuple[str, float]] = {
    "name": ("people", 4), "account": ("people", 4), "others": ("people", 4),
    "sex": ("titles", 2),
    "place": ("places", 3), "birthplace": ("places", 3), "nationality": ("countries", 3),
    "email": ("contacts", 3), "phone": ("contacts", 2), "thing": ("things", 5),
    "credential": ("secrets", math.inf),
}  # fmt: skip
_TONGUES, _LOOKS = ("languages", 4), ("things", 2)
_LETTER, _TOKEN = re.compile(r"[^\W\d_]"), re.compile(r"\w+")


# A key, a hash, a number of a device, a geometry: one run of letters and digits.
_SHORTEST_KEY = 16
_KEY = re.compile(
    r"(?:[0-9a-f]{16,}|[0-9A-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    # Of each run the begin alone: from any place in it, a long cell would take the square of time.
    r"|(?=[^\s/]*+\Z)[^\s/]*(?<![A-Za-z0-9:+=])(?=[A-Za-z:+=]*+\d)[A-Za-z0-9:+=]{24,}+.*)"
)


# A name of an account, a file or a page: words joined by marks, or beside a number.
_HANDLE = re.compile(
    r"@?(?=.*(?:[^\W_][._]+[^\W_]|\d))[^\W_][\w.-]*(?:@[\w.-]+)?|\w+://\S+|www\.\S+"
)
# What its letters spell counts where so many cells agree, as in "syndicat_cgt_12".
_FEWEST_HANDLES, _HANDLES, _AGREE = SMALL_CELL, 0.9, 0.3


def handles_among(cells: Sequence[str]) -> Bools:
    """Return which cells are names of accounts, files or pages, in one piece; none if few are.

    Examples
    --------
    >>> handles_among([f"marine.brun.{k}" for k in range(12)]).tolist() == [True] * 12
    True
    >>> handles_among(["cgt", "marine"] * 6).any().item()
    False
    """
    distinct = {cell for cell in cells if cell}
    fewest = max(_FEWEST_HANDLES, _HANDLES * len(distinct))
    # A sentence is no handle: its words are not tested one by one.
    single = [cell for cell in distinct if " " not in cell]
    handles = {*filter(_HANDLE.fullmatch, single)} if len(single) >= fewest else set()
    if len(handles) < fewest:
        return np.zeros(len(cells), dtype=bool)
    return np.fromiter(map(handles.__contains__, cells), dtype=bool, count=len(cells))


def without_handles(spoken: Mapping[str, np.ndarray], handles: Bools) -> dict[str, np.ndarray]:
    """Return what cells hold, of handles only the words that many of them agree in."""
    fewest = _AGREE * handles.sum()
    return {
        what: hits & ~handles if what in CATEGORIES and (hits & handles).sum() < fewest else hits
        for what, hits in spoken.items()
    }


def texts_among(cells: Sequence[str]) -> np.ndarray:
    """Return which cells are texts, see `is_text`: none of a column without any letter."""
    if _LETTER.search("\n".join(cells)) is None:
        return np.zeros(len(cells), dtype=bool)
    # As good as never do two texts of a column come twice here, and few may be a key.
    written = np.array([_LETTER.search(cell) is not None for cell in cells], dtype=bool)
    for at, letters in enumerate(map(len, cells)):
        if letters >= _SHORTEST_KEY and " " not in cells[at]:
            written[at] = is_text(cells[at])
    return written


def is_text(cell: str) -> bool:
    """Return whether a cell has words: a letter, and more than one long key.

    Examples
    --------
    >>> is_text("Diabétique"), is_text("12"), is_text("0101000020E61000003333333333333340")
    (True, False, False)
    """
    # A key has no blank, and is no shorter than a number of sixteen hexadecimal digits.
    key = len(cell) >= _SHORTEST_KEY and " " not in cell and _KEY.fullmatch(cell) is not None
    return not key and _LETTER.search(cell) is not None


def cells_searched(
    cells: Sequence[str], kind: str, header: str, written: Bools | None = None
) -> tuple[np.ndarray, str]:
    """Return which cells of text are searched for words, and what the others are.

    Every cell with a letter is, whatever its column was taken for, unless it is a name: short, in a
    column of names of people, places, contacts, things or languages.

    Parameters
    ----------
    cells : sequence of str
        "" where blank. `written`: Which of them are texts, where that is known.

    Returns
    -------
    searched : ndarray of bool, shape (n,)
    others : str
        "people", "titles", "places", "countries", "contacts", "things", "secrets", "languages"; ""
        where all are searched.

    Examples
    --------
    >>> cells_searched(["Juif", "Paul Roux, malade, rappeler jeudi", "12"], "name", "nom")
    (array([False,  True, False]), 'people')
    """
    written = texts_among(cells) if written is None else written
    said = header_words(header)
    tongue = bool(WORDS["tongues"] & {*said})
    others, fewest = _TONGUES if tongue else _NAMES_OF.get(kind, ("", 0))
    if {*said[-1:]} & WORDS["looks"]:
        others, fewest = _LOOKS
    if not others:
        return written, ""
    searched = written & hits_of(cells, lambda cell: _words_beside_names(cell) >= fewest)
    return searched, "" if (searched == written).all() else others


def _words_beside_names(cell: str) -> int:
    """Count the words of a cell, without an e-mail and the small words of names."""
    words = header_words(" ".join(_TOKEN.findall(EMAIL.sub(" ", cell))))
    return sum(word not in small_words()["of_surnames"] for word in words)
