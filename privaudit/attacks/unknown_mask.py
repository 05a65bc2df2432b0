"""How dots were moved, where nobody says: every mask, as far as the dots bear it out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from privaudit._core.progress import in_steps, step
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.averaged_mask import AveragedMask, weighed
from privaudit.attacks.known_attack import KnownAttack
from privaudit.attacks.mask_doubt import doubt_of
from privaudit.attacks.mask_family import tried_masks
from privaudit.attacks.tried_mask import MisreadDots
from privaudit.measures.maps.neighbours import z_order
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import Mask
from privaudit.words.note import Note

__all__ = ["MOST_DOTS", "UNKNOWN_MASK", "MaskBelief", "believe"]

UNKNOWN_MASK = KnownAttack(
    word="unknown_mask", uses=("register",), instead_of=("mask",),
    believes=Adversary.unknown_mask,
)  # fmt: skip
MOST_DOTS = 500
# What is kept of the weights, of so many masks at most, and from where on a kind of mask is taken
# for certain.
_KEPT, _MOST, CERTAIN = 0.999, 200, 0.99
_LEFT = ("exact", "swap")
# Kinds that no mask of the library is of.
UNNAMED = ("partly_left", "free", "heavy", "stretched", "shifted")


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskBelief:
    """What dots say of how they were moved.

    - `mask`: The average, to attack with.
    - `kinds`: Probability of each kind of mask.
    - `best`, `second`: The likeliest mask that has a name, and the likeliest of another kind.
    - `kind`: That of the best.
    - `gap`: By how much the one is likelier than the other, in nats over all dots.
    - `dots`: How many were looked at.
    """

    mask: AveragedMask
    kinds: dict[str, float]
    best: Mask
    kind: str
    second: Mask
    gap: float
    dots: int

    @property
    def on_addresses(self) -> bool:
        """Whether it is certain that dots stand on addresses, their own or others'."""
        return _on_addresses(self.kinds)

    @property
    def exact(self) -> bool:
        """Whether it is certain that dots stand where they belong."""
        return self.kinds.get("exact", 0.0) >= CERTAIN

    @property
    def doubt(self) -> Note:
        """Why claims may be wrong, and how far: by which of the masks it was."""
        assert self.mask.right_between is not None
        _, low, high = self.mask.right_between
        return Note("mask_worked_out", low=low, high=high)

    @property
    def note(self) -> Note:
        """What was found."""
        unnamed = sum(self.kinds.get(kind, 0.0) for kind in UNNAMED)
        return Note(
            "mask_averaged",
            dots=self.dots, mask=str(self.best), share=self.kinds.get(self.kind, 0.0),
            second=str(self.second), unnamed=unnamed,
        )  # fmt: skip


@in_steps("unknown mask", parts=2)
def believe(
    points: np.ndarray,
    base: AddressBase,
    prior: np.ndarray,
    *,
    resolution: float = 0.0,
    swapped: bool = True,
    rng: np.random.Generator,
) -> MaskBelief:
    """Say how far each mask is to be believed: Bayes' rule over a family, given all dots.

    The family and its prior stand in `attacks.mask_family`: dots left on addresses, swapped among
    them or all shifted alike, disks, donuts by area and by radius, Gaussians to 1 km, bimodal,
    Laplace and heavy-tailed moves, any of them with a share left in place, longer along one line,
    or of no set form; donuts that follow the density, the cells of the lattice that the dots show,
    squares of a quadtree and half-way points. No position tells a dot that was swapped from one
    that was not: these two keep the shares of the prior.

    - `points` (float, shape (n, 2)): At most 500 of them, drawn at random, are looked at.
    - `prior` (float, shape (len(base),)): Of the homes; sums to 1.
    - `resolution`: Standard deviation, in metres, with which each coordinate was read.
    - `swapped`: False where it is known that no dot was swapped with another address.
    """
    order = z_order(points)
    if len(order) > MOST_DOTS:
        order = order[np.sort(rng.choice(len(order), MOST_DOTS, replace=False))]
    dots = MisreadDots(points[order], base, prior, resolution)
    tried = tried_masks(dots, swapped=swapped)
    step("tried")
    score = np.array([one.score for one in tried])
    parts = weighed([one.part for one in tried], score, 1.0)
    kinds: dict[str, float] = {}
    for part in parts:
        kinds[part.kind] = kinds.get(part.kind, 0.0) + part.weight
    if dots.all_on_addresses:
        # Had a share of the dots been moved, it would be none of these: they are left in place.
        kinds["exact"] = kinds.get("exact", 0.0) + kinds.pop("partly_left", 0.0)
    # What has no name of its own is told by its share alone.
    # Nor has a swap, which is no other mask than none, as far as dots can tell.
    told = [one.part.mask is not None and one.part.kind not in (*UNNAMED, "swap") for one in tried]
    named = np.where(told, score, -np.inf)
    best = int(np.argmax(named))
    own = tried[best].part.kind
    second = max((k for k, one in enumerate(tried) if one.part.kind != own), key=lambda k: named[k])
    first, other = tried[best].part.mask, tried[second].part.mask
    assert first is not None
    assert other is not None
    mask = AveragedMask(
        parts=weighed([one.part for one in tried], score, _KEPT, _MOST),
        base=base,
        prior=prior,
        resolution=resolution,
        edges=dots.edges,
    )
    doubt = doubt_of(mask, dots.points)
    step("averaged")
    mask = replace(
        mask,
        level=doubt.level,
        right_between=(doubt.claimed, doubt.low, doubt.high),
        told_as_both=_on_addresses(kinds),
    )
    return MaskBelief(
        mask=mask,
        kinds=kinds,
        best=first,
        kind=own,
        second=other,
        gap=tried[best].likelihood - tried[second].likelihood,
        dots=len(order),
    )


def _on_addresses(kinds: dict[str, float]) -> bool:
    return sum(kinds.get(kind, 0.0) for kind in _LEFT) >= CERTAIN
