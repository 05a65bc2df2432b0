"""Documents (docx, odt, rtf): each table, and the text outside of tables, a paragraph a row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privaudit.columns.headers import kind_of_header
from privaudit.io.containers import Packed, opened, refuse_password, walk
from privaudit.io.encodings import codec_of_text
from privaudit.io.readers import Parts, Reader, ReadRequest
from privaudit.io.workbooks import (
    FEWEST_CARDS,
    Sheet,
    Workbook,
    sheet_of,
    sheet_of_cards,
    workbook_frame,
    workbook_parts,
)

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a document (docx)"
_MEMBER = "word/document.xml"
# What else holds text: comments, notes, what stands above and below each page.
_BESIDE = re.compile(r"word/(?:comments|footnotes|endnotes|header\d*|footer\d*)\.xml")
_OPEN_WHAT, _OPEN_MEMBER = "a document (odt)", "content.xml"
_RICH_WHAT = "a document (rtf)"
# The text outside of tables, among the tables.
TEXT = "text"
_HEADER = "paragraph"


@dataclass(eq=False)
class _Grid:
    """A table that is open: its row, its column, and the cell that is read.

    Parameters
    ----------
    sheet : Sheet, optional
    row, column : int, optional
        Of the cell that follows.
    cell : list of str, optional
        Paragraphs of the open cell; None between two.
    across, down : int, optional
        Columns and rows over which the open cell stands.
    continues : bool, optional
        The open cell is the lower part of that above.
    covered : dict of int to int, optional
        Of columns, the last row that a cell above stands in.
    """

    sheet: Sheet = field(default_factory=Sheet)
    row: int = -1
    column: int = 0
    cell: list[str] | None = None
    across: int = 1
    down: int = 1
    continues: bool = False
    covered: dict[int, int] = field(default_factory=dict)

    def end_cell(self) -> None:
        """Store the open cell where it stands, if there is one."""
        if self.cell is None:
            return
        row = self.row = max(self.row, 0)
        while self.covered.get(self.column, -1) >= row:
            self.column += 1
        left, right, below = self.column, self.column + self.across, row + self.down - 1
        above = self.sheet.rows.get(row - 1, {}).get(left, "") if self.continues else ""
        self.sheet.put(row, left, above or " ".join(self.cell))
        if self.across > 1 or self.down > 1:
            self.sheet.merged.append((row, left, below, right - 1))
            self.covered |= dict.fromkeys(range(left, right), below)
        self.column, self.cell, self.continues = right, None, False


# No page is drawn with more columns in a cell, nor a column with more rows.
_MOST_ACROSS, _MOST_DOWN = 1_000, 65_534


@dataclass(eq=False)
class CollectedText:
    """State while a document is parsed: tables in their order, and paragraphs outside of them."""

    tables: list[Sheet] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    # Tables that are open, one within a cell of another.
    open: list[_Grid] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element; a cell or a row ends the open cell, whose end may be left out."""
        if tag == "tbl":
            self.open.append(_Grid())
            self.tables.append(self.open[-1].sheet)
        elif tag in ("tab", "br"):
            self.pieces.append(" ")
        elif not self.open:
            return
        elif tag in ("tr", "tc"):
            grid = self.open[-1]
            grid.end_cell()
            if tag == "tr":
                grid.row, grid.column = grid.row + 1, 0
            else:
                grid.cell = []
                grid.across = _spanned(attributes.get("colspan"), _MOST_ACROSS)
                grid.down = _spanned(attributes.get("rowspan"), _MOST_DOWN)
        elif tag == "gridSpan":
            self.open[-1].across = _spanned(next(iter(attributes.values()), ""), _MOST_ACROSS)
        elif tag == "vMerge":
            self.open[-1].continues = "restart" not in attributes.values()

    def end(self, tag: str, text: str) -> None:
        """End an element; a paragraph is of the innermost cell that is open."""
        if tag == "t":
            self.pieces.append(text)
        elif tag == "p":
            written = " ".join("".join(self.pieces).split())
            self.pieces.clear()
            cells = (grid.cell for grid in reversed(self.open) if grid.cell is not None)
            if written:
                next(cells, self.paragraphs).append(written)
        elif tag in ("tc", "tr", "tbl") and self.open:
            self.open[-1].end_cell()
            if tag == "tbl":
                self.open.pop()


