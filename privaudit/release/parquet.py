"""Parquet files, as a table of plain columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.release.delimited import column_names
from privaudit.release.geojson import location_names
from privaudit.release.geoparquet import declared_crs, geometry_of, wkb_points

__all__ = ["parse_parquet"]

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "2GB",
    "temp_directory": "",  # nothing is spilt to a disk
}
_NOT_PLAIN = ("BLOB", "GEOMETRY", "STRUCT", "MAP", "UNION", "VARIANT")


def parse_parquet(
    file: Path, *, name: str, who: str, places: bool = True, crs: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...], str | None, list[str], dict[str, int]]:
    """Read a Parquet file; the points of a GeoParquet file become its first two columns.

    Parameters
    ----------
    file : Path
        Where it is; its first four bytes are known to be those of Parquet.
    name, who : str
        The file's name, and the function that an error names.
    places : bool
        Read the points. Otherwise a geometry is left out like any binary column.
    crs : str, optional
        The projection, whatever the file declares.

    Returns
    -------
    frame : pandas.DataFrame
        Numbers and dates keep their type; whole numbers with gaps become float64, or text
        where a float would round them; everything else is ``str``.
    location, crs, notes, set_aside
        As `privaudit.release.geojson.parse_geojson` returns them; no location in a plain file.

    Raises
    ------
    ReadError
        The file is cut short or damaged, has no row, or no point where it has a geometry.
    SchemaError
        A column's name stands twice.
    GeometryError
        The declared projection is unknown.
    """
    import duckdb

    at = {"path": "".join(f"[{c}]" if c in "[*?" else c for c in str(file.absolute()))}
    rows = "SELECT * FROM read_parquet($path)"
    geometry: tuple[str, dict[str, Any]] | None = None
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as connection:
            # A geometry is read below, from its bytes: the engine stops at a sloppy declaration.
            connection.execute("SET enable_geoparquet_conversion = false")
            fields = connection.execute(
                "SELECT name, coalesce(num_children, 0) FROM parquet_schema($path)", at
            ).fetchall()
            names = column_names(_top_level(fields), name=name, who=who)
            described = connection.execute(f"DESCRIBE {rows}", at).fetchall()
            # The engine renames a column that differs from another by case only.
            given, kinds = zip(*((row[0], str(row[1])) for row in described), strict=True)
            plain = [i for i, kind in enumerate(kinds) if _is_plain(kind)]
            picked = [_quoted(given[i]) for i in plain]
            if places:
                told = "SELECT key, value FROM parquet_kv_metadata($path)"
                geometry = geometry_of(connection.execute(told, at).fetchall())
            if geometry is not None:
                at_place = given.index(geometry[0]) if geometry[0] in given else -1
                if at_place < 0 or not kinds[at_place].startswith(("BLOB", "GEOMETRY")):
                    needed, do = f"the points of {name} in WKB", "Export it as GeoJSON or CSV."
                    raise ReadError(say(who, needed, "another encoding", do))
                picked.append(f"CAST({_quoted(geometry[0])} AS BLOB)")
            if not picked:
                raise ReadError(say(who, "plain columns", f"only nested or binary ones in {name}"))
            found = connection.execute(f"SELECT {', '.join(picked)} FROM ({rows})", at).df()
    # The engine's own message may hold a value of the file.
    except (duckdb.Error, UnicodeDecodeError) as error:
        came = f"{name}, which is damaged or cut short ({type(error).__name__})"
        raise ReadError(say(who, "a Parquet file", came, "Export it again.")) from None
    if found.empty:
        raise ReadError(say(who, "at least one row", f"none in {name}"))
    frame = pd.DataFrame(
        {names[i]: _plain(found.iloc[:, place]) for place, i in enumerate(plain)},
        index=found.index,
    )
    left = [
        names[i]
        for i in range(len(names))
        if i not in plain and (geometry is None or given[i] != geometry[0])
    ]
    notes = [f"column '{column}' is nested or binary: left out" for column in left]
    if geometry is None:
        return frame, (), crs, notes, {}
    crs = crs or declared_crs(geometry[1], name=name, who=who)
    xy, point, set_aside = wkb_points(found.iloc[:, -1])
    if not point.any():
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in set_aside.items())
        raise ReadError(say(who, f"at least one point in {name}", reasons))
    frame = frame[point].reset_index(drop=True)
    location = location_names(crs)
    # A table made of a map repeats its coordinates: the geometry is what is read.
    twice = [column for column in frame.columns if column in location]
    frame = frame.rename(columns={column: f"property {column}" for column in twice})
    notes += [f"property '{c}' is named like a coordinate: see 'property {c}'" for c in twice]
    for place, values in enumerate(xy[point].T):
        frame.insert(place, location[place], values)
    return frame, location, crs, notes, set_aside


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _top_level(fields: list[tuple[str, int]]) -> list[str]:
    """Return the names of the root's children; fields come parent first, depth first."""
    names: list[str] = []
    at = 1
    while at < len(fields):
        names.append(fields[at][0])
        below = 1
        while below:
            below += fields[at][1] - 1
            at += 1
    return names


def _is_plain(kind: str) -> bool:
    return not (kind.endswith("]") or kind.startswith(_NOT_PLAIN))


def _plain(column: pd.Series) -> pd.Series:
    """Give a column one of the types that a text table would have, or dates."""
    if pd.api.types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        if not pd.api.types.is_integer_dtype(column):
            return column.astype("float64")
        if not column.isna().any():
            return column.astype("int64") if column.max() < 2**63 else column.astype("str")
        if column.abs().max() < 2**53:
            return column.astype("float64")
    return column.astype("str").mask(column.isna() | (column.astype("str") == ""))
