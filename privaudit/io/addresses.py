"""The French national address base, read by DuckDB without loading all of it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, columns_present, shown
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.geo.address_base import COUNTS, PLACE_COLUMNS, AddressBase
from privaudit.geo.crs import (
    FICTIONAL,
    LONGITUDE_LATITUDE,
    crs_of_numbers,
    given_crs,
    local_metres,
    metric_crs,
    place_of,
    project,
    refuse_outside_area_of_use,
)
from privaudit.io.duckdb import connected, frame_of, spilling
from privaudit.io.file_frame import FileFrame, refuse_if_most, tally
from privaudit.io.frames import held
from privaudit.io.text_files import TextFile, inspect_text_file
from privaudit.io.text_tables import text_cells
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

# More addresses than any département has: the country does not fit in a frame.
_MOST = 3_000_000


def address_rows(
    file: TextFile,
    have: Mapping[str, bool],
    wanted: Sequence[str],
    box: Mapping[str, float] | None,
) -> tuple[pd.DataFrame, int]:
    """Take the rows of some communes or of a box, as text and numbers; count unreadable lines.

    Parameters
    ----------
    have : mapping of str to bool
        Names of the columns to read, in small letters, and whether they are of numbers.
    wanted : sequence of str
        Codes of communes; all where there is none.
    box : mapping of str to float
        West, south, east and north, in metres.
    """
    import duckdb

    columns = [fold(column) for column in file.columns]
    text = {c: f"trim(coalesce(c{columns.index(c)}, ''))" for c in have}
    text["code_insee"] = f"upper(lpad({text['code_insee']}, 5, '0'))"
    number = "TRY_CAST(replace({}, ',', '.') AS DOUBLE)"
    picked = ", ".join(f"{number.format(text[c]) if n else text[c]} {c}" for c, n in have.items())
    chosen = scan = f"SELECT {picked} FROM cells"
    bound: dict[str, object] = {}
    if wanted:
        chosen = f"SELECT * FROM ({scan}) WHERE list_contains($codes, code_insee)"
        bound["codes"] = list(wanted)
    if box is not None:
        chosen = f"SELECT * FROM ({chosen}) WHERE x BETWEEN $west AND $east "
        chosen += "AND y BETWEEN $south AND $north"
        bound |= box
    try:
        with spilling() as spill, connected(memory_limit="1GB") as connection:
            options = {"ignore_errors": True, "store_rejects": True}
            text_cells(connection, file, spill, "read_addresses", **options).create_view("cells")
            rows = frame_of(connection.sql(f"{chosen} LIMIT {_MOST + 1}", params=bound))
            lines = "SELECT count(DISTINCT line) FROM reject_errors"
            bad_lines = int(connection.execute(lines).fetchall()[0][0])
            absent = sorted(set(wanted) - set(rows["code_insee"].unique()))
            if absent:
                name = "any_value(nom_commune)" if "nom_commune" in have else "''"
                known = f"SELECT code_insee, {name} FROM ({scan}) GROUP BY ALL"
                raise _unknown_commune(absent[0], dict(connection.execute(known).fetchall()), file)
    # The engine's own message may quote a line of the file.
    except duckdb.Error as error:
        came = f"{file.name}, which does not read as one ({type(error).__name__})"
        do = "Download it again, or take fewer communes with commune=."
        raise ReadError.of("read_addresses", "an address file", came, do) from None
    if len(rows) > _MOST:
        needed = f"at most {_MOST:,} addresses at a time"
        do = "Name the communes with commune='94042,94068'."
        raise ReadError.of("read_addresses", needed, f"more in {file.name}", do)
    return rows, bad_lines


def _unknown_commune(code: str, known: dict[str, str], file: TextFile) -> ParameterError:
    """Return the error of a commune that is not in the file, with a suggestion."""
    by_name = {fold(name): known_code for known_code, name in known.items()}
    near = difflib.get_close_matches(code, known, n=1, cutoff=0.75) or [
        by_name[name] for name in difflib.get_close_matches(fold(code), by_name, n=1)
    ]
    hint = f"Did you mean '{near[0]}' ({known[near[0]]})?" if near else "Check the code."
    came = f"'{code}', which is none of the {len(known):,} communes of {file.name}"
    return ParameterError.of(
        "read_addresses", "commune the INSEE code of a commune of the file", came, hint
    )


_NEEDED = ("code_insee", "numero", "nom_voie")
_TEXT = ("id", "code_insee", "nom_commune", "numero", "rep", "nom_voie", "bureau_de_vote")
# How an address is written elsewhere; the names of a street, old ones too.
_WRITTEN = ("code_postal", "alias", "nom_afnor", "libelle_acheminement")
_NUMBERS = ("x", "y", "lon", "lat", *COUNTS)
# The two positions of a row are one place when they are closer than this, in metres.
_AGREE = 50.0
# Metres beyond a commune's addresses within which its cells may reach: the diagonal of a cell.
_EDGE = 300.0
# Why a row cannot be used; the first is of those that can.
_REASONS = ("", "two_places", "no_position", *(f"{count}_not_whole" for count in COUNTS),
            "same_address_again")  # fmt: skip
_BAD_LINE = Note("line_unreadable")
# An AddressBase, a path, or what `privaudit.io.frames.held` takes over.
Source = Any


def read_addresses(
    path: Source,
    *,
    commune: str | None = None,
    around: AddressBase | None = None,
    crs: str | None = None,
) -> AddressBase:
    """Read the addresses of communes from the national address base, or from a frame.

    Parameters
    ----------
    path : str, path, frame or AddressBase
        A frame (as `read_map` takes it) with the columns of the file, or with those of
        `AddressBase.frame`, of which a position is needed: ``x, y``, ``lon, lat`` or a geometry,
        which is read in the CRS that it declares (a polygon by a point inside of it). The frame is
        taken for real places, and is not changed. An `AddressBase` is given back, or the communes
        asked for of it.
        Or the file as downloaded, of the country or a département, plain or gzipped, with any
        separator. Needed columns: ``code_insee, numero, nom_voie`` and ``x, y`` (metres) or
        ``lon, lat`` (degrees). Read where present: ``id, rep, nom_commune, code_postal, alias,
        nom_afnor, bureau_de_vote, households, electors, residents``.
    commune : str, optional
        INSEE code of the commune to take, or several separated by commas. Default: all.
    around : AddressBase, optional
        Take only what stands in the box of these addresses, 300 m grown: a commune with its
        neighbours' edges. Needs the columns ``x, y``; a file of degrees is taken whole.
    crs : str, optional
        CRS of the positions of a frame, such as ``"EPSG:27700"``. Default: what it declares; else
        degrees (WGS 84) or metres of an unknown plane, by their range.

    Returns
    -------
    AddressBase
        Real addresses in the metres of the legal projection, in the file's order; those of a
        frame stay in its CRS where a metre of it is a metre, else they are projected to an
        equal-area plane around them, in the datum of that CRS. `number`
        is the number and its suffix (``"12 bis"``), `commune` the INSEE code, `station`
        ``"94042_0007"``: the commune and the polling station in four digits, as stations of
        two communes share their numbers. Addresses that share a position all stay. Rows
        that cannot be used are counted by reason in `set_aside`.

    Raises
    ------
    ReadError
        The file is missing, is no text table, has no address, or most of it cannot be used.
    SchemaError
        A needed column is missing or stands twice.
    ParameterError
        The commune is not in the file.
    GeometryError
        The communes do not share one projection; or the positions cannot be of the CRS that is
        declared, or two are declared that differ.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> rows = "code_insee;numero;rep;nom_voie;x;y\\n94042;12;bis;Rue Haute;659100;6858900\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder, "adresses-94.csv").write_text(rows)
    ...     read_addresses(Path(folder, "adresses-94.csv"), commune="94042").frame["number"][0]
    '12 bis'
    """
    wanted = _codes(commune)
    crs = given_crs(crs, who="read_addresses")
    if not isinstance(path, (str, os.PathLike, AddressBase)):
        return _addresses_of_frame(held(path, who="read_addresses", crs=crs), wanted, crs)
    if crs is not None:
        came = "an address file, which has its own"
        raise ParameterError.of("read_addresses", "crs only with a frame of addresses", came)
    if isinstance(path, AddressBase):
        return path.of_communes(wanted)
    file = inspect_text_file(path, who="read_addresses", what="an address file")
    columns = [fold(column) for column in file.columns]
    needed = (*_NEEDED, *(("x", "y") if {"x", "y"} & set(columns) else ("lon", "lat")))
    columns_present("read_addresses", "column", needed, columns, file.name)
    have = [column for column in (*_TEXT, *_WRITTEN, *_NUMBERS) if column in columns]
    columns_present("read_addresses", "column", have, columns, file.name)
    box = None if around is None or not {"x", "y"} <= set(have) else _box(around)
    rows, bad_lines = address_rows(file, {c: c in _NUMBERS for c in have}, wanted, box)
    return _addresses(rows, bad_lines, file.name, wanted)


def addresses_of(who: str, addresses: Source, commune: str | None) -> AddressBase:
    """Return addresses for the function `who`: as they are, or read from their file."""
    if not isinstance(addresses, AddressBase):
        return read_addresses(addresses, commune=commune)
    if commune is not None:
        needed = "commune only with a file of addresses"
        raise ParameterError.of(who, needed, "addresses that were read already")
    return addresses


def _addresses_of_frame(table: FileFrame, wanted: tuple[str, ...], crs: str | None) -> AddressBase:
    """Take addresses over from a frame: of the national base's columns, or of our own."""
    who, name = "read_addresses", table.name
    given = table.frame.rename(columns=lambda column: fold(str(column)))
    if table.location:
        crs, positions = table.crs, table.frame[list(table.location)].to_numpy(dtype=float)
        also = ("x", "y", "lon", "lat", *table.location)
        given = given.drop(columns=[c for c in also if c in given])
        given[["x", "y"]] = positions
    refuse_if_most(table.set_aside, len(given), name=name, who=who)
    read = _of_given(given, wanted, crs, name)
    set_aside = {**table.set_aside, **read.set_aside}
    return replace(read, set_aside=set_aside, notes=(*table.notes, *read.notes))


