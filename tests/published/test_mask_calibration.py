"""An adversary who knows the mask is exactly as sure as it should be, on real addresses.

Expected calibration error under .02 for every mask with a likelihood, on three communes of
Val-de-Marne: Joinville-le-Pont, Mandres-les-Roses and Saint-Mandé. And, from the papers, the
mean move of planar Laplace noise (2 / epsilon: Andres et al. 2013) and the one query that
undoes Voronoi masking.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.locate import locate
from privaudit.measures.calibration import expected_calibration_error
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import (
    AdaptiveDonut,
    BimodalGaussian,
    Disk,
    Donut,
    Gaussian,
    GridSnap,
    HexSnap,
    LocationSwap,
    OptimalMechanism,
    Persistent,
    PlanarLaplace,
    Quadtree,
    Voronoi,
)

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILE = SHARED / "val-de-marne-addresses.csv.gz"
COMMUNES = {"Joinville-le-Pont": "94042", "Mandres-les-Roses": "94047", "Saint-Mandé": "94067"}
# An honest adversary's error is chance alone: with ten bins of n / 10 guesses it is at most
# sqrt(2 / pi) sqrt(.25 / (n / 10)) on average, .009 for 20,000 guesses.
DRAWS = 20_000
# The optimal mechanism may show any home anywhere, each of them with little confidence.
FEWER = {"optimal": 5_000}
# Persistent noise moves all dots of a home alike: its draws are spread over as many keys.
KEYS = 50
MASKS = {
    "disk": Disk(radius=60),
    "donut": Donut(low=15, high=50),
    "donut by radius": Donut(low=20, high=80, uniform="radius"),
    "gaussian": Gaussian(sigma=20),
    "bimodal": BimodalGaussian(mean=40, sigma=10),
    "laplace": PlanarLaplace(epsilon=0.1),
    "adaptive": AdaptiveDonut(k_low=3, k_high=12),
    "grid": GridSnap(size=50),
    "grid with suppression": GridSnap(size=100, k=5),
    "hex": HexSnap(size=60),
    "quadtree": Quadtree(k=4),
    "voronoi": Voronoi(),
    "swap": LocationSwap(low=10, high=60),
    "optimal": OptimalMechanism(epsilon=0.004, size=900),
    "persistent": [Persistent(mask=Donut(low=15, high=50), seed=key) for key in range(KEYS)],
}


@pytest.fixture(scope="module")
def communes():
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    table = pd.read_csv(FILE, dtype={"code_insee": str, "numero": str})
    rng = np.random.default_rng(94)
    bases = {}
    for name, code in COMMUNES.items():
        rows = table[table["code_insee"] == code].reset_index(drop=True)
        frame = rows[["id", "numero", "nom_voie", "nom_commune", "x", "y"]].set_axis(
            ["id", "number", "street", "commune", "x", "y"], axis=1
        )
        # Nobody knows how many electors a real address has: a long tail is drawn.
        electors = rng.geometric(0.15, len(frame))
        bases[name] = AddressBase(
            frame.assign(station="", electors=electors)[
                ["id", "number", "street", "commune", "station", "x", "y", "electors"]
            ],
            crs="EPSG:2154",
            real=True,
        )
    return bases


def attacked(base, mask, draws, seed):
    """Draw homes by their electors, mask them, locate: hits and confidences of dots shown."""
    rng = np.random.default_rng(seed)
    electors = base.frame["electors"].to_numpy(dtype=float)
    home = rng.choice(len(base), draws, p=electors / electors.sum())
    dots = mask.on(base)(base.xy[home], rng=rng)
    shown = ~np.isnan(dots[:, 0])
    found = locate(dots[shown], base, Adversary.knows_electors(mask), rng=rng, keep=False)
    return found.address == home[shown], found.confidence


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("commune", COMMUNES)
def test_the_posterior_is_calibrated(communes, commune, name):
    masks = MASKS[name] if isinstance(MASKS[name], list) else [MASKS[name]]
    draws = FEWER.get(name, DRAWS) // len(masks)
    parts = [attacked(communes[commune], mask, draws, seed) for seed, mask in enumerate(masks)]
    hit, sure = (np.concatenate(part) for part in zip(*parts, strict=True))
    assert len(hit) >= 5_000
    assert expected_calibration_error(sure, hit) < 0.02
    # Overall too, within what chance allows.
    assert abs(hit.mean() - sure.mean()) < 3 * np.sqrt((sure * (1 - sure)).sum() + 1) / len(sure)


def test_a_wrong_belief_is_not_calibrated(communes):
    base = communes["Mandres-les-Roses"]
    rng = np.random.default_rng(1)
    home = rng.integers(len(base), size=5_000)
    dots = Donut(low=50, high=200)(base.xy[home], rng=rng)
    found = locate(dots, base, Adversary.knows_mask(Gaussian(sigma=20)), rng=rng)
    assert expected_calibration_error(found.confidence, found.address == home) > 0.2


@pytest.mark.parametrize("epsilon", [0.01, 0.05])
def test_planar_laplace_moves_by_two_over_epsilon(epsilon):
    n = 200_000
    moved = PlanarLaplace(epsilon=epsilon)(np.zeros((n, 2)), rng=np.random.default_rng(0))
    distance = np.hypot(*moved.T)
    # A gamma distribution of shape 2: its standard deviation is sqrt(2) / epsilon.
    assert distance.mean() == pytest.approx(2 / epsilon, abs=4 * np.sqrt(2 / n) / epsilon)
    assert np.quantile(distance, 0.95) == pytest.approx(4.744 / epsilon, rel=0.01)


def test_planar_laplace_keeps_its_promise():
    mask = PlanarLaplace(epsilon=0.02)
    near, far = np.array([0.0, 30.0, 200.0]), np.array([50.0, 80.0, 250.0])
    assert mask.density(near) / mask.density(far) == pytest.approx(np.exp(0.02 * 50))
