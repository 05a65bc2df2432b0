"""Charts of measures: who else is touched, who sees the map, what mending saves, a table's keys.

- Charts of the ways in which a map leaks, and of the masks compared.
- What likes tell, drawn: the pages that give a bloc away.
- What is found: from an address to a person, and by who knows how much.
- The chain from a like to a knock, and how far the headline moves with what is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from privaudit.report.names import attack_name, capital, is_masked, note_text, rung_name, view_name
from privaudit.report.sentences import Told, by_chance, hits_of, net, net_hits, net_interval, whole
from privaudit.results.charts import ChartLine, Curve, Mark, Panel, curve_chart, line_chart
from privaudit.results.painter import Display
from privaudit.results.rows import GAINS, Row
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.report.mitigations import Remedy
    from privaudit.studies.study import Study

TIERS = ("any_account", "turf", "stolen_phone", "team", "whole_file")


def others_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw who lives behind marked doors and never did anything, beside doors drawn at random."""
    lines: list[ChartLine] = []
    for measure in ("adults_never_interacted", "minors_never_interacted"):
        row = told.row("household", measure)
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
    wrong = told.row("household", "wrong_labels")
    if wrong is not None and lines:
        n = whole(wrong.value, wrong.n)
        title = words("figure.wrong_title", n=n, of=wrong.n)
        mark = Mark(wrong.value * wrong.n, title, words.count(n))
        lines.append(ChartLine(words("figure.wrong_labels"), [mark]))
    if not lines:
        return None
    adults = told.row("household", "adults_never_interacted")
    minors = told.row("household", "minors_never_interacted")
    title = words(
        "figure.others_title",
        adults=adults.value if adults else 0,
        minors=minors.value if minors else 0,
    )
    return line_chart(
        "others", words, study.provenance, title=title, panels=[Panel(lines)],
        write=words.count, axis=words("figure.people_axis"),
    )  # fmt: skip


def access_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many people each tier of access shows, before and after the restriction."""
    lines: list[ChartLine] = []
    for tier in TIERS:
        before, after = (_tier(told, moment, tier) for moment in ("before", "after"))
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
    return line_chart(
        "access", words, study.provenance,
        title=words("figure.access_title", before=before, after=after), panels=[Panel(lines)],
        write=words.count, axis=words("figure.access_axis"),
    )  # fmt: skip


def _tier(told: Told, moment: str, tier: str) -> int | None:
    row = told.row("tiers", "people", moment, tier)
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
    return line_chart(
        "mend", words, study.provenance,
        title=words("figure.mend_title", name=lines[0].name, before=before, after=after),
        panels=[Panel(lines)], write=words.count, axis=words(f"figure.mend_axis_{kind}"),
    )  # fmt: skip


def shown_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many dots show each kind of thing beside them, the most first."""
    rows = sorted(told.rows("properties", "shown"), key=lambda row: -row.value)
    if not rows:
        return None
    lines = []
    for row in rows:
        n = hits_of(row)
        said = words("figure.shown_mark", n=n, of=row.n)
        name = capital(words.name("held", row.part["what"]))
        lines.append(ChartLine(name, [Mark(n, said, words.count(n))]))
    n, of = hits_of(rows[0]), rows[0].n
    what = words.name("held", rows[0].part["what"])
    return line_chart(
        "shown", words, study.provenance, title=words("figure.shown_title", of=of, n=n, what=what),
        panels=[Panel(lines)], write=words.count, axis=words("figure.shown_axis", n=of),
    )  # fmt: skip


def classes_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many records of a table share their keys with how many others."""
    rows = [row for row in told.rows("table", "classes_of") if "least" in row.part]
    # Of several tables, the one that most are alone in; one figure is never of two.
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
    return line_chart(
        "classes", words, study.provenance, title=words("figure.classes_title", n=alone),
        panels=[Panel(lines)], write=words.count, axis=words("figure.classes_axis"),
    )  # fmt: skip


def country_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many residents of 100 are alone, or among few, with what is known of them."""
    lines: list[ChartLine] = []
    for row in told.rows("country", ("unique", "class_under")):
        said = words.percent(row.value)
        mark = Mark(row.value, said, said, low=row.low, high=row.high)
        name = words(f"figure.country_{row.measure}", n=row.part.get("threshold", 2))
        lines.append(ChartLine(name, [mark]))
    if not lines:
        return None
    return line_chart(
        "country", words, study.provenance,
        title=words("figure.country_title", value=lines[0].marks[0].label),
        panels=[Panel(lines)], write=words.tick, axis=words("figure.country_axis"),
    )  # fmt: skip


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


