"""Dots as web maps draw them: a rim, some ground shining through, names above. Drawn by Agg.

What Chromium draws is held by tests/browser/test_pictures.py.
"""

import numpy as np
import pytest

from privaudit.errors import ReadError
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.cluster_markers import (
    all_cluster_markers,
    covered_share,
    find_cluster_markers,
    markers_in_clusters,
    markers_in_pieces,
)
from privaudit.screenshots.colour_families_and_coverage import ColourPicture
from privaudit.screenshots.marker_colours import OtherMarks
from privaudit.screenshots.marker_templates import fill_template
from privaudit.screenshots.picture_dots import picture_dots

DOTS, SIZE = 60, 260


@pytest.fixture(scope="module")
def web_map(street_map):
    """A picture of dots along streets, rims, opacity .9, names above; where they are, which red."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle
    from matplotlib.patheffects import withStroke

    rng = np.random.default_rng(3)
    figure = Figure(figsize=(SIZE / 100, SIZE / 100), dpi=100, facecolor="#f2efe9")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, SIZE), ylim=(SIZE, 0))
    for street in range(30, SIZE, 50):
        axes.plot([0, SIZE], [street, street + 12], color="white", lw=5 * 0.72, zorder=1)
    street = rng.integers(0, 5, DOTS)
    along = rng.uniform(10, SIZE - 10, DOTS)
    place = np.column_stack([along, 30 + 50 * street + 12 * along / SIZE + rng.normal(0, 4, DOTS)])
    place, red = place.round(), rng.random(DOTS) < 0.5
    for order, (at, is_red) in enumerate(zip(place, red, strict=True)):
        colour = "#d62728" if is_red else "#808080"
        for face, edge, alpha in ((colour, "none", 0.9), ("none", "#333333", 1)):
            axes.add_patch(Circle(at, 6, fc=face, ec=edge, lw=0.72, alpha=alpha, zorder=2 + order))
    for word, x, y in (("Rue des Lilas", 80, 40), ("Avenue du Moulin", 170, 140)):
        halo = [withStroke(linewidth=3 * 0.72, foreground=(1, 1, 1, 0.85))]
        axes.text(x, y, word, size=8, color="#333", ha="center", path_effects=halo, zorder=500)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy(), place, red


@pytest.mark.heavy
def test_dots_with_rims_under_names_are_read(web_map):
    image, place, red = web_map
    found = picture_dots(image)
    right = 0
    for colour in (True, False):
        right += (
            link_positions(place[red == colour], found.pixel[found.red == colour], 2.0) >= 0
        ).sum()
    assert right >= 0.9 * DOTS
    assert right >= 0.95 * len(found.pixel)


def test_marks_with_a_thick_white_rim_are_learnt():
    """Leaflet's radius 6, weight 2, at whole pixels: 66 pixels of a fill 10 wide are unmixed."""
    row, column = np.mgrid[:60, :200] + 0.5
    away = np.min([np.hypot(row - 30, column - x) for x in (30, 80, 130, 170)], axis=0)
    cover = [np.clip(r + 0.5 - away, 0, 1)[..., None] for r in (7, 5)]
    image = 242 + (255 - 242.0) * cover[0] * np.ones(3)
    image = (image + (np.array([214, 39, 40]) - image) * cover[1]).round().astype(np.uint8)
    found = fill_template(image.astype(np.float32), ColourPicture.of(image).pixels, "red")
    assert found is not None
    assert found[0].single == 4
    assert found[0].outer == pytest.approx(7, abs=0.5)


@pytest.mark.heavy
def test_the_estimate_holds_what_the_picture_shows(web_map):
    shown = picture_dots(web_map[0]).shown
    assert shown.low <= DOTS <= shown.high
    assert abs(shown.value - DOTS) <= 0.12 * DOTS


@pytest.mark.heavy
def test_a_grey_scan_is_read_on_demand_and_its_range_holds_every_shade(web_map):
    """Dots of two colours are of two shades of grey then, one of which is asked for."""
    light = web_map[0] @ np.array([0.299, 0.587, 0.114])
    grey = light.round().astype(np.uint8)[..., None].repeat(3, axis=2)
    with pytest.raises(ReadError, match="colour='grey'"):
        picture_dots(grey)
    shown = picture_dots(grey, colour="grey").shown
    assert shown.low <= DOTS <= shown.high


def test_what_no_mark_explains_is_counted_by_its_room():
    core = np.zeros((60, 60), bool)
    core[10:40, 10:40] = True
    many, hold = markers_in_pieces(core, np.empty((0, 2)), 5.0)
    # 900 pixels of colour, 78.5 a mark: at least one, about 11, at most twice as many.
    assert (many, hold.low) == (1, 1)
    assert hold.value == pytest.approx(900 / (25 * np.pi))
    assert hold.high == 2 * hold.value


