"""Text tables: read into memory, with damaged lines repaired, or typed by DuckDB."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.headers import kind_of_header
from privaudit.columns.levels import text_column
from privaudit.columns.roles import check_table, export_of
from privaudit.core.checks import columns_present
from privaudit.core.limits import CELL_BYTES, limits, refuse_beyond
from privaudit.errors import ReadError, SchemaError
from privaudit.io.csv_dialects import (
    CELL,
    DAY,
    Dialect,
    TextFile,
    are_cells_as_written,
    inspect_text_file,
    unpacked,
)
from privaudit.io.duckdb import (
    Spill,
    aggregated,
    cause,
    literal,
    literal_path,
    literal_pattern,
    out_of_memory,
    quoted,
)
from privaudit.io.file_frame import (
    DECIMALS,
    FileFrame,
    aside_notes,
    column_names,
    cut_note,
    moved_rows,
    reasons,
    tally,
)
from privaudit.io.records import continued, records_of_cells, repeats, rows_without_record
from privaudit.text.cells import Texts, letters_and_lines, unwrapped, without_apostrophe
from privaudit.text.dates import EXACT_DIGITS, NUMBER, WHOLE, merges_numbers
from privaudit.text.normalise import columns_as_named, fold
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import duckdb


def repair_line(line: str, dialect: Dialect, width: int) -> list[str] | None:
    """Split a line with broken quotes; None if the number of fields is not the header's.

    A quoted field ends where a quote stands before a separator, whatever stands within; where none
    does, it ends at the next separator and its one quote is left out.

    Examples
    --------
    >>> comma = Dialect(",")
    >>> repair_line('7,"Jean "Jeannot" Dupont",M', comma, 3)
    ['7', 'Jean "Jeannot" Dupont', 'M']
    >>> repair_line('7,"Dupont,M', comma, 3), repair_line('7,"Dupont, Jean,M', comma, 3)
    (['7', 'Dupont', 'M'], None)
    """
    text, fields, at = line.rstrip("\r\n"), list[str](), 0
    separator, quote = dialect.separator, dialect.quote
    closing = re.compile(f"{quote}(?:{re.escape(separator)}|$)")
    while True:
        end = closing.search(text, at + 1) if text[at : at + 1] == quote else None
        if end is not None:
            fields.append(text[at + 1 : end.start()].replace(quote * 2, quote))
            at = end.end()
            if end[0] == quote:
                break
            continue
        cut = text.find(separator, at)
        field = text[at:] if cut < 0 else text[at:cut]
        fields.append(field.removeprefix(quote) if field.count(quote) == 1 else field)
        if cut < 0:
            break
        at = cut + 1
    return fields if len(fields) == width else None


class _Lines(Iterator[str]):
    """Iterator of the lines of a text in UTF-8, from a place on; it can go back."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def __next__(self) -> str:
        if self.at >= len(self.data):
            raise StopIteration
        end = self.data.find(b"\n", self.at) + 1 or len(self.data)
        line = self.data[self.at : end]
        # A carriage return ends one too, alone or before a line feed.
        if 0 <= (cut := line.find(b"\r")) < len(line) - 1 and line[cut:] != b"\r\n":
            line = line[: cut + 1]
        self.at += len(line)
        return line.decode("utf-8", "surrogatepass")


