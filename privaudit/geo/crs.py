"""Coordinate reference systems (CRS): one rule for which, and projection offline.

A declared CRS is used; a contradiction raises; a guess by the range of the numbers is noted. A file
of KML or GPX is in WGS 84 by the standard of its format."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from privaudit.core.checks import Floats, an_instance, shown
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
# 990 is no departement, and no country of INSEE's list: simulated communes are of it.
_COMMUNE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])\d{3}|97[1-8]\d{2}|990\d{2}")
_CODE = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)
# A plane of `plane_around`, by its name: latitude and longitude of its centre, geographic CRS.
_PLANE = re.compile(r'PROJCRS\["(LAEA around (-?\d{1,2}\.\d\d) (-?\d{1,3}\.\d\d), EPSG:(\d{4,6}))"')
_FALSE_ORIGIN = 1_000_000.0
# Metres to which a change of datum must be known: the national ones of which no grid is needed
# are (1 to 4 m), those of NAD27 are not.
ACCURACY = 5.0
# Degrees around a place within which a change of datum must hold.
_NEAR = 0.01
FICTIONAL = "fictional"
# Places, and a share of them, that show that coordinates are rounded; metres of a degree; metres to
# which no door is rounded, and of a commune from the middle of its département at most.
_FEWEST_ROUNDED, _MOST_ROUNDED, _DEGREE, _NO_DOOR, _FAR = 3, 0.95, 111_320.0, 500.0, 300_000.0
# The middle of each département, to a degree: longitude and latitude.
_MIDDLES = """
01:5:46 02:4:50 03:3:46 04:6:44 05:6:45 06:7:44 07:4:45 08:5:50 09:2:43 10:4:48 11:2:43 12:3:44
13:5:44 14:0:49 15:3:45 16:0:46 17:-1:46 18:2:47 19:2:45 2A:9:42 2B:9:42 21:5:47 22:-3:48 23:2:46
24:1:45 25:6:47 26:5:45 27:1:49 28:1:48 29:-4:48 30:4:44 31:1:43 32:0:44 33:-1:45 34:3:44 35:-2:48
36:2:47 37:1:47 38:6:45 39:6:47 40:-1:44 41:1:48 42:4:46 43:4:45 44:-2:47 45:2:48 46:2:45 47:0:44
48:3:45 49:-1:47 50:-1:49 51:4:49 52:5:48 53:-1:48 54:6:49 55:5:49 56:-3:48 57:7:49 58:4:47
59:3:50 60:2:49 61:0:49 62:2:50 63:3:46 64:-1:43 65:0:43 66:3:43 67:8:49 68:7:48 69:5:46 70:6:48
71:5:47 72:0:48 73:6:45 74:6:46 75:2:49 76:1:50 77:3:49 78:2:49 79:0:46 80:2:50 81:2:44 82:1:44
83:6:43 84:5:44 85:-1:47 86:0:47 87:1:46 88:6:48 89:4:48 90:7:48 91:2:48 92:2:49 93:2:49 94:2:49
95:2:49
"""
_DEPARTMENTS = {
    code: (float(east), float(north))
    for code, east, north in (word.split(":") for word in _MIDDLES.split())
}
# Longitude and latitude, in degrees.
Place = tuple[float, float]


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


def common_crs(communes: Iterable[str], name: str, who: str) -> str:
    """Return the one projection of communes of a file; those without a valid code do not vote."""
    result = {metric_crs(code) for code in communes if _COMMUNE.fullmatch(code)}
    if len(result) != 1:
        came = f"{', '.join(sorted(result))} in {name}" if result else f"no valid code in {name}"
        do = "Name communes of one zone with commune=."
        needed = "INSEE codes of communes that share one legal projection"
        raise GeometryError.of(who, needed, came, do)
    return result.pop()


def epsg_code(crs: Any, *, who: str = "epsg_code") -> str:
    """Return a CRS in the one form in which it is compared, ``"EPSG:2154"``.

    Parameters
    ----------
    crs : str, int or object
        A code, a URN, ``"OGC:CRS84"``, or a CRS object of pyproj such as ``frame.crs``.

    Examples
    --------
    >>> epsg_code("epsg:2154"), epsg_code("2154"), epsg_code("OGC:CRS84")
    ('EPSG:2154', 'EPSG:2154', 'EPSG:4326')
    """
    if _PLANE.match(str(crs)):
        return str(crs)
    code = _code_of(crs) or crs
    _crs(code, who)
    return f"EPSG:{int(str(code).strip().upper().removeprefix('EPSG:'))}"


def given_crs(crs: Any, *, who: str) -> str | None:
    """Return what a caller gave as `crs` in the form of `epsg_code`; None where nothing."""
    if crs is None or (isinstance(crs, str) and crs == FICTIONAL):
        return crs
    if not hasattr(crs, "to_epsg"):
        an_instance(who, "crs", crs, (str, int))
    return epsg_code(crs, who=who)


def in_degrees(crs: str) -> bool:
    """Return whether a projection counts in degrees of longitude and latitude."""
    return bool(_crs(crs, "in_degrees").is_geographic)


def unit_of(crs: str, *, who: str = "unit_of") -> str:
    """Return the unit of a CRS by its name in the registry.

    Examples
    --------
    >>> unit_of("EPSG:2154"), unit_of("EPSG:2229"), unit_of("EPSG:4326")
    ('metre', 'US survey foot', 'degree')
    """
    return str(_crs(crs, who).axis_info[0].unit_name)


def project(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    source: str,
    target: str,
    place: Place | None = None,
    who: str = "project",
) -> Floats:
    """Change the projection of points.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Longitude and latitude in degrees, or easting and northing in the unit of `source`: the
        eastward one always comes first, whatever the order of axes in the registry.
    source, target : str
        Projections, written ``"EPSG:2154"``.
    place : tuple of float, optional
        Longitude and latitude of the place: only a change of datum that holds there, to
        `ACCURACY` metres, is used. Default: the one that the registry ranks first.
    who : str
        The function that asks, for messages.

    Returns
    -------
    float array, shape (n, 2)
        Points in `target`, eastward first. A point that `target` cannot hold is infinite.

    Raises
    ------
    GeometryError
        An unknown projection, arrays of two lengths, or no change of datum that is good enough.

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
    transformer = _transformer(_crs(source, who), _crs(target, who), _rounded(place))
    if transformer is None:
        good = f" to {ACCURACY:g} m" if place else ""
        names = f"from {crs_name(source)} to {crs_name(target)}"
        needed = f"a change of datum {names} that is known{good} at this place"
        do = "Convert the file to EPSG:4326 with a program that has the grids of its datum (QGIS)."
        raise GeometryError.of(who, needed, "none that needs no grid file", do, why="projection")
    if len(east) == 1:
        # One point is no array to pyproj, and NumPy before 2.4 warns of what it does with one.
        return np.array([transformer.transform(float(east[0]), float(north[0]))])
    return np.column_stack(transformer.transform(east, north))


