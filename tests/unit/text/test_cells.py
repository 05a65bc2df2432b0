"""What a cell stands for by itself and beside the others of its column."""

import datetime
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.text import cells
from privaudit.text.cells import (
    Texts,
    answers_of_none,
    as_text,
    clean,
    is_missing_mark,
    is_missing_mark_among,
    looked_up,
    possible_missing_marks,
    readable,
    unwrapped,
    without_apostrophe,
)

WORDS = tomllib.loads(Path(cells.__file__).with_name("missing_values.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("mark", "is_one"),
    [
        *((mark, True) for mark in WORDS["missing_marks"].split()),
        ("NULL", True), ("nULL", True), ("NANA", False), ("0", False), ("", False), ("?", True),
        ("*" * 8, True), ("-" * 9, False), ("__", True), ("-?", False), ("..", True), ("…", True),
        ("……", False), ("–—", True), ("*?", False),
        # The same as above.
        ("Idem", True), ('"', True), ('""', False), ("″", True), ("〃", True), ("''", True),
    ],
)  # fmt: skip
def test_a_mark_is_a_word_of_the_list_or_one_sign_up_to_eight_times(mark, is_one):
    assert is_missing_mark(mark) or not is_one
    assert possible_missing_marks(Texts(["Paris", mark])).tolist() == ([1] if is_one else [])


@pytest.mark.parametrize("said", WORDS["no_answer"].split("\n"))
def test_every_word_for_no_answer_is_one(said):
    if said:
        texts = Texts(["Paris", said, said.upper(), f"{said} x"])
        assert answers_of_none(texts) == [1, 2]


# A mark is one of the values where it looks like them: "NC" in thirty countries and more.
@pytest.mark.parametrize(
    ("mark", "others", "missing"),
    [
        ("*", [], True), ("*", ["**"], False), ("*", ["**", "a"], True), ("-", ["+"], False),
        ("#N/A", ["#N/B"], True), ("NULL", [], True),
        # More than half are written in the case of the mark, and it is a name, or they are thirty.
        ("Null", ["Durand", "x"], True), ("Null", ["Durand", "Roy", "x"], False),
        ("NA", ["FR"] * 29, True), ("NA", ["FR"] * 30, False), ("NA", ["Fr"] * 30, True),
        ("na", ["fr"] * 30, False), ("na", ["FR"] * 30, True), ("nA", ["Fr"] * 30, False),
        ("NA", ["FR"] * 30 + ["12"] * 29, False), ("NA", ["FR"] * 30 + ["12"] * 30, True),
    ],
)  # fmt: skip
def test_a_mark_among_values_that_look_like_it_is_one_of_them(mark, others, missing):
    assert is_missing_mark_among(mark, others) is missing


@pytest.mark.parametrize(("countries", "found"), [(29, [0]), (30, [])])
def test_a_short_word_for_no_answer_is_a_code_among_thirty(countries, found):
    codes = [f"{a}{b}" for a in "ABCDEF" for b in "GHIJK"][:countries]
    assert answers_of_none(Texts(["NC", *codes])) == found
    assert answers_of_none(Texts(["n.c.", *codes])) == [0]


@pytest.mark.parametrize(
    ("texts", "always", "found"),
    [
        (["'06", "'07"], False, ["06", "07"]), (["'06", "07"], False, None),
        (["'06", "07", ""], True, ["06", "07", ""]), (["06"], True, None), ([""], True, None),
        (["''06"], False, ["'06"]),
    ],
)  # fmt: skip
def test_an_apostrophe_of_a_spreadsheet_begins_every_cell_or_the_file_is_known(
    texts, always, found
):
    assert without_apostrophe(Texts(texts), always=always) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('=HYPERLINK("https://a.example/7","Brest")', "Brest"),
        ('=lien_hypertexte("https://a.example/7"; "Brest")', "Brest"),
        ('=HYPERLINK("https://a.example/7")', None), ('=CONCAT("https://a.example/7","B")', None),
        ('="06"', "06"), ('=" "', " "), ('=""', ""), ('="0"6"', None), ("=06", None),
        # Numbers of at most six digits, five of base sixteen; words of two to eight letters.
        ("&#233;", "é"), ("&#xE9;", "é"), ("&#000233;", "é"), ("&#0000233;", None),
        ("&#x000E9;", "é"), ("&#x0000E9;", None), ("&lt;", "<"), ("&thetasym;", "ϑ"), ("&a;", None),
        ("&alefsymm;", None), ("A & B", None),
    ],
)  # fmt: skip
def test_what_programs_write_around_letters_is_taken_off(text, found):
    assert unwrapped(Texts([text])) == (None if found is None else [found])


