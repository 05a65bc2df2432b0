"""From addresses to names: which entry of a register may each record be?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guesses import Posterior
from privaudit.attacks.keys import SharedKeys
from privaudit.attacks.known_attack import KnownAttack
from privaudit.attacks.locate import missing_an_address, register_addresses
from privaudit.measures.tables.compressed_rows import (
    normalise,
    pick_best,
    row_max,
    row_of,
    row_sum,
    take_rows,
)
from privaudit.places.address_base import AddressBase
from privaudit.release.release import DotRelease, Release, TableRelease

__all__ = ["HOLDS_REGISTER", "NEIGHBOUR", "Named", "name_at_addresses", "name_by_keys"]

HOLDS_REGISTER = KnownAttack(
    word="holds_register",
    needs=("register",),
    uses=("mask", "results"),
    kinds=(DotRelease, TableRelease),
    believes=Adversary.holds_register,
)
NEIGHBOUR = KnownAttack(
    word="neighbour",
    needs=("residents",),
    uses=("mask", "results"),
    kinds=(DotRelease, TableRelease),
    believes=lambda residents=None, **held: Adversary.neighbour(register=residents, **held),
)
# Candidate entries held at once: about 100 MB.
ENTRIES_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Named:
    """Best entry of each record and its probability, -1 and 0 where no entry fits."""

    person: np.ndarray
    confidence: np.ndarray

    @classmethod
    def nobody(cls, n: int) -> Named:
        """Return no entry for each of n records."""
        return cls(person=np.full(n, -1, dtype=np.int64), confidence=np.zeros(n))

    @property
    def unnamed(self) -> int:
        """Records that no entry fits."""
        return int((self.person < 0).sum())


def name_at_addresses(
    release: Release,
    posterior: Posterior,
    base: AddressBase,
    adversary: Adversary,
    draws: np.ndarray,
) -> tuple[Named, Posterior]:
    """Name the person of each dot, and let what the dot shows of them weigh on its address.

    Write N(a) for the register's entries at address *a*, F(a) for those of them that agree
    with what the record shows, q for the share of the whole register that agrees, and c(a) for
    the probability that somebody of *a* is in the register. By Bayes, those who are not in it
    being as likely to agree as anybody::

        p(a | dot, shown)        ~ p(a | dot) (c(a) F(a) / N(a) + (1 - c(a)) q)
        p(entry at a | dot, shown) ~ p(a | dot)  c(a) / N(a)      where the entry agrees

    the first term of the sum being 0 where N(a) = 0.
    Where the prior is the register itself, c(a) = N(a) / (N(a) + M): M is the number of people
    whom the register misses at each address, as `prior_over_addresses` has it, so that every
    entry is as likely as any other. Else c(a) is the register's coverage everywhere. A
    record that shows nothing shared with the register leaves its addresses as they were, and
    names one of N(a) entries.

    - `draws` (float, shape (n,)): In [0, 1); breaks ties.
    """
    at = register_addresses(base, adversary)
    entries = np.argsort(at, kind="stable")
    pointers = np.searchsorted(at[entries], np.arange(1, len(base) + 2))
    keys = SharedKeys.of(release, adversary)
    typical = keys.share_that_agrees()
    n, cover = len(posterior), adversary.coverage
    person = np.full(n, -1, dtype=np.int64)
    confidence = np.zeros(n)
    probability = posterior.probability.copy()
    entries_at = np.diff(pointers)
    many = entries_at[posterior.candidate]
    held_share = np.full(len(base), cover)
    if adversary.prior_word == "register":
        present = entries_at + missing_an_address(entries_at, cover)
        held_share = entries_at / np.where(present > 0, present, 1.0)
    for rows in _slices(posterior.indptr, many):
        pairs = slice(posterior.indptr[rows.start], posterior.indptr[rows.stop])
        indptr = posterior.indptr[rows.start : rows.stop + 1] - pairs.start
        address, held = posterior.candidate[pairs], many[pairs]
        record = row_of(indptr) + rows.start
        expanded, where = take_rows(pointers, address)
        entry = entries[where]
        agrees = keys.agree(np.repeat(record, held), entry)
        some, known_share = np.maximum(held, 1), held_share[address]
        if keys.names:
            fitting = row_sum(expanded, agrees.astype(float)) / some
            agreeing = known_share * fitting + (1 - known_share) * typical[record]
            weight = probability[pairs] * agreeing
        else:
            weight = probability[pairs]
        total = row_sum(indptr, weight)
        known = total > 0
        share = probability[pairs] * known_share / some
        share /= np.where(known, total, 1.0)[record - rows.start]
        chance = np.repeat(share, held) * agrees
        by_record = expanded[indptr]
        best = pick_best(by_record, chance, draws[rows])
        found = best >= 0
        person[rows][found] = entry[best[found]]
        confidence[rows][found] = chance[best[found]]
        revised = normalise(indptr, weight)
        keep = known[record - rows.start]
        probability[pairs] = np.where(keep, revised, probability[pairs])
    revised_posterior = Posterior(posterior.indptr, posterior.candidate, probability)
    return Named(person=person, confidence=confidence), revised_posterior


def _slices(indptr: np.ndarray, entries: np.ndarray) -> list[slice]:
    """Cut records so that each slice has about `ENTRIES_AT_ONCE` candidate entries."""
    running = np.concatenate([[0], np.cumsum(entries)])[indptr]
    cuts = np.searchsorted(running, np.arange(ENTRIES_AT_ONCE, running[-1], ENTRIES_AT_ONCE))
    bounds = np.unique(np.concatenate([[0], cuts, [len(indptr) - 1]]))
    return [slice(int(start), int(stop)) for start, stop in pairwise(bounds)]


def name_by_keys(
    release: Release, adversary: Adversary, rng: np.random.Generator
) -> tuple[Named, np.ndarray, np.ndarray] | None:
    """Name the record of a table by its key variables alone: one of those who agree.

    Each of the m entries of the register that agree is the person with probability c / m, c
    being the register's coverage; the guess lies at the address where most of them live.

    - returns: Names, the address at which most of the fitting entries live (-1 where none fits),
      and the confidence in it; None where the release shares no column with the register.
    """
    keys = SharedKeys.of(release, adversary)
    if not keys.names:
        return None
    n = len(release)
    person, address = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    confidence, at_address = np.zeros(n), np.zeros(n)
    home = adversary.entries()["address"].to_numpy()
    draws = rng.random(n)
    for rows, group, entries, indptr in keys.groups():
        chosen, size, crowd = _largest_homes(entries, indptr, home, draws[rows], group)
        person[rows] = chosen
        confidence[rows] = adversary.coverage / size
        address[rows] = home[chosen]
        at_address[rows] = np.where(home[chosen] >= 0, adversary.coverage * crowd / size, 0.0)
    return Named(person=person, confidence=confidence), address, at_address


def _largest_homes(
    entries: np.ndarray, indptr: np.ndarray, home: np.ndarray, draws: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw, for each record, an entry of its group among those at the group's largest home.

    `entries` of group g stand at ``indptr[g]:indptr[g + 1]``. Returns the entries drawn, the
    sizes of the groups, and how many of each group live at the home of the one drawn.
    """
    code = row_of(indptr)
    pair = np.unique(np.stack([code, home[entries]]), axis=1, return_inverse=True)[1]
    # Unknown homes are nobody's: each such entry stands alone.
    crowd = np.where(home[entries] >= 0, np.bincount(pair)[pair], 1)
    tied = np.flatnonzero(crowd == row_max(indptr, crowd)[code])
    many = np.bincount(code[tied], minlength=len(indptr) - 1)
    first = np.cumsum(many) - many
    drawn = tied[first[group] + (draws * many[group]).astype(np.int64)]
    return entries[drawn], np.diff(indptr)[group], crowd[drawn]
