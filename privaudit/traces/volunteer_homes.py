"""The home of a volunteer, from where rounds begin: near it, if the log shows that they do."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from privaudit.geo.address_base import AddressBase
from privaudit.maps.posterior import Posterior
from privaudit.stats.hidden_markov import SCALES
from privaudit.traces.rounds import VisitedInTurn

# Scales of the way to the first door, metres: a wider one tells no home apart from another.
_NEAR = SCALES[2:]
# How far homes lie from the doors of their volunteer, in mean distances of doors from their middle:
# up to `_AMONG`, they lie among the doors; inf: anywhere.
_WIDE, _AMONG = np.array([0.25, 0.5, 1.0, 2.0, np.inf]), 1.0
# Chances that one round begins anywhere, and that all rounds of a volunteer do.
_ANYWHERE = np.array([0.02, 0.1])
_APART = np.array([0.02, 0.1])
# Prior of no relation to home at all.
_NONE = 0.5


class VolunteerHomes(NamedTuple):
    """Where each volunteer may live.

    - `walker` (int, shape (n,)): Volunteers, by the codes of the rounds.
    - `posterior`: The likeliest addresses of each, with .9999 of the probability.
    - `address` (int, shape (n,)): The address whose surroundings are likeliest.
    - `centroid`, `first_door` (float, shape (n, 2)): Mean of all places visited, and the first of
      the first round, metres: what anyone would guess.
    - `scale` (float): Posterior mean of the scale of the way from home to the first door, metres;
      inf where rounds rather begin anywhere.
    - `learnt` (float): Probability, by all rounds of the log, that they begin near home and homes
      lie among the doors. Where it is small, `posterior` is rather the prior's.
    """

    walker: np.ndarray
    posterior: Posterior
    address: np.ndarray
    centroid: np.ndarray
    first_door: np.ndarray
    scale: float
    learnt: float


def homes_at_ends(
    points: np.ndarray,
    turns: VisitedInTurn,
    base: AddressBase,
    *,
    evenings: int | None = None,
    prior: np.ndarray | None = None,
) -> VolunteerHomes:
    """Work out where volunteers live from the first doors of their rounds.

    Of the doors that are left, a round begins at one with a chance of ``exp(-distance / scale)``
    from home, and homes lie around the doors. Scales, how far around, and how often neither holds
    are averaged by their evidence over all rounds of all volunteers; half of the prior is for
    rounds that begin anywhere. Last doors say nothing: the end of a walk is at the edge of what
    was visited, wherever the volunteer lives.

    A stop longer than a pause splits a round in two, so that a way home is one more beginning.

    Parameters
    ----------
    points : float, shape (dots, 2)
        Where each dot is shown, metres.
    turns : VisitedInTurn
    base : AddressBase
    evenings : int, optional
        Use the first so many rounds of each volunteer, and only volunteers who have as many. What
        holds of all volunteers is learnt from every round.
    prior : float, shape (m,), optional
        Weight of each address as a home. Default: each the same.

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
    weight = np.ones(len(base)) if prior is None else np.asarray(prior, dtype=float)
    weight, xy = weight / weight.sum(), base.xy
    log = [_Doors.of(points, turns, walker) for walker in np.unique(turns.walker)]
    spread = max(float(np.median([one.spread for one in log])), 1.0) if log else 1.0
    # Twice over the volunteers, since one of them fills what a city has of addresses.
    evidence = np.zeros((len(_NEAR) * len(_ANYWHERE), len(_WIDE), len(_APART)))
    for one in log:
        evidence += _Home.of(xy, one, weight, spread).evidence()
    prior_none = np.log(_NONE / (1 - _NONE)) + np.log(evidence.size)
    share = np.exp(evidence - max(evidence.max(), prior_none))
    none = np.exp(prior_none - max(evidence.max(), prior_none))
    share, none = share / (share.sum() + none), none / (share.sum() + none)
    often = [one for one in log if len(one.begins) >= (evenings or 1)]
    rows = [
        _likely(_Home.of(xy, one, weight, spread, evenings).posterior(share, weight))
        for one in often
    ]
    visited = [one.xy[: one.after(evenings)] for one in often]
    nobody = np.empty((0, 2))
    return VolunteerHomes(
        np.array([one.walker for one in often], dtype=np.int64),
        Posterior(
            indptr=np.cumsum([0, *(len(at) for at, _ in rows)]),
            candidate=np.concatenate([np.empty(0, np.int64), *(at for at, _ in rows)]),
            probability=np.concatenate([np.empty(0), *(each for _, each in rows)]),
        ),
        np.array([_most_around(*row, xy) for row in rows], dtype=np.int64),
        np.array([mine.mean(axis=0) for mine in visited]) if often else nobody,
        np.array([mine[0] for mine in visited]) if often else nobody,
        _mean_scale(share),
        float(share[:, _WIDE <= _AMONG].sum()),
    )


