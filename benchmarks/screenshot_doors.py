"""From screenshots to doors: what share of the doors is found, as one table.

Run as ``python benchmarks/screenshot_doors.py FILE [--commune 94042] [--repetitions 3]`` with the
national address file. Red dots of radius 4 pixels on a share of the addresses, grey ones on 30 %,
drawn under the red by another program (Agg), between pixels and at whole pixels. A door is found
when it is the nearest address of a red dot that was read: precision is the share of such doors
that have a red dot, recall the share of doors with a red dot that are found.
"""

import argparse
import io
import time

import numpy as np
from PIL import Image
from street_map import Look, draw
from visible_edge import visible_edge

from privaudit.errors import PrivauditError
from privaudit.io.addresses import read_addresses
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import Exact
from privaudit.release.release import Georeference, zoom_resolution
from privaudit.screenshots.read_screenshot import read_screenshot

GREY_SHARE, CLICK = 0.3, 2.0
ZOOMS = (13, 14, 15, 16)
# What colour segmentation alone reached, precision and recall, and the recall to reach.
ALONE = {
    (0.05, 13): (0.37, 0.09), (0.05, 14): (0.67, 0.46), (0.05, 15): (0.93, 0.83),
    (0.05, 16): (0.99, 0.95), (0.2, 14): (0.57, 0.11), (0.2, 15): (0.86, 0.49),
    (0.2, 16): (0.98, 0.78),
}  # fmt: skip
ASKED = {(0.05, 14): 0.6, (0.05, 15): 0.9, (0.2, 14): 0.3, (0.2, 15): 0.7, (0.2, 16): 0.88}
CLICKED = {13: (0.32, 0.08), 14: (0.41, 0.28), 15: (0.7, 0.63), 16: (0.93, 0.89)}
LOOKS = {
    "plain, PNG": (Look(ground="plain"), None),
    "plain, JPEG 90": (Look(ground="plain"), 90),
    "plain, JPEG 75": (Look(ground="plain"), 75),
    "street map, PNG": (Look(), None),
    "street map, JPEG 90": (Look(), 90),
    "street map, JPEG 75": (Look(), 75),
    "street map, at whole pixels": (Look(whole_pixels=True), None),
    "and buttons, legend": (Look(frame=True), None),
    "two pixels for one (phone)": (Look(density=2), None),
    "browser at 110 %": (Look(density=1.1), None),
    "white rim of 1.5 pixels": (Look(border=("white", 1.5)), None),
    "black rim of 1 pixel": (Look(border=("black", 1)), None),
    "opacity .7": (Look(opacity=0.7), None),
    "rings of radius 7, fill .2": (Look(radius=7, opacity=0.2, border=("own", 3)), None),
}


def scene(base, share, zoom, repetition, look, quality=None):
    """Return the picture, its box, its homes, how many are red, and metres a pixel of the page."""
    rng = np.random.default_rng([repetition, zoom, round(100 * share)])
    order = rng.permutation(len(base))
    red = round(share * len(base))
    home = order[: red + round(GREY_SHARE * len(base))]
    step = zoom_resolution(zoom, 48.8)
    image, box = draw(base, home, np.arange(len(home)) < red, step=step, look=look)
    if quality is not None:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        image = np.asarray(Image.open(file).convert("RGB"))
    return image, box, home, red, step


def doors(leak, base, status="to_meet", adversary=None):
    """Return the addresses to which dots of a status are traced, each once."""
    found = guess(leak.as_leaked(), adversary or Adversary.nearest(), rng=np.random.default_rng(0))
    asked = (leak.records["status"] == status).to_numpy()
    return set(found.address[asked & (found.address >= 0)].tolist())


def rates(traced, true):
    hit = len(traced & set(true.tolist()))
    return hit / max(len(traced), 1), hit / len(true)


def false_dots(leak, base, home, red, step):
    """Count the red dots that were read where none was drawn, within a pixel and a metre."""
    at = leak.records.loc[leak.records["status"] == "to_meet", ["x", "y"]].to_numpy()
    gap = np.hypot(*(at[:, None] - base.xy[home[:red]][None]).transpose(2, 0, 1))
    return int((gap.min(axis=1) > step + 1).sum())


def clicks_off(image, box, repetition):
    """Return three clicks, each two pixels off in some direction."""
    height, width = image.shape[:2]
    pixel = np.array([[0.1, 0.1], [0.9, 0.15], [0.5, 0.9]]) * [width, height]
    angle = np.random.default_rng(repetition).uniform(0, 2 * np.pi, 3)
    moved = pixel + CLICK * np.column_stack([np.cos(angle), np.sin(angle)])
    place = Georeference.of_box(box, width=width, height=height)
    return np.column_stack([moved, place.to_metres(pixel)])


