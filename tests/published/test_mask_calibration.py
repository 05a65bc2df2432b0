"""An adversary who knows the mask is exactly as sure as it should be, on real addresses.

Expected calibration error under .02 for every mask with a likelihood, on three communes of
Val-de-Marne: Joinville-le-Pont, Mandres-les-Roses and Saint-Mandé. And, from the papers, the
mean move of planar Laplace noise (2 / epsilon: Andres et al. 2013) and the one query that
undoes Voronoi masking.
"""

from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import read_addresses
from privaudit.maps import masks
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import locate_dots
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian, PlanarLaplace
from privaudit.maps.undeclared_mask import infer_mask
from privaudit.stats.calibration import expected_calibration_error
from tests.fixtures.scripts import script

# What only this test and a benchmark use stands with the benchmarks, in no package.
judging = script("benchmarks/mask_reliability.py")
EVERY_MASK, homes_and_guesses = judging.EVERY_MASK, judging.homes_and_guesses
reliability_of_masks = judging.reliability_of_masks

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILE = SHARED / "val-de-marne-addresses.csv.gz"
COMMUNES = {"Joinville-le-Pont": "94042", "Mandres-les-Roses": "94047", "Saint-Mandé": "94067"}
# An honest adversary's error is chance alone: with ten bins of n / 10 guesses it is at most
# sqrt(2 / pi) sqrt(.25 / (n / 10)) on average, .009 for 20,000 guesses.
DRAWS = 20_000
# The optimal mechanism may show any home anywhere, each of them with little confidence.
FEWER = {"optimal": 5_000}
# Standard deviation with which a dot drawn at whole pixels is read at zoom 15, in metres.
AT_ZOOM_15 = 3.15 / np.sqrt(12)


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


def test_no_mask_is_left_out():
    # No mask at all has no posterior to calibrate; that of dots moved by the others depends on
    # their number, and is calibrated in tests/unit/maps/test_masks_of_the_literature.py.
    kinds = {name for name in masks.__all__ if isinstance(getattr(masks, name), type)}
    abstract = {"Mask", "AddressMask", "PlacedMask", "Exact", "VoronoiDots"}
    assert {type(mask).__name__ for mask in EVERY_MASK.values()} == kinds - abstract


@pytest.mark.heavy
@pytest.mark.parametrize("name", EVERY_MASK)
@pytest.mark.parametrize(
    "commune",
    [next(iter(COMMUNES)), *(pytest.param(c, marks=pytest.mark.slow) for c in list(COMMUNES)[1:])],
)
def test_the_posterior_is_calibrated(communes, commune, name):
    table = reliability_of_masks(
        {commune: communes[commune]},
        {name: EVERY_MASK[name]},
        draws=FEWER.get(name, DRAWS),
        resamples=2,
    ).iloc[0]
    assert table["n"] >= 0.95 * FEWER.get(name, DRAWS)
    assert table["error"] < 0.02
    # Overall too, within what chance allows.
    spread = table["found"] * (1 - table["found"]) / table["n"]
    assert abs(table["found"] - table["claimed"]) < 3 * np.sqrt(spread) + 3 / table["n"]


@pytest.mark.sampled
@pytest.mark.parametrize("name", [name for name in EVERY_MASK if name != "persistent"])
def test_a_dot_that_is_read_from_a_picture_is_calibrated(communes, name):
    base, rng = communes["Mandres-les-Roses"], np.random.default_rng(15)
    draws = FEWER.get(name, DRAWS)
    hit, sure = homes_and_guesses(base, EVERY_MASK[name], draws, resolution=AT_ZOOM_15, rng=rng)
    # Nobody is calibrated who gives no answer.
    assert (sure > 0).mean() > 0.99
    assert expected_calibration_error(sure, hit) < 0.02


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["donut", "adaptive", "grid", "quadtree", "voronoi", "swap", "street swap"]
)
def test_a_screenshot_of_a_masked_map_is_calibrated(communes, name):
    """Drawn at zoom 15, read back and located: overlapping dots and all."""
    table = reliability_of_masks(
        {"Joinville-le-Pont": communes["Joinville-le-Pont"]},
        {name: EVERY_MASK[name]},
        draws=12_000,
        screenshot=Screenshot(zoom=15),
    ).iloc[0]
    assert table["n"] > 5_000
    assert table["error"] < 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("n", "count"), [(30, 4), (300, 1)])
def test_sets_hold_without_knowing_the_mask(n, count):
    """Mask by mask, in and out of the family, on communes that nothing was tuned on."""
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    unknown = script("benchmarks/unknown_masks.py")
    places = unknown.places_of(str(FILE), ["94067", "94056"])
    maps = unknown.judged(places, unknown.MASKS, n, range(4_000, 4_000 + count))
    table = unknown.told(maps)
    print(table.round(4).to_string(index=False))
    assert table["held"].mean() >= 0.93
    # Of each mask: no further under .93 than chance leaves.
    assert (table["held_high"] >= 0.93).all()
    # A number that is shown is what is found: within 3 %, or the luck of its maps.
    shown = unknown.shown(maps)
    told = unknown.told(maps[shown])
    assert (told["gap"].abs() <= np.fmax(0.03 * told["expected"], 2 * told["error"])).all()
    chance = np.sqrt(told["claimed"] * (1 - told["claimed"]) / told["n"])
    assert ((told["claimed"] - told["found"]).abs() <= 3 * chance).all()
    # A range holds nineteen times in twenty.
    inside = unknown.inside(maps[~shown])
    assert inside.sum() >= binom.ppf(0.025, len(inside), 0.95)


def test_a_wrong_belief_is_not_calibrated(communes):
    base = communes["Mandres-les-Roses"]
    rng = np.random.default_rng(1)
    home = rng.integers(len(base), size=5_000)
    dots = Donut(r_min=50, r_max=200)(base.xy[home], rng=rng)
    found = locate_dots(dots, base, Adversary.knows_mask(Gaussian(sigma=20)), rng=rng)
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


@pytest.mark.heavy
@pytest.mark.parametrize("swapped", [True, False])
def test_noise_that_follows_the_density_is_not_taken_for_moves_within_the_own_cell(swapped):
    """Both spread dots over the cells of the addresses alike: no position tells one from the other.

    Of 300 dots of Saint-Mandé with normal noise of 1.5 times the distance of the sixth address,
    18 are nearest to their home: .92 to .98 were said to be right.
    """
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    base = read_addresses(read_addresses(FILE), commune=COMMUNES["Saint-Mandé"])
    seed = (1, 1, 300, crc32(b"by density"))
    rng = np.random.default_rng(seed)
    home = rng.integers(len(base), size=300)
    dots = script("benchmarks/unlisted_masks.py").by_density(base, home, rng).round(2)
    uniform = np.full(len(base), 1 / len(base))
    belief = infer_mask(dots, base, uniform, swapped=swapped, rng=np.random.default_rng([1, *seed]))
    guesser = Adversary(name="unknown_mask", mask=belief.mask)
    found = (locate_dots(dots, base, guesser, rng=rng, keep=False).address == home).mean()
    assert found < 0.1
    low, high = belief.mask.right_between[1:]
    assert low == 0
    assert found <= high