@dataclass(eq=False)
class _Rows:
    """Rows below a header, as a text of even rows: what is no such row is mended, or set aside."""

    lines: _Lines
    dialect: Dialect
    width: int
    parts: list[bytes | memoryview] = field(default_factory=list)
    count: int = 0
    aside: list[str] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    padded: int = 0
    mended: int = 0

    def take(self, begin: int, end: int, rows: int) -> None:
        """Take lines that are even rows as they are."""
        if rows:
            self.parts.append(memoryview(self.lines.data)[begin:end])
            self.count += rows

    def mend_line(self) -> None:
        """Read the record that begins here; a quote that never closes swallows no other line."""
        lines, width, begin, row = self.lines, self.width, self.lines.at, None
        reader, first = self.dialect.rows(lines, strict=True), next(lines, "")
        after, lines.at = lines.at, begin
        with suppress(csv.Error):
            row = next(reader, None)
        if row is None or (lines.at > after and len(row) != width):
            alone = repair_line(first, self.dialect, width)
            if alone is not None or row is None:
                lines.at = after
            self.mended += alone is not None
            row = alone if alone is not None else row
        if row is None:
            self.aside.append("line_with_an_open_quote")
        elif len(row) > width:
            self.aside.append("line_with_more_fields")
        elif not any(row):
            self.aside += ["empty_line"] if row else []
            self.breaks.append(self.count)
        else:
            self.padded += len(row) < width
            self.count += 1
            self.parts.append(_written(row + [""] * (width - len(row)), self.dialect))

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return how many lines were filled up, and how many mended."""
        values = (("lines_padded", self.padded), ("quotes_mended", self.mended))
        return tuple(Note(key, lines=n) for key, n in values if n)


def _written(row: list[str], dialect: Dialect) -> bytes:
    """Write a row with quotes around each cell."""
    quote = dialect.quote
    cells = (quote + cell.replace(quote, quote * 2) + quote for cell in row)
    return (dialect.separator.join(cells) + "\n").encode("utf-8", "surrogatepass")


def even_rows(data: bytes, dialect: Dialect, width: int, *, above: int, named: bool) -> _Rows:
    """Return the rows below a header as even rows: each of so many cells on one line.

    Each line that is such a row by itself stays as it is; a record is read by itself from any
    other on, and written anew. A short one is filled up, and a quote that is not closed is mended
    where that gives a row.

    Parameters
    ----------
    data : bytes
        The whole text, in UTF-8.
    width : int
        Cells of a row.
    above, named : int
        Lines to pass over, and whether a header follows them.
    """
    lines = _Lines(data, 0)
    for _ in range(above):
        next(lines, "")
    if named:
        with suppress(csv.Error):
            next(dialect.rows(lines, strict=True), None)
    result = _Rows(lines, dialect, width)
    while lines.at < len(data):
        begin = lines.at
        end = data.find(b"\n", begin + _BLOCK) + 1 or len(data)
        ends, even = _are_even_rows(data[begin:end], dialect, width)
        starts = np.append(0, ends)
        at = 0
        for line in np.flatnonzero(~even).tolist():
            if line < at:
                continue
            result.take(begin + int(starts[at]), begin + int(starts[line]), line - at)
            lines.at = begin + int(starts[line])
            result.mend_line()
            while lines.at < len(data) and data[lines.at - 1] != ord("\n"):
                result.mend_line()
            at = int(np.searchsorted(starts, lines.at - begin))
        if at < len(ends):
            result.take(begin + int(starts[at]), end, len(ends) - at)
            lines.at = end
    return result


def _are_even_rows(
    block: bytes, dialect: Dialect, width: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where the lines of a block end, and which are by themselves a row of so many cells.

    Quotes of such a line come in pairs, around a whole cell, or doubled within one.
    """
    text = np.frombuffer(block if block.endswith(b"\n") else block + b"\n", dtype=np.uint8)
    quote, separator, line_end = map(ord, (dialect.quote, dialect.separator, "\n"))
    ends = np.flatnonzero(text == line_end)
    starts = np.append(0, ends[:-1] + 1)
    cuts = np.flatnonzero(text == separator)
    even = np.ones(len(ends), dtype=bool)
    filled = ends - starts
    if dialect.quote.encode() in block:
        is_quote = text == quote
        quotes = np.flatnonzero(is_quote)
        parity = np.bitwise_xor.accumulate(is_quote.view(np.uint8))
        begun = np.append(0, parity[ends[:-1]])
        even &= parity[ends] == begun
        line = np.searchsorted(ends, quotes)
        closes = (parity[quotes] ^ begun[line]) == 0
        before, after = text[quotes - 1], text[quotes + 1]
        fits = (before == separator) | (before == line_end) | (before == quote)
        then = (after == separator) | (after == line_end) | (after == quote) | (after == ord("\r"))
        even[line[~np.where(closes, then, fits)]] = False
        inside = parity[cuts] ^ begun[np.searchsorted(ends, cuts)] if begun.any() else parity[cuts]
        filled = filled - np.bincount(line, minlength=len(ends))
        cuts = cuts[inside == 0]
    if b"\r" in block:
        returns = np.flatnonzero(text[:-1] == ord("\r"))
        alone = text[returns + 1] != line_end
        even[np.searchsorted(ends, returns[alone])] = False
        filled = filled - np.bincount(np.searchsorted(ends, returns), minlength=len(ends))
    counts = np.diff(np.searchsorted(cuts, ends), prepend=0)
    even &= (counts == width - 1) & (filled > counts)
    return ends + 1, even


