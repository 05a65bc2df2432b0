"""Arithmetic on compressed sparse rows (CSR): each record has its own few candidates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

# Probabilities that differ by less than this, relative, are ties: sums of a few thousand
# floats agree that closely whatever their order.
TIE = 1e-9
# Entries that four bytes tell apart.
_NARROW_MOST = 2**31 - 1
# Cells an entry, of a table whose rows are as wide as the longest.
_CELLS_AN_ENTRY = 2
# Above any key that is sorted.
_LAST = np.iinfo(np.int64).max


def row_of(indptr: np.ndarray) -> np.ndarray:
    """Return the row of each entry.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> row_of(np.array([0, 2, 2, 3])).tolist()
    [0, 0, 2]
    """
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


def row_starts(row: np.ndarray, n: int) -> np.ndarray:
    """Return the row pointers of entries that are sorted by row.

    Parameters
    ----------
    row : int, shape (entries,)
        Row of each entry.
    n : int
        Number of rows.

    Returns
    -------
    int64, shape (n + 1,)

    Examples
    --------
    >>> row_starts(np.array([0, 0, 2]), 3).tolist()
    [0, 2, 2, 3]
    """
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])


def entries_between(start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions from each start to before its stop, and the range of each position.

    Parameters
    ----------
    start, stop : int, shape (n,)

    Returns
    -------
    which, position : ndarray of int

    Examples
    --------
    >>> which, position = entries_between(np.array([5, 2]), np.array([7, 3]))
    >>> which.tolist(), position.tolist()
    ([0, 0, 1], [5, 6, 2])
    """
    size = stop - start
    ends = np.cumsum(size)
    which = np.repeat(np.arange(len(size)), size)
    return which, np.arange(len(which)) + np.repeat(start - (ends - size), size)


