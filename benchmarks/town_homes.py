"""Homes a building of fictional towns, fitted anew: makes `docs/data/validation/refits.csv`.

    python benchmarks/town_homes.py --addresses ADDRESSES --populations POPULATIONS --cells CELLS \\
        --maps --write docs

Three laws of where buildings stand are held beside figures that they were fitted to and beside
others: as it is; with probabilities that sum as they should, and the numbers of the kinds as they
are; and these with three numbers of each kind fitted anew. Communes of a kind are dealt in turn
into two halves: what is fitted to one is held against the other, and the reverse. No figure of the
cells of `docs/validation.md` is fitted to, but the households an address of Joinville-le-Pont are
(mixed).
"""

import argparse
import logging
from functools import partial
from itertools import count
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import validation
from scipy.optimize import minimize
from scipy.spatial import cKDTree

from privaudit.io.addresses import read_addresses
from privaudit.io.public_counts import read_cells, read_communes
from privaudit.simulation import simulate as simulation
from privaudit.simulation import territory
from privaudit.simulation.dwellings import MEAN_SIZE
from privaudit.simulation.registers import draw_stations
from privaudit.simulation.spatial_statistics import (
    LEVELS,
    RADII,
    people_around,
    real_quantiles,
    shared_by_station,
    shared_out,
)
from privaudit.simulation.streets import waves
from privaudit.simulation.town import KINDS, Town, kind_by_people
from privaudit.studies.demo import VARIED, Scene
from privaudit.studies.sensitivity import sensitivity

# Households of a town of each kind, and towns that a set of numbers is tried on.
HOUSEHOLDS = {"dense": (16_000, 4), "mixed": (12_000, 6), "rural": (3_000, 8)}
NUMBERS = ("building", "estates", "room")
VARYING = {"as it is": (), "summing": (), "three refitted": NUMBERS}
BOUNDS = {"building": (9.0, 100.0), "estates": (0.1, 5.0), "room": (0.3, 6.0)}
SEED, STEPS = 59_000, 100
ADULTS_ON_ROLL = 0.72


def flats_of(at, zone, kind, rng, *, numbers, sums=True):
    """Draw buildings as `territory._flats` does, from other numbers, with sums that hold."""
    if not sums:
        return ORIGINAL(at, zone, kind, rng)
    given = numbers[kind.name]
    estates = waves(rng, territory._ESTATES)(at)
    share = (kind.households - 1) / (max(given["building"], 1.2 * kind.households) - 1)
    doors = np.column_stack([at.real, at.imag])
    around = cKDTree(doors).query_ball_point(doors, 100.0, return_length=True)
    likely = np.exp(given["estates"] * estates) * np.asarray(around, float) ** -given["room"]
    houses, centre = np.isin(zone, territory._HOUSES), np.isin(zone, ("centre", "square"))
    likely *= np.where(houses, 0.0, np.where(centre, territory._CENTRE, 1.0))
    likely = territory._summing_to(likely, share * len(at))
    homes = rng.gamma(1.5, size=len(at))
    halves = 0.15 * (rng.random(len(at)) < 0.08) + 1e-3
    return homes * (rng.random(len(at)) < likely) + halves * ~houses


ORIGINAL = territory._flats


def drawn_with(numbers, sums):
    """Return a context in which fictional towns are drawn by a law."""
    return patch.object(territory, "_flats", partial(flats_of, numbers=numbers, sums=sums))


