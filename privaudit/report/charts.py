"""Charts of a report: one function a figure, drawn from rows that may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

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
    people_of,
    times,
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


def _curve_chart(
    study: Study, words: Words, name: str, curves: Sequence[Curve], title: str,
    axes: tuple[str, str], write: Callable[[float], str] | None = None, **more: Any,
) -> Display:  # fmt: skip
    """Draw curves with catalogued axes, from 0 upward, in shares by default."""
    across, up = (words(f"figure.{axis}") for axis in axes)
    return curve_chart(
        name, words, study.provenance, title=title, curves=curves, axes=(across, up),
        write=write or words.tick, say=write or words.percent, low=0.0, **more,
    )  # fmt: skip


def _chance(words: Words, value: float, key: str, **values: Any) -> list[Mark]:
    """Return the tick of what chance gives; none where it is not known."""
    title = words(f"figure.{key}", **values) if math.isfinite(value) else ""
    return [Mark(value, title, "", "tick", "grey")] if title else []


def others_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the people behind marked doors who never interacted, beside random doors."""
    lines: list[ChartLine] = []
    counted: dict[str, float] = {}
    for who in ("adults", "minors"):
        row = results.row("household", f"{who}_never_interacted")
        if row is None:
            continue
        counted[who] = row.value
        people, chance = times(row, "value", 1), times(row, "baseline", 1)
        label = f"{words.count(people)} ({words.count(chance)})"
        if not lines:
            marked, random = (words(f"figure.{doors}_label", n=n)
                              for doors, n in (("marked", people), ("random", chance)))  # fmt: skip
            label = f"{marked} {random}"
        marks = _chance(words, row.baseline, "random_title", n=chance)
        marks.append(Mark(row.value, words("figure.marked_title", n=people), label))
        lines.append(ChartLine(words(f"figure.{who}_never_interacted"), marks))
    if "adults" not in counted:
        return None
    wrong = results.row("household", "wrong_labels")
    if wrong is not None:
        n = people_of(wrong)
        title = words("figure.wrong_title", n=n, of=wrong.n)
        mark = Mark(wrong.value * wrong.n, title, words.count(n))
        lines.append(ChartLine(words("figure.wrong_labels"), [mark]))
    # A number that is withheld is not 0.
    title = words(f"figure.others_title{'' if 'minors' in counted else '_adults'}", **counted)
    return _line_chart(study, words, "others", lines, title, "people_axis")


def access_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many people each tier of access shows, before and after the restriction."""
    lines: list[ChartLine] = []
    for tier in TIERS:
        rows = [results.row("tiers", "people", moment, tier) for moment in ("before", "after")]
        before, after = (None if row is None else times(row, "value", 1) for row in rows)
        if before is None or after is None:
            continue
        first, then = _step_labels(words, ("before", before), ("after", after), first=not lines)
        if before == after:
            first, then = "", words("figure.unchanged", n=after)
        lines.append(ChartLine(words(f"figure.tier_{tier}"), [
            Mark(before, words("figure.before_title", n=before), first),
            Mark(after, words("figure.after_title", n=after), then, "ring", "grey"),
        ], joined=True))  # fmt: skip
    if not lines:
        return None
    first_line = [mark.value for mark in lines[0].marks]
    title = words("figure.access_title", before=first_line[0], after=first_line[1])
    return _line_chart(study, words, "access", lines, title, "access_axis")


def mend_chart(study: Study, words: Words, remedies: Sequence[Remedy]) -> Display | None:
    """Draw each remedy as a step from the number before to the number after."""
    if not remedies:
        return None
    lines: list[ChartLine] = []
    for remedy in remedies:
        before, after = remedy.pair
        first, then = _step_labels(words, ("today", before), ("mended", after), first=not lines)
        lines.append(ChartLine(note_text(words, remedy.action).rstrip("."), [
            Mark(before, words("figure.today_title", n=before), first),
            Mark(after, words("figure.mended_title", n=after), then, "ring", "grey"),
        ], joined=True))  # fmt: skip
    before, after = remedies[0].pair
    kind = "records" if study.kind == "table" else "people"
    title = words("figure.mend_title", name=lines[0].name, before=before, after=after)
    return _line_chart(study, words, "mend", lines, title, f"mend_axis_{kind}")


def _step_labels(words: Words, *steps: tuple[str, float], first: bool) -> list[str]:
    """Return the labels of the numbers of a line, in full on the first line only."""
    return [words(f"figure.{key}_label", n=n) if first else words.count(n) for key, n in steps]


def shown_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many dots show each property, the most frequent first."""
    rows = sorted(results.rows("properties", "shown"), key=lambda row: -row.value)
    if not rows:
        return None
    lines = []
    for row in rows:
        n = hits_of(row)
        mark = Mark(n, words("figure.shown_mark", n=n, of=row.n), words.count(n))
        lines.append(ChartLine(capital(words.name("held", row.part["what"])), [mark]))
    n, of = hits_of(rows[0]), rows[0].n
    what = words.name("held", rows[0].part["what"])
    title = words("figure.shown_title", of=of, n=n, what=what)
    return _line_chart(study, words, "shown", lines, title, "shown_axis", n=of)


