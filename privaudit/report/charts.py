"""Charts of a report: one function a figure, drawn from rows that may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.core.policy import SMALL_CELL
from privaudit.report.answers import adds, half_singled_out, identity_row, unicity_rows
from privaudit.report.names import attack_name, capital, is_masked, note_text, rung_name, view_name
from privaudit.report.sentences import (
    ResultLookup,
    by_chance,
    finite,
    has_control,
    hits_of,
    net,
    net_hits,
    net_interval,
    whole,
)
from privaudit.results.charts import ChartLine, Curve, Mark, Panel, curve_chart, line_chart
from privaudit.results.painter import Display
from privaudit.results.rows import GAINS, Row
from privaudit.stats.intervals import percentile
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.report.mitigations import Remedy
    from privaudit.studies.study import Study

TIERS = ("any_account", "turf", "stolen_phone", "team", "whole_file")


def _line_chart(
    study: Study, words: Words, name: str, lines: Sequence[ChartLine | Panel], title: str,
    axis: str, write: Callable[[float], str] | None = None, **values: float,
) -> Display:  # fmt: skip
    """Draw lines or panels of lines with a catalogued axis, in counts by default."""
    panels = [one for one in lines if isinstance(one, Panel)]
    panels = panels or [Panel([one for one in lines if isinstance(one, ChartLine)])]
    return line_chart(
        name, words, study.provenance, title=title, panels=panels, write=write or words.count,
        axis=words(f"figure.{axis}", **values),
    )  # fmt: skip


def others_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the people behind marked doors who never interacted, beside random doors."""
    lines: list[ChartLine] = []
    for measure in ("adults_never_interacted", "minors_never_interacted"):
        row = results.row("household", measure)
        if row is None:
            continue
        people, chance = whole(1, row.value), whole(1, row.baseline)
        label = words("figure.marked_label", n=people) if not lines else words.count(people)
        title = words("figure.marked_title", n=people)
        random = words("figure.random_label", n=chance)
        marks = [
            Mark(row.baseline, words("figure.random_title", n=chance), "", "tick", "grey"),
            Mark(row.value, title, f"{label} {random}" if not lines else f"{label} ({chance})"),
        ]
        lines.append(ChartLine(words(f"figure.{measure}"), marks))
    wrong = results.row("household", "wrong_labels")
    if wrong is not None and lines:
        n = whole(wrong.value, wrong.n)
        title = words("figure.wrong_title", n=n, of=wrong.n)
        mark = Mark(wrong.value * wrong.n, title, words.count(n))
        lines.append(ChartLine(words("figure.wrong_labels"), [mark]))
    counted = {
        who: row.value
        for who in ("adults", "minors")
        if (row := results.row("household", f"{who}_never_interacted")) is not None
    }
    if "adults" not in counted:
        return None
    # A number that is withheld is not 0.
    title = words(f"figure.others_title{'' if 'minors' in counted else '_adults'}", **counted)
    return _line_chart(study, words, "others", lines, title, "people_axis")


