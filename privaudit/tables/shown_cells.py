"""What the cells of each column show, of which rows: a name, a faith by a diet, a birth abroad."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from privaudit.tables.answers import OF_SOME, sides_in, tells_none
from privaudit.tables.contact_shapes import HASHED
from privaudit.tables.free_text import speaks_of
from privaudit.tables.headers import SHOWN
from privaudit.tables.hints import ABROAD, abroad_in, diets_in, of_one_sex, partners_in
from privaudit.tables.recognise import Held, cells_of, filled

__all__ = ["HINTED", "are_hashed", "hinted_in", "shown_by", "told_by_hints", "told_in"]

# Kinds of columns whose cells are read by what they may hint at.
HINTED = (*ABROAD, "couple", "diet")


def shown_by(frame: pd.DataFrame, known: Mapping[str, Held]) -> dict[tuple[str, str], np.ndarray]:
    """Say for each kind, and each column that shows it, which rows do.

    A note may show an e-mail, a telephone, an address, or somebody else's name as well.

    Returns
    -------
    dict of (kind, column) to ndarray of bool, shape (n,)
        Those that some row shows.
    """
    found = {}
    for column, one in known.items():
        if one.kind in SHOWN:
            found[one.kind, column] = _shows(frame[column], one.kind)
        if one.kind in HINTED:
            hinted = hinted_in(frame, column, known)
            found |= {(what, column): hits for what, hits in hinted.items()}
    own = [""] * len(frame)
    for column in (column for column, one in known.items() if one.kind == "name"):
        own = [f"{a} {b}" for a, b in zip(own, cells_of(frame[column]), strict=True)]
    for column in (column for column, one in known.items() if one.kind == "note"):
        cells = cells_of(frame[column])
        for kind, rows in (told_in(cells, own) | {"support": sides_in(cells)}).items():
            found[kind, column] = found.get((kind, column), np.zeros(len(frame), bool)) | rows
    return {key: rows for key, rows in found.items() if rows.any()}


def _shows(column: pd.Series, kind: str) -> np.ndarray:
    """Say which cells of a column show its kind: "no" tells of no illness and of no union."""
    there = filled(column)
    if kind not in OF_SOME or not there.any():
        return there
    codes, levels = pd.factorize(column.astype("str"))
    says = [not tells_none(str(level)) for level in levels]
    return np.asarray(there & np.array([*says, False])[codes])


def hinted_in(frame: pd.DataFrame, column: str, known: Mapping[str, Held]) -> dict[str, np.ndarray]:
    """Say what a column of hints tells, and of which rows: a birth abroad, a faith by a diet.

    Examples
    --------
    >>> from privaudit.tables.recognise import held
    >>> born = pd.DataFrame({"lieu_naissance": ["Paris", "Oran"]})
    >>> hinted_in(born, "lieu_naissance", held(born))["abroad"].tolist()
    [False, True]
    """
    kind, cells = known[column].kind, cells_of(frame[column])
    if kind == "diet":
        return diets_in(cells, column)
    if kind == "couple":
        other = partners_in({c: one.kind for c, one in known.items()})
        if other is None or other[1] != column:
            return {}
        return {"sex_life": of_one_sex(cells_of(frame[other[0]]), cells)}
    return {"abroad": abroad_in(cells, kind)}


def told_by_hints(frame: pd.DataFrame, known: Mapping[str, Held]) -> list[str]:
    """Return the columns of diets and couples whose cells tell a faith, an illness, a sex life.

    Examples
    --------
    >>> from privaudit.tables.recognise import held
    >>> pupils = pd.DataFrame({"Menu": ["standard", "sans porc"]})
    >>> told_by_hints(pupils, held(pupils))
    ['Menu']
    """
    columns = [c for c, one in known.items() if one.kind in ("diet", "couple") and c in frame]
    return [c for c in columns if any(hits.any() for hits in hinted_in(frame, c, known).values())]


def told_in(cells: list[str], own: list[str]) -> dict[str, np.ndarray]:
    """Say which notes hold an e-mail, a telephone, an address, or tell of somebody else.

    - `own`: The name of whom each is about.

    Examples
    --------
    >>> said = told_in(["Sa femme Sylvie a ouvert, 06 12 34 56 78"], own=["Éric Meyer"])
    >>> [kind for kind, rows in said.items() if rows[0]]
    ['phone', 'others']
    """
    said = speaks_of(cells, own)
    return {kind: said[kind] for kind in ("email", "phone", "address", "others")}


def are_hashed(column: pd.Series) -> bool:
    """Say whether passwords are kept as systems keep them, and not to be read.

    Examples
    --------
    >>> are_hashed(pd.Series(["$2y$10$abc", "$2y$10$def"])), are_hashed(pd.Series(["azerty"]))
    (True, False)
    """
    cells = [cell for cell in cells_of(column) if cell]
    return 2 * sum(HASHED.match(cell) is not None for cell in cells) >= len(cells)
