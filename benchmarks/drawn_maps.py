"""How many pictures drawn by other programs are read rightly, refused, or read wrongly, by kind.

Run as ``python benchmarks/drawn_maps.py [--half first] [--kinds m_triangle,p_roof] [--seed 1]``.
Matplotlib (names with ``m_``) and Pillow (``p_``) draw marks of known place over grounds that are
not those of the other benchmarks; some are photographed (``f_``). Judged as in `tile_maps.py`.
The first half of the kinds was looked at while the reader was mended; the second was not.
"""

import argparse
import io
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage, stats

sys.path.insert(0, str(Path(__file__).parent))

from privaudit.errors import PrivauditError
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import refuse_unless_counted

WIDE, TALL, FINE = 800, 600, 4
RED, BLUE, GREEN, ORANGE, BROWN, VIOLET, YELLOW, CYAN = (
    "#e31a1c", "#1f78b4", "#33a02c", "#ff7f00", "#b15928", "#6a3d9a", "#f2c80f", "#17becf",
)  # fmt: skip
INK, PAPER = "#444444", "#f4f1ea"


def rgb(name):
    return tuple(int(name[k : k + 2], 16) for k in (1, 3, 5))


# Grounds: a curved net of streets, fractal aerial photographs, rows of roofs, waters.


def fractal(rng, tall, wide, power=1.6):
    """Return noise whose amplitude falls with frequency, of mean 0 and deviation 1."""
    down, across = np.meshgrid(np.fft.fftfreq(tall), np.fft.fftfreq(wide), indexing="ij")
    size = np.maximum(np.hypot(down, across), 1 / max(tall, wide))
    field = np.fft.ifft2(np.fft.fft2(rng.normal(size=(tall, wide))) * size**-power).real
    return (field - field.mean()) / field.std()


def streets_of(rng):
    """Return curves of streets: radial ones and rings about a middle."""
    middle = rng.uniform([250, 180], [550, 420])
    lines = []
    for k in range(9):
        away = np.linspace(0, 700, 60)
        turn = k * 2 * np.pi / 9 + rng.normal(0, 0.15) + 0.3 * np.sin(away / rng.uniform(150, 400))
        lines.append(middle + away[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]))
    for radius in np.arange(70, 640, 78) + rng.normal(0, 6):
        turn = np.linspace(0, 2 * np.pi, 120)
        wave = radius * (1 + 0.06 * np.sin(5 * turn + radius))
        lines.append(middle + wave[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]))
    return lines


def beside(rng, lines, many, off, apart):
    """Return places beside streets with their turns, no two closer than `apart`."""
    at, turns = [], []
    for _ in range(60 * many):
        line = lines[rng.integers(len(lines))]
        k = int(rng.integers(len(line) - 1))
        step = line[k + 1] - line[k]
        turn = float(np.arctan2(step[1], step[0]))
        side = rng.choice([-1, 1]) * rng.uniform(off, 1.6 * off)
        place = line[k] + rng.random() * step + side * np.array([-np.sin(turn), np.cos(turn)])
        if not (30 < place[0] < WIDE - 30 and 45 < place[1] < TALL - 30):
            continue
        if not at or np.hypot(*(np.array(at) - place).T).min() >= apart:
            at.append(place)
            turns.append(turn)
        if len(at) == many:
            break
    return np.array(at), np.array(turns)


# Land, house and its edge, street and its casing, green, water, ink and halo of names.
STYLES = {
    "pale": ("#f8f8f6", "#ececea", None, "#ffffff", "#dddddd",
             "#e9efe6", "#d4dadc", "#888888", "#fff"),
    "osm": ("#f2efe9", "#d9d0c9", "#b9a99c", "#ffffff", "#c8c0b8",
             "#add19e", "#aad3df", "#333", "#fff"),
    "dark": ("#1c1f24", "#262b31", None, "#3a4048", "#111417",
             "#22302a", "#14202c", "#9aa", "#111"),
    "topo": ("#fdf6e3", "#4a4440", None, "#fff2b0", "#8a6d3b",
             "#cfe3b4", "#b5d8ee", "#222", "#fdf6e3"),
    "roof": ("#e8e4da", "#c0563f", "#7a2f22", "#f7f5f0", "#bbb5aa",
             "#b8cfa0", "#9fc4d8", "#333", "#fff"),
    "plain": ("#ffffff", None, None, None, None,
             None, None, None, None),
}  # fmt: skip


