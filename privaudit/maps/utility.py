"""Utility of a masked map: distances, counts, clustering, density and walking tours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.neighbours import nearest, pairs_within, z_order
from privaudit.maps.heat import density_moved
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase

# All distances between the doors of a tour are held: 200 MB at this many.
MOST_DOORS = 5_000
# Metres. A gain below is rounding, and would let two equal tours alternate for ever.
LEAST_GAIN = 1e-6


def walked_length(planned: np.ndarray, doors: np.ndarray) -> float:
    """Return the length of a tour of the doors in the order planned on other places.

    The order is that of a good closed tour through the `planned` places. They are first taken along
    a space-filling curve, then every pair of legs that would be shorter exchanged is exchanged
    (2-opt, Croes 1958), until none is left: the tour never crosses itself. It is no shorter than
    the shortest one, and where the places form a convex polygon it is that polygon. The doors are
    walked in that order, in straight lines, with no search for a door that is not where the map
    shows it: a lower bound of what the mask costs.

    Parameters
    ----------
    planned, doors : float, shape (n, 2)
        Where the map shows each dot, and where its door is, metres.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    ParameterError
        Anything but one place a door.
        More doors than `MOST_DOORS`.

    Examples
    --------
    >>> doors = np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 40.0], [0.0, 40.0]])
    >>> walked_length(doors[[0, 2, 1, 3]], doors)  # two dots that changed places
    180.0
    """
    if len(planned) != len(doors):
        came = f"{len(planned):,} places for {len(doors):,} doors"
        raise ParameterError.of("walked_length", "one place a door", came)
    if len(doors) > MOST_DOORS:
        came, do = f"{len(doors):,}", "Cut them into several tours."
        raise ParameterError.of("walked_length", f"at most {MOST_DOORS:,} doors", came, do)
    if len(doors) < 2:
        return 0.0
    path = doors[_order(planned)]
    return float(np.hypot(*(np.roll(path, -1, axis=0) - path).T).sum())


def _order(points: np.ndarray) -> np.ndarray:
    """Return the order of a 2-optimal tour; private, as no route is ever returned."""
    order = z_order(points)
    n = len(order)
    following = (np.arange(n) + 1) % n
    gap = points[:, None] - points[None]
    apart = np.hypot(gap[..., 0], gap[..., 1])
    while True:
        along = apart[np.ix_(order, order)]
        leg = along[np.arange(n), following]
        # Legs (i, i+1) and (j, j+1) become (i, j) and (i+1, j+1).
        swapped = along + along[np.ix_(following, following)]
        gain = np.triu(leg[:, None] + leg[None] - swapped, 2)
        best = gain.argmax(axis=1)
        worth = gain[np.arange(n), best]
        taken = np.zeros(n, dtype=bool)
        for i in np.argsort(-worth, kind="stable")[: (worth > LEAST_GAIN).sum()]:
            part = slice(i, best[i] + 1)
            # Exchanges that share no leg can be made together.
            if not taken[part].any():
                taken[part] = True
                turned = slice(i + 1, best[i] + 1)
                order[turned] = order[turned][::-1].copy()
        if not taken.any():
            return order


def count_error(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of dots that would have to change area for the counts to be right.

    ``sum_a |after_a - before_a| / (2 n)``: the total variation between the two lists of counts.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        Area in which each dot is counted, without a mask and with it, in any order.

    Returns
    -------
    float
        In [0, 1], 0 = every area counts the same; nan without a dot.

    Raises
    ------
    ParameterError
        Anything but as many dots after as before.

    Examples
    --------
    >>> count_error(np.array(["a", "a", "b", "c"]), np.array(["a", "b", "b", "b"]))
    0.5
    """
    if len(before) != len(after):
        came = f"{len(after):,} for {len(before):,}"
        raise ParameterError.of("count_error", "as many dots after as before", came)
    if len(before) == 0:
        return float("nan")
    areas, code = np.unique(np.concatenate([before, after]), return_inverse=True)
    sign = np.repeat([-1.0, 1.0], len(before))
    change = np.bincount(code.reshape(-1), weights=sign, minlength=len(areas))
    return float(np.abs(change).sum() / (2 * len(before)))


