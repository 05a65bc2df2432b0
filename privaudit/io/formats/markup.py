"""Pages (HTML, also those that are called .xls), XML of records, and Markdown: their tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from privaudit.io.containers import local_name, walk
from privaudit.io.files import Parts, Reader, ReadRequest
from privaudit.io.formats.documents import (
    CollectedText,
    document_frame,
    sheet_of,
    sheets_of,
)
from privaudit.io.formats.json import document_parts, read_document
from privaudit.io.formats.text import chat_frame, is_chat
from privaudit.io.workbooks import Sheet, Workbook, number_text, workbook_frame, workbook_parts

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

# Elements of a page by those of a document, and elements that end a paragraph.
_OF_PAGE = {"table": "tbl", "tr": "tr", "td": "tc", "th": "tc"}
_BLOCKS = frozenset((
    "p", "div", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article",
    "header", "footer", "blockquote", "pre", "br", "hr", "title", "caption", "option", "ul", "ol",
))  # fmt: skip
# A row of a table in Markdown, the line below its header, and its cells.
_ROW = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"\s*\|(?:\s*:?-{2,}:?\s*\|)+\s*")
_CELL = re.compile(r"(?<!\\)\|")


class _Page(HTMLParser):
    """Parser of a page, without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.silent = CollectedText(), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style")
        if tag in _BLOCKS or tag in _OF_PAGE:
            # A cell whose end is left out ends where the next begins.
            self.text.end("p", "")
        self.text.start(_OF_PAGE.get(tag, ""), {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in ("script", "style")))
        if tag in _BLOCKS or tag in _OF_PAGE:
            self.text.end("p", "")
        self.text.end(_OF_PAGE.get(tag, ""), "")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.text.pieces.append(data)


def _text(asked: ReadRequest) -> str:
    data = asked.data()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _page(asked: ReadRequest) -> Workbook:
    page = _Page()
    page.feed(_text(asked))
    page.close()
    page.text.end("p", "")
    return sheets_of(page.text.tables, page.text.paragraphs)


def _markdown(asked: ReadRequest) -> Workbook:
    tables, paragraphs = list[Sheet](), list[str]()
    rows: list[list[str]] = []
    for line in [*_text(asked).splitlines(), ""]:
        if _RULE.fullmatch(line):
            continue
        if _ROW.fullmatch(line):
            cells = _CELL.split(line.strip()[1:-1])
            rows.append([" ".join(cell.replace("\\|", "|").split()) for cell in cells])
            continue
        if rows:
            tables.append(sheet_of(rows))
            rows = []
        if written := " ".join(line.strip("#>*- \t").split()):
            paragraphs.append(written)
    return sheets_of(tables, paragraphs)


def _read_markdown(asked: ReadRequest) -> FileFrame:
    # Programs that export Signal write its chats so.
    return chat_frame(asked) if is_chat(_text(asked)) else document_frame(asked, _markdown(asked))


def _parts_markdown(asked: ReadRequest) -> Parts:
    return Parts(()) if is_chat(_text(asked)) else workbook_parts(asked, _markdown(asked))


# A letter that no name of XML may have, as Access and SQL Server write it: N_x00B0_ is N°.
_ESCAPED = re.compile(r"_x((?!00[01]|[Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")


def _xml(asked: ReadRequest) -> Any:
    """Return XML as objects: attributes and elements by name, several of one name as a list."""
    root: dict[str, Any] = {}
    stack: list[dict[str, Any]] = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        stack.append({local_name(key): value for key, value in attributes.items()})

    def end(tag: str, text: str) -> None:
        node, written = stack.pop(), " ".join(text.split())
        if node and written:
            node.setdefault("text", written)
        value: Any = node or written or None
        parent, tag = stack[-1], _ESCAPED.sub(lambda match: chr(int(match[1], 16)), tag)
        if tag not in parent:
            parent[tag] = value
        elif isinstance(parent[tag], list):
            parent[tag].append(value)
        else:
            parent[tag] = [parent[tag], value]

    walk(asked.data(), asked, what="XML of records", start=start, end=end)
    return root


