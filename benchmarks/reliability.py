"""Print how reliable the posterior is: every mask with a likelihood, on communes of a file.

    python benchmarks/reliability.py --data DIR
    python benchmarks/reliability.py --data DIR --zoom 15 --draws 4000

DIR holds an address file as the national address base offers it, with all communes asked for.
With ``--zoom`` the masked dots are drawn on pictures of a web map and read back first; noise
that is persistent is left out there, for dots of one home then hide one another.
"""

import argparse
import time
from pathlib import Path

import pandas as pd
from mask_reliability import EVERY_MASK, reliability_of_masks

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.io.addresses import read_addresses
from privaudit.maps.masks.persistent import Persistent

# Joinville-le-Pont, Mandres-les-Roses and Saint-Mandé: a suburb, a village, a dense town.
COMMUNES = "94042,94047,94067"


def address_file(folder):
    found = sorted(folder.glob("*addresses*.csv*")) + sorted(folder.glob("adresses*.csv*"))
    if not found:
        raise SystemExit(f"{folder} holds no address file such as adresses-94.csv.gz.")
    return found[0]


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--data", type=Path, required=True)
    words.add_argument("--communes", default=COMMUNES)
    words.add_argument("--draws", type=int, default=20_000)
    words.add_argument("--zoom", type=float)
    words.add_argument("--masks", default=",".join(EVERY_MASK))
    words.add_argument("--seed", type=int, default=7)
    asked = words.parse_args()
    start = time.perf_counter()
    file = address_file(asked.data)
    places = {code: read_addresses(file, commune=code) for code in asked.communes.split(",")}
    masks = {name: EVERY_MASK[name] for name in asked.masks.split(",")}
    shot = None
    if asked.zoom is not None:
        shot = Screenshot(zoom=asked.zoom)
        masks = {name: mask for name, mask in masks.items() if not isinstance(mask, Persistent)}
    table = reliability_of_masks(places, masks, draws=asked.draws, screenshot=shot, seed=asked.seed)
    with pd.option_context("display.width", 120, "display.max_rows", None):
        print(table.round(4).to_string(index=False))
    worst = table.loc[table["error"].idxmax()]
    print(
        f"\nWorst calibration error {worst['error']:.4f}: {worst['mask']} on {worst['place']}. "
        f"{time.perf_counter() - start:.0f} s."
    )


if __name__ == "__main__":
    main()
