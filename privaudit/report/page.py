"""The main page of a report: one HTML file that loads nothing, with one inline script at most.

Each figure has its files, its finding and a sentence to quote: that of the findings that its
title quotes, as the annex has it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from privaudit.core.files import packaged_toml
from privaudit.report.answers import answer_of, evidence_of, unmarked
from privaudit.report.charts import (
    access_chart,
    calibration_chart,
    chain_chart,
    copies_chart,
    country_chart,
    frontier_chart,
    gains_chart,
    hidden_chart,
    ladder_chart,
    leak_chart,
    likes_chart,
    linked_chart,
    mend_chart,
    others_chart,
    pages_chart,
    screenshots_chart,
    shown_chart,
    stations_chart,
    tornado_chart,
    unicity_chart,
    ways_chart,
)
from privaudit.report.dossier_page import chapters_of_dossier
from privaudit.report.explorer import explorer_page, explorer_table
from privaudit.report.file_charts import classes_chart, named_chart, people_chart, verdicts_chart
from privaudit.report.findings import notes_of
from privaudit.report.inspection import (
    exhibit_cards,
    inspect_sections,
    keys_chart,
    quoted_inventories,
)
from privaudit.report.maps import area_map, area_values, town_maps, with_squares
from privaudit.report.mitigations import in_story, remedies
from privaudit.report.names import set_aside
from privaudit.report.rules_story import rules_story
from privaudit.report.sentences import ResultLookup, title_sentence
from privaudit.report.story import StorySection, first_lines, happenings_of, sections_of
from privaudit.results.painter import LOOKS, Display, variables
from privaudit.text.normalise import slug
from privaudit.words.catalogues import BORROWED, MARKS, QUOTED, Quoted, Words, without_marks

if TYPE_CHECKING:
    from jinja2 import Template

    from privaudit.studies.study import Study

_TEMPLATES = resources.files("privaudit.report") / "templates"
_Chart = Callable[["Study", Words, ResultLookup], Display | None]
_CHARTS: tuple[_Chart, ...] = (
    access_chart, gains_chart, ladder_chart, others_chart, unicity_chart, classes_chart,
    people_chart, named_chart, country_chart, shown_chart, calibration_chart, hidden_chart,
    stations_chart, screenshots_chart, copies_chart, leak_chart, frontier_chart, chain_chart,
    tornado_chart, pages_chart, linked_chart, keys_chart, ways_chart, likes_chart, verdicts_chart,
)  # fmt: skip
# The finding and the field of a marked number.
_MARK = re.compile(f"{QUOTED[0]}(\\S+) (\\S+) ")
# Sentences that are quoted of a figure.
_MOST = 2


def rendered(template: str, style: str, **values: Any) -> str:
    """Fill a template; everything is escaped but what is `Markup`."""
    sheets = (style, "handout.css")
    rules = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in sheets)
    return _compiled(template).render(values, style=Markup(figure_style() + rules))


@cache
def _compiled(template: str) -> Template:
    """Compile a template, which takes as long as the rest of a page: once a process."""
    from jinja2 import Environment, StrictUndefined

    # Compiled once and filled once: optimising would take longer than it saves.
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = ("handout.html.j2", template)
    texts = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in parts)
    return environment.from_string("".join(texts))


def figure_style() -> str:
    """Return the CSS of figures, for light and dark screens and print."""
    return (
        f":root{{{variables(0)}}}@media(prefers-color-scheme:dark){{:root{{{variables(1)}}}}}"
        f"@media print{{:root{{{variables(0)}}}}}{LOOKS}"
        ".pv{display:block;width:100%;height:auto}.pv.narrow{display:none}"
        "@media screen and (max-width:767px){.pv.wide{display:none}"
        ".pv.narrow{display:block;max-width:30rem}}"
    )


def drawings_of(
    study: Study, words: Words, findings: Sequence[Any] | None = None
) -> dict[str, Display]:
    """Draw every figure of a study, by name."""
    study = with_squares(study)
    results = ResultLookup(study, findings or ())
    study = quoted_inventories(study, results)
    maps = town_maps(study, words, results)
    drawn = [maps.drawing if maps is not None else area_map(study, words, results)]
    drawn += [chart(study, words, results) for chart in _CHARTS]
    mended = in_story(study, remedies(study, findings), results.masked())
    drawn.append(mend_chart(study, words, mended, results))
    return {drawing.name: drawing for drawing in drawn if drawing is not None}


def story_page(
    study: Study, words: Words, findings: Sequence[Any], drawings: Mapping[str, Display],
) -> str:  # fmt: skip
    """Write ``index.html``.

    Parameters
    ----------
    study : Study
    words : Words
    findings : sequence of Finding
        Those that may be shown: their ids are anchors of ``annex.html``.
    drawings : mapping of str to Display
        See `drawings_of`.

    Returns
    -------
    str
        Everything that comes from outside is escaped; only the figures are put in as they are.
    """
    results = ResultLookup(study, findings)
    study = quoted_inventories(study, results)
    maps = town_maps(study, words, results)
    answer = answer_of(study, words, results, findings)
    mended = in_story(study, remedies(study, findings or None), results.masked())
    rulings = rules_story(study, words, results)
    chapters = chapters_of_dossier(study, words, findings, drawings)
    sections: Sequence[StorySection] = []
    if study.inventories and not chapters:
        sections = inspect_sections(study, words, results, drawings)
    elif chapters or not rulings:
        sections = sections_of(study, words, results, drawings, findings, mended)
    cards = exhibit_cards(study, words, results)
    hero = _hero(study, drawings, maps is not None or bool(cards))
    explorer = None if maps is None else explorer_page(study, words, maps.window)
    first = [str(answer.headline), *answer.leads]
    return rendered(
        "index.html.j2",
        "page.css",
        w=words,
        study=study,
        title=unmarked(answer.headline),
        answer=answer,
        evidence=evidence_of(answer, findings),
        maps=maps,
        explorer=explorer,
        hands=hand_outs(study, words, findings, drawings.values(), first),
        script=page_script(*_scripts(drawings, maps, explorer=explorer is not None)),
        hero=hero,
        areas=area_values(results),
        steps=happenings_of(study, words, results) if study.kind == "demo" else [],
        sections=[s for s in sections if hero is None or s.figure is not hero],
        rulings=rulings,
        cards=cards,
        first=first_lines(study, words, results, mended, answer.notes),
        findings=chapters,
        draw=lambda drawing: Markup(drawing.html),
        method=_method_lines(study, words),
        command=str(getattr(study, "command", "")),
        provenance=slug(study.provenance),
    )


def _scripts(drawings: Mapping[str, Display], maps: Any, *, explorer: bool) -> list[str]:
    """Return the files of the page's script: those of what the page holds, and no other."""
    held = {
        "copy.js": bool(drawings), "explorer.js": explorer,
        "street.js": maps is not None and maps.street is not None,
    }  # fmt: skip
    return [name for name, is_held in held.items() if is_held]


