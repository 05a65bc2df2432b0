"""Judge the estimates of a population on populations whose truth is known.

`make estimates` writes the CSV files of docs/population-uniqueness.md, in half an hour.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import privaudit as pa
from privaudit.tables.disclosure_risk import household_risks
from privaudit.tables.population.individual_risk import (
    individual_risks,
    individual_risks_approximate,
)
from privaudit.tables.population.pitman_model import (
    entropy_and_exponent,
    expected_correctness,
    scaling_law,
)
from privaudit.tables.population.uniqueness import (
    dankar_uniques,
    pitman_uniques,
    snb_uniques,
    zayatz_uniques,
)

PEOPLE = 30_000
SAMPLES = 10
SEED = 1
FRACTIONS = (0.01, 0.05, 0.1, 0.3, 0.5)
# Classes of one key that follow a law; and several keys, independent or not.
ONE_KEY = ("zipf", "lognormal", "uniform", "pitman")
LAWS = (*ONE_KEY, "product", "mixture")
PITMAN = (300.0, 0.5)
UNIQUES = {
    "population_uniques_zayatz": zayatz_uniques,
    "population_uniques_pitman": pitman_uniques,
    "population_uniques_snb": snb_uniques,
    "population_uniques_dankar": dankar_uniques,
}


@dataclass(frozen=True)
class Judged:
    """An estimate of one sample: what is true, what the model said, what `measure` showed."""

    truth: float
    model: float
    low: float
    high: float
    shown: bool


def population(law: str, people: int, rng: np.random.Generator) -> pd.DataFrame:
    """Keys and home of everybody."""
    if law == "product":
        margins = [rng.dirichlet(np.full(k, 0.7)) for k in (2, 7, 16, 40, 15)]
        keys = [rng.choice(len(q), people, p=q) for q in margins]
    elif law == "mixture":
        # Keys that depend on each other: independent only within one of six kinds of people.
        kind = rng.integers(0, 6, people)
        keys = []
        for k in (2, 7, 16, 40):
            of_kind = [rng.choice(k, people, p=rng.dirichlet(np.full(k, 0.4))) for _ in range(6)]
            keys.append(np.array(of_kind)[kind, np.arange(people)])
    elif law == "pitman":
        keys = [_urn(*PITMAN, people, rng)]
    else:
        weight = {
            "zipf": 1 / np.arange(1, 2 * people + 1),
            "lognormal": rng.lognormal(0, 2, people),
            "uniform": np.ones(people),
        }[law]
        keys = [rng.choice(len(weight), people, p=weight / weight.sum())]
    frame = pd.DataFrame({f"key_{j}": key for j, key in enumerate(keys)})
    return frame.assign(home=rng.integers(0, people // 2, people))


def _urn(theta: float, alpha: float, people: int, rng: np.random.Generator) -> np.ndarray:
    """Class of each person who comes, under the Ewens-Pitman model itself."""
    label = np.zeros(people, dtype=np.int64)
    count = [1]
    for i in range(1, people):
        if rng.random() * (theta + i) < theta + alpha * len(count):
            label[i] = len(count)
            count.append(1)
            continue
        joined = label[rng.integers(i)]
        while rng.random() >= (count[joined] - alpha) / count[joined]:
            joined = label[rng.integers(i)]
        label[i] = joined
        count[joined] += 1
    return label


def judged(crowd: pd.DataFrame, fraction: float, rng: np.random.Generator) -> dict[str, Judged]:
    """Draw a file at random and hold each of its estimates against the population."""
    keys = [name for name in crowd.columns if name.startswith("key")]
    cell = crowd.groupby(keys, sort=False).ngroup().to_numpy()
    everybody = np.bincount(cell)
    taken = np.flatnonzero(rng.random(len(crowd)) < fraction)
    file, here = crowd.iloc[taken].reset_index(drop=True), everybody[cell[taken]]
    inside = np.bincount(cell[taken], minlength=len(everybody))
    sizes, inside = inside[inside > 0], inside[cell[taken]]
    home = file["home"].to_numpy()
    risk = individual_risks(inside, inside / fraction)
    near = individual_risks_approximate(inside, inside / fraction)
    truth = {
        **dict.fromkeys(UNIQUES, float((everybody == 1).sum())),
        "correctness": len(everybody) / len(crowd),
        "individual_risk": float((1 / here).mean()),
        "individual_risk_approximate": float((1 / here).mean()),
        "household_risk": float(household_risks(1 / here, home).mean()),
    }
    model = {name: estimate(sizes, fraction).value for name, estimate in UNIQUES.items()}
    model |= {
        "correctness": expected_correctness(sizes, fraction).value,
        "individual_risk": float(risk.mean()),
        "individual_risk_approximate": float(near.mean()),
        "household_risk": float(household_risks(risk, home).mean()),
    }
    if len(keys) == 1:
        true_law = entropy_and_exponent(*(np.array(one) for one in PITMAN))
        names = ("correctness_entropy", "correctness_exponent")
        for name, true, found in zip(names, true_law, scaling_law(sizes), strict=True):
            truth[name], model[name] = float(true), found.value
    rows = pa.measure(
        file[[*keys, "home"]], pa.Roles(key=keys), sampling_fraction=fraction, household="home"
    ).overall
    found = {}
    for name in truth:
        value, low, high = rows.loc[name, ["value", "low", "high"]].astype(float)
        scale = len(crowd) if name in UNIQUES else 1.0
        found[name] = Judged(
            truth=truth[name] / scale,
            model=model[name] / scale,
            low=low / scale,
            high=high / scale,
            shown=bool(rows.loc[name, "reliable"]) and not np.isnan(value),
        )
    return found


def draws(law: str, fraction: float, samples: int = SAMPLES) -> list[dict[str, Judged]]:
    """Judge some samples of one law at one fraction, whatever the others are."""
    rng = np.random.default_rng([SEED, LAWS.index(law), round(1000 * fraction)])
    return [judged(population(law, PEOPLE, rng), fraction, rng) for _ in range(samples)]


# Columns of each table: a measure, and what is told of it.
TABLES: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]] = {
    "People who are unique, as a share of the people": (
        LAWS,
        (
            ("truth", "population_uniques_zayatz", "truth"),
            ("Zayatz", "population_uniques_zayatz", "error"),
            ("Pitman", "population_uniques_pitman", "error"),
            ("SNB", "population_uniques_snb", "error"),
            ("Dankar", "population_uniques_dankar", "error"),
            ("width", "population_uniques_dankar", "width"),
            ("held", "population_uniques_dankar", "held"),
            ("shown", "population_uniques_dankar", "shown"),
        ),
    ),
    "Share matched rightly: of the file (individual risk), of the people (correctness)": (
        LAWS,
        (
            ("risk", "individual_risk", "truth"),
            ("exact", "individual_risk", "error"),
            ("approximate", "individual_risk_approximate", "error"),
            ("width", "individual_risk", "width"),
            ("held", "individual_risk", "held"),
            ("shown", "individual_risk", "shown"),
            ("correctness", "correctness", "truth"),
            ("law", "correctness", "error"),
            ("width", "correctness", "width"),
            ("held", "correctness", "held"),
            ("shown", "correctness", "shown"),
        ),
    ),
    "Households: chance that at least one member is found": (
        LAWS,
        (
            ("truth", "household_risk", "truth"),
            ("error", "household_risk", "error"),
            ("width", "household_risk", "width"),
            ("held", "household_risk", "held"),
            ("shown", "household_risk", "shown"),
        ),
    ),
    "Parameters of the scaling law, where it is the true one": (
        ("pitman",),
        (
            ("entropy", "correctness_entropy", "truth"),
            ("error", "correctness_entropy", "error"),
            ("width", "correctness_entropy", "width"),
            ("held", "correctness_entropy", "held"),
            ("exponent", "correctness_exponent", "truth"),
            ("error", "correctness_exponent", "error"),
            ("width", "correctness_exponent", "width"),
            ("held", "correctness_exponent", "held"),
        ),
    ),
}

# The CSV file of each table, beside the page.
FILES = dict(
    zip(TABLES, ("uniques.csv", "matches.csv", "households.csv", "scaling_law.csv"), strict=True)
)


def cell(samples: Sequence[Judged], what: str) -> str:
    """One number of a line: means over samples, or how many of them."""
    if what == "held":
        return f"{sum(one.low <= one.truth <= one.high for one in samples)}"
    if what == "shown":
        return f"{sum(one.shown for one in samples)}"
    if what == "truth":
        return f"{np.mean([one.truth for one in samples]):.2f}"
    if what == "width":
        return f"{np.mean([one.high - one.low for one in samples]):.2f}"
    errors = np.array([one.model - one.truth for one in samples])
    return f"{np.nanmean(errors):+.2f}" if np.isfinite(errors).any() else "none"


def lines(law: str, fraction: float, samples: list[dict[str, Judged]]) -> dict[str, str]:
    """The line of each table that has this law."""
    return {
        title: " | ".join(
            ["", law, f"{fraction:g}"]
            + [cell([one[name] for one in samples], what) for _, name, what in columns]
            + [""]
        ).strip()
        for title, (laws, columns) in TABLES.items()
        if law in laws
    }


def tables(laws: Iterable[str] = LAWS) -> dict[str, list[str]]:
    """The lines of each table, by its title."""
    found = [lines(law, fraction, draws(law, fraction)) for law in laws for fraction in FRACTIONS]
    of_tables = {}
    for title, (_, columns) in TABLES.items():
        names = ["classes", "sampled", *(head for head, _, _ in columns)]
        of_tables[title] = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
        of_tables[title] += [line[title] for line in found if title in line]
    return of_tables


def write_csv(found: dict[str, list[str]], files: dict[str, str], folder: Path) -> None:
    """Write each table as a CSV file."""
    for title, (head, _, *rows) in found.items():
        lines = [line.strip("|").split("|") for line in (head, *rows)]
        with (folder / files[title]).open("w", newline="", encoding="utf-8") as file:
            cells = [[cell.strip() for cell in line] for line in lines]
            csv.writer(file, lineterminator="\n").writerows(cells)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", type=Path, metavar="FOLDER", help="write the tables as CSV")
    asked = options.parse_args()
    from sampled_files import FILES as SETUP_FILES
    from sampled_files import tables as by_setup

    every = {**by_setup(), **tables()}
    if asked.write is None:
        for title, rows in every.items():
            print(f"\n## {title}\n", *rows, sep="\n")
    else:
        write_csv(every, FILES | SETUP_FILES, asked.write)
