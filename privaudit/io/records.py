"""Rows of a table that are no records: totals, repeated headers, captions, a table below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.headers import kind_of_header
from privaudit.core.files import packaged_toml
from privaudit.errors import ReadError
from privaudit.io.duckdb import aggregated, literal, literal_pattern, quoted
from privaudit.text.cells import Texts, as_text, bytes_among, is_no_answer
from privaudit.text.dates import NUMBER
from privaudit.text.normalise import fold, folds
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import duckdb

_TOTAL = re.compile(
    r"(?:grand |sous[- ]?|sub[- ]?)?tota(?:l|ux|ls|les)(?:\b.{0,40})?"
    r"|(?:somme|sum|moyenne|average|mean|ensemble|gesamt(?:ergebnis)?|insgesamt|summe)\b.{0,20}"
)
_TOTAL_BEGINS = (
    "tot", "gra", "sou", "sub", "som", "sum", "moy", "ave", "mea", "ens", "ges", "ins",
)  # fmt: skip
# How a cell may begin that names one, and a mark in the first column, for an engine.
_TOTAL_OF_ENGINE = (
    "(grand |sous[- ]?|sub[- ]?)?tota|somme|sum|moyenne|average|mean|ensemble|gesamt|insg"
)
_MARKS = "[-=+|_*.]{2,}|…|\x1a|\x04"
# What programs write below the rows of a query: its number, or a ruler under the header.
_RULER = re.compile(r"[-=+|_*.]{2,}|…")
WRITTEN_NUMBER = re.compile(r"[-+]?\d[\d  '’.,]*(?:[eE][+-]?\d+)? ?[%€$£]?")
# What a total counts: "60 signatures", no "75012 Paris".
_COUNTED = re.compile(r"(?!\d{4,5} )\d[\d  '’.,]* [^\W\d_]{3,}")
_CAPTION_WORDS, _CAPTION_WITHIN, _FEWEST_COLUMNS, _MOST_REMARKS = 3, 3, 3, 12
_END_MARKS = ("\x1a", "\x04")
# A sum that a program rounded to the cent differs by less for each of its rows.
_CENT = 0.005
# Columns that this share of the rows fills; a row that leaves half of them blank is almost blank.
_USUAL, _FEWEST_USUAL = 0.75, 3
# What begins or ends a cell of an almost blank row that sums up, whatever the language.
_SUMS = packaged_toml("privaudit.io", "data/subtotals.toml")["sums"].split()
_SUMMARY = "|".join(map(re.escape, _SUMS))
_COUNTS = re.compile("count|nombre|nb|anzahl|effectif")
_SUMS_UP = re.compile(rf"(?:{_SUMMARY})(?: .{{1,39}})?|.{{1,39}} (?:{_SUMMARY})")
# A number, a date or a time; another cell with a digit.
_FIGURES = re.compile(r"[-+]?\d[\d\s.,:/'’TZ+-]*[%€$£]?")
_APART, _ALIKE = re.compile(r"\d[-/:]\d"), 0.95
# Kinds of columns of Parquet that are no cells.
_NOT_CELLS = ("BLOB", "GEOMETRY", "STRUCT", "MAP", "UNION", "VARIANT")
_MOST_ASIDE = 10_000  # different rows that may be totals, of a file that is counted
# Share of the names of columns that show a header again, spelt a little otherwise.
_MOST_NAMES = 0.75
# A factor that spreads codes over 64 bits.
_MIXED = np.uint64(0x9E3779B97F4A7C15)
# Different cells of a column whose kind is determined; rows that a table needs for that.
_LOOKED_AT, _FEWEST_BELOW = 1_000, 5
_DIGITS = bytes_among("0123456789")
_MADE_PLAIN = str.maketrans({",": ".", **dict.fromkeys(" '’%€$£\u202f", "")})


@dataclass(frozen=True, eq=False)
class _CodedCells:
    """The cells of a table, by column: the number of the level of each row, and the levels."""

    header: Sequence[str]
    codes: Sequence[NDArray[Any]]
    levels: Sequence[Texts]
    counted: dict[int, Counter[str]] = field(default_factory=dict)

    def row(self, at: int) -> list[str]:
        """Return the cells of a row."""
        return [level[code[at]] for code, level in zip(self.codes, self.levels, strict=True)]

    def rows_with(self, column: int, is_one: Collection[int]) -> NDArray[np.int64]:
        """Return the rows whose level of a column is one of some."""
        if not is_one:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.isin(self.codes[column], list(is_one)))

    def filled(self, column: int) -> list[str]:
        """Return the levels of a column that are not blank, each once."""
        return [level for level in dict.fromkeys(self.levels[column]) if level]

    def kinds(self, column: int) -> Counter[str]:
        """Return how many of the first levels of a column are of each kind."""
        if column not in self.counted:
            some = dict.fromkeys(self.levels[column][:_LOOKED_AT])
            self.counted[column] = Counter(_kind(level) for level in some if level)
        return self.counted[column]

    def is_number(self, column: int) -> bool:
        """Return whether nearly every filled level of a column is a number."""
        filled = self.filled(column)
        numbers = sum(WRITTEN_NUMBER.fullmatch(level) is not None for level in filled)
        return are_numbers(numbers, len(filled))


def are_numbers(numbers: int, levels: int) -> bool:
    """Return whether a column is one of numbers by how many of its levels are."""
    # A total, a header and the cells of a table below are few.
    return bool(levels) and numbers >= max(0.8 * levels, levels - 3)


def rows_without_record(
    header: Sequence[str],
    codes: Sequence[NDArray[Any]],
    levels: Sequence[Texts],
    breaks: Sequence[int] = (),
) -> dict[int, str]:
    """Return the rows of a table that are no records, with the key of the reason.

    - ``total_row``: a cell names a total, a subtotal or a mean, and the others are blank or
      numbers; where none is blank, a number is the sum or mean of its column. In a row that is
      almost blank the sum alone is enough, of its column or of the rows since the last such row.
    - ``header_again``: every cell is that of the header, or a name of its column in other words.
    - ``units_row``: units, types or labels below the header.
    - ``text_line``: a caption, a ruler, an end-of-file mark.
    - ``other_table``: rows of a second table, from its header on, below the first; its columns may
      be those of the first in another order.

    Parameters
    ----------
    header : sequence of str
        Names of columns, as written.
    codes : sequence of ndarray of int, shape (n,)
        Of each column, the number of the level of each row.
    levels : sequence of Texts
        Of each column; an empty cell is "". A level may stand there twice.
    breaks : sequence of int, optional
        Rows that follow a blank line.

    Examples
    --------
    >>> cells = [["Brest", "Lyon", "TOTAL"], ["F", "M", ""], ["3", "4", "7"]]
    >>> levels = [Texts(sorted(set(column))) for column in cells]
    >>> codes = [np.array([level.index(c) for c in column])
    ...          for column, level in zip(cells, map(list, levels))]
    >>> rows_without_record(["town", "sex", "n"], codes, levels)
    {2: 'total_row'}
    """
    table = _CodedCells(header, codes, levels)
    n = len(codes[0]) if codes else 0
    result = dict.fromkeys(_headers_again(table), "header_again")
    result |= dict.fromkeys(_text_lines(table, n, breaks), "text_line")
    result |= dict.fromkeys(_other_table(table, n, breaks), "other_table")
    result |= dict.fromkeys(_units(table, n, result), "units_row")
    labelled = _labelled(table)
    result |= {r: "header_again" for r in labelled if r not in result and _names_columns(table, r)}
    blank = _almost_blank(table, n, result)
    result |= dict.fromkeys(_lines(table, blank, result), "text_line")
    result |= {row: "total_row" for row in _totals(table, set(result)) if row not in result}
    near = sorted({row for row in (*blank, *labelled) if row not in result})
    result |= dict.fromkeys(_sums(table, near), "total_row")
    result |= _ends_of_pairs(table, n, result)
    result |= dict.fromkeys(_counts_below(table, n, result), "total_row")
    # Between totals at the end: a tax, a rebate.
    last = {*blank, *result}
    end = next((row for row in range(n - 1, -1, -1) if row not in last), n) + 1
    begins = next((row for row in range(end, n) if result.get(row) == "total_row"), n)
    result |= {row: "total_row" for row in blank if row > begins and row not in result}
    return result if len(result) < n else {}


def records_of_parquet(
    rows: duckdb.DuckDBPyRelation, *, name: str, who: str
) -> tuple[duckdb.DuckDBPyRelation, dict[Note, int]]:
    """Leave out rows of typed columns that are no records; see `records_of_cells`."""
    columns, kinds = list(rows.columns), [str(kind) for kind in rows.types]
    plain = [not (k.endswith("]") or k.startswith(_NOT_CELLS)) for k in kinds]
    # A name of the file never is one of the query's.
    picked = [f"{quoted(column)} AS p{i}" for i, column in enumerate(columns)]
    texts = [
        f"{f'CAST({quoted(column)} AS VARCHAR)' if is_plain else 'NULL'} AS c{i}"
        for i, (column, is_plain) in enumerate(zip(columns, plain, strict=True))
    ]
    cells, aside = records_of_cells(
        rows.select(", ".join([*picked, *texts])), columns, name=name, who=who
    )
    back = ", ".join(f"p{i} AS {quoted(column)}" for i, column in enumerate(columns))
    return (cells.select(back), aside) if aside else (rows, {})


def typed_rows_without_record(frame: pd.DataFrame) -> dict[int, str]:
    """Return the rows of a table of typed columns that are no records; see `rows_without_record`.

    Only where a row leaves half of its cells blank, or names a total, are the cells looked at.

    Examples
    --------
    >>> gifts = pd.DataFrame({"name": [*"ABCD", None], "sex": [*"FMFM", None],
    ...     "town": ["Brest", "Lyon", "Brest", "Tours", "Razem"], "gift": [20.0, 5, 1, 2, 28]})
    >>> typed_rows_without_record(gifts)
    {4: 'total_row'}
    """
    blank = frame.isna().to_numpy().sum(axis=1)
    near = (2 * blank >= len(frame.columns)).any()
    texts = (Texts(pd.Index(frame[c].dropna().unique())) for c in frame if frame[c].dtype == "str")
    begin = (text for level in texts for text in level.listed_at(level.may_begin(_TOTAL_BEGINS)))
    if not near and not any(map(names_a_total, begin)):
        return {}
    codes, levels = [], []
    for column in frame:
        code, values = pd.factorize(frame[column])
        codes.append(code + 1)
        levels.append(Texts(["", *map(as_text, values)]))
    return rows_without_record([*map(str, frame.columns)], codes, levels)


def repeats(codes: Sequence[NDArray[Any]], levels: Sequence[Texts]) -> int:
    """Return how many rows repeat another in every cell, in a table that tells its rows apart.

    It does where one column has a level of its own for nearly each of the rows that are left, as
    an id or a name: then these are the same records again.

    Examples
    --------
    >>> ids, towns = np.array([0, 1, 2, 0]), np.array([0, 1, 0, 0])
    >>> repeats([ids, towns], [Texts(["7", "8", "9"]), Texts(["Brest", "Lyon"])])
    1
    >>> repeats([towns], [Texts(["Brest", "Lyon"])])
    0
    """
    n = len(codes[0]) if codes else 0
    codes, sizes = zip(*map(_as_read, codes, levels), strict=True) if codes else ((), ())
    most = max(sizes, default=0)
    if n <= most:
        return 0
    key = np.zeros(n, dtype=np.uint64)
    for code in codes:
        key = (key ^ code.astype(np.uint64)) * _MIXED
        key ^= key >> np.uint64(29)
    distinct = len(np.unique(key))
    return n - distinct if most >= _ALIKE * distinct and len(codes) > 1 else 0


def _as_read(code: NDArray[Any], level: Texts) -> tuple[NDArray[Any], int]:
    """Return the levels of rows, those that differ by blanks as one, and how many they are."""
    trim, changed = level.cleaned()
    if not changed.any():
        return code, len(level)
    alike, alone = pd.factorize(np.array(trim.tolist(), dtype=object))
    return alike[code], len(alone)


def continued(codes: Sequence[NDArray[Any]], levels: Sequence[Texts]) -> int:
    """Return how many rows give only further values of the record above, as programs write lists.

    Their first cell is blank, and so are three columns that all other rows fill.

    Examples
    --------
    >>> cells = [["1", "2", "", "", ""], ["A", "B", "", "", ""], ["F", "M", "", "", ""], [*"tuvwx"]]
    >>> levels = [Texts(sorted(set(column))) for column in cells]
    >>> continued([np.array([level.index(c) for c in column])
    ...            for column, level in zip(cells, map(list, levels))], levels)
    3
    """
    further = ~levels[0].filled[codes[0]] if len(codes) else np.zeros(0, dtype=bool)
    n = int(further.sum())
    if n < _FEWEST_USUAL or further[0] or n == len(further):
        return 0
    filled = [level.filled[code] for code, level in zip(codes, levels, strict=True)]
    blank = [one for one in filled if not one[further].any() and one[~further].mean() >= _ALIKE]
    alone = np.any(filled, axis=0)[further].all()
    return n if len(blank) >= _FEWEST_USUAL and alone else 0


def _headers_again(table: _CodedCells) -> list[int]:
    """Return the rows that repeat the header."""
    names = [fold(name) for name in table.header]
    if len(names) < 2 or not names[0]:
        return []
    first = table.levels[0]
    same = {i for i in first.may_begin(names[:1]) if fold(first[i]) == names[0]}
    rows = map(int, table.rows_with(0, same))
    return [row for row in rows if is_header_again(table.row(row), table.header)]


def is_header_again(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether the cells of a row are the names of the columns, or most of them.

    Examples
    --------
    >>> is_header_again(["NOM", "âge"], ["nom", "Age"]), is_header_again(["nom"], ["nom"])
    (True, False)
    >>> is_header_again(["ID", "NOM", "SEXE", "NÉ LE"], ["id", "nom", "sexe", "né"])
    True
    """
    same = sum(map(str.__eq__, map(fold, cells), map(fold, header)))
    return len(cells) > 1 and (same == len(header) or same >= max(3, _MOST_NAMES * len(header)))


