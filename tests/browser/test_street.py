"""The street of the invented family in a browser: it follows the reader, and stands without script.

Needs `make browser`, which brings playwright-core from npm into this folder, and Debian's Chromium.
"""

import pytest

from tests.fixtures.chromium import needs, node

pytestmark = needs("playwright-core")
STEPS = ["like", "score", "name", "door", "open", "grey", "seen"]


@pytest.fixture(scope="module")
def scrolled(three_towns):
    return node("scroll.mjs", str(three_towns / "index.html"))


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
