"""Runs of words in all texts at once: what may be said, and where it begins and ends.

Runs are sorted by the words that may follow the first. Two words that follow each other are looked
up once, for all runs that begin with the one and go on with the other; few pairs begin any.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np

from privaudit._core.arrays import Bools, Ints
from privaudit.measures.tables.compressed_rows import take_rows
from privaudit.tables.lexicon import NUMBER, Element, Entry, small_words

__all__ = ["ENDS", "Hits", "Runs"]

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
# What a line says with its places after the second, and what may follow its first word over what.
_Line = tuple[tuple[int, _Rest], frozenset[str], str | None]
_ALONE = frozenset({""})


class Hits(NamedTuple):
    """What may be said in texts: by its number in `Runs.said`, and the first and last word."""

    kind: Ints
    first: Ints
    last: Ints


class _Start(NamedTuple):
    """What two words that follow each other may begin.

    - `sure`: What they say, and how many words follow the first.
    - `third`: What the word after them goes on with; `gapped`: what more words must follow.
    - `over_small`, `over_any`: What small words, or any, may stand before.
    - `over`: What may stand after one of these, or begin what is gapped.
    """

    sure: list[tuple[int, int]]
    third: _After
    gapped: list[tuple[int, _Rest]]
    over_small: _After
    over_any: _After
    over: frozenset[str]


class Runs:
    """What runs of a lexicon stand in texts.

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
        # What each kind of hit says: one entry for all that say the same in the same way.
        self.said: list[Entry] = []
        self.kinds: dict[tuple[object, ...], int] = {}
        self.lines: dict[int, _Line] = {}
        self.over: dict[tuple[str, bool, bool], frozenset[str]] = {}

    def among(self, some: Set[str]) -> Bools:
        """Tell of each word of the texts whether it is one of some, shape (words,)."""
        there: Bools = np.array([word in some for word in self.sorted], dtype=bool)[self.code]
        return there

    def found(self) -> Hits:
        """Return what may be said.

        Words that follow each other are looked up once for all places where they do. Hits are
        numbers in arrays: the collector of garbage goes over objects that are kept.
        """
        code, many = self.code, len(self.sorted)
        begins = np.array([word in self.entries for word in self.sorted], dtype=bool)
        places = np.flatnonzero(begins[code[:-1]])
        pairs, which = np.unique(code[places] * many + code[places + 1], return_inverse=True)
        starts = [
            self._start(self.sorted[pair // many], self.sorted[pair % many])
            for pair in pairs.tolist()
        ]
        ahead = _Ahead(starts, self.number)
        longer: tuple[list[int], list[int], list[int]] = ([], [], [])
        for begin in range(0, len(places), _BLOCK):
            at, start = places[begin : begin + _BLOCK], which[begin : begin + _BLOCK]
            more = np.flatnonzero(ahead.may_go_on(at, start, code))
            for place, one in zip(at[more].tolist(), start[more].tolist(), strict=True):
                self._read_on(starts[one], place, longer)
        short = self._short(starts, places, which)
        kind, first, last = (
            np.concatenate([one, np.array(other, dtype=np.int64)])
            for one, other in zip(short, longer, strict=True)
        )
        return Hits(kind, first, last)

    def _short(self, starts: list[_Start], places: Ints, which: Ints) -> tuple[Ints, Ints, Ints]:
        """Return what two words say wherever they follow each other."""
        sure = np.array([one for start in starts for one in start.sure], dtype=np.int64)
        kind, length = sure.reshape(-1, 2).T
        size = np.array([len(start.sure) for start in starts], dtype=np.int64)
        _, at = take_rows(np.append(0, np.cumsum(size)), which)
        first = np.repeat(places, size[which])
        return kind[at], first, first + length[at]

    def _start(self, word: str, after: str) -> _Start:
        """Return what a word may begin where this one follows: most runs cannot."""
        if word not in self.by_next:
            self.by_next[word] = self._sorted_by_next(word)
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
            for one in fits:
                third.setdefault(one, []).append((entry, rest[1:]))
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

    def _sorted_by_next(self, word: str) -> dict[str | None, _After]:
        found: dict[str | None, _After] = {gap: {} for gap in (None, *_GAPS)}
        for entry in self.entries[word]:
            line, fits, gap = self._line(entry)
            table = found[gap]
            for after in fits:
                if after in table:
                    table[after].append(line)
                else:
                    table[after] = [line]
        return found

    def _line(self, entry: Entry) -> _Line:
        """Return what a line says, and its places after the first as words of these texts."""
        known = self.lines.get(id(entry))
        if known is None:
            told = (
                entry.said, entry.capitals, bool(entry.rest), entry.silent, entry.begins,
                entry.ends, entry.near, entry.unless,
            )  # fmt: skip
            kind = self.kinds.setdefault(told, len(self.said))
            if kind == len(self.said):
                self.said.append(entry)
            places = [(self._fits(element), element.gap) for element in entry.rest]
            fits, gap = places[0] if places else (_ALONE, None)
            known = self.lines[id(entry)] = ((kind, tuple(places[1:])), fits, gap)
        return known

    def _read_on(
        self, start: _Start, at: int, hits: tuple[list[int], list[int], list[int]]
    ) -> None:
        """Take the runs that begin here and have more than the word that follows."""
        words = self.words
        found: list[tuple[int, int]] = []
        for kind, rest in start.third.get(words[at + 2], ()):
            found.append((kind, self._last(rest, at + 2)))
        for kind, rest in start.gapped:
            found.append((kind, self._last(rest, at + 1)))
        for table, only in ((start.over_small, self.small), (start.over_any, None)):
            if not table:
                continue
            for over, word in enumerate(words[at + 2 : at + 2 + _GAP], at + 2):
                for kind, rest in table.get(word, ()):
                    found.append((kind, self._last(rest, over)))
                if word in ENDS or (only is not None and word not in only):
                    break
        for kind, last in found:
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
            known = self.fits[element] = words.union(*map(self._begin_so, element.stems))
        return known

    def _begin_so(self, stem: str) -> list[str]:
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


class _Ahead:
    """Which words a start may go on with, by hashes of both: some too many, and never one too few.

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
        """Say of each place, and what begins there, whether more than the next word may follow."""
        last = len(code) - 1
        kind = self.kind[start] * self.words
        found = self.third[_hashed(start * self.words + code[np.minimum(at + 2, last)])]
        for ahead in range(2, 3 + _GAP):
            found |= self.over[_hashed(kind + code[np.minimum(at + ahead, last)])]
        return found & (at + 2 <= last)


def _table(codes: Sequence[int]) -> Bools:
    table = np.zeros(1 << _HASH_BITS, dtype=bool)
    table[_hashed(np.array(codes, dtype=np.int64))] = True
    return table


def _hashed(codes: Ints) -> Ints:
    """Return some bits that depend on all of each number: the golden ratio's, Knuth 1973, 6.4."""
    mixed = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - _HASH_BITS)).astype(np.int64)