def accuracy(source: str, target: str, place: Place) -> float:
    """Return how far off `project` may be at a place, in metres, or nan where it is not known.

    0 within one datum, and between two whose difference of a metre at most is taken as nil, such
    as WGS 84 and ETRS89.

    Examples
    --------
    >>> accuracy("EPSG:4326", "EPSG:27700", (-0.1, 51.5))
    2.0
    """
    before, after = (_geodetic(_crs(crs, "accuracy")) for crs in (source, target))
    if before.equals(after, ignore_axis_order=True):
        return 0.0
    transformer = _transformer(before, after, _rounded(place))
    if transformer is None:
        return float("nan")
    moved = transformer.transform(*place)
    best = float(transformer.accuracy)
    if best < 0:  # one of several operations, known once a point was transformed
        best = float(transformer.get_last_used_operation().accuracy)
    if 0 <= best <= 1 and np.allclose(moved, place, rtol=0, atol=1e-9):
        return 0.0
    return best if best >= 0 else float("nan")


def place_of(xy: Floats, crs: str, *, who: str = "place_of") -> Place | None:
    """Return the longitude and latitude of the middle of points; None where none is finite.

    It is a median of directions from the centre of the Earth: points on both sides of the 180th
    meridian or around a pole have their middle among them.

    Examples
    --------
    >>> place_of(np.array([[179.5, -17.0], [-179.5, -17.0]]), "EPSG:4326")
    (180.0, -17.0)
    """
    known = xy[np.isfinite(xy).all(axis=1)]
    degrees = _degrees(known[:: max(1, len(known) // 2_000)], crs, who)
    lon, lat = np.radians(degrees[np.isfinite(degrees).all(axis=1)]).T
    if not len(lon):
        return None
    x, y, z = np.median([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    middle = np.degrees([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))]).round(2)
    return float(middle[0]), float(middle[1])


def _degrees(xy: Floats, crs: str, who: str) -> Floats:
    """Return points as degrees from Greenwich, in the datum of their CRS."""
    known = _crs(crs, who)
    own: Any = _geodetic(known)
    degrees = np.asarray(xy, dtype=float)
    if not known.is_geographic:
        transformer = _transformer(known, own, None)
        assert transformer is not None  # within one datum
        degrees = np.column_stack(transformer.transform(*degrees.T))
    unit = np.degrees(own.axis_info[0].unit_conversion_factor)
    meridian = own.prime_meridian
    east = np.degrees(meridian.longitude * meridian.unit_conversion_factor)
    return degrees if round(unit, 12) == 1 and not east else degrees * unit + (east, 0.0)


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


def plane_around(place: Place, crs: str) -> str:
    """Return an equal-area plane in metres around a place, in the datum of a CRS.

    Lambert's azimuthal equal-area projection (LAEA), centred on the place to 0.01°: within 50 km
    of it, a metre is a metre to one part in 100,000. The centre lies at 1,000 km east and north, so
    that no coordinate is taken for degrees.

    Returns
    -------
    str
        A definition (WKT), which any program reads; `crs_name` is its name.

    Examples
    --------
    >>> crs_name(plane_around((7.4474, 46.948), "EPSG:4326"))
    'LAEA around 46.95 7.45, EPSG:4326'
    """
    own: Any = _geodetic(_crs(crs, "plane_around")).to_2d()
    greenwich = not own.prime_meridian.longitude and own.axis_info[0].unit_name == "degree"
    code = (own.to_epsg() if greenwich else None) or 4326
    known = _lookup(code)
    assert known is not None
    return str(_plane(known, code, f"{place[1]:.2f}", f"{place[0]:.2f}").to_wkt())


def crs_name(crs: str) -> str:
    """Return what a sentence calls a CRS: its code, or the name of a plane of `plane_around`."""
    plane = _PLANE.match(crs)
    return plane[1] if plane else crs


def _crs(crs: Any, who: str) -> CRS:
    """Look a CRS up. Only codes and our planes: a name or a PROJ string could point to a file."""
    text = str(crs).strip()
    if (result := _CODE.fullmatch(text)) and (known := _lookup(int(result[1]))) is not None:
        return known
    # Made anew from its name: nothing else of a definition is read.
    if (plane := _PLANE.match(text)) and (own := _lookup(int(plane[4]))) is not None:
        return _plane(own, int(plane[4]), plane[2], plane[3])
    if text == FICTIONAL:
        came = "a fictional territory, or addresses whose projection is not known"
        do = "Name that of real addresses: read_addresses(frame, crs='EPSG:27700')."
    else:
        came, do = shown("crs", text[:60]), "Look its EPSG code up and write it in that form."
    needed = "a known projection, written 'EPSG:2154' (Lambert-93) or 'EPSG:4326' (degrees)"
    raise GeometryError.of(who, needed, came, do)


def _geodetic(crs: CRS) -> CRS:
    """Return the geographic CRS that a CRS is of: every one that `_lookup` returns has one."""
    own = crs.geodetic_crs
    assert own is not None
    return own


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
    if crs.is_compound:  # of a place and a height
        crs = crs.sub_crs_list[0]
    # Heights and geocentric coordinates are in the registry too.
    return crs.to_2d() if crs.is_geographic or crs.is_projected else None


@lru_cache(maxsize=64)
def _plane(own: CRS, code: int, latitude: str, longitude: str) -> CRS:
    library = _offline()
    conversion = library.crs.coordinate_operation.LambertAzimuthalEqualAreaConversion
    centred = conversion(float(latitude), float(longitude), _FALSE_ORIGIN, _FALSE_ORIGIN)
    name = f"LAEA around {latitude} {longitude}, EPSG:{code}"
    plane: CRS = library.crs.ProjectedCRS(centred, geodetic_crs=own, name=name)
    return plane


def _rounded(place: Place | None) -> Place | None:
    return None if place is None else (round(place[0], 2), round(place[1], 2))


@lru_cache(maxsize=256)
def _transformer(source: CRS, target: CRS, place: Place | None) -> Transformer | None:
    """Return a transformer of points; None where no known operation is good enough."""
    library = _offline()
    only: dict[str, Any] = {}
    if place is not None:
        lon, lat = place
        west, east = ((degrees + 180) % 360 - 180 for degrees in (lon - _NEAR, lon + _NEAR))
        box = (west, max(lat - _NEAR, -90.0), east, min(lat + _NEAR, 90.0))
        only = {"area_of_interest": library.aoi.AreaOfInterest(*box), "accuracy": ACCURACY}
    try:
        result: Transformer = library.Transformer.from_crs(
            source, target, always_xy=True, allow_ballpark=False, **only
        )
    except library.exceptions.ProjError:
        return None
    return result


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
    if given is not None and not _alike(given, code, who):
        do = f"Leave crs out, or correct what {name} declares."
        came = f"crs='{given}' for {name}, which declares {code}"
        raise GeometryError.of(who, "one coordinate reference system", came, do, why="projection")
    return code


def _alike(one: str, other: str, who: str) -> bool:
    """Return whether two CRS are one, the order of their axes aside."""
    if one == other or FICTIONAL in (one, other):
        return one == other
    return bool(_crs(one, who).equals(_crs(other, who), ignore_axis_order=True))


def _code_of(declared: Any) -> str | None:
    """Return the EPSG code of a declared CRS as text; None where it has none."""
    if isinstance(declared, dict):
        identity = declared.get("id")
        if not isinstance(identity, dict):
            return _code_of_definition(declared)
        return _code_of(f"{identity.get('authority')}:{identity.get('code')}")
    if isinstance(declared, (str, int)):
        text = str(declared).strip("\ufeff\0 \r\n")
        if _CRS84.fullmatch(text):
            return LONGITUDE_LATITUDE
        if code := _EPSG.fullmatch(text):
            return code[1]
        # Of a place name or a URL the library would ask its database: only WKT is parsed.
        return _code_of_definition(text) if text.upper().startswith(_WKT) else None
    return _code_of_object(declared, sure=70) if hasattr(declared, "to_epsg") else None


def _code_of_object(crs: Any, sure: int) -> str | None:
    """Return the EPSG code of a CRS object of pyproj, that of its horizontal part."""
    if getattr(crs, "is_compound", False):
        crs = crs.sub_crs_list[0]
    code = crs.to_epsg(min_confidence=sure)
    if code is None and crs.to_authority() == ("OGC", "CRS84"):
        return LONGITUDE_LATITUDE
    return None if code is None else str(code)


def _code_of_definition(text: str | dict[str, Any]) -> str | None:
    """Return the EPSG code that the registry finds for a definition in WKT or PROJJSON."""
    library = _offline()
    read = library.CRS.from_wkt if isinstance(text, str) else library.CRS.from_json_dict
    try:
        return _code_of_object(read(text), sure=60)
    except (library.exceptions.CRSError, TypeError, ValueError):
        return None


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
        elif (unit := unit_of(stated)) in ("degree", "metre"):
            return stated, ()
        else:
            return stated, (Note("unit_converted", crs=stated, unit=unit),)
        do = f"{do} Where {name} declares its CRS itself, correct it there."
        raise GeometryError.of(who, needed, came, do, why="projection")
    if metres == FICTIONAL:
        degrees = degrees and not (xy == np.round(xy)).all()
        return (LONGITUDE_LATITUDE, (Note("degrees_assumed"),)) if degrees else (FICTIONAL, ())
    if degrees:
        return LONGITUDE_LATITUDE, (Note("degrees_assumed"),)
    return metres, (Note("metres_assumed", crs=crs_name(metres)),)


def rounded_notes(xy: Floats, *, name: str, who: str) -> tuple[Note, ...]:
    """Note how far off positions of doors are that are rounded to 30 m or more.

    Raises
    ------
    GeometryError
        They are rounded to 500 m or more: no door stands there.

    Examples
    --------
    >>> xy = np.array([[2.471, 48.821], [2.475, 48.826], [2.479, 48.82]])
    >>> rounded_notes(xy, name="a", who="w")
    (Note('positions_rounded', metres=79),)
    """
    # A few thousand places show it.
    xy = np.unique(xy[np.isfinite(xy).all(axis=1)][:5_000], axis=0)
    degrees = bool(len(xy)) and (np.abs(xy) <= 180).all(axis=1).mean() > 0.5
    for step in (1.0, 0.1, 0.01, 0.001) if degrees else (10_000.0, 1_000.0, 100.0):
        even = np.isclose(xy / step, np.round(xy / step), rtol=0, atol=1e-6).all(axis=1)
        if len(xy) < _FEWEST_ROUNDED or even.mean() < _MOST_ROUNDED:
            continue
        metres = step * (_DEGREE if degrees else 1.0)
        if metres >= _NO_DOOR:
            came, do = f"positions rounded to {metres:,.0f} m", "Export more decimals."
            raise GeometryError.of(who, f"positions of doors in {name}", came, do)
        return (Note("positions_rounded", metres=off_by_rounding(metres)),)
    return ()


def off_by_rounding(metres: float = 0.001 * _DEGREE) -> int:
    """Return the largest error of a position that is rounded to multiples of `metres`, in metres.

    Half the diagonal of a square; of thousandths of a degree where nothing is given, as at the
    equator, where meridians are farthest apart.

    Examples
    --------
    >>> off_by_rounding(100.0), off_by_rounding()
    (71, 79)
    """
    return round(metres / math.sqrt(2))


def refuse_far_from_departments(
    xy: Floats, communes: Iterable[str], crs: str, *, name: str, who: str
) -> None:
    """Raise `GeometryError` where most French points lie far from the département of their commune.

    In web Mercator the north of France has metres that are in the south of it in Lambert-93.
    """
    if crs != LAMBERT_93:
        return
    # A base has few départements: the middle of each is projected once.
    own = [code[:2] for code in communes]
    row = {code: k for k, code in enumerate(dict.fromkeys(own))}
    middle = np.array([_DEPARTMENTS.get(code, (np.nan, np.nan)) for code in row])
    middle = project(*middle.T, source=LONGITUDE_LATITUDE, target=crs)[[row[code] for code in own]]
    known = np.isfinite(middle).all(axis=1) & np.isfinite(xy).all(axis=1)
    if not known.any():
        return
    gap = xy[known] - middle[known]
    if np.median(np.hypot(*gap.T)) > _FAR:
        needed = f"positions in {crs} near the départements of the communes of {name}"
        came = f"most of them over {_FAR / 1000:.0f} km away, as those of web Mercator are"
        do = "Write longitude and latitude as lon and lat, or x and y in Lambert-93."
        raise GeometryError.of(who, needed, came, do, why="projection")


def beyond_degrees(xy: Floats) -> np.ndarray:
    """Return which points cannot be longitude and latitude, in either order, shape (n,)."""
    size = np.abs(xy)
    return np.asarray((size > (180, 90)).any(axis=1) & (size > (90, 180)).any(axis=1))


def refuse_outside_area_of_use(
    xy: Floats, crs: str, *, name: str, who: str, margin: float = _AREA_MARGIN
) -> None:
    """Raise `GeometryError` where most points lie far outside the area that a CRS is made for."""
    area = None if crs == FICTIONAL else _crs(crs, who).area_of_use
    if area is None or not len(xy):
        return
    west, south, east, north = area.west, area.south, area.east, area.north
    degrees = _degrees(xy, crs, who)
    width = (east - west) % 360 or 360.0
    across = (degrees[:, 0] - west + margin) % 360 <= width + 2 * margin
    south, north = max(south - margin, -90.0), min(north + margin, 90.0)
    along = (degrees[:, 1] >= south) & (degrees[:, 1] <= north)
    if 2 * int((across & along & np.isfinite(degrees).all(axis=1)).sum()) < len(xy):
        needed = f"coordinates in {crs}, the declared CRS of {name}"
        do = "Declare the CRS that the numbers are in, eastward first."
        came = "points far outside the area that it is made for"
        raise GeometryError.of(who, needed, came, do, why="projection")


def local_metres(xy: Floats, crs: str, *, who: str) -> tuple[Floats, str]:
    """Return points on a plane where a metre is a metre, and the CRS of that plane.

    A projected CRS in metres remains where its scale at the middle of the points is within 0.5 %
    of 1; degrees, feet and web Mercator are projected to `plane_around` it, without a change of
    datum.
    """
    place = place_of(xy, crs, who=who)
    if place is None or is_local_plane(crs, *place):
        return xy, crs
    plane = plane_around(place, crs)
    return project(*xy.T, source=crs, target=plane, place=place, who=who), plane
