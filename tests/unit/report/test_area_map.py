"""The map of real places: areas of eleven people or more, each with its value where it is touched.

Expected counts are made here, from the points and from where each square is drawn.
"""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.geo.address_base import AddressBase
from privaudit.report import maps
from privaudit.report.maps import area_map, area_values, areas_of
from privaudit.report.page import drawings_of, story_page
from privaudit.report.sentences import ResultLookup
from privaudit.report.write import _shown
from privaudit.results.painter import raster
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words, without_marks

AREA = re.compile(r'<g class="area" tabindex="(-?\d+)" role="img"><title>(.*?)</title>(.*?)</g>')


def drawn_of(points, lang="en"):
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points
    )
    words = Words(lang, marked=True, quoted=True)
    study, findings, _ = _shown(study, words)
    results = ResultLookup(study, findings)
    return area_map(study, words, results), area_values(results)


def areas_in(canvas):
    """Return the tab stop and the people of each area, by its title."""
    parts = without_marks("".join(canvas.parts)).replace("\u00a0", " ").replace("\u202f", "")
    return [(int(stop), int(title.split()[0].replace(",", "")), inside)
            for stop, title, inside in AREA.findall(parts)]  # fmt: skip


points_of = st.builds(
    lambda seed, sizes, far: np.vstack(
        [np.random.default_rng([seed, k]).normal(k * far, 150, (n, 2))
         for k, n in enumerate(sizes)]
    ),
    st.integers(0, 99), st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.sampled_from([300, 1_500, 6_000]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(points_of)
def test_no_area_is_drawn_that_holds_fewer_than_eleven(points):
    drawn, values = drawn_of(points)
    if drawn is None:
        assert values == []
        return
    areas = areas_of(points)
    inside = [
        int(((points >= corner) & (points < corner + side)).all(axis=1).sum())
        for corner, side in zip(areas.corner, areas.side, strict=True)
    ]
    expected = [n for n, shown in zip(inside, areas.count, strict=True) if math.isfinite(shown)]
    assert min(expected) >= 11
    assert [n for n, _ in values] == expected
    for canvas in drawn.canvases:
        assert sorted(n for _, n, _ in areas_in(canvas)) == sorted(expected)
    # Withheld areas are two at least: of one, the total would tell the count.
    withheld = len(inside) - len(expected)
    assert withheld != 1
    # No other number stands in a square.
    numbers = [n for _, _, part in areas_in(drawn.canvases[0])
               for n in re.findall(r">(\d+)<", part)]  # fmt: skip
    assert {*map(int, numbers)} <= {*expected}


@pytest.mark.parametrize(
    ("lang", "says"),
    [("en", "40 people in a square 800 m wide"), ("fr", "40 personnes dans un carré de 800 m")],
)
def test_an_area_says_its_people_and_its_width_where_it_is_touched(lang, says):
    # Two squares of 800 m, with forty people each in one quarter.
    points = np.vstack([np.full((40, 2), 100.0), np.full((40, 2), [900.0, 100.0])])
    drawn, _ = drawn_of(points, lang)
    page = without_marks(drawn.html).replace("\u00a0", " ")
    assert page.count(f"<title>{says}") == 4  # two areas, wide and narrow
    assert 'role="group"' in page
    assert 'role="img" aria-labelledby' not in page
    assert len(re.findall(rf'class="say b">{says}', page)) == 4


def test_of_many_areas_none_is_a_stop_of_the_tab_key():
    rng = np.random.default_rng(2)
    spread = rng.uniform(0, 8_000, (6_000, 2))
    few, many = drawn_of(spread[:200])[0], drawn_of(spread)[0]
    stops = [{stop for stop, _, _ in areas_in(one.canvases[0])} for one in (few, many)]
    assert stops == [{0}, {-1}]


def test_a_file_of_the_map_shows_no_text_of_a_touched_area():
    points = np.random.default_rng(1).uniform(0, 1_500, (300, 2))
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points
    )
    drawn = drawings_of(study, Words("en"))["map"]
    assert ".say{visibility:hidden}" in drawn.svg
    texts = ElementTree.fromstring(drawn.svg).iter("{http://www.w3.org/2000/svg}text")
    hidden = [one for one in texts if "say" in one.get("class", "").split()]
    assert hidden
    drawn_texts = []
    with pytest.MonkeyPatch.context() as patch:
        drawn_by = "matplotlib.backends.backend_pdf.RendererPdf.draw_text"
        patch.setattr(drawn_by, lambda *a, **k: drawn_texts.append(a[4]))
        raster(drawn.svg, "pdf", 7, 100)
    assert drawn_texts
    assert not {*drawn_texts} & {one.text for one in hidden}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_names_of_places_are_written_where_they_are_and_on_no_other_text(lang):
    points = np.random.default_rng(3).uniform(0, 4_000, (4_000, 2))
    names = (("Valorge", 1_000.0, 1_000.0), ("Le Bas & Cie", 3_000.0, 3_000.0), ("Loin", 9e4, 9e4))
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points,
        area_names=names,
    )  # fmt: skip
    drawn = drawings_of(study, Words(lang))["map"]
    for canvas in drawn.canvases:
        root = ElementTree.fromstring(without_marks(f"<svg>{''.join(canvas.parts)}</svg>"))
        places = {one.text: one for one in root.iter("text") if one.get("class") == "place"}
        assert {*places} == {"Valorge", "Le Bas & Cie"}
        # West is left, south is below: by the corners of the town.
        x, y = ({name: float(one.get(end)) for name, one in places.items()} for end in ("x", "y"))
        assert x["Valorge"] < x["Le Bas & Cie"]
        assert y["Valorge"] > y["Le Bas & Cie"]
        counts = [one for one in root.iter("text") if (one.get("class") or "").startswith("b")]
        for one in places.values():
            half = 0.5 * 7.1 * len(one.text)
            near = [c for c in counts if abs(float(c.get("y")) - float(one.get("y"))) < 12
                    and abs(float(c.get("x")) - float(one.get("x"))) < half]  # fmt: skip
            assert not near


