"""How `privaudit map` reads heat maps, dots and other pictures that programs draw.

Run as ``python benchmarks/heat_programs.py [--kinds "hexbin;leaflet.heat"] [--seed 71]`` with the
programs of `program_maps.py` and, in the folder that ``JS`` names, also leaflet.heat, heatmap.js,
maplibre-gl, d3, echarts and chart.js; vl-convert-python for Vega-Lite. Each picture goes through
the command twice: with its place alone, then with the number of dots (of heat; and of pictures of
something else, as somebody in error would).
Right: what is claimed holds what is found, or dots are read within their stated error; a picture of
something else is right if it is refused. The list was written before any of it was run.
"""

import contextlib
import csv
import io
import json
import math
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))

import engine_maps
from drawn_maps import fractal
from engine_maps import TALL, WIDE, browser, disc, ground, stored, svg
from heat_pictures import coloured, heat_at
from program_maps import (
    JS,
    deck,
    gmt,
    gnuplot,
    in_r,
    leaflet,
    opened,
    openlayers,
    page,
    picture_options,
    plotly,
    run,
    script,
)

from privaudit.cli import main as privaudit
from privaudit.maps.version_links import link_positions
from privaudit.studies import audit_map, audit_views

METRES, WEST, SOUTH = 3.0, 659_000.0, 6_857_000.0
NORTH = SOUTH + METRES * TALL


def town(rng):
    """Return addresses along streets, pixels of the plane: both sides, 14 to 24 m apart."""
    at = np.empty((0, 2))
    for _ in range(26):
        start, turn = (
            rng.uniform([0, 0], [WIDE, TALL]),
            rng.choice([0.15, 1.72]) + rng.normal(0, 0.1),
        )
        along = np.arange(-140, 140, 1.0)[:: int(rng.integers(5, 8))]
        way = np.array([np.cos(turn), np.sin(turn)])
        for side in (-3.0, 3.0):
            row = start + along[:, None] * way + side * np.array([-way[1], way[0]])
            row = row[((row > 18) & (row < [WIDE - 18, TALL - 18])).all(axis=1)]
            far = [
                k for k, one in enumerate(row) if not len(at) or np.hypot(*(at - one).T).min() > 4
            ]
            at = np.vstack([at, row[far]])
    return at.round(2)


def in_metres(pixel):
    return np.asarray(pixel) * [METRES, -METRES] + [WEST, NORTH]


def box_of(frame=(0.0, 0.0, 1.0, 1.0)):
    """Return the box of a picture in which the map fills a frame: left, bottom, width, height."""
    left, bottom, wide, tall = frame
    wide, tall = METRES * WIDE / wide, METRES * TALL / tall
    west, south = WEST - left * wide, SOUTH - bottom * tall
    return west, south, west + wide, south + tall


# Heat by kernels, as programs that take a raster draw it.


def raster(at, look):
    """Return nodes and heat of cells of some metres, rows upwards; or counts by cell."""
    cell = look.get("cell", 10.0)
    x = np.arange(WEST + cell / 2, WEST + METRES * WIDE, cell)
    y = np.arange(SOUTH + cell / 2, NORTH, cell)
    if look["kernel"] == "count":
        to = in_metres(at)
        edges = [np.append(v - cell / 2, v[-1] + cell / 2) for v in (y, x)]
        return x, y, np.histogram2d(to[:, 1], to[:, 0], bins=edges)[0]
    return x, y, heat_at(look["kernel"], look["radius"], x, y, in_metres(at))


def figure(at, look, base, folder):
    """Draw with Matplotlib in a frame of the figure, over the ground, with or without a bar."""
    from matplotlib.figure import Figure

    frame, dpi = look.get("frame", (0, 0, 1, 1)), 100
    shown = Figure((WIDE / frame[2] / dpi, TALL / frame[3] / dpi), dpi=dpi)
    axes = shown.add_axes(frame)
    axes.imshow(base, extent=(WEST, WEST + METRES * WIDE, SOUTH, NORTH), aspect="auto", zorder=0)
    drawn = look["plot"](axes, at, look)
    axes.set(xlim=(WEST, WEST + METRES * WIDE), ylim=(SOUTH, NORTH))
    if look.get("bar"):
        shown.colorbar(
            drawn, cax=shown.add_axes((frame[0] + frame[2] + 0.03, frame[1], 0.03, frame[3]))
        )
        axes.set(title="Contacts à rencontrer", xticks=[], yticks=[])
    else:
        axes.axis("off")
    shown.savefig(folder / "map.png")
    return opened(folder)


def imshow(axes, at, look):
    x, y, heat = raster(at, look)
    cell = x[1] - x[0]
    box = (x[0] - cell / 2, x[-1] + cell / 2, y[0] - cell / 2, y[-1] + cell / 2)
    how = {"interpolation": look.get("smooth", "nearest"), "alpha": look.get("alpha", 1)}
    return axes.imshow(heat, origin="lower", extent=box, cmap=look["ramp"], aspect="auto", **how)


def contourf(axes, at, look):
    x, y, heat = raster(at, look)
    return axes.contourf(x, y, heat, levels=look.get("levels", 12), cmap=look["ramp"])


def hexbin(axes, at, look):
    to = in_metres(at)
    return axes.hexbin(*to.T, gridsize=look["size"], cmap=look["ramp"],
                       extent=(WEST, WEST + METRES * WIDE, SOUTH, NORTH))  # fmt: skip


