"""What reports of one file print is a set of tables: reconstruction finds no small cell in them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.core.thresholds import KNOWN_WITHIN, SMALL_CELL
from privaudit.results.measures import guarded
from privaudit.tables.contributions import level_contributions
from privaudit.tables.reconstruction import reconstruct
from tests.unit.report.test_guard_attacked import csv_rows, folder, random_table


def narrowed(tables, truth):
    """Cells of 1 to 10 people, of any attributes crossed, whose number is known to within two."""
    names = [str(table.index.names[0]) for table in tables]
    everyone = pd.Series([len(truth)], pd.Index(["all"], name="everyone"))
    known = {}
    for many in (2, 3):
        for some in itertools.combinations(range(len(tables)), min(many, len(tables))):
            crossed = [names[k] for k in some]
            found = reconstruct([*(tables[k] for k in some), everyone], runs=0).guesses
            size = truth.astype(str).value_counts(crossed)
            for row in found.to_dict("records"):
                cell = tuple(str(row[name]) for name in crossed)
                count = int(size.get(cell, 0))
                if 0 < count < SMALL_CELL and row["most"] - row["least"] <= KNOWN_WITHIN:
                    known[cell] = (row["least"], count, row["most"])
    return known


def group_tables(studies, columns):
    """The tables by group that reports of one file print, taken together; nan where withheld."""
    counts = {column: {} for column in columns}
    for study in studies:
        for text in folder(study)[1].values():
            for row in csv_rows(text):
                if row.get("by") in counts:
                    of = counts[row["by"]]
                    of[row["group"]] = float(row["n"]) if row["n"] else of.get(row["group"], np.nan)
    return [pd.Series(of, pd.Index(list(of), name=column)) for column, of in counts.items() if of]


def drawn(seed, n=200):
    rng = np.random.default_rng(seed)

    def levels(word, many):
        sizes = rng.multinomial(n - many, rng.dirichlet([0.5] * many)) + 1
        return rng.permutation(np.repeat([f"{word}{k}" for k in range(many)], sizes))

    return pd.DataFrame({"zone": levels("z", 4), "age_band": levels("a", 3), "sex": levels("s", 2)})


@pytest.mark.parametrize("seed", range(10))
def test_group_tables_of_two_reports_narrow_no_crossed_cell(seed, exposed, study):
    people = drawn(seed)
    groups = {column: people[column].to_numpy() for column in people}
    made = [study(exposed(view, n=200, groups=groups)) for view in ("exact", "donut")]
    tables = group_tables(made, groups)
    assert narrowed(tables, people) == {}


def test_they_do_where_nothing_is_withheld(exposed, study):
    """198 and 2 by zone, 190 and 10 by age: 8 to 10 of the ten are in the large zone."""
    people = pd.DataFrame({
        "zone": np.repeat(["z0", "z1"], [198, 2]), "age_band": np.repeat(["a1", "a0"], [10, 190]),
    })  # fmt: skip
    groups = {column: people[column].to_numpy() for column in people}
    made = [study(exposed(n=200, groups=groups))]
    assert narrowed(group_tables(made, groups), people) == {}
    whole = [people[column].value_counts() for column in people]
    assert narrowed(whole, people) == {("z0", "a1"): (8, 10, 10), ("z1", "a0"): (0, 2, 2)}


@pytest.mark.heavy
@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(k, marks=pytest.mark.slow) for k in range(4, 40))]
)
def test_levels_that_reports_of_a_table_name_narrow_no_crossed_cell(seed):
    """The levels of each key, with how many levels there are; what is not named is hidden."""
    table = random_table(seed)[["a", "b", "c"]]
    tables = []
    for key in table:
        size = table[key].value_counts().astype(float)
        rows = guarded(level_contributions(table[[key]], Roles(key=key)).rows)
        shown = {str(row.part["level"]) for row in rows if "level" in row.part}
        size[[str(level) not in shown for level in size.index]] = np.nan
        tables.append(size)
    assert narrowed(tables, table) == {}
