"""Heat maps read back from a GeoTIFF, and from a picture with a bar of colours or steps."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, TiffImagePlugin

from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.screenshots.placement import cell_grid
from privaudit.screenshots.read_heat import legend_scale, read_heat
from privaudit.words.catalogues import Note

# Cells of 20 m, rows upwards: three dots, a Gaussian of 60 m each, dots a square kilometre.
X, Y = np.arange(10.0, 1600, 20), np.arange(10.0, 1200, 20)
DOTS, WIDTH = np.array([[300.0, 300], [1200, 300], [700, 900]]), 60.0
HEAT = sum(
    np.exp(-((X - x) ** 2 + (Y[:, None] - y) ** 2) / 2 / WIDTH**2) for x, y in DOTS
) / (2 * np.pi * WIDTH**2) * 1e6  # fmt: skip
BOX = (0, 0, 1600, 1200)


@pytest.fixture(scope="module")
def base():
    at = np.array(
        [(x, y) for x in np.arange(100.0, 1501, 100) for y in np.arange(100.0, 1101, 100)]
    )
    frame = pd.DataFrame({"x": at[:, 0], "y": at[:, 1]}).assign(
        id=[str(k) for k in range(len(at))], number="1", street="s", commune="c", station=""
    )
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )


def tiff(path, values, tags):
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[tag] = value
        info.tagtype[tag] = {34735: 3, 42113: 2}.get(tag, 12)
    Image.fromarray(values.astype(np.float32)).save(path, tiffinfo=info)
    return path


AREA = {
    33550: (20.0, 20.0, 0.0),
    33922: (0.0, 0, 0, 0, 1200, 0),
    34735: (1, 1, 0, 1, 1025, 0, 1, 1),
}
# The same place, told for the middle of the first pixel.
POINT = AREA | {33922: (0.0, 0, 0, 10, 1190, 0), 34735: (1, 1, 0, 1, 1025, 0, 1, 2)}


def raster(leak):
    found = leak.records.pivot(index="y", columns="x", values="intensity")
    return found.columns.to_numpy(), found.index.to_numpy(), found.to_numpy()


def test_a_geotiff_that_is_not_there_is_a_read_error(base, tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        read_heat(tmp_path / "h.tif", addresses=base)


@pytest.mark.parametrize("tags", [AREA, POINT])
def test_a_geotiff_gives_its_values_where_they_lie(base, tmp_path, tags):
    leak = read_heat(tiff(tmp_path / "h.tif", HEAT[::-1], tags), addresses=base)
    x, y, heat = raster(leak)
    np.testing.assert_allclose(x, X)
    np.testing.assert_allclose(y, Y)
    np.testing.assert_allclose(heat, HEAT, rtol=1e-5, atol=1e-9)
    assert [note.key for note in leak.notes] == ["heat_values"]


def test_a_value_that_is_none_is_no_heat(base, tmp_path):
    values = HEAT[::-1].copy()
    values[0, 0] = -9999
    leak = read_heat(tiff(tmp_path / "h.tif", values, AREA | {42113: "-9999"}), addresses=base)
    assert raster(leak)[2].min() >= 0


def picture(cold, hot, bar=True):
    """Two colours and what lies between, with a bar of them beside the map."""
    share = (HEAT / HEAT.max())[::-1].repeat(5, 0).repeat(5, 1)
    image = (np.array(cold) * (1 - share[..., None]) + np.array(hot) * share[..., None]).round()
    beside = np.full((len(image), 100, 3), 255.0)
    if bar:
        length = len(image) - 100
        beside[50:-50, 30:60] = np.linspace(hot, cold, length).round()[:, None]
    whole = np.concatenate([image, beside], axis=1).astype(np.uint8)
    return whole, (0, 0, 1600 * whole.shape[1] / image.shape[1], 1200)


@pytest.mark.parametrize(
    ("said", "key"),
    [("top", "heat_top_told"), ("dots", "heat_dots_told"), (None, "heat_of_faintest_spot")],
)
def test_a_colour_bar_gives_the_heat(base, said, key):
    image, box = picture((30, 60, 255), (255, 60, 30))
    told = {} if said is None else {said: {"top": HEAT.max(), "dots": 3}[said]}
    leak = read_heat(image, addresses=base, bbox=box, **told)
    assert [note.key for note in leak.notes] == ["heat_by_legend", key]
    x, y, heat = raster(leak)
    for at in DOTS:
        nearest = heat[np.abs(y - at[1]).argmin(), np.abs(x - at[0]).argmin()]
        assert nearest == pytest.approx(1e6 / (2 * np.pi * WIDTH**2), rel=0.1)


@pytest.mark.parametrize(
    ("dots", "one"),
    [((1, 1, 1), True), ((1, 1, 2), False), ((2, 2, 3, 1), False), ((1, 2, 1, 4, 1), True)],
)
def test_faint_spots_are_a_dot_each_where_three_are_alike(base, dots, one):
    """Of two alike each may be two dots: nothing says how much heat is one then."""
    heat = np.zeros((60, 240))
    for k, many in enumerate(dots):
        rows, columns = np.ogrid[:60, :240]
        heat += many * np.exp(-((rows - 30) ** 2 + (columns - 24 - 48 * k) ** 2) / 2 / 4**2)
    image = 255 - (255 * heat / heat.max()).round().astype(np.uint8)[::-1, :, None].repeat(3, 2)
    how = {"addresses": base, "bbox": (0, 0, 2400, 600), "scale": ("#ffffff", "#000000")}
    if one:
        note = read_heat(image, **how).notes[-1]
        assert note == Note("heat_of_faintest_spot", spots=len(dots), alike=dots.count(1))
    else:
        with pytest.raises(ParameterError, match="3 faintest spots alike"):
            read_heat(image, **how)


@pytest.mark.parametrize("wide", [5, 3.3])
def test_cells_shown_as_blocks_are_read_in_their_middle(base, wide):
    """A stair of blocks is off by half a cell; the raster that it shows is off by a tone."""
    share = (HEAT / HEAT.max())[::-1]
    at = [np.floor((np.arange(round(n * wide)) + 0.5) / wide).astype(int) for n in share.shape]
    image = (
        np.array((30, 60, 255)) * (1 - share[..., None])
        + np.array((255, 60, 30)) * share[..., None]
    )
    told = {"scale": ("#1e3cff", "#ff3c1e"), "top": HEAT.max()}
    leak = read_heat(image.round().astype(np.uint8)[np.ix_(*at)], addresses=base, bbox=BOX, **told)
    x, y, heat = raster(leak)
    off_x, off_y = (v[None, :] - d[:, None] for v, d in ((x, DOTS[:, 0]), (y, DOTS[:, 1])))
    true = np.einsum("ky,kx->yx", *(np.exp(-(v**2) / 2 / WIDTH**2) for v in (off_y, off_x)))
    # Half a tone of 256, half a shade of 225, and as much again for rounding to tones.
    assert np.abs(heat / HEAT.max() - true / true.max()).max() < 2 * (1 / 256 + 1 / 225)


@pytest.mark.parametrize("ground", [(255, 255, 255), (255, 255, 160), (30, 0, 90)])
def test_steps_are_ordered_from_the_outside_in(base, ground):
    step = np.minimum((HEAT / HEAT.max() * 5).astype(int), 4)[::-1].repeat(5, 0).repeat(5, 1)
    # Colours in no order of hue or lightness.
    colours = np.array([ground, [40, 160, 60], [250, 220, 40], [60, 60, 200], [220, 30, 30]])
    leak = read_heat(colours[step].astype(np.uint8), addresses=base, bbox=BOX, top=100.0)
    assert leak.notes[0].key == "heat_by_steps"
    heat = raster(leak)[2]
    # The middles of five equal steps up to 100, of which the ground is the first.
    assert np.unique(heat.round(6)).tolist() == [10, 30, 50, 70, 90]


def crowded(dots, wide, steps, seed):
    """Return steps of the heat of so many dots at random, 10 m a pixel, rows upwards."""
    at = np.random.default_rng(seed).uniform(0, (1600, 1200), (dots, 2))
    x, y = np.arange(5.0, 1600, 10), np.arange(5.0, 1200, 10)[:, None]
    heat = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / 2 / wide**2) for a, b in at)
    return np.minimum((heat / heat.max() * steps).astype(int), steps - 1)


REDS = np.array(
    [[255, 255, 178], [254, 204, 92], [253, 141, 60], [240, 59, 32], [189, 0, 38], [90, 0, 20]]
)


@pytest.mark.parametrize(
    ("dots", "wide", "steps", "seed"), [(60, 90, 5, 1), (40, 100, 5, 3), (120, 60, 6, 3)]
)
def test_the_coldest_step_need_not_be_the_largest(base, dots, wide, steps, seed):
    step = crowded(dots, wide, steps, seed)
    assert np.bincount(step.ravel()).argmax() > 0
    image = REDS[step[::-1]].astype(np.uint8)
    heat = raster(read_heat(image, addresses=base, bbox=BOX, top=100.0))[2]
    np.testing.assert_allclose(heat, (step + 0.5) * 100 / steps)


@pytest.mark.parametrize("cells", ["no chain", "two ends alike"])
def test_steps_whose_order_is_not_sure_are_refused(base, cells):
    """Cells of any colours have no order; a slope from side to side may be read both ways."""
    chosen = np.random.default_rng(2).integers(0, 5, (30, 40)).repeat(4, 0).repeat(4, 1)
    slope = np.broadcast_to(np.arange(160) // 32, (120, 160))
    image = REDS[chosen if cells == "no chain" else slope].astype(np.uint8)
    with pytest.raises(ReadError, match="colours from cold to hot"):
        read_heat(image, addresses=base, bbox=BOX, top=100.0)


def test_unknown_scales_places_and_densities_are_refused(base):
    image, box = picture((30, 60, 255), (255, 60, 30), bar=False)
    with pytest.raises(GeometryError, match="where the picture lies"):
        read_heat(image, addresses=base, top=1.0)
    with pytest.raises(GeometryError, match="covers some addresses"):
        read_heat(
            image, addresses=base, bbox=(9e5, 9e5, 9.1e5, 9.1e5), scale=("#1e3cff", "#ff3c1e")
        )
    with pytest.raises(ParameterError, match="either top or dots"):
        read_heat(image, addresses=base, bbox=box, top=1.0, dots=3)
    with pytest.raises(ReadError, match="order is known"):
        read_heat(np.full((100, 100, 3), 255, np.uint8), addresses=base, bbox=BOX)


@pytest.mark.parametrize("dpi", [90, 100, 130])
@pytest.mark.parametrize("ramp", ["viridis", "Reds"])
def test_the_bar_of_matplotlib_is_found(dpi, ramp):
    """Its border softens the columns at its edges, which are then shorter than the others."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    figure = Figure((7.89, 5.23), dpi=dpi)
    axes = figure.add_axes((0.06, 0.06, 0.76, 0.84))
    shown = axes.imshow(HEAT, origin="lower", cmap=ramp, aspect="auto")
    figure.colorbar(shown, cax=figure.add_axes((0.85, 0.06, 0.03, 0.84)))
    figure.canvas = FigureCanvasAgg(figure)
    figure.canvas.draw()
    scale = legend_scale(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    ends = np.array([colormaps[ramp](end)[:3] for end in (0.0, 1.0)]) * 255
    # Two tones of a border, and the whole of it at each end.
    assert np.abs(scale.colour[[8, -8]] - ends).max() < 20


def _blocks(ramp, wide):
    """Return a map in blocks of pixels whose hottest spots lie at its rim."""
    from matplotlib import colormaps

    row, column = np.mgrid[: 440 // wide, : 600 // wide] * wide
    spots = [(0, 20), (430, 300), (200, 595), (150, 200)]
    heat = sum(np.exp(-((row - y) ** 2 + (column - x) ** 2) / 2 / 70**2) for y, x in spots)
    colour = (colormaps[ramp](heat / heat.max())[..., :3] * 255).round().astype(np.uint8)
    return colour.repeat(wide, 0).repeat(wide, 1)


@pytest.mark.parametrize("wide", [8, 10, 20])
@pytest.mark.parametrize("ramp", ["magma", "Reds", "turbo"])
def test_a_column_of_blocks_is_no_bar(ramp, wide):
    """It is flat across and changes along, but comes back, and its neighbours are alike."""
    assert legend_scale(_blocks(ramp, wide)) is None


@pytest.mark.parametrize("wide", [1, 10])
@pytest.mark.parametrize(
    "gap", [2, 12, *(pytest.param(gap, marks=pytest.mark.heavy) for gap in (3, 5))]
)
@pytest.mark.parametrize("steps", [4, 5, 200])
@pytest.mark.parametrize("turn", [False, True])
def test_a_bar_close_to_a_map_that_runs_as_it_does_is_found(wide, gap, steps, turn):
    """The map, smooth or in blocks, is hot above and cold below at its rim, as the bar is."""
    from matplotlib import colormaps

    row, column = np.mgrid[:440:wide, :600:wide]
    heat = np.clip((300 - row) / 200 + 0.1 * np.sin(column / 40), 0, 1)
    chart = (colormaps["turbo"](0.1 + 0.8 * heat)[..., :3] * 255).round().astype(np.uint8)
    share = np.repeat((np.arange(steps)[::-1] + 0.5) / steps, 200 // steps)
    bar = (colormaps["turbo"](0.1 + 0.8 * share)[:, None, :3] * 255).round().astype(np.uint8)
    image = np.full((440, 600 + gap + 30, 3), 255, np.uint8)
    image[:, :600] = chart.repeat(wide, 0).repeat(wide, 1)
    image[100 : 100 + len(bar), 600 + gap : 618 + gap] = bar
    scale = legend_scale(image.transpose(1, 0, 2) if turn else image)
    ends = {tuple(end.round().astype(int).tolist()) for end in scale.colour[[0, -1]]}
    assert ends == {tuple(end.tolist()) for end in bar[[0, -1], 0]}
    assert scale.steps == (steps if steps < 10 else 0)


@pytest.mark.parametrize("frame", [True, False])
def test_the_page_around_a_map_is_no_ground_without_heat(base, frame):
    """A dot at the edge of a frame warms what lies beyond, of which the page shows nothing."""
    share = (HEAT / HEAT.max())[::-1].repeat(5, 0).repeat(5, 1)[..., None]
    cold, hot = np.array((30, 60, 255)), np.array((255, 60, 30))
    image = np.where(share > (-1 if frame else 0.02), cold * (1 - share) + hot * share, 255)
    page = np.pad(
        image.round().astype(np.uint8), ((50, 25), (100, 75), (0, 0)), constant_values=255
    )
    box = (-400, -100, 1900, 1400)
    leak = read_heat(page, addresses=base, bbox=box, scale=("#1e3cff", "#ff3c1e"), dots=3)
    x, y, _ = raster(leak)
    ends = [x[0], x[-1], y[0], y[-1]]
    # Middles of cells of 20 m in the frame; of the whole page, up to a cell, where there is none.
    expected = [10, 1590, 10, 1190] if frame else [-400, 1900, -100, 1400]
    np.testing.assert_allclose(ends, expected, atol=0.1 if frame else 25)


def test_cells_of_counts_on_a_white_ground_are_read_whole(base):
    """A cell is filled as a frame is, but is not all that has heat."""
    rng = np.random.default_rng(3)
    counts = np.zeros((24, 32), int)
    counts[::2, ::2] = np.where(rng.random((12, 16)) < 0.4, rng.integers(1, 6, (12, 16)), 0)
    shade = np.array([[255, 255, 255], *np.linspace([255, 200, 160], [160, 20, 0], 6)[1:]])
    image = shade[counts].round().astype(np.uint8).repeat(10, 0).repeat(10, 1)
    told = {"scale": ("#ffc8a0", "#a01400"), "dots": int(counts.sum())}
    x, y, heat = raster(read_heat(image, addresses=base, bbox=BOX, **told))
    assert (len(x), len(y)) == (32, 24)
    np.testing.assert_allclose(heat / heat.max(), counts[::-1] / 5, atol=1 / 256)


@pytest.mark.parametrize("wide", [10 / 3, 3.7, 4.1, 7.0])
@pytest.mark.parametrize("cold", range(1, 7))
def test_a_raster_has_the_cells_that_the_picture_shows(wide, cold):
    """Edges are known to a part of a pixel, by which no cell lies outside the picture."""
    cells = np.random.default_rng(5).random((60, 90))
    cells[:cold], cells[:, :cold] = 0, 0
    rows, columns = (((np.arange(int(n * wide)) + 0.5) / wide).astype(int) for n in cells.shape)
    grid = cell_grid(cells[np.ix_(rows, columns)])
    assert grid.many == (90, 60)
    assert (grid.values(cells[np.ix_(rows, columns)]) == cells).all()
