"""Dots that were all moved by one law, whatever it is: named masks, rings, and any mixture of them.

A law is a density by ring around the home, in a plane that may be shifted or stretched; a share of
the dots may have been left in place. The prior: see `attacks.mask_family`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln, logsumexp

from privaudit.attacks.averaged_mask import STRAY
from privaudit.measures.maps.distance_profile import (
    NEAREST,
    density_table,
    ring_edges,
)
from privaudit.release.masks import BimodalGaussian, Disk, Donut, Exact, Gaussian, PlanarLaplace
from privaudit.release.masks.mask import Mask

__all__ = [
    "LEFT_WITHIN", "Law", "NamedMasks", "family", "fine_edges", "framed", "free_form", "laws_of",
    "left_columns", "named_laws",
]  # fmt: skip

# Dots left in place lie so far from the address, in metres: by the decimals of a file, by those
# of another one, by another edition of the address base.
LEFT_WITHIN = (0.25, 1.5, NEAREST)
# Shares of the dots that may have been left in place.
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
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
_FREEDOMS, _LOGS, _TIMES = (2.0, 4.0), (0.5, 0.8), (2.5, 5.0, 10.0)
_SPREADS = (0.05, 0.1, 0.2, 0.3, 0.5)
# Bumps of a free form, each so many times as far out as the last; what each weighs beforehand.
_BUMP, _WEIGHT = 1.35, 0.4
# Rounds until its weights stand still.
_ROUNDS = 150
# Laws that are so many nats behind the likeliest are let go.
_BEHIND = 14.0


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
        masks.append(("donut_radius", Donut(low=0, high=size, uniform="radius")))
        for part in INNER:
            masks.append(("donut", Donut(low=round(part * size), high=size)))
            masks.append(
                ("donut_radius", Donut(low=round(part * size), high=size, uniform="radius"))
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

    found = [partial(by_distance, size=size, power=p) for p in (1.0, 2.0) for size in sizes]
    found += [partial(student, size=size, freedom=v) for v in _FREEDOMS for size in sizes]
    found += [partial(two, size=size, times=t) for t in _TIMES for size in sizes]
    return found + [partial(lognormal, size=size, spread=s) for s in _LOGS for size in sizes]


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
    found = [
        Law(kind, mask, column, float(prior), float(score))
        for kind, mask, column, prior, score in zip(
            named.kinds, named.masks, named.table.T, named.prior, scores, strict=True
        )
    ]
    # A ring whose edges a picture blurs is told by its round sizes alone.
    sharp = _rings_between(rings, edges, even) if left.shape[1] == len(LEFT_WITHIN) else []
    return found + sharp + _partly_left(rings, named, left, even)


def _scores(landing: np.ndarray, even: float) -> np.ndarray:
    return np.asarray(np.log((1 - STRAY) * landing + even).sum(axis=0))


def _rings_between(rings: np.ndarray, edges: np.ndarray, even: float) -> list[Law]:
    """Try disks and donuts between any two edges of rings, by area and by radius."""
    middle, found = (edges[:-1] + edges[1:]) / 2, []
    for uniform, weight in (("area", np.ones(len(middle))), ("radius", 1 / middle)):
        begin, end, hollow, score = _every_ring(rings, edges, weight, even)
        # Alike by the logarithm of the outer radius, and by the share of the inner one in it.
        alike = np.log(edges[end] / edges[end - 1]) * hollow
        for group, (kind, share) in zip((begin == 0, begin > 0), _RINGS[uniform], strict=True):
            some = np.flatnonzero(group)
            prior = np.log(share * alike[some] / alike[some].sum())
            both = score[some] + prior
            for at in np.flatnonzero(both > both.max() - _BEHIND):
                i, j = begin[some[at]], end[some[at]]
                density = np.zeros(len(weight))
                density[i:j] = weight[i:j]
                density /= np.pi * np.diff(edges**2) @ density
                low, high = float(round(edges[i])), float(round(edges[j]))
                mask = (
                    Disk(radius=high)
                    if kind == "disk"
                    else Donut(low=low, high=high, uniform=uniform)
                )
                score_of = float(score[some[at]])
                found.append(Law(kind, mask, density, float(prior[at]), score_of))
    return found


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
    found = []
    for begin, after in itertools.pairwise(starts):
        ends = np.arange(max(after, least), min(last, len(edges)))
        landing = (inside[:, ends] - inside[:, [begin]]) / (total[ends] - total[begin])
        hollow = (edges[after] - edges[begin]) / edges[ends]
        found.append((np.full(len(ends), begin), ends, hollow, _scores(landing, even)))
    begin, end, hollow, score = (np.concatenate(column) for column in zip(*found, strict=True))
    return begin, end, hollow, score


def _partly_left(rings: np.ndarray, named: NamedMasks, left: np.ndarray, even: float) -> list[Law]:
    """Try named masks that left a share of the dots in place."""
    landing, stay = rings @ named.table, rings @ left
    found = []
    kinds = len(set(named.kinds))
    prior = named.prior - np.log(kinds * len(SHARES) * left.shape[1])
    for share in SHARES:
        for p, near in enumerate(left.T):
            score = _scores((1 - share) * landing + share * stay[:, [p]], even)
            both = score + prior
            for k in np.flatnonzero(both > both.max() - _BEHIND):
                density = (1 - share) * named.table[:, k] + share * near
                kind, mask = ("exact", None) if share >= NEARLY else ("partly_left", named.masks[k])
                found.append(Law(kind, mask, density, float(prior[k]), float(score[k])))
    return found


def free_form(rings: np.ndarray, edges: np.ndarray, left: np.ndarray, even: float) -> Law:
    """Fit a law of no form: bumps by distance, whose weights are worked out from all dots.

    The weights have a Dirichlet prior; what is returned is their mean under the variational
    posterior, with its bound on the likelihood (Bishop 2006, section 10.2), which is never above
    it: a free form is never believed too much.
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
    return Law("free", None, basis @ (a / a.sum()), 0.0, bound)


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
        for k in np.flatnonzero(both > both.max() - _BEHIND)
    ]
