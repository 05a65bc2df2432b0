"""The annex of a report: chapters of findings, each finding a line with an anchor of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.findings import (
    Finding,
    group_rows,
    notes_of,
    numbers_of,
    versions,
    without_folders,
)
from privaudit.report.guard import Shown
from privaudit.report.mitigations import Remedy, remedies
from privaudit.report.names import (
    bounded,
    capital,
    family_name,
    is_masked,
    label_of,
    note_text,
    rung_name,
    seen_on,
    subject_of,
)
from privaudit.report.sentences import climbs_of, has_control, is_at_most
from privaudit.results.measures import is_small
from privaudit.results.rows import Row
from privaudit.text.normalise import slug
from privaudit.words.catalogues import Words, without_marks

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.painter import Display
    from privaudit.studies.study import Study

# Families of measures by chapter, in the order of the page.
CHAPTERS: dict[str, tuple[str, ...]] = {
    "law": ("verdicts", "rules", "wp216"),
    "shown": (
        "constats", "exhibits", "inspect", "recording", "properties", "dot_table", "inventory",
        "linked", "linked_people", "linked_tables", "linked_log",
    ),
    "found": (
        "country", "maps", "log", "unicity", "unicity_curve", "known_points", "neighbourhood_risk",
        "match_periods", "match_neighbourhoods", "scoreboard", "hiding", "steps", "towns",
        "recipients", "compared", "squares",
    ),
    "sure": ("belief", "reliability"),
    "learnt": (
        "chain", "harms", "look_up", "timing", "negative", "correlations", "likes",
    ),
    "beside": ("household", "neighbours", "dissent"),
    "ways": (
        "access", "tiers", "leak", "screenshots", "pictures", "copies", "differences", "changes",
        "areas", "heat", "shared_points", "rounds", "volunteer_homes",
    ),
    "messages": ("mailing", "advert"),
    "cost": ("frontier", "masks"),
    "mended": ("log_mended", "country_mended"),
    "table": (
        "table", "contributions", "levels", "combinations", "singling_out", "linkability",
        "inference", "membership", "population",
    ),
    "made": ("sensitivity", "campaign", "simulation"),
    "further": (),
}  # fmt: skip


def chapter_of(family: str) -> str:
    """Return the chapter of a family, "further" where none names it.

    Examples
    --------
    >>> chapter_of("household"), chapter_of("of_late")
    ('beside', 'further')
    """
    return next((name for name, families in CHAPTERS.items() if family in families), "further")


def in_order(families: Iterable[str]) -> list[str]:
    """Sort families in the order of the annex; unknown ones come last, in their own order.

    Examples
    --------
    >>> in_order(["of_late", "access", "household"])
    ['household', 'access', 'of_late']
    """
    named = [family for known in CHAPTERS.values() for family in known]
    return sorted(families, key=lambda f: named.index(f) if f in named else len(named))


# In order; the net stands before the gross number that it is taken from.
COLUMNS = (
    "net", "net_interval", "value", "interval", "worst_case", "between", "baseline", "control",
    "confidence", "n",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a table, as text.

    Parameters
    ----------
    id : str
        That of the finding: the anchor.
    cells : mapping of str to str
        A text for each of `COLUMNS` that is known.
    main : str
        The column that a reader reads first.
    """

    id: str
    label: str
    cells: dict[str, str]
    main: str = "value"
    notes: list[str] = field(default_factory=list)
    sentence: str = ""
    reliable: bool = True
    absent: bool = False
    withheld: bool = False


def line_of(words: Words, finding: Finding, label: str = "") -> Line:
    """Format a finding as a line of a table."""
    row = finding.row

    def cell(value: float) -> str:
        return words.value(value, row.unit, short=True) if not math.isnan(value) else ""

    def share(value: float) -> str:
        return words.percent(value, short=True) if math.isfinite(value) else ""

    def beside(value: str, low: str, high: str) -> str:
        ends = _range(words, low, high)
        return f"{value} ({ends})" if ends else value

    ends = _range(words, cell(row.low), cell(row.high)) if row.low < row.high else ""
    claimed = words.percent(row.confidence) if math.isfinite(row.confidence) else ""
    claims = share(row.confidence_low), share(row.confidence_high)
    cells = {
        "net": share(row.residual),
        "net_interval": _range(words, share(row.residual_low), share(row.residual_high)),
        "value": words("head.withheld") if row.withheld else bounded(words, row),
        "interval": "" if row.worst_case else ends,
        "worst_case": ends if row.worst_case else "",
        "between": _range(words, cell(row.between_low), cell(row.between_high)),
        # A step is compared with the previous adversary, which its label names.
        "baseline": "" if finding.family == "step"
        else beside(cell(row.baseline), cell(row.baseline_low), cell(row.baseline_high)),
        "control": cell(row.control),
        "confidence": claimed and beside(claimed, *claims),
        "n": words.counted(row.n, row.counts) if math.isfinite(row.n) else "",
    }  # fmt: skip
    return Line(
        id=finding.id, label=label or _label(words, finding), cells=cells,
        main="net" if has_control(row) else "value",
        notes=[note_text(words, note) for note in row.notes],
        sentence=finding.sentence.get(words.lang, ""), reliable=row.reliable,
        absent=math.isnan(row.value) and not row.withheld and not row.low < row.high,
        withheld=row.withheld,
    )  # fmt: skip


