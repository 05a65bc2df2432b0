"""People of a simulated town: kinds of household, ages, sexes, surnames, professions, diplomas.

Their political leaning follows from polling station, age, profession and household.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import softmax

from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.simulation.town import Town
from privaudit.simulation.world import AGE_STARTS, DATA, INTERESTS, LEANINGS, read_figures

# As many as syllables spell.
SURNAMES = 614_400


def surname_weights() -> Floats:
    """Return the share of people who bear the surname of each rank, most common first.

    The share of the commonest 1, 2, 5, ... 200,000 surnames is that of people born in France from
    1931 to 2000: the commonest has .33 % of them, a hundred have 7.9 %. In between the logarithm
    of the share is linear in that of the rank. The surnames beyond have the same share each: the
    file leaves out those of fewer than 30 people.

    References
    ----------
    INSEE, Fichier des noms, 1891-2000 (edition 2008).
    """
    known = read_figures("names")["surnames"]
    rank, share = np.array(known["rank"]), np.array(known["share"])
    common = np.arange(1, rank[-1] + 1)
    steps = np.exp(np.interp(np.log(common), np.log(rank), np.log(share)))
    left = SURNAMES - len(common)
    return np.concatenate([np.diff(steps, prepend=0.0), np.full(left, (1 - share[-1]) / left)])


@cache
def _surname_steps() -> Floats:
    return np.cumsum(surname_weights())


def draw_surname_ranks(n: int, *, rng: np.random.Generator) -> Ints:
    """Draw ranks (0 the commonest) of surnames.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int
    """
    steps = _surname_steps()
    return np.minimum(np.searchsorted(steps, rng.random(n), side="right"), SURNAMES - 1)


def surname(rank: Ints) -> Strs:
    """Spell the surname of each rank; two ranks never share a spelling.

    The name is a French-sounding invention and says nothing of how common that spelling is
    in France. Some are two words (Le, De) or hyphenated and many have accents, so that name
    matching is tested on such names.

    Examples
    --------
    >>> surname(np.array([0, 1, 2])).tolist()
    ['Trumbois', 'Froirvine', 'Brèvis']
    """
    unique, back = np.unique(np.asarray(rank, dtype=np.int64), return_inverse=True)
    name, kind = _core(unique), unique * 7 % 60
    before = np.select([kind == 1, kind == 2], ["Le ", "De "], default="")
    after = np.where(kind == 3, np.char.add("-", _core(unique * 31 + 17)), "")
    return np.asarray(np.char.add(np.char.add(before, name), after)[back])


@cache
def _syllables() -> list[Strs]:
    return [np.array(part.split()) for part in read_figures("names")["syllables"]]


def _core(rank: Ints) -> Strs:
    parts = _syllables()
    total = math.prod(len(part) for part in parts)
    # A step prime to `total` visits every combination once, far from its neighbours.
    left = (rank * 411_277 + 201_101) % total
    name = np.full(len(rank), "")
    for part in parts:
        left, digit = np.divmod(left, len(part))
        name = np.char.add(name, part[digit])
    return name


@cache
def _births() -> pd.DataFrame:
    """Return births of 10,000 by decade, a row a sex and first name."""
    listed = pd.read_csv(DATA / "first_names.csv", comment="#", keep_default_na=False, dtype=str)
    return listed.replace("", "0").set_index(["sex", "name"]).astype(float)


@cache
def first_name_weights(sex: str, decade: int) -> pd.Series:
    """Return the share of each first name among births of a sex and decade, most common first.

    Those given to fewer than two of 10,000 in every decade are not in the file: some 2,000 invented
    ones stand for them, equally common.

    Parameters
    ----------
    sex : {"F", "M"}
    decade : int
        Its first year, from 1920 to 2010.

    Returns
    -------
    Series of float
        By name; they sum to 1.

    References
    ----------
    INSEE, Fichier des prénoms (edition 2022).

    Examples
    --------
    >>> first_name_weights("M", 1940).head(2).round(3).to_dict()
    {'Jean': 0.121, 'Michel': 0.069}
    """
    births, made = _births().loc[sex], read_figures("names")["invented"]
    spelled = dict.fromkeys(
        root + middle + end
        for end in made[sex].split()
        for middle in ("", *made["middles"].split())
        for root in made["roots"].split()
    )
    rare = [name for name in spelled if name not in births.index]
    given = births[str(decade)]
    others = pd.Series((10_000 - given.sum()) / len(rare), index=rare)
    every: pd.Series = pd.concat([given[given > 0], others]) / 10_000
    return every.sort_values(ascending=False, kind="stable")


@cache
def _first_names_by_share(sex: str, decade: int) -> tuple[Floats, np.ndarray]:
    """Return the running sum of the shares of first names, and the names."""
    weights = first_name_weights(sex, decade)
    return np.cumsum(weights.to_numpy()), weights.index.to_numpy(dtype=object)


def draw_first_names(sex: Strs, birth_year: Ints, *, rng: np.random.Generator) -> Strs:
    """Draw a first name for each person from those given to their sex in their birth decade.

    Parameters
    ----------
    sex : ndarray of str
    birth_year : ndarray of int
        Year of birth each: before 1920 as in the decade after, after 2019 as in the one before.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str
    """
    decades = _births().columns.astype(int)
    decade = np.clip(np.asarray(birth_year) // 10 * 10, decades[0], decades[-1])
    chance, drawn = rng.random(len(sex)), np.full(len(sex), "", dtype=object)
    for one in "FM":
        for start in np.unique(decade[sex == one]):
            upto, names = _first_names_by_share(one, int(start))
            here = (sex == one) & (decade == start)
            rank = np.searchsorted(upto, chance[here], side="right")
            drawn[here] = names[np.minimum(rank, len(names) - 1)]
    return drawn.astype(str)


REFERENCE_DAY = np.datetime64("2016-09-02", "D")
KINDS = ("single", "couple", "family", "single_parent", "shared")
_OLDEST = 100
# How far kin that live near live, metres: deviation along each axis (scenario).
_WALK = 200.0
_TEXT = ("sex", "first_name", "last_name", "birth_name", "profession", "interest")


def draw_households(size: Ints, *, rng: np.random.Generator) -> Strs:
    """Draw the kind of each household from its size.

    Parameters
    ----------
    size : ndarray of int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str
    """
    kind = np.empty(len(size), dtype="<U13")
    for n, weights in enumerate(read_figures("population")["household_kinds"].values(), start=1):
        chosen = size >= n if n == 4 else size == n
        kind[chosen] = rng.choice(KINDS, int(chosen.sum()), p=weights)
    return kind


def draw_surnames(
    xy: Floats, *, kin_in_town: float, kin_near: float, rng: np.random.Generator
) -> Ints:
    """Draw the rank of each household's surname: from the country, or from kin in town.

    Households that take their surname from another one of the town, directly or through a chain,
    share it: local families, of all sizes.

    Parameters
    ----------
    xy : ndarray of float, shape (n households, 2)
        Where each lives, metres.
    kin_in_town : float
        Share that have their surname from another household of the town.
    kin_near : float
        Share of these whose kin live within a walk, most within 400 m.
    rng : numpy.random.Generator
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    n = len(xy)
    family = draw_surname_ranks(n, rng=rng)
    late = np.flatnonzero(rng.random(n) < kin_in_town)
    of = rng.integers(n, size=len(late))
    near = rng.random(len(late)) < kin_near
    # A point some steps away, then the household nearest to it.
    place = xy[late[near]] + rng.normal(0.0, _WALK, (int(near.sum()), 2))
    order = rng.permutation(n)
    of[near] = order[cKDTree(xy[order] + rng.normal(0.0, 1.0, (n, 2))).query(place)[1]]
    kin = coo_array((np.ones(len(late)), (late, of)), shape=(n, n))
    components, root = connected_components(kin, directed=False)
    return family[np.unique(root, return_index=True)[1]][root] if components else family


