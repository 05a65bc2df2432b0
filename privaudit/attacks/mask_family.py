"""The masks that dots of unknown origin are tried against, each with its prior and its likelihood.

The prior: each kind weighs what `KINDS` says, its sizes alike by their logarithm, 10 m to 1 km,
half of it on round sizes. Laws that fall off smoothly weigh more than those that end at an edge:
few dots do not tell them apart, and a set that ends at an edge misses the homes beyond it. A share
of the dots may have been left in place (`moved_alike`), moves may be longer along one line or start
from a shift (`frames`). A dot that stands on an address was left there as probably as it was
swapped there. Dots on a lattice were snapped to it 19 times in 20, else moved before; they show the
middle of cells, with 1 in 100 for each of the corners. One shift of all dots has 1 in 10 against
one kind of mask, spread over 1 km.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import logsumexp

from privaudit.attacks.averaged_mask import STILL, STRAY, Believed, Frame, box_area, distances
from privaudit.attacks.frames import SHIFT_REACH, SHIFTED, exact_shift, frames_of
from privaudit.attacks.moved_alike import (
    LEFT_WITHIN,
    family,
    fine_edges,
    framed,
    free_form,
    laws_of,
    left_columns,
    named_laws,
)
from privaudit.attacks.placed_dots import PlacedCells, PlacedLeft
from privaudit.measures.maps.distance_profile import (
    NEAREST,
    density_table,
    profile_around,
    ring_edges,
)
from privaudit.measures.maps.lattice import Lattice, lattice_of
from privaudit.measures.maps.neighbours import pairs_within
from privaudit.measures.tables.compressed_rows import row_of, row_sum
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import (
    AdaptiveDonut,
    Exact,
    GridSnap,
    HexSnap,
    LocationSwap,
    Mask,
    Quadtree,
    Voronoi,
)
from privaudit.release.masks.adaptive import PlacedDonut, radius_holding
from privaudit.release.masks.snapping import people_at

__all__ = ["Dots", "Tried", "log_likelihoods", "tried_masks"]

SWAPPED, MOVED_FIRST, CORNER = 0.5, 0.05, 0.01
SWAPS = ((0, 50), (0, 100), (0, 200), (50, 200), (0, 500), (100, 500))
LOWS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
HIGHS = (5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)
QUADTREES = (2, 3, 5, 8, 11, 15, 20, 30, 50)
# Metres out to which moves are looked at.
FARTHEST = 4_000.0
# What a kind weighs beforehand, where not as much as any other.
KINDS = {
    "exact": 1.0, "gaussian": 2.0, "laplace": 2.0, "heavy": 2.0, "disk": 0.5, "donut": 0.5,
    "donut_radius": 0.3, "bimodal": 0.2, "adaptive": 0.5, "partly_left": 0.5, "free": 2.0,
    "stretched": 1.0, "shifted": 1.0,
}  # fmt: skip
# What dots say counts half: the mask may be none of the family, and all dots are of one town.
POWER = 0.5
# Dots that are looked at first, where there are many.
SCREENED = 60
# Share of dots that stand where a mask with few outputs may put them, or it is left out.
IMAGED = 0.9
# Moves shorter than so many steps of a lattice are not told from the step.
_STEP = 0.6


@dataclass(frozen=True, eq=False)
class Dots:
    """The dots that are looked at, the addresses, their prior, and how far dots were misread."""

    points: np.ndarray
    base: AddressBase
    prior: np.ndarray
    resolution: float

    @property
    def tolerance(self) -> float:
        """Metres that a dot may stand off a point that it is meant to be on."""
        return max(0.5, 3 * self.resolution)

    @cached_property
    def places(self) -> np.ndarray:
        """Positions of the addresses, float (m, 2)."""
        return self.base.xy

    @cached_property
    def edges(self) -> np.ndarray:
        """Radii of rings, out to where the farthest move may end."""
        across = float(np.hypot(*np.ptp(np.vstack([self.points, self.places]), axis=0)))
        return fine_edges(min(FARTHEST, across) + NEAREST, self.resolution)

    @cached_property
    def tree(self) -> cKDTree:
        return cKDTree(self.places)

    def landing(self, part: Believed) -> np.ndarray:
        """Return the density of each dot under a mask that is placed over the addresses."""
        assert part.placed is not None
        found = np.zeros(len(self.points))
        reach = float(part.placed.reach_of(self.points).max(initial=0))
        for rows, pairs in pairs_within(self.points, self.tree, reach):
            told = part.placed.likelihood(self.points[rows], pairs)
            found[rows] = part.unit * row_sum(pairs.indptr, self.prior[pairs.place] * told)
        return found

    @cached_property
    def on_addresses(self) -> bool:
        """Whether nineteen dots in twenty stand within 5 m of an address."""
        return bool((self.tree.query(self.points)[0] <= NEAREST).mean() >= 0.95)


@dataclass(frozen=True, eq=False)
class Tried:
    """A mask, and the logarithms of its prior and of the likelihood of all dots under it."""

    part: Believed
    prior: float
    likelihood: float

    @property
    def score(self) -> float:
        """The logarithm of how far it is believed, up to what all have in common."""
        return self.prior + POWER * self.likelihood


def log_likelihoods(
    points: np.ndarray,
    places: np.ndarray,
    prior: np.ndarray,
    masks: Sequence[Mask],
    resolution: float = 0.0,
) -> np.ndarray:
    """Return the log-likelihood of each dot under each mask, float (masks, n).

    The likelihood of a dot is the density of landing there from an address drawn from the prior,
    mixed with a share `STRAY` of dots spread evenly over the box of the addresses.

    - `points` (float, shape (n, 2)), `places` (float, shape (m, 2))
    - `prior` (float, shape (m,)): Sums to 1.
    - `resolution`: Standard deviation, in metres, with which each coordinate was read.
    """
    across = float(np.hypot(*np.ptp(np.vstack([points, places]), axis=0)))
    farthest = max(float(mask.distance(np.array([0.999]))[0]) for mask in masks)
    edges = ring_edges(min(farthest + 4 * resolution, FARTHEST, across) + NEAREST)
    rings = profile_around(points, places, prior, edges)
    landing = rings @ density_table([mask.density for mask in masks], edges, resolution)
    return _logged(landing, places).T


def tried_masks(dots: Dots, *, swapped: bool) -> list[Tried]:
    """Return every mask that is tried. Without `swapped` no dot was, it is known."""
    lattice = None if dots.on_addresses else lattice_of(dots.points, dots.tolerance)
    found = [*_left(dots), *_moves(dots, lattice)]
    if lattice is None:
        found += _adaptive(dots)
    else:
        found += _cells(dots, lattice)
    if dots.resolution <= 0:
        found += _images(dots, lattice)
    return _or_swapped(found) if swapped else found


def _or_swapped(tried: list[Tried]) -> list[Tried]:
    """Add dots that were swapped among addresses, as likely as if they had been left there.

    No position tells a dot that was swapped from one that was not, however many of the others
    stand on no address.
    """
    found = []
    for frame in dict.fromkeys(one.part.frame for one in tried if one.part.kind == "exact"):
        left = [one for one in tried if one.part.kind == "exact" and one.part.frame == frame]
        total = float(logsumexp([one.score for one in left])) / POWER
        for low, high in SWAPS:
            swap = Believed("swap", LocationSwap(low=low, high=high), 0.0, frame=frame)
            found.append(Tried(swap, math.log(SWAPPED / len(SWAPS)), total))
    for one in tried:
        less = math.log(1 - SWAPPED) if one.part.kind == "exact" else 0.0
        found.append(Tried(one.part, one.prior + less, one.likelihood))
    return found


def _logged(landing: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.asarray(np.log((1 - STRAY) * landing + STRAY / box_area(places)))


def _scored(dots: Dots, part: Believed, prior: float, landing: np.ndarray | None = None) -> Tried:
    landing = dots.landing(part) if landing is None else landing
    return Tried(part, math.log(prior), float(_logged(landing, dots.places).sum()))


def _left(dots: Dots) -> list[Tried]:
    """Try dots left on their addresses, as they are or all shifted alike."""
    if dots.resolution > 0:
        masks = [Exact(rounding=NEAREST)]
        each = log_likelihoods(dots.points, dots.places, dots.prior, masks, dots.resolution)
        return [Tried(Believed("exact", Exact(), 0.0), 0.0, float(each.sum()))]
    shift, frames = exact_shift(dots.points, dots.tree), [(STILL, 1.0)]
    if shift is not None:
        frames.append((Frame(shift), SHIFTED * (NEAREST / SHIFT_REACH) ** 2))
    found = []
    for frame, prior in frames:
        for within in LEFT_WITHIN:
            placed = PlacedLeft(places=dots.places, shift=frame.shift, within=within)
            own = Believed("exact", Exact(), 0.0, placed, frame=frame)
            found.append(_scored(dots, own, prior / len(LEFT_WITHIN)))
    return found


def _moves(dots: Dots, lattice: Lattice | None) -> list[Tried]:
    """Try the laws that move every dot alike; onto a lattice, if they end on one."""
    edges, even = dots.edges, STRAY / box_area(dots.places)
    named = named_laws(family(), edges, dots.resolution)
    left = left_columns(edges, dots.resolution)
    rings = profile_around(dots.points, dots.places, dots.prior, edges)
    laws = [*laws_of(rings, named, edges, left, even), free_form(rings, edges, left, even)]
    prior, least = 0.0, 0.0
    if lattice is not None:
        kinds = len({law.kind for law in laws})
        prior, least = math.log(MOVED_FIRST / kinds), _STEP * lattice.area**0.5
    found = [(STILL, law) for law in laws]
    plain = lattice is None and not dots.on_addresses
    for frame, share in frames_of(dots.points, dots.places, dots.prior, even) if plain else ():
        plane = frame.dots(dots.points), frame.places(dots.places)
        rings = profile_around(*plane, dots.prior, edges)
        found += [(frame, law) for law in framed(rings, named, share, even)]
    return [
        Tried(
            Believed(law.kind, law.mask, 0.0, frame=frame, density=law.density),
            prior + law.prior + math.log(KINDS[law.kind]),
            law.likelihood,
        )
        for frame, law in found
        if not least or float(distances(law.density, edges, np.array([0.5]))[0]) >= least
    ]


def _adaptive(dots: Dots) -> list[Tried]:
    """Try donuts that follow the density around each address."""
    people = people_at(dots.base)
    most = [k for k in HIGHS if k <= people.sum()]
    combos = [(low, high) for low in LOWS for high in most if low < high]
    if not combos:
        return []
    numbers = tuple(sorted({k for pair in combos for k in pair}))
    radii = dict(zip(numbers, radius_holding(dots.places, people, numbers), strict=True))
    rings = [
        PlacedDonut(
            places=dots.places,
            low=radii[low],
            high=np.maximum(radii[high], radii[low] + AdaptiveDonut.least),
        )
        for low, high in combos
    ]
    # Of many dots, those first that tell which are worth a look at all.
    some = slice(None, None, -(-len(dots.points) // SCREENED))
    even = STRAY / box_area(dots.places)
    first = np.log((1 - STRAY) * _around(dots, dots.points[some], rings) + even).sum(axis=0)
    kept = np.flatnonzero(first > first.max() - 10.0)
    landing = _around(dots, dots.points, [rings[k] for k in kept])
    found = []
    for k, each in zip(kept, landing.T, strict=True):
        low, high = combos[k]
        part = Believed("adaptive", AdaptiveDonut(k_low=low, k_high=high), 0.0, rings[k])
        found.append(_scored(dots, part, KINDS["adaptive"] / len(combos), each))
    return found


def _around(dots: Dots, points: np.ndarray, rings: list[PlacedDonut]) -> np.ndarray:
    """Return the density of each point under rings of the addresses' own, float (n, rings)."""
    landing = np.zeros((len(points), len(rings)))
    farthest = np.max([ring.high for ring in rings], axis=0)
    for rows, pairs in pairs_within(points, dots.tree, float(farthest.max())):
        near = np.flatnonzero(pairs.distance <= farthest[pairs.place])
        row, place, apart = row_of(pairs.indptr)[near], pairs.place[near], pairs.distance[near]
        n = rows.stop - rows.start
        for k, ring in enumerate(rings):
            weight = dots.prior / (math.pi * (ring.high**2 - ring.low**2))
            inside = np.flatnonzero((apart >= ring.low[place]) & (apart <= ring.high[place]))
            landing[rows, k] = np.bincount(row[inside], weight[place[inside]], minlength=n)
    return landing


