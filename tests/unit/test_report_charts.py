"""Figures of the ways a map leaks: readable on a telephone, true to their numbers, or not there."""

import re

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.results import CALIBRATION_COLUMNS, GAINS, MEASURE_COLUMNS, Exposure
from privaudit.exposure.results import Measures as Result
from privaudit.exposure.summary import summarise
from privaudit.reporting.dot_charts import hidden_chart, moved_map, one_dot_chart, stations_chart
from privaudit.reporting.page import drawings_of
from privaudit.reporting.study import Study
from privaudit.reporting.way_charts import (
    copies_chart,
    frontier_chart,
    leak_chart,
    screenshots_chart,
)
from privaudit.reporting.words import Words

NAN = float("nan")
# A page on a screen of 400 pixels leaves 365 to a figure; CSS pixels of its smallest letters.
SCREEN, SMALLEST_LETTERS = 365, 10.0


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def texts(drawing):
    return [plain(t) for t in re.findall(r">([^<>]+)</text>", drawing.svg)]


def row(name, value, low=None, high=None, baseline=NAN, n=190, unit="share of people"):
    ends = (value if low is None else low, value if high is None else high)
    return (name, value, *ends, baseline, n, unit, "")


def measures(*rows):
    overall = pd.DataFrame(list(rows), columns=["measure", *MEASURE_COLUMNS]).set_index("measure")
    return Result(overall=overall, per_record=pd.DataFrame(), provenance="simulated")


def exposure(attack, found, view="donut:50:200", n=190, **more):
    people = pd.DataFrame({gain: np.repeat([1.0, 0.0], [found, n - found]) for gain in GAINS})
    for gain in GAINS:
        people[f"baseline_{gain}"] = people[f"control_{gain}"] = 0.001
        people[f"confidence_{gain}"] = 0.1
    people = people.assign(**more)
    bins = [(gain, 0.1, 0.1, 0.05, 0.2, n) for gain in ("address", "opinion")]
    return Exposure(
        attack=attack, per_person=people, overall=summarise(people, np.arange(n)),
        calibration=pd.DataFrame(bins, columns=list(CALIBRATION_COLUMNS)), recipe={"view": view},
    )  # fmt: skip


def shots(values):
    rows = []
    for metres, (found, read, right) in values.items():
        for stem, value in (("found", found), ("dots_read", read), ("dots_right", right)):
            rows.append(row(f"{stem}@{metres:g} m a pixel", value, value - 0.03, value + 0.03))
    return measures(*rows)


def copies():
    rows = [row(f"error_{n}@fresh", 140 / n**0.5, 120 / n**0.5, 150 / n**0.5, unit="metres")
            for n in (1, 3, 10, 30)]  # fmt: skip
    rows += [row(f"error_{n}@persistent", 140, 130, 150, unit="metres") for n in (1, 3, 10, 30)]
    return measures(*rows)


def leak():
    rows = []
    for many, chance in ((1, 0.01), (100, 0.634), (1000, 0.99996)):
        rows.append(row(f"any_leak@{many} accounts", chance, n=many, unit="probability"))
        rows.append(row(f"leaked_before@{many} accounts", 0.75 * chance))
        rows.append(row(f"leaked_after@{many} accounts", 0.05 * chance))
    return measures(*rows)


def frontier():
    rows = []
    for mask, found, cost in (("exact", 0.96, 0.0), ("donut:50:200", 0.07, 0.055),
                              ("gaussian:100", 0.06, 0.052)):  # fmt: skip
        rows.append(row(f"address@{mask}", found, found - 0.03, found + 0.03, 0.0002))
        rows.append(row(f"density_moved@{mask}", cost, unit="share"))
    return measures(*rows)


@pytest.fixture(scope="module")
def town():
    """A study with something for every figure: 190 people on 400 addresses, 3 stations."""
    rng = np.random.default_rng(1)
    street, number = np.divmod(np.arange(400), 20)
    places = np.column_stack([street, number]) * 40.0
    doors = places[rng.choice(400, 190)]
    more = {
        "k_addresses": rng.lognormal(4, 1, 190).round() + 1,
        "k_people": rng.lognormal(6, 1, 190).round() + 1,
        "candidates": rng.lognormal(4, 1, 190).round() + 1,
        "station": np.repeat(["001", "002", "003", "004"], [120, 40, 20, 10]),
    }
    known = exposure("knows the electors", 13, **more)
    return Study(
        kind="demo", title="t", provenance="simulated", real_places=False,
        exposures=(exposure("nearest address", 180, "exact", **more),
                   exposure("nearest address", 1, **more), known),
        dots=pd.DataFrame(doors, columns=["x", "y"]).assign(status="to_meet"), addresses=places,
        moved=(doors, doors + rng.normal(0, 80, doors.shape)),
        one_dot=pd.DataFrame(
            {"address": ["3 rue A", "5 rue A", ""], "probability": [0.1, 0.05, 0.85]}
        ),
        measures={"screenshots": shots({3.0: (0.9, 0.95, 1.0), 25.0: (0.41, 0.48, 0.97)}),
                  "copies": copies(), "leak": leak(), "frontier": frontier()},
    )  # fmt: skip


