"""Tables in which blanks leave nothing to rest on: numbers are empty with a reason."""

import pandas as pd
import pytest

import privaudit as pa

KEYS = ["age", "place"]


@pytest.mark.parametrize("fraction", [None, 0.5, 1.0])
@pytest.mark.parametrize("missing", ["likely", "wildcard", "value"])
def test_nobody_shows_every_key(missing, fraction):
    table = pd.DataFrame({"age": [1, 1, None, None], "place": [None, None, "x", "y"]})
    table["vote"] = list("abab")
    roles = pa.Roles(key=KEYS, sensitive="vote")
    found = pa.measure(table, roles, missing=missing, sampling_fraction=fraction)
    empty = found.overall[found.overall["value"].isna()]
    assert all(len(notes) for notes in empty["notes"])


def test_nobody_who_shows_every_key_tells_the_secret():
    table = pd.DataFrame({"age": [1, 1, None, 2], "place": ["x", "x", "x", None]})
    table["vote"] = [None, None, "a", "b"]
    found = pa.measure(table, pa.Roles(key=KEYS, sensitive="vote"))
    assert found.value("vulnerability_prior", column="vote") == 0.5
