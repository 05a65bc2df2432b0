"""The chain over many towns: every link, channel and group, with its range.

``python benchmarks/chain_towns.py`` simulates 20 towns alike, runs a campaign in each, and prints
for every row of `pa.chain` the share over the accounts of all towns, its 95 % interval between
towns (`share_of_groups`; none for a difference), its baseline and control, the lowest and highest
value of the towns with 11 such accounts, and n. Options: ``--towns 5 --inhabitants 5000
--workers 2``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd

import privaudit as pa
from privaudit.simulation.simulate import simulate
from privaudit.stats.intervals import share_of_groups
from privaudit.studies.repeat import in_turn

FEWEST = 11


@dataclass(frozen=True)
class Task:
    """One town of a worker."""

    inhabitants: int
    seed: int

    def run(self):
        """Return the rows of its chain."""
        town = pa.Town(inhabitants=self.inhabitants)
        world = simulate(town, seed=self.seed, generic_likes=False)
        campaign = pa.run_campaign(world, seed=self.seed, with_score=False)
        return [
            {
                "measure": row.measure, "value": row.value, "n": row.n, "seed": self.seed,
                "baseline": row.baseline, "control": row.control,
                "of": ", ".join(str(part) for part in row.part.values()),
            }
            for row in pa.chain(world, campaign, seed=self.seed).rows
        ]  # fmt: skip


def pooled(runs):
    """Return one row a measure and part, over all towns."""
    table = []
    for (measure, of), part in runs.groupby(["measure", "of"], sort=False):
        part = part[part["n"] > 0]
        n, enough = part["n"].sum(), part[part["n"] >= FEWEST]["value"]

        def mean(name, part=part, n=n):
            return float((part[name] * part["n"]).sum() / n) if n else np.nan

        value = mean("value")
        low, high = np.nan, np.nan
        if measure != "saved" and part["value"].notna().all():
            low, high = share_of_groups(part["value"], n, part["n"])
        table.append(
            {
                "measure": measure, "of": of, "value": value, "low": low, "high": high,
                "baseline": mean("baseline"), "control": mean("control"),
                "lowest town": enough.min(), "highest town": enough.max(),
                "towns": len(enough), "n": int(n),
            }
        )  # fmt: skip
    return pd.DataFrame(table)


def main():
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--towns", type=int, default=20)
    options.add_argument("--inhabitants", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--workers", type=int, default=1)
    asked = options.parse_args()
    tasks = [Task(asked.inhabitants, asked.seed + k) for k in range(asked.towns)]
    runs = pd.DataFrame([row for rows in in_turn(tasks, Task.run, asked.workers) for row in rows])
    print(pooled(runs).round(4).to_string(index=False))


if __name__ == "__main__":
    main()
