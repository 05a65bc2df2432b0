"""Charts of a report: one function a figure, drawn from rows that may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.answers import LEADING_KINDS, adds, identity_row, unicity_rows
from privaudit.report.mitigations import OF_KEYS, cost_of, has_range
from privaudit.report.names import attack_name, capital, is_masked, note_text, rung_name, view_name
from privaudit.report.sentences import (
    ResultLookup,
    by_chance,
    finite,
    has_control,
    hits_of,
    is_at_most,
    people_of,
    times,
)
from privaudit.results.amounts import MOST_STEPS, Amount, FlowPlot, NestedUnits, Stage, UnitPlot
from privaudit.results.line_charts import (
    ChartLine,
    Curve,
    LinePlot,
    Mark,
    Panel,
    curve_chart,
    key_of,
    line_chart,
)
from privaudit.results.painter import Display, compose
from privaudit.results.rows import GAINS, Row
from privaudit.stats.intervals import percentile
from privaudit.words.catalogues import Words, without_marks

if TYPE_CHECKING:
    from privaudit.report.mitigations import Remedy
    from privaudit.studies.study import Study

TIERS = ("any_account", "turf", "stolen_phone", "team", "whole_file")


def _line_chart(
    study: Study, words: Words, name: str, lines: Sequence[ChartLine | Panel], title: str,
    axis: str, write: Callable[[float], str] | None = None, **values: Any,
) -> Display:  # fmt: skip
    """Draw lines or panels of lines with a catalogued axis, in whole counts by default.

    A tick is of people who are not on the map.
    """
    panels = [one for one in lines if isinstance(one, Panel)]
    panels = panels or [Panel([one for one in lines if isinstance(one, ChartLine)])]
    return line_chart(
        name, words, study.provenance, title=title, panels=panels, write=write or words.count,
        axis=words(f"figure.{axis}", **values), least=0.0 if write else 1.0,
        key=key_of(panels, words("figure.key_absent"), words("figure.key_interval")),
        whole=values.get("n", math.nan),
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
    """Draw the people and homes behind marked doors to count, beside random doors."""
    lines: list[tuple[str, list[Amount]]] = []
    counted: dict[str, float] = {}
    for measure, who, shape in (
        ("households_one_interacted", "", "home"),
        ("adults_never_interacted", "adults", "person"),
        ("minors_never_interacted", "minors", "child"),
    ):
        row = results.row("household", measure)
        if row is not None:
            of = math.nan if who else row.n
            counted |= {who: row.value} if who else {}
            amounts = _amounts(words, row, shape, first=not lines, of=of)
            lines.append((words(f"figure.{measure}"), amounts))
    if "adults" not in counted:
        return None
    wrong = results.row("household", "wrong_labels")
    if wrong is not None:
        n = people_of(wrong)
        title = words("figure.wrong_title", n=n, of=wrong.n)
        label = words("figure.found_of", n=n, of=wrong.n)
        lines.append((words("figure.wrong_labels"), [Amount(n, label, title, of=wrong.n)]))
    # A number that is withheld is not 0.
    title = words(f"figure.others_title{'' if 'minors' in counted else '_adults'}", **counted)
    plot = UnitPlot(lines=lines, note=lambda each: words("figure.units_axis", n=each))
    return compose("others", words, study.provenance, title=title, parts=[plot])


def _amounts(
    words: Words, row: Row, shape: str, *, first: bool = False, of: float = math.nan
) -> list[Amount]:
    """Return how many are counted here, and behind as many random doors where that is known."""
    amounts = []
    for field, doors, colour in (("value", "marked", "red"), ("baseline", "random", "grey")):
        if math.isfinite(getattr(row, field)):
            n = times(row, field, 1)
            title, label = words(f"figure.{doors}_title", n=n), words.count(n)
            label = words(f"figure.{doors}_label", n=n) if first else label
            amounts.append(Amount(n, label, title, shape, colour, of))
    return amounts


def access_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many people each tier of access shows, before and after the restriction."""
    lines: list[ChartLine] = []
    same: list[str] = []
    for tier in TIERS:
        rows = [results.row("tiers", "people", moment, tier) for moment in ("before", "after")]
        before, after = (None if row is None else times(row, "value", 1) for row in rows)
        if before is None or after is None:
            continue
        name = words(f"figure.tier_{tier}")
        if before == after:
            same.append(words("figure.unchanged", who=name[:1].lower() + name[1:], n=after))
            continue
        first, then = _step_labels(words, ("before", before), ("after", after), first=not lines)
        lines.append(ChartLine(name, [
            Mark(before, words("figure.before_title", n=before), first),
            Mark(after, words("figure.after_title", n=after), then, "ring", "teal"),
        ], joined=True))  # fmt: skip
    if not lines:
        return None
    first_line = [mark.value for mark in lines[0].marks]
    title = words("figure.access_title", before=first_line[0], after=first_line[1])
    axis = words("figure.access_same", axis=words("figure.access_axis"), same=", ".join(same))
    axis = axis if same else words("figure.access_axis")
    return line_chart(
        "access", words, study.provenance, title=title, panels=[Panel(lines)], write=words.count,
        axis=axis, least=1.0,
    )  # fmt: skip


