"""What a caller holds in memory: frames of any library, features, open files; GeoDataFrames out.

Tables come in by narwhals and the Arrow interface, geometries by GeoArrow, by the interface of
GeoPandas or as ``__geo_interface__``. None of these libraries is needed, nor imported for input."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, kind_of
from privaudit.core.limits import limits, refuse_beyond
from privaudit.errors import GeometryError, OutputError, ParameterError, PrivauditError, ReadError
from privaudit.geo.crs import FICTIONAL, LONGITUDE_LATITUDE, stated_crs
from privaudit.io.coordinates import INSIDE, point_of_geometry
from privaudit.io.duckdb import cause, spilling
from privaudit.io.features import with_location
from privaudit.io.file_frame import FileFrame, column_names
from privaudit.io.readers import ReadRequest, read_frame
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import narwhals as nw

_NAME = "the data frame"
_GEO = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
        "GeometryCollection")  # fmt: skip
# Of an open file: a name that can be that of its copy.
_PLAIN_NAME = re.compile(r"\w[\w .()+-]{0,99}")
# Beyond it a float would round a whole number.
_WHOLE = 2**53


class _Geometry(NamedTuple):
    """The column of a table that holds geometries, how it is encoded, and its CRS."""

    column: str
    encoding: str
    crs: Any


def held(
    source: Any, *, who: str, gives: str = "dots", crs: str | None = None, sheet: str | None = None
) -> FileFrame:
    """Take over what a caller holds in memory, which is left as it is; a stream is read once.

    Parameters
    ----------
    source : object
        A frame of pandas, Polars, Arrow, DuckDB or another library that narwhals knows; whatever
        has ``__arrow_c_stream__`` or ``__arrow_c_array__``; a GeoDataFrame or GeoSeries; an object
        with ``__geo_interface__``, its dictionary, or a list of such; a file that is open.
    gives : {"dots", "table", "traces"}
        As for `read_frame`. A geometry is read for dots; a polygon stands at a point inside of it.
    crs, sheet : str, optional
        As for `read_frame`.

    Raises
    ------
    ParameterError
        It is none of these.
    ReadError
        It has no row or no column.
    GeometryError
        It declares another CRS than the caller, or its geometry is not there.
    """
    if callable(getattr(source, "read", None)):
        return _open_file(source, who=who, gives=gives, crs=crs, sheet=sheet)
    if isinstance(source, pd.Series) and hasattr(type(source), "geom_type"):
        frame, shapes = pd.DataFrame(index=source.index), source
        return _with_points(frame, _of_shapes(shapes), shapes.crs, crs=crs, who=who)
    if isinstance(source, pd.DataFrame):
        if gives != "dots":
            return _without_geometry(source, who)
        geometry = frame_geometry(source, who=who)
        if geometry is None:
            return _taken(source, who)
        return _with_points(geometry[0], geometry[1:3], geometry[3], crs=crs, who=who)
    native = as_narwhals(source, who)
    if native is not None:
        return _of_table(native, who=who, gives=gives, crs=crs)
    features = _features(source)
    if features is None:
        needed = "a path, a data frame, geographic features or an open file"
        raise ParameterError.of(who, needed, kind_of(source))
    from privaudit.io.formats.geojson import features_of

    asked = ReadRequest(
        path=Path(), name="the features", who=who, places=gives == "dots", crs=crs, inside=True
    )
    return features_of({"type": "FeatureCollection", "features": features}, asked)


def _taken(frame: pd.DataFrame, who: str) -> FileFrame:
    """Return a frame of pandas with its columns named as those of a file."""
    header = [str(column) for column in frame.columns]
    if not len(frame) or not header:
        came = f"{len(frame)} rows and {len(header)} columns"
        raise ReadError.of(who, f"at least one row and one column in {_NAME}", came)
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index(column_names(header, name=_NAME, who=who))
    return FileFrame(frame=frame, name=_NAME)


def _without_geometry(frame: pd.DataFrame, who: str) -> FileFrame:
    """Return a frame of pandas as a table, the geometries of a GeoDataFrame left out."""
    out = [name for name, kind in frame.dtypes.items() if str(kind) == "geometry"]
    if not out:
        return _taken(frame, who)
    notes = tuple(Note("column_left_out", column=str(name)) for name in out)
    return replace(_taken(pd.DataFrame(frame).drop(columns=out), who), notes=notes)


def _open_file(source: Any, *, who: str, **how: Any) -> FileFrame:
    """Read an open file or a buffer by its content, from a private copy that is then removed."""
    try:
        data = source.read(limits().held + 1)
    except (OSError, ValueError) as error:
        came = f"one that cannot be read ({type(error).__name__})"
        raise ReadError.of(who, "an open file", came) from None
    data = data.encode() if isinstance(data, str) else bytes(data)
    named = getattr(source, "name", None)
    name = re.split(r"[/\\]", named)[-1] if isinstance(named, str) else ""
    if not _PLAIN_NAME.fullmatch(name):
        name = "the open file"
    refuse_beyond("bytes", len(data), who=who, name=name)
    with spilling() as spill:
        copy = Path(spill) / name
        with spill.new(copy.name) as file:
            file.write(data)
        return read_frame(copy, who=who, **how)


def _features(source: Any) -> list[Any] | None:
    """Return the features of an object with ``__geo_interface__``; None of another.

    A geometry alone is a feature without properties.
    """
    document = getattr(source, "__geo_interface__", source)
    if isinstance(document, (list, tuple)):
        parts = [_features(item) for item in document]
        if not parts or any(part is None for part in parts):
            return None
        return [feature for part in parts for feature in part or ()]
    if not isinstance(document, Mapping):
        return None
    kind = document.get("type")
    if kind == "FeatureCollection":
        return list(document.get("features") or ())
    if kind == "Feature":
        return [document]
    return [{"type": "Feature", "geometry": document}] if kind in _GEO else None


def frame_geometry(
    frame: pd.DataFrame, *, who: str = "read_map"
) -> tuple[pd.DataFrame, Floats, dict[Note, int], Any] | None:
    """Return the points of a GeoDataFrame, known by its ``crs`` and ``geometry``; None of another.

    Parameters
    ----------
    frame : pandas.DataFrame
        GeoPandas is not needed: any subclass with these two attributes is read.

    Returns
    -------
    columns : pandas.DataFrame
        The frame without its geometries.
    xy : float array, shape (n, 2)
        Eastward and northward, nan where a row has no point; a point inside of a polygon.
    reasons : dict of Note to int
        Rows without a point by reason, and under `INSIDE` how many polygons there are.
    crs : object or None
        What the frame declares.

    Raises
    ------
    GeometryError
        Its active geometry is not among its columns.
    """
    if not all(hasattr(type(frame), name) for name in ("crs", "geometry")):
        return None
    others = [name for name in frame.columns if str(frame[name].dtype) == "geometry"]
    try:
        geometry, crs = frame.geometry, frame.crs
    except AttributeError:
        active = getattr(frame, "active_geometry_name", None)
        if active is None and not others:  # no geometry was ever set
            return None
        came = "none" if active is None else "one that is not among its columns"
        do = "Name the column: frame.set_geometry('geometry')."
        needed = "the active geometry of the GeoDataFrame"
        raise GeometryError.of(who, needed, came, do, why="no_coordinates") from None
    columns = pd.DataFrame(frame).drop(columns=[*{*others, geometry.name} & {*frame.columns}])
    return columns.reset_index(drop=True), *_of_shapes(geometry), crs


def _of_shapes(shapes: Iterable[Any]) -> tuple[Floats, dict[Note, int]]:
    """Return the points of shapes as shapely has them, and how many have none, by reason."""
    points: list[tuple[Any, Note | None]] = []
    for shape in shapes:
        if shape is None or shape is pd.NA or getattr(shape, "is_empty", False):
            points.append((None, Note("feature_without_geometry")))
            continue
        kind, note = str(shape.geom_type), None
        if kind == "MultiPoint" and len(shape.geoms) == 1:
            kind, shape = "Point", shape.geoms[0]
        if kind in ("Polygon", "MultiPolygon"):
            shape, kind, note = shape.representative_point(), "Point", INSIDE
        at = (shape.x, shape.y) if kind == "Point" else None
        point, reason = point_of_geometry(kind, at)
        points.append((point, note or reason))
    xy = np.array([point or (np.nan, np.nan) for point, _ in points], dtype=float).reshape(-1, 2)
    return xy, dict(Counter(note for _, note in points if note is not None))


def _with_points(
    frame: pd.DataFrame,
    points: tuple[Floats, dict[Note, int]],
    declared: Any,
    *,
    crs: str | None,
    who: str,
) -> FileFrame:
    """Return a table with its positions; rows without one are set aside by reason."""
    xy, reasons = points
    notes: tuple[Note, ...] = ()
    if not len(frame):
        raise ReadError.of(who, f"at least one row in {_NAME}", "none")
    stated = stated_crs(declared, given=crs, name=_NAME, who=who)
    set_aside = {why: n for why, n in reasons.items() if why != INSIDE}
    if empty := int(np.isnan(xy).all(axis=1).sum()) - sum(set_aside.values()):
        none = Note("feature_without_geometry")
        set_aside[none] = set_aside.get(none, 0) + empty
    point = np.flatnonzero(np.isfinite(xy).any(axis=1)) if set_aside else np.arange(len(xy))
    if INSIDE in reasons:
        notes = (Note("points_inside", polygons=reasons[INSIDE]),)
    frame = frame.iloc[point].reset_index(drop=True)
    frame.columns = pd.Index(column_names(map(str, frame.columns), name=_NAME, who=who))
    table = FileFrame(frame=frame, name=_NAME, crs=stated, set_aside=set_aside, notes=notes)
    return with_location(table, xy[point])


def as_narwhals(source: Any, who: str) -> nw.DataFrame[Any] | nw.LazyFrame[Any] | None:
    """Return a frame of any library as a narwhals frame; None for anything else.

    What only has the Arrow interface is read, once, into PyArrow or Polars.

    Raises
    ------
    ParameterError
        Neither PyArrow nor Polars is installed.
    """
    import narwhals as nw

    try:
        result: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(source)
        return result
    except TypeError:
        pass
    if hasattr(source, "__arrow_c_array__") and not hasattr(source, "__arrow_c_stream__"):
        source = _Batch(source)
    if not hasattr(source, "__arrow_c_stream__"):
        return None
    engines = ("pyarrow", "polars")
    backend = next((name for name in engines if find_spec(name) is not None), None)
    if backend is None:
        needed, do = (
            "PyArrow, which reads Arrow data",
            "Install it: pip install 'privaudit[arrow]'.",
        )
        raise ParameterError.of(who, needed, "none", do)
    try:
        if backend == "pyarrow":
            import pyarrow

            table = pyarrow.table(source)
            # Few functions take a view of text.
            views = {pyarrow.string_view(): pyarrow.large_string(),
                     pyarrow.binary_view(): pyarrow.large_binary()}  # fmt: skip
            for place, field in enumerate(table.schema):
                if field.type in views:
                    cells = table.column(place).cast(views[field.type])
                    table = table.set_column(place, field.with_type(cells.type), cells)
            result = nw.from_native(table)
        else:
            result = nw.from_arrow(source, backend="polars")
        return result
    # The library's own message may quote a cell.
    except Exception as error:
        came = f"{kind_of(source)}, which does not read as one ({type(error).__name__})"
        raise ReadError.of(who, "a table by the Arrow interface", came) from None


class _Batch:
    """A batch of records as a stream."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        import pyarrow

        batch = pyarrow.record_batch(self._batch)
        return pyarrow.Table.from_batches([batch]).__arrow_c_stream__(requested_schema)


