"""A view in one word, as a report says it."""

from __future__ import annotations

from typing import Any

from privaudit._core.checks import an_instance, did_you_mean, say
from privaudit.errors import ParameterError
from privaudit.release.declared import load
from privaudit.release.masks.parse import declared_masks
from privaudit.release.views.view import View

__all__ = ["declared_views", "parse_view"]


def declared_views() -> dict[str, type[View[Any]]]:
    """Return every kind of view by its word, in alphabetical order."""
    load("privaudit.release.views")
    return dict(sorted(View.declared.items()))


def parse_view(text: str) -> View[Any]:
    """Read a view from the word that ``str(view)`` and `Release.view` write.

    A map of dots is said by how they were moved: ``exact``, ``donut:50:200``; so is what one
    account, or somebody who came back, sees of it. A word tells what is seen, not all
    parameters: popups and names stand in the records.

    Examples
    --------
    >>> parse_view("donut:50:200")
    DotMap(mask=Donut(low=50.0, high=200.0, uniform='area'), popup=())
    >>> str(parse_view("screenshot:3:grid:200"))
    'screenshot:3:grid:200'
    """
    an_instance("parse_view", "text", text, str)
    word, *values = (part.strip().lower() for part in text.split(":"))
    kinds = {name: kind for name, kind in declared_views().items() if kind.example}
    masks = declared_masks()
    if (word == "exact" and not values) or word in masks:
        return kinds["dots"].read([word, *values])
    if word in kinds and word != "dots" and kinds[word].takes(values):
        return kinds[word].read(values)
    known = ["exact", *masks, *kinds]
    hint = did_you_mean(word, known) if word not in known else ""
    examples = ", ".join(["exact", *(kind.example for kind in kinds.values())])
    raise ParameterError(say("parse_view", f"one of {examples}", repr(text), hint))
