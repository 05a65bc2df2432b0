"""Which pairs of records are compared, and which of one contact are one person: the limits."""

import numpy as np
import pandas as pd
import pytest

from privaudit.linkage.candidate_pairs import (
    Candidates,
    FieldAgreement,
    RecordPairs,
    _repeated,
    candidate_pairs,
    compare_records,
    contact_sharing,
    one_record_each,
)
from privaudit.linkage.field_comparisons import FIRST_NAME, Field, Levels
from privaudit.linkage.person_index import Records

LEVELS = Levels.of(equal=(0, 0, 0.9, 0.1), other=(0, 1, 0.1, 0.9))


def emails(mine, theirs):
    """E-mails of two tables, as codes, -1 for none."""
    mine, theirs = (np.asarray(codes, dtype=np.int64)[:, None] for codes in (mine, theirs))
    values = [f"p{k}@x.fr" for k in range(int(max(mine.max(), theirs.max())) + 1)]
    return {"email": Field(
        name="email", levels=LEVELS, values=values, mine=mine, theirs=theirs,
        compare=lambda a, b: (a != b).astype(np.int64), equal=np.zeros(len(values), dtype=np.int64),
    )}  # fmt: skip


@pytest.mark.parametrize(("n", "m", "pairs"), [(500, 500, 250_000), (89, 2_809, 0)])
def test_up_to_250_000_pairs_are_all_compared(n, m, pairs):
    assert (n * m <= 250_000) == bool(pairs)
    nobody_alike = emails([0] * n, [1] * m)
    assert len(candidate_pairs(nobody_alike, n, m).row) == pairs


@pytest.mark.parametrize(("n", "m", "ours", "theirs", "taken"), [
    (120, 2_500, 20, 2_500, True),  # 50,000 pairs of one key
    (120, 2_400, 21, 2_381, False),  # 50,001
    (5_000, 5_000, 400, 200, True),  # eight a record: 80,000
    (5_000, 5_000, 401, 200, False),
])  # fmt: skip
def test_a_key_gives_50_000_pairs_or_eight_a_record(n, m, ours, theirs, taken):
    mine = np.where(np.arange(n) < ours, 0, -1)
    their_mails = np.where(np.arange(m) < theirs, 0, -1)
    pairs = candidate_pairs(emails(mine, their_mails), n, m)
    assert len(pairs.row) == (ours * theirs if taken else 0)
    assert (pairs.left_out == 0) == taken


def pairs_of_contact(rare, n=100, m=100, **levels):
    """Pairs of one e-mail of some rarities; levels of other fields, 0 where they agree."""
    many = len(rare)
    one = {"email": np.zeros(many, dtype=np.int64)} | levels
    fields = {
        name: FieldAgreement(
            level=np.asarray(level), rare=np.asarray(rare, dtype=np.float64), weighted=(0,),
            exact=(0,), levels=LEVELS, counted=np.zeros(2), rarity=np.zeros(2),
        )
        for name, level in one.items()
    }  # fmt: skip
    at = np.arange(many)
    return RecordPairs(
        row=at, other=at, n=n, m=m, single=(False, False), fields=fields, times={}, every=1.0
    )


def test_a_contact_of_one_person_is_that_of_four_records_at_most():
    # The rarity of what so many of two hundred records have.
    pairs = pairs_of_contact([200 / records for records in (3, 4, 5)])
    assert pairs.one_contact.tolist() == [True, True, False]


@pytest.mark.parametrize(("agree", "differ", "expected"), [
    (2, 0, (0.05, 0.05)),  # of two, nothing is learnt
    (3, 0, (0.5 / 3.5, 0.5 / 3.5)), (2, 1, (1.5 / 2.5, 1.5 / 2.5)),
    (20, 0, (0.05, 0.05)),  # never fewer than a twentieth
])  # fmt: skip
def test_three_pairs_of_known_first_names_teach_who_shares_a_contact(agree, differ, expected):
    level = [0] * agree + [1] * differ
    pairs = pairs_of_contact([200] * len(level), first_name=level)
    nobody = emails(np.arange(100), np.arange(100, 200))
    assert contact_sharing(nobody, pairs) == pytest.approx(expected)


