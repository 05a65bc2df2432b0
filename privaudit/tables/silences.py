"""Runs in which their words say nothing: which of the others stand within one of them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from privaudit._core.arrays import Bools, Ints
from privaudit.measures.tables.compressed_rows import row_of

__all__ = ["Silences"]


class Silences:
    """Runs of words that say nothing of something.

    Parameters
    ----------
    what, first, last : ndarray of int, shape (n,)
        What each run says nothing of, by number; its first and its last word.
    words : int
        How many there are.
    """

    def __init__(self, what: Ints, first: Ints, last: Ints, words: int) -> None:
        self.words, self.first, self.last = words, first, last
        pointers = np.append(0, np.cumsum(last - first + 1))
        self.run = row_of(pointers)
        place = np.arange(pointers[-1]) - pointers[self.run] + first[self.run]
        # A word, and of what it says nothing, as one number.
        self.key = what[self.run] * words + place
        self.keys = np.unique(self.key)

    def places(self, what: int) -> list[int]:
        """Return which words say nothing of something.

        Examples
        --------
        >>> Silences(np.array([1]), np.array([3]), np.array([4]), 9).places(1)
        [3, 4]
        """
        begin, end = np.searchsorted(self.keys, (what * self.words, (what + 1) * self.words))
        places: list[int] = (self.keys[begin:end] - what * self.words).tolist()
        return places

    def over(self, what: Ints, first: Ints, last: Ints) -> Bools:
        """Tell of each hit whether it stands in a silent run, and is not the longer of the two."""
        ends = what * self.words + first, what * self.words + last
        found = self._there(ends[0]) | self._there(ends[1])
        asked = np.flatnonzero(found)
        wanted = np.unique(np.concatenate([of[asked] for of in ends]))
        runs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        kept = np.flatnonzero(np.isin(self.key, wanted))
        begin, end = (of[self.run[kept]].tolist() for of in (self.first, self.last))
        for key, *run in zip(self.key[kept].tolist(), begin, end, strict=True):
            runs[key].append((run[0], run[1]))
        hits = zip(*(of[asked].tolist() for of in (*ends, first, last)), strict=True)
        found[asked] = [
            any(
                start < one or stop > two or (start, stop) == (one, two)
                for key in keys
                for start, stop in runs.get(key, ())
            )
            for *keys, one, two in hits
        ]
        return found

    def _there(self, keys: Ints) -> Bools:
        if not len(self.keys):
            return np.zeros(len(keys), dtype=bool)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        there: Bools = self.keys[at] == keys
        return there
