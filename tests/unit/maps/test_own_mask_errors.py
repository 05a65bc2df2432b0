"""A mask of the caller's own that returns what cannot be used: the error says which shape came."""

from dataclasses import dataclass

import numpy as np
import pytest

import privaudit as pa
from privaudit.errors import ParameterError

ROOM = np.pi * 90**2


def flat(_, distance):
    return np.where(np.asarray(distance) < 90, 1 / ROOM, 0.0)


def mask_of(**methods):
    """Return a mask with these methods, as a caller would define it."""
    whole = {"reach": property(lambda _: 90.0), "density": flat, **methods}
    kind = type("Mine", (pa.masks.Mask,), {"__annotations__": {}, **whole})
    return dataclass(frozen=True, kw_only=True)(kind)()


def moved_by(move):
    return mask_of(move=lambda _, points, rng: move(points))


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=600), seed=7), seed=7)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (moved_by(lambda p: np.zeros((len(p), 3))), r"move: .* shape \(\d+, 2\), .* \(\d+, 3\)"),
        (moved_by(lambda p: p.T), r"Mine.move: .* but got one of shape \(2, \d+\)"),
        (moved_by(lambda p: p[1:]), r"Mine.move: .* a row \(x, y\) a point"),
        (moved_by(lambda p: None), "Mine.move: .* but got None"),
        (moved_by(lambda p: p.astype(str).astype(object) + "m"), "but got a numpy ndarray"),
        (moved_by(lambda p: p * [1, np.nan]), r"Mine.move: .* but got nan, \d+ times"),
        (moved_by(lambda p: p + np.inf), r"Mine.move: .* but got infinity, \d+ times"),
        (mask_of(density=lambda *_: 0.1), r"Mine.density: .* \(20000,\), .* one of shape \(\)"),
        (mask_of(density=lambda s, d: flat(s, d)[:, None]), r"one of shape \(20000, 1\)"),
        (
            mask_of(density=lambda s, d: d * np.nan),
            "0 or more, but got nan, 20,000",
        ),
        (mask_of(density=lambda s, d: -flat(s, d)), "Mine.density: .* but got one below 0"),
        (mask_of(distance=lambda s, share: share[:2]), r"Mine.distance: .* one of shape \(2,\)"),
        (mask_of(moved=lambda s, points, share: points[:, :1]), "Mine.moved: .* shape"),
        (mask_of(reach=property(lambda _: "far")), "Mine: needs reach a finite number"),
        (mask_of(reach=property(lambda _: np.nan)), "but got reach=nan"),
        (mask_of(on=lambda _, base: None), "Mine.on: needs to return a PlacedMask, but got None"),
    ],
)
def test_what_is_published_is_refused_in_one_line(campaign, mask, said):
    with pytest.raises(ParameterError, match=said) as raised:
        pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("likelihood", "said"),
    [
        (lambda s, dots, pairs, rounding=0.1: np.ones(len(dots)), r"Mine.likelihood: .* shape \("),
        (
            lambda s, dots, pairs, rounding=0.1: pairs.distance * np.nan,
            "0 or more, but got nan",
        ),
    ],
)
def test_what_an_adversary_asks_is_refused_too(campaign, likelihood, said):
    mask = mask_of(likelihood=likelihood, move=lambda s, p, rng: p + rng.normal(0, 9, p.shape))
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    with pytest.raises(ParameterError, match=said):
        pa.audit(leak, pa.Adversary.knows_mask(mask), truth=campaign.world)


def test_a_list_of_rows_and_a_dot_that_is_left_out_are_used(campaign):
    rows = moved_by(lambda p: [*map(tuple, p[:-1] + 1), (np.nan, np.nan)])
    leak = pa.publish(campaign, pa.DotMap(mask=rows), seed=7)
    assert len(leak) == len(campaign.dots) - 1
