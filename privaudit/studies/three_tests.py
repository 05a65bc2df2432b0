"""The three tests of WP216 (opinion 05/2014 on anonymisation), from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.headers import DIRECT
from privaudit.columns.recognise import Held, held, shown_by
from privaudit.columns.roles import Roles
from privaudit.core.policy import SMALL_CELL
from privaudit.release.release import TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.studies.inspect import inspect
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

# Sensitive columns that are looked at.
_MOST_SENSITIVE = 2


def three_tests(
    table: pd.DataFrame | TableRelease | None = None,
    dots: pd.DataFrame | None = None,
    *,
    families: Mapping[str, Measures] | None = None,
    roles: Roles | None = None,
) -> Measures:
    """Say of a table, and of a map, what each of the three tests comes to.

    Parameters
    ----------
    table : pandas.DataFrame or TableRelease, optional
        With its roles where they are known; else those that `inspect` proposes.
    dots : pandas.DataFrame, optional
        What stands in a map, coordinates too.
    families : mapping of str to Measures, optional
        What was measured besides: "linked" tells whether both can be linked.
    roles : Roles, optional
        Those of the table, where an inventory proposed them already.

    Returns
    -------
    Measures
        Family "wp216", 0 is safe, of what ``tested`` says. A set that fails one is anonymous after
        a detailed analysis only.

        - singling_out: share of the records that name somebody, or whom the key sets apart; of
          the dots that do, or that stand alone at their point.
        - linkability: share that another file can be linked to by a name, a contact, an account,
          an address or a point; ``tested="both"``: of the dots whom the table names, net.
        - inference: share of the guesses of an opinion that are right for whoever knows the key.
          Baseline: for whoever knows nothing; control: about people who are not in the table.

    Examples
    --------
    >>> people = pd.DataFrame({"nom": ["Petit", "Roux"], "sexe": ["F", "M"]})
    >>> three_tests(people).value("singling_out", tested="table")
    1.0
    """
    rows = Rows(0, "records")
    if table is not None:
        _of_table(rows, table, roles)
    if dots is not None and len(dots):
        _of_map(rows, dots)
    linked = (families or {}).get("linked")
    named = [row for row in linked.rows if row.measure == "dot_named"] if linked else []
    if named:
        rows.put(replace(named[-1], measure="linkability", part={"tested": "both"}))
    return Measures(family="wp216", rows=rows, recipe={"stage": "wp216"})


def _of_table(
    rows: Rows, table: pd.DataFrame | TableRelease, proposed: Roles | None = None
) -> None:
    frame = table if isinstance(table, pd.DataFrame) else table.records
    if not len(frame):
        return
    known = held(frame)
    roles = Roles() if isinstance(table, pd.DataFrame) else table.roles
    if not roles.key:
        roles = inspect(frame).roles if proposed is None else proposed
    key = [c for c in roles.key if c in frame]
    worth = [c for c in roles.sensitive if c in frame and c not in key][:_MOST_SENSITIVE]
    roles = Roles(key=tuple(key), sensitive=tuple(worth))
    found = measure(frame[[*key, *worth]], roles) if key else None
    alone = np.zeros(len(frame), dtype=bool)
    if found is not None:
        scores: Any = found.per_record
        alone = scores["prosecutor_risk"].to_numpy() >= 1
    told: dict[str, Any] = {"counts": "records", "part": {"tested": "table"}}
    by_name, linkable = _shown(frame, known, DIRECT), _shown(frame, known, (*DIRECT, "address"))
    keys = (Note("wp216_key", columns=tuple(key)),) if key else ()
    rows.share("singling_out", by_name | alone, keys, **told)
    rows.share("linkability", linkable, **told)
    if found is not None:
        guesses = [_known(r) for r in found.rows if r.measure == "vulnerability_posterior"]
        if guesses:
            worst = max(guesses, key=lambda r: r.value - _else(r.control, _else(r.baseline, 0)))
            rows.put(replace(worst, measure="inference", part={"tested": "table"}))


def _known(row: Row) -> Row:
    """Take a value that all share for known of everybody in the table, without any key."""
    constant = any(note.key == "column_constant" for note in row.notes)
    return replace(row, value=1.0, low=1.0, high=1.0) if constant else row


def _else(value: float, other: float) -> float:
    return value if np.isfinite(value) else other


def _of_map(rows: Rows, dots: pd.DataFrame) -> None:
    from privaudit.io.coordinates import coordinate_pairs

    known = held(dots)
    named = _shown(dots, known, DIRECT)
    place = coordinate_pairs(list(map(str, dots.columns)))
    alone = ~dots[place].duplicated(keep=False).to_numpy() if place else np.zeros(len(dots), bool)
    linkable = named | _shown(dots, known, ("address",)) | bool(place)
    told: dict[str, Any] = {"counts": "dots", "part": {"tested": "map"}}
    rows.share("singling_out", named | alone, **told)
    rows.share("linkability", linkable, **told)


def _shown(frame: pd.DataFrame, known: Mapping[str, Held], kinds: tuple[str, ...]) -> np.ndarray:
    """Say which rows show one of some kinds, in a column of that kind."""
    mine = {c: one for c, one in known.items() if one.kind in kinds}
    hits = list(shown_by(frame, mine).values())
    found: np.ndarray = np.logical_or.reduce([np.zeros(len(frame), dtype=bool), *hits])
    return found


def shown_tests(found: Measures) -> dict[str, Row]:
    """Return the tests that may be told beside the grades, by name: nothing of few people."""
    return {
        f"{row.measure}_{row.part['tested']}": row
        for row in found.rows
        if row.n >= SMALL_CELL and np.isfinite(row.value)
    }
