"""Candidate masks of dots of unknown origin, each with its prior and its likelihood.

Each kind of mask has the same prior, its sizes a log-uniform one from 10 m to 1 km, half of it on
round sizes. A share of the dots may be left in place, and moves may be longer along one line or
start from a common shift (`radial_models`). A dot on an address was left there as probably as it
was swapped there. Dots on a lattice were snapped to it; with probability 1/20 to a cell that was
drawn, and with 1/33 they were moved before. They show the centres of cells, with probability 1/100
each corner. A common shift has odds of 1/10 against one kind of mask, uniform over 1 km.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import logsumexp

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES, Pairs, pairs_within, z_order
from privaudit.maps.lattice import Lattice, PlacedCells, PlacedDraws, PlacedLeft, lattice_of
from privaudit.maps.masks.areal_elimination import ArealElimination, areas_over
from privaudit.maps.masks.contained import Contained, Nearby, PlacedRedrawn, VerifiedDonut
from privaudit.maps.masks.donut import AdaptiveDonut, Disk, Donut, PlacedDonut, radii_of
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.mask import ROUNDING_METRES, Exact, Mask
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.masks.snapping import GridSnap, HexSnap, Quadtree, people_at
from privaudit.maps.masks.voronoi import Voronoi
from privaudit.maps.model_averaging import (
    NEAREST,
    STILL,
    STRAY,
    Frame,
    WeightedMask,
    box_area,
    density_table,
    distances,
    profile_around,
    ring_edges,
    ring_of,
)
from privaudit.maps.radial_models import (
    LEFT_WITHIN,
    SHIFT_REACH,
    SHIFTED,
    exact_shift,
    family,
    fine_edges,
    framed,
    frames_of,
    free_form,
    laws_of,
    left_columns,
    named_laws,
    with_left,
)
from privaudit.maps.street_models import (
    PlacedAlong,
    PlacedOffsets,
    Streets,
    along_streets,
    centre_frames,
    fixed_offsets,
    images_of,
    lattice_frames,
    streets_of,
)
from privaudit.stats.csr import row_of, row_sum

# Metres out to which moves are looked at, at most and at least.
FARTHEST, _ACROSS = 4_000.0, 30.0
# What dots say counts half: the mask may be none of the family, and all dots are of one town.
POWER = 0.5


@dataclass(frozen=True, eq=False)
class MaskEvidence:
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
        # One dot on one address is no reason to look at no move at all.
        across = max(across, _ACROSS)
        return fine_edges(min(FARTHEST, across) + NEAREST, self.resolution)

    @cached_property
    def tree(self) -> cKDTree:
        return cKDTree(self.places)

    @cached_property
    def streets(self) -> Streets:
        """The street of each address."""
        return streets_of(self.base)

    def landing(self, part: WeightedMask) -> np.ndarray:
        """Return the density of each dot under a mask that is placed over the addresses."""
        assert part.placed is not None
        result = np.zeros(len(self.points))
        reach = float(part.placed.reach_of(self.points).max(initial=0))
        for rows, pairs in pairs_within(self.points, self.tree, reach):
            likelihood = part.placed.likelihood(self.points[rows], pairs)
            result[rows] = part.unit * row_sum(pairs.indptr, self.prior[pairs.place] * likelihood)
        return result

    @cached_property
    def _on_address(self) -> np.ndarray:
        """Whether each dot stands within 5 m of an address."""
        near: np.ndarray = self.tree.query(self.points)[0] <= NEAREST
        return near

    @property
    def on_addresses(self) -> bool:
        """Whether nineteen dots in twenty stand within 5 m of an address."""
        return bool(self._on_address.mean() >= 0.95)

    @property
    def all_on_addresses(self) -> bool:
        """Whether every dot stands within 5 m of an address."""
        return bool(self._on_address.all())


@dataclass(frozen=True, eq=False)
class CandidateMask:
    """A mask, and the logarithms of its prior and of the likelihood of all dots under it."""

    part: WeightedMask
    prior: float
    likelihood: float

    @property
    def score(self) -> float:
        """The logarithm of its posterior weight, up to a constant that all share."""
        return self.prior + POWER * self.likelihood


def logged(landing: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the logarithm of densities of dots, a share of which are strays."""
    return np.asarray(np.log((1 - STRAY) * landing + STRAY / box_area(places)))