def kde(axes, at, look):
    to = in_metres(at)
    known = stats.gaussian_kde(to.T, bw_method=look["width"])
    x, y = np.linspace(WEST, WEST + METRES * WIDE, 200), np.linspace(SOUTH, NORTH, 200)
    heat = known(np.array([v.ravel() for v in np.meshgrid(x, y)])).reshape(200, 200)
    steps = np.linspace(0.05, 1, 11) * heat.max()
    return axes.contourf(x, y, heat, levels=steps, cmap=look["ramp"])


def layer(at, look, base, folder):
    """Draw each pixel by a kernel and a ramp over the ground, at a ratio, as QGIS and Google do."""
    ratio = look.get("ratio", 1)
    step = METRES / ratio
    x = np.arange(WEST + step / 2, WEST + METRES * WIDE, step)
    y = np.arange(SOUTH + step / 2, NORTH, step)
    heat = heat_at(look["kernel"], look["radius"], x, y, in_metres(at))[::-1]
    share = np.minimum(heat / heat.max() / look.get("cut", 1.0), 1.0)
    alpha = np.full(share.shape, look.get("alpha", 1.0))
    if look.get("fades"):
        alpha = alpha * np.minimum(share / look["fades"], 1.0)
    back = np.asarray(base.resize(share.shape[::-1], Image.Resampling.BICUBIC), float)
    image = alpha[..., None] * coloured(share, look["ramp"]) + (1 - alpha[..., None]) * back
    return Image.fromarray(image.round().clip(0, 255).astype(np.uint8))


def heat_layer(options):
    """Return a look of leaflet.heat with options."""
    return {"engine": leaflet, "plugin": "leaflet.heat/dist/leaflet-heat.js", "js": "", "after":
            f"L.heatLayer(at.map(([x, y]) => [-y, x, 1]), {options}).addTo(m);"}  # fmt: skip


def degrees(at):
    """Return longitudes and latitudes near 0 that zoom 12 draws at these pixels."""
    return ((at - [WIDE / 2, TALL / 2]) * [1, -1] * 360 / (512 * 2**12)).tolist()


