"""Coordinates of a table: their columns, however points are written, in metres of the addresses.

Two columns are known by their names; else one column holds points as text (WKT), bytes in
hexadecimal digits (WKB), pairs, GeoJSON, links to maps, or degrees, minutes and seconds."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.columns.headers import COORDINATES, LATITUDE, LONGITUDE, METRES_X, METRES_Y, WORDS
from privaudit.core.checks import Floats, Strs, column_names_shown
from privaudit.errors import GeometryError, SchemaError, did_you_mean
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import (
    FICTIONAL,
    LONGITUDE_LATITUDE,
    Place,
    accuracy,
    beyond_degrees,
    crs_name,
    crs_of_numbers,
    in_degrees,
    off_by_rounding,
    place_of,
    project,
)
from privaudit.io.file_frame import FileFrame
from privaudit.text.normalise import INVISIBLE, fold, header_words
from privaudit.words.catalogues import Note

# A point farther than this from the box around all addresses is of another place, in metres.
AREA_MARGIN = 5_000.0
_FAMILIES = ((LONGITUDE, LATITUDE), (METRES_X, METRES_Y))
# What French maps are exported in, tried in turn to say what a file may be in: degrees,
# Lambert-93, Lambert II extended and zones I to IV, conic conformal zones 42 to 50, web
# Mercator, UTM 30 to 32, the European grid, and the overseas zones.
_LIKELY = (4326, 2154, 27572, *range(27561, 27565), *range(3942, 3951), 3857)
_LIKELY += (32630, 32631, 32632, 3035, 5490, 2972, 2975, 4471, 4467)
# Rounded are more places than a few by chance.
_SOME, _EXACT = 0.05, 1e-6
_BLANK = ("", "na", "nan", "null", "none")
_NO_PART = rf"(?:\s|{INVISIBLE.pattern})+"


@dataclass(frozen=True, eq=False, kw_only=True)
class Positions:
    """Positions of the rows of a file.

    Parameters
    ----------
    xy : float array, shape (n, 2)
        Metres of the backdrop; to be read only where `reason` is empty.
    reason : str array, shape (n,)
        Why the row cannot be used, a key as `tally` counts them; ``""`` where it can.
    crs : str
        The CRS that the file was read in.
    notes : tuple of Note
        What was assumed.
    """

    xy: Floats
    reason: Strs
    crs: str
    notes: tuple[Note, ...]


def location_columns(
    columns: Sequence[str], *, metres: bool = False, name: str, who: str
) -> tuple[str, str]:
    """Return the two columns that hold the coordinates, eastward first, by their names.

    Parameters
    ----------
    columns : sequence of str
    metres : bool
        Which pair to prefer where a file has both: metres, or longitude and latitude.
    name, who : str
        File and function, for messages.

    Raises
    ------
    SchemaError
        No pair of coordinates, or two columns of one coordinate.

    Examples
    --------
    >>> location_columns(["status", "Lat", "Lng"], name="leak.csv", who="read_map")
    ('Lng', 'Lat')
    """
    half = ""
    for family in _FAMILIES[::-1] if metres else _FAMILIES:
        sides = _sides(columns, family)
        if all(sides):
            for several in (side for side in sides if len(side) > 1):
                needed, came = (
                    "one column a coordinate",
                    f"{' and '.join(map(repr, several))} in {name}",
                )
                raise SchemaError.of(who, needed, came, "Drop one.", why="no_coordinates")
            return sides[0][0], sides[1][0]
        half = half or next((c for side in sides for c in side), "")
    shown = column_names_shown(columns)
    came = f"only '{half}' among the columns of {name}: {shown}" if half else f"columns {shown}"
    known = [word for family in _FAMILIES for side in family for word in side]
    hints = [hint for c in columns if (hint := did_you_mean(fold(c), known)) and c != half]
    needed = f"two columns of coordinates in {name}, named lon and lat, or x and y (metres)"
    do = (
        "Rename them, or export the layer as GeoJSON; addresses are not looked up here, nor codes "
        "of cells (MGRS, plus codes, geohashes, H3, what3words): convert these to lon and lat."
    )
    raise SchemaError.of(who, needed, came, hints[0] if hints else do, why="no_coordinates")


def _sides(columns: Sequence[str], family: Sequence[Collection[str]]) -> list[list[str]]:
    """Return the columns that are named for each coordinate of a pair."""
    return [[c for c in columns if fold(c) in known] for known in family]


def location_names(crs: str | None) -> tuple[str, str]:
    """Name the two coordinates of a projection; of none, which is WGS 84.

    Examples
    --------
    >>> location_names(None), location_names("EPSG:2154")
    (('longitude', 'latitude'), ('x', 'y'))
    """
    return ("longitude", "latitude") if crs is None or _is_degrees(crs) else ("x", "y")


def coordinate_pairs(columns: Sequence[str]) -> list[str]:
    """Return the columns that are coordinates by their names, where both of a pair are there.

    Examples
    --------
    >>> coordinate_pairs(["X", "lon", "y", "status"])
    ['X', 'y']
    """
    families = [_sides(columns, family) for family in _FAMILIES]
    return [c for sides in families if all(sides) for side in sides for c in side]


def locate(
    first: pd.Series,
    second: pd.Series,
    *,
    backdrop: AddressBase,
    crs: str | None,
    name: str,
    who: str,
) -> Positions:
    """Turn two columns into metres of the backdrop, and set aside the rows that cannot be.

    Parameters
    ----------
    first, second : pandas.Series
        Eastward and northward coordinates: numbers, or text with decimal points or commas.
    backdrop : AddressBase
        The addresses that the points are laid over.
    crs : str or None
        Stated CRS of the points; None to guess it by their range (see `crs_of_numbers`), metres
        then being those of the backdrop.
    name, who : str
        File and function, for messages.

    Raises
    ------
    GeometryError
        No address; or most points cannot be of the CRS, are swapped, or lie elsewhere.
    """
    if not len(backdrop):
        raise GeometryError.of(who, "at least one address", f"none in {backdrop.source}")
    reason = np.full(len(first), "", dtype=object)
    raw = np.column_stack([numbers(c, reason, name, who) for c in (first, second)])
    reason[~np.isfinite(raw).all(1) & (reason == "")] = "coordinate_not_finite"
    if backdrop.crs != FICTIONAL:  # a fictional town has its centre there
        reason[(raw == 0).all(1) & (reason == "")] = "position_zero"
    stated = crs or (FICTIONAL if backdrop.crs == FICTIONAL else None)
    source, guessed = crs_of_numbers(
        raw[reason == ""], stated=stated, metres=backdrop.crs, name=name, who=who
    )
    notes = list(guessed)
    if _is_degrees(source):
        # Swapped coordinates are detected below.
        reason[beyond_degrees(raw) & (reason == "")] = "outside_longitude_latitude"
    usable = np.flatnonzero(reason == "")
    if _is_degrees(source) and (n := _of_few_decimals(raw[usable])) > _SOME * len(usable):
        metres = off_by_rounding()
        notes.append(Note("positions_with_few_decimals", n=n, of=len(usable), metres=metres))
    xy = np.full(raw.shape, np.nan)
    # A change of datum holds for a country or a part of it: that of the addresses.
    place = None
    if source != backdrop.crs and FICTIONAL not in (source, backdrop.crs):
        place = place_of(backdrop.xy, backdrop.crs)
    if len(usable):
        xy[usable], lacking = _in_metres(raw[usable], source, backdrop.crs, place, who)
        outside = usable[_beyond_box(xy[usable], backdrop) > AREA_MARGIN]
        if 2 * len(outside) > len(usable):
            columns = first, second
            raise _outside_error(
                raw[usable], xy[usable], source, backdrop, columns, name, who, lacking
            )
        reason[outside] = "outside_the_area"
    if place and (off := accuracy(source, backdrop.crs, place)) > 0:
        notes.append(
            Note(
                "positions_off", source=crs_name(source), target=crs_name(backdrop.crs), metres=off
            )
        )
    return Positions(xy=xy, reason=reason.astype(str), crs=source, notes=tuple(notes))


def numbers(column: pd.Series, reason: np.ndarray, name: str, who: str) -> Floats:
    """Return a column as numbers, with decimal commas too; write in `reason` which cells are none.

    Parameters
    ----------
    column : pandas.Series
    reason : object array, shape (n,)
        Changed in place where it is empty: missing_coordinate, text_for_a_coordinate.
    name, who : str
        File and function, for messages.

    Raises
    ------
    SchemaError
        Every filled cell is something else than a number.
    """
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if is_number:
        missing = column.isna().to_numpy()
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        text = column.astype("str").fillna("")
        # Spaces part thousands, wide or narrow; a leading apostrophe is a spreadsheet's.
        text = text.str.replace(_NO_PART, "", regex=True).str.removeprefix("'")
        missing = text.str.lower().isin(_BLANK).to_numpy() | column.isna().to_numpy()
        plain = text.str.replace(",", ".", regex=False)
        values = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isnan(values) & ~missing
    if wrong.any() and wrong.sum() == (~missing).sum():
        needed = f"numbers in column '{column.name}' of {name}"
        came = f"something else in all {wrong.sum():,} filled cells"
        do = "Write decimal degrees or metres there, or rename the column."
        raise SchemaError.of(who, needed, came, do, why="no_coordinates")
    reason[missing & (reason == "")] = "missing_coordinate"
    reason[wrong & (reason == "")] = "text_for_a_coordinate"
    return values


def _of_few_decimals(degrees: Floats) -> int:
    """Return how many places have three decimals of a degree at most, 111 m apart northward."""
    thousandths = degrees * 1_000
    return int((np.abs(thousandths - np.round(thousandths)) < _EXACT).all(axis=1).sum())


def _is_degrees(source: str) -> bool:
    return source != FICTIONAL and in_degrees(source)


def _in_metres(
    raw: Floats, source: str, target: str, place: Place | None, who: str
) -> tuple[Floats, GeometryError | None]:
    """Return points in the metres of the addresses; nan and why where they cannot be there."""
    if source == target:
        return raw, None
    try:
        return project(*raw.T, source=source, target=target, place=place, who=who), None
    except GeometryError as error:
        if place is None:
            raise
        return np.full(raw.shape, np.nan), error


def _beyond_box(xy: Floats, backdrop: AddressBase) -> Floats:
    """Return the distance of each point from the box around all addresses, infinite at worst."""
    low, high = backdrop.xy.min(0), backdrop.xy.max(0)
    gap = np.maximum(np.maximum(low - xy, xy - high), 0.0)
    return np.asarray(np.nan_to_num(np.abs(gap).max(1), nan=np.inf, posinf=np.inf))


def _outside_error(
    raw: Floats,
    xy: Floats,
    source: str,
    backdrop: AddressBase,
    columns: tuple[pd.Series, pd.Series],
    name: str,
    who: str,
    lacking: GeometryError | None,
) -> GeometryError:
    """Return why most points are not where the addresses are: swapped, projected or far."""
    east, north = (str(column.name) for column in columns)
    now = crs_name(source)
    some = raw[:: max(1, len(raw) // 2_000)]
    needed = f"points within {AREA_MARGIN / 1000:g} km of the addresses of {backdrop.source}"
    place = None if backdrop.crs == FICTIONAL else place_of(backdrop.xy, backdrop.crs)

    def fits(points: Floats, crs: str, where: Place | None = place) -> bool:
        there, _ = _in_metres(points, crs, backdrop.crs, where, who)
        return bool(2 * (_beyond_box(there, backdrop) <= AREA_MARGIN).sum() > len(there))

    if lacking is not None and fits(some, source, None):
        return lacking  # the right place, but for its datum
    if fits(some[:, ::-1], source):
        pair = "longitude and latitude" if _is_degrees(source) else "easting and northing"
        do = f"Exchange the names of columns '{east}' and '{north}'."
        return GeometryError.of(who, needed, f"{pair} swapped in {name}", do)
    for code in [] if backdrop.crs == FICTIONAL else _LIKELY:
        other = f"EPSG:{code}"
        if other != source and fits(some, other):
            came = f"points in {name} that fall there only when read as {other}, not as {now}"
            do = f"If so, pass crs='{other}' (--crs {other})."
            return GeometryError.of(who, needed, came, do)
    if lacking is not None:
        return lacking
    away = _beyond_box(xy, backdrop)
    middle = float(np.median(away))
    far = f"the middle one {middle / 1000:,.0f} km away" if np.isfinite(middle) else "out of reach"
    n = int((away > AREA_MARGIN).sum())
    came = f"{n:,} points of {len(xy):,} in {name} outside, {far}"
    do = f"Take the addresses of the same place, or name the projection (crs, now {now})."
    return GeometryError.of(who, needed, came, do, why="far", n=n, of=len(xy))


# Share of the filled cells of a column that must be points, and cells that are tried first.
_MOST, _TRIED = 0.95, 40
_NUMBER = r"[+-]?\d{1,9}(?:\.\d{1,17})?(?:[eE][+-]?\d{1,2})?"
_FINE = r"[+-]?\d{1,8}\.\d{3,17}"  # of a place, no number of anything else
_WKT = re.compile(
    rf"(?:SRID=(\d{{4,6}});)?\s?(?:MULTI)?POINT\s?(?:ZM?|M)?\s?\(\s?\(?\s?({_NUMBER})\s({_NUMBER})"
    rf"(?:\s{_NUMBER}){{0,2}}\s?\)?\s?\)",
    re.IGNORECASE,
)
_GEOJSON = re.compile(
    rf'\{{[^{{}}]{{0,99}}"coordinates"\s?:\s?\[\s?\[?\s?({_NUMBER})\s?,\s?({_NUMBER})'
    rf"(?:\s?,\s?{_NUMBER})?\s?\]\s?\]?"
    r"[^{}]{0,99}\}"
)
_NAMED = re.compile(
    rf'["\']?_?(lat|latitude|lng|lon|longitude)["\']?\s?[:=]\s?["\']?({_NUMBER})["\']?',
    re.IGNORECASE,
)
_PAIR = r"[\[(]?\s?({0})[°º]?\s?[,; ]\s?({0})[°º]?\s?[\])]?"
_COMMAS = r"([+-]?\d{{1,3}},\d{{{0},17}})\s?[; ]\s?([+-]?\d{{1,3}},\d{{{0},17}})"
_LINK = r"(?:geo:|[?&](?:q|ll|query|center|destination)=|/@)({0})(?:,|%2C)({0})"
_PAIRS = [re.compile(_PAIR.format(_FINE)), re.compile(_COMMAS.format(3))]
_LINKS = re.compile(_LINK.format(_FINE))
# In a column of such places 2.48 is 2.4800, whose noughts a writer left out.
_ROUND_PAIRS = [re.compile(_PAIR.format(_NUMBER)), re.compile(_COMMAS.format(1))]
_ROUND_LINKS = re.compile(_LINK.format(_NUMBER))
_DEGREES = (
    r"([NSEWO])?\s?([+-]?\d{1,3})\s?[°ºd:]\s?(\d{1,2}(?:[.,]\d{1,9})?)\s?['’′m:]?\s?"
    r"(?:(\d{1,2}(?:[.,]\d{1,9})?)\s?(?:\"|''|’’|″|”|s)?)?\s?([NSEWO])?"
)
_DMS = re.compile(_DEGREES, re.IGNORECASE)
_DMS_PAIR = re.compile(rf"{_DEGREES}[\s,;]{{1,3}}{_DEGREES}", re.IGNORECASE)
# Bytes of a WKB point, in hexadecimal digits: with or without a projection, and of two, three or
# four numbers.
_WKB = re.compile(r"0[01](?:[0-9A-Fa-f]{8}){1,2}(?:[0-9A-Fa-f]{16}){2,4}")
# Mainland France, which distinguishes latitude from longitude without a header.
_SOUTH, _NORTH, _WEST, _EAST = 41.0, 52.0, -6.0, 11.0


class _Point(NamedTuple):
    """A point as written: eastward, northward, and its projection where given.

    `sure` is False where the order of the two is unknown.
    """

    east: float
    north: float
    srid: str = ""
    sure: bool = True


def with_points(table: FileFrame, *, crs: str | None = None) -> FileFrame:
    """Return a table with two columns of coordinates, parsed from other columns where needed.

    Unchanged where two columns are named for coordinates and hold numbers, or where none has any.
    What the caller gave as `crs` outranks the standard of the cells.
    """
    if table.location or not len(table.frame):
        return table
    frame = table.frame
    named = named_pair(list(map(str, frame.columns)))
    if named is not None:
        return _parsed_pair(table, *named)
    for column in map(str, frame.columns):
        result = _parsed_points(frame[column])
        if result is not None:
            placed = _with_coordinates(table, (column,), *result)
            # GeoJSON and the links of maps have degrees of WGS 84 by their specifications.
            degrees = result[1] in ("geojson", "link") and "longitude" in placed.location
            standard = LONGITUDE_LATITUDE if degrees and crs is None else None
            return replace(placed, crs=placed.crs or standard)
    return table


def point_form(texts: Sequence[str]) -> str:
    """Return the format in which the cells of a column hold points; "" where they do not.

    Returns
    -------
    {"wkt", "wkb", "geojson", "object", "link", "degrees", "pair", ""}

    Examples
    --------
    >>> point_form(["POINT (2.47 48.82)"]), point_form(["48.8212, 2.4705"]), point_form(["12, 14"])
    ('wkt', 'pair', '')
    """
    some = [text for text in texts if text][:_TRIED]
    for form, read in _FORMS.items():
        hits = sum(read(text) is not None for text in some)
        if some and hits >= _MOST * len(some):
            return form
    return ""


def _of_wkt(text: str) -> _Point | None:
    match = _WKT.fullmatch(text)
    return match and _Point(float(match[2]), float(match[3]), match[1] or "")


# What a geometry is called by the standards that name it; only these words are repeated.
_LINES = ("LineString", "MultiLineString", "LinearRing")
INSIDE = Note("points_inside", polygons=1)
_OTHERS = (*_LINES, "MultiPoint", "Polygon", "MultiPolygon", "GeometryCollection")


def point_of_geometry(
    kind: Any, coordinates: Any, *, inside: bool = False
) -> tuple[tuple[float, float] | None, Note | None]:
    """Return the point of a geometry, a height aside, or the reason why it has none.

    A MultiPoint of one part is a point; one of several is not.

    Parameters
    ----------
    kind : str
        As GeoJSON names it; `coordinates` are nested as there.
    inside : bool, optional
        A polygon stands at a point inside of it, with the note `INSIDE`.

    Examples
    --------
    >>> point_of_geometry("MultiPoint", [[2.5, 48.8, 30.0]])
    ((2.5, 48.8), None)
    >>> square = [[[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]]
    >>> point_of_geometry("Polygon", square, inside=True)
    ((2.0, 1.0), Note('points_inside', polygons=1))
    """
    if kind == "MultiPoint" and isinstance(coordinates, (list, tuple)) and len(coordinates) == 1:
        kind, coordinates = "Point", coordinates[0]
    if inside and kind in ("Polygon", "MultiPolygon"):
        try:
            point = _point_inside(coordinates if kind == "MultiPolygon" else [coordinates])
        except (TypeError, ValueError, IndexError):
            point = None
        return (point, INSIDE) if point else (None, Note("point_without_numbers"))
    if kind != "Point":
        return None, Note("not_a_point", geometry=kind if kind in _OTHERS else "unknown")
    pair = coordinates[:2] if isinstance(coordinates, (list, tuple)) else ()
    if len(pair) < 2 or any(not isinstance(v, (int, float)) or isinstance(v, bool) for v in pair):
        return None, Note("point_without_numbers")
    try:
        return (float(pair[0]), float(pair[1])), None
    except OverflowError:  # JSON has no largest whole number
        return (math.inf, math.inf), None


def _point_inside(polygons: Any) -> tuple[float, float] | None:
    """Return the middle of the widest cut of polygons at half their height, holes left out."""
    best: tuple[float, tuple[float, float]] | None = None
    for rings in polygons:
        corners = [np.array([point[:2] for point in ring], dtype=float) for ring in rings]
        heights = np.unique(np.concatenate([ring[:, 1] for ring in corners]))
        if len(heights) < 2 or not np.isfinite(heights).all():
            continue
        # Between two heights of corners, so that the cut meets no corner.
        above = int(np.clip(np.searchsorted(heights, heights[[0, -1]].mean()), 1, None))
        y = float(heights[above - 1 : above + 1].mean())
        cuts: list[float] = []
        for ring in corners:
            start, end = ring, np.roll(ring, -1, axis=0)
            met = (start[:, 1] <= y) != (end[:, 1] <= y)
            (x0, y0), (x1, y1) = start[met].T, end[met].T
            cuts += (x0 + (y - y0) * (x1 - x0) / (y1 - y0)).tolist()
        cuts.sort()
        for left, right in zip(cuts[::2], cuts[1::2], strict=False):
            if best is None or right - left > best[0]:
                best = right - left, ((left + right) / 2, y)
    return None if best is None else best[1]


def point_of_text(text: str) -> tuple[float, float] | None:
    """Return a point that is written as WKT; None of another text."""
    point = _of_wkt(text.strip())
    return point and (point.east, point.north)


_KINDS = {
    1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString",
    6: "MultiPolygon", 7: "GeometryCollection",
}  # fmt: skip
# Extended WKB has flags for a height, a measure and a projection in the high bits of the kind.
_HIGH, _HAS_CODE, _HAS_HEIGHT, _HAS_MEASURE = 0x1FFFFFFF, 0x20000000, 0x80000000, 0x40000000
# Geometries of GeoArrow and of the native encodings of GeoParquet, as GeoJSON names them.
_NATIVE = {kind.lower(): kind for kind in _KINDS.values()}
# Kinds whose coordinates are read, and of which parts each consists.
_PARTS = {4: (1,), 6: (3,)}


def wkb_point(
    cell: object, *, inside: bool = False
) -> tuple[tuple[float, float] | None, Note | None, str]:
    """Decode a point in well-known binary: the point or why it is none, and its EPSG code or "".

    An empty point is nan. A MultiPoint of one part is a point, and a polygon, where `inside` is
    asked for, a point inside of it: see `point_of_geometry`.

    Examples
    --------
    >>> wkb_point(struct.pack("<BIdd", 1, 1, 2.5, 48.0)), wkb_point(None)
    (((2.5, 48.0), None, ''), (None, Note('feature_without_geometry'), ''))
    """
    if not isinstance(cell, (bytes, bytearray, memoryview)):
        return None, Note("feature_without_geometry"), ""
    if len(cell) < 5 or cell[0] > 1:
        return None, Note("not_a_point", geometry="unknown"), ""
    order = "<" if cell[0] else ">"
    (kind,) = struct.unpack_from(f"{order}I", cell, 1)
    # 1001, 2001 and 3001 are points with a height, a measure, or both.
    plain = (kind & _HIGH) % 1000
    start = 9 if kind & _HAS_CODE else 5
    srid = ""
    if start == 9 and len(cell) >= 9:
        srid = str(struct.unpack_from(f"{order}I", cell, 5)[0])
    if plain != 1:
        coordinates: Any = None
        if plain == 4 or (inside and plain in (3, 6)):
            try:
                coordinates, _ = _wkb_coordinates(cell, 0, (plain,))
            except (struct.error, ValueError, IndexError):
                return None, Note("point_without_numbers"), srid
        return *point_of_geometry(_KINDS.get(plain), coordinates, inside=inside), srid
    if len(cell) < start + 16:
        return None, Note("point_without_numbers"), ""
    x, y = struct.unpack_from(f"{order}dd", cell, start)
    return (x, y), None, srid


def _wkb_coordinates(cell: Any, at: int, kinds: Collection[int]) -> tuple[Any, int]:
    """Return the coordinates of points and polygons, nested as in GeoJSON, and where they end."""
    order = "<" if cell[at] else ">"
    (kind,) = struct.unpack_from(f"{order}I", cell, at + 1)
    plain, thousands = (kind & _HIGH) % 1000, (kind & _HIGH) // 1000
    if plain not in kinds:
        raise ValueError
    height = thousands in (1, 3) or bool(kind & _HAS_HEIGHT)
    width = 2 + height + (thousands in (2, 3) or bool(kind & _HAS_MEASURE))
    at += 9 if kind & _HAS_CODE else 5
    if plain == 1:
        return list(struct.unpack_from(f"{order}{width}d", cell, at)), at + 8 * width
    (count,) = struct.unpack_from(f"{order}I", cell, at)
    at += 4
    result: list[Any] = []
    for _ in range(count):
        if plain in _PARTS:
            part, at = _wkb_coordinates(cell, at, _PARTS[plain])
        else:
            (points,) = struct.unpack_from(f"{order}I", cell, at)
            ring = np.frombuffer(cell, f"{order}f8", width * points, at + 4)
            part, at = ring.reshape(points, width).tolist(), at + 4 + 8 * width * points
        result.append(part)
    return result, at


def point_of_cell(cell: Any, encoding: str, *, inside: bool) -> tuple[Any, Note | None]:
    """Return the point of a cell of GeoArrow or GeoParquet, or why it has none.

    Parameters
    ----------
    encoding : str
        ``"wkb"``, ``"wkt"``, or a kind of geometry in small letters, whose coordinates are lists
        or objects with x and y.

    Examples
    --------
    >>> point_of_cell({"x": 2.5, "y": 48.8}, "point", inside=False)
    ((2.5, 48.8), None)
    """
    if cell is None:
        return None, Note("feature_without_geometry")
    if encoding == "wkb":
        point, note, _ = wkb_point(cell, inside=inside)
    elif encoding == "wkt":
        point, note = point_of_text(str(cell)), None
        note = None if point else Note("not_a_point", geometry="unknown")
    else:
        point, note = point_of_geometry(_NATIVE.get(encoding), _nested(cell), inside=inside)
    return point, note


def _nested(cell: Any) -> Any:
    """Return coordinates as nested lists, as in GeoJSON."""
    if isinstance(cell, Mapping):
        return [cell.get("x"), cell.get("y")]
    if isinstance(cell, np.ndarray):
        cell = cell.tolist()
    return [_nested(item) for item in cell] if isinstance(cell, (list, tuple)) else cell


def _of_wkb(text: str) -> _Point | None:
    if not _WKB.fullmatch(text):
        return None
    point, _, srid = wkb_point(bytes.fromhex(text))
    # Only a point with a code has four bytes before its numbers.
    fits = len(text) % 16 == (2 if srid else 10)
    return _Point(*point, srid) if point is not None and fits else None


def _of_geojson(text: str) -> _Point | None:
    match = _GEOJSON.fullmatch(text) if "Point" in text else None
    return match and _Point(float(match[1]), float(match[2]))


def _of_object(text: str) -> _Point | None:
    values = {name[:3].lower(): float(number) for name, number in _NAMED.findall(text[:300])}
    north, east = values.get("lat"), values.get("lng", values.get("lon"))
    return None if north is None or east is None else _Point(east, north)


def _of_link(text: str, pattern: re.Pattern[str] = _LINKS) -> _Point | None:
    match = pattern.search(text[:500])
    return match and _Point(float(match[2]), float(match[1]))


def _of_pair(text: str, patterns: Sequence[re.Pattern[str]] = _PAIRS) -> _Point | None:
    match = next((hit for item in patterns if (hit := item.fullmatch(text))), None)
    if match is None:
        return None
    north, east = (float(number.replace(",", ".")) for number in match.groups())
    return _Point(east, north, sure=False)


def _parsed_short(text: str, form: str) -> _Point | None:
    """Read a place of fewer decimals, in a column of places of that form."""
    if form == "pair":
        return _of_pair(text, _ROUND_PAIRS)
    return _of_link(text, _ROUND_LINKS) if form == "link" else None


def _of_degrees(text: str) -> _Point | None:
    match = _DMS_PAIR.fullmatch(text)
    if match is None:
        return None
    parts = match.groups("")
    first, second = _decimal(parts[:5]), _decimal(parts[5:])
    sides = [(parts[i] or parts[i + 4]).upper() for i in (0, 5)]
    if first is None or second is None or not all(sides):
        return None
    return _Point(second, first) if sides[0] in "NS" else _Point(first, second)


def _decimal(parts: Sequence[str]) -> float | None:
    """Return degrees, minutes and seconds as decimal degrees, west and south below 0."""
    before, degrees, minutes, seconds, after = parts
    small = float(minutes.replace(",", ".")) / 60 + float((seconds or "0").replace(",", ".")) / 3600
    if small >= 1:
        return None
    side = (before or after).upper()
    size = abs(float(degrees)) + small
    return -size if degrees.startswith("-") or side in ("S", "W", "O") else size


_FORMS: dict[str, Callable[[str], _Point | None]] = {
    "wkt": _of_wkt, "wkb": _of_wkb, "geojson": _of_geojson, "object": _of_object,
    "link": _of_link, "degrees": _of_degrees, "pair": _of_pair,
}  # fmt: skip


def _texts(column: pd.Series) -> list[str]:
    """Return the cells of a column as texts without blanks around them, "" where empty."""
    return ["" if gone else str(cell).strip()[:600]
            for cell, gone in zip(column, column.isna(), strict=True)]  # fmt: skip


def _parsed_points(column: pd.Series) -> tuple[np.ndarray, str, str] | None:
    """Return the points of a column (n, 2), nan where there is none, their format and EPSG code."""
    if pd.api.types.is_numeric_dtype(column):
        return None
    form = point_form(_texts(column.dropna().head(_TRIED)))
    if not form:
        return None
    texts = _texts(column)
    values = [_FORMS[form](text) if text else None for text in texts]
    srids = {point.srid for point in values if point is not None}
    if sum(point is not None for point in values) < _MOST * sum(map(bool, texts)) or len(srids) > 1:
        return None
    values = [item or _parsed_short(text, form) for item, text in zip(values, texts, strict=True)]
    known = [point for point in values if point is not None]
    xy = np.array([(np.nan, np.nan) if p is None else (p.east, p.north) for p in values])
    if not known[0].sure and _is_turned(xy, header_words(str(column.name))):
        xy = xy[:, ::-1]
    return xy, form, srids.pop()


def _is_turned(xy: np.ndarray, header: Sequence[str]) -> bool:
    """Return whether a pair begins eastward: by its header, by France, by the poles."""
    first = next((word for word in header if word[:3] in ("lat", "lon", "lng")), "")
    if first:
        return not first.startswith("lat")
    east, north = xy[np.isfinite(xy).all(axis=1)].T
    turned = (east >= _SOUTH) & (east <= _NORTH) & (north >= _WEST) & (north <= _EAST)
    return bool(turned.mean() > 0.5 or (np.abs(north) > 90).any())


def named_pair(columns: Sequence[str]) -> tuple[str, str, float] | None:
    """Return the two columns that are named for coordinates, eastward first, and their unit.

    None where they are not two, or named as everybody names them: these are read elsewhere.

    Examples
    --------
    >>> named_pair(["loc.longitude", "loc.latitude"]), named_pair(["from_lat", "to_lat", "to_lon"])
    (('loc.longitude', 'loc.latitude', 1.0), None)
    """
    words = {column: header_words(column) for column in columns}
    sides = [[c for c in columns if {*words[c]} & {*known}] for known in (LONGITUDE, LATITUDE)]
    if not all(len(side) == 1 for side in sides):
        metres = [c for c in columns if words[c] and WORDS["of_metres"].issuperset(words[c])]
        sides = [[c for c in metres if letter in words[c]] for letter in "xy"]
    if not all(len(side) == 1 for side in sides) or sides[0] == sides[1]:
        return None
    east, north = sides[0][0], sides[1][0]
    millionths = re.search(r"e ?([67])$", " ".join(words[north]))
    return east, north, 10.0 ** int(millionths[1]) if millionths else 1.0


def _parsed_pair(table: FileFrame, east: str, north: str, unit: float) -> FileFrame:
    """Read two columns as numbers of a unit, or as degrees, minutes and seconds."""
    values = (_coordinate(table.frame[column], unit) for column in (east, north))
    halves = [half for half in values if half is not None]
    if len(halves) < 2:
        return table
    forms = {form for _, form in halves}
    plain = COORDINATES.issuperset((fold(east), fold(north)))
    if plain and forms == {"number"}:
        return table
    xy = np.column_stack([half for half, _ in halves])
    form = "degrees" if "degrees" in forms else "number" if unit == 1 else "units"
    return _with_coordinates(table, (east, north), xy, form, "")


def _coordinate(column: pd.Series, unit: float) -> tuple[np.ndarray, str] | None:
    """Return one coordinate (n,), nan where a cell has none, and its format."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan) / unit, "number"
    texts = _texts(column)
    filled = sum(map(bool, texts))
    plain = pd.Series([text.replace(",", ".") for text in texts], dtype="str")
    number = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float)
    if filled and np.isfinite(number).sum() >= _MOST * filled:
        return number / unit, "number"
    result = [_DMS.fullmatch(text) if text else None for text in texts]
    degrees = [None if item is None else _decimal(item.groups("")) for item in result]
    if not filled or sum(item is not None for item in degrees) < _MOST * filled:
        return None
    return np.array([np.nan if item is None else item for item in degrees]), "degrees"


def _with_coordinates(
    table: FileFrame, columns: tuple[str, ...], xy: np.ndarray, form: str, srid: str
) -> FileFrame:
    """Replace the columns that held points by two columns of coordinates."""
    rest = table.frame.drop(columns=list(columns))
    in_degrees = not (np.abs(xy[np.isfinite(xy).all(axis=1)]) > 180).any()
    names = ("longitude", "latitude") if in_degrees else ("x", "y")
    if {fold(str(column)) for column in rest} & set(names):
        return table
    frame = rest.assign(**dict(zip(names, xy.T, strict=True)))
    crs = table.crs or (f"EPSG:{srid}" if srid.strip("0") else None)
    note = Note("points_read", columns=columns, how=f"points_{form}")
    return replace(table, frame=frame, location=names, crs=crs, notes=(*table.notes, note))
