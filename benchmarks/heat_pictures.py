"""Pictures of heat maps with a known truth: what is claimed, what is found, what is refused.

Run as ``python benchmarks/heat_pictures.py FILE [--communes 94047,94070] [--seeds 50,51]
[--kinds tuned|held_out|all or names] [--dots 80]`` with the national address file. Dots stand at
addresses; their heat is drawn by the kernel, cells, colours and ground of a kind (`TUNED` and
`HELD_OUT`), and is read and inverted with nothing known but the place and, where the kind says so,
the number of dots. Claimed is the mean probability of as many addresses as the map is thought to
have dots, with its interval; found is the share of these that have one. Nothing here is drawn by
the code of the library.
"""

import argparse
import io
import math
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from privaudit.errors import PrivauditError
from privaudit.io.addresses import read_addresses
from privaudit.maps.heat_inversion import invert_heat
from privaudit.screenshots.read_heat import read_heat

MARGIN, WIDE = 150.0, 900


class Kind(NamedTuple):
    """A kind of picture.

    - `kernel`: One of `KERNELS`; `radius` in metres, the deviation of a Gaussian.
    - `cell`: Metres a side of a raster's cells; `drawn`: as "blocks", "smooth" (between cells), or
      "pixel" (each pixel by itself).
    - `ramp`: A colour map of Matplotlib, "leaflet", or colours from cold to hot; `bar` beside it.
    - `opacity`: Of the layer over `ground`, "white" or "streets"; `fades`: transparent where cold.
    - `cut`: Share of the maximum from which all is the hottest colour.
    - `saved`: "PNG", or "JPEG" and its quality.
    - `clicks`: Placed by three clicks, off by a pixel or so, and not by its box.
    - `homes`: "any" address, "once" each, "clustered", or "off" (30 m from an address).
    - `curve`: What is done to the heat before it is coloured.
    """

    kernel: str = "quartic"
    radius: float = 200.0
    cell: float = 10.0
    drawn: str = "blocks"
    ramp: str | tuple[str, ...] = "viridis"
    bar: bool = False
    opacity: float = 1.0
    fades: bool = False
    ground: str = "white"
    cut: float = 1.0
    saved: str = "PNG"
    clicks: bool = False
    told: bool = True
    homes: str = "any"
    curve: str = "linear"


KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "quartic": lambda q: np.maximum(1 - q, 0) ** 2,
    "triangular": lambda q: np.maximum(1 - np.sqrt(q), 0),
    "gaussian": lambda q: np.exp(-q / 2),
    "epanechnikov": lambda q: np.maximum(1 - q, 0),
    "triweight": lambda q: np.maximum(1 - q, 0) ** 3,
    "disc": lambda q: (q <= 1).astype(float),
    # Of no program that is known to the library.
    "cosine": lambda q: np.where(q < 1, np.cos(np.pi / 2 * np.sqrt(np.minimum(q, 1))), 0),
    "exponential": lambda q: np.exp(-np.sqrt(q)),
    "cauchy": lambda q: 1 / (1 + q) ** 2,
    "inverse": lambda q: np.where(q < 1, 1 / np.sqrt(q + 0.02) - 1 / np.sqrt(1.02), 0),
    "ring": lambda q: q * (q <= 1),
    "truncated": lambda q: np.where(q < 4, np.exp(-q / 2), 0),
}
CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda v: v,
    "root": np.sqrt,
    "square": lambda v: v**2,
    "log": lambda v: np.log1p(20 * v) / np.log(21),
}
# Simpleheat: blue up to .4.
LEAFLET = ((0.0, 0.4, 0.6, 0.7, 0.8, 1.0),
           ("#0000ff", "#0000ff", "#00ffff", "#00ff00", "#ffff00", "#ff0000"))  # fmt: skip


class Drawn(NamedTuple):
    """A picture with its place, clicks, and the addresses that have a dot."""

    image: np.ndarray
    box: tuple[float, float, float, float]
    clicks: np.ndarray
    marked: np.ndarray


def dots_of(kind, xy, many, rng):
    """Return which addresses have a dot, and where these are drawn."""
    if kind.homes == "clustered":
        middle = xy[rng.choice(len(xy), 6)]
        near = np.exp(-(((xy[:, None] - middle) ** 2).sum(axis=2)) / 2 / 250**2).sum(axis=1)
        marked = rng.choice(len(xy), many, p=(near + 0.01) / (near + 0.01).sum())
    else:
        marked = rng.choice(len(xy), many, replace=kind.homes != "once")
    at = xy[marked]
    return marked, at + rng.normal(0, 30, at.shape) * (kind.homes == "off")


