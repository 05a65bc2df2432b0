"""A sample of `make fuzz` in every run: other cases each day, the same ones for all of it."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]


def test_damaged_files_give_a_result_or_one_line():
    first = 100_000 + 100 * datetime.date.today().toordinal() % 1_000_000
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "fuzz", "--cases", "60", "--workers", "1",
         "--first", str(first), "--seconds", "60"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert "| all | " in done.stdout
