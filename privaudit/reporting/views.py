"""Which view of a campaign an exposure is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.reporting.names import view_name
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from privaudit.exposure.results import Exposure
    from privaudit.reporting.study import Study

__all__ = ["is_masked", "seen_on", "view_of"]


def view_of(study: Study, exposure: Exposure) -> str:
    """Return the label of the view, such as ``"donut:50:200"``."""
    return str(exposure.recipe.get("view", "table" if study.kind == "table" else "map"))


def is_masked(view: str) -> bool:
    """Say whether the dots of a view were moved, or may have been.

    Examples
    --------
    >>> is_masked("donut:50:200"), is_masked("exact"), is_masked("table")
    (True, False, False)
    """
    return view.partition(":")[0] not in ("exact", "none", "table")


def seen_on(study: Study, words: Words, exposure: Exposure) -> str:
    """Name the view of an exposure shortly; of a real file, as what is believed of its dots."""
    real = study.provenance == "audited file"
    return view_name(words, view_of(study, exposure), "view_short", believed=real)