def _collected(lazy: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
    """Return the rows of a lazy frame, in Polars or PyArrow where these are installed."""
    if lazy.implementation.is_polars():
        return lazy.collect()
    return lazy.collect(backend="pyarrow" if find_spec("pyarrow") else "pandas")


def pandas_of(
    native: nw.DataFrame[Any] | nw.LazyFrame[Any],
    who: str,
    *,
    only: Iterable[str] | None = None,
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the plain columns of a frame of any library as pandas would hold them.

    Whole numbers with gaps are floats, or text where a float would round them; text is ``str``.
    Binary and nested columns are left out, with a note.

    Parameters
    ----------
    only : iterable of str, optional
        The columns to bring into memory. Default: all.
    """
    import narwhals as nw

    try:
        if only is not None:
            native = native.select(list(only))
        if isinstance(native, nw.LazyFrame):
            native = _collected(native)
        if isinstance(native.to_native(), pd.DataFrame):
            return native.to_native(), ()
        columns = {name: _plain(native[name]) for name in native.columns}
    except PrivauditError:
        raise
    except Exception as error:
        raise ReadError.of(who, f"the rows of {_NAME}", cause(error)) from None
    notes = [Note("column_left_out", column=n) for n, values in columns.items() if values is None]
    plain = {name: values for name, values in columns.items() if values is not None}
    return pd.DataFrame(plain, index=pd.RangeIndex(len(native)), copy=False), tuple(notes)


def countable(source: Any, who: str) -> Any:
    """Return what `measure` takes: a stream, features and an open file are read, once.

    All else stays as it is: a path, a release, a frame that is counted where it is.
    """
    if source is None or isinstance(source, (str, os.PathLike, pd.DataFrame)):
        return source
    if callable(getattr(source, "read", None)) or _features(source) is not None:
        return held(source, who=who, gives="table")
    arrow = hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__")
    native = as_narwhals(source, who) if arrow else None
    return source if native is None else native.to_native()


def _plain(series: nw.Series[Any]) -> pd.Series | None:
    """Return a column as pandas would hold it; None of a binary or nested one."""
    import narwhals as nw

    kind = series.dtype
    empty = series.is_null().to_numpy().astype(bool)
    if kind.is_integer():
        if not empty.any():
            return pd.Series(series.to_numpy())
        known = series.fill_null(0).to_numpy()
        if len(known) and np.abs(known.astype(float)).max() >= _WHOLE:
            return pd.Series(known, dtype="str").mask(empty)
        return pd.Series(known.astype(float)).mask(empty)
    if kind.is_numeric():
        return pd.Series(series.cast(nw.Float64).to_numpy())
    if kind == nw.Boolean:
        known = series.to_numpy()
        return pd.Series(known.astype(object) if empty.any() else known.astype(bool))
    if kind == nw.Datetime and getattr(kind, "time_zone", None):
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return pd.Series(pd.DatetimeIndex(series.to_numpy()).tz_localize("UTC"))
    if kind in (nw.Date, nw.Datetime, nw.Duration):
        return pd.Series(series.to_numpy())
    if kind in (nw.String, nw.Categorical, nw.Enum, nw.Time):
        text = series.cast(nw.String).to_numpy().astype(object)
        return pd.Series(text, dtype="str").mask(empty)
    return None


def _of_table(
    native: nw.DataFrame[Any] | nw.LazyFrame[Any], *, who: str, gives: str, crs: str | None
) -> FileFrame:
    """Return a table of any library, with the points of its geometry where it has one."""
    import narwhals as nw

    if isinstance(native, nw.LazyFrame):
        try:
            native = _collected(native)
        except Exception as error:
            raise ReadError.of(who, f"the rows of {_NAME}", cause(error)) from None
    table = native.to_native()
    geometry = _declared_geometry(table) if gives == "dots" else None
    if geometry is None:
        frame, notes = pandas_of(native, who)
        taken = _taken(frame, who)
        return replace(taken, notes=notes)
    from privaudit.io.formats.parquet import points_of_cells

    others = [name for name in native.columns if name != geometry.column]
    frame, notes = pandas_of(native, who, only=others)
    cells = table.column(geometry.column)
    storage = cells.combine_chunks()
    storage = getattr(storage, "storage", storage)
    xy, _, reasons = points_of_cells(storage.to_pylist(), geometry.encoding, inside=True)
    points = xy, dict(reasons)
    taken = _with_points(frame, points, geometry.crs, crs=crs, who=who)
    return replace(taken, notes=(*notes, *taken.notes))


def _declared_geometry(table: Any) -> _Geometry | None:
    """Return the geometry that an Arrow table declares, by GeoArrow or by GeoParquet."""
    if not type(table).__module__.startswith("pyarrow"):
        return None
    schema = table.schema
    from privaudit.io.formats.parquet import geometry_of

    primary = geometry_of((schema.metadata or {}).items())
    for field in schema:
        metadata = {key.decode(): value for key, value in (field.metadata or {}).items()}
        name = getattr(field.type, "extension_name", None)
        name = name or metadata.get("ARROW:extension:name", b"").decode()
        if not name.startswith(("geoarrow.", "ogc.")):
            continue
        if primary is not None and primary[0] != field.name:
            continue
        text = metadata.get("ARROW:extension:metadata", b"") or b"{}"
        if hasattr(field.type, "__arrow_ext_serialize__"):
            text = field.type.__arrow_ext_serialize__() or b"{}"
        try:
            declared = json.loads(text)
        except ValueError:
            declared = {}
        crs = declared.get("crs") if isinstance(declared, dict) else None
        return _Geometry(field.name, name.rpartition(".")[2], crs)
    if primary is None or primary[0] not in schema.names:
        return None
    name, column = primary
    crs = column.get("crs") or ("unknown" if "crs" in column else LONGITUDE_LATITUDE)
    return _Geometry(name, str(column.get("encoding", "WKB")).lower(), crs)


def geodataframe(frame: pd.DataFrame, shapes: np.ndarray, crs: str, *, who: str) -> Any:
    """Return rows with their positions as a GeoDataFrame.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns beside the geometry.
    shapes : float array, shape (n, 2) or (n, corners, 2)
        Points, nan where there is none; or the corners of a polygon each.
    crs : str
        ``"fictional"`` is of no CRS.

    Raises
    ------
    OutputError
        GeoPandas is not installed.
    """
    if find_spec("geopandas") is None:
        do = "Install it: pip install geopandas."
        raise OutputError.of(who, "GeoPandas, which makes GeoDataFrames", "none", do)
    import geopandas
    import shapely

    known = np.isfinite(shapes).reshape(len(shapes), -1).all(axis=1)
    geometry = np.full(len(shapes), None, dtype=object)
    make = shapely.points if shapes.ndim == 2 else shapely.polygons
    geometry[known] = make(shapes[known])
    declared = None if crs == FICTIONAL else crs
    return geopandas.GeoDataFrame(frame, geometry=geometry, crs=declared)
