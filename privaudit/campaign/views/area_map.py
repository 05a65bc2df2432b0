"""`AreaMap`: counts of dots by area, as they are, without small ones, rounded or with noise."""

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
from privaudit.core.policy import SMALL_CELL
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase, hexagon_centres, square_centres
from privaudit.maps.masks.snapping import Quadtree
from privaudit.release.release import AreaRelease
from privaudit.stats.protections import CountProtection, cell_keys, parse_protection


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
