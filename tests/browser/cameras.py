"""What a phone makes of a screen, and a scanner of a sheet."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from privaudit.screenshots.placement import homography

# Dots of a screen to a pixel of a side, and how far they leak into each other.
_LCD, _LEAK = 3, 0.6


def jpeg(image, quality):
    """Return what a JPEG file of that quality gives back."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def photographed(image, rng, *, wide=2000, tilt=0.05, moire=0.25, glare=45.0, quality=85):
    """Photograph a screen: its red, green and blue stripes, aslant, blurred, with a glare.

    Returns the photograph, and the matrix from pixels of the screen to those of the photograph.
    """
    high, across = image.shape[:2]
    # A screen is stripes of three colours with dark lines between its rows: hence the moiré.
    stripe = np.ones((_LCD, _LCD, 3)) * (1 - moire)
    for k in range(3):
        stripe[:, k, k] = 1.0
    stripe[-1] *= 1 - moire
    stripe /= stripe.mean(axis=(0, 1))
    screen = image.repeat(_LCD, 0).repeat(_LCD, 1) * np.tile(stripe, (high, across, 1))
    screen = ndimage.gaussian_filter(screen, (_LEAK, _LEAK, 0)).clip(0, 255).astype(np.uint8)
    tall = int(wide * 0.75)
    room = min(0.86 * wide / across, 0.86 * tall / high)
    corner = np.array([[0, 0], [across, 0], [across, high], [0, high]], float)
    to = (corner - corner.mean(axis=0)) * room + [wide / 2, tall / 2]
    to += rng.uniform(-tilt, tilt, (4, 2)) * room * across
    to = to.clip(0.03 * tall, [wide - 0.03 * tall, tall - 0.03 * tall])
    matrix = homography(corner, to)
    back = np.linalg.inv(matrix @ np.diag([1 / _LCD, 1 / _LCD, 1]))
    photo = Image.fromarray(screen).transform(
        (wide, tall), Image.Transform.PERSPECTIVE, tuple((back / back[2, 2]).reshape(-1)[:8]),
        Image.Resampling.BILINEAR, fillcolor=(28, 26, 25),
    )  # fmt: skip
    seen = ndimage.gaussian_filter(np.asarray(photo).astype(float), (0.9, 0.9, 0))
    down, along = np.mgrid[:tall, :wide] / [[[tall]], [[wide]]]
    middle = rng.uniform(0.3, 0.7, 2)
    spot = np.exp(-((along - middle[0]) ** 2 + (down - middle[1]) ** 2) / 2 / 0.15**2)
    fall = 1 - 0.25 * ((along - 0.5) ** 2 + (down - 0.5) ** 2)
    seen = seen * [1.0, 0.97, 0.92] * fall[..., None] * 0.92 + glare * spot[..., None]
    seen += rng.normal(0, 3, seen.shape)
    return jpeg(seen.clip(0, 255).astype(np.uint8), quality), matrix


def scanned(image, rng, *, turn=None, grey=False, quality=80):
    """Print on a sheet with a border, lay it on a scanner a degree or two askew.

    Returns the scan, and the matrix (2, 3) from pixels of the print to those of the scan.
    """
    high, across = image.shape[:2]
    border, turn = int(0.06 * across), rng.uniform(0.7, 2.0) if turn is None else turn
    sheet = np.full((high + 2 * border, across + 2 * border, 3), 255.0)
    sheet[border : border + high, border : border + across] = image
    size = sheet.shape[1], sheet.shape[0]
    page = Image.fromarray(sheet.astype(np.uint8))
    page = page.rotate(turn, Image.Resampling.BICUBIC, fillcolor=(236, 236, 234))
    seen = ndimage.gaussian_filter(np.asarray(page).astype(float), (0.6, 0.6, 0)) * 0.97
    seen += rng.normal(0, 4, seen.shape)
    seen = seen.clip(0, 255).astype(np.uint8)
    if grey:
        seen = np.asarray(Image.fromarray(seen).convert("L").convert("RGB"))
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    middle = np.array(size) / 2
    matrix = np.array([[cos, sin], [-sin, cos]])
    return jpeg(seen, quality), np.column_stack([matrix, middle + matrix @ (border - middle)])


def moved(points, matrix):
    """Return where a matrix takes points."""
    at = np.column_stack([points, np.ones(len(points))]) @ np.asarray(matrix).T
    return at[:, :2] / at[:, 2:] if at.shape[1] == 3 else at
