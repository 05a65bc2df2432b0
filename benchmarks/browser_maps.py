"""Maps that Leaflet and MapLibre draw in Chromium, read back: claimed, found and n, as one table.

Run as ``python benchmarks/browser_maps.py [--seed 9300] [--looks "default;rings"]`` after `make
browser`. Each look is of another fictional town of 75 streets, half of the marks red; names lie
above them. A mark is found when one of its colour is read within three pixels, each once.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from privaudit.errors import PrivauditError
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.picture_dots import picture_dots

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from web_maps import LEAFLET, Web, drawn, job, town

NEAR, AT_ONCE = 3.0, 6


def leaflet(**options):
    return LEAFLET | options


def ring(radius=10, weight=3, fill=0.2):
    """Return what Leaflet draws where no colour of the stroke is said."""
    return {"radius": radius, "weight": weight, "opacity": 1, "fillOpacity": fill}


def circle(radius, weight=0, colour="#ffffff", fill=1):
    """Return a circle layer of MapLibre."""
    return {"radius": radius, "weight": weight, "color": colour, "fillOpacity": fill}


def maplibre(**more):
    return Web(library="maplibre", **more)


def cluster(zoom, wide):
    options = {"maxClusterRadius": wide}
    return Web(kind="cluster", red="blue", grey="blue", zoom=zoom, options=options)


WHITE = "#ffffff"
GOOGLE = {"red": "#ea4335", "theme": "google"}
# How a map is drawn, the colour to meet, marks.
LOOKS = {
    "default": (Web(), "red", 400),
    "default, zoom 16": (Web(zoom=16), "red", 400),
    "default, zoom 14, radius 5": (Web(zoom=14, options=leaflet(radius=5)), "red", 300),
    "default, no names": (Web(names=""), "red", 400),
    "default, retina": (Web(scale=2), "red", 400),
    "blue, Google's ground": (Web(red="#1f77b4", theme="google"), "blue", 400),
    "orange, black rim, radius 7": (
        Web(red="#ff7f0e", theme="grey", options=leaflet(radius=7, color="#000000")),
        "orange",
        350,
    ),
    "MapLibre, dark rim 1": (maplibre(options=circle(6, 1, "#333333", 0.9)), "red", 400),
    "MapLibre, no rim, radius 5": (maplibre(options={"radius": 5}), "red", 400),
    "MapLibre, white rim 1.5": (maplibre(options=circle(6, 1.5)), "red", 400),
    "MapLibre, white rim 2, radius 5": (maplibre(options=circle(5, 2, fill=0.8)), "red", 400),
    "white rim 1.5": (Web(options=leaflet(color=WHITE, weight=1.5)), "red", 400),
    "white rim 2": (Web(options=leaflet(color=WHITE, weight=2, fillOpacity=1)), "red", 400),
    "white rim 3, radius 8": (
        Web(options=leaflet(color=WHITE, weight=3, radius=8, fillOpacity=0.8)),
        "red",
        300,
    ),
    "purple, white rim 1, radius 5": (
        Web(red="#7b1fa2", theme="google", options=leaflet(radius=5, color=WHITE)),
        "purple",
        350,
    ),
    "no rim": (Web(options=leaflet(weight=0, opacity=0)), "red", 400),
    "opacity .7": (Web(options=leaflet(fillOpacity=0.7)), "red", 400),
    "opacity .5": (Web(options=leaflet(fillOpacity=0.5)), "red", 400),
    "opacity .4": (Web(options=leaflet(fillOpacity=0.4)), "red", 400),
    "rim of its colour 2, opacity .5": (Web(options=ring(6, 2, 0.5)), "red", 400),
    "rings (Leaflet's own)": (Web(options=ring()), "red", 250),
    "rings, crowded": (Web(options=ring()), "red", 400),
    "rings, blue": (Web(red="#3388ff", theme="google", options=ring()), "blue", 250),
    "rings, radius 8, weight 2, .3": (Web(options=ring(8, 2, 0.3)), "red", 250),
    "rings, green, radius 9, weight 2": (
        Web(red="#2e8b57", options=ring(9, 2)),
        "green",
        250,
    ),
    "rings, retina": (Web(scale=2, options=ring()), "red", 250),
    "40 of Leaflet's pins": (Web(kind="icon", red="blue", grey="grey"), "blue", 40),
    "140 of Leaflet's pins": (Web(kind="icon", red="blue", grey="grey"), "blue", 140),
    "40 red pins": (Web(kind="pin", **GOOGLE), "red", 40),
    "140 red pins": (Web(kind="pin", **GOOGLE), "red", 140),
    "40 of MapLibre's pins": (maplibre(kind="pin"), "red", 40),
    "140 of MapLibre's pins": (maplibre(kind="pin"), "red", 140),
    "clusters, zoom 16": (cluster(16, 40), "blue", 200),
    "clusters, zoom 15": (cluster(15, 60), "blue", 400),
}


def pictures(looks, seed, folder):
    """Draw some looks; return the picture of each, where its marks are, which of them are red."""
    jobs, red = [], []
    for k, name in enumerate(looks):
        web, _, many = LOOKS[name]
        number = seed + list(LOOKS).index(name)
        rng, base = np.random.default_rng([5, number]), town(number, streets=75, width=2900.0)
        home = rng.choice(len(base), many, replace=False)
        red.append(rng.random(many) < 0.5)
        jobs.append(job(base, home, red[-1], web, out=folder / f"{k}.png", seed=number))
    told = drawn(jobs, folder)
    images = [np.asarray(Image.open(one["out"]).convert("RGB")) for one in jobs]
    return zip(looks, images, told, red, strict=True)


def row(name, image, told, red):
    web, colour, many = LOOKS[name]
    try:
        found = picture_dots(image, colour=colour)
    except PrivauditError as error:
        return f"| {name} | {many} | refused: {error} |"
    if web.kind == "cluster":
        red = np.ones(many, bool)
    right = 0
    for status in (True, False):
        seen = found.pixel[found.red == status]
        if len(seen):
            here = told["dots"][red == status]
            right += int((link_positions(here, seen, NEAR * web.scale) >= 0).sum())
    low, about, high = (round(end) for end in found.shown)
    held = "yes" if low <= many <= high else "NO"
    read, bubbles = len(found.pixel), len(told["bubbles"])
    extra = f"; {found.clusters} of {bubbles} clusters" if bubbles else ""
    return (
        f"| {name} | {many} | {read} | {right} | {right / many:.3f} | {right / read:.3f} "
        f"| {low} / {about} / {high} | {held}{extra} |"
    )


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seed", type=int, default=9300)
    words.add_argument("--looks", default=";".join(LOOKS), help="with semicolons")
    asked = words.parse_args()
    looks = asked.looks.split(";")
    print("| look | n | read | right | recall | precision | shown: least, about, most | holds n |")
    print("|---|---|---|---|---|---|---|---|")
    for start in range(0, len(looks), AT_ONCE):
        with tempfile.TemporaryDirectory() as folder:
            for one in pictures(looks[start : start + AT_ONCE], asked.seed, Path(folder)):
                print(row(*one), flush=True)


if __name__ == "__main__":
    main()
