"""Lexicon of special categories: files of ``lexicon_data/``, compiled to be searched in texts.

A file is a category, in French and in English, without accents and in lower case:

- `words`: each is enough by itself. ``malad*`` is a beginning; ``FO`` must be in capitals.
- `runs`, a line each: words that follow each other. ``a|b`` is either, ``_`` up to four small words
  ("de la"), ``..`` up to four words of any kind, ``^`` the beginning of a clause and ``$`` its end,
  ``#minor`` a number under 18, ``#number`` any (not first), ``@nation`` words of ``lists.toml``.
- `likely`: runs that may say it, and never make a text a sure one (`SearchedTexts.least`).
- `silent`: runs in which its words say nothing ("croix rouge", "union europeenne").
- ``[[beside]]``: `words` that say it only with a word of `near` within five words, and without one
  of `unless`; `near` may be left out.
- `negated`: "pas malade" does not count. `places`: words that are silent as a landmark or in the
  name of a street ("en face de l'hopital").
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np

from privaudit.core.checks import Bools, Ints
from privaudit.core.files import packaged_toml
from privaudit.core.thresholds import ADULT_AGE
from privaudit.stats.csr import take_rows

_LONGEST = 4_000


def one_a_line(texts: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return texts that are a line each and not endless, and all of them together."""
    joined = "\n".join(texts)
    if "\r" in joined or joined.count("\n") >= len(texts) or max(map(len, texts)) > _LONGEST:
        texts = [text[:_LONGEST].replace("\n", " ").replace("\r", " ") for text in texts]
        joined = "\n".join(texts)
    return texts, joined


def rows_of(pattern: re.Pattern[str], joined: str, begins: np.ndarray) -> list[int]:
    """Return in which texts something stands that is within one line.

    Parameters
    ----------
    begins : ndarray
        Where each text begins among all.
    """
    places = [match.start() for match in pattern.finditer(joined)]
    rows: list[int] = np.unique(np.searchsorted(begins, places, side="right") - 1).tolist()
    return rows


# The shortest word that is looked for by its sound, and by a letter too many or too few.
_HEARD, _MISTYPED = 6, 8


def _data(file: str) -> dict[str, Any]:
    """Return a file of the lexicon."""
    return packaged_toml("privaudit.columns", f"lexicon_data/{file}.toml")


def _sound(words: str) -> str:
    """Return the sound of a word, or of several, one a line."""
    for pattern, sound in _data("lists")["sounds"]:
        words = re.sub(pattern, sound, words, flags=re.MULTILINE)
    return words


def _by_sound(words: Sequence[str]) -> dict[str, str]:
    heard = dict(zip(_sound("\n".join(words)).split("\n"), words, strict=False))
    return {sound: word for sound, word in heard.items() if len(sound) >= _HEARD}


def _deletions(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


class Misspelt:
    """Spelling correction towards known words and beginnings of words.

    Parameters
    ----------
    words, stems : iterable of str
        Those of a lexicon, without accents and in lower case.
    ordinary : iterable of str
        Beginnings of everyday words that look like one of them: they are no slip.

    Examples
    --------
    >>> mend = Misspelt(["alzheimer", "musulman"], ["schizophren"]).mend
    >>> [mend(word) for word in ("alzeimer", "muslman", "sizofrene", "musulmane")]
    ['alzheimer', 'musulman', 'sizofrene', 'musulman']
    >>> mend("schyzophrene")
    'schizophren'
    """

    def __init__(
        self, words: Iterable[str], stems: Iterable[str], ordinary: Iterable[str] = ()
    ) -> None:
        self._ordinary = tuple(ordinary)
        # Sorted, so that of two words that sound alike it is always the same one.
        words = sorted(set(words))
        self._heard = _by_sound(words)
        self._stems = _by_sound(sorted(set(stems)))
        self._typed = {word for word in words if len(word) >= _MISTYPED}

    @cached_property
    def _fewer(self) -> dict[str, str]:
        """The known word of each that lacks one of its letters."""
        return {less: word for word in sorted(self._typed) for less in _deletions(word)}

    def mend(self, word: str) -> str:
        """Return the known word that this one may be, or the word itself."""
        if len(word) < _HEARD or not word.isalpha() or word.startswith(self._ordinary):
            return word
        sound = _sound(word)
        beginnings = (sound[:end] for end in range(len(sound), _HEARD - 1, -1))
        result = self._heard.get(sound) or next(
            filter(None, map(self._stems.get, beginnings)), None
        )
        if result is None and len(word) >= _MISTYPED - 1:
            result = self._fewer.get(word) or self._one_edit_away(word)
        return result or word

    def _one_edit_away(self, word: str) -> str | None:
        """Return the known word at one deletion or one adjacent swap."""
        pairs = range(len(word) - 1)
        swapped = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in pairs)
        return next((near for near in (*_deletions(word), *swapped) if near in self._typed), None)


