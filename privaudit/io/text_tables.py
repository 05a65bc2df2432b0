"""Text tables: read into memory, with damaged lines repaired, or typed by DuckDB."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import text_column
from privaudit.columns.roles import check_table
from privaudit.core.checks import columns_present
from privaudit.core.files import CELL_BYTES, refuse_beyond
from privaudit.errors import ReadError, SchemaError
from privaudit.io.duckdb import Spill, cause, literal_path, out_of_memory, quoted
from privaudit.io.file_frame import FileFrame, column_names, reasons, tally
from privaudit.io.records import rows_without_record
from privaudit.io.text_files import CELL as _CELL
from privaudit.io.text_files import (
    TextFile,
    are_cells_as_written,
    decoded,
    inspect_text_file,
    unpacked,
)
from privaudit.text.cells import Texts
from privaudit.text.dates import EXACT_DIGITS, NUMBER, WHOLE, merges_numbers
from privaudit.text.normalise import columns_as_named, fold
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import duckdb


def repair_line(line: str, separator: str, width: int) -> list[str] | None:
    """Split a line with broken quotes; None if the number of fields is not the header's.

    A quoted field ends where a quote stands before a separator, whatever stands within; where none
    does, it ends at the next separator and its one quote is left out.

    Examples
    --------
    >>> repair_line('7,"Jean "Jeannot" Dupont",M', ",", 3)
    ['7', 'Jean "Jeannot" Dupont', 'M']
    >>> repair_line('7,"Dupont,M', ",", 3), repair_line('7,"Dupont, Jean,M', ",", 3)
    (['7', 'Dupont', 'M'], None)
    """
    text, fields, at = line.rstrip("\r\n"), list[str](), 0
    closing = re.compile(f'"(?:{re.escape(separator)}|$)')
    while True:
        end = closing.search(text, at + 1) if text[at : at + 1] == '"' else None
        if end is not None:
            fields.append(text[at + 1 : end.start()].replace('""', '"'))
            at = end.end()
            if end[0] == '"':
                break
            continue
        cut = text.find(separator, at)
        field = text[at:] if cut < 0 else text[at:cut]
        fields.append(field.removeprefix('"') if field.count('"') == 1 else field)
        if cut < 0:
            break
        at = cut + 1
    return fields if len(fields) == width else None


class _Lines(Iterator[str]):
    """Iterator of lines that can go back."""

    def __init__(self, text: str, above: int) -> None:
        self.lines = list(io.StringIO(text, newline=""))
        self.at = above

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def rows_of(
    text: str, separator: str, width: int, *, above: int, named: bool
) -> tuple[list[list[str]], dict[Note, int], tuple[Note, ...], list[int]]:
    """Read the rows below a header, mend those that can be, and count the others.

    Parameters
    ----------
    width : int
        Fields of a row.
    above, named : int
        Lines to pass over, and whether a header follows them.

    Returns
    -------
    rows : list of list of str
        Each of so many fields; a short line is filled up.
    set_aside : dict of Note to int
    notes : tuple of Note
        How many lines were filled up, and how many mended.
    breaks : list of int
        Rows that follow a blank line.
    """
    lines = _Lines(text, above)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    if named:
        next(reader)
    rows, aside, padded, mended = list[list[str]](), list[str](), 0, 0
    breaks: list[int] = []
    while True:
        begin, row = lines.at, None
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            pass
        # A quote that never closes swallows lines: the first is read by itself.
        if row is None or (lines.at > begin + 1 and len(row) != width):
            alone = repair_line(lines.lines[begin], separator, width)
            if alone is not None or row is None:
                lines.at = begin + 1
                reader = csv.reader(lines, delimiter=separator, strict=True)
            mended += alone is not None
            row = alone if alone is not None else row
        if row is None:
            aside.append("line_with_an_open_quote")
        elif len(row) > width:
            aside.append("line_with_more_fields")
        elif not any(row):
            aside += ["empty_line"] if row else []
            breaks.append(len(rows))
        else:
            padded += len(row) < width
            rows.append(row + [""] * (width - len(row)))
    values = (("lines_padded", padded), ("quotes_mended", mended))
    return rows, tally(aside), tuple(Note(key, lines=n) for key, n in values if n), breaks


# An export of NationBuilder has this column, and an apostrophe before each cell.
EXPORT_MARK = "nationbuilder_id"
_FIRST_LINES = 10_000
# The least byte of UTF-8 that begins a letter, with its sign: those that follow are less.
_BEGINS = -0x40
# Bytes that are read at once.
_PART = 1_000_000
# As many different cells of these lines: nearly each row has its own.
_MOSTLY_OWN = 9_000


def typed_relation(
    connection: duckdb.DuckDBPyConnection,
    path: Any,
    needed: tuple[str, ...],
    *,
    spill: Spill,
    who: str,
) -> tuple[duckdb.DuckDBPyRelation, TextFile]:
    """Return the needed columns of a text file as a relation, typed as by `read_text_table`.

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
        picked = {column: f"c{header.index(column)}" for column in needed}
        text = {column: f"nullif({cell}, '')" for column, cell in picked.items()}
        marked = _aggregate(
            cells, [f"bool_and(starts_with({cell}, ''''))" for cell in text.values()]
        )
        export = EXPORT_MARK in header
        for column, mark in zip(text, marked, strict=True):
            if mark or export:
                text[column] = f"nullif(regexp_replace({text[column]}, '^''', ''), '')"
        typed = _types(cells, list(text.values()))
        names = map(quoted, text)
        chosen = ", ".join(f"{c} AS {n}" for c, n in zip(typed, names, strict=True))
        return (cells.select(chosen) if needed else cells), file
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
        quotechar='"',
        escapechar='"',
        encoding="utf-8",
        compression=file.compression,
        **options,
    )


