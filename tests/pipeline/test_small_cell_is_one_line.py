"""The small-cell threshold is one line: with another number every page says so."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

# Loads the thresholds from its own source, its one line changed, before anything else is imported.
RUN = """
import importlib.util, sys
spec = importlib.util.find_spec("privaudit.core.thresholds")
source = open(spec.origin, encoding="utf-8").read()
changed = source.replace("SMALL_CELL = 11\\n", "SMALL_CELL = 10\\n")
assert changed != source
module = importlib.util.module_from_spec(spec)
exec(compile(changed, spec.origin, "exec"), module.__dict__)
sys.modules[spec.name] = module
from privaudit.cli import main
sys.exit(main(sys.argv[1:]))
"""
ELEVEN = re.compile(
    r"\b(?:fewer than|under|below|moins de|sous)\s(?:11|eleven|onze)\b|\b11\s(?:or more|ou plus)\b"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "people.csv"
    rng = np.random.default_rng(3)
    # Towns of 10 and of 9 people: the one is shown under a threshold of 10 alone.
    town = np.repeat(["A", "B", "C", "D"], [120, 61, 10, 9])
    columns = {"age": rng.integers(18, 90, 200), "sex": rng.choice(list("FM"), 200)}
    pd.DataFrame({"town": town, **columns, "note": ["diabete"] * 10 + [""] * 190}).to_csv(
        path, index=False
    )
    return path


def pages(command, out):
    run = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, command), "--out", str(out)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    texts = {p.name: p.read_text(encoding="utf-8") for p in out.iterdir() if p.suffix == ".html"}
    return texts | {"stdout": run.stdout}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_page_says_ten(file, lang, tmp_path):
    asked = ["--key", "town,sex", "--contributions", "--lang", lang]
    table = pages(["table", file, *asked], tmp_path / "table")
    inspected = pages(["inspect", file, "--lang", lang], tmp_path / "inspect")
    for texts in (table, inspected):
        for name, text in texts.items():
            assert not ELEVEN.search(text), (name, ELEVEN.search(text))
        assert re.search(r"(?:fewer than|moins de)\s10\b", " ".join(texts.values()))
    findings = (tmp_path / "table" / "findings.json").read_text(encoding="utf-8")
    assert '"threshold": 10' in findings
    assert '"threshold": 11' not in findings
    # The town of ten stands there by its name, with the threshold of ten; that of nine does not.
    assert '"level": "A"' in findings
