"""A walk from door to door as a hidden Markov chain: places of dots that were visited in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from privaudit.errors import ParameterError
from privaudit.stats.csr import row_of, row_starts, row_sum

# Scales of a step that are tried, metres: each half of the one before.
SCALES = tuple(1280.0 / 2**k for k in range(7))
# Chances that the next door has the same address, and that it is anywhere.
STAYS, JUMPS = (0.0, 0.1, 0.3), (0.02, 0.2)
# A place without a part in the first share of a posterior, or after so many places, is left out.
_MASS, MOST_PLACES = 0.9999, 1_500
# Pairs of places that all steps may have: some minutes.
_MOST_STEPS = 2_000_000_000
# Cells of the raster of places: so many a scale, and at most so many along a side.
_CELLS_A_SCALE, _CELLS, _FAR = 16, 2048, 10.0
# Pairs of places whose distances stay near the processor.
_NEAR_PAIRS = 1 << 16
# A law with a smaller share of the posterior adds nothing that shows.
_NEGLIGIBLE = 1e-4


class StepLaws(NamedTuple):
    """Laws of the next place, one a scale and a combination of `stay` and `jump`.

    From place a to b: ``stay [a = b] + (1 - stay) ((1 - jump) prior(b) exp(-|ab| / scale) / Z(a)
    + jump prior(b))``, where Z makes the probabilities of all places sum to 1.

    - `scale` (float, shape (s,)): Metres.
    - `stay`, `jump` (float, shape (c,)): Probabilities.
    """

    scale: np.ndarray
    stay: np.ndarray
    jump: np.ndarray

    @classmethod
    def usual(cls) -> StepLaws:
        """Return every law that is tried."""
        stay, jump = np.meshgrid(STAYS, JUMPS)
        return cls(np.array(SCALES), stay.ravel(), jump.ravel())


class WalkGround(NamedTuple):
    """Places of a walk: positions, prior that sums to 1, and Z of each for each scale."""

    xy: np.ndarray
    prior: np.ndarray
    reached: np.ndarray


def ground_of(xy: np.ndarray, prior: np.ndarray, scales: np.ndarray) -> WalkGround:
    """Return the places of a walk with the sum of ``prior exp(-distance / scale)`` around each.

    The sums are those of a raster of sixteen cells a scale, 2,048 cells along a side at most.

    Parameters
    ----------
    xy : float, shape (m, 2)
        Metres.
    prior : float, shape (m,)
        Sums to 1.
    scales : float, shape (s,)
        Metres.

    Examples
    --------
    >>> two = np.array([[0.0, 0.0], [80.0, 0.0]])
    >>> ground_of(two, np.array([0.5, 0.5]), np.array([80.0])).reached.round(2).tolist()
    [[0.68, 0.68]]
    """
    from scipy.signal import fftconvolve

    low = xy.min(axis=0)
    span = max(float(np.ptp(xy, axis=0).max()), 1.0)
    reached = np.empty((len(scales), len(xy)))
    for k, scale in enumerate(scales):
        cell = max(scale / _CELLS_A_SCALE, span / _CELLS)
        at = np.rint((xy - low) / cell).astype(np.int64)
        east, north = at.max(axis=0) + 1
        raster = np.bincount(at[:, 0] * north + at[:, 1], prior, east * north)
        half = math.ceil(min(_FAR * scale, 1.5 * span) / cell)
        off = np.arange(-half, half + 1) * cell
        kernel = np.exp(-np.hypot(off[:, None], off) / scale)
        around = fftconvolve(raster.reshape(east, north), kernel)[half:, half:]
        # The place itself is there, whatever the rounding of the transform.
        reached[k] = np.maximum(around[at[:, 0], at[:, 1]], prior)
    return WalkGround(xy, prior, np.maximum(reached, np.finfo(float).tiny))


class Places(NamedTuple):
    """Places of each dot with their weight, the posterior of the dot alone, as compressed rows."""

    indptr: np.ndarray
    place: np.ndarray
    weight: np.ndarray

    def of(self, dot: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of one dot, and their weights."""
        mine = slice(int(self.indptr[dot]), int(self.indptr[dot + 1]))
        return self.place[mine], self.weight[mine]


def likely_places(places: Places, most: int = MOST_PLACES) -> tuple[Places, np.ndarray]:
    """Return the likeliest places of each dot, weights summing to 1, and which entries they are.

    Of each dot, those that hold .9999 of its posterior, and `most` at the most.
    """
    row = row_of(places.indptr)
    order = np.lexsort((-places.weight, row))
    before = np.cumsum(places.weight[order]) - places.weight[order]
    start = places.indptr[:-1][row]
    total = np.concatenate([[0.0], np.cumsum(places.weight[order])])
    taken = (before - total[start] < _MASS) & (np.arange(len(row)) - start < most)
    entry = np.sort(order[taken])
    indptr = row_starts(row[entry], len(places.indptr) - 1)
    weight = places.weight[entry]
    weight = weight / row_sum(indptr, weight)[row[entry]]
    return Places(indptr, places.place[entry], weight), entry


