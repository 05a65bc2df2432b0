"""Where lines become a chat, or notes, and where they are a table."""

import pytest

from privaudit.io.formats.text import _cards_in, are_notes, is_chat

SENT = "12/05/2016 à 18:01 - Léa: ok"


@pytest.mark.parametrize(
    ("lines", "chat"),
    [
        ([SENT], True), ([SENT, "suite"], False), ([SENT, "suite", SENT], True),
        (["avant", SENT, SENT], False), ([SENT, *["suite"] * 38, SENT], True),
        # The second one stands among the first forty lines.
        ([SENT, *["suite"] * 39, SENT], False), (["nom;date"], False),
    ],
)  # fmt: skip
def test_two_of_forty_lines_begin_a_message(lines, chat):
    assert is_chat("\n".join(lines)) is chat


def notes(widths, words=4, few=0):
    """Lines of so many words, with so many commas behind the first word, the last `few` of one."""
    lines = []
    for at, width in enumerate(widths):
        n = 1 if at >= len(widths) - few else words
        lines.append(" ".join(["mot" + "," * width, *["mot"] * (n - 1)]))
    return "\n".join(lines) + "\nfin"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Three lines at least, besides the last, which may be cut.
        (notes([1, 0]), False), (notes([1, 0, 2]), True),
        # Four words in the first line, and in more than half of them.
        (notes([1, 0, 2], words=3), False), (notes([1, 0, 2, 3], few=1), True),
        (notes([1, 0, 2, 3], few=2), False), (notes([1, 0, 2, 3, 0], few=2), True),
        # Fewer than four of five lines have as many cells; none, where the first line has none.
        (notes([1, 1, 1, 1, 0]), False), (notes([1, 1, 1, 2, 0]), True),
        (notes([0, 0, 0, 0, 1]), False),
        (notes([1, 0, 0, 0, 0]), True), (notes([0, 0, 0, 0, 0]), False),
        # What is quoted is a table.
        (notes([1, 0, 2]) + '\n"x"', False),
    ],
)  # fmt: skip
def test_notes_are_lines_of_words_that_commas_cut_into_no_columns(text, said):
    assert are_notes(text) is said


def test_a_label_holds_the_lines_behind_it_and_lines_above_are_counted():
    pairs, above = _cards_in("Fiche du jour\n\nNom: Roux\nPrénom: Zoé\n  Marie\n---\n")
    assert pairs == [("Nom", "Roux"), ("Prénom", "Zoé Marie")]
    assert above == 1
    assert _cards_in("Fiche\nAutre") == ([], 2)
