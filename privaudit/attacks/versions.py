"""Several versions of one map: average them, or weigh them all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import say
from privaudit.attacks.guess import tell_located
from privaudit.attacks.link_versions import (
    Linked,
    check_versions,
    id_like,
    link_versions,
    points_of,
    positions_of,
    same_metres,
    visible_link,
)
from privaudit.attacks.locate import locate, located_from, prior_over_addresses
from privaudit.attacks.unknown_mask import estimate_mask
from privaudit.attacks.weighed_links import WeighedLinks, weigh_links
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.joint_posterior import joint_posterior, mean_position, once_each
from privaudit.release.masks import Exact
from privaudit.release.misread import as_read

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.attacks.guesses import Guesses
    from privaudit.places.address_base import AddressBase
    from privaudit.release.masks import PlacedMask
    from privaudit.release.release import Release

__all__ = ["guess_versions"]


def guess_versions(
    versions: Sequence[Release],
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

    Parameters
    ----------
    versions : sequence of Release
        As leaked, two or more, in order of time, over the same addresses.
    adversary : Adversary
        A mask that is estimated is estimated from the last version.
    rng : numpy.random.Generator
        Breaks ties, uniformly.
    linked : Linked, optional
        Which dot is which; `link_versions` by default. Where certain links leave dots of earlier
        versions out, these are weighed all the same.

    Returns
    -------
    Guesses
        One row a record of the last version. ``reliable`` is False, beside what `guess` says,
        where dots were linked by an assignment: a wrong link makes a guess too sure. Links that
        were weighed make none: what they claim was tried in games against oneself.

    Raises
    ------
    ParameterError
        As `link_versions` and `guess`.
    GeometryError
        A dot has no finite position, or there is no address.
    """
    check_versions(versions)
    last = versions[-1]
    base = last.backdrop
    if base is None:
        raise ParameterError(
            say("guess_versions", "addresses to read dots against", "a map without a backdrop")
        )
    if len(base) == 0:
        raise GeometryError(say("guess_versions", "at least one address", "an empty address base"))
    if adversary.needs_register and adversary.register is None:
        raise ParameterError(
            say(
                f"guess_versions ({adversary.name})",
                "a register of who lives where",
                "None",
                "Pass register= to the adversary.",
            )
        )
    prior = prior_over_addresses(base, adversary)
    notes: tuple[str, ...] = ()
    reliable = True
    if adversary.estimates_mask:
        estimated = estimate_mask(
            points_of(last), base.xy, prior, resolution=last.resolution, rng=rng
        )
        adversary = replace(adversary, mask=estimated.mask, estimates_mask=False)
        notes, reliable = estimated.notes(), False
    placed = _placed(versions, base, adversary)
    reach = None
    if placed is not None:
        reach = max(
            float(mask.reach_of(points_of(version)).max())
            for mask, version in zip(placed, versions, strict=True)
        )
    weighed = None
    if linked is None:
        if reach is None and visible_link(versions) == "certain":
            needed = "which dot is which: a column dot_id, dots that stand still, or a mask"
            came = "dots that moved between the versions, and no mask"
            do = "Give an adversary who knows the mask, or linked=link_versions(..., farthest=)."
            raise ParameterError(say(f"guess_versions ({adversary.name})", needed, came, do))
        linked = link_versions(versions, farthest=None if reach is None else 2 * reach)
    if placed is not None and linked.how == "certain" and linked.lost:
        weighed = weigh_links(versions, base, placed, prior, rng=rng)
    seen = once_each(positions_of(versions, linked), same_metres(versions))
    centre = mean_position(seen)
    if weighed is not None:
        linked, centre = weighed.linked, points_of(last)
        located = located_from(weighed.posterior, centre, adversary, rng=rng)
    elif placed is None or reach is None:
        located = locate(centre, base, adversary, rng=rng)
    else:
        found = joint_posterior(
            seen,
            base.xy,
            prior,
            [mask.likelihood for mask in placed],
            reach,
            people=base.people(),
        )
        located = located_from(found, centre, adversary, rng=rng)
    guesses = tell_located(last, located, centre, adversary, rng=rng)
    return replace(
        guesses,
        attack=f"{adversary.name}, {len(versions)} versions",
        notes=(*notes, *guesses.notes, *_notes(linked, seen, weighed), *_ids(versions, linked)),
        reliable=reliable and guesses.reliable and linked.how != "assignment",
    )


def _placed(
    versions: Sequence[Release], base: AddressBase, adversary: Adversary
) -> list[PlacedMask] | None:
    """Return how the dots of each version were moved and read; None where no mask is believed."""
    if adversary.mask is None:
        return None
    masks = [as_read(adversary.mask, version.resolution) for version in versions]
    if all(isinstance(mask, Exact) for mask in masks):
        return None
    return [mask.on(base) for mask in masks]


def _notes(linked: Linked, seen: np.ndarray, weighed: WeighedLinks | None) -> tuple[str, ...]:
    if weighed is not None:
        share = 0.0 if np.isnan(weighed.sure) else weighed.sure
        return (
            f"Dots of {len(seen)} versions, links: {linked.how}, not taken for certain; those "
            f"likelier than not are held for right at {share:.0%}. In games against itself the "
            f"adversary was misled about {weighed.misled:.1%} of the dots, and claims that less.",
        )
    observed = float(np.isfinite(seen[..., 0]).sum(axis=0).mean())
    if linked.how == "certain":
        any_link = np.any(linked.rows[:-1] >= 0, axis=0)
        notes = [
            f"Of {len(any_link):,} dots of the last of {len(seen)} versions, {any_link.sum():,} "
            "are linked to an earlier one, those for which no other link is possible; "
            f"{observed:.2f} different positions a dot on average."
        ]
        if any_link.any():
            notes.append("These links are right if no dot ever leaves the map; else some are not.")
        if linked.lost:
            notes.append(
                f"{linked.lost:,} records of earlier versions are left out: each might be several "
                "dots of the last one, or none."
            )
        return tuple(notes)
    notes = [
        f"Dots of {len(seen)} versions, links: {linked.how}; {observed:.2f} different "
        "positions a dot on average."
    ]
    if linked.how == "assignment":
        notes.append("Not reliable: links by an assignment may be wrong, and confidences too high.")
    if linked.lost:
        notes.append(f"{linked.lost:,} records of earlier versions are linked to none of the last.")
    return tuple(notes)


def _ids(versions: Sequence[Release], linked: Linked) -> tuple[str, ...]:
    """Say which columns may be ids that were not read as such: their names, never their values."""
    if linked.how == "id":
        return ()
    return tuple(
        f"Column '{name}' holds values that are unique in each version and come back in the "
        "others; it may be an id: rename it dot_id to link the dots by it."
        for name in id_like(versions)
    )
