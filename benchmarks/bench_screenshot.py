"""Pictures of dot maps: cost of drawing and of reading, against pixels and dots, in decades.

Run with ``make bench``. Goal: 4,000 x 4,000 pixels with 5,000 dots in under 5 s, drawing and
reading together.
"""

import numpy as np
import pytest

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.registration import PlaceIndex, register

SIZES = [(400, 50), (1_300, 500), (4_000, 5_000)]


def draw(side, dots):
    rng = np.random.default_rng(0)
    at = rng.random((dots, 2)) * (side - 41)
    return Screenshot(metres_per_pixel=1, basemap="streets")(at, rng.random(dots) < 0.6)


@pytest.mark.parametrize(("side", "dots"), SIZES)
def test_draw(benchmark, side, dots):
    benchmark.pedantic(draw, (side, dots), rounds=3)


@pytest.mark.parametrize(("side", "dots"), SIZES)
def test_read(benchmark, side, dots):
    image = draw(side, dots).image
    found = benchmark.pedantic(picture_dots, (image,), rounds=3)
    assert len(found.pixel) > 0.95 * dots


@pytest.mark.parametrize("turn", [7.0, None], ids=["north up", "any turn"])
@pytest.mark.parametrize("addresses", [200, 2_000, 20_000, 138_280])
def test_find_the_place(benchmark, addresses, turn):
    rng = np.random.default_rng(0)
    plan = PlaceIndex(rng.random((addresses, 2)) * np.sqrt(addresses) * 30)
    plan.steps()
    pixels = plan.xy[: addresses // 10] * [0.3, -0.3]
    found = benchmark.pedantic(register, (pixels, plan), {"turn": turn}, rounds=1)
    assert found.best.on_place > 0.9