# In the order of a report.
CATEGORIES = ("health", "religion", "origin", "union", "party", "sex_life", "children", "others")
_MINOR, NUMBER, _SHORTEST = "#minor", "#number", 2
_UNDER_AGE = frozenset(("", *map(str, range(1, ADULT_AGE))))


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a run: words, beginnings of words, and the gap allowed before it."""

    words: frozenset[str]
    stems: tuple[str, ...]
    gap: str = ""
    ends: bool = False


# Each is itself alone: to compare all that two say would take longer than to read them.
@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An entry of the lexicon: a single word, a run, or a word with a required context.

    Parameters
    ----------
    category : str
    rest : tuple of Element, optional
        The other places of a run; `begins`, `ends`: it must begin, end a clause.
    near, unless : int, optional
        Bits of the lists that must, and must not, stand beside it.
    likely : bool, optional
        It is a sign, which by itself is not sure.
    """

    category: str
    capitals: bool = False
    rest: tuple[Element, ...] = ()
    silent: bool = False
    begins: bool = False
    ends: bool = False
    near: int = 0
    unless: int = 0
    likely: bool = False


class _UnreadRun:
    """A line of `runs`, made into entries at the first text that has its first word."""

    def __init__(self, line: str, category: str, silent: bool, likely: bool) -> None:
        self.begins = line.startswith("^")
        self.parts = line.removeprefix("^").split()
        self.category, self.silent, self.likely = category, silent, likely
        # One place alone, or a second one where its clause may end.
        places = [part for part in self.parts if not _is_gap(part)]
        self.may_be_a_word = len(places) == 1 or (len(places) == 2 and "$" in places[1])
        # The words and the beginnings that it begins with.
        self.first = _alternatives(places[0])

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What it says: one entry for all words that it begins with, read once."""
        # "a|$": the clause may end where "a" may stand.
        _, *rest = _elements(self.parts)
        entry = Entry(
            self.category, rest=tuple(rest), silent=self.silent, begins=self.begins,
            likely=self.likely,
        )  # fmt: skip
        if not rest or not rest[-1].ends:
            return (entry,)
        at_end = replace(entry, rest=tuple(rest[:-1]), ends=True)
        return (at_end, entry) if rest[-1].words or rest[-1].stems else (at_end,)

    @cached_property
    def is_single_word(self) -> bool:
        """Whether it is a word that says something by itself."""
        return self.may_be_a_word and any(map(_is_single_word, self.entries))


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Entries of all categories, by their first word."""

    negated: frozenset[str]
    places: frozenset[tuple[str, str]]
    exact: dict[str, list[Entry | _UnreadRun]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[Entry | _UnreadRun]] = field(default_factory=lambda: defaultdict(list))
    near_exact: dict[str, int] = field(default_factory=dict)
    near_stems: dict[str, int] = field(default_factory=dict)
    # Numbers that some run has; of others it does not matter which they are.
    numbers: set[str] = field(default_factory=set)

    def entries(self, word: str) -> list[Entry]:
        """Return what a word may begin."""
        result = list(self.exact.get(word, ()))
        for end in range(_SHORTEST, len(word) + 1):
            result += self.stems.get(word[:end], ())
        if word.isdecimal() and word.lstrip("0") in _UNDER_AGE:
            result += self.exact.get(_MINOR, ())
        return [entry for item in result for entry in _entries_of(item)]

    def lists(self, word: str) -> int:
        """Return the bits of the lists in which a word stands."""
        bits = self.near_exact.get(word, 0)
        for end in range(_SHORTEST, len(word) + 1):
            bits |= self.near_stems.get(word[:end], 0)
        return bits

    def _add(self, word: str, entry: Entry | _UnreadRun) -> None:
        where = self.stems if word.endswith("*") else self.exact
        where[word.rstrip("*")].append(entry)

    def _list(self, words: str, bit: int) -> int:
        for word in words.split():
            where = self.near_stems if word.endswith("*") else self.near_exact
            where[word.rstrip("*")] = where.get(word.rstrip("*"), 0) | bit
        return bit if words.split() else 0

    def _runs(
        self, lines: str, category: str, *, silent: bool = False, likely: bool = False
    ) -> None:
        self.numbers.update(_NUMBERS.findall(lines))
        if _MINOR in lines:
            self.numbers.update(map(str, range(18)))
        for line in filter(None, map(str.strip, lines.splitlines())):
            run = _UnreadRun(line, category, silent, likely)
            words, stems = run.first
            for word in words:
                self.exact[word].append(run)
            for stem in stems:
                self.stems[stem].append(run)


