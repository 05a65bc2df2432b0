"""Spatial statistics of addresses: quantiles of simulated towns and of real communes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES
from privaudit.simulation.world import DATA

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
RADII = (50, 100, 200)
# A target only of towns whose people around are known by squares.
MEANT_BY_CELL = ("people_within", 100, 0.5)
# Squares in which France counts people, metres.
CELL = 200.0
_MIDDLE = (0.25, 0.5, 0.75)
# Side of the squares that `ground_around` counts, metres.
_FINE = 12.5
# Blocks of these along a side of a square that is counted in.
_BLOCKS = 4
# Distances between doors of one row from which the bearing of a street is taken, metres.
_APART = (3.0, 80.0)
_FEW, _NEIGHBOURS = 8, 40


class Quantile(NamedTuple):
    """A quantile of a measure of `n` addresses, or its mean: `quantile` is 0 then.

    `metres` is its radius, 0 where it has none.
    """

    measure: str
    metres: int
    quantile: float
    value: float
    n: int


def spread_of(xy: Floats) -> Iterator[Quantile]:
    """Measure the density of addresses: `nearest_address`, `addresses_within`, `ground_around`."""
    from scipy.spatial import cKDTree

    tree, n = cKDTree(xy), len(xy)
    yield from _levels("nearest_address", 0, tree.query(xy, k=2)[0][:, 1], LEVELS)
    for radius in RADII:
        # Each pair is met once, and stands for both of its ends.
        near = np.bincount(tree.query_pairs(radius, output_type="ndarray").ravel(), minlength=n)
        yield from _levels("addresses_within", radius, near, LEVELS)
    yield from ground_around(xy)


def ground_around(xy: Floats) -> Iterator[Quantile]:
    """Measure the area within `RADII` of any address, in square metres an address.

    An adversary who knows a uniform mask over a disk re-identifies a share of the dots equal to
    this area over that of the disk.
    """
    from scipy.spatial import cKDTree

    if not len(xy):
        return
    built = np.unique(np.floor(xy / CELL), axis=0)
    beside = np.stack(np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]), axis=-1).reshape(-1, 2)
    cells = np.unique((built[:, None] + beside).reshape(-1, 2), axis=0)
    fine = np.arange(_FINE / 2, CELL, _FINE)
    # Small squares block by block: those of a block are `half` from its middle at most, so that
    # most blocks are in a radius, or out of it, as a whole.
    inside = np.array([[x, y] for x in fine for y in fine]).reshape(_BLOCKS, -1, _BLOCKS, 4, 2)
    inside = inside.transpose(0, 2, 1, 3, 4).reshape(_BLOCKS**2, -1, 2)
    middle, tree = inside.mean(axis=1), cKDTree(xy)
    half = float(np.hypot(*(inside[0] - middle[0]).T).max()) + TIE_METRES
    farthest = RADII[-1] + 1.0 + half
    apart = tree.query(
        (CELL * cells[:, None] + middle).reshape(-1, 2), distance_upper_bound=farthest
    )[0]
    cut = np.any([np.abs(apart - radius) <= half for radius in RADII], axis=0)
    cell, block = np.divmod(np.flatnonzero(cut), len(inside))
    squares = CELL * cells[cell][:, None] + inside[block]
    away = tree.query(squares.reshape(-1, 2), distance_upper_bound=farthest)[0]
    for radius in RADII:
        whole = (apart[~cut] <= radius).sum() * inside.shape[1]
        ground = _FINE**2 * float(whole + (away <= radius).sum()) / len(xy)
        yield Quantile("ground_around", radius, 0.0, ground, len(xy))


def angles_of(xy: Floats, bearing: Floats, street: Ints) -> Iterator[Quantile]:
    """Measure angles between streets: `next_street` and `street_grid`.

    Parameters
    ----------
    xy : ndarray of float
    bearing : ndarray of float
        Of the street at each address, in radians; nan where it is not known.
    street : ndarray of int
    """
    yield from _levels("next_street", 0, _street_angles(xy, bearing, street), _MIDDLE)
    known = bearing[np.isfinite(bearing)]
    if len(known):
        grid = np.angle(np.exp(4j * known).sum()) / 4
        off = np.abs((known - grid + np.pi / 4) % (np.pi / 2) - np.pi / 4)
        yield from _levels("street_grid", 0, np.degrees(off), _MIDDLE)


def shape_of(
    base: AddressBase,
    people: Floats | None = None,
    households: Floats | None = None,
    of_stations: Floats | None = None,
) -> Iterator[Quantile]:
    """Measure the pattern of addresses, and the number of people around them.

    Parameters
    ----------
    base : AddressBase
    people, households : ndarray of float, optional
        At each address as its cell's mean (`shared_out`), where known.
    of_stations : ndarray of float, optional
        People at each address as its polling station's mean (`shared_by_station`).

    Measures: `nearest_address`, metres; `addresses_within` 50, 100, 200 m, others than itself;
    `ground_around`, square metres an address within 50, 100, 200 m of any (a mean, no quantile);
    `next_street`, degrees (0 to 90) between the street of an address and the nearest other one;
    `street_grid`, degrees (0 to 45) between the street of an address and the grid that fits the
    streets best: 0 where all are parallel or square; `people_within` and `people_by_station`
    within 50, 100, 200 m; `households_an_address`.
    """
    xy = base.xy
    if len(xy) < 2:
        return
    yield from spread_of(xy)
    yield from angles_of(xy, *_bearings(base))
    if households is not None:
        yield from _levels("households_an_address", 0, households, LEVELS)
    at_each = {"people_within": people, "people_by_station": of_stations}
    yield from people_around(xy, **{k: v for k, v in at_each.items() if v is not None})


def people_around(xy: Floats, **people: Floats) -> Iterator[Quantile]:
    """Measure the number of people within `RADII` of an address, its own included.

    Parameters
    ----------
    xy : ndarray of float
    people : ndarray of float
        At each address, by the name that the measure bears.
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(xy)
    for radius in RADII:
        pairs = tree.sparse_distance_matrix(tree, radius, output_type="ndarray")
        for measure, count in people.items():
            around = np.bincount(pairs["i"], count[pairs["j"]], len(xy))
            yield from _levels(measure, radius, around, LEVELS)


