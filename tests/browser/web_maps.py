"""Towns, and web maps of them as a browser draws them: what `draw_maps.mjs` is asked for."""

from __future__ import annotations

import json
import math
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Where towns lie: near Paris. A degree of latitude, in metres.
LATITUDE, LONGITUDE, DEGREE = 48.8, 2.5, math.pi * 6_378_137 / 180
RED, GREY = "#d62728", "#808080"


@dataclass(frozen=True, kw_only=True)
class Web:
    """A map as somebody makes it: library, marks, names, screen."""

    library: str = "leaflet"
    kind: str = "circle"  # circle, icon (Leaflet's own), pin (a teardrop), cluster
    options: dict = field(default_factory=lambda: dict(LEAFLET))
    names: str = "above"  # above, below, ""
    scale: int = 1
    zoom: float = 15
    legend: list | None = None
    theme: str = "osm"
    red: str = RED
    grey: str = GREY


# Grounds as their makers colour them: land, blocks, streets, parks, water, names.
THEMES = {
    "osm": {
        "ground": "#f2efe9", "block": "#d9d0c9", "edge": "#c8c0b8", "casing": "#bbbbbb",
        "street": "#ffffff", "main": "#f7c48d", "park": "#c8facc", "water": "#aad3df",
        "ink": "#333333",
    },
    "google": {
        "ground": "#f5f5f0", "block": "#e8e9ed", "edge": "#dcdde1", "casing": "#d5d8db",
        "street": "#ffffff", "main": "#fde293", "park": "#c3ecb2", "water": "#aadaff",
        "ink": "#5f6368",
    },
    "grey": {
        "ground": "#fafaf8", "block": "#eeeeec", "edge": "#e2e2df", "casing": "#dddddd",
        "street": "#ffffff", "main": "#f0f0f0", "park": "#eef2e6", "water": "#d4dadc",
        "ink": "#7a7a7a",
    },
}  # fmt: skip
LEAFLET = {"radius": 6, "color": "#333333", "weight": 1, "opacity": 1, "fillOpacity": 0.9}


def town(seed, *, streets=70, width=2600.0, height=2000.0):
    """Return a fictional town: crooked streets, doors on both sides 8 to 25 metres apart."""
    rng = np.random.default_rng(seed)
    rows = []
    for street in range(streets):
        at = rng.normal(0.5, 0.22, 2).clip(0.05, 0.95) * [width, height]
        heading = rng.choice([0, math.pi / 2]) + rng.normal(0.3, 0.25)
        spacing = rng.uniform(8, 25)
        for number in range(1, int(rng.integers(14, 60))):
            side = rng.uniform(6, 10) * (1 if number % 2 else -1)
            x, y = (
                at
                + side * np.array([-math.sin(heading), math.cos(heading)])
                + rng.normal(0, 1.5, 2)
            )
            rows.append(
                (
                    f"{street}_{number}",
                    str(number),
                    f"Rue {_WORDS[street % len(_WORDS)]} {street}",
                    x,
                    y,
                )
            )
            at = at + spacing / 2 * np.array([math.cos(heading), math.sin(heading)]) * rng.uniform(
                0.6, 1.6
            )
            heading += rng.normal(0, 0.05)
    frame = pd.DataFrame(rows, columns=["id", "number", "street", "x", "y"])
    frame[["x", "y"]] += [650_000, 6_850_000]
    frame = frame.assign(commune="Bourg", station="")
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )


_WORDS = ("des Lilas", "du Moulin", "Pasteur", "de la Gare", "Victor Hugo", "des Écoles", "du Pont")


def job(base, home, red, web, *, out, size=None, seed=0):
    """Return what to draw: the town's streets and blocks, a mark at each home, names of streets."""
    middle = (base.xy.min(axis=0) + base.xy.max(axis=0)) / 2
    metres = math.cos(math.radians(LATITUDE)) * 2 * DEGREE * 180 / 256 / 2**web.zoom
    if size is None:
        size = [int(v) for v in np.ceil(np.ptp(base.xy, axis=0) / metres + 60)]

    def degrees(xy):
        off = np.asarray(xy, float) - middle
        lat = LATITUDE + off[..., 1] / DEGREE
        lon = LONGITUDE + off[..., 0] / (DEGREE * math.cos(math.radians(LATITUDE)))
        return np.stack([lat, lon], axis=-1)

    rng = np.random.default_rng(seed)
    streets, labels, taken = [], [], np.empty((0, 2))
    for name, part in base.frame.groupby("street", sort=False):
        line = part[["x", "y"]].to_numpy()
        line = (line[1:] + line[:-1]) / 2 if len(line) > 2 else line
        streets.append({"line": degrees(line).tolist(), "main": len(streets) % 9 == 0,
                        "width": 9 if len(streets) % 9 == 0 else 5})  # fmt: skip
        if len(line) < 4:
            continue
        at = len(line) // 2
        (dx, dy) = line[at] - line[at - 2]
        x, y = (line[at] - middle) / metres * [1, -1] + np.array(size) / 2
        turn = math.atan2(-dy, dx)
        turn += math.pi * (abs(turn) > math.pi / 2)
        # As any map does: no name across another.
        points = int(rng.integers(9, 13))
        along = np.linspace(-0.28, 0.28, 9)[:, None] * len(name) * points
        spots = np.array([x, y]) + along * [math.cos(turn), math.sin(turn)]
        if len(taken) and cKDTree(taken).query(spots)[0].min() < 15:
            continue
        taken = np.concatenate([taken, spots])
        labels.append({"word": name, "x": x, "y": y, "turn": turn, "size": points})
    every = np.flatnonzero(rng.random(len(base)) < 0.4)
    off = np.array([[-5, -4], [5, -4], [5, 4], [-5, 4]])
    blocks = degrees(
        base.xy[every][:, None] + off * rng.uniform(0.6, 1.6, (len(every), 1, 2))
    ).tolist()
    low, high = base.xy.min(axis=0), base.xy.max(axis=0)
    spots = rng.uniform(low, high, (5, 2))[:, None] + off * rng.uniform(8, 25, (5, 1, 2))
    across = np.linspace(0, 1, 30)
    river = np.column_stack([across, rng.random() + 0.1 * np.sin(9 * across)])
    dots = [
        {"lat": lat, "lon": lon, "colour": web.red if is_red else web.grey}
        for (lat, lon), is_red in zip(degrees(base.xy[home]).tolist(), red, strict=True)
    ]
    return {
        "out": str(out), "library": web.library, "width": size[0], "height": size[1],
        "scale": web.scale, "zoom": web.zoom, "centre": [LATITUDE, LONGITUDE], "streets": streets,
        "blocks": blocks, "parks": degrees(spots).tolist(), "theme": THEMES[web.theme],
        "water": degrees(low + river * (high - low)).tolist(), "labels": labels,
        "names": web.names, "dots": dots,
        "style": {"kind": web.kind, "options": web.options, "legend": web.legend},
    }  # fmt: skip


def drawn(jobs, folder):
    """Draw the jobs in a browser; return what it says of each, in pixels of the picture."""
    file = Path(folder) / "jobs.json"
    file.write_text(json.dumps(jobs))
    ran = subprocess.run(
        ["node", "draw_maps.mjs", str(file)], cwd=HERE, env={**os.environ, "CHROMIUM": CHROMIUM},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    for one, asked in zip(told, jobs, strict=True):
        one["dots"] = np.array(one["dots"], float).reshape(-1, 2) * asked["scale"]
        one["bubbles"] = np.array(one["bubbles"], float).reshape(-1, 3)
        one["bubbles"][:, :2] *= asked["scale"]
    return told