def classes_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many records of a table share their keys with how many others."""
    files: dict[Any, list[Row]] = {}
    for row in results.rows("table", "classes_of"):
        if "least" in row.part:
            files.setdefault(row.part.get("file"), []).append(row)
    tables = [sorted(rows, key=lambda row: row.part["least"]) for rows in files.values()]
    # Of several tables, the one with most records alone.
    known = max(tables, key=lambda rows: rows[0].value, default=[])
    if len(known) < 2 or known[0].part["least"] > 1:
        return None  # The sizes of small classes are not shown.
    lines = []
    for row in known:
        least, most = row.part["least"], row.part.get("most")
        key = "one" if most == 1 else "same" if most == least else "range" if most else "more"
        mark = Mark(row.value, words.count(row.value), words.count(row.value))
        lines.append(ChartLine(words(f"figure.class_{key}", least=least, most=most), [mark]))
    title = words("figure.classes_title", n=known[0].value)
    return _line_chart(study, words, "classes", lines, title, "classes_axis")


def country_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many residents of 100 are alone, or among few, with what is known of them."""
    lines: list[ChartLine] = []
    for row in results.rows("country", ("unique", "class_under")):
        text = words.value(row.value, "share")
        mark = Mark(row.value, text, text, low=row.low, high=row.high)
        name = words(f"figure.country_{row.measure}", n=row.part.get("threshold", 2))
        lines.append(ChartLine(name, [mark]))
    if not lines:
        return None
    title = words("figure.country_title", value=lines[0].marks[0].label)
    return _line_chart(study, words, "country", lines, title, "country_axis", write=words.tick)


def _points(rows: Iterable[Row]) -> tuple[list[float], list[Row]]:
    """Return the rows with a single numeric parameter, and that number, in its order."""
    points = []
    for row in rows:
        numbers = [v for v in row.part.values() if isinstance(v, (int, float)) and v >= 1]
        if len(numbers) == 1:
            points.append((float(numbers[0]), row))
    points.sort(key=lambda point: point[0])
    return [x for x, _ in points], [row for _, row in points]


