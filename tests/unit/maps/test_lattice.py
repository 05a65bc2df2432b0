"""Lattices of snapped dots, and masks that snap to known points: where each begins and ends."""

import math

import numpy as np
import pytest

from privaudit.geo.neighbours import Pairs
from privaudit.maps.lattice import (
    Lattice,
    PlacedCells,
    PlacedDraws,
    PlacedLeft,
    _fitted,
    lattice_of,
)

SQUARES = Lattice(np.zeros(2), 100.0 * np.eye(2))


def square(n, side=100.0):
    """So many points of a lattice of squares, row by row of five."""
    return side * np.stack(np.divmod(np.arange(n), 5), axis=1)


def all_pairs(dots, places):
    apart = np.hypot(*(dots[:, None] - places).transpose(2, 0, 1))
    rows = np.arange(len(dots) + 1) * len(places)
    return Pairs(rows, np.tile(np.arange(len(places)), len(dots)), apart.ravel())


def test_the_nearest_point_is_that_of_all_points_around():
    basis = np.array([[10.0, 1.0], [4.0, 9.0]])
    lattice = Lattice(np.array([3.0, -2.0]), basis)
    points = np.random.default_rng(1).uniform(-40, 40, (300, 2))
    grid = np.stack(np.meshgrid(np.arange(-20, 21), np.arange(-20, 21)), -1).reshape(-1, 2)
    every = lattice.origin + grid @ basis
    best = np.hypot(*(points[:, None] - every).transpose(2, 0, 1)).argmin(axis=1)
    assert lattice.nearest(points) == pytest.approx(every[best])
    # Of 10 by 9, less 4 by 1; nobody is farther from a point than half of both sides.
    assert lattice.area == Lattice(lattice.origin, basis[::-1]).area == pytest.approx(86)
    assert lattice.reach == pytest.approx((math.hypot(10, 1) + math.hypot(4, 9)) / 2)


@pytest.mark.parametrize("side", [2.1, 100.0, 1_000.0])
def test_a_lattice_is_beyond_chance_from_seven_points_on(side):
    """Of each point beyond four ln(1 / (.02^2 pi)) = 6.7 nats at most; fifteen are asked for."""
    if side > 50:
        found = lattice_of(square(7, side))
        assert found.area == pytest.approx(side**2)
        assert lattice_of(square(6, side)) is None
    # Narrow cells hold points by chance: of those half a metre wide none is 2 m from another.
    many = square(400, side)
    assert lattice_of(many).area == pytest.approx(side**2)
    assert lattice_of(many * 1.9 / side) is None


def test_one_stray_in_twenty_is_left_out_and_two_are_no_lattice():
    points, origin, tolerance = square(20), np.zeros(2), 0.5
    points[7] += [31, 43]
    assert _fitted(points, origin, SQUARES.basis, tolerance).area == pytest.approx(10_000)
    points[12] += [-27, 39]
    assert _fitted(points, origin, SQUARES.basis, tolerance) is None


@pytest.mark.parametrize("strays", [1, 3])
@pytest.mark.parametrize("seed", [1, 4, 8, 10])
def test_strays_make_no_finer_lattice_that_holds_the_others_too(seed, strays):
    """Of 60 dots on squares of 100 m, strays made cells of 8 to 18 square metres in seven of 40."""
    rng = np.random.default_rng(seed)
    whole = np.unique(rng.integers(0, 12, (120, 2)), axis=0)
    rng.shuffle(whole)
    points = whole[:60] * 100.0
    off = rng.choice(60, strays, replace=False)
    points[off] += rng.uniform(10, 90, (strays, 2)).round(2)
    assert lattice_of(points).area == pytest.approx(10_000, rel=1e-3)


def test_points_may_lie_off_by_their_tolerance_or_a_fiftieth_of_a_cell():
    rng = np.random.default_rng(2)
    points = square(200, 20.0)
    turn = 2 * np.pi * rng.random(200)
    off = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    assert lattice_of(points + 0.45 * off).area == pytest.approx(400, rel=0.01)
    assert lattice_of(points + 0.7 * off) is None
    assert lattice_of(points + 0.7 * off, 0.8).area == pytest.approx(400, rel=0.01)
    # A fiftieth of 100 m is 2 m.
    assert lattice_of(square(200) + 1.8 * off).area == pytest.approx(10_000, rel=0.01)
    assert lattice_of(square(200) + 2.3 * off) is None


def test_points_in_one_line_make_no_lattice():
    assert lattice_of(np.stack([np.arange(40) * 50.0, np.zeros(40)], axis=1)) is None
    assert lattice_of(np.arange(40)[:, None] * [30.0, 40.0]) is None
    assert lattice_of(np.zeros((40, 2))) is None