def test_thin_lines_hold_no_marks():
    core = np.zeros((60, 60), bool)
    core[30:32] = True
    assert markers_in_pieces(core, np.empty((0, 2)), 5.0)[0] == 0


def test_marks_in_a_heap_cover_others_and_marks_apart_do_not():
    apart = np.arange(20.0)[:, None] * [40.0, 0.0]
    assert covered_share(apart, 5.0) == 0
    heap = np.random.default_rng(0).normal(0, 4, (40, 2))
    assert covered_share(heap, 5.0) > 0.4


@pytest.mark.parametrize(("word", "low", "high"), [("7", 2, 9), ("42", 10, 99), ("128", 100, 999)])
def test_a_cluster_marker_counts_by_its_digits(word, low, high):
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (80, 80), "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20, 20, 60, 60), fill=(110, 204, 57))
    pen.text((40, 40), word, fill="black", anchor="mm", font_size=13)
    hold = markers_in_clusters(np.asarray(picture), np.array([[40.0, 40.0, 20.0]]))
    assert (hold.low, hold.high) == (low, high)
    assert hold.value == pytest.approx(np.sqrt(low * high))


def test_a_cluster_marker_with_a_hidden_number_counts_as_others_of_its_colour():
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (260, 80), "white")
    pen = ImageDraw.Draw(picture)
    for at, word in ((40, "42"), (120, "17"), (200, "")):
        pen.ellipse((at - 20, 20, at + 20, 60), fill=(110, 204, 57))
        pen.text((at, 40), word, fill="black", anchor="mm", font_size=13)
    bubbles = np.array([[40.0, 40.0, 20.0], [120.0, 40.0, 20.0], [200.0, 40.0, 20.0]])
    hold = markers_in_clusters(np.asarray(picture), bubbles)
    # Two of 10 to 99; the third 2 at least, and as many as those at most.
    assert (hold.low, hold.high) == (22, 297)
    assert hold.value == pytest.approx(3 * np.sqrt(990))


def test_cluster_markers_under_labels_are_found():
    """Four rows of bubbles 30 pixels wide; across every second a name with its halo, 12 high."""
    row, column = np.mgrid[:300, :400] + 0.5
    middle = [(x, y) for x in (50, 120, 190, 260, 330) for y in (50, 110, 170, 230)]
    core = np.min([np.hypot(column - x, row - y) for x, y in middle], axis=0) < 15
    for x, y in middle[::2]:
        core[y - 4 : y + 8, x - 30 : x + 30] = False
    found = find_cluster_markers(core, 30.0)
    assert len(found) == len(middle)
    assert (link_positions(np.array(middle, float), found, 3.0) >= 0).all()


def test_heads_of_pins_are_no_cluster_markers():
    head = np.array([[20.0, 20.0], [80.0, 30.0], [40.0, 90.0]])
    image = np.full((120, 120, 3), 255, np.uint8)
    row, column = np.mgrid[:120, :120] + 0.5
    for x, y in head:
        image[np.hypot(column - x, row - y) < 11] = (43, 130, 203)
    picture = ColourPicture.of(image)
    marks = [OtherMarks("blue", (43, 130, 203), 3, 22.0, False)]
    found = all_cluster_markers(picture, marks, np.empty((0, 2)))
    assert sum(cluster.number for cluster in found) == 3
    assert all_cluster_markers(picture, marks, head - np.array([0, -28])) == []


def test_rings_that_cross_are_read():
    """Leaflet's own circle markers: a stroke of 3, a fill of a fifth, those below shine through."""
    rng = np.random.default_rng(8)
    place = rng.random((70, 2)) * [340, 260] + 20
    red = np.arange(70) % 2 == 0
    row, column = np.mgrid[:300, :380] + 0.5
    image = np.full((300, 380, 3), (242, 239, 233), float)
    for (x, y), is_red in zip(place, red, strict=True):
        away = np.hypot(column - x, row - y)
        cover = 0.2 * np.clip(10.5 - away, 0, 1)
        cover = np.maximum(cover, np.clip(2 - np.abs(away - 10), 0, 1))[..., None]
        image += (np.array((214, 39, 40) if is_red else (128, 128, 128)) - image) * cover
    found = picture_dots(image.round().astype(np.uint8))
    right = sum(
        int((link_positions(place[red == c], found.pixel[found.red == c], 2.0) >= 0).sum())
        for c in (True, False)
    )
    assert right >= 0.9 * 70
    assert right >= 0.95 * len(found.pixel)
    assert found.shown.low <= 70 <= found.shown.high
