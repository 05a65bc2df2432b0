"""Codes of join keys, levels of names, and notes that name a category: counted by hand."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.linkage import field_comparisons
from privaudit.linkage.candidate_pairs import RecordPairs, _of_one_year
from privaudit.linkage.fellegi_sunter import (
    RecordModel,
    _inflation,
    _maximised,
    _record_odds,
    matched_by_chance,
    one_to_one,
)
from privaudit.linkage.field_comparisons import LAST_NAME, Field, Levels, Names
from privaudit.linkage.join_tables import _in_texts, _paired
from privaudit.linkage.person_index import KeyCodes


def test_a_blank_fits_everybody_or_nobody_and_code_nought_is_no_blank():
    keys = KeyCodes(
        dots=np.array([[0, 0, -1], [0, 0, -1]]), records=np.array([[0, 1, 0], [0, 0, 0]]),
        needed=np.array([False, False]), names=("place", "age"),
    )  # fmt: skip
    at = np.arange(3)
    assert keys.fit(at, at).tolist() == [True, False, True]
    needed = KeyCodes(
        dots=keys.dots, records=keys.records, needed=np.array([False, True]), names=keys.names
    )
    assert needed.fit(at, at).tolist() == [True, False, False]
    # Who has no code on the other side fits nobody either.
    assert needed.fit(np.array([0]), np.array([0])).all()
    swapped = KeyCodes(dots=keys.records, records=keys.dots, needed=needed.needed, names=keys.names)
    assert swapped.fit(at, at).tolist() == [True, False, False]


def test_two_codes_are_one_where_both_are_known():
    one = (np.array([0, 0, 1, 0, -1, 2]), np.array([0, 1, 0, 2, 0, -1]))
    other = (np.array([1, 0]), np.array([0, 2]))
    mine, theirs = _paired(one, other)
    assert mine[4] == mine[5] == -1
    assert len({*mine[:4].tolist()}) == 4
    assert min(mine[:4]) == 0
    assert theirs.tolist() == [mine[2], mine[3]]


def test_levels_as_usual_among_matches_as_among_others_do_not_differ():
    levels = Levels.of(a=(0, 0, 0.6, 0.2), b=(0, 1, 0.2, 0.6), c=(1, 0, 3.0, 0.5))
    # Shares are within a class: of the second class, the one level has all of both.
    assert levels.matches.tolist() == pytest.approx([0.75, 0.25, 1.0])
    assert levels.others.tolist() == pytest.approx([0.25, 0.75, 1.0])
    assert levels.differ.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("roy", "rox", "near"), ("le", "la", "different"),  # one edit in three letters, in two
        ("moret", "mixet", "half"), ("more", "mixe", "different"),  # two edits in five, in four
        ("m", "moret", "initial"), ("m", "noret", "different"),
        ("le duc", "duc", "part"), ("le moret", "le", "different"),  # a part has three letters
    ],
)  # fmt: skip
def test_last_names_are_near_by_their_length(one, two, level):
    found = Names([one, two]).last_names(np.array([0]), np.array([1]))
    assert LAST_NAME.names[found[0]] == level


@pytest.mark.parametrize(
    "levels",
    # Of an address three parts have ranks, which are added: those are no levels written by hand.
    [
        one
        for name, one in vars(field_comparisons).items()
        if isinstance(one, Levels) and "ADDRESS" not in name
    ],
)
def test_ranks_of_levels_begin_at_nought_and_evidence_falls_with_them(levels):
    ratio = levels.matches / levels.others
    for group in set(levels.group):
        of = levels.group == group
        assert levels.matches[of].sum() == pytest.approx(1)
        assert levels.others[of].sum() == pytest.approx(1)
        ranks = np.unique(levels.order[of])
        assert ranks.tolist() == [*range(len(ranks))]
        assert len(ranks) > 1
        for rank in ranks[1:]:
            before, here = (ratio[of & (levels.order == r)] for r in (rank - 1, rank))
            assert before.min() >= here.max()


def field_of(name, values, mine):
    mine = np.array(mine)[:, None]
    return Field(
        name=name, levels=LAST_NAME, values=values, mine=mine, theirs=mine[:0],
        compare=lambda one, two: one * two, equal=np.zeros(len(values), dtype=np.int64),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("born", "named", "times"),
    [
        # Of 12 ordered pairs 4 share both, 4 the year, 4 the name: (4 + 1) / (4 * 4 / 12 + 1).
        ([0, 0, 1, 1], [0, 0, 1, 1], 15 / 7),
        # Who lacks one of the two is no pair.
        ([0, 0, 1, 1, -1, 0, 1], [0, 0, 1, 1, 0, -1, -1], 15 / 7),
        # 2 share both, 6 the year, 6 the name: (2 + 1) / (6 * 6 / 12 + 1), less than one.
        ([0, 0, 0, 1], [0, 0, 1, 0], 1.0),
        # Two days of one year are one year.
        ([0, 2, 1, 1], [0, 0, 1, 1], 15 / 7),
    ],
)  # fmt: skip
def test_first_names_of_one_year_are_counted_in_pairs(born, named, times):
    fields = {
        "birth": field_of("birth", [19800101, 19810101, 19801231], born),
        "first_name": field_of("first_name", ["anna", "paul"], named),
    }
    assert _of_one_year(fields) == pytest.approx(times)


def test_only_notes_and_what_is_not_recognised_are_searched_for_categories():
    frame = pd.DataFrame({"vu": ["catholique pratiquant", "absent"], "n": [1, 2]})
    shown = [(column, hits.tolist()) for (_, column), hits in _in_texts(frame, {})]
    assert shown == [("vu", [True, False])]
    assert [*_in_texts(frame, {"vu": SimpleNamespace(kind="street")})] == []
    assert len([*_in_texts(frame, {"vu": SimpleNamespace(kind="note")})]) == 1


@pytest.mark.parametrize(
    ("echo", "times"),
    [
        # The echoes of a move are a geometric series: 1 + r + r**2 + ... = 1 / (1 - r).
        (0.5, 2.0), (0.2, 1.25), (0.0, 1.0), (0.9, 10.0),
        # What swings back takes nothing away.
        (-0.5, 1.0),
        # Ten echoes are seen; what follows them falls by .98 at least.
        (0.99, sum(0.99**k for k in range(11)) + 0.99**10 * 0.98 / 0.02),
    ],
)  # fmt: skip
def test_an_error_that_is_passed_on_multiplies_the_variance(echo, times):
    fixed = np.full(4, 0.5)
    found = _inflation(lambda now: fixed + echo * (now - fixed), fixed)
    assert found == pytest.approx(times, rel=1e-6)


def test_without_a_variance_nothing_is_passed_on():
    assert _inflation(lambda now: now, np.array([0.0, 1.0])) == 1.0


@pytest.mark.parametrize(("moved", "rounds"), [(0.95e-6, 1), (1e-6, 2), (1.05e-6, 2)])
def test_em_ends_where_no_probability_moves_by_a_millionth(moved, rounds):
    """The first round moves one by so much, the second none; a model is its round's number."""
    rest = itertools.count()
    models, found = _maximised(
        lambda now, _: np.array([0.5, moved]), lambda _: next(rest), next(rest), np.array([0.5, 0])
    )
    assert models == rounds
    assert found[1] == moved


