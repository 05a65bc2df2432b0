"""Locate dots: the nearest address, or Bayes' posterior over addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import PlaceTree, nearest, place_tree, z_order
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.guesses import Located, Posterior, Tally
from privaudit.maps.masks.exact import Exact
from privaudit.maps.model_averaging import AveragedMask
from privaudit.maps.posterior import (
    MOST_PAIRS,
    SparsePosterior,
    expected_total,
    gather,
    posterior_of_pairs,
    posteriors_in_slices,
)
from privaudit.stats.csr import credible_size

NEAREST = KnownAttack(word="nearest", believes=Adversary.nearest)
KNOWS_MASK = KnownAttack(word="knows_mask", needs=("mask",), believes=Adversary.knows_mask)
KNOWS_ELECTORS = KnownAttack(
    word="knows_electors", needs=("mask", "electors"), believes=Adversary.knows_electors
)
# An unmasked dot lies on its address, up to the decimals of the file and small differences
# between two editions of an address base; farther away nothing explains it.
EXACT_METRES = 5.0
# Band of those who have no vote.
UNDER_AGE = "0-17"


def prior_over_addresses(base: AddressBase, adversary: Adversary) -> np.ndarray:
    """Return how likely each address is to an adversary who has seen no dot.

    - returns (float, shape (len(base),)): Sums to 1.
    """
    weight: np.ndarray
    if adversary.prior_word == "own":
        weight = adversary.prior
        if len(weight) != len(base):
            came = f"{len(weight):,} for {len(base):,}"
            raise ParameterError.of("guess", "a prior with one weight an address", came)
    elif adversary.prior == "addresses":
        weight = np.ones(len(base))
    elif adversary.prior == "register":
        entries = np.bincount(register_addresses(base, adversary), minlength=len(base) + 1)[1:]
        # Those whom the register does not hold may live anywhere.
        weight = entries + missing_an_address(entries, adversary.coverage)
    else:
        known = next((name for name in ("electors", "residents") if name in base.counts), None)
        if known is None:
            needed = "electors or residents at each address for prior='electors'"
            do = "Add them with AddressBase.with_counts, or use prior='addresses'."
            raise ParameterError.of("guess", needed, "addresses without counts", do)
        weight = base.frame[known].to_numpy(dtype=float)
    total = float(weight.sum())
    if total <= 0:
        needed = f"a prior of {adversary.prior_word} above 0 somewhere"
        raise ParameterError.of("guess", needed, "0 at every address")
    return weight / total


def missing_an_address(entries: np.ndarray, coverage: float) -> float:
    """Return how many people a register is believed to miss at each address.

    The same number everywhere, whatever is registered there: so it is where dwellers come
    independently of each other (Poisson) and each is missed with the same chance.
    """
    return (1 / coverage - 1) * float(entries.sum()) / len(entries)


def register_addresses(base: AddressBase, adversary: Adversary) -> np.ndarray:
    """Return the address of each entry of the adversary's register, plus one; 0 unknown.

    A neighbour knows children too, whom nobody canvasses: they are at no address here.
    """
    register = adversary.entries()
    row = register["address"].to_numpy()
    if not np.issubdtype(row.dtype, np.integer) or (len(row) and row.max() >= len(base)):
        needed = f"the register's addresses as rows 0 to {len(base) - 1} of the backdrop"
        raise ParameterError.of("guess", needed, "a number beyond it, or none")
    at = np.asarray(np.maximum(row, -1).astype(np.int64) + 1)
    if adversary.needs_register and "age_band" in register:
        at = np.where(register["age_band"].to_numpy(dtype=str) == UNDER_AGE, 0, at)
    return at


def draws_by_position(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one uniform draw a point, made in the order of positions.

    Neither the order of the rows nor that of any file then changes who gets which draw.
    """
    draws = np.empty(len(points))
    draws[z_order(points)] = rng.random(len(points))
    return draws


class AttackRun(NamedTuple):
    """An adversary who locates dots, with draws of their own.

    - `keep`: Whether to keep the whole posterior. Default: up to 100 million pairs of a dot and an
      address; beyond, each slice is summarised and let go.
    """

    adversary: Adversary
    rng: np.random.Generator
    keep: bool | None = None


def locate_dots(
    points: np.ndarray,
    base: AddressBase,
    adversary: Adversary,
    *,
    rng: np.random.Generator,
    keep: bool | None = None,
    ground: PlaceTree | None = None,
) -> Located:
    """Guess the address of each dot.

    Without a mask the adversary takes the nearest address, and is sure of it up to ties. With
    one, an address is as likely as its prior times the likelihood that the mask gives to the
    dot. Where every address that the mask allows has a prior of 0 (nobody is known to vote
    there) the prior is left out for that dot, for its home must be one of them. A dot that the
    mask cannot have put there from any address has no guess: the mask believed is wrong for it.

    - `points` (float, shape (n, 2)): Metres, in the projection of `base`.
    - `adversary`: With a mask, or none; one that estimates it must be given its estimate first.
    - `keep`: See `AttackRun`.
    - `ground`: The tree of the addresses, where several calls share it.
    """
    return locate_together(points, base, [AttackRun(adversary, rng, keep)], ground=ground)[0]


