"""Neighbours, posteriors and spatial k against dense counting on small grids."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial import cKDTree

from privaudit.errors import ParameterError
from privaudit.geo import neighbours
from privaudit.maps import posterior
from privaudit.stats.csr import (
    credible_size,
    normalise,
    pick_best,
    rank_by_distance,
    row_max,
    row_sum,
    take_rows,
)


def grid(side):
    """A square of places one metre apart: full of ties."""
    return np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2).astype(float)


def dense(points, places):
    return np.hypot(*(points[:, None] - places[None]).transpose(2, 0, 1))


def test_z_order_is_a_permutation_that_keeps_neighbours_close():
    points = np.random.default_rng(0).random((5000, 2)) * 1000
    order = neighbours.z_order(points)
    assert sorted(order) == list(range(5000))
    step = np.hypot(*np.diff(points[order], axis=0).T)
    assert np.median(step) < 30  # in file order it is about 500


def test_z_order_depends_on_positions_alone():
    points = np.r_[grid(6), grid(6)[:5] + 1e-7, [[1e5, 1e5]]]
    shuffled = np.random.default_rng(1).permutation(len(points))
    again = points[shuffled][neighbours.z_order(points[shuffled])]
    assert np.array_equal(points[neighbours.z_order(points)], again)
    assert len(neighbours.z_order(np.empty((0, 2)))) == 0


def test_nearest_keeps_every_tie():
    places = np.r_[grid(4), [[0.0, 0.0]]]  # the corner twice
    points = np.array([[0.5, 0.5], [0.0, 0.0], [1.0, 1.4], [50.0, 50.0]])
    pairs = neighbours.nearest(points, places)
    d = dense(points, places)
    for i in range(len(points)):
        expected = np.flatnonzero(d[i] <= d[i].min() + 1e-9)
        assert pairs.place[pairs.indptr[i] : pairs.indptr[i + 1]].tolist() == expected.tolist()
    assert np.diff(pairs.indptr).tolist() == [5, 2, 1, 1]


def test_nearest_within_a_tolerance_and_with_one_place():
    pairs = neighbours.nearest(
        np.array([[0.0, 0.0]]), np.array([[0.05, 0], [0.0, 0.09], [0.2, 0]]), 0.1
    )
    assert pairs.place.tolist() == [0, 1]
    assert neighbours.nearest(np.zeros((2, 2)), np.ones((1, 2))).place.tolist() == [0, 0]


@pytest.mark.parametrize("bits", [63, 1], ids=["positions beside keys", "keys too large"])
def test_pairs_within_are_those_of_a_dense_table(bits, monkeypatch):
    monkeypatch.setattr(neighbours, "_BITS", bits)
    rng = np.random.default_rng(2)
    points, places = rng.random((300, 2)) * 100, rng.random((200, 2)) * 100
    points[0] = places[0]  # a distance of 0 must be kept
    d = dense(points, places)
    seen = 0
    for rows, pairs in neighbours.pairs_within(points, cKDTree(places), 9.0, at_once=500):
        for i in range(rows.start, rows.stop):
            at = slice(pairs.indptr[i - rows.start], pairs.indptr[i - rows.start + 1])
            assert pairs.place[at].tolist() == np.flatnonzero(d[i] <= 9.0).tolist()
            assert np.allclose(pairs.distance[at], d[i][d[i] <= 9.0])
            seen += 1
    assert seen == 300


def test_pairs_of_no_point_and_of_no_place_in_reach():
    tree = cKDTree(np.zeros((3, 2)))
    assert list(neighbours.pairs_within(np.empty((0, 2)), tree, 9.0)) == []
    ((rows, pairs),) = neighbours.pairs_within(np.full((2, 2), 50.0), tree, 9.0)
    assert (rows, pairs.indptr.tolist(), len(pairs.place)) == (slice(0, 2), [0, 0, 0], 0)


def test_posterior_where_every_candidate_has_a_prior_of_nought():
    places = np.array([[0.0, 0.0], [2.0, 0.0], [100.0, 0.0]])
    found = posterior.posterior(
        np.array([[1.0, 0.0], [99.0, 0.0], [500.0, 0.0]]),
        places,
        np.array([0.0, 0.0, 5.0]),
        lambda d: np.full(d.shape, 0.1),
        3.0,
    )
    assert found.without_prior.tolist() == [True, False, False]
    assert found.probability.tolist() == [0.5, 0.5, 1.0]
    assert np.diff(found.indptr).tolist() == [2, 1, 0]
    assert found.credible.tolist() == [2, 1, 0]
    assert np.isnan(found.k_places[2])
    assert np.isnan(found.k_people).all()


def test_posterior_of_no_point_is_empty():
    found = posterior.posterior(np.empty((0, 2)), grid(3), np.ones(9), np.ones_like, 1.0)
    assert found.indptr.tolist() == [0]
    assert len(found.credible) == 0


def test_too_many_pairs_are_refused_before_memory_runs_out():
    points = np.random.default_rng(0).random((20_000, 2))
    with pytest.raises(ParameterError, match="posterior: needs at most 100,000,000 pairs"):
        posterior.posterior(points, points, np.ones(20_000), np.ones_like, 5.0)


def test_k_of_the_posterior_by_hand():
    # Homes at 1, 2 and 2 m of the dot (3, 5 and 7 people), a donut from 1.5 m on: both far
    # ones are as likely, and all three addresses are at least as near as either.
    found = posterior.posterior(
        np.array([[0.0, 0.0]]),
        np.array([[1.0, 0.0], [0.0, 2.0], [-2.0, 0.0]]),
        np.ones(3),
        lambda d: (d > 1.5).astype(float),
        2.5,
        people=np.array([3.0, 5.0, 7.0]),
    )
    assert sorted(found.place.tolist()) == [1, 2]
    assert found.k_places.tolist() == [3.0]
    assert found.k_people.tolist() == [15.0]


@pytest.mark.parametrize("with_people", [False, True])
def test_spatial_k_counts_ties_like_a_dense_table(with_people):
    rng = np.random.default_rng(6)
    places = grid(20)
    home = rng.integers(len(places), size=500)
    points = places[home] + rng.integers(-3, 4, size=(500, 2))  # whole metres: many ties
    people = rng.integers(0, 9, len(places)).astype(float)
    d = dense(points, places)
    near = d <= d[np.arange(500), home][:, None] + 1e-9
    expected = near @ people if with_people else near.sum(axis=1)
    k = posterior.spatial_k(points, places[home], places, people if with_people else None)
    assert k.tolist() == expected.tolist()


def test_rows_that_are_empty():
    indptr = np.array([0, 0, 2, 2])
    values = np.array([0.3, 0.7])
    assert row_sum(indptr, values).tolist() == [0, 1, 0]
    assert row_max(indptr, values).tolist() == [0, 0.7, 0]
    assert pick_best(indptr, values, np.zeros(3)).tolist() == [-1, 1, -1]
    assert credible_size(indptr, values).tolist() == [0, 2, 0]
    assert rank_by_distance(np.zeros(3, int), np.empty(0))[0].tolist() == []
    assert take_rows(indptr, np.array([2, 1]))[1].tolist() == [0, 1]


def test_ties_are_drawn_uniformly():
    indptr = np.arange(0, 30_001, 3)
    values = np.tile([0.4, 0.2, 0.4], 10_000)
    best = pick_best(indptr, values, np.random.default_rng(0).random(10_000)) % 3
    count = np.bincount(best, minlength=3)
    assert count[1] == 0
    # Standard error 50; four of them.
    assert abs(count[0] - 5000) < 200


def test_ranks_of_far_distances_do_not_overflow():
    indptr = np.array([0, 2, 4])
    distance = np.array([3e12, 1.0, 2.0, 2.0])
    assert rank_by_distance(indptr, distance)[0].tolist() == [2, 1, 2, 2]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 1.0])
def test_credible_size_against_a_loop(level):
    rng = np.random.default_rng(3)
    rows = [rng.dirichlet(np.ones(k)) for k in (1, 2, 5, 30)]
    indptr = np.cumsum([0, *map(len, rows)])
    expected = [
        next(i + 1 for i in range(len(r)) if np.sort(r)[::-1][: i + 1].sum() >= level - 1e-9)
        for r in rows
    ]
    assert credible_size(indptr, np.concatenate(rows), level).tolist() == expected


def ragged_rows(rng, far):
    """Rows of very different lengths, empty ones too, some distances equal."""
    size = np.concatenate([rng.integers(0, 4, 60), [400, 1, 0, 90]])
    indptr = np.concatenate([[0], np.cumsum(size)])
    distance = rng.integers(0, 40, indptr[-1]) * far
    return indptr, distance.astype(float), rng.integers(0, 9, indptr[-1]).astype(float)


@pytest.mark.parametrize("far", [2.5, 1e9], ids=["near", "as far as no key fits"])
def test_ranks_of_ragged_rows_are_those_of_a_count(far):
    indptr, distance, weight = ragged_rows(np.random.default_rng(1), far)
    count, weighed = rank_by_distance(indptr, distance, weight)
    for start, stop in pairwise(indptr):
        near = distance[start:stop, None] >= distance[None, start:stop]
        assert count[start:stop].tolist() == near.sum(axis=1).tolist()
        assert weighed[start:stop].tolist() == (near @ weight[start:stop]).tolist()


def test_the_mean_distance_is_that_of_every_candidate():
    rng = np.random.default_rng(8)
    xy, address = rng.random((9, 2)) * 100, np.array([4, -1, 0])
    whole = posterior.Posterior(
        np.array([0, 4, 6, 6]), rng.integers(0, 9, 6), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.5])
    )
    there = whole.candidate[:4]
    expected = whole.probability[:4] @ np.hypot(*(xy[there] - xy[4]).T)
    assert whole.mean_distance(address, xy) == pytest.approx([expected, np.nan, 0.0], nan_ok=True)


def test_credible_sets_of_ragged_rows_are_those_of_a_sum():
    rng = np.random.default_rng(2)
    indptr, _, weight = ragged_rows(rng, 1.0)
    probability = normalise(indptr, weight + rng.random(len(weight)))
    found = credible_size(indptr, probability, 0.9)
    for row, (start, stop) in enumerate(pairwise(indptr)):
        most = np.sort(probability[start:stop])[::-1]
        expected = int(np.searchsorted(np.cumsum(most), 0.9)) + 1 if len(most) else 0
        assert found[row] == expected


def test_sums_of_rows_by_either_way(monkeypatch):
    indptr, values = np.array([0, 2, 2, 5, 5]), np.array([1.0, 2.0, 4.0, 8.0, -3.0])
    assert row_sum(indptr, values).tolist() == [3, 0, 9, 0]
    monkeypatch.setattr("privaudit.stats.csr._NARROW_MOST", 4)
    assert row_sum(indptr, values).tolist() == [3, 0, 9, 0]
    assert row_sum(np.array([0, 0, 0]), np.empty(0)).tolist() == [0, 0]
