"""Outlines and fills that are not of round marks of a colour, and errors of positions that hold."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage, stats

from privaudit.errors import ReadError
from privaudit.screenshots.cluster_markers import _are_holes, _in_panels
from privaudit.screenshots.dots import UNSEEN, Dots, DotSize, find_dots, measure_dots
from privaudit.screenshots.marker_colours import other_fill, outline
from privaudit.screenshots.marker_templates import Agreement, _Pin, _rows_below, three_corners
from privaudit.screenshots.picture_dots import (
    _is_template,
    _no_template,
    _with_errors_seen,
    _with_rounding,
    picture_dots,
)
from privaudit.screenshots.registration import lattice_step, rounded_error

RED, FINE, TURN = "#c0392b", 4, np.arange(32) * np.pi / 16


def drawn(paint, ground="#ffffff", many=70, seed=3):
    """Return a picture of marks at quarters of a pixel, and their places."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (420 * FINE, 320 * FINE), ground)
    pen = ImageDraw.Draw(image)
    row, column = np.divmod(rng.permutation(10 * 13)[:many], 13)
    at = 30 * np.column_stack([column, row]) + rng.integers(17 * 4, 33 * 4, (many, 2)) / 4
    for x, y in at * FINE:
        paint(pen, x, y)
    return np.asarray(image.resize((420, 320), Image.Resampling.BOX)), at


def disc(fill, radius, line=None, width=0.0):
    def paint(pen, x, y):
        r = radius * FINE
        box = (x - r, y - r, x + r - 1, y + r - 1)
        pen.ellipse(box, fill, line, round(width * FINE))

    return paint


def test_a_circle_beside_its_middle_has_no_three_corners():
    displaced = np.cos(TURN) + np.sqrt(25 - np.sin(TURN) ** 2)
    assert three_corners(displaced[None]) < 0.01
    assert three_corners(np.full((4, 32), np.nan)) == 0


def test_corners_show_where_a_third_of_the_outline_is_hidden():
    """45 pennants of flags were read as dots: the pole hid a side of all."""
    triangle = 2.5 / np.cos(np.mod(TURN, 2 * np.pi / 3) - np.pi / 3)
    for edge, cornered in ((triangle, True), (np.full(32, 4.0), False)):
        hidden = np.where((TURN > 1) & (TURN < 3), np.nan, edge)
        assert (three_corners(hidden[None]) > 0.08) == cornered


def test_round_outlines_are_no_pins():
    """44 clusters of a dark picture were read as pins, and as many places beside them."""
    seen = np.ones(20, bool)
    # About a point a quarter of a radius above its middle, and of a drop with a tip below.
    round_ = 3 * np.sin(TURN) + np.sqrt(144 - 9 * np.cos(TURN) ** 2)
    drop = np.where(np.abs(TURN - np.pi / 2) < 0.3, 19.0, 12.0)
    assert not _is_template(Agreement(seen, seen, round_, 1.0), "pin")
    assert _is_template(Agreement(seen, seen, drop, 1.0), "pin")


def test_a_fill_of_the_colour_that_was_asked_for_is_its_own():
    image, at = drawn(disc("#e31a1c", 5))
    assert other_fill(image, at, "red") == other_fill(image, at, np.array([227.0, 26, 28])) == ""
    assert other_fill(image, at, "blue") == "red"
    # Over rings the ground has no hue.
    assert other_fill(np.full_like(image, 240), at, "red") == ""


@pytest.mark.parametrize("ground", ["#b0a078", "#556644"])
def test_stated_errors_hold_of_marks_with_a_thin_rim(ground):
    """Of 95 % that were stated, 75 % of marks lay within their error on dry ground."""
    image, at = drawn(disc("#ff7f00", 5, "#333333", 0.8), ground, many=120)
    rng = np.random.default_rng(4)
    rough = ndimage.gaussian_filter(rng.normal(0, 40, image.shape[:2]), 1.5)[..., None]
    near = ndimage.binary_dilation(np.abs(image.astype(int) - image[0, 0]).max(axis=2) > 8)
    image = np.where(near[..., None], image, image + rough).clip(0, 255).astype(np.uint8)
    dots = picture_dots(image, colour="#ff7f00")
    off = np.hypot(*(dots.pixel[:, None] - at).T)
    assert len(dots.pixel) == 120
    assert (off.min(axis=0) < 1).all()
    held = off.min(axis=0) <= np.sqrt(-2 * np.log(0.05)) * dots.error
    assert stats.binom.cdf(held.sum(), 120, 0.95) >= 0.01, held.mean()