def _spanned(written: str | None, most: int) -> int:
    number = (written or "").strip()
    return min(max(1, int(number)), most) if number.isdecimal() and len(number) < 10 else 1


def sheets_of(tables: list[Sheet], paragraphs: list[str]) -> Workbook:
    """Return tables as the sheets of a workbook, and paragraphs as the last of them.

    Cards are one table: those of a narrow table each, and lines of a label and a value.
    """
    narrow = [one for one in tables if all({*row} <= {0, 1} for row in one.rows.values())]
    rows = [row for one in narrow for row in one.rows.values()] if len(narrow) > 2 else []
    if (cards := sheet_of_cards([(row.get(0, ""), row.get(1, "")) for row in rows])) is not None:
        tables = [cards, *(one for one in tables if one not in narrow)]
    for pairs, left in (_labelled(paragraphs), _below_labels(paragraphs)):
        if 2 * len(left) < len(paragraphs) and (cards := sheet_of_cards(pairs)) is not None:
            tables, paragraphs = [*tables, cards], left
    named = {f"table {at}": sheet for at, sheet in enumerate(tables, 1) if len(sheet.rows) > 1}
    if paragraphs:
        text = [[_HEADER, "at"], *([p, str(n)] for n, p in enumerate(paragraphs, 1))]
        named[TEXT] = sheet_of(text)
    return Workbook(list(named), [], named.__getitem__, [])


def _labelled(lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the labels and values of lines that have both, and the other lines."""
    found = [LABELLED.fullmatch(line) for line in lines]
    left = [line for line, match in zip(lines, found, strict=True) if match is None]
    return [(match[1], match[2]) for match in found if match], left


def _below_labels(lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return known headers that come again as lines, what stands below each, and other lines."""
    times = {line: n for line, n in Counter(lines).items() if _is_label(line)}
    # What is often answered comes again too, and seldomer than its label.
    fewest = max(FEWEST_CARDS, max(times.values(), default=0) / 2)
    labels = {line for line, n in times.items() if n >= fewest}
    pairs, left, label = list[tuple[str, str]](), list[str](), ""
    for line in lines:
        if line in labels:
            label = line
        elif label:
            pairs.append((label, line))
            label = ""
        else:
            left.append(line)
    return pairs, left


def _is_label(line: str) -> bool:
    return len(line.split()) < _WORDS and bool(kind_of_header(line.rstrip(" :"))[0])


# A line of a card, and words of a sentence.
_WORDS = 5
LABELLED = re.compile(r"([^\W\d][^:]{0,39}):\s+(\S.*)")


def _book(packed: Packed, asked: ReadRequest) -> Workbook:
    result = CollectedText()
    for member in [_MEMBER, *filter(_BESIDE.fullmatch, packed.names)]:
        walk(packed.data(member), asked, what=_WHAT, start=result.start, end=result.end)
    return sheets_of(result.tables, result.paragraphs)


# Elements of an OpenDocument text by those of a Word document.
_OF_OPEN = {"table": "tbl", "table-row": "tr", "table-cell": "tc", "covered-table-cell": "tc"}
_PARAGRAPHS = ("p", "h")


def _open_book(packed: Packed, asked: ReadRequest) -> Workbook:
    refuse_password(packed, asked, what=_OPEN_WHAT)
    return _open_book_of(packed.data(_OPEN_MEMBER), asked)


def _open_book_of(data: bytes, asked: ReadRequest) -> Workbook:
    """Read an OpenDocument text; a comment is read within the paragraph in which it stands."""
    result, inside = CollectedText(), 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        inside += tag in _PARAGRAPHS
        result.start(_OF_OPEN.get(tag, ""), attributes)

    def end(tag: str, text: str) -> None:
        nonlocal inside
        inside -= tag in _PARAGRAPHS
        if tag in _PARAGRAPHS and not inside:
            result.pieces.append(text)
            result.end("p", "")
        result.end(_OF_OPEN.get(tag, ""), "")

    walk(data, asked, what=_OPEN_WHAT, start=start, end=end, whole=_PARAGRAPHS)
    return sheets_of(result.tables, result.paragraphs)


# A word of RTF, a byte in hexadecimal digits, a sign, a bracket, and text.
_RICH = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)", re.DOTALL
)
# Groups that hold no text of the document.
_SILENT = frozenset((
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "themedata",
    "colorschememapping", "datastore", "listtable", "listoverridetable", "generator", "rsidtbl",
    "xmlnstbl", "latentstyles", "fldinst", "bkmkstart", "bkmkend",
))  # fmt: skip
_ENDS = {"cell": "tc", "nestcell": "tc", "par": "p", "line": "p", "sect": "p", "page": "p"}


