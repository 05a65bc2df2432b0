"""Identify the kernel of a heat map from its power spectrum (Whittle likelihood)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from privaudit.measures.maps.kernels import KERNELS, kernel_of

__all__ = ["Drawn", "likely_kernels"]

# The part of a raster that is looked at, in cells a side, and the margin that is faded out.
_SIDE, _FADED = 512, 0.1
_BANDS, _SHIFTS = 48, 2
# Bandwidths tried, first between these deviations (cells, share of the side), then near the best.
_NARROWEST, _WIDEST, _TRIED, _FINER = 0.4, 0.25, 24, (0.03, 0.01, 0.003)
# Nats under the best: not looked at closer, and not held for possible.
_HOPELESS, _UNLIKELY = 60.0, 6.0
# Bandwidths nearer than this share are one.
_NEAR = 0.008
# Waves of a band that count as independent, at most: towns are no sum of waves.
_WAVES = 30.0
# Waves under this share of the strongest are lost in what edges and cut tails leave.
_LOST = 1e-9


class Drawn(NamedTuple):
    """A candidate kernel, its bandwidth in metres, its posterior weight, and its misfit.

    `misfit` is the mean of ``|log|`` of what the bands hold over what the kernel gives them: .1 or
    less where the kernel is right, on any town.
    """

    kernel: str
    bandwidth: float
    weight: float
    misfit: float


def likely_kernels(
    heat: np.ndarray,
    cell: float,
    people: np.ndarray,
    dots: float,
    *,
    names: Sequence[str] | None = None,
    most: int = 5,
) -> list[Drawn]:
    """Return the kernels that fit the power spectrum of a heat map, the most likely first.

    The Fourier transform of a heat map is that of its kernel times that of its dots. Dots on people
    at random have a known power, ``n + n (n - 1) |p|**2`` with p the transform of where people
    live; what is left is the kernel's, band by band, and a floor that rounding or colours leave.
    The likelihood is Whittle's (1953): the power of a wave is exponential.

    Parameters
    ----------
    heat : float, shape (h, w)
        Of nodes, dots a square metre.
    cell : float
        Metres between nodes.
    people : float, shape (h, w)
        Where people live: weights that sum to 1.
    dots : float
        About how many there are.
    names : sequence of str, optional
        Kernels that are tried, all by default.
    most : int
        Kernels returned, at most; their weights sum to 1.

    Returns
    -------
    list of Drawn

    References
    ----------
    Whittle (1953).
    """
    heat, people = _cut(heat, people)
    fade = _window(heat.shape)
    wave = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in heat.shape), indexing="ij"))
    top = 0.5
    low = 1.5 / min(heat.shape)
    edges = np.geomspace(low, top, _BANDS + 1)
    band = np.searchsorted(edges, wave.ravel(), side="right") - 1
    band[(wave.ravel() < low) | (wave.ravel() >= top)] = -1
    bands = _Bands(band, np.bincount(band[band >= 0], minlength=_BANDS).astype(float))
    power = bands.mean(np.abs(np.fft.fft2(heat * fade)) ** 2)
    share = float((fade**2 * people).sum() / max(people.sum(), 1e-300))
    crowd = np.abs(np.fft.fft2(people * fade)) ** 2
    dotted = dots * share + dots * max(dots - 1, 0) * crowd
    tried = _Tried(heat.shape, cell, dotted, power, bands)
    likelihoods: dict[tuple[str, float], float] = {}

    def score(name: str, deviations: np.ndarray) -> None:
        for deviation in deviations:
            width = float(deviation) / kernel_of(name).deviation
            likelihoods[name, width] = tried.likelihood(name, width)

    wide = np.geomspace(_NARROWEST, _WIDEST * min(heat.shape), _TRIED)
    score("gaussian", wide)
    middle = max(likelihoods, key=lambda key: likelihoods[key])[1]
    for name in names or KERNELS:
        score(name, middle * np.exp(np.linspace(-0.45, 0.35, 9)))
    top = max(likelihoods.values())
    for name in names or KERNELS:
        for finer in _FINER:
            value, width = max((value, w) for (n, w), value in likelihoods.items() if n == name)
            if value > top - _HOPELESS:
                score(name, width * kernel_of(name).deviation * np.exp(finer * np.arange(-3, 4)))
    if names:
        likelihoods = {key: value for key, value in likelihoods.items() if key[0] in names}
    ranked = sorted(((value, *key) for key, value in likelihoods.items()), reverse=True)
    chosen: list[tuple[float, str, float]] = []
    for candidate in ranked:
        near = any(
            n == candidate[1] and abs(math.log(b / candidate[2])) < _NEAR for _, n, b in chosen
        )
        if candidate[0] > ranked[0][0] - _UNLIKELY and not near:
            chosen.append(candidate)
    weight = np.exp([value - ranked[0][0] for value, _, _ in chosen[:most]])
    return [
        Drawn(name, width * cell, float(w), tried.misfit(name, width))
        for (_, name, width), w in zip(chosen, weight / weight.sum(), strict=False)
    ]


def _cut(heat: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of both around the centre of the heat."""
    where = []
    for axis in (0, 1):
        along = heat.sum(axis=1 - axis)
        middle = int(np.searchsorted(np.cumsum(along), along.sum() / 2))
        start = max(0, min(middle - _SIDE // 2, heat.shape[axis] - _SIDE))
        where.append(slice(start, start + _SIDE))
    return heat[tuple(where)], people[tuple(where)]


def _window(shape: tuple[int, ...]) -> np.ndarray:
    """Return a taper: 1 inside, falling to 0 at the edges."""
    sides = []
    for n in shape:
        away = np.minimum(np.arange(n), np.arange(n)[::-1]) / max(1.0, _FADED * n)
        sides.append(np.sin(0.5 * math.pi * np.minimum(away, 1.0)) ** 2)
    return np.outer(*sides)


class _Bands(NamedTuple):
    """Frequency bands: the band of each wave (-1 outside), and waves a band."""

    band: np.ndarray
    size: np.ndarray

    def mean(self, power: np.ndarray) -> np.ndarray:
        """Return the mean over each band."""
        inside = self.band >= 0
        total = np.bincount(self.band[inside], power.ravel()[inside], minlength=len(self.size))
        return np.asarray(total / np.maximum(self.size, 1))


class _Tried:
    """Expected power of a kernel in each band, compared with the observed power."""

    def __init__(
        self,
        shape: tuple[int, ...],
        cell: float,
        dotted: np.ndarray,
        power: np.ndarray,
        bands: _Bands,
    ) -> None:
        self.shape, self.cell, self.dotted, self.power, self.bands = (
            shape,
            cell,
            dotted,
            power,
            bands,
        )
        self.used = bands.size > 0
        self.many = np.minimum(bands.size / 2, _WAVES)[self.used]

    def likelihood(self, name: str, width: float) -> float:
        """Return Whittle's log-likelihood, maximised over amplitude and noise floor."""
        return self._fitted(name, width)[0]

    def misfit(self, name: str, width: float) -> float:
        """Return the mean gap of log powers."""
        fitted = self._fitted(name, width)[1]
        observed = self.power[self.used]
        strong = observed > 10 * _LOST * observed.max()
        gap = np.abs(np.log(observed / fitted))[strong]
        return float(np.average(gap, weights=self.many[strong])) if strong.any() else 0.0

    def _fitted(self, name: str, width: float) -> tuple[float, np.ndarray]:
        """Return the fitted amplitude and noise floor."""
        shape = self._shape(name, width)
        observed = self.power[self.used]
        floor = _LOST * observed.max()
        best = (-np.inf, observed)
        # Amplitude and floor in turn, each the likeliest for the other.
        for start in (floor, max(floor, observed.min())):
            a, c = 1.0, start
            for _ in range(30):
                fitted = a * shape + c
                part = a * shape / fitted
                a *= float(
                    (self.many * part * observed / fitted).sum()
                    / max((self.many * part).sum(), 1e-300)
                )
                rest = c / fitted
                c = max(
                    floor,
                    c
                    * float(
                        (self.many * rest * observed / fitted).sum()
                        / max((self.many * rest).sum(), 1e-300)
                    ),
                )
            fitted = a * shape + c
            value = -float((self.many * (np.log(fitted) + observed / fitted)).sum())
            if value > best[0]:
                best = (value, fitted)
        return best

    def _shape(self, name: str, width: float) -> np.ndarray:
        """Return the power of one dot in each band, averaged over its position in a cell."""
        kernel = kernel_of(name)
        along = [np.fft.fftfreq(n) * n for n in self.shape]
        total = np.zeros(self.shape)
        for k in range(_SHIFTS):
            x, y = (
                a - s for a, s in zip(along, ((k + 0.5) / _SHIFTS, (k * 0.618) % 1), strict=True)
            )
            squared = (x[:, None] / width) ** 2 + (y[None] / width) ** 2
            value = kernel.density(squared)
            total += np.abs(np.fft.fft2(value)) ** 2
        power = total / _SHIFTS / (width * self.cell) ** 4
        return self.bands.mean(power * self.dotted)[self.used]
