"""Sheets of a workbook as tables; cells written so that no spreadsheet runs them."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from privaudit.columns.headers import header_of_survey, may_name_a_person
from privaudit.core.limits import refuse_beyond
from privaudit.core.thresholds import MOST_CELLS
from privaudit.errors import PrivauditError, visible
from privaudit.io.readers import Parts, choose_part, hold_counts, is_pivot_label
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.io.file_frame import FileFrame
    from privaudit.io.readers import ReadRequest

# No program shows more of a sheet.
_MOST_COLUMNS = 16_384
# Filled rows among which a header is looked for.
_HEADER_WITHIN = 50
# Cards that are a table; labels of them, at most.
FEWEST_CARDS, _MOST_LABELS = 3, 100
# What a table is called that stands beside that of its sheet.
_BESIDE = " (2)"
# Rows of headers, one above the other, where cells of the upper ones are merged.
_MOST_HEADERS = 4
# What a sheet is at best: rows and columns of records.
_TABLE = 3
# Cells of a filter above a pivot table; what it calls blanks.
_FILTER, _DIGITS = 2, re.compile(r"\d+")
_BLANKS = {"", "(blank)", "(vide)", "(leer)", "(en blanco)", "(vuoto)", "(vazio)", "(leeg)"}


@dataclass(eq=False)
class Sheet:
    """Filled cells of a sheet, written as in a CSV file.

    Parameters
    ----------
    rows : dict[int, dict of int to str], optional
        Cells by row and column, from 0.
    merged : list[tuple[int, int, int, int]], optional
        Cells that are one: top, left, bottom, right.
    counts : Counter[str], optional
        What stands in it besides values, by the key of its note.
    comments : dict[tuple of int, str], optional
        Texts beside cells, by row and column.
    """

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)

    def put(self, row: int, column: int, text: str) -> None:
        """Store a cell that holds more than blanks."""
        if text and not text.isspace():
            self.rows.setdefault(row, {})[column] = text

    def comment(self, row: int, column: int, text: str, asked: ReadRequest) -> None:
        """Store what is written beside a cell."""
        if text := text.strip():
            asked.charge(len(text), 1)
            self.comments[row, column] = text


class Workbook(NamedTuple):
    """An open workbook.

    Parameters
    ----------
    names, hidden : list of str
        Sheets in their order, and those that a program does not show.
    sheet : Callable[[str], Sheet]
        Reads one of them.
    notes : list of Note
        What the workbook holds besides its sheets.
    """

    names: list[str]
    hidden: list[str]
    sheet: Callable[[str], Sheet]
    notes: list[Note]


def workbook_frame(asked: ReadRequest, book: Workbook) -> FileFrame:
    """Read the sheet that is asked for, or the first that holds a table, shown ones first."""
    names, hidden = book.names, book.hidden
    if not names:
        raise asked.error("a workbook with a sheet", f"none in {asked.name}", why="empty")
    usual, read = "", Sheet()
    if (beside := _asked_beside(asked, book)) is not None:
        return beside
    if asked.sheet is None:
        tables, best = (n for n in [*(n for n in names if n not in hidden), *hidden]), 0
        for name in tables:
            result = book.sheet(name)
            # A welcome page has lines of text, and is no table where another sheet is one; nor is
            # a pivot table, of counts.
            rank = (len(result.rows) > 1) + _is_table(result) * (2 - bool(_counted_labels(result)))
            if rank > best:
                usual, read, best = name, result, rank
            if rank == _TABLE:
                break
    chosen, values, left = choose_part(asked, names, usual or names[0], note="sheet_read")
    if chosen != usual:
        read = book.sheet(chosen)
    text = [*values, *(() if asked.alone else _book_notes(book))]
    return replace(_decoded(_sheet_frame(read, text, asked), chosen, book, asked), left=left)


def _asked_beside(asked: ReadRequest, book: Workbook) -> FileFrame | None:
    """Return the table beside another of a sheet that is asked for; None of any other."""
    wanted = fold(asked.sheet or "")
    if not wanted or wanted in map(fold, (*book.names, *map(str, range(1, len(book.names) + 1)))):
        return None
    parts = workbook_parts(asked, book)
    numbers = [n for n, name in parts.tables if wanted in (fold(name), str(n))]
    return parts.frame(numbers[0], asked.name) if numbers and parts.frame else None


def _decoded(read: FileFrame, chosen: str, book: Workbook, asked: ReadRequest) -> FileFrame:
    """Write out the codes of a sheet by the short sheets beside it, hidden ones too."""
    from privaudit.io.legends import MOST_OF_LEGEND, decoded_beside

    def other(name: str) -> FileFrame:
        sheet = book.sheet(name)
        if len(sheet.rows) > MOST_OF_LEGEND:
            raise asked.error("a short sheet", "a long one")
        return _sheet_frame(sheet, [], replace(asked, name=name))

    names = () if asked.alone else book.names
    return decoded_beside(read, (partial(other, name) for name in names if name != chosen))


def _sheet_frame(sheet: Sheet, said: list[Note], asked: ReadRequest) -> FileFrame:
    counted = [Note(key, n=count) for key, count in sheet.counts.items()]
    return _table(sheet, [*said, *counted], asked)


def workbook_parts(asked: ReadRequest, book: Workbook) -> Parts:
    """Return the sheets with a table that a program shows."""
    names, hidden = book.names, book.hidden
    read = {number: book.sheet(name) for number, name in enumerate(names, 1)}
    tables = [
        (number, name) for number, name in enumerate(names, 1)
        if name not in hidden and _is_table(read[number])
    ]  # fmt: skip
    counts = _pivots_of(read[number] for number, _ in tables)
    tables = [(number, name) for number, name in tables if read[number] not in counts]
    for number, name in tuple(tables):
        if (apart := _apart(read[number], asked)) is not None:
            tables.append((len(read) + 1, f"{name}{_BESIDE}"))
            read[number], read[len(read) + 1] = apart
    left = [number for number, sheet in read.items() if sheet.rows and number not in dict(tables)]

    def frame(number: int, name: str) -> FileFrame:
        # Cells are freed as soon as they are a table.
        return _sheet_frame(read.pop(number), [], replace(asked, name=name, alone=True))

    return Parts(tuple(tables), tuple(left), tuple(_book_notes(book)), frame)


def _is_table(sheet: Sheet) -> bool:
    return len(sheet.rows) > 1 and len({c for row in sheet.rows.values() for c in row}) > 1


def _pivot_header(sheet: Sheet) -> int | None:
    """Return the row of the header of a pivot table, below its filters; None of other sheets."""
    left = min((column for cells in sheet.rows.values() for column in cells), default=0)
    first = itertools.takewhile(
        lambda row: (
            is_pivot_label(sheet.rows[row].get(left, "")) or len(sheet.rows[row]) <= _FILTER
        ),
        sorted(sheet.rows)[: _MOST_HEADERS + 1],
    )
    return next((row for row in first if is_pivot_label(sheet.rows[row].get(left, ""))), None)


def _counted_labels(sheet: Sheet) -> set[str]:
    """Return the labels, folded, that a pivot table counts; none of any other sheet.

    Beside them stand counts or sums only, and none of them is a person.
    """
    from privaudit.columns.identifiers import has_phone
    from privaudit.io.records import names_a_total

    if (header := _pivot_header(sheet)) is None:
        return set()
    left = min(sheet.rows[header])
    names = [name for column, name in sheet.rows[header].items() if column > left]
    below = [cells for row, cells in sheet.rows.items() if row > header]
    beside = {cell for cells in below for column, cell in cells.items() if column > left}
    labels = {cell for cells in below if not names_a_total(cell := cells.get(left, ""))}
    of_people = any(
        has_phone(label) or may_name_a_person(_DIGITS.sub("", label)) for label in labels
    )
    if of_people or not hold_counts(names, beside):
        return set()
    return {fold(label) for label in labels} - _BLANKS


def _cells_of_no_person(sheet: Sheet) -> set[str]:
    """Return the cells, folded, of the columns of which no header names people."""
    from privaudit.columns.headers import IDENTIFYING_KINDS, kind_of_header

    header = sheet.rows[_header_rows(sheet)[0]]
    named = {column for column, name in header.items()
             if kind_of_header(name)[0] in IDENTIFYING_KINDS}  # fmt: skip
    return {fold(cell) for cells in sheet.rows.values()
            for column, cell in cells.items() if column not in named}  # fmt: skip


def _pivots_of(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Return the pivot tables that add nothing: all that they count are cells of another sheet."""
    read = [(sheet, _counted_labels(sheet)) for sheet in sheets]
    if not any(labels for _, labels in read):
        return []
    others = [_cells_of_no_person(sheet) for sheet, labels in read if not labels]
    return [sheet for sheet, labels in read
            if labels and any(labels <= cells for cells in others)]  # fmt: skip


