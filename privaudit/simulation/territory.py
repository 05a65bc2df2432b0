"""Fictional territory: streets and addresses of a town of some kind, with hamlets on its roads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.geo.address_base import STREET_KINDS, AddressBase
from privaudit.simulation.dwellings import MEAN_SIZE
from privaudit.simulation.population import SURNAMES, draw_first_names, surname
from privaudit.simulation.spatial_statistics import (
    MEANT_BY_CELL,
    Quantile,
    angles_of,
    people_around,
    shared_out,
    spread_of,
)
from privaudit.simulation.streets import (
    RIVER,
    Doors,
    PlotRows,
    Through,
    doors_along,
    plan_streets,
    waves,
)
from privaudit.simulation.town import Kind
from privaudit.simulation.world import read_figures

COMMUNE = "99001"
# Longest stretch of a road under one name, and radius of the square in the middle, metres.
_LONGEST = 650.0
_SQUARE = 65.0
_HAMLET = 18
# Drafts of a town, and the number of addresses above which one draft suffices.
_DRAFTS, _LARGE = 5, 15_000
# Mean households of a building of flats that is aimed at where none is given (the cap below loses
# buildings, and kinds were fitted so: decision 57), and metres from one estate to the next.
_BUILDING, _ESTATES = 26.0, 420.0
# Largest probability of a building at a door.
_LIKELIEST = 0.95
# Share in further homes of a house beside buildings of a given size.
_NEGLIGIBLE = 1e-9
_CENTRE = 1.6
# Wavelength of open ground in metres, and of the salients of the edge in radii.
_FIELDS, _SIDES = 700.0, 0.7
# Range of the distance of an isolated door from the edge of town, metres.
_ISOLATED = (52.0, 190.0)
# A sum that is larger by this factor is larger however it is added up.
_SURELY = 1 + 1e-9
# A door closer than this to the one before shares its number; a wider gap than a plot skips some.
_BIS, _PLOT = 6.5, 24.0

# Zones without buildings of flats.
_HOUSES = ("hamlet", "alone")


def fictional_territory(
    households: int,
    kind: Kind,
    *,
    name: str = "Valorge-sur-Brune",
    drafts: int = _DRAFTS,
    rng: np.random.Generator,
) -> tuple[AddressBase, Floats]:
    """Lay out streets and addresses for a number of households.

    Parameters
    ----------
    households : int
        Number of households.
    kind : Kind
        Kind of the town: households an address, streets and plots.
    name : str
        Name of the commune.
    drafts : int
        Number of drafts, of which the one nearest to real communes is kept.
    rng : numpy.random.Generator

    Returns
    -------
    base : AddressBase
        Fictional addresses around (0, 0), in metres, no station yet. Doors of one street have odd
        numbers on its left and even ones on its right.
    flats : ndarray of float
        Share of each address of the households beyond one an address, unscaled.
    """
    total = max(9, round(households / kind.households))
    far, alone = round(kind.hamlets * total), round(kind.alone * total)
    town = _town(total - far - alone, kind, drafts, rng)
    # Their roads may have room for fewer doors.
    hamlets = _hamlets(far, town, kind, rng)
    doors = town.doors.and_others(hamlets)
    zone = np.concatenate([town.zone, np.full(len(hamlets.at), "hamlet")])
    if alone:
        doors = doors.and_others(_isolated(alone, town, rng))
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
    """Draw flats: the best of a few drafts where the kind has targets for people around."""
    real, xy = kind.targets(), np.column_stack([at.real, at.imag])
    if MEANT_BY_CELL not in real or len(at) > _LARGE:
        return _flats(at, zone, kind, rng)

    def distance(flats: Floats) -> float:
        people = shared_out(xy, mean_people(flats, kind))
        return sum(_distance(q, real) for q in people_around(xy, people_within=people))

    return min([_flats(at, zone, kind, rng) for _ in range(drafts)], key=distance)


def mean_people(flats: Floats, kind: Kind) -> Floats:
    """Return the expected number of people at each address from its flats.

    Parameters
    ----------
    flats : ndarray of float
        As returned by `fictional_territory`.
    kind : Kind

    Returns
    -------
    ndarray of float
    """
    more = (kind.households - 1) * len(flats) / max(float(flats.sum()), 1e-9)
    return np.asarray(MEAN_SIZE * (1 + flats * more))


class _Town(NamedTuple):
    """Doors, the zone of each, the radius of the town, its river and main roads."""

    doors: Doors
    zone: Strs
    radius: float
    through: Through


# Streets that were laid out, by what they rest on, and the state of their generator afterwards.
_LAID_OUT: dict[str, tuple[_Town, Mapping[str, Any]]] = {}
_MOST_LAID_OUT = 16


def _town(count: int, kind: Kind, drafts: int, rng: np.random.Generator) -> _Town:
    """Return the best draft of a town; towns that differ in their homes alone share their streets.

    A variant of a town is laid out once, and its generator then stands where it would have.
    """
    # Homes are put into buildings later.
    of_streets = replace(kind, households=1.0, building=None, drafted={})
    made_of = repr((count, of_streets, drafts, rng.bit_generator.state))
    if made_of not in _LAID_OUT:
        town = _drafted(count, kind, drafts, rng)
        if len(_LAID_OUT) >= _MOST_LAID_OUT:
            del _LAID_OUT[next(iter(_LAID_OUT))]
        _LAID_OUT[made_of] = town, rng.bit_generator.state
        return town
    town, rng.bit_generator.state = _LAID_OUT[made_of]
    return town


def _drafted(count: int, kind: Kind, drafts: int, rng: np.random.Generator) -> _Town:
    """Draft a town some times and keep the draft that is nearest to real communes."""
    # Neighbourhoods of a small town differ by chance; those of a large one average out.
    towns = [_draft(count, kind, rng) for _ in range(1 if count > _LARGE else drafts)]
    best = towns[0]
    least = _town_distance(best.doors, kind) if len(towns) > 1 else 0.0
    for town in towns[1:]:
        off = _town_distance(town.doors, kind, least)
        if off < least:
            best, least = town, off
    return best


def _town_distance(doors: Doors, kind: Kind, most: float = np.inf) -> float:
    """Return the squared log distance of a draft's quantiles to real ones; angles count half.

    A draft that is farther than `most` is measured no further: no part of the sum is negative.
    """
    real, xy = kind.targets(), np.column_stack([doors.at.real, doors.at.imag])
    parts: list[float] = []
    for quantile in spread_of(xy):
        parts.append(_distance(quantile, real))
        # Sums may differ in their last digits.
        if sum(parts) > most * _SURELY:
            return np.inf
    near = sum(parts)
    return near + sum(_distance(q, real) for q in angles_of(xy, doors.bearing, doors.street)) / 2


def _distance(quantile: Quantile, real: Mapping[tuple[str, int, float], float]) -> float:
    target = real.get(quantile[:3], np.nan)
    return float(np.log(max(quantile.value, 0.5) / max(target, 0.5)) ** 2) if target > 0 else 0.0


def _draft(count: int, kind: Kind, rng: np.random.Generator) -> _Town:
    """Plan a town, wider until it has enough doors, and keep its inner blocks."""
    radius = 100 * np.sqrt(count / kind.density / np.pi / (1 - kind.open)) + 60
    while True:
        doors, dead, through = plan_streets(radius, kind.fabric, rng=rng)
        if (1 - kind.open) * len(doors.at) >= 1.05 * count:
            break
        radius *= 1.15
    order = np.argsort(_reached(doors, radius, kind, rng)[doors.block], kind="stable")[:count]
    inner = doors.taken(order)
    zone = np.where(np.arange(count) < kind.centre * count, "centre", "houses").astype("<U8")
    zone[np.abs(inner.at) < _SQUARE] = "square"
    zone[np.isin(inner.street, dead)] = "dead end"
    zone[inner.street == RIVER] = "quay"
    return _Town(inner, zone, float(np.abs(inner.at).max()), through)


def _reached(doors: Doors, radius: float, kind: Kind, rng: np.random.Generator) -> Ints:
    """Rank blocks in the order in which the town grows over them; open ground comes last."""
    blocks = int(doors.block.max()) + 1
    held = np.bincount(doors.block, minlength=blocks)
    x, y = (np.bincount(doors.block, axis, blocks) for axis in (doors.at.real, doors.at.imag))
    middle = np.asarray((x + 1j * y) / np.maximum(held, 1), dtype=np.complex128)
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


def _hamlets(doors_wanted: int, town: _Town, kind: Kind, rng: np.random.Generator) -> Doors:
    """Place hamlets on roads out of town: a stretch of road each, and a lane to its left."""
    count = max(1, round(doors_wanted / _HAMLET))
    turn = np.exp(2j * np.pi * (np.arange(count) + rng.uniform(-0.2, 0.2, count)) / count)
    middle = turn * (town.radius + 800 + rng.uniform(0, 2_500, count))
    along = turn * np.exp(1j * rng.uniform(-0.5, 0.5, count))
    reach, at_lane, half, free = 12.0 * _HAMLET, 40.0, 9.0, 12.0
    # The river flows on out of town, beside them.
    off = town.through.off(np.asarray(middle, dtype=complex)[:, None])[:, RIVER]
    aside = np.maximum(town.through.half[RIVER] + reach + 2 * free - np.abs(off), 0.0)
    middle = middle + 1j * town.through.direction[RIVER] * np.copysign(aside, off)
    road = np.stack([middle - along * reach, middle + along * reach])
    lane = np.stack([middle, middle + 0.5j * along * reach]) + at_lane * along
    # The left of the road has a row on each side of the lane.
    ends = np.concatenate([road, road, road[::-1], lane, lane[::-1]], axis=1)
    street = np.concatenate([np.arange(2 * count).reshape(2, count)[i] for i in (0, 0, 0, 1, 1)])
    low = np.array([free, reach + at_lane + free, free, free, free])
    high = np.array([reach + at_lane, 2 * reach, 2 * reach, reach / 2, reach / 2]) - free
    of, halves = np.tile(np.arange(count), 5), np.full(5 * count, half)
    rows = PlotRows(
        ends[0], ends[1], street, halves, of, np.repeat(low, count), np.repeat(high, count)
    )
    streets = np.concatenate([road[0], lane[0]]), np.concatenate([along, 1j * along])
    size = np.full(5 * count, 1.3 * kind.fabric.plot)
    doors = doors_along(rows, streets, size, kind.fabric, rng)
    near = np.argsort(np.abs(doors.at - middle[doors.block]), kind="stable")[:doors_wanted]
    return doors.taken(near)


def _isolated(count: int, town: _Town, rng: np.random.Generator) -> Doors:
    """Place doors beyond the edge of town, each on a street of its own, such as a lock-keeper's."""
    from scipy.spatial import cKDTree

    built = town.doors.at
    tree = cKDTree(np.column_stack([built.real, built.imag]))
    edge = np.argsort(-np.abs(built), kind="stable")[: max(count, len(built) // 8)]
    places: list[complex] = []
    while len(places) < count:
        door = built[edge[int(rng.integers(len(edge)))]]
        out = door / abs(door) * np.exp(1j * rng.uniform(-0.8, 0.8))
        there = complex(door + out * rng.uniform(*_ISOLATED))
        free = (np.abs(town.through.off(np.array(there))) > town.through.half).all()
        if free and tree.query([there.real, there.imag])[0] > _ISOLATED[0]:
            places.append(there)
    at, zero = np.array(places), np.zeros(count)
    return Doors(at, np.arange(count), zero, zero == 0, np.arange(count), np.angle(at))


def _bend(
    at: npt.NDArray[np.complex128], metres: float, rng: np.random.Generator
) -> npt.NDArray[np.complex128]:
    """Bend straight streets, by slopes of a few percent so that right angles stay right."""
    return np.asarray(at + metres * (waves(rng, 1_000.0)(at) + 1j * waves(rng, 1_000.0)(at)))


def _flats(
    at: npt.NDArray[np.complex128], zone: Strs, kind: Kind, rng: np.random.Generator
) -> Floats:
    """Draw buildings of flats, in the centre and in estates; a few houses are cut in two."""
    from scipy.spatial import cKDTree

    estates = waves(rng, _ESTATES)(at)
    size = _BUILDING if kind.building is None else kind.building
    share = (kind.households - 1) / (size - 1)
    likely = share * np.exp(kind.estates * estates - kind.estates**2 / 2)
    houses = np.isin(zone, _HOUSES)
    likely *= np.where(houses, 0.0, np.where(np.isin(zone, ("centre", "square")), _CENTRE, 1.0))
    # Buildings of flats take room: few doors are around them.
    doors = np.column_stack([at.real, at.imag])
    around = cKDTree(doors).query_ball_point(doors, 100.0, return_length=True)
    likely *= np.asarray(around, float) ** -kind.room
    likely *= share * len(at) / max(float(likely.sum()), 1e-9)
    if kind.building is not None:
        likely = _summing_to(likely, share * len(at))
    flats = rng.gamma(1.5, size=len(at)) * (rng.random(len(at)) < np.minimum(likely, _LIKELIEST))
    halved = rng.random(len(at)) < 0.08
    # Beside buildings of a given size a house is one home; where none is drawn all share alike.
    others = 0.15 * halved + 1e-3 if kind.building is None else _NEGLIGIBLE
    return np.asarray(flats + others * ~houses)


def _summing_to(likely: Floats, total: float) -> Floats:
    """Scale probabilities, capped, so that they sum to a total where the cap allows it."""
    for _ in range(50):
        likely = np.minimum(likely * (total / max(float(likely.sum()), 1e-9)), _LIKELIEST)
    return likely


def _named(doors: Doors, zone: Strs) -> Ints:
    """Number streets, stretches of long roads, and the square: each gets one name."""
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
    text = np.char.add(number.astype(np.str_), np.array(["", " bis", " ter"])[again])
    return np.asarray(text[np.argsort(order)])


def _street_kinds(road: Ints, zone: Strs) -> Strs:
    """Return the kind of each street (`STREET_KINDS`): the zone of its first door."""
    first = np.unique(road, return_index=True)[1]
    kind = np.char.replace(zone[first], " ", "_")
    return np.where(np.isin(kind, STREET_KINDS), kind, "street")[road]


def _street_names(road: Ints, zone: Strs, rng: np.random.Generator) -> Strs:
    """Give each street a name of its own, of a kind that fits its zone."""
    first = np.unique(road, return_index=True)[1]
    # Nature and trades come first, then invented people: ranks without replacement spell
    # different surnames.
    names = read_figures("names")
    nature = " ".join(names["street_names"]["nature"].split()).split(", ")
    more = max(len(first) - len(nature), 0)
    people = surname(rng.choice(SURNAMES, more, replace=False))
    sex, year = np.where(rng.random(more) < 0.2, "F", "M"), rng.integers(1900, 1945, more)
    given = draw_first_names(sex, year, rng=rng)
    whose = [*nature, *(f"{g} {p}" for g, p in zip(given, people, strict=True))]
    known = [names["streets"][z.replace(" ", "_")] for z in zone[first].tolist()]
    kinds = [each[int(rng.integers(len(each)))] for each in known]
    order = rng.permutation(len(whose))[: len(first)]
    return np.array([f"{k} {whose[i]}" for k, i in zip(kinds, order, strict=True)])[road]
