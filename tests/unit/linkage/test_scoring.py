"""What a join adds to each file, and what of it is withheld, by keys and kinds made by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.linkage import scoring
from privaudit.release.inventory import SHOWN_KINDS

BASE = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0]])


class Town(SimpleNamespace):
    """Addresses, as many as places."""

    def __len__(self):
        return len(self.xy)


class Written(list):
    """The shares that are written, each with all that it is written with."""

    def share(self, measure, hits, **fields):
        self.append({"measure": measure, "value": float(np.mean(hits)), **fields})


def keys(dots, records, names=("place",)):
    return scoring.KeyCodes(
        dots=np.array(dots), records=np.array(records), needed=np.ones(len(names), dtype=bool),
        names=names,
    )  # fmt: skip


def truth(dots, records, *, known=False, who=(), people=(), others=(), home=None):
    mine = np.setdiff1d(np.arange(records), others)
    home = mine if home is None else np.array(home)
    return scoring.JoinTruth(
        mine=mine, others=np.array(others, dtype=int), home=home, has_address=home >= 0,
        dot_homes=np.arange(dots), homes=mine, control_homes=np.arange(len(others)),
        label=np.arange(dots), known=known, who=np.array(who, dtype=int),
        people=np.array(people, dtype=int),
    )  # fmt: skip


def but_last(n, last=1):
    """All of n but the last few."""
    return np.arange(n) < n - last


def shown(monkeypatch, joined, of_dots, of_records, few=(), notes=(), home=None):
    """What is written of twelve dots and twelve records, the first of which are joined in turn.

    Returns, by measure and kind, its value and baseline, whether it is a cell, and what is hidden.
    """
    kinds = iter([(dict(of_records), set(few)), (dict(of_dots), set(few))])
    monkeypatch.setattr(scoring, "_kinds", lambda *_: next(kinds))
    numbers = np.arange(12)
    one = keys([numbers], [np.where(numbers < joined, numbers, numbers + 50)])
    join = SimpleNamespace(
        ways={"address": one}, best="address", holds={}, beside={}, rows=numbers,
        notes=[SimpleNamespace(key=note) for note in notes],
    )  # fmt: skip
    table = SimpleNamespace(records=pd.DataFrame({"a": numbers}))
    rows = Written()
    scoring._add_shown(rows, table, Town(xy=numbers, beside=None), join, truth(12, 12, home=home))
    return {
        (row["measure"], row["part"]["what"]): (
            round(12 * row["value"]), round(12 * row["baseline"]), row["cell"], row["unprinted"]
        )
        for row in rows
    }  # fmt: skip


NOBODY, ALL = np.zeros(12, dtype=bool), np.ones(12, dtype=bool)


@pytest.mark.parametrize(
    ("joined", "before", "records", "few", "found"),
    [
        # Of few who are joined, a kind that not all records show is withheld; of eleven it is not.
        (10, None, but_last(12), "", (10, 0, True, ("row",))),
        (11, None, but_last(12), "", (11, 0, True, ())),
        (10, NOBODY, ALL, "", (10, 0, True, ("row",))),
        (11, NOBODY, ALL, "", (11, 0, True, ())),
        (1, None, but_last(12), "", (1, 0, True, ("row",))),
        # What all records show, all who are joined do.
        (10, None, ALL, "", (10, 0, False, ())),
        # A dot that shows it by itself divides them already.
        (10, but_last(12, 11), but_last(12), "", (10, 1, True, ())),
        # What one column of several shows of few is not told by the file alone.
        (11, None, but_last(12), "phone", (11, 0, True, ("baseline",))),
        (10, None, but_last(12), "phone", (10, 0, True, ("baseline", "row"))),
    ],
)  # fmt: skip
def test_what_a_small_join_shows_is_withheld(monkeypatch, joined, before, records, few, found):
    of_dots = {} if before is None else {"phone": before}
    rows = shown(monkeypatch, joined, of_dots, {"phone": records}, few=[few])
    assert rows["dot_tells", "phone"] == found


@pytest.mark.parametrize(
    ("notes", "located"),
    [((), 11), (("dots_moved_off",), 8), (("other", "dots_moved_off"), 8), (("other",), 11)],
)
def test_a_dot_that_was_moved_locates_no_record(monkeypatch, notes, located):
    """Eight records have a home; eleven are joined to a dot, which lies at another one's."""
    home = [0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1]
    rows = shown(monkeypatch, 11, {}, {}, notes=notes, home=home)
    assert list(rows) == [("record_tells", "location")]
    assert rows["record_tells", "location"][:2] == (located, 8)


@pytest.mark.parametrize(
    ("identity", "support", "notes", "cell"),
    [
        (ALL, ALL, (), False),
        # Each of the three that some lack divides those who show all of them.
        (but_last(12), ALL, (), True), (ALL, but_last(12), (), True),
        (ALL, ALL, ("dots_moved_off",), True),
    ],
)  # fmt: skip
def test_who_shows_all_three_is_a_cell_where_some_lack_one(
    monkeypatch, identity, support, notes, cell
):
    rows = shown(monkeypatch, 11, {"support": support}, {"identity": identity}, notes=notes)
    # A dot that was moved is located by the home of its record.
    both = sum(identity & support & (np.arange(12) < 11))
    assert rows["dot_tells", "all_three"][:3] == (both, 0, cell)
    without = shown(monkeypatch, 11, {"support": support}, {"phone": identity})
    assert not any(what == "all_three" for _, what in without)


