"""Several versions of one map: which dot of one is which dot of another?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, in_range, one_of, say
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.links import link_certain, link_positions
from privaudit.release.masks import ROUNDING_METRES
from privaudit.release.release import DOT_ID, DotRelease
from privaudit.text.column_names import columns_named
from privaudit.words.note import Note

__all__ = [
    "GREY", "Linked", "check_versions", "id_like", "kinds_of", "link_versions", "not_linked",
    "points_of", "positions_of", "same_metres", "visible_link",
]  # fmt: skip

LINKS = ("auto", "id", "position", "certain", "assignment")
GREY = "visited"
# Share of a version's records whose id must be read.
_MOST = 0.5
# What a dot shows that does not change from version to version: only equal dots are linked.
LASTING = (
    "presumed_leaning", "age_band", "sex", "profession", "interest", "first_name", "last_name",
)  # fmt: skip
# Two writings of one position, each rounded, lie this close.
SAME_METRES = 2 * ROUNDING_METRES
# Standard deviations of a reading within which two readings of one position lie.
_SAME_READINGS = 6.0
# What a link costs besides its length, as a share of the farthest one: a change of colour, red
# after grey (somebody means to come back, which is rare), a copy in between without the dot.
_CHANGED, _RED_AGAIN, _ABSENT = 0.05, 0.4, 0.2
# Where this share of the dots of a version stands where a dot of the next one does, the dots
# were not moved afresh between them.
STILL = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Linked:
    """Which record of each version is the same dot as a record of the last one.

    - `rows` (int64, shape (versions, records of the last version)): Row of each dot in each
      version, -1 where it is not there.
    - `how`: ``"id"``, ``"position"``, ``"certain"``, ``"assignment"`` or ``"weighed"``.
    - `lost`: Records of earlier versions that are linked to no dot of the last one.
    - `column`: The one that linked them, where one did.
    - `unread`: Records of any version whose id is blank, or stands twice in it: linked to none.
    """

    rows: np.ndarray
    how: str
    lost: int
    column: str = ""
    unread: int = 0


def link_versions(
    versions: Sequence[DotRelease],
    *,
    how: str = "auto",
    by: str | None = None,
    farthest: float | None = None,
) -> Linked:
    """Link the dots of the versions of a map, oldest first.

    - `versions`: As leaked, two or more, in order of time.
    - `how` ({"auto", "id", "position", "certain", "assignment"}): Going back from the last version,
      each time to the mean of the positions linked so far. ``"id"``: by the column `by`, which
      every version must show. ``"position"``: dots that stand still; of several on one point,
      those of one colour, and none turns red after grey that need not. ``"certain"``: only where
      one link is possible, if no dot ever leaves the map. ``"assignment"``: one to one, by the
      least squared distance; with fresh noise and dots near one another many such links are wrong.
      ``"auto"``: ids where there are any; positions where half of the dots stand still; what is
      certain otherwise.
    - `by`: The column that numbers the dots, which then links them; default ``dot_id``, where every
      version shows it. See `id_like`.
    - `farthest`: Metres beyond which two positions are not of one dot: twice the reach of the mask.
      Needed for what is certain, and for an assignment.
    """
    check_versions(versions)
    one_of("link_versions", "how", how, LINKS)
    if how == "auto":
        how = visible_link(versions) if by is None else "id"
    if how == "id":
        return _by_id(versions, by or DOT_ID)
    if how == "position":
        return _standing(versions)
    if farthest is None:
        do = "Pass farthest=, twice the reach of the mask."
        needed = "how far apart a dot's positions may be"
        raise ParameterError(say("link_versions", needed, "None", do))
    in_range("link_versions", "farthest", farthest, 0, open_low=True)
    return _by_position(versions, how, float(farthest))


def not_linked(versions: Sequence[DotRelease], linked: Linked) -> tuple[Note, ...]:
    """Say which records no link reaches, and which column might: the numbers leave them out."""
    earlier = sum(len(version) for version in versions[:-1])
    notes = []
    if linked.lost and linked.how == "certain":
        notes.append(Note("links_left_out", records=linked.lost))
    elif linked.lost:
        notes.append(Note("links_to_none", records=linked.lost, of=earlier))
    if linked.unread:
        every = earlier + len(versions[-1])
        notes.append(Note("links_unread", records=linked.unread, of=every, column=linked.column))
    if linked.how != "id":
        # Their names, never their values.
        notes += [Note("column_may_be_id", column=name) for name in id_like(versions)]
    return tuple(notes)


def _by_id(versions: Sequence[DotRelease], column: str) -> Linked:
    who = "link_versions"
    keys, unread = [], 0
    for version in versions:
        own = columns_named([column], version.records.columns)[0]
        columns_present(who, "column", [own], version.records.columns, version.name)
        key = _as_written(version.records[own])
        good = (key != "") & ~key.duplicated(keep=False)
        if good.mean() < _MOST:
            needed = f"values of {column} that stand once in a version, for most of its records"
            came = f"{int((~good).sum()):,} of {len(key):,} blank or a double in {version.name}"
            raise ParameterError(say(who, needed, came, "Name a column that numbers the dots."))
        unread += int((~good).sum())
        keys.append(key.where(good, None))
    # Where each value of the last version stands in each; what is not read is equal to nothing.
    rows = np.array(
        [
            pd.Series(np.arange(len(key)), index=key)[key.notna().to_numpy()]
            .reindex(keys[-1].where(keys[-1].notna(), pd.NA))
            .fillna(-1)
            for key in keys
        ],
        dtype=np.int64,
    )
    rows[-1] = np.arange(len(keys[-1]))
    return Linked(rows=rows, how="id", lost=_lost(versions, rows), column=column, unread=unread)


def _as_written(values: pd.Series) -> pd.Series:
    """Return ids as text, alike whether a file gave them as text, whole numbers or decimals."""
    number = pd.to_numeric(values, errors="coerce") if values.dtype.kind == "f" else None
    if number is not None and (number.dropna() % 1 == 0).all():
        values = number.astype("Int64")
    text = values.astype("str").str.strip()
    return text.where(values.notna(), "")


def _lost(versions: Sequence[DotRelease], rows: np.ndarray) -> int:
    return sum(len(version) for version in versions[:-1]) - int((rows[:-1] >= 0).sum())


def _standing(versions: Sequence[DotRelease]) -> Linked:
    """Link dots that stand still, going back from the last version on.

    Dots that are gone before the last version are followed too: one of them would else lend its
    place to another on its point.
    """
    shown = pd.concat([version.records for version in versions], ignore_index=True)
    shown = shown.reindex(columns=["x", "y", *LASTING, "status"])
    status = shown["status"].astype("str").to_numpy()
    size = [len(version) for version in versions]
    first = np.cumsum([0, *size])
    rows = np.full((len(versions), size[-1]), -1, dtype=np.int64)
    known = _sighted(shown, first[-2] + np.arange(size[-1]), len(versions) - 1)
    known["row"] = rows[-1] = np.arange(size[-1])
    for at in range(len(versions) - 2, -1, -1):
        here = first[at] + np.arange(size[at])
        later, absent = known["shows"].to_numpy(), known["version"].to_numpy() > at + 1

        price = partial(_price, later=status[later], before=status[here], absent=absent)
        columns = [c for c in LASTING if c in versions[at].records and c in versions[-1].records]
        middle = known[["x", "y"]].to_numpy() / known[["seen"]].to_numpy()
        points = points_of(versions[at])
        kinds = _codes(shown[columns], later, here)
        found = link_positions(middle, points, same_metres(versions), *kinds, price=price)
        linked = np.flatnonzero(found >= 0)
        seen = _sighted(shown, here[found[linked]], at).set_axis(known.index[linked])
        known.loc[seen.index, ["x", "y", "seen"]] += seen[["x", "y", "seen"]]
        known.loc[seen.index, ["shows", "version"]] = seen[["shows", "version"]]
        of_last = linked[known["row"].to_numpy()[linked] >= 0]
        rows[at, known["row"].to_numpy()[of_last]] = found[of_last]
        gone = _sighted(shown, np.setdiff1d(here, here[found[linked]]), at)
        known = pd.concat([known, gone], ignore_index=True)
    return Linked(rows=rows, how="position", lost=_lost(versions, rows))


def _price(
    dot: np.ndarray, row: np.ndarray, *, later: np.ndarray, before: np.ndarray, absent: np.ndarray
) -> np.ndarray:
    """Return what it costs that a row was a dot: as which it was seen next, or not at all."""
    again = (before[row] == GREY) & (later[dot] != GREY)
    cost = np.where(before[row] != later[dot], np.where(again, _RED_AGAIN, _CHANGED), 0.0)
    return np.asarray(cost + _ABSENT * absent[dot])


def _sighted(shown: pd.DataFrame, rows: np.ndarray, version: int) -> pd.DataFrame:
    """Begin to follow dots: sums of positions, earliest sighting, and no row in the last."""
    return shown.loc[rows, ["x", "y"]].assign(seen=1.0, shows=rows, version=version, row=-1)


def _by_position(versions: Sequence[DotRelease], how: str, farthest: float) -> Linked:
    last = versions[-1]
    rows = np.full((len(versions), len(last)), -1, dtype=np.int64)
    rows[-1] = np.arange(len(last))
    total, seen = points_of(last).copy(), np.ones(len(last))
    for at in range(len(versions) - 2, -1, -1):
        points = points_of(versions[at])
        link = link_certain if how == "certain" else link_positions
        found = link(total / seen[:, None], points, farthest, *kinds_of(last, versions[at]))
        rows[at] = found
        linked = found >= 0
        total[linked] += points[found[linked]]
        seen[linked] += 1
    return Linked(rows=rows, how=how, lost=_lost(versions, rows))


def positions_of(versions: Sequence[DotRelease], linked: Linked) -> np.ndarray:
    """Return the position of each dot of the last version in every version.

    - returns (float, shape (versions, n, 2)): Metres; nan where the dot is not there.
    """
    positions = np.full((*linked.rows.shape, 2), np.nan)
    for at, (version, rows) in enumerate(zip(versions, linked.rows, strict=True)):
        positions[at, rows >= 0] = points_of(version)[rows[rows >= 0]]
    return positions


def check_versions(versions: Sequence[DotRelease]) -> None:
    """Refuse what are no versions of a map, as an adversary holds them."""
    if len(versions) < 2:
        needed = "two versions of a map or more"
        raise ParameterError(say("link_versions", needed, f"{len(versions)}"))
    for version in versions:
        if not isinstance(version, DotRelease) or len(version) == 0:
            came = f"'{version.name}', {len(version):,} records of kind {version.kind}"
            raise ParameterError(say("link_versions", "maps that hold a dot", came))
        if version.sealed:
            do = "Call as_leaked() on each version first."
            needed = "versions as an adversary holds them"
            raise ParameterError(say("link_versions", needed, "a sealed one", do))
        if not np.isfinite(points_of(version)).all():
            raise GeometryError(say("link_versions", "finite x and y", "a missing position"))


def same_metres(versions: Sequence[DotRelease]) -> float:
    """Return how far apart two readings of one position may lie, in metres."""
    return SAME_METRES + _SAME_READINGS * max(version.resolution for version in versions)


def visible_link(versions: Sequence[DotRelease]) -> str:
    """Say how the dots can be linked, by what the maps show."""
    if all(DOT_ID in version.records.columns for version in versions):
        return "id"
    first, second = (points_of(version) for version in versions[-2:])
    still = link_positions(first, second, same_metres(versions)) >= 0
    return "position" if still.mean() >= STILL else "certain"


def id_like(versions: Sequence[DotRelease]) -> tuple[str, ...]:
    """Name the columns whose values are once in each version and come back, but ``dot_id``.

    They may be ids that link the versions; whether they are, who knows the map must say
    (`link_versions`, ``by=``). At least two values, and half of those of the version that holds
    the fewest, are in every one. None is named where all versions show ``dot_id``.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.roles import Roles
    >>> base = AddressBase(pd.DataFrame({"id": ["a"], "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0], "y": 0.0}), real=False)
    >>> maps = [DotRelease(records=pd.DataFrame({"x": x, "y": 0.0, "marker": [7, 9]}),
    ...     roles=Roles(location=("x", "y")), backdrop=base) for x in ([1.0, 2.0], [1.5, 2.5])]
    >>> id_like(maps)
    ('marker',)
    """
    if all(DOT_ID in version.records.columns for version in versions):
        return ()
    found = []
    for name in versions[-1].records.columns:
        columns = [v.records.get(name) for v in versions]
        if name in ("x", "y", *LASTING) or any(
            c is None or pd.api.types.is_float_dtype(c) or c.isna().any() or not c.is_unique
            for c in columns
        ):
            continue
        values = [set(c) for c in columns if c is not None]
        common = len(set.intersection(*values))
        if common >= max(2, min(map(len, values)) / 2):
            found.append(str(name))
    return tuple(found)


def points_of(version: DotRelease) -> np.ndarray:
    """Return the positions of a map's dots, shape (n, 2), metres."""
    return version.records[["x", "y"]].to_numpy(dtype=float)


def kinds_of(one: DotRelease, other: DotRelease) -> tuple[np.ndarray, np.ndarray]:
    """Code what both versions show of their dots and does not change, alike in both."""
    columns = [
        name for name in LASTING if name in one.records.columns and name in other.records.columns
    ]
    both = pd.concat([one.records[columns], other.records[columns]], ignore_index=True)
    return _codes(both, np.arange(len(one)), len(one) + np.arange(len(other)))


def _codes(
    shown: pd.DataFrame, one: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Code the rows of a frame that are asked for, equal where they show the same."""
    columns = list(shown.columns)
    if not columns:
        return np.zeros(len(one), np.int64), np.zeros(len(other), np.int64)
    code = shown.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()
    return code[one], code[other]
