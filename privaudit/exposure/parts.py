"""The same measures told for several parts: views, zooms, noises, numbers of accounts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures

__all__ = ["in_parts"]


def in_parts(title: str, parts: Mapping[str, Measures]) -> Measures:
    """Put the measures of several parts into one result, each named ``measure@part``.

    Parameters
    ----------
    title : str
    parts : mapping of str to Measures
        By the name of the part, in order; all of one provenance.

    Returns
    -------
    Measures
        Reliable where every part is; notes of all parts, once each.

    Raises
    ------
    ParameterError
        No part, or parts of different provenance.

    Examples
    --------
    >>> columns = ["measure", "value", "low", "high", "baseline", "n", "unit", "note"]
    >>> def seen(share):
    ...     rows = pd.DataFrame([("found", share, 0, 1, 0, 20, "share", "")], columns=columns)
    ...     return Measures(overall=rows.set_index("measure"), per_record=pd.DataFrame())
    >>> in_parts("pictures", {"near": seen(0.9), "far": seen(0.2)}).overall["value"].to_dict()
    {'found@near': 0.9, 'found@far': 0.2}
    """
    kinds = {measures.provenance for measures in parts.values()}
    if len(kinds) != 1:
        came = ", ".join(sorted(kinds)) or "none"
        raise ParameterError(say("in_parts", "parts of one provenance, at least one", came))
    named = [
        measures.overall.set_axis([f"{name}@{part}" for name in measures.overall.index], axis=0)
        for part, measures in parts.items()
    ]
    notes = [note for measures in parts.values() for note in measures.notes]
    return Measures(
        overall=pd.concat(named).rename_axis("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title=title,
        provenance=kinds.pop(),
        notes=tuple(dict.fromkeys(notes)),
        reliable=all(measures.reliable for measures in parts.values()),
        recipe={part: dict(measures.recipe) for part, measures in parts.items()},
    )
