"""Records of JSON and features of geographic files (GeoJSON, KML, shapefile) as one table.

Nested properties become columns named by their path, within bounds."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from privaudit.columns.headers import kind_of_header
from privaudit.core.limits import CELL_BYTES, refuse_beyond
from privaudit.core.thresholds import OBJECTS_OF_A_LIST
from privaudit.io.csv_dialects import one_line
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from privaudit.io.file_frame import FileFrame
    from privaudit.io.readers import ReadRequest

# Of a map: a name that stands deeper, or in one more column, is counted and not read.
MOST_COLUMNS, _DEPTH, _ITEMS = 256, 4, 3


# How MongoDB writes values that JSON has no type for.
_EXTENDED: dict[str, Callable[[Any], Any]] = {
    "$oid": str, "$uuid": str, "$symbol": str, "$numberInt": int, "$numberLong": int,
    "$numberDouble": float, "$numberDecimal": float,
}  # fmt: skip


def parsed(text: str) -> Any:
    """Parse JSON, also as MongoDB extends it: `{"$numberInt": "3"}` is 3.

    Examples
    --------
    >>> parsed('{"_id": {"$oid": "5f"}, "born": {"$date": {"$numberLong": "481248000000"}}}')
    {'_id': '5f', 'born': '1985-04-02T00:00:00'}
    """
    return json.loads(text, object_hook=_of_extended if '"$' in text else None)


def _of_extended(one: dict[str, Any]) -> Any:
    ((name, value),) = one.items() if len(one) == 1 else (("", None),)
    if isinstance(value, (dict, list)):
        return one
    try:
        if name == "$date":
            return _day_of(value)
        return _EXTENDED[name](value) if name in _EXTENDED else one
    except (TypeError, ValueError, OverflowError):
        return one


def _day_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    return (datetime(1970, 1, 1) + timedelta(milliseconds=value)).isoformat()


# How a file of an archive of Twitter begins.
SCRIPT = "window.YTD."


def json_of(asked: ReadRequest, needed: str) -> Any:
    """Parse a file of JSON; an error never quotes it."""
    text = asked.text(needed)
    if text.lstrip().startswith(SCRIPT):
        # The archive of an account of Twitter is JSON that a page of it runs.
        text = text.partition("=")[2]
    try:
        return parsed(text)
    # The parser's own message is left out: it may quote the file.
    except (ValueError, RecursionError):
        came = f"{asked.name}, which is no JSON or is cut short"
        raise asked.error(needed, came, "Export it again.", why="damaged") from None


def flattened(
    rows: list[dict[str, Any]], *, indexed: bool = False, rest: bool = False
) -> tuple[dict[str, dict[int, Any]], list[Note]]:
    """Return the cells of each property by row, and what was left out.

    A property of a property is a column under both names, with a dot between; of several
    objects the first three are; several plain values are one text.

    Parameters
    ----------
    indexed : bool, optional
        As OSDI has it: every list by number from 0, plain values too.
    rest : bool, optional
        Objects of a list after the third, which is no table of its own, are one text.

    Examples
    --------
    >>> rows = [{"who": {"name": "A", "tags": ["x", "y"]}}, {"who": {"name": "B"}}]
    >>> flattened(rows)[0]
    {'who.name': {0: 'A', 1: 'B'}, 'who.tags': {0: 'x, y'}}
    """
    cells: dict[str, dict[int, Any]] = {}
    deep = 0
    for place, row in enumerate(rows):
        for name, value in _flat_properties(row, indexed, rest):
            if name is None:
                deep += 1
            elif value is not None:
                # Two paths with one spelling are one column; the first value stays.
                cells.setdefault(name, {}).setdefault(place, value)
            else:
                cells.setdefault(name, {})
    notes = [Note("properties_too_deep", properties=deep, depth=_DEPTH)] if deep else []
    chosen = limit_columns({name: len(held) for name, held in cells.items()})
    if len(chosen) < len(cells):
        notes.append(Note("columns_beyond", columns=len(cells) - len(chosen), most=MOST_COLUMNS))
    return {name: cells[name] for name in chosen}, notes


def _flat_properties(
    row: Mapping[str, Any], indexed: bool, rest: bool
) -> Iterator[tuple[str | None, Any]]:
    """Yield each property by its path, without recursion: a file may be nested without end."""
    left = [(_name(key), value, 1) for key, value in reversed([*row.items()])]
    while left:
        path, value, depth = left.pop()
        value = _as_place(value)
        plain = isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value)
        if plain and not indexed:
            yield path, ", ".join(str(item) for item in value if item is not None) or None
        elif isinstance(value, list) and (text := _text_of_pieces(value)):
            yield path, text
        elif isinstance(value, (dict, list)):
            if depth == _DEPTH:
                text, more = _leaves_of(value)
                if text:
                    yield path, text
                yield from [(None, None)] * more
                continue
            parts: Iterable[tuple[Any, Any]] = (
                enumerate(value[:_ITEMS], int(not indexed))
                if isinstance(value, list)
                else value.items()
            )
            inside = [(f"{path}.{_name(key)}", item, depth + 1) for key, item in parts]
            if rest and isinstance(value, list) and len(value) > _ITEMS:
                inside.append((f"{path}.more", _leaves_of(value[_ITEMS:])[0], depth + 1))
            left += reversed(inside)
        else:
            yield path, value


def _as_place(value: Any) -> Any:
    """Return a point of GeoJSON within a record by the names of its coordinates."""
    if not isinstance(value, dict) or value.get("type") != "Point":
        return value
    match value.get("coordinates"):
        case [float() | int() as east, float() | int() as north, *_]:
            return {"longitude": east, "latitude": north}
    return value


def _leaves_of(value: Any) -> tuple[str, int]:
    """Return what stands deeper as one text, and how many objects stand too deep for that."""
    texts, left, more = list[str](), [(value, 0)], 0
    while left:
        node, depth = left.pop()
        inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if inside and depth < _LIST_DEPTH:
            left += [(item, depth + 1) for item in reversed([*inside])]
        elif inside:
            more += 1
        elif node is not None and not isinstance(node, (bool, dict, list)):
            texts.append(str(node))
    return "; ".join(texts), more


def _text_of_pieces(pieces: list[Any]) -> str:
    """Return a text that is written in pieces, some with a style or a link; "" of another list."""
    texts = [piece.get("text") if isinstance(piece, dict) else piece for piece in pieces]
    written = [text for text in texts if isinstance(text, str)]
    mixed = len({isinstance(piece, str) for piece in pieces}) == 2
    return "".join(written) if mixed and len(written) == len(texts) else ""


def _name(key: Any) -> str:
    return one_line(_encodable(str(key)))


def limit_columns(filled: Mapping[str, int]) -> list[str]:
    """Choose columns within the bound, in their order: known headers first, then the fullest."""
    ranked = sorted(filled, key=lambda c: (not kind_of_header(c)[0], -filled[c]))
    chosen = set(ranked[:MOST_COLUMNS])
    return [column for column in filled if column in chosen]


def is_number(value: Any) -> bool:
    """Return whether a value of JSON is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_float(value: float) -> float:
    """Return a number of JSON as a float, infinite where it is too large."""
    try:
        return float(value)
    except OverflowError:  # JSON has no largest whole number
        return float("inf")


