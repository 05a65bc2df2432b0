"""How maps that Leaflet, a browser's SVG, Matplotlib and Pillow draw are read, on 30 kinds.

Run as ``python benchmarks/engine_maps.py --half first [--kinds "emoji pins;hexagons"]`` after `make
browser`, for Leaflet. Marks stand at drawn places over grounds of `drawn_maps.py`; the picture is
then scaled, stored and photographed as the kind says, and judged as there. Kinds whose marks are no
places (cells, faces, clusters) are right only if they are refused. The second half was run once,
when the reader stood; nothing was tuned on it.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent))

from drawn_maps import ground_of, judged, streets_of

HERE = Path(__file__).parents[1]
LEAFLET = Path(os.environ.get("LEAFLET", HERE / "tests/browser/node_modules/leaflet/dist"))
# Of the Debian package fonts-noto-color-emoji, where it is installed.
EMOJI = os.environ.get("EMOJI", "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
WIDE, TALL = 600, 440
RED, BLUE, GREEN, ORANGE = "#d62728", "#1f77b4", "#2ca02c", "#ff7f0e"


def places(rng, many, apart):
    """Return places in the picture at least so far from each other."""
    at = np.empty((0, 2))
    while len(at) < many:
        new = rng.uniform([30, 50], [WIDE - 30, TALL - 40])
        if not len(at) or np.hypot(*(at - new).T).min() >= apart:
            at = np.vstack([at, new])
    return at


def ground(rng, style):
    """Return a ground as a picture of this size."""
    image = ground_of(rng, style, 2, streets_of(rng)).crop((0, 0, 2 * WIDE, 2 * TALL))
    return image.resize((WIDE, TALL), Image.Resampling.BOX)


def browser(html, scale, folder):
    """Return the picture that a browser draws of a page."""
    page, out = folder / "map.html", folder / "map.png"
    page.write_text(html, encoding="utf-8")
    subprocess.run(
        ["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--force-device-scale-factor={scale}", f"--window-size={WIDE},{TALL}",
         "--allow-file-access-from-files", "--virtual-time-budget=3000", f"--screenshot={out}",
         page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return Image.open(out).convert("RGB")


def leaflet(at, look, base, folder):
    """Draw a map with Leaflet, in pixels of its plane."""
    base.save(folder / "base.png")
    marks = json.dumps(at.tolist())
    html = f"""<!doctype html><meta charset=utf-8><link rel=stylesheet href="{LEAFLET}/leaflet.css">
<script src="{LEAFLET}/leaflet.js"></script><style>body{{margin:0}}
#m{{width:{WIDE}px;height:{TALL}px}}
.leaflet-image-layer{{image-rendering:auto}} {look.get("css", "")}</style><div id=m></div><script>
L.Icon.Default.imagePath = "{LEAFLET}/images/";
const m = L.map("m", {{crs: L.CRS.Simple, zoomSnap: 0, fadeAnimation: false, zoomAnimation: false,
  preferCanvas: {json.dumps(look.get("canvas", False))}}}).setView([{-TALL / 2}, {WIDE / 2}], 0);
L.imageOverlay("base.png", [[{-TALL}, 0], [0, {WIDE}]]).addTo(m);
L.control.scale().addTo(m);
const at = {marks};
at.forEach(([x, y], k) => {{ {look["js"]} }});
{look.get("after", "")}
</script>"""
    return browser(html, look.get("ratio", 1), folder)


def svg(at, look, base, folder):
    """Draw a map as SVG."""
    base.save(folder / "base.png")
    marks = "".join(look["svg"](x, y, k) for k, (x, y) in enumerate(at))
    html = f"""<!doctype html><meta charset=utf-8><style>body{{margin:0}}