def scored(
    dots: MaskEvidence, part: WeightedMask, prior: float, landing: np.ndarray | None = None
) -> CandidateMask:
    """Try a mask that is placed over the addresses; `prior` is its prior probability."""
    landing = dots.landing(part) if landing is None else landing
    return CandidateMask(part, math.log(prior), float(logged(landing, dots.places).sum()))


# Metres within which three points in four of one geocoder, or file, lie of another's: dots so near
# to addresses may have been swapped among those of another file.
GEOCODED = 25.0
SWAPPED, MOVED_FIRST, CORNER, DRAWN = 0.5, 0.03, 0.01, 0.05
# Of cells that are drawn: by what part of a step farther one is e times less likely.
FALLS = (0.15, 0.2, 0.3, 0.45)
SWAPS = ((0, 50), (0, 100), (0, 200), (50, 200), (0, 500), (100, 500))
LOWS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
HIGHS = (5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)
QUADTREES = (2, 3, 5, 8, 11, 15, 20, 30, 50)
# Of what a kind weighs: moves from the centre of a street, along it, by a few offsets, and from the
# middle of a cell.
CENTRED, ALONG, OFFSETS, MOVED_AFTER = 0.5, 0.5, 0.5, 0.05
# Dots that are looked at first, where there are many.
SCREENED = 60
# Moves that are drawn again: what each of the two kinds weighs; areas that a dot may have to stay
# in, sides of squares, and numbers of addresses that must be as near; laws of the moves, and rings.
REDRAWN, AREAS, SQUARES = 0.25, ("street", "station", "commune"), (50, 100, 200, 500)
VERIFIED = (1, 2, 4, 7, 10, 18, 30)
REDRAWN_KINDS, RINGS = ("disk", "donut", "gaussian", "laplace"), (Disk, Donut)
# Laws whose usual move is so many times that of the likeliest: what is drawn again is cut short, or
# moved on.
NEARER, FARTHER = 0.6, 2.5
# Distances and directions at which acceptance is counted: a twentieth of it is the usual error. At
# so many addresses where it is smooth; areas with a name are left out where addresses are more.
AT_FIRST, AT_DISTANCES, DIRECTIONS, STARTS, MOST_LABELLED = 5.0, 12, 12, 250, 4_000
# As little of the moves from an address may end nearest to it.
SELDOM = 0.005
# Shares of moves that are accepted: from here on all are taken for accepted; under this, the
# estimate is too rough and this is taken; under this, none is.
ALWAYS, RARE, NEVER = 0.97, 0.1, 0.02
# Laws of a kind looked at closer; by how many nats a dot, of the dots looked at first, one may be
# behind.
CLOSER, BEHIND = 4, 0.1
# Merged squares: what they weigh, their sides, and people in an area.
AREAL, MERGED, MERGED_FOR = 0.25, (50, 100, 200), (4, 10, 20, 40)
# Share of dots that stand where a mask with few outputs may put them, or it is left out.
IMAGED = 0.9
# Moves shorter than so many steps of a lattice cannot be distinguished from the step.
_STEP = 0.6


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
    return logged(landing, places).T


def candidate_masks(dots: MaskEvidence, *, swapped: bool) -> list[CandidateMask]:
    """Return every mask that is tried; with `swapped`, also those that swap dots."""
    lattice = None if dots.on_addresses else lattice_of(dots.points, dots.tolerance)
    tried = [*_left(dots), *_moves(dots, lattice)]
    if lattice is None:
        if dots.resolution <= 0 and not dots.on_addresses:
            tried += [*_redrawn(dots, tried), *_own(dots, tried), *_areas(dots)]
        tried += _adaptive(dots)
    else:
        tried += _cells(dots, lattice)
    if dots.resolution <= 0:
        tried += _images(dots, lattice)
    if dots.resolution <= 0 and lattice is None and not dots.on_addresses:
        tried += _streets(dots)
    return _or_swapped(tried, dots.edges) if swapped else tried


