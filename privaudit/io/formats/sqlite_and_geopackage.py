"""GeoPackage and other SQLite databases: rows of a table, and its points."""

from __future__ import annotations

import datetime
import math
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.core.files import is_regular
from privaudit.core.limits import refuse_beyond
from privaudit.io.duckdb import quoted
from privaudit.io.features import Features, properties_frame
from privaudit.io.formats.vcard import android_contact, apple_contact
from privaudit.io.readers import Parts, Reader, ReadRequest, choose_part
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a GeoPackage or SQLite database"
# What a query may do: read cells. No function, no view's query, no virtual table is run.
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
_ASKS = {(sqlite3.SQLITE_PRAGMA, asked) for asked in ("table_xinfo", "quick_check")}
# Value of `table_xinfo` for a generated column, which would run a function.
_WORKED_OUT = 2
_LONGEST = 10_000_000
# What SQLite writes beside a database: changes that are not in it yet, or that are to be undone.
_LOGS = ("-wal", "-journal")
_MOST_COLUMNS = 2_000
# Bytes of the envelope between the header of a geometry and its well-known binary.
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
# The key of each table of Core Data, whose times are seconds since 2001 (Apple, NSDate).
_CORE_DATA, _OF_2001 = "Z_PK", datetime.datetime(2001, 1, 1)
# Tables of a telephone's address book, that of its people, or of their values, first; the columns
# of times in Apple's.
_ANDROID = ("data", "mimetypes", "raw_contacts")
_APPLE = ("ABPerson", "ABMultiValue", "ABMultiValueEntry", "ABMultiValueEntryKey")
_CONTACTS = (_ANDROID, _APPLE)
_TIMES_OF_APPLE = ("Birthday", "CreationDate", "ModificationDate")
_INTERNAL = ("sqlite_", "gpkg_", "rtree_", "idx_", "spatial_ref_sys", "geometry_columns")


def _read(asked: ReadRequest) -> FileFrame:
    with _opened(asked) as database:
        return database.table()


def _parts(asked: ReadRequest) -> Parts:
    with _opened(asked) as database:
        return database.parts()


@contextmanager
def _opened(asked: ReadRequest) -> Iterator[_Database]:
    try:
        with ExitStack() as stack:
            logs = [log for log in map(_beside(asked.path), _LOGS) if _holds_something(log)]
            notes: tuple[Note, ...] = ()
            path, mode = asked.path, "mode=ro&immutable=1"
            if logs:
                # A log is applied by a database that may write: to a copy, away from the file.
                size = sum(file.stat().st_size for file in (path, *logs))
                refuse_beyond("bytes", size, who=asked.who, name=asked.name)
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                for file in (path, *logs):
                    shutil.copyfile(file, Path(folder) / file.name)
                path, mode = Path(folder) / path.name, "mode=rw"
                notes = (Note("log_of_database"),)
            # Immutable: no lock, no journal, no write beside the file; no trigger is run.
            address = f"{path.absolute().as_uri()}?{mode}"
            database = stack.enter_context(closing(sqlite3.connect(address, uri=True)))
            yield _Database(database, asked, notes)
    # The engine's own message may quote the file, in letters that are none.
    except (sqlite3.Error, UnicodeError, OverflowError, MemoryError):
        raise asked.damaged(_WHAT) from None


def _beside(path: Path) -> Callable[[str], Path]:
    return lambda ending: path.with_name(path.name + ending)


def _holds_something(path: Path) -> bool:
    return is_regular(path) and path.stat().st_size > 0


