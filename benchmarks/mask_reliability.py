"""Is an adversary who knows the mask as sure as it should be? Every mask, on any addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.columns.roles import Roles
from privaudit.core.checks import error_message, in_range, whole
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import locate_dots
from privaudit.maps.masks.areal_elimination import ArealElimination
from privaudit.maps.masks.contained import Contained, VerifiedDonut
from privaudit.maps.masks.digitising_error import as_read
from privaudit.maps.masks.donut import AdaptiveDonut, Disk, Donut, NRand
from privaudit.maps.masks.location_swap import LocationSwap, StreetSwap
from privaudit.maps.masks.mask import Mask
from privaudit.maps.masks.noise import BimodalGaussian, Gaussian, PlanarLaplace
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.snapping import GridSnap, HexSnap, Quadtree
from privaudit.maps.masks.street_mask import StreetKMask, StreetMask
from privaudit.maps.masks.voronoi import Voronoi
from privaudit.maps.registry import read_back
from privaudit.maps.scoring.screenshot import read_of_each
from privaudit.release.release import Picture, PictureRelease
from privaudit.stats.calibration import expected_calibration_error

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase

__all__ = ["EVERY_MASK", "RELIABILITY_COLUMNS", "homes_and_guesses", "reliability_of_masks"]

# One of each kind that has a likelihood, of a size at which the adversary is often fairly sure.
EVERY_MASK: dict[str, Mask] = {
    "disk": Disk(radius=60),
    "donut": Donut(r_min=15, r_max=50),
    "donut by radius": Donut(r_min=20, r_max=80, uniform="radius"),
    "gaussian": Gaussian(sigma=20),
    "bimodal": BimodalGaussian(mean=40, sigma=10),
    "laplace": PlanarLaplace(epsilon=0.1),
    "adaptive": AdaptiveDonut(k_min=3, k_max=12),
    "grid": GridSnap(size=50),
    "grid with suppression": GridSnap(size=100, k=5),
    "hex": HexSnap(size=60),
    "quadtree": Quadtree(k=4),
    "voronoi": Voronoi(),
    "swap": LocationSwap(r_min=10, r_max=60),
    "street swap": StreetSwap(r_min=10, r_max=60),
    "nrand": NRand(radius=50, n=3),
    "within": Contained(area="street", mask=Donut(r_min=15, r_max=50)),
    "within squares": Contained(area="100", mask=Gaussian(sigma=30)),
    "verified": VerifiedDonut(r_min=15, r_max=50, k=4),
    "areal elimination": ArealElimination(k=4, size=50),
    "street mask": StreetMask(low=3, high=6),
    "street k": StreetKMask(k=4, start=3),
    "optimal": OptimalMechanism(epsilon=0.004, size=900),
    "persistent": Persistent(mask=Donut(r_min=15, r_max=50), seed=0),
}
RELIABILITY_COLUMNS = (
    "place", "mask", "n", "found", "claimed", "error", "low", "high", "by_chance",
)  # fmt: skip
# Persistent noise moves the dots of one home alike: draws are spread over as many keys.
KEYS = 50
# Dots on one picture: a tenth of a small commune's addresses, so that most stand alone.
DOTS_A_PICTURE = 250


def reliability_of_masks(
    places: Mapping[str, AddressBase],
    masks: Mapping[str, Mask] | None = None,
    *,
    draws: int = 20_000,
    screenshot: Screenshot | None = None,
    resamples: int = 200,
    seed: int = 7,
) -> pd.DataFrame:
    """Mask homes drawn by their electors, locate them again, and compare claims with hits.

    Parameters
    ----------
    places : mapping of str to AddressBase
        Electors are drawn, with a long tail (geometric, mean 6.7), where they are not known.
    masks : mapping of str to Mask, optional
        `EVERY_MASK` by default.
    draws : int
        Homes a mask and place. Those that the mask suppresses are not counted.
    screenshot : Screenshot, optional
        Dots are drawn on pictures like this one, a few hundred each, and read back first;
        those that are not read are not counted.
    resamples : int
        Of the bootstrap, 1 or more.
    seed : int

    Returns
    -------
    pandas.DataFrame
        `RELIABILITY_COLUMNS`, one row a mask and place. n: dots located; found: share whose
        best address is the home; claimed: mean confidence in it; error: expected calibration
        error, 0 = as sure as right, with a 95 % bootstrap interval; by_chance: mean error of an
        adversary exactly as sure as right, with that many dots.

    Raises
    ------
    ParameterError
        No place or mask, or no dot to locate.

    Examples
    --------
    >>> import privaudit as pa
    >>> town = pa.simulate(pa.Town(inhabitants=1_000), seed=7).addresses
    >>> table = reliability_of_masks({"town": town}, {"grid": GridSnap(size=50)}, draws=500)
    >>> bool(table["low"][0] <= table["error"][0] <= 0.1)
    True
    """
    chosen = EVERY_MASK if masks is None else masks
    if not places or not chosen:
        raise ParameterError(error_message("reliability_of_masks", "a place and a mask", "none"))
    whole("reliability_of_masks", "draws", draws, 1)
    whole("reliability_of_masks", "resamples", resamples, 1)
    rows = []
    for place, base in places.items():
        known = _with_electors(base, seed)
        for name, mask in chosen.items():
            rng = stream(seed, "reliability", place, name)
            hit, sure = _hits(known, mask, draws, screenshot, rng)
            rows.append((place, name, *_row(hit, sure, resamples, rng)))
    return pd.DataFrame(rows, columns=list(RELIABILITY_COLUMNS))


def homes_and_guesses(
    base: AddressBase,
    mask: Mask,
    draws: int,
    *,
    resolution: float = 0.0,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Mask homes drawn by their electors and locate them by an adversary who knows that.

    Parameters
    ----------
    base : AddressBase
        With electors.
    mask : Mask
    draws : int
    resolution : float
        Standard deviation, in metres, of an error of reading, on top of the mask.
    rng : numpy.random.Generator

    Returns
    -------
    hit : ndarray of bool, shape (dots,)
    sure : ndarray of float, shape (dots,)
    """
    in_range("homes_and_guesses", "resolution", resolution, 0)
    home = _homes(base, draws, rng)
    shown = as_read(mask, resolution)
    dots = shown.on(base)(base.xy[home], rng=rng)
    kept = ~np.isnan(dots[:, 0])
    found = locate_dots(dots[kept], base, Adversary.knows_electors(shown), rng=rng, keep=False)
    return found.address == home[kept], found.confidence