@font-face{{font-family:Emoji;src:url("file://{EMOJI}")}}</style>
<svg width={WIDE} height={TALL} style="display:block"><image href="base.png" width="{WIDE}"
height="{TALL}"/>{look.get("below", "")}{marks}{look.get("above", "")}</svg>"""
    return browser(html, look.get("ratio", 1), folder)


def plot(at, look, base, folder):
    """Draw a map with Matplotlib."""
    from matplotlib.figure import Figure

    dpi = look.get("dpi", 100)
    figure = Figure(figsize=(WIDE / dpi, TALL / dpi), dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(base, extent=(0, WIDE, TALL, 0), aspect="auto")
    look["plot"](axes, at)
    axes.set(xlim=(0, WIDE), ylim=(TALL, 0))
    axes.axis("off")
    figure.savefig(folder / "map.png")
    return Image.open(folder / "map.png").convert("RGB")


def photographed(image, at, rng, look):
    """Return a photograph of a screen: subpixels, perspective, glare, blur, noise, moire."""
    from privaudit.screenshots.placement import homography

    pixels = np.asarray(image, float)
    tall, wide = pixels.shape[:2]
    zoom, turn = look.get("zoom", 1.4), np.deg2rad(look.get("turn", 0))
    row, column = np.mgrid[:tall, :wide]
    wave = look.get("moire", 0.06) * np.sin(2.4 * column + 0.2 * row)
    wave = wave + look.get("moire", 0.06) * np.sin(2.9 * row)
    pixels = pixels * (1 + wave[..., None])
    box = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], float)
    off = (
        rng.uniform(0, look.get("tilt", 0.03), (4, 2)) * wide * [[1, 1], [-1, 1], [-1, -1], [1, -1]]
    )
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    to = zoom * ((box + off - [wide / 2, tall / 2]) @ spin)
    margin = look.get("wall", 0)
    to = to - to.min(axis=0) + margin
    matrix = homography(box, to)
    back = np.linalg.inv(matrix)
    size = tuple(int(v) for v in np.ceil(to.max(axis=0) + margin))
    seen = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).transform(
        size, Image.Transform.PERSPECTIVE, tuple((back / back[2, 2]).reshape(-1)[:8]),
        Image.Resampling.BICUBIC, fillcolor=(26, 24, 23),
    )  # fmt: skip
    light = ndimage.gaussian_filter(np.asarray(seen, float), (*[look.get("blur", 1.0)] * 2, 0))
    y, x = np.mgrid[: size[1], : size[0]]
    spot = np.exp(-((x - 0.7 * size[0]) ** 2 + (y - 0.3 * size[1]) ** 2) / (0.3 * size[0]) ** 2)
    light = light * 0.92 + look.get("glare", 25) * spot[..., None]
    light += rng.normal(0, 2.5, light.shape)
    there = np.column_stack([at, np.ones(len(at))]) @ matrix.T
    there = there[:, :2] / there[:, 2:]
    image = Image.fromarray(light.clip(0, 255).astype(np.uint8))
    if not margin:
        # Cropped to what shows nothing but the screen.
        low = np.ceil(np.array([max(to[0, 0], to[3, 0]), max(to[0, 1], to[1, 1])])) + 2
        high = np.floor(np.array([min(to[1, 0], to[2, 0]), min(to[2, 1], to[3, 1])])) - 2
        image = image.crop((*low.astype(int), *high.astype(int)))
        there = there - low
    return image, there


def stored(image, how):
    """Return the pixels of a picture as a file keeps them."""
    if not how:
        return np.asarray(image)
    file, (name, quality) = io.BytesIO(), how.split()
    image.save(file, name, quality=int(quality))
    return np.asarray(Image.open(file).convert("RGB"))


def drawn(look, seed):
    """Return a picture, the places of its marks, and their radius."""
    rng = np.random.default_rng(seed)
    at = places(rng, look.get("many", 50), look.get("apart", 16.0))
    base = ground(rng, look.get("ground", "osm"))
    with tempfile.TemporaryDirectory() as folder:
        image = look["engine"](at, look, base, Path(folder))
    own = at[look["own"](np.arange(len(at)))] if "own" in look else at
    ratio = image.width / WIDE
    own, radius = own * ratio, look.get("radius", 6.0) * ratio
    if resize := look.get("resize"):
        image = image.resize([round(v * resize) for v in image.size], Image.Resampling.LANCZOS)
        own, radius = own * resize, radius * resize
    if photo := look.get("photo"):
        image, own = photographed(image, own, rng, photo)
        radius *= photo.get("zoom", 1.4)
    inside = ((own > radius) & (own < np.array(image.size) - radius)).all(axis=1)
    return stored(image, look.get("file")), own[inside], radius


def disc(fill, r=6, more=""):
    return lambda x, y, k: f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {more}/>'


def circle_marker(**options):
    return f"L.circleMarker([-y, x], {json.dumps(options)}).addTo(m);"


def numbered(fill, r):
    return lambda x, y, k: (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" stroke="#fff" stroke-width="2"/><text '
        f'x="{x}" y="{y + 4}" font-size="11" font-family="DejaVu Sans" fill="#fff" '
        f'text-anchor="middle">{k + 1}</text>'
    )


def hexagons(colours, size=26):
    """Return hexagons all over the map, in shades that noise gives."""
    rng, out = np.random.default_rng(4), []
    for row in range(TALL // (size * 3 // 2) + 2):
        for column in range(WIDE // int(size * 1.732) + 2):
            x, y = (column + row % 2 / 2) * size * 1.732, row * size * 1.5
            turn = np.arange(6) * np.pi / 3 + np.pi / 6
            points = " ".join(
                f"{x + size * np.cos(t):.1f},{y + size * np.sin(t):.1f}" for t in turn
            )
            fill = colours[rng.integers(len(colours))]
            out.append(f'<polygon points="{points}" fill="{fill}" opacity=".75" stroke="#fff"/>')
    return "".join(out)


def cells(colours):
    """Return quarters of a choropleth."""
    rng, out = np.random.default_rng(5), []
    x, y = (np.linspace(-20, n + 20, many) for n, many in ((WIDE, 8), (TALL, 6)))
    node = np.stack(np.meshgrid(x, y), axis=-1) + rng.normal(0, 14, (6, 8, 2))
    for row in range(5):
        for column in range(7):
            ring = (
                node[row, column],
                node[row, column + 1],
                node[row + 1, column + 1],
                node[row + 1, column],
            )
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in ring)
            fill = colours[rng.integers(len(colours))]
            out.append(f'<polygon points="{points}" fill="{fill}" opacity=".8" stroke="#777"/>')
    return "".join(out)


def emoji(char, size=20, low=0.0):
    return lambda x, y, k: (
        f'<text x="{x}" y="{y + low * size}" font-size="{size}" text-anchor="middle" '
        f'font-family="Emoji, DejaVu Sans" fill="{RED}">{char}</text>'
    )


def key(entries, x=430, y=350):
    """Return a legend."""
    rows = "".join(
        f'<circle cx="{x + 16}" cy="{y + 18 + 20 * k}" r="{r}" fill="{fill}"/><text x="{x + 34}" '
        f'y="{y + 22 + 20 * k}" font-size="12" font-family="DejaVu Sans">{word}</text>'
        for k, (fill, r, word) in enumerate(entries)
    )
    box = f'<rect x="{x}" y="{y}" width="150" height="{20 * len(entries) + 16}" fill="#fff"/>'
    return box + rows


def phone(ink, accent):
    """Return what a telephone shows above and below a map."""
    return (
        f'<rect width="{WIDE}" height="30" fill="{ink}"/><text x="14" y="20" font-size="13" '
        f'font-family="DejaVu Sans" fill="#fff">19:42</text><rect x="550" y="9" width="24" '
        f'height="12" rx="3" fill="{accent}"/><rect y="{TALL - 34}" width="{WIDE}" height="34" '
        f'rx="12" fill="{ink}"/><rect x="240" y="{TALL - 27}" width="120" height="20" rx="10" '
        f'fill="{accent}"/><circle cx="570" cy="{TALL - 60}" r="18" fill="{accent}"/>'
    )


def categories(sizes, colours, legend=True, **more):
    def draw(axes, at):
        for n, colour in enumerate(colours):
            part = at[n :: len(colours)]
            axes.scatter(*part.T, s=sizes, c=colour, label=f"porte {n}", **more)
        if legend:
            axes.legend(loc="lower right")

    return draw


def google(fill):
    return lambda x, y, k: (
        f'<ellipse cx="{x + 7}" cy="{y - 3}" rx="9" ry="3.5" fill="#000" opacity=".25"/><path '
        f'd="M{x} {y} C{x - 2} {y - 10} {x - 9} {y - 13} {x - 9} {y - 21} A9 9 0 1 1 {x + 9} '
        f'{y - 21} C{x + 9} {y - 13} {x + 2} {y - 10} {x} {y}Z" fill="{fill}" stroke="#222" '
        f'stroke-width=".6"/><circle cx="{x}" cy="{y - 21}" r="3.4" fill="#5b1410"/>'
    )


def letter_pin(fill):
    return lambda x, y, k: (
        google(fill)(x, y, k)
        + (
            f'<text x="{x}" y="{y - 17}" font-size="11" font-family="DejaVu Sans" fill="#fff" '
            f'text-anchor="middle">{"ABCDEFGH"[k % 8]}</text>'
        )
    )


def clusters(x, y, k):
    if k % 3:
        return disc("#11b4da", 4, 'stroke="#fff" stroke-width="1"')(x, y, k)
    r, fill = ((20, "#51bbd6"), (30, "#f1f075"))[k % 2]
    return (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/><text x="{x}" y="{y + 4}" '
        f'text-anchor="middle" font-size="12" font-family="DejaVu Sans">{7 + 13 * k}</text>'
    )


SHADE = 'stroke="#232323" stroke-width=".8"'
FIRST = {
    "leaflet icons": {"engine": leaflet, "js": "L.marker([-y, x]).addTo(m);", "many": 35,
                      "apart": 34, "colour": "blue", "pins": True, "radius": 8},
    "leaflet rings 1.25": {"engine": leaflet, "js": circle_marker(), "many": 40, "apart": 30,
                           "ratio": 1.25, "colour": "blue", "radius": 10},
    "emoji pins": {"engine": svg, "svg": emoji("📍", 22), "apart": 26, "many": 40, "pins": True,
                   "radius": 7},
    "numbered circles": {"engine": svg, "svg": numbered(RED, 10), "apart": 24, "many": 45,
                         "radius": 10},
    "hexagons": {"engine": svg, "svg": lambda *_: "", "colour": "orange", "single": False,
                 "below": hexagons(["#feedde", "#fdbe85", "#fd8d3c", "#e6550d"])},
    "choropleth": {"engine": svg, "svg": disc(RED, 5), "radius": 5,
                   "below": cells(["#eff3ff", "#bdd7e7", "#6baed6", "#2171b5"])},
    "satellite jpeg": {"engine": svg, "svg": disc(RED, 6, 'stroke="#fff" stroke-width="1.5"'),
                       "ground": "aerial", "file": "JPEG 70"},
    "red roofs jpeg": {"engine": svg, "svg": disc("#c8402c", 5.5), "ground": "roof",
                       "file": "JPEG 85", "colour": "#c8402c", "radius": 5.5},
    "overlap 1.5": {"engine": svg, "svg": disc(RED, 7, 'opacity=".5"'), "apart": 8, "many": 70,
                    "ratio": 1.5, "radius": 7},
    "four categories": {"engine": plot, "ground": "pale", "many": 100, "apart": 9,
                        "plot": categories(40, [RED, BLUE, GREEN, ORANGE]), "radius": 4.4,
                        "own": lambda k: k[k % 4 == 0]},
    "photo cropped": {"engine": svg, "svg": disc(BLUE, 7), "colour": "blue", "radius": 7,
                      "photo": {"zoom": 1.5}, "file": "JPEG 90", "apart": 20},
    "photo whole pixels": {"engine": leaflet, "js": circle_marker(radius=7, weight=0, fillOpacity=1,
                           fillColor=RED), "radius": 7, "photo": {"zoom": 1.3, "turn": 3},
                           "apart": 20},
    "phone dark 3": {"engine": svg, "svg": disc("#ff453a", 5), "ground": "dark", "ratio": 3,
                     "above": phone("#1c1c1e", "#ff453a"), "radius": 5, "file": "JPEG 85"},
    "qgis": {"engine": svg, "svg": disc("#e31a1c", 3.8, SHADE), "radius": 3.8, "apart": 11,
             "above": key([("#e31a1c", 3.8, "à voir"), ("#33a02c", 3.8, "vu")])},
    "resized": {"engine": plot, "plot": categories(60, [RED], False), "resize": 0.7, "radius": 5.4},
    "glow": {"engine": svg, "svg": lambda x, y, k: disc("#ffb300", 9, 'opacity=".25"')(x, y, k)
             + disc("#ffb300", 5)(x, y, k), "ground": "dark", "colour": "orange", "radius": 5,
             "apart": 20},
}  # fmt: skip
SECOND = {
    "letter pins": {"engine": svg, "svg": letter_pin("#2e8b57"), "colour": "green", "apart": 34,
                    "many": 35, "pins": True, "radius": 9},
    "maplibre clusters": {"engine": svg, "svg": clusters, "colour": "turquoise", "single": False,
                          "apart": 44, "many": 36},
    "house emoji": {"engine": svg, "svg": emoji("🏠", 20), "single": False, "apart": 26},
    "google pins 2": {"engine": svg, "svg": google("#ea4335"), "apart": 34, "many": 35, "ratio": 2,
                      "pins": True, "radius": 9},
    "hexagons and dots": {"engine": svg, "svg": disc("#d7191c", 5, 'stroke="#000"'), "radius": 5,
                          "below": hexagons(["#440154", "#31688e", "#35b779", "#fde725"])},
    "choropleth of reds": {"engine": svg, "svg": disc("#b2182b", 5), "radius": 5,
                           "below": cells(["#fee5d9", "#fcae91", "#fb6a4a", "#cb181d"])},
    "satellite yellow": {"engine": svg, "svg": disc("#ffe119", 5), "ground": "dry",
                         "colour": "yellow", "radius": 5, "file": "WEBP 75"},
    "pins on red roofs": {"engine": svg, "svg": google("#c0392b"), "ground": "roof", "apart": 34,
                          "many": 30, "pins": True, "radius": 9, "file": "JPEG 80"},
    "crowded rims": {"engine": svg, "svg": disc(BLUE, 5, 'stroke="#000"'), "many": 260, "apart": 6,
                     "colour": "blue", "radius": 5},
    "three categories jpeg": {"engine": plot, "many": 90, "apart": 10, "file": "JPEG 75",
                              "plot": categories(50, ["#7570b3", BLUE, "#d95f02"], edgecolors="w"),
                              "colour": "blue", "radius": 4.9, "own": lambda k: k[k % 3 == 1]},
    "photo of night": {"engine": svg, "svg": disc("#26c6da", 7), "ground": "dark", "radius": 7,
                       "colour": "turquoise", "photo": {"wall": 50, "blur": 1.4, "tilt": 0.05},
                       "file": "JPEG 70", "apart": 20},
    "phone resized": {"engine": leaflet, "js": circle_marker(radius=6, weight=0, fillOpacity=1,
                      fillColor="#2f6fed"), "ratio": 1.5, "resize": 0.8, "colour": "blue",
                      "file": "JPEG 80"},
    "qgis squares": {"engine": svg, "svg": lambda x, y, k: f'<rect x="{x - 4}" y="{y - 4}" width="8'
                     f'" height="8" fill="#ff7f00" {SHADE}/>', "colour": "orange", "radius": 4},
    "hexbin and crosses": {"engine": plot, "ground": "plain", "single": False,
                           "plot": lambda axes, at: (
                           axes.hexbin(*at.T, gridsize=14, cmap="Reds", mincnt=1),
                           axes.scatter(*at[:9].T, marker="x", c="k"))},
    "photo turned": {"engine": leaflet, "js": circle_marker(radius=8, weight=2, color="#fff",
                     fillOpacity=1, fillColor=GREEN), "colour": "green", "radius": 8, "apart": 24,
                     "photo": {"zoom": 1.25, "turn": -5, "blur": 0.8, "moire": 0.09}},
}  # fmt: skip
KINDS = FIRST | SECOND


def main():
    """Print outcomes by kind."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--half", choices=("first", "second"), default="first")
    words.add_argument("--kinds", default="")
    words.add_argument("--seed", type=int, default=51)
    words.add_argument("--save", default="")
    asked = words.parse_args()
    count = Counter()
    for name in (
        asked.kinds.split(";") if asked.kinds else {"first": FIRST, "second": SECOND}[asked.half]
    ):
        look = KINDS[name]
        image, place, radius = drawn(look, [asked.seed, list(KINDS).index(name)])
        if asked.save:
            Image.fromarray(image).save(Path(asked.save) / f"{name}.png")
        began = time.monotonic()
        what, *shares, said = judged(
            image, place, radius, look.get("colour", "red"), pins=look.get("pins", False),
            single=look.get("single", True),
        )  # fmt: skip
        count[what] += 1
        shares = " ".join(f"{share:.2f}" for share in shares)
        print(f"{name:22} {what:8} {shares} {time.monotonic() - began:4.1f}s {said}", flush=True)
    print("right,partly,refused,wrong")
    print(*(count[what] for what in ("right", "partly", "refused", "wrong")), sep=",")


if __name__ == "__main__":
    main()
