"""How maps that ten programs draw are read: 55 kinds, each with its truth.

Run as ``python benchmarks/program_maps.py [--kinds "gnuplot rings;awesome pins"]``. Programs:
Leaflet (with markercluster and awesome-markers), OpenLayers, deck.gl, Plotly and SVG in
Chromium, their packages in the folder that ``JS`` names; gnuplot, R, ggplot2, GMT and Mapnik as
Debian has them; staticmap. What is not installed is left out with a line. Judged as in
`drawn_maps.py`; kinds whose marks are no places are right only if they are refused. The list was
written wholly before any of it was run (seed 61).
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent))

import engine_maps
from drawn_maps import judged
from engine_maps import GREEN, ORANGE, RED, TALL, WIDE, browser, cells, disc, key, phone, svg

JS = Path(os.environ.get("JS", Path(__file__).parents[1] / "tests/browser/node_modules"))
engine_maps.LEAFLET = JS / "leaflet/dist"


def run(*words, folder, text=None):
    """Run a program in a folder."""
    subprocess.run(
        words, check=True, capture_output=True, cwd=folder, timeout=120, input=text, text=True
    )


def opened(folder, name="map.png"):
    return Image.open(folder / name).convert("RGB")


def page(body, head=""):
    style = f"body{{margin:0}}#m{{width:{WIDE}px;height:{TALL}px}}"
    return f"<!doctype html><meta charset=utf-8>{head}<style>{style}</style><div id=m></div>{body}"


def script(path):
    return f'<script src="{JS / path}"></script>'


def leaflet(at, look, base, folder):
    """Draw with Leaflet and its plugins; `twice` shows the map in both halves of the page."""
    plugins = "".join(
        f'<link rel=stylesheet href="{JS}/leaflet.{sheet}.css">'
        for sheet in (
            "markercluster/dist/MarkerCluster",
            "markercluster/dist/MarkerCluster.Default",
            "awesome-markers/dist/leaflet.awesome-markers",
        )
    )
    plugins += script("leaflet/dist/leaflet.js") if look.get("plugin") else ""
    plugins += script(look["plugin"]) if look.get("plugin") else ""
    base.save(folder / "base.png")
    options = {"zoomSnap": 0, "fadeAnimation": False, "zoomAnimation": False}
    options |= {"preferCanvas": look.get("canvas", False), "attributionControl": True}
    html = page(
        f"""<style>{look.get("css", "")}</style>{look.get("around", "")}<script>
L.Icon.Default.imagePath = "{JS}/leaflet/dist/images/";
const m = L.map("m", Object.assign({json.dumps(options)}, {{crs: L.CRS.Simple}}))
  .setView([{-TALL / 2}, {WIDE / 2}], 0);
L.imageOverlay("base.png", [[{-TALL}, 0], [0, {WIDE}]]).addTo(m);
L.control.scale().addTo(m); {look.get("before", "")}
const at = {json.dumps(at.tolist())};
at.forEach(([x, y], k) => {{ {look["js"]} }}); {look.get("after", "")}</script>""",
        f'<link rel=stylesheet href="{JS}/leaflet/dist/leaflet.css">'
        + (plugins or "")
        + ("" if look.get("plugin") else script("leaflet/dist/leaflet.js")),
    )
    return browser(html, look.get("ratio", 1), folder)


def openlayers(at, look, base, folder):
    """Draw with OpenLayers in pixels of its plane."""
    base.save(folder / "base.png")
    html = page(
        f"""<script>
const at = {json.dumps(at.tolist())}, s = ol.style, extent = [0, {-TALL}, {WIDE}, 0];
const projection = new ol.proj.Projection({{code: "px", units: "pixels", extent}});
const source = new ol.source.Vector({{features: at.map(([x, y], k) =>
  new ol.Feature({{geometry: new ol.geom.Point([x, -y]), k}}))}});
const layers = [new ol.layer.Image({{source: new ol.source.ImageStatic({{url: "base.png",
  projection, imageExtent: extent}})}})]; {look.get("before", "")}
