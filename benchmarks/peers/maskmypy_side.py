"""Time MaskMyPy 1.1.0 on the points of a file; run by an environment that holds it, not ours.

Called by compare_masks.py: reads an .npz of addresses, homes and masked dots, prints JSON of
seconds (best of the rounds asked for) and of measures of the first thousand dots.
"""

import json
import sys
import time
import warnings

import geopandas as gpd
import maskmypy
import numpy as np


def layer(xy):
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs="EPSG:2154")


def best(call, rounds):
    times = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def values(addresses, homes, dots):
    analysis = maskmypy.analysis
    moved = analysis.k_anonymity(homes, dots, addresses)
    original = analysis.k_anonymity(dots, homes, addresses)
    radii = {"min_dist": 100, "max_dist": 500, "steps": 5}
    return {
        "k_moved": moved["k_anonymity"].tolist(),
        "k_original": original["k_anonymity"].tolist(),
        "drift": analysis.central_drift(homes, dots),
        "nnd_mean_delta": analysis.nnd_delta(homes, dots)["nnd_mean_delta"],
        "ripley": analysis.ripleys_k(homes, simulations=1, **radii).statistic.tolist(),
    }


def main(file, rounds):
    warnings.simplefilter("ignore")
    data = np.load(file)
    addresses, homes, dots = (layer(data[name]) for name in ("addresses", "homes", "dots"))
    few, fewer = homes.iloc[: len(homes) // 4], homes.iloc[:200]
    seconds = {
        "donut": best(lambda: maskmypy.donut(homes, 50, 200, seed=1), rounds),
        "k": best(lambda: maskmypy.analysis.k_anonymity(homes, dots, addresses), rounds),
        "voronoi": best(lambda: maskmypy.voronoi(few), 1) if len(few) else None,
        "swap": best(lambda: maskmypy.locationswap(fewer, 50, 200, addresses, seed=1), 1),
    }
    print(json.dumps({"seconds": seconds, "values": values(addresses, homes[:1000], dots[:1000])}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
