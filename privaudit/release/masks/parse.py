"""A mask in one word of a command line."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points

from privaudit._core.checks import an_instance, did_you_mean, kind_of, say
from privaudit.errors import ParameterError
from privaudit.release.declared import load
from privaudit.release.masks.mask import Mask

__all__ = ["GROUP", "declared_masks", "mask_words", "parse_mask"]

# Where a package says which masks it brings: ``[project.entry-points."privaudit.masks"]``.
GROUP = "privaudit.masks"


def declared_masks() -> dict[str, type[Mask]]:
    """Return every kind of mask by its word, in alphabetical order."""
    load("privaudit.release.masks")
    for entry in _installed().values():
        # One that does not load is told of when it is asked for, and stops no other.
        with suppress(Exception):
            _entered(entry)
    return dict(sorted(Mask.declared.items()))


def mask_words() -> tuple[str, ...]:
    """Return an example of each mask, as `parse_mask` reads it."""
    return tuple(kind.form() for kind in declared_masks().values())


def _installed() -> dict[str, EntryPoint]:
    """Masks of other packages that are installed: entry points of `GROUP`, by their word."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _entered(entry: EntryPoint) -> None:
    """Load a mask of another package, and know it by its word."""
    kind = entry.load()
    if not (isinstance(kind, type) and issubclass(kind, Mask)):
        raise ParameterError(say("parse_mask", f"a mask as '{entry.name}'", kind_of(kind)))
    if "word" not in kind.__dict__:
        kind.word = entry.name
        kind.enter(Mask.declared)


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
    if word in (found := _installed()) and word not in Mask.declared:
        try:
            _entered(found[word])
        except Exception as error:
            do = "Install it again, or tell its author."
            needed, came = f"the mask '{word}' of an installed package", type(error).__name__
            raise ParameterError(say("parse_mask", needed, came, do)) from None
    if word == "unknown" and not values:
        return None
    kinds = declared_masks()
    if word in kinds and kinds[word].takes(values):
        return kinds[word].parsed(values, seed)
    known = [*kinds, "unknown"]
    hint = did_you_mean(word, known) if word not in known else ""
    forms = ", ".join([*mask_words(), "unknown"])
    raise ParameterError(f"parse_mask: needs one of {forms}, but got {text!r}. {hint}".strip())
