"""Does the range of an undeclared mask hold what is found, for masks that no candidate names?

    python benchmarks/unlisted_masks.py --dots 30 300 --maps 2 --towns 7003
    python benchmarks/unlisted_masks.py --addresses adresses-94.csv.gz --communes 94067

Homes are drawn uniformly over the addresses and moved in ways that were written down after the
candidates were. The adversary holds the addresses with their street names, and the dots. What is
printed is read as a page reads it: the interval of the row of the address, empty where no mask fits
the dots. Given is the share of maps with an interval, held the share of those whose interval holds
the share of right addresses that was found, and wide the share of them that span more than half.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.release.release import DotRelease
from privaudit.studies.audit import held_against

__all__ = ["MOVES", "judged", "map_of"]

Moves = Callable[[AddressBase, np.ndarray, np.random.Generator], np.ndarray]
# From a number of dots to one row a map.
Judge = Callable[[int], pd.DataFrame]


def _codes(base: AddressBase) -> np.ndarray:
    return pd.factorize(base.frame["commune"] + "/" + base.frame["street"])[0]


def _turned(distance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi, len(distance))
    return distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def by_distance(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Moves:
    """Return moves by a drawn distance in any direction."""
    return lambda base, home, rng: base.xy[home] + _turned(draw(rng, len(home)), rng)


def one_in_ten(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw distances up to 40 m, and for one in ten from 300 to 900 m."""
    return np.where(rng.random(n) < 0.1, rng.uniform(300, 900, n), rng.uniform(0, 40, n))


