"""What a command says: lines that command no terminal, to whoever still reads them."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from privaudit._core.checks import say
from privaudit.errors import OutputError, printable

__all__ = ["complain", "tell", "wanting"]

_ROOM = "needs more room on a disk than there is: where it writes, or unpacks (TMPDIR chooses)."
_OPEN = "needs more open files than this system lets it have. See ulimit -n."
_WANTING = {
    errno.ENOSPC: _ROOM,
    getattr(errno, "EDQUOT", errno.ENOSPC): _ROOM,
    errno.EMFILE: _OPEN,
    errno.ENFILE: _OPEN,
}


def tell(text: str) -> None:
    """Print a line of what was done.

    Raises
    ------
    OutputError
        Where it cannot be written; nobody who reads on, as after ``| head -1``, is no fault.
    """
    try:
        print(printable(text), flush=True)
    except OSError as error:
        # Or Python would try again at its end, and complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            came = (error.strerror or type(error).__name__).lower()
            do = "What was made before stands."
            raise OutputError(say("output", "a terminal or file to write to", came, do)) from None


def complain(text: str) -> None:
    """Print a line of what went wrong; where nobody hears it, the status says it alone."""
    with suppress(OSError):
        print(f"privaudit: {printable(text)}", file=sys.stderr, flush=True)


def wanting(error: BaseException) -> str:
    """Say what a system did not have enough of; "" for any other error.

    Examples
    --------
    >>> wanting(OSError(errno.EMFILE, "Too many open files"))[:21], wanting(OSError("?"))
    ('needs more open files', '')
    """
    return _WANTING.get(error.errno or 0, "") if isinstance(error, OSError) else ""
