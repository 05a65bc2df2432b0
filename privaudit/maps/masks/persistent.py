"""Persistent noise: a position always gets the same move, whatever the version of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import keyword_only, kind_of, whole
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.mask import ROUNDING_METRES, Mask, PlacedMask

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Persistent(Mask):
    """Draw the move of each dot from its position and a key, the same in every version.

    Without the key, the moves and their likelihood are those of `mask`;
    dots of one address are moved together. The key is in no word: two masks whose keys differ
    read alike and count as equal.

    Parameters
    ----------
    mask : Mask
        What moves the dots.
    seed : int
        Opens the key, 0 or more. Anyone who learns it can undo every move.

    Raises
    ------
    ParameterError
        `mask` is not a mask, is persistent already, or moves dots by the others.

    References
    ----------
    Sticky noise of Diffix (Francis, Probst Eide and Munz 2017): noise that is seeded by what it
    hides. Here that is the position, so that equal addresses, another row of a person and a later
    release get the same move, and no second draw is there to average.

    Examples
    --------
    >>> from privaudit.maps.masks.donut import Donut
    >>> mask = Persistent(mask=Donut(r_min=50, r_max=200), seed=7)
    >>> first = mask([[3.0, 4.0]], rng=np.random.default_rng(0))
    >>> bool((first == mask([[3.0, 4.0]], rng=np.random.default_rng(1))).all())
    True
    """

    word, example, label_fields = "persistent", "persistent:donut:50:200", ("mask",)

    mask: Mask
    seed: int = field(compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.mask, Mask) or isinstance(self.mask, Persistent):
            came = kind_of(self.mask)
            raise ParameterError.of("Persistent", "a mask that is not persistent yet", came)
        if self.mask.together:
            needed, came = "a mask that moves each dot by itself", f"{self.mask}, which does not"
            raise ParameterError.of("Persistent", needed, came)
        whole("Persistent", "seed", self.seed, 0)

    @classmethod
    def takes(cls, values: Sequence[str]) -> bool:
        """Whether another mask follows, one that is known and not persistent yet."""
        return bool(values) and values[0] not in (cls.word, "unknown")

    @classmethod
    def parsed(cls, values: Sequence[str], seed: int) -> Self:
        from privaudit.maps.masks.mask import parse_mask

        inner: Any = parse_mask(":".join(values))
        return cls(mask=inner, seed=seed)

    @property
    def draws(self) -> int:
        return self.mask.draws

    @property
    def needs_addresses(self) -> bool:
        return self.mask.needs_addresses

    @property
    def radial(self) -> bool:
        """False: dots of one address are moved together."""
        return False

    @property
    def reach(self) -> float:
        """Farthest move of the mask within, in metres; a radial mask has one."""
        return float(self.mask.reach)

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the density of the mask within, which must be radial."""
        return np.asarray(self.mask.density(distance))

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved by the key's own numbers, whatever `uniform` is."""
        return self.mask.moved(points, uniform_by_position(points, self.draws, self.seed))

    def on(self, base: AddressBase) -> PlacedPersistent:
        return PlacedPersistent(mask=self.mask.on(base), seed=self.seed)

    def recipe(self) -> dict[str, Any]:
        inner = self.mask.recipe()
        return {**inner, "mask": f"persistent:{inner['mask']}", "key": f"seed {self.seed}"}


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedPersistent(PlacedMask):
    """Persistent noise over known addresses."""

    mask: PlacedMask
    seed: int

    @property
    def draws(self) -> int:
        return self.mask.draws

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved by the key's own numbers, whatever `uniform` is."""
        return self.mask.moved(points, uniform_by_position(points, self.draws, self.seed))

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        return self.mask.reach_of(dots)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        return self.mask.likelihood(dots, pairs, rounding)


def uniform_by_position(points: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return numbers in [0, 1) that depend on each position (to the millimetre) and a key alone.

    - `points` (float, shape (n, 2))
    - `seed`: Opens the key.
    - returns (float, shape (draws, n))
    """
    key = stream(seed, "persistent mask").integers(0, 2**64, dtype=np.uint64)
    millimetre = np.rint(points * 1000).astype(np.int64).view(np.uint64)
    code = _mix(_mix(millimetre[:, 0] + key) ^ millimetre[:, 1])
    column = np.arange(1, draws + 1, dtype=np.uint64)[:, None] * _GOLDEN
    return (_mix(code + column) >> np.uint64(11)) * 2.0**-53


def _mix(value: np.ndarray) -> np.ndarray:
    """Scatter 64 bits over 64 bits: the finaliser of SplitMix64."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))
