"""Kind and role of each column of a file, and the roles proposed for measures."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.free_text import (
    SEXES,
    SPECIAL,
    cells_searched,
    handles_among,
    in_other_languages,
    political_sides_in,
    search_texts,
    texts_among,
    without_handles,
)
from privaudit.columns.headers import (
    COORDINATES,  # fmt: skip
    OF_COORDINATES,
    WORDS,
    is_campaign_table,
    is_of_network,
    kind_of_header,
    kind_of_record,
)  # fmt: skip
from privaudit.columns.identifiers import is_iban, is_nir, is_siren, is_siret
from privaudit.columns.recognise import (
    ABROAD,
    INDIRECT,
    ColumnKind,
    cell_texts,
    column_kinds,
    own_names,
    revealed_by,
    some_cells,
    spatial_sides,
)
from privaudit.columns.roles import KnownExport, Roles, roles_known
from privaudit.columns.words_in_context import (
    kinds_beside,
    sure_among,
    tells_members,
    wards_of_patients,
    without_everyday,
)
from privaudit.core.files import in_toml, made_once, packaged_toml, read_toml
from privaudit.core.thresholds import FORMAT_IS_TOLD, SMALL_CELL
from privaudit.errors import ParameterError, SchemaError, did_you_mean
from privaudit.io.coordinates import point_form
from privaudit.text.dates import are_serial_days, looks_like_dates, timestamp_unit
from privaudit.text.normalise import fold, header_words

_DATA = packaged_toml("privaudit.release", "column_roles.toml")
# What stands in the column `role` of an inventory.
ROLES: dict[str, str] = _DATA["roles"]
# What a file should hold of each person and often does not.
ABSENT = ("source", "legal_basis", "informed", "proof", "objection")
_ROLE = {kind: role for role, kinds in _DATA["kinds"].items() for kind in kinds.split()}
# Headers of values that were inferred.
_WORKED_OUT = re.compile(
    r"inf[eé]r|d[eé]dui|deduc|presum|pr[eé]sum|predict|pr[eé]di|estim|probab|propens|score|model"
    r"|mod[eè]l|imput|likely|guess|devin|suppos|hypoth|proxy|deriv|d[eé]riv|segment|[eé]valuation|appr[eé]ciation|[eé]toiles\b"
    r"|(?:/|sur|out of) ?(?:4|5|10|20|100)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?(?: ?/ ?\d{1,3})?|[★☆*]{1,5}")
_NUMBERS = {"nir": is_nir, "iban": is_iban, "siret": is_siret, "siren": is_siren}
# A message, or a note of several lines, is one cell: a dot is a line break too.
_FORMATS = re.compile(
    "|".join(f"(?P<{format_}>{pattern})" for format_, pattern in _DATA["formats"].items()),
    re.IGNORECASE | re.DOTALL,
)
# Of a column of unknown header: enough cells to judge by, most of them, the share with a category.
_ENOUGH, _MOST, _SPEAKS, _SAMPLE = 5, 0.9, 0.4, 400
# A value of its own in every record, without a blank: a number in some tool.
_NUMBERED = 20
_ID = re.compile(r"(?=.*\d)(?:[A-Za-z0-9_-]{2,40}|\{[A-Fa-f0-9-]{2,40}\}|__[a-z0-9_.]{2,60})")
_CALLED, _HANDLES = re.compile(r"\+[1-9]\d{9,13}"), frozenset(("id", "handle"))
_POSTCODE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-58]|2[abAB])\d{3}")
# The kind of a column by the category of its cells.
KIND_OF = {what: what for what in SPECIAL} | {"party": "support", "religion": "origin"}
_GRAVE = frozenset(KIND_OF.values())
_REACHED = ("email", "phone", "credential", "account")


@dataclass(frozen=True, kw_only=True)
class KnownColumn:
    """Kind of a column of a file.

    Parameters
    ----------
    kind : str
        What it holds, one of ``headers.toml``; "" where that is not known.
    by : str
        The system whose export it is, "header", "cells", or "" where it is not known.
    worked_out : bool, optional
        Inferred, by its header.
    """

    kind: str
    by: str
    worked_out: bool = False


def known_columns(
    frame: pd.DataFrame, system: KnownExport | None, speaks: Mapping[str, Mapping[str, float]]
) -> dict[str, KnownColumn]:
    """Return the kind of each column: by its header, then its cells, or its known export.

    Parameters
    ----------
    speaks : Mapping[str, mapping of str to float]
        Of a column, the share of its cells with each of `SPECIAL`.
    """
    values = column_kinds(frame)
    own = {} if system is None else {v: k for k, v in system.named(frame.columns).items()}
    result = {}
    for column in map(str, frame.columns):
        texts = _texts(frame[column])
        kind = "spot" if fold(column) in COORDINATES else kind_of_record(column)
        by = "header"
        value = values.get(column, ColumnKind(kind="", by="header"))
        of_cells = value.kind if value.by == "cells" else ""
        reached = of_cells in _REACHED  # a column of bounces may hold the addresses that bounced
        # Notes under a date, or as "un mot pour l'équipe", are notes.
        written = kind in ("date", "technical") and of_cells == "note"
        # "Coordonnées Nom" is a name, and so may be who is subscribed.
        named = kind in ("spot", "consent") and of_cells in (*_REACHED, "name")
        # "Union locale" is of a union, and no language; tables count it so.
        graver = kind in ("technical", "weight") and value.kind in _GRAVE and value.by == "header"
        if not kind or written or named or graver or (kind == "technical" and reached):
            kind, by = value.kind, value.by
        if kind == "source" and texts and {*map(fold, texts)} <= WORDS["kinds_of_contacts"]:
            kind, by = "technical", "cells"
        of_date = kind in ("support", "tie") and "date" in header_words(column)
        if of_date and looks_like_dates(texts):
            kind = "date"  # of a gift
        by_header, alone = kind_of_header(column)
        # A blank column has the kind of its header; so has a house number.
        if not kind and (not texts or (by_header == "address" and not alone)):
            kind = by_header
        says = speaks.get(column, {})
        shape = _kind_by_cells(texts, says, column) if kind in ("", "number") else ""
        if point_form(texts):
            # Whatever the header: a link to a map stands under many.
            shape = "spot" if kind != "spot" else ""
        of_time = not _WHEN.isdisjoint(header_words(column))
        if shape == "date" and kind == "number" and timestamp_unit_of(texts) and not of_time:
            shape = ""  # "NIR": a number of thirteen digits may be a time in milliseconds too.
        if shape:
            kind, by = shape, "cells"
        if {*header_words(column)} & OF_COORDINATES and (kind == "number" or _are_degrees(texts)):
            # "ip_lat" is where a network address is, and "_Position_latitude" no position.
            kind, by = "spot", "header"
        if shape == "number" and timestamp_unit_of(texts) and {*header_words(column)[-1:]} & _WHEN:
            kind, by = "date", "cells"
        if kind in ("", "visit") and texts and tells_members(texts):
            kind, by = "tie", "cells"
        if system is not None and column in own:
            kind, by = _kind_in_export(system, own[column], kind), system.word
        worked_out = _WORKED_OUT.search(column) is not None
        # Free text that is a number is a score.
        marked = by_header == "note" and bool(texts) and all(map(_MARK.fullmatch, texts))
        marked = marked and "id" not in header_words(column)
        worked_out = worked_out or (not kind and marked)
        kind = kind or ("worked_out" if worked_out and texts else "")
        result[column] = KnownColumn(kind=kind, by=by if kind else "", worked_out=worked_out)
    return _by_other_columns(result, political=system is not None)


# A coordinate in degrees, to some ten metres at least.
_DEGREES = re.compile(r"[+-]?(?:\d|\d\d|1[0-7]\d)[.,]\d{3,}")
_WHEN = frozenset(("at", "on", "when", "le", "quand", "date", "time", "ts"))


def _are_degrees(texts: Sequence[str]) -> bool:
    return bool(texts) and sum(map(bool, map(_DEGREES.fullmatch, texts))) >= _MOST * len(texts)


def _by_other_columns(found: dict[str, KnownColumn], *, political: bool) -> dict[str, KnownColumn]:
    """Take a fee for an opinion in the file of a campaign, and a score for a profile elsewhere."""
    political = political or is_campaign_table(found, (item.kind for item in found.values()))
    wards = wards_of_patients({c: item.kind for c, item in found.items()})
    found |= dict.fromkeys(wards, KnownColumn(kind="", by=""))
    old, new = ("tie", "support") if political else ("worked_out", "profile")
    return {c: replace(item, kind=new) if item.kind == old else item for c, item in found.items()}


def _kind_in_export(system: KnownExport, column: str, kind: str) -> str:
    """Return the kind of a column of a known export, where its header is unknown."""
    if column in (system.identifier, *system.marks):
        return kind or "number"
    return kind or ("support" if column in system.sensitive else "technical")


def role_of(known: KnownColumn, says: Collection[str] = ()) -> str:
    """Return the role of a column, a key of `ROLES`.

    Parameters
    ----------
    says : sequence of str, optional
        Categories of its cells.

    Examples
    --------
    >>> role_of(KnownColumn(kind="support", by="header", worked_out=True))
    'inferred'
    >>> role_of(KnownColumn(kind="note", by="cells"), ["health"])
    'text_special'
    >>> [role_of(KnownColumn(kind=kind, by="header")) for kind in ("birthplace", "diet", "")]
    ['key', 'hint', 'unknown']
    """
    role, speaks = _ROLE.get(known.kind, "unknown"), bool({*says} & {*SPECIAL})
    if known.kind in _NUMBERS:
        role = "identifier"
    if known.kind == "support" and known.worked_out:
        role = "inferred"
    if role == "text" and speaks:
        role = "text_special"
    if known.kind in ABROAD:
        # A birth at home is no hint at an origin.
        return "hint" if "abroad" in says else "key"
    if known.kind == "couple":
        return "special" if speaks else "key"
    if role == "hint":
        return "special" if speaks else role
    return "special" if role == "unknown" and speaks else role


def formats_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return how the cells of a column are written, most often first; slips are left out.

    Examples
    --------
    >>> formats_of(["1980-02-01", "01/02/1980", "1980-05-07"])
    ('date_year_first', 'date_year_last')
    """
    if point_form(texts):
        return ("point",)
    # The first that fits: any text is of the last.
    matches = filter(None, map(_FORMATS.fullmatch, texts))
    counts = Counter(str(match.lastgroup) for match in matches)
    often = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(word for word in often if counts[word] > FORMAT_IS_TOLD * len(texts))


