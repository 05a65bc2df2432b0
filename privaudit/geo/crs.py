"""Coordinate reference systems (CRS): one rule for which, and projection offline.

A declared CRS is used; a contradiction raises; a guess by the range of the numbers is noted. A file
of KML or GPX is in WGS 84 by the standard of its format."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Floats, shown
from privaudit.errors import GeometryError
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

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
    """Return the legal projection, in metres, of a French commune.

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
        raise GeometryError.of("metric_crs", needed, shown("commune", commune))
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
    """Return whether a projection counts in degrees of longitude and latitude."""
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
        raise GeometryError.of(who, "two flat arrays of one length", came)
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


def is_local_plane(crs: str, longitude: float, latitude: float) -> bool:
    """Return whether a projection is in metres, and true to scale within 0.5 % at a place.

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
    result = _CODE.fullmatch(str(crs).strip())
    if result is not None:
        known = _lookup(int(result[1]))
        if known is not None:
            return known
    if crs == "fictional":
        came, do = "a fictional territory", "Points of a fictional town have no other projection."
    else:
        came, do = shown("crs", str(crs)[:60]), "Look its EPSG code up and write it in that form."
    needed = "a known projection, written 'EPSG:2154' (Lambert-93) or 'EPSG:4326' (degrees)"
    raise GeometryError.of(who, needed, came, do)


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
    result: Transformer = _offline().Transformer.from_crs(source, target, always_xy=True)
    return result


FICTIONAL = "fictional"
# Degrees beyond the bounds of a CRS's area of use that are tolerated: national zones are used for
# neighbouring zones too (UTM 32 for all of Germany).
_AREA_MARGIN = 6.0
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:(?:\d[\d.]*)?:?CRS84", re.IGNORECASE)
_EPSG = re.compile(r"(?:(?:urn:ogc:def:crs:)?EPSG:(?:\d[\d.]*:|:)?)?(\d{4,6})", re.IGNORECASE)
_WKT = ("PROJCS", "GEOGCS", "PROJCRS", "GEOGCRS")


def stated_crs(
    declared: Any, *, given: str | None, name: str, who: str, default: str | None = None
) -> str | None:
    """Return the CRS that a file or frame declares, or that the caller gave.

    Parameters
    ----------
    declared : str, int, dict or object, optional
        What the source declares: an EPSG code, a URN, WKT, a PROJJSON member or a CRS object of
        pyproj. None where it declares nothing.
    given : str, optional
        What the caller gave as `crs`, written ``"EPSG:2154"``.
    name, who : str
        Source and function, for messages.
    default : str, optional
        The CRS of the format's standard, for a source that declares none; `given` outranks it.

    Returns
    -------
    str or None
        ``"EPSG:n"`` or ``"fictional"``; None where no CRS is stated.

    Raises
    ------
    GeometryError
        The two differ, or the declared CRS has no EPSG code and the caller gave none.

    Examples
    --------
    >>> stated_crs("urn:ogc:def:crs:EPSG::2154", given=None, name="a.geojson", who="read_map")
    'EPSG:2154'
    """
    if declared is None:
        return given or default
    code = _code_of(declared)
    if code is None and given is None:
        needed = f"a projection with an EPSG number declared in {name}"
        do = 'Name it: crs="EPSG:2154", or --crs EPSG:2154.'
        raise GeometryError.of(who, needed, "another one", do, why="projection")
    if code is None:
        return given
    code = epsg_code(code, who=who)
    if given is not None and given != code:
        do = f"Leave crs out, or correct what {name} declares."
        came = f"crs='{given}' for {name}, which declares {code}"
        raise GeometryError.of(who, "one coordinate reference system", came, do, why="projection")
    return code


def _code_of(declared: Any) -> str | None:
    """Return the EPSG code of a declared CRS as text; None where it has none."""
    if isinstance(declared, dict):
        identity = declared.get("id")
        if not isinstance(identity, dict):
            return None
        return _code_of(f"{identity.get('authority')}:{identity.get('code')}")
    if isinstance(declared, (str, int)):
        text = str(declared).strip("\ufeff\0 \r\n")
        if _CRS84.fullmatch(text):
            return LONGITUDE_LATITUDE
        if code := _EPSG.fullmatch(text):
            return code[1]
        # Of a place name or a URL the library would ask its database: only WKT is parsed.
        return _code_of_wkt(text) if text.upper().startswith(_WKT) else None
    if not hasattr(declared, "to_epsg"):
        return None
    code = declared.to_epsg()
    if code is None and hasattr(declared, "to_authority"):
        authority = declared.to_authority()
        return LONGITUDE_LATITUDE if authority == ("OGC", "CRS84") else None
    return None if code is None else str(code)


def _code_of_wkt(text: str) -> str | None:
    """Return the EPSG code that the registry finds for a WKT definition."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        code = CRS.from_wkt(text).to_epsg(min_confidence=60)
    except CRSError:
        return None
    return None if code is None else str(code)