def screenshots_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many are found on pictures of the map, by how much ground a pixel covers."""
    metres, rows = _points(results.rows("screenshots", "reidentified"))
    if len(rows) < 2:
        return None
    n = rows[0].n
    lines = [
        ChartLine(words("figure.metres_a_pixel", metres=x), [_found_of(words, row)])
        for x, row in zip(metres, rows, strict=True)
    ]
    # `audit_pictures` takes the nearest address to each dot.
    values = {"n": people_of(rows[-1]), "of": n, "who": attack_name(words, "nearest")}
    title = words("figure.screenshots_title", metres=metres[-1], **values)
    return _line_chart(study, words, "screenshots", lines, title, "found_axis", n=n)


def _found_of(words: Words, row: Row) -> Mark:
    """Return the mark of the people found, of all, with its interval."""
    hits = people_of(row)
    title = words("figure.found_of", n=hits, of=row.n)
    return Mark(hits, title, words.count(hits), low=row.low * row.n, high=row.high * row.n)


def copies_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how near the mean of several copies comes, blurred anew and blurred once."""
    curves, ends = [], list[Row]()
    for kind, look in (("fresh", "red"), ("persistent", "blue")):
        copies, rows = _points(results.rows("copies", "error", kind))
        if len(rows) > 1:
            curves.append(Curve.of(words(f"figure.copies_{kind}"), copies, rows, look))
            ends += [rows[0], rows[-1]]
    if not curves:
        return None
    first, last = (times(row, "value", 1) for row in ends[:2])
    title = words("figure.copies_title", copies=curves[0].x[-1], first=first, last=last)
    axes = ("copies_axis", "metres_axis")
    return _curve_chart(study, words, "copies", curves, title, axes, words.count, log=True)


def leak_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how likely a leak is, and what it exposes, by how many accounts see the map."""
    curves = []
    for moment, look in (("before", "red"), ("after", "grey")):
        accounts, rows = _points(results.rows("leak", "addresses_found", moment))
        if len(rows) > 1:
            name, shares = words(f"figure.leaked_{moment}"), [row.value for row in rows]
            curves.append(Curve(name, accounts, shares, look, dashed=moment == "after"))
    if not curves:
        return None
    title = words("figure.leak_title", accounts=curves[0].x[-1], share=curves[0].y[-1])
    axes = ("accounts_axis", "leak_axis")
    return _curve_chart(study, words, "leak", curves, title, axes, log=True)


def frontier_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw for each mask how many people are still found and how far the dots moved."""
    rows = {_mask(row): row for row in results.rows("frontier", "reidentified_address")}
    moved = {_mask(row): row.value for row in results.rows("frontier", "moved_mean")}
    masks = [mask for mask in rows if mask]
    if len(masks) < 2:
        return None
    n = max(rows[mask].n for mask in masks)
    lines: list[ChartLine] = []
    for mask in masks:
        name = view_name(words, mask, "view_short")
        if moved.get(mask, 0) > 0:
            name = words("figure.moved_by", name=name, metres=round(moved[mask]))
        lines.append(ChartLine(name, [_found_of(words, rows[mask])]))
    best = min(masks, key=lambda mask: rows[mask].value)
    view, hits = view_name(words, best, "view_short"), people_of(rows[best])
    noted = [n for n in study.measures["frontier"].notes if n.key == "masks_under"]
    attack = str(noted[0].values["adversary"]) if noted else "knows_mask"
    who = attack_name(words, attack)
    title = words("figure.frontier_title", who=who, view=view, n=hits, of=rows[best].n)
    return _line_chart(study, words, "frontier", lines, title, "found_axis", n=n)


def _mask(row: Row) -> str:
    return next((str(v) for v in row.part.values() if isinstance(v, str)), "")


# Number of pages drawn.
_PAGES = 10


def pages_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the information of the most telling pages about a bloc, beside chance."""
    rows = sorted(results.rows("likes", "page_tells"), key=lambda row: -row.value)[:_PAGES]
    lines = []
    for row in rows:
        kind = words.name("page_kind", row.part["page_kind"])
        bloc = words.name("value", row.part["bloc"])
        title = words("figure.pages_mark", bits=row.value, n=row.n, bloc=bloc)
        marks = _chance(words, row.baseline, "pages_chance", bits=row.baseline)
        marks.append(Mark(row.value, title, bloc, low=row.low, high=row.high))
        lines.append(ChartLine(words("figure.pages_line", page=row.part["page"], kind=kind), marks))
    title = words("figure.pages_title")
    return _line_chart(study, words, "pages", lines, title, "pages_axis") if lines else None


def gains_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the gains of the strongest adversary.

    The exact view and the first that was moved stand on one scale.
    """
    views = (results.exact(), results.masked())
    pair = [best for view in views if (best := results.best(view)) is not None]
    rows = {
        gain: [(e, row) for e in pair if (row := results.found(e, gain)) is not None]
        for gain in GAINS
    }
    first = {gain: row for gain, of in rows.items() for e, row in of[:1] if e is pair[0]}
    if not first or sum(map(len, rows.values())) < 2:
        return None  # One number is no figure.
    lines: list[ChartLine] = []
    for gain, of in rows.items():
        if of:
            hits = [(e.view, people_of(row)) for e, row in of]
            marks = _pair_of_marks(words, hits, later=bool(lines))
            lines.append(ChartLine(words(f"figure.gain_{gain}"), marks))
    n = next(iter(first.values())).n
    key = "gains_title" if {"address", "household", "person"} <= first.keys() else "gains_one"
    key += "_expected" if pair[0].expected else ""
    counted = {gain: people_of(first[gain]) if gain in first else 0 for gain in GAINS}
    who = attack_name(words, pair[0].attack, view=pair[0].view)
    title = words(f"figure.{key}", n=n, who=who, **counted)
    return _line_chart(study, words, "gains", lines, title, "people_of_axis", n=n)