def timestamp_unit_of(texts: Sequence[str]) -> str:
    """Return the unit of texts that are all timestamps since 1970 (see `timestamp_unit`).

    Examples
    --------
    >>> timestamp_unit_of(["1762000000000", "1762000450000"]), timestamp_unit_of(["x"])
    ('ms', '')
    """
    if not all(re.fullmatch(r"[1-9]\d{8,18}(?:\.0)?", text) for text in texts):
        return ""
    return timestamp_unit(np.array(texts, dtype=float))


def _texts(column: pd.Series) -> list[str]:
    """Return some cells of a column that say something."""
    return list(filter(None, some_cells(column, slice(None, None, max(1, len(column) // _SAMPLE)))))


def _kind_by_cells(texts: Sequence[str], speaks: Mapping[str, float], header: str = "") -> str:
    """Return the kind of a column of unknown header by its cells; "" where unknown."""
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return ""
    for kind, fits in _NUMBERS.items():
        if len(distinct) >= _ENOUGH and sum(map(fits, distinct)) >= _MOST * len(distinct):
            return kind
    # As a telephone keeps its messages; a gap may be written so too.
    handles = _HANDLES & {*header_words(header)} and len(distinct) >= _ENOUGH
    if handles and all(map(_CALLED.fullmatch, distinct)):
        return "phone"
    # Numbers that are each there once count records, not days.
    if len(distinct) < len(texts) and are_serial_days(distinct):
        return "date"
    # Ten digits may be any number, more of them hardly are.
    if looks_like_dates(distinct) or timestamp_unit_of(distinct) not in ("", "s"):
        return "date"
    if 1 < len(distinct) <= len(SEXES) and {fold(cell).rstrip(".") for cell in distinct} <= SEXES:
        return "sex"
    # A French postcode, or the number of a commune: many share it.
    if 2 * len(distinct) <= len(texts) and all(map(_POSTCODE.fullmatch, distinct)):
        return "place"
    if len(texts) >= _NUMBERED and len(distinct) == len(texts) and all(map(_ID.fullmatch, texts)):
        return "number"
    values = max(speaks, key=lambda what: speaks[what], default="")
    if values and speaks[values] >= _SPEAKS:
        return KIND_OF[values]
    return ""


# What a roles file says of each file, by the fields of `Roles`; and of a log its items.
_LISTS_OF_ROLES = ("direct_identifiers", "key", "sensitive", "location", "ordered")
_FIELDS_OF_ROLES = (
    "direct_identifiers",
    "record_id",
    *_LISTS_OF_ROLES[1:],
    "weight",
    "time",
    "item",
)
_AS_ROLES = {"direct_identifiers": "direct", "record_id": "identifier"}
_ALWAYS = ("direct_identifiers", "record_id", "key", "sensitive")


@dataclass(frozen=True, kw_only=True)
class RolesFile:
    """Roles of the columns of several files, as a person wrote them.

    Parameters
    ----------
    name : str
        Of its file, for messages.
    roles : Mapping[str, Roles]
        By name of a file; of a sheet, "FILE \u203a SHEET".
    items : Mapping[str, str]
        Of a log, the column of its items.
    """

    name: str
    roles: Mapping[str, Roles]
    items: Mapping[str, str]

    def section(self, file: str, sheet: str | None = None) -> str:
        """Return the name under which the roles of a file, or of its sheet, stand; "" if none."""
        # macOS writes the accents of a file's name behind their letters.
        names = {normalize("NFC", name): name for name in self.roles}
        asked = (normalize("NFC", name) for name in (f"{file} \u203a {sheet}", file))
        return next((names[name] for name in asked if name in names), "")

    def refuse_without(self, files: Iterable[str], sheet: str | None = None, *, who: str) -> None:
        """Refuse files none of which has roles."""
        names = list(files)
        if not any(self.section(name, sheet) for name in names):
            do = f"Add [{in_toml(names[0])}]."
            raise SchemaError.of(who, f"roles of {names[0]} in {self.name}", "none", do)

    def checked(
        self, file: str, columns: Iterable[str], sheet: str | None = None, *, who: str
    ) -> Roles | None:
        """Return the roles of a file by its columns; None where it has none."""
        name, have = self.section(file, sheet), list(map(str, columns))
        if not name:
            return None
        roles = self.roles[name].for_columns(have)
        roles.check_whole(who, have, file)
        return roles


def read_roles(path: str | os.PathLike[str]) -> RolesFile:
    """Read a roles file: TOML, a section a file.

    Raises
    ------
    SchemaError
        It cannot be read, or has another section or field than it may have.
    """
    name, roles, items = Path(path).name, dict[str, Roles](), dict[str, str]()
    for file, fields in read_toml(path).items():
        if not isinstance(fields, Mapping):
            raise SchemaError.of(name, f"a section [{in_toml(file)}]", "a value")
        for field, value in fields.items():
            if field not in _FIELDS_OF_ROLES:
                do = did_you_mean(field, _FIELDS_OF_ROLES)
                needed = f"fields {', '.join(_FIELDS_OF_ROLES)}"
                raise SchemaError.of(name, needed, repr(field), do)
            # Several columns may number a record together.
            several = field in _LISTS_OF_ROLES or (field == "record_id" and isinstance(value, list))
            texts = value if several else [value]
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                kind = "a list of columns" if field in _LISTS_OF_ROLES else "a column"
                raise SchemaError.of(name, f"{kind} as {field}", "another value")
        given: dict[str, Any] = {
            _AS_ROLES.get(str(field), str(field)): value
            for field, value in fields.items()
            if value or field == "direct_identifiers"
        }
        items[file] = given.pop("item", "")
        try:
            roles[file] = Roles(**given)
        except ParameterError as error:
            raise SchemaError(f"{name}: {error}") from None
    return RolesFile(name=name, roles=roles, items=items)


def roles_text(
    files: Iterable[tuple[str, Roles, str, Mapping[str, str]]], head: Iterable[str]
) -> str:
    """Return a roles file as text.

    Parameters
    ----------
    files : iterable of (str, Roles, str, mapping)
        Name of each, its roles, the column of its items, and what each column is.
    head : iterable of str
        Lines that stand first, as comments.

    Examples
    --------
    >>> print(roles_text([("a.csv", Roles(key="age"), "", {"age": "key"})], ["Edit me."]))
    # Edit me.
    <BLANKLINE>
    ["a.csv"]
    # age: key
    direct_identifiers = []
    record_id = ""
    key = ["age"]
    sensitive = []
    <BLANKLINE>
    """
    lines = [f"# {line}" for line in head]
    for file, roles, item, held in files:
        lines += ["", f"[{in_toml(file)}]", *(f"# {_inert(c)}: {what}" for c, what in held.items())]
        for field in _FIELDS_OF_ROLES:
            value = item if field == "item" else getattr(roles, _AS_ROLES.get(field, field)) or ()
            if field == "ordered":
                value = list(roles.orders or ())
            if field == "record_id" and len(value) < 2:
                value = "".join(value)
            if value or field in _ALWAYS:
                text = in_toml(value) if isinstance(value, str) else ", ".join(map(in_toml, value))
                lines.append(f"{field} = {text if isinstance(value, str) else f'[{text}]'}")
    return "\n".join([*lines, ""])


def _inert(text: str) -> str:
    """Return a text on one line of a comment."""
    return "".join(c if c.isprintable() else " " for c in text)


# Counts of texts that a column of an inventory has.
OF_TEXTS = ("texts", "searched", "least", "again")
# Letters of a cell that are read, and of a piece, which ends with a sentence or at a blank.
MOST_LETTERS, _PIECE = 100_000, 3_900
_PIECES = re.compile(
    rf"(?s:.{{1,{_PIECE - 2}}}[.!?]\s|.{{1,{_PIECE - 1}}}(?:\s|\Z)|.{{1,{_PIECE}}})"
)
_PAGE = re.compile(r"(?:https?:/)?/\S+")
# A surname, its headers, and how many different ones make a list of them.
_SURNAME = re.compile(r"(?:[^\W\d_]|['’-]|(?<=[^\W\d_]) (?=[^\W\d_]))+")
_OF_SURNAMES, _SURNAMES = frozenset(("nom", "noms", "name", "surname", "patronyme")), 60
# Shares of cells by which a column speaks: of few cells, and of many.
_SPEAK_ENOUGH, _SPEAK_SELDOM = 0.1, 0.01


@dataclass(frozen=True, kw_only=True)
class TextCounts:
    """Counts of the texts of a column; `special`: those that mention a special category."""

    texts: int
    searched: int
    special: int
    least: int
    again: int
    others: str

    @property
    def of_column(self) -> dict[str, Any]:
        """Return those that a column of the inventory has."""
        return {n: getattr(self, n) for n in (*OF_TEXTS, "others")}

    def speak(self, filled: int) -> bool:
        """Return whether so many cells mention a special category that it is no slip."""
        enough = self.special >= min(SMALL_CELL, _SPEAK_ENOUGH * filled)
        return self.special > 0 and enough and self.special >= _SPEAK_SELDOM * filled


@made_once()
def searched_columns(
    frame: pd.DataFrame,
) -> tuple[dict[str, dict[str, NDArray[np.bool_]]], dict[str, TextCounts]]:
    """Return which records of each column of text hold which category, and how much was read."""
    known = known_columns(frame, None, {})
    of_hints = {c: ColumnKind(kind=item.kind, by=item.by) for c, item in known.items()}
    own = own_names(frame, of_hints)
    notes = {column for column, item in column_kinds(frame).items() if item.kind == "note"}
    beside = kinds_beside({c: item.kind for c, item in known.items()})
    result: dict[str, dict[str, NDArray[np.bool_]]] = {}
    texts: dict[str, TextCounts] = {}
    for column in (c for c, item in known.items() if item.kind in INDIRECT):
        hinted = revealed_by(frame, column, of_hints)
        result[column] = {what: hits for what, hits in hinted.items() if hits.any()}
    # Notes that tell of sides show whose members the others are.
    for column, item in sorted(known.items(), key=lambda one: one[1].kind != "note"):
        if frame[column].dtype.kind in "biufcmM" or not frame[column].notna().any():
            continue
        subjects = own if item.kind == "note" or column in notes else [""]
        spoken, texts[column] = _searched(frame[column], item, subjects, beside)
        result[column] = {**result.get(column, {}), **spoken}
        if item.kind == "note" and "party" in spoken and spoken["party"].mean() >= _SPEAK_ENOUGH:
            beside.add("support")
    return {c: result[c] for c in known if result.get(c)}, texts


def _searched(
    column: pd.Series, item: KnownColumn, own: Sequence[str], beside: Collection[str] = ()
) -> tuple[dict[str, NDArray[np.bool_]], TextCounts]:
    """Return which records of a column hold which category; each of its texts is searched once."""
    name, cells = str(column.name), cell_texts(column, letters=MOST_LETTERS)
    texts, count = cells.texts, cells.records
    if '"' in "".join(texts):
        texts = list(map(_fields_of, texts))
    kind = "name" if not item.kind and _of_surnames(name, texts) else item.kind
    if kind == "number":
        # A number of some tool, such as rec5aZ0041, is no text, whatever its letters spell.
        texts = ["" if _ID.fullmatch(text) else text for text in texts]
    written = texts_among(texts)
    searched, others = cells_searched(texts, kind, name, written)
    asked = [text if one else "" for text, one in zip(texts, searched.tolist(), strict=True)]
    foreign = searched & (in_other_languages(asked) if item.kind in ("", "note") else False)
    paged = np.array([_PAGE.fullmatch(text) is not None for text in asked], dtype=bool)
    # A note names its own person or another: of one text, once for each of whom it is.
    if len(own) == 1:
        pair, subjects = cells.code, [own[0]] * len(asked)
    else:
        who, names = pd.factorize(np.array(own, dtype=object))
        pair, pairs = pd.factorize(cells.code * len(names) + who)
        text, subject = np.divmod(pairs, len(names))
        asked, subjects = [asked[i] for i in text.tolist()], names[subject].tolist()
    spoken, least, again = spoken_of(asked, subjects)
    spoken = {what: hits[pair] for what, hits in spoken.items()}
    if item.kind in ("", "tie") and "party" in spoken:
        # "Gauche", "pour": the side of a street, a vote on the roof.
        spoken["party"] = spoken["party"] & ~cells.rows(spatial_sides(texts))
    if item.kind == "note" and (sides := political_sides_in(texts, count)).any():
        spoken["party"] = spoken.get("party", cells.rows(sides)) | cells.rows(sides)
    spoken = without_handles(spoken, cells.rows(handles_among(texts))) if spoken else {}
    asks = item.kind in {"note", *_GRAVE} or (item.kind, item.by) == ("tie", "header")
    spoken = spoken if asks else without_everyday(spoken, cells, item.kind, beside)
    spoken = {what: hits for what, hits in spoken.items() if hits.any()}
    special = [hits for what, hits in spoken.items() if what in SPECIAL]
    mentioned = np.logical_or.reduce([np.zeros(len(column), dtype=bool), *special])
    # What a word of French means in another language, or of a page its address, no list says.
    sure = least[pair] & mentioned & ~(unsure := cells.rows(foreign | paged))
    return spoken, TextCounts(
        texts=int(count[written].sum()), others=others,
        searched=int(count[searched].sum()), special=int(mentioned.sum()),
        least=int((sure if asks else sure_among(sure, cells, beside)).sum()),
        again=int((again[pair] | mentioned | unsure).sum()),
    )  # fmt: skip


def _fields_of(cell: str) -> str:
    """Return a cell; of JSON in one, its fields and values as texts."""
    if not (cell[:1] in ("{", "[") and cell[-1:] in ("}", "]") and '"' in cell):
        return cell
    try:
        document = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    texts, left = list[str](), [("", document)]
    while left:
        name, node = left.pop()
        if isinstance(node, dict):
            left += [(str(key), value) for key, value in reversed([*node.items()])]
        elif isinstance(node, list):
            left += [(name, value) for value in reversed(node)]
        elif node is not None:
            texts.append(f"{name}: {node}" if name else str(node))
    return "; ".join(texts)


def _of_surnames(header: str, cells: Sequence[str]) -> bool:
    """Return whether cells of an unknown column are surnames: words without a mark or a number.

    A list of them has some that mean something else, and a column of codes repeats its few.
    """
    distinct = {cell for cell in cells if cell}
    if {*header_words(header)} & _OF_SURNAMES:
        return all(map(_SURNAME.fullmatch, distinct))
    single = sum(_SURNAME.fullmatch(cell) is not None for cell in distinct)
    return len(distinct) >= _SURNAMES and single >= _MOST * len(distinct)


def spoken_of(
    cells: Sequence[str], subjects: Sequence[str]
) -> tuple[dict[str, NDArray[np.bool_]], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which cells hold a category, and two counts of them; a long one is read in pieces."""
    filled = [at for at, cell in enumerate(cells) if cell]
    texts, who = [cells[at] for at in filled], [subjects[at] for at in filled]
    begins: NDArray[np.int64] | None = None
    if max(map(len, texts), default=0) > _PIECE:
        cut = [_PIECES.findall(text) if len(text) > _PIECE else [text] for text in texts]
        begins = np.cumsum([0, *map(len, cut[:-1])])
        who = [one for one, parts in zip(who, cut, strict=True) for _ in parts]
        texts = [part for parts in cut for part in parts]
    found = search_texts(texts, who)

    def of_cells(hits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        rows = np.zeros(len(cells), dtype=bool)
        rows[filled] = hits if begins is None else np.logical_or.reduceat(hits, begins)
        return rows

    held = {what: of_cells(hits) for what, hits in found.holds.items() if hits.any()}
    return held, of_cells(found.least), of_cells(found.again)


# Limits of proposed keys: share filled, share of unique values, levels, number of each role.
_FILLED, _MOST_ALONE, _MOST_LEVELS, _MOST_KEYS, _MOST_SENSITIVE = 0.1, 0.5, 20, 6, 8
# What a neighbour may know, in the order in which it is proposed.
_OF_KEYS = ("sex", "age", "place", "birthplace", "nationality", "occupation", "family")
_MOST_OF = {"place": 2}


def proposed_roles(
    frame: pd.DataFrame,
    known: Mapping[str, KnownColumn],
    there: Mapping[str, np.ndarray],
    system: KnownExport | None,
    says: Mapping[str, Collection[str]],
    spoken: Mapping[str, Mapping[str, np.ndarray]] | None = None,
) -> Roles:
    """Propose roles: those of a known system, else by what columns hold.

    Parameters
    ----------
    frame : pandas.DataFrame
        The records, read. `says`: categories of the cells of indirect columns.
    there : Mapping[str, ndarray]
        Which records fill each column.
    spoken : Mapping[str, mapping of str to ndarray], optional
        Which records of each column speak of a category.
    """
    tell = [c for c, hits in (spoken or {}).items() if _tells_opinions(c, known, there, hits)]
    usable = [c for c in map(str, frame.columns) if "," not in c and c == c.strip()]
    if system is not None:
        values, _ = roles_known(frame)
        if values.key:
            roles: dict[str, Any] = {
                role: [column for column in getattr(values, role) if column in usable]
                for role in ("identifier", "key", "sensitive")
            }
            return Roles(**roles)
    of_people = [c for c in usable if c not in tell]
    if places_of_network(frame, {c: item.kind for c, item in known.items()}):
        of_people = [c for c in of_people if known[c].kind != "place"]
    keys = _keys(frame[of_people], known, there)
    learnt = [
        c
        for c in usable
        if (c in tell or role_of(known[c], says.get(c, ())) in ("special", "inferred"))
        and c not in keys
        # A value that all share is known from the file itself: a list of one side's supporters.
        and 1 <= frame[c].nunique() <= _MOST_LEVELS
    ]
    return Roles(
        identifier=_identifier(frame[usable], known, there),
        key=tuple(keys),
        sensitive=tuple(learnt[:_MOST_SENSITIVE]),
    )


def _keys(
    frame: pd.DataFrame, known: Mapping[str, KnownColumn], there: Mapping[str, np.ndarray]
) -> list[str]:
    result: list[str] = []
    for kind in _OF_KEYS:
        of_kind = (c for c in map(str, frame) if known[c].kind == kind)
        fit = [c for c in of_kind if _is_useful_key(frame[c], there[c], known[c])]
        # Of several, the one with more values, and a date of birth before an age.
        fit.sort(key=lambda c: frame[c].nunique(), reverse=True)
        result += fit[: _MOST_OF.get(kind, 1)]
    return result[:_MOST_KEYS]


def _is_useful_key(column: pd.Series, there: np.ndarray, known: KnownColumn) -> bool:
    few = there.mean() < _FILLED or there.sum() < SMALL_CELL <= len(there)
    if few or column.nunique() < 2 or _is_of_the_tool(column, known):
        return False
    counts = column.value_counts()
    return known.kind == "age" or bool((counts == 1).sum() <= _MOST_ALONE * there.sum())


# Days as a spreadsheet numbers them: the last of 2009, the first of 2000, and of 2051.
_BORN, _DAYS, _DAYS_END = 40_178, 36_526, 55_153
# Ages and years of birth, which are small; the share of postcodes that end in 0.
_AGES, _ROUND_CODES = 2_100, 0.5
# A code of a tool: E0034, SM-G920, fr_FR.
_CODE = re.compile(r"[A-Za-z]{1,4}[-_ ]?[A-Za-z]?\d{3,}[A-Za-z]?|[a-z]{2}(?:[-_][A-Z]{2})?")
_CODED = ("occupation", "family")
# Most of the cells, and a share of them that is no slip.
_MOST_CODED, _SOME_OF_CELLS = 0.9, 0.1


def _is_of_the_tool(column: pd.Series, known: KnownColumn) -> bool:
    """Return whether cells are a tool's own: a series, a day of a spreadsheet, a code."""
    texts = column.dropna().astype("str").str.removesuffix(".0")
    if known.kind in _CODED:
        return float(np.mean([_CODE.fullmatch(text) is not None for text in texts])) >= _MOST_CODED
    # If the first is not a number, the others are not read.
    if column.dtype.kind == "M" or pd.to_numeric(texts.iloc[:1], errors="coerce").isna().any():
        return False
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    if np.isnan(numbers).any():
        return False
    apart, span = np.unique(numbers), numbers.max() - numbers.min() + 1
    if known.kind == "age":
        # No adult's birth is so late; a day is written 20161108 otherwise.
        return bool((numbers > _BORN).mean() > _SOME_OF_CELLS and numbers.max() < _DAYS_END)
    one_each = len(apart) == len(numbers) >= _NUMBERED and numbers.max() > _AGES
    if one_each and span <= 2 * len(apart):
        # Numbers close together, one each, count the records.
        return True
    days = ((numbers >= _DAYS) & (numbers <= _DAYS_END)).all()
    # Postcodes end in 0 mostly, days do not.
    return bool(known.by == "cells" and days and (apart % 10 == 0).mean() < _ROUND_CODES)


def _tells_opinions(
    column: str,
    known: Mapping[str, KnownColumn],
    there: Mapping[str, np.ndarray],
    hits: Mapping[str, np.ndarray],
) -> bool:
    """Return whether a column that might be a key tells a special category: interests, trades."""
    if column not in known or known[column].kind not in _OF_KEYS:
        return False
    special = [rows for what, rows in hits.items() if what in SPECIAL]
    n = int(np.logical_or.reduce(special).sum()) if special else 0
    of_interest = bool({"interest", "interests", "interet", "interets"} & {*header_words(column)})
    return n > 0 and (of_interest or n > _SOME_OF_CELLS * int(there[column].sum()))


# Headers of what a network knows of those who are connected, and an address in it.
_NETWORK = {"ip", "ipv4", "ipv6", "geoip", "gmtoff", "dstoff", "isp", "asn"}
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# People on a point, on average, that make it no home; beside marks of a network, fewer.
_ON_A_POINT, _SHARED = 10, 1.5


def places_of_network(frame: pd.DataFrame, kinds: Mapping[str, str]) -> bool:
    """Return whether coordinates are where a network has its readers, and no homes.

    They are by their own headers, or by ten rows a point beside e-mails; beside marks of a network
    and without an address, where they are rounded to four decimals and shared.

    Parameters
    ----------
    frame : pandas.DataFrame
    kinds : Mapping[str, str]
        Kind of each column; coordinates are "spot".

    Examples
    --------
    >>> at = pd.DataFrame({"ip": ["81.2.69.142"] * 4, "lat": 48.8582, "lon": 2.3387})
    >>> places_of_network(at, {"lat": "spot", "lon": "spot"})
    True
    """
    spots = [c for c in map(str, frame.columns) if kinds.get(c) == "spot"]
    if len(spots) < 2:
        return False
    if is_of_network(list(map(str, frame.columns))):
        return True
    at = frame[spots].apply(pd.to_numeric, errors="coerce").dropna()
    shared = len(at) / max(1, len(at.drop_duplicates()))
    if shared >= _ON_A_POINT and "email" in kinds.values():
        return True
    marked = any(
        _NETWORK & {*header_words(c)} or all(map(_IP.fullmatch, _texts(frame[c]) or [""]))
        for c in map(str, frame.columns)
    )
    rounded = bool(((at.round(4) == at) & (at.abs() <= 180)).to_numpy().all())
    return marked and rounded and shared >= _SHARED and "address" not in kinds.values()


def _identifier(
    frame: pd.DataFrame, known: Mapping[str, KnownColumn], there: Mapping[str, np.ndarray]
) -> tuple[str, ...]:
    """Return the column that identifies a person across records.

    A number that people of several names have, such as an order within each station, does not.
    """
    names = [c for c in map(str, frame) if known[c].kind == "name" and there[c].all()]
    for kind in ("number", "email", "phone"):
        for column in map(str, frame):
            if _NETWORK & {*header_words(column)}:
                continue  # several people have one address of a network, and each has several
            of_each = known[column].kind == kind and there[column].all()
            n = int(frame[column].nunique()) if of_each else 0
            if n > len(frame) / 10 and frame[[column, *names]].drop_duplicates().shape[0] < 2 * n:
                return (column,)
    return ()
