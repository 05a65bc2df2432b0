"""What a large text table is, before it is read: compression, encoding, separator, header."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from privaudit._core.checks import an_instance, say
from privaudit.errors import ReadError

__all__ = ["TextFile", "look_at"]

_FIRST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A delimited text file that has been looked at, not read.

    Parameters
    ----------
    path : Path
        Where it is.
    gzipped : bool
        Compressed with gzip, whatever its ending.
    encoding : {"utf-8", "latin-1"}
        As its first megabyte says.
    separator : str
        One of ``;``, ``,`` and tab: the one that cuts the header most often.
    columns : tuple of str
        The header, stripped and in lower case.
    """

    path: Path
    gzipped: bool
    encoding: str
    separator: str
    columns: tuple[str, ...]


def look_at(path: str | os.PathLike[str], *, who: str, what: str) -> TextFile:
    """Look at the start of a delimited text file.

    Parameters
    ----------
    path : str or path
        The file, plain or gzipped.
    who : str
        The function that an error names.
    what : str
        What the file should be, in words: ``"a file of addresses"``.

    Raises
    ------
    ParameterError
        It is no path.
    ReadError
        There is no such file, it cannot be opened, is empty or binary.
    """
    file = Path(an_instance(who, "path", path, (str, os.PathLike)))
    try:
        if not file.is_file():
            came = "a folder" if file.is_dir() else "no such file"
            raise ReadError(say(who, what, f"{came}: {file.name}", "Check the path."))
        with file.open("rb") as raw:
            gzipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(file) if gzipped else file.open("rb") as stream:
            start = stream.read(_FIRST_BYTES)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        came = f"{file.name}, which cannot be opened ({type(error).__name__})"
        raise ReadError(say(who, what, came, "Download or unpack it again.")) from None
    if b"\0" in start or start[:4] in (b"PAR1", b"PK\x03\x04"):
        came = f"{file.name}, which is no text"
        raise ReadError(say(who, f"{what} as CSV", came, "Unpack it, or save it as CSV."))
    try:
        # A character may be cut at the end of the part that was read.
        text = start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig")
        encoding = "utf-8"
    except UnicodeDecodeError:
        text, encoding = start.decode("latin-1"), "latin-1"
    if not text.strip():
        raise ReadError(say(who, what, f"the empty file {file.name}"))
    line = text.lstrip().splitlines()[0]
    separator = max(";,\t", key=line.count)
    try:
        header = next(csv.reader(io.StringIO(line), delimiter=separator))
    except csv.Error:
        came = f"no header in {file.name}"
        raise ReadError(say(who, what, came, "Name its columns in the first line.")) from None
    columns = tuple(" ".join(name.split()).lower() for name in header)
    return TextFile(
        path=file, gzipped=gzipped, encoding=encoding, separator=separator, columns=columns
    )
