"""The town of a simulated story: its plan from addresses, its names, and what can be read of it."""

import re
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

import privaudit as pa
from privaudit.report import town_plan as town_module
from privaudit.report.page import figure_style
from privaudit.report.town_plan import (
    _LANE_HALF,
    Label,
    Window,
    _area,
    _inside,
    blocks_of,
    crossings,
    labels_of,
    overlap,
    plan_of,
    shortened,
    streets_of,
    townscape,
    window_of,
)
from privaudit.results.painter import COLOURS

TITLE = "Valorge-sur-Brune"


@pytest.fixture
def town():
    """Five streets of forty doors, on both sides, and a hamlet far away."""
    rows = []
    for k in range(5):
        for n in range(40):
            rows.append(
                (f"Rue {k}", n, 9.0 * n, 70.0 * k + (10 if n % 2 else -10), 1 + 7 * (k == 2))
            )
    rows += [("Chemin", n, 5_000 + 30 * n, 5_000, 1) for n in range(6)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y", "households"])
    return frame.assign(number=frame["number"].astype(str))


def test_a_street_runs_between_its_odd_and_even_doors(town):
    for k, line in enumerate(list(streets_of(town).values())[1:]):
        assert np.allclose(line[:, 1], 70.0 * k, atol=1.0)
        assert np.ptp(line[:, 0]) > 340


def test_the_window_frames_the_town_and_leaves_the_hamlet_out(town):
    window = window_of(town[["x", "y"]].to_numpy(float), 480)
    inside = window.holds(town[["x", "y"]].to_numpy(float))
    assert inside[:200].all()
    assert not inside[200:].any()
    assert window.size[0] < 500


def test_every_address_is_a_building_as_large_as_its_households(town):
    window = window_of(town[["x", "y"]].to_numpy(float), 480)
    drawn = townscape(plan_of(town, window), window)
    houses = re.search(r'class="house" d="([^"]+)"', drawn)[1]
    boxes = houses.split("M")[1:]
    assert len(boxes) == 200

    def size(box):
        steps = [float(n) for n in re.findall(r"-?\d*\.?\d+", box.split("l")[1])]
        return np.hypot(*steps[:2]) * np.hypot(*steps[2:4])

    sizes = np.array([size(box) for box in boxes])
    assert np.median(sizes[80:120]) > 1.5 * np.median(np.delete(sizes, range(80, 120)))
    assert drawn == townscape(plan_of(town, window), window)


def meet(one, other):
    """Whether two rectangles have a point in common, from a grid of points in the first."""
    share = np.linspace(0, 1, 25)
    grid = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)
    points = one[0] + grid[:, :1] * (one[1] - one[0]) + grid[:, 1:] * (one[3] - one[0])
    sides = np.array([other[1] - other[0], other[3] - other[0]])
    at = (points - other[0]) @ sides.T / (sides**2).sum(axis=1)
    return bool(((at > 0) & (at < 1)).all(axis=1).any())


def test_buildings_stand_beside_one_another_and_not_on_a_street(town):
    """Doors 9 m apart, eight homes behind each of the third street: 18 m wide, they would meet."""
    near = town[town["y"] < 1_000]
    plan = plan_of(near, window_of(near[["x", "y"]].to_numpy(float), 480))
    houses = plan.houses
    assert len(houses) == 200
    assert not any(meet(a, b) for k, a in enumerate(houses) for b in houses[k + 1 : k + 60])
    for corners in houses.reshape(-1, 2):
        away = abs(corners[1] - 70.0 * np.arange(5)).min()
        # Streets are points 3 m apart, so that a corner may be half of that from the next one.
        assert away > np.sqrt(min(plan.half.values()) ** 2 - 1.5**2)