def nearest_distances(points: np.ndarray) -> np.ndarray:
    """Return the distance from each dot to its nearest other dot, in metres.

    Set by chance on a plane, d a square metre, their mean is ``1 / (2 sqrt(d))`` (Clark and Evans
    1954).

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres; dots that share a place are 0 apart.

    Returns
    -------
    float, shape (n,)
        nan for a lone dot.

    References
    ----------
    Clark and Evans (1954).

    Examples
    --------
    >>> nearest_distances(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])).tolist()
    [5.0, 1.0, 1.0]
    """
    if len(points) < 2:
        return np.full(len(points), np.nan)
    order = z_order(points)
    distance = np.empty(len(points))
    distance[order] = cKDTree(points).query(points[order], k=2)[0][:, 1]
    return distance


def drift(before: np.ndarray, after: np.ndarray) -> float:
    """Return how far the centre of a map moved: between the two mean positions, in metres.

    Parameters
    ----------
    before, after : float, shape (n, 2) and (m, 2)
        Metres, at least one dot each.

    Returns
    -------
    float
        0 or more; 0 = the centre stays.

    References
    ----------
    Central drift, as MaskMyPy has it (Swanlund et al. 2020).

    Examples
    --------
    >>> drift(np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([[0.0, 4.0], [2.0, 4.0]]))
    4.0
    """
    return float(np.hypot(*(after.mean(axis=0) - before.mean(axis=0))))


def nearest_ratio(points: np.ndarray, area: float) -> float:
    """Return the nearest-neighbour ratio: the mean distance to the nearest dot over that of chance.

    ``2 mean(d) sqrt(n / area)``. No edge is corrected.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    area : float
        Square metres.

    Returns
    -------
    float
        1 for dots set by chance, below it clustered, above it dispersed; nan for a lone dot.

    References
    ----------
    Clark and Evans (1954), R.

    Examples
    --------
    >>> nearest_ratio(np.array([[0.0, 0.0], [3.0, 0.0]]), 72.0)
    1.0
    """
    return float(2 * nearest_distances(points).mean() * math.sqrt(len(points) / area))