def mend_chart(
    study: Study, words: Words, remedies: Sequence[Remedy], results: ResultLookup
) -> Display | None:
    """Draw each remedy as a step from the number before to the number after, with what it costs.

    Each unit has a panel with its own head; those of as many share a scale.
    """
    if not remedies:
        return None
    units: dict[str, list[ChartLine]] = {}
    heads: dict[str, tuple[str, float]] = {}
    absent = "control_title" if study.kind in ("demo", "map") else "control_title_file"
    for remedy in remedies:
        before, after = remedy.pair
        action, n = remedy.action, remedy.before.n
        values: dict[str, Any] = {"of": n, "counts": remedy.before.counts}
        if action.key == "mend_mask":
            values["who"] = attack_name(words, _adversary_on(study, action.values["mask"]))
        if action.key in ("mend_withhold_property", "mend_drop_beside"):
            values["what"] = words.name("held", action.values["what"])
        unit = "mend_alone" if action.key in OF_KEYS else action.key
        head = words(f"figure.{unit}", **values)
        # Remedies of one unit quote its denominator from a finding each.
        plain = without_marks(head)
        heads.setdefault(plain, (head, n))
        lines = units.setdefault(plain, [])
        first = not lines and len(units) == 1
        most = "_most" if is_at_most(remedy.after) else ""
        mended = ("mended" + most, after)
        labels = _step_labels(words, ("today", before), mended, first=first or bool(most))
        row, lucky, ranged = remedy.after, by_chance(remedy.after), has_range(remedy)
        ends = [(one.low, one.high) if ranged else () for one in (remedy.before, row)]
        if action.key == "mend_mask" and not row.worst_case:
            ends = [(one.low * one.n, one.high * one.n) for one in (remedy.before, row)]
        said = [_ends(words, one) if ranged else "" for one in (remedy.before, row)]
        lines.append(ChartLine(note_text(words, action).rstrip("."), [
            *_chance(words, row.control * row.n, absent, n=lucky, of=row.n),
            Mark(before, words("figure.today_title", n=before) + said[0], labels[0], "dot", "red",
                 *ends[0]),
            Mark(after, words(f"figure.mended{most}_title", n=after) + said[1], labels[1], "ring",
                 "teal", *ends[1]),
        ], joined=not ranged, apart=ranged, note=cost_of(words, results, remedy)))  # fmt: skip
    best, head = remedies[0], next(iter(heads.values()))[0]
    most = "_most" if is_at_most(best.after) else ""
    ranges = [_ends(words, one) if has_range(best) else "" for one in (best.before, best.after)]
    values = dict(zip(("before", "after", "now", "then"), (*best.pair, *ranges), strict=True))
    title = words(f"figure.mend{most}_title", head=head, **values)
    panels: dict[float, list[Panel]] = {}
    for (unit, n), lines in zip(heads.values(), units.values(), strict=True):
        panels.setdefault(n, []).append(Panel(lines, unit, titled=unit == head))
    parts, chance = list[LinePlot](), words("figure.mend_chance")
    for n, some in panels.items():
        ranged = any(line.apart for panel in some for line in panel.lines)
        key = key_of(some, chance, words(f"figure.key_{'range' if ranged else 'interval'}"))
        parts.append(LinePlot(panels=some, write=words.count, least=1.0, whole=n, key=key))
    return compose("mend", words, study.provenance, title=title, parts=parts)


def _ends(words: Words, row: Row) -> str:
    """Return the range of a row in brackets; "" for none."""
    low, high = (words.count(times(row, name, 1)) for name in ("low", "high"))
    return f" ({words('number.range', low=low, high=high)})" if row.low < row.high else ""