def test_the_error_of_fitted_dots_is_their_distance_from_outlines():
    """.14 pixels were stated of dots that lay .25 beside their outlines."""
    at = np.arange(40.0).reshape(20, 2) * 9

    def dots(centre, error):
        spread = np.full(len(centre), error)
        return Dots(centre, spread, DotSize(4.0, 0.1, 20), refused=0, room=1.0, rim=0.0)

    fitted = _with_errors_seen(dots(at + np.array([0.2, -0.3]), 0.14), dots(at, 0.04))
    assert fitted.error == pytest.approx(np.sqrt((0.2**2 + 0.3**2) / 2))
    assert (_with_errors_seen(dots(at, 0.14), dots(at, 0.04)).error == 0.14).all()
    assert (_with_errors_seen(dots(at + 0.3, 0.14), dots(at[:2], 0.04)).error == 0.14).all()


@pytest.mark.parametrize(("shadow", "rows"), [(False, 4), (True, 2)])
def test_a_shadow_beside_a_tip_is_no_tip(shadow, rows):
    """Of pins whose shadow begins at the tip, the place was read 1.6 pixels below it."""
    colour = np.full((20, 21, 3), 240.0)
    colour[:12, 9:11] = 50
    if shadow:
        # It goes on to the right; the tip ends two rows earlier.
        colour[10:14, 8:] = 140
        colour[10, 9:11] = colour[11, 9:11] = 50
    colour[12:14, 9:11] = 140 if shadow else 50
    inside = np.zeros((20, 21), bool)
    inside[:10, 9:11] = True
    pin = _Pin(colour, np.full((20, 21, 3), 2.0), inside, 30, alone=True)
    assert _rows_below(pin, 10, 10) == rows