def _types(cells: duckdb.DuckDBPyRelation, text: list[str]) -> list[str]:
    """Return SQL expressions of columns as numbers or text, by all their cells."""
    number = f"bool_and(regexp_full_match({{}}, {_pattern(NUMBER)}))"
    # Patterns cost more than reading: what is text in its first lines is asked no further.
    first = _aggregate(cells.limit(_FIRST_LINES), [number.format(cell) for cell in text])
    asked = [cell for cell, is_number in zip(text, first, strict=True) if is_number is not False]
    questions = (
        number,
        f"bool_and(regexp_full_match({{}}, {_pattern(WHOLE)}))",
        "max(length({}))",
        "count(*) > count({})",
    )
    result = iter(_aggregate(cells, [q.format(cell) for cell in asked for q in questions]))
    typed = dict.fromkeys(text, "{}")
    for cell in asked:
        is_number, whole, longest, gaps = (next(result) for _ in questions)
        if is_number and whole and not gaps and longest <= 18:
            typed[cell] = "CAST({} AS BIGINT)"
        elif is_number and not (whole and longest > EXACT_DIGITS):
            # As a float, two long whole numbers would become one.
            typed[cell] = "CAST({} AS DOUBLE)"
    return [typed[cell].format(cell) for cell in text]


def _aggregate(cells: duckdb.DuckDBPyRelation, expressions: list[str]) -> tuple[Any, ...]:
    if not expressions:
        return ()
    (result,) = cells.aggregate(", ".join(expressions)).fetchall()
    return tuple(result)


def _pattern(pattern: re.Pattern[str]) -> str:
    # Braces of a repeat are escaped for `format`.
    return "'" + pattern.pattern.replace("{", "{{").replace("}", "}}") + "'"