def access_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many people each tier of access shows, before and after the restriction."""
    lines: list[ChartLine] = []
    for tier in TIERS:
        before, after = (_tier(results, moment, tier) for moment in ("before", "after"))
        if before is None or after is None:
            continue
        texts = [
            words(f"figure.{when}_label", n=n) if not lines else words.count(n)
            for when, n in (("before", before), ("after", after))
        ]
        same = before == after
        told_after = words("figure.unchanged", n=after) if same else texts[1]
        marks = [
            Mark(before, words("figure.before_title", n=before), "" if same else texts[0]),
            Mark(after, words("figure.after_title", n=after), told_after, "ring", "grey"),
        ]
        lines.append(ChartLine(words(f"figure.tier_{tier}"), marks, joined=True))
    if not lines:
        return None
    before, after = (int(mark.value) for mark in lines[0].marks)
    title = words("figure.access_title", before=before, after=after)
    return _line_chart(study, words, "access", lines, title, "access_axis")


def _tier(results: ResultLookup, moment: str, tier: str) -> int | None:
    row = results.row("tiers", "people", moment, tier)
    return None if row is None else whole(1, row.value)


def mend_chart(study: Study, words: Words, remedies: Sequence[Remedy]) -> Display | None:
    """Draw each remedy as a step from the number before to the number after."""
    if not remedies:
        return None
    lines: list[ChartLine] = []
    for remedy in remedies:
        (before, after), first = remedy.pair, not lines
        marks = [
            Mark(
                n, words(f"figure.{when}_title", n=n),
                words(f"figure.{when}_label", n=n) if first else words.count(n), shape, colour,
            )
            for when, n, shape, colour in (
                ("today", before, "dot", "red"), ("mended", after, "ring", "grey"),
            )
        ]  # fmt: skip
        lines.append(ChartLine(note_text(words, remedy.action).rstrip("."), marks, joined=True))
    before, after = remedies[0].pair
    kind = "records" if study.kind == "table" else "people"
    title = words("figure.mend_title", name=lines[0].name, before=before, after=after)
    return _line_chart(study, words, "mend", lines, title, f"mend_axis_{kind}")


def shown_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many dots show each property, the most frequent first."""
    rows = sorted(results.rows("properties", "shown"), key=lambda row: -row.value)
    if not rows:
        return None
    lines = []
    for row in rows:
        n = hits_of(row)
        text = words("figure.shown_mark", n=n, of=row.n)
        name = capital(words.name("held", row.part["what"]))
        lines.append(ChartLine(name, [Mark(n, text, words.count(n))]))
    n, of = hits_of(rows[0]), rows[0].n
    what = words.name("held", rows[0].part["what"])
    title = words("figure.shown_title", of=of, n=n, what=what)
    return _line_chart(study, words, "shown", lines, title, "shown_axis", n=of)


def classes_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many records of a table share their keys with how many others."""
    rows = [row for row in results.rows("table", "classes_of") if "least" in row.part]
    # Of several tables, the one with most records alone.
    files = dict.fromkeys(row.part.get("file") for row in rows)
    each = [[row for row in rows if row.part.get("file") == file] for file in files]
    known = max(
        (sorted(of_one, key=lambda row: row.part["least"]) for of_one in each),
        key=lambda of_one: of_one[0].value, default=[],
    )  # fmt: skip
    if len(known) < 2:
        return None
    lines = []
    for row in known:
        least, most = row.part["least"], row.part.get("most")
        key = "one" if most == 1 else "same" if most == least else "range" if most else "more"
        name = words(f"figure.class_{key}", least=least, most=most)
        lines.append(
            ChartLine(name, [Mark(row.value, words.count(row.value), words.count(row.value))])
        )
    alone = known[0].value
    title = words("figure.classes_title", n=alone)
    return _line_chart(study, words, "classes", lines, title, "classes_axis")


def country_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many residents of 100 are alone, or among few, with what is known of them."""
    lines: list[ChartLine] = []
    for row in results.rows("country", ("unique", "class_under")):
        text = words.percent(row.value)
        mark = Mark(row.value, text, text, low=row.low, high=row.high)
        name = words(f"figure.country_{row.measure}", n=row.part.get("threshold", 2))
        lines.append(ChartLine(name, [mark]))
    if not lines:
        return None
    title = words("figure.country_title", value=lines[0].marks[0].label)
    return _line_chart(study, words, "country", lines, title, "country_axis", write=words.tick)


def _points(
    rows: Iterable[Row], what: Callable[[Row], float] = net
) -> list[tuple[float, float, Row]]:
    """Return the rows with a single numeric parameter, sorted by it."""
    found = []
    for row in rows:
        numbers = [v for v in row.part.values() if isinstance(v, (int, float)) and v >= 1]
        if len(numbers) == 1:
            found.append((float(numbers[0]), what(row), row))
    return sorted(found, key=lambda point: point[0])


