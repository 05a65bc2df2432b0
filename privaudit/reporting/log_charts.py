"""Chart of a log: how many people a few known points single out, beside people not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.reporting.told import Told, by_chance, net, whole
from privaudit.results.charts import Curve, curve_chart
from privaudit.results.painter import Display
from privaudit.results.row import Row
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["told_first", "unicity_chart", "unicity_rows"]


def unicity_rows(told: Told) -> list[tuple[int, Row]]:
    """Return the rows of one resolution, the finest: points known, and the row."""
    rows: list[Row] = []
    for family in told.study.measures:
        rows += told.rows(family, "unicity")
    series: dict[str, list[tuple[int, Row]]] = {}
    for row in rows:
        points = [v for k, v in row.part.items() if k in ("points", "known", "p")]
        points = points or [v for v in row.part.values() if isinstance(v, int)]
        others = [str(v) for v in row.part.values() if v not in points]
        if points:
            series.setdefault("|".join(others), []).append((int(points[0]), row))
    if not series:
        return []
    # The finest resolution singles out most.
    best = max(series.values(), key=lambda part: max(row.value for _, row in part))
    return sorted(best, key=lambda pair: pair[0])


def told_first(points: list[tuple[int, Row]]) -> tuple[int, Row]:
    """Return the fewest points that single out half of the people, else those that do most."""
    half = (pair for pair in points if net(pair[1]) >= 0.5)
    return next(half, max(points, key=lambda pair: net(pair[1])))


def unicity_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw what is left once the control is taken away, and both that it is made of."""
    points = unicity_rows(told)
    if len(points) < 2:
        return None
    x = [p for p, _ in points]
    curves = [Curve.of(words("figure.unicity_found"), x, [row for _, row in points])]
    controls = [row.control for _, row in points]
    if any(c == c for c in controls):
        curves.append(Curve(words("figure.unicity_control"), x, controls, "grey", True))
    known, row = told_first(points)
    key = "figure.unicity_title_net" if row.residual == row.residual else "figure.unicity_title"
    n, window = row.n, str(row.part.get("window", "no_time"))
    key += "" if window == "no_time" else "_when"
    values = {
        "points": known, "n": whole(row.value, n), "of": n, "control": by_chance(row),
        "window": words.name("part", window),
    }  # fmt: skip
    return curve_chart(
        "unicity", words, study.provenance,
        title=words(key, **values),
        curves=curves, write=words.tick, low=0.0,
        axes=(words("figure.points_axis"), words("figure.unicity_axis")),
    )  # fmt: skip