def test_few_distant_points_show_the_periods_of_their_axes():
    """No two are neighbours; chess fields are a lattice of squares turned by half a right angle."""
    rng = np.random.default_rng(4)
    whole = rng.integers(0, 60, (24, 2))
    points = whole * [70.0, 110.0] + [5, 9] + rng.uniform(-0.3, 0.3, (24, 2))
    found = lattice_of(points)
    assert np.abs(found.basis[np.abs(found.basis) > 1]) == pytest.approx([70, 110], rel=0.01)
    whole[:, 0] += whole.sum(axis=1) % 2
    chess = lattice_of(whole * 100.0 + rng.uniform(-0.3, 0.3, (24, 2)))
    assert chess.area == pytest.approx(20_000, rel=0.01)


def test_a_dot_left_in_place_is_of_the_nearest_address_within_so_many_metres():
    places = np.array([[0.0, 0], [4.0, 0], [4.0, 0.05], [60.0, 0]])
    left = PlacedLeft(places=places, shift=(3.0, 4.0), within=5.0)
    dots = np.array([[3.0, 4.0], [7.0, 4.0], [3.0, 9.0], [3.0, 9.01], [68.0, 4.0]])
    even = 1 / (math.pi * 25)
    found = left.likelihood(dots, all_pairs(dots, places), 0.1).reshape(5, 4)
    # Of two within the rounding either; five metres off, of the nearest alone; farther, of none.
    want = [[1, 0, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    assert found == pytest.approx(even * np.array(want))
    assert left.reach_of(dots).tolist() == [10.0] * 5
    assert left.moved(dots, np.empty((0, 5))) is dots
    assert PlacedLeft(places=places, shift=(0.0, 0.0)).within == 5.0


def test_a_cell_shows_each_of_its_addresses_at_its_point_or_its_corner():
    places = np.array([[10.0, 10], [90.0, 10], [210.0, 10]])
    cells = PlacedCells(places=places, lattice=SQUARES, allowed=2.0, corner=np.zeros(2))
    dots = np.array([[0.0, 0], [100.0, 2.0], [100.0, 2.01], [200.0, 0]])
    found = cells.likelihood(dots, all_pairs(dots, places)).reshape(4, 3)
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert cells.reach_of(dots).tolist() == [102.0] * 4
    corner = PlacedCells(places=places, lattice=SQUARES, allowed=2.0, corner=np.array([30.0, 40]))
    # 40, 120 and 240 m east, 60 m north.
    at = places + np.array([0.0, 10])
    assert corner.moved(at, np.empty((0, 3))).tolist() == [[0, 100], [100, 100], [200, 100]]
    assert corner.reach_of(dots).tolist() == [152.0] * 4


def test_cells_are_drawn_within_eight_times_the_fall_and_no_farther():
    """Cells at 0, 100 and 700 m; the last is e^-7 times as likely where one in e is by 100 m."""
    places = np.array([[0.0, 1], [100.0, 1], [700.0, 1]])
    dots = np.array([[0.0, 0], [700.0, 0], [300.0, 0], [700.0, 2.0], [700.0, 2.01]])
    pairs = all_pairs(dots, places)
    cells = PlacedDraws(places=places, lattice=SQUARES, allowed=2.0, fall=100.0)
    first = 1 + math.exp(-1) + math.exp(-7)
    found = cells.likelihood(dots, pairs).reshape(5, 3)
    assert found[:2, 0] == pytest.approx([1 / first, math.exp(-7) / first])
    # The middle of no address shows nothing, nor does a dot too far off its point.
    assert found[[2, 4]].tolist() == [[0] * 3] * 2
    assert found[3].tolist() == found[1].tolist()
    assert cells.reach_of(dots).tolist() == [100 + 2 + 800] * 5
    # Of 85 m the last is 8.2 times as far, of 88 m 7.95 times.
    for fall, reached in ((85.0, False), (88.0, True)):
        near = PlacedDraws(places=places, lattice=SQUARES, allowed=2.0, fall=fall)
        assert (near.likelihood(dots, pairs).reshape(5, 3)[1, 0] > 0) is np.bool_(reached)
    # Whoever stands in no cell is shown at the nearest point; the lowest number draws the first.
    at = np.array([[310.0, 0], [0.0, 1], [0.0, 1]])
    shown = cells.moved(at, np.array([[0.5, 0.0, 1 - 1e-9]]))
    assert shown.tolist() == [[300, 0], [0, 0], [700, 0]]