def maplibre(at, look, base, folder):
    """Draw with MapLibre at zoom 12 about the origin."""
    base.save(folder / "base.png")
    corners = degrees(np.array([[0, 0], [WIDE, 0], [WIDE, TALL], [0, TALL]]))
    points = [{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": p}}
              for p in degrees(at)]  # fmt: skip
    style = {"version": 8, "sources": {
        "base": {"type": "image", "url": (folder / "base.png").as_uri(), "coordinates": corners},
        "at": {"type": "geojson", "data": {"type": "FeatureCollection", "features": points}}},
        "layers": [{"id": "base", "type": "raster", "source": "base"},
                   {"id": "at", "source": "at", **look["layer"]}]}  # fmt: skip
    body = f"""<script>new maplibregl.Map({{container: "m", center: [0, 0], zoom: 12,
attributionControl: false, fadeDuration: 0, preserveDrawingBuffer: true,
style: {json.dumps(style)}}});</script>"""
    head = f'<link rel=stylesheet href="{JS}/maplibre-gl/dist/maplibre-gl.css">'
    head += script("maplibre-gl/dist/maplibre-gl.js")
    return browser(page(body, head), look.get("ratio", 1), folder)


def deck_heat(at, look, base, folder):
    """Draw with deck.gl in its Mercator view."""
    base.save(folder / "base.png")
    (west, north), (east, south) = degrees(np.array([[0, 0], [WIDE, TALL]]))
    body = f"""<script>const at = {json.dumps(degrees(at))};
new deck.Deck({{parent: document.getElementById("m"), width: {WIDE}, height: {TALL},
 initialViewState: {{longitude: 0, latitude: 0, zoom: 12}},
 layers: [new deck.BitmapLayer({{id: "b", image: "base.png", bounds: [{west}, {south}, {east},
 {north}]}}), {look["layer"]}]}});</script>"""
    return browser(page(body, script("deck.gl/dist.min.js")), look.get("ratio", 1), folder)


def on_page(at, look, base, folder):
    """Draw with a script of a page over the ground."""
    base.save(folder / "base.png")
    head = "".join(script(name) for name in look["scripts"])
    body = f"""<style>#m{{background:url(base.png);background-size:100%}}</style><script>
const at = {json.dumps(at.tolist())}, W = {WIDE}, H = {TALL}, m = document.getElementById("m");
{look["js"]}</script>"""
    return browser(page(body, head), look.get("ratio", 1), folder)


def pm3d(at, look, base, folder):
    """Draw with gnuplot's pm3d in a frame, with its colour box."""
    x, y, heat = raster(at, look)
    with open(folder / "h.txt", "w") as file:
        for k, row in enumerate(heat):
            file.writelines(f"{a} {y[k]} {v}\n" for a, v in zip(x, row, strict=True))
            file.write("\n")
    left, bottom, wide, tall = look["frame"]
    run("gnuplot", folder=folder, text=f"""set term pngcairo size {WIDE / wide},{TALL / tall}
set output "map.png"
set lmargin at screen {left}; set rmargin at screen {left + wide}
set bmargin at screen {bottom}; set tmargin at screen {bottom + tall}
set xrange [{WEST}:{WEST + METRES * WIDE}]; set yrange [{SOUTH}:{NORTH}]; unset tics
set view map; {look.get("set", "")}
plot "h.txt" using 1:2:3 with image notitle
""")  # fmt: skip
    return opened(folder)


def r_image(at, look, base, folder):
    """Draw with R's image() of MASS::kde2d over the whole picture."""
    np.savetxt(folder / "at.txt", at)
    (folder / "map.R").write_text(f"""a <- read.table("at.txt")
k <- MASS::kde2d(a[, 1], {TALL} - a[, 2], h = {look["h"]}, n = c({WIDE} / 3, {TALL} / 3),
  lims = c(1.5, {WIDE} - 1.5, 1.5, {TALL} - 1.5))
png("map.png", {WIDE}, {TALL}, type = "cairo"); par(mar = c(0, 0, 0, 0))
image(k, col = {look["ramp"]}, axes = FALSE, xaxs = "i", yaxs = "i")
invisible(dev.off())""")
    run("Rscript", "map.R", folder=folder)
    return opened(folder)


def grdimage(at, look, base, folder):
    """Draw a grid with GMT and its bar of colours below."""
    x, y, heat = raster(at, look)
    table = np.column_stack([v.ravel() for v in (*np.meshgrid(x, y), heat)])
    np.savetxt(folder / "h.txt", table)
    cell = x[1] - x[0]
    region = f"-R{x[0]}/{x[-1]}/{y[0]}/{y[-1]}"
    wide, tall, below = WIDE / 100, TALL / 100, look["margin"] / 100
    size = f"-R{WEST}/{WEST + METRES * WIDE}/{SOUTH}/{NORTH} -JX{wide}i/{tall}i"
    (folder / "map.sh").write_text(f"""set -e
gmt set PS_MEDIA {wide}ix{tall + below}i MAP_ORIGIN_X 0 MAP_ORIGIN_Y {below}i MAP_FRAME_TYPE plain
gmt xyz2grd h.txt -Gh.nc {region} -I{cell}
gmt begin map png E100
gmt makecpt -C{look["ramp"]} -T0/{heat.max()}
gmt grdimage h.nc {size}
gmt colorbar -Dx1i/-0.25i+w4i/0.2i+h
gmt end""")
    run("sh", "map.sh", folder=folder)
    return opened(folder)


# Pictures of something else.


def plate(draw):
    """Return an engine that draws with Matplotlib on a whole figure."""

    def engine(at, look, base, folder):
        from matplotlib.figure import Figure

        shown = Figure((6, 4.4), dpi=100)
        draw(shown, np.random.default_rng(len(at)))
        shown.savefig(folder / "map.png")
        return opened(folder)

    return engine


def bars(shown, rng):
    axes = shown.add_subplot()
    axes.bar(range(12), rng.integers(5, 60, 12), color="#d62728")
    axes.set(xlabel="mois", ylabel="portes", title="Portes par mois")


def calendar(shown, rng):
    axes = shown.add_subplot()
    drawn = axes.imshow(rng.poisson(3, (7, 53)), cmap="YlGn", aspect="equal")
    axes.set(yticks=range(7), yticklabels=list("LMMJVSD"))
    shown.colorbar(drawn, orientation="horizontal")


def matrix(shown, rng):
    axes = shown.add_subplot()
    drawn = axes.imshow(np.corrcoef(rng.normal(size=(14, 40))), cmap="coolwarm", vmin=-1, vmax=1)
    axes.set_xticks(range(14), [f"q{k}" for k in range(14)], rotation=90)
    shown.colorbar(drawn)


def seats(shown, rng):
    axes = shown.add_axes((0, 0, 1, 1))
    taken = rng.random((14, 24)) < 0.3
    row, column = np.nonzero(np.ones_like(taken))
    axes.scatter(column, row, s=90, marker="s", c=np.where(taken.ravel(), "#d62728", "#bbbbbb"))
    axes.text(9, 15, "SCÈNE")
    axes.axis("off")


def radar(shown, rng):
    """Rain: a smooth random field on a common scale with a bar."""
    axes = shown.add_axes((0, 0, 0.85, 1))
    field = np.maximum(fractal(rng, 220, 255, 2.6), 0)
    drawn = axes.imshow(field, cmap="turbo", aspect="auto")
    axes.axis("off")
    shown.colorbar(drawn, cax=shown.add_axes((0.88, 0.1, 0.03, 0.8)))


def relief(shown, rng):
    axes = shown.add_axes((0, 0, 1, 1))
    axes.contourf(fractal(rng, 220, 300, 2.8), levels=14, cmap="viridis")
    axes.axis("off")


def choropleth(shown, rng):
    """Turnout by polygon in five reds."""
    from scipy.spatial import cKDTree

    axes = shown.add_axes((0, 0, 1, 1))
    down, across = np.mgrid[:220, :300]
    own = cKDTree(rng.uniform(0, 300, (60, 2))).query(np.stack([down, across], -1))[1]
    axes.imshow(rng.integers(0, 5, 60)[own], cmap="Reds", aspect="auto", interpolation="nearest")
    axes.axis("off")


def photo(at, look, base, folder):
    """Return a scene: sky, hills, houses with red roofs, noise."""
    rng = np.random.default_rng(5)
    sky = np.linspace([110, 160, 215], [220, 225, 230], TALL)[:, None].repeat(WIDE, 1)
    hills = fractal(rng, TALL, WIDE, 2.4)
    edge = 190 + 30 * np.sin(np.arange(WIDE) / 90)
    ground_ = np.arange(TALL)[:, None] > edge
    sky[ground_] = (np.array([80, 110, 60]) + 18 * hills[..., None])[ground_]
    image = Image.fromarray(sky.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(16):
        x, y, w = *rng.uniform([20, 230], [540, 400]), rng.uniform(25, 50)
        pen.rectangle((x, y, x + w, y + 0.7 * w), (225, 215, 195))
        pen.polygon([(x - 4, y), (x + w + 4, y), (x + w / 2, y - 0.5 * w)], (170, 60, 45))
    noisy = np.asarray(image, float) + rng.normal(0, 6, (TALL, WIDE, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def blank(at, look, base, folder):
    return base


# What is done to a picture afterwards.


def scaled(factor):
    return lambda image: image.resize(
        [round(v * factor) for v in image.size], Image.Resampling.BICUBIC
    )


HEATMAP = {"type": "heatmap", "paint": {"heatmap-radius": 30}}
EARTHQUAKES = {"type": "heatmap", "paint": {"heatmap-radius": 26, "heatmap-opacity": 0.8,
    "heatmap-intensity": 1, "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"],
    0, "rgba(33,102,172,0)", 0.2, "rgb(103,169,207)", 0.4, "rgb(209,229,240)", 0.6,
    "rgb(253,219,199)", 0.8, "rgb(239,138,98)", 1, "rgb(178,24,43)"]}}  # fmt: skip
DARK_VIRIDIS = {"type": "heatmap", "paint": {"heatmap-radius": 24, "heatmap-intensity": 0.5,
    "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"], 0, "rgba(68,1,84,0)",
    0.25, "#3b528b", 0.5, "#21918c", 0.75, "#5ec962", 1, "#fde725"]}}  # fmt: skip
