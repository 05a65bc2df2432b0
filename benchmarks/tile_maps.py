"""How many pictures of tiled web maps are read rightly, in part, refused, or read wrongly.

Run as ``python benchmarks/tile_maps.py [--family held] [--kinds park,ring] [--each]``. Pillow
paints marks of known place over streets, parks, water, roofs and route shields, some of them in the
marks' very colour. A picture is *right* where precision and recall of places (within a mark's
radius, of a pin half of it) are .95 or more and the stated errors hold of 95 % of the marks read
(a binomial test at 1 %); *partly* where precision is, the range holds the number of marks and more
are said to be unread; *refused* where the reader raises; *wrong* otherwise.
"""

import argparse
import io
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))
from painted_maps import ground as painted_ground

from privaudit.errors import PrivauditError
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import refuse_unless_counted

WIDE, TALL, FINE = 720, 520, 8
RIGHT, SURE = 0.95, 0.01
RED, BLUE, GREEN, ORANGE, TEAL, PINK = (
    (214, 39, 40), (42, 129, 203), (46, 160, 67), (245, 130, 32), (20, 150, 140), (200, 60, 140),
)  # fmt: skip


class Look(NamedTuple):
    """What a picture is painted with; lengths in pixels of the map, before `scale`.

    - `patch`: What of the ground has the marks' colour: "park", "water", "roof", "shield", or
      "near" before it for a colour near it; "" for nothing.
    - `second`: Radius and colour of a second class, every third mark.
    - `heap`: Share of the marks that stand in heaps.
    """

    mark: str
    ground: str = "tile"
    fill: tuple[int, int, int] = RED
    radius: float = 5.0
    number: int = 80
    scale: int = 1
    quality: int | None = None
    patch: str = ""
    second: tuple[float, tuple[int, int, int]] | None = None
    heap: float = 0.0
    boxes: bool = False
    opacity: float = 1.0
    palette: bool = False


class Canvas:
    """A picture that is painted `f` times as large as it is."""

    def __init__(self, image, f):
        self.image, self.f = image.convert("RGB"), f
        self.pen = ImageDraw.Draw(self.image)

    def circle(self, x, y, r, fill=None, line=None, width=0.0):
        low, high = ([round(v * self.f) for v in (x + e, y + e)] for e in (-r, r))
        # Pillow's boxes include their last pixel.
        box = [*low, *(v - 1 for v in high)]
        self.pen.ellipse(box, fill=fill, outline=line, width=max(1, round(width * self.f)))

    def polygon(self, x, y, points, fill, line=None, width=0.0):
        at = [((x + a) * self.f - 0.5, (y + b) * self.f - 0.5) for a, b in points]
        self.pen.polygon(at, fill=fill)
        if line is not None:
            self.pen.line([*at, at[0], at[1]], line, max(1, round(width * self.f)), joint="curve")

    def line(self, points, fill, width):
        at = [(a * self.f - 0.5, b * self.f - 0.5) for a, b in points]
        self.pen.line(at, fill, max(1, round(width * self.f)), joint="curve")

    def box(self, x, y, w, h, fill, line=None, round_=0.0, width=1.0):
        corners = [v * self.f for v in (x, y, x + w, y + h)]
        self.pen.rounded_rectangle(corners, round_ * self.f, fill, line, round(width * self.f))

    def text(self, x, y, word, size, fill, halo=None, anchor="mm"):
        font = ImageFont.load_default(size * self.f)
        more = {} if halo is None else {"stroke_width": int(1.5 * self.f), "stroke_fill": halo}
        self.pen.text((x * self.f, y * self.f), word, fill, font, anchor=anchor, **more)


def blob(rng, x, y, size, wobble=0.25, points=48):
    """Return the outline of a park or a lake."""
    angle = np.arange(points) * 2 * np.pi / points
    away = np.ones(points)
    for k in range(2, 6):
        away += wobble * rng.normal() / k * np.cos(k * angle + rng.uniform(0, 6))
    away *= size
    return [(x + r * np.cos(t), y + 0.8 * r * np.sin(t)) for r, t in zip(away, angle, strict=True)]


