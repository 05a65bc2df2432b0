"""Cost and memory up to a country, each work in decades: `make scale`.

::

    python benchmarks/scale.py --write docs/scale.md
    python benchmarks/scale.py --work national --most 2600000
    python benchmarks/scale.py --work count_spark --spark .venv-spark/bin/python

Each size runs in a process of its own, so that its peak of memory is its own; processor seconds
are of the process and of those that it started. The exponent is the slope of both logarithms from
the last size but one to the last: 1 is linear. What a work found stands beside it.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parent / "peers"))


class Work(NamedTuple):
    """What is done at which sizes, and by which Python where it needs more than the library."""

    told: str
    sizes: tuple[int, ...]
    peer: str = ""


WORKS = {
    "national": Work("audit of a country: addresses", (26_000, 260_000, 2_600_000, 26_000_000)),
    "department": Work("`privaudit map`, 47 communes of 138,280 addresses: dots",
                       (1_000, 10_000, 100_000, 1_000_000)),
    "traces": Work("unicity of everybody, 100 likes each: accounts", (4_800, 48_000, 480_000)),
    "count_duckdb": Work("class counts of a Parquet table, 1 GB: rows",
                         (480_000, 4_800_000, 48_000_000)),
    "count_dask": Work("the same on a Dask cluster of two workers: rows",
                       (480_000, 4_800_000, 48_000_000), "dask"),
    "count_spark": Work("the same in PySpark, local mode: rows",
                        (480_000, 4_800_000, 48_000_000), "spark"),
    "backends": Work("tiles and `repeat` on joblib's dask backend: dots", (6_000,), "dask"),
}  # fmt: skip
HEAD = ("| work | n | CPU s | s | GB | exponent | found |", "|---|---|---|---|---|---|---|")
MARKS = "<!-- scale: begin -->", "<!-- scale: end -->"
TABLE = "data/scale/works.csv"


def alone(name, size, folder):
    """Run one work at one size; return what it found and what it took."""
    import scale_works

    begun = time.perf_counter()
    found = getattr(scale_works, name)(size, Path(folder))
    wall = time.perf_counter() - begun
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    still, most = of_children(os.getpid())
    return found, cpu + still, wall, max(most, *(one.ru_maxrss / 1e6 for one in used))


def of_children(parent):
    """Processor seconds, and the largest peak in GB, of those that still run below a process."""
    cpu, most, tick = 0.0, 0.0, os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            status = (entry / "status").read_text()
        except OSError:
            continue
        if int(stat[1]) == parent:
            peak = status.partition("VmHWM:")[2].split()
            below, largest = of_children(int(entry.name))
            cpu += (int(stat[11]) + int(stat[12])) / tick + below
            most = max(most, largest, int(peak[0]) / 1e6 if peak else 0.0)
    return cpu, most


def run(name, size, python):
    """Run one work in a process and a folder of its own; None where it ended in a fault."""
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        command = [python, __file__, "--alone", name, "--size", str(size), "--folder", folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"OMP_NUM_THREADS": "1"})  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def rows_of(name, most, python):
    """Yield a line of the table for each size."""
    work, before = WORKS[name], None
    for size in work.sizes:
        if size > most:
            yield f"| {work.told} | {size:,} | – | – | – | – | not run |"
            continue
        result = run(name, size, python)
        if result is None:
            yield f"| {work.told} | {size:,} | – | – | – | – | **ended in a fault** |"
            return
        found, cpu, wall, gb = result
        slope = "–"
        if before is not None:
            slope = f"{math.log(cpu / before[1]) / math.log(size / before[0]):.2f}"
        before = size, cpu
        yield f"| {work.told} | {size:,} | {cpu:.1f} | {wall:.1f} | {gb:.2f} | {slope} | {found} |"


def write(path, lines):
    """Write the table beside a page, and what is said of it between its marks there."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    said = "\n".join(line for line in lines if not line.startswith("|"))
    shown = f"```{{csv-table}}\n:file: {TABLE}\n:header-rows: 1\n```"
    body = f"{MARKS[0]}\n{said}\n{shown}\n{MARKS[1]}"
    path.write_text(f"{before}{body}{after}", encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ")
    ]
    with (path.parent / TABLE).open("w", encoding="utf-8", newline="") as beside:
        csv.writer(beside, lineterminator="\n").writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", action="append", choices=WORKS)
    parser.add_argument("--most", type=int, default=10**9, help="the largest size to run")
    parser.add_argument("--spark", default=sys.executable, help="the Python that has PySpark")
    parser.add_argument("--dask", default=sys.executable, help="the Python that has distributed")
    parser.add_argument("--write", type=Path, help="page that holds the table between its marks")
    parser.add_argument("--alone", choices=WORKS, help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print("\n" + json.dumps(alone(asked.alone, asked.size, asked.folder)))
        return
    from beside import machine

    pythons = {"": sys.executable, "spark": asked.spark, "dask": asked.dask}
    lines = [f"{machine()}.", "", *HEAD]
    print("\n".join(lines), flush=True)
    for name in asked.work or WORKS:
        for line in rows_of(name, asked.most, pythons[WORKS[name].peer]):
            lines.append(line)
            print(line, flush=True)
    if asked.write:
        write(asked.write, lines)


if __name__ == "__main__":
    main()
