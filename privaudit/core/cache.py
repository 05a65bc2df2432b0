"""A store of whole simulated stages on disk, without pickle.

The directory is input like any other: a user who can write into it must not be able to run code,
delete other files or have another value accepted. Each value carries a code (HMAC) of its recipe
and its bytes, made with a key of the user's that stands elsewhere; so does the folder itself, and
one that was made with another key is refused. What else is refused becomes a miss. Only simulated
stages are stored; nothing of a real file ever is.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import re
import secrets
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import diskcache
import numpy as np
import pandas as pd
from diskcache.core import DEFAULT_SETTINGS, METADATA, MODE_BINARY

from privaudit.core.checks import an_instance
from privaudit.core.files import (
    alone_in,
    belongs_to_another,
    hold,
    is_regular,
    move,
    open_to_others,
    put,
    regular,
)
from privaudit.core.progress import LOGGER
from privaudit.errors import OutputError

# Bytes of a cache on disk, beyond which the oldest stages go.
SIZE_LIMIT = 2**31


def encode(value: Any) -> bytes:
    """Turn a tree of dataclasses, mappings, sequences, frames, arrays and scalars into bytes."""
    arrays: dict[str, np.ndarray] = {}
    tree = _pack(value, arrays)
    arrays["manifest"] = np.frombuffer(json.dumps(tree).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def decode(data: bytes, types: tuple[type, ...] = ()) -> Any:
    """Build the value back; only the dataclasses in `types` may appear."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        tree = json.loads(arrays["manifest"].tobytes())
        return _unpack(tree, arrays, {t.__name__: t for t in types})


def _keep(array: np.ndarray, arrays: dict[str, np.ndarray]) -> str:
    if array.dtype.hasobject:
        raise TypeError("codec: needs arrays of numbers, times or text, but got objects.")
    name = f"a{len(arrays)}"
    arrays[name] = array
    return name


def _pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"plain": value}
    if isinstance(value, np.generic):
        return {"plain": value.item()}
    if isinstance(value, np.ndarray):
        return {"array": _keep(value, arrays)}
    if isinstance(value, pd.Timestamp):
        return {"time": value.isoformat()}
    if isinstance(value, pd.DataFrame):
        columns = [[str(c), _pack_column(value[c], arrays)] for c in value.columns]
        plain = isinstance(value.index, pd.RangeIndex)
        index = None if plain else _pack_column(value.index.to_series(), arrays)
        return {"frame": columns, "rows": len(value), "index": index, "name": value.index.name}
    if is_dataclass(value) and not isinstance(value, type):
        content = {f.name: _pack(getattr(value, f.name), arrays) for f in fields(value)}
        return {"type": type(value).__name__, "fields": content}
    if isinstance(value, Mapping):
        return {"map": [[_pack(k, arrays), _pack(v, arrays)] for k, v in value.items()]}
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_pack(v, arrays) for v in value]}
    raise TypeError(f"codec: cannot store a {type(value).__name__}.")


