"""From dots to addresses: the nearest one, or Bayes' posterior over those a mask allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit._core.checks import say
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guesses import Posterior
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.compressed_rows import pick_best
from privaudit.measures.neighbours import nearest, z_order
from privaudit.measures.spatial import SparsePosterior, posterior, posterior_of_pairs
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import Exact, Mask

__all__ = [
    "Located",
    "draws_by_position",
    "locate",
    "located_from",
    "prior_over_addresses",
    "rounded_density",
]

# An unmasked dot lies on its address, up to the decimals of the file and small differences
# between two editions of an address base; farther away nothing explains it.
EXACT_METRES = 5.0
# Writing coordinates with six decimals of a degree moves a dot by up to this: one that stood
# on the edge of a mask's reach may be read from just outside.
ROUNDING_METRES = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class Located:
    """Posterior over addresses and the best address of each dot; arrays as in `Guesses`."""

    posterior: Posterior
    address: np.ndarray
    confidence: np.ndarray
    credible: np.ndarray
    k_addresses: np.ndarray
    k_people: np.ndarray
    notes: tuple[str, ...]


def prior_over_addresses(base: AddressBase, adversary: Adversary) -> np.ndarray:
    """Return how likely each address is to an adversary who has seen no dot.

    Parameters
    ----------
    base : AddressBase
    adversary : Adversary

    Returns
    -------
    ndarray of float, shape (len(base),)
        Sums to 1.

    Raises
    ------
    ParameterError
        The addresses carry no electors or residents, the register is missing or names an
        address that is not there, or all weights are 0.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 9.0], "y": 0.0, "electors": [1, 3]}))
    >>> prior_over_addresses(base, Adversary(name="counts", prior="electors")).tolist()
    [0.25, 0.75]
    """
    if adversary.prior == "addresses":
        weight = np.ones(len(base))
    elif adversary.prior == "register":
        entries = np.bincount(register_addresses(base, adversary), minlength=len(base) + 1)[1:]
        # Those whom the register does not hold may live anywhere.
        missing = (1 / adversary.coverage - 1) * entries.sum() / len(base)
        weight = entries + missing
    else:
        known = next((name for name in ("electors", "residents") if name in base.counts), None)
        if known is None:
            raise ParameterError(
                say(
                    "guess",
                    "electors or residents at each address for prior='electors'",
                    "addresses without counts",
                    "Add them with AddressBase.with_counts, or use prior='addresses'.",
                )
            )
        weight = base.frame[known].to_numpy(dtype=float)
    total = float(weight.sum())
    if total <= 0:
        raise ParameterError(
            say("guess", f"a prior of {adversary.prior} above 0 somewhere", "0 at every address")
        )
    return weight / total


def register_addresses(base: AddressBase, adversary: Adversary) -> np.ndarray:
    """Return the address of each entry of the adversary's register, plus one; 0 unknown."""
    if adversary.register is None:
        raise ParameterError(
            say(
                f"guess ({adversary.name})",
                "a register: who lives where",
                "None",
                "Pass register= to the adversary.",
            )
        )
    row = adversary.register["address"].to_numpy()
    if not np.issubdtype(row.dtype, np.integer) or (len(row) and row.max() >= len(base)):
        raise ParameterError(
            say(
                "guess",
                f"the register's addresses as rows 0 to {len(base) - 1} of the backdrop",
                "a number beyond it, or none",
            )
        )
    return np.maximum(row, -1).astype(np.int64) + 1


def draws_by_position(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one uniform draw a point, made in the order of positions.

    Neither the order of the rows nor that of any file then changes who gets which draw.
    """
    draws = np.empty(len(points))
    draws[z_order(points)] = rng.random(len(points))
    return draws


def locate(
    points: np.ndarray, base: AddressBase, adversary: Adversary, *, rng: np.random.Generator
) -> Located:
    """Guess the address of each dot.

    Without a mask the adversary takes the nearest address, and is sure of it up to ties. With
    one, an address is as likely as its prior times the density of the mask at its distance.
    Where every address that the mask allows has a prior of 0 (nobody is known to vote there)
    the prior is left out for that dot, for its home must be one of them. A dot that the mask
    cannot have put there from any address has no guess: the mask believed is wrong for it.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Metres, in the projection of `base`.
    base : AddressBase
        At least one address.
    adversary : Adversary
        With a mask, or none; one that estimates it must be given its estimate first.
    rng : numpy.random.Generator
        Breaks ties, uniformly.

    Returns
    -------
    Located

    Raises
    ------
    GeometryError
        There is no address, or a dot has no finite position.
    ParameterError
        The adversary lacks what its prior needs.
    """
    if len(base) == 0:
        raise GeometryError(say("guess", "at least one address", "an empty address base"))
    if not np.isfinite(points).all():
        raise GeometryError(say("guess", "finite x and y", "a missing position"))
    prior = prior_over_addresses(base, adversary)
    mask, people, places = adversary.mask, base.people(), base.xy
    if mask is None or isinstance(mask, Exact):
        # Candidates in the order of positions, so that ties do not follow the file's order.
        order = z_order(places)
        pairs = nearest(points, places[order], 0.0 if mask is None else mask.rounding)
        likelihood = np.ones(len(pairs.place))
        if mask is not None:
            likelihood[pairs.distance > EXACT_METRES] = 0.0
        found = posterior_of_pairs(
            pairs, likelihood, prior[order], None if people is None else people[order]
        )
        found = found._replace(place=order[found.place])
    else:
        found = posterior(
            points,
            places,
            prior,
            lambda distance: rounded_density(mask, distance),
            mask.reach + ROUNDING_METRES,
            people=people,
        )
    return located_from(found, points, adversary, rng=rng)


def located_from(
    found: SparsePosterior, points: np.ndarray, adversary: Adversary, *, rng: np.random.Generator
) -> Located:
    """Pick the best address of each row of a posterior, ties drawn in the order of `points`."""
    far = np.diff(found.indptr) == 0
    best = pick_best(found.indptr, found.probability, draws_by_position(points, rng))
    at = np.maximum(best, 0)
    place = found.place.astype(np.int64)
    some = len(place) > 0
    return Located(
        posterior=Posterior(found.indptr, place, found.probability),
        address=np.where(far, -1, place[at] if some else -1),
        confidence=np.where(far, 0.0, found.probability[at] if some else 0.0),
        credible=found.credible,
        k_addresses=found.k_places,
        k_people=found.k_people,
        notes=_notes(found, far, adversary),
    )


def rounded_density(mask: Mask, distance: np.ndarray) -> np.ndarray:
    """Return a mask's density, read a rounding away where it would be 0 on the spot."""
    density = mask.density(distance)
    edge = np.flatnonzero(density == 0)
    if len(edge):
        nearer = mask.density(np.maximum(distance[edge] - ROUNDING_METRES, 0))
        density[edge] = np.maximum(nearer, mask.density(distance[edge] + ROUNDING_METRES))
    return density


def _notes(found: SparsePosterior, far: np.ndarray, adversary: Adversary) -> tuple[str, ...]:
    """Say how many dots were treated apart, and why."""
    notes = []
    if far.any():
        notes.append(
            f"{int(far.sum())} of {len(far)} dots: no address explains them under "
            f"{adversary.mask}; no guess was made, and the mask believed may be wrong."
        )
    if found.without_prior.any():
        notes.append(
            f"{int(found.without_prior.sum())} of {len(far)} dots: every address that explains "
            f"them has 0 {adversary.prior}; all were taken as equally likely before the dot."
        )
    return tuple(notes)
