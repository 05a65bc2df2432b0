"""Ripley, Moran, kernel density, tour: closed forms, and the definition written out in loops."""

from itertools import combinations, permutations
from math import erf, pi, sin, sqrt

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.maps.heat import density_moved, kernel_density
from privaudit.maps.utility import (
    cell_counts,
    clustering_error,
    count_error,
    moran,
    nearest_distances,
    ripley_k,
    ripley_l,
    side_by_side,
    walked_length,
)
from privaudit.stats.intervals import percentile


def tour_length(points):
    return walked_length(points, points)


WINDOW = np.array([0.0, 0.0, 1000.0, 600.0])
RADII = np.array([40.0, 100.0, 250.0])


def scattered(n, seed=0):
    return np.random.default_rng(seed).random((n, 2)) * WINDOW[2:]


def test_ripley_is_its_definition_written_out():
    dots = np.concatenate([scattered(60), scattered(60)[:7]])  # seven homes have two dots
    n, (w, h) = len(dots), WINDOW[2:]
    wanted = np.zeros(len(RADII))
    for i in range(n):
        for j in range(n):
            dx, dy = np.abs(dots[i] - dots[j])
            if i != j:
                overlap = (w - dx) * (h - dy)
                wanted += (np.hypot(dx, dy) <= RADII) * (w * h) ** 2 / (n * (n - 1) * overlap)
    assert ripley_k(dots, RADII, WINDOW) == pytest.approx(wanted, rel=1e-12)
    assert ripley_k(dots, RADII[::-1], WINDOW) == pytest.approx(wanted[::-1], rel=1e-12)


def test_ripley_of_dots_set_by_chance_is_the_area_of_the_disk():
    # Unbiased at the edge too: 600 patterns of 40 dots, within four standard errors.
    found = np.array([ripley_k(scattered(40, seed), RADII, WINDOW) for seed in range(600)])
    error = found.std(axis=0, ddof=1) / sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - pi * RADII**2) < 4 * error).all()
    assert (error < 0.02 * pi * RADII**2).all()  # narrow enough that no correction would show


def test_l_is_the_radius_for_dots_by_chance_and_more_for_clusters():
    clustered = np.repeat(scattered(20), 5, axis=0)
    assert (ripley_l(clustered, RADII, WINDOW) > ripley_l(scattered(100), RADII, WINDOW)).all()
    assert clustering_error(clustered, clustered, RADII, WINDOW) == 0
    gap = ripley_l(clustered, RADII, WINDOW) - ripley_l(scattered(100), RADII, WINDOW)
    wanted = sqrt((gap**2).sum() / 3)
    assert clustering_error(scattered(100), clustered, RADII, WINDOW) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("dots", "radii", "said"),
    [
        (scattered(5), np.array([600.0]), "shorter side"),
        (scattered(5), np.array([-1.0]), "shorter side"),
        (scattered(5) + 900, RADII, "outside"),
    ],
)
def test_ripley_refuses_what_it_cannot_correct(dots, radii, said):
    with pytest.raises(ParameterError, match=said):
        ripley_k(dots, radii, WINDOW)


def test_ripley_takes_the_box_around_the_dots_for_a_window():
    # Corner plus side is not always the other corner, in floating point.
    for seed in range(200):
        points = scattered(9, seed)
        box = np.concatenate([points.min(axis=0), points.max(axis=0)])
        assert ripley_k(points, np.array([10.0]), box)[0] >= 0


def test_ripley_of_a_lone_dot_is_not_a_number():
    assert np.isnan(ripley_k(scattered(1), RADII, WINDOW)).all()


@pytest.mark.parametrize("values", [[3, 1, 4, 1, 5], [0, 0, 0, 1, 7]])
def test_moran_over_all_permutations_has_the_stated_mean(values):
    pairs = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [0, 2]])
    dealt = [moran(np.array(p, float), pairs) for p in permutations(values)]
    assert np.mean(dealt) == pytest.approx(-1 / 4)


def test_moran_by_hand():
    # Four areas in a line, 2 1 0 1: z = 1 0 -1 0; all products of neighbours are 0.
    line = np.array([[0, 1], [1, 2], [2, 3]])
    assert moran(np.array([2.0, 1, 0, 1]), line) == 0
    # 1 1 0 0: z = .5 .5 -.5 -.5; (.25 - .25 + .25) / 3 over 1 / 4.
    assert moran(np.array([1.0, 1, 0, 0]), line) == pytest.approx(1 / 3)
    assert np.isnan(moran(np.ones(4), line))
    assert np.isnan(moran(np.arange(4.0), np.empty((0, 2), int)))


def test_cells_side_by_side_are_those_at_distance_one():
    rng = np.random.default_rng(3)
    cells = np.unique(rng.integers(-4, 5, (50, 2)), axis=0)
    rng.shuffle(cells)
    wanted = {
        (i, j)
        for i, j in combinations(range(len(cells)), 2)
        if np.abs(cells[i] - cells[j]).sum() == 1
    }
    found = [tuple(sorted(pair)) for pair in side_by_side(cells).tolist()]
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_cells_count_their_own_dots():
    cells = np.array([[0, 0], [-1, 0], [3, 2]])
    dots = np.array([[1.0, 1], [99, 99], [-1, 0], [-100, 99.9], [-100.1, 0], [350, 250]])
    assert cell_counts(dots, cells, 100.0).tolist() == [2, 2, 1]


