"""Frames, arrays and frozen dataclasses to bytes and back, without pickle.

The bytes are an uncompressed npz: a JSON manifest and plain arrays, read with
``allow_pickle=False``. A dataclass comes back only when the reader names its type, so bytes
from a stranger can build nothing but data.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["decode", "encode"]


def encode(value: Any) -> bytes:
    """Turn a tree of dataclasses, mappings, sequences, frames, arrays and scalars into bytes."""
    arrays: dict[str, np.ndarray] = {}
    tree = _pack(value, arrays)
    arrays["manifest"] = np.frombuffer(json.dumps(tree).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def decode(data: bytes, types: tuple[type, ...] = ()) -> Any:
    """Build the value back; only the dataclasses in `types` may appear."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        tree = json.loads(arrays["manifest"].tobytes())
        return _unpack(tree, arrays, {t.__name__: t for t in types})


def _keep(array: np.ndarray, arrays: dict[str, np.ndarray]) -> str:
    if array.dtype.hasobject:
        raise TypeError("codec: needs arrays of numbers, times or text, but got objects.")
    name = f"a{len(arrays)}"
    arrays[name] = array
    return name


def _pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"plain": value}
    if isinstance(value, np.generic):
        return {"plain": value.item()}
    if isinstance(value, np.ndarray):
        return {"array": _keep(value, arrays)}
    if isinstance(value, pd.Timestamp):
        return {"time": value.isoformat()}
    if isinstance(value, pd.DataFrame):
        columns = [[str(c), _pack_column(value[c], arrays)] for c in value.columns]
        plain = isinstance(value.index, pd.RangeIndex)
        index = None if plain else _pack_column(value.index.to_series(), arrays)
        return {"frame": columns, "rows": len(value), "index": index, "name": value.index.name}
    if is_dataclass(value) and not isinstance(value, type):
        content = {f.name: _pack(getattr(value, f.name), arrays) for f in fields(value)}
        return {"type": type(value).__name__, "fields": content}
    if isinstance(value, Mapping):
        return {"map": [[_pack(k, arrays), _pack(v, arrays)] for k, v in value.items()]}
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_pack(v, arrays) for v in value]}
    raise TypeError(f"codec: cannot store a {type(value).__name__}.")


def _pack_column(column: pd.Series, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    if isinstance(column.dtype, np.dtype) and not column.dtype.hasobject:
        return {"values": _keep(column.to_numpy(), arrays)}
    if isinstance(column.dtype, pd.StringDtype):
        # Text repeats itself: codes and the distinct words are smaller than fixed width.
        codes, words = pd.factorize(column)
        return {"codes": _keep(codes.astype(np.int32), arrays), "words": [str(w) for w in words]}
    raise TypeError(f"codec: cannot store a column of {column.dtype}.")


def _unpack(tree: Any, arrays: Any, types: dict[str, type]) -> Any:
    if "plain" in tree:
        return tree["plain"]
    if "array" in tree:
        return arrays[tree["array"]]
    if "time" in tree:
        return pd.Timestamp(tree["time"])
    if "frame" in tree:
        content = {name: _unpack_column(column, arrays) for name, column in tree["frame"]}
        index = pd.RangeIndex(tree["rows"]) if tree["index"] is None else None
        if index is None:
            index = pd.Index(_unpack_column(tree["index"], arrays))
        return pd.DataFrame(content, index=index.rename(tree["name"]))
    if "type" in tree:
        if tree["type"] not in types:
            raise ValueError("codec: the bytes name a type that was not asked for.")
        content = {k: _unpack(v, arrays, types) for k, v in tree["fields"].items()}
        named = types[tree["type"]]
        # A type whose constructor takes something else than its fields says how it is made of them.
        return getattr(named, "of_fields", named)(**content)
    if "map" in tree:
        return {_unpack(k, arrays, types): _unpack(v, arrays, types) for k, v in tree["map"]}
    kind, builder = ("tuple", tuple) if "tuple" in tree else ("list", list)
    return builder(_unpack(v, arrays, types) for v in tree[kind])


def _unpack_column(column: dict[str, Any], arrays: Any) -> Any:
    if "values" in column:
        return arrays[column["values"]]
    codes = arrays[column["codes"]]
    words = np.array([*column["words"], None], dtype=object)  # code -1 is the missing word
    return pd.array(words[codes], dtype="str")
