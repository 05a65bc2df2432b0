"""Whether anybody else has all the points that are known of somebody: exact, and for everybody.

Two searches. Where even the rarest point has many people, the people of each point stand as
bits, and a question costs some thousand words however many they are. Otherwise the people of the
rarest point are gone through: those who have the second rarest too are few, and are asked for
the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from privaudit._core.arrays import Bools, Ints

__all__ = ["others_have_all"]

# A point is popular where more than one person in so many has it: all the bits together then
# take no more than 16 bytes for each point of each person.
_PEOPLE_A_POPULAR_POINT = 128
# Cost: a list takes a step a person, bitsets a step a word of so many people.
_PEOPLE_A_WORD = 64
# Words of bits, and people of a list, in the first block; each further block is four times larger.
_FIRST_WORDS = 1 << 10
_FIRST_PEOPLE = 32
# People with the two rarest points that are gathered before their other points are looked up.
_GATHERED = 1 << 20


def others_have_all(
    indptr: Ints,
    points: NDArray[np.int32],
    start: Ints,
    people: NDArray[np.int32],
    targets: Ints,
    asked: NDArray[np.int32],
) -> Bools:
    """Return whether another person has all the known points of each target.

    Parameters
    ----------
    indptr, points, start, people : int array
        From `privaudit.measures.traces.unicity.compress` and `invert`.
    targets : int64, shape (m,)
    asked : int, shape (m, p)
        Two points or more that the target has, from the rarest to the most popular.

    Returns
    -------
    bool, shape (m,)
        False: nobody else has them all.

    Examples
    --------
    Of three people who have 0, the first two have 1.

    >>> from privaudit.measures.traces.unicity import compress, invert
    >>> indptr, points = compress([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 2], 3, 3)
    >>> start, people = invert(indptr, points, 3)
    >>> targets, asked = np.array([0, 1, 2]), np.array([[1, 0], [1, 0], [2, 0]])
    >>> others_have_all(indptr, points, start, people, targets, asked)
    array([ True,  True, False])
    """
    traces = _Traces(indptr, points, start, people)
    rarest = asked[:, 0]
    many = (start[rarest + 1] - start[rarest]) * _PEOPLE_A_WORD > traces.n_people
    by_bits = many & (traces.row[rarest] >= 0)
    answer = np.empty(len(targets), bool)
    answer[by_bits] = _by_bits(traces, targets[by_bits], asked[by_bits])
    answer[~by_bits] = _by_lists(traces, targets[~by_bits], asked[~by_bits])
    return answer


class _Traces:
    """The points of each person, the people of each point, and of popular ones one bit a person.

    row : int32 (n_points,). Where the bits of a point stand, -1 where it is not popular.
    bits : uint8 (popular, width). Bit ``u % 8`` of byte ``u // 8`` is person u; the width is a
        multiple of 8.
    """

    def __init__(
        self, indptr: Ints, points: NDArray[np.int32], start: Ints, people: NDArray[np.int32]
    ) -> None:
        self.indptr, self.points, self.start, self.people = indptr, points, start, people
        self.n_people = len(indptr) - 1
        support = np.diff(start)
        # Scan short lists directly; no bitset.
        least = max(self.n_people // _PEOPLE_A_POPULAR_POINT, _FIRST_PEOPLE)
        popular = np.flatnonzero(support > least)
        self.row = np.full(len(support), -1, np.int32)
        self.row[popular] = np.arange(len(popular))
        width = (self.n_people - 1) // 64 * 8 + 8
        self.bits = np.empty((len(popular), width), np.uint8)
        has = np.zeros(width * 8, bool)
        for row, point in enumerate(popular.tolist()):
            holders = self.holders(point)
            has[holders] = True
            self.bits[row] = np.packbits(has, bitorder="little")
            has[holders] = False

    def holders(self, point: int) -> NDArray[np.int32]:
        """Return the people of a point."""
        return self.people[self.start[point] : self.start[point + 1]]


def _by_bits(traces: _Traces, targets: Ints, asked: NDArray[np.int32]) -> Bools:
    """Intersect the bitsets of popular points until another person is certain."""
    answer = np.zeros(len(targets), bool)
    words = traces.bits.view(np.uint64)
    width = words.shape[1]
    together = np.empty(width, np.uint64)
    as_bytes = together.view(np.uint8)
    byte = (targets >> 3).tolist()
    but_oneself = (~(np.uint8(1) << (targets & 7).astype(np.uint8))).tolist()
    # In the order of the points: the bits of the last question are still in the cache.
    order = np.lexsort((asked[:, 1], asked[:, 0]))
    for place, rows in zip(order.tolist(), traces.row[asked[order]].tolist(), strict=True):
        begin, step = 0, _FIRST_WORDS
        while begin < width:
            end = min(begin + step, width)
            part = together[begin:end]
            np.bitwise_and(words[rows[0], begin:end], words[rows[1], begin:end], out=part)
            for row in rows[2:]:
                np.bitwise_and(part, words[row, begin:end], out=part)
            if 8 * begin <= byte[place] < 8 * end:
                as_bytes[byte[place]] &= but_oneself[place]
            if part.max():
                answer[place] = True
                break
            begin, step = end, 4 * step
    return answer


def _by_lists(traces: _Traces, targets: Ints, asked: NDArray[np.int32]) -> Bools:
    """Scan the people of the rarest point of each target."""
    answer = np.zeros(len(targets), bool)
    which: list[int] = []
    gathered: list[NDArray[np.int32]] = []
    many = 0

    def settle() -> None:
        if which:
            at = np.array(which)
            answer[at] = _others_with_the_rest(traces, targets[at], asked[at, 2:], gathered)

    for place, pair in _people_with_two(traces, asked):
        # The target is one of them.
        if len(pair) < 2:
            continue
        which.append(place)
        gathered.append(pair)
        many += len(pair)
        if many >= _GATHERED:
            settle()
            which, gathered, many = [], [], 0
    settle()
    return answer


def _people_with_two(
    traces: _Traces, asked: NDArray[np.int32]
) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Return the people with the two rarest points of each query, in the order of points."""
    people, start, bits = traces.people, traces.start, traces.bits
    order = np.lexsort((asked[:, 1], asked[:, 0]))
    rare = asked[order, 0]
    row, begin, end = (
        array[asked[order, 1]].tolist() for array in (traces.row, start[:-1], start[1:])
    )
    places = order.tolist()
    cuts = [0, *(np.flatnonzero(rare[1:] != rare[:-1]) + 1).tolist(), len(rare)]
    has_rare = np.zeros(traces.n_people, bool)
    for first, last in pairwise(cuts if len(rare) else []):
        holders = traces.holders(rare[first])
        byte, bit = (holders >> 3).astype(np.intp), np.uint8(1) << (holders & 7).astype(np.uint8)
        has_rare[holders] = True
        for k in range(first, last):
            if row[k] >= 0:
                yield places[k], holders[(bits[row[k]].take(byte) & bit) != 0]
            else:
                others = people[begin[k] : end[k]]
                yield places[k], others[has_rare.take(others)]
        has_rare[holders] = False