def screenshots_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many are found on pictures of the map, by how much ground a pixel covers."""
    points = _points(results.rows("screenshots", "reidentified"))
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
    title = words("figure.screenshots_title", metres=x, n=round(y * n), of=n)
    return _line_chart(study, words, "screenshots", lines, title, "net_axis", n=n)


def copies_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how near the mean of several copies comes, blurred anew and blurred once."""
    curves = []
    for kind, look in (("fresh", "red"), ("persistent", "blue")):
        points = _points(results.rows("copies", "error", kind), lambda row: row.value)
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


def leak_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how likely a leak is, and what it exposes, by how many accounts see the map."""
    curves = []
    for moment, look, dashed in (("before", "red", False), ("after", "grey", True)):
        points = _points(results.rows("leak", "addresses_found", moment))
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


def frontier_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw for each mask how many people are still found and how far the dots moved."""
    found = {_mask(row): row for row in results.rows("frontier", "reidentified_address")}
    moved = {_mask(row): row for row in results.rows("frontier", "moved_mean")}
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
    return _line_chart(study, words, "frontier", lines, title, "found_axis", n=n)


def _mask(row: Row) -> str:
    return next((str(v) for v in row.part.values() if isinstance(v, str)), "")


# Number of pages drawn.
_PAGES = 10


def pages_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the information of the most telling pages about a bloc, beside chance."""
    rows = sorted(results.rows("likes", "page_tells"), key=lambda row: -row.value)[:_PAGES]
    if not rows:
        return None
    title = words("figure.pages_title")
    return _line_chart(
        study, words, "pages", [_page_line(words, row) for row in rows], title, "pages_axis"
    )


def _page_line(words: Words, row: Row) -> ChartLine:
    kind = words.name("page_kind", row.part["page_kind"])
    bloc = words.name("value", row.part["bloc"])
    title = words("figure.pages_mark", bits=row.value, n=row.n, bloc=bloc)
    marks = [Mark(row.value, title, bloc, low=row.low, high=row.high)]
    if math.isfinite(row.baseline):
        chance = words("figure.pages_chance", bits=row.baseline)
        marks.insert(0, Mark(row.baseline, chance, "", "tick", "grey"))
    return ChartLine(words("figure.pages_line", page=row.part["page"], kind=kind), marks)


def gains_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the gains of the strongest adversary, net of chance.

    The exact view and the first that was moved stand on one scale.
    """
    views = [v for v in results.views() if v != "table"]
    exact = next((v for v in views if not is_masked(v)), "")
    pair = [v for v in (exact, results.masked()) if v and results.best(v)]
    if not pair:
        return None
    rows = {v: {g: results.found(results.best(v), g) for g in GAINS} for v in pair}  # type: ignore[arg-type]
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
    best = results.best(pair[0])
    key = "gains_title" if {"address", "household", "person"} <= hits.keys() else "gains_one"
    key += "_expected" if best is not None and best.expected else ""
    counted = dict.fromkeys(GAINS, 0) | hits
    title = words(f"figure.{key}", n=first.n, **counted)
    return _line_chart(study, words, "gains", lines, title, "net_axis", n=first.n)


def _pair_of_marks(words: Words, rows: Sequence[tuple[str, Row | None]], later: bool) -> list[Mark]:
    known = [(view, row) for view, row in rows if row is not None]
    hits = [net_hits(row) for _, row in known]
    same = len(hits) == 2 and hits[0] == hits[1]
    marks = []
    for place, ((view, _), n) in enumerate(zip(known, hits, strict=True)):
        text = words.count(n)
        if same:
            text = words("figure.both_maps", n=n)
        elif not later:
            text = words("figure.on_masked" if is_masked(view) else "figure.on_exact", n=n)
        masked = is_masked(view)
        marks.append(
            Mark(
                n, words("figure.on_view", n=n, view=view_name(words, view)),
                "" if same and place else text,
                "ring" if masked else "dot", "grey" if masked else "red",
            )
        )  # fmt: skip
    return marks