def _range(words: Words, low: str, high: str) -> str:
    return words("number.range", low=low, high=high) if low and high and low != high else ""


# Lines of a section that are not folded.
_LINES = 14
# Lines of one measure by the same parameters beyond which they stand in a table beside the page.
_MOST_ALIKE = 12
# Sentences that stand before the table of a section.
_SENTENCES = 3


@dataclass(frozen=True, kw_only=True)
class Block:
    """Lines under a subtitle; ``""`` where none is needed."""

    lines: list[Line]
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Lines of one measure that stand in a table beside the page: how many, and one of them."""

    n: int
    like: str
    table: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """The sentences and lines of one family or one view."""

    id: str
    title: str
    intro: str = ""
    sentences: list[str] = field(default_factory=list)
    more_sentences: list[str] = field(default_factory=list)
    shown: list[Block] = field(default_factory=list)
    more: list[Block] = field(default_factory=list)
    absent: list[Line] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    withheld: int = 0

    @property
    def columns(self) -> list[str]:
        """The columns of its tables."""
        lines = [line for block in (*self.shown, *self.more) for line in block.lines]
        return [name for name in COLUMNS if any(line.cells[name] for line in lines)]

    @property
    def n_more(self) -> int:
        """How many lines are folded."""
        return sum(len(block.lines) for block in self.more)


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Sections that answer one question of a reader."""

    id: str
    title: str
    sections: list[Section]


def left_out(
    study: Study, findings: Sequence[Finding], cited: Collection[str] = ()
) -> dict[str, list[Finding]]:
    """Return the findings that stand in a table beside the annex, by family.

    They are those of which a measure has more than 12 by the same parameters, such as one for each
    group of people; what the main page or a remedy cites stays on the page.

    - `cited`: Ids of findings; see `privaudit.report.manifest.cited`.
    """
    alike: dict[Any, list[Finding]] = {}
    for f in findings:
        if not f.attack and f.family != "step" and f.row.part:
            alike.setdefault((f.family, f.row.measure, *sorted(f.row.part)), []).append(f)
    stay = {*cited, *(remedy.finding for remedy in remedies(study, findings))}
    by_family: dict[str, list[Finding]] = {}
    for (family, *_), many in alike.items():
        beside = [f for f in many if f.id not in stay]
        if len(beside) > _MOST_ALIKE:
            by_family.setdefault(family, []).extend(beside)
    return by_family


def tables_beside(words: Words, beside: Mapping[str, Sequence[Finding]]) -> dict[str, pd.DataFrame]:
    """Return the tables of what the annex leaves out: file name to frame."""
    tables = {}
    for family, findings in beside.items():
        labels = [without_marks(_label(words, f)) for f in findings]
        tables[_table_name(family)] = numbers_of(findings)
        tables[_table_name(family)].insert(1, "label", labels)
    return tables


def _table_name(family: str) -> str:
    return f"findings_{slug(family)}"


def _label(words: Words, finding: Finding) -> str:
    return capital(label_of(words, finding.family, finding.row))


def chapters_of(
    study: Study, words: Words, findings: Sequence[Finding],
    beside: Mapping[str, Sequence[Finding]] | None = None,
) -> list[Chapter]:  # fmt: skip
    """Group findings into sections and chapters, in the order of the page.

    - `beside`: What stands in tables; see `left_out`.
    """
    sections: dict[str, list[Section]] = {name: [] for name in CHAPTERS}
    beside = beside or {}
    views = _views(study, words, findings)
    sections["table" if study.kind == "table" else "found"] += views
    steps = [f for f in findings if f.family == "step"]
    if steps:
        sections["found"].append(_steps(study, words, steps))
    for family in in_order(study.measures):
        away = {f.id for f in beside.get(family, ())}
        # What an adversary finds on a table stands among the views.
        mine = [f for f in findings if f.family == family and not f.attack and f.id not in away]
        title = family_name(words, family)
        section = _section(words, slug(family), title, [("", mine)])
        section = _with_left_out(words, section, beside.get(family, ()))
        sections[chapter_of(family)].append(section)
    return [
        Chapter(id=f"chapter-{name}", title=words(f"chapter.{name}"), sections=mine)
        for name, mine in sections.items()
        if mine
    ]