def row_sum(indptr: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the sum of each row, 0 where it is empty.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    values : ndarray
        Shape (entries,). Value of each entry.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> row_sum(np.array([0, 2, 2, 3]), np.array([1.0, 2.0, 5.0])).tolist()
    [3.0, 0.0, 5.0]
    """
    n, many = len(indptr) - 1, len(values)
    if not many:
        return np.zeros(n)
    if many > _NARROW_MOST:
        return np.bincount(row_of(indptr), weights=values, minlength=n)
    from scipy.sparse import csr_array

    # The product of sparse rows and a one adds in the same order, and keeps its sum at hand.
    entries = (np.asarray(values, float), np.zeros(many, np.int32), indptr.astype(np.int32))
    return np.asarray(csr_array(entries, shape=(n, 1)) @ np.ones(1))


def row_max(indptr: np.ndarray, values: np.ndarray, empty: float = 0.0) -> np.ndarray:
    """Return the largest value of each row, `empty` where there is none.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    values : ndarray
        Shape (entries,). Value of each entry.
    empty : float
        Result of an empty row.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> row_max(np.array([0, 2, 2, 3]), np.array([1.0, 2.0, 5.0])).tolist()
    [2.0, 0.0, 5.0]
    """
    largest = np.full(len(indptr) - 1, empty, dtype=float)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        largest[filled] = np.maximum.reduceat(values, indptr[filled])
    return largest


def normalise(indptr: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return weights divided by the sum of their row; rows of sum 0 stay 0.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    weight : float, shape (entries,)
        0 or more.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> normalise(np.array([0, 2, 3]), np.array([1.0, 3.0, 0.0])).tolist()
    [0.25, 0.75, 0.0]
    """
    # Divided by the largest first, so that tiny densities cannot underflow in the sum.
    largest = row_max(indptr, weight)
    size = np.diff(indptr)
    scaled = weight / np.repeat(np.where(largest > 0, largest, 1.0), size)
    total = row_sum(indptr, scaled)
    shares: np.ndarray = scaled / np.repeat(np.where(total > 0, total, 1.0), size)
    return shares


def take_rows(indptr: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the row pointers of some rows, and the positions of their entries.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    rows : int, shape (m,)
        Rows to take, in order.

    Returns
    -------
    tuple of ndarray

    Examples
    --------
    >>> pointers, at = take_rows(np.array([0, 2, 2, 3]), np.array([2, 0]))
    >>> pointers.tolist(), at.tolist()
    ([0, 1, 3], [2, 0, 1])
    """
    start, stop = indptr[rows], indptr[rows + 1]
    return np.concatenate([[0], np.cumsum(stop - start)]), entries_between(start, stop)[1]


def pick_best(indptr: np.ndarray, values: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return the entry with the largest value of each row, ties broken uniformly.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
    values : ndarray of float
        Values of the entries, 0 or more.
    uniform : float, shape (n,)
        One draw in [0, 1) a row.

    Returns
    -------
    int64, shape (n,)
        Position among the entries, -1 where a row has no positive value.

    Examples
    --------
    >>> pick_best(np.array([0, 3, 3]), np.array([0.4, 0.2, 0.4]), np.array([0.7, 0.1])).tolist()
    [2, -1]
    """
    least = row_max(indptr, values) * (1 - TIE)
    tied = np.flatnonzero((values > 0) & (values >= np.repeat(least, np.diff(indptr))))
    ends = np.searchsorted(tied, indptr)
    first, many = ends[:-1], np.diff(ends)
    best = np.full(len(indptr) - 1, -1, dtype=np.int64)
    some = many > 0
    best[some] = tied[(first + (uniform * many).astype(np.int64))[some]]
    return best


def credible_size(indptr: np.ndarray, probability: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Return the size of each row's smallest credible set: most probable entries holding `level`.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    probability : float, shape (entries,)
        Rows sum to 1, or are empty.
    level : float
        In (0, 1]. Probability to hold.

    Returns
    -------
    int64, shape (n,)
        1 or more; 0 where a row is empty.

    Examples
    --------
    >>> credible_size(np.array([0, 3, 3]), np.array([0.05, 0.9, 0.05]), 0.9).tolist()
    [1, 0]
    """
    size = np.diff(indptr)
    sizes = np.zeros(len(size), dtype=np.int64)
    for block in _blocks(indptr):
        # Short rows of plain numbers sort ten times faster than one long array by its order.
        table = block.filled(-probability[block.entries], 0.0)
        table.sort(axis=1)
        np.cumsum(table, axis=1, out=table)
        # Those that do not reach the level yet, and the one that does.
        short = np.count_nonzero(table > -level * (1 - TIE), axis=1)
        sizes[block.rows] = np.minimum(short + 1, size[block.rows])
    return sizes


def rank_by_distance(
    indptr: np.ndarray, distance: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return, for each entry, how many of its row are at least as near, and their weight.

    The entry itself and its ties count; distances are compared to the micrometre.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
    distance : float, shape (e,)
        Metres, 0 or more.
    weight : float, shape (e,), optional

    Returns
    -------
    count : float, shape (e,)
    weighed : float, shape (e,)
        None where no weight is given.

    Examples
    --------
    >>> rank_by_distance(np.array([0, 4]), np.array([5.0, 2.0, 5.0, 9.0]))[0].tolist()
    [3.0, 1.0, 3.0, 4.0]
    """
    micrometres = np.rint(distance * 1e6).astype(np.int64)
    count = np.empty(len(micrometres))
    weighed = None if weight is None else np.empty(len(micrometres))
    for block in _blocks(indptr):
        key, n = micrometres[block.entries], len(block.start)
        bits = n.bit_length()
        if int(key.max(initial=0)) >> (62 - bits):
            order = np.lexsort((key, block.start))
            ranked = key[order]
        else:
            # Where an entry stands rides in the low bits.
            packed = key << bits
            packed |= np.arange(n)
            table = block.filled(packed, _LAST)
            table.sort(axis=1)
            ranked = table.ravel()[block.cells]
            order = ranked & ((1 << bits) - 1)
            ranked >>= bits
        # Of each entry, how many of the block come before the next one of its row.
        after = np.arange(1, n + 1)
        tied = np.flatnonzero(ranked[1:] == ranked[:-1])
        tied = tied[block.start[tied] == block.start[tied + 1]]
        if len(tied):
            # Ties take the rank of the last of their run.
            last = np.flatnonzero(np.append(np.diff(tied) > 1, True))
            after[tied] = np.repeat(tied[last] + 2, np.diff(last, prepend=-1))
        at = order if isinstance(block.entries, slice) else block.entries[order]
        count[at] = after - block.start
        if weight is not None and weighed is not None:
            running = np.zeros(n + 1)
            np.cumsum(weight[at], out=running[1:])
            upto = running[after] if len(tied) else running[1:]
            weighed[at] = upto - running[block.start]
    return count, weighed


class _Block(NamedTuple):
    """Some rows, side by side in a table that is as wide as the longest of them.

    `rows` and `entries` say which; of each entry, `start` is where its row starts among those of
    the block, and `cells` where it stands in the table.
    """

    rows: np.ndarray | slice
    entries: np.ndarray | slice
    start: np.ndarray
    cells: np.ndarray
    shape: tuple[int, int]

    def filled(self, values: np.ndarray, rest: float) -> np.ndarray:
        """Return the table with values in its cells, and `rest` in those that are left over."""
        table = np.full(self.shape[0] * self.shape[1], rest, dtype=values.dtype)
        table[self.cells] = values
        return table.reshape(self.shape)


def _blocks(indptr: np.ndarray) -> Iterator[_Block]:
    """Cut rows into blocks of about one length, or leave them whole where that wastes little."""
    every = np.diff(indptr)
    total, most = int(every.sum()), int(every.max(initial=0))
    if not total:
        return
    if most * len(every) <= _CELLS_AN_ENTRY * total:
        cuts: list[np.ndarray | slice] = [slice(None)]
    else:
        _, length = np.frexp(every)
        cuts = [np.flatnonzero(length == longest) for longest in np.unique(length[every > 0])]
    for rows in cuts:
        size = every[rows]
        ends = np.cumsum(size)
        start = np.repeat(ends - size, size)
        within = np.arange(ends[-1]) - start
        shape = len(size), int(size.max())
        cells = within + np.repeat(np.arange(len(size)) * shape[1], size)
        entries = rows if isinstance(rows, slice) else within + np.repeat(indptr[rows], size)
        yield _Block(rows, entries, start, cells, shape)
