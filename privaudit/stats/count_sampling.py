"""Counts under overlapping sums with noise, by Gibbs sampling where they are too many to add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

_CHAINS, _BURN_IN, _SWEEPS = 48, 80, 100


class SoftSums(NamedTuple):
    """Sums over groups: the groups of each, its least value, and the likelihood from it on."""

    members: Sequence[np.ndarray]
    low: np.ndarray
    likelihood: Sequence[np.ndarray]


def one_hard_sum_each(sums: SoftSums, groups: int) -> bool:
    """Whether each group is in one sum at most that has a single value.

    One group's dot may then go to another of its sum; with two such sums, moves of two groups
    reach not all counts that fit.
    """
    hard = np.zeros(groups, dtype=np.int64)
    for rows, likelihood in zip(sums.members, sums.likelihood, strict=True):
        hard[rows] += len(likelihood) == 1
    return bool((hard <= 1).all())


def sampled_laws(
    sums: SoftSums,
    start: np.ndarray,
    size: np.ndarray,
    most: np.ndarray,
    *,
    total_is_known: bool,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the probability of each count of each group, estimated from Gibbs draws.

    Counts are Poisson with mean ``rate * size``; where the total is not known the rate has a flat
    prior. A group is drawn anew with a partner that gives or takes its dots, where the total or a
    sum of one value is known, else alone (Geman and Geman 1984).

    Parameters
    ----------
    sums : SoftSums
        With `one_hard_sum_each`.
    start : int array, shape (groups,)
        Counts that fit all sums.
    size : float array, shape (groups,)
        Homes, above 0.
    most : int array, shape (groups,)
        Largest count of each.
    total_is_known : bool
        Whether draws keep the sum of `start`.
    rng : numpy.random.Generator

    Returns
    -------
    float array, shape (groups, counts)
        Each row adds up to 1.
    """
    chains = _Chains(sums, start, size, most)
    free = np.flatnonzero(~chains.hard)
    laws = np.zeros((len(start), int(most.max()) + 1))
    for sweep in range(_BURN_IN + _SWEEPS):
        for g in rng.permutation(len(start)):
            paired = bool(chains.hard[g]) or total_is_known
            others = chains.partners[g] if chains.hard[g] else free[free != g]
            if not paired:
                chains.draw(g, None, rng)
            elif len(others):
                chains.draw(g, int(rng.choice(others)), rng)
        if not total_is_known:
            chains.rate = rng.gamma(chains.count.sum(axis=0) + 1.0) / size.sum()
        if sweep >= _BURN_IN:
            for g in range(len(start)):
                np.add.at(laws[g], chains.count[g], 1.0)
    return np.asarray(laws / laws.sum(axis=1, keepdims=True))


class _Chains:
    """Counts of each group in each chain, and the sums that they make."""

    def __init__(
        self, sums: SoftSums, start: np.ndarray, size: np.ndarray, most: np.ndarray
    ) -> None:
        self.size, self.most = size, most
        self.count = np.repeat(start[:, None], _CHAINS, axis=1).astype(np.int64)
        self.rate = np.full(_CHAINS, max(float(start.sum()), 1.0) / size.sum())
        self._held = np.stack([self.count[rows].sum(axis=0) for rows in sums.members])
        self._low = np.asarray(sums.low, dtype=np.int64)
        with np.errstate(divide="ignore"):
            self._log = [np.pad(np.log(one), 1, constant_values=-np.inf) for one in sums.likelihood]
        self._sums_of: list[set[int]] = [set() for _ in start]
        self.partners: list[np.ndarray] = [np.empty(0, np.int64)] * len(start)
        self.hard = np.zeros(len(start), dtype=bool)
        for s, rows in enumerate(sums.members):
            for g in rows:
                self._sums_of[g].add(s)
                if len(sums.likelihood[s]) == 1:
                    self.partners[g], self.hard[g] = rows[rows != g], True

    def draw(self, g: int, h: int | None, rng: np.random.Generator) -> None:
        """Draw the count of a group given all others, a partner giving or taking its dots."""
        count, ones = self.count, self._sums_of[g]
        k = np.arange(int(self.most[g]) + 1)[:, None]
        weight = k * np.log(self.rate * self.size[g]) - gammaln(k + 1.0)
        twos: set[int] = set()
        if h is not None:
            twos = self._sums_of[h]
            left = count[g] + count[h] - k
            rest = np.maximum(left, 0)
            weight = weight + rest * np.log(self.rate * self.size[h]) - gammaln(rest + 1.0)
            weight = np.where((left >= 0) & (left <= self.most[h]), weight, -np.inf)
        moved = k - count[g]
        for s in sorted(ones ^ twos):
            now = self._held[s] + (moved if s in ones else -moved) - self._low[s] + 1
            weight = weight + self._log[s][np.clip(now, 0, len(self._log[s]) - 1)]
        weight = np.exp(weight - weight.max(axis=0)).cumsum(axis=0)
        drawn = (weight < rng.random(_CHAINS) * weight[-1]).sum(axis=0)
        change = drawn - count[g]
        count[g] = drawn
        for s in ones - twos:
            self._held[s] += change
        if h is not None:
            count[h] -= change
            for s in twos - ones:
                self._held[s] -= change