@pytest.mark.parametrize(("records", "most"), [
    # Pairs of two people expected of 100: half of the chance of two records of the first table.
    (3, (100 * 6 / 90 / 2) / (20 - 100 * 6 / 90 / 2)),
    (4, (100 * 12 / 90 / 2) / (20 - 100 * 12 / 90 / 2)),
    (5, 0.05),  # an office's
])  # fmt: skip
def test_a_contact_of_five_records_says_nothing_of_who_shares_one(records, most):
    mine = [0] * records + list(range(1, 11 - records))
    pairs = pairs_of_contact([20] * 20, n=10, m=10)
    low, high = contact_sharing(emails(mine, np.arange(20, 30)), pairs)
    assert low == 0.05
    assert high == pytest.approx(most)


def repeated(groups, n, beside=()):
    """Return how many of n records repeat another, by the sizes of groups alike in two fields.

    - `beside`: Sizes of groups of the records after them that are alike in the second field alone.
    """
    of = [f"g{k}" for k, size in enumerate(groups) for _ in range(size)]
    one = of + [f"alone{i}" for i in range(n - len(of))]
    own = [f"b{k}" for k, size in enumerate(beside) for _ in range(size)]
    two = of + own + [f"alone{i}" for i in range(n - len(of) - len(own))]
    return int(_repeated([*zip(one, two, strict=True)], [one, two]).sum())


@pytest.mark.parametrize(
    ("groups", "n", "taken"),
    [
        # Ten records that repeat another of a small table, a tenth of a larger one.
        ([2, 2, 2, 3], 60, False), ([2] * 5, 60, True), ([2] * 4 + [3], 60, True),
        ([2] * 8 + [3], 200, False), ([2] * 10, 200, True), ([2] * 9 + [3], 200, True),
        # What stands more than twenty times was filled in by a form.
        ([19], 190, True), ([20], 190, True), ([21], 190, False),
    ],
)  # fmt: skip
def test_records_repeat_others_from_ten_and_a_tenth_on(groups, n, taken):
    assert repeated(groups, n) == sum(groups) * taken


@pytest.mark.parametrize(("pairs", "taken"), [(4, True), (5, True), (6, False)])
def test_records_are_alike_thirty_times_as_often_as_by_chance(pairs, taken):
    """Of 300 pairs of 25 records 5 are alike in both fields, and 5 + `pairs` in the second.

    By chance 5 / 300 x (5 + pairs) / 300 x 300 would be: a thirtieth of 5 where `pairs` is 5.
    """
    beside = {4: [2] * 4, 5: [2] * 5, 6: [2] * 3 + [3]}[pairs]
    assert repeated([2] * 5, 25, beside) == 10 * taken


@pytest.mark.parametrize(("names", "kept"), [(9, 1), (10, 1), (11, 2)])
def test_a_day_of_birth_of_more_than_one_name_in_a_thousand_says_nothing(names, kept):
    # Ten thousand records, of whom two called Zoé Leroy were born on a day with other names.
    letters = [f"{a}{b}{c}" for a in "abcdefghij" for b in "klmnopqrst" for c in "aeiou"]
    last = ["Leroy", "Leroy", *(f"Le{letters[i % 500]}roy" for i in range(9_998))]
    days = pd.date_range("1940-01-01", periods=9_998).strftime("%Y-%m-%d").tolist()
    born = ["2001-03-04"] * (names + 1) + days[names - 1 :]
    first = ["Zoé", "Zoé", *(f"A{letters[i // 20]}" for i in range(9_998))]
    frame = pd.DataFrame({"prenom": first, "nom": last, "date_naissance": born})
    assert int((one_record_each(Records.of(frame), frame) < 2).sum()) == kept


def test_a_sex_says_nothing_beside_a_first_name_that_agrees():
    """Of names that are the same, near or short; half a name or an initial is of either sex."""
    side = np.arange(6)[:, None]
    levels = {"first_name": FIRST_NAME, "sex": LEVELS}
    codes = {"first_name": (np.zeros((6, 1), dtype=np.int64), side), "sex": (side * 0, side * 0)}
    fields = {
        name: Field(
            name=name, levels=levels[name], values=[*"abcdef"], mine=mine, theirs=theirs,
            compare=lambda a, b: np.abs(a - b), equal=np.zeros(6, dtype=np.int64),
        )
        for name, (mine, theirs) in codes.items()
    }  # fmt: skip
    pairs = compare_records(fields, Candidates(np.arange(6), np.arange(6), 0), 6, 6, (True, True))
    assert [FIRST_NAME.names[k] for k in pairs.fields["first_name"].level] == (
        ["same", "near", "short", "half", "initial", "different"]
    )
    assert pairs.fields["sex"].level.tolist() == [-1, -1, -1, 0, 0, 0]
