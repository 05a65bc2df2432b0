"""The four gains of each record: observed against the truth, or expected by the posterior.

- Gains of one's own: what a guess is worth, by where it is and where the home is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, error_message
from privaudit.errors import ParameterError
from privaudit.maps.adversary import REGISTERED
from privaudit.results.exposure import SCORES
from privaudit.results.rows import GAINS

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.guesses import ComparedAddress, Guesses, Posterior
    from privaudit.maps.scoring.truth import Truth


def observed(
    guesses: Guesses, truth: Truth, prior: np.ndarray, persons: np.ndarray | None
) -> pd.DataFrame:
    """Hold each guess against the person, and against the control person.

    Parameters
    ----------
    guesses : Guesses
    truth : Truth
    prior : ndarray, shape (addresses,)
        Probability of each address before the release is seen.
    persons : ndarray of int64, optional
        Person that each entry of the register names; None for an adversary without one.

    Returns
    -------
    pandas.DataFrame
        One row a record: for each gain g the columns g, baseline_g, control_g in [0, 1]
        (control_g nan where there is nobody to compare with), and error, the metres from the
        guessed address to the home (nan without a guess).
    """
    guessed = guesses.address >= 0
    address = guessed & (guesses.address == truth.home)
    control = guessed & (guesses.address == truth.control_home)
    modal = prior == prior.max()
    blind = np.where(modal[truth.home], 1 / modal.sum(), 0.0)
    if persons is None:
        person = address * truth.person_share
        blind_person = blind * truth.person_share
        control_person = control * truth.control_person_share
    else:
        named = np.where(guesses.person >= 0, persons[guesses.person], -1)
        person = named == truth.person
        known = np.bincount(persons[persons >= 0], minlength=truth.n_people)
        blind_person = known[truth.person] / len(persons)
        control_person = (named >= 0) & (named == truth.control_person)
    says = guesses.opinion != ""
    rows = pd.DataFrame(
        {
            "address": address,
            "household": address / truth.households,
            "person": person,
            "opinion": says & (guesses.opinion == truth.leaning),
            "baseline_address": blind,
            "baseline_household": blind / truth.households,
            "baseline_person": blind_person,
            "baseline_opinion": truth.usual_leaning,
            "control_address": control,
            "control_household": control / truth.control_households,
            "control_person": control_person,
            "control_opinion": says & (guesses.opinion == truth.control_leaning),
        }
    ).astype(float)
    controls = [f"control_{gain}" for gain in GAINS]
    rows[controls] = np.where(truth.control_person[:, None] >= 0, rows[controls], np.nan)
    rows[list(truth.unknown)] = np.nan
    apart = np.hypot(*(truth.addresses.xy[guesses.address] - truth.addresses.xy[truth.home]).T)
    return rows.assign(error=np.where(guessed, apart, np.nan))


def expected(
    guesses: Guesses,
    backdrop: AddressBase | None,
    prior: np.ndarray,
    register_size: int | None,
    believed: Posterior | ComparedAddress | None = None,
) -> pd.DataFrame:
    """Say what a posterior expects of each guess, where no truth is known.

    `believed` is the posterior to expect by; the adversary's own confidence where None. The
    nearest address claims to be right every time: what it is worth, only somebody who knows
    how dots were moved can say.

    Returns
    -------
    pandas.DataFrame
        As `observed`. Baselines are the highest prior probability, controls the prior
        probability of the guessed address; error is the posterior's mean distance, in metres,
        from the guessed address. The opinion is nan throughout.
    """
    guessed = guesses.address >= 0
    sure = guesses.confidence if believed is None else believed.at(guesses.address)
    confident = np.where(guessed, sure, 0.0)
    rows = pd.DataFrame(
        {"address": confident, "baseline_address": np.nan, "control_address": np.nan}
    )
    modal = np.empty(0, dtype=np.int64)
    if len(prior):
        modal = np.flatnonzero(prior == prior.max())
        rows["baseline_address"] = prior.max()
        rows["control_address"] = np.where(guessed, prior[guesses.address], 0.0)
    for gain, count in (("household", "households"), ("person", "electors")):
        share = _share(backdrop, count)
        if gain == "person" and register_size is not None:
            rows["person"] = np.where(guesses.person >= 0, guesses.person_confidence, 0.0)
            rows["baseline_person"] = rows["control_person"] = 1 / max(register_size, 1)
        elif share is None:
            rows[[gain, f"baseline_{gain}", f"control_{gain}"]] = np.nan
        else:
            at_guess = np.where(guessed, share[guesses.address], 0.0)
            rows[gain] = rows["address"] * at_guess
            rows[f"baseline_{gain}"] = prior.max() * share[modal].mean()
            rows[f"control_{gain}"] = rows["control_address"] * at_guess
    rows[["opinion", "baseline_opinion", "control_opinion"]] = np.nan
    return rows.assign(error=_expected_error(guesses, backdrop))


def claimed(guesses: Guesses, backdrop: AddressBase | None, *, named: bool) -> pd.DataFrame:
    """Return what the adversary claims of each record, and among how many it is hidden.

    Returns
    -------
    pandas.DataFrame
        One row a record: confidence_g for each gain (0 without a guess; nan throughout where
        the public addresses do not say how many live there), confidence_opinion_low and
        confidence_opinion_high where a range is stated, candidates (addresses that hold 95 % of
        the posterior), k_addresses, k_people.
    """
    guessed = guesses.address >= 0
    address = np.where(guessed, guesses.confidence, 0.0)
    rows = pd.DataFrame({"confidence_address": address})
    for gain, count in (("household", "households"), ("person", "electors")):
        share = _share(backdrop, count)
        if gain == "person" and named:
            rows["confidence_person"] = np.where(
                guesses.person >= 0, guesses.person_confidence, 0.0
            )
        elif share is None:
            rows[f"confidence_{gain}"] = np.nan
        else:
            rows[f"confidence_{gain}"] = address * np.where(guessed, share[guesses.address], 0.0)
    rows["confidence_opinion"] = np.where(guesses.opinion != "", guesses.opinion_confidence, 0.0)
    for end, ends in (("low", guesses.opinion_low), ("high", guesses.opinion_high)):
        if ends is not None:
            rows[f"confidence_opinion_{end}"] = np.where(guesses.opinion != "", ends, 0.0)
    for name, values in (
        ("candidates", guesses.credible),
        ("k_addresses", guesses.k_addresses),
        ("k_people", guesses.k_people),
    ):
        rows[name] = np.nan if values is None else np.asarray(values, dtype=float)
    return rows


def _share(backdrop: AddressBase | None, count: str) -> np.ndarray | None:
    """Chance of picking one bell, or one elector, at each address; None where not counted.

    An address that the file counts nobody at is taken to hold one: a guess was made there. Beside
    the electors live adults who are on no roll (`REGISTERED`).
    """
    if backdrop is None or count not in backdrop.counts:
        return None
    found: np.ndarray = 1 / np.maximum(backdrop.frame[count].to_numpy(dtype=float), 1)
    return found * REGISTERED if count == "electors" else found


def _expected_error(guesses: Guesses, backdrop: AddressBase | None) -> np.ndarray:
    """Posterior mean of the distance from the guessed address, nan without a posterior."""
    if guesses.error is not None:
        return guesses.error
    if guesses.posterior is None or backdrop is None:
        return np.full(len(guesses), np.nan)
    return guesses.posterior.mean_distance(guesses.address, backdrop.xy)


Gain = Callable[[np.ndarray, np.ndarray], Any]
# Homes drawn from the prior, and places tried, to find what would be guessed without the release.
_HOMES, _PLACES = 500, 200


def checked_gains(gains: Mapping[str, Gain]) -> dict[str, Gain]:
    """Check that gains are functions with names of their own."""
    an_instance("audit", "gains", gains, Mapping, "Such as {'within_50m': f}.")
    for name, gain in gains.items():
        free = isinstance(name, str) and name.isidentifier() and name not in (*GAINS, *SCORES)
        if not free or name.partition("_")[0] in ("baseline", "control", "confidence"):
            needed = "gains with names of their own, such as 'within_50m'"
            raise ParameterError(error_message("audit", needed, repr(name)))
        if not callable(gain):
            raise ParameterError(
                error_message("audit", f"gain {name} a function", type(gain).__name__)
            )
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
        raise ParameterError(
            error_message("audit", needed, f"shape {value.shape} of {value.dtype}")
        )
    value = value.astype(float)
    if not ((value >= 0) & (value <= 1)).all():
        raise ParameterError(
            error_message("audit", f"gain {name} in [0, 1]", "a value outside of it")
        )
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
