"""Donut of 50 to 200 m on real addresses: who the nearest address finds, and who the posterior.

Figures of the project's notes, computed once apart from this code, on 20,000 homes drawn
uniformly over the addresses of each commune: share found by the nearest address, share found
by the posterior that knows the mask, and that posterior's own mean confidence.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Exact
from privaudit.release.release import DotRelease
from privaudit.stats.calibration import expected_calibration_error

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILE = SHARED / "val-de-marne-addresses.csv.gz"
JOINVILLE, MANDRES = "94042", "94047"
DRAWS = 20_000
# commune, uniform in: nearest, posterior, mean confidence.
PUBLISHED = {
    (JOINVILLE, "radius"): (0.0057, 0.0231, 0.0239),
    (JOINVILLE, "area"): (0.0051, 0.0127, 0.0128),
    (MANDRES, "radius"): (0.0197, 0.0436, 0.0427),
    (MANDRES, "area"): (0.0152, 0.0261, 0.0263),
}


@pytest.fixture(scope="module")
def communes():
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    table = pd.read_csv(FILE, dtype={"code_insee": str})
    bases = {}
    for code in (JOINVILLE, MANDRES):
        rows = table[table["code_insee"] == code].reset_index(drop=True)
        frame = pd.DataFrame(
            {
                "id": rows["id"],
                "number": rows["numero"].astype(str),
                "street": rows["nom_voie"],
                "commune": rows["nom_commune"],
                "station": "",
                "x": rows["x"],
                "y": rows["y"],
            }
        )
        bases[code] = AddressBase(frame, crs="EPSG:2154", real=True)
    return bases


def attack(base, mask, seed):
    """Draw homes, move them, and let the two rungs look: homes and both guesses."""
    rng = np.random.default_rng(seed)
    home = rng.integers(len(base), size=DRAWS)
    dots = pd.DataFrame(mask(base.xy[home], rng=rng), columns=["x", "y"])
    leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    return (
        home,
        guess(leak, Adversary.nearest(), rng=rng),
        guess(leak, Adversary.knows_mask(mask), rng=rng),
    )


def agree(rate, published):
    """Tell whether two shares, each of 20,000 draws, differ by chance (95 %)."""
    error = np.sqrt(2 * published * (1 - published) / DRAWS)
    return abs(rate - published) <= 1.96 * error


def test_the_number_of_addresses(communes):
    assert len(communes[JOINVILLE]) == 2225


@pytest.mark.parametrize(("commune", "uniform"), PUBLISHED)
def test_shares_found_and_confidence(communes, commune, uniform):
    nearest, posterior, confidence = PUBLISHED[commune, uniform]
    home, naive, knowing = attack(
        communes[commune], Donut(r_min=50, r_max=200, uniform=uniform), seed=94
    )
    hit, sure = knowing.address == home, knowing.confidence
    assert agree((naive.address == home).mean(), nearest)
    assert agree(hit.mean(), posterior)
    # A mean of confidences has its own, smaller, error: that of both runs.
    assert abs(sure.mean() - confidence) <= 1.96 * np.sqrt(2) * sure.std() / np.sqrt(DRAWS) + 5e-5
    # As sure as it should be, overall and bin by bin.
    assert abs(hit.mean() - sure.mean()) <= 1.96 * np.sqrt((sure * (1 - sure)).sum()) / DRAWS
    assert expected_calibration_error(sure, hit) < 0.02
    # The nearest address is sure of itself, and wrong: the fault that is to be shown.
    assert expected_calibration_error(naive.confidence, naive.address == home) > 0.9


def test_a_village_has_people_who_are_found_one_time_in_three(communes):
    *_, knowing = attack(communes[MANDRES], Donut(r_min=50, r_max=200), seed=94)
    assert np.quantile(knowing.confidence, 0.99) == pytest.approx(0.35, abs=0.05)


@pytest.mark.parametrize("commune", [JOINVILLE, MANDRES])
def test_no_mask_finds_nearly_everybody(communes, commune):
    home, naive, knowing = attack(communes[commune], Exact(), seed=1)
    assert (naive.address == home).mean() >= 0.99
    assert (knowing.address == home).mean() >= 0.99


def test_dots_written_with_six_decimals_are_found_as_well(communes):
    pyproj = pytest.importorskip("pyproj")
    base = communes[JOINVILLE]
    there = pyproj.Transformer.from_crs("EPSG:2154", "EPSG:4326", always_xy=True)
    lon, lat = there.transform(*base.xy.T)
    back = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:2154", always_xy=True)
    x, y = back.transform(np.round(lon, 6), np.round(lat, 6))
    dots = pd.DataFrame({"x": x, "y": y})
    leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    found = guess(leak, Adversary.knows_mask(Exact()), rng=np.random.default_rng(0))
    assert (found.address == np.arange(len(base))).mean() >= 0.99
