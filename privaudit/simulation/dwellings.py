"""Households at each address and their sizes, from flats, density or counts on cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.world import read_figures

LARGEST = 8
MEAN_SIZE = 2.18
# Households a hectare within 150 m: a hamlet below the first, a dense centre from the second.
_DENSITY = (4.0, 40.0)
_RADIUS = 150.0


@dataclass(frozen=True, eq=False)
class Dwellings:
    """Households in the order of their addresses.

    `address` and `size` have one value a household, `zone` one an address. `cell` is the row of
    the cell that a household is counted in, -1 without cells; `merged` maps each cell to the one
    that its counts were moved to, itself where it holds an address.
    """

    address: Ints
    size: Ints
    zone: Strs
    cell: Ints
    merged: Ints


def dwellings_with_flats(
    base: AddressBase, flats: Floats, inhabitants: int, *, rng: np.random.Generator
) -> Dwellings:
    """Draw the households of a fictional territory: one an address, the others in flats.

    Parameters
    ----------
    base : AddressBase
    flats : ndarray of float
        As returned by `fictional_territory`.
    inhabitants : int
    rng : numpy.random.Generator

    Returns
    -------
    Dwellings
        Their sizes sum to `inhabitants`.
    """
    households = max(round(inhabitants / MEAN_SIZE), len(base))
    counts = 1 + rng.multinomial(households - len(base), flats / flats.sum())
    return _dwellings(base, counts, inhabitants, rng)


def dwellings_from_density(
    base: AddressBase,
    inhabitants: int,
    *,
    building: float,
    rng: np.random.Generator,
) -> Dwellings:
    """Draw the households of real addresses from the file's counts, else in houses and buildings.

    Parameters
    ----------
    base : AddressBase
        Addresses.
    inhabitants : int
        Number of people.
    building : float, optional
        Mean households of a building of flats; all other addresses then hold one. Where None,
        every address shares in what density makes likely.
    rng : numpy.random.Generator

    Returns
    -------
    Dwellings
    """
    households = max(round(inhabitants / MEAN_SIZE), 1)
    if "households" in base.counts and base.frame["households"].sum() > 0:
        expected = base.frame["households"].to_numpy(dtype=float)
    elif households > len(base):
        return _dwellings(base, _in_buildings(base, households, building, rng), inhabitants, rng)
    else:
        expected = expected_households(base.xy) * rng.gamma(1.2, size=len(base))
    return _dwellings(base, _apportion(expected, households), inhabitants, rng)


def _in_buildings(
    base: AddressBase, households: int, building: float, rng: np.random.Generator
) -> Ints:
    """Draw one household an address, the others in buildings, which stand where it is dense."""
    more = households - len(base)
    buildings = min(max(round(more / (building - 1)), 1), len(base))
    likely = expected_households(base.xy)
    chosen = rng.choice(len(base), buildings, replace=False, p=likely / likely.sum())
    weight = rng.gamma(1.5, size=buildings)
    counts = np.ones(len(base), dtype=np.int64)
    counts[chosen] += rng.multinomial(more, weight / weight.sum())
    return counts


def _dwellings(
    base: AddressBase, counts: Ints, inhabitants: int, rng: np.random.Generator
) -> Dwellings:
    """Draw household sizes for given numbers of households at each address."""
    address = np.repeat(np.arange(len(base)), counts)
    return Dwellings(
        address=address,
        size=_sizes(counts[address] > 2, inhabitants, rng),
        zone=zone_by_density(base.xy, counts),
        cell=np.full(len(address), -1),
        merged=np.empty(0, dtype=np.int64),
    )


def dwellings_from_cells(
    base: AddressBase, cells: pd.DataFrame, *, rng: np.random.Generator
) -> Dwellings:
    """Draw the households of real addresses so that each 200 m cell keeps its counts.

    The counts of a cell without an address move to the cell of the nearest address. Households in
    houses get the most isolated addresses, one each; those in buildings share the others.

    Parameters
    ----------
    base : AddressBase
        Addresses.
    cells : pandas.DataFrame
        Households on 200 m cells, as returned by `read_cells`.
    rng : numpy.random.Generator

    Returns
    -------
    Dwellings
    """
    home, merged = _cells_of_addresses(base, cells)
    count = {
        name: _merge(cells, name, merged)
        for name in ("households", "residents", "one_person", "five_plus", "in_houses")
    }
    households = _apportion(count["households"], round(float(count["households"].sum())))
    residents = _apportion(count["residents"], round(float(count["residents"].sum())))
    density = expected_households(base.xy)
    by_cell = np.argsort(home, kind="stable")
    start = np.searchsorted(home[by_cell], np.arange(len(cells) + 1))
    address, size, cell = [], [], []
    for c in np.flatnonzero(households):
        n = int(households[c])
        doors = by_cell[start[c] : start[c + 1]]
        doors = doors[np.argsort(density[doors], kind="stable")]
        houses = min(round(count["in_houses"][c]), len(doors), n)
        shared = doors[houses:] if houses < len(doors) else doors
        weight = rng.gamma(1.2, size=len(shared))
        flats = shared[rng.choice(len(shared), n - houses, p=weight / weight.sum())]
        address.append(np.concatenate([doors[:houses], flats]))
        alone, large = (round(count[name][c]) for name in ("one_person", "five_plus"))
        size.append(_cell_sizes(n, int(residents[c]), alone, large, rng))
        cell.append(np.full(n, c))
    where, people, owner = (np.concatenate(part) for part in (address, size, cell))
    order = np.argsort(where, kind="stable")
    zone = zone_by_density(base.xy, np.bincount(where, minlength=len(base)))
    return Dwellings(where[order], people[order], zone, owner[order], merged)


def expected_households(xy: Floats) -> Floats:
    """Return the expected households at each address from the density of addresses within 150 m.

    A rough scenario for towns without cells: 1.1 below 2 addresses a hectare, 6 from 20.
    """
    doors = _within(xy, np.ones(len(xy)))
    return np.interp(doors, [2.0, 8.0, 20.0], [1.1, 1.6, 6.0])


def zone_by_density(xy: Floats, households: Ints) -> Strs:
    """Name the zone of each address by the households per hectare within 150 m.

    Parameters
    ----------
    xy : ndarray of float
        Positions of addresses, metres.
    households : ndarray of int

    Returns
    -------
    ndarray of str
    """
    level = np.searchsorted(_DENSITY, _within(xy, households), side="right")
    return np.array(["hamlet", "houses", "centre"])[level]


def _within(xy: Floats, weight: npt.NDArray[np.generic]) -> Floats:
    """Return the sum of weights within 150 m of each point, per hectare of the disc."""
    from scipy.spatial import cKDTree

    tree = cKDTree(xy)
    pairs = tree.sparse_distance_matrix(tree, _RADIUS, output_type="ndarray")
    total = np.bincount(pairs["i"], np.asarray(weight, dtype=float)[pairs["j"]], len(xy))
    return total / (np.pi * _RADIUS**2 / 10_000)


def covering_cells(base: AddressBase, cells: pd.DataFrame) -> Ints:
    """Return the cell of each address, -1 for none.

    Parameters
    ----------
    base : AddressBase
    cells : pandas.DataFrame
        Households on 200 m cells, as returned by `read_cells`.

    Raises
    ------
    ParameterError
        They hold none of the addresses.
    """
    from privaudit.io.public_counts import cell_of

    home = cell_of(base, cells)
    if not (home >= 0).any():
        came = f"{len(cells):,} cells that hold none of {len(base):,} addresses"
        do = "Take the cells of the same commune."
        raise ParameterError.of("Town", "cells that cover the addresses", came, do)
    return home


def _cells_of_addresses(base: AddressBase, cells: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the cell of each address, and the cell that each cell's counts move to."""
    from scipy.spatial import cKDTree

    from privaudit.io.public_counts import cell_centres

    home = covering_cells(base, cells)
    inside = home >= 0
    centre = cell_centres(cells, base.crs, who="Town")
    merged = np.arange(len(cells))
    empty = ~np.isin(merged, home[inside])
    tree = cKDTree(base.xy[inside])
    merged[empty] = home[inside][tree.query(centre[empty])[1]]
    return home, merged