def vector_ground(rng, style, f, lines, tint=None, water=None, green=None):
    """Return a ground of a style; `tint` replaces the colour of a third of the houses."""
    land, house, edge, street, casing, park, sea, ink, halo = STYLES[style]
    image = Image.new("RGB", (WIDE * f, TALL * f), land)
    pen = ImageDraw.Draw(image)
    if style == "plain":
        return image
    cover = fractal(rng, TALL // 4, WIDE // 4, 2.0)
    for limit, colour in ((1.1, green or park), (-1.2, water or sea)):
        mask = (cover > limit) if limit > 0 else (cover < limit)
        big = Image.fromarray((mask * 255).astype(np.uint8)).resize(
            (WIDE * f, TALL * f), Image.Resampling.BICUBIC
        )
        image.paste(colour, mask=big.point(lambda v: 255 * (v > 127)))
    pen = ImageDraw.Draw(image)
    at, turns = beside(rng, lines, 420, 14, 15)
    for (x, y), turn in zip(at, turns, strict=True):
        w, h = rng.uniform(4, 9), rng.uniform(4, 7)
        c, s = np.cos(turn), np.sin(turn)
        shape = [((x + a * c - b * s) * f, (y + a * s + b * c) * f)
                 for a, b in ((-w, -h), (w, -h), (w, h), (-w, h))]  # fmt: skip
        fill = tint if tint and rng.random() < 0.33 else house
        shade = tuple(int(v) for v in np.clip(np.array(rgb(fill)) + rng.normal(0, 4), 0, 255))
        pen.polygon(shape, fill=shade)
        if edge:
            pen.line([*shape, shape[0]], edge, max(1, f // 2))
    for colour, width in ((casing, 7), (street, 5)):
        for line in lines:
            pen.line([tuple(p * f) for p in line], colour, width * f, joint="curve")
    words = ["rue Pasteur", "place du 8 Mai", "Cimetière", "Lycée", "r. Basse", "14 bis", "Stade"]
    for _ in range(22):
        x, y = rng.random(2) * [WIDE, TALL] * f
        pen.text((x, y), words[rng.integers(7)], ink, ImageFont.load_default(11 * f),
                 stroke_width=int(1.4 * f), stroke_fill=halo)  # fmt: skip
    return image


def aerial_ground(rng, f, lines, roofs=(), dry=False):
    """Return an aerial photograph: fractal vegetation, asphalt, roofs with a shaded half."""
    field, fine = fractal(rng, TALL, WIDE, 1.7), fractal(rng, TALL, WIDE, 0.7)
    low, high = ((150, 128, 92), (196, 178, 140)) if dry else ((52, 68, 44), (128, 130, 92))
    share = np.clip(0.5 + 0.28 * field, 0, 1)[..., None]
    pixels = np.array(low) * (1 - share) + np.array(high) * share + 11 * fine[..., None]
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    image = image.resize((WIDE * f, TALL * f), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.line([tuple(p * f) for p in line], (128, 126, 124), 6 * f, joint="curve")
    at, turns = beside(rng, lines, 260, 16, 20)
    shades = [rgb(one) for one in (*roofs, "#8f8b86", "#a35a44", "#cfc8bd")]
    for (x, y), turn in zip(at, turns, strict=True):
        w, h, c, s = rng.uniform(6, 11), rng.uniform(5, 8), np.cos(turn), np.sin(turn)
        shade = np.array(shades[rng.integers(len(shades))]) + rng.normal(0, 7, 3)
        for top, dim in ((-h, 1.0), (0, 0.75)):
            corners = ((-w, top), (w, top), (w, top + h), (-w, top + h))
            pen.polygon([((x + a * c - b * s) * f, (y + a * s + b * c) * f) for a, b in corners],
                        fill=tuple(int(v) for v in np.clip(shade * dim, 0, 255)))  # fmt: skip
    pixels = np.asarray(image).astype(np.float32)
    return Image.fromarray((pixels + rng.normal(0, 5, pixels.shape)).clip(0, 255).astype(np.uint8))


def ground_of(rng, kind, f, lines, **more):
    if kind == "aerial":
        return aerial_ground(rng, f, lines, **more)
    if kind == "dry":
        return aerial_ground(rng, f, lines, dry=True, **more)
    return vector_ground(rng, kind, f, lines, **more)


# Marks. Each draws one mark of radius r about (x, y), in pixels of the large picture.


def circle(pen, x, y, r, fill, line=None, width=0):
    pen.ellipse((x - r, y - r, x + r - 1, y + r - 1), fill=fill, outline=line, width=int(width))


def shape(pen, x, y, r, points, fill, line=None, width=1):
    at = [(x + a * r - 0.5, y + b * r - 0.5) for a, b in points]
    pen.polygon(at, fill=fill)
    if line:
        pen.line([*at, at[0]], line, int(width))


def corners(n, turn=0.0, inner=None):
    angle = (
        turn - np.pi / 2 + np.arange(n * (2 if inner else 1)) * (np.pi if inner else 2 * np.pi) / n
    )
    size = np.where(np.arange(len(angle)) % 2, inner or 1.0, 1.0)
    return list(zip(size * np.cos(angle), size * np.sin(angle), strict=True))


def word(pen, x, y, text, size, fill):
    pen.text((x, y), text, fill, ImageFont.load_default(size), anchor="mm")


def pin(pen, x, y, r, fill, hole="#ffffff", line=None):
    angle = np.linspace(np.pi - 0.45, 2 * np.pi + 0.45, 50)
    head = [(np.cos(t), -2.1 + np.sin(t)) for t in angle]
    shape(pen, x, y, r, [(0, 0), *head], fill, line, r / 9)
    if hole:
        circle(pen, x, y - 2.1 * r, 0.4 * r, hole)


def mark(pen, x, y, look, k, f, rng):
    """Draw a mark; return whether it stands for one place."""
    r, kind = look["radius"] * f, look["mark"]
    fill = look["fills"][k % len(look["fills"])]
    if kind == "dot":
        circle(pen, x, y, r, fill, look.get("line"), look.get("width", 0) * f)
    elif kind == "halo":
        circle(pen, x, y, 1.7 * r, "#ffffff")
        circle(pen, x, y, r, fill)
    elif kind == "target":
        circle(pen, x, y, r, fill)
        circle(pen, x, y, 0.6 * r, "#ffffff")
        circle(pen, x, y, 0.3 * r, fill)
    elif kind == "hollow":
        circle(pen, x, y, r, None, fill, 1.6 * f)
    elif kind == "triangle":
        shape(pen, x, y, r, corners(3), fill, look.get("line"), f)
    elif kind == "down":
        shape(pen, x, y, r, corners(3, np.pi), fill, look.get("line"), f)
    elif kind == "square":
        shape(pen, x, y, r, corners(4, np.pi / 4), fill, look.get("line"), f)
    elif kind == "diamond":
        shape(pen, x, y, r, corners(4), fill, look.get("line"), f)
    elif kind == "pentagon":
        shape(pen, x, y, r, corners(5), fill, look.get("line"), f)
    elif kind == "star":
        shape(pen, x, y, r, corners(5, 0, 0.45), fill, look.get("line"), f)
    elif kind == "half":
        circle(pen, x, y, r, "#ffffff", fill, f)
        pen.pieslice((x - r, y - r, x + r, y + r), 90, 270, fill=fill)
    elif kind in ("x", "plus"):
        for turn in (0, np.pi / 2):
            a = turn + (np.pi / 4 if kind == "x" else 0)
            dx, dy = r * np.cos(a), r * np.sin(a)
            pen.line([(x - dx, y - dy), (x + dx, y + dy)], fill, int(0.4 * r))
    elif kind == "letter":
        word(pen, x, y, "RVNPHX"[k % 6], 2.4 * r, fill)
    elif kind == "oneletter":
        circle(pen, x, y, r, fill)
        word(pen, x, y, "P", 1.3 * r, "#ffffff")
    elif kind == "numbered":
        circle(pen, x, y, r, fill, "#ffffff", f)
        word(pen, x, y, str(k + 1), r, "#ffffff")
    elif kind == "cluster":
        n = int(np.exp(rng.uniform(0.7, 5)))
        size = r * (0.8 if n < 10 else 1.0 if n < 50 else 1.3)
        circle(pen, x, y, size, fill, look.get("line"), f)
        word(pen, x, y, str(n), 0.8 * r, look.get("ink", "#ffffff"))
    elif kind == "bare cluster":
        circle(pen, x, y, r * rng.choice([0.6, 1.0, 1.5, 2.1]), fill)
    elif kind == "pin":
        pin(pen, x, y, r, fill, look.get("hole", "#ffffff"), look.get("line"))
    elif kind == "shadow pin":
        pen.ellipse((x - 0.2 * r, y - 0.35 * r, x + 2.2 * r, y + 0.2 * r), fill="#8c8c86")
        pin(pen, x, y, r, fill, "#ffffff", "#333333")
    elif kind == "shadow dot":
        circle(pen, x + 0.35 * r, y + 0.4 * r, 1.1 * r, "#77736c")
        circle(pen, x, y, r, fill, "#ffffff", 1.2 * f)
    elif kind == "flag":
        pen.line([(x, y), (x, y - 3 * r)], "#333333", int(0.3 * r))
        shape(pen, x, y - 3 * r, r, [(0, 0), (1.6, 0.5), (0, 1.1)], fill)
    elif kind == "house":
        shape(pen, x, y, r, [(-0.8, 0.9), (-0.8, -0.2), (0, -1), (0.8, -0.2), (0.8, 0.9)], fill,
              "#222222", f)  # fmt: skip
    else:
        raise ValueError(kind)


PINS = ("pin", "shadow pin", "flag")


def pillow(look, seed):
    """Return a picture, places of its marks and their radius."""
    rng = np.random.default_rng(seed)
    f, scale = FINE * look.get("scale", 1), look.get("scale", 1)
    lines = streets_of(rng)
    image = ground_of(rng, look["ground"], f, lines, **look.get("more", {}))
    apart = look.get("apart", 2.3) * look["radius"]
    if look.get("free"):
        at = rng.uniform([30, 60], [WIDE - 30, TALL - 30], (look["number"], 2))
    else:
        at = beside(rng, lines, look["number"], 12, apart)[0]
    at = np.round(at * f) / f
    bare = image.copy() if look.get("opacity") else None
    pen = ImageDraw.Draw(image)
    for k in np.argsort(at[:, 1], kind="stable") if look["mark"] in PINS else range(len(at)):
        if bare is None:
            mark(pen, *(at[k] * f), look, int(k), f, rng)
        else:
            box = tuple(int(v) for v in (*(at[k] * f - 60 * f), *(at[k] * f + 60 * f)))
            part = image.crop(box)
            top = part.copy()
            mark(ImageDraw.Draw(top), *(at[k] * f - box[:2]), look, int(k), f, rng)
            image.paste(Image.blend(part, top, look["opacity"]), box[:2])
    if look.get("legend"):
        pen = ImageDraw.Draw(image)
        pen.rectangle([v * f for v in (10, TALL - 80, 190, TALL - 10)], "#ffffff", "#666666")
        for k, name in enumerate(look["fills"]):
            one = look | {"fills": (name,)}
            mark(pen, 28 * f, (TALL - 60 + 24 * k) * f, one, 0, f, rng)
            pen.text((50 * f, (TALL - 60 + 24 * k) * f), f"classe {k + 1}", "#222222",
                     ImageFont.load_default(12 * f), anchor="lm")  # fmt: skip
        pen.line([v * f for v in (640, 585, 760, 585)], "#222222", 3 * f)
        word(pen, 700 * f, 574 * f, "200 m", 12 * f, "#222222")
    image = image.resize((WIDE * scale, TALL * scale), Image.Resampling.BOX)
    if look.get("blur"):
        image = Image.fromarray(np.stack(
            [ndimage.gaussian_filter(np.asarray(image)[..., k].astype(float), look["blur"])
             for k in range(3)], -1).round().astype(np.uint8))  # fmt: skip
    place, radius = at * scale, look["radius"] * scale
    if look.get("resize"):
        to = look["resize"]
        image = image.resize((int(WIDE * scale * to), int(TALL * scale * to)),
                             Image.Resampling.BILINEAR)  # fmt: skip
        place = place * (np.array(image.size) / (WIDE * scale, TALL * scale))
        radius *= to
    if look.get("photo"):
        image, place = photographed(image, place, rng)
    return compressed(image, look.get("jpeg")), place, radius


def photographed(image, place, rng):
    """Return a photograph of a screen: moire, blur, a slight turn, glare and noise."""
    pixels = np.asarray(image).astype(np.float32).repeat(2, 0).repeat(2, 1)
    tall, wide = pixels.shape[:2]
    row, column = np.mgrid[:tall, :wide]
    pixels *= (1 + 0.05 * np.sin(row * 2.9) + 0.05 * np.sin(column * 3.3))[..., None]
    turn = rng.uniform(-0.03, 0.03)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = np.array([tall, wide]) / 2
    # The output at p shows the input at matrix (p - middle) + middle, in rows and columns.
    pixels = np.stack(
        [
            ndimage.affine_transform(
                pixels[..., k], matrix, middle - matrix @ middle, order=1, mode="nearest"
            )
            for k in range(3)
        ],
        -1,
    )
    pixels = ndimage.gaussian_filter(pixels, (1.4, 1.4, 0))[::2, ::2]
    glare = np.linspace(0, 22, pixels.shape[1])[None, :, None]
    pixels = 0.93 * pixels + glare + rng.normal(0, 3, pixels.shape)
    # In doubled rows and columns a place is at twice its own, less half a pixel of the index.
    at = 2 * place[:, ::-1] - 0.5
    at = (at - middle) @ matrix + middle
    # Every second pixel was kept: index 2 k is pixel k, whose middle is at k + .5.
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), (at / 2 + 0.5)[:, ::-1]


def compressed(image, quality):
    if not quality:
        return np.asarray(image)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def matplotlib_picture(look, seed):
    """Return a scatter plot over a ground, places of its marks and their radius."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(seed)
    lines = streets_of(rng)
    figure = plt.figure(figsize=(WIDE / 100, TALL / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1) if not look.get("axes") else (0.1, 0.1, 0.85, 0.85))
    axes.set_xlim(0, WIDE), axes.set_ylim(0, TALL)
    if look["ground"] != "plain":
        ground = ground_of(rng, look["ground"], 1, lines, **look.get("more", {}))
        axes.imshow(np.asarray(ground), extent=(0, WIDE, 0, TALL), aspect="auto")
    at = beside(rng, lines, look["number"], 12, look.get("apart", 2.3) * look["radius"])[0]
    if look.get("free"):
        at = rng.uniform([60, 60], [WIDE - 60, TALL - 60], (look["number"], 2))
    # Areas are in squared points, 72 an inch, of the width.
    size = (2 * look["radius"] * 0.72) ** 2
    for k, fill in enumerate(look["fills"]):
        some = slice(k, None, len(look["fills"]))
        axes.scatter(*at[some].T, s=size, c=fill, marker=look["mark"], label=f"classe {k}",
                     **look.get("options", {}))  # fmt: skip
    if look.get("legend"):
        axes.legend(loc="lower right")
    if not look.get("axes"):
        axes.set_axis_off()
    axes.set_xlim(0, WIDE), axes.set_ylim(0, TALL)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    place = axes.transData.transform(at)
    place[:, 1] = TALL - place[:, 1]
    plt.close(figure)
    image = Image.open(file).convert("RGB")
    return compressed(image, look.get("jpeg")), place, look["radius"]


def dot(ground="osm", fill=RED, radius=5.0, number=80, **more):
    return {"mark": "dot", "ground": ground, "fills": (fill,), "radius": radius,
            "number": number} | more  # fmt: skip


def any_of(kind, ground="osm", fill=RED, radius=6.0, number=70, **more):
    return dot(ground, fill, radius, number, mark=kind) | more


ROOF, SEA = {"tint": "#d8422f"}, {"water": "#3a86b8"}
# Kinds that were looked at while the reader was mended.
FIRST = {
    "p_plain": dot("plain"),
    "p_pale": dot("pale", BLUE, 4.0, 120),
    "p_osm": dot("osm", RED, 5.0, line="#ffffff", width=1),
    "p_osm grey": dot("osm", BLUE, 5.0, fills=(BLUE, "#808080")),
    "p_dark": dot("dark", ORANGE, 4.5),
    "p_aerial": dot("aerial", RED, 5.5, line="#ffffff", width=1.2),
    "p_aerial yellow": dot("aerial", YELLOW, 4.5),
    "p_aerial brown": dot("aerial", "#a35a44", 5.0),
    "p_dry orange": dot("dry", ORANGE, 5.0, line="#333333", width=0.8),
    "p_roof": dot("roof", "#c8452f", 5.0),
    "p_roof rim": dot("roof", RED, 6.0, line="#ffffff", width=1.5),
    "p_tint": dot("osm", "#d8422f", 5.0, more=ROOF),
    "p_sea": dot("osm", "#3a86b8", 5.0, more=SEA),
    "p_near sea jpeg": dot("osm", "#3f8fc4", 5.5, more=SEA, jpeg=85, line="#ffffff", width=1.5),
    "p_near sea jpeg 70": dot("osm", "#2f7ab0", 5.5, more=SEA, jpeg=70),
    "p_triangle": any_of("triangle"),
    "p_triangle night": any_of("triangle", "dark", ORANGE, 5.0),
    "p_square": any_of("square", "pale", BLUE),
    "p_star": any_of("star", "osm", VIOLET, 7.0),
    "p_x": any_of("x"),
    "p_letter": any_of("letter", "pale", BLUE),
    "p_numbered": any_of("numbered", "osm", GREEN, 10.0, 45),
    "p_cluster": any_of("cluster", "osm", GREEN, 14.0, 30, apart=3),
    "p_cluster night": any_of("cluster", "dark", ORANGE, 14.0, 30, apart=3, ink="#111111"),
    "p_cluster night rim": any_of("cluster", "dark", BLUE, 13.0, 32, apart=3, line="#ffffff"),
    "p_pin": any_of("pin", "osm", RED, 8.0, 35, apart=4),
    "p_shadow pin": any_of("shadow pin", "pale", BLUE, 8.0, 35, apart=4),
    "p_shadow dot": any_of("shadow dot", "osm", RED, 6.0),
    "p_asked other": dot("osm", VIOLET, 5.0, asked="red"),
    "p_asked other jpeg": dot("osm", "#c2367f", 5.0, asked="red", jpeg=80),
    "p_asked blue cyan": dot("pale", CYAN, 5.0, asked="blue"),
    "p_two colours": dot("pale", RED, 5.0, fills=(RED, BLUE)),
    "p_overlap": dot("osm", RED, 5.0, 200, free=True),
    "p_half transparent": dot("osm", RED, 6.0, 100, opacity=0.5),
    "p_legend": dot("osm", RED, 5.0, legend=True),
    "p_jpeg 60": dot("pale", RED, 5.0, jpeg=60),
    "p_resized": dot("pale", RED, 6.0, resize=0.8),
    "f_plain": dot("pale", RED, 7.0, photo=True, jpeg=80),
    "m_scatter": dot("plain", "#1f77b4", 4.0, mark="o"),
    "m_axes": dot("plain", "#d62728", 4.0, mark="o", axes=True, legend=True),
    "m_triangle": dot("osm", "#d62728", 5.0, mark="^"),
    "m_osm": dot("osm", "#d62728", 4.0, mark="o"),
}
# Kinds that were first drawn when the reader had been mended.
SECOND = {
    "p_topo": dot("topo", BLUE, 5.0),
    "p_topo red": dot("topo", RED, 4.5, line="#222222", width=0.8),
    "p_dark blue": dot("dark", CYAN, 4.0, 120),
    "p_pale retina": dot("pale", VIOLET, 4.0, scale=2),
    "p_aerial cyan": dot("aerial", CYAN, 5.0, line="#222222", width=0.8),
    "p_aerial white rim jpeg": dot("aerial", VIOLET, 6.0, line="#ffffff", width=1.5, jpeg=80),
    "p_dry brown": dot("dry", BROWN, 5.0),
    "p_dry red": dot("dry", RED, 4.0),
    "p_roof orange": dot("roof", ORANGE, 5.0),
    "p_roof blue": dot("roof", BLUE, 5.0),
    "p_green park": dot("osm", "#4c9a4c", 5.0, more={"green": "#58a558"}, jpeg=80),
    "p_near sea png": dot("pale", "#3a78b8", 5.0, more={"water": "#4488c0"}),
    "p_near sea jpeg 90": dot("osm", "#3a78b8", 6.5, more={"water": "#4c90c0"}, jpeg=90),
    "p_down": any_of("down", "osm", GREEN, 6.0),
    "p_down rim": any_of("down", "pale", RED, 7.0, line="#222222"),
    "p_diamond": any_of("diamond", "dark", YELLOW, 6.0),
    "p_pentagon": any_of("pentagon", "osm", BLUE, 6.0),
    "p_plus": any_of("plus", "pale", RED, 6.0),
    "p_half": any_of("half", "osm", RED, 6.0),
    "p_target": any_of("target", "osm", RED, 7.0),
    "p_hollow": any_of("hollow", "osm", BLUE, 6.0),
    "p_halo": any_of("halo", "osm", BLUE, 4.0),
    "p_one letter": any_of("oneletter", "osm", BLUE, 9.0, 45),
    "p_cluster dark": any_of("cluster", "dark", GREEN, 16.0, 25, apart=3),
    "p_cluster aerial": any_of("cluster", "aerial", RED, 14.0, 28, apart=3),
    "p_bare cluster": any_of("bare cluster", "pale", RED, 9.0, 40, apart=4.5),
    "p_pin dark": any_of("pin", "dark", RED, 8.0, 35, apart=4),
    "p_pin jpeg": any_of("pin", "osm", GREEN, 9.0, 30, apart=4, jpeg=75),
    "p_flag": any_of("flag", "osm", RED, 6.0, 40, apart=5),
    "p_house": any_of("house", "osm", ORANGE, 7.0, 50),
    "p_asked orange": dot("osm", ORANGE, 5.0, asked="red"),
    "p_asked pink": dot("dark", "#e377c2", 5.0, asked="purple"),
    "p_asked green jpeg": dot("osm", "#2ca02c", 5.0, asked="turquoise", jpeg=75),
    "p_three colours": dot("osm", RED, 5.0, fills=(RED, GREEN, BLUE), legend=True),
    "p_overlap rim": dot("pale", BLUE, 6.0, 170, free=True, line="#ffffff", width=1),
    "p_transparent aerial": dot("aerial", RED, 6.0, 80, opacity=0.6),
    "p_jpeg 45": dot("osm", BLUE, 6.0, jpeg=45),
    "p_enlarged": dot("osm", RED, 4.0, resize=1.5),
    "p_blurred": dot("pale", RED, 6.0, blur=1.2),
    "f_dark": dot("dark", CYAN, 7.0, photo=True, jpeg=85),
    "m_legend": dot("pale", "#2ca02c", 4.5, mark="o", legend=True),
    "m_alpha": dot("osm", "#d62728", 5.0, mark="o", options={"alpha": 0.6}),
    "m_edge": dot("osm", "#ff7f0e", 5.0, mark="o", options={"edgecolors": "black"}),
    "m_v": dot("plain", "#1f77b4", 5.0, mark="v"),
    "m_square": dot("plain", "#1f77b4", 4.0, mark="s"),
    "m_X": dot("osm", "#d62728", 5.0, mark="X"),
    "m_cross": dot("plain", "#d62728", 5.0, mark="+"),
}
KINDS = FIRST | SECOND


def picture(name, seed):
    """Return a picture of a kind, the places of the marks of the colour asked, and their radius."""
    look = KINDS[name]
    draw = matplotlib_picture if name.startswith("m_") else pillow
    return draw(look, [seed, list(KINDS).index(name)])


def outcome(name, seed):
    """Return what the reader does, precision, recall, the share within the error, and words."""
    look = KINDS[name]
    image, place, radius = picture(name, seed)
    first, classes = look["fills"][0], len(look["fills"])
    own = place if "#808080" in look["fills"] else place[::classes]
    single = look["mark"] not in ("cluster", "bare cluster") and not look.get("asked")
    pins = look["mark"] in PINS
    return judged(image, own, radius, look.get("asked") or first, pins=pins, single=single)


def judged(image, own, radius, colour, *, pins=False, single=True):
    """Return what the reader does with a picture of marks at places, as `outcome`."""
    try:
        dots = picture_dots(image, colour=colour)
        refuse_unless_counted(dots)
    except PrivauditError as error:
        return "refused", np.nan, np.nan, np.nan, str(error)[:200]
    link = link_positions(own, dots.pixel, max(radius * (0.5 if pins else 1), 3.0))
    right = int((link >= 0).sum())
    off = dots.pixel[link[link >= 0]] - own[link >= 0]
    error = dots.error[link[link >= 0]]
    true = int((np.hypot(*off.T) <= np.sqrt(-2 * np.log(0.05)) * error).sum())
    precision, recall = right / max(len(dots.pixel), 1), right / len(own)
    held = stats.binom.cdf(true, max(right, 1), 0.95) >= 0.01
    low, about, high = (round(n) for n in dots.shown)
    more = about > len(dots.pixel) or dots.refused
    counted, what = low <= len(own) <= high, "wrong"
    if single and precision >= 0.95 and held:
        what = "right" if recall >= 0.95 else "partly" if counted and more else what
    bias = off.mean(axis=0).round(2).tolist() if right else []
    words = (f"{len(dots.pixel)} {dots.marker}s of {len(own)}, shows {low} / {about} / {high}, "
             f"off {np.median(np.hypot(*off.T)) if right else np.nan:.2f} bias {bias} stated "
             f"{np.median(dots.error):.2f} r {dots.radius:.1f}")  # fmt: skip
    return what, precision, recall, true / max(right, 1), words if counted else f"{words}, count"


def main():
    """Print outcomes by kind."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--half", choices=("first", "second", "both"), default="both")
    words.add_argument("--kinds", default="")
    words.add_argument("--seed", type=int, default=22_011)
    asked = words.parse_args()
    names = {"first": FIRST, "second": SECOND, "both": KINDS}[asked.half]
    count = Counter()
    for name in asked.kinds.split(",") if asked.kinds else names:
        began = time.monotonic()
        what, precision, recall, held, said = outcome(name, asked.seed)
        count[what] += 1
        about = f"{name:24} {what:8} {precision:.2f} {recall:.2f} {held:.2f}"
        print(f"{about} {time.monotonic() - began:4.1f}s {said}", flush=True)
    print("right,partly,refused,wrong")
    print(*(count[what] for what in ("right", "partly", "refused", "wrong")), sep=",")


if __name__ == "__main__":
    main()
