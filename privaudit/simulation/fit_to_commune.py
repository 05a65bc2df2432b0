"""A kind of town that is like a user's own commune: its numbers, mended draft after draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, error_message
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.dwellings import MEAN_SIZE
from privaudit.simulation.kinds import Kind
from privaudit.simulation.spatial_statistics import shape_of, shared_out
from privaudit.simulation.streets import Fabric
from privaudit.simulation.territory import fictional_territory, mean_people

_LEVERS = Path(__file__).parent / "data" / "levers.csv"
# Drafts that a kind is mended on, of so many addresses at most. Drafts differ by chance: the
# later ones mend less, and the last are averaged.
_ROUNDS, _AVERAGED, _ENOUGH = 20, 10, 3_000
# How dear it is to change a number, against a quantile that is off by as much (squares).
_DEAR, _FURTHEST = 0.05, 0.25
# How much angles count: they differ from draft to draft, those to the grid of the town most of all.
_LIGHT = {
    ("next_street", 0.25): 0.4,
    **{("street_grid", level): 0.2 for level in (0.25, 0.5, 0.75)},
}
# Between which values each number of a kind is mended.
_BOUNDS = {
    "block": (0.3, 40.0), "plot": (5.0, 120.0), "plots": (0.05, 1.2), "rows": (0.02, 0.8),
    "width": (4.0, 30.0), "bare": (0.005, 0.5), "blind": (0.01, 0.7), "gables": (0.02, 0.97),
    "slender": (2.05, 8.0), "lean": (0.03, 1.2), "square": (0.02, 0.97), "astray": (0.05, 1.2),
    "uneven": (0.02, 1.0), "open": (0.004, 0.5), "ragged": (0.03, 0.8), "density": (2.0, 30.0),
    "estates": (0.1, 5.0), "room": (0.3, 6.0),
}  # fmt: skip
_OF_FABRIC = frozenset(field.name for field in fields(Fabric))
# Towers stand apart too, but on streets.
_LONELIEST = 0.3
_Key = tuple[str, int, float]


def kind_like(
    base: AddressBase,
    kind: Kind,
    *,
    cells: pd.DataFrame | None = None,
    rng: np.random.Generator,
) -> Kind:
    """Fit a kind to an address file: its distances, addresses around, angles, and people around.

    - `base`: Real addresses, of which only quantiles are taken.
    - `kind`: What the town is like otherwise.
    - `cells`: Households on 200 m cells over them, as `read_cells` gives them. Without, what the
      file counts at each address is taken, and where it counts nobody, people are the kind's.
    """
    people, households = _lived_in(base, cells)
    real = {q[:3]: q.value for q in shape_of(base, people, households)}
    homes = people / MEAN_SIZE if households is None and people is not None else households
    if homes is not None:
        kind = replace(kind, households=max(float(homes.mean()), 1.05))
    kind = replace(kind, hamlets=0.0, alone=_alone(base.xy), real=real)
    mended: list[dict[str, float]] = []
    drafted: list[dict[_Key, float]] = []
    for step in range(_ROUNDS):
        drafted.append(_drafted(kind, min(len(base), _ENOUGH), rng))
        mended.append(_mended(kind, _over(drafted[-1], real), step))
        kind = _with(kind, mended[-1])
    last = pd.DataFrame(drafted[-_AVERAGED:])
    ranges = {key: (float(one.min()), float(one.max())) for key, one in last.items()}
    kind = replace(kind, drafted={key: ranges[key] for key in ranges if key in real})
    steady = pd.DataFrame(mended[-_AVERAGED:]).mean()
    return _with(kind, {str(name): float(number) for name, number in steady.items()})


def _alone(xy: Floats) -> float:
    """Return the share of addresses that have no other within 50 m; most stand in a town."""
    from scipy.spatial import cKDTree

    apart = cKDTree(xy).query(xy, k=2)[0][:, 1] > 50.0
    return min(float(apart.mean()), _LONELIEST)


def _lived_in(base: AddressBase, cells: pd.DataFrame | None) -> tuple[Floats | None, Floats | None]:
    """Return people and households at each address, at the grain of cells; None where unknown."""
    if cells is None:
        known = [
            shared_out(base.xy, base.frame[name].to_numpy(dtype=float))
            if name in base.counts and base.frame[name].sum() > 0
            else None
            for name in ("residents", "households")
        ]
        return known[0], known[1]
    from privaudit.io.public_counts import cell_of

    home = cell_of(base, cells)
    if not (home >= 0).any():
        came = f"{len(cells):,} cells that hold none of {len(base):,} addresses"
        do = "Take the cells of the same commune."
        raise ParameterError(
            error_message("Town", "cells that cover the addresses of like", came, do)
        )
    doors = np.maximum(np.bincount(home[home >= 0], minlength=len(cells)), 1)
    people, households = (
        np.where(home >= 0, (cells[name].to_numpy(dtype=float) / doors)[home], 0.0)
        for name in ("residents", "households")
    )
    return people, households


def _drafted(kind: Kind, many: int, rng: np.random.Generator) -> dict[_Key, float]:
    """Draft a town of a kind, and measure it."""
    base, flats = fictional_territory(round(many * kind.households), kind, drafts=1, rng=rng)
    people = mean_people(flats, kind)
    shared = shared_out(base.xy, people), shared_out(base.xy, people / MEAN_SIZE)
    return {q[:3]: q.value for q in shape_of(base, *shared)}


def _over(found: Mapping[_Key, float], real: Mapping[_Key, float]) -> dict[_Key, float]:
    """Return by how much a town is over each quantile, as a logarithm."""
    return {
        key: float(np.log(max(value, 0.5) / max(real[key], 0.5)))
        for key, value in found.items()
        if key in real
    }


def _mended(kind: Kind, over: Mapping[_Key, float], step: int) -> dict[str, float]:
    """Change the numbers that govern what is over, each as little as it takes."""
    levers = _levers()
    known = [key for key in levers.index if key in over]
    weight = np.array([_LIGHT.get(key[::2], 1.0) for key in known])
    slope = levers.loc[known].to_numpy() * weight[:, None]
    off = np.clip([over[key] for key in known], -0.7, 0.7) * weight
    wanted = np.linalg.solve(slope.T @ slope + _DEAR * np.eye(slope.shape[1]), -slope.T @ off)
    much = 0.7 if step < _ROUNDS - _AVERAGED else 0.3
    moved = np.exp(np.clip(much * wanted, -_FURTHEST, _FURTHEST))
    return {
        name: float(np.clip(_number(kind, name) * times, *_BOUNDS[name]))
        for name, times in zip(levers.columns, moved, strict=True)
    }


def _number(kind: Kind, name: str) -> float:
    return float(getattr(kind.fabric if name in _OF_FABRIC else kind, name))


def _with(kind: Kind, numbers: Mapping[str, float]) -> Kind:
    """Return a kind with some of its numbers, and of its fabric, changed."""
    fabric: dict[str, Any] = {name: one for name, one in numbers.items() if name in _OF_FABRIC}
    town: dict[str, Any] = {name: one for name, one in numbers.items() if name not in _OF_FABRIC}
    return replace(kind, fabric=replace(kind.fabric, **fabric), **town)


@cache
def _levers() -> pd.DataFrame:
    """Return how quantiles follow from the numbers of a kind, all as logarithms."""
    table = pd.read_csv(_LEVERS, comment="#")
    return table.set_index(["measure", "metres", "quantile"]).astype(float)
