"""Rows of a join, from keys made by hand: who is named, located and right, beside chance."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.linkage import scoring
from privaudit.results.rows import Rows


def keys(dots, records, names=("place",), needed=True):
    """Keys by their codes, one list a key."""
    return scoring.KeyCodes(
        dots=np.array(dots), records=np.array(records), needed=np.full(len(names), needed),
        names=tuple(names),
    )  # fmt: skip


def truth(dots, records, *, known=True, who=None, people=None, others=()):
    mine = np.arange(records)
    return scoring.JoinTruth(
        mine=mine, others=np.array(others, dtype=int), home=mine, has_address=mine >= 0,
        dot_homes=np.arange(dots), homes=mine, control_homes=np.arange(len(others)),
        label=np.arange(dots), known=known,
        who=np.arange(dots) if who is None else np.array(who),
        people=mine if people is None else np.array(people),
    )  # fmt: skip


def made(rows):
    return {
        (row.measure, *map(str, row.part.values())): (row.value, row.n, row.baseline)
        for row in rows
    }


def join(**ways):
    return SimpleNamespace(ways=ways, best=next(iter(ways)), names=None)


class Town(SimpleNamespace):
    def __len__(self):
        return len(self.xy)


BASE = Town(xy=np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0]]), counts=())


def test_own_records_that_fit_are_counted_and_a_guess_among_several_is_a_share():
    """Dot 0 fits its own of two records, dot 1 a stranger's, dot 2 nobody, dot 3 its own alone."""
    both = keys([[7, 8, 9, 6]], [[7, 7, 8, 6]])
    known = truth(4, 4, who=[10, 11, 12, 13], people=[10, 20, 21, 13])
    assert scoring._own(both, known).tolist() == [1, 0, 0, 1]
    rows = Rows(4, "dots")
    scoring.add_comparison(
        rows, "address", join(address=both), known, BASE, np.random.default_rng(1)
    )
    found = made(rows)
    assert found["dot_named", "address"][:2] == (0.5, 4)
    assert found["dot_among", "address"][0] == 0.25
    # Who is named is located: dots 1 and 3 and their records.
    assert found["in_both", "address"][0] == 0.5
    # A half of dot 0 and all of dot 3, of four; two of four are in the table of four people, so
    # that one name in four is right for these, where anything fits at all.
    right = found["dot_right", "address"]
    assert right[:2] == (0.375, 4)
    assert right[2] == pytest.approx((0.25 + 0 + 0 + 0.25) / 4)
    assert found["named_right", "address"] == (0.5, 2, pytest.approx(0.125))
    assert found["in_both_right", "address"][:2] == (0.5, 2)
    # Records 2 and 3 fit one dot each, and so do both that fit dot 0.
    assert found["record_located", "address"][:2] == (1.0, 4)


def test_without_a_truth_nobody_is_right():
    rows = Rows(2, "dots")
    one = keys([[0, 1]], [[0, 1]])
    scoring.add_comparison(
        rows, "address", join(address=one), truth(2, 2, known=False), BASE, np.random.default_rng(1)
    )
    assert not any(name.endswith("right") for name, *_ in made(rows))
    assert made(rows)["dot_named", "address"][0] == 1.0


def test_places_of_the_next_address_are_the_control_of_a_map_without_a_truth():
    """The next of the first is the second, of the second the first, of the third the second."""
    one = keys([[0, 1, 2, -1, 3]], [[0, 1, 2, 5, -1]])
    moved = scoring._beside(one, BASE)
    assert moved["dots"].dots.tolist() == [[1, 0, 1, -1, -1]]
    assert moved["dots"].records.tolist() == one.records.tolist()
    assert moved["records"].records.tolist() == [[1, 0, 1, -1, -1]]
    alone = Town(xy=BASE.xy[:1], counts=())
    assert scoring._beside(one, alone) is None
    assert scoring._beside(one, Town(xy=BASE.xy[:2], counts=())) is not None
    assert scoring._beside(keys([[0]], [[0]], ("identity",)), BASE) is None


@pytest.mark.parametrize(
    ("names", "known"),
    [(("columns",), False), (("place",), True), (("place", "columns"), True),
     (("a", "b"), True)],
)  # fmt: skip
def test_a_random_join_of_one_column_changes_nothing(names, known):
    codes = [[0, 1, 2, 2]] * len(names)
    named, located = scoring._blind(
        keys(codes, codes, names), np.arange(4), 3, np.random.default_rng(1)
    )
    assert math.isfinite(named) is math.isfinite(located) is known


def test_a_random_address_of_one_is_the_address_itself():
    """Of one address alone every dot stays where it was; nobody without one gets any."""
    one = keys([[0, -1]], [[0, 7]])
    assert scoring._blind(one, np.arange(2), 1, np.random.default_rng(1)) == (0.5, 0.5)
    assert scoring._blind(one, np.arange(2), 0, np.random.default_rng(1)) == (0.5, 0.5)


