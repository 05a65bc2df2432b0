"""Public counts of residents: communes, age pyramid, cells of a grid, census blocks."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, Ints, columns_present, one_of, whole
from privaudit.core.files import packaged_toml
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import LONGITUDE_LATITUDE, project
from privaudit.io.csv_dialects import file_kind, first_bytes, inspect_text_file
from privaudit.io.readers import read_frame
from privaudit.io.text_tables import bare_cells
from privaudit.text.normalise import canonical, fold, slug
from privaudit.words.catalogues import Note

CELL_METRES = 200
CELL_CRS = "EPSG:3035"
_HEADERS = packaged_toml("privaudit.io", "data/public_counts.toml")
# Our name for each count of the Filosofi file.
_COUNTS: dict[str, str] = _HEADERS["cells"]
CELL_COLUMNS = ("cell", "x_laea", "y_laea", *_COUNTS)
_IDENTIFIERS = ("idcar_200m", "idinspire", "idcar")
_CORNER = r"^CRS(\d+)RES(\d+)mN(\d+)E(\d+)$"
# Files of cells beside those of INSEE, and what a cell of each is, in metres; a block has none.
_OTHERS = {"eurostat": 1_000, "zensus": 100, "blocks": 0}
_COLUMNS = ("id", "residents", "households", "lon", "lat")
# A block whose point is farther from an address than this does not hold it, in metres.
_REACH = 2_000.0


def read_cells(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read counts of residents in small areas, as their offices publish them.

    Parameters
    ----------
    path : str or path
        A CSV file, plain or ``.gz``. Of INSEE (Filosofi, 200 m) its columns are ``ind, men,
        men_1ind, men_5ind, men_coll, men_mais`` in any case, and either ``x_laea, y_laea`` or
        an INSPIRE identifier (``idcar_200m``, ``IdINSPIRE``, ``Idcar``) such as
        ``CRS3035RES200mN2883400E3768200``; of Eurostat (1 km) ``GRD_ID, T``; of the German census
        (100 m) ``GITTER_ID_100m, Einwohner``; of American blocks ``GEOID20, POP20, HOUSING20,
        INTPTLAT20, INTPTLON20``.

    Returns
    -------
    pandas.DataFrame
        One row a cell: cell (0..n-1), x_laea, y_laea (lower-left corner, metres, EPSG:3035),
        then residents, and households: all, of one person, of five or more, in buildings,
        in houses (float, 0 or more: the office publishes means of imputed cells). Of other offices
        than INSEE what they do not count follows from residents by French averages, and
        `cells_notes` notes it; `metres` is the side of a cell, and ``lon, lat`` a point inside of a
        block instead of a corner. A hidden count has its range in residents_low, residents_high.

    Raises
    ------
    ReadError
        The file is missing, empty, or is no text table.
    SchemaError
        A column is missing, a count is missing or negative, or a cell stands twice.
    GeometryError
        The cells are of another grid than EPSG:3035 at 200 m.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> rows = "idcar_200m,ind,men,men_1ind,men_5ind,men_coll,men_mais\\n"
    >>> rows += "CRS3035RES200mN2883400E3768200,25.5,10,3,1,6,4\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder, "cells.csv").write_text(rows)
    ...     float(read_cells(Path(folder, "cells.csv"))["residents"][0])
    25.5
    """
    raw, name, kind = _read(path)
    if kind != "cells":
        return _other_cells(raw, name, kind)
    x, y = _corners(raw, name)
    cells = pd.DataFrame({"cell": np.arange(len(raw)), "x_laea": x, "y_laea": y})
    for ours, theirs in _COUNTS.items():
        count = _numbers(raw[theirs])
        bad = int((~np.isfinite(count) | (count < 0)).sum())
        if bad:
            needed = f"column '{theirs}' of {name} to hold numbers of 0 or more"
            came = f"{bad:,} cells of {len(raw):,} that do not"
            do = "Take the file as the statistical office publishes it."
            raise SchemaError.of("read_cells", needed, came, do)
        cells[ours] = count
    doubled = int(cells.duplicated(["x_laea", "y_laea"]).sum())
    if doubled:
        came = f"{doubled:,} cells that stand again"
        raise SchemaError.of("read_cells", f"each cell of {name} once", came)
    return cells


