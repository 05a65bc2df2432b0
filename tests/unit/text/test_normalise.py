"""The normaliser of text, against forms that were written by hand."""

import unicodedata

import pytest

from privaudit.columns.headers import kind_of_header, may_name_a_person
from privaudit.text.normalise import (
    canonical,
    columns_as_named,
    columns_named,
    fold,
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