class Streets:
    """Streets of a town, laid out once, whose homes are drawn as often as is wanted."""

    def __init__(self, kind, households, seed):
        self.kind, self.seed, seen = KINDS[kind], seed, {}

        def take(at, zone, *others):
            seen.update(at=at, zone=zone)
            return np.ones(len(at))

        with patch.object(territory, "_inhabited", take):
            base, _ = territory.fictional_territory(
                households, self.kind, rng=np.random.default_rng([SEED, seed])
            )
        self.at, self.zone, self.xy = seen["at"], seen["zone"], base.xy
        self.more = max(households - len(base), 1)
        tree = cKDTree(self.xy)
        self.near = {}
        for radius in RADII:
            pairs = tree.sparse_distance_matrix(tree, radius, output_type="coo_matrix").tocsr()
            pairs.setdiag(1.0)
            pairs.data[:] = 1.0
            self.near[radius] = pairs

    def quantiles(self):
        """Return quantiles of people by polling station and of the households an address."""
        rng = np.random.default_rng([SEED, self.seed, 1])
        flats = territory._flats(self.at, self.zone, self.kind, rng)
        homes = 1 + rng.multinomial(self.more, flats / flats.sum())
        electors = np.rint(homes * MEAN_SIZE * ADULTS_ON_ROLL).astype(int)
        people = shared_by_station(
            draw_stations(self.xy, electors, Town().electors_per_station), homes.sum() * MEAN_SIZE
        )
        measured = {("people_by_station", r): near @ people for r, near in self.near.items()}
        measured["households_an_address", 0] = shared_out(self.xy, homes)
        return {
            (*key, level): value
            for key, values in measured.items()
            for level, value in zip(LEVELS, np.quantile(values, LEVELS), strict=True)
        }


def of_communes(base, populations):
    """Return the median quantiles of people by station of each kind and half of its communes."""
    rows, turn = [], {kind: count() for kind in KINDS}
    for code, frame in base.frame.groupby("commune"):
        kind = kind_by_people(populations[code] / len(frame))
        half = next(turn[kind]) % 2
        people = shared_by_station(frame["station"].to_numpy(dtype=str), populations[code])
        around = people_around(frame[["x", "y"]].to_numpy(), people_by_station=people)
        rows += [(kind, half, q[:3], q.value) for q in around]
    table = pd.DataFrame(rows, columns=["kind", "half", "quantile", "value"])
    return table.groupby(["kind", "half", "quantile"])["value"].median()


def households_an_address(kind):
    """Return the quantiles of Joinville-le-Pont where a town is of its kind."""
    return {k: v for k, v in real_quantiles(kind).items() if k[0] == "households_an_address"}


def off(streets, targets):
    """Return the logarithm of each mean quantile of towns over its target."""
    mean = pd.DataFrame([each.quantiles() for each in streets]).mean()
    return {key: float(np.log(mean[key] / target)) for key, target in targets.items()}


def mean_square(logs):
    """Return the sum over measures of the mean square of their logarithms."""
    return sum(pd.Series(logs).pow(2).groupby(level=0).mean())


def fitted(streets, kind, varying, targets):
    """Return the numbers of a kind that are nearest to targets, and how near they are."""
    given = KINDS[kind]
    start = {"building": territory._BUILDING, "estates": given.estates, "room": given.room}
    if not varying:
        return start

    def numbers(logs):
        named = zip(varying, np.exp(logs), strict=True)
        return start | {name: float(np.clip(x, *BOUNDS[name])) for name, x in named}

    def far(logs):
        with drawn_with({kind: numbers(logs)}, True):
            return mean_square(off(streets, targets))

    first = np.log([start[name] for name in varying])
    corners = np.vstack([first, first + 0.3 * np.diag([1.0, -1.0, 1.0])])
    options = {"maxfev": STEPS, "xatol": 0.02, "fatol": 1e-4, "initial_simplex": corners}
    return numbers(minimize(far, first, method="Nelder-Mead", options=options).x)


