"""People looked for among candidates: were they found, how surely, and what if they are not there.

The attack hands over scores, and never sees who is who. Here they are put beside the truth, once
with the right candidate among the others and once, as the control, with that one taken away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.exposure.results import Measures
from privaudit.exposure.shares import add_share
from privaudit.exposure.tables.attack_rows import WEAK
from privaudit.exposure.tables.rows import Rows
from privaudit.exposure.traces.uniqueness import trace_result
from privaudit.measures.calibration import expected_calibration_error
from privaudit.measures.interval import residual, wilson
from privaudit.measures.traces.claims import confidence
from privaudit.measures.traces.periods import chance_of_rank
from privaudit.release.traces import Traces

__all__ = ["FoundAgain", "add_claims", "found_again", "found_again_result", "how_to_read"]

Floats = npt.NDArray[np.float64]

# Sums in another order differ in their last digits: such scores are a tie.
_TIE = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundAgain:
    """How each person who was looked for fared, one entry a person.

    Parameters
    ----------
    better, ties : ndarray of int
        Candidates who score higher than the right one, and as high (itself included).
    right : ndarray of float
        Chance that the best guess is right, ties at random.
    sure, sure_when_absent : ndarray of float
        Confidence in the best guess: with the right one there, and taken away.
    candidates : int
    """

    better: npt.NDArray[np.int64]
    ties: npt.NDArray[np.int64]
    right: Floats
    sure: Floats
    sure_when_absent: Floats
    candidates: int


def found_again(blocks: Iterable[tuple[Floats, npt.NDArray[np.int64]]]) -> FoundAgain:
    """Hold scores against the truth.

    Parameters
    ----------
    blocks : iterable of (scores, right)
        Scores of shape (people, candidates), and the place of the right candidate of each.

    Returns
    -------
    FoundAgain
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


def add_claims(
    table: Rows,
    found: npt.NDArray[Any],
    wrong: npt.NDArray[Any],
    absent: npt.NDArray[Any],
    chance: float,
    note: str,
) -> float:
    """Add who was claimed rightly, wrongly, and although absent; return what is beyond chance.

    Parameters
    ----------
    found, wrong, absent : ndarray of bool or float, shape (people,)
        One entry a person who was looked for.
    chance : float
        The baseline: the right one by chance.

    Returns
    -------
    float
        Lower end of what is found beyond the control.
    """
    n = len(found)
    attack = add_share(table, "found", found, note, baseline=chance)
    add_share(table, "wrong_claim", wrong)
    claims = float(np.sum(found) + np.sum(wrong))
    if claims:
        share = float(np.sum(found)) / claims
        low, high = wilson(share, claims)
        table.add(
            "right_when_claimed", share, "share of claims", "of people who are there",
            low=float(low), high=float(high), n=round(claims),
        )  # fmt: skip
    else:
        table.absent(["right_when_claimed"], "share of claims", "nobody was claimed")
    false = add_share(table, "claim_when_absent", absent, "control: their trace was taken out")
    value, low, high = residual(attack, false, n)
    table.add(
        "found_residual", float(value), "share", "(found - control) / (1 - control)",
        low=float(low), high=float(high),
    )  # fmt: skip
    return float(low)


def how_to_read(best: npt.NDArray[Any], chance: float, beyond: float) -> list[str]:
    """Say how a weak attack is to be read: one note, or none.

    Parameters
    ----------
    best : ndarray of float, shape (people,)
        Chance that the best guess is right, claimed or not.
    chance : float
        The same without the release.
    beyond : float
        Lower end of what is found beyond the control.
    """
    if not wilson(float(np.mean(best)), len(best))[0] > chance:
        return [WEAK]
    if not beyond > 0:
        return [
            "The right one is the likeliest more often than by chance, but claims cannot be told "
            "from claims on people who are not there. A weak attack does not make a release safe."
        ]
    return []


def found_again_result(
    who: str,
    traces: Traces,
    outcome: FoundAgain,
    least_confidence: float,
    recipe: dict[str, Any],
    notes: Iterable[str],
) -> Measures:
    """Put rank, claims and calibration in one result.

    Parameters
    ----------
    least_confidence : float
        How sure a claim must be.
    """
    n, candidates = len(outcome.right), outcome.candidates
    table, columns = Rows(n), {}
    for name, rank in (("matched_first", 1), ("matched_in_ten", 10)):
        columns[name] = chance_of_rank(outcome.better, outcome.ties, rank)
        note = f"among {candidates:,} people of the second period"
        add_share(table, name, columns[name], note, baseline=min(1.0, rank / candidates))
    claimed = outcome.sure >= least_confidence
    beyond = add_claims(
        table,
        claimed * outcome.right,
        claimed * (1 - outcome.right),
        outcome.sure_when_absent >= least_confidence,
        1 / candidates,
        f"claimed with a confidence of {least_confidence:g} or more, and right",
    )
    said = np.concatenate([outcome.sure, outcome.sure_when_absent])
    came = np.concatenate([outcome.right, np.zeros(n)])
    table.add(
        "calibration_error",
        expected_calibration_error(said, came),
        "probability",
        f"claimed {said.mean():.3f} on average, came true {came.mean():.3f}; people who are "
        "there and who are not, in equal parts",
        n=2 * n,
    )
    columns["confidence"] = outcome.sure
    every = [*notes, *how_to_read(outcome.right, 1 / candidates, beyond)]
    reliable = WEAK not in every
    return trace_result(traces, who, table, pd.DataFrame(columns), recipe, every, reliable=reliable)
