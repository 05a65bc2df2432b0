"""Checks of arguments: a value at each limit, under it and over it; what the error says of it."""

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from privaudit.core import checks
from privaudit.core.checks import (
    an_instance,
    check_jobs,
    check_names,
    column_names,
    column_names_shown,
    columns_present,
    in_range,
    keyword_only,
    kind_of,
    listed,
    named_parameters,
    of_kind,
    one_of,
    ordered,
    plain_fields,
    shown,
    whole,
)
from privaudit.errors import CallError, ParameterError, SchemaError, did_you_mean


@pytest.mark.parametrize(
    ("value", "ends", "good"),
    [
        (0, "[]", True), (1, "[]", True), (-0.001, "[]", False), (1.001, "[]", False),
        (0, "(]", False), (0.001, "(]", True), (1, "[)", False), (0.999, "[)", True),
        (math.nan, "[]", False), (math.inf, "[]", False), (True, "[]", False), ("1", "[]", False),
        (None, "[]", False), (np.float64(0.5), "[]", True), (np.array([0.5]), "[]", False),
        (Fraction(1, 2), "[]", True), (float, "[]", False), (1j, "[]", False),
    ],
)  # fmt: skip
def test_a_number_lies_within_its_interval(value, ends, good):
    asked = {"open_low": ends[0] == "(", "open_high": ends[1] == ")"}
    if good:
        found = in_range("who", "x", value, 0, 1, **asked)
        assert (type(found), found) == (float, float(value))
    else:
        with pytest.raises(ParameterError, match=re.escape(f"in {ends[0]}0, 1{ends[1]}, but got")):
            in_range("who", "x", value, 0, 1, **asked)


def test_a_number_without_an_interval_is_any_that_is_finite():
    assert in_range("who", "x", -1e300) == -1e300
    for value in (math.inf, -math.inf, math.nan):
        with pytest.raises(ParameterError):
            in_range("who", "x", value)


def test_the_error_says_of_a_text_that_it_is_one():
    with pytest.raises(ParameterError, match=r"x='1' \(str\)"):
        in_range("who", "x", "1")
    with pytest.raises(ParameterError, match=r"x=True \(bool\)"):
        in_range("who", "x", True)
    with pytest.raises(ParameterError, match=r"x as a list\.$"):
        in_range("who", "x", [1])


@pytest.mark.parametrize(
    ("value", "high", "good"),
    [
        (1, None, True), (0, None, False), (10**20, None, True), (5, 5, True), (6, 5, False),
        (True, None, False), (2.0, None, False), ("2", None, False), (np.int8(3), None, True),
        (np.array([3]), None, False), (int, None, False), (None, None, False),
    ],
)  # fmt: skip
def test_a_whole_number_lies_within_its_limits(value, high, good):
    if good:
        found = whole("who", "n", value, 1, high)
        assert (type(found), found) == (int, int(value))
    else:
        needed = "1 or more" if high is None else "1 to 5"
        with pytest.raises(ParameterError, match=f"n a whole number, {needed}, but got"):
            whole("who", "n", value, 1, high)


@pytest.mark.parametrize(
    ("jobs", "good"),
    [(-1, True), (1, True), (9, True), (0, False), (-2, False), (True, False), (-1.0, False)],
)
def test_workers_are_one_or_more_or_minus_one(jobs, good):
    if good:
        assert check_jobs("who", jobs) == jobs
    else:
        with pytest.raises(ParameterError, match="n_jobs a whole number, 1 or more"):
            check_jobs("who", jobs)


def test_the_lower_end_is_below_the_upper_one():
    ordered("who", "a", 1, "b", 1.001)
    for low, high in ((1, 1), (2, 1), (math.nan, 1)):
        with pytest.raises(ParameterError, match="a below b"):
            ordered("who", "a", low, "b", high)


def test_one_of_a_few_is_known_and_the_nearest_is_suggested():
    assert one_of("who", "x", "fr", ("fr", "en")) == "fr"
    with pytest.raises(ParameterError, match=r"x one of 'fr', 'en', but got x='eng'. Did you mean"):
        one_of("who", "x", "eng", ("fr", "en"))
    for value in (3, ["fr"], pd.DataFrame({"a": ["fr"]})):
        with pytest.raises(ParameterError) as caught:
            one_of("who", "x", value, ("fr", "en"))
        assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        # difflib's ratio is twice the letters in common, of all: .6 is enough.
        ("abc", ["abxxxxx"], ""), ("abc", ["abcxxxx"], "abcxxxx"), ("abc", ["abcxxxxx"], ""),
        ("age", ["sex", "age_band_of_birth"], "age_band_of_birth"), ("", ["_x"], ""),
        ("age", ["sex", "agexxxxxxxxxxx"], ""), (3, [3], "3"), ("x", [], ""),
    ],
)  # fmt: skip
def test_the_nearest_word_is_suggested(word, known, said):
    assert did_you_mean(word, known) == (said and f"Did you mean '{said}'?")


def test_kinds_are_named_and_their_contents_never():
    found = {kind_of(value) for value in (None, 3, "Marie", [1], {}, int, np.array([1]), iter(()))}
    assert found == {
        "None", "an int", "a str", "a list", "a dict", "the class int", "a numpy ndarray",
        "a tuple_iterator",
    }  # fmt: skip
    assert shown("x", None) == "x=None"
    assert shown("x", "a") == "x='a'"
    assert shown("x", 1.5) == "x=1.5"
    assert shown("x", pd.DataFrame({"Marie": [1]})) == "x as a pandas DataFrame"