layers.push({look["layer"]});
new ol.Map({{target: "m", layers, view: new ol.View({{projection, center: [{WIDE / 2}, {-TALL / 2}],
  resolution: 1, constrainResolution: false}})}});</script>""",
        f'<link rel=stylesheet href="{JS}/ol/ol.css">' + script("ol/dist/ol.js"),
    )
    return browser(html, look.get("ratio", 1), folder)


def vector(style, more=""):
    return {"layer": f"new ol.layer.Vector({{source, style: {style}}})", "before": more}


def deck(at, look, base, folder):
    """Draw with deck.gl in an orthographic view."""
    base.save(folder / "base.png")
    html = page(
        f"""<script>
const at = {json.dumps(at.tolist())};
new deck.Deck({{parent: document.getElementById("m"), width: {WIDE}, height: {TALL},
 views: new deck.OrthographicView({{flipY: true}}),
 initialViewState: {{target: [{WIDE / 2}, {TALL / 2}, 0], zoom: 0}},
 layers: [new deck.BitmapLayer({{id: "b", image: "base.png", bounds: [0, {TALL}, {WIDE}, 0]}}),
 {look["layer"]}]}});</script>""",
        script("deck.gl/dist.min.js"),
    )
    return browser(html, look.get("ratio", 1), folder)


def plotly(at, look, base, folder):
    """Draw with Plotly."""
    base.save(folder / "base.png")
    image = {"source": "base.png", "xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": WIDE,
             "sizey": TALL, "sizing": "stretch", "layer": "below"}  # fmt: skip
    bare = {"visible": False, "range": [0, WIDE]}
    layout = {"images": [image], "margin": dict.fromkeys("lrtb", 0), "xaxis": bare,
              "yaxis": {"visible": False, "range": [TALL, 0]}, "width": WIDE, "height": TALL,
              "legend": {"x": 0.75, "y": 0.1}, "showlegend": look.get("legend", False)}  # fmt: skip
    trace = {"x": at[:, 0].tolist(), "y": at[:, 1].tolist(), "mode": "markers", "name": "portes"}
    body = f"<script>Plotly.newPlot('m', [{json.dumps(trace | look['trace'])}], "
    body += f"{json.dumps(layout)}, {{staticPlot: true}});</script>"
    return browser(page(body, script("plotly.js-dist-min/plotly.min.js")), look.get("ratio", 1),
                   folder)  # fmt: skip


def gnuplot(at, look, base, folder):
    """Draw with gnuplot's pngcairo."""
    base.save(folder / "base.png")
    np.savetxt(folder / "at.txt", at)
    run("gnuplot", folder=folder, text=f"""set term pngcairo size {WIDE},{TALL}
set output "map.png"
set lmargin 0; set rmargin 0; set tmargin 0; set bmargin 0
set xrange [0:{WIDE}]; set yrange [{TALL}:0]; unset tics; unset border; {look.get("set", "")}
plot "base.png" binary filetype=png origin=(0.5,0.5) with rgbimage notitle, \\
  "at.txt" with points {look["points"]} {look.get("title", "notitle")}
""")  # fmt: skip
    return opened(folder)


def in_r(at, look, base, folder):
    """Draw with R, by its cairo device."""
    base.save(folder / "base.png")
    np.savetxt(folder / "at.txt", at)
    (folder / "map.R").write_text(f"""a <- read.table("at.txt"); names(a) <- c("x", "y")
a$k <- seq_len(nrow(a)); base <- png::readPNG("base.png")
png("map.png", {WIDE}, {TALL}, type = "cairo", res = {look.get("dpi", 96)})
par(mar = c(0, 0, 0, 0)); plot.new()
plot.window(c(0, {WIDE}), c({TALL}, 0), xaxs = "i", yaxs = "i")
rasterImage(base, 0, {TALL}, {WIDE}, 0)
{look["r"]}
invisible(dev.off())""")  # fmt: skip
    run("Rscript", "map.R", folder=folder)
    return opened(folder)


