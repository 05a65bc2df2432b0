"""A mask in one word of a command line."""

from __future__ import annotations

from privaudit._core.checks import an_instance, did_you_mean
from privaudit._core.installed import MASKS, enter, enter_all
from privaudit.errors import ParameterError
from privaudit.release.declared import load
from privaudit.release.masks.mask import Mask

__all__ = ["declared_masks", "mask_words", "parse_mask"]


def declared_masks() -> dict[str, type[Mask]]:
    """Return every kind of mask by its word, in alphabetical order."""
    load("privaudit.release.masks")
    enter_all(MASKS, Mask.declared, Mask)
    return dict(sorted(Mask.declared.items()))


def mask_words() -> tuple[str, ...]:
    """Return an example of each mask, as `parse_mask` reads it."""
    return tuple(kind.form() for kind in declared_masks().values())


def parse_mask(text: str, *, seed: int = 7) -> Mask | None:
    """Read a mask from one word of a command line.

    Metres and numbers of people follow the word, with colons, in the order of the mask's
    parameters: `mask_words` gives an example of each. ``str(mask)`` writes the word of a mask,
    which reads back as the same. Those that need addresses act once they are put on them: call
    ``mask.on(addresses)``. ``persistent:`` before any other draws each move from the dot's
    position. ``none`` is no mask; ``unknown`` says that it is not known.

    Parameters
    ----------
    text : str
        The word.
    seed : int
        Key of a persistent mask, which no word tells.

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
    >>> str(parse_mask("donut:50:200:radius"))
    'donut:50:200:radius'
    >>> parse_mask("dognut:50:200")
    Traceback (most recent call last):
    ...
    privaudit.errors.ParameterError: parse_mask: needs one of ... Did you mean 'donut'?
    """
    an_instance("parse_mask", "text", text, str)
    word, *values = (part.strip().lower() for part in text.split(":"))
    enter(MASKS, word, Mask.declared, Mask)
    if word == "unknown" and not values:
        return None
    listed = declared_masks()
    kinds = {**Mask.unlisted, **listed}
    if word in kinds and kinds[word].takes(values):
        return kinds[word].parsed(values, seed)
    known = [*listed, "unknown"]
    hint = did_you_mean(word, known) if word not in known else ""
    forms = ", ".join([*mask_words(), "unknown"])
    raise ParameterError(f"parse_mask: needs one of {forms}, but got {text!r}. {hint}".strip())