def test_kernel_density_is_the_mean_of_the_kernels():
    dots, across, up = scattered(30), np.linspace(0, 1000, 7), np.linspace(0, 600, 5)
    found = kernel_density(dots, across, up, 120.0)
    for (row, column), value in np.ndenumerate(found):
        squared = ((dots - [across[column], up[row]]) ** 2).sum(axis=1)
        kernel = np.exp(-squared / (2 * 120.0**2)) / (2 * pi * 120.0**2)
        assert value == pytest.approx(kernel.mean())


@pytest.mark.parametrize("way", [(0.6, 0.8), (1.0, 0.0)])
@pytest.mark.parametrize("moved", [30.0, 100.0, 200.0, 450.0])
def test_a_single_dot_that_moves_carries_its_share_of_two_normal_laws(moved, way):
    # Total variation of two normal laws d apart: 2 Phi(d / 2 sigma) - 1 = erf(d / sqrt(8) sigma).
    found = density_moved(np.zeros((1, 2)), moved * np.array([way]), 100.0)
    assert found == pytest.approx(erf(moved / (sqrt(8) * 100)), abs=0.002)


def test_the_same_dots_in_another_order_carry_nothing():
    dots = scattered(50)
    assert density_moved(dots, dots[::-1], 100.0) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("n", [4, 7, 40])
def test_the_tour_of_a_regular_polygon_is_its_outline(n):
    angle = 2 * pi * np.random.default_rng(n).permutation(n) / n
    corners = 100 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert tour_length(corners) == pytest.approx(n * 200 * sin(pi / n))


@pytest.mark.parametrize("seed", range(6))
def test_the_tour_has_no_legs_worth_exchanging(seed):
    dots = scattered(7, seed)

    def closed(order):
        legs = dots[order] - dots[[*order[1:], order[0]]]
        return np.hypot(*legs.T).sum()

    shortest = min(closed([0, *rest]) for rest in permutations(range(1, 7)))
    assert tour_length(dots) >= shortest - 1e-9
    # A tour through seven points with no exchangeable pair of legs, all of them tried.
    local = [
        closed([0, *rest])
        for rest in permutations(range(1, 7))
        if all(
            closed([0, *rest]) <= closed(turned) + 1e-9
            for i, j in combinations(range(7), 2)
            for turned in [([0, *rest][:i] + [0, *rest][i : j + 1][::-1] + [0, *rest][j + 1 :])]
        )
    ]
    assert any(tour_length(dots) == pytest.approx(length) for length in local)


def test_tours_of_nobody_and_of_one_door_are_nothing():
    assert tour_length(np.empty((0, 2))) == tour_length(np.ones((1, 2))) == 0
    assert tour_length(np.array([[0.0, 0], [3, 4]])) == 10
    assert tour_length(np.zeros((9, 2))) == 0


def test_a_tour_planned_on_moved_dots_is_walked_between_the_doors():
    doors = scattered(30)
    assert walked_length(doors, doors) == tour_length(doors)
    # A square whose dots 1 and 2 are shown in each other's place is walked along its diagonals.
    square = np.array([[0.0, 0], [3, 0], [3, 3], [0, 3]])
    crossed = walked_length(square[[0, 2, 1, 3]], square)
    assert crossed == pytest.approx(2 * 3 + 2 * sqrt(18))
    with pytest.raises(ParameterError, match="one place a door"):
        walked_length(doors, doors[1:])


def test_nearest_distances_are_those_of_all_pairs():
    dots = np.concatenate([scattered(40), scattered(1)])
    apart = np.hypot(*(dots[:, None] - dots[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert nearest_distances(dots) == pytest.approx(apart.min(axis=1))
    assert np.isnan(nearest_distances(dots[:1])).all()


def test_count_error_is_the_share_that_must_change_area():
    assert count_error(np.array(["a"] * 4), np.array(["b"] * 4)) == 1
    assert count_error(np.array([1, 1, 2, 3]), np.array([3, 2, 1, 1])) == 0
    assert count_error(np.array([1, 1, 2, 3]), np.array([1, 2, 2, 2])) == 0.5
    with pytest.raises(ParameterError, match="as many"):
        count_error(np.array([1]), np.array([1, 2]))


def test_percentiles_have_the_binomial_ranks_of_the_textbook():
    # Median of 20: ranks 6 and 15 (coverage .959), the usual table of the sign test.
    found = percentile(np.arange(1, 21), 0.5)
    assert found == (10, 6, 15)
    assert percentile([5.0], 0.5) == (5, -np.inf, np.inf)
    assert np.isnan(percentile([np.nan], 0.5)).all()


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_the_interval_of_a_percentile_covers_it(share):
    rng = np.random.default_rng(5)
    found = [percentile(rng.random(300), share) for _ in range(1_000)]
    covered = np.mean([low <= share <= high for _, low, high in found])
    assert covered > 0.95 - 4 * sqrt(0.95 * 0.05 / 1_000)
