"""Exports of canvassing tools: known by their headers, read on their scales, given their roles."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import (
    check_table,
    export_of,
    ids_repeated,
    known_export,
    roles_known,
)
from privaudit.words.catalogues import Words


def exported(n=2, **columns):
    return pd.DataFrame({"nationbuilder_id": range(n), "sex": ["F", "M"] * (n // 2), **columns})


def on_scale(levels):
    """Levels of support as they are read, and the keys and counts of the notes on them."""
    n = len(levels)
    frame = pd.DataFrame({"nationbuilder_id": range(n), "sex": ["F"] * n, "support_level": levels})
    read, notes = check_table(frame)
    return read["support_level"].tolist(), {n.key: n.values["records"] for n in notes}


# NationBuilder's levels of support go from 1 to 5.
@pytest.mark.parametrize(
    ("levels", "read", "notes"),
    [
        (["1", "5"], [1, 5], {}), ([1, 5], [1, 5], {}), ([1.0, 5.0], [1, 5], {}),
        (["0", "1", "5", "6"], [None, 1, 5, None], {"off_the_scale": 2}),
        (["0", "1", "6"], ["0", "1", "6"], {"scale_unknown": 2}),
        (["1 - Strong support", "2.0", "3: so"], [1, 2, 3], {"scale_read": 3}),
        (["1", "x", "1.5", "1"], [1, None, None, 1], {"off_the_scale": 2}),
        ([1.5, 1.0], [None, 1], {"off_the_scale": 1}), (["1x", "2"], [None, 2],
                                                         {"off_the_scale": 1}),
        (["1", None, "9"], [1, None, None], {"off_the_scale": 1}),
    ],
)  # fmt: skip
def test_a_level_is_on_the_scale_where_half_are(levels, read, notes):
    found, said = on_scale(levels)
    assert [None if pd.isna(level) else level for level in found] == read
    assert said == notes


def test_ids_of_several_records_are_counted():
    frame = pd.DataFrame({"nationbuilder_id": [1, 2, 2, 3, 3, 3, None, None], "sex": "F",
                          "support_level": 1})  # fmt: skip
    (note,) = check_table(frame)[1]
    assert (note.key, note.values["records"], note.values["ids"]) == ("ids_repeated", 5, 2)
    assert check_table(exported(4, support_level=1))[1] == ()
    lists = pd.DataFrame({"id": [[1, 2], [3], [1, 2]], "town": ["Brest"] * 3})
    assert ids_repeated(lists) == ids_repeated(lists.map(str).head(2)) == ()


@pytest.mark.parametrize(
    ("ids", "said"),
    [(1, "1 identifiant figure sur plusieurs fiches"),
     (2, "2 identifiants figurent sur plusieurs fiches")],
)  # fmt: skip
def test_an_id_may_stand_for_what_is_no_person(ids, said):
    frame = pd.DataFrame({"id": [*range(ids)] * 2, "altitude": range(2 * ids)})
    (note,) = ids_repeated(frame)
    assert said in Words("fr").note(note)


def test_an_export_is_known_by_its_mark_and_as_many_of_its_columns():
    system = known_export("nationbuilder")
    others = [c for c in system.columns if c not in system.marks]
    mark = system.marks[0]
    assert export_of([mark, *others[: system.least - 1]]) == system
    assert export_of([mark, *others[: system.least - 2]]) is None
    assert export_of(others) != system
    assert export_of(others[-9:]) is None
    assert export_of([mark.upper(), *map(str.upper, others)]) == system
    assert check_table(pd.DataFrame({"a": [1]}))[1] == ()
    assert roles_known(pd.DataFrame({"a": [1]}))[1] == ()


@pytest.mark.parametrize(
    ("records", "filled", "key"),
    [
        # A tenth, eleven at least where there are so many records.
        (10, 2, True), (10, 1, False), (12, 11, True), (12, 10, False), (110, 11, True),
        (200, 20, True), (200, 19, False),
    ],
)  # fmt: skip
def test_a_key_is_filled_by_a_tenth_and_by_eleven_and_has_two_values(records, filled, key):
    work = [f"w{i % 2}" for i in range(filled)] + [None] * (records - filled)
    roles, _ = roles_known(exported(records, support_level=1, occupation=work))
    assert ("occupation" in roles.key) is key
    same = ["w"] * filled + [None] * (records - filled)
    assert (
        "occupation" not in roles_known(exported(records, support_level=1, occupation=same))[0].key
    )


@pytest.mark.parametrize(("levels", "learnt"), [(0, False), (1, True), (20, True), (21, False)])
def test_what_is_learnt_has_twenty_values_at_most(levels, learnt):
    party = [f"p{i % levels}" if levels else None for i in range(42)]
    roles, (note,) = roles_known(exported(42, support_level=np.arange(42) % 5 + 1, party=party))
    assert ("party" in roles.sensitive) is learnt
    assert note.values["empty"] == int(not levels)
