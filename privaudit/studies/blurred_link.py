"""What a people table tells of a blurred map: a range, since nobody says how it was blurred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.results.row import Row
from privaudit.studies.audits import held_against

if TYPE_CHECKING:
    from privaudit.attacks.join_files import Laid
    from privaudit.release.release import DotRelease

__all__ = ["placed_between"]

_MEASURES = {"address": "placed_between", "person": "named_between"}


def placed_between(dots: DotRelease, laid: Laid, people: int, *, seed: int) -> list[Row]:
    """Attack a map whose dots were moved with a table as the register of who may be on it.

    Parameters
    ----------
    dots : DotRelease
    laid : Laid
        The table laid beside it, which says at which address each of its people is.
    people : int
        Records of the table: those beyond are of people known not to be on the map.
    seed : int

    Returns
    -------
    list of Row
        ``placed_between``: share of the dots whose address would be found, between `low` and
        `high` over the ways in which they may have been moved; the value is the most.
        ``named_between``: the same of the person. Empty where the dots were not moved, or no
        address of the table is known.
    """
    home = laid.home[laid.kept < people]
    moved = any(note.key == "dots_moved_off" for note in laid.notes)
    if not moved or not (home >= 0).any():
        return []
    register = pd.DataFrame({"address": home[home >= 0].astype(np.int64)})
    who = Adversary.unknown_mask(register=register)
    leak = dots.as_leaked()
    made = guess(leak, who, rng=stream(seed, "blurred link"))
    found = held_against(made, leak, who, truth=None, seed=seed)
    return [
        Row(
            measure=_MEASURES[row.gain], value=row.high, low=row.low, high=row.high,
            bound="upper", unit="share", n=row.n, counts="dots", baseline=row.baseline,
            notes=found.notes,
        )
        for row in found.rows
        if row.gain in _MEASURES and row.low < row.high
    ]  # fmt: skip