def ggplot(at, look, base, folder):
    """Draw with ggplot2."""
    base.save(folder / "base.png")
    np.savetxt(folder / "at.txt", at)
    (folder / "map.R").write_text(f"""library(ggplot2); a <- read.table("at.txt")
names(a) <- c("x", "y"); a$k <- seq_len(nrow(a)); base <- png::readPNG("base.png")
p <- ggplot(a, aes(x, y)) + annotation_raster(base, 0, {WIDE}, -{TALL}, 0) + {look["r"]} +
  scale_x_continuous(limits = c(0, {WIDE}), expand = c(0, 0)) +
  scale_y_reverse(limits = c({TALL}, 0), expand = c(0, 0)) + theme_void() {look.get("more", "")}
png("map.png", {WIDE}, {TALL}, type = "cairo", res = 96); print(p)
invisible(dev.off())""".replace(f"-{TALL}, 0)", f"-{TALL}, 0)"))  # fmt: skip
    run("Rscript", "map.R", folder=folder)
    return opened(folder)


def mapnik(at, look, base, folder):
    """Draw with Mapnik, by the system's Python."""
    base.save(folder / "base.png")
    lines = "\n".join(f"{x},{-y}" for x, y in at)
    (folder / "at.csv").write_text("x,y\n" + lines)
    (folder / "map.xml").write_text(f"""<Map srs="epsg:3857"><Style name="b"><Rule>
<RasterSymbolizer scaling="near"/></Rule></Style><Style name="s"><Rule>{look["rule"]}</Rule></Style>
<Layer name="b" srs="epsg:3857"><StyleName>b</StyleName><Datasource>
<Parameter name="type">raster</Parameter><Parameter name="file">base.png</Parameter>
<Parameter name="lox">0</Parameter><Parameter name="loy">{-TALL}</Parameter>
<Parameter name="hix">{WIDE}</Parameter><Parameter name="hiy">0</Parameter></Datasource></Layer>
<Layer name="s" srs="epsg:3857"><StyleName>s</StyleName><Datasource>
<Parameter name="type">csv</Parameter><Parameter name="file">at.csv</Parameter></Datasource></Layer>
</Map>""")  # fmt: skip
    code = f"""import mapnik
m = mapnik.Map({WIDE}, {TALL}); mapnik.load_map(m, "map.xml")
m.zoom_to_box(mapnik.Box2d(0, {-TALL}, {WIDE}, 0)); mapnik.render_to_file(m, "map.png", "png")"""
    run("/usr/bin/python3", "-c", code, folder=folder)
    return opened(folder)


def gmt(at, look, base, folder):
    """Draw with GMT, at 100 pixels an inch."""
    base.save(folder / "base.png")
    np.savetxt(folder / "at.txt", at * [1, -1])
    size = f"-R0/{WIDE}/{-TALL}/0 -JX{WIDE / 100}i/{TALL / 100}i"
    (folder / "map.sh").write_text(f"""set -e
gmt set PS_MEDIA {WIDE / 100}ix{TALL / 100}i MAP_ORIGIN_X 0 MAP_ORIGIN_Y 0
gmt begin map png E100
gmt image base.png -Dx0/0+w{WIDE / 100}i/{TALL / 100}i {size}
gmt plot at.txt {size} {look["plot"]}
gmt end""")
    run("sh", "map.sh", folder=folder)
    image = opened(folder)
    return image if image.size == (WIDE, TALL) else image.crop((0, 0, WIDE, TALL))


def static(at, look, base, folder):
    """Draw with staticmap's markers over this ground."""
    import staticmap

    class Drawn(staticmap.StaticMap):
        def _draw_base_layer(self, image):
            image.paste(base)

        def _x_to_px(self, x):
            return x

        def _y_to_px(self, y):
            return y

    drawn = Drawn(WIDE, TALL)
    drawn.x_center, drawn.y_center, drawn.zoom = WIDE / 2, TALL / 2, 1
    for x, y in at:
        for fill, width in look["circles"]:
            drawn.add_marker(staticmap.CircleMarker((x, y), fill, width))
    # Longitudes and latitudes are pixels here.
    keep = staticmap.staticmap._lon_to_x, staticmap.staticmap._lat_to_y
    staticmap.staticmap._lon_to_x = lambda x, zoom: x
    staticmap.staticmap._lat_to_y = lambda y, zoom: y
    image = Image.new("RGB", (WIDE, TALL))
    try:
        drawn._draw_base_layer(image)
        drawn._draw_features(image)
    finally:
        staticmap.staticmap._lon_to_x, staticmap.staticmap._lat_to_y = keep
    return image


# What is done to a picture afterwards: returns the picture, the places and the ratio of its marks.