def read_text_table(path: Any, *, who: str) -> FileFrame:
    """Read a text table whole: about ten times its size in memory for a moment.

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
    cells, set_aside, values, breaks = _even_rows(data, file) or _rows(data, file)
    notes = (*file.notes, *values)
    table = table_of_cells(
        list(file.header), cells, name=file.name, who=who, notes=notes, set_aside=set_aside,
        breaks=breaks,
    )  # fmt: skip
    return replace(table, named=file.named)


class CodedCells(NamedTuple):
    """The cells of a column as they are written: the number of the level of each row, and levels.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    levels : Texts
        In the order in which they come.
    each_once : bool
        No level stands there twice. Otherwise, each row has its own.
    """

    codes: NDArray[Any]
    levels: Texts
    each_once: bool = True

    def without(self, rows: list[int]) -> CodedCells:
        """Leave rows out, and the levels that only they have."""
        codes, used = pd.factorize(np.delete(self.codes, rows))
        return CodedCells(codes, self.levels.take(used), self.each_once)


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
    columns, marked = {}, 0
    codes, levels = [column.codes for column in each], [column.levels for column in each]
    if not every_row and (aside := rows_without_record(header, codes, levels, breaks)):
        set_aside = {**set_aside, **tally(aside.values())}
        each = [column.without(list(aside)) for column in each]
    for column, written in zip(names, each, strict=True):
        plain = written if are_cells_as_written() else _without_quote(written, always=export)
        marked += plain is not written
        columns[column] = _typed(plain)
    values = list(notes)
    if marked:
        values.append(Note("apostrophes_taken_off", columns=marked))
    frame, new_notes = check_table(pd.DataFrame(columns))
    return FileFrame(frame=frame, name=name, notes=(*values, *new_notes), set_aside=set_aside)


def _refuse_no_header(header: list[str], *, name: str, who: str) -> None:
    if all(NUMBER.fullmatch(cell.strip()) for cell in header) or any(
        _CELL.fullmatch(cell.strip()) for cell in header
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
        for part in _parts_in_utf8(data, file.encoding):
            size, lines = size + _letters(part), lines + part.count(b"\n")
            refuse_beyond("bytes", size, who=who, name=file.name)
            cells = lines * len(file.header)
            refuse_beyond("cells", cells, who=who, name=file.name)
            refuse_beyond("decoded", size + CELL_BYTES * cells, who=who, name=file.name)
            parts.append(part)
    return b"".join(parts)


def _parts_in_utf8(data: Any, encoding: str) -> Iterator[bytes]:
    """Yield the parts of a file in UTF-8, without its mark."""
    if encoding != "utf-8-sig":
        for text in decoded(data, encoding):
            yield text.encode("utf-8", "surrogatepass")
        return
    begun = False
    while part := data.read(_PART):
        yield part if begun else part.removeprefix(codecs.BOM_UTF8)
        begun = True


def _letters(part: bytes) -> int:
    """Count the letters of a part of a text in UTF-8, each where it begins."""
    if part.isascii():
        return len(part)
    return int(np.count_nonzero(np.frombuffer(part, dtype=np.int8) >= _BEGINS))


_Cells = tuple[Sequence[Sequence[str] | CodedCells], dict[Note, int], tuple[Note, ...], list[int]]


def _even_rows(data: bytes, file: TextFile) -> _Cells | None:
    """Read rows at once where none is quoted, empty, short or long; None elsewhere."""
    width, separator = len(file.header), file.separator
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if any(mark in data for mark in (b'"', b"\r", b"\0")) or not separator.isascii():
        return None
    begin, end = _below(data, file.above + file.named), len(data)
    while end > begin and data[end - 1] == ord("\n"):
        end -= 1
    if begin >= end:
        return [[] for _ in range(width)], {}, (), []
    rows = memoryview(data)[begin:end]
    cells: Sequence[Sequence[str] | CodedCells] | None = _cells_by_arrow(rows, separator, width)
    if cells is None:
        cells = _cells_by_pandas(bytes(rows), separator, width)
    return None if cells is None else (cells, {}, (), [])


def _cells_by_arrow(data: memoryview, separator: str, width: int) -> list[CodedCells] | None:
    """Number the cells of even rows; None where rows are uneven or blank, or without Arrow."""
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
                delimiter=separator, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    result, rows = [], np.arange(len(table))
    blank = np.ones(len(table), dtype=bool)
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
        blank &= ~cells.levels.filled[cells.codes]
    return None if blank.any() else result


def _cells_by_pandas(data: bytes, separator: str, width: int) -> list[list[str]] | None:
    """Read the cells of even rows; None where rows are uneven or blank."""
    letters = np.frombuffer(data + b"\n", dtype=np.uint8)
    ends = np.flatnonzero((letters == ord("\n")) | (letters == ord(separator)))
    if len(ends) % width:
        return None
    of_row = ends.reshape(-1, width)
    breaks = letters[of_row] == ord("\n")
    begins = np.append(0, of_row[:-1, -1] + 1)
    blank = of_row[:, -1] - begins == width - 1
    if breaks[:, :-1].any() or not breaks[:, -1].all() or blank.any():
        return None
    # Pandas' own parser makes each text of a column once, and not a list of lines first.
    cells = pd.read_csv(
        io.BytesIO(data),
        sep=separator,
        header=None,
        names=range(width),
        index_col=False,
        dtype=object,
        quoting=csv.QUOTE_NONE,
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        low_memory=False,
        encoding_errors="surrogatepass",
    )
    return [cells[i].tolist() for i in range(width)]


def _below(data: bytes, lines: int) -> int:
    """Return where a text is below so many first lines."""
    at = 0
    for _ in range(lines):
        at = data.find(b"\n", at) + 1
        if not at:
            return len(data)
    return at


def _rows(data: bytes, file: TextFile) -> _Cells:
    """Read the rows below the header one by one; see `rows_of`."""
    width, text = len(file.header), data.decode("utf-8", "surrogatepass")
    rows, set_aside, notes, breaks = rows_of(
        text, file.separator, width, above=file.above, named=file.named
    )
    return [[row[i] for row in rows] for i in range(width)], set_aside, notes, breaks


def _without_quote(cells: CodedCells, *, always: bool) -> CodedCells:
    """Take the apostrophe off that makes a spreadsheet read text; the same where there is none.

    A name may begin with one ('t Hooft), so every filled cell of the column must, unless the
    file is known to be written that way.
    """
    levels = cells.levels
    marked = int(levels.begin_with("'").sum())
    if not marked or not (always or marked == int(levels.filled.sum())):
        return cells
    plain = _coded([level.removeprefix("'") for level in levels])
    return CodedCells(plain.codes[cells.codes], plain.levels)


def _typed(cells: CodedCells) -> pd.Series:
    """Return numbers where every filled level is one, text otherwise."""
    codes, levels, each_once = cells
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
    """Return the numbers that all filled levels are, None where one is none."""
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