def _book_notes(book: Workbook) -> list[Note]:
    hidden = [Note("sheets_hidden", sheets=len(book.hidden))] if book.hidden else []
    return [*book.notes, *hidden]


def _table(sheet: Sheet, notes: list[Note], asked: ReadRequest) -> FileFrame:
    """Make a table of the cells below the header; a blank row is no record."""
    from privaudit.io.csv_dialects import names_columns, numbered
    from privaudit.io.text_tables import table_of_cells

    if len(sheet.rows) < 2:
        came = f"{len(sheet.rows)} filled rows in {asked.name}"
        raise asked.error("a sheet with a header and a row", came, why="empty")
    if (cards := _cards(sheet)) is not None:
        notes += [Note("cell_comments", n=len(sheet.comments))] if sheet.comments else []
        return _table(cards, notes, asked)
    top, below = _header_rows(sheet)
    above = sum(row < top for row in sheet.rows)
    if (stacked := _stacked(sheet, top, below)) is not None:
        notes.append(Note("blocks_stacked", blocks=stacked[1]))
        notes += [Note("rows_above_header", rows=above)] if above else []
        return _table(stacked[0], notes, asked)
    if parted := _parted(sheet, top):
        return _with_table_beside(_table(parted[0], notes, asked), parted[1], asked)
    below += _has_groups(sheet, top, below)
    if above:
        notes.append(Note("rows_above_header", rows=above))
    if below - top > 1:
        notes.append(Note("header_merged", rows=below - top))
    rows = sorted(row for row in sheet.rows if row >= below)
    columns = sorted({c for row, cells in sheet.rows.items() if row >= top for c in cells})
    # Blanks between filled cells count: a few bytes may say that two lie a million rows apart.
    refuse_beyond("cells", len(rows) * len(columns), who=asked.who, name=asked.name)
    header = _header(sheet, top, below, columns, asked)
    first, *others = (
        [sheet.rows[row].get(column, "") for column in columns]
        for row in (top, *rows[:_HEADER_WITHIN])
    )
    if below == top + 1 and (joined := header_of_survey(first, others)) is not None:
        notes.append(Note("header_merged", rows=joined[1] + 1))
        header, rows = list(joined[0]), rows[joined[1] :]
        below = rows[0]
    named = below > top + 1 or names_columns(first, others, name=asked.name, who=asked.who)
    if not named:
        notes.append(Note("no_header", file=asked.name, columns=len(columns)))
        header, below, rows = list(numbered(len(columns))), top, [top, *rows]
    if merged := _fill_merged(sheet, rows, asked):
        notes.append(Note("cells_merged", n=merged))
    cells = [[sheet.rows[row].get(column, "") for row in rows] for column in columns]
    if blank := rows[-1] - below + 1 - len(rows):
        notes.append(Note("rows_blank", rows=blank))
    breaks = [at for at in range(1, len(rows)) if rows[at] > rows[at - 1] + 1]
    places = {row: place for place, row in enumerate(rows)}
    comments = [(places.get(row, -1), text) for (row, _), text in sorted(sheet.comments.items())]
    table = table_of_cells(
        header, cells, name=asked.name, who=asked.who, notes=notes, breaks=breaks, comments=comments
    )
    return replace(table, named=named)


