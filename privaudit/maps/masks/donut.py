"""Disk, N-Rand and donut masking: uniform places within a radius, or between two radii."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, keyword_only, one_of, ordered, whole
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, place_tree, z_order
from privaudit.maps.masks.mask import (
    FARTHEST,
    NEAREST_METRES,
    ROUNDING_METRES,
    AddressMask,
    Mask,
    OverPlaces,
    displaced,
)
from privaudit.maps.masks.snapping import people_at


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Disk(Mask):
    """Move each dot to a uniform place within a radius.

    Parameters
    ----------
    radius : float
        Farthest move, in metres, above 0.

    References
    ----------
    Armstrong, Rushton and Zimmerman (1999), random perturbation.

    Examples
    --------
    >>> round(float(Disk(radius=10).density(3)) * 1e4)  # 1 / (100 pi)
    32
    """

    word, example = "disk", "disk:200"

    radius: float

    def __post_init__(self) -> None:
        in_range("Disk", "radius", self.radius, 0, FARTHEST, open_low=True)

    @property
    def reach(self) -> float:
        return float(self.radius)

    def distance(self, share: np.ndarray) -> np.ndarray:
        return np.asarray(self.radius * np.sqrt(share))

    def density(self, distance: ArrayLike) -> np.ndarray:
        inside = np.asarray(distance, float) <= self.radius
        return np.where(inside, 1 / (math.pi * self.radius**2), 0.0)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Donut(Mask):
    """Move each dot in a uniform direction, by a distance between two radii.

    The radii are the same for every dot; `AdaptiveDonut` takes them from the people around it.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``.
    uniform : {"area", "radius"}
        ``"area"``: every place of the ring is as likely. ``"radius"``: every distance is, so
        that the inner side of the ring is denser.

    Raises
    ------
    ParameterError
        A radius is negative or not finite, or `r_min` is not below `r_max`.

    References
    ----------
    Hampton et al. (2010), whose radii follow the population; here they are fixed.

    Examples
    --------
    >>> moved = Donut(r_min=50, r_max=200)(np.zeros((1000, 2)), rng=np.random.default_rng(0))
    >>> distance = np.hypot(moved[:, 0], moved[:, 1])
    >>> bool(distance.min() >= 50 and distance.max() <= 200)
    True
    """

    word, example = "donut", "donut:50:200"

    r_min: float
    r_max: float
    uniform: Literal["area", "radius"] = "area"

    def __post_init__(self) -> None:
        in_range("Donut", "r_min", self.r_min, 0, FARTHEST)
        in_range("Donut", "r_max", self.r_max, 0, FARTHEST)
        ordered("Donut", "r_min", self.r_min, "r_max", self.r_max)
        one_of("Donut", "uniform", self.uniform, ("area", "radius"))

    @property
    def reach(self) -> float:
        return float(self.r_max)

    def distance(self, share: np.ndarray) -> np.ndarray:
        if self.uniform == "area":
            return np.sqrt(self.r_min**2 + share * (self.r_max**2 - self.r_min**2))
        return self.r_min + share * (self.r_max - self.r_min)

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.asarray(distance, float)
        inside = (d >= self.r_min) & (d <= self.r_max)
        if self.uniform == "area":
            return np.where(inside, 1 / (math.pi * (self.r_max**2 - self.r_min**2)), 0.0)
        ring = 2 * math.pi * np.maximum(d, NEAREST_METRES) * (self.r_max - self.r_min)
        return np.where(inside, 1 / ring, 0.0)


# Neighbours looked up at once, for all addresses together: what stays near the processor.
AT_ONCE = 500_000


@keyword_only
@dataclass(frozen=True, kw_only=True)
class AdaptiveDonut(AddressMask):
    """Move each dot beyond the nearest `k_min` people of its home, within the nearest `k_max`.

    The inner radius is the distance from the home within which at least `k_min` people live,
    those of the home included; the outer one that of `k_max`. Every place between is as likely.

    Parameters
    ----------
    k_min, k_max : int
        People (addresses, where people are not known), ``1 <= k_min < k_max``.
    least : float
        Narrowest ring, in metres, above 0: a tower may hold `k_max` people at one address.

    Raises
    ------
    ParameterError
        A number is out of range; on addresses, fewer than `k_max` people live there.

    References
    ----------
    Hampton et al. (2010), donut with radii by population.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0, 100.0], "y": 0.0}), real=False)
    >>> placed = AdaptiveDonut(k_min=2, k_max=3).on(base)
    >>> placed.r_min.tolist(), placed.r_max.tolist()
    ([40.0, 40.0, 60.0], [100.0, 60.0, 100.0])
    """

    word, example = "adaptive", "adaptive:5:50"
    draws = 2

    k_min: int
    k_max: int
    least: float = 10.0

    def __post_init__(self) -> None:
        whole("AdaptiveDonut", "k_min", self.k_min, 1)
        whole("AdaptiveDonut", "k_max", self.k_max, 1)
        ordered("AdaptiveDonut", "k_min", self.k_min, "k_max", self.k_max)
        in_range("AdaptiveDonut", "least", self.least, 0, FARTHEST, open_low=True)

    def on(self, base: AddressBase) -> PlacedDonut:
        people = people_at(base)
        if people.sum() < self.k_max:
            needed = f"at least k_max={self.k_max} people around"
            do = "Take more addresses, or a smaller k_max."
            raise ParameterError.of("AdaptiveDonut", needed, f"{people.sum():.0f} in all", do)
        low, high = radii_of(base, (self.k_min, self.k_max))
        return PlacedDonut(places=base.xy, r_min=low, r_max=np.maximum(high, low + self.least))


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedDonut(OverPlaces):
    """A donut with radii of its own, in metres, at each of m addresses.

    `order` is the `z_order` of the places, where several donuts share it.
    """

    draws = 2

    places: np.ndarray
    r_min: np.ndarray
    r_max: np.ndarray
    order: np.ndarray | None = None

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        home = self._tree.query(points)[1]
        low, high = self.r_min[home], self.r_max[home]
        distance = np.sqrt(low**2 + uniform[0] * (high**2 - low**2))
        return displaced(points, distance, uniform[1])

    @cached_property
    def _by_reach(self) -> ReachClasses:
        # Trees of places in this order are built three times as fast.
        order = z_order(self.places) if self.order is None else self.order
        return reach_classes(self.places[order], self.r_max[order])

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return a bound on how far the home of each dot may be: twice too far at most."""
        return farthest_reach(self._by_reach, dots, ROUNDING_METRES, np.zeros(len(dots)))

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the density of each place's own ring at the pair's distance."""
        density = np.zeros(len(pairs.place))
        inside = np.flatnonzero(pairs.distance <= self.r_max[pairs.place] + rounding)
        inside = inside[pairs.distance[inside] >= self.r_min[pairs.place[inside]] - rounding]
        place = pairs.place[inside]
        density[inside] = 1 / (math.pi * (self.r_max[place] ** 2 - self.r_min[place] ** 2))
        return density


# Largest reach of some points, and a tree of these.
ReachClasses = list[tuple[float, cKDTree]]


def reach_classes(points: np.ndarray, reach: np.ndarray) -> ReachClasses:
    """Divide points into classes whose reaches, in metres, differ by less than twice."""
    code = np.floor(np.log2(np.maximum(reach, ROUNDING_METRES))).astype(int)
    # Few questions are asked of each tree: one that is built fast serves best.
    return [
        (
            float(reach[code == c].max()),
            cKDTree(points[code == c], leafsize=32, compact_nodes=False, balanced_tree=False),
        )
        for c in np.unique(code)
    ]


def farthest_reach(
    classes: ReachClasses, dots: np.ndarray, margin: float, least: np.ndarray, *, inner: bool = True
) -> np.ndarray:
    """Return the largest reach, and a margin, of the points that may show each dot.

    - `least` (float, shape (n,)): Reach of a dot that no point shows.
    - `inner`: Whether a point shows dots anywhere within its reach, not at itself alone.
    """
    reach = least.copy()
    for widest, tree in classes:
        bound = margin + (widest if inner else 0.0)
        # The tree's own bound is exclusive: a dot may stand on the circle.
        near = np.isfinite(tree.query(dots, distance_upper_bound=np.nextafter(bound, np.inf))[0])
        reach[near] = np.maximum(reach[near], margin + widest)
    return reach


# By address base and numbers: the positions and people asked of, and the radii.
_Radii = dict[tuple[int, ...], tuple[np.ndarray, np.ndarray, list[np.ndarray]]]
_RADII: WeakKeyDictionary[AddressBase, _Radii] = WeakKeyDictionary()


def radii_of(base: AddressBase, wanted: tuple[int, ...]) -> list[np.ndarray]:
    """Return the radii of `radius_holding` around every address, computed once for each base."""
    places, people = base.xy, people_at(base)
    known = _RADII.setdefault(base, {})
    before = known.get(wanted)
    # The frame of a base may have been changed in the meantime.
    same = before is not None and np.array_equal(before[0], places)
    if before is None or not (same and np.array_equal(before[1], people)):
        before = known[wanted] = places, people, radius_holding(places, people, wanted)
        for radius in before[2]:
            radius.setflags(write=False)
    return before[2]


def radius_holding(
    places: np.ndarray, people: np.ndarray, wanted: tuple[int, ...]
) -> list[np.ndarray]:
    """Return, for each number wanted, the distance from each place that holds as many people.

    - `places` (float, shape (m, 2))
    - `people` (float, shape (m,)): Must hold the largest number wanted in all.
    - returns (each float, shape (m,)): Metres; the place's own people count.
    """
    ground = place_tree(places)
    tree, people_there = ground.tree, people[ground.order]
    radii = [np.zeros(len(places)) for _ in wanted]
    if (people == people[:1]).all():
        # Who is the last that is needed does not depend on the place: no other is asked for.
        running = np.cumsum(people)
        ranks = [int((running >= number).argmax()) + 1 for number in wanted]
        needed, column = np.unique(ranks, return_inverse=True)
        for rows in np.array_split(ground.order, len(places) * len(needed) // AT_ONCE + 1):
            distance, _ = tree.query(places[rows], k=needed)
            for radius, at in zip(radii, column, strict=True):
                radius[rows] = distance[:, at]
        return radii
    # As many neighbours as hold the people wanted where they live as densely as on average.
    usual = int(1.2 * max(wanted) * len(places) / people.sum()) + 1
    todo, k = ground.order, min(max(16, usual), len(places))
    while len(todo):
        left = []
        for rows in np.array_split(todo, len(todo) * k // AT_ONCE + 1):
            distance, near = tree.query(places[rows], k=np.arange(1, k + 1))
            running = np.cumsum(people_there[near], axis=1)
            done = running[:, -1] >= max(wanted)
            left.append(rows[~done])
            for radius, number in zip(radii, wanted, strict=True):
                first = (running[done] >= number).argmax(axis=1)
                radius[rows[done]] = distance[done, first]
        todo, k = np.concatenate(left), min(k + k // 2, len(places))
    return radii


@keyword_only
@dataclass(frozen=True, kw_only=True)
class NRand(Mask):
    """Draw `n` uniform places within a radius, and move each dot to the farthest of them.

    The farthest of n has the distribution (d / `radius`)**(2 n): an order statistic. With 1 it is
    a `Disk`; the more places, the closer dots lie to the edge.

    Parameters
    ----------
    radius : float
        Farthest move, in metres, above 0.
    n : int
        Places that are drawn, 1 or more.

    References
    ----------
    Wightman, Coronell, Jabba, Jimeno and Labrador (2011), N-Rand.

    Examples
    --------
    >>> NRand(radius=200, n=4).distance(np.array([0.5**8, 1.0])).tolist()
    [100.0, 200.0]
    """

    word, example = "nrand", "nrand:200:4"

    radius: float
    n: int = 4

    def __post_init__(self) -> None:
        in_range("NRand", "radius", self.radius, 0, FARTHEST, open_low=True)
        whole("NRand", "n", self.n, 1)

    @property
    def reach(self) -> float:
        return float(self.radius)

    def distance(self, share: np.ndarray) -> np.ndarray:
        return np.asarray(self.radius * np.asarray(share) ** (0.5 / self.n))

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.asarray(distance, float)
        inside = np.minimum(d / self.radius, 1.0) ** (2 * self.n - 2)
        return np.where(d <= self.radius, self.n * inside / (math.pi * self.radius**2), 0.0)
