"""Attack the same tables with anonymeter and with ours, in one run: values and seconds.

::

    python benchmarks/peers/compare_attacks.py --peer .venv-peers/anonymeter/bin/python

Values must be equal where both mean the same: without ties, for a secret category, for all
predicates on one attribute. Elsewhere they stand beside each other with the reason. Exit 1
where equal values differ.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from beside import answers, machine, spent

import privaudit as pa

# Levels of the columns of a census extract; the first and the ninth are numbers.
LEVELS = (73, 8, 16, 7, 14, 6, 5, 2, 98, 40)
NUMBERS = (0, 8)
LEFT, RIGHT = [[f"c{i}" for i in side] for side in (range(5), range(5, 10))]
RECORDS = 24_000


def census(targets: int) -> dict[str, pd.DataFrame]:
    """People of skewed categories, of whom many are alike: the release holds the original."""
    rng = np.random.default_rng(0)
    shares = [rng.dirichlet(np.full(level, 0.6)) for level in LEVELS]

    def people(n: int) -> pd.DataFrame:
        columns = {}
        for i, (level, share) in enumerate(zip(LEVELS, shares, strict=True)):
            value = pd.Series(rng.choice(level, n, p=share))
            columns[f"c{i}"] = value if i in NUMBERS else value.map("w{:02d}".format)
        return pd.DataFrame(columns)

    original = people(targets)
    release = pd.concat([original, people(RECORDS - targets)], ignore_index=True)
    return {"original": original, "release": release, "control": people(targets)}


def measurements(targets: int) -> dict[str, pd.DataFrame]:
    """People of ten numbers, a word and a balance; released with noise. No two distances tie."""
    rng = np.random.default_rng(1)

    def people(n: int) -> pd.DataFrame:
        table = pd.DataFrame(rng.random((n, 10)), columns=[*LEFT, *RIGHT])
        odds = np.exp(3 * table[["c0", "c1", "c2"]].to_numpy())
        word = (odds.cumsum(axis=1) > rng.random((n, 1)) * odds.sum(axis=1)[:, None]).argmax(axis=1)
        table["word"] = np.array(["left", "none", "right"])[word]
        return table.assign(balance=np.round(100 * np.exp(table["c3"] + 0.1 * rng.random(n)), 2))

    original, control = people(targets), people(targets)
    numbers = [*LEFT, *RIGHT]
    noisy = original.copy()
    noisy[numbers] = (original[numbers] + rng.normal(0, 0.08, (targets, 10))).clip(0, 1)
    # Its range is the widest, so that both scale alike.
    ends = original.head(2).copy()
    ends.loc[ends.index[0], numbers], ends.loc[ends.index[1], numbers] = 0.0, 1.0
    others = people(RECORDS - targets - 2)
    release = pd.concat([noisy, others, ends], ignore_index=True)
    return {"original": original, "release": release, "control": control}


def debts(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same people, owing what they owned."""
    return {name: table.assign(balance=-table["balance"]) for name, table in tables.items()}


def incomes(targets: int) -> dict[str, pd.DataFrame]:
    """People of two amounts and a rare trade; every extreme stands once, no two rows alike."""
    rng = np.random.default_rng(2)
    trades = np.array([f"t{i:03d}" for i in range(400)])
    share = rng.dirichlet(np.full(400, 0.3))

    def people(n: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "income": np.round(rng.lognormal(10, 0.5, n), -1),
                "weight": np.round(rng.normal(70, 12, n), 1),
                "trade": rng.choice(trades, n, p=share),
            }
        ).drop_duplicates(ignore_index=True)

    original = people(targets)
    return {"original": original, "release": original.copy(), "control": people(targets)}


