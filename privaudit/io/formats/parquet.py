"""Parquet, and GeoParquet 1.1 of points, in well-known binary or in a native encoding."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from privaudit.core.limits import limits
from privaudit.io.features import properties_frame, with_location
from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from privaudit.io.file_frame import FileFrame

_NOT_PLAIN = ("BLOB", "GEOMETRY", "STRUCT", "MAP", "UNION", "VARIANT")
# What is written out as JSON, and how many times larger its objects are than its text.
_NESTED, _OF_OBJECTS = ("STRUCT", "MAP"), 8


def _read(asked: ReadRequest) -> FileFrame:
    """Read a Parquet file; the points of a GeoParquet file become its first two columns.

    Numbers and dates keep their type; whole numbers with gaps become float64, or text where a
    float would round them; everything else is ``str``. Lists and objects in a cell are columns as
    those of JSON are. The points of a geometry that is not asked for are text.
    """
    import duckdb

    from privaudit.io.duckdb import connected, literal_path, out_of_memory

    at = {"path": literal_path(asked.path)}
    try:
        with connected(memory_limit=f"{limits().memory // 2}B") as connection:
            columns = _columns_of(asked, connection, at)
            _charge(asked, connection, at, columns.picked)
            query = f"SELECT {', '.join(columns.picked)} FROM ({_ROWS})"
            result = connection.execute(query, at).df()
    # The engine's own message may hold a value of the file.
    except (duckdb.Error, RuntimeError, UnicodeDecodeError) as error:
        if lacking := out_of_memory(error, asked.who, asked.name):
            raise lacking from None
        raise asked.damaged("a Parquet file") from None
    if result.empty:
        raise asked.error("at least one row", f"none in {asked.name}", why="empty")
    return _tabled(result, columns, asked)


# The name of a folder, such as sex=F, is no column.
_ROWS = "SELECT * FROM read_parquet($path, hive_partitioning=false)"


@dataclass(frozen=True, kw_only=True)
class _ParquetColumns:
    """The columns of a file by their places: plain ones, those of objects, and its geometry.

    Parameters
    ----------
    picked : dict of str to str
        What is asked of the engine, and its kind: plain columns, objects, and the geometry.
    covering : set of int
        Columns that say no more than the geometry.
    geometry : dict, optional
        What the file declares of the column at `place`.
    """

    names: list[str]
    plain: list[int]
    nested: list[int]
    covering: set[int]
    picked: dict[str, str]
    geometry: dict[str, Any] | None
    place: int

    @property
    def encoding(self) -> str:
        """Return the encoding of the geometry."""
        return str((self.geometry or {}).get("encoding", "")).lower()


def _columns_of(asked: ReadRequest, connection: Any, at: dict[str, str]) -> _ParquetColumns:
    from privaudit.io.duckdb import quoted
    from privaudit.io.file_frame import column_names

    fields = connection.execute(
        "SELECT name, coalesce(num_children, 0) FROM parquet_schema($path)", at
    ).fetchall()
    names = column_names(_top_level(fields), name=asked.name, who=asked.who)
    described = connection.execute(f"DESCRIBE {_ROWS}", at).fetchall()
    # The engine renames a column that differs from another by case only.
    given, kinds = zip(*((row[0], str(row[1])) for row in described), strict=True)
    values = "SELECT key, value FROM parquet_kv_metadata($path)"
    column, geometry = geometry_of(connection.execute(values, at).fetchall()) or ("", None)
    place = given.index(column) if column in given else -1
    covering = {i for i, one in enumerate(given) if geometry and one in _covering(geometry)}
    apart = {place, *covering}
    nested = [i for i, kind in enumerate(kinds) if _is_nested(kind) and i not in apart]
    plain = [i for i, kind in enumerate(kinds) if _is_plain(kind)]
    picked = {quoted(given[i]): kinds[i] for i in plain}
    picked |= {f"to_json({quoted(given[i])})": "JSON" for i in nested}
    binary = kinds[place].startswith(("BLOB", "GEOMETRY"))
    if geometry is not None and (
        place < 0 or binary != (str(geometry.get("encoding", "")).lower() == "wkb")
    ):
        if asked.places:
            needed, do = f"the geometry of {asked.name} as it declares", "Export it again."
            raise asked.error(needed, "another encoding", do, why="other_kind")
        geometry = None
    if geometry is not None:
        asks = f"CAST({quoted(column)} AS BLOB)" if binary else quoted(column)
        picked[asks] = "BLOB" if binary else "STRUCT"
    if not picked:
        came = f"only nested or binary ones in {asked.name}"
        raise asked.error("plain columns", came, why="other_kind")
    return _ParquetColumns(
        names=names, plain=plain, nested=nested, covering=covering, picked=picked,
        geometry=geometry, place=place,
    )  # fmt: skip


def _tabled(result: pd.DataFrame, of: _ParquetColumns, asked: ReadRequest) -> FileFrame:
    """Make a table of what the engine gave."""
    import pandas as pd

    from privaudit.io.file_frame import FileFrame, tally
    from privaudit.io.records import typed_rows_without_record

    columns = {of.names[i]: plain_column(result.iloc[:, at]) for at, i in enumerate(of.plain)}
    notes: list[Note] = []
    if of.nested:
        texts = result.iloc[:, len(of.plain) : len(of.plain) + len(of.nested)]
        within, notes = _of_objects(texts, [of.names[i] for i in of.nested], asked)
        columns |= {c: within[c] for c in map(str, within) if c not in columns}
    shown = {*of.plain, *of.nested, *of.covering}
    if of.geometry is not None and not asked.places:
        points = _points_as_text(result.iloc[:, -1], of.encoding)
        if points.notna().any():
            columns[of.names[of.place]] = points
            shown.add(of.place)
    elif of.geometry is not None:
        shown.add(of.place)
    notes += [Note("column_left_out", column=name)
              for i, name in enumerate(of.names) if i not in shown]  # fmt: skip
    frame = pd.DataFrame(columns, index=result.index)
    read = FileFrame(frame=frame, name=asked.name, crs=asked.crs, notes=tuple(notes))
    if of.geometry is not None and asked.places:
        return _located(read, result.iloc[:, -1], of.geometry, asked)
    aside = typed_rows_without_record(frame)
    if not aside:
        return read
    left = frame.drop(index=frame.index[[*aside]]).reset_index(drop=True)
    return replace(read, frame=left, set_aside=tally(aside.values()))


def _of_objects(
    texts: pd.DataFrame, names: list[str], asked: ReadRequest
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the columns of lists and objects that are written as JSON, and notes on them."""
    rows = [
        {
            name: None if cell is None else json.loads(cell)
            for name, cell in zip(names, cells, strict=True)
        }
        for cells in texts.astype(object).where(texts.notna(), None).to_numpy()
    ]
    frame, notes = properties_frame(rows, (), asked.name, asked.who, rest=True)
    return frame.set_axis(texts.index), notes


