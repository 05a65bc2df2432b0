"""The home of a volunteer, from the ends of rounds: where they begin and end over evenings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from privaudit.geo.address_base import AddressBase
from privaudit.maps.posterior import Posterior
from privaudit.stats.hidden_markov import SCALES
from privaudit.traces.rounds import VisitedInTurn

# Chance that a round begins, or ends, anywhere.
_ANYWHERE = 0.1
# What rounds say of a home: where they begin, where they end, where they lie.
_KINDS = 3


class VolunteerHomes(NamedTuple):
    """Where each volunteer may live.

    - `walker` (int, shape (n,)): Volunteers, by the codes of the rounds.
    - `posterior`: The likeliest addresses of each, with .9999 of the probability.
    - `address` (int, shape (n,)): The address whose surroundings are likeliest.
    - `centroid`, `first_door` (float, shape (n, 2)): Mean of all places visited, and the first of
      the first round, metres: what anyone would guess.
    - `scale` (float): Posterior mean of the scale of the way from home to the first door, metres;
      inf where rounds rather begin anywhere.
    """

    walker: np.ndarray
    posterior: Posterior
    address: np.ndarray
    centroid: np.ndarray
    first_door: np.ndarray
    scale: float


def homes_at_ends(
    points: np.ndarray,
    turns: VisitedInTurn,
    base: AddressBase,
    *,
    evenings: int | None = None,
) -> VolunteerHomes:
    """Work out where volunteers live from the first and last visits of their rounds.

    A stop longer than a pause splits a round in two, so that a way home between visits is two ends.
    Of the doors that are left, a round begins at one that is near home, of its own doors it ends at
    one, each with a chance of ``exp(-distance / scale)``; and all doors lie around home. The three
    scales are averaged by their evidence over all volunteers, no relation to home among them.

    Parameters
    ----------
    points : float, shape (dots, 2)
        Where each dot is shown, metres.
    turns : VisitedInTurn
    base : AddressBase
    evenings : int, optional
        Use the first so many rounds of each volunteer, and only volunteers who have as many.

    References
    ----------
    Hassan et al. (2018): ends of activities around hidden zones give the protected place of 95.1 %
    of moderately active users away.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.traces.rounds import Visits
    >>> base = AddressBase(pd.DataFrame({"id": list("abcd"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 300.0, 600.0, 900.0], "y": 0.0}), real=False)
    >>> log = pd.DataFrame({"visited_at": pd.to_datetime(["2016-09-01 18:00", "2016-09-01 18:09",
    ...     "2016-09-02 18:00", "2016-09-02 18:09"]), "x": [300.0, 300.0, 300.0, 0.0]})
    >>> turns = Visits(by=None).in_turn(log, rng=np.random.default_rng(7))
    >>> homes_at_ends(np.column_stack([log["x"], 0 * log["x"]]), turns, base).address.tolist()
    [1]
    """
    # Each address is as likely a home.
    weight, xy = np.full(len(base), 1 / len(base)), base.xy
    walkers, often = np.unique(turns.walker, return_counts=True)
    walkers = walkers[often >= (evenings or 1)]
    several = [
        [turns.rounds[k] for k in np.flatnonzero(turns.walker == walker)][:evenings]
        for walker in walkers
    ]
    doors = [points[np.concatenate(one)] for one in several]
    size = [np.array([len(round_) for round_ in one]) for one in several]
    # Twice over the volunteers, since one of them fills what a city has of addresses.
    evidence = np.zeros((len(SCALES) + 1,) * _KINDS)
    for mine, many in zip(doors, size, strict=True):
        evidence += _evidence(_of_rounds(xy, mine, many), weight)
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    rows = [
        _likely(_over_scales(_of_rounds(xy, mine, many), weight, share))
        for mine, many in zip(doors, size, strict=True)
    ]
    nobody = np.empty((0, 2))
    return VolunteerHomes(
        walkers,
        Posterior(
            indptr=np.cumsum([0, *(len(at) for at, _ in rows)]),
            candidate=np.concatenate([np.empty(0, np.int64), *(at for at, _ in rows)]),
            probability=np.concatenate([np.empty(0), *(each for _, each in rows)]),
        ),
        np.array([_most_around(*row, xy) for row in rows], dtype=np.int64),
        np.array([mine.mean(axis=0) for mine in doors]) if doors else nobody,
        np.array([mine[0] for mine in doors]) if doors else nobody,
        _mean_scale(share),
    )


def _of_rounds(xy: np.ndarray, doors: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the log likelihood of one volunteer's rounds for a home at each address.

    Shape (3, scales and no relation, m): of where rounds begin, of where they end, and of where
    all of them lie.
    """
    apart = np.hypot(doors[:, :1] - xy[:, 0], doors[:, 1:] - xy[:, 1])
    middle = np.hypot(*(xy - doors.mean(axis=0)).T)
    begins = np.cumsum(size) - size
    # One middle says nothing of how far it is from home: no less than doors are from it.
    spread = float(np.hypot(*(doors - doors.mean(axis=0)).T).mean())
    says = np.zeros((_KINDS, len(SCALES) + 1, len(xy)))
    area = float(np.prod(np.maximum(np.ptp(xy, axis=0), 1.0)))
    for k, scale in enumerate(SCALES):
        near = np.exp(-apart / scale) + np.finfo(float).tiny
        for begin, many in zip(begins, size, strict=True):
            # Any door that was left might have been the first, any of the round the last.
            round_ = slice(begin, begin + many)
            for kind, at, of in ((0, begin, slice(begin, None)), (1, begin + many - 1, round_)):
                even = 1 / len(near[of])
                # Beyond the doors others would stand as densely: nobody starts from far away.
                # Their area: that of the box around them, and 50 metres around it.
                room = float(np.prod(np.ptp(doors[of], axis=0) + 100.0))
                beyond = len(near[of]) * 2 * np.pi * scale**2 / room
                chosen = near[at] / (near[of].sum(axis=0) + beyond)
                says[kind, k] += np.log(((1 - _ANYWHERE) * chosen + _ANYWHERE * even) / even)
        wide = max(scale, spread)
        says[2, k] = np.log(area / (2 * np.pi * wide**2)) - middle / wide
    return says


