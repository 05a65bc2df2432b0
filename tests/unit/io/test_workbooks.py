"""Sheets whose tables stand side by side, comments of cells: each person once, no text astray."""

from itertools import zip_longest
from pathlib import Path

import pytest

from privaudit.errors import SchemaError
from privaudit.io.readers import ReadRequest
from privaudit.io.workbooks import (
    Workbook,
    _cards,
    _header_rows,
    _parted,
    _pivot_header,
    _stacked,
    sheet_of,
    sheet_of_cards,
    workbook_frame,
    workbook_parts,
)
from privaudit.words.catalogues import Note

HEADER = ["nom", "prenom", "age"]
LETTERS = "abcdefghijkl"
PEOPLE = [[f"Zq{letter}et", f"Wy{letter}o", str(20 + at)] for at, letter in enumerate(LETTERS)]
OTHERS = [[f"Kr{letter}ot", f"Du{letter}i", str(40 + at)] for at, letter in enumerate(LETTERS)]
SUM = str(sum(range(20, 32)))


def asked():
    return ReadRequest(path=Path("a.xlsx"), name="a.xlsx", who="inspect", places=False, crs=None)


def book(sheet):
    return Workbook(["F"], [], lambda _: sheet, [])


def with_comments(rows, comments):
    sheet = sheet_of(rows)
    for (row, column), text in comments.items():
        sheet.comment(row, column, text, asked())
    return sheet


def side_by_side(left, right):
    blank = [""] * len(left[0])
    return [[*(a or blank), "", *(b or [])] for a, b in zip_longest(left, right)]


def dated(people):
    return [[name, first, f"1980-01-{at + 1:02d}"] for at, (name, first, _) in enumerate(people)]


def pages(n):
    return [["page", "date"], *([f"p{at}", "2016-01-01"] for at in range(n))]


DATED = ["nom", "prenom", "date"]
GIFTS = [["don", "date"], *([str(10 * at), f"2016-02-{at + 1:02d}"] for at in range(12))]


@pytest.mark.parametrize(
    "rows",
    [
        # Rows that the parting emptied were records: nine pages, where there were four.
        side_by_side(pages(4), [DATED, *dated(PEOPLE)]),
        side_by_side(pages(1), [DATED, *dated(PEOPLE)]),
        # One table with an empty column: gifts belonged to nobody.
        side_by_side([DATED, *dated(PEOPLE)], GIFTS),
        # The opinion above each block was skipped as a title.
        [["Pour", "", "", "", "Contre"], *side_by_side([HEADER, *PEOPLE], [HEADER, *OTHERS])],
        [["Pour", "", "", "", "Contre"],
         *side_by_side([HEADER, *PEOPLE], [["nom", "ville"], *(one[:2] for one in OTHERS)])],
        # The same people go on: twelve of them were twenty-four.
        side_by_side([["nom", "note"], *([one[0], "vu"] for one in PEOPLE)],
                     [["nom", "note"], *([one[0], "revu"] for one in PEOPLE)]),
        # Some have a spouse.
        side_by_side([HEADER, *PEOPLE], [["nom", "tel"], *(
            [OTHERS[at][0], "06"] if at % 2 else ["", ""] for at in range(12))]),
    ],
)  # fmt: skip
def test_a_sheet_that_is_not_surely_two_tables_is_refused(rows):
    with pytest.raises(SchemaError, match="once"):
        workbook_frame(asked(), book(sheet_of(rows)))
    parts = workbook_parts(asked(), book(sheet_of(rows)))
    assert [name for _, name in parts.tables] == ["F"]


def test_rows_and_columns_of_blanks_below_and_beside_a_table_are_none():
    """A spreadsheet's cells that somebody emptied with the space bar made thirty records more."""
    rows = [[*row, "", " "] for row in [DATED, *dated(PEOPLE)]]
    table = workbook_frame(asked(), book(sheet_of(rows + [[" ", "\u00a0", " ", "", " "]] * 30)))
    assert list(table.frame.columns) == DATED
    assert len(table.frame) == len(PEOPLE)


def test_a_longer_table_beside_another_leaves_it_its_rows():
    """Emptied rows are no records, and comments and merged cells go with their table."""
    rows = side_by_side(
        [["nom", "ville"], *([name, "Brest"] for name, *_ in PEOPLE[:4])],
        [HEADER, *OTHERS],
    )
    comments = {(2, 4): "voit mal", (3, 0): "absente", (9, 3): "chien"}
    sheet = with_comments(rows, comments)
    sheet.merged.append((1, 3, 1, 4))
    parts = workbook_parts(asked(), book(sheet))
    assert [name for _, name in parts.tables] == ["F", "F (2)"]
    left, right = (parts.frame(number, name) for number, name in parts.tables)
    assert left.frame["nom"].tolist() == [name for name, *_ in PEOPLE[:4]]
    assert right.frame["nom"].tolist() == [name for name, *_ in OTHERS]
    said = [one.frame["comments of cells"].fillna("").tolist() for one in (left, right)]
    assert said == [
        ["", "", "absente", ""], ["", "voit mal", *[""] * 6, "chien", *[""] * 3],
    ]  # fmt: skip
    merged = [any(note.key == "cells_merged" for note in one.notes) for one in (left, right)]
    assert merged == [False, True]


