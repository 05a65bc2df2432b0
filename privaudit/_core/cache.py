"""A store of whole simulated stages on disk, without pickle.

The directory is input like any other: whoever can write into it must not be able to run
code, delete other files or have another value believed. What is refused becomes a miss.
Only simulated stages are stored; nothing of a real file ever is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import diskcache
import numpy as np
import pandas as pd
from diskcache.core import DEFAULT_SETTINGS, METADATA, MODE_BINARY

from privaudit._core.checks import say
from privaudit._core.codec import decode, encode
from privaudit.errors import OutputError

__all__ = ["Store", "default_directory", "fingerprint", "recipe_key"]

T = TypeVar("T")

_KEY = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")
_CHECKSUM = 32


def default_directory() -> Path:
    """Return the user's cache folder for privaudit."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "privaudit"


def fingerprint(value: pd.DataFrame | np.ndarray) -> str:
    """Hash names, types and contents of a frame or an array.

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
    """Text keys, checksummed files of a known name, and nothing else."""

    def put(self, key: Any) -> tuple[str, bool]:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ValueError("cache: a key is 64 hexadecimal digits.")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        # A row planted with another key, or with raw = 0 (pickled), is never loaded.
        return key if raw and isinstance(key, str) and _KEY.fullmatch(key) else ""

    def store(self, value: Any, read: Any, key: Any = None) -> tuple[int, int, str, None]:
        checksum = hashlib.blake2b(value, digest_size=_CHECKSUM).digest()
        filename, full_path = self.filename()
        self._write(full_path, iter([checksum, value]), "xb")
        return len(value) + _CHECKSUM, MODE_BINARY, filename, None

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        if mode != MODE_BINARY or read or not self._ours(filename):
            raise OSError("cache: a row that this library did not write")
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(Path(self._directory, filename), flags), "rb") as reader:
            checksum, data = reader.read(_CHECKSUM), reader.read()
        if hashlib.blake2b(data, digest_size=_CHECKSUM).digest() != checksum:
            raise OSError("cache: a damaged value")
        return data

    def remove(self, file_path: Any) -> None:
        if self._ours(file_path):
            super().remove(file_path)

    @staticmethod
    def _ours(filename: Any) -> bool:
        return isinstance(filename, str) and _FILE.fullmatch(filename) is not None


class Store:
    """Whole stages, kept by recipe, shared by any number of processes.

    - `directory`: Made with mode 0700 when absent. Must belong to the user and be closed to others.
    - `size_limit`: Bytes kept at most; the oldest stages go first. A value above the limit is not
      kept.
    """

    def __init__(self, directory: str | Path, *, size_limit: int = 2**31) -> None:
        self.directory = Path(directory).expanduser()
        self.size_limit = size_limit
        self.hits: list[str] = []
        self.misses: list[str] = []
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_owner(self.directory)
            _check_settings(self.directory / "cache.db")
            self._cache = diskcache.Cache(
                str(self.directory), disk=_SafeDisk, size_limit=size_limit, statistics=0
            )
        except (OSError, sqlite3.Error) as error:
            reason = type(error).__name__
            needed = "a folder of its own that can be written"
            raise OutputError(say("cache", needed, reason, "Use --no-cache.")) from None

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
        """Begin a stage that is not stored; what is returned waits for it and stores it."""
        key = recipe_key(name, version, recipe)
        data = self._cache.get(key)
        if data is not None:
            try:
                value: T = decode(data, types)
                self.hits.append(name)
                return lambda: value
            except (ValueError, KeyError, TypeError, OSError, EOFError):
                pass  # Bytes that do not decode are a miss like any other.
        self.misses.append(name)
        wait = begin()

        def store() -> T:
            made = wait()
            data = encode(made)
            if len(data) < self.size_limit:
                self._cache.set(key, data)
            return made

        return store

    def summary(self) -> dict[str, Any]:
        """Return the number of stages kept and the bytes they take."""
        return {"stages": len(self._cache), "bytes": int(self._cache.volume())}

    def clear(self) -> int:
        """Forget every stage and remove orphans of killed writers; return how many went."""
        import warnings

        gone = int(self._cache.clear())
        with warnings.catch_warnings():
            # diskcache tells of each orphan file that it removes by a warning.
            warnings.simplefilter("ignore")
            self._cache.check(fix=True)
        return gone

    def close(self) -> None:
        """Close the database."""
        self._cache.close()


def _check_owner(directory: Path) -> None:
    status = directory.stat()
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise OutputError(say("cache", "a folder of yours", f"{directory}, of another user"))
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        needed = "a folder that others cannot write"
        raise OutputError(say("cache", needed, str(directory), "Run chmod 700 on it."))
    directory.chmod(0o700)


def _check_settings(database: Path) -> None:
    """Refuse a database whose settings would be set as attributes by the cache library."""
    if not database.exists():
        return
    connection = sqlite3.connect(database.resolve().as_uri() + "?mode=ro", uri=True)
    try:
        known = {**DEFAULT_SETTINGS, **METADATA}
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        rows = []
        if "Settings" in tables:
            rows = connection.execute("SELECT key, value FROM Settings").fetchall()
        for key, value in rows:
            right_type = key in known and type(value) is type(known[key])
            if not right_type or (isinstance(value, str) and value != known[key]):
                needed = "a database that privaudit made"
                raise OutputError(say("cache", needed, f"another in {database.parent}"))
    finally:
        connection.close()
