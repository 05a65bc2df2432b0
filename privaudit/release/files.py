"""A user's file, whatever its format, as one table and what had to be assumed to read it."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError, ReadError
from privaudit.release.delimited import parse_delimited
from privaudit.release.geojson import parse_geojson
from privaudit.release.parquet import parse_parquet

__all__ = ["FileFrame", "read_frame", "refuse_if_most"]

_TEXT = (".csv", ".tsv", ".txt")
_JSON = (".geojson", ".json")
_PARQUET = (".parquet", ".pq")
_ENDINGS = f"a file that ends in {', '.join((*_TEXT, *_JSON, *_PARQUET))}, or in .gz after one"
# How a file begins, and what it then is.
_MAGIC = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "gzip",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"7z\xbc\xaf": "a 7z archive",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class FileFrame:
    """A table read from a file.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its rows; text columns are ``str``, an empty cell is missing.
    name : str
        The file's name, without its folder.
    location : tuple of str
        The two coordinates of a GeoJSON or GeoParquet file, eastward first; empty for another.
    crs : str or None
        The projection that the file declares, or the caller.
    notes : tuple of str
        What was assumed or left out, for a report.
    set_aside : mapping of str to int
        Lines or features that could not be used: reason to count.
    """

    frame: pd.DataFrame
    name: str
    location: tuple[str, ...] = ()
    crs: str | None = None
    notes: tuple[str, ...] = ()
    set_aside: Mapping[str, int] = field(default_factory=dict)


def read_frame(
    path: str | os.PathLike[str],
    *,
    who: str = "read_frame",
    places: bool = True,
    crs: str | None = None,
) -> FileFrame:
    """Read a CSV, Parquet or GeoJSON file.

    Parameters
    ----------
    path : str or path
        ``.csv``, ``.tsv``, ``.txt`` (separated by ``;``, ``,``, tab or ``|``), ``.geojson``,
        ``.json`` (a FeatureCollection of points), each also with ``.gz`` after it, or
        ``.parquet`` (GeoParquet of points too). A text file is held in memory, about ten times
        its size for a moment.
    who : str
        The function that an error names.
    places : bool
        A feature without a point is of no use. Otherwise it is a row like another.
    crs : str, optional
        Projection of the points, whatever the file declares.

    Returns
    -------
    FileFrame

    Raises
    ------
    ReadError
        The file is missing, empty, or is not what its ending says; it has no row, or more than
        half of its lines cannot be used.
    SchemaError
        A column's name stands twice, or there is no header.
    GeometryError
        A GeoJSON file declares an unknown projection.
    """
    try:
        file = Path(path)
    except TypeError:
        came = f"path of type {type(path).__name__}"
        raise ParameterError(say(who, "the path of a file", came)) from None
    name = " ".join(file.name.split())
    endings = [ending.lower() for ending in file.suffixes]
    packed = endings[-1:] == [".gz"]
    kind = (endings[:-1] if packed else endings)[-1:] or [""]
    if file.is_dir():
        raise ReadError(say(who, "a file", f"the folder {name}", "Name a file in it."))
    if kind[0] not in (*_TEXT, *_JSON, *_PARQUET) or (packed and kind[0] in _PARQUET):
        raise ReadError(say(who, _ENDINGS, name or "no name", "Export the table as CSV."))
    data = _load(file, name, who, packed)
    found = _what_it_is(data)
    expected = "Parquet" if kind[0] in _PARQUET else "JSON" if kind[0] in _JSON else "text"
    if found not in (expected, ""):
        needed = f"{expected}, as the ending {kind[0]} says"
        do = "Rename the file after what it is, or export it again."
        raise ReadError(say(who, needed, f"{name}, which is {found}", do))
    location: tuple[str, ...] = ()
    set_aside: dict[str, int] = {}
    geographic: dict[str, Any] = {"name": name, "who": who, "places": places, "crs": crs}
    if expected == "Parquet":
        frame, location, crs, notes, set_aside = parse_parquet(file, **geographic)
    elif expected == "JSON":
        frame, location, crs, notes, set_aside = parse_geojson(data, **geographic)
    else:
        frame, notes, set_aside = parse_delimited(data, name=name, who=who)
    refuse_if_most(set_aside, len(frame), name=name, who=who)
    return FileFrame(
        frame=frame,
        name=name,
        location=location,
        crs=crs,
        notes=tuple(notes),
        set_aside=set_aside,
    )


def refuse_if_most(set_aside: Mapping[str, int], usable: int, *, name: str, who: str) -> None:
    """Raise `ReadError` where more rows of a file were set aside than can be used."""
    lost = sum(set_aside.values())
    if lost > usable or not usable:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in set_aside.items())
        came = f"{lost:,} rows of {lost + usable:,} set aside" + (
            f" ({reasons})" if reasons else ""
        )
        raise ReadError(
            say(who, f"at least half of the rows of {name} to be usable", came, "Mend the file.")
        )


def _load(file: Path, name: str, who: str, packed: bool) -> bytes:
    try:
        if not file.is_file():
            raise ReadError(say(who, "a file", f"no such file: {name}", "Check the path."))
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        came = f"{name}, which cannot be opened ({type(error).__name__})"
        raise ReadError(say(who, "a file", came, "Check its rights.")) from None
    if packed and data:
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            came = f"{name}, which is not, or is cut short"
            raise ReadError(say(who, "gzip, as the ending .gz says", came)) from None
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ReadError(say(who, "a table", f"the empty file {name}"))
    return data


def _what_it_is(data: bytes) -> str:
    """Say what the first bytes show, or "" where they could be either text or noise."""
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return kind
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return "JSON"
    if start[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page or XML"
    return "text" if start and b"\0" not in start else ""
