"""Simulated towns beside published figures that nothing was fitted to: makes `docs/validation.md`.

    python benchmarks/validation.py --addresses ADDRESSES --write docs

The address file is that of Val-de-Marne (national address base); nothing else is read.
"""

import argparse
import itertools
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from privaudit.io.addresses import read_addresses
from privaudit.simulation.names import draw_first_names, draw_surname_ranks
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.stats.intervals import one_more_group

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
# Haut Val-de-Marne in 2007: seven communes, their main residences, and the share of flats.
SEVEN = ("94004", "94019", "94060", "94059", "94053", "94055", "94071")
RESIDENCES, FLATS = 39_725, 0.501
# Homes of a building over all cells around Joinville-le-Pont (decision 47): no figure of this page.
OF_CELLS = 15.0
SIZES = {None: "", OF_CELLS: f", buildings of {OF_CELLS:g}"}
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


def of_homes(base, towns=TOWNS):
    """Return a row a figure of buildings and of the roll."""
    addresses = sum((base.frame["commune"] == code).sum() for code in SEVEN)
    settings = {
        "mixed": Town(inhabitants=6_000, kind="mixed", homes_per_address=RESIDENCES / addresses),
        "dense": Town(inhabitants=12_000, kind="dense"),
    }
    flats, buildings, roll = defaultdict(list), defaultdict(list), []
    for k, (kind, size) in itertools.product(range(towns), itertools.product(settings, SIZES)):
        town = replace(settings[kind], homes_per_building=size)
        world = simulate(town, seed=SEED + k, generic_likes=False)
        homes = np.bincount(world.households["address"], minlength=len(world.addresses))
        if kind == "mixed":
            flats[size].append(homes[homes > 1].sum() / homes.sum())
            continue
        buildings[size].append(homes[homes > 1].mean())
        if size is None:
            adult = world.people["age"] >= 18
            roll.append(world.people["elector"][adult].mean())
    rows = []
    for size, beside in SIZES.items():
        rows += [
            row(f"homes in flats, Haut Val-de-Marne{beside}", FLATS, flats[size],
                "INSEE, census 2007"),
            row(f"homes a building, Paris{beside}", 1_163_218 / 72_107, buildings[size],
                "INSEE, census 2010; addresses of the roll of 2012"),
        ]  # fmt: skip
    published = 0.942 * (1 - 0.165)
    return [
        *rows,
        row("adults on the roll where they live", published, roll, "INSEE Première 1986, 2022"),
    ]


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
    asked.add_argument("--write", type=Path, help="folder of the page and its data")
    given = asked.parse_args()
    base = read_addresses(given.addresses)
    frame = pd.DataFrame([*of_names(), *of_homes(base), *of_communes(base)], columns=COLUMNS)
    print(frame.to_string())
    if given.write is not None:
        frame.to_csv(given.write / "data/validation/figures.csv", index=False)
        table(frame).to_csv(given.write / "data/validation/page.csv", index=False)
        page = given.write / "validation.md"
        page.write_text(with_table(page.read_text("utf-8"), frame), "utf-8")


if __name__ == "__main__":
    main()
