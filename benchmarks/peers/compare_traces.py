"""Worst known points beside scikit-mobility's location attack, on the same visits, in one run.

::

    python benchmarks/peers/compare_traces.py --peer .venv-peers/scikit-mobility/bin/python

Everybody's risk is compared on a few short traces, which the peer finishes. At full size the
peer would take days: it attacks some people there, whose risk is compared too, and its seconds
for a choice of points are multiplied by the choices that it would try for everybody. These are
counted here, in the peer's order: all pairs of visits in time, up to the first that leaves one
person. That total is labelled as extrapolated. Exit 1 where a risk differs.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from beside import answers, machine, spent

import privaudit as pa

POINTS = 2


def visits(people: int, each: int, places: int, power: float) -> pd.DataFrame:
    """Some places are visited by many, most by few; a person comes back."""
    rng = np.random.default_rng(0)
    weight = 1 / np.arange(1, places + 1) ** power
    return pd.DataFrame(
        {
            "uid": np.repeat(np.arange(people), each),
            "place": rng.choice(places, people * each, p=weight / weight.sum()),
            "hour": np.tile(np.arange(each), people),
        }
    )


def choices(log: pd.DataFrame) -> np.ndarray:
    """Pairs of visits that the peer tries for each person."""
    people, places = log["uid"].max() + 1, log["place"].max() + 1
    count = np.zeros((places, people), np.int64)
    np.add.at(count, (log["place"], log["uid"]), 1)
    once, twice = count >= 1, count >= 2
    tried = np.zeros(people, np.int64)
    for uid, own in log.groupby("uid")["place"]:
        for first, second in itertools.combinations(own.tolist(), POINTS):
            tried[uid] += 1
            held = twice[first] if first == second else once[first] & once[second]
            if held.sum() == 1:
                break
    return tried


def ours(log: pd.DataFrame) -> np.ndarray:
    """Risk of each person, from the frame on."""
    traces = pa.read_traces(log, person="uid", item="place")
    return pa.traces.known_points_risk(traces, points=POINTS).per_record["risk"].to_numpy()


def theirs(peer: str, log: pd.DataFrame, targets: list[int]) -> tuple[dict[int, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "visits.csv"
        log.to_csv(file, index=False)
        (risk, seconds), *_ = answers(peer, "scikit_mobility_side.py", file, POINTS, *targets)
    return {int(uid): value for uid, value in risk.items()}, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds scikit-mobility")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--targets", type=int, default=2, help="people that the peer attacks")
    asked = parser.parse_args()
    print(f"scikit-mobility 1.3.1 beside ours: {machine()}")
    print(f"Location attack, {POINTS} known points; CPU seconds")
    wrong = 0

    small = visits(30, 8, 20, 1.0)
    ours(small)
    mine, took = spent(lambda: ours(small))
    risk, seconds = theirs(asked.peer, small, [])
    same = all(abs(mine[uid] - value) < 1e-12 for uid, value in risk.items()) and len(risk) == 30
    wrong += not same
    print(f"30 people x 8 visits: ours {took:.4f}, theirs {seconds:.1f}, "
          f"{seconds / took:,.0f} times; risk of everybody {'equal' if same else 'NOT EQUAL'}, "
          f"mean {mine.mean():.4f}", flush=True)  # fmt: skip

    full = visits(asked.people, 50, 1_000, 0.5)
    mine, took = spent(lambda: ours(full))
    tried = choices(full)
    # Those for whom the peer is done soon, but not at once.
    targets = np.argsort(abs(tried - np.median(tried)), kind="stable")[: asked.targets].tolist()
    risk, seconds = theirs(asked.peer, full, targets)
    same = all(abs(mine[uid] - value) < 1e-12 for uid, value in risk.items())
    wrong += not same
    each = seconds / tried[targets].sum()
    whole = each * tried.sum()
    said = "equal" if same else "NOT EQUAL"
    print(f"{asked.people:,} people x 50 visits: ours {took:.4f} for everybody, theirs "
          f"{seconds:.1f} for {len(targets)} ({seconds / took:,.0f} times), risk {said}",
          flush=True)  # fmt: skip
    print(f"  extrapolated: {tried[targets].sum()} choices of {tried.sum():,} were tried, so "
          f"{whole:,.0f} s for everybody, {whole / took:,.0f} times")  # fmt: skip
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