def properties_frame(
    rows: list[dict[str, Any]],
    location: tuple[str, ...],
    name: str,
    who: str,
    *,
    indexed: bool = False,
    rest: bool = False,
) -> tuple[pd.DataFrame, list[Note]]:
    """Make a table of properties, typed as numbers or truth values where all values are.

    Parameters
    ----------
    location : tuple of str
        Names of the coordinates, which a property may not have.
    indexed, rest : bool, optional
        See `flattened`.
    """
    import pandas as pd

    from privaudit.io.file_frame import column_names

    cells, notes = flattened(rows, indexed=indexed, rest=rest)
    # A property of one object is a cell of every row.
    refuse_beyond("decoded", CELL_BYTES * len(rows) * len(cells), who=who, name=name)
    columns: dict[str, pd.Series] = {}
    names = column_names(cells, name=name, who=who)
    names, renamed = _renamed(names, location)
    for values, column in zip(cells.values(), names, strict=True):
        columns[column] = _typed([values.get(place) for place in range(len(rows))])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows))), [*notes, *renamed]


def _renamed(names: list[str], location: tuple[str, ...]) -> tuple[list[str], list[Note]]:
    """Rename the columns that are named like a coordinate, with notes."""
    notes = [Note("named_like_a_coordinate", column=c) for c in names if c in location]
    return [f"property {name}" if name in location else name for name in names], notes


