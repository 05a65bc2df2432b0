"""Pictures and files of heat maps, undone: what is claimed against what is found, as one table.

Run as ``python benchmarks/heat_pictures.py FILE [--commune 94047] [--seeds 1,2,3] [--dots 80]``
with the national address file. Dots on addresses at random, a kernel of 60 metres; saved as a
GeoTIFF of values, as a picture with a bar of colours, and as pictures without one. How wide the
kernel is, and of what kind, is never told. Claimed is the mean probability given to as many
addresses as the map is thought to have dots, found the share of these that have one.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin

from privaudit.attacks.heat_inversion import invert_heat
from privaudit.errors import PrivauditError
from privaudit.places.read_addresses import read_addresses
from privaudit.release.pictures.read_heat import read_heat

CELL, MARGIN, FINE, KERNEL = 20.0, 200.0, 4, 60.0
COLD, HOT = (30, 60, 255), (255, 60, 30)


def heat_of(base, marked, quartic):
    """Return dots a square kilometre on cells of 20 m, rows downwards, and their box."""
    low = base.xy.min(axis=0) - MARGIN
    size = np.ceil((np.ptp(base.xy, axis=0) + 2 * MARGIN) / CELL).astype(int)
    x, y = (low[k] + CELL * (np.arange(size[k]) + 0.5) for k in (0, 1))
    heat = np.zeros((size[1], size[0]))
    for at in base.xy[marked]:
        off = (x[None] - at[0]) ** 2 + (y[:, None] - at[1]) ** 2
        if quartic:
            # Of the same standard deviation on each axis: radius over the root of 8.
            radius = KERNEL * np.sqrt(8)
            heat += np.clip(1 - off / radius**2, 0, None) ** 2 * 3 / (np.pi * radius**2)
        else:
            heat += np.exp(-off / 2 / KERNEL**2) / (2 * np.pi * KERNEL**2)
    box = (low[0], low[1], low[0] + CELL * size[0], low[1] + CELL * size[1])
    return heat[::-1] * 1e6, box


def tiff(path, heat, box):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, kind, value in (
        (33550, 12, (CELL, CELL, 0.0)),
        (33922, 12, (0.0, 0, 0, box[0], box[3], 0)),
        (34735, 3, (1, 1, 0, 2, 1025, 0, 1, 1, 3072, 0, 1, 2154)),
    ):
        tags[tag], tags.tagtype[tag] = value, kind
    Image.fromarray(heat.astype(np.float32)).save(path, tiffinfo=tags)
    return path


def picture(heat, box, bar):
    """Return an image of two colours and what lies between, with or without a bar of them."""
    share = (heat / heat.max()).repeat(FINE, 0).repeat(FINE, 1)[..., None]
    image = np.array(COLD) * (1 - share) + np.array(HOT) * share
    if not bar:
        return image.round().astype(np.uint8), box
    beside = np.full((len(image), 100, 3), 255.0)
    beside[50:-50, 30:60] = np.linspace(HOT, COLD, len(image) - 100)[:, None]
    box = (*box[:2], box[2] + 100 * CELL / FINE, box[3])
    return np.concatenate([image, beside], axis=1).round().astype(np.uint8), box


def viridis(heat):
    from matplotlib import colormaps

    share = (heat / heat.max()).repeat(FINE, 0).repeat(FINE, 1)
    return (np.asarray(colormaps["viridis"](share))[..., :3] * 255).round().astype(np.uint8)


def seen(kind, heat, box, dots, base, folder):
    """Return the heat map as it is read, of one kind of file."""
    if kind.startswith("GeoTIFF"):
        return read_heat(tiff(folder / "heat.tif", heat, box), addresses=base)
    if kind == "PNG, viridis, no bar, dots told":
        return read_heat(viridis(heat), addresses=base, bbox=box, dots=dots)
    image, box = picture(heat, box, bar="with a bar" in kind)
    told = {"dots": dots} if "dots told" in kind else {}
    if "no bar" in kind:
        told["scale"] = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in (COLD, HOT)]
    return read_heat(image, addresses=base, bbox=box, **told)


KINDS = (
    "GeoTIFF",
    "GeoTIFF, quartic",
    "PNG with a bar, dots told",
    "PNG with a bar",
    "PNG with a bar, quartic, dots told",
    "PNG, no bar, scale and dots told",
    "PNG, viridis, no bar, dots told",
)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("file")
    words.add_argument("--commune", default="94047")
    words.add_argument("--seeds", default="1,2,3")
    words.add_argument("--dots", type=int, default=80)
    asked = words.parse_args()
    base = read_addresses(asked.file, commune=asked.commune)
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    print(f"{len(base):,} addresses of {asked.commune}, {asked.dots} dots, seeds {seeds}")
    for kind in KINDS:
        told = []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            marked = rng.choice(len(base), asked.dots, replace=False)
            heat, box = heat_of(base, marked, "quartic" in kind)
            with tempfile.TemporaryDirectory() as folder:
                try:
                    leak = seen(kind, heat, box, asked.dots, base, Path(folder))
                    undone = invert_heat(leak, rng=np.random.default_rng(seed))
                except PrivauditError as error:
                    print(f"{kind:36} seed {seed}: {error}")
                    continue
            has = np.zeros(len(undone.claim), bool)
            has[undone.place[marked]] = True
            named = np.argsort(-undone.claim, kind="stable")[: undone.total]
            told.append(
                (undone.total, undone.bandwidth, undone.claim[named].mean(), has[named].mean(),
                 undone.claim.sum() / has.sum(), len(undone.doubts))
            )  # fmt: skip
        line = (
            "{:36} seed {}: dots {:.0f}, kernel {:.0f} m, claimed {:.3f}, found {:.3f}, "
            "claims over all {:.2f}, doubts {}"
        )
        for seed, row in zip(seeds, told, strict=False):
            print(line.format(kind, seed, *row), flush=True)


if __name__ == "__main__":
    main()