def sheet_of_cards(pairs: list[tuple[str, str]]) -> Sheet | None:
    """Return cards as a table, a row each: labels and what stands beside each, in their order.

    A card begins where a label of the last one stands again; one that is repeated at once has
    several values. None where labels do not come again, or may be those of people.

    Examples
    --------
    >>> cards = [("Nom", "Roux"), ("Tél.", "06"), ("Tél.", "07")] * 3
    >>> [*sheet_of_cards(cards).rows.values()][:2]
    [{0: 'Nom', 1: 'Tél.'}, {0: 'Roux', 1: '06, 07'}]
    >>> sheet_of_cards([("Anne", "Bonjour"), ("Paul", "Oui")] * 3) is None
    True
    """
    cards, last = list[dict[str, str]](), ""
    pairs = [(label.rstrip(" :\u00a0"), value) for label, value in pairs]
    for label, value in pairs:
        if not cards or (label in cards[-1] and label != last):
            cards.append({})
        cards[-1][label] = f"{cards[-1][label]}, {value}" if label in cards[-1] else value
        last = label
    labels = list(dict.fromkeys(label for label, _ in pairs))
    few = len(cards) < FEWEST_CARDS or not 1 < len(labels) <= _MOST_LABELS
    if few or 2 * sum(map(len, cards)) < len(cards) * len(labels):
        return None
    if any(map(may_name_a_person, labels)):
        return None
    return sheet_of([labels, *([card.get(label, "") for label in labels] for card in cards)])


