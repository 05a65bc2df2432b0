"""Runs of words in all texts at once: what may be said, and where it begins and ends.

Runs are sorted by the words that may follow the first. Two words that follow each other are looked
up once, for all runs that begin with the one and go on with the other; few pairs begin any.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from privaudit.tables.lexicon import NUMBER, Element, Entry, small_words

__all__ = ["ENDS", "Hit", "Runs", "Silent", "silenced"]

# What may be said, and the first and the last word that say it.
Hit = tuple[Entry, int, int]
# The words of runs in which they say nothing, and where each run begins and ends.
Silent = dict[tuple[str, int], list[tuple[int, int]]]
# Where a clause ends: no word reaches over it.
ENDS = frozenset(".;!?\n()[]/|")
# Words that may stand in a gap; hits are given by so many, at the end of a text: whatever is kept
# longer, the collector of garbage goes over.
_GAP, _MANY = 4, 5_000
# The other places of a run: the words that fit, and what may stand before them.
_Rest = tuple[tuple[frozenset[str], str], ...]
_After = dict[str, list[tuple[Entry, _Rest]]]
_GAPS = ("", "_", "..")
# What a line says with its places after the second, and what may follow its first word over what.
_Line = tuple[tuple[Entry, _Rest], frozenset[str], str | None]
_ALONE = frozenset({""})


class _Start(NamedTuple):
    """What two words that follow each other may begin.

    - `sure`: What they say, and how many words follow the first.
    - `third`: What the word after them goes on with; `gapped`: what more words must follow.
    - `over_small`, `over_any`: What small words, or any, may stand before.
    - `over`: What may stand after one of these, or begin what is gapped.
    """

    sure: list[tuple[Entry, int]]
    third: _After
    gapped: list[tuple[Entry, _Rest]]
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
        self.fits: dict[Element, frozenset[str]] = {}
        self.by_next: dict[str, dict[str | None, _After]] = {}
        self.kinds: dict[tuple[object, ...], Entry] = {}
        self.lines: dict[int, _Line] = {}
        self.over: dict[tuple[str, bool, bool], frozenset[str]] = {}

    def found(self) -> Iterator[list[Hit]]:
        """Give what may be said, of some whole texts after others."""
        words = self.words
        hits: list[Hit] = []
        before = 0
        starts: dict[str, dict[str, _Start | None]] = {
            word: {} for word in self.distinct if word in self.entries
        }
        for at in [at for at, word in enumerate(words) if word in starts]:
            if len(hits) > _MANY and "\n" in words[before:at]:
                yield hits
                hits.clear()
            before = at
            nexts, after = starts[words[at]], words[at + 1]
            if after not in nexts:
                begun = self._start(words[at], after)
                nexts[after] = begun if any(begun) else None
            if (known := nexts[after]) is None:
                continue
            for entry, length in known.sure:
                hits.append((entry, at, at + length))
            # Few runs go on with any of the next words: they are asked all at once.
            near = words[at + 2 : at + 3 + _GAP]
            if not known.over.isdisjoint(near) or (near and near[0] in known.third):
                self._read_on(known, at, hits)
        yield hits

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
            # One stands for all that say the same in the same way, so that it is said once.
            told = (
                entry.said, entry.capitals, bool(entry.rest), entry.silent, entry.begins,
                entry.ends, entry.near, entry.unless,
            )  # fmt: skip
            kind = self.kinds.setdefault(told, entry)
            places = [(self._fits(element), element.gap) for element in entry.rest]
            fits, gap = places[0] if places else (_ALONE, None)
            known = self.lines[id(entry)] = ((kind, tuple(places[1:])), fits, gap)
        return known

    def _read_on(self, start: _Start, at: int, hits: list[Hit]) -> None:
        """Take the runs that begin here and have more than the word that follows."""
        words = self.words
        for entry, rest in start.third.get(words[at + 2], ()):
            if (last := self._last(rest, at + 2)) > 0:
                hits.append((entry, at, last))
        for entry, rest in start.gapped:
            if (last := self._last(rest, at + 1)) > 0:
                hits.append((entry, at, last))
        for table, only in ((start.over_small, self.small), (start.over_any, None)):
            if not table:
                continue
            for over, word in enumerate(words[at + 2 : at + 2 + _GAP], at + 2):
                for entry, rest in table.get(word, ()):
                    if (last := self._last(rest, over)) > 0:
                        hits.append((entry, at, last))
                if word in ENDS or (only is not None and word not in only):
                    break

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


def silenced(hit: Hit, silent: Silent) -> bool:
    """Say whether a hit stands in a run that is silent, and is not the longer of the two."""
    entry, first, last = hit
    runs = [*silent.get((entry.said, first), ()), *silent.get((entry.said, last), ())]
    return any(begin < first or end > last or (begin, end) == (first, last) for begin, end in runs)
