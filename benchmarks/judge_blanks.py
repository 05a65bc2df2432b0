"""Judge what blanks are taken to hide, on files whose cells were there before they were blanked.

`python benchmarks/judge_blanks.py` prints the tables of docs/blanks.md, in a minute; `--time`
times a million records of seven keys beside the wildcards; `--definitions` prints the tables of
docs/decisions/0015: the expected 1 / f beside 1 over the expected f.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

import privaudit as pa
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.missing_keys import matching_sums
from privaudit.tables.missing_model import likely_matches

PEOPLE, OTHERS = 30_000, 137
HOW = ("at random", "by the age shown", "by what is hidden")
KEYS = {
    "sex, birth date, postcode": ("sex", "birth_date", "postcode"),
    "email": ("email",),
    "sex, profession, children, postcode": ("sex", "profession", "children", "postcode"),
    "seven keys": (
        "sex", "birth_date", "postcode", "profession", "children", "support", "language",
    ),
    "sex, profession, language": ("sex", "profession", "language"),
}  # fmt: skip
# Shares of blanks in the columns that identify; of the others most cells are blank.
SHARES = {"sex": 0.15, "birth_date": 0.35, "postcode": 0.3}


def people(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """A file of people in 146 columns: nine that somebody may know of them, and 137 more."""
    day = (80 * 365 * rng.beta(1.2, 1.4, n)).astype(int)
    born = pd.Timestamp("1926-01-01") + pd.to_timedelta(day, unit="D")
    columns = {
        "id": np.arange(n),
        "sex": rng.choice(["F", "M"], n),
        "birth_date": born.strftime("%Y-%m-%d"),
        "postcode": 94_000 + np.minimum(rng.zipf(1.3, n), 300),
        "email": [f"{i}@example.org" for i in range(n)],
        "profession": np.clip(day // 3_650 + rng.integers(-1, 2, n), 0, 8),
        "children": rng.integers(0, 5, n),
        "support": rng.integers(1, 6, n),
        "language": np.where(rng.random(n) < 0.9, "fr", rng.choice(["en", "ar", "pt"], n)),
    }
    columns |= {f"c{j}": rng.integers(0, rng.integers(2, 40), n) for j in range(OTHERS)}
    return pd.DataFrame(columns).astype(str)


def blanked(full: pd.DataFrame, how: str, rng: np.random.Generator) -> pd.DataFrame:
    """Blank most columns: at random, by a column that is shown, or by the value that is hidden."""
    n, shown = len(full), {}
    young = full["birth_date"].to_numpy() > "1975"
    for name in full.columns:
        share = np.full(n, SHARES.get(name, rng.beta(1.5, 1)))
        if how == HOW[1] and name != "birth_date":
            share = np.where(young, np.minimum(share * 1.6, 0.97), share * 0.6)
        if how == HOW[2]:
            common = full[name].map(full[name].value_counts()).to_numpy() > n / 60
            share = np.where(common, np.minimum(share * 1.5, 0.97), share * 0.5)
        kept = np.ones(n, bool) if name == "id" else rng.random(n) >= share
        shown[name] = full[name].where(kept)
    return pd.DataFrame(shown)


def judged(seed: int) -> Iterator[str]:
    """Lines of the table: those alone and the mean risk, before the blanks and as expected."""
    rng = np.random.default_rng(seed)
    full = people(PEOPLE, rng)
    for how in HOW:
        file = blanked(full, how, rng)
        for name, keys in KEYS.items():
            roles = pa.Roles(key=keys)
            true, found = pa.measure(full, roles), pa.measure(file, roles)
            alone, risk = found.row("sample_uniques"), found.row("prosecutor_risk_mean")
            complete = found.row("uniques_by_reading", missing="exclude")
            read = [found.value("uniques_by_reading", missing=m) for m in ("value", "wildcard")]
            cells = (
                f"{complete.value:,.0f} of {complete.n:,.0f}",
                f"{true.value('sample_uniques'):,.0f}", f"{alone.value:,.0f}",
                f"{alone.low:,.0f} to {alone.high:,.0f}", *(f"{x:,.0f}" for x in read),
                f"{true.value('prosecutor_risk_mean'):.3f}", f"{risk.value:.3f}",
                f"{risk.low:.3f} to {risk.high:.3f}",
            )  # fmt: skip
            yield f"| {how} | {name} | " + " | ".join(cells) + " |"


# Records and people's keys of a file that is small enough to fill in in every way.
SMALL, FILES, MOST_WAYS = 8, 400, 3_000
CELLS = {
    "coarse": np.array([[0.25, 0.2], [0.2, 0.15], [0.1, 0.1]]),
    "a common class": np.array([[0.55, 0.05], [0.1, 0.1], [0.1, 0.1]]),
    "fine": np.full((6, 4), 1 / 24),
}


def small_blanks(full: np.ndarray, how: str, rng: np.random.Generator) -> np.ndarray:
    """Blank the second key, at random or not, and the first at random; -1 is a blank."""
    share = np.full(full.shape, 0.25)
    if how == HOW[1]:
        share[:, 0] = 0.0
        share[:, 1] = np.where(full[:, 0] == 0, 0.7, 0.2)
    if how == HOW[2]:
        share[:, 1] = np.where(full[:, 1] == 0, 0.1, 0.7)
    return np.where(rng.random(full.shape) < share, -1, full)


def by_completions(file: np.ndarray, cells: np.ndarray) -> tuple[float, float]:
    """Mean over records of the expected 1 / f, and of 1 / the expected f: every way to fill in.

    What a blank hides has the chance that it has among people who show the same, exactly.
    """
    ways = []
    for first, second in file:
        chance = cells.copy()
        if first >= 0:
            chance[np.arange(len(cells)) != first] = 0
        if second >= 0:
            chance[:, np.arange(cells.shape[1]) != second] = 0
        chance = chance.ravel() / chance.sum()
        ways.append([(cell, chance[cell]) for cell in np.flatnonzero(chance)])
    risk, size = np.zeros(len(file)), np.zeros(len(file))
    for one in itertools.product(*ways):
        cell, chance = np.array([c for c, _ in one]), np.prod([p for _, p in one])
        f = np.bincount(cell)[cell]
        risk += chance / f
        size += chance * f
    return float(risk.mean()), float((1 / size).mean())


def definitions(seed: int) -> Iterator[list[str]]:
    """Small files, filled in in every way: the mean risk before the blanks, and by both."""
    for name, cells in CELLS.items():
        for how in HOW:
            rng = np.random.default_rng([seed, list(CELLS).index(name), HOW.index(how)])
            found: list[tuple[float, float, float]] = []
            while len(found) < FILES:
                drawn = rng.choice(cells.size, SMALL, p=cells.ravel())
                full = np.stack(np.unravel_index(drawn, cells.shape), axis=1)
                file = small_blanks(full, how, rng)
                ways = np.where(file < 0, cells.shape, 1).prod(dtype=float)
                if ways <= MOST_WAYS:
                    true = float((1 / np.bincount(drawn)[drawn]).mean())
                    found.append((true, *by_completions(file, cells)))
            told = np.array(found)
            off = told[:, 1:] - told[:, :1]
            half = 1.96 * off.std(axis=0) / np.sqrt(FILES)
            parts = [
                part
                for k in (0, 1)
                for part in (
                    f"{told[:, k + 1].mean():.3f}", f"{off[:, k].mean():+.3f} ± {half[k]:.3f}",
                )
            ]  # fmt: skip
            yield [name, how, f"{told[:, 0].mean():.3f}", *parts]


def definitions_of_files(seed: int) -> Iterator[list[str]]:
    """The same of the files of `judged`, what is expected being learnt from them."""
    rng = np.random.default_rng(seed)
    full = people(PEOPLE, rng)
    for how in HOW:
        file = blanked(full, how, rng)
        for name, keys in KEYS.items():
            roles = pa.Roles(key=keys)
            true = pa.measure(full, roles).value("prosecutor_risk_mean")
            each = pa.measure(file, roles).per_record
            other = float((1 / each["class_size"]).mean())
            risk = float(each["prosecutor_risk"].mean())
            yield [how, name, f"{true:.3f}", f"{risk:.3f}", f"{other:.3f}"]


def timed() -> Iterator[str]:
    """CPU seconds for a million records of seven keys, a fifth of the cells blank."""
    rng = np.random.default_rng(1)
    full = np.stack([rng.integers(0, m, 1_000_000) for m in (70, 2, 100, 9, 6, 4, 12)], axis=1)
    codes = np.where(rng.random(full.shape) < 0.2, -1, full)
    groups = classes(codes)
    keys = codes[groups.first]
    for name, take in (("likely", likely_matches), ("wildcard", matching_sums)):
        start = time.process_time()
        take(keys, groups.size)
        yield f"{name}: {time.process_time() - start:.1f} CPU seconds, {len(keys):,} keys"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--definitions", action="store_true")
    asked = parser.parse_args()
    told: Iterator[str | list[str]] = timed() if asked.time else judged(asked.seed)
    if asked.definitions:
        told = itertools.chain(definitions(asked.seed), definitions_of_files(asked.seed))
    for line in told:
        print(line if isinstance(line, str) else " | ".join(line), flush=True)
