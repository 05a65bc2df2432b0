"""`Guesses`: what an attack returns, one row a record of the release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Guesses", "Posterior"]


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


@dataclass(frozen=True, eq=False, kw_only=True)
class Guesses:
    """An adversary's guesses and confidence, arrays of length n (records of the release).

    Parameters
    ----------
    attack : str
        Name of the rung, such as ``"knows the mask"``.
    address : ndarray of int64
        Guessed row of the address base, -1 where there is none.
    address_confidence : ndarray of float
        Probability that the adversary gives to that address, 0 to 1.
    person : ndarray of int64
        Guessed register entry, -1 where no register is held or nobody fits.
    person_confidence : ndarray of float
        Probability given to that entry, 0 to 1 (0 where there is no guess).
    opinion : ndarray of str
        Presumed leaning, "" where the release says nothing of it.
    opinion_confidence : ndarray of float
    posterior : Posterior, optional
        The whole sparse posterior over addresses; None for a table.
    credible : ndarray of int64
        Number of addresses that together hold 95 % of the posterior.
    k_addresses, k_people : ndarray of float
        Spatial k-anonymity: posterior mean of the number of addresses (people) that are at
        least as near to the dot as the home. `k_people` is nan where counts are unknown.
    notes : tuple of str
    reliable : bool
    """

    attack: str
    address: np.ndarray
    address_confidence: np.ndarray
    person: np.ndarray
    person_confidence: np.ndarray
    opinion: np.ndarray
    opinion_confidence: np.ndarray
    posterior: Posterior | None = None
    credible: np.ndarray | None = None
    k_addresses: np.ndarray | None = None
    k_people: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    reliable: bool = True

    def __len__(self) -> int:
        return len(self.address)