def _method_lines(study: Study, words: Words) -> list[str]:
    """Return the lines of the method section."""
    values = {"rows": set_aside(study), **error_rates()}
    return [words(f"method_short.{key}", **values) for key in _method(study)]


@cache
def error_rates() -> Mapping[str, float]:
    """Return the error rates as measured, each by its section and name."""
    sections = packaged_toml("privaudit.report", "error_rates.toml")
    return {f"{s}_{name}": value for s, of in sections.items() for name, value in of.items()}


def _method(study: Study) -> list[str]:
    """Return the keys of the method section."""
    if study.kind == "country":
        return ["public"]
    inspected = ["proposed", "lexicon"] if study.inventories else []
    read = [
        *(["pictures"] if any(n.inner.key.startswith("picture_") for n in notes_of(study)) else []),
        *(["masks"] if any(e.attack in _INFERRED for e in study.exposures) else []),
        *(["joins"] if {"linked", "linked_tables"} & {*study.measures} else []),
        *(["copies"] if any(n.key == "links_weighed" for n in notes_of(study)) else []),
    ]
    if study.rulings:
        return ["verdicts", "packs", *inspected, *read, "cells", "inspection"]
    if study.kind == "inspect":
        return [*inspected, "cells", "inspection"]
    intervals = "towns" if "towns" in study.measures else "intervals"
    intervals = intervals if study.exposures else "plain_intervals"
    return [
        *(["expected"] if any(exposure.expected for exposure in study.exposures) else []),
        *(["simulated"] if study.provenance == "simulated" else []),
        intervals, *read, "net", "cells", "law",
        *(["aside"] if study.set_aside else []),
    ]  # fmt: skip


# Adversaries who infer how dots were moved.
_INFERRED = ("unknown_mask",)
_HEROES = {
    "table": ("classes",), "log": ("unicity",), "country": ("country",),
    "link": ("linked", "people", "named"), "rules": ("verdicts",),
}  # fmt: skip


def _hero(study: Study, drawings: Mapping[str, Display], drawn: bool) -> Display | None:
    """Return the figure beside the headline if neither a town nor a card stands there."""
    if drawn:
        return None
    wanted = _HEROES.get(study.kind, ("map", "gains"))
    return next((drawings[name] for name in wanted if name in drawings), None)


