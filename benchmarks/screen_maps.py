"""How screenshots and photographs of web maps are read: pins, chrome, legends, banners, densities.

Run as ``python benchmarks/screen_maps.py [--kinds webp,legend] [--seed 31]``. Marks are drawn as
browsers do (at whole pixels of their own, then at the density of the screen), over a small map, and
what stands around a map is drawn too. Judged as in `drawn_maps.py`. No rule of the reader was made
on these kinds before they were first run (seed 31).
"""

import argparse
import io
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent))

from drawn_maps import judged, shape

WIDE, TALL, FINE = 480, 360, 4
RED, BLUE = "#d63e2a", "#3388ff"
# Land, street, park, ink.
DAY = ("#f3f0ea", "#ffffff", "#cfe5c0", "#333333")
NIGHT = ("#20242b", "#3b414b", "#243329", "#c8c8c8")


def ground(rng, colours, ratio):
    """Return a map without marks: blocks, streets and names."""
    land, street, park, ink = colours
    f = ratio * FINE
    image = Image.new("RGB", (round(WIDE * f), round(TALL * f)), land)
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        x, y, w, h = rng.uniform([0, 0, 20, 15], [WIDE, TALL, 80, 60]) * f
        pen.polygon([(x, y), (x + w, y + h / 4), (x + w * 0.8, y + h), (x - w / 5, y + h)], park)
    for k in range(16):
        x, y = rng.uniform(0, [WIDE, TALL]) * f
        turn = 0.3 + (k % 2) * np.pi / 2 + rng.normal(0, 0.2)
        dx, dy = 700 * f * np.cos(turn), 700 * f * np.sin(turn)
        pen.line([(x - dx, y - dy), (x + dx, y + dy)], street, round(4 * f))
    for k in range(10):
        word = ("rue du Lavoir", "Mairie", "allée 3", "École", "Gare")[k % 5]
        at = tuple(rng.uniform(0, [WIDE - 60, TALL - 15]) * f)
        pen.text(at, word, ink, ImageFont.load_default(10 * f), stroke_width=round(f),
                 stroke_fill=land)  # fmt: skip
    return image


def places(rng, many, apart):
    """Return places at least so far from each other, in pixels of the browser."""
    at = np.empty((0, 2))
    while len(at) < many:
        new = rng.uniform([25, 45], [WIDE - 25, TALL - 25])
        if not len(at) or np.hypot(*(at - new).T).min() >= apart:
            at = np.vstack([at, new])
    return at


def disc(pen, x, y, r, fill, line=None, width=0):
    pen.ellipse((x - r, y - r, x + r - 1, y + r - 1), fill, line, round(width))


def mark(pen, x, y, r, look, k):
    """Draw a mark on a layer that is transparent."""
    kind, fill = look.get("mark", "disc"), look.get("fill", RED)
    alpha = round(255 * look.get("opacity", 1.0))
    solid = (*tuple(int(fill[n : n + 2], 16) for n in (1, 3, 5)), alpha)
    if kind == "google":
        turn = np.linspace(np.pi - 0.5, 2 * np.pi + 0.5, 40)
        head = [(np.cos(t), -2.2 + np.sin(t)) for t in turn]
        shape(pen, x, y, r, [(0, 0), *head], "#ea4335", "#c5221f", r / 8)
        disc(pen, x, y - 2.2 * r, 0.4 * r, "#b31412")
    elif kind == "face":
        disc(pen, x, y, r, "#ffcc33", "#b07d12", r / 8)
        for dx in (-0.35, 0.35):
            disc(pen, x + dx * r, y - 0.2 * r, 0.15 * r, "#5b3a00")
        pen.arc((x - r / 2, y - r / 2, x + r / 2, y + r / 2), 20, 160, "#5b3a00", round(r / 7))
    elif kind == "sized":
        disc(pen, x, y, r * (0.6, 0.9, 1.3, 1.9)[k % 4], solid)
    else:
        line = look.get("line")
        disc(pen, x, y, r, solid, line, look.get("width", 0) * r)


