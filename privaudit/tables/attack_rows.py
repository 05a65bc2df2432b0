"""An attack on a table as one row: the attack, its control, what it gains over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from privaudit.results.measures import Measures
from privaudit.results.rows import Rows, net_of
from privaudit.words.note import Note

__all__ = ["WEAK", "attack_result", "bounded_control", "drawn"]

# The interval of the attack holds its baseline.
WEAK = Note("weak_attack")


def drawn(people: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return all people, or so many of them, drawn at random; in their order."""
    if len(people) <= most:
        return people
    return people[np.sort(rng.choice(len(people), most, replace=False))]


def bounded_control(
    control: np.ndarray, worth: float, *, smaller_by: float, highest: float
) -> tuple[float, float]:
    """Bound a control that could only be had for fewer people; return its mean and worth.

    `smaller_by` times what was seen, and `highest`, bound what it would have been.
    """
    seen = float(control.mean())
    chance = min(smaller_by * seen, highest)
    if 0 < chance < 1 and smaller_by > 1:
        # A mean that is multiplied varies more: it is worth so many fewer gains.
        worth *= chance * (1 - chance) / (smaller_by**2 * seen * (1 - seen))
    return chance, worth


def attack_result(
    word: str,
    attack: np.ndarray,
    control: tuple[float, float],
    baseline: float,
    *,
    worth: float | None = None,
    recipe: dict[str, Any],
    doubts: Sequence[Note] = (),
    **fields: Any,
) -> Measures:
    """Put an attack in a result, not reliable where it was weak or there are doubts.

    An attack that beats its baseline and not its control is no doubt, but how to read it is
    said: it is about the population, or too weak to tell.

    Parameters
    ----------
    word : str
        The measure, and the family.
    attack : ndarray of float in [0, 1]
        Gains.
    control : tuple of float
        Mean gain of people outside the release, and how many independent ones it is worth.
    baseline : float
    worth : float, optional
        How many independent gains the attack is worth for its residual. Default: all.
    recipe : dict
    doubts : sequence of Note
    **fields
        Others of `Row`.
    """
    rows = Rows(len(attack), "people")
    mean = float(attack.mean())
    mine = len(attack) if worth is None else worth
    rows.rate(word, mean, len(attack), baseline=baseline, **fields)
    net: dict[str, Any] = net_of(mean, control[0], mine, control[1])
    row = replace(next(iter(rows)), **net)
    doubts = list(doubts)
    notes = []
    if not row.low > baseline:
        doubts.append(WEAK)
    elif not row.residual_low > 0:
        notes.append(Note("nothing_added"))
    return Measures(
        family=word,
        rows=[replace(row, reliable=not doubts)],
        notes=(*doubts, *notes),
        reliable=not doubts,
        recipe={"measure": word, **recipe},
    )