def _evidence(says: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the log evidence of one volunteer for each combination of scales."""
    evidence = np.empty((says.shape[1],) * _KINDS)
    for at in np.ndindex(evidence.shape):
        joint = says[range(_KINDS), at].sum(axis=0)
        evidence[at] = joint.max() + np.log(np.exp(joint - joint.max()) @ weight)
    return evidence


def _over_scales(says: np.ndarray, weight: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the posterior of one home, averaged over combinations of scales by their share."""
    probability = np.zeros(len(weight))
    for at in map(tuple, np.argwhere(share > share.max() * 1e-3)):
        joint = says[range(_KINDS), at].sum(axis=0)
        each = weight * np.exp(joint - joint.max())
        probability += share[at] * each / each.sum()
    return np.asarray(probability / probability.sum())


def _likely(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest addresses that hold .9999 of a posterior, and their probabilities."""
    order = np.argsort(-probability, kind="stable")
    many = int(np.searchsorted(np.cumsum(probability[order]), 0.9999)) + 1
    return order[:many], probability[order[:many]]


def _mean_scale(share: np.ndarray) -> float:
    """Return the mean scale of beginnings, inf where these rather have none."""
    begins = share.sum(axis=tuple(range(1, _KINDS)))
    known = float(begins[:-1].sum())
    return float(begins[:-1] @ np.array(SCALES)) / known if known > 0.5 else np.inf


def _most_around(
    address: np.ndarray, probability: np.ndarray, xy: np.ndarray, within: float = 100.0
) -> int:
    """Return the address, of the 500 likeliest, with the most probability within some metres."""
    few = address[:500]
    apart = np.hypot(*(xy[few][:, None] - xy[address]).transpose(2, 0, 1))
    return int(few[((apart <= within) @ probability).argmax()])
