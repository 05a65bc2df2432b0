"""Copies moved afresh on real addresses: as sure as they should be, and surer with each copy.

The bound of .02 on the calibration error is the project's own requirement, for every mask with
a likelihood; homes are drawn uniformly over the addresses.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.io.addresses import read_addresses
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.version_averaging import guess_versions
from privaudit.release.release import DotRelease
from privaudit.stats.calibration import expected_calibration_error

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILE = SHARED / "val-de-marne-addresses.csv.gz"
JOINVILLE, MANDRES, VINCENNES = "94042", "94047", "94080"
DOTS = 5_000


def played(commune, mask, copies, dots=DOTS, seed=94):
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    base = read_addresses(FILE, commune=commune)
    rng = np.random.default_rng(seed)
    home = rng.integers(len(base), size=dots)
    versions = []
    for _ in range(copies):
        moved = mask(base.xy[home], rng=rng)
        records = pd.DataFrame({"x": moved[:, 0], "y": moved[:, 1], "dot_id": np.arange(dots)})
        roles = Roles(location=["x", "y"])
        versions.append(DotRelease(records=records, roles=roles, backdrop=base))
    return home, versions, rng


@pytest.mark.sampled
@pytest.mark.parametrize(
    "mask", [Donut(r_min=50, r_max=200), Gaussian(sigma=40)], ids=["donut", "gauss"]
)
@pytest.mark.parametrize("commune", [JOINVILLE, MANDRES, VINCENNES])
def test_copies_together_are_calibrated_and_find_more(commune, mask):
    home, versions, rng = played(commune, mask, copies=6)
    adversary = Adversary.knows_mask(mask)
    found = guess_versions(versions, adversary, rng=rng)
    hit, sure = found.address == home, found.confidence
    assert expected_calibration_error(sure, hit) < 0.02
    assert abs(hit.mean() - sure.mean()) < 3 * np.sqrt((sure * (1 - sure)).sum()) / DOTS
    once = guess(versions[-1], adversary, rng=rng)
    assert hit.mean() > 2 * (once.address == home).mean()
    nearest = guess_versions(versions, Adversary.nearest(), rng=rng)
    if isinstance(mask, Donut):
        # The mean taken to the nearest door throws away what the ring says.
        assert hit.mean() > (nearest.address == home).mean()
    else:
        # Of normal moves the mean says all: the nearest door is the likeliest (at one place
        # there may be two addresses).
        places = versions[-1].backdrop.xy
        np.testing.assert_array_equal(places[found.address], places[nearest.address])


@pytest.mark.slow
@pytest.mark.parametrize("copies", [2, 6])
@pytest.mark.parametrize(
    "mask", [Donut(r_min=15, r_max=50), Gaussian(sigma=40)], ids=["donut", "gauss"]
)
@pytest.mark.parametrize("commune", [JOINVILLE, MANDRES, VINCENNES])
def test_copies_without_ids_are_calibrated(commune, mask, copies):
    """200 dots a map, links unknown, the earlier copies with 85 % of the dots."""
    hit, sure = [], []
    for seed in range(30):
        home, versions, rng = played(commune, mask, copies, dots=200, seed=seed)
        hidden = []
        for copy, version in enumerate(versions):
            shown = version.records.drop(columns="dot_id")
            if copy < copies - 1:
                shown = shown.iloc[rng.permutation(170)]
            hidden.append(replace(version, records=shown.reset_index(drop=True)))
        found = guess_versions(hidden, Adversary.knows_mask(mask), rng=rng)
        hit.append(found.address == home)
        sure.append(found.confidence)
    hit, sure = np.concatenate(hit), np.concatenate(sure)
    assert expected_calibration_error(sure, hit) < 0.02