GLOBAL_WARMING = "[[90,24,70],[144,12,63],[199,0,57],[227,97,28],[241,146,14],[255,195,0]]"
GOOGLE = ("#66ff00", "#93ff00", "#c1ff00", "#eeff00", "#f4e300", "#f9c600", "#ffaa00", "#ff7100",
          "#ff3900", "#ff0000")  # fmt: skip
D3 = """const svg = d3.select("#m").append("svg").attr("width", W).attr("height", H);
const c = d3.contourDensity().x(d => d[0]).y(d => d[1]).size([W, H])
.bandwidth(18).thresholds(14)(at);
const s = d3.scaleSequential(d3.interpolateYlGnBu).domain([0, d3.max(c, d => d.value)]);
svg.selectAll("path").data(c).join("path").attr("d", d3.geoPath()).attr("fill", d => s(d.value));"""
H337 = """const h = h337.create({container: m, radius: 30});
h.setData({max: 5, min: 0, data: at.map(([x, y]) => ({x: Math.round(x), y: Math.round(y),
value: 1}))});"""
ECHARTS = """const c = echarts.init(m, null, {{renderer: "canvas"}});
c.setOption({{animation: false,
grid: {{left: 0, right: 0, top: 0, bottom: 0}}, xAxis: {{min: 0, max: W, show: false}},
yAxis: {{min: 0, max: H, inverse: true, show: false}}, series:
[{{type: "scatter", data: at, {}}}]}});
"""
CHART = """const c = document.createElement("canvas"); c.width = W; c.height = H; m.append(c);
new Chart(c, {{type: "scatter", data: {{datasets: [{{data: at.map(([x, y]) => ({{x, y}})), {}}}]}},
options: {{animation: false, responsive: false, layout: {{padding: 0, autoPadding: false}}, plugins:
{{legend: {{display: false}}}}, scales: {{x: {{display: false, min: 0, max: W}}, y: {{display:
false, min: 0, max: H, reverse: true}}}}}}}});"""
FRAMED, BESIDE = (0.06, 0.06, 0.76, 0.84), (0.0, 0.0, 0.85, 1.0)
HEAT = {
    # Matplotlib
    "imshow bar title": {"engine": figure, "plot": imshow, "kernel": "gaussian", "radius": 60.0,
        "ramp": "viridis", "bar": True, "frame": FRAMED},
    "contourf magma": {"engine": figure, "plot": contourf, "kernel": "triangular", "radius": 110.0,
        "ramp": "magma"},
    "hexbin inferno bar": {"engine": figure, "plot": hexbin, "size": 30, "ramp": "inferno",
        "bar": True, "frame": FRAMED},
    "hexbin reds": {"engine": figure, "plot": hexbin, "size": 45, "ramp": "Reds"},
    "plasma .6 over tiles": {"engine": figure, "plot": imshow, "kernel": "epanechnikov",
        "radius": 120.0, "ramp": "plasma", "alpha": 0.6, "smooth": "bilinear", "ground": "osm"},
    "uniform turbo JPEG 75": {"engine": figure, "plot": imshow, "kernel": "disc", "radius": 90.0,
        "cell": 20.0, "ramp": "turbo", "file": "JPEG 75"},
    "jet .5 on aerial JPEG 60": {"engine": figure, "plot": imshow, "kernel": "quartic",
        "radius": 150.0, "ramp": "jet", "alpha": 0.5, "ground": "aerial", "file": "JPEG 60"},
    "kde in ten reds": {"engine": figure, "plot": kde, "width": 0.2, "ramp": "Reds"},
    "counts by cell": {"engine": figure, "plot": imshow, "kernel": "count", "cell": 40.0,
        "ramp": "YlOrRd", "bar": True, "frame": FRAMED},
    "YlOrRd quartic 40 m": {"engine": figure, "plot": imshow, "kernel": "quartic", "radius": 160.0,
        "cell": 40.0, "ramp": "YlOrRd"},
    "photographed bar": {"engine": figure, "plot": imshow, "kernel": "quartic", "radius": 130.0,
        "ramp": "viridis", "bar": True, "frame": BESIDE, "photo": {"tilt": 0.03, "moire": 0.02}},
    # leaflet.heat
    "leaflet.heat": heat_layer("{maxZoom: 2}"),
    "leaflet.heat tiles": {**heat_layer("{maxZoom: 2, radius: 20, blur: 12}"), "ground": "osm"},
    "leaflet.heat dark 2": {**heat_layer("{maxZoom: 2, radius: 18, blur: 14, max: 2}"),
        "ground": "dark", "ratio": 2},
    "leaflet.heat lime JPEG 80": {**heat_layer("{maxZoom: 2, radius: 22, gradient: "
        "{.4: 'blue', .65: 'lime', 1: 'red'}}"), "ground": "osm", "file": "JPEG 80"},
    "leaflet.heat floor 1.25": {**heat_layer("{maxZoom: 2, radius: 25, minOpacity: .4}"),
        "ground": "pale", "ratio": 1.25},
    # MapLibre, deck.gl, kepler.gl, OpenLayers
    "maplibre heat": {"engine": maplibre, "layer": HEATMAP},
    "maplibre earthquakes": {"engine": maplibre, "layer": EARTHQUAKES, "ground": "osm"},
    "maplibre viridis dark 1.5": {"engine": maplibre, "layer": DARK_VIRIDIS, "ground": "dark",
        "ratio": 1.5},
    "deck heat": {"engine": deck_heat, "layer":
        "new deck.HeatmapLayer({id: 'h', data: at, getPosition: d => d})"},
    "deck heat dark": {"engine": deck_heat, "ground": "dark", "layer":
        "new deck.HeatmapLayer({id: 'h', data: at, getPosition: d => d, radiusPixels: 40})"},
    "kepler heat": {"engine": deck_heat, "ground": "dark", "layer":
        "new deck.HeatmapLayer({id: 'h', data: at, getPosition: d => d, "
        f"radiusPixels: 26, colorRange: {GLOBAL_WARMING}}})"},
    "kepler hexbins": {"engine": deck_heat, "ground": "dark", "layer": "new deck.HexagonLayer({id: "
        f"'h', data: at, getPosition: d => d, radius: 420, colorRange: {GLOBAL_WARMING}}})"},
    "ol heat tiles": {"engine": openlayers, "ground": "osm", "layer":
        "new ol.layer.Heatmap({source, blur: 20, radius: 10})"},
    "ol heat reds 2": {"engine": openlayers, "ratio": 2, "ground": "plain", "layer":
        "new ol.layer.Heatmap({source, blur: 18, radius: 12, weight: () => .3, "
        "gradient: ['#fee0d2', '#fc9272', '#de2d26', '#67000d']})"},
    # Others
    "google green red": {"engine": layer, "kernel": "quartic", "radius": 75.0, "ramp": GOOGLE,
        "alpha": 0.6, "fades": 0.1, "ground": "osm"},
    "heatmap.js tiles": {"engine": on_page, "scripts": ["heatmap.js/build/heatmap.min.js"],
        "js": H337, "ground": "osm"},
    "plotly contour": {"engine": plotly, "bar": True},
    "d3 contours YlGnBu": {"engine": on_page, "scripts": ["d3/dist/d3.min.js"], "js": D3},
    "gnuplot pm3d bar": {"engine": pm3d, "kernel": "quartic", "radius": 140.0, "cell": 20.0,
        "frame": (0.02, 0.02, 0.8, 0.96)},
    "R kde2d YlOrRd": {"engine": r_image, "h": 60, "ramp": 'hcl.colors(12, "YlOrRd", rev = TRUE)'},
    "R kde2d heat.colors": {"engine": r_image, "h": 45, "ramp": "heat.colors(64)"},
    "GMT hot bar": {"engine": grdimage, "kernel": "triangular", "radius": 120.0, "cell": 30.0,
        "ramp": "hot", "margin": 60},
    "QGIS turbo .7": {"engine": layer, "kernel": "quartic", "radius": 60.0, "ramp": "turbo",
        "alpha": 0.7, "ground": "osm"},
    "QGIS reds JPEG 90": {"engine": layer, "kernel": "quartic", "radius": 180.0, "ramp": "Reds",
        "file": "JPEG 90"},
    "viridis scaled 1.25": {"engine": figure, "plot": imshow, "kernel": "quartic", "radius": 150.0,
        "ramp": "viridis", "then": scaled(1.25)},
    "inferno scaled 1.5 JPEG 70": {"engine": layer, "kernel": "gaussian", "radius": 55.0,
        "ramp": "inferno", "then": scaled(1.5), "file": "JPEG 70"},
    "opencv jet half": {"engine": layer, "kernel": "gaussian", "radius": 45.0, "ramp": "jet",
        "alpha": 0.5, "ground": "aerial", "file": "JPEG 90"},
    "uniform 3 m reds 2": {"engine": layer, "kernel": "disc", "radius": 75.0, "ramp": "Reds",
        "ratio": 2},
    "few dots viridis": {"engine": figure, "plot": imshow, "kernel": "triangular", "radius": 80.0,
        "ramp": "viridis", "many": 18},
    "crowd plasma": {"engine": figure, "plot": imshow, "kernel": "gaussian", "radius": 35.0,
        "cell": 5.0, "ramp": "plasma", "many": 200},
}  # fmt: skip
ELSE = {
    "bar chart": {"engine": plate(bars)},
    "calendar": {"engine": plate(calendar)},
    "correlations": {"engine": plate(matrix)},
    "seats": {"engine": plate(seats)},
    "rain radar bar": {"engine": plate(radar)},
    "relief viridis": {"engine": plate(relief)},
    "choropleth reds": {"engine": plate(choropleth)},
    "photo of houses": {"engine": photo, "file": "JPEG 80"},
    "blank tiles": {"engine": blank, "ground": "osm"},
    "blank aerial": {"engine": blank, "ground": "aerial"},
}
SPREAD = {"apart": 22.0, "many": 45}


