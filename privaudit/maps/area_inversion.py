"""Invert counts by area: complements, differences of grids, expected dots at each home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import whole
from privaudit.errors import ParameterError, SchemaError
from privaudit.maps.adversary import KnownAttack, leaked
from privaudit.release.release import AreaRelease
from privaudit.stats.overlapping_counts import count_bounds, crossed_counts

CROSSES_AREAS = KnownAttack(word="crosses_areas", kinds=(AreaRelease,))
COLOURS = ("to_meet", "visited")


@dataclass(frozen=True, eq=False, kw_only=True)
class InvertedCounts:
    """What area maps together say of the smallest groups of addresses that they tell apart.

    - `group` (int64, shape (addresses,)): Addresses of one group are in the same area of every map.
    - `low`, `high` (int64, shape (groups,)): Bounds that the number of dots in the group cannot
      leave: the tightest that totals and colours prove.
    - `expected` (float, shape (groups,)): Number of dots to expect there.
    - `probability` (float, shape (groups,)): Chance that a given home of the group has a dot, each
      dot having fallen on any home alike.
    - `exact` (bool, shape (groups,)): False where `expected` and `probability` are an approximation
      (`crossed_counts`). Colours tighten the bounds; beyond these, totals alone
      are counted.
    - `homes` (float, shape (groups,)): Homes in the group: households where the addresses count
      them, else addresses.
    - `likely_low`, `likely_high` (int64, shape (groups,)): Shortest range of the count that has
      `CREDIBLE_MASS`; the bounds where not `exact`.

    Where noise has no largest value, bounds leave out counts that are less likely than the
    likeliest by `BEYOND_DOUBT`.
    """

    group: np.ndarray
    low: np.ndarray
    high: np.ndarray
    expected: np.ndarray
    probability: np.ndarray
    exact: np.ndarray
    homes: np.ndarray
    likely_low: np.ndarray
    likely_high: np.ndarray


class _Counts(NamedTuple):
    """Sums over groups of one map, each between two whole numbers: totals, or one colour."""

    members: list[np.ndarray]
    low: np.ndarray
    high: np.ndarray
    weights: Sequence[np.ndarray | None] = ()


def invert_counts(
    maps: Sequence[AreaRelease],
    areas: Sequence[np.ndarray],
    *,
    suppressed_under: Sequence[int] = (),
    total: int | None = None,
) -> InvertedCounts:
    """Combine area maps of one moment, and a total, into bounds on small groups.

    Two grids of another size or origin cross in pieces that neither shows: their counts are
    bounded by both, colour by colour. A count that is left out is bounded by its row (total less
    the other colour), by the threshold that the legend states, and by all the others. Bounds are
    those of an integer programme over the dots of each colour in each group. A rounded count or one
    with noise lies where its map's `protection` may have taken it from, each with its likelihood.

    - `maps`: As leaked, over the same addresses, with columns area and total; nan for a count that
      is not shown; to_meet and visited are read where both are there.
    - `areas`: The area of each address, one array a map, as anybody can see on it
      (`views.aggregates.areas_of_addresses`).
    - `suppressed_under`: One a map: counts that are not shown lie between 1 and one less. Default:
      0 and no limit but the total's.
    - `total`: Dots on the whole map, where the tool tells it.
    """
    codes = _codes("invert_counts", maps, areas, suppressed_under)
    group, of_area = _groups(codes)
    homes = np.bincount(group, weights=maps[0].backdrop.homes())
    limits = list(suppressed_under) or [0] * len(maps)
    stated = [
        _stated_counts(release, members, limit, total)
        for release, members, limit in zip(maps, of_area, limits, strict=True)
    ]
    totals = [counts["total"] for counts in stated]
    # To meet and visited, group by group.
    parts = {"total": (0, 1), "to_meet": (0,), "visited": (1,)}
    bounds = _bounds(stated, [parts] * len(stated), len(homes), (0, 1), [(total, (0, 1))])
    return _inverted(group, homes, totals, total, bounds)


def invert_change(
    before: AreaRelease,
    after: AreaRelease,
    area: np.ndarray,
    *,
    totals: tuple[int | None, int | None] = (None, None),
) -> InvertedCounts:
    """Subtract two area maps of one kind, of two moments: where dots are new.

    No dot leaves, and none turns from visited to to meet; counts that either map hides are bounded
    by the other.

    - `before`, `after`: As leaked, cut into the same areas, thresholds as they state them.
    - `area`: The area of each address.
    - `totals`: Dots on each whole map, where the tool tells it.
    - returns: Of the dots that are on the later map alone. `exact` where no count is hidden.
    """
    maps = [before, after]
    group, of_area = _groups(_codes("invert_change", maps, [area, area], ()))
    homes = np.bincount(group, weights=before.backdrop.homes())
    stated = [
        _stated_counts(release, members, release.suppress_under, total)
        for release, members, total in zip(maps, of_area, totals, strict=True)
    ]
    # Red and stayed so, turned grey, was grey; new and red, new and grey.
    first = {"total": (0, 1, 2), "to_meet": (0, 1), "visited": (2,)}
    later = {"total": (0, 1, 2, 3, 4), "to_meet": (0, 3), "visited": (1, 2, 4)}
    every = [(total, parts["total"]) for total, parts in zip(totals, (first, later), strict=True)]
    least, most = _bounds(stated, [first, later], len(homes), (3, 4), every)
    (_, low_1, high_1, _), (members, low_2, high_2, _) = (counts["total"] for counts in stated)
    new = _Counts(members, np.maximum(low_2 - high_1, 0), high_2 - low_1)
    # What all counts together prove of an area bounds its sum too.
    new = _Counts(
        members,
        np.maximum(new.low, [least[rows].sum() for rows in members]),
        np.minimum(new.high, [most[rows].sum() for rows in members]),
    )
    known = None if None in totals else int(totals[1] or 0) - int(totals[0] or 0)
    result = _inverted(group, homes, [new], known, (least, most))
    hidden = np.zeros(len(homes), dtype=bool)
    for rows, low, high in zip(*new[:3], strict=True):
        hidden[rows] = low < high
    return replace(result, exact=result.exact & ~hidden)


def _codes(
    who: str, maps: Sequence[AreaRelease], areas: Sequence[np.ndarray], limits: Sequence[int]
) -> list[np.ndarray]:
    """Return the row of its area, for each address, in each map."""
    if not len(maps) or len(areas) != len(maps) or len(limits) not in (0, len(maps)):
        came = f"{len(maps)} maps, {len(areas)} arrays, {len(limits)} thresholds"
        raise ParameterError.of(who, "areas, and thresholds if any, one a map", came)
    for limit in limits:
        whole(who, "suppressed_under", limit, 0)
    codes = []
    for release, area in zip(maps, areas, strict=True):
        _check(who, release, area, len(maps[0].backdrop))
        names = release.records["area"].to_numpy(dtype=str)
        order = np.argsort(names)
        code = order[np.minimum(np.searchsorted(names[order], area), len(names) - 1)]
        if (names[code] != area).any():
            raise SchemaError.of(who, "each address in an area that its map lists", "another")
        codes.append(code)
    return codes


def _groups(codes: Sequence[np.ndarray]) -> tuple[np.ndarray, list[dict[int, np.ndarray]]]:
    """Return the group of each address, and the groups of each area of each map."""
    table, group = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    of_area = [{int(row): np.flatnonzero(of == row) for row in np.unique(of)} for of in table.T]
    return group.ravel().astype(np.int64), of_area


def _check(who: str, release: AreaRelease, area: np.ndarray, addresses: int) -> None:
    leaked(who, "an area map", release, AreaRelease)
    if len(area) != addresses:
        came = f"{len(area):,} of {addresses:,}"
        raise ParameterError.of(who, "an area for each address", came)


def _stated_counts(
    release: AreaRelease, of_area: dict[int, np.ndarray], limit: int, total: int | None
) -> dict[str, _Counts]:
    """Return the bounds of each area's total, and of each colour, by its row alone."""
    rows = list(of_area)
    records = release.records.iloc[rows]
    if release.protection is not None:
        return {"total": _protected_counts(release, records, of_area, total)}
    least, most = float(limit > 0), limit - 1.0 if limit > 0 else np.inf
    most = most if total is None else min(most, total)
    low, high = {}, {}
    for column in ("total", *COLOURS):
        if column in records.columns:
            shown = records[column].to_numpy(dtype=float)
            low[column] = np.where(np.isnan(shown), least, shown)
            high[column] = np.where(np.isnan(shown), most, shown)
    if len(low) == 1 + len(COLOURS):
        # Both colours are the total; one that is hidden is what the other leaves.
        red, grey = COLOURS
        low["total"] = np.maximum(low["total"], low[red] + low[grey])
        high["total"] = np.minimum(high["total"], high[red] + high[grey])
        for one, other in ((red, grey), (grey, red)):
            low[one] = np.maximum(low[one], low["total"] - high[other])
            high[one] = np.minimum(high[one], high["total"] - low[other])
    else:
        low, high = {"total": low["total"]}, {"total": high["total"]}
    if not np.isfinite(high["total"]).all():
        needed, do = (
            "a bound on the totals that are not shown",
            "Pass suppressed_under=, or total=.",
        )
        raise ParameterError.of("invert_counts", needed, "none", do)
    members = list(of_area.values())
    return {column: _Counts(members, low[column], high[column]) for column in low}