# Numbers that are words of runs.
_NUMBERS = re.compile(r"(?<![^\s|^])\d+(?![^\s|])")
# What makes a place more than words: beginnings, lists, the end, numbers under 18.
_MARKED = frozenset("*@$#")


def _entries_of(item: Entry | _UnreadRun) -> tuple[Entry, ...]:
    return item.entries if isinstance(item, _UnreadRun) else (item,)


def _is_gap(part: str) -> bool:
    """Return whether a part of a run is what may stand between words: small ones, or any."""
    return part == ".." or ("_" in part and "_" in part.split("|"))


def _elements(parts: Iterable[str]) -> list[Element]:
    result, gap = [], ""
    for part in parts:
        # Small words among others that may stand there: as where any may, or none.
        if _is_gap(part):
            gap = ".." if part == ".." else "_"
            continue
        result.append(Element(*_alternatives(part), gap, ends="$" in part.split("|")))
        gap = ""
    return result


@cache
def _alternatives(part: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words, and the beginnings of words, that may stand at a place of a run."""
    items = part.split("|")
    if _MARKED.isdisjoint(part):
        return frozenset(items), ()
    words = dict.fromkeys(word for item in items for word in _expanded(item))
    plain = frozenset(word for word in words if not word.endswith("*")) - {"$"}
    if _MINOR in plain:
        plain |= frozenset(map(str, range(18)))
    return plain, tuple(word[:-1] for word in words if word.endswith("*"))


@cache
def _expanded(word: str) -> list[str]:
    if not word.startswith("@"):
        return [word]
    values = _data("lists")
    # @nation is both @nation_fr and @nation_en.
    return [item for name, words in values.items() if f"{name}_".startswith(f"{word[1:]}_")
            for item in words.split()]  # fmt: skip


def listed_words(name: str) -> list[str]:
    """Return the words of a list; one that ends with a star is a beginning."""
    words: list[str] = _data("lists")[name].split()
    return words


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of every category."""
    read = {text: _data(text) for text in CATEGORIES}
    places = ((text, word) for text, values in read.items() for word in values["places"].split())
    made = Lexicon(
        negated=frozenset(text for text, values in read.items() if values["negated"]),
        places=frozenset(places),
    )
    bit = 1
    for text, values in read.items():
        for word in values["words"].split():
            made._add(word.lower(), Entry(text, capitals=word != word.lower()))
        made._runs(values["runs"], text)
        made._runs(values.get("likely", ""), text, likely=True)
        made._runs(values["silent"], text, silent=True)
        for item in values.get("beside", ()):
            near = made._list(item.get("near", ""), bit)
            unless = made._list(item["unless"], 2 * bit)
            bit *= 4
            for word in item["words"].split():
                capitals = word != word.lower()
                made._add(word.lower(), Entry(text, capitals, near=near, unless=unless))
    return made


@cache
def small_words() -> dict[str, frozenset[str]]:
    """Return what a text is read by: small words, negations, streets, landmarks, titles."""
    return {name: frozenset(words.split()) for name, words in _data("grammar").items()}


@cache
def short_forms() -> dict[str, str]:
    """Return what people write for short at doors, and the words that they stand for."""
    return dict(pair.split("=") for pair in small_words()["short"])


@cache
def misspelt() -> Misspelt:
    """Return what words that say something by themselves look like when they are misspelt."""
    made = lexicon()
    exact, stems = (
        [word for word, items in where.items() if any(map(_is_single_word, items))]
        for where in (made.exact, made.stems)
    )
    nations = [*listed_words("nation_fr"), *listed_words("nation_en")]
    exact += [word for word in nations if not word.endswith("*")]
    stems += [word[:-1] for word in nations if word.endswith("*")]
    return Misspelt(exact, stems, small_words()["ordinary"])


def _is_single_word(item: Entry | _UnreadRun) -> bool:
    if isinstance(item, _UnreadRun):
        return item.is_single_word
    return not (item.rest or item.silent or item.near or item.begins or item.capitals)


# Where a clause ends: no word reaches over it.
ENDS = frozenset(".;!?\n()[]/|")
# Words that may stand in a gap.
_GAP = 4
# Places that are asked at once, and the size of a table of hashes: both stay near the processor.
_BLOCK, _HASH_BITS = 1 << 16, 22
# The other places of a run: the words that fit, and what may stand before them.
_Rest = tuple[tuple[frozenset[str], str], ...]
_After = dict[str, list[tuple[int, _Rest]]]
_GAPS = ("", "_", "..")
# A line with its places after the second, the words that may follow its first, and the gap.
_Line = tuple[tuple[int, _Rest], frozenset[str], str | None]
_ALONE = frozenset({""})


class Hits(NamedTuple):
    """Occurrences of entries: number in `Runs.hit_entries`, first and last word."""

    kind: Ints
    first: Ints
    last: Ints


class _Start(NamedTuple):
    """Entries that may begin with two consecutive words.

    Parameters
    ----------
    sure : list[tuple[int, int]]
        What they say, and how many words follow the first.
    third : _After
        What the word after them goes on with; `gapped`: what more words must follow.
    over_small, over_any : _After
        What small words, or any, may stand before.
    over : frozenset[str]
        What may stand after one of these, or begin what is gapped.
    """

    sure: list[tuple[int, int]]
    third: _After
    gapped: list[tuple[int, _Rest]]
    over_small: _After
    over_any: _After
    over: frozenset[str]


class Runs:
    """Search of texts for the entries of a lexicon.

    Parameters
    ----------
    words : sequence of str
        The words of all texts, with a line end after each text.
    entries : dict of str to list of Entry
        What each of these words may begin.
    """

    def __init__(self, words: Sequence[str], entries: dict[str, list[Entry]]) -> None:
        self.words, self.entries = words, entries
        self.small = small_words()["small"]
        self.distinct = frozenset(words)
        self.numbers = frozenset(word for word in self.distinct if word.isdigit())
        self.sorted = sorted(self.distinct)
        number = {word: i for i, word in enumerate(self.sorted)}
        self.number = number
        self.code = np.fromiter(map(number.__getitem__, words), np.int64, len(words))
        self.fits: dict[Element, frozenset[str]] = {}
        self.by_next: dict[str, dict[str | None, _After]] = {}
        # One entry for each kind of hit.
        self.hit_entries: list[Entry] = []
        self.kinds: dict[tuple[object, ...], int] = {}
        self.lines: dict[int, _Line] = {}
        self.over: dict[tuple[str, bool, bool], frozenset[str]] = {}

    def among(self, some: Set[str]) -> Bools:
        """Return which words of the texts belong to a set, shape (words,)."""
        return np.asarray(np.array([word in some for word in self.sorted], dtype=bool)[self.code])

    def hits(self) -> Hits:
        """Return the occurrences of all entries.

        Words that follow each other are looked up once for all places where they do. Hits are
        numbers in arrays, which garbage collection does not visit.
        """
        code, many = self.code, len(self.sorted)
        begins = np.array([word in self.entries for word in self.sorted], dtype=bool)
        places = np.flatnonzero(begins[code[:-1]])
        pairs, which = np.unique(code[places] * many + code[places + 1], return_inverse=True)
        starts = [
            self._start(self.sorted[pair // many], self.sorted[pair % many])
            for pair in pairs.tolist()
        ]
        ahead = _NextWordFilter(starts, self.number)
        longer: tuple[list[int], list[int], list[int]] = ([], [], [])
        for begin in range(0, len(places), _BLOCK):
            at, start = places[begin : begin + _BLOCK], which[begin : begin + _BLOCK]
            more = np.flatnonzero(ahead.may_go_on(at, start, code))
            for place, item in zip(at[more].tolist(), start[more].tolist(), strict=True):
                self._continue(starts[item], place, longer)
        short = self._short(starts, places, which)
        kind, first, last = (
            np.concatenate([item, np.array(other, dtype=np.int64)])
            for item, other in zip(short, longer, strict=True)
        )
        return Hits(kind, first, last)

    def _short(self, starts: list[_Start], places: Ints, which: Ints) -> tuple[Ints, Ints, Ints]:
        """Return what two words say wherever they follow each other."""
        sure = np.array([item for start in starts for item in start.sure], dtype=np.int64)
        kind, length = sure.reshape(-1, 2).T
        size = np.array([len(start.sure) for start in starts], dtype=np.int64)
        _, at = take_rows(np.append(0, np.cumsum(size)), which)
        first = np.repeat(places, size[which])
        return kind[at], first, first + length[at]

    def _start(self, word: str, after: str) -> _Start:
        """Return what a word may begin where this one follows: most runs cannot."""
        if word not in self.by_next:
            self.by_next[word] = self._index_by_next(word)
        by_next = self.by_next[word]
        more = [line for gap in _GAPS for line in by_next[gap].get(after, ())]
        sure = [(entry, 0) for entry, _ in by_next[None].get("", ())]
        sure += [(entry, 1) for entry, rest in more if not rest]
        third: _After = {}
        gapped = []
        for line in dict.fromkeys(line for line in more if line[1]):
            entry, rest = line
            fits, gap = rest[0]
            if gap:
                gapped.append(line)
                continue
            for item in fits:
                third.setdefault(item, []).append((entry, rest[1:]))
        # A word that ends a clause is not gone over, and only a small one by some.
        over_small = by_next["_"] if after in self.small else {}
        over_any = by_next[".."] if after not in ENDS else {}
        which = word, after in self.small, after in ENDS
        if which not in self.over:
            self.over[which] = frozenset(over_small).union(over_any)
        over = self.over[which]
        if gapped:
            over = over.union(*(rest[0][0] for _, rest in gapped))
        return _Start(list(dict.fromkeys(sure)), third, gapped, over_small, over_any, over)

    def _index_by_next(self, word: str) -> dict[str | None, _After]:
        result: dict[str | None, _After] = {gap: {} for gap in (None, *_GAPS)}
        for entry in self.entries[word]:
            line, fits, gap = self._line(entry)
            table = result[gap]
            for after in fits:
                table.setdefault(after, []).append(line)
        return result

    def _line(self, entry: Entry) -> _Line:
        """Return a line with its places as words of these texts."""
        known = self.lines.get(id(entry))
        if known is None:
            values = (
                entry.category, entry.capitals, bool(entry.rest), entry.silent, entry.begins,
                entry.ends, entry.near, entry.unless, entry.likely,
            )  # fmt: skip
            kind = self.kinds.setdefault(values, len(self.hit_entries))
            if kind == len(self.hit_entries):
                self.hit_entries.append(entry)
            places = [(self._fits(element), element.gap) for element in entry.rest]
            fits, gap = places[0] if places else (_ALONE, None)
            known = self.lines[id(entry)] = ((kind, tuple(places[1:])), fits, gap)
        return known

    def _continue(
        self, start: _Start, at: int, hits: tuple[list[int], list[int], list[int]]
    ) -> None:
        """Take the runs that begin here and have more than the word that follows."""
        words = self.words
        result: list[tuple[int, int]] = []
        for kind, rest in start.third.get(words[at + 2], ()):
            result.append((kind, self._last(rest, at + 2)))
        for kind, rest in start.gapped:
            result.append((kind, self._last(rest, at + 1)))
        for table, only in ((start.over_small, self.small), (start.over_any, None)):
            if not table:
                continue
            for over, word in enumerate(words[at + 2 : at + 2 + _GAP], at + 2):
                for kind, rest in table.get(word, ()):
                    result.append((kind, self._last(rest, over)))
                if word in ENDS or (only is not None and word not in only):
                    break
        for kind, last in result:
            if last > 0:
                hits[0].append(kind)
                hits[1].append(at)
                hits[2].append(last)

    def _fits(self, element: Element) -> frozenset[str]:
        known = self.fits.get(element)
        if known is None:
            words = element.words & self.distinct
            if NUMBER in element.words:
                words |= self.numbers
            known = self.fits[element] = words.union(*map(self._with_stem, element.stems))
        return known

    def _with_stem(self, stem: str) -> list[str]:
        begin = bisect_left(self.sorted, stem)
        return self.sorted[begin : bisect_left(self.sorted, stem + "\x7f", begin)]

    def _last(self, rest: _Rest, at: int) -> int:
        """Return where a run that begins here ends; -1 where it does not stand here.

        No place fits the end of a text, so that none is left.
        """
        words, small = self.words, self.small
        for fits, gap in rest:
            at += 1
            if gap:
                for _ in range(_GAP):
                    word = words[at]
                    if word in fits or word in ENDS or (gap == "_" and word not in small):
                        break
                    at += 1
            if words[at] not in fits:
                return -1
        return at


class _NextWordFilter:
    """Hash filter of the words that may follow a start; false positives only.

    Few runs go on with any of the next words: all of them are asked at once.
    """

    def __init__(self, starts: Sequence[_Start], number: Mapping[str, int]) -> None:
        self.words = len(number)
        # Starts with the same words share them.
        kinds: dict[int, int] = {}
        self.kind = np.empty(len(starts), dtype=np.int64)
        over, third = [], []
        for i, start in enumerate(starts):
            kind = kinds.setdefault(id(start.over), i)
            self.kind[i] = kind
            if kind == i:
                over += [kind * self.words + number[word] for word in start.over]
            third += [i * self.words + number[word] for word in start.third]
        self.over, self.third = _table(over), _table(third)

    def may_go_on(self, at: Ints, start: Ints, code: Ints) -> Bools:
        """Return which starts may go on beyond the next word."""
        last = len(code) - 1
        kind = self.kind[start] * self.words
        result = self.third[_hash(start * self.words + code[np.minimum(at + 2, last)])]
        for ahead in range(2, 3 + _GAP):
            result |= self.over[_hash(kind + code[np.minimum(at + ahead, last)])]
        return result & (at + 2 <= last)


def _table(codes: Sequence[int]) -> Bools:
    table = np.zeros(1 << _HASH_BITS, dtype=bool)
    table[_hash(np.array(codes, dtype=np.int64))] = True
    return table


def _hash(codes: Ints) -> Ints:
    """Return some bits that depend on all of each number: the golden ratio's, Knuth 1973, 6.4."""
    mixed = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - _HASH_BITS)).astype(np.int64)


class SilentRuns:
    """Silent runs: the words at which a category does not count.

    Parameters
    ----------
    what, first, last : ndarray of int, shape (n,)
        Category that each run silences, by number; its first and its last word.
    """

    def __init__(self, what: Ints, first: Ints, last: Ints) -> None:
        self.runs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for category, start, end in _triples(what, first, last):
            for place in range(start, end + 1):
                self.runs[category, place].append((start, end))

    def places(self, what: int) -> list[int]:
        """Return the words at which a category is silenced.

        Examples
        --------
        >>> SilentRuns(np.array([1]), np.array([3]), np.array([4])).places(1)
        [3, 4]
        """
        return sorted(place for category, place in self.runs if category == what)

    def over(self, what: Ints, first: Ints, last: Ints) -> Bools:
        """Return for each hit whether it stands in a silent run that is at least as long."""
        if not self.runs:
            return np.zeros(len(what), dtype=bool)
        return np.array(
            [
                any(
                    start < begin or stop > end or (start, stop) == (begin, end)
                    for place in (begin, end)
                    for start, stop in self.runs.get((category, place), ())
                )
                for category, begin, end in _triples(what, first, last)
            ],
            dtype=bool,
        )


def _triples(*arrays: Ints) -> Iterable[tuple[int, int, int]]:
    return zip(*(array.tolist() for array in arrays), strict=True)


# Marks that end a clause, beside those that end a sentence.
_MARKS = frozenset(',:-–+&"')
# Categories whose words are names of organisations.
_ORGANISED = ("party", "union")


class Clauses:
    """Clauses of texts, and which hits in them are said of a person.

    Clinical texts ask the same of a finding: who its experiencer is (Harkema et al. 2009, ConText).
    There the patient is assumed; notes at doors speak of all that a street has, so a person must be
    shown, by each word of the clause before what is said. What stands before a colon is a subject.

    Parameters
    ----------
    runs : Runs
        Words of all texts as they are meant, a line end after each text.
    cased : sequence of str
        The words as they are written.
    row : sequence of int
        The text of each word.
    covered : ndarray of bool
        Which words belong to a hit of a special category.
    names : set of str
        Given names among the words.

    References
    ----------
    Harkema, Dowling, Thornblade and Chapman (2009), Journal of Biomedical Informatics 42:839.
    """

    def __init__(
        self, runs: Runs, cased: Sequence[str], row: Sequence[int], covered: Bools, names: Set[str]
    ) -> None:
        small = small_words()
        self.words, self.row = runs.words, row
        places = small["street"] | small["business"] | small["landmark"] | small["venues"]
        self.places = places - small["small"]
        self.complements = small["complements"]
        number = runs.among(runs.numbers | {NUMBER})
        breaks = runs.among(ENDS | _MARKS | small["breaks"])
        # What may stand before what is said of a person, and behind it.
        of_persons = small["persons"] | small["predicates"] | small["degrees"]
        titled = np.roll(runs.among(small["title"]), 1)
        capital = np.array([word[0].isupper() for word in cased], dtype=bool)
        before = runs.among((of_persons | small["small"] | small["title"]) - {"sur"})
        before |= covered | number | (capital & (titled | runs.among(names)))
        before &= ~runs.among(self.places)
        after = breaks | number | runs.among(small["small"] | small["after"])
        self.after = after.tolist()
        self.breaks = breaks.tolist()
        at = np.arange(len(breaks))
        self.begin = np.append(0, np.maximum.accumulate(np.where(breaks, at + 1, 0))).tolist()
        self.unknown, self.no_article, self.unknown_behind = (
            np.append(0, np.cumsum(~some)).tolist()
            for some in (before, runs.among(small["articles"]), before | after)
        )
        self.end = _next(at, breaks)
        # A colon within a sentence is after a heading, unless it is one of a time: "10:30".
        time = np.roll(number, 1) & np.roll(number, -1)
        colon = _next(at, runs.among({":"}) & ~time)
        self.headed = np.less(colon, _next(at, runs.among(ENDS))).tolist()
        # The next word that is no hit.
        self.beyond = _next(at, ~covered | breaks)
        rows: Ints = np.asarray(row, dtype=np.int64)
        shown = runs.among(small["persons"] | small["predicates"])
        others, persons = (
            np.bincount(rows, weights=some, minlength=int(rows[-1]) + 1) > 0
            for some in (~(covered | breaks), shown)
        )
        self.alone: list[bool] = (~others).tolist()
        self.shown: list[bool] = persons.tolist()

    def is_of_a_person(self, entry: Entry, first: int, last: int) -> bool:
        """Return whether a hit is all that a text has, or is said of a person in its clause.

        The clause before it speaks of a person, or it begins the clause; behind it the clause ends,
        or goes on as one does of a person. Where the text begins with this clause, there is a
        person or what one does in it, and behind an organisation each word is known.
        """
        if self.alone[self.row[first]]:
            return True
        begin = self.begin[first]
        of_person = self.unknown[first] == self.unknown[begin] and not self.headed[last]
        of_person &= self.breaks[last] or self.after[self.beyond[last + 1]]
        if self.words[begin - 1] == "\n":
            known = self.unknown_behind[last + 1] >= self.unknown_behind[self.end[last]]
            of_person &= self.shown[self.row[first]] and (known or entry.category not in _ORGANISED)
        if not of_person or entry.near or entry.unless:
            return False
        if self.no_article[first] > self.no_article[begin]:
            return True
        if entry.rest:
            return self.words[first] not in self.places
        return self.words[last + 1] not in self.complements


def _next(at: Ints, some: Bools) -> list[int]:
    """Return for each place the next one of some, or itself; the last is one."""
    places = np.where(some, at, len(at) - 1)
    result: list[int] = np.minimum.accumulate(places[::-1])[::-1].tolist()
    return result