def again(image, at, rng):
    """Return a screenshot of a screenshot: JPEG 60, scaled by .8, WebP 55."""
    once = Image.fromarray(engine_maps.stored(image, "JPEG 60"))
    once = once.resize([round(v * 0.8) for v in once.size], Image.Resampling.BICUBIC)
    return Image.fromarray(engine_maps.stored(once, "WEBP 55")), at * 0.8, 0.8


def printed(image, at, rng):
    """Return a print in grey, scanned: a screen of dots, paper, noise, JPEG 75."""
    grey = np.asarray(image.convert("L").resize([2 * v for v in image.size]), float)
    row, column = np.mgrid[: grey.shape[0], : grey.shape[1]]
    screen = 127 + 90 * np.sin(1.9 * (row + column)) * np.sin(1.9 * (row - column))
    ink = ndimage.gaussian_filter(np.where(grey > screen, 245.0, 35.0), 1.6)
    seen = Image.fromarray((ink + rng.normal(0, 3, ink.shape)).clip(0, 255).astype(np.uint8))
    return Image.fromarray(engine_maps.stored(seen.convert("RGB"), "JPEG 75")), at * 2, 2


def scanned(image, at, rng):
    """Return a scan in grey: contrast lost, blur, noise."""
    grey = ndimage.gaussian_filter(np.asarray(image.convert("L"), float), 0.7) * 0.8 + 30
    seen = Image.fromarray((grey + rng.normal(0, 3, grey.shape)).clip(0, 255).astype(np.uint8))
    return seen.convert("RGB"), at, 1


def turned(image, at, rng):
    """Return a picture turned by 3 degrees."""
    out = image.rotate(3, Image.Resampling.BICUBIC, fillcolor="white")
    a, middle = np.deg2rad(3), np.array([WIDE, TALL]) / 2
    spin = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return out, (at - middle) @ spin + middle, 1


def palette(image, at, rng):
    """Return a picture of 16 colours, dithered."""
    return image.convert("P", palette=Image.Palette.ADAPTIVE, colors=16).convert("RGB"), at, 1


def vignette(image, at, rng):
    """Return a photograph at an angle: moire, glare, dark corners."""
    seen, there = engine_maps.photographed(
        image, at, rng, {"zoom": 1.6, "tilt": 0.06, "glare": 50, "moire": 0.08}
    )
    pixels = np.asarray(seen, float)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    far = np.hypot(y / pixels.shape[0] - 0.5, x / pixels.shape[1] - 0.5)
    dim = (pixels * (1 - 0.9 * far**2)[..., None]).clip(0, 255).astype(np.uint8)
    return Image.fromarray(engine_maps.stored(Image.fromarray(dim), "JPEG 80")), there, 1.6


def beside(image, at, rng):
    """Return two maps side by side, the second with the same marks 9 pixels lower."""
    out = Image.new("RGB", (2 * image.width + 20, image.height + 9), "white")
    out.paste(image)
    out.paste(image, (image.width + 20, 9))
    return out, np.vstack([at, at + np.array([image.width + 20, 9])]), 1


def cropped(image, at, rng):
    """Return the middle of a picture, with marks that the frame cuts."""
    return image.crop((90, 70, 500, 390)), at - [90, 70], 1


def night(image, at, rng):
    """Return a picture whose lightness is inverted, its hue kept."""
    pixels = np.asarray(image, float)
    light = (pixels.max(axis=2) + pixels.min(axis=2))[..., None]
    return Image.fromarray((pixels + 255 - light).clip(0, 255).astype(np.uint8)), at, 1


def bar(image, at, rng):
    """Return a picture with a scale bar of red and white pieces, and a north arrow."""
    pen = ImageDraw.Draw(image)
    for k in range(6):
        fill = RED if k % 2 else "white"
        pen.rectangle((30 + 20 * k, TALL - 24, 49 + 20 * k, TALL - 18), fill, "black")
    pen.polygon([(WIDE - 30, 20), (WIDE - 20, 50), (WIDE - 40, 50)], RED)
    return image, at, 1


