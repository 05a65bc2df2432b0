"""Counts by area, inverted: complements of totals, differences of grids, odds of each home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from privaudit._core.checks import columns_present, say, whole
from privaudit.attacks.attack import Attack, leaked
from privaudit.errors import ParameterError, SchemaError
from privaudit.measures.maps.crossed_counts import crossed_counts
from privaudit.release.release import AreaRelease

__all__ = ["CROSSES_AREAS", "InvertedCounts", "invert_counts"]

CROSSES_AREAS = Attack(word="crosses_areas", kinds=(AreaRelease,))


@dataclass(frozen=True, eq=False, kw_only=True)
class InvertedCounts:
    """What area maps together say of the smallest groups of addresses that they tell apart.

    - `group` (int64, shape (addresses,)): Addresses of one group are in the same area of every map.
    - `low`, `high` (int64, shape (groups,)): Bounds that the number of dots in the group cannot
      leave.
    - `expected` (float, shape (groups,)): Number of dots to expect there.
    - `probability` (float, shape (groups,)): Chance that a given home of the group has a dot, each
      dot having fallen on any home alike.
    - `exact` (bool, shape (groups,)): False where `expected` and `probability` are an approximation
      (`measures.maps.crossed_counts`).
    - `homes` (float, shape (groups,)): Homes in the group: households where the addresses count
      them, else addresses.
    """

    group: np.ndarray
    low: np.ndarray
    high: np.ndarray
    expected: np.ndarray
    probability: np.ndarray
    exact: np.ndarray
    homes: np.ndarray


def invert_counts(
    maps: Sequence[AreaRelease],
    areas: Sequence[np.ndarray],
    *,
    suppressed_under: Sequence[int] = (),
    total: int | None = None,
) -> InvertedCounts:
    """Combine area maps of one moment, and a total, into bounds on small groups.

    Two grids of another size or origin cross in pieces that neither shows: their counts are
    bounded by both. A count that is left out is bounded by its row (total less the other
    colour), by the threshold that the legend states, and by all the others.

    - `maps`: As leaked, over the same addresses, with columns area and total; nan for a total that
      is not shown; to_meet and visited are read where they are there.
    - `areas`: The area of each address, one array a map, as anybody can see on it
      (`release.views.area_map.areas_of_addresses`).
    - `suppressed_under`: One a map: totals that are not shown lie between 1 and one less. Default:
      0 and no limit but the total's.
    - `total`: Dots on the whole map, where the tool tells it.
    """
    who = "invert_counts"
    if not len(maps) or len(areas) != len(maps) or len(suppressed_under) not in (0, len(maps)):
        came = f"{len(maps)} maps, {len(areas)} arrays, {len(suppressed_under)} thresholds"
        raise ParameterError(say(who, "areas, and thresholds if any, one a map", came))
    limits = [whole(who, "suppressed_under", t, 0) for t in suppressed_under] or [0] * len(maps)
    base = maps[0].backdrop
    codes, bounds = [], []
    for release, area, limit in zip(maps, areas, limits, strict=True):
        _check(release, area, len(base))
        names = release.records["area"].to_numpy(dtype=str)
        order = np.argsort(names)
        at = np.minimum(np.searchsorted(names[order], area), len(names) - 1)
        code = order[at]
        if (names[code] != area).any():
            raise SchemaError(say(who, "each address in an area that its map lists", "another"))
        codes.append(code)
        bounds.append(_known(release, limit, total))
    group = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)[1].ravel()
    first = np.unique(group, return_index=True)[1]
    members, low, high = [], [], []
    for code, (bottom, top) in zip(codes, bounds, strict=True):
        of_group = code[first]
        for area_row in np.unique(of_group):
            members.append(np.flatnonzero(of_group == area_row))
            low.append(bottom[area_row])
            high.append(top[area_row])
    homes = np.bincount(group, weights=base.homes())
    found = crossed_counts(members, np.array(low), np.array(high), homes, total=total)
    return InvertedCounts(
        group=group.astype(np.int64),
        low=found.low,
        high=found.high,
        expected=found.expected,
        probability=found.has_dot,
        exact=found.exact,
        homes=homes,
    )


def _check(release: AreaRelease, area: np.ndarray, addresses: int) -> None:
    who = "invert_counts"
    leaked(who, "an area map", release, AreaRelease)
    columns_present(who, "column", ["area", "total"], release.records.columns, release.name)
    if len(area) != addresses:
        came = f"{len(area):,} of {addresses:,}"
        raise ParameterError(say(who, "an area for each address", came))


def _known(release: AreaRelease, limit: int, total: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Between what each area's total lies, from its row alone."""
    records = release.records
    shown = records["total"].to_numpy(dtype=float)
    parts = [
        records[column].to_numpy(dtype=float)
        for column in ("to_meet", "visited")
        if column in records.columns
    ]
    low = np.where(np.isnan(shown), float(limit > 0), shown)
    top = limit - 1.0 if limit > 0 else np.inf
    high = np.where(np.isnan(shown), top if total is None else min(top, total), shown)
    if len(parts) == 2:
        # Both colours shown are the total; one of them is a floor.
        floor = np.nansum(parts, axis=0)
        both = ~np.isnan(parts).any(axis=0)
        low = np.maximum(low, np.where(np.isnan(shown), floor, low))
        high = np.where(np.isnan(shown) & both, floor, high)
    if not np.isfinite(high).all():
        needed = "a bound on the totals that are not shown"
        do = "Pass suppressed_under=, or total=."
        raise ParameterError(say("invert_counts", needed, "none", do))
    return low, high
