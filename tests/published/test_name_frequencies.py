"""Frequencies of names are made from the files of INSEE as its columns are defined: by hand."""

import pandas as pd
import pytest

from tests.fixtures.scripts import script

made = script("benchmarks/name_frequencies.py")


def test_first_names_are_counted_of_ten_thousand_of_a_sex_and_decade():
    rows = [
        ("1", "JEAN-LUC", "1941", 30), ("1", "JEAN-LUC", "1949", 10), ("1", "PAUL", "1945", 59),
        # Rare names are births too; an unknown year is none of a decade; before 1920 is left out.
        ("1", "_PRENOMS_RARES", "1942", 1), ("1", "PAUL", "XXXX", 500), ("1", "PAUL", "1919", 500),
        # The last column holds what is after 2009.
        ("2", "ZOÉ", "2011", 3), ("2", "EMMA", "2021", 1),
    ]  # fmt: skip
    births = pd.DataFrame(rows, columns=["sexe", "preusuel", "annais", "nombre"])
    found = made.first_names(births)
    assert found.loc["M", 1940].to_dict() == {"Jean-Luc": 4_000, "Paul": 5_900}
    assert found.loc["F", 2010].to_dict() == {"Emma": 2_500, "Zoé": 7_500}


def test_a_name_of_fewer_than_two_in_ten_thousand_is_left_out():
    rows = [("1", "PAUL", "1950", 99_985), ("1", "ODO", "1950", 14), ("1", "UGO", "1950", 20)]
    births = pd.DataFrame(rows, columns=["sexe", "preusuel", "annais", "nombre"])
    assert made.first_names(births).loc["M"].index.tolist() == ["Paul"]
    rows[2] = ("1", "UGO", "1950", 21)
    births = pd.DataFrame(rows, columns=births.columns)
    assert made.first_names(births).loc["M"].index.tolist() == ["Paul", "Ugo"]


def test_shares_of_surnames_are_of_all_people():
    decades = {name: [0, 0, 0] for name in made.BORN}
    births = pd.DataFrame({"NOM": ["DURAND", "MARTIN", "AUTRES NOMS"], **decades})
    births["_1931_1940"], births["_1991_2000"] = [20, 10, 40], [0, 20, 10]
    # Before 1931 does not count.
    births["_1921_1930"] = [900, 0, 0]
    assert made.surname_shares(births) == pytest.approx({1: 0.3, 2: 0.5})
