"""How `privaudit map` reads 42 further pictures: heat, dots, and what is neither.

Run as ``python benchmarks/later_pictures.py`` with the options, programs and judgement of
`heat_programs.py`. The list was written wholly before any of it was run (seed 83).
"""

import sys
from pathlib import Path

import numpy as np
from PIL import ImageDraw

sys.path.insert(0, str(Path(__file__).parent))

import heat_programs
from engine_maps import TALL, WIDE, disc, numbered, phone, svg
from heat_programs import (
    SPREAD,
    deck_heat,
    figure,
    heat_layer,
    imshow,
    layer,
    leaflet,
    maplibre,
    plate,
)

PHOTO = {"tilt": 0.04, "moire": 0.06, "inset": 0.12}


def bars_of_a_phone(image):
    """Paste what a telephone shows above and below a map."""
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width, 30), "#f7f7f7")
    pen.rectangle((0, image.height - 34, image.width, image.height), "#f7f7f7")
    pen.text((14, 9), "19:42", "black")
    pen.rounded_rectangle((240, image.height - 26, 360, image.height - 8), 9, "#34c759")
    return image


def two_layers(at, look, base, folder):
    """Draw half of the dots as blue heat below red heat of all."""
    below = layer(at[::2], look | {"ramp": "Blues"}, base, folder)
    return layer(at, look, below, folder)


def clusters(at, look, base, folder):
    """Draw clusters of the Mapbox example: circles of three sizes and colours, with counts."""
    from scipy.cluster.hierarchy import fcluster, linkage

    of = fcluster(linkage(at, "centroid"), 45, "distance")
    parts = []
    for k in np.unique(of):
        own = at[of == k]
        x, y = own.mean(axis=0)
        if len(own) == 1:
            parts.append(f'<circle cx="{x}" cy="{y}" r="4.5" fill="#11b4da" stroke="#fff"/>')
            continue
        fill, r = ("#51bbd6", 17) if len(own) < 4 else ("#f1f075", 22)
        parts.append(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/><text x="{x}" y="{y + 4}" '
                     f'font-size="12" text-anchor="middle">{len(own)}</text>')  # fmt: skip
    return svg(at[:1], {"svg": lambda *_: "", "above": "".join(parts)}, base, folder)


def gradient(stops, r):
    """Return a look of discs filled by a radial gradient."""
    names = "".join(f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{opacity}"/>'
                    for at, colour, opacity in stops)  # fmt: skip
    return {"engine": svg, "radius": r, "svg": disc("url(#g)", r), "below":
            f'<defs><radialGradient id="g" fx=".35" fy=".35">{names}</radialGradient></defs>'
            }  # fmt: skip


def soft(r, colour="#d62728"):
    """Return a look of discs whose edge fades from half of the radius on."""
    look = gradient([(0, colour, 1), (0.5, colour, 1), (1, colour, 0)], r * 4 / 3)
    return look | {"radius": r, "below": look["below"].replace(' fx=".35" fy=".35"', "")}


def cross(x, y, k):
    return (f'<path d="M{x - 5} {y - 5}L{x + 5} {y + 5}M{x - 5} {y + 5}L{x + 5} {y - 5}" '
            'stroke="#ff5252" stroke-width="2.5"/>')  # fmt: skip


def my_maps(x, y, k):
    return (f'<path d="M{x} {y} C{x - 3} {y - 11} {x - 8} {y - 13} {x - 8} {y - 19} A8 8 0 1 1 '
            f'{x + 8} {y - 19} C{x + 8} {y - 13} {x + 3} {y - 11} {x} {y}Z" fill="#0288d1" stroke='
            f'"#01579b"/><circle cx="{x}" cy="{y - 19}" r="3" fill="#fff"/>')  # fmt: skip


def felt(x, y, k):
    return (f'<circle cx="{x}" cy="{y}" r="8" fill="#c93a6b" stroke="#fff" stroke-width="2"/>'
            f'<circle cx="{x}" cy="{y}" r="2.5" fill="#fff"/>')  # fmt: skip


def letter(x, y, k):
    return (f'<text x="{x}" y="{y + 5}" font-size="15" font-weight="bold" text-anchor="middle" '
            f'font-family="DejaVu Sans" fill="#c62828">{chr(65 + k % 26)}</text>')  # fmt: skip


def proportional(shown, rng):
    axes = shown.add_axes((0, 0, 1, 1))
    axes.scatter(*rng.uniform(0, 1, (2, 22)), s=rng.uniform(150, 2500, 22), c="#d62728", alpha=0.7,
                 edgecolors="white")  # fmt: skip
    axes.axis("off")


