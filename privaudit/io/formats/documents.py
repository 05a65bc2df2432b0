"""Word documents (docx): each table, and the text outside of tables, a paragraph a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privaudit.io.containers import Packed, opened, walk
from privaudit.io.files import Parts, Reader, ReadRequest
from privaudit.io.workbooks import Sheet, Workbook, workbook_frame, workbook_parts
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a document (docx)"
_MEMBER = "word/document.xml"
# The text outside of tables, among the tables.
TEXT = "text"
_HEADER = "paragraph"


@dataclass(eq=False)
class _Document:
    """State while a document is parsed: tables in their order, and paragraphs outside of them."""

    tables: list[list[list[str]]] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    # Tables that are open, one within a cell of another, and the text of the open cell of each.
    open: list[list[list[str]]] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def start(self, tag: str, _: dict[str, str]) -> None:
        if tag == "tbl":
            self.open.append([])
            self.tables.append(self.open[-1])
        elif tag == "tr" and self.open:
            self.open[-1].append([])
        elif tag == "tc" and self.open:
            self.cells.append([])
        elif tag in ("tab", "br"):
            self.pieces.append(" ")

    def end(self, tag: str, text: str) -> None:
        if tag == "t":
            self.pieces.append(text)
        elif tag == "p":
            said = " ".join("".join(self.pieces).split())
            self.pieces.clear()
            if said:
                (self.cells[-1] if self.cells else self.paragraphs).append(said)
        elif tag == "tc" and self.open and self.cells:
            cell = " ".join(self.cells.pop())
            if self.open[-1]:
                self.open[-1][-1].append(cell)
        elif tag == "tbl" and self.open:
            self.open.pop()


def sheets_of(tables: list[list[list[str]]], paragraphs: list[str]) -> Workbook:
    """Return tables as the sheets of a workbook, and paragraphs as the last of them."""
    named = {f"table {at}": _sheet(rows) for at, rows in enumerate(tables, 1) if len(rows) > 1}
    if paragraphs:
        named[TEXT] = _sheet([[_HEADER, "at"], *([p, str(n)] for n, p in enumerate(paragraphs, 1))])
    return Workbook(list(named), [], named.__getitem__, [])


def _sheet(rows: list[list[str]]) -> Sheet:
    sheet = Sheet()
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.put(place, column, cell)
    return sheet


def _book(packed: Packed, asked: ReadRequest) -> Workbook:
    result = _Document()
    walk(packed.data(_MEMBER), asked, what=_WHAT, start=result.start, end=result.end)
    book = sheets_of(result.tables, result.paragraphs)
    beside = [name for name in packed.names if name.startswith("word/")]
    notes = sum(name.endswith(("comments.xml", "footnotes.xml")) for name in beside)
    return book._replace(notes=[Note("document_beside", parts=notes)] if notes else [])


def _read(asked: ReadRequest) -> FileFrame:
    with opened(asked, what=_WHAT) as packed:
        return document_frame(asked, _book(packed, asked))


def document_frame(asked: ReadRequest, book: Workbook) -> FileFrame:
    """Return the table that is asked for, or the first; the text where there is no table."""
    if not book.names:
        raise asked.error("a document with a table or a text", f"none in {asked.name}", why="empty")
    return workbook_frame(asked, book)


def _parts(asked: ReadRequest) -> Parts:
    with opened(asked, what=_WHAT) as packed:
        return workbook_parts(asked, _book(packed, asked))


READER = Reader(
    word="Word",
    kind="a document (docx)",
    endings=(".docx",),
    gives=("table",),
    begins=(b"PK\x03\x04",),
    signs=(b"word/document.xml",),
    packed=False,
    read=_read,
    parts=_parts,
)
