"""A map without dots: a raster of their kernel density, as a heat map shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.checks import in_range, say, whole
from privaudit.errors import ParameterError
from privaudit.measures.maps.deconvolution import in_steps
from privaudit.measures.maps.kernel_density import kernel_density
from privaudit.release.profiles_shown import dot_map_release, recipe_of
from privaudit.release.release import Release
from privaudit.release.views import DotMap
from privaudit.roles import Roles

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["HeatMap", "heat_release"]

_MOST_CELLS = 4_000_000
_MOST_LEVELS = 4096
# Bandwidths around the outermost address that a heat map covers.
_MARGIN = 3.0


@by_name
@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """A raster of the kernel density of the dots, as a heat map shows it.

    Parameters
    ----------
    bandwidth : float
        Standard deviation of the Gaussian kernel, in metres.
    cell : float
        Side of a cell, in metres.
    levels : int, optional
        Equal colour steps from 0 to the hottest cell, 1 to 4096: each cell then has the middle
        of its step for an intensity. Default: every cell has its exact intensity.

    Raises
    ------
    ParameterError
        A length that is not above 0, or another number of levels.

    Examples
    --------
    >>> HeatMap(bandwidth=150, cell=50).recipe()
    {'view': 'heat map', 'bandwidth': 150.0, 'cell': 50.0}
    >>> HeatMap(levels=8).recipe()["levels"]
    8
    """

    bandwidth: float = 200.0
    cell: float = 50.0
    levels: int | None = None

    def __post_init__(self) -> None:
        in_range("HeatMap", "bandwidth", self.bandwidth, 0, open_low=True)
        in_range("HeatMap", "cell", self.cell, 0, open_low=True)
        if self.levels is not None:
            whole("HeatMap", "levels", self.levels, 1, _MOST_LEVELS)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        steps = {} if self.levels is None else {"levels": int(self.levels)}
        return {
            "view": "heat map",
            "bandwidth": float(self.bandwidth),
            "cell": float(self.cell),
            **steps,
        }


def heat_release(campaign: Campaign, view: HeatMap, *, seed: int) -> Release:
    """Publish a heat map of a campaign's dots, see `publish`."""
    return Release(
        kind="areas",
        records=_heat(campaign, view),
        roles=Roles(location=("x", "y")),
        backdrop=campaign.world.addresses,
        provenance="simulated",
        name="heat map",
        recipe=recipe_of(campaign, view, seed),
        sources=dot_map_release(campaign, DotMap(), seed=seed).sources,
    )


def _heat(campaign: Campaign, view: HeatMap) -> pd.DataFrame:
    places = campaign.world.addresses.xy
    margin = _MARGIN * view.bandwidth
    low = np.floor((places.min(axis=0) - margin) / view.cell) * view.cell
    shape = np.ceil((places.max(axis=0) + margin - low) / view.cell).astype(np.int64)
    if int(shape.prod()) > _MOST_CELLS:
        came = f"{shape[0]:,} x {shape[1]:,} of {view.cell:g} m"
        do = "Use larger cells."
        raise ParameterError(say("HeatMap", f"at most {_MOST_CELLS:,} cells", came, do))
    across, up = (low[i] + view.cell * (np.arange(shape[i]) + 0.5) for i in (0, 1))
    points = campaign.dots[["x", "y"]].to_numpy(dtype=float)
    density = kernel_density(points, across, up, view.bandwidth) * len(points) * 1e6
    if view.levels is not None:
        density = in_steps(density, view.levels)
    x, y = np.meshgrid(across, up)
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "intensity": density.ravel()})
