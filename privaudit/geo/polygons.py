"""Areas that are given as polygons: which of them a point lies in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.crs import epsg_code

_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, eq=False)
class Polygons:
    """Areas in metres, each made of rings: a point is inside where an odd number surrounds it.

    - `rings`: Of each area, its rings, float (corners, 2).
    - `crs` (str): As the frame declares it, "" where none does.
    """

    rings: tuple[tuple[np.ndarray, ...], ...]
    crs: str = ""
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.blake2b(digest_size=4)
        for area in self.rings:
            digest.update(b"area")
            for ring in area:
                digest.update(np.ascontiguousarray(ring).tobytes() + b"ring")
        object.__setattr__(self, "digest", digest.hexdigest())

    def __len__(self) -> int:
        return len(self.rings)

    def __repr__(self) -> str:
        return f"polygons-{self.digest}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polygons) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def of(self, points: np.ndarray) -> np.ndarray:
        """Return the first area that each point lies in, -1 outside all of them.

        A border belongs to one side of it only, so that areas side by side share no point.
        """
        area = np.full(len(points), -1, dtype=np.int64)
        for number, rings in enumerate(self.rings):
            corners = np.concatenate(rings)
            low, high = corners.min(axis=0), corners.max(axis=0)
            near = (points >= low).all(axis=1) & (points <= high).all(axis=1) & (area < 0)
            rows = np.flatnonzero(near)
            area[rows[_surrounded(points[rows], rings)]] = number
        return area


def _surrounded(points: np.ndarray, rings: Sequence[np.ndarray]) -> np.ndarray:
    """Return which points an odd number of rings surrounds, by the edges east of each."""
    odd = np.zeros(len(points), dtype=bool)
    x, y = points.T
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 != y1:
                met = (y0 > y) != (y1 > y)
                odd ^= met & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


def polygons_of(source: Any, *, who: str) -> Polygons:
    """Return areas: of what has ``__geo_interface__``, of GeoJSON, or of arrays of corners.

    Parameters
    ----------
    source : GeoDataFrame, GeoSeries, geometry, GeoJSON mapping, or sequence of these or of arrays
        Polygons in metres, one area each; a sequence of arrays has one ring each.
    who : str
        For the error.

    Raises
    ------
    ParameterError
        Anything else, no polygon, or a coordinate that is not finite.

    Examples
    --------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]}
    >>> polygons_of([square, [[9, 0], [12, 0], [9, 4]]], who="doctest").of(
    ...     np.array([[4.0, 4.0], [10.0, 1.0], [20.0, 0.0]])).tolist()
    [0, 1, -1]
    """
    if isinstance(source, Polygons):
        return source
    crs = getattr(source, "crs", None)
    try:
        rings = tuple(_areas(source))
        fine = bool(rings) and all(len(r) >= 3 and np.isfinite(r).all() for a in rings for r in a)
    except (TypeError, ValueError, KeyError, IndexError):
        fine = False
    if not fine:
        needed, do = "polygons in metres, of three corners or more", "Give a GeoDataFrame of them."
        raise ParameterError.of(who, needed, "something else", do)
    return Polygons(rings, "" if crs is None else epsg_code(crs, who=who))


def _areas(source: Any) -> Iterable[tuple[np.ndarray, ...]]:
    """Yield the rings of each area."""
    shown = getattr(source, "__geo_interface__", source)
    if isinstance(shown, dict):
        if "features" in shown:
            for feature in shown["features"]:
                yield from _areas(feature)
        elif "geometry" in shown:
            yield from _areas(shown["geometry"])
        elif shown["type"] in _AREAS:
            parts = shown["coordinates"]
            parts = parts if shown["type"] == "MultiPolygon" else [parts]
            yield tuple(_ring(ring) for part in parts for ring in part)
        else:
            raise ValueError
    elif len(shown) and np.ndim(shown[0]) == 1 and not isinstance(shown[0], (dict, str)):
        yield (_ring(shown),)
    else:
        for one in shown:
            yield from _areas(one)


def _ring(corners: Any) -> np.ndarray:
    return np.array([point[:2] for point in corners], dtype=float)


def check_polygons(areas: Polygons, places: np.ndarray, crs: str, *, who: str) -> None:
    """Raise unless the areas are in the CRS of the addresses, and hold one of them.

    Raises
    ------
    GeometryError
        The areas declare another CRS, or no address lies in any: they are elsewhere, or in degrees.
    """
    if areas.crs not in ("", crs):
        do = "Give areas.to_crs(addresses.crs)."
        raise GeometryError.of(who, f"areas in the CRS of the addresses ({crs})", areas.crs, do)
    if (areas.of(places) < 0).all():
        do = "Give them in the metres of the addresses."
        raise GeometryError.of(who, "areas that hold an address", "none that does", do)