class _Database:
    """A database of which only cells are read."""

    def __init__(
        self, database: sqlite3.Connection, asked: ReadRequest, notes: tuple[Note, ...]
    ) -> None:
        self.database, self.asked, self.notes = database, asked, notes
        # A row takes some bytes: pages that point at each other would give rows without end.
        logs = filter(_holds_something, map(_beside(asked.path), _LOGS))
        self.most = sum(path.stat().st_size for path in (asked.path, *logs))
        database.text_factory = lambda data: data.decode("utf-8", "replace")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        database.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.set_authorizer(
            lambda action, what, *_: (
                sqlite3.SQLITE_OK
                if action in _ALLOWED or (action, what) in _ASKS
                else sqlite3.SQLITE_DENY
            )
        )

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.database.execute(query).fetchall()

    def _is_damaged(self, table: str) -> bool:
        """Return whether pages of a table contradict each other: rows are blank then, or twice."""
        columns = self._ask(f"PRAGMA table_xinfo({quoted(table)})")
        if any(item[6] == _WORKED_OUT for item in columns):
            return False  # The check would run the expression.
        try:
            found = self._ask(f"PRAGMA quick_check({quoted(table)})")
        except sqlite3.OperationalError:  # an order of letters that the engine here does not know
            return False
        return any(str(one).startswith("***") for (one,) in found)

    def parts(self) -> Parts:
        """Return the tables that hold rows."""
        names, _, notes = self._tables()
        filled = [(n, name) for n, name in enumerate(names, 1) if self._ask(_first(name))]
        return Parts(tuple(filled), notes=tuple(notes))

    def table(self) -> FileFrame:
        """Read the table that is asked for, or the first that holds rows."""
        names, plain, notes = self._tables()
        if not names:
            raise self.asked.error(_WHAT, f"no table in {self.asked.name}", why="empty")
        filled = (name for name in (*_contacts_in(plain), *names) if self._ask(_first(name)))
        usual = next(filled, names[0])
        chosen, new_notes, left = choose_part(self.asked, names, usual, note="layer_read")
        values = (*new_notes, *(() if self.asked.alone else notes))
        read = replace(self._rows(chosen, values, plain), left=left)
        # Imported late: help loads every reader.
        from privaudit.io.legends import decoded_beside

        short = (n for n in names if n != chosen and self._is_short(n) and not self.asked.alone)
        return decoded_beside(read, (partial(self._beside, name, plain) for name in short))

    def _is_short(self, table: str) -> bool:
        """Return whether a table may be a legend by its length."""
        from privaudit.io.legends import MOST_OF_LEGEND

        some = f"SELECT 1 FROM {quoted(table)} LIMIT {MOST_OF_LEGEND + 1}"
        return 1 < len(self._ask(some)) <= MOST_OF_LEGEND

    def _beside(self, table: str, plain: dict[str, str]) -> FileFrame:
        return replace(self._rows(table, (), plain), name=table)

    def _tables(self) -> tuple[list[str], dict[str, str], list[Note]]:
        """Return the tables that may be asked for, how each was made, and what else there is."""
        schema = self._ask("SELECT type, name, sql FROM sqlite_schema")
        plain = {
            str(name): str(sql)
            for kind, name, sql in schema
            if kind == "table" and not str(sql).lower().startswith("create virtual")
        }
        layers = self._layers(plain)
        # A table that nobody declared is there too, behind the layers.
        others = (name for name in plain if not name.lower().startswith(_INTERNAL))
        names = [*dict.fromkeys((*layers, *others))]
        counts = Counter(kind for kind, _, _ in schema)
        inert = (("triggers", counts["trigger"]), ("views", counts["view"]))
        return names, plain, [*self.notes, *(Note(key, n=n) for key, n in inert if n)]

    def _layers(self, plain: dict[str, str]) -> list[str]:
        """Return the declared layers of a GeoPackage that are tables."""
        if "gpkg_contents" not in plain:
            return []
        values = self._ask("SELECT table_name, data_type FROM gpkg_contents")
        kinds = ("features", "attributes")
        return [str(name) for name, kind in values if kind in kinds and str(name) in plain]

    def _rows(self, table: str, notes: tuple[Note, ...], plain: dict[str, str]) -> FileFrame:
        contacts = _contacts_in(plain)
        behind = [name for tables in _CONTACTS if tables[0] == table in contacts for name in tables]
        if any(map(self._is_damaged, behind or [table])):
            notes = (*notes, Note("database_damaged"))
        if table in contacts:
            notes = (*notes, Note("contacts_put_together"))
            if table == _ANDROID[0]:
                from privaudit.io.file_frame import FileFrame

                rows = self._of_android()
                frame, new_notes = properties_frame(rows, (), self.asked.name, self.asked.who)
                return FileFrame(frame=frame, name=self.asked.name, notes=(*notes, *new_notes))
        geometry, code = self._geometry(table, plain)
        values = self._ask(f"PRAGMA table_xinfo({quoted(table)})")
        names = [str(item[1]) for item in values if item[6] != _WORKED_OUT]
        times = [str(item[1]) for item in values if str(item[2]).upper() == "TIMESTAMP"]
        times = times if _CORE_DATA in names else []
        of_people = self._of_apple() if table in _contacts_in(plain) else {}
        times = [*_TIMES_OF_APPLE] if table in _contacts_in(plain) else times
        columns = ", ".join(map(quoted, names))
        cursor = self.database.execute(f"SELECT {columns} FROM {quoted(table)}")
        at = names.index(geometry) if geometry in names else -1
        # Without a geometry, coordinates may stand in two columns, as in a text table.
        asked = self.asked if at >= 0 else replace(self.asked, places=False)
        result, binary = Features(asked), set[str]()
        for cells in cursor:
            if len(result.rows) > self.most:
                raise sqlite3.DatabaseError
            row = {}
            for name, cell in zip(names, cells, strict=True):
                if isinstance(cell, bytes):
                    binary.add(name)
                elif name != geometry:
                    row[name] = _time_of(cell) if name in times else cell
            row |= of_people.get(row.get("ROWID"), {})
            point, reason = _point(cells[at], asked.inside) if at >= 0 else (None, None)
            result.add(point, row, reason)
        if len(names) < len(values):
            out = (len(values) - len(names)) * len(result.rows)
            notes = (*notes, Note("expressions", n=out))
        left = tuple(Note("column_left_out", column=n) for n in names if n in binary - {geometry})
        declared = self._crs(code) if at >= 0 and result.located() else None
        return result.read(properties_frame, declared=declared, notes=(*notes, *left))

    def _of_android(self) -> list[dict[str, Any]]:
        """Return the people of a telephone's address book, where each has a row a value."""
        kinds = dict(self._ask("SELECT _id, mimetype FROM mimetypes"))
        # Of several accounts, one person's entries have one contact; a deleted one's have none.
        linked = dict(self._ask("SELECT _id, contact_id FROM raw_contacts"))
        parts = [f"data{at}" for at in range(1, 16)]
        people: dict[Any, list[Any]] = {}
        query = f"SELECT raw_contact_id, mimetype_id, {', '.join(parts)} FROM data"
        for entry, kind, *values in self.database.execute(query):
            person = linked.get(entry) or f"entry {entry}"
            people.setdefault(person, []).append((str(kinds.get(kind, kind)), values))
        rows = [android_contact(entries) for entries in people.values()]
        return [dict(row) for row in rows if row]

    def _of_apple(self) -> dict[Any, dict[str, str]]:
        """Return telephones, e-mails and addresses by the number of the person."""
        keys = self._ask("SELECT value FROM ABMultiValueEntryKey")
        names = {at: str(name) for at, (name,) in enumerate(keys, 1)}
        values: dict[Any, list[Any]] = {}
        owner: dict[Any, Any] = {}
        query = "SELECT UID, record_id, property, value FROM ABMultiValue"
        for uid, person, kind, value in self._ask(query):
            owner[uid] = person
            values.setdefault(person, []).append((kind, value))
        parts: dict[Any, list[Any]] = {}
        for uid, key, value in self._ask("SELECT parent_id, key, value FROM ABMultiValueEntry"):
            parts.setdefault(owner.get(uid), []).append((names.get(key, ""), value))
        return {who: apple_contact(values.get(who, ()), parts.get(who, ()))
                for who in {*values, *parts}}  # fmt: skip

    def _geometry(self, table: str, plain: dict[str, str]) -> tuple[str, int]:
        """Return the column of a layer's geometry, and its projection by the file's own number."""
        if "gpkg_geometry_columns" not in plain:
            return "", 0
        values = self._ask("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")
        return next(((str(c), s) for name, c, s in values if str(name) == table), ("", 0))

    def _crs(self, code: int) -> str | None:
        """Return the declared CRS of a layer; -1 and 0 are a GeoPackage's words for none."""
        if code in (-1, 0):
            return None
        columns = "srs_id, organization, organization_coordsys_id"
        rows = self._ask(f"SELECT {columns} FROM gpkg_spatial_ref_sys")
        names = {number: f"{str(name).upper()}:{theirs}" for number, name, theirs in rows}
        return names.get(code, "unknown")


