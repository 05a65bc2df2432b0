"""Pages (HTML, also those that are called .xls), XML of records, and Markdown: their tables.

Of a chat that a program exports as a page, its messages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

from privaudit.io.containers import local_name, walk
from privaudit.io.formats.documents import CollectedText, document_frame, sheets_of
from privaudit.io.formats.json import document_parts, read_document
from privaudit.io.formats.text import chat_frame, is_chat
from privaudit.io.readers import Parts, Reader, ReadRequest
from privaudit.io.workbooks import (
    Sheet,
    Workbook,
    number_text,
    sheet_of,
    sheet_of_cards,
    workbook_frame,
    workbook_parts,
)
from privaudit.words.catalogues import Note

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
    """Parser of a page, without its scripts and styles; lists of labels and values are cards."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.silent = CollectedText(), 0
        # Labels and values: which they are, and the paragraphs from which each begins and ends.
        self.of_cards = list[tuple[str, int, int]]()
        self.open_label = ("", 0)

    def end_of_label(self, tag: str = "") -> None:
        """End a label or a value, if one is open, and begin another: "dt" or "dd"."""
        self.text.end("p", "")
        before, begins = self.open_label
        here = len(self.text.paragraphs)
        if before:
            self.of_cards.append((before, begins, here))
        self.open_label = tag, here

    def take_cards(self) -> None:
        """Take cards out of the text, as its first table, if they are any."""
        self.end_of_label()
        lines, pairs, label = self.text.paragraphs, list[tuple[str, str]](), ""
        for tag, begins, ends in self.of_cards:
            written = " ".join(lines[begins:ends])
            if tag == "dt":
                label = written
            elif written:
                pairs.append((label, written))
        if (cards := sheet_of_cards(pairs)) is not None:
            self.text.tables.insert(0, cards)
            taken = {at for _, begins, ends in self.of_cards for at in range(begins, ends)}
            self.text.paragraphs = [p for at, p in enumerate(lines) if at not in taken]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style")
        if tag in _BLOCKS or tag in _OF_PAGE:
            # A cell whose end is left out ends where the next begins.
            self.text.end("p", "")
        if tag in ("dt", "dd"):
            self.end_of_label(tag)
        self.text.start(_OF_PAGE.get(tag, ""), {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in ("script", "style")))
        if tag in _BLOCKS or tag in _OF_PAGE:
            self.text.end("p", "")
        if tag in ("dt", "dd", "dl"):
            self.end_of_label()
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


class _ChatClasses(NamedTuple):
    """Classes of the elements of a chat: of a message, and of what stands in it.

    Parameters
    ----------
    joined : str
        Of a message whose author is that of the message before it, and is not written.
    """

    message: str
    author: str
    time: str
    text: str
    joined: str


# As Telegram, DiscordChatExporter and Messenger (until 2021, and since) write them.
_CHATS = (
    _ChatClasses("message", "from_name", "date", "text", "joined"),
    _ChatClasses(
        "chatlog__message-container", "chatlog__author", "chatlog__timestamp", "chatlog__content",
        "chatlog__message-container",
    ),
    _ChatClasses("_2lej", "_2lel", "_2lem", "_2let", ""),
    _ChatClasses("_a6-g", "_a6-h", "_a6-o", "_a6-p", ""),
)  # fmt: skip
# Classes of what is no word of a message: dates, reactions, what it answers to.
_SILENT = frozenset((
    "details", "reactions", "userpic", "reply_to", "_a6-q", "_tqp", "chatlog__reactions",
    "chatlog__reply", "chatlog__edited-timestamp",
))  # fmt: skip
# Where the message joins the one before.
_SHORT = "chatlog__short-timestamp"
_DAY_FIRST = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)\b.*")
# Elements that have no end.
_VOID = frozenset(("br", "img", "hr", "input", "meta", "link", "source", "wbr", "col", "area"))


