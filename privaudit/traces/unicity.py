"""Unicity of traces (de Montjoye et al. 2013): who is singled out by a few known points.

Traces are compressed rows: the points of person u are ``points[indptr[u]:indptr[u + 1]]``,
distinct and ascending. An inverted index, from a point to the people who have it, makes a query
as cheap as its rarest point, or cheaper. The search is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Bools, Ints, an_instance, in_range, one_of, whole
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.io.file_frame import aside_notes
from privaudit.release.read_traces import Traces, read_traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import entries_between
from privaudit.tables.population.pitman_model import unicity_in_population
from privaudit.traces.known_points import KNOWS, MOST_LOOK_UPS, KnowsWord, fewest_left
from privaudit.words.catalogues import Note

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
        From `privaudit.traces.unicity.compress` and `invert`.
    targets : int64, shape (m,)
    asked : int, shape (m, p)
        Two or more points of the target, from the rarest to the most popular.

    Returns
    -------
    bool, shape (m,)
        False: the target is unique.

    Examples
    --------
    >>> from privaudit.traces.unicity import compress, invert
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
    """Traces, their inverted index, and a bitset of people for each popular point.

    row : int32 (n_points,). Row of a point in `bits`, -1 where it is not popular.
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
    # In the order of the points: the bits of the last query are still in the cache.
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
    for at, candidates in _in_batches(_people_with_two(traces, asked)):
        answer[at] = _others_with_the_rest(traces, targets[at], asked[at, 2:], candidates)
    return answer


def _in_batches(
    queries: Iterable[tuple[int, NDArray[np.int32]]],
) -> Iterator[tuple[Ints, list[NDArray[np.int32]]]]:
    """Yield the queries with a candidate besides the target, in batches of `_GATHERED` people."""
    batch: list[tuple[int, NDArray[np.int32]]] = []
    many = 0
    for place, people in queries:
        if len(people) > 1:
            batch.append((place, people))
            many += len(people)
        if many >= _GATHERED:
            yield np.array([place for place, _ in batch]), [people for _, people in batch]
            batch, many = [], 0
    if batch:
        yield np.array([place for place, _ in batch]), [people for _, people in batch]


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
        until = np.minimum(begin[open_] + look, end[open_])
        which, at = entries_between(begin[open_], until)
        owner, person = open_[which], everybody[at]
        other = person != targets[owner]
        owner, person = owner[other], person[other]
        for k in range(rest.shape[1]):
            has = _have_point(traces, person, rest[owner, k])
            owner, person = owner[has], person[has]
        answer[owner] = True
        begin[open_] = until
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


