"""What a run may read, hold and take at most: bytes, cells, columns, pixels, seconds, memory."""

from __future__ import annotations

import re
import signal
import threading
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from privaudit.core.checks import in_range, keyword_only, shown, whole
from privaudit.core.files import set_within
from privaudit.errors import ParameterError, ReadError


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a file may hold at most.

    Parameters
    ----------
    bytes : int, optional
        That a packed file unpacks to, or that are held at once. Default: 64 million or a hundred
        times the packed size, whichever is more; 512 million held.
    cells : int
        Of a table that is read whole: lines times columns.
    columns : int
        Of a table.
    pixels : int
        Of a picture.
    depth : int
        Of JSON: how many lists and objects stand in one another.
    seconds : float
        That a command may take.
    memory : int
        Bytes that a command may hold. A file may decode to an eighth of them: text, and
        `CELL_BYTES` a cell.
    """

    bytes: int | None = None
    cells: int = 40_000_000
    columns: int = 5_000
    pixels: int = 50_000_000
    depth: int = 200
    seconds: float = 14_400
    memory: int = 2_000_000_000

    def __post_init__(self) -> None:
        for name in ("bytes", "cells", "columns", "pixels", "depth", "memory"):
            if getattr(self, name) is not None:
                whole("Limits", name, getattr(self, name), 1)
        in_range("Limits", "seconds", self.seconds, 0, open_low=True)

    @property
    def held(self) -> int:
        """Bytes of a file that may be held at once."""
        return self.bytes or 512_000_000

    @property
    def decoded(self) -> int:
        """Bytes that a file may decode to: a table is held some eight times while it is made."""
        return self.memory // 8


_current: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039


def limits() -> Limits:
    """Return the limits that hold now."""
    return _current.get()


@contextmanager
def limited(new: Limits) -> Iterator[None]:
    """Let other limits hold for a while."""
    with set_within(_current, new):
        yield


# A packed table unpacks to some ten times its size; what swells a hundredfold was made to.
_SWELLS = 100
_MAY_SWELL = 64_000_000


def most_unpacked(size: int) -> int:
    """Return to how many bytes a packed file of a size may unpack: a hundred times its size."""
    return limits().bytes or max(_MAY_SWELL, _SWELLS * size)


# What a cell is charged beside its letters: a reference to it in each table that is made of it.
CELL_BYTES = 16
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B", re.IGNORECASE)
# Below it DuckDB does not sort a hundred thousand records.
_LEAST_MEMORY = 100_000_000


def memory_of(limit: str, *, who: str) -> int:
    """Return the bytes of a memory limit.

    Examples
    --------
    >>> memory_of("1.5GB", who="table"), memory_of("512 MiB", who="table")
    (1500000000, 536870912)
    """
    came, parts = shown("memory_limit", limit), _SIZE.fullmatch(str(limit))
    if parts is None:
        raise ParameterError.of(who, 'memory_limit a size such as "1GB"', came)
    base = 1024 if parts[3] else 1000
    size = float(parts[1]) * base ** ("KMGT".index(parts[2].upper()) + 1)
    if size < _LEAST_MEMORY:
        needs = f'memory_limit of at least "{_LEAST_MEMORY // 10**6}MB"'
        raise ParameterError.of(who, needs, came, "Start with 1GB.")
    return int(size)


def refuse_beyond(what: str, found: int, *, who: str, name: str) -> None:
    """Raise `ReadError` where a file holds more than a limit.

    Examples
    --------
    >>> refuse_beyond("columns", 6_000, who="read_table", name="t.csv")
    Traceback (most recent call last):
    privaudit.errors.ReadError: read_table: needs at most 5,000 columns, but got 6,000 in t.csv. ...
    """
    most = limits().held if what == "bytes" else getattr(limits(), what)
    if found > most:
        option, value = f"max-{what}", str(found)
        if what == "decoded":
            option, value = "memory-limit", f"{-(-8 * found // 10**9)}GB"
        do = f"If the file is right, raise it: --{option} {value}."
        needed = "lists and objects in one another" if what == "depth" else what
        needed = "bytes when decoded" if what == "decoded" else needed
        raise ReadError.of(
            who, f"at most {most:,} {needed}", f"{found:,} in {name}", do, why="too_large"
        )


@contextmanager
def ended_after(seconds: float, *, who: str) -> Iterator[None]:
    """Stop a block that takes longer, with a one-line error, in the main thread."""
    do = "If the input is right, raise it: --max-seconds."
    too_long = ReadError.of(
        who, f"at most {seconds:,.0f} seconds", "work for longer", do, why="too_long"
    )
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _alarm(seconds, too_long):
            yield
    else:
        ended = threading.Event()
        timer = threading.Timer(seconds, _end, (ended,))
        timer.daemon = True
        timer.start()
        try:
            yield
        except KeyboardInterrupt:
            raise (too_long if ended.is_set() else KeyboardInterrupt()) from None
        finally:
            timer.cancel()


def _end(ended: threading.Event) -> None:
    """Interrupt the main thread, as Ctrl-C does."""
    ended.set()
    interrupt_main()


@contextmanager
def _alarm(seconds: float, error: Exception) -> Iterator[None]:
    """Raise an error when the system's clock rings."""

    def end(*_: Any) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
