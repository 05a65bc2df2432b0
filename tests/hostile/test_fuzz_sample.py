"""A sample of `make fuzz` in every run: hosted runs take other cases with each commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]


def test_damaged_files_give_a_result_or_one_line():
    first = os.environ.get("PRIVAUDIT_FUZZ_FIRST", "100000")
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "fuzz", "--cases", "60", "--workers", "1",
         "--first", first, "--seconds", "60"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    printed = done.stdout[-4_000:] + done.stderr[-2_000:]
    assert done.returncode == 0, f"PRIVAUDIT_FUZZ_FIRST={first}\n{printed}"
    assert "| all | " in done.stdout
