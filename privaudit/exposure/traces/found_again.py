"""People looked for among candidates: were they found, how surely, and what if they are not there.

The attack hands over scores, and never sees who is who. Here they are put beside the truth, once
with the right candidate among the others and once, as the control, with that one taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit._core.arrays import Floats, Ints
from privaudit.exposure.traces.uniqueness import trace_result
from privaudit.measures.calibration import expected_calibration_error
from privaudit.measures.interval import wilson
from privaudit.measures.traces.claims import confidence
from privaudit.measures.traces.periods import chance_of_rank
from privaudit.release.traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

__all__ = [
    "FoundAgain", "add_claims", "found_again", "found_again_result", "how_to_read", "in_blocks",
]  # fmt: skip

# Scores that are held at a time.
_CELLS = 1 << 23
# Sums in another order differ in their last digits: such scores are a tie.
_TIE = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundAgain:
    """How each person who was looked for fared, one entry a person.

    - `better`, `ties` (int): Candidates who score higher than the right one, and as high (itself
      included).
    - `right` (float): Chance that the best guess is right, ties at random.
    - `sure`, `sure_when_absent` (float): Confidence in the best guess: with the right one there,
      and taken away.
    """

    better: Ints
    ties: Ints
    right: Floats
    sure: Floats
    sure_when_absent: Floats
    candidates: int


def found_again(blocks: Iterable[tuple[Floats, Ints]]) -> FoundAgain:
    """Hold scores against the truth.

    - `blocks` (iterable of (scores, right)): Scores of shape (people, candidates), and the place of
      the right candidate of each.
    """
    parts = []
    candidates = 0
    for scores, right in blocks:
        rows, candidates = np.arange(len(scores)), scores.shape[1]
        own = scores[rows, right][:, None]
        room = _TIE * np.maximum(1.0, np.abs(own))
        chance = confidence(scores)
        top = scores >= scores.max(axis=1, keepdims=True) - room
        without = scores.copy()
        without[rows, right] = -np.inf
        parts.append(
            (
                (scores > own + room).sum(axis=1),
                (np.abs(scores - own) <= room).sum(axis=1),
                top[rows, right] / top.sum(axis=1),
                chance.max(axis=1),
                confidence(without).max(axis=1),
            )
        )
    better, ties, hit, sure, absent = (np.concatenate(part) for part in zip(*parts, strict=True))
    return FoundAgain(
        better=better,
        ties=ties,
        right=hit,
        sure=sure,
        sure_when_absent=absent,
        candidates=candidates,
    )


def in_blocks(
    asked: Ints, shown: Ints, scores: Callable[[slice], Floats]
) -> Iterator[tuple[Floats, Ints]]:
    """Score some people at a time, as `found_again` takes them.

    - `asked`, `shown` (int): People who are looked for, and all candidates, ascending.
    - `scores`: From a slice of `asked` to their scores, shape (people, candidates).
    """
    step = max(1, _CELLS // len(shown))
    for top in range(0, len(asked), step):
        part = slice(top, top + step)
        yield scores(part), np.searchsorted(shown, asked[part])


def add_claims(
    rows: Rows,
    found: npt.NDArray[Any],
    wrong: npt.NDArray[Any],
    absent: npt.NDArray[Any],
    chance: float,
) -> float:
    """Add who was claimed rightly, wrongly, and although absent; return what is beyond chance.

    - `found`, `wrong`, `absent` (bool, shape (people,)): One entry a person who was looked for.
      ``absent`` is the control of ``reidentified``.
    - `chance`: The baseline: the right one by chance.
    - returns: Lower end of what is found beyond the control.
    """
    rows.share(
        "reidentified",
        found,
        baseline=chance,
        control=absent.astype(float),
        paired=True,
        gain="person",
    )
    rows.share("wrong_claim", wrong)
    claims = float(np.sum(found) + np.sum(wrong))
    if claims:
        right = float(np.sum(found)) / claims
        low, high = wilson(right, claims)
        rows.add(
            "right_when_claimed", right, "share", low=float(low), high=float(high),
            n=round(claims), counts="guesses", baseline=chance,
        )  # fmt: skip
    else:
        nobody = Note("nobody_claimed")
        rows.absent(["right_when_claimed"], "share", nobody, n=0, counts="guesses")
    return next(row.residual_low for row in rows if row.measure == "reidentified")


def how_to_read(
    best: npt.NDArray[Any], chance: float, beyond: float
) -> tuple[tuple[Note, ...], bool]:
    """Say how a weak attack is to be read, and whether the attack is reliable.

    - `best` (float, shape (people,)): Chance that the best guess is right, claimed or not.
    - `chance`: The same without the release.
    - `beyond`: Lower end of what is found beyond the control.
    """
    if not wilson(float(np.mean(best)), len(best))[0] > chance:
        return (Note("weak_attack"),), False
    return (() if beyond > 0 else (Note("claims_as_of_absent"),)), True


def found_again_result(
    family: str,
    traces: Traces,
    outcome: FoundAgain,
    least_confidence: float,
    recipe: dict[str, Any],
    note: Note,
) -> Measures:
    """Put rank, claims and calibration in one result."""
    n, candidates = len(outcome.right), outcome.candidates
    rows, columns = Rows(n, traces.counts), {}
    among = Note("among_candidates", candidates=candidates)
    for rank in (1, 10):
        columns[f"matched_{rank}"] = hit = chance_of_rank(outcome.better, outcome.ties, rank)
        blind = min(1.0, rank / candidates)
        rows.share("matched", hit, among, baseline=blind, gain="person", part={"rank": rank})
    claimed = outcome.sure >= least_confidence
    beyond = add_claims(
        rows,
        claimed * outcome.right,
        claimed * (1 - outcome.right),
        outcome.sure_when_absent >= least_confidence,
        1 / candidates,
    )
    said = np.concatenate([outcome.sure, outcome.sure_when_absent])
    came = np.concatenate([outcome.right, np.zeros(n)])
    rows.add(
        "calibration_error",
        expected_calibration_error(said, came),
        "probability",
        Note("claimed_and_true", claimed=said.mean(), true=came.mean()),
        n=2 * n,
        counts="guesses",
    )
    columns["confidence"] = outcome.sure
    doubts, reliable = how_to_read(outcome.right, 1 / candidates, beyond)
    every = [note, Note("least_confidence", confidence=least_confidence), *doubts]
    per_record = pd.DataFrame(columns)
    return trace_result(traces, family, rows, per_record, recipe, every, reliable=reliable)