def is_header_moved(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether the filled cells of a row are names of columns, and not each below itself.

    Examples
    --------
    >>> header = ["id", "name", "sex", "town"]
    >>> is_header_moved(["name", "id", "sex", ""], header), is_header_moved(header, header)
    (True, False)
    """
    names, filled = [*map(fold, header)], [*map(fold, filter(None, cells))]
    moved = any(cell and fold(cell) != name for cell, name in zip(cells, names, strict=True))
    return moved and len({*filled} & {*names}) == len(filled) >= _FEWEST_COLUMNS


def header_moved_error(who: str, name: str) -> ReadError:
    """Return the error of a file that is not read into memory, where `is_header_moved`."""
    needed, do = "the columns in one order", "Split the file where a header stands again."
    return ReadError.of(who, needed, f"a second header in another order in {name}", do)


def is_mark(cells: Sequence[str]) -> bool:
    """Return whether the filled cells of a row are rulers or end-of-file marks."""
    return all(cell in _END_MARKS or _RULER.fullmatch(cell) for cell in cells if cell)


def _is_remark(table: _CodedCells, at: int) -> bool:
    """Return whether a row begins with a cell that stands alone, or is cut and no value."""
    first, *others = table.row(at)
    few = 3 * (1 + sum(map(bool, others))) <= len(table.header)
    return bool(first) and (not any(others) or (few and _is_of_another_kind(table, 0, at)))


def _remarks_below(table: _CodedCells, n: int, breaks: Sequence[int]) -> list[int]:
    """Return the rows below a blank line, to the end, if each has one cell, and those above more.

    A report of a tool ends with what it is, by whom and when; a comma in it makes another cell.
    """
    width = len(table.header)
    for begins in [at for at in breaks if n - at <= _MOST_REMARKS] if width > 2 else ():
        below = range(begins, n)
        if sum(map(bool, table.row(begins - 1))) > 2 and all(_is_remark(table, r) for r in below):
            return [*below]
    return []


def _text_lines(table: _CodedCells, n: int, breaks: Sequence[int]) -> list[int]:
    """Return captions among the first and last rows, rulers and end-of-file marks."""
    ends = {*range(min(n, _CAPTION_WITHIN)), *range(max(0, n - _CAPTION_WITHIN), n)}
    result = _remarks_below(table, n, breaks)
    first = table.levels[0]
    # No mark begins with a letter or a digit.
    marks = {i for i in first.may_begin(()) if first[i] in _END_MARKS or _RULER.fullmatch(first[i])}
    for row in {*ends, *map(int, table.rows_with(0, marks))}:
        filled = [cell for cell in table.row(row) if cell]
        if is_mark(filled):
            result.append(row)
        elif 3 * len(filled) <= len(table.header) and row in ends:
            cells = enumerate(table.row(row))
            # What a comma cuts goes on in small letters.
            whole = len(filled) == 1 or not any(cell[:1].isupper() for cell in filled[1:])
            if whole and all(_is_caption_of(table, c, cell) for c, cell in cells if cell):
                result.append(row)
    return result


def _is_caption_of(table: _CodedCells, column: int, cell: str) -> bool:
    """Return whether a cell has more words than its column has."""
    words = len(cell.split())
    usual = np.median([len(level.split()) for level in table.filled(column)])
    return bool(words >= _CAPTION_WORDS and words > usual)


def _kind(cell: str) -> str:
    """Return what a cell is: a number, a date or a time, a text with a digit, or words, a mail."""
    if _FIGURES.fullmatch(cell):
        return "dates" if _APART.search(cell) else "numbers"
    mail = "@" in cell and " " not in cell
    return "words" if mail or not any(map(str.isdigit, cell)) else "digits"


def _is_of_another_kind(table: _CodedCells, column: int, row: int) -> bool:
    """Return whether a cell is not of the kind of nearly all others of its column."""
    levels = table.levels[column]
    cell = levels[int(table.codes[column][row])]
    kinds = table.kinds(column)
    alike, of = kinds[_kind(cell)], kinds.total()
    if cell in levels[:_LOOKED_AT]:
        alike, of = alike - 1, of - 1
    return of > 0 and alike <= (1 - _ALIKE) * of


def _units(table: _CodedCells, n: int, aside: Collection[int]) -> list[int]:
    """Return the row below the header, if it holds units, types or labels, or numbers of columns.

    None of its cells stands again in its column, and two are of another kind than all below.
    """
    if n < _FEWEST_BELOW or 0 in aside:
        return []
    cells = table.row(0)
    filled = [column for column, cell in enumerate(cells) if cell]
    again = any(_stands_again(table, c, cells[c]) for c in filled)
    if again and cells != [str(number) for number in range(1, len(cells) + 1)]:
        return []
    return [0] if sum(_is_of_another_kind(table, c, 0) for c in filled) > 1 else []


def _stands_again(table: _CodedCells, column: int, cell: str, row: int = 0) -> bool:
    """Return whether the cell of a row stands in another one too."""
    codes, levels = table.codes[column], table.levels[column]
    if (codes == codes[row]).sum() > 1:
        return True
    # A column whose cells were not numbered may hold one twice.
    return len(levels) >= len(codes) and len(levels.places_of(cell)) > 1


def _almost_blank(table: _CodedCells, n: int, aside: Collection[int]) -> list[int]:
    """Return the rows that leave half of the cells blank that nearly every row fills."""
    whole, usual = 0, []
    for code, level in zip(table.codes, table.levels, strict=True):
        filled = level.filled
        if filled.all():
            # Most columns are; `n` rows need not be looked at.
            whole += 1
        elif (there := filled[code]).sum() >= _USUAL * (n - len(aside)):
            usual.append(there)
    of = whole + len(usual)
    if of < _FEWEST_USUAL or 2 * whole > of:
        return []
    rows: list[int] = np.flatnonzero(2 * (whole + np.sum(usual, axis=0)) <= of).tolist()
    return [row for row in rows if row not in aside]


def _labelled(table: _CodedCells) -> list[int]:
    """Return the rows whose first cell has no digit, where those of nearly all others have."""
    levels = table.levels[0]
    near = np.flatnonzero(levels.filled & ~levels.having(_DIGITS)).tolist()
    few, of = len(near), len(levels)
    if few and of >= len(table.codes[0]):
        # A column whose cells were not numbered may hold one twice.
        texts = levels.tolist()
        few, of = len({texts[at] for at in near}), len({*texts})
    if few > (1 - _ALIKE) * of:
        return []
    return [int(row) for row in table.rows_with(0, near)]


def _names_columns(table: _CodedCells, row: int) -> bool:
    """Return whether a row has an own word in each column, most known headers; two of figures."""
    cells = table.row(row)
    own = all(cells) and len({*cells}) == len(cells)
    known = 2 * sum(bool(kind_of_header(cell)[0]) for cell in cells) > len(cells)
    if not (own and known) or any(re.search(r"\d", c) or is_no_answer(c) for c in cells):
        return False
    if sum(_is_of_another_kind(table, column, row) for column in range(len(cells))) < 2:
        return False
    return not any(_stands_again(table, column, cell, row) for column, cell in enumerate(cells))


def _lines(table: _CodedCells, blank: Sequence[int], aside: Collection[int]) -> list[int]:
    """Return the almost blank rows whose only cell is none of its column, but a text between rows.

    It is of no kind of the cells of nearly all records, or is the number of the records above.
    """
    records = np.delete(np.arange(len(table.codes[0])), [*blank, *aside])[:_LOOKED_AT]
    usual, result = dict[int, Counter[str]](), list[int]()
    for row in blank:
        cells = [(column, cell) for column, cell in enumerate(table.row(row)) if cell]
        if len(cells) != 1:
            continue
        column, cell = cells[0]
        if column not in usual:
            some = table.levels[column].listed_at(table.codes[column][records].tolist())
            usual[column] = Counter(map(_kind, filter(None, some)))
        # Numbers that begin at 1 in each list are few levels of many rows.
        few = usual[column][_kind(cell)] <= (1 - _ALIKE) * usual[column].total()
        odd = (few and usual[column]) or _is_of_another_kind(table, column, row)
        if odd or cell == str(row - len(aside)):
            result.append(row)
    return result


def _sums(table: _CodedCells, near: Sequence[int]) -> list[int]:
    """Return those of the rows that are almost blank that sum up others."""
    result, columns = list[int](), dict[int, _Summed]()
    for at, row in enumerate(near):
        cells = {column: cell for column, cell in enumerate(table.row(row)) if cell}
        numbers = [column for column, cell in cells.items() if WRITTEN_NUMBER.fullmatch(cell)]
        words = [fold(cell) for column, cell in cells.items() if column not in numbers]
        if len({*words}) > 1 or not numbers:
            continue
        begins = near[at - 1] + 1 if at else 0
        named = bool(words) and _SUMS_UP.fullmatch(words[0]) is not None
        for column in numbers:
            if column not in columns:
                columns[column] = _Summed(table, column, near)
        if named or any(columns[column].is_sum(row, begins) for column in numbers):
            result.append(row)
    return result


def _counts_below(table: _CodedCells, n: int, aside: Collection[int]) -> list[int]:
    """Return the last row, if it counts the answers of each column: "Count", 12, 7 below words."""
    cells = table.row(n - 1) if n >= _FEWEST_BELOW and n - 1 not in aside else [""]
    counts = [column for column, cell in enumerate(cells) if column and cell]
    named = _SUMS_UP.fullmatch(fold(cells[0])) is not None and bool(counts)
    apart = all(
        cells[column].isdecimal() and _is_of_another_kind(table, column, n - 1) for column in counts
    )
    return [n - 1] if named and apart else []


def _ends_of_pairs(table: _CodedCells, n: int, aside: Collection[int]) -> dict[int, str]:
    """Return the last rows of a table of two columns that are no records, with their reasons.

    Such a row has a cell that is of no kind of its column: with nothing beside it, where nearly
    all others have both, or with a label beside it, if it is the number of the records above.
    """
    if len(table.header) != 2 or n < _FEWEST_BELOW:
        return {}
    result: dict[int, str] = {}
    filled = [
        level.filled[code].mean() for code, level in zip(table.codes, table.levels, strict=True)
    ]
    for row in sorted({*range(max(0, n - _CAPTION_WITHIN), n)} - {*aside}):
        records = str(row - sum(other < row for other in (*aside, *result)))
        cells = table.row(row)
        odd = [
            column for column in (0, 1) if cells[column] and _is_of_another_kind(table, column, row)
        ]
        if any(cells[column] == records for column in odd):
            result[row] = "total_row"
        elif odd and not all(cells) and filled[1 - odd[0]] >= _USUAL:
            result[row] = "text_line"
    return result


class _Summed:
    """Sums of a column: of all rows, of those that are not almost blank, of each block."""

    def __init__(self, table: _CodedCells, column: int, near: Sequence[int]) -> None:
        levels = np.array([_number(level) for level in table.levels[column].tolist()])
        self.values = levels[table.codes[column]]
        known = np.isfinite(self.values)
        plain = np.where(known, self.values, 0.0)
        self.sums = np.append(0.0, np.cumsum(plain))
        # A sum of one number is that number.
        self.filled = np.append(0, np.cumsum(known & (plain != 0)))
        self.counts = np.append(0, np.cumsum(known))
        apart = np.zeros(len(plain), dtype=bool)
        apart[list(near)] = True
        self.left = plain[~apart].sum(), int((known & ~apart).sum())
        # What is carried over from page to page is the sum of all records above.
        self.carried = np.append(0.0, np.cumsum(np.where(apart, 0.0, plain)))
        self.several = int((known & ~apart & (plain != 0)).sum()) > 1
        self.others = {*self.values[known & ~apart].tolist()}

    def is_sum(self, row: int, begins: int) -> bool:
        """Return whether a cell is the sum or mean of its column or of a block, and none of it."""
        value = float(self.values[row])
        # One more than the cell above is a number that counts records on.
        on = row > 0 and value == self.values[row - 1] + 1
        if not np.isfinite(value) or value in self.others or on:
            return False
        block = self.sums[row] - self.sums[begins], int(self.counts[row] - self.counts[begins])
        every = self.sums[-1] - value, int(self.counts[-1]) - 1
        if begins and is_sum_or_mean(value, float(self.carried[row]), 1):
            return True
        return (self.several and any(is_sum_or_mean(value, *of) for of in (self.left, every))) or (
            self.filled[row] - self.filled[begins] > 1 and is_sum_or_mean(value, *block)
        )


def _number(cell: str) -> float:
    try:
        return float(cell.translate(_MADE_PLAIN))
    except ValueError:
        return float("nan")


def _other_table(table: _CodedCells, n: int, breaks: Sequence[int]) -> range:
    """Return the rows of a second table below: from its header, to the end."""
    width, first = len(table.header), table.levels[0]
    names = {*map(fold, table.header)} - {""}
    same = {i for i in first.may_begin([*names]) if fold(first[i]) in names}
    rows = map(int, table.rows_with(0, same))
    if moved := next((row for row in rows if is_header_moved(table.row(row), table.header)), 0):
        return range(moved, n)
    starts = [row for row in breaks if 0 < row < n - 1]
    # Without a blank line between: a narrower table leaves the last columns blank to the end.
    last = table.levels[-1].filled[table.codes[-1]]
    filled = np.flatnonzero(last)
    if width > 2 and len(filled) and 0 < filled[-1] + 1 < n - 1 and last[: filled[-1] + 1].all():
        starts.append(int(filled[-1]) + 1)
    for row in sorted(starts):
        cells = [cell for cell in table.row(row) if cell]
        named = len(cells) > 1 and len({*map(fold, cells)}) == len(cells)
        if named and not any(re.search(r"\d", cell) for cell in cells) and _is_new(table, row):
            return range(row, n)
    return range(0)


def _is_new(table: _CodedCells, row: int) -> bool:
    """Return whether no cell of a row stands above it, each in a column that repeats or counts."""
    for column, cell in enumerate(table.row(row)):
        if not cell:
            continue
        code, levels = table.codes[column], table.levels[column]
        # Where each row has a cell of its own, equal cells have codes of their own.
        own = len(levels) == len(code)
        above = levels.listed_at(code[:row].tolist()) if own else []
        if cell in above or (code[:row] == code[row]).any():
            return False

    # Below stand other kinds of cells than above: a number where there was none, or the reverse.
    def kinds(column: int, rows: slice) -> float:
        cells = [table.levels[column][code] for code in table.codes[column][rows][:200]]
        filled = [cell for cell in cells if cell]
        return float(np.mean([bool(NUMBER.fullmatch(cell)) for cell in filled])) if filled else -1

    width = len(table.header)
    return any(
        abs(kinds(column, slice(0, row)) - kinds(column, slice(row + 1, None))) > 0.8
        for column in range(width)
    )


def _totals(table: _CodedCells, aside: set[int]) -> list[int]:
    """Return the rows of totals, subtotals and means."""
    candidates: dict[int, int] = {}
    for column, levels in enumerate(table.levels):
        near = levels.may_begin(_TOTAL_BEGINS)
        among = zip(near, folds(levels.listed_at(near)), strict=True)
        named = {i for i, text in among if _TOTAL.fullmatch(text)}
        if named and len(named) < len(levels):
            for row in table.rows_with(column, named):
                candidates.setdefault(int(row), column)
    numeric = [c for c in range(len(table.header)) if candidates and table.is_number(c)]
    sums_up = partial(_sums_up, table, {*candidates, *aside})
    return [
        row
        for row, named_in in candidates.items()
        if is_total(table.row(row), named_in, numeric, partial(sums_up, row))
    ]


def names_a_total(cell: str) -> bool:
    """Return whether a cell names a total, a subtotal or a mean.

    Examples
    --------
    >>> [cell for cell in ("Total général", "sous-total", "Tours", "") if names_a_total(cell)]
    ['Total général', 'sous-total']
    """
    return bool(cell) and _TOTAL.fullmatch(fold(cell)) is not None


def is_total(
    cells: Sequence[str],
    named_in: int,
    numeric: Iterable[int],
    sums_up: Callable[[int], bool],
) -> bool:
    """Return whether a row is a total, of which the cell of the column `named_in` names one.

    The other cells are numbers, of which a word before may say what they count: "Count", 14. None
    is left blank only where the cell of one of the `numeric` columns `sums_up` its column.
    """
    others = {i: cell for i, cell in enumerate(cells) if cell and i != named_in}
    if not all(
        WRITTEN_NUMBER.fullmatch(c) or _COUNTED.fullmatch(c) or c == cells[named_in]
        or (others.get(i + 1, "").isdecimal() and _COUNTS.fullmatch(fold(c)))
        for i, c in others.items()
    ):  # fmt: skip
        return False
    blank = len(cells) - len(others) - 1
    return bool(blank and len(cells) > 2) or any(map(sums_up, numeric))


def is_sum_or_mean(value: float, total: float, count: int) -> bool:
    """Return whether a number is a sum of others, or their mean, but for what was rounded off."""
    near = abs(value - total) <= _CENT * count or abs(value - total / max(1, count)) <= _CENT
    return bool(near)


def _sums_up(table: _CodedCells, aside: set[int], row: int, column: int) -> bool:
    """Return whether the cell of a row is the sum, or the mean, of those of its column."""
    try:
        values = np.array([float(level or "nan") for level in table.levels[column]])
    except ValueError:
        return False
    each = values[table.codes[column]]
    others = np.delete(each, sorted(aside))
    others = others[np.isfinite(others)]
    return is_sum_or_mean(each[row], others.sum() if len(others) else np.nan, len(others))


def records_of_cells(
    cells: duckdb.DuckDBPyRelation, header: Sequence[str], *, name: str, who: str
) -> tuple[duckdb.DuckDBPyRelation, dict[Note, int]]:
    """Leave out rows that show by themselves that they are no records; count them by reason.

    Totals, repeated headers, rulers and lines of text, as `rows_without_record` knows them; other
    tables show by where they stand, and an engine keeps no order.
    """
    names = [f"coalesce(c{i}, '')" for i in range(len(header))]
    plain = [f"lower(strip_accents(trim({name})))" for name in names]
    asked = [f"regexp_matches({text}, '^({_TOTAL_OF_ENGINE})')" for text in plain]
    asked += [f"{plain[0]} = {literal(fold(column))}" for column in header]
    asked += [f"regexp_full_match({names[0]}, {literal(_MARKS)})"]
    blank = " + ".join(f"({text} = '')::INT" for text in names)
    sums = " OR ".join(f"regexp_full_match({text}, {literal(_SUMS_UP.pattern)})" for text in plain)
    asked += [f"(2 * ({blank}) >= {len(names)} AND ({sums}))"]
    every = ", ".join(names)
    near = cells.filter(" OR ".join(asked)).aggregate(f"{every}, count(*)", every)
    times = {tuple(row): int(n) for *row, n in near.limit(_MOST_ASIDE + 1).fetchall()}
    if len(times) > _MOST_ASIDE:
        needed = f"at most {_MOST_ASIDE:,} rows that name a total"
        raise ReadError.of(who, needed, f"more in {name}", "Leave them out of the file.")
    if any(is_header_moved(row, header) for row in times):
        raise header_moved_error(who, name)
    aside = {row: "header_again" for row in times if is_header_again(row, header)}
    aside |= {row: "text_line" for row in times if is_mark(row) and row not in aside}
    lines = cells.filter(f"{blank} = {len(names) - 1}").aggregate(f"{every}, count(*)", every)
    alone = {tuple(row): int(n) for *row, n in lines.limit(2 * _CAPTION_WITHIN + 1).fetchall()}
    if len(names) >= _FEWEST_COLUMNS and sum(alone.values()) <= 2 * _CAPTION_WITHIN:
        left = [row for row in alone if row not in aside and not any(map(names_a_total, row))]
        new = {row: "text_line" for row in left if _is_caption(cells, row)}
        times, aside = times | {row: alone[row] for row in new}, aside | new
    aside |= dict.fromkeys(_totals_among(cells, times, aside), "total_row")
    aside |= {row: "total_row" for row in times if row not in aside and _is_named_sum(row)}
    if not aside:
        return cells, {}
    key = f"concat_ws(chr(31), {every})"
    gone = ", ".join(literal("\x1f".join(row)) for row in aside)
    rows = Counter[Note]()
    for row, why in aside.items():
        rows[Note(why)] += times[row]
    return cells.filter(f"{key} NOT IN ({gone})"), rows


def _is_named_sum(cells: Sequence[str]) -> bool:
    """Return whether a row that is half blank has numbers, and one word for a sum of them."""
    filled = [cell for cell in cells if cell]
    words = {fold(cell) for cell in filled if not WRITTEN_NUMBER.fullmatch(cell)}
    numbers = len(filled) > len(words)
    named = len(words) == 1 and all(map(_SUMS_UP.fullmatch, words))
    return named and numbers and 2 * len(filled) <= len(cells)


def _is_caption(cells: duckdb.DuckDBPyRelation, row: Sequence[str]) -> bool:
    """Return whether the one cell of a row is a text between records: longer than its column's."""
    column = next(i for i, cell in enumerate(row) if cell)
    (usual,) = aggregated(
        cells, [f"median(len(string_split_regex(c{column}, '\\s+'))) FILTER (c{column} <> '')"]
    )
    words = len(row[column].split())
    return words >= _CAPTION_WORDS and words > (usual or 0)


def _totals_among(
    cells: duckdb.DuckDBPyRelation, times: Mapping[tuple[str, ...], int], aside: Collection[Any]
) -> list[tuple[str, ...]]:
    """Return the rows that are totals of some that may be, each of which stands so many times."""
    named = {row: next((i for i, cell in enumerate(row) if names_a_total(cell)), -1)
             for row in times if row not in aside}  # fmt: skip
    named = {row: at for row, at in named.items() if at >= 0}
    columns = sorted({*named.values()})
    levels = aggregated(cells, [f"count(DISTINCT coalesce(c{i}, ''))" for i in columns])
    for column, n in zip(columns, levels, strict=True):
        # A column of nothing else is one of kinds.
        if n <= len({row[column] for row in named if names_a_total(row[column])}):
            named = {row: at for row, at in named.items() if at != column}
    if not named:
        return []
    width = len(next(iter(named)))
    number = literal_pattern(WRITTEN_NUMBER)
    questions = (
        "count(DISTINCT {0})",
        f"count(DISTINCT {{0}}) FILTER (regexp_full_match({{0}}, {number}))",
        "count({0}) = count(TRY_CAST({0} AS DOUBLE))",
        "sum(TRY_CAST({0} AS DOUBLE))",
        "count({0})",
    )
    each = iter(aggregated(cells, [q.format(f"c{i}") for i in range(width) for q in questions]))
    facts = [[next(each) for _ in questions] for _ in range(width)]
    numeric = [i for i, (n, numbers, *_) in enumerate(facts) if are_numbers(numbers, n)]

    @cache  # or each of many rows would be held against all
    def rest_of(i: int) -> tuple[float, int]:
        *_, total, count = facts[i]
        others = [(float(one[i]), times[one]) for one in (*named, *aside) if one[i]]
        return (total or 0.0) - sum(v * n for v, n in others), count - sum(n for _, n in others)

    def sums_up(row: tuple[str, ...], i: int) -> bool:
        return bool(facts[i][2] and row[i] and is_sum_or_mean(float(row[i]), *rest_of(i)))

    return [row for row, at in named.items() if is_total(row, at, numeric, partial(sums_up, row))]
