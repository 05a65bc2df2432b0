"""Lines and letters of a damaged export that can still be read for certain."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from privaudit.tables.file_frame import tally
from privaudit.words.note import Note

__all__ = ["letters_mended", "line_mended", "rows_of"]

# How letters of UTF-8 begin that were read as cp1252 and saved once more.
_TWICE = re.compile("[\u00c2\u00c3\u00c5]|\u00e2\u20ac")


def letters_mended(text: str) -> str:
    """Return a text that was saved in UTF-8 twice as it was first; another as it is.

    Examples
    --------
    >>> letters_mended("\u00c3\u2030ric"), letters_mended("S\u00c3O")
    ('Éric', 'SÃO')
    """
    if not _TWICE.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def line_mended(line: str, separator: str, width: int) -> list[str] | None:
    """Cut a line whose quotes are broken; None where its fields are not as many as the header's.

    A quoted field ends where a quote stands before a separator, whatever stands within; where none
    does, it ends at the next separator and its one quote is left out.

    Examples
    --------
    >>> line_mended('7,"Jean "Jeannot" Dupont",M', ",", 3)
    ['7', 'Jean "Jeannot" Dupont', 'M']
    >>> line_mended('7,"Dupont,M', ",", 3), line_mended('7,"Dupont, Jean,M', ",", 3)
    (['7', 'Dupont', 'M'], None)
    """
    text, fields, at = line.rstrip("\r\n"), list[str](), 0
    closing = re.compile(f'"(?:{re.escape(separator)}|$)')
    while True:
        end = closing.search(text, at + 1) if text[at : at + 1] == '"' else None
        if end is not None:
            fields.append(text[at + 1 : end.start()].replace('""', '"'))
            at = end.end()
            if end[0] == '"':
                break
            continue
        cut = text.find(separator, at)
        field = text[at:] if cut < 0 else text[at:cut]
        fields.append(field.removeprefix('"') if field.count('"') == 1 else field)
        if cut < 0:
            break
        at = cut + 1
    return fields if len(fields) == width else None


class _Lines(Iterator[str]):
    """Lines that can be taken up again at any of them."""

    def __init__(self, text: str, above: int) -> None:
        self.lines = list(io.StringIO(text, newline=""))
        self.at = above

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def rows_of(
    text: str, separator: str, width: int, *, above: int, named: bool
) -> tuple[list[list[str]], dict[Note, int], tuple[Note, ...]]:
    """Read the rows below a header, mend those that can be, and count the others.

    - `width`: Fields of a row.
    - `above`, `named`: Lines to pass over, and whether a header follows them.

    Returns
    -------
    rows : list of list of str
        Each of so many fields; a short line is filled up.
    set_aside : dict of Note to int
    notes : tuple of Note
        How many lines were filled up, and how many mended.
    """
    lines = _Lines(text, above)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    if named:
        next(reader)
    rows, aside, padded, mended = list[list[str]](), list[str](), 0, 0
    while True:
        begin, row = lines.at, None
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            pass
        # A quote that never closes swallows lines: the first is read by itself.
        if row is None or (lines.at > begin + 1 and len(row) != width):
            alone = line_mended(lines.lines[begin], separator, width)
            if alone is not None or row is None:
                lines.at = begin + 1
                reader = csv.reader(lines, delimiter=separator, strict=True)
            mended += alone is not None
            row = alone if alone is not None else row
        if row is None:
            aside.append("line_with_an_open_quote")
        elif len(row) > width:
            aside.append("line_with_more_fields")
        elif not any(row):
            aside += ["empty_line"] if row else []
        else:
            padded += len(row) < width
            rows.append(row + [""] * (width - len(row)))
    told = (("lines_padded", padded), ("quotes_mended", mended))
    return rows, tally(aside), tuple(Note(key, lines=n) for key, n in told if n)
