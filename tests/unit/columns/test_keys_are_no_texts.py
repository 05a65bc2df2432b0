"""What is a key and no text, and how far words of a text reach: limits, under and over each."""

import pytest

from privaudit.columns.free_text import categories_in, cells_searched, is_text
from privaudit.columns.headers import may_be_sex
from privaudit.columns.lexicon import Misspelt, lexicon

UUID = "a1b2c3d4-1111-2222-3333-a1b2c3d4e5f6"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        # Sixteen hexadecimal digits of one case, a universal identifier, 24 signs with a digit.
        ("a" * 15, True), ("a" * 16, False), ("a" * 17, False), ("A" * 15, True),
        ("A" * 16, False), ("aB" * 8, True), ("g" * 16, True), (UUID, False), (UUID[1:], True),
        (UUID.replace("1111", "111g"), True), ("a1b2c3d-1111-2222-3333-a1b2c3d4e5f6", True),
        ("A-" + UUID[:8] + "-zz", True), ("A1" + "b" * 22, False), ("A1" + "b" * 21, True),
        ("Ag" + "b" * 22, True), ("a" * 8 + " " + "a" * 8, True), ("123", False), ("", False),
        ("é", True), ("Diabétique", True), ("mot.A1" + "b" * 22, False),
        ("A1" + "b" * 22 + "/mot", True), ("a1-" * 30, True), ("b" * 40 + "-" + "1" * 9, True),
        # A run without a number has as many places to begin at as letters.
        ("x" * 2_000_000, True),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_a_key_is_no_text(cell, text):
    assert is_text(cell) == text


@pytest.mark.parametrize(
    ("word", "minor"),
    [("16", True), ("17", True), ("18", False), ("19", False), ("0017", True), ("0018", False),
     ("00175", False), ("0", True), ("9" * 5_000, False), ("\u00b2", False),
     ("1700", False), ("17ans", False)],
)  # fmt: skip
def test_a_number_under_eighteen_may_begin_an_age(word, minor):
    assert ("children" in {entry.category for entry in lexicon().entries(word)}) == minor


@pytest.mark.parametrize(
    ("what", "note", "said"),
    [
        # "ill" says it with a word of its list within five words of one clause, without "of".
        ("health", "ill xq xq xq xq husband", True),
        ("health", "ill xq xq xq xq xq husband", False),
        ("health", "husband xq xq xq xq ill", True),
        ("health", "husband xq xq xq xq xq ill", False),
        ("health", "husband gone. ill xq", False), ("health", "xq ill. husband", False),
        ("health", "dose vaccin xq xq xq xq politique", False),
        ("health", "dose vaccin xq xq xq xq xq politique", True),
        ("health", "dose vaccin. politique", True),
        # A negation reaches over four small words, and over no other word.
        ("health", "pas a a a a malade", False), ("health", "pas a a a a a malade", True),
        ("health", "pas xq malade", True), ("health", "pas et malade", True),
        ("health", "malade : aucun", False), ("health", "malade ? non", False),
        ("health", "malade ? oui", True), ("health", "malade , non", True),
        # A name stands behind a title or a given name, but for what is all in capitals.
        ("health", "MME MALADE ABSENTE", True), ("health", "Mme MALADE absente", False),
        ("religion", "vu Paul Juif", False), ("religion", "vu Paul JUIF", True),
        ("religion", "vu paul Juif", True), ("religion", "vu Paul. Juif", False),
        ("religion", "vu Paul, Juif", True), ("religion", "Juif", True),
        # Who is of age: 17 and 18, with a nought before them, of three digits at most.
        ("children", "girl of 17", True), ("children", "girl of 18", False),
        ("children", "017 ans", True), ("children", "0017 ans", False),
        # A street reaches over the words of a name; a dot ends one that is written shortly.
        ("religion", "rue a a a a catholique", False), ("religion", "rue xq catholique", True),
        ("religion", "rue a a a a a catholique", True),
        ("others", "xq av. Paul Roux", False), ("others", "xq vu. Paul Roux", True),
        # A household has a name of four letters that is no known word.
        ("others", "vu la famille Ledo", True), ("others", "vu la famille Led", False),
        ("others", "vu la famille ledoux", False), ("others", "vu la famille LEDOUX", False),
    ],
)  # fmt: skip
def test_words_reach_as_far_as_the_lexicon_says(what, note, said):
    """The reach is that of the docstring of the lexicon and of its grammar, counted by hand."""
    assert categories_in([note])[what].tolist() == [said]
    assert categories_in(["xq", note, "xq"])[what].tolist() == [False, said, False]


@pytest.mark.parametrize("mark", ["\n", "\r", "\r\n"])
def test_a_number_over_two_lines_of_a_cell_is_one(mark):
    number = f"06 12 34{mark}56 78" if len(mark) == 1 else f"06 12 34 56 78{mark}"
    for cells in ([number], [number, "xq"], ["xq", number]):
        found = categories_in(cells)["phone"]
        assert found.tolist() == [cell == number for cell in cells]


@pytest.mark.parametrize(("before", "found"), [(3_995, True), (3_996, True), (3_997, False)])
def test_a_text_is_read_up_to_its_four_thousandth_letter(before, found):
    assert categories_in(["x" * before + " cgt"])["union"].tolist() == [found]


@pytest.mark.parametrize(
    ("known", "written", "mended"),
    [
        # A letter too few, too many or changed with the next, from eight letters on.
        ("qwrtzpsd", "qwrtzps", True), ("qwrtzpsd", "qwrtzpsdx", True),
        ("qwrtzpsd", "qwrtpzsd", True), ("qwrtzpsd", "qwrtzpxd", False),
        ("qwrtzpsd", "wqrtzpsd", True), ("qwrtzpsd", "qwrtzpds", True),
        ("qwrtzps", "qwrtzp", False), ("qwrtzps", "qwrtzpsx", False),
        # By the sound from six letters on: "ph" is "f".
        ("sofixa", "sophixa", True), ("sofia", "sophia", False),
    ],
)  # fmt: skip
def test_a_slip_is_mended_from_its_length_on(known, written, mended):
    result = Misspelt([known], []).mend(written)
    assert result == (known if mended else written)
    assert Misspelt([known], [], [written[:3]]).mend(written) == written


@pytest.mark.parametrize(
    ("kind", "header", "fewest", "others"),
    [
        ("name", "xq", 4, "people"), ("account", "xq", 4, "people"), ("others", "xq", 4, "people"),
        ("sex", "xq", 2, "titles"), ("place", "xq", 3, "places"), ("email", "xq", 3, "contacts"),
        ("birthplace", "xq", 3, "places"), ("nationality", "xq", 3, "countries"),
        ("phone", "xq", 2, "contacts"), ("thing", "xq", 5, "things"),
        ("", "langue", 4, "languages"),
    ],
)  # fmt: skip
def test_a_cell_of_more_words_than_a_name_is_searched(kind, header, fewest, others):
    cells = [" ".join(["xqz"] * n) for n in (fewest - 1, fewest, fewest + 1)]
    searched, said = cells_searched([*cells, "de la"], kind, header)
    assert (searched.tolist(), said) == ([False, True, True, False], others)
    assert cells_searched(cells[1:], kind, header)[1] == ""
    assert cells_searched(cells, "", "xq")[0].all()


@pytest.mark.parametrize(("cell", "may"), [("F", True), ("abc", True), ("abcd", False)])
def test_a_code_of_a_sex_has_three_letters_at_most(cell, may):
    assert may_be_sex(cell) == may
