"""GeoJSON: points with their properties."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from privaudit.errors import ReadError
from privaudit.io.features import (
    Features,
    json_of,
    parsed,
    properties_frame,
    records_frame,
)
from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.features import Point
    from privaudit.io.file_frame import FileFrame

_NEEDED = "a GeoJSON FeatureCollection of points"
# Members of a feature that are no properties (RFC 7946, 3.2).
_OF_FEATURES = frozenset(("type", "geometry", "properties", "bbox"))
# Of a file of other endings, how far it is looked at.
_LOOKED_AT = 1_000_000


def _read(asked: ReadRequest) -> FileFrame:
    """Read a FeatureCollection of points, or the table that its properties are."""
    try:
        document = of_topology(json_of(asked, _NEEDED))
    except ReadError:
        if not holds_lines(asked):
            raise
        values, bad = objects_of_lines(asked)
        return records_or_features(values, asked, unreadable=bad)
    if not is_geojson(document):
        raise asked.other_kind(_NEEDED, "Save the layer as GeoJSON, or as CSV.")
    return features_of(document, asked)


def features_of(document: dict[str, Any], asked: ReadRequest) -> FileFrame:
    """Return the features of a GeoJSON document as a table."""
    name, who = asked.name, asked.who
    features = [document] if document["type"] == "Feature" else document.get("features")
    if not isinstance(features, list):
        raise ReadError.of(who, _NEEDED, f"no list of features in {name}", why="other_kind")
    result = Features(asked)
    for feature in features:
        point, reason = _point(feature, inside=asked.inside)
        if not isinstance(feature, dict):
            result.lack(Note("feature_without_geometry"))
            continue
        properties = feature.get("properties")
        # What stands beside the properties is of the feature too.
        beside = {key: value for key, value in feature.items() if key not in _OF_FEATURES}
        held = properties if isinstance(properties, dict) else {}
        result.add(point, {**beside, **held}, reason)
    tabled = partial(properties_frame, rest=True)
    from privaudit.geo.crs import LONGITUDE_LATITUDE

    # Degrees are of WGS 84 (RFC 7946, 4); metres are an export against the standard, and whole
    # numbers those of an invented town.
    values = [value for point in result.points for value in point if math.isfinite(value)]
    degrees = any(value % 1 for value in values) and max(map(abs, values)) <= 180
    standard = LONGITUDE_LATITUDE if degrees else None
    return result.read(tabled, declared=_declared_crs(document.get("crs")), standard=standard)


def records_or_features(
    values: list[Any], asked: ReadRequest, notes: tuple[Note, ...] = (), unreadable: int = 0
) -> FileFrame:
    """Return a list of JSON values as a table: GeoJSON features, else records."""
    rows = [value for value in values if isinstance(value, dict)]
    if rows and all(row.get("type") == "Feature" for row in rows):
        read = features_of({"type": "FeatureCollection", "features": rows}, asked)
        beside = len(values) - len(rows) + unreadable
        aside = {Note("line_unreadable"): beside} if beside else {}
        return replace(read, set_aside={**read.set_aside, **aside})
    return records_frame(values, asked, notes, unreadable)


def holds_lines(asked: ReadRequest) -> bool:
    """Return whether the first two lines of a file are an object each."""
    first = [line for line in asked.data()[:_LOOKED_AT].split(b"\n") if line.strip()][:2]
    try:
        return len(first) == 2 and all(isinstance(json.loads(line), dict) for line in first)
    except (ValueError, RecursionError):
        return False


def objects_of_lines(asked: ReadRequest) -> tuple[list[Any], int]:
    """Return an object a line, and how many lines are not one."""
    values, bad = [], 0
    # Other ends of line may stand within a text.
    for line in asked.text("JSON lines").split("\n"):
        line = line.strip(" \t\r\x1e")
        if not line:
            continue
        try:
            values.append(parsed(line))
        except (ValueError, RecursionError):
            bad += 1
    values = _without_actions(values)
    if not values:
        raise asked.error("an object a line", f"none in {asked.name}", why="empty")
    return values, bad


def _without_actions(values: list[Any]) -> list[Any]:
    """Put the lines of a bulk file of Elasticsearch, an action and its document, in one object."""
    actions = values[::2]
    if not actions or len(values) % 2 or not all(map(_is_action, actions)):
        return values
    heads = [next(iter(action.values())) for action in actions]
    return [
        {"_id": head.get("_id"), **document} if isinstance(document, dict) else document
        for head, document in zip(heads, values[1::2], strict=True)
    ]


def _is_action(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((verb, head),) = value.items()
    return verb in ("index", "create", "update") and isinstance(head, dict)


def is_geojson(document: Any) -> bool:
    """Return whether JSON is a feature, or a collection of features."""
    kind = document.get("type") if isinstance(document, dict) else None
    return kind in ("Feature", "FeatureCollection")


def of_topology(document: Any) -> Any:
    """Return the layers of TopoJSON, or of uMap, as features, anything else as it is.

    Points only: arcs are lines. Numbers of a quantised file are steps on a grid (TopoJSON 2.1.2).

    Examples
    --------
    >>> doors = {"type": "Point", "coordinates": [1, 2], "properties": {"n": 7}}
    >>> grid = {"scale": [0.5, 0.5], "translate": [2, 48]}
    >>> read = of_topology({"type": "Topology", "transform": grid, "objects": {"doors": doors}})
    >>> read["features"][0]["geometry"]["coordinates"]
    [2.5, 49.0]
    """
    if isinstance(document, dict) and document.get("type") == "umap":
        return _of_umap(document)
    objects = document.get("objects") if isinstance(document, dict) else None
    if not isinstance(objects, dict) or document.get("type") != "Topology":
        return document
    grid = document.get("transform") or {"scale": (1, 1), "translate": (0, 0)}

    def placed(pair: list[Any]) -> list[Any]:
        steps = zip(pair, grid["scale"], grid["translate"], strict=False)
        return [number * scale + start for number, scale, start in steps]

    layers = {}
    try:
        for name, value in objects.items():
            several = value.get("geometries", [value])
            features = []
            for item in several:
                kind, at = item.get("type"), item.get("coordinates")
                if kind == "Point":
                    at = placed(at)
                elif kind == "MultiPoint":
                    at = [*map(placed, at)]
                others = {k: v for k, v in item.items() if k not in ("type", "coordinates", "arcs")}
                geometry = {"type": kind, "coordinates": at} if kind else None
                features.append({"type": "Feature", "geometry": geometry, **others})
            layers[name] = {"type": "FeatureCollection", "features": features}
    except (TypeError, KeyError, AttributeError):
        return document
    return next(iter(layers.values())) if len(layers) == 1 else layers


def _of_umap(document: dict[str, Any]) -> Any:
    """Return the features of every layer of a map of uMap, each with the name of its layer."""
    features = []
    try:
        for layer in document["layers"]:
            name = (layer.get("_umap_options") or layer.get("properties") or {}).get("name")
            for one in layer["features"]:
                properties = {"layer": name, **(one.get("properties") or {})}
                # How a mark is drawn tells nothing of a place.
                properties.pop("_umap_options", None)
                features.append({**one, "properties": properties})
    except (TypeError, KeyError, AttributeError):
        return document
    return {"type": "FeatureCollection", "features": features}


def _declared_crs(member: Any) -> Any:
    """Return what the ``crs`` member of GeoJSON 2008 names; RFC 7946 has no such member.

    Programs of before 2008 write ``{"type": "EPSG", "properties": {"code": 3857}}``.
    """
    properties = member.get("properties") if isinstance(member, dict) else None
    declared = properties.get("name") if isinstance(properties, dict) else None
    if declared is None and isinstance(properties, dict) and member.get("type") == "EPSG":
        code = properties.get("code")
        declared = None if code is None else f"EPSG:{code}"
    return member if declared is None else declared


def _point(feature: Any, *, inside: bool) -> tuple[Point | None, Note | None]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return None, Note("feature_without_geometry")
    from privaudit.io.coordinates import point_of_geometry

    return point_of_geometry(geometry.get("type"), geometry.get("coordinates"), inside=inside)


READER = Reader(
    word="GeoJSON",
    kind="JSON",
    endings=(".geojson", ".umap"),
    begins=(b"{", b"["),
    signs=(b'"FeatureCollection"',),
    read=_read,
)
