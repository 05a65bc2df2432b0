"""The study of files of which nothing is known yet: what is in them, and what to run next.

- The commands that may be run next on files that were inspected.
"""

from __future__ import annotations

import datetime
import math
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit.columns.reading import Reading
from privaudit.core.checks import error_message, plain_fields
from privaudit.core.progress import in_steps, step
from privaudit.errors import ParameterError, PrivauditError, ReadError
from privaudit.io.file_frame import FileFrame
from privaudit.io.files import GIVES, read_frame, reader_of
from privaudit.io.text_files import without_header
from privaudit.release.column_roles import ROLES
from privaudit.release.inventory import Column, Inventory, printed, recording_rows, take_inventory
from privaudit.release.read_table import taken_over
from privaudit.release.read_traces import Traces
from privaudit.release.release import Release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row, Rows
from privaudit.studies.commands import command_line
from privaudit.studies.exhibits import Contents, holds_addresses, log_columns
from privaudit.studies.study import Input, Study
from privaudit.text.names import with_commas
from privaudit.words.catalogues import Note

# What stands for the national address file where none is among the files.
_PLACES = "ADDRESSES.csv"
# Of a file of many sheets or members, as many are named to be inspected.
_PARTS = 8
_OF_LOG = ("--person", "--item", "--time")


def next_commands(
    files: Sequence[Path],
    inventories: Sequence[Inventory],
    places: Sequence[Path] = (),
    contents: Contents | None = None,
    *,
    told: Callable[[Path], str] = lambda path: path.name,
) -> tuple[str, ...]:
    """Return the commands that may be run next on files, as a shell takes them.

    - `places`: Files of public addresses among them, over which maps are laid. Without one,
      ``ADDRESSES.csv`` stands for the national address file.
    - `contents`: From which of several some were set out: a command names that, and the sheet; of
      a file that is itself in a zip, the member and its sheet.
    - `told`: How a file is named: without its folder, or as it was given.

    Examples
    --------
    >>> import pandas as pd, privaudit as pa
    >>> people = pd.DataFrame({"sexe": list("FM") * 9, "age": [20, 30, 40] * 6})
    >>> next_commands([Path("my file.csv")], [pa.inspect(people, as_of="2024-06-01")])
    ("privaudit table 'my file.csv' --key sexe,age --out report-my-file",)
    """
    addresses = ["--addresses", with_commas([told(places[0])]) if places else _PLACES]
    held = contents or Contents(files=tuple(files))
    lines, whole = list[list[str]](), list[tuple[str, Inventory]]()
    for path, found in zip(files, inventories, strict=True):
        of, sheet = held.asked.get(path, (path, found.sheet))
        file, found = told(of), replace(found, sheet=sheet)
        bare = [] if found.named else ["--no-header", with_commas([of.name])]
        # A sheet that was asked for by itself is called after its file.
        name = _word(file, sheet if path in held.asked else "")
        lines += [[*line, *bare] for line in _lines_of(found, file, name, addresses)]
        whole.append((file, found))
    for path, numbers in held.left.items():
        of, member = held.asked.get(path, (path, ""))
        parts = [f"{member}/{n}" if member else str(n) for n in numbers]
        lines += _lines_of_left(told(of), parts)
    of_maps = [one for one in whole if one[1].is_map]
    of_people = [
        one for one in whole
        if any(column.kind == "address" for column in one[1].columns) and one not in of_maps
    ]  # fmt: skip
    lines += [_line_of_link(table, dots, addresses) for table, dots in product(of_people, of_maps)]
    return tuple(" ".join(shlex.quote(word) for word in ("privaudit", *line)) for line in lines)


def _lines_of(found: Inventory, file: str, name: str, addresses: Sequence[str]) -> list[list[str]]:
    """Return the words of the commands that may be run next on one file."""
    roles, lines = found.roles, list[list[str]]()
    if found.is_map:
        lines.append(["map", file, *addresses, "--out", f"report-{name}-map"])
    if log := log_columns(found):
        by = [word for pair in zip(_OF_LOG, log, strict=True) for word in pair]
        lines.append(["traces", file, *by, "--out", f"report-{name}-log"])
    if roles.key:
        told = [(one, getattr(roles, one)) for one in ("key", "sensitive", "identifier")]
        asked = [
            word for one, columns in told if columns for word in (f"--{one}", with_commas(columns))
        ]
        lines.append(["table", file, *asked, "--out", f"report-{name}"])
    if found.sheet:
        lines = [[*line, "--sheet", found.sheet] for line in lines]
    return lines + _lines_of_left(file, [str(n) for n in found.left])


