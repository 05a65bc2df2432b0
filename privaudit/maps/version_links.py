"""Record linkage between versions of a map: by id, by position, and by time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.core.checks import columns_present, in_range, one_of
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.neighbours import z_order
from privaudit.maps.adversary import KnownAttack
from privaudit.maps.masks.mask import ROUNDING_METRES
from privaudit.maps.posterior import Posterior
from privaudit.release.release import DOT_ID, DotRelease, Release
from privaudit.stats.matching_marginals import competing
from privaudit.text.normalise import columns_named
from privaudit.words.catalogues import Note

# Cells of the cost matrix of one group of dots that may be one another: 200 MB.
MOST_CELLS = 25_000_000


def link_positions(
    first: np.ndarray,
    second: np.ndarray,
    farthest: float,
    first_kind: np.ndarray | None = None,
    second_kind: np.ndarray | None = None,
    *,
    price: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Return the one-to-one linkage of the dots of two versions with least total cost.

    The cost of a link is the squared distance. A dot may stay alone, at the price of the farthest
    link; two dots of another kind, or farther apart than `farthest`, are never linked. Groups of
    dots that could be one another are solved apart, each exactly.

    Parameters
    ----------
    first, second : float, shape (n, 2) and (m, 2)
        Metres.
    farthest : float
        Metres, above 0.
    first_kind, second_kind : ndarray of int, optional
        What the two versions both show of each dot, as codes: only equal ones are linked.
    price : callable, optional
        What a link costs besides, in [0, 1) of the farthest one, for rows of `first` (a column)
        and of `second` (a line): it decides between dots on one point.

    Returns
    -------
    int64, shape (n,)
        The row in `second` of each dot of `first`, -1 where it has none.

    Raises
    ------
    ParameterError
        A group of more than `MOST_CELLS` pairs.

    Examples
    --------
    Taken one by one, the first dot would take the place of the second.

    >>> first, second = np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([[3.0, 0.0], [7.0, 0.0]])
    >>> link_positions(first, second, 5.0).tolist()
    [0, 1]
    """
    from scipy.optimize import linear_sum_assignment

    link = np.full(len(first), -1, dtype=np.int64)
    # In the order of positions, so that equal costs do not follow the order of the files.
    rows, columns = z_order(first), z_order(second)
    a, b = first[rows], second[columns]
    kinds = None
    if first_kind is not None and second_kind is not None:
        kinds = first_kind[rows], second_kind[columns]
    for here, there in _groups(a, b, farthest, kinds):
        if len(here) * len(there) > MOST_CELLS:
            came = f"a group of {len(here):,} by {len(there):,}"
            do = "Give a mask of smaller reach, or link by the dots' ids."
            needed = f"groups of at most {MOST_CELLS:,} pairs"
            raise ParameterError.of("link_positions", needed, came, do)
        cost = ((a[here][:, None] - b[there][None]) ** 2).sum(axis=2)
        allowed = cost <= farthest**2
        if kinds is not None:
            allowed &= kinds[0][here][:, None] == kinds[1][there][None]
        if price is not None:
            cost = cost + farthest**2 * price(rows[here][:, None], columns[there][None])
        # A link that is not allowed costs as much as staying alone, and is undone after.
        alone = farthest**2 * (1 if price is None else 2)
        chosen, taken = linear_sum_assignment(np.where(allowed, cost, alone))
        good = allowed[chosen, taken]
        link[rows[here[chosen[good]]]] = columns[there[taken[good]]]
    return link


def link_certain(
    later: np.ndarray,
    earlier: np.ndarray,
    farthest: float,
    later_kind: np.ndarray | None = None,
    earlier_kind: np.ndarray | None = None,
) -> np.ndarray:
    """Return the links of dots that have a single possible partner, if no dot is removed.

    A dot of the earlier version that has one possible dot in the later one must be that dot, which
    is then no other's; so on until nothing changes.

    Parameters
    ----------
    later, earlier : float, shape (n, 2) and (m, 2)
        Metres.
    farthest : float
        Metres beyond which two positions cannot be of one dot, above 0.
    later_kind, earlier_kind : ndarray of int, optional
        As in `link_positions`.

    Returns
    -------
    int64, shape (n,)
        The row in `earlier` of each dot of `later`, -1 where that is not certain.

    Examples
    --------
    The dot at 3 may be either of two, but the one at 9 leaves it only one.

    >>> later, earlier = np.array([[0.0, 0.0], [6.0, 0.0]]), np.array([[3.0, 0.0], [9.0, 0.0]])
    >>> link_certain(later, earlier, 4.0).tolist()
    [0, 1]
    """
    kinds = None
    if later_kind is not None and earlier_kind is not None:
        kinds = later_kind, earlier_kind
    link = np.full(len(later), -1, dtype=np.int64)
    if not len(later) or not len(earlier):
        return link
    i, j = _possible(later, earlier, farthest, kinds)
    while len(i):
        only = np.bincount(j, minlength=len(earlier))[j] == 1
        claims = np.bincount(i[only], minlength=len(later))
        # Two dots with the same only partner: a dot was removed, so no link is certain.
        sure = only & (claims[i] == 1)
        link[i[sure]] = j[sure]
        open_ = (claims[i] == 0) & ~only
        if open_.all():
            break
        i, j = i[open_], j[open_]
    return link


