"""Inspect files of unknown content, and set out what a seizure holds."""

from __future__ import annotations

import datetime
import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit.columns.reading import Reading
from privaudit.columns.roles import Roles, ids_repeated
from privaudit.core.checks import plain_fields
from privaudit.core.progress import in_steps, step
from privaudit.errors import ParameterError, PrivauditError, ReadError
from privaudit.io.encodings import read_as
from privaudit.io.file_frame import FileFrame
from privaudit.io.files import (
    read_frame,
    reader_of,
)
from privaudit.io.legends import decoded
from privaudit.io.text_files import without_header
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
from privaudit.release.recordings import recording_rows
from privaudit.release.release import Release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row, Rows
from privaudit.studies.commands import command_line
from privaudit.studies.exhibits import Contents, first_form, holds_addresses, log_columns
from privaudit.studies.study import Input, Study, grave_columns, note_of_file, who_columns
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
        dots = inventory.is_map and not counts and _gives_dots(of)
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
        Another thing than these, or a day that is none.

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
    """Return a form that a reader gives of a file; refuse another."""
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
            _add(rows, "minors", low, note, part=part, low=low, high=high)
        every += rows
    of_all = Rows(sum(len(one.columns) for one in made), "columns")
    for measure, columns in (("grave", grave_columns), ("identifying", who_columns)):
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
    for what, count in column.says.items():
        _add(rows, "says", count, part=named | {"what": what}, n=column.filled)
    if column.name in one.roles.key:
        _add(rows, "alone_by", column.alone, part=named)
        _add(rows, "adds", column.adds, part=named)


def _add(rows: Rows, measure: str, count: float, *notes: Note, **fields: Any) -> None:
    """Add a count of records; one that is not known was withheld."""
    rows.add(measure, count, "records", notes, withheld=math.isnan(count), **fields)
