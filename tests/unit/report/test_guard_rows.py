"""The guard reads what a row counts: every noun in every family, and nothing else."""

import math

import numpy as np
import pandas as pd
import pytest

from privaudit.core.policy import SMALL_CELL
from privaudit.errors import ParameterError, SchemaError
from privaudit.report.annex import CHAPTERS
from privaudit.report.findings import findings_of
from privaudit.report.guard import _is_safe, guarded_table, withheld
from privaudit.results.measures import guarded
from privaudit.results.rows import NUMBERS, Row
from privaudit.words.catalogues import GUARDED, NOUNS, Note

FAMILIES = sorted({f for known in CHAPTERS.values() for f in known} | {"of_late"})


def row(counts, n, **more):
    return Row(measure="m", value=0.5, unit="share", n=n, counts=counts, low=0.1, high=0.9,
               baseline=0.2, control=0.1, notes=(Note("x", n=n),), **more)  # fmt: skip


@pytest.mark.parametrize("counts", sorted(NOUNS))
@pytest.mark.parametrize("n", [0, 1, 10, 10.5, 11, 400])
def test_fewer_than_eleven_of_what_stands_for_people_are_withheld(counts, n):
    (shown,) = guarded([row(counts, n)])
    small = counts in GUARDED and n < SMALL_CELL
    assert shown.withheld == small
    assert all(math.isnan(getattr(shown, name)) == small for name in ("value", "low", "n"))
    if small:
        assert shown.notes == ()
        assert all(math.isnan(getattr(shown, name)) for name in NUMBERS)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_family_is_exempt(family, measured, study):
    rows = [(f"m_{c}", 0.5, "share", 3, c, {}) for c in sorted(NOUNS)]
    found = findings_of(study(measures=[measured(family, *rows)]))
    assert {f.row.counts: f.row.withheld for f in found} == {c: c in GUARDED for c in NOUNS}


def test_an_exposure_of_ten_people_is_withheld(exposed, study):
    told = [[f.row.withheld for f in findings_of(study(exposed(n=n)))] for n in (10, 11)]
    assert told == [[True] * 4, [False] * 4]


def test_a_denominator_that_is_not_known_withholds_nothing(measured, study):
    odds = measured("tiers", ("leak_odds", 0.1, "probability", math.nan, "holders", {}))
    assert not findings_of(study(measures=[odds]))[0].row.withheld


def test_a_table_without_its_count_is_refused():
    with pytest.raises(SchemaError, match="guarded_table: count 'n' is not a column"):
        guarded_table(pd.DataFrame({"zone": ["a"], "people": [40]}))


@pytest.mark.parametrize(("hits", "safe"), [(5, True), (6, False), (8, False), (10, False),
                                            (11, True)])  # fmt: skip
def test_a_row_within_two_of_a_small_group_tells_it(hits, safe):
    """Eight dots at a wrong door, withheld with twelve at the right one."""
    sizes = pd.Series({"wrong": 8, "right": 12, "none": 400})
    told = Row(measure="wrong_addresses", value=hits / 50, unit="share", n=50, counts="dots")
    assert _is_safe({"household": (told,)}, "door", sizes) == safe
    assert _is_safe({}, "door", sizes)


@pytest.mark.parametrize(("few", "safe"), [((2, 2), False), ((2, 3), True)])
def test_a_small_group_that_is_narrowed_to_two_further_values_is_known(few, safe):
    """A printed row has the size of the third, so the two others are 1 to 3 each, or 1 to 4."""
    sizes = pd.Series({"a": few[0], "b": few[1], "c": 12, "d": 400})
    told = Row(measure="m", value=0.5, unit="share", n=12, counts="people", part={"zone": "c"})
    assert _is_safe({"f": (told,)}, "zone", sizes) == safe


@pytest.mark.parametrize(("part", "n"), [({"zone": "d"}, 12), ({"zone": "c"}, 13), ({}, 12)])
def test_a_row_of_another_group_or_size_tells_nothing_of_a_hidden_one(part, n):
    sizes = pd.Series({"a": 2, "b": 2, "c": 12, "d": 400})
    other = Row(measure="m", value=0.5, unit="share", n=n, counts="people", part=part)
    assert _is_safe({"f": (other,)}, "zone", sizes)


def test_counts_are_nought_or_more():
    # An empty cell is no cover for the one beside it.
    assert withheld(np.array([0, 40])).tolist() == [True, True]
    for wrong in ([-1, 40], [math.nan, 40]):
        with pytest.raises(ParameterError, match="0 or more"):
            withheld(np.array(wrong))
