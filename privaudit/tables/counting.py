"""Sources of records, and counts of their classes: counted where they are, never brought whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
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
from privaudit.columns.values import Reading, read_levels
from privaudit.core.checks import columns_present, kind_of, one_of
from privaudit.core.limits import memory_of
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.io.csv_dialects import (
    file_kind,
    first_bytes,
    inspect_text_file,
    is_gzipped,
    regular_file,
    unpacked,
)
from privaudit.io.duckdb import cause, connected, literal_path, out_of_memory, spilling
from privaudit.io.file_frame import aside_notes
from privaudit.io.records import records_of_parquet
from privaudit.io.text_tables import typed_relation
from privaudit.tables.equivalence_classes import classes, count_class_sizes
from privaudit.text.cells import unwrapped
from privaudit.text.normalise import columns_as_named
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw


ENGINES = ("duckdb",)
# What the process holds that DuckDB does not reckon: Python, the libraries and DuckDB itself.
_BESIDE = 200_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class CountableSource:
    """A source that can be counted.

    Parameters
    ----------
    frame : pandas.DataFrame or narwhals.LazyFrame
        Records in memory, or a promise of records that only counts will come back from.
    name : str
        The file's name, or what kind of frame it is.
    connection : duckdb.DuckDBPyConnection, optional
        Where `frame` is a relation of a connection that is ours, and closed with the source.
    notes : tuple of Note
        What had to be assumed to read it, for a report.
    """

    frame: pd.DataFrame | nw.LazyFrame[Any]
    name: str
    connection: duckdb.DuckDBPyConnection | None = None
    notes: tuple[Note, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns, in their order."""
        if isinstance(self.frame, pd.DataFrame):
            return list(self.frame.columns)
        return self.frame.collect_schema().names()


@contextmanager
def open_source(
    source: Any,
    needed: tuple[str, ...],
    *,
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    who: str,
) -> Iterator[CountableSource]:
    """Open a source for as long as it is counted.

    Parameters
    ----------
    source : frame, lazy frame, relation or path
        pandas, Polars (eager or lazy), Arrow, DuckDB, Dask or PySpark data, or the path of a
        CSV or Parquet file, which is never read as a whole.
    needed : tuple of str
        Columns that will be counted.
    engine : {"duckdb"}, optional
        Hand a frame in memory to DuckDB. Default: count where the data is; files by DuckDB.
    memory_limit : str, optional
        Such as ``"1GB"``, at least ``"100MB"``: what the whole count may hold, Python included,
        a frame that is in memory already not; the rest goes through `spill_directory`. 0.2 GB of
        it, and at most half, are for what DuckDB does not reckon.
    spill_directory : path, optional
        Where DuckDB may write a part of the records for a while. Default: a folder of its own
        among the system's temporary files, gone when the count ends.
    who : str
        The function that an error names.

    Raises
    ------
    ParameterError
        No such engine, or a limit that is no size, too small, or has nothing to hold.
    ReadError
        The file is not there, or neither text nor Parquet.
    SchemaError
        The source is none of these, or lacks a column.
    """
    if engine is not None:
        one_of(who, "engine", engine, ENGINES)
    limit = "" if memory_limit is None else _left_for_duckdb(memory_limit, who)
    with ExitStack() as open_things:
        by_path = isinstance(source, (str, os.PathLike))
        if by_path or engine == "duckdb":
            spill = open_things.enter_context(spilling(spill_directory))
            connection = open_things.enter_context(
                connected(memory_limit=limit, folder=os.fspath(spill), order=False)
            )
            notes: tuple[Note, ...] = ()
            if by_path and is_parquet(source, who):
                name = Path(source).name
                relation, aside = _parquet(connection, Path(source), who)
                notes = aside_notes(aside)
            elif by_path:
                relation, file, notes = typed_relation(
                    connection, source, needed, spill=spill, who=who
                )
                name, notes = file.name, (*file.notes, *notes)
            else:
                relation, name = _frame(connection, source, needed, who), kind_of(source)
            records = _lazy(relation, who)
            opened = CountableSource(frame=records, name=name, connection=connection, notes=notes)
        elif memory_limit is not None:
            needs = 'memory_limit with a file or engine="duckdb"'
            raise ParameterError.of(who, needs, kind_of(source))
        elif isinstance(source, pd.DataFrame):
            frame = source.set_axis([str(column) for column in source.columns], axis=1)
            opened = CountableSource(frame=frame, name="the data frame")
        else:
            opened = CountableSource(frame=_lazy(source, who), name=kind_of(source))
        given = opened.columns
        spelt = columns_as_named(needed, given)
        columns_present(who, "column", needed, spelt, opened.name)
        changed = {old: new for old, new in zip(given, spelt, strict=True) if old != new}
        if isinstance(opened.frame, pd.DataFrame):
            yield replace(opened, frame=opened.frame.rename(columns=changed))
        else:
            yield replace(opened, frame=opened.frame.rename(changed)) if changed else opened


