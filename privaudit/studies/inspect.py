"""Inspect files of unknown content, and set out what a seizure holds."""

from __future__ import annotations

import datetime
import math
import os
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from privaudit.columns.headers import IDENTIFYING_KINDS, may_name_a_person
from privaudit.columns.identifiers import IDENTIFIERS
from privaudit.columns.reading import Reading
from privaudit.columns.recognise import cells_of, column_kinds
from privaudit.columns.roles import Roles, export_of
from privaudit.core.checks import keyword_only, one_of, plain_fields
from privaudit.core.progress import in_steps, step
from privaudit.errors import ParameterError, PrivauditError, ReadError
from privaudit.io.coordinates import coordinate_pairs, with_points
from privaudit.io.duckdb import Spill, spilling
from privaudit.io.file_frame import FileFrame, refuse_if_most
from privaudit.io.files import (
    GIVES,
    Part,
    Parts,
    ReadRequest,
    letters_together,
    paths_as_parts,
    read_frame,
    reader_of,
)
from privaudit.io.formats.archive import members_of
from privaudit.io.legends import decoded
from privaudit.io.text_files import first_bytes, one_line, without_header
from privaudit.release.column_roles import (
    ROLES,
    places_of_network,
    read_roles,
)
from privaudit.release.inventory import (
    Column,
    Inventory,
    suppress_small_counts,
    take_inventory,
)
from privaudit.release.read_table import read_source
from privaudit.release.read_traces import Traces
from privaudit.release.recordings import recording_rows
from privaudit.release.release import Release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row, Rows
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study
from privaudit.text.normalise import fold, header_words
from privaudit.words.catalogues import Note

T = TypeVar("T")
EXHIBITS = ("table", "map", "log", "mailing")
# Words of headers, in French and English: who did something, with what, and when; and what only
# messages have.
_READ_AS = {
    "account", "compte", "user", "utilisateur", "person", "personne", "follower", "abonne",
    "profile", "profil", "uid", "signup",
}  # fmt: skip
_WITH = {
    "page", "item", "post", "action", "kind", "event", "evenement", "type", "url", "contenu",
    "object", "objet", "method", "canal", "channel", "publication", "tweet", "video", "photo",
    "article", "lien", "link",
}  # fmt: skip
_WHEN = {"time", "date", "timestamp", "heure", "at", "le", "datetime", "jour", "quand", "when"}
_SENT = {
    "subject", "sujet", "opened", "ouvert", "clicked", "clic", "clique", "variant", "variante",
    "sent", "envoi", "envoye", "bounced", "unsubscribed", "message",
}  # fmt: skip
# What a file of the national address base has.
_OF_ADDRESSES = frozenset(("numero", "nom_voie", "code_insee"))
_PLACES = (frozenset(("x", "y")), frozenset(("lon", "lat")))
# Rows a person at least, on average, of a log: one row is an event, not somebody.
_EVENTS = 1.2


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Exhibit:
    """A file of a seizure, read.

    Parameters
    ----------
    path : Path
    kind : {"table", "map", "log", "mailing"}
    frame : pandas.DataFrame
        Its rows, as read.
    who, what, when : str
        Of a log or a mailing, the columns that say who, with what and when; "" elsewhere.
    shapes : int
        Lines and areas of a map that has no point, whose rows are a table.
    left : int
        Other sheets, tables or members of the file, which were not read.
    """

    path: Path
    kind: str
    frame: pd.DataFrame
    who: str = ""
    what: str = ""
    when: str = ""
    shapes: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        one_of("Exhibit", "kind", self.kind, EXHIBITS)


def holds_addresses(frame: pd.DataFrame) -> bool:
    """Return whether a file is one of public addresses."""
    columns = {fold(str(column)) for column in frame.columns}
    if not columns >= _OF_ADDRESSES or not any(columns >= place for place in _PLACES):
        return False
    # A list of people that was given the base's columns is one of people.
    return not {one.kind for one in column_kinds(frame).values()} & {*IDENTIFYING_KINDS, "support"}


def shown_by_name(frame: pd.DataFrame) -> bool:
    """Return whether a table identifies its rows: name, contact, account or number."""
    return any(one.kind in (*IDENTIFYING_KINDS, "number") for one in column_kinds(frame).values())