def near_colour(rng, fill):
    return tuple(int(v) for v in (np.array(fill) + rng.choice([-14, 14], 3)).clip(0, 255))


def tile(rng, look, f, dark=False):
    """Return a ground as tiles of web maps have it, with patches of the marks' colour."""
    land, park, water, house, road, edge, ink, halo = (
        ("#262a2e", "#2b3a30", "#1d2b38", "#33383e", "#454c54", "#1d2023", "#b8bcc2", "#1d2023")
        if dark
        else ("#f2efe9", "#c8e6b0", "#aad3df", "#d9d0c9", "#ffffff", "#cfcac2", "#333", "#fff")
    )
    paper = Canvas(Image.new("RGB", (WIDE * f, TALL * f), land), f)
    kind = look.patch.removeprefix("near ")
    own = near_colour(rng, look.fill) if look.patch.startswith("near") else look.fill
    for k in range(9):
        x, y = rng.random(2) * [WIDE, TALL]
        fill = own if kind == "park" and k < 6 else park
        paper.polygon(0, 0, blob(rng, x, y, rng.uniform(18, 70)), fill)
    river = np.cumsum(rng.normal(0, 14, 12)) + rng.uniform(80, TALL - 80)
    points = list(zip(np.linspace(-20, WIDE + 20, 12), river, strict=True))
    paper.line(points, own if kind == "water" else water, rng.uniform(10, 26))
    turn, step = rng.uniform(-0.4, 0.4), rng.uniform(48, 80)
    c, s = np.cos(turn), np.sin(turn)

    def at(a, b):
        return WIDE / 2 + a * c - b * s, TALL / 2 + a * s + b * c

    streets = [k * step + rng.normal(0, 6) for k in range(-9, 10)]
    for across in (False, True):
        for u in streets:
            if rng.random() < 0.2:
                continue
            for _ in range(int(step / 4)):
                v, side = rng.uniform(-500, 500), rng.choice([-1, 1])
                w, h, off = rng.uniform(6, 17), rng.uniform(6, 13), rng.uniform(9, 14)
                mid = (v, u + side * off) if across else (u + side * off, v)
                if not (0 < at(*mid)[0] < WIDE and 0 < at(*mid)[1] < TALL):
                    continue
                half = (w / 2, h / 2) if across else (h / 2, w / 2)
                shape = [at(mid[0] + i * half[0], mid[1] + j * half[1])
                         for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]  # fmt: skip
                roof = own if kind == "roof" and rng.random() < 0.5 else house
                paper.polygon(0, 0, shape, roof, "#c4b8ae" if not dark else None, 0.6)
    for width, paint in ((8, edge), (6, road)):
        state = np.random.default_rng(len(streets) + int(step))
        for across in (False, True):
            for u in streets:
                if state.random() < 0.2:
                    continue
                ends = [at(-700, u), at(700, u)] if across else [at(u, -700), at(u, 700)]
                paper.line(ends, paint, width)
    for _ in range(2):
        a, b = rng.uniform(0, TALL, 2)
        paper.line([(0, a), (WIDE, b)], "#a06b00" if not dark else "#111", 11)
        paper.line([(0, a), (WIDE, b)], "#fcd6a4" if not dark else "#5a5040", 9)
        for _ in range(5 if kind == "shield" else 0):
            t = rng.random()
            x, y = t * WIDE, a + t * (b - a)
            paper.box(x - 11, y - 7, 22, 14, own, "#ffffff", 3)
            paper.text(x, y, f"D{rng.integers(10, 99)}", 9, "white")
    words = ["Rue des Lilas", "Avenue Foch", "Mairie", "École", "Le Bourg", "Gare", "Rue Haute"]
    for _ in range(14):
        x, y = rng.random(2) * [WIDE, TALL]
        paper.text(x, y, words[rng.integers(len(words))], 11, ink, halo)
    return paper.image


