"""Properties of features as columns of a table: nested ones by their path, within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from privaudit.tables.headers import kind_of_header
from privaudit.tables.text_file import one_line
from privaudit.words.note import Note

__all__ = ["MOST_COLUMNS", "columns_kept", "flattened"]

# Of a map: a name that stands deeper, or in one more column, is counted and not read.
MOST_COLUMNS, _DEPTH, _ITEMS = 256, 4, 3


def flattened(rows: list[dict[str, Any]]) -> tuple[dict[str, dict[int, Any]], list[Note]]:
    """Return the cells of each property by row, and what was left out.

    A property of a property is a column under both names, with a dot between; of several
    things with properties the first three are; several plain values are one text.

    Examples
    --------
    >>> rows = [{"who": {"name": "A", "tags": ["x", "y"]}}, {"who": {"name": "B"}}]
    >>> flattened(rows)[0]
    {'who.name': {0: 'A', 1: 'B'}, 'who.tags': {0: 'x, y'}}
    """
    cells: dict[str, dict[int, Any]] = {}
    deep = 0
    for place, row in enumerate(rows):
        for name, value in _leaves(row):
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


def _leaves(row: Mapping[str, Any]) -> Iterator[tuple[str | None, Any]]:
    """Yield each property by its path, without recursion: a file may be nested without end."""
    left = [(_name(key), value, 1) for key, value in reversed([*row.items()])]
    while left:
        path, value, depth = left.pop()
        if isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value):
            yield path, ", ".join(str(one) for one in value if one is not None) or None
        elif isinstance(value, (dict, list)):
            if depth == _DEPTH:
                yield None, None
                continue
            parts: dict[Any, Any] = (
                value if isinstance(value, dict) else dict(enumerate(value[:_ITEMS], 1))
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
