"""What a pin looks like, from the pins that stand alone."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.pins import alike_pins, filled, sides
from privaudit.measures.pictures.stamps import Stamp

__all__ = ["learn_pin"]

# Pixels around a pin that are looked at, and within which its rim lies; pins that are enough.
_MARGIN, _RIM, _MOST = 5, 3, 60
# Pixels by which pins are moved to lie on each other.
_SHIFT = 2
# A pixel is of a pin where it differs so much from the ground and so many times its own spread;
# colours of a pin that differ by less than the last, in levels of each channel, are one.
_CONTRAST, _APART, _STEP = 40.0, 1.5, 24
# A part is of the fill where it differs by no more than so much from the most frequent one.
_SHADES = 60.0


def learn_pin(image: np.ndarray, core: np.ndarray) -> Stamp | None:
    """Learn what a pin looks like from those that stand alone, or None where there is none.

    image : float32 (h, w, 3).
    core : bool (h, w). Where the colour of the pins is seen.
    """
    boxes, alike, _ = alike_pins(core)
    if not alike:
        return None
    alike = alike[:_MOST]
    side = np.median(sides([boxes[k] for k in alike]), axis=0).astype(np.int64)
    high, wide = side + 2 * _MARGIN
    frame = _MARGIN + _SHIFT + int(side.max())
    far = np.pad(image, ((frame, frame), (frame, frame), (0, 0)), mode="edge")
    solid = np.pad(filled(core.astype(np.float32)) >= 0.5, frame)
    # The top of the head is whole more often than the tip is.
    corner = [
        (
            boxes[k][0].start + frame - _MARGIN,
            (boxes[k][1].start + boxes[k][1].stop - int(side[1])) // 2 + frame - _MARGIN,
        )
        for k in alike
    ]
    for _ in range(2):
        seen = np.stack([far[y : y + high, x : x + wide] for y, x in corner])
        usual = np.median(seen, axis=0)
        corner = [_moved(far, usual, at) for at in corner]
    seen = np.stack([far[y : y + high, x : x + wide] for y, x in corner])
    inside = np.mean([solid[y : y + high, x : x + wide] for y, x in corner], axis=0) >= 0.5
    low, usual, up = np.percentile(seen, [16, 50, 84], axis=0)
    return _stamp(usual, (up - low) / 2, inside, len(alike))


def _moved(far: np.ndarray, usual: np.ndarray, at: tuple[int, int]) -> tuple[int, int]:
    """Return where a pin lies best on the usual one, a pixel or two away."""
    high, wide = usual.shape[:2]
    steps = range(-_SHIFT, _SHIFT + 1)
    tried = [(at[0] + i, at[1] + j) for i in steps for j in steps]
    off = [np.abs(far[y : y + high, x : x + wide] - usual).mean() for y, x in tried]
    best = int(np.argmin(off))
    return tried[best] if off[best] < off[len(off) // 2] else at


def _stamp(usual: np.ndarray, spread: np.ndarray, inside: np.ndarray, single: int) -> Stamp | None:
    """Make a stamp of the usual colours around pins, and of where most of them are inside."""
    edge = np.concatenate([usual[0], usual[-1], usual[:, 0], usual[:, -1]])
    off = np.linalg.norm(usual - np.median(edge, axis=0), axis=2)
    vary = np.linalg.norm(spread, axis=2)
    own = inside | (off > np.maximum(_CONTRAST, _APART * vary))
    own &= ndimage.binary_dilation(inside, np.ones((3, 3)), _RIM)
    label, many = ndimage.label(own)
    if not many or not inside.any():
        return None
    own = ndimage.binary_fill_holes(label == np.bincount(label[label > 0]).argmax())
    # A rim is as wide below as above; what lies under it is a shadow.
    top, core = np.flatnonzero(own.any(axis=1))[0], np.flatnonzero(inside.any(axis=1))
    own[core[-1] + 1 + max(core[0] - top, 0) :] = False
    rows, columns = (slice(at.min(), at.max() + 1) for at in np.nonzero(own))
    own, usual, spread = own[rows, columns], usual[rows, columns], spread[rows, columns]
    _, part = np.unique((usual[own] // _STEP).astype(np.int64), axis=0, return_inverse=True)
    part = part.reshape(-1)
    size = np.bincount(part)
    colour = np.stack([np.bincount(part, usual[own][:, k]) / size for k in range(3)], axis=1)
    vary = np.stack([np.bincount(part, spread[own][:, k]) / size for k in range(3)], axis=1)
    unlike = np.linalg.norm(colour - colour[int(size.argmax())], axis=1)
    order = np.argsort(unlike, kind="stable")
    shape = np.full(own.shape, -1)
    shape[own] = np.argsort(order)[part]
    high, wide = own.shape
    axis = np.nonzero(own[: high // 2])[1]
    tip = ((axis.min() + axis.max() + 1) / 2 - wide // 2, high - high // 2)
    return Stamp(
        colour=colour[order],
        spread=vary[order],
        fill=wide / 2,
        outer=float(max(high, wide) // 2 + 1),
        single=single,
        whole=True,
        shape=shape,
        inner=max(1, int((unlike <= _SHADES).sum())),
        tip=tip,
    )