def test_lists_are_lists_and_texts_and_mappings_are_none():
    assert listed("who", "x", iter("ab")) == ("a", "b")
    assert of_kind("who", "x", ["a", "b"], str) == ("a", "b")
    for value in ("ab", b"ab", {"a": 1}, 3, None):
        with pytest.raises(ParameterError, match="x to be a list"):
            listed("who", "x", value)
    with pytest.raises(ParameterError, match="each of x to be a str, but got an int"):
        of_kind("who", "x", ["a", 1], str)
    with pytest.raises(ParameterError, match=r"x to be a dict or a list, but got a str\. Do\."):
        an_instance("who", "x", "a", (dict, list), "Do.")
    value = {}
    assert an_instance("who", "x", value, (dict, list)) is value
    assert an_instance("who", "x", value, Mapping) is value


@pytest.mark.parametrize("wrong", [True, 1.5, None, {"a": 1}, b"a", [True], ["a", None]])
def test_names_of_columns_are_texts_or_whole_numbers(wrong):
    assert column_names("who", "key", ["a", 0]) == ("a", "0")
    assert column_names("who", "key", ()) == ()
    with pytest.raises(ParameterError, match="key to name columns, as text"):
        column_names("who", "key", wrong)


def test_a_column_is_there_exactly_once():
    columns_present("who", "key", ["a", "b"], ["b", "a", "c", "c"], "t.csv")
    with pytest.raises(SchemaError, match=r"key 'c' stands 2 times in t\.csv"):
        columns_present("who", "key", ["a", "c"], ["a", "c", "c"], "t.csv")
    with pytest.raises(SchemaError, match=r"key 'agge' is not a column of t\.csv.*mean 'age'"):
        columns_present("who", "key", ["agge"], ["age", "sex"], "t.csv")


@pytest.mark.parametrize(
    ("names", "said"),
    [(12, ""), (13, ", ..."), (0, "")],
)
def test_twelve_columns_are_listed_and_those_of_people_counted(monkeypatch, names, said):
    columns = [f"c{i}" for i in range(names)]
    assert column_names_shown(columns) == ", ".join(columns[:12]) + said
    monkeypatch.setattr(checks, "QUIET", [lambda name: name.startswith("Marie")])
    people = [*columns, "Marie A", "Marie B"]
    assert column_names_shown(people).endswith("2 that may name somebody")
    assert "Marie" not in column_names_shown(people)
    with pytest.raises(SchemaError) as caught:
        columns_present("who", "key", ["Marie C"], people, "t.csv")
    assert "Marie A" not in str(caught.value)


@keyword_only
@dataclass(frozen=True)
class Drawn:
    """Two parameters in their place, and one by its name."""

    low: float
    high: float = 5
    seed: int = field(default=1, kw_only=True)
    made: int = field(default=0, init=False)


@keyword_only
@dataclass
class Bare:
    """No parameter."""


def test_a_class_takes_its_parameters_in_their_place_or_by_name():
    assert (Drawn(1).low, Drawn(1, 2).high, Drawn(low=1, high=2, seed=3).seed) == (1, 2, 3)
    for call, said in (
        (lambda: Drawn(1, 2, 3), "its parameters by name (low=, high=, seed=), but got 3 without"),
        (lambda: Drawn(1, sed=3), "no parameter 'sed'. Did you mean 'seed'? It takes low=,"),
        (lambda: Drawn(1, made=3), "no parameter 'made'."),
        (lambda: Drawn(), "a value for low, but got none. It takes low=, high=, seed=."),
        (lambda: Bare(1), "takes no parameter, but got 1."),
        (lambda: Bare(x=1), "no parameter 'x'. It takes none."),
    ):
        with pytest.raises(CallError, match=re.escape(said)):
            call()


@pytest.mark.parametrize(("taken", "more"), [(8, False), (9, True)])
def test_eight_parameters_are_listed(taken, more):
    names = [f"p{i}" for i in range(taken)]
    with pytest.raises(CallError) as caught:
        check_names("f", {"x": 1}, names)
    assert str(caught.value).endswith("p7=, ...." if more else "p7=.")
    check_names("f", {"p0": 1}, names)


def test_a_function_that_passes_on_what_it_does_not_know_is_left_alone():
    def open_ended(**named):
        return named

    def closed(a, *rest, b=1):
        return a, rest, b

    assert named_parameters(open_ended) is open_ended
    assert named_parameters(closed)(1, 2, b=3) == (1, (2,), 3)
    with pytest.raises(CallError, match="closed: has no parameter 'c'"):
        named_parameters(closed)(1, c=3)
    with pytest.raises(CallError, match="has no parameter 'rest'"):
        named_parameters(closed)(1, rest=3)


def test_fields_are_plain_json():
    class Own:
        def recipe(self):
            return {"mask": "exact"}

    @dataclass
    class Thing:
        value: object

    for value, plain in (
        (Own(), {"mask": "exact"}), ((1, [None]), [1, [None]]), (np.int64(3), 3),
        (np.float32(0.5), 0.5), (datetime.date(2016, 11, 8), "2016-11-08"), (True, True),
        (np.datetime64("2016-11-08"), "2016-11-08"), ("a", "a"),
    ):  # fmt: skip
        found = plain_fields(Thing(value))["value"]
        assert (type(found), found) == (type(plain), plain)


def test_a_parameter_by_place_and_by_name_is_refused():
    @keyword_only
    @dataclass(frozen=True)
    class Two:
        first: int
        second: int = field(default=0, kw_only=True)

    assert Two(1, second=2) == Two(first=1, second=2)
    with pytest.raises(TypeError, match="multiple values"):
        Two(1, first=2)
    with pytest.raises(CallError, match=r"Two: needs its parameters by name .* got 2 without"):
        Two(1, 2)
    with pytest.raises(CallError, match="Two: needs a value for first"):
        Two(second=1)
