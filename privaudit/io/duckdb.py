"""DuckDB without extensions or network, with temporary files that are removed.

An error of an engine is replaced by its cause: its own message may hold a cell."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING, Any, BinaryIO

from privaudit.core.files import (
    belongs_to_another,
    hold,
    is_regular,
    open_to_others,
    packaged_toml,
)
from privaudit.errors import PrivauditError, ReadError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_SPILL = "privaudit-spill-"
# Locked in a folder that is ours: whatever else is in it goes with it.
_MARK = ".privaudit-spill"
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
        Preserve the order of the file's rows.
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


def frame_of(rows: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Return rows as a frame; with PyArrow in half the time, as no cell becomes an object."""
    arrow = find_spec("pyarrow") is not None
    result: pd.DataFrame = rows.to_arrow_table().to_pandas() if arrow else rows.df()
    return result


class Spill(os.PathLike[str]):
    """A private folder for parts of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._open = folder, ExitStack()

    def __fspath__(self) -> str:
        return str(self._folder)

    def copied(self, parts: Iterable[bytes]) -> Path:
        """Write a copy of a file, and return a path to it: one without a name, where there are any.

        A killed run then leaves no copy at all: the system frees what has no name.
        """
        path = self._folder / f"utf8-{secrets.token_hex(8)}.csv"
        copy = self._open.enter_context(self.new(path.name))
        nameless = Path(f"/proc/self/fd/{copy.fileno()}")
        if nameless.exists():
            path.unlink()
            path = nameless
        copy.writelines(parts)
        copy.flush()
        return path

    def new(self, name: str) -> BinaryIO:
        """Open a new private file in the folder."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        return os.fdopen(os.open(self._folder / name, flags, 0o600), "wb")

    def close(self) -> None:
        """Close the copies."""
        self._open.close()


@contextmanager
def spilling(directory: str | os.PathLike[str] | None = None) -> Iterator[Spill]:
    """Make a private folder for parts of a file, and remove it.

    What killed runs of this user left in such folders is removed too.
    """
    place = Path(directory or gettempdir())
    sweep_spills(place)
    folder, held = _held_folder(place)
    spill = Spill(folder)
    try:
        yield spill
    finally:
        spill.close()
        _empty(folder)
        held.close()
        with suppress(OSError):
            folder.rmdir()


def _held_folder(place: Path) -> tuple[Path, ExitStack]:
    """Make a folder and hold it; make another where another run sweeps it before it is held."""
    while True:
        folder, held = Path(mkdtemp(prefix=_SPILL, dir=place)), ExitStack()
        with suppress(FileNotFoundError):
            # The lock may have made it again, for all to read.
            if held.enter_context(hold(folder / _MARK)) and not open_to_others(folder.lstat()):
                return folder, held
        held.close()
        with suppress(OSError):
            folder.rmdir()


def sweep_spills(place: Path | None = None) -> None:
    """Remove what killed runs of this user left in folders of `spilling`."""
    with suppress(OSError):
        for left in (place or Path(gettempdir())).glob(f"{_SPILL}*"):
            _sweep(left)


def _sweep(folder: Path) -> None:
    """Remove a folder of `spilling` that no process holds, with what was written there."""
    with suppress(OSError):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or belongs_to_another(status) or open_to_others(status):
            return
        if is_regular(folder / _MARK):
            # The mark goes last: what is killed here is gone on with by the next run.
            with hold(folder / _MARK) as free:
                if not free:
                    return
                _empty(folder)
        folder.rmdir()


def _empty(folder: Path) -> None:
    """Remove all but the mark of a folder that is held."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name != _MARK:
                path.unlink()


def literal_path(path: Path) -> str:
    """Escape the brackets and stars of a path, which would be a glob pattern.

    Examples
    --------
    >>> literal_path(Path("/a[1]*.csv"))
    '/a[[]1][*].csv'
    """
    # With slashes on Windows too, where a backslash would be taken for a part of the name.
    return re.sub(r"([\\[*?])", r"[\1]", path.absolute().as_posix())


def quoted(name: str) -> str:
    """Return the name of a column as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


_RAISE = "Raise memory_limit, or name fewer columns."


def cause(error: BaseException) -> str:
    """Return what is behind an engine's error, without a word of its message.

    Examples
    --------
    >>> cause(OSError("cell")), cause(KeyError("cell"))
    ('a file or the disk failed', 'the engine gave up')
    """
    name = type(error).__name__
    for part, reason in packaged_toml("privaudit.io", "data/engine_errors.toml").items():
        if part in name:
            return str(reason)
    return "the engine gave up"


def out_of_memory(error: BaseException, who: str, name: str) -> PrivauditError | None:
    """Return the error to raise where an engine had too little memory, None where it had not."""
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
        return ReadError.of(who, f"more memory to count {name} in", "no more", _RAISE)
    return None


def literal(text: str) -> str:
    """Return a text as a quoted SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def aggregated(cells: duckdb.DuckDBPyRelation, expressions: list[str]) -> tuple[Any, ...]:
    """Return what expressions give over all rows."""
    if not expressions:
        return ()
    (result,) = cells.aggregate(", ".join(expressions)).fetchall()
    return tuple(result)


def literal_pattern(pattern: re.Pattern[str]) -> str:
    """Write a pattern as a literal of a query that `format` fills in."""
    # Braces of a repeat are escaped for `format`.
    return literal(pattern.pattern.replace("{", "{{").replace("}", "}}"))
