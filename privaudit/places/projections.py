"""Changing the projection of points, offline."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from privaudit._core.arrays import Floats
from privaudit._core.checks import say, shown
from privaudit.errors import GeometryError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

__all__ = [
    "LAMBERT_93", "LONGITUDE_LATITUDE", "accuracy", "area_of_use", "epsg_code", "in_degrees",
    "is_local_plane", "metric_crs", "project",
]  # fmt: skip

LONGITUDE_LATITUDE = "EPSG:4326"
LAMBERT_93 = "EPSG:2154"
# The legal projection of each overseas part of France, by the first three digits of its
# commune codes (decree 2000-1276 as amended; EPSG registry for the codes).
_OVERSEAS = {
    "971": "EPSG:5490", "972": "EPSG:5490", "973": "EPSG:2972", "974": "EPSG:2975",
    "975": "EPSG:4467", "976": "EPSG:4471", "977": "EPSG:5490", "978": "EPSG:5490",
}  # fmt: skip
_COMMUNE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])\d{3}|97[1-8]\d{2}")
_CODE = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)


def metric_crs(commune: str) -> str:
    """Return the projection, in metres, in which French law keeps a commune's positions.

    Parameters
    ----------
    commune : str
        INSEE code of the commune, five characters.

    Returns
    -------
    str
        ``"EPSG:2154"`` in metropolitan France, the local UTM zone overseas.

    Raises
    ------
    GeometryError
        Not the form of an INSEE code.

    References
    ----------
    Decree 2000-1276 of 26 December 2000, as amended.

    Examples
    --------
    >>> metric_crs("94042"), metric_crs("2A004"), metric_crs("97411")
    ('EPSG:2154', 'EPSG:2154', 'EPSG:2975')
    """
    if not _COMMUNE.fullmatch(commune):
        needed = "the INSEE code of a commune, five characters such as '94042' or '97411'"
        raise GeometryError(say("metric_crs", needed, shown("commune", commune)))
    return _OVERSEAS.get(commune[:3], LAMBERT_93)


def epsg_code(crs: str, *, who: str = "epsg_code") -> str:
    """Return a projection in the one form in which it is compared, ``"EPSG:2154"``.

    Examples
    --------
    >>> epsg_code("epsg:2154"), epsg_code("2154")
    ('EPSG:2154', 'EPSG:2154')
    """
    _crs(crs, who)
    return f"EPSG:{int(str(crs).strip().upper().removeprefix('EPSG:'))}"


def in_degrees(crs: str, *, who: str = "in_degrees") -> bool:
    """Say whether a projection counts in degrees of longitude and latitude."""
    return bool(_crs(crs, who).is_geographic)


def project(
    first: npt.ArrayLike, second: npt.ArrayLike, *, source: str, target: str, who: str = "project"
) -> Floats:
    """Change the projection of points.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Longitude and latitude in degrees, or easting and northing in metres: the eastward one
        always comes first, whatever the order of axes in the registry.
    source, target : str
        Projections, written ``"EPSG:2154"``.
    who : str
        The function that asks, for messages.

    Returns
    -------
    float array, shape (n, 2)
        Points in `target`, eastward first. A point that `target` cannot hold is infinite.

    Raises
    ------
    GeometryError
        An unknown projection, or arrays of two lengths.

    Notes
    -----
    Between ``EPSG:4326`` and the French legal projections the datum shift is taken as nil, as
    in the national address base. Grids are never fetched: see `accuracy`.

    Examples
    --------
    The origin of Lambert-93 lies at 3° E, 46.5° N (EPSG registry, code 2154):

    >>> project([3.0], [46.5], source="EPSG:4326", target="EPSG:2154").round(3)
    array([[ 700000., 6600000.]])
    """
    east, north = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if east.ndim != 1 or east.shape != north.shape:
        came = f"shapes {east.shape} and {north.shape}"
        raise GeometryError(say(who, "two flat arrays of one length", came))
    transformer = _transformer(_crs(source, who), _crs(target, who))
    if len(east) == 1:
        # One point is no array to pyproj, and NumPy before 2.4 warns of what it does with one.
        return np.array([transformer.transform(float(east[0]), float(north[0]))])
    return np.column_stack(transformer.transform(east, north))


def accuracy(source: str, target: str) -> float:
    """Return how far off `project` may be, in metres, or nan where the registry does not say.

    Examples
    --------
    >>> accuracy("EPSG:2154", "EPSG:2154")
    0.0
    """
    best = float(_transformer(_crs(source, "accuracy"), _crs(target, "accuracy")).accuracy)
    return best if best >= 0 else float("nan")


def area_of_use(crs: str) -> tuple[float, float, float, float] | None:
    """Return the bounds in degrees that a CRS is made for: west, south, east, north."""
    area = _crs(crs, "area_of_use").area_of_use
    return None if area is None else (area.west, area.south, area.east, area.north)


def is_local_plane(crs: str, longitude: float, latitude: float) -> bool:
    """Say whether a projection is in metres, and true to scale within 0.5 % at a place.

    Examples
    --------
    >>> is_local_plane("EPSG:2154", 2.35, 48.85), is_local_plane("EPSG:3857", 2.35, 48.85)
    (True, False)
    """
    known = _crs(crs, "is_local_plane")
    if not known.is_projected or any(axis.unit_name != "metre" for axis in known.axis_info):
        return False
    scale = _offline().Proj(known).get_factors(longitude, latitude)
    return all(abs(s - 1) < 0.005 for s in (scale.meridional_scale, scale.parallel_scale))


def _crs(crs: Any, who: str) -> CRS:
    """Look a projection up. Only codes pass: a name or a PROJ string could point to a file."""
    found = _CODE.fullmatch(str(crs).strip())
    if found is not None:
        known = _lookup(int(found[1]))
        if known is not None:
            return known
    if crs == "fictional":
        came, do = "a fictional territory", "Points of a fictional town have no other projection."
    else:
        came, do = shown("crs", str(crs)[:60]), "Look its EPSG code up and write it in that form."
    needed = "a known projection, written 'EPSG:2154' (Lambert-93) or 'EPSG:4326' (degrees)"
    raise GeometryError(say(who, needed, came, do))


def _offline() -> Any:
    """Return the library of projections, which is to fetch nothing."""
    import pyproj.network

    pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined, unused-ignore]
    return pyproj


@lru_cache(maxsize=64)
def _lookup(code: int) -> CRS | None:
    library = _offline()
    try:
        crs: CRS = library.CRS.from_epsg(code)
    except library.exceptions.CRSError:
        return None
    # Heights and geocentric coordinates are in the registry too.
    return crs if crs.is_geographic or crs.is_projected else None


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> Transformer:
    found: Transformer = _offline().Transformer.from_crs(source, target, always_xy=True)
    return found
