"""The words of the story: both languages, nouns tied to gains, everything that is named."""

import re
import tomllib
from importlib import resources

import pytest

from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.mask import declared_masks
from privaudit.report.names import attack_name, rung_name, view_name
from privaudit.results.rows import GAINS
from privaudit.words.catalogues import GAIN_NOUNS, Words, placeholders

# The stem of each noun in each language; an address is also a door's place, never a household.
STEMS = {
    "en": {"addresses": r"\baddress", "households": r"\bhouseholds?\b"},
    "fr": {"addresses": r"\badresse|\bimmeuble", "households": r"\bfoyers?\b"},
}
NAMED = {
    "person": {"en": r"\bname\b", "fr": r"\bnom\b"},
    "opinion": {"en": "pinion", "fr": "pinion"},
}


OURS = (
    "story", "figure", "steps", "ways", "mend", "method_short", "who", "rung", "view",
    "view_short", "view_least",
)  # fmt: skip


def fragment(lang):
    file = resources.files("privaudit.words") / "catalogue" / f"{lang}.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return {f"{s}.{k}": text for s in OURS for k, text in found[s].items()}


def test_both_languages_say_the_same_with_the_same_values():
    english, french = fragment("en"), fragment("fr")
    assert english.keys() == french.keys()
    for key, text in english.items():
        assert placeholders(text) == placeholders(french[key]), key


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("gain", GAINS)
def test_a_sentence_of_a_gain_says_its_noun_and_no_other_gains(lang, gain):
    sentences = {
        key: text
        for key, text in fragment(lang).items()
        if re.search(rf"(^|[._]){gain}(_|$)", key)
        and not key.startswith(("figure.gains", "steps."))
    }
    assert len(sentences) >= 2, "a story tells every gain in words"
    own = GAIN_NOUNS[gain]
    for key, text in sentences.items():
        for noun, stem in STEMS[lang].items():
            said = re.search(stem, text, re.I)
            assert bool(said) == (noun == own), f"{key}: {text}"
        if gain in NAMED:
            assert re.search(NAMED[gain][lang], text, re.I), f"{key}: {text}"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_addresses_and_households_stand_in_one_sentence_with_their_own_numbers(lang):
    """Titles that tell several gains put each number right before, or after, its own noun."""
    words = Words(lang)
    numbers = {"address": 101, "household": 52, "person": 23}
    near = {
        "en": {"address": "finds 101 at their address", "household": "52 in their household"},
        "fr": {"address": "retrouve 101 à leur adresse", "household": "52 dans leur foyer"},
    }
    said = words("figure.gains_title", n=190, who="X", **numbers).replace("\u00a0", " ")
    for text in near[lang].values():
        assert text in said


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nobody_is_said_to_be_what_is_presumed(lang):
    certain = {
        "en": r"\b(is|are) (a )?(supporter|right-wing|left-wing)",
        "fr": r"\b(est|sont) de (droite|gauche)",
    }
    for key, text in fragment(lang).items():
        assert not re.search(certain[lang], text), key


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_adversary_and_every_mask_has_a_name(lang):
    words = Words(lang)
    for attack in (
        "nearest",
        "knows_mask",
        "knows_electors",
        "knows_results",
        "holds_register",
        "unknown_mask",
        "neighbour",
    ):
        assert words.has(f"who.{attack}"), attack
        assert rung_name(words, attack) != attack
    assert attack_name(words, Adversary.nearest().name) != attack_name(words, "another")
    kinds = declared_masks().values()
    for example in (k.example for k in kinds if k.__module__.startswith("privaudit.")):
        for section in ("view", "view_short"):
            word = example.partition(":")[0]
            do = f"add {word} to [{section}] of words/catalogue/{lang}.toml"
            assert example not in view_name(words, example, section), do


def test_a_view_of_other_words_is_said_as_it_came():
    assert view_name(Words("en"), "blurred by hand", "view_short") == "blurred by hand"
    assert view_name(Words("en"), "donut:50", "view_short") == "donut:50"


def test_a_mask_that_is_believed_is_said_to_be():
    words, view = Words("en"), "gaussian:100"
    assert view_name(words, view, believed=True) != view_name(words, view)
    for known in ("unknown", "map", "table"):
        assert view_name(words, known, believed=True) == view_name(words, known)


def test_french_is_set_as_french():
    for key, text in fragment("fr").items():
        said = Words("fr").template(key)
        assert not re.search(r" [:;?!»%]", said), key
        assert "'" not in said, key
        assert "..." not in text, key


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.00004, "under 0.01 %"), (0.0001, "0.01 %"),
     (0.0034, "0.34 %"), (0.00994, "0.99 %"), (0.995 / 100, "1.0 %"), (0.0349, "3.5 %"),
     (0.9994, "99.9 %"), (0.9996, "over 99.9 %"), (-0.0034, "−0.34 %")],
)  # fmt: skip
def test_a_share_has_two_decimals_under_one_percent_and_is_never_rounded_to_none_or_all(
    share, said
):
    assert Words("en").percent(share).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("difference", "said"),
    [(0, "0 points"), (0.0034, "0.34 points"), (-0.0034, "−0.34 points"), (0.01, "1.0 point"),
     (0.0349, "3.5 points"), (-0.25, "−25.0 points")],
)  # fmt: skip
def test_a_difference_has_two_decimals_under_one_point(difference, said):
    assert Words("en").points(difference).replace("\u00a0", " ") == said


def test_values_within_a_placeholder_are_placeholders_too():
    assert placeholders("{of:{counts}} of {n:n}") == {"of", "counts", "n"}


@pytest.mark.parametrize(
    ("mean", "said"), [(9.5, "9.50 people"), (10.4, "10 people"), (10.5, "11 people")]
)
def test_a_mean_of_ten_people_or_more_is_whole(mean, said):
    assert Words("en").counted(mean, "people").replace("\u00a0", " ") == said
