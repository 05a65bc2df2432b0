"""Tables of a dump, and the scratch SQLite database in which they are changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from privaudit.io.duckdb import quoted

# Millions of steps of SQLite's engine that one statement may take, and all of a dump that take so
# many; bytes of a cell that one may write.
_STATEMENT, STEPS, _LONGEST = 20, 2_000, 10_000_000
_MILLION = 1_000_000
# What ends a statement that takes too much, after which those of its table are not tried.
_TOO_MUCH = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM)
# Bytes of a page of a scratch database.
PAGE = 4096
_ALLOWED = {
    sqlite3.SQLITE_READ, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION,
}  # fmt: skip


@dataclass(eq=False)
class DumpTable:
    """A table of a dump: names of columns, and rows of text, None where missing.

    - `charge`: Count letters and cells that the file does not have, before they are made.
    - `spent`: A change of it took too much time or memory; no other is tried.
    """

    charge: Callable[[int, int], None] = lambda letters, cells: None
    columns: list[str] = field(default_factory=list)
    numeric: list[bool] = field(default_factory=list)
    defaults: dict[int, str | None] = field(default_factory=dict)
    key: list[int] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    odd: int = 0
    worked_out: int = 0
    binary: int = 0
    spent: bool = False
    places: dict[tuple[str | None, ...], int] = field(default_factory=dict)

    def places_of(self, names: list[str]) -> list[int]:
        """Return where some columns stand, after adding those that are new."""
        known = {name.casefold(): at for at, name in enumerate(self.columns)}
        for name in names:
            if name.casefold() not in known:
                self.charge(0, len(self.rows))
                known[name.casefold()] = len(self.columns)
                self.columns.append(name)
                for row in self.rows:
                    row.append(None)
        return [known[name.casefold()] for name in names]

    def add(self, row: list[str | None], places: list[int] | None, keep: str) -> None:
        """Add a row; of one with the key of an earlier one, keep the new, the old, or both."""
        if places is not None:
            if len(row) != len(places):
                self.odd += 1
                return
            given = dict(zip(places, row, strict=True))
            left = dict[int, str | None]()
            if len(given) < len(self.columns):
                left = {at: text for at, text in self.defaults.items() if at not in given}
                letters = sum(len(text) for text in left.values() if text)
                self.charge(letters, len(self.columns) - len(given))
            row = [given.get(at, left.get(at)) for at in range(len(self.columns))]
        if keep == "both" or not self.key or len(row) != len(self.columns):
            self.rows.append(row)
            return
        if len(self.places) != len(self.rows):
            self.places = {self.key_of(old): at for at, old in enumerate(self.rows)}
        at = self.places.setdefault(self.key_of(row), len(self.rows))
        if at == len(self.rows):
            self.rows.append(row)
        elif keep == "new":
            self.rows[at] = row

    def set_rows(self, rows: list[list[str | None]]) -> None:
        """Put other rows in the place of those so far."""
        self.rows, self.places = rows, {}

    def key_of(self, row: list[str | None]) -> tuple[str | None, ...]:
        return tuple(row[at] for at in self.key)


class ScratchDatabase:
    """A table in a scratch SQLite database, in which its changes are made."""

    def __init__(self, table: DumpTable, folds_case: bool, steps: list[int] | None = None) -> None:
        self.table, self.loaded = table, 0
        # Millions of steps that are left to all tables of the dump.
        self.steps = [STEPS] if steps is None else steps
        # MySQL compares texts without their case.
        self.collation = " COLLATE NOCASE" if folds_case else ""
        self.database: sqlite3.Connection | None = None
        self.width = 0

    def _opened(self, name: str) -> sqlite3.Connection:
        width = self.width = len(self.table.columns)
        numeric = [*self.table.numeric, *([False] * width)][:width]
        columns = ", ".join(
            f"{quoted(column)} {'NUMERIC' if number else 'TEXT' + self.collation}"
            for column, number in zip(self.table.columns, numeric, strict=True)
        )
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.execute(f"PRAGMA page_size = {PAGE}")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        try:
            database.execute(f"CREATE TABLE {quoted(name)} ({columns})")
        except sqlite3.Error:
            database.close()
            raise
        return database

    @property
    def pages(self) -> int:
        """Pages of `PAGE` bytes that the database takes."""
        if self.database is None:
            return 0
        return int(self.database.execute("PRAGMA page_count").fetchone()[0])

    def run(self, statement: str, name: str, most: int) -> bool:
        """Run a statement on the rows so far; return whether it could be, within `most` pages.

        After one that took too much, no other is: thousands of them would take hours.
        """
        if self.table.spent:
            return False
        here = [_STATEMENT]

        def is_over() -> bool:
            here[0] -= 1
            self.steps[0] -= 1
            return here[0] <= 0 or self.steps[0] <= 0

        try:
            if self.width != len(self.table.columns):
                self.settle()
            if self.database is None:
                self.database = self._opened(name)
            self.database.execute(f"PRAGMA max_page_count = {most}")
            self._load(name)
            self.database.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
            )
            self.database.set_progress_handler(is_over, _MILLION)
            self.database.execute(statement)
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
            self.table.spent = getattr(error, "sqlite_errorcode", None) in _TOO_MUCH
            return False
        finally:
            if self.database is not None:
                self.database.set_authorizer(None)
                self.database.set_progress_handler(None, 0)
        return True

    def _load(self, name: str) -> None:
        assert self.database is not None
        width = len(self.table.columns)
        # A row of another width is none; its place stays free.
        rows = [
            (number, *row)
            for number, row in enumerate(self.table.rows[self.loaded :], self.loaded)
            if len(row) == width
        ]
        names = ", ".join(["rowid", *map(quoted, self.table.columns)])
        marks = ", ".join("?" * (width + 1))
        self.database.execute("BEGIN")
        try:
            insert = f"INSERT INTO {quoted(name)} ({names}) VALUES ({marks})"
            self.database.executemany(insert, rows)
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")
        self.loaded = len(self.table.rows)

    def settle(self) -> None:
        """Give the table its rows as they now are; a cell that did not change stays as written."""
        if self.database is None:
            return
        with closing(self.database) as database:
            name = database.execute("SELECT name FROM sqlite_schema").fetchone()[0]
            rows = database.execute(f"SELECT rowid, * FROM {quoted(name)} ORDER BY rowid")
            left = self.table.rows[self.loaded :]
            self.table.rows = [
                [self._cell(old, new)
                 for old, new in zip(self.table.rows[number], cells, strict=True)]
                for number, *cells in rows
            ]  # fmt: skip
        self.table.rows += left
        self.table.places, self.database, self.loaded = {}, None, 0

    def _cell(self, old: str | None, new: str | float | None) -> str | None:
        if _same(old, new):
            return old
        text = None if new is None else str(new)
        self.table.charge(len(text or ""), 0)
        return text


def _same(old: str | None, new: str | float | None) -> bool:
    """Return whether SQLite gave a cell back as it got it; numbers it writes in its own way."""
    if old is None or new is None or isinstance(new, str):
        return old == new
    try:
        return float(old) == new
    except ValueError:
        return False