def _merge(cells: pd.DataFrame, name: str, merged: Ints) -> Floats:
    """Return the counts of each cell with those that move to it."""
    count = cells[name].to_numpy(dtype=float)
    return np.asarray(np.bincount(merged, count, len(cells)), dtype=float)


def _apportion(wanted: Floats, total: int) -> Ints:
    """Return integers that sum to `total`, in proportion, by largest remainders."""
    exact = wanted * (total / wanted.sum())
    low: Ints = np.floor(exact).astype(np.int64)
    last = np.argsort(low - exact, kind="stable")[: total - int(low.sum())]
    low[last] += 1
    return np.asarray(low)


def _sizes(flats: Bools, inhabitants: int, rng: np.random.Generator) -> Ints:
    """Draw sizes that mix to the French figures whatever the share of households in flats."""
    size = np.empty(len(flats), dtype=np.int64)
    figures = read_figures("population")["household_sizes"]
    small, large = (np.array(figures[kind]) for kind in ("flats", "houses"))
    usual = figures["in_flats"]
    every, apart, share = usual * small + (1 - usual) * large, small - large, float(flats.mean())
    for chosen, tilt in ((flats, 1 - share), (~flats, -share)):
        p = every + tilt * apart
        size[chosen] = rng.choice(len(p), int(chosen.sum()), p=p / p.sum()) + 1
    return _to_total(size, inhabitants, 1, LARGEST, rng)


def _cell_sizes(
    households: int, residents: int, alone: int, large: int, rng: np.random.Generator
) -> Ints:
    """Draw the sizes in one cell: people alone, large households, and the rest to the total."""
    alone = min(alone, households)
    large = min(large, households - alone)
    middle = households - alone - large
    p = np.array(read_figures("population")["household_sizes"]["houses"][1:4])
    p /= p.sum()
    rest = residents - alone - round(5.4 * large)
    between = _to_total(rng.choice(3, middle, p=p) + 2, rest, 2, 4, rng)
    size = np.repeat([1, 2, 5], (alone, middle, large)).astype(np.int64)
    size[alone : alone + middle] = between
    # People beyond four a household go to the large ones, then to any.
    missing = residents - int(size.sum())
    tail = size[alone + middle :]
    size[alone + middle :] = _to_total(tail, int(tail.sum()) + missing, 5, LARGEST, rng)
    return rng.permutation(_to_total(size, residents, 1, LARGEST, rng))


def _to_total(size: Ints, total: int, low: int, high: int, rng: np.random.Generator) -> Ints:
    """Add or remove one person at random households until sizes sum to `total`, within bounds."""
    size = size.copy()
    while (gap := total - int(size.sum())) != 0:
        step = 1 if gap > 0 else -1
        free = np.flatnonzero(size < high if gap > 0 else size > low)
        if not len(free):
            break
        size[rng.permutation(free)[: abs(gap)]] += step
    return size
