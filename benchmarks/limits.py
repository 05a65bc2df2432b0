"""One table of ratios: our time over that of the code that marks the limit, in one run.

::

    python benchmarks/limits.py
    python benchmarks/limits.py --row posterior_200 --row ladder
    python benchmarks/limits.py --write docs/data/benchmarks/limits.csv

Each row runs in a process of its own, one after the other, on one thread. Ours and the limit's take
turns, three times at the largest size; medians of processor seconds are compared, so that other
work on the machine does not decide. A command is a process of its own, from its start, and so is
the code beside it. Smaller sizes give the exponent of cost against n, the slope of both logarithms.
Rows without a limit code have a target in processor seconds.

With ``--write``, a row that has lost a fifth against the table that stands there is named,
and the run fails: by its ratio, or by its seconds where it has none.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parent / "peers"))
# One thread; libraries that are compiled once, whatever the shell says, as an installation is.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
# A call that is shorter is made several times over.
_SHORTEST = 0.05


class Row(NamedTuple):
    """What is done, at which sizes, and how many times the limit, or seconds, it may take.

    - `growth`: The target is an exponent of cost against n.
    """

    told: str
    sizes: tuple[int, ...]
    target: float
    rounds: int = 3
    wall: bool = False
    command: bool = False
    growth: bool = False


ROWS = {
    "posterior_as_given": Row("posterior, dots x 138,280 addresses, 200 m; pairs by one k-d tree",
                              (100, 1_000, 10_000, 100_000), 3),
    "posterior_200": Row("the same; pairs by k-d tree in Z order, slice by slice",
                         (100, 1_000, 10_000, 100_000), 3),
    "posterior_50": Row("posterior, dots x 1 M addresses, 50 m; pairs likewise",
                        (100, 1_000, 10_000, 100_000), 1.2),
    "counts_small": Row("class counts, 6 keys, domain 4,096; packing and bincount",
                        (8_000, 80_000, 800_000, 8_000_000), 1.3),
    "counts_middle": Row("class counts, 6 keys, domain 262,144; packing and bincount",
                         (8_000, 80_000, 800_000, 8_000_000), 1.3),
    "counts_large": Row("class counts, 6 keys, domain 7.5 M; packing and bincount",
                        (8_000, 80_000, 800_000, 8_000_000), 1.3),
    "counts_one_key": Row("class counts, 1 key, domain 262,144; bincount alone",
                          (8_000, 80_000, 800_000, 8_000_000), 1.3),
    "counts_sorted": Row("class counts, 6 keys, domain 1,074 M; packing and sort",
                         (48_000, 480_000, 4_800_000, 48_000_000), 1.2),
    "counts_file": Row("the same from Parquet, ours held to 1 GB; DuckDB without a limit",
                       (48_000, 480_000, 4_800_000, 48_000_000), 1.2),
    "matching": Row("matching accounts x 200,000 people; the same joins in DuckDB",
                    (200, 2_000, 20_000), 1.5),
    "addresses_pandas": Row("read_addresses; pandas.read_csv", (1_382, 13_828, 138_280), 1.5),
    "addresses_duckdb": Row("read_addresses; DuckDB into a frame", (1_382, 13_828, 138_280), 1.5),
    "measured": Row("pa.measure, records x 7 keys", (1_000, 10_000, 100_000, 1_000_000), 0.8),
    "special_uniques": Row("special uniques, records x 10 keys", (500, 5_000, 50_000), 0.5),
    "heat": Row("exact heat map of a town, addresses", (400, 1_300, 4_214), 3),
    "demo": Row("demo, towns, whole command (seconds that pass)", (1, 20), 60, 1, wall=True),
    "likes": Row("likes, accounts x 55,814 pages", (584, 5_846, 58_466), 30, 1),
    "ladder": Row("ladder of five rungs, 138,280 addresses, dots", (2_000, 20_000, 200_000), 8),
    "command_table": Row("privaudit table, CSV of 10 columns; pandas.read_csv, both from start",
                         (6_000, 60_000, 600_000), 2.5, 1, command=True),
    "command_small": Row("privaudit table, CSV of 10 columns, from start", (300,), 1, 3,
                         command=True),
    "command_inspect": Row("privaudit inspect, CSV of 146 columns, from start", (3_000, 30_000),
                           6, 1, command=True),
    "command_dossier": Row("privaudit dossier, six files of so many people, from start",
                           (2_000, 20_000), 20, 1, command=True),
    "command_demo_cold": Row("privaudit demo, inhabitants, nothing kept, from start", (20_000,),
                             30, 1, command=True),
    "command_demo_warm": Row("the same, its results in the cache", (20_000,), 3, command=True),
    "measured_file": Row("pa.measure of a CSV; pandas.read_csv and its groups",
                         (3_000, 30_000, 300_000), 2),
    "ladder_of_two": Row("the ladder by two workers; by one (seconds that pass)",
                         (200_000,), 1 / 1.8, 1, wall=True),
    "audited": Row("pa.audit, dots x 138,280 addresses of a town; the same answer, sorted once",
                   (1_000, 10_000, 100_000), 2.3),
    "linked": Row("link_releases, as many people as dots; joins of plain text and of codes",
                  (5_000, 50_000), 4, 1),
    "command_map": Row("privaudit map --mask unknown, 138,280 addresses, dots, from start",
                       (1_000,), 7, 1, command=True),
    "towns_of_two": Row("towns by two workers; by one (seconds that pass)", (12,), 1 / 1.8, 1,
                        wall=True),
    "five_surnames": Row("matching, accounts x ten times as many people of five surnames",
                         (500, 1_000, 2_000, 4_000), 1.2, growth=True),
}  # fmt: skip


def children():
    """Processor seconds of the processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(call, clock):
    """Seconds of one call: a short one is called again until it has taken long enough."""
    begun, calls = clock(), 0
    while not calls or clock() - begun < _SHORTEST:
        call()
        calls += 1
    return (clock() - begun) / calls


