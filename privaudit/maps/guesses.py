"""Guesses of an attack, one row a record of the release."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from privaudit.core.checks import keyword_only
from privaudit.core.policy import CROWDED_ADDRESS, UNEXPLAINED_DOTS
from privaudit.errors import ParameterError
from privaudit.stats.csr import credible_size, normalise, pick_best
from privaudit.words.catalogues import Note


@keyword_only
@dataclass(frozen=True, eq=False)
class Posterior:
    """Sparse probabilities over candidates, one row a record (compressed rows).

    Row ``i`` has candidates ``candidate[indptr[i]:indptr[i+1]]`` (rows of the address base)
    with ``probability`` summing to 1, or none where nothing explains the record.
    """

    indptr: np.ndarray
    candidate: np.ndarray
    probability: np.ndarray

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def best(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's likeliest candidate and its probability; -1 and 0 where it is empty.

        `draws`, one a row in [0, 1), break ties.
        """
        at = pick_best(self.indptr, self.probability, draws)
        some = at >= 0
        candidate, sure = np.full(len(self), -1, dtype=np.int64), np.zeros(len(self))
        candidate[some], sure[some] = self.candidate[at[some]], self.probability[at[some]]
        return candidate, sure

    def weighed(self, weight: np.ndarray) -> Posterior:
        """Return the posterior with each address made so many times likelier.

        `weight`, 0 or more, one an address of the base.

        Examples
        --------
        >>> posterior = Posterior(np.array([0, 2]), np.array([0, 1]), np.array([0.5, 0.5]))
        >>> posterior.weighed(np.array([3.0, 1.0])).probability.tolist()
        [0.75, 0.25]
        """
        weight = np.asarray(weight, dtype=float)[self.candidate]
        probability = normalise(self.indptr, weight * self.probability)
        return Posterior(self.indptr, self.candidate, probability)

    def at(self, address: np.ndarray) -> np.ndarray:
        """Return the probability of one address a record, 0 where it is no candidate.

        Examples
        --------
        >>> posterior = Posterior(np.array([0, 2, 2]), np.array([5, 3]), np.array([0.7, 0.3]))
        >>> posterior.at(np.array([3, 3])).tolist()
        [0.3, 0.0]
        """
        record = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        hit = self.candidate == np.asarray(address)[record]
        return np.bincount(record[hit], self.probability[hit], minlength=len(self))

    def mean_distance(self, address: np.ndarray, xy: np.ndarray) -> np.ndarray:
        """Return the mean distance from one address a record, in metres; nan without one (-1).

        Examples
        --------
        >>> posterior = Posterior(np.array([0, 2]), np.array([0, 1]), np.array([0.5, 0.5]))
        >>> posterior.mean_distance(np.array([1]), np.array([[0.0, 8.0], [0.0, 0.0]])).tolist()
        [4.0]
        """
        record = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        apart = np.hypot(*(xy[self.candidate] - xy[np.asarray(address)[record]]).T)
        mean = np.bincount(record, self.probability * apart, minlength=len(self))
        return np.where(np.asarray(address) >= 0, mean, np.nan)