def _other_cells(raw: pd.DataFrame, name: str, kind: str) -> pd.DataFrame:
    """Return the cells of another office than INSEE; see `read_cells`."""
    headers, cells = _HEADERS[kind], pd.DataFrame({"cell": np.arange(len(raw))})
    metres = _OTHERS[kind]
    if metres:
        x, y = _corners(raw, name, metres)
        cells = cells.assign(x_laea=x, y_laea=y, metres=metres)
    else:
        cells["lon"], cells["lat"] = (_numbers(raw[headers[axis]]) for axis in ("lon", "lat"))
        if off := int((~np.isfinite(cells[["lon", "lat"]]).all(axis=1)).sum()):
            came = f"{off:,} of {len(raw):,} without"
            raise GeometryError.of("read_cells", f"a point inside of each block of {name}", came)
    text = raw[headers["residents"]].str.strip()
    hidden = (text.map(canonical) == canonical(headers.get("hidden", "."))).to_numpy()
    most = float(headers.get("hidden_up_to", 0))
    residents = np.where(hidden, most / 2, _numbers(text.where(~hidden, "0")))
    if bad := int((~np.isfinite(residents) | (residents < 0)).sum()):
        needed = f"column '{headers['residents']}' of {name} to hold numbers of 0 or more"
        raise SchemaError.of("read_cells", needed, f"{bad:,} cells of {len(raw):,} that do not")
    key = raw[headers["id"]]
    if doubled := int(key.duplicated().sum()):
        came = f"{doubled:,} cells that stand again"
        raise SchemaError.of("read_cells", f"each cell of {name} once", came)
    typical = _HEADERS["typical"]
    households = np.ceil(residents / typical["size"])
    if "households" in headers:
        # Units that stand empty are no households.
        households = np.minimum(_numbers(raw[headers["households"]]), residents)
    shares = {name: households * typical[name] for name in ("one_person", "five_plus", "in_houses")}
    cells = cells.assign(residents=residents, households=households, **shares)
    cells["in_buildings"] = households - cells["in_houses"]
    if hidden.any():
        cells["residents_low"] = np.where(hidden, 0.0, residents)
        cells["residents_high"] = np.where(hidden, most, residents)
    return cells


def cells_notes(cells: pd.DataFrame) -> tuple[Note, ...]:
    """Note what of the counts of cells was assumed."""
    notes = []
    if "metres" in cells or "lon" in cells:
        notes.append(Note("households_by_averages"))
    if "lon" in cells:
        notes.append(Note("blocks_by_points"))
    if "residents_high" in cells:
        hidden = cells["residents_low"] < cells["residents_high"]
        most = int(cells["residents_high"][hidden].max()) if hidden.any() else 0
        notes.append(Note("counts_hidden", cells=int(hidden.sum()), most=most))
    return tuple(notes)


def cell_centres(cells: pd.DataFrame, crs: str, *, who: str) -> Floats:
    """Return the middle of each cell, or the point inside of each block, in a CRS."""
    if "lon" in cells:
        return project(*cells[["lon", "lat"]].to_numpy(float).T, source=LONGITUDE_LATITUDE,
                       target=crs, who=who)  # fmt: skip
    corner = cells[["x_laea", "y_laea"]].to_numpy(dtype=float) + cell_metres(cells) / 2
    return project(*corner.T, source=CELL_CRS, target=crs, who=who)


def cell_metres(cells: pd.DataFrame) -> int:
    """Return the side of the cells."""
    return int(cells["metres"].iloc[0]) if "metres" in cells and len(cells) else CELL_METRES


