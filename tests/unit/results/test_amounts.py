"""Widths of a flow and marks to count are their amounts; labels stand on no mark."""

import itertools
import math
import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import numpy as np
import pytest
from fixtures.figure_boxes import NUMBER, boxes_of

from privaudit.report.charts import _line_chart
from privaudit.results import line_charts
from privaudit.results.amounts import Amount, FlowPlot, GridCell, Stage, Unit, UnitGrid, UnitPlot
from privaudit.results.line_charts import AxisScale, ChartLine, LinePlot, Mark, Panel
from privaudit.results.painter import COLOURS, MEANINGS, NARROW, SERIES, WIDE, compose
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words

WIDTHS = pytest.mark.parametrize("width", [WIDE, NARROW])
COUNTS, CHANCE = (403, 258, 119, 115, 40), (None, 91, 0, 3, 1)


def drawn(plot, width):
    return ET.fromstring(f"<svg>{''.join(plot.draw(width).parts)}</svg>")


def flow(counts=COUNTS):
    stages = []
    for place, n in enumerate(counts):
        lost = counts[place - 1] - n if place else 0
        stages.append(
            Stage(
                name=f"stage {place}", count=n, title=f"{n} of {counts[0]}", label=str(n),
                chance=CHANCE[place] if place else float("nan"),
                chance_label=f"{CHANCE[place]} by chance" if place else "",
                low=0.9 * n, high=min(1.1 * n, counts[0]), lost=lost,
                lost_label=f"{lost} lost" if lost else "",
            )
        )  # fmt: skip
    return FlowPlot(stages=stages, note="accounts")


def corners(path):
    numbers = [float(v) for v in NUMBER.findall(path.get("d"))]
    return np.array(numbers).reshape(-1, 2)


@WIDTHS
@pytest.mark.parametrize("counts", [COUNTS, (403, 20, 20, 5, 0), (12, 12, 12, 12, 11)])
def test_a_stage_what_goes_on_and_what_is_lost_are_as_wide_as_their_counts(width, counts):
    svg, across = drawn(flow(counts), width), width == WIDE
    side = "height" if across else "width"
    nodes = [float(r.get(side)) for r in svg.iter("rect") if "node" in r.get("class")]
    each = nodes[0] / counts[0]
    # Coordinates are written with one decimal.
    assert nodes == pytest.approx([each * n for n in counts], abs=0.11)
    bands = [corners(p) for p in svg.iter("path") if "flow" in p.get("class", "")]
    axis = 1 if across else 0
    assert [np.ptp(b[:, axis]) for b in bands] == pytest.approx(
        [each * n for n in counts[1:]], abs=0.21
    )
    lost = [corners(p) for p in svg.iter("path") if p.get("class") == "lost"]
    gone = [a - b for a, b in itertools.pairwise(counts) if a > b]
    ends = []
    for branch in lost:
        along, floor = branch[:, 1 - axis], branch[:, axis].max()
        ends.append(np.ptp(along[np.isclose(branch[:, axis], floor)]))
        start = branch[np.isclose(along, along.min())][:, axis]
        assert np.ptp(start) == pytest.approx(ends[-1], abs=0.21)
    assert ends == pytest.approx([each * n for n in gone], abs=0.21)


@WIDTHS
def test_what_chance_gives_is_drawn_on_the_scale_of_the_flow(width):
    svg = drawn(flow(), width)
    side = "height" if width == WIDE else "width"
    nodes = [float(r.get(side)) for r in svg.iter("rect") if "node" in r.get("class")]
    grey = [float(r.get(side)) for r in svg.iter("rect") if "chance" in r.get("class")]
    assert grey == pytest.approx([nodes[0] / 403 * n for n in (91, 3, 1)], abs=0.11)
    said = [t.text for t in svg.iter("text")]
    for n in (91, 0, 3, 1):
        assert f"{n} by chance" in said


@WIDTHS
@pytest.mark.parametrize("counts", [COUNTS, (403, 20, 20, 5, 0), (12, 12, 12, 12, 11)])
def test_no_text_of_a_flow_meets_another_or_leaves_it(width, counts):
    canvas = flow(counts).draw(width)
    texts, _, _ = boxes_of(ET.fromstring(f"<svg>{''.join(canvas.parts)}</svg>"))
    assert len(texts) > 12
    for place, one in enumerate(texts):
        assert 0 <= one.left < one.right <= width, one
        assert 0 <= one.top < one.bottom <= canvas.height + 1, one
        assert not [other for other in texts[place + 1 :] if one.meets(other)], one


