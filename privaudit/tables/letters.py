"""Which letters the bytes of a text file are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

__all__ = ["UTF_16", "decoded", "decoder", "encoding_of"]

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_START = 65_536
_CHUNK = 1_000_000


def encoding_of(
    opened: Callable[[], AbstractContextManager[Any]], start: bytes
) -> tuple[str, int] | None:
    """Find what a whole file can be read as, the way an editor does; None where it is binary.

    - `opened`: Opens the file for its bytes, unpacked; `start` are the first of them.
    - returns: The encoding, "mixed" where it is partly UTF-8, and how many lines are then not.
    """
    for encoding in ["utf-16"] if start.startswith(UTF_16) else ["utf-8-sig", "cp1252", "latin-1"]:
        try:
            with opened() as data:
                if any(map(_is_binary, decoded(data, encoding))):
                    return None
            return encoding, 0
        except UnicodeDecodeError:
            if encoding != "utf-8-sig":
                continue
        with opened() as data:
            odd, letters = _lines_not_utf8(data)
        if letters:
            return "mixed", odd
    return None


def _is_binary(text: str) -> bool:
    """Whether text holds one control character in a hundred, or a NUL: no editor writes that."""
    start = text[:_START]
    return "\0" in text or len(_CONTROL.findall(start)) * 100 > len(start)


def _lines_not_utf8(data: Any) -> tuple[int, int]:
    """Count the lines that are not UTF-8, and those with letters of UTF-8 beyond ASCII."""
    odd = letters = 0
    for line in data:
        if line.isascii():
            continue
        try:
            line.decode()
            letters += 1
        except UnicodeDecodeError:
            odd += 1
    return odd, letters


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as cp1252, or latin-1 where that has no letter."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    try:
        return bad.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return bad.decode("latin-1"), error.end


codecs.register_error("privaudit_windows", _as_windows)


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return what decodes bytes that come in parts."""
    if encoding == "mixed":
        return codecs.getincrementaldecoder("utf-8-sig")("privaudit_windows")
    return codecs.getincrementaldecoder(encoding)()


def decoded(file: Any, encoding: str) -> Iterator[str]:
    """Decode a file of bytes in parts."""
    made = decoder(encoding)
    while part := file.read(_CHUNK):
        yield made.decode(part)
    yield made.decode(b"", final=True)