def marker(word, **style):
    """Return a look of Matplotlib's markers over the ground."""
    return {"engine": figure, "plot": lambda axes, at, look: axes.plot(
        *in_metres(at).T, word, ls="none", **style)}  # fmt: skip


UMAP = (
    'L.marker([-y, x], {icon: L.divIcon({className: "d", iconSize: [32, 40], iconAnchor: [16, 40],'
    'html: "<i></i><b></b>"})}).addTo(m);'
)
UMAP_CSS = (
    ".d i{position:absolute;width:32px;height:32px;background:#6a1b9a;border-radius:4px}.d b"
    "{position:absolute;top:32px;left:8px;border:8px solid transparent;border-top-color:#6a1b9a}"
)


def hole(x, y, k):
    return (f'<path d="M{x} {y} C{x - 3} {y - 12} {x - 9} {y - 14} {x - 9} {y - 21} A9 9 0 1 1 '
            f'{x + 9} {y - 21} C{x + 9} {y - 14} {x + 3} {y - 12} {x} {y}Z" fill="#ea4335" stroke='
            f'"#b31412"/><circle cx="{x}" cy="{y - 21}" r="3.4" fill="#7f1410"/>')  # fmt: skip


def vega(at, look, base, folder):
    """Draw with Vega-Lite over the ground."""
    import vl_convert

    scale = {"type": "quantitative", "axis": None}
    drawn = vl_convert.vegalite_to_png({
        "width": WIDE, "height": TALL, "padding": 0, "background": "#f6f4ef",
        "config": {"view": {"stroke": None}}, "data": {"values": [
            {"x": float(x), "y": float(y)} for x, y in at]},
        "mark": look["mark"], "encoding": {
            "x": {"field": "x", **scale, "scale": {"domain": [0, WIDE], "nice": False}},
            "y": {"field": "y", **scale, "scale": {"domain": [TALL, 0], "nice": False}}},
    })  # fmt: skip
    return Image.open(io.BytesIO(drawn)).convert("RGB")