def board(shown, rng):
    """Traffic lights of a table: round, of one size, in rows."""
    axes = shown.add_axes((0, 0, 1, 1))
    row, column = np.mgrid[:9, :5]
    colour = np.array(["#2e7d32", "#f9a825", "#c62828"])[rng.integers(0, 3, 45)]
    axes.scatter(column.ravel(), row.ravel(), s=160, c=colour)
    for k in range(9):
        axes.text(-1.6, k, f"Bureau {k + 1}")
    axes.set(xlim=(-2, 5), ylim=(-1, 9))
    axes.axis("off")


def trees(at, look, base, folder):
    """Return an aerial ground with round crowns of all sizes and shades."""
    rng = np.random.default_rng(9)
    image = base.convert("RGB")
    pen = ImageDraw.Draw(image)
    for x, y in rng.uniform([0, 0], [WIDE, TALL], (160, 2)):
        r, shade = rng.uniform(3, 9), rng.integers(60, 130)
        pen.ellipse((x - r, y - r, x + r, y + r), (int(shade * 0.6), int(shade), int(shade * 0.5)))
    return image


def raster(kernel, radius, cell, ramp, **more):
    """Return a look of a raster that Matplotlib draws as blocks."""
    return {"engine": figure, "plot": imshow, "kernel": kernel, "radius": radius, "cell": cell,
            "ramp": ramp, **more}  # fmt: skip


def painted(kernel, radius, ramp, alpha, **more):
    return {"engine": layer, "kernel": kernel, "radius": radius, "ramp": ramp, "alpha": alpha,
            **more}  # fmt: skip