def _of_given(
    given: pd.DataFrame, wanted: tuple[str, ...], crs: str | None, name: str
) -> AddressBase:
    """Return the addresses of a frame whose columns are in small letters."""
    who = "read_addresses"
    if not set(_NEEDED) & set(given.columns):
        return _addresses_of_columns(given, crs, name).of_communes(wanted)
    needed = (*_NEEDED, *(("x", "y") if {"x", "y"} <= set(given.columns) else ("lon", "lat")))
    columns_present(who, "column", needed, given.columns, name)
    rows = pd.DataFrame({c: _text(given, c).str.strip() for c in _TEXT if c in given})
    for column in (c for c in _NUMBERS if c in given):
        rows[column] = pd.to_numeric(given[column], errors="coerce")
    rows["code_insee"] = rows["code_insee"].str.zfill(5).str.upper()
    if wanted:
        if absent := [code for code in wanted if code not in set(rows["code_insee"])]:
            came = f"'{absent[0]}', which is none of {name}"
            raise ParameterError.of(who, "commune the INSEE code of a commune of it", came)
        rows = rows[rows["code_insee"].isin(wanted)].reset_index(drop=True)
    notes: tuple[Note, ...] = ()
    if "x" in rows:
        legal = _common_crs(rows["code_insee"], name)
        xy = rows[["x", "y"]].to_numpy(dtype=float)
        source, notes = crs_of_numbers(xy, stated=crs, metres=legal, name=name, who=who)
        if source != legal:
            place = place_of(xy, source, who=who)
            rows[["x", "y"]] = project(*xy.T, source=source, target=legal, place=place, who=who)
        elif crs is None:
            notes = ()  # as the national base has it
    return replace(_addresses(rows, 0, name, wanted), notes=notes)