def _adversary_on(study: Study, view: str) -> str:
    """Return the strongest adversary on a view, who also decides what its mask is worth."""
    attacks = [e.attack for e in study.exposures if e.view == view and e.reliable]
    return attacks[-1] if attacks else _sweeping(study)


def _sweeping(study: Study) -> str:
    """Return the adversary that the masks of the frontier were tried against."""
    notes = study.measures["frontier"].notes if "frontier" in study.measures else ()
    noted = [str(n.values["adversary"]) for n in notes if n.key == "masks_under"]
    return noted[0] if noted else "knows_mask"


def _step_labels(words: Words, *steps: tuple[str, float], first: bool) -> list[str]:
    """Return the labels of the numbers of a line, in full on the first line only."""
    return [words(f"figure.{key}_label", n=n) if first else words.count(n) for key, n in steps]


def shown_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many dots show each property, the most frequent first."""
    rows = sorted(results.rows("properties", "shown"), key=lambda row: -row.value)
    if not rows:
        return None
    files: dict[str, list[ChartLine]] = {}
    for row in rows:
        line = held_bar(words, row, "shown_mark")
        files.setdefault(str(row.part.get("file", "")), []).append(line)
    # Of several maps, each has a panel: a kind may stand in both.
    panels = [Panel(lines, file if len(files) > 1 else "") for file, lines in files.items()]
    first = next((row for row in rows if row.part["what"] in LEADING_KINDS), rows[0])
    of, what = first.n, words.name("held", first.part["what"])
    title = words("figure.shown_title", of=of, n=hits_of(first), what=what)
    axis = "shown_axis" if len({row.n for row in rows}) == 1 else "shown_axis_each"
    return _line_chart(study, words, "shown", panels, title, axis, n=of)


def held_bar(words: Words, row: Row, title: str) -> ChartLine:
    """Return how many of a row have a property as a bar, of all of them."""
    n = hits_of(row)
    mark = Mark(n, words(f"figure.{title}", n=n, of=row.n), words.count(n), "bar")
    return ChartLine(capital(words.name("held", row.part["what"])), [mark], whole=row.n)


def country_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw residents to count: those alone, and among few, with what is known of them."""
    rows = sorted(results.rows("country", ("unique", "class_under")), key=lambda row: row.value)
    rows = [row for row in rows if math.isfinite(row.value)][:MOST_STEPS]
    if not rows:
        return None
    of = next((n for n in _RESIDENTS if rows[0].value * n >= 1), _RESIDENTS[-1])
    steps = []
    for row in rows:
        name = words(f"figure.country_{row.measure}", n=row.part.get("threshold", 2))
        key = "country_between" if row.low < row.high else "country_share"
        label = words(f"figure.{key}", name=name, share=row.value, low=row.low, high=row.high)
        steps.append(Amount(times(row, "value", of), label, name, of=of, share=row.value))
    plot = NestedUnits(steps=steps, rest=words("figure.country_rest"),
                       note=lambda each: words("figure.country_unit", n=of))  # fmt: skip
    unique = next((row for row in rows if row.measure == "unique"), rows[0])
    title = words("figure.country_title", value=words.value(unique.value, "share"))
    return compose("country", words, study.provenance, title=title, parts=[plot])


# Residents that are drawn to count: the fewest of whom one or more is alone.
_RESIDENTS = (100, 500)


def _points(rows: Iterable[Row]) -> tuple[list[float], list[Row]]:
    """Return the rows with a single numeric parameter, and that number, in its order."""
    points = []
    for row in rows:
        numbers = [v for v in row.part.values() if isinstance(v, (int, float)) and v >= 1]
        if len(numbers) == 1 and math.isfinite(row.value):
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
        ChartLine(words("figure.metres_a_pixel", metres=x), _found_marks(words, row))
        for x, row in zip(metres, rows, strict=True)
    ]
    # `audit_pictures` takes the nearest address to each dot.
    values = {"n": people_of(rows[-1]), "of": n, "who": attack_name(words, "nearest")}
    title = words("figure.screenshots_title", metres=metres[-1], **values)
    return _line_chart(study, words, "screenshots", lines, title, "found_axis", n=n)


def _control_tick(words: Words, row: Row) -> list[Mark]:
    """Return the tick of those found by chance, of the people of a row."""
    return _chance(words, row.control * row.n, "control_title", n=by_chance(row), of=row.n)


