"""Each rung against one map or its copies, and what its guesses are worth without a truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from privaudit._core.progress import Tick
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.guesses import ComparedAddress, Guesses, Posterior
from privaudit.attacks.ladder import climb
from privaudit.attacks.link_versions import Linked
from privaudit.attacks.versions import guess_versions
from privaudit.release.release import DotRelease
from privaudit.results.exposure import Exposure
from privaudit.studies.audits import held_against
from privaudit.words.note import Note

__all__ = ["climb_map", "expected_of"]

# Dots whose posterior is put together; a larger map is attacked tile by tile, and of each tile's
# posterior only what the report says is kept.
_DOTS_AT_ONCE = 100_000


def climb_map(
    versions: tuple[DotRelease, ...],
    adversaries: Sequence[Adversary],
    linked: Linked | None,
    seed: int,
    tick: Tick,
) -> list[tuple[Adversary, Guesses]]:
    """Attack by each rung, all versions together where there are several.

    The first who knows how dots were moved also meets the last version alone: the step between
    the two is what keeping copies adds. No posterior of a large map is held.
    """
    if len(versions) == 1 and versions[0].dots_shown is None and len(versions[0]) > _DOTS_AT_ONCE:
        return _climb_large(versions[0].as_leaked(), adversaries, seed, tick)
    leaked, made = [version.as_leaked() for version in versions], []
    informed = next((a for a in adversaries if a.mask is not None or a.estimates_mask), None)
    for adversary in adversaries:
        tick(adversary.name)
        rng = stream(seed, "attack", adversary.name)
        if len(leaked) == 1 or adversary is informed:
            made.append((adversary, guess(leaked[-1], adversary, rng=rng)))
        if len(leaked) > 1:
            made.append((adversary, guess_versions(leaked, adversary, rng=rng, linked=linked)))
    return made


def _climb_large(
    leaked: DotRelease, adversaries: Sequence[Adversary], seed: int, tick: Tick
) -> list[tuple[Adversary, Guesses]]:
    """Attack a map by each rung in tiles, with what each makes of the first one's guesses."""
    made: list[tuple[Adversary, Guesses]] = []
    first: np.ndarray | None = None
    for adversary in adversaries:
        tick(adversary.name)
        (found,) = climb(leaked, [adversary], seed=seed, summarise=True, beside=first)
        first = found.address if first is None else first
        made.append((adversary, found))
    return made


def expected_of(
    adversary: Adversary, made: Guesses, informed: Guesses | None, release: DotRelease, seed: int
) -> Exposure:
    """Say what guesses are worth, where nobody knows the truth.

    The nearest address claims to be right every time, and is not: what it is worth is told by
    the posterior of whoever knows, or has worked out, how dots were moved.
    """
    believed: Posterior | ComparedAddress | None = None
    if adversary.mask is None and not adversary.estimates_mask and informed is not None:
        notes = (*made.notes, Note("expected_under_next_rung"))
        if not informed.reliable:
            notes += (Note("next_rung_not_reliable"),)
        right = None if informed.told_as_both else informed.right_between
        made = replace(made, reliable=informed.reliable, notes=notes, right_between=right)
        believed = informed.posterior
        if believed is None and informed.beside is not None:
            believed = ComparedAddress(made.address, informed.beside)
    return held_against(made, release, adversary, truth=None, seed=seed, believed=believed)
