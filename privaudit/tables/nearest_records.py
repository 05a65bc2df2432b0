"""Nearest records by Gower's distance, and the matrices and attacks that rest on it.

All records at equal distance count, so that no result depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.values import Reading, read_column, reading_of
from privaudit.core.checks import Ints, column_names, columns_present, kind_of
from privaudit.errors import ParameterError, SchemaError
from privaudit.stats.intervals import wilson
from privaudit.tables.equivalence_classes import classes
from privaudit.text.normalise import columns_as_named
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# With more sets of known keys, contained records of a person are not dropped.
_MOST_SETS = 64


def people_of(codes: NDArray[np.int64]) -> Ints:
    """Number the people that identifiers name, shape (n,).

    Records of one person agree on all of them; one without any is a person of its own.

    Parameters
    ----------
    codes : int, shape (n, i)
        Level of each identifier, -1 where missing.

    Returns
    -------
    int64, shape (n,)
        Those without an identifier come first.

    Examples
    --------
    >>> people_of(np.array([[5, 0], [5, 0], [5, 1], [-1, -1], [-1, -1]])).tolist()
    [2, 2, 3, 0, 1]
    """
    person = classes(codes).label + len(codes)
    nameless = (codes < 0).all(axis=1)
    person[nameless] = np.arange(int(nameless.sum()))
    return np.unique(person, return_inverse=True)[1].astype(np.int64)


def without_repeats(person: Ints, codes: NDArray[np.int64]) -> Ints:
    """Return the records of each person, without those that repeat or are contained in another.

    A record that lacks a key, and agrees with another of its person on those it has, is contained
    in it.

    Parameters
    ----------
    person : int, shape (n,)
        Person of each record.
    codes : int, shape (n, d)
        Its keys, -1 where missing.

    Returns
    -------
    int64, shape (r,)
        Their positions, ascending.

    Examples
    --------
    >>> codes = np.array([[0, 1], [0, 1], [0, -1], [1, 1], [0, -1]])
    >>> without_repeats(np.array([0, 0, 0, 0, 1]), codes).tolist()
    [0, 3, 4]
    """
    both = np.column_stack([person, codes])
    first = np.zeros(len(person), dtype=bool)
    first[np.unique(classes(both).label, return_index=True)[1]] = True
    distinct = np.flatnonzero(first)
    known = codes[distinct] >= 0
    sets, which = np.unique(known, axis=0, return_inverse=True)
    if len(sets) in (1, *range(_MOST_SETS + 1, len(distinct) + 1)):
        return distinct
    which = which.ravel()
    less = np.zeros(len(distinct), dtype=bool)
    for i, mine in enumerate(sets):
        wider = np.flatnonzero((sets & mine).sum(axis=1) == mine.sum())
        more = np.isin(which, wider[wider != i])
        if not more.any():
            continue
        asked = which == i
        rows = both[distinct[asked | more]][:, [True, *mine]]
        label = classes(rows).label
        fuller = np.bincount(label, weights=more[asked | more]) > 0
        less[asked] = fuller[label[asked[asked | more]]]
    return distinct[~less]


# Distances that differ by less are ties: sums of a few fractions agree that closely.
_TIE = 1e-9
_CELLS = 1 << 20
# Distances computed at once: what a processor's cache holds.
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False, kw_only=True)
class Neighbours:
    """The k nearest records of some queries.

    Attributes
    ----------
    sure : int, shape (queries, records)
        1 where nearer than the k-th nearest.
    tied : int, shape (queries, records)
        1 where as near as the k-th nearest: `slots` of them make up the k, any as likely.
    slots : int, shape (queries,)
    """

    sure: csr_array
    tied: csr_array
    slots: np.ndarray


def column_scale(table: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return the range of each ordered column; 1 for categories and constant columns.

    Parameters
    ----------
    table : float, shape (n, d)
        nan where missing.
    ordered : bool, shape (d,)
        Columns whose values have an order.

    Returns
    -------
    ndarray
    """
    scale = np.ones(table.shape[1])
    for k in np.flatnonzero(ordered):
        known = table[~np.isnan(table[:, k]), k]
        if len(known) and known.max() > known.min():
            scale[k] = known.max() - known.min()
    return scale


