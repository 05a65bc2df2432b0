"""What a map leads with whose mask nobody states: both readings, or a range."""

from __future__ import annotations

import math

from privaudit._core.policy import SMALL_CELL
from privaudit.reporting.names import note_text
from privaudit.reporting.sentences import hits_of
from privaudit.reporting.told import Told, enough, net_hits, whole
from privaudit.words.words import Words

__all__ = ["unstated_mask_answer", "untold"]


def unstated_mask_answer(words: Words, told: Told) -> tuple[str, str] | None:
    """Return the headline, marked, and the lead under it; None where neither can be told."""
    return _in_place(words, told) or _ranged(words, told)


def untold(words: Words, told: Told) -> str:
    """Return the headline of people of whom nothing is told: they are few, or no claim holds."""
    sizes = [row.n for exposure in told.study.exposures for row in exposure.rows]
    if any(n >= SMALL_CELL for n in sizes):
        return words("story.headline_doubt")
    return words("story.headline_few", smallest=SMALL_CELL)


def _in_place(words: Words, told: Told) -> tuple[str, str] | None:
    """Tell of dots that stand on addresses what is found if left there, and if swapped: both."""
    left, swapped = (told.row("reading", "reidentified", one) for one in ("in_place", "swapped"))
    on = told.row("reading", "on_address")
    if left is None or swapped is None or on is None:
        return None
    values = {"hits": net_hits(left), "of": left.n, "swapped": net_hits(swapped)}
    headline = words("story.headline_in_place", **values)
    chance = whole(on.baseline, on.n)
    return headline, words("story.lead_in_place", n=hits_of(on), of=on.n, chance=chance)


def _ranged(words: Words, told: Told) -> tuple[str, str] | None:
    """Tell the range of what is found where the dots leave several masks possible."""
    for exposure in reversed(told.study.exposures):
        row = next((r for r in exposure.rows if r.gain == "address" and enough(r)), None)
        if row is not None and math.isnan(row.value) and row.low < row.high:
            low, high = math.floor(row.low * row.n), math.ceil(row.high * row.n)
            headline = words("story.headline_between", low=low, high=high, of=row.n)
            leads = [words("story.lead_between")]
            named = next((r for r in exposure.rows if r.gain == "person" and enough(r)), None)
            if named is not None and named.low < named.high:
                ends = {"low": math.floor(named.low * row.n), "high": math.ceil(named.high * row.n)}
                leads.append(words("story.lead_between_named", of=row.n, **ends))
            leads += [note_text(words, n) for n in exposure.notes if n.key == "copies_averaged"]
            return headline, " ".join(leads)
    return None
