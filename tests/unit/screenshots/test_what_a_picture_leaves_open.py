"""What a picture leaves open: whether it is a map of the place, and marks that were not read."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.geo.address_base import AddressBase
from privaudit.release.release import Georeference
from privaudit.screenshots.cluster_markers import unread_marks, with_all_cluster_markers
from privaudit.screenshots.colour_families_and_coverage import ColourPicture
from privaudit.screenshots.marker_colours import OtherMarks
from privaudit.screenshots.marker_templates import Outlines, of_symbol
from privaudit.screenshots.placement import shows_its_place
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.words.catalogues import Note

NO_MAP = Note("may_be_no_map")
SIZE, BOX = (300, 200), (1_000.0, 5_000.0, 1_600.0, 5_400.0)


def town(seed, many=150):
    at = np.random.default_rng(seed).uniform(0.05, 0.95, (many, 2)) * SIZE
    return at, addresses(at)


def addresses(pixel):
    x, y = np.column_stack([1_000 + 2 * pixel[:, 0], 5_400 - 2 * pixel[:, 1]]).T
    ids = [str(n) for n in range(len(x))]
    rows = {"id": ids, "number": ids, "street": "rue A", "commune": "Bourg", "station": ""}
    return AddressBase(pd.DataFrame({**rows, "x": x, "y": y}), real=False)


def picture(marks):
    row, column = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    image = np.full((SIZE[1], SIZE[0], 3), 245.0)
    for (x, y), radius, colour in marks:
        part = np.clip(radius + 0.5 - np.hypot(column - x, row - y), 0, 1)[..., None]
        image = image * (1 - part) + np.array(colour) * part
    return image.round().astype(np.uint8)


RED, GREY = (214, 39, 40), (110, 110, 110)


@pytest.mark.parametrize("seed", range(4))
def test_dots_at_homes_show_their_place_and_dots_of_a_chart_do_not(seed):
    at, base = town(seed)
    place = Georeference.of_box(BOX, width=SIZE[0], height=SIZE[1])

    def shown(pixel):
        return shows_its_place(SimpleNamespace(pixel=pixel), SIZE, place, base)

    rng = np.random.default_rng([seed, 1])
    assert shown(at[:40])
    assert shown(at[:40] + rng.normal(0, 2, (40, 2)))
    x = rng.uniform(20, 280, 40)
    chart = np.column_stack([x, 30 + x / 2 + rng.normal(0, 10, 40)])
    assert not shown(chart)
    assert not shown(np.column_stack([np.full(12, 40.0), 12 + 15 * np.arange(12)]))


def test_of_addresses_alike_on_both_sides_no_dot_shows_the_place():
    at = np.random.default_rng(8).uniform(0.05, 0.95, (60, 2)) * SIZE
    base = addresses(np.concatenate([at, SIZE - at]))
    place = Georeference.of_box(BOX, width=SIZE[0], height=SIZE[1])
    assert not shows_its_place(SimpleNamespace(pixel=at), SIZE, place, base)


def test_a_picture_that_may_be_no_map_is_said_to_be():
    at, base = town(5)
    apart = [0, *(k for k in range(1, 60) if np.hypot(*(at[:k] - at[k]).T).min() > 12)][:15]
    table = [(25 + 50 * k, 30 + 35 * j) for k in range(6) for j in range(4)]
    for places, said in ((at[apart], False), (table, True)):
        image = picture([(place, 5, RED) for place in places])
        read = read_screenshot(image, addresses=base, bbox=BOX)
        assert len(read) == len(places)
        assert (NO_MAP in read.notes) == said


def test_grey_dots_smaller_than_the_others_are_unread_where_no_grey_was_read():
    marks = [((25 + 50 * k, 40), 6, RED) for k in range(6)]
    marks += [((25 + 50 * k, 120), 3, GREY) for k in range(6)]
    of = ColourPicture.of(picture(marks))
    (small,) = unread_marks(of, ("red",), 6, 20)
    assert (small.family, small.number, round(small.width)) == ("grey", 6, 6)
    assert unread_marks(of, ("red", "grey"), 6, 20) == []


def test_pins_that_were_read_are_not_among_those_that_were_not():
    of = ColourPicture.of(picture([]))
    red, grey = (OtherMarks(name, (0, 0, 0), 9, 0.0, True) for name in ("red", "grey"))
    tips = np.zeros((9, 2))
    for read, left in ((("red",), [grey]), (("red", "grey"), [])):
        assert with_all_cluster_markers(of, [red, grey], 20, tips, read) == left
    # Beside round dots all pins are unread.
    assert with_all_cluster_markers(of, [red], 20, tips[:0], ("red",)) == [red]


def test_a_mark_of_which_only_hidden_directions_are_visible_is_of_no_symbol():
    edge = np.full((3, 32), 5.0)
    edge[:, :8] = np.nan  # hidden by the frame, in all of the first colour
    seen, fill = np.ones(3, bool), np.zeros((3, 3))
    symbol = Outlines(edge, fill, seen)
    marks = np.full((2, 32), 5.0)
    marks[1, 8:] = np.nan
    same, shade = of_symbol(Outlines(marks, fill[:2], seen[:2]), symbol)
    assert same.tolist() == [True, False]
    assert shade.tolist() == [True, True]