# Marks around a place; of a pin the place is the tip.


def drop(r, high, turn=0.0):
    """Return the outline of a teardrop whose tip is at the origin."""
    start = np.arcsin(r / (high - r)) if turn == 0.0 else turn
    angle = np.linspace(np.pi - start, 2 * np.pi + start, 40)
    return [(0, 0), *((r * np.cos(t), -(high - r) + r * np.sin(t)) for t in angle)]


def waisted(r, high):
    """Return the outline of a pin whose sides curve inwards, as Google's do."""
    down = np.linspace(0, 1, 14)[1:-1]
    side = r * (1 - down) ** 1.7
    y = -(high - r) * (1 - down)
    angle = np.linspace(np.pi, 2 * np.pi, 30)
    head = [(r * np.cos(t), -(high - r) + r * np.sin(t)) for t in angle]
    return [(0, 0), *((-a, b) for a, b in zip(side[::-1], y[::-1], strict=True)), *head,
            *zip(side, y, strict=True)]  # fmt: skip


def balloon(r, high):
    """Return the outline of a rounded square on a small triangle, as of Awesome Markers."""
    side = [(-r, -high), (r, -high), (r, -high + 2 * r), (0.45 * r, -high + 2 * r)]
    return [(0, 0), (-0.45 * r, -high + 2 * r), (-r, -high + 2 * r), *side]


def dim(fill, by=0.72):
    return tuple(int(by * v) for v in fill)


def paint(paper, x, y, look, k, rng):
    """Paint one mark; return whether it is a mark of a single place."""
    r, fill, kind = look.radius, look.fill, look.mark
    white = (255, 255, 255)
    if kind == "disc":
        paper.circle(x, y, r, fill)
    elif kind == "white":
        paper.circle(x, y, r, fill, white, 1.5)
    elif kind == "qgis":
        paper.circle(x, y, r, fill, (35, 35, 35), 0.76)
    elif kind == "ring":
        paper.circle(x, y, r, None, fill, 2.5)
    elif kind == "numbered":
        paper.circle(x, y, r, fill, white, 1.4)
        paper.text(x, y, str(k + 1), 0.95 * r, white)
    elif kind == "clusters":
        paper.circle(x, y, r, tuple(int(0.5 * v + 120) for v in fill))
        paper.circle(x, y, 0.78 * r, fill)
        paper.text(x, y, str(rng.integers(2, 99)), 0.7 * r, (20, 20, 20))
    elif kind == "counts":
        paper.circle(x, y, r, fill)
        paper.text(x, y, str(rng.integers(2, 99)), 0.8 * r, white)
    elif kind == "cross":
        for dx, dy in ((0.7, 0.7), (0.7, -0.7)):
            ends = [(x - r * dx, y - r * dy), (x + r * dx, y + r * dy)]
            paper.line(ends, fill, 0.45 * r)
    elif kind == "letter":
        paper.text(x, y, "ABCEKPRS"[k % 8], 2.4 * r, fill)
    elif kind == "square":
        paper.box(x - 0.85 * r, y - 0.85 * r, 1.7 * r, 1.7 * r, fill, white)
    elif kind in ("leaflet", "shadow"):
        if kind == "shadow":
            paper.polygon(x, y, [(a - 0.9 * b, 0.45 * b) for a, b in drop(r, 3.28 * r)], "#9a9a94")
        paper.polygon(x, y, drop(r, 3.28 * r), fill, dim(fill), 1.2)
        paper.circle(x, y - 2.28 * r, 0.38 * r, white)
    elif kind == "google":
        paper.polygon(x, y, waisted(r, 3.2 * r), fill, dim(fill), 1.0)
        paper.circle(x, y - 2.2 * r, 0.36 * r, dim(fill, 0.45))
    elif kind == "maplibre":
        paper.polygon(x, y, drop(r, 2.7 * r), fill)
        paper.circle(x, y - 1.7 * r, 0.42 * r, white)
    elif kind == "balloon":
        paper.polygon(x, y, balloon(r, 2.9 * r), fill, dim(fill), 0.8)
        paper.circle(x, y - 1.9 * r, 0.35 * r, white)
    elif kind == "sharp":
        paper.polygon(x, y, drop(r, 4.4 * r), fill)
    else:
        raise ValueError(kind)


