"""A photograph of a screen, or of a sheet, laid flat before it is read."""

from __future__ import annotations

import numpy as np

from privaudit._core.checks import say
from privaudit.errors import GeometryError
from privaudit.measures.pictures.affine_fit import fit_affine
from privaudit.measures.pictures.quadrilateral import flat_size, flattening, screen_corners
from privaudit.release.pictures.georeference import Georeference
from privaudit.release.pictures.open_picture import MOST_PIXELS
from privaudit.words.note import Note

__all__ = ["flattened"]

# Clicks that stray by more pixels than this from any map without perspective were made on a
# picture that was taken aslant.
_ASLANT = 6.0


def flattened(
    image: np.ndarray, clicks: np.ndarray | None, *, who: str
) -> tuple[np.ndarray, np.ndarray | None, list[Note]]:
    """Lay a picture flat that was taken aslant: by four clicks, or by the screen that it shows.

    - `image` (uint8, shape (h, w, 3))
    - `clicks` (float, shape (n, 4)): Column, row, x, y.
    - returns: The picture and the clicks on it, and what was done; unchanged where nothing is
      aslant.
    """
    if clicks is not None and clicks.shape[1:] == (4,) and len(clicks) >= 4:
        rough = fit_affine(clicks[:, :2], clicks[:, 2:])
        metres = Georeference(rough.matrix).metres_per_pixel
        if rough.residual > _ASLANT * metres:
            flat = clicks[:, 2:] * [1, -1] / metres
            return _by_clicks(image, flattening(clicks[:, :2], flat), clicks, who)
    found = screen_corners(image)
    if found is not None:
        return _by_corners(image, found, clicks)
    return image, clicks, []


def _by_corners(
    image: np.ndarray, corners: np.ndarray, clicks: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, list[Note]]:
    wide, high = flat_size(corners, (image.shape[0], image.shape[1]))
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]])
    matrix = flattening(corners, flat)
    return (
        _warped(image, matrix, (round(wide), round(high))),
        _moved(clicks, matrix),
        [Note("picture_flat_by_screen")],
    )


def _by_clicks(
    image: np.ndarray, matrix: np.ndarray, clicks: np.ndarray, who: str
) -> tuple[np.ndarray, np.ndarray, list[Note]]:
    """Lay a picture by clicks, north up, as far as it reaches and no farther than twice they do."""
    high, wide = image.shape[:2]
    edge = np.array([[0, 0], [wide, 0], [wide, high], [0, high], *clicks[:, :2]], float)
    at = np.column_stack([edge, np.ones(len(edge))]) @ matrix.T
    own = at[4:, :2] / at[4:, 2:]
    side = np.sign(at[4:, 2])
    if (side != side[0]).any():
        raise GeometryError(say(who, "clicks that some view from one side shows", "others"))
    low, up = own.min(axis=0), own.max(axis=0)
    far = (up - low).max()
    seen = at[:4][np.sign(at[:4, 2]) == side[0]]
    reach = np.concatenate([own, seen[:, :2] / seen[:, 2:]])
    low = np.maximum(reach.min(axis=0), low - far)
    size = np.minimum(reach.max(axis=0), up + far) - low
    if size.prod() > MOST_PIXELS:
        raise GeometryError(say(who, "clicks across the picture", "clicks close together"))
    matrix = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ matrix
    image = _warped(image, matrix, (max(1, round(size[0])), max(1, round(size[1]))))
    moved = np.column_stack([own - low, clicks[:, 2:]])
    return image, moved, [Note("picture_flat_by_clicks", clicks=len(clicks))]


def _moved(clicks: np.ndarray | None, matrix: np.ndarray) -> np.ndarray | None:
    if clicks is None or clicks.shape[1:] != (4,):
        return clicks
    at = np.column_stack([clicks[:, :2], np.ones(len(clicks))]) @ matrix.T
    return np.column_stack([at[:, :2] / at[:, 2:], clicks[:, 2:]])


def _warped(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the picture as the matrix lays it; what it does not show is white."""
    from PIL import Image

    back = np.linalg.inv(matrix)
    made = Image.fromarray(image).transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple((back / back[2, 2]).reshape(-1)[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=(255, 255, 255),
    )
    return np.asarray(made)