def _pack_column(column: pd.Series, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    if isinstance(column.dtype, np.dtype) and not column.dtype.hasobject:
        return {"values": _keep(column.to_numpy(), arrays)}
    if isinstance(column.dtype, pd.StringDtype):
        # Text repeats itself: codes and the distinct words are smaller than fixed width.
        codes, words = pd.factorize(column)
        return {"codes": _keep(codes.astype(np.int32), arrays), "words": words.tolist()}
    raise TypeError(f"codec: cannot store a column of {column.dtype}.")


def _unpack(tree: Any, arrays: Any, types: dict[str, type]) -> Any:
    if "plain" in tree:
        return tree["plain"]
    if "array" in tree:
        return arrays[tree["array"]]
    if "time" in tree:
        return pd.Timestamp(tree["time"])
    if "frame" in tree:
        content = {name: _unpack_column(column, arrays) for name, column in tree["frame"]}
        index = pd.RangeIndex(tree["rows"]) if tree["index"] is None else None
        if index is None:
            index = pd.Index(_unpack_column(tree["index"], arrays))
        return pd.DataFrame(content, index=index.rename(tree["name"]))
    if "type" in tree:
        if tree["type"] not in types:
            raise ValueError("codec: the bytes name a type that was not asked for.")
        content = {k: _unpack(v, arrays, types) for k, v in tree["fields"].items()}
        named = types[tree["type"]]
        # A type whose constructor takes something else than its fields says how it is made of them.
        return getattr(named, "of_fields", named)(**content)
    if "map" in tree:
        return {_unpack(k, arrays, types): _unpack(v, arrays, types) for k, v in tree["map"]}
    kind, builder = ("tuple", tuple) if "tuple" in tree else ("list", list)
    return builder(_unpack(v, arrays, types) for v in tree[kind])


def _unpack_column(column: dict[str, Any], arrays: Any) -> Any:
    if "values" in column:
        return arrays[column["values"]]
    codes = arrays[column["codes"]]
    words = np.array([*column["words"], None], dtype=object)  # code -1 is the missing word
    return pd.array(words[codes], dtype="str")


T = TypeVar("T")

_KEY = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")
_SIGNING = re.compile(r"owner\.[0-9a-f]{16}")
# Locked by each process that uses the cache.
_IN_USE = re.compile(r"use\.[0-9a-f]{16}")
_CODE = 32
# Bytes that a key, or the sign of a folder, does not have.
_SHORT = 4_096
# Says that the folder is a cache, and whose.
_OWNER = "owner"
# What SQLite puts beside a database.
_DATABASE = ("cache.db", "cache.db-wal", "cache.db-shm", "cache.db-journal")


def default_directory() -> Path:
    """Return the user's cache folder for privaudit."""
    from platformdirs import user_cache_path

    return user_cache_path("privaudit", appauthor=False) / "stages"


def key_file() -> Path:
    """Return where the user's key of caches stands, in no cache."""
    from platformdirs import user_config_path

    return user_config_path("privaudit", appauthor=False) / "cache.key"


def fingerprint(value: Any) -> str:
    """Hash names, types and contents of a frame, an array or whatever else `encode` takes.

    Examples
    --------
    >>> a = fingerprint(pd.DataFrame({"age": [1, 2]}))
    >>> b = fingerprint(pd.DataFrame({"size": [1, 2]}))
    >>> a == b
    False
    """
    # The codec writes column names and dtypes beside the contents, so both are hashed.
    return hashlib.blake2b(encode(value), digest_size=32).hexdigest()


def recipe_key(stage: str, version: int, recipe: Mapping[str, Any]) -> str:
    """Return the key of a stage: its name, its version and its plain JSON recipe."""
    text = json.dumps([stage, version, recipe], sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


class _SafeDisk(diskcache.Disk):  # type: ignore[misc, unused-ignore]
    """Text keys, files of a known name, and nothing else."""

    def put(self, key: Any) -> tuple[str, bool]:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ValueError("cache: a key is 64 hexadecimal digits.")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        # A row planted with another key, or with raw = 0 (pickled), is never loaded.
        return key if raw and isinstance(key, str) and _KEY.fullmatch(key) else ""

    def store(self, value: Any, read: Any, key: Any = None) -> tuple[int, int, str, None]:
        filename, full_path = self.filename()
        self._write(full_path, iter([value]), "xb")
        return len(value), MODE_BINARY, filename, None

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        if mode != MODE_BINARY or read or not self._ours(filename):
            raise OSError("cache: a row that this library did not write")
        data = regular(Path(self._directory, filename))
        if data is None:
            raise OSError("cache: a value that is no file")
        return data

    def remove(self, file_path: Any) -> None:
        if self._ours(file_path):
            super().remove(file_path)

    @staticmethod
    def _ours(filename: Any) -> bool:
        return isinstance(filename, str) and _FILE.fullmatch(filename) is not None


class Store:
    """Whole stages by recipe, shared by any number of processes.

    - `directory`: Made with mode 0700 when absent. Otherwise it must be empty, or a cache that this
      user made, and closed to others; nothing is changed in any other.
    - `size_limit`: Bytes kept at most; the oldest stages go first. A value above the limit is not
      kept.
    """

    def __init__(self, directory: str | Path, *, size_limit: int = SIZE_LIMIT) -> None:
        self.directory = Path(directory).expanduser()
        self.size_limit = size_limit
        self.hits: list[str] = []
        self.misses: list[str] = []
        self._open = ExitStack()
        try:
            _check_folder(self.directory)
            self._key = _users_key(self.directory)
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._owner = self._open.enter_context(_owned(self.directory, self._key))
            self._open.enter_context(_used(self.directory))
            self._cache = diskcache.Cache(
                str(self.directory), disk=_SafeDisk, size_limit=size_limit, statistics=0
            )
        # A damaged database fails in many ways, some of them of the library that opens it.
        except Exception as error:
            self._open.close()
            if isinstance(error, OutputError):
                raise
            reason = type(error).__name__
            needed = "a folder of its own that can be written"
            raise OutputError.of("cache", needed, reason, "Use --no-cache.") from None

    def stage(
        self,
        name: str,
        *,
        version: int,
        recipe: Mapping[str, Any],
        make: Callable[[], T],
        types: tuple[type, ...],
    ) -> T:
        """Return the stored stage of this recipe, or make it and store it."""
        return self.begin(name, version=version, recipe=recipe, begin=lambda: make, types=types)()

    def begin(
        self,
        name: str,
        *,
        version: int,
        recipe: Mapping[str, Any],
        begin: Callable[[], Callable[[], T]],
        types: tuple[type, ...],
    ) -> Callable[[], T]:
        """Begin a stage unless it is stored; return a function that waits for it and stores it."""
        key = recipe_key(name, version, recipe)
        data = b""
        with suppress(Exception):  # whatever a damaged database fails with
            data = bytes(self._cache.get(key, b""))
        if self._is_ours(key, data):
            try:
                value: T = decode(data[_CODE:], types)
                self.hits.append(name)
                LOGGER.info("cache: %s reused", name)
                return lambda: value
            except Exception:  # bytes of ours that this version does not read: a miss like another
                pass
        self.misses.append(name)
        wait = begin()

        def store() -> T:
            made = wait()
            data = encode(made)
            if len(data) < self.size_limit and self._is_there():
                # A full disk or a broken database loses the stage, not the run.
                try:
                    self._cache.set(key, self._code(key, data) + data)
                except (sqlite3.Error, diskcache.Timeout, OSError) as error:
                    LOGGER.warning("cache: %s could not be kept (%s)", name, type(error).__name__)
            return made

        return store

    def _is_there(self) -> bool:
        """Whether the folder is still the one that was opened: a run makes no half of another."""
        with suppress(OSError):
            sign = (self.directory / _OWNER).lstat()
            return os.path.samestat(os.fstat(self._owner), sign)
        return False

    def _code(self, key: str, data: bytes | memoryview) -> bytes:
        """Return the HMAC of a value under its key."""
        code = hmac.new(self._key, key.encode(), "sha256")
        code.update(data)
        return code.digest()

    def _is_ours(self, key: str, data: bytes) -> bool:
        return hmac.compare_digest(data[:_CODE], self._code(key, memoryview(data)[_CODE:]))

    def summary(self) -> dict[str, Any]:
        """Return the number of stages and their bytes."""
        return {"stages": len(self._cache), "bytes": int(self._cache.volume())}

    def clear(self) -> int:
        """Delete every stage and return how many; no other file of the folder is touched."""
        try:
            return int(self._cache.clear())
        except (sqlite3.Error, diskcache.Timeout) as error:
            came = f"one that cannot be read ({type(error).__name__})"
            do = f"Delete {self.directory} yourself."
            raise OutputError.of("cache", "a database of stages", came, do) from None

    def close(self) -> None:
        """Close the database."""
        self._cache.close()
        self._open.close()


def _check_folder(directory: Path) -> None:
    """Refuse a folder of another user, or one that others can write."""
    if not directory.exists():
        return
    status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise OutputError.of("cache", "a folder", f"'{directory.name}', a file")
    if belongs_to_another(status):
        raise OutputError.of("cache", "a folder of yours", f"{directory}, of another user")
    if open_to_others(status, stat.S_IWGRP | stat.S_IWOTH):
        needed = "a folder that others cannot write"
        raise OutputError.of("cache", needed, str(directory), "Run chmod 700 on it.")


def _users_key(directory: Path) -> bytes:
    """Return the key of the user's caches, made when there is none; it stands in none of them."""
    file = key_file()
    needed = "a key that nobody else can read"
    if file.resolve().is_relative_to(directory.resolve()):
        do = "Give the cache a folder of its own."
        raise OutputError.of("cache", f"{needed}, outside the cache", f"{file} in it", do)
    if not os.path.lexists(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Of several runs that make one at once, the first one's stays.
        with alone_in(file.parent):
            if not os.path.lexists(file):
                put({file: secrets.token_bytes(_CODE)}, mode=0o600)
    key, status = regular(file, _SHORT), file.lstat()
    if key is None or belongs_to_another(status) or open_to_others(status):
        raise OutputError.of("cache", needed, str(file), "Run chmod 600 on it, or delete it.")
    if len(key) != _CODE:
        raise OutputError.of("cache", f"a key of {_CODE} bytes", str(file), "Delete it.")
    return key


@contextmanager
def _owned(directory: Path, key: bytes) -> Iterator[int]:
    """Open the sign that the folder is a cache of this key, and make it in an empty folder."""
    sign = hmac.new(key, b"a cache of privaudit", "sha256").hexdigest().encode()
    file = directory / _OWNER
    needed = "an empty folder, or a cache that you made"
    # Several runs may make the same cache at once: their signs are the same.
    if all(_SIGNING.fullmatch(path.name) for path in directory.iterdir()):
        part = file.with_name(f"{_OWNER}.{secrets.token_hex(8)}")
        part.write_bytes(sign)
        # Windows refuses where another run has just put the same there, and opened it.
        with suppress(PermissionError):
            move(part, file)
        part.unlink(missing_ok=True)
        directory.chmod(0o700)
    if regular(file, _SHORT) != sign:
        came = f"{directory}, made by somebody else or with another key"
        raise OutputError.of("cache", needed, came, "Give another folder, or use --no-cache.")
    for name in _DATABASE:
        if os.path.lexists(directory / name) and not is_regular(directory / name):
            raise OutputError.of("cache", needed, f"{directory}, with a link in it")
    _check_settings(directory / "cache.db")
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _used(directory: Path) -> Iterator[None]:
    """Be among the processes that use a cache; the first removes what killed runs left."""
    with ExitStack() as stack:
        with alone_in(directory):
            in_use = False
            for left in directory.glob("use.*"):
                if _IN_USE.fullmatch(left.name):
                    with hold(left) as free:
                        in_use |= not free
            if not in_use:
                _sweep(directory)
            stack.enter_context(hold(directory / f"use.{secrets.token_hex(8)}"))
        yield


def _sweep(directory: Path) -> None:
    """Remove values that no row names, the folders that they leave empty, and unmoved signs."""
    for sign in directory.glob(f"{_OWNER}.*"):
        if _SIGNING.fullmatch(sign.name):
            sign.unlink()
    database = directory / "cache.db"
    known: set[str] = set()
    if database.exists():
        with suppress(sqlite3.Error, UnicodeError):
            known = {str(row[0]) for row in _rows(database, "SELECT filename FROM Cache")}
    for value in directory.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.val"):
        name = value.relative_to(directory).as_posix()
        if _FILE.fullmatch(name) and name not in known:
            value.unlink()
            for folder in (value.parent, value.parent.parent):
                with suppress(OSError):
                    folder.rmdir()


def _rows(database: Path, query: str) -> Iterator[tuple[Any, ...]]:
    """Ask a database, which must not be changed."""
    connection = sqlite3.connect(database.resolve().as_uri() + "?mode=ro", uri=True)
    try:
        yield from connection.execute(query).fetchall()
    finally:
        connection.close()


def _check_settings(database: Path) -> None:
    """Refuse a database whose settings would be set as attributes by the cache library."""
    if not database.exists():
        return
    known = {**DEFAULT_SETTINGS, **METADATA}
    tables = [row[0] for row in _rows(database, "SELECT name FROM sqlite_master")]
    rows = _rows(database, "SELECT key, value FROM Settings") if "Settings" in tables else ()
    for key, value in rows:
        right_type = key in known and type(value) is type(known[key])
        if not right_type or (isinstance(value, str) and value != known[key]):
            needed = "a database that privaudit made"
            raise OutputError.of("cache", needed, f"another in {database.parent}")


_KEPT: list[Store] = []


def cache(directory: str | Path | None) -> Store | None:
    """Keep simulated towns and campaigns in a folder from here on: for a notebook.

    The same `simulate` and `run_campaign` then come from the folder, in another session too. What
    was finished before a run was stopped stays. Nothing of a real file is ever kept.

    Parameters
    ----------
    directory : path or None
        Made where it does not exist; None keeps nothing any more.

    Returns
    -------
    Store or None
        Its `summary` tells what is kept, `clear` forgets it.

    Raises
    ------
    OutputError
        The folder is somebody else's, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = cache(folder)
    ...     for _ in range(2):
    ...         world = pa.simulate(pa.Town(inhabitants=300))
    ...     print(store.misses, store.hits)
    ...     cache(None)
    ['world'] ['world']
    """
    if directory is not None:
        an_instance("cache", "directory", directory, (str, os.PathLike))
    while _KEPT:
        _KEPT.pop().close()
    if directory is not None:
        _KEPT.append(Store(directory))
    return kept_in()


def kept_in() -> Store | None:
    """Return the folder that `cache` named, where there is one."""
    return _KEPT[0] if _KEPT else None
