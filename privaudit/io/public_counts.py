"""Public counts of residents: communes, age pyramid, households on the 200 m grid."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, Ints, columns_present, one_of, whole
from privaudit.core.files import packaged_toml
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import project
from privaudit.io.text_files import inspect_text_file
from privaudit.io.text_tables import bare_cells
from privaudit.text.normalise import fold, slug
from privaudit.words.catalogues import Note

CELL_METRES = 200
CELL_CRS = "EPSG:3035"
_HEADERS = packaged_toml("privaudit.io", "data/public_counts.toml")
# Our name for each count of the Filosofi file.
_COUNTS: dict[str, str] = _HEADERS["cells"]
CELL_COLUMNS = ("cell", "x_laea", "y_laea", *_COUNTS)
_IDENTIFIERS = ("idcar_200m", "idinspire", "idcar")
_CORNER = r"^CRS(\d+)RES(\d+)mN(\d+)E(\d+)$"


def read_cells(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read 200 m cells from the INSEE Filosofi file, as downloaded or with corners spelt out.

    Parameters
    ----------
    path : str or path
        A CSV file, plain or ``.gz``. Its columns are ``ind, men,
        men_1ind, men_5ind, men_coll, men_mais`` in any case, and either ``x_laea, y_laea`` or
        an INSPIRE identifier (``idcar_200m``, ``IdINSPIRE``, ``Idcar``) such as
        ``CRS3035RES200mN2883400E3768200``.

    Returns
    -------
    pandas.DataFrame
        One row a cell: cell (0..n-1), x_laea, y_laea (lower-left corner, metres, EPSG:3035),
        then residents, and households: all, of one person, of five or more, in buildings,
        in houses (float, 0 or more: the office publishes means of imputed cells).

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
    raw, name = _read(path)
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
        lower edges.
    """
    columns_present("cell_of", "corner", ("x_laea", "y_laea"), cells.columns, "the cells")
    at = project(*base.xy.T, source=base.crs, target=CELL_CRS, who="cell_of")
    corner = (np.floor(at / CELL_METRES) * CELL_METRES).astype(np.int64)
    known = pd.MultiIndex.from_frame(cells[["x_laea", "y_laea"]])
    wanted = pd.MultiIndex.from_arrays([corner[:, 0], corner[:, 1]])
    return np.asarray(known.get_indexer(wanted), dtype=np.int64)


def cells_within(
    cells: pd.DataFrame, base: AddressBase, around: AddressBase | None = None
) -> pd.DataFrame:
    """Take the part of each cell that belongs to the commune of `base`.

    Cells straddle borders, and a file of cells covers neighbours too. Each count is multiplied
    by the commune's share of the addresses of its cell; cells without an address of the commune
    are left out. Crowding a neighbour's people behind the border's doors would understate how
    easily they can be re-identified.

    Parameters
    ----------
    cells : pandas.DataFrame
        As `read_cells` gives them.
    around : AddressBase, optional
        Addresses of the commune and of its neighbours. Without them, a cell that holds an address
        of the commune is taken whole.

    - returns: The same columns, with cell counted anew from 0; counts are floats of 0 or more.
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
    scaled = {name: part[name].to_numpy(dtype=float) * share for name in _COUNTS}
    return part.assign(cell=np.arange(len(part)), **scaled)


def _read(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, str]:
    what = "a file of 200 m cells"
    file = inspect_text_file(path, who="read_cells", what=what)
    columns = [fold(column) for column in file.columns]
    columns_present("read_cells", "count", _COUNTS.values(), columns, file.name)
    wanted = {*_COUNTS.values(), *_IDENTIFIERS, "x_laea", "y_laea"}
    return bare_cells(file, who="read_cells", what=what, only=wanted), file.name


def _corners(raw: pd.DataFrame, name: str) -> tuple[Ints, Ints]:
    identifier = next((known for known in _IDENTIFIERS if known in raw.columns), None)
    if identifier is None:
        columns_present("read_cells", "corner", ("x_laea", "y_laea"), raw.columns, name)
        x, y = _numbers(raw["x_laea"]), _numbers(raw["y_laea"])
    else:
        columns_present("read_cells", "corner", (identifier,), raw.columns, name)
        parts = raw[identifier].str.extract(_CORNER)
        other = int(((parts[0] != "3035") | (parts[1] != str(CELL_METRES))).sum())
        if other:
            came = f"{other:,} cells of {len(raw):,} in {name} on another grid"
            do = "Take the file of 200 m cells of metropolitan France."
            raise GeometryError.of("read_cells", "cells of the grid CRS3035RES200m", came, do)
        x, y = _numbers(parts[3]), _numbers(parts[2])
    off = int(
        (~np.isfinite(x) | ~np.isfinite(y) | (x % CELL_METRES != 0) | (y % CELL_METRES != 0)).sum()
    )
    if off:
        needed = "lower-left corners in EPSG:3035 on whole multiples of 200 m"
        came = f"{off:,} cells of {len(raw):,} in {name} elsewhere"
        do = "Take the cells' corners, not their centres."
        raise GeometryError.of("read_cells", needed, came, do)
    return x.astype(np.int64), y.astype(np.int64)


def _numbers(column: pd.Series) -> Floats:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


COMMUNE_COLUMNS = ("commune", "name", "departement", "region", "population")
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
    code, people = frame["commune"].str.strip(), frame["population"]
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
    if bad := int((number.isna() | (number < 0) | (number % 1 != 0)).sum()):
        raise SchemaError.of(who, f"{name} a whole number of 0 or more", f"{bad} rows without")
    return number.astype(np.int64)
