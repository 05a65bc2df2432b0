"""Link two tables of French names as people type them with splink, recordlinkage and ours.

::

    python benchmarks/peers/compare_tables_linked.py --peer .venv-peers/linkers/bin/python

Peers are given names as ours reads them: letters only, without accents and particles. splink has
levels of Jaro-Winkler and frequencies of names, u by random sampling and m by EM; recordlinkage has
Jaro-Winkler levels and its own EM classifier. Each is judged at the threshold that gives its best
F1, one match a record chosen greedily; ours at .5.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from beside import answers, machine, spent

sys.path.append(str(Path(__file__).parents[2] / "tests"))
from fixtures.typed_people import typed_twice

from privaudit.linkage.link_tables import link
from privaudit.linkage.person_index import Records
from privaudit.stats.calibration import expected_calibration_error

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return first name, surname and year as peers are given them."""
    records = Records.of(frame)
    return pd.DataFrame(
        {
            "unique_id": np.arange(records.n),
            "first_name": ["".join(one[:1]).replace(" ", "") or None for one in records.first],
            "surname": ["".join(one[:1]).replace(" ", "") or None for one in records.last],
            "birth_year": [str(day // 10_000) if day else None for day in records.birth],
        }
    )


def judge(pairs: pd.DataFrame, truth: np.ndarray, thresholds) -> tuple[float, float, float, float]:
    """Return the best F1 with precision, recall and threshold; one match a record, best first."""
    pairs = pairs.sort_values("probability", ascending=False)
    once: set[tuple[str, int]] = set()
    chosen = []
    for row, other in zip(pairs["row"], pairs["other"], strict=True):
        free = ("a", row) not in once and ("b", other) not in once
        once |= {("a", row), ("b", other)} if free else set()
        chosen.append(free)
    pairs = pairs[np.array(chosen, dtype=bool)]
    right = truth[pairs["row"]] == pairs["other"].to_numpy()
    scores = []
    for threshold in thresholds:
        kept = (pairs["probability"] >= threshold).to_numpy()
        hits = right[kept].sum()
        precision, recall = hits / max(kept.sum(), 1), hits / (truth >= 0).sum()
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        scores.append((f1, precision, recall, threshold))
    return max(scores)


def line(name: str, pairs: pd.DataFrame, truth: np.ndarray, kind: np.ndarray, seconds: float,
         thresholds=THRESHOLDS) -> None:  # fmt: skip
    """Print a line of one linker."""
    f1, precision, recall, threshold = judge(pairs, truth, thresholds)
    best = pairs.sort_values("probability").drop_duplicates("row", keep="last")
    hit = truth[best["row"]] == best["other"].to_numpy()
    error = expected_calibration_error(best["probability"].to_numpy(), hit)
    found = set(best["row"][hit & (best["probability"] >= threshold).to_numpy()])
    slips = np.flatnonzero((kind == "two slips") & (truth >= 0))
    two = np.mean([one in found for one in slips])
    print(f"{name:14} F1 {f1:.4f}  precision {precision:.4f}  recall {recall:.4f}  at "
          f"{threshold:.2f}  two slips {two:.3f}  ECE {error:.4f}  {seconds:.1f} s")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python of splink and recordlinkage")
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2])
    asked = parser.parse_args()
    print(machine())
    for seed in asked.seeds:
        a, b, truth, kind = typed_twice(asked.rows, seed=seed)
        print(f"\n{asked.rows:,} x {asked.rows:,}, seed {seed}, {(truth >= 0).sum():,} in both")
        linked, seconds = spent(lambda a=a, b=b: link(a, b))
        line("ours", linked.pairs(0), truth, kind, seconds, (0.5,))
        with tempfile.TemporaryDirectory() as folder:
            for name, frame in (("a", a), ("b", b)):
                read(frame).to_parquet(Path(folder) / f"{name}.parquet")
            for said in answers(asked.peer, "two_tables_side.py", folder):
                found = pd.read_parquet(Path(folder) / f"{said['name']}.parquet")
                line(said["name"], found, truth, kind, said["seconds"])


if __name__ == "__main__":
    main()
