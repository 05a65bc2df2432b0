"""How many painted maps are read rightly, refused, or read wrongly, by kind of mark and of ground.

Run as ``python benchmarks/painted_maps.py [--family held] [--repetitions 2] [--kinds qgis,cross]``.
Pillow paints marks of known place over a ground. A picture is *right* where precision and recall of
places within a mark's radius are .95 or more, *refused* where the reader raises, and *wrong*
otherwise. The reader was developed on the family ``tuned``; ``held`` has other colours, sizes,
grounds, marks and seeds.
"""

import argparse
import io
from collections import Counter
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from privaudit.errors import PrivauditError
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import refuse_unless_counted

WIDE, TALL = 600, 450
# Times that a picture is painted larger than it is, so that edges are soft.
FINE = 3
RIGHT = 0.95
DARK = (35, 35, 35)
VISITED = (128, 128, 128)


class Look(NamedTuple):
    """What a picture is painted with; lengths in pixels of the map, before `scale`.

    `asked` is the colour that the reader is asked for, None for that of the marks.
    """

    mark: str
    ground: str
    fill: tuple[int, int, int] = (214, 39, 40)
    radius: float = 4.0
    number: int = 80
    scale: int = 1
    quality: int | None = None
    grey: float = 0.0
    asked: str | None = None


class Painted(NamedTuple):
    """A picture, where its marks are in pixels, and the radius of one."""

    image: np.ndarray
    place: np.ndarray
    radius: float
    asked: str


# Grounds.


