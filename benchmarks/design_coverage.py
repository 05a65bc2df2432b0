"""Do paired differences between cells of a design hold what they say?

    python benchmarks/design_coverage.py --towns 600 --inhabitants 800 --write docs/claims.md

A pool of towns is simulated, and four maps of each attacked by two adversaries. Groups of twenty
are drawn from it with replacement, so that the law of a town is that of the pool, and each
difference of its means is known. `held` is how often the interval of `Repeated.difference` holds
it; it says 95 in 100. Pairs of cells that differ in no town are no pairs here.
"""

import argparse
import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd

import privaudit as pa
from privaudit.stats.intervals import difference_of_groups

__all__ = ["GROUP", "coverage", "table"]

# Towns of a group, as in a report.
GROUP = 20
MASKS = (
    None, pa.masks.Donut(r_min=50, r_max=200), pa.masks.Gaussian(sigma=100),
    pa.masks.GridSnap(size=200),
)  # fmt: skip
HEAD = "| gain | pairs | held, lowest | held, mean | held, highest |\n|---|---|---|---|---|\n"
PLACE = re.compile(r"(<!-- designs: begin -->\n).*?(<!-- designs: end -->)", re.DOTALL)


def coverage(runs: pd.DataFrame, groups: int, *, size: int = GROUP, seed: int = 7) -> pd.DataFrame:
    """Return a row a gain and pair of cells: the difference of the pool, and how often held."""
    rng = np.random.default_rng(seed)
    lines = []
    for gain, part in runs.groupby("gain", sort=False):
        wide = part.set_index(["seed", "view", "adversary"])[["value", "n"]].unstack([1, 2])
        cells = list(wide["value"].columns)
        for one, other in itertools.combinations(cells, 2):
            pair = pd.DataFrame(
                {"a": wide["value"][one], "b": wide["value"][other], "n": wide["n"][one]}
            ).dropna()
            pair = pair[pair["n"] > 0].to_numpy()
            if not np.ptp(pair[:, 0] - pair[:, 1]):
                continue
            truth = np.average(pair[:, 0] - pair[:, 1], weights=pair[:, 2])
            drawn = rng.integers(len(pair), size=(groups, size))
            ends = np.array([difference_of_groups(*pair[picked].T)[1:] for picked in drawn])
            held = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
            lines.append({"gain": gain, "a": one, "b": other, "truth": truth, "held": held})
    return pd.DataFrame(lines)


def table(found: pd.DataFrame) -> str:
    """Return the lines of a page."""
    lines = found.groupby("gain", sort=False)["held"].agg(["size", "min", "mean", "max"])
    return HEAD + "".join(
        f"| {gain} | {row['size']:.0f} | {row['min']:.3f} | {row['mean']:.3f} | "
        f"{row['max']:.3f} |\n"
        for gain, row in lines.iterrows()
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--towns", type=int, default=600)
    asked.add_argument("--inhabitants", type=int, default=800)
    asked.add_argument("--groups", type=int, default=2_000)
    asked.add_argument("--write", type=Path, help="page that keeps the table")
    given = asked.parse_args()
    pool = pa.repeat(
        pa.Town(inhabitants=given.inhabitants), views=[pa.DotMap(mask=mask) for mask in MASKS],
        adversaries=["nearest", "holds_register"], seeds=range(60_000, 60_000 + given.towns),
        n_jobs=2,
    )  # fmt: skip
    found = coverage(pool.runs, given.groups)
    print(found.sort_values("held").to_string())
    lines = table(found)
    print(lines)
    if given.write is not None:
        page = given.write.read_text("utf-8")
        given.write.write_text(PLACE.sub(lambda at: at[1] + lines + at[2], page), "utf-8")


if __name__ == "__main__":
    main()
