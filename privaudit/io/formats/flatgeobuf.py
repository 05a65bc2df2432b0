"""FlatGeobuf: points with their properties, by pyogrio (GDAL), which the extra `geo` installs."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from privaudit.core.limits import refuse_beyond
from privaudit.io.features import Features, properties_frame
from privaudit.io.readers import Reader, ReadRequest

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "FlatGeobuf"
_MAGIC = b"fgb\x03fgb"


def _read(asked: ReadRequest) -> FileFrame:
    """Read the features in the order of the file."""
    if find_spec("pyogrio") is None:
        do = "Install it: pip install 'privaudit[geo]'."
        came = f"{asked.name} without it"
        raise asked.error("pyogrio, which reads FlatGeobuf", came, do, why="other_kind")
    from privaudit.io.coordinates import wkb_point

    size = asked.path.stat().st_size
    refuse_beyond("bytes", size, who=asked.who, name=asked.name)
    names, declared, shapes, columns = _raw(asked)
    asked.charge(size, len(shapes) * (len(names) + 1))
    result = Features(asked)
    for place, shape in enumerate(shapes):
        point, reason, _ = wkb_point(shape, inside=asked.inside)
        row = {name: _value(cells[place]) for name, cells in zip(names, columns, strict=True)}
        result.add(point, row, reason)
    located = result.points and result.located()
    return result.read(properties_frame, declared=declared if located else None)


def _raw(asked: ReadRequest) -> tuple[list[str], Any, list[Any], list[Any]]:
    """Return names of columns, the declared CRS, geometries in WKB, and columns."""
    import pyogrio

    try:
        meta, _, shapes, columns = pyogrio.raw.read(
            asked.path.absolute(), force_2d=True, datetime_as_string=True
        )
    # The library's own message may quote the file.
    except Exception:
        raise asked.damaged(_WHAT) from None
    return [str(name) for name in meta["fields"]], meta["crs"], list(shapes), list(columns)


def _value(cell: Any) -> Any:
    """Return a cell as JSON would have it: a gap among numbers is nan there."""
    value = cell.item() if hasattr(cell, "item") else cell
    return None if value != value else value


READER = Reader(
    word=_WHAT,
    endings=(".fgb",),
    begins=(_MAGIC,),
    signs=(_MAGIC,),
    packed=False,
    read=_read,
)
