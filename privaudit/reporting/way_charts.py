"""Charts of the ways in which a map leaks, and of the masks compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from privaudit.reporting.names import view_name
from privaudit.reporting.told import Told, net, net_interval
from privaudit.results.charts import ChartLine, Curve, Mark, Panel, curve_chart, line_chart
from privaudit.results.painter import Display
from privaudit.results.row import Row
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["copies_chart", "frontier_chart", "leak_chart", "screenshots_chart"]


def _points(
    rows: Iterable[Row], what: Callable[[Row], float] = net
) -> list[tuple[float, float, Row]]:
    """Return the rows that are told for one number, by that number."""
    found = []
    for row in rows:
        numbers = [v for v in row.part.values() if isinstance(v, (int, float)) and v >= 1]
        if len(numbers) == 1:
            found.append((float(numbers[0]), what(row), row))
    return sorted(found, key=lambda point: point[0])


def screenshots_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many are found on pictures of the map, by how much ground a pixel covers."""
    points = _points(told.rows("screenshots", "reidentified"))
    if len(points) < 2:
        return None
    n = points[0][2].n
    lines = [
        ChartLine(
            words("figure.metres_a_pixel", metres=x),
            [
                Mark(
                    y * n, words("figure.found_of", n=round(y * n), of=n), words.count(round(y * n))
                )
            ],
        )
        for x, y, _ in points
    ]
    x, y, _ = points[-1]
    return line_chart(
        "screenshots", words, study.provenance,
        title=words("figure.screenshots_title", metres=x, n=round(y * n), of=n),
        panels=[Panel(lines)], write=words.count, axis=words("figure.net_axis", n=n),
    )  # fmt: skip


def copies_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how near the mean of several copies comes, blurred anew and blurred once."""
    curves = []
    for kind, look in (("fresh", "red"), ("persistent", "blue")):
        points = _points(told.rows("copies", "error", kind), lambda row: row.value)
        if len(points) > 1:
            x, rows = [p[0] for p in points], [p[2] for p in points]
            curves.append(Curve.of(words(f"figure.copies_{kind}"), x, rows, look))
    if not curves:
        return None
    fresh = curves[0]
    return curve_chart(
        "copies", words, study.provenance,
        title=words(
            "figure.copies_title", copies=fresh.x[-1], first=round(fresh.y[0]),
            last=round(fresh.y[-1]),
        ),
        curves=curves, write=words.count, log=True, low=0.0,
        axes=(words("figure.copies_axis"), words("figure.metres_axis")),
    )  # fmt: skip


def leak_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how likely a leak is, and what it exposes, by how many accounts see the map."""
    curves = []
    for moment, look, dashed in (("before", "red", False), ("after", "grey", True)):
        points = _points(told.rows("leak", "addresses_found", moment))
        if len(points) > 1:
            name = words(f"figure.leaked_{moment}")
            curves.append(Curve(name, [p[0] for p in points], [p[1] for p in points], look, dashed))
    if not curves:
        return None
    before = curves[0]
    return curve_chart(
        "leak", words, study.provenance,
        title=words("figure.leak_title", accounts=before.x[-1], share=before.y[-1]),
        curves=curves, write=words.tick, log=True, low=0.0,
        axes=(words("figure.accounts_axis"), words("figure.leak_axis")),
    )  # fmt: skip


def frontier_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw, mask by mask, how many are still found and how far the dots moved: two panels."""
    found = {_mask(row): row for row in told.rows("frontier", "found_address")}
    moved = {_mask(row): row for row in told.rows("frontier", "moved_mean")}
    masks = [mask for mask in found if mask]
    if len(masks) < 2:
        return None
    n = max(found[mask].n for mask in masks)
    lines: list[ChartLine] = []
    for mask in masks:
        hits = net(found[mask]) * n
        row = found[mask]
        low, high = net_interval(row)
        apart = moved[mask].value if mask in moved else math.nan
        name = view_name(words, mask, "view_short")
        if math.isfinite(apart) and apart > 0:
            name = words("figure.moved_by", name=name, metres=round(apart))
        mark = Mark(
            hits, words("figure.found_of", n=round(hits), of=n), words.count(round(hits)),
            low=max(0.0, low * n), high=high * n,
        )  # fmt: skip
        lines.append(ChartLine(name, [mark]))
    best = min(masks, key=lambda mask: net(found[mask]))
    title = words(
        "figure.frontier_title", view=view_name(words, best, "view_short"),
        n=round(net(found[best]) * n), of=n,
    )  # fmt: skip
    return line_chart(
        "frontier", words, study.provenance, title=title, panels=[Panel(lines)],
        write=words.count, axis=words("figure.found_axis", n=n),
    )  # fmt: skip


def _mask(row: Row) -> str:
    return next((str(v) for v in row.part.values() if isinstance(v, str)), "")
