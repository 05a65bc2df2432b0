"""What a command says: lines that command no terminal, to whoever still reads them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from privaudit._core.checks import say
from privaudit.errors import OutputError, printable

__all__ = ["complain", "tell"]


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