class WalkFit(NamedTuple):
    """What several rounds say together.

    - `weight` (float, shape (entries,)): The joint posterior of each entry of the places.
    - `walk`: Posterior probability, in [0, 1], that there is a walk at all, of even odds before.
    - `evidence`: Log of the likelihood under the laws of a walk, over that of dots apart; nats.
    - `scale`: Posterior mean of the scale of a step, metres; nan where no step was seen.
    - `stay`: Posterior mean of the chance of staying at the address.
    """

    weight: np.ndarray
    walk: float
    evidence: float
    scale: float
    stay: float


def walk_posterior(
    places: Places, rounds: Sequence[np.ndarray], ground: WalkGround, laws: StepLaws
) -> WalkFit:
    """Return the joint posterior of dots that were visited in turn (forward-backward algorithm).

    The place of each dot is hidden; its weight is the posterior of the dot alone, and the next
    place follows one of the laws. The laws are averaged by their evidence over all rounds; half of
    the prior is for no walk at all, under which dots are independent.

    Parameters
    ----------
    places : Places
        A dot without a place is skipped.
    rounds : sequence of int arrays
        Dots of each round, in the order of visits.
    ground : WalkGround
    laws : StepLaws

    Raises
    ------
    ParameterError
        So many pairs of places that it would take long.

    References
    ----------
    Rabiner (1989), equations 19 to 27.
    """
    few, entry = likely_places(places)
    chains = _chains(few, rounds)
    _refuse_if_long(few, chains)
    each = log_evidence(few, chains, ground, laws)
    evidence = float(np.logaddexp.reduce(each.ravel()) - math.log(each.size))
    walk = 1.0 if evidence > 700 else math.exp(evidence) / (1 + math.exp(evidence))
    share = np.exp(each - each.max())
    share /= share.sum()
    weight = places.weight.copy()
    if walk > _NEGLIGIBLE and any(len(chain) > 1 for chain in chains):
        kept = np.where(share > _NEGLIGIBLE, share, 0.0)
        kept /= kept.sum()
        for chain in chains:
            for dot, marginal in zip(
                chain, _marginals(few, chain, ground, laws, kept), strict=True
            ):
                whole = slice(int(places.indptr[dot]), int(places.indptr[dot + 1]))
                mine = slice(int(few.indptr[dot]), int(few.indptr[dot + 1]))
                weight[whole] *= 1 - walk
                weight[entry[mine]] += walk * marginal
    seen = any(len(chain) > 1 for chain in chains)
    scale = float(share.sum(axis=1) @ laws.scale) if seen else math.nan
    stay = float(share.sum(axis=0) @ laws.stay) if seen else math.nan
    return WalkFit(weight, walk, evidence, scale, stay)


def walk_evidence(
    places: Places,
    rounds: Sequence[np.ndarray],
    ground: WalkGround,
    laws: StepLaws,
    *,
    most: int = MOST_PLACES,
) -> float:
    """Return the log evidence of a walk over dots apart, by the likeliest places of each dot."""
    few, _ = likely_places(places, most)
    each = log_evidence(few, _chains(few, rounds), ground, laws)
    return float(np.logaddexp.reduce(each.ravel()) - math.log(each.size))


