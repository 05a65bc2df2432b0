"""Public addresses of any country, read by DuckDB without loading all of a file."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, columns_present, shown
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.geo.address_base import COUNTS, PLACE_COLUMNS, AddressBase
from privaudit.geo.crs import (
    FICTIONAL,
    LONGITUDE_LATITUDE,
    common_crs,
    crs_of_numbers,
    given_crs,
    local_metres,
    place_of,
    project,
    refuse_far_from_departments,
    refuse_outside_area_of_use,
    rounded_notes,
)
from privaudit.io.address_sources import (
    AddressSource,
    address_cells,
    address_format_asked,
    address_sources,
    are_dwellings,
    doors_of,
    first_filled,
    named_source,
    no_doors,
    other_source,
    plain_numbers,
    positions_of,
    reasons_aside,
    refuse_two_countries,
    source_of,
    split_numbers,
    stand_again,
    with_tags,
)
from privaudit.io.coordinates import coordinate_pairs, with_points
from privaudit.io.csv_dialects import (
    TextFile,
    file_kind,
    first_bytes,
    inspect_text_file,
    one_line,
    without_header,
)
from privaudit.io.duckdb import connected, frame_of, literal_path, quoted, spilling
from privaudit.io.encodings import read_as
from privaudit.io.file_frame import FileFrame, refuse_if_most, tally
from privaudit.io.frames import held
from privaudit.io.readers import ReadRequest, read_places, reader_of
from privaudit.io.records import header_moved_error
from privaudit.io.text_tables import TWO_ORDERS, in_one_order, text_cells
from privaudit.text.normalise import fold, slug
from privaudit.words.catalogues import Note

# More addresses than any département has: the country does not fit in a frame.
_MOST = 3_000_000
_TRIMMED = "trim(coalesce(c{}, ''))"


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
    columns = [fold(column) for column in file.columns]
    text = {c: _TRIMMED.format(columns.index(c)) for c in have}
    text["code_insee"] = f"upper(lpad({text['code_insee']}, 5, '0'))"
    # A program that took numbers for decimal ones.
    text["numero"] = f"regexp_replace({text['numero']}, '[.,]0$', '')"
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
    with _cells_of(file) as connection:
        rows, bad_lines = _chosen_rows(connection, chosen, bound, file)
        if absent := sorted(set(wanted) - set(rows["code_insee"].unique())):
            name = "any_value(nom_commune)" if "nom_commune" in have else "''"
            known = f"SELECT code_insee, {name} FROM ({scan}) GROUP BY ALL"
            raise _unknown_commune(absent[0], dict(connection.execute(known).fetchall()), file)
    return rows, bad_lines


def _source_rows(
    file: TextFile, source: AddressSource, wanted: Sequence[str]
) -> tuple[pd.DataFrame, int]:
    """Take the columns of a source as text, under their slugs, of some communes or towns."""
    columns = [slug(column) for column in file.columns]
    # Elsewhere its coordinates are known by their names.
    placed = any({pair["x"], pair["y"]} <= {*columns} for pair in source.positions)
    have = [c for c in dict.fromkeys(columns) if c in source.columns or not placed]
    columns_present("read_addresses", "column", have, columns, file.name)
    text = {c: _TRIMMED.format(columns.index(c)) for c in have}
    picked = ", ".join(f"{cell} {quoted(c)}" for c, cell in text.items())
    chosen, bound = f"SELECT {picked} FROM cells", dict[str, object]()
    if wanted:
        place = (
            "list_contains($codes, upper(replace(regexp_replace({}, '^[0-9]+ +', ''), ' ', '')))"
        )
        places = [place.format(text[c]) for c in source.places if c in text] or ["true"]
        chosen += f" WHERE {' OR '.join(places)}"
        bound["codes"] = list(wanted)
    with _cells_of(file) as connection:
        return _chosen_rows(connection, chosen, bound, file)


@contextmanager
def _cells_of(file: TextFile) -> Iterator[Any]:
    """Open a file as a view ``cells`` of text; an engine's error becomes one of the file."""
    import duckdb

    try:
        with spilling() as spill, connected(memory_limit="1GB") as connection:
            options = {"ignore_errors": True, "store_rejects": True}
            cells = text_cells(connection, file, spill, "read_addresses", **options)
            cells.filter(in_one_order(file.header)).create_view("cells")
            yield connection
    # The engine's own message may quote a line of the file.
    except duckdb.Error as error:
        if TWO_ORDERS in str(error):
            raise header_moved_error("read_addresses", file.name) from None
        came = f"{file.name}, which does not read as one ({type(error).__name__})"
        do = "Download it again, or take fewer communes with commune=."
        raise ReadError.of("read_addresses", "an address file", came, do) from None