def _pair_of_marks(words: Words, hits: Sequence[tuple[str, float]], later: bool) -> list[Mark]:
    same = len(hits) == 2 and hits[0][1] == hits[1][1]
    marks: list[Mark] = []
    for view, n in hits:
        masked = is_masked(view)
        label = words.count(n)
        if same:
            label = "" if marks else words("figure.both_maps", n=n)
        elif not later:
            label = words("figure.on_masked" if masked else "figure.on_exact", n=n)
        title = words("figure.on_view", n=n, view=view_name(words, view))
        look = ("ring", "grey") if masked else ("dot", "red")
        marks.append(Mark(n, title, label, *look))
    return marks


def ladder_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how often each adversary is right, and how often they claim to be."""
    view = results.masked()
    lines: list[ChartLine] = []
    for exposure, row in results.rungs(view):
        n, right, chance = row.n, people_of(row), by_chance(row)
        marks = _chance(words, row.control * n, "control_title", n=chance, of=n)
        (label,) = _step_labels(words, ("right", right), first=not lines)
        title = words("figure.right_title", n=right, of=n)
        marks.append(Mark(row.value * n, title, label, low=row.low * n, high=row.high * n))
        claims = math.isfinite(row.confidence) and not exposure.expected
        sure = times(row, "confidence", n) if claims else 0
        if claims:
            (label,) = _step_labels(words, ("sure", sure), first=not lines)
            title = words("figure.sure_title", n=sure, of=n)
            marks.append(Mark(row.confidence * n, title, label, "diamond", "blue"))
        lines.append(ChartLine(rung_name(words, exposure.attack), marks))
    if not lines:
        return None
    # The title is of the last rung, the strongest adversary.
    title = words(
        "figure.ladder_title" if claims else "figure.ladder_title_found", sure=sure, right=right,
        of=n, chance=chance, who=attack_name(words, exposure.attack), view=view_name(words, view),
    )  # fmt: skip
    return _line_chart(study, words, "ladder", lines, title, "ladder_axis", n=n)


# Other headline measures, and the title of the panel of each.
_HEADS = (
    ("whole", "chain"), ("answers_tell", "mailing"), ("leaked", "leaked"),
    ("score_tells", "likes"), ("cells_right", "cells"),
)  # fmt: skip
# Number of assumptions drawn in a panel.
_ASSUMPTIONS = 8


def chain_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many labelled accounts are left after each link, beside those by chance."""
    rows = results.rows("chain", "so_far")
    if not rows:
        return None
    n = rows[0].n
    lines = [ChartLine(words("figure.chain_labelled"), [Mark(n, words.count(n), words.count(n))])]
    left = {}
    for row in rows:
        link, hits, chance = str(row.part["link"]), people_of(row), by_chance(row)
        left[link] = hits
        marks = _chance(words, row.control * row.n, "chain_chance", n=chance, of=n)
        low, high = row.low * row.n, row.high * row.n
        title = words("figure.chain_mark", n=hits, of=n)
        marks.append(Mark(hits, title, words.count(hits), low=low, high=high))
        lines.append(ChartLine(words(f"figure.chain_{link}"), marks))
    home = left.get("location")
    title = words("story.chain") if home is None else words("figure.chain_title", of=n, n=home)
    return _line_chart(study, words, "chain", lines, title, "chain_axis")


