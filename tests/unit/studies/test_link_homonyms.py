"""Of dots named by a name, how many would be if nobody of theirs were in the table: homonyms."""

import numpy as np

from privaudit.linkage.person_index import KeyCodes, split_names
from privaudit.linkage.scoring import _homonyms

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
