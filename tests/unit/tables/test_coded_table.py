"""A table as codes, by hand: keys, blanks, weights, people with several records, and counts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.tables import coded_table
from privaudit.tables.coded_table import (
    CodedTable,
    Table,
    _combinations,
    count_table,
    encode_table,
    key_note,
    riskiest_rows,
    select_rows,
    take_in,
    unidentified_notes,
    usable_weights,
    values_by_class,
)
from privaudit.tables.counting import ClassSizes, FrequencyTable

WHO = "measure"


def encoded(frame, missing="likely", levels=False, **roles):
    table = Table(records=pd.DataFrame(frame), roles=Roles(**roles))
    return encode_table(table, missing, WHO, key_levels=levels)


def said(notes):
    return [(note.key, *note.values.values()) for note in notes]


def test_keys_are_codes_and_blanks_are_noted():
    found = encoded({"k": ["b", "a", None, "b"], "l": [1, 1, 2, 2]}, key=("k", "l"))
    assert found.codes[:, 0].tolist().count(-1) == 1
    assert found.codes[0, 0] == found.codes[3, 0] != found.codes[1, 0]
    assert (found.has_gaps, len(found), found.records) == (True, 4, 4)
    assert said(found.notes) == [("key_gaps_likely", 1, 4)]
    assert found.levels == {}
    assert set(encoded({"k": ["b", "a"]}, key=("k",), levels=True).levels) == {"k"}
    whole = encoded({"k": ["b", "b", "a", "a"]}, key=("k",))
    assert (whole.has_gaps, whole.notes) == (False, ())


def test_records_that_lack_a_key_are_left_out_with_what_they_have():
    found = encoded(
        {"k": ["a", None, "b", "b"], "s": ["x", "y", "z", None], "w": [2.0, 3.0, 4.0, 5.0]},
        missing="exclude", key=("k",), sensitive=("s",), weight="w",
    )  # fmt: skip
    assert (found.position.tolist(), found.records, len(found)) == ([0, 2, 3], 4, 3)
    assert found.weight.tolist() == [2, 4, 5]
    # y is no level any more.
    assert found.levels["s"].tolist() == ["x", "z"]
    assert found.sensitive["s"].tolist() == [0, 1, -1]
    assert said(found.notes) == [
        ("key_gaps_exclude", 1, 4), ("sensitive_gaps_left_out", "s", 1)
    ]  # fmt: skip
    with pytest.raises(SchemaError, match="none left after"):
        encoded({"k": [None, None]}, missing="exclude", key=("k",))
    with pytest.raises(SchemaError, match="at least one record"):
        encoded({"k": []}, key=("k",))


def test_a_blank_sensitive_value_is_a_level_after_the_others_where_blanks_are_values():
    found = encoded({"k": [*"aabb"], "s": [3, None, 1, None]}, missing="value", key=("k",),
                    sensitive=("s",))  # fmt: skip
    code, levels = found.sensitive["s"], found.levels["s"]
    assert (levels[code[[0, 2]]].tolist(), code[[1, 3]].tolist()) == ([3, 1], [2, 2])
    assert found.ordered == ()
    assert said(found.notes) == [("sensitive_gaps_value", "s", 2)]
    # What is declared to be ordered is, where no blank is a level.
    for last, missing, ordered in (("y", "value", True), (None, "value", False),
                                   (None, "likely", True)):  # fmt: skip
        column = pd.Categorical([*"yxz", last], categories=[*"yxz"], ordered=True)
        one = encoded(
            {"k": [*"aabb"], "s": column}, missing, key=("k",), sensitive=("s",), ordered=["s"]
        )
        assert one.ordered == (("s",) if ordered else ())
    words = encoded({"k": [*"ab"], "s": ["x", "y"]}, key=("k",), sensitive=("s",))
    assert words.ordered == ()


@pytest.mark.parametrize(
    ("known", "levels", "note"),
    [(0, 0, "key_missing_everywhere"), (5, 1, "key_has_one_value"), (1, 1, "key_has_one_value"),
     (5, 5, "key_like_an_identifier"), (5, 4, None), (5, 2, None)],
)  # fmt: skip
def test_a_key_that_distinguishes_nobody_or_everybody_is_said(known, levels, note):
    assert [one.key for one in key_note("k", known, levels)] == ([note] if note else [])


def test_of_a_key_with_blanks_only_the_known_records_count():
    assert said(encoded({"k": ["a", "b", None]}, key=("k",)).notes)[0][0] == (
        "key_like_an_identifier"
    )
    notes = said(encoded({"k": ["a", "a", None]}, key=("k",)).notes)
    assert notes[0][0] == "key_has_one_value"


def test_records_without_any_identifier_are_counted():
    codes = np.array([[0, -1], [-1, -1], [-1, 2], [-1, -1]])
    assert said(unidentified_notes(codes)) == [("records_without_identifier", 2)]
    counted = unidentified_notes(codes, np.array([5, 6, 7, 8]))
    assert said(counted) == [("records_without_identifier", 14)]
    assert unidentified_notes(codes[[0, 2]]) == []


@pytest.mark.parametrize(
    ("weights", "refused"),
    [
        ([1.0, 2.0], None), ([1.0, 1.0], None), ([0.5, 3.0], None), ([1 - 1e-12, 1.0], None),
        # Scaled to a mean of one, or less, they are of no more people than records.
        ([0.5, 1.5], "add up to the people"), ([0.5, 1.0], "add up to the people"),
        ([0.5, 1.51], None), ([np.nan, 2.0], "1 missing or infinite"),
        ([np.inf, 2.0], "1 missing or infinite"), ([0.0, 3.0], "1 zero"), ([-1.0, 9.0],
        "1 negative"), ([True, False], "to be a number"), (["1", "2"], "to be a number"),
    ],
)  # fmt: skip
def test_weights_are_of_more_people_than_records(weights, refused):
    column = pd.Series(weights, name="w")
    if refused is None:
        assert usable_weights(column, WHO).tolist() == weights
    else:
        with pytest.raises(SchemaError, match=refused):
            usable_weights(column, WHO)


def test_weights_of_counted_rows_are_of_all_their_records():
    column = pd.Series([0.5, 2.0], name="w")
    # One of a half and three of two are six and a half people; three of a half and one are not.
    assert usable_weights(column, WHO, np.array([1, 3])).tolist() == [0.5, 2]
    with pytest.raises(SchemaError, match=r"3\.5 people for 4 records"):
        usable_weights(column, WHO, np.array([3, 1]))
    with pytest.raises(SchemaError, match="7 zero"):
        usable_weights(pd.Series([0.0, 2.0], name="w"), WHO, np.array([7, 1]))


def test_people_count_once_by_each_record_that_differs():
    frame = {"id": [1, 1, 2, 2, None], "k": [*"aabca"]}
    found = encoded(frame, key=("k",), identifier=("id",))
    # Of the first person two records are alike; of the second both differ.
    assert len(found) == 4
    assert sorted(np.bincount(found.person).tolist()) == [1, 1, 2]
    once = next(note for note in found.notes if note.key == "people_counted_once")
    assert (once.values["records"], once.values["people"], once.values["again"]) == (5, 3, 2)
    apart = encoded({"id": [1, 2], "k": [*"aa"]}, key=("k",), identifier=("id",))
    assert [note.key for note in apart.notes] == ["key_has_one_value"]


def test_the_riskiest_row_of_a_person_is_that_of_the_smallest_class():
    size, person = np.array([5, 2, 2, 7, 7]), np.array([0, 0, 0, 1, 1])
    assert riskiest_rows(size, person).tolist() == [1, 3]
    assert riskiest_rows(size[::-1], person[::-1]).tolist() == [0, 2]


def table_of(codes, **more):
    codes = np.array(codes)[:, None]
    return CodedTable(keys=("k",), codes=codes, position=np.arange(len(codes)),
                      records=len(codes), **more)  # fmt: skip


def test_a_table_counts_the_records_that_its_rows_stand_for():
    table = table_of([0, 0, 1], count=np.array([4, 5, 6]), weight=np.array([1.0, 2.0, 3.0]),
                     sensitive={"s": np.array([0, 1, -1])}, person=np.array([7, 8, 9]))  # fmt: skip
    assert len(table) == 15
    assert table.records_in(np.array([True, False, True])) == 10
    assert table_of([0, 0, 1]).records_in(np.array([True, False, True])) == 2
    assert (table.groups.size.tolist(), table_of([0, 0, 1]).groups.size.tolist()) == (
        [9, 6],
        [2, 1],
    )
    some = select_rows(table, np.array([2, 0]))
    assert (some.count.tolist(), some.weight.tolist(), some.person.tolist()) == (
        [6, 4], [3, 1], [9, 7]
    )  # fmt: skip
    assert (some.position.tolist(), some.sensitive["s"].tolist()) == ([2, 0], [-1, 0])
    # By class and value; what is not known is in no cell.
    assert values_by_class(table, table.groups, table.sensitive["s"]).toarray().tolist() == [
        [4, 5], [0, 0]
    ]  # fmt: skip
    plain = table_of([0, 0, 1])
    value = np.array([1, 1, 0])
    assert values_by_class(plain, plain.groups, value).toarray().tolist() == [[0, 2], [1, 0]]
    assert not table_of([]).has_gaps


class Counted(SimpleNamespace):
    """Counts of a source whose keys and other columns are given as combinations."""

    def gaps(self, keys):
        lacks = (self.codes[:, : len(keys)] < 0).any(axis=1)
        return int(self.count.sum()), int(self.count[lacks].sum())

    def untidy(self, keys):
        return self.is_untidy, ()

    def frequencies(self, columns):
        levels = {c: pd.Index([1.0, 2.0, 3.0]) for c in columns}
        return FrequencyTable(codes=self.codes, levels=levels, count=self.count)

    def sizes(self, keys, required=()):
        self.asked = required
        return ClassSizes(size=np.array([1, 4]), classes=np.array([2, 3]))


def counts_of(codes, count, untidy=False):
    return Counted(codes=np.array(codes), count=np.array(count), is_untidy=untidy,
                   opened=SimpleNamespace(name="file"))  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "codes", "more", "by_size"),
    [
        ({"key": ("k",)}, [[0], [1]], {}, True),
        ({"key": ("k",)}, [[0], [1]], {"combinations": True}, False),
        ({"key": ("k",)}, [[0], [1]], {"untidy": True}, False),
        ({"key": ("k",), "sensitive": ("s",)}, [[0, 0], [1, 1]], {}, False),
        ({"key": ("k",), "weight": "w"}, [[0, 1], [1, 1]], {}, False),
        ({"key": ("k",), "identifier": ("i",)}, [[0, 0], [1, 1]], {}, False),
        # Blanks that are no values need each key by itself.
        ({"key": ("k",)}, [[0], [-1]], {"missing": "likely"}, False),
        ({"key": ("k",)}, [[0], [-1]], {"missing": "wildcard"}, False),
        ({"key": ("k",)}, [[0], [-1]], {"missing": "value"}, True),
        ({"key": ("k",)}, [[0], [-1]], {"missing": "exclude"}, True),
    ],
)  # fmt: skip
def test_sizes_do_where_nothing_but_classes_is_asked(roles, codes, more, by_size):
    counts = counts_of(codes, [3, 4], more.get("untidy", False))
    missing = more.get("missing", "likely")
    table, lacking, sizes = count_table(
        counts, Roles(**roles), missing, WHO, combinations=more.get("combinations", False)
    )
    assert (sizes is not None) == by_size
    assert lacking == (4 if codes[1][0] < 0 else 0)
    if by_size:
        # Two classes of one and three of four.
        assert (table.count.tolist(), len(table), table.records) == ([2, 12], 14, 7)
        assert counts.asked == (("k",) if missing == "exclude" else ())
    said_of = [note.key for note in table.notes if note.key.startswith("key_gaps")]
    assert said_of == ([f"key_gaps_{missing}"] if lacking else [])


def test_a_source_without_a_record_or_a_whole_one_is_refused():
    for codes, count, missing, match in (
        ([[0]], [0], "likely", "at least one record"), ([[-1]], [3], "exclude", "none left after"),
    ):  # fmt: skip
        with pytest.raises(SchemaError, match=match):
            count_table(counts_of(codes, count), Roles(key=("k",)), missing, WHO,
                        combinations=False)  # fmt: skip
    table, *_ = count_table(counts_of([[-1]], [3]), Roles(key=("k",)), "value", WHO,
                            combinations=False)  # fmt: skip
    assert table.records == 3


def combined(codes, count, missing="likely", **roles):
    roles = Roles(key=("k",), **roles)
    columns = (*roles.key, *roles.identifier, *roles.sensitive, *filter(None, [roles.weight]))
    levels = {c: pd.Index([1.0, 2.0, 3.0]) for c in columns}
    found = FrequencyTable(codes=np.array(codes), levels=levels, count=np.array(count))
    return _combinations(found, roles, missing, (), WHO)


def test_counted_combinations_are_rows_with_their_records():
    codes = [[0, 0, 1], [0, 2, 1], [-1, 0, 2], [1, -1, 1]]
    found = combined(codes, [3, 2, 4, 1], sensitive=("s",), weight="w")
    assert (found.count.tolist(), found.weight.tolist()) == ([3, 2, 4, 1], [2, 2, 3, 2])
    assert (found.records, found.codes[:, 0].tolist()) == (10, [0, 0, -1, 1])
    # The second level of s is of nobody.
    assert (found.levels["s"].tolist(), found.sensitive["s"].tolist()) == ([1, 3], [0, 1, 0, -1])
    assert ("sensitive_gaps_left_out", "s", 1) in said(found.notes)
    left = combined(codes, [3, 2, 4, 1], "exclude", sensitive=("s",), weight="w")
    assert (left.count.tolist(), left.records, len(left)) == ([3, 2, 1], 10, 6)
    assert left.weight.tolist() == [2, 2, 2]


def test_counted_records_without_an_identifier_are_people_of_their_own():
    # Three records of nobody, five of one person, two and one of another.
    found = combined([[0, -1], [0, 0], [1, 1], [0, 1]], [3, 5, 2, 1], identifier=("i",))
    assert sorted(np.bincount(found.person).tolist()) == [1, 1, 1, 1, 2]
    assert (len(found), found.count) == (6, None)
    once = next(note for note in found.notes if note.key == "people_counted_once")
    assert (once.values["records"], once.values["people"]) == (11, 5)
    assert ("records_without_identifier", 3) in said(found.notes)


def test_what_is_taken_in_needs_roles_a_key_and_a_place_for_a_limit():
    frame = pd.DataFrame({"k": [*"ab"], "h": [1, 2]})
    for roles, match in ((None, "none"), (Roles(sensitive="h"), "roles without one")):
        with pytest.raises(SchemaError, match=match):
            take_in(frame, roles, who=WHO)
    with pytest.raises(ParameterError, match="memory_limit and spill_directory with a file"):
        take_in(frame, Roles(key="k"), who=WHO, memory_limit="1GB")
    taken = take_in(frame, Roles(key="k"), who=WHO, household="h")
    assert (list(taken.table.records), taken.table.name) == (["k", "h"], "the data frame")
    assert list(take_in(frame, Roles(key="k"), who=WHO, household="k").table.records) == ["k"]
    with pytest.raises(SchemaError, match="household"):
        take_in(frame, Roles(key="k"), who=WHO, household="z")
    # A table keeps its roles and its name, and is not read again.
    again = take_in(taken.table, None, who=WHO, called="mine")
    assert (again.roles, again.table.name) == (taken.roles, "mine")


@pytest.mark.parametrize(("most", "read"), [(2, True), (1, False)])
def test_a_frame_of_more_records_is_counted_where_it_is(most, read, monkeypatch):
    pl = pytest.importorskip("polars")
    monkeypatch.setattr(coded_table, "MOST_RECORDS", most)
    frame = pl.DataFrame({"k": [*"ab"]})
    taken = take_in(frame, Roles(key="k"), who=WHO)
    assert (taken.table is not None) == read
    assert [note.key for note in taken.notes] == ([] if read else ["counted_large"])
    lazy = take_in(frame.lazy(), Roles(key="k"), who=WHO)
    assert [note.key for note in lazy.notes] == ["counted_lazy"]


@pytest.mark.parametrize(("off", "scaled"), [(0.95e-9, False), (1.05e-9, True)])
def test_weights_of_one_but_for_rounding_are_no_scaled_weights(off, scaled):
    """Two records that count two people: a census, unless one stands for less than itself."""
    column = pd.Series([1 - off, 1 + off], name="w")
    if scaled:
        with pytest.raises(SchemaError, match="add up to the people"):
            usable_weights(column, WHO)
    else:
        assert len(usable_weights(column, WHO)) == 2
