"""Tables whose columns have a type: Parquet, GeoParquet 1.1 of points (WKB or native), Stata."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from privaudit.core.files import limits
from privaudit.errors import PrivauditError
from privaudit.io.features import properties_frame, with_location
from privaudit.io.files import Reader, ReadRequest
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

    columns = {of.names[i]: _plain(result.iloc[:, at]) for at, i in enumerate(of.plain)}
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
    """Return the points of a geometry in well-known text, missing where it is none."""
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
    """Put the points of a geometry before the columns, and set aside what is none."""
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


def _plain(column: pd.Series) -> pd.Series:
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


_STATA, _OF_DAYS = "a file of Stata", ("%td", "%d", "%tc")
_WINDOWS = {
    byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)
}


def _read_stata(asked: ReadRequest) -> FileFrame:
    """Read a table of Stata 8 or later; codes with labels are read as these, blanks as missing.

    A month, quarter, half-year or week is text, never its first day.
    """
    import warnings

    import pandas as pd

    from privaudit.io.file_frame import FileFrame

    data = asked.data()
    notes: list[Note] = []
    try:
        rows = _charge_stata(asked, data)
        with warnings.catch_warnings(), _stata(data) as reader:
            # Days beyond what a time can hold, and how texts were encoded.
            warnings.simplefilter("ignore")
            asks, labels = reader.variable_labels(), reader.value_labels()
            _charge_long_texts(asked, reader, data, rows)
            # "%-td" is "%td", set to the left.
            formats = [text.replace("%-", "%") for text in reader._fmtlist]
            reader._fmtlist = [text if text.startswith(_OF_DAYS) else "" for text in formats]
            frame, named = reader.read(convert_categoricals=False), reader._lbllist
        for place, column in enumerate(frame.columns):
            cells = _periods(_shortest(frame.iloc[:, place]), formats[place])
            if pd.api.types.is_numeric_dtype(cells) and labels.get(named[place]):
                cells, shared = _labelled(cells, labels[named[place]], asked)
                notes += [Note("labels_shared", column=column, codes=shared)] if shared else []
            frame.isetitem(place, _plain(cells))
    except PrivauditError:
        raise
    # Of a damaged file pandas raises anything, and its messages may hold a value.
    except Exception:
        raise asked.damaged(_STATA, "Export it as CSV.") from None
    if frame.empty:
        raise asked.error("at least one row", f"none in {asked.name}", why="empty")
    asks = {name: text for name, text in asks.items() if text and text != name}
    return FileFrame(frame=frame, name=asked.name, questions=asks, notes=tuple(notes))


def _stata(data: bytes) -> Any:
    """Open a file whose texts before version 118 are of Windows, where pandas reads Latin-1."""
    import pandas as pd

    reader: Any = pd.read_stata(BytesIO(data), iterator=True)
    decode = reader._decode
    reader._decode = lambda text: decode(text).translate(_WINDOWS)
    return reader


def _charge_long_texts(asked: ReadRequest, reader: Any, data: bytes, rows: int) -> None:
    """Read the long texts of a file, which rows may share, and charge each once a row."""
    import numpy as np

    places = [place for place, kind in enumerate(reader._typlist) if kind == "Q"]
    if not places or not rows:
        return
    reader._read_strls()
    reader.GSO = {key: text.translate(_WINDOWS) for key, text in reader.GSO.items()}
    length = {key: len(text.encode()) for key, text in reader.GSO.items()}
    cells = np.frombuffer(data, dtype=reader._dtype, count=rows, offset=reader._data_location)
    for place in places:
        texts, n = np.unique(cells[f"s{place}"], return_counts=True)
        asked.charge(sum(length[str(t)] * k for t, k in zip(texts, n.tolist(), strict=True)))


def _shortest(cells: pd.Series) -> pd.Series:
    """Return numbers of 32 bits as the shortest decimals that they stand for: 1234.1."""
    import numpy as np
    import pandas as pd

    if cells.dtype != np.float32:
        return cells
    alone, at = np.unique(cells.to_numpy(), return_inverse=True)
    return pd.Series(np.array([float(str(x)) for x in alone])[at], index=cells.index)


def _periods(cells: pd.Series, text: str) -> pd.Series:
    """Return months as "2006-01", other periods as Stata shows them, and years as numbers."""
    parts = {"y": 1, "h": 2, "q": 4, "m": 12, "w": 52}.get(text[2:3] if text[:2] == "%t" else "")
    known = cells.dropna()
    if not parts or not (known % 1 == 0).all():
        return cells
    if parts == 1:
        return cells if len(known) < len(cells) else cells.astype("int64")
    # They are counted from 1960; Stata has no year below 100, nor one of five digits.
    if not known.between(-1860 * parts, 8040 * parts, inclusive="left").all():
        return cells
    mark, digits = ("-", 2) if parts == 12 else (text[2], 1)
    each = {n: divmod(int(n), parts) for n in known.unique().tolist()}
    return cells.map({n: f"{1960 + y:04}{mark}{at + 1:0{digits}}" for n, (y, at) in each.items()})


def _labelled(
    cells: pd.Series, labels: dict[int, str], asked: ReadRequest
) -> tuple[pd.Series, int]:
    """Return the labels of codes, and how many codes have the label of another."""
    counts = cells.value_counts()
    without = {code: repr(code).removesuffix(".0") for code in counts.index if not labels.get(code)}
    shown = {code: without.get(code) or labels[code] for code in counts.index}
    # A label that is written as a code without one would become it.
    if not {*without.values()}.isdisjoint({*labels.values()}):
        return cells, 0
    asked.charge(sum(len(shown[code].encode()) * int(n) for code, n in counts.items()))
    of = Counter(shown.values())
    return cells.map(shown), sum(n for n in of.values() if n > 1)


def _charge_stata(asked: ReadRequest, data: bytes) -> int:
    """Charge the cells that the beginning of a file states, and return its rows."""
    order: Literal["little", "big"]
    if data.startswith(b"<"):
        order = "little" if data.find(b"<byteorder>LSF<", 0, 200) > 0 else "big"
        version, at = int(data[28:31]), data.index(b"<K>") + 3
        to = at + (4 if version > 118 else 2)
        places = (at, to), (to + 7, to + 7 + (4 if version < 118 else 8))
    else:
        order = "little" if data[1] == 2 else "big"
        places = (4, 6), (6, 10)
    columns, rows = (int.from_bytes(data[start:end], order) for start, end in places)
    # A cell has a byte at least.
    if columns * max(rows, 1) > len(data):
        raise asked.damaged(_STATA, "Export it as CSV.")
    asked.charge(len(data), columns * rows)
    return rows


READER = Reader(
    word="Parquet",
    endings=(".parquet", ".pq"),
    begins=(b"PAR1",),
    signs=(b"PAR1",),
    packed=False,
    counted=True,
    read=_read,
)
STATA_READER = Reader(
    word="Stata",
    endings=(".dta",),
    # What is older begins with its version and the order of its bytes.
    begins=(b"<stata_dta>", *(bytes((v, o, 1)) for v in (113, 114, 115) for o in (1, 2))),
    signs=(b"<stata_dta>",),
    read=_read_stata,
)