def test_a_name_hangs_over_no_edge_of_a_map_that_is_taller_than_wide():
    """A street at the left edge was named half on white paper, beside the map."""
    points = np.random.default_rng(3).uniform(0, 1, (900, 2)) * [800.0, 3_200.0]
    names = (("Allée des Chênes", 5.0, 800.0), ("Bourg", 400.0, 2_000.0))
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points,
        area_names=names,
    )  # fmt: skip
    for canvas in drawings_of(study, Words("fr"))["map"].canvases:
        root = ElementTree.fromstring(without_marks(f"<svg>{''.join(canvas.parts)}</svg>"))
        areas = [one for one in root.iter("rect") if one.get("class") == "touch"]
        assert min(float(one.get("x")) for one in areas) > 60
        assert [one.text for one in root.iter("text") if one.get("class") == "place"] == ["Bourg"]


def test_a_map_of_addresses_names_its_towns_and_never_a_place_of_few_doors():
    def base(town, street):
        n = len(street)
        frame = pd.DataFrame({"id": [str(k) for k in range(n)], "number": "1", "street": street,
                              "commune": town, "station": "", "x": np.arange(n, dtype=float),
                              "y": 0.0})  # fmt: skip
        return AddressBase(frame, real=True)

    streets = ["Quai"] * 40 + ["Chemin de Jean Petit"] * 10
    assert [name for name, _, _ in base("99001", streets).place_names()] == ["Quai"]
    codes = ["2A004"] * 15 + ["2B033"] * (len(streets) - 15)
    assert [name for name, _, _ in base(codes, streets).place_names()] == ["Quai"]
    towns = ["Ouest"] * 30 + ["Est"] * 20
    assert base(towns, streets).place_names() == (("Ouest", 14.5, 0.0), ("Est", 39.5, 0.0))


@pytest.mark.parametrize(("n", "says"), [(300, False), (6_000, True)])
def test_a_printed_map_of_many_areas_has_the_largest_in_a_table(n, says):
    """None was printed of more than thirty: a tagged PDF had no header cell."""
    points = np.random.default_rng(2).uniform(0, 8_000, (n, 2))
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points
    )
    words = Words("en", marked=True, quoted=True)
    study, findings, _ = _shown(study, words)
    drawings = drawings_of(study, words, findings)
    page = story_page(study, words, findings, drawings)
    assert ("The areas with the most people; all are in" in page) is says
    assert ".values:has(tr:nth-child(31)){display:none}" not in page