def ladder_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how often each adversary is right, and how often they claim to be."""
    view = results.masked()
    rungs = [(e, row) for e in results.exposures(view) if (row := results.found(e)) is not None]
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
        if math.isfinite(row.control):
            title = words("figure.control_title", n=chance, of=n)
            marks.insert(0, Mark(row.control * n, title, shape="tick", colour="grey"))
        if math.isfinite(row.confidence) and not exposure.expected:
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
    claims = math.isfinite(row.confidence) and not exposure.expected
    sure = whole(row.confidence, row.n) if claims else 0
    key = "figure.ladder_title" if claims else "figure.ladder_title_found"
    title = words(key, sure=sure, **names)
    return _line_chart(study, words, "ladder", lines, title, "ladder_axis", n=row.n)


# Other headline measures, and the title of the panel of each.
_HEADS = (
    ("whole", "chain"), ("answers_tell", "mailing"), ("leaked", "leaked"),
    ("score_tells", "likes"), ("cells_right", "cells"),
)  # fmt: skip
# Number of assumptions drawn in a panel.
_ASSUMPTIONS = 8


def chain_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many labelled accounts are left after each link, beside those by chance."""
    rows = [row for row in results.rows("chain", "so_far") if math.isfinite(row.value)]
    if not rows:
        return None
    n = whole(1, rows[0].n)
    lines = [ChartLine(words("figure.chain_labelled"), [Mark(n, words.count(n), words.count(n))])]
    left = {}
    for row in rows:
        link = str(row.part["link"])
        left[link] = hits = whole(row.value, row.n)
        title = words("figure.chain_mark", n=hits, of=n)
        marks = [Mark(hits, title, words.count(hits), low=row.low * n, high=row.high * n)]
        if math.isfinite(row.control):
            chance = whole(row.control, row.n)
            text = words("figure.chain_chance", n=chance, of=n)
            marks.insert(0, Mark(row.control * n, text, "", "tick", "grey"))
        lines.append(ChartLine(words(f"figure.chain_{link}"), marks))
    found = left.get("location")
    title = words("story.chain") if found is None else words("figure.chain_title", of=n, n=found)
    return _line_chart(study, words, "chain", lines, title, "chain_axis")


def tornado_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw a tornado chart: each headline at both ends of each assumption's range."""
    on_map = results.rows("sensitivity", "net")
    panels = []
    for view in dict.fromkeys(row.part["view"] for row in on_map):
        head = words("figure.tornado_map", view=view_name(words, view, "view_short"))
        panels.append(_tornado(words, [r for r in on_map if r.part["view"] == view], head))
    for measure, name in _HEADS:
        rows = results.rows("sensitivity", measure)
        panels.append(_tornado(words, rows, words(f"figure.tornado_{name}")))
    panels = [panel for panel in panels if panel.lines]
    if not panels:
        return None
    title = words("figure.tornado_title")
    return _line_chart(study, words, "tornado", panels, title, "tornado_axis")


def _tornado(words: Words, rows: list[Row], head: str) -> Panel:
    lines = []
    for name, *ends in moved_most(rows)[:_ASSUMPTIONS]:
        marks = []
        for row in sorted(ends, key=lambda row: row.part["at"]):
            at, moved = row.part["at"], row.value - row.baseline
            text = words.count(at) if isinstance(at, int) else words.value(at, "share", short=True)
            title = words("figure.tornado_mark", at=text, moved=words.points(moved))
            marks.append(Mark(100 * moved, title, text, "ring", "grey"))
        lines.append(ChartLine(words.name("assumption", name), marks, joined=True))
    return Panel(lines, head)


def moved_most(rows: Sequence[Row]) -> list[tuple[str, Row, Row]]:
    """Return each assumption with its lowest and highest rows, the most influential first.

    One that moves nothing is left out.
    """
    ends: dict[str, list[Row]] = {}
    for row in rows:
        if math.isfinite(row.value):
            ends.setdefault(row.part["parameter"], []).append(row)
    found = []
    for name, known in ends.items():
        low, high = (pick(known, key=lambda row: row.value) for pick in (min, max))
        if high.value > low.value:
            found.append((name, low, high))
    return sorted(found, key=lambda one: one[1].value - one[2].value)