def log_columns(inventory: Inventory) -> tuple[str, str, str] | None:
    """Return the person, item and time columns of a log."""
    n, columns = inventory.n, inventory.columns
    who = [c for c in inventory.of_role("identifier", "contact") if 2 * c.distinct <= n]
    # "4 mai à 18h26" is known by its cells, and of no type that is counted with.
    when = [c for c in columns if c.kind == "date" and (c.type == "date" or c.by == "cells")]
    what = [
        c for c in inventory.of_role("unknown", "technical", "key")
        if c.filled == n and 1 < c.distinct < n and c not in when
    ]  # fmt: skip
    named = any(c.kind in ("name", "address") for c in columns)
    if named or not (who and what and when):
        return None
    return who[0].name, max(what, key=lambda c: c.distinct).name, when[0].name


def open_exhibit(path: Path, inventory: Inventory | None = None) -> Exhibit:
    """Read a file and classify it by its columns.

    Coordinates make a map, unless it is an export of a known tool; a person who stands in several
    rows with a time makes a log; two columns that only messages have, a mailing.

    - `inventory`: What its columns hold: a log whose headers are no known words is one by these.

    Raises
    ------
    ReadError, SchemaError
        The file cannot be read.
    """
    file = _first_form(lambda gives: read_frame(path, who="dossier", gives=gives))
    return replace(by_inventory(_by_columns(path, file), inventory), left=len(file.left))


def _by_columns(path: Path, file: FileFrame) -> Exhibit:
    # A point in one column stands beside it in two: what is measured of a map asks for these.
    placed = with_points(file)
    beside = placed.frame[list(placed.location)] if placed is not file else None
    frame = file.frame if beside is None else pd.concat([file.frame, beside], axis=1)
    columns = [str(column) for column in frame.columns]
    table = Exhibit(path=path, kind="table", frame=frame)
    if export_of(columns) is not None:
        return table
    kinds = {column: one.kind for column, one in column_kinds(frame).items()}
    places = coordinate_pairs(columns)
    if places and not places_of_network(frame, kinds | dict.fromkeys(places, "spot")):
        return replace(table, kind="map")
    who, what, when = _of_events(frame)
    events = replace(table, who=who, what=what, when=when)
    if sum(bool(_SENT & set(header_words(column))) for column in columns) >= 2:
        return replace(events, kind="mailing")
    if who and what and when and not {*kinds.values()} & {"name", "address"}:
        return replace(events, kind="log")
    return replace(table, shapes=file.shapes)


def by_inventory(one: Exhibit, inventory: Inventory | None) -> Exhibit:
    """Take a table for a log where its columns hold what a log's do, whatever their headers."""
    if inventory is None or one.kind != "table" or export_of(map(str, one.frame)) is not None:
        return one
    columns = log_columns(inventory)
    if columns is None:
        return one
    who, what, when = columns
    return replace(one, kind="log", who=who, what=what, when=when)


def _first_form(read: Callable[[str], T]) -> T:
    """Read a file as the first of `GIVES` that its format gives; refuse it as a table."""
    refused: PrivauditError | None = None
    for gives in GIVES:
        try:
            return read(gives)
        except ReadError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _of_events(frame: pd.DataFrame) -> tuple[str, str, str]:
    """Return the columns of person, item and time; "" for each that is missing."""
    columns = [str(column) for column in frame.columns]
    words = {column: set(header_words(column)) for column in columns}
    who = next((c for c in columns if words[c] & _READ_AS and _repeats(frame[c])), "")
    when = next((c for c in columns if words[c] & _WHEN and c != who), "")
    what = next((c for c in columns if words[c] & _WITH and c not in (who, when)), "")
    return who, what, when


def _repeats(column: pd.Series) -> bool:
    return bool(column.notna().sum() >= _EVENTS * max(1, column.nunique()))