def around(pen, look, f, r):
    """Draw what stands around or above a map."""
    font, fill = ImageFont.load_default(11 * f), look.get("fill", RED)
    if look.get("chrome"):
        pen.rectangle((0, 0, WIDE * f, 30 * f), "#dee1e6")
        for k, one in enumerate(("#ff5f57", "#febc2e", "#28c840")):
            disc(pen, (16 + 20 * k) * f, 15 * f, 6 * f, one)
        pen.rounded_rectangle((90 * f, 6 * f, 400 * f, 24 * f), 9 * f, "#ffffff")
        pen.text((110 * f, 8 * f), "https://carte.example/porte-a-porte", "#222222", font)
    if look.get("legend"):
        box = (WIDE - 135) * f, (TALL - 75) * f, (WIDE - 8) * f, (TALL - 8) * f
        pen.rounded_rectangle(box, 4 * f, "#ffffff", "#999999", round(f))
        for k, (one, name) in enumerate(((fill, "à voir"), ("#555555", "fermé"))):
            disc(pen, (WIDE - 118) * f, (TALL - 55 + 20 * k) * f, r, one)
            pen.text(((WIDE - 104) * f, (TALL - 62 + 20 * k) * f), name, "#222222", font)
        pen.line([((WIDE - 125) * f, (TALL - 15) * f), ((WIDE - 45) * f, (TALL - 15) * f)], fill,
                 round(3 * f))  # fmt: skip
    if look.get("banner"):
        pen.rectangle((0, (TALL - 110) * f, 260 * f, TALL * f), "#ffffff", "#cccccc", round(f))
        pen.text((12 * f, (TALL - 98) * f), "Ce site utilise des cookies.", "#222222", font)
        pen.rounded_rectangle((12 * f, (TALL - 40) * f, 110 * f, (TALL - 12) * f), 14 * f, fill)
        disc(pen, 235 * f, (TALL - 90) * f, 8 * f, fill)


def drawn(look, seed):
    """Return a picture, the places of its visible marks, and their radius."""
    rng = np.random.default_rng(seed)
    ratio, radius = look.get("ratio", 1.0), look.get("radius", 6.0)
    f, many = ratio * FINE, look.get("many", 60)
    image = ground(rng, NIGHT if look.get("night") else DAY, ratio).convert("RGBA")
    if look.get("dashes"):
        pen = ImageDraw.Draw(image)
        for k in range(30):
            x, y = 16 * k * f, (60 + 7 * k) * f
            pen.line([(x, y), (x + 9 * f, y + 4 * f)], look.get("fill", RED), round(3 * f))
    at = places(rng, many, look.get("apart", 2.6) * radius)
    drawn_at = np.round(at) if look.get("whole", True) else at
    for k in np.argsort(at[:, 1]):
        x, y = drawn_at[k] * f
        box = [round(v) for v in (x - 40 * f, y - 40 * f, x + 40 * f, y + 40 * f)]
        layer = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]))
        if look.get("shadow"):
            disc(ImageDraw.Draw(layer), x - box[0], y - box[1] + 2 * f, radius * f, (0, 0, 0, 110))
            layer = layer.filter(ImageFilter.GaussianBlur(2 * f))
        top = Image.new("RGBA", layer.size)
        mark(ImageDraw.Draw(top), x - box[0], y - box[1], radius * f, look, int(k))
        layer.alpha_composite(top)
        part = image.crop(tuple(box))
        part.alpha_composite(layer)
        image.paste(part, tuple(box[:2]))
    pen = ImageDraw.Draw(image)
    if look.get("names"):
        for x, y in at[::3] * f:
            pen.text((x + 3 * f, y - 4 * f), "Duclos", "#222222", ImageFont.load_default(10 * f),
                     stroke_width=round(1.5 * f), stroke_fill="#ffffff")  # fmt: skip
    around(pen, look, f, radius * f)
    size = round(WIDE * ratio), round(TALL * ratio)
    image = image.convert("RGB").resize(size, Image.Resampling.BOX)
    # Those of which more than a half is hidden are none.
    if look.get("banner"):
        at = at[~((at[:, 0] < 260) & (at[:, 1] > TALL - 110))]
    if look.get("legend"):
        at = at[~((at[:, 0] > WIDE - 135) & (at[:, 1] > TALL - 75))]
    place = at * ratio
    if look.get("photo"):
        image, place = photographed(np.asarray(image), place, rng, tilt=look["photo"] == "tilt")
    return stored(image, look.get("file")), place, radius * ratio