def test_a_mark_that_is_larger_than_the_others_is_one():
    """Of 80 dots in a JPEG of quality 45, 87 were read: two in one mark, 1.3 pixels apart."""
    k, rng = np.arange(30), np.random.default_rng(2)
    at = 20 + np.column_stack([(k % 6) * 34, (k // 6) * 38]) + rng.uniform(-4, 4, (30, 2))

    def read(at, radius):
        row, column = (np.mgrid[: 200 * FINE, : 220 * FINE] + 0.5) / FINE
        away = [np.hypot(row - y, column - x) - r for (x, y), r in zip(at, radius, strict=True)]
        cover = (np.min(away, axis=0) <= 0).reshape(200, FINE, 220, FINE).mean(axis=(1, 3))
        edge = outline(cover)
        return find_dots(cover, edge, measure_dots(cover, edge))

    one = read(at, np.where(np.isin(k, [3, 11, 20]), 6.4, 5.8))
    assert len(one.centre) == 30
    assert np.hypot(*(one.centre[:, None] - at).T).min(axis=1).max() < 0.3
    # Two that are clearly two stay so, a pixel apart.
    assert len(read(np.where(k[:, None] == 1, at[0] + [1.0, 0], at), np.full(30, 5.8)).centre) == 30


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("step", "next_one"), [(1, 0.5), (1, 0), (1.25, 0), (2, 0), (0.8, 0.4), (0.5, 0.25), (0.5, 0)]
)
@pytest.mark.parametrize("many", [5, 100])
def test_stated_errors_hold_of_places_that_were_rounded(step, next_one, many):
    """Matplotlib rounds places to whole pixels and puts marks half a pixel beside these."""
    rng = np.random.default_rng(8)
    row, column = np.divmod(rng.permutation(130)[:many], 13)
    place = 30 * np.column_stack([column, row]) + rng.uniform(20, 35, (many, 2))
    image = Image.new("RGB", (430 * 20, 340 * 20), "white")
    for x, y in (np.round(place / step) * step + next_one) * 20:
        ImageDraw.Draw(image).ellipse((x - 100, y - 100, x + 99, y + 99), "#d62728")
    dots = picture_dots(np.asarray(image.resize((430, 340), Image.Resampling.BOX)))
    off = np.hypot(*(dots.pixel[:, None] - place).T).min(axis=0)
    assert len(dots.pixel) == many
    held = int((off <= np.sqrt(-2 * np.log(0.05)) * dots.error).sum())
    if many > 5 or step == 1:
        assert dots.step == step
        assert stats.binom.cdf(held, many, 0.95) >= 0.01, held / many


def test_places_of_a_grid_and_of_none_are_not_rounded():
    rng = np.random.default_rng(1)
    assert lattice_step(rng.uniform(0, 900, (200, 2))) == 0
    assert lattice_step(rng.integers(0, 40, (200, 2)) * 12.34) == 0
    assert lattice_step(np.empty((0, 2))) == 0


@pytest.mark.parametrize("frame", ["#999999", None])
def test_a_symbol_of_a_legend_may_be_no_dot(frame):
    """81 dots were read, and 81 to 81 stated, of 80 and a symbol in a legend."""

    def paint(image):
        pen = ImageDraw.Draw(image)
        pen.rectangle((300, 250, 400, 300), "#ffffff", frame)
        pen.ellipse((312, 262, 321, 271), "#d62728")
        pen.text((330, 262), "to meet", "#222222")

    image, at = drawn(disc("#d62728", 5), "#f2efe9" if frame is None else "#ffffff")
    image = Image.fromarray(image)
    paint(image)
    inside = (at > [296, 246]).all(axis=1) & (at < [404, 304]).all(axis=1)
    low, _, high = picture_dots(np.asarray(image)).shown
    assert low <= 70 - inside.sum() <= high


def test_a_symbol_of_a_legend_is_not_counted_among_those_about():
    """Of 59 dots and a symbol 60 were said to be shown: only the lower bound fell."""
    image, _ = drawn(disc("#d62728", 5), "#f2efe9")
    legend, _ = drawn(lambda pen, x, y: None, many=1)
    panel = Image.fromarray(legend).crop((0, 0, 400, 200))
    disc("#d62728", 5)(ImageDraw.Draw(panel), 80, 80)
    panel = panel.resize((100, 50), Image.Resampling.BOX)
    ImageDraw.Draw(panel).text((34, 12), "to meet", "#222222")
    image = image.copy()
    image[250:300, 300:400] = np.asarray(panel)
    dots = picture_dots(image)
    assert np.hypot(*(dots.pixel - [320, 270]).T).min() < 1
    assert round(dots.shown.value) == len(dots.pixel) - 1


def test_blocks_between_streets_are_no_panels():
    image = np.full((300, 420, 3), 255, np.uint8)
    row, column = np.mgrid[:6, :6] * 60 + 30
    for y, x in zip(row.ravel()[:30], column.ravel()[:30], strict=True):
        image[y - 24 : y + 24, x - 24 : x + 24] = 230
    at = np.column_stack([column.ravel(), row.ravel()])[:30]
    assert _in_panels(image, at, 4.0) == 0
    assert _in_panels(image, np.array([[30, 30], *[[390, 10 * k] for k in range(1, 20)]]), 4.0) == 1


def test_a_round_button_is_not_filled_with_dots():
    """Seven dots were read in a button of 8 pixels beside dots of 6, and 49 at least of 46."""
    image, at = drawn(disc("#d62728", 6), many=60)
    image = Image.fromarray(image)
    for x in (6, 400):
        ImageDraw.Draw(image).ellipse((x, 302, x + 15, 317), "#d62728")
    dots = picture_dots(np.asarray(image))
    assert np.hypot(*(dots.pixel[:, None] - at).T).min(axis=0).max() < 0.5
    assert dots.shown.low <= 60 <= dots.shown.high


def test_dots_of_four_sizes_are_refused():
    """20 dots were read, and 19 to 25 stated, of 40."""

    def paint(pen, x, y):
        disc("#d62728", (3.6, 5.4, 7.8, 11.4)[round(x + y) % 4])(pen, x, y)

    with pytest.raises(ReadError, match="dots of one size"):
        picture_dots(drawn(paint, "#f3f0ea", many=40)[0])


def test_dots_that_stray_from_their_lattice_are_read_no_better():
    """The error of 30 dots off whole pixels by .15 was stated as of rounding alone, .289."""
    rng = np.random.default_rng(5)
    at = rng.integers(0, 500, (400, 2)) + rng.normal(0, 0.15, (400, 2))
    error, step, aside = rounded_error(at, np.zeros(400))
    assert (step, aside) == (1.0, 0.0)
    assert error == pytest.approx(np.sqrt(1 / 12 + 0.15**2), rel=0.02)


def test_pixels_of_a_fit_are_not_those_of_a_screen():
    """60 dots drawn on pixels of 1.5 were fitted on whole ones: .87 lay within their errors."""
    at = np.random.default_rng(5).integers(20, 380, (60, 2)).astype(float)
    size = DotSize(9.0, 0.1, 9)
    dots = Dots(at, np.full(60, 0.2), size, 0, 1.0, 0.0, by_template=True)
    image = np.full((400, 400, 3), 255, np.uint8)
    fitted = _with_rounding(image, [dots], at, dots.error)
    # Marks of nine pixels may be of five on a screen of 1.8 times its density.
    assert fitted["step"] == 0
    assert fitted["error"] == pytest.approx(np.sqrt(0.2**2 + 1.8**2 / 12))
    outlined = dots._replace(by_template=False)
    assert _with_rounding(image, [outlined], at, dots.error)["step"] == 1.0


@pytest.mark.parametrize("step", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("degrees", [3.0, -7.5])
def test_places_that_were_rounded_before_the_picture_was_turned(step, degrees):
    """Of a screenshot turned by 3 degrees .06 pixels were stated, and none of 50 held."""
    rng = np.random.default_rng(11)
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    place = rng.uniform(0, [600, 440], (50, 2)) @ matrix
    drawn_at = np.round(place @ matrix.T / step) * step @ matrix + rng.normal(0, 0.05, (50, 2))
    error, found, _ = rounded_error(drawn_at, np.full(50, 0.06))
    assert found == step
    held = np.hypot(*(drawn_at - place).T) <= np.sqrt(-2 * np.log(0.05)) * error
    assert stats.binom.cdf(held.sum(), 50, 0.95) >= 0.01
    # Places that nobody rounded are on no turned lattice.
    assert rounded_error(place, np.full(50, 0.06))[1] == 0


def test_a_pin_may_be_anchored_above_its_tip():
    """Awesome markers, which folium draws, are anchored 3 pixels above the tip, with heads of 15:
    1 pixel was stated of tips 3.2 pixels away from their place."""
    at = np.random.default_rng(5).uniform(40, 360, (30, 2))
    pins = Dots(at, np.full(30, 0.5), DotSize(15.0, 0.1, 9), 0, 1.0, 0.0, by_template=True)
    image = np.full((400, 400, 3), 255, np.uint8)
    pin, round_ = (_with_rounding(image, [pins], at, pins.error, kind) for kind in ("pin", "disc"))
    assert pin["aside"] == pytest.approx(0.15 * 15)
    assert pin["error"] == pytest.approx(np.hypot(round_["error"], 0.15 * 15))
    assert round_["aside"] == 0


def test_hollow_rings_among_grey_ground_are_read():
    """Of 45 rings of gnuplot one dot was read, and 1 at least and at most stated: grey houses of
    one size were taken for dots, and the rings for their rims."""

    def paint(pen, x, y):
        r = 5.6 * FINE
        pen.ellipse((x - r, y - r, x + r - 1, y + r - 1), None, "#1f77b4", round(1.9 * FINE))

    image, at = drawn(paint, "#f2efe9", many=60)
    image = Image.fromarray(image)
    for x, y in np.random.default_rng(2).uniform(0, [415, 315], (60, 2)):
        if np.abs(at - [x, y]).max(axis=1).min() > 12:
            ImageDraw.Draw(image).ellipse((x - 2, y - 2, x + 2, y + 2), "#d0cbc6")
    dots = picture_dots(np.asarray(image), colour="blue")
    off = np.hypot(*(dots.pixel[:, None] - at).T)
    assert off.min(axis=1).max() < 2
    assert len(dots.pixel) == 60


def test_fitted_dots_are_known_no_better_than_their_outlines_agree():
    """Of discs fitted in stars of eight rays .32 pixels were stated, and .72 of them held."""
    image, at = drawn(disc("#d62728", 5), many=40)
    size = DotSize(5.0, 0.1, 40)
    aside = at + np.random.default_rng(6).normal(0, 0.6, at.shape)
    for centre, least, most in ((at, 0.0, 0.1), (aside, 0.5, 0.7)):
        dots = Dots(centre, np.full(40, 0.1), size, 0, 1.0, 0.0, by_template=True)
        error = np.sqrt(_with_rounding(image, [dots], centre, dots.error)["error"] ** 2 - 1 / 12)
        assert (error >= least).all()
        assert (error <= np.hypot(0.1, most)).all()


@pytest.mark.parametrize("degrees", [0.0, 4.0])
def test_a_photograph_hides_that_places_were_rounded(degrees):
    """An error of .07 pixels was stated of 40 dots that were off by .56, in the median."""
    image, at = drawn(disc("#d62728", 7), "#f2efe9")
    image, at = Image.fromarray(image), at + np.random.default_rng(8).uniform(-0.5, 0.5, at.shape)
    turn = np.radians(degrees)
    matrix = 1.37 * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    back = np.linalg.inv(matrix)
    photo = image.transform(
        (640, 520), Image.Transform.AFFINE,
        (*back[0], -30 * back[0].sum(), *back[1], -30 * back[1].sum()),
        Image.Resampling.BICUBIC, fillcolor="#f2efe9",
    )  # fmt: skip
    soft = ndimage.gaussian_filter(np.asarray(photo, float), (1, 1, 0))
    dots = picture_dots(soft.round().clip(0, 255).astype(np.uint8))
    gap = np.hypot(*(dots.pixel[:, None] - (at @ matrix.T + 30)).T)
    assert dots.soft
    assert stats.binom.cdf(
        (gap.min(axis=0) <= np.sqrt(-2 * np.log(0.05)) * dots.error).sum(), len(dots.pixel), 0.95
    ) >= 0.01  # fmt: skip
    assert dots.error.max() <= 1.2 * UNSEEN * dots.radius


def test_a_refusal_of_marks_that_agree_names_another_reason():
    """It said that 30 of 30 were alike, and that the ground has this colour too."""
    seen = np.ones(30, bool)
    came = str(_no_template(Agreement(seen, seen, np.full(32, 5.0), 1.0), "red", "pin", "x"))
    assert "30 of 30" not in came
    assert "tip" in came
    few = np.arange(30) < 3
    came = str(_no_template(Agreement(few, few, np.full(32, 5.0), 1.0), "red", "disc", "x"))
    assert "too few marks that stand alone: 3 of 30" in came


@pytest.mark.parametrize(("tall", "holes"), [(12, True), (0, False)])
def test_holes_in_the_heads_of_pins_are_no_dots(tall, holes):
    """30 dark holes of red pins on red roofs were read as dots, 21 pixels above the places."""

    def paint(pen, x, y):
        r = 9 * FINE
        if tall:
            pen.polygon([(x - 0.8 * r, y + r / 2), (x + 0.8 * r, y + r / 2), (x, y + 2 * r)], RED)
        pen.ellipse((x - r, y - r, x + r - 1, y + r - 1), RED)
        pen.ellipse((x - r / 3, y - r / 3, x + r / 3, y + r / 3), "#5b1410")

    image, at = drawn(paint, "#e8e4da", many=30)
    dots = Dots(at, np.full(30, 0.1), DotSize(3.0, 0.1, 30), 0, 1.0, 0.0)
    assert _are_holes(image, dots) == holes
