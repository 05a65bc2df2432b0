"""Perspective of a photographed screen: its corners, and the homography that flattens it."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

__all__ = ["flat_size", "flattening", "screen_corners"]

# Longer side, in pixels, of the picture in which a screen is looked for; bins of its lightness.
_GLANCE, _BINS = 500, 64
# A screen takes up so much of a picture at least, fills its four sides to this share, and its
# corners lie so far within the picture. It is brighter than what is around by so many levels.
_ROOM, _FULL, _WITHIN, _BRIGHTER = 0.2, 0.95, 0.01, 40.0
# Its sides are found from the middle part of each; a side strays from a line by so much, in
# pixels of the glance; a picture whose sides are straight to this sine was not taken aslant.
_MIDDLE, _STRAY, _STRAIGHT = 0.8, 1.5, 0.004
# Shapes that screens and sheets have, and how near one must be to be meant.
_SHAPES, _NEAR = (4 / 3, 3 / 2, 16 / 10, 16 / 9, 21 / 9, 2**0.5), 0.02


def screen_corners(image: np.ndarray) -> np.ndarray | None:
    """Return the corners of a bright, slanted screen or sheet in a picture, or None.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)

    Returns
    -------
    float, shape (4, 2)
        Column and row of the upper left, upper right, lower right and lower left corner.

    Examples
    --------
    >>> image = np.zeros((200, 300, 3), np.uint8)
    >>> row, column = np.mgrid[:200, :300]
    >>> inside = (row > 20 + column / 10) & (row < 170) & (column > 30) & (column < 260)
    >>> image[inside] = 220
    >>> true = np.array([[31, 23.6], [260, 46.5], [260, 170], [31, 170]])
    >>> bool(np.abs(screen_corners(image) - true).max() < 1)
    True
    >>> screen_corners(np.full((200, 300, 3), 220, np.uint8)) is None
    True
    """
    step = max(1, int(np.ceil(max(image.shape[:2]) / _GLANCE)))
    light = ndimage.uniform_filter(image.astype(np.float32).mean(axis=2), step)[::step, ::step]
    light = ndimage.median_filter(light, 5)
    bright = light > _threshold(light)
    label, many = ndimage.label(bright)
    if not many:
        return None
    room = np.bincount(label.reshape(-1))
    room[0] = 0
    piece = ndimage.binary_fill_holes(label == room.argmax())
    if piece.mean() < _ROOM or piece.all():
        return None
    contrast = light[piece].mean() - light[~piece].mean()
    at = np.column_stack(np.nonzero(piece & ~ndimage.binary_erosion(piece)))[:, ::-1] + 0.5
    corner = _corners(at)
    if corner is None or contrast < _BRIGHTER:
        return None
    high, wide = piece.shape
    margin = _WITHIN * max(high, wide)
    inside = (corner > margin).all() and (corner < [wide - margin, high - margin]).all()
    full = piece.sum() / max(_area(corner), 1.0)
    if not inside or not _FULL <= full <= 1 / _FULL or _is_straight(corner):
        return None
    return corner * step


def _threshold(light: np.ndarray) -> float:
    """Return Otsu's threshold of lightness (Otsu 1979)."""
    count, edge = np.histogram(light, _BINS)
    middle = (edge[1:] + edge[:-1]) / 2
    below = np.cumsum(count)
    total = np.cumsum(count * middle)
    above = below[-1] - below
    some = (below > 0) & (above > 0)
    gap = total / np.maximum(below, 1) - (total[-1] - total) / np.maximum(above, 1)
    return float(middle[np.argmax(np.where(some, below * above * gap**2, -1.0))])


def _corners(at: np.ndarray) -> np.ndarray | None:
    """Return the corners of four lines along the sides of a piece, or None."""
    x, y = at.T
    rough = np.array(
        [at[np.argmin(x + y)], at[np.argmax(x - y)], at[np.argmax(x + y)], at[np.argmin(x - y)]]
    )
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along))
        if length < 10:
            return None
        along = along / length
        away = at - start
        share, off = away @ along / length, away @ [-along[1], along[0]]
        near = (np.abs(share - 0.5) < _MIDDLE / 2) & (np.abs(off) < 0.06 * length)
        if near.sum() < 0.3 * length:
            return None
        point = at[near]
        for _ in range(3):
            middle = point.mean(axis=0)
            normal = np.linalg.svd(point - middle, full_matrices=False)[2][1]
            off = np.abs((at[near] - middle) @ normal)
            point = at[near][off <= max(_STRAY, float(np.median(off)))]
        if np.median(off) > _STRAY:
            return None
        # The outline's pixels are inside: half a pixel beyond them is the edge.
        outwards = normal * np.sign(normal @ (middle - at.mean(axis=0)))
        lines.append((outwards, float(outwards @ middle) + 0.5))
    made = []
    for (n, c), (m, d) in zip([lines[-1], *lines[:-1]], lines, strict=True):
        matrix = np.array([n, m])
        if abs(np.linalg.det(matrix)) < 0.2:
            return None
        made.append(np.linalg.solve(matrix, [c, d]))
    return np.array(made)


