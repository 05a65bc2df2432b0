"""Kernels of heat maps, by name: how a dot is spread over its surroundings."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

__all__ = ["KERNELS", "KERNEL_NAMES", "Kernel", "kernel_of"]

# Shadow of a canvas: blur 15 around a radius of 25 pixels is a Gaussian of 7.5 pixels (simpleheat).
_BLUR, _BLURRED_REACH = 0.3, 1.6


class Kernel(NamedTuple):
    """A radial kernel, in bandwidths.

    `reach`: where it ends; `density`, from squared distances to its value there, such that it
    integrates to 1 over the plane; `deviation`: its standard deviation along one axis.
    """

    reach: float
    density: Callable[[np.ndarray], np.ndarray]
    deviation: float


def _gaussian(squared: np.ndarray) -> np.ndarray:
    """Return the Gaussian kernel."""
    return np.asarray(np.exp(-0.5 * squared) / (2 * math.pi))


def _power(k: int) -> Kernel:
    """Return ``(1 - d**2)**k`` within one bandwidth."""

    def density(squared: np.ndarray) -> np.ndarray:
        inside = np.where(squared <= 1, 1.0, 0.0)
        return np.asarray((k + 1) / math.pi * inside * np.maximum(1 - squared, 0.0) ** k)

    return Kernel(1.0, density, math.sqrt(0.5 / (k + 2)))


def _triangular(squared: np.ndarray) -> np.ndarray:
    """Return the triangular kernel."""
    return np.asarray(3 / math.pi * np.maximum(1 - np.sqrt(squared), 0.0))


@cache
def _blurred_table() -> tuple[np.ndarray, np.ndarray]:
    """Return the profile of a blurred disc of radius 1, from 0 to its reach."""
    from scipy.special import ive

    away = np.linspace(0, _BLURRED_REACH, 400)
    inner = (np.arange(400) + 0.5) / 400
    ring = inner / _BLUR**2 * ive(0, away[:, None] * inner / _BLUR**2)
    value = (ring * np.exp(-0.5 * ((away[:, None] - inner) / _BLUR) ** 2)).mean(axis=1)
    mass = np.trapezoid(2 * math.pi * away * value, away)
    return away, value / mass


def _blurred(squared: np.ndarray) -> np.ndarray:
    """Return the blurred disc of a layer of circles."""
    away, value = _blurred_table()
    return np.asarray(np.interp(np.sqrt(squared), away, value, right=0.0))


# "gaussian" is deck.gl's too, whose radius is six bandwidths; "quartic" is the default of QGIS and
# "blurred_disc" that of Leaflet.heat (simpleheat): a disc of radius 25 with a blur of 15. How it
# puts them together: `layered_heat`.
KERNELS: dict[str, Kernel] = {
    # Cut where under 4e-6 of its peak is left.
    "gaussian": Kernel(5.0, _gaussian, 1.0),
    "quartic": _power(2),
    "epanechnikov": _power(1),
    "triweight": _power(3),
    "disc": _power(0),
    "triangular": Kernel(1.0, _triangular, math.sqrt(0.15)),
    "blurred_disc": Kernel(_BLURRED_REACH, _blurred, 0.577),
}
_DRAWN_BY = {"qgis": "quartic", "leaflet": "blurred_disc", "deck.gl": "gaussian"}
KERNEL_NAMES = (*KERNELS, *_DRAWN_BY)


def kernel_of(name: str) -> Kernel:
    """Return a kernel by its name, or by the program that draws it.

    Parameters
    ----------
    name : str
        Name of a kernel, or of a program that draws it.

    Returns
    -------
    Kernel

    Examples
    --------
    >>> kernel_of("qgis") is kernel_of("quartic")
    True
    >>> float(kernel_of("disc").density(np.array(0.5)) * math.pi)
    1.0
    """
    return KERNELS[_DRAWN_BY.get(name, name)]
