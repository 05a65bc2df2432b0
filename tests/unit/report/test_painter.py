"""The painter: text stays inside and large enough, marks say themselves, scales hold the data."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from PIL import ImageFont

from privaudit.report.page import drawings_of, figure_style
from privaudit.results.line_charts import (
    ChartLine,
    Curve,
    Mark,
    Panel,
    curve_chart,
    line_chart,
    ticks_of,
)
from privaudit.results.measures import Measures
from privaudit.results.painter import COLOURS, NARROW, SERIES, SIZE, WIDE, lines_of, width_of
from privaudit.results.rows import Rows
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words, own_catalogue

# CSS pixels that a figure has on a telephone of 390, and its smallest letters.
TELEPHONE, SMALLEST = 358, 11.0


def lines(values=(183, 11), provenance="simulated", **more):
    marks = [
        Mark(
            values[0],
            "found on the exact map",
            f"{values[0]} exact",
            low=values[0] - 5,
            high=values[0] + 5,
        ),
        Mark(values[1], "found on the blurred map", f"{values[1]} blurred", "ring", "grey"),
    ]
    names = ("Right address", "A long name of a line that takes more than one of them")
    panels = [Panel([ChartLine(name, marks, joined=True) for name in names])]
    return line_chart(
        "try",
        Words("en"),
        provenance,
        title="183 of 190",
        panels=panels,
        write=Words("en").count,
        axis="people of 190",
        **more,
    )


def curves(log=False):
    return curve_chart(
        "curve",
        Words("en"),
        "simulated",
        title="a curve",
        log=log,
        write=Words("en").tick,
        curves=[
            Curve(
                "people in the log", [1, 2, 4], [0.91, 0.93, 0.96], low=[0.9] * 3, high=[0.97] * 3
            ),
            Curve("people who are not in the log", [1, 2, 4], [0.92, 0.92, 0.93], "grey", True),
        ],
        axes=("points known", "share of people"),
    )


def svgs(drawing):
    return [ET.fromstring(part + "</svg>") for part in drawing.html.split("</svg>") if part.strip()]


@pytest.mark.parametrize(
    "drawing", [lines(), curves(), curves(log=True)], ids=["lines", "curves", "log"]
)
def test_each_figure_has_a_wide_and_a_narrow_one_that_can_be_read(drawing):
    wide, narrow = svgs(drawing)
    assert [float(s.get("viewBox").split()[2]) for s in (wide, narrow)] == [WIDE, NARROW]
    assert SIZE * TELEPHONE / NARROW >= SMALLEST
    for svg in (wide, narrow):
        sizes = re.findall(r"font-size:([\d.]+)px", ET.tostring(svg, encoding="unicode"))
        assert all(float(size) >= SMALLEST for size in sizes)


@pytest.mark.parametrize("drawing", [lines(), curves()], ids=["lines", "curves"])
def test_no_text_leaves_its_figure(drawing):
    for svg in svgs(drawing):
        _, _, width, height = (float(n) for n in svg.get("viewBox").split())
        for text in svg.iter("text"):
            if text.get("aria-hidden"):
                continue
            x, long = float(text.get("x")), width_of(text.text)
            start = {"end": x - long, "middle": x - long / 2}.get(text.get("text-anchor"), x)
            assert start >= -1, text.text
            assert start + long <= width + 1, text.text
            assert 0 < float(text.get("y")) <= height, text.text


@pytest.mark.parametrize("drawing", [lines(), curves()], ids=["lines", "curves"])
def test_every_mark_says_itself_and_the_description_holds_the_data(drawing):
    for svg in svgs(drawing):
        marks = [*svg.iter("circle"), *(p for p in svg.iter("path") if p.find("title") is not None)]
        assert marks
        assert all(mark.find("title").text for mark in marks)
        told = svg.find("desc").text
        assert "Simulated data" in told
    if drawing.name == "try":
        assert "found on the exact map" in told
        assert "found on the blurred map" in told
    else:
        assert "1: 91" in told.replace("\u00a0", " ")
        assert "4: 96" in told.replace("\u00a0", " ")


def test_a_figure_is_told_apart_without_colour():
    svg = lines().svg
    looks = set(re.findall(r'<circle class="([^"]+)"', svg))
    assert looks == {"m-red", "m-grey ring"}
    assert "dash" in curves().svg


def test_ticks_are_over_the_range_of_the_data():
    said = re.findall(r">(\d+)\u00a0%</text>", curves().svg)
    assert min(map(int, said)) >= 88
    assert max(map(int, said)) <= 98
    assert ticks_of(0, 0)[-1] > 0


@pytest.mark.parametrize("high", range(1, 130))
def test_ticks_of_people_are_whole(high):
    for most in (3, 5):
        ticks = ticks_of(0, high, most, least=1.0)
        assert ticks[-1] >= high
        assert 2 <= len(ticks) <= most + 2
        assert all(tick.is_integer() for tick in ticks)


def test_panels_of_a_figure_share_one_scale():
    one = Panel([ChartLine("a", [Mark(10, "ten", "10")])], "first")
    two = Panel(
        [ChartLine("b", [Mark(100, "hundred", "100")]), ChartLine("c", [Mark(10, "ten", "10")])],
        "second",
    )
    drawing = line_chart(
        "panels", Words("en"), "simulated", title="t", panels=[one, two], write=Words("en").count
    )
    at = {
        t: x for x, t in re.findall(r'<circle[^>]* cx="([\d.]+)"[^>]*><title>([^<]+)', drawing.svg)
    }
    assert at["a: ten"] == at["c: ten"] != at["b: hundred"]


def test_a_value_is_not_written_over_a_span():
    # The only mark that says something stands between two that do not.
    ends = [Mark(v, "an end", shape="tick", colour="grey") for v in (10, 60)]
    line = ChartLine(
        "a", [ends[0], Mark(20, "twenty", "20", low=15, high=25), ends[1]], joined=True
    )
    svg = line_chart(
        "span", Words("en"), "simulated", title="t", panels=[Panel([line])],
        write=Words("en").count,
    ).svg  # fmt: skip
    (at,) = re.findall(r'<text x="([\d.]+)"[^>]*class="t-red">20<', svg)
    (end,) = re.findall(r'class="span" d="M[\d.]+ [\d.]+L([\d.]+)', svg)
    assert float(at) > float(end)


def test_a_file_of_its_own_carries_its_colours_and_its_source():
    drawing = lines()
    ET.fromstring(drawing.svg)
    for name, (light, dark) in COLOURS.items():
        assert f"--{name}:{light}" in drawing.svg
        assert f"--{name}:{dark}" in drawing.svg
    assert "prefers-color-scheme:dark" in drawing.svg
    assert "Simulated data: no real person" in drawing.svg
    assert ">Simulation<" in drawing.svg
    assert "Simulation" not in lines(provenance="audited file").svg
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", drawing.svg)
    assert "<script" not in drawing.svg
    assert "<style" not in drawing.html


def test_numbers_that_are_not_known_are_not_drawn():
    drawing = lines((183, float("nan")))
    assert "nan" not in drawing.svg.split("</desc>")[1]


def test_a_curve_labels_its_known_points_if_one_is_nan():
    y = [0.5, float("nan"), 0.75]
    drawn = curve_chart(
        "gap", Words("en"), "simulated", title="t", write=Words("en").tick, axes=("x", "y"),
        curves=[Curve("one", [1, 2, 4], y, low=[0.4, 0.1, 0.7], high=[0.6, 0.2, 0.8])],
    )  # fmt: skip
    said = re.findall(r"<title>(one, [^<]+)", drawn.svg)
    assert [text.replace("\u00a0", " ") for text in said] == ["one, 1: 50 %", "one, 4: 75 %"]
    assert drawn.svg.count(" ci") == 2


def contrast(first, second):
    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    a, b = sorted((light(first), light(second)))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_in_light_and_dark(mode):
    # The name of a grey curve is written in soft.
    for name in ("ink", "soft", *SERIES[:-1]):
        for ground in ("paper", "wash"):
            assert contrast(COLOURS[name][mode], COLOURS[ground][mode]) >= 4.5, (name, ground)
    # Marks against the town.
    for name in ("red", "grey"):
        assert contrast(COLOURS[name][mode], COLOURS["land"][mode]) >= 3, name


def test_the_page_shows_one_of_the_two_widths():
    style = figure_style()
    assert ".pv.narrow{display:none}" in style
    assert ".pv.wide{display:none}" in style


def test_a_mark_stands_where_its_value_is():
    svg = lines((150, 50)).svg
    told = re.findall(r'<circle[^>]* cx="([\d.]+)"[^>]*><title>[^<]*found on the (\w+)', svg)
    ticks = re.findall(r'<text x="([\d.]+)"[^>]*>(0|50|100|150|200)</text>', svg)
    at = {int(value): float(x) for x, value in ticks}
    assert at[150] == pytest.approx(float(dict(map(reversed, told))["exact"]), abs=0.2)
    assert at[50] == pytest.approx(float(dict(map(reversed, told))["blurred"]), abs=0.2)


def test_a_mask_stands_in_its_own_interval_net_of_chance():
    hits, beside = (np.arange(190) < 20).astype(float), (np.arange(190) < 8).astype(float)
    rows = Rows(190, "people")
    for mask, share in (("exact", np.ones(190)), ("donut:50:200", hits)):
        rows.share(
            "reidentified_address", share, control=beside, gain="address", part={"mask": mask}
        )
    study = Study(
        kind="demo",
        title="x",
        provenance="simulated",
        real_places=False,
        measures={"frontier": Measures(family="frontier", rows=rows, provenance="simulated")},
    )
    svg = drawings_of(study, Words("en"))["frontier"].svg
    marks = [float(x) for x in re.findall(r'<circle[^>]* cx="([\d.]+)"', svg)]
    bands = [tuple(map(float, b)) for b in re.findall(r'ci" d="M([\d.]+) [\d.]+L([\d.]+) ', svg)]
    assert len(marks) == 2
    for (low, high), x in zip(bands, marks[-len(bands) :], strict=True):
        assert low <= x <= high


def calibrated(exposed, observed, low, high):
    bins = pd.DataFrame(
        {
            "gain": "address",
            "confidence": [0.05, 0.2],
            "observed": [0.05, observed],
            "low": [0.02, low],
            "high": [0.1, high],
            "n": [100.0, 19.0],
        }
    )
    one = exposed("holds_register", "donut:50:200", 190, 0.1, 0.0, provenance="simulated")
    return Study(
        kind="demo",
        title="x",
        provenance="simulated",
        real_places=False,
        exposures=(replace(one, calibration=bins),),
    )


@pytest.mark.parametrize(
    ("ends", "said"), [((0.01, 0.25), "due to chance"), ((0.01, 0.15), "surest")]
)
def test_what_chance_may_explain_is_no_title(exposed, ends, said):
    study = calibrated(exposed, 0.05, *ends)
    assert said in drawings_of(study, Words("en"))["calibration"].title


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("width", [190, 300, 620])
def test_no_line_is_wider_than_its_room_in_the_widest_font(lang, width):
    """Measured by FreeType in DejaVu Sans, on which a page without the others falls back."""
    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    font = ImageFont.truetype(file, 10 * SIZE)
    figures = [text for key, text in own_catalogue(lang).items() if key.startswith("figure.")]
    texts = [re.sub(r"\{[^}]*\}", "123", text) for text in figures]
    assert len(texts) > 100
    for text in texts:
        lines = lines_of(text, width)
        assert " ".join(lines) == " ".join(text.split(" "))
        for line in lines:
            assert font.getlength(line) / 10 <= width, line
    # Of a word that is wider than a line nothing is lost.
    assert "".join(lines_of("m" * 90, width)) == "m" * 90
