"""Totals, headers, captions and second tables below are no records; people called so are."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ReadError
from privaudit.io.records import (
    _CodedCells,
    is_header_again,
    is_header_moved,
    records_of_cells,
    repeats,
    rows_without_record,
)
from privaudit.io.text_tables import read_text_table
from privaudit.tables.counting import class_sizes
from privaudit.text.cells import Texts
from privaudit.words.catalogues import Note

HEADER = ["id", "commune", "sexe", "vote", "dons"]


def _rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return [
        [str(i), town, sex, vote, str(gift)]
        for i, town, sex, vote, gift in zip(
            range(1, n + 1), rng.choice(["Lyon", "Brest"], n), rng.choice(["F", "M"], n),
            rng.choice(["gauche", "droite"], n), rng.integers(0, 90, n), strict=True,
        )
    ]  # fmt: skip


def _aside(rows, header=HEADER, breaks=()):
    columns = [pd.factorize(np.array(column, dtype=object)) for column in zip(*rows, strict=True)]
    codes = [codes for codes, _ in columns]
    return rows_without_record(header, codes, [Texts(list(v)) for _, v in columns], breaks)


@pytest.mark.parametrize(
    "word",
    ["TOTAL", "Total général", "Totaux", "Sous-total", "Sous total Lyon", "Grand Total", "Subtotal",
     "Total Lyon", "Ensemble", "Moyenne", "Average"],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_total_is_no_record(word, place):
    rows = _rows(40)
    total = [""] * 5
    total[place], total[4] = word, str(sum(int(row[4]) for row in rows))
    assert _aside([*rows[:20], total, *rows[20:]]) == {20: "total_row"}


def test_a_total_without_a_blank_is_one_by_its_sum():
    rows = [["Lyon", "12"], ["Brest", "30"], ["Nantes", "5"]]
    assert _aside([*rows, ["Total", "47"]], ["commune", "n"]) == {3: "total_row"}
    assert _aside([*rows, ["Total", "48"]], ["commune", "n"]) == {}
    # A petrol station, or a family, of that name.
    assert _aside([*rows, ["Total", "20"], ["Moyenne", "16"]], ["enseigne", "n"]) == {}


def test_people_and_firms_called_total_stay():
    rows = _rows(40)
    rows[7][1] = "Total"
    rows[8][3] = "Ensemble"
    assert _aside(rows) == {}


def test_rows_that_are_sums_of_others_by_chance_stay():
    assert _aside([["Lyon", "1"], ["Brest", "2"], ["Nantes", "3"]], ["commune", "n"]) == {}


def test_a_header_again_in_other_capitals():
    rows = _rows(40)
    assert _aside([*rows[:9], ["ID", "Commune", "SEXE", "Vote", "dons"], *rows[9:]]) == {
        9: "header_again"
    }


@pytest.mark.parametrize(
    "line", ["Généré par Qomon le 3 mai 2016", "(40 rows affected by this)", "\x1a", "-----"]
)
def test_captions_and_marks_are_no_records(line):
    rows = _rows(40)
    assert _aside([*rows, [line, "", "", "", ""]]) == {40: "text_line"}


def test_a_record_with_one_cell_stays():
    rows = _rows(40)
    assert _aside([*rows, ["41", "", "", "", ""]]) == {}
    memos = [[f"a memo of some words {i}", "", "x"] for i in range(20)]
    assert _aside([*memos, ["one more memo of some words", "", ""]], ["memo", "tel", "vote"]) == {}


def test_a_narrower_table_below_is_another_one():
    rows = _rows(40)
    other = [["nom", "tel", "", "", ""], *([f"Zx {i}", f"06{i:08d}", "", "", ""] for i in range(9))]
    assert _aside([*rows, *other]) == dict.fromkeys(range(40, 50), "other_table")


def test_a_table_as_wide_is_another_one_below_a_blank_line():
    rows = _rows(40)
    other = [["rue", "porte", "motif", "issue", "heure"]]
    other += [["rue X", str(i), "absent", "non", "midi"] for i in range(12)]
    assert _aside([*rows, *other], breaks=[40]) == dict.fromkeys(range(40, 53), "other_table")
    assert _aside(rows, breaks=[20]) == {}


def test_a_table_is_never_emptied():
    rows = [["Total", "3"], ["Total", "3"]]
    assert _aside(rows, ["x", "n"]) == {}


def test_the_files_of_the_case_measure_as_without_their_totals(tmp_path):
    rows = _rows(300)
    lines = [",".join(row) for row in [HEADER, *rows]]
    extra = [f"TOTAL,,,,{sum(int(row[4]) for row in rows)}", lines[0], "\x1a"]
    clean, dirty = tmp_path / "clean.csv", tmp_path / "dirty.csv"
    clean.write_text("\n".join(lines) + "\n")
    dirty.write_text("\n".join([*lines, *extra]))
    read = read_text_table(dirty, who="test")
    pd.testing.assert_frame_equal(read.frame, read_text_table(clean, who="test").frame)
    assert {note.key: n for note, n in read.set_aside.items()} == {
        "total_row": 1, "header_again": 1, "text_line": 1
    }  # fmt: skip


def test_rows_are_told_from_the_text_around_them():
    """A caption: three words, within three rows of an end, of a table of three columns or more."""
    rows = _rows(12)

    def with_line(at, text, header=HEADER):
        width = len(header)
        made = [row[:width] for row in rows]
        made.insert(at, ["", text, *[""] * (width - 2)])
        return _aside(made, header)

    assert with_line(0, "Liste de Mai") == {0: "text_line"}
    assert with_line(0, "Liste Mai") == {}
    assert with_line(2, "Liste de Mai") == {2: "text_line"}
    assert with_line(3, "Liste de Mai") == {}
    assert with_line(12, "Liste de Mai") == {12: "text_line"}
    assert with_line(10, "Liste de Mai") == {10: "text_line"}
    assert with_line(9, "Liste de Mai") == {}
    assert with_line(0, "Liste de Mai", HEADER[:3]) == {0: "text_line"}
    assert with_line(0, "Liste de Mai", HEADER[:2]) == {}


@pytest.mark.parametrize(
    ("ruler", "aside"), [("--", True), ("-", False), ("==", True), ("-+-", True), ("-a-", False)]
)
def test_a_ruler_has_two_marks(ruler, aside):
    rows = _rows(12)
    assert _aside([*rows[:6], [ruler] * 5, *rows[6:]]) == ({6: "text_line"} if aside else {})


@pytest.mark.parametrize(
    ("off", "aside"), [(0.0, True), (0.04, True), (0.07, False), (-0.04, True), (-0.07, False)]
)
def test_a_total_without_a_blank_is_the_sum_but_for_half_a_cent_a_row(off, aside):
    """Ten rows: .05 at most, where each was rounded to the cent."""
    rows = [[f"n{i}", "F", "a", "b", str(i + 10)] for i in range(10)]
    total = sum(int(row[4]) for row in rows) + off
    assert _aside([*rows, ["Total", "1", "1", "1", f"{total:.3f}"]]) == (
        {10: "total_row"} if aside else {}
    )


@pytest.mark.parametrize(
    ("off", "aside"), [(0.0, True), (0.004, True), (0.006, False), (-0.006, False)]
)
def test_a_mean_without_a_blank_is_that_of_its_column(off, aside):
    rows = [[f"n{i}", "F", "a", "b", str(i + 10)] for i in range(10)]
    mean = sum(int(row[4]) for row in rows) / 10 + off
    assert _aside([*rows, ["Moyenne", "1", "1", "1", f"{mean:.4f}"]]) == (
        {10: "total_row"} if aside else {}
    )


@pytest.mark.parametrize(("letters", "aside"), [(40, True), (41, False)])
def test_what_follows_a_total_has_forty_letters(letters, aside):
    rows = _rows(12)
    name = "Total " + "a" * (letters - 1)
    assert bool(_aside([*rows, [name, "", "", "", "3"]])) == aside


def test_a_header_again_needs_three_of_four_cells():
    rows = _rows(12)
    assert _aside([*rows[:6], HEADER, *rows[6:]]) == {6: "header_again"}
    assert _aside([*rows[:6], [*HEADER[:4], "x"], *rows[6:]]) == {6: "header_again"}
    assert _aside([*rows[:6], [*HEADER[:3], "x", "7"], *rows[6:]]) == {}
    one = [["a"], ["id"], ["b"]]
    assert _aside(one, ["id"]) == {}


BELOW = ["rue", "motif", ""]


def _two_tables(above, below, width=2, first="1"):
    """So many rows of numbers, a header in words, so many rows of words below it."""
    rows = [[str(7 + i), first, "x"][:width] for i in range(above)]
    other = [["Haute", f"absent {'ab'[i % 2]}", ""][:width] for i in range(below)]
    return [*rows, BELOW[:width], *other]


@pytest.mark.parametrize(
    ("above", "below", "aside"),
    # The header of a second table stands neither first nor last.
    [(1, 1, True), (2, 1, True), (1, 2, True), (0, 2, False), (2, 0, False), (1, 0, False)],
)
@pytest.mark.parametrize("width", [2, 3])
def test_a_second_table_has_a_row_above_and_one_below(above, below, aside, width):
    """Below a blank line, or narrower than the first table, of three columns or more."""
    rows = _two_tables(above, below, width)
    header = ["id", "n", "z"][:width]
    expected = dict.fromkeys(range(above, len(rows)), "other_table") if aside else {}
    assert _aside(rows, header, breaks=[above] if width == 2 else ()) == expected


def test_a_header_below_is_new_and_its_cells_are_of_another_kind():
    assert _aside(_two_tables(3, 2, first="motif"), ["id", "n"], breaks=[3]) == {}
    # Above all are numbers. Below, one number in five differs by .8, one in six by more.
    for below, aside in ((5, False), (6, True)):
        rows = [["8", "u"], ["9", "v"], ["10", "w"], ["rue", "motif"]]
        rows += [["Haute", "non"]] * (below - 1) + [["3", "non"]]
        assert bool(_aside(rows, ["id", "n"], breaks=[3])) == aside


@pytest.mark.parametrize(
    ("total", "is_total"),
    # A sum rounded to the cent is off by half a cent a row at most: of 200 rows, by 1.
    [("200", True), ("201", True), ("199", True), ("201.05", False), ("198.9", False),
     ("1", True), ("1.004", True), ("1.006", False)],
)  # fmt: skip
def test_a_total_is_the_sum_to_half_a_cent_a_row(total, is_total):
    rows = [[f"v{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 20]}", "1"] for i in range(200)]
    assert bool(_aside([*rows, ["Total", total]], ["commune", "n"])) == is_total


def test_a_total_has_numbers_and_blanks_beside_it():
    rows = _rows(40)
    for cells, aside in ((["", "Total", "", "", "12"], True), (["", "Total", "F", "", "12"], False),
                         (["", "Total", "Total", "", "12"], True)):  # fmt: skip
        assert bool(_aside([*rows, cells])) == aside


def test_a_table_of_nothing_else_is_left_as_it_is():
    assert _aside([["id", "commune"]], ["ID", "Commune"]) == {}
    assert _aside([["id", "commune"], ["1", "Lyon"]], ["ID", "Commune"]) == {0: "header_again"}


@pytest.mark.parametrize(
    ("cells", "numbers", "is_number"),
    [
        # All but three, and four of five, are numbers.
        (5, 4, True), (5, 3, False), (14, 12, True), (14, 11, False), (20, 17, True),
        (20, 16, False), (1, 1, True), (1, 0, False), (0, 0, False),
    ],
)  # fmt: skip
def test_a_column_is_numeric_if_few_cells_are_not(cells, numbers, is_number):
    levels = [str(i) for i in range(numbers)] + [f"w{i}" for i in range(cells - numbers)]
    table = _CodedCells(["c"], [np.zeros(1, dtype=int)], [Texts([*levels, ""])])
    assert table.is_number(0) == is_number


@pytest.mark.parametrize(
    "word",
    ["Suma", "Celkem", "Totale", "Totaal", "Razem", "Összesen", "Итого", "Gesamtsumme", "Minimum",
     "Écart-type", "Nombre", "Anzahl", "Cumul", "Lyon Ergebnis", "Lyon Total", "Résultat Lyon"],
)  # fmt: skip
@pytest.mark.parametrize("place", [1, 3])
def test_a_total_in_another_language_leaves_most_cells_blank(word, place):
    rows = _rows(40)
    total = [""] * 5
    total[place], total[4] = word, "40"
    assert _aside([*rows[:20], total, *rows[20:]]) == {20: "total_row"}
    # Of a person of that name most cells are filled.
    person = ["41", word, "F", "gauche", "40"]
    assert _aside([*rows[:20], person, *rows[20:]]) == {}


@pytest.mark.parametrize(("off", "aside"), [(0, True), (1, False)])
@pytest.mark.parametrize("label", ["", "Brest", "Brest (9)", "Σ"])
def test_a_row_that_is_almost_blank_is_a_total_by_its_sum(label, off, aside):
    """Of its column, or of the rows since the last such row."""
    rows = _rows(40)
    sums = [sum(int(row[4]) for row in part) for part in (rows[:9], rows[9:])]
    blocks = [["", label, "", "", str(total + off)] for total in sums]
    found = _aside([*rows[:9], blocks[0], *rows[9:], blocks[1]])
    assert found == ({9: "total_row", 41: "total_row"} if aside else {})
    whole = ["", label, "", "", str(sum(sums) + off)]
    assert _aside([*rows, whole]) == ({40: "total_row"} if aside else {})


def test_a_person_of_whom_little_is_known_is_no_total():
    rows = _rows(40)
    for one in (
        ["41", "Lyon", "", "", ""],
        ["", "Lyon", "", "", rows[39][4]],
        ["", "", "", "", "0"],
    ):
        assert _aside([*rows, one]) == {}
    # Where a third of the cells are blank, a row of two is nothing special.
    sparse = [[row[0], *(c if i % 3 else "" for c in row[1:])] for i, row in enumerate(rows)]
    total = str(sum(int(row[4] or 0) for row in sparse))
    assert _aside([*sparse, ["", "Brest", "", "", total]]) == {}


@pytest.mark.parametrize("place", [3, 20, 40])
@pytest.mark.parametrize(
    "line", ["Page 1/3", "40 records", "(40 rows)", "EOF", "# page 2", "40", "2016-11-08 10:22"]
)
def test_one_cell_of_another_kind_than_its_column_is_a_line_of_text(line, place):
    """In a column of numbers; the number of the rows above is one too."""
    rows = [[str(1000 + i), *row[1:]] for i, row in enumerate(_rows(40))]
    aside = line != "40" or place == 40
    found = _aside([*rows[:place], [line, "", "", "", ""], *rows[place:]])
    assert found == ({place: "text_line"} if aside else {})


def test_one_cell_of_the_kind_of_its_column_stays():
    rows = _rows(40)
    assert _aside([*rows[:9], ["", "Nice", "", "", ""], *rows[9:]]) == {}
    assert _aside([*rows[:9], ["", "Page 1/3", "", "", ""], *rows[9:]]) == {9: "text_line"}


@pytest.mark.parametrize(
    "line",
    [["n", "", "F/M", "", "€"], ["int", "text", "text", "text", "float"],
     ["n°", "", "", "", "en €"],
     ["1", "2", "3", "4", "5"], ["Numéro", "Lieu", "Sexe (F/M)", "Vote déclaré", "Somme donnée"]],
)  # fmt: skip
def test_units_types_and_labels_below_the_header_are_no_record(line):
    rows = _rows(40)
    assert _aside([line, *rows]) == {0: "units_row"}
    assert _aside([*rows[:5], line, *rows[5:]]) == {}


def test_a_first_record_that_is_hard_to_read_stays():
    """One of its cells stands again, or one alone is of another kind than its column."""
    rows = _rows(40)
    for first in (["n° 1", "Lyon", "", "", "n.c."], ["1b", "Nice", "X", "centre", "12"]):
        assert _aside([first, *rows]) == {}


@pytest.mark.parametrize(
    ("label", "numbers", "aside"),
    [("Mittelwert", "mean", True), ("centre", "mean", True), ("max", "greatest", True),
     ("Zx", "greatest", False), ("7000", "mean", False)],
)  # fmt: skip
def test_a_label_among_numbers_names_a_mean_or_is_beside_one(label, numbers, aside):
    rng = np.random.default_rng(5)
    at = rng.integers(660_000, 669_999, (40, 2)) / 10
    rows = [[str(100 + i), *map(str, xy), "gris"] for i, xy in enumerate(at.tolist())]
    last = at.mean(axis=0) if numbers == "mean" else at.max(axis=0)
    below = [label, *(f"{v:.3f}" for v in last), ""]
    found = _aside([*rows, below], ["id", "x", "y", "statut"])
    assert found == ({40: "total_row"} if aside else {})


@pytest.mark.parametrize(("filled", "aside"), [(31, True), (30, True), (29, False)])
def test_three_rows_of_four_fill_a_usual_column(filled, aside):
    """Of forty rows, the total among them."""
    rows = [["x", "y", "z", str(7 + i)] for i in range(39)]
    for row in rows[filled:]:
        row[:3] = ["", "", ""]
    rows.insert(9, ["", "", "", str(sum(7 + i for i in range(39)))])
    # The numbers stand in each row: with them there are four usual columns.
    found = _aside(rows, ["a", "b", "c", "n"])
    assert (9 in found) == aside


@pytest.mark.parametrize(
    ("usual", "left", "aside"),
    [(2, 1, False), (3, 1, True), (3, 2, False), (4, 2, True), (4, 3, False), (5, 2, True),
     (5, 3, False)],
)  # fmt: skip
def test_an_almost_blank_row_leaves_half_of_three_usual_cells_or_more(usual, left, aside):
    rows = [[*"vwxy"[: usual - 1], str(7 + i)] for i in range(40)]
    total = sum(7 + i for i in range(40))
    # What is left beside the sum are numbers, so that the sum alone is new.
    below = [""] * (usual - left) + ["7"] * (left - 1) + [str(total)]
    assert bool(_aside([*rows, below], list("abcde")[:usual])) == aside


@pytest.mark.parametrize(("words", "aside"), [(4, True), (5, True), (6, False)])
def test_one_cell_in_twenty_may_be_of_another_kind(words, aside):
    ids = [*map(str, range(1_000, 1_100 - words)), *(f"w{c}" for c in "abcdef"[:words])]
    ids[-words:] = ["abcdef"[i] * 3 for i in range(words)]
    rows = [[at, "Lyon", "F", "non", "3"] for at in ids]
    assert _aside([*rows[:50], ["FIN", "", "", "", ""], *rows[50:]]) == (
        {50: "text_line"} if aside else {}
    )


@pytest.mark.parametrize(("below", "aside"), [(5, True), (4, True), (3, False)])
def test_units_stand_above_four_records_or_more(below, aside):
    found = _aside([["n°", "", "", "", "en €"], *_rows(below)])
    assert found == ({0: "units_row"} if aside else {})


@pytest.mark.parametrize(("names", "n"), [(20, 3), (19, 3), (18, 0)])
def test_rows_are_the_same_again_where_nineteen_of_twenty_have_a_name_of_their_own(names, n):
    """Twenty rows, of which three stand twice."""
    code = np.minimum(np.arange(20), names - 1)
    other = np.where(np.arange(20) < names - 1, 0, np.arange(20) - names + 1)
    codes = [np.append(each, each[:3]) for each in (code, other)]
    levels = [Texts([f"v{i}" for i in range(each.max() + 1)]) for each in codes]
    assert repeats(codes, levels) == n
    assert repeats([each[:20] for each in codes], levels) == 0


def test_rows_that_continue_a_record_are_counted_in_a_note(tmp_path):
    """Odoo writes the further tags of a person below: 326 people of 256, without a word."""
    rows = []
    for n in range(20):
        rows.append(f"{n},Zq{n},F,{1950 + n},a")
        rows += [",,,,b"] * (n % 3 == 0)
    (tmp_path / "a.csv").write_text("\n".join(["id,nom,sexe,annee,tag", *rows]) + "\n")
    notes = {note.key: note for note in read_text_table(tmp_path / "a.csv", who="t").notes}
    assert notes["rows_continued"].values["n"] == 7
    (tmp_path / "b.csv").write_text("\n".join(["id,nom,sexe,annee,tag", *rows[:1] * 5, *rows[4:8]]))
    again = read_text_table(tmp_path / "b.csv", who="t").notes
    assert "rows_continued" not in {note.key for note in again}


@pytest.mark.parametrize(
    ("row", "reason"),
    [(["Total", "40"], "total_row"), (["Nombre d'adhérents", "40"], "total_row"),
     (["Édité le 03/02/2016", ""], "text_line"), (["40 enregistrements", ""], "text_line"),
     (["Page 1 sur 1", ""], "text_line")],
)  # fmt: skip
def test_what_stands_below_names_and_remarks_is_none_of_them(row, reason):
    """A list of 40 members counted 41, or 42, people, without a word."""
    rows = [[f"Zq{'abcdefgh'[i // 5]}{'klmno'[i % 5]}", "absent"] for i in range(40)]
    assert _aside([*rows, row], ["nom", "remarque"]) == {40: reason}
    assert len(_aside([*rows, row, ["Édité le 3 mai 2016", ""]], ["nom", "remarque"])) == 2


@pytest.mark.parametrize("row", [["Zq", ""], ["Zq", "41"], ["", "absent"], ["Zq 2", "vu"]])
def test_a_last_pair_that_may_be_a_person_stays(row):
    rows = [[f"Zq{'abcdefgh'[i // 5]}{'klmno'[i % 5]}", "absent"] for i in range(40)]
    assert _aside([*rows, row], ["nom", "remarque"]) == {}


MOVED = [["sexe", "id", "commune", "vote", "dons"], ["F", "99", "Lyon", "gauche", "3"]]


def test_below_a_header_in_another_order_cells_are_of_other_columns():
    """Two files one below the other: a sex was counted as a town, without a word."""
    rows = _rows(40)
    assert _aside([*rows, *MOVED]) == {40: "other_table", 41: "other_table"}
    assert _aside([*rows, ["id", "sexe", "dons", "", ""], rows[0]]).keys() == {40, 41}
    # As many names as a person may have by chance.
    assert _aside([*rows, ["vote", "id", "Lyon", "x", "3"]]) == {}


def test_an_engine_refuses_a_second_header_in_another_order(tmp_path):
    """An engine keeps no order of rows: which stand below, nothing shows."""
    lines = [",".join(row) for row in (HEADER, *_rows(40), *MOVED)]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(ReadError, match=r"a second header in another order in a\.csv"):
        class_sizes(tmp_path / "a.csv", ("commune", "sexe"), memory_limit="300MB")


def test_groups_of_columns_above_their_names_may_leave_the_first_blank(tmp_path):
    lines = [",Groupe,,,Dons", ",".join(HEADER), *(",".join(row) for row in _rows(40))]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    table = read_text_table(tmp_path / "a.csv", who="t")
    assert next(iter(table.frame)) == "id"
    assert [name.split()[-1] for name in table.frame] == HEADER
    assert len(table.frame) == 40


def test_a_header_again_may_be_spelt_otherwise():
    """Pages of a print whose header says DATE NAISSANCE for date_naissance: 141 people of 139."""
    rows = _rows(40)
    again = ["ID", "Commune", "SEXE", "VOTE", "DON (€)"]
    assert _aside([*rows[:20], again, *rows[20:]]) == {20: "header_again"}


@pytest.mark.parametrize("ids", ["123", "12345"])
def test_a_record_of_its_number_alone_is_no_sum(ids):
    """Of 1, 2 and 3 the third is the sum of the others, of 1 to 5 it is their mean."""
    rows = [[n, *"abcd"] if n != "3" else ["3", "", "", "", ""] for n in ids]
    rows += [[str(9 * n), *"abcd"] for n in (7, 30, 80)] if len(ids) == 3 else []
    assert 2 not in _aside(rows)


def test_sums_carried_over_from_page_to_page_are_no_records():
    """The second page carried over the sum of both: 141 people of 139."""
    rows, lines = _rows(30, seed=4), []
    for n, row in enumerate(rows, 1):
        lines.append(row)
        if n % 10 == 0:
            lines.append(["", "report", "", "", str(sum(int(r[4]) for r in rows[:n]))])
    assert _aside(lines) == dict.fromkeys((10, 21, 32), "total_row")


def test_people_of_whom_little_is_known_stay_above_a_total():
    rows = [*_rows(40), ["41", "Martin", "", "", ""], ["42", "Durand", "", "", ""]]
    assert _aside([*rows, ["", "Total", "", "", "42"]]) == {42: "total_row"}


def test_a_postcode_and_a_town_are_no_count_beside_a_name():
    rows = [*_rows(40), ["41", "Somme", "94000 Créteil", "", ""], ["42", "Sum", "", "", ""]]
    assert 40 not in _aside(rows)


def test_names_in_two_cells_of_the_last_row_are_no_caption():
    rows = [[*row, "", ""] for row in _rows(40)]
    last = ["", "Marie Anne De La Tour", "Jeanne Marie Louise", "", "", "", ""]
    assert _aside([*rows, last], [*HEADER, "a", "b"]) == {}


@pytest.mark.parametrize(
    ("cells", "aside"),
    [
        (["number", "born", "sex", "income"], True),
        # A blank cell, a digit, a cell that stands elsewhere, figures in one column of two.
        (["number", "born", "", "income"], False), (["n1", "born", "sex", "income"], False),
        (["number", "born", "F", "income"], False), (["number", "unknown", "sex", "12.5"], False),
        # An answer of none; words of which few are headers: of a person.
        (["born", "inconnu", "sex", "income"], False), (["bis", "majeure", "sex", "X"], False),
    ],
)  # fmt: skip
def test_a_header_in_other_words_halfway_is_set_aside(cells, aside):
    rows = [[str(i), f"1980-02-{i:02d}", "FM"[i % 2], f"{i}.5"] for i in range(1, 29)]
    found = _aside([*rows[:14], cells, *rows[14:]], ["id", "birth", "sexe", "montant"])
    assert found == ({14: "header_again"} if aside else {})


@pytest.mark.parametrize(
    ("header", "row", "last"),
    [
        ("age,revenu,nom,prenom", "{0},1{0}37,Petit{1},Lea", "inconnu,refus,Zola,Emile"),
        ("numero,code_postal,rue,nom", "{0},940{0},rue {1},Roux{1}", "bis,inconnu,Place,Zola"),
        ("telephone,age,nom", "06123456{0},{0},Durand{1}", "liste rouge,majeure,Zola"),
    ],
)
def test_a_person_of_whom_no_number_is_known_is_no_header(header, row, last):
    """The last of them was set aside as a header in other words, and no minor was left."""
    rows = [row.format(10 + i, chr(97 + i)).split(",") for i in range(26)]
    assert _aside([*rows, last.split(",")], header.split(",")) == {}


def test_rows_that_differ_by_blanks_only_are_repeated():
    ids = ["1", "2", "3", "1 ", " 2", "4"]
    codes = np.arange(6)
    towns = Texts(["Brest", "Brest "])
    assert repeats([codes, np.array([0, 0, 0, 1, 0, 0])], [Texts(ids), towns]) == 2
    assert repeats([np.arange(2), np.array([0, 1])], [Texts(["1", "2 "]), towns]) == 0


@pytest.mark.parametrize(("same", "again"), [(7, False), (8, True), (10, True)])
def test_a_header_again_has_three_of_four_of_ten_names(same, again):
    header = [f"name {k}" for k in range(10)]
    assert is_header_again([*header[:same], *"abc"[: 10 - same]], header) == again


@pytest.mark.parametrize(("moved", "is_one"), [(2, False), (3, True), (4, True)])
def test_a_header_that_is_moved_has_three_names(moved, is_one):
    header = ["id", "name", "sex", "town"]
    cells = [*reversed(header[:moved]), *[""] * (4 - moved)]
    assert is_header_moved(cells, header) == is_one


@pytest.mark.parametrize(("levels", "seen"), [(999, 999), (1_000, 1_000), (1_001, 1_000)])
def test_a_thousand_cells_say_of_what_kind_a_column_is(levels, seen):
    column = SimpleNamespace(levels=[[str(k) for k in range(levels)]], counted={})
    assert _CodedCells.kinds(column, 0).total() == seen


@pytest.mark.parametrize("sections", [2, 5])
def test_captions_stand_between_lists_that_count_from_one_again(sections):
    """Two of 62 people were captions: of 25 different numbers four words were too many."""
    rows, captions = [], []
    for section in range(sections):
        captions.append(len(rows))
        rows += [[f"Section {'ABCDE'[section]}", "", "", "", ""], *_rows(20, seed=section)]
    assert _aside(rows) == dict.fromkeys(captions, "text_line")
    # In a column of words a lone word may be somebody.
    named = [["Martin" if row[0].isdigit() else "Durand", *row[1:]] for row in rows]
    assert _aside(named) == {}


@pytest.mark.parametrize(
    ("words", "aside"),
    [(["Subtotal", "Count"], True), (["Total", "Nombre"], True), (["Total", "Counter"], False),
     (["Total", "F"], False), (["Total", "Count of Monte Cristo"], False)],
)  # fmt: skip
def test_a_subtotal_may_name_what_its_number_is(words, aside):
    """Reports of a tool end each group by Subtotal, Count, 14: three of 51 people."""
    rows = _rows(40)
    below = [*words, "14", "", "30.5"]
    assert _aside([*rows[:20], below, *rows[20:]]) == ({20: "total_row"} if aside else {})


@pytest.mark.parametrize(("totals", "refused"), [(10_000, False), (10_001, True)])
def test_an_engine_sets_aside_up_to_ten_thousand_rows_that_name_a_total(totals, refused):
    # Each is the sum of the one record.
    texts = f"SELECT 'Total ' || i AS c0, '41' AS c1 FROM range({totals}) one(i)"
    person = "SELECT 'Zqaet' AS c0, '41' AS c1"
    cells = duckdb.sql(f"{texts} UNION ALL {person}", connection=duckdb.connect())
    if refused:
        with pytest.raises(ReadError, match="at most 10,000 rows that name a total"):
            records_of_cells(cells, ["nom", "age"], name="a.csv", who="table")
    else:
        kept, aside = records_of_cells(cells, ["nom", "age"], name="a.csv", who="table")
        assert kept.fetchall() == [("Zqaet", "41")]
        assert aside == {Note("total_row"): totals}


@pytest.mark.parametrize(
    ("alone", "aside"),
    [
        ("zoe92@orange.fr", False),
        ("zoe@orange.fr", False),
        ("Section 92", True),
        ("14", True),
        ("Contact : section92@pcf.fr", True),
    ],
)
def test_who_gave_a_mail_alone_is_a_record_whatever_digits_it_has(alone, aside):
    """Of 101 people one was a caption: no other had a digit in the mail."""
    mails = [f"{one}{other}@orange.fr" for one in "abcdefghij" for other in "klmnopqrst"]
    rows = [[mail, "Faure", "Hugo", str(20 + i)] for i, mail in enumerate(mails)]
    rows.insert(40, [alone, "", "", ""])
    assert _aside(rows) == ({40: "text_line"} if aside else {})