DOTS = {
    "maplibre circles 1.5": {"engine": maplibre, "ground": "osm", "ratio": 1.5, "radius": 6,
        "layer": {"type": "circle", "paint": {"circle-radius": 6, "circle-color": "#e53935",
        "circle-stroke-width": 2, "circle-stroke-color": "#fff"}}},
    "vega points": {"engine": vega, "mark": {"type": "point", "size": 90}, "colour": "blue",
        "radius": 5, **SPREAD},
    "vega filled .7": {"engine": vega, "mark": {"type": "circle", "size": 120, "color": "#e45756"},
        "radius": 6},
    "echarts pins": {"engine": on_page, "scripts": ["echarts/dist/echarts.min.js"], "ground": "osm",
        "js": ECHARTS.format('symbol: "pin", symbolSize: 30, itemStyle: {color: "#ee6666"}'),
        "radius": 8, "apart": 34.0, "many": 30, "pins": True},
    "echarts round squares": {"engine": on_page, "scripts": ["echarts/dist/echarts.min.js"],
        "js": ECHARTS.format('symbol: "roundRect", symbolSize: 12'), "colour": "blue", "radius": 6,
        "ground": "osm", **SPREAD},
    "chart.js rotated squares": {"engine": on_page, "scripts": ["chart.js/dist/chart.umd.min.js"],
        "js": CHART.format('pointStyle: "rectRot", radius: 8, backgroundColor: "#ff6384"'),
        "radius": 8, "ground": "pale", **SPREAD},
    "filled plus": {**marker("P", ms=11, color="#d62728"), "ground": "osm", "radius": 6, **SPREAD},
    "pentagons": {**marker("p", ms=11, color="#2ca02c", mec="black"), "colour": "green",
        "ground": "plain", "radius": 6, **SPREAD},
    "half filled": {**marker("o", ms=11, fillstyle="left", color="#d62728", mfcalt="white"),
        "ground": "osm", "radius": 6, **SPREAD},
    "leaflet default circles": {"engine": leaflet, "js": "L.circleMarker([-y, x]).addTo(m);",
        "colour": "blue", "ground": "osm", "radius": 10, **SPREAD},
    "umap squares with a tip": {"engine": leaflet, "js": UMAP, "css": UMAP_CSS, "colour": "purple",
        "ground": "osm", "radius": 10, "apart": 44.0, "many": 24, "pins": True},
    "google pins 2": {"engine": svg, "svg": hole, "ground": "osm", "ratio": 2, "radius": 9,
        "apart": 26.0, "many": 40, "pins": True},
    "qgis orange aerial JPEG 80": {"engine": svg, "svg": disc("#ff9800", 4.5, 'stroke="#232323" '
        'stroke-width="1"'), "ground": "aerial", "colour": "orange", "radius": 5,
        "file": "JPEG 80"},
    "geoserver squares": {"engine": svg, "svg": lambda x, y, k: f'<rect x="{x - 3}" y="{y - 3}" '
        'width="6" height="6" fill="#ff0000"/>', "ground": "osm", "radius": 3.5},
    "R diamonds": {"engine": in_r, "r": 'points(a$x, a$y, pch = 18, col = "#1f77b4", cex = 1.8)',
        "ground": "osm", "colour": "blue", "radius": 6, **SPREAD},
    "gmt hexagons": {"engine": gmt, "plot": "-Sh0.15i -G214/39/40 -W0.5p,white", "ground": "pale",
        "radius": 6, **SPREAD},
    "deck scatter ringed": {"engine": deck, "ground": "osm", "radius": 8, **SPREAD, "layer":
        "new deck.ScatterplotLayer({id: 's', data: at, getPosition: d => d, getRadius: 7, "
        "radiusUnits: 'pixels', filled: false, stroked: true, lineWidthUnits: 'pixels', "
        "getLineWidth: 2.5, getLineColor: [200, 20, 30]})"},
    "gnuplot triangles": {"engine": gnuplot, "points": "pt 9 ps 1.4 lc rgb '#d62728'", "radius": 6,
        "ground": "plain", **SPREAD},
}  # fmt: skip
KINDS = HEAT | ELSE | DOTS