def _line_of_link(
    table: tuple[str, Inventory], dots: tuple[str, Inventory], addresses: Sequence[str]
) -> list[str]:
    """Return the words of the command that lays a table beside a map."""
    (file, one), (leak, other) = table, dots
    sheets = [
        word
        for option, sheet in (("--sheet", one.sheet), ("--map-sheet", other.sheet))
        for word in ((option, sheet) if sheet else ())
    ]
    name = f"report-{_word(file, one.sheet)}-{_word(leak, other.sheet)}"
    return ["link", file, leak, *addresses, *sheets, "--out", name]


def _lines_of_left(file: str, parts: Sequence[str]) -> list[list[str]]:
    """Return the words of the commands that look at the other parts of a file."""
    return [
        ["inspect", file, "--sheet", part, "--out", f"inspect-{_word(file, part)}"]
        for part in parts[:_PARTS]
    ]


def _word(file: str, sheet: str = "") -> str:
    """Return a word for a folder: of a file's name, and of a sheet's."""
    words = filter(None, (Path(file).name.partition(".")[0], sheet))
    return "-".join(words).replace(" ", "-").replace("/", "-")


_WHO = "inspect"


@in_steps("inspect", parts=3)
@without_header(seen=True)
def inspect(source: Any, *, as_of: Any = None, reading: Reading | None = None) -> Inventory:
    """Say what each column of a file is, whom it singles out, and what is absent.

    Parameters
    ----------
    source : path, pandas.DataFrame, Release or Traces
        A file of any format that has a reader, what was read of one, or a frame.
    as_of : date or str, optional
        The day on which minors are counted, such as ``"2016-11-08"``. Default: today.
    reading : Reading, optional
        How cells are read.

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
    table = _table(source, reading)
    step("read")
    return _taken(table, _day(as_of), reading)


@without_header(seen=True)
def inspect_files(
    files: Sequence[str | os.PathLike[str]],
    *,
    as_of: Any = None,
    reading: Reading | None = None,
    gaps_told: bool = False,
    contents: Contents | None = None,
) -> Study:
    """Inspect files and return the study; `as_of` and `reading` as for `inspect`.

    - `gaps_told`: The study goes beside others that count blanks.
    - `contents`: Files that hold several, from which some of `files` were set out.

    Returns
    -------
    Study
        Of kind "inspect"; its `inventories` are those of the files, in their order.
    """
    given = [Path(file) for file in files]
    if not given:
        raise ParameterError(error_message(_WHO, "a file at least", "none"))
    if len({path.name for path in given}) < len(given):
        do = "Rename one: what is found is told by its name."
        raise ParameterError(
            error_message(_WHO, "files of different names", "two files of one name", do)
        )
    day = _day(as_of)
    read = [(path, _table(path, reading)) for path in given]
    # An address file beside others is no file of people: maps are laid over it.
    places = [path for path, table in read if holds_addresses(table.frame) and len(given) > 1]
    places = places if len(places) < len(given) else []
    paths = [path for path, _ in read if path not in places]
    tables = [table for path, table in read if path not in places]
    made = tuple(printed(_taken(table, day, reading), gaps_told=gaps_told) for table in tables)
    asked = {} if reading is None else plain_fields(reading)
    held = (
        Contents(files=tuple(given)) if contents is None else replace(contents, files=tuple(given))
    )
    return Study(
        kind="inspect",
        title=", ".join(table.name for table in tables),
        provenance="audited file",
        real_places=True,
        measures={"inspect": _measures(made), **_recordings(tables)},
        inventories=made,
        next_commands=next_commands(paths, made, places, contents),
        set_aside={note: n for table in tables for note, n in table.set_aside.items()},
        notes=(
            *(_of_file(note, t.name, len(tables)) for t in tables for note in t.notes),
            *(_of_file(note, file, 2) for file, said in held.notes.items() for note in said),
        ),
        command=command_line(_WHO, held.given, reading, as_of=day),
        inputs=tuple(
            Input(path=path, role="addresses" if path in places else "inspected") for path in given
        ) + tuple(Input(path=path, role="container") for path in held.containers),
        recipe={"as_of": str(day), **asked},
    )  # fmt: skip


def _taken(table: FileFrame, day: datetime.date, reading: Reading | None) -> Inventory:
    """Take the inventory of a table that was read, and say what of the file is not in it."""
    found = take_inventory(table.frame, name=table.name, as_of=day, reading=reading, who=_WHO)
    sheet = "" if reading is None else reading.sheet or ""
    file = table.file or table.name
    return replace(found, named=table.named, left=table.left, sheet=sheet, file=file)


def _table(source: Any, reading: Reading | None = None) -> FileFrame:
    """Read anything that holds records; of a file of several parts, the one that is asked for."""
    if isinstance(source, Traces):
        told: dict[str, Any] = {"person": source.person, "item": source.item}
        told |= {} if source.time is None else {"time": pd.to_datetime(source.time, unit="s")}
        return FileFrame(frame=pd.DataFrame(told), name=source.name)
    if isinstance(source, Release):
        if source.records.empty:
            do = "Read a picture back into dots first."
            raise ParameterError(error_message(_WHO, "a release with records", source.kind, do))
        return FileFrame(frame=source.records, name=source.name, set_aside=source.set_aside)
    if isinstance(source, (str, os.PathLike)):
        sheet = None if reading is None else reading.sheet
        return read_frame(source, who=_WHO, gives=_gives(source), sheet=sheet)
    return taken_over(source, who=_WHO, gives="table")


def _gives(path: Any) -> str:
    """Return as what a file can be read: a table before dots before a log."""
    refused: PrivauditError | None = None
    for gives in ("table", *(g for g in GIVES if g != "table")):
        try:
            reader_of(path, gives=gives, who=_WHO)
        except ReadError as error:
            refused = refused or error
        else:
            return gives
    assert refused is not None
    raise refused


def _day(told: Any) -> datetime.date:
    """Read a day; today where none is told."""
    if told is None:
        return datetime.datetime.now(tz=datetime.UTC).date()
    if isinstance(told, datetime.datetime):
        return told.date()
    if isinstance(told, datetime.date):
        return told
    try:
        return datetime.date.fromisoformat(str(told))
    except ValueError:
        do = "Write it as 2016-11-08."
        raise ParameterError(error_message(_WHO, "a day for as_of", "another text", do)) from None


def _of_file(note: Note, name: str, files: int) -> Note:
    """Say of which of several files a note is."""
    if files == 1 or "file" in note.values:
        return note
    return Note("of_file", file=name, text=note)


def _recordings(tables: Sequence[FileFrame]) -> dict[str, Measures]:
    """Say what applications sent, of each browser's recording."""
    told = {one.name: recording_rows(one.recorded, one.name) for one in tables if one.recorded}
    if not told:
        return {}
    only = next(iter(told.values()))
    return {"recording": only if len(tables) == 1 else joined("recording", told, by="file")}


