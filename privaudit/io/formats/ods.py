"""OpenDocument spreadsheets, packed or flat: the stored values of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.core.limits import refuse_beyond
from privaudit.io.containers import local_name, opened, refuse_password, walk
from privaudit.io.readers import Parts, Reader, ReadRequest
from privaudit.io.workbooks import Sheet, Workbook, number_text, workbook_frame, workbook_parts
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a spreadsheet (ods)"
_NUMBERS = ("float", "percentage", "currency")
# Most elements of a file, of which no attribute is read.
_OF_TEXT = ("p", "span", "a", "s", "line-break")
# Blank cells may repeat to the end of the sheet.
_MOST_REPEATED = 1 << 21


def _read(asked: ReadRequest) -> FileFrame:
    return workbook_frame(asked, _book(asked))


def _parts(asked: ReadRequest) -> Parts:
    return workbook_parts(asked, _book(asked))


def _book(asked: ReadRequest) -> Workbook:
    with opened(asked, what=_WHAT) as packed:
        refuse_password(packed, asked, what=_WHAT)
        macros = any(n.startswith("Basic/") for n in packed.names)
        return _book_of(packed.data("content.xml"), macros, asked)


def _flat_book(asked: ReadRequest) -> Workbook:
    data = asked.data()
    return _book_of(data, b"<script:" in data, asked)


def _book_of(data: bytes, macros: bool, asked: ReadRequest) -> Workbook:
    book = _Sheets(asked)
    walk(data, asked, what=_WHAT, start=book.start, end=book.end, whole=("p",))
    notes = [Note("macros")] if macros else []
    notes += [Note("external_links", links=book.links)] if book.links else []
    return Workbook(list(book.sheets), book.hidden, book.sheets.__getitem__, notes)


class _Sheets:
    """State while a document is parsed."""

    def __init__(self, asked: ReadRequest) -> None:
        self.asked = asked
        self.sheets: dict[str, Sheet] = {}
        self.hidden: list[str] = []
        self.links = 0
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._sheet = Sheet()
        self._row = self._column = 0
        self._rows_here = 1
        self._cells: list[tuple[int, int, str]] = []
        self._cell: dict[str, str] = {}
        self._paragraphs: list[str] = []
        self._comment: list[str] = []
        self._filled = 0
        # Depth of elements without text of a cell: comments, pictures, tracked changes.
        self._aside = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _OF_TEXT:
            return
        at = {local_name(key): value for key, value in attributes.items()}
        if tag in ("annotation", "shapes", "tracked-changes", "frame"):
            self._comment = [] if tag == "annotation" else self._comment
            self._aside += 1
        elif tag == "style":
            self._style = at.get("name", "")
        elif tag == "table-properties" and at.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif tag in ("table-source", "dde-link"):
            self.links += 1
        elif tag == "table" and not self._aside:
            name = at.get("name") or f"{len(self.sheets) + 1}"
            self._sheet = self.sheets.setdefault(name, Sheet())
            self._row = 0
            if at.get("style-name") in self._hidden_styles or at.get("display") == "false":
                self.hidden.append(name)
        elif tag == "table-row" and not self._aside:
            self._column, self._cells = 0, []
            self._rows_here = _repeated(at, "number-rows-repeated")
        elif tag in ("table-cell", "covered-table-cell") and not self._aside:
            self._cell, self._paragraphs = at, []
        if tag == "table-column" and at.get("visibility", "visible") != "visible":
            self._sheet.counts["columns_hidden"] += _repeated(at, "number-columns-repeated")
        if tag == "table-row" and at.get("visibility", "visible") != "visible":
            self._sheet.counts["rows_hidden"] += self._rows_here

    def end(self, tag: str, text: str) -> None:
        if tag in ("annotation", "shapes", "tracked-changes", "frame"):
            self._aside -= 1
            if tag == "annotation":
                text = "\n".join(self._comment)
                self._sheet.comment(self._row, self._column, text, self.asked)
        elif self._aside:
            self._comment += [text] if tag == "p" else []
        elif tag == "p":
            self._paragraphs.append(text)
        elif tag in ("table-cell", "covered-table-cell"):
            self._close_cell()
        elif tag == "table-row":
            self._close_row()
        elif tag == "table":
            self._sheet.counts = +self._sheet.counts

    def _close_cell(self) -> None:
        at, sheet = self._cell, self._sheet
        times = _repeated(at, "number-columns-repeated")
        text = _text(at, self._paragraphs)
        if "formula" in at:
            sheet.counts["formulas"] += 1
            sheet.counts["formulas_without_value"] += not text
        if at.get("value-type") == "error":
            sheet.counts["errors_in_cells"] += 1
            text = ""
        over = _repeated(at, "number-columns-spanned"), _repeated(at, "number-rows-spanned")
        if over != (1, 1):
            last = self._row + over[1] - 1, self._column + over[0] - 1
            sheet.merged.append((self._row, self._column, *last))
        if text:
            self._filled += times * self._rows_here
            # Before cells that one stands for are made.
            self.asked.charge(times * self._rows_here * len(text), times * self._rows_here)
            self._cells.append((self._column, times, text))
        self._column += times

    def _close_row(self) -> None:
        if self._cells:
            asked = {"who": self.asked.who, "name": self.asked.name}
            refuse_beyond("cells", self._filled, **asked)
            last, times, _ = self._cells[-1]
            refuse_beyond("columns", last + times, **asked)
            for row in range(self._row, self._row + self._rows_here):
                for column, times, text in self._cells:
                    for place in range(column, column + times):
                        self._sheet.put(row, place, text)
        self._row += self._rows_here


def _repeated(at: dict[str, str], name: str) -> int:
    text = at.get(name)
    if text is None:
        return 1
    return max(min(int(text), _MOST_REPEATED), 1) if text.isdecimal() and len(text) < 10 else 1


def _text(at: dict[str, str], paragraphs: list[str]) -> str:
    """Write a cell as a CSV file would."""
    kind = at.get("value-type", "")
    if kind in _NUMBERS and "value" in at:
        return number_text(at["value"])
    if kind == "date" and "date-value" in at:
        return at["date-value"].removesuffix("T00:00:00")
    if kind == "boolean":
        return {"true": "True", "false": "False"}.get(at.get("boolean-value", ""), "")
    return at.get("string-value") or "\n".join(paragraphs)


READER = Reader(
    word="OpenDocument",
    kind="a spreadsheet (ods)",
    endings=(".ods",),
    begins=(b"PK\x03\x04",),
    signs=(b"application/vnd.oasis.opendocument.spreadsheet",),
    packed=False,
    read=_read,
    parts=_parts,
)
FLAT_READER = Reader(
    word="flat OpenDocument",
    kind="a spreadsheet (fods)",
    endings=(".fods",),
    gives=READER.gives,
    begins=(b"<",),
    signs=READER.signs,
    read=lambda asked: workbook_frame(asked, _flat_book(asked)),
    parts=lambda asked: workbook_parts(asked, _flat_book(asked)),
)