def crs_of_numbers(
    xy: Floats, *, stated: str | None, metres: str, name: str, who: str
) -> tuple[str, tuple[Note, ...]]:
    """Return the CRS of coordinates, with a note where it was guessed by their range.

    Parameters
    ----------
    xy : float array, shape (n, 2)
        Eastward and northward coordinates; rows that are not finite are ignored.
    stated : str, optional
        What `stated_crs` returned.
    metres : str
        The CRS that numbers in metres are taken to be of; ``"fictional"`` for an unknown plane, in
        which whole numbers are metres.

    Returns
    -------
    crs : str
    notes : tuple of Note

    Raises
    ------
    GeometryError
        Most coordinates cannot be of the stated CRS: metres declared as degrees, or the reverse.

    Examples
    --------
    >>> crs_of_numbers(np.array([[2.5, 48.8]]), stated=None, metres="EPSG:2154", name="a", who="w")
    ('EPSG:4326', (Note('degrees_assumed'),))
    """
    xy = xy[np.isfinite(xy).all(axis=1)]
    small = (np.abs(xy) <= 180).all(axis=1)
    degrees = len(xy) > 0 and 2 * int(small.sum()) > len(xy)
    if stated is not None and (stated == FICTIONAL or not len(xy)):
        return stated, ()
    if stated is not None:
        needed = f"coordinates in {stated}, the declared CRS of {name}"
        if in_degrees(stated) and 2 * int(beyond_degrees(xy).sum()) > len(xy):
            came, do = "numbers beyond 180 and 90 degrees", "Declare the projection of its metres."
        elif not in_degrees(stated) and degrees:
            came, do = "degrees", "If so, pass crs='EPSG:4326' (--crs EPSG:4326)."
        else:
            return stated, ()
        do = f"{do} Where {name} declares its CRS itself, correct it there."
        raise GeometryError.of(who, needed, came, do, why="projection")
    if metres == FICTIONAL:
        degrees = degrees and not (xy == np.round(xy)).all()
        return (LONGITUDE_LATITUDE, (Note("degrees_assumed"),)) if degrees else (FICTIONAL, ())
    if degrees:
        return LONGITUDE_LATITUDE, (Note("degrees_assumed"),)
    return metres, (Note("metres_assumed", crs=metres),)


def beyond_degrees(xy: Floats) -> np.ndarray:
    """Return which points are no longitude and latitude, in either order, shape (n,)."""
    size = np.abs(xy)
    return np.asarray((size > (180, 90)).any(axis=1) & (size > (90, 180)).any(axis=1))