def cases(predicates: int) -> list[dict]:
    """What is asked of both; `why` says why values may differ, and is empty where they may not."""
    halves = {"attack": "linkability", "left": LEFT, "right": RIGHT}
    known = {"attack": "inference", "known": LEFT, "tables": "measurements"}
    alone = {"attack": "singling_out", "columns": ["income", "weight", "trade"]}
    ties = "breaks ties by the order of rows"
    listed = [
        {**halves, "title": "linkability", "tables": "census", "neighbours": 1, "why": ties},
        {**halves, "title": "  rows shuffled", "tables": "census", "neighbours": 1, "shuffle": 1,
         "why": ties},
        {**halves, "title": "linkability, no ties", "tables": "measurements", "neighbours": 1},
        {**halves, "title": "  5 neighbours", "tables": "measurements", "neighbours": 5},
        {**known, "title": "inference, a word", "secret": "word"},
        {**known, "title": "inference, a number", "secret": "balance",
         "why": "5 % of the guess, ours of the truth"},
        {**known, "title": "  the same, negative", "secret": "balance", "tables": "debts",
         "why": "a negative guess always counts"},
        {**alone, "title": "singling out", "tables": "incomes", "attributes": 1,
         "attacks": predicates},
        {**alone, "title": "  three attributes", "tables": "incomes", "attributes": 3,
         "attacks": 500, "why": "predicates drawn at random"},
    ]  # fmt: skip
    return [{"why": "", "shuffle": 0, **case} for case in listed]


def ours(case: dict, tables: dict[str, pd.DataFrame]) -> pa.Measures:
    """The public function, whole: from frames to intervals."""
    release = tables["release"]
    if case["shuffle"]:
        release = release.sample(frac=1, random_state=case["shuffle"], ignore_index=True)
    three = tables["original"], release, tables["control"]
    taken = {
        "linkability": ("left", "right", "neighbours"),
        "inference": ("known", "secret"),
        "singling_out": ("columns", "attributes", "attacks"),
    }[case["attack"]]
    return getattr(pa.tables, case["attack"])(*three, **{name: case[name] for name in taken})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds anonymeter")
    parser.add_argument("--targets", type=int, default=2_000)
    asked = parser.parse_args()
    owned = measurements(asked.targets)
    made = {
        "census": census(asked.targets),
        "measurements": owned,
        "debts": debts(owned),
        "incomes": incomes(asked.targets),
    }
    every = pa.tables.singling_out(*made["incomes"].values(), attacks=10**6)
    listed = cases(int(every.row("singling_out").n))
    print(f"anonymeter 1.1.0 beside ours: {machine()}")
    print(f"{asked.targets:,} people inside and as many outside, a release of {RECORDS:,} records")
    print(f"(singling out: {len(made['incomes']['release']):,}); CPU seconds, each warm")
    print(f"{'':24}{'attack':>8}{'theirs':>8}{'control':>9}{'theirs':>8}{'s':>8}{'theirs':>8}"
          f"{'times':>7}")  # fmt: skip
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, tables in made.items():
            for which, table in tables.items():
                table.to_csv(Path(folder) / f"{name}-{which}.csv", index=False)
        (Path(folder) / "cases.json").write_text(json.dumps(listed))
        for case, (inside, outside, theirs) in zip(
            listed, answers(asked.peer, "anonymeter_side.py", folder), strict=True
        ):
            tables = made[case["tables"]]
            few = {name: table.head(80) for name, table in tables.items()}
            ours({**case, "attacks": 5} if "attacks" in case else case, few)
            found, mine = spent(lambda c=case, t=tables: ours(c, t))
            row = found.row(case["attack"])
            value = [row.value, row.control]
            same = np.allclose(value, [inside, outside], rtol=0, atol=1e-9)
            wrong += not same and not case["why"]
            said = case["why"] or ("equal" if same else "NOT EQUAL")
            print(f"{case['title']:24}{value[0]:8.4f}{inside:8.4f}{value[1]:9.4f}{outside:8.4f}"
                  f"{mine:8.3f}{theirs:8.3f}{theirs / mine:7.0f}  {said}", flush=True)  # fmt: skip
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
