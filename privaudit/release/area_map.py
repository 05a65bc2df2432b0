"""A map without dots: counts by area, with or without suppression, or a heat map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, one_of, say, whole
from privaudit.errors import ParameterError
from privaudit.measures.maps.kernel_density import kernel_density
from privaudit.measures.maps.tilings import hexagon_centres, square_centres
from privaudit.places.address_base import AddressBase
from privaudit.release.publish import publish
from privaudit.release.release import Release
from privaudit.release.views import DotMap
from privaudit.roles import Roles

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["AREA_COLUMNS", "AreaMap", "HeatMap", "areas_of_addresses", "publish_areas"]

AREA_COLUMNS = ("area", "x", "y", "to_meet", "visited", "total")
_MOST_CELLS = 4_000_000
# Bandwidths around the outermost address that a heat map covers.
_MARGIN = 3.0


@dataclass(frozen=True, kw_only=True)
class AreaMap:
    """Counts of dots by area and colour, as a choropleth shows them.

    Parameters
    ----------
    by : {"station", "grid", "hexagon"}
        Polling stations, squares, or hexagons.
    size : float
        Side of a square, or width of a hexagon, in metres. Not used for stations.
    origin : (float, float)
        Corner of a square, or centre of a hexagon, in metres. Not used for stations.
    suppress_under : int
        Counts from 1 to one less are not shown; 0 is. None is hidden at 0 and 1.

    Raises
    ------
    ParameterError
        An unknown kind of area, a size that is not above 0, a negative threshold.

    Examples
    --------
    >>> AreaMap(by="hexagon", size=500, suppress_under=11)
    AreaMap(by='hexagon', size=500, origin=(0.0, 0.0), suppress_under=11)
    """

    by: str = "grid"
    size: float = 200.0
    origin: tuple[float, float] = (0.0, 0.0)
    suppress_under: int = 0

    def __post_init__(self) -> None:
        one_of("AreaMap", "by", self.by, ("station", "grid", "hexagon"))
        in_range("AreaMap", "size", self.size, 0, open_low=True)
        whole("AreaMap", "suppress_under", self.suppress_under, 0)
        if not isinstance(self.origin, (tuple, list)) or len(self.origin) != 2:
            raise ParameterError(say("AreaMap", "origin two metres", f"origin={self.origin!r}"))
        origin = tuple(in_range("AreaMap", "origin", value) for value in self.origin)
        object.__setattr__(self, "origin", origin)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {
            "view": "area map",
            "by": self.by,
            "size": None if self.by == "station" else float(self.size),
            "origin": None if self.by == "station" else list(self.origin),
            "suppress_under": self.suppress_under,
        }


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """A raster of the kernel density of the dots, as a heat map shows it.

    Parameters
    ----------
    bandwidth : float
        Standard deviation of the Gaussian kernel, in metres.
    cell : float
        Side of a cell, in metres.

    Raises
    ------
    ParameterError
        A length that is not above 0.

    Examples
    --------
    >>> HeatMap(bandwidth=150, cell=50).recipe()
    {'view': 'heat map', 'bandwidth': 150.0, 'cell': 50.0}
    """

    bandwidth: float = 200.0
    cell: float = 50.0

    def __post_init__(self) -> None:
        in_range("HeatMap", "bandwidth", self.bandwidth, 0, open_low=True)
        in_range("HeatMap", "cell", self.cell, 0, open_low=True)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {
            "view": "heat map",
            "bandwidth": float(self.bandwidth),
            "cell": float(self.cell),
        }


def areas_of_addresses(base: AddressBase, view: AreaMap) -> np.ndarray:
    """Name the area that each address is in, as the map draws it.

    Parameters
    ----------
    base : AddressBase
    view : AreaMap

    Returns
    -------
    ndarray of str, shape (len(base),)
        The station, or the centre of the cell in metres.

    Raises
    ------
    ParameterError
        Stations are asked for, and an address has none.
    """
    if view.by == "station":
        station = base.frame["station"].to_numpy(dtype=str)
        if (station == "").any():
            came = f"{int((station == '').sum()):,} addresses without one"
            do = "Count by grid or hexagon."
            raise ParameterError(say("AreaMap", "a station at each address", came, do))
        return station
    centres = square_centres if view.by == "grid" else hexagon_centres
    return _names(centres(base.xy, float(view.size), view.origin))


def publish_areas(campaign: Campaign, view: AreaMap | HeatMap, *, seed: int = 7) -> Release:
    """Publish counts by area, or a heat map, of a campaign's dots.

    Parameters
    ----------
    campaign : Campaign
    view : AreaMap or HeatMap
        Areas: every one that has an address; to_meet, visited and total are nan where they
        are suppressed, and an area's x and y the mean of its addresses for a station, else the
        centre of its cell. Heat map: x, y and intensity (dots a square kilometre) of each cell.
    seed : int
        Shuffles `sources`, 0 or more.

    Returns
    -------
    Release
        Of kind ``"areas"``. `sources` has one row a dot, not one a record: nobody is told by
        one area.
    """
    whole_map = publish(campaign, DotMap(), seed=seed)
    base = campaign.world.addresses
    records = _counts(campaign, view) if isinstance(view, AreaMap) else _heat(campaign, view)
    return Release(
        kind="areas",
        records=records,
        roles=Roles(location=("x", "y")),
        backdrop=base,
        provenance="simulated",
        name=f"area map by {view.by}" if isinstance(view, AreaMap) else "heat map",
        recipe={
            "stage": "publish",
            "view": view.recipe(),
            "seed": seed,
            "campaign": dict(campaign.recipe),
        },
        sources=whole_map.sources,
    )


def _counts(campaign: Campaign, view: AreaMap) -> pd.DataFrame:
    base, dots = campaign.world.addresses, campaign.dots
    name, area = np.unique(areas_of_addresses(base, view), return_inverse=True)
    here = area[dots["address"].to_numpy()]
    visited = dots["status"].to_numpy(dtype=str) == "visited"
    held = np.bincount(area)
    if view.by == "station":
        centre = [np.bincount(area, weights=axis) / held for axis in base.xy.T]
    else:
        first = np.unique(area, return_index=True)[1]
        tile = square_centres if view.by == "grid" else hexagon_centres
        centre = list(tile(base.xy[first], float(view.size), view.origin).T)
    counts = {
        "to_meet": np.bincount(here[~visited], minlength=len(name)),
        "visited": np.bincount(here[visited], minlength=len(name)),
        "total": np.bincount(here, minlength=len(name)),
    }
    shown = {
        column: np.where((count > 0) & (count < view.suppress_under), np.nan, count)
        for column, count in counts.items()
    }
    area_name = pd.Series(name, dtype="str")
    return pd.DataFrame({"area": area_name, "x": centre[0], "y": centre[1], **shown})


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
    x, y = np.meshgrid(across, up)
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "intensity": density.ravel()})


def _names(centres: np.ndarray) -> np.ndarray:
    """Name cells by their centres, to the tenth of a metre."""
    cells, code = np.unique(centres, axis=0, return_inverse=True)
    return np.array([f"{x:.1f}, {y:.1f}" for x, y in cells])[code.ravel()]