def tornado_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw a tornado chart: each headline at both ends of each assumption's range."""
    views: dict[str, list[Row]] = {}
    for row in results.rows("sensitivity", "net"):
        views.setdefault(row.part["view"], []).append(row)
    panels = [
        _tornado(words, rows, words("figure.tornado_map", view=view_name(words, v, "view_short")))
        for v, rows in views.items()
    ]
    for measure, name in _HEADS:
        rows = results.rows("sensitivity", measure)
        panels.append(_tornado(words, rows, words(f"figure.tornado_{name}")))
    panels = [panel for panel in panels if panel.lines]
    title = words("figure.tornado_title")
    return _line_chart(study, words, "tornado", panels, title, "tornado_axis") if panels else None


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
    ranked = []
    for name, known in ends.items():
        low, high = (pick(known, key=lambda row: row.value) for pick in (min, max))
        if high.value > low.value:
            ranked.append((name, low, high))
    return sorted(ranked, key=lambda one: one[1].value - one[2].value)


def hidden_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw among how many people and addresses each share of the people is hidden.

    Each step is as many people as may be shown: a finer one would be a list of them.
    """
    best = results.best(results.masked())
    curves, medians = [], {}
    for unit, look in (("people", "red"), ("addresses", "blue")):
        if best is None or f"k_{unit}" not in best.per_person:
            continue
        k = finite(best.per_person[f"k_{unit}"])
        if len(k) < 2 * SMALL_CELL:
            continue
        # The same median as in the text.
        medians[unit] = round(percentile(best.per_person[f"k_{unit}"], 0.5).value)
        many = np.arange(SMALL_CELL, len(k) + 1, SMALL_CELL)
        name, share = words(f"figure.hidden_{unit}"), (many / len(k)).tolist()
        dashed = unit == "addresses"
        curves.append(Curve(name, k[many - 1].tolist(), share, look, dashed, marked=False))
    if not curves:
        return None
    unit, n = next(iter(medians.items()))
    title, axes = words(f"figure.hidden_title_{unit}", n=n), ("hidden_axis", "share_axis")
    return _curve_chart(study, words, "hidden", curves, title, axes, log=True)


def calibration_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the calibration of the strongest adversary."""
    views = [results.masked(), *results.exposures_on_maps()]
    best = next((best for view in views if (best := results.best(view)) is not None), None)
    if best is None or not len(best.calibration):
        return None
    part = best.calibration
    part = part[(part["gain"] == "address") & (part["n"] >= SMALL_CELL)].sort_values("confidence")
    if len(part) < 2:
        return None
    x, observed, low, high = (
        part[name].tolist() for name in ("confidence", "observed", "low", "high")
    )
    ends = [x[0], x[-1]]
    curves = [
        Curve(words("figure.observed"), x, observed, low=low, high=high),
        Curve(words("figure.honest"), ends, ends, "grey", True, marked=False),
    ]
    # A difference that chance may explain is not a finding.
    key = "within" if low[-1] <= x[-1] <= high[-1] else "title"
    who = attack_name(words, best.attack)
    title = words(f"figure.calibration_{key}", who=who, claimed=x[-1], right=observed[-1])
    axes = ("claimed_axis", "observed_axis")
    return _curve_chart(study, words, "calibration", curves, title, axes, write_x=words.tick)


