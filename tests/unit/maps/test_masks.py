"""Masks: parameters that cannot be, words of the command line, copies, supports."""

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Exact, Mask, parse_mask
from privaudit.maps.masks.noise import Gaussian


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Donut(r_min=200, r_max=50),
            "Donut: needs r_min below r_max, but got r_min=200, r_max=50",
        ),
        (lambda: Donut(r_min=50, r_max=50), "r_min below r_max"),
        (lambda: Donut(r_min=-1, r_max=50), "r_min a finite number"),
        (lambda: Donut(r_min=0, r_max=float("inf")), "r_max a finite number"),
        (lambda: Donut(r_min=0, r_max=float("nan")), "r_max a finite number"),
        (lambda: Donut(r_min="50", r_max=200), "r_min a finite number"),
        (lambda: Donut(r_min=0, r_max=9, uniform="aera"), "Did you mean 'area'"),
        (lambda: Gaussian(sigma=0), "sigma a finite number in"),
        (lambda: Exact(rounding=-0.1), "rounding a finite number"),
        (lambda: parse_mask("donut:200:50"), "r_min below r_max"),
        (lambda: parse_mask("donut:50"), "parse_mask: needs one of .*donut:50:200"),
        (lambda: parse_mask("donut:a:b"), "Donut: needs a number for r_min"),
        (lambda: parse_mask("donut:50:200:radios"), "Did you mean 'radius'"),
        (lambda: parse_mask("gausian:100"), "Did you mean 'gaussian'"),
        (lambda: parse_mask("gaussian:100:2"), "parse_mask: needs one of"),
        (lambda: parse_mask("none:3:4"), "parse_mask: needs one of"),
        (lambda: parse_mask(""), "parse_mask: needs one of"),
        (lambda: parse_mask("gaussian:nan"), "sigma a finite number"),
    ],
)
def test_a_mask_that_cannot_be(make, message):
    with pytest.raises(ParameterError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_words_of_the_command_line():
    assert parse_mask("donut:50:200") == Donut(r_min=50, r_max=200)
    assert parse_mask("Donut:50:200:radius") == Donut(r_min=50, r_max=200, uniform="radius")
    assert parse_mask("gaussian:100") == Gaussian(sigma=100)
    assert parse_mask("none") == Exact()
    assert parse_mask("unknown") is None


@pytest.mark.parametrize("mask", [Donut(r_min=1, r_max=2), Gaussian(sigma=3), Exact()])
def test_a_mask_copies_keeps_shape_and_says_its_recipe(mask):
    points = np.zeros((7, 2))
    points.flags.writeable = False
    moved = mask(points, rng=np.random.default_rng(0))
    assert moved.shape == (7, 2)
    assert not points.any()
    assert moved is not points
    assert isinstance(mask, Mask)
    assert all(isinstance(value, (str, int, float)) for value in mask.recipe().values())
    assert mask(np.empty((0, 2)), rng=np.random.default_rng(0)).shape == (0, 2)


def test_the_same_generator_state_moves_the_same_way():
    points = np.arange(10.0).reshape(5, 2)
    for mask in (Donut(r_min=1, r_max=2, uniform="radius"), Gaussian(sigma=3)):
        first = mask(points, rng=np.random.default_rng(4))
        assert np.array_equal(first, mask(points, rng=np.random.default_rng(4)))


def test_densities_at_known_distances():
    assert Donut(r_min=0, r_max=1).density(0.5) == pytest.approx(1 / np.pi)
    assert Donut(r_min=1, r_max=2).density([0.99, 1.0, 2.0, 2.01]).tolist() == pytest.approx(
        [0, 1 / (3 * np.pi), 1 / (3 * np.pi), 0]
    )
    assert Donut(r_min=1, r_max=3, uniform="radius").density(2.0) == pytest.approx(1 / (8 * np.pi))
    assert Gaussian(sigma=2).density(0) == pytest.approx(1 / (8 * np.pi))
    assert np.isfinite(Donut(r_min=0, r_max=3, uniform="radius").density(0.0))


@pytest.mark.parametrize("moved", [None, np.zeros((7, 1)), np.zeros((6, 2)), np.zeros((1, 7, 2))])
def test_a_mask_that_returns_another_shape_is_refused(moved):
    # A name with an underscore is not listed.
    class _Mine(Mask):
        def move(self, points, rng):
            return moved

    with pytest.raises(ParameterError, match=r"_Mine.move: needs .* of shape \(7, 2\)"):
        _Mine()(np.zeros((7, 2)), rng=np.random.default_rng(0))
