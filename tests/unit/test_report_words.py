"""Both languages say the same things, every word is used, and numbers are written right."""

import re
import string
from pathlib import Path

import pytest

from privaudit.errors import ParameterError
from privaudit.reporting.chapters import CHAPTERS, FAMILIES
from privaudit.reporting.names import view_name
from privaudit.reporting.sentences import measure_sentence
from privaudit.reporting.words import Words, catalogue, slug

PACKAGE = Path(__file__).parents[2] / "privaudit"
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*"))
    if path.suffix in (".py", ".j2")
)
# Sections whose keys are values of the data (a gain, a role, a measure), not written out.
BY_VALUE = {
    "against", "change", "does_expected", "does_observed", "family", "gain", "group", "head",
    "known", "lead", "measure", "part", "provenance", "role", "rung", "said", "subject", "unit",
    "unit_one", "value", "view", "view_short", "who",
}  # fmt: skip
# Sections where some keys are put together from a word that is written out.
BY_WORD = {"page", "figure", "found", "gap", "step"}

# A tier of access, or a group of electors, and what is said of it.
PUT_TOGETHER = (
    r"^((before|after)_(public_|any_account_|turf_|team_|stolen_phone_|leak_|expected_)?|\w*with(?:out)?_dot_)"
    r"(people|found|leak_odds|findings|people_found|of_the_side|claimed)$"
)


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    assert set(catalogue("en")) == set(catalogue("fr"))


def test_both_languages_put_in_the_same_values():
    french = catalogue("fr")
    assert [k for k, text in catalogue("en").items() if fields(text) != fields(french[k])] == []


def is_used(key):
    section, name = key.split(".")
    if section in ("chapter", "tells"):
        return re.sub(r"(_audited)?(_[23])?$", "", name) in (*CHAPTERS, *FAMILIES)
    if f"{section}.{name}" in SOURCES:
        return True
    if section in BY_VALUE:
        # A family may name a measure in its own way; its keys begin with it.
        if section in ("measure", "said", "against"):
            name = re.sub(rf"^({'|'.join(FAMILIES)})_", "", name)
        name = re.sub("_(same|one)$", "", name) if section == "said" else name
        # Names that are put together from a moment, a role, a size, a match or a leaning.
        name = re.sub(PUT_TOGETHER, r"\4", name)
        name = re.sub(r"^(before|after)_(public|volunteer|team|all)_(people_)?", "", name)
        name = re.sub(r"^(classes_of|share_under)_.*", r"\1_", name.removesuffix("_max"))
        name = re.sub(r"_of_\w+_(between|by)_", r"_of_name_\1_", name.removeprefix("exact_"))
        name = re.sub(r"^(households|residents)_of_all_", "of_all_", name)
        words = name.removeprefix("near_" if section == "measure" else "n_").split("_")
        return name == "other" or re.search(r"\b" + r"[\W_]+".join(words), SOURCES, re.IGNORECASE)
    stem = re.sub(
        r"_(observed|expected|good|over|under|demo|map|table|log|country|people|addresses)$",
        "_",
        name,
    )
    return f"{section}.{stem}" in SOURCES or (section in BY_WORD and f'"{name}"' in SOURCES)


def test_no_key_is_unused():
    assert [key for key in catalogue("en") if not is_used(key)] == []


def test_the_test_of_unused_keys_can_fail():
    assert not is_used("page.never_heard_of")
    assert not is_used("measure.never_heard_of")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_words_that_are_never_said(lang):
    text = "\n".join(catalogue(lang).values()).lower()
    assert "illegal" not in text
    assert "illégal" not in text
    for match in re.finditer(r"sympathisant", text):
        assert text[: match.start()].endswith(("classé(e) ", "classé(e)s "))