_PIECES = re.compile(f"(<[^>]*>|{MARKS.pattern})")
# No element may stand in these.
_TEXT_ONLY = re.compile(r"<(/?)(title|desc|script|style|option|textarea)\b")
_FIGURE = re.compile(r"<(/?)svg\b")


def with_spans(page: str) -> str:
    """Replace marks with elements: ``lang`` of borrowed English, the source of a number.

    Within a figure the elements are ``tspan``. An element that holds text only has the sources of
    its numbers as ``data-quoted``, each with where in its text the number begins and ends; within
    attributes, marks are removed.

    Examples
    --------
    >>> print(with_spans("<p title='\\ufdd0a\\ufdd1'>\\ufdd0Two \\ufdd0dots\\ufdd1\\ufdd1.</p>"))
    <p title='a'><span lang="en">Two dots</span>.</p>
    >>> print(with_spans("<p>\\ufdd2map.a hits 1\\ufdd33\\ufdd4 of 8</p>"))
    <p><span data-finding="map.a" data-field="hits">3</span> of 8</p>
    >>> print(with_spans("<desc>\\ufdd2map.a hits 1\\ufdd33\\ufdd4 of 8</desc>"))
    <desc data-quoted="map.a hits 1 0 1">3 of 8</desc>
    """
    result, depth, text_only, figures = list[str](), 0, 0, 0
    opened, quoted = 0, list[str]()
    for piece in _PIECES.split(page):
        span = "tspan" if figures else "span"
        if piece in BORROWED:
            depth = max(depth + (1 if piece == BORROWED[0] else -1), 0)
            if text_only == 0 and depth == (1 if piece == BORROWED[0] else 0):
                result.append(f'<{span} lang="en">' if piece == BORROWED[0] else f"</{span}>")
        elif piece == QUOTED[2] or piece.startswith(QUOTED[0]):
            if not text_only:
                result.append(_source(piece, span))
            elif piece != QUOTED[2]:
                quoted.append(f"{piece[1:-1]} {_letters(result[opened + 1 :])}")
            elif quoted:
                quoted[-1] += f" {_letters(result[opened + 1 :])}"
        else:
            if element := _TEXT_ONLY.match(piece):
                text_only = max(text_only + (-1 if element[1] else 1), 0)
                if element[1] and quoted:
                    result[opened] = f'{result[opened][:-1]} data-quoted="{"|".join(quoted)}">'
                opened, quoted = len(result), []
            elif element := _FIGURE.match(piece):
                figures = max(figures + (-1 if element[1] else 1), 0)
            result.append(without_marks(piece))
    return "".join(result)


def _letters(pieces: Iterable[str]) -> int:
    """Count the letters of a text as a reader of the page sees it."""
    return len(html.unescape("".join(pieces)))


def _source(mark: str, span: str) -> str:
    """Return the opening or the closing tag of a number of a finding."""
    if mark == QUOTED[2]:
        return f"</{span}>"
    finding, field, times = mark[1:-1].split(" ")
    often = "" if times == "1" else f' data-times="{times}"'
    return f'<{span} data-finding="{finding}" data-field="{field}"{often}>'


@dataclass(frozen=True, kw_only=True)
class HandOut:
    """What stands below a figure.

    - `files`: Where each of its files is, by what it is called.
    - `finding`: The anchor of its finding in the annex.
    - `quote`: A sentence with its denominators, its caveat and its provenance.
    """

    files: Mapping[str, str]
    finding: str
    quote: str


@dataclass(frozen=True, kw_only=True)
class PageScript:
    """The one script of a page, and the expression that names it in the page's policy."""

    text: Markup
    policy: str


@cache
def page_script(*names: str) -> PageScript | None:
    """Join files of the templates into the one script of a page; None of none.

    Examples
    --------
    >>> page_script("copy.js").policy[:8], page_script() is None
    ("'sha256-", True)
    """
    if not names:
        return None
    text = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return PageScript(text=Markup(text), policy=f"'sha256-{digest}'")


def figure_table(drawing: Display) -> pd.DataFrame:
    """Return what a figure draws, a row a mark, each with the finding that its number comes from.

    Examples
    --------
    >>> from privaudit.results.painter import Canvas, Display
    >>> rows = [{"line": "found", "value": Quoted(3, "map.a", "hits")}]
    >>> figure_table(Display("one", "", "", "", [Canvas(720, 40)], rows)).values.tolist()
    [['found', 3.0, 'map.a']]
    """
    rows = [{**row, "finding": _finding_of(row)} for row in drawing.rows]
    table = pd.DataFrame(rows).replace("", None).dropna(axis="columns", how="all")
    # The last digits of a sum depend on where an array lies in memory: they are not a result.
    return table.map(lambda x: float(f"{x:.10g}") if isinstance(x, float) else x)


