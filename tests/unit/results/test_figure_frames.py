"""No text lies on another, in a figure as it is drawn and in a paper's frame of 7 by 2.8 inches."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from fixtures.figure_boxes import boxes_of

import privaudit as pa
from privaudit.errors import ParameterError

MASK = pa.masks.Donut(r_min=50, r_max=200)
MASKS = [pa.masks.Exact(), MASK, pa.masks.Gaussian(sigma=100), pa.masks.GridSnap(size=200)]
PANELS = {"exposure": 2, "own gain": 2, "frontier": 1, "unicity": 1, "steps": 1}


@pytest.fixture(scope="module")
def figures():
    world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    campaign = pa.run_campaign(world, seed=7)
    leak = pa.publish(campaign, pa.DotMap(mask=MASK), seed=7)
    who = pa.Adversary.knows_electors(MASK)
    gains = {"within_50m": lambda true, guessed: np.hypot(*(true - guessed).T) <= 50}
    exposure = pa.audit(leak, who, truth=world, seed=7)
    traces = pa.read_traces(world.interactions, person="account", item="page", time="time")
    return {
        "exposure": exposure.plot(),
        "own gain": pa.audit(leak, who, truth=world, gains=gains, seed=7).plot(),
        "frontier": pa.frontier(campaign, MASKS, seed=7).plot(),
        "unicity": pa.unicity(traces, points=[1, 2, 4], seed=7).plot(),
        "steps": pa.maps.charts.spatial_k(exposure),
    }


def on_another(svg):
    """Return the pairs of texts that meet, and those that leave the drawing."""
    root = ET.fromstring(re.sub(r"</?tspan[^>]*>|xmlns=\"[^\"]*\"", "", svg))
    texts, _, _ = boxes_of(root)
    assert len(texts) > 5
    wide, tall = map(float, root.get("viewBox").split()[2:])
    beyond = [t.said for t in texts if t.left < -1 or t.right > wide + 1 or t.bottom > tall]
    met = [(a.said, b.said) for k, a in enumerate(texts) for b in texts[k + 1 :] if a.meets(b)]
    return met + beyond


@pytest.mark.heavy
@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("frame", [{}, {"width": "column"}, {"width": 7, "height": 2.8}])
def test_no_text_lies_on_another(figures, tmp_path, name, frame):
    svg = figures[name].save(tmp_path / "one.svg", **frame).read_text("utf-8")
    assert not on_another(svg)
    if "height" in frame:
        wide, tall = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        assert wide / tall == pytest.approx(7 / 2.8, rel=1e-3)
        # Letters of 14 units have 5 points or more on paper.
        assert 14 * 7 * 72 / wide > 5
        assert svg.count('<g transform="translate(') >= PANELS[name]


def test_a_frame_without_room_says_how_high_it_must_be(figures, tmp_path):
    with pytest.raises(ParameterError, match=r"a height of \d+\.\d inches or more") as raised:
        figures["exposure"].save(tmp_path / "one.svg", width=7, height=1)
    least = float(re.search(r"of (\d+\.\d) inches", str(raised.value))[1])
    figures["exposure"].save(tmp_path / "one.png", width=7, height=least)


def test_the_test_sees_an_overlap():
    one = '<svg viewBox="0 0 99 99">{}</svg>'
    at = [(5, 20), (5, 40), (5, 60), (5, 80), (40, 90), (8, 22)]
    assert on_another(one.format("".join(f'<text x="{x}" y="{y}">ab</text>' for x, y in at)))