# An export of NationBuilder has this column, and an apostrophe before each cell.
EXPORT_MARK = "nationbuilder_id"
# What an error of the engine says of a header that stands again in another order.
TWO_ORDERS = "two_orders"
_FIRST_LINES = 10_000
# Bytes that are read at a time, and that are scanned at a time.
_PART, _BLOCK = 1_000_000, 4_000_000
# The column of what is written beside cells.
_COMMENTS = "comments of cells"
# As many different cells of these lines: nearly each row has its own.
_MOSTLY_OWN = 9_000


def typed_relation(
    connection: duckdb.DuckDBPyConnection,
    path: Any,
    needed: tuple[str, ...],
    *,
    spill: Spill,
    who: str,
) -> tuple[duckdb.DuckDBPyRelation, TextFile, tuple[Note, ...]]:
    """Return the needed columns of a text file as a relation, typed as by `read_text_table`.

    Totals, repeated headers and rulers are set aside as there, with notes.

    A column is a number where every filled cell is one without a leading zero, text otherwise;
    that takes one pass over the file, and the count another. What is not UTF-8 is copied first
    into `spill`.

    Raises
    ------
    ReadError
        The file is no text, or has a line with more or fewer fields than the header.
    SchemaError
        A needed column is missing, or stands twice.
    """
    import duckdb

    file = inspect_text_file(path, who=who)
    header = column_names(file.columns, name=file.name, who=who)
    header = columns_as_named(needed, header)
    columns_present(who, "column", needed, header, file.name)
    try:
        cells = text_cells(connection, file, spill, who)
        cut = _cut_notes_of_engine(cells, file, who)
        cells, aside = records_of_cells(cells, file.header, name=file.name, who=who)
        picked = {column: f"c{header.index(column)}" for column in needed}
        text = {column: f"nullif({cell}, '')" for column, cell in picked.items()}
        begins = [f"bool_and(starts_with({cell}, ''''))" for cell in text.values()]
        marked = aggregated(cells, begins)
        for column, mark in zip(text, marked, strict=True):
            if mark or EXPORT_MARK in header:
                text[column] = f"nullif(regexp_replace({text[column]}, '^''', ''), '')"
        typed = _types(cells, list(text.values()))
        chosen = ", ".join(f"{c} AS {n}" for c, n in zip(typed, map(quoted, text), strict=True))
        return (cells.select(chosen) if needed else cells), file, (*cut, *aside_notes(aside))
    except duckdb.Error as error:
        if lacking := out_of_memory(error, who, file.name):
            raise lacking from None
        came = f"{file.name}, where reading stops: {cause(error)}"
        do = "Correct lines with too many or too few fields, or read it with read_table."
        raise ReadError.of(who, "a text table in UTF-8 with equal lines", came, do) from None


