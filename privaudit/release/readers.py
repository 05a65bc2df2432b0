"""A user's real file becomes the same `Release` as a simulated one."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, kind_of, say
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.places.address_base import AddressBase
from privaudit.places.projections import epsg_code, in_degrees
from privaudit.places.read_addresses import read_addresses
from privaudit.release.coordinates import coordinate_pairs, locate, location_columns
from privaudit.release.delimited import column_names
from privaudit.release.files import FileFrame, read_frame, refuse_if_most
from privaudit.release.release import Release
from privaudit.roles import Roles

__all__ = ["read_map", "read_table", "table_release"]

Source = str | os.PathLike[str] | pd.DataFrame


def read_table(source: Source, *, roles: Roles | None = None) -> Release:
    """Read a table of profiles, such as the export of a canvassing tool.

    Parameters
    ----------
    source : path or pandas.DataFrame
        A CSV, Parquet or GeoJSON file (see `privaudit.release.files.read_frame`), or a frame,
        which is left as it is. A geometry is not needed, nor measured.
    roles : Roles, optional
        What each column is. Default: no column has a role yet.

    Returns
    -------
    Release
        Of kind ``"table"``; `recipe` says what was assumed, `set_aside` counts the lines that
        could not be used.

    Raises
    ------
    ReadError
        The file cannot be read, is not what its ending says, or has no row.
    SchemaError
        A column with a role is missing, a name stands twice, or the weight is no number.
    ParameterError
        `roles` is not a `Roles`.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [34, 34, 71], "opinion": ["left", "right", "left"]})
    >>> read_table(frame, roles=Roles(key="age", sensitive="opinion"))
    Release(table, 3 records, audited file, columns age, opinion)
    """
    if roles is not None:
        an_instance("read_table", "roles", roles, Roles, "Write roles=Roles(key=[...]).")
    return table_release(source, roles or Roles(), who="read_table")


def table_release(source: Source, roles: Roles, *, who: str) -> Release:
    """Read a table for the function `who`, which its errors name; see `read_table`."""
    table = _table(source, who, places=False)
    roles.check(who, table.frame.columns, table.name)
    if roles.weight is not None and not pd.api.types.is_numeric_dtype(table.frame[roles.weight]):
        needed = f"numbers in the weight '{roles.weight}' of {table.name}"
        do = "Write weights with a decimal point, one in each row."
        raise SchemaError(say(who, needed, "text", do))
    return Release(
        kind="table",
        records=table.frame,
        roles=roles,
        name=table.name,
        set_aside=dict(table.set_aside),
        recipe={"reader": "read_table", "notes": list(table.notes)},
    )


def read_map(
    source: Source,
    *,
    addresses: AddressBase | str | os.PathLike[str],
    commune: str | None = None,
    crs: str | None = None,
) -> Release:
    """Read a map of dots, and put it over the public addresses of the place.

    Parameters
    ----------
    source : path or pandas.DataFrame
        A CSV, Parquet, GeoParquet or GeoJSON file of points, or a frame, which is left as it
        is. Columns of coordinates are known by their names, in any case: ``lon`` (``lng``,
        ``long``, ``longitude``) and ``lat`` (``latitude``), or ``x`` (``easting``, ``x_l93``)
        and ``y``. A file that has both pairs is read by its degrees, or by its metres where
        `crs` is in metres.
    addresses : AddressBase or path
        The addresses, or their file (see `privaudit.places.read_addresses`).
    commune : str, optional
        INSEE codes of the communes to take out of the address file. Default: all.
    crs : str, optional
        Projection of the points, such as ``"EPSG:2154"``. Default: what a GeoJSON or GeoParquet
        file declares; else degrees in WGS 84 or metres of the addresses, by their range.

    Returns
    -------
    Release
        Of kind ``"dots"``: x and y in the metres of the addresses, then the other columns of
        the file, in its order; other coordinates are left out. Rows that cannot be used are
        counted by reason in `set_aside`.

    Raises
    ------
    ReadError
        A file cannot be read, or more than half of its rows cannot be used.
    SchemaError
        There is no column of coordinates, or a whole one is text.
    GeometryError
        The projection is unknown; or most points are swapped, of another projection, or more
        than 5 km outside the area of the addresses.
    ParameterError
        The commune is not in the address file.

    Examples
    --------
    >>> place = pd.DataFrame({"id": "1", "number": "1", "street": "rue A", "commune": "Bourg",
    ...                       "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> dots = pd.DataFrame({"X": [12.5, None], "Y": ["4,5", "7"], "status": ["red", "grey"]})
    >>> leak = read_map(dots, addresses=AddressBase(place))
    >>> leak, leak.set_aside
    (Release(dots, 1 records, audited file, columns x, y, status), {'missing coordinate': 1})
    """
    who = "read_map"
    if crs is not None and an_instance(who, "crs", crs, (str, int)) != "fictional":
        crs = epsg_code(crs, who=who)
    table = _table(source, who, places=True, crs=crs)
    in_metres = crs is not None and (crs == "fictional" or not in_degrees(crs))
    if isinstance(addresses, AddressBase):
        if commune is not None:
            needed = "commune only with a file of addresses"
            raise ParameterError(say(who, needed, "addresses that were read already"))
        backdrop = addresses
    else:
        backdrop = read_addresses(addresses, commune=commune)
    columns = list(table.frame.columns)
    east, north = table.location or location_columns(
        columns, metres=in_metres, name=table.name, who=who
    )
    found = locate(
        table.frame[east],
        table.frame[north],
        backdrop=backdrop,
        crs=crs or table.crs,
        name=table.name,
        who=who,
    )
    good = found.reason == ""
    set_aside = dict(Counter(table.set_aside) + Counter(found.reason[~good].tolist()))
    refuse_if_most(set_aside, int(good.sum()), name=table.name, who=who)
    seen = table.frame.loc[good].drop(columns=[east, north]).reset_index(drop=True)
    doubles = coordinate_pairs(list(seen.columns))
    seen = seen.drop(columns=doubles).rename(columns={"x": "column x", "y": "column y"})
    records = pd.concat([pd.DataFrame(found.xy[good], columns=["x", "y"]), seen], axis=1)
    notes = [*table.notes, *found.notes]
    if doubles:
        notes.append(f"other coordinates left out: {', '.join(doubles)}")
    return Release(
        kind="dots",
        records=records,
        rows=np.flatnonzero(good) + 1,
        roles=Roles(location=("x", "y")),
        backdrop=backdrop,
        name=table.name,
        set_aside=set_aside,
        recipe={
            "reader": who,
            "crs": found.crs,
            "notes": notes,
        },
    )


def _table(source: Source, who: str, *, places: bool, crs: str | None = None) -> FileFrame:
    """Read a file, or take a frame over without changing it."""
    if isinstance(source, (str, os.PathLike)):
        return read_frame(source, who=who, places=places, crs=crs)
    if not isinstance(source, pd.DataFrame):
        do = "Turn another frame into one of pandas first."
        raise ParameterError(say(who, "a path or a pandas DataFrame", kind_of(source), do))
    name = "the data frame"
    header = [str(column) for column in source.columns]
    if not len(source) or not header:
        came = f"{len(source)} rows and {len(header)} columns"
        raise ReadError(say(who, f"at least one row and one column in {name}", came))
    frame = source.reset_index(drop=True)
    frame.columns = pd.Index(column_names(header, name=name, who=who))
    return FileFrame(frame=frame, name=name)
