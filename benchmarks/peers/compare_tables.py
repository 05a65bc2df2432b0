"""Time the measures of a table beside pycanon's, on the same table, one after the other.

::

    python benchmarks/peers/compare_tables.py --peer .venv-peers/pycanon/bin/python --rows 100000

pycanon goes through t class by class and value by value, for numbers as for words: minutes of CPU
for each at 100,000 records, 23 for words at a million::

    python benchmarks/peers/compare_tables.py ... --rows 1000000 --only k l "t, words"
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from beside import answers, machine, spent

from privaudit.columns.levels import encode_column
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.k_anonymity import smallest_class
from privaudit.tables.l_diversity import distinct_l
from privaudit.tables.t_closeness import (
    enhanced_beta_present,
    largest_present_log_ratio,
    t_categorical,
    t_ordered,
)
from privaudit.tables.table_measure import sensitive_counts

LEVELS = (2, 5, 9, 16, 40, 70, 100)


def make(n):
    """Seven skewed keys, as profiles have, and a sensitive value as a number and as a word."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            f"key{i}": rng.choice(k, n, p=rng.dirichlet(np.full(k, 0.6)))
            for i, k in enumerate(LEVELS)
        }
    )
    table["value"] = rng.integers(0, 20, n)
    return table.assign(word=table["value"].map("v{:02d}".format))


def ours(table):
    """Each measure from the frame on, nothing shared between them, as the peer is asked."""
    keys = [name for name in table if name.startswith("key")]

    def groups():
        codes = [encode_column(table[key], "benchmark")[0] for key in keys]
        return classes(np.asfortranarray(np.column_stack(codes)))

    def counts(name, ordered=False):
        # The categories of a column are in ascending order.
        column = table[name].astype("category") if ordered else table[name]
        return sensitive_counts(groups().label, encode_column(column, "benchmark")[0])

    return {
        "k": lambda: smallest_class(groups().size),
        "l": lambda: distinct_l.take(counts("value")),
        "t, numbers": lambda: t_ordered(counts("value", ordered=True)),
        "t, words": lambda: t_categorical(counts("word")),
        "beta": lambda: enhanced_beta_present.take(counts("word")),
        "delta": lambda: largest_present_log_ratio(counts("word")),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds pycanon")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", default=list(ours(make(10))))
    asked = parser.parse_args()
    table = make(asked.rows)
    for measure in ours(make(1_000)).values():
        measure()  # what is imported late is imported now
    mine = {name: spent(measure) for name, measure in ours(table).items()}
    print(f"pycanon 1.3.6 beside ours: {machine()}")
    print(f"{asked.rows:,} records, {len(LEVELS)} keys; CPU seconds")
    print(f"{'':12}{'value':>9}{'s':>9}{'pycanon':>10}{'s':>9}{'times':>8}", flush=True)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table.to_csv(path, index=False)
        for name, value, seconds in answers(asked.peer, "pycanon_side.py", path, *asked.only):
            own, took = mine[name]
            same = abs(own - value) < 1e-9
            wrong += not same
            print(f"{name:12}{own:9.4f}{took:9.3f}{value:10.4f}{seconds:9.3f}{seconds / took:8.0f}"
                  f"  {'equal' if same else 'NOT EQUAL'}", flush=True)  # fmt: skip
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
