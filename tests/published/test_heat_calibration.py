"""Heat maps whose kernel is not told: what is claimed is what is found, over towns."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.heat import heat_kernel, layered_heat
from privaudit.maps.heat_inversion import invert_heat
from privaudit.release.release import HeatRelease
from privaudit.screenshots.read_heat import quantise_heat

CELL = 25.0


def town(rng, addresses, side):
    """Addresses along streets that cross at any angle, in hamlets."""
    centre, angle = rng.uniform(200, side - 200, (30, 2)), rng.uniform(0, np.pi, 30)
    street, along = rng.integers(30, size=addresses), rng.normal(0, 120, addresses)
    turn = np.column_stack([np.cos(angle), np.sin(angle)])[street]
    return centre[street] + along[:, None] * turn + rng.normal(0, 5, (addresses, 2))


def claims(seed, kernel, bandwidth, levels, addresses=500, dots=70, opacity=0.125):
    """What an adversary who is told nothing claims of the places named, and what is true."""
    rng = np.random.default_rng(seed)
    xy = town(rng, addresses, 1_500)
    marked = rng.choice(addresses, dots)
    axes = [np.arange(v.min() - 3 * bandwidth, v.max() + 3 * bandwidth, CELL) for v in xy.T]
    if kernel == "leaflet":
        heat = layered_heat(*axes, xy[marked], bandwidth, opacity) * 1e6
    else:
        heat = heat_kernel(*axes, xy[marked], bandwidth, kernel).sum(axis=1) * 1e6
    heat = heat if levels is None else quantise_heat(heat, levels)
    x, y = np.meshgrid(*axes)
    rows = {"id": [str(i) for i in range(addresses)], "number": "1", "street": "s", "commune": "c"}
    release = HeatRelease(
        records=pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "intensity": heat}),
        roles=Roles(location=("x", "y")),
        backdrop=AddressBase(
            pd.DataFrame({**rows, "station": "", "x": xy[:, 0], "y": xy[:, 1]}), real=False
        ),
    )
    found = invert_heat(release, rng=rng)
    named = np.argsort(-found.claim, kind="stable")[: found.total]
    true = np.zeros(len(found.homes), dtype=bool)
    true[found.place[marked]] = True
    return found.claim[named].mean(), true[named].mean()


@pytest.mark.slow
@pytest.mark.parametrize("levels", [None, 8])
@pytest.mark.parametrize(
    ("kernel", "bandwidth"),
    [("gaussian", 60.0), ("quartic", 200.0), ("epanechnikov", 150.0), ("disc", 120.0),
     ("triangular", 200.0), ("blurred_disc", 110.0), ("leaflet", 60.0)],
)  # fmt: skip
def test_what_is_claimed_is_found(kernel, bandwidth, levels):
    pairs = np.array([claims(seed, kernel, bandwidth, levels) for seed in range(8)])
    gap = pairs[:, 0] - pairs[:, 1]
    print(kernel, bandwidth, levels, pairs.mean(axis=0).round(3))
    # Within .03, with three standard errors over towns; squares add.
    assert abs(gap.mean()) < np.hypot(0.03, 3 * gap.std(ddof=1) / np.sqrt(len(gap)))
    # No town is undone by a kernel that was not its own: of 70 names, four standard deviations.
    assert (np.abs(gap) < 0.03 + 4 * 0.5 / np.sqrt(70)).all()
