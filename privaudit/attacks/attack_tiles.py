"""What a worker does of a ladder: attack some tiles. It loads no more than that takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import attempt, attempt_together
from privaudit.attacks.guesses import Guesses
from privaudit.attacks.locate import Seeker
from privaudit.measures.maps.neighbours import PlaceTree
from privaudit.release.release import DotRelease, Release
from privaudit.words.note import Note

__all__ = ["Kept", "Tile", "attack_all"]


class Tile(NamedTuple):
    """Rows of a tile, who attacks it with which draws, and what is to be said of all tiles."""

    rows: np.ndarray
    adversary: Adversary
    rng: np.random.Generator
    notes: tuple[Note, ...] = ()
    doubts: tuple[Note, ...] = ()


class Kept(NamedTuple):
    """What is kept of the posterior of a tile: of which other guesses the probability, if any."""

    beside: np.ndarray | None


def attack_all(
    release: Release,
    groups: list[list[tuple[Tile, Kept | None]]],
    keep_posterior: bool,
    ground: PlaceTree | None,
) -> list[Guesses]:
    """Attack several tiles of a release, those of a group together: what a worker does.

    - `ground`: The tree of the addresses, where there are any.
    """
    return [
        found
        for group in groups
        for found in _attack(
            replace(release, records=release.records.iloc[group[0][0].rows]),
            group, keep_posterior, ground,
        )
    ]  # fmt: skip


def _attack(
    release: Release,
    group: list[tuple[Tile, Kept | None]],
    keep_posterior: bool,
    ground: PlaceTree | None,
) -> Iterator[Guesses]:
    """Attack one tile, by one adversary or by several who look up the same.

    Where nothing is made of the posterior, a slice of it is held at a time.
    """
    seekers = []
    for tile, kept in group:
        whole_tile = keep_posterior or kept is not None or _uses(tile.adversary)
        seekers.append(Seeker(tile.adversary, tile.rng, None if whole_tile else False))
    if len(seekers) > 1 and isinstance(release, DotRelease):
        several = attempt_together(release, seekers, ground=ground)
    else:
        several = [
            attempt(release, one.adversary, rng=one.rng, keep=one.keep, ground=ground)
            for one in seekers
        ]
    for found, (_, kept) in zip(several, group, strict=True):
        posterior = found.posterior
        if kept is not None and posterior is not None and release.backdrop is not None:
            error = posterior.mean_distance(found.address, release.backdrop.xy)
            at = None if kept.beside is None else posterior.at(kept.beside)
            found = replace(found, error=error, beside=at)
        yield found if keep_posterior else replace(found, posterior=None)


def _uses(adversary: Adversary) -> bool:
    """Whether an adversary makes something of the whole posterior of a tile."""
    with_others = adversary.register is not None or adversary.results is not None
    return adversary.one_to_one or with_others
