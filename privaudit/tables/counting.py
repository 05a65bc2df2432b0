"""Class counts of any source, which is counted where it is and never brought whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import (
    GatheredLevels,
    encode_column,
    fetched_columns,
    inner_names,
    mark_gaps,
    narrow_codes,
    plain_columns,
    texts_of,
)
from privaudit.columns.reading import Reading
from privaudit.columns.values import read_levels
from privaudit.core.checks import one_of
from privaudit.errors import ParameterError, ReadError
from privaudit.io.duckdb import cause, out_of_memory
from privaudit.io.sources import CountableSource, open_source
from privaudit.tables.equivalence_classes import classes, count_class_sizes
from privaudit.text.cells import unwrapped
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import narwhals as nw


@dataclass(frozen=True, eq=False, kw_only=True)
class FrequencyTable:
    """Every combination of levels that occurs, with the number of its records.

    Parameters
    ----------
    codes : ndarray of int64, shape (m, d), Fortran order
        Level of each column, -1 where missing.
    levels : mapping of str to pandas.Index
        Values behind the codes. Never leaves the process.
    count : ndarray of int64, shape (m,)
        Records, 1 or more.
    notes : tuple of Note
        What was done to read the levels.
    """

    codes: NDArray[np.int64]
    levels: Mapping[str, pd.Index]
    count: NDArray[np.int64]
    notes: tuple[Note, ...] = ()


def tidied(found: FrequencyTable, reading: Reading) -> FrequencyTable:
    """Read the levels of counts, and merge the combinations that are then equal."""
    codes = np.empty(found.codes.shape, dtype=np.int64, order="F")
    levels: dict[str, pd.Index] = {}
    notes: list[Note] = []
    joined = False
    for place, (column, values) in enumerate(found.levels.items()):
        code, written = found.codes[:, place], len(values)
        text = isinstance(values.dtype, pd.StringDtype)
        # A file that is read whole is unwrapped before its columns are typed.
        if text and not reading.keeps(column) and (plain := unwrapped(texts_of(values))):
            place_of, alone = pd.factorize(np.array(plain, dtype=object))
            code, values = np.append(place_of, -1)[code], pd.Index(alone, dtype="str")
            notes.append(Note("cells_unwrapped", columns=1))
        shown = np.bincount(code[code >= 0], found.count[code >= 0], len(values))
        read = read_levels(values, shown.astype(np.int64), column, reading, measured=True)
        codes[:, place] = np.append(read.number, -1)[code]
        levels[column] = read.levels
        notes += read.notes
        joined |= len(read.levels) < written
    count = found.count
    if joined:
        groups = classes(codes)
        count = np.bincount(groups.label, count).astype(np.int64)
        codes = np.asfortranarray(codes[groups.first])
    return FrequencyTable(codes=codes, levels=levels, count=count, notes=tuple(notes))


# Of 2,048 rows each: what DuckDB hands over at a time.
_VECTORS = 250
# Of a key whose levels are brought back to be read: some 10 MB.
_MOST_LEVELS = 100_000


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassSizes:
    """How many classes have each size.

    Parameters
    ----------
    size : ndarray of int64, shape (s,)
        Sizes that occur, ascending, 1 or more.
    classes : ndarray of int64, shape (s,)
        Classes of each size.
    """

    size: NDArray[np.int64]
    classes: NDArray[np.int64]

    @property
    def records(self) -> int:
        """Records in all classes."""
        return int((self.size * self.classes).sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class Counter:
    """Counts of one opened source.

    NaN, null, and text of blanks only are one missing value, a level of its own; 0.0 and -0.0
    are one level. Text, numbers, booleans, dates and categories are counted as they are, and
    read only where a `reading` says how: then by their levels, once these are counted.
    """

    opened: CountableSource
    who: str
    reading: Reading | None = None

    def sizes(self, keys: tuple[str, ...], *, required: tuple[str, ...] = ()) -> ClassSizes:
        """Return how many classes of each size the keys make.

        Parameters
        ----------
        keys : tuple of str
        required : tuple of str
            Leave out the records that lack one of these columns.
        """
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            return self._sizes_in_memory(frame, keys, required)
        import narwhals as nw

        columns = tuple(dict.fromkeys((*keys, *required)))
        inner = dict(zip(columns, inner_names(columns), strict=True))
        records = plain_columns(frame, columns, self.who)
        if required:
            records = records.filter(*(~nw.col(inner[name]).is_null() for name in required))
        found = self._fetch(
            records.group_by(inner[name] for name in keys)
            .agg(nw.len().alias("size"))
            .group_by("size")
            .agg(nw.len().alias("classes"))
        )
        order = np.argsort(found["size"].to_numpy())
        size, many = (found[c].to_numpy()[order].astype(np.int64) for c in ("size", "classes"))
        return ClassSizes(size=size, classes=many)

    def gaps(self, columns: tuple[str, ...]) -> tuple[int, int]:
        """Return the records, and those that lack a value in at least one of the columns."""
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            return len(frame), int(self._lacks(frame, columns).sum())
        import narwhals as nw

        names = inner_names(columns)
        lacks = nw.any_horizontal(*(nw.col(n).is_null() for n in names), ignore_nulls=True)
        found = self._fetch(
            plain_columns(frame, columns, self.who)
            .select(lacks.cast(nw.Int64).alias("lacks"))
            .select(nw.len().alias("records"), nw.col("lacks").sum())
        )
        records, lacking = int(found["records"][0]), found["lacks"][0]
        return records, int(lacking) if records else 0

    def untidy(self, keys: tuple[str, ...]) -> tuple[bool, tuple[Note, ...]]:
        """Return whether reading the levels of some keys changes their classes, and its notes.

        A key of more than `_MOST_LEVELS` levels is counted as it is written, which the notes say.
        """
        if self.reading is None:
            return False, ()
        frame, changes, notes = self.opened.frame, False, []
        for key in keys:
            if isinstance(frame, pd.DataFrame):
                found = self._frequencies_in_memory(frame, (key,))
            else:
                plan = self._counted(frame, (key,)).head(_MOST_LEVELS + 1)
                found = self._coded(self._parts(plan), (key,))
            if len(found.count) > _MOST_LEVELS:
                notes.append(Note("levels_too_many_to_read", column=key))
                continue
            read = tidied(found, self.reading)
            changes |= len(read.levels[key]) < len(found.levels[key])
            notes += read.notes
        return changes, tuple(notes)

    def frequencies(self, columns: tuple[str, ...]) -> FrequencyTable:
        """Return every combination of levels that occurs, and how often.

        It is held in memory: as many rows as there are distinct combinations.
        """
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            found = self._frequencies_in_memory(frame, columns)
        else:
            found = self._coded(self._parts(self._counted(frame, columns)), columns)
        return found if self.reading is None else tidied(found, self.reading)

    def _counted(self, frame: nw.LazyFrame[Any], columns: tuple[str, ...]) -> nw.LazyFrame[Any]:
        """Return the lazy count of each combination."""
        import narwhals as nw

        plain = plain_columns(frame, columns, self.who)
        counts = plain.group_by(inner_names(columns)).agg(nw.len().alias("count"))
        return mark_gaps(counts, frame, columns)

    def _coded(
        self, parts: Iterable[nw.DataFrame[Any]], columns: tuple[str, ...]
    ) -> FrequencyTable:
        gathered = {column: GatheredLevels(self.who) for column in columns}
        counts = [np.zeros(0, dtype=np.int64)]
        for part in parts:
            for column, cells in fetched_columns(part, columns).items():
                gathered[column].add(cells)
            counts.append(part["count"].to_numpy().astype(np.int64))
        count = np.concatenate(counts)
        codes, levels = np.empty((len(count), len(columns)), dtype=np.int64, order="F"), {}
        for place, column in enumerate(columns):
            codes[:, place], levels[column] = gathered.pop(column).coded()
        return FrequencyTable(codes=codes, levels=levels, count=count)

    def records(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return every record, with the levels that the counts would have."""
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            return frame.loc[:, list(columns)]
        found = self._fetch(mark_gaps(plain_columns(frame, columns, self.who), frame, columns))
        return pd.DataFrame(fetched_columns(found, columns))

    def _lacks(self, frame: pd.DataFrame, columns: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which records lack a value in at least one of the columns."""
        lacks = np.zeros(len(frame), dtype=bool)
        for column in columns:
            kind = frame[column].dtype
            if not (isinstance(kind, np.dtype) and kind.kind in "biu"):
                lacks |= encode_column(frame[column], self.who)[0] < 0
        return lacks

    def _sizes_in_memory(
        self, frame: pd.DataFrame, keys: tuple[str, ...], required: tuple[str, ...]
    ) -> ClassSizes:
        lacks = self._lacks(frame, required)
        position: Any = ~lacks if lacks.any() else slice(None)
        codes = [narrow_codes(frame[column][position], self.who) for column in keys]
        size, many = count_class_sizes(codes)
        return ClassSizes(size=size, classes=many)

    def _frequencies_in_memory(
        self, frame: pd.DataFrame, columns: tuple[str, ...]
    ) -> FrequencyTable:
        codes, levels = np.empty((len(frame), len(columns)), dtype=np.int64, order="F"), {}
        for place, column in enumerate(columns):
            codes[:, place], levels[column] = encode_column(frame[column], self.who)
        groups = classes(codes)
        codes = np.asfortranarray(codes[groups.first])
        return FrequencyTable(codes=codes, levels=levels, count=groups.size)

    def _parts(self, counts: nw.LazyFrame[Any]) -> Iterator[nw.DataFrame[Any]]:
        """Yield the counts of a plan, from a connection of our own in parts."""
        connection = self.opened.connection
        if connection is None:
            yield self._fetch(counts)
            return
        import narwhals as nw

        with self._engine_errors():
            connection.execute(nw.to_native(counts).sql_query())
        while True:
            with self._engine_errors():
                part = connection.fetch_df_chunk(_VECTORS)
            if not len(part):
                return
            yield nw.from_native(part, eager_only=True)

    def _fetch(self, counts: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
        """Return the counts of a plan."""
        with self._engine_errors():
            if counts.implementation.is_polars():
                return counts.collect(engine="streaming")
            if counts.implementation.is_duckdb() or counts.implementation.is_spark_like():
                return counts.collect(backend="pandas")
            return counts.collect()

    @contextmanager
    def _engine_errors(self) -> Iterator[None]:
        """Raise the kind of an engine's error: its own message may hold a cell."""
        try:
            yield
        except Exception as error:
            if lacking := out_of_memory(error, self.who, self.opened.name):
                raise lacking from None
            came = f"{self.opened.name}: {cause(error)}"
            raise ReadError.of(self.who, "a source that can be counted", came) from None


@contextmanager
def counter(
    source: Any, columns: tuple[str, ...], *, reading: Reading | None = None, who: str, **where: Any
) -> Iterator[Counter]:
    """Open a source for as long as it is counted; see `privaudit.io.sources.open_source`."""
    with open_source(source, columns, who=who, **where) as opened:
        yield Counter(opened=opened, who=who, reading=reading)


def class_sizes(
    source: Any,
    keys: tuple[str, ...],
    *,
    missing: str = "value",
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
) -> ClassSizes:
    """Count how many classes of each size the keys of a source make.

    Parameters
    ----------
    source : frame, lazy frame, relation or path
        See `privaudit.io.sources.open_source`.
    keys : sequence of str
        Key variables.
    missing : {"value", "exclude"}
        Missing is a level of its own, or its records are left out.
    engine, memory_limit, spill_directory
        See `privaudit.io.sources.open_source`.

    Returns
    -------
    ClassSizes
        ``size[0]`` is k of k-anonymity; ``classes`` where ``size == 1`` the sample uniques.

    Raises
    ------
    ParameterError
        No key.
    SchemaError, ReadError
        The source lacks a column, or cannot be read or counted.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [30, 30, 41, None], "sex": ["F", "F", "M", " "]})
    >>> found = class_sizes(frame, ("age", "sex"))
    >>> found.size.tolist(), found.classes.tolist()
    ([1, 2], [2, 1])
    """
    who = "class_sizes"
    one_of(who, "missing", missing, ("value", "exclude"))
    names = (keys,) if isinstance(keys, str) else tuple(keys)
    if not names:
        raise ParameterError.of(who, "at least one key variable", "none")
    with counter(
        source,
        names,
        engine=engine,
        memory_limit=memory_limit,
        spill_directory=spill_directory,
        who=who,
    ) as counts:
        return counts.sizes(names, required=names if missing == "exclude" else ())
