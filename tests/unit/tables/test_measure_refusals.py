"""What `measure` refuses, what it doubts, and that it never shows a cell."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.release.release import TableRelease
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

PEOPLE = pd.DataFrame(
    {
        "name": ["Ada", "Bea", "Cleo", "Dan", "Eli", "Fay"],
        "age": [30, 30, 30, 41, 41, 60],
        "sex": ["F", "F", "F", "M", "M", "F"],
        "opinion": ["left", "left", "right", "left", "left", "right"],
    }
)
KEY = ("age", "sex")


def table(frame=PEOPLE, **roles):
    return TableRelease(records=frame, roles=Roles(**({"key": KEY} | roles)), name="a.csv")


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([0, 1, 1, 1, 1, 1], "1 zero"),
        ([-1, 0, 1, 1, 1, 1], "1 zero, 1 negative"),
        ([np.nan, 1, 1, 1, 1, 1], "1 missing or infinite"),
        (list("abcdef"), "to be a number"),
    ],
)
def test_a_weight_that_cannot_be_is_refused(weights, said):
    with pytest.raises(SchemaError, match=said):
        measure(table(PEOPLE.assign(weight=weights), weight="weight"))


def test_no_key_and_no_record():
    with pytest.raises(SchemaError, match="at least one key variable"):
        measure(TableRelease(records=PEOPLE, roles=Roles()))
    with pytest.raises(SchemaError, match="none in a"):
        measure(table(PEOPLE.iloc[:0]))
    nobody = pd.DataFrame({"age": [30, None], "sex": [None, "F"]})
    with pytest.raises(SchemaError, match="none left"):
        measure(table(nobody), missing="exclude")


def test_a_missing_and_a_doubled_column():
    with pytest.raises(SchemaError, match="Did you mean 'age'"):
        measure(table(key=["agee"]))
    doubled = pd.concat([PEOPLE, PEOPLE[["age"]]], axis=1)
    with pytest.raises(SchemaError, match="2 times"):
        measure(table(doubled))


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (["x"] * 6, "key_has_one_value"),
        ([None] * 6, "key_missing_everywhere"),
        ([f"p{i}" for i in range(6)], "key_like_an_identifier"),
        ([1, "1", 2, "2", 3, 3], "column_mixes_types"),
    ],
)
def test_a_suspect_key_is_noted(column, said):
    got = measure(table(PEOPLE.assign(extra=column), key=["age", "extra"]))
    assert said in [note.key for note in got.notes]


def test_a_blank_text_is_missing():
    frame = pd.DataFrame({"a": ["x", "", " ", "x"], "b": list("zzzz")})
    leak = TableRelease(records=frame, roles=Roles(key=["a", "b"]))
    wild = measure(leak, missing="wildcard")
    assert wild.per_record["class_size"].tolist() == [4, 4, 4, 4]
    assert measure(leak, missing="value").per_record["class_size"].tolist() == [2, 2, 2, 2]


def test_a_repeated_identifier_is_noted():
    frame = PEOPLE.assign(name=["Ada", "Ada", "Cleo", "Dan", "Eli", "Fay"])
    got = measure(table(frame, identifier="name"))
    said = {"records": 6, "people": 5, "again": 1}
    assert Note("people_counted_once", identifiers=("name",), **said) in got.notes


def test_lists_in_a_key_are_refused():
    frame = pd.DataFrame({"age": [[1], [2]], "sex": ["F", "M"]})
    with pytest.raises(SchemaError, match="plain values"):
        measure(table(frame))


def test_no_cell_of_a_person_is_in_any_message():
    secret = PEOPLE.assign(
        age=[f"zq{i}" for i in range(6)], opinion=[None, *(f"xv{i}" for i in range(5))]
    )
    got = measure(table(secret, sensitive="opinion", identifier="name"))
    text = repr(got.notes) + repr(got.rows) + got.overall.to_string() + str(got.recipe)
    assert "zq" not in text
    assert "xv" not in text
    assert "Ada" not in text


def test_parameters_are_checked():
    with pytest.raises(ParameterError, match="missing one of"):
        measure(table(), missing="wildcards")
    with pytest.raises(ParameterError, match="sampling_fraction"):
        measure(table(), sampling_fraction=0)
    with pytest.raises(ParameterError, match="threshold"):
        measure(table(), threshold=2)


@pytest.mark.parametrize("roles", [{"key": ["age", "age"]}, {"key": ["age"], "sensitive": "age"}])
def test_a_column_has_one_role_and_stands_there_once(roles):
    with pytest.raises(ParameterError, match="each column once, but got 'age' twice"):
        Roles(**roles)