class ComparedAddress(NamedTuple):
    """What a posterior that was let go says of one address a record."""

    address: np.ndarray
    probability: np.ndarray

    def at(self, address: np.ndarray) -> np.ndarray:
        """Return the probability of one address a record: those that it was kept for."""
        if not np.array_equal(address, self.address):
            raise ParameterError.of("ComparedAddress", "the addresses it was kept for", "others")
        return self.probability


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What was treated apart, counted: tallies of tiles add up to that of the map.

    - `mask`, `prior`: What the adversary believes of moves and addresses; of tiles, the same.
    - `unexplained`: Dots that no address explains under the mask believed.
    - `without_prior`: Dots each of whose addresses nobody is known to live at.
    - `unnamed`: Records that no entry of the register fits.
    - `crowd`: The most dots that are expected at one address, where one is believed to be there.
    - `change`: By how much the probabilities of a one-to-one assignment still moved.
    """

    records: int
    mask: str = ""
    prior: str = ""
    unexplained: int = 0
    without_prior: int = 0
    unnamed: int = 0
    crowd: float = 0.0
    change: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return replace(
            self,
            records=self.records + other.records,
            unexplained=self.unexplained + other.unexplained,
            without_prior=self.without_prior + other.without_prior,
            unnamed=self.unnamed + other.unnamed,
            crowd=max(self.crowd, other.crowd),
            change=max(self.change, other.change),
        )

    @property
    def reliable(self) -> bool:
        """Whether no more than one record in twenty is left unexplained."""
        return self.unexplained <= UNEXPLAINED_DOTS * self.records

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was counted, in words for a page.

        Examples
        --------
        >>> (Tally(records=9, unnamed=1) + Tally(records=9, unnamed=2)).notes
        (Note('unnamed_records', records=3, of=18),)
        """
        notes, of = [], self.records
        if self.unexplained:
            notes.append(Note("unexplained_dots", dots=self.unexplained, of=of, mask=self.mask))
        if self.without_prior:
            notes.append(
                Note("dots_without_prior", dots=self.without_prior, of=of, prior=self.prior)
            )
        if self.unnamed:
            notes.append(Note("unnamed_records", records=self.unnamed, of=of))
        if self.crowd > 1 + CROWDED_ADDRESS:
            notes.append(Note("dots_share_an_address", expected=self.crowd))
        if self.change > 0:
            notes.append(Note("assignment_unsettled", change=self.change))
        return tuple(notes)


@dataclass(frozen=True, eq=False, kw_only=True)
class Located:
    """Posterior over addresses and the best address of each dot; arrays as in `Guesses`.

    `posterior` is None where it was not kept; `level` is what sets (`credible`) hold of it.
    """

    posterior: Posterior | None
    address: np.ndarray
    confidence: np.ndarray
    credible: np.ndarray
    k_addresses: np.ndarray
    k_people: np.ndarray
    tally: Tally
    level: float = 0.95

    def kept(self, who: str) -> Posterior:
        """Return the posterior for the function `who`, or raise `ParameterError` without one."""
        if self.posterior is None:
            do = "Attack the map in tiles, with privaudit.maps.ladder.climb."
            raise ParameterError.of(who, "a posterior that fits in memory", "a wider one", do)
        return self.posterior


# Each array of guesses: the kinds of its numbers, and what stands where an attack says nothing.
_COLUMNS: tuple[tuple[str, str, Any], ...] = (
    ("address", "iu", -1),
    ("confidence", "iuf", lambda made: (made.address >= 0).astype(float)),
    ("person", "iu", -1),
    ("person_confidence", "iuf", lambda made: (made.person >= 0).astype(float)),
    ("opinion", "U", ""),
    ("opinion_confidence", "iuf", lambda made: (made.opinion != "").astype(float)),
)


def _unsaid() -> np.ndarray:
    """Return what stands for an array that an attack does not give."""
    return np.empty(0)