def _addresses_of_columns(given: pd.DataFrame, crs: str | None, name: str) -> AddressBase:
    """Return the addresses of a frame with the columns of `AddressBase.frame`."""
    who = "read_addresses"
    in_degrees = {"lon", "lat"} <= {*given} and not {"x", "y"} <= {*given}
    pair = ["lon", "lat"] if in_degrees else ["x", "y"]
    columns_present(who, "column", pair, given.columns, name)
    own = pd.DataFrame({column: _text(given, column) for column in PLACE_COLUMNS[:5]})
    if "id" not in given:
        own["id"] = given.index.astype("str")
    numbers = {c: pd.to_numeric(given[c], errors="coerce") for c in (*pair, *COUNTS) if c in given}
    good = pd.DataFrame(numbers).notna().all(axis=1)
    set_aside = {Note("no_position"): int((~good).sum())} if not good.all() else {}
    refuse_if_most(set_aside, int(good.sum()), name=name, who=who)
    xy = np.column_stack([numbers[c][good].to_numpy(dtype=float) for c in pair])
    stated = crs or (LONGITUDE_LATITUDE if in_degrees else None)
    source, notes = crs_of_numbers(xy, stated=stated, metres=FICTIONAL, name=name, who=who)
    plane = source
    if source != FICTIONAL:
        refuse_outside_area_of_use(xy, source, name=name, who=who)
        xy, plane = local_metres(xy, source, who=who)
    chosen = own[good].reset_index(drop=True)
    chosen[["x", "y"]] = xy
    for column in COUNTS:
        if column in numbers:
            chosen[column] = numbers[column][good].to_numpy().astype(np.int64)
    return AddressBase(chosen, crs=plane, source=name, real=True, set_aside=set_aside, notes=notes)