def _link(target, text):
    return f'=HYPERLINK("{target}";"{text}")'


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ([("mailto:jean.roux7@orange.fr", "Jean")], ["Jean jean.roux7@orange.fr"]),
        ([("mailto:a@b.fr?subject=Bonjour", "A@b.fr")], ["A@b.fr"]),
        ([("mailto:a%40b.fr?cc=c@d.fr", "A")], ["A a@b.fr?cc=c@d.fr"]),
        ([("mailto:a@b.fr", "Écrire"), ("mailto:c@d.fr", "Écrire")], ["a@b.fr", "c@d.fr"]),
        ([("tel:+33612345678", "06 12 34 56 78")], ["06 12 34 56 78"]),
        ([("tel:+33612345678", "06 12 34 56 79")], ["06 12 34 56 79 +33612345678"]),
        ([("sms:0612345678", "")], ["0612345678"]),
        ([("https://wa.me/33612345678?text=oui", "Léa")], ["Léa +33612345678"]),
        ([("https://api.whatsapp.com/send?phone=33612345678&text=a", "Léa")], ["Léa +33612345678"]),
        ([("https://crm.example/?mail=a@b.fr", "Léa")], ["Léa https://crm.example/?mail=a@b.fr"]),
        (
            [("https://www.facebook.com/lea.roux", "Profil"), ("https://crm.example/", "Brest")],
            ["Profil https://www.facebook.com/lea.roux", "Brest"],
        ),
        # A text that most cells show says nothing of the row, but is not lost beside others.
        ([(f"https://a.fr/{n}", "Voir") for n in "12"], ["https://a.fr/1", "https://a.fr/2"]),
        (
            [("https://a.fr/1", "Voir"), ("https://a.fr/2", "Voir"), ("https://a.fr/3", "Brest")],
            ["Voir https://a.fr/1", "Voir https://a.fr/2", "Brest https://a.fr/3"],
        ),
        ([("https://a.fr/1", "Brest"), ("https://a.fr/2", "Lyon")], ["Brest", "Lyon"]),
    ],
)  # fmt: skip
def test_no_identifier_behind_a_link_is_lost(links, found):
    assert unwrapped(Texts([_link(*link) for link in links])) == found


@pytest.mark.parametrize(
    ("text", "letters", "found"),
    [
        ("<b>a</b>", 9, "a"), ("a<br/>b", 9, "a b"), ("a<p>b", 9, "a b"),
        ("1 < 2", 9, "1 < 2"), ("a<1>", 9, "a<1>"),
        (f"<a{'x' * 300}>b", 9, "b"), (f"<a{'x' * 301}>b", 3, "<ax"), ("<i>&amp;</i>", 9, "&"),
        ("&amp;", 9, "&amp;"), ("abc", 2, "ab"), ("abc", 3, "abc"), ("''a'", 9, "a'"),
    ],
)  # fmt: skip
def test_marks_of_a_web_page_are_no_text(text, letters, found):
    assert readable([text], letters) == [found]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"), (3.0, "3"), (2.5, "2.5"), (True, "True"), (np.bool_(False), "False"),
        (np.int8(-7), "-7"), (np.float64(1e20), "100000000000000000000"), (np.inf, "inf"),
        (float("nan"), "nan"), (datetime.date(2016, 11, 8), "2016-11-08"), (None, "None"),
        (pd.Timestamp("2016-11-08"), "2016-11-08"),
        (pd.Timestamp("2016-11-08 10:30"), "2016-11-08 10:30:00"), ("3.0", "3.0"),
    ],
)  # fmt: skip
def test_a_value_is_written_without_what_its_type_adds(value, text):
    assert as_text(value) == text


