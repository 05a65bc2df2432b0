"""What a masked map is still good for, beside what it gives away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, say
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.measures.maps.kernel_density import density_moved
from privaudit.measures.maps.neighbours import nearest, z_order
from privaudit.measures.maps.tour import walked_length
from privaudit.measures.maps.utility_patterns import (
    cell_counts,
    clustering_error,
    count_error,
    moran,
    nearest_distances,
    side_by_side,
)
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.places.address_base import AddressBase

__all__ = ["UTILITIES", "map_utility"]

# Doors of one evening's walk, at most: a scenario, which sets the length of a tour.
DOORS = 100

# Dots of each pattern between which Ripley's K is counted, at most: thinned at random, a pattern
# keeps its K, and pairs grow as the square of the dots.
MOST_DOTS = 5_000

# Each with its unit: 0 for a map without a mask, and grows with what the mask costs.
UTILITIES = {
    "suppressed": "share",
    "moved_mean": "metres",
    "station_count_error": "share",
    "clustering_error": "metres",
    "moran_error": "index",
    "density_moved": "share",
    "nearest_error": "metres",
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
    """Measure what a mask costs whoever reads the map, against a map that tells nothing.

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
        Side of the square cells of Moran's I, metres. The cells are those that hold an
        address or a dot of either map; neighbours share a side.
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
        `measures.tour.walked_length`): only their length is kept, never an order.

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
        raise ParameterError(say(who, "the same dots before and after, at least one", came))
    places = base.xy
    blank = places[stream(seed, "utility", "blank").integers(len(base), size=len(before))]
    shown = np.isfinite(after).all(axis=1)
    everything = np.concatenate([places, before, after[shown]])
    window = np.concatenate([everything.min(axis=0), everything.max(axis=0)])
    kept = np.array([r for r in radii if r < (window[2:] - window[:2]).min() / 2])
    order = stream(seed, "utility", "thinning").permutation(len(before))
    thinned = np.sort(order[:MOST_DOTS])
    found, nothing = (
        _costs(before, dots, base, cell=cell, bandwidth=bandwidth)
        | {"clustering_error": _clustering(before[thinned], dots[thinned], kept, window)}
        for dots in (after, blank)
    )
    notes = {
        "clustering_error": Note("clustering_radii", radii=tuple(kept.tolist())),
        "moran_error": Note("moran_cells", side=cell),
        "density_moved": Note("density_kernel", bandwidth=bandwidth),
        "tour_extra": Note("tour_lower_bound", doors=DOORS),
    }
    rows = Rows(len(before), "dots")
    for name, unit in UTILITIES.items():
        rows.count(name, found[name], unit, notes.get(name, ()), baseline=nothing[name])
    return Measures(
        family="utility",
        rows=rows,
        provenance="audited file" if base.real else "simulated",
        recipe={"radii": kept.tolist(), "cell": cell, "bandwidth": bandwidth, "seed": seed},
    )


def _costs(
    before: np.ndarray,
    after: np.ndarray,
    base: AddressBase,
    *,
    cell: float,
    bandwidth: float,
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
    cost["density_moved"] = density_moved(before, moved, bandwidth)
    cells = np.unique(
        np.floor(np.concatenate([base.xy, before, moved]) / cell).astype(np.int64), axis=0
    )
    pairs = side_by_side(cells)
    was, now = (moran(cell_counts(dots, cells, cell), pairs) for dots in (before, moved))
    cost["moran_error"] = abs(now - was)
    near = [nearest_distances(dots).mean() for dots in (before, moved)]
    cost["nearest_error"] = float(abs(near[1] - near[0]))
    tours = _tours(stayed, station[shown])
    planned = sum(walked_length(stayed[tour], stayed[tour]) for tour in tours)
    walked = sum(walked_length(moved[tour], stayed[tour]) for tour in tours)
    cost["tour_extra"] = walked / planned - 1 if planned > 0 else float("nan")
    return cost


def _clustering(
    before: np.ndarray, after: np.ndarray, radii: np.ndarray, window: np.ndarray
) -> float:
    """Gap of Ripley's L, nan where no radius fits the map."""
    if len(radii) == 0:
        return float("nan")
    return clustering_error(before, after[np.isfinite(after).all(axis=1)], radii, window)


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
    found: np.ndarray = code[pairs.place[pairs.indptr[:-1]]]
    return found
