"""A fictional territory: streets and doors of a town of some kind, and hamlets on its roads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.geo.address_base import STREET_KINDS, AddressBase
from privaudit.simulation.dwellings import MEAN_SIZE
from privaudit.simulation.kinds import Kind
from privaudit.simulation.names import SURNAMES, draw_first_names, surname
from privaudit.simulation.spatial_statistics import (
    MEANT_BY_CELL,
    Quantile,
    angles_of,
    people_around,
    shared_out,
    spread_of,
)
from privaudit.simulation.streets import RIVER, Doors, PlotRows, doors_along, plan_streets, waves

COMMUNE = "99001"
# Longest stretch of a road that bears one name, and how near the middle the square is, metres.
_LONGEST = 650.0
_SQUARE = 65.0
_HAMLET = 18
# Drafts of a town, and the number of addresses from which one will do.
_DRAFTS, _LARGE = 5, 15_000
# Households of a building of flats on average, and metres from one estate to the next.
_BUILDING, _ESTATES = 26.0, 420.0
_CENTRE = 1.6
# Metres from one open ground to the next, and from one salient of the edge to the next, in radii.
_FIELDS, _SIDES = 700.0, 0.7
# Metres from a door that stands alone to the edge of town.
_ALONE = (52.0, 190.0)
# Doors closer than the first to the one before share its number; a wider gap skips numbers.
_BIS, _PLOT = 6.5, 24.0

_STREETS = {
    "centre": ("Rue", "Rue", "Rue", "Rue", "Passage", "Boulevard"),
    "houses": ("Rue", "Avenue", "Allée", "Rue", "Rue", "Sentier"),
    "dead end": ("Impasse",),
    "square": ("Place",),
    "quay": ("Quai",),
    "hamlet": ("Chemin", "Route", "Chemin"),
    "alone": ("Rue", "Allée", "Sentier"),
}
# Where no building of flats stands.
_HOUSES = ("hamlet", "alone")
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
    households: int,
    kind: Kind,
    *,
    name: str = "Valorge-sur-Brune",
    drafts: int = _DRAFTS,
    rng: np.random.Generator,
) -> tuple[AddressBase, Floats]:
    """Lay streets and doors for a number of households.

    - `households`: Households that the territory is to hold.
    - `kind`: Of town: how many of them share an address, and how its streets lie.
    - `name`: Name of the commune.
    - `drafts`: Towns that are drafted; the one that is most like real communes is kept.
    - returns `base`: Fictional addresses around (0, 0), in metres, no station yet. Doors of one
      street have odd numbers on its left and even ones on its right.
    - returns `flats`: How many households each address takes beyond the first, in proportion.
    """
    many = max(9, round(households / kind.households))
    far, alone = round(kind.hamlets * many), round(kind.alone * many)
    town = _town(many - far - alone, kind, drafts, rng)
    # Their roads may hold fewer doors than were asked for.
    hamlets = _hamlets(far, town.radius, kind, rng)
    doors = town.doors.and_others(hamlets)
    zone = np.concatenate([town.zone, np.full(len(hamlets.at), "hamlet")])
    if alone:
        doors = doors.and_others(_alone(alone, town.doors.at, rng))
        zone = np.concatenate([zone, np.full(alone, "alone")])
    road = _named(doors, zone)
    at = _bend(doors.at, kind.fabric.bend, rng)
    frame = pd.DataFrame(
        {
            "id": np.arange(len(at)),
            "number": _numbers(doors, road),
            "street": _street_names(road, zone, rng),
            "commune": COMMUNE,
            "station": "",
            "x": at.real.round(2),
            "y": at.imag.round(2),
            "street_kind": _street_kinds(road, zone),
        }
    ).astype(dict.fromkeys(("number", "street", "commune", "station", "street_kind"), "str"))
    base = AddressBase(frame, crs="fictional", source=f"simulated town of {name}", real=False)
    return base, _inhabited(at, zone, kind, drafts, rng)


def _inhabited(
    at: npt.NDArray[np.complex128], zone: Strs, kind: Kind, drafts: int, rng: np.random.Generator
) -> Floats:
    """Raise flats: the best of a few drafts where it is known how many people are to be around."""
    real, xy = kind.targets(), np.column_stack([at.real, at.imag])
    if MEANT_BY_CELL not in real or len(at) > _LARGE:
        return _flats(at, zone, kind, rng)
    raised = [_flats(at, zone, kind, rng) for _ in range(drafts)]

    def unlike(flats: Floats) -> float:
        people = shared_out(xy, mean_people(flats, kind))
        return sum(_apart(found, real) for found in people_around(xy, people_within=people))

    return min(raised, key=unlike)


def mean_people(flats: Floats, kind: Kind) -> Floats:
    """Return the people to be expected at each address from its flats."""
    more = (kind.households - 1) * len(flats) / max(float(flats.sum()), 1e-9)
    return np.asarray(MEAN_SIZE * (1 + flats * more))


class _Town(NamedTuple):
    """Doors, the zone that each is named and built after, and how far the town reaches."""

    doors: Doors
    zone: Strs
    radius: float


def _town(many: int, kind: Kind, drafts: int, rng: np.random.Generator) -> _Town:
    """Draft a town some times and keep the draft that is most like real communes.

    Neighbourhoods of a small town differ by chance; those of a large one average out.
    """
    towns = [_draft(many, kind, rng) for _ in range(1 if many > _LARGE else drafts)]
    return towns[0] if len(towns) == 1 else min(towns, key=lambda town: _unlike(town.doors, kind))


def _unlike(doors: Doors, kind: Kind) -> float:
    """How far a draft is from real communes: of the logarithms of quantiles, half for angles."""
    real, xy = kind.targets(), np.column_stack([doors.at.real, doors.at.imag])
    near = [_apart(found, real) for found in spread_of(xy)]
    turned = [_apart(found, real) for found in angles_of(xy, doors.bearing, doors.street)]
    return sum(near) + sum(turned) / 2


def _apart(found: Quantile, real: Mapping[tuple[str, int, float], float]) -> float:
    target = real.get(found[:3], np.nan)
    return float(np.log(max(found.value, 0.5) / max(target, 0.5)) ** 2) if target > 0 else 0.0


def _draft(many: int, kind: Kind, rng: np.random.Generator) -> _Town:
    """Plan a town, wider until there are as many doors as wanted, and keep its inner blocks."""
    radius = 100 * np.sqrt(many / kind.density / np.pi / (1 - kind.open)) + 60
    while True:
        doors, dead = plan_streets(radius, kind.fabric, rng=rng)
        if (1 - kind.open) * len(doors.at) >= 1.05 * many:
            break
        radius *= 1.15
    order = np.argsort(_reached(doors, radius, kind, rng)[doors.block], kind="stable")[:many]
    kept = doors.taken(order)
    zone = np.where(np.arange(many) < kind.centre * many, "centre", "houses").astype("<U8")
    zone[np.abs(kept.at) < _SQUARE] = "square"
    zone[np.isin(kept.street, dead)] = "dead end"
    zone[kept.street == RIVER] = "quay"
    return _Town(kept, zone, float(np.abs(kept.at).max()))


def _reached(doors: Doors, radius: float, kind: Kind, rng: np.random.Generator) -> Ints:
    """Rank blocks as the town grows over them; it never does over open ground."""
    blocks = int(doors.block.max()) + 1
    held = np.bincount(doors.block, minlength=blocks)
    middle = np.bincount(doors.block, doors.at.real, blocks) + 1j * np.bincount(
        doors.block, doors.at.imag, blocks
    )
    middle /= np.maximum(held, 1)
    # The edge of a town is uneven, and so is that of its centre.
    away = np.abs(middle) * np.exp(kind.ragged * waves(rng, _SIDES * radius)(middle))
    fields = waves(rng, _FIELDS)(middle)
    order = np.argsort(fields, kind="stable")
    grown = np.empty(blocks)
    grown[order] = np.cumsum(held[order]) / held.sum()
    away = np.where(grown > 1 - kind.open, away + 100 * radius, away)
    rank = np.empty(blocks, dtype=np.int64)
    rank[np.argsort(np.where(held > 0, away, np.inf), kind="stable")] = np.arange(blocks)
    return rank


def _hamlets(many: int, radius: float, kind: Kind, rng: np.random.Generator) -> Doors:
    """Line roads that lead out of town: a stretch of road each, and a lane across it."""
    count = max(1, round(many / _HAMLET))
    turn = np.exp(2j * np.pi * (np.arange(count) + rng.uniform(-0.2, 0.2, count)) / count)
    middle = turn * (radius + 800 + rng.uniform(0, 2_500, count))
    way = turn * np.exp(1j * rng.uniform(-0.5, 0.5, count))
    reach = 12.0 * _HAMLET
    road = np.stack([middle - way * reach, middle + way * reach])
    lane = np.stack([middle + 40 * way, middle + 40 * way + 0.5j * way * reach])
    ends = np.concatenate([road, road[::-1], lane, lane[::-1]], axis=1)
    street = np.concatenate([np.arange(2 * count).reshape(2, count)[i] for i in (0, 0, 1, 1)])
    rows = PlotRows(ends[0], ends[1], street, np.full(4 * count, 9.0), np.tile(np.arange(count), 4))
    streets = np.concatenate([road[0], lane[0]]), np.concatenate([way, 1j * way])
    size = np.full(4 * count, 1.3 * kind.fabric.plot)
    doors = doors_along(rows, streets, size, kind.fabric, rng)
    near = np.argsort(np.abs(doors.at - middle[doors.block]), kind="stable")[:many]
    return doors.taken(near)


def _alone(many: int, built: npt.NDArray[np.complex128], rng: np.random.Generator) -> Doors:
    """Put doors beyond the edge of town, each on a way of its own: yards, locks, gatekeepers."""
    from scipy.spatial import cKDTree

    tree = cKDTree(np.column_stack([built.real, built.imag]))
    edge = np.argsort(-np.abs(built), kind="stable")[: max(many, len(built) // 8)]
    found: list[complex] = []
    while len(found) < many:
        door = built[edge[int(rng.integers(len(edge)))]]
        out = door / abs(door) * np.exp(1j * rng.uniform(-0.8, 0.8))
        there = complex(door + out * rng.uniform(*_ALONE))
        if tree.query([there.real, there.imag])[0] > _ALONE[0]:
            found.append(there)
    at, none = np.array(found), np.zeros(many)
    return Doors(at, np.arange(many), none, none == 0, np.arange(many), np.angle(at))


def _bend(
    at: npt.NDArray[np.complex128], metres: float, rng: np.random.Generator
) -> npt.NDArray[np.complex128]:
    """Bend straight streets, by slopes of a few percent: a right angle is to stay one."""
    return np.asarray(at + metres * (waves(rng, 1_000.0)(at) + 1j * waves(rng, 1_000.0)(at)))


def _flats(
    at: npt.NDArray[np.complex128], zone: Strs, kind: Kind, rng: np.random.Generator
) -> Floats:
    """Raise buildings of flats, in the centre and in estates; a few houses are cut in two."""
    from scipy.spatial import cKDTree

    estates = waves(rng, _ESTATES)(at)
    share = (kind.households - 1) / (_BUILDING - 1)
    likely = share * np.exp(kind.estates * estates - kind.estates**2 / 2)
    likely *= np.where(
        np.isin(zone, _HOUSES), 0.0, np.where(np.isin(zone, ("centre", "square")), _CENTRE, 1.0)
    )
    # A building of flats needs room: where they stand, there are few doors.
    doors = np.column_stack([at.real, at.imag])
    tree = cKDTree(doors)
    likely *= (
        np.asarray(tree.query_ball_point(doors, 100.0, return_length=True), float) ** -kind.room
    )
    likely *= share * len(at) / max(float(likely.sum()), 1e-9)
    flats = rng.gamma(1.5, size=len(at)) * (rng.random(len(at)) < np.minimum(likely, 0.95))
    halves = 0.15 * (rng.random(len(at)) < 0.08) + 1e-3
    return np.asarray(flats + halves * ~np.isin(zone, _HOUSES))


def _named(doors: Doors, zone: Strs) -> Ints:
    """Number what bears one name: streets, stretches of long roads, and the square."""
    stretch = np.floor(doors.along / _LONGEST).astype(np.int64)
    bank = doors.left & (zone == "quay")
    key = np.where(zone == "square", -1, (2 * doors.street + bank) * 1_000 + stretch + 500)
    return np.unique(key, return_inverse=True)[1]


def _numbers(doors: Doors, road: Ints) -> Strs:
    """Number doors along each street, odd on the left and even on the right."""
    order = np.lexsort((doors.along, ~doors.left, road))
    side = (2 * road + ~doors.left)[order]
    gap = np.diff(doors.along[order], prepend=0.0)
    fresh = np.diff(side, prepend=-1) != 0
    step = np.where(gap < _BIS, 0, 2 * np.maximum(np.rint(gap / _PLOT), 1)).astype(np.int64)
    step[fresh] = 0
    since = np.arange(len(side)) - np.maximum.accumulate(
        np.where(fresh | (step > 0), np.arange(len(side)), 0)
    )
    again = since % 3
    step[(since > 0) & (again == 0)] = 2
    total = np.cumsum(step)
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(side)), 0))
    number = total - total[first] + 1 + side % 2
    told = np.char.add(number.astype(np.str_), np.array(["", " bis", " ter"])[again])
    back = np.empty(len(side), dtype=np.int64)
    back[order] = np.arange(len(side))
    return np.asarray(told[back])


def _street_kinds(road: Ints, zone: Strs) -> Strs:
    """Say what each street is (`STREET_KINDS`): what its first door stands on."""
    first = np.unique(road, return_index=True)[1]
    kind = np.char.replace(zone[first], " ", "_")
    return np.where(np.isin(kind, STREET_KINDS), kind, "street")[road]


def _street_names(road: Ints, zone: Strs, rng: np.random.Generator) -> Strs:
    """Give each street a name of its own, of a kind that fits its zone."""
    first = np.unique(road, return_index=True)[1]
    # Nature and trades come first, then people nobody has heard of: ranks without
    # replacement spell different surnames.
    nature = _OF_WHAT.split(", ")
    more = max(len(first) - len(nature), 0)
    people = surname(rng.choice(SURNAMES, more, replace=False))
    sex, year = np.where(rng.random(more) < 0.2, "F", "M"), rng.integers(1900, 1945, more)
    given = draw_first_names(sex, year, rng=rng)
    whose = [*nature, *(f"{g} {p}" for g, p in zip(given, people, strict=True))]
    kinds = [_STREETS[z][int(rng.integers(len(_STREETS[z])))] for z in zone[first]]
    order = rng.permutation(len(whose))[: len(first)]
    return np.array([f"{k} {whose[i]}" for k, i in zip(kinds, order, strict=True)])[road]