def _typed(values: list[Any]) -> pd.Series:
    """Return numbers or truth values where all are, text otherwise; null is missing."""
    import pandas as pd

    filled = [value for value in values if value is not None]
    if filled and len(filled) == len(values) and _all(filled, bool):
        return pd.Series(values, dtype=bool)
    if filled and all(map(is_number, filled)):
        if _all(filled, int) and max(map(abs, filled)) < 2**53:
            whole = len(filled) == len(values)
            return pd.Series(values, dtype="int64" if whole else "float64")
        if not _all(filled, int):
            return pd.Series([None if v is None else as_float(v) for v in values], dtype=float)
    text = [None if value is None or value == "" else _encodable(str(value)) for value in values]
    return pd.Series(text, dtype="str")


def _encodable(text: str) -> str:
    """Replace a lone surrogate, which JSON may hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def _all(values: Iterable[Any], kind: type) -> bool:
    return all(type(value) is kind for value in values)


Point = tuple[float, float]


def point_of(*texts: str) -> Point | None:
    """Return a point of two numbers written as text, a height aside; None of others.

    Examples
    --------
    >>> point_of("2.5", "48.8", "30"), point_of("2.5", "north"), point_of("2.5")
    ((2.5, 48.8), None, None)
    """
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return None
    fine = len(numbers) in (2, 3) and all(map(math.isfinite, numbers))
    return (numbers[0], numbers[1]) if fine else None


Tabled = Callable[
    [list[dict[str, Any]], tuple[str, ...], str, str], "tuple[pd.DataFrame, list[Note]]"
]


@dataclass(eq=False)
class Features:
    """Features of a file, collected in its order.

    A row is a feature with a point; of a table, any feature, the coordinates of one without a
    point being missing.

    Parameters
    ----------
    without : dict of Note to int, optional
        Features without a point, by reason.
    inside : int, optional
        Polygons that stand at a point inside of them.
    """

    asked: ReadRequest
    points: list[Point] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    without: dict[Note, int] = field(default_factory=dict)
    inside: int = 0

    def add(self, point: Point | None, row: dict[str, Any], reason: Note | None = None) -> None:
        """Add a feature: its point, or the reason why it has none."""
        self.inside += reason is not None and reason.key == "points_inside"
        if point is None and reason is not None:
            self.lack(reason)
            if self.asked.places:
                return
        # A point and a row, empty or not, take as much as four cells.
        self.asked.charge(0, 4)
        self.points.append(point or (math.nan, math.nan))
        self.rows.append(row)

    def lack(self, reason: Note) -> None:
        """Count something that has no point."""
        self.without[reason] = self.without.get(reason, 0) + 1

    def located(self) -> bool:
        """Return whether there are coordinates to be read."""
        return self.asked.places or any(math.isfinite(x + y) for x, y in self.points)

    def read(
        self,
        tabled: Tabled,
        *,
        declared: Any = None,
        standard: str | None = None,
        notes: tuple[Note, ...] = (),
    ) -> FileFrame:
        """Return the table: two coordinates, eastward first, where there are any; the properties.

        Parameters
        ----------
        tabled : Tabled
            Makes a table of the properties: `properties_frame` of values that have their type,
            `texts_frame` of cells as they are written.
        declared : Any, optional
            CRS that the file declares, in any form that `stated_crs` reads.
        standard : str, optional
            CRS of every file of the format, by its standard.

        Raises
        ------
        ReadError
            There is no feature that can be used, or no property.
        """
        import numpy as np

        from privaudit.io.coordinates import location_names
        from privaudit.io.file_frame import FileFrame, reasons

        asked, all_notes = self.asked, list(notes)
        if not self.points:
            needed = f"at least one {'point' if asked.places else 'feature'} in {asked.name}"
            others = any(note.key == "layer_read" for note in notes)
            do = "Name another layer: --sheet (in Python sheet=)." if others else ""
            came = reasons(self.without) or "no feature at all"
            raise asked.error(needed, came, do, why="no_point")
        located = self.located()
        crs = asked.stated_crs(declared, default=standard) if located else asked.crs
        location = location_names(crs) if located else ()
        frame, new_notes = tabled(self.rows, location, asked.name, asked.who)
        for place, values in enumerate(np.array(self.points, dtype=float).T if located else ()):
            frame.insert(place, location[place], values)
        if not len(frame.columns):
            raise asked.error(f"at least one property in {asked.name}", "none", why="empty")
        if self.inside:
            all_notes.append(Note("points_inside", polygons=self.inside))
        distinct = ~frame.duplicated()
        own = frame.drop(columns=["longitude", "latitude"], errors="ignore").nunique()
        telling = len(frame.columns) > 1 and own.max() >= _TELLING * distinct.sum()
        if telling and not distinct.all():
            # A column tells the rows apart: the same features stand again.
            again = Note("rows_repeated", n=int((~distinct).sum()))
            new_notes = [*(note for note in new_notes if note.key != again.key), again]
        if not asked.places and self.without:
            all_notes.append(Note("features_without_point", features=sum(self.without.values())))
        return FileFrame(
            frame=frame,
            name=asked.name,
            location=location,
            crs=crs,
            notes=(*all_notes, *new_notes),
            set_aside=self.without if asked.places else {},
            shapes=0 if located else sum(self.without.values()),
        )


def with_location(table: FileFrame, xy: np.ndarray) -> FileFrame:
    """Put the coordinates of a geometry before the columns of a table.

    A table made of a map repeats its coordinates: the geometry is what is read.

    Parameters
    ----------
    table : FileFrame
    xy : float array, shape (rows, 2)
        Eastward first, in the CRS of the table.

    Returns
    -------
    FileFrame
        Columns of the same names are renamed ``property NAME``, with a note.
    """
    from privaudit.io.coordinates import location_names

    location = location_names(table.crs)
    names, notes = _renamed(list(map(str, table.frame.columns)), location)
    frame = table.frame.set_axis(names, axis=1)
    for place, values in enumerate(xy.T):
        frame.insert(place, location[place], values)
    return replace(table, frame=frame, location=location, notes=(*table.notes, *notes))


def texts_frame(
    rows: list[dict[str, Any]], location: tuple[str, ...], name: str, who: str
) -> tuple[pd.DataFrame, list[Note]]:
    """Make a table of properties that are text, typed as the cells of a CSV file are.

    Examples
    --------
    >>> frame, _ = texts_frame([{"age": "34", "side": "left"}, {"age": "71"}], (), "a.kml", "read")
    >>> frame["age"].tolist(), frame["side"].isna().tolist()
    ([34, 71], [False, True])
    """
    import pandas as pd

    from privaudit.io.text_tables import table_of_cells

    header = list(dict.fromkeys(key for row in rows for key in row))
    if not header:
        return pd.DataFrame(index=pd.RangeIndex(len(rows))), []
    shown, notes = _renamed(header, location)
    refuse_beyond("decoded", CELL_BYTES * len(rows) * len(header), who=who, name=name)
    cells = [[row.get(c, "") for row in rows] for c in header]
    read = table_of_cells(shown, cells, name=name, who=who, every_row=True)
    return read.frame, [*notes, *read.notes]


# Objects that stand deeper than so many levels are not walked.
_LIST_DEPTH = 12
# A column with a value of its own for this share of the rows tells them apart.
_TELLING = 0.95
# Names that this share of the objects of a list has, all of one kind have some of.
_USUAL = 0.75
# Objects under keys that look like ids, or under any, that make a list; the share that is alike.
(_SEVERAL, _MANY), _ALIKE = OBJECTS_OF_A_LIST, 0.9
_OF_IDS = re.compile(r"[\d@]")
_WRAPS = ("_source", "node", "attributes", "fields", "doc", "document", "Item")
# What names of columns, and rows without names, are called.
_NAMES = frozenset(("columns", "fields", "header", "headers"))
_ROWS = frozenset(("rows", "data", "values", "records", "results"))
# What a record is called by, where it holds a list of others.
_IDS = ("id", "_id", "key", "uid", "uuid", "name")
# Members of a person by which OSDI is known; two of them are enough.
_OSDI = {"identifiers", "given_name", "family_name", "postal_addresses", "email_addresses"}
# Between a list of records and what each of them holds a list of.
WITHIN = "[]."
# Values of JSON that stand at one place, each with the keys that lead to it.
_Nodes = list[tuple[tuple[str, ...], Any]]


def lists_of(document: Any) -> dict[str, list[Any]]:
    """Return the lists of objects in a document of JSON, by where they stand.

    A list is also what stands under keys like ids, at one level or more, each an object like the
    others; rows beside the names of their columns; and lists of plain values, text among them. What
    each record holds a list of is a list too, after ``[].``, the key of the record beside it.

    Examples
    --------
    >>> people = {"-K1": {"sex": "F"}, "-K2": {"sex": "M"}, "-K3": {"sex": "F"}}
    >>> lists_of({"users": people})["users"][0]
    {'key': '-K1', 'sex': 'F'}
    >>> lists_of({"columns": ["sex", "age"], "rows": [["F", 30]]})
    {'rows': [{'sex': 'F', 'age': 30}]}
    >>> doors = {f"d{n}": {f"-K{n}": {"memo": "x"}} for n in range(3)}
    >>> lists_of({"visits": doors})["visits"][0]
    {'key': 'd0', 'key_2': '-K0', 'memo': 'x'}
    """
    from privaudit.io.legends import with_answers

    result: dict[str, list[Any]] = {}
    left: list[tuple[str, _Nodes, int]] = [("", [((), document)], 0)]
    while left:
        where, nodes, depth = left.pop()
        under, rows = _rows_at(nodes)
        inside: list[tuple[str, _Nodes]] = []
        if rows:
            where, rows = _joined(where, under), with_answers(rows)
            inside, keyed = _within_records(where, rows)
            at = where if where not in result else f"{where} {len(result) + 1}"
            result[at] = _without(rows, keyed)
        elif depth < _LIST_DEPTH:
            inside = _below(where, [(keys, v) for keys, v in nodes if isinstance(v, dict)])
        left += [(place, values, depth + 1) for place, values in reversed(inside)]
    return result


def largest_list(lists: Mapping[str, list[Any]]) -> str:
    """Return the place of the list that is read by default.

    What records hold lists of is, where the records are few: the chats of a messenger.
    """
    whole = [where for where in lists if WITHIN not in where] or list(lists)
    chosen = max(whole, key=lambda where: len(lists[where]))
    inner = max(lists, key=lambda where: len(lists[where]))
    return inner if len(lists[chosen]) < _MANY < len(lists[inner]) else chosen


def _joined(*places: str) -> str:
    return ".".join(filter(None, places))


def _rows_at(nodes: _Nodes) -> tuple[str, list[Any]]:
    """Return the records that stand at a place, and under which name; none where it has parts."""
    lists = [(keys, value) for keys, value in nodes if isinstance(value, list)]
    if lists:
        return "", _records_of_lists(lists)
    objects = [(keys, value) for keys, value in nodes if isinstance(value, dict)]
    keyed = _children(objects)
    if _are_keyed_records(keyed):
        return "", _with_keys(keyed)
    beside = _rows_beside_names(objects[0][1]) if len(objects) == 1 else None
    return ("", []) if beside is None else beside


def _records_of_lists(lists: _Nodes) -> list[Any]:
    """Return the objects of lists with the keys that lead to each; those of one as they are."""
    if not any(isinstance(item, dict) for _, value in lists for item in value):
        return [row for keys, value in lists for row in _with_keys(_of_plain_rows(keys, value))]
    if len(lists) == 1 and not lists[0][0]:
        return lists[0][1]  # type: ignore[no-any-return]
    return _with_keys([(k, item) for k, value in lists for item in value if isinstance(item, dict)])


def _of_plain_rows(keys: tuple[str, ...], value: list[Any]) -> _Nodes:
    """Return lists of plain values as objects, where text is among them; the first may name them.

    Numbers alone are coordinates.
    """
    rows = [row for row in value if isinstance(row, list) and len(row) > 1]
    width = len(rows[0]) if rows else 0
    plain = all(
        len(row) == width and not any(isinstance(cell, (dict, list)) for cell in row)
        for row in rows
    )
    text = any(isinstance(cell, str) for row in rows[1:] for cell in row)
    if len(rows) < max(_SEVERAL, len(value)) or not plain or not text:
        return []
    first = rows[0]
    named = all(isinstance(cell, str) and cell.strip() for cell in first)
    named = named and len(set(first)) == width
    named = named and not any(cell in row for row in rows[1:] for cell in first)
    header = first if named else [f"column_{at}" for at in range(1, width + 1)]
    return [(keys, dict(zip(header, row, strict=True))) for row in rows[named:]]


def _children(objects: _Nodes) -> _Nodes:
    return [((*keys, key), item) for keys, value in objects for key, item in value.items()]


def _below(where: str, objects: _Nodes) -> list[tuple[str, _Nodes]]:
    """Return what stands in objects: all of it at a level of a tree, else name by name."""
    keyed = _children(objects)
    if _are_keyed(keyed):
        return [(where, keyed)]
    fields: dict[str, _Nodes] = {}
    beside = dict(objects)
    of_ids = all(keys and _OF_IDS.search(keys[-1]) for keys, _ in objects)
    for (*keys, name), item in keyed:
        if name in _ROWS and any(_are_names(beside[tuple(keys)])):
            continue  # of other names than columns, or one twice: a value would be lost
        # Of a few sections alike, each is a place of its own; not objects by id in a tree of ids.
        apart = keys if len(objects) < _MANY and not (of_ids and isinstance(item, dict)) else []
        fields.setdefault(_joined(*apart, name), []).append(((() if apart else tuple(keys)), item))
    return [(_joined(where, name), values) for name, values in fields.items()]


def _without(rows: list[Any], names: set[str]) -> list[Any]:
    """Return records without what is read as a list of its own: its keys are no columns."""
    return [_pruned(row, names, "") for row in rows] if names else rows


def _pruned(node: Any, names: set[str], place: str) -> Any:
    if isinstance(node, list):
        return [_pruned(item, names, place) for item in node]
    if not isinstance(node, dict) or not any(name.startswith(place) for name in names):
        return node
    return {
        key: _pruned(value, names, f"{place}{key}.")
        for key, value in node.items() if f"{place}{key}" not in names
    }  # fmt: skip


def _within_records(where: str, rows: list[Any]) -> tuple[list[tuple[str, _Nodes]], set[str]]:
    """Return what records hold beside their own columns, and the names of it."""
    fields: dict[str, _Nodes] = {}
    for number, row in enumerate(rows, 1):
        if isinstance(row, dict):
            called = next((str(row[name]) for name in _IDS if row.get(name)), str(number))
            for name, value in row.items():
                if isinstance(value, (dict, list)):
                    fields.setdefault(name, []).append(((called,), value))
                for place, held in _lists_below(name, value):
                    fields.setdefault(place, []).append(((called,), held))
    keyed = {
        name
        for name, nodes in fields.items()
        if _are_keyed_records(_children([n for n in nodes if isinstance(n[1], dict)]))
    }
    more = {name for name, nodes in fields.items() if any(_holds_more(v) for _, v in nodes)}
    # What stands apart is no column beside it too: each message of a chat would be there twice.
    every = keyed | more
    apart = {n for n in every if not any(n.startswith(f"{one}.") for one in every)}
    return [(f"{where}{WITHIN}{n}", fields[n]) for n in fields if n in apart], apart


def _lists_below(place: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the lists of objects, and the objects, within one of a record, by where they stand."""
    if isinstance(value, list) and not _holds_more(value):
        for item in value:
            yield from _lists_below(place, item, depth + 1)
    elif isinstance(value, dict) and depth < _LIST_DEPTH:
        for name, item in value.items():
            if _has_objects(item) or isinstance(item, dict):
                yield f"{place}.{name}", item
            yield from _lists_below(f"{place}.{name}", item, depth + 1)