def _section(
    words: Words, ident: str, title: str, parts: Sequence[tuple[str, Sequence[Finding]]], *,
    intro: str = "", labels: Mapping[str, str] | None = None, shown: int = _LINES,
    quoted: int = _SENTENCES,
) -> Section:  # fmt: skip
    """Build a section; lines beyond the first ones are folded."""
    named = labels or {}
    lines = [(name, line_of(words, f, named.get(f.id, ""))) for name, mine in parts for f in mine]
    texts = list(dict.fromkeys(line.sentence for _, line in lines if line.sentence))
    known = [(name, line) for name, line in lines if not line.absent]
    return Section(
        id=f"section-{ident}", title=title, intro=intro, sentences=texts[:quoted],
        more_sentences=texts[quoted:], shown=_blocks(known[:shown]), more=_blocks(known[shown:]),
        absent=[line for _, line in lines if line.absent],
        withheld=sum(line.withheld for _, line in known),
    )  # fmt: skip


def _with_left_out(words: Words, section: Section, beside: Sequence[Finding]) -> Section:
    """Add to a section what it leaves to a table, measure by measure."""
    many = groupby(beside, key=lambda f: (f.row.measure, *sorted(f.row.part)))
    left = [
        LeftOut(n=len(alike), like=_label(words, alike[0]), table=_table_name(alike[0].family))
        for alike in (list(group) for _, group in many)
    ]
    withheld = section.withheld + sum(f.row.withheld for f in beside)
    return replace(section, left_out=left, withheld=withheld)


def _blocks(lines: Sequence[tuple[str, Line]]) -> list[Block]:
    """Group lines under their subtitles."""
    groups = groupby(lines, key=itemgetter(0))
    return [Block(title=name, lines=[line for _, line in of]) for name, of in groups]


def _views(study: Study, words: Words, findings: Sequence[Finding]) -> list[Section]:
    """Return one section per view, with one block per adversary."""
    views: dict[str, dict[str, list[Finding]]] = {}
    labels = {}
    names = {exposure.view: seen_on(study, words, exposure) for exposure in study.exposures}
    for f in findings:
        if f.attack and f.family != "step":
            rung = capital(rung_name(words, f.attack, f.copies))
            views.setdefault(f.view, {}).setdefault(rung, []).append(f)
            labels[f.id] = capital(words.name("gain", f.row.of_gain))
    return [
        _section(
            words, f"view-{slug(view)}", words("annex.ladder", view=names[view]),
            list(rungs.items()), intro="" if place else words("page.ladder_intro"), labels=labels,
            shown=10**6, quoted=0,
        )
        for place, (view, rungs) in enumerate(views.items())
    ]  # fmt: skip


def _steps(study: Study, words: Words, steps: Sequence[Finding]) -> Section:
    names = {exposure.view: seen_on(study, words, exposure) for exposure in study.exposures}
    views: dict[str, list[Finding]] = {}
    labels = {}
    for f in steps:
        views.setdefault(capital(names[f.view]), []).append(f)
        rung, before = rung_name(words, f.attack, f.copies), rung_name(words, f.before)
        labels[f.id] = capital(words("step.row", rung=rung, before=before))
    return _section(
        words, "steps", words("annex.steps"), list(views.items()),
        intro=words("annex.steps_intro"), labels=labels, quoted=0,
    )  # fmt: skip


def _groups(study: Study, words: Words, shown: Shown) -> dict[str, Any] | None:
    """Return results by group for the strongest adversary on the first masked view."""
    climbs = climbs_of(study)
    view = next((v for v in climbs if is_masked(v)), next(iter(climbs), ""))
    sure = [exposure for exposure in climbs.get(view, ()) if exposure.reliable]
    if not sure or is_small(sure[-1].rows[0]):
        return None
    last = sure[-1]
    place = next(i for i, exposure in enumerate(study.exposures) if exposure is last)
    rows = group_rows(last, {c for at, c in shown.withheld_groups if at == place})
    rows = rows[rows["gain"] == "address"]
    parts = []
    for column, part in rows.groupby("by", sort=False):
        lines = [_group(words, row) for row in part.to_dict("records")]
        parts.append({"name": words.name("group", column), "lines": lines})
    who = capital(rung_name(words, last.attack, last.copies))
    intro = words("annex.groups_intro", who=who, view=seen_on(study, words, last))
    return {"intro": intro, "parts": parts} if parts else None


