"""How long people went to school, and how often they vote: what a campaign would like to know."""

from __future__ import annotations

import numpy as np

from privaudit._core.arrays import Bools, Floats, Ints, Strs

__all__ = ["EDUCATIONS", "TURNOUTS", "draw_education", "draw_turnout"]

EDUCATIONS = ("none", "vocational", "baccalaureate", "higher")
TURNOUTS = ("always", "sometimes", "never", "not_on_roll")

# Highest diploma by age from 25 to 64: Insee, labour force survey 2023. Those under 25 still learn
# and those over 64 left school before it was opened to most: round figures (scenario).
_AGES = np.array([18, 25, 35, 45, 55, 65])
_DIPLOMA = np.array(
    [
        [1.000, 0.000, 0.000, 0.000],
        [0.150, 0.120, 0.450, 0.280],
        [0.107, 0.146, 0.226, 0.521],
        [0.129, 0.182, 0.205, 0.484],
        [0.164, 0.229, 0.183, 0.424],
        [0.245, 0.329, 0.141, 0.285],
        [0.450, 0.250, 0.110, 0.190],
    ]
)
# How much likelier a diploma is in a profession than in all; the shares by age are kept (scenario:
# the direction is that of the census).
_OF_WORK = {
    "executive": (0.1, 0.2, 0.6, 3.0),
    "intermediate": (0.3, 0.6, 1.1, 1.6),
    "employee": (1.1, 1.3, 1.3, 0.6),
    "worker": (1.8, 2.0, 0.8, 0.2),
    "artisan": (1.0, 1.6, 1.0, 0.7),
    "farmer": (1.0, 1.8, 1.1, 0.4),
    "student": (0.3, 0.4, 1.6, 1.2),
    "none": (2.0, 1.1, 0.8, 0.5),
}
# Rounds after which no share is off by a thousandth.
_RAKED = 30
# At all four rounds of 2017, at some, at none, of those on the roll (Insee, October 2017). All .35,
# .51, .14; at 18 to 29 fewer than .20 always and .22 never; without a diploma .25 never, with a
# higher one .08. Log-odds against "sometimes", by age and by diploma, meet these.
_TURNOUT = {"always": -0.40, "never": -1.44}
_BY_AGE = {
    "always": (-1.15, -0.80, -0.10, 0.35, 0.75, 0.10),
    "never": (0.45, 0.60, -0.05, -0.20, -0.30, 0.60),
}
_TURNOUT_AGES = np.array([25, 35, 50, 65, 80])
_BY_DIPLOMA = {"always": (-0.45, -0.05, 0.05, 0.30), "never": (0.70, 0.15, -0.15, -0.55)}


def draw_education(age: Ints, profession: Strs, *, rng: np.random.Generator) -> Strs:
    """Draw the highest diploma of people, one of `EDUCATIONS`; minors have none yet."""
    band = np.searchsorted(_AGES, age, side="right")
    share: Floats = _DIPLOMA[band].copy()
    for name, tilt in _OF_WORK.items():
        share[profession == name] *= tilt
    for one in np.unique(band):
        share[band == one] = _with_means(share[band == one], _DIPLOMA[one])
    return np.array(EDUCATIONS)[_drawn(share, rng)]


def _with_means(share: Floats, wanted: Floats) -> Floats:
    """Scale the columns of rows of odds until the mean row is the one that is wanted (raking)."""
    rows, which, count = np.unique(share, axis=0, return_inverse=True, return_counts=True)
    for _ in range(_RAKED):
        rows = rows / rows.sum(axis=1, keepdims=True)
        mean = count @ rows / count.sum()
        rows = rows * np.divide(wanted, mean, out=np.ones_like(mean), where=mean > 0)
    found: Floats = (rows / rows.sum(axis=1, keepdims=True))[which.ravel()]
    return found


def draw_turnout(age: Ints, education: Strs, elector: Bools, *, rng: np.random.Generator) -> Strs:
    """Draw how often people vote, one of `TURNOUTS`; who is on no roll cannot."""
    band = np.searchsorted(_TURNOUT_AGES, age, side="right")
    diploma = (education[:, None] == np.array(EDUCATIONS)).argmax(axis=1)
    odds = np.zeros((len(age), 3))
    for k, name in ((0, "always"), (2, "never")):
        odds[:, k] = _TURNOUT[name] + np.array(_BY_AGE[name])[band]
        odds[:, k] += np.array(_BY_DIPLOMA[name])[diploma]
    votes = np.array(TURNOUTS)[_drawn(np.exp(odds), rng)]
    return np.where(elector, votes, TURNOUTS[3])


def _drawn(weight: Floats, rng: np.random.Generator) -> Ints:
    """Draw a column of each row, by its weight."""
    steps = np.cumsum(weight, axis=1)
    at = rng.random(len(weight)) * steps[:, -1]
    return np.asarray((steps <= at[:, None]).sum(axis=1))