def _finding_of(row: Mapping[str, Any]) -> str:
    """Return the finding of the value of a mark, else the first that its text quotes."""
    value = row.get("value")
    if isinstance(value, Quoted) and value.finding:
        return value.finding
    # What a mark says goes before the panel and the line that it stands in.
    texts = " ".join(text for text in reversed([*row.values()]) if isinstance(text, str))
    mark = _MARK.search(texts)
    return mark[1] if mark else ""


def figure_tables(drawings: Mapping[str, Display]) -> dict[str, pd.DataFrame]:
    """Return the table of each figure that draws rows, by the name of its file."""
    return {f"figure_{name}": figure_table(d) for name, d in drawings.items() if d.rows}


def hand_outs(
    study: Study, words: Words, findings: Sequence[Any], drawings: Iterable[Display],
    first: Iterable[str] = (),
) -> dict[str, HandOut]:  # fmt: skip
    """Return what each figure hands out, by its name.

    Parameters
    ----------
    study : Study
    words : Words
    findings : sequence of Finding
        Those of the report.
    drawings : iterable of Display
    first : iterable of str
        The first sentences of the page, which a map without numbers of its own illustrates.
    """
    results = ResultLookup(study, findings)
    opening = [name for name, _ in _MARK.findall(" ".join(first))]
    known = {finding.id: finding for finding in findings}
    return {one.name: _hand_out(one, words, known, results, opening) for one in drawings}


def _hand_out(
    drawing: Display, words: Words, findings: Mapping[str, Any], results: ResultLookup,
    opening: list[str],
) -> HandOut:  # fmt: skip
    about = _titled(drawing.title) or [name for row in drawing.rows if (name := _finding_of(row))]
    about = about or (opening if drawing.name == "map" else _of_people(drawing.name, results))
    found = [findings[name] for name in dict.fromkeys(about) if name in findings]
    texts = [_sentence(words, finding) for finding in found[:_MOST]]
    row = found[0].row if found else None
    if drawing.name == "mend" and row is not None and row.measure == "sample_uniques":
        texts.insert(0, drawing.title.rstrip(".") + ".")  # Its sentence names no remedy.
    text = " ".join(filter(None, texts)) or title_sentence(words, drawing.title, row)
    return HandOut(
        files=_files(drawing, results.study),
        finding=f"annex.html#{found[0].id}" if found else "annex.html",
        quote=words("handout.quote", text=text, source=_provenance(words, results.study)),
    )


def _titled(title: str) -> list[str]:
    """Return the findings that a title quotes, those that it names for their size last."""
    marks = _MARK.findall(title)
    return [name for name, _ in sorted(marks, key=lambda mark: mark[1] == "n")]


def _sentence(words: Words, finding: Any) -> str:
    """Return the sentence of a finding, with its range over simulated towns; "" without one."""
    text, row = finding.sentence.get(words.lang, ""), finding.row
    if text and row.between_low < row.between_high:
        ends = {name: getattr(row, name) for name in ("between_low", "between_high")}
        text += " " + words("handout.towns", **ends)
    return str(text)


def _provenance(words: Words, study: Study) -> str:
    from privaudit import __version__

    name = words(f"provenance.{slug(study.provenance)}")
    return words("handout.source", provenance=name, version=__version__)


def _of_people(name: str, results: ResultLookup) -> list[str]:
    """Return the finding of a figure that is drawn of people, and quotes none."""
    row = results.row("hiding", "k_people", 50) if name == "hidden" else None
    best = results.best(results.masked())
    row = results.found(best) if row is None and best is not None else row
    return [] if row is None else [row.finding]


def _files(drawing: Display, study: Study) -> dict[str, str]:
    """Return where the files of a figure are; the data of a map are in a table of its own."""
    files = {kind: f"figures/{drawing.name}.{kind.lower()}" for kind in ("SVG", "PNG")}
    if drawing.rows:
        files["CSV"] = f"tables/figure_{drawing.name}.csv"
    elif drawing.name == "map" and study.area_points is not None and len(study.area_points):
        files["CSV"] = "tables/areas.csv"
    elif drawing.name == "map" and explorer_table(study) is not None:
        files["CSV"] = "tables/explorer.csv"
    return files