def _grouped(xy: np.ndarray, groups: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Group points by k-means; a group that loses all of its points is none."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="One of the clusters is empty")
        return kmeans2(xy, groups, seed=seed, minit="points")


def groups_of_five(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the mean of about five homes near each other (microaggregation)."""
    centres, label = _grouped(base.xy[home], max(len(home) // 5, 1), 3)
    return centres[label]


def sectors(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the mean address of one of forty sectors."""
    centres, label = _grouped(base.xy, 40, 5)
    return centres[label[home]]


def by_density(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add normal noise, wider where addresses are far apart."""
    spacing = cKDTree(base.xy).query(base.xy, k=[6])[0][:, 0]
    return base.xy[home] + 1.5 * spacing[home][:, None] * rng.normal(size=(len(home), 2))


def same_street(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at a random address of its street."""
    code = _codes(base)
    return np.array([base.xy[rng.choice(np.flatnonzero(code == code[k]))] for k in home])


def crossings(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot half way to the nearest address of another street."""
    code, result = _codes(base), []
    for k in home:
        other = base.xy[code != code[k]]
        at = other[np.argmin(((other - base.xy[k]) ** 2).sum(axis=1))]
        result.append((base.xy[k] + at) / 2)
    return np.array(result)


def first_number(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the first address of its street."""
    code = _codes(base)
    first = np.unique(code, return_index=True)[1]
    return base.xy[first[code[home]]]


def down_the_street(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every dot towards another address of its street by a part of the gap, and 3 m."""
    code, part = _codes(base), rng.random((len(home), 1))
    other = [rng.choice(np.flatnonzero(code == code[k])) for k in home]
    middle = base.xy[home] + part * (base.xy[other] - base.xy[home])
    return middle + rng.normal(0, 3, (len(home), 2))


def between_neighbours(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every dot half way to one of the five nearest addresses."""
    near = cKDTree(base.xy).query(base.xy[home], k=6)[1]
    other = near[np.arange(len(home)), rng.integers(1, 6, len(home))]
    return (base.xy[home] + base.xy[other]) / 2


def turned_map(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn the map by two degrees about its middle."""
    turn = np.deg2rad(2.0)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = base.xy.mean(axis=0)
    return middle + (base.xy[home] - middle) @ matrix.T


def drifting(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add normal noise of 20 m, and up to 120 m to the east."""
    east = np.column_stack([rng.uniform(0, 120, len(home)), np.zeros(len(home))])
    return base.xy[home] + east + rng.normal(0, 20, (len(home), 2))


def failed_numbers(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show half of the dots at the mean of their street, the others at home."""
    code = _codes(base)
    count = np.bincount(code)
    mean = np.column_stack([np.bincount(code, x) / count for x in base.xy.T])
    failed = rng.random(len(home)) < 0.5
    return np.where(failed[:, None], mean[code[home]], base.xy[home])


def turned_cells(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the middle of a cell of 90 by 60 m, of a grid turned by 20 degrees."""
    turn, size = np.deg2rad(20.0), np.array([90.0, 60.0])
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (np.floor(base.xy[home] @ matrix / size) + 0.5) * size @ matrix.T


def to_an_address(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add normal noise of 80 m and show the nearest address."""
    at = base.xy[home] + rng.normal(0, 80, (len(home), 2))
    return base.xy[cKDTree(base.xy).query(at)[1]]


def nearest_crossroads(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the nearest crossroads: where two streets have addresses 60 m apart."""
    code = _codes(base)
    pairs = cKDTree(base.xy).query_pairs(60.0, output_type="ndarray")
    pairs = pairs[code[pairs[:, 0]] != code[pairs[:, 1]]]
    apart = np.hypot(*(base.xy[pairs[:, 0]] - base.xy[pairs[:, 1]]).T)
    pairs = pairs[np.argsort(apart, kind="stable")]
    streets = np.sort(code[pairs], axis=1)
    first = np.unique(streets, axis=0, return_index=True)[1]
    corners = base.xy[pairs[first]].mean(axis=1)
    return corners[cKDTree(corners).query(base.xy[home])[1]]


def turned_grid(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the nearest corner of a grid of 100 m, turned by 30 degrees."""
    turn = np.deg2rad(30.0)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.round(base.xy[home] @ matrix / 100.0) * 100.0 @ matrix.T


def half_and_half(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move half of the dots by 40 m of normal noise, the others 100 to 200 m."""
    near = base.xy[home] + rng.normal(0, 40, (len(home), 2))
    far = base.xy[home] + _turned(rng.uniform(100, 200, len(home)), rng)
    return np.where(rng.random((len(home), 1)) < 0.5, near, far)


def mean_of_five(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show every dot at the mean of its home and the four addresses nearest to it."""
    return base.xy[cKDTree(base.xy).query(base.xy[home], k=5)[1]].mean(axis=1)


def cells_and_noise(base: AddressBase, home: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Show half of the dots at the middle of a cell of 100 m, the others with 30 m of noise."""
    cell = (np.floor(base.xy[home] / 100.0) + 0.5) * 100.0
    noise = base.xy[home] + rng.normal(0, 30, (len(home), 2))
    return np.where(rng.random((len(home), 1)) < 0.5, cell, noise)


MOVES: dict[str, Moves] = {
    "triangular distances": by_distance(lambda rng, n: rng.triangular(0, 60, 180, n)),
    "Weibull distances": by_distance(lambda rng, n: 90 * rng.weibull(3, n)),
    "Poisson steps of 10 m": by_distance(lambda rng, n: 10.0 * rng.poisson(6, n)),
    "one in ten goes far": by_distance(one_in_ten),
    "groups of five": groups_of_five,
    "forty sectors": sectors,
    "by density": by_density,
    "same street": same_street,
    "crossings": crossings,
    "first number": first_number,
    "down the street": down_the_street,
    "between neighbours": between_neighbours,
    "turned map": turned_map,
    "drifting": drifting,
    "failed numbers": failed_numbers,
    "turned cells": turned_cells,
    "noise, then an address": to_an_address,
    "nearest crossroads": nearest_crossroads,
    "turned grid": turned_grid,
    "half and half": half_and_half,
    "mean of five": mean_of_five,
    "cells and noise": cells_and_noise,
}


def map_of(base: AddressBase, moves: Moves, n: int, seed: Sequence[int]) -> dict[str, Any]:
    """Return what a page prints of one map, and what is found."""
    rng = np.random.default_rng(list(seed))
    home = rng.integers(len(base), size=n)
    dots = moves(base, home, rng).round(2)
    leak = DotRelease(
        records=pd.DataFrame(dots, columns=["x", "y"]),
        roles=Roles(location=["x", "y"]),
        backdrop=base,
    )
    who = Adversary.unknown_mask()
    made = guess(leak, who, rng=np.random.default_rng([1, *seed]))
    row = held_against(made, leak, who, truth=None, seed=1).overall.loc["address"]
    found = float((made.address == home).mean())
    low, high = float(row["low"]), float(row["high"])
    # Dots are whole: half of one is no miss.
    half = 0.5 / n
    return {
        "low": low, "high": high, "found": found, "given": bool(np.isfinite(low)),
        "held": bool(low - half <= found <= high + half), "wide": bool(high - low > 0.5),
        "why": ", ".join(note.key for note in made.doubts),
    }  # fmt: skip


def judged(
    places: dict[str, AddressBase], n: int, seeds: Sequence[int], names: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row a map of each way to move dots."""
    rows = []
    for name, moves in MOVES.items():
        if names and not any(word in name for word in names):
            continue
        for k, (place, base) in enumerate(places.items()):
            for seed in seeds:
                told = map_of(base, moves, n, (seed, k, n, crc32(name.encode())))
                rows.append({"mask": name, "place": place, "seed": seed, "dots": n, **told})
    return pd.DataFrame(rows)


def summary(maps: pd.DataFrame) -> pd.DataFrame:
    """Return, mask by mask and over all, how often a range is given, and how often it holds."""
    every = pd.concat([maps, maps.assign(mask="all")])

    def of(some: pd.DataFrame) -> pd.Series:
        given = some[some["given"]]
        mean = given[["held", "wide", "low", "high"]].mean()
        values = {"maps": len(some), "given": some["given"].mean(), **mean}
        return pd.Series({**values, "found": some["found"].mean()})

    return every.groupby("mask", sort=False)[list(maps.columns.drop("mask"))].apply(of).round(3)


def print_tables(places: dict[str, AddressBase], asked: argparse.Namespace, judge: Judge) -> None:
    """Print the summary of each number of dots, and keep the maps where that is asked."""
    every = []
    for n in asked.dots:
        every.append(judge(n))
        print(f"\n{n} dots a map, places: {', '.join(places)}")
        print(summary(every[-1]).to_string(), flush=True)
    if asked.kept:
        pd.concat(every).to_csv(asked.kept, index=False)


def main() -> None:
    """Print the tables."""
    from unknown_masks import arguments, places_asked

    words = arguments(__doc__)
    words.add_argument("--maps", type=int, default=1, help="of each mask, a place")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--masks", nargs="*", default=[], help="words that their names hold")
    asked = words.parse_args()
    places = places_asked(words, asked)
    seeds = range(asked.seed, asked.seed + asked.maps)
    print_tables(places, asked, lambda n: judged(places, n, seeds, asked.masks))


if __name__ == "__main__":
    main()
