"""Aggregates of dots: `AreaMap`, counts by area, raw or protected; `HeatMap`, their density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import Moment, set_moments, set_pairs
from privaudit.campaign.publish import View
from privaudit.campaign.views.dot_map import dots_at
from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance, in_range, keyword_only, one_of, whole
from privaudit.core.declaration import number
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase, hexagon_centres, square_centres
from privaudit.maps.heat import KERNEL_NAMES, heat_kernel, kernel_density, kernel_of, layered_heat
from privaudit.maps.masks.snapping import Quadtree
from privaudit.release.release import AreaRelease, HeatRelease
from privaudit.screenshots.read_heat import quantise_heat
from privaudit.stats.protections import CountProtection, cell_keys, parse_protection
from privaudit.words.vocabulary import KernelWord


@keyword_only
@dataclass(frozen=True, kw_only=True)
class AreaMap(View[AreaRelease]):
    """Counts of dots by area and colour, as a choropleth shows them.

    Parameters
    ----------
    by : {"station", "grid", "hexagon", "adaptive"}
        Polling stations, squares, hexagons, or adaptive squares: the square around all addresses is
        cut in four, and each again, as long as every part that has an address holds `k` people
        (`pa.masks.Quadtree`).
    size : float
        Side of a square, or width of a hexagon, in metres. Not used for stations and adaptive ones.
    origin : (float, float)
        Corner of a square, or centre of a hexagon, in metres. Not used likewise.
    suppress_under : int
        Counts from 1 to `suppress_under` - 1 are not shown; 0 is. Nothing is suppressed at 0 and 1.
    at : datetime64, or str in ISO form, optional
        Moment of the map; default the plan's `as_of`. Two dates are attacked together with
        ``pa.audit((monday, friday), truth=world)``.
    protection : CountProtection or str, optional
        One of `pa.maps.protections`, or its word: rounding, cell keys or noise in place of
        suppression. A protected map shows totals alone, so that a dot is in one count.
    k : int
        Fewest people (addresses, where people are not known) of an adaptive square, 1 or more.

    References
    ----------
    Suñé, Rovira, Ibáñez and Farré (2017), of adaptive squares.

    Raises
    ------
    ParameterError
        An unknown kind of area, a size that is not above 0, a negative threshold, or both a
        threshold and a protection.

    Examples
    --------
    >>> str(AreaMap(by="hexagon", size=500, suppress_under=11))
    'areas:hexagon:500:11'
    >>> str(AreaMap(protection="cell_key:5:2"))
    'areas:grid:200:0:cell_key:5:2'
    >>> str(AreaMap(by="adaptive", k=25, suppress_under=11))  # its first number is k
    'areas:adaptive:25:11'
    """

    word, example = "areas", f"areas:grid:200:{SMALL_CELL}"
    label_fields = ("by", "size", "suppress_under")

    by: Literal["station", "grid", "hexagon", "adaptive"] = "grid"
    size: float = 200.0
    origin: tuple[float, float] = (0.0, 0.0)
    suppress_under: int = 0
    at: Moment | None = None
    protection: CountProtection | str | None = None
    k: int = SMALL_CELL

    def __post_init__(self) -> None:
        one_of("AreaMap", "by", self.by, ("station", "grid", "hexagon", "adaptive"))
        whole("AreaMap", "k", self.k, 1)
        in_range("AreaMap", "size", self.size, 0, open_low=True)
        whole("AreaMap", "suppress_under", self.suppress_under, 0)
        set_pairs(self, "origin")
        if self.at is not None:
            set_moments(self, "at")
        if isinstance(self.protection, str):
            object.__setattr__(self, "protection", parse_protection(self.protection))
        if self.protection is not None:
            an_instance("AreaMap", "protection", self.protection, CountProtection)
            if self.suppress_under:
                came = f"suppress_under={self.suppress_under} and {self.protection}"
                raise ParameterError.of("AreaMap", "a threshold or a protection", came)

    def __str__(self) -> str:
        if self.by == "adaptive":
            words = f"{self.word}:{self.by}:{self.k}:{self.suppress_under}"
            return words if self.protection is None else f"{words}:{self.protection}"
        if self.protection is None:
            return super().__str__()
        return f"{self.word}:{self.by}:{number(self.size)}:0:{self.protection}"

    @classmethod
    def takes(cls, values: Sequence[str]) -> bool:
        return super().takes(values[:3])

    @classmethod
    def read(cls, values: Sequence[str]) -> Self:
        if values[:1] == ["adaptive"] and len(values) > 1:
            k = cls._value("k", int, values[1])
            view = replace(super().read(["adaptive", "200", *values[2:3]]), k=k)
        else:
            view = super().read(values[:3])
        return replace(view, protection=":".join(values[3:])) if values[3:] else view

    @property
    def _protection(self) -> CountProtection | None:
        return (
            parse_protection(self.protection)
            if isinstance(self.protection, str)
            else (self.protection)
        )

    def recipe(self) -> dict[str, Any]:
        shapeless = self.by in ("station", "adaptive")
        unused = {"size": None, "origin": None} if shapeless else {}
        recipe = super().recipe() | unused
        return recipe if self.by == "adaptive" else {k: v for k, v in recipe.items() if k != "k"}

    def published(self, campaign: Campaign, *, seed: int) -> AreaRelease:
        """Publish counts of the dots by area; sources have one row a dot."""
        dots, sources = dots_at(campaign, self.at, seed=seed)
        records, area = _counts(campaign.world.addresses, dots, self)
        protection = self._protection
        if protection is not None:
            count = records["total"].to_numpy(dtype=np.int64)
            account = campaign.profiles["account"].to_numpy()[dots["profile"]]
            if protection.keyed:
                rng = stream(seed, "publish", "record keys")
                keys = rng.random(len(campaign.world.accounts))[account]
                uniform = cell_keys(keys, area, len(count))
            else:
                # Maps of other areas and other days have noise of their own.
                of_map = f"{self} {self.origin} {self.at}"
                uniform = stream(seed, "publish", "noise", of_map).random(len(count))
            shown = protection.protect(count, uniform).astype(float)
            records = records.drop(columns=["to_meet", "visited"]).assign(total=shown)
        return AreaRelease(
            records=records,
            roles=Roles(location=("x", "y")),
            by=self.by,
            size=float(self.size),
            origin=self.origin,
            suppress_under=self.suppress_under,
            protection=self._protection,
            k=self.k if self.by == "adaptive" else 0,
            name=f"area map by {self.by}",
            sources=sources,
            **self.stamped(campaign, seed),
        )


def areas_of_addresses(base: AddressBase, view: AreaMap | AreaRelease) -> np.ndarray:
    """Return the name of the area of each address.

    Parameters
    ----------
    base : AddressBase
    view : AreaMap or AreaRelease

    Returns
    -------
    ndarray of str, shape (len(base),)
        The station, or the centre of the cell in metres.

    Raises
    ------
    ParameterError
        Areas are stations and an address has none; or fewer than `k` people live in all.
    """
    if view.by == "station":
        station = base.frame["station"].to_numpy(dtype=str)
        if (station == "").any():
            came = f"{int((station == '').sum()):,} addresses without one"
            do = "Count by grid or hexagon."
            raise ParameterError.of("AreaMap", "a station at each address", came, do)
        return station
    if view.by == "adaptive":
        return _names(_adaptive(base, view.k))
    centres = square_centres if view.by == "grid" else hexagon_centres
    return _names(centres(base.xy, float(view.size), view.origin))


def _counts(
    base: AddressBase, dots: pd.DataFrame, view: AreaMap
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the records of an area map, and the row of each dot."""
    name, area = np.unique(areas_of_addresses(base, view), return_inverse=True)
    here = area[dots["address"].to_numpy()]
    visited = dots["status"].to_numpy(dtype=str) == "visited"
    if view.by == "station":
        centre = [np.bincount(area, weights=axis) / np.bincount(area) for axis in base.xy.T]
    elif view.by == "adaptive":
        first = np.unique(area, return_index=True)[1]
        centre = list(_adaptive(base, view.k)[first].T)
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
    return pd.DataFrame({"area": area_name, "x": centre[0], "y": centre[1], **shown}), here


def _adaptive(base: AddressBase, k: int) -> np.ndarray:
    """Return the centre of the adaptive square of each address."""
    centres = Quadtree(k=k).on(base).image
    if np.isnan(centres).any():
        do = "Take a smaller k."
        raise ParameterError.of("AreaMap", f"k={k} people at all addresses", "fewer", do)
    return centres


def _names(centres: np.ndarray) -> np.ndarray:
    """Return the names of cells: their centres, to the tenth of a metre."""
    cells, code = np.unique(centres, axis=0, return_inverse=True)
    return np.array([f"{x:.1f}, {y:.1f}" for x, y in cells])[code.ravel()]


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