class _Doors(NamedTuple):
    """Doors of one volunteer in the order of visits, and where each round begins among them."""

    walker: int
    xy: np.ndarray
    begins: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray, turns: VisitedInTurn, walker: int) -> _Doors:
        rounds = [turns.rounds[k] for k in np.flatnonzero(turns.walker == walker)]
        begins = [0, *accumulate(map(len, rounds))][:-1]
        return cls(int(walker), points[np.concatenate(rounds)], np.array(begins))

    @property
    def spread(self) -> float:
        """Mean distance from their middle, metres."""
        return float(np.hypot(*(self.xy - self.xy.mean(axis=0)).T).mean())

    def after(self, evenings: int | None) -> int:
        """Return how many were visited in so many rounds."""
        none_left = evenings is None or evenings >= len(self.begins)
        return len(self.xy) if none_left else int(self.begins[evenings])


class _Home(NamedTuple):
    """What rounds of one volunteer say of a home at each address.

    - `says` (float, shape (scales and chances of anywhere, m)): Log of how much likelier they begin
      so from there than anywhere.
    - `around` (float, shape (widths, m)): Prior of each address, by how far homes are from doors.
    """

    says: np.ndarray
    around: np.ndarray

    @classmethod
    def of(
        cls, xy: np.ndarray, doors: _Doors, weight: np.ndarray,
        spread: float, evenings: int | None = None,
    ) -> _Home:  # fmt: skip
        apart = np.hypot(doors.xy[:, :1] - xy[:, 0], doors.xy[:, 1:] - xy[:, 1])
        nearest, tiny = apart.min(axis=0), np.finfo(float).tiny
        says = np.zeros((len(_NEAR), len(_ANYWHERE), len(xy)))
        for k, scale in enumerate(_NEAR):
            near = np.exp((nearest - apart) / scale) + tiny
            left = np.cumsum(near[::-1], axis=0)[::-1]
            for begin in doors.begins[:evenings]:
                than_any = near[begin] / left[begin] * (len(near) - begin)
                says[k] += np.log((1 - _ANYWHERE[:, None]) * than_any + _ANYWHERE[:, None])
        around = np.array(
            [np.exp(-((apart / (wide * spread)) ** 2) / 2).sum(axis=0) + tiny for wide in _WIDE]
        )
        around *= weight
        return cls(says.reshape(-1, len(xy)), around / around.sum(axis=1, keepdims=True))

    def evidence(self) -> np.ndarray:
        """Return the log evidence of each law, 0 that of rounds that begin anywhere."""
        top = self.says.max(axis=1, keepdims=True)
        joint = top + np.log(np.exp(self.says - top) @ self.around.T)
        return np.logaddexp(np.log(1 - _APART) + joint[..., None], np.log(_APART))

    def posterior(self, share: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the probability of each address, averaged over laws by their share."""
        probability = np.zeros(len(weight))
        for says, laws in zip(self.says, share, strict=True):
            each = self.around * np.exp(says - says.max())
            total = each.sum(axis=1)
            joint = says.max() + np.log(total)[:, None]
            related = 1 / (1 + np.exp(np.log(_APART / (1 - _APART)) - joint))
            probability += ((laws * related).sum(axis=1) / total) @ each
        return np.asarray(probability + (1 - probability.sum()) * weight)


def _likely(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest addresses that hold .9999 of a posterior, and their probabilities."""
    order = np.argsort(-probability, kind="stable")
    many = int(np.searchsorted(np.cumsum(probability[order]), 0.9999)) + 1
    return order[:many], probability[order[:many]]


def _mean_scale(share: np.ndarray) -> float:
    """Return the mean scale of beginnings, inf where these rather have none."""
    begins = share.sum(axis=(1, 2)).reshape(len(_NEAR), -1).sum(axis=1)
    known = float(begins.sum())
    return float(begins @ np.array(_NEAR)) / known if known > 0.5 else np.inf


def _most_around(
    address: np.ndarray, probability: np.ndarray, xy: np.ndarray, within: float = 100.0
) -> int:
    """Return the address, of the 500 likeliest, with the most probability within some metres."""
    few = address[:500]
    apart = np.hypot(*(xy[few][:, None] - xy[address]).transpose(2, 0, 1))
    return int(few[((apart <= within) @ probability).argmax()])
