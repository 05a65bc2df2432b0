"""Does a picture find its place by itself, and does it never find a false one? One table.

Run as ``python benchmarks/screenshot_places.py FILE [--commune 94042] [--pictures 200]
[--part nowhere] [--dots 7,8,10]`` with the national address file; all of it takes hours. Dots are
read to a tenth of a pixel. Pictures that lie somewhere: placed rightly, placed wrongly, refused.
Pictures that lie nowhere among the addresses (dots anywhere, dots on addresses of other communes,
dots that a donut of 50 to 200 m moved): placed, which is false, or refused; the upper end of the
interval is that of Clopper and Pearson at 95 %.
"""

import argparse
import time

import numpy as np
from scipy.stats import beta

from privaudit.errors import GeometryError
from privaudit.io.addresses import read_addresses
from privaudit.maps.masks.donut import Donut
from privaudit.release.release import zoom_resolution
from privaudit.screenshots.picture_dots import PictureDots
from privaudit.screenshots.placement import by_pattern

ERROR = 0.1


def seen(xy, step, turn, rng):
    """Return dots as read from a picture of places, at so many metres a pixel, turned."""
    z = (xy - xy.mean(axis=0)) @ np.array([1, 1j]) * np.exp(1j * np.radians(turn)) / step
    pixel = np.column_stack([z.real, -z.imag]) + 700 + rng.normal(0, ERROR, xy.shape)
    n = len(xy)
    return PictureDots(
        pixel=pixel, error=np.full(n, ERROR), red=np.ones(n, bool), radius=4.0, refused=0,
        step=0.0,
    )  # fmt: skip


def placed(dots, true, base):
    """Return "right", "wrong" or "refused", and the processor seconds it took."""
    begun = time.process_time()
    try:
        place = by_pattern(dots, base, who="places")
    except GeometryError:
        return "refused", time.process_time() - begun
    spent = time.process_time() - begun
    if true is None:
        return "wrong", spent
    off = np.hypot(*(place.georeference.to_metres(dots.pixel) - true).T)
    return ("right" if np.median(off) < 5 else "wrong"), spent


def row(name, made):
    words, seconds = zip(*made, strict=True)
    n, wrong = len(words), words.count("wrong")
    high = beta.ppf(0.975, wrong + 1, n - wrong) if wrong < n else 1.0
    print(
        f"{name:52}{n:6}{words.count('right'):8}{wrong:8}{words.count('refused'):9}"
        f"{high:14.3f}{np.median(seconds):9.2f}",
        flush=True,
    )


def somewhere(base, pictures, numbers):
    for dots in numbers:
        for zoom in (15, 16):
            for name, turn in (("north up, any scale", 3.0), ("any turn, any scale", 180.0)):
                made = []
                for k in range(pictures):
                    rng = np.random.default_rng([dots, zoom, k])
                    true = base.xy[rng.permutation(len(base))[:dots]]
                    step = zoom_resolution(zoom, 48.8) * rng.uniform(0.75, 1.4)
                    picture = seen(true, step, rng.uniform(-turn, turn), rng)
                    made.append(placed(picture, true, base))
                row(f"{dots} dots, about zoom {zoom}, {name}", made)


def among_many(base, every, pictures):
    for dots in (10, 30, 111):
        made = []
        for k in range(pictures):
            rng = np.random.default_rng([dots, 1, k])
            true = base.xy[rng.permutation(len(base))[:dots]]
            picture = seen(true, zoom_resolution(16, 48.8), rng.uniform(-3, 3), rng)
            made.append(placed(picture, true, every))
        row(f"{dots} dots, zoom 16, among {len(every):,} addresses", made)


def with_strays(base, pictures):
    for share in (0.1, 0.3):
        made = []
        for k in range(pictures):
            rng = np.random.default_rng([round(100 * share), 2, k])
            true = base.xy[rng.permutation(len(base))[:60]]
            true[: round(60 * share)] = true.min(axis=0) + rng.random(
                (round(60 * share), 2)
            ) * np.ptp(true, axis=0)
            picture = seen(true, zoom_resolution(15, 48.8), rng.uniform(-180, 180), rng)
            made.append(placed(picture, true, base))
        row(f"60 dots, zoom 15, any turn, {share:.0%} on no address", made)


def nowhere(base, every, pictures):
    commune = every.frame["commune"].to_numpy()
    others = np.setdiff1d(np.unique(commune), base.frame["commune"])
    for kind in ("anywhere", "of another commune", "moved by a donut"):
        made = []
        for k in range(pictures):
            rng = np.random.default_rng([3, len(kind), k])
            dots = int(rng.choice([6, 8, 10, 15, 30, 111]))
            if kind == "anywhere":
                low, size = base.xy.min(axis=0), np.ptp(base.xy, axis=0)
                xy = low + rng.random((dots, 2)) * size
            elif kind == "of another commune":
                here = every.xy[commune == rng.choice(others)]
                xy = here[rng.permutation(len(here))[:dots]]
            else:
                xy = Donut(r_min=50, r_max=200)(base.xy[rng.permutation(len(base))[:dots]], rng=rng)
            step = zoom_resolution(rng.choice([14, 15, 16]), 48.8)
            made.append(placed(seen(xy, step, rng.uniform(-4, 4), rng), None, base))
        row(f"dots {kind}, 6 to 111", made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--commune", default="94042")
    parser.add_argument("--pictures", type=int, default=200, help="somewhere: a tenth of it")
    parser.add_argument("--dots", default="6,7,8,10,20,111")
    parser.add_argument(
        "--part", choices=("somewhere", "many", "strays", "nowhere"), help="default: all"
    )
    asked = parser.parse_args()
    whole = read_addresses(asked.file)
    town = read_addresses(asked.file, commune=asked.commune)
    print(f"among {len(town):,} addresses where not said otherwise")
    head = f"{'':52}{'shown':>6}{'right':>8}{'wrong':>8}{'refused':>9}"
    print(f"{head}{'wrong at most':>14}{'CPU s':>9}", flush=True)
    few = max(5, asked.pictures // 10)
    parts = {
        "somewhere": lambda: somewhere(town, few, [int(n) for n in asked.dots.split(",")]),
        "many": lambda: among_many(town, whole, few),
        "strays": lambda: with_strays(town, few),
        "nowhere": lambda: nowhere(town, whole, asked.pictures),
    }
    for name, run in parts.items():
        if asked.part in (None, name):
            run()