def _found_marks(words: Words, row: Row, shape: str = "dot", colour: str = "red") -> list[Mark]:
    """Return those found by chance, and the people found, of all, with their interval."""
    hits = people_of(row)
    title, ends = words("figure.found_of", n=hits, of=row.n), (row.low * row.n, row.high * row.n)
    found = Mark(hits, title, words.count(hits), shape, colour, *ends)
    return [*_control_tick(words, row), found]


def copies_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how near the mean of several copies comes, blurred anew and blurred once."""
    curves, ends = [], list[Row]()
    for kind, look in (("fresh", "red"), ("persistent", "teal")):
        copies, rows = _points(results.rows("copies", "error", kind))
        if len(rows) > 1:
            name, dashed = words(f"figure.copies_{kind}"), kind == "persistent"
            curves.append(Curve.of(name, copies, rows, look, dashed=dashed))
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
    for moment, look in (("before", "red"), ("after", "teal")):
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
        lines.append(ChartLine(name, _found_marks(words, rows[mask])))
    best = min(masks, key=lambda mask: rows[mask].value)
    view, hits = view_name(words, best, "view_short"), people_of(rows[best])
    who = attack_name(words, _sweeping(study))
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
    if not lines:
        return None
    title = words("figure.pages_title", bits=rows[0].value)
    panels = [Panel(lines)]
    return line_chart(
        "pages", words, study.provenance, title=title, panels=panels, write=words.count,
        axis=words("figure.pages_axis"),
        key=key_of(panels, words("figure.pages_most"), words("figure.key_interval")),
    )  # fmt: skip


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
    panels = []
    for best in pair:
        look = ("ring", "teal") if is_masked(best.view) else ()
        lines = [
            ChartLine(words(f"figure.gain_{gain}"), _found_marks(words, row, *look))
            for gain, of in rows.items() for e, row in of if e is best
        ]  # fmt: skip
        panels.append(Panel(lines, capital(view_name(words, best.view, "view_short"))))
    n = next(iter(first.values())).n
    key = "gains_title" if {"address", "household", "person"} <= first.keys() else "gains_one"
    key += "_expected" if pair[0].expected else ""
    counted = {gain: people_of(first[gain]) if gain in first else 0 for gain in GAINS}
    who = attack_name(words, pair[0].attack, pair[0].copies, pair[0].view)
    title = words(f"figure.{key}", n=n, who=who, **counted)
    return _line_chart(study, words, "gains", panels, title, "people_of_axis", n=n)


def ladder_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how often each adversary is right, and how often they claim to be."""
    view = results.masked()
    lines: list[ChartLine] = []
    for exposure, row in results.rungs(view):
        n, right, marks = row.n, people_of(row), _control_tick(words, row)
        (label,) = _step_labels(words, ("right", right), first=not lines)
        title = words("figure.right_title", n=right, of=n)
        marks.append(Mark(row.value * n, title, label, low=row.low * n, high=row.high * n))
        claims = math.isfinite(row.confidence) and not exposure.expected
        sure = times(row, "confidence", n) if claims else 0
        if claims:
            (label,) = _step_labels(words, ("sure", sure), first=not lines)
            title = words("figure.sure_title", n=sure, of=n)
            marks.append(Mark(row.confidence * n, title, label, "diamond", "blue"))
        # From accuracy to claimed confidence: the calibration error of an adversary.
        lines.append(
            ChartLine(rung_name(words, exposure.attack, exposure.copies), marks, joined=claims)
        )
    if not lines:
        return None
    # The title is of the last rung, the strongest adversary.
    title = words(
        "figure.ladder_title" if claims else "figure.ladder_title_found", sure=sure, right=right,
        of=n, chance=by_chance(row), who=attack_name(words, exposure.attack, exposure.copies),
        view=view_name(words, view),
    )  # fmt: skip
    return _line_chart(study, words, "ladder", lines, title, "people_of_axis", n=n)


# Other headline measures, and the title of the panel of each.
_HEADS = (
    ("whole", "chain"), ("answers_tell", "mailing"), ("leaked", "leaked"),
    ("score_tells", "likes"), ("cells_right", "cells"),
)  # fmt: skip
# Number of assumptions drawn in a panel.
_ASSUMPTIONS = 8


