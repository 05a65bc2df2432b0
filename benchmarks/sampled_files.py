"""Judge what `measure` shows of a sample, by how people, keys and the draw were made.

`make estimates` writes the CSV files under "By set-up" of docs/population-uniqueness.md. Nothing of
the library was tuned on the set-ups of `HELD_OUT`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from privaudit.columns.roles import Roles
from privaudit.io.public_counts import read_pyramid
from privaudit.tables.coded_table import encode_table, take_in
from privaudit.tables.context import Options, context_of
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.measure import MEASURES
from privaudit.tables.table_measure import rows_of

PEOPLE = 20_000
SAMPLES = 8
SEED = 1
FRACTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
TAU = ("tau1", "tau2")
PEOPLE_WORDS = ("population_unique_share", "correctness", "individual_risk")
WORDS = (*TAU, "k_map", "share_at_risk", *PEOPLE_WORDS)
THRESHOLD = 0.2


def independent(people, rng, levels=(2, 7, 16, 40, 15), evenness=0.7):
    return np.stack(
        [rng.choice(k, people, p=rng.dirichlet(np.full(k, evenness))) for k in levels], axis=1
    )


def kinds(people, rng, levels=(2, 7, 16, 40), kinds=6, evenness=0.4):
    """Keys that are independent only within some kinds of people."""
    kind, at = rng.integers(0, kinds, people), np.arange(people)
    keys = []
    for k in levels:
        chance = rng.dirichlet(np.full(k, evenness), size=kinds)
        keys.append(np.stack([rng.choice(k, people, p=p) for p in chance])[kind, at])
    return np.stack(keys, axis=1)


def graded(people, rng, levels=(2, 8, 20, 60), correlation=0.5):
    """Ordered keys that are high or low together: a Gaussian copula."""
    common = np.sqrt(correlation) * rng.normal(size=(people, 1))
    each = common + np.sqrt(1 - correlation) * rng.normal(size=(people, len(levels)))
    return np.floor(norm.cdf(each) * levels).astype(int)


def heavy(people, rng, levels=(400, 60, 30)):
    chance = [np.arange(1, k + 1.0) ** -1.1 for k in levels]
    return np.stack([rng.choice(len(p), people, p=p / p.sum()) for p in chance], axis=1)


def heavy_and_near(people, rng):
    """A heavy tail, and a key that follows it."""
    one = np.minimum(rng.zipf(1.6, people), 300)
    near = (one + rng.integers(0, 4, people)) // 3
    return np.stack([one, near, rng.integers(0, 30, people), rng.integers(0, 2, people)], axis=1)


def chain(people, rng, levels=(30, 30, 12, 8)):
    """Each key mostly follows from the one before."""
    keys = [rng.integers(0, levels[0], people)]
    for k in levels[1:]:
        follows = rng.integers(0, k, levels[0] + k)[keys[-1]]
        keys.append(np.where(rng.random(people) < 0.6, follows, rng.integers(0, k, people)))
    return np.stack(keys, axis=1)


def french(people, rng, communes=60, older=0.0, occupation=False):
    """Commune, sex and age; communes of all sizes, some `older` than others."""
    pyramid = read_pyramid()
    age, share = pyramid["age"].to_numpy(), pyramid["population"] / pyramid["population"].sum()
    size = rng.lognormal(0, 1.2, communes)
    commune = rng.choice(communes, people, p=size / size.sum())
    row = np.empty(people, dtype=int)
    for j, tilt in enumerate(rng.normal(0, 1, communes) * older):
        chance = share * np.exp(tilt * (age - 40) / 20)
        here = commune == j
        row[here] = rng.choice(len(share), here.sum(), p=chance / chance.sum())
    keys = [commune, (pyramid["sex"] == "F").to_numpy()[row], age[row]]
    if occupation:
        keys.append(np.clip(age[row] // 15 + rng.integers(0, 4, people), 0, 9))
    return np.stack(keys, axis=1).astype(int)


def five_alike(people, rng):
    """A population that was itself made k-anonymous: nobody is alone in it."""
    return (np.arange(people) // 5)[:, None]


def one_by_one(keys, home, fraction, rng):
    return np.full(len(keys), fraction), rng.random(len(keys))


def whole_households(keys, home, fraction, rng):
    return np.full(len(keys), fraction), rng.random(home.max() + 1)[home]


def by_a_key(keys, home, fraction, rng):
    """Levels of a key at rates from half to twice the mean."""
    of_level = rng.choice([0.5, 1.0, 2.0], keys[:, 1].max() + 1)
    return np.minimum(of_level[keys[:, 1]] * fraction, 1), rng.random(len(keys))


def by_itself(keys, home, fraction, rng):
    each = rng.lognormal(-0.18, 0.6, len(keys))
    return np.minimum(each * fraction, 1), rng.random(len(keys))


def in_homes(make):
    """People of a household share the first key, and every fourth household the second."""

    def population(people, rng):
        keys = make(people, rng)
        home = np.sort(rng.integers(0, people // 2, people))
        head = np.searchsorted(home, home)
        keys[:, 0] = keys[head, 0]
        keys[:, 1] = np.where(home % 4 == 0, keys[head, 1], keys[:, 1])
        return keys, home

    return population


def alone(make):
    return lambda people, rng: (make(people, rng), rng.integers(0, people // 2, people))


def with_(make, **options):
    return lambda people, rng: make(people, rng, **options)


TUNED = {
    "independent": (alone(independent), one_by_one),
    "kinds": (alone(kinds), one_by_one),
    "graded": (alone(graded), one_by_one),
    "heavy tail": (alone(heavy), one_by_one),
    "pyramid": (alone(french), one_by_one),
    "pyramid, occupation": (alone(with_(french, occupation=True)), one_by_one),
}
HELD_OUT = {
    "kinds, 20": (alone(with_(kinds, kinds=20, evenness=0.8, levels=(5, 9, 12, 20))), one_by_one),
    "graded, weakly": (alone(with_(graded, correlation=0.15, levels=(2, 10, 25, 40))), one_by_one),
    "heavy tail, near": (alone(heavy_and_near), one_by_one),
    "chain": (alone(chain), one_by_one),
    "pyramid, tilted": (alone(with_(french, communes=200, older=0.3)), one_by_one),
    "households": (in_homes(independent), whole_households),
    "weights by a key": (alone(independent), by_a_key),
    "weights of their own": (alone(with_(french, communes=30)), by_itself),
    "coarse": (alone(with_(independent, levels=(2, 6, 12), evenness=20.0)), one_by_one),
    "five alike": (alone(five_alike), one_by_one),
    "households, not told": (in_homes(independent), whole_households),
}
# Where nobody says who lives together.
NOT_TOLD = ("households, not told",)
SETUPS = TUNED | HELD_OUT


@dataclass(frozen=True)
class Judged:
    """A row of one sample beside what is true; `model` is what was estimated, shown or not."""

    truth: float
    model: float
    low: float
    high: float
    shown: bool

    @property
    def held(self) -> bool:
        return self.low <= self.truth <= self.high


def judged(setup: str, fraction: float, sample: int) -> dict[str, Judged]:
    """Make people, draw a file, and hold what is told of it against the people."""
    place = list(SETUPS).index(setup), round(1000 * fraction)
    rng = np.random.default_rng([SEED, *place, sample])
    population, design = SETUPS[setup]
    keys, home = population(PEOPLE, rng)
    chance, luck = design(keys, home, fraction, rng)
    drawn = luck < chance
    told = None if setup in NOT_TOLD else home[drawn]
    facts = facts_of_sample(keys[drawn], told, chance[drawn], fraction)
    groups = classes(keys)
    f = np.bincount(groups.label[drawn], minlength=len(groups.size))[groups.label[drawn]]
    people = groups.size[groups.label[drawn]]
    risk, uniques = 1 / people, max(int((f == 1).sum()), 1)
    truth = {
        "tau1": ((f == 1) & (people == 1)).sum() / uniques,
        "tau2": risk[f == 1].sum() / uniques,
        "k_map": people.min(),
        "share_at_risk": (risk > THRESHOLD).mean(),
        "population_unique_share": (groups.size == 1).sum() / len(keys),
        "correctness": len(groups.size) / len(keys),
        "individual_risk": risk.mean(),
    }
    found = {}
    for row in rows_of(facts, [m for m in MEASURES if m.word in WORDS]):
        scale = uniques if row.measure in TAU else 1.0
        # A report prints no value that is not reliable: it has no error.
        told = row.reliable and not row.bound
        model = row.value if told else np.nan
        if row.measure in TAU:
            model = facts.once("tau", dict)[row.measure].value
        found[row.measure] = Judged(
            truth=float(truth[row.measure]),
            model=model / scale,
            low=row.low / scale,
            high=row.high / scale,
            shown=bool(told),
        )
    return found


def facts_of_sample(keys, home, chance, fraction):
    """The facts of a file that gives its rate, or weights where that is not the same for all."""
    frame = pd.DataFrame(keys, columns=[f"key_{j}" for j in range(keys.shape[1])])
    uneven = np.ptp(chance) > 0
    roles = Roles(key=list(frame.columns), weight="weight" if uneven else None)
    frame = frame.assign(weight=1 / chance) if uneven else frame
    table = take_in(frame, roles, who="judge").table
    return context_of(
        encode_table(table, "value", "judge"),
        Options(
            missing="value",
            sampling_fraction=None if uneven else fraction,
            household=None if home is None else "home",
            threshold=THRESHOLD,
        ),
        household=home,
        who="judge",
    )


def draws(setup: str, fraction: float, samples: int = SAMPLES) -> list[dict[str, Judged]]:
    return [judged(setup, fraction, sample) for sample in range(samples)]


# Columns of each table: their heads, a measure, and what is told of it.
TABLES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "tau1 and tau2, as shares of the sample uniques": tuple(
        (f"{head}", word, what)
        for word in TAU
        for head, what in (
            (word, "truth"),
            ("error", "error"),
            ("shown", "shown"),
            ("held", "held"),
            ("range", "range"),
        )
    ),
    "The rarest key, and the share of records whose risk is above .2": (
        ("k_map", "k_map", "truth"),
        ("shown", "k_map", "shown"),
        ("held", "k_map", "held"),
        ("range", "k_map", "range"),
        ("at risk", "share_at_risk", "truth"),
        ("error", "share_at_risk", "error"),
        ("shown", "share_at_risk", "shown"),
        ("held", "share_at_risk", "held"),
        ("range", "share_at_risk", "range"),
    ),
    "People who are unique, and who is matched rightly: of the people, of the file": tuple(
        (head, word, what)
        for word, named in zip(
            PEOPLE_WORDS, ("unique", "correctness", "individual risk"), strict=True
        )
        for head, what in (
            (named, "truth"),
            ("error", "error"),
            ("shown", "shown"),
            ("held", "held"),
            ("range", "range"),
            ("width", "width"),
        )
    ),
}


def cell(samples: list[Judged], what: str) -> str:
    """One number of a line: a mean over samples, or how many of them."""
    shown = [one for one in samples if one.shown]
    count: dict[str, Callable[[], int]] = {
        "shown": lambda: len(shown),
        "held": lambda: sum(one.held for one in shown),
        "range": lambda: sum(one.held for one in samples),
    }
    if what in count:
        return f"{count[what]()}"
    if what == "truth":
        return f"{np.mean([one.truth for one in samples]):.2f}"
    if what == "width":
        return f"{np.mean([one.high - one.low for one in samples]):.2f}"
    errors = np.array([one.model - one.truth for one in samples])
    return f"{np.nanmean(errors):+.2f}" if np.isfinite(errors).any() else "none"


def lines(setup: str, fraction: float, samples: list[dict[str, Judged]]) -> dict[str, str]:
    """The line of each table."""
    return {
        title: " | ".join(
            ["", setup, f"{fraction:g}"]
            + [cell([one[name] for one in samples], what) for _, name, what in columns]
            + [""]
        ).strip()
        for title, columns in TABLES.items()
    }


SUMMARY = "What was shown, over all set-ups"
# The CSV file of each table, beside the page.
FILES = dict(
    zip((SUMMARY, *TABLES), ("summary.csv", "tau.csv", "rarest_key.csv", "people.csv"), strict=True)
)


def summary(found: dict[tuple[str, float], list[dict[str, Judged]]]) -> list[str]:
    """How often what was shown held the truth, and how far off it was: by measure and fraction."""
    lines = ["| measure | sampled | files | shown | held | coverage | bias | mean error |"]
    lines.append("|" + "---|" * 8)
    for word in WORDS:
        for fraction in FRACTIONS:
            every = [one[word] for (_, f), draws in found.items() for one in draws if f == fraction]
            shown = [one for one in every if one.shown]
            told = ["none"] * 3
            if shown:
                errors = np.array([one.model - one.truth for one in shown])
                told = [f"{np.mean([one.held for one in shown]):.2f}"]
                told += [f"{errors.mean():+.3f}", f"{np.abs(errors).mean():.3f}"]
            counts = [len(every), len(shown), sum(one.held for one in shown)]
            lines.append(
                "| " + " | ".join([word, f"{fraction:g}", *map(str, counts), *told]) + " |"
            )
    return lines


def tables() -> dict[str, list[str]]:
    """The lines of each table, by its title."""
    found = {(name, one): draws(name, one) for name in SETUPS for one in FRACTIONS}
    told = [lines(*place, samples) for place, samples in found.items()]
    of_tables = {}
    for title, columns in TABLES.items():
        names = ["set-up", "sampled", *(head for head, _, _ in columns)]
        of_tables[title] = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
        of_tables[title] += [line[title] for line in told]
    return {SUMMARY: summary(found), **of_tables}