# How a workbook begins that Excel 2003 saved as XML, and programs still do under the name .xls.
_SPREADSHEET, _WITHIN = b"urn:schemas-microsoft-com:office:spreadsheet", 4_000


class _Spreadsheet:
    """State while a workbook in XML is parsed."""

    def __init__(self) -> None:
        self.sheets: dict[str, Sheet] = {}
        self.hidden: list[str] = []
        self.sheet, self.row, self.column, self.across = Sheet(), -1, -1, 0
        self.kind, self.in_comment = "", False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        values = {local_name(key): value for key, value in attributes.items()}
        place = values.get("Index", "")
        if tag == "Worksheet":
            self.sheet, self.row = Sheet(), -1
            self.sheets[values.get("Name", str(len(self.sheets) + 1))] = self.sheet
        elif tag == "Row":
            self.row = int(place) - 1 if place.isdecimal() else self.row + 1
            self.column, self.across = -1, 0
        elif tag == "Cell":
            self.column = int(place) - 1 if place.isdecimal() else self.column + 1 + self.across
            self.across, down = (
                int(number) if (number := values.get(name, "")).isdecimal() else 0
                for name in ("MergeAcross", "MergeDown")
            )
            if self.across or down:
                row, column = self.row, self.column
                self.sheet.merged.append((row, column, row + down, column + self.across))
            if "Formula" in values:
                self.sheet.counts["formulas"] += 1
        elif tag == "Comment":
            self.in_comment = True
            self.sheet.counts["cell_comments"] += 1
        elif tag == "Data":
            self.kind = values.get("Type", "")

    def end(self, tag: str, text: str) -> None:
        if tag == "Data" and not self.in_comment:
            text = text.strip()
            if self.kind == "Number":
                text = number_text(text)
            elif self.kind == "DateTime":
                text = text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
            self.sheet.put(self.row, self.column, text)
        elif tag == "Comment":
            self.in_comment = False
        elif tag == "Visible" and text.startswith("SheetHidden"):
            self.hidden.append([*self.sheets][-1])


def _spreadsheet(asked: ReadRequest) -> Workbook | None:
    """Return the workbook that XML is, None where it is another document."""
    data = asked.data()
    if _SPREADSHEET not in data[:_WITHIN] or b"Workbook" not in data[:_WITHIN]:
        return None
    book = _Spreadsheet()
    what = "a workbook in XML"
    walk(data, asked, what=what, start=book.start, end=book.end, whole=("Data",))
    return Workbook([*book.sheets], book.hidden, book.sheets.__getitem__, [])


def _read_xml(asked: ReadRequest) -> FileFrame:
    book = _spreadsheet(asked)
    return read_document(_xml(asked), asked) if book is None else workbook_frame(asked, book)


def _parts_xml(asked: ReadRequest) -> Parts:
    book = _spreadsheet(asked)
    return document_parts(_xml(asked), asked) if book is None else workbook_parts(asked, book)


PAGE_READER = Reader(
    word="HTML",
    endings=(".html", ".htm", ".xhtml"),
    gives=("table",),
    begins=(b"<",),
    signs=(b"<html", b"<HTML", b"<table", b"<TABLE", b"<!DOCTYPE html"),
    read=lambda asked: document_frame(asked, _page(asked)),
    parts=lambda asked: workbook_parts(asked, _page(asked)),
)
XML_READER = Reader(
    word="XML",
    endings=(".xml",),
    gives=("table",),
    begins=(b"<",),
    signs=(b"<?xml",),
    read=_read_xml,
    parts=_parts_xml,
)
MARKDOWN_READER = Reader(
    word="Markdown",
    kind="text",
    endings=(".md", ".markdown"),
    gives=("table",),
    read=_read_markdown,
    parts=_parts_markdown,
)
