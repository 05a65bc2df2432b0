"""The explorer of a simulated story: its data and its words, all within the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.town_plan import Window
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Explorer, Study

# What the script fills in, by the sentence that holds it.
_FILLED = {
    "move_between": ("low", "high"),
    "dot": ("dot", "dots", "possible", "likeliest", "true"),
    "dot_elsewhere": ("dot", "dots", "possible", "likeliest"),
    "dot_nowhere": ("dot", "dots"),
    "range": ("low", "high", "towns"),
    "quote_exact": ("looker", "hits", "people", "control"),
    "quote": ("move", "looker", "hits", "people", "control"),
    "quote_towns": ("low", "high", "towns"),
}
_PLAIN = ("move_none",)


@dataclass(frozen=True)
class ExplorerPage:
    """What the template puts into the page.

    Parameters
    ----------
    data : Markup
        JSON for the script.
    """

    data: Markup
    lookers: tuple[str, ...]
    steps: int


def explorer_page(study: Study, words: Words, window: Window) -> ExplorerPage | None:
    """Return the explorer of a simulated story; None where there is none."""
    if study.explorer is None or study.addresses is None or _few(study.explorer):
        return None
    # Only a simulated story needs the attacks, whose modules take long to load.
    from privaudit.studies.demo import LOOKERS, MOVES

    towns = study.measures["towns"].per_record if "towns" in study.measures else None
    data = _data(study.explorer, study.addresses, towns, window)
    data["words"] = {
        key: words(f"explorer.{key}", **{name: f"{{{name}}}" for name in _FILLED.get(key, ())})
        for key in (*_PLAIN, *_FILLED)
    } | {f"look_{name}": words(f"explorer.quote_{name}") for name in LOOKERS}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # No text of the data ends the element that holds it.
    return ExplorerPage(Markup(text.replace("<", "\\u003c")), LOOKERS, len(MOVES) - 1)


def explorer_table(study: Study) -> pd.DataFrame | None:
    """Return the numbers that the explorer shows, a row a town, view, looker and gain.

    Columns view, looker, gain, town ("shown" is the one of the map), value, control and n.
    """
    if study.explorer is None or _few(study.explorer):
        return None
    from privaudit.studies.demo import GAINS

    rows = [study.explorer.counts.assign(town="shown")]
    if "towns" in study.measures:
        others = study.measures["towns"].per_record
        if others is not None and len(others):
            rows.append(others.assign(town=others["town"].astype(str), gain=GAINS[0]))
    table = pd.concat(rows, ignore_index=True)
    return table[["view", "looker", "gain", "town", "value", "control", "n"]]


def _few(shown: Explorer) -> bool:
    """Return whether the map has too few people to count any."""
    return bool(shown.counts["n"].iloc[0] < SMALL_CELL)


def _data(
    shown: Explorer, addresses: pd.DataFrame, towns: pd.DataFrame | None, window: Window
) -> dict[str, Any]:
    """Return what the script reads: metres from the lower left corner of the map, and counts."""
    from privaudit.maps.masks.mask import ROUNDING_METRES
    from privaudit.studies.demo import LOOKERS, MOVES

    views = list(shown.moved)
    return {
        "size": [round(float(side), 2) for side in window.size],
        "width": window.width,
        "rounding": ROUNDING_METRES,
        "doors": shown.doors,
        "moves": [[0, 0] if m is None else [m.r_min, m.r_max] for m in MOVES],
        "lookers": list(LOOKERS),
        "places": _metres(addresses[["x", "y"]].to_numpy(dtype=float), window),
        "weight": [_relative(shown.weight[name]) for name in LOOKERS],
        "dots": [_metres(shown.moved[view], window) for view in views],
        "home": shown.home.tolist(),
        "visited": shown.visited.astype(int).tolist(),
        "people": int(shown.counts["n"].iloc[0]),
        "found": [[_counts(shown.counts, view, name) for name in LOOKERS] for view in views],
        "towns": []
        if towns is None or not len(towns)
        else [[_shares(towns, view, name) for name in LOOKERS] for view in views],
    }


def _metres(points: np.ndarray, window: Window) -> list[float]:
    """Return x and y in turn, to the centimetre."""
    return [round(v, 2) for v in (points - window.low).ravel().tolist()]


def _relative(weight: np.ndarray) -> list[float]:
    """Return weights of which the largest is 1; a single 1 where all are equal."""
    share = weight / weight.max()
    return [1] if (share == 1).all() else [float(f"{v:.5g}") for v in share]


def _counts(counts: pd.DataFrame, view: str, name: str) -> list[float]:
    """Return the people found and those found by chance, of each gain."""
    from privaudit.studies.demo import GAINS

    these = counts[(counts["view"] == view) & (counts["looker"] == name)].set_index("gain")
    rows = these.loc[list(GAINS)]
    hits = rows[["value", "control"]].to_numpy() * rows[["n"]].to_numpy()
    return [round(v, 4) for v in hits.ravel().tolist()]


def _shares(towns: pd.DataFrame, view: str, name: str) -> list[float]:
    """Return the share found in each town, the one of the map first."""
    these = towns[(towns["view"] == view) & (towns["looker"] == name)].sort_values("town")
    return [round(v, 4) for v in these["value"].tolist()]