def _codes(commune: str | None) -> tuple[str, ...]:
    if commune is None:
        return ()
    codes = commune.replace(" ", "").upper().split(",") if isinstance(commune, str) else [""]
    if not all(codes):
        needed = "commune as text: an INSEE code such as '94042', or several with commas"
        raise ParameterError.of("read_addresses", needed, shown("commune", commune))
    return tuple(dict.fromkeys(codes))


def _box(around: AddressBase) -> dict[str, float]:
    low, high = around.xy.min(axis=0) - _EDGE, around.xy.max(axis=0) + _EDGE
    return {"west": low[0], "south": low[1], "east": high[0], "north": high[1]}


def _addresses(
    rows: pd.DataFrame, bad_lines: int, name: str, wanted: tuple[str, ...]
) -> AddressBase:
    if rows.empty:
        came = f"{bad_lines:,} unreadable lines" if bad_lines else "only a header"
        raise ReadError.of("read_addresses", f"at least one address in {name}", came)
    crs = _common_crs(rows["code_insee"], name)
    xy, reason = _positions(rows, crs)
    for count in COUNTS:
        if count in rows.columns:
            value = rows[count].to_numpy(dtype=float)
            whole = np.isfinite(value) & (value >= 0) & (value == np.floor(value))
            reason[~whole & (reason == 0)] = _REASONS.index(f"{count}_not_whole")
    if "id" in rows.columns and not rows["id"].is_unique:
        again = rows.duplicated(["id", "code_insee", "numero", "nom_voie"]) & (rows["id"] != "")
        again &= pd.DataFrame(xy).duplicated().to_numpy()
        reason[again.to_numpy() & (reason == 0)] = _REASONS.index("same_address_again")
    good = reason == 0
    set_aside = tally(_REASONS[why] for why in reason[~good])
    # An unreadable line belongs to no commune, so it weighs on a whole file only.
    weighed = set_aside | ({_BAD_LINE: bad_lines} if bad_lines and not wanted else {})
    refuse_if_most(weighed, int(good.sum()), name=name, who="read_addresses")
    if bad_lines:
        set_aside[_BAD_LINE] = bad_lines
    chosen = rows if good.all() else rows[good]
    return AddressBase(
        _frame(chosen, xy[good]),
        crs=crs,
        source=_source(chosen, name),
        real=True,
        set_aside=set_aside,
        written=_written(chosen),
    )


