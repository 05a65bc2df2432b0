"""The page: one HTML file that loads nothing, runs nothing, and says where its numbers end."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

from privaudit.exposure.results import Exposure, Measures
from privaudit.reporting.charts import (
    calibration_chart,
    candidates_chart,
    strongest,
)
from privaudit.reporting.dot_charts import hidden_chart, moved_map, one_dot_chart, stations_chart
from privaudit.reporting.families import Block, chapters_of, row_of, sections_of
from privaudit.reporting.findings import Finding, versions, without_folders
from privaudit.reporting.ladder_chart import ladder_chart
from privaudit.reporting.log_charts import unicity_chart
from privaudit.reporting.maps import area_map, town_map
from privaudit.reporting.measure_charts import access_chart, classes_chart, household_chart
from privaudit.reporting.names import rung_name
from privaudit.reporting.steps import steps_of
from privaudit.reporting.story import behind_a_door, worth_of_knowing
from privaudit.reporting.study import Study
from privaudit.reporting.svg import Drawing
from privaudit.reporting.tables import group_rows
from privaudit.reporting.translation import Said, said
from privaudit.reporting.views import seen_on, subject_of, view_of
from privaudit.reporting.way_charts import (
    copies_chart,
    frontier_chart,
    leak_chart,
    screenshots_chart,
)
from privaudit.reporting.words import Words, slug

__all__ = ["drawings_of", "page_of", "quotes_of"]

# What is quoted first, where it is there.
_QUOTED = (
    "access.after_public_people_median",
    "household.adults_never_interacted",
    "household.wrong_labels",
    "table.sample_uniques",
    "table.prosecutor_risk_mean",
    "table.vulnerability_posterior",
    "table.k_anonymity",
    "changes.appeared_between",
    "hiding.k_addresses_p50",
)
# What an adversary believes; how the dots themselves fit another mask rests on no claim.
_CLAIM = re.compile(r"belief\.(?!likelier_elsewhere)")
_WORD = re.compile(r"^[^\W\d_](?=[^\W\d_]*[ ’'])")
_CHARTS: tuple[Callable[[Study, Words], Drawing | None], ...] = (
    ladder_chart,
    hidden_chart,
    one_dot_chart,
    stations_chart,
    calibration_chart,
    candidates_chart,
    household_chart,
    access_chart,
    leak_chart,
    screenshots_chart,
    copies_chart,
    frontier_chart,
    moved_map,
    classes_chart,
    unicity_chart,
)


def drawings_of(study: Study, words: Words) -> dict[str, Drawing]:
    """Draw every figure that the study has something for: name to drawing."""
    drawings = []
    if study.dots is not None and len(study.dots):
        drawings.append(town_map(study, words))
    elif study.area_points is not None and len(study.area_points):
        drawings.append(area_map(study, words))
    drawings += [made for chart in _CHARTS if (made := chart(study, words)) is not None]
    return {drawing.name: drawing for drawing in drawings}


def quotes_of(study: Study, findings: Sequence[Finding]) -> list[Finding]:
    """Choose three findings to quote: who is found most, then access, homes, the table.

    None repeats the number and the interval of another, or is a claim that is not reliable.
    """
    if _claims_are_doubted(study):
        findings = [f for f in findings if not _CLAIM.match(f.id)]
    by_id = {f.id: f for f in findings}
    chosen: list[Finding] = []
    best = strongest(study)
    if best is not None:
        ending = f"{slug(view_of(study, best))}.{slug(best.attack)}.address"
        chosen += [f for f in findings if f.id.endswith("." + ending)][:1]
    chosen += [by_id[name] for name in _QUOTED if name in by_id]
    chosen += _of_most_points(by_id)
    for start in _QUOTED:
        # The keys of a table one by one, each against the table as it is.
        chosen += [f for f in findings if f.id.startswith(f"{start}_") and f not in chosen]
    chosen += [f for f in findings if f not in chosen]
    quoted: list[Finding] = []
    told: set[tuple[str, ...]] = set()
    for f in chosen:
        # As they are read: two numbers that differ in the fourth figure are one to a reader.
        numbers = tuple(f"{x:.3g}" for x in (f.value, f.low, f.high))
        # A key that changes nothing is no finding; an attack no better than blind is one.
        unchanged = re.search("_(without|coarser)_", f.id) and f.value == f.baseline
        if f.reliable and math.isfinite(f.value) and numbers not in told and not unchanged:
            told.add(numbers)
            quoted.append(f)
    return quoted[:3]


def _claims_are_doubted(study: Study) -> bool:
    """Say whether what an adversary believes rests on an exposure that is not reliable."""
    belief = study.measures.get("belief")
    recipe = {} if belief is None else dict(belief.recipe)
    return any(not e.reliable and dict(e.recipe) == recipe for e in study.exposures)


def _of_most_points(by_id: Mapping[str, Finding]) -> list[Finding]:
    """Return the largest share that known points single out, its control, its net, the next."""
    alone = re.compile(r"(log\.unicity_\d+)(?!_control|_residual)(_.*)?")
    found = [m for name in by_id if (m := alone.fullmatch(name))]
    told = [m for m in found if math.isfinite(by_id[m[0]].value)]
    told.sort(key=lambda m: -by_id[m[0]].value)
    names = [
        f"{m[1]}{part}{m[2] or ''}" for m in told[:1] for part in ("", "_control", "_residual")
    ]
    names += [m[0] for m in told[1:]]
    return [by_id[name] for name in names if name in by_id]


def page_of(
    study: Study, words: Words, findings: Sequence[Finding], drawings: Mapping[str, Drawing]
) -> str:
    """Write the page.

    Everything that comes from outside is escaped; only the figures are put in as they are.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = resources.files("privaudit.reporting") / "templates"
    source = (folder / "report.html.j2").read_text(encoding="utf-8")
    style = (folder / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    recipe = without_folders(study.recipe)
    ladder, groups = _ladder(study, words, findings), _groups(study, words)
    sections = sections_of(study, words, findings)
    opened = ["found"] if ladder or groups else []
    opened += ["sure"] if {"calibration", "candidates"} & set(drawings) else []
    return environment.from_string(source).render(
        w=words,
        study=study,
        subject=subject_of(study, words),
        style=Markup(style),
        figures={name: Markup(drawing.svg) for name, drawing in drawings.items()},
        quotes=[f.sentence[words.lang] for f in quotes_of(study, findings)],
        ladder=ladder,
        groups=groups,
        steps=_steps(study, words, findings),
        worth=worth_of_knowing(study, words),
        door=behind_a_door(study, words),
        chapters=chapters_of(words, sections, opened),
        command=recipe.get("command", ""),
        recipe=json.dumps(recipe, ensure_ascii=False, indent=1, sort_keys=True, default=str),
        versions=", ".join(f"{name} {version}" for name, version in versions().items()),
        provenance=slug(study.provenance),
        expected=any(exposure.expected for exposure in study.exposures),
        set_aside=[(said(reason, words.lang), rows) for reason, rows in study.set_aside.items()],
        notes=_notes(study, words),
    )


def _notes(study: Study, words: Words) -> list[Said]:
    results: list[Exposure | Measures] = [*study.exposures, *study.measures.values()]
    notes = [*study.notes, *(note for result in results for note in result.notes)]
    told = [said(note, words.lang) for note in dict.fromkeys(notes)]
    # A sentence on the page begins with a capital; the name of a measure keeps its own letters.
    return [replace(n, text=_WORD.sub(lambda m: m[0].upper(), n.text)) for n in told]


def _ladder(study: Study, words: Words, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Group the rows of the exposures by what leaked, then by adversary."""
    rows = {}
    for finding in findings:
        if finding.id.split(".")[0] in ("map", "table") and finding.id.count(".") == 3:
            gain = finding.id.rsplit(".", 1)[1]
            silent = math.isnan(finding.value) and math.isfinite(finding.n)
            note = Said(words("found.no_opinion"), words.lang) if silent else None
            rows[finding.id] = row_of(words, finding, words("gain." + gain), note)
    views: dict[str, list[dict[str, Any]]] = {}
    for exposure in study.exposures:
        view = view_of(study, exposure)
        ending = f".{slug(view)}.{slug(exposure.attack)}."
        mine = [row for id_, row in rows.items() if ending in id_]
        rung = {"name": rung_name(words, exposure.attack), "rows": mine}
        views.setdefault(seen_on(study, words, exposure), []).append(rung)
    return [
        {
            "name": name,
            "rungs": [rung for rung in rungs if rung["rows"]],
            "plain": [row.plain for rung in rungs for row in rung["rows"]],
        }
        for name, rungs in views.items()
    ]


def _steps(study: Study, words: Words, findings: Sequence[Finding]) -> list[Block]:
    """Return a block of steps a view."""
    by_id = {finding.id: finding for finding in findings}
    blocks = []
    for view, steps in steps_of(study).items():
        rows = []
        for step in steps:
            label = words(
                "page.step_row",
                rung=rung_name(words, step.after.attack),
                before=rung_name(words, step.before.attack),
            )
            finding = by_id[f"step.{slug(view)}.{slug(step.after.attack)}.address"]
            # A step is compared with the rung before, not with anything beside it.
            row = row_of(words, finding, label[:1].upper() + label[1:])
            rows.append(replace(row, baseline="–"))
        name = seen_on(study, words, steps[0].after)
        blocks.append(Block(title=name[:1].upper() + name[1:], rows=rows))
    return blocks


def _groups(study: Study, words: Words) -> dict[str, Any] | None:
    """Tell the strongest attack's addresses found by group."""
    best = strongest(study, masked=True)
    if best is None:
        return None
    rows = group_rows(best)
    rows = rows[rows["gain"] == "address"]
    if not len(rows):
        return None
    parts = []
    for column, part in rows.groupby("by", sort=False):
        lines = []
        for row in part.to_dict("records"):
            hidden = math.isnan(row["n"])
            lines.append(
                {
                    "label": words.name("value", row["group"]) or words("head.missing"),
                    "value": words("head.withheld") if hidden else words.percent(row["attack"]),
                    "interval": "–" if hidden else words(
                        "number.range", low=words.percent(row["low"]),
                        high=words.percent(row["high"]),
                    ),
                    "n": words.count(row["n"]),
                }
            )  # fmt: skip
        parts.append({"name": words.name("group", column), "lines": lines})
    view = seen_on(study, words, best)
    return {"who": rung_name(words, best.attack), "view": view, "parts": parts}
