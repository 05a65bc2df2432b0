"""Read a map of dots, or several versions of one, over the public addresses of the place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd

from privaudit.columns.headers import AREA_COUNTS, AREA_NAMES
from privaudit.columns.recognise import named_by_headers
from privaudit.columns.roles import Roles, ids_repeated
from privaudit.core.checks import listed
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import given_crs, in_degrees, stated_crs
from privaudit.geo.written_addresses import join_addresses
from privaudit.io.addresses import Source as Places
from privaudit.io.addresses import addresses_of
from privaudit.io.coordinates import (
    INSIDE,
    Positions,
    coordinate_pairs,
    locate,
    location_columns,
)
from privaudit.io.encodings import read_as
from privaudit.io.features import MOST_COLUMNS, limit_columns
from privaudit.io.file_frame import FileFrame, refuse_if_most, tally
from privaudit.release.read_table import Source, read_source
from privaudit.release.release import DotRelease
from privaudit.words.catalogues import Note


def read_map(
    source: Source | DotRelease,
    *,
    addresses: Places | None = None,
    commune: str | None = None,
    crs: str | None = None,
    sheet: str | None = None,
    roles: Roles | None = None,
    encoding: str | None = None,
) -> DotRelease:
    """Read a map of dots, and put it over the public addresses of the place.

    Parameters
    ----------
    source : path, frame, features, open file or Release
        A map that was read before; a file of points, in any format that
        `privaudit.io.readers.formats` names, or an open one; or a frame, which is left as it is:
        pandas, GeoPandas, Polars, Arrow, DuckDB, whatever has ``__arrow_c_stream__``, or
        ``__geo_interface__``. Points of a GeoDataFrame, a GeoSeries or GeoArrow are read in the
        CRS that it declares; a polygon stands at a point inside of it; lines, and MultiPoints of
        several parts, are set aside. Columns of
        coordinates are known by their names, in any case: ``lon`` (``lng``, ``long``,
        ``longitude``) and ``lat`` (``latitude``), or ``x`` (``easting``, ``x_l93``) and ``y``. A
        file with both pairs is read by its degrees, or by its metres where `crs` is in metres. A
        table without coordinates but with addresses is placed on the public ones, by
        `join_addresses`.
    addresses : AddressBase, path or frame
        The addresses, their file, or a frame of them (see `read_addresses`). A release that is read
        again may leave them out: they stay those that it lies on.
    commune : str, optional
        INSEE codes of the communes to take out of the address file. Default: all.
    crs : str, int or CRS, optional
        CRS of the points, such as ``"EPSG:2154"`` or ``frame.crs``. Default: what the file or the
        frame declares; else degrees in WGS 84 or metres of the addresses, by their range.
    sheet : str, optional
        Of a file that holds several tables, the one to read, by its name or its number from 1.
        Default: the first that holds rows, with a note.
    roles : Roles, optional
        Which columns are the coordinates, eastward first (`location`), and, for what stands beside
        the dots, which identify a person (`direct`), which others may know (`key`) and what would
        be learnt (`sensitive`). Default: as their headers and cells show.
    encoding : str, optional
        Of a map of text, in Python's words: ``"mac_roman"``. Default: as its words show.

    Returns
    -------
    DotRelease
        x and y in the metres of the addresses, then the other columns of the file, in its order,
        256 at most; other coordinates are left out. A column whose header may be a person's name
        is numbered instead. Rows that cannot be used are counted by reason in `set_aside`.

    Raises
    ------
    ReadError
        A file cannot be read, or more than half of its rows cannot be used.
    SchemaError
        There is no column of coordinates, or a whole one is text; or rows are counts by area.
    GeometryError
        The projection is unknown, or differs from the one that the file declares; or most points
        are swapped, of another projection, or more than 5 km outside the area of the addresses; or
        no change of datum towards theirs is known to 5 m without a grid file.
    ParameterError
        The commune is not in the address file.

    Examples
    --------
    >>> place = pd.DataFrame({"id": "1", "number": "1", "street": "rue A", "commune": "Bourg",
    ...                       "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> dots = pd.DataFrame({"X": [12.5, None], "Y": ["4,5", "7"], "status": ["red", "grey"]})
    >>> leak = read_map(dots, addresses=AddressBase(place, real=False))
    >>> leak, leak.set_aside
    (Release(dots, 1 records, audited file, columns x, y, status), {Note('missing_coordinate'): 1})
    """
    release = read_points(
        source, addresses=addresses, commune=commune, crs=crs, sheet=sheet, roles=roles,
        encoding=encoding,
    )  # fmt: skip
    if not isinstance(source, DotRelease):
        polygons = any(note.key == INSIDE.key for note in release.notes)
        refuse_counts(release.records, release.name, polygons=polygons)
    return release


def refuse_counts(frame: pd.DataFrame, name: str, *, polygons: bool = False) -> None:
    """Raise a SchemaError where rows are counts by area, and no dots; see `count_columns`."""
    if columns := count_columns(frame, polygons=polygons):
        needed, came = f"a map of dots in {name}", f"counts by area ({', '.join(columns)})"
        do = "Use privaudit map --areas KIND:SIZE:UNDER, or give one row a dot."
        raise SchemaError.of("read_map", needed, came, do)


COLOURS = ("to_meet", "visited")


def may_be_counts(headers: Iterable[str]) -> bool:
    """Return whether headers name areas and what is counted in them.

    Examples
    --------
    >>> may_be_counts(["Zone", "x", "y", "total"]), may_be_counts(["x", "y", "status"])
    (True, False)
    """
    words = {header.strip().lower() for header in headers}
    counted = not words.isdisjoint(AREA_COUNTS) or words.issuperset(COLOURS)
    return counted and not words.isdisjoint(AREA_NAMES)


def count_columns(frame: pd.DataFrame, *, polygons: bool = False) -> tuple[str, ...]:
    """Return the columns that name areas and count in them, where a row is an area; else none.

    Each area has a row of its own, with whole numbers of 0 or more; what is not shown is blank.
    Polygons need no name.

    Examples
    --------
    >>> count_columns(pd.DataFrame({"area": ["a", "b"], "x": 0.0, "y": 1.0, "total": [3, None]}))
    ('area', 'total')
    >>> count_columns(pd.DataFrame({"area": ["a", "a"], "x": 0.0, "y": 1.0, "total": [3, 4]}))
    ()
    """
    named = {str(name).strip().lower(): name for name in frame.columns}
    area = next((named[word] for word in named if word in AREA_NAMES), None)
    counts = [named[word] for word in AREA_COUNTS if word in named]
    counts += [named[word] for word in COLOURS] if {*COLOURS} <= {*named} else []
    unique = area is not None and frame[area].dropna().is_unique
    if not (unique or polygons):
        return ()
    whole = []
    for name in counts:
        shown = frame[name].dropna()
        numbers = pd.to_numeric(shown, errors="coerce")
        if len(shown) and bool((numbers >= 0).all() and (numbers % 1 == 0).all()):
            whole.append(str(name))
    first = () if area is None else (str(area),)
    return (*first, *whole) if whole else ()


def read_points(
    source: Source | DotRelease,
    *,
    addresses: Places | None,
    commune: str | None = None,
    crs: str | None = None,
    sheet: str | None = None,
    roles: Roles | None = None,
    encoding: str | None = None,
) -> DotRelease:
    """Read points as `read_map` does, whatever a row stands for."""
    who = "read_map"
    crs = given_crs(crs, who=who)
    if isinstance(source, DotRelease):
        addresses = source.backdrop if addresses is None else addresses
        source = source.records
    if addresses is None:
        do = "Give addresses=, a file, a frame or what read_addresses returned."
        raise ParameterError.of(who, "the addresses of the place", "none", do)
    with read_as(encoding):
        table = read_source(source, who=who, gives="dots", crs=crs, sheet=sheet)
    if roles is not None:
        roles = roles.for_columns(table.frame.columns)
        roles.check_whole(who, table.frame.columns, table.name)
        table = replace(table, location=roles.location or table.location)
    table = _with_numbered_headers(table)
    in_metres = crs is not None and (crs == "fictional" or not in_degrees(crs))
    backdrop = addresses_of(who, addresses, commune)
    pair, result = _positions(table, backdrop, crs=crs, metres=in_metres)
    good = result.reason == ""
    set_aside = dict(Counter(table.set_aside) + Counter(tally(result.reason)))
    if pair:
        refuse_if_most(set_aside, int(good.sum()), name=table.name, who=who)
    known = table.frame.loc[good].drop(columns=list(pair)).reset_index(drop=True)
    doubles = coordinate_pairs(list(known.columns))
    known = known.drop(columns=doubles).rename(columns={"x": "column x", "y": "column y"})
    chosen = limit_columns(dict(known.notna().sum()))
    xy = pd.DataFrame(result.xy[good], columns=["x", "y"])
    records = pd.concat([xy, known[chosen]], axis=1)
    notes = [*dict.fromkeys((*table.notes, *backdrop.notes, *result.notes))]
    notes += ids_repeated(known)
    if len(chosen) < len(known.columns):
        beyond = len(known.columns) - len(chosen)
        notes.append(Note("columns_beyond", columns=beyond, most=MOST_COLUMNS))
    if doubles:
        notes.append(Note("other_coordinates", columns=tuple(doubles)))
    return DotRelease(
        records=records,
        rows=np.flatnonzero(good) + 1,
        roles=_beside(roles, list(chosen)),
        backdrop=backdrop,
        name=table.name,
        set_aside=set_aside,
        notes=tuple(notes),
        crs=result.crs,
        recipe={"reader": who, "crs": result.crs},
    )


def _beside(roles: Roles | None, columns: list[str]) -> Roles:
    """Return the roles of the columns beside the dots of a map that was read."""
    given = roles or Roles()
    return Roles(
        location=("x", "y"),
        key=tuple(c for c in given.key if c in columns),
        sensitive=tuple(c for c in given.sensitive if c in columns),
        direct=None if given.direct is None else tuple(c for c in given.direct if c in columns),
    )


def _positions(
    table: FileFrame, backdrop: AddressBase, *, crs: str | None, metres: bool
) -> tuple[tuple[str, ...], Positions]:
    """Return the columns of coordinates and the positions; without any, those of the addresses."""
    who, columns = "read_map", list(map(str, table.frame.columns))
    try:
        pair = table.location or location_columns(columns, metres=metres, name=table.name, who=who)
    except SchemaError:
        joined = join_addresses(table.frame, backdrop)
        placed = joined.address >= 0
        if not placed.any():
            raise
        xy = np.full((len(table.frame), 2), np.nan)
        xy[placed] = backdrop.xy[joined.address[placed]]
        reason = np.where(joined.has_address, joined.why, "no_address")
        values = {"dots": int(placed.sum()), "columns": joined.columns}
        notes = (Note("placed_by_address", **values), *joined.notes)
        return (), Positions(xy=xy, reason=reason.astype(str), crs=backdrop.crs, notes=notes)
    result = locate(
        *(table.frame[column] for column in pair),
        backdrop=backdrop,
        crs=stated_crs(table.crs, given=crs, name=table.name, who=who),
        name=table.name,
        who=who,
    )
    return tuple(pair), result


def _with_numbered_headers(table: FileFrame) -> FileFrame:
    """Number the columns whose header may be a person's: nothing is to repeat it."""
    hidden = named_by_headers(table.frame, least=SMALL_CELL)
    if not hidden:
        return table
    columns = list(map(str, table.frame.columns))
    free = (name for name in map("column {}".format, count(1)) if name not in columns)
    numbered = dict(zip(hidden, free, strict=False))
    note = Note("headers_withheld", columns=len(hidden))
    notes = [n for n in table.notes if not set(hidden) & {str(v) for v in n.values.values()}]
    return replace(table, frame=table.frame.rename(columns=numbered), notes=(*notes, note))


def read_versions(
    sources: Sequence[str | os.PathLike[str] | pd.DataFrame],
    *,
    addresses: Places,
    commune: str | None = None,
    crs: str | None = None,
    sheet: str | None = None,
    roles: Sequence[Roles] | None = None,
) -> tuple[DotRelease, ...]:
    """Read several versions of one map, oldest first.

    Parameters
    ----------
    sources : sequence of path or pandas.DataFrame
        Two or more, as for `read_map`, in order of time. Where every copy has a column
        ``dot_id``, the dots of one number are one dot; name another with
        ``audit_versions(link=)``.
    addresses, commune, crs, sheet
        As for `read_map`; the addresses are read once.
    roles : sequence of Roles, optional
        One a copy.

    Returns
    -------
    tuple of DotRelease

    Raises
    ------
    ParameterError
        Fewer than two copies.
    GeometryError
        The copies are in two projections: a dot would seem to have moved.
    ReadError, SchemaError
        As `read_map`.

    Examples
    --------
    >>> place = pd.DataFrame({"id": "1", "number": "1", "street": "rue A", "commune": "Bourg",
    ...                       "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> monday = pd.DataFrame({"x": [12.0], "y": [4.0], "status": ["red"]})
    >>> tuesday = pd.DataFrame({"x": [13.5, 38.0], "y": [3.0, 28.0], "status": ["grey", "red"]})
    >>> base = AddressBase(place, real=False)
    >>> [len(copy) for copy in read_versions([monday, tuesday], addresses=base)]
    [1, 2]
    """
    who = "read_versions"
    if isinstance(sources, (str, os.PathLike, pd.DataFrame)):
        sources = [sources]
    sources = listed(who, "sources", sources)
    if len(sources) < 2:
        raise ParameterError.of(who, "a sequence of two copies of a map or more", "fewer")
    base = addresses_of(who, addresses, commune)
    stated = [None] * len(sources) if roles is None else roles
    releases = tuple(
        read_map(copy, addresses=base, crs=crs, sheet=sheet, roles=given)
        for copy, given in zip(sources, stated, strict=True)
    )
    result = {release.crs: release.name for release in releases}
    if len(result) > 1:
        came = "; ".join(f"{name} in {code}" for code, name in result.items())
        do = "Export every copy in the same projection."
        raise GeometryError.of(who, "copies in one projection", came, do)
    return releases
