"""A source of records, opened where it is: a frame, a lazy frame, a relation or a file."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from privaudit._core.checks import columns_present, kind_of, one_of, say, shown
from privaudit.engines.complaints import cause, out_of_memory
from privaudit.engines.encodings import as_utf8, not_utf8
from privaudit.engines.text_columns import header_of, typed_relation
from privaudit.errors import ParameterError, ReadError, SchemaError

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw

__all__ = [
    "ENGINES",
    "Opened",
    "column_names_of",
    "open_source",
    "records_in_memory",
    "size_of_file",
]

ENGINES = ("duckdb",)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B", re.IGNORECASE)
# What the process holds that DuckDB does not reckon: Python, the libraries and DuckDB itself.
_BESIDE = 200_000_000
# Half of it is left for DuckDB, which does not sort a hundred thousand records in 20 MB.
_LEAST = 100_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Opened:
    """A source that can be counted.

    Parameters
    ----------
    frame : pandas.DataFrame or narwhals.LazyFrame
        Records in memory, or a promise of records that only counts will come back from.
    name : str
        The file's name, or what kind of frame it is.
    connection : duckdb.DuckDBPyConnection, optional
        Where `frame` is a relation of a connection that is ours, and closed with the source.
    notes : tuple of str
        What had to be assumed to read it, for a report.
    """

    frame: pd.DataFrame | nw.LazyFrame[Any]
    name: str
    connection: duckdb.DuckDBPyConnection | None = None
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in their order."""
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
) -> Iterator[Opened]:
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
    if memory_limit is not None:
        _check_limit(memory_limit, who)
    with ExitStack() as open_things:
        by_path = isinstance(source, (str, os.PathLike))
        if by_path or engine == "duckdb":
            folder = open_things.enter_context(
                tempfile.TemporaryDirectory(prefix="privaudit-", dir=spill_directory)
            )
            connection = open_things.enter_context(_connect(memory_limit, folder))
            notes: tuple[str, ...] = ()
            if by_path:
                relation, name, notes = _file(connection, Path(source), needed, folder, who)
            else:
                relation, name = _frame(connection, source, needed, who), kind_of(source)
            records = _lazy(relation, who)
            opened = Opened(frame=records, name=name, connection=connection, notes=notes)
        elif memory_limit is not None:
            needs = 'memory_limit with a file or engine="duckdb"'
            raise ParameterError(say(who, needs, kind_of(source)))
        elif isinstance(source, pd.DataFrame):
            frame = source.set_axis([str(column) for column in source.columns], axis=1)
            opened = Opened(frame=frame, name="the data frame")
        else:
            opened = Opened(frame=_lazy(source, who), name=kind_of(source))
        columns_present(who, "column", needed, opened.columns, opened.name)
        yield opened


def column_names_of(source: Any, who: str) -> list[str]:
    """Names of a source's columns, for an error."""
    if not isinstance(source, (str, os.PathLike)):
        with open_source(source, (), who=who) as opened:
            return opened.columns
    path = Path(source)
    if not _is_parquet(path, who):
        return header_of(path, who)[0]
    with _connect(None, "") as connection:
        return list(_parquet(connection, path, who).columns)


def records_in_memory(source: Any, who: str) -> int | None:
    """Records of a frame; None where it is lazy, and counting them would be work."""
    import narwhals as nw

    frame = _native(source, who)
    return len(frame) if isinstance(frame, nw.DataFrame) else None


