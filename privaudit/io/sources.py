"""Sources of records, counted where they are: a frame, a lazy frame, a relation or a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from privaudit.core.checks import columns_present, kind_of, one_of
from privaudit.core.files import memory_of
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.io.duckdb import cause, connected, literal_path, out_of_memory, spilling
from privaudit.io.file_frame import aside_notes
from privaudit.io.records import records_of_parquet
from privaudit.io.text_files import (
    file_kind,
    first_bytes,
    inspect_text_file,
    is_gzipped,
    regular_file,
    unpacked,
)
from privaudit.io.text_tables import typed_relation
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