def _noise(rng, tall, wide, octaves=(4, 16, 60), weights=(0.4, 0.35, 0.6)):
    """Return correlated noise of mean 0 and about unit range."""
    total = np.zeros((tall, wide))
    for size, weight in zip(octaves, weights, strict=True):
        small = rng.normal(size=(tall // size + 3, wide // size + 3))
        large = ndimage.zoom(small, size, order=1)[:tall, :wide]
        total += weight * large
    return total


def _streets(rng, colour, width, casing=None, lines=9):
    """Return a painter of streets across the map."""

    def paint(pen, f):
        for _ in range(lines):
            along = rng.random() < 0.5
            a, b = rng.random(2)
            ends = [(0, a * TALL), (WIDE, b * TALL)] if along else [(a * WIDE, 0), (b * WIDE, TALL)]
            ends = [(x * f, y * f) for x, y in ends]
            if casing is not None:
                pen.line(ends, casing, int((width + 2) * f))
            pen.line(ends, colour, int(width * f))

    return paint


def _houses(rng, colours, outline, many=240, sizes=(7, 22)):
    """Return a painter of buildings: turned rectangles and L shapes."""

    def paint(pen, f):
        for _ in range(many):
            x, y = rng.random(2) * [WIDE, TALL]
            w, h = rng.uniform(*sizes, 2)
            c, s = (np.cos, np.sin)
            turn = rng.choice([0.1, 0.1 + np.pi / 2, rng.uniform(0, np.pi)])
            shape = [(-w, -h), (w, -h), (w, h), (-w, h)]
            if rng.random() < 0.3:
                shape = [(-w, -h), (w, -h), (w, 0), (0, 0), (0, h), (-w, h)]
            at = [
                (
                    (x + (a * c(turn) - b * s(turn)) / 2) * f,
                    (y + (a * s(turn) + b * c(turn)) / 2) * f,
                )
                for a, b in shape
            ]
            fill = colours[rng.integers(len(colours))]
            fill = tuple(int(v) for v in (np.array(fill) + rng.normal(0, 5, 3)).clip(0, 255))
            pen.polygon(at, fill=fill, outline=outline, width=max(1, int(0.8 * f)))

    return paint


def _names(rng, colour, halo, many=15):
    """Return a painter of street names with halos."""
    words = ["Rue des Lilas", "Avenue Foch", "Impasse du Four", "Mairie", "École", "12", "Le Bourg"]

    def paint(pen, f):
        font = ImageFont.load_default(int(11 * f))
        for _ in range(many):
            x, y = rng.random(2) * [WIDE, TALL] * f
            word = words[rng.integers(len(words))]
            pen.text((x, y), word, colour, font, stroke_width=int(1.5 * f), stroke_fill=halo)

    return paint


OSM, ROOFS = [(217, 208, 201), (222, 214, 208)], [(178, 76, 62), (196, 98, 70), (160, 70, 60)]
REDS = [(214, 52, 46), (225, 90, 60), (200, 40, 40), (240, 150, 60)]


def ground(kind, rng, f):
    """Return the ground of a map, painted `f` times as large."""
    tall, wide = TALL * f, WIDE * f
    if kind in ("satellite", "fields"):
        return _aerial(kind, rng, f)
    base = {"plain": "white", "night": "#262a2e", "topo": "#fbf8ef"}.get(kind, "#f2efe9")
    image = Image.new("RGB", (wide, tall), base)
    pen = ImageDraw.Draw(image)
    if kind == "plain":
        return image
    if kind == "night":
        parts = [_streets(rng, "#3f464d", 6), _streets(rng, "#a4671f", 4, lines=4)]
        parts += [_houses(rng, [(48, 52, 58), (56, 60, 66)], None, many=170)]
        parts += [_names(rng, "#b8bcc2", "#1d2023")]
    elif kind == "topo":
        field = _noise(rng, TALL, WIDE, (40, 90, 160), (0.3, 0.5, 0.9))
        wood = ndimage.zoom((field > 0.4).astype(np.uint8), f, order=0)
        lines = np.abs(np.mod(ndimage.zoom(field, f, order=1) * 6, 1) - 0.5) < 0.04
        pixels = np.array(image)
        pixels[wood > 0] = (200, 223, 180)
        pixels[lines] = (196, 150, 104)
        image = Image.fromarray(pixels)
        pen = ImageDraw.Draw(image)
        parts = [_streets(rng, "#e0503c", 3, "#5b2d22", 4), _streets(rng, "#ffffff", 3, "#666666")]
        parts += [_houses(rng, [(60, 55, 52), (230, 120, 70)], None, many=150, sizes=(5, 11))]
        parts += [_names(rng, "#222222", "#fbf8ef")]
    else:
        parks = _houses(rng, [(205, 235, 176)], None, many=10, sizes=(60, 140))
        parts = [
            parks,
            _streets(rng, "#ffffff", 6, "#c9c5bd"),
            _streets(rng, "#fcd6a4", 8, "#a06b00", 2),
        ]
        if kind == "buildings":
            parts += [_houses(rng, OSM, (190, 175, 165))]
        if kind == "roofs":
            parts += [_houses(rng, REDS, (120, 40, 30))]
        if kind == "brick":
            parts += [_houses(rng, ROOFS, None)]
        parts += [_names(rng, "#333333", "#f8f6f2")]
    for paint in parts:
        paint(pen, f)
    return image


def _aerial(kind, rng, f):
    """Return an aerial photograph: fields or gardens, trees, roads and roofs."""
    tall, wide = TALL, WIDE
    noise, hue = _noise(rng, tall, wide), _noise(rng, tall, wide, (8, 40, 120))
    low, high = (
        ((62, 78, 48), (150, 140, 105)) if kind == "satellite" else ((96, 104, 58), (190, 164, 118))
    )
    share = (0.5 + 0.3 * hue).clip(0, 1)[..., None]
    pixels = np.array(low) * (1 - share) + np.array(high) * share + 14 * noise[..., None]
    if kind == "fields":
        row, column = np.mgrid[:tall, :wide]
        pixels += 7 * np.sin((row + 0.4 * column) / 2.2)[..., None] * (hue > 0)[..., None]
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).resize(
        (wide * f, tall * f), Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(image)
    _streets(rng, (142, 140, 138), 7)(pen, f)
    _houses(rng, [*ROOFS, (120, 118, 116), (205, 200, 195)], None, many=215)(pen, f)
    for _ in range(400):
        x, y, r = *(rng.random(2) * [wide, tall]), rng.uniform(2, 7)
        green = tuple(int(v) for v in np.array((44, 66, 38)) + rng.normal(0, 9, 3))
        pen.ellipse([(x - r) * f, (y - r) * f, (x + r) * f, (y + r) * f], fill=green)
    grain = rng.normal(0, 4, (tall, wide, 1)).repeat(f, 0).repeat(f, 1)
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


# Marks: painted around a place, in the order of the places.


def _polygon(pen, x, y, points, look, f, line=DARK):
    at = [((x + a * look.radius) * f, (y + b * look.radius) * f) for a, b in points]
    pen.polygon(at, fill=look.fill, outline=line, width=max(1, int(0.7 * f)))


def _circle(pen, x, y, r, fill, f, line=None, width=0.0):
    box = [(v + e) * f for e in (-r, r) for v in (x, y)]
    pen.ellipse(box, fill=fill, outline=line, width=round(width * f))


def _regular(n, turn=-np.pi / 2, inner=None):
    """Return the corners of a polygon, or of a star with an inner radius."""
    angle = (
        turn + np.arange(n * (1 if inner is None else 2)) * np.pi * (2 if inner is None else 1) / n
    )
    size = np.where(np.arange(len(angle)) % 2 == 0, 1.0, 1.0 if inner is None else inner)
    return list(zip(size * np.cos(angle), size * np.sin(angle), strict=True))


HOUSE = [(-0.8, 1), (-0.8, -0.1), (-1.1, -0.1), (0, -1.1), (1.1, -0.1), (0.8, -0.1), (0.8, 1)]
SHAPES = {
    "triangle": _regular(3), "square": _regular(4, np.pi / 4), "diamond": _regular(4),
    "hexagon": _regular(6), "star": _regular(5, inner=0.4), "house": HOUSE,
}  # fmt: skip


def _text(pen, x, y, word, size, fill, f):
    pen.text((x * f, y * f), word, fill, ImageFont.load_default(int(size * f)), anchor="mm")


def paint_mark(pen, x, y, look, k, f, rng):
    """Paint one mark of a look; its place is its middle, of a pin its tip."""
    r, kind = look.radius, look.mark
    if kind in ("disc", "white", "qgis"):
        line = {"disc": None, "white": (255, 255, 255), "qgis": DARK}[kind]
        _circle(pen, x, y, r, look.fill, f, line, {"disc": 0, "white": 1.5, "qgis": 0.76}[kind])
    elif kind == "thick":
        _circle(pen, x, y, r, look.fill, f, (0, 0, 0), 1.6)
    elif kind == "numbered":
        _circle(pen, x, y, r, look.fill, f, (255, 255, 255), 1.2)
        _text(pen, x, y, str(k + 1), 1.0 * r, (255, 255, 255), f)
    elif kind == "cluster":
        count = int(np.exp(rng.uniform(0, 4.8)))
        if count < 2:
            _circle(pen, x, y, r / 3, look.fill, f, DARK, 0.76)
            return
        size = r * (1 if count < 10 else 1.2 if count < 100 else 1.4)
        _circle(pen, x, y, size, look.fill, f)
        _text(pen, x, y, str(count), 0.9 * r, (20, 20, 20), f)
    elif kind in ("plus", "cross"):
        turn = 0 if kind == "plus" else np.pi / 4
        for angle in (turn, turn + np.pi / 2):
            dx, dy = r * np.cos(angle), r * np.sin(angle)
            ends = [((x - dx) * f, (y - dy) * f), ((x + dx) * f, (y + dy) * f)]
            pen.line(ends, look.fill, int(0.45 * r * f))
    elif kind == "letter":
        _text(pen, x, y, "ABCEKPRS"[k % 8], 2.4 * r, look.fill, f)
    elif kind == "pin":
        angle = np.linspace(np.radians(150), np.radians(390), 30)
        head = [(r * np.cos(t), -2.4 * r + r * np.sin(t)) for t in angle]
        at = [((x + a) * f, (y + b) * f) for a, b in [(0, 0), *head]]
        pen.polygon(at, fill=look.fill, outline=DARK, width=max(1, int(0.6 * f)))
        _circle(pen, x, y - 2.4 * r, 0.38 * r, (255, 255, 255), f)
    else:
        _polygon(pen, x, y, SHAPES[kind], look, f)


def places(rng, many, apart):
    """Return places in rows of streets and between them, few of which overlap."""
    chosen = np.empty((0, 2))
    while len(chosen) < many:
        at = rng.random(2) * [WIDE - 60, TALL - 80] + [30, 50]
        if rng.random() < 0.6:
            at[1] = np.round(at[1] / 45) * 45 + rng.normal(0, 2)
        if not len(chosen) or np.hypot(*(chosen - at).T).min() >= apart * rng.uniform(0.6, 1):
            chosen = np.vstack([chosen, at])
    return chosen


def painted(look, seed):
    """Return a picture of a look."""
    rng = np.random.default_rng(seed)
    f = FINE * look.scale if look.scale == 1 else 2 * look.scale
    image = ground(look.ground, rng, f)
    pen = ImageDraw.Draw(image)
    place = places(rng, look.number, 2.4 * look.radius)
    visited = rng.random(look.number) < look.grey
    for k in np.argsort(~visited, kind="stable"):
        one = look._replace(fill=VISITED) if visited[k] else look
        paint_mark(pen, *place[k], one, int(k), f, rng)
    size = (WIDE * look.scale, TALL * look.scale)
    image = image.resize(size, Image.Resampling.BOX)
    if look.quality is not None:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=look.quality)
        image = Image.open(file).convert("RGB")
    asked = look.asked or "#{:02x}{:02x}{:02x}".format(*look.fill)
    return Painted(np.asarray(image), place * look.scale, look.radius * look.scale, asked)


def outcome(picture):
    """Return what the reader does with a picture, precision, recall, and a range or a reason."""
    try:
        dots = picture_dots(picture.image, colour=picture.asked)
        refuse_unless_counted(dots)
    except PrivauditError as error:
        return "refused", np.nan, np.nan, str(error)
    right = 0
    if len(picture.place):
        right = int((link_positions(picture.place, dots.pixel, picture.radius) >= 0).sum())
    precision, recall = right / max(len(dots.pixel), 1), right / max(len(picture.place), 1)
    good = precision >= RIGHT and recall >= RIGHT
    low, about, high = (round(n) for n in dots.shown)
    words = (
        f"{len(dots.pixel)} {dots.marker}s of {len(picture.place)}, shows {low} / {about} / {high}"
    )
    return "right" if good else "wrong", precision, recall, words


RED, BLUE, GREEN, ORANGE, VIOLET = (
    (214, 39, 40), (31, 119, 180), (46, 160, 67), (255, 127, 14), (141, 90, 153),
)  # fmt: skip


def tuned():
    """Return the looks on which the reader was developed."""
    looks = []
    for ground_ in ("streets", "buildings", "roofs", "brick", "satellite"):
        for fill in ((183, 72, 75), BLUE, (190, 207, 80)):
            looks.append(Look("qgis", ground_, fill, 3.8))
        looks.append(Look("qgis", ground_, RED, 3.8, scale=2))
        looks.append(Look("qgis", ground_, RED, 3.8, quality=80))
        looks.append(Look("qgis", ground_, BLUE, 3.8, grey=0.4))
        looks.append(Look("disc", ground_, RED, 5.0, grey=0.4))
        looks.append(Look("white", ground_, ORANGE, 6.0, grey=0.4))
        looks.append(Look("numbered", ground_, RED, 10.0, 50))
        looks.append(Look("numbered", ground_, BLUE, 9.0, 70, quality=85))
        looks.append(Look("cluster", ground_, (110, 204, 57), 15.0, 30))
        looks.append(Look("cluster", ground_, RED, 14.0, 35))
        looks.append(Look("plus", ground_, RED, 6.0))
        looks.append(Look("cross", ground_, BLUE, 5.0))
        looks.append(Look("letter", ground_, RED, 6.0))
        looks.append(Look("triangle", ground_, RED, 6.0))
        looks.append(Look("square", ground_, BLUE, 5.0))
        looks.append(Look("pin", ground_, RED, 6.0, 45))
        looks.append(Look("qgis", ground_, BLUE, 3.8, asked="red"))
        looks.append(Look("disc", ground_, GREEN, 5.0, asked="red", quality=85))
        looks.append(Look("disc", ground_, number=0, asked="red"))
        looks.append(Look("disc", ground_, number=0, asked="orange", quality=85))
    return looks


def held():
    """Return looks that the reader was not developed on."""
    looks = []
    for ground_ in ("plain", "topo", "night", "fields", "roofs", "satellite", "buildings"):
        for fill in ((229, 182, 54), (125, 139, 143), (114, 155, 111), (196, 60, 57)):
            looks.append(Look("qgis", ground_, fill, 4.6))
        looks.append(Look("qgis", ground_, (164, 113, 88), 3.2, scale=2))
        looks.append(Look("qgis", ground_, VIOLET, 4.2, quality=70))
        looks.append(Look("thick", ground_, (228, 26, 28), 6.5, grey=0.3))
        looks.append(Look("disc", ground_, (55, 126, 184), 3.5, 120))
        looks.append(Look("white", ground_, (152, 78, 163), 7.0, 60, quality=75))
        looks.append(Look("numbered", ground_, (77, 175, 74), 11.0, 40))
        looks.append(Look("numbered", ground_, (0, 0, 0), 8.0, 70))
        looks.append(Look("cluster", ground_, (241, 128, 23), 17.0, 25))
        looks.append(Look("cluster", ground_, (81, 140, 210), 12.0, 45, quality=85))
        looks.append(Look("plus", ground_, (152, 78, 163), 4.5))
        looks.append(Look("cross", ground_, (228, 26, 28), 8.0, 50))
        looks.append(Look("letter", ground_, (55, 126, 184), 7.0, 60))
        looks.append(Look("triangle", ground_, (255, 127, 0), 4.5, 100))
        looks.append(Look("diamond", ground_, (228, 26, 28), 6.0))
        looks.append(Look("hexagon", ground_, (77, 175, 74), 5.0))
        looks.append(Look("star", ground_, (228, 26, 28), 7.0, 60))
        looks.append(Look("house", ground_, (166, 86, 40), 6.0, 60))
        looks.append(Look("pin", ground_, (55, 126, 184), 7.0, 40, scale=2))
        looks.append(Look("thick", ground_, (152, 78, 163), 5.0, asked="red"))
        looks.append(Look("disc", ground_, number=0, asked="red", scale=2))
        looks.append(Look("disc", ground_, number=0, asked="green"))
        looks.append(Look("disc", ground_, number=0, asked="blue", quality=75))
    return looks


FAMILIES = {"tuned": (tuned, 1_000), "held": (held, 77_000)}


def main() -> None:
    """Print outcomes by kind of mark and ground."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, default="held")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--grounds", default="")
    parser.add_argument("--each", action="store_true", help="print every picture")
    given = parser.parse_args()
    looks, seed = FAMILIES[given.family]
    tables: dict[str, dict[str, Counter]] = {"mark": {}, "ground": {}}
    for number, look in enumerate(looks()):
        kind = look.mark if look.number else "no marks"
        if look.number and look.asked:
            kind = "of another colour"
        if given.kinds and kind not in given.kinds.split(","):
            continue
        if given.grounds and look.ground not in given.grounds.split(","):
            continue
        for again in range(given.repetitions):
            what, precision, recall, words = outcome(painted(look, [seed, number, again]))
            tables["mark"].setdefault(kind, Counter())[what] += 1
            tables["ground"].setdefault(look.ground, Counter())[what] += 1
            if given.each:
                fill = "#{:02x}{:02x}{:02x}".format(*look.fill)
                about = (
                    f"{number:3} {kind:10} {look.ground:10} {fill} x{look.scale} q{look.quality}"
                )
                print(f"{about} {what:8} {precision:.2f} {recall:.2f} {words[:150]}", flush=True)
    for name, table in tables.items():
        table["all"] = sum(table.values(), Counter())
        print(f"\n| {name} | pictures | read rightly | refused | wrong |\n|---|---|---|---|---|")
        for kind, count in table.items():
            cells = (count[what] for what in ("right", "refused", "wrong"))
            print(f"| {kind} | {count.total()} |", " | ".join(map(str, cells)), "|")


if __name__ == "__main__":
    main()