class _ChatPage(HTMLParser):
    """Parser of a chat: a row a message, whose fields are those of Telegram's JSON."""

    def __init__(self, of: _ChatClasses) -> None:
        super().__init__(convert_charrefs=True)
        self.of, self.rows, self.unsigned = of, list[dict[str, str]](), 0
        # Elements that are open, and the field that the text in each is of; "" of none.
        self.open: list[tuple[str, str]] = []
        self.author = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return self.handle_data(" ")
        values = {name: value or "" for name, value in attrs}
        classes, here = {*values.get("class", "").split()}, self.open[-1][1] if self.open else ""
        self.open.append((tag, self._field(classes, values, here)))
        return self.handle_data(" ") if tag in _BLOCKS else None

    def _field(self, classes: set[str], values: dict[str, str], here: str) -> str:
        """Return the field that the text of an element is of, within one of the field `here`."""
        of = self.of
        if of.message in classes and "service" in classes:
            self.unsigned += 1
            return "silent"
        if of.message in classes:
            number = values.get("data-message-id") or values.get("id", "").removeprefix(of.message)
            self.rows.append({"id": number, "joined": "x" * (of.joined in classes)})
            return "message"
        if here in ("", "silent") or "media_wrap" in classes or "signature" in classes:
            return here and here.replace("message", "media")
        if classes & {of.time, _SHORT} and "date" not in self.rows[-1]:
            self.rows[-1]["date"] = values.get("title", "")
            return "silent" if values.get("title") else "date"
        if classes & _SILENT and here != "media":
            return "silent"
        if of.author in classes:
            forwarded = any(field == "forwarded" for _, field in self.open)
            return "forwarded_from" if forwarded else "from"
        if "forwarded" in classes:
            return "forwarded"
        return "text" if of.text in classes and here != "media" else here

    def handle_endtag(self, tag: str) -> None:
        if tag not in {name for name, _ in self.open}:
            return
        while self.open:
            name, field = self.open.pop()
            if field == "message":
                row = self.rows[-1]
                if row["joined"]:
                    row.setdefault("from", self.author)
                self.author = row.get("from", "")
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        field = self.open[-1][1] if self.open else ""
        field = {"message": "media", "forwarded": "media"}.get(field, field)
        if field and field != "silent":
            self.rows[-1][field] = self.rows[-1].get(field, "") + data


def _chat(asked: ReadRequest) -> FileFrame | None:
    """Return the messages of a chat that a program exported as a page; None of another page."""
    from privaudit.io.features import texts_frame
    from privaudit.io.file_frame import FileFrame

    text = _text(asked)
    for of in _CHATS:
        if of.author not in text or of.message not in text:
            continue
        page = _ChatPage(of)
        page.feed(text)
        page.close()
        rows = [{name: " ".join(cell.split()) for name, cell in row.items()} for row in page.rows]
        if not any(row.get("from") and row.get("text") for row in rows):
            continue
        for row in rows:
            row["date"] = _DAY_FIRST.sub(r"\3-\2-\1T\4", row.get("date", ""))
        shown = ("id", "date", "from", "forwarded_from", "text", "media")
        filled = [name for name in shown if any(row.get(name) for row in rows)]
        cells = [{name: row.get(name, "") for name in filled} for row in rows]
        frame, notes = texts_frame(cells, (), asked.name, asked.who)
        aside = {Note("chat_without_writer"): page.unsigned} if page.unsigned else {}
        return FileFrame(
            frame=frame, name=asked.name, set_aside=aside, notes=(*notes, Note("chat_read"))
        )
    return None


def text_of_page(text: str) -> CollectedText:
    """Return the tables of a page, and its paragraphs outside of them."""
    page = _Page()
    page.feed(text)
    page.close()
    page.take_cards()
    return page.text


def _page(asked: ReadRequest) -> Workbook:
    page = text_of_page(_text(asked))
    return sheets_of(page.tables, page.paragraphs)


def _read_page(asked: ReadRequest) -> FileFrame:
    chat = _chat(asked)
    return document_frame(asked, _page(asked)) if chat is None else chat


def _parts_page(asked: ReadRequest) -> Parts:
    return workbook_parts(asked, _page(asked)) if _chat(asked) is None else Parts(())


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
        if written := " ".join(line.replace("**", "").strip("#>*- \t").split()):
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

    def __init__(self, asked: ReadRequest) -> None:
        self.asked = asked
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
        elif tag == "Data":
            self.kind = values.get("Type", "")

    def end(self, tag: str, text: str) -> None:
        if tag == "Data" and self.in_comment:
            self.sheet.comment(self.row, self.column, text, self.asked)
        elif tag == "Data":
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
    book = _Spreadsheet(asked)
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
    read=_read_page,
    parts=_parts_page,
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
