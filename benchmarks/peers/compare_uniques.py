"""Special uniques and individual risk, beside the package suda and figures of sdcMicro.

::

    python benchmarks/peers/compare_uniques.py --peer .venv-peers/suda/bin/python

sdcMicro is an R package on no registry of Python's, so that it does not run here: its seconds
were measured on another machine, and their ratio to ours is only worth what the two machines
are. The Python package suda runs: whom it finds and with how few keys must be the same as ours.
It also counts sets that hold a smaller unique, which are not minimal. Exit 1 where they differ.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from beside import answers, best, machine

from privaudit.tables.population.individual_risk import individual_risks
from privaudit.tables.special_uniques import MinimalUniques, find_minimal_uniques

LEVELS = (2, 5, 9, 16, 40, 70, 100, 6, 15, 42, 12)
# Records, keys, largest set; CPU seconds of sdcMicro 5.8.1 on two cores of another machine. It
# cannot be told to stop at sets of three: the same search in whole stands there.
SEARCHES = (
    (50_000, 10, None, 0.920),
    (30_000, 8, None, 0.179),
    (32_500, 11, None, 0.674),
    (30_000, 10, 3, 0.497),
)
EXACT_RISK = 10.9
PEER_RECORDS, PEER_KEYS, PEER_DEPTH = 30_000, 8, 3


def keys(records: int, width: int) -> np.ndarray:
    """Skewed keys, as profiles have."""
    rng = np.random.default_rng(0)
    columns = [rng.choice(k, records, p=rng.dirichlet(np.full(k, 0.6))) for k in LEVELS[:width]]
    return np.asfortranarray(np.stack(columns, axis=1))


def elsewhere() -> None:
    print(f"{'':38}{'ours':>8}{'sdcMicro, on another machine':>30}{'times':>8}")
    for records, width, depth, theirs in SEARCHES:
        codes = keys(records, width)
        _, mine = best(lambda c=codes, d=depth: find_minimal_uniques(c, max_size=d), 3)
        name = f"special uniques, {records:,} x {width}" + (f", up to {depth}" if depth else "")
        print(f"{name:38}{mine:8.3f}{theirs:30.3f}{theirs / mine:8.1f}", flush=True)
    rng = np.random.default_rng(2)
    size = rng.geometric(0.05, 30_000)
    people = size * rng.uniform(1, 500, 30_000)
    risk, mine = best(lambda: individual_risks(size, people), 3)
    name = "exact individual risk, 30,000"
    print(f"{name:38}{mine:8.3f}{EXACT_RISK:30.1f}{EXACT_RISK / mine:8.0f}")
    finite = int(np.isfinite(risk).sum())
    print(f"  finite on {finite:,} of {len(risk):,} records; sdcMicro's not on 2,614 of 4,580 of "
          "another set")  # fmt: skip


def beside(peer: str) -> bool:
    """Whether the package suda finds the same people, with as few keys."""
    codes = keys(PEER_RECORDS, PEER_KEYS)
    found, mine = best(lambda: find_minimal_uniques(codes, max_size=PEER_DEPTH), 3)
    assert isinstance(found, MinimalUniques)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "keys.csv"
        names = [f"key{j}" for j in range(PEER_KEYS)]
        pd.DataFrame(codes, columns=names).to_csv(file, index=False)
        (people, fewest, sets, theirs), *_ = answers(peer, "suda_side.py", file, PEER_DEPTH)
    same = (people, fewest) == (int((found.count > 0).sum()), int(found.smallest.sum()))
    print(f"suda 0.2.2, {PEER_RECORDS:,} x {PEER_KEYS}, up to {PEER_DEPTH}: ours {mine:.3f}, "
          f"theirs {theirs:.3f}, {theirs / mine:.0f} times")  # fmt: skip
    print(f"  people found and their fewest keys {'equal' if same else 'NOT EQUAL'}: {people:,}; "
          f"theirs counts {sets:,} sets, of which {len(found.record):,} are minimal")  # fmt: skip
    return same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds suda")
    asked = parser.parse_args()
    print(f"Special uniques and individual risk: {machine()}; CPU seconds")
    elsewhere()
    raise SystemExit(0 if beside(asked.peer) else 1)


if __name__ == "__main__":
    main()
