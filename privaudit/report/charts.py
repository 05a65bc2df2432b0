"""Charts of dots: among how many a person hides, how honest claims are, which stations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.core.policy import SMALL_CELL
from privaudit.report.names import attack_name, view_name
from privaudit.report.sentences import Told, finite
from privaudit.results.charts import ChartLine, Curve, Mark, Panel, curve_chart, line_chart
from privaudit.results.painter import Display
from privaudit.stats.intervals import percentile
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study


def hidden_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw among how many people and addresses each share of the people is hidden.

    Each step is as many people as may be shown: a finer one would be a list of them.
    """
    best = told.best(told.masked())
    if best is None:
        return None
    curves, titles = [], []
    for unit, look in (("people", "red"), ("addresses", "blue")):
        if f"k_{unit}" not in best.per_person:
            continue
        k = finite(best.per_person[f"k_{unit}"])
        if len(k) < 2 * SMALL_CELL:
            continue
        # The median that the text tells, too.
        half = percentile(best.per_person[f"k_{unit}"], 0.5).value
        titles.append(words(f"figure.hidden_title_{unit}", n=round(half)))
        many = np.arange(SMALL_CELL, len(k) + 1, SMALL_CELL)
        curves.append(
            Curve(
                words(f"figure.hidden_{unit}"), k[many - 1].tolist(), (many / len(k)).tolist(),
                look, dashed=unit == "addresses", marked=False,
            )
        )  # fmt: skip
    if not curves:
        return None
    return curve_chart(
        "hidden", words, study.provenance, title=titles[0],
        curves=curves, write=words.tick, log=True, low=0.0,
        axes=(words("figure.hidden_axis"), words("figure.share_axis")),
    )  # fmt: skip


def calibration_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how often the one who knows most is right against how sure they say they are."""
    best = told.best(told.masked()) or next(
        (told.best(v) for v in told.views() if v != "table"), None
    )
    if best is None or not len(best.calibration):
        return None
    part = best.calibration
    part = part[(part["gain"] == "address") & (part["n"] >= SMALL_CELL)].sort_values("confidence")
    if len(part) < 2:
        return None
    x = part["confidence"].tolist()
    curves = [
        Curve(
            words("figure.observed"), x, part["observed"].tolist(),
            low=part["low"].tolist(), high=part["high"].tolist(),
        ),
        Curve(words("figure.honest"), [x[0], x[-1]], [x[0], x[-1]], "grey", True, marked=False),
    ]  # fmt: skip
    last = part.iloc[-1]
    # What chance may explain is no finding.
    within = bool(last["low"] <= last["confidence"] <= last["high"])
    key = "figure.calibration_within" if within else "figure.calibration_title"
    return curve_chart(
        "calibration", words, study.provenance,
        title=words(
            key, who=attack_name(words, best.attack),
            claimed=float(last["confidence"]), right=float(last["observed"]),
        ),
        curves=curves, write=words.tick, write_x=words.tick, low=0.0,
        axes=(words("figure.claimed_axis"), words("figure.observed_axis")),
    )  # fmt: skip


def stations_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw the share of people found in each polling station; small ones are withheld.

    Where places are real and people are not, stations are A, B, C.
    """
    best = told.best(told.masked())
    if best is None or "station" not in best.per_person:
        return None
    rows = pd.DataFrame(best.printed_by("station").xs("address", level="gain"))
    kept = rows[~rows["withheld"].astype(bool)].sort_values("value", ascending=False)
    if len(kept) < 2:
        return None
    hide = study.real_places and study.provenance == "simulated"
    lines: list[ChartLine] = []
    for place, (station, row) in enumerate(kept.iterrows()):
        name = words("figure.station", name=chr(65 + place % 26) if hide else str(station))
        mark = Mark(
            float(row["value"]), words.percent(row["value"]), words.percent(row["value"]),
            low=float(row["low"]), high=float(row["high"]),
        )  # fmt: skip
        lines.append(ChartLine(f"{name} ({words.counted(row['n'], 'people')})", [mark]))
    return line_chart(
        "stations", words, study.provenance,
        title=words(
            "figure.stations_title", who=attack_name(words, best.attack),
            view=view_name(words, told.masked()), n=len(lines), withheld=len(rows) - len(kept),
        ),
        panels=[Panel(lines)], write=words.tick, axis=words("figure.stations_axis"),
    )  # fmt: skip
