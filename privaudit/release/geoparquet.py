"""Points of a GeoParquet file: which column holds them, in what projection, and their numbers."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import GeometryError
from privaudit.places.projections import LONGITUDE_LATITUDE, epsg_code

__all__ = ["declared_crs", "geometry_of", "wkb_points"]

_KINDS = {
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}
# Extended WKB says in the high bits of the kind whether there is a height, and a projection.
_HIGH, _HAS_CODE = 0x1FFFFFFF, 0x20000000


def geometry_of(metadata: Iterable[tuple[Any, Any]]) -> tuple[str, dict[str, Any]] | None:
    """Find the primary geometry of a Parquet file in its metadata, by the GeoParquet standard.

    Parameters
    ----------
    metadata : iterable of tuple
        Keys and values, as bytes or text.

    Returns
    -------
    tuple of str and dict, or None
        Name of the column and what the file says of it; None where it says nothing.

    Examples
    --------
    >>> told = '{"primary_column": "at", "columns": {"at": {"encoding": "WKB"}}}'
    >>> geometry_of([(b"geo", told.encode())])
    ('at', {'encoding': 'WKB'})
    """
    for key, value in metadata:
        if (key.decode() if isinstance(key, bytes) else key) != "geo":
            continue
        try:
            told = json.loads(value)
            name = told["primary_column"]
            column = told["columns"][name]
        except (ValueError, KeyError, TypeError):
            return None
        if isinstance(name, str) and isinstance(column, dict):
            return name, column
    return None


def declared_crs(column: dict[str, Any], *, name: str, who: str) -> str:
    """Read the projection that a GeoParquet file declares; without one it is WGS 84.

    Coordinates stand eastward first, whatever the order of the projection's axes.

    Raises
    ------
    GeometryError
        It is one without an EPSG number, or the file says that it is not known.
    """
    crs = column.get("crs", {"id": {"authority": "OGC", "code": "CRS84"}})
    identity = crs.get("id") if isinstance(crs, dict) else None
    if isinstance(identity, dict):
        authority, code = str(identity.get("authority")).upper(), str(identity.get("code"))
        if (authority, code) == ("OGC", "CRS84"):
            return LONGITUDE_LATITUDE
        if authority == "EPSG":
            return epsg_code(code, who=who)
    needed = "a projection with an EPSG number, or none (WGS 84)"
    do = 'Name it: crs="EPSG:2154", or --crs EPSG:2154.'
    raise GeometryError(say(who, needed, f"another one in {name}", do))


def wkb_points(
    cells: Iterable[Any],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], dict[str, int]]:
    """Decode points in well-known binary.

    Parameters
    ----------
    cells : iterable of bytes, or missing
        A byte for the order, 1 for little; the kind, 1 for a point; then x and y.

    Returns
    -------
    xy : ndarray of float64, shape (n, 2)
        Eastward first; an empty point is nan.
    point : ndarray of bool, shape (n,)
        False where the cell is no point.
    set_aside : dict
        Cells that are no point: reason to count, in the words of `parse_geojson`.

    Examples
    --------
    >>> xy, point, aside = wkb_points([struct.pack("<BIdd", 1, 1, 2.5, 48.0), None])
    >>> xy[0].tolist(), point.tolist(), aside
    ([2.5, 48.0], [True, False], {'feature without a geometry': 1})
    """
    found, good, set_aside = [], [], dict[str, int]()
    for cell in cells:
        xy, reason = _point(cell)
        found.append(xy)
        good.append(not reason)
        if reason:
            set_aside[reason] = set_aside.get(reason, 0) + 1
    return np.array(found, dtype=float).reshape(-1, 2), np.array(good, dtype=bool), set_aside


def _point(cell: Any) -> tuple[tuple[float, float], str]:
    nowhere = (float("nan"), float("nan"))
    if not isinstance(cell, (bytes, bytearray)):
        return nowhere, "feature without a geometry"
    if len(cell) < 5 or cell[0] > 1:
        return nowhere, "unknown geometry, not a point"
    order = "<" if cell[0] else ">"
    (kind,) = struct.unpack_from(f"{order}I", cell, 1)
    # 1001, 2001 and 3001 are points with a height, a measure, or both.
    plain = (kind & _HIGH) % 1000
    if plain != 1:
        return nowhere, f"{_KINDS.get(plain, 'unknown geometry')}, not a point"
    start = 9 if kind & _HAS_CODE else 5
    if len(cell) < start + 16:
        return nowhere, "point without two numbers"
    x, y = struct.unpack_from(f"{order}dd", cell, start)
    return (x, y), ""