def drawn(name, seed):
    """Return the picture of a kind, its options of place, and which addresses have a dot."""
    look = KINDS[name]
    rng = np.random.default_rng([seed, list(KINDS).index(name)])
    homes = town(np.random.default_rng(seed))
    many = look.get("many", 60 if name in HEAT else 50)
    if name in DOTS:
        # As far apart as the kind asks, off the rim.
        own = []
        for k in rng.permutation(len(homes)):
            inside = ((homes[k] > [30, 50]) & (homes[k] < [WIDE - 30, TALL - 40])).all()
            if inside and all(
                np.hypot(*(homes[k] - homes[o])) >= look.get("apart", 16) for o in own
            ):
                own.append(int(k))
        marked = np.array(own[:many])
    else:
        marked = rng.choice(len(homes), many)
    base = ground(rng, look.get("ground", "plain"))
    with tempfile.TemporaryDirectory() as folder:
        image = look["engine"](homes[marked], trace_of(homes[marked], look), base, Path(folder))
    if "then" in look:
        image = look["then"](image)
    box, clicks = box_of(look.get("frame", (0, 0, 1, 1))), None
    if "margin" in look:
        share = look["margin"] / (TALL + look["margin"])
        box = box_of((0, share, 1, 1 - share))
    if "photo" in look:
        left, bottom, across, up = look.get("frame", (0, 0, 1, 1))
        # Points that are clicked: corners of the frame, or so far inside it.
        share = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
        share += look["photo"].get("inset", 0) * (1 - 2 * share)
        corner = (share * [across, up] + [left, bottom]) * [1, -1] + [0, 1]
        corner *= image.size
        image, seen = engine_maps.photographed(image, corner, rng, look["photo"])
        clicks = np.column_stack([seen, in_metres((share * [1, -1] + [0, 1]) * [WIDE, TALL])])
    return stored(image, look.get("file")), box, clicks, homes, marked


def trace_of(at, look):
    """Return the look of a kind, with the trace of Plotly's contours of its heat."""
    if look["engine"] is not plotly:
        return look
    x, y, heat = raster(at, {"kernel": "gaussian", "radius": 70.0, "cell": 15.0})
    trace = {"type": "contour", "colorscale": "Viridis", "ncontours": 15, "z": heat.tolist(),
             "x": ((x - WEST) / METRES).tolist(), "y": ((NORTH - y) / METRES).tolist(),
             "colorbar": {"x": 0.9, "thickness": 14}, "line": {"width": 0}}  # fmt: skip
    return look | {"trace": trace}


class Seen:
    """What the command reads and finds, beside what it writes."""

    def __enter__(self):
        self.heat = self.dots = None
        self.before = audit_views.invert_heat, audit_map.read_screenshot

        def inverted(*given, **more):
            self.heat = self.before[0](*given, **more)
            return self.heat

        def read(*given, **more):
            self.dots = self.before[1](*given, **more)
            return self.dots

        audit_views.invert_heat, audit_map.read_screenshot = inverted, read
        return self

    def __exit__(self, *error):
        audit_views.invert_heat, audit_map.read_screenshot = self.before


def command(path, folder, options):
    """Run the command on a picture, and return its status, errors, report and what it read."""
    out = folder / "report"
    said, printed = io.StringIO(), io.StringIO()
    with Seen() as seen, contextlib.redirect_stderr(said), contextlib.redirect_stdout(printed):
        status = privaudit(["map", str(path), "--addresses", str(folder / "homes.csv"), "--out",
                            str(out), *options])  # fmt: skip
    return status, said.getvalue().strip().splitlines()[-1:] or [""], out, seen