def units(*amounts):
    return UnitPlot(lines=[("a", amounts)], note=lambda each: f"one: {each:g}")


@WIDTHS
@pytest.mark.parametrize("shape", ["person", "child", "home"])
@pytest.mark.parametrize("n", [0, 1, 10, 11, 20, 21, 159, 200])
def test_there_are_as_many_marks_as_are_counted(width, shape, n):
    svg = drawn(units(Amount(n, str(n), "here", shape), Amount(7, "7", "there", shape)), width)
    marks = {p.findtext("title"): p.get("d").count("M") for p in svg.iter("path")}
    assert marks.get("here", 0) == n
    assert marks["there"] == 7
    assert "one: 1" in [t.text for t in svg.iter("text")]


@WIDTHS
def test_those_who_are_not_counted_are_drawn_empty(width):
    svg = drawn(units(Amount(55, "55 of 175", "wrong", of=175)), width)
    marks = {p.get("class"): p.get("d").count("M") for p in svg.iter("path")}
    assert marks == {"m-red unit": 55, "rest": 120}
    places = re.findall(r"M(\d+) (\d+)", "".join(p.get("d") for p in svg.iter("path")))
    assert len(set(places)) == 175
    assert max(int(x) for x, _ in places) + 10 <= width
    # Rows of ten, or of twice ten, can be counted.
    rows = [sum(y == row for _, y in places) for row in dict.fromkeys(y for _, y in places)]
    assert {n % 10 for n in rows[:-1]} == {0}


@pytest.mark.parametrize(
    ("n", "each", "marks"), [(200, 1, 200), (201, 2, 101), (1234, 10, 123), (54_321, 500, 109)]
)
def test_of_many_a_mark_stands_for_several_and_says_how_many(n, each, marks):
    plot = units(Amount(n, str(n), "here"), Amount(3, "3", "there"))
    svg = drawn(plot, WIDE)
    counted = {p.findtext("title"): p.get("d").count("M") for p in svg.iter("path")}
    # 3 are not none.
    assert (plot.each, counted["here"], counted["there"]) == (each, marks, max(1, round(3 / each)))
    assert f"one: {each:g}" in [t.text for t in svg.iter("text")]


def test_amounts_are_raster_pictures_too(tmp_path):
    from PIL import Image

    for name, plot in (("flow", flow()), ("units", units(Amount(55, "55", "wrong", of=175)))):
        figure = compose(name, Words("en"), "simulated", title=name, parts=[plot])
        with Image.open(figure.save(tmp_path / f"{name}.png", width=7)) as image:
            red = np.array(image.convert("RGB")).astype(int)
        # The figure is there: red that is much redder than green.
        assert (red[..., 0] - red[..., 1] > 60).mean() > 0.005
        assert len(figure.data) == len(plot.rows())


def lines_at_random(seed, joined=False):
    """Lines with two labelled marks and one by chance, some of them at one place."""
    rng = np.random.default_rng(seed)
    lines = []
    for place in range(6):
        value = rng.integers(0, 100)
        other = int(np.clip(value + rng.integers(-8, 9) * rng.integers(1, 12), 0, 100))
        marks = [
            Mark(int(value * 0.4), "by chance", "", "tick", "grey"),
            Mark(value, "found", str(value), low=0.8 * value, high=1.1 * value + 3),
            Mark(other, "claimed", str(other), "diamond", "blue"),
        ]
        lines.append(ChartLine(f"line {place}", marks[joined:], joined=joined))
    return LinePlot(panels=[Panel(lines)], write=Words("en").count)


