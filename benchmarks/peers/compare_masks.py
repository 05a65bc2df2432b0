"""Time our masks and spatial k beside MaskMyPy's, on the same points, and compare measures.

::

    python benchmarks/peers/compare_masks.py --peer .venv-peers/maskmypy/bin/python

Seconds are processor time, so that a busy machine does not decide. Voronoi is timed on a
quarter of the dots and the swap on 200 of them, for both. The measures are of the first thousand
dots. Drift and distance to the nearest dot must be equal to a millimetre, and Ripley's K where no
edge matters: theirs corrects none, and has n for n - 1. Their circles are polygons of 64 sides, so
that k may lack an address on the rim; around the home they count the home twice.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from beside import answers, best, machine

from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.voronoi import Voronoi
from privaudit.maps.posterior import spatial_k
from privaudit.maps.utility import drift, nearest_distances, ripley_k

# Addresses per square metre over Val-de-Marne: 138,280 on 245 square kilometres.
DENSITY = 138_280 / 245e6


def points(addresses, dots):
    rng = np.random.default_rng(0)
    places = rng.random((addresses, 2)) * np.sqrt(addresses / DENSITY)
    home = rng.choice(addresses, dots, replace=False)
    return places, places[home], Donut(r_min=50, r_max=200)(places[home], rng=rng)


def layer(xy):
    frame = pd.DataFrame(xy, columns=["x", "y"])
    frame = frame.assign(id="", number="", street="", commune="", station="")
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )


def ours(places, homes, dots, rounds):
    few, base = homes[: len(homes) // 4], layer(places)
    rng = np.random.default_rng(1)
    people = np.random.default_rng(2).integers(1, 9, len(places)).astype(float)
    work = {
        "donut": lambda: Donut(r_min=50, r_max=200)(homes, rng=rng),
        # Theirs counts addresses; ours the people at them, which is more work.
        "k": lambda: spatial_k(dots, homes, places, people),
        # Theirs takes the dots themselves for the sites of the cells.
        "voronoi": lambda: Voronoi().on(layer(few))(few, rng=rng),
        "swap": lambda: LocationSwap(r_min=50, r_max=200).on(base)(homes[:200], rng=rng),
    }
    return {name: best(call, rounds)[1] for name, call in work.items()}


def measured(places, homes, dots):
    """Return ours by name, each as MaskMyPy defines it."""
    homes, dots = homes[:1000], dots[:1000]
    low, high, n = homes.min(axis=0), homes.max(axis=0), len(homes)
    # So wide that no edge is corrected by more than a hundred thousandth.
    wide = np.r_[low - 1e8, high + 1e8]
    k = ripley_k(homes, np.arange(100.0, 501, 100), wide) / (wide[2:] - wide[:2]).prod()
    near = [nearest_distances(part).mean() for part in (homes, dots)]
    return {
        "k_moved": spatial_k(dots, homes, places),
        "k_original": spatial_k(homes, dots, places) + 1,
        "drift": drift(homes, dots),
        "nnd_mean_delta": near[1] - near[0],
        "ripley": k * (high - low).prod() * (n - 1) / n,
    }


def compare(mine, theirs):
    """Print both, and return whether all are equal that must be."""
    right = True
    for name, value in theirs.items():
        gap = np.abs(np.asarray(value, float) - mine[name])
        if name.startswith("k_"):
            right &= bool((gap <= 2).all() and (gap > 0).mean() < 0.15)
            print(
                f"{name:16}{(gap == 0).mean():10.1%} of {gap.size:,} equal, within {gap.max():.0f}"
            )
        else:
            off = gap.max() / (np.abs(value).max() if name == "ripley" else 1)
            right &= bool(off < 1e-3)
            print(f"{name:16}{np.max(value):14.4f}{np.max(mine[name]):14.4f}")
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds MaskMyPy")
    parser.add_argument("--addresses", type=int, default=200_000)
    parser.add_argument("--dots", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    places, homes, dots = points(options.addresses, options.dots)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "points.npz"
        np.savez(file, addresses=places, homes=homes, dots=dots)
        (answer,) = answers(options.peer, "maskmypy_side.py", file, options.rounds)
    peer = answer["seconds"]
    mine = ours(places, homes, dots, options.rounds)
    print(f"MaskMyPy 1.1.0 beside ours: {machine()}")
    print(f"{options.dots:,} dots, {options.addresses:,} addresses; processor seconds")
    print(f"{'':10}{'MaskMyPy':>12}{'privaudit':>12}{'times':>9}")
    for name, seconds in peer.items():
        print(f"{name:10}{seconds:12.4f}{mine[name]:12.4f}{seconds / mine[name]:9.0f}")
    sys.exit(0 if compare(measured(places, homes, dots), answer["values"]) else 1)


if __name__ == "__main__":
    main()
