"""Simulated towns beside published figures that nothing was fitted to: makes `docs/validation.md`.

    python benchmarks/validation.py --addresses ADDRESSES --cells CELLS --maps --write docs

The address file is that of Val-de-Marne (national address base), the cells of 200 m are those
around Joinville-le-Pont (Filosofi 2017).
"""

import argparse
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from privaudit.io.addresses import read_addresses
from privaudit.io.public_counts import cell_of, read_cells
from privaudit.simulation.dwellings import MEAN_SIZE
from privaudit.simulation.population import draw_first_names, draw_surname_ranks
from privaudit.simulation.simulate import simulate
from privaudit.simulation.spatial_statistics import CELL
from privaudit.simulation.town import Town
from privaudit.stats.intervals import one_more_group
from privaudit.studies.demo import VARIED, Scene
from privaudit.studies.sensitivity import sensitivity

SEED, DRAWS, TOWNS = 47_000, 10, 10
PERIODS = ((1916, 1940), (1941, 1965), (1966, 1990))
NAMES = "Charpentier and Coulmont 2017"
# Published, by period of birth: people of 100,000 with a homonym; the commonest, the ten and the
# hundred commonest first names, both sexes together; the hundred commonest surnames.
PUBLISHED = {
    "homonym": (0.0940, 0.0734, 0.0405),
    "first name, commonest": (0.0518, 0.0378, 0.0151),
    "first name, ten commonest": (0.2518, 0.2050, 0.1259),
    "first name, hundred commonest": (0.7905, 0.7261, 0.5698),
    "surname, hundred commonest": (0.0866, 0.0841, 0.0784),
}
# Communes whose people the census counts, and that no number of a density was fitted to.
COMMUNES = {
    "94028": ("Créteil", 93_397),
    "94068": ("Saint-Maur-des-Fossés", 76_572),
    "94047": ("Mandres-les-Roses", 4_922),
}
# Homes of a building that are given to a town beside the default.
SIZES = (None, 15.0, 20.0, 26.0)
# Towns a line of the maps, seed of the first, and what makes no difference (its usual value).
ON_MAPS, FIRST, NOTHING = 4, 11, ("roll_staleness", 0.08)
COMMUNE = "94042"
# Adults of French nationality on a roll, times those of them on the roll of where they live.
ON_ROLL = 0.942 * (1 - 0.165)
AROUND = "around Joinville-le-Pont"
# Of the cells: what is held against them, and how many homes of a hundred lie under it.
LEVELS = {"a tenth": 0.1, "half": 0.5, "nine tenths": 0.9}
COLUMNS = ["figure", "published", "simulated", "low", "high", "held", "source"]


def names_of(first, last, rng, people=100_000):
    """Return the figures of the names of people born between two years."""
    sex = rng.choice(np.array(["F", "M"]), people)
    given = draw_first_names(sex, rng.integers(first, last + 1, people), rng=rng)
    surname = draw_surname_ranks(people, rng=rng)
    both = Counter(zip(given.tolist(), surname.tolist(), strict=True))
    of_given, of_surname = (
        np.sort(np.unique(names, return_counts=True)[1])[::-1] / people
        for names in (given, surname)
    )
    return {
        "homonym": sum(n for n in both.values() if n > 1) / people,
        "first name, commonest": of_given[0],
        "first name, ten commonest": of_given[:10].sum(),
        "first name, hundred commonest": of_given[:100].sum(),
        "surname, hundred commonest": of_surname[:100].sum(),
    }


def of_names(draws=DRAWS):
    """Return a row a figure of names and period."""
    rows = []
    for k, (first, last) in enumerate(PERIODS):
        made = [
            names_of(first, last, np.random.default_rng([SEED, k, draw])) for draw in range(draws)
        ]
        for figure, published in PUBLISHED.items():
            values = [one[figure] for one in made]
            rows.append(row(f"{figure}, born {first} to {last}", published[k], values, NAMES))
    return rows