def refuse_outside_area_of_use(xy: Floats, crs: str, *, name: str, who: str) -> None:
    """Raise `GeometryError` where most points lie far outside the area that a CRS is made for."""
    area = None if crs == FICTIONAL else _crs(crs, who).area_of_use
    if area is None or not len(xy):
        return
    west, south, east, north = area.west, area.south, area.east, area.north
    degrees = project(*xy.T, source=crs, target=LONGITUDE_LATITUDE, who=who)
    width = (east - west) % 360 or 360.0
    across = (degrees[:, 0] - west + _AREA_MARGIN) % 360 <= width + 2 * _AREA_MARGIN
    along = (degrees[:, 1] >= south - _AREA_MARGIN) & (degrees[:, 1] <= north + _AREA_MARGIN)
    if 2 * int((across & along & np.isfinite(degrees).all(axis=1)).sum()) < len(xy):
        needed = f"coordinates in {crs}, the declared CRS of {name}"
        do = "Declare the CRS that the numbers are in, eastward first."
        came = "points far outside the area that it is made for"
        raise GeometryError.of(who, needed, came, do, why="projection")


def utm_zone(degrees: Floats) -> str:
    """Return the UTM zone (WGS 84) around the median of longitudes and latitudes.

    Examples
    --------
    >>> utm_zone(np.array([[2.35, 48.85]])), utm_zone(np.array([[55.5, -21.1]]))
    ('EPSG:32631', 'EPSG:32740')
    """
    longitude, latitude = np.median(degrees, axis=0)
    zone = int((longitude + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"


def local_metres(xy: Floats, crs: str, *, who: str) -> tuple[Floats, str]:
    """Return points on a plane where a metre is a metre, and the CRS of that plane.

    A projected CRS in metres remains where its scale at the middle of the points is within 0.5 %
    of 1; degrees, feet and web Mercator are projected to `utm_zone`.
    """
    degrees = project(*xy.T, source=crs, target=LONGITUDE_LATITUDE, who=who)
    sure = degrees[np.isfinite(degrees).all(axis=1)]
    if not len(sure) or is_local_plane(crs, *np.median(sure, axis=0)):
        return xy, crs
    plane = utm_zone(sure)
    return project(*xy.T, source=crs, target=plane, who=who), plane


def frame_geometry(
    frame: pd.DataFrame, *, inside: bool = False
) -> tuple[pd.DataFrame, Floats, dict[Note, int], Any] | None:
    """Return the points of a GeoDataFrame, known by its ``crs`` and ``geometry``; None of another.

    Parameters
    ----------
    frame : pandas.DataFrame
        GeoPandas is not needed: any subclass with these two attributes is read.
    inside : bool
        Take a point inside of a polygon, ``representative_point()``, for its position.

    Returns
    -------
    columns : pandas.DataFrame
        The frame without its geometries.
    xy : float array, shape (n, 2)
        Eastward and northward, nan where a row has no point.
    set_aside : dict of Note to int
        Rows without a point, by reason.
    crs : object or None
        What the frame declares.
    """
    if not all(hasattr(type(frame), name) for name in ("crs", "geometry")):
        return None
    try:
        geometry = frame.geometry
        crs = frame.crs
    except AttributeError:  # no active geometry, or a column that was dropped
        return None
    others = [name for name in frame.columns if str(frame[name].dtype) == "geometry"]
    columns = pd.DataFrame(frame).drop(columns=[*{*others, geometry.name} & {*frame.columns}])
    xy, set_aside = np.full((len(frame), 2), np.nan), dict[Note, int]()
    for row, shape in enumerate(geometry):
        reason = None
        if shape is None or shape is pd.NA or getattr(shape, "is_empty", False):
            reason = Note("feature_without_geometry")
        elif shape.geom_type == "Point":
            xy[row] = shape.x, shape.y
        elif inside:
            point = shape.representative_point()
            xy[row] = point.x, point.y
        else:
            reason = Note("not_a_point", geometry=str(shape.geom_type))
        if reason is not None:
            set_aside[reason] = set_aside.get(reason, 0) + 1
    return columns.reset_index(drop=True), xy, set_aside, crs
