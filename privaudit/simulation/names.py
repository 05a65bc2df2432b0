"""Synthetic name model: surnames by Zipf's law, first names by cohort and sex."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from privaudit.core.checks import Floats, Ints, Strs
from privaudit.simulation.world import read_figures

SURNAMES = 600_000
_ZIPF, _SHIFT = 0.70, 1.0
FIRST_NAMES = 340
_FIRST_ZIPF = 0.6
# First birth year of each cohort of first names.
COHORT_STARTS = (0, 1945, 1965, 1985, 2000)


def surname_weights() -> Floats:
    """Return the share of people who bear the surname of each rank, most common first.

    Zipf-Mandelbrot ``(rank + 1) ** -.70`` over 600,000 names: the commonest has .35 % of
    people and the twelve commonest 2.0 %; in France in 1975 twelve surnames held 1.9 %.

    References
    ----------
    Mandelbrot (1953). Tesnière (1975).
    """
    weight = (np.arange(1, SURNAMES + 1) + _SHIFT) ** -_ZIPF
    return np.asarray(weight / weight.sum())


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


def first_name_weights() -> Floats:
    """Return the share of each rank of first name within a cohort and sex.

    Zipf with exponent .6 over 340 names: as diverse as 140 equally common ones
    (inverse Simpson index).
    """
    weight = np.arange(1, FIRST_NAMES + 1) ** -_FIRST_ZIPF
    return np.asarray(weight / weight.sum())


@cache
def _first_names(sex: str, cohort: int) -> Strs:
    """List the first names of a cohort, most common first: listed, compound, invented."""
    figures = read_figures("names")
    common, first_parts = figures["given"][sex][cohort].split(), figures["compound"][sex].split()
    compound = [f"{a}-{b}" for b in common for a in first_parts if a != b]
    invented = figures["invented"]
    roots, endings = invented["roots"].split(), invented[sex].split()
    rest = [root + ending for ending in endings for root in roots]
    # Cohorts share invented names, but not which of them are common.
    turn = cohort * 67 % len(rest)
    rest = rest[turn:] + rest[:turn]
    # Compound names were common before 1965 and rare after.
    names = list(dict.fromkeys(common + compound[: 60 if cohort < 2 else 12] + rest))
    return np.array(names[:FIRST_NAMES])


def draw_first_names(sex: Strs, birth_year: Ints, *, rng: np.random.Generator) -> Strs:
    """Draw a first name for each person from their cohort and sex.

    Parameters
    ----------
    sex : ndarray of str
    birth_year : ndarray of int
        Year of birth each.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of str
    """
    cohort = np.searchsorted(COHORT_STARTS, birth_year, side="right") - 1
    rank = rng.choice(FIRST_NAMES, len(sex), p=first_name_weights())
    cohorts = range(len(COHORT_STARTS))
    table = np.stack([np.stack([_first_names(s, c) for c in cohorts]) for s in "FM"])
    return np.asarray(table[(sex == "M").astype(int), cohort, rank])
