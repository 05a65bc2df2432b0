"""Risk from class sizes: definitions, and means over people."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.core.thresholds import UNEVEN_WEIGHTS
from privaudit.errors import ParameterError
from privaudit.tables import disclosure_risk
from privaudit.tables.disclosure_risk import (
    _at_risk,
    _estimated_share_at_risk,
    _presence,
    _risk_row,
    _scaled_to,
    greatest_risk,
    household_risks,
    household_share,
    is_estimated,
    k_map,
    mean_risk,
    over_blanks,
    presence_range,
    prosecutor_risks,
    share_above,
    share_at_risk,
)
from privaudit.tables.equivalence_classes import Sizes
from privaudit.tables.k_anonymity import (
    _expected_between,
    _of_any_size,
    count_uniques,
    records_in_small_classes,
    share_below,
    smallest_class,
)
from privaudit.tables.measure import measure
from privaudit.tables.population.counts import Population
from privaudit.tables.population.sample_ranges import Estimate
from privaudit.words.catalogues import Note

# Classes of 1, 2 and 5 records.
SIZE = np.repeat([1, 2, 5], [1, 2, 5])


def test_k_and_uniques_and_shares():
    assert smallest_class(SIZE) == 1
    assert count_uniques(SIZE) == 1
    assert share_below(SIZE, 2) == 1 / 8
    assert share_below(SIZE, 3) == 3 / 8
    assert share_below(SIZE, 5) == 3 / 8
    assert share_below(SIZE, 6) == 1


def test_the_mean_risk_is_over_records_and_not_over_classes():
    mean = prosecutor_risks(SIZE).mean()
    assert mean == pytest.approx(3 / 8)  # classes over records
    over_classes = (1 + 1 / 2 + 1 / 5) / 3
    assert abs(mean - over_classes) > 0.1


def test_one_large_class_keeps_the_mean_risk_low():
    # 99 people alike and one alone: 2 classes in 100 records, where a mean over classes is .505.
    size = np.repeat([1, 99], [1, 99])
    assert prosecutor_risks(size).mean() == pytest.approx(0.02)


def test_records_at_a_threshold_are_not_above_it():
    assert share_above([0.2, 0.21, 0.3, 0.1], 0.2) == 2 / 4


def test_delta_presence_spans_the_population():
    assert presence_range([1, 3], [4, 4]) == (0.25, 0.75)


def test_a_household_is_found_when_one_member_is():
    got = household_risks([0.5, 0.2, 0.1, 1.0, 0.3], [7, 7, -1, 3, 3])
    assert got == pytest.approx([0.6, 0.6, 0.1, 1.0, 1.0])


def test_small_household_risks_are_not_lost_to_rounding():
    got = household_risks([1e-18, 1e-18], [0, 0])
    assert got == pytest.approx([2e-18, 2e-18], rel=1e-12)


@pytest.mark.parametrize("size", [[], [0, 1], [[1]], [np.nan]])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(ParameterError, match="prosecutor_risks: needs"):
        prosecutor_risks(size)


@pytest.mark.parametrize(("off", "uneven"), [(-1e-3, False), (1e-3, True)])
def test_weights_that_differ_by_more_than_a_twentieth_are_uneven_and_bound_the_risk(off, uneven):
    """Half of the records a little below the mean weight and half above: that is their spread."""
    rng = np.random.default_rng(1)
    keys = {"age": rng.integers(20, 80, 400), "sex": rng.choice(list("FM"), 400)}
    spread = UNEVEN_WEIGHTS + off
    weight = 20 * np.where(np.arange(400) % 2, 1 + spread, 1 - spread)
    people = pd.DataFrame(keys | {"weight": weight})
    row = measure(people, Roles(key=["age", "sex"], weight="weight")).row("marketer_risk")
    assert [row.bound, "value_is_upper_end" in [note.key for note in row.notes]] == [
        "upper" if uneven else "", uneven,
    ]  # fmt: skip
    # The share of records that classes are: everybody of the population with a key is in the file.
    classes = len(people.groupby(["age", "sex"]))
    assert (row.value == pytest.approx(classes / 400)) is uneven
    # By Cauchy: no more people than all share them.
    low = classes**2 / (weight.sum() * 400)
    assert not uneven or row.low == pytest.approx(low)


class Sampled(SimpleNamespace):
    """Two hundred records of half of a population, each alone in the file."""

    size = np.ones(200)
    none_complete = False
    sample = (np.ones(200), 0.5)
    rate = SimpleNamespace(value=0.5, uneven=False)

    def __len__(self):
        return 200


def at_risk(threshold, monkeypatch, ends=(280.0, 300.0), most=1.0):
    """The estimate where classes of fewer than so many people have these, and how many."""
    asked = []

    def uniques_range(size, rate, *, below):
        asked.append(below)
        return ends

    monkeypatch.setattr(disclosure_risk, "uniques_range", uniques_range)
    context = Sampled(options=SimpleNamespace(threshold=threshold))
    found = _estimated_share_at_risk(context, lambda risks: most, (0.0, most))
    return found, asked


@pytest.mark.parametrize(
    ("threshold", "below"),
    [
        # A risk of 1 / F above it: F of three and fewer above .3, of four and fewer above a fifth.
        (0.3, 4), (0.2, 5), (0.25, 4), (0.5, 2), (0.51, 2), (0.4, 3), (1.0, 1), (1 / 3, 3),
        (1 / 49, 49), (1 / 50, 50),
    ],
)  # fmt: skip
def test_a_risk_above_a_threshold_is_of_so_few_people(threshold, below, monkeypatch):
    assert at_risk(threshold, monkeypatch)[1] == [below]


def test_of_classes_of_more_than_fifty_people_nothing_is_asked(monkeypatch):
    for threshold in (1 / 51, 0):
        found, asked = at_risk(threshold, monkeypatch)
        assert (found.low, found.high, asked) == (0, 1, [])


def test_a_share_at_risk_lies_two_deviations_around_that_of_the_people(monkeypatch):
    # 280 to 300 of 400 people; half of the 200 records' deviation is due to the draw.
    noise = 2 * math.sqrt(0.5 * 0.75 / 200)
    found, _ = at_risk(0.3, monkeypatch)
    assert (found.low, found.high) == pytest.approx((280 / 400 - noise, 300 / 400 + noise))
    assert found.value == pytest.approx((found.low + found.high) / 2)
    # No more than the file lets be.
    assert at_risk(0.3, monkeypatch, most=0.6)[0].high == 0.6
    assert at_risk(0.3, monkeypatch, ends=(0.0, 10.0))[0].low == 0
    none = at_risk(0.3, monkeypatch, ends=(math.nan, math.nan))[0]
    assert none.reason.key == "no_population_fits"


class Known(SimpleNamespace):
    """Four records, in classes of two, one and one, of so many people."""

    none_complete = by_size = False
    size = np.array([2, 2, 1, 1])
    histogram = (np.array([1, 2]), np.array([2, 1]))
    sample = (np.array([2, 1, 1]), 0.25)

    def __len__(self):
        return 4

    def once(self, word, make):
        return make()

    def mean(self, values):
        return float(np.mean(values))


def known(people, source="weights", rate=0.25, *, uneven=False, ranges=(), threshold=0.2, **of):
    sizes = Sizes(size=Known.size, expected=Known.size, read="value", weight=np.ones(4, int),
                  ranges=dict(ranges))  # fmt: skip
    population = Population(people=np.array(people, float), source=source, **of)
    return Known(
        sizes=sizes, population=population, table=SimpleNamespace(count=None),
        rate=None if rate is None else SimpleNamespace(value=rate, uneven=uneven),
        options=SimpleNamespace(threshold=threshold), reveals_levels=False,
    )  # fmt: skip


def test_people_are_estimated_from_weights_of_some_of_them():
    assert is_estimated(known([8, 8, 4, 4]))
    assert is_estimated(known([2, 2, 1, 1.5]))
    assert not is_estimated(known([2, 2, 1, 1]))
    assert not is_estimated(known([8, 8, 4, 4], "population"))


def test_risks_over_blanks_have_the_ends_of_what_these_may_be():
    between = (np.array([2, 2, 1, 4]), np.array([4, 4, 8, 4]))
    found = over_blanks(known([4, 4, 2, 4], "population", between=between), np.mean)
    ends = (0.25 + 0.25 + 0.125 + 0.25) / 4, (0.5 + 0.5 + 1 + 0.25) / 4
    assert (found.value, found.low, found.high) == (0.3125, *ends)
    found = over_blanks(known([2, 2, 1, 1], "file"), np.mean, (0.1, 0.6))
    assert (found.value, found.low, found.high) == (0.6, 0.1, 0.6)
    # What is known of the file is no range of a list.
    found = over_blanks(known([4, 4, 2, 4], "population"), np.mean, (0.1, 0.2))
    assert found.value == found.low == found.high == 0.3125


def test_the_greatest_risk_is_sure_or_has_the_range_of_the_file(monkeypatch):
    row = greatest_risk(known([4, 4, 2, 8], "population"))
    assert (row["value"], row["low"], row["high"], row["bound"]) == (0.5, 0.5, 0.5, "")
    row = greatest_risk(known([2, 2, 1, 1], "file", ranges={"risk_max": (0.5, 1.0)}))
    assert (row["low"], row["high"], row["bound"]) == (0.5, 1.0, "upper")
    # 1 - exp(-3.7) is more than .975, 1 - exp(-3.6) is less.
    monkeypatch.setattr(disclosure_risk, "fewest_alone", lambda *_: 3.7)
    row = greatest_risk(known([8, 8, 4, 4]))
    assert (row["value"], row["low"], row["reliable"]) == (1, 1, True)
    assert row["notes"][0] == Note("somebody_alone", records=3)
    monkeypatch.setattr(disclosure_risk, "fewest_alone", lambda *_: 3.6)
    row = greatest_risk(known([8, 8, 4, 4]))
    # Three classes of sixteen people, and one alone in the file.
    assert (row["low"], row["high"], row["reliable"]) == (3 / 16, 1, False)
    assert row["notes"][0] == Note("rarest_not_known", chance=round(1 - math.exp(-3.6), 3))


def test_k_of_a_map_is_people_by_the_greatest_risk(monkeypatch):
    row = k_map.take(known([4, 4, 2, 8], "population"))
    assert (row["value"], row["low"], row["high"]) == (2, 2, 2)
    monkeypatch.setattr(disclosure_risk, "fewest_alone", lambda *_: 0.0)
    row = k_map.take(known([8, 8, 3, 4]))
    assert (row["value"], row["low"], row["high"]) == (3, 1, pytest.approx(16 / 3))


def test_under_unequal_weights_the_mean_risk_lies_within_what_weights_tell(monkeypatch):
    found = mean_risk(known([8, 8, 4, 4], "population"))
    assert found.value == found.low == (1 / 8 + 1 / 8 + 1 / 4 + 1 / 4) / 4
    context = known([8, 8, 4, 4], uneven=True)
    low, most = 3**2 / (16 * 4), (0.5 + 0.5 + 1 + 1) / 4
    monkeypatch.setattr(disclosure_risk, "weighted_sample", lambda _: None)
    found = mean_risk(context)
    assert (found.low, found.high, found.reason.key) == (low, most, "weights_unequal")
    for ends, expected in (((0.3, 0.4), (0.3, 0.4)), ((0.0, 0.9), (low, most))):
        drawn = SimpleNamespace(mean_risk=lambda ends=ends: ends)
        monkeypatch.setattr(disclosure_risk, "weighted_sample", lambda _, drawn=drawn: drawn)
        found = mean_risk(context)
        assert (found.low, found.high) == expected
    # Too wide: the upper end stands for the value.
    row = _risk_row(context)
    assert (row["value"], row["bound"]) == (most, "upper")
    assert "value_is_upper_end" in [note.key for note in row["notes"]]
    context = known([8, 8, 4, 4])
    context.none_complete = True
    found = mean_risk(context)
    assert (found.low, found.high, found.worst_case) == (0, most, True)


@pytest.mark.parametrize(
    ("threshold", "ends"),
    [
        # Five or fewer records are at risk above a fifth: in classes of fewer than five.
        (0.2, (0.1, 0.4)), (0.25, (0.1, 0.3)), (0.24, (0.1, 0.4)), (0.5, (0.0, 0.3)),
        (1.0, (0.0, 0.3)), (0.0, (0.1, 1.0)), (0.1, (0.1, 0.4)), (0.05, (0.1, 1.0)),
    ],
)  # fmt: skip
def test_a_share_at_risk_has_the_ends_of_the_nearest_class_sizes(threshold, ends):
    # Known of classes of fewer than 4 and than 10; of another measure nothing is said here.
    ranges = {4: (0.1, 0.3), 10: (0.1, 0.4), "risk_max": (0.5, 0.9)}
    row = share_at_risk.take(known([2, 2, 1, 1], "file", ranges=ranges, threshold=threshold))
    assert (row["low"], row["high"], row["part"]) == (*ends, {"threshold": threshold})


def test_what_a_report_shows_of_a_share_at_risk_is_of_small_classes(monkeypatch):
    monkeypatch.setattr(disclosure_risk, "records_in_small_classes", lambda context, than: than)
    assert _at_risk(None, {"threshold": 0.1}) == 10
    for threshold in (1 / 11, 0.05, 0):
        assert _at_risk(None, {"threshold": threshold}) == (0, 1)


def test_presence_is_between_what_blanks_leave():
    of = {"released": np.array([1, 3]), "listed": np.array([4, 2])}
    row = _presence(known([4, 4, 2, 2], "population", **of), 0)
    assert (row["value"], row["low"], row["high"]) == (0.25, 0.25, 0.25)
    # No more than all are there.
    assert _presence(known([4, 4, 2, 2], "population", **of), 1)["value"] == 1
    both = {**of, "presences": ((0.3, 0.4), (0.5, 0.9))}
    row = _presence(known([4, 4, 2, 2], "population", **both), 0)
    assert (row["value"], row["low"], row["high"]) == (0.3, 0.3, 0.4)
    assert _presence(known([4, 4, 2, 2], "population", **both), 1)["value"] == 0.9
    for lacking in ("released", "listed"):
        context = known([4, 4, 2, 2], "population", **{**of, lacking: None})
        assert _presence(context, 0).key == "needs_population"


def test_risks_are_scaled_to_a_mean_below_their_bounds():
    risks, most = np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.25, 1.0])
    assert _scaled_to(0.1, risks, most) == pytest.approx(risks / 2)
    # Three times would be .3, .6 and .9: the second stays at its bound.
    found = _scaled_to((0.3 + 0.25 + 0.9) / 3, risks, most)
    assert found == pytest.approx([0.3, 0.25, 0.9])
    # Beyond all bounds there is nothing.
    assert _scaled_to(0.9, risks, most) == pytest.approx(most)


def test_households_share_the_range_of_their_members():
    risks, most, home = np.array([0.1, 0.2]), np.array([0.5, 1.0]), np.array([7, 7])
    share = Estimate(value=0.15, low=0.12, high=0.165)
    found = household_share(share, risks, most, home)
    ends = [1 - (1 - 0.1 * f) * (1 - 0.2 * f) for f in (0.8, 1.1)]
    assert (found.value, found.low, found.high) == pytest.approx((1 - 0.9 * 0.8, *ends))
    doubt = Estimate(value=0.15, low=0.12, high=0.3, reliable=False, reason=Note("x"))
    found = household_share(doubt, risks, most, home)
    assert (found.low, found.high, found.reason) == (0.12, 1, Note("x"))


def test_nobody_of_a_class_of_twenty_is_found_more_often_than_one_in_twenty(monkeypatch):
    monkeypatch.setattr(disclosure_risk, "fewest_alone", lambda *_: 0.0)
    context = known([40, 40, 40, 40])
    context.size = np.full(4, 20)
    assert greatest_risk(context)["high"] == 1 / 20
    context.sizes.ranges["risk_max"] = (0.05, 0.5)
    assert greatest_risk(context)["high"] == 0.5


def expected_sizes(size, fewer):
    """Four records whose class is expected to have so many, and its chances of fewer."""
    sizes = SimpleNamespace(
        weight=np.array([4]), fewer={k: np.array([p]) for k, p in fewer.items()}
    )
    return SimpleNamespace(size=np.array([size]), sizes=sizes)


@pytest.mark.parametrize(
    ("least", "above", "classes"),
    # A quarter of four is alone; a half in pairs; a quarter in classes of three at least.
    [(1, 2, 4 * 0.25), (2, 3, 4 * 0.5 / 2), (3, 5, 4 * 0.25 / 3), (5, 11, 0), (11, 101, 0)],
)
def test_expected_classes_are_records_over_a_size_of_the_bin(least, above, classes):
    context = expected_sizes(2.5, {2: 0.25, 3: 0.75, 5: 1.0, 11: 1.0})
    assert _expected_between(context, least, above) == pytest.approx(classes)


@pytest.mark.parametrize(
    ("size", "least", "above", "classes"),
    [(40, 11, 101, 4 * 0.9 / 40), (40, 101, math.inf, 0), (101, 11, 101, 0),
     (101, 101, math.inf, 4 * 0.9 / 101), (100, 11, 101, 4 * 0.9 / 100), (40, 5, 11, 4 * 0.1 / 10)],
)  # fmt: skip
def test_large_classes_are_in_the_bin_of_their_expected_size(size, least, above, classes):
    context = expected_sizes(size, {2: 0.0, 3: 0.0, 5: 0.0, 11: 0.1})
    assert _expected_between(context, least, above) == pytest.approx(classes)


def test_records_of_small_classes_are_at_most_one_fewer_each():
    class Classes(SimpleNamespace):
        def __len__(self):
            return 100

    context = Classes(unnamed_classes=[3, 4, 5], table=SimpleNamespace(has_gaps=False))
    # Under eleven there is one; under five there may be none.
    assert records_in_small_classes(context, 11) == (0.01, 0.3)
    assert records_in_small_classes(context, 5) == records_in_small_classes(context, 4.5)
    assert records_in_small_classes(context, 5) == (0, 0.12)
    context.table.has_gaps = True
    assert records_in_small_classes(context, 11) == (0, 0.3)
    context.unnamed_classes = [3] * 20
    assert records_in_small_classes(context, 11) == (0, 1)


def test_classes_of_a_size_are_those_named_and_any_that_is_not():
    published = (np.array([3, 20]), np.array([2, 4]))
    context = SimpleNamespace(
        histogram=published, published=published, unnamed_classes=np.array([3, 3, 20])
    )
    # Of three both are hidden; of twenty one is.
    assert _of_any_size(context, {"least": 3, "most": 4}) == (0, 3)
    assert _of_any_size(context, {"least": 20}) == (3, 6)
    assert _of_any_size(context, {"least": 4, "most": 20}) == (3, 6)
    context.histogram = (np.array([3, 20]), np.array([1, 4]))
    assert all(map(math.isnan, _of_any_size(context, {"least": 3, "most": 4})))