def _or_swapped(tried: list[CandidateMask], edges: np.ndarray) -> list[CandidateMask]:
    """Add dots that were swapped among addresses, as likely as if they had been left there.

    No position tells a dot that was swapped from one that was not, however many of the others
    stand on no address. Dots that lie no farther off than another geocoder or address file puts
    them (`GEOCODED`) were left or swapped as well.
    """
    result = []
    moved = [one for one in tried if one.part.kind != "exact"]
    near = list(itertools.compress(moved, are_near([one.part for one in moved], edges)))
    for frame in dict.fromkeys(one.part.frame for one in tried if one.part.kind == "exact"):
        left = [one for one in tried if one.part.kind == "exact" and one.part.frame == frame]
        left += near if frame == STILL else []
        total = float(logsumexp([one.score for one in left])) / POWER
        for low, high in SWAPS:
            swap = WeightedMask("swap", LocationSwap(r_min=low, r_max=high), 0.0, frame=frame)
            result.append(CandidateMask(swap, math.log(SWAPPED / len(SWAPS)), total))
    beside = {id(one) for one in near}
    for one in tried:
        twin = one.part.kind == "exact" or id(one) in beside
        less = math.log(1 - SWAPPED) if twin else 0.0
        result.append(CandidateMask(one.part, one.prior + less, one.likelihood))
    return result


def are_near(parts: list[WeightedMask], edges: np.ndarray) -> list[bool]:
    """Return of which masks three dots in four lie within `GEOCODED` metres of their home."""
    share = 0.75

    def far(part: WeightedMask) -> float:
        placed = part.placed
        if isinstance(placed, PlacedOwn):
            return placed.cells.farthest(placed.mass, share)
        if isinstance(placed, PlacedRedrawn):
            return float(placed.mask.distance(np.array([share]))[0])
        if isinstance(placed, PlacedAlong):
            return share * placed.law.length
        if isinstance(placed, PlacedOffsets):
            return placed.reach
        return math.sqrt(placed.lattice.area) if isinstance(placed, PlacedCells) else math.inf

    near = np.array([one.density is None and far(one) <= GEOCODED for one in parts])
    still = [
        k for k, one in enumerate(parts)
        if one.density is not None and one.frame.image is None and one.frame.shift == STILL.shift
    ]  # fmt: skip
    if still:
        # All laws by one table: there are ten thousand.
        area = np.diff(edges**2)
        inside = area * np.clip((GEOCODED**2 - edges[:-1] ** 2) / area, 0, 1)
        moves = np.array([parts[k].density for k in still]) @ np.column_stack([inside, area])
        near[still] = (moves[:, 0] >= share * moves[:, 1]) & (moves[:, 1] > 0)
    return [bool(one) for one in near]


def _left(dots: MaskEvidence) -> list[CandidateMask]:
    """Try dots left on their addresses, as they are or all shifted alike."""
    if dots.resolution > 0:
        masks = [Exact(rounding=NEAREST)]
        each = log_likelihoods(dots.points, dots.places, dots.prior, masks, dots.resolution)
        return [CandidateMask(WeightedMask("exact", Exact(), 0.0), 0.0, float(each.sum()))]
    shift, frames = exact_shift(dots.points, dots.tree), [(STILL, 1.0)]
    if shift is not None:
        frames.append((Frame(shift), SHIFTED * (NEAREST / SHIFT_REACH) ** 2))
    tried = []
    for frame, prior in frames:
        for within in LEFT_WITHIN:
            placed = PlacedLeft(places=dots.places, shift=frame.shift, within=within)
            own = WeightedMask("exact", Exact(), 0.0, placed, frame=frame)
            tried.append(scored(dots, own, prior / len(LEFT_WITHIN)))
    return tried


