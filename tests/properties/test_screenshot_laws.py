"""Laws of pictures: what neither order, place nor more dots may change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.maps.masks.digitising_error import Blurred, ReadingError
from privaudit.maps.masks.donut import Donut
from privaudit.release.release import Georeference
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.placement import spread_across
from privaudit.screenshots.registration import fit_affine, fit_similarity

seeds = st.integers(0, 2**32 - 1)


def apart(seed, n=12, least=10.0):
    """Places at least so far from each other, none on the lattice of the pixels."""
    rng = np.random.default_rng(seed)
    k = rng.permutation(36)[:n]
    return np.column_stack([k % 6, k // 6]) * (least + 3) + rng.random((n, 2)) * 3


def sorted_rows(points):
    return points[np.lexsort(np.round(points, 3).T)]


@given(seeds)
def test_separate_dots_are_all_found_in_place(seed):
    true = apart(seed)
    red = np.random.default_rng(seed).random(len(true)) < 0.5
    # A picture of grey dots alone is refused until its colour is said.
    red[0] = True
    shot = Screenshot(metres_per_pixel=1)(true, red)
    found = picture_dots(shot.image)
    at = shot.georeference.to_metres(found.pixel)
    assert len(at) == len(true)
    gap = np.hypot(*(at[:, None] - true[None]).transpose(2, 0, 1))
    assert gap.min(axis=1).max() < 0.1
    assert (found.red == red[gap.argmin(axis=1)]).all()


@given(seeds)
def test_the_order_of_the_dots_is_not_in_the_picture(seed):
    true = np.random.default_rng(seed).random((20, 2)) * 60
    red = np.arange(20) < 12
    order = np.random.default_rng(seed).permutation(20)
    draw = Screenshot(metres_per_pixel=1)
    first, second = draw(true, red).image, draw(true[order], red[order]).image
    # Shares are multiplied in another order: the last bit may round the other way.
    assert np.abs(first.astype(int) - second).max() <= 1


@given(seeds, st.integers(1, 30), st.integers(1, 30))
def test_a_wider_frame_moves_the_dots_with_it(seed, left, top):
    image = Screenshot(metres_per_pixel=1)(apart(seed), np.ones(12, bool)).image
    framed = np.pad(image, ((top, 0), (left, 0), (0, 0)), constant_values=255)
    one, two = picture_dots(image).pixel, picture_dots(framed).pixel
    assert np.allclose(sorted_rows(one + np.array([left, top])), sorted_rows(two), atol=1e-6)


@given(seeds)
def test_never_more_dots_than_were_drawn_by_much(seed):
    rng = np.random.default_rng(seed)
    true = rng.random((rng.integers(15, 40), 2)) * 90
    alone = np.array([[130.0, 0], [150.0, 20], [130.0, 40]])
    drawn = np.concatenate([true, alone])
    shot = Screenshot(metres_per_pixel=1)(drawn, np.ones(len(drawn), bool))
    found = shot.georeference.to_metres(picture_dots(shot.image).pixel)
    gap = np.hypot(*(found[:, None] - drawn[None]).transpose(2, 0, 1))
    # What is found was drawn: nine in ten within half a pixel.
    assert (gap.min(axis=1) < 0.5).mean() >= 0.9
    # A dot alone is never lost.
    assert gap[:, -3:].min(axis=0).max() < 0.1


@given(seeds, st.floats(0.5, 10))
def test_visible_edges_agree_with_points_along_them(visible_edge, seed, radius):
    centre = np.random.default_rng(seed).random((15, 2)) * 20
    angle = (np.arange(2000) + 0.5) * (2 * np.pi / 2000)
    ring = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    for k, share in enumerate(visible_edge(centre, radius)):
        gap = (centre[k] + ring)[:, None] - np.delete(centre, k, axis=0)[None]
        seen = (np.hypot(gap[..., 0], gap[..., 1]) > radius).all(axis=1).mean()
        # One point of the ring, at each end of up to fifteen arcs.
        assert share == pytest.approx(seen, abs=15 / 2000)


@given(seeds)
def test_one_more_disc_never_shows_more(visible_edge, seed):
    centre = np.random.default_rng(seed).random((12, 2)) * 15
    before, after = visible_edge(centre[:-1], 3.0), visible_edge(centre, 3.0)
    assert (after[:-1] <= before + 1e-9).all()
    assert ((after >= 0) & (after <= 1)).all()


@given(seeds)
def test_fits_find_the_map_that_made_the_points(seed):
    rng = np.random.default_rng(seed)
    pixels = rng.random((5, 2)) * 500
    turn, scale = rng.uniform(-np.pi, np.pi), rng.uniform(0.5, 20)
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[c, s, 650_000.0], [s, -c, 6_850_000.0]])
    ground = Georeference(matrix).to_metres(pixels)
    if spread_across(pixels) > 0.05:
        assert np.allclose(fit_similarity(pixels, ground).matrix, matrix, atol=1e-5)
        assert np.allclose(fit_affine(pixels, ground).matrix, matrix, atol=1e-5)
        assert fit_affine(pixels, ground).residual < 1e-6


@given(seeds)
def test_there_and_back_again(seed):
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.normal(size=(2, 2)) + 3 * np.eye(2), rng.random(2) * 1e6])
    place, points = Georeference(matrix), rng.random((7, 2)) * 1000
    assert np.allclose(place.to_pixels(place.to_metres(points)), points, atol=1e-6)


@given(st.floats(1, 100), st.floats(5, 100), st.floats(0.5, 30))
def test_reading_spreads_a_mask_and_keeps_its_mass(low, width, sigma):
    ring = Donut(r_min=low, r_max=low + width)
    read = Blurred(mask=ring, sigma=sigma)
    d = np.linspace(0, read.reach, 20_001)
    mass = (2 * np.pi * d * read.density(d)).sum() * (d[1] - d[0])
    assert mass == pytest.approx(1, abs=2e-3)
    # An average of densities is never above the highest of them.
    assert read.density(d).max() <= ring.density(low) * 1.01
    assert ReadingError(sigma=sigma).density(0) >= ReadingError(sigma=2 * sigma).density(0)
