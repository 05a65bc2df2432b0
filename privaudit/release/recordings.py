"""What an application sent: to one account, and of people to hosts that are not its own."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from privaudit.columns.free_text import SPECIAL, categories_in
from privaudit.columns.headers import kind_of_header
from privaudit.columns.identifiers import EMAIL
from privaudit.columns.recognise import cells_of, column_kinds
from privaudit.core.files import packaged_toml
from privaudit.io.file_frame import FileFrame, SentValue
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.text.normalise import fold

# Names of parameters by what they carry, as advertising and analytics tools call them.
_WORDS: dict[str, frozenset[str]] = {
    kind: frozenset(words.split())
    for kind, words in packaged_toml("privaudit.release", "column_roles.toml")["sent"].items()
}
# Kinds of identifiers, and of headers that carry each.
_OF_HEADERS = {"email": "email", "phone": "phone", "address": "place", "place": "place"}
_OPINIONS = ("support", "origin", "union", "sex_life")
# Hexadecimal digits of MD5, SHA-1, SHA-256 and SHA-512, and the same in base64 of either alphabet.
_HASH = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128}")
_HASHES = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
_PACKED_HASH = re.compile(r"(?:[\w+/-]{22}|[\w+/-]{27}|[\w+/-]{43}|[\w+/-]{86})={0,2}", re.ASCII)
_INTERNATIONAL = re.compile(r"\+\d{10,14}")
_DEGREES = re.compile(r"-?\d{1,3}\.\d{2,}")
# Letters of a text that is searched for opinions, and of an identifier of a device.
_LEAST_TEXT, _MOST_TEXT, _LEAST_ID = 4, 1_000, 8
# Digits of a telephone, from the end, and at most; people whose identifiers are looked for.
_DIGITS, _MOST_DIGITS, _MOST_PEOPLE = 9, 15, 50_000


def recording_rows(file: FileFrame) -> Measures:
    """Turn the counts of a browser's recording into rows.

    Parameters
    ----------
    file : FileFrame
        With what was recorded.

    Returns
    -------
    Measures
        Family "recording"; 0 is safe.

        - received: records that one account received; received_again: share of what came that had
          come before.
        - fields_shown, fields_named, fields_unused: share of the fields of a record whose values
          stand in a page, that a page or a script names, that neither does. What stood on the
          screen is not in a recording.
        - numbers_received: share of the numbers between the least and the greatest id that were
          received; numbers_left: how many were not, and could be asked for by counting up.
        - addresses_by_number: addresses of the application that take a whole number. Whether they
          serve others is not in a recording.
        - sent_to: of the requests to a ``host`` that is not the application's, how many carried
          ``what`` (email, phone, name, place, support, ad_id), in which part of the request
          (``where``), and whether ``hashed``. No value is in a row.
        - bodies_unread: of the requests to a ``host`` that is not the application's, how many had a
          body that was not read, or not all of it: protobuf, or other bytes that are no text.

        Of a recording without records, `sent_to` and `bodies_unread` only.
    """
    recorded = file.recorded
    assert recorded is not None
    rows = Rows(recorded.records, "records")
    if not recorded.records:
        _add_sent(rows, file)
        return Measures(family="recording", rows=rows, name=file.name)
    rows.count("received", recorded.records, "records")
    sent = recorded.records + recorded.again
    rows.add("received_again", recorded.again / max(1, sent), "share", n=sent, counts="records")
    fields = recorded.fields
    counts = {"shown": recorded.shown, "named": recorded.used, "unused": recorded.unused}
    for what, count in counts.items():
        rows.add(f"fields_{what}", count / max(1, fields), "share", n=fields, counts="columns")
    span, ids = recorded.span, recorded.ids
    if span:
        rows.add("numbers_received", ids / span, "share", n=span, counts="values")
        rows.add("numbers_left", span - ids, "values", n=span, counts="values")
    if recorded.addresses:
        rows.add("addresses_by_number", recorded.addresses, "pages", n=recorded.addresses,
                 counts="pages")  # fmt: skip
    _add_sent(rows, file)
    return Measures(family="recording", rows=rows, name=file.name)


def _add_sent(rows: Rows, file: FileFrame) -> None:
    """Add how many requests carried which identifier to which host."""
    known = _KnownPeople.of(file)
    carried: dict[tuple[str, str, str, bool], set[int]] = {}
    for kind, hashed, one in _identifiers(file.sent, known):
        carried.setdefault((one.host, kind, one.where, hashed), set()).add(one.request)
    of_host = Counter(file.asked_hosts)
    for (host, kind, where, hashed), requests in sorted(carried.items()):
        part = {"host": host, "what": kind, "where": f"in_{where}",
                "hashed": "hashed" if hashed else "in_clear"}  # fmt: skip
        rows.add(
            "sent_to",
            len(requests),
            "http_requests",
            n=of_host[host],
            counts="http_requests",
            part=part,
        )
    for host, bodies in sorted(Counter(file.unread_hosts).items()):
        rows.add(
            "bodies_unread", bodies, "http_requests", n=of_host[host], counts="http_requests",
            part={"host": host},
        )  # fmt: skip


@dataclass(frozen=True)
class _KnownPeople:
    """Identifiers of the people whose records the application sent, by what each is."""

    plain: Mapping[str, str] = field(default_factory=dict)
    hashed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, file: FileFrame) -> _KnownPeople:
        plain: dict[str, str] = {}
        forms: dict[str, str] = {}
        for column, one in column_kinds(file.frame).items():
            if one.kind not in ("email", "phone", "name"):
                continue
            for cell in {*cells_of(file.frame[column])} - {""}:
                if len(plain) >= _MOST_PEOPLE:
                    break
                plain[_plain(one.kind, cell)] = one.kind
                forms |= dict.fromkeys(_written(one.kind, cell), one.kind)
        hashes = {of(form.encode()).hexdigest(): k for form, k in forms.items() for of in _HASHES}
        return cls(plain, hashes)


def _plain(kind: str, text: str) -> str:
    """Return an identifier without what may be written otherwise."""
    return re.sub(r"\D", "", text)[-_DIGITS:] if kind == "phone" else fold(text)


def _written(kind: str, cell: str) -> list[str]:
    """Return how an identifier may be written before it is hashed."""
    text = cell.strip()
    if kind != "phone":
        return [text, text.lower(), text.upper()]
    digits = re.sub(r"\D", "", text).removeprefix("00")
    national = digits.removeprefix("33").removeprefix("0")
    numbers = (f"33{national}", digits)
    return [f"0{national}", *(f"{plus}{one}" for plus in ("", "+", "00") for one in numbers)]


def _hash_of(value: str) -> str:
    """Return a hash in hexadecimal digits; "" of another value.

    Examples
    --------
    >>> _hash_of("1B2M2Y8AsgTpgAmY7PhCfg"), _hash_of("lea@exemple.fr")
    ('d41d8cd98f00b204e9800998ecf8427e', '')
    """
    if _HASH.fullmatch(value):
        return value.lower()
    if not _PACKED_HASH.fullmatch(value):
        return ""
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4)).hex()


def _identifiers(
    sent: Sequence[SentValue], known: _KnownPeople
) -> Iterator[tuple[str, bool, SentValue]]:
    """Yield what identifies a person among the values that were sent, and whether it is hashed."""
    for one in sent:
        for kind, hashed in _kinds(one, known):
            yield kind, hashed, one
    texts = [one for one in sent if _LEAST_TEXT <= len(one.value) <= _MOST_TEXT
             and any(map(str.isalpha, one.value)) and not _HASH.fullmatch(one.value)]  # fmt: skip
    spoken = categories_in([one.value for one in texts])
    special = np.logical_or.reduce([spoken[what] for what in SPECIAL]) if texts else ()
    for one, speaks in zip(texts, special, strict=True):
        if speaks:
            yield "support", False, one


def _kinds(one: SentValue, known: _KnownPeople) -> set[tuple[str, bool]]:
    """Return what a value is, by its form, by its name, and by whose it is."""
    value = one.value.strip()
    if not value:
        return set()
    known_as = known.hashed.get(_hash_of(value))
    if known_as or _HASH.fullmatch(value):
        named = known_as or next((k for k in _HASHED if _is_named(k, one.name)), "")
        return {(named, True)} if named else set()
    digits = re.sub(r"\D", "", value)
    of_phone = _DIGITS <= len(digits) <= _MOST_DIGITS and len(digits) >= len(value) / 2
    lettered = any(map(str.isalpha, value))
    found = {
        "email": EMAIL.search(value) is not None,
        "phone": _INTERNATIONAL.fullmatch(value) is not None
        or (of_phone and _is_named("phone", one.name))
        or (of_phone and known.plain.get(digits[-_DIGITS:]) == "phone"),
        "name": all(known.plain.get(word) == "name" for word in fold(value).split() or [""])
        or known.plain.get(fold(value)) == "name"
        or (lettered and _is_named("name", one.name)),
        "place": (_is_named("degrees", one.name) and _DEGREES.fullmatch(value) is not None)
        or (_is_named("place", one.name) and len(value) > 1),
        "ad_id": _is_named("ad_id", one.name) and len(value) >= _LEAST_ID,
        "support": _is_named("support", one.name),
    }
    return {(kind, False) for kind, holds in found.items() if holds}


# What is sent hashed, as its name says.
_HASHED = ("email", "phone", "name", "place")


def _is_named(kind: str, name: str) -> bool:
    """Return whether the name of a parameter is one of a kind: "em", "ud[em]", "user_email"."""
    last = re.split(r"[\[\].]+", name.rstrip("]"))[-1].lower()
    header, alone = kind_of_header(last)
    if last in _WORDS[kind] or last in _WORDS["neither"]:
        return last in _WORDS[kind]
    if kind == "support":
        # An origin alone is where a request comes from.
        return header in _OPINIONS and not alone
    return kind in _HASHED and _OF_HEADERS.get(header) == kind
