"""Names as common as in France: surnames are invented, first names those of the birth decade."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.simulation.world import DATA, read_figures

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