def add_named(rows: Rows, log: Exhibit, table: Exhibit) -> None:
    """Add how many of the accounts of a log, or of a mailing, a table knows.

    Baseline: of whole numbers, how many of those between the least and the greatest account of
    the log the table has: numbers that count up meet by chance.
    """
    accounts = sorted(set(_spelt(log.frame[log.who])) - {""}) if log.who else []
    known = {
        name: set(_spelt(table.frame[name]))
        for name, one in column_kinds(table.frame).items()
        if one.kind in (*IDENTIFYING_KINDS, "number")
    }
    if not accounts or not known:
        return
    named = {name: [account in held for account in accounts] for name, held in known.items()}
    column = max(named, key=lambda name: (sum(named[name]), name))
    rows.share(
        "accounts_named", named[column], counts="accounts",
        baseline=_by_chance(accounts, known[column]),
        notes=Note("named_by_column", column=column, log_column=log.who),
        part={"log": log.path.name, "table": table.path.name},
    )  # fmt: skip


def _spelt(column: pd.Series) -> list[str]:
    return [fold(cell.removesuffix(".0")) for cell in cells_of(column)]


def _by_chance(accounts: Iterable[str], known: Iterable[str]) -> float:
    numbers, others = (
        np.array([int(one) for one in of if one.isdecimal() and len(one) < 16], dtype=np.int64)
        for of in (accounts, known)
    )
    if len(numbers) < len(list(accounts)) or not len(numbers):
        return 0.0
    low, high = int(numbers.min()), int(numbers.max())
    inside = int(((others >= low) & (others <= high)).sum())
    return min(1.0, inside / (high - low + 1))


# Tables of one file that are set out.
_MOST = 40
_GIVES = ("table", "dots")
# Between the name of a file and that of its part.
_IN = " \u203a "


@dataclass(frozen=True, eq=False, kw_only=True)
class Contents:
    """Files, each of one table, and which of them came out of which file.

    Parameters
    ----------
    files : tuple of Path
        In the order of the files that were given.
    containers : mapping of Path to tuple of Path
        Of each file that holds several, what was set out of it.
    asked : mapping of Path to (Path, str)
        Of what was set out, the file and the sheet that a command may name for it.
    notes : mapping of str to tuple of Note
        What is to be said of a file that holds several, by its name.
    left : mapping of Path to tuple of int
        Numbers of what such a file holds besides, which was not set out.
    """

    files: tuple[Path, ...]
    containers: Mapping[Path, tuple[Path, ...]] = field(default_factory=dict)
    asked: Mapping[Path, tuple[Path, str]] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    left: Mapping[Path, tuple[int, ...]] = field(default_factory=dict)

    @property
    def given(self) -> list[Path]:
        """The files as they were given."""
        of = {one: whole for whole, ones in self.containers.items() for one in ones}
        return list(dict.fromkeys(of.get(path, path) for path in self.files))


class _Open:
    """What is set out so far."""

    def __init__(self, spill: Spill, who: str) -> None:
        self.spill, self.who = spill, who
        self.parts: dict[Path, Part] = {}
        self.asked: dict[Path, tuple[Path, str]] = {}
        self.notes: dict[str, tuple[Note, ...]] = {}
        self.left: dict[Path, tuple[int, ...]] = {}

    def of(self, path: Path, taken: Collection[str]) -> tuple[Path, ...]:
        """Return what a file holds; nothing where that is one table, or cannot be read."""
        if path.suffix.lower() != ".zip":
            return self._tables(path, path, "")
        members: list[Path] = []
        with suppress(PrivauditError):
            members = members_of(path, self.spill, taken=taken, who=self.who)
        files: list[Path] = []
        for number, member in enumerate(members, 1):
            files += self._tables(member, path, f"{number}/") or (member,)
            # What is not read of a member is asked for within it.
            self.asked[member] = path, str(number)
        # A zip of one table is that table.
        return () if files == members[:1] else tuple(files)

    def _tables(self, path: Path, given: Path, within: str) -> tuple[Path, ...]:
        """Set out the tables of a file where there are several.

        - `given`: The file that was given: this one, or the zip that it is a member of.
        - `within`: What a command names before a table: which member it is of.
        """
        several = _parts_of(path, self.who)
        if not 1 < len(several.tables) <= _MOST:
            return ()
        links: list[Path] = []
        for number, name in several.tables:
            shown = _part_name(name, number)
            link = Path(self.spill) / f"{path.name[:80]}{_IN}{shown}"
            if link.name in {one.name for one in links}:
                link = link.with_name(f"{path.name[:80]}{_IN}{number}")
            _linked(link, path)
            part = self.parts[link] = Part(of=path, sheet=name, number=number)
            if several.frame is not None:
                # What is refused is refused again where it is read, and noted.
                with suppress(PrivauditError):
                    read = letters_together(several.frame(number, one_line(link.name)))
                    refuse_if_most(read.set_aside, len(read.frame), name=link.name, who=self.who)
                    part.read.update({(gives, None): read for gives in GIVES})
            self.asked[link] = given, within + (name if shown == name else str(number))
            links.append(link)
        if several.left:
            self.left[path] = several.left
        self.notes[path.name] = several.notes
        return tuple(links)


