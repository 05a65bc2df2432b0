"""Thresholds of the reader of pictures: at, under and over each, with values counted by hand."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.release.release import Georeference
from privaudit.screenshots.cluster_markers import MarkCount, markers_in_pieces, refuse_ambiguous
from privaudit.screenshots.colour_families_and_coverage import family_of
from privaudit.screenshots.dots import Dots, DotSize, middles_stray
from privaudit.screenshots.marker_templates import Agreement, MarkerTemplate
from privaudit.screenshots.picture_dots import PictureDots, _explains_more, _is_explained, _is_pin
from privaudit.screenshots.picture_dots import _is_template as is_template
from privaudit.screenshots.placement import Placed
from privaudit.screenshots.read_heat import Scale, _follows, _tolerance, heat_of
from privaudit.screenshots.read_screenshot import _far_from_addresses, refuse_unless_counted
from privaudit.screenshots.registration import PlaceIndex, lattice_step, rounded_error
from privaudit.screenshots.rings import are_cleaner, are_rims
from privaudit.screenshots.template_fit import (
    _ROWS_AT_ONCE,
    _ColourDensity,
    _least_score,
    _log_ratios,
    _shows_fill,
    _sum_scores,
)
from privaudit.words.catalogues import Note

ROUND, TURN = np.full(32, 5.0), np.arange(32) * np.pi / 16


def dots(many, radius=5.0, refused=0, room=1.0, at=(0.0, 0.0), **more):
    """Return dots in a row from a place, 100 pixels apart."""
    centre = np.array(at) + 100.0 * np.column_stack([np.arange(many), np.zeros(many)])
    size = more.pop("size", DotSize(radius, 0.1, many))
    return Dots(centre, np.full(many, 0.1), size, refused, room, more.pop("rim", 0.0), **more)


def marks(alike, tested, many, **more):
    """Return an agreement of which the first marks are alike, and more are tested."""
    rank = np.arange(many)
    return Agreement(rank < alike, rank < tested, ROUND, 1.0, **more)


def counted(low, high):
    """Return a picture of so many dots at least, and at most."""
    none = np.empty(0)
    return PictureDots(
        pixel=np.empty((0, 2)), error=none, red=none.astype(bool), radius=5.0, refused=0, step=0.0,
        in_pieces=MarkCount(low, (low + high) / 2, high),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "refused"),
    [(10, 30, False), (10, 31, True), (10, 30.4, False), (0, 3, False), (0, 4, True)],
)
def test_a_count_of_more_than_threefold_is_refused(low, high, refused):
    if refused:
        with pytest.raises(ReadError, match="dots that can be counted"):
            refuse_unless_counted(counted(low, high))
    else:
        refuse_unless_counted(counted(low, high))


@pytest.mark.parametrize(
    ("alike", "tested", "many", "template"),
    [
        (80, 100, 100, True),  # four in five alike
        (79, 100, 100, False),
        (3, 3, 3, True),  # of three, four in five too
        (2, 3, 3, False),
        (3, 3, 12, True),  # three of twelve are seen: a quarter
        (3, 3, 13, False),
        (80, 100, 134, False),  # under three in four are seen, of which nine in ten are not alike
        (80, 100, 133, True),
        (90, 100, 200, True),
        (89, 100, 200, False),
        (18, 20, 100, True),  # two that do not agree are few
        (17, 20, 100, False),  # three are not
    ],
)
def test_marks_of_one_template(alike, tested, many, template):
    assert is_template(marks(alike, tested, many)) == template


def pin(closed=1.0, taller=2.0, askew=0.0):
    """Return pins so many times as tall as wide, of which the lower left is nearer."""
    outline = np.where(np.sin(TURN) > 0.99, 5 * (2 * taller - 1), 5.0)
    # Of nine directions on each side, the one straight below is common.
    outline[9:17] *= 1 - askew * 9 / 8
    return Agreement(np.ones(10, bool), np.ones(10, bool), outline, 1.0, closed)


@pytest.mark.parametrize(
    ("of", "is_pin"),
    [
        ({"closed": 0.95}, True),
        ({"closed": 0.94}, False),
        ({"taller": 1.16}, True),
        ({"taller": 1.14}, False),
        ({"askew": 0.29}, True),
        ({"askew": 0.31}, False),
    ],
)
def test_an_outline_of_pins(of, is_pin):
    assert _is_pin(pin(**of)) == is_pin


@pytest.mark.parametrize(
    ("alike", "tested", "many", "template"),
    [(5, 10, 10, True), (4, 10, 10, False), (4, 4, 10, True), (3, 3, 10, False), (1, 3, 3, True)],
)
def test_marks_of_one_template_of_pins(alike, tested, many, template):
    one = pin()._replace(alike=np.arange(many) < alike, tested=np.arange(many) < tested)
    assert is_template(one, "pin") == template


@pytest.mark.parametrize(
    ("single", "others", "refused"),
    [(3, 2, False), (3, 3, True), (9, 3, True), (12, 3, False), (12, 4, True), (30, 9, False)],
)
def test_a_second_size_of_three_and_a_third_is_refused(single, others, refused):
    image = np.full((40, 100 * single, 3), 255, np.uint8)
    pair = dots(single, at=(20, 20), size=DotSize(5.0, 0.1, single, others, 8.0)), None
    if refused:
        with pytest.raises(ReadError, match=f"{single} with a radius of 5.0 pixels and {others}"):
            refuse_ambiguous(image, pair, "red", "x", (None, None))
    else:
        refuse_ambiguous(image, pair, "red", "x", (None, None))
    refuse_ambiguous(image, pair, "red", "x", ("disc", 5.0))


@pytest.mark.parametrize(
    ("colour", "family"),
    [
        ((160, 100, 100), "red"),  # 60 levels between the channels
        ((159, 100, 100), ""),
        ((124, 100, 100), "grey"),  # 24
        ((125, 100, 100), ""),
        ((69, 69, 69), "black"),
        ((70, 70, 70), "grey"),
        ((205, 204, 204), "grey"),  # 204.3
        ((205, 205, 205), ""),
        ((220, 78, 20), "red"),  # hue 17.4
        ((220, 90, 20), "orange"),  # 21
        ((220, 167, 20), "orange"),  # 44.1
        ((220, 173, 20), "yellow"),  # 45.9
        ((20, 220, 67), "green"),  # 134.1
        ((220, 20, 94), "pink"),  # 337.8
        ((220, 20, 92), "red"),  # 338.4
    ],
)
def test_families_of_colours(colour, family):
    assert family_of(np.array([colour], float))[0] == family


@pytest.mark.parametrize(("many", "found"), [(7, 0), (8, 0), (9, 0), (11, 1.25), (12, 1.25)])
def test_few_dots_are_rounded_to_whole_pixels_alone(many, found):
    """Up to nine dots on steps of 1.25 may be so by chance. On whole pixels seven were seen, and
    eight or nine were not: their errors were stated too small."""
    at = 1.25 * np.random.default_rng(4).integers(0, 400, (many, 2)).astype(float)
    assert lattice_step(at) == found
    assert lattice_step(np.round(at)) == 1


@pytest.mark.parametrize("many", [4, 11, 12, 40])
def test_places_that_nobody_rounded_are_on_no_turned_lattice(many):
    """Among thousands of angles a few dots are near whole pixels at one."""
    found = [
        rounded_error(np.random.default_rng(seed).uniform(0, 500, (many, 2)), np.zeros(many))[1]
        for seed in range(5)
    ]
    assert found == [0] * 5


@pytest.mark.parametrize(
    ("step", "found"), [(0.41, True), (0.38, False), (3.9, True), (4.2, False)]
)
def test_steps_of_lattices_that_programs_draw_on(step, found):
    at = step * np.random.default_rng(4).integers(0, 300, (100, 2))
    assert (lattice_step(at) == pytest.approx(step, abs=0.006)) == found


@pytest.mark.parametrize(
    ("off", "usual"), [([0.0, 0, 0], 12), ([2.0, 2, 2], 20), ([8.25, 8.25], 45), ([9.0], 45)]
)
def test_the_tolerance_of_a_scale(off, usual):
    """12 levels, and four times the usual distance; 45 at most, and nothing beyond is of it."""
    assert _tolerance(np.array(off)) == usual
    assert _tolerance(np.array([*off, 46, 300])) == usual


@pytest.mark.parametrize(("wide", "kept"), [(23, True), (24, True), (25, False)])
def test_letters_of_24_pixels_have_the_heat_beside_them(wide, kept):
    scale = Scale(np.array([[255.0, 200, 0], [255, 0, 0]]), np.array([0.25, 0.75]), "given", 2)
    picture = np.full((120, 120, 3), [255, 0, 0], np.uint8)
    picture[50 : 50 + wide, 10:110] = 0
    heat = heat_of(picture, scale)
    assert heat[0, 0] == 0.75
    assert heat[50 + wide // 2, 60] == (0.75 if kept else 0)


@pytest.mark.parametrize(("row", "heat"), [(27, 0.75), (28, 0), (71, 0), (72, 0.75)])
def test_twelve_pixels_around_a_colour_bar_hold_no_heat(row, heat):
    box = (slice(40, 60), slice(40, 60))
    scale = Scale(np.array([[255.0, 0, 0]]), np.array([0.75]), "bar", 2, box=box)
    picture = np.full((120, 120, 3), [255, 0, 0], np.uint8)
    assert heat_of(picture, scale)[row, 50] == heat
    assert heat_of(picture, scale)[50, row] == heat


def template(fill, outer, shape=None):
    parts = np.zeros((int(outer / 0.5) + 8, 3))
    return MarkerTemplate(parts, parts + 1, fill, outer, 5, shape=shape)


def test_the_least_score_of_a_mark():
    assert _least_score(template(5.0, 7.0)) == 6
    assert _least_score(template(5.0, 5.2)) == 7
    assert _least_score(template(5.0, 5.0, shape=np.zeros((10, 8), int))) == 0.25 * 80


@pytest.mark.parametrize(
    ("pixels", "clear", "heaped", "shown"),
    [
        (1, True, False, True),
        (0, True, False, False),
        (2, False, False, True),
        (1, False, False, False),
        (4, True, True, True),
        (3, True, True, False),
    ],
)
def test_pixels_that_show_a_fill(pixels, clear, heaped, shown):
    """One, two where letters lie, four in a heap."""
    score = np.ones((20, 7, 7))
    free = np.arange(49).reshape(7, 7) < pixels
    part, over = np.zeros((7, 7), int), np.full((7, 7), clear)
    mark = template(5.0, 7.0)
    assert _shows_fill(score, mark, part, free, over, heaped, soft=True) == shown


@pytest.mark.parametrize(
    ("refused", "of", "room", "share", "explained"),
    [
        (2, 100, 0.98, 1.0, True),
        (3, 100, 0.98, 1.0, False),
        (2, 100, 0.97, 1.0, False),
        (2, 100, 0.98, 0.3, True),
        (2, 100, 0.98, 0.29, False),
    ],
)
def test_circles_that_explain_a_colour(refused, of, room, share, explained):
    alike = marks(round(100 * share), 100, 100)
    one = dots(of, refused=refused, room=room)
    assert _is_explained(one, alike) == explained
    assert not _is_explained(one._replace(by_template=True), alike)


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        ((100, 11), (101, 2), True),
        ((100, 10), (101, 2), False),  # outlines leave a tenth: not much
        ((100, 11), (100, 2), False),  # no more are found
        ((100, 11), (101, 3), False),  # more than 2 of 100 are left
    ],
)
def test_fitting_that_explains_more(old, new, more):
    first, second = (dots(many, refused=refused) for many, refused in (old, new))
    assert _explains_more(first, second) == more


@pytest.mark.parametrize(
    ("ring", "disc", "cleaner"),
    [
        ((7, 0), (10, 2), True),
        ((6, 0), (10, 2), False),  # fewer than seven in ten
        ((10, 0), (10, 1), False),  # discs leave a tenth: not much
        ((10, 2), (10, 2), False),  # rings leave as much
    ],
)
def test_rings_that_are_cleaner_than_discs(ring, disc, cleaner):
    rings, discs = (dots(many, refused=refused) for many, refused in (ring, disc))
    assert are_cleaner((rings, None), (discs, None)) == cleaner


@pytest.mark.parametrize(("radius", "pieces"), [(2.9, True), (3.0, False)])
def test_discs_of_less_than_three_fifths_of_a_ring_are_its_pieces(radius, pieces):
    assert are_cleaner((dots(3), None), (dots(9, radius), None)) == pieces


@pytest.mark.parametrize(("aside", "rims"), [(2.9, True), (3.1, False)])
def test_rings_around_discs_of_another_colour_are_rims(aside, rims):
    ringed = dots(9), None
    assert are_rims(ringed, (None, dots(9, at=(aside, 0.0)))) == rims
    # A colour of which there are discs and no rings is not read as rings of the other.
    assert are_rims((None, dots(9)), (dots(9), None))
    assert not are_rims((dots(9), dots(9)), (None, dots(9)))


def test_middles_of_outlines_stray_by_their_first_harmonic():
    """Circles of 5 pixels about middles half a pixel to the right, and half to the left."""
    moved = 0.5 * np.cos(TURN)
    edge = np.array([5 + moved, 5 - moved, np.full(32, 5.0)])
    # Squares of 1/2, 1/2 and 0, over three marks and two coordinates.
    assert middles_stray(edge) == pytest.approx(np.sqrt((0.25 + 0.25 + 0) / 3 / 2))
    assert middles_stray(np.empty((0, 32))) == 0
    # A direction that is hidden in every outline is none.
    assert middles_stray(np.array([[np.nan, 1.0, 1.0, 1.0], [np.nan, 1.0, 1.0, 1.0]])) == 0


def place(scale=2.0):
    """Return a picture placed at so many metres a pixel."""
    matrix = np.array([[scale, 0.0, 0.0], [0.0, -scale, 0.0]])
    return Placed(georeference=Georeference(matrix), how=Note("by_box"))


@pytest.mark.parametrize(
    ("most", "one", "far"),
    [
        (4.0, 100, False),  # 2 pixels of 2 m: dots stand on addresses
        (4.0, 101, True),
        (4.1, 101, False),  # they were moved: a dot may be 1 km away
        (4.1, 1_000, False),
        (4.1, 1_001, True),
    ],
)
def test_how_far_a_dot_of_the_map_may_be_from_any_address(most, one, far):
    frame = pd.DataFrame({"id": ["1"], "number": "1", "street": "rue A", "commune": "B",
                          "station": "", "x": [0.0], "y": [0.0]})  # fmt: skip
    base = AddressBase(frame, real=False)
    xy = np.array([[most, 0.0]] * 5 + [[0.0, float(one)]])
    found = _far_from_addresses(xy, base, place(), None)
    assert found.tolist() == [False] * 5 + [far]


@pytest.mark.parametrize(("away", "refused"), [(3, False), (4, True)])
def test_a_place_at_which_more_than_half_is_far_is_none(away, refused):
    frame = pd.DataFrame({"id": ["1"], "number": "1", "street": "rue A", "commune": "B",
                          "station": "", "x": [0.0], "y": [0.0]})  # fmt: skip
    base = AddressBase(frame, real=False)
    xy = np.array([[0.0, 5_000.0]] * away + [[0.0, 500.0]] * (6 - away))
    if refused:
        with pytest.raises(GeometryError, match="4 of 6 dots more than 1,000 m from any"):
            _far_from_addresses(xy, base, place(), None)
    else:
        assert _far_from_addresses(xy, base, place(), None).sum() == away


@pytest.mark.parametrize("height", [1, _ROWS_AT_ONCE, _ROWS_AT_ONCE + 1, 2 * _ROWS_AT_ONCE + 3])
def test_scores_of_a_window_are_summed_at_each_of_its_rows(height):
    # Two parts of a mark; at row r and column c, part p scores 1,000 r + 10 c + p.
    rows, columns, reach = slice(2, 2 + height), slice(1, 5), 1
    down, across = np.mgrid[: height + 5, :8]
    pixel_score = np.array([1_000.0 * down + 10 * across + part for part in (0, 1)])
    plans = [[(-1, 0, 0), (1, 1, 1)], [(0, -1, 1)]]
    score = np.full((2, height, 4), np.nan)
    _sum_scores(score, pixel_score, plans, rows, columns, reach)
    r, c = np.mgrid[3 : 3 + height, 2:6]
    assert (score[0] == 1_000 * (2 * r) + 10 * (2 * c + 1) + 1).all()
    assert (score[1] == 1_000 * r + 10 * (c - 1) + 1).all()


@pytest.mark.parametrize(("apart", "places"), [(0.24, 1), (0.26, 2), (0.74, 2), (0.76, 2)])
def test_places_in_one_cell_of_half_a_metre_are_one(apart, places):
    """The middle of a cell is at a multiple of half a metre; the first place is at one."""
    assert len(PlaceIndex(np.array([[10.0, 20], [10 + apart, 20]])).place) == places


@pytest.mark.parametrize("north", [0, 1])
@pytest.mark.parametrize(
    ("tolerance", "side"), [(0.5, 0.5), (1, 0.5), (1.01, 1), (2, 1), (2.01, 2)]
)
def test_cells_around_a_place_are_of_half_the_tolerance_and_half_a_metre(tolerance, side, north):
    """Two cells on either side of that which begins at the place; the other place is far away."""
    places = PlaceIndex(np.array([[0.0, 0], [64 * (1 - north), 64 * north]]))
    away = np.array([-2 * side - 0.01, -2 * side, 3 * side - 0.01, 3 * side])
    assert places.near((away - 32) * 1j**north, tolerance).tolist() == [False, True, True, False]


@pytest.mark.parametrize(("rows", "marks"), [(4, 1), (5, 1), (6, 0)])
def test_a_piece_of_which_more_than_half_is_ground_is_no_mark(rows, marks):
    core, ground = np.zeros((60, 60), dtype=bool), np.zeros((60, 60), dtype=bool)
    core[5:15, 5:15] = ground[5 : 5 + rows, 5:15] = True
    pieces, count = markers_in_pieces(core, np.array([[45.0, 45.0]]), 5.0, ground)
    assert (pieces, count.low) == (1, marks)


@pytest.mark.parametrize(("off", "follows"), [(3.9, True), (4.0, False), (4.1, False)])
def test_colours_follow_a_line_where_they_are_a_fifth_nearer_to_it(off, follows):
    # Two colours `off` from those beside them, and 10 - `off` from the others: 5 on average.
    own = np.array([[0.0, 0, 0], [10, 0, 0]])
    assert _follows(np.array([[off, 0, 0], [10 - off, 0, 0]]), own) == follows


def test_a_pixel_of_another_colour_is_one_of_the_quarter_that_may_have_any():
    black = np.zeros((1, 3))
    mark = MarkerTemplate(black, black, fill=5.0, outer=6.0, single=3)
    white = np.full((1, 3), 255.0)
    score = _log_ratios(white, mark, _ColourDensity(white))
    np.testing.assert_allclose(score, np.log(0.25), rtol=1e-6)
