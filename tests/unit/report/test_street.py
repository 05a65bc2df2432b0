"""The street of the invented family: what each step draws, and the map three times."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.report.maps import street_of
from privaudit.report.page import drawings_of, story_page
from privaudit.report.town_plan import plan_of, window_of
from privaudit.studies.study import Explorer, Study
from privaudit.words.catalogues import Words

VIEW = "donut:50:200"
EAST = np.array([100.0, 0.0])
STEPS = ["like", "score", "name", "door", "open", "grey", "seen"]


@pytest.fixture(scope="module")
def study():
    """A simulated town with a dot at one address in eleven, moved 100 m to the east."""
    places = pa.simulate(pa.Town(inhabitants=6_000), seed=23).addresses.frame.assign(households=1)
    home = np.arange(0, len(places), 11)
    xy = places[["x", "y"]].to_numpy(float)[home]
    visited = np.arange(len(home)) % 3 == 0
    status = np.where(visited, "visited", "to_meet")
    exact, moved = (
        pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "status": status})
        for points in (xy, xy + EAST)
    )
    # Too few people for the explorer: the page has no script.
    counts = pd.DataFrame({"view": ["exact"], "n": [5]})
    shown = Explorer(
        counts=counts, moved={"exact": xy, VIEW: xy + EAST}, home=home,
        visited=visited, doors=1.0, weight={},
    )  # fmt: skip
    # Another order than that of the explorer, as in a demo.
    order = np.random.default_rng(5).permutation(len(home))
    return Study(
        kind="demo", title="Valorge-sur-Brune", provenance="simulated", real_places=False,
        dots=exact.iloc[order].reset_index(drop=True), addresses=places,
        blurred={VIEW: moved.iloc[order].reset_index(drop=True)}, explorer=shown,
    )  # fmt: skip


@pytest.fixture(scope="module")
def drawn(study):
    window = window_of(study.addresses[["x", "y"]].to_numpy(float), 480)
    plan = plan_of(study.addresses, window)
    return plan, street_of(study, plan, window, Words("en"), VIEW)


def circles(svg, look):
    pattern = rf'<circle class="{look}" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"'
    return [tuple(map(float, found)) for found in re.findall(pattern, svg)]


def test_the_dot_of_the_family_is_a_visited_dot_of_the_map(study, drawn):
    _, street = drawn
    same = (study.dots[["x", "y"]] == street.dot).all(axis=1)
    assert study.dots.loc[same, "status"].tolist() == ["visited"]
    x, y = street.window.on(street.dot)
    for step, look in (("door", "s-red"), ("open", "s-red"), ("grey", "s-grey")):
        assert circles(street.added[step], look)[0][:2] == pytest.approx((x, y), abs=0.06)
    # The middle of the street is the same place.
    assert (x, y) == pytest.approx((street.window.width / 2, street.window.height / 2))


def test_each_step_draws_what_it_says(drawn):
    _, street = drawn
    assert list(street.added) == STEPS
    marks = {
        key: [look for look in ("s-own", "s-red", "s-grey", "s-caller", "s-child", "s-sight")
              if f'class="{look}"' in svg]
        for key, svg in street.added.items()
    }  # fmt: skip
    assert marks["like"] == marks["score"] == []
    assert marks["name"] == ["s-own"]
    assert marks["door"] == ["s-own", "s-red"]
    assert marks["open"] == ["s-own", "s-red", "s-caller", "s-child"]
    assert marks["grey"] == ["s-own", "s-grey"]
    assert {"s-own", "s-grey", "s-sight"} <= set(marks["seen"])
    assert [svg.count("s-icon") for svg in street.added.values()][:4] == [1, 2, 3, 3]


def test_the_neighbours_who_look_see_every_dot_of_the_street(study, drawn):
    _, street = drawn
    seen = street.added["seen"]
    dots = study.dots[street.window.holds(study.dots[["x", "y"]])]
    red, grey = (int((dots["status"] == status).sum()) for status in ("to_meet", "visited"))
    assert (len(circles(seen, "s-red")), len(circles(seen, "s-grey"))) == (red, grey)
    assert 1 <= seen.count("s-eye") <= 5


def test_the_ring_holds_the_houses_that_a_moved_dot_may_stand_for(study, drawn):
    plan, street = drawn
    moved = street.dot + EAST
    blurred = street.thrice["blurred"]
    scale = 480 / (2.16 * 200)
    assert [r for _, _, r in circles(blurred, "s-reach")] == pytest.approx(
        [50 * scale, 200 * scale], abs=0.1
    )
    assert circles(blurred, "s-family")[0][:2] == pytest.approx((240, 240), abs=0.1)
    away = np.hypot(*(plan.houses.mean(axis=1) - moved).T)
    red = re.search(r'class="s-may" d="([^"]*)"', blurred)[1]
    built = np.ptp(plan.houses, axis=1).any(axis=1)
    assert red.count("M") == (built & (away >= 50) & (away <= 200)).sum() > 3
    # The same window, and the dot 100 m to the west.
    before = circles(street.thrice["before"], "s-family")[0]
    assert before[:2] == pytest.approx((240 - 100 * scale, 240), abs=0.1)


def test_without_a_right_no_dot_is_seen(drawn):
    _, street = drawn
    assert list(street.thrice) == ["before", "blurred", "closed"]
    for key, svg in street.thrice.items():
        assert ("<circle" in svg) == (key != "closed")
        assert svg.count(">Simulation</text>") == 1


def test_names_of_the_street_stand_clear_of_what_a_step_draws(drawn):
    _, street = drawn
    names = re.findall(r'<text class="place" x="([\d.]+)" y="([\d.]+)"', street.over)
    assert names
    seats = re.findall(r's-eye" transform="translate\(([\d.-]+) ([\d.-]+)\)"', street.added["seen"])
    marks = [street.window.on(street.dot), *(np.array(s, float) + 20 for s in seats)]
    for name in names:
        assert min(np.hypot(*(np.array(name, float) - mark)) for mark in marks) > 20


@pytest.mark.heavy
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_step_stands_in_the_page_with_a_picture_of_its_own(study, exposed, lang):
    views = [exposed("holds_register", view, 190, 0.5, 0.0) for view in ("exact", VIEW)]
    study = replace(study, exposures=tuple(views), explorer=study.explorer)
    words = Words(lang)
    page = story_page(study, words, (), drawings_of(study, words))
    part = page[
        page.index('<section id="meyer"') : page.index("</section>", page.index('id="meyer"'))
    ]
    assert re.findall(r'<li data-step="(\w+)"', part) == STEPS
    assert part.count('<svg class="pv still"') == len(STEPS)
    assert '<div class="now" hidden>' in part
    for step in STEPS:
        assert f'<use href="#step-{step}"/>' in part
        assert f'<g id="step-{step}">' in part
        assert words(f"steps.{step}_head") in part.replace("&#39;", "'")
    # Figures of the page itself, and nothing else.
    assert set(re.findall(r'href="([^"]+)"', part)) == {
        "#street", "#far-street", *(f"#step-{step}" for step in STEPS)
    }  # fmt: skip
    assert part.count("data-mark=") == len(STEPS)
    # The mark of a small step stands above it: within, it lay over houses.
    (rule,) = re.findall(r"[}\n]\.steps \[data-mark\]::before\{([^}]*content[^}]*)\}", page)
    assert "position" not in rule
    assert "display:block" in rule


def test_without_an_explorer_the_steps_are_text(study, exposed):
    views = [exposed("holds_register", view, 190, 0.5, 0.0) for view in ("exact", VIEW)]
    study = replace(study, exposures=tuple(views), explorer=None)
    words = Words("en")
    page = story_page(study, words, (), drawings_of(study, words))
    assert re.findall(r'<li data-step="(\w+)"', page) == [*STEPS, "closed"]
    assert 'class="pv still"' not in page