def rows_of(out):
    return {row["id"]: row for row in json.loads((out / "findings.json").read_text())["findings"]}


def judged_heat(ran, marked):
    """Return what became of a picture of heat, and why."""
    status, said, out, seen = ran
    if status:
        return "refused", said[0]
    if seen.dots is not None:
        return "WRONG", f"{len(seen.dots.records)} dots read in heat"
    found, row = seen.heat, rows_of(out).get("heat.claimed", {})
    if found.doubts:
        claims = [i for i, one in rows_of(out).items() if one.get("value") is not None]
        return "misfit", f"left {found.left:.3f}; rows with a value {claims}"
    has = np.zeros(len(found.claim), bool)
    has[found.place[marked]] = True
    named = np.argsort(-found.claim, kind="stable")[: found.total]
    right = float(has[named].mean())
    low, high = found.claimed_range
    words = (f"claimed {found.claim[named].mean():.3f} ({low:.3f} to {high:.3f}), "
             f"found {right:.3f}, "
             f"{found.total} dots of {len(marked)}, {found.kernel} {found.bandwidth:.0f} m, "
             f"row {row.get('value')}")  # fmt: skip
    many = abs(found.total - len(marked)) <= 0.2 * len(marked)
    return ("right" if low <= right <= high and many else "WRONG"), words


def judged_dots(ran, at, look):
    """Return what became of a picture of dots, as `drawn_maps.judged` does, by the report."""
    status, said, out, seen = ran
    if status:
        return "refused", said[0]
    if seen.dots is None:
        return "WRONG", "taken for heat"
    leak = seen.dots
    read = leak.records[["x", "y"]].to_numpy()
    link = link_positions(
        at, read, max(look["radius"] * (0.5 if look.get("pins") else 1), 3) * METRES
    )
    right = int((link >= 0).sum())
    off = np.hypot(*(read[link[link >= 0]] - at[link >= 0]).T)
    true = int((off <= math.sqrt(-2 * math.log(0.05)) * leak.resolution).sum())
    held = stats.binom.cdf(true, max(right, 1), 0.95) >= 0.01
    low, about, high = (round(n) for n in leak.dots_shown)
    precision, recall = right / max(len(read), 1), right / len(at)
    good = precision >= 0.95 and held and low <= len(at) <= high
    what = "right" if good and recall >= 0.95 else "partly" if good else "WRONG"
    written = (out / "tables/dots.csv").exists()
    return what, (f"{precision:.2f} {recall:.2f}, shows {low} / {about} / {high} of {len(at)}, off "
                  f"{np.median(off) if right else np.nan:.1f} m, stated {leak.resolution:.1f} m, "
                  f"dots.csv {written}")  # fmt: skip


def runs_of(name, look, many, place):
    """Yield the options of each run of a kind."""
    if name in DOTS:
        yield [*place, "--colour", look.get("colour", "red"), "--reveal-rows"]
        return
    yield place
    yield [*place, "--dots", str(many)]


def main(description, seed):
    asked = picture_options(description, seed)
    count = Counter()
    for name in asked.kinds.split(";") if asked.kinds else KINDS:
        look = KINDS[name]
        try:
            image, box, clicks, homes, marked = drawn(name, asked.seed)
        except Exception as error:
            shown = str(getattr(error, "stderr", ""))[-300:]
            print(f"{name:28} not drawn: {type(error).__name__} {error} {shown}", flush=True)
            continue
        if asked.save:
            Image.fromarray(image).save(Path(asked.save) / f"{name}.png")
        if asked.draw:
            continue
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            with open(folder / "homes.csv", "w", newline="") as file:
                lines = csv.writer(file, delimiter=";")
                lines.writerow(["id", "code_insee", "nom_commune", "numero", "nom_voie", "x", "y"])
                for k, (x, y) in enumerate(in_metres(homes)):
                    lines.writerow([f"94042_{k:04d}", "94042", "Bourg", k % 90 + 1,
                                    f"rue {k // 90}", round(x, 2), round(y, 2)])  # fmt: skip
            path = folder / "map.png"
            Image.fromarray(image).save(path)
            place = ["--bbox", ",".join(f"{v:.3f}" for v in box)]
            if clicks is not None:
                with open(folder / "clicks.csv", "w", newline="") as file:
                    csv.writer(file).writerows([["column", "row", "x", "y"], *clicks.tolist()])
                place = ["--clicks", str(folder / "clicks.csv")]
            for number, options in enumerate(runs_of(name, look, len(marked), place)):
                began = time.monotonic()
                try:
                    ran = command(path, folder, options)
                except Exception as error:
                    what, shown = "CRASH", f"{type(error).__name__}: {error}"
                else:
                    if name in DOTS:
                        what, shown = judged_dots(ran, in_metres(homes[marked]), look)
                    else:
                        what, shown = judged_heat(ran, marked)
                        if name in ELSE and what in ("right", "WRONG"):
                            what, shown = "WRONG", f"read: {shown}"
                count[what] += 1
                about = f"{name:28} {number + 1} {what:8} {time.monotonic() - began:5.1f}s"
                print(f"{about} {shown}", flush=True)
                shutil.rmtree(folder / "report", ignore_errors=True)
    print(dict(count))


if __name__ == "__main__":
    main(__doc__.splitlines()[0], 71)
