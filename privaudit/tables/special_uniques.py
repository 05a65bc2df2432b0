"""Which keys do it: special uniques, the sets of keys that single a record out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.tables import minimal_sample_uniques as suda
from privaudit.tables.quasi_identifiers import lent
from privaudit.tables.table_measure import NAMELESS, RISK, Told, declared
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.context import Facts


@declared(unit="records", safe="small", laws=RISK)
def special_uniques(facts: Facts) -> Told:
    """Records that few of the keys single out."""
    told = _told(facts, lambda found: _singled_out(facts, found.count > 0))
    if isinstance(facts.uniques, Note) or isinstance(told, Note) or not facts.sizes.ranges:
        return told
    # Sets of keys that every record knows single out whatever blanks hide.
    found, gaps = facts.uniques.found, (facts.table.codes < 0).any(axis=0)
    lacking = sum(1 << j for j in np.flatnonzero(gaps).tolist())
    low = len(np.unique(found.record[(found.keys & lacking) == 0]))
    high = facts.sizes.most("alone", math.nan)
    return {**told, "value": min(max(told["value"], low), high), "low": low, "high": high}


@declared(unit="combinations", safe="small", laws=NAMELESS)
def minimal_uniques(facts: Facts) -> Told:
    """Smallest sets of keys that single a record out, over all records."""
    return _told(facts, lambda found: len(found.record))


# The factorial of (keys - size) makes scores of different numbers of keys incomparable.
@declared(unit="index", safe="small", laws=NAMELESS | {"everybody_twice": "not_more"})
def suda_score_max(facts: Facts) -> Told:
    """How many and how small these sets are: for the worst record."""
    return _told(facts, lambda _: score_of(facts).max())


@declared(unit="index", safe="small", laws=NAMELESS | {"everybody_twice": "not_more"})
def suda_score(facts: Facts) -> Told:
    """The same, its mean over records."""
    return _told(facts, lambda _: score_of(facts).mean())


@declared(unit="index", safe="small", span=(0, 1), laws=NAMELESS)
def dis_suda_max(facts: Facts) -> Told:
    """An index that keeps the order of the scores, not a probability: the greatest."""
    return _told(facts, lambda _: dis_suda_of(facts).max(), sampled=True)


@declared(unit="index", safe="small", span=(0, 1), laws=NAMELESS)
def dis_suda(facts: Facts) -> Told:
    """The same, its mean over records."""
    return _told(facts, lambda _: dis_suda_of(facts).mean(), sampled=True)


@declared(unit="share", of="combinations", safe="small", span=(0, 1), laws=NAMELESS)
def suda_score_with(facts: Facts) -> Told:
    """Share of the score from sets that involve a key: sets of two keys count for both."""
    keys = facts.table.keys
    if isinstance(facts.uniques, Note):
        why = (facts.uniques,)
        return [{"value": math.nan, "notes": why, "part": {"key": key}} for key in keys]
    shares = suda.key_contributions(facts.uniques.found)
    notes = (Note("shares_of_keys_overlap"),)
    return [
        {"value": share, "notes": notes, "part": {"key": key}}
        for key, share in zip(keys, shares.tolist(), strict=True)
    ]


def score_of(facts: Facts) -> Any:
    """SUDA score of each record, shape (n,); of facts whose uniques were searched."""
    found: Any = facts.uniques
    return facts.once("suda_score", lambda: suda.suda_score(found.found))


def dis_suda_of(facts: Facts) -> Any:
    """DIS-SUDA of each record, shape (n,); with a rate, and records."""
    if isinstance(facts.uniques, Note) or facts.rate is None:
        return None
    if facts.nobody_complete:
        return None
    score = score_of(facts)
    sizes, rate = facts.drawn
    uniques, pairs = (int((sizes == j).sum()) for j in (1, 2))
    return suda.dis_suda(score, uniques, pairs, rate, len(facts.table.keys))


def _singled_out(facts: Facts, alone: NDArray[np.bool_]) -> int:
    """Records that some set singles out; of those with blanks, as many as of who they may be."""
    if 2 not in facts.sizes.fewer:
        return int(alone.sum())
    groups = facts.groups
    # Who is alone with some keys is, at most as likely, alone with all of them.
    chance = (alone * facts.sizes.alone_each)[groups.first]
    return round(
        float((lent(facts.table.codes[groups.first], groups.size, chance) * groups.size).sum())
    )


def _told(facts: Facts, take: Any, *, sampled: bool = False) -> dict[str, Any] | Note:
    if isinstance(facts.uniques, Note):
        return facts.uniques
    if sampled and facts.rate is None:
        return Note("needs_rate")
    uneven = sampled and facts.rate is not None and facts.rate.uneven
    if sampled and facts.nobody_complete:
        return Note("weights_unequal" if uneven else "needs_complete_records")
    value = take(facts.uniques.found)
    if uneven:
        # By the mean rate, as other tools do it: a report does not print it.
        why = (Note("weights_unequal"),)
        return {"value": value, "reliable": False, "unprinted": ("value",), "notes": why}
    return {"value": value, "notes": facts.uniques.of_rows}
