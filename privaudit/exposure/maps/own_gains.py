"""Gains of one's own: what a guess is worth, by where it is and where the home is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, say
from privaudit.errors import ParameterError
from privaudit.results.exposure import SCORES
from privaudit.results.row import GAINS

if TYPE_CHECKING:
    from privaudit.attacks.guesses import ComparedAddress, Guesses, Posterior
    from privaudit.exposure.maps.truth import Truth
    from privaudit.places.address_base import AddressBase

__all__ = ["Gain", "checked_gains", "own_gains"]

Gain = Callable[[np.ndarray, np.ndarray], Any]
# Homes drawn from the prior, and places tried, to find what would be guessed without the release.
_HOMES, _PLACES = 500, 200


def checked_gains(gains: Mapping[str, Gain] | None) -> dict[str, Gain]:
    """Check that gains are functions with names of their own."""
    if gains is None:
        return {}
    an_instance("audit", "gains", gains, Mapping, "Such as {'within_50m': f}.")
    for name, gain in gains.items():
        free = isinstance(name, str) and name.isidentifier() and name not in (*GAINS, *SCORES)
        if not free or name.partition("_")[0] in ("baseline", "control", "confidence"):
            needed = "gains with names of their own, such as 'within_50m'"
            raise ParameterError(say("audit", needed, repr(name)))
        if not callable(gain):
            raise ParameterError(say("audit", f"gain {name} a function", type(gain).__name__))
    return dict(gains)


def own_gains(
    gains: Mapping[str, Gain],
    guesses: Guesses,
    truth: Truth | None,
    base: AddressBase,
    prior: np.ndarray,
    *,
    believed: Posterior | ComparedAddress | None = None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Take gains of one's own: each with baseline, control and what the adversary claims.

    Baseline: the place that is worth most to somebody who has the prior and no release, looked
    for among some drawn from it. Control: the same guess against the control person; without a
    truth, what the prior expects of it. Claim: what the adversary's posterior expects; where it
    keeps none, its confidence in the address.

    Returns
    -------
    pandas.DataFrame
        One row a record, columns as of `observed`; a record without a guess counts 0.
    """
    xy, guessed = base.xy, guesses.address >= 0
    at = xy[guesses.address]
    homes = xy[rng.choice(len(base), size=_HOMES, p=prior)]
    places = xy[rng.choice(len(base), size=_PLACES, p=prior)]
    found = {}
    for name, gain in gains.items():
        blind = _best(name, gain, homes, places)
        claim = _expected(name, gain, guesses, guesses.posterior, xy)
        if truth is None:
            # Of a posterior that was let go nothing is left to ask a gain about.
            known = None if isinstance(believed, tuple) else believed
            whole = known or guesses.posterior
            found[name] = _expected(name, gain, guesses, whole, xy)
            found[f"baseline_{name}"] = np.full(len(at), _values(name, gain, homes, blind).mean())
            found[f"control_{name}"] = _of_anybody(name, gain, homes, at) * guessed
        else:
            home, other = xy[truth.home], xy[truth.control_home]
            found[name] = _values(name, gain, home, at) * guessed
            found[f"baseline_{name}"] = _values(name, gain, home, blind)
            control = _values(name, gain, other, at) * guessed
            found[f"control_{name}"] = np.where(truth.control_home >= 0, control, np.nan)
        found[f"confidence_{name}"] = claim
    return pd.DataFrame(found).astype(float)


def _values(name: str, gain: Gain, true: np.ndarray, guessed: np.ndarray) -> np.ndarray:
    """Ask a gain for its values: each in [0, 1], one a row."""
    true, guessed = np.broadcast_arrays(true, guessed)
    value = np.asarray(gain(true.copy(), guessed.copy()))
    if value.shape != (len(true),) or value.dtype.kind not in "biuf":
        needed = f"gain {name} to return one number a row of its two arrays (n, 2)"
        raise ParameterError(say("audit", needed, f"shape {value.shape} of {value.dtype}"))
    value = value.astype(float)
    if not ((value >= 0) & (value <= 1)).all():
        raise ParameterError(say("audit", f"gain {name} in [0, 1]", "a value outside of it"))
    return value


def _best(name: str, gain: Gain, homes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the place that is worth most on average, as one row."""
    worth = [_values(name, gain, homes, place[None]).mean() for place in places]
    return np.asarray(places[int(np.argmax(worth))][None])


def _expected(
    name: str, gain: Gain, guesses: Guesses, posterior: Posterior | None, xy: np.ndarray
) -> np.ndarray:
    """Return what a posterior expects of each guess."""
    guessed = guesses.address >= 0
    if posterior is None:
        return np.where(guessed, guesses.confidence, 0.0)
    record = np.repeat(np.arange(len(posterior)), np.diff(posterior.indptr))
    worth = np.zeros(len(record))
    if len(record):
        worth = _values(name, gain, xy[posterior.candidate], xy[guesses.address[record]])
    total = np.bincount(record, posterior.probability * worth, minlength=len(guesses))
    return np.where(guessed, np.minimum(total, 1.0), 0.0)


def _of_anybody(name: str, gain: Gain, homes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return what each guess is worth against somebody drawn from the prior."""
    return np.array([_values(name, gain, homes, place[None]).mean() for place in at])
