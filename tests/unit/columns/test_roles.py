"""Roles of columns: each column once, under the names of a table, and what is refused."""

import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"key": ["a", "a"]}, "each column once, but got 'a' twice"),
        ({"key": "a", "sensitive": "a"}, "'a' twice"), ({"key": "a", "weight": "a"}, "'a' twice"),
        ({"key": "a", "direct": "a"}, "'a' twice"), ({"sensitive": "a", "direct": "a"}, "twice"),
        ({"weight": ["a", "b"]}, "one column as weight, but got 2"),
        ({"time": []}, "one column as time, but got 0"), ({"weight": True}, "to name columns"),
        ({"key": 1.5}, "key to name columns"), ({"ordered": {"a": "low"}}, "the order of 'a'"),
        ({"ordered": 3}, "ordered to be a list"),
    ],
)  # fmt: skip
def test_a_column_has_one_role(given, refused):
    with pytest.raises(ParameterError, match=refused):
        Roles(**given)


def test_columns_stand_in_the_order_of_the_roles():
    roles = Roles(key=["a", 3], sensitive="s", identifier="i", weight="w", location=["x", "y"],
                  time="t", direct="i")  # fmt: skip
    assert roles.columns == ("i", "a", "3", "s", "x", "y", "w", "t")
    assert roles.orders is None
    assert Roles(identifier="i", direct=()).direct == ()
    assert Roles(ordered="a").orders == {"a": ()}
    assert Roles(ordered=["a", "b"]).orders == {"a": (), "b": ()}
    assert Roles(ordered={"a": ["low", "high"]}).orders == {"a": ("low", "high")}


def test_roles_take_the_names_of_a_table():
    roles = Roles(key=["AGE", "l\u2019avis"], weight="POIDS", time="Jour", direct="NOM",
                  ordered={"AGE": [1, 2]})  # fmt: skip
    named = roles.for_columns(["age", "l'avis", "poids", "jour", "nom"])
    assert (named.key, named.weight, named.time) == (("age", "l'avis"), "poids", "jour")
    assert (named.direct, named.orders) == (("nom",), {"age": (1, 2)})
    bare = Roles(key="AGE").for_columns(["age"])
    assert (bare.weight, bare.time, bare.direct, bare.orders) == (None, None, None, None)


@pytest.mark.parametrize(
    ("roles", "columns", "refused"),
    [
        (Roles(key="a"), ["b"], "key variable 'a' is not a column of t.csv"),
        (Roles(key="a"), ["a", "a"], "key variable 'a' stands 2 times in t.csv"),
        (Roles(weight="w"), ["a"], "'w' is not a column"), (Roles(time="t"), ["a"], "'t' is not"),
        (Roles(key="3"), [3], "named by text, but got one named by a number, 3"),
    ],
)  # fmt: skip
def test_a_column_with_a_role_is_there_once_and_named_by_text(roles, columns, refused):
    with pytest.raises(SchemaError, match=refused):
        roles.check("measure", columns, "t.csv")


def test_what_identifies_directly_is_looked_for_in_a_whole_table():
    roles, frame = Roles(key="a", direct="nom"), pd.DataFrame({"a": [1]})
    roles.check("measure", frame.columns, "t.csv")
    with pytest.raises(SchemaError, match="direct identifier 'nom'"):
        roles.check_whole("measure", frame.columns, "t.csv")
    roles.check_whole("measure", ["a", "nom"], "t.csv")
    Roles(key="a").check_whole("measure", ["a"], "t.csv")
