"""What is in one piece, such as the name of an account or a file, says no opinion by its letters.

Expected values are read off the texts by hand.
"""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.free_text import SPECIAL, categories_in, handles_among, without_handles

# Twelve accounts, two of which begin with what the lexicon knows.
ACCOUNTS = [f"{name}.brun.{at}" for at, name in enumerate(["cgt", "marine", *"abcdefghij"], 100)]


def special_in(column, cells):
    """Categories of a column, beside one that tells nothing."""
    (row,) = pa.inspect(pd.DataFrame({column: cells, "n": range(len(cells))})).columns[:1]
    return {what for what in row.says if what in SPECIAL}


@pytest.mark.parametrize(
    "form", ["{}", "{}@exemple.fr", "{}.pdf", "https://exemple.fr/{}", "www.exemple.fr/{}", "@{}"]
)
def test_a_column_of_handles_holds_no_opinion(form):
    assert special_in("item", [form.format(account) for account in ACCOUNTS]) == set()


def test_a_name_with_an_underscore_is_a_handle():
    assert special_in("c4", [account.replace(".", "_") for account in ACCOUNTS]) == set()


def test_cells_that_agree_hold_one():
    tags = [f"syndicat_cgt_{at}" for at in range(12)]
    assert special_in("tags", tags) == {"union"}


def test_few_tags_are_read_as_words():
    assert special_in("tags", ["adherent_cgt", "rappel_soir", "absent_soir"] * 20) == {"union"}


def test_notes_beside_handles_are_read():
    cells = [*ACCOUNTS, *[f"m.{k}" for k in range(80)], "il est malade, le rappeler jeudi soir"] * 3
    assert special_in("item", cells) == {"health"}


def test_notes_of_one_word_with_no_blank_after_the_stop_are_read():
    notes = [f"vu le {at}.Malade" if at % 4 else f"absent le {at}" for at in range(40)]
    assert special_in("note", notes) == {"health"}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("voir cgt.pdf", set()),
        ("rappeler, photo_cgt.jpg", set()),
        ("écrire à marie@cgt.fr", {"email"}),
        ("lu sur www.cgt.fr", set()),
        ("source https://www.eglise-paris.fr/messe, à voir", set()),
        ("CGT, voir cgt.pdf", {"union"}),
        ("#cgt", {"union"}),
        ("vu.Malade", {"health"}),
        ("Malade.Rappeler 12h", {"health"}),
    ],
)
def test_a_pointer_within_a_text_is_no_word(text, held):
    found = categories_in([text])
    assert {what for what, rows in found.items() if np.any(rows)} == held


def test_a_person_is_asked_to_read_handles_again():
    """A page called "cgt_officiel" among other pages is not counted, and not cleared either."""
    found = pa.inspect(pd.DataFrame({"page": ACCOUNTS, "n": range(len(ACCOUNTS))})).frame
    row = found[found["column"] == "page"].iloc[0]
    assert (row["least"], row["again"]) == (0, 2)


@pytest.mark.parametrize(
    ("fit", "of", "handles"),
    [(11, 11, True), (10, 10, False), (12, 12, True), (18, 20, True), (17, 20, False)],
)
def test_eleven_names_of_accounts_and_nine_of_ten_cells_are_handles(fit, of, handles):
    cells = [f"m.brun.{'abcdefghijklmnopqrst'[k]}" for k in range(fit)]
    cells += [f"vu {'abcdefgh'[k]}" for k in range(of - fit)]
    assert handles_among(cells).sum() == (fit if handles else 0)


@pytest.mark.parametrize(("agree", "counts"), [(31, True), (30, True), (29, False)])
def test_what_three_handles_of_ten_hold_counts(agree, counts):
    union = np.arange(101) < agree
    union[100] = True  # a note beside them
    handles = np.arange(101) < 100
    found = without_handles({"union": union, "phone": union}, handles)
    assert found["union"].sum() == (agree + 1 if counts else 1)
    assert found["phone"].sum() == agree + 1
