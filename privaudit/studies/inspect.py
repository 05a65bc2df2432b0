"""Inspect files of unknown content, and set out what a seizure holds.

Of a browser's recording: what an application sent, to one account and to hosts not its own.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.free_text import SPECIAL, categories_in
from privaudit.columns.headers import OF_COORDINATES, kind_of_header
from privaudit.columns.identifiers import EMAIL
from privaudit.columns.recognise import cells_of, column_kinds
from privaudit.columns.roles import Roles, ids_repeated
from privaudit.columns.values import Reading
from privaudit.core.checks import plain_fields
from privaudit.core.files import packaged_toml
from privaudit.core.progress import in_steps, step
from privaudit.errors import ParameterError, PrivauditError, ReadError, SchemaError
from privaudit.io.coordinates import location_columns, named_pair
from privaudit.io.csv_dialects import without_header
from privaudit.io.encodings import read_as
from privaudit.io.file_frame import FileFrame, SentValue
from privaudit.io.legends import decoded
from privaudit.io.readers import (
    read_frame,
    reader_of,
)
from privaudit.release.column_roles import (
    ROLES,
    read_roles,
)
from privaudit.release.inventory import (
    Column,
    Inventory,
    suppress_small_counts,
    take_inventory,
)
from privaudit.release.read_map import may_be_counts
from privaudit.release.read_table import read_source
from privaudit.release.read_traces import Traces
from privaudit.release.release import Release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row, Rows
from privaudit.studies.commands import command_line
from privaudit.studies.exhibits import Contents, first_form, holds_addresses, log_columns
from privaudit.studies.study import (
    Input,
    Study,
    doubtful_columns,
    grave_columns,
    note_of_file,
    who_columns,
)
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

# What stands for the national address file where none is among the files.
_ADDRESSES = "ADDRESSES.csv"
# Of a file of many sheets or members, as many are named to be inspected.
_PARTS = 8


def next_commands(
    files: Sequence[Path],
    inventories: Sequence[Inventory],
    places: Sequence[Path] = (),
    contents: Contents | None = None,
    *,
    named: Callable[[Path], str] = lambda path: path.name,
) -> tuple[str, ...]:
    """Return the commands that may be run next on files, as a shell takes them.

    - `places`: Files of public addresses among them, over which maps are laid. Without one,
      ``ADDRESSES.csv`` stands for the national address file.
    - `contents`: From which of several some were set out: a command names that, and the sheet; of
      a file that is itself in a zip, the member and its sheet.
    - `named`: How a file is named: without its folder, or as it was given.

    Examples
    --------
    >>> import pandas as pd, privaudit as pa
    >>> people = pd.DataFrame({"sexe": list("FM") * 9, "age": [20, 30, 40] * 6})
    >>> next_commands([Path("my file.csv")], [pa.inspect(people, as_of="2024-06-01")])
    ("privaudit table 'my file.csv' --key sexe,age --out report-my-file",)
    """
    addresses = named(places[0]) if places else _ADDRESSES
    contents = contents or Contents(files=tuple(files))
    lines, maps, tables = list[str](), list[tuple[str, Inventory]](), list[tuple[str, Inventory]]()
    for path, inventory in zip(files, inventories, strict=True):
        of, sheet = contents.asked.get(path, (path, inventory.sheet))
        file, inventory = named(of), replace(inventory, sheet=sheet)
        # A sheet that was asked for by itself is called after its file.
        name = _word(file, sheet if path in contents.asked else "")
        headless = () if inventory.named else (of.name,)
        # How its areas were laid out, a file of counts does not say: no command would be complete.
        counts = may_be_counts(column.name for column in inventory.columns)
        dots = _has_one_place(inventory) and not counts and _gives_dots(of)
        out = f"report-{name}-map"
        shared: dict[str, Any] = {"sheet": sheet, "no_header": headless}
        if dots:
            lines.append(_line("map", [file], addresses=addresses, out=out, **shared))
            maps.append((file, inventory))
        elif not inventory.is_map and any(c.kind == "address" for c in inventory.columns):
            tables.append((file, inventory))
        books = (p for p, one in zip(files, inventories, strict=True)
                 if one.name in inventory.codebooks and p not in contents.asked)  # fmt: skip
        book = next(map(named, books), None)
        lines += _lines_of(inventory, file, name, no_header=headless, codebook=book)
    for path, numbers in contents.left.items():
        of, member = contents.asked.get(path, (path, ""))
        lines += _lines_of_left(named(of), [f"{member}/{n}" if member else str(n) for n in numbers])
    for (file, table), (leak, of_dots) in product(tables, maps):
        out = f"report-{_word(file, table.sheet)}-{_word(leak, of_dots.sheet)}"
        sheets = {"sheet": table.sheet, "map_sheet": of_dots.sheet}
        lines.append(_line("link", [file, leak], addresses=addresses, **sheets, out=out))
    return tuple(lines)


def _line(command: str, files: Sequence[str], *, no_header: Any = (), **values: Any) -> str:
    """Return a command line; files and folders stand as they were given."""
    return command_line(command, files, folders=True, no_header=no_header, **values)


def _has_one_place(inventory: Inventory) -> bool:
    """Return whether each record has one place, not two as a journey has from where to where."""
    if any("point" in column.formats for column in inventory.columns):
        return inventory.is_map
    names = [column.name for column in inventory.columns]
    pair = named_pair(names)
    if pair is not None and {*pair[:2]} <= {c.name for c in inventory.columns if c.kind == "spot"}:
        return inventory.is_map
    try:
        location_columns(names, name=inventory.name, who="inspect")
    except SchemaError:
        return False
    return inventory.is_map


def _gives_dots(path: Path) -> bool:
    """Return whether a map may be read from a file of this kind: not from XML of any records."""
    try:
        return bool(reader_of(path, gives="dots", who="inspect"))
    except ReadError:
        return False


def _lines_of(
    inventory: Inventory, file: str, name: str, *, no_header: tuple[str, ...], codebook: str | None
) -> list[str]:
    """Return the commands that may be run next on one file, maps apart."""
    lines = list[str]()
    shared: dict[str, Any] = {"sheet": inventory.sheet, "no_header": no_header}
    if log := log_columns(inventory):
        columns = dict(zip(("person", "item", "time"), log, strict=True))
        lines.append(_line("traces", [file], **columns, out=f"report-{name}-log", **shared))
    if inventory.roles.key:
        roles = {n: getattr(inventory.roles, n) or None for n in ("key", "sensitive", "identifier")}
        roles |= {"codebook": codebook, "out": f"report-{name}"}
        lines.append(_line("table", [file], **roles, **shared))
    return lines + _lines_of_left(file, [str(n) for n in inventory.left], no_header)


def _lines_of_left(file: str, parts: Sequence[str], no_header: tuple[str, ...] = ()) -> list[str]:
    """Return the commands that look at the other parts of a file."""
    named = [(part, f"inspect-{_word(file, part)}") for part in parts[:_PARTS]]
    return [_line("inspect", [file], sheet=p, out=out, no_header=no_header) for p, out in named]


def _word(file: str, sheet: str = "") -> str:
    """Return a word for a folder: of a file's name, and of a sheet's."""
    words = filter(None, (Path(file).name.partition(".")[0], sheet))
    return "-".join(words).replace(" ", "-").replace("/", "-")


@in_steps("inspect", parts=3)
@without_header(detect=True)
def inspect(
    source: Any,
    *,
    as_of: Any = None,
    reading: Reading | None = None,
    encoding: str | None = None,
) -> Inventory:
    """Take the inventory of a file: the role of each column, whom it singles out, what is absent.

    Parameters
    ----------
    source : path, pandas.DataFrame, Release or Traces
        A file of any format that has a reader, what was read of one, or a frame.
    as_of : date or str, optional
        The day on which minors are counted, such as ``"2016-11-08"``. Default: today.
    reading : Reading, optional
        How cells are read.
    encoding : str, optional
        Of a file of text, in Python's words: ``"mac_roman"``. Default: as its words show.

    Returns
    -------
    Inventory
        `frame` has a row a column: ``column, role``, what it holds and how that is known, how far
        it is filled, and how many records are alone by it. No cell. `roles` are
        those that `measure` would be given.

    Raises
    ------
    ReadError, SchemaError
        The file cannot be read, or has no row.
    ParameterError
        Another type than these, or an invalid day.

    Examples
    --------
    >>> people = pd.DataFrame({"email": ["a@b.fr", "c@d.fr"], "religion": ["x", "y"]})
    >>> inspect(people, as_of="2024-06-01").frame[["column", "role"]].values.tolist()
    [['email', 'contact detail (identifier)'], ['religion', 'special category']]
    """
    with read_as(encoding):
        table = _table(source, reading)
    step("read")
    return _taken(table, _day(as_of), reading)


@without_header(detect=True)
def inspect_files(
    files: Sequence[str | os.PathLike[str]],
    *,
    as_of: Any = None,
    reading: Reading | None = None,
    contents: Contents | None = None,
    roles_file: str | os.PathLike[str] | None = None,
) -> Study:
    """Inspect files and return the study; `as_of` and `reading` as for `inspect`.

    - `roles_file`: TOML, roles of columns in place of those that would be proposed; of a file
      that it does not name these are.
    - `contents`: Files that hold several, from which some of `files` were set out.

    Returns
    -------
    Study
        Of kind "inspect"; its `inventories` are those of the files, in their order.
    """
    given = [Path(file) for file in files]
    if not given:
        raise ParameterError.of("inspect", "a file at least", "none")
    if len({path.name for path in given}) < len(given):
        do = "Rename one: findings are named by their file."
        raise ParameterError.of("inspect", "files of different names", "two files of one name", do)
    day, stated = _day(as_of), None if roles_file is None else read_roles(roles_file)
    known, unread = _readable_tables(given, reading, contents)
    given = list(known)
    read = list(zip(given, decoded(list(known.values())), strict=True))
    sheet = None if reading is None else reading.sheet
    if stated is not None:
        stated.refuse_without((path.name for path in given), sheet, who="inspect")
    # An address file beside others is no file of people: maps are laid over it.
    places = [path for path, table in read if holds_addresses(table.frame) and len(given) > 1]
    places = places if len(places) < len(given) else []
    paths = [path for path, _ in read if path not in places]
    tables = [table for path, table in read if path not in places]
    roles = [
        None
        if stated is None
        else stated.checked(path.name, table.frame.columns, sheet, who="inspect")
        for path, table in zip(paths, tables, strict=True)
    ]
    made = _inventories(tables, roles, day, reading)
    asked = {} if reading is None else plain_fields(reading)
    held = replace(contents or Contents(files=()), files=tuple(given))
    return Study(
        kind="inspect",
        title=", ".join(table.name for table in tables),
        provenance="audited file",
        real_places=True,
        measures={"inspect": _measures(made), **_recordings(tables)},
        inventories=made,
        next_commands=next_commands(paths, made, places, contents),
        set_aside=sum((Counter(table.set_aside) for table in tables), Counter()),
        notes=(
            *(
                note_of_file(note, t.name, len(tables))
                for t, one in zip(tables, made, strict=True)
                for note in (*t.notes, *ids_repeated(t.frame), *one.heaps)
            ),
            *(note_of_file(note, file, 2) for file, notes in held.notes.items() for note in notes),
            *(Note("members_unread", file=file, n=n) for file, n in unread.items()),
            *(Note("places_of_network", file=one.name) for one in made if one.network),
        ),
        command=command_line(
            "inspect", held.given, reading, as_of=day, roles_file=roles_file
        ),
        inputs=_inputs(given, places, held, roles_file),
        recipe={"as_of": str(day), **asked},
    )  # fmt: skip


def _inputs(
    given: Sequence[Path], places: Collection[Path], held: Contents, roles_file: Any
) -> tuple[Input, ...]:
    """Return the files that were read, those that they were taken out of, and the roles file."""
    inputs = [Input(path=p, role="addresses" if p in places else "inspected") for p in given]
    inputs += [Input(path=path, role="container") for path in held.containers]
    inputs += [Input(path=Path(path), role="roles") for path in [roles_file] if path]
    return tuple(inputs)


def _taken(
    table: FileFrame, day: datetime.date, reading: Reading | None, roles: Roles | None = None
) -> Inventory:
    """Take the inventory of a table that was read; a column is what its question asks, if known."""
    sheet = "" if reading is None else reading.sheet or ""
    asked = table.questions if roles is None else {}
    frame = table.frame.rename(columns=asked)
    made = take_inventory(
        frame, name=table.name, as_of=day, reading=reading, roles=roles, who="inspect"
    )
    return replace(
        _called(made, {text: name for name, text in asked.items()}),
        named=table.named, left=table.left, sheet=sheet, file=table.file or table.name,
    )  # fmt: skip


# Notes that name the table in which codes or questions are written out.
_BY_CODEBOOK = ("decoded_by", "worded_by")


def _inventories(
    tables: Sequence[FileFrame],
    roles: Sequence[Roles | None],
    day: datetime.date,
    reading: Reading | None,
) -> tuple[Inventory, ...]:
    """Take the inventories of tables; those that write out codes of others are of nobody."""
    books = {name for table in tables for name in _books_of(table, _BY_CODEBOOK)}
    result = list[Inventory]()
    for table, given in zip(tables, roles, strict=True):
        made = _taken(table, day, reading, given)
        made = _as_codebook(made) if table.name in books and given is None else made
        made = replace(made, codebooks=_books_of(table))
        result.append(suppress_small_counts(made))
    return tuple(result)


def _books_of(table: FileFrame, by: Collection[str] = ("decoded_by",)) -> tuple[str, ...]:
    """Return the names of the tables that write out codes of a table."""
    return tuple(sorted({note.values["table"] for note in table.notes if note.key in by}))


def _as_codebook(made: Inventory) -> Inventory:
    """Return the inventory of a codebook: what its rows name are answers, and of no person.

    How many of its cells are to be read again stays.
    """
    columns = tuple(
        replace(one, role="unknown", kind="", by="", declared="", says={}, least=0)
        for one in made.columns
    )
    return replace(made, columns=columns, roles=Roles(), births="", heaps=(), alone=0)


def _called(made: Inventory, names: Mapping[str, str]) -> Inventory:
    """Call the columns of an inventory as their file does."""
    if not names:
        return made
    of_roles: dict[str, Any] = {
        name: tuple(names.get(column, column) for column in columns)
        for name, columns in vars(made.roles).items()
        if isinstance(columns, tuple)
    }
    columns = tuple(replace(one, name=names.get(one.name, one.name)) for one in made.columns)
    births = names.get(made.births, made.births)
    heaps = tuple(Note(one.key, **{**one.values, "column": births}) for one in made.heaps)
    roles = replace(made.roles, **of_roles)
    return replace(made, columns=columns, roles=roles, births=births, heaps=heaps)


def _table(source: Any, reading: Reading | None = None) -> FileFrame:
    """Read anything that holds records; of a file of several parts, the one that is asked for."""
    if isinstance(source, Traces):
        events = pd.DataFrame({"person": source.person, "item": source.item})
        if source.time is not None:
            events["time"] = pd.to_datetime(source.time, unit="s")
        return FileFrame(frame=events, name=source.name)
    if isinstance(source, Release):
        if source.records.empty:
            do = "Read a picture back into dots first."
            raise ParameterError.of("inspect", "a release with records", source.kind, do)
        return FileFrame(frame=source.records, name=source.name, set_aside=source.set_aside)
    if isinstance(source, (str, os.PathLike)):
        sheet = None if reading is None else reading.sheet
        # What no reader takes as a table may hold dots, or a log.
        gives = first_form(partial(_readable_as, source))
        return read_frame(source, who="inspect", gives=gives, sheet=sheet)
    return read_source(source, who="inspect", gives="table")


def _readable_tables(
    files: Sequence[Path], reading: Reading | None, contents: Contents | None
) -> tuple[dict[Path, FileFrame], dict[str, int]]:
    """Read files; of those that came out of another, leave out and count what cannot be read.

    Raises
    ------
    PrivauditError
        A file that was given by itself, or all that one holds, cannot be read.
    """
    containers = {} if contents is None else contents.containers
    of = {one: whole for whole, ones in containers.items() for one in ones}
    known: dict[Path, FileFrame] = {}
    failed: dict[Path, PrivauditError] = {}
    for path in files:
        try:
            known[path] = _table(path, reading)
        except PrivauditError as error:
            if path not in of:
                raise
            failed[path] = error
    for path, reason in failed.items():
        if not any(of.get(other) == of[path] for other in known):
            raise reason
    return known, dict(Counter(of[path].name for path in failed))


def _readable_as(path: Any, gives: str) -> str:
    """Return `gives` if a reader can read the file so; raise otherwise."""
    reader_of(path, gives=gives, who="inspect")
    return gives


def _day(given: Any) -> datetime.date:
    """Read a day; today where none is given."""
    if given is None:
        return datetime.datetime.now(tz=datetime.UTC).date()
    if isinstance(given, datetime.datetime):
        return given.date()
    if isinstance(given, datetime.date):
        return given
    try:
        return datetime.date.fromisoformat(str(given))
    except ValueError:
        do = "Write it as 2016-11-08."
        raise ParameterError.of("inspect", "a day for as_of", "another text", do) from None


def _recordings(tables: Sequence[FileFrame]) -> dict[str, Measures]:
    """Count what applications sent, by browser recording."""
    each = {one.name: recording_rows(one) for one in tables if one.recorded}
    if not each:
        return {}
    only = next(iter(each.values()))
    return {"recording": only if len(tables) == 1 else joined("recording", each, by="file")}


def _measures(made: Sequence[Inventory]) -> Measures:
    """Turn inventories into rows: a number a finding, each of its file where there are several."""
    every: list[Row] = []
    for one in made:
        rows = Rows(one.n, "records")
        part = {"file": one.name} if len(made) > 1 else {}
        _add_columns(rows, one, part)
        _add_searched(rows, one, part)
        for column in one.columns:
            _add_column(rows, one, column, part)
        if one.roles.key:
            note = Note("keys_proposed", columns=one.roles.key)
            _add(rows, "alone_by_keys", one.alone, note, part=part)
        if one.births:
            note = Note("minors_by", column=one.births, day=str(one.as_of))
            low, high = one.minors, one.most_minors
            _add(rows, "minors", low, note, part=part, low=low, high=high, worst_case=True)
        every += rows
    of_all = Rows(sum(len(one.columns) for one in made), "columns")
    counted = {"grave": grave_columns, "doubtful": doubtful_columns, "identifying": who_columns}
    for measure, columns in counted.items():
        of_all.add(measure, sum(len(columns(one)) for one in made), "columns")
    return Measures(family="inspect", rows=[*every, *of_all], name=made[0].name)


def _add_columns(rows: Rows, one: Inventory, part: dict[str, Any]) -> None:
    """Add the size of the file, how many columns have each role, and what is absent."""
    about: dict[str, Any] = {"counts": "columns", "n": len(one.columns)}
    rows.add("size", one.n, "records", part=part, **about)
    for role in ROLES:
        names = tuple(column.name for column in one.of_role(role))
        if names:
            note = Note("columns_named", columns=names)
            named = {"column_role": role} | part
            rows.add("columns_of", len(names), "columns", note, part=named, **about)
    empty = sum(column.filled == 0 for column in one.columns)
    rows.add("empty", empty, "columns", part=part, **about)
    note = Note("absent_named", what=one.absent)
    rows.add("absent", len(one.absent), "criteria", note, part=part, n=5, counts="criteria")


def _add_searched(rows: Rows, one: Inventory, part: dict[str, Any]) -> None:
    """Add how many text cells were searched for words, of those whose number may be said."""
    known = [c for c in one.columns if math.isfinite(c.texts + c.searched)]
    texts, searched = sum(c.texts for c in known), sum(c.searched for c in known)
    if texts:
        rows.add("searched", searched, "values", part=part, n=texts, counts="values")


def _add_column(rows: Rows, one: Inventory, column: Column, part: dict[str, Any]) -> None:
    named = {"column": column.name} | part
    if column.filled and math.isfinite(column.filled):
        _add(rows, "filled", column.filled, part=named)
        if column.shows not in (0, column.filled) and math.isfinite(column.shows):
            _add(rows, "shows", column.shows, part=named, n=column.filled)
    if column.others and math.isfinite(column.texts - column.searched):
        left, of = column.texts - column.searched, column.texts
        rows.add("not_searched", left, "values", part=named, n=of, counts="values")
    if column.again != 0 and math.isfinite(column.searched):
        _add(rows, "sensitive_least", column.least, part=named, n=column.searched)
        _add(rows, "sensitive_again", column.again, part=named, n=column.searched)
    doubt = [Note("no_word_sure")] if column in doubtful_columns(one) else []
    for what, count in column.says.items():
        notes = doubt if what in SPECIAL else []
        _add(rows, "says", count, *notes, part=named | {"what": what}, n=column.filled)
    if column.name in one.roles.key:
        _add(rows, "alone_by", column.alone, part=named)
        _add(rows, "adds", column.adds, part=named)


def _add(rows: Rows, measure: str, count: float, *notes: Note, **fields: Any) -> None:
    """Add a count of records; one that is not known was withheld."""
    rows.add(measure, count, "records", notes, withheld=math.isnan(count), **fields)


# Names of parameters by what they carry, as advertising and analytics tools call them.
_WORDS: dict[str, frozenset[str]] = {
    kind: frozenset(words.split())
    for kind, words in packaged_toml("privaudit.release", "column_roles.toml")["sent"].items()
} | {"degrees": OF_COORDINATES}
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