def draw_people(size: Ints, kind: Strs, family: Ints, *, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the people of a town, household by household.

    A parent is at least 18 years older than the oldest child; children leave home by 30. Of
    a couple, the man is 2.5 years older on average. Women who married bear their husband's
    name and keep their own as birth name.

    Parameters
    ----------
    size, kind : ndarray of int, shape (n households,)
    family : ndarray of int, shape (n households,)
        Rank of each household's surname.
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        Household, child (lives with a parent), age, sex, first_name, last_name, birth_name,
        birth_date, profession, interest. Adults come before children, the youngest child before
        the others.
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
    """Draw birth dates of people of these ages on 2 September 2016.

    Parameters
    ----------
    age : ndarray of int
        Years.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of datetime64
    """
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
    # Gaps between siblings add up from the youngest, who is first; adults have none.
    gap = np.where(child, 1 + rng.poisson(1.8, len(household)), 0)
    gap[first + size - children - (children == 0)] = 0
    steps = np.cumsum(gap)
    age = np.minimum(youngest.astype(np.int64)[household] + steps - steps[first][household], 29)
    oldest = np.where(children > 0, age[first + size - 1], 0)

    ages = read_figures("population")["ages"]
    woman = np.select(
        [kind == name for name in ages],
        [_from_bands(bounds, weights, n, rng) for bounds, weights in ages.values()],
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


def _from_bands(bounds: list[int], weights: list[float], n: int, rng: np.random.Generator) -> Ints:
    """Draw ages from weighted bands, uniformly within a band."""
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
    flatmate = (kind == "shared")[household] & (position > 0)
    partner = couple[household] & ~child & np.where(mixed[household], sex == "F", position == 1)
    borne = np.where(flatmate | (partner & ~married[household]), own, borne)
    borne = np.where(child & other_parent[household], other_name[household], borne)
    born_other = woman & ((partner & married[household]) | widow[household])
    return borne, np.where(born_other, own, borne)


def _professions(age: Ints, sex: Strs, rng: np.random.Generator) -> Strs:
    n = len(age)
    work = np.empty(n, dtype="<U12")
    figures = read_figures("population")["professions"]
    share, of_women = np.array(list(figures.values())).T
    for s, tilt in (("F", of_women), ("M", 2 - of_women)):
        chosen = sex == s
        weight = share * tilt
        work[chosen] = rng.choice(list(figures), int(chosen.sum()), p=weight / weight.sum())
    draw = rng.random(n)
    studies = np.interp(age, [17, 18, 22, 26, 30], [1.0, 0.8, 0.45, 0.08, 0.0])
    rest = read_figures("population")["retired"]
    retired = np.interp(age, rest["ages"], rest["shares"])
    return np.select(
        [age < 6, age < 18, draw < studies, draw < np.where(age < rest["ages"][0], 0.0, retired)],
        ["none", "student", "student", "retired"],
        default=work,
    )


EDUCATIONS = ("none", "vocational", "baccalaureate", "higher")
TURNOUTS = ("always", "sometimes", "never", "not_on_roll")

# Rounds of raking after which no share is off by a thousandth.
_RAKED = 30


def draw_education(age: Ints, profession: Strs, *, rng: np.random.Generator) -> Strs:
    """Draw the highest diploma of people, one of `EDUCATIONS`; minors have none yet.

    Parameters
    ----------
    age : ndarray of int
        Years.
    profession : ndarray of str
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str
    """
    figures = read_figures("population")
    band = np.searchsorted(figures["diploma"]["ages"], age, side="right")
    by_age = np.array(figures["diploma"]["shares"])
    share: Floats = by_age[band]
    for name, tilt in figures["diploma_by_profession"].items():
        share[profession == name] *= tilt
    work = pd.factorize(profession.astype(object))[0]
    for k in np.unique(band):
        share[band == k] = _raked(share[band == k], work[band == k], by_age[k])
    return np.array(EDUCATIONS)[draw_column(share, rng)]


def _raked(share: Floats, code: Ints, wanted: Floats) -> Floats:
    """Scale the columns of rows of odds until their mean row is the target (raking).

    Rows of one code are equal.
    """
    _, first, coded = np.unique(code, return_index=True, return_inverse=True)
    rows, alike = np.unique(share[first], axis=0, return_inverse=True)
    which = alike.ravel()[coded]
    count = np.bincount(which)
    for _ in range(_RAKED):
        rows = rows / rows.sum(axis=1, keepdims=True)
        mean = count @ rows / count.sum()
        rows = rows * np.divide(wanted, mean, out=np.ones_like(mean), where=mean > 0)
    return np.asarray((rows / rows.sum(axis=1, keepdims=True))[which])


def draw_turnout(age: Ints, education: Strs, elector: Bools, *, rng: np.random.Generator) -> Strs:
    """Draw how often people vote, one of `TURNOUTS`; only electors can.

    Parameters
    ----------
    age : ndarray of int
        Years.
    education : ndarray of str
        One of `EDUCATIONS` each.
    elector : ndarray of bool
        Whether each person is an elector.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str
    """
    figures = read_figures("population")["turnout"]
    band = np.searchsorted(figures["ages"], age, side="right")
    diploma = (education[:, None] == np.array(EDUCATIONS)).argmax(axis=1)
    odds = np.zeros((len(age), 3))
    for k, name in ((0, "always"), (2, "never")):
        odds[:, k] = figures[name]["all"] + np.array(figures[name]["age"])[band]
        odds[:, k] += np.array(figures[name]["diploma"])[diploma]
    votes = np.array(TURNOUTS)[draw_column(np.exp(odds), rng)]
    return np.where(elector, votes, TURNOUTS[3])


def draw_column(weight: Floats, rng: np.random.Generator) -> Ints:
    """Draw a column of each row in proportion to its weights.

    Parameters
    ----------
    weight : ndarray of float, shape (n, columns)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n,)
    """
    steps = np.cumsum(weight, axis=1)
    at = rng.random(len(weight)) * steps[:, -1]
    return np.asarray((steps <= at[:, None]).sum(axis=1))


class Moments(NamedTuple):
    """Mean and standard deviation of a share between polling stations, in [0, 1]."""

    mean: float
    sd: float


# Moments of each leaning between the stations of Lyon, 2012; the others make up the rest.
STATION_MOMENTS = {
    name: Moments(*moments) for name, moments in read_figures("population")["stations"].items()
}
_OTHERS_SD = 0.01
_LEAST_SHARE = 0.005


def draw_station_shares(
    electors: Ints, *, clustering: float = 1.0, rng: np.random.Generator
) -> Floats:
    """Draw the target share of each leaning in each polling station.

    Shares vary as they did between the stations of Lyon in 2012. Counts of a finite station have
    a sampling variance of their own; it is subtracted beforehand, so that the counted shares keep
    the published spread.

    Parameters
    ----------
    electors : ndarray of int, shape (n stations,)
    clustering : float
        Variance of a station's counted share over that of independent electors, 1 or more: homes
        that agree make it larger.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float, shape (n stations, 6)
        Columns as `LEANINGS`; rows sum to 1.
    """
    n = len(electors)
    mean = np.array([m.mean for m in STATION_MOMENTS.values()])
    sd = np.array([m.sd for m in STATION_MOMENTS.values()])
    chance = clustering * (mean * (1 - mean)) / np.maximum(electors, 1)[:, None]
    spread = np.sqrt(np.maximum(sd**2 - chance, 0))
    shares = mean + spread * _standard_shares(n, rng)
    others = 1 - shares.sum(axis=1, keepdims=True)
    shares = np.maximum(np.hstack([shares, others]), _LEAST_SHARE)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _standard_shares(n: int, rng: np.random.Generator) -> Floats:
    """Draw shares of five leanings in units of their spread; gains and losses cancel."""
    names = list(STATION_MOMENTS)
    right = names.index("right")
    sd = np.array([m.sd for m in STATION_MOMENTS.values()])
    correlation = read_figures("population")["stations_with_right"]
    with_right = np.array([correlation.get(name, 1.0) for name in names])
    # What the right does not explain, with the other candidates, must sum to nearly zero:
    # `free` is the spread of independent draws that have the wanted one on that condition.
    rest = np.delete(sd * np.sqrt(1 - with_right**2), right)
    wanted = np.append(rest, _OTHERS_SD) ** 2
    free = wanted.copy()
    for _ in range(200):
        free = wanted / (1 - free / free.sum())
    drawn = _whitened(rng.standard_normal((n, len(free) + 1)))
    axis, draw = drawn[:, 0], drawn[:, 1:] * np.sqrt(free)
    draw -= draw.sum(axis=1, keepdims=True) * free / free.sum()
    own = np.insert(draw[:, :-1], right, 0.0, axis=1)
    return np.asarray(axis[:, None] * with_right + own / sd)


def _whitened(drawn: Floats) -> Floats:
    """Whiten draws: return the nearest ones with mean 0, variance 1 and no correlation."""
    # Otherwise a town of fifteen stations misses the published spread by a fifth, by chance.
    n, columns = drawn.shape
    if n <= columns + 1:
        return drawn
    left, _, right = np.linalg.svd(drawn - drawn.mean(axis=0), full_matrices=False)
    return np.asarray(np.sqrt(n) * left @ right)


def draw_leanings(
    people: pd.DataFrame,
    station: Ints,
    head: Ints,
    shares: Floats,
    town: Town,
    *,
    rng: np.random.Generator,
) -> Strs:
    """Draw the leaning of each person.

    A relative takes the leaning of the first adult of the home with probability
    `town.kin_correlation`, which is then the correlation of each leaning between the two; otherwise
    it is drawn from age, profession and polling station. The electors of a station meet its
    shares in expectation (raking).

    Parameters
    ----------
    people : pandas.DataFrame
        Columns age, profession, elector.
    station : ndarray of int, shape (n people,)
        Row of `shares` of each.
    head : ndarray of int, shape (n people,)
        Person whose leaning is inherited: the first adult of the home, or the person itself.
    shares : ndarray of float, shape (n stations, 6)
    town : Town
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str, shape (n people,)
        One of `LEANINGS`; ``"none"`` for minors.
    """
    age, elector = people["age"].to_numpy(), people["elector"].to_numpy()
    work, works = pd.factorize(people["profession"])
    band = np.searchsorted(AGE_STARTS[1:], age, side="right")
    # Whoever has the same station, age band and profession has the same odds.
    code = (station * len(AGE_STARTS) + band) * len(works) + work
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    at = station[first]
    logits = np.log(shares)[at] + _individual(band[first], works.to_numpy(dtype=str)[work[first]])
    follows = (head != np.arange(len(age))) * town.kin_correlation
    weight = np.bincount(station, elector, len(shares))
    known = weight > 0
    # Raking: shift each station's intercepts until its electors meet its shares.
    shift = np.zeros_like(shares)
    for _ in range(12):
        p = softmax(logits + shift[at], axis=1)[which]
        met = (1 - follows)[:, None] * p + follows[:, None] * p[head]
        count = [np.bincount(station, elector * column, len(shares)) for column in met.T]
        shift[known] += np.log(shares[known] * weight[known, None] / np.column_stack(count)[known])
    p = softmax(logits + shift[at], axis=1)[which]
    own = draw_column(p, rng)
    leaning = np.where(rng.random(len(age)) < follows, own[head], own)
    return np.where(age < 18, "none", np.array(LEANINGS)[leaning])


def _individual(band: Ints, profession: Strs) -> Floats:
    """Return the log-odds of each leaning by age band and profession."""
    figures = read_figures("population")
    by_age = np.array([figures["leaning_by_age"][name] for name in LEANINGS]).T[band]
    known, which = np.unique(profession, return_inverse=True)
    odds = [figures["leaning_by_profession"][work] for work in known]
    by_profession = np.array([[each.get(name, 0.0) for name in LEANINGS] for each in odds])
    return np.asarray(by_age + by_profession[which])