def stations_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the share of people found in each polling station; small ones are withheld.

    Where places are real and people are not, stations are A, B, C.
    """
    best = results.best(results.masked())
    if best is None or "station" not in best.per_person:
        return None
    rows = pd.DataFrame(best.printed_by("station").xs("address", level="gain"))
    known = rows[~rows["withheld"].astype(bool)].sort_values("value", ascending=False)
    if len(known) < 2:
        return None
    hide = study.real_places and study.provenance == "simulated"
    lines: list[ChartLine] = []
    for place, (station, row) in enumerate(known.iterrows()):
        name = words("figure.station", name=chr(65 + place % 26) if hide else str(station))
        value, low, high = (float(row[end]) for end in ("value", "low", "high"))
        mark = Mark(value, words.percent(value), words.percent(value), low=low, high=high)
        lines.append(ChartLine(f"{name} ({words.counted(row['n'], 'people')})", [mark]))
    title = words(
        "figure.stations_title", who=attack_name(words, best.attack), n=len(lines),
        view=view_name(words, results.masked()), withheld=len(rows) - len(known),
    )  # fmt: skip
    return _line_chart(study, words, "stations", lines, title, "stations_axis", write=words.tick)


# Number of lines drawn in each panel.
_MOST_KINDS = 6


def linked_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw the share known from one file alone, and from both."""
    named = identity_row(results)
    if named is None or not adds(named):
        return None
    file = named.part.get("file")
    panels: list[Panel] = []
    for measure, head in (("dot_tells", "linked_dots"), ("record_tells", "linked_records")):
        rows = _of_file(results, measure, file)
        rows = sorted(filter(adds, rows), key=lambda row: row.baseline - row.value)[:_MOST_KINDS]
        if rows:
            lines = [_linked_line(words, row, not panels and row is rows[0]) for row in rows]
            panels.append(Panel(lines, head=words(f"figure.{head}", n=rows[0].n)))
    if not panels:
        return None
    title = _linked_title(words, named, _of_file(results, "dot_named", file))
    return _line_chart(study, words, "linked", panels, title, "linked_axis", write=words.tick)


def _of_file(results: ResultLookup, measure: str, file: Any) -> list[Row]:
    """Return the rows of a measure that are about one pair of files."""
    return [row for row in results.rows("linked", measure) if row.part.get("file") == file]


def _linked_title(words: Words, named: Row, joins: Sequence[Row]) -> str:
    """Return the title: dots that get a name, beside those named by chance.

    Not the difference: a table that holds everybody of the map is right wherever one person fits,
    and yet names as many dots of people who are taken out of it.
    """
    if joins and has_control(joins[-1]):
        last = joins[-1]
        values = {"chance": by_chance(last), "n": hits_of(last), "of": last.n}
        return words("figure.linked_title_beside", **values)
    before, after = times(named, "baseline", named.n), hits_of(named)
    return words("figure.linked_title", before=before, after=after, of=named.n)


def _linked_line(words: Words, row: Row, first: bool) -> ChartLine:
    """Return the line from the share of one file to the share of both."""
    marks = []
    for key, share, look in (
        ("alone", row.baseline, ("ring", "grey")), ("both", row.value, ("dot", "red")),
    ):  # fmt: skip
        text = words.percent(share, short=True)
        label = words(f"figure.{key}_label", value=text) if first else text
        marks.append(Mark(share, words(f"figure.{key}_title", value=text), label, *look))
    return ChartLine(capital(words.name("held", row.part["what"])), marks, joined=True)


def unicity_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw unicity by the number of known points, beside the control."""
    points = unicity_rows(results)
    if len(points) < 2:
        return None
    x, rows = [known for known, _ in points], [row for _, row in points]
    curves = [Curve.of(words("figure.unicity_found"), x, rows)]
    controls = [row.control for row in rows]
    if not all(map(math.isnan, controls)):
        curves.append(Curve(words("figure.unicity_control"), x, controls, "grey", True))
    known, row = half_singled_out(points)
    window = str(row.part.get("window", "no_time"))
    key = "unicity_title" if math.isnan(row.residual) else "unicity_title_net"
    key += "" if window == "no_time" else "_when"
    title = words(
        f"figure.{key}", points=known, n=people_of(row), of=row.n,
        control=by_chance(row), window=words.name("part", window),
    )  # fmt: skip
    axes = ("points_axis", "unicity_axis")
    return _curve_chart(study, words, "unicity", curves, title, axes)
