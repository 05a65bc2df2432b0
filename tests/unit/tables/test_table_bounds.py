"""Where an argument begins to be refused: the last value that is taken, the first that is not."""

import inspect
import math
from importlib import import_module

import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.tables.context import Options
from privaudit.tables.contributions import key_combinations, level_contributions
from privaudit.tables.disclosure_risk import share_above
from privaudit.tables.distinction import COST_LIMIT, scan_cost, sets_to_scan, subsets
from privaudit.tables.inference import inference, inference_by_keys
from privaudit.tables.l_diversity import recursive_c
from privaudit.tables.linkability import linkability
from privaudit.tables.measure import measure
from privaudit.tables.membership_inference import membership_inference
from privaudit.tables.mend import MendingPlan
from privaudit.tables.reconstruction import reconstruct
from privaudit.tables.singling_out import singling_out
from privaudit.tables.special_uniques import unique_match_risk
from privaudit.tables.table_measure import sensitive_counts

LITTLE = 1e-9
PEOPLE = pd.DataFrame({"a": range(60), "b": [0, 1] * 30, "c": list("xyz") * 20})
OTHERS = PEOPLE.assign(a=PEOPLE["a"] + 100)
TABLES = PEOPLE, PEOPLE, OTHERS
KEYS = Roles(key=["a", "b"])
SHARE = (0, 1), (-LITTLE, 1 + LITTLE)
ONE_OR_MORE = (1,), (0,)
NONE_OR_MORE = (0,), (-1,)


def infer(**given):
    return inference(*TABLES, known=["a"], secret="c", **{"attacks": 5} | given)


def link(**given):
    return linkability(*TABLES, left=["a"], right=["b"], **{"attacks": 5} | given)


def isolate(**given):
    return singling_out(*TABLES, columns=["a", "b"], **{"attacks": 5} | given)


def claim(**given):
    return membership_inference(*TABLES, **{"attacks": 20} | given)


def by_keys(**given):
    return inference_by_keys(*TABLES, known=["a", "b"], secret="c", attacks=5, **given)


def rebuilt(**given):
    return reconstruct([PEOPLE.value_counts("b")], **{"runs": 0} | given)


BOUNDS = [
    (Options, "threshold", *SHARE),
    (lambda **given: Options(missing="wildcard", **given), "alpha", *SHARE),
    (Options, "alpha", (1,), (1 - LITTLE,)),
    (Options, "sampling_fraction", (LITTLE, 1), (0, 1 + LITTLE)),
    (Options, "l", (2,), (1,)),
    (Options, "subsets", *ONE_OR_MORE),
    (Options, "special", *ONE_OR_MORE),
    (lambda threshold: share_above([0.5], threshold), "threshold", *SHARE),
    (
        lambda sampling_fraction: unique_match_risk(1, 1, sampling_fraction),
        "sampling_fraction", (LITTLE, 1), (0, 1 + LITTLE),
    ),
    (lambda **given: recursive_c.take(sensitive_counts([0], [0]), **given), "l", (2,), (1,)),
    (lambda max_size: list(subsets(3, 2, max_size)), "max_size", *ONE_OR_MORE),
    (infer, "attacks", *ONE_OR_MORE),
    (infer, "tolerance", *NONE_OR_MORE),
    (infer, "days", *NONE_OR_MORE),
    (link, "attacks", *ONE_OR_MORE),
    (link, "neighbours", (1, 50), (0, 51)),
    (isolate, "attacks", *ONE_OR_MORE),
    (isolate, "attributes", (1, 2), (0, 3)),
    (claim, "attacks", (4,), (3,)),
    (claim, "false_alarms", (LITTLE, 0.5), (0, 0.5 + LITTLE)),
    (by_keys, "size", *ONE_OR_MORE),
    (lambda **given: key_combinations(PEOPLE, KEYS, **given), "size", *ONE_OR_MORE),
    (lambda **given: key_combinations(PEOPLE, KEYS, **given), "most", *ONE_OR_MORE),
    (lambda **given: key_combinations(PEOPLE, KEYS, **given), "least", *ONE_OR_MORE),
    (lambda **given: level_contributions(PEOPLE, KEYS, **given), "most", *ONE_OR_MORE),
    (rebuilt, "runs", *NONE_OR_MORE),
    (rebuilt, "suppressed_under", *NONE_OR_MORE),
    (lambda **given: MendingPlan(key=["a"], **given), "below", *NONE_OR_MORE),
    (MendingPlan, "at_least", *NONE_OR_MORE),
]  # fmt: skip


