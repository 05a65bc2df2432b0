"""A compressed picture is read about as well as the picture before compression.

Two hundred red dots over a hundred grey ones, drawn by Pillow, saved with colour at half the
resolution. What a PNG of the same picture gives is what can be had.
"""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.spatial import cKDTree

from privaudit.screenshots.picture_dots import picture_dots

SIZE, RED, GREY = (1_000, 700), (214, 39, 40), (128, 128, 128)
# Points a side of a pixel at which soft edges are drawn.
FINE = 4


def drawn(radius, soft):
    rng = np.random.default_rng(17)
    at = rng.random((300, 2)) * (np.array(SIZE) - 40) + 20
    fine = FINE if soft else 1
    at = at if soft else np.floor(at) + 0.5
    image = Image.new("RGB", (SIZE[0] * fine, SIZE[1] * fine), "#f2efe9")
    pen = ImageDraw.Draw(image)
    for k, (x, y) in enumerate(at):
        edges = [v * fine for v in (x - radius, y - radius, x + radius, y + radius)]
        edges[2:] = [edge - 1 for edge in edges[2:]]
        pen.ellipse(edges, fill=GREY if k < 100 else RED)
    return image.resize(SIZE, Image.Resampling.BOX), at[100:]


def compressed(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return Image.open(file).convert("RGB")


def found(image, true):
    """Return how many red dots are within a pixel and a half of a true one, and read in all."""
    dots = picture_dots(np.asarray(image))
    gap, which = cKDTree(true).query(dots.pixel[dots.red])
    return len(np.unique(which[gap <= 1.5])), int(dots.red.sum()), dots.refused


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("radius", "soft", "quality"),
    [(3, False, 85), (4, False, 80), (8, True, 80), (6, False, 70)],
)
def test_compression_loses_few_dots(radius, soft, quality):
    image, true = drawn(radius, soft)
    before, _, _ = found(image, true)
    after, every, refused = found(compressed(image, quality), true)
    assert before >= 0.99 * len(true)
    assert after >= 0.98 * before
    # Neither dots where none is, nor marks that are said to be none though they are dots.
    assert after >= 0.98 * every
    assert refused <= 0.02 * len(true)
