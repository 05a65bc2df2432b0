"""Several versions of one map: average them, or weigh them all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from privaudit._core.checks import say
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess, tell_located
from privaudit.attacks.guesses import Guesses
from privaudit.attacks.known_attack import KnownAttack
from privaudit.attacks.link_versions import (
    Linked,
    check_versions,
    link_versions,
    not_linked,
    points_of,
    positions_of,
    same_metres,
    visible_link,
)
from privaudit.attacks.locate import locate_dots, located_from, prior_over_addresses
from privaudit.attacks.weighed_links import WeighedLinks, weigh_links
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.joint_posterior import joint_posterior, mean_position, once_each
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import Exact, Mask, PlacedMask
from privaudit.release.pictures.misread import as_read
from privaudit.release.release import DotRelease
from privaudit.words.note import Note

__all__ = ["HOLDS_VERSIONS", "guess_versions"]


def _believed(mask: Mask | None = None) -> Adversary:
    return Adversary.unknown_mask() if mask is None else Adversary.knows_mask(mask)


# Every rung holds the copies that are there: this one knows nothing more than the mask.
HOLDS_VERSIONS = KnownAttack(
    word="holds_versions", needs=("copies",), uses=("mask",), climbs=False, believes=_believed
)


def guess_versions(
    versions: Sequence[DotRelease],
    adversary: Adversary,
    *,
    rng: np.random.Generator,
    linked: Linked | None = None,
) -> Guesses:
    """Work out what an adversary can who kept several versions of a map.

    A position that a dot keeps is one observation, however often it is seen: a persistent
    move gives nothing away twice. Without a mask in mind the adversary takes the address
    nearest to the mean position; with one, an address is as likely as its prior times the
    density of every move that it would take. Where dots show no ids, were moved afresh and stand
    too close for links to be certain, every way of linking them is weighed (`weigh_links`).
    Copies that were read from pictures are each allowed their own error.

    - `versions`: As leaked, two or more, in order of time, over the same addresses.
    - `adversary`: Where the mask is not known, dots are taken at their mean over the versions, and
      it is worked out how those were moved: a mean of moves is a move of a law that nobody states.
    - `linked`: Which dot is which; `link_versions` by default. Where certain links leave dots of
      earlier versions out, these are weighed all the same.
    - returns: One row a record of the last version. ``reliable`` is False, beside what `guess`
      says, where dots were linked by an assignment: a wrong link makes a guess too sure. Links that
      were weighed make none: what they claim was tried in games against oneself.
    """
    check_versions(versions)
    last = versions[-1]
    base = last.backdrop
    if len(base) == 0:
        raise GeometryError(say("guess_versions", "at least one address", "an empty address base"))
    if adversary.needs_register:
        adversary.entries("guess_versions")
    if adversary.estimates_mask:
        return _of_means(versions, adversary, linked, rng)
    prior = prior_over_addresses(base, adversary)
    placed = _placed(versions, base, adversary)
    reach = None
    if placed is not None:
        reach = max(
            float(mask.reach_of(points_of(version)).max())
            for mask, version in zip(placed, versions, strict=True)
        )
    weighed = None
    linked = linked or _linked(versions, adversary, reach)
    if placed is not None and linked.how == "certain" and linked.lost:
        weighed = weigh_links(versions, base, placed, prior, rng=rng)
    seen = once_each(positions_of(versions, linked), same_metres(versions))
    centre = mean_position(seen)
    if weighed is not None:
        linked, centre = weighed.linked, points_of(last)
        located = located_from(weighed.posterior, centre, adversary, rng=rng)
    elif placed is None or reach is None:
        located = locate_dots(centre, base, adversary, rng=rng)
    else:
        moves = [mask.likelihood for mask in placed]
        found = joint_posterior(seen, base.xy, prior, moves, reach, people=base.people())
        located = located_from(found, centre, adversary, rng=rng)
    guesses = replace(
        tell_located(last, located, centre, adversary, rng=rng),
        copies=len(versions),
        notes=_notes(versions, linked, seen, weighed),
        doubts=_doubts(linked),
    )
    return guesses.told()


def _of_means(
    versions: Sequence[DotRelease],
    adversary: Adversary,
    linked: Linked | None,
    rng: np.random.Generator,
) -> Guesses:
    """Work out how the mean positions were moved, and what they give away then."""
    linked = linked or _linked(versions, adversary, None)
    seen = once_each(positions_of(versions, linked), same_metres(versions))
    last = versions[-1]
    centre = mean_position(seen)
    middle = replace(last, records=last.records.assign(x=centre[:, 0], y=centre[:, 1]))
    found = guess(middle, adversary, rng=rng)
    return replace(
        found,
        copies=len(versions),
        notes=(*found.notes, Note("copies_averaged"), *_notes(versions, linked, seen, None)),
        doubts=(*found.doubts, *_doubts(linked)),
    ).told()


def _doubts(linked: Linked) -> tuple[Note, ...]:
    return (Note("links_by_assignment"),) if linked.how == "assignment" else ()


def _linked(versions: Sequence[DotRelease], adversary: Adversary, reach: float | None) -> Linked:
    """Link the dots by what the maps show, and by how far a mask can move them."""
    if reach is not None:
        return link_versions(versions, farthest=2 * reach)
    if visible_link(versions) == "certain":
        needed = "which dot is which: a column dot_id, dots that stand still, or a mask"
        came = "dots that moved between the versions, and no mask"
        do = "Give an adversary who knows the mask, or linked=link_versions(..., farthest=)."
        raise ParameterError(say(f"guess_versions ({adversary.name})", needed, came, do))
    return link_versions(versions)


def _placed(
    versions: Sequence[DotRelease], base: AddressBase, adversary: Adversary
) -> list[PlacedMask] | None:
    """Return how the dots of each version were moved and read; None where no mask is believed."""
    if adversary.mask is None:
        return None
    masks = [as_read(adversary.mask, version.resolution) for version in versions]
    if all(isinstance(mask, Exact) for mask in masks):
        return None
    return [mask.on(base) for mask in masks]


def _notes(
    versions: Sequence[DotRelease], linked: Linked, seen: np.ndarray, weighed: WeighedLinks | None
) -> tuple[Note, ...]:
    if weighed is not None:
        sure = 0.0 if np.isnan(weighed.sure) else weighed.sure
        return (Note("links_weighed", copies=len(seen), sure=sure, misled=weighed.misled),)
    observed = float(np.isfinite(seen[..., 0]).sum(axis=0).mean())
    told = [Note("links_made", copies=len(seen), how=linked.how, positions=observed)]
    if linked.how == "certain":
        any_link = np.any(linked.rows[:-1] >= 0, axis=0)
        told.append(Note("links_certain", dots=int(any_link.sum()), of=len(any_link)))
        if any_link.any():
            told.append(Note("links_certain_if_none_leaves"))
    return (*told, *not_linked(versions, linked))
