"""Isotropic displacement models: named masks, rings with free edges, and mixtures.

A model is a density by ring around the home, in a plane that may be shifted or stretched along a
line; a share of the dots may be left in place. The priors stand in `undeclared_mask_candidates`.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy import fft
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from scipy.special import digamma, gammaln, logsumexp

from privaudit.geo.neighbours import pairs_within
from privaudit.maps.masks.donut import Disk, Donut
from privaudit.maps.masks.mask import Exact, Mask
from privaudit.maps.masks.noise import BimodalGaussian, Gaussian, PlanarLaplace
from privaudit.maps.model_averaging import (
    NEAREST,
    STILL,
    STRAY,
    Frame,
    density_table,
    profile,
    ring_edges,
)
from privaudit.stats.csr import row_of

# Out to so many metres a common shift is looked for.
SHIFT_REACH = 1_000.0
# What a shift of all dots weighs beside one kind of mask.
SHIFTED = 0.1
# How many times longer moves are along a line than across it; lines tried; what each weighs.
_RATIOS = ((2.0, 6, 0.04), (4.0, 8, 0.03), (12.0, 8, 0.002))
# Planes are first looked at by so few dots and sizes; so many that may still win are kept.
_FEW, _REACH, _KEPT, _BEHIND = 60, 1_000.0, 3, 8.0
_FIRST = (20, 30, 45, 70, 100, 150, 220, 330)
# Metres of a cell of the raster, and deviations of the moves around a shift.
_CELL, _AROUND = 10.0, (20.0, 60.0)


def frames_of(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, even: float
) -> list[tuple[Frame, tuple[str, float]]]:
    """Return planes that may explain dots, each with its kind and what it weighs beforehand."""
    return _stretched(points, places, prior, even) + _shifted(points, places, prior, even)


def _stretched(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, even: float
) -> list[tuple[Frame, tuple[str, float]]]:
    some = points[:: -(-len(points) // _FEW)]
    edges = ring_edges(_REACH)
    masks = [Gaussian(sigma=s) for s in _FIRST] + [Disk(radius=2 * s) for s in _FIRST]
    table = density_table([mask.density for mask in masks], edges)
    # The plane as it is stands first, to be outdone.
    frames = [(STILL, ("", 0.0))] + [
        (Frame(ratio=ratio, angle=math.pi * line / lines), ("stretched", share))
        for ratio, lines, share in _RATIOS
        for line in range(lines)
    ]
    each = np.zeros((len(frames), len(masks)))
    for rows, pairs in pairs_within(some, cKDTree(places), _REACH):
        gap = some[rows][row_of(pairs.indptr)] - places[pairs.place]
        for k, (frame, _) in enumerate(frames):
            at = pairs._replace(distance=np.hypot(*frame.places(gap).T))
            rings = profile(at, prior[pairs.place], edges)[0]
            each[k] += np.log((1 - STRAY) * (rings @ table) + even).sum(axis=0)
    # What all dots can be expected to say, by those that were looked at.
    ahead = (logsumexp(each, axis=1) - logsumexp(each[0])) * len(points) / len(some)
    best = 1 + np.argsort(-ahead[1:], kind="stable")[:_KEPT]
    return [frames[k] for k in best if ahead[k] > -_BEHIND]


def _shifted(
    points: np.ndarray, places: np.ndarray, prior: np.ndarray, even: float
) -> list[tuple[Frame, tuple[str, float]]]:
    """Find the shift by which dots would best lie around addresses, all shifts by one product."""
    every = np.vstack([points, places])
    margin = SHIFT_REACH + 3 * max(_AROUND)
    low = every.min(axis=0) - margin
    cell = max(_CELL, float(np.ptp(every, axis=0).max() + 2 * margin) / 1_024)
    size = np.ceil((every.max(axis=0) + margin - low) / cell).astype(int)

    def raster(at: np.ndarray, weight: np.ndarray) -> np.ndarray:
        column, row = ((at - low) / cell).astype(int).T
        flat = np.bincount(column * size[1] + row, weight, minlength=int(size.prod()))
        return flat.reshape(size)

    dots, homes = raster(points, np.ones(len(points))), raster(places, prior)
    reach = int(SHIFT_REACH / cell)
    steps = np.arange(-reach, reach + 1) * cell
    far = np.hypot(steps[:, None], steps)
    usual = [gaussian_filter(homes, around / cell, mode="constant") for around in _AROUND]
    log = np.log((1 - STRAY) * np.array(usual) / cell**2 + even)
    frames = []
    # Correlated with the dots: the likelihood of them all, moved back by each shift.
    for around, window in zip(_AROUND, correlated(dots, log, reach), strict=True):
        window = np.where(far <= SHIFT_REACH, window, -np.inf)
        east, north = np.unravel_index(int(window.argmax()), window.shape)
        shift = float(steps[east]), float(steps[north])
        if math.hypot(*shift) <= around:
            continue
        near = np.hypot(steps[:, None] - shift[0], steps - shift[1]) <= around
        mass = float(np.exp(window[near] - window.max()).sum()) * cell**2
        share = SHIFTED * mass / (math.pi * SHIFT_REACH**2)
        frames.append((Frame(shift), ("shifted", share)))
    return frames


def correlated(image: np.ndarray, other: np.ndarray, reach: int) -> np.ndarray:
    """Return the correlation of two rasters for shifts of so many cells, no shift in the middle.

    By Fourier transforms, without a margin: no shift leads a cell over the edge.

    - `image`: 0 in the outermost `reach` cells.
    - `other`: One raster of the same shape, or several.
    """
    sides = (-2, -1)
    wide = [fft.next_fast_len(side, True) for side in image.shape]
    product = fft.rfftn(other, wide, sides) * fft.rfftn(image, wide).conj()
    shift = np.arange(reach, -reach - 1, -1)
    return np.asarray(fft.irfftn(product, wide, sides)[..., shift[:, None], shift])


def densest_corner(gap: np.ndarray, reach: float, side: float) -> np.ndarray:
    """Return the corner of cells around which the most gaps lie, each within `reach` metres."""
    cells = int(2 * reach / side) + 2
    at = ((gap + reach) / side).astype(np.int64)
    count = np.bincount(at[:, 0] * cells + at[:, 1], minlength=cells**2).reshape(cells, cells)
    # A peak may fall across four cells.
    four = count[:-1, :-1] + count[1:, :-1] + count[:-1, 1:] + count[1:, 1:]
    east, north = np.unravel_index(int(four.argmax()), four.shape)
    return np.array([east + 1, north + 1]) * side - reach


def exact_shift(points: np.ndarray, tree: cKDTree) -> tuple[float, float] | None:
    """Return the shift by which the most dots would stand on addresses; None for none at all."""
    some = points[:: max(1, len(points) // 100)]
    gaps = [np.empty((0, 2))]
    for rows, pairs in pairs_within(some, tree, SHIFT_REACH):
        gaps.append(some[rows][row_of(pairs.indptr)] - np.asarray(tree.data)[pairs.place])
    gap = np.concatenate(gaps)
    if len(gap) == 0:
        return None
    top = densest_corner(gap, SHIFT_REACH, NEAREST)
    east, north = np.median(gap[np.abs(gap - top).max(axis=1) <= NEAREST], axis=0)
    return (float(east), float(north)) if math.hypot(east, north) > NEAREST else None


# Dots left in place lie so far from the address, in metres: by the decimals of a file, by those
# of another one, by another edition of the address base.
LEFT_WITHIN = (0.25, 1.5, NEAREST)
# Shares of the dots that may have been left in place: as close as 500 dots tell them apart.
SHARES = tuple(k / 20 for k in range(1, 19))
# From here on dots count as left, with others among them.
NEARLY = 0.9
# Round sizes in metres; inner radii and spreads as parts of them.
SIZES = (
    10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 100, 120, 150, 200, 250, 300, 400, 500, 600, 750, 1_000,
)  # fmt: skip
INNER, SPREADS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75), (0.1, 0.2, 0.3, 0.5)
# Steps between sizes of masks that have no edge to be seen, and least and most metres.
_STEP, _SIZES = 1.06, (10.0, 1_000.0)
# Kinds of rings without a hole and with one, and how much of what the kind weighs is for them; as
# much again is for round sizes.
_RINGS = {
    "area": (("disk", 0.5), ("donut", 0.5)),
    "radius": (("donut_radius", 0.125), ("donut_radius", 0.375)),
}
# Of laws with a heavy tail: degrees of freedom, standard deviations of the logarithm, and how many
# times wider the second of two normal laws is.
_FREEDOMS, _LOGS, _TIMES = (1.0, 2.0, 4.0), (0.5, 0.8), (2.5, 5.0, 10.0)
_SPREADS = (0.05, 0.1, 0.2, 0.3, 0.5)
# Bumps of a free form, each so many times as far out as the last; what each weighs beforehand.
_BUMP, _WEIGHT = 1.35, 0.4
# Draws of its weights, the same for the same dots.
_FREE_DRAWS, _FREE_SEED = 8, 0
# Rounds until its weights stand still.
_ROUNDS = 150
# Laws that are so many nats behind the likeliest are dropped.
_NEGLIGIBLE = 14.0


class Law(NamedTuple):
    """One law of moves: its kind and name, its density by ring, its prior and its likelihood."""

    kind: str
    mask: Mask | None
    density: np.ndarray
    prior: float
    likelihood: float


def fine_edges(reach: float, resolution: float) -> np.ndarray:
    """Return the radii of rings: those of `ring_edges`, the first one split by what is left."""
    edges = ring_edges(reach)
    return edges if resolution > 0 else np.concatenate([[0.0], LEFT_WITHIN, edges[2:]])


def left_columns(edges: np.ndarray, resolution: float) -> np.ndarray:
    """Return the density by ring of dots that were left in place, a column a precision."""
    if resolution > 0:
        return density_table([Exact(rounding=NEAREST).density], edges, resolution)
    within = np.array(LEFT_WITHIN)
    return np.asarray((edges[1:, None] <= within) / (np.pi * within**2))


class NamedMasks(NamedTuple):
    """Masks that have a name: kinds, masks, densities by ring (a column each), log priors."""

    kinds: list[str]
    masks: list[Mask | None]
    table: np.ndarray
    prior: np.ndarray


def family() -> list[tuple[str, Mask]]:
    """Return the masks that move every dot alike, each with its kind."""
    masks: list[tuple[str, Mask]] = []
    for size in SIZES:
        masks.append(("disk", Disk(radius=size)))
        masks.append(("gaussian", Gaussian(sigma=size)))
        masks.append(("laplace", PlanarLaplace(epsilon=float(f"{2 / size:.3g}"))))
        masks.append(("donut_radius", Donut(r_min=0, r_max=size, uniform="radius")))
        for part in INNER:
            masks.append(("donut", Donut(r_min=round(part * size), r_max=size)))
            masks.append(
                ("donut_radius", Donut(r_min=round(part * size), r_max=size, uniform="radius"))
            )
        masks += [("bimodal", BimodalGaussian(mean=size, sigma=s * size)) for s in SPREADS]
    return masks


def named_laws(
    round_sizes: list[tuple[str, Mask]], edges: np.ndarray, resolution: float
) -> NamedMasks:
    """Return masks of round sizes, and those without an edge by a fine grid of sizes too."""
    count = int(np.log(_SIZES[1] / _SIZES[0]) / np.log(_STEP)) + 1
    named = list(round_sizes)
    for size in (float(f"{_SIZES[0] * _STEP**k:.3g}") for k in range(count)):
        named.append(("gaussian", Gaussian(sigma=size)))
        named.append(("laplace", PlanarLaplace(epsilon=float(f"{2 / size:.3g}"))))
        named += [
            ("bimodal", BimodalGaussian(mean=size, sigma=float(f"{s * size:.3g}")))
            for s in _SPREADS
        ]
    kinds = [kind for kind, _ in named]
    laws = [mask.density for _, mask in named]
    masks: list[Mask | None] = [mask for _, mask in named]
    heavy = _heavy(_SIZES[0] * _STEP ** np.arange(0, count, 2))
    kinds += ["heavy"] * len(heavy)
    masks += [None] * len(heavy)
    table = density_table([*laws, *heavy], edges, resolution)
    # What ends within the rings has all of its moves there, whatever rings make of its edges: a
    # hundredth more than one would be a reason a dot to believe it. What is too narrow to be seen
    # after an error of reading has none, and stays so.
    moves = np.pi * np.diff(edges**2) @ table
    inside = [k for k, (_, mask) in enumerate(named) if mask.reach <= edges[-1] and moves[k] > 0]
    table[:, inside] /= moves[inside]
    # Half of what a kind weighs is for round sizes; of rings, the rest is `_rings_between`.
    whole = [(kind, k < len(round_sizes)) for k, kind in enumerate(kinds)]
    many = Counter(whole)
    prior = np.array([-np.log(many[one] * (1 if one[0] == "heavy" else 2)) for one in whole])
    return NamedMasks(kinds, masks, flat_inside(table, edges), prior)


def _heavy(sizes: np.ndarray) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Return densities that fall off slowly: Student's in the plane, lognormal, two normal ones.

    And those of moves whose distance is drawn, half normal or exponential, rather than each
    coordinate: they peak at the home as one over the distance does.
    """

    def student(d: np.ndarray, size: float, freedom: float) -> np.ndarray:
        fall = (1 + (d / size) ** 2 / freedom) ** (-freedom / 2 - 1)
        return np.asarray(fall / (2 * np.pi * size**2))

    def lognormal(d: np.ndarray, size: float, spread: float) -> np.ndarray:
        far = np.maximum(d, 1e-3)
        bell = np.exp(-0.5 * (np.log(far / size) / spread) ** 2)
        return np.asarray(bell / (np.sqrt(2 * np.pi) * spread * 2 * np.pi * far**2))

    def two(d: np.ndarray, size: float, times: float) -> np.ndarray:
        near, far = (Gaussian(sigma=s).density(d) for s in (size, times * size))
        return np.asarray((near + far) / 2)

    def by_distance(d: np.ndarray, size: float, power: float) -> np.ndarray:
        far = np.maximum(d, 1e-3)
        total = size * (np.sqrt(np.pi / 2) if power == 2 else 1.0)
        return np.asarray(np.exp(-((far / size) ** power) / power) / (total * 2 * np.pi * far))

    def half_cauchy(d: np.ndarray, size: float) -> np.ndarray:
        far = np.maximum(d, 1e-3)
        return np.asarray(1 / (np.pi**2 * size * far * (1 + (far / size) ** 2)))

    densities = [partial(by_distance, size=size, power=p) for p in (1.0, 2.0) for size in sizes]
    densities += [partial(half_cauchy, size=size) for size in sizes]
    densities += [partial(student, size=size, freedom=v) for v in _FREEDOMS for size in sizes]
    densities += [partial(two, size=size, times=t) for t in _TIMES for size in sizes]
    return densities + [partial(lognormal, size=size, spread=s) for s in _LOGS for size in sizes]


