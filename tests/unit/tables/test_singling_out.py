"""Predicates that isolate, by hand: who they describe, by what chance, what a control bounds."""

import math
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from privaudit.tables.singling_out import (
    Predicates,
    _chance,
    _combined,
    attack_result,
    attack_worth,
    bounded_control,
    combined_predicates,
    count_matches,
    drawn,
    extreme_predicates,
    independent_predicates,
    isolation_rate,
    random_predicates,
)

MODULE = import_module("privaudit.tables.singling_out")
EQUAL, AT_MOST, AT_LEAST, MISSING = range(4)


def predicates(*rows):
    """One condition each: column, operator, value."""
    column, operator, value = zip(*rows, strict=True)
    return Predicates(column=np.array(column)[:, None], operator=np.array(operator)[:, None],
                      value=np.array(value, float)[:, None])  # fmt: skip


def test_each_condition_describes_whom_it_says():
    table = np.array([[1.0, 5], [2, 6], [2, np.nan], [3, 7]])
    asked = predicates((0, EQUAL, 2), (0, AT_MOST, 2), (0, AT_LEAST, 2), (1, MISSING, 0),
                       (1, AT_MOST, 9))  # fmt: skip
    assert count_matches(table, asked)[:, 0].tolist() == [2, 3, 3, 1, 3]
    # By groups, of which the second has nobody.
    by_group = count_matches(table, asked, np.array([2, 0, 2, 0]), 3)
    assert by_group.tolist() == [[1, 0, 1], [1, 0, 2], [2, 0, 1], [0, 0, 1], [2, 0, 1]]
    both = Predicates(column=np.array([[0, 1]]), operator=np.array([[EQUAL, AT_LEAST]]),
                      value=np.array([[2.0, 6.0]]))  # fmt: skip
    assert count_matches(table, both).tolist() == [[1]]


def test_what_stands_once_isolates_and_so_do_ends_and_one_blank():
    table = np.array([[1.0, 5, 0], [2, 5, 0], [2, np.nan, np.nan], [3, 6, np.nan]])
    found = extreme_predicates(table, np.array([True, False, True]))
    rows = [(int(c), int(o), None if np.isnan(v) else v) for c, o, v in zip(
        found.column[:, 0], found.operator[:, 0], found.value[:, 0], strict=True)]  # fmt: skip
    assert rows == [
        (0, EQUAL, 1), (0, EQUAL, 3), (0, AT_MOST, 1), (0, AT_LEAST, 3),
        # Of a category no end; of the last column two are blank, and the rest are alike.
        (1, EQUAL, 6), (1, MISSING, None),
    ]  # fmt: skip
    assert count_matches(table, found)[:, 0].tolist() == [1] * 6


def test_conjunctions_are_of_different_columns_and_describe_one():
    rng = np.random.default_rng(5)
    table = rng.integers(0, 9, (30, 4)).astype(float)
    table[3, 2] = np.nan
    ordered = np.array([True, True, True, False])
    found = combined_predicates(table, ordered, 3, 400, rng)
    assert len(found) > 20
    assert (count_matches(table, found)[:, 0] == 1).all()
    assert (np.diff(found.column, axis=1) > 0).all()
    middle = np.nanmedian(table, axis=0)[found.column]
    at_least = found.operator == AT_LEAST
    assert (found.value[at_least] >= middle[at_least]).all()
    at_most = found.operator == AT_MOST
    assert (found.value[at_most] < middle[at_most]).all()
    assert ((found.operator == EQUAL) == (found.column == 3)).all()
    whole = np.concatenate([found.column, found.operator, np.nan_to_num(found.value)], axis=1)
    assert len(np.unique(whole, axis=0)) == len(found)


def test_random_predicates_have_values_of_the_range():
    table = np.array([[2.0, 0], [6, 2], [np.nan, 1]])
    found = random_predicates(table, np.array([True, False]), 1, 4_000, np.random.default_rng(3))
    number, category = found.value[found.column == 0], found.value[found.column == 1]
    assert 2 <= number.min() < 2.1
    assert 5.9 < number.max() <= 6
    # Each of three categories as often.
    assert np.unique(category).tolist() == [0, 1, 2]
    assert np.bincount(category.astype(int)) / len(category) == pytest.approx(1 / 3, abs=0.04)
    assert set(found.operator[found.column == 0].tolist()) == {AT_MOST, AT_LEAST}
    assert set(found.operator[found.column == 1].tolist()) == {EQUAL}
    nobody = random_predicates(table * np.nan, np.array([True, False]), 1, 5,
                               np.random.default_rng(3))  # fmt: skip
    assert (nobody.value == 0).all()


@pytest.mark.parametrize("n", [6, 9])
@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_the_chance_of_exactly_one_match_is_hypergeometric(n, size):
    for m in range(n + 1):
        want = m * math.comb(n - m, size - 1) / math.comb(n, size)
        assert isolation_rate([m], n, size)[0] == pytest.approx(want)


def test_predicates_that_succeed_together_are_worth_fewer():
    # Four predicates of one table of eight people in four groups: the jackknife by hand.
    matches = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]])
    size = np.full(4, 2)

    def rate(m):
        return m * math.comb(8 - m, 3) / math.comb(8, 4)

    mean = (3 * rate(1) + rate(2)) / 4
    without = []
    for g in range(4):
        left = matches.sum(axis=1) - matches[:, g]
        # Three of four people of six.
        without.append(np.mean([m * math.comb(6 - m, 2) / math.comb(6, 3) for m in left.tolist()]))
    people = 3 * np.var(without)
    alone = mean * (1 - mean)
    want = 4 * alone / (alone + 4 * people)
    assert independent_predicates(matches, size, 4) == pytest.approx(want)
    assert independent_predicates(np.zeros((3, 4), int), size, 4) == 3