@pytest.mark.parametrize(
    ("extra", "at"), [(["Total", "", SUM], 12), (["Bureau 2", "", ""], 6)]
)  # fmt: skip
def test_a_comment_makes_no_person_of_a_total_or_a_caption(extra, at):
    """Twelve people were thirteen."""
    rows = [HEADER, *PEOPLE[:at], extra, *PEOPLE[at:]]
    comments = {(at + 1, 0): "vu par Mme X", (3, 1): "absent", (3, 2): "ou pas"}
    read = workbook_frame(asked(), book(with_comments(rows, comments)))
    assert read.frame["nom"].tolist() == [name for name, *_ in PEOPLE]
    assert sum(read.set_aside.values()) == 1
    said = ["", "", "absent\nou pas", *[""] * 9]
    assert read.frame["comments of cells"].fillna("").tolist() == said
    counts = {Note("comments_read", n=2, column="comments of cells"), Note("cell_comments", n=1)}
    assert counts <= {*read.notes}


def test_comments_beside_a_column_of_that_name_have_another():
    rows = [[*HEADER, "comments of cells"], *([*person, "ras"] for person in PEOPLE)]
    read = workbook_frame(asked(), book(with_comments(rows, {(2, 0): "voit mal"})))
    assert read.frame["comments of cells (2)"].fillna("").tolist() == ["", "voit mal", *[""] * 10]


def test_a_comment_beside_no_row_of_its_block_is_of_nobody():
    """It was given to the first person of the next block."""
    rows = side_by_side([HEADER, *PEOPLE[:5]], [HEADER, *OTHERS])
    comments = {(8, 0): "voit mal", (9, 5): "chien", (5, 1): "absente", (0, 0): "liste"}
    read = workbook_frame(asked(), book(with_comments(rows, comments)))
    said = dict(zip(read.frame["nom"], read.frame["comments of cells"].fillna(""), strict=True))
    assert {name: text for name, text in said.items() if text} == {
        PEOPLE[4][0]: "absente", OTHERS[8][0]: "chien",
    }  # fmt: skip
    assert Note("cell_comments", n=2) in read.notes


@pytest.mark.parametrize(("columns", "apart"), [(1, False), (2, True), (3, True)])
def test_a_table_of_two_columns_or_more_stands_beside_another(columns, apart):
    codes = [["code", "sens", "note"], ["1", "oui", "a"], ["2", "non", "b"]]
    rows = side_by_side([HEADER, *PEOPLE], [row[:columns] for row in codes])
    parted = _parted(sheet_of(rows), 0)
    assert (parted is not None) is apart
    if parted:
        left, right = ([len(cells) for cells in one.rows.values()] for one in parted)
        assert (left, right) == ([3] * 13, [columns] * 3)


def test_merged_cells_of_blocks_are_filled_in_each_block():
    """Two of twelve people had a town."""
    rows = side_by_side(
        [["commune", "nom"], *([("Brest", "")[at > 0], PEOPLE[at][0]] for at in range(6))],
        [["commune", "nom"], *([("Paris", "")[at > 0], OTHERS[at][0]] for at in range(5))],
    )
    sheet = sheet_of(rows)
    sheet.merged += [(1, 0, 6, 0), (1, 3, 6, 3)]
    read = workbook_frame(asked(), book(sheet))
    # No row is made where a merged cell goes on below the last person.
    assert read.frame["commune"].tolist() == ["Brest"] * 6 + ["Paris"] * 5
    assert Note("cells_merged", n=2) in read.notes


def test_a_title_above_blocks_is_skipped():
    rows = [["Liste de 2016"], *side_by_side([HEADER, *PEOPLE], [HEADER, *OTHERS])]
    read = workbook_frame(asked(), book(sheet_of(rows)))
    assert read.frame["nom"].tolist() == [name for name, *_ in (*PEOPLE, *OTHERS)]
    assert Note("rows_above_header", rows=1) in read.notes


def test_blocks_are_stacked_below_one_line_of_names():
    """Below two lines a name alone does not say what a column holds."""
    sheet = sheet_of(side_by_side([HEADER, *PEOPLE[:5]], [HEADER, *OTHERS[:5]]))
    stacked = _stacked(sheet, 0, 1)
    assert stacked is not None
    assert stacked[1] == 2
    assert _stacked(sheet, 0, 2) is None


@pytest.mark.parametrize(
    ("cards", "labels", "table"),
    [(2, 2, False), (3, 2, True), (3, 1, False), (3, 100, True), (3, 101, False)],
)
def test_three_cards_of_two_to_a_hundred_labels_are_a_table(cards, labels, table):
    pairs = [(f"f{label} :", f"{card}") for card in range(cards) for label in range(labels)]
    sheet = sheet_of_cards(pairs)
    assert (sheet is not None) == table
    assert (_cards(sheet_of([list(pair) for pair in pairs])) is not None) == table
    if sheet is not None:
        assert [len(cells) for cells in sheet.rows.values()] == [labels] * (cards + 1)


@pytest.mark.parametrize(("labels", "table"), [(6, True), (7, False)])
def test_cards_fill_half_of_their_labels(labels, table):
    # The first card fills all, the two others three: nine of eighteen, ten of twenty-one.
    first = [(f"f{k}", "a") for k in range(labels)]
    pairs = [*first, ("f0", "b"), ("f1", "b"), ("f0", "c")]
    assert (sheet_of_cards(pairs) is not None) == table


@pytest.mark.parametrize(
    ("above", "cells", "header"), [(0, 2, 0), (4, 2, 4), (5, 2, None), (1, 3, None), (4, 1, 4)]
)
def test_a_pivot_header_stands_below_four_filters_of_two_cells(above, cells, header):
    filters = [["Sexe", "F", "x"][:cells]] * above
    sheet = sheet_of([*filters, ["Row Labels", "Count of id"], ["Brest", "3"]])
    assert _pivot_header(sheet) == header


@pytest.mark.parametrize(("above", "top"), [(1, 1), (49, 49), (50, 0)])
def test_a_header_is_one_of_the_first_fifty_rows(above, top):
    sheet = sheet_of([*[["Liste"]] * above, HEADER, *PEOPLE])
    assert _header_rows(sheet) == (top, top + 1)
