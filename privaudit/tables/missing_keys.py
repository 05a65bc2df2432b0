"""Missing keys: how many records share each record's key, under each reading of a blank.

likely
    The hidden value is learnt from records that share the other keys: an expected number
    (`privaudit.tables.missing_model`).
wildcard
    A blank agrees with any value.
value
    A blank is a level of its own.
exclude
    Its record is left out.

Bounds hold whatever the blanks hide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Bools, Ints, error_message
from privaudit.core.thresholds import CLASS_THRESHOLDS
from privaudit.errors import ParameterError
from privaudit.tables.coded_table import CodedTable
from privaudit.tables.equivalence_classes import (
    Classes,
    Sizes,
    known_keys,
    pack_columns,
    pools,
    records_alone,
)
from privaudit.tables.missing_model import COST_LIMIT as LIKELY_COST_LIMIT
from privaudit.tables.missing_model import Matches, likely_cost, likely_matches
from privaudit.words.catalogues import Note

# Looks at a row that a comparison may take, and sums by value: about twenty seconds each.
COST_LIMIT = 300_000_000
_SUMS_LIMIT = 100_000_000


# Rows looked up at a time, and sums by value held at a time.
_AT_ONCE = 4_000_000


def matching_cost(codes: ArrayLike, *, of: ArrayLike | None = None) -> float:
    """Return the cost of `matching_sums`, in row comparisons, to compare with `COST_LIMIT`.

    Rows are taken by the set of keys that they know. Each such set reads all of the rows that are
    summed, and each of its rows is looked up once for every set of keys that it may share.

    Parameters
    ----------
    codes, of : array_like
        As for `matching_sums`.

    Returns
    -------
    float
        Infinite for more than 62 keys.

    Examples
    --------
    >>> matching_cost([[0, 1], [-1, 1], [0, 0]])  # 2 sets: 3 + 3 read, 1 x 2 + 2 x 2 looked up
    12.0
    """
    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    if rows.shape[1] > 62:
        return float("inf")
    known, count = np.unique(known_keys(rows), return_counts=True)
    theirs = len(np.unique(known_keys(others)))
    shared = np.minimum(2.0 ** np.bitwise_count(known), theirs)
    return float(len(known) * len(others) + (count * shared).sum())


def matching_sums(codes: ArrayLike, amounts: Any, *, of: ArrayLike | None = None) -> Any:
    """Sum an amount over every row that agrees with a row, blanks agreeing with any value.

    Row j matches row i when, for every key variable, the codes are equal or one of the two is
    missing (-1). Matching is symmetric and not transitive: a record may match two that do not match
    each other, so that the result is not a partition (sdcMicro's `freqCalc` counts so, with alpha =
    1).

    Parameters
    ----------
    codes : int, shape (m, d)
        Keys of the rows for which a sum is asked; pass each distinct key once.
    amounts : ndarray of shape (r,), or scipy.sparse matrix of shape (r, s)
        What is summed: records, people, weights, or records by sensitive value.
    of : int, shape (r, d), optional
        Keys of the rows that are summed; `codes` itself when left out.

    Returns
    -------
    ndarray of shape (m,), or scipy.sparse.csr_array of shape (m, s)

    Examples
    --------
    >>> matching_sums([[0], [1], [-1]], np.array([5, 2, 1])).tolist()
    [6, 3, 8]
    """
    if hasattr(amounts, "tocsr"):
        from scipy import sparse

        places, parts = zip(*matching_parts(codes, amounts, of=of), strict=True)
        stacked = sparse.vstack(parts, format="csr")
        return stacked[np.argsort(np.concatenate(places), kind="stable")]
    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    column = np.asarray(amounts)
    total = np.zeros(len(rows), dtype=column.dtype)
    for mine, sets, place, label, width in _look_ups(rows, others):
        # bincount adds in float64: whole amounts stay exact below 2**53.
        sums = np.bincount(label, weights=column, minlength=width + 1)
        sums_of_rows = sums[place].reshape(len(mine), sets).sum(axis=1)
        total[mine] = sums_of_rows.astype(column.dtype)
    return total


def most_matching(codes: ArrayLike, amounts: Ints, of: NDArray[Any]) -> Ints:
    """Return `matching_sums`, or where these cost too much the sum of all.

    Parameters
    ----------
    codes, amounts, of : array_like
        As for `matching_sums`.

    Returns
    -------
    int array, shape (m,)
    """
    if matching_cost(codes, of=of) <= COST_LIMIT:
        sums: Ints = matching_sums(codes, amounts, of=of)
        return sums
    return np.full(len(np.asarray(codes)), amounts.sum())


def matching_parts(
    codes: ArrayLike, amounts: Any, *, of: ArrayLike | None = None
) -> Iterator[tuple[Ints, Any]]:
    """Yield `matching_sums` of a sparse matrix some rows at a time, which bounds memory.

    Parameters
    ----------
    codes, of : array_like
        As for `matching_sums`.
    amounts : scipy.sparse matrix of shape (r, s)
        Yields rows: int64 (p,). Rows of `codes`; each comes once. Yields sums:
        scipy.sparse.csr_array of shape (p, s).

    Yields
    ------
    tuple (int array, object)

    Raises
    ------
    ParameterError
        More comparisons than a bounded cost allows.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> [(rows, sums)] = matching_parts([[0], [0]], csr_array([[1, 0], [2, 4]]))
    >>> sums.toarray().tolist()
    [[3, 4], [3, 4]]
    """
    from scipy import sparse

    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    table = amounts.tocsr()
    made = 0.0
    for mine, sets, place, label, width in _look_ups(rows, others):
        gather = sparse.csr_array(
            (np.ones(len(label), table.dtype), (label, np.arange(len(label)))),
            shape=(width + 1, len(label)),
        )
        sums = (gather @ table).tocsr()
        ahead = np.diff(sums.indptr)[place].reshape(len(mine), sets).sum(axis=1)
        made += float(ahead.sum())
        if made > _SUMS_LIMIT:
            raise ParameterError(_too_much("sums by value", made, _SUMS_LIMIT))
        for some in _slices(ahead):
            part = place.reshape(len(mine), sets)[some]
            start = np.arange(0, part.size + 1, sets)
            spread = sparse.csr_array(
                (np.ones(part.size, table.dtype), part.ravel(), start), shape=(len(part), width + 1)
            )
            yield mine[some], (spread @ sums).tocsr()


def _slices(cost: Ints) -> Iterator[slice]:
    """Yield slices of rows of about equal cost, at least one row each."""
    piece = np.cumsum(cost) // _AT_ONCE
    start = np.flatnonzero(np.concatenate(([True], piece[1:] != piece[:-1])))
    for low, high in zip(start, np.append(start[1:], len(cost)), strict=True):
        yield slice(int(low), int(high))


def _look_ups(rows: NDArray[Any], others: NDArray[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield rows, shared key sets, positions to look up, and labels of the other rows."""
    cost = matching_cost(rows, of=others)
    if cost > COST_LIMIT:
        raise ParameterError(_too_much("looks at a row", cost, COST_LIMIT))
    mine_knows, they_know = known_keys(rows), known_keys(others)
    there = np.unique(they_know)
    for known in np.unique(mine_knows):
        keys = [j for j in range(rows.shape[1]) if known >> j & 1]
        shared = np.unique(there & known)
        members = np.flatnonzero(mine_knows == known)
        step = max(1, max(_AT_ONCE, len(others)) // len(shared))
        for low in range(0, len(members), step):
            mine = members[low : low + step]
            place, label, width = _join(rows, others, mine, keys, shared)
            yield mine, len(shared), place, label, width


def _join(
    rows: NDArray[Any], others: NDArray[Any], mine: Ints, keys: list[int], shared: Ints
) -> tuple[Ints, Ints, int]:
    """Return the labels of both sides by the keys shared."""
    n = len(others)
    if not keys:
        return np.zeros(len(mine), dtype=np.int64), np.zeros(n, dtype=np.int64), 1

    def columns() -> Iterator[Ints]:
        for j in keys:
            is_shared = (shared >> j & 1) == 1
            asked = np.where(is_shared, rows[mine, j][:, None], -1).ravel()
            yield np.concatenate([others[:, j].astype(np.int64), asked])

    key, domain = pack_columns(columns())
    labels_there, asked = key[:n], key[n:]
    if domain <= 2 * len(key) + 1024:
        # Labels without rows sum to 0.
        return asked, labels_there, domain
    values, label = np.unique(labels_there, return_inverse=True)
    place = np.searchsorted(values, asked)
    place[place == len(values)] = 0
    place[values[place] != asked] = len(values)
    return place, label, len(values)


def _too_much(what: str, cost: float, limit: float) -> str:
    """Return the error of a join that costs too much."""
    came = f"{cost:.1e}"
    do = 'Use missing="value" or "exclude", or leave out the keys with most blanks.'
    return error_message("matching_sums", f"at most {limit:.0e} {what}", came, do)


Range = tuple[int, int]


def _read(count: ArrayLike, complete: ArrayLike, most: ArrayLike) -> tuple[Ints, Bools, Ints]:
    """Return counts, completeness and upper bounds as arrays."""
    return (
        np.asarray(count, dtype=np.int64),
        np.asarray(complete, dtype=bool),
        np.asarray(most, dtype=np.int64),
    )


def records_under(
    count: ArrayLike, complete: ArrayLike, most: ArrayLike, than: int, room: int
) -> Range:
    """Return the fewest and most records in classes smaller than a threshold; 2: uniques.

    At most, all that lack a key have a value of their own. At least, those that may help classes of
    few go where they help most, which room for them bounds.

    Parameters
    ----------
    count : int, shape (m,)
        Records with each key, blanks being a value.
    complete : bool, shape (m,)
        Whether it lacks none.
    most : int, shape (m,)
        Records that agree with it, blanks agreeing with anything.
    than : int
        2 or more.
    room : int
        `privaudit.tables.missing_model.Matches.room`.

    Returns
    -------
    Range

    Examples
    --------
    >>> records_under([1, 1, 2], [True, True, False], [3, 3, 4], 2, 2)  # a, b, and ? twice
    (0, 4)
    """
    records, known, may = _read(count, complete, most)
    few = known & (records < than)
    help_needed = np.where(few & (may >= than), than - records, 0)
    helped = help_needed > 0
    by_gain = np.argsort(help_needed[helped] / records[helped], kind="stable")
    need, gain = help_needed[helped][by_gain], records[helped][by_gain]
    spent = np.cumsum(need)
    whole = int(np.searchsorted(spent, room, side="right"))
    saved = float(gain[:whole].sum())
    if whole < len(need):
        left = room - (int(spent[whole - 1]) if whole else 0)
        saved += left * gain[whole] / need[whole]
    alone = int(records[few].sum())
    surely = int(records[~known & (may < than)].sum())
    return math.ceil(alone - saved - 1e-9) + surely, alone + int(records[~known].sum())


def smallest_class_range(count: ArrayLike, complete: ArrayLike, most: ArrayLike) -> Range:
    """Return the smallest and largest k of k-anonymity over all completions.

    Parameters
    ----------
    count, complete, most : array_like
        As for `records_under`.

    Returns
    -------
    Range

    Examples
    --------
    >>> smallest_class_range([1, 1, 2], [True, True, False], [3, 3, 4])
    (1, 2)
    """
    records, known, may = _read(count, complete, most)
    if known.all():
        return (int(records.min()),) * 2
    blanks, low, high = int(records[~known].sum()), 1, int(may.min())
    while low < high:
        middle = (low + high + 1) // 2
        enough = int(np.maximum(middle - records[known], 0).sum()) <= blanks
        low, high = (middle, high) if enough else (low, middle - 1)
    return 1, low


def class_numbers(count: ArrayLike, complete: ArrayLike, pool: ArrayLike) -> Range:
    """Return the fewest and most classes over all completions.

    Parameters
    ----------
    count, complete : array_like
        As for `records_under`.
    pool : int, shape (m,)
        Complete records that share the keys it knows.

    Returns
    -------
    Range

    Examples
    --------
    >>> class_numbers([1, 1, 2], [True, True, False], [1, 1, 2])
    (2, 4)
    """
    records, known, shared = _read(count, complete, pool)
    there = int(known.sum())
    apart = bool((~known & (shared == 0)).any())
    return there + apart, there + int(records[~known].sum())


def people_between(keys: ArrayLike, codes: ArrayLike, count: ArrayLike) -> tuple[Ints, Ints]:
    """Return the fewest and most people of a population who may have each key.

    A key with blanks is one of those that agree with it; a person with blanks may have any key that
    agrees with theirs. The target is one of the population, so that at least one person has it.

    Parameters
    ----------
    keys : int, shape (m, d)
        -1 where missing.
    codes, count : int, shape (r, d) and (r,)
        Keys of the population, and the people with each.

    Returns
    -------
    two int64, shape (m,)

    Examples
    --------
    >>> people_between([[0, 0], [0, -1]], [[0, 0], [0, 1], [1, 1]], [3, 7, 5])
    (array([3, 3]), array([3, 7]))
    >>> people_between([[0, 0], [0, -1]], [[0, 0], [0, 1], [-1, 1]], [3, 7, 5])
    (array([3, 1]), array([ 3, 12]))
    """
    rows, cells = np.asarray(keys), np.asarray(codes)
    people = np.asarray(count, dtype=np.int64)
    complete = (cells >= 0).all(axis=1)
    known, listed = cells[complete], people[complete]
    least = np.zeros(len(rows), dtype=np.int64)
    most = np.zeros(len(rows), dtype=np.int64)
    for met in pools(known, rows):
        fewest = np.full(met.width, np.iinfo(np.int64).max)
        greatest = np.zeros(met.width, dtype=np.int64)
        np.minimum.at(fewest, met.here, listed)
        np.maximum.at(greatest, met.here, listed)
        # The person looked for is in the population, listed or not.
        fewest[greatest == 0] = 1
        least[met.mine], most[met.mine] = fewest[met.asked], greatest[met.asked]
    if not complete.all():
        further = most_matching(rows, people[~complete], cells[~complete])
        # Keys without a listed person, which incomplete people may have.
        unlisted = (further > 0) & ~(rows >= 0).all(axis=1)
        least = np.where(unlisted, 1, least)
        most = most + further
    return np.maximum(least, 1), np.maximum(most, 1)


def blended(alpha: float, alike: NDArray[Any], matching: NDArray[Any]) -> NDArray[Any]:
    """Count what has the same key, and `alpha` of what only a blank lets agree."""
    return matching if alpha == 1 else alike + alpha * (matching - alike)


def read_blanks(sizes: Sizes, table: CodedTable, groups: Classes, *, unseen: bool) -> Sizes:
    """Return how many records share the key of each row, as `sizes.read` reads missing keys.

    Of a table whose rows are records of people, `Sizes.alone` and `Sizes.ranges` are of people:
    a person with several counts by the riskiest.

    Parameters
    ----------
    sizes : Sizes
        As published: a missing key is a level of its own.
    table : CodedTable
    groups : Classes
    unseen : bool
        A key that every record lacks was taken as equal in all; its hidden values may still
        distinguish everybody.

    Returns
    -------
    Sizes
    """
    keys, person = table.codes[groups.first], table.person
    complete = np.asarray((keys >= 0).all(axis=1))
    people = int(sizes.weight.sum()) if person is None else len(np.unique(person))
    lone = partial(records_alone, groups, sizes.weight, person)
    read = "value" if complete.all() else sizes.read
    if not complete.all():
        of_complete = lone(groups.size == 1, complete)
        sizes = replace(sizes, alone={**sizes.alone, "exclude": of_complete})
    if read == "wildcard":
        cost = matching_cost(keys)
        if cost > COST_LIMIT:
            return _as_values(sizes, groups, cost, COST_LIMIT)
        size = blended(sizes.alpha, groups.size, matching_sums(keys, groups.size))
        alone = {**sizes.alone, "wildcard": lone(size == 1)}
        sizes = replace(sizes, size=size[groups.label], expected=size[groups.label], alone=alone)
    elif read == "likely" and (cost := likely_cost(keys)) > LIKELY_COST_LIMIT:
        # Any record may agree.
        sizes = _as_values(sizes, groups, cost, LIKELY_COST_LIMIT)
        sizes = replace(sizes, ranges=_ranges(groups.size, complete, people))
    elif read == "likely":
        found = likely_matches(keys, groups.size, under=CLASS_THRESHOLDS)
        ranges = _ranges(groups.size, complete, people, found)
        (likely, n), (low, high) = lone(found.fewer[2]), ranges["alone"]
        likely = min(max(likely, low), high)
        learnt = int(groups.size[complete].sum())
        sizes = replace(
            sizes,
            size=(1.0 / found.risk)[groups.label],
            expected=found.expected[groups.label],
            fewer={than: chance[groups.label] for than, chance in found.fewer.items()},
            ranges=ranges,
            alone={**sizes.alone, "likely": (likely, n), "wildcard": lone(found.most == 1)},
            notes=(Note("blanks_learnt", complete=learnt, of=int(groups.size.sum())),),
        )
    if unseen:
        ranges = _all_distinct(sizes.ranges or _ranges(groups.size, complete, people), people)
        sizes = replace(sizes, ranges=ranges)
    return sizes


def _as_values(sizes: Sizes, groups: Classes, cost: float, most: float) -> Sizes:
    """Read blanks as values, because they can be filled in too many ways to go through."""
    note = Note("gaps_read_as_values", classes=len(groups.size), comparisons=cost, most=most)
    return replace(sizes, read="value", notes=(note,))


def _all_distinct(
    ranges: Mapping[Any, tuple[float, float]], people: int
) -> dict[Any, tuple[float, float]]:
    """Widen ranges to where everybody may be alone."""
    wider = {name: (low, 1.0) for name, (low, _) in ranges.items()}
    return wider | {"k": (1.0, ranges["k"][1]), "alone": (ranges["alone"][0], float(people))}


def _ranges(
    count: NDArray[np.int64], complete: NDArray[np.bool_], people: int, found: Matches | None = None
) -> dict[Any, tuple[float, float]]:
    """Bound k, the people in small classes, and the risks, over all ways to fill in blanks."""
    n, blanks = int(count.sum()), int(count[~complete].sum())
    most = np.full(len(count), n) if found is None else found.most
    pool = np.ones(len(count), dtype=np.int64) if found is None else found.pool
    k = smallest_class_range(count, complete, most)
    # Of so many records at most, another one of their person is among them.
    further = n - people
    few, many = class_numbers(count, complete, pool)
    ranges: dict[Any, tuple[float, float]] = {
        "k": k,
        "risk_max": (1 / k[1], 1 / k[0]),
        "risk_mean": (max(few - further, 1) / people, min(many / people, 1.0)),
    }
    for than in CLASS_THRESHOLDS:
        room = blanks if found is None else found.room[than]
        low, high = records_under(count, complete, most, than, room)
        ends = max(low - further, 0), min(high, people)
        ranges[than] = ends[0] / people, ends[1] / people
        if than == 2:
            ranges["alone"] = ends
    return ranges
