"""`HeatMap`: a raster of the kernel density of the dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import Moment, set_moments
from privaudit.campaign.publish import View
from privaudit.campaign.views.dot_map import dots_at
from privaudit.columns.roles import Roles
from privaudit.core.checks import in_range, keyword_only, one_of, whole
from privaudit.errors import ParameterError
from privaudit.maps.heat import KERNEL_NAMES, heat_kernel, kernel_density, kernel_of, layered_heat
from privaudit.release.release import HeatRelease
from privaudit.screenshots.read_heat import quantise_heat
from privaudit.words.vocabulary import KernelWord

_MOST_CELLS = 4_000_000
_MOST_LEVELS = 4096
# Margin of a heat map around the outermost address, in bandwidths.
_MARGIN = 3.0


@keyword_only
@dataclass(frozen=True, kw_only=True)
class HeatMap(View[HeatRelease]):
    """A raster of the kernel density of the dots, as a heat map shows it.

    Parameters
    ----------
    bandwidth : float
        Standard deviation of a Gaussian kernel, radius of another one, in metres.
    cell : float
        Side of a cell, in metres.
    levels : int, optional
        Number of equal colour steps from 0 to the hottest cell, 1 to 4096: the intensity of a cell
        is then the middle of its step. Default: exact intensities.
    kernel : str
        "gaussian", "quartic", "epanechnikov", "triweight", "disc", "triangular", "blurred_disc"; or
        the name of a tool with that default, "qgis", "leaflet" or "deck.gl". Dots of "leaflet" are
        alpha-blended (see `privaudit.maps.heat.layered_heat`); all others add up.
    opacity : float
        Of a dot of "leaflet", in (0, 1]: 1 at the last zoom of its layer, half at each before.
        Default: three zooms before.
    at : datetime64, or str in ISO form, optional
        Moment of the map; default the plan's `as_of`. Two dates are attacked together with
        ``pa.audit((monday, friday), truth=world)``.

    Raises
    ------
    ParameterError
        A length that is not above 0, another number of levels, or an unknown kernel.

    Examples
    --------
    >>> str(HeatMap(bandwidth=150)), str(HeatMap(levels=8))
    ('heat:150', 'heat:200:50:8')
    >>> str(HeatMap(kernel="quartic")), HeatMap.read(["200", "50", "0", "quartic"]).levels
    ('heat:200:50:0:quartic', None)
    """

    word, example = "heat", "heat:150:50:8"
    label_fields = ("bandwidth", "cell", "levels", "kernel", "opacity")

    bandwidth: float = 200.0
    cell: float = 50.0
    levels: int | None = None
    kernel: KernelWord = "gaussian"
    opacity: float = 0.125
    at: Moment | None = None

    def __post_init__(self) -> None:
        in_range("HeatMap", "bandwidth", self.bandwidth, 0, open_low=True)
        in_range("HeatMap", "cell", self.cell, 0, open_low=True)
        if self.levels is not None:
            whole("HeatMap", "levels", self.levels, 1, _MOST_LEVELS)
        one_of("HeatMap", "kernel", self.kernel, KERNEL_NAMES)
        in_range("HeatMap", "opacity", self.opacity, 0, 1, open_low=True)
        if self.at is not None:
            set_moments(self, "at")

    def __str__(self) -> str:
        # Before a kernel, exact intensities are 0 levels.
        return super().__str__().replace(":None", ":0")

    @classmethod
    def _value(cls, name: str, hint: Any, text: str) -> Any:
        return None if (name, text) == ("levels", "0") else super()._value(name, hint, text)

    def published(self, campaign: Campaign, *, seed: int) -> HeatRelease:
        """Publish the heat of the dots; sources have one row a dot."""
        dots, sources = dots_at(campaign, self.at, seed=seed)
        points = dots[["x", "y"]].to_numpy(dtype=float)
        return HeatRelease(
            records=_heat(campaign.world.addresses.xy, points, self),
            roles=Roles(location=("x", "y")),
            bandwidth=float(self.bandwidth),
            kernel=self.kernel,
            name="heat map",
            sources=sources,
            **self.stamped(campaign, seed),
        )


def _heat(places: np.ndarray, points: np.ndarray, view: HeatMap) -> pd.DataFrame:
    """Return the records of a heat map, one a cell."""
    margin = min(_MARGIN, kernel_of(view.kernel).reach) * view.bandwidth
    low = np.floor((places.min(axis=0) - margin) / view.cell) * view.cell
    shape = np.ceil((places.max(axis=0) + margin - low) / view.cell).astype(np.int64)
    if int(shape.prod()) > _MOST_CELLS:
        needed, came = f"at most {_MOST_CELLS:,} cells", f"{shape[0]:,} x {shape[1]:,}"
        came += f" of {view.cell:g} m"
        raise ParameterError.of("HeatMap", needed, came, "Use larger cells.")
    across, up = (low[i] + view.cell * (np.arange(shape[i]) + 0.5) for i in (0, 1))
    if kernel_of(view.kernel) is kernel_of("gaussian"):
        density = kernel_density(points, across, up, view.bandwidth) * len(points) * 1e6
    elif view.kernel == "leaflet":
        density = layered_heat(across, up, points, view.bandwidth, view.opacity) * 1e6
        density = density.reshape(len(up), len(across))
    else:
        smeared = heat_kernel(across, up, points, view.bandwidth, view.kernel)
        density = smeared.sum(axis=1).reshape(len(up), len(across)) * 1e6
    if view.levels is not None:
        density = quantise_heat(density, view.levels)
    x, y = np.meshgrid(across, up)
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "intensity": density.ravel()})
