"""Where a picture lies on the ground: from columns and rows to metres, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import in_range, say, whole
from privaudit.errors import GeometryError

__all__ = ["Georeference", "zoom_resolution"]

# Web Mercator: metres a pixel at the equator, zoom 0, tiles of 256 pixels.
_EQUATOR = 2 * math.pi * 6_378_137 / 256


def zoom_resolution(zoom: float, latitude: float) -> float:
    """Return the metres a pixel of a web map, on tiles of 256 pixels.

    - `zoom`: 0 to 24; each step halves the metres a pixel.
    - `latitude`: Degrees, -85 to 85.
    """
    in_range("zoom_resolution", "zoom", zoom, 0, 24)
    in_range("zoom_resolution", "latitude", latitude, -85, 85)
    return _EQUATOR * math.cos(math.radians(latitude)) / 2**zoom


@dataclass(frozen=True, eq=False)
class Georeference:
    """The affine map from a picture to the ground.

    Columns and rows are counted from the upper left corner of the picture: the centre of its
    first pixel is at (.5, .5).

    - `matrix` (float, shape (2, 3)): ``x, y = matrix @ (column, row, 1)``, in metres.
    """

    matrix: np.ndarray

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, float).reshape(2, 3)
        if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:, :2])) < 1e-12:
            needed = "a finite map from pixels to metres that has an inverse"
            raise GeometryError(say("Georeference", needed, "one that has none"))
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def of_box(cls, box: ArrayLike, *, width: int, height: int) -> Georeference:
        """Return the map of a picture whose edges are known, north up.

        - `box` (float, shape (4,)): West, south, east, north: the outer edges, in metres.
        - `width`, `height`: Of the picture, in pixels.
        """
        edges = np.asarray(box, float).reshape(-1)
        good = len(edges) == 4 and np.isfinite(edges).all()
        if not good or edges[0] >= edges[2] or edges[1] >= edges[3]:
            needed = "a box of west, south, east, north in metres, west below east, south below"
            raise GeometryError(say("Georeference", f"{needed} north", f"{edges.tolist()}"))
        whole("Georeference", "width", width, 1)
        whole("Georeference", "height", height, 1)
        west, south, east, north = edges
        across, down = (east - west) / width, (north - south) / height
        return cls(np.array([[across, 0, west], [0, -down, north]]))

    @property
    def metres_per_pixel(self) -> float:
        """Side, in metres, of a square as large as a pixel."""
        return math.sqrt(abs(float(np.linalg.det(self.matrix[:, :2]))))

    def to_metres(self, pixels: ArrayLike) -> np.ndarray:
        """Return x and y in metres of columns and rows, shape (n, 2)."""
        points = np.asarray(pixels, float).reshape(-1, 2)
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])

    def to_pixels(self, points: ArrayLike) -> np.ndarray:
        """Return columns and rows of x and y in metres, shape (n, 2)."""
        moved = np.asarray(points, float).reshape(-1, 2) - self.matrix[:, 2]
        return np.asarray(moved @ np.linalg.inv(self.matrix[:, :2]).T)