def _chosen_rows(
    connection: Any, chosen: str, bound: dict[str, object], file: TextFile
) -> tuple[pd.DataFrame, int]:
    """Return chosen rows, fewer than `_MOST`, and the number of lines that were not read."""
    rows = frame_of(connection.sql(f"{chosen} LIMIT {_MOST + 1}", params=bound))
    lines = "SELECT count(DISTINCT line) FROM reject_errors"
    bad_lines = int(connection.execute(lines).fetchall()[0][0])
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
# Degrees beyond the area of a legal projection, where an island or a bridge may still be.
_BESIDE_COAST = 1.0
# What tells a door of the national base, besides its place.
_DOOR = ("code_insee", "numero", "rep", "nom_voie")
# Why a row cannot be used; the first is of those that can.
_REASONS = ("", "two_places", "no_position", "no_door", *(f"{count}_not_whole" for count in COUNTS),
            "same_address_again")  # fmt: skip
_BAD_LINE = Note("line_unreadable")
# Reasons of a reader of features, each an address without a position here.
_PLACELESS = ("feature_without_geometry", "point_without_numbers")
# An AddressBase, a path, or what `privaudit.io.frames.held` takes over.
Source = Any


def read_addresses(
    path: Source,
    *,
    commune: str | None = None,
    around: AddressBase | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> AddressBase:
    """Read the addresses of a place, from a file or a frame, in any country.

    Parameters
    ----------
    path : str, path, frame or AddressBase
        A file as downloaded, plain or gzipped, with any separator, from a source that is known by
        its columns: the French national base (BAN) and local ones (BAL), OpenAddresses, Overture,
        OpenStreetMap (``addr:*``), OS Open UPRN, the US National Address Database, BAG, BeST, the
        Swiss register, ANNCSU, G-NAF, Kartverket, German house coordinates, CartoCiudad, and the
        national registers of Austria, Brazil, Canada, Czechia, Denmark, Estonia, Finland, Iceland,
        Korea, New Zealand, Poland, Slovakia and Slovenia. Any other file (of a US county, for
        example) is read by the usual names of such columns, or by `columns`.
        Or a frame, as `read_map` takes it, with the columns of such a file, or with those of
        `AddressBase.frame`, of which a position is needed: ``x, y``, ``lon, lat`` or a geometry,
        which is read in the CRS that it declares (a polygon by a point inside of it). It is taken
        for real places, and is not changed. An `AddressBase` is given back, or the communes asked
        for of it.
    commune : str, optional
        Key of the commune to take, or several separated by commas: in France the INSEE code,
        elsewhere what the source has (a municipality's number or name), or a town. Default: all.
    around : AddressBase, optional
        Take only what stands in the box of these addresses, 300 m grown: a commune with its
        neighbours' edges. Of the French base only, by its columns ``x, y``.
    crs : str, optional
        CRS of the positions, such as ``"EPSG:27700"``. Default: that of the source, or what a frame
        or a file declares; else degrees (WGS 84) by their range.
    columns : mapping of str to str, optional
        Columns of a file of no known source: id, number, suffix, street, unit, postcode, town,
        commune, and x and y or lon and lat.
    encoding : str, optional
        Of a file of text, in Python's words: ``"mac_roman"``. Default: as its words show.

    Returns
    -------
    AddressBase
        Real addresses in metres: of the legal projection in France, elsewhere of the source's CRS
        where a metre of it is a metre, else of an equal-area plane around them. In the file's
        order, rows of one door as one: its units are `households`, where the source has any.
        `number` is the number and its suffix (``"12 bis"``), `commune` the INSEE code or the
        source's key,
        `station` ``"94042_0007"``: the commune and the polling station in four digits, as stations
        of two communes share their numbers. Addresses that share a position all stay. Rows
        that cannot be used (retired, planned, interpolated, without a position or a number) are
        counted by reason in `set_aside`.

    Raises
    ------
    ReadError
        The file is missing, is no table, has no address, or most of it cannot be used.
    SchemaError
        A needed column is missing or stands twice.
    ParameterError
        The commune is not in the file; `columns` names one that is not there.
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
    if isinstance(path, (str, os.PathLike)):
        columns = columns or address_format_asked().columns
        crs = crs or address_format_asked().crs
    crs = given_crs(crs, who="read_addresses")
    if not isinstance(path, (str, os.PathLike, AddressBase)):
        table = held(path, who="read_addresses", crs=crs)
        return _addresses_of_frame(table, wanted, crs, columns)
    if isinstance(path, AddressBase):
        return path.of_communes(wanted)
    start = first_bytes(path, who="read_addresses", what="an address file")
    if file_kind(start) not in ("text", ""):
        who, name = "read_addresses", one_line(Path(path).name)
        tables = [read_places(path, who=who, crs=crs, sheet=one) for one in _layers_of(Path(path))]
        levels = _levels_of(Path(path)) if file_kind(start) == "Parquet" else None
        return _addresses_of_tables(tables, name, wanted, crs, columns, levels)
    with read_as(encoding):
        file, source = _text_file(path, start)
    try:
        source = source or _known_source(file.columns, columns, file.name)
        if source is not None:
            raw, bad_lines = _source_rows(file, source, wanted)
            return _addresses_of_source(raw, source, file.name, wanted, crs, bad_lines)
        if {"x", "y", "lon", "lat"}.isdisjoint(map(fold, file.columns)):
            columns_present("read_addresses", "column", ("lon", "lat"), file.columns, file.name)
    except SchemaError:
        # Points may stand in one column, as WKT or GeoJSON.
        with read_as(encoding):
            table = read_places(path, who="read_addresses", crs=crs)
        if not table.location or coordinate_pairs(file.columns):
            raise
        return _addresses_of_tables([table], file.name, wanted, crs, columns)
    return _addresses_of_national_file(file, wanted, around, crs)


def _addresses_of_national_file(
    file: TextFile, wanted: tuple[str, ...], around: AddressBase | None, crs: str | None
) -> AddressBase:
    """Return the addresses of a file of the French national base."""
    names = [fold(column) for column in file.columns]
    needed = (*_NEEDED, *(("x", "y") if {"x", "y"} & set(names) else ("lon", "lat")))
    columns_present("read_addresses", "column", needed, names, file.name)
    have = [column for column in (*_TEXT, *_WRITTEN, *_NUMBERS) if column in names]
    columns_present("read_addresses", "column", have, names, file.name)
    box = None if around is None or not {"x", "y"} <= set(have) else _box(around)
    if crs is not None:
        came = "the file of the national base, which has its own"
        raise ParameterError.of("read_addresses", "crs only with other addresses", came)
    rows, bad_lines = address_rows(file, {c: c in _NUMBERS for c in have}, wanted, box)
    return _addresses(rows, bad_lines, file.name, wanted)


def _text_file(path: str | os.PathLike[str], start: bytes) -> tuple[TextFile, AddressSource | None]:
    """Inspect a text file, of a source without a header too: this source, by the first line."""
    first = start.split(b"\n", 1)[0].decode("utf-8", "replace").strip("\ufeff\r")
    every = address_sources()
    bare = next((s for s in every if s.headerless and re.match(s.headerless, first)), None)
    with without_header(one_line(Path(path).name)) if bare else nullcontext():
        return inspect_text_file(path, who="read_addresses", what="an address file"), bare


def _known_source(
    columns: Sequence[str], given: Mapping[str, str] | None, name: str
) -> AddressSource | None:
    """Return how a file with these columns is read; None of the French national base."""
    if given is not None:
        return named_source(given, columns, who="read_addresses")
    source = source_of(columns)
    if source is None and not _is_french(columns):
        return other_source(columns, name=name, who="read_addresses")
    return None if source is None or source.key == "ban" else source


def _is_french(columns: Iterable[str]) -> bool:
    """Return whether columns are named as in the national base, complete or not."""
    have = {fold(column) for column in columns}
    return "code_insee" in have or {"nom_voie", "numero"} <= have


def is_national(path: str | os.PathLike[str]) -> bool:
    """Return whether a file of addresses is French: of the national base, or of a local one."""
    who = "read_addresses"
    start = first_bytes(path, who=who, what="an address file")
    if file_kind(start) not in ("text", ""):
        return False
    columns = _text_file(path, start)[0].columns
    source = source_of(columns)
    french = source is not None and (source.key == "ban" or bool(source.national))
    return french or (source is None and _is_french(columns))


def addresses_of(who: str, addresses: Source, commune: str | None) -> AddressBase:
    """Return addresses for the function `who`: as they are, or read from their file."""
    if not isinstance(addresses, AddressBase):
        return read_addresses(addresses, commune=commune)
    if commune is not None:
        needed = "commune only with a file of addresses"
        raise ParameterError.of(who, needed, "addresses that were read already")
    return addresses


def _addresses_of_frame(
    table: FileFrame,
    wanted: tuple[str, ...],
    crs: str | None,
    named: Mapping[str, str] | None = None,
) -> AddressBase:
    """Take addresses over from a frame: of a known source's columns, or of our own."""
    source = source_of(map(str, table.frame.columns)) if named is None else None
    columns = [fold(str(column)) for column in table.frame.columns]
    if source is None and not _is_french(columns) and not {"number", "street"} <= {*columns}:
        with suppress(SchemaError):
            table = with_points(table)
            headers = list(map(str, table.frame.columns))
            source = other_source(headers, name=table.name, who="read_addresses")
    if named is not None or (source is not None and source.key != "ban"):
        return _addresses_of_tables([table], table.name, wanted, crs, named)
    given = table.frame.rename(columns=lambda column: fold(str(column)))
    if table.location:
        crs, positions = table.crs, table.frame[list(table.location)].to_numpy(dtype=float)
        also = ("x", "y", "lon", "lat", *table.location)
        given = given.drop(columns=[c for c in also if c in given])
        given[["x", "y"]] = positions
    refuse_if_most(table.set_aside, len(given), name=table.name, who="read_addresses")
    if not _is_french(given.columns):
        read = _addresses_of_columns(given, crs, table.name).of_communes(wanted)
    else:
        read = _national_addresses(given, table.name, wanted, crs)
    set_aside = {**table.set_aside, **read.set_aside}
    return replace(read, set_aside=set_aside, notes=(*table.notes, *read.notes))


def _national_addresses(
    given: pd.DataFrame, name: str, wanted: tuple[str, ...], crs: str | None
) -> AddressBase:
    """Return the addresses of a frame with the columns of the national base."""
    who = "read_addresses"
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
        legal = common_crs(rows["code_insee"].unique(), name, "read_addresses")
        xy = rows[["x", "y"]].to_numpy(dtype=float)
        source, notes = crs_of_numbers(xy, stated=crs, metres=legal, name=name, who=who)
        if source != legal:
            place = place_of(xy, source, who=who)
            rows[["x", "y"]] = project(*xy.T, source=source, target=legal, place=place, who=who)
        elif crs is None:
            notes = ()  # as the national base has it
    read = _addresses(rows, 0, name, wanted)
    return replace(read, notes=(*notes, *read.notes))


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


def _as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every column as text, "" where missing; a whole number without a decimal."""
    return pd.DataFrame(
        {str(c): _text(frame, str(c)).str.strip().str.removesuffix(".0") for c in frame},
        index=frame.index,
    )


def _addresses_of_source(
    raw: pd.DataFrame,
    source: AddressSource,
    name: str,
    wanted: tuple[str, ...],
    crs: str | None,
    bad_lines: int = 0,
    aside: Mapping[Note, int] | None = None,
) -> AddressBase:
    """Return the addresses of a known source: `raw` are its cells, as text under their slugs."""
    who, lost = "read_addresses", Counter(aside or {})
    if bad_lines:
        lost[_BAD_LINE] += bad_lines
    if raw.empty and not wanted:
        came = f"{bad_lines:,} unreadable lines" if bad_lines else "only a header"
        raise ReadError.of(who, f"at least one address in {name}", came)
    if source.national:
        return _local_addresses(raw, source, name, wanted, lost)
    raw = with_tags(raw, source.tags)
    if source.split:
        raw = split_numbers(raw, source)
    cells = address_cells(raw, source, name=name, who=who)
    if wanted:
        here = _in_places(cells, wanted, name)
        raw, cells = raw[here].reset_index(drop=True), cells[here].reset_index(drop=True)
    refuse_two_countries(raw, name=name, who=who)
    xy, code, notes = positions_of(raw, source, crs=crs, name=name, who=who)
    reason = reasons_aside(raw, cells, xy, source)
    good = np.flatnonzero(reason == "")
    refuse_if_most(tally(reason) | dict(lost), len(good), name=name, who=who)
    metres, plane = xy[good], code
    if code != FICTIONAL:
        refuse_outside_area_of_use(metres, code, name=name, who=who)
        metres, plane = local_metres(metres, code, who=who)
    lost += Counter(tally(reason))
    cells = cells.iloc[good].reset_index(drop=True)
    doors = doors_of(cells, metres, source, are_dwellings(raw.iloc[good], source))
    lost += Counter(tally(doors.reason))
    chosen = first_filled(cells, doors)
    frame = chosen[["id", "number", "street", "commune"]].assign(station="")
    frame[["x", "y"]] = metres[doors.first]
    counted = source.row != "address" or doors.units > 0
    if counted:
        frame["households"] = doors.households
        notes = (*notes, Note("units_at_doors", units=doors.units, doors=doors.with_units))
    else:
        notes = (*notes, Note("doors_uncounted"))
    if not frame["street"].any():
        notes = (*notes, Note("no_streets"))
    also = chosen[["postcode", "town", "also"]]
    return AddressBase(
        frame,
        crs=plane,
        source=f"{name} ({source.name})" if source.name else name,
        real=True,
        set_aside=dict(lost),
        notes=notes,
        written=also if also.any(axis=None) else None,
        language=source.language,
    )


def _in_places(cells: pd.DataFrame, wanted: tuple[str, ...], name: str) -> np.ndarray:
    """Return which rows are of the communes or towns that are asked for."""
    chosen = np.zeros(len(cells), dtype=bool)
    keys = [cells[c].str.upper().str.replace(" ", "") for c in ("commune", "town")]
    for code in wanted:
        here = (keys[0] == code) | (keys[1] == code)
        if not here.any():
            needed = f"commune a key or a town of {name}"
            raise ParameterError.of("read_addresses", needed, f"'{code}', which is none of it")
        chosen |= here.to_numpy()
    return chosen


def _local_addresses(
    raw: pd.DataFrame,
    source: AddressSource,
    name: str,
    wanted: tuple[str, ...],
    lost: Counter[Note],
) -> AddressBase:
    """Return the addresses of a local base (BAL): each by its best position."""
    given = pd.DataFrame({ours: raw[c] for ours, c in source.national.items() if c in raw})
    if "code_insee" not in given:  # before version 1.2 only the key of an address has it
        given["code_insee"] = given["id"].str.partition("_")[0]
    place = raw.get(source.quality, pd.Series("", raw.index)).map(
        lambda cell: slug(cell).replace("_", " ")
    )
    ranks = {word: rank for rank, word in enumerate(source.best)}
    rank = place.map(ranks).fillna(len(ranks)).where(place != "segment", len(ranks) + 1)
    reason = np.full(len(raw), "", dtype=object)
    reason[(rank > len(ranks)).to_numpy()] = "interpolated"
    best = rank.sort_values(kind="stable").index
    again = given.loc[best].duplicated(["id"]) & (given.loc[best, "id"] != "")
    reason[again.sort_index().to_numpy() & (reason == "")] = "other_position"
    good = reason == ""
    lost += Counter(tally(reason))
    refuse_if_most(
        {why: n for why, n in lost.items() if why.key != "other_position"}, int(good.sum()),
        name=name, who="read_addresses",
    )  # fmt: skip
    base = _national_addresses(given[good].reset_index(drop=True), name, wanted, None)
    return replace(base, set_aside=dict(Counter(base.set_aside) + lost))


def _addresses_of_tables(
    tables: Sequence[FileFrame],
    name: str,
    wanted: tuple[str, ...],
    crs: str | None,
    named: Mapping[str, str] | None,
    levels: Mapping[str, str] | None = None,
) -> AddressBase:
    """Return the addresses of tables, with points where they have a geometry.

    `levels` are the towns of Overture by their ids: no table has a nested column.
    """
    raws, lost = [], Counter[Note]()
    for table in tables:
        texts = _as_texts(table.frame.drop(columns=list(table.location)))
        texts.columns = [slug(str(column)) for column in texts]
        texts = texts.loc[:, ~stand_again(texts)]
        for axis, column in zip(("x", "y"), table.location, strict=False):
            texts[f"geometry_{axis}"] = table.frame[column].astype("str")
            texts["geometry_crs"] = table.crs or LONGITUDE_LATITUDE
        raws.append(texts)
        for why, n in table.set_aside.items():
            lost[Note("no_position") if why.key in _PLACELESS else why] += n
    raw = pd.concat(raws, ignore_index=True).fillna("")
    raw = with_tags(raw, next(iter({source.tags for source in address_sources()} & {*raw}), ""))
    if levels is not None:
        raw = raw.assign(address_levels=raw["id"].map(levels).fillna(""))
    placed = "geometry_x" in raw
    columns = [str(column).removeprefix("geometry_") for column in raw]
    source = _known_source(columns, named, name)
    if source is not None:
        names = [*map(str, raw.columns)]
        have = [c for c in dict.fromkeys(names) if c in source.columns and c != "id"]
        columns_present("read_addresses", "column", have, names, name)
        raw = raw.loc[:, ~raw.columns.duplicated()]
    if source is None:
        given = raw.drop(columns=[c for c in ("x", "y", "lon", "lat") if placed and c in raw])
        given = given.rename(columns={"geometry_x": "x", "geometry_y": "y"})
        return _national_addresses(given, name, wanted, raw["geometry_crs"][0] if placed else crs)
    if placed:
        place = {"x": "geometry_x", "y": "geometry_y", "crs": "{geometry_crs}"}
        source, crs = replace(source, positions=(place,)), None
    return _addresses_of_source(raw, source, name, wanted, crs, aside=lost)


def _levels_of(path: Path) -> dict[str, str] | None:
    """Return the last level of the administration of each address of Overture, by its id."""
    import duckdb

    level = "[l.value FOR l IN (address_levels) IF l.value IS NOT NULL][-1]"
    try:
        with connected(memory_limit="1GB") as connection:
            given = {"path": literal_path(path)}
            query = f"SELECT id, {level} FROM read_parquet($path)"
            rows = connection.execute(query, given).fetchall()
    except duckdb.Error:
        return None
    return {str(key): str(level or "") for key, level in rows}


def _layers_of(path: Path) -> list[str | None]:
    """Return the layers of a file that hold addresses by their names; one without a name else."""
    known = {layer for source in address_sources() for layer in source.layers}
    reader = reader_of(path, gives="dots", who="read_addresses")
    if reader.parts is None or reader.word != "GeoPackage":
        return [None]
    name = one_line(path.name)
    asked = ReadRequest(path=path, name=name, who="read_addresses", places=True, crs=None)
    layers = [layer for _, layer in reader.parts(asked).tables if fold(layer) in known]
    return [*layers] or [None]


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
    crs = common_crs(rows["code_insee"].unique(), name, "read_addresses")
    xy, reason, notes = _positions(rows, crs, name)
    for count in COUNTS:
        if count in rows.columns:
            value = rows[count].to_numpy(dtype=float)
            whole = np.isfinite(value) & (value >= 0) & (value == np.floor(value))
            reason[~whole & (reason == 0)] = _REASONS.index(f"{count}_not_whole")
    reason[no_doors(rows) & (reason == 0)] = _REASONS.index("no_door")
    # A door that stands again at its place, under another id or in capitals too.
    twice = pd.DataFrame(xy).duplicated(keep=False).to_numpy() & (reason == 0)
    at = np.flatnonzero(twice & (rows["numero"] != "").to_numpy())
    doors = [_text(rows.iloc[at], c).str.casefold() for c in _DOOR]
    again = pd.DataFrame(dict(enumerate([*doors, *xy[at].T]))).duplicated()
    reason[at[again.to_numpy()]] = _REASONS.index("same_address_again")
    good = reason == 0
    set_aside = tally(_REASONS[why] for why in reason[~good])
    # An unreadable line belongs to no commune, so it weighs on a whole file only.
    weighed = set_aside | ({_BAD_LINE: bad_lines} if bad_lines and not wanted else {})
    refuse_if_most(weighed, int(good.sum()), name=name, who="read_addresses")
    set_aside |= {_BAD_LINE: bad_lines} if bad_lines else {}
    chosen = rows if good.all() else rows[good]
    return AddressBase(
        _frame(chosen, xy[good]),
        crs=crs,
        source=_source(chosen, name),
        real=True,
        set_aside=set_aside,
        notes=notes,
        written=_written(chosen),
    )


def _positions(
    rows: pd.DataFrame, crs: str, name: str
) -> tuple[Floats, np.ndarray, tuple[Note, ...]]:
    """Return positions in metres, which of `_REASONS` each row cannot be used for, and notes."""
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
    # Where both stand, each shows of the other whether it can be.
    alone = xy[has_given ^ has_degrees]
    who = "read_addresses"
    refuse_outside_area_of_use(alone, crs, name=name, who=who, margin=_BESIDE_COAST)
    refuse_far_from_departments(xy, rows["code_insee"].to_numpy(), crs, name=name, who=who)
    both = has_given & has_degrees
    apart = np.hypot(*(given[both] - projected[both]).T)
    reason[np.flatnonzero(both)[apart > _AGREE]] = _REASONS.index("two_places")
    reason[~has_given & ~has_degrees] = _REASONS.index("no_position")
    notes = rounded_notes(given if has_given.any() else degrees, name=name, who=who)
    return xy, reason, notes


def _text(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as text, "" where it is missing or is not there."""
    if column not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    return rows[column].astype("str").where(rows[column].notna(), "")


def _frame(rows: pd.DataFrame, xy: Floats) -> pd.DataFrame:
    number, suffix = (plain_numbers(_text(rows, c)) for c in ("numero", "rep"))
    commune = _text(rows, "code_insee")
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
