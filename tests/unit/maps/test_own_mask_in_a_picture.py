"""A mask of one's own that depends on places, met in a picture: it is read with an error."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import privaudit as pa
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.digitising_error import KINDS, as_read

SIGMA = 3.0
SIDE = 60.0


@dataclass(frozen=True, kw_only=True)
class Square(pa.masks.Mask):
    """Anywhere in a square around home, every place as likely."""

    side: float

    def move(self, points, rng):
        return points + self.side * (rng.random(points.shape) - 0.5)

    def on(self, addresses):
        return PlacedSquare(mask=self, places=addresses.xy)


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedSquare(pa.masks.PlacedMask):
    mask: Square
    places: np.ndarray

    @property
    def reach(self):
        return self.mask.side / math.sqrt(2)

    def move(self, points, rng):
        return self.mask.move(points, rng)

    def likelihood(self, dots, pairs, rounding=0.1):
        off = np.abs(self.places[pairs.place] - dots[pairs.point]).max(axis=1)
        return np.where(off <= self.mask.side / 2 + rounding, self.mask.side**-2, 0.0)


@dataclass(frozen=True, kw_only=True)
class Corner(pa.masks.Mask):
    """One of two corners of a mesh, the left one three times in four."""

    mesh: float

    def on(self, addresses):
        return PlacedCorner(mesh=self.mesh, places=addresses.xy)


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedCorner(pa.masks.PlacedMask):
    mesh: float
    places: np.ndarray

    @property
    def reach(self):
        return 2 * self.mesh

    def corners(self, points):
        left = np.floor(points / self.mesh) * self.mesh
        return left, left + np.array([self.mesh, 0])

    def move(self, points, rng):
        left, right = self.corners(points)
        return np.where(rng.random(len(points))[:, None] < 0.75, left, right)

    def likelihood(self, dots, pairs, rounding=0.1):
        at = dots[pairs.point]
        off = [np.hypot(*(c - at).T) for c in self.corners(self.places[pairs.place])]
        return 0.75 * (off[0] <= rounding) + 0.25 * (off[1] <= rounding)


def places(n, spacing):
    x, y = (part.ravel() for part in np.meshgrid(*2 * [spacing * np.arange(n)]))
    at = np.arange(n * n)
    frame = pd.DataFrame(
        {"id": at.astype(str), "number": "1", "street": "s", "commune": "c", "station": "",
         "x": x, "y": y, "households": 1, "electors": 1}
    )  # fmt: skip
    return pa.io.AddressBase(frame, real=False)


def density_of(gap, s):
    return np.exp(-0.5 * (gap**2).sum(axis=1) / s**2) / (2 * math.pi * s**2)


def of_square(gap):
    """The density of a square and a normal error: a product of two differences, by KINDS."""
    half = SIDE / 2
    return sum(
        share * np.prod([ndtr((half - g) / (k * SIGMA)) - ndtr((-half - g) / (k * SIGMA))
                         for g in gap.T], axis=0) / SIDE**2
        for share, k in KINDS
    )  # fmt: skip


def posterior(mask, base, dots):
    """The weights of every place for each dot, by the library: a row a dot that sums to one."""
    gap = dots[:, None] - base.xy[None]
    near = Pairs(
        indptr=len(base) * np.arange(len(dots) + 1),
        place=np.tile(np.arange(len(base)), len(dots)),
        distance=np.hypot(gap[..., 0], gap[..., 1]).ravel(),
    )
    weight = as_read(mask, SIGMA).on(base).likelihood(dots, near).reshape(len(dots), -1)
    return weight / weight.sum(axis=1, keepdims=True)


def test_a_density_that_is_read_with_an_error():
    base = places(12, 10.0)
    rng = np.random.default_rng(4)
    dots = 30 + 50 * rng.random((40, 2))
    exact = np.array([of_square(dot - base.xy) for dot in dots])
    exact /= exact.sum(axis=1, keepdims=True)
    ours = posterior(Square(side=SIDE), base, dots)
    # A hundredth of the weight of a row, at most, goes to another address.
    assert np.abs(ours - exact).sum(axis=1).max() / 2 < 0.01


def test_outputs_that_are_read_with_an_error():
    base = places(12, 10.0)
    mask = Corner(mesh=40.0)
    rng = np.random.default_rng(5)
    homes = rng.integers(0, len(base), 40)
    dots = mask.on(base)(base.xy[homes], rng=rng) + rng.normal(0, SIGMA, (40, 2))
    left, right = mask.on(base).corners(base.xy)
    exact = np.array(
        [
            sum(
                share * (0.75 * density_of(dot - left, k * SIGMA)
                         + 0.25 * density_of(dot - right, k * SIGMA))
                for share, k in KINDS
            )
            for dot in dots
        ]
    )  # fmt: skip
    exact /= exact.sum(axis=1, keepdims=True)
    ours = posterior(mask, base, dots)
    assert np.abs(ours - exact).sum(axis=1).max() / 2 < 0.05


@pytest.fixture(scope="module")
def campaign():
    world = pa.simulate(pa.Town(inhabitants=3_000), seed=7, generic_likes=False)
    return pa.run_campaign(world, seed=7, with_score=False)


@pytest.mark.heavy
@pytest.mark.parametrize("mask", [Square(side=SIDE), Corner(mesh=40.0)], ids=str)
def test_a_screenshot_under_it_is_attacked_and_the_belief_is_about_right(campaign, mask):
    shot = pa.publish(campaign, pa.Screenshot(metres_per_pixel=3, mask=mask), seed=7)
    found = pa.audit(shot, pa.Adversary.knows_electors(mask), truth=campaign.world, seed=7)
    row = found.overall.loc["address"]
    assert row["low"] <= row["confidence"] <= row["high"]
    assert row["value"] > row["control"]