def _group(words: Words, row: Mapping[Any, Any]) -> dict[str, str]:
    label = words.name("value", row["group"]) or words("head.missing")
    if row["withheld"] or math.isnan(row["n"]):
        return {"label": label, "value": words("head.withheld"), "interval": "", "n": ""}
    value, low, high = (words.percent(row[end], short=True) for end in ("value", "low", "high"))
    interval, n = words("number.range", low=low, high=high), words.counted(row["n"], "people")
    return {"label": label, "value": value, "interval": interval, "n": n}


def _mended(words: Words, study: Study, findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Format the remedies: shares as whole people."""
    return [
        {
            "action": note_text(words, remedy.action),
            "finding": remedy.finding,
            "before": _number(words, remedy.before, remedy.pair[0]),
            "after": _after(words, remedy),
        }
        for remedy in remedies(study, findings)
    ]


def _after(words: Words, remedy: Remedy) -> str:
    after = _number(words, remedy.after, remedy.pair[1])
    return words("annex.at_most", number=after) if is_at_most(remedy.after) else after


def _number(words: Words, row: Row, n: float) -> str:
    if row.unit in ("share", "probability"):
        return words("annex.of", n=n, of=row.n, counts=row.counts)
    return words.measured(n, row.unit)


def annex_page(
    study: Study, words: Words, findings: Sequence[Finding], shown: Shown, *,
    tables: Sequence[str] = (), figures: Mapping[str, str] | None = None,
    drawings: Sequence[Display] = (), beside: Mapping[str, Sequence[Finding]] | None = None,
) -> str:  # fmt: skip
    """Write ``annex.html``.

    Parameters
    ----------
    study : Study
    words : Words
    findings : sequence of Finding
        Through the guard; the id of each is an anchor.
    shown : Shown
        What of the groups may be shown.
    tables : sequence of str
        Names of the files in ``tables``, without ending.
    figures : mapping of str to str
        The same of ``figures``, with the title of each.
    drawings : sequence of Display
        Those that the story leaves to the annex.
    beside : mapping of str to sequence of Finding
        What stands in tables instead; see `left_out`.

    Returns
    -------
    str
        A page that loads nothing; everything that comes from outside is escaped.
    """
    from markupsafe import Markup

    from privaudit.report.page import hand_outs, page_script, rendered

    recipe = without_folders(study.recipe)
    chapters = chapters_of(study, words, findings, beside)
    used = {column for chapter in chapters for s in chapter.sections for column in s.columns}
    used |= {"range"} if any(f.row.baseline_low < f.row.baseline_high for f in findings) else set()
    explained = "net", "worst_case", "between", "range"
    method = ["people", "interval"]
    method += ["presumed"] if study.kind != "country" else []
    method += ["simulated"] if study.provenance == "simulated" else []
    method += ["expected"] if any(e.expected for e in study.exposures) else []
    method = ["law"] if study.kind == "rules" else [*method, "law"]
    return rendered(
        "annex.html.j2",
        "annex.css",
        w=words,
        study=study,
        subject=subject_of(study, words),
        chapters=chapters,
        groups=_groups(study, words, shown),
        remedies=_mended(words, study, findings),
        method=[words(f"method.{key}") for key in method],
        columns=[words(f"annex.column_{c}") for c in explained if c in used],
        numerators=words("annex.numerators", least=SMALL_CELL),
        notes=[note_text(words, note) for note in notes_of(study)],
        set_aside=[(note_text(words, r, "aside"), n) for r, n in study.set_aside.items()],
        command=without_folders(study.command),
        recipe=json.dumps(recipe, ensure_ascii=False, indent=1, sort_keys=True, default=str),
        versions=", ".join(f"{name} {version}" for name, version in versions().items()),
        provenance=slug(study.provenance),
        tables=list(tables),
        figures=dict(figures or {}),
        drawings=[(drawing, Markup(drawing.html)) for drawing in drawings],
        hands=hand_outs(study, words, findings, drawings),
        script=page_script(*(["copy.js"] if drawings else [])),
    )