def _area(corner: np.ndarray) -> float:
    """Return the area of a polygon."""
    x, y = corner.T
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


def _is_straight(corner: np.ndarray) -> bool:
    """Return whether points lie on a line."""
    side = np.roll(corner, -1, axis=0) - corner
    return bool((np.abs(side).min(axis=1) <= _STRAIGHT * np.abs(side).max(axis=1)).all())


def flat_size(corner: np.ndarray, shape: tuple[int, int]) -> tuple[float, float]:
    """Return width and height, in pixels, of what four corners show once flattened.

    How wide it is for its height follows from the perspective, the picture's middle being where its
    lens looked (Zhang and He 2007); a shape near that of a usual screen is taken for it.

    Parameters
    ----------
    corner : float, shape (4, 2)
        As of `screen_corners`.
    shape : tuple of int
        Height and width of the picture.

    Returns
    -------
    tuple of float

    References
    ----------
    Zhang and He (2007).
    """
    side = np.hypot(*(np.roll(corner, -1, axis=0) - corner).T)
    wide, high = float(max(side[0], side[2])), float(max(side[1], side[3]))
    ratio = _ratio(corner - np.array(shape[::-1]) / 2) or wide / high
    for usual in (*_SHAPES, *(1 / shape for shape in _SHAPES)):
        if abs(np.log(ratio / usual)) <= _NEAR:
            ratio = usual
            break
    return (wide, wide / ratio) if wide / ratio >= high else (high * ratio, high)


def _ratio(corner: np.ndarray) -> float | None:
    """Return the aspect ratio of a rectangle seen in perspective; None where it is hardly one."""
    size = float(np.abs(corner).max())
    first, second, fourth, third = np.column_stack([corner / size, np.ones(4)])
    k2 = np.cross(first, fourth) @ third / (np.cross(second, fourth) @ third)
    k3 = np.cross(first, fourth) @ second / (np.cross(third, fourth) @ second)
    n2, n3 = k2 * second - first, k3 * third - first
    if abs(n2[2] * n3[2]) < 1e-4:
        return None
    focal = -(n2[:2] @ n3[:2]) / (n2[2] * n3[2])
    if focal <= 0.1:
        return None
    weight = np.array([1 / focal, 1 / focal, 1.0])
    return float(np.sqrt((weight * n2**2).sum() / (weight * n3**2).sum()))


def flattening(slanted: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Return the homography (3, 3) from points of a picture to the flat.

    Parameters
    ----------
    slanted, flat : float, shape (n, 2)
        Four points or more; by least squares where there are more.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> seen = np.array([[0.0, 0], [10, 0], [9, 5], [1, 5]])
    >>> flat = np.array([[0.0, 0], [10, 0], [10, 8], [0, 8]])
    >>> made = flattening(seen, flat) @ [9, 5, 1]
    >>> (made[:2] / made[2]).round(6).tolist()
    [10.0, 8.0]
    """
    before, after = _levelled(slanted), _levelled(flat)
    x, y = (np.column_stack([slanted, np.ones(len(slanted))]) @ before.T)[:, :2].T
    u, v = (np.column_stack([flat, np.ones(len(flat))]) @ after.T)[:, :2].T
    ones, zeros = np.ones(len(x)), np.zeros((len(x), 3))
    place = np.column_stack([x, y, ones])
    rows = np.vstack(
        [
            np.column_stack([place, zeros, -u[:, None] * place]),
            np.column_stack([zeros, place, -v[:, None] * place]),
        ]
    )
    homography = np.linalg.svd(rows)[2][-1].reshape(3, 3)
    return np.asarray(np.linalg.solve(after, homography @ before))


def _levelled(points: np.ndarray) -> np.ndarray:
    """Return the normalising matrix: centred points at mean distance one."""
    middle = points.mean(axis=0)
    size = max(float(np.hypot(*(points - middle).T).mean()), 1e-9)
    return np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, size]]) / size