class RecordIndex:
    """Index of records for nearest-neighbour queries; equal records are stored once.

    Parameters
    ----------
    records : float, shape (n, c)
        Categories as codes, nan where a value is missing.
    ordered : bool, shape (c,)
        Numbers and dates; the others are categories.
    scale : float, shape (c,)
        From `column_scale`.
    """

    def __init__(self, records: np.ndarray, ordered: np.ndarray, scale: np.ndarray) -> None:
        from scipy.sparse import csr_array

        pattern, code, self.size = np.unique(
            records, axis=0, return_inverse=True, return_counts=True, equal_nan=True
        )
        n = len(records)
        self.holders = csr_array(
            (np.ones(n, np.int64), (code.ravel(), np.arange(n))), shape=(len(pattern), n)
        )
        self.ordered, self.scale = ordered, scale[ordered]
        self.numbers = np.ascontiguousarray((pattern[:, ordered] / self.scale).T)
        self.levels = [np.unique(column) for column in pattern[:, ~ordered].T]
        # Comparing single bytes is many times faster than comparing numbers.
        few = max((len(level) for level in self.levels), default=0) < 255
        self.words = np.empty((len(self.levels), len(pattern)), np.uint8 if few else np.int32)
        for k, column in enumerate(pattern[:, ~ordered].T):
            self.words[k] = _places(column, self.levels[k])

    def nearest(self, queries: np.ndarray, k: int) -> Neighbours:
        """Find the k nearest records of each query.

        The distance is the sum over columns of ``|x - y| / range``, at most 1, for numbers and
        dates, and of 0 or 1 for categories (Gower 1971); a missing value is at 0 from a missing
        one, at 1 from any other. Memory goes with the number of ties: see `portions`.

        Parameters
        ----------
        queries : float, shape (m, c)
        k : int
            1 to n.

        Returns
        -------
        Neighbours

        References
        ----------
        Gower (1971).

        Examples
        --------
        >>> records = np.array([[1.0], [3.0], [3.0], [9.0]])
        >>> index = RecordIndex(records, np.array([True]), np.array([8.0]))
        >>> found = index.nearest(np.array([[2.0]]), 2)
        >>> found.sure.toarray().tolist(), found.tied.toarray().tolist(), found.slots.tolist()
        ([[0, 0, 0, 0]], [[1, 1, 1, 0]], [2])
        """
        sure, tied = [], []
        for rows, distance in self._distances(queries):
            kth = self._kth(distance, k)[:, None]
            near = distance <= kth + _TIE
            nearer = distance < kth - _TIE if k > 1 else np.zeros_like(near)
            first = rows.start * len(self.size)
            sure.append(first + np.flatnonzero(nearer))
            tied.append(first + np.flatnonzero(near & ~nearer))
        surely, maybe = (self._records(len(queries), np.concatenate(p)) for p in (sure, tied))
        return Neighbours(sure=surely, tied=maybe, slots=k - surely.sum(axis=1))

    def apart(self, queries: np.ndarray, k: int) -> np.ndarray:
        """Return the distances of each query to its k nearest records, ascending.

        Parameters
        ----------
        queries : float, shape (m, c)
        k : int
            1 to n.

        Returns
        -------
        float, shape (m, k)
            As `nearest` has it.

        Examples
        --------
        >>> index = RecordIndex(np.array([[1.0], [3.0], [3.0]]), np.array([True]), np.array([2.0]))
        >>> index.apart(np.array([[1.0], [3.0]]), 2).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
        """
        distances = np.empty((len(queries), k))
        for rows, distance in self._distances(queries):
            for place in range(k):
                distances[rows, place] = self._kth(distance, place + 1)
        return distances

    def _distances(self, queries: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the distances of some queries at a time to every pattern."""
        numbers = queries[:, self.ordered] / self.scale
        words = [
            _places(column, level).astype(self.words.dtype)
            for column, level in zip(queries[:, ~self.ordered].T, self.levels, strict=True)
        ]
        for rows in portions(len(queries), len(self.size), _BLOCK):
            yield rows, self._distance(numbers[rows], [word[rows] for word in words])

    def _distance(self, numbers: np.ndarray, words: list[np.ndarray]) -> np.ndarray:
        """Return the distances of some queries to every pattern."""
        shape = len(numbers), len(self.size)
        differ = np.zeros(shape, np.uint8 if len(words) < 256 else np.uint32)
        apart = np.empty(shape, bool)
        for asked, there in zip(words, self.words, strict=True):
            np.not_equal(asked[:, None], there, out=apart)
            differ += apart.view(np.uint8)
        total, step = differ.astype(float), np.empty(shape)
        for asked, there in zip(numbers.T, self.numbers, strict=True):
            np.subtract(asked[:, None], there, out=step)
            np.abs(step, out=step)
            np.minimum(step, 1.0, out=step)
            no_query, no_record = np.isnan(asked)[:, None], np.isnan(there)
            if no_query.any() or no_record.any():
                step[no_query != no_record] = 1.0
                step[no_query & no_record] = 0.0
            total += step
        return total

    def _kth(self, distance: np.ndarray, k: int) -> np.ndarray:
        """Return the distance of the k-th nearest record of each query."""
        if k == 1:
            smallest: np.ndarray = distance.min(axis=1)
            return smallest
        # The k-th record is among the k nearest patterns: count records along these.
        few = min(k, len(self.size))
        near = np.argpartition(distance, few - 1, axis=1)[:, :few]
        apart = np.take_along_axis(distance, near, axis=1)
        order = np.argsort(apart, axis=1)
        size = self.size[np.take_along_axis(near, order, axis=1)]
        last = (np.cumsum(size, axis=1) >= k).argmax(axis=1)
        kth: np.ndarray = np.take_along_axis(apart, order, axis=1)[np.arange(len(apart)), last]
        return kth

    def _records(self, queries: int, places: np.ndarray) -> csr_array:
        """Return the records of some patterns, from ``query * patterns + pattern``."""
        from scipy.sparse import csr_array

        row, pattern = np.divmod(places, len(self.size))
        chosen = csr_array(
            (np.ones(len(places), np.int64), (row, pattern)), shape=(queries, len(self.size))
        )
        return chosen @ self.holders


def portions(queries: int, records: int, cells: int = _CELLS) -> Iterator[slice]:
    """Yield slices of queries whose distances to all records fit in memory.

    Parameters
    ----------
    queries : int
        Number of queries.
    records : int
        Number of records.
    cells : int
        Distances held at a time.

    Yields
    ------
    slice
    """
    step = max(1, cells // max(1, records))
    for start in range(0, queries, step):
        yield slice(start, start + step)


def _places(column: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the position of each value among the levels: nan last, unknown values after."""
    place = np.searchsorted(level, column)
    values = np.append(level, np.inf)[place]
    same = (values == column) | (np.isnan(values) & np.isnan(column))
    return np.where(same, place, len(level))


def link_by_chance(n: int, k: int) -> float:
    """Return the chance that two random sets of k of n records intersect.

    ``1 - C(n - k, k) / C(n, k)``

    Parameters
    ----------
    n : int
        Records.
    k : int
        Records drawn for each set.

    Returns
    -------
    float

    Examples
    --------
    >>> link_by_chance(4, 1), round(link_by_chance(4, 2), 6), link_by_chance(3, 2)
    (0.25, 0.833333, 1.0)
    """
    apart = 1.0
    for drawn in range(k):
        apart *= max(n - k - drawn, 0) / (n - drawn)
    return 1 - apart


def link_probability(left: Neighbours, right: Neighbours) -> np.ndarray:
    """Return the chance that the k nearest of both halves have a record in common.

    The measure of Giomi et al. 2023, over every way to break ties: records that are surely among
    the k, and of the tied ones as many as there is room for, any as likely. With k = 1 it is ``|A
    and B| / (|A| |B|)`` of the tied sets A and B.

    Parameters
    ----------
    left : Neighbours
        Nearest records by the left columns.
    right : Neighbours
        Nearest records by the right columns.

    Returns
    -------
    float, shape (queries,)

    References
    ----------
    Giomi et al. (2023).
    """
    from scipy.special import comb

    def size(first: csr_array, second: csr_array) -> np.ndarray:
        both: np.ndarray = first.multiply(second).sum(axis=1)
        return both

    a, b = left.tied.sum(axis=1), right.tied.sum(axis=1)
    x, z = size(left.tied, right.sure), size(left.sure, right.tied)
    y = size(left.tied, right.tied)
    apart = np.zeros(len(a))
    for j in range(int(left.slots.max(initial=0)) + 1):
        # j of the records tied on both sides were taken on the left, none that is sure right.
        possible = (j <= left.slots) & (j <= y)
        taken = comb(y, j) * comb(a - x - y, np.maximum(left.slots - j, 0)) / comb(a, left.slots)
        spared = comb(b - z - j, right.slots) / comb(b, right.slots)
        apart += np.where(possible, taken * spared, 0.0)
    return np.where(size(left.sure, right.sure) > 0, 1.0, 1 - apart)


def linkability_gain(
    targets: np.ndarray,
    release: np.ndarray,
    ordered: np.ndarray,
    scale: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    k: int,
) -> np.ndarray:
    """Return, for each target, the chance that both halves point to one record of the release.

    Parameters
    ----------
    targets, release : float, shape (m, c) and (n, c)
    ordered : bool, shape (d,)
        Columns whose values have an order.
    scale : float, shape (d,)
        Range of each column, from `column_scale`.
    left, right : ndarray of int
        Columns of the two halves.
    k : int
        How many nearest records each half keeps.

    Returns
    -------
    float, shape (m,)
        In [0, 1]; 0 = safe.

    Examples
    --------
    >>> both = np.array([True, True])
    >>> release = np.array([[1.0, 9.0], [5.0, 2.0], [5.0, 7.0]])
    >>> linkability_gain(
    ...     np.array([[1.0, 9.0], [5.0, 2.0]]), release, both, np.array([4.0, 7.0]),
    ...     np.array([0]), np.array([1]), 1)
    array([1. , 0.5])
    """
    first, second = (RecordIndex(release[:, c], ordered[c], scale[c]) for c in (left, right))
    chance = np.empty(len(targets))
    for rows in portions(len(targets), len(release)):
        chance[rows] = link_probability(
            first.nearest(targets[rows][:, left], k), second.nearest(targets[rows][:, right], k)
        )
    return chance


def inference_gain(
    targets: np.ndarray,
    release: np.ndarray,
    ordered: np.ndarray,
    scale: np.ndarray,
    known: np.ndarray,
    secret: int,
    tolerance: np.ndarray,
) -> np.ndarray:
    """Return, for each target, the chance that the nearest record has the right secret.

    The guess is the secret of the record that is most alike in the known columns, any of those
    equally alike. It is right where it is the target's category, or at most `tolerance` away from
    the target's number; a missing guess is wrong.

    Parameters
    ----------
    targets : float, shape (t, d)
        Records looked for.
    release : float, shape (n, d)
        The released table.
    ordered : bool, shape (d,)
        Columns whose values have an order.
    scale : float, shape (d,)
        Range of each column, from `column_scale`.
    known : ndarray of int
        Columns that are known.
    secret : int
        The column that is guessed; known of every target.
    tolerance : float, shape (m,)
        0 for categories.

    Returns
    -------
    float, shape (m,)
        In [0, 1]; 0 = safe.
    """
    guess, truth = release[:, secret], targets[:, secret]
    index = RecordIndex(release[:, known], ordered[known], scale[known])
    chance = np.empty(len(targets))
    for rows in portions(len(targets), len(release)):
        tied = index.nearest(targets[rows][:, known], 1).tied
        row, record = tied.nonzero()
        right = np.abs(guess[record] - truth[rows][row]) <= tolerance[rows][row]
        chance[rows] = np.bincount(row, right, tied.shape[0]) / tied.sum(axis=1)
    return chance


_BOTH = ("original", "control")


@dataclass(frozen=True, eq=False, kw_only=True)
class TableMatrix:
    """Tables as floats: numbers, dates in seconds, categories as codes, nan where missing.

    Parameters
    ----------
    original, release, control : ndarray of float, shape (rows, columns)
        Rows are sorted by their values, so that no result depends on the order of a file.
    ordered : ndarray of bool, shape (columns,)
        Numbers and dates.
    dates : ndarray of bool, shape (columns,)
    doubts : tuple of Note
        Why no attack on these tables is reliable.
    notes : tuple of Note
        What was done to read their cells.
    """

    original: np.ndarray
    release: np.ndarray
    control: np.ndarray
    ordered: np.ndarray
    dates: np.ndarray
    doubts: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()


def read_together(
    who: str,
    tables: Mapping[str, pd.DataFrame],
    columns: Sequence[str],
    reading: Reading | None = None,
) -> tuple[dict[str, pd.DataFrame], tuple[Note, ...]]:
    """Read the cells of several tables as those of one.

    What one table decides holds for all: a day above 12, a decimal comma, the way that most
    records write a town.

    Returns
    -------
    tables : dict of str to pandas.DataFrame
        The columns asked for, each a category whose levels all tables share.
    notes : tuple of Note

    Raises
    ------
    SchemaError
        A column is text in one table, and numbers or dates in another.
    """
    read: dict[str, dict[str, pd.Series]] = {name: {} for name in tables}
    notes: list[Note] = []
    for column in columns:
        parts = {name: table[column] for name, table in tables.items()}
        if len({part.dtype for part in parts.values()}) > 1:
            whole = {name: part.astype("object") for name, part in parts.items()}
        else:
            whole = parts
        together = pd.concat(list(whole.values()), ignore_index=True)
        found, read_notes = read_column(together.rename(column), reading or Reading(), who)
        notes += read_notes
        if _kind_of(found.cat.categories) == "category":
            kinds = {name: _kind(part) for name, part in parts.items() if part.notna().any()}
            if len(set(kinds.values())) > 1:
                came = ", ".join(f"{kind} in the {name}" for name, kind in kinds.items())
                raise SchemaError.of(who, f"column '{column}' of one kind", came, "Convert it.")
        at = 0
        for name, part in parts.items():
            read[name][column] = found[at : at + len(part)].reset_index(drop=True)
            at += len(part)
    return {name: pd.DataFrame(found) for name, found in read.items()}, tuple(notes)


def table_matrix(
    who: str,
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    columns: Sequence[str],
    reading: Reading | None = None,
) -> TableMatrix:
    """Read and code the columns of three tables alike.

    Raises
    ------
    ParameterError
        A table is no frame of records, or `reading` is no `Reading`.
    SchemaError
        A table is empty, lacks a column, or holds another kind of value in it than another.
    """
    reading_of(who, reading, None)
    given = {"original": original, "release": release, "control": control}
    tables = {name: named_table(who, name, table) for name, table in given.items()}
    tables = {
        n: t.set_axis(columns_as_named(columns, t.columns), axis=1) for n, t in tables.items()
    }
    for name, table in tables.items():
        columns_present(who, "column", columns, table.columns, f"the {name}")
        if table.empty:
            raise SchemaError.of(who, "people in every table", f"an empty {name}")
    read, notes = read_together(who, tables, columns, reading)
    alike = [tables[name].assign(**read[name].set_axis(tables[name].index)) for name in _BOTH]
    doubts = list(_of_the_original(*alike))
    kinds: list[str] = []
    coded: dict[str, list[np.ndarray]] = {name: [] for name in tables}
    for column in columns:
        kind, value = _numbered(read["original"][column].cat.categories)
        kinds.append(kind)
        for name, found in read.items():
            part = np.append(value, np.nan)[found[column].cat.codes.to_numpy()]
            coded[name].append(part)
            doubts += _hardly_meets(column, name, part, coded["original"][-1], kind)
    whole = {name: np.column_stack(parts) for name, parts in coded.items()}
    matrix = {name: each[np.lexsort(each.T[::-1])] for name, each in whole.items()}
    return TableMatrix(
        **matrix,
        ordered=np.array([kind != "category" for kind in kinds]),
        dates=np.array([kind == "date" for kind in kinds]),
        doubts=tuple(doubts),
        notes=notes,
    )


def _numbered(levels: pd.Index) -> tuple[str, np.ndarray]:
    """Return what levels are, and a number for each."""
    kind = _kind_of(levels)
    if kind == "category":
        # In the order of the alphabet: that of the rows must not matter.
        return kind, np.argsort(np.argsort(levels.astype("str"))).astype(float)
    number = levels.to_numpy()
    value = (number.astype("datetime64[us]") if kind == "date" else number).astype(float)
    return kind, value / 1e6 if kind == "date" else value


def _kind_of(levels: pd.Index) -> str:
    return {"i": "number", "u": "number", "f": "number", "M": "date"}.get(
        levels.dtype.kind, "category"
    )


def _hardly_meets(
    column: str, name: str, part: np.ndarray, original: np.ndarray, kind: str
) -> tuple[Note, ...]:
    """Doubt a table most of whose values the original does not have, or are beyond its own."""
    known, own = part[~np.isnan(part)], original[~np.isnan(original)]
    if not len(known) or not len(own):
        return ()
    inside = np.isin(known, own)
    if kind == "category" and name == "control" and 2 * len(np.unique(own)) > len(own):
        return ()  # names and the like: other people have others
    if kind != "category":
        inside = (known >= own.min()) & (known <= own.max())
    strange = int((~inside).sum())
    if 2 * strange <= len(known):
        return ()
    return (Note(f"{name}_hardly_meets", column=column, records=strange, of=len(known)),)


def _of_the_original(original: pd.DataFrame, control: pd.DataFrame) -> tuple[Note, ...]:
    """Doubt a control whose rows stand in the original more often than chance would have it.

    Every column that both have counts. By chance, an outsider has a double in the original as
    often as its own people have one there.
    """
    row = np.zeros(len(original) + len(control), dtype=np.int64)
    for column in original.columns:
        if (original.columns == column).sum() != 1 or (control.columns == column).sum() != 1:
            continue
        both = [table[column].astype("object") for table in (original, control)]
        try:
            codes, levels = pd.factorize(pd.concat(both, ignore_index=True))
        except TypeError:  # lists and the like, which no attack uses either
            continue
        row = pd.factorize(row * np.int64(len(levels) + 1) + codes + 1)[0]
    own, other = row[: len(original)], row[len(original) :]
    count = np.bincount(own, minlength=row.max() + 1)
    shared, doubled = float((count[other] > 0).mean()), float((count[own] > 1).mean())
    if not wilson(shared, len(other))[0] > (1 + doubled) / 2:
        return ()
    inside = int((count[other] > 0).sum())
    return (Note("control_in_original", rows=inside, of=len(other)),)


def columns_of(who: str, columns: Sequence[str] | None, release: Any) -> list[str]:
    """Return the columns that are given, or all of a release."""
    if columns is None:
        return list(named_table(who, "release", release).columns)
    return list(column_names(who, "columns", columns))


def named_table(who: str, name: str, table: Any) -> pd.DataFrame:
    """Check that a table is a frame, pandas, Polars or Arrow, and name its columns by text."""
    if not isinstance(table, pd.DataFrame):
        import narwhals as nw

        native = nw.from_native(table, eager_only=True, pass_through=True)
        if isinstance(native, nw.DataFrame):
            table = pd.DataFrame({column: native[column].to_numpy() for column in native.columns})
    if not isinstance(table, pd.DataFrame):
        needed = f"{name} to be a pandas, Polars or Arrow frame"
        raise ParameterError.of(who, needed, kind_of(table), "Collect a lazy one.")
    return table.set_axis([str(column) for column in table.columns], axis=1)


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return "number"
    return "category"