def test_what_is_named_still_where_one_kind_is_withheld():
    place, who = keys([[0, 1]], [[0, 1]]), keys([[0, 0]], [[0, 5]], ("identity",))
    rows = Rows(2, "dots")
    scoring.add_without(rows, SimpleNamespace(ways={"address": place, "identity": who},
                                              best="address"), truth(2, 2))  # fmt: skip
    found = made(rows)
    # Without the address the identity names both; without the identity nothing changes.
    assert found == {("dot_named_without", "address"): (1.0, 2, 1.0)}
    rows = Rows(2, "dots")
    scoring.add_without(rows, SimpleNamespace(ways={"address": place}, best="address"), truth(2, 2))
    assert made(rows) == {("dot_named_without", "address"): (0.0, 2, 1.0)}


@pytest.mark.parametrize(
    ("dots", "records", "told"),
    [
        ([[3, 4, 5]], [[3, 4, 6]], (2 / 3, 3)), ([[3, -1, 5]], [[3, 4, 6]], (0.5, 2)),
        ([[3, 4, 5]], [[3, -1, 5]], (1.0, 2)), ([[-1, -1, 5]], [[3, 4, -1]], None),
    ],
)  # fmt: skip
def test_columns_agree_of_those_that_both_show(dots, records, told):
    place = keys([[0, 1, 2]], [[0, 1, 2]])
    columns = keys(dots, records, ("party",))
    rows = Rows(3, "dots")
    scoring.add_agreement(rows, join(address=place, columns=columns), truth(3, 3),
                          np.random.default_rng(1))  # fmt: skip
    assert [value[:2] for value in made(rows).values()] == ([] if told is None else [told])
    scoring.add_agreement(rows, join(columns=columns), truth(3, 3), np.random.default_rng(1))
    assert len(made(rows)) == (told is not None)


def test_who_is_alone_at_an_address_and_doors_with_somebody():
    rows = Rows(5, "records")
    address = np.array([0, 0, 2, -1, -1])
    scoring._add_addresses(rows, address, np.array([True, True, True, True, False]), 3)
    found = made(rows)
    assert found["address_found",][:2] == (0.75, 4)
    assert found["alone_at_address",][:2] == (pytest.approx(1 / 3), 3)
    base = Town(xy=np.zeros((3, 2)), counts=("households",), homes=lambda: np.array([4, 9, 6]))
    rows = Rows(5, "records")
    scoring._add_doors(rows, address, base)
    values = {row.measure: row.value for row in rows}
    assert values == {"doors": 2, "people_a_door": 1.5, "households_there": 10}
    rows = Rows(5, "records")
    scoring._add_doors(rows, np.full(5, -1), base)
    assert {row.measure: row.value for row in rows} == {"doors": 0}


@pytest.mark.parametrize(
    ("counts", "few"),
    [
        # Two columns of identifiers, of which one shows ten of forty, eleven, or all but ten.
        ((40, 10), True), ((40, 11), False), ((40, 30), True), ((40, 29), False), ((40, 0), False),
        ((40, 40), False), ((10,), False),
    ],
)  # fmt: skip
def test_kinds_of_which_one_column_shows_few(monkeypatch, counts, few):
    shown = {("email" if at else "name", f"c{at}"): np.arange(40) < n
             for at, n in enumerate(counts)}  # fmt: skip
    monkeypatch.setattr(scoring, "rows_showing", lambda frame, known: shown)
    by_kind, hidden = scoring._kinds(pd.DataFrame(index=range(40)), {})
    assert by_kind["identity"].sum() == max(counts)
    assert hidden == ({"identity"} if few else set())


def test_unknown_codes_are_apart_from_each_other_and_from_all_that_are_known():
    assert scoring._apart(np.array([2, -1, 0, -1])).tolist() == [2, 4, 0, 6]
    assert scoring._apart(np.array([-1, -1])).tolist() == [0, 1]


def test_pairs_are_of_one_person_each():
    known = truth(3, 4, who=[5, 6, 7], people=[6, 5, 6, 9])
    dot, record = known.pairs()
    assert sorted(zip(dot.tolist(), record.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2)]


@pytest.mark.parametrize(("phones", "found"), [([False, True], 0), ([True, False], 1 / 2)])
def test_a_dot_that_is_joined_to_nobody_shows_nothing_more(monkeypatch, phones, found):
    """The first dot is the first record; the second one no record, and not the last."""
    kinds = iter([({"phone": np.array(phones)}, set()), ({}, set())])
    monkeypatch.setattr(scoring, "_kinds", lambda *_: next(kinds))
    asked = SimpleNamespace(ways={"place": keys([[7, 8]], [[7, 9]])}, best="place", holds={},
                            rows=np.arange(2), beside={}, notes=())  # fmt: skip
    rows, dots = Rows(2, "dots"), Town(xy=[0, 1], beside=None)
    table = SimpleNamespace(records=pd.DataFrame({"a": [1, 2]}))
    scoring._add_shown(rows, table, dots, asked, truth(2, 2))
    assert made(rows)["dot_tells", "phone"] == (found, 2, 0)
    assert made(rows)["record_tells", "location"] == (1, 2, 1)
