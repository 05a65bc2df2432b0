"""vCard, calendars, LDIF: a row a card, an event or an entry (RFC 6350, 5545, 2849).

The address books of telephones have the same columns."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from privaudit.io.encodings import codec_of_text
from privaudit.io.features import texts_frame
from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "contacts (vCard)"
# Properties, and what their column is called; the parts of a name and of an address.
_COLUMNS = {
    "FN": "name", "TEL": "phone", "EMAIL": "email", "BDAY": "birth_date", "NOTE": "note",
    "ORG": "organisation", "TITLE": "job_title", "ROLE": "job_role", "CATEGORIES": "categories",
    "NICKNAME": "nickname", "GENDER": "gender", "UID": "uid", "REV": "updated_at", "URL": "url",
    "IMPP": "account", "RELATED": "related", "GEO": "position", "DESCRIPTION": "note",
    "COMMENT": "comment", "LOCATION": "address", "DTSTART": "date", "DTSTAMP": "created_at",
    "ATTENDEE": "email", "ORGANIZER": "organizer", "CONTACT": "contact_name",
}  # fmt: skip
_PARTS = {
    "N": ("family_name", "given_name", "additional_name", "prefix", "suffix"),
    "ADR": ("po_box", "address_extension", "address", "city", "region", "postal_code", "country"),
}
_BEGINS = re.compile(r"BEGIN:(?:VCARD|VEVENT|VTODO|VJOURNAL)\s*", re.IGNORECASE)
_CALENDAR = re.compile(r"BEGIN:VCALENDAR|(?:BEGIN|END):V", re.IGNORECASE)
# Who is invited, or invites: their name, and a link to their mail.
_INVITED = re.compile(r'CN=(?:"([^"]*)"|([^;:]*))', re.IGNORECASE)
_MAILTO = re.compile(r"(?i)mailto:")
_NOT_CELLS = ("PHOTO", "LOGO", "SOUND", "KEY", "VERSION", "PRODID", "BEGIN", "END")
_SOFT = re.compile(r"QUOTED-PRINTABLE[^\n]*=\n(?:[^\n]*=\n)*[^\n]*", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_MOST_SAME = 5


def _read(asked: ReadRequest) -> FileFrame:
    from privaudit.io.file_frame import FileFrame

    rows: list[dict[str, str]] = []
    left_out = unread = 0
    inside = True
    text = asked.data().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    for line in _unfolded(text):
        name, parameters, value = _split(line)
        if _BEGINS.match(line):
            rows.append({})
            inside = True
        elif _CALENDAR.match(line):
            # Zones of time, alarms and the calendar itself are no records.
            inside = inside and line.upper().startswith("END:VALARM")
        elif not inside:
            continue
        elif not name or not rows:
            unread += bool(line.strip())
        elif name in _NOT_CELLS:
            left_out += name in _NOT_CELLS[:4]
        else:
            left_out += not _store(rows[-1], name, _MAILTO.sub("", _decoded(parameters, value)))
            if (named := _INVITED.search(parameters)) and name in ("ATTENDEE", "ORGANIZER"):
                left_out += not _store(rows[-1], "CONTACT", named[1] or named[2])
    if not any(rows):
        raise asked.error(_WHAT, f"no card with a property in {asked.name}", why="empty")
    frame, notes = texts_frame(rows, (), asked.name, asked.who)
    if left_out:
        notes.append(Note("cards_left_out", n=left_out))
    aside = {Note("line_unreadable"): unread} if unread else {}
    return FileFrame(frame=frame, name=asked.name, notes=tuple(notes), set_aside=aside)


# Kinds of values in the address book of an Android telephone, and the columns of their parts, by
# the number of each; of Apple's, by the number of the property.
_OF_ANDROID = {
    "name": {1: "name", 2: "given_name", 3: "family_name"}, "phone_v2": {1: "phone"},
    "email_v2": {1: "email"}, "note": {1: "note"}, "nickname": {1: "nickname"},
    "organization": {1: "organisation", 4: "job_title"}, "website": {1: "url"},
    "postal-address_v2": {4: "address", 7: "city", 9: "postal_code", 10: "country"},
    "im": {1: "account"}, "relation": {1: "related"}, "group_membership": {}, "photo": {},
}  # fmt: skip
_BIRTHDAY = "3"
_OF_APPLE = {3: "phone", 4: "email", 13: "account", 22: "url", 23: "related", 46: "account"}
_OF_AN_ADDRESS = {"street": "address", "city": "city", "zip": "postal_code", "country": "country"}


def android_contact(entries: Iterable[tuple[str, Sequence[object]]]) -> dict[str, str]:
    """Put the values of one person of an Android telephone together.

    Parameters
    ----------
    entries : iterable of (str, sequence)
        The kind of each value, as the telephone calls it, and its parts ``data1``, ``data2``, ...

    Examples
    --------
    >>> kind = "vnd.android.cursor.item/"
    >>> android_contact([(f"{kind}phone_v2", ["06", "2"]), (f"{kind}phone_v2", ["01", "1"]),
    ...     (f"{kind}contact_event", ["1980-05-02", "3"])])
    {'phone': '06', 'phone_2': '01', 'birth_date': '1980-05-02'}
    """
    row: dict[str, str] = {}
    for called, parts in entries:
        kind = called.rpartition("/")[2]
        texts = ["" if part is None or isinstance(part, bytes) else str(part) for part in parts]
        columns = _OF_ANDROID.get(kind, {1: kind})
        if kind == "contact_event":
            columns = {1: "birth_date" if texts[1:2] == [_BIRTHDAY] else "date"}
        if columns.get(4) == "address" and not any(texts[3:]):
            columns = {1: "address"}
        _add(row, {column: texts[at - 1] for at, column in columns.items() if at <= len(texts)})
    return row


def apple_contact(
    values: Iterable[tuple[int, object]], parts: Iterable[tuple[str, object]]
) -> dict[str, str]:
    """Put the values of one person of an Apple telephone together: by property, and of addresses.

    Examples
    --------
    >>> apple_contact([(3, "06"), (4, "a@b.fr"), (5, None)], [("City", "Brest")])
    {'phone': '06', 'email': 'a@b.fr', 'city': 'Brest'}
    """
    row: dict[str, str] = {}
    for number, value in values:
        if number in _OF_APPLE and isinstance(value, str):
            _add(row, {_OF_APPLE[number]: value})
    for part, value in parts:
        if (column := _OF_AN_ADDRESS.get(part.lower())) and isinstance(value, str):
            _add(row, {column: value})
    return row


def _add(row: dict[str, str], named: Mapping[str, str]) -> bool:
    """Add the columns of a property unless as many are there; the second has a number.

    Return whether they were added.
    """
    for at in range(1, _MOST_SAME + 1):
        mark = "" if at == 1 else f"_{at}"
        if not any(f"{column}{mark}" in row for column in named):
            row.update({f"{column}{mark}": text for column, text in named.items() if text})
            return True
    return False


def _unfolded(text: str) -> list[str]:
    """Return the lines of a text, those put together that were cut for their length."""
    # A line of version 2.1 goes on after a sign of its own.
    text = _SOFT.sub(lambda match: match[0].replace("=\n", ""), text)
    return re.sub(r"\n[ \t]", "", text).split("\n")


def _split(line: str) -> tuple[str, str, str]:
    """Return the property of a line, its parameters and its value: "item1.TEL;TYPE=CELL:+33 6"."""
    head, colon, value = line.partition(":")
    while colon and head.count('"') % 2:
        # A colon within quotes is part of a parameter.
        more, colon, value = value.partition(":")
        head = f"{head}:{more}"
    name, _, parameters = head.partition(";")
    name = name.rpartition(".")[2].strip().upper()
    plain = bool(colon) and name.replace("-", "").isalnum()
    return (name if plain else "", parameters, value)


_CHARSET = re.compile(r"CHARSET=\"?([\w.:-]+)", re.IGNORECASE)


def _decoded(parameters: str, value: str) -> str:
    """Return a value as text; Outlook writes it in the letters of its Windows, which it names."""
    if "QUOTED-PRINTABLE" not in parameters.upper():
        return value
    data, named = quopri.decodestring(value.encode("utf-8", "replace")), _CHARSET.search(parameters)
    for charset in (codec_of_text(named[1]) if named else "", "utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            if charset:
                return data.decode(charset)
    return data.decode("utf-8", "replace")


def _store(row: dict[str, str], name: str, value: str) -> bool:
    """Store a property, unless as many are there; one that is more than once has a number."""
    column = _COLUMNS.get(name, name.lower().removeprefix("x-"))
    named = {column: value}
    if name in _PARTS:
        named = dict(zip(_PARTS[name], re.split(r"(?<!\\);", value), strict=False))
    return _add(row, {
        column: _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], part).strip()
        for column, part in named.items()
    })  # fmt: skip


# Attributes of an address book in a directory (RFC 4519), and what their column is called.
_OF_DIRECTORY = {
    "cn": "name", "displayname": "name", "givenname": "given_name", "sn": "family_name",
    "mail": "email", "mozillasecondemail": "email", "mobile": "phone", "telephonenumber": "phone",
    "homephone": "phone", "description": "note", "mozillahomestreet": "address",
    "street": "address", "streetaddress": "address", "l": "city", "mozillahomelocalityname": "city",
    "postalcode": "postal_code", "mozillahomepostalcode": "postal_code", "title": "job_title",
    "o": "organisation", "userpassword": "password",
}  # fmt: skip
_NOT_ENTRIES = ("version", "objectclass", "search", "result", "control", "changetype")


def _read_ldif(asked: ReadRequest) -> FileFrame:
    """Read the entries of a directory; photographs are left out, and changes are not read."""
    from privaudit.io.file_frame import FileFrame

    rows: list[dict[str, str]] = []
    left_out = unread = 0
    text, notes = asked.written()
    text = re.sub(r"\n ", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    for block in re.split(r"\n{2,}", text):
        row: dict[str, str] = {}
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if any(re.match("changetype:(?! *add *$)", line.lower()) for line in lines):
            unread += len(lines)
            continue
        for line in lines:
            head, colon, value = line.partition(":")
            name = head.partition(";")[0].strip().lower()
            if not colon or not name:
                unread += 1
            elif name not in _NOT_ENTRIES:
                plain = _of_directory(value)
                added = plain is not None and _add(row, {_OF_DIRECTORY.get(name, name): plain})
                left_out += not added
        # Where an entry stands repeats its name and mail.
        called = row.pop("dn", "")
        if called and not {"name", "email"} & {*row}:
            row["name"] = called
        rows += [row] * bool(row)
    if not rows:
        needed = "contacts of a directory (LDIF)"
        raise asked.error(needed, f"no entry in {asked.name}", why="empty")
    frame, more = texts_frame(rows, (), asked.name, asked.who)
    notes += [*more, *([Note("cards_left_out", n=left_out)] if left_out else [])]
    aside = {Note("line_unreadable"): unread} if unread else {}
    return FileFrame(frame=frame, name=asked.name, notes=tuple(notes), set_aside=aside)


def _of_directory(value: str) -> str | None:
    """Return a value as text, written as it is or in base64; None of bytes, and of a link."""
    if value.startswith("<"):
        return None
    if not value.startswith(":"):
        return value.strip()
    with suppress(ValueError):
        return base64.b64decode(value[1:].strip(), validate=True).decode("utf-8")
    return None


LDIF_READER = Reader(
    word="LDIF",
    kind="text",
    endings=(".ldif", ".ldi"),
    gives=("table",),
    read=_read_ldif,
)
READER = Reader(
    word="vCard",
    kind="text",
    endings=(".vcf", ".vcard", ".ics", ".ical"),
    gives=("table",),
    signs=(b"BEGIN:VCARD", b"begin:vcard", b"BEGIN:VCALENDAR"),
    read=_read,
)
