"""The street of the invented family in a browser: it follows the reader, and stands without script.

Needs `make browser`, which brings playwright-core from npm into this folder, and Debian's Chromium.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from privaudit.cli import main

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium is installed here"),
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js is installed here"),
    pytest.mark.skipif(
        not (HERE / "node_modules" / "playwright-core").exists(), reason="run `make browser`"
    ),
]
STEPS = ["like", "score", "name", "door", "open", "grey", "seen"]


@pytest.fixture(scope="module")
def scrolled(tmp_path_factory):
    out = tmp_path_factory.mktemp("street") / "report"
    command = ["demo", "--inhabitants", "6000", "--seed", "23", "--towns", "3", "--out", str(out)]
    assert main(command) == 0
    run = subprocess.run(
        ["node", "scroll.mjs", str(out / "index.html")],
        cwd=HERE, env={**os.environ, "CHROMIUM": CHROMIUM}, capture_output=True, text=True,
        check=True, timeout=300,
    )  # fmt: skip
    return json.loads(run.stdout)


def test_the_map_follows_the_step_that_is_read(scrolled):
    for one in scrolled["widths"]:
        assert [visit["step"] for visit in one["visited"]] == STEPS
        for visit in one["visited"]:
            assert visit["at"] == visit["layers"] == [visit["step"]], one["width"]
            # The map stays within the window, and no step loses its text.
            assert visit["now"]
            assert -1 <= visit["map"]["top"] < visit["map"]["bottom"] <= 900
            assert visit["steps"] == STEPS
        assert one["errors"] == []
        assert one["requests"] == 0


def test_on_a_telephone_the_map_leaves_room_for_the_text(scrolled):
    (narrow,) = (one for one in scrolled["widths"] if one["width"] == 390)
    assert max(visit["map"]["bottom"] for visit in narrow["visited"][1:]) < 900 / 2


def test_without_motion_nothing_fades(scrolled):
    stills = {visit["map"]["still"] for one in scrolled["widths"] for visit in one["visited"]}
    assert stills == {"0s"}


@pytest.mark.parametrize("how", ["plain", "print"])
def test_without_a_script_and_on_paper_every_step_has_its_picture(scrolled, how):
    shown = scrolled[how]
    assert shown["steps"] == STEPS
    assert shown["stills"] == len(STEPS)
    assert shown["thrice"] == 3
    assert not shown["now"]
    # Nothing there takes the focus: the keyboard scrolls.
    assert shown["focusable"] == 0