def _protected_counts(
    release: AreaRelease, records: pd.DataFrame, of_area: dict[int, np.ndarray], total: int | None
) -> _Counts:
    """Return the bounds of each protected total, with the likelihood of each count."""
    assert release.protection is not None
    read = [release.protection.likelihood(int(shown)) for shown in records["total"]]
    low = np.array([float(first) for first, _ in read])
    high = low + [len(weight) - 1.0 for _, weight in read]
    if total is not None:
        high = np.minimum(high, float(total))
    return _Counts(list(of_area.values()), low, high, [weight for _, weight in read])


def _bounds(
    stated: Sequence[dict[str, _Counts]],
    parts: Sequence[dict[str, tuple[int, ...]]],
    groups: int,
    asked: tuple[int, ...],
    totals: Sequence[tuple[int | None, tuple[int, ...]]],
) -> tuple[np.ndarray, np.ndarray]:
    """Bound, by whole numbers, a sum over kinds of dots in each group.

    `parts` says which kinds each count of a map adds up, `totals` which the whole map's number
    counts, where it is published.
    """

    def all_of(rows: np.ndarray, of: tuple[int, ...]) -> np.ndarray:
        return np.concatenate([rows + kind * groups for kind in of])

    members, low, high = [], [], []
    for counts, of in zip(stated, parts, strict=True):
        for column, (rows, least, most, _) in counts.items():
            members += [all_of(some, of[column]) for some in rows]
            low.append(least)
            high.append(most)
    for total, kinds_of_it in totals:
        if total is not None:
            members.append(all_of(np.arange(groups), kinds_of_it))
            low.append(np.array([float(total)]))
            high.append(np.array([float(total)]))
    kinds = 1 + max(kind for of in parts for some in of.values() for kind in some)
    targets = [all_of(np.array([group]), asked) for group in range(groups)]
    return count_bounds(members, np.concatenate(low), np.concatenate(high), kinds * groups, targets)


def _inverted(
    group: np.ndarray,
    homes: np.ndarray,
    sums: Sequence[_Counts],
    total: int | None,
    bounds: tuple[np.ndarray, np.ndarray],
) -> InvertedCounts:
    members = [rows for counts in sums for rows in counts.members]
    low, high = (np.concatenate([counts[end] for counts in sums]) for end in (1, 2))
    noisy = any(counts.weights for counts in sums)
    weights = (
        []
        if not noisy
        else [one for counts in sums for one in (counts.weights or [None] * len(counts.low))]
    )
    result = crossed_counts(members, low, high, homes, total=total, bounds=bounds, weights=weights)
    return InvertedCounts(
        group=group,
        low=result.low,
        high=result.high,
        expected=result.expected,
        probability=result.has_dot,
        exact=result.exact,
        homes=homes,
        likely_low=result.likely_low,
        likely_high=result.likely_high,
    )