def shared_out(xy: Floats, count: Floats | Ints) -> Floats:
    """Return the mean count an address of each square of 200 m, the cells of public counts.

    Parameters
    ----------
    xy : ndarray of float
        Positions of addresses, metres.
    count : ndarray of float | ndarray of int

    Returns
    -------
    ndarray of float
    """
    cell = np.unique(np.floor(xy / CELL), axis=0, return_inverse=True)[1].ravel()
    return np.asarray((np.bincount(cell, count) / np.bincount(cell))[cell])


def shared_by_station(station: Strs, people: float) -> Floats:
    """Divide people equally among polling stations, and those of a station among its addresses.

    Stations hold about as many people each, and any commune's address file has them: those with
    few addresses have large buildings. Beside cells (Joinville-le-Pont), the upper quartile and
    decile of the people around are within 4 %, lower ones 9 to 30 % above.

    Parameters
    ----------
    station : ndarray of str
        Polling station of each address.
    people : float

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> shared_by_station(np.array(["1", "1", "1", "2"]), 60).tolist()
    [10.0, 10.0, 10.0, 30.0]
    """
    which, doors = np.unique(station, return_inverse=True, return_counts=True)[1:]
    return np.asarray(people / len(doors) / doors[which], dtype=float)


@cache
def real_quantiles(kind: str) -> Mapping[tuple[str, int, float], float]:
    """Return the quantiles of the median real commune of a kind."""
    table = _communes(kind)
    return dict(zip(table.index, table["value"], strict=True))


@cache
def real_ranges(kind: str) -> Mapping[tuple[str, int, float], tuple[float, float]]:
    """Return the range of each quantile over the real communes of a kind, if several are known."""
    table = _communes(kind)
    table = table[table["low"] < table["high"]]
    return dict(zip(table.index, zip(table["low"], table["high"], strict=True), strict=True))


def _communes(kind: str) -> pd.DataFrame:
    table = pd.read_csv(DATA / "communes.csv", comment="#")
    table = table.set_index(["measure", "metres", "quantile"])
    return table.loc[table["kind"] == kind, ["value", "low", "high"]].astype(float)


def _levels(
    name: str, radius: int, values: Floats | Ints, levels: tuple[float, ...]
) -> Iterator[Quantile]:
    if len(values):
        for level, quantile in zip(levels, np.quantile(values, levels), strict=True):
            yield Quantile(name, radius, level, float(quantile), len(values))


def _bearings(base: AddressBase) -> tuple[Floats, Ints]:
    """Return the bearing of the street at each address (nan where unknown), and its street."""
    # A bearing leads to the next number on the same side of the street, or from the one before.
    frame, xy = base.frame, base.xy
    street = (frame["commune"] + "/" + frame["street"]).factorize()[0]
    number = frame["number"].str.extract(r"(\d+)", expand=False).astype(float).to_numpy()
    odd = np.nan_to_num(number) % 2
    order = np.lexsort((number, odd, street))
    step = np.diff(xy[order], axis=0)
    length = np.hypot(*step.T)
    same = (np.diff(street[order]) == 0) & (np.diff(odd[order]) == 0)
    same &= (length > _APART[0]) & (length < _APART[1])
    forward = np.where(same, np.arctan2(step[:, 1], step[:, 0]), np.nan)
    bearing = np.full(len(xy), np.nan)
    bearing[order[1:]] = forward
    bearing[order[:-1]] = np.where(same, forward, bearing[order[:-1]])
    return bearing, street


def _street_angles(xy: Floats, bearing: Floats, street: Ints) -> Floats:
    """Return the degrees between each street and that of the nearest address on another one."""
    from scipy.spatial import cKDTree

    tree, first, some = cKDTree(xy), np.full(len(xy), -1), np.flatnonzero(np.isfinite(bearing))
    # A few neighbours suffice for most addresses.
    for k in (_FEW, _NEIGHBOURS):
        apart, other = tree.query(xy[some], k=np.arange(1, min(k, len(xy)) + 1))
        elsewhere = (street[other] != street[some][:, None]) & np.isfinite(bearing[other])
        rows, at = np.arange(len(some)), elsewhere.argmax(axis=1)
        found = elsewhere[rows, at]
        first[some[found]] = other[rows, at][found]
        # Of places that are equally near, the order of the longer list decides.
        after = np.minimum(at + 1, apart.shape[1] - 1)
        some = some[~found | (apart[rows, after] <= apart[rows, at])]
    known = first >= 0
    turn = np.degrees(np.abs(bearing - bearing[first])[known]) % 180
    return np.asarray(np.minimum(turn, 180 - turn))