def text_cells(
    connection: duckdb.DuckDBPyConnection, file: TextFile, spill: Spill, who: str, **options: Any
) -> duckdb.DuckDBPyRelation:
    """Return the cells of a text file as a relation of text: columns ``c0``, ``c1`` and so on.

    The engine folds the case of a name, and a name of the file never enters a query.
    """
    return connection.read_csv(
        literal_path(file.in_utf8(spill, who)),
        columns={f"c{i}": "VARCHAR" for i in range(len(file.header))},
        auto_detect=False,
        header=file.named,
        skiprows=file.above,
        sep=file.separator,
        quotechar=file.dialect.quote,
        escapechar=file.dialect.quote,
        encoding="utf-8",
        compression=file.compression,
        **options,
    )


def in_one_order(header: Sequence[str]) -> str:
    """Return SQL, as long as a header: an error where this stands in another order, else true."""
    names, cells = [*map(literal, header)], [f"c{i}" for i in range(len(header))]
    among = f"c0 IN ({', '.join(names)}) AND {' IS NOT NULL AND '.join([*cells, ''])}"
    among += f"list_has_all([{', '.join(names)}], [{', '.join(cells)}])"
    moved = " OR ".join(f"{cell} <> {name}" for cell, name in zip(cells, names, strict=True))
    return f"CASE WHEN {among} AND ({moved}) THEN error('{TWO_ORDERS}') ELSE true END"


def _types(cells: duckdb.DuckDBPyRelation, text: list[str]) -> list[str]:
    """Return SQL expressions of columns as numbers or text, by all their cells."""
    number = f"bool_and(regexp_full_match({{}}, {literal_pattern(NUMBER)}))"
    # Patterns cost more than reading: what is text in its first lines is asked no further.
    first = aggregated(cells.limit(_FIRST_LINES), [number.format(cell) for cell in text])
    asked = [cell for cell, is_number in zip(text, first, strict=True) if is_number is not False]
    value = "TRY_CAST({0} AS DOUBLE)"
    broken = f"FILTER ({value} % 1 <> 0)"
    questions = (
        number,
        f"bool_and(regexp_full_match({{}}, {literal_pattern(WHOLE)}))",
        "max(length({}))",
        "count(*) > count({})",
        # 1.1 and 1.10 are two.
        f"count(DISTINCT ltrim({{0}}, '+')) {broken} > count(DISTINCT {value}) {broken}",
    )
    result = iter(aggregated(cells, [q.format(cell) for cell in asked for q in questions]))
    typed = dict.fromkeys(text, "{}")
    for cell in asked:
        is_number, whole, longest, gaps, merged = (next(result) for _ in questions)
        if is_number and whole and not gaps and longest <= 18:
            typed[cell] = "CAST({} AS BIGINT)"
        elif is_number and not merged and not (whole and longest > EXACT_DIGITS):
            # As a float, two long whole numbers would become one.
            typed[cell] = "CAST({} AS DOUBLE)"
    return [typed[cell].format(cell) for cell in text]


def read_text_table(path: Any, *, who: str, needed: Collection[str] | None = None) -> FileFrame:
    """Read a text table whole: about ten times its size in memory for a moment.

    - `needed`: Columns whose values are used; others may be left out, once they are looked at.

    Returns
    -------
    FileFrame
        Columns are int64 or float64 where every cell that is filled is a plain number without
        a leading zero, ``str`` otherwise; an empty cell is missing.

    Raises
    ------
    ReadError
        The file is no text or has no row.
    SchemaError
        A column's name stands twice, or the first line is no header.
    """
    file = inspect_text_file(path, who=who)
    data = _in_utf8(file, who)
    width = len(file.header)
    rows = _Rows(_Lines(data, 0), file.dialect, width)
    cells: Sequence[Sequence[str] | CodedCells] | None = _cells_as_they_stand(data, file)
    if cells is None:
        rows = even_rows(data, file.dialect, width, above=file.above, named=file.named)
        cells = _cells(rows)
    # Scales of a known system are read together.
    if needed and {*needed} <= {*file.columns} and export_of(file.columns) is None:
        named = zip(file.columns, map(_coded, cells), strict=True)
        cells = [column._replace(needed=name in needed) for name, column in named]
    table = table_of_cells(
        list(file.header), cells, name=file.name, who=who,
        notes=(*file.notes, *rows.notes, *_cut_notes(data, cells)),
        set_aside=tally(rows.aside), breaks=rows.breaks,
    )  # fmt: skip
    return replace(table, named=file.named)


