"""mbox: recipients of each message, with its time, subject, text and links."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape
from typing import TYPE_CHECKING

from privaudit.io.features import properties_frame
from privaudit.io.files import Reader, ReadRequest
from privaudit.io.formats.har import parts_of_link
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
_MOST_PARTS, _LARGEST_TEXT = 100, 2_000_000


def _read(asked: ReadRequest) -> FileFrame:
    """Read one row for each recipient of each message; its text stands in the first of them."""
    from privaudit.io.file_frame import FileFrame

    rows, without, unread, attached = list[dict[str, object]](), 0, 0, 0
    links: list[set[str]] = []
    for number, raw in enumerate(_messages(asked.data()), 1):
        try:
            message = BytesParser(policy=compat32).parsebytes(raw)
            values, (text, files) = _headers(message), _text(message)
            people = _recipients(message)
        except RecursionError:  # messages within messages, deeper than any program writes them
            unread += 1
            continue
        attached += files
        result = {link.rstrip(".,;:!?") for link in _LINK.findall(text)}
        without += not people
        for place, (address, (by, name)) in enumerate(people):
            named = {"recipient_name": name} if name else {}
            row = {"message_id": number, **values, "recipient": address, **named, "by": by}
            rows.append({**row, "text": None if place else _plain(text) or None})
            links.append(result)
    if not rows:
        came = f"no message with a recipient in {asked.name}"
        raise asked.error(_WHAT, came, why="empty")
    people_of: dict[str, set[object]] = {}
    for row, result in zip(rows, links, strict=True):
        for link in result:
            people_of.setdefault(link, set()).add(row["recipient"])
    for row, result in zip(rows, links, strict=True):
        own = [link for link in result if _has_token(link) and len(people_of[link]) == 1]
        row["links"], row["own_links"] = len(result), len(own)
    frame, notes = properties_frame(rows, (), asked.name, asked.who)
    notes += _notes(rows, links, people_of)
    notes += [Note("attachments_left", files=attached)] if attached else []
    counts = {"no_recipient": without, "message_unreadable": unread}
    aside = {Note(key): n for key, n in counts.items() if n}
    return FileFrame(frame=frame, name=asked.name, notes=tuple(notes), set_aside=aside)


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


def _text(message: Message) -> tuple[str, int]:
    """Return the texts of a message, a page only where there is no other, and its attached files.

    A text that is attached is one of its texts.
    """
    plain, pages, files = list[str](), list[str](), 0
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            break
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        if part.get_content_maintype() != "text" or not isinstance(data, bytes):
            files += 1
            continue
        text = data[:_LARGEST_TEXT].decode(_encoding(part), "replace")
        (pages if part.get_content_subtype() == "html" else plain).append(text)
    links = "\n".join(link for page in pages for link in _LINK.findall(unescape(page)))
    return "\n".join([*plain, links] if plain else pages), files


def _encoding(part: Message) -> str:
    """Return the encoding that a part declares; UTF-8 where it is none that is known."""
    try:
        return codecs.lookup(part.get_content_charset("utf-8")).name
    except (LookupError, ValueError):
        return "utf-8"


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
    endings=(".mbox", ".mbx", ".eml"),
    signs=(b"\nDelivered-To:", b"\nMIME-Version:", b"\nMessage-ID:", b"\nReturn-Path:"),
    gives=("table", "traces"),
    read=_read,
)
