"""An inventory of a file: what each column is, whom it singles out, and what is absent."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from privaudit._core.policy import NARROWEST_RANGE, SMALL_CELL
from privaudit.results.rows import tidy
from privaudit.roles import Roles
from privaudit.tables.column_roles import ROLES
from privaudit.tables.free_text import HELD
from privaudit.words.note import Note

__all__ = ["Column", "Inventory", "kept", "printed", "withheld"]

_NAN = float("nan")
_COUNTS = ("filled", "distinct", "alone", "adds")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file; counts are of records, nan where they are withheld.

    - `role`: A key of `ROLES`; `kind`: what it holds; `by`: how that is known, and `share`, of the
      cells that show it, where cells do.
    - `declared` ({"declared", "inferred", ""}): Whether people said it, or somebody worked it out.
    - `bound` ({"few", "most", ""}): Which it is where `filled` is withheld: fewer than
    `SMALL_CELL` records,
      or all but as few.
    - `alone`: Records with a value that no other has; `adds`: records that it singles out beyond
      the proposed keys, or, of a key, that would no longer be alone without it.
    - `says`: Records whose cell speaks of something, by what.
    """

    name: str
    role: str
    kind: str
    by: str
    declared: str
    type: str
    formats: tuple[str, ...]
    filled: float
    bound: str = ""
    distinct: float = 0.0
    alone: float = 0.0
    adds: float = 0.0
    says: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Inventory:
    """What a file holds; `printed` leaves out what a report must not tell.

    - `columns`: In the order of the file.
    - `n`: Records. `alone`: those alone with the proposed keys.
    - `roles`: Proposed for `privaudit.measure`.
    - `minors`: Records of people under 18 as of `as_of`; nan where none can be told.
    - `absent`: What no record tells, of `ABSENT`.
    - `system`: Whose export it is, "" where that is not known.
    - `named`: A line of the file names its columns; they are numbered otherwise.
    - `left`: Numbers of other sheets, tables or members of the file, which were not read; `sheet`:
      the one that was asked for, "" where none was.
    - `file`: The name of the file; `name` may be that of a member which was taken out of it.
    """

    name: str
    n: int
    columns: tuple[Column, ...]
    roles: Roles
    alone: float
    as_of: datetime.date
    minors: float
    births: str
    absent: tuple[str, ...]
    system: str = ""
    notes: tuple[Note, ...] = ()
    named: bool = True
    left: tuple[int, ...] = ()
    sheet: str = ""
    file: str = ""

    @property
    def is_map(self) -> bool:
        """Whether its records have a place: two columns of coordinates, or one of points."""
        spots = [column for column in self.columns if column.kind == "spot"]
        return len(spots) > 1 or any("point" in column.formats for column in spots)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a column: `column, role`, then what is known of it."""
        rows = [
            {
                "column": one.name,
                "role": ROLES[one.role],
                "holds": one.kind,
                "declared": one.declared,
                "known_by": one.by,
                "type": one.type,
                "formats": " ".join(one.formats),
                "records": self.n,
                "filled": one.filled,
                "filled_bound": one.bound,
                "fill_rate": round(one.filled / self.n, 4),
                "distinct": one.distinct,
                "alone": one.alone,
                "alone_share": round(one.alone / self.n, 4),
                "adds": one.adds,
                "proposed": next(
                    (r for r in ("identifier", "key", "sensitive")
                     if one.name in getattr(self.roles, r)), ""),
                **{f"says_{what}": one.says.get(what, 0.0) for what in (*HELD, "abroad")},
            }
            for one in self.columns
        ]  # fmt: skip
        found = pd.DataFrame(rows)
        counts = [c for c in map(str, found) if c in _COUNTS or c.startswith("says_")]
        return found.astype(dict.fromkeys(counts, "Int64"))

    def to_frame(self) -> pd.DataFrame:
        """Return the inventory as a tidy frame: a row a column of the file, n its records."""
        return tidy(self.frame.rename(columns={"records": "n"}))

    def of_role(self, *roles: str) -> tuple[Column, ...]:
        """Return the columns of some roles that some record fills."""
        return tuple(one for one in self.columns if one.role in roles and one.filled != 0)

    def __repr__(self) -> str:
        special = len(self.of_role("special", "inferred", "text_special"))
        return (
            f"Inventory({self.name}, {self.n:,} records, {len(self.columns)} columns, "
            f"{special} of a special category)"
        )

    def _repr_html_(self) -> str:
        # A notebook is passed on: of a file it shows what a report of it would.
        of = printed(self) if self.file else self
        shown = of.frame.loc[:, :"proposed"]
        return f"<p>{self!r}</p>{shown.to_html(index=False, escape=True, na_rep='')}"


def kept(count: float, n: float = math.inf) -> float:
    """Return a count, or nan where it, or what is left of n, is of fewer than `SMALL_CELL` records.

    Examples
    --------
    >>> kept(0, 300), kept(10, 300), kept(290, 300), kept(300, 300)
    (0, nan, nan, 300)
    """
    return _NAN if 0 < count < SMALL_CELL or 0 < n - count < SMALL_CELL else count


def printed(found: Inventory, *, gaps_told: bool = False) -> Inventory:
    """Return an inventory without numbers of fewer than `SMALL_CELL` records, or all but as few.

    - `gaps_told`: Blanks are counted elsewhere in the same report; see `withheld`.
    """
    n, alone = found.n, kept(found.alone)
    columns = tuple(
        withheld(one, n, alone if one.name in found.roles.key else _NAN, gaps_told=gaps_told)
        for one in found.columns
    )
    return replace(found, columns=columns, alone=alone, minors=kept(found.minors, n))


def withheld(column: Column, n: int, by_keys: float = _NAN, *, gaps_told: bool = False) -> Column:
    """Take away the counts that would tell of fewer than `SMALL_CELL` records.

    Those that bound another from below or above go with it: there are no more values than filled
    cells, and no more of them alone; of those alone by all keys, whom one adds are not so without
    it.

    - `by_keys`: Of a key, the records that are alone by all of them.
    - `gaps_told`: Blanks are counted elsewhere in the same report: no use in withholding a few.
    """
    hidden = math.isnan(kept(column.filled, math.inf if gaps_told else n))
    alone = kept(column.alone)
    adds = _NAN if math.isnan(kept(abs(column.adds))) else column.adds
    if not math.isnan(by_keys):
        alone = kept(alone, by_keys)
        adds = kept(adds, by_keys)
    says = {
        what: _NAN if hidden or math.isnan(kept(k, column.filled)) else k
        for what, k in column.says.items()
    }
    few = column.filled < SMALL_CELL
    # Whoever knows values and who is alone knows of so many filled cells at least.
    tells = hidden and (few or 2 * column.distinct - column.alone > n - SMALL_CELL)
    # And who knows cells and values, of how many that are alone: of a value that is not, two.
    if math.isnan(alone):
        least = max(1, 2 * column.distinct - column.filled)
        most = column.distinct - (column.filled > column.distinct)
        most = min(most, SMALL_CELL - 1) if column.alone < SMALL_CELL else most
        tells |= most - least < NARROWEST_RANGE
    return replace(
        column,
        filled=_NAN if hidden else column.filled,
        bound="" if not hidden else "few" if few else "most",
        distinct=_NAN if tells else column.distinct,
        alone=_NAN if tells else alone,
        adds=adds,
        says=says,
    )