def _rich_book(asked: ReadRequest) -> Workbook:
    """Read the text of an RTF file; no picture, object, field or link is followed."""
    text = asked.data().decode("latin-1")
    encoding = re.search(r"\\ansicpg(\d{3,5})", text[:4_000])
    page = (codec_of_text(f"cp{encoding[1]}") if encoding else "") or "cp1252"
    result, row = CollectedText(), list[str]()
    table: list[list[str]] = []
    silent, skipped, fallback = [False], 0, [1]
    for word, number, byte, sign, bracket, run in _RICH.findall(text):
        if bracket == "{":
            silent.append(silent[-1])
            fallback.append(fallback[-1])
        elif bracket == "}":
            silent[1:], fallback[1:] = silent[1:-1], fallback[1:-1]
        elif word in _SILENT or sign == "*":
            silent[-1] = True
        elif silent[-1]:
            continue
        elif word == "uc":
            fallback[-1] = int(number or 1)
        elif word == "u":
            result.pieces.append(chr(int(number or 0) % 0x10000))
            skipped = fallback[-1]
        elif byte or sign in ("{", "}", "\\", "~"):
            if not skipped:
                letter = bytes.fromhex(byte).decode(page, "replace") if byte else sign
                result.pieces.append(letter.replace("~", " "))
            skipped = max(0, skipped - 1)
        elif run:
            result.pieces.append(run[skipped:])
            skipped = max(0, skipped - len(run))
        elif word in ("tab", "emdash", "endash"):
            result.pieces.append(" ")
        elif word in _ENDS:
            _close_rich(result, row, _ENDS[word], table)
        elif word in ("row", "nestrow"):
            table.append([*row])
            row.clear()
    _close_rich(result, row, "p", table)
    _close_table(result, table)
    return sheets_of(result.tables, result.paragraphs)


def _close_rich(result: CollectedText, row: list[str], tag: str, table: list[list[str]]) -> None:
    """Close a cell or a paragraph; a paragraph outside of a row ends the table before it."""
    # Letters beyond the first plane come in two halves.
    whole = "".join(result.pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    written = " ".join(whole.split())
    if tag == "tc":
        row.append(written)
    elif row:
        # A paragraph within a cell.
        result.pieces.append(" ")
        return
    elif written:
        _close_table(result, table)
        result.paragraphs.append(written)
    result.pieces.clear()


def _close_table(result: CollectedText, table: list[list[str]]) -> None:
    if table:
        result.tables.append(sheet_of(table))
        table.clear()


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


def _read_open(asked: ReadRequest) -> FileFrame:
    with opened(asked, what=_OPEN_WHAT) as packed:
        return document_frame(asked, _open_book(packed, asked))


def _parts_open(asked: ReadRequest) -> Parts:
    with opened(asked, what=_OPEN_WHAT) as packed:
        return workbook_parts(asked, _open_book(packed, asked))


OPEN_READER = Reader(
    word="OpenDocument text",
    kind=_OPEN_WHAT,
    endings=(".odt", ".ott"),
    gives=("table",),
    begins=(b"PK\x03\x04",),
    signs=(b"application/vnd.oasis.opendocument.text",),
    packed=False,
    read=_read_open,
    parts=_parts_open,
)
FLAT_READER = Reader(
    word="flat OpenDocument text",
    kind="a document (fodt)",
    endings=(".fodt",),
    gives=("table",),
    begins=(b"<",),
    signs=OPEN_READER.signs,
    read=lambda asked: document_frame(asked, _open_book_of(asked.data(), asked)),
    parts=lambda asked: workbook_parts(asked, _open_book_of(asked.data(), asked)),
)
RICH_READER = Reader(
    word="RTF",
    kind=_RICH_WHAT,
    endings=(".rtf",),
    gives=("table",),
    begins=(b"{\\rtf",),
    signs=(b"{\\rtf1",),
    read=lambda asked: document_frame(asked, _rich_book(asked)),
    parts=lambda asked: workbook_parts(asked, _rich_book(asked)),
)
