"""What an engine complains of, in words: its own message may hold a cell, its class says little."""

from __future__ import annotations

from privaudit._core.checks import say
from privaudit.errors import PrivauditError, ReadError

__all__ = ["cause", "out_of_memory"]

_RAISE = "Raise memory_limit, or name fewer columns."
# A part of the name of an engine's error, and what it stands for.
_CAUSES = {
    "Conversion": "a cell is not of its column's type",
    "Cast": "a cell is not of its column's type",
    "Schema": "a column has another type than it says",
    "Permission": "a file or folder may not be opened",
    "Unicode": "it is not UTF-8",
    "EOF": "it is cut short",
    "IO": "a file or the disk failed",
    "OS": "a file or the disk failed",
    "Invalid": "it is not what it says it is",
    "NotImplemented": "the engine cannot do this",
    "Interrupt": "the engine was stopped",
    "Internal": "a fault of the engine",
}


def cause(error: BaseException) -> str:
    """Say what is behind an engine's error, without a word of its message.

    Examples
    --------
    >>> cause(OSError("cell")), cause(KeyError("cell"))
    ('a file or the disk failed', 'the engine gave up')
    """
    name = type(error).__name__
    for part, words in _CAUSES.items():
        if part in name:
            return words
    return "the engine gave up"


def out_of_memory(error: BaseException, who: str, name: str) -> PrivauditError | None:
    """Return the error to raise where an engine had too little memory, None where it had not."""
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
        return ReadError(say(who, f"more memory to count {name} in", "no more", _RAISE))
    return None
