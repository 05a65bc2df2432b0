"""Several versions of one map: which dot of one is which dot of another?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, in_range, one_of, say
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.links import link_certain, link_positions
from privaudit.release.masks import ROUNDING_METRES
from privaudit.release.release import DotRelease

__all__ = [
    "Linked", "check_versions", "id_like", "kinds_of", "link_versions", "points_of", "positions_of",
    "same_metres", "visible_link",
]  # fmt: skip

LINKS = ("auto", "id", "position", "certain", "assignment")
ID = "dot_id"
# What a dot shows that does not change from version to version: only equal dots are linked.
LASTING = (
    "presumed_leaning", "age_band", "sex", "profession", "interest", "first_name", "last_name",
)  # fmt: skip
# Two writings of one position, each rounded, lie this close.
SAME_METRES = 2 * ROUNDING_METRES
# Standard deviations of a reading within which two readings of one position lie.
_SAME_READINGS = 6.0
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
    """

    rows: np.ndarray
    how: str
    lost: int


def link_versions(
    versions: Sequence[DotRelease], *, how: str = "auto", farthest: float | None = None
) -> Linked:
    """Link the dots of the versions of a map, oldest first.

    - `versions`: As leaked, two or more, in order of time.
    - `how` ({"auto", "id", "position", "certain", "assignment"}): Going back from the last version,
      each time to the mean of the positions linked so far. ``"id"``: by the column ``dot_id``,
      where every version shows it; ids of another name must be renamed so (see `id_like`).
      ``"position"``: dots that stand still. ``"certain"``: only where one link is possible, if no
      dot ever leaves the map. ``"assignment"``: one to one, by the least squared distance; with
      fresh noise and dots near one another many such links are wrong. ``"auto"``: ids where there
      are any; positions where half of the dots stand still; what is certain otherwise.
    - `farthest`: Metres beyond which two positions are not of one dot: twice the reach of the mask.
      Needed for what is certain, and for an assignment.
    """
    check_versions(versions)
    one_of("link_versions", "how", how, LINKS)
    if how == "auto":
        how = visible_link(versions)
    if how == "id":
        return _by_id(versions)
    if how == "position":
        farthest = same_metres(versions)
    elif farthest is None:
        do = "Pass farthest=, twice the reach of the mask."
        needed = "how far apart a dot's positions may be"
        raise ParameterError(say("link_versions", needed, "None", do))
    in_range("link_versions", "farthest", farthest, 0, open_low=True)
    return _by_position(versions, how, float(farthest))


def _by_id(versions: Sequence[DotRelease]) -> Linked:
    rows, lost = [], 0
    for version in versions:
        columns_present("link_versions", "column", [ID], version.records.columns, version.name)
        found = pd.Index(version.records[ID])
        if not found.is_unique:
            raise ParameterError(say("link_versions", f"each {ID} once in a version", "a double"))
        rows.append(found.get_indexer(versions[-1].records[ID]))
        lost += len(found) - int((rows[-1] >= 0).sum())
    return Linked(rows=np.array(rows, dtype=np.int64), how="id", lost=lost)


def _by_position(versions: Sequence[DotRelease], how: str, farthest: float) -> Linked:
    last = versions[-1]
    rows = np.full((len(versions), len(last)), -1, dtype=np.int64)
    rows[-1] = np.arange(len(last))
    total, seen = points_of(last).copy(), np.ones(len(last))
    lost = 0
    for at in range(len(versions) - 2, -1, -1):
        points = points_of(versions[at])
        kinds = kinds_of(last, versions[at])
        link = link_certain if how == "certain" else link_positions
        found = link(total / seen[:, None], points, farthest, *kinds)
        rows[at] = found
        linked = found >= 0
        total[linked] += points[found[linked]]
        seen[linked] += 1
        lost += len(points) - int(linked.sum())
    return Linked(rows=rows, how=how, lost=lost)


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
    if all(ID in version.records.columns for version in versions):
        return "id"
    first, second = (points_of(version) for version in versions[-2:])
    still = link_positions(first, second, same_metres(versions)) >= 0
    return "position" if still.mean() >= STILL else "certain"


def id_like(versions: Sequence[DotRelease]) -> tuple[str, ...]:
    """Name the columns whose values are once in each version and come back, but ``dot_id``.

    They may be ids that link the versions; whether they are, who knows the map must say. At
    least two values, and half of those of the version that holds the fewest, are in every one.
    None is named where all versions show ``dot_id``.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.roles import Roles
    >>> base = AddressBase(pd.DataFrame({"id": ["a"], "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0], "y": 0.0}))
    >>> maps = [DotRelease(records=pd.DataFrame({"x": x, "y": 0.0, "marker": [7, 9]}),
    ...     roles=Roles(location=("x", "y")), backdrop=base) for x in ([1.0, 2.0], [1.5, 2.5])]
    >>> id_like(maps)
    ('marker',)
    """
    if all(ID in version.records.columns for version in versions):
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
    if not columns:
        return np.zeros(len(one), np.int64), np.zeros(len(other), np.int64)
    both = pd.concat([one.records[columns], other.records[columns]], ignore_index=True)
    code = both.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()
    return code[: len(one)], code[len(one) :]