def test_names_are_the_identity_and_places_and_numbers_are_no_kind(monkeypatch):
    monkeypatch.setattr(
        scoring, "rows_showing", lambda *_: {(kind, kind): ALL for kind in SHOWN_KINDS}
    )
    kinds, few = scoring._kinds(pd.DataFrame(index=range(12)), {})
    assert list(kinds) == ["identity", *(k for k in SHOWN_KINDS if k not in ("place", "number"))]
    assert few == set()


def compared(one, known, by="address", names=None):
    rows = Written()
    join = SimpleNamespace(ways={by: one}, best=by, names=names)
    town = Town(xy=BASE, counts=())
    scoring.add_comparison(rows, by, join, known, town, np.random.default_rng(1))
    return {row["measure"]: row for row in rows}


def test_a_dot_whose_person_is_withheld_is_the_control_of_its_match():
    """Dot 0 fits its own and one other, dot 1 its own alone, dot 2 another, dot 3 two others."""
    one = keys([[0, 1, 2, 3]], [[0, 0, 1, 2, 3, 3]])
    known = truth(4, 6, known=True, who=[10, 11, 12, 13], people=[10, 20, 11, 21, 22, 23])
    rows = compared(one, known)
    assert rows["dot_named"]["control"].tolist() == [True, False, True, False]
    assert rows["dot_named"]["value"] == 0.5
    # Records 1, 3, 4 and 5 are of nobody who has a dot; each fits one.
    assert rows["record_located"]["control"].tolist() == [True] * 4
    assert rows["record_located"]["control_clusters"].tolist() == [1, 3, 4, 5]
    # Dots 1 and 2 are named, one of them rightly; dot 0 by one half, dot 1 wholly, of four.
    assert rows["named_right"]["value"] == 0.5
    assert rows["dot_right"]["value"] == 0.375


def test_dots_that_fit_nobody_are_right_by_no_chance():
    """Both people with a dot are among the three of the table; one dot fits some record."""
    one = keys([[0, 7]], [[0, 1, 2]])
    rows = compared(one, truth(2, 3, known=True, who=[10, 11], people=[10, 11, 12]))
    assert rows["dot_right"]["baseline"] == pytest.approx((1 / 3 + 0) / 2)
    # The first record is named, and no match beside it.
    assert rows["named_right"]["value"] == 1
    assert rows["dot_named"]["value"] == 0.5


def test_without_a_truth_the_next_address_is_the_control():
    """The next address of 0 is 1, of 1 is 0, of 2 is 1. Records stand at 0 and 2."""
    rows = compared(keys([[0, 1, 2]], [[0, 2]]), truth(3, 2))
    assert rows["dot_named"]["control"].tolist() == [False, True, False]
    # Moved to 1 both records meet dot 1.
    assert rows["record_located"]["control"].tolist() == [True, True]
    # Moved to 1 and 0, the records meet dots 1 and 0.
    rows = compared(keys([[0, 1]], [[0, 1]]), truth(2, 2))
    assert rows["record_located"]["control"].tolist() == [True, True]
    rows = compared(keys([[0, 2]], [[0, 2]]), truth(2, 2))
    assert rows["record_located"]["control"].tolist() == [False, False]
    # What no dot is at locates nobody.
    assert compared(keys([[0, 2]], [[0, 1]]), truth(2, 2))["record_located"]["value"] == 0.5


def test_control_records_are_held_against_the_same_dots():
    """Records 1, 3 and 4 are of another place: the first fits dot 0, the second dot 1."""
    one = keys([[0, 1]], [[0, 0, 5, 1, 6]])
    rows = compared(one, truth(2, 5, others=[1, 3, 4]))
    assert rows["record_located"]["control"].tolist() == [True, True, False]
    assert rows["record_located"]["value"] == 0.5


def test_homonyms_are_the_chance_of_names_alone(monkeypatch):
    monkeypatch.setattr(scoring, "_homonyms", lambda *_: (0.125, 0.25))
    one = keys([[0, 1]], [[0, 1]], ("identity",))
    for by, names, chance in (
        ("identity", 1, 0.125),
        ("address", 1, None),
        ("identity", None, None),
    ):
        found = compared(one, truth(2, 2), by, names)["dot_named"]["baseline"]
        assert (None if math.isnan(found) else found) == chance


def test_names_of_which_no_other_can_be_drawn_have_no_homonyms():
    dealt = SimpleNamespace(permuted=lambda rng: (np.arange(2), np.zeros(2, dtype=bool)))
    one = keys([[0, 1]], [[0, 1]], ("identity",))
    found = scoring._homonyms(dealt, one, np.arange(2), np.random.default_rng(1))
    assert all(map(math.isnan, found))