@pytest.mark.parametrize(("call", "name", "taken", "refused"), BOUNDS)
def test_the_last_that_is_taken_and_the_first_that_is_not(call, name, taken, refused):
    for value in taken:
        call(**{name: value})
    for value in refused:
        with pytest.raises(ParameterError, match=rf"needs .*\b{name}\b.* but got"):
            call(**{name: value})


@pytest.mark.parametrize(
    ("call", "documented"),
    [
        (measure, {"alpha": 1, "threshold": 0.2, "l": 2, "subsets": 1, "special": 3}),
        (Options, {"alpha": 1, "threshold": 0.2, "l": 2, "subsets": 1, "special": 3}),
        (level_contributions, {"special": 3}),
        (inference, {"tolerance": 0.05, "days": 30, "attacks": 2_000}),
        (linkability, {"neighbours": 1, "attacks": 2_000}),
        (singling_out, {"attributes": 1, "attacks": 500}),
        (membership_inference, {"false_alarms": (0.01, 0.1), "attacks": 2_000}),
        (key_combinations, {"size": 3, "most": None, "least": 1}),
        (inference_by_keys, {"size": 2}),
        (reconstruct, {"runs": 30, "suppressed_under": 0}),
        (MendingPlan, {"below": 0, "missing": "likely", "at_least": 11}),
    ],
)
def test_what_a_recipe_of_no_arguments_means(call, documented):
    given = inspect.signature(call).parameters
    assert {name: given[name].default for name in documented} == documented


def test_a_plan_that_withholds_needs_a_key_from_two_on():
    assert MendingPlan(below=1).below == 1
    with pytest.raises(ParameterError, match="a key to withhold records by"):
        MendingPlan(below=2)
    with pytest.raises(ParameterError, match="a key to withhold records by"):
        MendingPlan(below=2, key=["a"], drop=["a"])


@pytest.mark.parametrize("few", [3, 4])
def test_membership_needs_four_people_on_either_side_and_two_records(few):
    calls = [(PEOPLE[:few], PEOPLE, OTHERS), (PEOPLE, PEOPLE, OTHERS[:few]),
             (PEOPLE, PEOPLE[: few - 2], OTHERS)]  # fmt: skip
    for tables in calls:
        if few == 4:
            assert membership_inference(*tables).rows
        else:
            with pytest.raises(ParameterError, match="4 members and 4 others, and 2 records"):
                membership_inference(*tables)


def test_two_hundred_combinations_are_tried_and_no_more(monkeypatch):
    class Reached(Exception):
        pass

    def reached(*_, **__):
        raise Reached

    monkeypatch.setattr(import_module("privaudit.tables.inference"), "inference", reached)
    names = [f"c{k}" for k in range(200)]
    # Of one column each, and all of them together.
    with pytest.raises(Reached):
        inference_by_keys(*TABLES, known=names[:199], secret="a", size=1)
    with pytest.raises(ParameterError, match="at most 200 combinations, but got 201"):
        inference_by_keys(*TABLES, known=names, secret="a", size=1)
    # Of nine columns: 9 of one, 36 of two, 84 of three, and all: 130; of four 126 more.
    with pytest.raises(ParameterError, match="but got 256"):
        inference_by_keys(*TABLES, known=names[:9], secret="a", size=4)


def test_sets_are_scanned_as_far_as_they_cost_and_no_farther():
    """Of d keys, all sets of one and two: d + d (d - 1) / 2, times records and 5,000."""
    assert scan_cost(0, 4, 2) == 10 * 5_000
    assert COST_LIMIT == 500_000_000
    # 100 sets of records and 5,000 each: at the limit, and one record over it.
    at = COST_LIMIT // 100 - 5_000
    assert sets_to_scan(at, 100, 1) == (1, ())
    size, (note,) = sets_to_scan(at + 1, 100, 1)
    assert (size, note.values["asked"], note.values["sets"]) == (0, 1, 100)
    size, (note,) = sets_to_scan(at, 100, 3)
    assert (size, note.values["asked"]) == (1, 3)
    assert sets_to_scan(10, 2, 9) == (2, ())
    assert len(list(subsets(at, 100, 1))) == 100
    with pytest.raises(ParameterError, match="a scan that ends"):
        list(subsets(at + 1, 100, 1))


def test_one_record_has_no_pair_and_two_have_one():
    from privaudit.tables.distinction import distinct_ratio, separation_ratio

    assert math.isnan(separation_ratio([1]))
    assert separation_ratio([1, 1]) == 1
    assert separation_ratio([2]) == 0
    # Three classes of two and one of four, given by their number: 6 pairs of the four, 3 of 45.
    assert separation_ratio([2, 4], [3, 1]) == pytest.approx(1 - 9 / 45)
    assert distinct_ratio([2, 4], [3, 1]) == 0.4