def test_a_street_is_led_on_to_the_one_that_it_meets():
    """A street along x, one that comes down to 30 m above it, and a dead end that leaves it."""
    rows = [("Rue", n, 9.0 * n, 5.0 * (-1) ** n) for n in range(1, 40)]
    rows += [("Allée", n, 200 + 5.0 * (-1) ** n, 30 + 9.0 * n) for n in range(1, 20)]
    rows += [("Rue X", n, 100 + 5.0 * (-1) ** n, -12 - 9.0 * n) for n in range(1, 8)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y"]).assign(households=1)
    frame["street_kind"] = np.where(frame["street"] == "Rue X", "dead_end", "street")
    frame["number"] = frame["number"].astype(str)
    plan = plan_of(frame, window_of(frame[["x", "y"]].to_numpy(float), 480))
    low, high = (plan.streets[name][:, 1] for name in ("Rue X", "Allée"))
    # A metre over the street that is met; the last doors are at -75 and 201.
    assert (high.min(), low.max()) == (pytest.approx(-1, abs=0.5), pytest.approx(1, abs=0.5))
    assert (high.max(), low.min()) == (pytest.approx(210, abs=3), pytest.approx(-84, abs=3))


def test_two_streets_that_end_near_a_corner_meet_there():
    """One along x up to 100, one along y from 40: they meet at (140, 0)."""
    rows = [("Rue", n, 9.0 * n, 5.0 * (-1) ** n) for n in range(1, 12)]
    rows += [("Allée", n, 140 + 5.0 * (-1) ** n, 30 + 9.0 * n) for n in range(1, 12)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y"]).assign(households=1)
    frame["number"] = frame["number"].astype(str)
    plan = plan_of(frame, window_of(frame[["x", "y"]].to_numpy(float), 480))
    assert plan.streets["Rue"][-1] == pytest.approx([141, 0], abs=0.5)
    assert plan.streets["Allée"][0] == pytest.approx([140, -1], abs=0.5)


def test_a_street_too_far_away_is_left_out():
    rows = [("Rue", n, 9.0 * n, 5.0 * (-1) ** n) for n in range(1, 20)]
    rows += [("Rue B", n, 9.0 * n, 50 + 5.0 * (-1) ** n) for n in range(1, 20)]
    rows += [("Loin", n, 9.0 * n, 400 + 5.0 * (-1) ** n) for n in range(1, 10)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y"]).assign(households=1)
    frame["number"] = frame["number"].astype(str)
    plan = plan_of(frame, Window(np.array([-50.0, -50.0]), np.full(2, 600.0), 480))
    assert sorted(plan.streets) == ["Rue", "Rue B"]
    # The two lie side by side: one lane joins them.
    assert [len(lane) for lane in plan.lanes] == [2]
    assert len(plan.houses) == len(frame)


def test_quays_of_one_bank_are_streets_and_no_river():
    """Where the other bank is, and so the river, is not known."""
    rows = [("Rue", 2 * n, 9.0 * n, 60.0) for n in range(1, 20)]
    rows += [("Quai", 2 * n, 9.0 * n, 0.0) for n in range(1, 20)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y"]).assign(households=1)
    frame["street_kind"] = np.where(frame["street"] == "Quai", "quay", "street")
    frame["number"] = frame["number"].astype(str)
    plan = plan_of(frame, window_of(frame[["x", "y"]].to_numpy(float), 480))
    assert len(plan.river) == 0
    assert sorted(plan.streets) == ["Quai", "Rue"]


def test_a_river_is_a_shape_between_its_quays():
    rows = [("Rue A", 2 * k + 1, 20.0 * k, 140.0) for k in range(20)]
    rows += [("Rue B", 2 * k, 20.0 * k, 60.0) for k in range(1, 20)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y"]).assign(households=1)
    frame["number"], frame["street_kind"] = frame["number"].astype(str), "quay"
    window = Window(np.array([0.0, 0.0]), np.array([380.0, 380.0]), 380.0)
    plan = plan_of(frame, window)
    assert plan.flow[:, 1] == pytest.approx(100.0, abs=1)
    here = plan.river[(plan.river[:, 0] > 0) & (plan.river[:, 0] < 380), 1]
    assert ((here > 60) & (here < 140)).all()
    assert here[here < 100].mean() == pytest.approx(200 - here[here > 100].mean(), abs=2)
    assert re.search(r'class="water" d="M[^"]+z"', townscape(plan, window))


def test_blocks_are_the_faces_between_streets():
    """Two streets along x and three along y: two blocks of 100 m by 50 m."""
    lines = [np.array([[-9.0, y], [209.0, y]]) for y in (0.0, 50.0)]
    lines += [np.array([[x, -9.0], [x, 59.0]]) for x in (0.0, 100.0, 200.0)]
    blocks = blocks_of(lines)
    assert [_area(ring) for ring in blocks] == pytest.approx([5_000.0, 5_000.0])
    assert sorted(len(ring) for ring in blocks) == [4, 4]
    assert len(crossings(lines)) == 6


def test_a_block_without_a_door_is_a_park():
    """Four streets around a block of 150 m, with doors on the outer side alone."""
    rows = []
    for k in range(4):
        turn = np.exp(1j * np.pi / 2 * k)
        for n in range(1, 16):
            at = turn * complex(-80 + 10.0 * n, -83.0)
            rows.append((f"Rue {k}", 2 * n, at.real, at.imag, 1))
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y", "households"])
    frame["number"] = frame["number"].astype(str)
    plan = plan_of(frame, window_of(frame[["x", "y"]].to_numpy(float), 480))
    (park,) = plan.parks
    assert 120**2 < abs(_area(park)) < 170**2


def test_a_name_says_nothing_of_what_a_street_is(town):
    """A street called after a square, a quay or a dead end is drawn as any street."""
    named = town.assign(
        street=town["street"].replace({"Rue 1": "Place du Quai", "Rue 2": "Quai X"})
    )
    lines, again = streets_of(town), streets_of(named)
    for name, other in (("Rue 1", "Place du Quai"), ("Rue 2", "Quai X"), ("Rue 3", "Rue 3")):
        assert np.array_equal(lines[name], again[other])
    square = town.assign(street_kind=np.where(town["street"] == "Rue 1", "square", "street"))
    assert len(streets_of(square)["Rue 1"]) == 13


def test_north_is_up():
    window = Window(np.zeros(2), np.array([100.0, 100.0]), 200.0)
    assert window.on(np.array([[0.0, 0.0], [100.0, 100.0]])).tolist() == [[0, 200], [200, 0]]


def test_addresses_without_a_street_are_land():
    places = pd.DataFrame(
        {"street": ["a", "b"], "number": "1", "x": [0.0, 90], "y": [0.0, 90], "households": 1}
    )
    window = window_of(places[["x", "y"]].to_numpy(float), 480)
    drawn = townscape(plan_of(places, window), window)
    assert "land" in drawn
    assert "house" not in drawn


LARGER = [pytest.param(town, marks=pytest.mark.heavy) for town in ((11, 12_000), (23, 6_000))]


@pytest.fixture(scope="module", params=[(7, 6_000), *LARGER])
def simulated(request):
    """The plan of a simulated town, its window, and marks at one address in fourteen."""
    seed, people = request.param
    base = pa.simulate(pa.Town(inhabitants=people), seed=seed).addresses
    places = base.frame.assign(households=1)
    xy = places[["x", "y"]].to_numpy(float)
    window = window_of(xy, 480)
    return plan_of(places, window), window, window.on(xy[::14]), xy


def test_every_street_that_is_drawn_is_joined_to_the_others(simulated):
    plan, _, _, _ = simulated
    lines = [*plan.streets.values(), *plan.lanes]
    assert len(lines) > 20
    # Streets are 6 m wide or more: those whose middles come within 1.5 m are joined.
    parts = [every_metre(line) for line in lines]
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    pairs = owner[cKDTree(np.concatenate(parts)).query_pairs(1.5, output_type="ndarray")].T
    matrix = coo_array((np.ones(pairs.shape[1]), pairs), (len(lines), len(lines)))
    assert connected_components(matrix)[0] == 1


def every_metre(line):
    """Points along a line, no more than a metre apart."""
    return np.concatenate([
        one + np.linspace(0, 1, 2 + int(np.hypot(*(other - one))))[:, None] * (other - one)
        for one, other in pairwise(line)
    ])  # fmt: skip


def test_no_building_of_a_simulated_town_stands_on_a_street_or_on_another(simulated):
    """What finds no place beside its street is not drawn: a hundredth of the buildings, or few."""
    plan, window, _, _ = simulated
    shown = [one for one in plan.houses if np.ptp(one, axis=0).min() > 0]
    assert len(shown) > 0.9 * len(plan.houses)
    lines = [*plan.streets.values(), *plan.lanes]
    half = [*plan.half.values(), *[_LANE_HALF] * len(plan.lanes)]
    points = [every_metre(line) for line in lines]
    street, reach = cKDTree(np.concatenate(points)), np.repeat(half, [len(one) for one in points])
    middles = np.array([one.mean(axis=0) for one in shown])
    for one, near in zip(shown, street.query_ball_point(middles, 20.0), strict=True):
        grid = [(u, v) for u in (0.05, 0.5, 0.95) for v in (0.05, 0.5, 0.95)]
        inner = np.array([one[0] + u * (one[1] - one[0]) + v * (one[3] - one[0]) for u, v in grid])
        away = np.hypot(*np.moveaxis(inner[:, None] - street.data[near], -1, 0))
        # Streets are held to be points 3 m apart.
        assert (away > np.sqrt(reach[near] ** 2 - 1.6**2) - 0.5).all()
    pairs = cKDTree(middles).query_pairs(30.0)
    assert not any(meet(shown[one], shown[other]) for one, other in pairs)
    houses = re.search(r'class="house" d="([^"]+)"', townscape(plan, window))[1]
    assert "l0 0 0 0 0 0z" not in houses


def test_no_building_is_drawn_in_the_river_and_no_street_ends_in_it(simulated):
    plan, _, _, _ = simulated
    shown = np.array([one for one in plan.houses if np.ptp(one, axis=0).min() > 0])
    assert not _inside(shown.reshape(-1, 2), plan.river).any()
    lines = [*plan.streets.values(), *plan.lanes]
    for name, line in [*plan.streets.items(), *(("", lane) for lane in plan.lanes)]:
        for end, before in (line[[0, 1]], line[[-1, -2]]):
            if not _inside(end[None], plan.river)[0]:
                continue
            others = [every_metre(other) for other in lines if other is not line]
            tree = cKDTree(np.concatenate(others))
            # Two streets may meet on a bridge.
            if tree.query(end)[0] > 1.5:
                onward = (end - before) / np.hypot(*(end - before))
                ahead = tree.query(end + np.arange(2, 120)[:, None] * onward)[0].min() < 1
                assert not ahead or name.startswith("Impasse")


def test_parks_are_polygons_without_a_door_that_do_not_overlap(simulated):
    plan, window, _, xy = simulated
    assert plan.parks
    for park in plan.parks:
        assert len(park) >= 3
        assert not _inside(xy, park).any()
    for one, other in combinations(plan.parks, 2):
        assert not _inside(one, other).any()
    assert townscape(plan, window).count('class="green" d="M') == 1


def test_no_name_lies_on_another_or_on_a_mark(simulated):
    plan, window, marks, _ = simulated
    corner = np.array([[0.0, 0], [110, 0], [110, 25], [0, 25]])
    labels = labels_of(plan, window, TITLE, marks, [corner])
    assert len(labels) >= 4
    boxes = [corner, *(label.box() for label in labels)]
    assert not any(overlap(a, b) for a, b in combinations(boxes, 2))
    for label in labels:
        box = label.box()
        assert (box >= 0).all()
        assert (box <= [window.width, window.height]).all()
        # In the frame of the label: no mark of radius 5 within.
        turn = np.exp(-1j * np.deg2rad(label.turn))
        away = ((marks - [label.x, label.y]) @ [1, 1j]) * turn
        wide, tall = label.long / 2, 0.55 * label.size
        assert not ((abs(away.real) < wide + 5) & (abs(away.imag) < tall + 5)).any()


def test_a_name_stands_beside_its_street(simulated):
    plan, window, marks, _ = simulated
    labels = labels_of(plan, window, "Valorge", marks, [], quarters=0)
    lines = {}
    for name, line in plan.streets.items():
        short = shortened(name)
        lines.setdefault(short, []).append(window.on(line))
    for label in labels:
        near = min(
            np.hypot(*(np.array([label.x, label.y]) - point))
            for line in lines[label.text]
            for a, b in pairwise(line)
            for point in a + np.linspace(0, 1, 40)[:, None] * (b - a)
        )
        assert near < 2 * label.size
        assert -90 <= label.turn <= 90


def test_the_river_of_a_commune_is_named_after_it(simulated):
    plan, window, _, _ = simulated
    none = np.empty((0, 2))
    named = [label for label in labels_of(plan, window, TITLE, none, []) if "water" in label.look]
    assert [label.text for label in named] == ["Brune"]
    assert not any("water" in one.look for one in labels_of(plan, window, "Valorge", none, []))


def test_rectangles_overlap_where_they_have_a_point_in_common():
    one = Label("x" * 10, 100, 100, 0).box()
    assert overlap(one, Label("x", 100, 100, 45).box())
    assert overlap(one, Label("x" * 10, 100, 100, 90).box())
    assert not overlap(one, Label("x" * 10, 100, 120, 0).box())
    # Their upright boxes overlap, they do not.
    turned = Label("x" * 10, 100, 100, 45).box()
    assert not overlap(turned, turned + np.array([30, -20]))


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    parts = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_what_the_town_is_drawn_in_can_be_told_apart(theme):
    """Streets from land at 1.5, dots from whatever is below them at 3, text at 4.5 (WCAG 2.2)."""
    colour = {name: pair[theme] for name, pair in COLOURS.items()}
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast(colour["street"], colour["land"]) >= 1.5
    assert contrast(colour["street"], colour["house"]) >= 1.15
    for ground in ("water", "green"):
        assert contrast(colour[ground], colour["land"]) >= 1.2
    for ground in ("land", "street", "house", "water", "green"):
        assert contrast(colour["red"], colour[ground]) >= 3
        assert contrast(colour["ink"], colour[ground]) >= 4.5
    for text in ("soft", "blue", "red", "ink"):
        assert contrast(colour[text], colour["land"]) >= 4.5


def test_print_has_the_colours_of_light():
    assert f"@media print{{:root{{--ink:{COLOURS['ink'][0]}" in figure_style()


def test_a_building_with_a_corner_in_the_river_is_left_out(monkeypatch):
    square = np.array([[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]])
    # The river is between 0 and 40 metres up: dry, with two corners in it, wholly in it.
    houses = square + np.array([[100.0, -60.0], [100.0, 0.0], [100.0, 20.0]])[:, None]
    river = np.array([[-900.0, 0.0], [900.0, 0.0], [900.0, 40.0], [-900.0, 40.0]])
    monkeypatch.setattr(town_module, "_footprints", lambda *_: houses.copy())
    monkeypatch.setattr(town_module, "_banks", lambda *_: river)
    rows = [("Rue", n, 9.0 * n, -60.0 + 20 * (n % 2), 1) for n in range(20)]
    frame = pd.DataFrame(rows, columns=["street", "number", "x", "y", "households"])
    frame["number"] = frame["number"].astype(str)
    plan = plan_of(frame, Window(np.array([0.0, -200.0]), np.array([200.0, 400.0]), 480))
    assert np.ptp(plan.houses, axis=1).tolist() == [[10, 10], [0, 0], [0, 0]]