def on_cells(base, grid):
    """Return the rows of `docs/validation.md` on homes a building, by the law in force."""
    doors, houses, flats = validation.of_cells(base, grid)
    published = validation.buildings_by_cell(doors, houses, flats)
    homes = (houses + flats).sum()
    town = Town(inhabitants=round(homes * MEAN_SIZE), kind="mixed",
                homes_per_address=homes / doors.sum())  # fmt: skip
    made = []
    for seed in range(validation.SEED, validation.SEED + validation.TOWNS):
        place, dwellings = simulation._settle(town, simulation._kind(town, seed), seed)
        squares = np.floor(place.xy / validation.CELL)
        at = np.unique(squares, axis=0, return_inverse=True)[1].ravel()
        held = np.bincount(dwellings.address, minlength=len(at))
        several = np.where(held > 1, held, 0)
        made.append(validation.buildings_by_cell(
            np.bincount(at), np.bincount(at, held == 1), np.bincount(at, several)
        ))  # fmt: skip
    table = pd.DataFrame(made)
    return [validation.row(name, value, table[name], "") for name, value in published.items()]


def on_maps(people, homes):
    """Return what two maps of a town like Joinville-le-Pont reveal, net of chance."""
    varied, usual = validation.NOTHING
    town = Town(inhabitants=people, kind="mixed", homes_per_address=homes)
    found = sensitivity(town, views=VARIED, ranges={varied: [usual]}, seed=validation.FIRST,
                        towns=validation.ON_MAPS)  # fmt: skip
    return {view: found.row("net", view=view, parameter=varied, at=usual).value for view in VARIED}


def judged(name, half, communes, base, grid, maps):
    """Return a line: what a law misses of the figures that it was fitted to, and of others."""
    numbers, logs = {}, {"fitted": [], "held out": []}
    sums = name != "as it is"
    for kind, (households, towns) in HOUSEHOLDS.items():
        streets = STREETS.setdefault(
            kind, [Streets(kind, households, seed) for seed in range(towns)]
        )
        mine, theirs = (dict(communes[kind, each]) for each in (half, 1 - half))
        mine |= households_an_address(kind)
        numbers[kind] = fitted(streets, kind, VARYING[name], mine)
        with drawn_with(numbers, sums):
            logs["fitted"] += off(streets, mine).values()
            logs["held out"] += off(streets, theirs).values()
    line = {"law": name, "fitted to half": "AB"[half]}
    for which, values in logs.items():
        missed = sum(abs(np.exp(value) - 1) > 0.1 for value in values)
        line |= {f"{which}, missed": f"{missed} of {len(values)}",
                 f"{which}, off": float(np.sqrt(np.mean(np.square(values))))}  # fmt: skip
    with drawn_with(numbers, sums):
        rows = on_cells(base, grid)
        ratio = [row["simulated"] / row["published"] for row in rows]
        missed = sum(row["held"] == "no" for row in rows)
        line |= {"cells, missed": f"{missed} of {len(rows)}",
                 "cells, off": float(np.sqrt(np.mean(np.log(ratio) ** 2)))}  # fmt: skip
        logging.info("%s", [(r["figure"], r["simulated"], r["low"], r["high"]) for r in rows])
        line |= on_maps(*maps) if maps else {}
    for kind, given in numbers.items():
        line[f"{kind}: {', '.join(NUMBERS)}"] = " ".join(f"{given[n]:.2g}" for n in NUMBERS)
    logging.info("%s", line)
    return line


STREETS = {}


def main():
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("addresses", "populations", "cells"):
        asked.add_argument(f"--{name}", type=Path, required=True)
    asked.add_argument("--write", type=Path, help="folder of the page")
    asked.add_argument("--maps", action="store_true", help="also what is found on two maps")
    given = asked.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    base, grid = read_addresses(given.addresses), read_cells(given.cells)
    populations = read_communes(given.populations).set_index("commune")["population"]
    communes = of_communes(base, populations)
    maps = None
    if given.maps:
        where = {"addresses": given.addresses, "cells": given.cells}
        real = Scene(commune=validation.COMMUNE, **where).town()
        maps = real.inhabitants, real.homes()
    lines = [judged(name, half, communes, base, grid, maps) for name in VARYING for half in (0, 1)]
    table = pd.DataFrame(lines).round(3)
    print(table.T.to_string())
    if given.write is not None:
        table.to_csv(given.write / "data/validation/refits.csv", index=False)


if __name__ == "__main__":
    main()
