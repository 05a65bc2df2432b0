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
    """The records of a table of counts: levels of one key or two, by the values of a column."""
    places = [place.ravel() for place in np.indices(np.shape(counts))]
    names = {1: "a", 2: "as", 3: "abs"}[len(places)]
    columns = {name: [f"{name}{k}" for k in of] for name, of in zip(names, places, strict=True)}
    return pd.DataFrame(columns).loc[np.repeat(np.arange(np.size(counts)), np.ravel(counts))]


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


def reports_of(*roles):
    """What several reports of one file print, whose roles are given: keys and a sensitive column.

    A report reads the columns of its roles alone: each crossing of them is measured once.
    """
    printed_of = {}

    def answer(counts):
        counts = np.array(counts)
        for keys, sensitive in roles:
            names = "abs" if counts.ndim == 3 else "as"
            rest = tuple(k for k, name in enumerate(names) if name not in [*keys, sensitive])
            of = keys, sensitive, counts.sum(axis=rest).tobytes()
            if of not in printed_of:
                found = measure(frame_of(counts), Roles(key=keys, sensitive=sensitive or ()))
                printed_of[of] = printed(found.rows)
            yield printed_of[of]

    return lambda counts: tuple(answer(counts))


def known(worlds, answer, crossed=(None,)):
    """Return the small counts of the worlds, and those that their answers leave to within two.

    The counts are those of the whole table, or summed over each of `crossed` axes.
    """
    answers = defaultdict(list)
    for world in worlds:
        answers[answer(world)].append(world)
    small, told = 0, []
    for same in answers.values():
        for axis in crossed:
            of = np.array(same)
            of = of if axis is None else of.sum(axis=axis + 1)
            hidden = (of > 0) & (of < SMALL)
            small += int(hidden.sum())
            narrow = (hidden & (np.ptp(of, axis=0) <= 2)).reshape(len(of), -1).any(axis=1)
            told += [world for world, is_known in zip(same, narrow, strict=True) if is_known]
    return small, told


def has_empty(world):
    """Whether a crossing of two columns is empty: distinct l and the number of classes say so."""
    of = np.array(world)
    crossed = [of] if of.ndim == 2 else [of.sum(axis=axis) for axis in range(3)]
    return any((one == 0).any() for one in crossed)


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


@pytest.mark.parametrize(("rows", "columns"), [((20, 139), (66, 93)), ((11, 12), (11, 12))])
def test_a_column_that_is_a_key_and_sensitive_in_other_reports_tells_no_small_cell(rows, columns):
    """The smallest class of both, which is a cell of the other two reports, told all of them."""
    answer = reports_of(("a", "s"), ("s", "a"), (("a", "s"), None))
    small, told = known(tables([*rows], [*columns]), answer)
    assert small > 15
    assert [world for world in told if not has_empty(world)] == []


def crossings(rows, columns, values):
    """Every table of two levels by two by two values with these totals."""
    return [
        world for classes in tables(rows, columns)
        for world in splits(np.ravel(classes).tolist(), values[0])
    ]  # fmt: skip


def splits(sizes, n):
    """Every way to give a value to n of the records of two levels by two."""
    found = []
    for of in filled(n, sizes):
        rest = [size - x for size, x in zip(sizes, of, strict=True)]
        cells = np.stack([of, rest], axis=-1).reshape(2, 2, 2).tolist()
        found.append(tuple(tuple(tuple(cell) for cell in level) for level in cells))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("roles", [
    [("a", "s"), ("b", "s"), (("a", "b"), "s")], [("s", "a"), ("a", "b"), ("b", "s")],
])  # fmt: skip
def test_reports_of_two_keys_and_of_both_tell_no_small_cell(roles):
    worlds = crossings([11, 12], [11, 12], [11, 12])
    small, told = known(worlds, reports_of(*roles), crossed=(0, 1))
    assert (len(worlds), small) == (1365, 10600)
    assert [world for world in told if not has_empty(world)] == []


@pytest.mark.parametrize(("least", "withheld"), [(0, True), (36, True), (37, False), (7239, False)])
def test_ranges_of_free_counts_are_withheld_beside_a_small_cell_only(least, withheld):
    # Shares in a class of 37 are shown in steps of .3; in one of 36 the step of 11 is all.
    counts = np.array([[least, 9 * least + 300], [3 * least + 150, 9 * least + 900]])
    rows = guarded(measure(frame_of(counts), Roles(key="a", sensitive="s")).rows)
    for name in ("t_closeness", "basic_beta", "delta_disclosure", "vulnerability_posterior"):
        assert [np.isnan(row.low) for row in rows if row.measure == name] == [withheld]


@pytest.mark.parametrize(("bands", "is_range"), [(2, True), (5, True), (6, False)])
@pytest.mark.parametrize("least", [10, 11])
def test_k_of_two_keys_is_a_range_where_few_counts_of_their_crossing_are_free(
    bands, is_range, least
):
    """Two sexes by five bands have four counts beside their totals, by six five."""
    counts = np.full((2, bands), 40)
    counts[0, 0] = least
    frame = frame_of(counts).rename(columns={"s": "b"})
    rows = guarded(measure(frame, Roles(key=["a", "b"])).rows)
    for name in ("k_anonymity", "separation"):
        (row,) = (row for row in rows if row.measure == name and not row.part)
        assert np.isnan(row.value) == (is_range and least < SMALL)


@pytest.mark.parametrize(("levels", "withheld"), [(2, True), (9, True), (10, False)])
def test_guesses_are_withheld_where_few_counts_of_named_cells_are_free(levels, withheld):
    """Nine levels by two values have eight counts beside their totals, ten have nine."""
    counts = np.column_stack([np.full(levels, 7), np.full(levels, 60)])
    counts[0] = 20, 40
    rows = guarded(measure(frame_of(counts), Roles(key="a", sensitive="s")).rows)
    for name in ("t_closeness", "vulnerability_posterior", "basic_beta"):
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