def hidden_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw among how many people and addresses each share of the people is hidden.

    Each step is as many people as may be shown: a finer one would be a list of them.
    """
    best = results.best(results.masked())
    if best is None:
        return None
    curves, titles = [], []
    for unit, look in (("people", "red"), ("addresses", "blue")):
        if f"k_{unit}" not in best.per_person:
            continue
        k = finite(best.per_person[f"k_{unit}"])
        if len(k) < 2 * SMALL_CELL:
            continue
        # The same median as in the text.
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


def calibration_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the calibration of the strongest adversary."""
    best = results.best(results.masked()) or next(
        (results.best(v) for v in results.views() if v != "table"), None
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
    # A difference that chance may explain is not a finding.
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


def stations_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the share of people found in each polling station; small ones are withheld.

    Where places are real and people are not, stations are A, B, C.
    """
    best = results.best(results.masked())
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
    title = words(
        "figure.stations_title",
        who=attack_name(words, best.attack),
        view=view_name(words, results.masked()),
        n=len(lines),
        withheld=len(rows) - len(kept),
    )
    return _line_chart(study, words, "stations", lines, title, "stations_axis", write=words.tick)


# Number of lines drawn in each panel.
_MOST_KINDS = 6


def linked_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the share known from one file alone, and from both."""
    named = identity_row(results)
    if named is None or not adds(named):
        return None
    panels: list[Panel] = []
    for measure, head in (("dot_tells", "linked_dots"), ("record_tells", "linked_records")):
        file = named.part.get("file")
        rows = [
            r for r in results.rows("linked", measure) if adds(r) and r.part.get("file") == file
        ]
        rows = sorted(rows, key=lambda row: row.baseline - row.value)[:_MOST_KINDS]
        if rows:
            panels.append(
                Panel([_linked_line(words, row, not panels and row is rows[0]) for row in rows],
                      head=words(f"figure.{head}", n=rows[0].n))
            )  # fmt: skip
    if not panels:
        return None
    title = _linked_title(words, results, named)
    return _line_chart(study, words, "linked", panels, title, "linked_axis", write=words.tick)


def _linked_title(words: Words, results: ResultLookup, named: Row) -> str:
    """Return the title: dots that get a name, beside those named by chance.

    Not the difference: a table that holds everybody of the map is right wherever one person fits,
    and yet names as many dots of whoever is taken out of it.
    """
    before, after = whole(named.baseline, named.n), hits_of(named)
    file = named.part.get("file")
    ways = [row for row in results.rows("linked", "dot_named") if row.part.get("file") == file]
    if ways and has_control(ways[-1]):
        way = ways[-1]
        values = {"chance": by_chance(way), "n": hits_of(way), "of": way.n}
        return words("figure.linked_title_beside", **values)
    return words("figure.linked_title", before=before, after=after, of=named.n)


def _linked_line(words: Words, row: Row, first: bool) -> ChartLine:
    """Return the line from the share of one file to the share of both."""
    name = capital(words.name("held", row.part["what"]))
    alone, both = (words.percent(v, short=True) for v in (row.baseline, row.value))
    marks = [
        Mark(row.baseline, words("figure.alone_title", value=alone),
             words("figure.alone_label", value=alone) if first else alone, "ring", "grey"),
        Mark(row.value, words("figure.both_title", value=both),
             words("figure.both_label", value=both) if first else both),
    ]  # fmt: skip
    return ChartLine(name, marks, joined=True)


def unicity_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw unicity by the number of known points, beside the control."""
    points = unicity_rows(results)
    if len(points) < 2:
        return None
    x = [p for p, _ in points]
    curves = [Curve.of(words("figure.unicity_found"), x, [row for _, row in points])]
    controls = [row.control for _, row in points]
    if any(c == c for c in controls):
        curves.append(Curve(words("figure.unicity_control"), x, controls, "grey", True))
    known, row = half_singled_out(points)
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
