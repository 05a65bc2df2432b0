"""Figures of a demo, in every language and width: nothing overlaps, a colour means one thing."""

import re
from functools import cache

import pytest
from fixtures.figure_boxes import boxes_of, drawings_in

from privaudit.words.catalogues import Words, own_catalogue

LANGUAGES = ("en", "fr")


@pytest.fixture(scope="module")
def figures(english_demo, french_demo):
    """Return the drawings of both pages of a demo, by figure and width, of a language."""

    @cache
    def of(lang):
        folder = {"en": english_demo, "fr": french_demo}[lang]
        pages = [
            (folder / name).read_text(encoding="utf-8") for name in ("annex.html", "index.html")
        ]
        return {key: root for page in pages for key, root in drawings_in(page).items()}

    return of


def said(lang, key):
    """Return a pattern of what a sentence of the catalogue may say."""
    parts = re.split(r"(\{(?:[^{}]|\{[^{}]*\})*\})", Words(lang).template(key))
    return "".join(".*?" if part.startswith("{") else re.escape(part) for part in parts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_that_is_written_meets_anything_else(figures, lang):
    drawn = figures(lang)
    assert {"chain", "others", "ways", "mend", "access", "ladder"} <= {name for name, _ in drawn}
    for key, root in drawn.items():
        width, height = (float(v) for v in root.get("viewBox").split()[2:])
        texts, marks, _ = boxes_of(root)
        assert texts, key
        for place, text in enumerate(texts):
            assert text.left >= -1, (key, text)
            assert text.right <= width + 1, (key, text)
            assert text.bottom <= height + 1, (key, text)
            met = [one for one in texts[place + 1 :] if text.meets(one)]
            assert not met, (key, text, met)
            # A bar reaches under no text, a mark stands on none.
            met = [one for one in marks if text.meets(one)]
            assert not met, (key, text, met)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_grey_is_what_is_compared_blue_is_claimed_and_teal_is_what_is_left(figures, lang):
    held = {
        "grey": ("control_title", "random_title", "chain_chance", "pages_chance", "likes_blind",
                 "alone_title", "unicity_control"),
        "blue": ("sure_title", "honest"),
        "teal": ("after_title", "mended_title", "on_view", "found_of", "leaked_after",
                 "copies_persistent"),
    }  # fmt: skip
    seen = set()
    for key, root in figures(lang).items():
        for mark in root.iter():
            title, look = mark.findtext("title"), mark.get("class", "")
            for colour, keys in held.items():
                if title and f"m-{colour}" in look.split():
                    seen.add(colour)
                    patterns = "|".join(said(lang, f"figure.{name}") for name in keys)
                    text = title.replace("\u00a0", " ").replace("\u202f", " ")
                    patterns = patterns.replace("\u00a0", " ").replace("\u202f", " ")
                    assert re.search(patterns, text), (key, colour, title)
    assert seen == set(held)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_that_speaks_of_an_interval_draws_one(figures, lang):
    promised = 0
    for key, root in figures(lang).items():
        text = " ".join(t.text or "" for t in root.iter("text")).replace("\u00a0", " ")
        if "95 %" in text:
            promised += 1
            looks = " ".join(one.get("class", "") for one in root.iter("path"))
            assert re.search(r"\b(ci|range|band)\b", looks), key
    assert promised >= 6


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_of_an_attack_names_who_attacks(figures, lang):
    names = [text for key, text in own_catalogue(lang).items() if key.startswith("who.")]
    names = [text for text in names if "{" not in text]
    attacked = {"gains", "ladder", "hidden", "stations", "screenshots", "frontier", "mend"}
    drawn = figures(lang)
    assert len(attacked & {name for name, _ in drawn}) >= 5
    for (name, width), root in drawn.items():
        if name in attacked:
            text = " ".join(one.text or "" for one in root.iter() if one.tag in ("title", "text"))
            assert any(who in text for who in names), (name, width)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ticks_are_plain_numbers(figures, lang):
    for key, root in figures(lang).items():
        for text in (t.text or "" for t in root.iter("text")):
            assert not re.search(r"\d[eE][+-]?\d|10\^|×\s?10", text), (key, text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_tier_that_changes_nothing_is_written_and_not_drawn(figures, lang):
    root = figures(lang)["access", "wide"]
    spans = [path for path in root.iter("path") if path.get("class") == "span"]
    rings = [c for c in root.iter("circle") if "ring" in c.get("class")]
    assert len(spans) == len(rings) >= 1
    text = " ".join(t.text or "" for t in root.iter("text"))
    team = Words(lang)("figure.tier_team")[1:]
    assert re.search(rf"{team} \(\d+\)", text.replace("\u00a0", " "))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_units_of_remedies_have_a_scale_each(figures, lang):
    root = figures(lang)["mend", "wide"]
    groups = root.findall("g")
    heads = [[t.text for t in g.iter("text") if t.get("class") == "b"] for g in groups]
    assert len(groups) >= 2
    assert all(heads)
    for group in groups:
        ticks = [t for t in group.iter("text") if t.get("class") == "soft"]
        assert len(ticks) >= 3
