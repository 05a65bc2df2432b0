"""Every kind of report in a browser: nothing loaded, nothing cut off, nothing unreadable, axe-core.

Needs `make browser`, which brings axe-core and playwright-core from npm into this folder, and
Debian's Chromium; skipped with the reason where either is not there.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
KINDS = ("demo", "table")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium is installed here"),
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js is installed here"),
    pytest.mark.skipif(
        not (HERE / "node_modules" / "axe-core").exists(), reason="axe-core: run `make browser`"
    ),
]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(1)
    n = 400
    file = tmp_path_factory.mktemp("seized") / "people.csv"
    pd.DataFrame(
        {
            "age": rng.integers(18, 95, n),
            "sex": rng.choice(["F", "M"], n),
            "commune": rng.choice(["Aubrac", "Brune", "Carse"], n),
            "opinion": rng.choice(["left", "right", "none"], n),
        }
    ).to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def looked(tmp_path_factory, table):
    """What a browser says of index.html and annex.html of each kind, in both languages."""
    root = tmp_path_factory.mktemp("reports")
    pages = []
    for lang in ("en", "fr"):
        commands = {
            "demo": ["demo", "--inhabitants", "20000", "--cache", str(root / "cache")],
            "table": ["table", str(table), "--key", "age,sex,commune", "--sensitive", "opinion"],
        }
        for kind, command in commands.items():
            out = root / f"{kind}-{lang}"
            assert main([*command, "--lang", lang, "--out", str(out)]) == 0
            pages += [out / "index.html", out / "annex.html"]
    found = subprocess.run(
        ["node", "look.mjs", *map(str, pages)],
        cwd=HERE, env={**os.environ, "CHROMIUM": CHROMIUM}, capture_output=True, text=True,
        check=True, timeout=900,
    )  # fmt: skip
    return json.loads(found.stdout)


def states(looked, name=None):
    return [s for s in looked if name is None or s["path"].endswith(name)]


def test_nothing_is_loaded_and_nothing_fails(looked):
    assert [s for s in states(looked) if s["requests"] or s["errors"]] == []


def test_axe_finds_no_violation(looked):
    assert [(s["path"][-20:], s["width"], s["violations"]) for s in looked if s["violations"]] == []


def test_nothing_is_cut_off_at_any_width(looked):
    assert [(s["path"][-20:], s["width"]) for s in states(looked) if s["overflow"] > 0] == []


def test_the_story_can_be_read_on_a_telephone(looked):
    assert [s["small"] for s in states(looked, "index.html") if s["small"]] == []


def test_the_story_is_short(looked):
    for state in states(looked, "index.html"):
        assert state["words"] <= 1_200, state["path"]
    for state in states(looked, "demo-en/index.html") + states(looked, "demo-fr/index.html"):
        assert 5 <= state["figures"] <= 6
        assert state.get("pages", 1) <= 6
