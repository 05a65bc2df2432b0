"""Atomic writing, locks, and files that must not change during a run.

A run may be killed at any moment. What it has begun carries a lock that dies with it, so that the
next run distinguishes what a dead run left, which it removes, from what a live one writes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shlex
import stat
import time
import tomllib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from privaudit.errors import OutputError, SchemaError

if TYPE_CHECKING:
    from filelock import FileLock

# Bytes of a file that is read whole: privaudit writes no larger one.
LARGEST = 2**31

# Whether files have modes and may go while they are open: on Linux and macOS, not on Windows.
POSIX = os.name == "posix"
# How long a run waits for another that writes in the same folder: that takes a moment.
_SECONDS = 10.0
_NOT_A_LINK = getattr(os, "O_NOFOLLOW", 0)
# Seconds after which a move is tried again while another program looks at the file.
_RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8)


def belongs_to_another(status: os.stat_result) -> bool:
    """Return whether a file is another user's, where the system says whose it is."""
    return hasattr(os, "getuid") and status.st_uid != os.getuid()


def open_to_others(status: os.stat_result, rights: int = 0o077) -> bool:
    """Return whether other users have rights on a file; never where files have no modes."""
    return POSIX and bool(status.st_mode & rights)


def reader_is_gone(error: OSError) -> bool:
    """Return whether nobody reads on, as after ``| head -1``; Windows gives another error."""
    return isinstance(error, BrokenPipeError) or (not POSIX and error.errno == errno.EINVAL)


def in_this_shell(line: str) -> str:
    """Return a command line as the shells of this system take it: by double quotes on Windows."""
    if POSIX:
        return line
    words = (word.replace('"', '\\"') for word in shlex.split(line))
    return " ".join(w if re.fullmatch(r"[\w@+=:./\\-]+", w) else f'"{w}"' for w in words)


@contextmanager
def hold(lock: Path, *, seconds: float = 0.0) -> Iterator[bool]:
    """Hold a lock file for a block, and remove it; yield whether no other run holds it.

    It dies with the process; what a killed run left is free. A file that holds something is
    somebody's: it is taken for held.
    """
    # It costs 35 ms, and few commands lock anything.
    from filelock import FileLock

    held, end = FileLock(lock, timeout=0, thread_local=False), time.monotonic() + seconds
    while not _acquired(held, lock):
        if time.monotonic() >= end:
            yield False
            return
        time.sleep(0.01)
    try:
        yield True
    finally:
        # While it is held: a run that waits sees that it is gone. Windows removes it by itself.
        if POSIX and _is_empty(lock):
            with suppress(OSError):
                lock.unlink()
        held.release()


def _acquired(held: FileLock, lock: Path) -> bool:
    """Take a lock where it is free and nobody's file."""
    # It would make the folder.
    if not lock.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(lock.parent))
    with suppress(TimeoutError):
        if _is_empty(lock):
            try:
                held.acquire()
            except FileExistsError as gone:
                # The folder was there, and another run removed it while it was looked at.
                raise FileNotFoundError(errno.ENOENT, "no such folder", str(lock.parent)) from gone
    return held.is_locked


def _is_empty(lock: Path) -> bool:
    """Return whether a place is free for a lock file, or has an empty file."""
    return not os.path.lexists(lock) or (is_regular(lock) and lock.lstat().st_size == 0)


def move(old: Path, new: Path) -> None:
    """Move a file or folder, over a file that is there; wait a little where Windows refuses it.

    There nothing can be moved that another program has open, such as a search for viruses.
    """
    for wait in () if POSIX else _RETRIES:
        try:
            os.replace(old, new)
            return
        except PermissionError:
            time.sleep(wait)
    os.replace(old, new)


def is_regular(path: Path) -> bool:
    """Return whether a regular file is there, and no link, pipe or folder."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def regular(path: Path, most: int = LARGEST) -> bytes | None:
    """Return what a regular file of at most so many bytes holds; None where there is no such."""
    try:
        if not is_regular(path) or path.lstat().st_size > most:
            return None
        with open(os.open(path, os.O_RDONLY | _NOT_A_LINK), "rb") as file:
            return file.read()
    except OSError:
        return None


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs from writing with `put` in a folder, after waiting for those that do.

    Raises
    ------
    TimeoutError
        Another run holds it for longer than writing takes.
    """
    with hold(folder / ".privaudit.lock", seconds=_SECONDS) as free:
        if not free:
            raise TimeoutError
        yield


