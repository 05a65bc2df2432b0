"""Blocks, their cuts and the doors along their streets, on a plane whose points are complex."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.simulation import streets
from privaudit.simulation.spatial_statistics import _bearings
from privaudit.simulation.streets import FIELDS, RIVER, Doors, Fabric, PlotRows

# A rectangle of 200 m by 100 m, and the street of each side.
OBLONG = [(0j, 1), (200 + 0j, 2), (200 + 100j, 3), (100j, 4)]


def fabric(**more):
    """Streets without any chance: plots of ten metres, all alike."""
    usual = {
        "block": 1.0, "outward": 0.0, "uneven": 0.0, "plot": 10.0, "plots": 0.0, "rows": 0.0,
        "width": 16.0, "widths": 0.0, "bare": 0.0, "blind": 0.0, "gables": 0.0, "slender": 2.0,
        "lean": 0.0, "crossing": 0.0, "square": 1.0, "bend": 0.0,
    }  # fmt: skip
    return Fabric(**(usual | more))


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def corners(block):
    return [z for z, _ in block]


@pytest.mark.parametrize(
    ("block", "area"),
    [
        (OBLONG, 20_000), (OBLONG[:3], 10_000), (OBLONG[::-1], -20_000),
        ([(0j, 1), (1 + 0j, 1)], 0),
    ],
)  # fmt: skip
def test_the_area_of_a_block_is_positive_counterclockwise(block, area):
    assert streets._area(block) == pytest.approx(area)


def test_a_cut_parts_a_block_and_gives_both_parts_the_new_street():
    left, right = streets._cut(OBLONG, 50 + 0j, 1j, 9)
    # Left of a line to the north is the west.
    assert sorted(corners(left), key=abs) == [0j, 50 + 0j, 100j, 50 + 100j]
    assert streets._area(left) == pytest.approx(5_000)
    assert streets._area(right) == pytest.approx(15_000)
    assert sum(street == 9 for _, street in left) == sum(street == 9 for _, street in right) == 1
    # Each part keeps the streets that it had.
    assert {street for _, street in left} == {1, 3, 4, 9}
    assert {street for _, street in right} == {1, 2, 3, 9}


@pytest.mark.parametrize("origin", [300 + 0j, -1 + 0j, 200 + 0j])
def test_a_line_beside_a_block_leaves_it_whole(origin):
    (whole,) = streets._cut(OBLONG, origin, 1j, 9)
    assert streets._area(whole) == pytest.approx(20_000)


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.2])
def test_the_smallest_rectangle_around_a_block_is_long_along_its_length(turn):
    about = np.exp(1j * turn)
    middle, along, long, deep = streets._box([(complex(z * about), s) for z, s in OBLONG])
    assert middle == pytest.approx((100 + 50j) * about)
    assert abs((along * about.conjugate()).imag) == pytest.approx(0, abs=1e-9)
    assert (long, deep) == pytest.approx((200, 100))
    _, along, long, deep = streets._box([(z * 1j, s) for z, s in OBLONG])
    assert abs(along.real) == pytest.approx(0, abs=1e-9)
    assert (long, deep) == pytest.approx((200, 100))


def test_sides_under_a_metre_have_no_direction():
    tiny = [(0j, 1), (0.9 + 0j, 1), (0.9j, 1)]
    assert streets._box(tiny[:2]) == (0j, 1 + 0j, 0.0, 0.0)
    assert streets._box([(0j, 1), (1 + 0j, 1), (1 + 1j, 1), (1j, 1)])[2:] == (1.0, 1.0)


def test_a_field_of_waves_has_mean_nought_and_variance_one():
    """Of four sines whose sum is over the square root of two, over many fields and points."""
    at = np.random.default_rng(1).uniform(-5e4, 5e4, (2_000, 2)) @ [1, 1j]
    heights = [streets.waves(np.random.default_rng(seed), 700.0)(at) for seed in range(30)]
    assert np.mean(heights) == pytest.approx(0, abs=0.05)
    assert np.var(heights) == pytest.approx(1, abs=0.05)
    assert np.abs(heights).max() <= 4 / math.sqrt(2)


def test_setbacks_are_small_and_end_at_six_metres(rng):
    drawn = streets.setbacks(200_000, rng)
    assert drawn.min() >= 0
    assert drawn.max() == 6.0
    # .12 sinh(2 |z|), the median of |z| being .6745.
    assert np.median(drawn) == pytest.approx(0.12 * math.sinh(2 * 0.6745), abs=0.005)
    # Beyond z with 2 z = asinh(50): in about 2 of 100.
    assert np.mean(drawn == 6.0) == pytest.approx(math.erfc(math.asinh(50) / 2 / math.sqrt(2)),
                                                  abs=0.002)  # fmt: skip


def test_a_river_passes_the_centre_and_two_roads_cross_squarely(rng):
    for _ in range(20):
        (river, flows), *roads = streets._main_roads(1_000.0, 1.0, rng)
        # A bit over a third of the radius from the centre, within a quarter of a radian.
        assert abs(river) == pytest.approx(360)
        assert abs(np.angle(flows)) <= 0.25
        assert (river / flows).imag == pytest.approx(-360)
        assert len(roads) == 3
        between = np.angle(roads[1][1] / roads[0][1])
        assert abs(between - math.pi / 2) <= 0.2
        assert all(14 <= abs(origin) <= 34 for origin, _ in roads)
        third = np.angle(roads[2][1] / roads[0][1])
        assert 0.6 <= third <= 1.0


def rows_of(length, half=8.0):
    return PlotRows(np.array([0j]), np.array([length + 0j]), np.array([5]), np.array([half]),
                    np.array([7]), np.array([11.0]), np.array([length - 11.0]))  # fmt: skip


@pytest.mark.parametrize(("length", "doors"), [(22, 0), (132, 11), (222, 20)])
def test_doors_stand_a_plot_apart_between_the_corners_of_a_row(rng, length, doors):
    """At both ends eleven metres are left free."""
    origin, bearing = np.zeros(6, complex), np.ones(6, complex)
    found = streets.doors_along(rows_of(length), (origin, bearing), np.array([10.0]), fabric(), rng)
    assert abs(len(found.at) - doors) <= 1
    if doors:
        np.testing.assert_allclose(np.diff(found.at.real), 10.0)
        assert found.at.real.min() >= 11.0
        assert found.at.real.max() <= length - 11.0
        # Left of the middle of the street, behind its half, by a setback.
        assert (found.at.imag >= 8.0).all()
        assert (found.at.imag <= 14.0).all()
        assert found.left.all()
        np.testing.assert_allclose(found.along, found.at.real)
        assert set(found.street) == {5}
        assert set(found.block) == {7}


@pytest.mark.parametrize(
    ("turn", "low"), [(90.0, 38.0), (135.0, 38.0 * 2**0.5 - 8.0), (45.0, 35.0 * 2**0.5 + 14.0)]
)
def test_a_row_ends_beside_the_street_that_it_meets(turn, low):
    """On a street of half 8 from one of half 35: 3 m beyond, and a door 6 m back is not on it.

    The latter counts where the corner of the block is sharp.
    """
    across = complex(np.exp(1j * np.deg2rad(turn)))
    block = [(0j, 1), (400 + 0j, 2), (400 + 400 * across, 3), (400 * across, 4)]
    plan = streets._Plan(blocks=[block])
    half = np.array([0.0, 8.0, 2.0, 3.0, 35.0])
    rows = streets._rows(plan, half, fabric(), np.random.default_rng(1))
    none = streets.Through(np.array([], complex), np.array([], complex), np.array([]))
    cut = streets._between_streets(rows, streets._sides(plan, half), none, np.array([], int))
    assert cut.low[0] == pytest.approx(low)
    # A street of half 2 at the other end, where the angle is the supplement; a row ends there.
    other = {90.0: 5.0, 135.0: 2.0 * 2**0.5 + 14.0, 45.0: 0.0}[turn]
    assert 400 - cut.high[0] == pytest.approx(other)


def test_a_row_ends_at_a_river_that_its_block_does_not_touch():
    block = [(0j, 1), (200 + 0j, 2), (200 + 100j, 3), (100j, 4)]
    plan = streets._Plan(blocks=[block])
    half = np.full(5, 4.0)
    rows = streets._rows(plan, half, fabric(), np.random.default_rng(1))
    river = streets.Through(np.array([-10 + 0j]), np.array([1j]), np.array([36.0]))
    cut = streets._between_streets(rows, streets._sides(plan, half), river, np.array([], int))
    assert cut.low[0] == pytest.approx(36 + 3 - 10)
    # Its banks are no place for the doors of the street beside.
    assert cut.low[3] >= cut.high[3]


def test_doors_of_other_streets_are_numbered_behind():
    one = Doors(np.zeros(2, complex), np.array([0, 3]), np.zeros(2), np.zeros(2, bool),
                np.zeros(2, int), np.zeros(2))  # fmt: skip
    both = one.and_others(one)
    assert both.street.tolist() == [0, 3, 4, 7]
    assert both.taken(np.array([3, 0])).street.tolist() == [7, 0]


def test_fields_have_no_doors_and_a_dead_end_has_two_sides(rng):
    plan = streets._Plan(blocks=[[(0j, FIELDS), (200 + 0j, 1), (200 + 100j, 2), (100j, 3)]])
    for _ in range(5):
        plan.street(0j, 2 + 0j)
    assert plan.direction == [1 + 0j] * 5
    half = np.arange(5.0)
    rows = streets._rows(plan, half, fabric(), rng)
    assert rows.street.tolist() == [1, 2, 3]
    assert rows.half.tolist() == [1, 2, 3]
    plan.dead_ends.append((200 + 50j, 150 + 50j, 4, 0, 1))
    rows = streets._rows(plan, half, fabric(), rng)
    assert rows.street.tolist() == [1, 2, 3, 1, 4, 4]
    assert rows.start[-2:].tolist() == [150 + 50j, 200 + 50j]
    assert rows.end[-2:].tolist() == [200 + 50j, 150 + 50j]
    # Its half is 4: the side that it leaves goes on 7 m beyond its middle, and it ends 7 m early.
    assert list(zip(rows.low, rows.high, strict=True)) == [
        (0, 43), (0, 200), (0, 100), (57, 100), (7, 50), (0, 43),
    ]  # fmt: skip
    assert streets._rows(plan, half, fabric(bare=1.0), rng).street.size == 0
    # Of an oblong the sides of a hundred are short beside those of two hundred.
    assert streets._rows(plan, half, fabric(gables=1.0), rng).street.tolist() == [2, 4, 4]
    assert streets._rows(plan, half, fabric(blind=1.0), rng).street.tolist() == [1, 3, 1, 4, 4]


def test_a_dead_end_leaves_the_longest_side_that_is_no_river():
    plan = streets._Plan(blocks=[OBLONG])
    for _ in range(5):
        plan.street(0j, 1 + 0j)
    streets._dead_end(plan, [(0j, RIVER), *OBLONG[1:]], 100.0)
    ((start, end, street, block, side),) = plan.dead_ends
    assert (start, street, block, side) == (100 + 100j, 5, 0, 2)
    assert end == pytest.approx(100 + 38j)
    streets._dead_end(plan, [(z, FIELDS) for z, _ in OBLONG], 100.0)
    assert len(plan.dead_ends) == 1


@pytest.mark.parametrize(("enough", "blocks"), [(20_000.0, 1), (19_999.0, 2), (9_000.0, 2)])
def test_blocks_are_cut_until_none_is_larger_than_wanted(rng, enough, blocks):
    plan = streets._Plan()
    plan.street(0j, 1 + 0j)
    streets._cut_up(plan, [OBLONG], lambda z: enough, fabric(), rng)
    assert len(plan.blocks) >= blocks
    assert sum(map(streets._area, plan.blocks)) == pytest.approx(20_000)
    if blocks == 1:
        assert plan.blocks == [OBLONG]
    # What is shorter than two of the shortest is left.
    small = [(0j, 1), (123 + 0j, 2), (123 + 60j, 3), (60j, 4)]
    alone = streets._Plan()
    streets._cut_up(alone, [small], lambda z: 1.0, fabric(), rng)
    assert alone.blocks == [small]


def test_a_town_has_doors_within_its_radius(rng):
    doors, dead, _ = streets.plan_streets(400.0, fabric(), rng=rng)
    assert len(doors.at) > 100
    assert np.abs(doors.at).max() <= 400.0
    # Nobody lives on the river: its half is thirty-two metres and half a street.
    river = doors.street == RIVER
    assert np.abs(doors.at[river].imag).min(initial=999) > 0
    assert set(dead) <= set(range(doors.street.max() + 1 + len(dead)))


@pytest.mark.parametrize(
    ("apart", "known"), [(3.0, False), (3.1, True), (79.9, True), (80.0, False)]
)
def test_a_street_has_its_bearing_from_doors_over_3_and_under_80_metres_apart(apart, known):
    """Doors at one point, or of two parts of a street, have none."""
    frame = pd.DataFrame({"number": ["1", "3"], "street": "A", "commune": "9"})
    base = SimpleNamespace(frame=frame, xy=np.array([[0.0, 0.0], [0.0, apart]]))
    bearing, _ = _bearings(base)
    assert np.isfinite(bearing).tolist() == [known] * 2
    assert not known or bearing == pytest.approx([np.pi / 2] * 2)