def _contacts_in(plain: Collection[str]) -> list[str]:
    """Return the table of the people of a telephone's address book, whose values are put together.

    Examples
    --------
    >>> _contacts_in(["data", "mimetypes", "raw_contacts"]), _contacts_in(["data"])
    (['data'], [])
    """
    return [tables[0] for tables in _CONTACTS if set(plain) >= {*tables}]


def _point(cell: Any, inside: bool) -> tuple[tuple[float, float] | None, Note | None]:
    """Read a geometry of a GeoPackage: its header, then well-known binary."""
    from privaudit.io.coordinates import wkb_point

    if not isinstance(cell, bytes):
        return None, Note("feature_without_geometry")
    box = _ENVELOPES.get((cell[3] >> 1) & 7) if cell[:2] == b"GP" and len(cell) >= 8 else None
    if box is None:
        return None, Note("not_a_point", geometry="unknown")
    if cell[3] & 0x10:
        return None, Note("feature_without_geometry")
    point, reason, _ = wkb_point(cell[8 + box :], inside=inside)
    if point is None or math.isfinite(sum(point)):
        return point, reason
    return None, Note("point_without_numbers")


def _time_of(cell: Any) -> Any:
    """Return a time of Core Data as it is written elsewhere, anything else as it is."""
    try:
        time = _OF_2001 + datetime.timedelta(seconds=float(cell))
    except (OverflowError, TypeError, ValueError):
        return cell
    return time.isoformat(" ", "seconds")


def _first(table: str) -> str:
    return f"SELECT 1 FROM {quoted(table)} LIMIT 1"


READER = Reader(
    word="GeoPackage",
    kind="an SQLite database",
    endings=(".gpkg", ".sqlite", ".sqlite3", ".db"),
    begins=(b"SQLite format 3\x00",),
    signs=(b"SQLite format 3\x00",),
    packed=False,
    read=_read,
    parts=_parts,
)