def put(files: Mapping[Path, bytes], *, mode: int = 0o666) -> None:
    """Write files under new names beside their own, then move them into place, in their order.

    A disk that is full is met before the first is moved. The caller is `alone_in` their folder, and
    has asked whether what stands there may go. A link is followed. Parts that dead runs left of the
    same files are removed.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            place = path.resolve()
            ours = re.compile(re.escape(f".{place.name}") + r"\.privaudit-[0-9a-f]{16}\.part")
            for left in place.parent.glob("*.part"):
                if ours.fullmatch(left.name) and is_regular(left):
                    left.unlink(missing_ok=True)
            part = place.with_name(f".{place.name}.privaudit-{secrets.token_hex(8)}.part")
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOT_A_LINK
            with open(os.open(part, flags, mode), "wb") as file:
                parts[part] = place
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for part, place in parts.items():
            move(part, place)
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)


# Names of devices on Windows, whatever their ending, and letters that no name has there.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.I)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def portable_name(name: str) -> str:
    """Return a name that a file may have on every system.

    Examples
    --------
    >>> portable_name("Q1: who?"), portable_name("nul.csv"), portable_name("a. . ")
    ('Q1_ who_', '_nul.csv', 'a')
    """
    name = _FORBIDDEN.sub("_", name).rstrip(". ") or "_"
    return f"_{name}" if _DEVICES.fullmatch(name.partition(".")[0].rstrip()) else name


def refuse_reserved(path: Path, who: str) -> None:
    """Refuse a place that Windows takes for a device or a stream, or writes under another name.

    Raises
    ------
    OutputError
        This is Windows, and it has such a name.
    """
    wrong = [part for part in path.parts[bool(path.anchor) :] if portable_name(part) != part]
    wrong = [part for part in wrong if part.strip(".")]
    if wrong and not POSIX:
        raise OutputError.of(who, "a name that a file may have", f"'{wrong[0]}'", "Give another.")


T = TypeVar("T")


@contextmanager
def set_within(variable: ContextVar[T], value: T) -> Iterator[None]:
    """Give a context variable a value until the block ends."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


_Look = tuple[int, int, int]
_WATCHED: ContextVar[Mapping[Path, _Look | None]] = ContextVar("watched", default={})  # noqa: B039


@contextmanager
def watched(paths: Iterable[Path]) -> Iterator[None]:
    """Remember how files look, as a context: their size, their time, and which file it is."""
    with set_within(_WATCHED, {path.absolute(): _look(path) for path in paths}):
        yield


def is_unchanged(path: Path) -> bool:
    """Return whether a file is as it was when the run began; True where it is not watched."""
    watched = _WATCHED.get()
    path = path.absolute()
    return path not in watched or watched[path] == _look(path)


def _look(path: Path) -> _Look | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


# Results by the objects that they were computed from, and these; None outside of `made_once`.
_MADE: ContextVar[dict[Hashable, tuple[Any, Any]] | None] = ContextVar("made", default=None)


@contextmanager
def made_once() -> Iterator[None]:
    """Make what `once` is asked for a single time within a block.

    The block changes no file that it reads, and no frame.
    """
    if _MADE.get() is not None:
        yield
        return
    with set_within(_MADE, {}):
        yield


def once(what: str, make: Callable[[], T], *objects: Any, of: Hashable = ()) -> T:
    """Return what `make` gives, made once within `made_once` of the same objects and values.

    - `objects`: Two are the same if they stand at one place in memory, arrays if their numbers
      do. They are held until the block ends, so that nothing else can take their place.
    - `of`: Plain values that it depends on too.

    Examples
    --------
    >>> with made_once():
    ...     numbers = [3, 1, 2]
    ...     once("sorted", lambda: sorted(numbers), numbers) is once("sorted", list, numbers)
    True
    """
    known = _MADE.get()
    if known is None:
        return make()
    key = (what, of, *map(_place, objects))
    if key not in known:
        known[key] = objects, make()
    result: T = known[key][1]
    return result


def _place(thing: Any) -> Hashable:
    """Return where a thing is in memory: views of the same numbers are one."""
    numbers = getattr(thing, "__array_interface__", None)
    if numbers is None:
        return id(thing)
    return numbers["data"][0], numbers["strides"], numbers["shape"], numbers["typestr"]


_MOST_BYTES = 1_000_000


@cache
def packaged_toml(package: str, file: str) -> dict[str, Any]:
    """Read a TOML file that comes with the package, once; it is to be left unchanged.

    - `package`: The package in whose folder it stands, such as ``"privaudit.text"``.
    - `file`: Its name, or its path below that folder.

    Examples
    --------
    >>> packaged_toml("privaudit.text", "dates.toml")["months"].split()[:2]
    ['january', 'february']
    """
    return tomllib.loads(resources.files(package).joinpath(file).read_text(encoding="utf-8"))


def in_toml(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_toml(source: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    SchemaError
        It cannot be read, is large, or is no TOML; the line says where, never what stands there.
    """
    path = Path(source)
    try:
        if path.is_dir():
            raise SchemaError.of(path.name, "a TOML file", "a folder", "Name a file in it.")
        if path.stat().st_size > _MOST_BYTES or not path.is_file():
            raise SchemaError.of(path.name, "a TOML file of 1 MB at most", "another kind of file")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SchemaError.of(path.name, "a TOML file", "no such file", "Check the path.") from None
    except OSError as error:
        came = error.strerror.lower() if error.strerror else type(error).__name__
        raise SchemaError.of(path.name, "a file that can be read", came) from None
    except UnicodeDecodeError:
        raise SchemaError.of(path.name, "text in UTF-8", "other bytes") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = str(error).rpartition("(")[2].rstrip(")")
        raise SchemaError.of(path.name, "TOML", f"something else ({where})") from None


@cache
def code_digest() -> str:
    """Return the SHA-256 of the package's own files: which code it is, wherever it stands."""
    root = Path(str(resources.files("privaudit")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).as_posix()):
        if path.suffix in (".py", ".toml", ".css", ".j2", ".csv") and path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