def _possible(
    a: np.ndarray, b: np.ndarray, farthest: float, kinds: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of both sides of each possible link."""
    pairs = cKDTree(a).sparse_distance_matrix(cKDTree(b), farthest, output_type="ndarray")
    i, j = pairs["i"].astype(np.int64), pairs["j"].astype(np.int64)
    if kinds is None:
        return i, j
    same = kinds[0][i] == kinds[1][j]
    return i[same], j[same]


def _groups(
    a: np.ndarray, b: np.ndarray, farthest: float, kinds: tuple[np.ndarray, np.ndarray] | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows of both sides of each connected group of possible links."""
    if not len(a) or not len(b):
        return
    i, j = _possible(a, b, farthest, kinds)
    code = competing(i, j, len(a), len(b))
    order = np.argsort(code, kind="stable")
    ends = np.flatnonzero(np.diff(code[order])) + 1
    for group in np.split(order, ends):
        split = int(np.searchsorted(group, len(a)))
        if 0 < split < len(group):
            yield group[:split], group[split:] - len(a)


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
        raise ParameterError.of("link_versions", needed, "None", do)
    in_range("link_versions", "farthest", farthest, 0, open_low=True)
    return _by_position(versions, how, float(farthest))


def not_linked(versions: Sequence[DotRelease], linked: Linked) -> tuple[Note, ...]:
    """Return notes on records without a link, and on columns that might link them."""
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
            raise ParameterError.of(who, needed, came, "Name a column that numbers the dots.")
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
        links = link_positions(middle, points, same_metres(versions), *kinds, price=price)
        linked = np.flatnonzero(links >= 0)
        sighted = _sighted(shown, here[links[linked]], at).set_axis(known.index[linked])
        known.loc[sighted.index, ["x", "y", "seen"]] += sighted[["x", "y", "seen"]]
        known.loc[sighted.index, ["shows", "version"]] = sighted[["shows", "version"]]
        of_last = linked[known["row"].to_numpy()[linked] >= 0]
        rows[at, known["row"].to_numpy()[of_last]] = links[of_last]
        gone = _sighted(shown, np.setdiff1d(here, here[links[linked]]), at)
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
    total, times = points_of(last).copy(), np.ones(len(last))
    for at in range(len(versions) - 2, -1, -1):
        points = points_of(versions[at])
        link = link_certain if how == "certain" else link_positions
        links = link(total / times[:, None], points, farthest, *kinds_of(last, versions[at]))
        rows[at] = links
        linked = links >= 0
        total[linked] += points[links[linked]]
        times[linked] += 1
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
        raise ParameterError.of("link_versions", needed, f"{len(versions)}")
    for version in versions:
        if not isinstance(version, DotRelease) or len(version) == 0:
            came = f"'{version.name}', {len(version):,} records of kind {version.kind}"
            raise ParameterError.of("link_versions", "maps that hold a dot", came)
        if version.sealed:
            do = "Call as_leaked() on each version first."
            needed = "versions as an adversary holds them"
            raise ParameterError.of("link_versions", needed, "a sealed one", do)
        if not np.isfinite(points_of(version)).all():
            raise GeometryError.of("link_versions", "finite x and y", "a missing position")


def same_metres(versions: Sequence[DotRelease]) -> float:
    """Return how far apart two readings of one position may lie, in metres."""
    return SAME_METRES + _SAME_READINGS * max(version.resolution for version in versions)


def visible_link(versions: Sequence[DotRelease]) -> str:
    """Return how dots can be linked, from the columns of the maps."""
    if all(DOT_ID in version.records.columns for version in versions):
        return "id"
    first, second = (points_of(version) for version in versions[-2:])
    still = link_positions(first, second, same_metres(versions)) >= 0
    return "position" if still.mean() >= STILL else "certain"


def id_like(versions: Sequence[DotRelease]) -> tuple[str, ...]:
    """Return the columns whose values are unique in each version and recur in all.

    They may be ids that link the versions; the caller decides (`link_versions`, ``by=``). At
    least two values, and half of those of the smallest version, are in every version. None is
    returned where all versions have ``dot_id``.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.columns.roles import Roles
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


COMPARES_COPIES = KnownAttack(word="compares_copies", needs=("copies",))
DIFFERENCE_COLUMNS = (
    "appeared_after", "appeared_by", "visited_after", "visited_by", "red_again", "stayed_grey",
)  # fmt: skip


def difference(
    versions: Sequence[Release],
    at: Sequence[np.datetime64 | str],
    linked: Linked,
    *,
    visited: str = "visited",
) -> pd.DataFrame:
    """Return when each dot of the last version appeared, and when it turned grey.

    - `versions`: As leaked, oldest first, with a column ``status``.
    - returns: One row a record of the last version, `DIFFERENCE_COLUMNS`. The dot appeared, or
      turned grey, after the one moment and by the other; *after* is NaT where the first version
      shows it so already, both are NaT for a dot that was never seen grey. red_again: it was grey
      and then red, so that somebody means to come back: nobody had opened, perhaps. stayed_grey:
      visited, and not to be visited again: a refusal is among these.
    """
    who = "difference"
    moments = np.array(list(at), dtype="datetime64[s]")
    if len(moments) != len(versions) or (np.diff(moments) <= np.timedelta64(0, "s")).any():
        came = f"{len(moments)} for {len(versions)} versions, or out of order"
        raise ParameterError.of(who, "one moment a version, in order", came)
    there = linked.rows >= 0
    grey = np.zeros(there.shape, dtype=bool)
    for row, version in enumerate(versions):
        columns_present(who, "column", ["status"], version.records.columns, version.name)
        is_grey = version.records["status"].to_numpy(dtype=str) == visited
        grey[row, there[row]] = is_grey[linked.rows[row, there[row]]]
    first = there.argmax(axis=0)
    ever_grey = grey.any(axis=0)
    first_grey = grey.argmax(axis=0)
    before = np.concatenate([[np.datetime64("NaT", "s")], moments[:-1]])
    # Red when last seen before it was seen grey; a dot that is new and grey was visited after
    # the last version that did not show it.
    red, steps = there & ~grey, np.arange(len(moments))[:, None]
    last_red = np.where(red & (steps < first_grey), steps, -1).max(axis=0)
    visited_after = np.where(last_red >= 0, moments[last_red], before[first])
    nat = np.datetime64("NaT", "s")
    red_again = ever_grey & (red & (steps > first_grey)).any(axis=0)
    return pd.DataFrame(
        {
            "appeared_after": before[first],
            "appeared_by": moments[first],
            "visited_after": np.where(ever_grey, visited_after, nat),
            "visited_by": np.where(ever_grey, moments[first_grey], nat),
            "red_again": red_again,
            "stayed_grey": ever_grey & ~red_again,
        }
    )


TIMES_LIKES = KnownAttack(word="times_likes", needs=("copies", "likes"), counts="accounts")


@dataclass(frozen=True, eq=False, kw_only=True)
class LikelyAccounts:
    """Which account each dot may stand for, by the time at which it appeared.

    - `posterior`: Candidates are accounts. A row sums to the coverage, or is empty.
    - `account` (int64): Guessed account of each dot, ties drawn at random; -1 where nobody liked in
      time.
    - `confidence` (float): Probability given to it, 0 to 1.
    """

    posterior: Posterior
    account: np.ndarray
    confidence: np.ndarray


def likely_accounts(
    appeared: pd.DataFrame,
    likes: pd.DataFrame,
    *,
    delay: float = 0.0,
    coverage: float = 1.0,
    rng: np.random.Generator,
) -> LikelyAccounts:
    """Put the public times of likes beside the times at which dots appeared.

    A first like makes a dot, so that a dot which appeared after one moment and by another
    stands for one of the accounts whose first like fell in between: each as likely.

    - `appeared`: Columns appeared_after (NaT: from the start on) and appeared_by, one row a dot;
      such as `difference` returns.
    - `likes`: Columns account (whole numbers) and time, of the page; anybody may read them there.
    - `delay`: Longest time between a like and its dot, in hours.
    - `coverage`: Probability that the dot's account is among the likes, in (0, 1].
    - returns: In the order of the dots.
    """
    who = "likely_accounts"
    columns_present(
        who, "column", ["appeared_after", "appeared_by"], appeared.columns, "the differences"
    )
    columns_present(who, "column", ["account", "time"], likes.columns, "the likes")
    in_range(who, "coverage", coverage, 0, 1, open_low=True)
    longest = np.timedelta64(round(in_range(who, "delay", delay, 0) * 3600), "s")
    first = likes.groupby("account")["time"].min().reset_index()
    # In the order of the accounts, so that ties do not follow the order of the file.
    first = first.sort_values(["time", "account"], kind="stable")
    time = first["time"].to_numpy(dtype="datetime64[s]")
    account = first["account"].to_numpy(dtype=np.int64)
    after = appeared["appeared_after"].to_numpy(dtype="datetime64[s]")
    start = np.searchsorted(time, after - longest, side="right")
    start[np.isnat(after)] = 0
    stop = np.searchsorted(time, appeared["appeared_by"].to_numpy("datetime64[s]"), side="right")
    size = np.maximum(stop - start, 0)
    indptr = np.concatenate([[0], np.cumsum(size)])
    inside = np.arange(indptr[-1]) - np.repeat(indptr[:-1], size)
    candidate = account[np.repeat(start, size) + inside]
    probability = np.repeat(coverage / np.maximum(size, 1), size)
    posterior = Posterior(indptr, candidate, probability)
    guessed, sure = posterior.best(rng.random(len(size)))
    return LikelyAccounts(posterior=posterior, account=guessed, confidence=sure)