def getis_ord(values: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    """Return Getis and Ord's G* of each area, as a number of standard deviations.

    An area and its neighbours have weight 1.

    Parameters
    ----------
    values : float, shape (n,)
    neighbours : int, shape (p, 2)
        Each pair of neighbouring areas once.

    Returns
    -------
    float, shape (n,)
        0 where values are high and low as on average; nan where none differs from another, or
        where all areas are neighbours of one.

    References
    ----------
    Ord and Getis (1995), G* with binary weights.

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2], [2, 3]])
    >>> getis_ord(np.array([3.0, 1.0, 0.0, 0.0]), line).round(3).tolist()
    [1.414, 0.816, -1.633, -1.414]
    """
    x, n = np.asarray(values, float), len(values)
    first, second = np.asarray(neighbours, dtype=np.int64).reshape(-1, 2).T
    around = np.bincount(first, minlength=n) + np.bincount(second, minlength=n) + 1.0
    total = x + np.bincount(first, x[second], n) + np.bincount(second, x[first], n)
    spread = (n * around - around**2) / max(n - 1, 1) * x.var()
    spread = np.where(spread > np.finfo(float).eps * n, spread, np.nan)
    return np.asarray((total - x.mean() * around) / np.sqrt(spread))


# One-sided, at a level of .05.
HOT = 1.645


def hot_spot_overlap(before: np.ndarray, after: np.ndarray, neighbours: np.ndarray) -> float:
    """Return which share of the hot spots of either map are hot spots of both.

    A cell is hot where its G* is above 1.645 (`getis_ord`); the share is Jaccard's, cells of both
    over cells of either.

    Parameters
    ----------
    before, after : float, shape (n,)
        Dots of each cell on the two maps.
    neighbours : int, shape (p, 2)
        Each pair of neighbouring cells once.

    Returns
    -------
    float
        In [0, 1], 1 = the same hot spots; nan where neither map has any.

    References
    ----------
    1 less the symmetrical difference over the union, after Kounadi and Leitner (2015).

    Examples
    --------
    >>> line = np.array([[k, k + 1] for k in range(7)])
    >>> was, now = np.array([9, 9, 0, 0, 0, 0, 0, 0]), np.array([9, 0, 0, 0, 0, 0, 0, 9])
    >>> hot_spot_overlap(was, was, line), hot_spot_overlap(was, now, line)
    (1.0, 0.0)
    """
    hot, still = (getis_ord(counts, neighbours) > HOT for counts in (before, after))
    either = int((hot | still).sum())
    return int((hot & still).sum()) / either if either else float("nan")


def ripley_k(points: np.ndarray, radii: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return Ripley's K at each radius, with translation edge correction in a rectangle.

    ``K(r) = A**2 / (n (n - 1)) sum_{i != j} [d_ij <= r] / A(i, j)``, where A is the area of the
    window and A(i, j) that of its overlap with itself moved by the step from i to j (Ripley 1976;
    the translation correction is that of Ohser 1983). Without it, dots at the edge would seem
    lonely. Scattered by chance, n dots have K(r) = pi r**2 on average, exactly.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres, inside of the window; several may share a place.
    radii : float, shape (r,)
        Metres, 0 or more, each below the shorter side of the window.
    window : float, shape (4,)
        Xmin, ymin, xmax, ymax.

    Returns
    -------
    float, shape (r,)
        Square metres; nan throughout for fewer than two dots.

    Raises
    ------
    ParameterError
        Radii outside of what the window supports.
        Anything but dots inside of the window.

    References
    ----------
    Ripley (1976).
    Ohser (1983).

    Examples
    --------
    Two dots 3 m apart in a square of 10 m: twice 1 / 70 over n (n - 1) = 2, times 10,000.

    >>> pair = np.array([[1.0, 5.0], [4.0, 5.0]])
    >>> ripley_k(pair, np.array([2.0, 3.0]), np.array([0.0, 0, 10, 10])).round(3).tolist()
    [0.0, 142.857]
    """
    low, high = np.asarray(window, float)[:2], np.asarray(window, float)[2:]
    side = high - low
    radius = np.asarray(radii, float)
    if (radius < 0).any() or (radius >= side.min()).any():
        needed = f"radii of 0 m to under {side.min():g} m, the window's shorter side"
        raise ParameterError.of("ripley_k", needed, f"{radius.min():g} to {radius.max():g} m")
    if ((points < low) | (points > high)).any():
        raise ParameterError.of("ripley_k", "dots inside of the window", "one outside of it")
    n = len(points)
    if n < 2:
        return np.full(len(radius), np.nan)
    ordered = points[z_order(points)]
    steps = np.sort(radius)
    weight = np.zeros(len(steps) + 1)
    for rows, pairs in pairs_within(ordered, cKDTree(ordered), float(steps[-1])):
        at = row_of(pairs.indptr) + rows.start
        other = at != pairs.place
        gap = np.abs(ordered[pairs.place[other]] - ordered[at[other]])
        overlap = (side[0] - gap[:, 0]) * (side[1] - gap[:, 1])
        step = np.searchsorted(steps, pairs.distance[other])
        weight += np.bincount(step, weights=1 / overlap, minlength=len(weight))
    running = np.cumsum(weight[:-1]) * side.prod() ** 2 / (n * (n - 1))
    k: np.ndarray = running[np.searchsorted(steps, radius)]
    return k


def ripley_l(points: np.ndarray, radii: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return L(r) = sqrt(K(r) / pi), in metres; r itself for random dots.

    Parameters as for `ripley_k`.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    radii : float, shape (r,)
        Metres.
    window : float, shape (4,)
        West, south, east, north, in metres.

    Returns
    -------
    ndarray

    References
    ----------
    Besag (1977).

    Examples
    --------
    >>> pair = np.array([[1.0, 5.0], [4.0, 5.0]])
    >>> ripley_l(pair, np.array([3.0]), np.array([0.0, 0, 10, 10])).round(3).tolist()
    [6.743]
    """
    return np.sqrt(ripley_k(points, radii, window) / math.pi)


def clustering_error(
    before: np.ndarray, after: np.ndarray, radii: np.ndarray, window: np.ndarray
) -> float:
    """Return the root mean square gap of L over radii between the true and the masked map.

    Parameters
    ----------
    before, after : float, shape (n, 2) and (m, 2)
        Metres.
    radii, window : ndarray
        As for `ripley_k`.

    Returns
    -------
    float
        Metres, 0 = the same clustering at every radius; nan for fewer than two dots, or no radius.

    Examples
    --------
    >>> pair, window = np.array([[1.0, 5.0], [4.0, 5.0]]), np.array([0.0, 0, 10, 10])
    >>> clustering_error(pair, pair, np.array([3.0]), window)
    0.0
    """
    if len(radii) == 0:
        return float("nan")
    gap = ripley_l(after, radii, window) - ripley_l(before, radii, window)
    return float(np.sqrt(np.mean(gap**2)))


def moran(values: np.ndarray, neighbours: np.ndarray) -> float:
    """Return Moran's I over pairs of neighbours of equal weight.

    ``I = n / S0 * sum_ij w_ij z_i z_j / sum_i z_i**2``, z being the deviations from the mean (Moran
    1950). Dealt at random over the areas, its mean is -1 / (n - 1). Near 1: like beside like.

    Parameters
    ----------
    values : float, shape (n,)
    neighbours : int, shape (p, 2)
        Each pair of neighbouring areas once.

    Returns
    -------
    float
        nan where there are fewer than four areas, no neighbours, or no variation.

    References
    ----------
    Moran (1950).

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2], [2, 3]])
    >>> round(moran(np.array([1.0, 1.0, 0.0, 0.0]), line), 3)
    0.333
    """
    z = np.asarray(values, float) - np.mean(values) if len(values) else np.empty(0)
    n, square = len(z), float((z**2).sum())
    if n < 4 or len(neighbours) == 0 or square <= np.finfo(float).eps * n:
        return float("nan")
    first, second = np.asarray(neighbours).T
    return n / len(first) * float((z[first] * z[second]).sum()) / square


def side_by_side(cells: np.ndarray) -> np.ndarray:
    """Return the pairs of grid cells that share a side, each once.

    Parameters
    ----------
    cells : int, shape (n, 2)
        Column and row of each cell, each cell once.

    Returns
    -------
    int64, shape (p, 2)
        Positions in `cells`.

    Examples
    --------
    >>> side_by_side(np.array([[0, 0], [1, 0], [1, 1], [5, 5]])).tolist()
    [[0, 1], [1, 2]]
    """
    if len(cells) == 0:
        return np.empty((0, 2), np.int64)
    column, row = (cells - cells.min(axis=0)).astype(np.int64).T
    height = row.max() + 2  # one spare row keeps the top of a column from the next one's bottom
    key = column * height + row
    order = np.argsort(key)
    pairs = []
    for step in (height, 1):
        at = np.minimum(np.searchsorted(key[order], key + step), len(key) - 1)
        is_pair = key[order[at]] == key + step
        pairs.append(np.stack([np.flatnonzero(is_pair), order[at[is_pair]]], axis=1))
    return np.concatenate(pairs)


def cell_counts(points: np.ndarray, cells: np.ndarray, size: float) -> np.ndarray:
    """Return the number of points of each grid cell of `size` metres; points elsewhere are ignored.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    cells : int, shape (m, 2)
        Column and row of each cell.
    size : float
        Side of a cell, in metres.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> dots = np.array([[10.0, 10.0], [199.0, 0.0], [200.0, 0.0], [900.0, 900.0]])
    >>> cell_counts(dots, np.array([[0, 0], [1, 0], [0, 1]]), 200.0).tolist()
    [2, 1, 0]
    """
    at = np.floor(points / size).astype(np.int64)
    both, code = np.unique(np.concatenate([cells, at]), axis=0, return_inverse=True)
    code = code.reshape(-1)
    return np.bincount(code[len(cells) :], minlength=len(both))[code[: len(cells)]]


# Doors of one evening's walk, at most: a scenario, which sets the length of a tour.
DOORS = 100

# Dots of each pattern between which Ripley's K is counted, at most: thinned at random, a pattern
# keeps its K, and pairs grow as the square of the dots.
MOST_DOTS = 5_000

# Each with its unit: 0 for a map without a mask, and grows with what the mask costs.
UTILITIES = {
    "suppressed": "share",
    "moved_mean": "metres",
    "drift": "metres",
    "station_count_error": "share",
    "clustering_error": "metres",
    "moran_error": "index",
    "density_moved": "share",
    "hot_spots_lost": "share",
    "nearest_ratio_error": "index",
    "tour_extra": "ratio",
}


def map_utility(
    before: np.ndarray,
    after: np.ndarray,
    base: AddressBase,
    *,
    radii: tuple[float, ...] = (100.0, 250.0, 500.0),
    cell: float = 200.0,
    bandwidth: float = 200.0,
    seed: int = 7,
) -> Measures:
    """Measure what a mask costs the reader of a map, against an uninformative map.

    Parameters
    ----------
    before : ndarray of float, shape (n, 2)
        Where the dots belong, metres.
    after : ndarray of float, shape (n, 2)
        Where the masked map shows them; nan where it leaves one out.
    base : AddressBase
        The addresses around: a dot counts for the station of the nearest one.
    radii : tuple of float
        Metres at which Ripley's L is compared; those of half the map's shorter side and more
        are left out, and the note says which were kept.
    cell : float
        Side of the square cells of Moran's I and of hot spots, metres. The cells are those that
        hold an address or a dot of either map, the area of the nearest-neighbour ratio;
        neighbours share a side.
    bandwidth : float
        Of the heat map's Gaussian kernel, metres.
    seed : int
        Of the blank map, and of the 5,000 dots between which clustering is measured where
        there are more.

    Returns
    -------
    Measures
        One row each of `UTILITIES`, n dots; 0 = the mask costs nothing. They are plain figures
        of one masked map (low = high = value). The *baseline* is the same figure for a map
        that tells nothing: as many dots on addresses drawn at random. Dots left out count as
        wrong in station_count_error, and are left out of the other comparisons. tour_extra
        compares closed walks from door to door, of at most 100 doors of one station each (see
        `walked_length`): only their length is kept, never an order.

    Raises
    ------
    ParameterError
        The two maps differ in length or hold no dot, or a size is not above 0.
    """
    who = "map_utility"
    in_range(who, "cell", cell, 0, open_low=True)
    in_range(who, "bandwidth", bandwidth, 0, open_low=True)
    for radius in radii:
        in_range(who, "radii", radius, 0, open_low=True)
    if len(before) == 0 or np.shape(before) != np.shape(after):
        came = f"{len(before):,} and {len(after):,} dots"
        raise ParameterError.of(who, "the same dots before and after, at least one", came)
    places = base.xy
    blank = places[stream(seed, "utility", "blank").integers(len(base), size=len(before))]
    shown = np.isfinite(after).all(axis=1)
    everything = np.concatenate([places, before, after[shown]])
    window = np.concatenate([everything.min(axis=0), everything.max(axis=0)])
    inside = np.array([r for r in radii if r < (window[2:] - window[:2]).min() / 2])
    order = stream(seed, "utility", "thinning").permutation(len(before))
    thinned = np.sort(order[:MOST_DOTS])
    costs, nothing = (_costs(before, dots, base, cell, bandwidth) for dots in (after, blank))
    for cost, dots in ((costs, after[thinned]), (nothing, blank[thinned])):
        left = dots[np.isfinite(dots).all(axis=1)]
        cost["clustering_error"] = clustering_error(before[thinned], left, inside, window)
    notes = {
        "clustering_error": Note("clustering_radii", radii=tuple(inside.tolist())),
        "moran_error": Note("moran_cells", side=cell),
        "hot_spots_lost": Note("moran_cells", side=cell),
        "density_moved": Note("density_kernel", bandwidth=bandwidth),
        "tour_extra": Note("tour_lower_bound", doors=DOORS),
    }
    rows = Rows(len(before), "dots")
    for name, unit in UTILITIES.items():
        rows.count(name, costs[name], unit, notes.get(name, ()), baseline=nothing[name])
    return Measures(
        family="utility",
        rows=rows,
        provenance="audited file" if base.real else "simulated",
        recipe={"radii": inside.tolist(), "cell": cell, "bandwidth": bandwidth, "seed": seed},
    )


def _costs(
    before: np.ndarray, after: np.ndarray, base: AddressBase, cell: float, bandwidth: float
) -> dict[str, float]:
    """Each of `UTILITIES` but the clustering; nan where there are too few dots to say."""
    shown = np.isfinite(after).all(axis=1)
    stayed, moved = before[shown], after[shown]
    station = _stations(before, base)
    seen_in = np.full(len(before), -1)
    seen_in[shown] = _stations(moved, base)
    known = bool((station >= 0).any())
    cost = {
        "suppressed": float(1 - shown.mean()),
        "station_count_error": count_error(station, seen_in) if known else float("nan"),
    }
    if not shown.any():
        return dict.fromkeys(UTILITIES, float("nan")) | cost
    cost["moved_mean"] = float(np.hypot(*(moved - stayed).T).mean())
    cost["drift"] = drift(stayed, moved)
    cost["density_moved"] = density_moved(before, moved, bandwidth)
    cells = np.unique(
        np.floor(np.concatenate([base.xy, before, moved]) / cell).astype(np.int64), axis=0
    )
    pairs = side_by_side(cells)
    was, now = (cell_counts(dots, cells, cell) for dots in (before, moved))
    cost["moran_error"] = abs(moran(now, pairs) - moran(was, pairs))
    cost["hot_spots_lost"] = 1 - hot_spot_overlap(was, now, pairs)
    area = len(cells) * cell**2
    cost["nearest_ratio_error"] = abs(nearest_ratio(moved, area) - nearest_ratio(before, area))
    tours = _tours(stayed, station[shown])
    planned = sum(walked_length(stayed[tour], stayed[tour]) for tour in tours)
    walked = sum(walked_length(moved[tour], stayed[tour]) for tour in tours)
    cost["tour_extra"] = walked / planned - 1 if planned > 0 else float("nan")
    return cost


def _tours(doors: np.ndarray, station: np.ndarray) -> list[np.ndarray]:
    """Share the doors of each station out among canvassers: neighbours to the same one."""
    tours = []
    for turf in np.unique(station):
        rows = np.flatnonzero(station == turf)
        rows = rows[z_order(doors[rows])]
        tours += np.array_split(rows, -(-len(rows) // DOORS))
    return tours


def _stations(dots: np.ndarray, base: AddressBase) -> np.ndarray:
    """Code of the station of the nearest address of each dot, -1 where it has none."""
    stations = base.frame["station"]
    code = pd.factorize(stations.where(stations != ""))[0]
    pairs = nearest(dots, base.xy)
    codes: np.ndarray = code[pairs.place[pairs.indptr[:-1]]]
    return codes