ROADS = "".join(
    f'<path d="M-20 {y} C150 {y + 60} 300 {y - 70} 640 {y + 30}" stroke="#e0433a" stroke-width="6" '
    'fill="none"/>'
    for y in (90, 210, 330)
)
BADGE = (
    phone("#f7f7f7", "#34c759") + '<circle cx="585" cy="12" r="8" fill="#ff3b30"/><text x="582" '
    'y="16" font-size="11" font-family="DejaVu Sans" fill="#fff">3</text>'
)
DIV = (
    'L.marker([-y, x], {{icon: L.divIcon({{className: "d", iconSize: [{0}, {0}], html: "{1}"}})}})'
    ".addTo(m);"
)
AWESOME = (
    'L.marker([-y, x], {{icon: L.AwesomeMarkers.icon({{icon: "home", markerColor: "{}"}})}})'
    ".addTo(m);"
)
PLUG = "leaflet.awesome-markers/dist/leaflet.awesome-markers.js"
CLUSTER = "leaflet.markercluster/dist/leaflet.markercluster.js"
OL_ROADS = """layers.push(new ol.layer.Vector({source: new ol.source.Vector({features:
[90, 210, 330].map(y => new ol.Feature(new ol.geom.LineString([[0, -y], [200, -y - 30],
[400, -y + 20], [600, -y]])))}), style: new s.Style({stroke: new s.Stroke({color: "#e0433a",
width: 6})})}));"""


def ol_shape(fill, points, r, more=""):
    return vector(
        f"new s.Style({{image: new s.RegularShape({{points: {points}, radius: {r}, {more} fill: "
        f'new s.Fill({{color: "{fill}"}}), stroke: new s.Stroke({{color: "#fff", width: 1}})}})}})'
    )


def ol_circle(fill, r, line="#fff", more=""):
    return vector(
        f'new s.Style({{image: new s.Circle({{radius: {r}, fill: new s.Fill({{color: "{fill}"}}), '
        f'stroke: new s.Stroke({{color: "{line}", width: 1.25}})}})}})', more
    )  # fmt: skip


def scatter(colour, radius, more=""):
    return (
        f'new deck.ScatterplotLayer({{id: "s", data: at, getPosition: d => d, getRadius: {radius}, '
        f'radiusUnits: "pixels", getFillColor: {colour}, {more}}})'
    )