def column_names_of(source: Any, who: str) -> list[str]:
    """Return the names of a source's columns, for an error."""
    if isinstance(source, (str, os.PathLike)) and not is_parquet(source, who):
        return inspect_text_file(source, who=who).columns
    with open_source(source, (), who=who) as opened:
        return opened.columns


def records_in_memory(source: Any, who: str) -> int | None:
    """Return the number of records of a frame; None of a lazy one."""
    import narwhals as nw

    frame = _as_narwhals(source, who)
    return len(frame) if isinstance(frame, nw.DataFrame) else None


def exceeds(path: str | os.PathLike[str], *, records: int, size: int, who: str) -> bool:
    """Return whether a Parquet file has more records, or any file more bytes when unpacked."""
    file = regular_file(path, who=who)
    if file.stat().st_size > size:
        return True
    if is_parquet(file, who):
        import duckdb

        try:
            with connected() as connection:
                question = "SELECT sum(num_rows) FROM parquet_file_metadata($path)"
                result = connection.execute(question, {"path": literal_path(file)}).fetchall()
        except duckdb.Error:
            return False  # the reader raises the error
        return int(result[0][0] or 0) > records
    if not is_gzipped(file):
        return False
    with unpacked(file, who=who) as data:
        # The size that gzip declares may be wrong.
        return sum(len(data.read(part)) for part in (size, 1)) > size


def _left_for_duckdb(memory_limit: str, who: str) -> str:
    """Return the memory limit of DuckDB for a limit of the process."""
    size = memory_of(memory_limit, who=who)
    return f"{max(size - _BESIDE, size / 2):.0f}B"


def is_parquet(path: str | os.PathLike[str], who: str) -> bool:
    """Return whether a file begins as Parquet does; another one is taken for text.

    Raises
    ------
    ReadError
        It is neither: no engine counts it.
    """
    kind = file_kind(first_bytes(path, who=who))
    if kind not in ("Parquet", "text", ""):
        came = f"{Path(path).name}, which is {kind}"
        do = "Read it with read_table, and leave out engine and memory_limit."
        raise ReadError.of(who, "a CSV or Parquet file to count in", came, do)
    return kind == "Parquet"


def _parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, who: str
) -> tuple[duckdb.DuckDBPyRelation, dict[Note, int]]:
    import duckdb

    try:
        # The name of a folder, such as sex=F, is no column.
        rows = connection.read_parquet(literal_path(path), hive_partitioning=False)
        return records_of_parquet(rows, name=path.name, who=who)
    # A name of a column that is no UTF-8 is met by the engine's door to Python.
    except (duckdb.Error, RuntimeError, UnicodeDecodeError) as error:
        if lacking := out_of_memory(error, who, path.name):
            raise lacking from None
        came = f"{path.name}, which is damaged or cut short"
        raise ReadError.of(who, "a Parquet file", came, "Export it again.") from None


def _frame(
    connection: duckdb.DuckDBPyConnection, source: Any, needed: tuple[str, ...], who: str
) -> duckdb.DuckDBPyRelation:
    """Register a frame in DuckDB; of a pandas frame, the needed columns only."""
    if isinstance(source, pd.DataFrame):
        names = columns_as_named(needed, source.columns)
        columns_present(who, "column", needed, names, kind_of(source))
        source = source.iloc[:, [names.index(name) for name in needed]].set_axis(needed, axis=1)
        for column in source:
            if pd.api.types.infer_dtype(source[column], skipna=True).startswith("mixed"):
                needs = f"column '{column}' of one kind for DuckDB"
                raise SchemaError.of(who, needs, "mixed types", "Leave out engine.")
    try:
        connection.register("records", source)
    except Exception as error:
        needs = "a frame in memory (pandas, Polars or Arrow) for DuckDB"
        came = f"{kind_of(source)}: {cause(error)}"
        raise SchemaError.of(who, needs, came) from None
    return connection.table("records")


def _lazy(source: Any, who: str) -> nw.LazyFrame[Any]:
    return _as_narwhals(source, who).lazy()


def _as_narwhals(source: Any, who: str) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    import narwhals as nw

    try:
        result: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(source)
        return result
    except TypeError:
        needs = "a pandas, Polars, Arrow, DuckDB, Dask or PySpark frame, or a path"
        raise SchemaError.of(who, needs, kind_of(source)) from None


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
    """Open a source for as long as it is counted; see `privaudit.tables.counting.open_source`."""
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
        See `privaudit.tables.counting.open_source`.
    keys : sequence of str
        Key variables.
    missing : {"value", "exclude"}
        Missing is a level of its own, or its records are left out.
    engine, memory_limit, spill_directory
        See `privaudit.tables.counting.open_source`.

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