def _cells(dots: Dots, lattice: Lattice) -> list[Tried]:
    """Try the cells of a lattice, shown by their middle or by a corner."""
    kind, mask = _named(lattice)
    allowed = max(dots.tolerance, 0.02 * lattice.area**0.5)
    found = []
    for i, j in ((0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)):
        placed = PlacedCells(
            places=dots.places,
            lattice=lattice,
            allowed=allowed,
            corner=np.array([i, j]) @ lattice.basis / 2,
        )
        part = Believed(kind, mask, 0.0, placed, unit=1 / lattice.area)
        found.append(_scored(dots, part, CORNER if i else 1 - 4 * CORNER - MOVED_FIRST))
    return found


def _named(lattice: Lattice) -> tuple[str, Mask]:
    """Return the mask that such cells are of, in words; its origin may be another."""
    a, b = lattice.basis
    length = np.hypot(*lattice.basis.T)
    slant = abs(float(a @ b)) / float(length.prod())
    if abs(slant - 0.5) < 0.05 and abs(length[0] / length[1] - 1) < 0.05:
        return "hex", HexSnap(size=float(round(length.mean(), 1)))
    return "grid", GridSnap(size=float(round(lattice.area**0.5, 1)))


def _images(dots: Dots, lattice: Lattice | None) -> list[Tried]:
    """Try masks that give every address one place, where the dots are such places."""
    masks: list[Mask] = [Voronoi()]
    shared = len(np.unique(dots.points, axis=0)) < len(dots.points)
    if lattice is not None or shared:
        masks += [Quadtree(k=k) for k in QUADTREES]
    found = []
    exactly = 1 / (math.pi * dots.tolerance**2)
    for mask in masks:
        placed = mask.on(dots.base)
        part = Believed(mask.word, mask, 0.0, placed, unit=exactly)
        landing = dots.landing(part)
        if (landing > 0).mean() >= IMAGED:
            of = len(QUADTREES) if isinstance(mask, Quadtree) else 1
            found.append(_scored(dots, part, 1 / of, landing))
    return found