@pytest.mark.parametrize(("claim", "revised"), [(0.95e-4, False), (1.05e-4, True)])
def test_claims_of_one_entry_compete_from_one_in_ten_thousand_on(claim, revised):
    """Two rows for one entry, which the second has with 3 / 4: a quarter of the claim is left.

    Marginals are settled to 1e-4, so a claim as small as this comes near its quarter only.
    """
    odds = np.array([claim / (1 - claim), 3.0])
    found = one_to_one(np.array([0, 1]), np.array([0, 0]), odds, (2, 1))[0]
    assert (claim / 4 <= found < 0.6 * claim) == revised
    assert (found == pytest.approx(claim, rel=1e-12)) == (not revised)


def pairs_without_fields(n, single):
    """One pair of two tables of n records that show nothing."""
    at = np.zeros(1, dtype=np.int64)
    return RecordPairs(
        row=at, other=at, n=n, m=n, single=(single, single), fields={}, times={}, every=n * n
    )


def odds_at(matched, n=1_000, single=True):
    now = RecordModel(matched, {}, {}, {}, np.zeros(1 << 4))
    return _record_odds(pairs_without_fields(n, single), now)[0]


@pytest.mark.parametrize(("matched", "free"), [(992, 8), (993, 7), (994, 7), (1_000, 7)])
def test_two_records_and_one_in_two_hundred_are_never_taken_as_matched(matched, free):
    # The odds of a pair are the matches over the pairs of those that are free, 5 + 2 at least.
    by_free = (matched + 1) / free**2 / (1 / 1_000**2)
    assert odds_at(matched) / odds_at(0) == pytest.approx(by_free)


@pytest.mark.parametrize(("matched", "compared"), [(8.5, False), (9.5, True)])
def test_a_pair_of_odds_under_one_in_a_hundred_thousand_is_no_match(matched, compared):
    # (8.5 + 1) / 1,000,000 and (9.5 + 1) / 1,000,000.
    assert (odds_at(matched, single=False) > 1e-5) == compared
    now = RecordModel(matched, {}, {}, {}, np.zeros(1 << 4))
    found = matched_by_chance(pairs_without_fields(1_000, single=False), now)
    assert (found[0] > 0) == compared
