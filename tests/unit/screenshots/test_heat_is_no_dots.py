"""Hot spots of a heat map are no dots, and the soft edges of dots are no steps of heat."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from scipy import ndimage

from privaudit.errors import ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.screenshots.read_heat import colour_scale
from privaudit.screenshots.read_screenshot import read_screenshot

ROWS, COLUMNS = np.mgrid[:440, :600]


def places(seed):
    """Forty places, at least 30 pixels apart."""
    rng, at = np.random.default_rng(seed), np.empty((0, 2))
    while len(at) < 40:
        new = rng.uniform(40, [560, 400])
        if not len(at) or np.hypot(*(at - new).T).min() >= 30:
            at = np.vstack([at, new])
    return at


def away(at):
    return np.hypot(COLUMNS - at[:, 0, None, None], ROWS - at[:, 1, None, None])


def read(image, at):
    """Read a picture of a metre a pixel, with addresses at these places."""
    frame = pd.DataFrame({"id": [str(k) for k in range(len(at))], "x": at[:, 0] + 0.5})
    frame = frame.assign(number="1", street="s", commune="c", station="", y=439.5 - at[:, 1])
    return read_screenshot(
        image.round().clip(0, 255).astype(np.uint8),
        addresses=AddressBase(frame, real=False),
        bbox=(0, 0, 600, 440),
    )


@pytest.mark.heavy
@pytest.mark.parametrize(("ramp", "seed"), [("YlOrRd", 1), ("OrRd", 2), ("hot_r", 1), ("jet", 2)])
def test_hot_spots_are_refused_as_heat(ramp, seed):
    at = np.random.default_rng(seed).uniform(40, [560, 400], (40, 2))
    heat = np.exp(-(away(at) ** 2) / 2 / 9**2).sum(axis=0)
    heat /= heat.max()
    fade = np.minimum(heat / 0.1, 1)[..., None]
    with pytest.raises(ReadError, match="as of a heat map"):
        read(colormaps[ramp](heat)[..., :3] * 255 * fade + 255 * (1 - fade), at)


RED, PAPER = np.array([214.0, 39, 40]), np.array([242.0, 239, 233])


def painted(at, *, blur=0.0, glossy=False, hollow=False, shadow=False):
    """Return red discs of six pixels: blurred, lighter within, with a hole or with a shadow."""
    near = away(at).min(axis=0)[..., None]
    image = np.broadcast_to(PAPER, (440, 600, 3))
    if shadow:
        image = image * (1 - 0.6 * np.clip(1 - (near - 6) / 6, 0, 1))
    fill = RED + (np.array([255, 190, 190]) - RED) * np.clip(1 - near / 6, 0, 1) * glossy
    inside = np.clip(6.5 - near, 0, 1) * (np.clip(near - 2.5, 0, 1) if hollow else 1)
    image = image * (1 - inside) + fill * inside
    return ndimage.gaussian_filter(image, (blur, blur, 0)) if blur else image


SOFT = [
    {"blur": 1.5}, {"blur": 2.0}, {"glossy": True, "blur": 1.0}, {"hollow": True}, {"shadow": True},
]  # fmt: skip


@pytest.mark.parametrize(
    "look",
    [{}, *(pytest.param(look, marks=pytest.mark.heavy) for look in ({"glossy": True}, *SOFT))],
    ids=str,
)
def test_dots_without_a_hard_edge_are_no_heat(look):
    at = places(4)
    assert len(read(painted(at, **look), at).records) == len(at)


@pytest.mark.parametrize("radius", [3.0, 5.0, 8.0])
def test_soft_edges_of_dots_are_no_steps_of_heat(radius):
    """Eleven of them were read as heat, of which almost nobody was found (claimed 0 to .065)."""
    off = (np.arange(4) + 0.5) / 4 - 0.5
    gap = np.hypot(*(np.mgrid[-10:11, -10:11, :4, :4][:2] + np.array([off[:, None] * np.ones(4),
                   np.ones((4, 1)) * off])[:, None, None]))  # fmt: skip
    mark, image = (gap <= radius).mean(axis=(2, 3))[..., None], np.full((440, 600, 3), 255.0)
    for column, row in places(5).astype(int):
        box = image[row - 10 : row + 11, column - 10 : column + 11]
        box[:] = mark * [214, 39, 40] + (1 - mark) * box
    with pytest.raises(ReadError, match="mostly of one colour"):
        colour_scale(image.round().astype(np.uint8))


@pytest.mark.parametrize("cell", [2, 3, 4])
def test_small_cells_of_heat_are_no_soft_edges(cell):
    """Each step lies near to the ground; but red is no blend of the ground and of yellow."""
    steps = np.array([[255, 255, 255], [254, 224, 144], [252, 141, 89], [215, 48, 39]])
    drawn = np.random.default_rng(3).choice(
        4, (440 // cell, 600 // cell), p=[0.88, 0.08, 0.025, 0.015]
    )
    image = steps[np.kron(drawn, np.ones((cell, cell), int))]
    assert colour_scale(image.astype(np.uint8)).colour.tolist() == steps[1:].tolist()