def cell_of(base: AddressBase, cells: pd.DataFrame) -> Ints:
    """Return the cell in which each address lies.

    Parameters
    ----------
    base : AddressBase
        Real addresses, in any known projection.
    cells : pandas.DataFrame
        As `read_cells` gives them.

    Returns
    -------
    int64, shape (n addresses,)
        Row of the cell in `cells`, -1 where no cell holds the address. A cell holds its left and
        lower edges. An address is taken to be of the block whose point is nearest, within 2 km.
    """
    if "lon" in cells:
        from scipy.spatial import cKDTree

        gap, nearest = cKDTree(cell_centres(cells, base.crs, who="cell_of")).query(base.xy)
        return np.where(gap <= _REACH, nearest, -1).astype(np.int64)
    columns_present("cell_of", "corner", ("x_laea", "y_laea"), cells.columns, "the cells")
    metres = cell_metres(cells)
    at = project(*base.xy.T, source=base.crs, target=CELL_CRS, who="cell_of")
    corner = (np.floor(at / metres) * metres).astype(np.int64)
    known = pd.MultiIndex.from_frame(cells[["x_laea", "y_laea"]])
    wanted = pd.MultiIndex.from_arrays([corner[:, 0], corner[:, 1]])
    return np.asarray(known.get_indexer(wanted), dtype=np.int64)


def cells_within(
    cells: pd.DataFrame, base: AddressBase, around: AddressBase | None = None
) -> pd.DataFrame:
    """Take the part of each cell that belongs to the commune of `base`.

    Cells straddle borders, and a file of cells covers neighbours too. Each count is multiplied
    by the commune's share of the addresses of its cell; cells without an address of the commune
    are left out. Residents of a neighbour counted at addresses of the commune would
    understate re-identification.

    Parameters
    ----------
    cells : pandas.DataFrame
        As `read_cells` gives them.
    around : AddressBase, optional
        Addresses of the commune and of its neighbours. Without them, a cell that holds an address
        of the commune is taken whole.

    - returns: The same columns, with cells renumbered from 0; counts are floats of 0 or more.
    """
    ours, every = (
        np.bincount(where[where >= 0], minlength=len(cells))
        for where in (cell_of(base, cells), cell_of(base if around is None else around, cells))
    )
    held = np.flatnonzero(ours)
    if not len(held):
        came = f"{len(cells):,} cells that hold none of {len(base):,} addresses"
        do = "Take the cells of that place."
        raise ParameterError.of("cells_within", "cells of the commune", came, do)
    # Two editions of an address file may differ: a share is never above 1.
    share = np.minimum(ours[held] / np.maximum(every[held], 1), 1.0)
    part = cells.iloc[held].reset_index(drop=True)
    counts = [*_COUNTS, *({"residents_low", "residents_high"} & {*part})]
    scaled = {name: part[name].to_numpy(dtype=float) * share for name in counts}
    return part.assign(cell=np.arange(len(part)), **scaled)


def _read(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, str, str]:
    """Read the columns of a file of cells that are known, its name, and whose it is."""
    what, who = "cells with counts", "read_cells"
    if file_kind(first_bytes(path, who=who, what=what)) not in ("text", ""):
        table = read_frame(path, who=who, gives="table")
        raw = pd.DataFrame({fold(str(c)): table.frame[c].astype("str") for c in table.frame})
        # The point of a block is that of its geometry where no column holds it.
        axes = zip(("lon", "lat"), table.location, strict=False)
        for column, at in ((_HEADERS["blocks"][axis], fold(at)) for axis, at in axes):
            raw[column] = raw.get(column, raw[at])
        columns, name = list(raw.columns), table.name
        kind, known = _kind_of(columns, name)
        return raw[[c for c in columns if c in known]], name, kind
    file = inspect_text_file(path, who=who, what=what)
    kind, known = _kind_of([fold(column) for column in file.columns], file.name)
    return bare_cells(file, who=who, what=what, only=known), file.name, kind


def _kind_of(columns: list[str], name: str) -> tuple[str, set[str]]:
    """Return whose file of cells has these columns, and which of them are read."""
    for kind in _OTHERS:
        known = [_HEADERS[kind][c] for c in _COLUMNS if c in _HEADERS[kind]]
        if {*known[:2]} <= {*columns}:
            columns_present("read_cells", "column", known, columns, name)
            return kind, {*known}
    columns_present("read_cells", "count", _COUNTS.values(), columns, name)
    return "cells", {*_COUNTS.values(), *_IDENTIFIERS, "x_laea", "y_laea"}


