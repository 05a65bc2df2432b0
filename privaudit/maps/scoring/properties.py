"""Attributes shown beside each dot of a map, and the disclosure risk of the table they form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from privaudit.columns.recognise import ColumnKind, column_kinds
from privaudit.columns.roles import Roles
from privaudit.release.inventory import shown_rows
from privaudit.release.release import DotRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

# Kinds of key variables, and of sensitive variables, of the table of dots.
_KEYS, _LEARNT = ("age", "sex", "occupation", "family"), ("support", "origin")
_MOST_KEYS, _MOST_LEVELS = 4, 20
_MEASURES = ("k_anonymity", "sample_uniques", "prosecutor_risk_mean", "vulnerability_posterior")
_PLACE = "place of the dot"


def attributes_of_dots(release: DotRelease, *, exact: bool) -> dict[str, Measures]:
    """Return the measures of the attributes beside dots, by family; none for a picture."""
    if release.picture is not None:
        return {}
    table = dot_table(release, exact=exact)
    return {"properties": dot_properties(release)} | ({} if table is None else {"dot_table": table})


def dot_properties(release: DotRelease) -> Measures:
    """Count the dots beside which a name, an age, a support level or a note stands.

    Parameters
    ----------
    release : DotRelease
        A real map. Columns are known by their headers, in French and English, or by their cells.

    Returns
    -------
    Measures
        Family "properties"; n counts dots, 0 is safe.

        - shown: share of the dots that show ``what``, a kind of `privaudit.columns.headers.KINDS`;
          the notes say by which columns, and how these were known.
        - identified: share that show a name, an e-mail, a telephone or an account.
        - identified_with: of all dots, those that do and show ``what`` as well.
        - shown_without: the same as shown, or identified (``what="identity"``), once the columns
          ``without`` are withheld; baseline: today.
        - unknown_columns: columns of which nothing was recognised.

        No row where the dots have only coordinates, as the notes say.

    Examples
    --------
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.release.read_map import read_map
    >>> place = pd.DataFrame({"id": "1", "number": "1", "street": "rue A", "commune": "Bourg",
    ...                       "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> dots = pd.DataFrame({"x": [1.0] * 4, "y": 2.0, "prenom": ["Anne", "Paul", None, "Léa"]})
    >>> found = dot_properties(read_map(dots, addresses=AddressBase(place, real=False)))
    >>> found.value("shown", what="name"), found.value("identified")
    (0.75, 0.75)
    """
    rows = shown_rows(release.beside, "dots", release.roles)
    notes = () if len(rows) else (Note("only_coordinates"),)
    return _result(release, "properties", rows, notes)


def dot_table(release: DotRelease, *, exact: bool) -> Measures | None:
    """Measure the table that the dots are, with their place as one more key.

    Parameters
    ----------
    release : DotRelease
    exact : bool
        The dots stand on addresses: the place that is known is the nearest address. Otherwise
        it is the point, as it is shown.

    Returns
    -------
    Measures or None
        Family "dot_table", rows of `privaudit.measure` by ``location``: none (what the keys alone
        tell), then address or point, by the keys and sensitive columns of the release's roles, or
        those known by their kinds. Records are dots. None where there is neither a key nor
        anything to learn beside the dots: a place alone is what the attacks on the map are for.
    """
    frame = release.beside
    known = column_kinds(frame)
    roles = release.roles
    keys = list(roles.key) or _columns(known, _KEYS)[:_MOST_KEYS]
    sensitive = list(roles.sensitive) or _columns(known, _LEARNT)
    learnt = [c for c in sensitive if 1 < frame[c].nunique() <= _MOST_LEVELS and c not in keys]
    if not keys and not learnt:
        return None
    table = frame[[*keys, *learnt]].assign(**{_PLACE: _place(release, exact)})
    asked = [("none", keys), ("address" if exact else "point", [*keys, _PLACE])]
    rows: list[Row] = []
    for location, by in asked if keys else asked[1:]:
        measured = measure(table, Roles(key=tuple(by), sensitive=tuple(learnt)), special=1)
        rows += [_of_dots(row, location) for row in measured.rows if row.measure in _MEASURES]
    notes = (Note("keys_of_dots", keys=tuple(keys)),) if keys else ()
    return _result(release, "dot_table", rows, notes)


def _columns(known: Mapping[str, ColumnKind], kinds: tuple[str, ...]) -> list[str]:
    return [column for kind in kinds for column, one in known.items() if one.kind == kind]


def _place(release: DotRelease, exact: bool) -> pd.Series:
    from scipy.spatial import cKDTree

    points = release.records[["x", "y"]].to_numpy(dtype=float)
    if exact:
        return pd.Series(cKDTree(release.backdrop.xy).query(points)[1]).astype("str")
    return pd.Series([f"{x:.0f} {y:.0f}" for x, y in points], dtype="str")


def _of_dots(row: Row, location: str) -> Row:
    """Return a row of a table with dots for records."""
    dots: dict[str, Any] = {
        name: "dots" for name in ("unit", "counts", "of") if getattr(row, name) == "records"
    }
    return replace(row, part={"location": location, **row.part}, **dots)


def _result(release: DotRelease, family: str, rows: Any, notes: tuple[Note, ...]) -> Measures:
    return Measures(
        family=family,
        rows=rows,
        name=release.name,
        provenance=release.provenance,
        notes=notes,
        recipe={"stage": family},
    )