def _homes(base: AddressBase, draws: int, rng: np.random.Generator) -> np.ndarray:
    electors = base.frame["electors"].to_numpy(dtype=float)
    return rng.choice(len(base), draws, p=electors / electors.sum())


def _hits(
    base: AddressBase,
    mask: Mask,
    draws: int,
    screenshot: Screenshot | None,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return hits and confidences, of as many keys or pictures as it takes."""
    parts = []
    if screenshot is not None:
        for _ in range(-(-draws // DOTS_A_PICTURE)):
            parts.append(_from_picture(base, mask, screenshot, rng))
    elif isinstance(mask, Persistent):
        for key in range(KEYS):
            keyed = Persistent(mask=mask.mask, seed=key)
            parts.append(homes_and_guesses(base, keyed, -(-draws // KEYS), rng=rng))
    else:
        parts.append(homes_and_guesses(base, mask, draws, rng=rng))
    hit, sure = (np.concatenate(part) for part in zip(*parts, strict=True))
    if len(hit) == 0:
        raise ParameterError(error_message("reliability_of_masks", "a dot to locate", "none"))
    return hit, sure


def _from_picture(
    base: AddressBase, mask: Mask, screenshot: Screenshot, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one picture, read it back, and return hits and confidences of the dots read."""
    if isinstance(mask, Persistent):
        mask = Persistent(mask=mask.mask, seed=int(rng.integers(2**31)))
    home = _homes(base, DOTS_A_PICTURE, rng)
    dots = mask.on(base)(base.xy[home], rng=rng)
    kept = ~np.isnan(dots[:, 0])
    home, dots = home[kept], dots[kept]
    drawn = screenshot(dots, rng.random(len(dots)) < 0.7)
    assert drawn.georeference is not None
    pixels = drawn.georeference.to_pixels(dots)
    nothing = pd.DataFrame(index=pd.RangeIndex(0))
    leak = PictureRelease(records=nothing, roles=Roles(), backdrop=base, picture=drawn)
    read = read_back(leak)
    sources = pd.DataFrame(pixels, columns=["column", "row"])
    published = PictureRelease(
        records=nothing,
        roles=Roles(),
        backdrop=base,
        picture=Picture(drawn.image, drawn.georeference),
        sources=sources,
    )
    rows = read_of_each(read, published)
    points = read.records[["x", "y"]].to_numpy(dtype=float)
    rung = Adversary.knows_electors(as_read(mask, read.resolution))
    found = locate_dots(points, base, rung, rng=rng, keep=False)
    seen = rows >= 0
    return found.address[rows[seen]] == home[seen], found.confidence[rows[seen]]


def _with_electors(base: AddressBase, seed: int) -> AddressBase:
    if "electors" in base.counts:
        return base
    rng = stream(seed, "reliability", "electors")
    return base.with_counts(electors=rng.geometric(0.15, len(base)))


def _row(
    hit: np.ndarray, sure: np.ndarray, resamples: int, rng: np.random.Generator
) -> tuple[float, ...]:
    """Return n, found, claimed, the calibration error with its interval, and that of chance."""
    error = expected_calibration_error(sure, hit)
    again, chance = np.empty(resamples), np.empty(resamples)
    for k in range(resamples):
        some = rng.integers(len(hit), size=len(hit))
        again[k] = expected_calibration_error(sure[some], hit[some])
        chance[k] = expected_calibration_error(sure, rng.random(len(sure)) < sure)
    # A resample is off by chance once more than the sample is: what it adds is taken away.
    low, high = np.quantile(again, [0.025, 0.975]) - (again.mean() - error)
    ends = max(0.0, min(float(low), error)), max(float(high), error)
    return len(hit), float(hit.mean()), float(sure.mean()), error, *ends, float(chance.mean())