def test_an_attack_is_worth_more_than_its_control():
    # Nobody by chance, or everybody.
    assert attack_worth(0.5, 500, 0.0, 50.0) == attack_worth(0.5, 500, 1.0, 50.0) == 500
    people = 0.4 * 0.6 * (1 / 50 - 1 / 500)
    rate = (0.7 * 500 + 2) / 504
    left = people * (1 - rate) / (rate * 0.6**2)
    assert attack_worth(0.7, 500, 0.4, 50.0) == pytest.approx(500 / (1 + 500 * left))
    # A control worth more than all predicates takes nothing away.
    assert attack_worth(0.7, 500, 0.4, 900.0) == 500


def test_a_control_of_fewer_people_is_a_bound():
    control = np.array([0.2, 0.4])
    assert bounded_control(control, 8.0, smaller_by=1.0, highest=0.9) == (pytest.approx(0.3), 8)
    chance, worth = bounded_control(control, 8.0, smaller_by=2.0, highest=0.9)
    assert (chance, worth) == (pytest.approx(0.6), pytest.approx(8 * 0.6 * 0.4 / (4 * 0.3 * 0.7)))
    # At most the highest; and of nobody, or of all, nothing is changed.
    assert bounded_control(control, 8.0, smaller_by=2.0, highest=0.5)[0] == 0.5
    assert bounded_control(np.zeros(2), 8.0, smaller_by=2.0, highest=0.5) == (0, 8)
    assert bounded_control(control, 8.0, smaller_by=4.0, highest=1.0) == (1, 8)


def test_people_are_drawn_in_their_order_and_all_where_they_are_few():
    people = np.arange(10)
    assert drawn(people, 10, None) is people
    some = drawn(people, 9, np.random.default_rng(1))
    assert len(some) == 9
    assert (np.diff(some) > 0).all()


def test_more_are_drawn_until_enough_describe_one(monkeypatch):
    asked = []

    def combined(release, ordered, attributes, tries, rng):
        asked.append(tries)
        return range({40: 1, 120: 2, 360: 9}[tries])

    monkeypatch.setitem(_combined.__globals__, "combined_predicates", combined)

    class Tables:
        release, ordered = np.zeros((5, 1)), None

    assert len(_combined(Tables, 1, 2, None)) == 2
    assert asked == [40, 120]
    # No more looks than so many, of tries by records.
    for most, tries in ((200, [40, 120]), (199, [40])):
        asked.clear()
        monkeypatch.setitem(_combined.__globals__, "_MOST_LOOKS", most)
        _combined(Tables, 1, 2, None)
        assert asked == tries


def test_the_chance_among_other_people_is_of_as_many():
    # Two of ten have the value 1 and one has a 2: one predicate of each.
    people = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 2.0])[:, None]
    asked = predicates((0, EQUAL, 1), (0, EQUAL, 2))
    chance, _ = _chance(people, asked, 4, np.random.default_rng(1))
    want = [m * math.comb(10 - m, 3) / math.comb(10, 4) for m in (2, 1)]
    assert chance == pytest.approx(np.mean(want))
    # Of twenty as many again, and never more than one in twenty would be alone.
    chance, _ = _chance(people, asked, 20, np.random.default_rng(1))
    assert chance == pytest.approx(min(2 * np.mean([0, 1]), (1 - 1 / 20) ** 19))


@pytest.mark.parametrize(
    ("attack", "control", "doubts", "notes"),
    [
        # Beyond its baseline and its control; only beyond the baseline; not even that.
        (0.9, 0.1, [], []), (0.9, 0.9, [], ["nothing_added"]), (0.5, 0.1, ["weak_attack"], []),
    ],
)  # fmt: skip
def test_an_attack_beats_its_baseline_or_is_weak(attack, control, doubts, notes):
    gains = np.repeat([1.0, 0.0], [round(attack * 400), 400 - round(attack * 400)])
    found = attack_result("linkability", gains, (control, 400.0), 0.5, recipe={})
    assert [note.key for note in found.notes] == [*doubts, *notes]
    assert found.reliable == (not doubts)
    row = found.row("linkability")
    assert (row.value, row.n, row.baseline, row.reliable) == (attack, 400, 0.5, not doubts)


def test_a_vague_residual_is_doubted():
    found = attack_result("linkability", np.array([1.0, 0.0, 1.0]), (0.5, 2.0), 0.0, recipe={})
    assert "residual_too_wide" in [note.key for note in found.notes]


@pytest.mark.parametrize(("records", "rounds"), [(2_499, 2), (2_500, 2), (2_501, 1)])
def test_predicates_are_sought_again_while_a_round_looks_at_fifty_million_records(
    monkeypatch, records, rounds
):
    # A thousand attacks try 20,000 predicates first, then three times as many, which is too many.
    tries = []
    found = lambda *of: tries.append(of[3]) or []  # noqa: E731
    monkeypatch.setattr(
        import_module("privaudit.tables.singling_out"), "combined_predicates", found
    )
    tables = SimpleNamespace(release=range(records), ordered=())
    assert _combined(tables, 2, 1_000, np.random.default_rng(7)) == []
    assert tries == [20_000, 60_000][:rounds]


@pytest.mark.parametrize(("people", "groups"), [(20, 19), (21, 20), (22, 20), (40, 20)])
def test_a_jackknife_is_of_twenty_groups_and_fewer_than_people(monkeypatch, people, groups):
    asked = []

    def counted(_people, _suggested, group, many):
        asked.append((many, len(np.unique(group))))
        return np.zeros((3, many))

    monkeypatch.setattr(MODULE, "count_matches", counted)
    _chance(np.zeros((people, 1)), [], people, np.random.default_rng(7))
    assert asked == [(groups, groups)]
