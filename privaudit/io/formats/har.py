"""HAR (HTTP archive), recorded by a browser: the records that an application sent.

A recording holds answers, pages and scripts, not the screen. A field is counted as shown
where its values stand in a page, as used where a script names it."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from privaudit.io.features import flattened, json_of, lists_of
from privaudit.io.formats.geojson import records_or_features
from privaudit.io.readers import Reader, ReadRequest, choose_part
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame, Recorded, SentValue
    from privaudit.io.legends import Legend

_WHAT = "a browser's recording (HAR)"
_NUMBER = re.compile(r"\d{1,12}")
_NAMED = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24,}", re.IGNORECASE)
# Columns that number records, the likeliest first.
_IDS = ("id", "_id", "uid", "pk", "person_id", "user_id", "uuid", "properties.id")
# Of a field, so many values are looked for; a shorter one stands in any page.
_VALUES, _LONG = 40, 4
_MOST_TEXT = 50_000_000


_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.I | re.S
)
_MOST_PIECES = 200


def parts_of_link(link: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the pieces of a path, that behind "#" last, and the names and values of a query.

    Examples
    --------
    >>> parts_of_link("https://t.example/c/aZ3?u=1&v#top")
    (['', 'c', 'aZ3', 'top'], [('u', '1'), ('v', '')])
    """
    match = _LINK.match(link)
    if match is None:
        return [], []
    path, query, mark = (part or "" for part in match.groups())
    pieces = path.split("/")[:_MOST_PIECES] + ([mark] if mark else [])
    named = [item.partition("=") for item in query.split("&")[:_MOST_PIECES] if item]
    return pieces, [(name, value) for name, _, value in named]


@dataclass(eq=False)
class _Address:
    """Requests of one URL pattern, such as ``/people/{id}``."""

    records: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    numbers: set[int] = field(default_factory=set)


@dataclass(eq=False)
class _Recording:
    """Content of a recording: records by URL pattern, pages and scripts as text."""

    addresses: dict[str, _Address] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    legends: list[Legend] = field(default_factory=list)
    unread: int = 0
    left: int = _MOST_TEXT


def is_recording(document: Any) -> bool:
    """Return whether JSON is a recording."""
    log = document.get("log") if isinstance(document, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def _read(asked: ReadRequest) -> FileFrame:
    document = json_of(asked, _WHAT)
    if not is_recording(document):
        raise asked.other_kind(_WHAT, "Save the recording again.")
    return recording_frame(document, asked)


def recording_frame(document: dict[str, Any], asked: ReadRequest) -> FileFrame:
    """Return the records that one address of an application sent, by default that of the most.

    Of a recording without any, what requests carried, a value a row.
    """
    result = _Recording()
    for entry in document["log"]["entries"]:
        if isinstance(entry, dict):
            _collect(entry, result, asked)
    filled = {k: item for k, item in result.addresses.items() if item.records}
    if not filled:
        return _carried_frame(document["log"], asked)
    largest = max(filled, key=lambda k: len(filled[k].records))
    chosen, notes, left = choose_part(asked, list(filled), largest, note="answers_read")
    item = filled[chosen]
    records, again = _without_repeats(item.records)
    sent, shown, used, nowhere = _field_use(records, result)
    numbered, ids, span = _id_span(records)
    by_number, numbers = _enumerable(result.addresses)
    from privaudit.io.file_frame import Recorded
    from privaudit.io.legends import decoded_by

    recorded = Recorded(
        records=len(records), requests=item.requests, again=again, fields=sent, shown=shown,
        used=used, ids=ids, span=span, addresses=by_number, asked=numbers,
    )  # fmt: skip
    values = (
        *notes,
        *_notes(recorded, nowhere if result.pages or result.scripts else (), numbered),
        *((Note("answers_unread", answers=result.unread),) if result.unread else ()),
    )
    read = decoded_by(records_or_features(records, asked), result.legends)
    values_sent, hosts, unread = sent_to_others(document["log"])
    return replace(
        read, notes=(*values, *read.notes), recorded=recorded, left=left, sent=values_sent,
        asked_hosts=hosts, unread_hosts=unread,
    )  # fmt: skip


def _carried_frame(log: dict[str, Any], asked: ReadRequest) -> FileFrame:
    """Return what requests carried, of a recording without records: a value a row."""
    import pandas as pd

    from privaudit.io.file_frame import FileFrame, Recorded

    requests = [(host, one) for one in _requests(log) if (host := _host(one.get("url")))]
    if not requests:
        came = f"no request and no answer with records in {asked.name}"
        raise asked.error(_WHAT, came, "Record it with the bodies of answers.", why="empty")
    rows = [
        (host, where, name, value[:_MOST_VALUE])
        for host, one in requests for where, name, value in _body_read(one)[0] or [("", "", "")]
    ][:_MOST_SENT]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["sent_to", "in", "parameter", "value"], dtype="str")
    frame = frame.where(frame != "")
    sent, hosts, unread = sent_to_others(log)
    recorded = Recorded(records=0, requests=len(requests), again=0, fields=0, shown=0, used=0)
    most = tuple(host for host, _ in Counter(hosts).most_common(_HOSTS))
    notes = (
        Note("recording_without_records", requests=len(requests)),
        *((Note("recording_hosts", hosts=most),) if most else ()),
    )
    return FileFrame(
        frame=frame, name=asked.name, notes=notes, recorded=recorded, sent=sent,
        asked_hosts=hosts, unread_hosts=unread,
    )  # fmt: skip


