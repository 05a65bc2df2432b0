"""Who lives in each dwelling: kinds of household, ages, sexes, kin, work.

- How long people went to school, and how often they vote: what a campaign would like to know.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.names import draw_first_names, draw_surname_ranks, surname
from privaudit.simulation.world import INTERESTS

REFERENCE_DAY = np.datetime64("2016-09-02", "D")
KINDS = ("single", "couple", "family", "single_parent", "shared")
# Kinds of household by size (INSEE, France 2013: 72 % of families with children are couples).
_KIND_BY_SIZE = {
    1: (1.0, 0.0, 0.0, 0.0, 0.0),
    2: (0.0, 0.77, 0.0, 0.17, 0.06),
    3: (0.0, 0.0, 0.74, 0.19, 0.07),
    4: (0.0, 0.0, 0.86, 0.11, 0.03),
}
# Ages at which people live alone and in couples without children: lower bounds and weights.
_ALONE = ((18, 25, 30, 40, 50, 65, 75, 85, 96), (0.09, 0.08, 0.10, 0.09, 0.20, 0.18, 0.17, 0.09))
_COUPLE = ((20, 26, 35, 50, 58, 65, 75, 85, 93), (0.05, 0.09, 0.05, 0.15, 0.25, 0.26, 0.12, 0.03))
_SHARED = ((18, 24, 30, 45, 65, 80), (0.40, 0.26, 0.14, 0.12, 0.08))
_RETIRED_FROM = 62
_OLDEST = 100
# How far kin that live near live, metres: deviation along each axis (scenario).
_WALK = 200.0
_TEXT = ("sex", "first_name", "last_name", "birth_name", "profession", "interest")
# Shares of farmer, artisan, executive, intermediate, employee, worker and none among adults
# before retirement (INSEE, employment survey 2016, with those out of work as none).
_WORK = np.array([0.015, 0.055, 0.145, 0.21, 0.23, 0.165, 0.18])
_WORK_NAMES = np.array(
    ["farmer", "artisan", "executive", "intermediate", "employee", "worker", "none"]
)
# Employees are women, workers and artisans are men, about three times in four.
_WORK_OF_WOMEN = np.array([0.6, 0.6, 0.85, 1.0, 1.5, 0.4, 1.25])


def draw_households(size: Ints, *, rng: np.random.Generator) -> Strs:
    """Draw the kind of each household from its size."""
    kind = np.empty(len(size), dtype="<U13")
    for n, weights in _KIND_BY_SIZE.items():
        chosen = size >= n if n == 4 else size == n
        kind[chosen] = rng.choice(KINDS, int(chosen.sum()), p=weights)
    return kind


def draw_surnames(
    xy: Floats, *, kin_in_town: float, kin_near: float, rng: np.random.Generator
) -> Ints:
    """Draw the rank of each household's surname: of the country, or of kin in town.

    Households that have theirs from another one of the town, and those that have it from
    these, bear one name: families of the place, of all sizes.

    - `xy` (shape (n households, 2)): Where each lives, metres.
    - `kin_in_town`: Share that have their surname from another household of the town.
    - `kin_near`: Share of these whose kin live within a walk, most within 400 m.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    n = len(xy)
    family = draw_surname_ranks(n, rng=rng)
    late = np.flatnonzero(rng.random(n) < kin_in_town)
    of = rng.integers(n, size=len(late))
    near = rng.random(len(late)) < kin_near
    # Nobody knows all doors: a place some steps away, then a household near it.
    place = xy[late[near]] + rng.normal(0.0, _WALK, (int(near.sum()), 2))
    order = rng.permutation(n)
    of[near] = order[cKDTree(xy[order] + rng.normal(0.0, 1.0, (n, 2))).query(place)[1]]
    tree = coo_array((np.ones(len(late)), (late, of)), shape=(n, n))
    many, root = connected_components(tree, directed=False)
    return family[np.unique(root, return_index=True)[1]][root] if many else family


def draw_people(size: Ints, kind: Strs, family: Ints, *, rng: np.random.Generator) -> pd.DataFrame:
    """Draw everybody of a town, household by household.

    A parent is at least 18 years older than the oldest child; children leave home by 30. Of
    a couple, the man is 2.5 years older on average. Women who married bear their husband's
    name and keep their own as birth name.

    - `size`, `kind` (shape (n households,))
    - `family` (shape (n households,)): Rank of each household's surname.
    - returns: household, child (lives with a parent), age, sex, first_name, last_name, birth_name,
      birth_date, profession, interest. Adults stand before children, the youngest child before the
      others.
    """
    household = np.repeat(np.arange(len(size)), size)
    first = np.cumsum(size) - size
    position = np.arange(len(household)) - first[household]
    adults = np.select(
        [kind == "single", kind == "single_parent", kind == "shared"], [1, 1, size], default=2
    )
    child = position >= adults[household]
    age, sex = _ages(household, position, child, size, kind, rng)
    birth_date = draw_birth_dates(age, rng=rng)
    borne, birth = _surnames(household, position, child, sex, age, kind, family, rng)
    return pd.DataFrame(
        {
            "household": household,
            "child": child,
            "age": age,
            "sex": sex,
            "first_name": draw_first_names(sex, birth_years(birth_date), rng=rng),
            "last_name": surname(borne),
            "birth_name": surname(birth),
            "birth_date": birth_date,
            "profession": _professions(age, sex, rng),
            "interest": rng.choice(INTERESTS, len(age)),
        }
    ).astype(dict.fromkeys(_TEXT, "str"))