SPREAD = {"apart": 20.0, "many": 45}
KINDS = {
    # Leaflet
    "drop shadows": {"engine": leaflet, "js": DIV.format(16, ""), "radius": 8, **SPREAD, "css":
        ".d{background:#e02020;border:2px solid #fff;border-radius:50%;box-sizing:border-box;"
        "box-shadow:0 3px 6px rgba(0,0,0,.6)}"},
    "markercluster": {"engine": leaflet, "plugin": CLUSTER, "colour": "green", "single": False,
        "before": "const g = L.markerClusterGroup({maxClusterRadius: 60, animate: false});",
        "js": "g.addLayer(L.marker([-y, x]));", "apart": 8,
        "after": "m.setMaxZoom(9); m.addLayer(g);", "many": 60},
    "awesome pins": {"engine": leaflet, "plugin": PLUG, "js": AWESOME.format("red"), "apart": 40,
        "many": 28, "pins": True, "radius": 12},
    "awesome pins 1.5": {"engine": leaflet, "plugin": PLUG, "js": AWESOME.format("blue"),
        "apart": 30, "many": 40, "pins": True, "radius": 12, "ratio": 1.5, "colour": "blue"},
    "half transparent retina": {"engine": leaflet, "canvas": True, "ratio": 2, "apart": 7,
        "many": 90, "js": "L.circleMarker([-y, x], {radius: 7, weight: 1, color: '#a00', "
        "fillColor: '#f00', fillOpacity: .5}).addTo(m);", "radius": 7.5},
    "tooltips over dots": {"engine": leaflet, "many": 40, "apart": 28, "radius": 6, "js":
        "L.circleMarker([-y, x], {radius: 6, weight: 0, fillColor: '#d00', fillOpacity: 1})"
        ".addTo(m); if (k % 3 == 0) L.tooltip([-y, x], {permanent: true, offset: [2, 0], "
        "content: 'n° ' + k}).addTo(m);"},
    "glyph stars": {"engine": leaflet, "js": DIV.format(20, "★"), "radius": 7, **SPREAD,
        "css": ".d{color:#c00;font:20px/20px 'DejaVu Sans';text-align:center}"},
    "emoji red circles": {"engine": leaflet, "js": DIV.format(16, "🔴"), "radius": 8, **SPREAD,
        "css": ".d{font:14px/16px 'Noto Color Emoji';text-align:center}"},
    "emoji houses": {"engine": leaflet, "js": DIV.format(20, "🏠"), "single": False, **SPREAD,
        "css": ".d{font:18px/20px 'Noto Color Emoji';text-align:center}"},
    "two radii": {"engine": leaflet, "canvas": True, **SPREAD, "radius": 8, "js":
        "L.circleMarker([-y, x], {radius: k % 2 ? 5 : 8, weight: 0, fillColor: '#d22', "
        "fillOpacity: .9}).addTo(m);"},
    "leaflet night": {"engine": leaflet, "radius": 6, "then": night, "js":
        "L.circleMarker([-y, x], {radius: 6, weight: 0, fillColor: '#e33', fillOpacity: 1})"
        ".addTo(m);"},
    "screenshot of a screenshot": {"engine": leaflet, "radius": 7, "then": again, **SPREAD, "js":
        "L.circleMarker([-y, x], {radius: 6, weight: 2, color: '#fff', fillColor: '#1f6fd6', "
        "fillOpacity: 1}).addTo(m);", "colour": "blue"},
    "canvas rings 1.25": {"engine": leaflet, "canvas": True, "ratio": 1.25, "radius": 7, **SPREAD,
        "js": "L.circleMarker([-y, x], {radius: 7, weight: 2.5, color: '#d11', fill: false})"
        ".addTo(m);"},
    # OpenLayers
    "red roads": {"engine": openlayers, **ol_circle("#e01b1b", 6, "#fff", OL_ROADS), "radius": 6},
    "red roads no rim": {"engine": openlayers, "radius": 6,
        **ol_circle("#e0433a", 6, "#e0433a", OL_ROADS)},
    "ol squares": {"engine": openlayers, **ol_shape("#1f77b4", 4, 8, "angle: Math.PI / 4,"),
        "colour": "blue", "radius": 7, **SPREAD},
    "ol stars 1.5": {"engine": openlayers, **ol_shape("#ff7f0e", 5, 9, "radius2: 4,"),
        "colour": "orange", "radius": 8, "ratio": 1.5, **SPREAD},
    "ol triangles": {"engine": openlayers, **ol_shape("#2ca02c", 3, 8), "colour": "green",
        "radius": 7, **SPREAD},
    "ol heat": {"engine": openlayers, "single": False, "layer":
        "new ol.layer.Heatmap({source, blur: 14, radius: 9})", "apart": 8},
    "ol default": {"engine": openlayers, "layer": "new ol.layer.Vector({source})", "colour": "blue",
        "radius": 5},
    "ol cluster": {"engine": openlayers, "single": False, "colour": "blue", "apart": 8, "layer":
        "new ol.layer.Vector({source: new ol.source.Cluster({distance: 50, source}), style: f => "
        "new s.Style({image: new s.Circle({radius: 12, fill: new s.Fill({color: '#3399CC'})}), "
        "text: new s.Text({text: String(f.get('features').length), fill: "
        "new s.Fill({color: '#fff'})})})})"},
    "ol photographed": {"engine": openlayers, **ol_circle("#d62728", 7), "radius": 7,
        "then": vignette, **SPREAD},
    "ol turned": {"engine": openlayers, **ol_circle("#d62728", 5), "radius": 5, "then": turned},
    # deck.gl
    "deck scatter": {"engine": deck, "layer": scatter("[214, 39, 40, 200]", 6), "radius": 6},
    "deck stroked 2": {"engine": deck, "ratio": 2, "colour": "blue", "radius": 6, "layer":
        scatter("[31, 119, 180]", 6, "stroked: true, lineWidthUnits: 'pixels', getLineWidth: 1")},
    "deck satellite": {"engine": deck, "ground": "aerial", "radius": 5, "colour": "yellow",
        "layer": scatter("[255, 225, 25]", 5), "file": "JPEG 40"},
    # Plotly
    "plotly": {"engine": plotly, "trace": {"marker": {"size": 11, "color": RED}}, "radius": 5.5,
        "legend": True},
    "plotly diamonds": {"engine": plotly, "radius": 6, "colour": "purple", "trace": {"marker":
        {"size": 12, "color": "#7b1fa2", "symbol": "diamond", "line": {"width": 1, "color":
        "white"}}}, **SPREAD},
    "plotly shades": {"engine": plotly, "radius": 6, "trace": {"marker": {"size": 12, "color":
        list(range(50)), "colorscale": "Reds"}}},
    "plotly open": {"engine": plotly, "radius": 6, "trace": {"marker": {"size": 12, "color": RED,
        "symbol": "circle-open", "line": {"width": 2}}}, **SPREAD},
    # gnuplot
    "gnuplot": {"engine": gnuplot, "points": "pt 7 ps 1.2 lc rgb '#d62728'", "radius": 5,
        "title": "title 'portes'", "set": "set key opaque box bottom right"},
    "gnuplot rings": {"engine": gnuplot, "points": "pt 6 ps 1.6 lw 2 lc rgb '#1f77b4'",
        "radius": 6, "colour": "blue", **SPREAD},
    "gnuplot squares jpeg": {"engine": gnuplot, "points": "pt 5 ps 1.1 lc rgb '#d62728'",
        "radius": 5, "file": "JPEG 60"},
    "gnuplot stars": {"engine": gnuplot, "points": "pt 3 ps 1.4 lw 2 lc rgb '#d62728'",
        "radius": 6, **SPREAD},
    "gnuplot print": {"engine": gnuplot, "points": "pt 7 ps 1.6 lc rgb '#202020'", "radius": 6.5,
        "ground": "pale", "then": printed, "colour": "black", **SPREAD},
    # R
    "r points": {"engine": in_r, "r": 'points(a$x, a$y, pch = 19, col = "#d62728", cex = 1)',
        "radius": 4.5},
    "r satellite 40": {"engine": in_r, "ground": "aerial", "file": "JPEG 40", "radius": 5,
        "r": 'points(a$x, a$y, pch = 21, bg = "#ff2020", col = "white", cex = 1.3)'},
    "r sizes": {"engine": in_r, "radius": 6, **SPREAD, "r":
        'points(a$x, a$y, pch = 21, bg = "#e33", cex = .8 + (a$k %% 7) / 3)'},
    "r crosses": {"engine": in_r, "r": 'points(a$x, a$y, pch = 3, col = "#d62728", lwd = 2)',
        "radius": 5, **SPREAD},
    "r scanned": {"engine": in_r, "ground": "pale", "then": scanned, "colour": "grey", "radius": 6,
        "r": 'points(a$x, a$y, pch = 19, col = "#555555", cex = 1.4)', **SPREAD},
    "r cropped roofs": {"engine": in_r, "ground": "roof", "then": cropped, "radius": 5.5,
        "apart": 9, "many": 90,
        "r": 'points(a$x, a$y, pch = 21, bg = "#d7301f", col = "black", cex = 1.2)'},
    # ggplot2
    "ggplot alpha": {"engine": ggplot, "r": 'geom_point(colour = "#d62728", alpha = .5, size = 3)',
        "radius": 5.5, "apart": 8, "many": 70},
    "ggplot legend": {"engine": ggplot, "radius": 4.5, "colour": "#00BFC4", "own":
        lambda k: k[k % 2 == 1], "r": 'geom_point(aes(colour = factor((k + 1) %% 2)), size = 2.2)',
        "more": '+ theme(legend.position = c(.9, .15), legend.background = element_rect("white"))'},
    "ggplot density": {"engine": ggplot, "single": False, "apart": 8, "r":
        "geom_density_2d_filled(alpha = .6)"},
    # Mapnik
    "mapnik default": {"engine": mapnik, "rule": '<MarkersSymbolizer allow-overlap="true"/>',
        "colour": "blue", "radius": 5},
    "mapnik palette": {"engine": mapnik, "radius": 6, "then": palette, "rule":
        '<MarkersSymbolizer allow-overlap="true" fill="#e31a1c" width="12" height="12" '
        'stroke="#ffffff" stroke-width="1"/>'},
    "mapnik beside": {"engine": mapnik, "radius": 5, "then": beside, "rule":
        '<MarkersSymbolizer allow-overlap="true" fill="#e31a1c" width="10" height="10" '
        'stroke-width="0"/>'},
    # GMT
    "gmt circles": {"engine": gmt, "plot": "-Sc0.1i -Gred -W0.5p", "radius": 5.4},
    "gmt stars": {"engine": gmt, "plot": "-Sa0.2i -G31/119/180", "radius": 7, "colour": "blue",
        **SPREAD},
    "gmt scale bar": {"engine": gmt, "plot": "-Sc0.12i -G214/39/40", "radius": 6, "then": bar},
    # staticmap
    "staticmap": {"engine": static, "circles": [("#ff0036", 12)], "radius": 6},
    "staticmap rim 60": {"engine": static, "circles": [("white", 14), ("#0036ff", 10)],
        "radius": 7, "file": "JPEG 60", "colour": "blue"},
    # A phone
    "phone badge": {"engine": svg, "svg": disc("#ff3b30", 6, 'stroke="#fff" stroke-width="1.5"'),
        "ratio": 2.625, "radius": 6, "above": BADGE, "file": "WEBP 70"},
    "choropleth dark": {"engine": svg, "svg": disc("#ff5252", 5, 'fill-opacity=".8"'), "radius": 5,
        "ground": "dark", "below": cells(["#3b0f14", "#67131c", "#8e1c25", "#b3262e"])},
    "legend and badge": {"engine": svg, "svg": disc(GREEN, 5), "radius": 5, "colour": "green",
        "above": key([(GREEN, 5, "visité"), (ORANGE, 5, "absent")]), "apart": 12},
}  # fmt: skip