def _cut_notes(data: bytes, cells: Sequence[Sequence[str] | CodedCells]) -> list[Note]:
    """Note a last number that may be cut: no line break follows."""
    if not (data[-1:].isdigit() or data[-1:] == b".") or len(cells) < 2:
        return []
    codes, levels, *_ = _coded(cells[-1])
    if not len(codes) or not data.endswith((last := levels[int(codes[-1])]).encode()):
        return []
    above = [text for at, text in enumerate(levels) if text and at != codes[-1]]
    shortest, decimals = min(map(len, above), default=0), all(map(DECIMALS.search, above))
    return cut_note(last, int((codes == codes[-1]).sum()), shortest, decimals)


def _cut_notes_of_engine(cells: duckdb.DuckDBPyRelation, file: TextFile, who: str) -> list[Note]:
    """Note a last number that may be cut, where cells are counted in their file."""
    tail = b""
    with unpacked(file.path, who=who) as data:
        if file.is_plain and not file.packed:
            data.seek(max(0, file.path.stat().st_size - _PART))
        for part in _parts_in_utf8(data, file):
            tail = (tail + part)[-_PART:]
    if not (tail[-1:].isdigit() or tail[-1:] == b".") or len(file.header) < 2:
        return []
    last = re.split(rf"[\n{re.escape(file.separator)}]", tail.decode("utf-8", "replace"))[-1]
    cell = f"c{len(file.header) - 1}"
    others = f"FILTER ({cell} <> '' AND {cell} <> {literal(last)})"
    decimals = f"bool_and(regexp_matches({cell}, {literal(DECIMALS.pattern)}))"
    times, shortest = f"count(*) FILTER ({cell} = {literal(last)})", f"min(length({cell}))"
    questions = [times, f"coalesce({shortest} {others}, 0)", f"{decimals} {others}"]
    return cut_note(last, *aggregated(cells, questions))


class CodedCells(NamedTuple):
    """The cells of a column as they are written: the number of the level of each row, and levels.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    levels : Texts
        In the order in which they come.
    each_once : bool
        No level stands there twice. Otherwise, each row has its own.
    needed : bool
        Its values are used.
    """

    codes: NDArray[Any]
    levels: Texts
    each_once: bool = True
    needed: bool = True

    def without(self, rows: list[int]) -> CodedCells:
        """Leave rows out, and the levels that only they have."""
        codes, used = pd.factorize(np.delete(self.codes, rows))
        return self._replace(codes=codes, levels=self.levels.take(used))


def _coded(cells: Sequence[str] | CodedCells) -> CodedCells:
    if isinstance(cells, CodedCells):
        return cells
    codes, levels = pd.factorize(np.array(cells, dtype=object))
    return CodedCells(codes, Texts(levels.tolist()))