# Pages that the figure has room for: those that tell most.
_LINES = 10


def pages_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw what touching each of the most telling pages says of a bloc, beside chance."""
    rows = sorted(told.rows("likes", "page_tells"), key=lambda row: -row.value)[:_LINES]
    if not rows:
        return None
    return line_chart(
        "pages", words, study.provenance, title=words("figure.pages_title"),
        panels=[Panel([_line(words, row) for row in rows])], write=words.count,
        axis=words("figure.pages_axis"),
    )  # fmt: skip


def _line(words: Words, row: Row) -> ChartLine:
    kind = words.name("page_kind", row.part["page_kind"])
    bloc = words.name("value", row.part["bloc"])
    title = words("figure.pages_mark", bits=row.value, n=row.n, bloc=bloc)
    marks = [Mark(row.value, title, bloc, low=row.low, high=row.high)]
    if math.isfinite(row.baseline):
        chance = words("figure.pages_chance", bits=row.baseline)
        marks.insert(0, Mark(row.baseline, chance, "", "tick", "grey"))
    return ChartLine(words("figure.pages_line", page=row.part["page"], kind=kind), marks)


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


# Headlines beside those of a map, and the head of each one's panel.
_HEADS = (
    ("whole", "chain"), ("answers_tell", "mailing"), ("leaked", "leaked"),
    ("score_tells", "likes"), ("cells_right", "cells"),
)  # fmt: skip
# Assumptions that a panel has room for: those that move its headline most.
_LINES_chain_chart = 8


def chain_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how many labelled accounts are left after each link, beside those by chance."""
    rows = [row for row in told.rows("chain", "so_far") if math.isfinite(row.value)]
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
            said = words("figure.chain_chance", n=chance, of=n)
            marks.insert(0, Mark(row.control * n, said, "", "tick", "grey"))
        lines.append(ChartLine(words(f"figure.chain_{link}"), marks))
    title = words("figure.chain_title", of=n, n=left.get("location", 0))
    return line_chart(
        "chain", words, study.provenance, title=title, panels=[Panel(lines)],
        write=words.count, axis=words("figure.chain_axis"),
    )  # fmt: skip


def tornado_chart(study: Study, words: Words, told: Told) -> Display | None:
    """Draw how far each headline moves at both ends of an assumption's range, the widest first."""
    on_map = told.rows("sensitivity", "net")
    panels = []
    for view in dict.fromkeys(row.part["view"] for row in on_map):
        head = words("figure.tornado_map", view=view_name(words, view, "view_short"))
        panels.append(_tornado(words, [r for r in on_map if r.part["view"] == view], head))
    for measure, name in _HEADS:
        rows = told.rows("sensitivity", measure)
        panels.append(_tornado(words, rows, words(f"figure.tornado_{name}")))
    panels = [panel for panel in panels if panel.lines]
    if not panels:
        return None
    return line_chart(
        "tornado", words, study.provenance, title=words("figure.tornado_title"), panels=panels,
        write=words.count, axis=words("figure.tornado_axis"),
    )  # fmt: skip


def _tornado(words: Words, rows: list[Row], head: str) -> Panel:
    lines = []
    for name, *ends in moved_most(rows)[:_LINES_chain_chart]:
        marks = []
        for row in sorted(ends, key=lambda row: row.part["at"]):
            at, moved = row.part["at"], row.value - row.baseline
            text = words.count(at) if isinstance(at, int) else words.value(at, "share", short=True)
            title = words("figure.tornado_mark", at=text, moved=words.points(moved))
            marks.append(Mark(100 * moved, title, text, "ring", "grey"))
        lines.append(ChartLine(words.name("assumption", name), marks, joined=True))
    return Panel(lines, head)


def moved_most(rows: Sequence[Row]) -> list[tuple[str, Row, Row]]:
    """Return each assumption with the lowest and the highest of its rows, what moves most first.

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
