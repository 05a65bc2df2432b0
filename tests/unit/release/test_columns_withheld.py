"""What of a column may stand in an inventory, by hand: no count of few, nor what tells it."""

import math

import pandas as pd
import pytest

import privaudit as pa
from privaudit.release.inventory import Column, _type, or_suppressed, suppress_column


def column(**told):
    known = {"name": "naissance", "role": "key", "kind": "age", "by": "header", "declared": "",
             "type": "date", "formats": (), "filled": 300, "distinct": 200}  # fmt: skip
    return Column(**known | told)


def seen(by_keys=math.nan, **told):
    """What is left of a column: None for what is withheld."""
    found = suppress_column(column(**told), by_keys)
    named = ("filled", "distinct", "alone", "adds")
    return {k: None if math.isnan(getattr(found, k)) else getattr(found, k) for k in named}, found


@pytest.mark.parametrize(
    ("count", "n", "is_kept"),
    [(0, 300, True), (1, 300, False), (10, 300, False), (11, 300, True), (289, 300, True),
     (290, 300, False), (299, 300, False), (300, 300, True), (5, math.inf, False),
     (900, math.inf, True)],
)  # fmt: skip
def test_eleven_are_printed_and_all_but_eleven(count, n, is_kept):
    assert math.isnan(or_suppressed(count, n)) is not is_kept


def test_few_blanks_are_counted_and_few_filled_cells_are_not():
    told, found = seen(filled=293, distinct=4)
    assert (told["filled"], found.bound) == (293, "")
    told, found = seen(filled=7, distinct=4)
    assert (told["filled"], told["distinct"], found.bound) == (None, None, "few")


def test_of_a_key_a_remainder_of_few_is_withheld():
    """20 are alone by both keys, 14 of them not without the second: so 6 by the first."""
    assert seen(by_keys=20, adds=14)[0]["adds"] is None
    assert seen(by_keys=31, adds=20)[0]["adds"] == 20
    assert seen(by_keys=30, adds=20)[0]["adds"] is None
    assert seen(by_keys=20, adds=20)[0]["adds"] == 20
    # All but 5 of those alone by both are alone by the first: the second adds 5.
    assert seen(by_keys=31, alone=26, distinct=100)[0]["alone"] is None
    assert seen(by_keys=37, alone=26, distinct=100)[0]["alone"] == 26
    # Fewer than 11 are withheld, more or less than before.
    assert [seen(adds=k)[0]["adds"] for k in (-11, -10, 0, 10, 11)] == [-11, None, 0, None, 11]
    # Of a column that is no key there is no remainder.
    assert seen(alone=26, distinct=100)[0]["alone"] == 26


@pytest.mark.parametrize(
    ("filled", "distinct", "is_kept"),
    [
        # A record alone among two values of 300 is one; of six, one to five; of five, one to four.
        (300, 2, False), (300, 6, True), (300, 5, False), (300, 40, True),
        # 33 values in 60 cells: at least six alone, and at most ten; 34 in 60: eight to ten.
        (60, 33, True), (60, 34, False),
        # All alone.
        (9, 9, False),
    ],
)  # fmt: skip
def test_values_and_cells_do_not_reveal_unique_counts(filled, distinct, is_kept):
    told, _ = seen(filled=filled, distinct=distinct, alone=min(distinct - 1, 8) or 1)
    assert told["alone"] is None
    assert (told["distinct"] is not None) is is_kept


def test_zero_or_many_unique_records_are_printed():
    assert seen(alone=0, distinct=2)[0] == {"filled": 300, "distinct": 2, "alone": 0, "adds": 0.0}
    assert seen(alone=11, distinct=13)[0]["alone"] == 11


def test_counts_of_few_cells_are_withheld():
    says = {"health": 3, "party": 11, "union": 0, "religion": 290, "origin": 289}
    found = suppress_column(column(says=says, distinct=100))
    assert {k: None if math.isnan(v) else v for k, v in found.says.items()} == {
        "health": None, "party": 11, "union": 0, "religion": None, "origin": 289,
    }  # fmt: skip
    # Nothing is said of what few cells say, where how many are filled is withheld.
    few = suppress_column(column(says={"health": 3, "union": 0}, filled=9))
    assert all(math.isnan(v) for v in few.says.values())


def test_how_far_a_column_is_filled_is_a_share():
    frame = pd.DataFrame({"ville": ["Bourg"] * 25 + [None] * 75, "age": range(100)})
    assert pa.inspect(frame).frame["fill_rate"].tolist() == [0.25, 1.0]


@pytest.mark.parametrize(
    ("says", "least", "again", "left"),
    [
        # 12 ill, and 16 of a special category: 4 of the withheld religion.
        ({"health": 12, "religion": 4}, 16, 60, (None, 60)),
        ({"health": 12, "religion": 4}, 16, 16, (None, None)),
        # Two are withheld, of 1 to 10 each: 18 and more leave each 3 values at most.
        ({"health": 12, "religion": 9, "union": 9}, 30, 80, (None, 80)),
        ({"health": 12, "religion": 9, "union": 8}, 29, 80, (29, 80)),
        # Kinds that overlap by more than the withheld one adds say nothing of it.
        ({"health": 70, "religion": 24, "union": 3}, 82, 200, (82, 200)),
        # Nothing is withheld, or what is withheld is no special category.
        ({"health": 12, "religion": 11}, 23, 60, (23, 60)),
        ({"health": 12, "phone": 4}, 12, 60, (12, 60)),
    ],
)
def test_counts_of_sensitive_cells_do_not_reveal_a_withheld_kind(says, least, again, left):
    text = column(kind="note", says=says, texts=300, searched=300, least=least, again=again)
    found = suppress_column(text)
    assert tuple(None if math.isnan(k) else k for k in (found.least, found.again)) == left


@pytest.mark.parametrize(
    ("dtype", "texts", "formats", "kind", "expected"),
    [
        ("O", [], ("text",), "", "empty"), ("b", [], ("yes_no",), "", "empty"),
        ("M", ["2016-11-08"], ("text",), "", "date"), ("O", ["8.11.2016"], ("date",), "", "date"),
        ("O", ["2016-11-08", "?"], ("date", "text"), "", "text"),
        # Seconds since 1970 are a date where the header asks for one, else a number.
        ("i", ["1478563200"], ("whole_number",), "date", "date"),
        ("i", ["1478563200"], ("whole_number",), "", "number"),
        ("i", ["3"], ("whole_number",), "date", "number"),
        ("b", ["True"], ("yes_no",), "", "truth"), ("b", ["True"], ("text",), "", "truth"),
        ("O", ["oui"], ("yes_no",), "", "truth"),
        ("O", ["oui", "x"], ("yes_no", "text"), "", "text"),
        ("O", ["1", "2,5"], ("yes_no", "decimal_comma"), "", "number"),
        ("O", ["1", "2,5", "2.5", "1980", "oui"],
         ("whole_number", "decimal_comma", "decimal_point", "year", "yes_no"), "", "number"),
        ("O", ["1", "x"], ("whole_number", "text"), "", "text"),
        ("u", ["1"], ("text",), "", "number"), ("f", ["1.5"], ("text",), "", "number"),
    ],
)  # fmt: skip
def test_the_type_of_a_column_is_that_of_all_its_cells(dtype, texts, formats, kind, expected):
    assert _type(dtype, texts, formats, kind) == expected