def places(rng, look):
    """Return places, most apart, some in heaps."""
    many, heaped = look.number, int(look.heap * look.number)
    chosen = np.empty((0, 2))
    while len(chosen) < many - heaped:
        at = rng.random(2) * [WIDE - 80, TALL - 110] + [40, 65]
        if not len(chosen) or np.hypot(*(chosen - at).T).min() >= 2.4 * look.radius:
            chosen = np.vstack([chosen, at])
    heaps = rng.random((max(1, heaped // 9), 2)) * [WIDE - 160, TALL - 160] + [80, 80]
    piled = heaps[rng.integers(len(heaps), size=heaped)]
    piled = piled + rng.normal(0, 2.2 * look.radius, piled.shape)
    # Marks can be painted at whole pixels of the large picture only.
    return np.round(np.vstack([chosen, piled]) * FINE) / FINE


def legend(paper, look):
    """Paint a legend, an attribution and a scale bar."""
    paper.box(10, 10, 24, 50, "white", "#aaaaaa", 3)
    paper.text(22, 22, "+", 16, "#333333")
    paper.text(22, 48, "-", 16, "#333333")
    paper.box(WIDE - 150, TALL - 15, 150, 15, "#f8f8f8")
    paper.text(WIDE - 75, TALL - 7, "Leaflet | © OpenStreetMap", 9, "#0078a8")
    paper.box(WIDE - 130, 8, 122, 40, "white", "#999999", 3)
    name = look._replace(radius=min(look.radius, 6.0))
    paint(paper, WIDE - 116, 28, name, 0, np.random.default_rng(0))
    paper.text(WIDE - 100, 28, "porte à revoir", 11, "#222222", anchor="lm")


def picture(look, seed):
    """Return a picture of a look, and where its marks are."""
    rng = np.random.default_rng(seed)
    f = FINE
    if look.ground in ("tile", "dark"):
        image = tile(rng, look, f, look.ground == "dark")
    else:
        image = painted_ground(look.ground, rng, f).resize((WIDE * f, TALL * f))
    paper = Canvas(image, f)
    at = places(rng, look)
    bare = None if look.opacity == 1 else paper.image.copy()
    for k in np.argsort(at[:, 1], kind="stable"):
        one = look
        if look.second is not None and k % 3 == 0:
            one = look._replace(radius=look.second[0], fill=look.second[1])
        paint(paper, *at[k], one, int(k), rng)
    if bare is not None:
        paper = Canvas(Image.blend(bare, paper.image, look.opacity), f)
    if look.boxes:
        legend(paper, look)
    image = paper.image.resize((WIDE * look.scale, TALL * look.scale), Image.Resampling.BOX)
    if look.palette:
        image = image.quantize(64).convert("RGB")
    if look.quality is not None:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=look.quality)
        image = Image.open(file).convert("RGB")
    return np.asarray(image), at * look.scale


PINS = ("leaflet", "shadow", "google", "maplibre", "balloon", "sharp")


def outcome(look, seed, asked=None):
    """Return what the reader does with a picture, precision, recall, coverage, and words."""
    image, place = picture(look, seed)
    colour = asked or "#{:02x}{:02x}{:02x}".format(*look.fill)
    try:
        dots = picture_dots(image, colour=colour)
        refuse_unless_counted(dots)
    except PrivauditError as error:
        return "refused", np.nan, np.nan, np.nan, str(error)[:170]
    reach = look.radius * look.scale * (0.5 if look.mark in PINS else 1.0)
    link = link_positions(place, dots.pixel, max(reach, 3.0))
    right = int((link >= 0).sum())
    off = dots.pixel[link[link >= 0]] - place[link >= 0]
    error = dots.error[link[link >= 0]]
    true = int((np.hypot(*off.T) <= np.sqrt(-2 * np.log(0.05)) * error).sum())
    precision, recall = right / max(len(dots.pixel), 1), right / len(place)
    held = stats.binom.cdf(true, max(right, 1), 0.95) >= SURE
    low, about, high = (round(n) for n in dots.shown)
    words = (
        f"{len(dots.pixel)} {dots.marker}s of {len(place)}, shows {low} / {about} / {high}, "
        f"off {np.median(np.hypot(*off.T)) if right else np.nan:.2f} "
        f"stated {np.median(dots.error):.2f}, refused {dots.refused}, others {len(dots.others)}"
    )
    singles = look.mark not in ("clusters", "counts")
    what = "wrong"
    if singles and precision >= RIGHT and recall >= RIGHT and held:
        what = "right"
    elif singles and precision >= RIGHT and held and low <= len(place) <= high:
        what = "partly" if about > len(dots.pixel) or dots.refused else "wrong"
    return what, precision, recall, true / max(right, 1), words


def tuned():
    """Return the looks on which the reader was developed, by name."""
    return [
        ("park", Look("disc", patch="park")),
        ("park", Look("white", patch="park", fill=GREEN, radius=6.0)),
        ("near park", Look("qgis", patch="near park", fill=GREEN, radius=4.6)),
        ("water", Look("disc", patch="water", fill=BLUE)),
        ("near water", Look("white", patch="near water", fill=BLUE, radius=6.0, quality=85)),
        ("roof", Look("disc", patch="roof")),
        ("roof", Look("white", patch="roof", fill=ORANGE, radius=6.0)),
        ("near roof", Look("qgis", patch="near roof", fill=RED, radius=4.6)),
        ("shield", Look("disc", patch="shield", fill=RED)),
        ("shield", Look("white", patch="shield", fill=BLUE, radius=6.0)),
        ("ring", Look("ring", radius=6.0)),
        ("ring", Look("ring", fill=BLUE, radius=9.0, boxes=True)),
        ("ring", Look("ring", fill=RED, radius=5.0, ground="dark")),
        ("leaflet pin", Look("leaflet", fill=BLUE, radius=12.0, number=40)),
        ("leaflet pin", Look("shadow", fill=BLUE, radius=12.0, number=40)),
        ("google pin", Look("google", fill=RED, radius=11.0, number=40)),
        ("maplibre pin", Look("maplibre", fill=TEAL, radius=12.0, number=40)),
        ("balloon pin", Look("balloon", fill=ORANGE, radius=11.0, number=40)),
        ("sharp pin", Look("sharp", fill=RED, radius=8.0, number=40)),
        ("sharp pin", Look("sharp", fill=PINK, radius=8.0, number=30, scale=2)),
        ("numbered", Look("numbered", fill=RED, radius=10.0, number=50)),
        ("clusters", Look("clusters", fill=GREEN, radius=18.0, number=25)),
        ("clusters", Look("counts", fill=RED, radius=14.0, number=30)),
        ("two sizes", Look("disc", second=(8.0, RED))),
        ("two sizes", Look("white", radius=5.0, second=(9.0, RED), fill=RED)),
        ("two sizes", Look("disc", fill=BLUE, second=(8.0, (128, 128, 128)))),
        ("qgis", Look("qgis", fill=(229, 182, 54), radius=4.2)),
        ("cross", Look("cross", fill=RED, radius=6.0)),
        ("letter", Look("letter", fill=BLUE, radius=6.0)),
        ("square", Look("square", fill=BLUE, radius=6.0)),
        ("satellite", Look("white", ground="satellite", fill=RED, radius=6.0)),
        ("satellite", Look("disc", ground="fields", fill=BLUE, quality=85)),
        ("jpeg", Look("disc", fill=RED, quality=70)),
        ("jpeg", Look("white", fill=BLUE, radius=6.0, quality=85)),
        ("scale 2", Look("white", fill=RED, scale=2)),
        ("dark", Look("disc", ground="dark", fill=ORANGE)),
        ("heap", Look("disc", heap=0.6)),
        ("heap", Look("white", heap=0.5, fill=BLUE, radius=6.0)),
        ("heap, park", Look("disc", heap=0.5, patch="park")),
        ("boxes", Look("disc", boxes=True, fill=TEAL)),
        ("opacity", Look("disc", opacity=0.7, fill=RED, radius=6.0)),
    ]


def held():
    """Return looks on which nothing was tuned, by name."""
    violet, olive = (112, 60, 170), (120, 130, 30)
    return [
        ("park", Look("qgis", patch="park", fill=violet, radius=4.4, number=100)),
        ("park", Look("disc", patch="park", fill=GREEN, radius=4.0, quality=85)),
        ("water", Look("white", patch="water", fill=TEAL, radius=5.5)),
        ("near water", Look("disc", patch="near water", fill=BLUE, radius=6.0, number=60)),
        ("roof", Look("qgis", patch="roof", fill=PINK, radius=5.0)),
        ("roof", Look("disc", patch="roof", fill=violet, radius=7.0, number=50, ground="dark")),
        ("shield", Look("qgis", patch="shield", fill=GREEN, radius=4.8)),
        ("shield", Look("disc", patch="shield", fill=ORANGE, radius=4.2, number=120, boxes=True)),
        ("ring", Look("ring", fill=violet, radius=7.5, patch="park")),
        ("pin", Look("google", fill=violet, radius=12.0, number=35)),
        ("pin", Look("sharp", fill=GREEN, radius=9.0, number=30, quality=85)),
        ("pin", Look("shadow", fill=RED, radius=10.0, number=45)),
        ("pin", Look("maplibre", fill=PINK, radius=13.0, number=25, ground="dark")),
        ("numbered", Look("numbered", fill=violet, radius=11.0, number=40, patch="roof")),
        ("clusters", Look("clusters", fill=ORANGE, radius=20.0, number=20)),
        ("two sizes", Look("qgis", fill=BLUE, radius=3.5, second=(6.5, BLUE))),
        ("square", Look("square", fill=RED, radius=5.0, number=60)),
        ("heap", Look("disc", heap=0.7, fill=violet, radius=4.5, number=110)),
        ("heap, park", Look("white", heap=0.4, patch="park", fill=olive, radius=5.5)),
        ("plain", Look("white", fill=PINK, radius=5.0, quality=70, boxes=True)),
        ("plain", Look("disc", fill=TEAL, radius=4.5, opacity=0.8, number=60)),
        ("satellite", Look("qgis", ground="satellite", fill=ORANGE, radius=5.0)),
    ]


FAMILIES = {"tuned": (tuned, 5_100), "held": (held, 88_300)}


def main() -> None:
    """Print outcomes by kind of picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, default="tuned")
    parser.add_argument("--kinds", default="")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--each", action="store_true", help="print every picture")
    given = parser.parse_args()
    looks, seed = FAMILIES[given.family]
    table: dict[str, Counter] = {}
    for number, (kind, look) in enumerate(looks()):
        if given.kinds and kind not in given.kinds.split(","):
            continue
        for again in range(given.repetitions):
            began = time.monotonic()
            what, precision, recall, held, words = outcome(look, [seed, number, again])
            table.setdefault(kind, Counter())[what] += 1
            if given.each:
                about = f"{number:3} {kind:12} {what:8} {precision:.2f} {recall:.2f} {held:.2f}"
                print(f"{about} {time.monotonic() - began:4.1f}s {words}", flush=True)
    table["all"] = sum(table.values(), Counter())
    print("kind,pictures,right,partly,refused,wrong")
    for kind, count in table.items():
        cells = (count[what] for what in ("right", "partly", "refused", "wrong"))
        print(f"{kind},{count.total()}", *cells, sep=",")


if __name__ == "__main__":
    main()