ARCGIS = ("#85c1c8", "#90a1be", "#9c8184", "#ab6d7c", "#c95b5b", "#e8804a", "#f4b24d", "#ffff00")
HEXAGONS = "new deck.HexagonLayer({id: 'h', data: at, getPosition: d => d, radius: 250})"
KEPLER_REDS = "[[255,245,240],[252,187,161],[251,106,74],[203,24,29],[103,0,13]]"
HEAT = {
    "quartic 5 m viridis": raster("quartic", 90.0, 5.0, "viridis"),
    "triangular 12 m magma": raster("triangular", 130.0, 12.0, "magma"),
    "gaussian 20 m reds": raster("gaussian", 40.0, 20.0, "Reds"),
    "epanechnikov 8 m turbo": raster("epanechnikov", 150.0, 8.0, "turbo"),
    "quartic reds .5 tiles": painted("quartic", 120.0, "Reds", 0.5, ground="osm"),
    "blocks of 10 pixels": raster("quartic", 120.0, 30.0, "YlOrRd"),
    "blocks of 10, viridis": raster("gaussian", 80.0, 30.0, "viridis"),
    "folium default": {**heat_layer("{minOpacity: .5, maxZoom: 18, radius: 25, blur: 15}"),
        "ground": "osm"},
    "kepler reds dark": {"engine": deck_heat, "ground": "dark", "layer":
        "new deck.HeatmapLayer({id: 'h', data: at, getPosition: d => d, radiusPixels: 20, "
        f"colorRange: {KEPLER_REDS}}})"},
    "arcgis heat": painted("quartic", 110.0, ARCGIS, 0.8, fades=0.1, ground="pale"),
    "two layers": {**painted("quartic", 110.0, "Reds", 0.6, ground="osm"), "engine": two_layers},
    "plasma dark JPEG 70": painted("quartic", 100.0, "plasma", 0.7, fades=0.2, ground="dark",
        file="JPEG 70"),
    "viridis phone": painted("quartic", 140.0, "viridis", 1.0, then=bars_of_a_phone),
    "gaussian 10 m viridis_r": raster("gaussian", 50.0, 10.0, "viridis_r"),
    "epanechnikov YlGnBu bar": raster("epanechnikov", 160.0, 15.0, "YlGnBu", bar=True,
        frame=(0.04, 0.2, 0.8, 0.7)),
    "photographed reds": painted("gaussian", 45.0, "Reds", 1.0, photo=PHOTO,
        frame=(0.0, 0.0, 1.0, 1.0)),
    "leaflet.heat aerial": {**heat_layer("{maxZoom: 2, radius: 30, blur: 20, max: 3}"),
        "ground": "aerial", "file": "JPEG 85"},
    "deck hexagons": {"engine": deck_heat, "ground": "osm", "layer": HEXAGONS},
    "triangular turbo .6 tiles": painted("triangular", 90.0, "turbo", 0.6, ground="osm"),
}  # fmt: skip
ELSE = {
    "proportional circles": {"engine": plate(proportional)},
    "traffic lights": {"engine": plate(board)},
    "trees": {"engine": trees, "ground": "aerial", "file": "JPEG 90"},
}
DOTS = {
    "leaflet pins 2": {"engine": leaflet, "js": "L.marker([-y, x]).addTo(m);", "ratio": 2,
        "ground": "osm", "apart": 30.0, "many": 30, "pins": True, "colour": "blue", "radius": 12},
    "folium circles overlap": {"engine": leaflet, "js": "L.circleMarker([-y, x], {radius: 10, "
        "weight: 3, fill: true}).addTo(m);", "ground": "osm", "colour": "blue", "apart": 9.0,
        "many": 60, "radius": 10},
    "my maps pins": {"engine": svg, "svg": my_maps, "ground": "osm", "apart": 24.0, "many": 40,
        "pins": True, "colour": "blue", "radius": 8},
    "qgis purple aerial": {"engine": svg, "ground": "aerial", "colour": "purple", "radius": 4,
        "svg": disc("#8d5a99", 3.8, 'stroke="#232323" stroke-width=".75"')},
    "qgis tan": {"engine": svg, "ground": "osm", "colour": "#beb297", "radius": 4,
        "svg": disc("#beb297", 3.8, 'stroke="#232323" stroke-width=".75"')},
    "mapbox clusters": {"engine": clusters, "ground": "pale", "colour": "turquoise", "radius": 5,
        "apart": 8.0, "many": 60},
    "soft dots 3": {**soft(3), "ground": "pale"},
    "soft dots 5": {**soft(5), "ground": "osm"},
    "soft dots 9": {**soft(9), "ground": "pale", **SPREAD},
    "glossy dots 6": {**gradient([(0, "#ffb3b3", 1), (0.45, "#d62728", 1), (1, "#7a0f10", 1)], 6),
        "ground": "osm"},
    "letters": {"engine": svg, "svg": letter, "ground": "pale", "radius": 6, **SPREAD},
    "numbered circles": {"engine": svg, "svg": numbered("#c62828", 11), "ground": "osm",
        "radius": 11, "apart": 26.0, "many": 40},
    "crosses dark": {"engine": svg, "svg": cross, "ground": "dark", "radius": 5, **SPREAD},
    "squares dark 1.5": {"engine": svg, "svg": lambda x, y, k: f'<rect x="{x - 4}" y="{y - 4}" '
        'width="8" height="8" fill="#ff9800"/>', "ground": "dark", "ratio": 1.5, "radius": 4.5,
        "colour": "orange"},
    "photographed dots": {"engine": svg, "svg": disc("#d62728", 6), "ground": "osm", "radius": 6,
        "photo": PHOTO, **SPREAD},
    "phone 3": {"engine": svg, "svg": disc("#1565c0", 6, 'stroke="#fff" stroke-width="1.5"'),
        "ratio": 3, "ground": "osm", "above": phone("#f7f7f7", "#34c759"), "colour": "blue",
        "radius": 6, "file": "JPEG 85"},
    "umap circles": {"engine": leaflet, "ground": "osm", "colour": "blue", "radius": 6, "css":
        ".d{background:#00008b;border:1px solid #fff;border-radius:50%;box-sizing:border-box}",
        "js": 'L.marker([-y, x], {icon: L.divIcon({className: "d", iconSize: [12, 12]})})'
        ".addTo(m);"},
    "felt dark": {"engine": svg, "svg": felt, "ground": "dark", "colour": "#c93a6b", "radius": 9,
        **SPREAD},
    "arcgis imagery JPEG 75": {"engine": maplibre, "ground": "aerial", "file": "JPEG 75",
        "radius": 6, "layer": {"type": "circle", "paint": {"circle-radius": 6, "circle-color":
        "#e2231a", "circle-stroke-width": 1, "circle-stroke-color": "#ffffff"}}},
    "kepler points": {"engine": deck_heat, "ground": "dark", "colour": "turquoise", "radius": 4,
        "layer": "new deck.ScatterplotLayer({id: 's', data: at, getPosition: d => d, "
        "getRadius: 4, radiusUnits: 'pixels', getFillColor: [18, 147, 154, 204]})"},
}  # fmt: skip

if __name__ == "__main__":
    for name, kinds in (("HEAT", HEAT), ("ELSE", ELSE), ("DOTS", DOTS)):
        setattr(heat_programs, name, kinds)
    heat_programs.KINDS = HEAT | ELSE | DOTS
    heat_programs.main(__doc__.splitlines()[0], 83)