def heat_at(kernel, radius, x, y, dots):
    """Return the sum of kernels at nodes, in units of a lone dot's top."""
    reach = radius * {"gaussian": 6, "exponential": 12, "cauchy": 20, "truncated": 2}.get(kernel, 1)
    total = np.zeros((len(y), len(x)))
    for dot in dots:
        column, row = (slice(*np.searchsorted(v, (p - reach, p + reach)))
                       for v, p in ((x, dot[0]), (y, dot[1])))  # fmt: skip
        away = (x[None, column] - dot[0]) ** 2 + (y[row, None] - dot[1]) ** 2
        total[row, column] += KERNELS[kernel](away / radius**2)
    return total


def sprites_at(radius, x, y, dots, opacity):
    """Return the opacity of a canvas of Leaflet.heat: dots merged by cell, blurred discs laid."""
    side, pixel = 0.8 * radius, x[1] - x[0]
    merged = {}
    for dot in dots:
        kept = merged.setdefault(tuple((dot // side).astype(int)), [0.0, 0.0, 0])
        kept[0] = (kept[0] * kept[2] + dot[0]) / (kept[2] + 1)
        kept[1] = (kept[1] * kept[2] + dot[1]) / (kept[2] + 1)
        kept[2] += 1
    half = int(np.ceil(1.7 * radius / pixel))
    away = np.hypot(*np.mgrid[-half : half + 1, -half : half + 1]) * pixel
    sprite = ndimage.gaussian_filter((away <= radius).astype(float), 0.3 * radius / pixel)
    clear = np.ones((len(y) + 2 * half, len(x) + 2 * half))
    for at_x, at_y, many in merged.values():
        column, row = round((at_x - x[0]) / pixel), round((at_y - y[0]) / pixel)
        part = clear[row : row + 2 * half + 1, column : column + 2 * half + 1]
        part *= 1 - np.round(np.minimum(many * opacity, 1.0) * sprite * 255)[: len(part)] / 255
    return 1 - clear[half:-half, half:-half]


def coloured(share, ramp):
    """Return the colours of shares, 0 to 255."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    if ramp == "leaflet":
        stop, names = LEAFLET
    elif isinstance(ramp, tuple):
        stop, names = np.linspace(0, 1, len(ramp)), ramp
    else:
        return colormaps[ramp](share)[..., :3] * 255
    colours = np.array([to_rgb(name) for name in names]) * 255
    share = np.round(share * 255) / 255
    return np.stack([np.interp(share, stop, colours[:, k]) for k in range(3)], axis=-1)


def streets(shape, rng):
    """Return a ground of plots, roofs and streets, as tiles show them."""
    image = np.full((*shape, 3), (242, 239, 233), float)
    for _ in range(60):
        row, column = (int(rng.integers(n)) for n in shape)
        image[row : row + 14, column : column + 18] = (217, 208, 201)
    for _ in range(14):
        row, column = (int(rng.integers(n)) for n in shape)
        image[row : row + 5] = image[:, column : column + 5] = (255, 255, 255)
    image[shape[0] // 3 : shape[0] // 2, shape[1] // 2 : shape[1] * 3 // 4] = (200, 225, 180)
    return image


def drawn_of(kind, xy, many, seed):
    """Draw dots at addresses and the picture of their heat."""
    rng = np.random.default_rng(seed)
    marked, dots = dots_of(kind, xy, many, rng)
    cell, low = kind.cell, xy.min(axis=0) - MARGIN
    size = np.ceil((np.ptp(xy, axis=0) + 2 * MARGIN) / cell).astype(int)
    fine = max(1, int(WIDE / size.max()))
    step = cell if kind.drawn in ("blocks", "smooth") else cell / fine
    many_nodes = size if kind.drawn in ("blocks", "smooth") else size * fine
    x, y = (low[k] + step * (np.arange(many_nodes[k]) + 0.5) for k in (0, 1))
    if kind.kernel == "leaflet":
        share = sprites_at(kind.radius, x, y, dots, 0.25)
    else:
        heat = heat_at(kind.kernel, kind.radius, x, y, dots)
        share = CURVES[kind.curve](np.minimum(heat / (heat.max() * kind.cut), 1.0))
    share = share[::-1]
    if kind.drawn == "blocks":
        share = share.repeat(fine, 0).repeat(fine, 1)
    elif kind.drawn == "smooth":
        at = [(np.arange(n * fine) + 0.5) / fine - 0.5 for n in share.shape]
        share = ndimage.map_coordinates(share, np.meshgrid(*at, indexing="ij"), order=1,
                                        mode="nearest")  # fmt: skip
    alpha = np.full((*share.shape, 1), kind.opacity)
    if kind.fades:
        alpha = alpha * share[..., None]
    ground = streets(share.shape, rng) if kind.ground == "streets" else 255.0
    image = alpha * coloured(share, kind.ramp) + (1 - alpha) * ground
    wide = 0
    if kind.bar:
        wide, length = 100, len(image) - 100
        bar = np.full((len(image), wide, 3), 255.0)
        bar[50:-50, 30:60] = coloured(np.linspace(1, 0, length), kind.ramp)[:, None]
        image = np.concatenate([image, bar], axis=1)
    image = image.round().astype(np.uint8)
    if kind.saved.startswith("JPEG"):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=int(kind.saved.split()[1]))
        image = np.asarray(Image.open(file).convert("RGB"))
    pixel = cell / fine
    high = low + size * cell
    box = (low[0], low[1], high[0] + wide * pixel, high[1])
    corners = np.array([[60, 50], [size[0] * fine - 70, 80], [90, size[1] * fine - 40],
                        [size[0] * fine - 50, size[1] * fine - 90]], float)  # fmt: skip
    metres = np.column_stack([box[0] + corners[:, 0] * pixel, box[3] - corners[:, 1] * pixel])
    clicks = np.column_stack([corners + rng.normal(0, 1, corners.shape), metres])
    return Drawn(image, box, clicks, marked)


# Kinds on which the reader and the fit were tuned.
TUNED = {
    "quartic 200 m, viridis": Kind(),
    "quartic 120 m, viridis": Kind(radius=120.0),
    "quartic 400 m, viridis, 20 m": Kind(radius=400.0, cell=20.0),
    "quartic 200 m, bar": Kind(ramp=("#1e3cff", "#ff3c1e"), bar=True),
    "quartic 200 m, viridis, 5 m": Kind(cell=5.0),
    "quartic 200 m, reds": Kind(ramp="Reds"),
    "triangular 200 m, reds": Kind(kernel="triangular", ramp="Reds"),
    "triangular 100 m, viridis": Kind(kernel="triangular", radius=100.0),
    "gaussian 60 m, viridis": Kind(kernel="gaussian", radius=60.0),
    "gaussian 100 m, reds, 20 m": Kind(kernel="gaussian", radius=100.0, cell=20.0, ramp="Reds"),
    "epanechnikov 150 m, magma": Kind(kernel="epanechnikov", radius=150.0, ramp="magma"),
    "quartic 150 m, cut at half": Kind(radius=150.0, cut=0.5),
    "quartic 150 m, smooth": Kind(radius=150.0, drawn="smooth"),
    "quartic 150 m, each pixel": Kind(radius=150.0, drawn="pixel"),
    "quartic 150 m, JPEG 90": Kind(radius=150.0, saved="JPEG 90"),
    "gaussian 50 m, half over streets": Kind(kernel="gaussian", radius=50.0, opacity=0.6,
                                             ground="streets"),
    "quartic 150 m, half over white": Kind(radius=150.0, opacity=0.6, ramp="Reds"),
    "quartic 150 m, fading reds": Kind(radius=150.0, ramp="Reds", fades=True),
    "quartic 150 m, clicks": Kind(radius=150.0, clicks=True),
    "leaflet 60 m": Kind(kernel="leaflet", radius=60.0, cell=4.0, drawn="pixel", ramp="leaflet",
                         fades=True),
    "leaflet 60 m, streets": Kind(kernel="leaflet", radius=60.0, cell=4.0, drawn="pixel",
                                  ramp="leaflet", fades=True, ground="streets"),
    "quartic 150 m, dots not told": Kind(radius=150.0, told=False),
    "quartic 150 m, clustered": Kind(radius=150.0, homes="clustered"),
    "quartic 100 m, off": Kind(radius=100.0, homes="off"),
    "quartic 150 m, root": Kind(radius=150.0, curve="root"),
    "exponential 60 m": Kind(kernel="exponential", radius=60.0),
    "ring 120 m": Kind(kernel="ring", radius=120.0),
}  # fmt: skip
# Kinds, kernels and colours on which nothing was tuned.
HELD_OUT = {
    "cosine 180 m, plasma": Kind(kernel="cosine", radius=180.0, ramp="plasma"),
    "triweight 220 m, inferno, 5 m": Kind(kernel="triweight", radius=220.0, cell=5.0,
                                          ramp="inferno"),
    "truncated Gaussian 70 m, YlOrRd": Kind(kernel="truncated", radius=70.0, ramp="YlOrRd"),
    "Cauchy 40 m, viridis": Kind(kernel="cauchy", radius=40.0),
    "inverse 150 m, magma": Kind(kernel="inverse", radius=150.0, ramp="magma"),
    "epanechnikov 300 m, turbo, 15 m": Kind(kernel="epanechnikov", radius=300.0, cell=15.0,
                                            ramp="turbo"),
    "quartic 90 m, blues, bar": Kind(radius=90.0, ramp="Blues", bar=True),
    "quartic 180 m, unknown ramp": Kind(radius=180.0, ramp=("#003300", "#ff00ff", "#ffff99")),
    "triangular 250 m, reds, JPEG 75": Kind(kernel="triangular", radius=250.0, ramp="Reds",
                                            saved="JPEG 75"),
    "gaussian 80 m, plasma, cut at .3": Kind(kernel="gaussian", radius=80.0, ramp="plasma",
                                             cut=0.3),
    "quartic 130 m, squared": Kind(radius=130.0, curve="square"),
    "quartic 130 m, logarithm": Kind(radius=130.0, curve="log"),
    "quartic 140 m, once": Kind(radius=140.0, homes="once", ramp="OrRd"),
    "disc 100 m, cividis": Kind(kernel="disc", radius=100.0, ramp="cividis"),
    "gaussian 45 m, reds, clicks": Kind(kernel="gaussian", radius=45.0, ramp="Reds", clicks=True),
    "triangular 160 m, off": Kind(kernel="triangular", radius=160.0, homes="off"),
    "quartic 350 m, off": Kind(radius=350.0, homes="off", cell=20.0),
    "quartic 220 m, .7 over streets": Kind(radius=220.0, opacity=0.7, ground="streets"),
    "triangular 120 m, greens, .8": Kind(kernel="triangular", radius=120.0, opacity=0.8,
                                         ramp="Greens", drawn="smooth"),
    "gaussian 120 m, jet, each pixel": Kind(kernel="gaussian", radius=120.0, ramp="jet",
                                            drawn="pixel"),
    "leaflet 35 m": Kind(kernel="leaflet", radius=35.0, cell=3.0, drawn="pixel", ramp="leaflet",
                         fades=True),
    "gaussian 70 m, dots not told": Kind(kernel="gaussian", radius=70.0, told=False),
}  # fmt: skip
KINDS = TUNED | HELD_OUT


def read_back(kind, drawn, base):
    """Return the heat map as it is read."""
    place = {"clicks": drawn.clicks} if kind.clicks else {"bbox": drawn.box}
    dots = {"dots": len(drawn.marked)} if kind.told else {}
    return read_heat(drawn.image, addresses=base, **place, **dots)


class Claim(NamedTuple):
    """What is claimed of a map, its range, what is found, and why nothing is claimed."""

    claimed: float
    low: float
    high: float
    found: float
    kernel: str
    bandwidth: float
    refused: str

    def __str__(self):
        if self.refused:
            return f"refused ({self.refused}); it would claim {self.claimed:.3f}, {self.found:.3f}"
        return (
            f"claimed {self.claimed:.3f} ({self.low:.3f} to {self.high:.3f}), found "
            f"{self.found:.3f}, {self.kernel} of {self.bandwidth:.0f} m"
        )


def judged(kind, base, many, seed):
    """Draw a map of a kind, read and invert it, and compare what is claimed with the truth."""
    drawn = drawn_of(kind, base.xy, many, seed)
    try:
        found = invert_heat(read_back(kind, drawn, base), rng=np.random.default_rng(seed))
    except PrivauditError as error:
        return Claim(*[math.nan] * 4, "", math.nan, type(error).__name__)
    has = np.zeros(len(found.claim), bool)
    has[found.place[drawn.marked]] = True
    named = np.argsort(-found.claim, kind="stable")[: found.total]
    reasons = ",".join(note.key for note in found.doubts)
    claimed, right = float(found.claim[named].mean()), float(has[named].mean())
    return Claim(claimed, *found.claimed_range, right, found.kernel, found.bandwidth, reasons)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("file")
    words.add_argument("--communes", default="94047")
    words.add_argument("--seeds", default="1,2")
    words.add_argument("--dots", default="80")
    words.add_argument("--kinds", default="tuned")
    asked = words.parse_args()
    bases = {code: read_addresses(asked.file, commune=code) for code in asked.communes.split(",")}
    sets = {"tuned": TUNED, "held_out": HELD_OUT, "all": KINDS}
    kinds = sets.get(asked.kinds) or {k: KINDS[k] for k in asked.kinds.split(";")}
    for name, kind in kinds.items():
        claims = []
        for code, seed, dots in product(bases, asked.seeds.split(","), asked.dots.split(",")):
            claim = judged(kind, bases[code], int(dots), int(seed))
            claims.append(claim)
            print(f"{name}, {code}, seed {seed}, {dots} dots: {claim}", flush=True)
        print(f"= {name}: {summary(claims)}", flush=True)


def summary(claims):
    """Return what was claimed, found and refused of maps of one kind, as one line."""
    given = [claim for claim in claims if not claim.refused]
    line = f"{len(given)} of {len(claims)} given"
    if given:
        claimed, found = (np.mean([getattr(c, k) for c in given]) for k in ("claimed", "found"))
        held = sum(claim.low <= claim.found <= claim.high for claim in given)
        line += f", claimed {claimed:.3f}, found {found:.3f}, {held} within the range"
    return line


if __name__ == "__main__":
    main()
