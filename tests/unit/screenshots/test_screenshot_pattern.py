"""A picture is placed by its dots alone, or refused: never placed falsely in silence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from privaudit.errors import GeometryError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.donut import Donut
from privaudit.screenshots.picture_dots import PictureDots
from privaudit.screenshots.placement import FALSE_PLACE, by_box, by_pattern
from privaudit.screenshots.registration import (
    PlaceIndex,
    chance_match_rate,
    false_placement,
    register,
    register_against_null,
)


def seen(places, *, step=2.0, turn=0.0, error=0.1, seed=0):
    """Dots as read from a picture of places, at so many metres a pixel, turned to the left."""
    rng = np.random.default_rng(seed)
    z = (places - places.mean(axis=0)) @ np.array([1, 1j]) * np.exp(1j * np.radians(turn)) / step
    n = len(places)
    return PictureDots(
        pixel=np.column_stack([z.real, -z.imag]) + 500 + rng.normal(0, error, (n, 2)),
        error=np.full(n, error),
        red=np.ones(n, bool),
        radius=4.0,
        refused=0,
        step=0.0,
    )


def off(placed, dots, places):
    return np.hypot(*(placed.georeference.to_metres(dots.pixel) - places).T)


def base_of(xy):
    n = len(xy)
    frame = {"id": np.arange(n).astype(str), "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**frame, "station": "", "x": xy[:, 0], "y": xy[:, 1]}), real=False
    )


@pytest.mark.sampled
@pytest.mark.parametrize("step", [0.4, 1.1, 3.7, 8.0])
@pytest.mark.parametrize("turn", [0.0, 11.0, -57.0, 180.0])
def test_any_scale_and_any_turn(village, step, turn):
    true = village.xy[np.random.default_rng(1).permutation(len(village))[:40]]
    dots = seen(true, step=step, turn=turn)
    placed = by_pattern(dots, village, who="test")
    assert off(placed, dots, true).max() < max(1.0, 0.5 * step)
    assert placed.georeference.metres_per_pixel == pytest.approx(step, rel=0.01)
    assert placed.tested.chance <= FALSE_PLACE
    assert np.cos(np.radians(placed.turn + turn)) == pytest.approx(1, abs=1e-3)


def test_nine_dots_are_enough_here_and_four_are_not(village):
    rng = np.random.default_rng(2)
    for _ in range(5):
        true = village.xy[rng.permutation(len(village))[:9]]
        dots = seen(true)
        assert off(by_pattern(dots, village, who="test"), dots, true).max() < 1.0
    with pytest.raises(GeometryError, match="at least 6 dots"):
        by_pattern(seen(village.xy[:4]), village, who="test")


@pytest.mark.slow
def test_a_third_of_the_dots_may_stand_elsewhere(village):
    rng = np.random.default_rng(3)
    true = village.xy[rng.permutation(len(village))[:45]]
    true[:15] += rng.uniform(30, 200, (15, 2))
    dots = seen(true, turn=70)
    placed = by_pattern(dots, village, who="test")
    assert off(placed, dots, true).max() < 1.0
    assert 0.6 < placed.tested.best.on_place < 0.8


@pytest.mark.slow
def test_a_part_of_a_large_place_is_found():
    rng = np.random.default_rng(4)
    places = rng.random((40_000, 2)) * 9_000
    near = np.argsort(np.hypot(*(places - [3_000, 6_500]).T))[:400]
    true = places[near[rng.permutation(400)[:30]]]
    dots = seen(true, turn=3)
    assert off(by_pattern(dots, base_of(places), who="test"), dots, true).max() < 1.0


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("many", [8, 25])
@pytest.mark.parametrize("kind", ["moved by a mask", "anywhere", "of another town", "on one line"])
def test_what_lies_nowhere_is_refused(village, kind, many):
    rng = np.random.default_rng(5)
    places = village.xy[rng.permutation(len(village))[:many]]
    if kind == "anywhere":
        places = village.xy.min(axis=0) + rng.random((many, 2)) * np.ptp(village.xy, axis=0)
    elif kind == "of another town":
        street = np.repeat(rng.random((8, 2)) * 900, many, axis=0)[:many]
        places = street + np.outer(rng.random(many) * 150, [0.6, 0.8])
    elif kind == "moved by a mask":
        places = Donut(r_min=50, r_max=200)(places, rng=rng)
    else:
        # Houses of equal distance: any run of a straight street fits as well as any other.
        places = np.column_stack([np.arange(many) * 12.0, np.zeros(many)])
    with pytest.raises(GeometryError, match="none beyond chance"):
        by_pattern(seen(places, seed=many), village, who="test")


@pytest.mark.heavy
def test_a_regular_grid_of_places_has_no_one_place():
    column, row = np.meshgrid(np.arange(30.0), np.arange(30.0))
    grid = base_of(np.column_stack([column.ravel(), row.ravel()]) * 20)
    inner = grid.xy[(np.abs(grid.xy - 290) < 120).all(axis=1)]
    true = inner[np.random.default_rng(6).permutation(len(inner))[:30]]
    # It fits as well one column farther, and turned by a quarter.
    search = register(seen(true).pixel, PlaceIndex(grid.xy))
    assert search.second is not None
    assert search.second.on_place == search.best.on_place == 1.0
    with pytest.raises(GeometryError, match="none beyond chance"):
        by_pattern(seen(true), grid, who="test")


def test_a_box_of_another_grid_is_mended_and_a_right_one_is_not_touched(village):
    true = village.xy[np.random.default_rng(7).permutation(len(village))[:60]]
    for turn, how in ((0.0, "placed_by_bbox"), (1.2, "placed_by_bbox_then_pattern")):
        dots = seen(true, turn=turn)
        # Of the straight picture: its edges, as whoever believes it straight would state them.
        middle = true.mean(axis=0)
        box = (middle[0] - 1_000, middle[1] - 1_000, middle[0] + 1_000, middle[1] + 1_000)
        placed = by_box(box, (1_000, 1_000), dots, village)
        assert placed.how.key == how
        assert np.median(off(placed, dots, true)) < 1.0
        if how == "bbox":
            assert placed.georeference.matrix[0, 0] == 2.0


def test_a_box_is_not_moved_for_dots_that_stand_nowhere(village):
    rng = np.random.default_rng(8)
    moved = Donut(r_min=50, r_max=200)(village.xy[rng.permutation(len(village))[:80]], rng=rng)
    middle = moved.mean(axis=0)
    box = (middle[0] - 1_000, middle[1] - 1_000, middle[0] + 1_000, middle[1] + 1_000)
    assert by_box(box, (1_000, 1_000), seen(moved), village).how.key == "placed_by_bbox"


def test_the_bound_is_the_union_bound():
    # All ten others meet a place: maps x p^10, where decoys bound nothing.
    assert false_placement(12, 12, 2, 1e6, 0.02) == pytest.approx(1e6 * 0.02**10)
    # The best decoy meets one of three others: N (1 - (1 - p)^3) = 1 gives p, then N p^3.
    p = 1 - (1 - 1e-4) ** (1 / 3)
    assert false_placement(5, 5, 3, 1e4, 0.0) == pytest.approx(1e4 * p**3, rel=1e-6)
    assert false_placement(5, 3, 3, 1e4, 0.0) == 1
    assert false_placement(2, 2, 0, 1e4, 0.0) == 1


@given(st.integers(4, 200), st.floats(0, 1), st.floats(0, 1), st.floats(1, 1e9))
def test_the_bound_falls_with_dots_met_and_rises_with_decoys_and_maps(dots, met, decoys, maps):
    met, decoys = round(met * dots), round(decoys * dots)
    bound = false_placement(dots, met, decoys, maps, 0.05)
    assert 0 <= bound <= 1
    assert false_placement(dots, min(met + 1, dots), decoys, maps, 0.05) <= bound
    assert false_placement(dots, met, decoys + 1, maps, 0.05) >= bound * (1 - 1e-6)
    assert false_placement(dots, met, decoys, 10 * maps, 0.05) >= bound * (1 - 1e-6) or decoys > 2
    # Never below what chance does without any decoy.
    if met > decoys and met > 2 and dots > 2:
        assert bound >= min(1, maps * binom.sf(met - 3, dots - 2, 0.05)) * (1 - 1e-6)


def test_crowding_is_the_share_of_the_area_near_places():
    # Places a metre square apart: a point is within r of one with probability pi r^2.
    column, row = np.meshgrid(np.arange(100.0), np.arange(100.0))
    plan = PlaceIndex(np.column_stack([column.ravel(), row.ravel()]) * 10)
    points = np.random.default_rng(9).random((4_000, 2)) * 500 - 250
    share = chance_match_rate(points, 3.0, plan)
    assert share == pytest.approx(np.pi * 9 / 100, abs=0.01)


@given(st.integers(0, 2**32 - 1), st.floats(1, 60))
def test_the_plan_misses_no_place_and_sees_none_afar(seed, tolerance):
    rng = np.random.default_rng(seed)
    plan = PlaceIndex(rng.random((50, 2)) * 600)
    point = rng.random((300, 2)) * 800 - 400
    distance = plan.tree.query(point)[0]
    near = plan.near(point @ np.array([1, 1j]), tolerance)
    assert near[distance <= tolerance].all()
    # A cell is half the tolerance wide, or up to twice that, and its corner three cells away.
    assert not near[distance > 2 * 1.5 * 2**0.5 * tolerance].any()


@pytest.mark.heavy
def test_the_search_counts_what_it_tried(village):
    true = village.xy[:30]
    plan = PlaceIndex(village.xy)
    north = register(seen(true).pixel, plan, turn=5.0)
    every = register(seen(true).pixel, plan)
    assert every.best is not None
    assert north.best.on_place == every.best.on_place == 1.0
    # One pair of dots did: at most one map a pair of places, and fewer of them north up.
    assert (north.pairs, every.pairs) == (1, 1)
    assert north.maps < every.maps <= len(village) * (len(village) - 1)
    found = register_against_null(seen(true).pixel, plan, turn=None, most=1e-4)
    assert found.decoys < 0.5
    assert found.chance < 1e-4


@pytest.mark.slow
def test_a_place_is_held_against_mirrored_pictures_and_against_other_places(village):
    plan, beyond = PlaceIndex(village.xy), 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        pixels = seen(village.xy[rng.permutation(len(village))[:11]], seed=seed).pixel
        found = register_against_null(pixels, plan, turn=None, most=1.0)
        itself = register(pixels, plan)
        mirrored = register(pixels * [-1, 1], plan, pairs=4)
        second = 0.0 if itself.second is None else itself.second.on_place
        assert found.best.on_place == itself.best.on_place
        assert found.decoys >= max(second, mirrored.best.on_place)
        beyond += found.decoys > second
    # Not only other places of the picture itself tell what chance does.
    assert beyond > 0