def _column(name: str, value: Any, kinds: str, n: int) -> np.ndarray:
    """Check one array of guesses: its kind, and its length."""
    array = np.asarray(value)
    if array.dtype.kind == "O" and kinds == "U":
        array = array.astype(str)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in kinds):
        what = {"iu": "whole numbers", "iuf": "numbers", "U": "texts"}[kinds]
        came = f"{array.ndim} dimensions of {array.dtype}"
        raise ParameterError.of("Guesses", f"{name} an array of {what}, one a record", came)
    if len(array) != n:
        came = f"{len(array):,} for {n:,}"
        raise ParameterError.of("Guesses", f"{name} one a record, as address", came)
    return array.astype({"iu": np.int64, "iuf": float}.get(kinds, array.dtype))


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Guesses:
    """An adversary's guesses and confidence, arrays of length n (records of the release).

    Only `address` must be given: what an attack does not say is filled in. It is then sure of each
    guess, names nobody, and takes a declared opinion as `audit` reads it.

    - `attack`: Word of the attack, such as ``"knows_mask"``.
    - `address` (int64): Guessed row of the address base, -1 where there is none.
    - `confidence` (float): Probability that the adversary gives to that address, 0 to 1.
    - `right_doors`: Probability that the person lives where the dot was put before it was moved,
      of each where the map shows it; the posterior is of that place, `confidence` of the
      home.
    - `person` (int64): Guessed register entry, -1 where no register is held or nobody fits.
    - `person_confidence` (float): Probability given to that entry, 0 to 1 (0 where there is no
      guess).
    - `opinion` (str): Presumed leaning, "" where the release says nothing of it.
    - `opinion_low`, `opinion_high` (float): Ends of the 95 % range of `opinion_confidence`, all
      labels being right as often; None where none is stated.
    - `posterior`: The whole sparse posterior over addresses; None for a table.
    - `credible` (int64): Number of addresses that together hold 95 % of the posterior; where the
      mask was worked out, as much more as sets need to hold 95 % of the homes.
    - `k_addresses`, `k_people` (float): Spatial k-anonymity: posterior mean of the number of
      addresses (people) that are at least as near to the dot as the home. `k_people` is nan where
      counts are unknown.
    - `error`, `beside` (float): Of a posterior that was let go: its mean distance from the address,
      metres, and its probability of another guess; see `ladder.climb`.
    - `doubts`: Why the guesses are not reliable, whatever the tally says.
    - `right_between`: Where the mask was worked out, the share of right addresses, as claimed over
      all masks, least and most by which of them it was: 98 % of the masks believed.
    - `told_as_both`: Whether dots stand on addresses, left or swapped: a doubt says each number.
    - `notes`: All that is to be said, doubts and tally included where an attack has ended (`told`).

    >>> guesses = Guesses(attack="by hand", address=np.array([3, -1]))
    >>> guesses.confidence.tolist(), guesses.person.tolist()
    ([1.0, 0.0], [-1, -1])
    """

    attack: str = ""
    copies: int = 1
    right_doors: float | np.ndarray = 1.0
    address: np.ndarray
    confidence: np.ndarray = field(default_factory=_unsaid)
    person: np.ndarray = field(default_factory=_unsaid)
    person_confidence: np.ndarray = field(default_factory=_unsaid)
    opinion: np.ndarray = field(default_factory=_unsaid)
    opinion_confidence: np.ndarray = field(default_factory=_unsaid)
    opinion_low: np.ndarray | None = None
    opinion_high: np.ndarray | None = None
    posterior: Posterior | None = None
    credible: np.ndarray | None = None
    k_addresses: np.ndarray | None = None
    k_people: np.ndarray | None = None
    error: np.ndarray | None = None
    beside: np.ndarray | None = None
    tally: Tally | None = None
    doubts: tuple[Note, ...] = ()
    right_between: tuple[float, float, float] | None = None
    told_as_both: bool = False
    notes: tuple[Note, ...] = ()
    reliable: bool = True

    def __post_init__(self) -> None:
        n = np.size(self.address)
        for name, kinds, unsaid in _COLUMNS:
            value = getattr(self, name)
            if not np.size(value) and n:
                value = unsaid(self) if callable(unsaid) else np.full(n, unsaid)
            object.__setattr__(self, name, _column(name, value, kinds, n))

    def __len__(self) -> int:
        return len(self.address)

    def revised(self, posterior: Posterior, *, rng: np.random.Generator) -> Guesses:
        """Return the guesses by another posterior: the best address of each, ties by `rng`."""
        address, confidence = posterior.best(rng.random(len(posterior)))
        return replace(
            self,
            posterior=posterior,
            address=address,
            confidence=self.right_doors * confidence,
            credible=credible_size(posterior.indptr, posterior.probability),
        )

    def told(self) -> Guesses:
        """Return the guesses with notes of what was counted, and whether they are reliable."""
        tally = Tally(records=len(self)) if self.tally is None else self.tally
        return replace(
            self,
            notes=(*self.notes, *self.doubts, *tally.notes),
            reliable=self.reliable and not self.doubts and tally.reliable,
        )
