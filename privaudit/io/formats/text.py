"""CSV and similar text; chats of a telephone, logs of a web server and notes, a line a row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame


# "12/05/2016 à 18:01 - Who: what", "[12/05/2016, 6:01:33 PM] Who: what".
_LINE = re.compile(
    r"[\u200e\u202a]?\[?(\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4})(?:,| à| at)?[ \u00a0\u202f]"
    r"(\d{1,2}[:h.]\d\d(?:[:.]\d\d)?(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?)?)(?:\]| -) ?\u200e?(.*)"
)
_WRITER = re.compile(r"([^:\n]{1,60}): ?(.*)", re.DOTALL)
# What an iPhone writes in the name of the group or of a member, behind a mark of direction.
_OF_APPLICATION = re.compile(
    r"\u200e.*(?:chiffr|encrypted|verschl|cifrad|crittografat|groupe?\b|grupo|gruppo|gruppe"
    r"|ajout|added|quitt|left\b|numéro de téléphone|phone number|security code|code de sécurité)",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"\u200e\S+ (?:absente?|omi[st]\w*|omitted)\b|\u200e?<", re.IGNORECASE)
# NCSA's common and combined formats, as Apache and nginx write them. A virtual host may stand
# before, the addresses for which a proxy asked behind, as nginx has them, and fields of any name.
_QUOTED = r' "((?:[^"\\]|\\.)*)"'
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FORWARDED = r"(?:unknown|[\da-fA-F]*[.:][\w.:]*)"
_REQUEST = re.compile(
    r"(?:(\S+[^\s,]) (?!- ))?((?:\S+, )*\S+) (\S+) (\S+)"
    rf" \[(\d\d)/({'|'.join(_MONTHS)})/(\d{{4}}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]"
    rf"{_QUOTED} (\d{{3}}|-) (\d+|-)(?:{_QUOTED}{_QUOTED})?"
    rf'(?: "(-|{_FORWARDED}(?:, ?{_FORWARDED})*)")?(?: (.*))?'
)
_OF_SERVER = (
    "host", "remote_addr", "ident", "remote_user", "time", "request", "status", "bytes_sent",
    "http_referer", "http_user_agent", "forwarded_for", "rest",
)  # fmt: skip
# So many of the first lines that begin a message make a chat, or that are requests a log.
_LOOKED_AT, _ENOUGH = 40, 2
# Words of a line of notes, and the share of lines of a table that have as many cells.
_WORDS, _ALIKE = 4, 0.8
# Words of the longest line of a note in a file of its own.
_FEW = 3


def is_chat(text: str) -> bool:
    """Return whether a text begins as a chat does.

    Examples
    --------
    >>> is_chat("12/05/2016 à 18:01 - Léa: ok\\n12/05/2016 à 18:02 - Paul: vu\\n")
    True
    >>> is_chat("date;nom\\n12/05/2016;Léa\\n")
    False
    """
    lines = text.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    begun = [line for line in lines if _LINE.match(line)]
    return bool(_LINE.match(lines[0])) and len(begun) >= min(_ENOUGH, len(lines))


def chat_frame(asked: ReadRequest) -> FileFrame:
    """Return the messages: time, author and text."""
    import pandas as pd

    from privaudit.columns.identifiers import is_phone
    from privaudit.io.file_frame import FileFrame

    text, notes = asked.written()
    begun: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        values = _LINE.match(line.rstrip("\r"))
        if values:
            begun.append((f"{values[1]} {values[2]}", [values[3]]))
        elif begun:
            begun[-1][1].append(line.rstrip("\r"))
    rows = [(when, who[1], who[2].strip()) for when, lines in begun
            if (who := _WRITER.fullmatch("\n".join(lines)))
            and not (_OF_APPLICATION.match(who[2]) and not _ATTACHED.match(who[2]))]  # fmt: skip
    if not rows:
        raise asked.error("a message that somebody wrote", f"none in {asked.name}", why="empty")
    frame = pd.DataFrame(rows, columns=["date", "author", "message"], dtype="str")
    frame["message"] = frame["message"].where(frame["message"] != "")
    # Who is in no address book of the telephone is written as a number.
    numbered = frame["author"].map({who: is_phone(who) for who in frame["author"].unique()})
    if numbered.any():
        phones = frame["author"].where(numbered)
        frame = frame.assign(author=frame["author"].mask(numbered)).dropna(axis=1, how="all")
        frame.insert(1, "phone", phones)
    aside = {Note("chat_without_writer"): len(begun) - len(rows)} if len(begun) > len(rows) else {}
    return FileFrame(
        frame=frame, name=asked.name, set_aside=aside, notes=(*notes, Note("chat_read"))
    )


def is_server_log(text: str) -> bool:
    """Return whether a text begins as the log of a web server does.

    Examples
    --------
    >>> line = '192.0.2.7 - - [05/Sep/2016:12:33:10 +0200] "GET / HTTP/1.1" 200 512'
    >>> is_server_log(f"{line}\\n{line}\\n"), is_server_log('a b c [05] "GET" 200 512')
    (True, False)
    """
    lines = text.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    asked = [line for line in lines if _REQUEST.fullmatch(line.rstrip("\r"))]
    return bool(asked[:1] == lines[:1]) and len(asked) >= min(_ENOUGH, len(lines))


def server_log_frame(asked: ReadRequest) -> FileFrame:
    """Return the requests: who asked, when, for what; "-" is a blank."""
    import pandas as pd

    from privaudit.io.file_frame import FileFrame

    text, notes = asked.written()
    lines = [line.rstrip("\r") for line in text.split("\n") if line.strip()]
    asked.charge(0, len(_OF_SERVER) * len(lines))
    rows = []
    for match in filter(None, map(_REQUEST.fullmatch, lines)):
        day, month, year, clock, hours, minutes = match.groups()[4:10]
        at = f"{year}-{_MONTHS.index(month) + 1:02d}-{day}T{clock}{hours}:{minutes}"
        cells = (*match.groups()[:4], at, *match.groups()[10:])
        rows.append([None if cell in ("-", "") else cell for cell in cells])
    frame = pd.DataFrame(rows, columns=list(_OF_SERVER), dtype="str").dropna(axis=1, how="all")
    aside = {Note("text_line"): len(lines) - len(rows)} if len(lines) > len(rows) else {}
    said = Note("server_log_read", lines=len(rows))
    return FileFrame(frame=frame, name=asked.name, set_aside=aside, notes=(*notes, said))


def are_notes(text: str) -> bool:
    """Return whether the lines of a text are notes: words, cut by commas into no columns.

    Examples
    --------
    >>> are_notes("12 rue Haute : vu, malade\\n3 rue Basse : chien dans la cour\\n" * 3)
    True
    >>> are_notes("nom,note\\nRoux,Va à la messe le dimanche\\n" * 3)
    False
    """
    from privaudit.io.csv_dialects import separator_of

    lines = [line for line in text.splitlines()[:-1] if line.strip()][:_LOOKED_AT]
    if len(lines) <= _ENOUGH or len(lines[0].split()) < _WORDS or '"' in text:
        return False
    mark = separator_of("\n".join(lines))
    wide = [line.count(mark) for line in lines]
    words = sum(len(line.split()) >= _WORDS for line in lines)
    alike = max(wide.count(width) for width in {*wide} if width or width == wide[0])
    return 2 * words > len(lines) and max(wide) > 0 and _ALIKE * len(lines) > alike


def notes_frame(asked: ReadRequest) -> FileFrame:
    """Return the lines of notes: no word of the first of them is a header."""
    import pandas as pd

    from privaudit.io.file_frame import FileFrame

    text, notes = asked.written()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    frame = pd.DataFrame({"text": [line for line in lines if line]}, dtype="str")
    note = Note("lines_as_texts", lines=len(frame))
    return FileFrame(frame=frame, name=asked.name, notes=(*notes, note))


def is_one_text(text: str) -> bool:
    """Return whether a whole text is one note: sentences, and no chat, cards, table or list.

    Examples
    --------
    >>> is_one_text("Roux\\n\\nVa à la messe le dimanche\\n"), is_one_text("nom;note\\nRoux;vu\\n")
    (True, False)
    """
    from privaudit.io.csv_dialects import dialect_of, of_fixed_width

    lines = [line for line in text.splitlines() if line.strip()]
    words = [len(line.split()) for line in lines]
    if is_chat(text) or _are_cards(text) or max(words, default=0) < _FEW:
        return False
    if len(lines) == 1 or are_notes(text):
        return True
    if len(lines) > _ENOUGH:
        ends = (line.rstrip().endswith((".", "!", "?", "…")) for line in lines)
        prose = sum(n >= 2 * _WORDS or end for n, end in zip(words, ends, strict=True))
        if 2 * prose <= len(lines) or of_fixed_width(lines):
            return False
    separator = dialect_of("\n".join(lines)).separator
    wide = [line.count(separator) for line in lines]
    return not wide[0] or _ALIKE * len(lines) > wide.count(wide[0])


def _cards_in(text: str) -> tuple[list[tuple[str, str]], int]:
    """Return the labels and values of a text, a line each or more, and the lines above them."""
    from privaudit.io.formats.documents import LABELLED

    pairs, above = list[tuple[str, str]](), 0
    for line in (" ".join(line.split()) for line in text.splitlines()):
        if match := LABELLED.fullmatch(line):
            pairs.append((match[1], match[2]))
        elif pairs and any(map(str.isalnum, line)):
            pairs[-1] = pairs[-1][0], f"{pairs[-1][1]} {line}"
        else:
            above += bool(line) and not pairs
    return pairs, above


def _are_cards(text: str) -> bool:
    """Return whether half of the lines of a text are labels and values of cards.

    Examples
    --------
    >>> _are_cards("Nom : Roux\\nNote : malade\\n" * 3), _are_cards("nom:note\\nRoux:malade\\n" * 3)
    (True, False)
    """
    from privaudit.io.workbooks import sheet_of_cards

    pairs, _ = _cards_in(text)
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return 2 * len(pairs) > lines and sheet_of_cards(pairs) is not None


def _cards_frame(asked: ReadRequest) -> FileFrame:
    from privaudit.io.features import texts_frame
    from privaudit.io.file_frame import FileFrame
    from privaudit.io.workbooks import sheet_of_cards

    text, notes = asked.written()
    pairs, above = _cards_in(text)
    if (sheet := sheet_of_cards(pairs)) is None:
        return notes_frame(asked)
    labels, *rows = sheet.rows.values()
    cards = [{labels[column]: cell for column, cell in row.items()} for row in rows]
    frame, said = texts_frame(cards, (), asked.name, asked.who)
    aside = {Note("text_line"): above} if above else {}
    return FileFrame(frame=frame, name=asked.name, set_aside=aside, notes=(*notes, *said))


# Endings of files that may be a table, or lines of text.
_OF_TEXT = (".txt", ".log")


def _read(asked: ReadRequest) -> FileFrame:
    from privaudit.io.csv_dialects import first_bytes
    from privaudit.io.text_tables import read_text_table

    # A chat that a telephone exports ends in .txt too: its first line is no header.
    raw = first_bytes(asked.path, who=asked.who)
    start = raw.decode("utf-8", "replace").lstrip("\ufeff")
    # A letter may be cut in two at the end.
    start = raw.decode("cp1252", "replace") if "\ufffd" in start[:-4] else start
    if is_chat(start):
        return chat_frame(asked)
    if is_server_log(start):
        return server_log_frame(asked)
    if asked.path.suffix.lower() in _OF_TEXT and _are_cards(start):
        return _cards_frame(asked)
    if asked.path.suffix.lower() in _OF_TEXT and are_notes(start):
        return notes_frame(asked)
    return read_text_table(asked.path, who=asked.who)


READER = Reader(
    word="CSV",
    kind="text",
    endings=(".csv", ".psv", ".tsv", *_OF_TEXT),
    counted=True,
    read=_read,
)
