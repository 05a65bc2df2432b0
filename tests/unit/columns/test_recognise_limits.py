"""How many cells say what a column holds, and how far: at, under and over each limit."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.recognise import (
    ColumnKind,
    _agrees,
    _agrees_if_ambiguous,
    _answers_flag,
    _by_other_columns,
    _kind_of,
    _sample,
    _spread_as_births,
    abroad_in,
    cells_of,
    cells_showing,
    some_cells,
)


@pytest.mark.parametrize(("at_home", "of", "abroad"), [(10, 20, 20), (11, 20, 9), (21, 40, 19)])
def test_the_country_at_hand_is_that_of_more_than_half(at_home, of, abroad):
    cells = ["British"] * at_home + [f"{(k % 2 and 'Irish') or 'Italian'}" for k in range(of)]
    assert abroad_in(cells[:of], "nationality").sum() == abroad


@pytest.mark.parametrize(("rows", "looked_at"), [(799, 799), (800, 400), (801, 401)])
def test_four_hundred_cells_of_a_column_are_looked_at_or_more(rows, looked_at):
    assert len(_sample(pd.Series(["a"] * rows, dtype="str"))) == looked_at


def test_a_thousand_letters_of_a_cell_are_looked_at():
    column = pd.Series(["x" * letters for letters in (999, 1000, 1001)], dtype="str")
    assert list(map(len, cells_of(column))) == [999, 1000, 1000]
    assert list(map(len, some_cells(column, np.arange(3)))) == [999, 1000, 1000]


@pytest.mark.parametrize(("young", "old", "births"), [
    (2000, 1985, True), (1999, 1985, False),  # fifteen years apart
    (2001, 1986, False),  # some born by 1985
    (2000, 1900, True), (2099, 1985, True), (2000, 1899, False), (2100, 1985, False),
])  # fmt: skip
def test_births_spread_over_fifteen_years_from_1985_or_before(young, old, births):
    assert _spread_as_births([str(young), f"{old}.0"] * 10) == births


@pytest.mark.parametrize(("old", "births"), [(1, False), (2, True)])
def test_the_oldest_of_twenty_one_may_be_a_slip(old, births):
    """What a twentieth is born before is the second oldest of twenty-one."""
    assert _spread_as_births(["1930"] * old + ["1990"] * (21 - old)) == births


@pytest.mark.parametrize(("date", "known"), [
    ("1980-03-12", True), ("1980/3/2", True), ("1980.03.12", True), ("1980-123-12", False),
    ("12/03/1980", True), ("2-3-1980", True), ("12/03/19801", False), ("112/03/1980", False),
    ("12 mars 1980", True), ("1 mars 1980", True), ("1er mars 1980", True),
    ("12-mars-1980", True), ("12/03/198", False), ("19800-03-12", False),
])  # fmt: skip
def test_a_date_of_birth_has_a_year_of_four_digits(date, known):
    assert _spread_as_births([date, "2000"] * 10) == known


@pytest.mark.parametrize(("acronyms", "shown"), [(1, False), (2, True)])
def test_a_mark_of_two_letters_is_a_party_among_acronyms_only(acronyms, shown):
    """Half of two texts are acronyms, then two of three."""
    column = pd.Series(["NC", *["FN", "UMP"][: acronyms - 1], "favorable"], dtype="str")
    assert cells_showing(column, "support").tolist()[0] == shown


@pytest.mark.parametrize(("of", "kind"), [(19, "support"), (20, "support"), (21, "visit")])
def test_one_side_in_twenty_makes_an_opinion_of_the_outcomes_of_visits(of, kind):
    cells = ["favorable", *["absent"] * (of - 1)]
    assert _kind_of("visit", cells, ambiguous=False, surnames=False).kind == kind


@pytest.mark.parametrize(("of", "kind"), [(9, "support"), (10, "support"), (11, "tie")])
def test_one_note_in_ten_of_a_party_makes_opinions_of_likes(of, kind):
    known = {column: ColumnKind(kind=column, by="header") for column in ("tie", "note")}
    notes = ["vote FN", *["sonner fort"] * (of - 1)]
    frame = pd.DataFrame({"tie": ["jardin"] * of, "note": notes}, dtype="str")
    assert _by_other_columns(frame, known)["tie"].kind == kind


NAMES = ["Zxqa", "Zxqb", "Zxqc", "Zxqd", "Zxqe", "Zxqf", "Zxqg", "Zxqh", "Zxqi"]


@pytest.mark.parametrize(("kind", "cells", "agrees"), [
    # Half of the cells, or more.
    ("address", ["4", "x"], True), ("address", ["4", "x", "x"], False),
    ("number", ["4", "x"], True), ("number", ["4", "x", "x"], False),
    ("support", ["4", "x"], True), ("support", ["4", "x", "x"], False),
    ("support", ["droite", "x"], True), ("support", ["droite", "x", "x"], False),
    # Codes of two letters at most, or three words in ten for an origin.
    ("origin", ["ab", "x"], True), ("origin", ["abc", "x"], False),
    ("origin", ["Irish"] * 3 + ["xyz"] * 7, True), ("origin", ["Irish"] * 2 + ["xyz"] * 5, False),
    # Dates of a year of two digits spread as births; other kinds need nothing.
    ("age", ["12/03/50", "12/03/99"], True), ("age", ["12/03/90", "12/03/99"], False),
    ("visit", ["abc"], True),
    # Nine of nineteen are not half, nor are three of sixteen a fifth.
    *((kind, ["4"] * 9 + ["x"] * 10, False) for kind in ("address", "number", "support")),
    ("name", ["Anne"] * 3 + ["Zxqa"] * 13, False),
    # Four cells of five without a digit, and of four words at most.
    ("name", ["Zxq 1", *NAMES[:4]], True), ("name", ["Zxq 1", *NAMES[:3]], False),
    ("name", ["Zxq ab cd ef gh", *NAMES[:3]], False), ("name", ["Zxq ab cd ef", *NAMES[:3]], True),
    # Fewer than one in ten is a thing.
    ("name", ["rue", *NAMES], False), ("name", ["rue", *NAMES, "Zxqj"], True),
    # More than half differ, of two at least; else a given name in five.
    ("name", ["Zxqa", "Zxqa", "Zxqb"], True), ("name", ["Zxqa", "Zxqa", "Zxqb", "Zxqb"], False),
    ("name", ["Zxqa"], False), ("name", ["Zxqa", "Zxqb"], True),
    ("name", ["Anne", *["Zxqa"] * 4], True), ("name", ["Anne", *["Zxqa"] * 5], False),
])  # fmt: skip
def test_cells_agree_with_an_ambiguous_header(kind, cells, agrees):
    assert _agrees_if_ambiguous(kind, cells, surnames=False) == agrees


def test_surnames_beside_given_names_need_no_given_name():
    assert _agrees_if_ambiguous("name", ["Zxqa"], surnames=True)
    assert not _agrees_if_ambiguous("name", ["Zxq 1"], surnames=True)


@pytest.mark.parametrize(("kind", "cells", "agrees"), [
    # Dates are no opinion, and mails or telephones no name, from half of the cells on.
    ("support", ["2016-09-02", "x"], False), ("support", ["2016-09-02", "x", "x"], True),
    ("name", ["a@b.fr", "Zxqa"], False), ("name", ["a@b.fr", "Zxqa", "Zxqb"], True),
    ("credential", ["yes", "x"], False), ("credential", ["yes", "x", "x"], True),
    # A yes or no is no name; numbers are none from nine in ten on.
    ("name", ["yes", "no"], False), ("name", ["yes", "Zxqa"], True),
    ("name", ["7"] * 9 + ["x"], False), ("name", ["7"] * 8 + ["x"], True),
    ("account", ["7"] * 9 + ["x"], True), ("phone", ["7"] * 9 + ["x"], True),
    # An age or a sex in half of the cells.
    ("age", ["7", "x"], True), ("age", ["7", "x", "x"], False),
    ("sex", ["F", "wxyz"], True), ("sex", ["F", "wxyz", "wxyz"], False),
    ("tie", ["x"], True), ("", ["x"], False),
    # Nine of nineteen are not half.
    ("age", ["7"] * 9 + ["x"] * 10, False), ("support", ["2016-09-02"] * 9 + ["x"] * 10, True),
])  # fmt: skip
def test_cells_agree_with_their_header(kind, cells, agrees):
    assert _agrees(kind, cells) == agrees


@pytest.mark.parametrize(("cells", "answers"), [
    # Half of the cells at least answer yes or no, else three of ten speak of it; none is a number.
    (["oui", "xyz"], True), (["oui", "xyz", "xyz"], False), (["oui", "7"], False),
    (["1", "0"], True), (["FN"] * 3 + ["xyz"] * 7, True), (["FN"] * 2 + ["xyz"] * 5, False),
])  # fmt: skip
def test_a_flag_is_answered_or_spoken_of(cells, answers):
    assert _answers_flag("support", cells) == answers