def _holds_more(value: Any) -> bool:
    """Return whether a list has more objects than columns are made of."""
    return isinstance(value, list) and sum(isinstance(item, dict) for item in value) > _ITEMS


def _are_keyed(keyed: _Nodes) -> bool:
    """Return whether objects or lists of them stand under many keys, or under keys like ids."""
    held = [item for _, item in keyed if isinstance(item, dict) or _has_objects(item)]
    keys = {path[-1] for path, _ in keyed}
    ids = sum(_OF_IDS.search(key) is not None for key in keys) >= _ALIKE * len(keys)
    return len(keyed) >= _SEVERAL and len(held) == len(keyed) and (ids or len(keys) >= _MANY)


def _has_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _are_keyed_records(keyed: _Nodes) -> bool:
    """Return whether values are records by keys: many objects alike, or under keys like ids.

    A few objects under words are parts of one object, and those that hold little but a list are
    sections: what they hold is looked at instead.
    """
    values = [item for _, item in keyed if isinstance(item, dict)]
    if not _are_keyed(keyed) or len(values) < len(keyed):
        return False
    shared = Counter(name for item in values for name in item)
    alike = bool(shared) and max(shared.values()) >= _ALIKE * len(values)
    return alike and sum(map(_is_a_record, values)) >= _ALIKE * len(values)