@pytest.fixture(scope="module", params=["en", "fr"])
def drawings(request, town):
    return drawings_of(town, Words(request.param))


def test_every_picture_that_is_asked_for_is_drawn(drawings):
    assert set(drawings) >= {
        "map", "ladder", "hidden", "one_dot", "stations", "calibration", "candidates", "leak",
        "screenshots", "copies", "frontier", "moved",
    }  # fmt: skip


def test_letters_can_be_read_on_a_telephone(drawings):
    for name, drawing in drawings.items():
        width = float(re.search(r'viewBox="0 0 ([\d.]+)', drawing.svg)[1])
        sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", drawing.svg)]
        assert sizes, name
        assert min(sizes) * SCREEN / width >= SMALLEST_LETTERS, (name, min(sizes), width)


def ends(style, rest, text):
    """Where a line of letters begins and ends: on average a letter is .56 of its size wide."""
    long = 0.56 * float(re.search(r"font-size: ([\d.]+)px", style)[1]) * len(text)
    x = float(re.search(r'(?: x="|translate\()(-?[\d.]+)', rest)[1])
    anchor = (re.search(r"text-anchor: (\w+)", style) or ["", "start"])[1]
    begin = x - {"start": 0, "middle": long / 2, "end": long}[anchor]
    return begin, begin + long


def test_no_letters_leave_their_figure(drawings):
    looked_at = 0
    for name, drawing in drawings.items():
        width = float(re.search(r'viewBox="0 0 ([\d.]+)', drawing.svg)[1])
        for style, rest, text in re.findall(r'<text style="([^"]*)"([^>]*)>([^<]+)<', drawing.svg):
            if "rotate(-90" in rest or "SIMULATION" in text:
                continue
            begin, end = ends(style, rest, text)
            assert begin >= -2, (name, text)
            assert end <= width + 2, (name, text)
            looked_at += 1
    assert looked_at > 150


def test_each_says_that_it_is_simulated_and_maps_are_watermarked(drawings):
    for name, drawing in drawings.items():
        assert "imul" in drawing.svg, name
        assert drawing.description.endswith(("no real person.", "aucune personne réelle."))
    for name in ("map", "moved"):
        assert ">SIMULATION<" in drawings[name].svg


def test_titles_state_the_numbers(town):
    words = Words("en")
    title = plain(screenshots_chart(town, words).title)
    assert title == "From a screenshot, 90.0 % of the homes at 3 m a pixel, 41.0 % at 25"
    assert plain(copies_chart(town, words).title) == (
        "One copy is 140 m off, the mean of 30 copies 26 m"
    )
    # A chance never rounds up to certainty.
    assert "over 99.9 %" in plain(leak_chart(town, words).title)
    assert "presumed at 10.0 %" in plain(one_dot_chart(town, words).title)
    assert "all other addresses" in texts(one_dot_chart(town, words))
    half = int(np.median(town.exposures[2].per_person["k_people"]))
    assert f"{half:,}" in plain(hidden_chart(town, words).title)


def test_masks_are_listed_with_what_they_give_away(town):
    shown = texts(frontier_chart(town, Words("fr")))
    assert "2. points déplacés de 50 à 200 m : 7,0 %" in shown
    assert "1. points exacts : 96,0 %" in shown


def test_stations_of_few_people_have_no_bar(town):
    chart = stations_chart(town, Words("en"))
    names = [text for text in texts(chart) if re.match(r"00\d", text)]
    # Station 004 holds 10 people; 003 would give it away by subtraction.
    assert sorted(names) == ["001 (120)", "002 (40)"]
    assert "2 stations are withheld" in chart.description


def test_a_curve_of_people_steps_by_eleven(town):
    """No step is a single person: 190 people are 17 steps at most."""
    chart = hidden_chart(town, Words("en"))
    curves = [d for d in re.findall(r'd="(M [^"]+)"', chart.svg) if d.count("L") > 8]
    assert 1 <= len(curves) <= 2
    assert max(curve.count("L") for curve in curves) <= 2 * (190 // 11)


@pytest.mark.parametrize(
    "chart", [copies_chart, frontier_chart, leak_chart, screenshots_chart, moved_map, one_dot_chart]
)
def test_nothing_is_drawn_of_nothing(chart):
    empty = Study(kind="demo", title="t", provenance="simulated", real_places=False)
    assert chart(empty, Words("en")) is None


def test_where_dots_were_not_moved_nobody_is_hidden():
    exact = exposure("nearest address", 180, "exact", k_addresses=1.0)
    given = Study(
        kind="map", title="t", provenance="simulated", real_places=False, exposures=(exact,)
    )
    assert hidden_chart(given, Words("en")) is None


def test_no_position_and_no_address_of_a_real_place_is_drawn():
    real = {"kind": "map", "title": "t", "provenance": "audited file", "real_places": True}
    with pytest.raises(ParameterError, match="area_points"):
        Study(**real, moved=(np.zeros((1, 2)), np.ones((1, 2))))
    with pytest.raises(ParameterError, match="area_points"):
        Study(**real, one_dot=pd.DataFrame({"address": ["x"], "probability": [1.0]}))
    with pytest.raises(SchemaError, match="probability"):
        Study(**{**real, "real_places": False}, one_dot=pd.DataFrame({"address": ["x"]}))
