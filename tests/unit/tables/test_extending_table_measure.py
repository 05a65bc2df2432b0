"""The worked example of a table measure, put where it says, is measured, tried and refused."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.tables.coded_table import Table, encode_table
from privaudit.tables.context import Options, context_of
from privaudit.tables.measure import MEASURES, measure
from privaudit.tables.table_measure import TableMeasure, rows_of

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "extending.md").read_text(encoding="utf-8")
DIFF = re.compile(
    r"```diff\n--- a/privaudit/tables/k_anonymity\.py\n\+\+\+ .*?\n@@.*?\n(.*?)```", re.DOTALL
)
TEST = re.compile(r"```python\n(def test_the_median_class_by_hand.*?)```", re.DOTALL)


@pytest.fixture
def added(monkeypatch):
    """Run the added lines in the file that they are added to, and list the measure."""
    (lines,) = set(DIFF.findall(GUIDE))
    code = "\n".join(line[1:] for line in lines.splitlines() if line.startswith("+"))
    room = dict(vars(sys.modules["privaudit.tables.k_anonymity"]))
    exec(compile(code, "k_anonymity.py", "exec"), room)
    made = room["median_class"]
    assert isinstance(made, TableMeasure)
    monkeypatch.setattr("privaudit.tables.measure.MEASURES", (*MEASURES, made))
    return made


def test_one_declaration_and_the_measure_is_taken(added):
    (code,) = set(TEST.findall(GUIDE))
    room = {"pd": pd, "Roles": Roles, "measure": measure}
    exec(compile(code, "example.py", "exec"), room)
    room["test_the_median_class_by_hand"]()


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_median_of_the_records(added, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"k": rng.integers(0, 6, int(rng.integers(1, 30)))})
    sizes = np.sort(frame.groupby("k")["k"].transform("size").to_numpy())
    coded = encode_table(Table(records=frame, roles=Roles(key="k")), "value", "test")
    (row,) = rows_of(context_of(coded, Options(), who="test"), [added])
    assert row.value == sizes[(len(sizes) - 1) // 2]
    assert (row.unit, row.counts, row.n) == ("records", "records", len(frame))