def test_what_is_not_given_is_counted():
    given = {"Lyon": "69", 3: "c"}
    assert looked_up(pd.Index(["LYON", "3", "Brest"]), given) == (["69", "c", None], 1)
    assert looked_up(pd.Index([3.0, 4.0]), given) == (["c", None], 1)


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["9" * 18], [10**18 - 1]), (["1" + "0" * 18], None), (["0", "10"], [0, 10]),
        (["00"], None), (["7", ""], None), ([], None), (["7/"], None), (["7:"], None),
        (["7", "1" * 18], [7, int("1" * 18)]),
    ],
)  # fmt: skip
def test_whole_numbers_have_eighteen_digits_at_most(texts, numbers):
    found = Texts(texts).whole_numbers()
    assert (found if found is None else found.tolist()) == numbers


def test_of_no_text_none_has_a_letter_beyond_ascii():
    pa = pytest.importorskip("pyarrow")
    for texts in (Texts([]), Texts(pa.array(["é"]).slice(0, 0)), Texts(pa.array(["é", "a"])[1:])):
        assert texts.are_ascii
    for array in (["é", "a"], ["a", "é"], ["a\x7f", "\x80"]):
        assert not Texts(array).are_ascii
    assert Texts(["a\x7f"]).are_ascii


def test_blanks_of_any_kind_are_one():
    assert clean(["a\t b", " \t a", "a \n", "a\u00a0 b"]) == ["a b", "a", "a", "a b"]
    pa = pytest.importorskip("pyarrow")
    # Blanks of the cells around a part of an array are not its own.
    cells, changed = Texts(pa.array(["x  y", "a", "b  c"])[1:2]).cleaned()
    assert (cells.tolist(), changed.tolist()) == (["a"], [False])


@pytest.mark.parametrize("texts", [["a\0b", "c"], ["\ud800", "é"], ["", ""], ["a"] * 65])
def test_texts_with_odd_letters_are_taken_apart_again(texts):
    held = Texts(texts)
    assert held.tolist() == texts
    assert held.places_of(texts[0]) == [i for i, text in enumerate(texts) if text == texts[0]]
    assert held.filled.tolist() == [bool(text) for text in texts]


def test_many_texts_are_read_as_each_alone():
    """Accents, lines of their own, combining marks at the edges, and what is encoded."""
    texts = [
        "L\u2019e\u0301lu", "", "\u0301 seul", "deux\nlignes", "ﬁn ½", " '0612",
        "<b>Tom</b> &amp; Jo", "Va+%C3%A0+la+messe", "UmFwcGVsZXIgbHVuZGk=", "Diab\\u00e9tique",
    ]  # fmt: skip
    for some in (texts, texts[:3], [text for text in texts if text.isascii()]):
        assert readable(some, 40) == [readable([text], 40)[0] for text in some]
    assert readable(texts, 40)[-3:] == ["Va à la messe", "Rappeler lundi", "Diabétique"]


def test_only_letters_are_read_from_what_json_escapes():
    """A path, and a separator of ours, are none; a tag stays as it stands."""
    texts = [r"MAIRIE\u12345", r"a\u0000b", r"L\u2019\u00c9lu", "<b>Lyon</b>"]
    assert cells.unwrapped(Texts(texts)) == [texts[0], texts[1], "L’Élu", texts[3]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # Twelve bytes are the shortest that are taken for base64; nine may be a name or a code.
        ("VmEgYSBsYSBtZXNz", "Va a la mess"), ("VmEgYSBsYSBt", "VmEgYSBsYSBt"),
    ],
)  # fmt: skip
def test_sixteen_letters_of_base64_are_read(written, read):
    assert readable([written], 40) == [read]


def test_codes_of_no_answer_are_one_to_five_nines():
    nines = {int("9" * many) for many in range(1, 6)}
    assert set(cells.CODES_OF_NO_ANSWER) == nines | {-nine for nine in nines}
