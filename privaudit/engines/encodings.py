"""How the letters of a text file are written: found as an editor finds it, and made UTF-8."""

from __future__ import annotations

import codecs
import gzip
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from privaudit._core.checks import say
from privaudit.errors import ReadError

__all__ = ["as_utf8", "binary", "encodings_of", "is_binary", "not_utf8", "start_of"]

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_START = 65_536
_CHUNK = 1_000_000


def encodings_of(start: bytes) -> list[str]:
    """Encodings to try, by the first bytes of a file; in this order."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    return ["utf-8-sig", "cp1252", "latin-1"]


def is_binary(text: str) -> bool:
    """Whether text holds one control character in a hundred, or a NUL: no editor writes that."""
    start = text[:_START]
    return "\0" in text or len(_CONTROL.findall(start)) * 100 > len(start)


def binary(who: str, name: str) -> ReadError:
    """Refuse what is no text."""
    came = f"{name}, which holds binary data"
    return ReadError(say(who, "a text table", came, "Save it as CSV in UTF-8."))


def not_utf8(encoding: str) -> str:
    """Note what a file was read as."""
    return f"not UTF-8: read as {encoding}"


def _opened(path: Path) -> Any:
    """Open a file for its bytes, unpacked where it is gzipped."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")


def start_of(path: Path, size: int, who: str) -> str:
    """Read the first letters of a text file.

    Raises
    ------
    ReadError
        The file holds binary data.
    """
    with _opened(path) as file:
        start = file.read(size)
    for encoding in encodings_of(start):
        try:
            # A letter may be cut in two at the end.
            text = codecs.getincrementaldecoder(encoding)().decode(start)
        except UnicodeDecodeError:
            continue
        if is_binary(text):
            break
        return text
    raise binary(who, path.name)


def as_utf8(path: Path, folder: str, who: str) -> tuple[Path, str] | None:
    """Write a text file anew in UTF-8, a part at a time; None where it is UTF-8 already.

    Parameters
    ----------
    path : Path
    folder : str
        Where the copy goes: as large as the file, unpacked.
    who : str
        The function that an error names.

    Returns
    -------
    path, encoding
        Of the copy; and what the file was read as.

    Raises
    ------
    ReadError
        The file holds binary data.
    """
    with _opened(path) as file:
        encodings = encodings_of(file.read(2))
    for encoding in encodings:
        copy = None if encoding == "utf-8-sig" else Path(folder) / "utf8.csv"
        try:
            _decoded(path, encoding, copy, who)
        except UnicodeDecodeError:
            continue
        return None if copy is None else (copy, encoding)
    raise binary(who, path.name)


def _decoded(path: Path, encoding: str, copy: Path | None, who: str) -> None:
    """Decode a whole file, and write it where there is somewhere to."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with _opened(path) as file, nullcontext() if copy is None else copy.open("wb") as out:
        while True:
            part = file.read(_CHUNK)
            text = decoder.decode(part, final=not part)
            if is_binary(text):
                raise binary(who, path.name)
            if out is not None:
                out.write(text.encode())
            if not part:
                return
