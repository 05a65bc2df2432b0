"""Mail: recipients of each message, with its time, subject, text and links; tables in its pages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit.columns.headers import kind_of_header, kind_of_record
from privaudit.errors import PrivauditError
from privaudit.io.encodings import codec_of_text
from privaudit.io.features import properties_frame
from privaudit.io.formats.archive import NESTED, file_name, readable
from privaudit.io.formats.har import parts_of_link
from privaudit.io.formats.markup import text_of_page
from privaudit.io.readers import Parts, Reader, ReadRequest, choose_part, read_frame
from privaudit.io.workbooks import Sheet, Workbook, workbook_frame
from privaudit.text.normalise import words
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "mail (mbox)"
# Where a message begins: a line of the box, after a blank one or at the beginning.
_BEGINS = re.compile(rb"(?:\A|\n\r?\n)(?=From [^\n]{1,200}\d{4}[^\n]{0,20}\r?\n)")
_RECIPIENT_HEADERS = {"to": "to", "cc": "cc", "bcc": "bcc"}
# Headers of the delivery, where the others name a list.
_DELIVERED = ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to")
_LINK = re.compile(r"https?://[^\s\"'<>\\)\]]{4,2000}", re.IGNORECASE)
# A part of a link that may identify a person: long, with digits or an e-mail.
_TOKEN = re.compile(r"(?=.*\d)[A-Za-z0-9_\-=%.~+]{8,}|[^/@\s]+(?:@|%40)[^/@\s]+\.[a-z]{2,}", re.I)
# Style and scripts of a page, and its marks.
_STYLE = re.compile(r"<(style|script|head)\b.{0,200000}?</\1>", re.IGNORECASE | re.DOTALL)
_MARK = re.compile(r"</?[a-zA-Z!][^<>]{0,2000}>")
_ROWS = re.compile(r"<tr\b", re.IGNORECASE)
_MOST_PARTS, _LARGEST_TEXT = 100, 2_000_000
# Tables of a box, which leave room for other exhibits; more stay in the texts.
_MOST_TABLES = 20
# Attached files that are texts of their message.
_OF_TEXT = (".txt", ".html", ".htm", ".md", ".eml")


# What the messages are called among the tables of a box.
_MESSAGES = "messages"


@dataclass(eq=False)
class _Box:
    """What is read of a box: a row a recipient of a message, and the tables of pages.

    Parameters
    ----------
    tables : dict of tuple of str to Sheet
        By their headers: tables of several messages that have the same are one.
    files : dict of str to bytes
        Attached files that a reader takes, by their names.
    """

    asked: ReadRequest
    rows: list[dict[str, object]] = field(default_factory=list)
    links: list[set[str]] = field(default_factory=list)
    tables: dict[tuple[str, ...], Sheet] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, raw: bytes) -> None:
        """Read a message; its text stands in the first row of it."""
        try:
            message = BytesParser(policy=compat32).parsebytes(raw)
            values, (plain, pages) = _headers(message), self._texts(message)
            people = _recipients(message)
        except PrivauditError:
            raise
        # Messages deeper in one another than any program writes them; borders that declare a codec
        # which is none: Python's reader of mail passes its error on.
        except (RecursionError, LookupError, ValueError):
            self.counts["message_unreadable"] += 1
            return
        links = "\n".join(link for page in pages for link in _LINK.findall(unescape(page)))
        shown = {*words("\n".join(plain))}
        written = [self._without_tables(page) for page in pages]
        # A page that says what the text beside it says is no second text.
        text = "\n".join([*plain, *(page for page in written if _is_other(page, shown))])
        found = {x.rstrip(".,;:!?") for x in _LINK.findall("\n".join([*plain, links]))}
        self.counts["no_recipient"] += not people
        for place, (address, (by, name)) in enumerate(people):
            named = {"recipient_name": name} if name else {}
            row = {"message_id": number, **values, "recipient": address, **named, "by": by}
            self.rows.append({**row, "text": None if place else _plain(text) or None})
            self.links.append(found)

    def _texts(self, message: Message) -> tuple[list[str], list[str]]:
        """Return the texts of a message and its pages; keep the tables attached to it.

        A text that is attached is one of its texts.
        """
        plain, pages = list[str](), list[str]()
        for number, part in enumerate(message.walk()):
            if number > _MOST_PARTS:
                break
            if part.is_multipart():
                continue
            data, name = part.get_payload(decode=True), _name_of_file(part)
            if not isinstance(data, bytes):
                self.counts["attachments_left"] += 1
            elif readable(name) and not name.lower().endswith(_OF_TEXT) and self.opens:
                own = f"{len(self.files) + 1} {name}" if name in self.files else name
                self.files[own] = data
            elif part.get_content_maintype() != "text":
                self.counts["attachments_left"] += 1
            else:
                text = data[:_LARGEST_TEXT].decode(_encoding(part), "replace")
                (pages if part.get_content_subtype() == "html" else plain).append(text)
        return plain, pages

    @property
    def opens(self) -> bool:
        """Whether attached files are read: not those of a mail that is packed as deep as any is."""
        return self.asked.within < NESTED

    def _without_tables(self, page: str) -> str:
        """Take the tables of records out of a page; return the rest, or the page as it is."""
        if len(_ROWS.findall(page)) < 2:
            return page
        read = text_of_page(page)
        records = []
        for sheet in read.tables:
            if not sheet.rows:
                continue
            top, *below = (sheet.rows[row] for row in sorted(sheet.rows))
            if _is_form(sheet):
                # Each row is a field of one record, its name first.
                labels, values = (
                    {at: row.get(side, "").rstrip(" :") for at, row in enumerate((top, *below))}
                    for side in range(2)
                )
                top, below = labels, [values]
            elif not _holds_records(sheet):
                continue
            names = tuple(top.values())
            if names not in self.tables and len(self.tables) == _MOST_TABLES:
                continue
            records.append(sheet)
            whole = self.tables.setdefault(names, Sheet())
            for row in below if whole.rows else (top, *below):
                whole.rows[len(whole.rows)] = row
        if not records:
            return page
        others = (sheet for sheet in read.tables if sheet not in records)
        rows = (row for sheet in others for row in sheet.rows.values())
        return "\n".join([*read.paragraphs, *(cell for row in rows for cell in row.values())])

    def names(self) -> list[str]:
        """Return the names of what holds something: the messages, tables, attached files."""
        tables = [f"table {at}" for at in range(1, len(self.tables) + 1)]
        return [*[_MESSAGES] * bool(self.rows), *tables, *self.files]

    def frame(self, name: str, asked: ReadRequest) -> FileFrame:
        """Return a table by its name."""
        if name == _MESSAGES:
            return self._messages(asked)
        if name in self.files:
            return self._attached(name, asked)
        sheet = [*self.tables.values()][int(name.removeprefix("table ")) - 1]
        return workbook_frame(replace(asked, sheet=None), Workbook([name], [], lambda _: sheet, []))

    def _attached(self, name: str, asked: ReadRequest) -> FileFrame:
        """Read an attached file as it would be by itself."""
        from privaudit.io.duckdb import spilling

        with spilling() as spill:
            file = Path(spill) / file_name(name)
            with spill.new(file.name) as out:
                out.write(self.files[name])
            read = read_frame(
                file, who=asked.who, gives="table", within=asked.within + 1, most=asked.most,
                decoded=asked.decoded,
            )  # fmt: skip
        return replace(read, name=f"{asked.name}/{read.name}" if not asked.alone else asked.name)

    def _messages(self, asked: ReadRequest) -> FileFrame:
        from privaudit.io.file_frame import FileFrame

        rows, links = self.rows, self.links
        people_of: dict[str, set[object]] = {}
        for row, found in zip(rows, links, strict=True):
            for link in found:
                people_of.setdefault(link, set()).add(row["recipient"])
        for row, found in zip(rows, links, strict=True):
            own = [link for link in found if _has_token(link) and len(people_of[link]) == 1]
            row["links"], row["own_links"] = len(found), len(own)
        frame, notes = properties_frame(rows, (), asked.name, asked.who)
        notes += _notes(rows, links, people_of)
        if files := self.counts["attachments_left"]:
            notes.append(Note("attachments_left", files=files))
        why = ("no_recipient", "message_unreadable")
        aside = {Note(key): self.counts[key] for key in why if self.counts[key]}
        return FileFrame(frame=frame, name=asked.name, notes=tuple(notes), set_aside=aside)


def _is_known(cell: str) -> bool:
    return bool(kind_of_header(cell)[0] or kind_of_record(cell))


def _is_form(sheet: Sheet) -> bool:
    """Return whether a table of a page has a field and its value in each row."""
    rows = [*sheet.rows.values()]
    labels, values = ([row.get(side, "").rstrip(" :") for row in rows] for side in range(2))
    return (
        len(rows) > 1 and all({*row} <= {0, 1} for row in rows) and all(labels)
        and len({*labels}) == len(labels) and 2 * sum(map(_is_known, labels)) >= len(labels)
        and 2 * sum(map(_is_known, values)) < len(values)
    )  # fmt: skip


def _holds_records(sheet: Sheet) -> bool:
    """Return whether a table of a page is one of records, and not of its layout.

    Its first row fills its columns, mostly with headers that are known, and each other row has as
    many cells at most.
    """
    if len(sheet.rows) < 2:
        return False
    top, *below = (sheet.rows[row] for row in sorted(sheet.rows))
    known = sum(map(_is_known, top.values()))
    filled = sum(len(row) for row in below)
    return (
        len(top) > 1 and len({*top.values()}) == len(top)
        and known >= max(2, math.ceil(len(top) / 2))
        and all(row.keys() <= top.keys() for row in below)
        and 2 * filled >= len(top) * len(below)
    )  # fmt: skip


def _box(asked: ReadRequest) -> _Box:
    box = _Box(asked)
    for number, raw in enumerate(_messages(asked.data()), 1):
        box.add(number, raw)
    if not box.names():
        came = f"no message with a recipient in {asked.name}"
        raise asked.error(_WHAT, came, why="empty")
    return box


def _read(asked: ReadRequest) -> FileFrame:
    """Read the messages, or the largest table of them."""
    box = _box(asked)
    names = box.names()
    sizes = [len(box.rows)] * bool(box.rows) + [len(t.rows) - 1 for t in box.tables.values()]
    usual = names[sizes.index(max(sizes)) if sizes else 0]
    chosen, notes, left = choose_part(asked, names, usual, note="layer_read")
    read = box.frame(chosen, asked)
    return replace(read, left=left, notes=(*notes, *read.notes))


def _parts(asked: ReadRequest) -> Parts:
    box = _box(asked)
    names = box.names()

    def frame(number: int, name: str) -> FileFrame:
        return box.frame(names[number - 1], replace(asked, name=name, alone=True))

    return Parts(tuple(enumerate(names, 1)), frame=frame)


def _notes(
    rows: list[dict[str, object]], links: list[set[str]], people_of: dict[str, set[object]]
) -> list[Note]:
    """Return notes on visible lists of recipients and on links of one person."""
    notes = []
    together = Counter(row["message_id"] for row in rows if row["by"] in ("to", "cc"))
    known = sum(n for n in together.values() if n > 1)
    if known:
        messages = sum(n > 1 for n in together.values())
        notes.append(Note("recipients_shown", recipients=known, messages=messages))
    several = len({row["recipient"] for row in rows}) > 1
    own = sum(any(_has_token(x) and len(people_of[x]) == 1 for x in result) for result in links)
    if several and own:
        notes.append(Note("links_of_one", recipients=own, of=len(rows)))
    return notes


def _messages(data: bytes) -> Iterator[bytes]:
    starts = [result.end() for result in _BEGINS.finditer(data)]
    if not starts or starts[0] != 0:
        # A single message, as a mail program saves it.
        starts = [0, *starts]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        raw = data[start:end]
        yield raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def _header(message: Message, name: str) -> str:
    """Return a header as text, on one line."""
    return _decoded(message.get(name, ""))


def _decoded(value: object) -> str:
    try:
        return " ".join(str(make_header(decode_header(str(value)))).split())
    except (ValueError, LookupError, UnicodeError, MessageError):
        return " ".join(str(value).split())


def _name_of_file(part: Message) -> str:
    """Return the name of an attached file; "" where it declares an unknown codec."""
    try:
        return _decoded(part.get_filename(""))
    except (ValueError, LookupError):
        return ""


def _headers(message: Message) -> dict[str, object]:
    values: dict[str, object] = {}
    try:
        at = parsedate_to_datetime(str(message.get("date", "")))
        at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
        values["date"] = at.isoformat(timespec="seconds")
    except (ValueError, TypeError, OverflowError, IndexError):
        values["date"] = None
    values["subject"] = _header(message, "subject") or None
    sender = _people([str(message.get("from", ""))])
    values["sender"] = sender[0][1] if sender else None
    return values | ({"sender_name": sender[0][0]} if sender and sender[0][0] else {})


def _people(values: list[str]) -> list[tuple[str, str]]:
    """Return the name, "" where there is none but the address, and the address of each person."""
    people = [(_decoded(name), address.lower()) for name, address in getaddresses(values)]
    return [("" if "@" in name else name, address) for name, address in people if "@" in address]


def _recipients(message: Message) -> list[tuple[str, tuple[str, str]]]:
    """Return each address that a message went to, once, how it is named, and the person's name."""
    result: dict[str, tuple[str, str]] = {}
    for name, by in _RECIPIENT_HEADERS.items():
        values = [" ".join(str(v).split()) for v in message.get_all(name, [])][:_MOST_PARTS]
        for person, address in _people(values):
            result.setdefault(address, (by, person))
    if not result:
        for name in _DELIVERED:
            address = _header(message, name).strip("<> ").lower()
            if "@" in address:
                result.setdefault(address, ("handed", ""))
    return list(result.items())


def _is_other(page: str, shown: Set[str]) -> bool:
    """Return whether most words of a page are not among those that are shown beside it."""
    own = words(_plain(page))
    return 2 * sum(word not in shown for word in own) > len(own)


def _encoding(part: Message) -> str:
    """Return the encoding that a part declares; UTF-8 where that is unknown."""
    return codec_of_text(part.get_content_charset("utf-8")) or "utf-8"


def _plain(text: str) -> str:
    """Return a text without the marks and the style of a page, on one line."""
    text = _STYLE.sub(" ", text) if "<" in text else text
    text = _MARK.sub(" ", text) if "<" in text else text
    return " ".join(unescape(text).split())


def _has_token(link: str) -> bool:
    """Return whether a part of a link may identify one person."""
    pieces, query = parts_of_link(link)
    return any(_TOKEN.fullmatch(item) for item in [*pieces, *(value for _, value in query)])


READER = Reader(
    word="mbox",
    kind="text",
    endings=(".mbox", ".mbx", ".eml", ".mht", ".mhtml"),
    signs=(b"\nDelivered-To:", b"\nMIME-Version:", b"\nMessage-ID:", b"\nReturn-Path:"),
    gives=("table", "traces"),
    read=_read,
    parts=_parts,
)
