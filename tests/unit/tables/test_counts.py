"""People behind a key, counted by hand: what a population lists, weights, and what blanks hide."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import SchemaError
from privaudit.tables import missing_model
from privaudit.tables.counting import FrequencyTable
from privaudit.tables.equivalence_classes import Sizes, classes
from privaudit.tables.missing_keys import COST_LIMIT
from privaudit.tables.population import counts
from privaudit.tables.population.counts import (
    PopulationCounts,
    _matched,
    _presences,
    _reading,
    _sum_of_weights,
    align_population,
    listed_population,
    weighted_population,
)

WHO = "measure"


class Coded(SimpleNamespace):
    """A table of one key or more, each row a record unless `count` says how many."""

    count = weight = None

    def __len__(self):
        return self.records_in(np.ones(len(self.codes), bool))

    def records_in(self, those):
        return int(those.sum() if self.count is None else self.count[those].sum())


def coded(*rows, **more):
    codes = np.array(rows, dtype=np.int64).reshape(len(rows), -1)
    return Coded(codes=codes, keys=tuple("kl"[: codes.shape[1]]), **more)


def sizes_of(groups, read="value", **more):
    size = groups.size[groups.label]
    return Sizes(size=size, expected=size, read=read, weight=np.ones_like(size), **more)


def people(codes, count, mine):
    codes = np.array(codes, dtype=np.int64).reshape(len(count), -1)
    mine = np.array(mine, dtype=np.int64).reshape(len(mine), -1)
    return PopulationCounts(mine=mine, codes=codes, count=np.array(count))


def listed(rows, population, count, read="value", **more):
    table = coded(*rows)
    groups = classes(table.codes)
    return listed_population(
        table, groups, sizes_of(groups, read, **more), people(population, count, rows), WHO
    )


def test_people_of_a_key_are_those_listed():
    # Two of key 0, one of 1; five, three and one are listed, of a third key too.
    found = listed([0, 0, 1], [0, 1, 2], [5, 3, 1])
    assert found.people.tolist() == [5, 5, 3]
    assert (found.released.tolist(), found.listed.tolist()) == ([2, 1, 0], [5, 3, 1])
    assert (found.size, found.uniques, found.source) == (9, 1, "population")
    assert (found.between, found.presences, found.notes, found.doubt) == (None, None, (), None)


@pytest.mark.parametrize(("absent", "doubted"), [(1, False), (2, True)])
def test_more_than_a_twentieth_of_records_that_nobody_lists_are_doubted(absent, doubted):
    rows = [0] * (20 - absent) + list(range(1, absent + 1))
    found = listed(rows, [0], [50])
    # At least the record itself.
    assert found.people.tolist() == [50] * (20 - absent) + [1] * absent
    assert found.notes[0].values == {"records": absent, "absent": absent}
    assert (found.doubt is not None) == doubted


def test_fewer_people_than_records_are_too_small_a_population():
    found = listed([0, 0, 0, 1], [0, 1], [2, 9])
    assert found.people.tolist() == [3, 3, 3, 9]
    assert found.notes[0].values == {"records": 3, "absent": 0}
    with pytest.raises(SchemaError, match="no record's key occurs in it"):
        listed([0, 1], [2], [9])


def test_wildcards_add_who_agrees_by_a_blank():
    # Of key 0 five people and the two without a key; of the blank all ten.
    found = listed([0, -1], [0, 1, -1], [5, 3, 2], read="wildcard", alpha=1.0)
    assert found.people.tolist() == [7, 10]
    # Each listed class with the records that agree: 0 and the blank, the blank, both.
    assert (found.released.tolist(), found.listed.tolist()) == ([2, 1, 2], [7, 5, 10])
    half = listed([0, -1], [0, 1, -1], [5, 3, 2], read="wildcard", alpha=0.5)
    assert half.people.tolist() == [6, 6]


def test_what_likely_blanks_hide_has_its_ends():
    found = listed([0, 1, -1], [0, 1], [5, 3], read="likely")
    least, most = found.between
    # The blank is one of the five or of the three.
    assert (least.tolist(), most.tolist()) == ([5, 3, 3], [5, 3, 5])
    assert found.notes == ()
    # One of five, or two; one of three, or two: the lowest share and the highest.
    assert found.presences[0] == pytest.approx((1 / 5, 2 / 5))
    assert found.presences[1] == pytest.approx((1 / 3, 2 / 3))


def test_where_nobody_listed_is_complete_blanks_may_be_anything():
    found = listed([[0, 0], [0, -1]], [[0, -1], [1, -1]], [4, 2], read="likely")
    # Those published alike, and all of whom may be (0, 0).
    assert found.people.tolist() == [1, 4]
    assert found.between[1].tolist() == [4, 4]
    assert found.presences == ((0, 1), (0, 1))


@pytest.mark.parametrize(
    ("mine", "count", "population", "listed", "low", "high"),
    [
        # Two of four and one of five: no blank, no range.
        ([0, 1], [2, 1], [0, 1], [4, 5], (1 / 5, 1 / 5), (1 / 2, 1 / 2)),
        # A record more of either class.
        ([0, 1, -1], [2, 1, 1], [0, 1], [4, 5], (1 / 5, 2 / 5), (1 / 2, 3 / 4)),
        # No more of a class than it has.
        ([0, 1, -1], [3, 1, 5], [0, 1], [4, 5], (1 / 5, 1), (3 / 4, 1)),
        # Two people more in either, who may be a class alone.
        ([0, 1], [2, 1], [0, 1, -1], [4, 5, 2], (0, 1 / 5), (2 / 6, 1)),
    ],
)  # fmt: skip
def test_shares_that_are_present_lie_between_what_blanks_leave(
    mine, count, population, listed, low, high
):
    mine = np.array(mine)[:, None]
    found = _presences(mine, np.array(count), people(population, listed, mine))
    assert found[0] == pytest.approx(low)
    assert found[1] == pytest.approx(high)


def reading_of(read, mine, codes, notes=()):
    sizes = SimpleNamespace(read=read, notes=notes)
    everyone = people(codes, np.ones(len(codes), int), mine)
    return _reading(sizes, everyone.mine, everyone)


def test_blanks_are_read_beside_a_population_as_in_the_table(monkeypatch):
    blank, whole = [[0, -1], [0, 0]], [[0, 0], [1, 0]]
    for read in ("likely", "wildcard"):
        assert reading_of(read, whole, whole) == ("value", 0)
        assert reading_of(read, blank, whole) == (read, 0)
        assert reading_of(read, whole, blank) == (read, 0)
    assert reading_of("value", blank, blank) == ("value", 0)
    # Of nobody who is complete nothing is learnt; they agree by their blanks all the same.
    nobody = [[0, -1], [-1, 0]]
    assert reading_of("likely", blank, nobody) == ("value", 0)
    assert reading_of("wildcard", blank, nobody) == ("wildcard", 0)
    # What was too much in the table is said again.
    notes = (SimpleNamespace(key="gaps_read_as_values", values={"comparisons": 7}),)
    assert reading_of("value", blank, blank, notes) == ("value", 7)


def test_a_population_that_costs_too_much_is_read_as_published(monkeypatch):
    blank, whole = [[0, -1], [0, 0]], [[0, 0], [1, 0]]
    monkeypatch.setattr(counts, "matching_cost", lambda codes, of=None: COST_LIMIT)
    monkeypatch.setattr(counts, "likely_cost", lambda codes: missing_model.COST_LIMIT)
    assert reading_of("wildcard", blank, whole) == ("wildcard", 0)
    assert reading_of("likely", blank, whole) == ("likely", 0)
    # The greater of both: the table beside its population, and the population by itself.
    for costs in ((COST_LIMIT + 1, 1), (1, COST_LIMIT + 1)):
        given = iter(costs)
        monkeypatch.setattr(counts, "matching_cost", lambda codes, of=None, g=given: next(g))
        assert reading_of("wildcard", blank, whole) == ("value", COST_LIMIT + 1)
    monkeypatch.setattr(counts, "likely_cost", lambda codes: missing_model.COST_LIMIT + 1)
    assert reading_of("likely", blank, whole) == ("value", missing_model.COST_LIMIT + 1)
    monkeypatch.setattr(counts, "matching_cost", lambda codes, of=None: COST_LIMIT + 1)
    found = listed([0, 1, -1], [0, 1], [5, 3], read="wildcard")
    assert found.notes[0].key == "population_as_published"


def test_people_from_weights_are_their_sum_by_class():
    table = coded(0, 0, 1, weight=np.array([2.0, 3.0, 0.5]))
    groups = classes(table.codes)
    found = weighted_population(table, groups, sizes_of(groups), None)
    # Half a person stands for one record: that is raised to one.
    assert found.people.tolist() == [5, 5, 1]
    assert (found.size, found.source) == (5.5, "weights")
    assert [(note.key, note.values) for note in found.notes] == [
        ("people_from_weights", {}), ("people_raised", {"records": 1})
    ]  # fmt: skip
    # Rows that stand for several records.
    many = coded(0, 1, weight=np.array([2.0, 3.0]), count=np.array([4, 5]))
    groups = classes(many.codes)
    sizes = Sizes(size=many.count, expected=many.count, read="value", weight=many.count)
    found = weighted_population(many, groups, sizes, None)
    assert (found.people.tolist(), found.size) == ([8, 15], 23)


def test_people_from_a_fraction_are_the_records_over_it():
    table = coded(0, 0, 1)
    groups = classes(table.codes)
    found = weighted_population(table, groups, sizes_of(groups), 0.25)
    assert (found.people.tolist(), found.size) == ([8, 8, 4], 12)
    assert [note.key for note in found.notes] == ["people_from_fraction"]
    # A third of three is nine, but for the last digit: nothing is raised.
    whole = weighted_population(table, groups, sizes_of(groups), 1.0)
    assert [note.key for note in whole.notes] == ["people_from_fraction"]


def test_an_amount_is_of_those_who_agree():
    table = coded(0, 0, 1, -1)
    groups = classes(table.codes)
    amount = np.array([7.0, 2.0, 1.0])[np.argsort(table.codes[groups.first, 0])[::1]]
    of = dict(zip(table.codes[groups.first, 0].tolist(), amount.tolist(), strict=True))
    for read, alpha, expected in (
        ("value", 1.0, [of[0], of[0], of[1], of[-1]]),
        ("wildcard", 1.0, [of[0] + of[-1]] * 2 + [of[1] + of[-1], 10]),
        ("wildcard", 0.0, [of[0], of[0], of[1], of[-1]]),
    ):
        assert _matched(table, groups, sizes_of(groups, read, alpha=alpha), amount).tolist() == (
            expected
        )


def test_a_sum_of_weights_is_the_same_however_records_are_grouped():
    weight = np.array([0.1, 0.2, 0.1, 0.3])
    assert _sum_of_weights(weight, None) == pytest.approx(0.7, abs=1e-15)
    grouped = _sum_of_weights(np.array([0.1, 0.2, 0.3]), np.array([2, 1, 1]))
    assert _sum_of_weights(weight[::-1], None) == _sum_of_weights(weight, None) == grouped


def aligned(ours, codes, theirs, count):
    """A table of one key beside a population of that key; -1 is a blank."""
    levels = {"k": pd.Index(theirs)}
    codes_of = np.arange(len(count))[:, None]
    population = FrequencyTable(codes=codes_of, levels=levels, count=np.array(count))
    return align_population(coded(*codes), {"k": pd.Index(ours)}, population, WHO)


@pytest.mark.parametrize(("met", "hardly"), [(1, True), (2, False)])
def test_a_key_of_which_fewer_than_half_are_listed_is_said(met, hardly):
    # Of four records with a key, one or two are listed; the fifth has none.
    found = aligned(["a", "b"], [0] * met + [1] * (4 - met) + [-1], ["a", "c"], [5, 5])
    assert found.mine[:, 0].tolist().count(-1) == 1
    said = [(note.key, note.values) for note in found.notes]
    lacking = {"column": "k", "records": 4 - met, "of": 4}
    assert said == ([("population_hardly_meets", lacking)] if hardly else [])
    # A listed level has the number of the table's.
    assert found.mine[0, 0] == found.codes[0, 0]
    assert found.codes[1, 0] not in found.mine[:, 0]


def test_nobody_in_a_population_is_refused():
    with pytest.raises(SchemaError, match="at least one person in the population"):
        aligned(["a"], [0], ["a"], [])


@pytest.mark.parametrize(
    ("trials", "by_law"),
    # One, and half of so many coins: 39, 39.5, 40 and 43 are expected.
    [(76, True), (77, True), (78, False), (84, False)],
)
def test_of_forty_expected_and_more_the_mean_of_one_over_them_is_expanded(trials, by_law):
    """By the law, the sum of the binomial over 1 + k; else (1 + variance / mean^2) / mean."""
    mean, variance = np.array([trials / 2]), np.array([trials / 4])
    found = missing_model.Uncertain(np.array([1]), mean, variance).inverse()[0]
    exact = sum(math.comb(trials, k) / 2**trials / (1 + k) for k in range(trials + 1))
    whole = 1 + trials / 2
    expanded = (1 + trials / 4 / whole**2) / whole
    # The two differ by more than what is allowed.
    assert exact != pytest.approx(expanded, rel=1e-6)
    assert found == pytest.approx(exact if by_law else expanded, rel=1e-9)