def flat_inside(table: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Make densities even over the first 5 m: one that soars at 0 would win on exact dots."""
    first = int(np.searchsorted(edges, NEAREST))
    area = np.diff(edges[: first + 1] ** 2)
    table[:first] = area @ table[:first] / area.sum()
    return table


def laws_of(
    rings: np.ndarray,
    named: NamedMasks,
    edges: np.ndarray,
    left: np.ndarray,
    even: float,
) -> list[Law]:
    """Return the laws that explain dots best, each with its prior among its kind.

    - `rings` (float, shape (n, rings)): The prior weight of the addresses around each dot.
    - `named`: As of `named_laws`; the prior of a kind is shared out among its masks.
    - `left` (float, shape (rings, precisions)): As of `left_columns`.
    - `even`: Density of strays.
    """
    scores = _scores(rings @ named.table, even)
    laws = [
        Law(kind, mask, column, float(prior), float(score))
        for kind, mask, column, prior, score in zip(
            named.kinds, named.masks, named.table.T, named.prior, scores, strict=True
        )
    ]
    # A ring whose edges a picture blurs is identified by its round sizes alone.
    sharp = _rings_between(rings, edges, even) if left.shape[1] == len(LEFT_WITHIN) else []
    return laws + sharp + _partly_left(rings, named, left, even)


def _scores(landing: np.ndarray, even: float) -> np.ndarray:
    return np.asarray(np.log((1 - STRAY) * landing + even).sum(axis=0))


def _rings_between(rings: np.ndarray, edges: np.ndarray, even: float) -> list[Law]:
    """Try disks and donuts between any two edges of rings, by area and by radius."""
    middle, laws = (edges[:-1] + edges[1:]) / 2, []
    ways: dict[Any, np.ndarray] = {"area": np.ones(len(middle)), "radius": 1 / middle}
    for uniform, weight in ways.items():
        begin, end, hollow, score = _every_ring(rings, edges, weight, even)
        # Prior: uniform in the logarithm of the outer radius and in the ratio of the radii.
        alike = np.log(edges[end] / edges[end - 1]) * hollow
        for group, (kind, share) in zip((begin == 0, begin > 0), _RINGS[uniform], strict=True):
            some = np.flatnonzero(group)
            prior = np.log(share * alike[some] / alike[some].sum())
            both = score[some] + prior
            for at in np.flatnonzero(both > both.max(initial=-np.inf) - _NEGLIGIBLE):
                i, j = begin[some[at]], end[some[at]]
                density = np.zeros(len(weight))
                density[i:j] = weight[i:j]
                density /= np.pi * np.diff(edges**2) @ density
                low, high = float(round(edges[i])), float(round(edges[j]))
                mask = (
                    Disk(radius=high)
                    if kind == "disk"
                    else Donut(r_min=low, r_max=high, uniform=uniform)
                )
                score_of = float(score[some[at]])
                laws.append(Law(kind, mask, density, float(prior[at]), score_of))
    return laws


def _every_ring(
    rings: np.ndarray, edges: np.ndarray, weight: np.ndarray, even: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return where each ring begins and ends, which share of it is between, and its likelihood.

    By one running sum: what lies between two edges is the difference of what lies within them.
    """
    first, least, last = np.searchsorted(edges, [NEAREST, _SIZES[0], _SIZES[1] + 1])
    starts = np.concatenate([[0], np.arange(first, last)])
    inside = np.cumsum(np.pad(rings[:, :last] * weight[:last], ((0, 0), (1, 0))), axis=1)
    total = np.concatenate([[0.0], np.cumsum(np.pi * np.diff(edges**2) * weight)])
    laws = []
    for begin, after in itertools.pairwise(starts):
        ends = np.arange(max(after, least), min(last, len(edges)))
        landing = (inside[:, ends] - inside[:, [begin]]) / (total[ends] - total[begin])
        hollow = (edges[after] - edges[begin]) / edges[ends]
        laws.append((np.full(len(ends), begin), ends, hollow, _scores(landing, even)))
    begin, end, hollow, score = (np.concatenate(column) for column in zip(*laws, strict=True))
    return begin, end, hollow, score


def _partly_left(rings: np.ndarray, named: NamedMasks, left: np.ndarray, even: float) -> list[Law]:
    """Try named masks that left a share of the dots in place."""
    landing, stay = rings @ named.table, rings @ left
    laws = []
    kinds = len(set(named.kinds))
    prior = named.prior - np.log(kinds * len(SHARES) * left.shape[1])
    for share in SHARES:
        for p, near in enumerate(left.T):
            score = _scores((1 - share) * landing + share * stay[:, [p]], even)
            both = score + prior
            for k in np.flatnonzero(both > both.max(initial=-np.inf) - _NEGLIGIBLE):
                density = (1 - share) * named.table[:, k] + share * near
                kind, mask = ("exact", None) if share >= NEARLY else ("partly_left", named.masks[k])
                laws.append(Law(kind, mask, density, float(prior[k]), float(score[k])))
    return laws


def free_form(
    rings: np.ndarray, edges: np.ndarray, left: np.ndarray, even: float, power: float = 1.0
) -> list[Law]:
    """Fit a law of no form: bumps by distance, whose weights are worked out from all dots.

    The weights have a Dirichlet prior. What is returned is their mean under the variational
    posterior, and draws from it, of a likelihood to the `power`; each with the bound on the
    likelihood (Bishop 2006, section 10.2), which is never above it: a free form is never believed
    too much.
    """
    basis = np.column_stack([_bumps(edges), left])
    landing = (1 - STRAY) * (rings @ basis) + even
    alpha = np.full(basis.shape[1], _WEIGHT)
    alpha[-left.shape[1] :] /= left.shape[1]
    a = alpha + len(rings) / len(alpha)
    for _ in range(_ROUNDS):
        usual = digamma(a) - digamma(a.sum())
        part = landing * np.exp(usual)
        total = part.sum(axis=1)
        before, a = a, alpha + (part / total[:, None]).sum(axis=0)
        if np.abs(a - before).max() < 1e-3:
            break
    usual = digamma(a) - digamma(a.sum())
    bound = float(np.log(landing @ np.exp(usual)).sum())
    bound -= float(
        gammaln(a.sum()) - gammaln(a).sum() - gammaln(alpha.sum()) + gammaln(alpha).sum()
    )
    bound -= float(((a - alpha) * usual).sum())
    # As likely each: so much is left open by so many dots, which count half, as for any mask.
    shape = alpha + power * (a - alpha)
    drawn = np.random.default_rng(_FREE_SEED).dirichlet(shape, _FREE_DRAWS)
    weights = np.vstack([a / a.sum(), drawn])
    prior = -math.log(len(weights))
    return [Law("free", None, basis @ weight, prior, bound) for weight in weights]


def _bumps(edges: np.ndarray) -> np.ndarray:
    """Return densities by ring that rise and fall with the logarithm of the distance."""
    middle = np.log((edges[:-1] + edges[1:]) / 2)
    tops = np.arange(np.log(NEAREST), np.log(edges[-1]), np.log(_BUMP))
    height = np.maximum(1 - np.abs(middle[:, None] - tops) / np.log(_BUMP), 0.0)
    # The innermost goes on to the home.
    height[middle < tops[0], 0] = 1.0
    # As many dots at each distance, whatever room there is.
    height = height / np.exp(middle)[:, None] ** 2
    return flat_inside(height / (np.pi * np.diff(edges**2) @ height), edges)


def with_left(named: NamedMasks, left: np.ndarray) -> NamedMasks:
    """Return masks with dots that did not move: as likely as all others together."""
    many = left.shape[1]
    prior = np.full(many, logsumexp(named.prior) - np.log(many))
    return NamedMasks(
        [*named.kinds, *["exact"] * many],
        [*named.masks, *[None] * many],
        np.hstack([named.table, left]),
        np.concatenate([named.prior, prior]),
    )


def framed(
    rings: np.ndarray, named: NamedMasks, prior: tuple[str, float], even: float
) -> list[Law]:
    """Try named masks in another plane, whose prior is shared out among them."""
    kind, share = prior
    score = _scores(rings @ named.table, even)
    own = named.prior - logsumexp(named.prior) + np.log(share)
    both = score + own
    return [
        Law(kind, named.masks[k], named.table[:, k], float(own[k]), float(score[k]))
        for k in np.flatnonzero(both > both.max() - _NEGLIGIBLE)
    ]