def _points_as_text(cells: pd.Series, encoding: str) -> pd.Series:
    """Return the points of a geometry in well-known text, missing for other geometries."""
    import numpy as np
    import pandas as pd

    xy, _, _ = points_of_cells(cells, encoding)
    texts = [f"POINT ({x} {y})" if np.isfinite(x + y) else None for x, y in xy.tolist()]
    return pd.Series(texts, index=cells.index, dtype="str")


def _charge(
    asked: ReadRequest, connection: Any, at: dict[str, str], picked: dict[str, str]
) -> None:
    """Charge columns, by their kinds: a dictionary holds a value once, a table once a row."""
    length = {"BLOB": "octet_length", "VARCHAR": "strlen", "JSON": f"{_OF_OBJECTS} * strlen"}
    text = [f"sum({length[kind]}({name}))" for name, kind in picked.items() if kind in length]
    asks = ", ".join(["count(*)", *text])
    n, *letters = connection.execute(f"SELECT {asks} FROM ({_ROWS})", at).fetchall()[0]
    # A number is half as large as a text without letters.
    asked.charge(sum(map(int, filter(None, letters))), n * (len(picked) + len(text)) // 2)


def _located(
    read: FileFrame, cells: pd.Series, column: dict[str, Any], asked: ReadRequest
) -> FileFrame:
    """Put the points of a geometry before the columns, and set aside other geometries."""
    from privaudit.geo.crs import LONGITUDE_LATITUDE
    from privaudit.io.file_frame import reasons

    # Without a member `crs` a GeoParquet file is in OGC:CRS84; null is an unknown CRS.
    declared = column.get("crs") or ("unknown" if "crs" in column else None)
    crs = asked.stated_crs(declared, default=LONGITUDE_LATITUDE)
    encoding = str(column.get("encoding", "")).lower()
    xy, point, set_aside = points_of_cells(cells, encoding, inside=asked.inside)
    inside = set_aside.pop(Note("points_inside", polygons=1), 0)
    if not point.any():
        needed = f"at least one point in {asked.name}"
        raise asked.error(needed, reasons(set_aside), why="no_point")
    frame = read.frame[point].reset_index(drop=True)
    notes = (*read.notes, Note("points_inside", polygons=inside)) if inside else read.notes
    located = replace(read, frame=frame, crs=crs, set_aside=set_aside, notes=notes)
    return with_location(located, xy[point])


def _covering(column: dict[str, Any]) -> set[str]:
    """Return the columns that hold the box of each geometry, which says no more than it."""
    box = column.get("covering")
    box = box.get("bbox") if isinstance(box, dict) else None
    paths = box.values() if isinstance(box, dict) else ()
    return {str(path[0]) for path in paths if isinstance(path, list) and path}


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


def _is_nested(kind: str) -> bool:
    return "BLOB" not in kind and (kind.endswith("]") or kind.startswith(_NESTED))


def plain_column(column: pd.Series) -> pd.Series:
    """Give a column one of the types that a text table would have, or dates."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        if not pd.api.types.is_integer_dtype(column):
            return column.astype("float64")
        if not column.isna().any():
            return column.astype("int64") if column.max() < 2**63 else column.astype("str")
        if column.isna().all() or column.abs().max() < 2**53:
            return column.astype("float64")
    return column.astype("str").mask(column.isna() | (column.astype("str") == ""))


def geometry_of(metadata: Iterable[tuple[Any, Any]]) -> tuple[str, dict[str, Any]] | None:
    """Find the primary geometry in a file's metadata, by the GeoParquet standard.

    Its column and its metadata; None where there is none.

    Examples
    --------
    >>> geo = '{"primary_column": "at", "columns": {"at": {"encoding": "WKB"}}}'
    >>> geometry_of([(b"geo", geo.encode())])
    ('at', {'encoding': 'WKB'})
    """
    for key, value in metadata:
        if (key.decode() if isinstance(key, bytes) else key) != "geo":
            continue
        try:
            values = json.loads(value)
            name = values["primary_column"]
            column = values["columns"][name]
        except (ValueError, KeyError, TypeError):
            return None
        if isinstance(name, str) and isinstance(column, dict):
            return name, column
    return None


def points_of_cells(
    cells: Iterable[Any], encoding: str, *, inside: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_], Counter[Note]]:
    """Decode geometries: positions, which cells have one, and notes on those that are no point.

    An empty point is nan.

    Parameters
    ----------
    encoding : str
        As for `point_of_cell`.
    inside : bool, optional
        A polygon stands at a point inside of it.

    Examples
    --------
    >>> cells = [bytes.fromhex("01" + "01000000" + "00" * 16), None]
    >>> xy, point, aside = points_of_cells(cells, "wkb")
    >>> xy[0].tolist(), point.tolist(), dict(aside)
    ([0.0, 0.0], [True, False], {Note('feature_without_geometry'): 1})
    """
    import numpy as np

    from privaudit.io.coordinates import point_of_cell

    result, good, notes = [], [], Counter[Note]()
    for cell in cells:
        point, note = point_of_cell(cell, encoding, inside=inside)
        result.append(point or (np.nan, np.nan))
        good.append(point is not None)
        if note is not None:
            notes[note] += 1
    return np.array(result, dtype=float).reshape(-1, 2), np.array(good, dtype=bool), notes


READER = Reader(
    word="Parquet",
    endings=(".parquet", ".pq"),
    begins=(b"PAR1",),
    signs=(b"PAR1",),
    packed=False,
    counted=True,
    read=_read,
)
