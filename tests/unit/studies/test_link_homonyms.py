"""Of dots named by a name, how many would be if nobody of theirs were in the table: homonyms."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.recognise import ColumnKind
from privaudit.geo.address_base import AddressBase
from privaudit.linkage.join_files import JoinKeys
from privaudit.linkage.person_index import KeyCodes, split_names
from privaudit.linkage.scoring import (
    JoinTruth,
    _apart,
    _beside,
    _homonyms,
    _kinds,
    _single_matches,
    add_comparison,
)
from privaudit.results.rows import Rows

GIVEN = ("anne", "paul", "julie", "marc")
LAST = ("zxqa", "zxqb", "zxqc", "zxqd")


def keys(names):
    codes = np.arange(len(names))[None]
    return KeyCodes(dots=codes, records=codes, needed=np.array([True]), names=("identity",))


def chance(names):
    dealt = split_names(names, names, np.arange(len(names)))
    return _homonyms(dealt, keys(names), np.arange(len(names)), np.random.default_rng(3))


def test_surnames_that_one_person_bears_have_no_homonym():
    # A dealt name joins a surname with a given name that nobody of it has.
    assert chance([f"{GIVEN[i % 4]} zxq{'abcdefghijkl'[i]}" for i in range(12)])[0] == 0


def test_where_every_name_is_borne_with_every_surname_chance_names_all():
    named, located = chance([f"{given} {last}" for given in GIVEN for last in LAST])
    assert named == 1
    # Two dealt dots may bear one name: then it is located at neither.
    assert 0 < located < 1


def test_too_few_names_or_names_in_one_part_have_no_chance_of_their_own():
    assert split_names(["anne zxqa"] * 10, ["anne zxqa"] * 10, np.arange(10)) is None
    assert split_names(["zxqa zxqb"] * 20, ["zxqa zxqb"] * 20, np.arange(20)) is None


def test_what_names_most_dots_is_compared():
    """Names were, although an address for mail told apart those who are called alike."""
    import pandas as pd

    from privaudit.columns.recognise import column_kinds
    from privaudit.linkage.join_files import _identity

    people = pd.DataFrame(
        {"nom": ["Zxqa", "Zxqb"] * 10, "prenom": ["Anne", "Paul"] * 10,
         "email": [f"a{i}@x.fr" for i in range(20)]}
    )  # fmt: skip
    found, names = _identity(people, people, column_kinds(people), column_kinds(people))
    assert len(np.unique(found.dots)) == 20
    assert names is None


def test_unknown_codes_are_each_another():
    for codes, known in (([-1, -1, -1], 0), ([-1, 0, 2, -1], 2), ([0, 0], 2), ([], 0)):
        apart = _apart(np.array(codes, dtype=np.int64)).tolist()
        assert min(apart, default=0) >= 0
        assert sum(a == c for a, c in zip(apart, codes, strict=True)) == known
        unknown = [a for a, c in zip(apart, codes, strict=True) if c < 0]
        assert len({*unknown}) == len(unknown)
        assert not {*unknown} & {c for c in codes if c >= 0}


def test_a_place_beside_is_that_of_the_next_address():
    """Three doors at 0, 1 and 10: the next of each; what is on no door is beside none."""
    doors = {"id": [*"abc"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**doors, "x": [0.0, 1.0, 10.0], "y": 0.0}), real=False)
    keys = KeyCodes(dots=np.array([[0, 2, -1, 3]]), records=np.array([[1, -1]]),
                    needed=np.array([True]), names=("place",))  # fmt: skip
    beside = _beside(keys, base)
    assert beside["dots"].dots[0].tolist() == [1, 1, -1, -1]
    assert beside["records"].records[0].tolist() == [0, -1]
    one = AddressBase(base.frame.iloc[:1], real=False)
    assert _beside(keys, one) is None
    two = AddressBase(base.frame.iloc[:2], real=False)
    assert _beside(keys, two)["records"].records[0].tolist() == [0, -1]


def test_single_matches_are_shares_of_dots_and_of_records():
    """Dots 0 and 1 fit the first record alone, dot 2 none; the second record fits no dot."""
    keys = KeyCodes(dots=np.array([[0, 0, 5]]), records=np.array([[0, 1]]),
                    needed=np.array([True]), names=("place",))  # fmt: skip
    assert _single_matches(keys, np.array([7, 7, 8])) == (2 / 3, 1 / 2)
    assert _single_matches(keys, np.array([7, 9, 8])) == (2 / 3, 0)


def test_dots_are_named_by_one_record_and_among_several_by_two_or_more():
    """Of five dots one record fits the first, two the second, three the third, none the others."""
    records = np.array([[0, 1, 1, 2, 2, 2]])
    keys = KeyCodes(dots=np.array([[0, 1, 2, 3, -1]]), records=records, needed=np.array([True]),
                    names=("sex",))  # fmt: skip
    none, dots = np.array([], dtype=np.int64), np.arange(5)
    join = JoinKeys(
        ways={"columns": keys}, rows=np.arange(6), home=np.full(6, -1), holds={}, beside={},
        has_address=np.zeros(6, bool), door=np.full(5, -1),
    )  # fmt: skip
    truth = JoinTruth(
        mine=np.arange(6), others=none, home=join.home, has_address=join.has_address, label=dots,
        dot_homes=dots, homes=np.arange(6), control_homes=none, known=False, who=none, people=none,
    )  # fmt: skip
    doors = {"id": [*"ab"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**doors, "x": [0.0, 9.0], "y": 0.0}), real=False)
    rows = Rows(5, "dots")
    add_comparison(rows, "columns", join, truth, base, np.random.default_rng(1))
    value = {row.measure: row.value for row in rows}
    assert (value["dot_named"], value["dot_among"]) == (1 / 5, 2 / 5)
    # Six records, each of which one point fits.
    assert value["record_located"] == 6 / 6


@pytest.mark.parametrize(
    ("mails", "others", "few"),
    [(11, 20, False), (10, 20, True), (1, 20, True), (0, 20, False), (40, 20, False),
     (30, 20, True), (29, 20, False), (20, 10, True), (10, None, False)],
)  # fmt: skip
def test_a_kind_that_one_of_its_columns_shows_of_few_or_of_all_but_few(mails, others, few):
    """Beside another column of the kind, whose count would tell the few of ten by the union."""
    shown = {"courriel": mails, "mail_2": others}
    frame = pd.DataFrame({
        c: [f"u{k}@b.fr" if k < n else None for k in range(40)]
        for c, n in shown.items() if n is not None
    })  # fmt: skip
    known = {c: ColumnKind(kind="email", by="header") for c in frame}
    by_kind, found = _kinds(frame, known)
    assert found == ({"identity", "email"} if few and "email" in by_kind else found & {"identity"})
    assert ("identity" in found) == few
    if max(mails, others or 0):
        assert by_kind["identity"].sum() == max(mails, others or 0)
