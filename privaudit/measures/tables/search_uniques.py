"""Search of minimal sample uniques by partition refinement, one set of keys after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from privaudit._core.arrays import Bools, Ints

__all__ = ["UniqueSearch"]

# Classes that are separated by a table instead of a sort: 16 MB.
_TABLE_CELLS = 1 << 22
# Records are thinned out where they are many, and so many to each cell that keys can tell apart.
_MANY, _RECORDS_A_CELL = 1 << 10, 4
# Records that stay in the cache while they are packed.
_BLOCK = 1 << 15


class _Part(NamedTuple):
    """Records that may still be unique, each with the number of its class."""

    active: Ints
    group: Ints
    groups: int
    dropped: int

    def take(self, rows: Ints, dropped: int = 0) -> _Part:
        """Return the part of some records."""
        return _Part(self.active[rows], self.group[rows], self.groups, self.dropped + dropped)


class UniqueSearch:
    """Search state: a set of keys is an integer, bit j for column j, in ascending order."""

    def __init__(self, columns: list[NDArray[Any]], depth: int, known: bool) -> None:
        self.columns = columns
        self.gaps = [known and bool((column == 0).any()) for column in columns]
        self.levels = [int(column.max(initial=0)) + 1 for column in columns]
        self.depth = depth
        self.found: list[tuple[int, Ints]] = []
        # Records alone on each set, as packed bits; sets of the greatest size need none.
        self.alone: dict[int, NDArray[np.uint8]] = {}
        self.table: NDArray[np.int32] | None = None
        # Memory that each partition uses again.
        n = len(columns[0])
        self.places = np.arange(n, dtype=np.int32)
        self.spare = np.empty(n, dtype=np.int64)
        self.everybody = np.arange(n)
        whole = _Part(self.everybody, np.zeros(n, dtype=np.int64), 1, 0)
        self._extend(whole, 0, 0, len(columns))

    def _extend(self, part: _Part, mask: int, size: int, j: int) -> None:
        """Visit a set together with each column before j."""
        some, few = self._few(part, j)
        for k in range(j):
            self._visit(few if k < some else part, mask | 1 << k, size + 1, k)

    def _visit(self, part: _Part, mask: int, size: int, j: int) -> None:
        """Visit one set of keys."""
        before = self._alone_on_a_part(mask, size)
        part = self._without(part, before)
        if self.gaps[j]:
            part = part.take(np.flatnonzero(self._of(part.active, j)))
        if len(part.active):
            group, count = self._refine(part, j, size == self.depth)
            once = count == 1
            if once.any():
                alone = part.active[np.flatnonzero(once[group])]
                # Who was alone on a part of the set is alone here too, and not minimal.
                alone = alone if before is None else alone[~_holds(before, alone)]
                self.found.append((mask, alone))
                before = self._with(before, alone) if size < self.depth else None
            part = part._replace(group=group, groups=len(count))
            if size < self.depth and part.groups > len(group) // 2:
                # Classes are numbered anew, so that the next table is small.
                number = np.cumsum(count > 0)
                part = part._replace(group=number[group] - 1, groups=int(number[-1]))
        if size < self.depth:
            if before is not None:
                self.alone[mask] = before
            self._extend(self._without(part, before), mask, size, j)

    def _without(self, part: _Part, alone: NDArray[np.uint8] | None) -> _Part:
        """Drop the records that are unique on a subset, where they are many."""
        if alone is None:
            return part
        fresh = int(np.bitwise_count(alone).sum(dtype=np.int64)) - part.dropped
        if 8 * fresh <= len(part.active):
            return part
        gone = np.unpackbits(alone, bitorder="little")
        return part.take(np.flatnonzero(gone[part.active] == 0), fresh)

    def _with(self, before: NDArray[np.uint8] | None, alone: Ints) -> NDArray[np.uint8]:
        """Set the bits of some records."""
        bits = np.zeros(-(-len(self.columns[0]) // 8), dtype=np.uint8)
        if before is not None:
            bits |= before
        np.bitwise_or.at(bits, alone >> 3, (1 << (alone & 7)).astype(np.uint8))
        return bits

    def _alone_on_a_part(self, mask: int, size: int) -> NDArray[np.uint8] | None:
        """Return the records unique on the set without one column: not minimal here."""
        if size == 1:
            return None
        total = None
        for j in range(len(self.columns)):
            part = self.alone.get(mask & ~(1 << j)) if mask >> j & 1 else None
            if part is not None:
                total = part if total is None else total | part
        return total

    def _of(self, active: Ints, j: int) -> NDArray[Any]:
        """Return the codes of a column for some records."""
        column = self.columns[j]
        return column if active is self.everybody else column[active]

    def _few(self, part: _Part, j: int) -> tuple[int, _Part]:
        """Return how many of the columns before j separate few cells, and a record of each."""
        n = len(part.active)
        some, cells = 0, part.groups
        while some < j and cells * self.levels[some] * _RECORDS_A_CELL <= n:
            cells *= self.levels[some]
            some += 1
        if some < 2 or n < _MANY:
            return 0, part
        key = self._packed(part, range(some), self.spare[:n])
        count = np.bincount(key, minlength=cells)
        last = np.empty(cells, dtype=np.int32)
        last[key] = self.places[:n]
        return some, part.take(np.sort(np.repeat(last, np.minimum(count, 2))))

    def _packed(self, part: _Part, columns: Iterable[int], key: Ints) -> Ints:
        """Return the class of each record and its codes in one integer, in blocks."""
        codes = [(self.levels[j], self._of(part.active, j)) for j in columns]
        for start in range(0, len(key), _BLOCK):
            some = slice(start, start + _BLOCK)
            key[some] = part.group[some]
            for levels, column in codes:
                key[some] *= levels
                key[some] += column[some]
        return key

    def _refine(self, part: _Part, j: int, leaf: bool) -> tuple[Ints, Ints]:
        """Split each class by a column: class of each active record, and class sizes."""
        n = len(part.active)
        key = self._packed(part, [j], self.spare[:n] if leaf else np.empty(n, dtype=np.int64))
        domain = part.groups * self.levels[j]
        if domain <= 4 * len(key) + 1024:
            return key, np.bincount(key, minlength=domain)
        if domain <= _TABLE_CELLS:
            # The last record of each class stands for it: no cell has to be emptied before.
            if self.table is None:
                self.table = np.empty(_TABLE_CELLS, dtype=np.int32)
            self.table[key] = self.places[:n]
            label = self.table[key].astype(np.int64)
            return label, np.bincount(label, minlength=len(key))
        _, label, count = np.unique(key, return_inverse=True, return_counts=True)
        return label, count


def _holds(bits: NDArray[np.uint8], record: Ints) -> Bools:
    """Return whether the bit of each record is set."""
    held: Bools = (bits[record >> 3] >> (record & 7).astype(np.uint8) & 1).astype(bool)
    return held
