"""Pages (HTML, also those that are called .xls), XML of records, and Markdown: their tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from privaudit.io.containers import local_name, walk
from privaudit.io.files import Parts, Reader, ReadRequest
from privaudit.io.formats.documents import CollectedText, document_frame, sheets_of
from privaudit.io.formats.json import document_parts, read_document
from privaudit.io.workbooks import Workbook, workbook_parts

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
        self.text.start(_OF_PAGE.get(tag, ""), {})

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
    tables, paragraphs = list[list[list[str]]](), list[str]()
    rows: list[list[str]] = []
    for line in [*_text(asked).splitlines(), ""]:
        if _RULE.fullmatch(line):
            continue
        if _ROW.fullmatch(line):
            cells = _CELL.split(line.strip()[1:-1])
            rows.append([" ".join(cell.replace("\\|", "|").split()) for cell in cells])
            continue
        if rows:
            tables.append(rows)
            rows = []
        if written := " ".join(line.strip("#>*- \t").split()):
            paragraphs.append(written)
    return sheets_of(tables, paragraphs)


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
        parent = stack[-1]
        if tag not in parent:
            parent[tag] = value
        elif isinstance(parent[tag], list):
            parent[tag].append(value)
        else:
            parent[tag] = [parent[tag], value]

    walk(asked.data(), asked, what="XML of records", start=start, end=end)
    return root


def _read_xml(asked: ReadRequest) -> FileFrame:
    return read_document(_xml(asked), asked)


def _parts_xml(asked: ReadRequest) -> Parts:
    return document_parts(_xml(asked), asked)


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
    read=lambda asked: document_frame(asked, _markdown(asked)),
    parts=lambda asked: workbook_parts(asked, _markdown(asked)),
)
