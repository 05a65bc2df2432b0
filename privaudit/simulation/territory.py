"""A fictional territory: a dense centre, houses around it, hamlets at some kilometres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.arrays import Floats, Ints, Strs
from privaudit.places.address_base import AddressBase
from privaudit.simulation.names import SURNAMES, draw_first_names, surname

__all__ = ["COMMUNE", "ZONES", "Fabric", "fictional_territory"]

COMMUNE = "99001"
ZONES = ("centre", "houses", "hamlet")


@dataclass(frozen=True, kw_only=True)
class Fabric:
    """How streets lie in a zone, in metres.

    Streets run east-west `depth` apart and are cut after `run` metres; plots are `frontage`
    wide on both sides, doors stand `setback` from the middle of the street; `built` is the
    share of street runs that have plots (the others are parks, fields, factories).
    """

    depth: float
    frontage: float
    setback: float
    run: float
    built: float


FABRICS = {
    "centre": Fabric(depth=58, frontage=14, setback=9, run=150, built=0.95),
    "houses": Fabric(depth=76, frontage=18, setback=12, run=280, built=0.75),
    "hamlet": Fabric(depth=130, frontage=34, setback=16, run=340, built=0.9),
}
# Share of households in each zone, and households an address; scenario of a small French town.
_HOUSEHOLDS = {"centre": 0.55, "houses": 0.38, "hamlet": 0.07}
_PER_ADDRESS = {"centre": 6.0, "houses": 1.25, "hamlet": 1.1}
_HAMLET_ADDRESSES = 45

_KINDS = {
    "centre": ("Rue", "Rue", "Rue", "Place", "Passage", "Quai"),
    "houses": ("Rue", "Avenue", "Allée", "Impasse", "Rue", "Boulevard"),
    "hamlet": ("Chemin", "Route", "Chemin"),
}
_OF_WHAT = (
    "des Aubépines, du Lavoir, de la Tannerie, des Quatre-Tilleuls, du Vieux-Puits, de la Verrerie,"
    " des Cordiers, du Moulin-Brûlé, de l'Écluse, des Charmilles, du Pré-Long, de la Sablière,"
    " des Vignerons, du Clos-Perdu, de la Fontaine-Noire, des Peupliers, du Four-Banal,"
    " de la Grange-Haute, des Hirondelles, du Bac, de la Forge, des Noisetiers, du Colombier,"
    " de l'Abreuvoir, des Tisserands, du Petit-Bois, de la Croix-Verte, des Jonquilles,"
    " du Champ-Rond, de la Cressonnière, des Tonneliers, du Belvédère, de la Garenne,"
    " des Lilas-Blancs, du Pigeonnier, de la Prairie, des Meuniers, du Chêne-Creux,"
    " de la Marnière, des Ormes, du Gué, de la Briqueterie, des Acacias, du Ruisseau,"
    " de l'Ancienne-Gare, des Maraîchers, du Rossignol, de la Roseraie, des Carrières, du Verger"
)


def fictional_territory(
    households: int, *, name: str = "Valorge-sur-Brune", rng: np.random.Generator
) -> tuple[AddressBase, Strs]:
    """Lay streets and doors for a number of households.

    - `households`: Households that the territory is to hold.
    - `name`: Name of the commune.
    - returns `base`: Fictional addresses around (0, 0), in metres, no station yet. Doors of one
      street have odd numbers on its left and even ones on its right.
    - returns `zone` (str): centre, houses or hamlet for each address.
    """
    wanted = {z: max(3, round(households * _HOUSEHOLDS[z] / _PER_ADDRESS[z])) for z in ZONES}
    centre = _patch(FABRICS["centre"], wanted["centre"], 0.0, rng)
    inner = float(np.hypot(*centre.xy.T).max()) + FABRICS["houses"].depth / 2
    ring = _patch(FABRICS["houses"], wanted["houses"], inner, rng)
    edge = float(np.hypot(*ring.xy.T).max())
    pieces = [centre.named("centre"), ring.named("houses"), *_hamlets(wanted["hamlet"], edge, rng)]

    xy = _bend(np.concatenate([p.xy for p in pieces]))
    zone = np.repeat([p.zone for p in pieces], [len(p.xy) for p in pieces])
    first = np.cumsum([0] + [int(p.street.max()) + 1 for p in pieces[:-1]])
    street = np.concatenate([p.street + f for p, f in zip(pieces, first, strict=True)])
    names = _street_names(street, zone, rng)
    number = np.concatenate([p.number for p in pieces])
    frame = pd.DataFrame(
        {
            "id": np.arange(len(xy)),
            "number": number.astype(str),
            "street": names,
            "commune": COMMUNE,
            "station": "",
            "x": xy[:, 0].round(2),
            "y": xy[:, 1].round(2),
        }
    ).astype({"number": "str", "street": "str", "commune": "str", "station": "str"})
    return AddressBase(frame, crs="fictional", source=f"simulated town of {name}"), zone


@dataclass(frozen=True)
class _Patch:
    """Doors of one piece of town: positions, street of each, number in the street."""

    xy: Floats
    street: Ints
    number: Ints
    zone: str = ""

    def named(self, zone: str) -> _Patch:
        return _Patch(self.xy, self.street, self.number, zone)


def _patch(fabric: Fabric, doors: int, inner: float, rng: np.random.Generator) -> _Patch:
    """Take the `doors` plots nearest to (0, 0) that lie beyond `inner` metres."""
    area = doors * fabric.depth * fabric.frontage / 2 / fabric.built
    radius = np.sqrt(inner**2 + 1.8 * area / np.pi) + 2 * max(fabric.depth, fabric.run)
    rows = np.arange(-np.ceil(radius / fabric.depth), np.ceil(radius / fabric.depth) + 1)
    columns = np.arange(-np.ceil(radius / fabric.frontage), np.ceil(radius / fabric.frontage) + 1)
    row, column, side = (g.ravel() for g in np.meshgrid(rows, columns, (1, -1), indexing="ij"))
    # Runs of neighbouring streets do not end on one line.
    shift = rng.random(len(rows)) * fabric.run
    run = np.floor((column * fabric.frontage + shift[(row - rows[0]).astype(int)]) / fabric.run)
    jitter = rng.uniform(-0.2, 0.2, len(row)) * fabric.frontage
    x = column * fabric.frontage + jitter
    y = row * fabric.depth + side * fabric.setback
    _, key = np.unique(row * 100_000 + run, return_inverse=True)
    built = rng.random(key.max() + 1) < fabric.built
    distance = np.hypot(x, y)
    usable = np.flatnonzero(built[key] & (distance >= inner))
    near = np.sort(usable[np.argsort(distance[usable], kind="stable")[:doors]])
    _, street = np.unique(key[near], return_inverse=True)
    return _Patch(np.column_stack([x, y])[near], street, _numbers(street, side[near]))


def _numbers(street: Ints, side: Floats) -> Ints:
    """Number doors along each street, odd on the left and even on the right."""
    key = street * 2 + (side > 0)
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    first = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    rank = np.arange(len(key)) - np.repeat(first, np.diff(np.r_[first, len(key)]))
    number = np.empty(len(key), dtype=np.int64)
    number[order] = 2 * rank + 1 + (ranked % 2)
    return number


def _hamlets(doors: int, edge: float, rng: np.random.Generator) -> list[_Patch]:
    # Hamlets stay apart on the circle: the wider each is, the fewer there are.
    fabric = FABRICS["hamlet"]
    area = doors * fabric.depth * fabric.frontage / 2 / fabric.built
    room = int((np.pi * (edge + 1_000)) ** 2 / (area / np.pi) / 2.5)
    count = min(max(1, doors // _HAMLET_ADDRESSES), max(1, room))
    shares = np.diff(np.linspace(0, doors, count + 1).round().astype(int))
    angle = (np.arange(count) + rng.uniform(-0.15, 0.15, count)) * 2 * np.pi / count
    distance = edge + rng.uniform(1_000, 4_000, count)
    hamlets = []
    for n, a, d in zip(shares, angle, distance, strict=True):
        patch = _patch(fabric, int(n), 0.0, rng)
        hamlets.append(
            _Patch(
                patch.xy + d * np.array([np.cos(a), np.sin(a)]),
                patch.street,
                patch.number,
                "hamlet",
            )
        )
    return hamlets


def _bend(xy: Floats) -> Floats:
    """Bend straight streets gently (slopes under 15 %: no two doors come much closer)."""
    x, y = xy.T
    return np.column_stack([x + 22 * np.sin(y / 190), y + 26 * np.sin(x / 240)])


def _street_names(street: Ints, zone: Strs, rng: np.random.Generator) -> Strs:
    """Give each street a name of its own, of a kind that fits its zone."""
    first = np.unique(street, return_index=True)[1]
    # Nature and trades come first, then people nobody has heard of: ranks without
    # replacement spell different surnames.
    nature = _OF_WHAT.split(", ")
    more = max(len(first) - len(nature), 0)
    people = surname(rng.choice(SURNAMES, more, replace=False))
    sex, year = np.where(rng.random(more) < 0.2, "F", "M"), rng.integers(1900, 1945, more)
    given = draw_first_names(sex, year, rng=rng)
    whose = [*nature, *(f"{g} {p}" for g, p in zip(given, people, strict=True))]
    kinds = [_KINDS[z][int(rng.integers(len(_KINDS[z])))] for z in zone[first]]
    order = rng.permutation(len(whose))[: len(first)]
    return np.array([f"{k} {whose[i]}" for k, i in zip(kinds, order, strict=True)])[street]
