"""Try every table: those whose reports print the same are all that a reader is left with.

The adversary knows the program, how many records, levels and values there are, and which level is
the rarer: each table of a shape is reported, and those with one answer are held together. A count
of 1 to 10 is known where three values or fewer are left of it. No formula is inverted, and nothing
here is taken from the guard.
"""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.results.measures import guarded
from privaudit.tables.contributions import key_contributions, level_contributions
from privaudit.tables.measure import measure

SMALL = 11
NUMBERS = ("value", "low", "high", "n", "baseline", "control")


def shares(n, parts, least=1):
    """Every way to share records out, fewest first."""
    if parts == 1:
        return [(n,)]
    return [
        (few, *rest)
        for few in range(least, n // parts + 1)
        for rest in shares(n - few, parts - 1, few)
    ]


def tables(rows, columns):
    """Every table of counts with these totals."""
    if len(rows) == 1:
        return [(tuple(columns),)]
    return [
        (first, *rest)
        for first in filled(rows[0], columns)
        for rest in tables(rows[1:], [c - x for c, x in zip(columns, first, strict=True)])
    ]


def filled(n, most):
    """Every way to put records into cells that hold so many each."""
    if len(most) == 1:
        return [(n,)] if n <= most[0] else []
    return [(x, *rest) for x in range(min(n, most[0]) + 1) for rest in filled(n - x, most[1:])]


def frame_of(counts):
    """The records of a table of counts: levels of a key, by the values of a column."""
    level, value = (place.ravel() for place in np.indices(np.shape(counts)))
    names = {"a": [f"a{k}" for k in level], "s": [f"s{k}" for k in value]}
    return pd.DataFrame(names).loc[np.repeat(np.arange(len(level)), np.ravel(counts))]


def printed(rows):
    """What a report prints of some rows, in its order."""
    return tuple(
        (row.label, row.bound, *(f"{getattr(row, name):.6g}" for name in NUMBERS), str(row.notes))
        for row in guarded(rows)
    )


def contributed(counts):
    """What a report with contributions prints of a key of these levels."""
    frame, roles = frame_of(np.array(counts)[:, None]), Roles(key="a")
    made = (measure, key_contributions, level_contributions)
    return tuple(printed(of(frame, roles).rows) for of in made)


def with_values(counts):
    """What a report prints of a key and a sensitive column."""
    return printed(measure(frame_of(counts), Roles(key="a", sensitive="s")).rows)


def known(worlds, answer):
    """Return the small counts of the worlds, and those that their answers leave to within two."""
    answers = defaultdict(list)
    for world in worlds:
        answers[answer(world)].append(world)
    small, told = 0, []
    for same in answers.values():
        of = np.array(same)
        hidden = (of > 0) & (of < SMALL)
        small += int(hidden.sum())
        told += of[(hidden & (np.ptp(of, axis=0) <= 2)).reshape(len(of), -1).any(axis=1)].tolist()
    return small, told


@pytest.mark.parametrize(
    ("n", "levels"), [(40, 2), *(pytest.param(k, 3, marks=pytest.mark.slow) for k in (40, 60))]
)
def test_no_table_tells_a_rare_level_of_a_key(n, levels):
    small, told = known(shares(n, levels), contributed)
    assert small > 9
    assert told == []


def totals(seed, rows, columns, most):
    """Totals of 11 or more, all of which the adversary knows."""
    rng = np.random.default_rng(seed)
    of_rows = rng.integers(11 * columns // rows + 1, most, rows)
    shared = rng.multinomial(of_rows.sum() - 11 * columns, rng.dirichlet([1] * columns)) + 11
    return of_rows.tolist(), shared.tolist()


def test_no_table_of_known_totals_tells_a_small_cell():
    """Four totals leave one count free: ranges of eleven measures narrowed 106 of 365 of them."""
    small, told = known(tables([20, 139], [66, 93]), with_values)
    assert small > 15
    assert told == []


@pytest.mark.parametrize(("least", "withheld"), [(0, True), (36, True), (37, False), (7239, False)])
def test_ranges_of_free_counts_are_withheld_beside_a_small_cell_only(least, withheld):
    # Shares in a class of 37 are shown in steps of .3; in one of 36 the step of 11 is all.
    counts = np.array([[least, 9 * least + 300], [3 * least + 150, 9 * least + 900]])
    rows = guarded(measure(frame_of(counts), Roles(key="a", sensitive="s")).rows)
    for name in ("t_closeness", "basic_beta", "delta_disclosure", "vulnerability_posterior"):
        assert [np.isnan(row.low) for row in rows if row.measure == name] == [withheld]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("rows", "columns", "most"), [(2, 2, 150), (2, 3, 26), (3, 2, 26)])
def test_no_table_of_any_totals_tells_a_small_cell(seed, rows, columns, most):
    _, told = known(tables(*totals(seed, rows, columns, most)), with_values)
    # That all of a class have one value is what distinct l says.
    assert [world for world in told if all(np.count_nonzero(row) > 1 for row in world)] == []


def test_the_adversary_succeeds_where_the_guard_is_off(monkeypatch):
    monkeypatch.setattr(f"{__name__}.guarded", lambda rows: rows)
    small, told = known(shares(30, 2), contributed)
    assert len(told) == small
