"""Two columns of a couple, and runs of a lexicon that may be one word."""

import pytest

from privaudit.columns.headers import partners_in
from privaudit.columns.lexicon import Misspelt, _UnreadRun


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"Partenaire 1": "name", "Sexe 1": "sex", "Sexe 2": "sex"}, ("Sexe 1", "Sexe 2")),
        # Every word that tells the two apart is a number or a letter.
        ({"Partenaire 1": "name", "Sexe 1": "sex", "Sexe enfant 2": "sex"}, None),
        ({"Partenaire": "name", "Sexe A": "sex", "Sexe B": "sex"}, ("Sexe A", "Sexe B")),
        ({"Partenaire": "name", "Sexe": "sex"}, None),
        ({"Partenaire": "name", "Sexe 1": "sex", "Sexe 2": "sex", "Sexe 3": "sex"}, None),
        ({"Nom": "name", "Sexe 1": "sex", "Sexe 2": "sex"}, None),
        ({"Sexe": "sex", "Sexe du conjoint": "couple"}, ("Sexe", "Sexe du conjoint")),
    ],
)  # fmt: skip
def test_partners_are_two_columns_of_a_sex(headers, found):
    assert partners_in(headers) == found


@pytest.mark.parametrize(
    ("line", "alone"),
    [
        ("malade", True), ("^malade", True), ("malade chronique", False),
        ("malade chronique$", True), ("malade tres chronique$", False),
        ("malade$ chronique", False),
    ],
)  # fmt: skip
def test_a_run_may_be_one_word_where_its_second_place_may_end_a_clause(line, alone):
    run = _UnreadRun(line, "health", silent=False, likely=False)
    assert run.may_be_a_word is alone
    assert run.begins is line.startswith("^")


@pytest.mark.parametrize(
    ("word", "mended"),
    [
        # Six letters are heard, eight mistyped by one: left out, doubled or swapped.
        ("musulman", "musulman"), ("muslman", "musulman"), ("musullman", "musulman"),
        ("musluman", "musulman"), ("mulman", "mulman"), ("alzeimer", "alzheimer"),
        ("muzulman1", "muzulman1"), ("schyzophrene", "schizophren"),
    ],
)  # fmt: skip
def test_a_slip_is_mended_towards_a_long_word(word, mended):
    assert Misspelt(["alzheimer", "musulman"], ["schizophren"]).mend(word) == mended


def test_the_beginning_of_an_everyday_word_is_no_slip():
    known = ["musulman"]
    assert Misspelt(known, [], ["musl"]).mend("muslman") == "muslman"
    assert Misspelt(known, [], ["musk"]).mend("muslman") == "musulman"
