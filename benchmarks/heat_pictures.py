"""Pictures and files of heat maps, undone: what is claimed against what is found, as one table.

Run as ``python benchmarks/heat_pictures.py FILE [--communes 94047,94070] [--seeds 50,51]
[--dots 40,80,200] [--kernels gaussian,quartic] [--files "PNG with a bar"] [--once]`` with the
national address file. A kernel of 60 metres' deviation; saved as a GeoTIFF of values and as
pictures. How wide the kernel is, and of what kind, is never told. Dots lie at random, as the
attack supposes: several may share an address; with --once none do. Claimed is the mean probability
given to as many addresses as the map is thought to have dots, found the share of these that have
one; the gap's error is that of the mean over maps.
"""

import argparse
import io
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin
from scipy import ndimage

from privaudit.errors import PrivauditError
from privaudit.io.addresses import read_addresses
from privaudit.maps.heat import heat_kernel, kernel_of
from privaudit.maps.heat_inversion import invert_heat
from privaudit.screenshots.read_heat import read_heat

CELL, MARGIN, FINE, KERNEL = 20.0, 200.0, 4, 60.0
COLD, HOT = (30, 60, 255), (255, 60, 30)
# How a raster becomes pixels, what is beside it, what is told; "smooth" draws each pixel itself.
FILES = {
    "GeoTIFF": None,
    "PNG with a bar": ("blocks", "bar", "PNG"),
    "PNG, no bar, scale told": ("blocks", "scale", "PNG"),
    "PNG, viridis, no bar": ("blocks", "viridis", "PNG"),
    "PNG with a bar, smooth": ("smooth", "bar", "PNG"),
    "PNG with a bar, between cells": ("between", "bar", "PNG"),
    "JPEG 90 with a bar, smooth": ("smooth", "bar", "JPEG"),
    "PNG with a bar, blocks of 3.3": ("odd", "bar", "PNG"),
}


def heat_of(base, marked, kernel, cell):
    """Return dots a square kilometre on square cells, rows downwards, and their box."""
    low = base.xy.min(axis=0) - MARGIN
    size = np.ceil((np.ptp(base.xy, axis=0) + 2 * MARGIN) / CELL).astype(int)
    many = (size * round(CELL / cell)).astype(int)
    x, y = (low[k] + cell * (np.arange(many[k]) + 0.5) for k in (0, 1))
    width = KERNEL / kernel_of(kernel).deviation
    heat = heat_kernel(x, y, base.xy[marked], width, kernel).sum(axis=1) * 1e6
    box = (low[0], low[1], low[0] + CELL * size[0], low[1] + CELL * size[1])
    return heat.reshape(len(y), len(x))[::-1], box


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


def enlarged(heat, drawn):
    if drawn == "smooth":
        return heat
    if drawn == "blocks":
        return heat.repeat(FINE, 0).repeat(FINE, 1)
    if drawn == "odd":
        at = [np.floor((np.arange(round(n * 3.3)) + 0.5) / 3.3).astype(int) for n in heat.shape]
        return heat[np.ix_(*at)]
    at = [(np.arange(n * FINE) + 0.5) / FINE - 0.5 for n in heat.shape]
    return ndimage.map_coordinates(heat, np.meshgrid(*at, indexing="ij"), order=1, mode="nearest")


def picture(heat, box, beside, saved):
    """Return an image of the heat, and its box."""
    share = (heat / heat.max())[..., None]
    image = np.array(COLD) * (1 - share) + np.array(HOT) * share
    if beside == "viridis":
        from matplotlib import colormaps

        image = np.asarray(colormaps["viridis"](share[..., 0]))[..., :3] * 255
    if beside == "bar":
        bar = np.full((len(image), 100, 3), 255.0)
        bar[50:-50, 30:60] = np.linspace(HOT, COLD, len(image) - 100)[:, None]
        wide = (box[2] - box[0]) / image.shape[1] * 100
        image, box = np.concatenate([image, bar], axis=1), (*box[:2], box[2] + wide, box[3])
    image = image.round().astype(np.uint8)
    if saved == "JPEG":
        kept = io.BytesIO()
        Image.fromarray(image).save(kept, "JPEG", quality=90)
        image = np.asarray(Image.open(kept).convert("RGB"))
    return image, box


def seen(file, kernel, marked, base, folder):
    """Return the heat map as it is read, of one kind of file."""
    if FILES[file] is None:
        heat, box = heat_of(base, marked, kernel, CELL)
        return read_heat(tiff(folder / "heat.tif", heat, box), addresses=base)
    drawn, beside, saved = FILES[file]
    heat, box = heat_of(base, marked, kernel, CELL / FINE if drawn == "smooth" else CELL)
    image, box = picture(enlarged(heat, drawn), box, beside, saved)
    told = {"dots": len(marked)}
    if beside == "scale":
        told["scale"] = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in (COLD, HOT)]
    return read_heat(image, addresses=base, bbox=box, **told)


def undone(file, kernel, seed, dots, base, once):
    """Return dots and bandwidth estimated, claimed, found, doubts; a line where it is refused."""
    rng = np.random.default_rng(seed)
    marked = rng.choice(len(base), dots, replace=not once)
    with tempfile.TemporaryDirectory() as folder:
        leak = seen(file, kernel, marked, base, Path(folder))
        found = invert_heat(leak, rng=np.random.default_rng(seed))
    has = np.zeros(len(found.claim), bool)
    has[found.place[marked]] = True
    named = np.argsort(-found.claim, kind="stable")[: found.total]
    claimed, right = found.claim[named].mean(), has[named].mean()
    return (found.total, found.kernel, found.bandwidth, claimed, right, len(found.doubts))


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("file")
    words.add_argument("--communes", default="94047")
    words.add_argument("--seeds", default="1,2")
    words.add_argument("--dots", default="80")
    words.add_argument("--kernels", default="gaussian,quartic")
    words.add_argument("--files", default=";".join(FILES), help="with semicolons")
    words.add_argument("--once", action="store_true", help="at most one dot at each address")
    asked = words.parse_args()
    bases = {code: read_addresses(asked.file, commune=code) for code in asked.communes.split(",")}
    print({code: len(base) for code, base in bases.items()})
    for file, kernel in product(asked.files.split(";"), asked.kernels.split(",")):
        gaps, doubted = [], 0
        for code, seed, dots in product(bases, asked.seeds.split(","), asked.dots.split(",")):
            about = f"{file}, {kernel}, {code}, seed {seed}, {dots} dots"
            try:
                total, name, width, claimed, right, doubts = undone(
                    file, kernel, int(seed), int(dots), bases[code], asked.once
                )
            except PrivauditError as error:
                print(f"{about}: {error}")
                continue
            gaps.append((claimed, right))
            doubted += doubts > 0
            print(
                f"{about}: {total} estimated, {name} {width:.0f} m, claimed {claimed:.3f}, "
                f"found {right:.3f}, doubts {doubts}",
                flush=True,
            )
        if len(gaps) > 1:
            claimed, right = np.array(gaps).T
            error = (claimed - right).std(ddof=1) / np.sqrt(len(gaps))
            print(
                f"= {file}, {kernel}: {len(gaps)} maps, claimed {claimed.mean():.3f}, found "
                f"{right.mean():.3f}, gap {(claimed - right).mean():+.3f} (error {error:.3f}), "
                f"{doubted} doubted"
            )


if __name__ == "__main__":
    main()
