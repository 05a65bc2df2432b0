"""docs/population-uniqueness.md: its CSV files hold what the simulations give and show."""

import re

import numpy as np
import pytest

from tests.fixtures.scripts import ROOT, script
from tests.fixtures.uniqueness_page import DOC, cells, documented


@pytest.fixture(scope="module")
def judge():
    return script("benchmarks/judge_estimates.py")


def test_every_table_has_every_law_and_fraction(judge):
    found = documented(judge)
    assert set(found) == set(judge.TABLES)
    for title, (laws, columns) in judge.TABLES.items():
        head, rows = found[title]
        assert head == ["classes", "sampled", *(name for name, _, _ in columns)]
        assert set(rows) == {(law, f) for law in laws for f in judge.FRACTIONS}


@pytest.mark.heavy
def test_a_line_of_each_table_is_what_the_simulation_gives(judge):
    compare(judge, judge.lines("mixture", 0.5, judge.draws("mixture", 0.5)), "mixture", 0.5)


def compare(judge, lines, law, fraction):
    found = documented(judge)
    for title, line in lines.items():
        got, want = cells(line)[2:], found[title][1][law, fraction]
        for name, one, other in zip(found[title][0][2:], got, want, strict=True):
            # Rounded to hundredths; how many samples are whole numbers.
            slack = 0 if name in ("held", "shown") else 0.011
            assert abs(float(one) - float(other)) <= slack, (title, name)


@pytest.mark.slow
def test_every_line_is_what_the_simulation_gives(judge):
    for law in judge.LAWS:
        for fraction in judge.FRACTIONS:
            compare(judge, judge.lines(law, fraction, judge.draws(law, fraction)), law, fraction)


def test_intervals_hold_the_truth_about_as_often_as_they_say(judge):
    held = []
    for head, rows in documented(judge).values():
        for row in rows.values():
            held += [int(n) for name, n in zip(head[2:], row, strict=True) if name == "held"]
    assert len(held) > 100
    # Of ten intervals of 95 %, fewer than seven hold once in a thousand times.
    assert min(held) >= 7
    assert np.mean(held) >= 9.5


def test_at_one_in_a_hundred_nothing_of_the_population_is_told(judge):
    for title, (head, rows) in documented(judge).items():
        for (law, fraction), row in rows.items():
            shown = [int(n) for name, n in zip(head[2:], row, strict=True) if name == "shown"]
            if fraction == 0.01:
                assert max(shown, default=0) <= 1, (title, law)


def test_the_summary_of_the_page_counts_what_is_shown(judge):
    shown = {}
    for title, (head, rows) in documented(judge).items():
        for (_, fraction), row in rows.items():
            many = [int(n) for name, n in zip(head[2:], row, strict=True) if name == "shown"]
            before = shown.setdefault(fraction, {}).get(title, [0] * len(many))
            shown[fraction][title] = [a + b for a, b in zip(before, many, strict=True)]
    lines = {f: [n for many in by.values() for n in many] for f, by in shown.items()}
    table = dict(re.findall(r"^\| (0[.][01]\d?|0[.]3|0[.]5) \| (.+) \|$", DOC, re.MULTILINE))
    printed = {name: [int(n) for n in cells(row)] for name, row in table.items()}
    assert printed == {f"{fraction:g}": many for fraction, many in lines.items()}
    assert lines[0.01] == [0, 0, 0, 0]


def test_the_command_that_the_page_names_is_there():
    assert re.search(
        r"^estimates:.*\n\t.*judge_estimates\.py", (ROOT / "Makefile").read_text(), re.M
    )
    assert "make estimates" in DOC