@contextmanager
def set_out(files: Sequence[str | os.PathLike[str]], *, who: str) -> Iterator[Contents]:
    """Set out the tables of files that hold several, so that each is an exhibit, for a while.

    A zip of several files is unpacked, and each sheet, layer or table of a workbook, a database or
    a dump stands for a file. What cannot be opened, or holds one table only, stays as it is; so
    does what holds more than 40.

    Yields
    ------
    Contents
    """
    given = [Path(file) for file in files]
    with spilling() as spill:
        open_ = _Open(spill, who)
        tables: list[Path] = []
        containers: dict[Path, tuple[Path, ...]] = {}
        for path in given:
            others = {one.name for one in (*given, *tables) if one != path}
            inside = open_.of(path, others) if path.is_file() else ()
            tables += inside or (path,)
            if inside:
                containers[path] = inside
        with paths_as_parts(open_.parts):
            yield Contents(
                files=tuple(tables), containers=containers, asked=open_.asked, notes=open_.notes,
                left=open_.left,
            )  # fmt: skip


def _parts_of(path: Path, who: str) -> Parts:
    """Return the tables of a file; none where its format has one, or it cannot be read."""
    asked = ReadRequest(path=path, name=one_line(path.name), who=who, places=False, crs=None)
    for gives in _GIVES:
        with suppress(PrivauditError):
            reader = reader_of(path, gives=gives, who=who)
            able = reader.parts is not None and reader.takes(first_bytes(path, who=who))
            return reader.parts(asked) if able and reader.parts is not None else Parts(())
    return Parts(())


def _part_name(name: str, number: int) -> str:
    """Return the name of a part; its number where the name may be a person's."""
    year = name.isdecimal() and len(name) < 5
    plain = name.isprintable() and len(name) <= 60 and not set(name) & set('/\\:*?"<>|')
    return name if plain and (year or not may_name_a_person(name)) else str(number)


def _linked(link: Path, path: Path) -> None:
    """Let a name in our folder stand for a file, whose bytes and time it then has."""
    try:
        link.symlink_to(path.absolute())
    except OSError:
        shutil.copy2(path, link)


# Roles of a special category.
GRAVE_ROLES = ("special", "inferred", "text_special")
# Roles that identify or contact a person.
WHO_ROLES = ("identifier", "contact", "third")
# Kinds of text that identify or contact a person.
_IN_TEXT = ("others", "phone", "email", "address", *IDENTIFIERS)


def who_columns(one: Inventory) -> list[Column]:
    """Return the columns that identify people, and the free text that does."""
    named = one.of_role(*WHO_ROLES)
    return [*named, *(c for c in one.columns if c not in named and people_in_text(c))]


def people_in_text(column: Column) -> dict[str, float]:
    """Return how many records of a text identify or contact a person, by kind."""
    return {what: column.says[what] for what in _IN_TEXT if column.says.get(what, 0) != 0}


def grave_columns(one: Inventory) -> tuple[Column, ...]:
    """Return the columns of a special category."""
    return one.of_role(*GRAVE_ROLES)


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
    lines, read = list[str](), list[tuple[str, Inventory]]()
    for path, inventory in zip(files, inventories, strict=True):
        of, sheet = contents.asked.get(path, (path, inventory.sheet))
        file, inventory = named(of), replace(inventory, sheet=sheet)
        # A sheet that was asked for by itself is called after its file.
        name = _word(file, sheet if path in contents.asked else "")
        headless = () if inventory.named else (of.name,)
        lines += _lines_of(inventory, file, name, addresses=addresses, no_header=headless)
        read.append((file, inventory))
    for path, numbers in contents.left.items():
        of, member = contents.asked.get(path, (path, ""))
        lines += _lines_of_left(named(of), [f"{member}/{n}" if member else str(n) for n in numbers])
    maps = [(file, one) for file, one in read if one.is_map]
    tables = [(file, one) for file, one in read if not one.is_map and _has_addresses(one)]
    for (file, table), (leak, dots) in product(tables, maps):
        out = f"report-{_word(file, table.sheet)}-{_word(leak, dots.sheet)}"
        sheets = {"sheet": table.sheet, "map_sheet": dots.sheet}
        lines.append(_line("link", [file, leak], addresses=addresses, **sheets, out=out))
    return tuple(lines)