def photographed(pixels, place, rng, *, tilt):
    """Return a photograph of a screen on a dark wall: moire, perspective, blur, noise."""
    from privaudit.screenshots.placement import homography

    tall, wide = pixels.shape[:2]
    row, column = np.mgrid[:tall, :wide]
    wave = 1 + 0.08 * np.sin(row * 2.7 + column * 0.3) + 0.06 * np.sin(column * 2.5)
    pixels = (pixels * wave[..., None]).clip(0, 255).astype(np.uint8)
    box = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], float)
    off = rng.uniform(0, 0.06 if tilt else 0.01, (4, 2)) * wide
    to = 1.5 * (box + off * [[1, 1], [-1, 1], [-1, -1], [1, -1]]) + 60
    matrix = homography(box, to)
    back = np.linalg.inv(matrix)
    size = int(1.5 * wide + 120), int(1.5 * tall + 120)
    back = tuple((back / back[2, 2]).reshape(-1)[:8])
    how = Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC
    seen = Image.fromarray(pixels).transform(size, *how, fillcolor=(24, 22, 20))
    light = ndimage.gaussian_filter(np.asarray(seen, float), (0.9, 0.9, 0)) * 0.95
    light += rng.normal(0, 3, light.shape)
    at = np.column_stack([place, np.ones(len(place))]) @ matrix.T
    return Image.fromarray(light.clip(0, 255).astype(np.uint8)), at[:, :2] / at[:, 2:]


def stored(image, how):
    """Return the pixels of a picture as a file keeps them."""
    if how is None:
        return np.asarray(image)
    if how.startswith("palette"):
        few = image.quantize(int(how[7:]), dither=Image.Dither.FLOYDSTEINBERG)
        return np.asarray(few.convert("RGB"))
    file, (name, quality) = io.BytesIO(), how.split()
    image.save(file, name, quality=int(quality))
    return np.asarray(Image.open(file).convert("RGB"))


KINDS = {
    "leaflet 1.25": {"fill": BLUE, "opacity": 0.85, "ratio": 1.25},
    "overlap 1.5": {"fill": BLUE, "opacity": 0.6, "ratio": 1.5, "apart": 1.2, "many": 70},
    "overlap half": {"opacity": 0.5, "apart": 1.5, "many": 50, "radius": 7.0},
    "google pins": {"mark": "google", "many": 25, "apart": 5.0},
    "google pins 2": {"mark": "google", "many": 20, "apart": 5.0, "ratio": 2.0, "file": "JPEG 80"},
    "faces": {"mark": "face", "fill": "#ffcc33", "radius": 8.0, "many": 35},
    "dark 2": {"night": True, "fill": "#26c6da", "ratio": 2.0, "radius": 5.0},
    "palette 32": {"file": "palette32"},
    "palette 64 blue": {"file": "palette64", "fill": BLUE, "line": "#ffffff", "width": 0.25},
    "webp": {"file": "WEBP 60", "fill": BLUE},
    "webp rim": {"file": "WEBP 75", "line": "#ffffff", "width": 0.25},
    "jpeg 35": {"file": "JPEG 35"},
    "jpeg 50 dark": {"file": "JPEG 50", "night": True, "fill": "#ffb300", "ratio": 1.5},
    "chrome": {"chrome": True, "fill": "#ff5f57"},
    "chrome 1.25": {"chrome": True, "fill": "#28c840", "ratio": 1.25},
    "legend": {"legend": True},
    "legend jpeg": {"legend": True, "fill": BLUE, "file": "JPEG 75"},
    "banner": {"banner": True},
    "banner 2": {"banner": True, "ratio": 2.0, "file": "WEBP 80", "fill": "#7b1fa2"},
    "dashes": {"dashes": True},
    "shadows": {"shadow": True, "fill": BLUE, "line": "#ffffff", "width": 0.3},
    "sizes": {"mark": "sized", "many": 40, "apart": 4.2},
    "names": {"names": True, "fill": "#7b1fa2"},
    "phone 3": {"ratio": 3.0, "radius": 4.0, "many": 40, "file": "JPEG 85"},
    "moire": {"photo": "straight", "radius": 7.0, "many": 40},
    "moire tilt": {"photo": "tilt", "radius": 7.0, "many": 40, "fill": BLUE, "file": "JPEG 80"},
}  # fmt: skip


def main():
    """Print outcomes by kind."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kinds", default="")
    words.add_argument("--seed", type=int, default=31)
    asked = words.parse_args()
    count = Counter()
    for name in asked.kinds.split(",") if asked.kinds else KINDS:
        look = KINDS[name]
        image, place, radius = drawn(look, [asked.seed, list(KINDS).index(name)])
        began, pins = time.monotonic(), look.get("mark") == "google"
        colour = "red" if pins else look.get("fill", RED)
        what, *shares, said = judged(image, place, radius, colour, pins=pins)
        count[what] += 1
        shares = " ".join(f"{share:.2f}" for share in shares)
        print(f"{name:16} {what:8} {shares} {time.monotonic() - began:4.1f}s {said}", flush=True)
    print("right,partly,refused,wrong")
    print(*(count[what] for what in ("right", "partly", "refused", "wrong")), sep=",")


if __name__ == "__main__":
    main()