def sheet_of(rows: list[list[str]]) -> Sheet:
    """Return rows of cells as a sheet."""
    sheet = Sheet()
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.put(place, column, cell)
    return sheet


def _cards(sheet: Sheet) -> Sheet | None:
    """Return a sheet of cards, a label beside a value in each row, as a table; None of others."""
    from privaudit.columns.headers import kind_of_header

    if len({column for row in sheet.rows.values() for column in row}) != 2:
        return None
    left, right = sorted({column for row in sheet.rows.values() for column in row})
    rows = [sheet.rows[row] for row in sorted(sheet.rows)]
    labels = {row[left] for row in rows if left in row}
    marked = sum(label.rstrip().endswith(":") for label in labels)
    known = sum(bool(kind_of_header(label.rstrip(" :"))[0]) for label in labels)
    # Towns beside names are no labels; nor is a column beside one that has a known header.
    headed = bool(kind_of_header(rows[0].get(right, ""))[0])
    if headed or 2 * max(marked, known) < len(labels):
        return None
    return sheet_of_cards([(row[left], row.get(right, "")) for row in rows if left in row])


def _apart(sheet: Sheet, asked: ReadRequest) -> tuple[Sheet, Sheet] | None:
    """Part a table from that to the right of it, unless this writes out codes of it."""
    top, below = _header_rows(sheet)
    if _stacked(sheet, top, below) or (parted := _parted(sheet, top)) is None:
        return None
    with suppress(PrivauditError):
        left = _with_table_beside(_table(parted[0], [], asked), parted[1], asked)
        if Note("other_table") in left.set_aside:
            # Once more: columns that are merged are filled in a sheet that is read.
            return _parted(sheet, top)
    return None


def _stacked(sheet: Sheet, top: int, below: int) -> tuple[Sheet, int] | None:
    """Return blocks of the same columns that stand side by side as one table, and how many.

    None where they are not surely that; see `_is_alike`.
    """
    header, blocks, last = sheet.rows[top], list[list[int]](), -2
    if len({*header.values()}) == len(header) or below > top + 1:
        return None
    for column in sorted({c for row, cells in sheet.rows.items() if row >= top for c in cells}):
        if column > last + 1:
            blocks.append([])
        blocks[-1].append(column)
        last = column
    names = [[header.get(column, "") for column in block] for block in blocks]
    if len(blocks) < 2 or len(names[0]) < 2 or not all(names[0]) or names != names[:1] * len(names):
        return None
    if not all(_is_alike(sheet, top, blocks[0][0], {*block}) for block in blocks[1:]):
        return None
    result = Sheet(rows={0: dict(enumerate(names[0]))})
    comments = dict(sheet.comments)
    for block in blocks:
        rows = [row for row in sorted(sheet.rows) if row > top and {*block} & {*sheet.rows[row]}]
        at = {row: place for place, row in enumerate(rows, len(result.rows))}
        places = {column: place for place, column in enumerate(block)}
        for row in rows:
            cells = sheet.rows[row]
            result.rows[at[row]] = {places[c]: cells[c] for c in block if c in cells}
        for row, column in [*comments]:
            if row in at and column in places:
                result.comments[at[row], places[column]] = comments.pop((row, column))
        for first, left, last, right in sheet.merged:
            if first in at and left in places:
                end = at[rows[bisect_right(rows, last) - 1]]
                result.merged.append((at[first], places[left], end, places[left] + right - left))
    # Those beside no row of their block stay above the header, where they are counted.
    result.comments |= {(-1 - row, column): text for (row, column), text in comments.items()}
    return result, len(blocks)


def _is_alike(sheet: Sheet, top: int, first: int, right: set[int]) -> bool:
    """Return whether columns at the right surely hold other records of what those at the left do.

    Their header begins with the same name. No cell above says what their rows are, and they do not
    go on with the record of each row, whose name then stands there again.
    """
    if sheet.rows[top].get(first) != sheet.rows[top].get(min(right)):
        return False
    if any(row < top and right & {*cells} for row, cells in sheet.rows.items()):
        return False
    below = [cells for row, cells in sheet.rows.items() if row > top and min(right) in cells]
    # Each once: a town is that of many rows.
    again = {cells[first] for cells in below if cells.get(first) == cells[min(right)]}
    return 2 * len(again) <= len(below)


