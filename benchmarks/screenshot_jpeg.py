"""What compression costs a reader of dot maps, as one table.

Run as ``python benchmarks/screenshot_jpeg.py [--repetitions 3] [--looks "white;streets"]
[--radii 4,8]``. Red dots and grey ones under them, drawn by Pillow anywhere on a map of 1,000 x
700 pixels, at one radius; saved as a PNG and as JPEG files with colour at half the resolution
(4:2:0). A dot is found when a red dot was read within 1.5 pixels of it, each dot once. The oracle
finds dots that show a tenth of their edge or more. ``told`` counts what the reader says that it
left out, in red and in grey.
"""

import argparse
import io

import numpy as np
from PIL import Image, ImageDraw
from scipy.optimize import linear_sum_assignment
from visible_edge import visible_edge

from privaudit.errors import PrivauditError
from privaudit.screenshots.picture_dots import picture_dots

RED, GREY = (214, 39, 40), (128, 128, 128)
SIZE, DOTS, GREYS = (1_000, 700), 200, 100
QUALITIES = (None, 95, 85, 80, 70, 60)
RADII = (3, 4, 5, 6, 8)
# Points a side of a pixel at which soft edges are drawn.
FINE = 8
NEAR = 1.5


def ground(kind):
    """Return a white map, or a light one of streets, parks, a river and houses."""
    image = Image.new("RGB", SIZE, "white")
    if kind == "white":
        return image
    rng = np.random.default_rng(7)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, *SIZE), fill="#f2efe9")
    for _ in range(8):
        x, y = rng.random(2) * SIZE
        pen.rectangle((x, y, x + 90, y + 60), fill="#cdebb0")
    pen.line([(x, 520 + 40 * np.sin(x / 130)) for x in range(0, 1001, 20)], "#aad3df", 26)
    for _ in range(500):
        x, y = rng.random(2) * SIZE
        pen.rectangle((x, y, x + 9, y + 7), fill="#d9d0c9", outline="#c4b6ab")
    lines = [(tuple(rng.random(2) * SIZE), tuple(rng.random(2) * SIZE)) for _ in range(30)]
    for colour, width in (("#c0c0c0", 9), ("#ffffff", 7)):
        for ends in lines:
            pen.line(ends, colour, width)
    pen.line(lines[0], "#a06b00", 13)
    pen.line(lines[0], "#fcd6a4", 11)
    return image


def drawn(at, red, radius, *, base="white", soft=True, rim=0.0):
    """Draw discs, grey ones first, each with a white rim of so many pixels."""
    image = ground(base)
    for k in np.argsort(red, kind="stable"):
        x, y = at[k]
        colour, outer = RED if red[k] else GREY, radius + rim
        fine = FINE if soft else 1
        left, top = (int(v) for v in np.floor([x - outer - 1, y - outer - 1]))
        side = int(2 * outer + 4)
        mask = [Image.new("L", (side * fine, side * fine), 0) for _ in range(2)]
        for one, r in zip(mask, (outer, radius), strict=True):
            edge = [(v - o + s) * fine for s in (-r, r) for v, o in ((x, left), (y, top))]
            ImageDraw.Draw(one).ellipse((*edge[:2], edge[2] - 1, edge[3] - 1), fill=255)
        small = [one.resize((side, side), Image.Resampling.BOX) for one in mask]
        if rim:
            image.paste("white", (left, top), small[0])
        image.paste(colour, (left, top), small[1])
    return image


def saved(image, quality):
    """Return the pixels of a PNG, or of a JPEG with colour at half the resolution."""
    if quality is None:
        return np.asarray(image)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(file).convert("RGB"))


def matched(found, true):
    """Return which of the true dots are found, each by a dot of its own."""
    gap = np.hypot(*(true[:, None] - found[None]).transpose(2, 0, 1))
    rows, columns = linear_sum_assignment(np.minimum(gap, 10 * NEAR))
    return rows[gap[rows, columns] <= NEAR]


def trial(radius, quality, repetition, **look):
    """Return true, visible, found, false, told."""
    rng = np.random.default_rng([repetition, round(10 * radius)])
    at = rng.random((DOTS + GREYS, 2)) * (np.array(SIZE) - 40) + 20
    if not look.get("soft", True):
        at = np.floor(at) + 0.5
    red = np.arange(len(at)) < DOTS
    picture = saved(drawn(at, red, radius, **look), quality)
    visible = int((visible_edge(at[red], radius) >= 0.1).sum())
    try:
        dots = picture_dots(picture)
    except PrivauditError:
        return DOTS, visible, 0, 0, DOTS
    mine = dots.pixel[dots.red]
    hit = len(matched(mine, at[red]))
    return DOTS, visible, hit, len(mine) - hit, dots.refused


LOOKS = {
    "white": {},
    "white, hard edges": {"soft": False},
    "white, rim 1.5": {"rim": 1.5},
    "streets": {"base": "streets"},
    "streets, hard edges": {"base": "streets", "soft": False},
    "streets, rim 1.5": {"base": "streets", "rim": 1.5},
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--looks", default=";".join(LOOKS), help="with semicolons")
    parser.add_argument("--radii", default=",".join(map(str, RADII)))
    asked = parser.parse_args()
    print(f"{DOTS} red dots, {GREYS} grey ones, {asked.repetitions} repetitions")
    print("cells: recall/precision lost:told, of all red dots")
    head = "".join(f"{'PNG' if q is None else f'JPEG {q}':>22}" for q in QUALITIES)
    print(f"{'':22}{'radius':>7}{'oracle':>8}{head}")
    for name in asked.looks.split(";"):
        look = LOOKS[name]
        for radius in map(int, asked.radii.split(",")):
            cells = []
            for quality in QUALITIES:
                made = np.mean(
                    [trial(radius, quality, k, **look) for k in range(asked.repetitions)], axis=0
                )
                every, visible, hit, false, told = made
                cells.append(
                    f"{hit / every:.3f}/{hit / max(hit + false, 1):.3f} "
                    f"{every - hit:4.1f}:{told:<4.1f}"
                )
            line = "".join(f"{cell:>22}" for cell in cells)
            print(f"{name:22}{radius:7}{visible / every:8.3f}{line}", flush=True)