def table_of_cells(
    header: list[str],
    cells: Sequence[Sequence[str] | CodedCells],
    *,
    name: str,
    who: str,
    notes: Iterable[Note] = (),
    set_aside: Mapping[Note, int] | None = None,
    breaks: Sequence[int] = (),
    every_row: bool = False,
    comments: Sequence[tuple[int, str]] = (),
) -> FileFrame:
    """Make a table of cells as they are written; types are inferred alike for every format.

    Rows that are no records are set aside; see `privaudit.io.records.rows_without_record`.

    Parameters
    ----------
    header : list of str
        Names of columns, as written.
    cells : sequence of sequence of str, or of CodedCells
        Of each column; an empty cell is "".
    breaks : sequence of int, optional
        Rows that follow a blank line.
    every_row : bool, optional
        Each row is that of an object, and stays.
    comments : sequence of tuple of int and str, optional
        Texts beside cells of rows, or of -1: a column by which no row is judged.
    """
    set_aside = set_aside or {}
    _refuse_no_header(header, name=name, who=who)
    each = [_coded(column) for column in cells]
    if not each or not len(each[0].codes):
        came = f"no usable row in {name}" + (f" ({reasons(set_aside)})" if set_aside else "")
        raise ReadError.of(who, "at least one row under the header", came, why="empty")
    while len(header) > 1 and not header[-1].strip() and not each[-1].levels.filled.any():
        # Every line ends with a separator.
        header.pop()
        each.pop()
    names = column_names(header, name=name, who=who)
    export = EXPORT_MARK in names
    columns, marked, wrapped = {}, 0, 0
    codes, levels = [column.codes for column in each], [column.levels for column in each]
    aside = {} if every_row else rows_without_record(header, codes, levels, breaks)
    beside, counts = _beside_rows(comments, len(codes[0]), aside, names)
    names, each = [*names, *beside], [*each, *map(_coded, beside.values())]
    values = [*notes, *counts]
    if aside:
        set_aside = {**set_aside, **tally(aside.values())}
        each = [column.without(list(aside)) for column in each]
    for column, written in zip(names, each, strict=True):
        plain = bare = written
        if not are_cells_as_written():
            plain = _rewritten(written, without_apostrophe(written.levels, always=export))
            bare = _rewritten(plain, unwrapped(plain.levels))
        marked += plain is not written
        wrapped += bare is not plain
        # Letters that are written byte by byte are mended and counted.
        if written.needed or not bare.levels.are_ascii:
            columns[column] = _typed(bare)
    if marked:
        values.append(Note("apostrophes_taken_off", columns=marked))
    if wrapped:
        values.append(Note("cells_unwrapped", columns=wrapped))
    codes, levels = [column.codes for column in each], [column.levels for column in each]
    values += [
        Note(key, n=n)
        for key, count in (
            ("rows_repeated", repeats), ("rows_continued", continued), ("rows_moved", moved_rows)
        )
        if (n := count(codes, levels))
    ]  # fmt: skip
    frame, new_notes = check_table(pd.DataFrame(columns))
    return FileFrame(frame=frame, name=name, notes=(*values, *new_notes), set_aside=set_aside)


def _beside_rows(
    comments: Sequence[tuple[int, str]], rows: int, aside: Collection[int], names: Collection[str]
) -> tuple[dict[str, list[str]], list[Note]]:
    """Return comments of records as a column, if there are any; note how many, and the others."""
    result, name = [""] * rows, _COMMENTS
    read = [one for one in comments if one[0] >= 0 and one[0] not in aside]
    for row, text in read:
        result[row] = f"{result[row]}\n{text}" if result[row] else text
    while name in names:
        name += " (2)"
    notes = [Note("comments_read", n=len(read), column=name)] if read else []
    unread = len(comments) - len(read)
    return {name: result} if read else {}, notes + [Note("cell_comments", n=unread)] * (unread > 0)


def _refuse_no_header(header: list[str], *, name: str, who: str) -> None:
    # Days may stand beside a blank corner: those of a poll; and beside a known header.
    poll = len(header) > 1 and not header[0].strip()
    values = [cell for cell in map(str.strip, header) if CELL.fullmatch(cell)]
    days = len(values) > 1 and all(map(DAY.fullmatch, values))
    register = days and any(kind_of_header(cell)[0] for cell in header)
    if all(NUMBER.fullmatch(cell.strip()) for cell in header) or (
        values and not poll and not register
    ):
        needed, came = "names of columns in the first line", f"a record there in {name}"
        raise SchemaError.of(who, needed, came, "Add that line.", why="no_header")