def clusters(seed):
    """Points around the middles of neighbouring squares of 800 m, and of the quarters of one."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 2, 3, 5, 8, 11, 12, 13, 15, 20, 40], int(rng.integers(2, 5))).tolist()
    at = [(800 * k + 400, 400) for k in range(len(sizes))]
    if rng.random() < 0.5:
        sizes += rng.choice([11, 12, 13, 20, 60], 4).tolist()
        at += [(800 * len(at) + 200 + 400 * (k % 2), 200 + 400 * (k // 2)) for k in range(4)]
    return np.repeat(np.array(at, dtype=float), sizes, axis=0) + rng.normal(0, 20, (sum(sizes), 2))


def narrowed_squares(points, areas):
    """Squares of 1 to 10 people whose number the sides, the total and the rule narrow to two."""
    inside = np.array([
        ((points >= corner) & (points < corner + side)).all(axis=1).sum()
        for corner, side in zip(areas.corner, areas.side, strict=True)
    ])  # fmt: skip
    # Where nobody can live nobody is: these squares are known.
    hidden = np.isnan(areas.count) & (inside > 0)
    total, fifth = int(inside[hidden].sum()), len(points) // 5
    top = int(np.nanmin(areas.count)) if np.isfinite(areas.count).any() else total
    # Those that were cut hold eleven at least.
    cut = int((hidden & (areas.side < areas.side.max())).sum())
    known = {}
    for count in set(inside[hidden & (inside < 11)].tolist()):
        others = int(hidden.sum()) - 1 - cut
        fits = {
            value for value in range(1, min(10, fifth) + 1) for small in range(others + 1)
            if small <= fifth - value and small + 11 * (cut + others - small) <= total - value
            <= min(10 * small, fifth - value) + top * (cut + others - small)
        }  # fmt: skip
        assert count in fits
        if max(fits) - min(fits) <= 2:
            known[count] = fits
    return known


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_the_squares_of_a_map_narrow_no_small_count(start):
    for seed in range(start, start + 20):
        points = clusters(seed)
        if len(points) > 10:
            assert narrowed_squares(points, areas_of(points)) == {}


def test_a_square_that_was_cut_told_its_neighbour(monkeypatch):
    """Twelve in two squares of which one was cut from a larger one: eleven there, and one."""
    sizes, at = (1, 15, 11, 13, 20, 20), ((400, 0), (400, 800), *((x, y) for x in (1000, 1400)
                                                              for y in (200, 600)))  # fmt: skip
    points = np.repeat(np.array(at, dtype=float), sizes, axis=0)
    after = areas_of(points)
    assert narrowed_squares(points, after) == {}
    monkeypatch.setattr(maps, "_has_room", lambda counts, hidden: True)
    before = areas_of(points)
    assert narrowed_squares(points, before) == {1: {1}}
    # With the thirteen it would be one of three, with the fifteen too one of seven.
    shown = [sorted(areas.count[np.isfinite(areas.count)]) for areas in (before, after)]
    assert shown == [[13, 15, 20, 20], [20, 20]]


def test_what_no_square_can_hide_is_counted_in_larger_ones():
    """Of twelve in two squares one is in a small one: a fifth would be two at most."""
    points = np.repeat([[400.0, 400.0], [1200.0, 400.0]], (11, 1), axis=0)
    areas = areas_of(points)
    assert areas.count.tolist() == [12]
    assert areas.side.tolist() == [1600]


def doors(street, x, y):
    """Return addresses of a street, odd numbers 5 m north of its middle and even ones south."""
    n = len(x)
    number = np.arange(1, n + 1)
    y = y + np.where(number % 2, 5.0, -5.0)
    return pd.DataFrame({"number": number.astype(str), "street": street, "commune": "99001",
                         "station": "", "x": x, "y": y})  # fmt: skip


def base_of(*streets):
    frame = pd.concat(streets, ignore_index=True)
    return AddressBase(frame.assign(id=[str(k) for k in range(len(frame))]), real=True)


def test_a_street_is_drawn_along_its_doors_where_it_has_eleven():
    along, few = np.linspace(0.0, 570.0, 20), np.linspace(0.0, 90.0, 10)
    # Two streets of one name, 2 km apart, are no line; nor is one of ten doors.
    twice = pd.concat(
        [doors("Mairie", along, 0 * along), doors("Mairie", along, 2_000 + 0 * along)]
    )
    base = base_of(doors("Quai", along, 900 + along / 2), twice, doors("Impasse", few, 0 * few))
    (line,) = base.street_lines()
    assert np.allclose(line[:, 1], 900 + line[:, 0] / 2, atol=0.6)
    assert line[:, 0].min() == pytest.approx(0, abs=9)
    assert line[:, 0].max() == pytest.approx(570, abs=9)


@pytest.mark.parametrize("jitter", [0.0, 0.01])
def test_many_numbers_at_two_homes_are_no_street(jitter):
    x = np.repeat([100.25, 400.25], 6) + jitter * np.arange(12)
    homes = doors("Ferme", x, 0 * x).assign(
        y=50.25, number=[f"{n}{a}" for n in "13" for a in "ABCDEF"]
    )
    assert base_of(homes).street_lines() == ()


@pytest.mark.parametrize("metres", [60.0, 150.0])
def test_doors_at_random_in_a_hamlet_are_no_street(metres):
    for seed in range(60):
        x, y = np.random.default_rng(seed).uniform(0, metres, (2, 11))
        hamlet = doors("Le Hameau", x, y).assign(y=y)
        assert base_of(hamlet).street_lines() == ()
        assert base_of(hamlet.assign(number="")).street_lines() == ()


def test_streets_and_a_length_lie_under_the_areas_at_their_scale():
    points = np.random.default_rng(3).uniform(0, 1_600, (400, 2))
    inside, outside = np.array([[100.0, 100.0], [700.0, 100.0]]), np.array([[9e4, 0.0], [9e4, 9.0]])
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points,
        area_streets=(inside, outside),
    )  # fmt: skip
    for canvas in drawings_of(study, Words("en"))["map"].canvases:
        root = ElementTree.fromstring(without_marks(f"<svg>{''.join(canvas.parts)}</svg>"))
        (road,) = [one for one in root.iter("path") if one.get("class") == "road"]
        ends = [float(v) for v in re.findall(r"[-\d.]+", road.get("d"))]
        # Squares of 400 m, cut from those of 800 m, hold 11 people or more.
        said = [
            one for one in root.iter("title") if "400 m wide" in one.text.replace("\u00a0", " ")
        ]
        group = next(g for g in root.iter("g") if said[0] in list(g))
        metre = (float(group.find("rect").get("width")) + 1) / 400
        assert ends[2] - ends[0] == pytest.approx(600 * metre, rel=0.02)
        (bar,) = [one for one in root.iter("path") if one.get("class") == "axis"]
        x = [float(v) for v in re.findall(r"[-\d.]+", bar.get("d"))]
        texts = [(one.text or "").replace("\u00a0", " ") for one in root.iter("text")]
        (metres,) = [int(t[:-2].replace(",", "")) for t in texts if re.fullmatch(r"[\d,]+ m", t)]
        assert x[2] - x[0] == pytest.approx(metres * metre, rel=0.02)


def drawn_with(points, *streets):
    study = Study(
        kind="map", title="x", provenance="audited file", real_places=True, area_points=points,
        area_streets=streets,
    )  # fmt: skip
    return drawings_of(study, Words("en"))["map"]


@pytest.mark.parametrize(("n", "says"), [(200, True), (6_000, False)])
def test_a_map_sends_nobody_to_the_tab_key_that_stops_at_no_area(n, says):
    """Of more than sixty areas none is a stop; the hint sent a reader to each by that key."""
    drawn = drawn_with(np.random.default_rng(2).uniform(0, 8_000, (n, 2)))
    for canvas in drawn.canvases:
        text = " ".join(re.findall(r'<text[^>]*class="soft hint">(.*?)</text>',
                                   without_marks("".join(canvas.parts))))  # fmt: skip
        assert "Touch an area" in text
        assert ("Tab key" in text) is says
        assert ('tabindex="0"' in "".join(canvas.parts)) is says


def test_a_number_stands_on_a_street_and_what_is_withheld_is_hatched_under_the_areas():
    points = np.random.default_rng(3).uniform(0, 1_600, (400, 2))
    lone = np.array([[3_000.0, 3_000.0]])
    drawn = drawn_with(np.vstack([points, lone]), np.array([[100.0, 100.0], [700.0, 100.0]]))
    for canvas in drawn.canvases:
        root = ElementTree.fromstring(without_marks(f"<svg>{''.join(canvas.parts)}</svg>"))
        # What is drawn later covers what was drawn before.
        order = [(one.get("class") or "").split(" ")[0] for one in root]
        ground, paper, tint = (order.index(look) for look in ("hatch", "paper", "a2"))
        assert max(k for k, look in enumerate(order[:ground]) if look == "hidden") < ground
        assert ground < paper < tint < order.index("road") < order.index("area")
        # Each area is covered with paper to the pixel where the next begins, and tinted once.
        covers = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", root[paper].get("d"))
        areas = [one.find("rect") for one in root if one.get("class") == "area"]
        assert [(x, y) for x, y, _, _ in covers] == [(r.get("x"), r.get("y")) for r in areas]
        assert [float(w) - 1 for *_, w, _ in covers] == pytest.approx(
            [float(r.get("width")) for r in areas], abs=0.11
        )
        tints = [one.get("d") for one in root if re.fullmatch(r"a[1-4]", one.get("class") or "")
                 and one.tag == "path"]  # fmt: skip
        assert "".join(tints).count("z") == len(areas)


def test_a_picture_of_its_own_asks_nobody_to_touch_it(monkeypatch):
    texts = []
    drawn_by = "matplotlib.backends.backend_pdf.RendererPdf.draw_text"
    monkeypatch.setattr(drawn_by, lambda *a, **k: texts.append(a[4]))
    raster(drawn_with(np.random.default_rng(3).uniform(0, 1_600, (400, 2))).svg, "pdf", 7, 100)
    assert texts
    assert not [text for text in texts if "Touch" in text or "Tab key" in text]
