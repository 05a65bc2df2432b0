"""Properties of features as columns of a table: nested ones by their path, within bounds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.tables.headers import kind_of_header
from privaudit.tables.text_file import one_line
from privaudit.words.note import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.release.files import Asked

__all__ = [
    "MOST_COLUMNS", "as_float", "columns_kept", "flattened", "is_number", "json_of",
    "properties_frame",
]  # fmt: skip

# Of a map: a name that stands deeper, or in one more column, is counted and not read.
MOST_COLUMNS, _DEPTH, _ITEMS = 256, 4, 3


def json_of(asked: Asked, needed: str) -> Any:
    """Return what a file of JSON says; an error never quotes it."""
    try:
        return json.loads(asked.data().decode("utf-8-sig"))
    except UnicodeDecodeError:
        came = f"other bytes in {asked.name}"
        raise ReadError(say(asked.who, f"{needed} in UTF-8", came), why="other_kind") from None
    # The parser's own message is left out: it may quote the file.
    except (ValueError, RecursionError):
        came = f"{asked.name}, which is no JSON or is cut short"
        raise ReadError(say(asked.who, needed, came, "Export it again."), why="damaged") from None


def flattened(
    rows: list[dict[str, Any]], *, indexed: bool = False
) -> tuple[dict[str, dict[int, Any]], list[Note]]:
    """Return the cells of each property by row, and what was left out.

    A property of a property is a column under both names, with a dot between; of several
    things with properties the first three are; several plain values are one text.

    - `indexed`: As OSDI has it: every list by number from 0, plain values too.

    Examples
    --------
    >>> rows = [{"who": {"name": "A", "tags": ["x", "y"]}}, {"who": {"name": "B"}}]
    >>> flattened(rows)[0]
    {'who.name': {0: 'A', 1: 'B'}, 'who.tags': {0: 'x, y'}}
    """
    cells: dict[str, dict[int, Any]] = {}
    deep = 0
    for place, row in enumerate(rows):
        for name, value in _leaves(row, indexed):
            if name is None:
                deep += 1
            elif value is not None:
                # Two paths that are written alike are one column; the first says what it holds.
                cells.setdefault(name, {}).setdefault(place, value)
            else:
                cells.setdefault(name, {})
    notes = [Note("properties_too_deep", properties=deep, depth=_DEPTH)] if deep else []
    kept = columns_kept({name: len(held) for name, held in cells.items()})
    if len(kept) < len(cells):
        notes.append(Note("columns_beyond", columns=len(cells) - len(kept), most=MOST_COLUMNS))
    return {name: cells[name] for name in kept}, notes


def _leaves(row: Mapping[str, Any], indexed: bool) -> Iterator[tuple[str | None, Any]]:
    """Yield each property by its path, without recursion: a file may be nested without end."""
    left = [(_name(key), value, 1) for key, value in reversed([*row.items()])]
    while left:
        path, value, depth = left.pop()
        plain = isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value)
        if plain and not indexed:
            yield path, ", ".join(str(one) for one in value if one is not None) or None
        elif isinstance(value, (dict, list)):
            if depth == _DEPTH:
                yield None, None
                continue
            parts: dict[Any, Any] = (
                value
                if isinstance(value, dict)
                else dict(enumerate(value[:_ITEMS], int(not indexed)))
            )
            for key, one in reversed([*parts.items()]):
                left.append((f"{path}.{_name(key)}", one, depth + 1))
        else:
            yield path, value


def _name(key: Any) -> str:
    # Half a letter can be said in JSON, and held by no file.
    return one_line(str(key).encode("utf-8", "replace").decode())


def columns_kept(filled: Mapping[str, int], also: Iterable[str] = ()) -> list[str]:
    """Choose columns within the bound, in their order: known headers first, then the fullest.

    - `also`: Those that are kept in any case.
    """
    if len(filled) <= MOST_COLUMNS:
        return list(filled)
    ranked = sorted(filled, key=lambda c: (c not in also, not kind_of_header(c)[0], -filled[c]))
    chosen = set(ranked[:MOST_COLUMNS])
    return [column for column in filled if column in chosen]


def is_number(value: Any) -> bool:
    """Tell whether a value of JSON is a number."""
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
) -> tuple[pd.DataFrame, list[Note]]:
    """Make a table of the properties of things, numbers and truth values where all of them are.

    - `location`: Names of the coordinates, which a property may not have.
    """
    import pandas as pd

    from privaudit.tables.file_frame import column_names

    cells, notes = flattened(rows, indexed=indexed)
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
    if filled and all(map(is_number, filled)):
        if _all(filled, int) and max(map(abs, filled)) < 2**53:
            whole = len(filled) == len(values)
            return pd.Series(values, dtype="int64" if whole else "float64")
        if not _all(filled, int):
            return pd.Series([None if v is None else as_float(v) for v in values], dtype=float)
    text = [None if value is None or value == "" else _whole(str(value)) for value in values]
    return pd.Series(text, dtype="str")


def _whole(text: str) -> str:
    """Replace half a letter, which JSON can say and no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _all(values: Iterable[Any], kind: type) -> bool:
    return all(type(value) is kind for value in values)
