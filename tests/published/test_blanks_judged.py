"""docs/decisions/0015: its figures are what the script gives, and bear its choice out."""

import csv
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.scripts import script

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "data" / "blanks"


def stored(name):
    """Rows of a table of the decision."""
    return list(csv.reader((FOLDER / f"{name}.csv").read_text("utf-8").splitlines()))[1:]


ROWS = stored("definitions")


@pytest.fixture(scope="module")
def judging():
    return script("benchmarks/judge_blanks.py")


def test_two_people_by_hand(judging):
    # One F and one blank, a quarter M: shared by both with .75.
    file, share = np.array([[0, 0], [-1, 0]]), np.array([[0.75, 0.0], [0.25, 0.0]])
    risk, other = judging.by_completions(file, share)
    assert risk == pytest.approx(0.75 * 0.5 + 0.25)
    assert other == pytest.approx(1 / 1.75)


def test_the_expected_risk_is_the_risk_where_blanks_tell_by_what_is_shown():
    for row in ROWS:
        _, how, _, _, mine, _, other = row
        off, half = map(float, mine.split(" ± "))
        below, _ = map(float, other.split(" ± "))
        assert below < min(off, 0) - half
        assert abs(off) <= half or how == "by what is hidden"
    assert len(ROWS) == 9


def test_a_line_of_the_page_is_what_the_script_gives(judging, monkeypatch):
    monkeypatch.setattr(judging, "CELLS", {"fine": judging.CELLS["fine"]})
    monkeypatch.setattr(judging, "FILES", 60)
    (row,) = islice(judging.definitions(5), 1)
    _, _, true, expected, _, other, _ = row
    assert float(other) < float(true) - 0.01
    assert abs(float(expected) - float(true)) < 0.03


@pytest.mark.slow
def test_every_line_is_what_the_script_gives(judging):
    assert list(judging.definitions(0)) == ROWS
    assert list(judging.definitions_of_files(0))[:1] == stored("definitions-of-files")[:1]
