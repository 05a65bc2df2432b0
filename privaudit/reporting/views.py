"""Which view of a campaign an exposure is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.reporting.names import attack_name, known_of, view_name
from privaudit.reporting.translation import said
from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from privaudit.exposure.results import Exposure
    from privaudit.reporting.study import Study

__all__ = ["is_masked", "seen_on", "subject_of", "view_of"]

# How the titles begin that are not the name of the measure.
_TITLES = {
    "How many single somebody out: ": "unicity_curve",
    "heat map": "heat",
    "contribution of each key of ": "key_contributions",
    "levels of the keys of ": "levels_of_keys",
    "measures of ": "measures",
}


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


def subject_of(study: Study, words: Words) -> str:
    """Say what was examined: a result reported by itself has a title of the library's own."""
    if len(study.exposures) == 1 and study.title == study.exposures[0].attack:
        who = attack_name(words, study.title)
        return who[:1].upper() + who[1:]
    if study.kind == "country":
        return known_of(words, study.recipe.get("by", ()))
    what = slug(str(study.recipe.get("measure", "")))
    own = what.replace("_", " ")
    titles = {own: what, f"{own} of ": what, **_TITLES}
    start = max((t for t in titles if study.title.startswith(t)), key=len, default="")
    key = f"subject.{titles.get(start, '')}"
    own_titles = study.kind in ("log", "table") or what == "heat"
    if not own_titles or not words.has(key):
        return study.title
    # The name that the user gave to a log or a table stands after the measure.
    name = study.title.removeprefix(start)
    if name in ("", "traces", "the data frame"):
        return words(key)
    return words("number.of_part", label=words(key), part=said(name, words.lang).text)
