"""What a page gives beside each figure: its files, its finding and a sentence to quote.

The sentence is that of the findings that the title of the figure quotes, as the annex has it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from privaudit.report.explorer import explorer_table
from privaudit.report.sentences import ResultLookup, title_sentence
from privaudit.text.normalise import slug
from privaudit.words.catalogues import QUOTED, Quoted, Words

if TYPE_CHECKING:
    from privaudit.results.painter import Display
    from privaudit.studies.study import Study

_TEMPLATES = resources.files("privaudit.report") / "templates"
# The finding and the field of a marked number.
_MARK = re.compile(f"{QUOTED[0]}(\\S+) (\\S+) ")
# Sentences that are quoted of a figure.
_MOST = 2


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
    rows = [{**row, "finding": _source(row)} for row in drawing.rows]
    table = pd.DataFrame(rows).replace("", None).dropna(axis="columns", how="all")
    # The last digits of a sum depend on where an array lies in memory: they are not a result.
    return table.map(lambda x: float(f"{x:.10g}") if isinstance(x, float) else x)


def _source(row: Mapping[str, Any]) -> str:
    """Return the finding of the value of a mark, else the first that its text quotes."""
    value = row.get("value")
    if isinstance(value, Quoted) and value.finding:
        return value.finding
    # What a mark says goes before the panel and the line that it stands in.
    texts = " ".join(text for text in reversed(row.values()) if isinstance(text, str))
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
    results = ResultLookup(study, study.measures.get("towns"), findings)
    opening = [name for name, _ in _MARK.findall(" ".join(first))]
    known = {finding.id: finding for finding in findings}
    return {one.name: _hand_out(one, words, known, results, opening) for one in drawings}


def _hand_out(
    drawing: Display, words: Words, findings: Mapping[str, Any], results: ResultLookup,
    opening: list[str],
) -> HandOut:  # fmt: skip
    about = _titled(drawing.title) or [name for row in drawing.rows if (name := _source(row))]
    about = about or (opening if drawing.name == "map" else _of_people(drawing.name, results))
    found = [findings[name] for name in dict.fromkeys(about) if name in findings]
    texts = [_sentence(words, finding) for finding in found[:_MOST]]
    row = found[0].row if found else None
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