def _is_a_record(one: dict[str, Any]) -> bool:
    """Return whether an object has values of its own beside a list of objects, or objects by id."""
    plain = sum(not isinstance(v, (dict, list)) for v in one.values())
    if not plain and all(map(_holds_objects_by_id, one.items())):
        return False
    return not any(map(_has_objects, one.values())) or plain > 1


def _holds_objects_by_id(member: tuple[str, Any]) -> bool:
    """Return whether a member of an object is one under a key like an id, or holds only such."""
    key, value = member
    if not isinstance(value, dict):
        return False
    within = [isinstance(v, dict) and _OF_IDS.search(k) is not None for k, v in value.items()]
    return _OF_IDS.search(key) is not None or (bool(within) and all(within))


def _with_keys(keyed: _Nodes) -> list[dict[str, Any]]:
    """Return records with the keys that lead to each, under names that no record has."""
    most = max((len(keys) for keys, _ in keyed), default=0)
    names = ["key", *(f"key_{at}" for at in range(2, most + 1))][:most]
    while any(name in item for _, item in keyed for name in names):
        names = [f"_{name}" for name in names]
    return [{**dict(zip(names, keys, strict=False)), **item} for keys, item in keyed]


def _are_names(value: dict[str, Any]) -> Iterator[bool]:
    """Yield whether each list beside rows names their columns."""
    for name in _NAMES & set(value):
        yield isinstance(value[name], list) and all(isinstance(item, str) for item in value[name])


