"""HAR (HTTP archive), recorded by a browser: the records that an application sent.

A recording holds answers, pages and scripts, not the screen. A field is counted as shown
where its values stand in a page, as used where a script names it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from privaudit.io.features import flattened, json_of, lists_of
from privaudit.io.files import Reader, ReadRequest, choose_part
from privaudit.io.formats.geojson import records_or_features
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame, Recorded

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
    """Return the records that one address of an application sent, by default that of the most."""
    result = _Recording()
    for entry in document["log"]["entries"]:
        if isinstance(entry, dict):
            _collect(entry, result)
    filled = {k: item for k, item in result.addresses.items() if item.records}
    if not filled:
        came = f"no answer with records in {asked.name}"
        raise asked.error(_WHAT, came, "Record it with the bodies of answers.", why="empty")
    largest = max(filled, key=lambda k: len(filled[k].records))
    chosen, notes, left = choose_part(asked, list(filled), largest, note="answers_read")
    item = filled[chosen]
    records, again = _without_repeats(item.records)
    sent, shown, used, nowhere = _field_use(records, result)
    numbered, ids, span = _id_span(records)
    by_number, numbers = _enumerable(result.addresses)
    from privaudit.io.file_frame import Recorded

    recorded = Recorded(
        records=len(records), requests=item.requests, again=again, fields=sent, shown=shown,
        used=used, ids=ids, span=span, addresses=by_number, asked=numbers,
    )  # fmt: skip
    values = (
        *notes,
        *_notes(recorded, nowhere if result.pages or result.scripts else (), numbered),
        *((Note("answers_unread", answers=result.unread),) if result.unread else ()),
    )
    read = records_or_features(records, asked)
    return replace(read, notes=(*values, *read.notes), recorded=recorded, left=left)


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


def _collect(entry: dict[str, Any], recording: _Recording) -> None:
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
            text = base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except ValueError:
            text = None
    if "json" in kind:
        item = recording.addresses.setdefault(address, _Address())
        item.requests += 1
        item.numbers |= numbers
        if not isinstance(text, str):
            recording.unread += 1
            return
        try:
            item.records += _records(json.loads(text))
        except (ValueError, RecursionError):
            recording.unread += 1
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
