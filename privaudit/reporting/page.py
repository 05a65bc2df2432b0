"""The page: one HTML file that loads nothing, runs nothing, and says where its numbers end."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from privaudit.exposure.results import Exposure, Measures
from privaudit.reporting.charts import (
    calibration_chart,
    candidates_chart,
    ladder_chart,
    strongest,
)
from privaudit.reporting.findings import Finding, versions, without_folders
from privaudit.reporting.maps import area_map, town_map
from privaudit.reporting.measure_charts import access_chart, classes_chart, household_chart
from privaudit.reporting.sentences import measure_name, view_name
from privaudit.reporting.study import Study
from privaudit.reporting.svg import Drawing
from privaudit.reporting.tables import group_rows
from privaudit.reporting.words import Words, slug

__all__ = ["drawings_of", "page_of", "quotes_of"]

# Families of measures that have a section of their own, in the order of the page.
FAMILIES = ("household", "access", "table", "campaign", "simulation")
_HEADINGS = {"household": "households"}
# The figure that opens the section of a family.
_FIGURE_OF = {"household": "households", "access": "access", "table": "classes"}
# What is quoted first, where it is there.
_QUOTED = (
    "access.after_public_people_median",
    "household.adults_never_interacted",
    "household.wrong_labels",
    "table.sample_uniques",
    "table.k_anonymity",
    "table.prosecutor_risk_mean",
)
_CHARTS: tuple[Callable[[Study, Words], Drawing | None], ...] = (
    ladder_chart,
    calibration_chart,
    candidates_chart,
    household_chart,
    access_chart,
    classes_chart,
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table on the page, already in words."""

    label: str
    value: str
    interval: str
    baseline: str
    control: str = ""
    residual: str = ""
    n: str
    note: str = ""
    plain: str
    reliable: bool = True
    absent: bool = False


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
    """Choose three findings to quote: who is found most, then access, homes, the table."""
    by_id = {f.id: f for f in findings}
    chosen: list[Finding] = []
    best = strongest(study)
    if best is not None:
        ending = f"{slug(best.recipe.get('view', study.kind))}.{slug(best.attack)}.address"
        chosen += [f for f in findings if f.id.endswith("." + ending)][:1]
    chosen += [by_id[name] for name in _QUOTED if name in by_id]
    chosen += [f for f in findings if f not in chosen]
    return [f for f in chosen if f.reliable and math.isfinite(f.value)][:3]


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
    return environment.from_string(source).render(
        w=words,
        study=study,
        style=Markup(style),
        figures={name: Markup(drawing.svg) for name, drawing in drawings.items()},
        quotes=[f.sentence[words.lang] for f in quotes_of(study, findings)],
        ladder=_ladder(study, words, findings),
        groups=_groups(study, words),
        families=_families(study, words, findings),
        command=recipe.get("command", ""),
        recipe=json.dumps(recipe, ensure_ascii=False, indent=1, sort_keys=True, default=str),
        versions=versions(),
        provenance=slug(study.provenance),
        expected=any(exposure.expected for exposure in study.exposures),
        notes=_notes(study),
    )


def _notes(study: Study) -> list[str]:
    notes = list(study.notes)
    results: list[Exposure | Measures] = [*study.exposures, *study.measures.values()]
    for result in results:
        notes += [note for note in result.notes if note not in notes]
    return notes


def _ladder(study: Study, words: Words, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Group the rows of the exposures by what leaked, then by adversary."""
    rows = {f.id: _row(words, f, words("gain." + f.id.rsplit(".", 1)[1])) for f in findings
            if f.id.split(".")[0] in ("map", "table") and f.id.count(".") == 3}  # fmt: skip
    views: dict[str, list[dict[str, Any]]] = {}
    for exposure in study.exposures:
        view = str(exposure.recipe.get("view", "table" if study.kind == "table" else "map"))
        ending = f".{slug(view)}.{slug(exposure.attack)}."
        mine = [row for id_, row in rows.items() if ending in id_]
        rung = {"name": words.name("rung", exposure.attack), "rows": mine}
        views.setdefault(view_name(words, view, "view_short"), []).append(rung)
    return [{"name": name, "rungs": [r for r in rungs if r["rows"]]} for name, rungs in
            views.items()]  # fmt: skip


def _families(study: Study, words: Words, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Gather the rows of the measures, a section a family."""
    names = {slug(family): list(found.overall.index) for family, found in study.measures.items()}
    ordered = [f for f in FAMILIES if f in names] + [f for f in names if f not in FAMILIES]
    sections = []
    for family in ordered:
        mine = [f for f in findings if f.id.startswith(f"{family}.") and f.id.count(".") == 1]
        rows = [
            _row(
                words,
                finding,
                _capital(measure_name(words, str(name))),
                _note(words, str(name), finding),
            )
            for name, finding in zip(names[family], mine, strict=True)
        ]
        heading = _HEADINGS.get(family, family)
        key = f"page.{heading}" if words.has(f"page.{heading}") else "page.other_measures"
        sections.append(
            {
                "id": family,
                "title": words(key),
                "figure": _FIGURE_OF.get(family, ""),
                "rows": rows,
                "told": [row for row in rows if not row.absent],
                "absent": [row for row in rows if row.absent],
            }
        )
    return sections


def _note(words: Words, name: str, finding: Finding) -> str:
    """Return the note of a measure where the reader needs it.

    Notes of the stages are in English; a measure that has a name in the catalogue says the same
    in the reader's language, but not why it could not be told.
    """
    known = words.has("measure." + slug(name.partition("[")[0]))
    absent = math.isnan(finding.value) and math.isfinite(finding.n)
    return finding.note if absent or not known else ""


def _row(words: Words, finding: Finding, label: str, note: str = "") -> Row:
    def share(value: float) -> str:
        return words.value(value, finding.unit) if math.isfinite(value) else "–"

    withheld = not finding.reliable and math.isnan(finding.n)
    interval = "–"
    if math.isfinite(finding.low) and finding.low < finding.high:
        interval = words("number.range", low=share(finding.low), high=share(finding.high))
    return Row(
        label=label,
        value=words("head.withheld") if withheld else words.value(finding.value, finding.unit),
        interval=interval,
        baseline=share(finding.baseline),
        control=share(finding.control),
        residual=share(finding.residual),
        n=words.count(finding.n),
        note=note,
        plain=finding.sentence[words.lang],
        reliable=finding.reliable or withheld,
        absent=math.isnan(finding.value) and not withheld,
    )


def _groups(study: Study, words: Words) -> dict[str, Any] | None:
    """Tell the strongest attack's addresses found by group."""
    best = strongest(study, last_view=True)
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
    view = view_name(words, str(best.recipe.get("view", study.kind)), "view_short")
    return {"who": words.name("rung", best.attack), "view": view, "parts": parts}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
