"""DuckDB as it is used everywhere here: no extension, no network, nothing left on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os

    import duckdb

__all__ = ["connected", "no_pattern", "quoted", "spilling"]

_CONFIG = {
    # By default it would fetch what it lacks from the network.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


@contextmanager
def connected(
    *, memory_limit: str = "", folder: str = "", order: bool = True
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory for as long as it is needed.

    Parameters
    ----------
    memory_limit : str
        What DuckDB may hold, such as ``"1GB"``. Default: four fifths of the memory.
    folder : str
        Where it may write what does not fit; "" for nowhere.
    order : bool
        Keep rows in the file's order.
    """
    import duckdb

    config: dict[str, Any] = {**_CONFIG, "temp_directory": folder}
    if memory_limit:
        config["memory_limit"] = memory_limit
    if not order:
        config["preserve_insertion_order"] = "false"
    with duckdb.connect(":memory:", config=config) as connection:
        # A geometry is read from its bytes, or not at all: the engine stops at a sloppy one.
        connection.execute("SET enable_geoparquet_conversion = false")
        yield connection


@contextmanager
def spilling(directory: str | os.PathLike[str] | None = None) -> Iterator[str]:
    """Make a folder of our own for parts of a file, which nobody else can read, and remove it."""
    with TemporaryDirectory(prefix="privaudit-", dir=directory) as folder:
        Path(folder).chmod(0o700)
        yield folder


def no_pattern(path: Path) -> str:
    """Write a path so that a bracket or a star in a file's name is no pattern.

    Examples
    --------
    >>> no_pattern(Path("/a[1]*.csv"))
    '/a[[]1][*].csv'
    """
    return re.sub(r"([\\[*?])", r"[\1]", str(path.absolute()))


def quoted(name: str) -> str:
    """Write the name of a column so that it ends where it should."""
    return '"' + name.replace('"', '""') + '"'