@WIDTHS
@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_each_label_is_nearest_to_its_own_mark_and_on_no_other(seed, joined, width):
    texts, marks, bands = boxes_of(drawn(lines_at_random(seed, joined), width))
    labels = [text for text in texts if text.colour in ("red", "blue")]
    assert len(labels) == 12
    for place, label in enumerate(labels):
        assert not [other for other in texts if other is not label and label.meets(other)], label
        row = [m for m in marks if abs((m.top + m.bottom - label.top - label.bottom) / 2) < 24]
        assert {m.colour for m in row} >= {"red", "blue"}
        assert not [mark for mark in row if mark.meets(label)], label
        other = [b for b in bands if b.colour != label.colour and b.meets(label)]
        beside = [m for m in row if m.top < label.bottom and label.top < m.bottom]
        if beside:
            # On the line itself, no other mark is nearer than its own, or its own interval.
            assert not other, (label, other)
            mine = [b for b in bands if b.colour == label.colour]
            mine = [b for b in mine if b.top < label.bottom and label.top < b.bottom]
            gap = {m: max(label.left - m.right, m.left - label.right, 0) for m in [*beside, *mine]}
            own = min(gap[m] for m in gap if m.colour == label.colour)
            assert own <= min(gap.values()), (place, label, gap)


def lightness(colour):
    """CIE L* of an sRGB colour, as a grey print shows it."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    y = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


# Three times the difference in lightness that is just noticed.
APART = 3 * 2.3


def test_colours_with_a_meaning_differ_on_paper_without_colour():
    light = {name: lightness(COLOURS[name][0]) for name in MEANINGS}
    drawn_together = {"red", "grey", "blue", "teal", "ink"}
    near = [
        (a, b) for a in drawn_together for b in drawn_together
        if a < b and abs(light[a] - light[b]) < APART
    ]  # fmt: skip
    assert near == []
    assert abs(light["red"] - light["orange"]) >= APART
    assert set(MEANINGS) - {"ink"} <= set(SERIES)
    # What is merely coloured would not do: two of the former colours.
    assert abs(lightness("#b80f2e") - lightness("#1f5fa8")) < APART


@pytest.mark.parametrize(("most", "last"), [(35, "38"), (12, "15"), (38, "38"), (39, "40")])
def test_a_scale_of_people_ends_where_all_are_counted(most, last):
    """It ends at all of them where round ticks would pass it, and before where they do not."""
    study = Study(kind="map", title="x", provenance="audited file", real_places=True)
    lines = [ChartLine("line", [Mark(most, "found", "")])]
    display = _line_chart(study, Words("en"), "ladder", lines, "", "people_of_axis", n=38)
    for canvas in display.canvases:
        said = re.findall(r"<text[^>]*>(\d+)</text>", "".join(canvas.parts))
        assert max(said, key=int) == last


@pytest.mark.parametrize(("room", "in_a_row"), [(0, 1), (10, 1), (35.9, 2), (36, 3), (36.1, 3)])
def test_squares_of_a_cell_stand_side_by_side_where_the_last_has_room(room, in_a_row):
    """Squares of 10 stand every 13: three need 36."""
    boxes = []
    canvas = SimpleNamespace(text=lambda *_: None, bar=lambda box, *_: boxes.append(box))
    units = [Unit(title=str(k), colour="ink") for k in range(4)]
    cell = GridCell(label="4", units=units)
    bottom = UnitGrid._cell(canvas, cell, (100.0, 50.0), room)
    assert [(x - 100) / 13 for x, *_ in boxes] == [k % in_a_row for k in range(4)]
    assert [(y - boxes[0][1]) / 13 for _, y, *_ in boxes] == [k // in_a_row for k in range(4)]
    assert bottom == boxes[0][1] + 13 * -(-4 // in_a_row)


@pytest.mark.parametrize(("value", "over"), [(50, 80), (0, 6), (100, 150)])
def test_a_label_above_its_mark_is_centred_within_the_figure(monkeypatch, value, over):
    """A scale of 0 to 200 px; a label of 40 px. Marks beside it leave room above alone."""
    monkeypatch.setattr(line_charts, "width_of", lambda text: 40 / line_charts.BOLD)
    marks = [Mark(value, "t", "label"), *(Mark(at, "t") for at in range(0, 101, 5))]
    line, scale = ChartLine("n", marks), AxisScale([0, 100], str)
    (label,) = line_charts._labels(line, scale, (0, 200), 200, math.nan)
    assert (label.x, label.y) == (over, line_charts._ABOVE) if not label.anchor else False
