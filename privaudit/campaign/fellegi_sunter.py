"""How likely two names are one person's: Fellegi and Sunter's model, its parameters by EM."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from privaudit._core.arrays import Floats, Ints
from privaudit.campaign.listed_names import NEARLY
from privaudit.campaign.name_pairs import NamePairs
from privaudit.measures.maps.one_to_one import matching_marginals

__all__ = ["LinkedPairs", "link"]

# What is believed before any pair was seen, in pairs: names agree in full most often (scenario).
_TURNED = np.array([19.0, 1.0])
_FIRST = np.array([16.0, 0.6, 2.8, 0.6])
_LAST = np.array([16.0, 1.6, 0.6, 0.6, 1.2])
_YEAR = np.array([9.0, 1.0])
_LISTED = np.array([6.0, 4.0])
# Years of two digits that are the same, and that are another.
_YEARS = np.array([1.0, 99.0])
# Share of people whose last name is one slip from another, and what that is worth in people.
_SLIP, _SLIP_SEEN = 2e-4, 1_000.0
_ROUNDS, _SETTLED = 60, 1e-6
# Pairs less likely than this compete with no other.
_HARDLY = 1e-4


class LinkedPairs(NamedTuple):
    """Probability that each pair is one person, and the parameters that it rests on.

    - `probability`: Of each of the `NamePairs`, in their order.
    - `listed`: Share of the accounts whose name can be read that are somebody listed.
    - `turned`, `first`, `last`, `year`: Share of true pairs at each level.
    """

    probability: Floats
    listed: float
    turned: Floats
    first: Floats
    last: Floats
    year: Floats


def link(pairs: NamePairs) -> LinkedPairs:
    """Work out how likely each pair is one person, from how the names of all of them agree.

    Write m for the share of true pairs at a level of agreement, and u for the share of all listed
    people who stand at that level with an account: few for a rare name, many for a common one
    (term frequencies). The name an account shows is as likely, of somebody not listed, as the sum
    of m u over the levels; of the person of a pair, m of its level. Of n people listed, each as
    likely, an account is one with probability p. Then, the account being one person at most, and
    each person having one account at most::

        P(pair) ~ p / (1 - p) / (n - matched) * m / sum(m u)

    beside 1 for nobody listed. m and p are what makes all names shown most likely (EM), with a few
    imagined pairs so that a handful of accounts does. Fellegi and Sunter 1969 (JASA 64:1183);
    Winkler 1988.
    """
    now = _Parameters.before()
    probability = np.zeros(len(pairs.account))
    named = len(np.unique(pairs.read))
    for _ in range(_ROUNDS):
        odds = _odds(pairs, now, probability.sum())
        total = np.bincount(pairs.account, odds, pairs.accounts)
        after = odds / (1 + total[pairs.account])
        moved = np.abs(after - probability).max(initial=0.0)
        probability = after
        now = _Parameters.after(pairs, probability, named)
        if moved < _SETTLED:
            break
    odds = _odds(pairs, now, probability.sum())
    return LinkedPairs(
        probability=_one_to_one(pairs, odds),
        listed=now.listed,
        turned=now.turned,
        first=now.first,
        last=now.last,
        year=now.year,
    )


class _Parameters(NamedTuple):
    listed: float
    turned: Floats
    first: Floats
    last: Floats
    year: Floats
    slip: float

    @classmethod
    def before(cls) -> _Parameters:
        turned, first, last, year = (p / p.sum() for p in (_TURNED, _FIRST, _LAST, _YEAR))
        return cls(_LISTED[0] / _LISTED.sum(), turned, first, last, year, _SLIP)

    @classmethod
    def after(cls, pairs: NamePairs, probability: Floats, named: int) -> _Parameters:
        """Count what the pairs, each as far as it is believed, say of the levels."""

        def shares(level: Ints, prior: Floats) -> Floats:
            # Those that are not known, -1, are counted in a cell of their own.
            seen = np.bincount(level + 1, probability, len(prior) + 1)[1:] + prior
            return np.asarray(seen / seen.sum())

        nearly = pairs.last == NEARLY
        slips = float((1 - probability[nearly]).sum())
        return cls(
            listed=float((probability.sum() + _LISTED[0]) / (named + _LISTED.sum())),
            turned=shares(pairs.turned, _TURNED),
            first=shares(pairs.first, _FIRST),
            last=shares(pairs.last, _LAST),
            year=shares(pairs.year, _YEAR),
            slip=(slips + _SLIP * _SLIP_SEEN) / (pairs.looked + _SLIP_SEEN),
        )


def _odds(pairs: NamePairs, now: _Parameters, matched: float) -> Floats:
    """Odds of each pair against nobody listed."""
    last = now.last.copy()
    last[NEARLY] *= now.slip
    usual = np.bincount(
        pairs.read,
        now.turned[pairs.read_turned] * (pairs.read_first @ now.first) * (pairs.read_last @ last),
        pairs.accounts,
    )
    shown = now.turned[pairs.turned] * now.first[pairs.first] * now.last[pairs.last]
    free = max(pairs.listed - matched, 1.0)
    odds = now.listed / (1 - now.listed) / free * shown / usual[pairs.account]
    born = pairs.same_year[pairs.account]
    # Another year is one of 99.
    year = now.year / _YEARS
    usual_year = year[0] * born + year[1] * (1 - born)
    known = pairs.year >= 0
    return np.where(known, odds * year[pairs.year] / np.where(known, usual_year, 1.0), odds)


def _one_to_one(pairs: NamePairs, odds: Floats) -> Floats:
    """Probabilities under the belief that nobody listed has two accounts.

    Each account has a place of its own besides, for nobody listed. Only accounts that others
    compete with are revised.
    """
    total = 1 + np.bincount(pairs.account, odds, pairs.accounts)
    alone = odds / total[pairs.account]
    some = alone > _HARDLY
    claims = np.bincount(pairs.entry[some], minlength=pairs.listed)
    rivals = np.unique(pairs.account[some & (claims[pairs.entry] > 1)])
    asked = some & np.isin(pairs.account, rivals)
    if not asked.any():
        return alone
    # In the order of accounts, nobody last in each row.
    row = np.concatenate([np.searchsorted(rivals, pairs.account[asked]), np.arange(len(rivals))])
    place = np.concatenate([pairs.entry[asked], pairs.listed + np.arange(len(rivals))])
    weight = np.concatenate([odds[asked], np.ones(len(rivals))])
    order = np.lexsort((place, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(rivals)))])
    found = np.empty(len(order))
    found[order] = matching_marginals(indptr, place[order], weight[order], settled=1e-4).probability
    alone[asked] = found[: int(asked.sum())]
    return alone