def chain_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw labelled accounts as a flow through the links, with who is lost and who is chance."""
    rows = results.rows("chain", "so_far")
    if not rows:
        return None
    n = rows[0].n
    stages = [Stage(name=words("figure.chain_labelled"), count=n, title=words.count(n),
                    label=words.count(n))]  # fmt: skip
    left = {}
    for row in rows:
        link, hits, chance = str(row.part["link"]), people_of(row), by_chance(row)
        left[link] = hits
        fallen = results.row("chain", "lost", link)
        lost = stages[-1].count - hits if fallen is None else people_of(fallen)
        known = math.isfinite(row.control)
        # Spelt out once: the note below explains grey.
        said = words("figure.chain_chance", n=chance) if len(stages) == 1 else words.count(chance)
        stages.append(Stage(
            name=words(f"figure.chain_{link}"), count=hits, label=words.count(hits),
            title=words("figure.chain_mark", n=hits, of=n),
            chance=chance if known else math.nan,
            chance_label=said if known else "",
            low=row.low * n, high=row.high * n, lost=lost,
            lost_label="" if fallen is None else words(f"figure.lost_{link}", n=lost),
        ))  # fmt: skip
    home = left.get("location")
    title = words("story.chain") if home is None else words("figure.chain_title", of=n, n=home)
    plot = FlowPlot(stages=stages, note=words("figure.chain_axis"))
    return compose("chain", words, study.provenance, title=title, parts=[plot])


def ways_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many people of the map each way in finds at their address, beside chance."""
    rows: dict[str, Row | None] = {"search": results.row("look_up", "address_found")}
    metres, pictures = _points(results.rows("screenshots", "reidentified"))
    for at in dict.fromkeys((0, len(metres) - 1)) if metres else ():  # The finest and the coarsest.
        rows[words("figure.ways_picture", metres=metres[at])] = pictures[at]
    rows["copies"] = results.row("copies", "reidentified", _COPIES, "fresh")
    for row in results.rows("leak", "addresses_found"):
        accounts, moment = row.part.get("accounts"), row.part.get("moment")
        if accounts == _ACCOUNTS:
            rows[f"leak_{moment}"] = row
    known = {key: row for key, row in rows.items() if row is not None}
    n = max((row.n for row in known.values()), default=0)
    lines = []
    for key, row in known.items():
        if row.n != n:
            continue  # Another denominator is another unit.
        named = words.has(f"figure.ways_{key}")
        name = words(f"figure.ways_{key}") if named else key
        hits = people_of(row)
        colour = "teal" if key == "leak_after" else "red"
        title = words("figure.found_of", n=hits, of=row.n)
        bar = Mark(hits, title, words.count(hits), "bar", colour, row.low * n, row.high * n)
        marks = _chance(words, row.control * n, "control_title", n=by_chance(row), of=n)
        lines.append(ChartLine(name, [bar, *marks], whole=n))
    if len(lines) < 2:
        return None
    most = max(lines, key=lambda line: line.marks[0].value)
    title = words("figure.ways_title", n=most.marks[0].value, of=n, how=most.name)
    return _line_chart(study, words, "ways", lines, title, "people_of_axis", n=n)


# Accounts of the scenario of a leak, as in the text beside the figure.
_ACCOUNTS, _COPIES = 100, 10


def tornado_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw a tornado chart: each headline at both ends of each assumption's range."""
    heads: dict[str, list[Row]] = {}
    for row in results.rows("sensitivity", "net"):
        view = view_name(words, row.part["view"], "view_short")
        heads.setdefault(words("figure.tornado_map", view=view), []).append(row)
    for measure, name in _HEADS:
        heads[words(f"figure.tornado_{name}")] = results.rows("sensitivity", measure)
    panels = [_tornado(words, rows, head) for head, rows in heads.items()]
    panels = [panel for panel in panels if panel.lines]
    size = results.row("sensitivity", "inhabitants")
    if not panels or size is None:
        return None
    # Of all that were tried: one may move less than those drawn, and beyond a narrower interval.
    tried = [one for rows in heads.values() for one in moved_most(rows)]
    gaps = [high.low - low.high for _, low, high in tried]
    beyond = dict.fromkeys(one[0] for one, gap in zip(tried, gaps, strict=True) if gap > 0)
    names = [words.name("assumption", name) for name in beyond]
    known = all(map(math.isfinite, gaps))
    key = "beyond" if names else "within" if known else "title"
    title = words(f"figure.tornado_{key}", what=", ".join(names))
    of: dict[str, Any] = {"towns": size.n, "inhabitants": size.value}
    file = results.row("sensitivity", "on_map")
    axis = "tornado_axis" if file is None else "tornado_axis_maps"
    of |= {} if file is None else {"file": file.value}
    return _line_chart(study, words, "tornado", panels, title, axis, write=words.count, **of)