def buildings_by_cell(doors, houses, flats):
    """Return the homes a building of squares of 200 m: by building, and by the home in flats.

    The buildings of a square are its addresses that are no houses, each house at one of its own as
    far as there are some; squares without a building are left out. A square has one value, the mean
    of its buildings: buildings of one square differ by more than is known.
    """
    held = doors - np.minimum(np.round(houses), doors)
    known = (held > 0) & (flats > 0)
    held, homes = held[known], flats[known]
    size = homes / held
    order = np.argsort(size, kind="stable")
    reached = np.cumsum(homes[order]) / homes.sum()
    return {
        "homes in flats": flats.sum() / (flats + houses).sum(),
        "homes a building": homes.sum() / held.sum(),
        "homes a building, over all cells at once": flats.sum() / (doors - houses).sum(),
        "homes a building, by home": (size * homes).sum() / homes.sum(),
        "homes in flats in a cell, by home": (flats**2).sum() / flats.sum(),
        **{
            f"homes a building, {word} of homes under": size[order][np.searchsorted(reached, level)]
            for word, level in LEVELS.items()
        },
    }


def of_cells(base, grid):
    """Return the doors of each cell, its homes in houses, and its homes in flats."""
    at = cell_of(base, grid)
    doors = np.bincount(at[at >= 0], minlength=len(grid))
    houses = grid["in_houses"].to_numpy(float)
    return doors, houses, grid["households"].to_numpy(float) - houses


def of_town(world):
    """Return the same of a simulated town; an address of one home is a house."""
    squares = np.floor(world.addresses.xy / CELL)
    at = np.unique(squares, axis=0, return_inverse=True)[1].ravel()
    homes = np.bincount(world.households["address"], minlength=len(at))
    flats = np.where(homes > 1, homes, 0)
    return np.bincount(at), np.bincount(at, homes == 1), np.bincount(at, flats)


def of_buildings(base, grid, towns=TOWNS):
    """Return a row a figure of buildings and of the roll, and what other sizes of buildings give.

    Towns have the homes and the homes an address of the cells around Joinville-le-Pont.
    """
    doors, houses, flats = of_cells(base, grid)
    published = buildings_by_cell(doors, houses, flats)
    homes = (houses + flats).sum()
    made, roll = {}, []
    for size in SIZES:
        town = Town(
            inhabitants=round(homes * MEAN_SIZE), kind="mixed",
            homes_per_address=homes / doors.sum(), homes_per_building=size,
        )  # fmt: skip
        worlds = [simulate(town, seed=SEED + k, generic_likes=False) for k in range(towns)]
        made[size] = pd.DataFrame([buildings_by_cell(*of_town(world)) for world in worlds])
        if size is None:
            people = [world.people[world.people["age"] >= 18] for world in worlds]
            roll = [adults["elector"].mean() for adults in people]
    rows = [
        row(f"{figure}, {AROUND}", value, made[None][figure],
            "INSEE, Filosofi 2017; national address base")
        for figure, value in published.items()
    ]  # fmt: skip
    rows.append(
        row("adults on the roll where they live", ON_ROLL, roll, "INSEE Première 1986, 2022")
    )
    names = ["cells", "towns", *map(named, SIZES[1:])]
    others = pd.DataFrame([published, *(made[size].mean() for size in SIZES)], index=names)
    return rows, others.drop(columns="homes in flats").round(1).rename_axis(AROUND)


def on_maps(addresses, cells):
    """Return what is found on two maps, net of chance, with known cells and with assumed buildings.

    All towns have the people and the addresses of Joinville-le-Pont.
    """
    real = Scene(addresses=addresses, commune=COMMUNE, cells=cells).town()
    homes = real.inhabitants / MEAN_SIZE / len(real.base)
    assumed = Town(inhabitants=real.inhabitants, kind="mixed", homes_per_address=homes)
    known = Town.from_addresses(real.base, inhabitants=real.inhabitants)
    towns = {"cells": real, "its addresses without cells": known, "towns": assumed}
    towns |= {named(size): replace(assumed, homes_per_building=size) for size in SIZES[1:]}
    towns[f"towns with {ON_ROLL:.3f} of adults on the roll"] = replace(assumed, registered=ON_ROLL)
    varied, usual = NOTHING
    rows = {}
    for name, town in towns.items():
        measures = sensitivity(
            town, views=VARIED, ranges={varied: [usual]}, seed=FIRST, towns=ON_MAPS
        )
        found = {view: measures.row("net", view=view, parameter=varied, at=usual)
                 for view in VARIED}  # fmt: skip
        rows[name] = {
            f"{view}{word}": value
            for view, net in found.items()
            for word, value in (("", net.value), (", low", net.low), (", high", net.high))
        }
    return pd.DataFrame(rows).T.round(3).rename_axis("net of chance")


