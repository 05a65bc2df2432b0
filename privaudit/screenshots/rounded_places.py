"""Dots that a program rounded to whole pixels: the step, and the error of their places."""

from __future__ import annotations

import numpy as np

# Steps of lattices that are sought, in pixels; of a coarser one, the addresses themselves are made.
_STEPS, _COARSE = (0.6, 4.0), 40.0
# Resultant length of dots' places within a step (as angles) from which they stand on a lattice: for
# fewer than so many dots; for more, with so many squared lengths that chance explains none. Dots in
# which it is sought; share of the greatest power from which a coarser lattice is the one.
_FEW_DOTS, _ALL_ALIKE, _ALIKE, _BEYOND_CHANCE, _SOUGHT, _AS_STRONG = 8, 0.8, 0.4, 20.0, 120, 0.8


def lattice_step(pixel: np.ndarray) -> float:
    """Return the step of the lattice on which dots were drawn, in pixels; 0 for none.

    Many programs round places to whole pixels of their own: on a screen of another density, or in a
    picture of another size, to 1.25 or 2 pixels. A few dots may be rounded if all are alike.

    Examples
    --------
    >>> at = np.random.default_rng(3).uniform(0, 500, (40, 2))
    >>> [lattice_step(at), *(round(lattice_step(np.round(at / d) * d), 2) for d in (1, 1.25, 2))]
    [0.0, 1.0, 1.25, 2.0]
    """
    at = pixel[:: 1 + len(pixel) // _SOUGHT]
    if not len(at):
        return 0.0
    if len(at) < _FEW_DOTS:
        return float((_resultant(at, np.ones(1)) > _ALL_ALIKE).all())
    fine = 1 / (4 * max(float(np.ptp(at)), 1.0))
    often = np.append(np.arange(1 / _COARSE, 1 / _STEPS[0], fine), 1.0)
    long = _resultant(at, often)
    power = (long**2).sum(axis=0)
    on = (long.min(axis=0) >= _ALIKE) & (len(at) * power >= _BEYOND_CHANCE)
    if not on.any():
        return 0.0
    lowest = often[on & (power >= _AS_STRONG * power[on].max())].min()
    return round(float(1 / lowest), 2) if lowest * _STEPS[1] >= 1 else float(on[-1])


def rounded_error(pixel: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return the errors of dots, the step of their lattice, and how far all may lie aside.

    On whole steps a place is at the nearest one: it is off by a root of 1/12 of a step. Between
    them it may have been cut to its pixel, or rounded and drawn half a pixel beside, as Matplotlib
    does: all may lie half a step aside, which is a quarter more.

    Examples
    --------
    >>> at, exact = np.random.default_rng(3).uniform(0, 500, (40, 2)), np.zeros(40)
    >>> [rounded_error(places, exact)[1:] for places in (np.round(at), np.floor(at) + 0.5, at)]
    [(1.0, 0.0), (1.0, 0.5), (0.0, 0.0)]
    """
    step = lattice_step(pixel[error <= np.median(error)])
    if not step:
        return error, 0.0, 0.0
    between = (np.exp(2j * np.pi * pixel / step).mean(axis=0).real < 0).any()
    aside = step / 2 if between else 0.0
    return np.sqrt(error**2 + step**2 / 12 + aside**2), step, aside


def _resultant(at: np.ndarray, often: np.ndarray) -> np.ndarray:
    """Return the resultant length of columns, and of rows, as angles at some frequencies."""
    return np.array([np.abs(np.exp(2j * np.pi * np.outer(often, v)).mean(axis=1)) for v in at.T])