def locate_together(
    points: np.ndarray,
    base: AddressBase,
    seekers: Sequence[AttackRun],
    *,
    ground: PlaceTree | None = None,
) -> list[Located]:
    """Guess the address of each dot for several adversaries who believe in one mask.

    What each finds is what `locate_dots` finds for them; the addresses near a dot are looked up
    once for all.
    """
    if len(base) == 0:
        raise GeometryError.of("guess", "at least one address", "an empty address base")
    if not np.isfinite(points).all():
        raise GeometryError.of("guess", "finite x and y", "a missing position")
    mask, people = seekers[0].adversary.mask, base.people()
    ground = place_tree(base.xy) if ground is None else ground
    if mask is None or isinstance(mask, Exact):
        return [_at_the_nearest(points, base, one, ground) for one in seekers]
    placed = mask.on(base)
    reach = placed.reach_of(points)
    few = None
    parts_of: list[list[tuple[np.ndarray, SparsePosterior]]] = []
    summed, priors = [], []
    for one in seekers:
        keep = one.keep
        if keep is None:
            few = expected_total(points, ground, reach) <= MOST_PAIRS if few is None else few
            keep = few
        parts_of.append([])
        summed.append(None if keep else _Summary(points, one))
        priors.append(prior_over_addresses(base, one.adversary))
    for rows, parts in posteriors_in_slices(
        points, ground, priors, placed.likelihood, reach, people=people
    ):
        for slices, summary, part in zip(parts_of, summed, parts, strict=True):
            if summary is None:
                slices.append((rows, part))
            else:
                summary.add(rows, part)
    located = []
    for one, slices, summary in zip(seekers, parts_of, summed, strict=True):
        if summary is None:
            whole = gather(slices, len(points))
            located.append(located_from(whole, points, one.adversary, rng=one.rng))
        else:
            located.append(summary.located())
    return located


def _at_the_nearest(
    points: np.ndarray, base: AddressBase, seeker: AttackRun, ground: PlaceTree
) -> Located:
    """Locate dots that are believed to stand where they belong, or of which nothing is believed."""
    adversary, people = seeker.adversary, base.people()
    prior, mask = prior_over_addresses(base, adversary), adversary.mask
    # Candidates in the order of positions, so that ties do not follow the file's order.
    order = ground.order
    tolerance = mask.rounding if isinstance(mask, Exact) else 0.0
    pairs = nearest(points, ground.places[order], tolerance, ground.tree)
    likelihood = np.ones(len(pairs.place))
    if isinstance(mask, Exact):
        likelihood[pairs.distance > EXACT_METRES] = 0.0
    posterior = posterior_of_pairs(
        pairs, likelihood, prior[order], None if people is None else people[order]
    )
    posterior = posterior._replace(place=order[posterior.place])
    return located_from(posterior, points, adversary, rng=seeker.rng)


class _Summary:
    """Summaries of a posterior whose slices are dropped one by one."""

    def __init__(self, points: np.ndarray, seeker: AttackRun) -> None:
        n = len(points)
        self.adversary = seeker.adversary
        self.address, self.confidence = np.full(n, -1, np.int64), np.zeros(n)
        # One row a summary, in the order of the fields of `SparsePosterior` after the first three.
        self.summary = np.full((5, n), np.nan)
        self.draws = draws_by_position(points, seeker.rng)

    def add(self, rows: np.ndarray, part: SparsePosterior) -> None:
        whole = Posterior(part.indptr, part.place.astype(np.int64), part.probability)
        self.address[rows], self.confidence[rows] = whole.best(self.draws[rows])
        self.summary[:, rows] = part[3:]
        self.summary[0, rows] = _credible(part, self.adversary)[0]

    def located(self) -> Located:
        return Located(
            posterior=None,
            address=self.address,
            confidence=self.confidence,
            credible=self.summary[0].astype(np.int64),
            k_addresses=self.summary[1],
            k_people=self.summary[2],
            tally=_tally(self.address < 0, self.summary[4] > 0, self.adversary),
        )


def located_from(
    sparse: SparsePosterior, points: np.ndarray, adversary: Adversary, *, rng: np.random.Generator
) -> Located:
    """Pick the best address of each row of a posterior, ties drawn in the order of `points`."""
    posterior = Posterior(sparse.indptr, sparse.place.astype(np.int64), sparse.probability)
    address, confidence = posterior.best(draws_by_position(points, rng))
    credible, level = _credible(sparse, adversary)
    return Located(
        posterior=posterior,
        address=address,
        confidence=confidence,
        credible=credible,
        k_addresses=sparse.k_places,
        k_people=sparse.k_people,
        tally=_tally(np.diff(sparse.indptr) == 0, sparse.without_prior, adversary),
        level=level,
    )


def revised(
    located: Located, posterior: Posterior, points: np.ndarray, *, rng: np.random.Generator
) -> Located:
    """Put another posterior in the place of the one that distances alone leave.

    k stays what the distances say; ties are drawn in the order of `points`.
    """
    address, confidence = posterior.best(draws_by_position(points, rng))
    return replace(
        located,
        posterior=posterior,
        address=address,
        confidence=confidence,
        credible=credible_size(posterior.indptr, posterior.probability, located.level),
    )


def _credible(sparse: SparsePosterior, adversary: Adversary) -> tuple[np.ndarray, float]:
    """Return credible sizes and their level, above 95 % where the mask was inferred."""
    level = adversary.mask.level if isinstance(adversary.mask, AveragedMask) else 0.95
    return sparse.credible if level == 0.95 else credible_size(*sparse[:3:2], level), level


def _tally(far: np.ndarray, without_prior: np.ndarray, adversary: Adversary) -> Tally:
    """Count the dots that were treated apart."""
    return Tally(
        records=len(far),
        mask=str(adversary.mask),
        prior=adversary.prior_word,
        unexplained=int(far.sum()),
        without_prior=int(without_prior.sum()),
    )