def _parted(sheet: Sheet, top: int) -> tuple[Sheet, Sheet] | None:
    """Part a table from that to the right of it, behind blank columns.

    This ends where it stands: of one table that is wider than it looks, each row goes on. So it is
    short, or else holds surely other records.
    """
    columns = sorted({c for row, cells in sheet.rows.items() if row >= top for c in cells})
    below = {row: cells for row, cells in sheet.rows.items() if row >= top and cells}
    firsts = sorted(min(cells) for cells in below.values())
    ends = sorted((max(cells), row) for row, cells in below.items())
    # The last row of those that reach as far to the right, or further.
    last = [*itertools.accumulate((row for _, row in reversed(ends)), max)][::-1]
    for at in (at for at, c in enumerate(columns) if at and c > columns[at - 1] + 1):
        right, reach = {*columns[at:]}, bisect_left(ends, (columns[at],))
        n, others = len(ends) - reach, bisect_left(firsts, columns[at])
        named = right <= sheet.rows[top].keys() and len(right) > 1
        if not named or n < 2 or last[reach] >= top + n:
            continue
        if n < others / 2 or (others > 1 and _is_alike(sheet, top, columns[0], right)):
            return _side(sheet, top, right, beside=False), _side(sheet, top, right, beside=True)
    return None


def _side(sheet: Sheet, top: int, right: set[int], *, beside: bool) -> Sheet:
    """Return what stands from a row on in the columns at the right, or all else of a sheet."""

    def is_here(row: int, column: int) -> bool:
        return (row >= top and column in right) == beside

    rows = {r: {c: cells[c] for c in cells if is_here(r, c)} for r, cells in sheet.rows.items()}
    return Sheet(
        rows={row: cells for row, cells in rows.items() if cells},
        merged=[m for m in sheet.merged if is_here(*m[:2])],
        counts=Counter() if beside else sheet.counts,
        comments={at: text for at, text in sheet.comments.items() if is_here(*at)},
    )


def _with_table_beside(read: FileFrame, beside: Sheet, asked: ReadRequest) -> FileFrame:
    """Write out the codes of a table by one that stands beside it, or say that it was not read."""
    from privaudit.io.legends import decoded_beside

    name = beside.rows[min(beside.rows)][min(beside.rows[min(beside.rows)])]
    decoded = decoded_beside(read, [lambda: _table(beside, [], replace(asked, name=name))])
    if len(decoded.notes) > len(read.notes):
        return decoded
    return replace(read, set_aside={**read.set_aside, Note("other_table"): len(beside.rows) - 1})


def _fill_merged(sheet: Sheet, rows: list[int], asked: ReadRequest) -> int:
    """Give every row of a merged cell its value, as people read it; return how many there are."""
    below = [m for m in sheet.merged if rows and rows[0] <= m[0] <= rows[-1]]
    spans = [rows[bisect_right(rows, m[0]) : bisect_right(rows, m[2])] for m in below]
    refuse_beyond("cells", sum(map(len, spans)), who=asked.who, name=asked.name)
    for (top, left, _, _), span in zip(below, spans, strict=True):
        text = sheet.rows.get(top, {}).get(left, "")
        asked.charge(len(text) * len(span), len(span))
        for row in span:
            if text:
                sheet.rows[row].setdefault(left, text)
    return len(below)


def _header_rows(sheet: Sheet) -> tuple[int, int]:
    """Return the first row of the header, and the first below it.

    A title and remarks above a table fill a cell or two; a header fills half of its columns, alone
    or by cells that are merged over several.
    """
    first = sorted(sheet.rows)[: _HEADER_WITHIN + 1]
    if (labels := _pivot_header(sheet)) is not None and labels < first[-1]:
        return labels, labels + 1
    several = {(m[0], m[1]): m for m in sheet.merged if m[3] > m[1] and m[0] <= first[-1]}.values()
    wide = {row: set(sheet.rows[row]) for row in first}
    for top, left, _, right in several:
        if left in wide.get(top, ()):
            wide[top] |= set(range(left, min(right, left + _MOST_COLUMNS) + 1))
    half = math.ceil(len({c for cells in sheet.rows.values() for c in cells}) / 2)
    # One merged cell over the whole table is its title.
    titles = {m[0] for m in several if len(sheet.rows.get(m[0], ())) == 1}
    top = next((r for r in first[:-1] if len(wide[r]) >= half and r not in titles), first[0])
    below = top + 1
    while below < top + _MOST_HEADERS and any(m[0] <= below - 1 <= m[2] for m in several):
        below += 1
    tall = (m[2] + 1 for m in sheet.merged if m[0] == top and m[2] < top + _MOST_HEADERS)
    below = max([below, *tall])
    return top, below if max(sheet.rows) >= below else top + 1