def _tornado(words: Words, rows: list[Row], head: str) -> Panel:
    lines = []
    for name, *both in moved_most(rows)[:_ASSUMPTIONS]:
        marks = []
        for row in sorted(both, key=lambda row: row.part["at"]):
            at, moved = row.part["at"], row.value - row.baseline
            # Homes are no share; no share is above 1.
            number = isinstance(at, int) or at > 1
            text = words.count(at) if number else words.value(at, "share", short=True)
            title = words("figure.tornado_mark", at=text, moved=words.points(moved))
            low, high = (100 * (end - row.baseline) for end in (row.low, row.high))
            marks.append(Mark(100 * moved, title, text, "dot", "ink", low, high))
        lines.append(ChartLine(words.name("assumption", name), marks, apart=True))
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
    for unit, look in (("people", "red"), ("addresses", "orange")):
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
    who = "" if best is None else attack_name(words, best.attack, best.copies)
    title = words(f"figure.hidden_title_{unit}", n=n, who=who)
    axes = ("hidden_axis", "share_axis")
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
        Curve(words("figure.honest"), ends, ends, "blue", True, marked=False),
    ]
    # A difference that chance may explain is not a finding.
    key = "within" if low[-1] <= x[-1] <= high[-1] else "title"
    who = attack_name(words, best.attack, best.copies)
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
        "figure.stations_title", who=attack_name(words, best.attack, best.copies), n=len(lines),
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


# What it takes to be sure.
_SURE = 0.9


def unicity_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw unicity by the number of known points, and how many of them make it sure."""
    points = unicity_rows(results)
    if len(points) < 2:
        return None
    x, rows = [known for known, _ in points], [row for _, row in points]
    curves = [Curve.of(words("figure.unicity_found"), x, rows)]
    controls = [row.control for row in rows]
    if not all(map(math.isnan, controls)):
        curves.append(Curve(words("figure.unicity_control"), x, controls, "grey", True))
    needed = needed_of(points)
    known, row = points[-1] if needed is None else needed
    window = str(row.part.get("window", "no_time"))
    key = f"unicity_{'short' if needed is None else 'sure'}"
    key += "" if math.isnan(row.residual) else "_net"
    title = words(
        f"figure.{key}", points=known, n=people_of(row), of=row.n, control=by_chance(row),
        window="" if window == "no_time" else f" {words.name('part', window)}",
    )  # fmt: skip
    axes = ("points_axis", "unicity_axis")
    at = () if needed is None else (known,)
    return _curve_chart(study, words, "unicity", curves, title, axes, levels=(_SURE,), verticals=at)


def needed_of(points: Sequence[tuple[float, Row]]) -> tuple[float, Row] | None:
    """Return the fewest known points that single out nine people in ten, with their row."""
    return next((one for one in points if one[1].value >= _SURE), None)


def likes_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how often a label is right by how many contacts it rests on, beside nine in ten."""
    lines = []
    rows = [row for row in results.rows("likes", "party_right") if "contacts" in row.part]
    for row in rows:
        contacts = str(row.part["contacts"])
        marks = _chance(words, row.baseline, "likes_blind", share=row.baseline)
        text = words.percent(row.value, short=True)
        title = words("figure.found_of", n=people_of(row), of=row.n)
        marks.append(Mark(row.value, title, text, low=row.low, high=row.high))
        lines.append(ChartLine(words(f"figure.likes_{contacts}"), marks))
    if len(lines) < 2:
        return None
    pairs = [*zip(lines, rows, strict=True)]
    sure = next((one for one in pairs if one[1].value >= _SURE), None)
    line, row = sure or pairs[-1]
    title = words(f"figure.likes_{'sure' if sure else 'short'}", n=people_of(row), of=row.n,
                  contacts=line.name)  # fmt: skip
    panels = [Panel(lines)]
    key = key_of(panels, words("figure.likes_common"), words("figure.key_interval"))
    plot = LinePlot(panels=panels, write=words.tick, axis=words("figure.likes_axis"),
                    level=_SURE, key=key)  # fmt: skip
    return compose("likes", words, study.provenance, title=title, parts=[plot])