def _common_crs(commune: pd.Series, name: str) -> str:
    """Return the one projection of the communes; those without a valid code do not vote."""
    result = set()
    for code in commune.unique():
        with suppress(GeometryError):
            result.add(metric_crs(code))
    if len(result) != 1:
        came = f"{', '.join(sorted(result))} in {name}" if result else f"no valid code in {name}"
        do = "Name communes of one zone with commune=."
        needed = "INSEE codes of communes that share one legal projection"
        raise GeometryError.of("read_addresses", needed, came, do)
    return result.pop()


def _positions(rows: pd.DataFrame, crs: str) -> tuple[Floats, np.ndarray]:
    """Return positions in metres, and for each row which of `_REASONS` it cannot be used for."""
    nowhere = np.full((len(rows), 2), np.nan)
    given, degrees = (
        rows[pair].to_numpy(dtype=float) if {*pair} <= {*rows} else nowhere
        for pair in (["x", "y"], ["lon", "lat"])
    )
    projected = degrees
    if degrees is not nowhere:
        projected = project(*degrees.T, source=LONGITUDE_LATITUDE, target=crs)
    has_given, has_degrees = np.isfinite(given).all(1), np.isfinite(projected).all(1)
    xy = np.where(has_given[:, None], given, projected)
    reason = np.zeros(len(rows), dtype=np.int8)
    both = has_given & has_degrees
    apart = np.hypot(*(given[both] - projected[both]).T)
    reason[np.flatnonzero(both)[apart > _AGREE]] = _REASONS.index("two_places")
    reason[~has_given & ~has_degrees] = _REASONS.index("no_position")
    return xy, reason


def _text(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as text, "" where it is missing or is not there."""
    if column not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    return rows[column].astype("str").where(rows[column].notna(), "")


def _frame(rows: pd.DataFrame, xy: Floats) -> pd.DataFrame:
    number, suffix, commune = (_text(rows, c) for c in ("numero", "rep", "code_insee"))
    station = _text(rows, "bureau_de_vote")
    # Joining blanks to as many numbers costs as much as a third of reading them.
    number = number + " " + suffix if (suffix != "").any() else number
    padded = commune + "_" + station.str.zfill(4)
    frame = pd.DataFrame(
        {
            "id": _text(rows, "id"),
            "number": number.str.strip(),
            "street": _text(rows, "nom_voie"),
            "commune": commune,
            "station": padded.where(station != "", ""),
        }
    )
    frame[["x", "y"]] = xy
    for count in COUNTS:
        if count in rows.columns:
            frame[count] = rows[count].to_numpy(dtype=float).astype(np.int64)
    return frame.reset_index(drop=True)


def _written(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Return the postcode, the town and the other names of each address, where the file has any."""
    if not {*_WRITTEN, "nom_commune"} & {*rows}:
        return None
    postcode = _text(rows, "code_postal")
    also = _text(rows, "alias") + "|" + _text(rows, "nom_afnor")
    return pd.DataFrame(
        {
            "postcode": postcode.where(postcode == "", postcode.str.zfill(5)),
            "town": _text(rows, "nom_commune" if "nom_commune" in rows else "libelle_acheminement"),
            "also": also.str.replace(r"[;/]", "|", regex=True).str.strip("|"),
        }
    ).reset_index(drop=True)


def _source(rows: pd.DataFrame, name: str) -> str:
    """Name the file and its communes, for a report."""
    codes = rows["code_insee"].unique()
    if len(codes) > 3:
        return f"{name}, {len(codes):,} communes"
    names = rows.get("nom_commune", pd.Series("commune", rows.index))
    first = names.groupby(rows["code_insee"]).first()
    return ", ".join([name, *(f"{first[c]} ({c})" for c in codes)])