def _others_with_the_rest(
    traces: _Traces, targets: Ints, rest: NDArray[np.int32], candidates: list[NDArray[np.int32]]
) -> Bools:
    """Return whether a candidate other than the target has the remaining points."""
    end = np.cumsum([len(each) for each in candidates])
    begin = np.concatenate([[0], end[:-1]])
    everybody = np.concatenate(candidates)
    answer = np.zeros(len(targets), bool)
    open_ = np.arange(len(targets))
    look = _FIRST_PEOPLE
    while len(open_):
        size = np.minimum(end[open_] - begin[open_], look)
        owner = np.repeat(open_, size)
        before = np.cumsum(size) - size
        person = everybody[np.arange(len(owner)) + np.repeat(begin[open_] - before, size)]
        other = person != targets[owner]
        owner, person = owner[other], person[other]
        for k in range(rest.shape[1]):
            has = _have_point(traces, person, rest[owner, k])
            owner, person = owner[has], person[has]
        answer[owner] = True
        begin[open_] += size
        open_ = open_[~answer[open_] & (begin[open_] < end[open_])]
        look *= 4
    return answer


def _have_point(traces: _Traces, person: NDArray[np.int32], point: NDArray[np.int32]) -> Bools:
    """Return whether people have a point: a bitset where it is popular, else binary search."""
    row, points = traces.row[point], traces.points
    has = np.zeros(len(person), bool)
    known = np.flatnonzero(row >= 0)
    who = person[known]
    has[known] = (traces.bits[row[known], who >> 3] >> (who & 7).astype(np.uint8)) & 1
    rare = np.flatnonzero(row < 0)
    if len(rare):
        who, what = person[rare], point[rare]
        low, high = traces.indptr[who], traces.indptr[who + 1]
        last = high
        for _ in range(int((high - low).max()).bit_length()):
            middle = (low + high) >> 1
            before = (low < high) & (points[np.minimum(middle, len(points) - 1)] < what)
            low = np.where(before, middle + 1, low)
            high = np.where(before, high, middle)
        has[rare] = (low < last) & (points[np.minimum(low, len(points) - 1)] == what)
    return has
