"""Figures of a demo, in every language and width: nothing overlaps, a colour means one thing."""

import math
import re
from functools import cache
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from fixtures.figure_boxes import boxes_of, drawings_in

from privaudit.report import charts
from privaudit.report.charts import hidden_chart
from privaudit.report.findings import findings_of
from privaudit.report.page import drawings_of
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
        "teal": ("after_title", "mended_title", "found_of", "leaked_after",
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


def masked_row(view, hits, low, high, n=50):
    part = {"mask": view}
    return ("reidentified_address", hits / n, "share", n, "people",
            {"part": part, "low": low / n, "high": high / n, "control": 0.0})  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_remedies_of_as_many_people_share_a_scale_and_each_unit_has_a_head(measured, study, lang):
    """A step from 25 was drawn as long as one from 49: every unit had a scale of its own."""
    frontier = measured(
        "frontier", masked_row("exact", 45, 40, 48), masked_row("donut:50:200", 5, 2, 11)
    )
    tiers = measured("tiers", *(
        ("expected_people_by_address", v, "people", 50, "people", {"part": {"moment": m}})
        for m, v in (("before", 25), ("after", 15))
    ))  # fmt: skip
    made = study(kind="map", measures=[frontier, tiers])
    drawn = drawings_of(made, Words(lang))["mend"]
    data = drawn.data.set_index("panel")["value"]
    assert data.index.nunique() == 2
    spans, heads = [], []
    for one in ElementTree.fromstring(drawn.svg).iter():
        if one.get("class") == "span":
            x0, x1 = map(float, re.findall(r"[\d.]+", one.get("d"))[::2])
            spans.append(x1 - x0)
        heads += [one.text] if one.get("class") == "b" else []
    # 40 people fewer, and 10.
    assert spans[0] / spans[1] == pytest.approx(4, rel=0.02)
    # The title says the first head.
    first, second = dict.fromkeys(data.index)
    assert drawn.title.startswith(first)
    assert heads == [second]
    ends = {(round(r["low"]), round(r["high"])) for r in drawn.data.to_dict("records")
            if r["low"] < r["high"]}  # fmt: skip
    assert ends == {(40, 48), (2, 11)}
    assert Words(lang)("figure.key_interval") in drawn.svg


@pytest.mark.parametrize("lang", LANGUAGES)
def test_remedies_of_one_unit_stand_on_one_scale(lang, measured, study):
    table = measured("table", ("sample_uniques", 40, "records", 400, "records", {}),
                     provenance="audited file")  # fmt: skip
    keys = measured(
        "contributions",
        *(("sample_uniques", left, "records", 400, "records",
           {"part": {"without": column}, "baseline": 40})
          for column, left in (("age", 12), ("sex", 24))),
        provenance="audited file",
    )  # fmt: skip
    made = study(kind="table", provenance="audited file", measures=[table, keys])
    findings = findings_of(made)
    drawn = drawings_of(made, Words(lang, marked=True), findings)["mend"]
    assert "<g " not in drawn.html  # One part.
    data = drawn.data
    assert data["panel"].nunique() == 1
    assert data["value"].tolist() == [40, 12, 40, 24]


def log_of(measured, study, *shares):
    """A log of which each share is singled out with 1, 2, ... known points."""
    rows = [
        ("unicity", share, "share", 400, "people",
         {"part": {"points": at}, "low": share - 0.03, "high": min(1.0, share + 0.03)})
        for at, share in enumerate(shares, 1)
    ]  # fmt: skip
    return study(kind="log", provenance="audited file", measures=[measured("unicity", *rows)])


@pytest.mark.parametrize(
    ("shares", "needed"),
    [((0.2, 0.6, 0.9, 0.95), 3), ((0.2, 0.6, 0.89, 0.92), 4), ((0.92, 0.99), 1)],
)
def test_the_fewest_points_that_make_sure_are_named_and_drawn(measured, study, shares, needed):
    made = log_of(measured, study, *shares)
    drawn = drawings_of(made, Words("en"))["unicity"]
    noun = "point" if needed == 1 else "points"
    title = drawn.title.replace("\u00a0", " ")
    assert title.startswith(f"With {needed} known {noun}, at least nine people in ten")
    assert f"{round(400 * shares[needed - 1])} of 400" in title
    texts = re.findall(
        r'<text x="([\d.]+)" y="[\d.]+" class="soft" text-anchor="middle">(\d+)<', drawn.svg
    )
    # At the line and below it, on one vertical.
    at = [float(x) for x, text in texts if text == str(needed)]
    assert at == pytest.approx([at[0]] * len(at), abs=0.2)
    assert drawn.svg.count("axis dash") == 2


def test_nine_in_ten_that_are_not_reached_are_said_with_what_was_tried(measured, study):
    made = log_of(measured, study, 0.2, 0.6, 0.89)
    drawn = drawings_of(made, Words("en"))["unicity"]
    title = drawn.title.replace("\u00a0", " ")
    assert title.startswith("Even with 3 known points, fewer than nine people in ten")
    assert "356 of 400" in title
    assert drawn.svg.count("axis dash") == 1


@pytest.mark.parametrize(
    ("last", "said"), [(0.68, "not nine in ten"), (0.91, "nine labels in ten")]
)
def test_labels_are_read_at_nine_in_ten(measured, study, last, said):
    rows = [
        ("party_right", share, "share", 200, "accounts",
         {"part": {"contacts": name}, "low": share - 0.05, "high": share + 0.05, "baseline": 0.3})
        for name, share in (("1", 0.6), ("2", 0.7), ("three_or_more", last))
    ]  # fmt: skip
    drawn = drawings_of(study(kind="demo", measures=[measured("likes", *rows)]), Words("en"))
    title = drawn["likes"].title.replace("\u00a0", " ")
    assert said in title
    assert f"{round(200 * last)} of 200" in title
    assert title.startswith("After three or more contacts")


def ways_of(measured, study, n=200, coarsest=0.25):
    """Rows of each way into a map, one of which has another denominator."""
    pictures = [
        ("reidentified", share, "share", n, "people",
         {"part": {"metres_a_pixel": metres}, "low": share, "high": share, "control": 0.02})
        for metres, share in ((3.0, 0.7), (12.0, 0.5), (25.0, coarsest))
    ]  # fmt: skip
    leak = [
        ("addresses_found", share, "share", n, "people",
         {"part": {"accounts": accounts, "moment": moment}, "control": 0.01})
        for accounts, moment, share in ((10, "before", 0.1), (100, "before", 0.5),
                                        (100, "after", 0.05))
    ]  # fmt: skip
    search = ("address_found", 0.9, "share", 150, "people", {"control": 0.0})
    return study(
        kind="demo",
        measures=[measured("screenshots", *pictures), measured("leak", *leak),
                  measured("look_up", search)],
    )  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ways_with_one_unit_stand_on_one_scale(lang, measured, study):
    drawn = drawings_of(ways_of(measured, study), Words(lang))["ways"]
    bars = drawn.data[~drawn.data["mark"].str.contains("2 |4 ") | (drawn.data["value"] > 9)]
    # The search box was tried on others: no line. Pictures are the finest and the coarsest.
    assert bars["value"].tolist() == [140, 50, 100, 10]
    assert "140" in drawn.title
    widths = [
        float(w) for w in re.findall(r'<rect class="m-\w+ node"[^>]* width="([\d.]+)"', drawn.svg)
    ]
    tracks = [float(w) for w in re.findall(r'<rect class="track"[^>]* width="([\d.]+)"', drawn.svg)]
    assert len(set(tracks)) == 1
    assert widths == pytest.approx([tracks[0] * n / 200 for n in (140, 50, 100, 10)], abs=0.11)


def test_a_picture_that_could_not_be_read_is_not_drawn_as_nobody(measured, study):
    drawn = drawings_of(ways_of(measured, study, coarsest=math.nan), Words("en"))["ways"]
    # The finest of those that were read, and the coarsest: 140 and 100 of 200.
    assert [v for v in drawn.data["value"] if v > 9] == [140, 100, 100, 10]
    assert "25 m" not in drawn.svg


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_claimed_is_joined_to_what_is_right(figures, lang):
    root = figures(lang)["ladder", "wide"]
    spans = [path for path in root.iter("path") if path.get("class") == "span"]
    claims = [path for path in root.iter("path") if path.get("class") == "m-blue"]
    assert len(spans) == len(claims) >= 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ticks_of_counted_people_are_whole(lang, measured, study):
    # Up to 11 of 60 people: steps of 2.5 would fit.
    pictures = [
        ("reidentified", share, "share", 60, "people",
         {"part": {"metres_a_pixel": metres}, "low": share, "high": share, "control": 0.0})
        for metres, share in ((3.0, 11 / 60), (12.0, 6 / 60), (25.0, 3 / 60))
    ]  # fmt: skip
    demo = study(kind="demo", measures=[measured("screenshots", *pictures)])
    drawn = drawings_of(demo, Words(lang))["screenshots"]
    ticks = re.findall(r'<text[^>]*class="[^"]*soft[^"]*"[^>]*>([\d.,]+)</text>', drawn.svg)
    assert "10" in ticks
    assert all(tick.isdecimal() for tick in ticks)


@pytest.mark.parametrize(("people", "steps"), [(21, None), (22, 2), (23, 2), (32, 2), (33, 3)])
def test_among_how_many_people_are_hidden_is_drawn_from_22_by_eleven(monkeypatch, people, steps):
    drawn = []
    monkeypatch.setattr(charts, "_curve_chart", lambda *given, **more: drawn.append(given[3]))
    best = SimpleNamespace(
        per_person=pd.DataFrame({"k_people": np.arange(1.0, people + 1)}), attack="aware", copies=1
    )
    results = SimpleNamespace(masked=lambda: None, best=lambda view: best)
    hidden_chart(None, Words("en"), results)
    if steps is None:
        assert drawn == []
    else:
        # The k-th smallest of 1, 2, ... is k: a step is at each eleventh person.
        ((curve,),) = drawn
        assert list(curve.x) == [11.0 * (step + 1) for step in range(steps)]
