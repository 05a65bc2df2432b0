"""Cost of class counts against records, ours and the engines themselves in the same run.

`make bench` times the decades. The large ones run one way at a time, each in a process of its
own, so that its peak of memory is its own::

    python benchmarks/bench_engines.py --rows 48000000 --levels 32
    python benchmarks/bench_engines.py --rows 48000000 --levels 16
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

KEYS = tuple("abcdef")


def columns(n, levels):
    rng = np.random.default_rng(0)
    return {key: rng.integers(0, levels, n, dtype=np.int16) for key in KEYS}


def ours(n, levels, folder):
    import pandas as pd

    from privaudit.tables.counting import class_sizes

    frame = pd.DataFrame(columns(n, levels), copy=False)
    return lambda: int(class_sizes(frame, KEYS).classes.sum())


def ours_file(n, levels, folder):
    """A Parquet file, DuckDB held to 1 GB."""
    from privaudit.tables.counting import class_sizes

    path = parquet(n, levels, folder)
    return lambda: int(
        class_sizes(path, KEYS, memory_limit="1GB", spill_directory=folder).classes.sum()
    )


def duckdb_file(n, levels, folder):
    """The same file and question in SQL, without a limit."""
    import duckdb

    path = parquet(n, levels, folder)
    keys = ", ".join(KEYS)
    sql = f"SELECT sum(n) FROM (SELECT s, count(*) n FROM (SELECT count(*) s FROM '{path}' \
        GROUP BY {keys}) GROUP BY s)"
    return lambda: int(duckdb.connect().execute(sql).fetchall()[0][0])


def duckdb_frame(n, levels, folder):
    import duckdb
    import pandas as pd

    frame = pd.DataFrame(columns(n, levels), copy=False)
    keys = ", ".join(KEYS)
    connection = duckdb.connect(config={"temp_directory": str(folder)})
    connection.register("frame", frame)
    sql = f"SELECT sum(n) FROM (SELECT s, count(*) n FROM (SELECT count(*) s FROM frame \
        GROUP BY {keys}) GROUP BY s)"
    return lambda: int(connection.execute(sql).fetchall()[0][0])


def polars_streaming(n, levels, folder):
    import polars as pl

    frame = pl.DataFrame(columns(n, levels))
    plan = frame.lazy().group_by(KEYS).agg(pl.len().alias("s")).group_by("s").agg(pl.len())
    return lambda: int(plan.collect(engine="streaming")["len"].sum())


def parquet(n, levels, folder):
    """Write the table with the process that measures left clean."""
    path = Path(folder) / f"{n}-{levels}.parquet"
    if not path.exists():
        code = (
            f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
            f"import bench_engines, polars\n"
            f"polars.DataFrame(bench_engines.columns({n}, {levels})).write_parquet({str(path)!r})"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
    return path


WAYS = {way.__name__: way for way in (ours, duckdb_frame, polars_streaming, ours_file, duckdb_file)}


@pytest.mark.parametrize("n", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("levels", [4, 32])
@pytest.mark.parametrize("way", WAYS)
def test_class_counts(benchmark, tmp_path, way, levels, n):
    benchmark.pedantic(WAYS[way](n, levels, tmp_path), rounds=3)


def peak():
    """Most memory of the process, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=48_000_000)
    parser.add_argument("--levels", type=int, default=32)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--folder")
    asked = parser.parse_args()
    if asked.way:
        count = WAYS[asked.way](asked.rows, asked.levels, asked.folder)
        loaded, begun, used = peak(), time.perf_counter(), time.process_time()
        classes = count()
        spent = time.perf_counter() - begun, time.process_time() - used, peak(), loaded
        print(json.dumps([classes, *spent]))
        return
    load = os.getloadavg()[0]
    print(f"{asked.rows:,} records, 6 keys of {asked.levels} levels, {os.cpu_count()} cores, "
          f"load {load:.1f}; 'file' is Parquet, ours held to 1 GB")  # fmt: skip
    print(f"{'':17}{'classes':>13}{'s':>8}{'CPU s':>8}{'GB':>6}{'data':>6}"
          f"{'s of ours':>11}{'CPU':>6}", flush=True)  # fmt: skip
    ours = None
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            options = ["--rows", asked.rows, "--levels", asked.levels, "--folder", folder]
            command = [sys.executable, __file__, "--way", way, *options]
            found = subprocess.run(
                list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True
            )
            classes, wall, cpu, most, data = json.loads(found.stdout)
            ours = ours or (wall, cpu)
            print(f"{way:17}{classes:>13,}{wall:8.2f}{cpu:8.2f}{most:6.2f}{data:6.2f}"
                  f"{wall / ours[0]:11.1f}{cpu / ours[1]:6.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
