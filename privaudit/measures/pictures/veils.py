"""Opacity of label halos over markers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Veil", "learn_veil"]

# Halos are white: a name in dark letters has no other. Opacities that are told apart, and the
# width of what is one: a thinner veil leaves a mark its colour, a thicker one nothing.
_WHITE, _FROM, _TO, _WIDE = 255.0, 0.5, 0.97, 0.06
# A pixel is of a fill under a veil where it strays so little, in levels, from the line between
# both colours; a fill differs by so much from white. Soft edges lie anywhere between them: a veil
# shows as so many pixels of one opacity, and so many times as many as if they were spread evenly.
_STRAY, _CONTRAST, _FEWEST, _PEAK = 8.0, 60.0, 40, 2.0
# A veiled colour is not known better than this, in levels.
_LEAST = 3.0


class Veil(NamedTuple):
    """A white layer of some opacity, 0 to 1, and the spread of colours through it, in levels.

    Examples
    --------
    >>> Veil(0.8, 3.0).over(np.array([200.0, 0.0, 100.0])).tolist()
    [244.0, 204.0, 224.0]
    """

    opacity: float
    spread: float

    def over(self, colour: np.ndarray) -> np.ndarray:
        """Return a colour as it is seen through the layer."""
        return np.asarray(self.opacity * _WHITE + (1 - self.opacity) * colour)


def learn_veil(fills: list[tuple[np.ndarray, np.ndarray]]) -> Veil | None:
    """Return the opacity of letter halos, learnt from the fills below them, or None.

    Parameters
    ----------
    fills : list of tuple of ndarray
        For each colour of fill, the colour (3,), and the pixels (n, 3) of such marks where
        letters may lie.

    Returns
    -------
    Veil or None

    Examples
    --------
    >>> red = np.array([214.0, 39.0, 40.0])
    >>> halo = np.repeat([[248.9, 222.6, 222.8]], 60, axis=0)
    >>> round(learn_veil([(red, np.vstack([halo, np.full((40, 3), 50.0)]))]).opacity, 2)
    0.85
    >>> learn_veil([(red, np.full((90, 3), 50.0))]) is None
    True
    """
    opacity, contrast = [], []
    for colour, pixel in fills:
        gap = _WHITE - colour
        size = float(np.linalg.norm(gap))
        if size < _CONTRAST or not len(pixel):
            continue
        share = (pixel - colour) @ gap / size**2
        stray = np.linalg.norm(pixel - colour - share[:, None] * gap, axis=1)
        plausible = share[(stray <= _STRAY) & (share >= _FROM) & (share <= _TO)]
        opacity.append(plausible)
        contrast.append(np.full(len(plausible), size))
    if not opacity:
        return None
    every, levels = np.concatenate(opacity), np.concatenate(contrast)
    order = np.argsort(every)
    every, levels = every[order], levels[order]
    near = np.searchsorted(every, every + _WIDE, "right") - np.arange(len(every))
    evenly = len(every) * _WIDE / (_TO - _FROM)
    if near.max(initial=0) < max(_FEWEST, _PEAK * evenly):
        return None
    first = int(np.argmax(near))
    here = slice(first, first + int(near[first]))
    usual = float(np.median(every[here]))
    stray = np.abs(every[here] - usual) * levels[here] / np.sqrt(3)
    return Veil(usual, max(_LEAST, 1.5 * float(np.median(stray))))
