"""Numbers as a sentence writes them, at each figure from which they are written otherwise.

Expected texts follow the rules that the docstrings state, with plain blanks for no-break ones.
"""

import math

import pytest

from privaudit.words.catalogues import Words

EN = Words("en")
NAN, INF = math.nan, math.inf


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"), (1, "100 %"), (NAN, "–"), (INF, "–"),
        # Never rounded to 0 or to 100.
        (0.000_05, "under 0.01 %"), (0.000_1, "0.01 %"), (0.000_11, "0.01 %"),
        (0.9994, "99.9 %"), (0.999_5, "over 99.9 %"), (0.999_999, "over 99.9 %"),
        # One decimal where two would begin with 1.0.
        (0.009_94, "0.99 %"), (0.009_95, "1.0 %"), (0.009_96, "1.0 %"), (0.25, "25.0 %"),
        (-0.25, "-25.0 %"), (-1, "-100 %"), (-0.000_05, "over -0.01 %"),
        (-0.999_5, "under -99.9 %"), (1.5, "150.0 %"),
    ],
)  # fmt: skip
def test_shares(share, text):
    assert plain(EN.percent(share)) == text
    short = text.replace("under", "<").replace("over", ">")
    assert plain(EN.percent(share, short=True)) == short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (NAN, "–"), (INF, "∞"), (-INF, "∞"), (1_284, "1,284"), (-3, "-3"),
        # Two significant figures below a tenth.
        (1e-7, "under 0.000001"), (1e-6, "0.0000010"), (0.0031, "0.0031"), (0.0999, "0.100"),
        (-0.0031, "-0.0031"), (0.1, "0.10"), (0.123, "0.12"),
        # Two decimals below ten, one below a hundred, none from there on.
        (9.99, "9.99"), (10.04, "10.0"), (10.06, "10.1"), (99.4, "99.4"), (100.4, "100"),
        (100, "100"), (1_284.6, "1,285"), (-10.06, "-10.1"),
    ],
)  # fmt: skip
def test_numbers(value, text):
    assert plain(EN.count(value)) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        # Some ten people are whole, and a mean of few keeps its decimals.
        (9.96, "people", "9.96 people"), (10, "people", "10 people"), (10.4, "people", "10 people"),
        (10.5, "people", "11 people"), (-10.4, "people", "-10 people"), (1, "people", "1 person"),
        (10.4, "pages", "10.4 pages"), (0.5, "share", "50.0 %"), (3.25, "metres", "3.25 m"),
        (2.5, "ratio", "2.50"), (NAN, "metres", "–"), (0.25, "difference", "25.0 points"),
    ],
)  # fmt: skip
def test_numbers_with_their_unit(value, unit, text):
    assert plain(EN.measured(value, unit)) == text
    number = text.partition(" ")[0]
    if unit not in ("share", "difference"):
        assert plain(EN.value(value, unit)) == number


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (0, "0 points"), (0.0034, "0.34 points"), (0.00999, "1.00 points"), (0.01, "1.0 point"),
        (-0.0034, "-0.34 points"), (-0.5, "-50.0 points"), (NAN, "–"), (INF, "–"),
    ],
)  # fmt: skip
def test_differences_are_points(difference, text):
    assert plain(EN.points(difference)).removesuffix("s") == text.removesuffix("s")


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.1, 0.2, "10.0 % to 20.0 %"), (0.1, 0.1, ""), (NAN, 0.2, ""), (0.1, NAN, ""), (0, INF, "")],
)
def test_an_interval_has_two_ends(low, high, text):
    assert plain(EN.interval(low, high, "share")).endswith(text)
    assert bool(EN.interval(low, high, "share")) is bool(text)


@pytest.mark.parametrize(
    ("share", "text"), [(0.5, "50 %"), (0.125, "12.5 %"), (0, "0 %"), (0.123_456_7, "12.3457 %")]
)
def test_ticks_have_no_needless_decimals(share, text):
    assert plain(EN.tick(share)) == text
