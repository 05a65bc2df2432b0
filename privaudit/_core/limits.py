"""How much of a file is read at most: a file is input, and may have been made to exhaust a machine.

What a limit refuses is one line; each is raised by an option of the command line, or here:

>>> with limited(Limits(columns=20_000)):
...     limits().columns
20000
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from privaudit._core.by_name import by_name
from privaudit._core.checks import in_range, say, whole
from privaudit.errors import ReadError

__all__ = ["Limits", "ended_after", "limited", "limits", "refuse_beyond"]


@by_name
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
    """

    bytes: int | None = None
    cells: int = 40_000_000
    columns: int = 5_000
    pixels: int = 50_000_000
    depth: int = 200
    seconds: float = 14_400

    def __post_init__(self) -> None:
        for name in ("bytes", "cells", "columns", "pixels", "depth"):
            if getattr(self, name) is not None:
                whole("Limits", name, getattr(self, name), 1)
        in_range("Limits", "seconds", self.seconds, 0, open_low=True)

    @property
    def held(self) -> int:
        """Bytes of a file that may be held at once."""
        return self.bytes or 512_000_000


_current: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039


def limits() -> Limits:
    """Return the limits that hold now."""
    return _current.get()


@contextmanager
def limited(new: Limits) -> Iterator[None]:
    """Let other limits hold for a while."""
    token = _current.set(new)
    try:
        yield
    finally:
        _current.reset(token)


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
        do = f"If the file is right, raise it: --max-{what} {found}."
        needed = "lists and objects in one another" if what == "depth" else what
        raise ReadError(
            say(who, f"at most {most:,} {needed}", f"{found:,} in {name}", do), why="too_large"
        )


@contextmanager
def ended_after(seconds: float, *, who: str) -> Iterator[None]:
    """End what takes longer, with one line, where this thread hears the system's clock."""
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not able:
        yield
        return

    def end(*_: Any) -> None:
        do = "If the input is right, raise it: --max-seconds."
        raise ReadError(
            say(who, f"at most {seconds:,.0f} seconds", "work for longer", do), why="too_long"
        )

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
