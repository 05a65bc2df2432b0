"""What is found: from an address to a person, and by who knows how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from privaudit.reporting.names import attack_name, is_masked, rung_name, view_name
from privaudit.reporting.told import Told, by_chance, net_hits, whole
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.results.row import GAINS, Row
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["gains_chart", "ladder_chart"]


def gains_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw what the one who knows most finds: address, household, person, opinion, net of chance.

    The exact view and the first that was moved stand on one scale.
    """
    views = [v for v in told.views() if v != "table"]
    exact = next((v for v in views if not is_masked(v)), "")
    pair = [v for v in (exact, told.masked()) if v and told.best(v)]
    if not pair:
        return None
    rows = {v: {g: told.found(told.best(v), g) for g in GAINS} for v in pair}  # type: ignore[arg-type]
    first = next((row for row in rows[pair[0]].values() if row is not None), None)
    known = [row for of in rows.values() for row in of.values() if row is not None]
    if first is None or len(known) < 2:
        return None  # One number is no figure.
    lines: list[ChartLine] = []
    for gain in GAINS:
        marks = _pair_of_marks(words, [(v, rows[v][gain]) for v in pair], bool(lines))
        if marks:
            lines.append(ChartLine(words(f"figure.gain_{gain}"), marks))
    hits = {g: net_hits(row) for g, row in rows[pair[0]].items() if row is not None}
    best = told.best(pair[0])
    key = "gains_title" if {"address", "household", "person"} <= hits.keys() else "gains_one"
    key += "_expected" if best is not None and best.expected else ""
    counted = dict.fromkeys(GAINS, 0) | hits
    return line_chart(
        "gains", words, study.provenance,
        title=words(f"figure.{key}", n=first.n, **counted),
        panels=[Panel(lines)], write=words.count, axis=words("figure.net_axis", n=first.n),
    )  # fmt: skip


def _pair_of_marks(words: Words, rows: Sequence[tuple[str, Row | None]], later: bool) -> list[Mark]:
    known = [(view, row) for view, row in rows if row is not None]
    hits = [net_hits(row) for _, row in known]
    same = len(hits) == 2 and hits[0] == hits[1]
    marks = []
    for place, ((view, _), n) in enumerate(zip(known, hits, strict=True)):
        said = words.count(n)
        if same:
            said = words("figure.both_maps", n=n)
        elif not later:
            said = words("figure.on_masked" if is_masked(view) else "figure.on_exact", n=n)
        masked = is_masked(view)
        marks.append(
            Mark(
                n, words("figure.on_view", n=n, view=view_name(words, view)),
                "" if same and place else said,
                "ring" if masked else "dot", "grey" if masked else "red",
            )
        )  # fmt: skip
    return marks


def ladder_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw, for who knows little to who knows much, how often right and how sure: one scale."""
    view = told.masked()
    rungs = [(e, row) for e in told.exposures(view) if (row := told.found(e)) is not None]
    if not rungs:
        return None
    lines: list[ChartLine] = []
    for exposure, row in rungs:
        n = row.n
        first = not lines
        right, chance = whole(row.value, n), by_chance(row)
        marks = [
            Mark(
                row.value * n, words("figure.right_title", n=right, of=n),
                words("figure.right_label", n=right) if first else words.count(right),
                low=row.low * n, high=row.high * n,
            )
        ]  # fmt: skip
        if _known(row.control):
            title = words("figure.control_title", n=chance, of=n)
            marks.insert(0, Mark(row.control * n, title, shape="tick", colour="grey"))
        if _known(row.confidence) and not exposure.expected:
            sure = whole(row.confidence, n)
            label = words("figure.sure_label", n=sure) if first else words.count(sure)
            title = words("figure.sure_title", n=sure, of=n)
            marks.append(Mark(row.confidence * n, title, label, "diamond", "blue"))
        lines.append(ChartLine(rung_name(words, exposure.attack), marks))
    exposure, row = rungs[-1]
    names = {
        "who": attack_name(words, exposure.attack), "view": view_name(words, view),
        "right": whole(row.value, row.n), "of": row.n, "chance": by_chance(row),
    }  # fmt: skip
    claims = _known(row.confidence) and not exposure.expected
    sure = whole(row.confidence, row.n) if claims else 0
    key = "figure.ladder_title" if claims else "figure.ladder_title_found"
    return line_chart(
        "ladder", words, study.provenance, title=words(key, sure=sure, **names),
        panels=[Panel(lines)], write=words.count, axis=words("figure.ladder_axis", n=row.n),
    )  # fmt: skip


def _known(value: float) -> bool:
    return math.isfinite(value)