def pair(values):
    return "  --/--  " if values is None else f"{values[0]:.3f}/{values[1]:.3f}"


def exact(base, repetitions):
    print("\nExact georeference, nearest address: precision/recall of red doors")
    print(
        "red   zoom  between pixels  whole pixels  colour alone  recall asked  oracle  grey doors"
    )
    for share in (0.05, 0.2):
        for zoom in ZOOMS:
            made, grey, oracle = {True: [], False: []}, [], []
            for repetition in range(repetitions):
                for whole in (False, True):
                    look = Look(ground="plain", whole_pixels=whole)
                    image, box, home, red, step = scene(base, share, zoom, repetition, look)
                    leak = read_screenshot(image, addresses=base, bbox=box)
                    made[whole].append(rates(doors(leak, base), home[:red]))
                    if not whole:
                        grey.append(rates(doors(leak, base, "visited"), home[red:]))
                oracle.append((visible_edge(base.xy[home[:red]] / step, 4.0) > 0).mean())
            print(
                f"{share:4.0%}  {zoom:4}  {pair(np.mean(made[False], 0)):>14}"
                f"  {pair(np.mean(made[True], 0)):>12}  {pair(ALONE.get((share, zoom))):>12}"
                f"  {ASKED.get((share, zoom), float('nan')):12.2f}  {np.mean(oracle):6.3f}"
                f"  {pair(np.mean(grey, 0)):>10}",
                flush=True,
            )


def clicked_and_alone(base, repetitions):
    print("\n5 % red, dots at whole pixels: three clicks off by 2 pixels, and no georeference")
    print("zoom  clicks believed  posterior    to beat     by itself    of exact")
    for zoom in ZOOMS:
        believed, mended, alone, known = [], [], [], []
        for repetition in range(repetitions):
            look = Look(ground="plain", whole_pixels=True)
            image, box, home, red, _ = scene(base, 0.05, zoom, repetition, look)
            clicks = clicks_off(image, box, repetition)
            leak = read_screenshot(image, addresses=base, clicks=clicks)
            knows = Adversary.knows_mask(Exact())
            mended.append(rates(doors(leak, base, adversary=knows), home[:red]))
            # Where the clicks say: the box of a picture that they place, not mended.
            believed.append(rates(_as_clicked(image, base, clicks), home[:red]))
            exactly = read_screenshot(image, addresses=base, bbox=box)
            known.append(rates(doors(exactly, base), home[:red]))
            try:
                itself = read_screenshot(image, addresses=base)
                alone.append(rates(doors(itself, base), home[:red]))
            except PrivauditError:
                alone.append((0.0, 0.0))
        share = np.mean(alone, 0) / np.mean(known, 0)
        print(
            f"{zoom:4}  {pair(np.mean(believed, 0)):>15}  {pair(np.mean(mended, 0))}"
            f"  {pair(CLICKED[zoom])}  {pair(np.mean(alone, 0))}  {share[0]:.2f}/{share[1]:.2f}",
            flush=True,
        )


def _as_clicked(image, base, clicks):
    from scipy.spatial import cKDTree

    from privaudit.screenshots.picture_dots import picture_dots
    from privaudit.screenshots.registration import fit_affine

    dots = picture_dots(image)
    place = Georeference(fit_affine(clicks[:, :2], clicks[:, 2:]).matrix)
    return set(cKDTree(base.xy).query(place.to_metres(dots.pixel[dots.red]))[1].tolist())


def looks(base, repetitions):
    print("\n5 % red, exact georeference, as browsers draw: precision/recall, false red dots")
    print(f"{'':30}" + "".join(f"zoom {zoom:<18}" for zoom in ZOOMS[1:]) + "seconds at 16")
    for name, (look, quality) in LOOKS.items():
        cells, begun = [], 0.0
        for zoom in ZOOMS[1:]:
            made, false, begun = [], [], 0.0
            for repetition in range(repetitions):
                image, box, home, red, step = scene(base, 0.05, zoom, repetition, look, quality)
                start = time.process_time()
                leak = read_screenshot(image, addresses=base, bbox=box)
                begun += (time.process_time() - start) / repetitions
                made.append(rates(doors(leak, base), home[:red]))
                false.append(false_dots(leak, base, home, red, step))
            cells.append(f"{pair(np.mean(made, 0))}, {np.mean(false):4.1f}")
        print(f"{name:28}" + "".join(f"{cell:>23}" for cell in cells) + f"{begun:9.2f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--commune", default="94042")
    parser.add_argument("--repetitions", type=int, default=3)
    asked = parser.parse_args()
    town = read_addresses(asked.file, commune=asked.commune)
    print(f"{len(town):,} addresses, {asked.repetitions} repetitions, dots of radius 4 pixels")
    exact(town, asked.repetitions)
    clicked_and_alone(town, asked.repetitions)
    looks(town, asked.repetitions)
