"""A mask that is seen through a picture: densities by closed forms and by draws."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.digitising_error import Blurred, ReadingError, as_read
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Exact
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.masks.snapping import GridSnap
from privaudit.release.release import DotRelease


def mixed(sigmas, distance):
    """Densities of normal steps of which one in twenty is read four times worse."""
    return sum(
        share * np.exp(-0.5 * (distance / s) ** 2) / (2 * np.pi * s**2)
        for share, s in zip((0.95, 0.05), sigmas, strict=True)
    )


def test_reading_is_two_normal_errors():
    at = np.array([0.0, 1, 3, 9])
    assert ReadingError(sigma=3).density(at) == pytest.approx(mixed((3, 12), at))


def test_a_normal_mask_read_is_wider():
    at = np.array([0.0, 50, 100, 200])
    wide = mixed((np.hypot(30, 40), np.hypot(30, 160)), at)
    assert Blurred(mask=Gaussian(sigma=30), sigma=40).density(at) == pytest.approx(wide, rel=2e-3)


def test_a_donut_read_agrees_with_draws():
    rng = np.random.default_rng(1)
    ring, error = Donut(r_min=50, r_max=200), ReadingError(sigma=5)
    drawn = np.hypot(*error(ring(np.zeros((400_000, 2)), rng=rng), rng=rng).T)
    read = Blurred(mask=ring, sigma=5)
    edges = np.array([0, 35, 45, 50, 55, 65, 150, 190, 200, 205, 240])
    fine = np.linspace(0, read.reach, 60_001)
    within = np.cumsum(2 * np.pi * fine * read.density(fine)) * (fine[1] - fine[0])
    expected = np.diff(np.interp(edges, fine, within))
    counts = np.histogram(drawn, edges)[0]
    error = np.sqrt(400_000 * expected * (1 - expected))
    # Four standard errors, for ten bins.
    assert (np.abs(counts - 400_000 * expected) < 4 * error + 1).all()
    assert within[-1] == pytest.approx(1, abs=1e-3)


def test_what_as_read_leaves_alone():
    assert as_read(Donut(r_min=1, r_max=2), 0) == Donut(r_min=1, r_max=2)
    assert as_read(Exact(), 0.05) == Exact()
    assert as_read(GridSnap(size=100), 0) == GridSnap(size=100)
    with pytest.raises(ParameterError, match="moves every dot alike"):
        Blurred(mask=GridSnap(size=100), sigma=1)
    for sigma in (0, -1, np.nan):
        with pytest.raises(ParameterError, match="sigma"):
            Blurred(mask=Exact(), sigma=sigma)


def leak(resolution):
    frame = {"id": ["a", "b"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**frame, "x": [0.0, 10.0], "y": 0.0}), real=False)
    dots = pd.DataFrame({"x": [4.0], "y": [0.0]})
    roles = Roles(location=("x", "y"))
    return DotRelease(records=dots, roles=roles, backdrop=base, resolution=resolution)


def test_a_dot_between_two_addresses_is_as_uncertain_as_its_pixel():
    knows = Adversary.knows_mask(Exact())
    found = guess(leak(5.0), knows, rng=np.random.default_rng(0))
    near, far = mixed((5, 20), 4.0), mixed((5, 20), 6.0)
    assert found.address.tolist() == [0]
    assert found.confidence[0] == pytest.approx(near / (near + far))
    # A file of points leaves no doubt, and neither does the nearest address.
    assert guess(leak(0.0), knows, rng=np.random.default_rng(0)).confidence[0] == 1
    nearest = guess(leak(5.0), Adversary.nearest(), rng=np.random.default_rng(0))
    assert nearest.confidence[0] == 1


def test_a_resolution_below_nothing():
    with pytest.raises(ParameterError, match="resolution"):
        leak(-1.0)
