"""Households on the 200 m grid that the French statistical office publishes."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from privaudit._core.arrays import Floats, Ints
from privaudit._core.checks import columns_present, say
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.places.address_base import AddressBase
from privaudit.places.projections import project
from privaudit.tables.text_file import look_at
from privaudit.tables.text_table import bare_cells
from privaudit.text.normalise import fold

__all__ = ["CELL_COLUMNS", "CELL_CRS", "CELL_METRES", "cell_of", "cells_within", "read_cells"]

CELL_METRES = 200
CELL_CRS = "EPSG:3035"
# Our name for each count of the Filosofi file.
_COUNTS = {
    "residents": "ind", "households": "men", "one_person": "men_1ind", "five_plus": "men_5ind",
    "in_buildings": "men_coll", "in_houses": "men_mais",
}  # fmt: skip
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
            raise SchemaError(say("read_cells", needed, came, do))
        cells[ours] = count
    doubled = int(cells.duplicated(["x_laea", "y_laea"]).sum())
    if doubled:
        came = f"{doubled:,} cells that stand again"
        raise SchemaError(say("read_cells", f"each cell of {name} once", came))
    return cells


def cell_of(base: AddressBase, cells: pd.DataFrame) -> Ints:
    """Return the cell in which each address lies.

    - `base`: Real addresses, in any known projection.
    - `cells`: As `read_cells` gives them.
    - returns (int64, shape (n addresses,)): Row of the cell in `cells`, -1 where no cell holds the
      address. A cell holds its left and lower edges.
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
    easily they are found.

    - `cells`: As `read_cells` gives them.
    - `around`: Addresses of the commune and of its neighbours. Without them, a cell that holds an
      address of the commune is taken whole.
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
        raise ParameterError(say("cells_within", "cells of the commune", came, do))
    # Two editions of an address file may differ: a share is never above 1.
    share = np.minimum(ours[held] / np.maximum(every[held], 1), 1.0)
    part = cells.iloc[held].reset_index(drop=True)
    scaled = {name: part[name].to_numpy(dtype=float) * share for name in _COUNTS}
    return part.assign(cell=np.arange(len(part)), **scaled)


def _read(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, str]:
    what = "a file of 200 m cells"
    file = look_at(path, who="read_cells", what=what)
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
            raise GeometryError(say("read_cells", "cells of the grid CRS3035RES200m", came, do))
        x, y = _numbers(parts[3]), _numbers(parts[2])
    off = int(
        (~np.isfinite(x) | ~np.isfinite(y) | (x % CELL_METRES != 0) | (y % CELL_METRES != 0)).sum()
    )
    if off:
        needed = "lower-left corners in EPSG:3035 on whole multiples of 200 m"
        came = f"{off:,} cells of {len(raw):,} in {name} elsewhere"
        do = "Take the cells' corners, not their centres."
        raise GeometryError(say("read_cells", needed, came, do))
    return x.astype(np.int64), y.astype(np.int64)


def _numbers(column: pd.Series) -> Floats:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
