"""Do intervals between towns hold what they say? Groups of towns from many whose mean is known.

    python benchmarks/town_coverage.py --towns 600 --inhabitants 800 --write docs/claims.md

A pool of towns is simulated, each with its campaign, its map and an adversary who holds the roll.
Groups (of twenty towns) are drawn from it with replacement, so that the law of a town is that of
the pool, and its mean is known. `mean` is how often the interval that `repeat` prints
(`share_of_groups`) holds the mean of the pool, over its people; `one more` how often its range (a
prediction interval) holds one more town. Both say 95 in 100. Towns of which nobody is on the map
are no town here.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.donut import Donut
from privaudit.results.repeated import people_over_towns
from privaudit.results.rows import GAINS
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audit import attacked

__all__ = ["GROUP", "coverage", "pool_of", "table"]

# Towns of a group, as in a report.
GROUP = 20
VIEWS = {"exact": None, "donut:50:200": Donut(r_min=50, r_max=200)}
HEAD = (
    "| map | gain | mean of the pool | deviation | mean held | one more held |\n"
    "|---|---|---|---|---|---|\n"
)
PLACE = re.compile(r"(<!-- towns: begin -->\n).*?(<!-- towns: end -->)", re.DOTALL)


def pool_of(towns: int, town: Town, *, first: int = 60_000) -> pd.DataFrame:
    """Return a row a town, view and gain: the share found, n and how many people that is worth."""
    parts = []
    for seed in range(first, first + towns):
        world = simulate(town, seed=seed, generic_likes=False)
        campaign = run_campaign(world, seed=seed, with_score=False)
        if not len(campaign.dots):
            continue
        for view, mask in VIEWS.items():
            leak = publish(campaign, DotMap(mask=mask), seed=seed)
            roll = Adversary.holds_register(world.roll, mask=mask)
            found = attacked(leak, roll, truth=world, seed=seed).overall
            for gain in GAINS:
                row = found.loc[gain]
                parts.append(
                    {"town": seed, "view": view, "gain": gain, "value": float(row["value"]),
                     "control": float(row["control"]), "n": float(row["n"])}
                )  # fmt: skip
    return pd.DataFrame(parts)


def mean_of(towns: pd.DataFrame) -> float:
    """Return the mean over the people of all towns."""
    return float(np.average(towns["value"], weights=towns["n"]))


def coverage(pool: pd.DataFrame, groups: int, *, size: int = GROUP, seed: int = 7) -> pd.DataFrame:
    """Return a row a view and gain: its mean, and how often groups hold it, and one more."""
    rng = np.random.default_rng(seed)
    told = []
    for (view, gain), part in pool.groupby(["view", "gain"], sort=False):
        towns = part.dropna(subset=["value"]).reset_index(drop=True)
        drawn = rng.integers(len(towns), size=(groups, size + 1))
        held = np.array([_held(towns, picked[:size], picked[size]) for picked in drawn])
        told.append(
            {"view": view, "gain": gain, "truth": mean_of(towns),
             "deviation": towns["value"].std(), "mean": held[:, 0].mean(),
             "one_more": held[:, 1].mean(), "towns": len(towns), "groups": groups}
        )  # fmt: skip
    return pd.DataFrame(told)


def _held(towns: pd.DataFrame, picked: np.ndarray, other: int) -> tuple[bool, bool]:
    """Whether the intervals that `repeat` prints of a group hold the mean, and another town."""
    runs = towns.iloc[picked].assign(
        measure="reidentified", unit="share", counts="people", baseline=np.nan, confidence=np.nan
    )
    (row,) = people_over_towns(runs, [])
    mean, value = mean_of(towns), towns["value"].iloc[other]
    return row.low <= mean <= row.high, row.between_low <= value <= row.between_high


def table(found: pd.DataFrame) -> str:
    """Return the lines of a page."""
    return HEAD + "".join(
        f"| `{row.view}` | {row.gain} | {row.truth:.3f} | {row.deviation:.3f} "
        f"| {row.mean:.3f} | {row.one_more:.3f} |\n"
        for row in found.itertuples()
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--towns", type=int, default=600)
    asked.add_argument("--inhabitants", type=int, default=800)
    asked.add_argument("--groups", type=int, default=2_000)
    asked.add_argument("--size", type=int, default=GROUP, help="towns of a group")
    asked.add_argument("--write", type=Path, help="page that keeps the table")
    given = asked.parse_args()
    pool = pool_of(given.towns, Town(inhabitants=given.inhabitants))
    lines = table(coverage(pool, given.groups, size=given.size))
    print(lines)
    if given.write is not None:
        page = given.write.read_text("utf-8")
        given.write.write_text(PLACE.sub(lambda at: at[1] + lines + at[2], page), "utf-8")


if __name__ == "__main__":
    main()
