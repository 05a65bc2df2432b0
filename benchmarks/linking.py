"""Print how well copies without ids are linked, and whether the doubt that is left is honest.

    python benchmarks/linking.py --data DIR

For each mask and number of dots: copies moved afresh, the earlier ones with 85 % of the dots.
spacing is the mean distance between a dot and the next, noise the mean move, both in metres.
found and claimed are of homes, by all copies; once is what the last copy alone finds; right is
the share of links that join one dot: those that are likelier than not (sure: what is claimed of
them, share: how many there are of all), and those of an assignment by least distance.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from reliability import address_file

from privaudit.columns.roles import Roles
from privaudit.io.addresses import read_addresses
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.version_averaging import guess_versions, weigh_links
from privaudit.maps.version_links import link_versions, points_of
from privaudit.release.release import DotRelease
from privaudit.stats.calibration import expected_calibration_error

MASKS = (
    Gaussian(sigma=10),
    Gaussian(sigma=40),
    Donut(r_min=15, r_max=50),
    Donut(r_min=50, r_max=200),
)


def played(base, mask, dots, copies, rng):
    """Return the homes, the copies, and which dot each record of each copy is."""
    home, turn = rng.integers(len(base), size=dots), rng.permutation(dots)
    versions, who = [], []
    for copy in range(copies):
        shown = rng.permutation(turn[: int(dots * (0.85 + 0.15 * copy / (copies - 1)))])
        moved = pd.DataFrame(mask(base.xy[home[shown]], rng=rng), columns=["x", "y"])
        roles = Roles(location=("x", "y"))
        versions.append(DotRelease(records=moved, roles=roles, backdrop=base))
        who.append(shown)
    return home, versions, who


def right(linked, who):
    """Tell of each link whether it joins one dot."""
    return np.concatenate(
        [
            own[rows[rows >= 0]] == who[-1][rows >= 0]
            for own, rows in zip(who[:-1], linked.rows[:-1], strict=True)
        ]
    )


def row(base, mask, dots, copies, games):
    hit, claimed, once, weighed, least, sure, start = [], [], [], [], [], [], time.perf_counter()
    prior = np.full(len(base), 1 / len(base))
    knows = Adversary.knows_mask(mask)
    for seed in range(games):
        rng = np.random.default_rng([seed, dots, copies])
        home, versions, who = played(base, mask, dots, copies, rng)
        found = guess_versions(versions, knows, rng=rng)
        hit.append(found.address == home[who[-1]])
        claimed.append(found.confidence)
        once.append(guess(versions[-1], knows, rng=rng).address == home[who[-1]])
        reach = float(mask.reach_of(points_of(versions[-1])).max())
        links = link_versions(versions, how="assignment", farthest=2 * reach)
        least.append(right(links, who))
        found = weigh_links(versions, base, [mask] * copies, prior, rng=rng)
        if found is not None:
            weighed.append(right(found.linked, who))
            sure.append(found.sure)
    seconds = (time.perf_counter() - start) / games
    hit, claimed, once, least = (np.concatenate(part) for part in (hit, claimed, once, least))
    good = np.concatenate(weighed) if weighed else np.empty(0)
    area = float(np.prod(np.ptp(base.xy, axis=0)))
    return {
        "mask": str(mask), "dots": dots, "copies": copies, "spacing": 0.5 * np.sqrt(area / dots),
        "once": once.mean(), "found": hit.mean(), "claimed": claimed.mean(),
        "error": expected_calibration_error(claimed, hit), "n": len(hit),
        "weighed": good.mean() if len(good) else np.nan,
        "sure": np.nanmean(sure) if sure else np.nan, "share": len(good) / len(least),
        "least": least.mean(), "seconds": seconds,
    }  # fmt: skip


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--data", type=Path, required=True)
    words.add_argument("--commune", default="94042")
    words.add_argument("--dots", default="60,200")
    words.add_argument("--copies", default="2,6")
    words.add_argument("--people", type=int, default=2_000)
    asked = words.parse_args()
    base = read_addresses(address_file(asked.data), commune=asked.commune)
    rows = [
        row(base, mask, int(dots), int(copies), -(-asked.people // int(dots)))
        for dots in asked.dots.split(",")
        for mask in MASKS
        for copies in asked.copies.split(",")
    ]
    with pd.option_context("display.width", 160, "display.max_rows", None):
        print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