def _moves(dots: MaskEvidence, lattice: Lattice | None) -> list[CandidateMask]:
    """Try the laws that move every dot alike; onto a lattice, if they end on one."""
    edges, even = dots.edges, STRAY / box_area(dots.places)
    # Dots that end on a lattice were moved to somewhere in a cell: a law is worth its mean over
    # it, about. One narrower than cells, read at their middles, would fit a few of them too well.
    cell = 0.0 if lattice is None else math.sqrt(lattice.area / 12)
    named = named_laws(family(), edges, math.hypot(dots.resolution, cell))
    left = left_columns(edges, math.hypot(dots.resolution, cell))
    rings = profile_around(dots.points, dots.places, dots.prior, edges)
    laws = laws_of(rings, named, edges, left, even)
    if lattice is None:
        laws += free_form(rings, edges, left, even, POWER)
    prior, least = 0.0, 0.0
    if lattice is not None:
        kinds = len({law.kind for law in laws})
        prior, least = math.log(MOVED_FIRST / kinds), _STEP * lattice.area**0.5
    laws_in_frames = [(STILL, law) for law in laws]
    plain = lattice is None and not dots.on_addresses
    for frame, share in frames_of(dots.points, dots.places, dots.prior, even) if plain else ():
        plane = frame.dots(dots.points), frame.places(dots.places)
        rings = profile_around(*plane, dots.prior, edges)
        laws_in_frames += [(frame, law) for law in framed(rings, named, share, even)]
    centred = with_left(named, left)
    for frame, share in _centres(dots) if plain else ():
        rings = profile_around(dots.points, *images_of(frame, dots.prior), edges)
        # Dots at the very middle of cells are of a lattice that they show (`_cells`), not of any of
        # those whose period divides their few gaps.
        moved = named if share[0] == "cells_moved" else centred
        laws_in_frames += [(frame, law) for law in framed(rings, moved, share, even)]
    return [
        CandidateMask(
            WeightedMask(law.kind, law.mask, 0.0, frame=frame, density=law.density),
            prior + law.prior,
            law.likelihood,
        )
        for frame, law in laws_in_frames
        if not least or float(distances(law.density, edges, 0.5)) >= least
    ]


def _centres(dots: MaskEvidence) -> list[tuple[Frame, tuple[str, float]]]:
    """Return planes whose moves start at the centre of a street, or of a cell of a lattice."""
    streets = [
        (frame, ("street", CENTRED / 2)) for frame in centre_frames(dots.streets, dots.places)
    ]
    cells = lattice_frames(dots.points, dots.places)
    return streets + [(frame, ("cells_moved", MOVED_AFTER)) for frame in cells]


def _streets(dots: MaskEvidence) -> list[CandidateMask]:
    """Try moves along the streets, and a few offsets."""
    even = STRAY / box_area(dots.places)
    along = along_streets(dots.points, dots.places, dots.prior, dots.streets, even)
    offsets = fixed_offsets(dots.points, dots.places, dots.prior)
    tried = []
    for kind, share, laws in (("along", ALONG, along), ("offsets", OFFSETS, offsets)):
        for mask, prior, landing in laws:
            part = WeightedMask(kind, None, 0.0, mask)
            likelihood = float(logged(landing, dots.places).sum())
            tried.append(CandidateMask(part, math.log(share) + prior, likelihood))
    return tried