def measure_row(name):
    """Return of each size the median seconds of ours and of the limit, and the peak of memory."""
    import limit_codes

    row, found = ROWS[name], []
    clock = time.perf_counter if row.wall else children if row.command else time.process_time
    for size in row.sizes:
        ours, limit = getattr(limit_codes, name)(size)
        taken = [], []
        for again in range(row.rounds if row.rounds == 1 else row.rounds + (size == row.sizes[0])):
            for calls, call in zip(taken, (ours, limit), strict=True):
                if call is not None:
                    calls.append(seconds(call, clock))
            if again == 0 and len(taken[0]) < row.rounds and size == row.sizes[0]:
                # What is loaded at the first call is paid once.
                for calls in taken:
                    calls.clear()
        found.append((size, *(median(calls) if calls else None for calls in taken)))
    whose = resource.RUSAGE_CHILDREN if row.command else resource.RUSAGE_SELF
    return found, resource.getrusage(whose).ru_maxrss / 1e6


def exponent(found):
    """Slope of the logarithm of our seconds against that of the size."""
    if len(found) < 2:
        return None
    size, ours = np.log([one[:2] for one in found]).T
    return float(np.polyfit(size, ours, 1)[0])


HEAD = (
    "work; limit",
    "n",
    "ours, CPU s",
    "limit, CPU s",
    "ratio",
    "asked",
    "holds",
    "exponent",
    "GB",
)


def row_of(name, found, gb):
    """Return one row of the table."""
    row, (size, ours, limit) = ROWS[name], found[-1]
    slope = exponent(found)
    got = slope if row.growth else ours if limit is None else ours / limit
    holds = "yes" if got <= row.target else "**no**"
    unit = " (exponent)" if row.growth else " s" if limit is None else ""
    return (
        row.told, f"{size:,}", f"{ours:.3g}", "–" if limit is None else f"{limit:.3g}",
        f"{got:.2f}{unit}", f"{row.target:.2g}{unit}", holds,
        "–" if slope is None else f"{slope:.2f}", f"{gb:.2f}",
    )  # fmt: skip


def losses(before, rows):
    """Return the rows that cost a fifth more than in the table before, by name."""

    def costs(table):
        return {(row[0], row[1]): float(row[4].removesuffix(" s")) for row in table
                if row[4].removesuffix(" s").replace(".", "", 1).isdigit()}  # fmt: skip

    old = costs(before)
    return [f"{name}, n = {n}: {new:.2f}, {old[name, n]:.2f} before"
            for (name, n), new in costs(rows).items()
            if new > 1.2 * old.get((name, n), math.inf)]  # fmt: skip


def table_in(path):
    """Return the rows of a table that was written before, without its head."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def write(path, rows):
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])


def machine():
    """Name the machine without its name."""
    from beside import machine as processor

    return f"{processor()}, {platform.system()}, NumPy {np.__version__}, one thread"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--row", action="append", choices=ROWS)
    parser.add_argument("--alone", choices=ROWS, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help="CSV file of the table")
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measure_row(asked.alone)))
        return
    rows = []
    print(f"{machine()}.\n\n" + " | ".join(HEAD), flush=True)
    for name in asked.row or ROWS:
        command = [sys.executable, __file__, "--alone", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                              env=os.environ | _ENVIRONMENT)  # fmt: skip
        rows.append(row_of(name, *json.loads(done.stdout.splitlines()[-1])))
        print(" | ".join(rows[-1]), flush=True)
    if asked.write:
        lost = losses(table_in(asked.write), rows)
        write(asked.write, rows)
        if lost:
            sys.exit("\n".join(["a fifth lost against the table before:", *lost]))


if __name__ == "__main__":
    main()
