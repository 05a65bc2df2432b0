"""Scores of rounds: what visits in turn say of blurred dots, and of the volunteer's home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.maps.scoring.score import percentiles
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.posterior import Guesses
    from privaudit.traces.rounds import VolunteerHomes, Walked

# Metres within which a home counts as found.
WITHIN = (50, 100, 250)


def rounds_exposure(
    apart: Guesses, walked: Walked, home: np.ndarray | None, base: AddressBase
) -> Rows:
    """Hold guesses by rounds against guesses of dots apart; see `privaudit.traces.rounds`.

    Parameters
    ----------
    apart : Guesses
    walked : Walked
    home : ndarray of int, shape (records,), optional
        Address where the person of each record lives, -1 where not known. Without it, what is
        right is what the posterior of the rounds expects.
    base : AddressBase

    Returns
    -------
    Rows
    """
    turns, fit = walked.turns, walked.fit
    dot = np.concatenate([np.empty(0, np.int64), *turns.rounds])
    of = np.repeat(np.arange(len(turns.rounds)), [len(one) for one in turns.rounds])
    if home is not None:
        known = home[dot] >= 0
        dot, of = dot[known], of[known]
    several = (apart, walked.guesses, walked.shuffled)
    right = [_right(one, walked.guesses, home)[dot] for one in several]
    rows = Rows(len(dot), "dots")
    address: dict[str, Any] = {"gain": "address", "clusters": of}
    sure = [float(one.confidence[dot].mean()) for one in several[:2]]
    usual = rows.share(
        "reidentified", right[0], confidence=sure[0], part={"attack": "apart"}, **address
    )
    rows.share(
        "reidentified", right[1], control=right[2], paired=True, baseline=usual,
        confidence=sure[1], part={"attack": "rounds"}, **address,
    )  # fmt: skip
    rows.difference("difference", right[0], right[1], part={"over": "apart"}, **address)
    wide = [one.credible for one in (walked.guesses, apart)]
    joint, alone = (np.zeros(0) if one is None else one[dot].astype(float) for one in wide)
    percentiles(rows, "candidates", joint, alone, [50], most=len(base), unit="addresses")
    rows.add("walk", fit.walk, "probability", baseline=0.5)
    rows.add("order_as_good", walked.as_good, "probability", baseline=0.5)
    rows.add("step", fit.scale, "metres")
    return rows


def _right(guesses: Guesses, by: Guesses, home: np.ndarray | None) -> np.ndarray:
    """Return whether each guess is right, or how likely by the posterior of `by`."""
    if home is not None:
        return np.asarray(guesses.address == home, dtype=float)
    assert by.posterior is not None
    return np.asarray(np.minimum(by.right_doors * by.posterior.at(guesses.address), 1.0))


def homes_exposure(
    rows: Rows,
    found: VolunteerHomes,
    base: AddressBase,
    homes: np.ndarray | None,
    evenings: int,
    within: Sequence[float] = WITHIN,
) -> None:
    """Add how many volunteers' homes were located by so many rounds.

    Parameters
    ----------
    rows : Rows
    found : VolunteerHomes
    base : AddressBase
    homes : ndarray of float, shape (volunteers, 2), optional
        Where each volunteer of `found` lives, metres. Without it, what the posterior expects.
    evenings : int
    within : sequence of float
        Metres.
    """
    guessed = base.xy[found.address]
    for metres in within:
        part = {"evenings": evenings, "within": metres}
        sure = _within(found, guessed, base.xy, metres)
        claim = float(sure.mean()) if len(sure) else float("nan")
        if homes is None:
            # Of known homes fewer are right than so many rounds claim.
            expected, doubt = np.minimum(sure, 1.0), Note("homes_not_held")
            rows.share("home_within", expected, doubt, confidence=claim, part=part, reliable=False)
            continue
        hit, centre, first = (
            np.hypot(*(at - homes).T) <= metres
            for at in (guessed, found.centroid, found.first_door)
        )
        # The same guesses, held against the home of another volunteer.
        other = np.hypot(*(guessed - np.roll(homes, 1, axis=0)).T) <= metres
        usual = float(centre.mean()) if len(centre) else float("nan")
        control = other if len(other) > 1 else None
        rows.share("home_within", hit, baseline=usual, control=control, confidence=claim, part=part)
        rows.share("first_door_within", first, baseline=usual, part=part)


def _within(
    found: VolunteerHomes, guessed: np.ndarray, xy: np.ndarray, metres: float
) -> np.ndarray:
    """Return the probability of a home within some metres of the guess of each volunteer."""
    posterior = found.posterior
    volunteer = row_of(posterior.indptr)
    apart = np.hypot(*(guessed[volunteer] - xy[posterior.candidate]).T)
    near = np.where(apart <= metres, posterior.probability, 0.0)
    return np.bincount(volunteer, near, minlength=len(posterior))