def named(size):
    """Return the name of towns with buildings of a size."""
    return f"towns of {size:g} homes a building"


def of_communes(base):
    """Return a row a commune: the people an address that the density of addresses makes expect."""
    rows = []
    for code, (name, people) in COMMUNES.items():
        here = base.of_communes([code])
        town = Town.from_addresses(here)
        rows.append(
            row(f"people an address, {name}", people / len(here), [town.inhabitants / len(here)],
                "INSEE, populations")
        )  # fmt: skip
    return rows


def row(figure, published, values, source):
    """Return a row: the mean, where one more town would lie, and whether the figure lies there.

    A single value has no range: it holds what is within a tenth.
    """
    mean = float(np.mean(values))
    low, high = one_more_group(values) if len(values) > 1 else (mean, mean)
    near = 3 if max(abs(published), mean) < 1 else 2
    published, mean, low, high = (round(x, near) for x in (published, mean, low, high))
    within = low <= published <= high if low < high else abs(mean / published - 1) <= 0.1
    held = "yes" if within else "no"
    return dict(zip(COLUMNS, (figure, published, mean, low, high, held, source), strict=True))


def table(frame):
    """Return the table that the page shows."""
    return pd.DataFrame(
        {
            "figure": frame["figure"],
            "published": frame["published"].map("{:g}".format),
            "simulated": frame["simulated"].map("{:g}".format),
            "ratio": (frame["simulated"] / frame["published"]).map("{:.2f}".format),
            "one more town": [
                "–" if r.low == r.high else f"{r.low:g} to {r.high:g}" for r in frame.itertuples()
            ],
            "": frame["held"].map({"yes": "", "no": "**missed**"}),
        }
    )


def with_table(page, frame):
    """Return the page with its count of misses below its table."""
    missed = int((frame["held"] == "no").sum())
    shown = "```{csv-table}\n:file: data/validation/page.csv\n:header-rows: 1\n```"
    text = f"<!-- figures: begin -->\n{shown}\n\n{missed} of {len(frame)} are missed.\n"
    return re.sub(
        r"<!-- figures: begin -->.*?(?=<!-- figures: end -->)", lambda _: text, page, flags=re.S
    )


def main():
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--addresses", type=Path, required=True)
    asked.add_argument("--cells", type=Path, required=True)
    asked.add_argument("--write", type=Path, help="folder of the page and its data")
    asked.add_argument("--maps", action="store_true", help="also what is found on two maps")
    given = asked.parse_args()
    base = read_addresses(given.addresses)
    rows, others = of_buildings(base, read_cells(given.cells))
    frame = pd.DataFrame([*of_names(), *rows, *of_communes(base)], columns=COLUMNS)
    print(frame.to_string(), others.to_string(), sep="\n")
    maps = on_maps(given.addresses, given.cells) if given.maps else None
    print("" if maps is None else maps.to_string())
    if given.write is not None:
        data = given.write / "data/validation"
        frame.to_csv(data / "figures.csv", index=False)
        table(frame).to_csv(data / "page.csv", index=False)
        others.rename(columns=lambda name: name.replace("homes a building, ", "")).to_csv(
            data / "buildings.csv"
        )
        if maps is not None:
            maps.to_csv(data / "maps.csv")
        page = given.write / "validation.md"
        page.write_text(with_table(page.read_text("utf-8"), frame), "utf-8")


if __name__ == "__main__":
    main()