def _chains(places: Places, rounds: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the dots of each round that have a place."""
    size = np.diff(places.indptr)
    chains = [np.asarray(one)[size[np.asarray(one)] > 0] for one in rounds if len(one)]
    return [chain for chain in chains if len(chain)]


def _refuse_if_long(places: Places, chains: Sequence[np.ndarray]) -> None:
    size = np.diff(places.indptr).astype(float)
    pairs = sum(float(size[one[:-1]] @ size[one[1:]]) for one in chains)
    if pairs > _MOST_STEPS:
        needed, came = f"at most {_MOST_STEPS:,} pairs of places in turn", f"{pairs:,.0f}"
        do = "Attack the rounds in several parts."
        raise ParameterError.of("walk_posterior", needed, came, do)


def log_evidence(
    places: Places, chains: Sequence[np.ndarray], ground: WalkGround, laws: StepLaws
) -> np.ndarray:
    """Return the log likelihood of all rounds under each law, over that of dots apart.

    - returns (float, shape (scales, combinations)): nats; 0 where no round has a step.
    """
    every = np.ones((len(laws.scale), len(laws.stay)), dtype=bool)
    total = np.zeros(every.shape)
    for chain in chains:
        for _, norm in _forward(places, chain, ground, laws, every):
            total += norm
    return total


def _forward(
    places: Places, chain: np.ndarray, ground: WalkGround, laws: StepLaws, wanted: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield of each dot P(place | dots so far), and the log of what normalises it, for each law.

    Shapes (scales, combinations, places) and (scales, combinations); laws not wanted stay 0.
    """
    place, weight = places.of(chain[0])
    state = np.broadcast_to(weight, (*wanted.shape, len(weight))).copy()
    yield state, np.zeros(wanted.shape)
    for dot in chain[1:]:
        before, (place, weight) = place, places.of(dot)
        free = (1 - laws.stay)[:, None]
        step = np.zeros((*wanted.shape, len(place)))
        leaving = state / ground.reached[:, before][:, None]
        for k, rows, near in _kernels(ground, before, place, laws, wanted):
            step[k] += leaving[k][:, rows] @ near
        stepped = laws.jump[:, None] + (1 - laws.jump)[:, None] * step
        step = np.where(wanted[:, :, None], free * stepped, 0.0)
        _stay(step, state, laws, ground, before, place)
        step *= weight
        norm = step.sum(axis=2)
        state = np.divide(
            step, norm[:, :, None], out=np.zeros_like(step), where=norm[..., None] > 0
        )
        with np.errstate(divide="ignore"):
            yield state, np.where(wanted, np.log(norm), 0.0)


def _stay(
    to: np.ndarray,
    source: np.ndarray,
    laws: StepLaws,
    ground: WalkGround,
    before: np.ndarray,
    place: np.ndarray,
) -> None:
    """Add what stays at an address that both dots may have."""
    _, mine, theirs = np.intersect1d(place, before, assume_unique=True, return_indices=True)
    prior = ground.prior[place[mine]]
    worth = np.divide(1.0, prior, out=np.zeros_like(prior), where=prior > 0)
    to[:, :, mine] += laws.stay[:, None] * source[:, :, theirs] * worth


def _kernels(
    ground: WalkGround, before: np.ndarray, place: np.ndarray, laws: StepLaws, wanted: np.ndarray
) -> Iterator[tuple[int, slice, np.ndarray]]:
    """Yield ``exp(-distance / scale)`` from some places to places, for each scale wanted."""
    a, b = ground.xy[before], ground.xy[place]
    scales = np.flatnonzero(wanted.any(axis=1)).tolist()
    many = max(1, _NEAR_PAIRS // max(len(place), 1))
    for begin in range(0, len(before), many):
        rows = slice(begin, begin + many)
        apart = np.hypot(a[rows, :1] - b[:, 0], a[rows, 1:] - b[:, 1])
        near, of = apart, math.nan
        for k in scales:
            scale = float(laws.scale[k])
            # Half the scale is the square.
            near = np.square(near) if of == 2 * scale else np.exp(-apart / scale)
            of = scale
            yield k, rows, near


def _marginals(
    places: Places, chain: np.ndarray, ground: WalkGround, laws: StepLaws, share: np.ndarray
) -> list[np.ndarray]:
    """Return P(place | all dots of the round) of each dot, averaged over laws by their share."""
    wanted = share > 0
    states = [state for state, _ in _forward(places, chain, ground, laws, wanted)]
    found = [np.empty(0)] * len(chain)
    back = np.ones_like(states[-1])
    for t in range(len(chain) - 1, -1, -1):
        if t < len(chain) - 1:
            back = _backward(places, chain[t], chain[t + 1], ground, laws, wanted, back)
        both = states[t] * back
        norm = both.sum(axis=2, keepdims=True)
        each = np.divide(both, norm, out=np.zeros_like(both), where=norm > 0)
        found[t] = np.tensordot(share, each, axes=2)
    return found


def _backward(
    places: Places,
    dot: int,
    following: int,
    ground: WalkGround,
    laws: StepLaws,
    wanted: np.ndarray,
    back: np.ndarray,
) -> np.ndarray:
    """Return P(later dots | place of this one) but for a factor, for each law."""
    place, _ = places.of(dot)
    after, weight = places.of(following)
    ahead = back * weight
    free = (1 - laws.stay)[:, None]
    new = np.zeros((*wanted.shape, len(place)))
    for k, rows, near in _kernels(ground, place, after, laws, wanted):
        new[k][:, rows] = ahead[k] @ near.T
    anywhere = laws.jump[:, None] * ahead.sum(axis=2, keepdims=True)
    new = free * ((1 - laws.jump)[:, None] * new / ground.reached[:, place][:, None] + anywhere)
    _stay(new, ahead, laws, ground, after, place)
    most = new.max(axis=2, keepdims=True)
    return np.asarray(np.divide(new, most, out=np.zeros_like(new), where=most > 0))