def _corners(raw: pd.DataFrame, name: str, metres: int = CELL_METRES) -> tuple[Ints, Ints]:
    """Return the lower-left corners of cells of a side, by their identifiers."""
    named = (*_IDENTIFIERS, *(_HEADERS[kind]["id"] for kind, side in _OTHERS.items() if side))
    identifier = next((known for known in named if known in raw.columns), None)
    if identifier is None:
        columns_present("read_cells", "corner", ("x_laea", "y_laea"), raw.columns, name)
        x, y = _numbers(raw["x_laea"]), _numbers(raw["y_laea"])
    else:
        columns_present("read_cells", "corner", (identifier,), raw.columns, name)
        parts = raw[identifier].str.extract(_CORNER)
        other = int(((parts[0] != "3035") | (parts[1] != str(metres))).sum())
        if other:
            came = f"{other:,} cells of {len(raw):,} in {name} on another grid"
            do = f"Take the file of {metres} m cells as its office publishes it."
            raise GeometryError.of("read_cells", f"cells of the grid CRS3035RES{metres}m", came, do)
        x, y = _numbers(parts[3]), _numbers(parts[2])
    whole = np.isfinite(x) & np.isfinite(y) & (x % metres == 0) & (y % metres == 0)
    if off := int((~whole).sum()):
        needed = f"lower-left corners in EPSG:3035 on whole multiples of {metres} m"
        came = f"{off:,} cells of {len(raw):,} in {name} elsewhere"
        do = "Take the cells' corners, not their centres."
        raise GeometryError.of("read_cells", needed, came, do)
    return x.astype(np.int64), y.astype(np.int64)


def _numbers(column: pd.Series) -> Floats:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


PYRAMID_COLUMNS = ("year", "sex", "age", "population")
BIRTH_UNITS = ("birth_date", "birth_month", "birth_year")

PACKAGED_PYRAMID = Path(__file__).parent / "data" / "pyramid-france.csv"
# Overseas collectivities and islands: communes, but not in the national pyramid.
_COLLECTIVITIES = ("975", "977", "978", "984", "986", "987", "988", "989")


def read_communes(path: str | os.PathLike[str], *, collectivities: bool = False) -> pd.DataFrame:
    """Read the communes of France and how many people live in each.

    Parameters
    ----------
    path : str or path
        A CSV file, plain or ``.gz``, with a code, a departement and a population; the headers
        of INSEE (``CODGEO``, ``PMUN``) and of the open data sets made of it are known.
    collectivities : bool
        Include the communes of the overseas collectivities (975, 977, 978, 984 to 989), which
        the population of France, and its age pyramid, do not count.

    Returns
    -------
    pandas.DataFrame
        One row a commune: commune, name, departement, region (str), population (int64).

    Raises
    ------
    ReadError
        The file is missing, empty, or is no text table.
    SchemaError
        A column is missing, a population is missing, negative or no number, or a commune
        stands twice.

    Notes
    -----
    Rows of a country, region or departement, and the arrondissements of a commune that is there
    as a whole, are no communes: see `communes_and_others`.

    Examples
    --------
    >>> import tempfile
    >>> rows = "CODGEO,DEP,LIBGEO,PMUN\\n01001,01,Abergement,832\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder, "communes.csv").write_text(rows)
    ...     read_communes(Path(folder, "communes.csv"))[["commune", "population"]].values.tolist()
    [['01001', 832]]
    """
    return communes_and_others(path, collectivities=collectivities)[0]


# A code of INSEE; arrondissements that are counted in a commune too.
_CHANGED = r"^'?(\d[\dAB]) ?(\d{2,3})(?:\.0)?$"
_COMMUNE = r"(?:0[1-9]|[1-8]\d|9[0-578]|2[AB])\d{3}"
_ARRONDISSEMENTS = {"75056": r"751\d\d", "69123": r"6938\d", "13055": r"132\d\d"}
# Share of the codes of one kind from which on others are of something else; rows, and share of
# everybody, from which on a row under no code of a commune counts the others together.
_OF_ONE_KIND, _SEVERAL, _COUNTRY = 0.9, 10, 0.4


