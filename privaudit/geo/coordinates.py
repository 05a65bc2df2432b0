"""Coordinates of a file: find their columns, and turn them into metres of the addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.columns.roles import LATITUDE, LONGITUDE, METRES_X, METRES_Y
from privaudit.core.checks import (
    Bools,
    Floats,
    Strs,
    column_names_shown,
    did_you_mean,
    error_message,
)
from privaudit.errors import GeometryError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import (
    FICTIONAL,
    accuracy,
    beyond_degrees,
    crs_of_numbers,
    in_degrees,
    project,
)
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

# A point farther than this from the box around all addresses is of another place, in metres.
AREA_MARGIN = 5_000.0
_FAMILIES = ((LONGITUDE, LATITUDE), (METRES_X, METRES_Y))
# What French maps are exported in, tried in turn to say what a file may be in: degrees,
# Lambert-93, Lambert II extended and zones I to IV, conic conformal zones 42 to 50, web
# Mercator, UTM 30 to 32, the European grid, and the overseas zones.
_LIKELY = (4326, 2154, 27572, *range(27561, 27565), *range(3942, 3951), 3857)
_LIKELY += (32630, 32631, 32632, 3035, 5490, 2972, 2975, 4471, 4467)
_BLANK = ("", "na", "nan", "null", "none")


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
        found = [[c for c in columns if fold(c) in known] for known in family]
        if all(found):
            for several in found:
                if len(several) > 1:
                    came = f"{' and '.join(map(repr, several))} in {name}"
                    raise SchemaError(
                        error_message(who, "one column a coordinate", came, "Drop one."),
                        why="no_coordinates",
                    )
            return found[0][0], found[1][0]
        half = half or next((c for side in found for c in side), "")
    shown = column_names_shown(columns)
    came = f"only '{half}' among the columns of {name}: {shown}" if half else f"columns {shown}"
    known = [word for family in _FAMILIES for side in family for word in side]
    hints = [hint for c in columns if (hint := did_you_mean(fold(c), known)) and c != half]
    needed = f"two columns of coordinates in {name}, named lon and lat, or x and y (metres)"
    do = "Rename them, or export the layer as GeoJSON; addresses are not looked up here."
    raise SchemaError(
        error_message(who, needed, came, hints[0] if hints else do), why="no_coordinates"
    )


def location_names(crs: str | None) -> tuple[str, str]:
    """Name the two coordinates of a projection; of none, which is WGS 84.

    Examples
    --------
    >>> location_names(None), location_names("EPSG:2154")
    (('longitude', 'latitude'), ('x', 'y'))
    """
    metres = crs is not None and (crs == "fictional" or not in_degrees(crs))
    return ("x", "y") if metres else ("longitude", "latitude")


def coordinate_pairs(columns: Sequence[str]) -> list[str]:
    """Return the columns that are coordinates by their names, where both of a pair are there.

    Examples
    --------
    >>> coordinate_pairs(["X", "lon", "y", "status"])
    ['X', 'y']
    """
    found = []
    for family in _FAMILIES:
        sides = [[c for c in columns if fold(c) in known] for known in family]
        found += [c for side in sides for c in side] if all(sides) else []
    return found


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
        raise GeometryError(
            error_message(who, "at least one address", f"none in {backdrop.source}")
        )
    reason = np.full(len(first), "", dtype=object)
    raw = np.column_stack([numbers(c, reason, name, who) for c in (first, second)])
    reason[~np.isfinite(raw).all(1) & (reason == "")] = "coordinate_not_finite"
    if backdrop.crs != "fictional":  # a fictional town has its centre there
        reason[(raw == 0).all(1) & (reason == "")] = "position_zero"
    stated = crs or (FICTIONAL if backdrop.crs == FICTIONAL else None)
    source, guessed = crs_of_numbers(
        raw[reason == ""], stated=stated, metres=backdrop.crs, name=name, who=who
    )
    notes = list(guessed)
    if _degrees(source):
        # Swapped ones are left to be found out below.
        reason[beyond_degrees(raw) & (reason == "")] = "outside_longitude_latitude"
    usable = np.flatnonzero(reason == "")
    xy = np.full(raw.shape, np.nan)
    if len(usable):
        xy[usable] = _in_metres(raw[usable], source, backdrop.crs, who)
        outside = usable[~_inside(xy[usable], backdrop)]
        if 2 * len(outside) > len(usable):
            raise _elsewhere(raw[usable], xy[usable], source, backdrop, (first, second), name, who)
        reason[outside] = "outside_the_area"
    if source != backdrop.crs and (off := accuracy(source, backdrop.crs)) > 1:
        notes.append(Note("positions_off", source=source, target=backdrop.crs, metres=off))
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
        text = text.str.replace("[\\s\u00a0\u2009\u202f]+", "", regex=True).str.removeprefix("'")
        missing = text.str.lower().isin(_BLANK).to_numpy() | column.isna().to_numpy()
        plain = text.str.replace(",", ".", regex=False)
        values = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isnan(values) & ~missing
    if wrong.any() and wrong.sum() == (~missing).sum():
        came = f"something else in all {wrong.sum():,} filled cells"
        do = "Write decimal degrees or metres there, or rename the column."
        raise SchemaError(
            error_message(who, f"numbers in column '{column.name}' of {name}", came, do),
            why="no_coordinates",
        )
    reason[missing & (reason == "")] = "missing_coordinate"
    reason[wrong & (reason == "")] = "text_for_a_coordinate"
    return values


def _degrees(source: str) -> bool:
    return source != "fictional" and in_degrees(source)


def _in_metres(raw: Floats, source: str, target: str, who: str) -> Floats:
    return raw if source == target else project(*raw.T, source=source, target=target, who=who)


def _inside(xy: Floats, backdrop: AddressBase) -> Bools:
    """Say which points lie in the box around all addresses, grown by the margin."""
    return _beyond_box(xy, backdrop) <= AREA_MARGIN


def _beyond_box(xy: Floats, backdrop: AddressBase) -> Floats:
    """Return the distance of each point from the box around all addresses, infinite at worst."""
    low, high = backdrop.xy.min(0), backdrop.xy.max(0)
    gap = np.maximum(np.maximum(low - xy, xy - high), 0.0)
    return np.asarray(np.nan_to_num(np.abs(gap).max(1), nan=np.inf, posinf=np.inf))


def _elsewhere(
    raw: Floats,
    xy: Floats,
    source: str,
    backdrop: AddressBase,
    columns: tuple[pd.Series, pd.Series],
    name: str,
    who: str,
) -> GeometryError:
    """Say why most points are not where the addresses are: swapped, projected or far."""
    east, north = (str(column.name) for column in columns)
    some = raw[:: max(1, len(raw) // 2_000)]
    needed = f"points within {AREA_MARGIN / 1000:g} km of the addresses of {backdrop.source}"
    if _most(_in_metres(some[:, ::-1], source, backdrop.crs, who), backdrop):
        pair = "longitude and latitude" if _degrees(source) else "easting and northing"
        do = f"Exchange the names of columns '{east}' and '{north}'."
        return GeometryError(error_message(who, needed, f"{pair} swapped in {name}", do))
    for code in [] if backdrop.crs == "fictional" else _LIKELY:
        other = f"EPSG:{code}"
        if other != source and _most(_in_metres(some, other, backdrop.crs, who), backdrop):
            came = f"points in {name} that fall there only when read as {other}, not as {source}"
            return GeometryError(
                error_message(who, needed, came, f"If so, pass crs='{other}' (--crs {other}).")
            )
    away = _beyond_box(xy, backdrop)
    middle = float(np.median(away))
    far = f"the middle one {middle / 1000:,.0f} km away" if np.isfinite(middle) else "out of reach"
    came = f"{(away > AREA_MARGIN).sum():,} points of {len(xy):,} in {name} outside, {far}"
    do = f"Take the addresses of the same place, or name the projection (crs, now {source})."
    return GeometryError(
        error_message(who, needed, came, do),
        why="far",
        n=int((away > AREA_MARGIN).sum()),
        of=len(xy),
    )


def _most(xy: Floats, backdrop: AddressBase) -> bool:
    return bool(2 * _inside(xy, backdrop).sum() > len(xy))