def _has_groups(sheet: Sheet, top: int, below: int) -> bool:
    """Return whether a header names groups of columns, unmerged, above the names of columns.

    Each group is then merged over its columns, as it would have been.
    """
    from privaudit.columns.headers import kind_of_header, kind_of_record

    groups, names = (sheet.rows.get(row, {}) for row in (top, top + 1))
    if below != top + 1 or not 1 < len(groups) < len(names) or top + 1 == max(sheet.rows):
        return False
    above, here = (
        sum(bool(kind_of_header(cell)[0] or kind_of_record(cell)) for cell in cells.values())
        / len(cells)
        for cells in (groups, names)
    )
    if here < MOST_CELLS or above >= here:
        return False
    starts = itertools.pairwise([*sorted(groups), max(names) + 1])
    sheet.merged += [(top, left, top, right - 1) for left, right in starts if right - left > 1]
    return True


def _header(
    sheet: Sheet, top: int, below: int, columns: list[int], asked: ReadRequest
) -> list[str]:
    """Return the names of columns: those of the rows of a header, from above, with a blank."""
    parts = {row: dict(sheet.rows.get(row, {})) for row in range(top, below)}
    done: set[tuple[int, int]] = set()
    for first, left, _, right in sheet.merged:
        text = sheet.rows.get(first, {}).get(left)
        if text and top <= first < below and (first, left) not in done:
            done.add((first, left))
            over = range(left, min(right, columns[-1]) + 1)
            asked.charge(len(text) * len(over), len(over))
            for column in over:
                parts[first].setdefault(column, text)
    names = []
    for column in columns:
        wording = [cells[column] for cells in parts.values() if column in cells]
        names.append(" ".join(dict.fromkeys(" ".join(text.split()) for text in wording)))
    return names


def number_text(text: str) -> str:
    """Write a number of a workbook as people see it: 3 for 3.0, 0.1 for 0.10000000000000001.

    Examples
    --------
    >>> number_text("3.0"), number_text("0.10000000000000001"), number_text("1E3"), number_text("x")
    ('3', '0.1', '1000', 'x')
    """
    # A code may have more digits than a float holds.
    if text.isdecimal() and text.isascii() and text[0] != "0":
        return text
    try:
        value = float(text)
    except ValueError:
        return text.strip()
    whole = value.is_integer() and abs(value) < 2**53
    return str(int(value)) if whole else repr(value)


# What begins a formula, or a command to another program, in one spreadsheet or another.
_FORMULA_STARTS = {*"=+-@\t\r\n|%", "＝", "＋", "－", "＠"}
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?%?")


def inert(table: pd.DataFrame, *, numbers: bool = False) -> pd.DataFrame:
    """Escape cells and names that a spreadsheet would run as a formula.

    Parameters
    ----------
    numbers : bool, optional
        A text that is a number and nothing else stays as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> inert(pd.DataFrame({"=a": ["=1+1", "-3", "b"]}), numbers=True).values.tolist()
    [["'=1+1"], ['-3'], ['b']]
    """
    safe = table.rename(columns=lambda name: _quoted(str(name), numbers))
    for place, kind in enumerate(safe.dtypes):
        if kind.kind not in "biufcmM":
            cells = safe.iloc[:, place]
            shown = [v if v is None or v != v else _quoted(str(v), numbers) for v in cells]
            safe.isetitem(place, shown)
    return safe


def _quoted(text: str, numbers: bool) -> str:
    """Put a quote before what a spreadsheet may read as a formula, blanks before it or not."""
    text = visible(text)
    starts = text.lstrip(" \u00a0")[:1] in _FORMULA_STARTS
    return f"'{text}" if starts and not (numbers and _NUMBER.fullmatch(text)) else text
