"""Points of a GeoJSON file, as a table."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import GeometryError, ReadError
from privaudit.places.projections import LONGITUDE_LATITUDE, epsg_code, in_degrees
from privaudit.release.delimited import column_names

__all__ = ["location_names", "parse_geojson"]

_GEOMETRIES = (
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:(?:\d[\d.]*)?:?CRS84", re.IGNORECASE)
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:\d[\d.]*:|:)?(\d{4,6})", re.IGNORECASE)


def parse_geojson(
    data: bytes, *, name: str, who: str, places: bool = True, crs: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...], str | None, list[str], dict[str, int]]:
    """Parse a FeatureCollection of points, or the table that its properties are.

    Parameters
    ----------
    data : bytes
        The whole file, unpacked.
    name, who : str
        The file's name, and the function that an error names.
    places : bool
        A feature without a point is set aside. Otherwise it is a row like another, its
        coordinates missing.
    crs : str, optional
        The projection, whatever the file declares.

    Returns
    -------
    frame : pandas.DataFrame
        One row a point: its two coordinates, eastward first, then the properties. Of a table
        without any point, the properties.
    location : tuple of str
        Names of the two coordinates: longitude, latitude, or x, y in metres; none where there
        is no point.
    crs : str or None
        The projection; None where neither the file nor the caller tells.
    notes : list of str
        What was assumed or left out.
    set_aside : dict
        Features that are no point: reason to count.

    Raises
    ------
    ReadError
        The file is no JSON, no collection of features, or has no point; as a table, no property.
    GeometryError
        The declared projection is unknown.
    SchemaError
        Two properties have one name.
    """
    document = _load(data, name, who)
    points: list[tuple[float, float]] = []
    properties: list[dict[str, Any]] = []
    without: dict[str, int] = {}
    for feature in document["features"]:
        point, reason = _point(feature)
        if point is None:
            without[reason] = without.get(reason, 0) + 1
            if places or not isinstance(feature, dict):
                continue
        points.append(point or (math.nan, math.nan))
        found = feature.get("properties")
        properties.append(found if isinstance(found, dict) else {})
    reasons = ", ".join(f"{r}: {n:,}" for r, n in without.items()) or "no feature at all"
    if not points:
        needed = f"at least one {'point' if places else 'feature'} in {name}"
        raise ReadError(say(who, needed, reasons))
    located = bool(np.isfinite(points).any()) or places
    if located and crs is None:
        crs = _declared_crs(document.get("crs"), name, who)
    location = location_names(crs) if located else ()
    frame, notes = _properties(properties, location, name, who)
    for place, values in enumerate(np.array(points, dtype=float).T if located else ()):
        frame.insert(place, location[place], values)
    if not len(frame.columns):
        raise ReadError(say(who, f"at least one property in {name}", "none"))
    if not places and without:
        notes.append(f"{sum(without.values()):,} features have no point: no position is read")
    return frame, location, crs, notes, without if places else {}


def location_names(crs: str | None) -> tuple[str, str]:
    """Name the two coordinates of a projection; of none, which is WGS 84.

    Examples
    --------
    >>> location_names(None), location_names("EPSG:2154")
    (('longitude', 'latitude'), ('x', 'y'))
    """
    metres = crs is not None and (crs == "fictional" or not in_degrees(crs))
    return ("x", "y") if metres else ("longitude", "latitude")


def _load(data: bytes, name: str, who: str) -> dict[str, Any]:
    needed = "a GeoJSON FeatureCollection of points"
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ReadError(say(who, f"{needed} in UTF-8", f"other bytes in {name}")) from None
    # The parser's own message is left out: it may quote the file.
    except (ValueError, RecursionError):
        came = f"{name}, which is no JSON or is cut short"
        raise ReadError(say(who, needed, came, "Export it again.")) from None
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"features": [document], "crs": document.get("crs")}
    elif not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        came = f"JSON of another kind in {name}"
        raise ReadError(say(who, needed, came, "Save the layer as GeoJSON, or as CSV."))
    if not isinstance(document.get("features"), list):
        raise ReadError(say(who, needed, f"no list of features in {name}"))
    return document


def _declared_crs(member: Any, name: str, who: str) -> str | None:
    """Read the ``crs`` member of GeoJSON 2008; RFC 7946 has none and means WGS 84."""
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    declared = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(declared, str):
        if _CRS84.fullmatch(declared):
            return LONGITUDE_LATITUDE
        code = _EPSG.fullmatch(declared)
        if code is not None:
            return epsg_code(code[1], who=who)
    needed = "a crs member such as 'urn:ogc:def:crs:EPSG::2154', or none (WGS 84)"
    raise GeometryError(say(who, needed, f"another one in {name}", "Export it in WGS 84."))


def _point(feature: Any) -> tuple[tuple[float, float] | None, str]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return None, "feature without a geometry"
    kind = geometry.get("type")
    if kind != "Point":
        # Only a word of the standard is repeated.
        return None, f"{kind if kind in _GEOMETRIES else 'unknown geometry'}, not a point"
    at = geometry.get("coordinates")
    if not isinstance(at, list) or len(at) < 2 or not all(map(_is_number, at[:2])):
        return None, "point without two numbers"
    return (_as_float(at[0]), _as_float(at[1])), ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # JSON has no largest whole number
        return float("inf")


def _properties(
    rows: list[dict[str, Any]], location: tuple[str, ...], name: str, who: str
) -> tuple[pd.DataFrame, list[str]]:
    notes: list[str] = []
    keys = list(dict.fromkeys(key for row in rows for key in row))
    columns: dict[str, pd.Series] = {}
    for key, column in zip(keys, column_names(keys, name=name, who=who), strict=True):
        values = [row.get(key) for row in rows]
        if any(isinstance(value, (dict, list)) for value in values):
            notes.append(f"property '{column}' holds lists or objects: left out")
            continue
        if column in location:
            notes.append(f"property '{column}' is named like a coordinate: see 'property {column}'")
            column = f"property {column}"
        columns[column] = _typed(values)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows))), notes


def _typed(values: list[Any]) -> pd.Series:
    """Return numbers or truth values where all are, text otherwise; null is missing."""
    filled = [value for value in values if value is not None]
    if filled and len(filled) == len(values) and _all(filled, bool):
        return pd.Series(values, dtype=bool)
    if filled and all(map(_is_number, filled)):
        if _all(filled, int) and max(map(abs, filled)) < 2**53:
            whole = len(filled) == len(values)
            return pd.Series(values, dtype="int64" if whole else "float64")
        if not _all(filled, int):
            return pd.Series([None if v is None else _as_float(v) for v in values], dtype=float)
    text = [None if value is None or value == "" else str(value) for value in values]
    return pd.Series(text, dtype="str")


def _all(values: Iterable[Any], kind: type) -> bool:
    return all(type(value) is kind for value in values)