def _measures(made: Sequence[Inventory]) -> Measures:
    """Turn inventories into rows: a number a finding, each of its file where there are several."""
    found: list[Row] = []
    for one in made:
        rows = Rows(one.n, "records")
        part = {"file": one.name} if len(made) > 1 else {}
        _add_columns(rows, one, part)
        for column in one.columns:
            _add_column(rows, one, column, part)
        if one.roles.key:
            note = Note("keys_proposed", columns=one.roles.key)
            _add(rows, "alone_by_keys", one.alone, note, part=part)
        if one.births:
            note = Note("minors_by", column=one.births, day=str(one.as_of))
            _add(rows, "minors", one.minors, note, part=part)
        found += list(rows)
    return Measures(family="inspect", rows=found, name=made[0].name)


def _add_columns(rows: Rows, one: Inventory, part: dict[str, Any]) -> None:
    """Add how many columns have each role, and what is absent."""
    about: dict[str, Any] = {"counts": "columns", "n": len(one.columns)}
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


def _add_column(rows: Rows, one: Inventory, column: Column, part: dict[str, Any]) -> None:
    named = {"column": column.name} | part
    for what, count in column.says.items():
        _add(rows, "says", count, part=named | {"what": what}, n=column.filled)
    if column.name in one.roles.key:
        _add(rows, "alone_by", column.alone, part=named)
        _add(rows, "adds", column.adds, part=named)


def _add(rows: Rows, measure: str, count: float, *notes: Note, **told: Any) -> None:
    """Add a count of records; one that is not known was withheld."""
    rows.add(measure, count, "records", notes, withheld=math.isnan(count), **told)
