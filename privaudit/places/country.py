"""A country as communes and an age pyramid: public counts of residents, no person."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, one_of, say, whole
from privaudit.errors import SchemaError
from privaudit.tables.text_file import look_at
from privaudit.tables.text_table import bare_cells
from privaudit.text.normalise import slug

__all__ = [
    "COMMUNE_COLUMNS", "PACKAGED_PYRAMID", "PYRAMID_COLUMNS", "birth_cells", "read_communes",
    "read_pyramid", "whole_counts",
]  # fmt: skip

COMMUNE_COLUMNS = ("commune", "name", "departement", "region", "population")
PYRAMID_COLUMNS = ("year", "sex", "age", "population")
BIRTH_UNITS = ("birth_date", "birth_month", "birth_year")

PACKAGED_PYRAMID = Path(__file__).parent / "data" / "pyramid-france.csv"
_COMMUNE_HEADERS = {
    "commune": ("commune", "code", "codgeo", "code_insee", "com"),
    "name": ("name", "nom", "libgeo", "nom_commune", "libelle"),
    "departement": ("departement", "dep", "code_departement"),
    "region": ("region", "reg", "code_region"),
    "population": ("population", "pmun", "pop", "ptot"),
}
_PYRAMID_HEADERS = {
    "year": ("year", "annee"),
    "sex": ("sex", "sexe"),
    "age": ("age",),
    "population": ("population", "pop"),
}
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
        Keep the communes of the overseas collectivities (975, 977, 978, 984 to 989), which
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

    Examples
    --------
    >>> import tempfile
    >>> rows = "CODGEO,DEP,LIBGEO,PMUN\\n01001,01,Abergement,832\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder, "communes.csv").write_text(rows)
    ...     read_communes(Path(folder, "communes.csv"))[["commune", "population"]].values.tolist()
    [['01001', 832]]
    """
    what = "a file of communes and their population"
    raw = bare_cells(look_at(path, who="read_communes", what=what), who="read_communes", what=what)
    frame = _named(raw, _COMMUNE_HEADERS, "read_communes", Path(path).name, ("name", "region"))
    frame["population"] = whole_counts(frame["population"], "read_communes")
    for column in ("commune", "name", "departement", "region"):
        frame[column] = frame[column].fillna("").astype("str")
    if frame["commune"].duplicated().any():
        raise SchemaError(say("read_communes", "each commune once", "a code that stands twice"))
    if not collectivities:
        frame = frame[~frame["departement"].isin(_COLLECTIVITIES)]
    return frame.reset_index(drop=True)


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
    file = look_at(source, who="read_pyramid", what=what, comment="#")
    raw = bare_cells(file, who="read_pyramid", what=what)
    frame = _named(raw, _PYRAMID_HEADERS, "read_pyramid", Path(source).name, ())
    # INSEE writes the open age "99 ou +" in some releases of the same file.
    frame["age"] = frame["age"].astype("str").str.extract(r"^(\d+)", expand=False)
    for column in ("year", "age", "population"):
        frame[column] = whole_counts(frame[column], "read_pyramid", column)
    frame["sex"] = frame["sex"].astype("str").replace({"H": "M", "1": "M", "2": "F"})
    if not frame["sex"].isin(["F", "M"]).all():
        raise SchemaError(say("read_pyramid", "sex F or M", "another word", "Drop totals."))
    chosen = int(frame["year"].max()) if year is None else whole("read_pyramid", "year", year, 0)
    frame = frame[frame["year"] == chosen]
    if frame.empty:
        raise SchemaError(say("read_pyramid", "a year of the file", f"year={chosen}"))
    if frame.duplicated(["sex", "age"]).any():
        raise SchemaError(say("read_pyramid", "each sex and age once", "one that stands twice"))
    return frame.reset_index(drop=True)


def birth_cells(
    pyramid: pd.DataFrame, *, birth: str = "birth_date", sex: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a pyramid in cells of one sex and one date, month or year of birth.

    Somebody who is `a` years old on 1 January of year y was born in year y - 1 - a. Births
    spread evenly over the days of their year (366 in a leap year). The last, open age is kept
    as one year, which makes the very old look less unique than they are.

    - `pyramid`: As `read_pyramid` gives it.
    - `birth` ({"birth_date", "birth_month", "birth_year"}): How precisely the birth is known.
    - returns `probability`, `cells`: Probability of one cell of each kind, and the number of cells
      of that kind.
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
    headers: dict[str, tuple[str, ...]],
    who: str,
    source: str,
    optional: tuple[str, ...],
) -> pd.DataFrame:
    """Give our names to the columns that are known under any of several headers.

    Of several known headers the first of our list is taken: PMUN before PTOT. Two that are written
    otherwise and are one word are refused: nothing tells which is meant.
    """
    found: dict[str, list[str]] = {}
    for column in map(str, raw.columns):
        word = slug(column)
        found.setdefault(word, []).append(column)
    columns = {}
    for name, known in headers.items():
        word = next((k for k in known if k in found), "")
        alike = list(dict.fromkeys(found.get(word, ())))
        if len(alike) > 1:
            came = f"{len(alike)} in {source}: {', '.join(map(repr, alike))}"
            raise SchemaError(
                say(who, f"one column for {name}", came, "Drop or rename the others.")
            )
        header = alike[0] if alike else None
        if header is not None or name not in optional:
            # One that stands twice is refused like one that is not there.
            wanted = name if header is None else str(header)
            columns_present(who, "column", [wanted], [str(c) for c in raw.columns], source)
        columns[name] = raw[header] if header is not None else pd.Series("", raw.index)
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
    if number.isna().any() or (number < 0).any() or (number % 1 != 0).any():
        bad = int((number.isna() | (number < 0) | (number % 1 != 0)).sum())
        raise SchemaError(say(who, f"{name} a whole number of 0 or more", f"{bad} rows without"))
    return number.astype(np.int64)