# Values of all requests, and letters of each, that are read.
_MOST_SENT, _MOST_VALUE, _HOSTS = 200_000, 4_000, 12
# Headers that say nothing of a person.
_PLAIN_HEADERS = re.compile(
    r"accept.*|cache-.*|connection|content-.*|dnt|host|if-.*|pragma|priority|sec-.*|te|upgrade.*"
    r"|user-agent|:.*",
    re.IGNORECASE,
)
# Second levels below which a domain has three parts, as in gouv.fr and co.uk.
_SHARED = frozenset(["ac", "asso", "co", "com", "edu", "gob", "gouv", "gov", "net", "nom", "org"])


def sent_to_others(
    log: dict[str, Any],
) -> tuple[tuple[SentValue, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what requests carried to hosts of another domain than the application's.

    The application's domain is that of the first page of the recording.

    Returns
    -------
    sent : tuple of SentValue
    hosts : tuple of str
        The host of each request to another domain.
    unread : tuple of str
        The host of each of them whose body or values were not read, or not to their end.
    """
    from privaudit.io.file_frame import SentValue

    requests = _requests(log)
    entries = [one for one in log["entries"] if isinstance(one, dict)]
    hosts = [_host(request.get("url")) for request in requests]
    own = _domain(_first_host(log, entries) or next(filter(None, hosts), ""))
    sent, asked, unread = list[SentValue](), list[str](), list[str]()
    for number, (host, request) in enumerate(zip(hosts, requests, strict=True)):
        if not host or _domain(host) == own:
            continue
        asked.append(host)
        carried, not_read = _body_read(request)
        carried = [one for one in carried if one[2]]
        left = _MOST_SENT - len(sent)
        cut = len(carried) > left or any(len(value) > _MOST_VALUE for *_, value in carried)
        unread += [host] * (not_read or cut)
        sent += [
            SentValue(host=host, request=number, where=where, name=name, value=value[:_MOST_VALUE])
            for where, name, value in carried[:left]
        ]
    return tuple(sent), tuple(asked), tuple(unread)


def _requests(log: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the requests of a recording, with the messages that a socket sent."""
    result = []
    for one in log["entries"]:
        request = _of(one, "request")
        if isinstance(request, dict):
            result.append({**request, _SOCKET: _of(one, _SOCKET)})
    return result


def _first_host(log: dict[str, Any], entries: Sequence[dict[str, Any]]) -> str:
    """Return the host of the first page."""
    pages = log.get("pages")
    links = [_of(one, "title") for one in pages] if isinstance(pages, list) else []
    for entry in entries:
        kind = _of(_of(_of(entry, "response"), "content"), "mimeType")
        if "html" in str(kind).lower():
            links.append(_of(_of(entry, "request"), "url"))
            break
    return next(filter(None, map(_host, links)), "")


def _of(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:@\[\]]+)", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def _host(url: Any) -> str:
    match = _HOST.match(str(url)[:_MOST_VALUE])
    return match[1].lower() if match else ""


def _decoded(text: str) -> str:
    """Return a part of a link as it was before it was escaped.

    Examples
    --------
    >>> _decoded("zo%C3%A9+petit%40exemple.fr")
    'zoé petit@exemple.fr'
    """
    return _ESCAPED.sub(_bytes_of, text.replace("+", " "))


def _bytes_of(escaped: re.Match[str]) -> str:
    return bytes.fromhex(escaped[0].replace("%", "")).decode("utf-8", "replace")


def _domain(host: str) -> str:
    """Return the domain of a host, without what stands before it.

    Examples
    --------
    >>> _domain("api.app.example"), _domain("www.x.co.uk"), _domain("x.fr")
    ('app.example', 'x.co.uk', 'x.fr')
    """
    parts = host.split(".")
    if parts[-1].isdecimal():
        return host
    three = len(parts) > 2 and parts[-2] in _SHARED and len(parts[-1]) == 2
    return ".".join(parts[-3:] if three else parts[-2:])


def _body_read(request: dict[str, Any]) -> tuple[list[tuple[str, str, str]], bool]:
    """Return where each value of a request stands, its name and the value, decoded.

    And whether a body could not be read, or not all of it: bytes in a form of their own.
    """
    link = str(request.get("url", ""))[:_MOST_TEXT]
    carried = [("url", name, value) for name, value in _of_link(link)]
    bodies = [request.get("postData"), *_messages(request, "send")]
    read = [_of_body(body) for body in bodies if isinstance(body, dict)]
    carried += [("body", name, value) for pairs, _ in read for name, value in pairs]
    carried += _of_headers(request)
    return carried, any(unread for _, unread in read)


def _messages(holder: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """Yield the messages of a socket of a kind, each as a body."""
    every = holder.get(_SOCKET)
    for one in every if isinstance(every, list) else []:
        if _of(one, "type") == kind and isinstance(_of(one, "data"), str):
            yield {"text": one["data"], "encoding": "base64" if _of(one, "opcode") == 2 else ""}


_SOCKET = "_webSocketMessages"
# Forms of a body that are no text.
_OF_BYTES = re.compile(r"protobuf|grpc|msgpack|cbor|thrift|octet-stream")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_TOKEN = re.compile(r"[\w-]{10,}\.([\w-]{16,})\.[\w-]{10,}", re.ASCII)
_RUN = re.compile(r"[ -~\u00a1-\u024f]{6,}")
_PART_NAME = re.compile(r'name="([^"\r\n]{0,200})"(?:; *filename="([^"\r\n]*)")?')
# Control characters of a text that is one, as a share.
_CONTROLS = 0.01


def _of_body(body: dict[str, Any]) -> tuple[list[tuple[str, str]], bool]:
    """Return the named values of a body, and whether it could not be read."""
    pairs = _named_values(body.get("params"))
    text = body.get("text")
    if pairs or not isinstance(text, str) or not text:
        return pairs, False
    cut, kind = len(text) > _MOST_TEXT, str(body.get("mimeType", "")).lower()
    text = text[:_MOST_TEXT]
    if "base64" in (body.get("encoding"), body.get("_encoding")):
        text, packed = _text_of_bytes(_bytes_of_base64(text) or b"")
        cut |= packed
    if "multipart/" in kind or text.startswith("--"):
        pairs, unread = _of_form(text)
        return pairs, unread or cut
    if _OF_BYTES.search(kind) or not _is_written(text):
        # What can be read in it is; there is more.
        return [("", run) for run in _RUN.findall(text)], True
    return list(_of_text(text)), cut


def _of_form(text: str) -> tuple[list[tuple[str, str]], bool]:
    """Return the named values of a form of several parts; a file in it is read where it is text."""
    pairs, unread = list[tuple[str, str]](), False
    for part in text.split(text.partition("\n")[0].strip() or "--")[1:]:
        head, _, value = part.replace("\r\n", "\n").partition("\n\n")
        match, value = _PART_NAME.search(head), value.strip("\n")
        if match is None or not value:
            continue
        if not _is_written(value):
            unread = True
        elif match[2] is None:
            pairs += _of_value(match[1], value)
        else:
            pairs += _of_text(value)
    return pairs, unread


def _is_written(text: str) -> bool:
    """Return whether a text has few control or undecoded characters."""
    odd = sum((c < " " and c not in "\t\r\n") or c == "\ufffd" for c in text)
    return odd <= _CONTROLS * len(text)


def _bytes_of_base64(text: str) -> bytes | None:
    """Decode base64 of either alphabet; None where it is not base64."""
    plain = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    with suppress(ValueError):
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    return None


def _text_of_bytes(data: bytes) -> tuple[str, bool]:
    """Return bytes as text, unpacked where they are packed, and whether they unpack to more.

    What is no text is marked in it.
    """
    cut = False
    if data[:2] == b"\x1f\x8b" or data[:1] == b"\x78":
        with suppress(zlib.error):
            most = min(_MOST_TEXT, max(1_000_000, 100 * len(data)))
            opened = zlib.decompressobj(zlib.MAX_WBITS | 32)
            data = opened.decompress(data, most)
            cut = bool(opened.unconsumed_tail)
    return data.decode("utf-8", "replace"), cut


def _opened(value: str) -> str:
    """Return the text that a value is base64 of, or the middle of a token; "" of another value."""
    token = _TOKEN.fullmatch(value)
    packed = token[1] if token else value
    data = _bytes_of_base64(packed) if _BASE64.fullmatch(packed) else None
    text = _text_of_bytes(data)[0] if data else ""
    fine = text.isprintable() or (text[:1] in ("{", "[") and _is_written(text))
    return text if fine and "\ufffd" not in text else ""


def _of_headers(request: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the values of headers and cookies that may say who somebody is."""
    for name, value in _named_values(request.get("headers")):
        if name.lower() == "cookie":
            for pair in value.split(";"):
                key, _, held = pair.strip().partition("=")
                yield from (("header", k, v) for k, v in _of_value(key, _decoded(held)))
        elif name.lower() in ("referer", "origin"):
            for key, held in _of_link(value):
                yield "header", key, held
        elif not _PLAIN_HEADERS.fullmatch(name):
            yield "header", name.lower().removeprefix("x-").replace("-", "_"), value


def _named_values(pairs: Any) -> list[tuple[str, str]]:
    """Return the names and values of a list of a recording."""
    every = pairs if isinstance(pairs, list) else []
    return [
        (_decoded(str(one["name"])), _decoded(str(one["value"])))
        for one in every if isinstance(one, dict) and "name" in one and "value" in one
    ]  # fmt: skip


def _of_link(link: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces and the named values of a link, and of a link in one of these."""
    pieces, query = parts_of_link(link)
    for piece in pieces:
        if piece:
            yield "", _decoded(piece)
    for name, value in query:
        yield from _of_value(_decoded(name), _decoded(value))


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    """Yield the named values of a body: JSON, lines of it, a form, base64 of these, or one text."""
    text = _opened(text.strip()) or text
    if text.lstrip()[:1] in ("{", "["):
        lines = text.strip().split("\n") if "}\n{" in text.replace("\r", "") else [text]
        for line in lines:
            yield from _of_value("", line)
    elif "=" in text and not any(map(str.isspace, text)):
        for name, value in parts_of_link(f"?{text}")[1]:
            yield from _of_value(_decoded(name), _decoded(value))
    else:
        yield "", text


def _of_value(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield a value; of JSON, its leaves by their fields; of a link, its own values."""
    value = _opened(value) or value
    if value.lstrip()[:1] in ("{", "["):
        try:
            yield from _leaves(name, json.loads(value))
        except (ValueError, RecursionError):
            yield name, value
    elif "://" in value[:12] and "?" in value:
        pieces, query = parts_of_link(value)
        yield from ((key, _decoded(held)) for key, held in query)
        yield from (("", _decoded(piece)) for piece in pieces if piece)
    else:
        yield name, value


def _leaves(name: str, node: Any) -> Iterator[tuple[str, str]]:
    left = [(name, node)]
    while left:
        name, node = left.pop()
        if isinstance(node, dict):
            left += [(str(key), inner) for key, inner in node.items()]
        elif isinstance(node, list):
            left += [(name, inner) for inner in node]
        elif node is not None and not isinstance(node, bool):
            yield name, _opened(str(node)) or str(node)


def _notes(recorded: Recorded, nowhere: Sequence[str], numbered: str) -> Iterator[Note]:
    """Return what was received, and what could be asked for."""
    item = recorded
    yield Note("recording_received", records=item.records, requests=item.requests, again=item.again)
    yield Note("recording_fields", fields=item.fields, shown=item.shown, used=item.used)
    if nowhere:
        yield Note("recording_unused", columns=tuple(nowhere[:12]), fields=len(nowhere))
    if item.span:
        yield Note("recording_ids", column=numbered, ids=item.ids, span=item.span)
    if item.addresses:
        yield Note("recording_addresses", addresses=item.addresses, numbers=item.asked)


def _collect(entry: dict[str, Any], recording: _Recording, asked: ReadRequest) -> None:
    """Collect the content of an answer: records, a page, or a script."""
    request, response = entry.get("request"), entry.get("response")
    if not (isinstance(request, dict) and isinstance(response, dict)):
        return
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    text = content.get("text")
    kind = str(content.get("mimeType", "")).lower()
    address, numbers = _address(str(request.get("url", ""))[:4_000])
    if isinstance(text, str) and content.get("encoding") == "base64":
        try:
            data = base64.b64decode(text, validate=False)
            asked.charge_text(data)
            text = data.decode("utf-8", "replace")
        except ValueError:
            text = None
    sockets = [body["text"] for body in _messages(entry, "receive")]
    if "json" in kind or sockets:
        item = recording.addresses.setdefault(address, _Address())
        item.requests += 1
        item.numbers |= numbers
        for one in sockets or [text]:
            try:
                document = json.loads(one) if isinstance(one, str) else None
            except (ValueError, RecursionError):
                document = None
            recording.unread += document is None
            item.records += _records(document)
            from privaudit.io.legends import enumerations

            recording.legends += enumerations(document, lists_of(document))
    elif isinstance(text, str) and recording.left > 0:
        recording.left -= len(text)
        if "html" in kind:
            recording.pages.append(text)
        elif "script" in kind:
            recording.scripts.append(text)


def _address(url: str) -> tuple[str, set[int]]:
    """Return the pattern of an address, and the whole numbers that stand for its ids.

    Examples
    --------
    >>> _address("https://app.example/api/people/41?page=2&dept=94")
    ('/api/people/{id}?dept&page', {41})
    """
    pieces, query = parts_of_link(url)
    numbers = {int(p) for p in pieces if _NUMBER.fullmatch(p) and p.isascii()}
    path = "/".join("{id}" if _NAMED.fullmatch(p) else p for p in pieces)
    for name, value in query:
        if name.lower().endswith("id") and _NUMBER.fullmatch(value) and value.isascii():
            numbers.add(int(value))
    names = "&".join(sorted({name for name, _ in query}))
    return path + (f"?{names}" if names else ""), numbers


def _records(document: Any) -> list[dict[str, Any]]:
    """Return the largest list of objects of an answer, or the one object that it is."""
    lists = lists_of(document)
    if lists:
        largest = max(lists.values(), key=len)
        return [item for item in largest if isinstance(item, dict)]
    return [document] if isinstance(document, dict) and len(document) > 1 else []


def _without_repeats(records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Remove repeated records: the same id, or the same in every field."""
    name = next((n for n in _IDS if all(_is_plain_id(r.get(n)) for r in records)), None)
    known: dict[str, dict[str, Any]] = {}
    for record in records:
        key = str(record[name]) if name else json.dumps(record, sort_keys=True, default=str)
        known.setdefault(key, record)
    return list(known.values()), len(records) - len(known)


def _is_plain_id(value: Any) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool) and value != ""


def _field_use(
    records: list[dict[str, Any]], recording: _Recording
) -> tuple[int, int, int, list[str]]:
    """Count the fields that were sent, stand in a page, are named; and name those that are not."""
    cells, _ = flattened(records)
    pages, scripts = "\n".join(recording.pages), "\n".join([*recording.pages, *recording.scripts])
    words = set(re.findall(r"[A-Za-z_$][\w$]*", scripts))
    shown, used, nowhere = 0, 0, []
    for name, values in cells.items():
        fields = {str(v) for v in values.values() if v is not None and len(str(v)) >= _LONG}
        if any(value in pages for value in islice(sorted(fields), _VALUES)):
            shown += 1
        elif name.rpartition(".")[2] in words:
            used += 1
        else:
            nowhere.append(name)
    return len(cells), shown, used, nowhere


def _id_span(records: list[dict[str, Any]]) -> tuple[str, int, int]:
    """Return the column of whole numbers close together, how many they are, and their span."""
    name = next((n for n in _IDS if all(_is_whole(r.get(n)) for r in records)), None)
    if name is None or len(records) < 2:
        return "", 0, 0
    ids = {int(record[name]) for record in records}
    span = max(ids) - min(ids) + 1
    # Random ids lie much further apart.
    return (name, len(ids), span) if span <= 20 * len(ids) else ("", 0, 0)


def _enumerable(every: dict[str, _Address]) -> tuple[int, int]:
    """Count the addresses that take a whole number, and the numbers that were asked for."""
    asked = sum(bool(a.numbers) for k, a in every.items() if "{id}" in k or "id" in k.lower())
    return asked, len(set().union(*(a.numbers for a in every.values()))) if asked else 0


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and _NUMBER.fullmatch(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


READER = Reader(
    word="HAR",
    kind="JSON",
    endings=(".har",),
    begins=(b"{",),
    read=_read,
)