def drawn(name, seed):
    """Return a picture, the places of its marks, and their radius."""
    import tempfile

    look = KINDS[name]
    rng = np.random.default_rng([seed, list(KINDS).index(name)])
    at = engine_maps.places(rng, look.get("many", 50), look.get("apart", 16.0))
    base = engine_maps.ground(rng, look.get("ground", "osm"))
    with tempfile.TemporaryDirectory() as folder:
        image = look["engine"](at, look, base, Path(folder))
    own = at[look["own"](np.arange(len(at)))] if "own" in look else at
    ratio = image.width / WIDE
    own, radius = own * ratio, look.get("radius", 6.0) * ratio
    if "then" in look:
        image, own, more = look["then"](image, own, rng)
        radius *= more
    inside = ((own > radius) & (own < np.array(image.size) - radius)).all(axis=1)
    if "above" in look and "legend" in name:
        # Marks below the legend are not shown.
        inside &= ~((own > [424, 344]) & (own < [586, 412])).all(axis=1)
    return engine_maps.stored(image, look.get("file")), own[inside], radius


def picture_options(description, seed):
    """Read the options of a benchmark of pictures: kinds, seed, and whether to keep them."""
    words = argparse.ArgumentParser(description=description)
    words.add_argument("--kinds", default="")
    words.add_argument("--seed", type=int, default=seed)
    words.add_argument("--save", default="")
    words.add_argument("--draw", action="store_true", help="draw and keep, read nothing")
    return words.parse_args()


def main():
    """Print outcomes by kind."""
    asked = picture_options(__doc__, 61)
    count = Counter()
    for name in asked.kinds.split(";") if asked.kinds else KINDS:
        look = KINDS[name]
        try:
            image, place, radius = drawn(name, asked.seed)
        except (OSError, ImportError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", ""))[-300:]
            print(f"{name:26} not drawn: {type(error).__name__} {said}")
            continue
        if asked.save:
            Image.fromarray(image).save(Path(asked.save) / f"{name}.png")
            np.savetxt(Path(asked.save) / f"{name}.txt", place, fmt="%.3f")
        if asked.draw:
            continue
        began = time.monotonic()
        what, *shares, said = judged(
            image, place, radius, look.get("colour", "red"), pins=look.get("pins", False),
            single=look.get("single", True),
        )  # fmt: skip
        count[what] += 1
        shares = " ".join(f"{share:.2f}" for share in shares)
        print(f"{name:26} {what:8} {shares} {time.monotonic() - began:4.1f}s {said}", flush=True)
    print("right,partly,refused,wrong")
    print(*(count[what] for what in ("right", "partly", "refused", "wrong")), sep=",")


if __name__ == "__main__":
    main()
