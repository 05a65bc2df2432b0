"""Class counts of any source: a table is read, or counted where it is and never brought whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import (
    GatheredLevels,
    encode_column,
    fetched_columns,
    inner_names,
    mark_gaps,
    narrow_codes,
    plain_columns,
)
from privaudit.columns.reading import Reading
from privaudit.columns.roles import Roles
from privaudit.columns.values import (
    ReadLevels,
    decoded_column,
    order_of,
    read_column,
    read_levels,
    sorted_levels,
)
from privaudit.core.checks import (
    an_instance,
    column_names_shown,
    columns_present,
    kind_of,
    one_of,
)
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.io.duckdb import cause, out_of_memory
from privaudit.io.file_frame import refuse_if_most
from privaudit.io.sources import (
    CountableSource,
    column_names_of,
    exceeds,
    is_parquet,
    open_source,
    records_in_memory,
)
from privaudit.io.text_tables import read_text_table
from privaudit.tables.coded_table import (
    CodedTable,
    Table,
    code_gaps,
    drop_absent_levels,
    gaps_note,
    is_held,
    key_note,
    none_left_message,
    unidentified_notes,
    usable_weights,
)
from privaudit.tables.equivalence_classes import classes, count_class_sizes
from privaudit.tables.nearest_records import people_of
from privaudit.text.column_names import columns_as_named
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import narwhals as nw


@dataclass(frozen=True, eq=False, kw_only=True)
class FrequencyTable:
    """Every combination of levels that occurs, with the number of its records.

    Parameters
    ----------
    codes : ndarray of int64, shape (m, d), Fortran order
        Level of each column, -1 where missing.
    levels : mapping of str to pandas.Index
        Values behind the codes. Never leaves the process.
    count : ndarray of int64, shape (m,)
        Records, 1 or more.
    notes : tuple of Note
        What was done to read the levels.
    """

    codes: NDArray[np.int64]
    levels: Mapping[str, pd.Index]
    count: NDArray[np.int64]
    notes: tuple[Note, ...] = ()


def tidied(found: FrequencyTable, reading: Reading) -> FrequencyTable:
    """Read the levels of counts, and merge the combinations that are then equal."""
    codes = np.empty(found.codes.shape, dtype=np.int64, order="F")
    levels: dict[str, pd.Index] = {}
    notes: list[Note] = []
    joined = False
    for place, (column, values) in enumerate(found.levels.items()):
        code = found.codes[:, place]
        shown = np.bincount(code[code >= 0], found.count[code >= 0], len(values))
        read = read_levels(values, shown.astype(np.int64), column, reading)
        codes[:, place] = np.append(read.number, -1)[code]
        levels[column] = read.levels
        notes += read.notes
        joined |= len(read.levels) < len(values)
    count = found.count
    if joined:
        groups = classes(codes)
        count = np.bincount(groups.label, count).astype(np.int64)
        codes = np.asfortranarray(codes[groups.first])
    return FrequencyTable(codes=codes, levels=levels, count=count, notes=tuple(notes))


# Of 2,048 rows each: what DuckDB hands over at a time.
_VECTORS = 250
# Of a key whose levels are brought back to be read: some 10 MB.
_MOST_LEVELS = 100_000


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassSizes:
    """How many classes have each size.

    Parameters
    ----------
    size : ndarray of int64, shape (s,)
        Sizes that occur, ascending, 1 or more.
    classes : ndarray of int64, shape (s,)
        Classes of each size.
    """

    size: NDArray[np.int64]
    classes: NDArray[np.int64]

    @property
    def records(self) -> int:
        """Records in all classes."""
        return int((self.size * self.classes).sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class Counter:
    """Counts of one opened source.

    NaN, null, and text of blanks only are one missing value, a level of its own; 0.0 and -0.0
    are one level. Text, numbers, booleans, dates and categories are counted as they are, and
    read only where a `reading` says how: then by their levels, once these are counted.
    """

    opened: CountableSource
    who: str
    reading: Reading | None = None

    def sizes(self, keys: tuple[str, ...], *, required: tuple[str, ...] = ()) -> ClassSizes:
        """Return how many classes of each size the keys make.

        Parameters
        ----------
        keys : tuple of str
        required : tuple of str
            Leave out the records that lack one of these columns.
        """
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            return self._sizes_in_memory(frame, keys, required)
        import narwhals as nw

        columns = tuple(dict.fromkeys((*keys, *required)))
        inner = dict(zip(columns, inner_names(columns), strict=True))
        records = plain_columns(frame, columns, self.who)
        if required:
            records = records.filter(*(~nw.col(inner[name]).is_null() for name in required))
        found = self._fetch(
            records.group_by(inner[name] for name in keys)
            .agg(nw.len().alias("size"))
            .group_by("size")
            .agg(nw.len().alias("classes"))
        )
        order = np.argsort(found["size"].to_numpy())
        size, many = (found[c].to_numpy()[order].astype(np.int64) for c in ("size", "classes"))
        return ClassSizes(size=size, classes=many)

    def gaps(self, columns: tuple[str, ...]) -> tuple[int, int]:
        """Return the records, and those that lack a value in at least one of the columns."""
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            return len(frame), int(self._lacks(frame, columns).sum())
        import narwhals as nw

        names = inner_names(columns)
        lacks = nw.any_horizontal(*(nw.col(n).is_null() for n in names), ignore_nulls=True)
        found = self._fetch(
            plain_columns(frame, columns, self.who)
            .select(lacks.cast(nw.Int64).alias("lacks"))
            .select(nw.len().alias("records"), nw.col("lacks").sum())
        )
        records, lacking = int(found["records"][0]), found["lacks"][0]
        return records, int(lacking) if records else 0

    def untidy(self, keys: tuple[str, ...]) -> tuple[bool, tuple[Note, ...]]:
        """Return whether reading the levels of some keys changes their classes, and its notes.

        A key of more than `_MOST_LEVELS` levels is counted as it is written, which is level_notes.
        """
        if self.reading is None:
            return False, ()
        changes, notes = False, []
        for key in keys:
            found = self._levels(key, self.reading)
            if found is None:
                notes.append(Note("levels_too_many_to_read", column=key))
                continue
            changes |= len(found.levels) < len(found.number)
            notes += found.notes
        return changes, tuple(notes)

    def _levels(self, key: str, reading: Reading) -> ReadLevels | None:
        """Read the levels of a key; None where there are too many to bring back."""
        frame = self.opened.frame
        if not isinstance(frame, pd.DataFrame):
            plan = self._counted(frame, (key,)).head(_MOST_LEVELS + 1)
            found = self._coded(self._parts(plan), (key,))
        else:
            found = self._frequencies_in_memory(frame, (key,))
        levels = found.levels[key]
        if len(found.count) > _MOST_LEVELS:
            return None
        code = found.codes[:, 0]
        count = np.bincount(code[code >= 0], found.count[code >= 0], len(levels)).astype(np.int64)
        return read_levels(levels, count, key, reading)

    def frequencies(self, columns: tuple[str, ...]) -> FrequencyTable:
        """Return every combination of levels that occurs, and how often.

        It is held in memory: as many rows as there are distinct combinations.
        """
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            found = self._frequencies_in_memory(frame, columns)
        else:
            found = self._coded(self._parts(self._counted(frame, columns)), columns)
        return found if self.reading is None else tidied(found, self.reading)

    def _counted(self, frame: nw.LazyFrame[Any], columns: tuple[str, ...]) -> nw.LazyFrame[Any]:
        """Return the lazy count of each combination."""
        import narwhals as nw

        plain = plain_columns(frame, columns, self.who)
        counts = plain.group_by(inner_names(columns)).agg(nw.len().alias("count"))
        return mark_gaps(counts, frame, columns)

    def _coded(
        self, parts: Iterable[nw.DataFrame[Any]], columns: tuple[str, ...]
    ) -> FrequencyTable:
        gathered = {column: GatheredLevels(self.who) for column in columns}
        counts = [np.zeros(0, dtype=np.int64)]
        for part in parts:
            for column, cells in fetched_columns(part, columns).items():
                gathered[column].add(cells)
            counts.append(part["count"].to_numpy().astype(np.int64))
        count = np.concatenate(counts)
        codes, levels = np.empty((len(count), len(columns)), dtype=np.int64, order="F"), {}
        for place, column in enumerate(columns):
            codes[:, place], levels[column] = gathered.pop(column).coded()
        return FrequencyTable(codes=codes, levels=levels, count=count)

    def records(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return every record, with the levels that the counts would have."""
        frame = self.opened.frame
        if isinstance(frame, pd.DataFrame):
            return frame.loc[:, list(columns)]
        found = self._fetch(mark_gaps(plain_columns(frame, columns, self.who), frame, columns))
        return pd.DataFrame(fetched_columns(found, columns))

    def _lacks(self, frame: pd.DataFrame, columns: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which records lack a value in at least one of the columns."""
        lacks = np.zeros(len(frame), dtype=bool)
        for column in columns:
            if _may_lack(frame[column]):
                lacks |= encode_column(frame[column], self.who)[0] < 0
        return lacks

    def _sizes_in_memory(
        self, frame: pd.DataFrame, keys: tuple[str, ...], required: tuple[str, ...]
    ) -> ClassSizes:
        lacks = self._lacks(frame, required)
        position: Any = ~lacks if lacks.any() else slice(None)
        codes = [narrow_codes(frame[column][position], self.who) for column in keys]
        size, many = count_class_sizes(codes)
        return ClassSizes(size=size, classes=many)

    def _frequencies_in_memory(
        self, frame: pd.DataFrame, columns: tuple[str, ...]
    ) -> FrequencyTable:
        codes, levels = np.empty((len(frame), len(columns)), dtype=np.int64, order="F"), {}
        for place, column in enumerate(columns):
            codes[:, place], levels[column] = encode_column(frame[column], self.who)
        groups = classes(codes)
        codes = np.asfortranarray(codes[groups.first])
        return FrequencyTable(codes=codes, levels=levels, count=groups.size)

    def _parts(self, counts: nw.LazyFrame[Any]) -> Iterator[nw.DataFrame[Any]]:
        """Yield the counts of a plan, from a connection of our own in parts."""
        connection = self.opened.connection
        if connection is None:
            yield self._fetch(counts)
            return
        import narwhals as nw

        with self._engine_errors():
            connection.execute(nw.to_native(counts).sql_query())
        while True:
            with self._engine_errors():
                part = connection.fetch_df_chunk(_VECTORS)
            if not len(part):
                return
            yield nw.from_native(part, eager_only=True)

    def _fetch(self, counts: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
        """Return the counts of a plan."""
        with self._engine_errors():
            if counts.implementation.is_polars():
                return counts.collect(engine="streaming")
            if counts.implementation.is_duckdb() or counts.implementation.is_spark_like():
                return counts.collect(backend="pandas")
            return counts.collect()

    @contextmanager
    def _engine_errors(self) -> Iterator[None]:
        """Raise the kind of an engine's error: its own message may hold a cell."""
        try:
            yield
        except Exception as error:
            if lacking := out_of_memory(error, self.who, self.opened.name):
                raise lacking from None
            came = f"{self.opened.name}: {cause(error)}"
            raise ReadError.of(self.who, "a source that can be counted", came) from None


@contextmanager
def counter(
    source: Any, columns: tuple[str, ...], *, reading: Reading | None = None, who: str, **where: Any
) -> Iterator[Counter]:
    """Open a source for as long as it is counted; see `privaudit.io.sources.open_source`."""
    with open_source(source, columns, who=who, **where) as opened:
        yield Counter(opened=opened, who=who, reading=reading)


def class_sizes(
    source: Any,
    keys: tuple[str, ...],
    *,
    missing: str = "value",
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
) -> ClassSizes:
    """Count how many classes of each size the keys of a source make.

    Parameters
    ----------
    source : frame, lazy frame, relation or path
        See `privaudit.io.sources.open_source`.
    keys : sequence of str
        Key variables.
    missing : {"value", "exclude"}
        Missing is a level of its own, or its records are left out.
    engine, memory_limit, spill_directory
        See `privaudit.io.sources.open_source`.

    Returns
    -------
    ClassSizes
        ``size[0]`` is k of k-anonymity; ``classes`` where ``size == 1`` the sample uniques.

    Raises
    ------
    ParameterError
        No key.
    SchemaError, ReadError
        The source lacks a column, or cannot be read or counted.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [30, 30, 41, None], "sex": ["F", "F", "M", " "]})
    >>> found = class_sizes(frame, ("age", "sex"))
    >>> found.size.tolist(), found.classes.tolist()
    ([1, 2], [2, 1])
    """
    who = "class_sizes"
    one_of(who, "missing", missing, ("value", "exclude"))
    names = (keys,) if isinstance(keys, str) else tuple(keys)
    if not names:
        raise ParameterError.of(who, "at least one key variable", "none")
    with counter(
        source,
        names,
        engine=engine,
        memory_limit=memory_limit,
        spill_directory=spill_directory,
        who=who,
    ) as counts:
        return counts.sizes(names, required=names if missing == "exclude" else ())


def _may_lack(column: pd.Series) -> bool:
    return not (isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu")


@dataclass(frozen=True, eq=False, kw_only=True)
class CountedTable:
    """A table known by its counts.

    Parameters
    ----------
    table : CodedTable
        One row a combination of levels; or, where there are `sizes`, one row a size of class,
        which stands for every class of that size.
    lacking : int
        Records that lack a key.
    sizes : ClassSizes, optional
    """

    table: CodedTable
    lacking: int
    sizes: ClassSizes | None


def count_table(
    counts: Counter, roles: Roles, missing: str, who: str, *, combinations: bool
) -> CountedTable:
    """Count the keys of a source, with its sensitive columns and weights where it has any.

    `combinations` asks for each key by itself even where class sizes would do.

    Raises
    ------
    SchemaError
        There is no record, none with every key, or a weight that is not a number above 0.
    """
    records, lacking = counts.gaps(roles.key)
    if not records:
        raise SchemaError.of(who, "at least one record", f"none in {counts.opened.name}")
    untidy, level_notes = counts.untidy(roles.key)
    expects = missing in ("likely", "wildcard") and lacking
    more = combinations or untidy or roles.sensitive or roles.weight or roles.identifier
    by_size = not (more or expects)
    if not by_size:
        weight = () if roles.weight is None else (roles.weight,)
        columns = (*roles.key, *roles.identifier, *roles.sensitive, *weight)
        frequencies = counts.frequencies(columns)
        gaps = (frequencies.codes[:, : len(roles.key)] < 0).any(axis=1)
        lacking, level_notes = int(frequencies.count[gaps].sum()), frequencies.notes
    if missing == "exclude" and lacking == records:
        raise SchemaError(none_left_message(who))
    notes = (*level_notes, gaps_note(lacking, records, missing)) if lacking else level_notes
    if not by_size:
        table = _combinations(frequencies, roles, missing, notes, who)
        return CountedTable(table=table, lacking=lacking, sizes=None)
    found = counts.sizes(roles.key, required=roles.key if missing == "exclude" else ())
    rows = np.arange(len(found.size))
    table = CodedTable(
        keys=roles.key,
        codes=np.zeros((len(rows), len(roles.key)), dtype=np.int64),
        sensitive={},
        levels={},
        ordered=(),
        why_ordered={},
        position=rows,
        records=records,
        count=found.size * found.classes,
        notes=notes,
    )
    return CountedTable(table=table, lacking=lacking, sizes=found)


def _combinations(
    found: FrequencyTable, roles: Roles, missing: str, notes: tuple[Note, ...], who: str
) -> CodedTable:
    d, identifiers = len(roles.key), len(roles.identifier)
    codes, many = found.codes, found.count
    person = None
    if identifiers:
        names = codes[:, d : d + identifiers]
        notes = (*notes, *unidentified_notes(names, many))
        # Each record without an identifier is a person; records of one identifier are one person.
        nameless = (names < 0).all(axis=1)
        spread = np.repeat(np.arange(len(codes)), np.where(nameless, many, 1))
        codes, many = codes[spread], np.where(nameless, 1, many)[spread]
        person = people_of(codes[:, d : d + identifiers])
    position = np.arange(len(codes))
    if missing == "exclude":
        position = np.flatnonzero((codes[:, :d] >= 0).all(axis=1))
    for name, code in zip(roles.key, codes[:, :d].T, strict=True):
        known = int(many[code >= 0].sum())
        notes = (*notes, *key_note(name, known, int(code.max()) + 1))
    count = many[position]
    sensitive, ordered, why, levels = {}, [], {}, dict(found.levels)
    for place, name in enumerate(roles.sensitive, start=d + identifiers):
        code, left = drop_absent_levels(codes[position, place], found.levels[name])
        code, left, in_order, why[name] = sorted_levels(name, code, left, roles, who=who)
        levels[name] = left
        sensitive[name], level_notes = code_gaps(name, code, len(left), missing, count)
        notes = (*notes, *level_notes)
        if in_order and not (level_notes and missing == "value"):
            ordered.append(name)
    weight = None
    if roles.weight is not None:
        # A code of -1 takes the last entry, which is missing.
        values = pd.Series(found.levels[roles.weight], name=roles.weight)
        column = values.reindex(range(len(values) + 1)).iloc[codes[:, -1]]
        weight = usable_weights(column, who, many)[position]
    return CodedTable(
        keys=roles.key,
        codes=np.asfortranarray(codes[position, :d]),
        sensitive=sensitive,
        levels=levels,
        ordered=tuple(ordered),
        why_ordered=why,
        position=position,
        records=int(many.sum()),
        weight=weight,
        count=count,
        person=None if person is None else person[position],
        notes=notes,
    )


# Above these, records stay where they are: measured in memory in some seconds and half a GB.
MOST_RECORDS = 1_000_000
MOST_BYTES = 50_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Intake:
    """A table, taken in.

    Parameters
    ----------
    table : Table, optional
        Its records, in memory; None where only counts will come back from `source`.
    source : object
        What was handed over.
    roles : Roles
    reading : Reading, optional
        How the levels that come back are to be read.
    notes : tuple of Note
        What was assumed to read it; or why only counts are read.
    provenance : str
    """

    table: Table | None
    source: Any
    roles: Roles
    reading: Reading | None = None
    notes: tuple[Note, ...] = ()
    provenance: str = "audited file"


def take_in(
    table: Any,
    roles: Roles | None,
    *,
    household: str | None = None,
    called: str = "",
    reading: Reading | None = None,
    who: str,
    **where: Any,
) -> Intake:
    """Decide how a table is read, and read it where it is read whole.

    Records are read where a release, a `Table` or a pandas frame is handed over; a Polars or
    Arrow frame of at most `MOST_RECORDS`; a CSV or Parquet file of at most so many and of at
    most `MOST_BYTES`, unpacked. Another file is read by `privaudit.read_table` first.
    What is lazy stays lazy, and so does whatever an engine or a memory limit is request for.
    The cells of every column that has a role are then read, the same whatever holds them.

    Parameters
    ----------
    table : release, Table, frame, lazy frame, relation or path
    roles : Roles, optional
        Those of the release where left out.
    household : str, optional
        A column to read besides those with a role.
    called : str
        What an error calls a frame. Default: the data frame.
    reading : Reading, optional
        How cells are read. Default: as usual, and not again where `read_table` has done it.
    who : str
        The function that an error names.
    **where
        engine, memory_limit, spill_directory: see `privaudit.io.sources.open_source`.

    Raises
    ------
    ParameterError
        `roles` is no `Roles`, or a limit has nothing to hold.
    SchemaError
        The table is none of these, has no roles, no key variable, or lacks a column.
    ReadError
        A file that cannot be read.
    """
    if roles is not None:
        an_instance(who, "roles", roles, Roles, "Write roles=Roles(key=[...]).")
    if reading is not None:
        an_instance(who, "reading", reading, Reading, "Write reading=Reading(...).")
    by_path = isinstance(table, (str, os.PathLike))
    by_engine = any(value is not None for value in where.values())
    if by_engine and where.get("engine") is None and not by_path:
        needed = 'memory_limit and spill_directory with a file or engine="duckdb"'
        raise ParameterError.of(who, needed, kind_of(table))
    held = is_held(table)
    if held and roles is None:
        roles = table.roles
    roles = _with_key(table, roles, who)
    also = () if household is None or household in roles.columns else (household,)
    request = _Request(roles=roles, also=also, reading=reading, who=who)
    if by_engine:
        found = request.counted(table.records if held else table, "asked_for")
        return replace(found, provenance=table.provenance) if held else found
    if held:
        return request.held(table, table.records, called or table.name, origin=table)
    if isinstance(table, pd.DataFrame):
        return request.held(table, table, called or "the data frame")
    if by_path:
        return request.file(table)
    records = records_in_memory(table, who)
    if records is None:
        return request.counted(table, "lazy")
    if records > MOST_RECORDS:
        return request.counted(table, "large")
    return request.fetched(table, kind_of(table))


def _with_key(table: Any, roles: Roles | None, who: str) -> Roles:
    if roles is not None and roles.key:
        return roles
    columns = (
        [str(column) for column in table.records.columns]
        if is_held(table)
        else column_names_of(table, who)
    )
    shown = column_names_shown(columns)
    came = "none" if roles is None else "roles without one"
    do = f"Name what somebody may know of a person: roles=Roles(key=[...]). Columns: {shown}."
    raise SchemaError.of(who, "at least one key variable", came, do)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Request:
    """The columns that are request for, and how they are to be read."""

    roles: Roles
    also: tuple[str, ...]
    reading: Reading | None
    who: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.roles.columns, *self.also)

    def counted(self, source: Any, why: str) -> Intake:
        notes = (Note(f"counted_{why}"),)
        how = self.reading or Reading()
        return Intake(table=None, source=source, roles=self.roles, reading=how, notes=notes)

    def file(self, path: str | os.PathLike[str]) -> Intake:
        if exceeds(path, records=MOST_RECORDS, size=MOST_BYTES, who=self.who):
            return self.counted(path, "large")
        if is_parquet(path, self.who):
            return self.fetched(path, Path(path).name)
        read = read_text_table(path, who=self.who)
        refuse_if_most(read.set_aside, len(read.frame), name=read.name, who=self.who)
        found = self.held(path, read.frame, read.name, origin=read)
        aside = (Note("rows_set_aside", rows=n, reason=why) for why, n in read.set_aside.items())
        return replace(found, notes=(*found.notes, *aside))

    def fetched(self, source: Any, name: str) -> Intake:
        """Bring the columns that are needed into memory."""
        with counter(source, tuple(dict.fromkeys(self.columns)), who=self.who) as counts:
            frame = counts.records(self.columns)
        return self.held(source, frame, name)

    def held(self, source: Any, frame: pd.DataFrame, name: str, origin: Any = None) -> Intake:
        """Take the columns that are needed; the caller's frame is left as it is."""
        request = dict.fromkeys((*self.columns, *(self.roles.orders or ())))
        names = columns_as_named(request, frame.columns)
        self.roles.check(self.who, names, name)
        columns_present(self.who, "household", self.also, names, name)
        if not isinstance(origin, Table):
            columns_present(self.who, "ordered column", self.roles.orders or (), names, name)
        columns = list(self.columns)
        records = frame.iloc[:, [names.index(c) for c in columns]].set_axis(columns, axis=1)
        notes: list[Note] = list(getattr(origin, "notes", ()))
        # A release may have been read in another way than is now request for.
        again = self.reading is not None and not isinstance(origin, Table)
        if again or not getattr(origin, "tidied", False):
            read = {column: self._read(records[column], notes) for column in columns}
            records = pd.DataFrame(read, index=records.index)
        table = Table(
            records=records,
            roles=self.roles,
            name=name,
            provenance=getattr(origin, "provenance", "audited file"),
            set_aside=getattr(origin, "set_aside", {}),
            notes=tuple(notes),
            tidied=True,
        )
        return Intake(
            table=table,
            source=source,
            roles=self.roles,
            reading=self.reading,
            notes=table.notes,
            provenance=table.provenance,
        )

    def _read(self, column: pd.Series, notes: list[Note]) -> pd.Series:
        """Read a column that is measured; coordinates and times are not."""
        name, roles = str(column.name), self.roles
        if name in roles.location or name == roles.time:
            return column
        if name == roles.weight and column.dtype.kind in "iuf":
            return column
        read, level_notes = read_column(column, self.reading or Reading(), self.who)
        notes += level_notes
        if name == roles.weight:
            return decoded_column(read)
        if name not in (roles.orders or ()):
            return read.cat.as_unordered()
        levels, declared = read.cat.categories, bool(read.cat.ordered)
        rank, _ = order_of(name, levels, roles, declared=declared, who=self.who)
        assert rank is not None
        return read.cat.reorder_categories(levels[np.argsort(rank)], ordered=True)
