"""A picture of a dot map as a browser shows it, drawn by Agg and not by the library itself.

Roads with casings, main roads in orange and red, buildings, parks, a river, a railway, labels in
six colours with halos, pins of shops, a frame with buttons, a legend and an attribution. Colours
are those of the common web styles. Dots are soft-edged and lie between pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RED, GREY = "#d62728", "#808080"
_ROAD = {
    "minor": ("#ffffff", "#bbbbbb"),
    "main": ("#fcd6a4", "#a06b00"),
    "fast": ("#e892a2", "#dc2a67"),
}
_LABELS = ("#c77400", "#bf0000", "#0092da", "#006e00", "#734a08", "#8461c4")
_SHOPS = ("Boulangerie", "Pharmacie", "École", "Mairie", "Le Bistrot", "Gare", "Lycée", "Poste")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a map is drawn: its ground, its dots, its frame."""

    ground: str = "streets"  # plain, streets
    radius: float = 4.0
    red: str = RED
    grey: str = GREY
    opacity: float = 1.0
    border: tuple[str, float] | None = None  # colour ("own": the dot's) and width in pixels
    whole_pixels: bool = False
    frame: bool = False  # buttons, legend, attribution
    density: float = 1.0  # device pixels to a pixel of the page: 2 on a phone
    margin: int = 20