def test_french_spaces_are_no_break():
    for key, text in catalogue("fr").items():
        assert not re.search(r" [:;!?%»]|« |'", text), key
        assert not re.search(
            r"[^\s\u00a0\u202f{}«][;!?%»]", text.replace("{", "").replace("}", "")
        ), key


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0.0, "0 %", "0 %"),
        (1.0, "100 %", "100 %"),
        (0.0231, "2.3 %", "2,3 %"),
        (0.00123, "0.12 %", "0,12 %"),
        (0.00996, "1.0 %", "1,0 %"),
        (0.00004, "under 0.01 %", "moins de 0,01 %"),
        (0.99999, "over 99.9 %", "plus de 99,9 %"),
        (0.996, "99.6 %", "99,6 %"),
        (float("nan"), "–", "–"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share, english, french):
    assert Words("en").percent(share) == english.replace(" %", "\u00a0%")
    assert Words("fr").percent(share) == french.replace(" %", "\u00a0%")


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (1284, "1,284", "1\u202f284"),
        (12345678, "12,345,678", "12\u202f345\u202f678"),
        (503.2, "503", "503"),
        (40.24, "40.2", "40,2"),
        (0.853, "0.85", "0,85"),
        (-3, "−3", "−3"),
        (float("inf"), "∞", "∞"),
        (float("nan"), "–", "–"),
    ],
)
def test_numbers(number, english, french):
    assert Words("en").count(number) == english
    assert Words("fr").count(number) == french


def test_slug():
    assert slug("Prénom usuel [x]") == "prenom_usuel_x"
    assert slug("***") == "unnamed"


def test_a_view_that_nobody_foresaw_is_named_as_it_is():
    assert view_name(Words("fr"), "mon export") == "dans «\u00a0mon export\u00a0»"
    assert view_name(Words("en"), "donut:wide") == "in “donut:wide”"
    moved = view_name(Words("en"), "gaussian:100", "view_short")
    assert moved == "dots moved at random, 100\u00a0m"


def test_unknown_language():
    with pytest.raises(ParameterError, match=r"lang one of 'en', 'fr'.*'de'"):
        Words("de")


def test_sentence_of_a_measure():
    row = {"value": 0.33, "low": 0.287, "high": 0.377, "baseline": 0.69, "n": 412.0}
    said = measure_sentence("fr", "wrong_labels", row, "share", "simulated", small=False)
    assert said.replace("\u00a0", " ").replace("\u202f", " ") == (
        "Dans cette simulation, 33,0 % des points désignent des personnes dont l’orientation "
        "n’est pas celle que l’outil présume (intervalle à 95 % : 28,7 % à 37,7 %, n = 412). "
        "En marquant des électeurs au hasard, ce serait 69,0 %."
    )


@pytest.mark.parametrize(
    ("lang", "value", "said"),
    [
        ("en", 1, "1 record is alone with its key variables (n = 40)."),
        ("en", 0, "0 records are alone with their key variables (n = 40)."),
        ("fr", 0, "0 fiche est seule avec ses variables clés (n = 40)."),
        ("fr", 2, "2 fiches sont seules avec leurs variables clés (n = 40)."),
    ],
)
def test_a_sentence_agrees_with_its_number(lang, value, said):
    row = {"value": value, "low": value, "high": value, "baseline": float("nan"), "n": 40.0}
    text = measure_sentence(lang, "sample_uniques", row, "records", "simulated", small=False)
    assert text.replace("\u00a0", " ").endswith(said)


def test_sentence_of_a_measure_that_nobody_foresaw():
    row = {"value": 12.0, "low": 12.0, "high": 12.0, "baseline": float("nan"), "n": 40.0}
    said = measure_sentence("en", "new_thing", row, "people", "audited file", small=False)
    assert said.replace("\u00a0", " ") == "In the audited file, new thing: 12 people (n = 40)."
    row["value"] = float("nan")
    said = measure_sentence("en", "new_thing", row, "people", "audited file", small=False)
    assert said == "In the audited file, new thing: cannot be told from what was given."
    said = measure_sentence("en", "new_thing", row, "people", "audited file", small=True)
    assert "fewer than 11 people" in said
