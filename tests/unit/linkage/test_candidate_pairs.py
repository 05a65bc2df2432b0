"""Which pairs of records are compared, and which of one contact are one person: the limits."""

import numpy as np
import pytest

from privaudit.linkage.candidate_pairs import (
    FieldAgreement,
    RecordPairs,
    candidate_pairs,
    contact_sharing,
)
from privaudit.linkage.field_comparisons import Field, Levels

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
