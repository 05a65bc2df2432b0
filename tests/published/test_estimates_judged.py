"""docs/population-uniqueness.md: its tables are what the simulations give, and what they show."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "population-uniqueness.md").read_text(encoding="utf-8")
SCRIPT = ROOT / "benchmarks" / "judge_estimates.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("judge_estimates", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up by name.
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def documented():
    """Title to names of columns and lines by law and fraction."""
    found = {}
    for part in DOC.split("\n### ")[1:]:
        title, *lines = part.splitlines()
        head, _, *rows = [cells(line) for line in lines if line.startswith("|")]
        found[title] = head, {(row[0], float(row[1])): row[2:] for row in rows}
    return found


def test_every_table_has_every_law_and_fraction(script):
    found = documented()
    assert set(found) == set(script.TABLES)
    for title, (laws, columns) in script.TABLES.items():
        head, rows = found[title]
        assert head == ["classes", "sampled", *(name for name, _, _ in columns)]
        assert set(rows) == {(law, f) for law in laws for f in script.FRACTIONS}


def test_a_line_of_each_table_is_what_the_simulation_gives(script):
    compare(script.lines("mixture", 0.5, script.draws("mixture", 0.5)), "mixture", 0.5)


def compare(lines, law, fraction):
    found = documented()
    for title, line in lines.items():
        got, want = cells(line)[2:], found[title][1][law, fraction]
        for name, one, other in zip(found[title][0][2:], got, want, strict=True):
            # Rounded to hundredths; how many samples are whole numbers.
            slack = 0 if name in ("held", "shown") else 0.011
            assert abs(float(one) - float(other)) <= slack, (title, name)


@pytest.mark.slow
def test_every_line_is_what_the_simulation_gives(script):
    for law in script.LAWS:
        for fraction in script.FRACTIONS:
            compare(script.lines(law, fraction, script.draws(law, fraction)), law, fraction)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = []
    for head, rows in documented().values():
        for row in rows.values():
            held += [int(n) for name, n in zip(head[2:], row, strict=True) if name == "held"]
    assert len(held) > 100
    # Of ten intervals of 95 %, fewer than seven hold once in a thousand times.
    assert min(held) >= 7
    assert np.mean(held) >= 9.5


def test_at_one_in_a_hundred_nothing_of_the_population_is_told():
    for title, (head, rows) in documented().items():
        for (law, fraction), row in rows.items():
            shown = [int(n) for name, n in zip(head[2:], row, strict=True) if name == "shown"]
            if fraction == 0.01:
                assert max(shown, default=0) <= 1, (title, law)


def test_the_command_that_the_page_names_is_there():
    assert re.search(
        r"^estimates:.*\n\t.*judge_estimates\.py", (ROOT / "Makefile").read_text(), re.M
    )
    assert "make estimates" in DOC
