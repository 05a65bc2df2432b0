"""What several files of tests read, made once: a run of a demo takes ten seconds."""

import os
import time
from pathlib import Path

import pytest

from privaudit.cli import main

# Of a small town, in French, with nothing taken from a cache.
FRENCH_DEMO = [
    "demo", "--inhabitants", "1500", "--seed", "8", "--towns", "2", "--workers", "1",
    "--no-cache", "--lang", "fr",
]  # fmt: skip


@pytest.fixture(scope="session")
def french_demo(tmp_path_factory):
    """Return the folder of the report; the first process to ask makes it, the others wait."""
    root = tmp_path_factory.getbasetemp()
    made = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "french-demo"
    try:
        made.mkdir()
    except FileExistsError:
        return _when_made(made)
    status = main([*FRENCH_DEMO, "--out", str(made / "report")])
    (made / "status").write_text(str(status))
    return _when_made(made)


def _when_made(made: Path) -> Path:
    for _ in range(3_000):
        if (made / "status").exists():
            assert (made / "status").read_text() == "0"
            return made / "report"
        time.sleep(0.1)
    raise AssertionError("another process never made the demo")
