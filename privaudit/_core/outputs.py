"""How a file or a folder is written: whole or not at all, and never over what is not ours.

A run may be killed at any moment. What it has begun carries a lock that dies with it, so that
the next run tells what is left of a dead one, which it sweeps, from what a live one writes.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such lock there: a run of another process is not seen
    fcntl = None  # type: ignore[assignment, unused-ignore]

__all__ = ["LARGEST", "alone_in", "hold", "is_held", "is_regular", "put", "regular"]

# Bytes of what is read whole: more was written by nobody here.
LARGEST = 2**31

# How long a run waits for another that writes in the same folder: that takes a moment.
_SECONDS = 10.0
_FOLDER = getattr(os, "O_DIRECTORY", 0)
_NOT_A_LINK = getattr(os, "O_NOFOLLOW", 0)


def hold(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file or folder for as long as it is open; say whether that could be done.

    One that is shared with others is waited for: nobody holds one alone for long.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Say whether a process that lives has locked a file or folder."""
    flags = os.O_RDONLY | _NOT_A_LINK | (_FOLDER if path.is_dir() else 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        return not hold(descriptor)
    finally:
        os.close(descriptor)


def is_regular(path: Path) -> bool:
    """Say whether a regular file is there, and no link, pipe or folder."""
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
    descriptor = os.open(folder, os.O_RDONLY | _FOLDER)
    try:
        end = time.monotonic() + _SECONDS
        while not hold(descriptor):
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def put(files: Mapping[Path, bytes]) -> None:
    """Write files under new names beside their own, then move them into place, in their order.

    A disk that is full is met before the first is moved. Whether what stands there may go, the
    caller has asked, `alone_in` their folder. A link is followed. Parts that dead runs left of the
    same files are removed.
    """
    with ExitStack() as parts:
        made = []
        for path, data in files.items():
            part, descriptor = parts.enter_context(_part(path.resolve()))
            made.append((part, path.resolve()))
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
        for part, path in made:
            os.replace(part, path)


@contextmanager
def _part(path: Path) -> Iterator[tuple[Path, int]]:
    """Make a file that nobody else has, and remove it unless it was moved."""
    ours = re.compile(re.escape(f".{path.name}.") + r"privaudit-[0-9a-f]{16}\.part")
    for left in path.parent.glob("*.part"):
        if ours.fullmatch(left.name) and is_regular(left) and not is_held(left):
            left.unlink(missing_ok=True)
    part = path.with_name(f".{path.name}.privaudit-{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOT_A_LINK, 0o666)
    try:
        hold(descriptor)
        yield part, descriptor
    finally:
        os.close(descriptor)
        with suppress(OSError):
            part.unlink(missing_ok=True)
