"""The exit status of a command, and the signals that ask a run to end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# The exit status of a fault of the program,
FAULT = 1
# of wrong input,
REFUSED = 2
# of a requirement of `--require` that does not hold or cannot be decided,
UNMET = 3
# and after Ctrl-C; any other signal has 128 and its number.
INTERRUPTED = 130
# What is printed after Ctrl-C, or another signal.
STOPPED = "stopped; nothing was written"
# Sent when a terminal closes, and by Ctrl-Break: some systems do not know them.
_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
_ASKED = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
# For which a second request is taken for the first.
_SECONDS = 5.0


class Stopped(BaseException):
    """A run was asked to end; a handler of errors or of Ctrl-C does not catch it.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


@contextmanager
def stopped_when_asked() -> Iterator[None]:
    """Raise `Stopped` in the main thread when the run is asked to end, which then tidies up.

    A request that this process ignores, as under nohup, stays ignored.
    """
    before: dict[int, Any] = {}
    heard = -_SECONDS

    def end(number: int, _: Any) -> None:
        nonlocal heard
        # A shell and a terminal that close ask at once, and tidying up goes on.
        if time.monotonic() - heard >= _SECONDS:
            heard = time.monotonic()
            raise Stopped(number)

    try:
        # Elsewhere the system's requests are not heard.
        if threading.current_thread() is threading.main_thread():
            for number in _ASKED:
                if signal.getsignal(number) is signal.SIG_DFL:
                    before[number] = signal.signal(number, end)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