def _redrawn(dots: MaskEvidence, moves: list[CandidateMask]) -> list[CandidateMask]:
    """Try moves that were drawn again until they stayed in an area, or near enough addresses.

    Acceptance is counted on a few distances and directions around each address, for all laws alike.
    """
    laws = _laws_near(moves)
    if not laws:
        return []
    table, at, mass = _at_distances(dots, laws)
    least = max(one.likelihood for one in moves) - BEHIND * len(dots.points)
    some = dots.points[:: -(-len(dots.points) // SCREENED)]
    pairs, starts = list(pairs_within(some, dots.tree, float(at[-1]))), _starts(dots.places)
    tried: list[CandidateMask] = []
    for kind, share, mask, over in _acceptances(dots, laws[0]):
        start, nearest = starts if kind == "verified" else (np.arange(len(dots.places)),) * 2
        accepted = over.share_at(start, at, DIRECTIONS)
        which = [k for k, law in enumerate(laws) if kind == "within" or isinstance(law, RINGS)]
        usual = np.bincount(nearest, minlength=len(start)) @ accepted / len(nearest)
        if not which or (usual @ mass[:, which]).mean() > ALWAYS:
            continue
        known = partial(_share_known, accepted[nearest], mass[:, which])
        if sum(len(at.place) for _, at in pairs) > len(start):
            # Fewer starts than pairs: each once.
            shares = _share_known(accepted, mass[:, which])
            known = partial(_of_places, shares, nearest)
        over_some = _where_accepted(dots, some, pairs, over, table[:, which], known)
        ahead = logged(over_some, dots.places).sum(axis=0) * (len(dots.points) / len(some))
        for k in np.argsort(-ahead, kind="stable")[:CLOSER].tolist():
            if ahead[k] < least:
                break
            law = laws[which[k]]
            share_of_law = _share_known(accepted, mass[:, which[k]])[nearest]
            placed = replace(over, mask=law, known=share_of_law)
            part = WeightedMask(kind, _with_law(mask, law), 0.0, placed)
            tried.append(scored(dots, part, share / len(which)))
    return tried


def _at_distances(
    dots: MaskEvidence, laws: list[Mask], first: float = AT_FIRST, many: int = AT_DISTANCES
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return densities by ring, and a few distances with how much of each law lies around them."""
    table = density_table([mask.density for mask in laws], dots.edges)
    far = max(float(mask.distance(np.array([0.99]))[0]) for mask in laws)
    at = np.geomspace(min(first, far), far, many)
    node = np.searchsorted(np.sqrt(at[1:] * at[:-1]), (dots.edges[1:] + dots.edges[:-1]) / 2)
    mass = np.zeros((len(at), len(laws)))
    np.add.at(mass, node, table * np.pi * np.diff(dots.edges**2)[:, None])
    return table, at, mass / mass.sum(axis=0)


def _own(dots: MaskEvidence, moves: list[CandidateMask]) -> list[CandidateMask]:
    """Try moves that were drawn again while another address was nearer to the dot than the home."""
    laws = _laws_near(moves)
    if not laws:
        return []
    # The next address may be a few metres off: what is accepted falls off from there.
    table, at, mass = _at_distances(dots, laws, 1.0, 2 * AT_DISTANCES)
    cells = OwnCells(tree=dots.tree, places=dots.places, distance=at)
    apart, nearest = dots.tree.query(dots.points)
    share = cells.share(nearest, mass)
    density = (
        dots.prior[nearest, None] * table[np.minimum(ring_of(apart, dots.edges), len(table) - 1)]
    )
    landing = np.divide(density, share, out=np.zeros_like(share), where=share > 0)
    ahead = logged(landing, dots.places).sum(axis=0)
    least = max(one.likelihood for one in moves) - BEHIND * len(dots.points)
    tried = []
    for k in np.argsort(-ahead, kind="stable")[:CLOSER].tolist():
        if ahead[k] >= least:
            placed = PlacedOwn(
                mask=laws[k], places=dots.places, tree=dots.tree, cells=cells, mass=mass[:, k]
            )
            part = WeightedMask("own", None, 0.0, placed)
            tried.append(scored(dots, part, REDRAWN / len(laws)))
    return tried


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnCells:
    """Share of the moves from each address that end where no other address is nearer.

    - `tree`, `places`: Of the addresses.
    - `distance`: Metres at which moves are looked at, in `DIRECTIONS` each.
    """

    tree: cKDTree
    places: np.ndarray
    distance: np.ndarray

    @cached_property
    def _known(self) -> np.ndarray:
        """Of each address that was asked for, float (m, distances); else nan."""
        return np.full((len(self.places), len(self.distance)), np.nan)

    def accepted(self, rows: np.ndarray) -> np.ndarray:
        """Return the share that is accepted at each distance, float (rows, distances)."""
        new = np.unique(rows[np.isnan(self._known[rows, 0])])
        if len(new):
            over = PlacedOwn(mask=Exact(), places=self.places, tree=self.tree, cells=self)
            self._known[new] = over.share_at(new, self.distance, DIRECTIONS)
        return np.asarray(self._known[rows])

    def share(self, rows: np.ndarray, mass: np.ndarray) -> np.ndarray:
        """Return the share of moves that are accepted, of as many as lie around each distance.

        What is accepted falls off with the distance, and is known well where it is little too.
        """
        share = self.accepted(rows) @ mass
        return np.where(share < SELDOM, 0.0, share)

    def farthest(self, mass: np.ndarray, share: float) -> float:
        """Return the distance that a share of the accepted moves stays within, of known places."""
        within = np.cumsum(np.nanmean(self._known, axis=0) * mass)
        return float(self.distance[np.searchsorted(within, share * within[-1])])


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedOwn(PlacedRedrawn):
    """Moves that are drawn again while another address is nearer to the dot than the home.

    - `mass`: Share of the moves around each distance of the cells.
    """

    cells: OwnCells
    mass: np.ndarray = field(default_factory=lambda: np.ones(1))

    most_draws = int(10 / SELDOM)

    def share_of(self, rows: np.ndarray) -> np.ndarray:
        return self.cells.share(rows, self.mass)

    def accepted(self, home: np.ndarray, end: np.ndarray) -> np.ndarray:
        nearest = self._tree.query(end)[0]
        return np.asarray(np.hypot(*(end - home).T) <= nearest + TIE_METRES)

    def possible(self, dots: np.ndarray, pairs: Pairs, rounding: float) -> np.ndarray:
        nearest = self._tree.query(dots)[0] + 2 * rounding + TIE_METRES
        return np.asarray(pairs.distance <= nearest[row_of(pairs.indptr)])


def _laws_near(moves: list[CandidateMask]) -> list[Mask]:
    """Return the masks of round sizes that move about as far as the likeliest."""
    named = [
        one
        for one in moves
        if one.part.kind in REDRAWN_KINDS and one.part.mask is not None and one.part.frame == STILL
    ]
    if not named:
        return []
    best = max(named, key=lambda one: one.score).part.mask
    assert best is not None
    half = np.array([0.5])
    usual = float(best.distance(half)[0])
    return [
        mask
        for kind, mask in family()
        if kind in REDRAWN_KINDS
        and NEARER * usual <= float(mask.distance(half)[0]) <= FARTHER * usual
    ]


def _acceptances(
    dots: MaskEvidence, law: Mask
) -> Iterator[tuple[str, float, Contained | VerifiedDonut, PlacedRedrawn]]:
    """Yield what moves may have been drawn again for: kind, weight, mask, over addresses."""
    few = len(dots.base) <= MOST_LABELLED
    areas = [area for area in AREAS if few and dots.base.frame[area].nunique() > 1]
    for area in (*areas, *map(str, SQUARES)):
        within = Contained(area=area, mask=law)
        placed = replace(within.on(dots.base), tree=dots.tree)
        yield "within", REDRAWN / (len(AREAS) + len(SQUARES)), within, placed
    numbers = tuple(k for k in VERIFIED if k < len(dots.base))
    nearby = Nearby(dots.tree, numbers)
    for k in numbers:
        verified = VerifiedDonut(r_min=0, r_max=1, k=k)
        over = replace(verified.on(dots.base), tree=dots.tree, nearby=nearby)
        yield "verified", REDRAWN / len(VERIFIED), verified, over


def _starts(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return addresses at which acceptance is counted, and the row of the one that each is near.

    How dense addresses are around an address changes little from one to the next.
    """
    start = np.arange(0, len(places), -(-len(places) // STARTS))
    return start, cKDTree(places[start]).query(places)[1]


def _share_known(
    accepted: np.ndarray, mass: np.ndarray, rows: slice | np.ndarray = slice(None)
) -> np.ndarray:
    """Return the share of moves that are accepted, as far as so few moves tell.

    - `accepted` (float, shape (starts, distances)): Of moves to each distance; of some `rows`.
    - `mass` (float, shape (distances,) or (distances, laws)): Share of the moves that end there.
    """
    share = np.asarray(accepted[rows] @ mass)
    never = share < NEVER
    np.maximum(share, RARE, out=share)
    share[never] = 0.0
    return share


def _of_places(share: np.ndarray, nearest: np.ndarray, place: np.ndarray) -> np.ndarray:
    return np.asarray(share[nearest[place]])


def _where_accepted(
    dots: MaskEvidence,
    points: np.ndarray,
    near: list[tuple[slice, Pairs]],
    placed: PlacedRedrawn,
    table: np.ndarray,
    known: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Return the density of each point under laws whose moves are accepted, float (n, laws).

    - `near`: The places near the points.
    - `table` (float, shape (rings, laws))
    - `known`: Of places, the share of the moves that are accepted, float (places, laws).
    """
    landing, table = np.zeros((len(points), table.shape[1])), np.ascontiguousarray(table)
    for rows, pairs in near:
        good = np.flatnonzero(placed.possible(points[rows], pairs, ROUNDING_METRES))
        ring = np.minimum(ring_of(pairs.distance[good], dots.edges), len(table) - 1)
        place, end = pairs.place[good], np.searchsorted(good, pairs.indptr).tolist()
        # Dot by dot: what is computed of the pairs of one stays near the processor.
        for k, own in enumerate(map(slice, end[:-1], end[1:]), rows.start):
            share = known(place[own])
            density = dots.prior[place[own], None] * table[ring[own]]
            density *= np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
            landing[k] = density.sum(axis=0)
    return landing


def _with_law(mask: Contained | VerifiedDonut, law: Mask) -> Mask:
    """Return the same mask for moves of another law."""
    if isinstance(mask, Contained):
        return replace(mask, mask=law)
    low = law.r_min if isinstance(law, Donut) else 0.0
    return replace(mask, r_min=low, r_max=float(law.reach))


def _areas(dots: MaskEvidence) -> list[CandidateMask]:
    """Try a uniform place of an area of squares that were merged until enough people were in it."""
    over = [areas_over(dots.base, float(size), MERGED_FOR) for size in MERGED]
    tried = []
    for k, of_sizes in zip(MERGED_FOR, zip(*over, strict=True), strict=True):
        for size, placed in zip(MERGED, of_sizes, strict=True):
            part = WeightedMask("areal", ArealElimination(k=k, size=size), 0.0, placed)
            tried.append(scored(dots, part, AREAL / (len(MERGED) * len(MERGED_FOR))))
    return tried


def _adaptive(dots: MaskEvidence) -> list[CandidateMask]:
    """Try donuts that follow the density around each address."""
    people = people_at(dots.base)
    most = [k for k in HIGHS if k <= people.sum()]
    combos = [(low, high) for low in LOWS for high in most if low < high]
    if not combos:
        return []
    numbers = tuple(sorted({k for pair in combos for k in pair}))
    radii = dict(zip(numbers, radii_of(dots.base, numbers), strict=True))
    # Of many dots, those first that tell which are worth a look at all.
    some = slice(None, None, -(-len(dots.points) // SCREENED))
    even = STRAY / box_area(dots.places)
    landing = _around(dots, dots.points[some], combos, radii)
    first = np.log((1 - STRAY) * landing + even).sum(axis=0)
    combos = [combos[k] for k in np.flatnonzero(first > first.max() - 10.0).tolist()]
    prior, order, tried = 1 / len(first), z_order(dots.places), []
    for (low, high), each in zip(combos, _around(dots, dots.points, combos, radii).T, strict=True):
        r_min, r_max = _ring(radii[low], radii[high])
        ring = PlacedDonut(places=dots.places, r_min=r_min, r_max=r_max, order=order)
        part = WeightedMask("adaptive", AdaptiveDonut(k_min=low, k_max=high), 0.0, ring)
        tried.append(scored(dots, part, prior, each))
    return tried


def _ring(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inner and the outer radius of rings, at least as wide as any."""
    return low, np.maximum(high, low + AdaptiveDonut.least)


def _around(
    dots: MaskEvidence,
    points: np.ndarray,
    combos: list[tuple[int, int]],
    radii: dict[int, np.ndarray],
) -> np.ndarray:
    """Return the density of each point under rings of the addresses' own, float (n, combos).

    - `radii`: Of every address, by how many people are nearer: it grows with their number.
    """
    landing = np.zeros((len(points), len(combos)))
    lows, highs = (max(numbers) for numbers in zip(*combos, strict=True))
    farthest = _ring(radii[lows], radii[highs])[1]
    for rows, pairs in pairs_within(points, dots.tree, float(farthest.max())):
        near = np.flatnonzero(pairs.distance <= farthest[pairs.place])
        row, place, apart = row_of(pairs.indptr)[near], pairs.place[near], pairs.distance[near]
        n, prior = rows.stop - rows.start, dots.prior[place]
        here = {k: radii[k][place] for k in {k for pair in combos for k in pair}}
        for k, (low, high) in enumerate(combos):
            r_min, r_max = _ring(here[low], here[high])
            inside = np.flatnonzero((apart >= r_min) & (apart <= r_max))
            weight = prior[inside] / (math.pi * (r_max[inside] ** 2 - r_min[inside] ** 2))
            landing[rows, k] = np.bincount(row[inside], weight, minlength=n)
    return landing


def _cells(dots: MaskEvidence, lattice: Lattice) -> list[CandidateMask]:
    """Try the cells of a lattice, shown by their middle, by a corner, or by one that is drawn."""
    kind, mask = _named(lattice)
    step, unit = lattice.area**0.5, 1 / lattice.area
    over: dict[str, Any] = {
        "places": dots.places, "lattice": lattice, "allowed": max(dots.tolerance, 0.02 * step),
    }  # fmt: skip
    tried: list[CandidateMask] = []
    for i, j in ((0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)):
        placed = PlacedCells(corner=np.array([i, j]) @ lattice.basis / 2, **over)
        part = WeightedMask(kind, mask, 0.0, placed, unit=unit)
        tried.append(scored(dots, part, CORNER if i else 1 - 4 * CORNER - MOVED_FIRST - DRAWN))
    for share in FALLS:
        drawn = PlacedDraws(fall=share * step, **over)
        epsilon, size = float(f"{1 / drawn.fall:.2g}"), float(round(step, 1))
        likeliest = OptimalMechanism(epsilon=epsilon, size=size)
        part = WeightedMask("optimal", likeliest, 0.0, drawn, unit=unit)
        # As likely as own cells: no position tells the two apart.
        tried.append(CandidateMask(part, math.log(DRAWN / len(FALLS)), tried[0].likelihood))
    return tried


def _named(lattice: Lattice) -> tuple[str, Mask]:
    """Return the mask that such cells are of, in words; its origin may be another."""
    a, b = lattice.basis
    length = np.hypot(*lattice.basis.T)
    slant = abs(float(a @ b)) / float(length.prod())
    if abs(slant - 0.5) < 0.05 and abs(length[0] / length[1] - 1) < 0.05:
        return "hex", HexSnap(size=float(round(length.mean(), 1)))
    return "grid", GridSnap(size=float(round(lattice.area**0.5, 1)))


def _images(dots: MaskEvidence, lattice: Lattice | None) -> list[CandidateMask]:
    """Try masks that give every address one place, where the dots are such places."""
    masks: list[Mask] = [Voronoi()]
    shared = len(np.unique(dots.points, axis=0)) < len(dots.points)
    if lattice is not None or shared:
        masks += [Quadtree(k=k) for k in QUADTREES]
    tried = []
    exactly = 1 / (math.pi * dots.tolerance**2)
    for mask in masks:
        placed = mask.on(dots.base)
        part = WeightedMask(mask.word, mask, 0.0, placed, unit=exactly)
        landing = dots.landing(part)
        if (landing > 0).mean() >= IMAGED:
            of = len(QUADTREES) if isinstance(mask, Quadtree) else 1
            tried.append(scored(dots, part, 1 / of, landing))
    return tried
