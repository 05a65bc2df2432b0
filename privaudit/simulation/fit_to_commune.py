"""Fit a kind of town to one commune: penalised Gauss-Newton steps on simulated quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.dwellings import MEAN_SIZE, covering_cells
from privaudit.simulation.spatial_statistics import shape_of, shared_out
from privaudit.simulation.streets import Fabric
from privaudit.simulation.territory import fictional_territory, mean_people
from privaudit.simulation.town import Kind
from privaudit.simulation.world import DATA

# Drafts, of so many addresses at most. Drafts differ by chance: later steps are shorter, and the
# last ones are averaged.
_ROUNDS, _AVERAGED, _ENOUGH = 20, 10, 3_000
# Ridge penalty of a change of a parameter, and largest step of its logarithm.
_RIDGE, _FURTHEST = 0.05, 0.25
# Weights of angles: they vary from draft to draft, those to the grid of the town most.
_WEIGHT = {
    ("next_street", 0.25): 0.4,
    **{("street_grid", level): 0.2 for level in (0.25, 0.5, 0.75)},
}
# Bounds of each parameter.
_BOUNDS = {
    "block": (0.3, 40.0), "plot": (5.0, 120.0), "plots": (0.05, 1.2), "rows": (0.02, 0.8),
    "width": (4.0, 30.0), "bare": (0.005, 0.5), "blind": (0.01, 0.7), "gables": (0.02, 0.97),
    "slender": (2.05, 8.0), "lean": (0.03, 1.2), "square": (0.02, 0.97), "astray": (0.05, 1.2),
    "uneven": (0.02, 1.0), "open": (0.004, 0.5), "ragged": (0.03, 0.8), "density": (2.0, 30.0),
    "estates": (0.1, 5.0), "room": (0.3, 6.0),
}  # fmt: skip
_OF_FABRIC = frozenset(field.name for field in fields(Fabric))
# Largest share of isolated addresses: towers are isolated too, but on streets.
_MOST_ISOLATED = 0.3
_Key = tuple[str, int, float]


def kind_like(
    base: AddressBase,
    kind: Kind,
    *,
    cells: pd.DataFrame | None = None,
    rng: np.random.Generator,
) -> Kind:
    """Fit a kind to an address file: its distances, addresses around, angles, and people around.

    Parameters
    ----------
    base : AddressBase
        Real addresses, of which only quantiles are used.
    kind : Kind
        Starting values, and all that quantiles do not determine.
    cells : pandas.DataFrame, optional
        Households on 200 m cells over them, as `read_cells` gives them. Without, the counts of
        the file are used, and without these the kind's own.
    rng : numpy.random.Generator
    """
    people, households = _lived_in(base, cells)
    real = {q[:3]: q.value for q in shape_of(base, people, households)}
    homes = people / MEAN_SIZE if households is None and people is not None else households
    if homes is not None:
        kind = replace(kind, households=max(float(homes.mean()), 1.05))
    kind = replace(kind, hamlets=0.0, alone=_isolated(base.xy), real=real)
    parameters: list[dict[str, float]] = []
    drafted: list[dict[_Key, float]] = []
    for step in range(_ROUNDS):
        drafted.append(_drafted(kind, min(len(base), _ENOUGH), rng))
        parameters.append(_step(kind, _log_ratio(drafted[-1], real), step))
        kind = _with(kind, parameters[-1])
    last = pd.DataFrame(drafted[-_AVERAGED:])
    ranges = {key: (float(q.min()), float(q.max())) for key, q in last.items() if key in real}
    steady = pd.DataFrame(parameters[-_AVERAGED:]).mean()
    averaged = {str(name): float(value) for name, value in steady.items()}
    return _with(replace(kind, drafted=ranges), averaged)


def _isolated(xy: Floats) -> float:
    """Return the share of addresses that have no other within 50 m, capped."""
    from scipy.spatial import cKDTree

    apart = cKDTree(xy).query(xy, k=2)[0][:, 1] > 50.0
    return min(float(apart.mean()), _MOST_ISOLATED)


def _lived_in(base: AddressBase, cells: pd.DataFrame | None) -> tuple[Floats | None, Floats | None]:
    """Return people and households at each address as means of cells; None where unknown."""

    def counted(name: str) -> Floats | None:
        known = name in base.counts and base.frame[name].sum() > 0
        return shared_out(base.xy, base.frame[name].to_numpy(dtype=float)) if known else None

    if cells is None:
        return counted("residents"), counted("households")
    home = covering_cells(base, cells)
    doors = np.maximum(np.bincount(home[home >= 0], minlength=len(cells)), 1)
    people, households = (
        np.where(home >= 0, (cells[name].to_numpy(dtype=float) / doors)[home], 0.0)
        for name in ("residents", "households")
    )
    return people, households


def _drafted(kind: Kind, addresses: int, rng: np.random.Generator) -> dict[_Key, float]:
    """Draft a town of a kind and return its quantiles."""
    base, flats = fictional_territory(round(addresses * kind.households), kind, drafts=1, rng=rng)
    people = mean_people(flats, kind)
    shared = shared_out(base.xy, people), shared_out(base.xy, people / MEAN_SIZE)
    return {q[:3]: q.value for q in shape_of(base, *shared)}


def _log_ratio(drafted: Mapping[_Key, float], real: Mapping[_Key, float]) -> dict[_Key, float]:
    """Return the logarithm of the ratio of each drafted quantile to the real one."""
    return {
        key: float(np.log(max(value, 0.5) / max(real[key], 0.5)))
        for key, value in drafted.items()
        if key in real
    }


def _step(kind: Kind, over: Mapping[_Key, float], step: int) -> dict[str, float]:
    """Return the parameters after one penalised Gauss-Newton step."""
    levers = _sensitivities()
    known = [key for key in levers.index if key in over]
    weight = np.array([_WEIGHT.get(key[::2], 1.0) for key in known])
    slope = levers.loc[known].to_numpy() * weight[:, None]
    off = np.clip([over[key] for key in known], -0.7, 0.7) * weight
    wanted = np.linalg.solve(slope.T @ slope + _RIDGE * np.eye(slope.shape[1]), -slope.T @ off)
    length = 0.7 if step < _ROUNDS - _AVERAGED else 0.3
    factor = np.exp(np.clip(length * wanted, -_FURTHEST, _FURTHEST))
    now = vars(kind) | vars(kind.fabric)
    return {
        name: float(np.clip(now[name] * times, *_BOUNDS[name]))
        for name, times in zip(levers.columns, factor, strict=True)
    }


def _with(kind: Kind, parameters: Mapping[str, float]) -> Kind:
    """Return a kind with some of its parameters, and of its fabric's, changed."""
    fabric: dict[str, Any] = {k: v for k, v in parameters.items() if k in _OF_FABRIC}
    town: dict[str, Any] = {k: v for k, v in parameters.items() if k not in _OF_FABRIC}
    return replace(kind, fabric=replace(kind.fabric, **fabric), **town)


@cache
def _sensitivities() -> pd.DataFrame:
    """Return the derivative of each log quantile by each log parameter of a kind."""
    table = pd.read_csv(DATA / "levers.csv", comment="#")
    return table.set_index(["measure", "metres", "quantile"]).astype(float)