def communes_and_others(
    path: str | os.PathLike[str], *, collectivities: bool = False
) -> tuple[pd.DataFrame, dict[Note, int]]:
    """Read communes as `read_communes` does; count the rows that were set aside, by reason."""
    what = "a file of communes and their population"
    file = inspect_text_file(path, who="read_communes", what=what)
    raw = bare_cells(file, who="read_communes", what=what)
    frame = _named(raw, _HEADERS["communes"], "read_communes", Path(path).name, ("name", "region"))
    frame["population"] = whole_counts(frame["population"], "read_communes")
    for column in ("commune", "name", "departement", "region"):
        frame[column] = frame[column].fillna("").astype("str")
    # As programs change codes: 94046.0, 94 046, '94046.
    frame["commune"] = frame["commune"].str.strip().str.replace(_CHANGED, r"\1\2", regex=True)
    if 2 * frame["commune"].str.fullmatch(_COMMUNE).sum() > len(frame):
        # Of numbers a spreadsheet drops the first zero.
        frame["commune"] = frame["commune"].str.replace(r"^([1-9]\d{3})$", r"0\1", regex=True)
    code, people = frame["commune"], frame["population"]
    french = code.str.fullmatch(_COMMUNE)
    other = ~french if french.mean() >= _OF_ONE_KIND else code.eq("")
    if len(frame) > _SEVERAL:
        # A commune may hold as much of its departement: Marseille, 43 % in 2021.
        other |= (people > _COUNTRY * people.sum()) & ~french
    part = pd.Series(False, index=frame.index)
    for whole_town, parts in _ARRONDISSEMENTS.items():
        if code.eq(whole_town).any():
            part |= code.str.fullmatch(parts)
    frame = frame[~(other | part)]
    if frame["commune"].duplicated().any():
        raise SchemaError.of("read_communes", "each commune once", "a code that stands twice")
    if not collectivities:
        frame = frame[~frame["departement"].isin(_COLLECTIVITIES)]
    counts = {"no_commune": int(other.sum()), "arrondissement": int((part & ~other).sum())}
    aside = {Note(key): n for key, n in counts.items() if n}
    return frame.reset_index(drop=True), aside


def read_pyramid(
    path: str | os.PathLike[str] | None = None, *, year: int | None = None
) -> pd.DataFrame:
    """Read an age pyramid: residents by sex and age on 1 January.

    Parameters
    ----------
    path : str or path, optional
        A CSV file with the columns ANNEE, SEXE, AGE, POP, as the French statistical office
        gives it for its interactive pyramid, or year, sex, age, population. Without a path,
        the pyramid of France on 1 January 2024 that comes with the package (source in its
        header: INSEE, provisional figures, 68,373,433 people).
    year : int, optional
        Which year of the file; the last one where not given.

    Returns
    -------
    pandas.DataFrame
        One row a sex and age: year, sex (F, M), age (completed years, the last age standing
        for itself and over), population (int64).

    Raises
    ------
    ReadError
        The file is missing, empty, or is no text table.
    SchemaError
        A column is missing, a count is missing or negative, a sex is neither F nor M, an age
        stands twice, or the year is not in the file.

    Examples
    --------
    >>> pyramid = read_pyramid()
    >>> len(pyramid), int(pyramid["population"].sum())
    (200, 68373433)
    """
    source = PACKAGED_PYRAMID if path is None else path
    what = "an age pyramid"
    file = inspect_text_file(source, who="read_pyramid", what=what, comment="#")
    raw = bare_cells(file, who="read_pyramid", what=what)
    frame = _named(raw, _HEADERS["pyramid"], "read_pyramid", Path(source).name, ())
    # INSEE writes the open age "99 ou +" in some releases of the same file.
    frame["age"] = frame["age"].astype("str").str.extract(r"^(\d+)", expand=False)
    for column in ("year", "age", "population"):
        frame[column] = whole_counts(frame[column], "read_pyramid", column)
    frame["sex"] = frame["sex"].astype("str").replace({"H": "M", "1": "M", "2": "F"})
    if not frame["sex"].isin(["F", "M"]).all():
        raise SchemaError.of("read_pyramid", "sex F or M", "another word", "Drop totals.")
    chosen = int(frame["year"].max()) if year is None else whole("read_pyramid", "year", year, 0)
    frame = frame[frame["year"] == chosen]
    if frame.empty:
        raise SchemaError.of("read_pyramid", "a year of the file", f"year={chosen}")
    if frame.duplicated(["sex", "age"]).any():
        raise SchemaError.of("read_pyramid", "each sex and age once", "one that stands twice")
    return frame.reset_index(drop=True)


