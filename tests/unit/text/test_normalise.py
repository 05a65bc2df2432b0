"""The normaliser of text, against forms that were written by hand."""

import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.columns.headers import kind_of_header, may_name_a_person
from privaudit.text.cells import BEYOND_ASCII, Texts, bytes_among, clean
from privaudit.text.normalise import (
    canonical,
    columns_as_named,
    columns_named,
    fold,
    folds,
    header_words,
    letters_of,
    name_words,
    slug,
    unaccented,
    words,
)

# Apostrophes, hyphens and blanks that one and the same key or program writes.
APOSTROPHES = "\u2018\u2019\u02bc\u00b4"
HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212"
BLANKS = "\u00a0\u202f\u2007\u2009\u3000"

FOLDED = {
    "d’Arc": "d'arc", "d'Arc": "d'arc", "D\u02bcARC": "d'arc", "d\u00b4Arc": "d'arc",
    "Lœb": "loeb", "LŒB": "loeb", "Strauß": "strauss", "STRAUSS": "strauss", "STRAUẞ": "strauss",
    "Łukasik": "lukasik", "Đặng": "dang", "Søren": "soren", "Æthelþryð": "aethelthryd",
    "Iıİi": "iiii", "ﬁlle": "fille", "Ｄｕｐｏｎｔ": "dupont", "Иванов": "иванов",
    "ИВАНОВ": "иванов",
    "Ελένη": "ελενη", "ΕΛΈΝΗ": "ελενη", "Νίκος": "νικοσ", "محمد": "محمد", "مُحَمَّد": "محمد",
    "מֹשֶׁה": "משה", "李": "李", "李\u3000小龙": "李 小龙", "ガ": "ガ", "가": "가", "नमस्ते": "नमस्ते",
    "Jean\u2011Luc": "jean-luc", "  Le\u00a0 Gall ": "le gall", "Zo\u00e9": "zoe",
    "Zoe\u0301": "zoe", "Du\u00adpont\u200b": "dupont", "": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOLDED.items())
def test_a_text_is_folded_as_by_hand(text, expected):
    assert fold(text) == expected
    assert fold(unicodedata.normalize("NFD", text)) == expected
    assert fold(expected) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jeanne d’Arc", ("jeanne", "d", "arc")),
        ("Jeanne d'Arc", ("jeanne", "d", "arc")),
        ("Lœb-Strauß", ("loeb", "strauss")),
        ("Łukasik 94", ("lukasik",)),
        ("Иванов Пётр", ("иванов", "петр")),
        ("Ελένη", ("ελενη",)),
        ("محمد", ("محمد",)),
        ("李 小龙", ("李", "小龙")),
        ("नमस्ते", ("नमस्ते",)),
        ("...", ()),
    ],
)
def test_a_name_has_the_words_that_it_has(name, expected):
    assert name_words(name) == expected
    assert letters_of([name, "x"]) == [" ".join(expected), "x"]


def test_a_line_end_within_a_name_parts_words_and_not_names():
    assert letters_of(["Le\nGall", "Иван\nов", "b"]) == ["le gall", "иван ов", "b"]
    assert letters_of([]) == []


def test_each_character_has_one_form_and_no_more_is_changed():
    assert all(canonical(f"d{mark}Arc") == "d'Arc" for mark in APOSTROPHES)
    assert all(canonical(f"a{mark}b") == "a-b" for mark in HYPHENS)
    assert all(canonical(f"a{blank}b") == "a b" for blank in BLANKS)
    assert canonical("L\u2019Élu  — œ\n") == "L'Élu  - œ\n"
    assert canonical("plain  ASCII\n") == "plain  ASCII\n"


def test_many_different_letters_are_read_as_few_are():
    many = "".join(map(chr, range(0xC0, 0x250)))
    assert unaccented(many) == "".join(unaccented(letter) for letter in many)


def test_words_are_runs_of_letters_and_of_digits():
    assert words("12bis, rue de l\u2019Église 94340") == (
        "12", "bis", "rue", "de", "l", "eglise", "94340",
    )  # fmt: skip
    assert header_words("dateNaissance") == ("date", "naissance")
    assert header_words("De\u0301jaVu_2") == header_words("DéjàVu_2") == ("deja", "vu", "2")
    assert words("dateNaissance") == ("datenaissance",)


def test_an_identifier_is_never_nothing_where_there_are_letters():
    assert slug("L’Haÿ-les-Roses") == "l_hay_les_roses"
    assert slug("Иванов") == "иванов"
    assert slug("Lœb") == "loeb"
    assert slug("…") == "unnamed"


@pytest.mark.parametrize("apostrophe", ["'", *APOSTROPHES])
def test_the_elector_of_any_apostrophe_is_a_direct_identifier(apostrophe):
    assert kind_of_header(f"Nom de l{apostrophe}électeur") == ("name", False)
    assert not may_name_a_person(f"Date d{apostrophe}inscription")


