"""The exhibits of a seizure: each file that was read, and the tables of those that hold several."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.columns.recognise import cell_texts, column_kinds
from privaudit.columns.roles import export_of
from privaudit.core.checks import keyword_only, one_of
from privaudit.errors import PrivauditError, ReadError
from privaudit.io.address_sources import source_of
from privaudit.io.coordinates import coordinate_pairs, with_points
from privaudit.io.csv_dialects import first_bytes, one_line
from privaudit.io.duckdb import Spill, spilling
from privaudit.io.file_frame import FileFrame, refuse_if_most
from privaudit.io.formats.archive import members_of, unread_note
from privaudit.io.legends import decoded
from privaudit.io.readers import (
    GIVES,
    Part,
    Parts,
    ReadRequest,
    as_records,
    part_at,
    part_name,
    paths_as_parts,
    read_frame,
    reader_of,
)
from privaudit.release.column_roles import (
    places_of_network,
)
from privaudit.release.inventory import (
    Inventory,
)
from privaudit.release.read_traces import event_columns, is_of_list
from privaudit.results.rows import Rows
from privaudit.text.normalise import fold, header_words
from privaudit.words.catalogues import Note

T = TypeVar("T")
EXHIBITS = ("table", "map", "log", "mailing")
# Words of headers that only messages have.
_SENT = {
    "subject", "sujet", "opened", "ouvert", "clicked", "clic", "clique", "variant", "variante",
    "sent", "envoi", "envoye", "bounced", "unsubscribed", "message",
}  # fmt: skip
_DONE = frozenset(("type", "event type", "action", "direction", "sens"))
# What a file of the national address base has.
_OF_ADDRESSES = frozenset(("numero", "nom_voie", "code_insee"))
_PLACES = (frozenset(("x", "y")), frozenset(("lon", "lat")))


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
    french = columns >= _OF_ADDRESSES and any(columns >= place for place in _PLACES)
    source = source_of(columns)
    if not french and (source is None or source.key == "ban"):
        return False
    # A list of people that was given the base's columns is one of people.
    return not {one.kind for one in column_kinds(frame).values()} & {*IDENTIFYING_KINDS, "support"}


def shown_by_name(frame: pd.DataFrame) -> bool:
    """Return whether a table identifies its rows: name, contact, account or number."""
    return any(one.kind in (*IDENTIFYING_KINDS, "number") for one in column_kinds(frame).values())


def log_columns(inventory: Inventory) -> tuple[str, str, str] | None:
    """Return the person, item and time columns of a log: none of a list, one of many events."""
    n, names = inventory.n, [c.name for c in inventory.columns]
    columns = [c for c in inventory.columns if not is_of_list(c.name, names)]
    who = [
        c for c in inventory.of_role("identifier", "contact")
        if 1 < c.distinct <= n / 2 and c in columns
    ]  # fmt: skip
    # "4 mai à 18h26" is known by its cells, and of no type that is counted with.
    when = [c for c in columns if c.kind == "date" and (c.type == "date" or c.by == "cells")]
    what = [
        c for c in inventory.of_role("unknown", "technical", "key")
        if c.filled == n and 1 < c.distinct < n and c in columns and c not in when
        # What was done is no item that it was done to.
        and " ".join(header_words(c.name)) not in _DONE
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
    file = first_form(lambda gives: read_frame(path, who="dossier", gives=gives))
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
    who, what, when = event_columns(frame)
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


def first_form(read: Callable[..., T]) -> T:
    """Read a file as the first of `GIVES` that its format gives; refuse it as a table."""
    refused: PrivauditError | None = None
    for gives in GIVES:
        try:
            return read(gives=gives)
        except ReadError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def add_named(rows: Rows, log: Exhibit, table: Exhibit) -> None:
    """Add how many of the accounts of a log, or of a mailing, a table knows.

    Baseline: of whole numbers, how many of those between the least and the greatest account of
    the log the table has: numbers that count up meet by chance.
    """
    accounts = sorted(_spelt(log.frame[log.who]) - {""}) if log.who else []
    known = {
        name: _spelt(table.frame[name])
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


def _spelt(column: pd.Series) -> set[str]:
    """Return how the accounts of a column are compared; "" where one is blank."""
    return {fold(text.removesuffix(".0")) for text in cell_texts(column).texts}


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
        if files == members[:1]:
            # A zip of one table is that table.
            return ()
        if members:
            self.notes[path.name] = unread_note(path, who=self.who)
        return tuple(files)

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
            shown = part_name(name, number)
            link = Path(self.spill) / f"{path.name[:80]}{_IN}{shown}"
            if link.name in {one.name for one in links}:
                link = link.with_name(f"{path.name[:80]}{_IN}{number}")
            _linked(link, path)
            part = self.parts[link] = Part(of=path, sheet=name, number=number)
            if several.frame is not None:
                # What is refused is refused again where it is read, and noted.
                with suppress(PrivauditError):
                    read = as_records(several.frame(number, one_line(link.name)), self.who)
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


@contextmanager
def codes_written_out(files: Sequence[Path], *, who: str) -> Iterator[None]:
    """Have codes of files read as what they stand for, by legends among the files, for a while.

    What is measured of a file is then what its inventory says of it.
    """
    read: dict[Path, FileFrame] = {}
    for path in files:
        # What is refused is refused again where it is read, and noted.
        with suppress(PrivauditError):
            read[path] = first_form(partial(read_frame, path, who=who))
    parts: dict[Path, Part] = {}
    for (path, before), after in zip(read.items(), decoded([*read.values()]), strict=True):
        if after.frame is not before.frame:
            known = part_at(path) or Part(of=path)
            made = dict.fromkeys([(gives, None) for gives in GIVES[::2]], after)
            parts[path] = replace(known, read={**known.read, **made})
    with paths_as_parts(parts):
        yield


def _parts_of(path: Path, who: str) -> Parts:
    """Return the tables of a file; none where its format has one, or it cannot be read."""
    asked = ReadRequest(path=path, name=one_line(path.name), who=who, places=False, crs=None)
    for gives in _GIVES:
        with suppress(PrivauditError):
            reader = reader_of(path, gives=gives, who=who)
            able = reader.parts is not None and reader.takes(first_bytes(path, who=who))
            return reader.parts(asked) if able and reader.parts is not None else Parts(())
    return Parts(())


def _linked(link: Path, path: Path) -> None:
    """Let a name in our folder stand for a file, whose bytes and time it then has."""
    try:
        link.symlink_to(path.absolute())
    except OSError:
        shutil.copy2(path, link)