@pytest.mark.parametrize(("columns", "shown"), [
    # Of two columns, one is enough; the first dot and the first value count too.
    (([[0, -1], [-1, -1]], [[0, 1], [2, 3]]), 1),
    (([[0, 4], [1, 5]], [[0, 4], [1, 6]]), 2),
    (([[-1, -1], [1, -1]], [[0, 1], [-1, 2]]), None),
])  # fmt: skip
def test_columns_agree_of_pairs_that_both_show_one(columns, shown):
    rows = Written()
    join = SimpleNamespace(ways={
        "address": keys([[0, 1]], [[0, 1]]), "columns": keys(*columns, ("party", "age")),
    })  # fmt: skip
    scoring.add_agreement(rows, join, truth(2, 2), np.random.default_rng(1))
    assert [len(row["clusters"]) for row in rows] == ([] if shown is None else [shown])


def test_a_dot_at_no_record_agrees_with_none():
    rows = Written()
    join = SimpleNamespace(ways={
        "address": keys([[5, 0]], [[0, 1]]), "columns": keys([[3, 3]], [[3, 4]], ("party",)),
    })  # fmt: skip
    scoring.add_agreement(rows, join, truth(2, 2), np.random.default_rng(1))
    assert [(row["value"], row["clusters"].tolist()) for row in rows] == [(1.0, [1])]


@pytest.mark.parametrize("same_world", [True, False])
@pytest.mark.parametrize("sealed", [(True, True), (True, False), (False, True)])
def test_a_truth_is_that_of_two_files_of_one_world(same_world, sealed):
    sources = [pd.DataFrame({"person": who, "marked_household": [4, -1, 4][: len(who)]})
               for who in ([7, 8, 9], [9, 8])]  # fmt: skip
    table, dots = (
        SimpleNamespace(sources=at if there else None, opened=lambda _, at=at: at,
                        world="a" if same_world else name, records=at)
        for at, there, name in zip(sources, sealed, "ab", strict=True)
    )  # fmt: skip
    # Records 2 and 0, then two of another place; one of each is at no known address.
    join = SimpleNamespace(
        rows=np.array([2, 0, 3, 4]), home=np.array([6, -1, 6, -1]), door=np.array([6, -1]),
        has_address=np.array([True, False, True, False]),
    )  # fmt: skip
    found = scoring.JoinTruth.of(table, dots, join)
    assert found.known == (same_world and all(sealed))
    assert (found.mine.tolist(), found.others.tolist()) == ([0, 1], [2, 3])
    assert found.label.tolist() == [6, 8]
    if found.known:
        assert (found.who.tolist(), found.people.tolist()) == ([9, 8], [9, 7])
        assert (found.dot_homes.tolist(), found.homes.tolist()) == ([4, 6], [4, 4])
    else:
        assert (found.who.tolist(), found.people.tolist()) == ([], [])
        assert (found.dot_homes.tolist(), found.homes.tolist()) == ([6, 8], [6, 8])


def test_an_address_base_is_asked_for():
    with pytest.raises(ParameterError, match="needs base to be an AddressBase"):
        scoring.score_addresses(SimpleNamespace(), object())


def test_unknown_codes_are_numbered_from_the_first_free_one():
    assert scoring._apart(np.array([0, -1])).tolist() == [0, 2]
    assert scoring._apart(np.array([-1])).tolist() == [0]


def test_a_random_join_moves_places_and_permutes_cells():
    """Of one address all stay there; either way round, each dot's cell is that of one record."""
    both = keys([[0, 0], [5, 6]], [[0, 0], [5, 6]], ("place", "party"))
    assert scoring._blind(both, np.arange(2), 1, np.random.default_rng(1)) == (1, 1)


def test_of_two_dots_one_is_named_without_the_names():
    rows = Written()
    ways = {
        "identity": keys([[0, 1]], [[0, 1]], ("identity",)),
        "address": keys([[0, 7]], [[0, 1]]),
    }  # fmt: skip
    scoring.add_without(rows, SimpleNamespace(ways=ways, best="identity"), truth(2, 2))
    found = {row["part"]["what"]: (row["value"], row["baseline"]) for row in rows}
    assert set(found.values()) == {(0.5, 1)}


@pytest.mark.parametrize("given", [[False, False], [True, False], [True, True]])
def test_that_no_record_has_an_address_is_noted(monkeypatch, given):
    given = np.array(given)
    joined = SimpleNamespace(
        address=np.where(given, 0, -1), has_address=given, notes=(), why=np.array(["", ""])
    )
    base = AddressBase(
        pd.DataFrame({"id": ["1"], "number": ["1"], "street": "rue A", "commune": "Bourg",
                      "station": "", "x": [0.0], "y": [0.0]}), real=False,
    )  # fmt: skip
    monkeypatch.setattr(scoring, "join_addresses", lambda *_: joined)
    monkeypatch.setattr(scoring, "_measures", lambda rows, table, notes: notes)
    table = SimpleNamespace(
        records=pd.DataFrame({"a": [1, 2]}), roles=SimpleNamespace(identifier=())
    )
    noted = [note.key for note in scoring.score_addresses(table, base)]
    assert noted == ([] if given.any() else ["no_address_told"])