def birth_cells(
    pyramid: pd.DataFrame, *, birth: str = "birth_date", sex: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a pyramid in cells of one sex and one date, month or year of birth.

    A person of age `a` on 1 January of year y was born in year y - 1 - a. Births
    spread evenly over the days of their year (366 in a leap year). The last, open age counts
    as one year, which makes the very old look less unique than they are.

    Parameters
    ----------
    pyramid : pandas.DataFrame
        As `read_pyramid` gives it.
    birth : {"birth_date", "birth_month", "birth_year"}
        How precisely the birth is known.

    Returns
    -------
    tuple[ndarray, ndarray]
        Probability of one cell of each kind, and the number of cells of that kind.
    """
    one_of("birth_cells", "birth", birth, BIRTH_UNITS)
    columns_present("birth_cells", "column", PYRAMID_COLUMNS, pyramid.columns, "the pyramid")
    keys = ["sex", "age"] if sex else ["age"]
    people = pyramid.groupby(keys, as_index=False).agg(
        population=("population", "sum"), year=("year", "first")
    )
    share = people["population"].to_numpy(float) / people["population"].sum()
    born = people["year"].to_numpy() - 1 - people["age"].to_numpy()
    leap = (born % 4 == 0) & ((born % 100 != 0) | (born % 400 == 0))
    days = np.where(leap, 366, 365)
    if birth == "birth_year":
        return share, np.ones(len(share), np.int64)
    if birth == "birth_date":
        return share / days, days
    # Months of 31, 30 and 28 or 29 days: three kinds of cells a year.
    length = np.stack([np.full(len(days), 31), np.full(len(days), 30), days - 337], axis=1)
    months = np.broadcast_to([7, 4, 1], length.shape)
    return (share[:, None] * length / days[:, None]).ravel(), months.ravel().astype(np.int64)


def _named(
    raw: pd.DataFrame,
    headers: dict[str, str],
    who: str,
    source: str,
    optional: tuple[str, ...],
) -> pd.DataFrame:
    """Give our names to the columns that are known under any of several headers.

    Of several known headers the first of our list is taken: PMUN before PTOT. Two that are written
    otherwise and are one word are refused as ambiguous.
    """
    have = list(map(str, raw.columns))
    words = [slug(column) for column in have]
    columns = {}
    for name, known in headers.items():
        word = next((k for k in known.split() if k in words), "")
        alike = list(dict.fromkeys(c for c, w in zip(have, words, strict=True) if w == word != ""))
        if len(alike) > 1:
            came = f"{len(alike)} in {source}: {', '.join(map(repr, alike))}"
            raise SchemaError.of(who, f"one column for {name}", came, "Drop or rename the others.")
        if alike or name not in optional:
            # One that stands twice is refused like one that is not there.
            columns_present(who, "column", alike or [name], have, source)
        columns[name] = raw[alike[0]] if alike else pd.Series("", raw.index)
    return pd.DataFrame(columns)


def whole_counts(column: pd.Series, who: str, name: str = "population") -> pd.Series:
    """Read a column of counts, which may be text with spaces, as int64.

    Examples
    --------
    >>> whole_counts(pd.Series(["1 284", "7"]), "read_communes").tolist()
    [1284, 7]
    """
    plain = column.astype("str").str.replace("[\\s\u00a0\u202f]", "", regex=True)
    number = pd.to_numeric(plain, errors="coerce")
    # Of 2.11E+06 a program left the other digits out.
    number[plain.str.contains("e", case=False)] = np.nan
    if bad := int((number.isna() | (number < 0) | (number % 1 != 0)).sum()):
        raise SchemaError.of(who, f"{name} a whole number of 0 or more", f"{bad} rows without")
    return number.astype(np.int64)