def _has_addresses(inventory: Inventory) -> bool:
    return any(column.kind == "address" for column in inventory.columns)


def _line(command: str, files: Sequence[str], *, no_header: Any = (), **values: Any) -> str:
    """Return a command line; files and folders stand as they were given."""
    return command_line(command, files, folders=True, no_header=no_header, **values)


def _lines_of(
    inventory: Inventory, file: str, name: str, *, addresses: str, no_header: tuple[str, ...]
) -> list[str]:
    """Return the commands that may be run next on one file."""
    lines = list[str]()
    shared: dict[str, Any] = {"sheet": inventory.sheet, "no_header": no_header}
    if inventory.is_map:
        out = f"report-{name}-map"
        lines.append(_line("map", [file], addresses=addresses, out=out, **shared))
    if log := log_columns(inventory):
        columns = dict(zip(("person", "item", "time"), log, strict=True))
        lines.append(_line("traces", [file], **columns, out=f"report-{name}-log", **shared))
    if inventory.roles.key:
        roles = {n: getattr(inventory.roles, n) or None for n in ("key", "sensitive", "identifier")}
        lines.append(_line("table", [file], **roles, out=f"report-{name}", **shared))
    return lines + _lines_of_left(file, [str(n) for n in inventory.left], no_header)


def _lines_of_left(file: str, parts: Sequence[str], no_header: tuple[str, ...] = ()) -> list[str]:
    """Return the commands that look at the other parts of a file."""
    lines = []
    for part in parts[:_PARTS]:
        out = f"inspect-{_word(file, part)}"
        lines.append(_line("inspect", [file], sheet=part, out=out, no_header=no_header))
    return lines


def _word(file: str, sheet: str = "") -> str:
    """Return a word for a folder: of a file's name, and of a sheet's."""
    words = filter(None, (Path(file).name.partition(".")[0], sheet))
    return "-".join(words).replace(" ", "-").replace("/", "-")


@in_steps("inspect", parts=3)
@without_header(detect=True)
def inspect(source: Any, *, as_of: Any = None, reading: Reading | None = None) -> Inventory:
    """Take the inventory of a file: the role of each column, whom it singles out, what is absent.

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


@without_header(detect=True)
def inspect_files(
    files: Sequence[str | os.PathLike[str]],
    *,
    as_of: Any = None,
    reading: Reading | None = None,
    gaps_shown: bool = False,
    contents: Contents | None = None,
    roles_file: str | os.PathLike[str] | None = None,
) -> Study:
    """Inspect files and return the study; `as_of` and `reading` as for `inspect`.

    - `roles_file`: TOML, roles of columns in place of those that would be proposed; of a file
      that it does not name these are.
    - `gaps_shown`: The study goes beside others that count blanks.
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
    made = tuple(
        suppress_small_counts(_taken(table, day, reading, given_roles), gaps_shown=gaps_shown)
        for table, given_roles in zip(tables, roles, strict=True)
    )
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
        set_aside={note: n for table in tables for note, n in table.set_aside.items()},
        notes=(
            *(_of_file(note, t.name, len(tables)) for t in tables for note in t.notes),
            *(_of_file(note, file, 2) for file, notes in held.notes.items() for note in notes),
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
    """Take the inventory of a table that was read."""
    sheet = "" if reading is None else reading.sheet or ""
    return replace(
        take_inventory(
            table.frame, name=table.name, as_of=day, reading=reading, roles=roles, who="inspect"
        ),
        named=table.named, left=table.left, sheet=sheet, file=table.file or table.name,
    )  # fmt: skip


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
        gives = _first_form(partial(_readable_as, source))
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


def _of_file(note: Note, name: str, files: int) -> Note:
    """Name the file of a note, where there are several."""
    if files == 1 or "file" in note.values:
        return note
    return Note("of_file", file=name, text=note)


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