def bare_cells(
    file: TextFile, *, who: str, what: str, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Read the cells of a file as they are written, in columns named in lower case.

    Parameters
    ----------
    file : TextFile
    who, what : str
        As for `inspect_text_file`.
    only : collection of str, optional
        Names to take, in lower case. Default: all.

    Returns
    -------
    pandas.DataFrame
        Of ``str``; an empty cell is "", and so is one that a short line does not have.

    Raises
    ------
    ReadError
        A line has more cells than the header, or there is none below it.
    """
    names = [fold(column) for column in file.columns]
    chosen = [i for i, name in enumerate(names) if only is None or name in only]
    with unpacked(file.path, who=who) as data:
        lines = sum(part.count(b"\n") for part in iter(lambda: data.read(1_000_000), b""))
    refuse_beyond("cells", lines * len(chosen), who=who, name=file.name)
    try:
        with file.reading(who, what) as data:
            raw = pd.read_csv(
                data,
                sep=file.separator,
                quotechar=file.dialect.quote,
                skiprows=file.above,
                header=0,
                usecols=chosen,
                dtype="str",
                keep_default_na=False,
            )
    # The parser's own message may quote a line of the file.
    except (ValueError, csv.Error) as error:
        came = f"{file.name}, which does not read as one ({type(error).__name__})"
        raise ReadError.of(who, f"{what} as CSV", came, why="damaged") from None
    if raw.empty:
        raise ReadError.of(who, f"{what} with a row", f"only a header in {file.name}", why="empty")
    return raw.set_axis([names[i] for i in chosen], axis=1).fillna("")


def _in_utf8(file: TextFile, who: str) -> bytes:
    """Read a file whole, up to the limits on bytes and cells, and write it in UTF-8."""
    parts, size, lines = list[bytes](), 0, 0
    with unpacked(file.path, who=who) as data:
        for part in _parts_in_utf8(data, file):
            letters, ends = letters_and_lines(part)
            size, lines = size + letters, lines + ends
            refuse_beyond("bytes", size, who=who, name=file.name)
            cells = lines * len(file.header)
            refuse_beyond("cells", cells, who=who, name=file.name)
            refuse_beyond("decoded", size + CELL_BYTES * cells, who=who, name=file.name)
            parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _parts_in_utf8(data: Any, file: TextFile) -> Iterator[bytes]:
    """Yield the parts of a file in UTF-8, without its mark."""
    if not file.is_plain:
        for text in file.parts(data):
            yield text.encode("utf-8", "surrogatepass")
        return
    if not file.packed and file.path.stat().st_size <= limits().held:
        # Parts would be put together again.
        yield data.read().removeprefix(codecs.BOM_UTF8)
        return
    begun = False
    while part := data.read(_PART):
        yield part if begun else part.removeprefix(codecs.BOM_UTF8)
        begun = True


def _cells_as_they_stand(data: bytes, file: TextFile) -> list[CodedCells] | None:
    """Read the cells of rows that are all even, filled and without a quote; None elsewhere."""
    if any(mark in data for mark in (file.dialect.quote.encode(), b"\r")):
        return None
    begin, end = 0, len(data)
    for _ in range(file.above + file.named):
        begin = data.find(b"\n", begin) + 1
        if not begin:
            return None
    while end > begin and data[end - 1] == ord("\n"):
        end -= 1
    if begin >= end:
        return None
    result = _cells_by_arrow(memoryview(data)[begin:end], file.separator, "", len(file.header))
    if result is None:
        return None
    blank = ~result[0].levels.filled[result[0].codes]
    for column in result[1:]:
        if not blank.any():
            break
        blank &= ~column.levels.filled[column.codes]
    return None if blank.any() else result


def _cells(rows: _Rows) -> Sequence[Sequence[str] | CodedCells]:
    """Read the cells of even rows, each column by itself."""
    if not rows.count:
        return [[] for _ in range(rows.width)]
    data = rows.parts[0] if len(rows.parts) == 1 else b"".join(rows.parts)
    quote = rows.dialect.quote if rows.dialect.quote.encode() in bytes(data) else ""
    result = _cells_by_arrow(data, rows.dialect.separator, quote, rows.width)
    return result or _cells_by_pandas(data, rows.dialect.separator, quote, rows.width)


def _cells_by_arrow(
    data: bytes | memoryview, separator: str, quote: str, width: int
) -> list[CodedCells] | None:
    """Number the cells of even rows; None without Arrow, or where a row is longer than it takes."""
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv
    except ImportError:
        return None
    names = [f"c{i}" for i in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, quote_char=quote or False, ignore_empty_lines=False,
                newlines_in_values=bool(quote),
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    result, rows = [], np.arange(len(table))
    for name in names:
        column = table[name].combine_chunks()
        table = table.drop_columns(name)
        # Hardly a cell of an id or an e-mail comes again: numbering them is half of the work.
        if len(column) > 2 * _FIRST_LINES and len(column[:_FIRST_LINES].unique()) > _MOSTLY_OWN:
            cells = CodedCells(rows, Texts(column), each_once=False)
        else:
            column = column.dictionary_encode()
            cells = CodedCells(column.indices.to_numpy(), Texts(column.dictionary))
        result.append(cells)
    return result


def _cells_by_pandas(
    data: bytes | memoryview, separator: str, quote: str, width: int
) -> list[list[str]]:
    """Read the cells of even rows."""
    # Pandas' own parser makes each text of a column once, and not a list of lines first.
    cells = pd.read_csv(
        io.BytesIO(data),
        sep=separator,
        header=None,
        names=range(width),
        index_col=False,
        dtype=object,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        quotechar=quote or '"',
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        low_memory=False,
        encoding_errors="surrogatepass",
    )
    return [cells[i].tolist() for i in range(width)]


def _rewritten(cells: CodedCells, levels: list[str] | None) -> CodedCells:
    """Put other texts in the place of levels; the same where there are none."""
    if levels is None:
        return cells
    plain = _coded(levels)
    return CodedCells(plain.codes[cells.codes], plain.levels)


def _typed(cells: CodedCells) -> pd.Series:
    """Return numbers where every filled level is one, text otherwise."""
    codes, levels, each_once = cells[:3]
    text = are_cells_as_written()
    whole = None if text else levels.whole_numbers()
    if whole is not None:
        return pd.Series(whole[codes])
    numbers = None if text else _numbers(levels)
    if numbers is not None:
        return pd.Series(numbers[codes])
    if not each_once and levels.filled.all():
        return pd.Series(levels.as_index())
    there = np.flatnonzero(levels.filled)
    number = np.full(len(levels), -1, dtype=codes.dtype)
    number[there] = np.arange(len(there))
    return text_column(number[codes], levels.take(there).as_index(), as_they_come=each_once)


def _numbers(levels: Texts) -> NDArray[Any] | None:
    """Return all filled levels as numbers, None where one is not a number."""
    if not levels.filled.any() or not all(map(NUMBER.fullmatch, filter(None, levels))):
        return None
    filled = list(filter(None, levels))
    values = np.array([level or None for level in levels], dtype=object)
    if all(map(WHOLE.fullmatch, filled)):
        longest = max(map(len, filled))
        if longest <= 18 and len(filled) == len(levels):
            return values.astype(np.int64)
        if longest > EXACT_DIGITS:
            return None  # two long numbers would become one
    if merges_numbers(filled, np.array(filled, dtype=np.float64)):
        return None
    return values.astype(np.float64)