def test_a_header_in_letters_that_no_list_has_may_be_a_name():
    assert may_name_a_person("Иванов")
    assert may_name_a_person("李小龙")


def test_an_exact_column_name_comes_first():
    both = ["Age", "age"]
    assert columns_named(["age", "Age"], both) == ("age", "Age")
    assert columns_named(["AGE"], both) == ("AGE",)
    assert columns_named(["pre\u0301nom"], ["prénom"]) == ("prénom",)
    assert columns_as_named(["pre\u0301nom"], ["age", "prénom"]) == ["age", "pre\u0301nom"]
    assert columns_as_named(["AGE", "aGe"], ["age"]) == ["AGE"]


# Letters that are looked at, in words that are totals, blanks, numbers, names and none of them.
LETTERS = st.text(
    st.sampled_from("toTO tn\u00e9\u0301\u00a0\u200b\t*-.,'0179aZ\u0130\u1e9e\ufb01李"), max_size=5
)
TEXTS = st.lists(LETTERS | st.sampled_from(["total", "Null", "é", "", " a", "a  b"]), max_size=9)


@pytest.mark.parametrize("made", [Texts, lambda texts: Texts(pd.Index(texts, dtype="str"))])
@given(TEXTS)
def test_texts_looked_at_at_once_are_what_each_is_alone(made, texts):
    at_once = made(texts)
    assert (at_once.tolist(), list(at_once), [*at_once[:]]) == (texts, texts, texts)
    assert at_once.filled.tolist() == [bool(text) for text in texts]
    assert at_once.begin_with("t").tolist() == [text.startswith("t") for text in texts]
    assert at_once.having(BEYOND_ASCII).tolist() == [not text.isascii() for text in texts]
    assert at_once.having(bytes_among("o1")).tolist() == [bool({*text} & {*"o1"}) for text in texts]
    assert at_once.are_ascii == "".join(texts).isascii()
    places = [i for i, text in enumerate(texts) if text.startswith("t")]
    assert at_once.take(np.array(places, dtype=np.int64)).tolist() == [texts[i] for i in places]
    assert at_once.take(np.arange(len(texts))[::-1]).tolist() == texts[::-1]
    assert at_once.as_index().tolist() == texts
    cleaned, changed = at_once.cleaned()
    assert cleaned.tolist() == [clean([text])[0] for text in texts]
    assert changed.tolist() == [clean([text])[0] != text for text in texts]


@given(TEXTS, st.lists(st.sampled_from(["total", "to", "tn1", "n", "null", "0", "-"]), max_size=3))
def test_no_text_that_begins_as_a_folded_word_is_passed_over(texts, words):
    near = {*Texts(texts).may_begin(words)}
    for i, text in enumerate(texts):
        plain = fold(text)
        # A word of one letter is the whole text.
        if any(plain == w or (len(w) > 1 and plain.startswith(w)) for w in words) or not plain:
            assert i in near
        if len(text) > 2 and text[:3].isascii() and text[:3].isalnum():
            begins = any(text.lower().startswith(word[:3]) for word in words if len(word) > 1)
            assert (i in near) == begins


@given(TEXTS | st.lists(st.text(max_size=5), max_size=9))
def test_texts_folded_at_once_are_what_each_is_alone(texts):
    assert folds(texts) == [fold(text) for text in texts]


@given(
    st.lists(st.integers(0, 10**18 - 1).map(str) | st.from_regex(r"[0-9+a]{1,3}", fullmatch=True))
)
def test_whole_numbers_are_those_of_the_texts(texts):
    plain = all(t.isdigit() and t.isascii() and (t == "0" or t[0] != "0") for t in texts)
    found = Texts(texts).whole_numbers()
    assert (found is not None) == (plain and bool(texts))
    assert found is None or found.tolist() == [int(text) for text in texts]


def test_a_part_of_an_array_is_read_where_it_stands():
    pa = pytest.importorskip("pyarrow")
    some = Texts(pa.array(["Brest", " a", "", "Évry", "12"]).slice(1, 3))
    assert some.tolist() == [" a", "", "Évry"]
    assert some.filled.tolist() == [True, False, True]
    assert some.having(BEYOND_ASCII).tolist() == [False, False, True]
    assert some.cleaned()[0].tolist() == ["a", "", "Évry"]


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\uff10"])
def test_a_digit_of_another_script_is_its_number(zero):
    digits = [chr(ord(zero) + number) for number in range(10)]
    assert [fold(digit) for digit in digits] == [str(unicodedata.digit(d)) for d in digits]


def test_marks_of_arabic_numbers_are_those_of_others():
    assert canonical("\u0661\u066b\u0665") == "1.5"
    assert canonical("\u0661\u066c\u0662\u0663\u0664") == "1,234"
