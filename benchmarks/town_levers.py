"""How the quantiles of a town follow from the numbers of its kind: makes `data/levers.csv`.

    python benchmarks/town_levers.py --drafts 90 --towns 4 > privaudit/simulation/data/levers.csv

Numbers of each kind are varied at once, by a fifth or so; each row is the logarithm of a quantile
regressed on the logarithms of the numbers, mean of the kinds. No commune takes part in it.
"""

import argparse
import sys
from dataclasses import fields, replace

import numpy as np
import pandas as pd

from privaudit.simulation.spatial_statistics import shape_of, shared_out
from privaudit.simulation.streets import Fabric
from privaudit.simulation.territory import fictional_territory, mean_people
from privaudit.simulation.town import KINDS

LEVERS = (
    "block", "plot", "plots", "rows", "width", "bare", "blind", "gables", "slender", "lean",
    "square", "astray", "uneven", "open", "ragged", "density", "estates", "room",
)  # fmt: skip
# Addresses of a town.
MANY = 2_000
HEAD = """\
# How a quantile of a town follows from each number of its kind, both as logarithms (`shape_of`).
# Made by benchmarks/town_levers.py from simulated towns; no commune takes part in it.
"""


def varied(kind, by):
    """Return a kind with its numbers times what they are varied by."""
    of_fabric = {field.name for field in fields(Fabric)}
    new = {
        name: min(getattr(kind.fabric if name in of_fabric else kind, name) * times, 0.95)
        if name in ("gables", "square")
        else getattr(kind.fabric if name in of_fabric else kind, name) * times
        for name, times in by.items()
    }
    fabric = {name: value for name, value in new.items() if name in of_fabric}
    town = {name: value for name, value in new.items() if name not in of_fabric}
    return replace(kind, fabric=replace(kind.fabric, **fabric), **town)


def measured(kind, seeds):
    """Return the mean logarithm of each quantile over towns of a kind."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        base, flats = fictional_territory(round(MANY * kind.households), kind, drafts=1, rng=rng)
        people = shared_out(base.xy, mean_people(flats, kind))
        found.append({q[:3]: np.log(max(q.value, 0.5)) for q in shape_of(base, people)})
    return pd.DataFrame(found).mean()


def slopes(kind, drafts, towns, first):
    """Regress the quantiles of a kind on its numbers."""
    rng = np.random.default_rng([first, 1])
    steps = rng.uniform(-0.2, 0.2, (drafts, len(LEVERS)))
    found = pd.DataFrame(
        [
            measured(
                varied(kind, dict(zip(LEVERS, np.exp(step), strict=True))),
                [[first, k, i] for i in range(towns)],
            )
            for k, step in enumerate(steps)
        ]
    )
    known = np.column_stack([np.ones(drafts), steps])
    # What chance alone would make of a lever is held small.
    ridge = np.diag([0.0] + [0.1] * len(LEVERS))
    fit = np.linalg.solve(known.T @ known + ridge, known.T @ found.to_numpy())
    return pd.DataFrame(fit[1:].T, index=found.columns, columns=LEVERS)


def main():
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--drafts", type=int, default=90)
    asked.add_argument("--towns", type=int, default=4)
    given = asked.parse_args()
    tables = [slopes(kind, given.drafts, given.towns, k) for k, kind in enumerate(KINDS.values())]
    mean = sum(tables) / len(tables)
    mean.index = pd.MultiIndex.from_tuples(mean.index, names=["measure", "metres", "quantile"])
    sys.stdout.write(HEAD + mean.round(2).to_csv())


if __name__ == "__main__":
    main()
