"""A mask in one word of a command line."""

from __future__ import annotations

from collections.abc import Callable

from privaudit._core.checks import an_instance, did_you_mean, say
from privaudit.errors import ParameterError
from privaudit.release.masks.adaptive import AdaptiveDonut
from privaudit.release.masks.mask import Mask
from privaudit.release.masks.optimal import OptimalMechanism
from privaudit.release.masks.partition import Quadtree, Voronoi
from privaudit.release.masks.persistent import Persistent
from privaudit.release.masks.radial import (
    BimodalGaussian,
    Disk,
    Donut,
    Exact,
    Gaussian,
    PlanarLaplace,
)
from privaudit.release.masks.snapping import GridSnap, HexSnap
from privaudit.release.masks.swap import LocationSwap

__all__ = ["MASK_WORDS", "parse_mask"]

PERSISTENT = "persistent"
_MAKE: dict[str, tuple[str, Callable[..., Mask]]] = {
    "donut": ("donut:50:200", lambda low, high: Donut(low=low, high=high)),
    "disk": ("disk:200", lambda radius: Disk(radius=radius)),
    "gaussian": ("gaussian:100", lambda sigma: Gaussian(sigma=sigma)),
    "bimodal": ("bimodal:100:30", lambda mean, sigma: BimodalGaussian(mean=mean, sigma=sigma)),
    "laplace": ("laplace:0.01", lambda epsilon: PlanarLaplace(epsilon=epsilon)),
    "grid": ("grid:200", lambda size, k=0: GridSnap(size=size, k=_count(k))),
    "hex": ("hex:200", lambda size, k=0: HexSnap(size=size, k=_count(k))),
    "quadtree": ("quadtree:11", lambda k: Quadtree(k=_count(k))),
    "voronoi": ("voronoi", lambda: Voronoi()),
    "swap": ("swap:50:200", lambda low, high: LocationSwap(low=low, high=high)),
    "adaptive": (
        "adaptive:5:50",
        lambda k_low, k_high: AdaptiveDonut(k_low=_count(k_low), k_high=_count(k_high)),
    ),
    "optimal": (
        "optimal:0.005:500",
        lambda epsilon, size: OptimalMechanism(epsilon=epsilon, size=size),
    ),
    "none": ("none", lambda: Exact()),
}
_NUMBERS = {word: {form.count(":")} for word, (form, _) in _MAKE.items()}
_NUMBERS["grid"] = _NUMBERS["hex"] = {1, 2}
MASK_WORDS = (*(form for form, _ in _MAKE.values()), "persistent:donut:50:200", "unknown")
_FORMS = ", ".join(MASK_WORDS)


def parse_mask(text: str, *, seed: int = 7) -> Mask | None:
    """Read a mask from one word of a command line.

    Metres and numbers of people follow the word, with colons:

    ``donut:LOW:HIGH`` (also ``donut:LOW:HIGH:radius``), ``disk:RADIUS``, ``gaussian:SIGMA``,
    ``bimodal:MEAN:SIGMA``, ``laplace:EPSILON`` (per metre), ``grid:SIZE`` and ``hex:SIZE`` need
    nothing else. ``grid:SIZE:K``, ``hex:SIZE:K``, ``quadtree:K``, ``voronoi``,
    ``swap:LOW:HIGH``, ``adaptive:K_LOW:K_HIGH`` and ``optimal:EPSILON:SIZE`` also need the
    addresses: call ``mask.on(addresses)``. ``persistent:`` before any of them draws each move
    from the dot's position. ``none`` is no mask; ``unknown`` says that it is not known.

    Parameters
    ----------
    text : str
        The word.
    seed : int
        Key of a persistent mask.

    Returns
    -------
    Mask or None
        None where the mask is said to be unknown.

    Raises
    ------
    ParameterError
        Another word, a wrong number of values, or values that cannot be.

    Examples
    --------
    >>> parse_mask("donut:50:200")
    Donut(low=50.0, high=200.0, uniform='area')
    >>> parse_mask("dognut:50:200")
    Traceback (most recent call last):
    ...
    privaudit.errors.ParameterError: parse_mask: needs one of ... Did you mean 'donut'?
    """
    an_instance("parse_mask", "text", text, str)
    word, *values = (part.strip().lower() for part in text.split(":"))
    if word == "unknown" and not values:
        return None
    if word == PERSISTENT and values and values[0] not in (PERSISTENT, "unknown"):
        inner = parse_mask(":".join(values))
        assert inner is not None
        return Persistent(mask=inner, seed=seed)
    if word == "donut" and len(values) == 3:
        low, high = _floats(values[:2], text, word)
        return Donut(low=low, high=high, uniform=values[2])
    if word not in _MAKE or len(values) not in _NUMBERS[word]:
        known = [*_MAKE, PERSISTENT, "unknown"]
        hint = did_you_mean(word, known) if word not in known else ""
        raise ParameterError(f"parse_mask: needs one of {_FORMS}, but got {text!r}. {hint}".strip())
    return _MAKE[word][1](*_floats(values, text, word))


def _floats(values: list[str], text: str, word: str) -> list[float]:
    try:
        return [float(value) for value in values]
    except ValueError:
        raise ParameterError(
            f"parse_mask: needs metres, or a number of people, after '{word}:', as in {_FORMS}, "
            f"but got {text!r}."
        ) from None


def _count(number: float) -> int:
    """Turn 11.0 into 11; 11.5 or nan cannot be a number of people."""
    if not float(number).is_integer():
        raise ParameterError(say("parse_mask", "k a whole number", f"k={number:g}"))
    return int(number)