def draw(base, home, red, *, step, look=Look(), seed=0):
    """Return the image (uint8), and the box it shows in metres: west, south, east, north.

    `base` are the addresses, `home` those that have a dot, in the order in which they are
    drawn; `red` which of them are red; `step` metres a pixel of the page.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    xy = base.xy
    step = step / look.density
    margin = round(look.margin * look.density)
    low, high = xy.min(axis=0) - margin * step, xy.max(axis=0) + margin * step
    width, height = (int(np.ceil(n)) for n in (high - low) / step)
    box = (low[0], high[1] - height * step, low[0] + width * step, high[1])
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    pixel = (xy - [box[0], box[3]]) / [step, -step]
    figure.set_facecolor("white")
    if look.ground == "streets":
        figure.set_facecolor("#f2efe9")
        _ground(axes, base, pixel, step, look.density, seed)
    _dots(axes, pixel[home], red, look)
    if look.frame:
        _frame(axes, width, height, look)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy(), box


def _points(pixels):
    """Widths and sizes are in points of 1/72 inch, the figure has 100 pixels an inch."""
    return pixels * 0.72


def _dots(axes, pixel, red, look):
    from matplotlib.collections import EllipseCollection
    from matplotlib.colors import to_rgba

    at = np.floor(pixel) + 0.5 if look.whole_pixels else pixel
    size = 2 * look.radius * look.density
    colour, width = look.border or ("none", 0)
    for chosen, paint in ((~red, look.grey), (red, look.red)):
        # With a border of its own colour, a dot is filled to its opacity and drawn round fully.
        own = colour == "own"
        fill = to_rgba(paint, look.opacity)
        axes.add_collection(
            EllipseCollection(
                np.full(chosen.sum(), size),
                np.full(chosen.sum(), size),
                np.zeros(chosen.sum()),
                units="xy",
                offsets=at[chosen],
                transOffset=axes.transData,
                facecolors=fill,
                edgecolors=paint if own else colour,
                linewidths=_points(width * look.density),
                alpha=None if own else look.opacity,
                zorder=50,
                snap=False,
            )
        )


def _ground(axes, base, pixel, step, density, seed):
    from matplotlib.collections import LineCollection, PolyCollection

    rng = np.random.default_rng(seed)
    extent = np.ptp(pixel, axis=0)
    for _ in range(6):
        corner, size = rng.random(2) * extent, rng.uniform(80, 260, 2) / step
        turn = rng.uniform(0, np.pi)
        shape = np.array([[-1, -1], [1, -0.8], [0.9, 1], [-1, 0.7]]) * size / 2
        shape = shape @ [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]] + corner
        axes.fill(*shape.T, color="#cdebb0", zorder=1)
        axes.fill(*(shape * 0.5 + corner * 0.5).T, color="#add19e", zorder=1)
    t = np.linspace(-0.1, 1.1, 60)
    river = np.column_stack([t * extent[0], (0.75 + 0.08 * np.sin(9 * t)) * extent[1]])
    axes.plot(*river.T, color="#aad3df", lw=_points(60 / step), zorder=2)
    turn = rng.uniform(0, np.pi, len(pixel))
    half = rng.uniform(3.5, 7, (len(pixel), 2)) / step
    shape = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])[None] * half[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    shape = np.stack(
        [shape[..., 0] * cos - shape[..., 1] * sin, shape[..., 0] * sin + shape[..., 1] * cos], -1
    )
    shape += (pixel + rng.normal(0, 4 / step, pixel.shape))[:, None]
    if step < 4:
        axes.add_collection(
            PolyCollection(
                shape, facecolors="#d9d0c9", edgecolors="#c4b6ab", linewidths=0.5, zorder=3
            )
        )
    streets = list(_streets(base, pixel))
    kinds = np.array(["minor"] * len(streets), dtype=object)
    longest = np.argsort([-len(line) for _, line in streets])
    kinds[longest[:8]], kinds[longest[2:3]] = "main", "fast"
    widths = {"minor": max(8 / step, 1.2), "main": max(13 / step, 3), "fast": max(18 / step, 4)}
    for order, kind in enumerate(("minor", "main", "fast")):
        lines = [line for (_, line), k in zip(streets, kinds, strict=True) if k == kind]
        fill, casing = _ROAD[kind]
        wide = _points(widths[kind] + 2 * density)
        for colour, lw, z in ((casing, wide, 4 + order), (fill, _points(widths[kind]), 8 + order)):
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=lw, zorder=z))
    rail = np.column_stack([t * extent[0], (0.2 + 0.5 * t) * extent[1]])
    axes.plot(*rail.T, color="#707070", lw=_points(2 * density), zorder=12)
    axes.plot(*rail.T, color="white", lw=_points(density), ls=(0, (6, 6)), zorder=13)
    _labels(axes, streets, extent, density, rng)


def _streets(base, pixel):
    """Each street as a line: its addresses in order of number, smoothed over both sides."""
    frame = base.frame
    number = frame["number"].str.extract(r"(\d+)")[0].fillna("0").astype(int).to_numpy()
    for (_, name), rows in frame.groupby(["commune", "street"]).indices.items():
        if len(rows) < 4:
            continue
        line = pixel[rows[np.argsort(number[rows], kind="stable")]]
        run = np.ones(4) / 4
        yield name, np.column_stack([np.convolve(line[:, k], run, "valid") for k in (0, 1)])


def _labels(axes, streets, extent, density, rng):
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=_points(3 * density), foreground="white")]
    for name, line in streets:
        run = line[-1] - line[0]
        if np.hypot(*run) < 60 * density:
            continue
        angle = -np.degrees(np.arctan2(run[1], run[0]))
        at = line[len(line) // 2]
        axes.text(
            *at, name, rotation=(angle + 90) % 180 - 90, fontsize=_points(10 * density), zorder=20,
            color="#333333", ha="center", va="center", rotation_mode="anchor", path_effects=halo,
        )  # fmt: skip
    for k in range(60):
        at, colour = rng.random(2) * extent, _LABELS[k % len(_LABELS)]
        axes.plot(*at, "o", color=colour, ms=_points(7 * density), mec="white", mew=1, zorder=21)
        axes.text(
            at[0], at[1] + 12 * density, _SHOPS[k % len(_SHOPS)], fontsize=_points(11 * density),
            color=colour, ha="center", va="center", zorder=21, path_effects=halo,
        )  # fmt: skip
    axes.text(
        *(extent / 2), "JOINVILLE", fontsize=_points(19 * density), color="#111111", zorder=22
    )


def _frame(axes, width, height, look):
    from matplotlib.patches import Rectangle

    d = look.density
    size = {"fontsize": _points(12 * d), "zorder": 61, "va": "center"}
    axes.add_patch(Rectangle((10 * d, 10 * d), 30 * d, 60 * d, fc="white", ec="#999999", zorder=60))
    axes.text(25 * d, 25 * d, "+", ha="center", color="black", **size)
    axes.text(25 * d, 55 * d, "−", ha="center", color="black", **size)
    axes.add_patch(
        Rectangle((width - 190 * d, 10 * d), 180 * d, 78 * d, fc="white", ec="#999999", zorder=60)
    )
    axes.text(width - 180 * d, 24 * d, "Contacts à voir", color=look.red, weight="bold", **size)
    for row, (fill, words) in enumerate(((look.red, "à rencontrer"), (look.grey, "rencontré"))):
        at = 48 * d + 22 * d * row
        axes.plot(
            width - 172 * d, at, "o", color=fill, ms=_points(2 * look.radius * d), mew=0, zorder=61
        )
        axes.text(width - 158 * d, at, words, color="#333333", **size)
    axes.text(
        width - 6 * d, height - 8 * d, "Leaflet | © les contributeurs d’OpenStreetMap",
        ha="right", color="#0078a8", **size,
    )  # fmt: skip