def draw_birth_dates(age: Ints, *, rng: np.random.Generator) -> npt.NDArray[np.datetime64]:
    """Draw birth dates of people of these ages on 2 September 2016."""
    month = REFERENCE_DAY.astype("datetime64[M]") - 12 * np.asarray(age).astype("timedelta64[M]")
    birthday = month.astype("datetime64[D]") + np.timedelta64(1, "D")
    days = rng.integers(0, 365, len(age)).astype("timedelta64[D]")
    return np.asarray((birthday - days).astype("datetime64[s]"))


def birth_years(date: npt.NDArray[np.datetime64]) -> Ints:
    """Return the year of each date."""
    return date.astype("datetime64[Y]").astype(np.int64) + 1970


def _ages(
    household: Ints, position: Ints, child: Bools, size: Ints, kind: Strs, rng: np.random.Generator
) -> tuple[Ints, Strs]:
    """Draw ages and sexes: children first, then parents who could have had them."""
    n = len(size)
    first = np.cumsum(size) - size
    children = np.bincount(household[child], minlength=n)
    youngest = np.where(children == 1, rng.integers(0, 28, n), rng.triangular(0, 4, 24, n))
    # Gaps between siblings add up from the youngest, who stands first; adults have none.
    gap = np.where(child, 1 + rng.poisson(1.8, len(household)), 0)
    gap[first + size - children - (children == 0)] = 0
    steps = np.cumsum(gap)
    age = np.minimum(youngest.astype(np.int64)[household] + steps - steps[first][household], 29)
    oldest = np.where(children > 0, age[first + size - 1], 0)

    woman = np.select(
        [kind == "single", kind == "couple", kind == "shared"],
        [_from_bands(table, n, rng) for table in (_ALONE, _COUPLE, _SHARED)],
        default=oldest + np.clip(rng.normal(29.5, 5.0, n), 18, 43).astype(np.int64),
    )
    man = woman + np.rint(rng.normal(2.5, 3.5, n)).astype(np.int64)
    man = np.clip(man, np.maximum(oldest + 18, 18), _OLDEST)

    alone = (kind == "single") | (kind == "single_parent")
    # Women outlive their husbands and keep the children.
    share = np.where(woman < 50, 0.45, np.where(woman < 75, 0.60, 0.76))
    share = np.where(kind == "single_parent", 0.83, np.where(alone, share, 0.5))
    first_is_woman = rng.random(n) < share
    same_sex = rng.random(n) < 0.01
    woman_here = (first_is_woman[household] ^ (position == 1)) ^ (
        same_sex[household] & (position == 1)
    )
    adult_age = np.where(woman_here | alone[household], woman[household], man[household])
    shared = (kind == "shared")[household]
    mate = woman[household] + np.rint(rng.normal(0, 4, len(household))).astype(np.int64)
    adult_age = np.where(shared, np.clip(mate, 18, _OLDEST), adult_age)
    drawn = rng.random(len(household)) < 0.5
    is_woman = np.where(child | shared, drawn, woman_here)
    return np.where(child, age, adult_age), np.where(is_woman, "F", "M")


def _from_bands(
    table: tuple[tuple[int, ...], tuple[float, ...]], n: int, rng: np.random.Generator
) -> Ints:
    bounds, weights = table
    low, high = np.array(bounds[:-1]), np.array(bounds[1:])
    band = rng.choice(len(weights), n, p=weights)
    return rng.integers(low[band], high[band])


def _surnames(
    household: Ints,
    position: Ints,
    child: Bools,
    sex: Strs,
    age: Ints,
    kind: Strs,
    family: Ints,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Ranks of the surname that each person bears and of the one they were born with."""
    n = len(kind)
    own = draw_surname_ranks(len(household), rng=rng)
    first = np.searchsorted(household, np.arange(n))
    couple = np.isin(kind, ("couple", "family"))
    two = np.minimum(first + 1, len(household) - 1)
    mixed = couple & (sex[first] != sex[two])
    married = mixed & (rng.random(n) < np.interp(age[first], [20, 32, 50], [0.15, 0.55, 0.85]))
    # A woman of 50 who lives alone is often a widow, or kept her husband's name.
    widow = (kind == "single") & (sex[first] == "F") & (age[first] >= 50) & (rng.random(n) < 0.5)
    other_parent = (kind == "single_parent") & (sex[first] == "F") & (rng.random(n) < 0.6)
    other_name = draw_surname_ranks(n, rng=rng)

    woman = ~child & (sex == "F")
    borne = family[household]
    stranger = (kind == "shared")[household] & (position > 0)
    partner = couple[household] & ~child & np.where(mixed[household], sex == "F", position == 1)
    borne = np.where(stranger | (partner & ~married[household]), own, borne)
    borne = np.where(child & other_parent[household], other_name[household], borne)
    born_other = woman & ((partner & married[household]) | widow[household])
    return borne, np.where(born_other, own, borne)


def _professions(age: Ints, sex: Strs, rng: np.random.Generator) -> Strs:
    n = len(age)
    work = np.empty(n, dtype="<U12")
    for s, tilt in (("F", _WORK_OF_WOMEN), ("M", 2 - _WORK_OF_WOMEN)):
        chosen = sex == s
        weight = _WORK * tilt
        work[chosen] = rng.choice(_WORK_NAMES, int(chosen.sum()), p=weight / weight.sum())
    draw = rng.random(n)
    studies = np.interp(age, [17, 18, 22, 26, 30], [1.0, 0.8, 0.45, 0.08, 0.0])
    retired = np.interp(age, [57, _RETIRED_FROM, 66, 70], [0.02, 0.6, 0.95, 1.0])
    return np.select(
        [age < 6, age < 18, draw < studies, draw < np.where(age < 57, 0.0, retired)],
        ["none", "student", "student", "retired"],
        default=work,
    )


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