def size_of_file(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Records of a Parquet file, 0 of another one; bytes of either, unpacked where gzipped.

    0 and 0 where the file cannot be looked at: whoever reads it will say why.
    """
    import duckdb

    try:
        with Path(path).open("rb") as file:
            start, size = file.read(4), file.seek(0, os.SEEK_END)
            if start[:2] == b"\x1f\x8b" and size > 4:
                file.seek(-4, os.SEEK_END)
                # The size before packing, of which gzip keeps 32 bits.
                size = max(size, int.from_bytes(file.read(4), "little"))
        if start != b"PAR1":
            return 0, size
        with _connect(None, "") as connection:
            at = {"path": _no_pattern(Path(path))}
            question = "SELECT sum(num_rows) FROM parquet_file_metadata($path)"
            (found,) = connection.execute(question, at).fetchall()
            return int(found[0]), size
    except (OSError, ValueError, duckdb.Error):
        return 0, 0


def _connect(memory_limit: str | None, folder: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    config: dict[str, Any] = {
        # By default it would fetch what it lacks from the network.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": folder,
        "preserve_insertion_order": "false",
    }
    if memory_limit is not None:
        config["memory_limit"] = _left_for_duckdb(memory_limit)
    connection = duckdb.connect(":memory:", config=config)
    # Positions are not counted; a sloppy declaration of them must not stop the count.
    connection.execute("SET enable_geoparquet_conversion = false")
    return connection


def _check_limit(memory_limit: str, who: str) -> None:
    came = shown("memory_limit", memory_limit)
    if not _SIZE.fullmatch(str(memory_limit)):
        raise ParameterError(say(who, 'memory_limit a size such as "1GB"', came))
    if _bytes(memory_limit) < _LEAST:
        needs = f'memory_limit of at least "{_LEAST // 10**6}MB"'
        raise ParameterError(say(who, needs, came, "Start with 1GB."))


def _bytes(size: str) -> float:
    parts = _SIZE.fullmatch(str(size))
    assert parts is not None  # open_source has looked
    base = 1024 if parts[3] else 1000
    return float(parts[1]) * base ** ("KMGT".index(parts[2].upper()) + 1)


def _left_for_duckdb(memory_limit: str) -> str:
    """What DuckDB may hold, so that the process stays within a limit."""
    size = _bytes(memory_limit)
    return f"{max(size - _BESIDE, size / 2):.0f}B"


def _file(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    needed: tuple[str, ...],
    folder: str,
    who: str,
) -> tuple[duckdb.DuckDBPyRelation, str, tuple[str, ...]]:
    """Open a file: its records, its name, and what had to be assumed."""
    if _is_parquet(path, who):
        return _parquet(connection, path, who), path.name, ()
    if any(ending.lower() in (".json", ".geojson") for ending in path.suffixes):
        do = "Leave out engine, memory_limit and spill_directory."
        raise ReadError(say(who, "a CSV or Parquet file to count in", path.name, do))
    try:
        return typed_relation(connection, path, needed, who=who), path.name, ()
    except ReadError:
        copied = as_utf8(path, folder, who)
        if copied is None:
            raise
    # The engine reads UTF-8 alone.
    copy, encoding = copied
    found = typed_relation(connection, copy, needed, who=who, name=path.name)
    return found, path.name, (not_utf8(encoding),)


def _is_parquet(path: Path, who: str) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except (OSError, ValueError) as error:
        came = f"{path.name}: {getattr(error, 'strerror', None) or cause(error)}"
        raise ReadError(say(who, "a file that can be read", came)) from None


def _parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, who: str
) -> duckdb.DuckDBPyRelation:
    import duckdb

    try:
        return connection.read_parquet(_no_pattern(path))
    except duckdb.Error as error:
        if lacking := out_of_memory(error, who, path.name):
            raise lacking from None
        came = f"{path.name}, which is damaged or cut short"
        raise ReadError(say(who, "a Parquet file", came, "Export it again.")) from None


def _no_pattern(path: Path) -> str:
    """A bracket or a star in a file's name is no pattern."""
    return "".join(f"[{c}]" if c in "[*?" else c for c in str(path.absolute()))


def _frame(
    connection: duckdb.DuckDBPyConnection, source: Any, needed: tuple[str, ...], who: str
) -> duckdb.DuckDBPyRelation:
    """Let DuckDB scan a frame in memory; of a pandas frame, the columns that are needed."""
    if isinstance(source, pd.DataFrame):
        names = [str(column) for column in source.columns]
        columns_present(who, "column", needed, names, kind_of(source))
        source = source.iloc[:, [names.index(name) for name in needed]].set_axis(needed, axis=1)
        for column in source:
            if pd.api.types.infer_dtype(source[column], skipna=True).startswith("mixed"):
                needs = f"column '{column}' of one kind for DuckDB"
                raise SchemaError(say(who, needs, "mixed types", "Leave out engine."))
    try:
        connection.register("records", source)
    except Exception as error:
        needs = "a frame in memory (pandas, Polars or Arrow) for DuckDB"
        came = f"{kind_of(source)}: {cause(error)}"
        raise SchemaError(say(who, needs, came)) from None
    return connection.table("records")


def _lazy(source: Any, who: str) -> nw.LazyFrame[Any]:
    return _native(source, who).lazy()


def _native(source: Any, who: str) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    import narwhals as nw

    try:
        return nw.from_native(source)
    except TypeError:
        needs = "a pandas, Polars, Arrow, DuckDB, Dask or PySpark frame, or a path"
        raise SchemaError(say(who, needs, kind_of(source))) from None