def _rows_beside_names(value: dict[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """Return rows as objects, and their name, where names of as many columns stand beside them."""
    for name in sorted(_NAMES & set(value)):
        names = value[name]
        if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
            continue
        if len(set(names)) < len(names):
            continue  # of two columns with one name, one would be lost
        for under in sorted(_ROWS & set(value)):
            rows = value[under] if isinstance(value[under], list) else []
            if rows and all(isinstance(row, list) and len(row) == len(names) for row in rows):
                return under, [dict(zip(names, row, strict=True)) for row in rows]
    return None


def _unwrap(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take records out of what an interface wraps each of them in, where no name is lost.

    Elasticsearch writes `_source`, GraphQL `node`, JSON:API `attributes`, others `fields`, `doc`.
    """
    for name in _WRAPS:
        if all(isinstance(row.get(name), dict) and not set(row[name]) & set(row) for row in rows):
            return [{**{k: v for k, v in row.items() if k != name}, **row[name]} for row in rows]
    return rows


def records_frame(
    values: list[Any], asked: ReadRequest, notes: tuple[Note, ...] = (), unreadable: int = 0
) -> FileFrame:
    """Make a table of values of which most are objects; count the others.

    Parameters
    ----------
    unreadable : int, optional
        Lines that are no JSON.
    """
    from privaudit.io.file_frame import FileFrame
    from privaudit.io.legends import with_answers

    rows = with_answers([item for item in values if isinstance(item, dict)])
    if not rows:
        raise asked.error("a list of objects", f"none in {asked.name}", why="empty")
    rows, others = _alike(_unwrap(rows))
    osdi = any(len(_OSDI & set(item)) > 1 for item in rows[:100])
    frame, new_notes = properties_frame(rows, (), asked.name, asked.who, indexed=osdi)
    if not len(frame.columns):
        raise asked.error(f"at least one property in {asked.name}", "none", why="empty")
    beside = len(values) - len(rows) - others + unreadable
    aside = {Note("line_unreadable"): beside, Note("other_object"): others}
    return FileFrame(
        frame=frame,
        name=asked.name,
        location=_nested_point(list(map(str, frame.columns))) if asked.places else (),
        notes=(*notes, *new_notes),
        set_aside={why: n for why, n in aside.items() if n},
    )


def _alike(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Leave out objects with none of the names that most have, as a summary; count them.

    Examples
    --------
    >>> people = [{"id": 1, "town": "Brest"}, {"id": 2, "town": "Lyon"}, {"id": 3, "town": "Lyon"}]
    >>> _alike([*people, {"total": 3}]) == (people, 1)
    True
    """
    times = Counter(name for row in rows for name in row)
    usual = {name for name, n in times.items() if n >= _USUAL * len(rows)}
    alike = [row for row in rows if not usual.isdisjoint(row)]
    return (alike, len(rows) - len(alike)) if len(usual) > 1 else (rows, 0)


def _nested_point(columns: list[str]) -> tuple[str, ...]:
    """Return the coordinates of a property such as ``position``, where no others are there."""
    from privaudit.columns.headers import LATITUDE, LONGITUDE

    ends = {c: c.rpartition(".")[2].lower() for c in columns}
    sides = [[c for c in columns if ends[c] in known] for known in (LONGITUDE, LATITUDE)]
    pairs = [(e, n) for e, n in product(*sides) if e.rpartition(".")[0] == n.rpartition(".")[0]]
    return pairs[0] if len(pairs) == 1 else ()
