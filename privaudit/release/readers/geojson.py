"""GeoJSON: points with their properties."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import say
from privaudit.errors import GeometryError, ReadError
from privaudit.release.files import Asked, Reader
from privaudit.words.note import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.tables.file_frame import FileFrame

__all__ = ["READER"]

_GEOMETRIES = (
    "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:(?:\d[\d.]*)?:?CRS84", re.IGNORECASE)
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:\d[\d.]*:|:)?(\d{4,6})", re.IGNORECASE)


def _read(asked: Asked) -> FileFrame:
    """Read a FeatureCollection of points, or the table that its properties are.

    Each point is a row: its two coordinates, eastward first, then the properties. A feature
    without a point is set aside; in a table, its coordinates are missing.
    """
    import numpy as np

    from privaudit.release.coordinates import location_names
    from privaudit.tables.file_frame import FileFrame, reasons

    name, who, places, crs = asked.name, asked.who, asked.places, asked.crs
    document = _load(asked.data(), name, who)
    points: list[tuple[float, float]] = []
    properties: list[dict[str, Any]] = []
    without: dict[Note, int] = {}
    for feature in document["features"]:
        point, reason = _point(feature)
        if point is None:
            without[reason] = without.get(reason, 0) + 1
            if places or not isinstance(feature, dict):
                continue
        points.append(point or (math.nan, math.nan))
        found = feature.get("properties")
        properties.append(found if isinstance(found, dict) else {})
    if not points:
        needed = f"at least one {'point' if places else 'feature'} in {name}"
        raise ReadError(say(who, needed, reasons(without) or "no feature at all"))
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
        notes.append(Note("features_without_point", features=sum(without.values())))
    return FileFrame(
        frame=frame,
        name=name,
        location=location,
        crs=crs,
        notes=tuple(notes),
        set_aside=without if places else {},
    )


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
    from privaudit.places.projections import LONGITUDE_LATITUDE, epsg_code

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


def _point(feature: Any) -> tuple[tuple[float, float] | None, Note]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return None, Note("feature_without_geometry")
    kind = geometry.get("type")
    if kind != "Point":
        # Only a word of the standard is repeated.
        return None, Note("not_a_point", geometry=kind if kind in _GEOMETRIES else "unknown")
    at = geometry.get("coordinates")
    if not isinstance(at, list) or len(at) < 2 or not all(map(_is_number, at[:2])):
        return None, Note("point_without_numbers")
    return (_as_float(at[0]), _as_float(at[1])), Note("point")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # JSON has no largest whole number
        return float("inf")


def _properties(
    rows: list[dict[str, Any]], location: tuple[str, ...], name: str, who: str
) -> tuple[pd.DataFrame, list[Note]]:
    import pandas as pd

    from privaudit.release.flatten import flattened
    from privaudit.tables.file_frame import column_names

    cells, notes = flattened(rows)
    columns: dict[str, pd.Series] = {}
    names = column_names(cells, name=name, who=who)
    for found, column in zip(cells.values(), names, strict=True):
        if column in location:
            notes.append(Note("named_like_a_coordinate", column=column))
            column = f"property {column}"
        columns[column] = _typed([found.get(place) for place in range(len(rows))])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows))), notes


def _typed(values: list[Any]) -> pd.Series:
    """Return numbers or truth values where all are, text otherwise; null is missing."""
    import pandas as pd

    filled = [value for value in values if value is not None]
    if filled and len(filled) == len(values) and _all(filled, bool):
        return pd.Series(values, dtype=bool)
    if filled and all(map(_is_number, filled)):
        if _all(filled, int) and max(map(abs, filled)) < 2**53:
            whole = len(filled) == len(values)
            return pd.Series(values, dtype="int64" if whole else "float64")
        if not _all(filled, int):
            return pd.Series([None if v is None else _as_float(v) for v in values], dtype=float)
    text = [None if value is None or value == "" else _whole(str(value)) for value in values]
    return pd.Series(text, dtype="str")


def _whole(text: str) -> str:
    """Replace half a letter, which JSON can say and no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _all(values: Iterable[Any], kind: type) -> bool:
    return all(type(value) is kind for value in values)


READER = Reader(
    word="GeoJSON",
    kind="JSON",
    endings=(".geojson", ".json"),
    begins=(b"{", b"["),
    gives=("table", "dots"),
    read=_read,
)
