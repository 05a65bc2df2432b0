"""How a run ends that is asked to: by who stops it, a terminal that closes, a system going down.

Python knows Ctrl-C only; at the other requests it would die where it stands, and leave a report
half written, or a copy of a real file.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Stopped", "stopped_when_asked"]

# The second is sent when a terminal closes, and is unknown to some systems.
_ASKED = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
# For which a second request is taken for the first.
_SECONDS = 5.0


class Stopped(BaseException):
    """A run was asked to end; nobody who bears with an error, or with Ctrl-C, goes on after it.

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
