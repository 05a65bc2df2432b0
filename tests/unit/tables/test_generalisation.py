"""What a column is generalised to by what it holds: bands, dates, codes, words, pairs of levels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.tables.generalisation import (
    _are_postcodes,
    _band_starts,
    _bands,
    _departements,
    _floors,
    _neighbours,
    _prefixes,
    coarsened,
    coarsening_of,
)
from privaudit.words.catalogues import Note

DAYS = ["1980-05-12", "1980-05-30", "1980-06-01", "1981-01-02", "1981-01-09", "1981-02-02"]


@pytest.mark.parametrize(
    ("values", "what", "wider"),
    [
        ([18, 19, 23, 24, 31, 32], Note("coarser_bands", width=5), [15, 15, 20, 20, 30, 30]),
        ([0.51, 0.53, 2.51, 2.53], Note("coarser_bands", width=0.2), None),
        ([-3, -1, 4, 6], Note("coarser_bands", width=10), [-10, -10, 0, 0]),
        ([2**60, 2**60 + 1, 2**60 + 2, 2**60 + 3], Note("coarser_bands", width=2), None),
        (DAYS, Note("coarser_by_year"), ["1980"] * 3 + ["1981"] * 3),
        (pd.to_datetime(DAYS), Note("coarser_by_year"), ["1980"] * 3 + ["1981"] * 3),
        (
            ["94340", "94130", "75001", "75002"], Note("coarser_by_departement"),
            ["94", "94", "75", "75"],
        ),
        (["97105", "97100", "97200", "2A004"], None, None),
        (["94340", "94341", "94130", "94131"], Note("coarser_prefix", characters=4),
         ["9434", "9434", "9413", "9413"]),
        (["62.01Z", "62.02A", "47.11B", "47.19A"], Note("coarser_rare_together"), None),
        (["6201Z", "6202A", "4711B", "4719A"], Note("coarser_prefix", characters=3),
         ["620", "620", "471", "471"]),
        (["18-24", "25-34", "35-49", "50+"], Note("coarser_neighbouring_bands"),
         [0, 0, 1, 1]),
        (list("aaabbcd"), Note("coarser_rare_together"), ["a"] * 3 + ["(others)"] * 4),
        (pd.Categorical(list("lmh"), list("lmh"), ordered=True),
         Note("coarser_neighbouring_values"), [0, 0, 1]),
    ],
)  # fmt: skip
def test_a_key_is_coarsened_by_what_it_holds(values, what, wider):
    column = pd.Series(values)
    by = coarsening_of(column, "test")
    if what is not None:
        assert by.what == what
    got = coarsened(column, by, "test")
    assert 2 <= got.nunique() <= max(2, column.nunique() // 2)
    # A coarsening joins levels and parts none.
    joined = pd.DataFrame({"level": column, "wider": got}).groupby("level", observed=True)
    assert (joined["wider"].nunique() == 1).all()
    if wider is not None:
        assert got.tolist() == wider


def test_a_postcode_that_was_read_as_a_number_is_still_a_code():
    codes = pd.Series([1420, 1430, 94340, 94130, 75001, 75002], name="code_postal")
    by = coarsening_of(codes, "test")
    assert coarsened(codes, by, "test").tolist() == ["01", "01", "94", "94", "75", "75"]
    assert coarsening_of(codes.rename("income"), "test").what == Note("coarser_bands", width=20_000)


@pytest.mark.parametrize("values", [["a", "b"], [True, False], [None, None], [5, 5], [1, None, 2]])
def test_nothing_lies_between_two_values_and_leaving_them_out(values):
    assert coarsening_of(pd.Series(values, dtype=object), "test") is None


cells = st.one_of(
    st.integers(-50, 50), st.floats(-5, 5, width=16), st.sampled_from(["a", "b", "94340", "", " "]),
    st.none(), st.dates(), st.from_regex(r"[0-9]{5}", fullmatch=True),
)  # fmt: skip


@given(st.lists(cells, min_size=1, max_size=20))
def test_whatever_a_key_holds_blanks_stay_blank_and_rows_may_stand_in_any_order(values):
    column = pd.Series(values, dtype=object)
    by = coarsening_of(column, "test")
    if by is None:
        return
    got = coarsened(column, by, "test")
    blank = column.isna() | column.map(lambda v: isinstance(v, str) and not v.strip())
    assert (got.isna() == blank).all()
    turned = coarsened(column[::-1], coarsening_of(column[::-1], "test"), "test")
    assert turned[::-1].tolist() == got.tolist()


# Level by level ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "widths"),
    [
        # As many as there are of a span of 99: from one on, to the first power of ten over it.
        (range(100), [2, 5, 10, 20, 50, 100, 200, 500, 1_000]),
        ([0.0, 0.5, 1.0], [0.2, 0.5, 1, 2, 5, 10]),
        ([0, 1], [2, 5, 10]),
        ([3], []), ([], []), ([1.0, np.nan], []),
    ],
)  # fmt: skip
def test_bands_are_twos_fives_and_tens(levels, widths):
    found = [by.what.values["width"] for by in _bands(pd.Index(levels))]
    assert found == pytest.approx(widths)


def test_a_band_is_known_by_its_lower_end():
    assert list(_floors(5, pd.Index([-6, -5, -1, 0, 4, 5]))) == [-10, -5, -5, 0, 0, 5]
    assert list(_floors(0.5, pd.Index([-0.1, 0.5, 0.9]))) == [-0.5, 0.5, 0.5]
    assert list(_floors(2.0, pd.Index([3, 4]))) == [2, 4]
    assert list(_floors(2, pd.Index([3.5, "old"], dtype=object))) == [2, "old"]


@pytest.mark.parametrize(
    ("name", "levels", "code"),
    [
        # From Ain, 01000, to Wallis and Futuna, 98999; other numbers and other headers are none.
        ("code_postal", [1_000, 98_999], True), ("code_postal", [999, 98_999], False),
        ("code_postal", [1_000, 99_000], False), ("ZIP", [75_001], True), ("cp", [75_001], True),
        ("scp", [75_001], False), ("income", [75_001], False), ("code_postal", [75_001.0], False),
    ],
)  # fmt: skip
def test_numbers_of_a_postcode_are_codes_within_their_limits(name, levels, code):
    assert _are_postcodes(name, pd.Index(levels)) is code


def test_codes_are_cut_from_their_end_to_one_character():
    found = list(_prefixes(["6201Z", "4711B"]))
    assert [by.what.values["characters"] for by in found] == [4, 3, 2, 1]
    assert found[-1].widen(pd.Index(["6201Z", "4711B"])) == ["6", "4"]


def test_a_departement_is_of_two_characters_and_of_three_overseas():
    codes = ["1000", "75001", "2A004", "96999", "97105", "98999", "99999"]
    assert _departements(pd.Index(codes)) == ["01", "75", "2A", "96", "971", "989", "99"]


def test_bands_begin_at_their_first_number_and_pairs_of_levels_are_joined():
    starts = [_band_starts(word) for word in ("18-24", "5 - 9", "50+", "7")]
    assert starts == [18, 5, 50, 0]
    by = _neighbours(Note("coarser_neighbouring_bands"), list("abcde"))
    assert by.widen(pd.Index(list("abcdez"))) == [0, 0, 1, 1, 2, "z"]