def compress(
    person: ArrayLike, point: ArrayLike, n_people: int, n_points: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct points of each person as compressed rows.

    Parameters
    ----------
    person, point : int, shape (n,)
        Codes from 0, one pair an event, in any order, repeats allowed.
    n_people : int
        Number of people.
    n_points : int
        Number of distinct points.

    Returns
    -------
    indptr : int64, shape (n_people + 1,)
    points : ndarray of int32
        Ascending within a person.

    Examples
    --------
    >>> compress([1, 0, 1, 1], [5, 2, 3, 5], 2, 6)
    (array([0, 1, 3]), array([2, 3, 5], dtype=int32))
    """
    # One key a pair, in place where it can be: a hundred million events must fit.
    key = np.multiply(person, n_points, dtype=np.int64)
    key += np.asarray(point)
    if len(key) > 1 and not (key[1:] > key[:-1]).all():
        key.sort()
        key = key[np.concatenate([[True], key[1:] > key[:-1]])]
    indptr = np.searchsorted(key, np.arange(n_people + 1, dtype=np.int64) * n_points)
    np.remainder(key, n_points, out=key)
    return indptr, key.astype(np.int32)


def invert(indptr: ArrayLike, points: ArrayLike, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the people of each point: ``people[start[q]:start[q + 1]]``, ascending.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    points : int, shape (entries,)
        Point of each entry.
    n_points : int
        Number of distinct points.

    Returns
    -------
    tuple of ndarray

    Examples
    --------
    >>> invert([0, 1, 3], [2, 3, 2], 4)
    (array([0, 0, 0, 2, 3]), array([0, 1, 1], dtype=int32))
    """
    from scipy.sparse import csr_array

    rows = np.asarray(indptr, np.int64)
    columns = np.asarray(points, np.int32)
    matrix = csr_array((np.ones(len(columns), np.int8), columns, rows), (len(rows) - 1, n_points))
    other = matrix.tocsc()
    return other.indptr.astype(np.int64), other.indices.astype(np.int32, copy=False)


def draw_points(
    indptr: np.ndarray,
    points: np.ndarray,
    targets: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw `count` distinct points of each target, every set being equally likely.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    points : int, shape (entries,)
        Point of each entry.
    targets : int, shape (m,)
        People who have at least `count` points.
    count : int
        1 or more. Points to draw a target.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    int32, shape (m, count)

    Raises
    ------
    ValueError
        Anything but as many known points as a target has.
    """
    length = indptr[targets + 1] - indptr[targets]
    if (length < count).any():
        raise ValueError("draw_points: a target has fewer points than are to be drawn")
    place = np.empty((len(targets), count), np.int64)
    # Floyd's sampling: the newcomer takes the last place when its own is taken.
    for k in range(count):
        last = length - count + k
        drawn = rng.integers(0, last + 1)
        taken = (place[:, :k] == drawn[:, None]).any(axis=1)
        place[:, k] = np.where(taken, last, drawn)
    return np.asarray(points[indptr[targets][:, None] + place])


def singled_out(
    indptr: np.ndarray,
    points: np.ndarray,
    start: np.ndarray,
    people: np.ndarray,
    targets: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """Return whether no other person has the known points of each target.

    ``|S(I_p)| = 1`` of de Montjoye et al. 2013: the set of people whose trace holds all the known
    points is the target alone. Each search stops at the first other person who has them all.

    Parameters
    ----------
    indptr, points : ndarray
        From `compress`.
    start, people : ndarray
        From `invert`.
    targets : int, shape (m,)
    known : int, shape (m, p)
        Points of each target, such as `draw_points` gives.

    Returns
    -------
    bool, shape (m,)
        True: singled out. False is the safe side.

    References
    ----------
    de Montjoye et al. (2013).

    Examples
    --------
    Of two people who both like 0, only the first likes 1.

    >>> indptr, points = compress([0, 0, 1, 1], [0, 1, 0, 2], 2, 3)
    >>> start, people = invert(indptr, points, 3)
    >>> singled_out(indptr, points, start, people, np.array([0, 0]), np.array([[0], [1]]))
    array([False,  True])
    """
    asked = _rarest_first(start, known)
    # A single point needs no search: its support decides.
    alone = start[asked[:, 0] + 1] - start[asked[:, 0]] == 1
    if known.shape[1] == 1:
        return np.asarray(alone)
    shared = np.flatnonzero(~alone)
    others = others_have_all(indptr, points, start, people, targets[shared], asked[shared])
    alone[shared] = ~others
    return np.asarray(alone)


def _rarest_first(start: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the known points of each target, from the rarest to the most popular."""
    support = start[known + 1] - start[known]
    return np.take_along_axis(known, np.argsort(support, axis=1, kind="stable"), axis=1)


def others_left(
    start: np.ndarray, people: np.ndarray, targets: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Return how many other people have all the known points of each target.

    Parameters
    ----------
    start, people, targets, known : ndarray
        As in `singled_out`.

    Returns
    -------
    int64, shape (m,)

    Examples
    --------
    >>> start, people = np.array([0, 3, 5]), np.array([0, 1, 2, 0, 1])
    >>> others_left(start, people, np.array([0, 0]), np.array([[0], [1]]))
    array([2, 1])
    """
    asked = _rarest_first(start, known)
    others = np.zeros(len(targets), np.int64)
    for k, target in enumerate(targets):
        left = people[start[asked[k, 0]] : start[asked[k, 0] + 1]]
        left = left[left != target]
        for point in asked[k, 1:]:
            if not len(left):
                break
            having = people[start[point] : start[point + 1]]
            place = np.minimum(np.searchsorted(having, left), len(having) - 1)
            left = left[having[place] == left]
        others[k] = len(left)
    return others


# People of the control, each left out of the release.
_CONTROL = 1_000


def unicity(
    traces: Any,
    *,
    points: int | Iterable[int] = 4,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 7,
    person: str | None = None,
    item: str | None = None,
    time: str | None = None,
    population: float | None = None,
    ids: bool = False,
) -> Measures:
    """Return the share of people whom a few known points, drawn at random, single out.

    The adversary knows p points of a person (an item, within a window of `hours` where given) and
    searches for the traces that hold them all. Unicity is the share of people for whom one trace
    matches.

    Parameters
    ----------
    traces : Traces, or a frame or file with its columns
    points : int or iterable of int
        How many points are known, one row each.
    hours : float, optional
        Resolution in time; without it, time is not known. Coarser items: read the traces with
        a coarser column.
    sample : int, optional
        People to sample. Default: everybody; a million people with 100 points each take some
        20 s a number of points.
    seed : int
    person, item, time : str, optional
        Columns of a frame or file, which `read_traces` then reads. Where none is named, those
        that headers propose, with a note.
    population : float, optional
        People of a population like that of the log, which is a random sample of it.
    ids : bool
        `per_record` has ``person``, ``points`` and ``alone``; no report does. Traces too must be
        read with ``ids=True``.

    Returns
    -------
    Measures
        ``unicity``, a row a number of points: share of people with at least so many distinct
        points who are singled out (n: sampled people), with a Wilson 95 % interval; baseline:
        1 / people; control: of at most 1,000 of them, each left out of the release, the share
        whose points would single out another person; residual: (unicity - control) /
        (1 - control), with a paired interval. 0 = safe. A note counts people with fewer points.
        With `population`, also ``unicity_in_population``, the same there: see
        `privaudit.tables.population.pitman_model.unicity_in_population`.

    Raises
    ------
    ParameterError
        A number of points below 1, hours without a time, nobody with that many points, a
        population smaller than the log, or ids of traces that have none.

    References
    ----------
    de Montjoye et al. (2013); Rocher, Hendrickx and de Montjoye (2025).

    Examples
    --------
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> result = unicity(log, person="who", item="page", points=[1, 2])
    >>> result.value("unicity", points=1), result.value("unicity", points=2)
    (0.0, 1.0)
    """
    who = "unicity"
    notes: tuple[Note, ...] = ()
    if not isinstance(traces, Traces) and (person is None) == (item is None):
        traces = read_traces(traces, person=person, item=item, time=time, ids=ids)
        notes = tuple(note for note in traces.notes if note.key == "log_columns_proposed")
    do = "Read a log with read_traces, or name its columns: person=, item=."
    an_instance(who, "traces", traces, Traces, do)
    if population is not None:
        in_range(who, "population", population, traces.n_people)
    if ids and traces.ids is None:
        raise ParameterError.of(who, "traces with ids", "none", "Read them with ids=True.")
    known = check_points(who, points)
    rows = Rows(traces.n_people, traces.counts)
    asked = known_points(who, traces, known, hours, sample, seed)
    for p, result in zip(known, asked, strict=True):
        if not len(result.alone):
            came = f"{result.most} at most"
            raise ParameterError.of(who, f"somebody with {p} distinct points", came)
        part = {"points": p, "window": window_word(hours)}
        result.add_to(rows, part)
        if population is not None:
            result.add_in_population(rows, part, population)
    recipe = {"points": list(known), "hours": hours, "sample": sample, "seed": seed}
    recipe |= {} if population is None else {"population": population}
    per_record = None
    if ids:
        each = [{"person": traces.ids[r.who], "alone": r.alone} for r in asked]
        frames = [pd.DataFrame(e | {"points": p}) for p, e in zip(known, each, strict=True)]
        per_record = pd.concat(frames, ignore_index=True)
    return trace_result(traces, who, rows, per_record, recipe, notes)


def check_points(who: str, points: int | Iterable[int]) -> tuple[int, ...]:
    """Return numbers of known points, each once, or raise `ParameterError`."""
    one = hasattr(points, "__index__") or not isinstance(points, Iterable)
    known = (points,) if one else tuple(points)  # type: ignore[arg-type]
    checked = tuple(whole(who, "points", p, 1) for p in known)
    if not checked or len(set(checked)) < len(checked):
        raise ParameterError.of(who, "points, each number once", f"points={points!r}")
    return checked


class KnownPoints(NamedTuple):
    """Result for one number of known points, one entry a sampled person.

    - `alone` (bool): Singled out. Empty where nobody has that many points.
    - `others` (float): How many others have the points; nan outside of the control. Where it is
      one, that person is singled out once the target is left out.
    - `who` (int): Which people.
    - `few`, `people`, `most`: People with fewer points; all people; the longest trace.
    - `able`: People with at least as many points, of whom `who` may be a sample.
    """

    alone: np.ndarray
    others: np.ndarray
    who: np.ndarray
    few: int
    people: int
    most: int
    able: int

    @property
    def mistaken(self) -> np.ndarray:
        """1 where another person is singled out instead; nan outside of the control."""
        return np.where(np.isnan(self.others), np.nan, self.others == 1)

    def add_to(self, rows: Rows, part: Mapping[str, Any]) -> None:
        """Add the share singled out beside its control; a row without a value where nobody is."""
        if not len(self.alone):
            rows.absent(["unicity"], "share", Note("too_few_points", most=self.most), part=part)
            return
        notes = [Note("fewer_points", few=self.few, of=self.people)] if self.few else []
        if len(self.who) < self.able:
            notes.append(Note("people_drawn", of=self.able))
        rows.share(
            "unicity", self.alone, notes,
            control=self.mistaken, paired=True, baseline=1 / self.people, part=part,
        )  # fmt: skip

    def add_in_population(self, rows: Rows, part: Mapping[str, Any], population: float) -> None:
        """Add the share singled out of a larger population; of the people of the control."""
        others = self.others[~np.isnan(self.others)]
        found = unicity_in_population(others, self.people, population)
        held = found.low <= found.value <= found.high
        rows.add(
            "unicity_in_population", found.value if held else np.nan, "share",
            Note("scaling_law") if held else Note("model_does_not_fit"),
            low=found.low, high=found.high, n=len(others), baseline=1 / population,
            reliable=found.reliable, part={**part, "population": population},
        )  # fmt: skip


def known_points(
    who: str,
    traces: Traces,
    known: Iterable[int],
    hours: float | None,
    sample: int | None,
    seed: int,
) -> list[KnownPoints]:
    """Draw known points of people and search for other holders: one result a number of points."""
    point, n_points = traces.points(hours)
    indptr, rows = compress(traces.person, point, traces.n_people, n_points)
    del point
    start, people = invert(indptr, rows, n_points)
    length = np.diff(indptr)
    results = []
    for p in known:
        able = np.flatnonzero(length >= p)
        few = traces.n_people - len(able)
        rng = stream(seed, who, p)
        able = sample_people(who, able, sample, rng)
        alone, others = np.zeros(0, bool), np.full(len(able), np.nan)
        if len(able):
            points = draw_points(indptr, rows, able, p, rng)
            alone = singled_out(indptr, rows, start, people, able, points)
            some = sample_people(who, np.arange(len(able)), _CONTROL, rng)
            others[some] = others_left(start, people, able[some], points[some])
        most = int(length.max())
        results.append(
            KnownPoints(alone, others, able, few, traces.n_people, most, traces.n_people - few)
        )
    return results


def known_points_risk(
    traces: Traces,
    *,
    points: int = 2,
    knows: KnowsWord = "visits",
    tolerance: float = 0.0,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 7,
    most: float = MOST_LOOK_UPS,
) -> Measures:
    """Return the risk of each person when the worst of their points are known: exact.

    ``max_b 1 / #{u : b is in T_u}`` over every choice b of at most `points` events of the
    person's own trace. Of a person with fewer events all are known.

    Parameters
    ----------
    traces : Traces
    points : int
        Known events, or items with their counts.
    knows : {"visits", "frequency", "probability", "sequence"}
        *visits*: events, repeated ones included (location attack). *frequency*: items with their
        counts. *probability*: items with their shares of the person's events. *sequence*: events
        in order, with any events between; simultaneous events are in the order of their items,
        and a note counts them.
    tolerance : float, in [0, 1]
        Of *frequency* and *probability*: largest relative difference of a matching count or
        share.
    hours : float, optional
        Resolution in time; without it, time is not known.
    sample : int, optional
        People to sample; None for everybody.
    seed : int
    most : float
        Limit of comparisons; the default takes some minutes.

    Returns
    -------
    Measures
        ``singled_out`` (share of people whom some `points` events single out), ``risk_mean``
        (mean of 1 / anonymity set, over people), ``risk_max``. 0 = safe. ``per_record``: risk and
        matches (size of the anonymity set) of each sampled person.

    Raises
    ------
    ParameterError
        The exact search would take too long or too much memory.

    References
    ----------
    Pellungrini et al. (2018), worst-case risk, as scikit-mobility implements it.

    Examples
    --------
    >>> from privaudit.release.read_traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> likes = read_traces(log, person="who", item="page")
    >>> known_points_risk(likes, points=1).value("risk_mean")
    0.5
    >>> known_points_risk(likes, points=2, knows="frequency").value("risk_mean")
    1.0
    """
    who = "known_points_risk"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    whole(who, "points", points, 1)
    targets = sample_people(who, np.arange(traces.n_people), sample, stream(seed, who))
    one_of(who, "knows", knows, KNOWS)
    in_range(who, "tolerance", tolerance, 0, 1)
    matches, notes = fewest_left(who, traces, knows, points, hours, tolerance, targets, most)
    risk = 1 / matches
    rows = Rows(len(targets), traces.counts)
    all_asked = len(targets) == traces.n_people
    part = {"points": points, "window": window_word(hours), "knows": knows}
    if knows in ("frequency", "probability"):
        part["tolerance"] = tolerance
    # Without a known point everybody matches.
    blind = 1 / traces.n_people
    for name, gain, baseline in (
        ("singled_out", matches == 1, float(blind == 1)),
        ("risk_mean", risk, blind),
    ):
        if all_asked:
            rows.add(name, float(gain.mean()), "share", baseline=baseline, part=part)
        else:
            rows.share(name, gain, baseline=baseline, part=part)
    highest = float(risk.max())
    rows.add(
        "risk_max", highest, "probability",
        low=highest, high=highest if all_asked else 1.0, worst_case=True, baseline=blind, part=part,
    )  # fmt: skip
    per_record = pd.DataFrame({"risk": risk, "matches": matches})
    recipe = {**part, "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, "known_points", rows, per_record, recipe, notes)


def sample_people(
    who: str, people: np.ndarray, sample: int | None, rng: np.random.Generator
) -> np.ndarray:
    """Return a random sample of people in their order; all without a sample size."""
    if sample is None or whole(who, "sample", sample, 1) >= len(people):
        return people
    return np.sort(rng.choice(people, sample, replace=False))


def window_word(hours: float | None) -> str:
    """Return the word of a resolution in time: no_time, week, 2_days, 6_hours."""
    if hours is None:
        return "no_time"
    for unit, length in (("week", 168), ("day", 24), ("hour", 1)):
        many = hours / length
        if many == int(many):
            return unit if many == 1 else f"{int(many)}_{unit}s"
    return f"{hours:g}_hours"


def trace_result(
    traces: Traces,
    family: str,
    rows: Rows,
    per_record: pd.DataFrame | None,
    recipe: dict[str, Any],
    notes: Iterable[Note] = (),
    *,
    reliable: bool = True,
    kind: type[Measures] = Measures,
) -> Measures:
    """Return rows and scores as `Measures`, with a note for each reason to set rows aside."""
    aside = aside_notes(traces.set_aside)
    return kind(
        family=family,
        rows=rows,
        per_record=per_record,
        name=traces.name,
        provenance=traces.provenance,
        notes=(*aside, *notes),
        reliable=reliable,
        recipe={"measure": family, **recipe},
    )
